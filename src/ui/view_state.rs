//! What only the layout knows: how far each list is scrolled, and how far the text beside it can be.

use crate::wizard::{Message, ScreenId};

/// A list on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListId {
    Sources,
    Projects,
    Regions,
    Checks,
    Roles,
    Keys,
    Clusters,
    Steps,
    Run,
}

/// Scroll offsets, kept between frames.
#[derive(Debug, Default)]
pub struct ViewState {
    offsets: [usize; 9],
    drawn: Option<Drawn>,
    told: Option<Drawn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drawn {
    /// The screen whose text it is; `None`: the help's.
    screen: Option<ScreenId>,
    scroll_limit: u16,
    /// Whether the wizard's offset lies beyond the limit: then it has to be told again.
    is_beyond: bool,
}

impl ViewState {
    /// Returns what the wizard is to know of the last frame, if it differs from what it was told.
    pub fn take_drawn(&mut self) -> Option<Message> {
        let drawn = self.drawn.take()?;
        if self.told == Some(drawn) && !drawn.is_beyond {
            return None;
        }
        self.told = Some(Drawn {
            is_beyond: false,
            ..drawn
        });
        Some(Message::Drawn {
            scroll_limit: drawn.scroll_limit,
        })
    }

    /// Notes how a screen's text was drawn that has `lines` lines; returns the first one that is shown.
    pub(super) fn scroll(&mut self, screen: ScreenId, offset: u16, lines: usize, height: u16) -> usize {
        self.note(Some(screen), offset, lines, height)
    }

    /// Notes how the help was drawn; as above.
    pub(super) fn scroll_help(&mut self, offset: u16, lines: usize, height: u16) -> usize {
        self.note(None, offset, lines, height)
    }

    fn note(&mut self, screen: Option<ScreenId>, offset: u16, lines: usize, height: u16) -> usize {
        let limit = u16::try_from(lines.saturating_sub(height.into())).unwrap_or(u16::MAX);
        self.drawn = Some(Drawn {
            screen,
            scroll_limit: limit,
            is_beyond: offset > limit,
        });
        offset.min(limit).into()
    }

    /// Returns the first row that is shown, so that the selected one is among them with its neighbours.
    pub(super) fn first(&mut self, list: ListId, selected: usize, rows: usize, height: usize) -> usize {
        let offset = &mut self.offsets[list as usize];
        let margin = usize::from(height > 4);
        let earliest = (selected + margin + 1).saturating_sub(height);
        let latest = selected.saturating_sub(margin);
        *offset = (*offset)
            .clamp(earliest.min(latest), latest)
            .min(rows.saturating_sub(height));
        *offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wizard_is_told_once() {
        let mut view = ViewState::default();
        assert!(view.take_drawn().is_none());
        assert_eq!(view.scroll(ScreenId::Review, 0, 30, 10), 0);
        assert!(matches!(view.take_drawn(), Some(Message::Drawn { scroll_limit: 20 })));
        for _ in 0..3 {
            view.scroll(ScreenId::Review, 7, 30, 10);
            assert!(view.take_drawn().is_none());
        }
        view.scroll(ScreenId::Apply, 0, 30, 10);
        assert!(view.take_drawn().is_some(), "another screen has a limit of its own");
    }

    #[test]
    fn an_offset_beyond_the_limit_is_told_again() {
        let mut view = ViewState::default();
        view.scroll(ScreenId::Review, 0, 30, 10);
        assert!(view.take_drawn().is_some());
        assert_eq!(view.scroll(ScreenId::Review, 21, 30, 10), 20);
        assert!(view.take_drawn().is_some());
        view.scroll(ScreenId::Review, 20, 30, 10);
        assert!(view.take_drawn().is_none());
    }

    #[test]
    fn the_selected_row_is_always_shown() {
        let mut view = ViewState::default();
        for (selected, rows, height) in [
            (0, 1000, 10),
            (999, 1000, 10),
            (500, 1000, 10),
            (3, 5, 10),
            (2, 3, 1),
            (0, 0, 4),
        ] {
            let first = view.first(ListId::Clusters, selected, rows, height);
            assert!(first <= selected && selected < first + height, "{selected} {first}");
            assert!(first + height <= rows.max(height));
        }
        let first = view.first(ListId::Clusters, 500, 1000, 10);
        assert_eq!(
            view.first(ListId::Clusters, first + 4, 1000, 10),
            first,
            "no jump inside the window"
        );
        assert_eq!(
            view.first(ListId::Clusters, 5, 1000, 0),
            5,
            "a list without height doesn't panic"
        );
    }
}

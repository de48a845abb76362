//! Where things stand.

use ratatui::layout::Rect;

/// Under this size nothing useful can be shown.
pub(super) const SMALLEST: (u16, u16) = (60, 16);

/// From this width on, details stand beside the list and not under it.
const WIDE: u16 = 100;

/// The lines of a screen, from top to bottom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frames {
    /// Two lines: what we work on.
    pub(super) header: Rect,
    /// One line: the way, and a rule under it.
    pub(super) path: Rect,
    /// One line: what to do here.
    pub(super) title: Rect,
    /// Why; where there is little room it's left out.
    pub(super) why: Rect,
    /// The screen's own.
    pub(super) content: Rect,
    /// One line for what the wizard says.
    pub(super) notice: Rect,
    /// The keys.
    pub(super) footer: Rect,
}

impl Frames {
    /// Divides a screen that has at least the smallest size.
    pub(super) fn of(area: Rect, why_lines: u16, footer_lines: u16) -> Self {
        let body = inset(area, 1);
        let is_roomy = area.height >= 20;
        let (header, rest) = top(body, 2);
        let (path, rest) = top(rest, 2);
        let (title, rest) = top(rest, 1);
        let (why, rest) = top(rest, if is_roomy { why_lines } else { 0 });
        let (_, rest) = top(rest, u16::from(is_roomy));
        let (rest, footer) = bottom(rest, footer_lines);
        let (content, notice) = bottom(rest, 1);
        Self {
            header,
            path,
            title,
            why,
            content,
            notice,
            footer,
        }
    }
}

/// A list and what is told of the selected row: side by side where there is room, else one under the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    area: Rect,
    is_wide: bool,
    list_width: u16,
    /// Whether the details are what is read, and the list only leads through them.
    is_for_reading: bool,
}

impl Split {
    /// Returns how an area is split; `percent` of a wide one go to the list.
    pub(super) fn of(area: Rect, percent: u16) -> Self {
        let is_wide = area.width + 2 >= WIDE;
        let list_width = if is_wide {
            area.width * percent / 100
        } else {
            area.width
        };
        Self {
            area,
            is_wide,
            list_width,
            is_for_reading: false,
        }
    }

    /// Returns an area in which both stand one under the other, however wide it is.
    pub(super) fn stacked(area: Rect) -> Self {
        Self {
            area,
            is_wide: false,
            list_width: area.width,
            is_for_reading: false,
        }
    }

    /// Returns the same with more lines for the details, one under the other.
    pub(super) fn for_reading(self) -> Self {
        Self {
            is_for_reading: true,
            ..self
        }
    }

    /// Returns the cells across for the list.
    pub(super) fn list_width(&self) -> u16 {
        self.list_width
    }

    /// Returns whether both stand side by side.
    pub(super) fn is_wide(&self) -> bool {
        self.is_wide
    }

    /// Returns the cells across for details.
    pub(super) fn detail_width(&self) -> u16 {
        if self.is_wide {
            self.area.width.saturating_sub(self.list_width + 3)
        } else {
            self.area.width
        }
    }

    /// Returns the areas of list, rule between them and details, for a list and details of so many lines. One under the
    /// other, the details get what they need up to half, or up to two thirds where they are what is read.
    pub(super) fn areas(&self, list_lines: usize, detail_lines: usize) -> (Rect, Rect, Rect) {
        if self.is_wide {
            let (list, rest) = left(self.area, self.list_width);
            let (between, detail) = left(rest, 3);
            return (list, between, detail);
        }
        let lines = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
        let room = self.area.height.saturating_sub(1);
        let most = if self.is_for_reading {
            room - room / 3
        } else {
            room.div_ceil(2)
        };
        let detail_height = lines(detail_lines).min(most);
        let list_height = lines(list_lines).min(room - detail_height);
        let (list, rest) = top(self.area, list_height);
        let (between, detail) = top(rest, 1);
        (list, between, detail)
    }
}

/// Returns the first lines of an area, and the rest.
pub(super) fn top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    (
        Rect { height, ..area },
        Rect {
            y: area.y + height,
            height: area.height - height,
            ..area
        },
    )
}

/// Returns an area without its last lines, and these.
pub(super) fn bottom(area: Rect, height: u16) -> (Rect, Rect) {
    top(area, area.height.saturating_sub(height))
}

/// Returns the first columns of an area, and the rest.
pub(super) fn left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    (
        Rect { width, ..area },
        Rect {
            x: area.x + width,
            width: area.width - width,
            ..area
        },
    )
}

/// Returns an area without so many columns on both sides.
pub(super) fn inset(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width / 2);
    Rect {
        x: area.x + columns,
        width: area.width - 2 * columns,
        ..area
    }
}

/// Returns an area of a size in the middle of another one.
pub(super) fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

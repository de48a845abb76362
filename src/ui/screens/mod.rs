//! One file a screen, named as in `wizard`: what it's about, and its content.

mod apply;
mod clusters;
mod connect;
mod done;
mod key;
mod prerequisites;
mod review;
mod role;
mod sign_in;

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Scene, Theme};
use crate::wizard::{ScreenId, Wizard};

/// What a screen is about: the line under the path, and why.
pub(super) struct Heading {
    pub(super) title: String,
    pub(super) why: String,
    style: fn(Theme) -> Style,
}

impl Heading {
    fn new(title: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            why: why.into(),
            style: Theme::heading,
        }
    }

    fn styled(self, style: fn(Theme) -> Style) -> Self {
        Self { style, ..self }
    }

    pub(super) fn style(&self, theme: Theme) -> Style {
        (self.style)(theme).patch(theme.heading())
    }
}

/// Returns what the current screen is about.
pub(super) fn heading(wizard: &Wizard) -> Heading {
    match wizard.current {
        ScreenId::Connect => connect::heading(wizard),
        ScreenId::Prerequisites => prerequisites::heading(wizard),
        ScreenId::Role => role::heading(),
        ScreenId::Key => key::heading(wizard),
        ScreenId::Clusters => clusters::heading(wizard),
        ScreenId::Review => review::heading(wizard),
        ScreenId::Apply => apply::heading(wizard),
        ScreenId::Done => done::heading(wizard),
    }
}

/// Draws the current screen's content.
pub(super) fn draw(scene: &mut Scene<'_, '_>, area: Rect) {
    match scene.wizard.current {
        ScreenId::Connect => connect::draw(scene, area),
        ScreenId::Prerequisites => prerequisites::draw(scene, area),
        ScreenId::Role => role::draw(scene, area),
        ScreenId::Key => key::draw(scene, area),
        ScreenId::Clusters => clusters::draw(scene, area),
        ScreenId::Review => review::draw(scene, area),
        ScreenId::Apply => apply::draw(scene, area),
        ScreenId::Done => done::draw(scene, area),
    }
}

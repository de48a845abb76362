//! Dialogs: what stands over a screen.

mod help;
mod questions;

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::widgets::field::{self, Entry};
use super::widgets::{footer, popup};
use super::{Scene, height, layout};
use crate::wizard::Dialog;

/// Cells across for a dialog's text, where there is so much room.
const WIDTH: u16 = 66;

/// Draws the dialog that is open, if one is.
pub(super) fn draw(scene: &mut Scene<'_, '_>, screen: Rect) {
    let wizard = scene.wizard;
    let width = WIDTH.min(screen.width.saturating_sub(10));
    match &wizard.dialog {
        None => {}
        Some(Dialog::Help(scroll)) => help::draw(scene, screen, width, scroll.offset),
        Some(Dialog::Leave) => questions::leave(scene, screen, width),
        Some(Dialog::NoCluster) => questions::no_cluster(scene, screen, width),
        Some(Dialog::Word(word)) => questions::word(scene, screen, width, word),
        Some(Dialog::SaveFile(save)) => questions::save_file(scene, screen, width, save),
    }
}

/// Draws a dialog: a text, a form, and the keys that it takes. Where there is no room, the text gives way.
fn ask(scene: &mut Scene<'_, '_>, screen: Rect, width: u16, title: &str, text: Vec<Line<'static>>, form: &[Entry<'_>]) {
    let keys = footer::keys(scene, width);
    let asked = field::height(scene, form, width);
    let under = asked + u16::from(asked > 0) + 1 + height(&keys);
    let area = popup::draw(scene, screen, title, width, height(&text).saturating_add(under));
    let (body, rest) = layout::bottom(area, under);
    scene.lines(body, text);
    let (_, rest) = layout::top(rest, u16::from(asked > 0));
    let (fields, rest) = layout::top(rest, asked);
    field::draw(scene, fields, form);
    let (_, rest) = layout::top(rest, 1);
    scene.lines(rest, keys);
}

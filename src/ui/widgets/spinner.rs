//! That something is under way.

use jiff::Timestamp;

use crate::ui::Theme;

/// How long one picture stays, in milliseconds.
const STEP: i64 = 250;

/// Returns the picture for a time that the wizard was told: it moves with the wizard's ticks, never by itself.
pub(in crate::ui) fn picture(theme: Theme, now: Option<Timestamp>) -> &'static str {
    let pictures = theme.signs.spinner;
    let step = now.map_or(0, |now| now.as_millisecond() / STEP);
    let place = usize::try_from(step).unwrap_or(0) % pictures.len();
    pictures.get(place).copied().unwrap_or_default()
}

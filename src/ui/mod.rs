//! Stub.
mod theme;
mod view_state;
pub use theme::Theme;
pub use view_state::ViewState;
/// Draws.
pub fn draw(_frame: &mut ratatui::Frame<'_>, _wizard: &crate::wizard::Wizard, _view: &mut ViewState, _theme: &Theme) {}

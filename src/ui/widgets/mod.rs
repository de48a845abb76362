//! What screens are made of.

pub(super) mod detail;
pub(super) mod difference;
pub(super) mod document;
pub(super) mod field;
pub(super) mod footer;
pub(super) mod header;
pub(super) mod list;
pub(super) mod path;
pub(super) mod popup;
pub(super) mod spinner;

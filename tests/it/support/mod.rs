//! What several tests stand on.

pub(crate) mod moto;
pub(crate) mod program;
pub(crate) mod screen;
pub(crate) mod server;
pub(crate) mod wire;

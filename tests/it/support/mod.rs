//! What several tests stand on.

pub(crate) mod aws_cli;
pub(crate) mod moto;
pub(crate) mod program;
pub(crate) mod rig;
pub(crate) mod run;
pub(crate) mod screen;
pub(crate) mod server;
pub(crate) mod wire;

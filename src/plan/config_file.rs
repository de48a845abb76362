//! What is wanted, as a TOML file.

//! The configuration file on disk.

use std::io::ErrorKind;
use std::path::PathBuf;

use super::args::ConfigOption;
use crate::plan::config_file::{self, ConfigFile, DEFAULT_NAME};
use crate::problem::Problem;

/// Reads the configuration file; `None` where none is named and the default one isn't there.
///
/// # Errors
/// It can't be read, or something in it is wrong: everything that is.
pub(super) fn read(option: &ConfigOption) -> Result<Option<ConfigFile>, Vec<Problem>> {
    let path = option.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_NAME));
    match std::fs::read_to_string(&path) {
        Ok(text) => config_file::read(&text, &path.display().to_string()).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound && option.config.is_none() => Ok(None),
        Err(error) => Err(vec![
            Problem::input("the configuration file can't be read")
                .at(path.display().to_string())
                .hint("name another with --config FILE, or save one from the wizard's Review screen")
                .caused_by(&error),
        ]),
    }
}

/// Reads the configuration file, which must be there.
///
/// # Errors
/// As [`read`], and where there is none.
pub(super) fn required(option: &ConfigOption) -> Result<ConfigFile, Vec<Problem>> {
    read(option)?.ok_or_else(|| {
        vec![
            Problem::input(format!("there is no configuration file {DEFAULT_NAME} here"))
                .hint("name one with --config FILE, or save one from the wizard's Review screen"),
        ]
    })
}

//! Files that the program writes: whole or not at all, for their owner alone.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

use crate::problem::Problem;

/// Returns how a file that grows is opened: made for its owner alone, never through a symbolic link.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600).custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
    options
}

/// Writes a file whole or not at all, for its owner alone, and never through a link.
///
/// # Errors
/// It can't be written; what was there is as it was.
pub fn write(path: &Path, text: &str) -> Result<(), Problem> {
    let trouble = |error: &std::io::Error| {
        Problem::input("the file can't be written")
            .at(path.display().to_string())
            .caused_by(error)
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| trouble(&error))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.as_file().sync_all())
        .map_err(|error| trouble(&error))?;
    file.persist(path).map_err(|error| trouble(&error.error))?;
    Ok(())
}

/// Writes files into a folder, which is made for its owner alone where it isn't there.
///
/// # Errors
/// The folder is a link or can't be made, or a file can't be written.
pub fn write_all<'a>(folder: &Path, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<(), Problem> {
    let trouble = |what: &str| Problem::input(format!("the folder {} {what}", folder.display()));
    if folder.is_symlink() {
        return Err(trouble("is a link, which isn't followed").hint("name another folder"));
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| trouble("can't be made").hint("name another folder").caused_by(&error))?;
    files
        .into_iter()
        .try_for_each(|(name, text)| write(&folder.join(name), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.toml");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_made_for_its_owner_alone_and_a_link_to_one_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (new, link) = (folder.path().join("a/new"), folder.path().join("link"));
        write_all(&new, [("one", "1"), ("two", "2")]).unwrap();
        assert_eq!(std::fs::metadata(&new).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(
            std::fs::metadata(new.join("two")).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::os::unix::fs::symlink(&new, &link).unwrap();
        assert!(write_all(&link, [("three", "3")]).is_err());
        assert!(!new.join("three").exists());
    }

    #[test]
    fn a_link_is_replaced_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        std::fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
    }
}

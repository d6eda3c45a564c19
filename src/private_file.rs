//! A file that its owner alone can read.

use std::io;
use std::path::Path;

/// Makes an empty file, or takes the right to read one that is there from everybody else. Whoever opens it for writing makes it
/// thus before, so that nobody else can ever read it.
#[cfg(unix)]
pub(crate) fn make(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mode = std::fs::metadata(path)?.permissions().mode();
            match mode & 0o077 {
                0 => Ok(()),
                _ => std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)),
            }
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
pub(crate) fn make(_: &Path) -> io::Result<()> {
    Ok(())
}

//! A file that its owner alone can read.

use std::io;
use std::path::Path;

/// Makes an empty file before anybody opens it for writing, so that nobody else can ever read it. One that is there stays as it
/// is until it is known to be ours: see [`close`].
#[cfg(unix)]
pub(crate) fn make(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match std::fs::metadata(path)?.is_file() {
                true => Ok(()),
                false => Err(io::Error::other("it is no file")),
            }
        }
        Err(error) => Err(error),
    }
}

/// Takes the right to read a file of SQLite that is ours from everybody else, and what SQLite keeps beside it.
#[cfg(unix)]
pub(crate) fn close(path: &Path) -> io::Result<()> {
    close_one(path)?;
    for end in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        match close_one(Path::new(&beside)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(unix)]
fn close_one(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path)?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)),
    }
}

#[cfg(not(unix))]
pub(crate) fn make(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn close(_: &Path) -> io::Result<()> {
    Ok(())
}

//! What is to be read: paths as given, folders as the files in them.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Position};

/// The inputs of a run, in order: files as given, folders as all files in them and below, in the
/// order of their paths' bytes.
///
/// Files whose name begins with a dot are passed over in folders. `-` is standard input. A path
/// that doesn't exist, or a folder without any file, is an input that can't be read; it says so when
/// its turn comes.
#[derive(Debug, Default)]
pub struct Inputs {
    pub(super) sources: Vec<Source>,
}

/// One path.
#[derive(Debug)]
pub(super) enum Source {
    File(PathBuf),
    StandardInput,
    /// Bytes that are there already, and the name they go by.
    Bytes(String, Arc<[u8]>),
    /// What can't be read, and why.
    Unreadable(Error),
}

impl Inputs {
    /// The inputs that these paths come to.
    pub fn from_paths<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let mut sources = Vec::new();
        for path in paths {
            add(path.as_ref(), &mut sources);
        }
        Self { sources }
    }

    /// One input of these bytes, under a name for positions.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self {
            sources: vec![Source::Bytes(name.into(), bytes.into())],
        }
    }

    /// How many files there are, an archive counting as one.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// How many bytes there are to be read, compressed ones as they are; `None` where standard input
    /// is among them.
    pub fn total_bytes(&self) -> Option<u64> {
        let sizes = self.sources.iter().map(|source| match source {
            Source::File(path) => Some(fs::metadata(path).map_or(0, |metadata| metadata.len())),
            Source::Bytes(_, bytes) => Some(bytes.len() as u64),
            Source::StandardInput => None,
            Source::Unreadable(_) => Some(0),
        });
        sizes.sum()
    }
}

/// The name of a path in positions.
pub(super) fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn add(path: &Path, sources: &mut Vec<Source>) {
    if path.as_os_str() == OsStr::new("-") {
        sources.push(Source::StandardInput);
        return;
    }
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            sources.push(Source::Unreadable(unreadable(path, error)));
            return;
        }
    };
    if !metadata.is_dir() {
        sources.push(Source::File(path.to_owned()));
        return;
    }
    let before = sources.len();
    let mut files = Vec::new();
    let mut folders = vec![(path.to_owned(), Vec::new())];
    while let Some((folder, above)) = folders.pop() {
        if let Err(error) = list(&folder, above, &mut files, &mut folders) {
            sources.push(Source::Unreadable(unreadable(&folder, error)));
        }
    }
    files.sort_by(|a, b| {
        let bytes = |path: &PathBuf| path.as_os_str().as_encoded_bytes().to_owned();
        bytes(a).cmp(&bytes(b))
    });
    sources.extend(files.into_iter().map(Source::File));
    if sources.len() == before {
        let what = format!("{} is a folder without any file", name(path));
        let error = io::Error::new(io::ErrorKind::NotFound, "nothing to read");
        sources.push(Source::Unreadable(at(path, Error::io(what, error))));
    }
}

/// A folder to be listed, with those it was reached through: a link back to one of them is not
/// followed.
type Folder = (PathBuf, Vec<PathBuf>);

fn list(
    folder: &Path,
    mut above: Vec<PathBuf>,
    files: &mut Vec<PathBuf>,
    folders: &mut Vec<Folder>,
) -> io::Result<()> {
    let real = fs::canonicalize(folder)?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => folders.push((path, above.clone())),
            Ok(metadata) if metadata.is_file() => files.push(path),
            // Sockets and the like, and links to nothing.
            _ => {}
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let what = match error.kind() {
        io::ErrorKind::NotFound => format!("{} doesn't exist", name(path)),
        _ => format!("{} can't be read", name(path)),
    };
    at(path, Error::io(what, error))
}

/// Puts the error at its input: at no line of it.
pub(super) fn at(path: &Path, error: Error) -> Error {
    error.at(Position {
        input: name(path),
        ..Position::default()
    })
}

/// An input that is over a limit.
pub(super) fn over(limit: &'static str, value: u64) -> Error {
    Error::new(ErrorKind::Limit { limit, value })
}

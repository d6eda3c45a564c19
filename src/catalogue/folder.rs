//! The folder of a catalogue: what makes it one, and who may write to it.
//!
//! ```text
//! catalogue.json   which format this is; written last at creation, so that it says the rest is whole
//! lock             locked by the one who writes, with its process number inside
//! text/            the text index, whose commit says which parts belong to it
//! parts/           offers, identifiers and kept records
//! changes/         what changed for sale, a file a generation
//! deliveries/      what a complete delivery that takes several generations has brought so far
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind as IoErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// The format of a catalogue on disk. Goes up whenever this version couldn't read what an older one wrote.
pub const FORMAT: u32 = 3;

const MANIFEST: &str = "catalogue.json";
const MANIFEST_UNFINISHED: &str = "catalogue.json.unfinished";
const LOCK: &str = "lock";
const TEXT: &str = "text";
const PARTS: &str = "parts";
const CHANGES: &str = "changes";
const DELIVERIES: &str = "deliveries";

/// `catalogue.json`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    /// The crate that made it.
    onix_catalogue: String,
    /// The version of the text index and of its files.
    text: String,
    /// The issue of EDItEUR's code lists that its labels and rules are from.
    code_lists: u32,
}

impl Manifest {
    fn current() -> Self {
        Self {
            format: FORMAT,
            onix_catalogue: env!("CARGO_PKG_VERSION").to_owned(),
            text: super::search::VERSION.to_owned(),
            code_lists: crate::onix::codes::ISSUE.into(),
        }
    }
}

impl std::fmt::Display for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "format {} of onix-catalogue {} with {}",
            self.format, self.onix_catalogue, self.text
        )
    }
}

/// A folder that is, or is to be, a catalogue.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(super) fn text(&self) -> PathBuf {
        self.0.join(TEXT)
    }

    pub(super) fn changes(&self) -> PathBuf {
        self.0.join(CHANGES)
    }

    pub(super) fn deliveries(&self) -> PathBuf {
        self.0.join(DELIVERIES)
    }

    pub(super) fn parts(&self) -> PathBuf {
        self.0.join(PARTS)
    }

    /// Whether a catalogue of this version is there; an error if one of another version is.
    pub(super) fn is_catalogue(&self) -> Result<bool> {
        let path = self.0.join(MANIFEST);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error)
                if matches!(
                    error.kind(),
                    IoErrorKind::NotFound | IoErrorKind::NotADirectory
                ) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(Error::io(format!("reading {}", path.display()), error)),
        };
        let expected = Manifest::current();
        let found = serde_json::from_slice::<Manifest>(&bytes).map_err(|error| {
            self.other_version("a catalogue.json of another kind")
                .because(error)
        })?;
        match found.format == expected.format && found.text == expected.text {
            true => Ok(true),
            false => Err(self.other_version(&found.to_string())),
        }
    }

    pub(super) fn other_version(&self, found: &str) -> Error {
        Error::new(ErrorKind::IndexVersion {
            found: format!("{found} in {}", self.0.display()),
            expected: Manifest::current().to_string(),
        })
    }

    pub(super) fn missing(&self) -> Error {
        Error::new(ErrorKind::NoIndex {
            path: self.0.display().to_string(),
        })
    }

    /// Makes the folder, or makes sure that it holds nothing but what an interrupted creation left.
    pub(super) fn prepare(&self) -> Result<()> {
        let failed = |error| {
            Error::io(
                format!("creating a catalogue in {}", self.0.display()),
                error,
            )
        };
        fs::create_dir_all(&self.0).map_err(failed)?;
        for item in fs::read_dir(&self.0).map_err(failed)? {
            let name = item.map_err(failed)?.file_name();
            let is_ours = [LOCK, TEXT, PARTS, CHANGES, MANIFEST_UNFINISHED]
                .iter()
                .any(|ours| name == *ours);
            if !is_ours {
                let found = name.to_string_lossy();
                let folder = self.0.display();
                return Err(Error::new(ErrorKind::Index {
                    what: format!(
                        "{folder} holds something else ({found}): not making a catalogue there"
                    ),
                }));
            }
        }
        fs::create_dir_all(self.parts()).map_err(failed)?;
        fs::create_dir_all(self.changes()).map_err(failed)?;
        fs::create_dir_all(self.text()).map_err(failed)
    }

    /// Declares the folder a catalogue: from here on it opens.
    pub(super) fn finish(&self) -> Result<()> {
        let failed = |error| {
            Error::io(
                format!("writing {}", self.0.join(MANIFEST).display()),
                error,
            )
        };
        let mut json = serde_json::to_vec_pretty(&Manifest::current())
            .map_err(|error| failed(error.into()))?;
        json.push(b'\n');
        let unfinished = self.0.join(MANIFEST_UNFINISHED);
        let mut file = File::create(&unfinished).map_err(failed)?;
        file.write_all(&json).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        fs::rename(&unfinished, self.0.join(MANIFEST)).map_err(failed)?;
        sync_folder(&self.0).map_err(failed)
    }

    /// Takes the right to write.
    pub(super) fn lock(&self, wait: bool) -> Result<Lock> {
        let path = self.0.join(LOCK);
        let failed = |error| Error::io(format!("locking {}", path.display()), error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match wait {
            true => file.lock().map_err(failed)?,
            false => match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // Where a lock also keeps readers out, who holds it stays unknown.
                    let _ = file.read_to_string(&mut holder);
                    let pid = holder.trim().parse().ok();
                    return Err(Error::new(ErrorKind::Locked { pid }));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            },
        }
        file.set_len(0).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// Bytes of the files in it.
    pub(super) fn bytes(&self) -> u64 {
        let sizes = |folder: &Path| -> u64 {
            let items = fs::read_dir(folder).into_iter().flatten().flatten();
            items
                .filter_map(|item| item.metadata().ok())
                .filter(|metadata| metadata.is_file())
                .map(|metadata| metadata.len())
                .sum()
        };
        sizes(&self.0) + sizes(&self.text()) + sizes(&self.parts()) + sizes(&self.changes())
    }
}

/// A rename is durable once its folder is.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A file of the next generation that could not be written: the one before it stands.
pub(super) fn unwritten(path: &Path, error: std::io::Error) -> Error {
    let path = path.display();
    match error.kind() {
        IoErrorKind::StorageFull | IoErrorKind::QuotaExceeded => {
            let what = format!(
                "the disk is full: failed at writing {path}; the catalogue is as it was before"
            );
            Error::new(ErrorKind::Index { what }).because(error)
        }
        _ => Error::io(format!("writing {path}"), error),
    }
}

/// The right to write to a folder; the system gives it back when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

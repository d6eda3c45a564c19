//! List files as they were downloaded, named so that their order is that of the download.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::cursor::Run;
use crate::error::{Error, Result};
use crate::model::Moment;

/// A folder that takes the files of a run.
pub(super) struct Keep {
    folder: PathBuf,
    start: String,
    format: String,
}

impl Keep {
    pub(super) fn new(folder: &Path, run: &Run) -> Result<Self> {
        fs::create_dir_all(folder)
            .map_err(|error| Error::io(format!("{} can't be made", folder.display()), error))?;
        let started = Moment::from_unix(run.started).to_basic();
        Ok(Self {
            folder: folder.to_owned(),
            start: format!("{started}-{}", run.kind.as_str()),
            format: run.format.clone(),
        })
    }

    /// Keeps a page. Its name appears only once it is whole.
    pub(super) fn page(&self, number: u64, bytes: &[u8]) -> Result<()> {
        let name = format!("{}-{number:06}.{}.xml", self.start, self.format);
        let (path, unfinished) = (
            self.folder.join(&name),
            self.folder.join(format!(".{name}.unfinished")),
        );
        let write = || {
            let mut file = File::create(&unfinished)?;
            file.write_all(bytes)?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(|error| Error::io(format!("writing {}", path.display()), error))
    }
}

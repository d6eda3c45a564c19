//! What is remembered of a source from run to run.

use serde::{Deserialize, Serialize};

use super::sync::SyncKind;
use crate::catalogue::{Catalogue, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{CatalogueFormat, Moment};

/// What is remembered of a source. Moments are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// When the last run that came to its end began, by the platform's clock: all that changed before has been seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<i64>,
    /// When it ended, by ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) completed: Option<i64>,
    /// A run that hasn't come to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<Run>,
}

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) kind: SyncKind,
    /// `onix` or `xml`
    pub(super) format: String,
    /// When it began, by the platform's clock.
    pub(super) started: i64,
    /// From when on it asked for changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<i64>,
    /// Whether nothing that changed before it began is missing once it is at its end.
    pub(super) is_gapless: bool,
    /// Pages or lists that have been applied.
    pub(super) pages: u64,
    /// What comes next: a page's address, or those of the lists that are left.
    pub(super) next: Vec<String>,
}

impl Run {
    pub(super) fn format(&self) -> CatalogueFormat {
        CatalogueFormat::from_word(&self.format).unwrap_or_default()
    }
}

impl Cursor {
    /// The cursor of a source.
    pub(super) fn of(catalogue: &Catalogue, source: &str) -> Result<Self> {
        let Some(text) = catalogue.cursor(source) else {
            return Ok(Self::default());
        };
        serde_json::from_str(&text).map_err(|error| {
            let what = format!("up to where {source} has been fetched can't be read");
            Error::new(ErrorKind::Index { what }).because(error)
        })
    }

    pub(super) fn set(&self, writer: &mut Writer, source: &str) -> Result<()> {
        let text = serde_json::to_string(self).map_err(|error| {
            let what = format!("up to where {source} has been fetched can't be written");
            Error::new(ErrorKind::Index { what }).because(error)
        })?;
        writer.set_cursor(source, &text);
        Ok(())
    }
}

/// When a source was last synchronised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct LastSync {
    /// When the last run that came to its end began, by the platform's clock.
    pub since: Option<Moment>,
    /// When it ended, by this machine's.
    pub completed: Option<Moment>,
    /// Whether a run has begun that hasn't come to its end.
    pub is_unfinished: bool,
}

/// When a source was last synchronised; `None` where it never was.
///
/// # Errors
/// If the catalogue says so in a way that can't be read.
pub fn last_sync(catalogue: &Catalogue, source: &str) -> Result<Option<LastSync>> {
    let cursor = Cursor::of(catalogue, source)?;
    let is_known = cursor != Cursor::default();
    Ok(is_known.then(|| LastSync {
        since: cursor.since.map(Moment::from_unix),
        completed: cursor.completed.map(Moment::from_unix),
        is_unfinished: cursor.run.is_some(),
    }))
}

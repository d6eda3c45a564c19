//! How often the platform may be asked, counted on our side: fifty first pages of `full` and `delta` together, and
//! five thousand single publications, in any hour.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Seconds after which a call counts no more.
const HOUR: i64 = 3600;

/// Which limit a call counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// First pages of `full` or `delta`.
    FirstPages,
    /// Single publications.
    Reads,
    /// Everything else.
    None,
}

impl Limit {
    fn of(self) -> Option<(&'static str, u64)> {
        match self {
            Limit::FirstPages => Some(("first pages", 50)),
            Limit::Reads => Some(("single publications", 5_000)),
            Limit::None => None,
        }
    }
}

/// The calls of the last hour, in a file or in memory.
#[derive(Debug, Default)]
pub struct Calls {
    path: Option<PathBuf>,
    counts: Counts,
}

/// By source and limit: calls by the second at which they were made.
type Counts = BTreeMap<String, BTreeMap<String, Vec<(i64, u64)>>>;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    calls: Counts,
}

impl Calls {
    /// Counted for as long as this value lives.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// Counted in a file, from one run to the next. One that can't be read is begun anew: the platform counts too.
    pub fn open(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let kept = fs::read(path).ok();
        let kept = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
        Self {
            path: Some(path.to_owned()),
            counts: kept.unwrap_or_default().calls,
        }
    }

    /// Takes note of a call that is about to be made.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyCalls`] where it would be one too many; it says for how long.
    pub(super) fn note(&mut self, source: &str, limit: Limit, now: i64) -> Result<()> {
        let Some((name, most)) = limit.of() else {
            return Ok(());
        };
        let of_source = self.counts.entry(source.to_owned()).or_default();
        let calls = of_source.entry(name.to_owned()).or_default();
        // A clock that was set back counts nothing twice.
        calls.retain(|(at, _)| *at > now - HOUR && *at <= now);
        let n: u64 = calls.iter().map(|(_, n)| n).sum();
        if n >= most {
            let first = calls.first().map_or(now, |(at, _)| *at);
            let wait = u64::try_from(first + HOUR - now).unwrap_or(0).max(1);
            return Err(
                Error::new(ErrorKind::TooManyCalls { limit: name, most }).repeated_after(wait)
            );
        }
        match calls.last_mut() {
            Some((at, n)) if *at == now => *n += 1,
            _ => calls.push((now, 1)),
        }
        self.save()
    }

    fn save(&self) -> Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let failed = |error| Error::io(format!("writing {}", path.display()), error);
        let kept = Kept {
            calls: self.counts.clone(),
        };
        let bytes = serde_json::to_vec(&kept).map_err(|error| failed(error.into()))?;
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, bytes).map_err(failed)?;
        fs::rename(&unfinished, path).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_first_pages_an_hour_and_those_of_a_source_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calls.json");
        let mut calls = Calls::open(&path);
        for second in 0..50 {
            calls.note("shop", Limit::FirstPages, second).unwrap();
        }
        let mut calls = Calls::open(&path);
        let error = calls.note("shop", Limit::FirstPages, 100).unwrap_err();
        assert_eq!(error.repeat_after_s(), Some(3500));
        calls.note("other", Limit::FirstPages, 100).unwrap();
        calls.note("shop", Limit::Reads, 100).unwrap();
        calls.note("shop", Limit::None, 100).unwrap();
        assert!(calls.note("shop", Limit::FirstPages, 3599).is_err());
        calls.note("shop", Limit::FirstPages, 3600).unwrap();
        assert!(calls.note("shop", Limit::FirstPages, 3600).is_err());
        fs::write(&path, "{").unwrap();
        Calls::open(&path)
            .note("shop", Limit::FirstPages, 1)
            .unwrap();
    }
}

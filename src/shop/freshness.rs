//! How fresh a catalogue is: what it holds, and how far each source has been synchronised.

use serde::Serialize;
use serde_json::{Value, json};

use super::cursor::{LastSync, last_sync};
use crate::Catalogue;
use crate::catalogue::Stats;
use crate::error::Result;
use crate::model::{Account, Moment};

/// What a catalogue holds, and how far it has been synchronised.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Freshness {
    /// What it holds.
    pub stats: Stats,
    /// The sources that have been synchronised: those of the products, and the account's.
    pub syncs: Vec<Synced>,
    /// When the account's last synchronisation came to its end, of several sources the oldest such; without any, the
    /// last change.
    pub at: Option<Moment>,
}

/// How far a source has been synchronised.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Synced {
    /// Which.
    pub source: String,
    /// When.
    #[serde(flatten)]
    pub last: LastSync,
}

impl Freshness {
    /// That of a catalogue, as an account sees it.
    ///
    /// # Errors
    /// If the catalogue can't be read.
    pub fn of(catalogue: &Catalogue, account: &Account) -> Result<Self> {
        let stats = catalogue.stats()?;
        let syncs = syncs(catalogue, &stats, account)?;
        let at = at(&stats, &syncs, account);
        Ok(Self { stats, syncs, at })
    }

    /// How long ago that was, in seconds.
    pub fn age_s(&self, now: Moment) -> Option<i64> {
        self.at.map(|at| now.as_unix() - at.as_unix())
    }

    /// What `onix stats --json` prints.
    pub fn told(&self, now: Moment) -> Value {
        let mut told = json!(self.stats);
        told["age_s"] = json!(self.age_s(now));
        told["syncs"] = json!(self.syncs);
        told
    }
}

fn syncs(catalogue: &Catalogue, stats: &Stats, account: &Account) -> Result<Vec<Synced>> {
    let mut sources: Vec<&str> = stats
        .sources
        .iter()
        .map(|one| one.source.as_str())
        .collect();
    if let Some(source) = account.source()
        && !sources.contains(&source)
    {
        sources.push(source);
    }
    let mut out = Vec::new();
    for source in sources {
        if let Some(last) = last_sync(catalogue, source)? {
            out.push(Synced {
                source: source.to_owned(),
                last,
            });
        }
    }
    Ok(out)
}

fn at(stats: &Stats, syncs: &[Synced], account: &Account) -> Option<Moment> {
    let own = syncs
        .iter()
        .find(|one| Some(one.source.as_str()) == account.source());
    match (own, syncs) {
        (Some(own), _) => own.last.completed,
        (None, []) => stats.published,
        (None, syncs) => syncs.iter().map(|one| one.last.completed).min().flatten(),
    }
}

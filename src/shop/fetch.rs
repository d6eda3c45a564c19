//! One publication, or a few, anew.

use std::sync::Mutex;

use super::calls::{Calls, Limit};
use super::download::{Downloaded, whole};
use super::patience::{Asked, Asker};
use super::prepare::prepare;
use super::sync::{SyncEvent, SyncOptions, source};
use crate::catalogue::{Catalogue, IngestSummary};
use crate::error::Result;
use crate::model::Account;
use crate::platform::Client;

/// What came of asking for publications one by one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Fetched {
    /// The identifiers that the platform doesn't know; what the catalogue has of them stays.
    pub unknown: Vec<String>,
    /// What became of the records.
    pub ingested: IngestSummary,
}

/// Asks the platform for all that it says of some publications, and puts it into the catalogue. Of the options those
/// of format, patience, threads and writing count.
///
/// # Errors
/// The first that isn't about a record ends it; what came before is kept.
pub fn fetch(
    catalogue: &Catalogue,
    client: &Client,
    account: &Account,
    calls: &Mutex<Calls>,
    ids: &[String],
    options: &SyncOptions,
    tell: &(dyn Fn(SyncEvent<'_>) + Sync),
) -> Result<Fetched> {
    let source = source(account)?;
    let asker = Asker::new(source, calls, options, tell);
    let format = options.format.unwrap_or(account.format);
    let mut writer = catalogue.writer(options.writer.clone())?;
    let mut fetched = Fetched::default();
    let mut failed = None;
    for id in ids {
        let asked = asker.ask(Limit::Reads, || whole(client.one(id, format)?));
        let page = match asked {
            Ok(Asked::Answered(answer)) => answer.value,
            Ok(Asked::Enough) => break,
            Err(error) if error.is_code("not_found") => {
                fetched.unknown.push(id.clone());
                continue;
            }
            Err(error) => {
                failed = Some(error);
                break;
            }
        };
        let page = Downloaded {
            number: 0,
            name: format!("{source} {id}"),
            bytes: page.bytes,
            next: Vec::new(),
        };
        let mut ready = prepare(page, source)?;
        ready.apply(&mut writer, source, tell)?;
        if let Some(error) = ready.fault {
            failed = Some(error);
            break;
        }
    }
    fetched.ingested = writer.commit()?;
    match failed {
        Some(error) => Err(error),
        None => Ok(fetched),
    }
}

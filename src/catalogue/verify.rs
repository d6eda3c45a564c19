//! Reads all of a catalogue: every file against its checksum, every document and every kept record against its
//! offers.

use rayon::prelude::*;
use serde::Serialize;

use super::Catalogue;
use super::kept::read_message;
use super::key::content_hash;
use super::merge;
use super::search::Snapshot;
use super::store::Held;
use crate::error::{ErrorKind, Result};
use crate::sale::{OffersRef, canonical};

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// The generation.
    pub generation: u64,
    /// Products in it.
    pub products: u64,
    /// Kept records that were read.
    pub records: u64,
    /// What is wrong; nothing, if all is well.
    pub problems: Vec<String>,
}

/// Problems of records that are told; more of them tell nothing new.
const TOLD: usize = 20;

impl Catalogue {
    /// Reads all of it.
    ///
    /// # Errors
    /// Where it can't be read at all. What is damaged is in [`Verified::problems`].
    pub fn verify(&self) -> Result<Verified> {
        let snapshot = self.text().snapshot();
        let mut problems = Vec::new();
        let of = |error: crate::Error| format!("{error:#}");
        for part in snapshot.state.parts() {
            problems.extend(part.verify().err().map(of));
        }
        match self.text().damaged_files() {
            Ok(files) => {
                let damaged = |name: String| format!("text/{name} isn't what was written");
                problems.extend(files.into_iter().map(damaged));
            }
            Err(error) => problems.push(of(error)),
        }
        let held: Vec<Held<'_>> = snapshot.state.all().collect();
        problems.extend(text_and_store(&snapshot, &held));
        let looked: Vec<Looked> = held.par_iter().map(record).collect();
        let n_records = looked.iter().filter(|one| !matches!(one, Looked::NotKept));
        let wrong = || {
            looked.iter().filter_map(|one| match one {
                Looked::Wrong(what) => Some(what),
                _ => None,
            })
        };
        let (records, n_wrong) = (n_records.count() as u64, wrong().count());
        problems.extend(wrong().take(TOLD).cloned());
        if n_wrong > TOLD {
            problems.push(format!("and {} more records", n_wrong - TOLD));
        }
        let products = snapshot.state.products();
        if products != held.len() as u64 {
            let n = held.len();
            problems.push(format!(
                "{products} products are counted, and {n} are there"
            ));
        }
        Ok(Verified {
            generation: snapshot.state.manifest.generation,
            products: held.len() as u64,
            records,
            problems,
        })
    }
}

/// Each product has one document, and each document a product.
fn text_and_store(snapshot: &Snapshot, held: &[Held<'_>]) -> Option<String> {
    let mut in_store: Vec<u64> = held.iter().map(|held| held.serial()).collect();
    in_store.sort_unstable();
    let in_text = match snapshot.serials() {
        Ok(serials) => serials,
        Err(error) => return Some(format!("{error:#}")),
    };
    (in_text != in_store).then(|| {
        let (n_text, n_store) = (in_text.len(), in_store.len());
        format!("the text index has {n_text} products and the store {n_store}, or other ones")
    })
}

enum Looked {
    Fine,
    NotKept,
    Wrong(String),
}

/// A kept record says what its row of offers says.
fn record(held: &Held<'_>) -> Looked {
    let wrong = |what: String| Looked::Wrong(format!("record {}: {what}", held.reference()));
    let message = match held.message() {
        Ok(message) => message,
        Err(error) if matches!(error.kind(), ErrorKind::NotKept) => return Looked::NotKept,
        Err(error) => return wrong(format!("{error:#}")),
    };
    let read = read_message(&message, held.reference(), |received| {
        let offers = received.offers();
        (
            content_hash(received),
            canonical(OffersRef::from(&offers)),
            merge::is_update(received),
        )
    });
    let version = held.part.meta(held.n).map(|meta| meta.version.hash);
    match read {
        Err(error) => wrong(format!("{error:#}")),
        Ok((_, offers, _)) if Some(&offers) != held.offers().map(canonical).as_ref() => {
            wrong("its offers aren't those of the record".to_owned())
        }
        // An update of blocks is kept as what it came to.
        Ok((hash, _, false)) if Some(hash) != version => {
            wrong("it isn't the record that was taken in".to_owned())
        }
        Ok(_) => Looked::Fine,
    }
}

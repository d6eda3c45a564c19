//! Stand-ins for rooms that are being built: same names, empty answers. Goes at the merge.
#![allow(dead_code, unused_variables, clippy::unnecessary_wraps, missing_docs)]

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Account, Cost, Currency, Entry, Format, Moment, Offer, Protection, Protections, SaleRequest,
    Status, Verdict,
};
use crate::onix::{Limits, Notice, Product, Record};
use crate::sale::{OfferFilter, Offers};

/// `input`
#[derive(Debug)]
pub(crate) struct Inputs(Vec<PathBuf>);

impl Inputs {
    pub(crate) fn from_paths(paths: &[PathBuf]) -> Result<Self> {
        for path in paths {
            if path.as_os_str() != "-" && !path.exists() {
                let what = format!("{} could not be read", path.display());
                return Err(Error::io(what, std::io::ErrorKind::NotFound.into()));
            }
        }
        Ok(Self(paths.to_vec()))
    }

    pub(crate) fn total_bytes(&self) -> Option<u64> {
        None
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct ReadOptions {
    pub(crate) threads: usize,
    pub(crate) limits: Limits,
    pub(crate) strict: bool,
}

#[derive(Debug)]
pub(crate) enum Item<T> {
    Record(T),
    Rejected(Error),
    Notice(Notice),
    Input(InputEnd),
}

#[derive(Debug)]
pub(crate) struct InputEnd {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) error: Option<Error>,
}

pub(crate) fn read<T: Send>(
    inputs: &Inputs,
    options: &ReadOptions,
    work: impl Fn(&Record<'_>) -> T + Sync,
    mut consume: impl FnMut(Item<T>) -> Result<()> + Send,
) -> Result<()> {
    for path in &inputs.0 {
        let bytes = std::fs::read(path)
            .map_err(|cause| Error::io(format!("{} could not be read", path.display()), cause))?;
        let mut reader = crate::onix::ReaderBuilder::new()
            .limits(options.limits.clone())
            .strict(options.strict)
            .input(path.display().to_string())
            .read(&bytes);
        let mut record = Record::new();
        let mut error = None;
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => consume(Item::Record(work(&record)))?,
                Ok(false) => break,
                Err(trouble) if trouble.is_record() => consume(Item::Rejected(trouble))?,
                Err(trouble) => {
                    error = Some(trouble);
                    break;
                }
            }
            for notice in record.notices() {
                consume(Item::Notice(notice.clone()))?;
            }
        }
        for notice in reader.take_notices() {
            consume(Item::Notice(notice))?;
        }
        consume(Item::Input(InputEnd {
            name: path.display().to_string(),
            bytes: bytes.len() as u64,
            error,
        }))?;
    }
    Ok(())
}

/// `onix::View`
#[derive(Debug, serde::Serialize)]
pub(crate) struct View {
    record_reference: Option<String>,
}

impl View {
    pub(crate) fn of(product: &Product<'_>) -> Self {
        Self {
            record_reference: product.record_reference().map(Into::into),
        }
    }
}

pub(crate) fn record_json(record: &Record<'_>) -> serde_json::Value {
    serde_json::json!({"name": "Product", "attrs": {}, "content": []})
}

/// `onix::codes`
pub(crate) mod codes {
    pub(crate) const ISSUE: u16 = 73;

    #[derive(Debug)]
    pub(crate) struct List {
        pub(crate) number: u16,
        pub(crate) name: &'static str,
        pub(crate) codes: Vec<Code>,
    }

    #[derive(Debug)]
    pub(crate) struct Code {
        pub(crate) value: &'static str,
        pub(crate) label: &'static str,
        pub(crate) deprecated: u16,
    }

    pub(crate) fn list(number: u16) -> Option<List> {
        None
    }

    pub(crate) fn label(list: u16, value: &str) -> Option<&'static str> {
        None
    }
}

/// `catalogue`
pub(crate) const INDEX_FORMAT: u32 = 1;

#[derive(Debug)]
pub(crate) struct Catalogue;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub(crate) enum OnStale {
    #[default]
    Refuse,
    Accept,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct WriterOptions {
    pub(crate) wait: bool,
    pub(crate) on_stale: OnStale,
}

#[derive(Debug)]
pub(crate) struct Writer;
#[derive(Debug)]
pub(crate) struct Prepared;

#[derive(Debug, Clone, Default, serde::Serialize)]
pub(crate) struct IngestSummary {
    pub(crate) read: u64,
    pub(crate) added: u64,
    pub(crate) replaced: u64,
    pub(crate) unchanged: u64,
    pub(crate) removed: u64,
    pub(crate) stale: u64,
    pub(crate) rejected: u64,
    pub(crate) in_catalogue: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Sort {
    #[default]
    Relevance,
    Title,
    Date,
    Price,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Audience {
    #[default]
    Consumer,
    Library,
    Any,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Search {
    pub(crate) words: String,
    pub(crate) formats: Vec<Format>,
    pub(crate) protections: Vec<Protection>,
    pub(crate) languages: Vec<String>,
    pub(crate) publishers: Vec<String>,
    pub(crate) contributors: Vec<String>,
    pub(crate) series: Vec<String>,
    pub(crate) subjects: Vec<(String, String)>,
    pub(crate) audience: Audience,
    pub(crate) offer: OfferFilter,
    pub(crate) at: Moment,
    pub(crate) account: Account,
    pub(crate) sort: Sort,
    pub(crate) limit: usize,
    pub(crate) after: Option<String>,
}

#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Page {
    pub(crate) total: u64,
    pub(crate) hits: Vec<Hit>,
    pub(crate) next: Option<String>,
    pub(crate) did_you_mean: Option<String>,
}

#[derive(Debug, serde::Serialize)]
pub(crate) struct Hit {
    pub(crate) record_reference: String,
    pub(crate) source: String,
    pub(crate) isbn13: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) subtitle: Option<String>,
    pub(crate) contributors: Vec<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) format: Option<Format>,
    pub(crate) protections: Protections,
    pub(crate) status: Status,
    pub(crate) offer: Option<HitOffer>,
}

#[derive(Debug, serde::Serialize)]
pub(crate) struct HitOffer {
    pub(crate) price_type: Option<String>,
    pub(crate) currency: Option<Currency>,
    pub(crate) amount: Option<String>,
    pub(crate) cost: Option<Cost>,
}

#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) entry: Entry,
    pub(crate) source: String,
    pub(crate) sent: Option<String>,
    pub(crate) found_by: Option<String>,
}

impl Kept {
    pub(crate) fn xml(&self) -> Result<String> {
        Ok(String::new())
    }

    pub(crate) fn offers(&self) -> Result<Offers> {
        Err(no_index(Path::new("")))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) products: u64,
    pub(crate) latest_sent: Option<Moment>,
}

fn no_index(path: &Path) -> Error {
    Error::new(ErrorKind::NoIndex {
        path: path.display().to_string(),
    })
}

impl Catalogue {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        Ok(Self)
    }
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Err(no_index(path))
    }
    pub(crate) fn open_or_create(path: &Path) -> Result<Self> {
        Ok(Self)
    }
    pub(crate) fn writer(&self, options: WriterOptions) -> Result<Writer> {
        Ok(Writer)
    }
    pub(crate) fn search(&self, search: &Search) -> Result<Page> {
        Ok(Page::default())
    }
    pub(crate) fn products(&self, id: &str, source: Option<&str>) -> Result<Vec<Kept>> {
        Ok(Vec::new())
    }
    pub(crate) fn offers(&self, id: &str) -> Result<Vec<(Kept, Offers)>> {
        Ok(Vec::new())
    }
    pub(crate) fn check(&self, request: &SaleRequest, account: &Account) -> Result<Verdict> {
        Ok(crate::sale::check(request, &[], account))
    }
    pub(crate) fn stats(&self) -> Result<Stats> {
        Ok(Stats::default())
    }
}

impl Writer {
    pub(crate) fn prepare(record: &Record<'_>, source: Option<&str>) -> Result<Prepared> {
        Ok(Prepared)
    }
    pub(crate) fn apply(&mut self, prepared: Prepared) -> Result<()> {
        Ok(())
    }
    pub(crate) fn commit(self) -> Result<IngestSummary> {
        Ok(IngestSummary::default())
    }
}

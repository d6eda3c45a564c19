//! `onix lookup`: identifiers in, a line each out.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;
use serde::Serialize;

use super::Context;
use super::filters::{self, OfferArgs};
use super::labels;
use super::output;
use super::trouble::{Exit, Result, Trouble};
use crate::catalogue::{FoundBy, Lookup};

/// Look identifiers up, a line each
///
/// Says of each, in order, whether it is known, what it is, whether it is for sale in the country at the moment, and
/// its cheapest offer there. An identifier that is only a related product's (a print ISBN, say) leads to the e-book, and says so.
/// Several products of one identifier have a line each.
#[derive(Debug, Args)]
#[command(
    name = "lookup",
    after_long_help = "\
Examples:
  onix lookup 9782070368228 9782070368235 --country FR --at 2026-12-01
  onix lookup --ids isbns.txt --country FR --currency EUR --at 2026-12-01 --csv > found.csv
  cut -f1 stock.tsv | onix lookup --ids - --at 2026-12-01 --json"
)]
pub(crate) struct LookupArgs {
    /// ISBN, EAN, GTIN, DOI, the sender's own key, or RecordReference
    #[arg(value_name = "ID", required_unless_present = "ids")]
    given: Vec<String>,
    /// A file with one a line, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// Print an object of JSON a line
    #[arg(long, overrides_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long, overrides_with = "json")]
    csv: bool,
    #[command(flatten)]
    offer: OfferArgs,
}

/// Identifiers that are looked up at once.
const CHUNK: usize = 4096;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    found: bool,
    #[serde(flatten)]
    product: Option<&'a Lookup>,
}

/// What comes before the offer.
const COLUMNS: [&str; 10] = [
    "id",
    "found",
    "record_reference",
    "source",
    "isbn13",
    "title",
    "format",
    "protections",
    "status",
    "found_by",
];

const HEADER: [&str; 7] = [
    "id",
    "title",
    "format",
    "protection",
    "status",
    "offer",
    "found by",
];

impl LookupArgs {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let catalogue = context.catalogue()?;
        let account = context.account()?;
        let at = filters::at(self.offer.at.as_deref(), &account);
        let filter = self.offer.filter();
        let form = context.form(&["json", "csv"]);
        if form == Some("csv") {
            let columns = [&COLUMNS[..], &labels::HIT_COLUMNS].concat();
            context.out.csv(&columns, Vec::new())?;
        }
        let pool = context.pool()?;
        let mut table = Vec::new();
        let (mut n_found, mut n_missing) = (0, 0);
        let mut ids = self.every_id()?;
        loop {
            let chunk: Vec<String> = ids.by_ref().take(CHUNK).collect::<Result<_>>()?;
            if chunk.is_empty() {
                break;
            }
            let look = |id: &String| {
                let found = catalogue.lookup(id, &filter, at, &account);
                let text = match form {
                    Some("json") => Some(json(id, &found)),
                    _ => None,
                };
                (found, text.transpose())
            };
            let found: Vec<_> = pool.install(|| chunk.par_iter().map(look).collect());
            for (id, (found, text)) in chunk.iter().zip(found) {
                match found.is_empty() {
                    true => n_missing += 1,
                    false => n_found += 1,
                }
                match (form, text?) {
                    (_, Some(text)) => context.out.raw(&text)?,
                    (Some(_), None) => context.out.csv(&[], cells(id, &found))?,
                    (None, None) => table.extend(rows(id, &found)),
                }
            }
        }
        if form.is_none() && !table.is_empty() {
            context.out.table(&HEADER, table)?;
        }
        context
            .messages
            .explain(format!("{n_found} found, {n_missing} not"));
        match n_found {
            0 => Ok(Exit::Nothing),
            _ => Ok(Exit::Done),
        }
    }

    /// Those of the command line, then those of the file.
    fn every_id(&self) -> Result<Box<dyn Iterator<Item = Result<String>>>> {
        let given = self.given.clone().into_iter().map(Ok);
        let Some(path) = self.ids.clone() else {
            return Ok(Box::new(given));
        };
        let name = path.display().to_string();
        let unreadable = move |cause| Trouble::file(format!("{name} could not be read"), cause);
        let lines: Box<dyn BufRead> = match path.as_os_str() == "-" {
            true => Box::new(BufReader::new(io::stdin())),
            false => Box::new(BufReader::new(File::open(&path).map_err(&unreadable)?)),
        };
        let ids = lines.lines().filter_map(move |line| match line {
            Ok(line) => {
                let id = line.trim_start_matches('\u{feff}').trim();
                (!id.is_empty()).then(|| Ok(id.to_owned()))
            }
            Err(cause) => Some(Err(unreadable(cause))),
        });
        Ok(Box::new(given.chain(ids)))
    }
}

fn json(id: &str, found: &[Lookup]) -> Result<String> {
    let line = |product: Option<&Lookup>| {
        let mut text = output::json(&Line {
            id,
            found: product.is_some(),
            product,
        })?;
        text.push('\n');
        Ok(text)
    };
    match found {
        [] => line(None),
        found => found.iter().map(|one| line(Some(one))).collect(),
    }
}

fn found_by(lookup: &Lookup) -> &'static str {
    match lookup.found_by {
        FoundBy::Own => "own",
        FoundBy::Related(_) => "related",
    }
}

fn cells(id: &str, found: &[Lookup]) -> Vec<Vec<String>> {
    let missing = || {
        let mut cells = vec![String::new(); COLUMNS.len() + labels::HIT_COLUMNS.len()];
        cells[0] = id.to_owned();
        cells[1] = "false".to_owned();
        vec![cells]
    };
    let cells = |lookup: &Lookup| {
        let shown = |value: Option<String>| value.unwrap_or_default();
        let mut out = vec![
            id.to_owned(),
            "true".to_owned(),
            lookup.record_reference.clone(),
            lookup.source.clone(),
            shown(lookup.isbn13.clone()),
            shown(lookup.title.clone()),
            shown(lookup.format.map(|format| format.to_string())),
            lookup.protections.words().join(" "),
            lookup.status.as_str().to_owned(),
            found_by(lookup).to_owned(),
        ];
        out.extend(labels::hit_cells(lookup.offer.as_ref()));
        out
    };
    match found {
        [] => missing(),
        found => found.iter().map(cells).collect(),
    }
}

fn rows(id: &str, found: &[Lookup]) -> Vec<Vec<String>> {
    if found.is_empty() {
        let mut row = vec![String::new(); HEADER.len()];
        row[0] = id.to_owned();
        row[1] = "not found".to_owned();
        return vec![row];
    }
    let row = |lookup: &Lookup| {
        vec![
            id.to_owned(),
            lookup.title.clone().unwrap_or_default(),
            lookup.format.map(|one| one.to_string()).unwrap_or_default(),
            labels::protections(lookup.protections),
            lookup.status.as_str().to_owned(),
            labels::hit_price(lookup.offer.as_ref()),
            found_by(lookup).to_owned(),
        ]
    };
    found.iter().map(row).collect()
}

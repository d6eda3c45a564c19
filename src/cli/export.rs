//! `onix export`: the whole catalogue, or what filters leave of it, product by product.

use clap::Args;
use rayon::prelude::*;

use super::Context;
use super::labels;
use super::output;
use super::query::Query;
use super::trouble::{Exit, Result};
use crate::catalogue::{Audience, Kept, Lookup, Search};

/// Write the catalogue out
///
/// `view` is a line of JSON a product, as `onix show --json` has it; `offers` one an offer, as `onix offers --json`
/// has it; `csv` a row a product with its status and cheapest offer. In the order in which the products came.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix export --at 2026-12-01 > catalogue.ndjson
  onix export --as csv --format epub --country FR --currency EUR --at 2026-12-01 > epub.csv
  onix export --as offers --publisher 'Presses du Port' --at 2026-12-01")]
pub(crate) struct Export {
    /// What to write of each
    #[arg(long = "as", value_name = "FORM", value_parser = ["view", "offers", "csv"], default_value = "view")]
    form: String,
    #[command(flatten)]
    query: Query,
}

/// Products that are read at once.
const CHUNK: usize = 256;

/// What comes before the offer.
const COLUMNS: [&str; 12] = [
    "record_reference",
    "source",
    "isbn13",
    "title",
    "subtitle",
    "contributors",
    "publisher",
    "language",
    "format",
    "protections",
    "published",
    "status",
];

impl Export {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let catalogue = context.catalogue()?;
        let search = self.query.search(context, Audience::Any, false)?;
        let mut products = catalogue.export(&search)?;
        let n = products.remaining();
        let pool = context.pool()?;
        if self.form == "csv" {
            let columns = [&COLUMNS[..], &labels::HIT_COLUMNS].concat();
            context.out.csv(&columns, Vec::new())?;
        }
        loop {
            let chunk: Vec<_> = products.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            if self.form == "csv" {
                let rows = chunk.into_iter().map(|product| {
                    let (kept, lookup) = product?;
                    Ok(cells(&kept, &lookup))
                });
                context.out.csv(&[], rows.collect::<Result<_>>()?)?;
                continue;
            }
            let text = |product: crate::Result<(Kept, Lookup)>| self.text(&product?.0, &search);
            let texts: Vec<Result<String>> =
                pool.install(|| chunk.into_par_iter().map(text).collect());
            for text in texts {
                context.out.raw(&text?)?;
            }
        }
        match n {
            0 => Ok(Exit::Nothing),
            _ => Ok(Exit::Done),
        }
    }

    /// The lines of a product.
    fn text(&self, kept: &Kept, search: &Search) -> Result<String> {
        let mut out = String::new();
        if self.form == "view" {
            out.push_str(&output::json(&kept.view()?)?);
            out.push('\n');
            return Ok(out);
        }
        let resolved = kept.offers()?;
        for row in kept.offer_rows(&resolved, &search.offer, search.at, &search.account) {
            out.push_str(&output::json(&row)?);
            out.push('\n');
        }
        Ok(out)
    }
}

fn cells(kept: &Kept, lookup: &Lookup) -> Vec<String> {
    let entry = &kept.entry;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let shown = |value: Option<String>| value.unwrap_or_default();
    let names: Vec<&str> = entry
        .contributors
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    let mut out = vec![
        entry.record_reference.clone(),
        kept.source.clone(),
        text(&entry.isbn13),
        text(&entry.title),
        text(&entry.subtitle),
        names.join("; "),
        text(&entry.publisher),
        text(&entry.language),
        shown(entry.format.map(|format| format.to_string())),
        entry.protections.words().join(" "),
        shown(entry.published.map(|date| date.to_string())),
        lookup.status.as_str().to_owned(),
    ];
    out.extend(labels::hit_cells(lookup.offer.as_ref()));
    out
}

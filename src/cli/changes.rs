//! `onix changes`: what changed for sale from run to run.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use clap::Args;

use super::Context;
use super::filters;
use super::output;
use super::trouble::{Exit, Result, Trouble};
use crate::catalogue::{Change, ForSale, Since};
use crate::model::Country;

/// Show what changed for sale
///
/// Products added and removed; of others prices, territories, protections and status; `text` says that something
/// else in the record differs. Ninety days are kept. `onix stats` tells the generation.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix changes --since 12
  onix changes --since 2026-12-01 --country FR --json")]
pub(crate) struct Changes {
    /// After this generation, or after this moment: a number, a date, or RFC 3339
    #[arg(long, value_name = "GENERATION|MOMENT")]
    since: String,
    /// For sale in this country
    #[arg(long, value_parser = filters::country)]
    country: Option<Country>,
    /// Print an object of JSON a change
    #[arg(long)]
    json: bool,
}

impl Changes {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let account = context.account()?;
        let text = self.since.trim();
        let since = Since::parse(text, &account.zone).ok_or_else(|| {
            Trouble::usage(
                format!("--since `{text}` is neither a generation nor a moment"),
                "give a number such as 12, or a date such as 2026-12-01",
            )
        })?;
        let changes = context
            .catalogue()?
            .changes(since, self.country, &account)?;
        match self.json {
            true => changes
                .iter()
                .try_for_each(|change| context.out.json(change))?,
            false if !changes.is_empty() => {
                let rows = changes.iter().map(row).collect();
                context.out.table(&HEADER, rows)?;
            }
            false => {}
        }
        match changes.is_empty() {
            true => Ok(Exit::Nothing),
            false => Ok(Exit::Done),
        }
    }
}

const HEADER: [&str; 6] = [
    "Generation",
    "Product",
    "ISBN-13",
    "What",
    "Before",
    "After",
];

fn row(change: &Change) -> Vec<String> {
    vec![
        change.generation.to_string(),
        output::clean(&change.record_reference).into_owned(),
        change.isbn13.clone().unwrap_or_default(),
        change.what.join(" "),
        change.before.as_ref().map(in_short).unwrap_or_default(),
        change.after.as_ref().map(in_short).unwrap_or_default(),
    ]
}

/// Status, and prices by currency and type.
fn in_short(side: &ForSale) -> String {
    let prices = side.offers.iter().map(|offer| {
        let currency = offer.currency.map(|currency| currency.to_string());
        let cost = offer.cost.map(|cost| cost.to_string());
        [offer.price_type.clone(), currency, cost]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    });
    let mut parts = vec![side.status.as_str().to_owned()];
    parts.extend(prices);
    parts.dedup();
    parts.join("; ")
}

/// A line of JSON each, into a file.
pub(crate) fn write(path: &Path, changes: &[Change]) -> Result<()> {
    let failed = |cause| Trouble::file(format!("{} could not be written", path.display()), cause);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    for change in changes {
        writeln!(file, "{}", output::json(change)?).map_err(failed)?;
    }
    file.flush().map_err(failed)
}

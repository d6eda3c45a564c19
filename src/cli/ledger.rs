//! `onix ledger`: sums over what was sold, sales from elsewhere, and customers who are to be forgotten.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output;
use super::trouble::{Exit, Result, Trouble};
use super::{Context, filters};
use crate::ledger::{By, Ledger, State, Terms};
use crate::model::Moment;

/// The ledger of this shop.
pub(crate) fn open(context: &Context) -> Result<Ledger> {
    Ok(Ledger::open(&context.global.ledger)?)
}

/// Sum up what was sold
///
/// The ledger is a file of SQLite, onix-ledger.sqlite or --ledger, that holds every sale this program was asked to make, with what is
/// known of it. Any tool for SQLite reads it.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_long_help = "\
Examples:
  onix ledger
  onix ledger --by day --csv > sold.csv
  onix ledger import before.csv
  onix ledger forget c-1"
)]
pub(crate) struct LedgerArgs {
    /// What is summed up together
    #[arg(long, value_name = "WHAT", value_parser = ["state", "day", "publisher"], default_value = "state")]
    by: String,
    /// Print an object of JSON a line
    #[arg(long, overrides_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long, overrides_with = "json")]
    csv: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    Import(Import),
    Forget(Forget),
}

/// Take in sales that were made before, or elsewhere
///
/// A CSV file with the platform's names in its first line: id, format, transaction_id, customer_id, cost, currency, country, price_type,
/// protection, sale_state, uname; at (a date), and state (recorded where it isn't said). What the ledger has already is passed over.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix ledger import before.csv")]
struct Import {
    /// The file
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

/// Forget a customer: what was sold stays, to whom doesn't
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix ledger forget c-1")]
struct Forget {
    /// Your identifier of the customer
    #[arg(value_name = "CUSTOMER")]
    customer: String,
}

const HEADER: [&str; 8] = [
    "group",
    "kind",
    "test",
    "currency",
    "n",
    "recorded",
    "unknown",
    "recorded_cost",
];

impl LedgerArgs {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        match self.what {
            Some(What::Import(import)) => return import.run(context),
            Some(What::Forget(forget)) => return forget.run(context),
            None => {}
        }
        let by = match self.by.as_str() {
            "day" => By::Day,
            "publisher" => By::Publisher,
            _ => By::State,
        };
        let totals = open(context)?.report(by)?;
        let rows = totals.iter().map(|total| {
            vec![
                total.group.clone(),
                total.kind.clone(),
                total.test.to_string(),
                total.currency.clone().unwrap_or_default(),
                total.n.to_string(),
                total.recorded.to_string(),
                total.unknown.to_string(),
                total.recorded_cost.to_string(),
            ]
        });
        match context.form(&["json", "csv"]) {
            Some("json") => totals
                .iter()
                .try_for_each(|total| context.out.json(total))?,
            Some("csv") => context.out.csv(&HEADER, rows.collect())?,
            _ if totals.is_empty() => context.messages.say("nothing was sold yet"),
            _ => context.out.table(&HEADER, rows.collect())?,
        }
        Ok(match totals.is_empty() {
            true => Exit::Nothing,
            false => Exit::Done,
        })
    }
}

/// Whether a column is taken in, besides id, format, at and state; others may be personal, and a card is of no use any more.
fn is_taken(column: &str) -> bool {
    matches!(column, "title" | "publisher")
        || (column != "credit_card_prefix" && Terms::PARAMETERS.contains(&column))
}

impl Import {
    fn run(self, context: &mut Context) -> Result {
        let account = context.account()?;
        let source = account.source().unwrap_or("-");
        let organisation = account.organisation.clone().unwrap_or_default();
        let name = self.path.display().to_string();
        let unread = |error: csv::Error| {
            Trouble::file(
                format!("{name} could not be read"),
                std::io::Error::other(error),
            )
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(&self.path)
            .map_err(unread)?;
        let header = reader.headers().map_err(unread)?.clone();
        let mut sales = Vec::new();
        for record in reader.records() {
            let record = record.map_err(unread)?;
            let get = |name: &str| {
                let at = header.iter().position(|column| column == name);
                at.and_then(|at| record.get(at)).unwrap_or_default()
            };
            let mut terms = Terms::sale(source, &organisation, get("id"), get("format"));
            for (column, value) in header.iter().zip(record.iter()) {
                if is_taken(column) && !value.is_empty() {
                    terms = terms.with(column, value);
                }
            }
            let at = Moment::parse(get("at"), &account.zone);
            let state = match get("state") {
                "" => Some(State::Recorded),
                word => State::from_word(word),
            };
            let line = record.position().map_or(0, csv::Position::line);
            let (Some(at), Some(state)) = (at, state) else {
                return Err(Trouble::usage(
                    format!(
                        "{name}:{line}: at `{}` or state `{}` is not known",
                        get("at"),
                        get("state")
                    ),
                    format!(
                        "at is {}; state is recorded, refused, unknown or cancelled",
                        filters::MOMENTS
                    ),
                ));
            };
            sales.push((terms, state, at));
        }
        let imported = open(context)?.import(sales, super::now())?;
        for (n, error) in &imported.refused {
            context.messages.error(
                &output::clean(&format!("{name}: sale {} isn't taken in: {error}", n + 1)),
                "a sale needs id, format, transaction_id and customer_id",
            );
        }
        context.messages.say(format!(
            "{} taken in, {} there already, {} not taken in",
            imported.added,
            imported.known,
            imported.refused.len()
        ));
        Ok(match imported.refused.is_empty() {
            true => Exit::Done,
            false => Exit::SetAside,
        })
    }
}

impl Forget {
    fn run(self, context: &mut Context) -> Result {
        let n = open(context)?.forget(&self.customer)?;
        context.messages.say(format!("forgotten in {n} sales"));
        Ok(match n {
            0 => Exit::Nothing,
            _ => Exit::Done,
        })
    }
}

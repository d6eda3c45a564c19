//! `onix offers`: every price, resolved, and whether it may be had.

use clap::Args;

use super::Context;
use super::filters::{self, OfferArgs};
use super::labels;
use super::trouble::{Exit, Result};
use crate::catalogue::{Audience, Kept, OfferRow, Search};
use crate::model::Offer;
use crate::sale::Offers;

/// List what may be sold where, when and at what price
///
/// A row a price: where it counts once market, sales rights and the price's own territory are put together, and why
/// it can or can't be had at the moment. Without an identifier: the offers of the whole catalogue.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix offers 9782070368228 --at 2026-12-01
  onix offers 9782070368228 --country CA --currency CAD --at 2026-12-01 --json
  onix offers --country FR --at 2026-12-01 --csv > offers.csv")]
pub(crate) struct OffersArgs {
    /// ISBN, EAN, GTIN, DOI, the sender's own key, or RecordReference
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Only records of this source
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Print a JSON object a row
    #[arg(long, overrides_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long, overrides_with = "json")]
    csv: bool,
    #[command(flatten)]
    offer: OfferArgs,
}

const COLUMNS: [&str; 27] = [
    "record_reference",
    "source",
    "isbn13",
    "title",
    "format",
    "protections",
    "market",
    "countries",
    "currency",
    "price_type",
    "amount",
    "cost",
    "from",
    "until",
    "qualifier",
    "price_status",
    "unpriced",
    "tax_rate",
    "cost_without_taxes",
    "supplier",
    "status",
    "why",
    "usage_constraints",
    "licences",
    "loans",
    "duration",
    "simultaneous_users",
];

impl OffersArgs {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let account = context.account()?;
        let catalogue = context.catalogue()?;
        let at = filters::at(self.offer.at.as_deref(), &account);
        let form = context.form(&["json", "csv"]);
        if form == Some("csv") {
            context.out.csv(&COLUMNS, Vec::new())?;
        }
        let mut printed = Printed::default();
        let mut print = |context: &mut Context, kept: &Kept, offers: &Offers| -> Result<()> {
            let rows = kept.offer_rows(offers, &self.offer.filter(), at, &account);
            printed.n += rows.len();
            match form {
                Some("json") => rows.iter().try_for_each(|row| context.out.json(row)),
                Some(_) => context.out.csv(&[], rows.iter().map(cells).collect()),
                None => {
                    printed
                        .table
                        .extend(rows.iter().map(|row| columns(row, true)));
                    Ok(())
                }
            }
        };
        let mut n_missing = 0;
        for id in &self.ids {
            let found = catalogue.offers(id)?;
            let found: Vec<_> = found
                .into_iter()
                .filter(|(kept, _)| self.source.as_ref().is_none_or(|name| *name == kept.source))
                .collect();
            if found.is_empty() {
                n_missing += 1;
                context.messages.error(
                    &format!("nothing is known as {id}"),
                    "`onix search` finds books by words",
                );
            }
            for (kept, offers) in &found {
                print(context, kept, offers)?;
            }
        }
        if self.ids.is_empty() {
            let search = Search {
                audience: Audience::Any,
                sources: self.source.clone().into_iter().collect(),
                at,
                account: account.clone(),
                ..Search::default()
            };
            for product in catalogue.export(&search)? {
                let (kept, _) = product?;
                print(context, &kept, &kept.offers()?)?;
            }
        }
        if form.is_none() && !printed.table.is_empty() {
            context.out.table(&HEADER, printed.table)?;
        }
        match printed.n {
            0 => Ok(Exit::Nothing),
            _ if n_missing > 0 => Ok(Exit::SetAside),
            _ => Ok(Exit::Done),
        }
    }
}

#[derive(Default)]
struct Printed {
    n: usize,
    table: Vec<Vec<String>>,
}

/// The simulation of a sale at an offer, by a customer who stands for any.
pub(crate) use crate::catalogue::simulation as request;

/// The table for people.
pub(crate) const HEADER: [&str; 10] = [
    "id",
    "format",
    "protection",
    "countries",
    "type",
    "price",
    "from – until",
    "licence",
    "status",
    "why",
];

/// The row for people; without the identifier where all rows are of one product.
pub(crate) fn columns(row: &OfferRow, with_id: bool) -> Vec<String> {
    let Offer {
        from,
        until,
        price_type,
        ..
    } = &row.offer;
    let dates = match (from, until) {
        (None, None) => String::new(),
        (from, until) => format!("{} – {}", labels::or_dash(from), labels::or_dash(until)),
    };
    let id = row.isbn13.clone();
    let mut out = vec![
        row.offer.format.map(|f| f.to_string()).unwrap_or_default(),
        labels::protections(row.offer.protections),
        shortened(&row.offer.countries.summary()),
        price_type.clone().unwrap_or_default(),
        labels::price(&row.offer),
        dates,
        labels::licence(&row.licence),
        row.status.as_str().to_owned(),
        row.why.clone(),
    ];
    if with_id {
        out.insert(0, id.unwrap_or_else(|| row.record_reference.clone()));
    }
    out
}

fn cells(row: &OfferRow) -> Vec<String> {
    let offer = &row.offer;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let shown = |value: Option<String>| value.unwrap_or_default();
    vec![
        row.record_reference.clone(),
        row.source.clone(),
        text(&row.isbn13),
        text(&row.title),
        shown(offer.format.map(|format| format.to_string())),
        offer.protections.words().join(" "),
        offer.market.to_string(),
        offer.countries.summary(),
        shown(offer.currency.map(|currency| currency.to_string())),
        text(&offer.price_type),
        text(&offer.amount),
        shown(offer.cost.map(|cost| cost.to_string())),
        shown(offer.from.map(|date| date.to_string())),
        shown(offer.until.map(|date| date.to_string())),
        text(&offer.qualifier),
        text(&offer.price_status),
        text(&offer.unpriced),
        text(&offer.tax_rate),
        shown(offer.cost_without_taxes.map(|cost| cost.to_string())),
        text(&offer.supplier),
        row.status.as_str().to_owned(),
        row.why.clone(),
        labels::usage(&row.licence),
        row.licence.licences.join("; "),
        text(&row.licence.loans),
        text(&row.licence.duration),
        text(&row.licence.simultaneous_users),
    ]
}

/// A territory that fits into a table.
fn shortened(summary: &str) -> String {
    let n = summary.split(' ').count();
    match summary.char_indices().nth(40) {
        None => summary.to_owned(),
        Some((at, _)) => {
            let cut = summary[..at].rfind(' ').unwrap_or(at);
            let shown = &summary[..cut];
            format!("{shown} … ({} more)", n - shown.split(' ').count())
        }
    }
}

//! `onix offers`: every price, resolved, and whether it may be had.

use clap::Args;
use serde::Serialize;

use super::Context;
use super::filters::{self, OfferArgs};
use super::labels;
use super::trouble::{Exit, Result};
use crate::catalogue::{Audience, Kept, Search};
use crate::model::{
    Account, Code, Country, Coverage, Judgement, Kind, Moment, Offer, SaleRequest, Status,
};
use crate::onix::LicenceTerms;
use crate::sale::{self, Offers, sentence};

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

/// An offer, whose it is, and what may be done with it at the moment.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    record_reference: String,
    source: String,
    isbn13: Option<String>,
    title: Option<String>,
    #[serde(flatten)]
    offer: Offer,
    status: Status,
    codes: Vec<Code>,
    why: String,
    #[serde(flatten)]
    licence: LicenceTerms,
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
            let rows = rows(kept, offers, &self.offer, at, &account);
            printed.n += rows.len();
            match form {
                Some("json") => rows.iter().try_for_each(|row| context.out.json(row)),
                Some(_) => context.out.csv(&[], rows.iter().map(Row::cells).collect()),
                None => {
                    printed
                        .table
                        .extend(rows.iter().map(|row| row.columns(true)));
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

/// The rows of a product that satisfy the filters.
pub(crate) fn rows(
    kept: &Kept,
    offers: &Offers,
    args: &OfferArgs,
    at: Moment,
    account: &Account,
) -> Vec<Row> {
    let is_asked = |offer: &Offer| {
        let in_country = |country| offer.countries.coverage(country) != Coverage::Out;
        let type_matches = args.price_type.is_none() || args.price_type == offer.price_type;
        args.country.is_none_or(in_country)
            && args
                .currency
                .is_none_or(|currency| offer.currency == Some(currency))
            && type_matches
    };
    let terms = kept.licence_terms().unwrap_or_default();
    let licence = |byte: u64| {
        let terms = terms.iter().find(|(of, _)| *of == byte);
        terms.map(|(_, terms)| terms.clone()).unwrap_or_default()
    };
    offers
        .rows(account)
        .into_iter()
        .filter(is_asked)
        .map(|offer| {
            let (status, codes, why) = judged(kept, offers, &offer, args.country, at, account);
            Row {
                record_reference: kept.entry.record_reference.clone(),
                source: kept.source.clone(),
                isbn13: kept.entry.isbn13.clone(),
                title: kept.entry.title.clone(),
                licence: licence(offer.byte),
                offer,
                status,
                codes,
                why,
            }
        })
        .collect()
}

/// What a check of exactly this offer comes to.
fn judged(
    kept: &Kept,
    offers: &Offers,
    offer: &Offer,
    country: Option<Country>,
    at: Moment,
    account: &Account,
) -> (Status, Vec<Code>, String) {
    let id = &kept.entry.record_reference;
    let Some(request) = request(id, offer, country, account, at) else {
        let why = match offer.cost {
            None => "the price can't be read, or there is none",
            Some(_) => "no country is covered for certain",
        };
        return (Status::Unknown, Vec::new(), why.to_owned());
    };
    let verdict = sale::check(&request, &[offers], account);
    let why: Vec<String> = verdict.reasons.iter().map(sentence).collect();
    let status = match verdict.verdict {
        Judgement::Valid => return (Status::Sale, Vec::new(), String::new()),
        Judgement::Unknown => Status::Unknown,
        Judgement::Refused => {
            let preorder = SaleRequest {
                kind: Kind::Preorder,
                for_format: request.format.clone(),
                ..request
            };
            let preorder = sale::check(&preorder, &[offers], account);
            let is_later = offer
                .from
                .is_some_and(|from| from.start(&account.zone) > at);
            match offers.status(country, at, account) {
                _ if preorder.verdict == Judgement::Valid => Status::Preorder,
                _ if is_later => Status::Later,
                Status::Later => Status::Later,
                _ => Status::No,
            }
        }
    };
    (status, verdict.codes, why.join("; "))
}

/// The simulation of a sale at an offer, by a customer who stands for any.
pub(crate) fn request(
    id: &str,
    offer: &Offer,
    country: Option<Country>,
    account: &Account,
    at: Moment,
) -> Option<SaleRequest> {
    let request = SaleRequest::of_offer(id, offer, country, account, at)?;
    Some(
        request
            .with("customer_id", "customer-1")
            .with("transaction_id", "order-1"),
    )
}

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

impl Row {
    /// The row for people; without the identifier where all rows are of one product.
    pub(crate) fn columns(&self, with_id: bool) -> Vec<String> {
        let Offer {
            from,
            until,
            price_type,
            ..
        } = &self.offer;
        let dates = match (from, until) {
            (None, None) => String::new(),
            (from, until) => format!("{} – {}", labels::or_dash(from), labels::or_dash(until)),
        };
        let id = self.isbn13.clone();
        let mut out = vec![
            self.offer.format.map(|f| f.to_string()).unwrap_or_default(),
            labels::protections(self.offer.protections),
            shortened(&self.offer.countries.summary()),
            price_type.clone().unwrap_or_default(),
            labels::price(&self.offer),
            dates,
            labels::licence(&self.licence),
            self.status.as_str().to_owned(),
            self.why.clone(),
        ];
        if with_id {
            out.insert(0, id.unwrap_or_else(|| self.record_reference.clone()));
        }
        out
    }

    fn cells(&self) -> Vec<String> {
        let offer = &self.offer;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let shown = |value: Option<String>| value.unwrap_or_default();
        vec![
            self.record_reference.clone(),
            self.source.clone(),
            text(&self.isbn13),
            text(&self.title),
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
            self.status.as_str().to_owned(),
            self.why.clone(),
            labels::usage(&self.licence),
            self.licence.licences.join("; "),
            text(&self.licence.loans),
            text(&self.licence.duration),
            text(&self.licence.simultaneous_users),
        ]
    }
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

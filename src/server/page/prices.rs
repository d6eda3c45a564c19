//! The prices of a product: a row for each that differs by more than its countries, and how they follow each other.

use std::collections::BTreeMap;

use super::query::Query;
use super::search::Named;
use super::words::Words;
use crate::catalogue::OfferRow;
use crate::model::{Account, Country, Date, Kind, Moment, Offer, SaleRequest, Status, Territory};
use crate::onix::codes;

/// Countries that are named in a row; more are counted.
const NAMED: usize = 12;

/// How wide a chart of dates is, in units of its own.
const WIDTH: f64 = 1_000.0;

/// Prices that are the same but for their countries.
pub(super) struct PriceRow {
    pub(super) price: String,
    pub(super) price_type: Option<Named>,
    /// Whether taxes are in it, where the price type says so.
    pub(super) taxes: Option<&'static str>,
    pub(super) from: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) protections: Vec<&'static str>,
    /// All of them where they are few, or the world.
    pub(super) countries: String,
    /// Each of them, where they are many.
    pub(super) many: Vec<&'static str>,
    pub(super) supplier: Option<String>,
    pub(super) status: Status,
    pub(super) status_word: &'static str,
    pub(super) why: String,
    /// Whether that is in English whatever the page is in.
    pub(super) is_english: bool,
    /// Whose, where there are several.
    pub(super) source: Option<String>,
    /// For whom the price is, or that it isn't final, where the record says so.
    pub(super) terms: Vec<Named>,
    /// What it has in common with those before and after it; `None` for what has no price.
    course: Option<String>,
    /// The form with the parameters of a sale at this price.
    pub(super) check: Option<String>,
}

/// What is asked of the prices.
pub(super) struct Asked<'a> {
    pub(super) id: &'a str,
    pub(super) country: Option<Country>,
    pub(super) at: Moment,
    pub(super) account: &'a Account,
    pub(super) w: &'static Words,
    /// The moment as it was asked for; empty for the present one.
    pub(super) at_text: &'a str,
    pub(super) kind: Kind,
    /// Whether rows are of several records, so that each says whose it is.
    pub(super) has_several: bool,
}

/// What prices have in common that differ by their countries alone.
fn alike(row: &OfferRow) -> String {
    let offer = &row.offer;
    let course = (course_of(row), offer.from, offer.until);
    let amount = (&offer.amount, &offer.unpriced, &offer.price_status);
    format!(
        "{course:?} {amount:?} {:?}",
        (&offer.tax_rate, offer.cost_without_taxes)
    )
}

/// What prices have in common that follow each other, countries aside.
fn course_of(row: &OfferRow) -> String {
    let offer = &row.offer;
    let of = (
        &row.source,
        &row.record_reference,
        offer.format,
        offer.currency,
    );
    let kind = (
        &offer.price_type,
        &offer.qualifier,
        &offer.supplier,
        offer.market,
    );
    format!("{of:?} {kind:?} {:?}", offer.protections.words())
}

/// Rows of offers, those that are sold at first.
pub(super) fn rows(offers: Vec<OfferRow>, asked: &Asked<'_>) -> Vec<PriceRow> {
    let mut merged = BTreeMap::<String, (OfferRow, Territory)>::new();
    for row in offers {
        let key = format!("{:?} {:?}", (row.status, &row.codes), alike(&row));
        match merged.get_mut(&key) {
            Some((_, countries)) => *countries = countries.union(&row.offer.countries),
            None => {
                let countries = row.offer.countries;
                merged.insert(key, (row, countries));
            }
        }
    }
    let mut merged: Vec<(OfferRow, Territory)> = merged.into_values().collect();
    merged.sort_by_key(|(row, _)| {
        let offer = &row.offer;
        let from = offer.from.map(|from| from.start(&asked.account.zone));
        (
            row.status != Status::Sale,
            offer.currency.map(|one| one.to_string()),
            offer.price_type.clone(),
            from,
        )
    });
    merged
        .into_iter()
        .map(|(row, countries)| PriceRow::of(row, &countries, asked))
        .collect()
}

impl PriceRow {
    fn of(row: OfferRow, territory: &Territory, asked: &Asked<'_>) -> Self {
        let w = asked.w;
        let is_priced = row.offer.amount.is_some();
        let course = is_priced.then(|| format!("{} {}", course_of(&row), territory.summary()));
        let reasons = row.reasons.iter().map(|reason| w.reason(reason));
        let offer = row.offer;
        let qualifier = offer
            .qualifier
            .as_deref()
            .filter(|code| !matches!(*code, "00" | "05"));
        let status = offer
            .price_status
            .as_deref()
            .filter(|code| !matches!(*code, "00" | "02"));
        let terms = qualifier.map(|code| Named::of(59, code));
        let terms = terms
            .into_iter()
            .chain(status.map(|code| Named::of(61, code)))
            .collect();
        let covered = territory.countries();
        let is_few = covered.len() <= NAMED;
        let summary = territory.summary();
        let is_short = is_few || summary.len() <= 5 * NAMED;
        Self {
            price: price(&offer, w),
            price_type: offer.price_type.as_deref().map(|code| Named::of(58, code)),
            taxes: offer.price_type.as_deref().and_then(|code| taxes(code, w)),
            from: offer.from,
            until: offer.until,
            protections: offer
                .protections
                .words()
                .into_iter()
                .map(|word| w.protection_word(word))
                .collect(),
            countries: match is_short {
                true => summary,
                false => format!("{} {}", covered.len(), w.countries),
            },
            many: match is_short {
                true => Vec::new(),
                false => covered.iter().map(|country| country.alpha2()).collect(),
            },
            status: row.status,
            status_word: w.status(row.status),
            is_english: row.reasons.is_empty() && !row.why.is_empty(),
            why: match row.reasons.is_empty() {
                true => row.why,
                false => reasons.collect::<Vec<_>>().join("; "),
            },
            source: asked.has_several.then_some(row.source),
            terms,
            course,
            check: check(&offer, row.status, asked),
            supplier: offer.supplier,
        }
    }
}

/// The address of the form, filled from an offer; of one that can only be ordered beforehand, with that service.
pub(super) fn check(offer: &Offer, status: Status, asked: &Asked<'_>) -> Option<String> {
    let request = SaleRequest::of_offer(asked.id, offer, asked.country, asked.account, asked.at)?;
    let kind = match (asked.kind, status) {
        (Kind::Simulation, Status::Preorder) => Kind::Preorder,
        (kind, _) => kind,
    };
    let request = of_kind(request, kind);
    Some(form(&request, asked.at_text).at("/check"))
}

/// A request of a sale as one of another service.
pub(super) fn of_kind(request: SaleRequest, kind: Kind) -> SaleRequest {
    match kind {
        Kind::Preorder => SaleRequest {
            kind,
            for_format: request.format.clone(),
            ..request
        },
        kind => SaleRequest { kind, ..request },
    }
}

/// The parameters of a request, as the form has them.
pub(super) fn form(request: &SaleRequest, at: &str) -> Query {
    let query = Query::default().with("id", &request.id);
    let parameters = request.parameters();
    let query = parameters.fold(query, |query, (name, value)| query.with(name, value));
    let query = match request.kind {
        Kind::Simulation => query,
        Kind::Sale => query.with("kind", "sale"),
        Kind::Preorder => query.with("kind", "preorder"),
    };
    match at {
        "" => query,
        at => query.with("at", at),
    }
}

pub(super) fn price(offer: &Offer, w: &Words) -> String {
    let currency = offer.currency.map(|currency| currency.to_string());
    match (&offer.amount, &offer.unpriced) {
        (Some(amount), _) => w.money(amount, currency.as_deref()),
        (None, Some(unpriced)) => codes::label(57, unpriced).unwrap_or(w.no_price).to_owned(),
        (None, None) => w.no_price.to_owned(),
    }
}

/// Whether taxes are in prices of a type of List 58.
pub(super) fn taxes(price_type: &str, w: &Words) -> Option<&'static str> {
    let label = codes::label(58, price_type)?.to_ascii_lowercase();
    match (label.contains("including tax"), label.contains("excluding")) {
        (true, _) => Some(w.taxes_in),
        (_, true) => Some(w.taxes_out),
        _ => None,
    }
}

/// Prices that follow each other, the same in all but amount and dates, as bars over time.
pub(super) struct Course {
    pub(super) name: String,
    pub(super) bars: Vec<Bar>,
    /// Where today is.
    pub(super) today: String,
    pub(super) height: usize,
}

pub(super) struct Bar {
    pub(super) price: String,
    pub(super) from: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) x: String,
    pub(super) width: String,
    pub(super) y: usize,
    pub(super) is_in_force: bool,
}

/// How tall a bar of a chart is with the space below it.
const BAR: usize = 34;

/// The courses of prices that change; those that never do make none.
pub(super) fn courses(rows: &[PriceRow], at: Moment, account: &Account) -> Vec<Course> {
    let mut by_kind = BTreeMap::<&str, Vec<&PriceRow>>::new();
    for row in rows {
        if let Some(course) = &row.course {
            by_kind.entry(course).or_default().push(row);
        }
    }
    let is_changing = |rows: &Vec<&PriceRow>| {
        rows.len() > 1
            && rows
                .iter()
                .any(|row| row.from.is_some() || row.until.is_some())
    };
    let changing = by_kind.into_iter().filter(|(_, rows)| is_changing(rows));
    changing
        .map(|(_, rows)| Course::of(rows, at, account))
        .collect()
}

impl Course {
    fn of(mut rows: Vec<&PriceRow>, at: Moment, account: &Account) -> Self {
        let first = rows[0];
        let kind = first.price_type.as_ref().map(|kind| kind.code.as_str());
        let name = [
            Some(first.countries.as_str()),
            kind,
            first.supplier.as_deref(),
        ];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let now = at.as_unix() as f64;
        let start = |date: &Date| date.start(&account.zone).as_unix() as f64;
        let end = |date: &Date| date.end(&account.zone).as_unix() as f64;
        rows.sort_by_key(|row| row.from.as_ref().map(|from| from.start(&account.zone)));
        let froms = rows.iter().filter_map(|row| row.from.as_ref().map(start));
        let ends = rows.iter().filter_map(|row| row.until.as_ref().map(end));
        let dates: Vec<f64> = froms.chain(ends).chain([now]).collect();
        let (first, last) = dates.iter().fold((now, now), |(first, last), date| {
            (first.min(*date), last.max(*date))
        });
        // What has no end goes on beyond the chart, and there is always some of it to be seen.
        let margin = ((last - first) * 0.15).max(86_400.0 * 30.0);
        let (first, last) = (first - margin, last + margin);
        let x = |second: f64| ((second - first) / (last - first) * WIDTH).clamp(0.0, WIDTH);
        let bar = |(n, row): (usize, &&PriceRow)| {
            let (left, right) = (
                row.from.as_ref().map_or(0.0, |from| x(start(from))),
                row.until.as_ref().map_or(WIDTH, |until| x(end(until))),
            );
            Bar {
                price: row.price.clone(),
                from: row.from,
                until: row.until,
                x: format!("{left:.0}"),
                width: format!("{:.0}", (right - left).max(4.0)),
                y: n * BAR,
                is_in_force: left <= x(now) && x(now) < right,
            }
        };
        Self {
            name,
            height: rows.len() * BAR,
            bars: rows.iter().enumerate().map(bar).collect(),
            today: format!("{:.0}", x(now)),
        }
    }
}

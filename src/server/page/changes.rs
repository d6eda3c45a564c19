//! What changed lately, as a bookseller would want to know it.

use std::fmt::Write as _;

use askama::Template;

use super::query::{self, Query};
use super::words::Words;
use super::world::{self, Choice};
use super::{Frame, written};
use crate::catalogue::{Change, ForSale, Since};
use crate::model::{MinorUnits, Moment, Status};
use crate::server::api::{Api, Asked};
use crate::server::problem::Problem;

/// Changes on a page; the latest are shown.
const MOST: usize = 200;

/// Prices of a product that are named on either side.
const PRICES: usize = 3;

const DAY: i64 = 86_400;

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    frame: Frame,
    countries: Vec<Choice>,
    spans: Vec<Span>,
    since: String,
    changes: Vec<Shown>,
    more: Option<String>,
}

/// A stretch of time that can be looked at.
struct Span {
    name: &'static str,
    href: String,
    is_chosen: bool,
}

struct Shown {
    /// `None` where its record is gone.
    title: Option<String>,
    href: String,
    id: String,
    what: Vec<&'static str>,
    before: Option<Side>,
    after: Option<Side>,
    at: Moment,
    source: String,
}

struct Side {
    status: Status,
    status_word: &'static str,
    prices: String,
}

pub(super) fn page(api: &Api, asked: &mut Asked) -> Result<String, Problem> {
    let w = asked.preferences.words;
    let mut parameters = std::mem::take(&mut asked.parameters);
    let since = parameters.text("since")?.unwrap_or_else(|| "7d".to_owned());
    let country = parameters.country()?;
    parameters.end()?;
    let from = since_when(&since, api, asked.now)?;
    let mut changes = api.catalogue.changes(from, country, &api.account)?;
    let n_all = changes.len();
    changes.reverse();
    changes.truncate(MOST);
    let query = Query::of(&asked.query);
    let spans = [
        ("1d", w.since_day),
        ("7d", w.since_week),
        ("30d", w.since_month),
    ];
    let spans = spans.into_iter().map(|(span, name)| Span {
        name,
        href: query.clone().with("since", span).at("/changes"),
        is_chosen: span == since,
    });
    let more = (n_all > MOST).then(|| w.counted(w.changes_more, &changes.len(), &n_all));
    let page = ChangesPage {
        frame: Frame::new(api, asked, "changes", w.changes)?,
        countries: world::choices(query.first("country")),
        spans: spans.collect(),
        changes: changes
            .into_iter()
            .map(|change| Shown::of(change, &query, w, api))
            .collect::<Result<_, _>>()?,
        more,
        since,
    };
    written(&page)
}

/// Days such as `7d`, or what `onix changes --since` takes.
fn since_when(text: &str, api: &Api, now: Moment) -> Result<Since, Problem> {
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<i64>().ok());
    let days = days.filter(|days| (0..=3_650).contains(days));
    let since = match days {
        Some(days) => Some(Since::Moment(Moment::from_unix(now.as_unix() - days * DAY))),
        None => Since::parse(text, &api.account.zone),
    };
    since.ok_or_else(|| {
        Problem::parameter(
            "since",
            text,
            "days such as 7d, a generation such as 12, or a moment such as 2026-12-01",
        )
    })
}

impl Shown {
    fn of(change: Change, query: &Query, w: &'static Words, api: &Api) -> Result<Self, Problem> {
        let kept = api
            .catalogue
            .keyed(&change.source, &change.record_reference)?;
        let no_title = || w.no_title.to_owned();
        let title = kept.map(|kept| kept.entry.title.unwrap_or_else(no_title));
        let id = change.isbn13.unwrap_or(change.record_reference);
        let units = &api.account.minor_units;
        let told = |side: &Option<ForSale>| {
            side.as_ref()
                .map_or(Vec::new(), |side| prices(side, w, units))
        };
        let (mut before, mut after) = (told(&change.before), told(&change.after));
        if change.before.is_some() && change.after.is_some() && before != after {
            // What stays would hide what doesn't.
            let all = before.clone();
            before.retain(|price| !after.contains(price));
            after.retain(|price| !all.contains(price));
        }
        let side = |side: ForSale, prices: Vec<String>| Side {
            status: side.status,
            status_word: w.status(side.status),
            prices: several(prices),
        };
        Ok(Self {
            title,
            href: query::product(&id, &query.clone().only(&["country"])),
            id,
            what: change.what.into_iter().map(|what| w.change(what)).collect(),
            before: change.before.map(|one| side(one, before)),
            after: change.after.map(|one| side(one, after)),
            at: change.at,
            source: change.source,
        })
    }
}

/// The prices of one side with their dates, the same ones once only.
fn prices(side: &ForSale, w: &Words, units: &MinorUnits) -> Vec<String> {
    let mut prices: Vec<String> = Vec::new();
    for offer in &side.offers {
        let Some((cost, currency)) = offer.cost.zip(offer.currency) else {
            continue;
        };
        let Some(amount) = units.amount(cost, currency) else {
            continue;
        };
        let mut price = w.money(&amount, Some(currency.as_str()));
        for (word, date) in [(w.from, offer.from), (w.until, offer.until)] {
            if let Some(date) = date {
                let _ = write!(price, " {word} {}", date.precisely());
            }
        }
        if !prices.contains(&price) {
            prices.push(price);
        }
    }
    prices
}

/// The first of some prices, and how many more there are.
fn several(mut prices: Vec<String>) -> String {
    let more = prices.len().saturating_sub(PRICES);
    prices.truncate(PRICES);
    let mut out = prices.join(", ");
    if more > 0 {
        let _ = write!(out, " + {more}");
    }
    out
}

//! "Can I sell this?": a form with the parameters of a sale, and what the platform would say to them.

use askama::Template;

use super::prices;
use super::product;
use super::query::Query;
use super::search::Named;
use super::words::Words;
use super::world::{self, Choice};
use super::{Frame, written};
use crate::catalogue::OfferRow;
use crate::model::{
    Cost, Country, Currency, Judgement, Kind, MinorUnits, Near, Protection, Reason, SaleRequest,
    Status, Verdict,
};
use crate::sale::OfferFilter;
use crate::server::api::{Api, Asked, KINDS, described};
use crate::server::problem::Problem;

/// Parameters that every sale has; the form shows them at once.
const MAIN: [&str; 6] = [
    "format",
    "protection",
    "cost",
    "currency",
    "price_type",
    "country",
];

/// Parameters that are seldom needed for an answer.
const MORE: [&str; 9] = [
    "cost_without_taxes",
    "drm_type",
    "customer_id",
    "transaction_id",
    "credit_card_prefix",
    "sale_state",
    "aggregator",
    "uname",
    "for",
];

/// Rules that refuse, for which no page of the platform has a code.
const WITHOUT_CODE: [&str; 6] = [
    "credit_card_prefix",
    "drm_type",
    "identifier_alphabet",
    "presence",
    "sale_state",
    "uname",
];

/// Offers that are judged for a page.
const MOST: usize = 200;

/// Offers that the form can be filled from.
const OFFERS: usize = 12;

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    frame: Frame,
    id: String,
    title: Option<String>,
    href: String,
    kind: Kind,
    at: String,
    main: Vec<Field>,
    more: Vec<Field>,
    is_more_open: bool,
    countries: Vec<Choice>,
    is_filled: bool,
    offers: Vec<Offered>,
    answer: Option<Answered>,
}

struct Field {
    name: &'static str,
    label: &'static str,
    value: String,
}

struct Offered {
    text: String,
    status: Status,
    status_word: &'static str,
    href: String,
}

/// The verdict as it is shown.
struct Answered {
    verdict: Judgement,
    /// What of: price, format and protection.
    of: String,
    country: Option<Named>,
    word: &'static str,
    hint: &'static str,
    codes: Vec<&'static str>,
    reasons: Vec<String>,
    also: Vec<&'static str>,
    missing: Vec<&'static str>,
    near: Vec<NearOffer>,
    asides: Vec<String>,
    notices: Vec<String>,
    source: Option<String>,
    sent: Option<String>,
}

struct NearOffer {
    text: String,
    differs: String,
    href: String,
}

pub(super) fn page(api: &Api, asked: &mut Asked) -> Result<String, Problem> {
    let w = asked.preferences.words;
    let mut parameters = std::mem::take(&mut asked.parameters);
    let id = parameters.text("id")?.unwrap_or_default();
    let given_kind = parameters.read("kind", KINDS, Kind::from_word)?;
    let at_text = Query::of(&asked.query).first("at").to_owned();
    let at = parameters.at(&api.account, asked.now)?;
    let kind = given_kind.unwrap_or(Kind::Simulation);
    let mut given = described(SaleRequest::new(kind, id.trim(), at), &mut parameters)?;
    parameters.end()?;
    given.cost = given
        .cost
        .as_deref()
        .map(|cost| in_minor_units(cost, &given, api));
    if kind == Kind::Preorder && given.for_format.is_none() {
        // A preorder calls it otherwise; the form asks for it once.
        given.for_format = given.format.clone();
    }
    let rows = offers(api, &given)?;
    // Only what is left out altogether is filled in: a parameter that is missing is part of a question, too.
    let is_bare = given.parameters().all(|(name, _)| name == "country");
    // What can only be ordered beforehand is asked about as that.
    let is_to_come = rows
        .first()
        .is_some_and(|row| row.status == Status::Preorder);
    if is_bare && is_to_come && given_kind.is_none() {
        given.kind = Kind::Preorder;
    }
    let kind = given.kind;
    let filled = if is_bare {
        filled(&given, &rows, api)
    } else {
        None
    };
    let is_filled = filled.is_some();
    let request = filled.unwrap_or_else(|| given.clone());
    let answer = match request.id.is_empty() {
        true => None,
        false => Some(Answered::of(
            api.catalogue.check(&request, &api.account)?,
            &request,
            &at_text,
            &api.account.minor_units,
            w,
        )),
    };
    let country = request.country.as_deref().and_then(Country::parse);
    let price = prices::Asked {
        id: &request.id,
        country,
        at,
        account: &api.account,
        w,
        at_text: &at_text,
        kind,
        has_several: false,
    };
    let mut offered: Vec<Offered> = Vec::new();
    for row in &rows {
        let next = Offered::of(row, &price);
        if let Some(next) = next.filter(|next| offered.iter().all(|known| known.href != next.href))
        {
            offered.push(next);
        }
    }
    offered.truncate(OFFERS);
    let is_more_open = MORE
        .iter()
        .any(|name| given.parameters().any(|(known, _)| known == *name));
    let more = fields(&MORE, &request, w);
    let page = CheckPage {
        frame: Frame::new(api, asked, "check", w.sellable_question)?,
        title: rows.iter().find_map(|row| row.title.clone()),
        href: super::query::product(
            &request.id,
            &Query::of(&asked.query).only(&["country", "at"]),
        ),
        kind,
        at: at_text.clone(),
        main: fields(&MAIN, &request, w),
        is_more_open,
        more,
        countries: world::choices(request.country.as_deref().unwrap_or_default()),
        is_filled,
        offers: offered,
        answer,
        id: request.id,
    };
    written(&page)
}

/// The offers of what is to be sold, those that can be had at first.
fn offers(api: &Api, request: &SaleRequest) -> Result<Vec<OfferRow>, Problem> {
    if request.id.is_empty() {
        return Ok(Vec::new());
    }
    let country = request.country.as_deref().and_then(Country::parse);
    let filter = OfferFilter {
        country,
        ..OfferFilter::default()
    };
    let found = product::own_offers(api, &request.id)?;
    let rows = found
        .iter()
        .flat_map(|(kept, offers)| kept.judged_offers(offers, &filter, request.at, &api.account));
    let mut rows: Vec<OfferRow> = rows.take(MOST).collect();
    let is_preorder = request.kind == Kind::Preorder;
    rows.sort_by_key(|row| {
        (
            is_preorder && row.status != Status::Preorder,
            row.status.rank(),
        )
    });
    Ok(rows)
}

/// The request of the first offer that has a price; the platform wants the customer and the transaction, too, which aren't in doubt.
fn filled(given: &SaleRequest, rows: &[OfferRow], api: &Api) -> Option<SaleRequest> {
    let country = given.country.as_deref().and_then(Country::parse);
    let request = |row: &OfferRow| {
        SaleRequest::of_offer(&given.id, &row.offer, country, &api.account, given.at)
    };
    let request = rows.iter().find_map(request)?;
    let request = prices::of_kind(request, given.kind);
    let request = request
        .with("customer_id", "customer-1")
        .with("transaction_id", "order-1");
    Some(match request.kind {
        Kind::Sale => request.with("uname", "customer-1"),
        _ => request,
    })
}

/// A cost as people write it, in the smallest unit of the currency; anything else as it was given.
fn in_minor_units(cost: &str, given: &SaleRequest, api: &Api) -> String {
    let units = &api.account.minor_units;
    let amount = cost.trim().replace(',', ".");
    let currency = given.currency.as_deref().and_then(Currency::parse);
    // With all its digits, so that nothing can be taken for thousands.
    let is_whole = |cost: &Cost, currency| {
        units
            .amount(*cost, currency)
            .is_some_and(|one| one == amount)
    };
    let read = currency
        .filter(|_| amount.contains('.'))
        .and_then(|currency| {
            let cost = units.cost(&amount, currency)?;
            is_whole(&cost, currency).then_some(cost)
        });
    read.map_or_else(|| cost.to_owned(), |cost| cost.to_string())
}

/// Price, format and protection of a request, as far as they can be read.
fn asked_of(request: &SaleRequest, units: &MinorUnits, w: &Words) -> String {
    let currency = request.currency.as_deref().and_then(Currency::parse);
    let cost: Option<Cost> = request
        .cost
        .as_deref()
        .and_then(|cost| cost.trim().parse().ok());
    let price = cost.zip(currency).and_then(|(cost, currency)| {
        let amount = units.amount(cost, currency)?;
        Some(w.money(&amount, Some(currency.as_str())))
    });
    let protection = request
        .protection
        .as_deref()
        .and_then(Protection::from_word);
    let protection = protection.map(|one| w.protection_word(one.as_str()).to_owned());
    let format = request
        .for_format
        .clone()
        .or_else(|| request.format.clone());
    let parts = [price, format, protection];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn fields(names: &[&'static str], request: &SaleRequest, w: &'static Words) -> Vec<Field> {
    let value = |name: &str| {
        request
            .parameters()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.to_owned())
    };
    let label = |name: &'static str| match name {
        "format" => w.format,
        "protection" => w.protection,
        "cost" => w.amount,
        "currency" => w.currency,
        "price_type" => w.price_type,
        "country" => w.country,
        other => other,
    };
    names
        .iter()
        .map(|name| Field {
            name,
            label: label(name),
            value: value(name).unwrap_or_default(),
        })
        .collect()
}

impl Offered {
    fn of(row: &OfferRow, price: &prices::Asked<'_>) -> Option<Self> {
        let w = price.w;
        let href = prices::check(&row.offer, row.status, price)?;
        let protections = row
            .offer
            .protections
            .words()
            .into_iter()
            .map(|word| w.protection_word(word));
        let mut parts = vec![prices::price(&row.offer, w)];
        parts.extend(row.offer.format.map(|format| format.to_string()));
        parts.extend(protections.map(str::to_owned));
        parts.push(row.offer.countries.summary());
        parts.extend(row.offer.price_type.clone());
        parts.extend(row.offer.from.map(|from| format!("{} {from}", w.from)));
        parts.extend(row.offer.until.map(|until| format!("{} {until}", w.until)));
        Some(Self {
            text: parts.join(" · "),
            status: row.status,
            status_word: w.status(row.status),
            href,
        })
    }
}

impl Answered {
    fn of(
        verdict: Verdict,
        request: &SaleRequest,
        at: &str,
        units: &MinorUnits,
        w: &'static Words,
    ) -> Self {
        let (word, hint) = w.verdict(verdict.verdict);
        // What isn't stated in a record is no cause of a refusal, nor in the way of a sale.
        let is_cause = |reason: &&Reason| {
            reason.code.is_some()
                || WITHOUT_CODE.contains(&reason.rule)
                || verdict.verdict == Judgement::Unknown
        };
        let (causes, asides): (Vec<_>, Vec<_>) = verdict.reasons.iter().partition(is_cause);
        let told = |reasons: Vec<&Reason>| -> Vec<String> {
            reasons.into_iter().map(|reason| w.reason(reason)).collect()
        };
        let (mut reasons, asides) = (told(causes), told(asides));
        reasons.dedup();
        let country = request.country.as_deref().and_then(Country::parse);
        Self {
            verdict: verdict.verdict,
            of: asked_of(request, units, w),
            country: country.map(|country| Named {
                code: country.alpha2().to_owned(),
                name: world::name(country).to_owned(),
            }),
            word,
            hint,
            codes: verdict.codes.iter().map(|code| code.as_str()).collect(),
            reasons,
            asides,
            also: verdict.also.iter().map(|code| code.as_str()).collect(),
            missing: verdict
                .missing
                .iter()
                .map(|name| w.parameter(name))
                .collect(),
            near: verdict
                .near
                .iter()
                .map(|near| NearOffer::of(near, request, at, w))
                .collect(),
            notices: verdict
                .notices
                .into_iter()
                .map(|notice| notice.message)
                .collect(),
            source: verdict.source,
            sent: verdict.sent.as_deref().map(product::sent),
        }
    }
}

impl NearOffer {
    fn of(near: &Near, request: &SaleRequest, at: &str, w: &Words) -> Self {
        let offer = &near.offer;
        let mut changed = request.clone();
        if let Some(id) = &near.id {
            changed.id = id.clone();
        }
        let format = offer.format.map(|format| format.as_str().to_owned());
        match &mut changed.for_format {
            Some(of) => *of = format.unwrap_or_default(),
            None => changed.format = format,
        }
        changed.cost = offer.cost.map(|cost| cost.to_string());
        changed.currency = offer.currency.map(|currency| currency.to_string());
        changed.price_type = offer.price_type.clone();
        changed.protection = offer
            .protections
            .words()
            .first()
            .map(|word| (*word).to_owned());
        let protection = changed
            .protection
            .as_deref()
            .and_then(Protection::from_word);
        let protection = protection.map(|one| w.protection_word(one.as_str()).to_owned());
        let differs = near.differs.iter().map(|name| w.parameter(name));
        let parts = [
            near.id.clone(),
            Some(prices::price(offer, w)),
            offer.format.map(|format| format.to_string()),
            protection,
        ];
        Self {
            text: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            differs: differs.collect::<Vec<_>>().join(", "),
            href: prices::form(&changed, at).at("/check"),
        }
    }
}

//! The page at `/`: what is searched for, what narrows it down, and what was found.

use askama::Template;

use super::prices;
use super::query::{self, Query};
use super::words::Words;
use super::world::{self, Choice};
use super::{Frame, written};
use crate::catalogue::{FacetCount, Hit, Sort};
use crate::model::{Country, Status};
use crate::onix::codes;
use crate::server::api::{Api, Asked};
use crate::server::parameters::{Parameters, status};
use crate::server::problem::Problem;

/// What narrows a search down, in this order.
const SHOWN: [&str; 8] = [
    "status",
    "format",
    "protection",
    "language",
    "publisher",
    "contributor",
    "series",
    "subject",
];

/// Values of a facet that are seen at once.
const AT_ONCE: usize = 7;

/// Parameters that are no filters.
const NO_FILTERS: [&str; 6] = ["q", "sort", "after", "limit", "group", "highlight"];

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    query: Query,
    countries: Vec<Choice>,
    chips: Vec<Link>,
    clear: String,
    total: String,
    is_incomplete: bool,
    is_home: bool,
    did_you_mean: Option<Link>,
    facets: Vec<Facet>,
    hits: Vec<Card>,
    next: Option<String>,
    first: Option<String>,
}

pub(super) struct Link {
    pub(super) text: String,
    pub(super) href: String,
}

struct Facet {
    name: String,
    values: Vec<Value>,
    more: Vec<Value>,
}

struct Value {
    label: String,
    /// The code of a language, whose name the reader's browser may know.
    language: Option<String>,
    count: String,
    href: String,
    is_chosen: bool,
}

/// A hit as it is shown.
pub(super) struct Card {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) subtitle: Option<String>,
    pub(super) contributors: String,
    pub(super) publisher: Option<String>,
    pub(super) published: Option<String>,
    pub(super) language: Option<Named>,
    pub(super) format: Option<&'static str>,
    pub(super) protections: Vec<&'static str>,
    pub(super) status: Status,
    pub(super) status_word: &'static str,
    pub(super) price: Option<String>,
    pub(super) taxes: Option<&'static str>,
    pub(super) initials: String,
    pub(super) tint: usize,
    pub(super) cover: Option<String>,
    pub(super) others: usize,
}

/// A code of a list and what it means, in English.
pub(super) struct Named {
    pub(super) code: String,
    pub(super) name: String,
}

pub(super) fn page(api: &Api, asked: &mut Asked) -> Result<String, Problem> {
    let mut query = Query::of(&asked.query);
    let w = asked.preferences.words;
    // Without a currency there is no order of prices: who takes the currency away wants another.
    if query.first("currency").is_empty() && query.has("sort", "price") {
        query = query.without("sort");
        asked.parameters = Parameters::of(&query.to_string());
    }
    let mut parameters = std::mem::take(&mut asked.parameters);
    let mut search = parameters.search(&api.account, asked.now)?;
    parameters.end()?;
    if search.words.is_empty() && query.first("sort").is_empty() {
        search.sort = Sort::Date;
    }
    search.facets = SHOWN.map(str::to_owned).to_vec();
    let found = api.catalogue.search(&search)?;
    let fresh = query.clone().without("after");
    let beside = query.clone().only(&["country", "currency", "at"]);
    let is_home = query.iter().next().is_none();
    let title = match search.words.as_str() {
        "" => w.catalogue.to_owned(),
        words => format!("{words} – {}", w.search),
    };
    let page = SearchPage {
        frame: Frame::new(api, asked, "search", title)?,
        countries: world::choices(query.first("country")),
        chips: chips(&fresh, w),
        clear: fresh.clone().only(&NO_FILTERS).at("/"),
        total: w.found(found.total),
        is_incomplete: found.incomplete,
        is_home,
        did_you_mean: found.did_you_mean.map(|words| Link {
            href: fresh.clone().with("q", &words).at("/"),
            text: words,
        }),
        facets: facets(&found.facets, &fresh, w),
        hits: found
            .hits
            .iter()
            .map(|hit| Card::of(hit, &beside, w, api))
            .collect(),
        next: found
            .next
            .map(|next| fresh.clone().with("after", next).at("/")),
        first: (!query.first("after").is_empty()).then(|| fresh.at("/")),
        query,
    };
    written(&page)
}

/// Each filter with the address without it.
fn chips(query: &Query, w: &Words) -> Vec<Link> {
    let filters = query.iter().filter(|(name, _)| !NO_FILTERS.contains(name));
    let chip = |(name, value): (&str, &str)| Link {
        text: w.named(w.parameter(name), &told(name, value, w)),
        href: query.clone().without_value(name, value).at("/"),
    };
    filters.map(chip).collect()
}

/// A value of a filter as people read it.
fn told(name: &str, value: &str, w: &Words) -> String {
    let code = |list: u16| codes::label(list, value).map(str::to_owned);
    let told = match name {
        "status" => status(value).map(|status| w.status(status).to_owned()),
        "protection" => crate::model::Protection::from_word(value)
            .map(|one| w.protection_word(one.as_str()).to_owned()),
        "language" => code(74),
        "subject" => Some(subject(value)),
        "country" => Country::parse(value).map(|country| world::name(country).to_owned()),
        "sellable" if value == "sale" => Some(w.for_sale_only.to_owned()),
        "sellable" if value == "preorder" => Some(w.status_preorder.to_owned()),
        "sellable" if value == "any" => Some(w.anything.to_owned()),
        "for" if value == "library" => Some(w.libraries.to_owned()),
        "for" if value == "consumer" => Some(w.consumers.to_owned()),
        _ => None,
    };
    told.unwrap_or_else(|| value.to_owned())
}

fn facets(
    counts: &std::collections::BTreeMap<String, Vec<FacetCount>>,
    query: &Query,
    w: &Words,
) -> Vec<Facet> {
    let facet = |name: &str| {
        let counts = counts.get(name)?.iter().filter(|count| count.value != "-");
        let mut values: Vec<Value> = counts
            .map(|count| Value::of(name, count, query, w))
            .collect();
        let more = values.split_off(values.len().min(AT_ONCE));
        (!values.is_empty()).then(|| Facet {
            name: w.parameter(name).to_owned(),
            values,
            more,
        })
    };
    SHOWN.into_iter().filter_map(facet).collect()
}

impl Value {
    fn of(name: &str, count: &FacetCount, query: &Query, w: &Words) -> Self {
        let is_chosen = query.has(name, &count.value);
        let other = match is_chosen {
            true => query.clone().without_value(name, &count.value),
            false => query.clone().and(name, &count.value),
        };
        Self {
            label: match (&count.label, name) {
                (Some(label), "subject") => label.clone(),
                (None, "subject") => subject(&count.value),
                _ => told(name, &count.value, w),
            },
            language: (name == "language").then(|| count.value.clone()),
            count: w.number(count.count),
            href: other.at("/"),
            is_chosen,
        }
    }
}

impl Card {
    pub(super) fn of(hit: &Hit, beside: &Query, w: &Words, api: &Api) -> Self {
        let id = hit.isbn13.as_ref().unwrap_or(&hit.record_reference);
        let title = hit.title.clone().unwrap_or_else(|| w.no_title.to_owned());
        let names: Vec<&str> = hit
            .contributors
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        let offer = hit.offer.as_ref();
        // Amounts of several countries and currencies say nothing beside each other.
        let is_one = !beside.first("country").is_empty() || !beside.first("currency").is_empty();
        let is_offered = matches!(hit.status, Status::Sale | Status::Preorder | Status::Later);
        let offer = offer.filter(|_| is_one && is_offered);
        let price_type = offer.and_then(|offer| offer.price_type.as_deref());
        let price = offer.and_then(|offer| {
            let currency = offer.currency.map(|currency| currency.to_string());
            Some(w.money(offer.amount.as_deref()?, currency.as_deref()))
        });
        Self {
            href: query::product(id, &beside.clone().without("currency")),
            subtitle: hit.subtitle.clone(),
            contributors: several(&names, 3),
            publisher: hit.publisher.clone(),
            published: hit.published.map(|date| date.precisely()),
            language: hit.language.as_deref().map(|code| Named::of(74, code)),
            format: hit.format.map(|format| format.as_str()),
            protections: hit
                .protections
                .words()
                .into_iter()
                .map(|word| w.protection_word(word))
                .collect(),
            status: hit.status,
            status_word: w.status(hit.status),
            taxes: price_type.and_then(|code| prices::taxes(code, w)),
            price,
            initials: initials(&title),
            tint: tint(&title),
            cover: api
                .covers
                .path(&hit.source, &hit.record_reference, hit.cover.as_deref()),
            others: hit.work.len(),
            title,
        }
    }
}

impl Named {
    pub(super) fn of(list: u16, code: &str) -> Self {
        Self {
            code: code.to_owned(),
            name: codes::label(list, code).unwrap_or(code).to_owned(),
        }
    }
}

/// A code that has no name here, with the scheme that has it: `Thema FBA`.
fn subject(value: &str) -> String {
    let scheme = |number: &str| codes::label(27, number)?.split(' ').next();
    let told = value.split_once(':').and_then(|(number, code)| {
        let scheme = scheme(number)?;
        Some(format!("{scheme} {code}"))
    });
    told.unwrap_or_else(|| value.to_owned())
}

/// The first so many of some names.
fn several(names: &[&str], most: usize) -> String {
    let shown = names
        .iter()
        .take(most)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() > most {
        true => format!("{shown} …"),
        false => shown,
    }
}

/// What stands on the place of a cover: the first letters of the first words.
pub(super) fn initials(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric());
    let letters = words.filter_map(|word| word.chars().next());
    letters.take(3).flat_map(char::to_uppercase).collect()
}

/// One of six colours, always the same for a title.
pub(super) fn tint(title: &str) -> usize {
    title.bytes().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    }) % 6
}

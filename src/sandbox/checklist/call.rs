//! The requests of the log, as the checks look at them: what was asked for, by which shop, for which book, and what became
//! of it.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::report::Because;
use super::{Bought, History};
use crate::model::{Country, Format, Protection, normalised};
use crate::sandbox::clock::second;
use crate::sandbox::download::FILES;
use crate::sandbox::log::Line;
use crate::sandbox::moments;
use crate::sandbox::request::Request;
use crate::sandbox::sale::spelled;
use crate::sandbox::service::{Route, Service};

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simulation,
    Sale,
    Cancellation,
    Preorder,
    /// A download link.
    Link,
    /// The file behind a link.
    File,
    /// The first page of a synchronisation, or its lists.
    Synchronisation,
    /// A page behind the first, or one of the lists.
    Page,
}

/// A request that some check looks at.
#[derive(Debug)]
pub(super) struct Call<'h> {
    pub(super) line: &'h Line,
    pub(super) kind: Kind,
    /// The second in which it came.
    pub(super) at: i64,
    /// The organisation.
    pub(super) shop: &'h str,
    /// The identifier of the publication, in the form in which identifiers are compared.
    pub(super) id: String,
    pub(super) format: String,
    pub(super) customer: String,
    pub(super) transaction: String,
    pub(super) terms: Terms,
    /// The number of what it is of, whatever the format: another for each shop.
    pub(super) publication: usize,
    /// The number of the publication in this format.
    pub(super) book: usize,
}

/// Under which conditions a book is sold: what a sale has to have in common with its simulation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Terms {
    pub(super) cost: String,
    protection: String,
    country: String,
    currency: String,
    price_type: String,
}

/// All requests that some check looks at, in their order.
pub(super) struct Calls<'h> {
    pub(super) calls: Vec<Call<'h>>,
    pub(super) history: &'h History,
    numbers: Numbers,
}

impl<'h> Calls<'h> {
    pub(super) fn of(history: &'h History) -> Self {
        let mut calls: Vec<Call<'_>> = history.lines.iter().filter_map(Call::of).collect();
        let mut numbers = Numbers::default();
        for bought in &history.bought {
            let id = normalised(&bought.isbn).into_owned();
            let key = (bought.organisation.clone(), id, bought.format.clone());
            numbers
                .references
                .insert(key, bought.record_reference.clone());
        }
        calls.iter().for_each(|call| numbers.learn(call));
        for call in &mut calls {
            (call.publication, call.book) = numbers.of(call);
        }
        Self {
            calls,
            history,
            numbers,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Call<'h>> {
        self.calls.iter()
    }

    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Call<'h>> {
        self.iter().filter(move |call| call.kind == kind)
    }

    /// The sales that were recorded.
    pub(super) fn recorded(&self) -> impl Iterator<Item = &Call<'h>> {
        self.iter().filter(|call| call.is_recorded())
    }

    pub(super) fn has_sale(&self) -> bool {
        self.recorded().next().is_some()
    }

    /// The number of the publication that was sold, if any request is of it.
    pub(super) fn publication_of(&self, bought: &Bought) -> Option<usize> {
        let key = (bought.organisation.clone(), bought.record_reference.clone());
        self.numbers.publications.get(&key).copied()
    }
}

impl<'h> Call<'h> {
    /// `None` for what no check looks at: paths that lead nowhere, wrong methods, and requests of nobody that the stand-in knows.
    fn of(line: &'h Line) -> Option<Self> {
        if line.path.starts_with(FILES) {
            return (line.method == "GET").then(|| Self::new(line, Kind::File, None));
        }
        let route = Route::of(&Request {
            path: line.path.clone(),
            ..Request::default()
        })?;
        let is_heard = line.method == route.service.method() && !has_code(line, "access_denied");
        let kind = kind(line, route.service).filter(|_| is_heard)?;
        Some(Self::new(line, kind, Some(route)))
    }

    fn new(line: &'h Line, kind: Kind, route: Option<Route>) -> Self {
        let given = |name: &str| parameter(line, name).unwrap_or_default();
        let sale = route.as_ref().map(|route| &route.sale);
        let (customer, transaction, format) = match (kind, sale) {
            (Kind::Link, Some(sale)) => (
                sale.customer.clone(),
                sale.transaction.clone(),
                sale.format.clone(),
            ),
            (Kind::Preorder, _) => (given("customer_id"), String::new(), given("for")),
            _ => (
                given("customer_id"),
                given("transaction_id"),
                given("format"),
            ),
        };
        let at = moments::parse(&line.at).unwrap_or_default();
        Self {
            line,
            kind,
            at: second(at),
            shop: line.organisation.as_deref().unwrap_or_default(),
            id: route
                .map(|route| normalised(&route.id).into_owned())
                .unwrap_or_default(),
            format: spelled(Some(format), |word| Some(Format::from_word(word)?.as_str())),
            customer,
            transaction,
            terms: Terms::of(line),
            publication: 0,
            book: 0,
        }
    }

    pub(super) fn n(&self) -> u64 {
        self.line.n
    }

    /// What was given, an empty text where nothing was.
    pub(super) fn parameter(&self, name: &str) -> String {
        parameter(self.line, name).unwrap_or_default()
    }

    pub(super) fn has_code(&self, code: &str) -> bool {
        has_code(self.line, code)
    }

    /// Whether it is a sale that was recorded, be it that the shop heard of it or not.
    pub(super) fn is_recorded(&self) -> bool {
        self.kind == Kind::Sale && self.line.status == 201 && self.line.record_reference.is_some()
    }

    /// Whether it is a simulation that was answered with `valid`, and the shop can have read that.
    pub(super) fn is_valid(&self) -> bool {
        self.kind == Kind::Simulation
            && self.line.status == 200
            && self.line.record_reference.is_some()
            && !self.is_cut()
    }

    /// Whether the platform said no to it, in its own words.
    pub(super) fn is_refused(&self) -> bool {
        let is_no = (400..500).contains(&self.line.status) && !self.line.codes.is_empty();
        is_no && !self.has_code("too_many_requests")
    }

    /// Whether the shop can't know what became of it: it may be posted again then.
    pub(super) fn is_unclear(&self) -> bool {
        let is_disturbed = match self.line.fault.as_deref() {
            Some("delay_ms") => true,
            Some("status") => self.line.codes.is_empty(),
            _ => self.is_cut(),
        };
        is_disturbed || self.line.status >= 500
    }

    /// Whether its answer came in part, or not at all.
    fn is_cut(&self) -> bool {
        matches!(
            self.line.fault.as_deref(),
            Some("cut_after_bytes" | "record")
        )
    }

    /// Whether another of the same book and transaction is the very same sale.
    pub(super) fn is_repeated_by(&self, other: &Self) -> bool {
        let others = ["drm_type", "cost_without_taxes", "sale_state", "aggregator"];
        self.customer == other.customer
            && self.terms == other.terms
            && others
                .iter()
                .all(|name| self.parameter(name) == other.parameter(name))
    }

    pub(super) fn because(&self, what: impl Into<String>) -> Because {
        Because {
            n: self.line.n,
            at: self.line.at.clone(),
            method: self.line.method.clone(),
            path: self.line.path.clone(),
            what: what.into(),
        }
    }
}

fn kind(line: &Line, service: Service) -> Option<Kind> {
    match service {
        Service::Simulate => Some(Kind::Simulation),
        Service::Sale => Some(Kind::Sale),
        Service::Cancel => Some(Kind::Cancellation),
        Service::Preorder => Some(Kind::Preorder),
        Service::Download => Some(Kind::Link),
        Service::Lists => Some(Kind::Synchronisation),
        Service::List => Some(Kind::Page),
        Service::Full | Service::Delta => match parameter(line, "start") {
            None => Some(Kind::Synchronisation),
            Some(_) => Some(Kind::Page),
        },
        _ => None,
    }
}

fn has_code(line: &Line, code: &str) -> bool {
    line.codes.iter().any(|known| known == code)
}

/// All parameters, wherever they stood.
pub(super) fn parameters(line: &Line) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let json = line.json.as_object().into_iter().flatten();
    let all = line.query.iter().chain(&line.form).chain(json);
    all.map(|(name, value)| (name.as_str(), text(value)))
}

fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed(""),
        other => Cow::Owned(other.to_string()),
    }
}

/// A parameter; an empty one counts as left out, as it does where the request is answered.
fn parameter(line: &Line, name: &str) -> Option<String> {
    let mut named = parameters(line).filter(|(known, value)| *known == name && !value.is_empty());
    named.next().map(|(_, value)| value.into_owned())
}

impl Terms {
    const NAMES: [&'static str; 5] = ["cost", "protection", "country", "currency", "price_type"];

    fn of(line: &Line) -> Self {
        let given = |name: &str| parameter(line, name).unwrap_or_default().trim().to_owned();
        let cost = given("cost");
        let country = given("country");
        Self {
            cost: match cost.parse::<u64>() {
                Ok(number) => number.to_string(),
                Err(_) => cost,
            },
            protection: spelled(Some(given("protection")), |word| {
                Some(Protection::from_word(word)?.as_str())
            }),
            country: match Country::parse(&country) {
                Some(known) => known.alpha3().to_owned(),
                None => country,
            },
            currency: given("currency").to_uppercase(),
            price_type: given("price_type"),
        }
    }

    /// The same at whatever cost.
    pub(super) fn without_cost(&self) -> Self {
        Self {
            cost: String::new(),
            ..self.clone()
        }
    }

    fn values(&self) -> [&str; 5] {
        let Self {
            cost,
            protection,
            country,
            currency,
            price_type,
        } = self;
        [cost, protection, country, currency, price_type].map(String::as_str)
    }

    /// What a sale has otherwise than the simulation with these terms, as a clause.
    pub(super) fn difference(&self, sale: &Self) -> String {
        let shown = |value: &str| match value.is_empty() {
            true => "none".to_owned(),
            false => value.to_owned(),
        };
        let pairs = Self::NAMES
            .iter()
            .zip(self.values().into_iter().zip(sale.values()));
        let differing = pairs.filter(|(_, (own, other))| own != other);
        let differing = differing
            .map(|(name, (own, other))| format!("{name} {}, not {}", shown(own), shown(other)));
        differing.collect::<Vec<_>>().join(", ")
    }
}

/// Numbers for publications and books. An identifier in a format leads to the product that it was taken for elsewhere in the
/// log, since a refusal doesn't say which it is about.
#[derive(Default)]
struct Numbers {
    /// By shop, identifier and format.
    references: HashMap<(String, String, String), String>,
    /// By shop and product, or else identifier.
    publications: HashMap<(String, String), usize>,
    books: HashMap<(usize, String), usize>,
}

impl Numbers {
    fn learn(&mut self, call: &Call<'_>) {
        if let Some(reference) = &call.line.record_reference {
            let key = (call.shop.to_owned(), call.id.clone(), call.format.clone());
            self.references.insert(key, reference.clone());
        }
    }

    fn of(&mut self, call: &Call<'_>) -> (usize, usize) {
        let key = (call.shop.to_owned(), call.id.clone(), call.format.clone());
        let own = call.line.record_reference.as_ref();
        let reference = own.or_else(|| self.references.get(&key));
        let name = reference.unwrap_or(&call.id).clone();
        let next = self.publications.len();
        let publication = self.publications.entry((key.0, name)).or_insert(next);
        let next = self.books.len();
        let book = self.books.entry((*publication, key.2)).or_insert(next);
        (*publication, *book)
    }
}

//! Everything that the stand-in remembers, and the way from a request to the service that answers it.

use super::clock::Clock;
use super::download::{self, Links};
use super::faults::Faults;
use super::limits::{Counted, Limits};
use super::lists::Lists;
use super::log::Log;
use super::organisation::{Organisation, Publishers};
use super::pieces::{Part, Piece};
use super::request::{Answer, Request};
use super::sales::{Sale, SaleKey, Sales};
use super::seed::{Seed, Switches};
use super::service::{Route, Service};
use super::stock::Stock;
use super::words::Refusal;
use super::{
    cancel, delivery, feed, lists, one, preorder, publishers, sale, settings, simulate, status, toc,
};
use crate::Catalogue;
use crate::error::Result;

/// The state of the stand-in.
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) switches: Switches,
    pub(super) strict: bool,
    pub(super) organisations: Vec<Organisation>,
    pub(super) stock: Stock,
    pub(super) limits: Limits,
    pub(super) faults: Faults,
    pub(super) lists: Lists,
    pub(super) windows: feed::Windows,
    pub(super) sales: Sales,
    pub(super) links: Links,
    pub(super) log: Log,
    /// The message whose products are there from the beginning.
    shelf: Option<&'static str>,
    /// A number that changes with every new beginning.
    pub(super) began: u64,
    /// Whether whoever keeps it has to write all of it anew.
    is_new: bool,
    /// The settings as they were last kept.
    kept_settings: String,
}

/// A request that may be answered: who asks, and for what.
pub(super) struct Asked<'r> {
    pub(super) request: &'r Request,
    pub(super) route: &'r Route,
    /// The number of the organisation that asks.
    pub(super) organisation: usize,
}

pub(super) type Outcome<T = Answer> = std::result::Result<T, Refusal>;

impl State {
    /// One with the products of a catalogue, or of a message.
    pub(super) fn new(catalogue: Option<Catalogue>, shelf: Option<&'static str>) -> Result<Self> {
        let mut state = Self::above(Stock::new(catalogue)?, shelf);
        state.begin(Seed::default());
        Ok(state)
    }

    /// Nothing but what is in stock.
    fn above(stock: Stock, shelf: Option<&'static str>) -> Self {
        Self {
            clock: Clock::default(),
            switches: Switches::default(),
            strict: false,
            organisations: Vec::new(),
            stock,
            limits: Limits::default(),
            faults: Faults::default(),
            lists: Lists::default(),
            windows: feed::Windows::default(),
            sales: Sales::default(),
            links: Links::default(),
            log: Log::default(),
            shelf,
            began: 0,
            is_new: true,
            kept_settings: String::new(),
        }
    }

    /// Forgets everything and begins as a seed says.
    pub(super) fn begin(&mut self, seed: Seed) {
        let mut fresh = Self::above(self.stock.take_below(), self.shelf);
        fresh.began = self.began + 1;
        if let Some(now) = seed.now {
            fresh.clock.set(now);
        }
        fresh.switches = seed.switches;
        fresh.strict = seed.strict;
        fresh.organisations = seed.organisations;
        fresh.faults.add(seed.faults);
        fresh.stock.begin(fresh.clock.now());
        fresh.put_shelf();
        *self = fresh;
    }

    /// Puts the products there that are there from the beginning, unless there are others or were.
    pub(super) fn put_shelf(&mut self) {
        let shelf = self.shelf.filter(|_| self.stock.is_untouched());
        if let Some(shelf) = shelf {
            let now = self.clock.now();
            delivery::take(&mut self.stock, shelf.as_bytes(), now);
        }
    }

    /// What changed since this was asked last, and whether that is all there is.
    pub(super) fn take_changes(&mut self) -> (Vec<Piece>, bool) {
        if std::mem::take(&mut self.is_new) {
            let all = self.pieces(false);
            self.take_changed(&mut Vec::new());
            return (all, true);
        }
        let mut changes = Vec::new();
        self.take_changed(&mut changes);
        (changes, false)
    }

    fn take_changed(&mut self, out: &mut Vec<Piece>) {
        let settings = settings::of(self, false);
        if settings != self.kept_settings {
            out.push(settings::piece(settings.clone()));
            self.kept_settings = settings;
        }
        self.limits.0.take_changes(out);
        self.lists.made.take_changes(out);
        self.windows.changed.take_changes(out);
        self.windows.marks.take_changes(out);
        self.stock.take_changes(out);
        self.sales.take_changes(out);
        self.links.links.take_changes(out);
        self.log.take_changes(out);
    }

    /// Lets what changed go, where nobody keeps it.
    pub(super) fn forget_changes(&mut self) {
        self.is_new = true;
        self.limits.0.forget_changes();
        self.lists.made.forget_changes();
        self.windows.changed.forget_changes();
        self.windows.marks.forget_changes();
        self.stock.forget_changes();
        self.sales.forget_changes();
        self.links.links.forget_changes();
    }

    /// Makes all of it be kept anew.
    pub(super) fn unkept(&mut self) {
        self.is_new = true;
    }

    /// All of it. Whole, it needs no catalogue below.
    pub(super) fn pieces(&self, is_whole: bool) -> Vec<Piece> {
        let settings = settings::piece(settings::of(self, is_whole));
        let settings = std::iter::once(settings);
        settings
            .chain(self.limits.0.pieces())
            .chain(self.lists.made.pieces())
            .chain(self.windows.changed.pieces())
            .chain(self.windows.marks.pieces())
            .chain(self.stock.pieces(is_whole))
            .chain(self.sales.pieces())
            .chain(self.links.links.pieces())
            .chain(self.log.pieces())
            .collect()
    }

    /// Becomes what pieces say: the settings first, and those of a part in the order of their keys. If one of them makes
    /// no sense, nothing is changed, and that piece is told.
    pub(super) fn restore(
        &mut self,
        pieces: impl Iterator<Item = (Part, String, String)>,
    ) -> std::result::Result<(), (Part, String)> {
        let mut fresh = Self::above(self.stock.take_below(), self.shelf);
        fresh.began = self.began + 1;
        for (part, key, value) in pieces {
            if fresh.restore_piece(part, key.clone(), value).is_none() {
                self.stock.put_below(fresh.stock);
                return Err((part, key));
            }
        }
        *self = fresh;
        Ok(())
    }

    /// That the pieces which it was restored from are those of whoever keeps it.
    pub(super) fn is_kept(&mut self) {
        self.is_new = false;
    }

    fn restore_piece(&mut self, part: Part, key: String, value: String) -> Option<()> {
        match part {
            Part::Settings => settings::restore(self, &value),
            Part::Limit => self.limits.0.restore(key, &value),
            Part::List => self.lists.made.restore(key, &value),
            Part::Window => self.windows.changed.restore(key, &value),
            Part::Marks => self.windows.marks.restore(key, &value),
            Part::Publication => self.stock.restore(key, &value),
            Part::Sale => self.sales.restore_sale(key, &value),
            Part::Preorder => self.sales.restore_preorder(key, &value),
            Part::Link => self.links.links.restore(key, &value),
            Part::Request => self.log.restore(&key, value),
        }
    }

    pub(super) fn refused(&self, refusal: &Refusal) -> Answer {
        refusal.to_answer(self.switches.error_body)
    }

    /// Answers a request without any fault.
    pub(super) fn serve(&mut self, route: Option<&Route>, request: &Request) -> Answer {
        let outcome = match route {
            Some(route) => self.served(route, request),
            None => Err(no_service(request)),
        };
        outcome.unwrap_or_else(|refusal| self.refused(&refusal))
    }

    fn served(&mut self, route: &Route, request: &Request) -> Outcome {
        let asked = Asked {
            request,
            route,
            organisation: self.who(route, request)?,
        };
        let method = route.service.method();
        if request.method != method && !(method == "GET" && request.method == "HEAD") {
            return Err(Refusal::not_found()
                .because(format!("this service isn't asked with {}", request.method))
                .taken_with("method", method));
        }
        match route.service {
            Service::Full => feed::full(self, &asked),
            Service::Delta => feed::delta(self, &asked),
            Service::Lists => lists::create(self, &asked),
            Service::List => lists::read(self, &asked),
            Service::One => one::read(self, &asked),
            Service::Toc => toc::read(self, &asked),
            Service::Publishers => publishers::read(self, &asked),
            Service::Simulate => simulate::read(self, &asked),
            Service::Sale => sale::create(self, &asked),
            Service::ExistingSale => sale::read(self, &asked),
            Service::Download => download::link(self, &asked),
            Service::Cancel => cancel::create(self, &asked),
            Service::Preorder => preorder::create(self, &asked),
            Service::Status => status::read(self, &asked),
        }
    }

    /// The refusal of a code that was ordered, with the status that it comes with from this service.
    pub(super) fn ordered(&self, route: Option<&Route>, code: &str) -> Refusal {
        let is_of_sales = route.is_some_and(|route| route.service.is_of_sales());
        match code {
            "duplicate" => Refusal::new(self.switches.duplicate_status(), code),
            "invalid_format" if is_of_sales => Refusal::new(400, code),
            _ => Refusal::of_code(code),
        }
    }

    /// The protection that a request is about: its parameter's, else that of the sale in its path.
    pub(super) fn protection_asked(&self, route: &Route, request: &Request) -> Option<String> {
        let given = request.parameter("protection");
        given.or_else(|| {
            let organisation = route.organisation.as_deref()?;
            let transaction = &route.sale.transaction;
            let sales = self
                .sales
                .find(organisation, transaction, |sale| sale.is_of(&route.id, &[]));
            sales.first().map(|(_, sale)| sale.protection.clone())
        })
    }

    /// The organisation that asks, and the `RecordReference`s of all products that it means.
    pub(super) fn named(&self, asked: &Asked<'_>) -> (&str, Vec<String>) {
        let organisation = &self.organisations[asked.organisation];
        let products = self
            .stock
            .products_of(&asked.route.id, &organisation.publishers);
        let references = products.iter().map(|product| product.reference.clone());
        (&organisation.id, references.collect())
    }

    /// The sale that the path of a service names: of those made anew after a cancellation the last.
    pub(super) fn sale_named(&self, asked: &Asked<'_>) -> Outcome<(SaleKey, &Sale)> {
        let (organisation, references) = self.named(asked);
        let path = &asked.route.sale;
        let found = self.sales.find(organisation, &path.transaction, |sale| {
            sale.customer == path.customer
                && sale.is_in(&path.format)
                && sale.is_of(&asked.route.id, &references)
        });
        let unknown =
            || self.unknown_sale(asked, &path.transaction, &path.customer, Some(&path.format));
        found.into_iter().next().ok_or_else(unknown)
    }

    /// Of an identifier that leads to nothing that the organisation sees.
    pub(super) fn unknown_publication(&self, asked: &Asked<'_>) -> Refusal {
        let organisation = &self.organisations[asked.organisation].id;
        let id = &asked.route.id;
        let others = self.stock.products_of(id, &Publishers::All);
        let publisher = others.iter().find_map(|one| one.names.publisher.as_deref());
        let clause = match (others.is_empty(), publisher) {
            (true, _) => format!("nothing here has the identifier {id}"),
            (false, Some(name)) => format!("{organisation} doesn't see what {name} publishes"),
            (false, None) => format!("{organisation} doesn't see it"),
        };
        Refusal::not_found().because(clause)
    }

    /// Of a sale that isn't there; the one of the same transaction that comes nearest is told.
    pub(super) fn unknown_sale(
        &self,
        asked: &Asked<'_>,
        transaction: &str,
        customer: &str,
        format: Option<&str>,
    ) -> Refusal {
        let (organisation, references) = self.named(asked);
        let known = self.sales.find(organisation, transaction, |_| true);
        let is_of = |sale: &Sale| sale.is_of(&asked.route.id, &references);
        let nearest = known.iter().map(|(_, sale)| *sale).max_by_key(|sale| {
            let has_format = format.is_none_or(|format| sale.is_in(format));
            (is_of(sale), sale.customer == customer, has_format)
        });
        let mut refusal = Refusal::not_found().because("there is no such sale");
        let Some(sale) = nearest else {
            let transaction = format!("nothing was sold in the transaction {transaction}");
            return refusal.because(transaction);
        };
        if !is_of(sale) {
            refusal = refusal.taken_with("publication", sale.id.as_str());
        }
        if sale.customer != customer {
            refusal = refusal.taken_with("customer_id", sale.customer.as_str());
        }
        match format.is_none_or(|format| sale.is_in(format)) {
            true => refusal,
            false => refusal.taken_with("format", sale.format.as_str()),
        }
    }

    /// The organisation that a request speaks for: that of the path, if there is one in it, else any.
    ///
    /// Credentials that are nobody's are refused before anything is said about the organisation.
    fn who(&self, route: &Route, request: &Request) -> Outcome<usize> {
        let organisations = self.organisations.iter();
        let own = organisations.clone().position(|one| one.is_of(request));
        let any = own.ok_or_else(|| nobodys(request))?;
        let Some(id) = &route.organisation else {
            return Ok(any);
        };
        let named = organisations.clone().position(|one| one.id == *id);
        let named = named.ok_or_else(|| {
            Refusal::not_found()
                .because(format!("no organisation is called {id}"))
                .taken_with("organisation_id", self.organisations[any].id.as_str())
        })?;
        match self.organisations[named].is_of(request) {
            true => Ok(named),
            false => Err(Refusal::access_denied()
                .because(format!(
                    "the path is {id}'s, and the credentials are another organisation's"
                ))
                .taken_with("organisation_id", self.organisations[any].id.as_str())),
        }
    }

    /// Counts a call of an organisation.
    pub(super) fn count(&mut self, organisation: usize, counted: Counted) -> Outcome<()> {
        let now = self.clock.now();
        let id = &self.organisations[organisation].id;
        match self.limits.take(id, counted, now) {
            true => Ok(()),
            false => Err(Refusal::too_many_requests().because(counted.told())),
        }
    }
}

/// Of credentials that no organisation has.
fn nobodys(request: &Request) -> Refusal {
    let refusal = Refusal::access_denied();
    match request.header("authorization") {
        None => refusal.because("no Authorization came, with name and password or with a token"),
        Some(_) => refusal.because("name and password, or token, are no organisation's"),
    }
}

/// Of a path that leads nowhere.
fn no_service(request: &Request) -> Refusal {
    let clause = match request.path.starts_with("/api/") {
        true => "no service of the platform has this path",
        false => "the platform's paths begin with /api/",
    };
    Refusal::not_found().because(clause)
}

/// The absolute address of a path of ours, as the one who asked sees us.
pub(super) fn address(request: &Request, path: &str) -> String {
    let host = request.header("host").unwrap_or("localhost");
    format!("http://{host}{path}")
}

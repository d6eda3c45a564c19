//! Everything that the stand-in remembers, and the way from a request to the service that answers it.

use super::clock::Clock;
use super::faults::Faults;
use super::limits::{Counted, Limits};
use super::lists::Lists;
use super::log::Log;
use super::organisation::Organisation;
use super::request::{Answer, Request};
use super::seed::{Seed, Switches};
use super::service::{Route, Service};
use super::stock::Stock;
use super::words::Refusal;
use super::{feed, lists, one, publishers, toc};
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
    pub(super) log: Log,
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
    pub(super) fn new(catalogue: Option<Catalogue>) -> Result<Self> {
        let mut state = Self {
            clock: Clock::default(),
            switches: Switches::default(),
            strict: false,
            organisations: Vec::new(),
            stock: Stock::new(catalogue)?,
            limits: Limits::default(),
            faults: Faults::default(),
            lists: Lists::default(),
            windows: feed::Windows::default(),
            log: Log::default(),
        };
        state.begin(Seed::default());
        Ok(state)
    }

    /// Forgets everything and begins as a seed says.
    pub(super) fn begin(&mut self, seed: Seed) {
        self.clock = Clock::default();
        if let Some(now) = seed.now {
            self.clock.set(now);
        }
        self.switches = seed.switches;
        self.strict = seed.strict;
        self.organisations = seed.organisations;
        self.stock.begin(self.clock.now());
        self.limits = Limits::default();
        self.faults = Faults::default();
        self.faults.add(seed.faults);
        self.lists = Lists::default();
        self.windows = feed::Windows::default();
        self.log = Log::default();
    }

    pub(super) fn refused(&self, refusal: &Refusal) -> Answer {
        refusal.to_answer(self.switches.error_body)
    }

    /// Answers a request without any fault.
    pub(super) fn serve(&mut self, route: Option<&Route>, request: &Request) -> Answer {
        let outcome = match route {
            Some(route) => self.served(route, request),
            None => Err(Refusal::not_found()),
        };
        outcome.unwrap_or_else(|refusal| self.refused(&refusal))
    }

    fn served(&mut self, route: &Route, request: &Request) -> Outcome {
        let asked = Asked {
            request,
            route,
            organisation: self.who(route, request)?,
        };
        // S4 says so of lists that are asked for with GET; of other services nobody says anything else.
        let method = match route.service {
            Service::Lists => "POST",
            _ => "GET",
        };
        if request.method != method && !(method == "GET" && request.method == "HEAD") {
            return Err(Refusal::not_found());
        }
        match route.service {
            Service::Full => feed::full(self, &asked),
            Service::Delta => feed::delta(self, &asked),
            Service::Lists => lists::create(self, &asked),
            Service::List => lists::read(self, &asked),
            Service::One => one::read(self, &asked),
            Service::Toc => toc::read(self, &asked),
            Service::Publishers => publishers::read(self, &asked),
            _ => Err(Refusal::not_found()),
        }
    }

    /// The organisation that a request speaks for: that of the path, if there is one in it, else any.
    ///
    /// Credentials that are nobody's are refused before anything is said about the organisation.
    fn who(&self, route: &Route, request: &Request) -> Outcome<usize> {
        let organisations = self.organisations.iter();
        let own = organisations.clone().position(|one| one.is_of(request));
        let any = own.ok_or_else(Refusal::access_denied)?;
        let Some(id) = &route.organisation else {
            return Ok(any);
        };
        let named = organisations.clone().position(|one| one.id == *id);
        let named = named.ok_or_else(Refusal::not_found)?;
        match self.organisations[named].is_of(request) {
            true => Ok(named),
            false => Err(Refusal::access_denied()),
        }
    }

    /// Counts a call of an organisation.
    pub(super) fn count(&mut self, organisation: usize, counted: Counted) -> Outcome<()> {
        let now = self.clock.now();
        let id = &self.organisations[organisation].id;
        match self.limits.take(id, counted, now) {
            true => Ok(()),
            false => Err(Refusal::too_many_requests()),
        }
    }
}

/// The absolute address of a path of ours, as the one who asked sees us.
pub(super) fn address(request: &Request, path: &str) -> String {
    let host = request.header("host").unwrap_or("localhost");
    format!("http://{host}{path}")
}

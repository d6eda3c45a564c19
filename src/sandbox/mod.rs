//! A stand-in of the platform: it answers a shop's requests as the platform's documents say, with the books of a catalogue, a clock that
//! can be set, and faults on order.
//!
//! What it has it sells too, to be fetched, cancelled and asked about afterwards; nobody is billed.
//!
//! It has its own state and a log of requests, and knows nothing of the shop's side. Here requests and answers are values; what listens
//! on a socket is the business of [`crate::server`]. Which document each answer comes from stands in `testdata/platform`.

mod admin;
mod cancel;
pub(crate) mod checklist;
mod clock;
mod costs;
mod cursor;
mod download;
mod faults;
mod feed;
mod fields;
mod files;
mod judging;
mod limits;
mod lists;
mod log;
mod markup;
mod moments;
mod one;
mod organisation;
mod page;
mod preorder;
mod product_onix;
mod publication_received;
mod publication_xml;
mod publishers;
mod request;
mod sale;
mod sales;
mod seed;
pub mod sequence;
mod service;
mod simulate;
mod state;
mod status;
mod stock;
mod stored;
mod supply_onix;
mod toc;
mod why;
mod words;

use std::sync::{Mutex, PoisonError};

pub use request::{Answer, Request};

use self::download::FILES;
use self::faults::What;
use self::organisation::{STANDARD_ID, STANDARD_PASSWORD, STANDARD_USERNAME};
use self::service::Route;
use self::state::State;
use crate::Catalogue;
use crate::error::Result;

/// Where the stand-in is told what to be: no path of the platform's.
pub const ADMIN: &str = "/__admin";

/// The stand-in. It may be shared among threads.
///
/// ```
/// use onix_catalogue::sandbox::{Request, Sandbox};
///
/// let sandbox = Sandbox::new(None)?;
/// let answer = sandbox.answer(&Request {
///     method: "GET".into(),
///     path: "/api/organisations/ONYX/publications/full".into(),
///     headers: vec![("Authorization".into(), "Bearer sandbox-token".into())],
///     ..Request::default()
/// });
/// // Nothing is there yet, and so the first page is the end already.
/// assert_eq!(answer.status, 404);
/// assert_eq!(answer.body, br#"["not_found"]"#);
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
pub struct Sandbox {
    state: Mutex<State>,
}

impl Sandbox {
    /// A stand-in with the products of a catalogue, which is only read, or with none.
    ///
    /// No record is read but the first: that waits until they are asked for.
    ///
    /// # Errors
    /// If the catalogue can't be read, and [`ErrorKind::NotKept`](crate::ErrorKind::NotKept) if it keeps no records.
    pub fn new(catalogue: Option<Catalogue>) -> Result<Self> {
        Ok(Self {
            state: Mutex::new(State::new(catalogue)?),
        })
    }

    /// How many products it has.
    pub fn products(&self) -> usize {
        self.state().stock.products()
    }

    /// What a shop has to write into its file of settings to talk to a stand-in that nobody has seeded, at this
    /// address.
    pub fn settings(base_url: &str) -> String {
        format!(
            "[account]\nbase_url = \"{base_url}\"\norganisation = \"{STANDARD_ID}\"\nuser = \"{STANDARD_USERNAME}\"\n\
             password = \"{STANDARD_PASSWORD}\"\nallow_http = true"
        )
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request) -> Answer {
        let mut state = self.state();
        let answer = match request.path.strip_prefix(ADMIN) {
            Some(path) if path.is_empty() || path.starts_with('/') => {
                admin::answer(&mut state, path, request)
            }
            _ if request.path.starts_with(FILES) => file(&mut state, request),
            _ => platform(&mut state, request),
        };
        let date = clock::http_date(state.clock.now());
        answer.with_header("Date", date)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Whoever panicked has changed nothing halfway that another request would trip over.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

/// Answers as the platform would, save for what goes wrong on order, and notes the request.
fn platform(state: &mut State, request: &Request) -> Answer {
    let now = state.clock.now();
    let route = Route::of(request);
    let fault = route
        .as_ref()
        .and_then(|route| state.faults.next(route.service));
    let mut answer = match fault {
        Some(What::Status {
            status,
            ref headers,
            ref body,
        }) => faulty(status, headers, body),
        Some(What::Code(ref code)) => {
            let refusal = state.ordered(route.as_ref(), code);
            state.refused(&refusal)
        }
        _ => state.serve(route.as_ref(), request),
    };
    match fault {
        Some(What::Cut(bytes)) => answer.cut_after = Some(bytes),
        Some(What::RecordAndCut) => answer.cut_after = Some(0),
        Some(What::Delay(delay)) => answer.delay = delay,
        _ => {}
    }
    answer.noted.fault = fault.as_ref().map(What::as_str);
    state.log.add(now, request, route.as_ref(), &answer);
    answer
}

/// Answers with a file that was sold, and notes the request.
fn file(state: &mut State, request: &Request) -> Answer {
    let name = request.path.strip_prefix(FILES).unwrap_or_default();
    let outcome = download::file(state, request, name);
    let answer = outcome.unwrap_or_else(|refusal| state.refused(&refusal));
    let now = state.clock.now();
    state.log.add(now, request, None, &answer);
    answer
}

/// The answer of a fault, with its own headers.
fn faulty(status: u16, headers: &[(String, String)], body: &str) -> Answer {
    let is_typed = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let mut answer = Answer::new(status, "text/plain", body);
    if is_typed {
        answer.headers.clear();
    }
    answer.headers.extend_from_slice(headers);
    answer
}

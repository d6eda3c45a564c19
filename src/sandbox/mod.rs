//! A stand-in of the platform: it answers a shop's requests as the platform's documents say, with the books of a catalogue, a clock that
//! can be set, and faults on order.
//!
//! What it has it sells too, to be fetched, cancelled and asked about afterwards; nobody is billed.
//!
//! It has its own state and a log of requests, and knows nothing of the shop's side. Here requests and answers are values; what listens
//! on a socket is the business of [`crate::server`]. Which document each answer comes from stands in `testdata/platform`.

mod about;
mod admin;
mod below;
mod cancel;
pub(crate) mod checklist;
mod clock;
mod console;
mod costs;
mod cursor;
mod delivery;
mod download;
mod export;
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
mod pieces;
mod play;
mod preorder;
mod product_onix;
mod publication;
mod publication_received;
mod publication_xml;
mod publishers;
mod reprice;
mod request;
mod sale;
mod sales;
mod seed;
pub mod sequence;
mod service;
mod settings;
mod simulate;
mod state;
mod state_file;
mod status;
mod stock;
mod stored;
mod supply_onix;
mod toc;
mod why;
mod words;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use judging::words_without_code;
pub(crate) use one::written;
pub(crate) use publication::publication_of;
pub use request::{Answer, Request};
pub(crate) use request::{decoded, encoded, pairs};

use self::admin::Done;
use self::download::FILES;
use self::faults::What;
use self::pieces::Piece;
use self::service::Route;
use self::state::State;
use self::state_file::StateFile;
use crate::Catalogue;
use crate::error::{Error, Result};

/// The books of the demonstration: a message of ONIX.
const DEMO: &str = include_str!("demo.xml");

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
    inside: Mutex<Inside>,
}

/// What one request at a time looks at.
struct Inside {
    state: State,
    /// Where the state is kept, if it is.
    file: Option<StateFile>,
}

impl Sandbox {
    /// A stand-in with the products of a catalogue, which is only read, or with none.
    ///
    /// No record is read but the first: that waits until they are asked for.
    ///
    /// # Errors
    /// If the catalogue can't be read, and [`ErrorKind::NotKept`](crate::ErrorKind::NotKept) if it keeps no records.
    pub fn new(catalogue: Option<Catalogue>) -> Result<Self> {
        Ok(Self::of(State::new(catalogue, None)?))
    }

    /// A stand-in with a dozen books that exist nowhere, one for each thing that a shop has to get right.
    ///
    /// # Errors
    /// None that are known: it is as [`new`](Self::new) without a catalogue.
    pub fn demo() -> Result<Self> {
        Ok(Self::of(State::new(None, Some(DEMO))?))
    }

    /// The same, which keeps its state in a file of SQLite, and is what that file says, if it says anything.
    ///
    /// The catalogue may be another than it was when the file was written: what was sold stays, and the products are those of the
    /// catalogue, but for those that were put above it.
    ///
    /// # Errors
    /// [`ErrorKind::StateFile`](crate::ErrorKind::StateFile) if the file is something else, or
    /// another process has it.
    pub fn with_state(mut self, path: &Path) -> Result<Self> {
        let file = StateFile::open(path)?;
        let inside = self
            .inside
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let pieces = file.read()?;
        if !pieces.is_empty() {
            restore(&mut inside.state, pieces)?;
            inside.state.put_shelf();
        }
        inside.file = Some(file);
        inside.keep()?;
        Ok(self)
    }

    fn of(state: State) -> Self {
        Self {
            inside: Mutex::new(Inside { state, file: None }),
        }
    }

    /// How many products it has.
    pub fn products(&self) -> usize {
        self.inside().state.stock.products()
    }

    /// What there is, what to put into a shop's configuration to talk to it at this address, and what to try first.
    pub fn welcome(&self, base_url: &str) -> String {
        let inside = self.inside();
        let products = match inside.state.stock.products() {
            0 => "no products yet: --demo brings a dozen, `onix index` those of a folder of ONIX, and a message can be posted \
                  to /__admin/catalogue"
                .to_owned(),
            n => format!("{n} products"),
        };
        let Some(first) = inside.state.organisations.first() else {
            return format!("{products}\nno organisation: seed one by /__admin/seed");
        };
        let token = first
            .known_token()
            .map(|token| format!(", or the token {token}"));
        format!(
            "{products}\n\nfor onix.toml:\n\n{}\n\nfor any other shop: the same{}\ntry it:   {}\nwatch it: {base_url}/",
            first.configuration(base_url),
            token.unwrap_or_default(),
            first.first_request(base_url),
        )
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request) -> Answer {
        if let Some(page) = console::answer(&request.path) {
            return page;
        }
        if request.method == "POST" && request.path == play::PATH {
            return play::answer(self, request);
        }
        let mut inside = self.inside();
        let state = &mut inside.state;
        let answer = match request.path.strip_prefix(ADMIN) {
            Some(path) if path.is_empty() || path.starts_with('/') => {
                admin::answer(state, path, request)
            }
            _ if request.path.starts_with(FILES) => Done::Now(file(state, request)),
            _ => Done::Now(platform(state, request)),
        };
        let date = clock::http_date(state.clock.now());
        let kept = inside.keep();
        drop(inside);
        match kept {
            Ok(()) => answer.finish().with_header("Date", date),
            Err(error) => unkept(&error),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Whoever panicked has changed nothing halfway that another request would trip over.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Writes down what a request changed, before anybody hears of it.
    fn keep(&mut self) -> Result<()> {
        let Some(file) = &mut self.file else {
            self.state.forget_changes();
            return Ok(());
        };
        let (changes, is_all) = self.state.take_changes();
        let kept = file.write(&changes, is_all);
        if kept.is_err() {
            self.state.unkept();
        }
        kept
    }
}

/// Makes a state what a file says. It has a part after the other in the order of their words; the settings come first.
fn restore(state: &mut State, mut pieces: Vec<Piece>) -> Result<()> {
    pieces.sort_by(|one, other| (one.part, &one.key).cmp(&(other.part, &other.key)));
    let pieces = pieces
        .into_iter()
        .map(|piece| (piece.part, piece.key, piece.value.unwrap_or_default()));
    let restored = state.restore(pieces);
    state.is_kept();
    restored.map_err(|(part, key)| state_file::damaged(part.as_str(), &key))
}

/// What was done and couldn't be written down: nobody may rely on it.
fn unkept(error: &Error) -> Answer {
    let what = format!("the stand-in could not keep its state: {error:#}");
    Answer::new(500, "text/plain", what)
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
    let fault = route.as_ref().filter(|_| !state.faults.is_empty());
    let fault = fault.and_then(|route| {
        let protection = state.protection_asked(route, request);
        state.faults.next(route.service, || protection.clone())
    });
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
        Some(What::Raise(by)) => {
            let id = route.as_ref().map_or("", |route| &route.id);
            state.stock.raise_prices(id, by, now);
            state.serve(route.as_ref(), request)
        }
        _ => state.serve(route.as_ref(), request),
    };
    // What is cut behind its end arrives whole.
    let length = answer.body.len() as u64;
    let fault = fault.filter(|what| !matches!(what, What::Cut(bytes @ 1..) if *bytes >= length));
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

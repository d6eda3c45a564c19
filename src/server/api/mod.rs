//! The catalogue over HTTP: what the command answers, at `/v1`, in the same JSON.
//!
//! A handler takes parameters and gives a reply; which of them a path leads to, how many work at once, and who may ask is decided here.

mod books;
mod check;
mod document;
mod platform;
mod routes;
mod shapes;
mod state;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::covers::Covers;
use super::limits::{self, AT_ONCE};
use super::meters::Meters;
use super::page::{self, Preferences};
use super::parameters::Parameters;
use super::problem::Problem;
use super::reply::Reply;
use crate::Catalogue;
use crate::model::{Account, Moment};

/// The catalogue, and as whose it is asked.
pub(super) struct Api {
    pub(super) catalogue: Catalogue,
    pub(super) account: Account,
    /// In seconds: an older synchronisation makes the server unready.
    max_age: Option<i64>,
    gate: Arc<Semaphore>,
    /// Threads that look into the catalogue.
    turns: Arc<Semaphore>,
    pub(super) meters: Meters,
    pub(super) covers: Covers,
}

/// A request, as far as handlers care.
pub(super) struct Asked {
    pub(super) method: String,
    /// The segments of the path, decoded.
    pub(super) path: Vec<String>,
    pub(super) parameters: Parameters,
    /// What the parameters were taken from, for links.
    pub(super) query: String,
    pub(super) preferences: Preferences,
    pub(super) body: Vec<u8>,
    /// Whether the answer may be compressed.
    pub(super) takes_gzip: bool,
    pub(super) now: Moment,
}

pub(super) use check::{KINDS, described};
pub(super) use routes::service;
pub(super) use state::now;

type Outcome = Result<Reply, Problem>;

const CACHE_CONTROL: &str = "Cache-Control";

impl Asked {
    /// Whether nothing is sent with it.
    fn is_read(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Whether it is about the server, which is answered however much there is to do.
    fn is_state(&self) -> bool {
        let first = self.path.first().map(String::as_str);
        matches!(first, Some("health" | "ready" | "metrics"))
    }
}

impl Api {
    pub(super) fn new(
        catalogue: Catalogue,
        account: Account,
        max_age: Option<i64>,
        covers: Covers,
    ) -> Self {
        Self {
            catalogue,
            account,
            max_age,
            gate: Arc::new(Semaphore::new(AT_ONCE)),
            turns: Arc::new(Semaphore::new(limits::workers())),
            meters: Meters::new(),
            covers,
        }
    }

    /// Answers a request: off the threads that wait for sockets, and one of so many at once.
    pub(super) async fn answer(self: Arc<Self>, asked: Asked) -> Reply {
        // What waits for another host takes nobody's place.
        if let [covers, source, reference] = asked.path.as_slice()
            && covers == "covers"
        {
            return self.cover(source.clone(), reference.clone()).await;
        }
        let permit = match asked.is_state() {
            true => None,
            false => match Arc::clone(&self.gate).try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => return Problem::busy().to_reply(),
            },
        };
        // Those that look into the catalogue leave threads to whoever asks for the server's state.
        let turn = match &permit {
            Some(_) => Arc::clone(&self.turns).acquire_owned().await.ok(),
            None => None,
        };
        let api = Arc::clone(&self);
        let work = move || {
            let answered = catch_unwind(AssertUnwindSafe(|| api.tagged(asked)));
            // Not before, though whoever asked may have gone.
            drop((permit, turn));
            answered.unwrap_or_else(|_| Err(Problem::internal()))
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(problem)) => problem.to_reply(),
            Err(_) => Problem::internal().to_reply(),
        }
    }

    /// The cover of a record, from where its record says that it is.
    async fn cover(self: &Arc<Self>, source: String, reference: String) -> Reply {
        let api = Arc::clone(self);
        let kept = move || api.catalogue.keyed(&source, &reference).ok().flatten();
        let kept = tokio::task::spawn_blocking(kept).await.ok().flatten();
        let cover = kept.and_then(|kept| kept.entry.cover);
        self.covers.answer(cover.as_deref()).await
    }

    /// The reply with a tag that stays as long as the catalogue and the minute are the same: what is for sale changes with
    /// both.
    fn tagged(&self, mut asked: Asked) -> Outcome {
        let takes_gzip = asked.takes_gzip;
        let compressed = |reply: Reply| match takes_gzip {
            true => reply.compressed(),
            false => reply,
        };
        // What a page looks like depends on who reads it.
        if let Some(page) = page::answer(self, &mut asked) {
            return Ok(compressed(page));
        }
        let generation = self.catalogue.generation();
        let minute = asked.now.as_unix() / 60;
        let is_tagged = asked.is_read() && !asked.is_state();
        let reply = compressed(routes::answer(self, asked)?);
        // What counts seconds says itself that it isn't to be kept.
        if reply.has_header(CACHE_CONTROL) {
            return Ok(reply);
        }
        let reply = reply.with_header(CACHE_CONTROL, "no-cache");
        Ok(match reply.status {
            200 if is_tagged => reply.with_header("ETag", format!("W/\"{generation}-{minute}\"")),
            _ => reply,
        })
    }
}

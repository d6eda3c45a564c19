//! Synchronising: the pages of a run into the catalogue while they come, in steps of which each is whole.
//!
//! One thread downloads, some prepare, one applies. What has been applied is published every few seconds or
//! thousand products, and with it, in the same commit, where to go on: killed anywhere, the next run goes on there.
//! From when on changes are asked for is decided here and not by the platform's memory, which any other client of
//! the same organisation moves.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::calls::{Calls, Limit};
use super::cursor::{Cursor, Run};
use super::download::{Download, Downloaded, Ended, whole, whole_if_any};
use super::keep::Keep;
use super::patience::{Asked, Asker};
use super::prepare::{Ready, prepare};
use crate::catalogue::{Catalogue, IngestSummary, Writer, WriterOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Account, Api, CatalogueFormat, Moment};
use crate::onix::Notice;
use crate::platform::{Answer, Client, Page};

/// How a run goes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SyncOptions {
    /// All of the catalogue, also to find what has disappeared.
    pub full: bool,
    /// Changes since this moment, instead of since the last run that came to its end.
    pub since: Option<Moment>,
    /// Nothing is written: only what would be is told.
    pub dry_run: bool,
    /// Which services, if not the account's.
    pub api: Option<Api>,
    /// Which format, if not the account's.
    pub format: Option<CatalogueFormat>,
    /// A folder that keeps the files as they came.
    pub keep: Option<PathBuf>,
    /// How many calls may be made; the next run goes on.
    pub max_calls: Option<u64>,
    /// How long to wait where the platform is busy or can't be reached, in seconds.
    pub patience_s: u64,
    /// How long before the beginning of the last run to begin, in seconds.
    pub overlap_s: u64,
    /// Whether more than half of a large catalogue may be removed because a full run lacks it.
    pub accept_removals: bool,
    /// Threads that prepare; 0 for as many as the machine has.
    pub threads: usize,
    /// What is published at the latest after so many products,
    pub commit_products: u64,
    /// or so many seconds.
    pub commit_s: u64,
    /// How the catalogue is written.
    pub writer: WriterOptions,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            full: false,
            since: None,
            dry_run: false,
            api: None,
            format: None,
            keep: None,
            max_calls: None,
            patience_s: 600,
            overlap_s: 600,
            accept_removals: false,
            threads: 0,
            commit_products: 5_000,
            commit_s: 5,
            writer: writer_options(),
        }
    }
}

/// A thread that indexes is enough for steps of some thousand products, and makes one segment of each.
fn writer_options() -> WriterOptions {
    WriterOptions {
        threads: 1,
        heap_bytes: 48 << 20,
        ..WriterOptions::default()
    }
}

/// What a run asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SyncKind {
    /// All of the catalogue.
    Full,
    /// What has changed, page by page.
    Delta,
    /// What has changed, in lists made for the asking.
    Lists,
}

impl SyncKind {
    /// `full`, `delta` or `lists`.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncKind::Full => "full",
            SyncKind::Delta => "delta",
            SyncKind::Lists => "lists",
        }
    }
}

/// What is told while a run goes on.
#[derive(Debug)]
#[non_exhaustive]
pub enum SyncEvent<'a> {
    /// It has begun, or goes on.
    Begun {
        /// What it asks for.
        kind: SyncKind,
        /// Since when.
        from: Option<Moment>,
        /// Whether it goes on where an earlier one was ended.
        is_resumed: bool,
    },
    /// The platform has too many changes to tell: all of the catalogue is asked for.
    FullInstead,
    /// The platform's clock and ours are apart, in seconds: ours is ahead where it is positive.
    Skew(i64),
    /// A call is made again after so many seconds.
    Waiting {
        /// Seconds.
        seconds: u64,
        /// Why.
        because: &'a Error,
    },
    /// A page has been applied.
    Page {
        /// Its number in the run.
        number: u64,
        /// Its size.
        n_bytes: u64,
        /// Products in it.
        n_products: u64,
    },
    /// A product was set aside.
    Rejected(&'a Error),
    /// Something odd was read around.
    Notice(&'a Notice),
    /// What has come so far is published.
    Published(IngestSummary),
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SyncSummary {
    /// What it asked for.
    pub kind: SyncKind,
    /// Since when.
    pub from: Option<Moment>,
    /// Whether it went on where an earlier one was ended.
    pub resumed: bool,
    /// Whether it came to its end; else the next one goes on.
    pub complete: bool,
    /// Pages or lists.
    pub pages: u64,
    /// Calls made.
    pub calls: u64,
    /// What became of the records.
    #[serde(flatten)]
    pub ingested: IngestSummary,
    /// Bytes of the pages.
    pub bytes: u64,
}

/// The moment from which on everything has changed.
const EVER: i64 = 946_684_800;

/// A clock that is off by more is told, in seconds.
const SKEW: i64 = 120;

/// Products that a full run may lack without a question.
const FEW: u64 = 1_000;

pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// Brings a catalogue up to date from the platform.
///
/// `calls` are counted over all runs that share them. `tell` hears what happens, from several threads.
///
/// # Errors
/// What has been applied before an error is published, and the next run goes on there. An answer that isn't a
/// page, an address that leads elsewhere, and a platform that stays busy or silent end the run.
pub fn sync(
    catalogue: &Catalogue,
    client: &Client,
    account: &Account,
    calls: &Mutex<Calls>,
    options: &SyncOptions,
    tell: &(dyn Fn(SyncEvent<'_>) + Sync),
) -> Result<SyncSummary> {
    let source = source(account)?;
    let asker = Asker::new(source, calls, options, tell);
    let plan = Plan {
        client,
        source,
        asker: &asker,
        options,
        api: options.api.unwrap_or(account.api),
        format: options.format.unwrap_or(account.format),
    };
    let mut writer = catalogue.writer(options.writer.clone())?;
    let mut cursor = Cursor::of(catalogue, source)?;
    let mut begun = plan.begin(&mut writer, &mut cursor)?;
    loop {
        let applied = plan.run(writer, cursor, begun)?;
        match applied.ended {
            Ended::Expired => {
                (writer, cursor) = (applied.writer, applied.cursor);
                cursor.run = None;
                asker.stopped.store(false, Ordering::Relaxed);
                begun = plan.begin(&mut writer, &mut cursor)?;
            }
            _ => return plan.end(applied),
        }
    }
}

/// The source of what an account fetches.
pub(super) fn source(account: &Account) -> Result<&str> {
    account.source().ok_or_else(|| {
        Error::new(ErrorKind::Account {
            what: "the account has neither a name nor an organisation".to_owned(),
        })
    })
}

/// What doesn't change during a run.
struct Plan<'a> {
    client: &'a Client,
    source: &'a str,
    asker: &'a Asker<'a>,
    options: &'a SyncOptions,
    api: Api,
    format: CatalogueFormat,
}

/// A run that has begun.
struct Begun {
    run: Option<Run>,
    first: Option<Page>,
    is_resumed: bool,
}

/// A run whose pages have been applied.
struct Applied {
    writer: Writer,
    cursor: Cursor,
    run: Option<Run>,
    ended: Ended,
    is_resumed: bool,
    n_pages: u64,
    n_bytes: u64,
}

impl Plan<'_> {
    /// Makes the first call, or none where an earlier run is to be gone on with.
    fn begin(&self, writer: &mut Writer, cursor: &mut Cursor) -> Result<Begun> {
        if let Some(run) = self.resumable(cursor) {
            // What a full run has brought so far may be lost: it is begun anew.
            let goes_on =
                run.kind != SyncKind::Full || writer.resume_delivery(self.source).unwrap_or(false);
            if goes_on {
                self.tell_begun(run.kind, run.from, true);
                return Ok(Begun {
                    run: Some(run.clone()),
                    first: None,
                    is_resumed: true,
                });
            }
        }
        cursor.run = None;
        let from = self.from(cursor);
        let (run, first) = match (self.api, from) {
            (Api::Feed, Some(from)) => self.begin_delta(cursor, from)?,
            (Api::Feed, None) => self.begin_full()?,
            (Api::Lists, from) => {
                let from = from.unwrap_or(Moment::from_unix(EVER));
                self.begin_lists(cursor, from)?
            }
        };
        if let Some(run) = &run
            && run.kind == SyncKind::Full
        {
            writer.begin_delivery(self.source);
        }
        Ok(Begun {
            run,
            first,
            is_resumed: false,
        })
    }

    /// An unfinished run of the kind that is asked for.
    fn resumable<'c>(&self, cursor: &'c Cursor) -> Option<&'c Run> {
        let run = cursor.run.as_ref()?;
        // All of the catalogue may have been asked for in the place of lists.
        let is_of_api =
            run.kind == SyncKind::Full || (run.kind == SyncKind::Lists) == (self.api == Api::Lists);
        let is_asked = !self.options.full || run.from.is_none_or(|from| from == EVER);
        (is_of_api && is_asked && run.format() == self.format && self.options.since.is_none())
            .then_some(run)
    }

    /// Since when changes are asked for; `None` for everything.
    fn from(&self, cursor: &Cursor) -> Option<Moment> {
        if self.options.full {
            return None;
        }
        let overlap = i64::try_from(self.options.overlap_s).unwrap_or(i64::MAX);
        let since = cursor.since.map(|since| since.saturating_sub(overlap));
        self.options.since.or(since.map(Moment::from_unix))
    }

    fn tell_begun(&self, kind: SyncKind, from: Option<i64>, is_resumed: bool) {
        (self.asker.tell)(SyncEvent::Begun {
            kind,
            from: from.filter(|from| *from != EVER).map(Moment::from_unix),
            is_resumed,
        });
    }

    /// Asks for the first time, and says when that was by the platform's clock.
    fn first<T>(
        &self,
        limit: Limit,
        mut ask: impl FnMut() -> Result<Answer<T>>,
    ) -> Result<Option<(T, i64)>> {
        let mut sent = (now(), Instant::now());
        let asked = self.asker.ask(limit, || {
            sent = (now(), Instant::now());
            ask()
        })?;
        let Asked::Answered(answer) = asked else {
            return Ok(None);
        };
        let Some(date) = answer.date else {
            return Ok(Some((answer.value, sent.0)));
        };
        let took = i64::try_from(sent.1.elapsed().as_secs()).unwrap_or(0) + 1;
        let skew = now() - date.as_unix();
        if skew.abs() > SKEW {
            (self.asker.tell)(SyncEvent::Skew(skew));
        }
        Ok(Some((answer.value, date.as_unix() - took)))
    }

    fn begin_full(&self) -> Result<(Option<Run>, Option<Page>)> {
        self.tell_begun(SyncKind::Full, None, false);
        let first = self.first(Limit::FirstPages, || whole(self.client.full(self.format)?))?;
        let Some((page, started)) = first else {
            return Ok((None, None));
        };
        let run = self.new_run(SyncKind::Full, started, None, true);
        Ok((Some(run), Some(page)))
    }

    fn begin_delta(&self, cursor: &Cursor, from: Moment) -> Result<(Option<Run>, Option<Page>)> {
        let from_s = from.as_unix();
        self.tell_begun(SyncKind::Delta, Some(from_s), false);
        let first = self.first(Limit::FirstPages, || {
            whole_if_any(self.client.delta(self.format, from)?)
        });
        let (page, started) = match first {
            Ok(Some(first)) => first,
            Ok(None) => return Ok((None, None)),
            Err(error) if error.is_code("too_many_results") => {
                (self.asker.tell)(SyncEvent::FullInstead);
                return self.begin_full();
            }
            Err(error) => return Err(error),
        };
        // Of an organisation that never answered, nothing and unknown look the same.
        if page.is_none() && cursor.completed.is_none() {
            self.first(Limit::None, || self.client.publishers())?;
        }
        let run = self.new_run(
            SyncKind::Delta,
            started,
            Some(from_s),
            is_gapless(cursor, from_s),
        );
        Ok((Some(run), page))
    }

    fn begin_lists(&self, cursor: &Cursor, from: Moment) -> Result<(Option<Run>, Option<Page>)> {
        let from_s = from.as_unix();
        self.tell_begun(SyncKind::Lists, Some(from_s), false);
        let first = self.first(Limit::None, || self.client.lists(self.format, from));
        let (lists, started) = match first {
            Ok(Some(first)) => first,
            Ok(None) => return Ok((None, None)),
            Err(error) if error.is_code("too_many_results") && from_s != EVER => {
                (self.asker.tell)(SyncEvent::FullInstead);
                return self.begin_full();
            }
            Err(error) => return Err(error),
        };
        let mut run = self.new_run(
            SyncKind::Lists,
            started,
            Some(from_s),
            is_gapless(cursor, from_s),
        );
        run.next = lists;
        Ok((Some(run), None))
    }

    fn new_run(&self, kind: SyncKind, started: i64, from: Option<i64>, is_gapless: bool) -> Run {
        Run {
            kind,
            format: self.format.as_str().to_owned(),
            started,
            from,
            is_gapless,
            pages: 0,
            next: Vec::new(),
        }
    }

    /// Downloads, prepares and applies.
    fn run(&self, writer: Writer, cursor: Cursor, begun: Begun) -> Result<Applied> {
        let Begun {
            run,
            first,
            is_resumed,
        } = begun;
        let mut applying = Applying {
            plan: self,
            writer: Some(writer),
            cursor,
            run: run.clone(),
            waiting: BTreeMap::new(),
            next: 0,
            n_products: 0,
            published: Instant::now(),
            n_pages: 0,
            n_bytes: 0,
        };
        let Some(run) = run else {
            return applying.ended(Ended::Enough, is_resumed);
        };
        let keep = self.options.keep.as_deref();
        let download = Download {
            client: self.client,
            asker: self.asker,
            source: self.source,
            keep: keep.map(|folder| Keep::new(folder, &run)).transpose()?,
            run,
            first,
            is_resumed,
            has_page: false,
        };
        let n_threads = match self.options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let ended = std::thread::scope(|scope| {
            let (downloaded, pages) = sync_channel(2);
            let (prepared, ready) = sync_channel(n_threads);
            let downloading =
                scope.spawn(move || download.run(|page| downloaded.send(page).is_ok()));
            let pages = Arc::new(Mutex::new(pages));
            for _ in 0..n_threads {
                let (pages, prepared) = (Arc::clone(&pages), prepared.clone());
                scope.spawn(move || prepare_all(&pages, self.source, &prepared));
            }
            drop((prepared, pages));
            let applied = applying.all(ready);
            // Whoever still holds a page finds nobody to give it to, and waits for nothing more.
            self.asker.stopped.store(true, Ordering::Relaxed);
            let ended = downloading.join().unwrap_or(Ended::Unwanted);
            match applied {
                Ok(()) => ended,
                Err(error) => Ended::Failed(error),
            }
        });
        applying.ended(ended, is_resumed)
    }

    /// Publishes the end, or where to go on.
    fn end(&self, applied: Applied) -> Result<SyncSummary> {
        let Applied {
            mut writer,
            mut cursor,
            run,
            ended,
            is_resumed,
            n_pages,
            n_bytes,
        } = applied;
        let is_at_end = matches!(ended, Ended::Whole);
        let is_whole = is_at_end || matches!(ended, Ended::Unlinked);
        let kind = run.as_ref().map_or(SyncKind::Full, |run| run.kind);
        let from = run.as_ref().and_then(|run| run.from);
        match &run {
            Some(run) if is_whole => {
                if run.kind == SyncKind::Full {
                    // The platform's xml has no way to tell an offer to libraries from another.
                    if run.format() == CatalogueFormat::Xml {
                        writer.spare_libraries();
                    }
                    let removes = is_at_end && self.may_remove(&writer);
                    writer.end_delivery(removes)?;
                }
                if run.is_gapless {
                    cursor.since = cursor.since.max(Some(run.started));
                    cursor.completed = Some(now());
                }
                cursor.run = None;
            }
            // What nothing has come of yet is begun anew.
            Some(run) if run.pages > 0 => cursor.run = Some(run.clone()),
            _ => {}
        }
        cursor.set(&mut writer, self.source)?;
        let ingested = match self.options.dry_run {
            true => writer.summary(),
            false => writer.commit()?,
        };
        if let Ended::Failed(error) = ended {
            return Err(error);
        }
        Ok(SyncSummary {
            kind,
            from: from.filter(|from| *from != EVER).map(Moment::from_unix),
            resumed: is_resumed,
            complete: is_whole,
            pages: n_pages,
            calls: self.asker.made.load(Ordering::Relaxed),
            ingested,
            bytes: n_bytes,
        })
    }

    /// Whether what a full run lacks may go. A platform that answers half of a catalogue is more likely to be ill
    /// than to have lost the other half.
    fn may_remove(&self, writer: &Writer) -> bool {
        let unseen = writer.unseen();
        let rest = writer.products_of(self.source).saturating_sub(unseen);
        self.options.accept_removals || unseen < FEW || unseen <= rest
    }
}

/// Whether changes since then leave nothing out that changed after the last run.
fn is_gapless(cursor: &Cursor, from: i64) -> bool {
    match cursor.since {
        Some(since) => from <= since,
        None => from <= EVER,
    }
}

fn prepare_all(
    pages: &Mutex<Receiver<Downloaded>>,
    source: &str,
    prepared: &SyncSender<Result<Ready>>,
) {
    loop {
        let page = pages.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(page) = page else { return };
        if prepared.send(prepare(page, source)).is_err() {
            return;
        }
    }
}

/// The one who applies pages in their order.
struct Applying<'a> {
    plan: &'a Plan<'a>,
    /// There is one, but for the moment in which it publishes.
    writer: Option<Writer>,
    cursor: Cursor,
    run: Option<Run>,
    waiting: BTreeMap<u64, Ready>,
    next: u64,
    /// Applied since the last time something was published.
    n_products: u64,
    published: Instant,
    n_pages: u64,
    n_bytes: u64,
}

impl Applying<'_> {
    fn all(&mut self, ready: Receiver<Result<Ready>>) -> Result<()> {
        let every = Duration::from_secs(self.plan.options.commit_s);
        loop {
            let left = every.saturating_sub(self.published.elapsed());
            let page = match self.n_products {
                0 => ready.recv().map_err(|_| RecvTimeoutError::Disconnected),
                _ => ready.recv_timeout(left),
            };
            match page {
                Ok(page) => {
                    let page = page?;
                    self.waiting.insert(page.number, page);
                }
                Err(RecvTimeoutError::Timeout) => self.publish()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            while let Some(page) = self.waiting.remove(&self.next) {
                self.next += 1;
                self.page(page)?;
            }
        }
    }

    fn page(&mut self, mut page: Ready) -> Result<()> {
        let tell = self.plan.asker.tell;
        let writer = self.writer.as_mut().expect("it is there between two pages");
        let n_products = page.apply(writer, self.plan.source, tell)?;
        if let Some(error) = page.fault {
            return Err(error);
        }
        self.n_pages += 1;
        self.n_bytes += page.n_bytes;
        self.n_products += n_products;
        let Some(run) = &mut self.run else {
            return Ok(());
        };
        run.pages += 1;
        run.next = page.next;
        tell(SyncEvent::Page {
            number: run.pages,
            n_bytes: page.n_bytes,
            n_products,
        });
        match self.n_products >= self.plan.options.commit_products {
            true => self.publish(),
            false => Ok(()),
        }
    }

    /// Publishes what has been applied, with where to go on.
    fn publish(&mut self) -> Result<()> {
        self.n_products = 0;
        self.published = Instant::now();
        if self.plan.options.dry_run {
            return Ok(());
        }
        let Some(mut writer) = self.writer.take() else {
            return Ok(());
        };
        self.cursor.run.clone_from(&self.run);
        self.cursor.set(&mut writer, self.plan.source)?;
        let writer = self.writer.insert(writer.checkpoint()?);
        (self.plan.asker.tell)(SyncEvent::Published(writer.summary()));
        self.published = Instant::now();
        Ok(())
    }

    fn ended(self, ended: Ended, is_resumed: bool) -> Result<Applied> {
        match (self.writer, ended) {
            (Some(writer), ended) => Ok(Applied {
                writer,
                cursor: self.cursor,
                run: self.run,
                ended,
                is_resumed,
                n_pages: self.n_pages,
                n_bytes: self.n_bytes,
            }),
            // Publishing failed, and the writer is gone with it.
            (None, Ended::Failed(error)) => Err(error),
            (None, _) => Err(Error::new(ErrorKind::Index {
                what: "the run ended while it was publishing".to_owned(),
            })),
        }
    }
}

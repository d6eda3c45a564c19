//! `onix sync`: the catalogue from the platform.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::index::{self, counted};
use super::output;
use super::progress::Progress;
use super::reading::Report;
use super::secrets::SecretArgs;
use super::trouble::{Exit, Result, Trouble};
use super::{Context, filters};
use crate::catalogue::{Catalogue, Since, WriterOptions};
use crate::error::{Error, ErrorKind};
use crate::model::{Account, Api, CatalogueFormat, Moment};
use crate::platform::Client;
use crate::shop::{self, Calls, SyncEvent, SyncKind, SyncOptions, SyncSummary};

/// Bring the catalogue up to date from the platform
///
/// The first time all of it, later what has changed since the last time. What comes is published every few seconds, and a run
/// that was ended anywhere goes on there the next time. From when on changes are asked for is kept in the catalogue: no other
/// client of the organisation can move it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix sync
  onix sync --full --keep lists/
  onix sync --watch 15m
  onix sync --since 2026-11-01 --dry-run --json
  pass show platform | onix sync --password-stdin")]
pub(crate) struct Sync {
    /// Fetch all of the catalogue, and remove what the platform has no more
    #[arg(long)]
    full: bool,
    /// Fetch what has changed since then, instead of since the last time
    #[arg(long, value_name = "T", value_parser = filters::moment)]
    since: Option<String>,
    /// Change nothing, only tell what would change
    #[arg(long)]
    dry_run: bool,
    /// Do it again and again, so long after the last time
    #[arg(long, value_name = "DURATION", value_parser = filters::duration)]
    watch: Option<u64>,
    /// Which of the platform's services: pages of all or what has changed, or the lists before them; else the
    /// account says
    #[arg(long, value_name = "API", value_parser = ["feed", "lists"])]
    api: Option<String>,
    /// In which format; else the account says
    #[arg(long, value_name = "FORMAT", value_parser = ["onix", "xml"])]
    format: Option<String>,
    /// Keep the list files as they came in this folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Stop after so many calls; the next run goes on
    #[arg(long, value_name = "N")]
    max_calls: Option<u64>,
    /// How long to wait where the platform is busy, silent, or asked too often
    #[arg(long, value_name = "DURATION", value_parser = filters::duration, default_value = "10m")]
    patience: u64,
    /// Publish at the latest after so many products; it is done every five seconds besides
    #[arg(long, value_name = "N", default_value_t = 5_000, hide = true)]
    commit_products: u64,
    /// Remove what a full run lacks even if that is more than half of a large catalogue
    #[arg(long)]
    accept_removals: bool,
    /// Write what changed for sale to this file, a line of JSON a product
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// Write products that had to be set aside to this file, as NDJSON with the record itself
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Write what was odd and how it was read to this file, as NDJSON
    #[arg(long, value_name = "FILE")]
    notices: Option<PathBuf>,
    /// Wait where another process is writing
    #[arg(long)]
    wait: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    summary: &'a SyncSummary,
    dry_run: bool,
    seconds: f64,
}

impl Sync {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let (account, client) = self.secret.connect(context)?;
        let options = self.options(context, &account)?;
        let Some(pause) = self.watch else {
            return self.once(context, &account, &client, &options);
        };
        loop {
            match self.once(context, &account, &client, &options) {
                Ok(_) => {}
                Err(Trouble::Error(error)) if may_pass(&error) => {
                    context.messages.library_error(&error);
                }
                Err(trouble) => return Err(trouble),
            }
            context.out.flush()?;
            std::thread::sleep(Duration::from_secs(pause.max(1)));
        }
    }

    fn options(&self, context: &Context, account: &Account) -> Result<SyncOptions> {
        let since = self.since.as_deref();
        Ok(SyncOptions {
            full: self.full,
            since: since.and_then(|text| Moment::parse(text, &account.zone)),
            dry_run: self.dry_run,
            api: self.api.as_deref().and_then(Api::from_word),
            format: self.format.as_deref().and_then(CatalogueFormat::from_word),
            keep: self.keep.clone(),
            max_calls: self.max_calls,
            patience_s: self.patience,
            accept_removals: self.accept_removals,
            commit_products: self.commit_products.max(1),
            threads: context.threads(),
            writer: writer_options(context, self.wait)?,
            ..SyncOptions::default()
        })
    }

    fn once(
        &self,
        context: &mut Context,
        account: &Account,
        client: &Client,
        options: &SyncOptions,
    ) -> Result {
        let started = Instant::now();
        let catalogue = open(context)?;
        let before = catalogue.stats()?.generation;
        let calls = Mutex::new(calls(context));
        let (rejects, notices) = (self.rejects.as_deref(), self.notices.as_deref());
        let telling = Telling::new(context, account, rejects, notices)?;
        let synced = shop::sync(&catalogue, client, account, &calls, options, &|event| {
            telling.hear(&event);
        });
        let report = telling.end()?;
        if let Some(path) = &self.changes {
            let changes = catalogue.changes(Since::Generation(before), None, account)?;
            super::changes::write(path, &changes)?;
        }
        let summary = synced?;
        report.say_rest();
        let line = Line {
            summary: &summary,
            dry_run: self.dry_run,
            seconds: (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        };
        match self.json {
            true => context.out.json(&line)?,
            false => self.say(context, account, &line),
        }
        match summary.ingested.rejected + summary.ingested.unseen {
            0 => Ok(Exit::Done),
            _ => Ok(Exit::SetAside),
        }
    }

    fn say(&self, context: &Context, account: &Account, line: &Line<'_>) {
        let messages = context.messages;
        let summary = line.summary;
        let ingested = &summary.ingested;
        let what = match summary.kind {
            SyncKind::Lists => counted(summary.pages, "list"),
            _ => counted(summary.pages, "page"),
        };
        messages.say(format!(
            "read {} from {what}, {:.1} MB, in {:.1} s",
            counted(ingested.read, "product"),
            summary.bytes as f64 / 1e6,
            line.seconds
        ));
        messages.say(format!(
            "  {} added, {} replaced, {} unchanged, {} removed, {} stale, {} set aside",
            ingested.added,
            ingested.replaced,
            ingested.unchanged,
            ingested.removed,
            ingested.stale,
            ingested.rejected
        ));
        if ingested.unseen > 0 {
            let missing = counted(ingested.unseen, "product");
            match ingested.rejected {
                0 => messages.error(
                    &format!("{missing} missing in the whole catalogue stay: so many can't be meant"),
                    "look at what the platform has; if they are really gone: onix sync --full --accept-removals",
                ),
                _ => messages.error(
                    &format!("{missing} missing in the whole catalogue stay: a product was set aside that doesn't say which it is"),
                    "mend that (see --rejects) and synchronise once more with --full",
                ),
            }
        }
        if !summary.complete {
            messages.say("not at its end yet: onix sync goes on there");
        }
        if let (Some(folder), Some(source)) = (&self.keep, account.source()) {
            messages.say(output::clean(&format!(
                "the list files are in {0}: onix index {0} --source {source}",
                folder.display()
            )));
        }
        let products = counted(ingested.in_catalogue, "product");
        let text = match self.dry_run {
            true => format!(
                "nothing was changed: {products} there would be in {}",
                context.global.index.display()
            ),
            false => format!("{products} in {}", context.global.index.display()),
        };
        messages.say(messages.bold(&output::clean(&text)));
    }
}

/// Whether the next round may go better.
fn may_pass(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Answer { .. } => !error.is_code("access_denied"),
        kind => matches!(
            kind,
            ErrorKind::Unanswered { .. }
                | ErrorKind::TooManyCalls { .. }
                | ErrorKind::Truncated
                | ErrorKind::Locked { .. }
        ),
    }
}

pub(crate) fn writer_options(context: &Context, wait: bool) -> Result<WriterOptions> {
    Ok(WriterOptions {
        wait,
        policies: context.settings.policies()?,
        ..SyncOptions::default().writer
    })
}

pub(crate) fn open(context: &Context) -> Result<Catalogue> {
    index::restore(&context.global.index)?;
    Ok(Catalogue::open_or_create(&context.global.index)?)
}

/// The calls of the last hour, beside what they brought.
pub(crate) fn calls(context: &Context) -> Calls {
    Calls::open(context.global.index.join("calls.json"))
}

/// What is shown while the platform is asked.
pub(crate) struct Telling(Mutex<Told>);

struct Told {
    report: Report,
    progress: Progress,
    /// What kept a line from its file.
    failed: Option<Trouble>,
}

impl Telling {
    pub(crate) fn new(
        context: &Context,
        account: &Account,
        rejects: Option<&std::path::Path>,
        notices: Option<&std::path::Path>,
    ) -> Result<Self> {
        Ok(Self(Mutex::new(Told {
            report: Report::new(context, account.source(), rejects, notices)?,
            progress: Progress::new(context, None),
            failed: None,
        })))
    }

    pub(crate) fn hear(&self, event: &SyncEvent<'_>) {
        let mut told = lock(&self.0);
        if let Err(trouble) = told.hear(event) {
            told.failed.get_or_insert(trouble);
        }
    }

    pub(crate) fn end(self) -> Result<Report> {
        let mut told = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        told.progress.done();
        if let Some(trouble) = told.failed {
            return Err(trouble);
        }
        told.report.flush()?;
        Ok(told.report)
    }
}

fn lock(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Told {
    fn hear(&mut self, event: &SyncEvent<'_>) -> Result<()> {
        let Self {
            report, progress, ..
        } = self;
        let messages = report.messages();
        let say = |text: String| progress.aside(|| messages.say(output::clean(&text)));
        match event {
            SyncEvent::Begun {
                kind,
                from,
                is_resumed,
            } => {
                let what = match (kind, from) {
                    (SyncKind::Full, _) | (_, None) => "all of the catalogue".to_owned(),
                    (_, Some(from)) => format!("what has changed since {from}"),
                };
                say(match is_resumed {
                    true => format!("going on with {what}"),
                    false => format!("asking for {what}"),
                });
            }
            SyncEvent::FullInstead => {
                say("too much has changed for that: asking for all of the catalogue".to_owned());
            }
            SyncEvent::Skew(seconds) => say(format!(
                "the platform's clock and this machine's are {} s apart; whether a price counts already is judged by this one",
                seconds.abs()
            )),
            SyncEvent::Waiting { seconds, because } => {
                say(format!("{because:#}: asking again in {seconds} s"));
            }
            SyncEvent::Page {
                n_bytes,
                n_products,
                ..
            } => {
                progress.bytes().fetch_add(*n_bytes, Ordering::Relaxed);
                (0..*n_products).for_each(|_| progress.product());
            }
            SyncEvent::Rejected(error) => report.reject(error, progress)?,
            SyncEvent::Notice(notice) => report.notice(notice, progress)?,
            SyncEvent::Published(summary) => {
                let text = format!("published: {} products", summary.in_catalogue);
                progress.aside(|| messages.explain(text));
            }
        }
        Ok(())
    }
}

//! `onix index`: list files into the catalogue.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::Context;
use super::next;
use super::reading::{self, ReadArgs, Report};
use super::settings::Settings;
use super::trouble::{Exit, Result, Trouble};
use crate::catalogue::{
    Catalogue, IngestSummary, OnStale, OnUpdate, Policy, Since, Writer, WriterOptions,
};
use crate::error::{Error, ErrorKind};
use crate::input::Inputs;

/// Read list files into the catalogue
///
/// Reads files, folders with all they hold, .gz, .zst and .zip, and standard input (`-`). A record
/// replaces the one with its RecordReference that was sent before it; NotificationType 05 removes it; what is
/// in the catalogue already changes nothing. A product that can't be read is set aside, and the rest goes on.
/// The catalogue changes all at once, when everything is read.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix index lists/
  onix index full-0001.xml.gz delta.xml --rejects rejects.ndjson
  curl https://example.com/list.xml | onix index - --source hub
  onix index lists/ --rebuild")]
pub(crate) struct Index {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "PATH", required_unless_present = "rebuild")]
    paths: Vec<PathBuf>,
    /// Who sent them; else their Header says
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// What an update of blocks (NotificationType 04) does to the record before it: take its place, or that of its
    /// blocks only
    #[arg(long, value_name = "WHAT", value_parser = ["replace", "merge"], default_value = "replace")]
    on_update: String,
    /// What to do with a record that was sent before the one in the catalogue
    #[arg(long, value_name = "WHAT", value_parser = ["refuse", "accept"], default_value = "refuse")]
    on_stale: String,
    /// These files are all that their sources have: remove what is missing in them
    #[arg(long)]
    complete: bool,
    /// Keep the records themselves, for reasons, `show --xml` and building anew
    #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set, default_value_t = true)]
    keep_records: bool,
    /// Build the catalogue anew from these files alone, or without any from the records it keeps; the old one
    /// serves until it is done
    #[arg(long)]
    rebuild: bool,
    /// Write what changed for sale to this file, a line of JSON a product
    #[arg(long, value_name = "FILE")]
    changes: Option<PathBuf>,
    /// Wait where another process is writing
    #[arg(long)]
    wait: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadArgs,
}

/// What became of all products read; `read` is the sum of the six after it.
#[derive(Debug, Serialize)]
struct Summary {
    files: u64,
    files_rejected: u64,
    read: u64,
    added: u64,
    replaced: u64,
    unchanged: u64,
    removed: u64,
    stale: u64,
    rejected: u64,
    in_catalogue: u64,
    /// Missing in a complete delivery, and not removed.
    #[serde(skip_serializing_if = "is_zero")]
    unseen: u64,
    bytes: u64,
    seconds: f64,
}

impl Index {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let started = Instant::now();
        let account = context.account()?;
        let inputs = Inputs::from_paths(&self.paths);
        let index = context.global.index.clone();
        restore(&index)?;
        let rebuild = match self.rebuild {
            true => Some(Rebuild::begin(&index, self.wait)?),
            false => None,
        };
        let folder = rebuild.as_ref().map_or(&*index, |rebuild| &rebuild.beside);
        let is_new = !folder.exists();
        let catalogue = Catalogue::open_or_create(folder)?;
        let mut writer = catalogue.writer(self.writer_options(&context.settings)?)?;
        let source = self.source.as_deref();
        if let Some(old) = rebuild.as_ref().filter(|_| self.paths.is_empty()) {
            old.take_all(&mut writer)?;
        }
        let shared = Mutex::new(writer);
        let writer = || shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (report, progress) = reading::receive(
            context,
            &self.reading,
            source,
            &inputs,
            |received| Ok(Writer::prepare(received, source)),
            |prepared, _| Ok(writer().apply(prepared)?),
            |error| writer().reject(source, error),
        )?;
        let writer = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        if report.is_nothing() {
            progress.done();
            drop(writer);
            if is_new {
                // Nothing was read, nothing was made.
                let _ = std::fs::remove_dir_all(folder);
            }
            report.say_rest();
            return Ok(Exit::Trouble);
        }
        progress.finishing("writing the catalogue");
        let before = catalogue.stats()?.generation;
        let ingested = writer.commit()?;
        progress.done();
        if let Some(path) = &self.changes {
            let since = Since::Generation(before);
            super::changes::write(path, &catalogue.changes(since, None, &account)?)?;
        }
        drop(catalogue);
        if let Some(rebuild) = rebuild {
            rebuild.finish()?;
        }
        report.say_rest();
        let summary = Summary::of(&report, &ingested, started);
        match self.json {
            true => context.out.json(&summary)?,
            false => summary.say(context, &index),
        }
        if !context.messages.quiet && !self.json {
            next::say(context, &account)?;
        }
        Ok(report.exit())
    }

    fn writer_options(&self, settings: &Settings) -> Result<WriterOptions> {
        Ok(WriterOptions {
            wait: self.wait,
            policy: Policy {
                on_stale: on_stale(&self.on_stale),
                on_update: on_update(&self.on_update),
            },
            policies: settings.policies()?,
            complete: self.complete,
            keep_records: self.keep_records,
            ..WriterOptions::default()
        })
    }
}

pub(crate) fn on_stale(word: &str) -> OnStale {
    match word {
        "accept" => OnStale::Accept,
        _ => OnStale::Refuse,
    }
}

pub(crate) fn on_update(word: &str) -> OnUpdate {
    match word {
        "merge" => OnUpdate::Merge,
        _ => OnUpdate::Replace,
    }
}

impl Summary {
    fn of(report: &Report, ingested: &IngestSummary, started: Instant) -> Self {
        let IngestSummary {
            added,
            replaced,
            unchanged,
            removed,
            stale,
            in_catalogue,
            unseen,
            ..
        } = *ingested;
        let rejected = report.n_rejected;
        Self {
            files: report.n_files,
            files_rejected: report.n_files_rejected,
            read: added + replaced + unchanged + removed + stale + rejected,
            added,
            replaced,
            unchanged,
            removed,
            stale,
            rejected,
            in_catalogue,
            unseen,
            bytes: report.bytes,
            seconds: (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        }
    }

    fn say(&self, context: &Context, index: &Path) {
        let messages = context.messages;
        let files = match self.files_rejected {
            0 => String::new(),
            n => format!(" ({n} refused)"),
        };
        messages.say(format!(
            "read {} from {}{files}, {:.1} MB, in {:.1} s",
            counted(self.read, "product"),
            counted(self.files, "file"),
            self.bytes as f64 / 1e6,
            self.seconds
        ));
        messages.say(format!(
            "  {} added, {} replaced, {} unchanged, {} removed, {} stale, {} set aside",
            self.added, self.replaced, self.unchanged, self.removed, self.stale, self.rejected
        ));
        if self.unseen > 0 {
            messages.error(
                &format!(
                    "{} missing in these files stay: an input was cut off or refused, or a product set aside that doesn't say which it is",
                    counted(self.unseen, "product")
                ),
                "mend that (see --rejects) and give all files once more",
            );
        }
        let products = counted(self.in_catalogue, "product");
        let text = format!("{products} in {}", index.display());
        messages.say(messages.bold(&super::output::clean(&text)));
    }
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// `1 file`, `2 files`
pub(crate) fn counted(n: u64, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// A catalogue being built beside the one whose place it will take.
#[derive(Debug)]
struct Rebuild {
    index: PathBuf,
    beside: PathBuf,
    /// Keeps others from writing to what is going to be replaced.
    old: Option<(Catalogue, Writer)>,
}

impl Rebuild {
    fn begin(index: &Path, wait: bool) -> Result<Self> {
        let old = match Catalogue::open(index) {
            Ok(catalogue) => {
                let options = WriterOptions {
                    wait,
                    ..WriterOptions::default()
                };
                let writer = catalogue.writer(options)?;
                // Nobody else can be rebuilding now: these were killed.
                for left in ["rebuild", "old"]
                    .iter()
                    .flat_map(|what| beside(index, what))
                {
                    let _ = std::fs::remove_dir_all(left);
                }
                Some((catalogue, writer))
            }
            Err(error) => {
                refuse_foreign(index, error)?;
                None
            }
        };
        let beside = sibling(index, "rebuild")?;
        Ok(Self {
            index: index.to_owned(),
            beside,
            old,
        })
    }

    /// Everything that the old catalogue has.
    fn take_all(&self, writer: &mut Writer) -> Result<()> {
        match &self.old {
            Some((old, _)) => Ok(writer.take_all(old)?),
            None => Err(Trouble::usage(
                format!(
                    "there is no catalogue at {} to build anew from",
                    self.index.display()
                ),
                "name the list files: onix index PATH… --rebuild",
            )),
        }
    }

    /// Puts the new catalogue into its place; until then the old one is left as it is.
    fn finish(mut self) -> Result<()> {
        let away = sibling(&self.index, "old")?;
        let moved = |from: &Path, to: &Path| {
            std::fs::rename(from, to).map_err(|cause| {
                let what = format!("{} could not be moved to {}", from.display(), to.display());
                Trouble::file(what, cause)
            })
        };
        let had_old = self.index.exists();
        if had_old {
            moved(&self.index, &away)?;
        }
        if let Err(trouble) = moved(&self.beside, &self.index) {
            if had_old {
                moved(&away, &self.index)?;
            }
            return Err(trouble);
        }
        self.old = None;
        if had_old {
            // Readers that have it open go on; what is left behind costs space only.
            let _ = std::fs::remove_dir_all(&away);
        }
        Ok(())
    }
}

/// A rebuild that was killed between its two moves has left the catalogue beside its place.
pub(crate) fn restore(index: &Path) -> Result<()> {
    if index.exists() {
        return Ok(());
    }
    match beside(index, "old").as_slice() {
        [away] => std::fs::rename(away, index).map_err(|cause| {
            Trouble::file(format!("{} could not be moved back", away.display()), cause)
        }),
        _ => Ok(()),
    }
}

/// Folders that rebuilds have made beside a catalogue.
fn beside(index: &Path, what: &str) -> Vec<PathBuf> {
    let parent = match index.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let name = index.file_name().unwrap_or_default().to_string_lossy();
    let start = format!(".{name}.{what}-");
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&start))
        .map(|entry| entry.path())
        .collect()
}

/// What was begun and not finished goes away, unless it is the catalogue by now.
impl Drop for Rebuild {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.beside);
    }
}

/// A folder that holds something else than a catalogue must not be replaced by one.
fn refuse_foreign(index: &Path, error: Error) -> Result<()> {
    if !matches!(error.kind(), ErrorKind::NoIndex { .. }) {
        return Ok(());
    }
    let is_empty = match std::fs::read_dir(index) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !index.exists(),
    };
    match is_empty {
        true => Ok(()),
        false => Err(Trouble::usage(
            format!("{} holds something else than a catalogue", index.display()),
            "name another folder with --index",
        )),
    }
}

fn sibling(index: &Path, what: &str) -> Result<PathBuf> {
    let Some(name) = index.file_name() else {
        return Err(Trouble::usage(
            format!("{} can't be rebuilt", index.display()),
            "name a folder of its own with --index",
        ));
    };
    let mut sibling = std::ffi::OsString::from(".");
    sibling.push(name);
    sibling.push(format!(".{what}-{}", std::process::id()));
    Ok(index.with_file_name(sibling))
}

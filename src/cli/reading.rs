//! Reading inputs for `onix index` and `onix parse`: what is set aside, where it is kept, and what
//! is said of it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::Context;
use super::output::{self, Messages};
use super::progress::Progress;
use super::trouble::{Exit, Result, Trouble};
use crate::error::{Error, ErrorKind, Position};
use crate::input::{self, Inputs, Item, ReadOptions, Received};
use crate::onix::{Limits, Notice, Record};

/// How many products set aside are told one by one.
const TOLD: u64 = 10;

/// The flags of reading.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadArgs {
    /// Write products that had to be set aside to this file, as NDJSON with the record itself
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Write what was odd and how it was read to this file, as NDJSON
    #[arg(long, value_name = "FILE")]
    notices: Option<PathBuf>,
    /// Set products aside that would be repaired with a notice
    #[arg(long)]
    strict: bool,
    /// Set products aside that are larger than this
    #[arg(long, value_name = "BYTES")]
    max_record_bytes: Option<usize>,
    /// Set products aside whose elements are nested deeper than this
    #[arg(long, value_name = "N")]
    max_depth: Option<usize>,
    /// Stop reading an input that comes to more than this when decompressed
    #[arg(long, value_name = "BYTES")]
    max_decoded_bytes: Option<u64>,
}

impl ReadArgs {
    fn options(&self, threads: usize, progress: &Progress) -> ReadOptions {
        let mut limits = Limits::default();
        let Self {
            max_record_bytes,
            max_depth,
            max_decoded_bytes,
            ..
        } = *self;
        limits.max_record_bytes = max_record_bytes.unwrap_or(limits.max_record_bytes);
        limits.max_depth = max_depth.unwrap_or(limits.max_depth);
        limits.max_decoded_bytes = max_decoded_bytes.unwrap_or(limits.max_decoded_bytes);
        ReadOptions {
            threads,
            limits,
            strict: self.strict,
            progress: progress.bytes(),
            ..ReadOptions::default()
        }
    }
}

/// What became of the inputs.
pub(crate) struct Report {
    pub(crate) n_files: u64,
    pub(crate) n_files_rejected: u64,
    pub(crate) n_read: u64,
    pub(crate) n_rejected: u64,
    pub(crate) n_notices: u64,
    pub(crate) bytes: u64,
    /// Something was lost that no number above counts: a file's end.
    n_cut: u64,
    /// Trouble with files, refused ones included.
    n_trouble: u64,
    messages: Messages,
    source: Option<String>,
    rejects: Option<Journal>,
    notices: Option<Journal>,
}

/// A file of NDJSON.
struct Journal {
    path: PathBuf,
    file: BufWriter<File>,
}

/// A line of the files of rejects and notices.
#[derive(Serialize)]
struct Line<'a> {
    severity: &'static str,
    input: Option<&'a str>,
    source: Option<&'a str>,
    record: Option<u64>,
    record_reference: Option<&'a str>,
    byte: Option<u64>,
    line: Option<u64>,
    code: &'a str,
    message: &'a str,
    hint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    xml: Option<std::borrow::Cow<'a, str>>,
}

/// Reads all inputs with `work` on every record, in several threads, and `consume` on what it
/// came to and the product's number in its input, in input order. A record that either refuses is set aside;
/// `set_aside` is told of those that couldn't be read at all.
pub(crate) fn read<T: Send>(
    context: &Context,
    args: &ReadArgs,
    source: Option<&str>,
    inputs: &Inputs,
    work: impl Fn(&Record<'_>) -> crate::Result<T> + Sync,
    consume: impl FnMut(T, u64) -> Result<()> + Send,
    set_aside: impl FnMut(&Error) + Send,
) -> Result<(Report, Progress)> {
    let drive =
        |options: &ReadOptions, each: &mut Each<'_, T>| input::read(inputs, options, work, each);
    run(context, args, source, inputs, drive, consume, set_aside)
}

/// The same of every product, pages of the platform's `xml` included.
pub(crate) fn receive<T: Send>(
    context: &Context,
    args: &ReadArgs,
    source: Option<&str>,
    inputs: &Inputs,
    work: impl Fn(Received<'_>) -> crate::Result<T> + Sync,
    consume: impl FnMut(T, u64) -> Result<()> + Send,
    set_aside: impl FnMut(&Error) + Send,
) -> Result<(Report, Progress)> {
    let drive =
        |options: &ReadOptions, each: &mut Each<'_, T>| input::receive(inputs, options, work, each);
    run(context, args, source, inputs, drive, consume, set_aside)
}

/// What is done with each item.
type Each<'e, T> = dyn FnMut(Item<crate::Result<T>>) -> crate::Result<()> + Send + 'e;

fn run<T: Send>(
    context: &Context,
    args: &ReadArgs,
    source: Option<&str>,
    inputs: &Inputs,
    drive: impl FnOnce(&ReadOptions, &mut Each<'_, T>) -> crate::Result<()>,
    mut consume: impl FnMut(T, u64) -> Result<()> + Send,
    mut set_aside: impl FnMut(&Error) + Send,
) -> Result<(Report, Progress)> {
    let (rejects, notices) = (args.rejects.as_deref(), args.notices.as_deref());
    let mut report = Report::new(context, source, rejects, notices)?;
    // The number of the next product in its input.
    let mut index = 0;
    let mut progress = Progress::new(context, inputs.total_bytes());
    let options = args.options(context.threads(), &progress);
    let mut each = |item: Item<crate::Result<T>>| -> crate::Result<()> {
        match item {
            Item::Record(Ok(made)) => {
                report.n_read += 1;
                progress.product();
                index += 1;
                match consume(made, index - 1) {
                    Err(Trouble::Error(error)) if error.is_record() => {
                        report.reject(&error, &mut progress)?;
                    }
                    done => done?,
                }
            }
            Item::Record(Err(error)) => {
                index += 1;
                progress.product();
                report.reject(&error, &mut progress)?;
            }
            Item::Rejected(error) => {
                let is_product = error.position().is_some_and(|at| at.record.is_some());
                set_aside(&error);
                index += u64::from(error.is_record() && is_product);
                report.reject(&error, &mut progress)?;
            }
            Item::Notice(notice) => report.notice(&notice, &progress)?,
            Item::Input(end) => {
                index = 0;
                report.n_files += 1;
                report.n_files_rejected += u64::from(end.is_rejected);
                report.bytes += end.n_bytes;
            }
        }
        Ok(())
    };
    let done = drive(&options, &mut each);
    if let Err(error) = done {
        progress.done();
        return Err(error.into());
    }
    report.flush()?;
    Ok((report, progress))
}

impl Report {
    /// Nothing read so far, from a source; what is set aside and noticed goes to these files too.
    pub(crate) fn new(
        context: &Context,
        source: Option<&str>,
        rejects: Option<&Path>,
        notices: Option<&Path>,
    ) -> Result<Self> {
        Ok(Self {
            n_files: 0,
            n_files_rejected: 0,
            n_read: 0,
            n_rejected: 0,
            n_notices: 0,
            bytes: 0,
            n_cut: 0,
            n_trouble: 0,
            messages: context.messages,
            source: source.map(str::to_owned),
            rejects: rejects.map(Journal::create).transpose()?,
            notices: notices.map(Journal::create).transpose()?,
        })
    }

    pub(crate) fn messages(&self) -> Messages {
        self.messages
    }

    /// Writes out what the files are still owed.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let journals = [&mut self.rejects, &mut self.notices];
        journals.into_iter().flatten().try_for_each(Journal::flush)
    }

    pub(crate) fn reject(&mut self, error: &Error, progress: &mut Progress) -> Result<()> {
        match error.kind() {
            _ if error.is_record() => self.n_rejected += 1,
            ErrorKind::NoRecordReference => self.n_rejected += 1,
            // Files that are refused whole are counted at their end.
            ErrorKind::Truncated => self.n_cut += 1,
            _ => self.n_trouble += 1,
        }
        progress.rejected();
        let is_told = !error.is_record() || self.n_rejected <= TOLD;
        if is_told {
            progress.aside(|| self.messages.library_error(error));
        }
        let Some(journal) = &mut self.rejects else {
            return Ok(());
        };
        let record = error.record();
        let message = error.message();
        journal.line(&Line {
            severity: "error",
            record_reference: record.and_then(|record| record.record_reference.as_deref()),
            code: error.code(),
            message: &message,
            hint: error.hint(),
            xml: record.map(|record| String::from_utf8_lossy(&record.xml)),
            ..Line::at(error.position(), self.source.as_deref())
        })
    }

    pub(crate) fn notice(&mut self, notice: &Notice, progress: &Progress) -> Result<()> {
        self.n_notices += 1;
        if self.messages.verbose {
            let text = format!("onix: notice: {notice}");
            progress.aside(|| self.messages.explain(output::clean(&text)));
        }
        let Some(journal) = &mut self.notices else {
            return Ok(());
        };
        journal.line(&Line {
            severity: "notice",
            record_reference: notice.record_reference.as_deref(),
            code: notice.code.as_str(),
            message: &notice.message,
            hint: notice.code.explanation(),
            ..Line::at(Some(&notice.position), self.source.as_deref())
        })
    }

    /// What is to be said at the end of what was set aside and noticed.
    pub(crate) fn say_rest(&self) {
        let Self {
            n_rejected,
            n_notices,
            messages,
            ..
        } = self;
        if *n_rejected > TOLD {
            let rest = n_rejected - TOLD;
            let kept = match &self.rejects {
                Some(journal) => format!("all are in {}", journal.path.display()),
                None => "--rejects FILE keeps them all".into(),
            };
            messages.error(&format!("{rest} more products were set aside; {kept}"), "");
        }
        if *n_notices > 0 && !messages.verbose {
            let kept = match &self.notices {
                Some(journal) => format!("all are in {}", journal.path.display()),
                None => "-v shows them, --notices FILE keeps them".into(),
            };
            let text = format!("{n_notices} oddities were read around; {kept}");
            messages.say(output::clean(&text));
        }
    }

    /// Nothing could be read at all.
    pub(crate) fn is_nothing(&self) -> bool {
        self.n_read + self.n_rejected == 0 && self.n_files_rejected > 0
    }

    pub(crate) fn exit(&self) -> Exit {
        match self.n_rejected + self.n_trouble + self.n_cut {
            _ if self.is_nothing() => Exit::Trouble,
            0 => Exit::Done,
            _ => Exit::SetAside,
        }
    }
}

impl<'a> Line<'a> {
    fn at(position: Option<&'a Position>, source: Option<&'a str>) -> Self {
        Self {
            severity: "",
            input: position.map(|position| position.input.as_str()),
            source,
            record: position.and_then(|position| position.record),
            record_reference: None,
            byte: position.map(|position| position.byte),
            line: position.map(|position| position.line),
            code: "",
            message: "",
            hint: "",
            xml: None,
        }
    }
}

impl Journal {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|cause| {
            Trouble::file(format!("{} could not be written", path.display()), cause)
        })?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        })
    }

    fn line(&mut self, line: &Line<'_>) -> Result<()> {
        let text = output::json(line)?;
        self.checked(|file| writeln!(file, "{text}"))
    }

    fn flush(&mut self) -> Result<()> {
        self.checked(BufWriter::flush)
    }

    fn checked(
        &mut self,
        write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
    ) -> Result<()> {
        write(&mut self.file).map_err(|cause| {
            Trouble::file(
                format!("{} could not be written", self.path.display()),
                cause,
            )
        })
    }
}

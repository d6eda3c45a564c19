//! Text, tables, JSON and CSV on standard output; messages on standard error.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};
use serde::Serialize;

use super::trouble::{Result, Trouble};
use crate::controls::{self, is_control};
use crate::error::Error;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn on(self, is_terminal: bool) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                is_terminal && !no_color && !dumb
            }
        }
    }
}

/// A style of text for people.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paint {
    Bold,
    Dim,
    Good,
    Bad,
    Doubt,
}

/// A column of this width or less isn't wrapped.
const NARROW: u16 = 13;

/// A line below the header, no others.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Where data goes.
pub(crate) struct Output {
    stdout: BufWriter<io::Stdout>,
    is_terminal: bool,
    color: bool,
    width: usize,
}

impl Output {
    pub(crate) fn new(color: Color) -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self {
            stdout: BufWriter::with_capacity(1 << 16, io::stdout()),
            is_terminal,
            color: color.on(is_terminal),
            width: width(is_terminal),
        }
    }

    /// Columns to wrap text for people to.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Whether it is a terminal with little room beside each other.
    pub(crate) fn is_narrow(&self) -> bool {
        self.is_terminal && self.width < 110
    }

    pub(crate) fn paint(&self, paint: Paint, text: &str) -> String {
        painted(self.color, paint, text)
    }

    /// A line of text for people. What came from data has to be [`clean`] already.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> Result<()> {
        Ok(writeln!(self.stdout, "{}", text.as_ref())?)
    }

    /// One value as one line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let text = json(value)?;
        self.line(text)
    }

    /// Bytes as they are; on a terminal with control characters made visible.
    pub(crate) fn raw(&mut self, text: &str) -> Result<()> {
        let text = match self.is_terminal {
            true => visible(text, true),
            false => Cow::Borrowed(text),
        };
        Ok(self.stdout.write_all(text.as_bytes())?)
    }

    /// A table fitted to the terminal, without columns that are empty; elsewhere each row is one
    /// line.
    pub(crate) fn table(&mut self, header: &[&str], rows: Vec<Vec<String>>) -> Result<()> {
        let shown: Vec<usize> = (0..header.len())
            .filter(|at| {
                rows.iter()
                    .any(|row| row.get(*at).is_some_and(|cell| !cell.is_empty()))
            })
            .collect();
        let mut table = Table::new();
        let header = shown.iter().filter_map(|at| header.get(*at));
        table.load_style(STYLE).set_header(header);
        match self.is_terminal {
            true => table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(u16::try_from(self.width).unwrap_or(u16::MAX)),
            false => table
                .set_content_arrangement(ContentArrangement::Disabled)
                .force_no_tty(),
        };
        for row in rows {
            let cells = shown.iter().filter_map(|at| row.get(*at));
            table.add_row(cells.map(|cell| clean(cell).into_owned()));
        }
        let padding = if self.is_narrow() { 1 } else { 2 };
        for column in table.column_iter_mut() {
            column.set_padding((0, padding));
        }
        if self.is_terminal {
            let widths = table.column_max_content_widths();
            for (column, width) in table.column_iter_mut().zip(widths) {
                // Numbers and words of a few letters are worse broken than long texts.
                if width <= NARROW {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
        }
        for line in table.lines() {
            let line = line.trim_end().to_owned();
            match line.starts_with('─') {
                true => self.line(painted(self.color, Paint::Dim, &line))?,
                false => self.line(line)?,
            }
        }
        Ok(())
    }

    /// A table as CSV, safe to open in a spreadsheet.
    pub(crate) fn csv(&mut self, header: &[&str], rows: Vec<Vec<String>>) -> Result<()> {
        let mut text = String::new();
        if !header.is_empty() {
            let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
            text = csv(&[header], false)?;
        }
        text.push_str(&csv(&rows, self.is_terminal)?);
        Ok(self.stdout.write_all(text.as_bytes())?)
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        Ok(self.stdout.flush()?)
    }
}

/// Standard error: what is neither data nor progress.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Messages {
    color: bool,
    /// Errors only.
    pub(crate) quiet: bool,
    /// Explanations too.
    pub(crate) verbose: bool,
}

impl Messages {
    pub(crate) fn new(color: Color, quiet: bool, verbose: bool) -> Self {
        Self {
            color: color.on(io::stderr().is_terminal()),
            quiet,
            verbose,
        }
    }

    /// Something for the user to know; `--quiet` leaves it out.
    pub(crate) fn say(self, text: impl AsRef<str>) {
        if !self.quiet {
            eprint_line(text.as_ref());
        }
    }

    /// An explanation for `--verbose`.
    pub(crate) fn explain(self, text: impl AsRef<str>) {
        if self.verbose && !self.quiet {
            eprint_line(text.as_ref());
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        painted(self.color, Paint::Bold, text)
    }

    /// One trouble: a line, and a line of what to do about it.
    pub(crate) fn error(self, what: &str, hint: &str) {
        let error = painted(self.color, Paint::Bad, "error:");
        eprint_line(&format!("onix: {error} {}", clean(what)));
        if !hint.is_empty() {
            eprint_line(&format!("  hint: {}", clean(hint)));
        }
    }

    pub(crate) fn library_error(self, error: &Error) {
        self.error(&format!("{error:#}"), error.hint());
    }

    /// What clap says of a wrong call, or the help where a command is missing.
    pub(crate) fn wrong_usage(self, error: &clap::Error) {
        let text = error.render();
        let plain = text.to_string();
        let name = match plain.starts_with("error:") {
            true => "onix: ",
            false => "",
        };
        match self.color && !has_controls() {
            true => eprint_line(&format!("{name}{}", text.ansi())),
            false => eprint_line(&format!("{name}{}", visible(&plain, true))),
        }
    }

    pub(crate) fn trouble(self, trouble: &Trouble) {
        match trouble {
            Trouble::Error(error) => self.library_error(error),
            Trouble::Usage(what, hint) => self.error(what, hint),
            Trouble::ClosedPipe => {}
        }
    }
}

/// Whether an argument has control characters. What clap paints couldn't be told from them.
fn has_controls() -> bool {
    let mut arguments = std::env::args_os();
    arguments.any(|argument| argument.to_string_lossy().contains(is_control))
}

/// Standard error may be closed; nothing is left then to say so with.
fn eprint_line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn painted(color: bool, paint: Paint, text: &str) -> String {
    if !color || text.is_empty() {
        return text.to_owned();
    }
    let code = match paint {
        Paint::Bold => "1",
        Paint::Dim => "2",
        Paint::Good => "1;32",
        Paint::Bad => "1;31",
        Paint::Doubt => "1;33",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

fn width(is_terminal: bool) -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let terminal = || match is_terminal {
        true => Table::new().width().map(usize::from),
        false => None,
    };
    columns.or_else(terminal).unwrap_or(100).clamp(40, 1000)
}

/// Rows as CSV, safe to open in a spreadsheet, and safe for a terminal where it goes to one.
pub(crate) fn csv(rows: &[Vec<String>], is_terminal: bool) -> Result<String> {
    let wrong = |what: String| Trouble::usage(format!("CSV: {what}"), "report this as a bug");
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|cell| match is_terminal {
            true => guarded(&visible(cell, true)).into_owned(),
            false => guarded(cell).into_owned(),
        });
        writer
            .write_record(cells)
            .map_err(|error| wrong(format!("{error}")))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| wrong(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))
}

/// JSON in one line, safe for a terminal.
pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    Ok(controls::json(value)?)
}

/// Text from data for one line on a terminal: white space collapsed, control characters and those
/// that turn the direction of writing made visible.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    visible(text, false)
}

fn visible(text: &str, keep_lines: bool) -> Cow<'_, str> {
    let harmless = |c: char| !is_control(c) || keep_lines && matches!(c, '\n' | '\t');
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if harmless(c) => out.push(c),
            '\n' | '\t' | '\r' if !keep_lines => out.push(' '),
            c => write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a String takes everything"),
        }
    }
    Cow::Owned(out)
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe instead.
fn guarded(cell: &str) -> Cow<'_, str> {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => Cow::Owned(format!("'{cell}")),
        false => Cow::Borrowed(cell),
    }
}

/// Text wrapped at white space, each line behind `indent` blanks.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let mut out = String::new();
    let mut used = 0;
    for word in clean(text).split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            out.push('\n');
            used = 0;
        }
        match used {
            0 => out.extend(std::iter::repeat_n(' ', indent)),
            _ => {
                out.push(' ');
                used += 1;
            }
        }
        out.push_str(word);
        used += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_visible() {
        assert_eq!(clean("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(clean("a\nb\tc"), "a b c");
        assert_eq!(clean("\u{9b}1m\u{202e}x"), "\\u{9b}1m\\u{202e}x");
    }

    #[test]
    fn formulas_are_guarded() {
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("@x"), "'@x");
        assert_eq!(guarded("9.99"), "9.99");
    }

    #[test]
    fn text_is_wrapped() {
        let text = wrapped("one two three four five six", 2, 22);
        assert_eq!(text, "  one two three four\n  five six");
    }
}

//! `onix checklist`: the platform's checklist for sellers, held against what a shop asked of the stand-in.

use clap::Args;

use super::Context;
use super::output::{self, Paint};
use super::trouble::{Exit, Result, Trouble};
use super::{filters, index};
use crate::model::Moment;
use crate::sandbox::checklist::report::{Because, Report, State};
use crate::server::{self, Found};

/// Judge by the platform's checklist what a shop asked of the stand-in
///
/// Let the shop run against `onix serve --sandbox` for a while, or for the day of it that /__admin/clock makes pass at once. Each check of
/// the list that the platform publishes for sellers then is passed, failed by requests that are named, or not exercised, with what to
/// do about it. What no request shows is listed to be looked at.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 nothing failed, 1 something failed or nothing was exercised, 2 there is no stand-in.

Examples:
  onix checklist http://127.0.0.1:8080
  onix checklist http://127.0.0.1:8080 --since 2026-12-01T08:00:00Z
  onix checklist http://127.0.0.1:8080 --json")]
pub(crate) struct Checklist {
    /// Where the stand-in listens
    #[arg(value_name = "SANDBOX_URL", value_parser = address)]
    sandbox_url: String,
    /// Judge only what came since then, by the stand-in's clock: a date, or RFC 3339. No basket should have been open
    #[arg(long, value_name = "MOMENT", value_parser = filters::moment)]
    since: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// So many requests are shown of a check that failed.
const SHOWN: usize = 20;

/// Where what belongs to a check begins.
const INDENT: usize = 4;

impl Checklist {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let account = context.account()?;
        let since = self.since.as_deref();
        let since = since.and_then(|text| Moment::parse(text, &account.zone));
        let (report, document) = match server::checklist(&self.sandbox_url, since)? {
            Found::Report(report, document) => (report, document),
            Found::Other(found) => return Err(no_stand_in(&self.sandbox_url, &found)),
            Found::Nothing(cause) => return Err(nothing_there(&self.sandbox_url, &cause)),
        };
        match self.json {
            true => context.out.json(&document)?,
            false => show(context, &report)?,
        }
        context.messages.say(summary(&report));
        match (report.failed, report.passed) {
            (0, 1..) => Ok(Exit::Done),
            _ => Ok(Exit::Nothing),
        }
    }
}

/// An address without a path, as `onix serve` prints it.
fn address(text: &str) -> filters::Parsed<String> {
    let expected = || "expected an address such as http://127.0.0.1:8080".to_owned();
    let text = text.trim();
    let host = text.strip_prefix("http://").ok_or_else(expected)?;
    let host = host.trim_end_matches('/');
    let is_host =
        !host.is_empty() && !host.contains(|c: char| "/?#@".contains(c) || c.is_whitespace());
    match is_host {
        true => Ok(format!("http://{host}")),
        false => Err(expected()),
    }
}

fn nothing_there(url: &str, cause: &str) -> Trouble {
    Trouble::usage(
        format!("nothing answers at {url}: {cause}"),
        "start `onix serve --sandbox`, and give the address that it prints",
    )
}

fn no_stand_in(url: &str, found: &str) -> Trouble {
    Trouble::usage(
        format!("what answers at {url} is no stand-in: {found}"),
        "give the address that `onix serve --sandbox` of this version prints",
    )
}

fn show(context: &mut Context, report: &Report) -> Result<()> {
    for checked in &report.checks {
        let state = painted(context, checked.state);
        let title = output::clean(&checked.title);
        context.out.line(format!("{state}  {title}"))?;
        for because in checked.because.iter().take(SHOWN) {
            detail(context, &format!("request {}: {}", because.n, because.what))?;
            context.out.line(place(because, context))?;
        }
        if checked.because.len() > SHOWN {
            let more = checked.because.len() - SHOWN;
            detail(context, &format!("and {more} more: --json has them all"))?;
        }
        if let Some(to_exercise) = &checked.to_exercise {
            detail(context, &format!("to do: {to_exercise}"))?;
        }
    }
    match report.forgotten {
        0 => Ok(()),
        n => context.out.line(format!(
            "The oldest {n} requests are forgotten: what they led to may be judged wrongly."
        )),
    }
}

/// The state as a word, in a column of its own.
fn painted(context: &Context, state: State) -> String {
    let (paint, word) = match state {
        State::Passed => (Paint::Good, "passed"),
        State::Failed => (Paint::Bad, "failed"),
        State::NotExercised => (Paint::Doubt, "not exercised"),
    };
    let blanks = " ".repeat("not exercised".len() - word.len());
    format!("{}{blanks}", context.out.paint(paint, word))
}

fn detail(context: &mut Context, text: &str) -> Result<()> {
    let width = context.out.width();
    context.out.line(output::wrapped(text, INDENT, width))
}

/// Which request it was, below what is wrong with it.
fn place(because: &Because, context: &Context) -> String {
    let Because {
        at, method, path, ..
    } = because;
    let place = format!("{method} {path} at {at}");
    let place = context.out.paint(Paint::Dim, &output::clean(&place));
    format!("{}{place}", " ".repeat(2 * INDENT))
}

fn summary(report: &Report) -> String {
    let requests = index::counted(report.requests, "request");
    let Report {
        passed,
        failed,
        not_exercised,
        ..
    } = report;
    format!("{requests}: {passed} passed, {failed} failed, {not_exercised} not exercised")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        let parsed = |text: &str| address(text).ok();
        let expected = Some("http://127.0.0.1:8080".to_owned());
        assert_eq!(parsed("http://127.0.0.1:8080"), expected);
        assert_eq!(parsed(" http://127.0.0.1:8080/ "), expected);
        assert_eq!(parsed("http://[::1]:1"), Some("http://[::1]:1".to_owned()));
        for wrong in [
            "",
            "127.0.0.1:8080",
            "https://a",
            "http://",
            "http://a/b",
            "http://a?b",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
    }
}

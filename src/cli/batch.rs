//! `onix check --batch`: requests from NDJSON or CSV, a line each, answered in order and in kind.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Context;
use super::check::{NAMES, Parameters};
use super::filters;
use super::output;
use super::settings::nearest;
use super::trouble::{Exit, Result, Trouble};
use crate::catalogue::Catalogue;
use crate::model::{Account, Dialect, Kind, Moment, SaleRequest, Verdict};
use crate::sale::sentence;

/// Names beside those of parameters.
const OTHERS: [&str; 6] = ["id", "ref", "kind", "at", "max_age", "dialect"];

/// Lines that are answered at once.
const CHUNK: usize = 2048;

/// Bytes of a line of NDJSON; a request has some hundred.
const MAX_LINE: u64 = 1 << 20;

/// What all lines have in common.
pub(crate) struct Batch<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) account: Account,
    /// What a line means that doesn't say.
    pub(crate) defaults: &'a Parameters,
    pub(crate) explain: bool,
}

/// A line, as names and texts.
#[derive(Default)]
struct Asked {
    /// `ref`: what comes back with the answer.
    reference: Option<Value>,
    id: Option<String>,
    values: Vec<(String, String)>,
    /// Why the line can't be answered.
    bad: Option<Bad>,
}

/// A line that could not be read: why.
type Bad = String;

/// What is answered to a line.
struct Answer {
    reference: Option<Value>,
    id: Option<String>,
    line: u64,
    verdict: std::result::Result<Verdict, Bad>,
}

#[derive(Serialize)]
struct Answered<'a> {
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a Value>,
    id: Option<&'a str>,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

#[derive(Serialize)]
struct Unread<'a> {
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<&'a Value>,
    id: Option<&'a str>,
    line: u64,
    error: &'a str,
}

const COLUMNS: [&str; 7] = [
    "ref", "id", "verdict", "codes", "also", "missing", "notices",
];

impl Batch<'_> {
    pub(crate) fn run(&self, context: &mut Context, path: &Path) -> Result {
        let mut input: Box<dyn BufRead> = match path.as_os_str() == "-" {
            true => Box::new(BufReader::new(io::stdin())),
            false => Box::new(BufReader::new(File::open(path).map_err(unreadable(path))?)),
        };
        let start = input.fill_buf().map_err(unreadable(path))?;
        let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
        let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
        let n_bad = match first {
            None => 0,
            Some(b'{' | b'[') => self.ndjson(context, input, path)?,
            Some(_) => self.csv(context, input, path)?,
        };
        match n_bad {
            0 => Ok(Exit::Done),
            n => {
                let lines = if n == 1 {
                    "1 line"
                } else {
                    &format!("{n} lines")
                };
                context.messages.error(
                    &format!("{}: {lines} could not be read", path.display()),
                    "the answer says why",
                );
                Ok(Exit::SetAside)
            }
        }
    }

    fn ndjson(&self, context: &mut Context, mut input: impl BufRead, path: &Path) -> Result<u64> {
        let mut line = 0;
        let mut bytes = Vec::new();
        let mut next = || -> Result<Option<(u64, Asked)>> {
            loop {
                bytes.clear();
                line += 1;
                let n = io::Read::take(&mut input, MAX_LINE)
                    .read_until(b'\n', &mut bytes)
                    .map_err(unreadable(path))?;
                if n == 0 {
                    return Ok(None);
                }
                let is_cut = n as u64 == MAX_LINE && !bytes.ends_with(b"\n");
                if is_cut {
                    skip_line(&mut input).map_err(unreadable(path))?;
                }
                let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
                if text.trim_ascii().is_empty() {
                    continue;
                }
                return Ok(Some((
                    line,
                    match is_cut {
                        true => Asked::bad(format!("the line is longer than {MAX_LINE} bytes")),
                        false => of_json(text),
                    },
                )));
            }
        };
        let write = |answer: &Answer| {
            let Answer { reference, id, .. } = answer;
            let (reference, id) = (reference.as_ref(), id.as_deref());
            let mut text = match &answer.verdict {
                Ok(verdict) => output::json(&Answered {
                    reference,
                    id,
                    verdict,
                }),
                Err(error) => output::json(&Unread {
                    reference,
                    id,
                    line: answer.line,
                    error,
                }),
            }?;
            text.push('\n');
            Ok(text)
        };
        self.each(context, &mut next, &write)
    }

    fn csv(&self, context: &mut Context, input: impl BufRead, path: &Path) -> Result<u64> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let header = reader.byte_headers().map_err(csv_unreadable(path))?;
        let header: Vec<String> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_lowercase())
            .collect();
        refuse_unknown_columns(&header, path)?;
        let mut columns = COLUMNS.to_vec();
        if self.explain {
            columns.extend(["reasons", "near"]);
        }
        columns.push("error");
        context.out.csv(&columns, Vec::new())?;
        let mut record = csv::ByteRecord::new();
        let mut next = || {
            let is_there = reader
                .read_byte_record(&mut record)
                .map_err(csv_unreadable(path))?;
            let line = record.position().map_or(0, csv::Position::line);
            Ok(is_there.then(|| (line, of_csv(&header, &record))))
        };
        let is_terminal = context.out.is_terminal();
        let write = |answer: &Answer| output::csv(&[self.cells(answer)], is_terminal);
        self.each(context, &mut next, &write)
    }

    /// Answers line after line, many at once; returns how many could not be read.
    fn each(
        &self,
        context: &mut Context,
        next: &mut dyn FnMut() -> Result<Option<(u64, Asked)>>,
        write: &(dyn Fn(&Answer) -> Result<String> + Sync),
    ) -> Result<u64> {
        let pool = context.pool()?;
        let mut n_bad = 0;
        let mut chunk = Vec::with_capacity(CHUNK);
        loop {
            chunk.clear();
            while chunk.len() < CHUNK
                && let Some(line) = next()?
            {
                chunk.push(line);
            }
            if chunk.is_empty() {
                return Ok(n_bad);
            }
            let answer = |(line, asked): (u64, Asked)| {
                let answer = self.answer(line, asked)?;
                Ok((answer.verdict.is_err(), write(&answer)?))
            };
            let answers: Vec<Result<(bool, String)>> =
                pool.install(|| chunk.par_drain(..).map(answer).collect());
            for answer in answers {
                let (is_bad, text) = answer?;
                n_bad += u64::from(is_bad);
                context.out.raw(&text)?;
            }
        }
    }

    fn cells(&self, answer: &Answer) -> Vec<String> {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let mut out = vec![
            answer.reference.as_ref().map(text).unwrap_or_default(),
            answer.id.clone().unwrap_or_default(),
        ];
        let codes = |codes: &[crate::model::Code]| {
            let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
            codes.join(" ")
        };
        match &answer.verdict {
            Ok(verdict) => {
                let notices: Vec<&str> = verdict.notices.iter().map(|n| n.code).collect();
                out.extend([
                    word(verdict).to_owned(),
                    codes(&verdict.codes),
                    codes(&verdict.also),
                    verdict.missing.join(" "),
                    notices.join(" "),
                ]);
                if self.explain {
                    let reasons: Vec<String> = verdict.reasons.iter().map(sentence).collect();
                    let costs: Vec<String> = verdict
                        .near
                        .iter()
                        .map(|near| super::labels::price(&near.offer))
                        .collect();
                    out.extend([reasons.join("; "), costs.join("; ")]);
                }
                out.push(String::new());
            }
            Err(error) => {
                let n_between = if self.explain { 7 } else { 5 };
                out.extend(std::iter::repeat_n(String::new(), n_between));
                out.push(format!("line {}: {error}", answer.line));
            }
        }
        out
    }

    fn answer(&self, line: u64, asked: Asked) -> Result<Answer> {
        let verdict = match &asked.bad {
            Some(bad) => Err(bad.clone()),
            None => match self.request(&asked)? {
                Ok((request, account)) => Ok(self.check(&request, &account)?),
                Err(bad) => Err(bad),
            },
        };
        Ok(Answer {
            reference: asked.reference,
            id: asked.id,
            line,
            verdict,
        })
    }

    fn check(&self, request: &SaleRequest, account: &Account) -> Result<Verdict> {
        if self.explain {
            return Ok(self.catalogue.check(request, account)?);
        }
        Ok(self.catalogue.judge_with_notices(request, account)?)
    }

    fn request(&self, asked: &Asked) -> Result<std::result::Result<(SaleRequest, Account), Bad>> {
        let id = asked.id.as_deref().unwrap_or_default();
        let mut request = self.defaults.request(id, &self.account)?;
        let mut account = self.account.clone();
        for (name, value) in &asked.values {
            let bad = |expected: &str| Ok(Err(format!("{name} `{value}`: expected {expected}")));
            match name.as_str() {
                "kind" => match Kind::from_word(value) {
                    Some(kind) => request.kind = kind,
                    None => return bad("simulation, sale or preorder"),
                },
                "at" => match Moment::parse(value, &account.zone) {
                    Some(at) => request.at = at,
                    None => return bad("a date, or a moment by RFC 3339"),
                },
                "max_age" => match filters::duration(value) {
                    Ok(seconds) => account.max_age_s = Some(seconds),
                    Err(_) => return bad(filters::DURATIONS),
                },
                "dialect" => match Dialect::from_word(value) {
                    Some(dialect) => account.dialect = dialect,
                    None => return bad("en or es"),
                },
                name => {
                    let parameter = request.parameter_mut(name);
                    let parameter = parameter.expect("names are looked up when a line is read");
                    *parameter = Some(value.clone());
                }
            }
        }
        Ok(Ok((request, account)))
    }
}

fn word(verdict: &Verdict) -> &'static str {
    use crate::model::Judgement;
    match verdict.verdict {
        Judgement::Valid => "valid",
        Judgement::Refused => "refused",
        Judgement::Unknown => "unknown",
    }
}

fn of_json(line: &[u8]) -> Asked {
    let object: Map<String, Value> = match serde_json::from_slice(line) {
        Ok(object) => object,
        Err(error) => return Asked::bad(format!("not a JSON object: {error}")),
    };
    let mut asked = Asked::default();
    for (name, value) in object {
        let name = name.replace('-', "_");
        match value {
            value if name == "ref" => asked.reference = Some(value),
            Value::Null => {}
            Value::String(text) => asked.set(&name, text),
            Value::Number(number) => asked.set(&name, number.to_string()),
            value => asked.refuse(format!("{name} is neither a text nor a number: {value}")),
        }
    }
    asked
}

fn of_csv(header: &[String], record: &csv::ByteRecord) -> Asked {
    let mut asked = Asked::default();
    if record.len() != header.len() {
        let (n, expected) = (record.len(), header.len());
        asked.refuse(format!("{n} fields where the header has {expected}"));
    }
    for (name, value) in header.iter().zip(record) {
        let Ok(value) = std::str::from_utf8(value) else {
            asked.refuse(format!("{name} is not UTF-8"));
            continue;
        };
        match name.replace('-', "_").as_str() {
            // An empty cell is how a table says that there is none.
            _ if value.is_empty() => {}
            "ref" => asked.reference = Some(value.into()),
            name => asked.set(name, value.to_owned()),
        }
    }
    asked
}

impl Asked {
    fn bad(why: Bad) -> Self {
        Self {
            bad: Some(why),
            ..Self::default()
        }
    }

    /// The first reason is the one that is told.
    fn refuse(&mut self, why: Bad) {
        self.bad.get_or_insert(why);
    }

    fn set(&mut self, name: &str, value: String) {
        match name {
            "id" => self.id = Some(value),
            name if is_known(name) => self.values.push((name.to_owned(), value)),
            name => self.refuse(unknown(name)),
        }
    }
}

fn is_known(name: &str) -> bool {
    NAMES.contains(&name) || OTHERS.contains(&name)
}

fn unknown(name: &str) -> String {
    let known: Vec<String> = OTHERS
        .iter()
        .chain(&NAMES)
        .map(|n| (*n).to_owned())
        .collect();
    match nearest(name, &known) {
        Some(near) => format!("there is no `{name}`; did you mean `{near}`?"),
        None => format!("there is no `{name}`; known are {}", known.join(", ")),
    }
}

fn refuse_unknown_columns(header: &[String], path: &Path) -> Result<()> {
    match header
        .iter()
        .find(|name| !is_known(&name.replace('-', "_")))
    {
        None => Ok(()),
        Some(name) => Err(Trouble::usage(
            format!("{}: column `{name}` is not known", path.display()),
            unknown(name),
        )),
    }
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = input.fill_buf()?;
        let (n, is_end) = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (bytes.len(), bytes.is_empty()),
        };
        input.consume(n);
        if is_end {
            return Ok(());
        }
    }
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> Trouble {
    move |cause| Trouble::file(format!("{} could not be read", path.display()), cause)
}

fn csv_unreadable(path: &Path) -> impl Fn(csv::Error) -> Trouble {
    move |error| {
        let what = format!("{} could not be read", path.display());
        Trouble::file(what, io::Error::other(error))
    }
}

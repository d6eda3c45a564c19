//! What a stand-in is at its beginning: organisations, dialect, time, and how it decides what the platform's documents
//! leave open or tell in two ways.

use serde_json::{Value, json};

use super::clock::Millis;
use super::faults::{self, Fault};
use super::fields::{Fields, Read, Wrong, items};
use super::moments;
use super::organisation::Organisation;
use super::words::ErrorBody;
use crate::model::{Code, Dialect};

/// All that a seed sets.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    pub(super) organisations: Vec<Organisation>,
    pub(super) now: Option<Millis>,
    pub(super) strict: bool,
    pub(super) switches: Switches,
    pub(super) faults: Vec<Fault>,
}

/// What differs from document to document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Switches {
    pub(super) dialect: Dialect,
    pub(super) error_body: ErrorBody,
    pub(super) lists_body: ListsBody,
    pub(super) reset_at_default: ResetAtDefault,
    lists_status: Option<u16>,
    duplicate_status: Option<u16>,
    preorder_status: Option<u16>,
    /// One code for every fault of a price.
    pub(super) price_code: Option<Code>,
    fulfilled_code: Option<String>,
    status_body: Option<Dialect>,
}

/// How the addresses of lists are written: a vector, no document says of what shape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ListsBody {
    #[default]
    Json,
    Lines,
    Xml,
}

/// What lists are of that are asked for without a `reset_at`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ResetAtDefault {
    /// What changed since the last synchronisation (S4 1, OLD).
    #[default]
    Last,
    /// What changed since the first one (S4 1.1).
    First,
}

impl Default for Seed {
    fn default() -> Self {
        Self {
            organisations: vec![Organisation::standard()],
            now: None,
            strict: false,
            switches: Switches::default(),
            faults: Vec::new(),
        }
    }
}

impl Seed {
    pub(super) fn read(value: &Value) -> Read<Self> {
        let mut fields = Fields::of(value, "")?;
        let mut seed = Self::default();
        if let Some(value) = fields.value("organisations") {
            seed.organisations = organisations(value)?;
        }
        let expected = "a moment such as 2026-12-01T00:00:00Z";
        seed.now = fields.read("now", expected, |value| moments::parse(value.as_str()?))?;
        let dialect = fields.word("dialect", &["en", "es"])?;
        seed.strict = fields.truth("strict")?.unwrap_or(false);
        if let Some(value) = fields.value("switches") {
            seed.switches = Switches::read(value)?;
        }
        seed.switches.dialect = dialect.and_then(Dialect::from_word).unwrap_or_default();
        if let Some(value) = fields.value("faults") {
            seed.faults = faults::read(value, "faults")?;
        }
        fields.end()?;
        Ok(seed)
    }
}

fn organisations(value: &Value) -> Read<Vec<Organisation>> {
    let path = "organisations";
    let mut out: Vec<Organisation> = Vec::new();
    for (n, value) in items(value, path)?.iter().enumerate() {
        let path = format!("{path}[{n}]");
        let organisation = Organisation::read(value, &path)?;
        if out.iter().any(|known| known.id == organisation.id) {
            return Err(Wrong::new(format!("{path}.id"), "an id of its own"));
        }
        out.push(organisation);
    }
    Ok(out)
}

impl Switches {
    fn read(value: &Value) -> Read<Self> {
        let mut fields = Fields::of(value, "switches")?;
        let error_body = fields.word("error_body", &["json", "text"])?;
        let lists_body = fields.word("lists_body", &["json", "lines", "xml"])?;
        let status_body = fields.word("status_body", &["en", "es"])?;
        let reset_at_default = fields.word("reset_at_default", &["last", "first"])?;
        let switches = Self {
            dialect: Dialect::default(),
            error_body: match error_body {
                Some("text") => ErrorBody::Text,
                _ => ErrorBody::Json,
            },
            lists_body: match lists_body {
                Some("lines") => ListsBody::Lines,
                Some("xml") => ListsBody::Xml,
                _ => ListsBody::Json,
            },
            reset_at_default: match reset_at_default {
                Some("first") => ResetAtDefault::First,
                _ => ResetAtDefault::Last,
            },
            lists_status: fields.one_of("lists_status", &[200, 201])?,
            duplicate_status: fields.one_of("duplicate_status", &[400, 401])?,
            preorder_status: fields.one_of("preorder_status", &[200, 201])?,
            price_code: fields.read("price_code", "a code of the platform", |value| {
                Code::from_word(value.as_str()?)
            })?,
            fulfilled_code: fields.text("fulfilled_code")?,
            status_body: status_body.and_then(Dialect::from_word),
        };
        fields.end()?;
        Ok(switches)
    }

    /// What they were read from, without the dialect.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "error_body": match self.error_body {
                ErrorBody::Json => "json",
                ErrorBody::Text => "text",
            },
            "lists_body": match self.lists_body {
                ListsBody::Json => "json",
                ListsBody::Lines => "lines",
                ListsBody::Xml => "xml",
            },
            "reset_at_default": match self.reset_at_default {
                ResetAtDefault::Last => "last",
                ResetAtDefault::First => "first",
            },
            "lists_status": self.lists_status,
            "duplicate_status": self.duplicate_status,
            "preorder_status": self.preorder_status,
            "price_code": self.price_code.map(Code::as_str),
            "fulfilled_code": self.fulfilled_code,
            "status_body": self.status_body.map(Dialect::as_str),
        })
    }

    /// What is in force, whether it was switched or is the dialect's.
    pub(super) fn in_force(&self) -> Value {
        let mut out = self.to_json();
        out["lists_status"] = json!(self.lists_status());
        out["duplicate_status"] = json!(self.duplicate_status());
        out["preorder_status"] = json!(self.preorder_status());
        out["fulfilled_code"] = json!(self.fulfilled_code());
        out["status_body"] = json!(self.status_body.unwrap_or(self.dialect).as_str());
        out
    }

    /// The status of lists that were made: S4 has 201, OLD 200.
    pub(super) fn lists_status(&self) -> u16 {
        self.lists_status.unwrap_or(match self.dialect {
            Dialect::En => 200,
            Dialect::Es => 201,
        })
    }

    /// The status of a sale that is there already: S2 has 400, S4 401.
    pub(super) fn duplicate_status(&self) -> u16 {
        self.duplicate_status.unwrap_or(match self.dialect {
            Dialect::En => 400,
            Dialect::Es => 401,
        })
    }

    /// The status of a preorder: every document has 200, although a sale's is 201.
    pub(super) fn preorder_status(&self) -> u16 {
        self.preorder_status.unwrap_or(200)
    }

    /// The code of a cancellation after the download; S4 alone prints the second beside the first.
    pub(super) fn fulfilled_code(&self) -> &str {
        let default = match self.dialect {
            Dialect::En => "refund_unauthorized",
            Dialect::Es => "already_fulfilled",
        };
        self.fulfilled_code.as_deref().unwrap_or(default)
    }

    /// Whether the status is written as the sample of S4 is, which closes an element by opening it again.
    pub(super) fn is_status_malformed(&self) -> bool {
        self.status_body.unwrap_or(self.dialect) == Dialect::Es
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_that_may_be_seeded_is_kept() {
        let seed = json!({
            "organisations": [{"id": "A", "username": "u", "password": "p", "token": "t",
                "country": "FR", "publishers": ["X"], "refund": true, "lcp": true, "eden": true}],
            "now": "2026-12-01T00:00:00Z", "dialect": "es", "strict": true,
            "switches": {"duplicate_status": 401, "lists_status": 200, "preorder_status": 201,
                "price_code": null, "fulfilled_code": "already_fulfilled",
                "status_body": "en", "reset_at_default": "first", "error_body": "text", "lists_body": "xml"},
            "faults": [{"service": "full", "do": {"delay_ms": 1}}],
        });
        let seed = Seed::read(&seed).unwrap();
        let organisation = &seed.organisations[0];
        assert!(organisation.refund && organisation.lcp && organisation.eden);
        assert_eq!(organisation.country.as_deref(), Some("FR"));
        let switches = &seed.switches;
        assert_eq!(switches.lists_status(), 200);
        assert_eq!(switches.duplicate_status(), 401);
        assert_eq!(switches.preorder_status(), 201);
        assert_eq!(switches.price_code, None);
        assert_eq!(switches.fulfilled_code(), "already_fulfilled");
        assert!(!switches.is_status_malformed());
        assert!(seed.strict && seed.now.is_some() && seed.faults.len() == 1);
    }

    #[test]
    fn what_is_unknown_or_wrong_is_named() {
        let wrong = |seed: Value| Seed::read(&seed).unwrap_err().field;
        assert_eq!(wrong(json!({"organizations": []})), "organizations");
        assert_eq!(wrong(json!({"now": "soon"})), "now");
        assert_eq!(
            wrong(json!({"switches": {"lists_status": 204}})),
            "switches.lists_status"
        );
        assert_eq!(
            wrong(json!({"switches": {"price_code": "dear"}})),
            "switches.price_code"
        );
        let twice = json!({"id": "A", "username": "u"});
        let twice = json!({"organisations": [twice, twice]});
        assert_eq!(wrong(twice), "organisations[1].id");
    }
}

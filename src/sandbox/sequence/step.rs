//! A step: a request of a shop's, or an order to the stand-in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::expect::Expect;
use crate::sandbox::fields::{Fields, Read, Wrong};
use crate::sandbox::organisation::Organisation;
use crate::sandbox::request::{Request, encoded};

/// A line that makes sense.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) what: What,
    pub(super) expect: Expect,
    pub(super) source: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Request(Asked),
    Admin(Admin),
}

/// A request of a shop's.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    form: Option<Vec<(String, String)>>,
    json: Option<Value>,
    headers: Vec<(String, String)>,
    auth: Auth,
}

/// For whom a request speaks.
#[derive(Debug, Clone)]
enum Auth {
    /// The first organisation that was seeded.
    First,
    Organisation(String),
    Nobody,
}

/// An order to the stand-in.
#[derive(Debug, Clone)]
pub(super) struct Admin {
    path: String,
    body: Vec<u8>,
    pub(super) file: Option<String>,
}

impl Step {
    pub(super) fn read(value: &Value) -> Read<Self> {
        let mut fields = Fields::of(value, "")?;
        let request = fields.value("request").map(Asked::read).transpose()?;
        let admin = fields.value("admin").map(Admin::read).transpose()?;
        let what = match (request, admin) {
            (Some(request), None) => What::Request(request),
            (None, Some(admin)) => What::Admin(admin),
            _ => return Err(Wrong::new("", "an object with either request or admin")),
        };
        let expect = match fields.value("expect") {
            Some(expect) => Expect::read(expect)?,
            None => Expect::success(),
        };
        let source = fields.text("source")?;
        fields.end()?;
        Ok(Self {
            what,
            expect,
            source,
        })
    }
}

impl Asked {
    fn read(value: &Value) -> Read<Self> {
        let mut fields = Fields::of(value, "request")?;
        let path = fields.text("path")?;
        let asked = Self {
            method: fields.text("method")?.unwrap_or_else(|| "GET".to_owned()),
            path: path.ok_or_else(|| fields.wrong("path", "a text"))?,
            query: pairs(&mut fields, "query")?.unwrap_or_default(),
            form: pairs(&mut fields, "form")?,
            json: fields.value("json").cloned(),
            headers: pairs(&mut fields, "headers")?.unwrap_or_default(),
            auth: Auth::read(value, &mut fields)?,
        };
        fields.end()?;
        Ok(asked)
    }

    pub(super) fn to_request(&self, organisations: &[Organisation]) -> Request {
        let (path, query) = split(&self.path);
        let given = joined(&self.query);
        let queries = [query, given.as_str()].into_iter();
        let queries: Vec<&str> = queries.filter(|query| !query.is_empty()).collect();
        let mut request = Request {
            method: self.method.clone(),
            path: path.to_owned(),
            query: queries.join("&"),
            headers: self.headers.clone(),
            body: Vec::new(),
        };
        if let Some(authorization) = self.auth.authorization(organisations) {
            let name = "Authorization".to_owned();
            request.headers.push((name, authorization));
        }
        if let Some(form) = &self.form {
            add_body(
                &mut request,
                "application/x-www-form-urlencoded",
                joined(form),
            );
        } else if let Some(json) = &self.json {
            add_body(&mut request, "application/json", json.to_string());
        }
        request
    }
}

impl Auth {
    /// `null` means nobody, which is something else than leaving it out.
    fn read(request: &Value, fields: &mut Fields<'_>) -> Read<Self> {
        match fields.text("auth")? {
            Some(id) => Ok(Auth::Organisation(id)),
            None if request.get("auth").is_some() => Ok(Auth::Nobody),
            None => Ok(Auth::First),
        }
    }

    fn authorization(&self, organisations: &[Organisation]) -> Option<String> {
        let organisation = match self {
            Auth::Nobody => None,
            Auth::First => organisations.first(),
            Auth::Organisation(id) => organisations.iter().find(|one| one.id == *id),
        };
        organisation.map(Organisation::authorization)
    }
}

impl Admin {
    fn read(value: &Value) -> Read<Self> {
        let mut fields = Fields::of(value, "admin")?;
        let path = fields.text("path")?;
        let body = match fields.value("body") {
            None => Vec::new(),
            Some(Value::String(text)) => text.clone().into_bytes(),
            Some(value) => value.to_string().into_bytes(),
        };
        let admin = Self {
            path: path.ok_or_else(|| fields.wrong("path", "a text"))?,
            body,
            file: fields.text("file")?,
        };
        fields.end()?;
        Ok(admin)
    }

    /// The order, with the bytes of its file.
    pub(super) fn to_request(&self, file: Option<Vec<u8>>) -> Request {
        let (path, query) = split(&self.path);
        let told = [
            "/__admin",
            "/requests",
            "/sales",
            "/preorders",
            "/export",
            "/checklist",
        ];
        let method = match told.iter().any(|name| path.ends_with(name)) {
            true => "GET",
            false => "POST",
        };
        Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            body: file.unwrap_or_else(|| self.body.clone()),
        }
    }
}

fn add_body(request: &mut Request, media_type: &str, body: String) {
    let is_typed = request.header("content-type").is_some();
    if !is_typed {
        let name = "Content-Type".to_owned();
        request.headers.push((name, media_type.to_owned()));
    }
    request.body = body.into_bytes();
}

/// Path and query of an address, whether it is absolute or not.
fn split(address: &str) -> (&str, &str) {
    let schemes = ["http://", "https://"];
    let rest = schemes
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme));
    let local = match rest {
        Some(rest) => &rest[rest.find('/').unwrap_or(rest.len())..],
        None => address,
    };
    local.split_once('?').unwrap_or((local, ""))
}

fn joined(pairs: &[(String, String)]) -> String {
    let pairs = pairs.iter();
    let pairs: Vec<String> = pairs
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    pairs.join("&")
}

/// An object of texts and numbers.
fn pairs(fields: &mut Fields<'_>, name: &'static str) -> Read<Option<Vec<(String, String)>>> {
    fields.read(name, "an object of texts", |value| {
        let pairs = value.as_object()?.iter();
        let pair = |(name, value): (&String, &Value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            Some((name.clone(), text))
        };
        pairs.map(pair).collect()
    })
}

/// A line with what was saved in the place of each `${NAME}`; what is to be saved stays as it is.
pub(super) fn filled(value: &Value, saved: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => Value::String(filled_text(text, saved)),
        Value::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Value::Object(object) => {
            let fill = |(name, value): (&String, &Value)| match name.as_str() {
                "save" | "source" => (name.clone(), value.clone()),
                _ => (name.clone(), filled(value, saved)),
            };
            Value::Object(object.iter().map(fill).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn filled_text(text: &str, saved: &BTreeMap<String, String>) -> String {
    let names = saved.iter();
    names.fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("${{{name}}}"), value)
    })
}

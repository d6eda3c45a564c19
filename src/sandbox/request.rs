//! A request and its answer as values: what the stand-in understands of HTTP, without a socket.

use std::time::Duration;

use serde_json::Value;

use super::why::Why;

/// A request, as it came over the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// The path, still percent-encoded.
    pub path: String,
    /// What stands behind the question mark, still encoded.
    pub query: String,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer, and what goes wrong on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long to wait before it is sent.
    pub delay: Duration,
    /// After how many bytes of the body the connection breaks. With none at all nothing is sent, not even
    /// the status.
    pub cut_after: Option<u64>,
    /// What the log tells of it.
    pub(super) noted: Noted,
}

/// What an answer doesn't say, and the log of requests does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Noted {
    /// The product that a sale, a simulation or a preorder is of.
    pub(super) record_reference: Option<String>,
    pub(super) why: Why,
    /// What went wrong on order.
    pub(super) fault: Option<&'static str>,
}

impl Request {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let is_named = |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .find(is_named)
            .map(|(_, value)| value.as_str())
    }

    /// The segments of the path, decoded, with those that are empty.
    pub(super) fn segments(&self) -> Vec<String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        let segments = path.split('/');
        segments.map(|segment| decoded(segment, false)).collect()
    }

    /// A parameter, wherever it stands: in the query, in a form or in an object of JSON. An empty one counts as
    /// left out.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.parameters().into_iter();
        let mut named = pairs.filter(|(known, value)| known == name && !value.is_empty());
        named.next().map(|(_, value)| value)
    }

    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        let mut out = pairs(&self.query);
        out.extend(self.form());
        out.extend(self.json_parameters());
        out
    }

    /// The pairs of a form in the body.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        match self.is_of("application/x-www-form-urlencoded") {
            true => pairs(&String::from_utf8_lossy(&self.body)),
            false => Vec::new(),
        }
    }

    /// The body as JSON, where it is said to be that.
    pub(super) fn json(&self) -> Option<Value> {
        match self.is_of("application/json") {
            true => serde_json::from_slice(&self.body).ok(),
            false => None,
        }
    }

    fn json_parameters(&self) -> Vec<(String, String)> {
        let Some(Value::Object(object)) = self.json() else {
            return Vec::new();
        };
        let text = |value: Value| match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        object
            .into_iter()
            .map(|(name, value)| (name, text(value)))
            .collect()
    }

    fn is_of(&self, media_type: &str) -> bool {
        let given = self.header("content-type").unwrap_or_default();
        let given = given.split(';').next().unwrap_or_default();
        given.trim().eq_ignore_ascii_case(media_type)
    }
}

impl Answer {
    /// An answer with a body of this media type.
    pub(super) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), media_type.into())],
            body: body.into(),
            ..Self::default()
        }
    }

    /// An answer that is JSON.
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }

    /// The same, of this product.
    pub(super) fn about(mut self, reference: &str) -> Self {
        self.noted.record_reference = Some(reference.to_owned());
        self
    }

    /// The same with one more header.
    pub(super) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// The pairs of a query or a form, decoded.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decoded(name, true), decoded(value, true))
    };
    parts.map(pair).collect()
}

/// Text without its percent-encoding; in a query a plus sign is a blank.
pub(crate) fn decoded(text: &str, plus_is_blank: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text
            .get(at + 1..at + 3)
            .filter(|digits| bytes[at] == b'%' && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (hex, bytes[at]) {
            (Some(byte), _) => {
                out.push(byte);
                at += 2;
            }
            (None, b'+') if plus_is_blank => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Text with everything encoded that isn't a letter, a digit or one of `-._~`.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let text = "2026-12-01T00:00:00+00:00 é/%";
        assert_eq!(decoded(&encoded(text), true), text);
        assert_eq!(decoded("a+b%2Bc%zz%+1%", true), "a b+c%zz% 1%");
        assert_eq!(decoded("a+b", false), "a+b");
    }

    #[test]
    fn a_parameter_is_found_wherever_it_stands() {
        let of = |media_type: &str, query: &str, body: &str| {
            let request = Request {
                query: query.into(),
                headers: vec![("content-type".into(), media_type.into())],
                body: body.into(),
                ..Request::default()
            };
            request.parameter("format")
        };
        let found = Some("onix".to_owned());
        assert_eq!(of("", "format=onix", ""), found);
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(of(form, "format=", "a=b&format=onix"), found);
        assert_eq!(of("application/json", "", r#"{"format":"onix"}"#), found);
        assert_eq!(of("text/plain", "", "format=onix"), None);
    }
}

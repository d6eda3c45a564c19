//! What came back, and what can be made of it: the platform's pages print codes but no shapes, and old
//! clients have met several.

use super::origin::without_secrets;
use crate::error::{Error, ErrorKind};
use crate::model::{Code, Moment};

/// An answer, read to its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// `Link`, each as received.
    pub(super) links: Vec<String>,
    pub(super) date: Option<Moment>,
    /// `Retry-After` in seconds.
    pub(super) retry_after_s: Option<u64>,
    /// `Location`, of a redirect that isn't followed.
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
    /// Where it came from, without its query.
    pub(super) address: String,
    /// Whether it says how long it is: one that doesn't may be cut anywhere.
    pub(super) is_framed: bool,
    /// What must not be shown even if the answer has it.
    pub(super) secrets: Vec<String>,
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The address under which its `Link` has `rel=next`.
    pub(super) fn next(&self) -> Option<String> {
        self.links
            .iter()
            .flat_map(|link| split_links(link))
            .find_map(|link| next_of(&link))
    }

    /// The words that say what is wrong.
    pub(super) fn codes(&self) -> Vec<String> {
        codes(&String::from_utf8_lossy(&self.body))
    }

    /// It as an error: the words first, the status where there are none.
    pub(super) fn error(&self, service: &'static str) -> Error {
        Error::new(ErrorKind::Answer {
            service,
            address: self.address.clone(),
            status: self.status,
            codes: self.codes(),
            found: self.excerpt(),
        })
    }

    /// Enough of it to see what it is, on one line.
    fn excerpt(&self) -> String {
        let found = match &self.location {
            Some(to) => {
                return format!("a redirect to {}, which is never followed", self.plain(to));
            }
            None => String::from_utf8_lossy(&self.body),
        };
        self.plain(&found)
    }

    /// Some words of a text, of addresses only where they lead.
    fn plain(&self, text: &str) -> String {
        let words = text
            .split_whitespace()
            .take(40)
            .map(|word| match word.contains("://") {
                true => without_secrets(word),
                false => word.to_owned(),
            });
        let mut line = words.collect::<Vec<_>>().join(" ");
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            line = line.replace(secret, "***");
        }
        let line = line.chars().filter(|c| !c.is_control());
        line.take(200).collect()
    }
}

/// Codes of no sale, which the catalogue's services answer or the platform's pages print elsewhere.
const OTHER: [&str; 11] = [
    "access_denied",
    "service_unavailable",
    "too_many_results",
    "invalid_date",
    "invalid_cost_without_taxes",
    "missing_country",
    "missing_currency",
    "refund_unauthorized",
    "already_refunded",
    "already_fulfilled",
    "cost_mismatch",
];

/// The words of an answer: a JSON array, text or object, bare words, a list as Ruby prints it, XML. Of prose
/// and HTML those that are known; of all else every one, known or not.
pub(super) fn codes(body: &str) -> Vec<String> {
    let body = body.trim();
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(body) {
        let mut words = Vec::new();
        of_json(&value, &mut words);
        return unique(words);
    }
    let is_separator =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '[' | ']' | '"' | '\'');
    let words = body.split(is_separator).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.take(MOST + 1).collect();
    // A word alone may be a code that nobody knows; several without a bar are prose.
    let is_code =
        |word: &&str| is_word(word) && (words.len() == 1 || word.contains('_') || is_known(word));
    let are_codes = words.len() <= MOST && words.iter().all(is_code);
    unique(match are_codes {
        true => words.into_iter().map(str::to_owned).collect(),
        false => codes_of_text(body),
    })
}

/// Words that are taken at most.
const MOST: usize = 32;

fn of_json(value: &serde_json::Value, words: &mut Vec<String>) {
    match value {
        serde_json::Value::String(word) if is_word(word.trim()) => {
            words.push(word.trim().to_owned());
        }
        serde_json::Value::String(text) => words.extend(codes_of_text(text)),
        serde_json::Value::Array(values) => {
            values
                .iter()
                .take(MOST)
                .for_each(|value| of_json(value, words));
        }
        serde_json::Value::Object(object) => {
            for key in ["errors", "error", "codes", "code"] {
                if let Some(value) = object.get(key) {
                    of_json(value, words);
                }
            }
        }
        _ => {}
    }
}

fn codes_of_text(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '_'));
    let known = words.filter(|word| is_known(word));
    known.take(MOST).map(str::to_owned).collect()
}

fn unique(words: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in words {
        if !out.contains(&word) {
            out.push(word);
        }
    }
    out
}

/// `[a-z]+(_[a-z]+)*`
fn is_word(word: &str) -> bool {
    word.len() <= 64
        && word
            .split('_')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
}

pub(super) fn is_known(word: &str) -> bool {
    Code::from_word(word).is_some() || OTHER.contains(&word)
}

/// The addresses of a vector in whatever shape it comes: a JSON array (of texts, or of objects that hold one),
/// an object around it, lines, or XML. `None` where it is none of these.
pub(super) fn addresses(body: &[u8]) -> Option<Vec<String>> {
    let body = String::from_utf8_lossy(body);
    let body = body.trim_start_matches('\u{feff}').trim();
    if body.is_empty() {
        return Some(Vec::new());
    }
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(body) {
        let mut out = Vec::new();
        return addresses_of(&value, &mut out).then_some(out);
    }
    if body.starts_with('<') {
        return addresses_of_xml(body);
    }
    // What begins as a vector and doesn't end so was cut.
    let is_cut = match body.as_bytes()[0] {
        b'[' => !body.ends_with(']'),
        b'"' => !body.ends_with('"'),
        b'{' => true,
        _ => false,
    };
    if is_cut {
        return None;
    }
    let is_separator = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '"' | '\'');
    let words = body.split(is_separator).filter(|word| !word.is_empty());
    words
        .map(|word| is_address(word).then(|| word.to_owned()))
        .collect()
}

/// `false` where something stands among them that is none.
fn addresses_of(value: &serde_json::Value, out: &mut Vec<String>) -> bool {
    match value {
        serde_json::Value::Null => true,
        serde_json::Value::String(text) if text.trim().is_empty() => true,
        serde_json::Value::String(text) => {
            out.push(text.trim().to_owned());
            true
        }
        serde_json::Value::Array(values) => values.iter().all(|value| addresses_of(value, out)),
        serde_json::Value::Object(object) => {
            let inner = ["urls", "url", "lists", "list", "href"];
            let mut inner = inner.iter().filter_map(|key| object.get(*key)).peekable();
            inner.peek().is_some() && inner.all(|value| addresses_of(value, out))
        }
        _ => false,
    }
}

fn addresses_of_xml(body: &str) -> Option<Vec<String>> {
    let mut reader = quick_xml::Reader::from_str(body);
    let mut out = Vec::new();
    let mut text = String::new();
    let mut depth = 0_u32;
    loop {
        match reader.read_event().ok()? {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::Text(part) => text.push_str(&part),
            quick_xml::events::Event::CData(part) => text.push_str(&part),
            quick_xml::events::Event::GeneralRef(reference) => match &*reference {
                "amp" => text.push('&'),
                _ => return None,
            },
            quick_xml::events::Event::End(_) => {
                depth = depth.checked_sub(1)?;
                match std::mem::take(&mut text).trim() {
                    "" => {}
                    address if is_address(address) => out.push(address.to_owned()),
                    _ => return None,
                }
            }
            quick_xml::events::Event::Eof if depth == 0 => return Some(out),
            quick_xml::events::Event::Eof => return None,
            _ => {}
        }
    }
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.starts_with('/')
}

/// `<a>; rel=next, <b>; rel=last` one by one.
fn split_links(link: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = link;
    while let Some(start) = rest.find('<') {
        let behind = &rest[start..];
        let Some(end) = behind.find('>') else { break };
        let next = behind[end..].find(",").map(|at| {
            // A comma within quotes is rare, and then followed by no address.
            match behind[end + at..]
                .trim_start_matches([',', ' ', '\t'])
                .starts_with('<')
            {
                true => end + at,
                false => behind.len(),
            }
        });
        let until = next.unwrap_or(behind.len());
        out.push(behind[..until].to_owned());
        rest = &behind[until..];
    }
    out
}

fn next_of(link: &str) -> Option<String> {
    let (address, parameters) = link.strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.split(';').any(|parameter| {
        let Some((name, value)) = parameter.split_once('=') else {
            return false;
        };
        let mut relations = value.trim().trim_matches('"').split_whitespace();
        name.trim().eq_ignore_ascii_case("rel")
            && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
    });
    is_next.then(|| address.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_every_shape() {
        for (body, expected) in [
            (r#"["invalid_cost"]"#, "invalid_cost"),
            (
                r#"["invalid_cost", "invalid_country"]"#,
                "invalid_cost invalid_country",
            ),
            (r#""duplicate""#, "duplicate"),
            (r#"{"errors":["cannot_sell"]}"#, "cannot_sell"),
            (r#"{"error":{"code":"cannot_sell"}}"#, "cannot_sell"),
            ("access_denied", "access_denied"),
            (
                "missing_cost\nmissing_format",
                "missing_cost missing_format",
            ),
            (
                "missing_cost, missing_format",
                "missing_cost missing_format",
            ),
            ("missing_cost;missing_format", "missing_cost missing_format"),
            ("[\"a_new_one\", \"duplicate\"]", "a_new_one duplicate"),
            ("['a_new_one', 'duplicate']", "a_new_one duplicate"),
            ("a_new_one", "a_new_one"),
            ("<errors><error>duplicate</error></errors>", "duplicate"),
            (
                "<html><body>not_found: no such page</body></html>",
                "not_found",
            ),
            ("<html><body>The page does not exist</body></html>", ""),
            ("The organisation is UNKNOWN to us", ""),
            ("we are closed", ""),
            ("", ""),
        ] {
            assert_eq!(codes(body).join(" "), expected, "{body}");
        }
    }

    #[test]
    fn addresses_in_every_shape() {
        let two = "https://a.example/l/1.onix https://a.example/l/2.onix?x=1&y=2";
        for (body, expected) in [
            ("[]", Some("")),
            ("", Some("")),
            ("null", Some("")),
            ("<urls/>", Some("")),
            (
                r#"["https://a.example/l/1.onix","https://a.example/l/2.onix?x=1&y=2"]"#,
                Some(two),
            ),
            (
                r#"{"urls":["https://a.example/l/1.onix","https://a.example/l/2.onix?x=1&y=2"]}"#,
                Some(two),
            ),
            (
                r#"[{"url":"https://a.example/l/1.onix"},{"url":"https://a.example/l/2.onix?x=1&y=2"}]"#,
                Some(two),
            ),
            (
                "https://a.example/l/1.onix\r\nhttps://a.example/l/2.onix?x=1&y=2\n",
                Some(two),
            ),
            (
                "['https://a.example/l/1.onix', 'https://a.example/l/2.onix?x=1&y=2']",
                Some(two),
            ),
            (
                "<?xml version=\"1.0\"?><urls><url>https://a.example/l/1.onix</url>\n<url>https://a.example/l/2.onix?x=1&amp;y=2</url></urls>",
                Some(two),
            ),
            ("<html><body>welcome</body></html>", None),
            ("<urls><url>https://a.example/l/1.onix</url>", None),
            ("we are closed", None),
            (
                r#"["https://a.example/l/1.onix","https://a.example/l/2.on"#,
                None,
            ),
            (r#"["https://a.example/l/1.onix","#, None),
            (r#"{"urls":["https://a.example/l/1.onix"]"#, None),
            ("{\"status\":\"ok\"}", None),
            ("[17]", None),
        ] {
            let found = addresses(body.as_bytes()).map(|found| found.join(" "));
            assert_eq!(found.as_deref(), expected, "{body}");
        }
    }

    proptest::proptest! {
        /// Whatever comes: words are words, few, and each once.
        #[test]
        fn nothing_that_comes_is_too_much(body in "(?s).{0,300}", link in ".{0,80}", from in 0_usize..6) {
            let body = ["", "[\"", "<a>", "{\"errors\":", "<html>", "['"][from].to_owned() + &body;
            let codes = codes(&body);
            proptest::prop_assert!(codes.len() <= 64 && codes.iter().all(|code| is_word(code)), "{:?}", codes);
            let _ = addresses(body.as_bytes());
            let reply = Reply { links: vec![link, format!("<{body}>; rel=next")], ..Reply::default() };
            let _ = reply.next();
            let error = reply.error("test").to_string();
            proptest::prop_assert!(error.len() < 2_000);
            let _ = without_secrets(&body);
        }
    }

    #[test]
    fn the_next_page_among_links() {
        for (links, expected) in [
            (
                vec!["<https://a.example/full?start=2>; rel=next"],
                Some("https://a.example/full?start=2"),
            ),
            (
                vec!["<https://a.example/full?start=2>; rel=\"next\""],
                Some("https://a.example/full?start=2"),
            ),
            (
                vec![
                    "<https://a.example/1>; rel=\"first\", <https://a.example/2?x=a,b>; title=\"x\"; REL=\"last Next\"",
                ],
                Some("https://a.example/2?x=a,b"),
            ),
            (
                vec![
                    "<https://a.example/1>; rel=prev",
                    "<https://a.example/3>;rel=next",
                ],
                Some("https://a.example/3"),
            ),
            (vec!["<https://a.example/1>; rel=prev"], None),
            (vec!["garbage"], None),
            (vec![], None),
        ] {
            let reply = Reply {
                links: links.iter().map(|link| (*link).to_owned()).collect(),
                ..Reply::default()
            };
            assert_eq!(reply.next().as_deref(), expected, "{links:?}");
        }
    }
}

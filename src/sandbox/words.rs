//! The platform's refusals: a status and its words, in either of the shapes that clients have met.

use super::request::Answer;
use super::why::Why;

/// How the words of a refusal are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ErrorBody {
    /// An array of texts (PHP, as of 2015-02).
    #[default]
    Json,
    /// The bare words, one a line (CLOUD; PHP, as of 2015-10).
    Text,
}

/// A refusal: the status and the words, and what the log tells of it besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) codes: Vec<String>,
    pub(super) why: Why,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &str) -> Self {
        Self {
            status,
            codes: vec![code.to_owned()],
            why: Why::default(),
        }
    }

    /// The same, refused because of this.
    pub(super) fn because(mut self, clause: impl Into<String>) -> Self {
        self.why.because(clause);
        self
    }

    /// The same, which would have been taken with this.
    pub(super) fn taken_with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.why.with(name, value);
        self
    }

    pub(super) fn access_denied() -> Self {
        Self::new(401, "access_denied")
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "not_found")
    }

    /// Of an address whose end is none of these formats.
    pub(super) fn unknown_suffix(known: &[&str]) -> Self {
        let known: Vec<String> = known.iter().map(|one| format!(".{one}")).collect();
        Self::not_found().because(format!("the path has to end with {}", known.join(" or ")))
    }

    pub(super) fn invalid_format() -> Self {
        Self::new(415, "invalid_format")
    }

    pub(super) fn invalid_date() -> Self {
        Self::new(415, "invalid_date")
    }

    pub(super) fn too_many_requests() -> Self {
        Self::new(429, "too_many_requests")
    }

    /// By its code alone, with the status that the code usually comes with.
    pub(super) fn of_code(code: &str) -> Self {
        let status = match code {
            "access_denied" => 401,
            "not_found" => 404,
            "invalid_format" | "invalid_date" => 415,
            "too_many_requests" => 429,
            "service_unavailable" => 503,
            _ => 400,
        };
        Self::new(status, code)
    }

    /// Several words of one refusal.
    pub(super) fn of_codes(status: u16, codes: &[&str]) -> Self {
        Self {
            status,
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            why: Why::default(),
        }
    }

    pub(super) fn to_answer(&self, body: ErrorBody) -> Answer {
        let mut answer = match body {
            ErrorBody::Json => Answer::json(self.status, &self.codes.clone().into()),
            ErrorBody::Text => Answer::new(self.status, "text/plain", self.codes.join("\n")),
        };
        answer.noted.why = self.why.clone();
        answer
    }
}

/// The words of an answer that is a refusal, however they are written.
pub(super) fn codes_of(answer: &Answer) -> Vec<String> {
    codes(answer.status, &answer.body)
}

/// The same of a status and a body.
pub(super) fn codes(status: u16, body: &[u8]) -> Vec<String> {
    if status < 400 {
        return Vec::new();
    }
    if let Ok(codes) = serde_json::from_slice(body) {
        return codes;
    }
    let text = String::from_utf8_lossy(body);
    let is_word = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    let words = text.split_whitespace().filter(is_word);
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_both_shapes() {
        let refusal = Refusal::not_found();
        let json = refusal.to_answer(ErrorBody::Json);
        assert_eq!(json.body, br#"["not_found"]"#);
        let text = refusal.to_answer(ErrorBody::Text);
        assert_eq!(text.body, b"not_found");
        assert_eq!(codes_of(&json), ["not_found"]);
        assert_eq!(codes_of(&text), ["not_found"]);
        assert!(codes(200, b"valid").is_empty());
        assert!(codes(500, b"<html>Oh</html>").is_empty());
    }
}

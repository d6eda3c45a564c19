//! The services that sell: what is sent, and what an answer lets a shop conclude.
//!
//! Posting takes an [`Intent`], which only a ledger hands out once the decision is on its disk, and spends it. What comes back
//! says what is known, and nothing more: no answer, half of one, a redirect or a server in trouble leave it unknown whether
//! the platform has recorded the sale, and so does `duplicate`, which may be our own sale of an attempt before.

use reqwest::{Method, Url};
use serde::Serialize;

use super::origin::{Origin, segment};
use super::reply::{Reply, is_known};
use super::services::{Call, Service};
use super::status::{self, Status};
use crate::error::{Error, ErrorKind, Result};
use crate::ledger::{Intent, Outcome, Spent, Terms};

/// What a simulation says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Simulation {
    /// The platform would take the sale.
    Valid,
    /// It wouldn't, by these words.
    Refused(Vec<String>),
}

/// A decision that was posted, and what is known of it; to be written down by
/// [`Ledger::settle`](crate::ledger::Ledger::settle).
#[derive(Debug)]
#[must_use = "what came of a decision has to be written down"]
pub struct Posted {
    /// Which decision; it can't be posted again.
    pub spent: Spent,
    /// What is known.
    pub outcome: Outcome,
}

/// What came of asking for a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancellation {
    /// It was taken back; the platform's receipt, as it came.
    Cancelled(String),
    /// It wasn't, by these words.
    Refused(Vec<String>),
}

/// `…/sales/new`
pub(super) struct Simulate<'a>(pub(super) &'a Terms);

impl Service for Simulate<'_> {
    type Value = Simulation;
    const NAME: &'static str = "sale simulation";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let mut url = origin.of_organisation(&format!("{}/sales/new", publication(self.0)?))?;
        // What a simulation has no use for isn't told it.
        let sent = |name: &str| {
            !matches!(
                name,
                "customer_id" | "transaction_id" | "uname" | "credit_card_prefix"
            )
        };
        add(&mut url, self.0, sent);
        Ok(Call::get(url))
    }

    fn read(&self, reply: Reply) -> Result<Simulation> {
        if reply.status == 200 {
            return Ok(Simulation::Valid);
        }
        let codes = reply.codes();
        let is_refusal = matches!(reply.status, 400 | 404) && !codes.is_empty();
        match is_refusal {
            true => Ok(Simulation::Refused(codes)),
            false => Err(reply.error(Self::NAME)),
        }
    }
}

/// `…/sales` or `…/preorders`: a decision on its way.
pub(super) struct Post<'a>(pub(super) &'a Terms);

impl Post<'_> {
    pub(super) fn call(&self, origin: &Origin) -> Result<Call> {
        let terms = self.0;
        let (service, name) = match terms.kind() {
            crate::ledger::Kind::Preorder => ("preorders", "for"),
            _ => ("sales", "format"),
        };
        let mut url = origin.of_organisation(&format!("{}/{service}", publication(terms)?))?;
        url.query_pairs_mut().append_pair(name, terms.format());
        let is_preorder = name == "for";
        for (parameter, value) in terms.parameters() {
            if !is_preorder || parameter == "customer_id" {
                url.query_pairs_mut().append_pair(parameter, value);
            }
        }
        Ok(Call {
            method: Method::POST,
            url,
        })
    }

    /// What an answer, or none, lets us conclude.
    pub(super) fn outcome(&self, answered: Result<Reply>) -> Outcome {
        let reply = match answered {
            Ok(reply) => reply,
            Err(error) => return of_no_answer(&error),
        };
        let is_recorded = match self.0.kind() {
            crate::ledger::Kind::Preorder => reply.is_success(),
            _ => reply.status == 201,
        };
        if is_recorded {
            return Outcome::Recorded;
        }
        refusal(&reply).map_or_else(|| Outcome::Unknown(what_came(&reply)), Outcome::Refused)
    }
}

/// Where no connection was made, nothing was sent; after that anything may have happened.
fn of_no_answer(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::Unanswered { what, .. } if is_unsent(what) => {
            Outcome::Refused(vec!["unreached".to_owned()])
        }
        ErrorKind::Unanswered { what, .. } => Outcome::Unknown((*what).to_owned()),
        // It couldn't even be made into a request.
        ErrorKind::Invalid { .. } | ErrorKind::Account { .. } => {
            Outcome::Refused(vec!["unsent".to_owned()])
        }
        _ => Outcome::Unknown(error.message()),
    }
}

fn is_unsent(what: &str) -> bool {
    matches!(what, "no connection" | "no connection in time")
}

/// The words of a refusal that leaves no doubt: the platform has looked at it and not recorded it.
fn refusal(reply: &Reply) -> Option<Vec<String>> {
    let codes = reply.codes();
    let is_repeated = codes
        .iter()
        .any(|code| code == "duplicate" || code == "created");
    // A word that nobody knows may be a gateway's.
    let codes = match codes.iter().any(|code| is_known(code)) {
        true => codes,
        false => Vec::new(),
    };
    match reply.status {
        400..=499 if is_repeated => None,
        400..=407 | 410..=424 | 426..=499 if !codes.is_empty() => Some(codes),
        401 | 403 => Some(vec!["access_denied".to_owned()]),
        404 => Some(vec!["not_found".to_owned()]),
        _ => None,
    }
}

fn what_came(reply: &Reply) -> String {
    let codes = reply.codes();
    match codes.is_empty() {
        true => format!("the platform answered {}", reply.status),
        false => format!("the platform answered {} {}", reply.status, codes.join(" ")),
    }
}

/// `…/sales/cancel`
pub(super) struct Cancel<'a> {
    pub(super) terms: &'a Terms,
    pub(super) amount: &'a str,
    pub(super) reason: Option<&'a str>,
}

impl Service for Cancel<'_> {
    type Value = Cancellation;
    const NAME: &'static str = "cancellation";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let mut url =
            origin.of_organisation(&format!("{}/sales/cancel", publication(self.terms)?))?;
        {
            let mut query = url.query_pairs_mut();
            for name in ["customer_id", "transaction_id"] {
                query.append_pair(name, self.terms.get(name).unwrap_or_default());
            }
            query.append_pair("amount", self.amount);
            if let Some(reason) = self.reason {
                query.append_pair("reason", reason);
            }
        }
        Ok(Call {
            method: Method::POST,
            url,
        })
    }

    fn read(&self, reply: Reply) -> Result<Cancellation> {
        if reply.is_success() {
            let receipt = String::from_utf8_lossy(&reply.body);
            let receipt = receipt.trim().trim_matches('"').chars().take(500).collect();
            return Ok(Cancellation::Cancelled(receipt));
        }
        match refusal(&reply) {
            Some(codes) => Ok(Cancellation::Refused(codes)),
            None => Err(reply.error(Self::NAME)),
        }
    }
}

/// `…/download_links/FORMAT`
pub(super) struct DownloadLink<'a>(pub(super) &'a Terms);

impl Service for DownloadLink<'_> {
    type Value = String;
    const NAME: &'static str = "download link";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let terms = self.0;
        let format = segment("format", terms.format())?;
        let mut url = of_customer(origin, terms, &format!("download_links/{format}"))?;
        if let Some(uname) = terms.get("uname") {
            url.query_pairs_mut().append_pair("uname", uname);
        }
        Ok(Call::get(url))
    }

    fn read(&self, reply: Reply) -> Result<String> {
        let link = match reply.status {
            200 => link(&String::from_utf8_lossy(&reply.body)),
            _ => None,
        };
        link.ok_or_else(|| {
            // What came may be a link all the same, or a name, and isn't shown.
            Error::new(ErrorKind::Answer {
                service: Self::NAME,
                address: reply.address.clone(),
                status: reply.status,
                codes: match reply.status {
                    400.. => reply.codes(),
                    _ => Vec::new(),
                },
                found: "something that isn't a link".to_owned(),
            })
        })
    }
}

/// A bare address, one in quotes, or the `url` of an object.
fn link(body: &str) -> Option<String> {
    let body = body.trim();
    let text = match serde_json::from_str::<serde_json::Value>(body) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Object(object)) => object.get("url")?.as_str()?.to_owned(),
        _ => body.to_owned(),
    };
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    let is_link = matches!(url.scheme(), "http" | "https") && !text.contains(char::is_whitespace);
    is_link.then(|| text.to_owned())
}

/// `…/formats/FORMAT/status`
pub(super) struct StatusOf<'a>(pub(super) &'a Terms);

impl Service for StatusOf<'_> {
    type Value = Status;
    const NAME: &'static str = "download status";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let format = segment("format", self.0.format())?;
        let url = of_customer(origin, self.0, &format!("formats/{format}/status"))?;
        Ok(Call::get(url))
    }

    fn read(&self, reply: Reply) -> Result<Status> {
        let is_success = reply.is_success();
        let found = is_success.then(|| status::read(&String::from_utf8_lossy(&reply.body)));
        found.flatten().ok_or_else(|| reply.error(Self::NAME))
    }
}

fn publication(terms: &Terms) -> Result<String> {
    Ok(format!(
        "publications/{}",
        segment("identifier", terms.isbn())?
    ))
}

fn of_customer(origin: &Origin, terms: &Terms, service: &str) -> Result<Url> {
    let get = |name| segment(name, terms.get(name).unwrap_or_default());
    origin.of_organisation(&format!(
        "customers/{}/transactions/{}/{}/{service}",
        get("customer_id")?,
        get("transaction_id")?,
        publication(terms)?
    ))
}

fn add(url: &mut Url, terms: &Terms, is_sent: impl Fn(&str) -> bool) {
    let mut query = url.query_pairs_mut();
    if !terms.format().is_empty() {
        query.append_pair("format", terms.format());
    }
    for (name, value) in terms.parameters().filter(|(name, _)| is_sent(name)) {
        query.append_pair(name, value);
    }
}

impl Posted {
    pub(super) fn of(intent: Intent, outcome: Outcome) -> Self {
        Self {
            spent: intent.spend(),
            outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            body: body.as_bytes().to_vec(),
            ..Reply::default()
        }
    }

    /// Only 201 is a sale; only words of a refusal are one.
    #[test]
    fn what_an_answer_lets_us_conclude() {
        let terms = Terms::sale("a", "ONYX", "9789999900010", "epub");
        for (status, body, expected) in [
            (201, "created", "recorded"),
            (201, "", "recorded"),
            (200, "created", "unknown"),
            (202, "", "unknown"),
            (302, "", "unknown"),
            (400, "[\"cannot_sell\"]", "cannot_sell"),
            (
                400,
                "[\"invalid_cost\",\"invalid_country\"]",
                "invalid_cost invalid_country",
            ),
            (400, "[\"duplicate\"]", "unknown"),
            (401, "duplicate", "unknown"),
            (401, "[\"access_denied\"]", "access_denied"),
            (401, "", "access_denied"),
            (400, "", "unknown"),
            (400, "<html>Bad request</html>", "unknown"),
            (404, "", "not_found"),
            (400, "timeout", "unknown"),
            (400, "{\"error\":\"timeout\"}", "unknown"),
            (400, "created", "unknown"),
            (
                403,
                "<html>connection could not be created</html>",
                "access_denied",
            ),
            (408, "[\"cannot_sell\"]", "unknown"),
            (409, "", "unknown"),
            (500, "[\"cannot_sell\"]", "unknown"),
            (503, "service_unavailable", "unknown"),
        ] {
            let found = match Post(&terms).outcome(Ok(reply(status, body))) {
                Outcome::Recorded => "recorded".to_owned(),
                Outcome::Refused(codes) => codes.join(" "),
                Outcome::Unknown(_) => "unknown".to_owned(),
            };
            assert_eq!(found, expected, "{status} {body}");
        }
        let preorder = Terms::preorder("a", "ONYX", "9789999900010", "epub");
        for status in [200, 201] {
            let outcome = Post(&preorder).outcome(Ok(reply(status, "created")));
            assert_eq!(outcome, Outcome::Recorded);
        }
    }

    #[test]
    fn links_in_every_shape() {
        for (body, expected) in [
            (
                "https://a.example/f/1?t=x\n",
                Some("https://a.example/f/1?t=x"),
            ),
            ("\"https://a.example/f/1\"", Some("https://a.example/f/1")),
            (
                "{\"url\":\"https://a.example/f/1\"}",
                Some("https://a.example/f/1"),
            ),
            ("javascript:alert(1)", None),
            ("file:///etc/passwd", None),
            ("", None),
            ("<html>no</html>", None),
            ("https://a.example/ and more", None),
        ] {
            assert_eq!(link(body).as_deref(), expected, "{body}");
        }
    }
}

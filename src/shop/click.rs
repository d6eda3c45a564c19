//! A customer's click on a download, and what only looks like one.
//!
//! A link of the platform is good for a minute and for one customer, so it is asked for when the customer clicks and handed on
//! at once. Programs follow links too: mail scanners, previews of messengers, browsers that fetch ahead. They get a page
//! with a button instead, and the minute isn't spent.

use super::selling::Shop;
use crate::error::Result;
use crate::ledger::State;
use crate::model::Moment;

/// A request for a file, as a web server has it.
#[derive(Debug, Clone, Copy)]
pub struct Click<'a> {
    /// The method.
    pub method: &'a str,
    /// The headers, by their names in any case.
    pub headers: &'a [(&'a str, &'a str)],
}

/// What a web server answers. Of each the headers need `Cache-Control: no-store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// 302 with this `Location`.
    Redirect(String),
    /// 200: a page with a button, for whoever may not be the customer. The button asks for the same address.
    Button,
    /// 404: there is no such sale, or nobody knows whether the platform has it.
    NotFound,
    /// 405 with `Allow: GET, HEAD`.
    NotAllowed,
}

/// What programs call themselves that follow links for others.
const FOLLOWERS: [&str; 22] = [
    "barracuda",
    "bingpreview",
    "bot",
    "crawler",
    "curl",
    "discord",
    "externalhit",
    "fireeye",
    "googleimageproxy",
    "mimecast",
    "msoffice",
    "preview",
    "proofpoint",
    "safelinks",
    "skypeuri",
    "slack",
    "spider",
    "symantec",
    "telegram",
    "trendmicro",
    "whatsapp",
    "wget",
];

impl Click<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether a person has clicked, as far as can be told.
    fn is_meant(&self) -> bool {
        let is_ahead = ["sec-purpose", "purpose", "x-purpose", "x-moz"]
            .iter()
            .any(|name| {
                let value = self.header(name).unwrap_or_default().to_ascii_lowercase();
                ["prefetch", "preview", "prerender"]
                    .iter()
                    .any(|word| value.contains(word))
            });
        let agent = self
            .header("user-agent")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_follower = agent.is_empty() || FOLLOWERS.iter().any(|name| agent.contains(name));
        self.method == "GET" && !is_ahead && !is_follower
    }
}

impl Shop {
    /// Answers a click on the download of a sale: for a person's, a link is asked for, and the ledger says that it was.
    ///
    /// # Errors
    /// Where the platform gives no link.
    pub fn download(&self, decision: i64, click: &Click<'_>, at: Moment) -> Result<Handed> {
        if !matches!(click.method, "GET" | "HEAD") {
            return Ok(Handed::NotAllowed);
        }
        let found = self.ledger().decision(decision)?;
        if found.is_none_or(|decision| decision.state != State::Recorded) {
            return Ok(Handed::NotFound);
        }
        match click.is_meant() {
            true => self
                .download_link(decision, false, at)
                .map(Handed::Redirect),
            false => Ok(Handed::Button),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_clicks() {
        let firefox = (
            "User-Agent",
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        );
        for (method, headers, is_meant) in [
            ("GET", vec![firefox], true),
            ("HEAD", vec![firefox], false),
            (
                "GET",
                vec![firefox, ("Sec-Purpose", "prefetch;prerender")],
                false,
            ),
            ("GET", vec![firefox, ("X-Moz", "prefetch")], false),
            ("GET", vec![firefox, ("purpose", "preview")], false),
            ("GET", vec![], false),
            (
                "GET",
                vec![("user-agent", "Slackbot-LinkExpanding 1.0")],
                false,
            ),
            (
                "GET",
                vec![("user-agent", "facebookexternalhit/1.1")],
                false,
            ),
            ("GET", vec![("user-agent", "WhatsApp/2.23")], false),
            (
                "GET",
                vec![("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")],
                false,
            ),
        ] {
            let click = Click {
                method,
                headers: &headers,
            };
            assert_eq!(click.is_meant(), is_meant, "{method} {headers:?}");
        }
    }
}

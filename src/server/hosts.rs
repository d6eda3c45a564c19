//! For whom a server answers: requests that name this machine or one of its other names, and pages in a browser that are its own.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// Where a browser says that a request comes from, and what for (Fetch Metadata Request Headers).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// The names beside those of this machine itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    pub(super) fn new(names: &[String]) -> Self {
        Self(names.iter().map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Whether a request is meant for us. A page in a browser that has itself resolved to this machine gives another name.
    pub(super) fn is_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        match (
            hosts.next().and_then(|host| host.to_str().ok()),
            hosts.next(),
        ) {
            (Some(host), None) => self.is_known(host),
            _ => false,
        }
    }

    /// Whether a request comes from a page in a browser that isn't ours, be it of another port of this machine: without a
    /// password anybody's page could order us about. A link may lead here from anywhere.
    pub(super) fn is_foreign(&self, headers: &HeaderMap, is_reading: bool) -> bool {
        let host = text_of(headers, &header::HOST).unwrap_or_default();
        let is_link = is_reading && text_of(headers, &FETCH_MODE) == Some("navigate");
        let is_elsewhere = matches!(
            text_of(headers, &FETCH_SITE),
            Some("cross-site" | "same-site")
        );
        let origin = headers.get(header::ORIGIN);
        let is_own = |origin: &HeaderValue| {
            // A proxy may speak TLS for us.
            let own = ["http", "https"].map(|scheme| format!("{scheme}://{host}"));
            own.iter()
                .any(|own| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes()))
        };
        is_elsewhere && !is_link || origin.is_some_and(|origin| !is_own(origin))
    }

    fn is_known(&self, host: &str) -> bool {
        let name = name_of(host).to_ascii_lowercase();
        let is_loopback = name
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback());
        name == "localhost" || is_loopback || self.0.contains(&name)
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A host without its port, and without the brackets of IPv6; nothing, where it is no host.
fn name_of(host: &str) -> &str {
    let (name, rest) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |rest: &str| {
        let port = rest.strip_prefix(':');
        port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match rest.is_empty() || is_port(rest) {
        true => name,
        false => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_with_and_without_its_port() {
        assert_eq!(name_of("localhost:8080"), "localhost");
        assert_eq!(name_of("[::1]:8080"), "::1");
        assert_eq!(name_of("127.0.0.1"), "127.0.0.1");
        assert_eq!(name_of("[::1].evil.example"), "");
        assert_eq!(name_of("127.0.0.1:80@evil.example"), "");
        assert_eq!(name_of(""), "");
    }
}

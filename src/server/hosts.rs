//! For whom a server answers: requests that name this machine or one of its other names, and pages in a browser that are its own.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

/// The names beside those of this machine itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    pub(super) fn new(names: &[String]) -> Self {
        Self(names.iter().map(|name| name.to_ascii_lowercase()).collect())
    }

    /// Whether a request is meant for us. A page in a browser that has itself resolved to this machine gives another name.
    pub(super) fn is_host(&self, headers: &HeaderMap) -> bool {
        self.is_known(text_of(headers, header::HOST).unwrap_or_default())
    }

    /// Whether a request comes from a page in a browser that isn't ours, be it of another port of this machine: without a
    /// password anybody's page could order us about.
    pub(super) fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let host = text_of(headers, header::HOST).unwrap_or_default();
        let origin = text_of(headers, header::ORIGIN);
        let site = headers
            .get("Sec-Fetch-Site")
            .and_then(|site| site.to_str().ok());
        let is_ours = |origin: &str| origin.eq_ignore_ascii_case(&format!("http://{host}"));
        origin.is_some_and(|origin| !is_ours(origin))
            || site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
    }

    fn is_known(&self, host: &str) -> bool {
        let name = name_of(host).to_ascii_lowercase();
        let is_loopback = name
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback());
        name == "localhost" || is_loopback || self.0.contains(&name)
    }
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
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

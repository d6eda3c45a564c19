//! Where the platform is, and which addresses are its own: credentials are sent nowhere else.

use reqwest::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::model::Account;

/// The platform's origin, and the organisation that is asked for.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// Scheme, host and port as a browser would write them.
    origin: String,
    /// As it stands in a path.
    organisation: String,
}

impl Origin {
    /// The origin of an account.
    ///
    /// # Errors
    /// Where it has none, names more than an origin, or one that may not be reached without TLS.
    pub(super) fn of(account: &Account) -> Result<Self> {
        let Some(base_url) = account.base_url.as_deref() else {
            return Err(lacks("base_url", "such as \"https://www.example.com\""));
        };
        let Some(organisation) = account.organisation.as_deref() else {
            return Err(lacks("organisation", "the platform's name for the shop"));
        };
        let wrong = |expected: &str| {
            Error::new(ErrorKind::Invalid {
                what: "base_url",
                given: without_secrets(base_url),
                expected: expected.to_owned(),
            })
        };
        let url = Url::parse(base_url)
            .map_err(|_| wrong("an address such as https://www.example.com"))?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare || url.has_host() != url.origin().is_tuple() {
            return Err(wrong("scheme, host and port alone"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "no user in it: user and password are keys of their own",
            ));
        }
        match url.scheme() {
            "https" => {}
            "http" if !is_loopback(&url) => return Err(wrong("https")),
            "http" if !account.allow_http => {
                return Err(wrong(
                    "https, or allow_http = true for a platform on this machine",
                ));
            }
            "http" => {}
            _ => return Err(wrong("https")),
        }
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            organisation: segment("organisation", organisation)?,
        })
    }

    /// Whether it is this organisation's.
    #[cfg(feature = "ledger")]
    pub(super) fn is_of(&self, organisation: &str) -> bool {
        segment("organisation", organisation).is_ok_and(|one| one == self.organisation)
    }

    /// Whether it is reached without TLS: on this machine, that is.
    pub(super) fn is_plain(&self) -> bool {
        self.origin.starts_with("http:")
    }

    /// The address of a service of the organisation.
    pub(super) fn of_organisation(&self, service: &str) -> Result<Url> {
        self.at(&format!(
            "/api/organisations/{}/{service}",
            self.organisation
        ))
    }

    /// The address of a service that no organisation stands in.
    pub(super) fn at(&self, path: &str) -> Result<Url> {
        let text = format!("{}{path}", self.origin);
        Url::parse(&text).map_err(|_| foreign(&text, "it is no address"))
    }

    /// The address that an answer has named, if it leads to lists or pages of the organisation on the platform
    /// and nowhere else.
    ///
    /// It is compared as it is written, before any reading of it: of `127.1`, `HTTP://`, a backslash or a dot
    /// behind the host, readers make different things.
    pub(super) fn admit(&self, address: &str) -> Result<Url> {
        let address = address.trim();
        let refuse = |reason| Err(foreign(address, reason));
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '\\' | '"' | '<' | '>');
        if !address.chars().all(is_plain) || address.contains('#') {
            return refuse("it has characters that no address of the platform has");
        }
        let path = match address.strip_prefix(&self.origin) {
            Some(path) => path,
            None if address.starts_with('/') && !address.starts_with("//") => address,
            None => return refuse("it leads to another host, port or scheme than base_url"),
        };
        let prefix = format!("/api/organisations/{}/publications/", self.organisation);
        let Some(service) = path.strip_prefix(&prefix) else {
            return refuse("its path isn't that of the organisation's publications");
        };
        let service = service.split('?').next().unwrap_or_default();
        let is_known = matches!(service.split('.').next(), Some("full" | "delta"))
            || service.starts_with("lists/");
        let lower = service.to_ascii_lowercase();
        let is_odd = ["..", "//", "%2e", "%2f", "%5c"];
        if !is_known || is_odd.iter().any(|odd| lower.contains(odd)) {
            return refuse("its path isn't that of a page or a list");
        }
        let url = self.at(path)?;
        let is_ours = url.origin().ascii_serialization() == self.origin
            && url.username().is_empty()
            && url.password().is_none();
        match is_ours {
            true => Ok(url),
            false => refuse("it leads to another host, port or scheme than base_url"),
        }
    }
}

/// A value as a segment of a path.
pub(super) fn segment(what: &'static str, value: &str) -> Result<String> {
    let value = value.trim();
    if matches!(value, "" | "." | "..") {
        return Err(Error::new(ErrorKind::Invalid {
            what,
            given: value.to_owned(),
            expected: "something that can stand in an address".to_owned(),
        }));
    }
    let mut out = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte.into());
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    Ok(out)
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

fn lacks(key: &str, expected: &str) -> Error {
    Error::new(ErrorKind::Account {
        what: format!("the account has no {key} ({expected})"),
    })
}

fn foreign(address: &str, reason: &'static str) -> Error {
    Error::new(ErrorKind::Address {
        address: without_secrets(address),
        reason,
    })
}

/// An address for a message: no user or password in it, no query, and not without end.
pub(super) fn without_secrets(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let address = match (address.find("//"), address.rfind('@')) {
        (Some(start), Some(at)) if start < at => {
            format!("{}…{}", &address[..start + 2], &address[at..])
        }
        _ => address.to_owned(),
    };
    address
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(base_url: &str) -> Account {
        Account {
            base_url: Some(base_url.into()),
            organisation: Some("ENQC7".into()),
            ..Account::default()
        }
    }

    #[test]
    fn an_origin_is_https_or_here() {
        for (base_url, is_good) in [
            ("https://www.example.com", true),
            ("https://www.example.com/", true),
            ("https://www.example.com:8443", true),
            ("HTTPS://WWW.Example.com", true),
            ("https://www.example.com/api", false),
            ("https://u:p@www.example.com", false),
            ("http://www.example.com", false),
            ("http://127.0.0.1:8080", false),
            ("ftp://www.example.com", false),
            ("www.example.com", false),
        ] {
            assert_eq!(
                Origin::of(&account(base_url)).is_ok(),
                is_good,
                "{base_url}"
            );
        }
        for (base_url, is_good) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:1", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.com", false),
        ] {
            let mut account = account(base_url);
            account.allow_http = true;
            assert_eq!(Origin::of(&account).is_ok(), is_good, "{base_url}");
        }
        let error = Origin::of(&account("https://u:canary@www.example.com")).unwrap_err();
        assert!(!error.to_string().contains("canary"), "{error}");
    }

    #[test]
    fn what_the_platform_names_is_its_own() {
        let origin = Origin::of(&account("https://www.example.com")).unwrap();
        let admitted = |address: &str| origin.admit(address).is_ok();
        for address in [
            "https://www.example.com/api/organisations/ENQC7/publications/lists/12.onix",
            "https://www.example.com/api/organisations/ENQC7/publications/full?start=MTIz%3D",
            "https://www.example.com/api/organisations/ENQC7/publications/delta.xml?from=2026-01-01T00%3A00%3A00%2B00%3A00&start=2",
            "/api/organisations/ENQC7/publications/full.onix?start=x",
        ] {
            assert!(admitted(address), "{address}");
        }
        for address in [
            "https://www.example.com/api/organisations/OTHER/publications/full",
            "https://www.example.com/api/organisations/ENQC7/publications/lists",
            "https://www.example.com/api/organisations/ENQC7/publications/9789999900010.onix",
            "https://www.example.com/api/organisations/ENQC7/publications/lists/../../sales",
            "https://www.example.com/api/organisations/ENQC7/publications/lists/%2e%2e/x",
            "full?start=2",
            "",
        ] {
            assert!(!admitted(address), "{address}");
        }
    }
}

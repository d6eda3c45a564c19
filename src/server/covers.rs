//! Covers of books, fetched for the page from where the feed says they are: browsers that look at it ask no other host.
//!
//! A feed could name any address, so that only public ones are asked, nothing but pictures is passed on, and all of it within bounds.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url, redirect};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::problem::Problem;
use super::reply::Reply;
use crate::platform::tls;
use crate::sandbox::encoded;

/// Bytes of a picture at most.
const PICTURE: usize = 4 << 20;

/// Bytes of pictures that are remembered.
const REMEMBERED: usize = 32 << 20;

/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Fetches at once.
const AT_ONCE: usize = 8;

/// How long a picture that couldn't be had isn't asked for again.
const PAUSE: Duration = Duration::from_secs(600);

/// Redirections that are followed.
const HOPS: usize = 3;

/// A picture of nothing: a browser shows it without a sign that something is amiss, and what lies below is seen.
const NOTHING: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>"#;

/// Whose pictures are fetched, and those that were.
pub(super) struct Covers {
    is_on: bool,
    /// Hosts that may be asked though they aren't public.
    hosts: Arc<Vec<String>>,
    client: OnceLock<Option<Client>>,
    gate: Semaphore,
    shelf: Mutex<Shelf>,
}

/// A picture and what it is; nothing, where there was none.
type Picture = Option<(&'static str, Bytes)>;

/// What was fetched, the oldest at first.
#[derive(Default)]
struct Shelf {
    by_url: HashMap<String, (Instant, Picture)>,
    order: VecDeque<String>,
    bytes: usize,
}

impl Covers {
    pub(super) fn new(is_on: bool, hosts: Vec<String>) -> Self {
        Self {
            is_on,
            hosts: Arc::new(hosts),
            client: OnceLock::new(),
            gate: Semaphore::new(AT_ONCE),
            shelf: Mutex::default(),
        }
    }

    /// Where a page finds the cover of a record, if there is one.
    pub(super) fn path(
        &self,
        source: &str,
        record_reference: &str,
        cover: Option<&str>,
    ) -> Option<String> {
        let cover = cover.filter(|_| self.is_on)?;
        self.url(cover)?;
        Some(format!(
            "/covers/{}/{}",
            encoded(source),
            encoded(record_reference)
        ))
    }

    /// The picture at an address out of a record.
    pub(super) async fn answer(&self, cover: Option<&str>) -> Reply {
        let none = || {
            let nothing = Reply::new(404, "image/svg+xml", NOTHING);
            nothing.with_header("Cache-Control", "private, max-age=600")
        };
        let Some(url) = cover
            .filter(|_| self.is_on)
            .and_then(|cover| self.url(cover))
        else {
            return none();
        };
        let picture = match self.remembered(url.as_str()) {
            Some(picture) => picture,
            None => {
                let Ok(place) = timeout(PATIENCE, self.gate.acquire()).await else {
                    return Problem::busy().to_reply();
                };
                let picture = self.fetched(&url).await;
                drop(place);
                self.remember(url.as_str(), picture.clone());
                picture
            }
        };
        match picture {
            Some((media_type, bytes)) => Reply::new(200, media_type, bytes)
                .with_header("Cache-Control", "private, max-age=86400")
                .with_header("Content-Security-Policy", "default-src 'none'; sandbox"),
            None => none(),
        }
    }

    /// An address that may be asked.
    fn url(&self, cover: &str) -> Option<Url> {
        let url = Url::parse(cover.trim()).ok()?;
        may_be_asked(&url, &self.hosts).then_some(url)
    }

    async fn fetched(&self, url: &Url) -> Picture {
        let client = self.client.get_or_init(|| client(&self.hosts)).as_ref()?;
        let mut response = client.get(url.clone()).send().await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            if body.len() + chunk.len() > PICTURE {
                return None;
            }
            body.extend_from_slice(&chunk);
        }
        Some((media_type(&body)?, body.into()))
    }

    fn remembered(&self, url: &str) -> Option<Picture> {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, picture) = shelf.by_url.get(url)?;
        let is_known = picture.is_some() || since.elapsed() < PAUSE;
        is_known.then(|| picture.clone())
    }

    fn remember(&self, url: &str, picture: Picture) {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.put(url.to_owned(), picture);
    }
}

impl Shelf {
    fn put(&mut self, url: String, picture: Picture) {
        self.bytes += size(&url, &picture);
        if let Some((_, before)) = self.by_url.insert(url.clone(), (Instant::now(), picture)) {
            self.bytes -= size(&url, &before);
        } else {
            self.order.push_back(url);
        }
        while self.bytes > REMEMBERED {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            if let Some((_, picture)) = self.by_url.remove(&oldest) {
                self.bytes -= size(&oldest, &picture);
            }
        }
    }
}

/// What a picture takes, with its address in two places.
fn size(url: &str, picture: &Picture) -> usize {
    2 * url.len() + 128 + picture.as_ref().map_or(0, |(_, bytes)| bytes.len())
}

fn client(hosts: &Arc<Vec<String>>) -> Option<Client> {
    let allowed = Arc::clone(hosts);
    let hops = redirect::Policy::custom(move |attempt| {
        match attempt.previous().len() <= HOPS && may_be_asked(attempt.url(), &allowed) {
            true => attempt.follow(),
            false => attempt.stop(),
        }
    });
    Client::builder()
        .user_agent(concat!("onix-catalogue/", env!("CARGO_PKG_VERSION")))
        .redirect(hops)
        .referer(false)
        .no_proxy()
        .timeout(PATIENCE)
        .dns_resolver(Arc::new(PublicOnly(Arc::clone(hosts))))
        .tls_backend_preconfigured(tls::config().ok()?)
        .build()
        .ok()
}

/// Whether an address is of the web, and not literally one of this machine or network.
fn may_be_asked(url: &Url, hosts: &[String]) -> bool {
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_plain = url.username().is_empty() && url.password().is_none();
    let Some(host) = url.host_str() else {
        return false;
    };
    let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let is_public = literal.map_or(true, is_public);
    is_web && is_plain && (is_public || is_named(host, hosts))
}

fn is_named(host: &str, hosts: &[String]) -> bool {
    hosts.iter().any(|known| known.eq_ignore_ascii_case(host))
}

/// Finds the addresses of a host, and leaves out those that aren't public.
struct PublicOnly(Arc<Vec<String>>);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let hosts = Arc::clone(&self.0);
        Box::pin(async move {
            let is_named = is_named(name.as_str(), &hosts);
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found
                .filter(|address| is_named || is_public(address.ip()))
                .collect();
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

/// Not one of the registry of special addresses (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

/// Global unicast (`2000::/3`) but for documentation, and for tunnels that hide an address of version 4.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    let is_documentation = first == 0x2001 && second == 0x0db8;
    let is_tunnel = first == 0x2002 || (first == 0x2001 && second == 0);
    is_global && !is_documentation && !is_tunnel
}

/// What a picture is, by its first bytes, whatever it was called; drawings that can hold scripts aren't among them.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_this_machine_or_network_is_asked() {
        let covers = Covers::new(true, vec!["pictures.local".into()]);
        for url in [
            "http://127.0.0.1/a.jpg",
            "http://127.1/a.jpg",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://192.168.1.1/",
            "http://10.0.0.1/",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
            "http://[2002:7f00:1::]/",
            "file:///etc/passwd",
            "ftp://example.org/a.jpg",
            "http://user:word@example.org/a.jpg",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "cover.jpg",
            "",
        ] {
            assert_eq!(covers.path("s", "r", Some(url)), None, "{url}");
        }
        for url in [
            "https://media.example.org/a.jpg",
            "http://93.184.216.34/a.jpg",
            "http://[2606:4700::1]/",
            "http://pictures.local/a.jpg",
        ] {
            assert_eq!(
                covers.path("s", "r/1", Some(url)).as_deref(),
                Some("/covers/s/r%2F1"),
                "{url}"
            );
        }
    }

    #[test]
    fn only_pictures_are_passed_on() {
        assert_eq!(media_type(b"\xff\xd8\xff\xe0rest"), Some("image/jpeg"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(
            media_type(b"<svg xmlns='http://www.w3.org/2000/svg'>"),
            None
        );
        assert_eq!(media_type(b"<html>"), None);
        assert_eq!(media_type(b""), None);
    }

    #[test]
    fn the_shelf_has_an_end() {
        let mut shelf = Shelf::default();
        for n in 0..100 {
            shelf.put(
                format!("https://example.org/{n}"),
                Some(("image/png", Bytes::from(vec![0; 1 << 20]))),
            );
        }
        assert!(shelf.bytes <= REMEMBERED);
        assert_eq!(shelf.by_url.len(), shelf.order.len());
        assert!(shelf.by_url.contains_key("https://example.org/99"));
    }
}

//! The clients: the one place that sends, and the two ways of waiting for it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::fmt::rfc2822;
use reqwest::header::{self, HeaderMap};

use super::origin::Origin;
use super::publishers::Publishers;
use super::reply::Reply;
#[cfg(feature = "ledger")]
use super::selling::{
    Cancel, Cancellation, DownloadLink, Post, Posted, Simulate, Simulation, StatusOf,
};
use super::services::{
    Answer, Call, Delta, Full, List, Lists, Next, One, Page, PublishersOf, Service, Toc,
};
#[cfg(feature = "ledger")]
use super::status::Status;
use super::tls;
use super::toc::Chapter;
use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "ledger")]
use crate::ledger::{Intent, Terms};
use crate::model::{Account, CatalogueFormat, Credentials, Moment, TimeOuts};
use crate::onix::Limits;

/// The platform's services, without blocking a thread; to be used within tokio.
///
/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct AsyncClient {
    http: reqwest::Client,
    /// For what sells: a connection of its own each time, and no patience.
    #[cfg(feature = "ledger")]
    selling: reqwest::Client,
    origin: Origin,
    credentials: Option<Credentials>,
    max_page_bytes: usize,
}

/// The platform's services, each call blocking its thread until the answer is there.
///
/// Not for use within tokio or another such runtime: that is what [`AsyncClient`] is for.
#[derive(Debug)]
pub struct Client {
    runtime: tokio::runtime::Runtime,
    inner: AsyncClient,
}

macro_rules! services {
    ($($(#[$doc:meta])* fn $name:ident(&self $(, $arg:ident: $type:ty)*) -> $value:ty = $service:expr;)*) => {
        impl AsyncClient {
            $($(#[$doc])*
            pub async fn $name(&self $(, $arg: $type)*) -> Result<Answer<$value>> {
                self.ask($service).await
            })*
        }

        impl Client {
            $($(#[$doc])*
            pub fn $name(&self $(, $arg: $type)*) -> Result<Answer<$value>> {
                self.runtime.block_on(self.inner.ask($service))
            })*
        }
    };
}

services! {
    /// The first page of the whole catalogue.
    ///
    /// # Errors
    /// [`ErrorKind::Answer`] for anything but a page (a 404 is an unknown organisation), and
    /// [`ErrorKind::Unanswered`] where there is no answer, or no whole one.
    fn full(&self, format: CatalogueFormat) -> Page = Full(format);

    /// The first page of what has changed since a moment; `None` where nothing has, which the platform says in the
    /// same way as that it doesn't know the organisation.
    ///
    /// # Errors
    /// As [`full`](Self::full); `too_many_results` asks for [`full`](Self::full) instead.
    fn delta(&self, format: CatalogueFormat, from: Moment) -> Option<Page> = Delta { format, from };

    /// The page at the address that another one named; `None` behind the last.
    ///
    /// # Errors
    /// As [`full`](Self::full), and [`ErrorKind::Address`] for an address that leads elsewhere: nothing is sent
    /// there.
    fn next(&self, address: &str) -> Option<Page> = Next(address);

    /// Makes lists of what has changed since a moment, and says where they are.
    ///
    /// # Errors
    /// As [`full`](Self::full).
    fn lists(&self, format: CatalogueFormat, reset_at: Moment) -> Vec<String> = Lists { format, reset_at };

    /// A list at the address that [`lists`](Self::lists) has named.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    fn list(&self, address: &str) -> Page = List(address);

    /// All that the platform says of one publication, by its ISBN, EAN or internal key.
    ///
    /// # Errors
    /// As [`full`](Self::full).
    fn one(&self, id: &str, format: CatalogueFormat) -> Page = One { id, format };

    /// The table of contents of a publication.
    ///
    /// # Errors
    /// As [`full`](Self::full).
    fn toc(&self, id: &str) -> Vec<Chapter> = Toc(id);

    /// The publishers with which the organisation has agreements.
    ///
    /// # Errors
    /// As [`full`](Self::full).
    fn publishers(&self) -> Publishers = PublishersOf;
}

#[cfg(feature = "ledger")]
services! {
    /// Whether the platform would take a sale; nothing is recorded.
    ///
    /// # Errors
    /// As [`full`](Self::full).
    fn simulate(&self, terms: &Terms) -> Simulation = Simulate(terms);

    /// Takes a sale back, for its whole amount.
    ///
    /// # Errors
    /// As [`full`](Self::full); then nobody knows whether it was taken back.
    fn cancel(&self, terms: &Terms, amount: &str, reason: Option<&str>) -> Cancellation = Cancel { terms, amount, reason };

    /// The address of the file, which is good for a minute: to be handed on at once, and kept nowhere.
    ///
    /// # Errors
    /// As [`full`](Self::full).
    fn download_link(&self, terms: &Terms) -> String = DownloadLink(terms);

    /// How far a download is.
    ///
    /// # Errors
    /// As [`full`](Self::full).
    fn status(&self, terms: &Terms) -> Status = StatusOf(terms);
}

#[cfg(feature = "ledger")]
impl AsyncClient {
    /// Posts a decision, once. Whatever happens, what is known of it comes back.
    pub async fn post(&self, intent: Intent) -> Posted {
        let is_own = self.origin.is_of(intent.terms().organisation());
        let answered = match Post(intent.terms()).call(&self.origin) {
            Ok(call) if is_own => self.send_by(&self.selling, call, "sale").await,
            Ok(_) => Err(Error::new(ErrorKind::Account {
                what: "the decision is another organisation's".to_owned(),
            })),
            Err(error) => Err(error),
        };
        let outcome = Post(intent.terms()).outcome(answered);
        Posted::of(intent, outcome)
    }
}

#[cfg(feature = "ledger")]
impl Client {
    /// Posts a decision, once. Whatever happens, what is known of it comes back.
    pub fn post(&self, intent: Intent) -> Posted {
        self.runtime.block_on(self.inner.post(intent))
    }
}

impl AsyncClient {
    /// A client for an account. Nothing is sent yet.
    ///
    /// # Errors
    /// Where the account doesn't say how the platform is reached, or in a way that isn't safe.
    pub fn new(account: &Account) -> Result<Self> {
        let origin = Origin::of(account)?;
        let tls = tls::config()?;
        let http = made(&origin, account.time_outs, &tls, |builder| builder)?;
        #[cfg(feature = "ledger")]
        let selling = made(&origin, account.time_outs, &tls, |builder| {
            let total = account.time_outs.total_s.min(SALE);
            builder
                .pool_max_idle_per_host(0)
                .timeout(Duration::from_secs(total))
        })?;
        Ok(Self {
            http,
            #[cfg(feature = "ledger")]
            selling,
            origin,
            credentials: account.credentials.clone(),
            max_page_bytes: Limits::default().max_page_bytes,
        })
    }

    async fn ask<S: Service>(&self, service: S) -> Result<Answer<S::Value>> {
        let reply = self.send(service.call(&self.origin)?, S::NAME).await?;
        let date = reply.date;
        let is_busy = matches!(reply.status, 429 | 500..);
        if let Some(seconds) = reply.retry_after_s.filter(|_| is_busy) {
            return Err(reply.error(S::NAME).repeated_after(seconds));
        }
        let value = service.read(reply)?;
        Ok(Answer { value, date })
    }

    /// Sends a request once, and reads its answer to the end.
    async fn send(&self, call: Call, service: &'static str) -> Result<Reply> {
        self.send_by(&self.http, call, service).await
    }

    async fn send_by(
        &self,
        http: &reqwest::Client,
        call: Call,
        service: &'static str,
    ) -> Result<Reply> {
        let address = address(&call.url);
        let unanswered = |error: reqwest::Error| unanswered(service, &address, error);
        let mut request = http.request(call.method, call.url);
        request = match &self.credentials {
            Some(Credentials::Basic { user, password }) => {
                request.basic_auth(user, Some(password.reveal()))
            }
            Some(Credentials::Bearer(token)) => request.bearer_auth(token.reveal()),
            None => request,
        };
        let mut response = request.send().await.map_err(unanswered)?;
        let mut reply = Reply {
            status: response.status().as_u16(),
            ..read_headers(response.headers())
        };
        while let Some(piece) = response.chunk().await.map_err(unanswered)? {
            if reply.body.len() + piece.len() > self.max_page_bytes {
                return Err(Error::new(ErrorKind::Limit {
                    limit: "max_page_bytes",
                    value: self.max_page_bytes as u64,
                }));
            }
            reply.body.extend_from_slice(&piece);
        }
        reply.address = address;
        reply.secrets = self.credentials.iter().flat_map(shown_nowhere).collect();
        Ok(reply)
    }
}

/// How long a sale may take, in seconds.
#[cfg(feature = "ledger")]
const SALE: u64 = 60;

fn made(
    origin: &Origin,
    time_outs: TimeOuts,
    tls: &rustls::ClientConfig,
    more: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<reqwest::Client> {
    let seconds = Duration::from_secs;
    let builder = reqwest::Client::builder()
        .user_agent(concat!("onix-catalogue/", env!("CARGO_PKG_VERSION")))
        // A redirect turns a POST into a GET, or sends it to somebody else.
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
        .referer(false)
        .connect_timeout(seconds(time_outs.connect_s))
        .read_timeout(seconds(time_outs.read_s))
        .timeout(seconds(time_outs.total_s))
        .tls_backend_preconfigured(tls.clone());
    let builder = match origin.is_plain() {
        // What stays on this machine must not be handed to a proxy.
        true => builder.no_proxy(),
        false => builder.https_only(true),
    };
    more(builder).build().map_err(|error| {
        Error::new(ErrorKind::Account {
            what: "no client can be made for the account".to_owned(),
        })
        .because(error)
    })
}

impl Client {
    /// A client for an account. Nothing is sent yet.
    ///
    /// # Errors
    /// Where the account doesn't say how the platform is reached, or in a way that isn't safe.
    pub fn new(account: &Account) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::io("starting a client", error))?;
        // Some of a client is made within a runtime only.
        let _entered = runtime.enter();
        let inner = AsyncClient::new(account)?;
        drop(_entered);
        Ok(Self { runtime, inner })
    }
}

fn read_headers(headers: &HeaderMap) -> Reply {
    let text = |name: header::HeaderName| {
        let value = headers.get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let links = headers.get_all(header::LINK).iter();
    let date = text(header::DATE).and_then(|date| http_date(&date));
    Reply {
        links: links
            .filter_map(|link| link.to_str().ok().map(str::to_owned))
            .collect(),
        date,
        retry_after_s: text(header::RETRY_AFTER).and_then(|after| retry_after(&after, date)),
        location: text(header::LOCATION),
        is_framed: headers.contains_key(header::CONTENT_LENGTH)
            || headers.contains_key(header::TRANSFER_ENCODING)
            || headers.contains_key(header::CONTENT_ENCODING),
        ..Reply::default()
    }
}

/// What of credentials an answer may hold that echoes its request.
fn shown_nowhere(credentials: &Credentials) -> Vec<String> {
    match credentials {
        Credentials::Basic { user, password } => {
            let password = password.reveal();
            let header = BASE64.encode(format!("{user}:{password}"));
            vec![header, password.to_owned()]
        }
        Credentials::Bearer(token) => vec![token.reveal().to_owned()],
    }
}

fn http_date(text: &str) -> Option<Moment> {
    let zoned = rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    Some(Moment::from_unix(zoned.timestamp().as_second()))
}

/// `Retry-After`: seconds, or a date by the platform's own clock.
fn retry_after(text: &str, now: Option<Moment>) -> Option<u64> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(seconds);
    }
    let wait = http_date(text)?.as_unix() - now?.as_unix();
    u64::try_from(wait).ok()
}

/// An address for messages: a query may name a customer.
fn address(url: &reqwest::Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.into()
}

fn unanswered(service: &'static str, address: &str, error: reqwest::Error) -> Error {
    let what = match &error {
        error if error.is_timeout() && error.is_connect() => "no connection in time",
        error if error.is_timeout() => "no answer, or not all of it, in time",
        error if error.is_connect() => "no connection",
        error if error.is_body() || error.is_decode() => "the answer is cut off",
        _ => "the connection ended before the answer",
    };
    // An error of the client names the whole address.
    Error::new(ErrorKind::Unanswered {
        service,
        address: address.to_owned(),
        what,
    })
    .because(error.without_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_waits() {
        let date = http_date("Thu, 26 Nov 2026 22:45:44 GMT").unwrap();
        assert_eq!(date.to_string(), "2026-11-26T22:45:44Z");
        assert_eq!(retry_after("120", None), Some(120));
        let after = retry_after("Thu, 26 Nov 2026 22:46:44 GMT", Some(date));
        assert_eq!(after, Some(60));
        assert_eq!(
            retry_after("Thu, 26 Nov 2026 22:40:00 GMT", Some(date)),
            None
        );
        assert_eq!(retry_after("soon", Some(date)), None);
    }
}

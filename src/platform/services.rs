//! The services one by one: where each is, what it is given, and what its answer means.

use reqwest::{Method, Url};

use super::origin::{Origin, segment};
use super::publishers::Publishers;
use super::reply::{Reply, addresses};
use super::toc::{self, Chapter};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{CatalogueFormat, Moment};

/// A request, before it is sent.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
}

impl Call {
    pub(super) fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
        }
    }
}

/// One of the platform's services.
pub(super) trait Service {
    /// What its answer says.
    type Value;

    /// Its name for messages.
    const NAME: &'static str;

    /// The request.
    fn call(&self, origin: &Origin) -> Result<Call>;

    /// What an answer means.
    fn read(&self, reply: Reply) -> Result<Self::Value>;
}

/// An answer of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What it says.
    pub value: T,
    /// When it was given, by the platform's clock.
    pub date: Option<Moment>,
}

/// A file of the catalogue: an ONIX message, or a page of the platform's `xml`, of at most fifty publications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// It as it came, decompressed. Whether it is whole, its reader says.
    pub bytes: Vec<u8>,
    /// The address of the next, as the answer writes it.
    pub next: Option<String>,
}

fn page(reply: Reply) -> Page {
    Page {
        next: reply.next(),
        bytes: reply.body,
    }
}

/// A page, where nothing else will do.
fn page_of(reply: Reply, service: &'static str) -> Result<Page> {
    match reply.is_success() {
        true => Ok(page(reply)),
        false => Err(reply.error(service)),
    }
}

/// `publications/full`
pub(super) struct Full(pub(super) CatalogueFormat);

impl Service for Full {
    type Value = Page;
    const NAME: &'static str = "publications/full";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let service = format!("publications/full.{}", self.0.as_str());
        origin.of_organisation(&service).map(Call::get)
    }

    fn read(&self, reply: Reply) -> Result<Page> {
        page_of(reply, Self::NAME)
    }
}

/// `publications/delta`
pub(super) struct Delta {
    pub(super) format: CatalogueFormat,
    pub(super) from: Moment,
}

impl Service for Delta {
    type Value = Option<Page>;
    const NAME: &'static str = "publications/delta";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let service = format!("publications/delta.{}", self.format.as_str());
        let mut url = origin.of_organisation(&service)?;
        url.query_pairs_mut()
            .append_pair("from", &self.from.to_basic());
        Ok(Call::get(url))
    }

    fn read(&self, reply: Reply) -> Result<Option<Page>> {
        or_none(reply, Self::NAME)
    }
}

/// The page that another one named.
pub(super) struct Next<'a>(pub(super) &'a str);

impl Service for Next<'_> {
    type Value = Option<Page>;
    const NAME: &'static str = "the next page";

    fn call(&self, origin: &Origin) -> Result<Call> {
        origin.admit(self.0).map(Call::get)
    }

    fn read(&self, reply: Reply) -> Result<Option<Page>> {
        or_none(reply, Self::NAME)
    }
}

/// `not_found` is the end of the pages; a 404 that says something else isn't.
fn or_none(reply: Reply, service: &'static str) -> Result<Option<Page>> {
    if reply.is_success() {
        return Ok(Some(page(reply)));
    }
    let error = reply.error(service);
    match error.is_code("not_found") {
        true => Ok(None),
        false => Err(error),
    }
}

/// `publications/lists`
pub(super) struct Lists {
    pub(super) format: CatalogueFormat,
    pub(super) reset_at: Moment,
}

impl Service for Lists {
    type Value = Vec<String>;
    const NAME: &'static str = "publications/lists";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let mut url = origin.of_organisation("publications/lists")?;
        url.query_pairs_mut()
            .append_pair("reset_at", &self.reset_at.to_basic())
            .append_pair("format", self.format.as_str());
        Ok(Call {
            method: Method::POST,
            url,
        })
    }

    fn read(&self, reply: Reply) -> Result<Vec<String>> {
        if !reply.is_success() {
            return Err(reply.error(Self::NAME));
        }
        let is_whole = reply.is_framed || reply.body.ends_with(b"\n") || ends_itself(&reply.body);
        let lists = addresses(&reply.body).filter(|_| is_whole);
        lists.ok_or_else(|| unreadable(&reply, Self::NAME, "a vector of URLs"))
    }
}

/// Whether it is of a shape that shows where it ends.
fn ends_itself(body: &[u8]) -> bool {
    matches!(body.trim_ascii().last(), Some(b']' | b'}' | b'>'))
}

/// A list that `publications/lists` has named.
pub(super) struct List<'a>(pub(super) &'a str);

impl Service for List<'_> {
    type Value = Page;
    const NAME: &'static str = "a list";

    fn call(&self, origin: &Origin) -> Result<Call> {
        origin.admit(self.0).map(Call::get)
    }

    fn read(&self, reply: Reply) -> Result<Page> {
        page_of(reply, Self::NAME)
    }
}

/// One publication.
pub(super) struct One<'a> {
    pub(super) id: &'a str,
    pub(super) format: CatalogueFormat,
}

impl Service for One<'_> {
    type Value = Page;
    const NAME: &'static str = "one publication";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let id = segment("identifier", self.id)?;
        let service = format!("publications/{id}.{}", self.format.as_str());
        origin.of_organisation(&service).map(Call::get)
    }

    fn read(&self, reply: Reply) -> Result<Page> {
        page_of(reply, Self::NAME)
    }
}

/// A table of contents; no organisation stands in its address.
pub(super) struct Toc<'a>(pub(super) &'a str);

impl Service for Toc<'_> {
    type Value = Vec<Chapter>;
    const NAME: &'static str = "toc";

    fn call(&self, origin: &Origin) -> Result<Call> {
        let id = segment("identifier", self.0)?;
        origin
            .at(&format!("/api/publications/{id}/toc.js"))
            .map(Call::get)
    }

    fn read(&self, reply: Reply) -> Result<Vec<Chapter>> {
        if !reply.is_success() {
            return Err(reply.error(Self::NAME));
        }
        toc::read(&reply.body).ok_or_else(|| unreadable(&reply, Self::NAME, "chapters"))
    }
}

/// `publishers.json`
pub(super) struct PublishersOf;

impl Service for PublishersOf {
    type Value = Publishers;
    const NAME: &'static str = "publishers";

    fn call(&self, origin: &Origin) -> Result<Call> {
        origin.of_organisation("publishers.json").map(Call::get)
    }

    fn read(&self, reply: Reply) -> Result<Publishers> {
        if !reply.is_success() {
            return Err(reply.error(Self::NAME));
        }
        // What the reader of JSON says of a fault quotes it.
        serde_json::from_slice(&reply.body)
            .map_err(|_| unreadable(&reply, Self::NAME, "publishers"))
    }
}

/// A success that says something else than it should.
fn unreadable(reply: &Reply, service: &'static str, expected: &str) -> Error {
    let error = reply.error(service);
    match error.kind() {
        ErrorKind::Answer {
            found,
            address,
            status,
            ..
        } => Error::new(ErrorKind::Answer {
            service,
            address: address.clone(),
            status: *status,
            codes: Vec::new(),
            found: format!("{found} where {expected} belong"),
        }),
        _ => error,
    }
}

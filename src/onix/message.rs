//! What holds for every product of a message: release, encoding, entities, the Header.

use std::borrow::Cow;

use super::element::Element;
use super::entities::Entities;
use super::release::Release;
use super::tag::Tag;
use super::text::{self, Blocks};

/// A message: everything its products share.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message {
    pub(super) release: Release,
    pub(super) stated_release: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) prefix: String,
    pub(super) encoding: Option<String>,
    pub(super) entities: Entities,
    /// `<!DOCTYPE …>` as received, if there is one.
    pub(super) doctype: String,
    pub(super) start_tag: String,
    pub(super) header: Header,
}

/// The Header of a message (Group MH), as far as its products need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Header {
    /// `Sender/SenderName`, in 2.1 `FromCompany`.
    pub sender_name: Option<String>,
    /// `Sender/SenderIdentifier`: type and value.
    pub sender_identifiers: Vec<(String, String)>,
    /// `SentDateTime`, in 2.1 `SentDate`, as written.
    pub sent: Option<String>,
    /// `MessageNumber`
    pub message_number: Option<String>,
    /// `MessageNote`
    pub message_note: Option<String>,
    /// `DefaultLanguageOfText`
    pub default_language: Option<String>,
    /// `DefaultPriceType`, in 2.1 `DefaultPriceTypeCode`.
    pub default_price_type: Option<String>,
    /// `DefaultCurrencyCode`
    pub default_currency: Option<String>,
    /// The whole element as received.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(super) xml: String,
}

impl Message {
    /// The release it was read as; a product whose content says otherwise is read by its content.
    pub fn release(&self) -> Release {
        self.release
    }

    /// The release as its sender states it, such as `3.0`.
    pub fn stated_release(&self) -> Option<&str> {
        self.stated_release.as_deref()
    }

    /// The namespace of its root, if it has one.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The encoding that the XML declaration names.
    pub fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    /// Its Header; empty where there is none.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The prefix of its names, with the colon.
    #[cfg(feature = "serde")]
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) fn entities(&self) -> &Entities {
        &self.entities
    }

    /// What its records need around them to mean the same: DOCTYPE and start tag as received.
    #[cfg(feature = "server")]
    pub(crate) fn opening(&self) -> (&str, &str) {
        (&self.doctype, &self.start_tag)
    }

    /// A message that is no ONIX, of which encoding and entities are all that counts: its `<!DOCTYPE …>` as
    /// received and the name of its root.
    pub(crate) fn foreign(encoding: Option<String>, doctype: &str, root: &str) -> Self {
        Self {
            encoding,
            entities: Entities::declared_in(doctype),
            doctype: doctype.to_owned(),
            start_tag: format!("<{root}>"),
            ..Self::default()
        }
    }

    /// Raw content as text, its white space collapsed.
    pub(crate) fn text<'a>(&self, raw: &'a str) -> Cow<'a, str> {
        match memchr::memchr2(b'<', b'&', raw.as_bytes()) {
            None => text::collapsed(raw),
            Some(_) => text::decoded(raw, self, Blocks::Spaced),
        }
    }

    /// Raw content as text, its white space as it stands.
    pub(crate) fn verbatim<'a>(&self, raw: &'a str) -> Cow<'a, str> {
        text::verbatim(raw, self)
    }

    /// A record of it inside its message's start tag and Header, a valid message of its own; with the
    /// DOCTYPE, by which its entities mean something.
    pub fn wrap(&self, record_xml: &str) -> String {
        let mut out = String::with_capacity(
            self.start_tag.len() + self.header.xml.len() + record_xml.len() + 32,
        );
        out.push_str(&self.doctype);
        out.push_str(&self.start_tag);
        out.push_str(&self.header.xml);
        out.push_str(record_xml);
        let name_end = self
            .start_tag
            .find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
            .unwrap_or(self.start_tag.len());
        if name_end > 1 {
            out.push_str("</");
            out.push_str(&self.start_tag[1..name_end]);
            out.push('>');
        }
        out
    }
}

impl Header {
    /// The whole element as received.
    #[cfg(feature = "server")]
    pub(crate) fn xml(&self) -> &str {
        &self.xml
    }

    pub(super) fn read(header: Element<'_>) -> Self {
        let mut out = Self {
            xml: String::new(),
            ..Self::default()
        };
        for child in header.children() {
            let text = || Some(child.text().into_owned()).filter(|text| !text.is_empty());
            match child.tag() {
                Tag::Sender => out.read_sender(child),
                Tag::FromCompany => out.sender_name = text(),
                Tag::SentDateTime | Tag::SentDate => out.sent = text(),
                Tag::MessageNumber => out.message_number = text(),
                Tag::MessageNote => out.message_note = text(),
                Tag::DefaultLanguageOfText => out.default_language = text(),
                Tag::DefaultPriceType | Tag::DefaultPriceTypeCode => {
                    out.default_price_type = text();
                }
                Tag::DefaultCurrencyCode => out.default_currency = text(),
                Tag::SenderIdentifier => out.read_identifier(child),
                _ => {}
            }
        }
        out
    }

    fn read_sender(&mut self, sender: Element<'_>) {
        for child in sender.children() {
            match child.tag() {
                Tag::SenderName => self.sender_name = Some(child.text().into_owned()),
                Tag::SenderIdentifier => self.read_identifier(child),
                _ => {}
            }
        }
    }

    fn read_identifier(&mut self, identifier: Element<'_>) {
        let text = |tag| identifier.text_of(tag).unwrap_or_default().into_owned();
        self.sender_identifiers
            .push((text(Tag::SenderIDType), text(Tag::IDValue)));
    }
}

//! What stands before, between and behind products: declarations, roots, the Header, and what doesn't
//! belong there.

use std::sync::Arc;

use super::cursor::Cursor;
use super::state::{Stage, State, Step};
use crate::error::{ErrorKind, Result};
use crate::onix::encoding;
use crate::onix::entities::Entities;
use crate::onix::fault::{Fault, FaultKind};
use crate::onix::message::Header;
use crate::onix::notice::NoticeCode;
use crate::onix::record::Record;
use crate::onix::release::Release;
use crate::onix::resync::Found;
use crate::onix::tag::Tag;
use crate::onix::tape::Open;
use crate::onix::text;

impl State {
    pub(super) fn open<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        open: &Open<'input>,
        record: &mut Record<'input>,
    ) -> Result<Option<Step>> {
        let (prefix, local) = match open.name.find(':') {
            Some(at) => open.name.split_at(at + 1),
            None => ("", open.name),
        };
        let tag = Tag::find(local.as_bytes()).map_or(Tag::Unknown, |(tag, _)| tag);
        match tag {
            Tag::Product if self.looking => {
                if self.stage == Stage::Prolog {
                    self.stage = Stage::Bare;
                }
                cursor.restart(open.start);
                Ok(Some(Step::End))
            }
            Tag::Product => self.product(cursor, open, prefix, record).map(Some),
            Tag::ONIXMessage => {
                self.root(cursor, open, prefix);
                // Nothing that is read by itself knows of an open root.
                cursor.restart(open.content);
                Ok(None)
            }
            Tag::Header if self.stage == Stage::Prolog => {
                let message = "a Header that no ONIXMessage encloses".to_owned();
                self.notice(cursor, open.start, NoticeCode::OtherRoot, message);
                self.stage = Stage::Bare;
                self.header(cursor, open, prefix)
            }
            _ if self.stage == Stage::Prolog => self.other_root(cursor, open, local),
            Tag::Header => self.header(cursor, open, prefix),
            _ => self.skip(cursor, open, prefix),
        }
    }

    /// A root that isn't ONIX's: what it wraps is read, if that is.
    pub(super) fn other_root(
        &mut self,
        cursor: &mut Cursor<'_>,
        open: &Open<'_>,
        local: &str,
    ) -> Result<Option<Step>> {
        let window = self.window(cursor, open.start);
        if local.to_ascii_lowercase().contains("acknowledgement") {
            let found = format!("an ONIX acknowledgement message (<{}>)", open.name);
            self.stage = Stage::Done;
            return Err(self.error(cursor, ErrorKind::NotOnix { found }, open.start));
        }
        let from = open.content;
        let wrapped = match cursor.outline.next_wrapped(cursor.bytes, from, window) {
            Found::At(wrapped) => wrapped,
            _ if !window.last => return Ok(Some(Step::Incomplete(open.start))),
            _ => return self.not_onix(cursor, open.start, open.start),
        };
        let header = cursor
            .outline
            .next_start(cursor.bytes, from, window, Tag::Header);
        let message = format!("<{}> where ONIXMessage was expected", open.name);
        self.notice(cursor, open.start, NoticeCode::OtherRoot, message);
        self.take_release(open);
        self.stage = Stage::Bare;
        cursor.restart(match header {
            Found::At(header) => header.min(wrapped),
            _ => wrapped,
        });
        Ok(None)
    }

    /// Something that begins at `start` and can't begin a message, as was seen at `at`.
    pub(super) fn not_onix(
        &mut self,
        cursor: &Cursor<'_>,
        start: usize,
        at: usize,
    ) -> Result<Option<Step>> {
        let rest = &cursor.bytes[start..];
        if !self.last && rest.len() < DESCRIBED_BYTES {
            return Ok(Some(Step::Incomplete(start)));
        }
        self.stage = Stage::Done;
        let found = describe(rest);
        Err(self.error(cursor, ErrorKind::NotOnix { found }, at))
    }

    /// What a root that isn't ONIX's says of the release all the same.
    pub(super) fn take_release(&mut self, open: &Open<'_>) {
        let stated = text::attributes(open.attributes, &self.message)
            .filter(|(name, _)| *name == "release" || name.starts_with("xmlns"))
            .find_map(|(_, value)| Release::stated_in(&value));
        if let Some((release, number)) = stated {
            let message = Arc::make_mut(&mut self.message);
            message.release = release;
            message.stated_release = Some(number);
        }
    }

    /// `<ONIXMessage release="3.0" xmlns="…">`
    pub(super) fn root(&mut self, cursor: &Cursor<'_>, open: &Open<'_>, prefix: &str) {
        if self.stage != Stage::Prolog {
            self.notice(
                cursor,
                open.start,
                NoticeCode::SecondMessage,
                "a second ONIXMessage begins".into(),
            );
        }
        let start_tag = format!("<{}{}>", open.name, open.attributes.trim_ascii_end());
        let attributes: Vec<_> = text::attributes(open.attributes, &self.message)
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect();
        let value = |name: &str| {
            attributes
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        let namespace = value(&match prefix {
            "" => "xmlns".to_owned(),
            prefix => format!("xmlns:{}", prefix.trim_end_matches(':')),
        });
        let stated = value("release")
            .as_deref()
            .and_then(Release::stated_in)
            .or_else(|| namespace.as_deref().and_then(Release::stated_in));
        let message = Arc::make_mut(&mut self.message);
        message.start_tag = start_tag;
        message.prefix = prefix.to_owned();
        message.namespace = namespace;
        message.header = Header::default();
        if let Some((release, number)) = stated {
            message.release = release;
            message.stated_release = Some(number);
        }
        let unstated = message.stated_release.is_none();
        if unstated {
            self.notice(
                cursor,
                open.start,
                NoticeCode::NoRelease,
                "no release stated".into(),
            );
        }
        self.stage = match open.empty {
            true => Stage::After,
            false => Stage::Inside,
        };
    }

    pub(super) fn close(&mut self, cursor: &Cursor<'_>, name: &[u8]) {
        let local = name.rsplit(|b| *b == b':').next().unwrap_or(name);
        if matches!(Tag::find(local), Some((Tag::ONIXMessage, _))) {
            self.stage = Stage::After;
        } else {
            let message = format!(
                "an end tag </{}> that closes nothing",
                String::from_utf8_lossy(name)
            );
            self.notice(
                cursor,
                cursor.position(),
                NoticeCode::OutsideProduct,
                message,
            );
        }
    }

    pub(super) fn header<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        open: &Open<'input>,
        prefix: &str,
    ) -> Result<Option<Step>> {
        let mut record = Record::new();
        match self.fill(cursor, open, Tag::Header, prefix, &mut record) {
            Ok(_) => {
                record.message = Arc::clone(&self.message);
                let mut header = Header::read(record.element());
                header.xml = record.xml().to_owned();
                self.notices.append(&mut record.notices);
                Arc::make_mut(&mut self.message).header = header;
                Ok(None)
            }
            Err(fault) => self.recover(cursor, open.start, fault, None),
        }
    }

    /// An element between products that is neither of those that belong there.
    pub(super) fn skip<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        open: &Open<'input>,
        prefix: &str,
    ) -> Result<Option<Step>> {
        let mut record = Record::new();
        match self.fill(cursor, open, Tag::Unknown, prefix, &mut record) {
            Ok(_) => {
                let message = format!("<{}> between products", open.name);
                self.notice(cursor, open.start, NoticeCode::OutsideProduct, message);
                Ok(None)
            }
            Err(Fault {
                kind: FaultKind::NextProduct,
                at,
            }) => {
                let message = format!("<{}> around products", open.name);
                self.notice(cursor, open.start, NoticeCode::OutsideProduct, message);
                cursor.restart(at);
                Ok(None)
            }
            Err(fault) => self.recover(cursor, open.start, fault, None),
        }
    }

    pub(super) fn outside_text(
        &mut self,
        cursor: &mut Cursor<'_>,
        start: usize,
    ) -> Result<Option<Step>> {
        if self.stage == Stage::Prolog {
            return self.not_onix(cursor, start, start);
        }
        let goes_on = cursor.position() == cursor.bytes.len();
        if goes_on && !self.window(cursor, start).last {
            return Ok(Some(Step::Incomplete(start)));
        }
        self.notice(
            cursor,
            start,
            NoticeCode::OutsideProduct,
            "text between products".into(),
        );
        Ok(None)
    }

    /// `<?xml version="1.0" encoding="…"?>`
    pub(super) fn declaration(&mut self, text: &str) {
        let message = Arc::make_mut(&mut self.message);
        message.encoding = encoding::declared(text);
    }

    pub(super) fn doctype(&mut self, text: &str) {
        let message = Arc::make_mut(&mut self.message);
        message.entities = Entities::declared_in(text);
        message.doctype = format!("<!DOCTYPE {text}>");
        if let Some((release, number)) = Release::stated_in(text) {
            message.release = release;
            message.stated_release = Some(number);
        }
    }
}

/// How far into an input is looked to say what it is.
const DESCRIBED_BYTES: usize = 256;

/// What an input that isn't ONIX seems to be.
fn describe(bytes: &[u8]) -> String {
    let text = bytes.trim_ascii_start();
    let text = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii_start();
    let start = text[..text.len().min(DESCRIBED_BYTES)].to_ascii_lowercase();
    let contains = |word: &[u8]| memchr::memmem::find(&start, word).is_some();
    match start.first() {
        None => "white space only".into(),
        Some(b'{' | b'[') => "what looks like JSON".into(),
        _ if contains(b"<!doctype html") || contains(b"<html") => "an HTML page".into(),
        _ if start.starts_with(b"%pdf") => "a PDF".into(),
        _ if start.starts_with(b"pk\x03\x04") => "a zip archive".into(),
        Some(b'<') => "XML that isn't ONIX".into(),
        Some(_) if start.contains(&0) => "binary data".into(),
        Some(_) => "text that isn't XML".into(),
    }
}

//! One `<Product>`, tokenised once: its bytes and a tape of its elements.
//!
//! The tape has a token an element, in document order. Text is no token: a leaf is its byte range
//! and a few bits that say whether it must be decoded. While an element is open its token's `next`
//! holds the parent, so that filling the tape needs no stack; afterwards it holds the index of
//! the token behind the element and all it contains.

use std::borrow::Cow;
use std::sync::Arc;

use super::message::Message;
use super::notice::Notice;
use super::tag::Tag;
use super::{Element, Product};
use crate::error::Position;

/// One record of a message: a `Product` with its bytes, its tape and its place.
///
/// Made once and handed to [`Reader::read_record`](super::Reader::read_record) again and again, so
/// that its memory is reused. Everything read from it borrows from it.
#[derive(Debug, Clone)]
pub struct Record<'input> {
    pub(super) bytes: Cow<'input, [u8]>,
    pub(super) tape: Tape,
    pub(super) message: Arc<Message>,
    pub(super) position: Position,
    pub(super) notices: Vec<Notice>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    pub(super) tokens: Vec<Token>,
    /// Whether any element may have no text where one belongs.
    pub(super) may_have_blanks: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    /// Where the start tag begins, from the start of the record.
    pub(super) start: u32,
    /// Where its content begins.
    pub(super) content: u32,
    /// Where its content ends.
    pub(super) end: u32,
    /// The token behind the element; while it is open, its parent.
    pub(super) next: u32,
    pub(super) tag: Tag,
    pub(super) flags: u16,
}

/// Bits of a token.
pub(super) mod flag {
    /// The text holds references.
    pub(crate) const REFERENCES: u16 = 1;
    /// It holds CDATA sections, comments or processing instructions.
    pub(crate) const PIECES: u16 = 1 << 1;
    /// Its text holds elements (XHTML) that have no token.
    pub(crate) const MARKUP: u16 = 1 << 2;
    /// It has child elements, each with a token.
    pub(crate) const CHILDREN: u16 = 1 << 3;
    /// It has text of its own.
    pub(crate) const TEXT: u16 = 1 << 4;
    /// Its start tag has attributes.
    pub(crate) const ATTRIBUTES: u16 = 1 << 5;
    /// Text that is not simply the bytes.
    pub(crate) const DECODE: u16 = REFERENCES | PIECES | MARKUP | CHILDREN;
}

impl<'input> Record<'input> {
    /// An empty record, to be filled by a reader.
    pub fn new() -> Self {
        Self {
            bytes: Cow::Borrowed(&[]),
            tape: Tape::default(),
            message: Arc::default(),
            position: Position::default(),
            notices: Vec::new(),
        }
    }

    /// The typed view of it.
    pub fn product(&self) -> Product<'_> {
        Product::new(self)
    }

    /// The `Product` element itself: everything in it by name.
    ///
    /// # Panics
    /// On a record that no reader has filled.
    pub fn element(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// The message it stands in.
    pub fn message(&self) -> &Arc<Message> {
        &self.message
    }

    /// Where it stands.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What was repaired or odd.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The record as it stood in the input, decoded to UTF-8, otherwise untouched.
    pub fn xml(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("a reader fills records with UTF-8")
    }

    /// Its bytes in UTF-8, without checking them once more.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The record with its own copy of its bytes.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            bytes: Cow::Owned(self.bytes.into_owned()),
            tape: self.tape,
            message: self.message,
            position: self.position,
            notices: self.notices,
        }
    }
}

impl Default for Record<'_> {
    fn default() -> Self {
        Self::new()
    }
}

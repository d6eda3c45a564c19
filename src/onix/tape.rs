//! The tape of a record, and how it is filled.
//!
//! It has a token an element, in document order. Text is no token: a leaf is its byte range and a few
//! bits that say whether it must be decoded. While an element is open its token's `next` holds the
//! parent, so that filling the tape needs no stack; afterwards it holds the index of the token behind
//! the element and all it contains.

use quick_xml::events::BytesStart;

use super::fault::{Fault, FaultKind, inside_tag, malformed, shortened};
use super::limits::Limits;
use super::oddities::{Oddities, Oddity};
use super::tag::{Content, Tag, Written};

#[derive(Debug, Clone, Default)]
pub(super) struct Tape {
    pub(super) tokens: Vec<Token>,
    /// Whether any element may have no text where one belongs.
    pub(super) may_have_blanks: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
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

/// The tape being filled, and what the tokens need to know.
pub(super) struct Filler<'a, 'm> {
    /// Where the record begins.
    pub(super) record: usize,
    prefix: &'a [u8],
    pub(super) limits: &'a Limits,
    pub(super) tape: &'a mut Tape,
    odd: &'a mut Oddities<'m>,
}

/// The start tag of what a tape is filled with.
pub(super) struct Open<'input> {
    /// Where its `<` stands.
    pub(super) start: usize,
    /// Where its content begins.
    pub(super) content: usize,
    /// Its name as written.
    pub(super) name: &'input str,
    /// What stands behind the name.
    pub(super) attributes: &'input str,
    /// `<name/>`
    pub(super) empty: bool,
}

/// A start tag in bytes that may yet turn out to be no text.
pub(super) struct StartTag<'b> {
    pub(super) name: &'b [u8],
    /// What stands behind the name.
    pub(super) attributes: &'b [u8],
    /// Where its `<` stands.
    pub(super) start: usize,
    /// Where its content begins.
    pub(super) content: usize,
}

impl<'a, 'm> Filler<'a, 'm> {
    /// For an element at `record` whose names carry this namespace prefix, with the colon.
    pub(super) fn new(
        record: usize,
        prefix: &'a str,
        limits: &'a Limits,
        tape: &'a mut Tape,
        odd: &'a mut Oddities<'m>,
    ) -> Self {
        Self {
            record,
            prefix: prefix.as_bytes(),
            limits,
            tape,
            odd,
        }
    }

    /// Begins anew, with the element that all others stand in.
    pub(super) fn root(&mut self, open: &Open<'_>, tag: Tag) -> Result<(), Fault> {
        self.tape.tokens.clear();
        self.tape.may_have_blanks = false;
        self.odd.clear();
        self.begin(0, tag, open.start, open.content);
        if !open.attributes.is_empty() {
            let raw_at = open.start + 1 + open.name.len();
            self.attributes(0, open.attributes.as_bytes(), open.start, raw_at)?;
        }
        Ok(())
    }

    /// The first byte that the record may not reach.
    pub(super) fn bound(&self) -> usize {
        self.record.saturating_add(self.limits.max_record_bytes)
    }

    /// Where in the bytes the start tag of an element begins.
    #[inline]
    pub(super) fn start_of(&self, token: usize) -> usize {
        self.record + self.tape.tokens[token].start as usize
    }

    /// Whether what stands in an element has tokens of its own.
    #[inline]
    pub(super) fn has_children(&self, token: usize) -> bool {
        let tag = self.tape.tokens[token].tag;
        tag == Tag::Unknown || tag.content() == Content::Composite
    }

    #[inline]
    fn begin(&mut self, parent: usize, tag: Tag, start: usize, content: usize) -> usize {
        let token = self.tape.tokens.len();
        self.tape.tokens.push(Token {
            start: (start - self.record) as u32,
            content: (content - self.record) as u32,
            end: (content - self.record) as u32,
            next: parent as u32,
            tag,
            flags: 0,
        });
        token
    }

    /// Closes an element and returns its parent.
    #[inline]
    pub(super) fn close(&mut self, token: usize, end: usize) -> usize {
        let next = self.tape.tokens.len() as u32;
        let token = &mut self.tape.tokens[token];
        token.end = (end - self.record) as u32;
        std::mem::replace(&mut token.next, next) as usize
    }

    pub(super) fn close_empty(&mut self, token: usize, end: usize) {
        self.tape.may_have_blanks = true;
        self.close(token, end);
    }

    #[inline]
    pub(super) fn mark(&mut self, token: usize, flags: u16) {
        self.tape.tokens[token].flags |= flags;
    }

    /// The name without the message's prefix.
    #[inline]
    fn local<'n>(&self, name: &'n [u8]) -> &'n [u8] {
        // `memcmp` of nothing at all takes as long as everything else together where it loads from a
        // dangling pointer under a mask, as glibc's does with AVX-512.
        match self.prefix.is_empty() {
            true => name,
            false => name.strip_prefix(self.prefix).unwrap_or(name),
        }
    }

    #[inline]
    pub(super) fn child(&mut self, parent: usize, start: &StartTag<'_>) -> Result<usize, Fault> {
        let tag = match Tag::find(self.local(start.name)) {
            Some((tag, Written::Reference | Written::Short)) => tag,
            other => self.odd_name(start, other)?,
        };
        if matches!(tag, Tag::Product | Tag::ONIXMessage) {
            return Err(next_product(start.start));
        }
        self.mark(parent, flag::CHILDREN);
        let token = self.begin(parent, tag, start.start, start.content);
        if !start.attributes.is_empty() {
            let raw_at = start.start + 1 + start.name.len();
            self.attributes(token, start.attributes, start.start, raw_at)?;
        }
        Ok(token)
    }

    #[cold]
    fn odd_name(
        &mut self,
        start: &StartTag<'_>,
        found: Option<(Tag, Written)>,
    ) -> Result<Tag, Fault> {
        let name = text(self.local(start.name), start.start)?;
        if let Some((tag, _)) = found {
            self.odd.push(start.start, Oddity::OtherCase(name, tag));
            return Ok(tag);
        }
        if !is_tag_name(name) {
            return Err(malformed("a `<` that opens nothing", start.start));
        }
        let oddity = Oddity::Unknown(shortened(name));
        self.odd.push(start.start, oddity);
        Ok(Tag::Unknown)
    }

    /// XHTML inside a text: looked at only for what would mean that the text was never closed.
    pub(super) fn markup(&mut self, token: usize, start: &StartTag<'_>) -> Result<(), Fault> {
        let local = self.local(start.name);
        if matches!(Tag::find(local), Some((Tag::Product | Tag::ONIXMessage, _))) {
            return Err(next_product(start.start));
        }
        if !is_tag_name(text(local, start.start)?) {
            return Err(malformed("a `<` that opens nothing", start.start));
        }
        self.mark(token, flag::MARKUP);
        if !start.attributes.is_empty() {
            let raw_at = start.start + 1 + start.name.len();
            self.attributes(token, start.attributes, start.start, raw_at)?;
        }
        Ok(())
    }

    fn attributes(
        &mut self,
        token: usize,
        raw: &[u8],
        at: usize,
        raw_at: usize,
    ) -> Result<(), Fault> {
        let raw = text(raw, raw_at)?;
        if let Some(step) = memchr::memchr(b'<', raw.as_bytes()) {
            return Err(inside_tag(raw_at + step));
        }
        if raw.len() > self.limits.max_tag_bytes {
            return Err(Fault {
                kind: FaultKind::Limit {
                    limit: "max_tag_bytes",
                    value: self.limits.max_tag_bytes as u64,
                },
                at,
            });
        }
        let mut n_attributes = 0;
        for attribute in BytesStart::from_content(raw, 0).attributes() {
            n_attributes += 1;
            if let Err(error) = attribute {
                self.odd.push(at, Oddity::Attribute(error.to_string()));
            }
        }
        if n_attributes > self.limits.max_attributes {
            return Err(Fault {
                kind: FaultKind::Limit {
                    limit: "max_attributes",
                    value: self.limits.max_attributes as u64,
                },
                at,
            });
        }
        if n_attributes > 0 {
            self.mark(token, flag::ATTRIBUTES);
        }
        Ok(())
    }

    /// A `&` that begins no reference.
    #[cold]
    pub(super) fn bare_ampersand(&mut self, token: usize, at: usize) {
        self.odd.push(at, Oddity::BareAmpersand);
        self.mark(token, flag::REFERENCES);
    }

    /// `&name;`, which ends at `end`.
    #[cold]
    pub(super) fn reference(&mut self, token: usize, name: &str, end: usize) {
        self.odd.push(end - name.len() - 2, Oddity::Reference(name));
        self.mark(token, flag::REFERENCES);
        if self.tape.tokens[token].tag.content() == Content::Composite {
            self.own_text(token, end);
        }
    }

    /// Text that stands directly in a composite, or in an element that ONIX doesn't know.
    #[cold]
    pub(super) fn own_text(&mut self, token: usize, at: usize) {
        // Composites of 3.x that held text in 2.1.
        let may_hold_text = matches!(
            self.tape.tokens[token].tag,
            Tag::Unknown | Tag::Territory | Tag::Barcode | Tag::RecordSourceIdentifier
        );
        if !may_hold_text && self.tape.tokens[token].flags & flag::TEXT == 0 {
            self.odd.push(at, Oddity::StrayText);
        }
        self.mark(token, flag::TEXT);
    }
}

fn next_product(at: usize) -> Fault {
    Fault {
        kind: FaultKind::NextProduct,
        at,
    }
}

/// Bytes as text; what isn't any, `at` so many bytes, is a fault.
fn text(bytes: &[u8], at: usize) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| Fault {
        kind: FaultKind::NotUtf8,
        at: at + error.valid_up_to(),
    })
}

/// `NameStartChar NameChar*`, with a prefix or not.
fn is_tag_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_' || c == ':')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-' | '\u{b7}'))
}

//! The light view over the tape: any element, its children, attributes and text, by name.

use std::borrow::Cow;

#[cfg(feature = "serde")]
use super::message::Message;
use super::record::Record;
use super::tag::Tag;
use super::tape::{Token, flag};
use super::text;

/// An element of a record.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    record: &'a Record<'a>,
    token: u32,
}

/// A piece of an element's content, see [`Element::content`].
#[derive(Debug, Clone)]
pub enum Content<'a> {
    /// Text, decoded, its white space as it stands.
    Text(Cow<'a, str>),
    /// A child element of ONIX.
    Element(Element<'a>),
}

impl<'a> Element<'a> {
    pub(super) fn new(record: &'a Record<'_>, token: u32) -> Self {
        Self { record, token }
    }

    /// The message it stands in.
    #[cfg(feature = "serde")]
    pub(super) fn message(self) -> &'a Message {
        &self.record.message
    }

    #[inline]
    fn token(self) -> &'a Token {
        &self.record.tape.tokens[self.token as usize]
    }

    /// Which ONIX element it is.
    #[inline]
    pub fn tag(self) -> Tag {
        self.token().tag
    }

    /// Its reference name; for an element that ONIX doesn't know, the name as written.
    pub fn name(self) -> &'a str {
        match self.tag() {
            Tag::Unknown => self.written(),
            tag => tag.name(),
        }
    }

    /// Its name as written, prefix included.
    pub fn written(self) -> &'a str {
        let token = self.token();
        let tag = &self.record.text[token.start as usize + 1..token.content as usize];
        let end = tag
            .find([' ', '\t', '\r', '\n', '/', '>'])
            .unwrap_or(tag.len());
        &tag[..end]
    }

    /// The first byte of it, counted in its input.
    pub fn byte(self) -> u64 {
        self.record.position.byte + u64::from(self.token().start)
    }

    /// Its children.
    #[inline]
    pub fn children(self) -> Children<'a> {
        Children {
            record: self.record,
            token: self.token + 1,
            end: self.token().next,
        }
    }

    /// The first child of that name.
    pub fn child(self, tag: Tag) -> Option<Element<'a>> {
        self.children().find(|child| child.tag() == tag)
    }

    /// All children of that name.
    pub fn all(self, tag: Tag) -> impl Iterator<Item = Element<'a>> {
        self.children().filter(move |child| child.tag() == tag)
    }

    /// Everything below it of that name, in document order.
    pub fn descendants(self, tag: Tag) -> impl Iterator<Item = Element<'a>> {
        (self.token + 1..self.token().next)
            .map(move |token| Element::new(self.record, token))
            .filter(move |element| element.tag() == tag)
    }

    /// The text of its first child of that name.
    pub fn text_of(self, tag: Tag) -> Option<Cow<'a, str>> {
        self.child(tag).map(Element::text)
    }

    /// Its text: references resolved, pieces joined, inline markup left out, white space collapsed
    /// and trimmed.
    #[inline]
    pub fn text(self) -> Cow<'a, str> {
        let token = self.token();
        let raw = &self.record.text[token.content as usize..token.end as usize];
        if token.flags & flag::DECODE == 0 {
            return text::collapsed(raw);
        }
        text::decoded(raw, &self.record.message, text::Blocks::Spaced)
    }

    /// Its text with the white space as it stands.
    pub fn verbatim(self) -> Cow<'a, str> {
        let token = self.token();
        let raw = self.markup();
        if token.flags & flag::DECODE == 0 {
            return text::lines(raw);
        }
        text::verbatim(raw, &self.record.message)
    }

    /// Its text with the block elements of XHTML as lines.
    pub(super) fn paragraphs(self) -> String {
        let raw = self.markup();
        let text = text::decoded(raw, &self.record.message, text::Blocks::Paragraphs);
        let lines = text.lines().map(text::collapsed);
        let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    }

    /// Whether [`may_be_blank`](Self::may_be_blank) could be said of any element of its record.
    #[cfg(feature = "serde")]
    #[inline]
    pub(super) fn may_have_blanks(self) -> bool {
        self.record.tape.may_have_blanks
    }

    /// Whether its text could be nothing but white space: looked at, not read.
    #[cfg(feature = "serde")]
    #[inline]
    pub(super) fn may_be_blank(self) -> bool {
        let token = self.token();
        match self.markup().as_bytes().first() {
            None => true,
            Some(first) => {
                token.flags & flag::CHILDREN == 0
                    && (*first <= b' ' || token.flags & flag::PIECES != 0)
            }
        }
    }

    /// Whether its text holds elements (XHTML).
    pub fn has_markup(self) -> bool {
        self.token().flags & flag::MARKUP != 0
    }

    /// Whether it has child elements of its own, XHTML not counted.
    pub fn has_children(self) -> bool {
        self.token().flags & flag::CHILDREN != 0
    }

    /// The value of an attribute, by its full name.
    pub fn attribute(self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes()
            .find_map(|(known, value)| (known == name).then_some(value))
    }

    /// Its attributes, in order.
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let token = self.token();
        let raw = match token.flags & flag::ATTRIBUTES {
            0 => "",
            _ => {
                let tag = &self.record.text[token.start as usize + 1..token.content as usize - 1];
                let tag = tag.strip_suffix('/').unwrap_or(tag);
                &tag[self.written().len()..]
            }
        };
        text::attributes(raw, &self.record.message)
    }

    /// Its content in order: text (where it isn't white space between elements) and children.
    /// XHTML inside a text comes as part of that text's [`markup`](Element::markup), not from here.
    pub fn content(self) -> Vec<Content<'a>> {
        let token = self.token();
        if token.flags & (flag::CHILDREN | flag::TEXT) == flag::CHILDREN {
            return self.children().map(Content::Element).collect();
        }
        if token.flags & flag::CHILDREN == 0 {
            let text = self.verbatim();
            return match text.is_empty() {
                true => Vec::new(),
                false => vec![Content::Text(text)],
            };
        }
        let mut out = Vec::new();
        let mut at = token.content;
        for child in self.children() {
            let inner = child.token();
            self.push_text(at, inner.start, &mut out);
            out.push(Content::Element(child));
            at = child.end();
        }
        self.push_text(at, token.end, &mut out);
        out
    }

    fn push_text(self, from: u32, to: u32, out: &mut Vec<Content<'a>>) {
        let raw = &self.record.text[from as usize..to as usize];
        let text = text::verbatim(raw, &self.record.message);
        if !text.trim_ascii().is_empty() {
            out.push(Content::Text(text));
        }
    }

    /// All of it as it is written, tags included.
    #[cfg(feature = "index")]
    pub(crate) fn outer(self) -> &'a str {
        &self.record.text[self.token().start as usize..self.end() as usize]
    }

    /// The byte behind its end tag, from the start of the record.
    fn end(self) -> u32 {
        let token = self.token();
        let text = self.record.text.as_bytes();
        // `<name/>` has none, and what follows may be another's.
        if text[token.content as usize - 2] == b'/' {
            return token.end;
        }
        let length = memchr::memchr(b'>', &text[token.end as usize..]);
        token.end + length.expect("an end tag ends") as u32 + 1
    }

    /// What stands between its tags as it is written there, markup and references included.
    pub fn markup(self) -> &'a str {
        let token = self.token();
        &self.record.text[token.content as usize..token.end as usize]
    }
}

impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}> at byte {}", self.name(), self.byte())
    }
}

/// Same element of the same record.
impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.record, other.record) && self.token == other.token
    }
}

/// The children of an element, in document order.
#[derive(Debug, Clone)]
pub struct Children<'a> {
    record: &'a Record<'a>,
    token: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.token >= self.end {
            return None;
        }
        let element = Element::new(self.record, self.token);
        self.token = element.token().next;
        Some(element)
    }
}

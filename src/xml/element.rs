//! The light view: elements by their names.

use std::borrow::Cow;

use super::record::Record;
use super::tape::Token;
use crate::onix::html_to_plain;

/// An element of a publication. Names are compared in any case, without their prefix.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    record: &'a Record<'a>,
    token: u32,
}

impl<'a> Element<'a> {
    pub(super) fn new(record: &'a Record<'a>, token: u32) -> Self {
        Self { record, token }
    }

    fn token(self) -> &'a Token {
        &self.record.tape.tokens[self.token as usize]
    }

    fn between(self, from: u32, to: u32) -> &'a str {
        self.record
            .text
            .get(from as usize..to as usize)
            .unwrap_or_default()
    }

    /// Its name, without a prefix.
    pub fn name(self) -> &'a str {
        let token = self.token();
        let written = self.between(token.start + 1, token.name_end);
        written.rsplit(':').next().unwrap_or(written)
    }

    /// The byte of its input at which it begins. In a record that had to be transcoded, bytes are
    /// counted in UTF-8 from where the record begins.
    pub fn byte(self) -> u64 {
        self.record.position.byte + u64::from(self.token().start)
    }

    /// What stands between its tags, as received.
    pub fn markup(self) -> &'a str {
        self.between(self.token().content, self.token().content_end)
    }

    /// Where it stands in its record, tags included.
    #[cfg(feature = "server")]
    pub(crate) fn range(self) -> std::ops::Range<usize> {
        let token = self.token();
        let (start, content_end) = (token.start as usize, token.content_end as usize);
        let is_empty = self.between(token.start, token.content).ends_with("/>");
        let rest = self.record.text.get(content_end..).unwrap_or_default();
        let end_tag = rest.find('>').filter(|_| !is_empty);
        start..content_end + end_tag.map_or(0, |at| at + 1)
    }

    /// Its text: references resolved, CDATA unwrapped, white space collapsed.
    pub fn text(self) -> Cow<'a, str> {
        self.record.message.text(self.markup())
    }

    /// A text that is HTML (in CDATA, escaped, or as elements) without its tags; paragraphs are lines.
    pub fn plain(self) -> String {
        match self.children().next() {
            Some(_) => html_to_plain(self.markup()),
            None => html_to_plain(&self.record.message.verbatim(self.markup())),
        }
    }

    /// The elements directly in it.
    pub fn children(self) -> Children<'a> {
        Children {
            record: self.record,
            at: self.token + 1,
            end: self.token().next,
        }
    }

    /// The first element of this name directly in it.
    pub fn child(self, name: &str) -> Option<Element<'a>> {
        self.children()
            .find(|child| child.name().eq_ignore_ascii_case(name))
    }

    /// All elements of this name directly in it.
    pub fn all(self, name: &'static str) -> impl Iterator<Item = Element<'a>> {
        self.children()
            .filter(move |child| child.name().eq_ignore_ascii_case(name))
    }

    /// The element at a path of names, such as `title/main`, each time the first.
    pub fn at(self, path: &str) -> Option<Element<'a>> {
        path.split('/')
            .try_fold(self, |element, name| element.child(name))
    }

    /// The text of the element at a path; `None` where there is none, or it is empty.
    pub fn text_of(self, path: &str) -> Option<Cow<'a, str>> {
        let text = self.at(path)?.text();
        (!text.is_empty()).then_some(text)
    }
}

impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{}> at byte {}", self.name(), self.byte())
    }
}

/// The elements directly in another one, see [`Element::children`].
#[derive(Clone)]
pub struct Children<'a> {
    record: &'a Record<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        if self.at >= self.end {
            return None;
        }
        let element = Element::new(self.record, self.at);
        self.at = element.token().next;
        Some(element)
    }
}

impl std::fmt::Debug for Children<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

//! Fills the tape of an element that is sound, without events: a look at each `<` and each `&`.
//!
//! What it isn't sure of it leaves alone, and the [tokenizer](super::tokenizer) reads the element from its
//! beginning: whatever is wrong with a record, and whatever is rare, is judged in that one place. What it
//! does read comes to the same tape.

use memchr::{memchr2, memchr3, memmem};

use super::resync::Outline;
use super::tape::{Filler, Open, StartTag, flag};

/// Reads the element whose root `filler` has; returns where it ends. Whether it is UTF-8 throughout is
/// not looked at.
pub(super) fn element(bytes: &[u8], open: &Open<'_>, filler: &mut Filler<'_, '_>) -> Option<usize> {
    if open.empty {
        return None;
    }
    let bound = filler.bound().min(bytes.len());
    let bytes = &bytes[..bound];
    let scanner = Scanner { bytes, filler };
    // quick-xml takes `<Text(<o:Product>` for a start tag, with a name up to the `>`.
    if scanner.name(open.start + 1)? != open.name.as_bytes() {
        return None;
    }
    scanner.composites(open.content)
}

struct Scanner<'s, 'a, 'm> {
    bytes: &'s [u8],
    filler: &'s mut Filler<'a, 'm>,
}

impl<'s> Scanner<'s, '_, '_> {
    /// Reads on to the end tag of the element that is open.
    fn composites(mut self, mut at: usize) -> Option<usize> {
        let mut current = 0;
        let mut depth = 1;
        loop {
            at = self.behind_space(at)?;
            match (self.bytes[at], *self.bytes.get(at + 1)?) {
                (b'<', b'/') => {
                    let end = self.end_tag(at, self.name(self.filler.start_of(current) + 1)?)?;
                    current = self.filler.close(current, at);
                    depth -= 1;
                    if depth == 0 {
                        return Some(end);
                    }
                    at = end;
                }
                (b'<', b'!') => at = self.construct(current, at, flag::TEXT)?,
                (b'<', _) => {
                    let (start, is_empty) = self.start_tag(at)?;
                    let child = self.filler.child(current, &start).ok()?;
                    at = start.content;
                    if depth == self.filler.limits.max_depth {
                        return None;
                    }
                    if is_empty {
                        self.filler.close_empty(child, at);
                        continue;
                    }
                    if self.filler.has_children(child) {
                        current = child;
                        depth += 1;
                    } else {
                        at = self.leaf(child, start.name, depth + 1, at)?;
                    }
                }
                (b'&', _) => at = self.reference(current, at)?,
                _ => {
                    self.filler.own_text(current, at);
                    at = self.text_end(at)?;
                }
            }
        }
    }

    /// Reads the content of an element that holds text, up to the byte behind its end tag.
    fn leaf(
        &mut self,
        token: usize,
        name: &'s [u8],
        depth: usize,
        content: usize,
    ) -> Option<usize> {
        let mut at = self.text_end(content)?;
        if self.bytes[content..at].trim_ascii_start().is_empty() {
            self.filler.tape.may_have_blanks = true;
        }
        // Names of the elements of XHTML that are open.
        let mut inner: Vec<&[u8]> = Vec::new();
        loop {
            at = match (self.bytes[at], *self.bytes.get(at + 1)?) {
                (b'<', b'/') => match inner.pop() {
                    Some(name) => self.end_tag(at, name)?,
                    None => {
                        let end = self.end_tag(at, name)?;
                        self.filler.close(token, at);
                        return Some(end);
                    }
                },
                (b'<', b'!') => self.construct(token, at, 0)?,
                (b'<', _) => {
                    let (start, is_empty) = self.start_tag(at)?;
                    self.filler.markup(token, &start).ok()?;
                    if depth + inner.len() == self.filler.limits.max_depth {
                        return None;
                    }
                    if !is_empty {
                        inner.push(start.name);
                    }
                    start.content
                }
                _ => self.reference(token, at)?,
            };
            at = self.text_end(at)?;
        }
    }

    /// A start tag, and whether it is an empty element's.
    #[inline]
    fn start_tag(&self, at: usize) -> Option<(StartTag<'s>, bool)> {
        let name = self.name(at + 1)?;
        let name_end = at + 1 + name.len();
        let (attributes_end, is_empty) = match (name.len(), self.bytes[name_end]) {
            (0, _) => return None,
            (_, b'>') => (name_end, false),
            _ => self.attributes_end(name_end)?,
        };
        let start = StartTag {
            name,
            attributes: &self.bytes[name_end..attributes_end],
            start: at,
            content: attributes_end + 1 + usize::from(is_empty),
        };
        Some((start, is_empty))
    }

    /// Where the attributes end that begin here, and whether a `/` follows.
    fn attributes_end(&self, from: usize) -> Option<(usize, bool)> {
        let is_name_end = matches!(self.bytes[from], b' ' | b'\t' | b'\r' | b'\n' | b'/');
        if !is_name_end || self.bytes[from] == b'/' && *self.bytes.get(from + 1)? != b'>' {
            return None;
        }
        let mut at = from;
        loop {
            at += memchr3(b'>', b'"', b'\'', &self.bytes[at..])?;
            let quote = self.bytes[at];
            if quote == b'>' {
                let is_empty = self.bytes[at - 1] == b'/';
                return Some((at - usize::from(is_empty), is_empty));
            }
            at += 2 + memchr::memchr(quote, &self.bytes[at + 1..])?;
        }
    }

    /// The byte behind the end tag of that name which begins here.
    #[inline]
    fn end_tag(&self, at: usize, name: &[u8]) -> Option<usize> {
        let end = at + 2 + name.len();
        let is_it = super::tag::equal(self.bytes.get(at + 2..end)?, name);
        (is_it && *self.bytes.get(end)? == b'>').then_some(end + 1)
    }

    /// A comment or a CDATA section; `flags` is what the latter means beside.
    #[cold]
    fn construct(&mut self, token: usize, at: usize, flags: u16) -> Option<usize> {
        let rest = &self.bytes[at..];
        let (length, flags) = if let Some(section) = rest.strip_prefix(b"<![CDATA[") {
            (9 + memmem::find(section, b"]]>")? + 3, flags)
        } else {
            let comment = rest.strip_prefix(b"<!--")?;
            if comment.starts_with(b">") || comment.starts_with(b"->") {
                return None;
            }
            (4 + memmem::find(comment, b"-->")? + 3, 0)
        };
        if Outline::is_swallowing(self.bytes, at, at + length) {
            return None;
        }
        self.filler.mark(token, flag::PIECES | flags);
        Some(at + length)
    }

    /// `&name;`
    #[cold]
    fn reference(&mut self, token: usize, at: usize) -> Option<usize> {
        let rest = &self.bytes[at + 1..];
        let length = memchr3(b';', b'&', b'<', rest).filter(|length| rest[*length] == b';')?;
        let end = at + 1 + length + 1;
        let name = std::str::from_utf8(&rest[..length]).ok()?;
        self.filler.reference(token, name, end);
        Some(end)
    }

    #[inline]
    fn behind_space(&self, mut at: usize) -> Option<usize> {
        while matches!(self.bytes.get(at)?, b' ' | b'\t' | b'\r' | b'\n') {
            at += 1;
        }
        Some(at)
    }

    /// The next `<` or `&`.
    #[inline]
    fn text_end(&self, mut at: usize) -> Option<usize> {
        // Most texts are shorter than a call is long.
        for _ in 0..2 {
            let Some(word) = word(self.bytes, at) else {
                break;
            };
            let found = zeros(word ^ splat(b'<')) | zeros(word ^ splat(b'&'));
            if found != 0 {
                return Some(at + found.trailing_zeros() as usize / 8);
            }
            at += 8;
        }
        Some(at + memchr2(b'<', b'&', &self.bytes[at..])?)
    }

    /// The name that begins here, up to a `>` or anything before `0`: white space, `/`, quotes.
    #[inline]
    fn name(&self, start: usize) -> Option<&'s [u8]> {
        let mut at = start;
        while let Some(word) = word(self.bytes, at) {
            let found = zeros(word ^ splat(b'>')) | below(word, b'0');
            if found != 0 {
                return Some(&self.bytes[start..at + found.trailing_zeros() as usize / 8]);
            }
            at += 8;
        }
        let rest = &self.bytes[at..];
        let length = rest.iter().position(|b| *b == b'>' || *b < b'0')?;
        Some(&self.bytes[start..at + length])
    }
}

/// Eight bytes, the first in the lowest place.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..at + 8)?;
    Some(u64::from_le_bytes(word.try_into().ok()?))
}

const LOWEST: u64 = u64::from_ne_bytes([1; 8]);
const HIGHEST: u64 = LOWEST << 7;

const fn splat(byte: u8) -> u64 {
    LOWEST * byte as u64
}

/// The highest bit of each byte that is zero; right up to the first one.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOWEST) & !word & HIGHEST
}

/// The highest bit of each byte below `byte`; right up to the first one.
#[inline]
const fn below(word: u64, byte: u8) -> u64 {
    word.wrapping_sub(splat(byte)) & !word & HIGHEST
}

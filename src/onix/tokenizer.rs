//! The tokenizer that fills the tape. This is the only file that knows quick-xml's reader; another
//! tokenizer can take its place behind [`Tokenizer`].

use quick_xml::Reader;
use quick_xml::errors::{Error as XmlError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use super::limits::Limits;
use super::record::{Tape, Token, flag};
use super::resync::{Found, Outline, Window};
use super::tag::{Content, Tag, Written, equal};

/// What is said of a comment, a CDATA section or a tag that nothing closes.
pub(super) const UNCLOSED: &str = "a construct that is never closed";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads markup from a slice: one thing between products at a time, and whole elements onto a tape.
pub(super) struct Tokenizer<'input> {
    /// What it may read; positions count from the beginning of it.
    bytes: &'input [u8],
    xml: Reader<&'input [u8]>,
    /// Where in `bytes` the reader was started.
    base: usize,
}

/// Something that stands outside products.
pub(super) enum Item<'input> {
    /// A start tag, or an empty element's.
    Open(Open<'input>),
    /// An end tag.
    Close { name: &'input [u8] },
    /// Text that isn't white space only.
    Text { start: usize },
    /// `<?xml …?>`
    Declaration { text: &'input str },
    /// `<!DOCTYPE …>`
    DocType { text: String },
    /// White space, a comment or a processing instruction.
    Passed,
    /// The end of the bytes.
    End,
}

/// A start tag that was just read.
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

/// Why an element could not be read to its end.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// The byte at which it was seen.
    pub(super) at: usize,
}

#[derive(Debug)]
pub(super) enum FaultKind {
    /// The bytes end inside it.
    Incomplete,
    /// The next product begins inside it.
    NextProduct,
    /// Bytes that aren't UTF-8.
    NotUtf8,
    Malformed(String),
    Limit {
        limit: &'static str,
        value: u64,
    },
}

/// What a tape's reader wants to be told of, beside the tokens.
pub(super) enum Oddity<'a> {
    BareAmpersand,
    Reference(&'a str),
    Attribute(String),
    OtherCase(&'a str, Tag),
    Unknown(&'a str),
    StrayText,
}

impl<'input> Tokenizer<'input> {
    pub(super) fn new(bytes: &'input [u8], mut at: usize) -> Self {
        // The reader would pass over a byte order mark without counting it.
        while bytes[at..].starts_with(BYTE_ORDER_MARK) {
            at += BYTE_ORDER_MARK.len();
        }
        let mut xml = Reader::from_reader(&bytes[at..]);
        let config = xml.config_mut();
        // Values are byte ranges, so that white space between tags can be skipped unseen.
        config.trim_text_start = true;
        config.allow_dangling_amp = true;
        // Checked against the tape, which costs less.
        config.check_end_names = false;
        config.trim_markup_names_in_closing_tags = false;
        // A window may begin inside a message whose root closes in it.
        config.allow_unmatched_ends = true;
        Self {
            bytes,
            xml,
            base: at,
        }
    }

    /// The byte behind the last thing read.
    pub(super) fn position(&self) -> usize {
        self.base + self.xml.buffer_position() as usize
    }

    /// Goes on from another place, in these bytes.
    pub(super) fn restart(&mut self, bytes: &'input [u8], at: usize) {
        *self = Self::new(bytes, at);
    }

    /// The next thing between products, which may take so many bytes.
    pub(super) fn item(&mut self, limits: &Limits) -> Result<Item<'input>, Fault> {
        let before = self.position();
        let event = match self.xml.read_event() {
            Ok(event) => event,
            Err(error) => return Err(self.fault_outside(error, before)),
        };
        let is_text = matches!(event, Event::Text(_) | Event::GeneralRef(_));
        if self.position() - before > limits.max_record_bytes && !is_text {
            return Err(incomplete(before));
        }
        Ok(match event {
            Event::Start(start) => Item::Open(self.open(&start, false)),
            Event::Empty(start) => Item::Open(self.open(&start, true)),
            Event::End(_) => {
                let end = self.position();
                let tag = &self.bytes[before..end];
                let name = tag.trim_ascii_start();
                Item::Close {
                    name: name[2..name.len() - 1].trim_ascii_end(),
                }
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                let raw = &self.bytes[before..self.position()];
                let start = before + raw.len() - without_space(raw).len();
                match start == self.position() {
                    true => Item::Passed,
                    false => Item::Text { start },
                }
            }
            Event::Decl(_) => {
                let raw = self.bytes[before..self.position()].trim_ascii();
                Item::Declaration {
                    text: std::str::from_utf8(raw).unwrap_or(""),
                }
            }
            Event::DocType(text) => {
                let text = text.into_inner();
                let window = Window {
                    end: text.len(),
                    last: true,
                };
                // One that was never closed.
                match Outline::default().next_product(text.as_bytes(), 0, window) {
                    Found::At(_) => return Err(self.doctype(&text)),
                    _ => Item::DocType {
                        text: text.into_owned(),
                    },
                }
            }
            Event::Comment(_) | Event::PI(_) => {
                self.unless_swallowing(before)?;
                Item::Passed
            }
            Event::Eof => Item::End,
        })
    }

    fn open(&self, start: &BytesStart<'_>, empty: bool) -> Open<'input> {
        let content = self.position();
        let at = content - start.len() - 2 - usize::from(empty);
        let raw = &self.bytes[at + 1..at + 1 + start.len()];
        let text = std::str::from_utf8(raw).expect("the reader has checked the tag");
        let (name, attributes) = text.split_at(start.name().as_ref().len());
        Open {
            start: at,
            content,
            name,
            attributes,
            empty,
        }
    }

    /// Reads the element whose start tag was just read, onto the tape; returns where it ends.
    ///
    /// `prefix` is the namespace prefix that its names carry, with the colon.
    pub(super) fn element(
        &mut self,
        open: &Open<'input>,
        tag: Tag,
        prefix: &str,
        limits: &Limits,
        tape: &mut Tape,
        odd: &mut dyn FnMut(usize, Oddity<'_>),
    ) -> Result<usize, Fault> {
        let mut filler = Filler {
            record: open.start,
            prefix,
            limits,
            tape,
            odd,
        };
        filler.tape.tokens.clear();
        filler.tape.may_have_blanks = false;
        filler.begin(0, tag, open.start, open.content);
        if !open.attributes.is_empty() {
            let raw_at = open.start + 1 + open.name.len();
            filler.attributes(0, open.attributes, open.start, raw_at)?;
        }
        if open.empty {
            filler.close_empty(0, open.content);
            return Ok(open.content);
        }
        let last = open.start.saturating_add(limits.max_record_bytes);
        let mut current = 0;
        let mut depth = 1;
        loop {
            // Looked at where it lies: copying it costs more than reading it.
            let read = self.xml.read_event();
            let event = match &read {
                Ok(event) => event,
                Err(error) => return Err(self.fault_inside(error.clone())),
            };
            let end = self.position();
            if end > last {
                return Err(self.beyond(event, last, limits));
            }
            match event {
                Event::Start(start) => {
                    let at = end - start.len() - 2;
                    let child = filler.child(current, start, at, end)?;
                    depth += 1;
                    if depth > limits.max_depth {
                        return Err(too_deep(limits, at));
                    }
                    match filler.tape.tokens[child].tag.content() {
                        Content::Composite => current = child,
                        _ if filler.tape.tokens[child].tag == Tag::Unknown => current = child,
                        _ => {
                            let content_end = self.leaf(child, depth, &mut filler)?;
                            filler.close(child, content_end);
                            depth -= 1;
                        }
                    }
                }
                Event::End(name) => {
                    let name = name.name().into_inner();
                    let content_end = self.end_tag(end, name.len());
                    let open = filler.record + filler.tape.tokens[current].start as usize;
                    self.unless_mismatched(open, name, content_end)?;
                    let parent = filler.close(current, content_end);
                    depth -= 1;
                    if depth == 0 {
                        return Ok(end);
                    }
                    current = parent;
                }
                Event::Empty(start) => {
                    let at = end - start.len() - 3;
                    let child = filler.child(current, start, at, end)?;
                    filler.close_empty(child, end);
                }
                Event::Text(text) => {
                    filler.text(current, text, end);
                }
                Event::CData(text) => {
                    self.unless_swallowing(end - text.len() - 12)?;
                    filler.mark(current, flag::PIECES | flag::TEXT);
                }
                Event::GeneralRef(name) => {
                    filler.reference(current, name, end);
                }
                Event::Comment(text) => {
                    self.unless_swallowing(end - text.len() - 7)?;
                    filler.mark(current, flag::PIECES);
                }
                Event::PI(text) => {
                    self.unless_swallowing(end - text.len() - 4)?;
                    filler.mark(current, flag::PIECES);
                }
                Event::Decl(_) => filler.mark(current, flag::PIECES),
                Event::DocType(text) => return Err(self.doctype(text)),
                Event::Eof => return Err(incomplete(end)),
            }
        }
    }

    /// Reads the content of an element that holds text: no tokens, whatever stands in it.
    fn leaf(
        &mut self,
        token: usize,
        depth: usize,
        filler: &mut Filler<'_>,
    ) -> Result<usize, Fault> {
        // Where the elements of XHTML begin that are open.
        let mut inner: Vec<usize> = Vec::new();
        let mut is_blank = true;
        let open = filler.record + filler.tape.tokens[token].start as usize;
        let last = filler.record.saturating_add(filler.limits.max_record_bytes);
        loop {
            // Looked at where it lies: copying it costs more than reading it.
            let read = self.xml.read_event();
            let event = match &read {
                Ok(event) => event,
                Err(error) => return Err(self.fault_inside(error.clone())),
            };
            if self.position() > last {
                return Err(self.beyond(event, last, filler.limits));
            }
            match event {
                Event::End(name) => {
                    let name = name.name().into_inner();
                    let content_end = self.end_tag(self.position(), name.len());
                    let Some(open) = inner.pop() else {
                        filler.tape.may_have_blanks |= is_blank;
                        self.unless_mismatched(open, name, content_end)?;
                        return Ok(content_end);
                    };
                    self.unless_mismatched(open, name, content_end)?;
                }
                Event::Text(text) => {
                    is_blank = false;
                    if text.starts_with('&') {
                        let end = self.position();
                        (filler.odd)(end - text.len(), Oddity::BareAmpersand);
                        filler.mark(token, flag::REFERENCES);
                    }
                }
                Event::GeneralRef(name) => {
                    let end = self.position();
                    filler.reference(token, name, end);
                }
                Event::CData(text) => {
                    self.unless_swallowing(self.position() - text.len() - 12)?;
                    filler.mark(token, flag::PIECES);
                }
                Event::Comment(text) => {
                    self.unless_swallowing(self.position() - text.len() - 7)?;
                    filler.mark(token, flag::PIECES);
                }
                Event::PI(text) => {
                    self.unless_swallowing(self.position() - text.len() - 4)?;
                    filler.mark(token, flag::PIECES);
                }
                Event::Start(start) => {
                    let at = self.position() - start.len() - 2;
                    filler.markup(token, start, at)?;
                    inner.push(at);
                    if depth + inner.len() > filler.limits.max_depth {
                        return Err(too_deep(filler.limits, at));
                    }
                }
                Event::Empty(start) => {
                    let at = self.position() - start.len() - 3;
                    filler.markup(token, start, at)?;
                }
                Event::Decl(_) => filler.mark(token, flag::PIECES),
                Event::DocType(text) => return Err(self.doctype(text)),
                Event::Eof => return Err(incomplete(self.position())),
            }
        }
    }

    /// What to say of an event that ends beyond what the record may take: text is simply too much; of
    /// anything else, what counts is that it didn't end before.
    #[cold]
    fn beyond(&self, event: &Event<'_>, last: usize, limits: &Limits) -> Fault {
        let end = self.position();
        let (start, tag) = match event {
            Event::Start(tag) => (end - tag.len() - 2, Some(tag)),
            Event::Empty(tag) => (end - tag.len() - 3, Some(tag)),
            Event::Text(_) | Event::GeneralRef(_) => {
                return Fault {
                    kind: FaultKind::Limit {
                        limit: "max_record_bytes",
                        value: limits.max_record_bytes as u64,
                    },
                    at: last,
                };
            }
            Event::CData(text) => (end - text.len() - 12, None),
            Event::Comment(text) => (end - text.len() - 7, None),
            Event::PI(text) => (end - text.len() - 4, None),
            Event::DocType(text) => return self.doctype(text),
            Event::End(_) | Event::Decl(_) | Event::Eof => (self.last_tag(end), None),
        };
        let inside = tag.and_then(|tag| memchr::memchr(b'<', tag.as_bytes()));
        match inside.map(|step| start + 1 + step) {
            Some(at) if at < last => inside_tag(at),
            _ => incomplete(start),
        }
    }

    /// Refuses an end tag whose name isn't that of the start tag at `open`.
    #[inline]
    fn unless_mismatched(&self, open: usize, name: &str, at: usize) -> Result<(), Fault> {
        let tag = &self.bytes[open + 1..];
        let ends = |b: &u8| matches!(b, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n');
        let is_same = tag
            .split_at_checked(name.len())
            .is_some_and(|(start, rest)| {
                equal(start, name.as_bytes()) && rest.first().is_some_and(ends)
            });
        if is_same {
            return Ok(());
        }
        // White space behind the name.
        let trimmed = name.trim_ascii_end();
        match trimmed.len() < name.len() {
            true => self.unless_mismatched(open, trimmed, at),
            false => Err(mismatched(tag, name, at)),
        }
    }

    /// Refuses a construct that was never closed, though the end of another one seems to close it.
    fn unless_swallowing(&self, start: usize) -> Result<(), Fault> {
        let at = self.bytes[start..]
            .iter()
            .position(|b| *b == b'<')
            .map_or(start, |step| start + step);
        if !Outline::is_swallowing(self.bytes, at, self.position()) {
            return Ok(());
        }
        Err(Fault {
            kind: FaultKind::Malformed(UNCLOSED.into()),
            at,
        })
    }

    /// A DOCTYPE where none may stand; what stands in it is borrowed from the bytes.
    #[cold]
    fn doctype(&self, text: &str) -> Fault {
        let content = (text.as_ptr() as usize).saturating_sub(self.bytes.as_ptr() as usize);
        let before = &self.bytes[..content.min(self.position())];
        doctype(memchr::memrchr(b'<', before).unwrap_or(content))
    }

    fn last_tag(&self, end: usize) -> usize {
        memchr::memrchr(b'<', &self.bytes[..end]).unwrap_or(end)
    }

    /// Where the end tag that ends at `end` begins.
    #[inline]
    fn end_tag(&self, end: usize, name: usize) -> usize {
        let start = end - name - 3;
        if self.bytes[start] == b'<' {
            return start;
        }
        // White space behind the name.
        memchr::memrchr(b'<', &self.bytes[..end]).expect("an end tag begins with `<`")
    }

    #[cold]
    fn fault_outside(&self, error: XmlError, before: usize) -> Fault {
        match error {
            XmlError::Encoding(_) => {
                let seen = std::str::from_utf8(&self.bytes[before..]);
                let n_valid = seen.map_or_else(|error| error.valid_up_to(), str::len);
                Fault {
                    kind: FaultKind::NotUtf8,
                    at: before + n_valid,
                }
            }
            error => self.fault(error),
        }
    }

    #[cold]
    fn fault_inside(&self, error: XmlError) -> Fault {
        match error {
            XmlError::Syntax(SyntaxError::UnclosedDoctype) => {
                doctype(self.base + self.xml.error_position() as usize)
            }
            error => self.fault(error),
        }
    }

    #[cold]
    fn fault(&self, error: XmlError) -> Fault {
        let at = self.base + self.xml.error_position() as usize;
        let kind = match error {
            XmlError::Syntax(error) => match error {
                SyntaxError::InvalidBangMarkup if at + 9 < self.bytes.len() => {
                    FaultKind::Malformed("a `<!` that begins neither comment nor CDATA".into())
                }
                SyntaxError::UnclosedTag
                | SyntaxError::UnclosedSingleQuotedAttributeValue
                | SyntaxError::UnclosedDoubleQuotedAttributeValue => {
                    let rest = self.bytes.get(at + 1..).unwrap_or_default();
                    if let Some(step) = memchr::memchr(b'<', rest) {
                        return inside_tag(at + 1 + step);
                    }
                    FaultKind::Incomplete
                }
                _ => FaultKind::Incomplete,
            },
            XmlError::Encoding(_) => FaultKind::NotUtf8,
            other => FaultKind::Malformed(shortened(&other.to_string()).to_owned()),
        };
        Fault { kind, at }
    }
}

/// What follows white space and byte order marks.
pub(super) fn without_space(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        match bytes.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => bytes = rest,
            None => return bytes,
        }
    }
}

#[cold]
fn mismatched(tag: &[u8], found: &str, at: usize) -> Fault {
    let ends = |b: &u8| matches!(b, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n');
    let length = tag.iter().position(ends).unwrap_or(tag.len());
    let expected = String::from_utf8_lossy(&tag[..length]);
    Fault {
        kind: FaultKind::Malformed(format!(
            "end tag </{}> where </{}> was expected",
            shortened(found),
            shortened(&expected)
        )),
        at,
    }
}

fn incomplete(at: usize) -> Fault {
    Fault {
        kind: FaultKind::Incomplete,
        at,
    }
}

fn doctype(at: usize) -> Fault {
    Fault {
        kind: FaultKind::Malformed("a DOCTYPE inside an element".into()),
        at,
    }
}

/// A `<` where none may stand: the tag before it was never closed.
fn inside_tag(at: usize) -> Fault {
    Fault {
        kind: FaultKind::Malformed("a `<` inside a tag".into()),
        at,
    }
}

fn too_deep(limits: &Limits, at: usize) -> Fault {
    Fault {
        kind: FaultKind::Limit {
            limit: "max_depth",
            value: limits.max_depth as u64,
        },
        at,
    }
}

/// At most some eighty bytes of a text that comes from the input.
fn shortened(text: &str) -> &str {
    match text.char_indices().nth(80) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

/// The tape being filled, and what the tokens need to know.
struct Filler<'a> {
    /// Where the record begins.
    record: usize,
    prefix: &'a str,
    limits: &'a Limits,
    tape: &'a mut Tape,
    odd: &'a mut dyn FnMut(usize, Oddity<'_>),
}

impl Filler<'_> {
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
    fn close(&mut self, token: usize, end: usize) -> usize {
        let next = self.tape.tokens.len() as u32;
        let token = &mut self.tape.tokens[token];
        token.end = (end - self.record) as u32;
        std::mem::replace(&mut token.next, next) as usize
    }

    fn close_empty(&mut self, token: usize, end: usize) {
        self.tape.may_have_blanks = true;
        self.close(token, end);
    }

    #[inline]
    fn mark(&mut self, token: usize, flags: u16) {
        self.tape.tokens[token].flags |= flags;
    }

    /// The name without the message's prefix.
    #[inline]
    fn local<'n>(&self, name: &'n str) -> &'n str {
        // `memcmp` of nothing at all takes as long as everything else together where it loads from a
        // dangling pointer under a mask, as glibc's does with AVX-512.
        match self.prefix.is_empty() {
            true => name,
            false => name.strip_prefix(self.prefix).unwrap_or(name),
        }
    }

    #[inline]
    fn child(
        &mut self,
        parent: usize,
        start: &BytesStart<'_>,
        at: usize,
        content: usize,
    ) -> Result<usize, Fault> {
        let name = start.name();
        let name = name.as_ref();
        let local = self.local(name);
        let tag = match Tag::find(local.as_bytes()) {
            Some((tag, Written::Reference | Written::Short)) => tag,
            other => self.odd_name(local, other, at)?,
        };
        if matches!(tag, Tag::Product | Tag::ONIXMessage) {
            return Err(Fault {
                kind: FaultKind::NextProduct,
                at,
            });
        }
        self.mark(parent, flag::CHILDREN);
        let token = self.begin(parent, tag, at, content);
        if start.len() > name.len() {
            self.attributes(token, start.attributes_raw(), at, at + 1 + name.len())?;
        }
        Ok(token)
    }

    #[cold]
    fn odd_name(
        &mut self,
        name: &str,
        found: Option<(Tag, Written)>,
        at: usize,
    ) -> Result<Tag, Fault> {
        if let Some((tag, _)) = found {
            (self.odd)(at, Oddity::OtherCase(name, tag));
            return Ok(tag);
        }
        if !is_tag_name(name) {
            return Err(Fault {
                kind: FaultKind::Malformed("a `<` that opens nothing".into()),
                at,
            });
        }
        (self.odd)(at, Oddity::Unknown(shortened(name)));
        Ok(Tag::Unknown)
    }

    /// XHTML inside a text: looked at only for what would mean that the text was never closed.
    fn markup(&mut self, token: usize, start: &BytesStart<'_>, at: usize) -> Result<(), Fault> {
        let name = start.name();
        let name = name.as_ref();
        let local = self.local(name);
        if matches!(
            Tag::find(local.as_bytes()),
            Some((Tag::Product | Tag::ONIXMessage, _))
        ) {
            return Err(Fault {
                kind: FaultKind::NextProduct,
                at,
            });
        }
        if !is_tag_name(local) {
            return Err(Fault {
                kind: FaultKind::Malformed("a `<` that opens nothing".into()),
                at,
            });
        }
        self.mark(token, flag::MARKUP);
        if start.len() > name.len() {
            self.attributes(token, start.attributes_raw(), at, at + 1 + name.len())?;
        }
        Ok(())
    }

    #[cold]
    fn attributes(
        &mut self,
        token: usize,
        raw: &str,
        at: usize,
        raw_at: usize,
    ) -> Result<(), Fault> {
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
                (self.odd)(at, Oddity::Attribute(error.to_string()));
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

    /// Text that stands directly in a composite, or in an element that ONIX doesn't know.
    #[cold]
    fn text(&mut self, token: usize, text: &str, end: usize) {
        if text.starts_with('&') {
            (self.odd)(end - text.len(), Oddity::BareAmpersand);
            self.mark(token, flag::REFERENCES);
        }
        self.own_text(token, end - text.len());
    }

    #[cold]
    fn reference(&mut self, token: usize, name: &str, end: usize) {
        (self.odd)(end - name.len() - 2, Oddity::Reference(name));
        self.mark(token, flag::REFERENCES);
        if self.tape.tokens[token].tag.content() == Content::Composite {
            self.own_text(token, end);
        }
    }

    fn own_text(&mut self, token: usize, at: usize) {
        // Composites of 3.x that held text in 2.1.
        let may_hold_text = matches!(
            self.tape.tokens[token].tag,
            Tag::Unknown | Tag::Territory | Tag::Barcode | Tag::RecordSourceIdentifier
        );
        if !may_hold_text && self.tape.tokens[token].flags & flag::TEXT == 0 {
            (self.odd)(at, Oddity::StrayText);
        }
        self.mark(token, flag::TEXT);
    }
}

/// `NameStartChar NameChar*`, with a prefix or not.
fn is_tag_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_' || c == ':')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-' | '\u{b7}'))
}

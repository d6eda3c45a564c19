//! The tokenizer that fills the tape, over quick-xml: it reads anything, and says what is wrong with
//! what can't be read. A record that is sound is left to the [scanner](super::scanner), which comes to
//! the same several times faster; this one is its judge.

use quick_xml::Reader;
use quick_xml::errors::{Error as XmlError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use super::fault::{
    Fault, FaultKind, UNCLOSED, doctype, incomplete, inside_tag, malformed, mismatched, shortened,
    too_deep,
};
use super::limits::Limits;
use super::resync::{Found, Outline, Window};
use super::scanner;
use super::tag::{Tag, equal};
use super::tape::{Filler, Open, StartTag, flag};

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

    /// Reads the element whose start tag was just read, onto the tape; returns its text.
    pub(super) fn element(
        &mut self,
        open: &Open<'input>,
        tag: Tag,
        filler: &mut Filler<'_, '_>,
    ) -> Result<&'input str, Fault> {
        filler.root(open, tag)?;
        if let Some(end) = scanner::element(self.bytes, open, filler) {
            self.restart(self.bytes, end);
            return self.text(open.start, end);
        }
        filler.root(open, tag)?;
        let end = self.element_by_events(open, filler)?;
        self.text(open.start, end)
    }

    fn text(&self, start: usize, end: usize) -> Result<&'input str, Fault> {
        std::str::from_utf8(&self.bytes[start..end]).map_err(|error| Fault {
            kind: FaultKind::NotUtf8,
            at: start + error.valid_up_to(),
        })
    }

    /// Reads what `filler` has the root of, event by event; returns where it ends.
    pub(super) fn element_by_events(
        &mut self,
        open: &Open<'input>,
        filler: &mut Filler<'_, '_>,
    ) -> Result<usize, Fault> {
        if open.empty {
            filler.close_empty(0, open.content);
            return Ok(open.content);
        }
        let last = filler.bound();
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
                return Err(self.beyond(event, last, filler.limits));
            }
            match event {
                Event::Start(start) => {
                    let start = start_tag(start, end, 2);
                    let child = filler.child(current, &start)?;
                    unless_too_deep(depth, &start, filler)?;
                    depth += 1;
                    if filler.has_children(child) {
                        current = child;
                    } else {
                        let content_end = self.leaf(child, depth, filler)?;
                        filler.close(child, content_end);
                        depth -= 1;
                    }
                }
                Event::End(name) => {
                    let name = name.name().into_inner();
                    let content_end = self.end_tag(end, name.len());
                    self.unless_mismatched(filler.start_of(current), name, content_end)?;
                    let parent = filler.close(current, content_end);
                    depth -= 1;
                    if depth == 0 {
                        return Ok(end);
                    }
                    current = parent;
                }
                Event::Empty(start) => {
                    let start = start_tag(start, end, 3);
                    let child = filler.child(current, &start)?;
                    unless_too_deep(depth, &start, filler)?;
                    filler.close_empty(child, end);
                }
                Event::Text(text) => {
                    let at = end - text.len();
                    if text.starts_with('&') {
                        filler.bare_ampersand(current, at);
                    }
                    filler.own_text(current, at);
                }
                Event::CData(text) => {
                    self.unless_swallowing(end - text.len() - 12)?;
                    filler.mark(current, flag::PIECES | flag::TEXT);
                }
                Event::GeneralRef(name) => filler.reference(current, name, end),
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
        filler: &mut Filler<'_, '_>,
    ) -> Result<usize, Fault> {
        // Where the elements of XHTML begin that are open.
        let mut inner: Vec<usize> = Vec::new();
        let mut is_blank = true;
        let last = filler.bound();
        loop {
            let read = self.xml.read_event();
            let event = match &read {
                Ok(event) => event,
                Err(error) => return Err(self.fault_inside(error.clone())),
            };
            let end = self.position();
            if end > last {
                return Err(self.beyond(event, last, filler.limits));
            }
            match event {
                Event::End(name) => {
                    let name = name.name().into_inner();
                    let content_end = self.end_tag(end, name.len());
                    let Some(open) = inner.pop() else {
                        filler.tape.may_have_blanks |= is_blank;
                        self.unless_mismatched(filler.start_of(token), name, content_end)?;
                        return Ok(content_end);
                    };
                    self.unless_mismatched(open, name, content_end)?;
                }
                Event::Text(text) => {
                    is_blank = false;
                    if text.starts_with('&') {
                        filler.bare_ampersand(token, end - text.len());
                    }
                }
                Event::GeneralRef(name) => filler.reference(token, name, end),
                Event::CData(text) => {
                    self.unless_swallowing(end - text.len() - 12)?;
                    filler.mark(token, flag::PIECES);
                }
                Event::Comment(text) => {
                    self.unless_swallowing(end - text.len() - 7)?;
                    filler.mark(token, flag::PIECES);
                }
                Event::PI(text) => {
                    self.unless_swallowing(end - text.len() - 4)?;
                    filler.mark(token, flag::PIECES);
                }
                Event::Start(start) => {
                    let start = start_tag(start, end, 2);
                    filler.markup(token, &start)?;
                    unless_too_deep(depth + inner.len(), &start, filler)?;
                    inner.push(start.start);
                }
                Event::Empty(start) => {
                    let start = start_tag(start, end, 3);
                    filler.markup(token, &start)?;
                    unless_too_deep(depth + inner.len(), &start, filler)?;
                }
                Event::Decl(_) => filler.mark(token, flag::PIECES),
                Event::DocType(text) => return Err(self.doctype(text)),
                Event::Eof => return Err(incomplete(end)),
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
        Err(malformed(UNCLOSED, at))
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

/// Refuses an element in so many others, an empty one too.
fn unless_too_deep(
    depth: usize,
    start: &StartTag<'_>,
    filler: &Filler<'_, '_>,
) -> Result<(), Fault> {
    match depth >= filler.limits.max_depth {
        true => Err(too_deep(filler.limits, start.start)),
        false => Ok(()),
    }
}

/// A start tag that ends at `end` and has so many bytes more than its name and attributes.
fn start_tag<'t>(tag: &'t BytesStart<'_>, end: usize, n_more: usize) -> StartTag<'t> {
    StartTag {
        name: tag.name().into_inner().as_bytes(),
        attributes: tag.attributes_raw().as_bytes(),
        start: end - tag.len() - n_more,
        content: end,
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

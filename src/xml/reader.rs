//! The reader: bytes of a page in, publications out, and nothing between them lost.

use std::borrow::Cow;
use std::sync::Arc;

use quick_xml::events::Event;

use super::record::Record;
use super::tape::{Fault, Odd};
use crate::error::{Error, ErrorKind, Position, RejectedRecord, Result};
use crate::onix::{
    Found, Limits, Message, Notice, NoticeCode, Outline, Window, declared, decode_wide, is_end_tag,
    is_start_tag, repair,
};

const ITEM: &str = "publication";
const ROOT: &str = "publications";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the publications of a page that lies in memory.
///
/// Beside the page it keeps one publication's elements. A page in UTF-16 is decoded whole first;
/// in any other encoding, each publication that isn't UTF-8 by itself.
///
/// ```
/// use onix_catalogue::xml::{Reader, Record};
///
/// let page = b"<publications><publication><id>ONYX1</id></publication></publications>";
/// let mut reader = Reader::new(page);
/// let mut record = Record::new();
/// while reader.read_record(&mut record)? {
///     assert_eq!(record.publication().id().unwrap(), "ONYX1");
/// }
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<'input> {
    bytes: Cow<'input, [u8]>,
    /// Up to where they were read.
    at: usize,
    stage: Stage,
    outline: Outline,
    message: Arc<Message>,
    limits: Limits,
    input: String,
    n_records: u64,
    /// The byte up to which lines were counted, and the line there.
    counted: (usize, u64),
    notices: Vec<Notice>,
}

/// Makes a [`Reader`] with other limits or a name for its input.
#[derive(Debug, Clone, Default)]
pub struct ReaderBuilder {
    limits: Limits,
    input: String,
}

/// How far into the page the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing seen yet.
    Prolog,
    /// Inside `publications`.
    Inside,
    /// Before it or behind it, or among publications that nothing encloses.
    Outside,
    /// Nothing more to come.
    Done,
}

/// The publications of a [`Reader`], see [`Reader::into_records`].
#[derive(Debug)]
pub struct Records<'input> {
    reader: Reader<'input>,
}

impl ReaderBuilder {
    /// A builder with the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Other bounds on what a publication may cost. Attributes aren't read, so that theirs bounds
    /// nothing; those of compressed inputs are for whoever decompresses.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The input's name for positions.
    pub fn input(mut self, name: impl Into<String>) -> Self {
        self.input = name.into();
        self
    }

    /// A reader of these bytes.
    pub fn read(self, bytes: &[u8]) -> Reader<'_> {
        let (bytes, had_errors) = match decode_wide(bytes) {
            Some((text, had_errors)) => (Cow::Owned(text), had_errors),
            None => (Cow::Borrowed(bytes), false),
        };
        let mut reader = Reader {
            bytes,
            at: 0,
            stage: Stage::Prolog,
            outline: Outline::of(ITEM, ROOT),
            message: Arc::new(Message::foreign(None, "", ROOT)),
            limits: self.limits,
            input: self.input,
            n_records: 0,
            counted: (0, 1),
            notices: Vec::new(),
        };
        if had_errors {
            let message = "UTF-16 that makes no character was replaced by U+FFFD".into();
            reader.notice(0, NoticeCode::ReplacedCharacter, message);
        }
        reader
    }
}

impl<'input> Reader<'input> {
    /// A reader with the default limits.
    pub fn new(bytes: &'input [u8]) -> Self {
        ReaderBuilder::new().read(bytes)
    }

    /// Fills the record with the next publication; `false` at the end.
    ///
    /// # Errors
    /// A publication that can't be read is an error with its position and, where it
    /// [`is_record`](Error::is_record), its bytes; the next call goes on behind it. A page that is
    /// empty, something else, or cut off is an error once, then the end.
    pub fn read_record(&mut self, record: &mut Record<'input>) -> Result<bool> {
        if self.stage == Stage::Prolog {
            self.prolog()?;
        }
        if !self.seek()? {
            return Ok(false);
        }
        let start = self.at;
        let end = self.bound(start)?;
        self.at = end;
        let mut odd = Vec::new();
        let text = self.text(start, end, &mut odd);
        match record
            .tape
            .read(&text, &self.limits, &self.message, &mut odd)
        {
            Ok(()) => {
                record.text = text;
                record.message = Arc::clone(&self.message);
                self.place(start, odd, record);
                Ok(true)
            }
            Err(fault) => {
                record.tape.close_all(text.len());
                record.text = text;
                record.message = Arc::clone(&self.message);
                let id = record.publication().id().map(Cow::into_owned);
                Err(self.unread(start, end, fault, id))
            }
        }
    }

    /// Its publications as an iterator: each is a new record, where
    /// [`read_record`](Self::read_record) fills the same one again. An error costs what
    /// `read_record` says; the items behind it go on.
    ///
    /// ```
    /// let page = b"<publications><publication><id>1</id></publication>\
    ///     <publication><id>2</publication><publication><id>3</id></publication></publications>";
    /// let records: Vec<_> = onix_catalogue::xml::Reader::new(page).into_records().collect();
    /// assert_eq!(records.iter().map(|record| record.is_ok()).collect::<Vec<_>>(), [true, false, true]);
    /// ```
    pub fn into_records(self) -> Records<'input> {
        Records { reader: self }
    }

    /// Notices about the input itself, since the last call; those about a record are with the
    /// record.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Declaration, DOCTYPE, and whether this is such a page at all.
    fn prolog(&mut self) -> Result<()> {
        self.stage = Stage::Outside;
        let (found, at) = self.root();
        self.at = at;
        match found {
            Ok(()) => Ok(()),
            Err(kind) => {
                self.stage = Stage::Done;
                Err(self.error(kind, at, None))
            }
        }
    }

    /// Where the root begins, or what stands there instead.
    fn root(&mut self) -> (std::result::Result<(), ErrorKind>, usize) {
        let bytes = &*self.bytes;
        let base = match bytes.starts_with(BYTE_ORDER_MARK) {
            true => BYTE_ORDER_MARK.len(),
            false => 0,
        };
        let other = |found: String| Err(ErrorKind::NotPublications { found });
        let mut encoding = None;
        let mut xml = quick_xml::Reader::from_reader(&bytes[base..]);
        loop {
            let before = base + xml.buffer_position() as usize;
            let event = xml.read_event();
            let raw = &bytes[before..base + xml.buffer_position() as usize];
            match event {
                Ok(Event::Decl(_)) => {
                    encoding = std::str::from_utf8(raw).ok().and_then(declared);
                    self.message = Arc::new(Message::foreign(encoding.clone(), "", ROOT));
                }
                Ok(Event::DocType(text)) if !holds_items(text.as_bytes()) => {
                    self.message = Arc::new(Message::foreign(
                        encoding.clone(),
                        &String::from_utf8_lossy(raw),
                        ROOT,
                    ));
                }
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Text(_)) if raw.trim_ascii().is_empty() => {}
                Ok(Event::Start(tag) | Event::Empty(tag)) => {
                    let is_known = is_start_tag(raw, ROOT) || is_start_tag(raw, ITEM);
                    let name = || tag.name().as_ref().chars().take(80).collect::<String>();
                    return match is_known {
                        true => (Ok(()), before),
                        false => (other(format!("<{}>", name())), before),
                    };
                }
                Ok(Event::Eof) if bytes.is_empty() => return (Err(ErrorKind::Empty), before),
                Ok(Event::Eof) => return (other("XML without any element".into()), before),
                Ok(Event::DocType(_)) | Err(_) => return self.root_behind(before),
                Ok(_) => return (other("text".into()), before),
            }
        }
    }

    /// The root behind something unreadable, such as bytes of another encoding in a comment.
    fn root_behind(&mut self, at: usize) -> (std::result::Result<(), ErrorKind>, usize) {
        match self.next(at, self.bytes.len()) {
            Some(root) => (Ok(()), root),
            None => {
                let found = "something unreadable".into();
                (Err(ErrorKind::NotPublications { found }), at)
            }
        }
    }

    /// Where the next publication, or the root, begins or ends.
    fn next(&mut self, from: usize, end: usize) -> Option<usize> {
        let window = Window { end, last: true };
        match self.outline.next_product(&self.bytes, from, window) {
            Found::At(at) => Some(at),
            Found::None | Found::Open => None,
        }
    }

    /// Goes on to the next publication; `false` at the end.
    fn seek(&mut self) -> Result<bool> {
        if self.stage == Stage::Done {
            return Ok(false);
        }
        while let Some(at) = self.next(self.at, self.bytes.len()) {
            let rest = &self.bytes[at..];
            self.at = at;
            if is_start_tag(rest, ITEM) {
                return Ok(true);
            }
            if is_start_tag(rest, ROOT) {
                self.stage = match empty_tag(rest) {
                    Some(_) => Stage::Outside,
                    None => Stage::Inside,
                };
                self.at += 1;
            } else if is_end_tag(rest, ROOT) {
                self.stage = Stage::Outside;
                self.at += 1;
            }
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        match stage {
            Stage::Inside => Err(self.error(ErrorKind::Truncated, self.bytes.len(), None)),
            _ => Ok(false),
        }
    }

    /// Where the publication ends that begins here: behind its end tag, or where the next one or the
    /// end of the page says that it has none.
    fn bound(&mut self, start: usize) -> Result<usize> {
        // Places in a record are numbers of 32 bits.
        let most = self.limits.max_record_bytes.min(u32::MAX as usize);
        let end = self.bytes.len().min(start.saturating_add(most));
        if let Some(length) = empty_tag(&self.bytes[start..end]) {
            return Ok(start + length);
        }
        if let Some(at) = self.next(start + 1, end) {
            return Ok(at);
        }
        self.at = end;
        let kind = match end < self.bytes.len() {
            true => ErrorKind::Limit {
                limit: "max_record_bytes",
                value: most as u64,
            },
            false => {
                self.stage = Stage::Done;
                ErrorKind::Truncated
            }
        };
        Err(self.rejected(kind, start, start, end, None))
    }

    /// These bytes as text.
    fn text(&self, start: usize, end: usize, odd: &mut Vec<Odd>) -> Cow<'input, str> {
        let bytes = &self.bytes[start..end];
        let Ok(text) = std::str::from_utf8(bytes) else {
            let (text, repaired) = repair(bytes, self.message.encoding());
            odd.extend(repaired.map(|(code, message)| {
                Odd {
                    at: bytes
                        .utf8_chunks()
                        .next()
                        .map_or(0, |chunk| chunk.valid().len()),
                    code,
                    message,
                }
            }));
            return Cow::Owned(text);
        };
        match &self.bytes {
            Cow::Borrowed(bytes) => std::str::from_utf8(&bytes[start..end])
                .map(Cow::Borrowed)
                .expect("these bytes were just seen to be UTF-8"),
            Cow::Owned(_) => Cow::Owned(text.to_owned()),
        }
    }

    /// Says where the record stands, and what was odd about it.
    fn place(&mut self, start: usize, odd: Vec<Odd>, record: &mut Record<'_>) {
        let number = Some(self.n_records);
        self.n_records += 1;
        record.position = Position {
            input: self.input.clone(),
            record: number,
            byte: start as u64,
            line: 0,
        };
        record.notices.clear();
        for Odd { at, code, message } in odd {
            let position = self.position(start + at, number);
            record.notices.push(Notice {
                code,
                message,
                position,
                record_reference: None,
            });
        }
    }

    /// A publication whose bounds are known and that can't be read.
    fn unread(&mut self, start: usize, end: usize, fault: Fault, id: Option<String>) -> Error {
        let is_last = end == self.bytes.len();
        let kind = fault.kind.unwrap_or_else(|| match is_last {
            true => ErrorKind::Truncated,
            false => ErrorKind::Malformed {
                found: "something in it, or it itself, is never closed".into(),
            },
        });
        if kind == ErrorKind::Truncated {
            self.stage = Stage::Done;
        }
        let at = (start + fault.at).min(end);
        self.rejected(kind, at, start, end, id)
    }

    fn rejected(
        &mut self,
        kind: ErrorKind,
        at: usize,
        start: usize,
        end: usize,
        record_reference: Option<String>,
    ) -> Error {
        let xml = self.bytes[start..end].trim_ascii_end().to_vec();
        let record = RejectedRecord {
            record_reference,
            xml,
        };
        let number = self.n_records;
        self.n_records += 1;
        self.error(kind, at, Some(number)).with_record(record)
    }

    fn notice(&mut self, at: usize, code: NoticeCode, message: String) {
        let position = self.position(at, None);
        self.notices.push(Notice {
            code,
            message,
            position,
            record_reference: None,
        });
    }

    fn error(&mut self, kind: ErrorKind, at: usize, record: Option<u64>) -> Error {
        Error::new(kind).at(self.position(at, record))
    }

    fn position(&mut self, at: usize, record: Option<u64>) -> Position {
        Position {
            input: self.input.clone(),
            record,
            byte: at as u64,
            line: self.line(at),
        }
    }

    /// The line of a byte, counted on from the last one asked for.
    fn line(&mut self, at: usize) -> u64 {
        let at = at.min(self.bytes.len());
        let (mut from, mut line) = self.counted;
        if from > at {
            (from, line) = (0, 1);
        }
        line += memchr::memchr_iter(b'\n', &self.bytes[from..at]).count() as u64;
        self.counted = (at, line);
        line
    }
}

impl<'input> Iterator for Records<'input> {
    type Item = Result<Record<'input>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = Record::new();
        match self.reader.read_record(&mut record) {
            Ok(true) => Some(Ok(record)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// Whether bytes begin as such a page does. What begins unreadably is taken for one if its root is found behind
/// that, as the reader does.
#[cfg(feature = "files")]
pub(crate) fn is_page(bytes: &[u8]) -> bool {
    let (found, _) = Reader::new(bytes).root();
    found.is_ok()
}

/// Whether a DOCTYPE was never closed, and took publications with it.
fn holds_items(doctype: &[u8]) -> bool {
    let window = Window {
        end: doctype.len(),
        last: true,
    };
    let found = Outline::of(ITEM, ROOT).next_product(doctype, 0, window);
    matches!(found, Found::At(_))
}

/// The length of the tag that `bytes` begin with, if it is an empty element's.
fn empty_tag(bytes: &[u8]) -> Option<usize> {
    let end = memchr::memchr(b'>', bytes)?;
    bytes[..end].ends_with(b"/").then_some(end + 1)
}

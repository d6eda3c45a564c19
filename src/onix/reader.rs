//! The reader: bytes of a message in, records out, and nothing between them lost.

use std::borrow::Cow;
use std::sync::Arc;

use super::encoding;
use super::entities::Entities;
use super::fault::{Fault, FaultKind, UNCLOSED, malformed};
use super::limits::Limits;
use super::message::{Header, Message};
use super::notice::{Notice, NoticeCode};
use super::oddities::{Odd, Oddities, forbidden_character};
use super::record::Record;
use super::release::Release;
use super::resync::{self, Found, Outline, Window};
use super::tag::Tag;
use super::tape::Filler;
use super::tokenizer::{Item, Open, Tokenizer, without_space};
use crate::error::{Error, ErrorKind, Position, RejectedRecord, Result};

/// Reads the records of a message that lies in memory.
///
/// ```
/// use onix_catalogue::onix::{Reader, Record};
///
/// let xml = r#"<ONIXMessage release="3.0"><Product>
///   <RecordReference>com.example.1</RecordReference><NotificationType>03</NotificationType>
/// </Product></ONIXMessage>"#;
/// let mut reader = Reader::new(xml.as_bytes());
/// let mut record = Record::new();
/// while reader.read_record(&mut record)? {
///     assert_eq!(record.product().record_reference().unwrap(), "com.example.1");
/// }
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader<'input> {
    input: Input<'input>,
    state: State,
}

/// Makes a [`Reader`] with other limits, a name for its input, or strict.
#[derive(Debug, Clone, Default)]
pub struct ReaderBuilder {
    limits: Limits,
    strict: bool,
    input: String,
}

#[derive(Debug)]
enum Input<'input> {
    Borrowed(Box<Cursor<'input>>),
    /// An input in UTF-16: decoded whole.
    Decoded {
        text: Vec<u8>,
        at: usize,
    },
}

/// What goes on from record to record; everything but the bytes.
#[derive(Debug, Clone)]
pub(crate) struct State {
    limits: Limits,
    strict: bool,
    pub(crate) message: Arc<Message>,
    stage: Stage,
    /// Whether what comes next is the inside of something too large.
    seeking: bool,
    /// Whether only what stands before the first product is to be read.
    looking: bool,
    /// How many products came before, set aside ones included.
    pub(crate) n_records: u64,
    /// Where the bytes at hand begin in the input.
    pub(crate) base_byte: u64,
    /// The line they begin on, from 1.
    pub(crate) base_line: u64,
    input: String,
    notices: Vec<Notice>,
    /// Whether the bytes at hand end where the input ends.
    pub(crate) last: bool,
    /// The byte up to which lines were counted, and the line there.
    counted: (usize, u64),
}

/// How far into the message the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing seen but declarations.
    Prolog,
    /// Inside ONIXMessage.
    Inside,
    /// Among products that no message encloses.
    Bare,
    /// Behind the end tag of the message.
    After,
    /// Nothing more to come.
    Done,
}

/// What [`State::advance`] came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The record was filled.
    Record,
    /// No more records.
    End,
    /// The bytes end inside something that begins at this byte of them; only where they aren't
    /// the last.
    Incomplete(usize),
}

/// Bytes and the tokenizer's place in them.
pub(crate) struct Cursor<'input> {
    bytes: &'input [u8],
    tokenizer: Tokenizer<'input>,
    /// Where a product ends or the next one begins, once that is looked for first.
    bound: usize,
    /// How far the tokenizer sees: to the end, or behind the tag at the bound.
    sight: usize,
    outline: Outline,
    /// Whether each product is bounded before it is read, since one ran on into others. What is read
    /// is the same either way; this way, it takes time in proportion to the bytes.
    careful: bool,
}

impl std::fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at {} of {}", self.position(), self.bytes.len())
    }
}

impl<'input> Cursor<'input> {
    pub(crate) fn new(bytes: &'input [u8], at: usize) -> Self {
        Self {
            bytes,
            tokenizer: Tokenizer::new(bytes, at),
            bound: bytes.len(),
            sight: bytes.len(),
            outline: Outline::default(),
            careful: false,
        }
    }

    pub(crate) fn position(&self) -> usize {
        self.tokenizer.position()
    }

    /// Goes on from another place.
    fn restart(&mut self, at: usize) {
        self.bound = self.bytes.len();
        self.sight = self.bytes.len();
        self.tokenizer.restart(self.bytes, at);
    }

    /// Goes on from here up to the next place where a product ends or begins; `false` where that
    /// can't be said without more bytes.
    fn restart_bounded(&mut self, window: Window) -> bool {
        let at = self.position();
        self.bound = match self.outline.next_product_behind(self.bytes, at, window) {
            Found::At(bound) => bound,
            Found::None if window.last => self.bytes.len().min(window.end),
            Found::None | Found::Open => return false,
        };
        self.sight = self.bound;
        if self.bytes[self.bound..].starts_with(b"<") {
            let behind = self.bound + 1;
            self.sight = memchr::memchr(b'<', &self.bytes[behind..window.end.max(behind)])
                .map_or(window.end.max(behind), |step| behind + step);
        }
        self.tokenizer.restart(&self.bytes[..self.sight], at);
        true
    }

    /// Whether there is more than the tokenizer sees.
    fn is_bounded(&self) -> bool {
        self.sight < self.bytes.len()
    }
}

impl ReaderBuilder {
    /// A builder with the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Other bounds on what a record may cost.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets aside what would be repaired with a notice.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The input's name for positions.
    pub fn input(mut self, name: impl Into<String>) -> Self {
        self.input = name.into();
        self
    }

    /// A reader of these bytes.
    pub fn read(self, bytes: &[u8]) -> Reader<'_> {
        let mut state = self.state();
        let input = match encoding::decode_wide(bytes) {
            Some((text, had_errors)) => {
                if had_errors {
                    state.tell_of_replacements();
                }
                Input::Decoded { text, at: 0 }
            }
            None => Input::Borrowed(Box::new(Cursor::new(bytes, 0))),
        };
        Reader { input, state }
    }

    pub(crate) fn state(self) -> State {
        State {
            limits: self.limits,
            strict: self.strict,
            message: Arc::default(),
            stage: Stage::Prolog,
            seeking: false,
            looking: false,
            n_records: 0,
            base_byte: 0,
            base_line: 1,
            input: self.input,
            notices: Vec::new(),
            last: true,
            counted: (0, 1),
        }
    }
}

impl<'input> Reader<'input> {
    /// A reader with the default limits.
    pub fn new(bytes: &'input [u8]) -> Self {
        ReaderBuilder::new().read(bytes)
    }

    /// Fills the record with the next product; `false` at the end.
    ///
    /// # Errors
    /// A product that can't be read is an error with its position and, where it
    /// [`is_record`](Error::is_record), its bytes; the next call goes on behind it. An input that
    /// is empty, no ONIX, or cut off is an error once, then the end.
    pub fn read_record(&mut self, record: &mut Record<'input>) -> Result<bool> {
        let step = match &mut self.input {
            Input::Borrowed(cursor) => self.state.advance(cursor, record)?,
            Input::Decoded { text, at } => {
                let mut inner = Record::new();
                std::mem::swap(&mut inner.tape, &mut record.tape);
                let mut cursor = Cursor::new(text, *at);
                let step = self.state.advance(&mut cursor, &mut inner);
                *at = cursor.position();
                *record = inner.into_owned();
                step?
            }
        };
        Ok(step == Step::Record)
    }

    /// Reads what stands before the first product: declaration, root and Header.
    ///
    /// # Errors
    /// Where the input is empty or no ONIX; reading on then comes to the end.
    pub fn read_header(&mut self) -> Result<&Message> {
        let mut record = Record::new();
        self.state.looking = true;
        let step = self.read_record(&mut record);
        self.state.looking = false;
        step?;
        Ok(self.message())
    }

    /// The message being read: its Header is there from the first record on.
    pub fn message(&self) -> &Message {
        &self.state.message
    }

    /// Notices about the input itself, since the last call; those about a record are with the
    /// record.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.state.notices)
    }
}

#[cfg(feature = "files")]
impl State {
    /// What products further on in the input are read with: the state before the first product of
    /// these bytes, with which the input begins.
    pub(crate) fn before_products(&self, bytes: &[u8]) -> State {
        let mut state = self.clone();
        state.last = false;
        state.looking = true;
        let mut cursor = Cursor::new(bytes, 0);
        let mut record = Record::new();
        while state.advance(&mut cursor, &mut record).is_err() {}
        state.looking = false;
        state.notices.clear();
        state.n_records = 0;
        state
    }

    /// Whether what comes next would be read the same with either.
    pub(crate) fn reads_like(&self, other: &State) -> bool {
        self.stage == other.stage
            && self.seeking == other.seeking
            && (Arc::ptr_eq(&self.message, &other.message) || self.message == other.message)
    }

    /// The state at the beginning of a window that is read by itself: records and lines count from
    /// its own beginning.
    pub(crate) fn at_window(&self, base_byte: u64, last: bool) -> State {
        let mut state = self.clone();
        state.n_records = 0;
        state.continue_at(base_byte, 1, last);
        state
    }

    /// Goes on with other bytes: those that begin at this byte and line of the input.
    pub(crate) fn continue_at(&mut self, base_byte: u64, base_line: u64, last: bool) {
        (self.base_byte, self.base_line) = (base_byte, base_line);
        self.counted = (0, base_line);
        self.last = last;
    }
}

impl State {
    /// Notices about the input itself, since the last call.
    #[allow(dead_code, reason = "used by `input`")]
    pub(crate) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Says that the input was UTF-16 and damaged.
    pub(crate) fn tell_of_replacements(&mut self) {
        self.notices.push(Notice {
            code: NoticeCode::ReplacedCharacter,
            message: "UTF-16 that makes no character was replaced by U+FFFD".into(),
            position: Position {
                input: self.input.clone(),
                ..Position::default()
            },
            record_reference: None,
        });
    }

    /// Reads on to the next record.
    pub(crate) fn advance<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        record: &mut Record<'input>,
    ) -> Result<Step> {
        loop {
            if self.stage == Stage::Done {
                return Ok(Step::End);
            }
            if self.seeking && !self.seek(cursor) {
                return self.end(cursor);
            }
            let before = cursor.position();
            if cursor.careful && before < cursor.bytes.len() {
                let window = self.window(cursor, before);
                if !cursor.restart_bounded(window) {
                    return Ok(Step::Incomplete(before));
                }
            }
            let item = match cursor.tokenizer.item(&self.limits) {
                Ok(item) => item,
                Err(fault) => match self.outside_fault(cursor, before, fault)? {
                    Some(step) => return Ok(step),
                    None => continue,
                },
            };
            match item {
                // What begins at the bound has a bound of its own.
                Item::Open(open) if open.start >= cursor.bound => cursor.restart(open.start),
                Item::Open(open) => {
                    if let Some(step) = self.open(cursor, &open, record)? {
                        return Ok(step);
                    }
                }
                Item::Close { name } => self.close(cursor, name),
                Item::Text { start } => {
                    if let Some(step) = self.outside_text(cursor, start)? {
                        return Ok(step);
                    }
                }
                Item::Passed => {}
                Item::Declaration { text } => self.declaration(text),
                Item::DocType { text } => self.doctype(&text),
                Item::End if cursor.is_bounded() => {}
                Item::End => return self.end(cursor),
            }
        }
    }

    /// The bytes that something may take that begins at `start`, as far as they are at hand.
    fn window(&self, cursor: &Cursor<'_>, start: usize) -> Window {
        let limit = start.saturating_add(self.limits.max_record_bytes);
        Window {
            end: cursor.bytes.len().min(limit),
            last: self.last || cursor.bytes.len() > limit,
        }
    }

    /// Goes on at the next product, behind something that was too large to look for its end.
    fn seek(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let next = resync::next_start_anywhere(cursor.bytes, cursor.position());
        cursor.restart(next.unwrap_or(cursor.bytes.len()));
        self.seeking = next.is_none();
        !self.seeking
    }

    fn open<'input>(
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
    fn other_root(
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
    fn not_onix(&mut self, cursor: &Cursor<'_>, start: usize, at: usize) -> Result<Option<Step>> {
        let rest = &cursor.bytes[start..];
        if !self.last && rest.len() < DESCRIBED_BYTES {
            return Ok(Some(Step::Incomplete(start)));
        }
        self.stage = Stage::Done;
        let found = describe(rest);
        Err(self.error(cursor, ErrorKind::NotOnix { found }, at))
    }

    /// What a root that isn't ONIX's says of the release all the same.
    fn take_release(&mut self, open: &Open<'_>) {
        let stated = super::text::attributes(open.attributes, &self.message)
            .filter(|(name, _)| *name == "release" || name.starts_with("xmlns"))
            .find_map(|(_, value)| Release::stated_in(&value));
        if let Some((release, number)) = stated {
            let message = Arc::make_mut(&mut self.message);
            message.release = release;
            message.stated_release = Some(number);
        }
    }

    /// `<ONIXMessage release="3.0" xmlns="…">`
    fn root(&mut self, cursor: &Cursor<'_>, open: &Open<'_>, prefix: &str) {
        if self.stage != Stage::Prolog {
            self.notice(
                cursor,
                open.start,
                NoticeCode::SecondMessage,
                "a second ONIXMessage begins".into(),
            );
        }
        let start_tag = format!("<{}{}>", open.name, open.attributes.trim_ascii_end());
        let attributes: Vec<_> = super::text::attributes(open.attributes, &self.message)
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

    fn close(&mut self, cursor: &Cursor<'_>, name: &[u8]) {
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

    fn header<'input>(
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
    fn skip<'input>(
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

    fn product<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        open: &Open<'input>,
        prefix: &str,
        record: &mut Record<'input>,
    ) -> Result<Step> {
        if self.stage == Stage::Prolog {
            self.stage = Stage::Bare;
        }
        record.notices.clear();
        match self.fill(cursor, open, Tag::Product, prefix, record) {
            Ok(()) => {
                record.message = Arc::clone(&self.message);
                self.n_records += 1;
                match self.refused_by_strict(record) {
                    Some(error) => Err(error),
                    None => Ok(Step::Record),
                }
            }
            Err(fault) => {
                let step = self.recover(cursor, open.start, fault, Some(record))?;
                Ok(step.expect("a product that isn't read is an error or incomplete"))
            }
        }
    }

    /// Reads an element onto the record's tape.
    fn fill<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        open: &Open<'input>,
        tag: Tag,
        prefix: &str,
        record: &mut Record<'input>,
    ) -> std::result::Result<(), Fault> {
        let mut odd = Oddities::new(&self.message);
        let mut filler = Filler::new(open.start, prefix, &self.limits, &mut record.tape, &mut odd);
        let text = cursor.tokenizer.element(open, tag, &mut filler);
        let odd = odd.found;
        match text {
            Ok(text) => {
                record.text = Cow::Borrowed(text);
                self.place(cursor, open.start, odd, record);
                Ok(())
            }
            Err(Fault {
                kind: FaultKind::NotUtf8,
                ..
            }) => self.fill_decoded(cursor, open.start, tag, prefix, record),
            Err(fault) => Err(fault),
        }
    }

    /// Says where the record stands, and what was odd about it.
    fn place(&mut self, cursor: &Cursor<'_>, start: usize, odd: Vec<Odd>, record: &mut Record<'_>) {
        record.position = Position {
            input: self.input.clone(),
            record: Some(self.n_records),
            byte: self.base_byte + start as u64,
            line: 0,
        };
        let forbidden = forbidden_character(record.text.as_bytes()).map(|(at, message)| Odd {
            at: start + at,
            code: NoticeCode::ForbiddenCharacter,
            message,
        });
        for Odd { at, code, message } in odd.into_iter().chain(forbidden) {
            let position = self.position(cursor, at, Some(self.n_records));
            record.notices.push(Notice {
                code,
                message,
                position,
                record_reference: None,
            });
        }
    }

    /// Reads an element that isn't UTF-8: bounded first, then decoded by itself.
    #[cold]
    fn fill_decoded<'input>(
        &mut self,
        cursor: &mut Cursor<'input>,
        start: usize,
        tag: Tag,
        prefix: &str,
        record: &mut Record<'input>,
    ) -> std::result::Result<(), Fault> {
        let window = self.window(cursor, start);
        let at = match std::str::from_utf8(&cursor.bytes[start..window.end]) {
            Ok(_) => start,
            Err(error) => start + error.valid_up_to(),
        };
        let end = match tag {
            Tag::Product => cursor.outline.next_product(cursor.bytes, start + 1, window),
            tag => cursor.outline.end_of(cursor.bytes, start + 1, window, tag),
        };
        let Found::At(end) = end else {
            return Err(Fault {
                kind: FaultKind::Incomplete,
                at,
            });
        };
        let (text, repair) = encoding::repair(&cursor.bytes[start..end], self.message.encoding());
        let mut inner = Tokenizer::new(text.as_bytes(), 0);
        let Ok(Item::Open(open)) = inner.item(&self.limits) else {
            return Err(malformed(NO_TEXT, at));
        };
        let mut odd = Oddities::new(&self.message);
        let mut filler = Filler::new(0, prefix, &self.limits, &mut record.tape, &mut odd);
        let n_used = inner
            .element(&open, tag, &mut filler)
            .map_err(|fault| Fault {
                at: (start + fault.at).min(end),
                kind: match fault.kind {
                    FaultKind::Incomplete => FaultKind::Malformed(UNCLOSED.into()),
                    kind => kind,
                },
            })?
            .len();
        if n_used != text.len() {
            return Err(malformed(NO_TEXT, at));
        }
        let repair = repair.map(|(code, message)| Odd { at, code, message });
        let odd = odd.found.into_iter().map(|odd| Odd {
            at: (start + odd.at).min(end),
            ..odd
        });
        let odd = repair.into_iter().chain(odd).collect();
        record.text = Cow::Owned(text);
        self.place(cursor, start, odd, record);
        cursor.restart(end);
        Ok(())
    }

    fn refused_by_strict(&self, record: &mut Record<'_>) -> Option<Error> {
        if record.notices.is_empty() {
            return None;
        }
        let reference = record.product().record_reference().map(Cow::into_owned);
        for notice in &mut record.notices {
            notice.record_reference.clone_from(&reference);
        }
        let repaired = |code| {
            matches!(
                code,
                NoticeCode::BareAmpersand
                    | NoticeCode::ForbiddenCharacter
                    | NoticeCode::NotUtf8
                    | NoticeCode::DeclaredEncoding
                    | NoticeCode::Attribute
            )
        };
        let notice = record
            .notices
            .iter()
            .find(|notice| self.strict && repaired(notice.code))?;
        let kind = ErrorKind::Strict {
            code: notice.code.as_str(),
            message: notice.message.clone(),
        };
        Some(
            Error::new(kind)
                .at(notice.position.clone())
                .with_record(RejectedRecord {
                    record_reference: reference,
                    xml: record.text.as_bytes().to_vec(),
                }),
        )
    }

    /// A fault inside an element that began at `start`: sets it aside and goes on at the next
    /// product, or asks for more bytes.
    fn recover(
        &mut self,
        cursor: &mut Cursor<'_>,
        start: usize,
        fault: Fault,
        product: Option<&mut Record<'_>>,
    ) -> Result<Option<Step>> {
        let window = self.window(cursor, start);
        let fault = match fault.kind {
            // It ran into its bound: what it is missing isn't behind that.
            FaultKind::Incomplete if cursor.is_bounded() => fault,
            FaultKind::Incomplete if !window.last => return Ok(Some(Step::Incomplete(start))),
            _ => fault,
        };
        let from = match fault.kind {
            FaultKind::Incomplete => start + 1,
            _ => fault.at.clamp(start + 1, window.end.max(start + 1)),
        };
        let found = match fault.kind {
            FaultKind::NextProduct => Found::At(fault.at),
            _ => cursor.outline.next_product(cursor.bytes, from, window),
        };
        let next = match found {
            Found::At(at) => Some(at),
            Found::None | Found::Open if !window.last => return Ok(Some(Step::Incomplete(start))),
            Found::None | Found::Open => None,
        };
        let end = next.unwrap_or(window.end);
        let too_large = next.is_none() && end < cursor.bytes.len();
        let kind = match fault.kind {
            FaultKind::Incomplete if too_large => ErrorKind::Limit {
                limit: "max_record_bytes",
                value: self.limits.max_record_bytes as u64,
            },
            // Where nothing follows, the input was cut; else it is this record that never ends.
            FaultKind::Incomplete if next.is_none() => ErrorKind::Truncated,
            FaultKind::Incomplete => ErrorKind::Malformed {
                found: UNCLOSED.into(),
            },
            FaultKind::NextProduct => ErrorKind::Malformed {
                found: "the next <Product> begins before this one ends".into(),
            },
            FaultKind::NotUtf8 => ErrorKind::Malformed {
                found: NO_TEXT.into(),
            },
            FaultKind::Malformed(found) => ErrorKind::Malformed { found },
            FaultKind::Limit { limit, value } => ErrorKind::Limit { limit, value },
        };
        cursor.careful = true;
        self.seeking = too_large;
        let truncated = kind == ErrorKind::Truncated;
        let record = product.is_some().then_some(self.n_records);
        self.n_records += u64::from(product.is_some());
        let reference =
            product.and_then(|record| reference_so_far(cursor.bytes, start, end, record));
        let position = self.position(cursor, fault.at.min(end), record);
        let error = Error::new(kind).at(position).with_record(RejectedRecord {
            record_reference: reference,
            xml: cursor.bytes[start..end].trim_ascii_end().to_vec(),
        });
        if truncated {
            self.stage = Stage::Done;
        }
        cursor.restart(end);
        Err(error)
    }

    /// A fault between products.
    fn outside_fault(
        &mut self,
        cursor: &mut Cursor<'_>,
        before: usize,
        fault: Fault,
    ) -> Result<Option<Step>> {
        // Where it begins is the same whatever is wrong further on.
        let at = cursor.bytes.len() - without_space(&cursor.bytes[before..]).len();
        let window = self.window(cursor, before);
        let incomplete = matches!(fault.kind, FaultKind::Incomplete);
        if incomplete && !window.last && !cursor.is_bounded() {
            return Ok(Some(Step::Incomplete(before)));
        }
        if self.stage == Stage::Prolog {
            // Such as bytes of another encoding in a comment, or a DOCTYPE that is never closed.
            match cursor.outline.next_root(cursor.bytes, at, window) {
                Found::At(next) => {
                    let message = "something unreadable before the message".to_owned();
                    self.notice(cursor, at, NoticeCode::OutsideProduct, message);
                    cursor.restart(next);
                    return Ok(None);
                }
                _ if !window.last => return Ok(Some(Step::Incomplete(before))),
                _ => {}
            }
            return self.not_onix(cursor, before, at);
        }
        cursor.careful = true;
        let next = match cursor
            .outline
            .next_product_behind(cursor.bytes, before, window)
        {
            Found::At(next) => next,
            Found::None | Found::Open if !window.last => return Ok(Some(Step::Incomplete(before))),
            Found::None | Found::Open if window.end < cursor.bytes.len() => {
                self.seeking = true;
                window.end
            }
            Found::None | Found::Open if incomplete => {
                self.stage = Stage::Done;
                return Err(self.error(cursor, ErrorKind::Truncated, at));
            }
            Found::None | Found::Open => cursor.bytes.len(),
        };
        let message = "something unreadable between products".to_owned();
        self.notice(cursor, at, NoticeCode::OutsideProduct, message);
        cursor.restart(next);
        Ok(None)
    }

    fn outside_text(&mut self, cursor: &mut Cursor<'_>, start: usize) -> Result<Option<Step>> {
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
    fn declaration(&mut self, text: &str) {
        let message = Arc::make_mut(&mut self.message);
        message.encoding = encoding::declared(text);
    }

    fn doctype(&mut self, text: &str) {
        let message = Arc::make_mut(&mut self.message);
        message.entities = Entities::declared_in(text);
        message.doctype = format!("<!DOCTYPE {text}>");
        if let Some((release, number)) = Release::stated_in(text) {
            message.release = release;
            message.stated_release = Some(number);
        }
    }

    fn end(&mut self, cursor: &Cursor<'_>) -> Result<Step> {
        if !self.last {
            return Ok(Step::End);
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        let at = cursor.bytes.len();
        match stage {
            Stage::Prolog if self.base_byte == 0 && cursor.bytes.is_empty() => {
                Err(self.error(cursor, ErrorKind::Empty, 0))
            }
            Stage::Prolog => {
                let found = "XML without any element".into();
                Err(self.error(cursor, ErrorKind::NotOnix { found }, at))
            }
            Stage::Inside => Err(self.error(cursor, ErrorKind::Truncated, at)),
            _ => Ok(Step::End),
        }
    }

    fn notice(&mut self, cursor: &Cursor<'_>, at: usize, code: NoticeCode, message: String) {
        let position = self.position(cursor, at, None);
        self.notices.push(Notice {
            code,
            message,
            position,
            record_reference: None,
        });
    }

    fn error(&mut self, cursor: &Cursor<'_>, kind: ErrorKind, at: usize) -> Error {
        Error::new(kind).at(self.position(cursor, at, None))
    }

    fn position(&mut self, cursor: &Cursor<'_>, at: usize, record: Option<u64>) -> Position {
        Position {
            input: self.input.clone(),
            record,
            byte: self.base_byte + at as u64,
            line: self.line(cursor, at),
        }
    }

    /// The line of a byte, counted on from the last one asked for.
    fn line(&mut self, cursor: &Cursor<'_>, at: usize) -> u64 {
        let at = at.min(cursor.bytes.len());
        let (mut from, mut line) = self.counted;
        if from > at {
            (from, line) = (0, self.base_line);
        }
        line += memchr::memchr_iter(b'\n', &cursor.bytes[from..at]).count() as u64;
        self.counted = (at, line);
        line
    }
}

const NO_TEXT: &str = "bytes that are no text in any encoding";

/// The `RecordReference` of a product that could not be read to its end.
fn reference_so_far(bytes: &[u8], start: usize, end: usize, record: &Record<'_>) -> Option<String> {
    let tape = &record.tape.tokens;
    let token = tape
        .iter()
        .skip(1)
        .find(|token| token.tag == Tag::RecordReference && token.end > token.content)?;
    let range = start + token.content as usize..start + token.end as usize;
    let text = bytes.get(range.clone()).filter(|_| range.end <= end)?;
    Some(String::from_utf8_lossy(text).trim().to_owned())
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

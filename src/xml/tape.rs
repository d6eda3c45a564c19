//! One publication's elements, written down once: where each begins, ends, and what follows it.

use quick_xml::Reader;
use quick_xml::errors::Error as XmlError;
use quick_xml::events::{BytesStart, Event};

use crate::error::ErrorKind;
use crate::onix::{Limits, Message, NoticeCode, Reference};

/// How many oddities of a record are told.
const MAX_ODD: usize = 100;

/// An element. All places are bytes of the record.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Token {
    /// Its `<`.
    pub(super) start: u32,
    /// Behind its name.
    pub(super) name_end: u32,
    /// Behind its start tag.
    pub(super) content: u32,
    /// Where its end tag begins.
    pub(super) content_end: u32,
    /// The token behind it and all that it holds.
    pub(super) next: u32,
}

/// Why a record can't be read, and where.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    /// `None`: it ends inside something.
    pub(super) kind: Option<ErrorKind>,
}

/// Something that was repaired.
#[derive(Debug)]
pub(super) struct Odd {
    pub(super) at: usize,
    pub(super) code: NoticeCode,
    pub(super) message: String,
}

/// Elements in the order of their start tags.
#[derive(Debug, Clone)]
pub(super) struct Tape {
    pub(super) tokens: Vec<Token>,
    /// Those that aren't closed yet.
    open: Vec<u32>,
}

impl Tape {
    /// An element without a name or content.
    pub(super) fn empty() -> Self {
        Self {
            tokens: vec![Token::default()],
            open: Vec::new(),
        }
    }

    /// Reads one element with all that it holds.
    pub(super) fn read(
        &mut self,
        text: &str,
        limits: &Limits,
        message: &Message,
        odd: &mut Vec<Odd>,
    ) -> Result<(), Fault> {
        self.tokens.clear();
        self.open.clear();
        let mut xml = Reader::from_str(text);
        xml.config_mut().allow_dangling_amp = true;
        loop {
            let before = xml.buffer_position() as usize;
            let event = match xml.read_event() {
                Ok(event) => event,
                Err(error) => return Err(fault(&error, xml.error_position() as usize)),
            };
            let end = xml.buffer_position() as usize;
            match event {
                Event::Start(tag) => self.begin(&tag, before, end, limits)?,
                Event::Empty(tag) => {
                    self.begin(&tag, before, end, limits)?;
                    self.close(end);
                }
                Event::End(_) => self.close(before),
                Event::GeneralRef(name) => push(odd, || of_reference(message, &name, before)),
                Event::Text(text) if text.contains('&') => push(odd, || Some(bare(before))),
                Event::DocType(_) => return Err(malformed("a DOCTYPE inside it", before)),
                Event::Eof if !self.open.is_empty() => {
                    return Err(Fault {
                        at: end,
                        kind: None,
                    });
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn begin(
        &mut self,
        tag: &BytesStart<'_>,
        start: usize,
        content: usize,
        limits: &Limits,
    ) -> Result<(), Fault> {
        let over = |limit, value: usize| Fault {
            at: start,
            kind: Some(ErrorKind::Limit {
                limit,
                value: value as u64,
            }),
        };
        if content - start > limits.max_tag_bytes {
            return Err(over("max_tag_bytes", limits.max_tag_bytes));
        }
        if self.open.len() >= limits.max_depth {
            return Err(over("max_depth", limits.max_depth));
        }
        self.open.push(self.tokens.len() as u32);
        self.tokens.push(Token {
            start: start as u32,
            name_end: (start + 1 + tag.name().as_ref().len()) as u32,
            content: content as u32,
            ..Token::default()
        });
        Ok(())
    }

    fn close(&mut self, content_end: usize) {
        let next = self.tokens.len() as u32;
        let Some(token) = self.open.pop() else { return };
        let token = &mut self.tokens[token as usize];
        token.content_end = content_end as u32;
        token.next = next;
    }

    /// Closes what is open, so that what was read of it can be looked at.
    pub(super) fn close_all(&mut self, end: usize) {
        while !self.open.is_empty() {
            self.close(end);
        }
        if self.tokens.is_empty() {
            *self = Self::empty();
        }
    }
}

fn push(odd: &mut Vec<Odd>, one: impl FnOnce() -> Option<Odd>) {
    if odd.len() < MAX_ODD {
        odd.extend(one());
    }
}

fn bare(at: usize) -> Odd {
    Odd {
        at,
        code: NoticeCode::BareAmpersand,
        message: "a `&` that begins no reference, read as the character".into(),
    }
}

fn of_reference(message: &Message, name: &str, at: usize) -> Option<Odd> {
    let (code, message) = match message.entities().resolve(name, message.release()) {
        Reference::Text(_) => return None,
        Reference::Bare => return Some(bare(at)),
        Reference::Unknown => (NoticeCode::UnknownEntity, "an entity that nothing declares"),
        Reference::Forbidden => (
            NoticeCode::ForbiddenCharacter,
            "a reference to a character that XML doesn't allow, dropped",
        ),
    };
    Some(Odd {
        at,
        code,
        message: message.into(),
    })
}

fn malformed(found: impl Into<String>, at: usize) -> Fault {
    let found = found.into();
    Fault {
        at,
        kind: Some(ErrorKind::Malformed { found }),
    }
}

#[cold]
fn fault(error: &XmlError, at: usize) -> Fault {
    match error {
        // A comment, a section, a tag: whatever nothing closes.
        XmlError::Syntax(_) => Fault { at, kind: None },
        // It repeats names, which may be long.
        error => malformed(error.to_string().chars().take(200).collect::<String>(), at),
    }
}

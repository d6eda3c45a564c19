//! The reader: bytes of a message in, records out, and nothing between them lost.

mod between;
mod cursor;
mod product;
mod recovery;
mod state;

use super::encoding;
use super::limits::Limits;
use super::message::Message;
use super::notice::Notice;
use super::record::Record;
use crate::error::Result;

pub(crate) use cursor::Cursor;
pub(crate) use state::{State, Step};

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
                state.tally.is_wide = true;
                state.tally.is_damaged = had_errors;
                Input::Decoded { text, at: 0 }
            }
            None => Input::Borrowed(Box::new(Cursor::new(bytes, 0))),
        };
        Reader { input, state }
    }

    pub(crate) fn state(self) -> State {
        State::new(self.limits, self.strict, self.input)
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
    /// [`is_record`](crate::Error::is_record), its bytes; the next call goes on behind it. An input that
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
        if step == Step::End {
            self.state.finish();
        }
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

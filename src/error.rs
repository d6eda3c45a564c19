//! The one error of the crate.

use std::fmt;

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, and where in which input.
///
/// Small (one pointer). [`kind`](Error::kind) says what a program may want to tell apart;
/// [`position`](Error::position) is there when the trouble lies in an input; the cause, if another
/// library reported it, is the [`source`](std::error::Error::source). `{}` prints what was found
/// and where, `{:#}` adds the chain of causes.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    repeat_after_s: Option<u64>,
    position: Option<Position>,
    record: Option<RejectedRecord>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a program may want to tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file, folder or stream could not be opened, read or written. Look at the cause.
    Io {
        /// What was being done to what.
        what: String,
    },
    /// The input has no bytes at all.
    Empty,
    /// The input is something else than ONIX for Books.
    NotOnix {
        /// What it seems to be.
        found: String,
    },
    /// The input is something else than a page of the platform's `xml` catalogue format.
    NotPublications {
        /// What it seems to be.
        found: String,
    },
    /// The input ends before the message does: a transfer was cut. What came before it is good.
    Truncated,
    /// A product isn't well-formed XML; it is set aside and the next one is read.
    Malformed {
        /// What was found, and what was expected.
        found: String,
    },
    /// A product (or the whole input) is larger or deeper than a limit of
    /// [`Limits`](crate::onix::Limits) allows.
    Limit {
        /// Which limit: the name of the field.
        limit: &'static str,
        /// Its value.
        value: u64,
    },
    /// A product repaired with a notice, set aside because the reader is strict.
    Strict {
        /// The notice's code.
        code: &'static str,
        /// What it says.
        message: String,
    },
    /// A product that can't be kept because it has no `RecordReference`.
    NoRecordReference,
    /// There is no catalogue where one was expected.
    NoIndex {
        /// The folder.
        path: String,
    },
    /// Something needs the records themselves, and the catalogue doesn't keep them.
    NotKept,
    /// The folder holds a catalogue of another format.
    IndexVersion {
        /// What the folder says.
        found: String,
        /// What this program reads.
        expected: String,
    },
    /// Another process writes to the catalogue.
    Locked {
        /// Its process number, where known.
        pid: Option<u32>,
    },
    /// The catalogue on disk is damaged or could not be used.
    Index {
        /// What was being done.
        what: String,
    },
    /// The account lacks something that reaching the platform needs.
    Account {
        /// What.
        what: String,
    },
    /// The ledger is damaged, something else, or can't be read or written.
    Ledger {
        /// What was being done.
        what: String,
    },
    /// The file in which a stand-in of the platform keeps its state can't be opened, read or written.
    StateFile {
        /// What was being done.
        what: String,
    },
    /// The ledger has a decision that stands against this.
    Decided {
        /// Its number.
        decision: i64,
        /// What is known of it.
        state: &'static str,
        /// What it is, and why it stands against this.
        what: String,
    },
    /// The platform answered something else than what it was asked for.
    Answer {
        /// Which service.
        service: &'static str,
        /// Its address, without the query.
        address: String,
        /// The status.
        status: u16,
        /// The words by which the platform says what is wrong; those count before the status.
        codes: Vec<String>,
        /// The beginning of the answer.
        found: String,
    },
    /// The platform wasn't reached, or gave no whole answer in time.
    Unanswered {
        /// Which service.
        service: &'static str,
        /// Its address, without the query.
        address: String,
        /// How it ended.
        what: &'static str,
    },
    /// The platform's limit of calls an hour would be passed; nothing was sent.
    TooManyCalls {
        /// What is limited.
        limit: &'static str,
        /// How many there may be in an hour.
        most: u64,
    },
    /// The platform named an address that leads elsewhere; nothing was sent there.
    Address {
        /// The address, without its query.
        address: String,
        /// Why it is refused.
        reason: &'static str,
    },
    /// A value given by the user is not one of those that make sense.
    Invalid {
        /// Which value.
        what: &'static str,
        /// What was given.
        given: String,
        /// What is expected.
        expected: String,
    },
}

/// Where something was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Position {
    /// The file's name as given, or `-`.
    pub input: String,
    /// The number of the product in its input, from 0.
    pub record: Option<u64>,
    /// The first byte of it, counted in the input after decompression (after decoding to UTF-8
    /// where the input is UTF-16).
    pub byte: u64,
    /// The line of that byte, from 1.
    pub line: u64,
}

/// A product that was set aside, as it stood in the input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RejectedRecord {
    /// Its `RecordReference`, if one could be read.
    pub record_reference: Option<String>,
    /// Its bytes.
    pub xml: Vec<u8>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Box::new(Inner {
            kind,
            repeat_after_s: None,
            position: None,
            record: None,
            cause: None,
        }))
    }

    #[allow(dead_code, reason = "the small core opens nothing")]
    pub(crate) fn io(what: impl Into<String>, cause: std::io::Error) -> Self {
        Self::new(ErrorKind::Io { what: what.into() }).because(cause)
    }

    pub(crate) fn at(mut self, position: Position) -> Self {
        self.0.position = Some(position);
        self
    }

    pub(crate) fn with_record(mut self, record: RejectedRecord) -> Self {
        self.0.record = Some(record);
        self
    }

    pub(crate) fn because(
        mut self,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    #[allow(dead_code, reason = "used by `input`")]
    pub(crate) fn position_mut(&mut self) -> Option<&mut Position> {
        self.0.position.as_mut()
    }

    /// The same once more, its cause as text.
    #[allow(dead_code, reason = "used by `input`")]
    pub(crate) fn again(&self) -> Self {
        let cause = std::error::Error::source(self).map(|cause| cause.to_string().into());
        Self(Box::new(Inner {
            kind: self.0.kind.clone(),
            repeat_after_s: self.0.repeat_after_s,
            position: self.0.position.clone(),
            record: self.0.record.clone(),
            cause,
        }))
    }

    #[allow(dead_code, reason = "used by `platform`")]
    pub(crate) fn repeated_after(mut self, seconds: u64) -> Self {
        self.0.repeat_after_s = Some(seconds);
        self
    }

    /// After how many seconds the platform wishes to be asked again.
    pub fn repeat_after_s(&self) -> Option<u64> {
        self.0.repeat_after_s
    }

    /// Whether the platform answered this word. The words of an answer count before its status, which counts where
    /// there are none: the platform's pages give one word several. A server in trouble (5xx) says nothing by its words.
    pub fn is_code(&self, word: &str) -> bool {
        match self.kind() {
            ErrorKind::Answer { status: 500.., .. } => word == "service_unavailable",
            ErrorKind::Answer { codes, status, .. } if codes.is_empty() => {
                Some(word) == word_of_status(*status)
            }
            ErrorKind::Answer { codes, .. } => codes.iter().any(|code| code == word),
            _ => false,
        }
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Where in which input, if it lies in one.
    pub fn position(&self) -> Option<&Position> {
        self.0.position.as_ref()
    }

    /// The product that was set aside for it, if it is one.
    pub fn record(&self) -> Option<&RejectedRecord> {
        self.0.record.as_ref()
    }

    /// Whether it costs one product only, and reading goes on behind it.
    pub fn is_record(&self) -> bool {
        self.0.record.is_some()
    }

    /// What the user can do about it, in one sentence.
    pub fn hint(&self) -> &'static str {
        match &self.0.kind {
            ErrorKind::Io { .. } => "check that the path exists and may be read or written",
            ErrorKind::Empty => "fetch the file again: an empty one was probably a failed transfer",
            ErrorKind::NotOnix { .. } => {
                "give an ONIX for Books message (ONIXMessage, or bare Product elements)"
            }
            ErrorKind::NotPublications { .. } => {
                "give a page of the platform's own format (publications, or bare publication elements)"
            }
            ErrorKind::Truncated => {
                "fetch the file again: its end is missing; every complete product was read"
            }
            ErrorKind::Malformed { .. } => {
                "mend the record (see --rejects) or ask its sender for it, then index it again"
            }
            ErrorKind::Limit { .. } => "raise the limit if the record is really meant to be so",
            ErrorKind::Strict { .. } => "leave --strict out to have it repaired",
            ErrorKind::NoRecordReference => "ask the sender: every record needs a RecordReference",
            ErrorKind::NoIndex { .. } => {
                "build one with `onix index PATH…`, or name the folder with --index"
            }
            ErrorKind::NotKept => {
                "set keep_records = true in onix.toml and index the lists again with --rebuild"
            }
            ErrorKind::IndexVersion { .. } => {
                "build it anew from the list files: `onix index PATH… --rebuild`"
            }
            ErrorKind::Locked { .. } => "wait for it to end, or give --wait",
            ErrorKind::Index { .. } => {
                "make room on the disk if it is full; else build the catalogue anew with --rebuild"
            }
            ErrorKind::Invalid { .. } => "see --help for what is accepted",
            ErrorKind::Ledger { .. } => {
                "look at the file with any SQLite tool; nothing was sent that it doesn't have"
            }
            ErrorKind::StateFile { .. } => {
                "give another file with --state, or end the stand-in that has this one"
            }
            ErrorKind::Decided { .. } => "`onix sale show N` says what is known of it",
            ErrorKind::Account { .. } => "see `onix config --help` for what an account may say",
            ErrorKind::Answer { status, .. } => self.hint_of_answer(*status),
            ErrorKind::Unanswered { .. } => {
                "try again; if it stays so, look at base_url and at the account's time-outs"
            }
            ErrorKind::TooManyCalls { .. } => "try again later, or give --patience 1h to wait",
            ErrorKind::Address { .. } => {
                "if the platform is really there, set the account's base_url to it"
            }
        }
    }

    fn hint_of_answer(&self, status: u16) -> &'static str {
        match status {
            _ if self.is_code("too_many_results") => {
                "synchronise all of the catalogue: onix sync --full"
            }
            _ if status == 403 || self.is_code("access_denied") => {
                "look at the account's user and password or token; accounts long unused get blocked"
            }
            _ if self.is_code("not_found") => {
                "look at the account's organisation and at the identifier"
            }
            status => hint_of_status(status),
        }
    }

    /// A stable code for the kind, as in reject files.
    pub fn code(&self) -> &'static str {
        match &self.0.kind {
            ErrorKind::Io { .. } => "io",
            ErrorKind::Empty => "empty",
            ErrorKind::NotOnix { .. } => "not_onix",
            ErrorKind::NotPublications { .. } => "not_publications",
            ErrorKind::Truncated => "truncated",
            ErrorKind::Malformed { .. } => "malformed",
            ErrorKind::Limit { .. } => "limit",
            ErrorKind::Strict { code, .. } => code,
            ErrorKind::NoRecordReference => "no_record_reference",
            ErrorKind::NoIndex { .. } => "no_index",
            ErrorKind::NotKept => "not_kept",
            ErrorKind::IndexVersion { .. } => "index_version",
            ErrorKind::Locked { .. } => "locked",
            ErrorKind::Index { .. } => "index",
            ErrorKind::Invalid { .. } => "invalid",
            ErrorKind::Ledger { .. } => "ledger",
            ErrorKind::StateFile { .. } => "state_file",
            ErrorKind::Decided { .. } => "decided",
            ErrorKind::Account { .. } => "account",
            ErrorKind::Answer { .. } => "answer",
            ErrorKind::Unanswered { .. } => "unanswered",
            ErrorKind::TooManyCalls { .. } => "too_many_calls",
            ErrorKind::Address { .. } => "address",
        }
    }

    /// The message without the position.
    pub fn message(&self) -> String {
        self.0.kind.to_string()
    }
}

/// The word that a status stands for where nothing else is said.
fn word_of_status(status: u16) -> Option<&'static str> {
    match status {
        401 => Some("access_denied"),
        404 => Some("not_found"),
        _ => None,
    }
}

fn hint_of_status(status: u16) -> &'static str {
    match status {
        415 => "the platform doesn't know this format or date",
        429 => "the platform's limit of calls an hour is reached: try again later",
        300..=399 => "set the account's base_url to where the platform is now",
        500.. => "the platform is in trouble: try again later",
        _ => "look at what the platform says, and at the account's base_url",
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { what } => write!(f, "{what}"),
            Self::Empty => write!(f, "the input is empty"),
            Self::NotOnix { found } => write!(f, "not ONIX for Books: found {found}"),
            Self::NotPublications { found } => {
                write!(f, "not the platform's catalogue format: found {found}")
            }
            Self::Truncated => write!(f, "the message is cut off before its end"),
            Self::Malformed { found } => write!(f, "{found}"),
            Self::Limit { limit, value } => write!(f, "over the limit {limit} = {value}"),
            Self::Strict { code, message } => write!(f, "{code}: {message}"),
            Self::NoRecordReference => write!(f, "a product without RecordReference"),
            Self::NoIndex { path } => write!(f, "there is no catalogue at {path}"),
            Self::NotKept => write!(f, "this catalogue doesn't keep records"),
            Self::IndexVersion { found, expected } => write!(
                f,
                "the catalogue was made by another version: found {found}, expected {expected}"
            ),
            Self::Locked { pid: Some(pid) } => {
                write!(f, "process {pid} is writing to this catalogue")
            }
            Self::Locked { pid: None } => {
                write!(f, "another process is writing to this catalogue")
            }
            Self::Index { what } => write!(f, "{what}"),
            Self::Ledger { what } | Self::StateFile { what } => write!(f, "{what}"),
            Self::Decided {
                decision,
                state,
                what,
            } => write!(f, "decision {decision} ({state}): {what}"),
            Self::Account { what } => write!(f, "{what}"),
            Self::Answer {
                service,
                address,
                status,
                codes,
                found,
            } => {
                write!(f, "{service}: the platform answered {status}")?;
                match (codes.is_empty(), found.is_empty()) {
                    (false, _) => write!(f, " {}", codes.join(", "))?,
                    (true, false) => write!(f, " with {found}")?,
                    (true, true) => {}
                }
                write!(f, " (at {address})")
            }
            Self::Unanswered {
                service,
                address,
                what,
            } => write!(f, "{service}: {what} (at {address})"),
            Self::TooManyCalls { limit, most } => {
                write!(f, "the {most} {limit} of an hour have been asked for")
            }
            Self::Address { address, reason } => {
                write!(f, "the platform named `{address}`: {reason}")
            }
            Self::Invalid {
                what,
                given,
                expected,
            } => write!(f, "{what} `{given}` is not known; expected {expected}"),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.input)?;
        if self.line > 0 {
            write!(f, ":{} (byte {}", self.line, self.byte)?;
            if let Some(record) = self.record {
                write!(f, ", product {record}")?;
            }
            write!(f, ")")?;
        } else if self.record.is_some() {
            // Neither line nor number were counted yet.
            write!(f, " (byte {})", self.byte)?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = &self.0.position {
            write!(f, "{position}: ")?;
        }
        if let Some(RejectedRecord {
            record_reference: Some(reference),
            ..
        }) = &self.0.record
        {
            write!(f, "RecordReference {reference}: ")?;
        }
        write!(f, "{}", self.0.kind)?;
        if f.alternate() {
            let mut cause = std::error::Error::source(self);
            while let Some(error) = cause {
                write!(f, ": {error}")?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("position", &self.0.position)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.cause {
            Some(cause) => Some(cause.as_ref()),
            None => None,
        }
    }
}

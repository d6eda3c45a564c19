//! What a command comes to: an exit status, or trouble that is told in one line.

use std::io;

use crate::error::{Error, ErrorKind};

/// How a command ends; the number is its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, found, valid.
    Done = 0,
    /// Nothing found, sale refused or not decidable.
    Nothing = 1,
    /// Wrong usage or trouble.
    Trouble = 2,
    /// Done, but something was set aside.
    SetAside = 3,
}

/// Why a command can't go on.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The library's error.
    Error(Error),
    /// The command was called wrongly: what is wrong, and what would be right.
    Usage(String, String),
    /// Whoever reads our output has had enough. Not a trouble.
    ClosedPipe,
}

/// The result of a command and its steps.
pub(crate) type Result<T = Exit> = std::result::Result<T, Trouble>;

impl Trouble {
    pub(crate) fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage(what.into(), hint.into())
    }

    /// A file of the user's that can't be read or written.
    pub(crate) fn file(what: impl Into<String>, cause: io::Error) -> Self {
        Self::Error(Error::io(what, cause))
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match is_closed_pipe(&error) {
            true => Self::ClosedPipe,
            false => Self::Error(error),
        }
    }
}

/// Errors of standard output: every other file's are told with the file's name.
impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::file("standard output could not be written", error),
        }
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::from(io::Error::from(error))
    }
}

/// Carries a trouble through a callback of the library, which takes its error only.
impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Error(error) => error,
            Trouble::ClosedPipe => Error::io(
                "standard output",
                io::Error::from(io::ErrorKind::BrokenPipe),
            ),
            Trouble::Usage(what, expected) => Error::new(ErrorKind::Invalid {
                what: "usage",
                given: what,
                expected,
            }),
        }
    }
}

fn is_closed_pipe(error: &Error) -> bool {
    std::error::Error::source(error)
        .and_then(|cause| cause.downcast_ref::<io::Error>())
        .is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

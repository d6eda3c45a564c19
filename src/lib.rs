//! ONIX
#![deny(unsafe_code)]
#[cfg(feature = "index")]
pub mod catalogue;
mod error;
pub mod model;
pub mod onix;
pub mod sale;
#[cfg(feature = "index")]
pub use catalogue::{Catalogue, IngestSummary, Page, Search, Writer, WriterOptions};
pub use error::{Error, ErrorKind, Position, RejectedRecord, Result};

/// The command `onix`, for its binary alone: no part of the library's interface.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

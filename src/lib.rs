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

//! ONIX
#![deny(unsafe_code)]
mod error;
#[cfg(feature = "files")]
pub mod input;
pub mod model;
pub mod onix;
pub mod sale;
pub use error::{Error, ErrorKind, Position, RejectedRecord, Result};

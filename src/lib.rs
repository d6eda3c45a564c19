//! ONIX
#![deny(unsafe_code)]
pub mod onix;
mod error;
pub use error::{Error, ErrorKind, Position, RejectedRecord, Result};

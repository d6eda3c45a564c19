//! ONIX
#![deny(unsafe_code)]
mod error;
pub mod model;
pub mod onix;
pub mod sale;
pub use error::{Error, ErrorKind, Position, RejectedRecord, Result};

/// The command `onix`, for its binary alone: no part of the library's interface.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

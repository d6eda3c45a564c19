//! An answer as a value, before it is a response of the HTTP library's.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use crate::controls;

/// Bytes from which on a body is compressed.
const WORTH: usize = 1_024;

/// Status, headers and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", media_type.to_owned())],
            body: body.into(),
        }
    }

    pub(super) fn json(status: u16, value: &impl Serialize) -> Self {
        Self::json_as("application/json", status, value)
    }

    /// JSON of a media type of its own.
    pub(super) fn json_as(media_type: &str, status: u16, value: &impl Serialize) -> Self {
        let body = controls::json(value).expect("answers are plain data");
        Self::new(status, media_type, body)
    }

    /// The same compressed, where that is worth it.
    pub(super) fn compressed(self) -> Self {
        if self.body.len() < WORTH {
            return self;
        }
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let written = encoder
            .write_all(&self.body)
            .and_then(|()| encoder.finish());
        let body = written.expect("memory takes what is written");
        let smaller = Self { body, ..self };
        smaller
            .with_header("Content-Encoding", "gzip")
            .with_header("Vary", "Accept-Encoding")
    }

    /// A reply that holds for the second in which it is given.
    pub(super) fn of_this_moment(self) -> Self {
        self.with_header("Cache-Control", "no-store")
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| *known == name)
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

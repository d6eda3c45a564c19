//! One `<Product>`, tokenised once: its text and a tape of its elements.

use std::borrow::Cow;
use std::sync::Arc;

use super::message::Message;
use super::notice::Notice;
use super::tape::Tape;
use super::{Element, Product};
use crate::error::Position;

/// One record of a message: a `Product` with its bytes, its tape and its place.
///
/// Made once and handed to [`Reader::read_record`](super::Reader::read_record) again and again, so
/// that its memory is reused. Everything read from it borrows from it.
#[derive(Debug, Clone)]
pub struct Record<'input> {
    pub(super) text: Cow<'input, str>,
    pub(super) tape: Tape,
    pub(super) message: Arc<Message>,
    pub(super) position: Position,
    pub(super) notices: Vec<Notice>,
}

impl<'input> Record<'input> {
    /// An empty record, to be filled by a reader.
    pub fn new() -> Self {
        Self {
            text: Cow::Borrowed(""),
            tape: Tape::default(),
            message: Arc::default(),
            position: Position::default(),
            notices: Vec::new(),
        }
    }

    /// The typed view of it.
    pub fn product(&self) -> Product<'_> {
        Product::new(self)
    }

    /// The `Product` element itself: everything in it by name.
    ///
    /// # Panics
    /// On a record that no reader has filled.
    pub fn element(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// The message it stands in.
    pub fn message(&self) -> &Arc<Message> {
        &self.message
    }

    /// Where it stands.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What was repaired or odd.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The record as it stood in the input, decoded to UTF-8, otherwise untouched.
    pub fn xml(&self) -> &str {
        &self.text
    }

    /// The record with its own copy of its bytes.
    pub fn into_owned(self) -> Record<'static> {
        Record {
            text: Cow::Owned(self.text.into_owned()),
            tape: self.tape,
            message: self.message,
            position: self.position,
            notices: self.notices,
        }
    }
}

impl Default for Record<'_> {
    fn default() -> Self {
        Self::new()
    }
}

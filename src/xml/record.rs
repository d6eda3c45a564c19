//! One `publication` with its bytes, reused from one to the next.

use std::borrow::Cow;
use std::sync::Arc;

use super::element::Element;
use super::publication::Publication;
use super::tape::Tape;
use crate::error::Position;
use crate::onix::{Message, Notice};

/// One `publication`: its bytes, tokenised once.
///
/// Make one with [`Record::new`] and let [`Reader::read_record`](super::Reader::read_record) fill it
/// again and again.
#[derive(Debug, Clone)]
pub struct Record<'input> {
    pub(super) text: Cow<'input, str>,
    pub(super) tape: Tape,
    pub(super) message: Arc<Message>,
    pub(super) position: Position,
    pub(super) notices: Vec<Notice>,
}

impl Record<'_> {
    /// A record with nothing in it.
    pub fn new() -> Self {
        Self {
            text: Cow::Borrowed(""),
            tape: Tape::empty(),
            message: Arc::default(),
            position: Position::default(),
            notices: Vec::new(),
        }
    }

    /// The typed view.
    pub fn publication(&self) -> Publication<'_> {
        Publication::new(self.element())
    }

    /// The `publication` as an element, by which everything in it can be reached.
    pub fn element(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// Where it stands. The line isn't counted.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// What was odd about it, and repaired.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// What it shares with the other publications of its page.
    #[cfg(feature = "index")]
    pub(crate) fn message(&self) -> &Message {
        &self.message
    }

    /// It as received, in UTF-8.
    pub fn xml(&self) -> &str {
        &self.text
    }
}

impl Default for Record<'_> {
    fn default() -> Self {
        Self::new()
    }
}

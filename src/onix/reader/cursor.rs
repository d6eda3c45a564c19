//! A place in bytes of a message, and how far ahead the tokenizer may look from there.

use crate::onix::resync::{Found, Outline, Window};
use crate::onix::tokenizer::Tokenizer;

/// Bytes and the tokenizer's place in them.
pub(crate) struct Cursor<'input> {
    pub(super) bytes: &'input [u8],
    pub(super) tokenizer: Tokenizer<'input>,
    /// Where a product ends or the next one begins, once that is looked for first.
    pub(super) bound: usize,
    /// How far the tokenizer sees: to the end, or behind the tag at the bound.
    sight: usize,
    pub(super) outline: Outline,
    /// Whether each product is bounded before it is read, since one ran on into others. What is read
    /// is the same either way; this way, it takes time in proportion to the bytes.
    pub(super) careful: bool,
}

impl std::fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at {} of {}", self.position(), self.bytes.len())
    }
}

impl<'input> Cursor<'input> {
    pub(crate) fn new(bytes: &'input [u8], at: usize) -> Self {
        Self {
            bytes,
            tokenizer: Tokenizer::new(bytes, at),
            bound: bytes.len(),
            sight: bytes.len(),
            outline: Outline::default(),
            careful: false,
        }
    }

    pub(crate) fn position(&self) -> usize {
        self.tokenizer.position()
    }

    /// Goes on from another place.
    pub(super) fn restart(&mut self, at: usize) {
        self.bound = self.bytes.len();
        self.sight = self.bytes.len();
        self.tokenizer.restart(self.bytes, at);
    }

    /// Goes on from here up to the next place where a product ends or begins; `false` where that
    /// can't be said without more bytes.
    pub(super) fn restart_bounded(&mut self, window: Window) -> bool {
        let at = self.position();
        self.bound = match self.outline.next_product_behind(self.bytes, at, window) {
            Found::At(bound) => bound,
            Found::None if window.last => self.bytes.len().min(window.end),
            Found::None | Found::Open => return false,
        };
        self.sight = self.bound;
        if self.bytes[self.bound..].starts_with(b"<") {
            let behind = self.bound + 1;
            self.sight = memchr::memchr(b'<', &self.bytes[behind..window.end.max(behind)])
                .map_or(window.end.max(behind), |step| behind + step);
        }
        self.tokenizer.restart(&self.bytes[..self.sight], at);
        true
    }

    /// Whether there is more than the tokenizer sees.
    pub(super) fn is_bounded(&self) -> bool {
        self.sight < self.bytes.len()
    }
}

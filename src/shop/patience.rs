//! Asking again: what may be repeated is, after a wait, for as long as patience lasts. Nothing that sells goes
//! through here.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::calls::{Calls, Limit};
use super::sync::{SyncEvent, SyncOptions};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::Answer;

/// How often in a row no answer at all is borne.
const UNANSWERED: u32 = 5;

/// The longest wait between two attempts where the platform names none, in seconds.
const LONGEST: u64 = 60;

/// Asks the platform on behalf of a source.
pub(super) struct Asker<'a> {
    source: &'a str,
    calls: &'a Mutex<Calls>,
    /// How long to wait for the same answer, in seconds.
    patience_s: u64,
    /// How many calls may be made altogether.
    max_calls: Option<u64>,
    pub(super) made: AtomicU64,
    /// Whether nobody wants an answer any more.
    pub(super) stopped: AtomicBool,
    pub(super) tell: &'a (dyn Fn(SyncEvent<'_>) + Sync),
}

/// What asking came to.
pub(super) enum Asked<T> {
    Answered(Answer<T>),
    /// No more calls may be made.
    Enough,
}

impl<'a> Asker<'a> {
    /// One that has made no call yet.
    pub(super) fn new(
        source: &'a str,
        calls: &'a Mutex<Calls>,
        options: &SyncOptions,
        tell: &'a (dyn Fn(SyncEvent<'_>) + Sync),
    ) -> Self {
        Self {
            source,
            calls,
            patience_s: options.patience_s,
            max_calls: options.max_calls,
            made: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            tell,
        }
    }

    /// Asks until there is an answer, or patience is at its end.
    pub(super) fn ask<T>(
        &self,
        limit: Limit,
        mut ask: impl FnMut() -> Result<Answer<T>>,
    ) -> Result<Asked<T>> {
        let mut waited = 0_u64;
        let mut attempt = 0;
        loop {
            let made = self.made.load(Ordering::Relaxed);
            if self.max_calls.is_some_and(|most| made >= most) {
                return Ok(Asked::Enough);
            }
            let answer = self.note(limit).and_then(|()| {
                self.made.fetch_add(1, Ordering::Relaxed);
                ask()
            });
            let error = match answer {
                Ok(answer) => return Ok(Asked::Answered(answer)),
                Err(error) => error,
            };
            attempt += 1;
            let Some(wait) = wait(&error, attempt)
                .filter(|wait| waited.saturating_add(*wait) <= self.patience_s)
            else {
                return Err(error);
            };
            (self.tell)(SyncEvent::Waiting {
                seconds: wait,
                because: &error,
            });
            self.sleep(Duration::from_secs(wait));
            if self.stopped.load(Ordering::Relaxed) {
                return Err(error);
            }
            waited += wait;
        }
    }

    /// In pieces, so that it ends when nobody waits for it.
    fn sleep(&self, wait: Duration) {
        let until = Instant::now() + wait;
        while !self.stopped.load(Ordering::Relaxed) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(Duration::from_millis(100)));
        }
    }

    fn note(&self, limit: Limit) -> Result<()> {
        let mut calls = self
            .calls
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        calls.note(self.source, limit, super::sync::now())
    }
}

/// How long to wait before the next attempt; `None` where asking again would help nothing.
fn wait(error: &Error, attempt: u32) -> Option<u64> {
    let doubled = (1_u64 << (attempt - 1).min(10)).min(LONGEST);
    match error.kind() {
        ErrorKind::TooManyCalls { .. } => error.repeat_after_s(),
        ErrorKind::Answer {
            status: 429 | 500 | 502..=504,
            ..
        } => Some(error.repeat_after_s().unwrap_or(doubled)),
        ErrorKind::Unanswered { .. } | ErrorKind::Truncated if attempt < UNANSWERED => {
            Some(doubled)
        }
        _ => None,
    }
}

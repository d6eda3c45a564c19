//! Answers that break off: some of the bytes that were promised, and then the end of the connection.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// That nothing at all is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unanswered;

impl std::fmt::Display for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed without an answer, as was ordered")
    }
}

impl std::error::Error for Unanswered {}

/// A body that promises more than it has.
pub(super) struct Cut {
    rest: Option<Bytes>,
    promised: u64,
    /// What was sent has to be on its way before the connection breaks.
    pause: Pin<Box<Sleep>>,
}

impl Cut {
    /// The first bytes of a body.
    pub(super) fn new(body: Vec<u8>, after: u64) -> Self {
        let promised = body.len() as u64;
        let kept = usize::try_from(after).unwrap_or(usize::MAX).min(body.len());
        Self {
            rest: Some(Bytes::from(body).slice(..kept)),
            promised,
            pause: Box::pin(tokio::time::sleep(Duration::from_millis(50))),
        }
    }
}

impl Body for Cut {
    type Data = Bytes;
    type Error = Unanswered;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Unanswered>>> {
        if let Some(rest) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        ready!(self.pause.as_mut().poll(context));
        Poll::Ready(Some(Err(Unanswered)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

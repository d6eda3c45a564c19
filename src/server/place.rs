//! A place among the requests that are being answered, kept until the answer is with the connection.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::Error;
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{self, Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

use super::limits::PIECE_BYTES;

/// A body that has a place. It goes out in pieces, so that the place isn't free while most of it waits for a slow client.
pub(super) struct Placed {
    body: Body,
    rest: Bytes,
    _place: OwnedSemaphorePermit,
}

impl Placed {
    pub(super) fn new(body: Body, place: OwnedSemaphorePermit) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            _place: place,
        }
    }

    /// The next piece in memory of its own: a slice would keep the whole.
    fn piece(&mut self) -> Bytes {
        let length = self.rest.len().min(PIECE_BYTES);
        Bytes::copy_from_slice(&self.rest.split_to(length))
    }
}

impl body::Body for Placed {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            };
            match frame.into_data() {
                Ok(data) if data.len() > PIECE_BYTES => self.rest = data,
                Ok(data) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Err(frame) => return Poll::Ready(Some(Ok(frame))),
            }
        }
        Poll::Ready(Some(Ok(Frame::data(self.piece()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        match self.body.size_hint().exact() {
            Some(length) => SizeHint::with_exact(length + rest),
            None => SizeHint::default(),
        }
    }
}

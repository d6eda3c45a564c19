//! What a client may cost: time, bytes and places.

use std::time::Duration;

/// How long a client may take for the headers of a request, and a connection may lie idle before the next.
pub(super) const HEADERS: Duration = Duration::from_secs(5);

/// How long a client may take for a body.
pub(super) const BODY: Duration = Duration::from_secs(10);

/// How long a client may take nothing of an answer that waits for it.
pub(super) const STALL: Duration = Duration::from_secs(10);

/// How long a request waits for one of [`PLACES`].
pub(super) const QUEUE: Duration = Duration::from_secs(5);

/// How long what a client still sends is thrown away, once it has been answered and the connection is over.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// How long open requests may take once the server was told to end.
pub(super) const DRAIN: Duration = Duration::from_secs(10);

/// How long to wait where no connection can be accepted, because the process has too many files open.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// Bytes of headers at most.
pub(super) const HEADER_BYTES: usize = 64 << 10;

/// Bytes of a body at most.
pub(super) const BODY_BYTES: usize = 1 << 20;

/// Bytes of an answer that lie ready for a connection beside its place.
pub(super) const PIECE_BYTES: usize = 64 << 10;

/// Connections at once; whoever comes then waits until one has ended.
pub(super) const CONNECTIONS: usize = 4_096;

/// Requests at once whose headers have come; whose come then wait.
pub(super) const PLACES: usize = 256;

/// Requests that look into the catalogue at once; whoever comes then is told to come again.
pub(super) const AT_ONCE: usize = 64;

/// Threads that work out answers, where the machine has few processors: more would wait for the same ones, each with memory of
/// its own.
const WORKERS: usize = 16;

/// Threads beside them, for whoever asks how the server is.
const ATTENDANTS: usize = 2;

/// Threads that work out answers at once.
pub(super) fn workers() -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    WORKERS.max(2 * processors)
}

/// All threads of the server beside those that wait for sockets.
pub(super) fn threads() -> usize {
    workers() + ATTENDANTS
}

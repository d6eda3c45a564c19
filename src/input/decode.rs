//! Bytes as they come from the disk to bytes of a message: decompressed, within limits, UTF-16 as
//! UTF-8.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use encoding_rs::Decoder;

use super::archive::Member;
use super::inputs::over;
use crate::error::Error;
use crate::onix::{Limits, wide};

/// A stream of bytes that may be handed from thread to thread.
pub(super) type Bytes = Box<dyn Read + Send>;

/// What compression begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";

/// The largest window of zstd: what its own program takes unless told otherwise.
const ZSTD_WINDOW_LOG: u32 = 27;

/// How much is decompressed before the ratio is looked at.
const RATIO_FROM: u64 = 64 << 20;

/// Whether a file is a zip archive, by its first bytes.
pub(super) fn is_zip(first: &[u8]) -> bool {
    first.starts_with(ZIP) || first.starts_with(EMPTY_ZIP)
}

/// The bytes of a message, out of its archive, decompressed where they begin like something
/// compressed. What is read of the raw bytes is added to `read`.
pub(super) fn decoded(
    raw: Bytes,
    member: Option<&Member>,
    limits: &Limits,
    read: &Arc<AtomicU64>,
) -> io::Result<Decoded> {
    let n_raw = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner: raw,
        here: Arc::clone(&n_raw),
        all: Arc::clone(read),
    };
    let bytes: Bytes = match member {
        None => Box::new(counted),
        Some(member) => limited(member.inflate(Box::new(counted))?, limits, &n_raw),
    };
    let mut bytes = BufReader::with_capacity(64 << 10, bytes);
    let first = bytes.fill_buf()?;
    let bytes: Bytes = if first.starts_with(GZIP) {
        limited(flate2::bufread::MultiGzDecoder::new(bytes), limits, &n_raw)
    } else if first.starts_with(ZSTD) {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes)?;
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        limited(decoder, limits, &n_raw)
    } else {
        Box::new(bytes)
    };
    narrowed(bytes)
}

/// Bytes of a message, and what is to be said of them at the end.
pub(super) struct Decoded {
    pub(super) bytes: Bytes,
    /// Whether they were UTF-16.
    pub(super) is_wide: bool,
    /// Whether something in them makes no character.
    pub(super) is_replaced: Arc<AtomicBool>,
}

fn narrowed(bytes: Bytes) -> io::Result<Decoded> {
    let mut bytes = BufReader::with_capacity(64 << 10, bytes);
    let encoding = wide(bytes.fill_buf()?);
    let is_replaced = Arc::new(AtomicBool::new(false));
    let bytes: Bytes = match encoding {
        None => Box::new(bytes),
        Some(encoding) => Box::new(Narrowed {
            inner: bytes,
            decoder: encoding.new_decoder_with_bom_removal(),
            out: Vec::new(),
            at: 0,
            is_replaced: Arc::clone(&is_replaced),
            ended: false,
        }),
    };
    Ok(Decoded {
        bytes,
        is_wide: encoding.is_some(),
        is_replaced,
    })
}

/// Counts what is read of the raw bytes.
struct Counted {
    inner: Bytes,
    here: Arc<AtomicU64>,
    all: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.here.fetch_add(n as u64, Ordering::Relaxed);
        self.all.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Stops decompression that goes on and on.
struct Limited<R> {
    inner: R,
    n_raw: Arc<AtomicU64>,
    n_decoded: u64,
    max_decoded: u64,
    max_ratio: u64,
}

fn limited(inner: impl Read + Send + 'static, limits: &Limits, n_raw: &Arc<AtomicU64>) -> Bytes {
    Box::new(Limited {
        inner,
        n_raw: Arc::clone(n_raw),
        n_decoded: 0,
        max_decoded: limits.max_decoded_bytes,
        max_ratio: limits.max_decoded_ratio,
    })
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // No more than a little at a time, so that a bomb is seen in time.
        let length = buffer.len().min(64 << 10);
        let n = self.inner.read(&mut buffer[..length])?;
        self.n_decoded += n as u64;
        if self.n_decoded > self.max_decoded {
            return Err(OverLimit::error("max_decoded_bytes", self.max_decoded));
        }
        let n_raw = self.n_raw.load(Ordering::Relaxed).max(1);
        if self.n_decoded > RATIO_FROM && self.n_decoded / n_raw >= self.max_ratio {
            return Err(OverLimit::error("max_decoded_ratio", self.max_ratio));
        }
        Ok(n)
    }
}

/// A limit that was hit, on its way through [`io::Error`].
#[derive(Debug)]
struct OverLimit {
    limit: &'static str,
    value: u64,
}

impl OverLimit {
    fn error(limit: &'static str, value: u64) -> io::Error {
        io::Error::other(Self { limit, value })
    }
}

impl fmt::Display for OverLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "over the limit {} = {}", self.limit, self.value)
    }
}

impl std::error::Error for OverLimit {}

/// An error of reading as ours.
pub(super) fn reading(what: &str, error: io::Error) -> Error {
    let limit = error.get_ref().and_then(|cause| cause.downcast_ref());
    match limit {
        Some(OverLimit { limit, value }) => over(limit, *value),
        None => Error::io(format!("{what} can't be read on"), error),
    }
}

/// UTF-16 as UTF-8.
struct Narrowed {
    inner: BufReader<Bytes>,
    decoder: Decoder,
    out: Vec<u8>,
    at: usize,
    is_replaced: Arc<AtomicBool>,
    ended: bool,
}

impl Narrowed {
    fn fill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && !self.ended {
            let input = self.inner.fill_buf()?;
            self.ended = input.is_empty();
            // Three bytes for each unit of two, and some for what was held back.
            self.out.resize(input.len() * 2 + 16, 0);
            let (_, read, written, had_errors) =
                self.decoder
                    .decode_to_utf8(input, &mut self.out, self.ended);
            self.out.truncate(written);
            self.inner.consume(read);
            if had_errors {
                self.is_replaced.store(true, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

impl Read for Narrowed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() {
            self.fill()?;
        }
        let rest = &self.out[self.at..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

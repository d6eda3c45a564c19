//! Kept records: messages of one product each, several to a compressed block.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use zstd::bulk::Compressor;

/// Bytes of messages in a block: enough that what they have in common counts once, few enough that
/// one is soon read.
const BLOCK: usize = 32 << 10;
const LEVEL: i32 = 3;

/// Where a record is: its block, and its bytes within it once it is decompressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) block: u32,
    pub(super) start: u32,
    pub(super) length: u32,
}

/// A block compressed, when it is.
type Compressed = io::Result<Vec<u8>>;

/// Writes blocks. Threads of its own compress them once there are many: rayon's may all be waiting for the
/// one that writes.
pub(super) struct BlockWriter<W> {
    out: W,
    /// Where each block ends.
    ends: Vec<u64>,
    open: Vec<u8>,
    n_blocks: u32,
    waiting: VecDeque<Receiver<Compressed>>,
    encoder: Option<Compressor<'static>>,
    compressors: Option<Compressors>,
    checksum: crc32fast::Hasher,
}

/// Blocks that may wait for their turn.
const MAX_WAITING: usize = 16;
/// Blocks before there are threads for them.
const FEW: u32 = 32;

/// Threads that compress; they end when the last block has been given to them and this is dropped.
struct Compressors(Sender<(Vec<u8>, Sender<Compressed>)>);

impl Compressors {
    fn start() -> Self {
        let (give, take) = channel::<(Vec<u8>, Sender<Compressed>)>();
        let take = Arc::new(Mutex::new(take));
        let n = std::thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..n.min(4) {
            let take = Arc::clone(&take);
            std::thread::spawn(move || {
                let mut encoder = encoder();
                loop {
                    let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((block, done)) = next else { return };
                    // Nobody waits any more where the writer has failed.
                    let compressed = match &mut encoder {
                        Ok(encoder) => compress(encoder, &block),
                        Err(_) => encoder_failed(),
                    };
                    let _ = done.send(compressed);
                }
            });
        }
        Self(give)
    }
}

impl<W: Write> BlockWriter<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            ends: Vec::new(),
            open: Vec::new(),
            n_blocks: 0,
            waiting: VecDeque::new(),
            encoder: None,
            compressors: None,
            checksum: crc32fast::Hasher::new(),
        }
    }

    pub(super) fn push(&mut self, message: &[u8]) -> io::Result<Location> {
        if !self.open.is_empty() && self.open.len() + message.len() > BLOCK {
            self.close_block()?;
        }
        let too_long = || io::Error::other("a record of more than 4 GiB can't be kept");
        let location = Location {
            block: self.n_blocks,
            start: u32::try_from(self.open.len()).map_err(|_| too_long())?,
            length: u32::try_from(message.len()).map_err(|_| too_long())?,
        };
        self.open.extend_from_slice(message);
        Ok(location)
    }

    /// Takes a block as another part has it; returns its number.
    pub(super) fn push_block(&mut self, compressed: &[u8]) -> io::Result<u32> {
        self.close_block()?;
        while let Some(waiting) = self.waiting.pop_front() {
            self.write(waiting)?;
        }
        let block = self.n_blocks;
        self.n_blocks += 1;
        self.write_bytes(compressed)?;
        Ok(block)
    }

    fn close_block(&mut self) -> io::Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let block = std::mem::take(&mut self.open);
        self.n_blocks += 1;
        if self.n_blocks <= FEW {
            let encoder = match &mut self.encoder {
                Some(encoder) => encoder,
                none => none.insert(encoder()?),
            };
            let compressed = compress(encoder, &block)?;
            return self.write_bytes(&compressed);
        }
        let compressors = self.compressors.get_or_insert_with(Compressors::start);
        let (done, waiting) = channel();
        // Where every thread has died, what waits for the block says so.
        let _ = compressors.0.send((block, done));
        self.waiting.push_back(waiting);
        if self.waiting.len() > MAX_WAITING
            && let Some(first) = self.waiting.pop_front()
        {
            self.write(first)?;
        }
        Ok(())
    }

    fn write(&mut self, waiting: Receiver<Compressed>) -> io::Result<()> {
        let lost = || Err(io::Error::other("a thread that compresses has died"));
        let block = waiting.recv().unwrap_or_else(|_| lost())?;
        self.write_bytes(&block)
    }

    fn write_bytes(&mut self, block: &[u8]) -> io::Result<()> {
        self.out.write_all(block)?;
        self.checksum.update(block);
        let end = self.ends.last().copied().unwrap_or(0) + block.len() as u64;
        self.ends.push(end);
        Ok(())
    }

    /// What it wrote to, where the blocks end, and a checksum of them all.
    pub(super) fn finish(mut self) -> io::Result<(W, Vec<u64>, u32)> {
        self.close_block()?;
        while let Some(waiting) = self.waiting.pop_front() {
            self.write(waiting)?;
        }
        Ok((self.out, self.ends, self.checksum.finalize()))
    }
}

fn encoder() -> io::Result<Compressor<'static>> {
    let mut encoder = Compressor::new(LEVEL)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}

fn encoder_failed() -> Compressed {
    Err(io::Error::other("zstd could not be started"))
}

fn compress(encoder: &mut Compressor<'_>, block: &[u8]) -> Compressed {
    let mut out = (block.len() as u64).to_le_bytes().to_vec();
    out.extend(encoder.compress(block)?);
    Ok(out)
}

/// The bytes of a block.
pub(super) fn decompress(block: &[u8]) -> io::Result<Vec<u8>> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a block of records is damaged");
    let (length, compressed) = block.split_first_chunk::<8>().ok_or_else(damaged)?;
    // A damaged length asks for no more than the best compression there is.
    let most = compressed.len().saturating_mul(1 << 15);
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    if length > most {
        return Err(damaged());
    }
    let out = zstd::bulk::decompress(compressed, length)?;
    if out.len() != length {
        return Err(damaged());
    }
    Ok(out)
}

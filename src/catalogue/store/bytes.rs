//! Bytes of a part, mapped or in memory.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use memmap2::Mmap;

/// All bytes of a file, or as many in memory.
pub(in crate::catalogue) enum Bytes {
    Mapped(Mmap),
    Memory(Vec<u8>),
}

/// Some of them; cheap to clone.
#[derive(Clone)]
pub(super) struct Slice {
    bytes: Arc<Bytes>,
    range: Range<usize>,
}

impl Bytes {
    /// Maps a file of the catalogue's own.
    #[allow(unsafe_code)]
    pub(super) fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Bytes::Memory(Vec::new()));
        }
        // SAFETY: a file of a part is written once, made read-only, renamed to its name, and never
        // changed again; it is only ever unlinked, which leaves what is mapped as it is.
        unsafe { Mmap::map(file) }.map(Bytes::Mapped)
    }
}

impl AsRef<[u8]> for Bytes {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Memory(bytes) => bytes,
        }
    }
}

impl Slice {
    /// These of the bytes; none where they aren't all there.
    pub(super) fn new(bytes: &Arc<Bytes>, range: Range<usize>) -> Option<Self> {
        let bytes = Arc::clone(bytes);
        (*bytes).as_ref().get(range.clone())?;
        Some(Self { bytes, range })
    }
}

impl AsRef<[u8]> for Slice {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        let bytes: &[u8] = (*self.bytes).as_ref();
        bytes.get(self.range.clone()).unwrap_or_default()
    }
}

//! A part: the records that one commit, or several joined, brought, in one file that never changes.
//!
//! ```text
//! blocks of kept records | sections, each with a checksum | their list, its checksum and length, and MAGIC
//! ```

use std::sync::Arc;

use super::bytes::{Bytes, Slice};
use super::ids;
use super::records::{Location, decompress};
use crate::catalogue::run::{Known, Version, Wish};
use crate::catalogue::works::WorkKeys;
use crate::error::{Error, ErrorKind, Result};
use crate::model::code::{Coded, coded_struct, read_all};
use crate::sale::{OffersRef, Table};

/// What a part ends with, and the number of how it is made.
pub(super) const MAGIC: [u8; 8] = *b"onixpar2";

/// A part, open for reading.
pub(in crate::catalogue) struct Part {
    pub(super) name: String,
    bytes: Arc<Bytes>,
    sections: Sections,
    table: Table<Slice>,
    sources: Vec<String>,
}

/// Where a section is, and over what its checksum is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Section {
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) checksum: u64,
}

coded_struct!(Section {
    start,
    length,
    checksum,
});

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Where everything is.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Sections { $($(#[$doc])* pub(super) $name: Section,)* }

        coded_struct!(Sections { $($name,)* });

        impl Sections {
            pub(super) fn each(&self) -> impl Iterator<Item = (&'static str, Section)> {
                [$((stringify!($name), self.$name),)*].into_iter()
            }
        }
    };
}

sections! {
    /// Kept records, block by block.
    records,
    /// Where each block ends.
    blocks,
    /// The offers.
    offers,
    /// Own identifiers.
    ids,
    /// Identifiers of related products.
    related,
    /// What leads to products of the same work, beside their own identifiers.
    links,
    /// Where the [`WorkKeys`] of each record begin, and one more.
    work_starts,
    work_numbers,
    /// Keys of records.
    keys,
    /// Serial numbers, rising.
    serials,
    /// What else there is to know of each record: [`Meta`].
    meta,
    /// Where each title begins, and one more.
    title_starts,
    titles,
    /// Names of sources.
    sources,
    /// What of the whole catalogue changes with every commit: [`Standing`](super::standing::Standing).
    standing,
}

/// What there is to know of a record beside its offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalogue) struct Meta {
    pub(in crate::catalogue) version: Version,
    /// Over what of the record no sale depends on.
    pub(in crate::catalogue) rest: u64,
    /// The number of its source.
    pub(super) source: u32,
    pub(super) is_removal: bool,
    /// Where it is kept, if it is.
    pub(super) location: Location,
    /// Its ISBN-13 as a number, 0 where it has none.
    pub(super) isbn13: u64,
}

impl Meta {
    pub(super) const SIZE: usize = 56;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let flags = u32::from(self.is_removal) | u32::from(self.version.sent.is_some()) << 1;
        out.extend(self.version.hash.to_le_bytes());
        out.extend(self.version.sent.unwrap_or_default().to_le_bytes());
        out.extend(self.rest.to_le_bytes());
        for word in [
            self.source,
            flags,
            self.location.block,
            self.location.start,
            self.location.length,
            0,
        ] {
            out.extend(word.to_le_bytes());
        }
        out.extend(self.isbn13.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let long = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let flags = word(28)?;
        Some(Self {
            version: Version {
                hash: long(0)?,
                sent: (flags & 2 != 0).then_some(long(8)?.cast_signed()),
            },
            rest: long(16)?,
            source: word(24)?,
            is_removal: flags & 1 != 0,
            location: Location {
                block: word(32)?,
                start: word(36)?,
                length: word(40)?,
            },
            isbn13: long(48)?,
        })
    }

    pub(super) fn known(&self) -> Known {
        let wish = match self.is_removal {
            true => Wish::Remove,
            false => Wish::Keep,
        };
        (self.version, wish)
    }
}

pub(super) fn damaged(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::Index {
        what: format!(
            "{what} of part {name} of the catalogue is damaged: build it again (onix index --rebuild)"
        ),
    })
}

impl Part {
    /// Reads what a part begins with; nothing else is looked at.
    pub(super) fn open(name: &str, bytes: Arc<Bytes>) -> Result<Self> {
        Self::read(name, bytes).ok_or_else(|| damaged(name, "the list of sections"))
    }

    fn read(name: &str, bytes: Arc<Bytes>) -> Option<Self> {
        let all: &[u8] = (*bytes).as_ref();
        let rest = all.strip_suffix(&MAGIC)?;
        let (rest, length) = rest.split_last_chunk::<4>()?;
        let (rest, checksum) = rest.split_last_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let list = rest.get(rest.len().checked_sub(length)?..)?;
        if crc32fast::hash(list) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let sections: Sections = read_all(list)?;
        let section = |section: Section| {
            let start = usize::try_from(section.start).ok()?;
            let length = usize::try_from(section.length).ok()?;
            Slice::new(&bytes, start..start.checked_add(length)?)
        };
        for (_, one) in sections.each() {
            section(one)?;
        }
        let sources = read_all(section(sections.sources)?.as_ref())?;
        let table = Table::open(section(sections.offers)?)?;
        Some(Self {
            name: name.to_owned(),
            bytes,
            sections,
            table,
            sources,
        })
    }

    fn section(&self, section: Section) -> &[u8] {
        let all: &[u8] = (*self.bytes).as_ref();
        let start = section.start as usize;
        all.get(start..start + section.length as usize)
            .unwrap_or_default()
    }

    pub(super) fn standing<T: Coded>(&self) -> Result<T> {
        read_all(self.section(self.sections.standing))
            .ok_or_else(|| damaged(&self.name, "the list of what is outdone"))
    }

    /// How many records it has, removals and those outdone since among them.
    pub(in crate::catalogue) fn len(&self) -> u32 {
        self.table.len() as u32
    }

    pub(super) fn all_bytes(&self) -> &Arc<Bytes> {
        &self.bytes
    }

    /// The sizes of its sections.
    pub(in crate::catalogue) fn sizes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.sections
            .each()
            .map(|(name, section)| (name, section.length))
    }

    #[inline]
    pub(in crate::catalogue) fn offers(&self, n: u32) -> Option<OffersRef<'_>> {
        self.table.get(n)
    }

    /// Records with this identifier of their own.
    #[inline]
    pub(super) fn of_id(&self, number: u64) -> impl Iterator<Item = u32> + use<'_> {
        ids::find(self.section(self.sections.ids), number)
    }

    /// Records that name this identifier as a related product's.
    pub(super) fn of_related(&self, number: u64) -> impl Iterator<Item = u32> + use<'_> {
        ids::find(self.section(self.sections.related), number)
    }

    /// Records with this key of a work that isn't their own identifier.
    pub(super) fn of_link(&self, number: u64) -> impl Iterator<Item = u32> + use<'_> {
        ids::find(self.section(self.sections.links), number)
    }

    /// What a record has in common with others of its work.
    pub(super) fn work_keys(&self, n: u32) -> WorkKeys {
        let starts = self.section(self.sections.work_starts);
        let start = |n: usize| -> Option<usize> {
            let bytes = starts.get(n * 4..n * 4 + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        let numbers = self.section(self.sections.work_numbers);
        let keys = || {
            let (start, end) = (start(n as usize)?, start(n as usize + 1)?);
            let (numbers, _) = numbers.get(start * 8..end * 8)?.as_chunks::<8>();
            WorkKeys::of_numbers(numbers.iter().map(|bytes| u64::from_le_bytes(*bytes)))
        };
        keys().unwrap_or_default()
    }

    pub(super) fn pairs_of_ids(&self) -> impl Iterator<Item = (u64, u32)> + use<'_> {
        ids::pairs(self.section(self.sections.ids))
    }

    pub(super) fn pairs_of_related(&self) -> impl Iterator<Item = (u64, u32)> + use<'_> {
        ids::pairs(self.section(self.sections.related))
    }

    /// Records with this key, outdone ones too.
    pub(super) fn of_key(
        &self,
        hash: u64,
        source: &str,
        reference: &str,
    ) -> impl Iterator<Item = u32> {
        ids::find(self.section(self.sections.keys), hash).filter(move |n| {
            self.reference(*n) == Some(reference) && self.source(*n) == Some(source)
        })
    }

    pub(in crate::catalogue) fn reference(&self, n: u32) -> Option<&str> {
        self.table.get(n).map(|offers| offers.record_reference())
    }

    pub(in crate::catalogue) fn source(&self, n: u32) -> Option<&str> {
        let source = self.meta(n)?.source;
        self.sources.get(source as usize).map(String::as_str)
    }

    pub(in crate::catalogue) fn meta(&self, n: u32) -> Option<Meta> {
        let at = n as usize * Meta::SIZE;
        Meta::read(self.section(self.sections.meta).get(at..at + Meta::SIZE)?)
    }

    pub(in crate::catalogue) fn isbn13(&self, n: u32) -> Option<String> {
        let isbn13 = self.meta(n)?.isbn13;
        (isbn13 != 0).then(|| format!("{isbn13:013}"))
    }

    pub(in crate::catalogue) fn title(&self, n: u32) -> Option<&str> {
        let starts = self.section(self.sections.title_starts);
        let start = |n: usize| {
            let bytes = starts.get(n * 4..n * 4 + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        let titles = self.section(self.sections.titles);
        let title = titles.get(start(n as usize)?..start(n as usize + 1)?)?;
        std::str::from_utf8(title)
            .ok()
            .filter(|title| !title.is_empty())
    }

    pub(in crate::catalogue) fn serial(&self, n: u32) -> u64 {
        let at = n as usize * 8;
        let bytes = self.section(self.sections.serials).get(at..at + 8);
        bytes.map_or(0, |b| u64::from_le_bytes(b.try_into().unwrap_or_default()))
    }

    /// The record of a serial number.
    #[inline]
    pub(super) fn of_serial(&self, serial: u64) -> Option<u32> {
        let first = self.serial(0);
        // Where none was lost since, this is it.
        let guess = u32::try_from(serial.checked_sub(first)?).unwrap_or(u32::MAX);
        let mut high = guess.saturating_add(1).min(self.len());
        if high > 0 && self.serial(high - 1) == serial {
            return Some(high - 1);
        }
        let mut low = 0;
        while low < high {
            let middle = low.midpoint(high);
            match self.serial(middle).cmp(&serial) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// A block of records as it is kept, and decompressed.
    pub(super) fn block(&self, block: u32) -> Result<&[u8]> {
        let ends = self.section(self.sections.blocks);
        let end = |n: usize| -> Option<usize> {
            let bytes = ends.get(n * 8..n * 8 + 8)?;
            usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
        };
        let n = block as usize;
        let start = match n {
            0 => Some(0),
            n => end(n - 1),
        };
        start
            .zip(end(n))
            .and_then(|(start, end)| self.section(self.sections.records).get(start..end))
            .ok_or_else(|| damaged(&self.name, "the list of blocks"))
    }

    pub(super) fn decompressed(&self, block: u32) -> Result<Vec<u8>> {
        decompress(self.block(block)?)
            .map_err(|error| damaged(&self.name, "a block of records").because(error))
    }

    /// A record as it is kept: a message with one product.
    pub(in crate::catalogue) fn message(&self, n: u32) -> Result<String> {
        let meta = self.meta(n);
        let location = meta
            .ok_or_else(|| damaged(&self.name, "the list of records"))?
            .location;
        if location.length == 0 {
            return Err(Error::new(ErrorKind::NotKept));
        }
        let block = self.decompressed(location.block)?;
        let start = location.start as usize;
        let bytes = block.get(start..start + location.length as usize);
        let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
        text.map(str::to_owned)
            .ok_or_else(|| damaged(&self.name, "a record"))
    }

    /// Looks at every byte against its checksum, and at every kept record.
    pub(in crate::catalogue) fn verify(&self) -> Result<()> {
        for (name, section) in self.sections.each() {
            let checksum = crc32fast::hash(self.section(section));
            if u64::from(checksum) != section.checksum {
                return Err(damaged(&self.name, name));
            }
        }
        for n in 0..self.len() {
            if self.offers(n).is_none() || self.meta(n).is_none() {
                return Err(damaged(&self.name, "the offers"));
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part")
            .field("name", &self.name)
            .field("records", &self.len())
            .finish_non_exhaustive()
    }
}

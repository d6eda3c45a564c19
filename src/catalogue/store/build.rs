//! How a part is made: of new records one after the other, or of other parts joined.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bytes::Bytes;
use super::ids;
use super::part::{MAGIC, Meta, Part, Section, Sections};
use super::records::{BlockWriter, Location};
use super::standing::Dead;
use super::write::Arrival;
use crate::catalogue::key::{key, key_hash};
use crate::catalogue::works::WorkKeys;
use crate::error::Result;
use crate::model::code::Coded;
use crate::sale::TableBuilder;

/// Where the bytes of a part go: to memory while they are few, then to a file.
pub(super) struct Out {
    memory: Vec<u8>,
    file: Option<io::BufWriter<File>>,
    /// `None` in memory.
    path: Option<PathBuf>,
    length: u64,
}

/// Bytes that are kept in memory before a file is made.
const IN_MEMORY: usize = 8 << 20;

impl Out {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self {
            memory: Vec::new(),
            file: None,
            path,
            length: 0,
        }
    }

    /// The bytes, to be read again.
    fn into_bytes(mut self) -> io::Result<Bytes> {
        match self.file.take() {
            None => Ok(Bytes::Memory(std::mem::take(&mut self.memory))),
            Some(file) => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                drop(file);
                let path = self.path.as_deref().unwrap_or(Path::new(""));
                Bytes::map(&File::open(path)?)
            }
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length += bytes.len() as u64;
        if let Some(file) = &mut self.file {
            file.write_all(bytes)?;
            return Ok(bytes.len());
        }
        match &self.path {
            Some(path) if self.memory.len() + bytes.len() > IN_MEMORY => {
                let mut file = io::BufWriter::with_capacity(1 << 20, File::create(path)?);
                file.write_all(&self.memory)?;
                file.write_all(bytes)?;
                self.memory = Vec::new();
                self.file = Some(file);
            }
            _ => self.memory.extend_from_slice(bytes),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.flush(),
            None => Ok(()),
        }
    }
}

/// A part being made.
pub(super) struct PartBuilder {
    blocks: BlockWriter<Out>,
    table: TableBuilder,
    ids: Vec<(u64, u32)>,
    related: Vec<(u64, u32)>,
    links: Vec<(u64, u32)>,
    work_starts: Vec<u32>,
    work_numbers: Vec<u64>,
    keys: Vec<(u64, u32)>,
    serials: Vec<u64>,
    meta: Vec<u8>,
    title_starts: Vec<u32>,
    titles: Vec<u8>,
    sources: Vec<String>,
    source_numbers: HashMap<String, u32>,
}

/// A part made, whose bytes aren't published yet.
pub(super) struct Made {
    pub(super) bytes: Arc<Bytes>,
}

impl PartBuilder {
    pub(super) fn new(out: Out) -> Self {
        Self {
            blocks: BlockWriter::new(out),
            table: TableBuilder::new(),
            ids: Vec::new(),
            related: Vec::new(),
            links: Vec::new(),
            work_starts: vec![0],
            work_numbers: Vec::new(),
            keys: Vec::new(),
            serials: Vec::new(),
            meta: Vec::new(),
            title_starts: vec![0],
            titles: Vec::new(),
            sources: Vec::new(),
            source_numbers: HashMap::new(),
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.table.len() as u32
    }

    pub(super) fn first_serial(&self) -> Option<u64> {
        self.serials.first().copied()
    }

    pub(super) fn of_serial(&self, serial: u64) -> Option<u32> {
        let at = self.serials.binary_search(&serial).ok()?;
        Some(at as u32)
    }

    fn source(&mut self, source: &str) -> u32 {
        if let Some(n) = self.source_numbers.get(source) {
            return *n;
        }
        let n = self.sources.len() as u32;
        self.sources.push(source.to_owned());
        self.source_numbers.insert(source.to_owned(), n);
        n
    }

    /// Adds a record; serials rise.
    pub(super) fn add(&mut self, arrival: &Arrival, serial: u64) -> io::Result<()> {
        let location = match &arrival.message {
            Some(message) => self.blocks.push(message.as_bytes())?,
            None => Location::default(),
        };
        let n = self.table.add(&arrival.offers);
        self.ids.extend(arrival.ids.iter().map(|id| (*id, n)));
        self.related
            .extend(arrival.related.iter().map(|id| (*id, n)));
        self.work(&arrival.work, n);
        let key = key(&arrival.source, arrival.offers.record_reference());
        self.keys.push((key_hash(&key), n));
        self.serials.push(serial);
        let meta = Meta {
            version: arrival.version,
            rest: arrival.rest,
            source: self.source(&arrival.source),
            is_removal: arrival.is_removal,
            location,
            isbn13: arrival.isbn13,
        };
        meta.write(&mut self.meta);
        self.title(arrival.title.as_deref())?;
        Ok(())
    }

    fn work(&mut self, work: &WorkKeys, n: u32) {
        self.links
            .extend(work.to_others().map(|number| (number, n)));
        self.work_numbers.extend(work.numbers());
        self.work_starts.push(self.work_numbers.len() as u32);
    }

    fn title(&mut self, title: Option<&str>) -> io::Result<()> {
        self.titles
            .extend_from_slice(title.unwrap_or_default().as_bytes());
        let end = u32::try_from(self.titles.len());
        let end = end.map_err(|_| io::Error::other("titles of more than 4 GiB can't be kept"))?;
        self.title_starts.push(end);
        Ok(())
    }

    /// Adds what is left of another part.
    pub(super) fn join(&mut self, part: &Part, dead: &Dead) -> Result<()> {
        let failed = |error| crate::error::Error::io("joining parts of the catalogue", error);
        let mut numbers = vec![u32::MAX; part.len() as usize];
        let mut block: Option<(u32, Copying)> = None;
        for n in (0..part.len()).filter(|n| !dead.has(*n)) {
            let (Some(meta), Some(offers)) = (part.meta(n), part.offers(n)) else {
                return Err(super::part::damaged(&part.name, "the list of records"));
            };
            let from = meta.location;
            let location = match from.length {
                0 => from,
                _ => {
                    if block.as_ref().is_none_or(|(open, _)| *open != from.block) {
                        let is_whole = is_whole(part, n, from.block, dead);
                        let copying = match is_whole {
                            true => Copying::Whole(
                                self.blocks
                                    .push_block(part.block(from.block)?)
                                    .map_err(failed)?,
                            ),
                            false => Copying::Each(part.decompressed(from.block)?),
                        };
                        block = Some((from.block, copying));
                    }
                    match &block {
                        Some((_, Copying::Whole(block))) => Location {
                            block: *block,
                            ..from
                        },
                        Some((_, Copying::Each(bytes))) => {
                            let start = from.start as usize;
                            let message = bytes.get(start..start + from.length as usize);
                            let message = message
                                .ok_or_else(|| super::part::damaged(&part.name, "a record"))?;
                            self.blocks.push(message).map_err(failed)?
                        }
                        None => from,
                    }
                }
            };
            let source = part.source(n).unwrap_or_default().to_owned();
            let new = self.table.copy(offers);
            numbers[n as usize] = new;
            self.work(&part.work_keys(n), new);
            let key = key(&source, offers.record_reference());
            self.keys.push((key_hash(&key), new));
            self.serials.push(part.serial(n));
            let meta = Meta {
                source: self.source(&source),
                location,
                ..meta
            };
            meta.write(&mut self.meta);
            self.title(part.title(n)).map_err(failed)?;
        }
        let renumbered = |(id, n): (u64, u32)| {
            let new = *numbers.get(n as usize)?;
            (new != u32::MAX).then_some((id, new))
        };
        self.ids.extend(part.pairs_of_ids().filter_map(renumbered));
        self.related
            .extend(part.pairs_of_related().filter_map(renumbered));
        Ok(())
    }

    /// Writes what is left to write; `standing` is the state of the whole catalogue with this part.
    pub(super) fn finish(self, standing: &impl Coded) -> io::Result<Made> {
        let (mut out, ends, checksum) = self.blocks.finish()?;
        let mut sections = Sections {
            records: Section {
                start: 0,
                length: out.length,
                checksum: u64::from(checksum),
            },
            ..Sections::default()
        };
        let mut write = |bytes: Vec<u8>| -> io::Result<Section> {
            let section = Section {
                start: out.length,
                length: bytes.len() as u64,
                checksum: u64::from(crc32fast::hash(&bytes)),
            };
            out.write_all(&bytes)?;
            Ok(section)
        };
        let longs = |longs: Vec<u64>| longs.into_iter().flat_map(u64::to_le_bytes).collect();
        let coded = |value: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = Vec::new();
            value(&mut bytes);
            bytes
        };
        sections.blocks = write(longs(ends))?;
        sections.offers = write(self.table.into_bytes())?;
        sections.ids = write(ids::table(self.ids))?;
        sections.related = write(ids::table(self.related))?;
        sections.links = write(ids::table(self.links))?;
        let starts = self.work_starts.into_iter().flat_map(u32::to_le_bytes);
        sections.work_starts = write(starts.collect())?;
        sections.work_numbers = write(longs(self.work_numbers))?;
        sections.keys = write(ids::table(self.keys))?;
        sections.serials = write(longs(self.serials))?;
        sections.meta = write(self.meta)?;
        let starts = self.title_starts.into_iter().flat_map(u32::to_le_bytes);
        sections.title_starts = write(starts.collect())?;
        sections.titles = write(self.titles)?;
        sections.sources = write(coded(&|out| self.sources.write(out)))?;
        sections.standing = write(coded(&|out| standing.write(out)))?;
        let mut list = coded(&|out| sections.write(out));
        let (length, checksum) = (list.len() as u32, crc32fast::hash(&list));
        list.extend(checksum.to_le_bytes());
        list.extend(length.to_le_bytes());
        list.extend(MAGIC);
        out.write_all(&list)?;
        out.flush()?;
        Ok(Made {
            bytes: Arc::new(out.into_bytes()?),
        })
    }
}

/// How a block comes into a joined part.
enum Copying {
    /// As it is, under this number.
    Whole(u32),
    /// Record by record, from these bytes.
    Each(Vec<u8>),
}

/// Whether none of the records of a block is outdone; `first` is its first that isn't.
fn is_whole(part: &Part, first: u32, block: u32, dead: &Dead) -> bool {
    let of_block = |n: &u32| {
        part.meta(*n)
            .is_some_and(|meta| meta.location.length > 0 && meta.location.block == block)
    };
    let before = first.checked_sub(1);
    !before.is_some_and(|n| of_block(&n))
        && (first..part.len())
            .take_while(of_block)
            .all(|n| !dead.has(n))
}

//! Offers by the hundred thousand, in a few bytes each, to be judged where they lie.
//!
//! What many records say alike (statuses, rights, markets, what a supplier says; of a price its type, currency
//! and territory) is kept once, as a *frame*. A record is then a block of words: its frame, its dates, and a
//! row for each price, sorted by cost. The bytes of a table are the same in memory and in a file, and reading
//! them decodes a frame when it is first asked for and nothing else.
//!
//! A table judges and finds. For reasons, with elements and bytes, the record itself must be read.

mod build;
mod code;
mod frame;
mod packed;

use std::sync::OnceLock;

use crate::model::Date;
use crate::model::code::read_all;

use super::offers::Offers;
use super::offers_ref::OffersRef;
use super::price::Price;

pub use build::TableBuilder;
use build::fits;
use frame::Rest;
pub(crate) use packed::{Packed, Rows, Slots};

/// A table of offers.
///
/// ```
/// use onix_catalogue::model::{Account, Judgement, Kind, Moment, SaleRequest};
/// use onix_catalogue::onix::{Reader, Record};
/// use onix_catalogue::sale::{self, Offers, TableBuilder};
///
/// let message = br#"<Product>
///   <RecordReference>com.example.1</RecordReference><NotificationType>03</NotificationType>
///   <DescriptiveDetail><ProductForm>ED</ProductForm><ProductFormDetail>E101</ProductFormDetail>
///     <EpubTechnicalProtection>02</EpubTechnicalProtection></DescriptiveDetail>
///   <ProductSupply><SupplyDetail><ProductAvailability>20</ProductAvailability>
///     <Price><PriceType>04</PriceType><PriceAmount>9.99</PriceAmount><CurrencyCode>EUR</CurrencyCode></Price>
///   </SupplyDetail></ProductSupply></Product>"#;
/// let mut record = Record::new();
/// Reader::new(message).read_record(&mut record)?;
///
/// let mut builder = TableBuilder::new();
/// let n = builder.add(&Offers::of(&record.product()));
/// let table = builder.finish();
///
/// let request = SaleRequest::new(Kind::Simulation, "com.example.1", Moment::from_unix(1_796_083_200))
///     .with("format", "epub").with("protection", "watermark").with("cost", "999")
///     .with("currency", "EUR").with("country", "BE").with("price_type", "04");
/// let verdict = sale::judge(&request, &[table.get(n).unwrap()], &Account::default());
/// assert_eq!(verdict.verdict, Judgement::Valid);
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
pub struct Table<B = Vec<u8>> {
    bytes: B,
    read: Read,
}

/// What was read of the bytes, once.
pub(crate) struct Read {
    parts: Parts,
    frames: Frames<Offers>,
    prices: Frames<Price>,
    rest: Rest,
}

/// Frames by their numbers, each read when it is first asked for.
struct Frames<T>(Vec<OnceLock<Option<Box<T>>>>);

/// Where in the bytes each part begins; each ends where the next begins.
#[derive(Debug, Clone, Copy, Default)]
struct Parts([usize; Parts::N + 1]);

impl Parts {
    const N: usize = 8;
    /// Where each record's block begins, in words.
    const RECORDS: usize = 0;
    /// The blocks.
    const BLOCKS: usize = 1;
    /// Where each frame begins, in bytes.
    const FRAMES: usize = 2;
    const FRAME_BYTES: usize = 3;
    const PRICES: usize = 4;
    const PRICE_BYTES: usize = 5;
    const TERRITORIES: usize = 6;
    /// Dates and texts that words only count.
    const REST: usize = 7;

    fn of<'b>(&self, bytes: &'b [u8], part: usize) -> &'b [u8] {
        bytes
            .get(self.0[part]..self.0[part + 1])
            .unwrap_or_default()
    }
}

/// What a table begins with, and the number of what it is made of.
const MAGIC: [u8; 8] = *b"onixoff3";

/// A word of a part; what isn't there is 0.
#[inline]
fn word(bytes: &[u8], at: usize) -> u32 {
    match bytes.get(at * 4..at * 4 + 4) {
        Some(bytes) => u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
        None => 0,
    }
}

impl<B: AsRef<[u8]>> Table<B> {
    /// The table that these bytes are; `None` where they are none.
    ///
    /// Bytes that were damaged since make offers disappear or change, never a panic: who keeps them in a
    /// file keeps a checksum.
    pub fn open(bytes: B) -> Option<Self> {
        let all = bytes.as_ref();
        let lengths = all.strip_prefix(&MAGIC)?;
        let mut parts = Parts::default();
        let mut at = MAGIC.len() + Parts::N * 8;
        for part in 0..Parts::N {
            parts.0[part] = at;
            let length = lengths.get(part * 8..part * 8 + 8)?;
            let length = u64::from_le_bytes(length.try_into().ok()?);
            at = at.checked_add(usize::try_from(length).ok()?)?;
        }
        parts.0[Parts::N] = at;
        if all.len() != at {
            return None;
        }
        let rest = frame::read_rest(parts.of(all, Parts::REST))?;
        let n = |part| (parts.of(all, part).len() / 4).saturating_sub(1);
        let read = Read {
            frames: Frames::new(n(Parts::FRAMES)),
            prices: Frames::new(n(Parts::PRICES)),
            parts,
            rest,
        };
        Some(Self { bytes, read })
    }

    /// The bytes it is made of.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.read.part(self.as_bytes(), Parts::RECORDS).len() / 4
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A record's offers, by its number; the first is 0.
    #[inline]
    pub fn get(&self, n: u32) -> Option<OffersRef<'_>> {
        let bytes = self.as_bytes();
        if n as usize >= self.len() {
            return None;
        }
        let at = word(self.read.part(bytes, Parts::RECORDS), n as usize);
        let blocks = self.read.part(bytes, Parts::BLOCKS);
        let block = blocks.get(at as usize * 4..)?;
        let frame = self.read.frame(bytes, word(block, 0))?;
        Some(OffersRef::packed(
            frame,
            Packed {
                read: &self.read,
                bytes,
                n,
                block,
                frame,
            },
        ))
    }
}

/// Everything that decides, as bytes that are alike for offers that are, wherever they lie.
#[cfg(feature = "index")]
pub(crate) fn canonical(offers: OffersRef<'_>) -> Vec<u8> {
    match offers.as_packed() {
        Some(packed) => packed.canonical(),
        None => {
            let mut builder = TableBuilder::new();
            let n = builder.copy(offers);
            let table = builder.finish();
            let packed = table.get(n).and_then(|offers| offers.as_packed());
            packed.map(Packed::canonical).unwrap_or_default()
        }
    }
}

impl Read {
    #[inline]
    fn part<'b>(&self, bytes: &'b [u8], part: usize) -> &'b [u8] {
        self.parts.of(bytes, part)
    }

    #[inline]
    fn frame(&self, bytes: &[u8], n: u32) -> Option<&Offers> {
        self.frames.get(n, || {
            let starts = self.part(bytes, Parts::FRAMES);
            read_all(frame::bytes_of(
                starts,
                self.part(bytes, Parts::FRAME_BYTES),
                n,
            )?)
        })
    }

    #[inline]
    fn price(&self, bytes: &[u8], n: u32) -> Option<&Price> {
        self.prices.get(n, || {
            let starts = self.part(bytes, Parts::PRICES);
            read_all(frame::bytes_of(
                starts,
                self.part(bytes, Parts::PRICE_BYTES),
                n,
            )?)
        })
    }

    /// The date that a word stands for.
    #[inline]
    fn date(&self, word: u32) -> Option<Date> {
        match word & DICTIONARY {
            0 => Some(Date::of_day(i64::from(word) - EPOCH)),
            _ => self.rest.dates.get((word & !DICTIONARY) as usize).copied(),
        }
    }
}

/// A word with this bit is a number of the table's dates; without, it is a day of no zone.
const DICTIONARY: u32 = 1 << 31;
/// What is added to days since 1970 so that they aren't negative.
const EPOCH: i64 = 1 << 30;
/// No date.
const NO_DATE: u32 = u32::MAX;
/// The cost isn't in the row but in the price's frame, or isn't known.
const IN_FRAME: u32 = u32::MAX;

impl<T> Frames<T> {
    fn new(n: usize) -> Self {
        Self((0..n).map(|_| OnceLock::new()).collect())
    }

    #[inline]
    fn get(&self, n: u32, read: impl FnOnce() -> Option<T>) -> Option<&T> {
        let frame = self.0.get(n as usize)?;
        frame.get_or_init(|| read().map(Box::new)).as_deref()
    }
}

impl<B: AsRef<[u8]>> std::fmt::Debug for Table<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("records", &self.len())
            .field("bytes", &self.bytes.as_ref().len())
            .field("frames", &self.read.frames.0.len())
            .field("price frames", &self.read.prices.0.len())
            .finish_non_exhaustive()
    }
}

//! One record of a table, read where it lies.
//!
//! A block is words: the frame; when it was sent and by which publisher, as numbers of the table's from 1; the bytes of its
//! `RecordReference` and they themselves, to the end of a word; how
//! many prices each supplier has, in the order of the frame; the slots: dates, and numbers of territories; then the
//! prices of each supplier, sorted by cost, in five columns: cost, key, frame of the price, from, until; the last
//! two only where some have dates, which the number of prices says by its highest bit.

use std::sync::Arc;

#[cfg(feature = "index")]
use crate::model::code::Coded;
use crate::model::{Cost, Country, Coverage, Currency, Date, Territory};

use super::super::offers::Offers;
use super::super::price::{Price, Prices, Row, Terms};
use super::{IN_FRAME, NO_DATE, Parts, Read, word};

/// Words before the `RecordReference`, the last of which has its length.
pub(super) const HEAD: usize = 4;
/// Columns of a price; where none of a supplier's has a date, the last two aren't there.
pub(super) const COLUMNS: usize = 5;
pub(super) const UNDATED: usize = 3;
/// In the number of a supplier's prices: some have dates.
pub(super) const DATED: u32 = 1 << 31;
const COST: usize = 0;
const KEY: usize = 1;
const FRAME: usize = 2;
const FROM: usize = 3;
const UNTIL: usize = 4;

/// One record of a table.
#[derive(Clone, Copy)]
pub(crate) struct Packed<'r> {
    pub(super) read: &'r Read,
    pub(super) bytes: &'r [u8],
    pub(super) n: u32,
    pub(super) block: &'r [u8],
    pub(super) frame: &'r Offers,
}

/// The dates and territories of a record.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slots<'r> {
    words: &'r [u8],
    from: Option<(&'r Read, &'r [u8])>,
}

/// A price as no table numbers it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unpacked<'r> {
    pub(super) cost: u32,
    pub(super) key: u32,
    /// The bytes of its frame.
    pub(super) frame: &'r [u8],
    pub(super) from: Option<Date>,
    pub(super) until: Option<Date>,
}

/// The prices of one supplier.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rows<'r> {
    n: usize,
    words: &'r [u8],
    from: Option<(&'r Read, &'r [u8])>,
}

impl<'r> Packed<'r> {
    pub(crate) fn record_reference(self) -> &'r str {
        let start = HEAD * 4;
        let text = self.block.get(start..start + self.name_length());
        std::str::from_utf8(text.unwrap_or_default()).unwrap_or_default()
    }

    #[inline]
    fn name_length(self) -> usize {
        word(self.block, HEAD - 1) as usize
    }

    /// The word behind the `RecordReference`.
    #[inline]
    fn behind_name(self) -> usize {
        HEAD + self.name_length().div_ceil(4)
    }

    pub(crate) fn publisher(self) -> Option<&'r str> {
        let n = word(self.block, 2).checked_sub(1)?;
        self.read
            .rest
            .publishers
            .get(n as usize)
            .map(String::as_str)
    }

    pub(super) fn frame_bytes(self) -> &'r [u8] {
        let starts = self.read.part(self.bytes, Parts::FRAMES);
        let bytes = self.read.part(self.bytes, Parts::FRAME_BYTES);
        super::frame::bytes_of(starts, bytes, word(self.block, 0)).unwrap_or_default()
    }

    pub(super) fn sent_entry(self) -> Option<&'r (Arc<str>, Option<Date>)> {
        let n = word(self.block, 1).checked_sub(1)?;
        self.read.rest.sent.get(n as usize)
    }

    pub(crate) fn sent(self) -> Option<&'r Arc<str>> {
        self.sent_entry().map(|(text, _)| text)
    }

    pub(crate) fn sent_date(self) -> Option<Date> {
        self.sent_entry()?.1
    }

    fn n_suppliers(self) -> usize {
        let supplies = self.frame.supplies.iter();
        supplies.map(|supply| supply.suppliers.len()).sum()
    }

    pub(crate) fn slots(self) -> Slots<'r> {
        let from = (self.behind_name() + self.n_suppliers()) * 4;
        Slots {
            words: self.block.get(from..).unwrap_or_default(),
            from: Some((self.read, self.bytes)),
        }
    }

    /// See [`canonical`](super::canonical).
    #[cfg(feature = "index")]
    pub(super) fn canonical(self) -> Vec<u8> {
        let mut out = self.frame_bytes().to_vec();
        self.record_reference().to_owned().write(&mut out);
        self.sent().map(|sent| sent.to_string()).write(&mut out);
        self.publisher().map(str::to_owned).write(&mut out);
        let slots = self.slots();
        for (slot, is_territory) in (0..).zip(&self.frame.slots) {
            match is_territory {
                true => slots.territory(slot).write(&mut out),
                false => slots.date(slot).write(&mut out),
            }
        }
        for rows in self.rows() {
            let mut all: Vec<_> = (0..rows.len()).filter_map(|at| rows.unpacked(at)).collect();
            all.sort_unstable();
            all.len().write(&mut out);
            for row in all {
                u64::from(row.cost).write(&mut out);
                row.frame.to_vec().write(&mut out);
                row.from.write(&mut out);
                row.until.write(&mut out);
            }
        }
        out
    }

    /// The prices of each supplier, in the order of the frame.
    pub(crate) fn prices(self) -> impl Iterator<Item = Prices<'r>> + 'r {
        self.rows().map(Prices::Packed)
    }

    pub(super) fn rows(self) -> impl Iterator<Item = Rows<'r>> + 'r {
        let n_suppliers = self.n_suppliers();
        let first = self.behind_name();
        let mut at = first + n_suppliers + self.frame.slots.len();
        (0..n_suppliers).map(move |supplier| {
            let count = word(self.block, first + supplier);
            let n = (count & !DATED) as usize;
            let n_words = match count & DATED {
                0 => n * UNDATED,
                _ => n * COLUMNS,
            };
            let words = self.block.get(at * 4..(at + n_words) * 4);
            at += n_words;
            Rows {
                n: words.map_or(0, |_| n),
                words: words.unwrap_or_default(),
                from: Some((self.read, self.bytes)),
            }
        })
    }
}

impl<'r> Slots<'r> {
    pub(crate) fn date(self, slot: u16) -> Option<Date> {
        let (read, _) = self.from?;
        read.date(word(self.words, usize::from(slot)))
    }

    /// How a territory covers a country.
    #[inline]
    pub(crate) fn coverage(self, slot: u16, country: Country) -> Coverage {
        let words = self.territory_words(slot);
        Territory::coverage_in(|at| long(words, at), country)
    }

    pub(crate) fn territory(self, slot: u16) -> Territory {
        let words = self.territory_words(slot);
        let mut all = 0..;
        Territory::of_words(|| all.next().map_or(0, |at| long(words, at)))
    }

    #[inline]
    fn territory_words(self, slot: u16) -> &'r [u8] {
        let Some((read, bytes)) = self.from else {
            return &[];
        };
        let n = word(self.words, usize::from(slot)) as usize;
        let size = Territory::WORDS * 8;
        let all = read.part(bytes, Parts::TERRITORIES);
        all.get(n * size..(n + 1) * size).unwrap_or_default()
    }
}

impl<'r> Rows<'r> {
    pub(crate) fn len(self) -> usize {
        self.n
    }

    pub(super) fn is_dated(self) -> bool {
        self.words.len() > self.n * UNDATED * 4
    }

    #[inline]
    fn word(self, column: usize, at: usize) -> u32 {
        word(self.words, column * self.n + at)
    }

    /// The date of a column, which may not be there.
    #[inline]
    fn date(self, read: &Read, column: usize, at: usize) -> Option<Date> {
        if !self.is_dated() {
            return None;
        }
        match self.word(column, at) {
            NO_DATE => None,
            word => read.date(word),
        }
    }

    /// A row for another table.
    pub(super) fn unpacked(self, at: usize) -> Option<Unpacked<'r>> {
        let (read, bytes) = self.from?;
        let starts = read.part(bytes, Parts::PRICES);
        let frames = read.part(bytes, Parts::PRICE_BYTES);
        let frame = super::frame::bytes_of(starts, frames, self.word(FRAME, at))?;
        let row = self.get(at)?;
        Some(Unpacked {
            cost: self.word(COST, at),
            key: self.word(KEY, at),
            frame,
            from: row.from,
            until: row.until,
        })
    }

    #[inline]
    pub(crate) fn get(self, at: usize) -> Option<Row<'r>> {
        let (read, bytes) = self.from?;
        let price = read.price(bytes, self.word(FRAME, at))?;
        Some(Row {
            price,
            default_cost: match self.word(COST, at) {
                IN_FRAME => price.default_cost,
                cost => Some(Cost::from(cost)),
            },
            from: self.date(read, FROM, at),
            until: self.date(read, UNTIL, at),
        })
    }

    /// How many cost less. Counting them all is quicker than a search among as many as there usually are.
    fn n_below(self, cost: u32) -> usize {
        let costs = self.words.get(..self.len() * 4).unwrap_or_default();
        let (costs, _) = costs.as_chunks::<4>();
        match costs.len() {
            ..1024 => {
                let is_below = |one: &[u8; 4]| u32::from(u32::from_le_bytes(*one) < cost);
                costs.iter().map(is_below).sum::<u32>() as usize
            }
            _ => costs.partition_point(|one| u32::from_le_bytes(*one) < cost),
        }
    }

    /// Those that may be what is asked for, by their keys.
    pub(crate) fn that_may_meet(
        self,
        terms: &Terms<'_>,
    ) -> impl Iterator<Item = Row<'r>> + use<'r> {
        let asked = Asked::of(terms);
        (0..self.len())
            .filter(move |at| asked.may_be(self.word(KEY, *at)))
            .filter_map(move |at| self.get(at))
    }

    /// The same of those that cost this, by the platform's own exponents.
    pub(crate) fn of_cost(
        self,
        cost: Cost,
        terms: &Terms<'_>,
    ) -> impl Iterator<Item = Row<'r>> + use<'r> {
        let asked = Asked::of(terms);
        let wanted = u32::try_from(cost).unwrap_or(IN_FRAME);
        let low = self.n_below(wanted);
        (low..self.len())
            .take_while(move |at| self.word(COST, *at) == wanted)
            .filter(move |at| asked.may_be(self.word(KEY, *at)))
            .filter_map(move |at| self.get(at))
    }
}

/// What a price is of, in a word, so that most can be passed over without a look at their frames: in the
/// upper 24 bits its currency and type, in the others the one country it holds in. 0 is anything.
pub(super) fn key(price: &Price) -> u32 {
    let kind = match (price.is_free(), price.currency, price.price_type.as_deref()) {
        (false, Some(currency), Some(price_type)) => kind(currency, price_type),
        _ => 0,
    };
    kind << 8 | u32::from(price.holds.country().map_or(0, of_country))
}

fn of_country(country: Country) -> u8 {
    country.index().wrapping_add(1)
}

/// Never 0, and alike for what is equal.
fn kind(currency: Currency, price_type: &str) -> u32 {
    let letters = currency.letters().into_iter().chain(price_type.bytes());
    letters.fold(0, |all, letter| (all * 37 + u32::from(letter)) % 0xff_fffd) + 1
}

/// What is asked for, as keys have it; 0 where it isn't.
#[derive(Clone, Copy)]
struct Asked {
    kind: u32,
    country: u32,
}

impl Asked {
    fn of(terms: &Terms<'_>) -> Self {
        let kind = terms
            .currency
            .zip(terms.price_type)
            .map(|(a, b)| kind(a, b));
        Self {
            kind: kind.unwrap_or(0),
            country: terms
                .country
                .map_or(0, |country| u32::from(of_country(country))),
        }
    }

    #[inline]
    fn may_be(self, key: u32) -> bool {
        let agree = |asked: u32, own: u32| asked == own || asked == 0 || own == 0;
        agree(self.kind, key >> 8) && agree(self.country, key & 0xff)
    }
}

/// Eight bytes of a territory; what isn't there covers nothing.
#[inline]
fn long(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes.get(at * 8..at * 8 + 8);
    eight.map_or(0, |eight| {
        u64::from_le_bytes(eight.try_into().unwrap_or_default())
    })
}

impl std::fmt::Debug for Slots<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slots")
    }
}

impl std::fmt::Debug for Packed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Packed").field(&self.n).finish()
    }
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rows").field(&self.len()).finish()
    }
}

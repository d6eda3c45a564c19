//! One record of a table, read where it lies.
//!
//! A block is words: the frame; which of the table's moments it was sent at, from 1; how many prices each supplier
//! has, in the order of the frame; the record's dates; then four words a price, sorted by cost within its
//! supplier: cost, frame of the price, from, until.

use crate::model::{Cost, Date};

use super::super::offers::Offers;
use super::super::price::{Prices, Row};
use super::{IN_FRAME, NO_DATE, Parts, Read, word};

/// Words before the number of prices.
pub(super) const HEAD: usize = 2;
/// Words of a row.
pub(super) const ROW: usize = 4;

/// One record of a table.
#[derive(Clone, Copy)]
pub(crate) struct Packed<'r> {
    pub(super) read: &'r Read,
    pub(super) bytes: &'r [u8],
    pub(super) n: u32,
    pub(super) block: &'r [u8],
    pub(super) frame: &'r Offers,
}

/// The dates of a record.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slots<'r> {
    words: &'r [u8],
    read: Option<&'r Read>,
}

/// The prices of one supplier.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rows<'r> {
    words: &'r [u8],
    from: Option<(&'r Read, &'r [u8])>,
}

impl<'r> Packed<'r> {
    pub(crate) fn record_reference(self) -> &'r str {
        let starts = self.read.part(self.bytes, Parts::NAMES);
        let texts = self.read.part(self.bytes, Parts::NAME_TEXTS);
        let at = |n: u32| word(starts, n as usize) as usize;
        let text = texts.get(at(self.n)..at(self.n + 1)).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }

    fn sent_entry(self) -> Option<&'r (std::sync::Arc<str>, Option<Date>)> {
        let n = word(self.block, 1).checked_sub(1)?;
        self.read.sent.get(n as usize)
    }

    pub(crate) fn sent(self) -> Option<&'r str> {
        self.sent_entry().map(|(text, _)| &**text)
    }

    pub(crate) fn sent_date(self) -> Option<Date> {
        self.sent_entry()?.1
    }

    fn n_suppliers(self) -> usize {
        let supplies = self.frame.supplies.iter();
        supplies.map(|supply| supply.suppliers.len()).sum()
    }

    pub(crate) fn slots(self) -> Slots<'r> {
        let from = (HEAD + self.n_suppliers()) * 4;
        Slots {
            words: self.block.get(from..).unwrap_or_default(),
            read: Some(self.read),
        }
    }

    /// The prices of each supplier, in the order of the frame.
    pub(crate) fn prices(self) -> impl Iterator<Item = Prices<'r>> + 'r {
        let n_suppliers = self.n_suppliers();
        let mut at = HEAD + n_suppliers + usize::from(self.frame.n_slots);
        (0..n_suppliers).map(move |supplier| {
            let n = word(self.block, HEAD + supplier) as usize * ROW;
            let words = self.block.get(at * 4..(at + n) * 4).unwrap_or_default();
            at += n;
            Prices::Packed(Rows {
                words,
                from: Some((self.read, self.bytes)),
            })
        })
    }
}

impl Slots<'_> {
    pub(crate) fn get(self, slot: u16) -> Option<Date> {
        self.read?.date(word(self.words, usize::from(slot)))
    }
}

impl<'r> Rows<'r> {
    pub(crate) fn len(self) -> usize {
        self.words.len() / (ROW * 4)
    }

    #[inline]
    fn cost_word(self, at: usize) -> u32 {
        word(self.words, at * ROW)
    }

    #[inline]
    pub(crate) fn get(self, at: usize) -> Option<Row<'r>> {
        let (read, bytes) = self.from?;
        let price = read.price(bytes, word(self.words, at * ROW + 1))?;
        let date = |word: u32| match word {
            NO_DATE => None,
            word => read.date(word),
        };
        Some(Row {
            price,
            default_cost: match self.cost_word(at) {
                IN_FRAME => price.default_cost,
                cost => Some(Cost::from(cost)),
            },
            from: date(word(self.words, at * ROW + 2)),
            until: date(word(self.words, at * ROW + 3)),
        })
    }

    /// Those that cost this, by the platform's own exponents.
    pub(crate) fn of_cost(self, cost: Cost) -> impl Iterator<Item = Row<'r>> {
        let wanted = u32::try_from(cost).unwrap_or(IN_FRAME);
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.cost_word(middle) < wanted {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        (low..self.len())
            .take_while(move |at| self.cost_word(*at) == wanted)
            .filter_map(move |at| self.get(at))
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

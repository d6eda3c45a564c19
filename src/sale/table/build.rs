//! How a table is made.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::model::code::Coded;
use crate::model::{Cost, Date, Territory};

use super::super::offers::Offers;
use super::super::offers_ref::OffersRef;
use super::super::price::Price;
use super::frame::{self, Rest, Slot};
use super::packed::{COLUMNS, DATED, HEAD, Rows, UNDATED, Unpacked, key};
use super::{DICTIONARY, EPOCH, IN_FRAME, MAGIC, NO_DATE, Parts, Table};

/// Makes a [`Table`] of offers, one after the other.
#[derive(Debug, Default)]
pub struct TableBuilder {
    records: Vec<u32>,
    blocks: Vec<u32>,
    frames: Interned,
    prices: Interned,
    territories: Numbers<Territory>,
    dates: Numbers<Date>,
    publishers: Numbers<String>,
    sent: Numbers<(Arc<str>, Option<Date>)>,
    // Kept for their memory.
    bytes: Vec<u8>,
    slots: Vec<Slot>,
}

/// Texts one behind the other.
#[derive(Debug)]
struct Texts {
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

/// Texts that are kept once each.
#[derive(Debug, Default)]
struct Interned {
    numbers: HashMap<Box<[u8]>, u32>,
    texts: Texts,
}

/// Values that are kept once each.
#[derive(Debug)]
struct Numbers<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl TableBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record's offers; returns their number, the first 0.
    pub fn add(&mut self, offers: &Offers) -> u32 {
        let n = self.records.len() as u32;
        self.records.push(self.blocks.len() as u32);
        self.slots.clear();
        self.bytes.clear();
        frame::write_offers(offers, &mut self.slots, &mut self.bytes);
        self.blocks.push(self.frames.number(&self.bytes));
        let sent = offers
            .sent
            .as_ref()
            .map(|sent| self.sent.number((Arc::clone(sent), offers.sent_date)) + 1);
        self.blocks.push(sent.unwrap_or(0));
        let publisher = offers.publisher.as_ref();
        let publisher = publisher.map(|name| self.publishers.number(name.clone()) + 1);
        self.blocks.push(publisher.unwrap_or(0));
        self.name(&offers.record_reference);
        for supplier in offers.suppliers() {
            let is_dated = |price: &Price| price.from.is_some() || price.until.is_some();
            self.count(supplier.prices.len(), supplier.prices.iter().any(is_dated));
        }
        for at in 0..self.slots.len() {
            let word = match self.slots[at] {
                Slot::Date(date) => self.date(date),
                Slot::Territory(territory) => self.territories.number(territory),
            };
            self.blocks.push(word);
        }
        for supplier in offers.suppliers() {
            let mut rows: Vec<_> = supplier.prices.iter().map(|one| self.row(one)).collect();
            rows.sort_unstable();
            self.columns(&rows);
        }
        n
    }

    fn count(&mut self, n: usize, is_dated: bool) {
        let dated = if is_dated { DATED } else { 0 };
        self.blocks.push(n as u32 | dated);
    }

    /// Prices, column by column; the dates only where there are any.
    fn columns(&mut self, rows: &[[u32; COLUMNS]]) {
        let is_dated = rows.iter().any(|row| row[UNDATED..] != [NO_DATE; 2]);
        let n_columns = if is_dated { COLUMNS } else { UNDATED };
        for column in 0..n_columns {
            self.blocks.extend(rows.iter().map(|row| row[column]));
        }
    }

    fn name(&mut self, name: &str) {
        self.blocks.push(name.len() as u32);
        debug_assert_eq!(HEAD, 4);
        for chunk in name.as_bytes().chunks(4) {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            self.blocks.push(u32::from_le_bytes(word));
        }
    }

    /// Adds a record of another table, or offers as they are.
    pub fn copy(&mut self, record: OffersRef<'_>) -> u32 {
        let Some(packed) = record.as_packed() else {
            return self.add(&record);
        };
        let n = self.records.len() as u32;
        self.records.push(self.blocks.len() as u32);
        self.blocks.push(self.frames.number(packed.frame_bytes()));
        let sent = packed.sent_entry().cloned();
        let sent = sent.map(|sent| self.sent.number(sent) + 1);
        self.blocks.push(sent.unwrap_or(0));
        let publisher = record.publisher().map(str::to_owned);
        let publisher = publisher.map(|name| self.publishers.number(name) + 1);
        self.blocks.push(publisher.unwrap_or(0));
        self.name(record.record_reference());
        let rows: Vec<Rows<'_>> = packed.rows().collect();
        for rows in &rows {
            self.count(rows.len(), rows.is_dated());
        }
        let slots = packed.slots();
        for (slot, is_territory) in (0..).zip(&record.slots) {
            let word = match is_territory {
                true => self.territories.number(slots.territory(slot)),
                false => slots.date(slot).map_or(NO_DATE, |date| self.date(date)),
            };
            self.blocks.push(word);
        }
        for rows in rows {
            // The costs and keys are alike; sorted by them, prices of the same cost may change places.
            let unpacked = (0..rows.len()).filter_map(|at| rows.unpacked(at));
            let mut copied: Vec<_> = unpacked.map(|row| self.copied(row)).collect();
            copied.sort_unstable();
            self.columns(&copied);
        }
        n
    }

    fn copied(&mut self, row: Unpacked<'_>) -> [u32; COLUMNS] {
        [
            row.cost,
            row.key,
            self.prices.number(row.frame),
            row.from.map_or(NO_DATE, |date| self.date(date)),
            row.until.map_or(NO_DATE, |date| self.date(date)),
        ]
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    fn row(&mut self, price: &Price) -> [u32; COLUMNS] {
        self.bytes.clear();
        price.write(&mut self.bytes);
        [
            // A free title is looked for by what it costs.
            match (price.is_free(), price.default_cost) {
                (true, _) => 0,
                (false, Some(cost)) if fits(cost) => cost as u32,
                _ => IN_FRAME,
            },
            key(price),
            self.prices.number(&self.bytes),
            price.from.map_or(NO_DATE, |date| self.date(date)),
            price.until.map_or(NO_DATE, |date| self.date(date)),
        ]
    }

    fn date(&mut self, date: Date) -> u32 {
        let day = date
            .as_day()
            .and_then(|day| u32::try_from(day + EPOCH).ok());
        match day.filter(|day| day & DICTIONARY == 0) {
            Some(day) => day,
            None => self.dates.number(date) | DICTIONARY,
        }
    }

    /// The bytes of the table.
    pub fn into_bytes(self) -> Vec<u8> {
        let parts: [Vec<u8>; Parts::N] = [
            words(&self.records),
            words(&self.blocks),
            words(&self.frames.texts.starts),
            self.frames.texts.bytes,
            words(&self.prices.texts.starts),
            self.prices.texts.bytes,
            self.territories
                .values
                .iter()
                .flat_map(|territory| territory.words().flat_map(u64::to_le_bytes))
                .collect(),
            frame::write_rest(&Rest {
                dates: self.dates.values,
                publishers: self.publishers.values,
                sent: self.sent.values,
            }),
        ];
        let mut out = MAGIC.to_vec();
        for part in &parts {
            out.extend_from_slice(&(part.len() as u64).to_le_bytes());
        }
        parts.iter().for_each(|part| out.extend_from_slice(part));
        out
    }

    /// The table, in memory.
    pub fn finish(self) -> Table {
        Table::open(self.into_bytes()).expect("the bytes of a table")
    }
}

/// Whether a row can hold this cost.
pub(super) fn fits(cost: Cost) -> bool {
    cost < Cost::from(IN_FRAME)
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            starts: vec![0],
            bytes: Vec::new(),
        }
    }
}

impl Texts {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.starts.push(self.bytes.len() as u32);
    }
}

impl Interned {
    fn number(&mut self, bytes: &[u8]) -> u32 {
        if let Some(n) = self.numbers.get(bytes) {
            return *n;
        }
        let n = self.numbers.len() as u32;
        self.numbers.insert(bytes.into(), n);
        self.texts.push(bytes);
        n
    }
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Numbers<T> {
    fn number(&mut self, value: T) -> u32 {
        let n = self.values.len() as u32;
        match self.numbers.entry(value) {
            std::collections::hash_map::Entry::Occupied(known) => *known.get(),
            std::collections::hash_map::Entry::Vacant(new) => {
                self.values.push(new.key().clone());
                *new.insert(n)
            }
        }
    }
}

//! Identifiers, and which records they lead to: a table of slots, written once.
//!
//! A slot is twelve bytes: the identifier as a number and the record's number. Where an identifier leads to several
//! records it has several slots; a free slot ends the search.

use crate::catalogue::key::key_hash;

const SLOT: usize = 12;
const FREE: u32 = u32::MAX;

/// An identifier, in the form in which identifiers are compared, as a number: what is a number of up to eighteen
/// digits is itself, anything else a hash of 63 bits.
pub(in crate::catalogue) fn number(id: &str) -> u64 {
    const HASHED: u64 = 1 << 63;
    let bytes = id.as_bytes();
    match bytes.len() {
        1..=18 if bytes.iter().all(u8::is_ascii_digit) => bytes
            .iter()
            // A one in front, so that zeros count.
            .fold(1, |all, digit| all * 10 + u64::from(digit - b'0')),
        _ => key_hash(id) | HASHED,
    }
}

/// Where the search for a number begins.
#[inline]
fn home(number: u64, n_slots: usize) -> usize {
    let mixed = (number ^ number >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((u128::from(mixed) * n_slots as u128) >> 64) as usize
}

/// The table of these numbers and records.
pub(super) fn table(mut pairs: Vec<(u64, u32)>) -> Vec<u8> {
    pairs.sort_unstable();
    pairs.dedup();
    // A quarter stays free.
    let n_slots = pairs.len() + pairs.len() / 3 + 1;
    let mut out = vec![0xff; n_slots * SLOT];
    for (number, record) in pairs {
        let mut at = home(number, n_slots);
        while record_at(&out, at) != FREE {
            at = (at + 1) % n_slots;
        }
        let slot = &mut out[at * SLOT..(at + 1) * SLOT];
        slot[..8].copy_from_slice(&number.to_le_bytes());
        slot[8..].copy_from_slice(&record.to_le_bytes());
    }
    out
}

#[inline]
fn record_at(table: &[u8], at: usize) -> u32 {
    let bytes = table.get(at * SLOT + 8..at * SLOT + SLOT);
    bytes.map_or(FREE, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

#[inline]
fn number_at(table: &[u8], at: usize) -> u64 {
    let bytes = table.get(at * SLOT..at * SLOT + 8);
    bytes.map_or(0, |b| u64::from_le_bytes(b.try_into().unwrap_or_default()))
}

/// The records of a number, in no order.
#[inline]
pub(super) fn find(table: &[u8], number: u64) -> impl Iterator<Item = u32> + use<'_> {
    let n_slots = table.len() / SLOT;
    let first = home(number, n_slots.max(1));
    (0..n_slots)
        .map(move |step| match first + step {
            at if at < n_slots => at,
            at => at - n_slots,
        })
        .map(move |at| (number_at(table, at), record_at(table, at)))
        .take_while(|(_, record)| *record != FREE)
        .filter(move |(own, _)| *own == number)
        .map(|(_, record)| record)
}

/// Every pair of a table.
pub(super) fn pairs(table: &[u8]) -> impl Iterator<Item = (u64, u32)> + use<'_> {
    (0..table.len() / SLOT)
        .map(move |at| (number_at(table, at), record_at(table, at)))
        .filter(|(_, record)| *record != FREE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_themselves() {
        assert_eq!(number("9782070368228"), 19_782_070_368_228);
        assert_ne!(number("0012"), number("12"));
        assert_ne!(number(""), number("0"));
        assert!(number("1234567890123456789") > 1 << 63);
        assert!(number("HOUSE.1") > 1 << 63);
    }

    proptest! {
        #[test]
        fn what_was_put_in_is_found(pairs in prop::collection::vec((0u64..50, 0u32..50), 0..200)) {
            let table = table(pairs.clone());
            for number in 0..60 {
                let mut found: Vec<_> = find(&table, number).collect();
                let mut put: Vec<_> = pairs.iter().filter(|pair| pair.0 == number).map(|pair| pair.1).collect();
                found.sort_unstable();
                put.sort_unstable();
                put.dedup();
                prop_assert_eq!(found, put);
            }
        }
    }
}

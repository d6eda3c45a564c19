//! The names of ONIX: reference names and short tags, one [`Tag`] for both.

mod table;

use std::collections::HashMap;
use std::sync::OnceLock;

pub(crate) use table::Content;
pub use table::Tag;
use table::{DEFINITIONS, Definition, SHORT_2_1, TAGS};

/// How a tag was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// `RecordReference`
    Reference,
    /// `a001`
    Short,
    /// `recordreference`, `A001`: in neither of the official spellings.
    OtherCase,
}

impl Tag {
    /// The element's reference name, empty for [`Tag::Unknown`].
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// Its short tag, empty where EDItEUR defines none.
    pub fn short(self) -> &'static str {
        self.definition().short
    }

    /// The numbers of the code lists its text is taken from; several where releases differ.
    pub fn code_lists(self) -> &'static [u16] {
        self.definition().lists
    }

    /// The element of this name, given as reference name, short tag or either in the wrong case.
    pub fn from_name(name: &str) -> Option<Tag> {
        Self::find(name.as_bytes()).map(|(tag, _)| tag)
    }

    pub(crate) fn content(self) -> Content {
        self.definition().content
    }

    fn definition(self) -> &'static Definition {
        &DEFINITIONS[self as usize]
    }

    #[inline]
    pub(crate) fn find(name: &[u8]) -> Option<(Tag, Written)> {
        lookup(name).or_else(|| find_in_other_case(name))
    }
}

/// Slots of the hash table: four times as many as names, so that a look-up takes one or two steps.
const SLOTS: usize = 8192;
/// Marks a slot that holds the element's short tag.
const SHORT: u16 = 0x8000;

/// Open addressing over reference names and short tags; 0 is free.
static INDEX: [u16; SLOTS] = index();

const fn index() -> [u16; SLOTS] {
    let mut slots = [0u16; SLOTS];
    let mut tag = 1;
    while tag < DEFINITIONS.len() {
        let definition = &DEFINITIONS[tag];
        insert(&mut slots, definition.name.as_bytes(), tag as u16);
        let short = definition.short.as_bytes();
        if !short.is_empty() && !same(short, definition.name.as_bytes()) {
            insert(&mut slots, short, tag as u16 | SHORT);
        }
        tag += 1;
    }
    slots
}

const fn insert(slots: &mut [u16; SLOTS], name: &[u8], value: u16) {
    let mut slot = hash(name);
    while slots[slot] != 0 {
        slot = (slot + 1) % SLOTS;
    }
    slots[slot] = value;
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Names differ in length, first eight and last eight bytes, nearly all of them.
#[inline]
const fn hash(name: &[u8]) -> usize {
    let n = name.len();
    let (first, last) = if n >= 8 {
        (word(name, 0), word(name, n - 8))
    } else {
        let mut value = 0u64;
        let mut i = 0;
        while i < n {
            value = value << 8 | name[i] as u64;
            i += 1;
        }
        (value, value)
    };
    let mixed =
        (first ^ last.rotate_left(23) ^ ((n as u64) << 56)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 51) as usize
}

#[inline]
const fn word(name: &[u8], at: usize) -> u64 {
    u64::from_le_bytes([
        name[at],
        name[at + 1],
        name[at + 2],
        name[at + 3],
        name[at + 4],
        name[at + 5],
        name[at + 6],
        name[at + 7],
    ])
}

#[inline]
fn lookup(name: &[u8]) -> Option<(Tag, Written)> {
    let mut slot = hash(name);
    loop {
        let value = INDEX[slot];
        if value == 0 {
            return None;
        }
        let definition = &DEFINITIONS[usize::from(value & !SHORT)];
        let tag = TAGS[usize::from(value & !SHORT)];
        if value & SHORT == 0 {
            if definition.name.as_bytes() == name {
                return Some((tag, Written::Reference));
            }
        } else if definition.short.as_bytes() == name {
            return Some((tag, Written::Short));
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// Spellings that are looked for last: 2.1's own short tags of four elements, and the wrong case.
#[cold]
fn find_in_other_case(name: &[u8]) -> Option<(Tag, Written)> {
    static LOWER: OnceLock<HashMap<String, Tag>> = OnceLock::new();
    let lower = LOWER.get_or_init(|| {
        DEFINITIONS
            .iter()
            .zip(TAGS)
            .skip(1)
            .flat_map(|(definition, tag)| {
                [definition.name, definition.short].map(|name| (name.to_ascii_lowercase(), tag))
            })
            .collect()
    });
    if name.len() > 64 || name.is_empty() {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    if let Some((_, tag)) = SHORT_2_1.iter().find(|(short, _)| *short == name) {
        return Some((*tag, Written::Short));
    }
    let tag = lower.get(&name.to_ascii_lowercase())?;
    Some((*tag, Written::OtherCase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_finds_its_tag() {
        for (definition, tag) in DEFINITIONS.iter().zip(TAGS).skip(1) {
            let (found, written) = Tag::find(definition.name.as_bytes()).unwrap();
            assert_eq!((found, written), (tag, Written::Reference));
            if !definition.short.is_empty() {
                assert_eq!(Tag::from_name(definition.short), Some(tag));
            }
            assert_eq!(Tag::from_name(&definition.name.to_uppercase()), Some(tag));
        }
        assert_eq!(Tag::from_name(""), None);
        assert_eq!(Tag::from_name("Produkt"), None);
    }

    #[test]
    fn probes_are_few() {
        let steps = |name: &[u8]| {
            let mut slot = hash(name);
            let mut steps = 1;
            loop {
                let definition = &DEFINITIONS[usize::from(INDEX[slot] & !SHORT)];
                if definition.name.as_bytes() == name || definition.short.as_bytes() == name {
                    return steps;
                }
                slot = (slot + 1) % SLOTS;
                steps += 1;
            }
        };
        let total: usize = DEFINITIONS[1..]
            .iter()
            .map(|definition| steps(definition.name.as_bytes()))
            .sum();
        assert!(total < DEFINITIONS.len() * 3 / 2, "{total}");
    }
}

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

    /// The releases that define it.
    pub fn releases(self) -> impl Iterator<Item = &'static str> {
        let bits = self.definition().releases;
        ["2.1", "3.0", "3.1"]
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| bits >> bit & 1 != 0)
            .map(|(_, release)| release)
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

/// A spelling to be found, in a form that is compared without a call.
#[derive(Clone, Copy)]
struct Key {
    first: u64,
    last: u64,
    length: u8,
    written: Written,
    tag: u16,
}

/// Every reference name and every short tag that differs from its reference name.
static KEYS: [Key; N_KEYS] = keys();
const N_KEYS: usize = n_keys();

const fn n_keys() -> usize {
    let mut n = 0;
    let mut tag = 1;
    while tag < DEFINITIONS.len() {
        n += 1 + has_short(&DEFINITIONS[tag]) as usize;
        tag += 1;
    }
    n
}

const fn has_short(definition: &Definition) -> bool {
    let short = definition.short.as_bytes();
    !short.is_empty() && !same(short, definition.name.as_bytes())
}

const fn keys() -> [Key; N_KEYS] {
    let mut keys = [Key::of(b"", Written::Reference, 0); N_KEYS];
    let mut n = 0;
    let mut tag = 1;
    while tag < DEFINITIONS.len() {
        let definition = &DEFINITIONS[tag];
        keys[n] = Key::of(definition.name.as_bytes(), Written::Reference, tag);
        n += 1;
        if has_short(definition) {
            keys[n] = Key::of(definition.short.as_bytes(), Written::Short, tag);
            n += 1;
        }
        tag += 1;
    }
    keys
}

impl Key {
    const fn of(name: &[u8], written: Written, tag: usize) -> Self {
        let (first, last) = ends(name);
        Self {
            first,
            last,
            length: name.len() as u8,
            written,
            tag: tag as u16,
        }
    }

    #[inline]
    fn is(&self, name: &[u8], first: u64, last: u64) -> bool {
        self.first == first
            && self.last == last
            && usize::from(self.length) == name.len()
            && (name.len() <= 16 || equal(self.name(), name))
    }

    /// Called for the few names longer than both ends together.
    fn name(&self) -> &'static [u8] {
        let definition = &DEFINITIONS[usize::from(self.tag)];
        match self.written {
            Written::Short => definition.short.as_bytes(),
            _ => definition.name.as_bytes(),
        }
    }
}

/// Whether two texts are equal, without a call.
#[inline]
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    let words = a_words.iter().zip(b_words);
    words.fold(0, |differ, (a, b)| {
        differ | (u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b))
    }) == 0
        && a_rest
            .iter()
            .zip(b_rest)
            .fold(0, |differ, (a, b)| differ | (a ^ b))
            == 0
}

/// Slots of the hash table: four times as many as names, so that a look-up takes one or two steps.
const SLOTS: usize = 8192;

/// Open addressing over the keys, each by its number plus one; 0 is free.
static INDEX: [u16; SLOTS] = index();

const fn index() -> [u16; SLOTS] {
    let mut slots = [0u16; SLOTS];
    let mut i = 0;
    while i < N_KEYS {
        let key = &KEYS[i];
        let mut slot = hash(key.first, key.last, key.length as usize);
        while slots[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        slots[slot] = i as u16 + 1;
        i += 1;
    }
    slots
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

/// The first and the last eight bytes, which nearly all names differ in; of shorter ones, two
/// overlapping halves.
#[inline]
const fn ends(name: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        return (
            u32::from_le_bytes(*first) as u64,
            u32::from_le_bytes(*last) as u64,
        );
    }
    let mut value = 0;
    let mut i = 0;
    while i < name.len() {
        value = value << 8 | name[i] as u64;
        i += 1;
    }
    (value, value)
}

#[inline]
const fn hash(first: u64, last: u64, length: usize) -> usize {
    let mixed = (first ^ last.rotate_left(23) ^ ((length as u64) << 56))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 51) as usize
}

#[inline]
fn lookup(name: &[u8]) -> Option<(Tag, Written)> {
    let (first, last) = ends(name);
    let mut slot = hash(first, last, name.len());
    loop {
        let number = usize::from(INDEX[slot]);
        let key = KEYS.get(number.checked_sub(1)?)?;
        if key.is(name, first, last) {
            return Some((TAGS[usize::from(key.tag)], key.written));
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
        assert!(Tag::Title.releases().eq(["2.1"]));
        assert!(Tag::Price.releases().eq(["2.1", "3.0", "3.1"]));
        assert_eq!(Tag::from_name("Produkt"), None);
    }

    #[test]
    fn a_name_is_known_by_all_of_it() {
        assert_eq!(
            Tag::from_name("ProductFormDescription"),
            Some(Tag::ProductFormDescription)
        );
        assert_eq!(Tag::from_name("ProductForXDescription"), None);
        assert_eq!(Tag::from_name("b2"), None);
    }

    #[test]
    fn probes_are_few() {
        let steps = |name: &[u8]| {
            let (first, last) = ends(name);
            let mut slot = hash(first, last, name.len());
            let mut steps = 1;
            while !KEYS[usize::from(INDEX[slot]) - 1].is(name, first, last) {
                slot = (slot + 1) % SLOTS;
                steps += 1;
            }
            steps
        };
        let total: usize = DEFINITIONS[1..]
            .iter()
            .map(|definition| steps(definition.name.as_bytes()))
            .sum();
        assert!(total < DEFINITIONS.len() * 3 / 2, "{total}");
    }
}

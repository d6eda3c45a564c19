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

/// Slots of the hash table: nearly three times as many as names, so that a look-up takes one or two
/// steps.
const SLOTS: usize = 4096;

/// A spelling, in a form that is compared without a call and without a look at the name itself, which
/// lies elsewhere in memory: half a cache line for nearly every look-up.
#[derive(Clone, Copy)]
struct Slot {
    name: Name,
    written: Written,
    tag: Tag,
}

/// A name by its parts: exact up to 24 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name {
    first: u64,
    middle: u64,
    last: u64,
    /// 0 in a free slot.
    length: u8,
}

const FREE: Slot = Slot {
    name: Name::of(b""),
    written: Written::Reference,
    tag: Tag::Unknown,
};

/// Open addressing over every reference name and every short tag that differs from its reference name.
static INDEX: [Slot; SLOTS] = index();

const fn index() -> [Slot; SLOTS] {
    let mut slots = [FREE; SLOTS];
    let mut at = 1;
    while at < DEFINITIONS.len() {
        let name = DEFINITIONS[at].name.as_bytes();
        let short = DEFINITIONS[at].short.as_bytes();
        insert(&mut slots, name, Written::Reference, TAGS[at]);
        if !short.is_empty() && !same(short, name) {
            insert(&mut slots, short, Written::Short, TAGS[at]);
        }
        at += 1;
    }
    slots
}

const fn insert(slots: &mut [Slot; SLOTS], name: &[u8], written: Written, tag: Tag) {
    let name = Name::of(name);
    let mut at = name.hash();
    while slots[at].name.length != 0 {
        at = (at + 1) % SLOTS;
    }
    slots[at] = Slot { name, written, tag };
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

impl Name {
    /// The first and the last eight bytes, of shorter names two overlapping halves; and the eight
    /// bytes behind the first of longer ones.
    #[inline]
    const fn of(name: &[u8]) -> Self {
        let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => Self::halves(name),
        };
        let middle = match name.first_chunk::<16>() {
            Some([_, _, _, _, _, _, _, _, middle @ ..]) => u64::from_le_bytes(*middle),
            None => 0,
        };
        Self {
            first,
            middle,
            last,
            length: if name.len() > 255 {
                255
            } else {
                name.len() as u8
            },
        }
    }

    #[inline]
    const fn halves(name: &[u8]) -> (u64, u64) {
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
    const fn hash(self) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(23) ^ ((self.length as u64) << 56))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 52) as usize
    }
}

#[inline]
fn lookup(name: &[u8]) -> Option<(Tag, Written)> {
    let asked = Name::of(name);
    let mut at = asked.hash();
    loop {
        let slot = &INDEX[at];
        if slot.name.length == 0 {
            return None;
        }
        if slot.name == asked && (name.len() <= 24 || equal(slot.spelling(), name)) {
            return Some((slot.tag, slot.written));
        }
        at = (at + 1) % SLOTS;
    }
}

impl Slot {
    /// Asked of the few names longer than their parts.
    fn spelling(&self) -> &'static [u8] {
        match self.written {
            Written::Short => self.tag.short().as_bytes(),
            _ => self.tag.name().as_bytes(),
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
        let mut steps = 0;
        for definition in &DEFINITIONS[1..] {
            let name = Name::of(definition.name.as_bytes());
            let mut at = name.hash();
            while INDEX[at].spelling() != definition.name.as_bytes() {
                at = (at + 1) % SLOTS;
                steps += 1;
            }
        }
        assert!(steps < DEFINITIONS.len(), "{steps}");
    }
}

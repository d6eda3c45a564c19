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

/// A name in the table. Its first and last eight bytes and its length settle nearly every comparison
/// without a look at the name itself, which lies elsewhere in memory.
#[derive(Clone, Copy)]
struct Slot {
    first: u64,
    last: u64,
    /// 0 in a free slot.
    len: u16,
    tag: u16,
    is_short: bool,
}

/// Open addressing over reference names and short tags.
static INDEX: [Slot; SLOTS] = index();

const FREE: Slot = Slot {
    first: 0,
    last: 0,
    len: 0,
    tag: 0,
    is_short: false,
};

const fn index() -> [Slot; SLOTS] {
    let mut slots = [FREE; SLOTS];
    let mut tag = 1;
    while tag < DEFINITIONS.len() {
        let name = DEFINITIONS[tag].name.as_bytes();
        let short = DEFINITIONS[tag].short.as_bytes();
        insert(&mut slots, name, tag as u16, false);
        if !short.is_empty() && !same(short, name) {
            insert(&mut slots, short, tag as u16, true);
        }
        tag += 1;
    }
    slots
}

const fn insert(slots: &mut [Slot; SLOTS], name: &[u8], tag: u16, is_short: bool) {
    let (first, last) = ends(name);
    let mut slot = hash(first, last, name.len());
    while slots[slot].len != 0 {
        slot = (slot + 1) % SLOTS;
    }
    slots[slot] = Slot {
        first,
        last,
        len: name.len() as u16,
        tag,
        is_short,
    };
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

/// The first and the last eight bytes; of a shorter name, all of it twice.
#[inline]
const fn ends(name: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    let (first, last) = match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        (Some(first), Some(last)) => (u32::from_le_bytes(*first), u32::from_le_bytes(*last)),
        _ => {
            let mut value = 0;
            let mut i = 0;
            while i < name.len() {
                value = value << 8 | name[i] as u32;
                i += 1;
            }
            (value, value)
        }
    };
    let both = (first as u64) << 32 | last as u64;
    (both, both)
}

#[inline]
const fn hash(first: u64, last: u64, len: usize) -> usize {
    let mixed =
        (first ^ last.rotate_left(23) ^ ((len as u64) << 56)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 52) as usize
}

#[inline]
fn lookup(name: &[u8]) -> Option<(Tag, Written)> {
    let (first, last) = ends(name);
    let mut at = hash(first, last, name.len());
    loop {
        let slot = &INDEX[at];
        if slot.len == 0 {
            return None;
        }
        if slot.first == first && slot.last == last && usize::from(slot.len) == name.len() {
            // Only a name longer than its two ends can differ between them.
            if name.len() <= 16 || name == slot.name() {
                let written = match slot.is_short {
                    true => Written::Short,
                    false => Written::Reference,
                };
                return Some((TAGS[usize::from(slot.tag)], written));
            }
        }
        at = (at + 1) % SLOTS;
    }
}

impl Slot {
    fn name(&self) -> &'static [u8] {
        let definition = &DEFINITIONS[usize::from(self.tag)];
        match self.is_short {
            true => definition.short.as_bytes(),
            false => definition.name.as_bytes(),
        }
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
        let mut steps = 0;
        for definition in &DEFINITIONS[1..] {
            let name = definition.name.as_bytes();
            let (first, last) = ends(name);
            let mut at = hash(first, last, name.len());
            while INDEX[at].name() != name {
                at = (at + 1) % SLOTS;
                steps += 1;
            }
        }
        assert!(steps < DEFINITIONS.len(), "{steps}");
    }
}

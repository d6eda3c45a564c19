//! What counts for how much: where words stand, how they were met, and what a whole query comes to. All of it is
//! data; `rank.rs` only applies it.
//!
//! The order is that of library catalogues: the whole title, its beginning, author and title together, a series
//! with its number, then the rest.

/// Where a word stands in a product.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Section {
    pub(super) name: &'static str,
    /// Other names that may stand before a colon.
    pub(super) aliases: &'static [&'static str],
    /// The position of its first word, and how many there is room for.
    pub(super) start: u32,
    pub(super) room: u32,
    /// What a word in it weighs.
    pub(super) weight: f32,
    /// Whether words are brought to their stems: names aren't.
    pub(super) is_stemmed: bool,
    /// Whether words that hang together are looked for as one.
    pub(super) has_compounds: bool,
}

/// A section's number.
pub(super) type Place = usize;

pub(super) const TITLE: Place = 0;
pub(super) const SUBTITLE: Place = 1;
pub(super) const OTHER_TITLES: Place = 2;
pub(super) const SERIES: Place = 3;
pub(super) const AUTHORS: Place = 4;
pub(super) const CONTRIBUTORS: Place = 5;
pub(super) const PUBLISHER: Place = 6;
pub(super) const IMPRINT: Place = 7;
pub(super) const SUBJECTS: Place = 8;
pub(super) const DESCRIPTION: Place = 9;

/// The sections, by position.
#[rustfmt::skip]
pub(super) const SECTIONS: [Section; 10] = [
    Section { name: "title", aliases: &["titre", "titulo", "titel", "titolo"], start: 0, room: 256, weight: 10.0, is_stemmed: true, has_compounds: true },
    Section { name: "subtitle", aliases: &[], start: 256, room: 256, weight: 5.0, is_stemmed: true, has_compounds: true },
    Section { name: "other_titles", aliases: &[], start: 512, room: 512, weight: 6.0, is_stemmed: true, has_compounds: true },
    Section { name: "series", aliases: &["serie", "collection", "reihe"], start: 1024, room: 256, weight: 7.0, is_stemmed: true, has_compounds: true },
    Section { name: "authors", aliases: &["author", "auteur", "autor", "autore", "auteurs"], start: 1280, room: 256, weight: 9.0, is_stemmed: false, has_compounds: true },
    Section { name: "contributors", aliases: &["contributor", "by", "par"], start: 1536, room: 512, weight: 5.5, is_stemmed: false, has_compounds: true },
    Section { name: "publisher", aliases: &["editeur", "editorial", "verlag", "editore", "editora"], start: 2048, room: 64, weight: 3.5, is_stemmed: false, has_compounds: true },
    Section { name: "imprint", aliases: &[], start: 2112, room: 64, weight: 3.5, is_stemmed: false, has_compounds: true },
    Section { name: "subjects", aliases: &["subject", "keyword", "sujet"], start: 2176, room: 1920, weight: 3.0, is_stemmed: true, has_compounds: true },
    Section { name: "description", aliases: &["text"], start: 4096, room: 61_440, weight: 1.5, is_stemmed: true, has_compounds: false },
];

/// The sections that a field's name asks for: `contributors` are authors too, `publisher` an imprint.
pub(super) fn sections_of(name: &str) -> Option<Places> {
    let place = SECTIONS
        .iter()
        .position(|section| section.name == name || section.aliases.contains(&name))?;
    Some(match place {
        AUTHORS | CONTRIBUTORS => Places::of(&[AUTHORS, CONTRIBUTORS]),
        PUBLISHER | IMPRINT => Places::of(&[PUBLISHER, IMPRINT]),
        TITLE => Places::of(&[TITLE, SUBTITLE, OTHER_TITLES]),
        place => Places::of(&[place]),
    })
}

/// A set of sections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Places(u16);

impl Places {
    pub(super) const ALL: Self = Self(u16::MAX);

    pub(super) const fn of(places: &[Place]) -> Self {
        let mut set = 0;
        let mut i = 0;
        while i < places.len() {
            set |= 1 << places[i];
            i += 1;
        }
        Self(set)
    }

    pub(super) fn has(self, place: Place) -> bool {
        self.0 & 1 << place != 0
    }

    pub(super) fn insert(&mut self, place: Place) {
        self.0 |= 1 << place;
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The section of a position.
pub(super) fn place_of(position: u32) -> Place {
    // By position; the first sections are asked for most.
    SECTIONS
        .iter()
        .rposition(|section| section.start <= position)
        .unwrap_or(TITLE)
}

/// How a word was met, as a part of its section's weight.
pub(super) const EXACT: f32 = 1.0;
/// Written as one with its neighbour, or apart.
pub(super) const JOINED: f32 = 0.95;
/// By its stem.
pub(super) const STEMMED: f32 = 0.85;
/// As the beginning of another word.
pub(super) const BEGUN: f32 = 0.75;
/// With one letter wrong, and with two.
pub(super) const MISSPELT: [f32; 2] = [0.6, 0.4];

/// What a query comes to beside its words: the words are the title, or its beginning; author and title stand
/// together; a series and its number.
pub(super) const WHOLE_TITLE: f32 = 6.0;
pub(super) const TITLE_BEGINS: f32 = 3.0;
pub(super) const AUTHOR_AND_TITLE: f32 = 3.0;
pub(super) const SERIES_NUMBER: f32 = 3.0;
/// The words are the whole of an author's name.
pub(super) const WHOLE_AUTHOR: f32 = 1.0;
/// The words stand side by side.
pub(super) const IN_ORDER: f32 = 1.0;
/// The part of the title that the words make up, times this.
pub(super) const COVERED: f32 = 1.5;

/// Above everything that words come to: an identifier of its own, and one of a related product.
pub(super) const OWN_ID: f32 = 1000.0;
pub(super) const RELATED_ID: f32 = 500.0;

/// What makes products similar.
pub(super) const SIMILAR_SERIES: f32 = 3.0;
pub(super) const SIMILAR_CONTRIBUTOR: f32 = 2.0;
pub(super) const SIMILAR_SUBJECT: f32 = 1.0;

//! What of a product goes into the index.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tantivy::TantivyDocument;
use tantivy::schema::Document as TantivyDocumentTrait;
use tantivy::schema::document::CompactDocValue;

use super::analysis::{Text, TitleLength, folded_words, title_measures};
use super::priced;
use super::schema as fields;
use super::suggest;
use super::titles::title_key;
use super::weights::{self, Place};
use crate::model::code::{Coded, write_text};
use crate::model::{Entry, EntryContributor, Zone};
use crate::sale::Offers;

/// A product ready for the index.
pub(in crate::catalogue) struct Document {
    inner: TantivyDocument,
    bytes: usize,
}

impl Document {
    /// `serial` leads to its record, `key_hash` is an order among equals that no commit changes.
    pub(in crate::catalogue) fn of(
        entry: &mut Entry,
        offers: &Offers,
        source: &str,
        key_hash: u64,
    ) -> Self {
        let description = entry.description.take();
        let card = Card::of(entry, source);
        entry.description = description;
        let text = text(entry);
        let mut bytes = card.len() + text.as_str().len();
        let mut inner = TantivyDocument::with_capacity(bytes + 1024);
        inner.add_u64(fields::KEY_HASH, key_hash);
        inner.add_text(fields::SOURCE, source);
        inner.add_bytes(fields::CARD, &card);
        inner.add_text(fields::WORDS, text.as_str());
        if let Some(description) = &entry.description {
            let mut text = Text::new(entry.language.as_deref());
            text.add(weights::DESCRIPTION, description);
            bytes += text.as_str().len();
            inner.add_text(fields::DESCRIPTION, text.as_str());
        }
        if entry.library {
            inner.add_text(fields::OFFERED_TO, LIBRARY);
        }
        inner.add_u64(fields::FACTS, Facts::of(entry).pack());
        for completion in suggest::completions(entry) {
            inner.add_text(fields::COMPLETION, completion);
        }
        add_values(&mut inner, entry);
        for term in priced::terms(offers) {
            inner.add_text(fields::PRICED, term);
        }
        Self { inner, bytes }
    }

    /// The same with the number that leads to its record.
    pub(super) fn numbered(mut self, serial: u64) -> Self {
        self.inner.add_u64(fields::SERIAL, serial);
        self
    }
}

/// To whom it is offered, if not to consumers.
pub(super) const LIBRARY: &str = "library";

/// What is looked at of every product that has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) title: TitleLength,
    /// Words of its first author's name.
    pub(super) author: u8,
    /// The words of its title, behind the article, that say little: a bit each.
    pub(super) little: u32,
}

impl Facts {
    /// How many words of its title up to such a length have to be asked for.
    #[inline]
    pub(super) fn n_wanted(self, length: u8) -> u8 {
        let bits = u64::MAX >> (64 - u32::from(length.clamp(1, 56)));
        let n_little = (u64::from(self.little) & bits).count_ones() as u8;
        match length.saturating_sub(n_little) {
            0 => length,
            n => n,
        }
    }
}

impl Facts {
    fn of(entry: &Entry) -> Self {
        let author = entry.contributors.iter().find(|one| is_by(one));
        let author = author.map_or(0, |author| folded_words(&author.name).len());
        let (title, little) = title_measures(entry.title.as_deref().unwrap_or_default());
        Self {
            title,
            author: u8::try_from(author).unwrap_or(u8::MAX),
            little,
        }
    }

    fn pack(self) -> u64 {
        u64::from(self.title.main)
            | u64::from(self.title.whole) << 8
            | u64::from(self.author) << 16
            | u64::from(self.little) << 24
    }

    #[inline]
    pub(super) fn unpack(facts: u64) -> Self {
        let byte = |at: u32| (facts >> at & 0xff) as u8;
        Self {
            title: TitleLength {
                main: byte(0),
                whole: byte(8),
            },
            author: byte(16),
            little: (facts >> 24) as u32,
        }
    }
}

/// What a hit shows of a product, without a look at its record: its entry, but for the description.
pub(super) struct Card {
    pub(super) source: String,
    pub(super) entry: Entry,
}

impl Card {
    fn of(entry: &Entry, source: &str) -> Vec<u8> {
        let mut out = Vec::new();
        write_text(source, &mut out);
        entry.write(&mut out);
        out
    }

    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        Some(Self {
            source: Coded::read(&mut bytes)?,
            entry: Coded::read(&mut bytes)?,
        })
    }
}

/// The texts in which words are looked for.
pub(super) fn text(entry: &Entry) -> Text {
    let mut text = Text::new(entry.language.as_deref());
    for_each_text(entry, |place, value| text.add(place, value));
    text
}

/// The texts of an entry, section by section.
pub(super) fn for_each_text(entry: &Entry, mut each: impl FnMut(Place, &str)) {
    let mut each_of = |place, texts: &mut dyn Iterator<Item = &String>| {
        for text in texts {
            each(place, text);
        }
    };
    each_of(weights::TITLE, &mut entry.title.iter());
    each_of(weights::SUBTITLE, &mut entry.subtitle.iter());
    each_of(weights::OTHER_TITLES, &mut entry.other_titles.iter());
    for series in &entry.series {
        match &series.number {
            Some(number) => each(weights::SERIES, &format!("{} {number}", series.title)),
            None => each(weights::SERIES, &series.title),
        }
    }
    let mut each_of = |place, texts: &mut dyn Iterator<Item = &String>| {
        for text in texts {
            each(place, text);
        }
    };
    let authors = |is_author: bool| {
        let contributors = entry.contributors.iter();
        let of_kind = contributors.filter(move |one| is_by(one) == is_author);
        of_kind.map(|one| &one.name)
    };
    each_of(weights::AUTHORS, &mut authors(true));
    each_of(weights::CONTRIBUTORS, &mut authors(false));
    each_of(weights::PUBLISHER, &mut entry.publisher.iter());
    each_of(weights::IMPRINT, &mut entry.imprint.iter());
    let subjects = &entry.subjects;
    each_of(
        weights::SUBJECTS,
        &mut subjects.iter().filter_map(|s| s.text.as_ref()),
    );
}

/// Whether a work is by this contributor (list 17: the A roles, but for who wrote what stands around it).
fn is_by(contributor: &EntryContributor) -> bool {
    let around = |role: &str| {
        matches!(
            role,
            "A12"
                | "A13"
                | "A15"
                | "A16"
                | "A19"
                | "A20"
                | "A21"
                | "A22"
                | "A23"
                | "A24"
                | "A29"
                | "A35"
                | "A36"
        )
    };
    let roles = &contributor.roles;
    roles.is_empty()
        || roles
            .iter()
            .any(|role| role.starts_with('A') && !around(role))
}

fn add_values(document: &mut TantivyDocument, entry: &Entry) {
    for term in subject_terms(entry) {
        document.add_text(fields::SUBJECT, term);
    }
    if let Some(format) = entry.format {
        document.add_text(fields::FORMAT, format.as_str());
    }
    for word in entry.protections.words() {
        document.add_text(fields::PROTECTION, word);
    }
    let languages = match entry.languages.is_empty() {
        true => entry.language.as_slice(),
        false => &entry.languages,
    };
    for language in languages {
        document.add_text(fields::LANGUAGE, language.to_lowercase());
    }
    for name in distinct(entry.contributors.iter().map(|one| one.name.as_str())) {
        document.add_text(fields::CONTRIBUTOR, name);
    }
    for title in distinct(entry.series.iter().map(|one| one.title.as_str())) {
        document.add_text(fields::SERIES, title);
    }
    if let Some(publisher) = &entry.publisher {
        document.add_text(fields::PUBLISHER, publisher);
    }
    for code in &entry.accessibility {
        document.add_text(fields::ACCESSIBILITY, code);
    }
    for code in &entry.audiences {
        document.add_text(fields::AUDIENCE, code);
    }
    if let Some(form) = &entry.product_form {
        document.add_text(fields::PRODUCT_FORM, form);
    }
    if let Some(date) = entry.published {
        document.add_i64(fields::PUBLISHED, date.start(&Zone::default()).as_unix());
    }
    let key = title_key(entry);
    if !key.is_empty() {
        document.add_text(fields::TITLE_KEY, key);
    }
}

/// Each value once, in the order in which they come.
fn distinct<'t>(values: impl Iterator<Item = &'t str>) -> impl Iterator<Item = &'t str> {
    let mut known = HashSet::new();
    values.filter(move |value| known.insert(*value))
}

/// Its subjects as terms, each with the wider ones that its code names by its beginning.
pub(super) fn subject_terms(entry: &Entry) -> Vec<String> {
    let mut terms = Vec::new();
    for subject in &entry.subjects {
        if let (Some(scheme), Some(code)) = (&subject.scheme, &subject.code) {
            let (scheme, code) = (scheme.trim(), code.trim());
            let ends = wider(scheme, code);
            terms.extend(ends.map(|end| subject_term(scheme, &code[..end])));
        }
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The longest code whose beginnings are subjects: the longest of Thema's, a place's, has some twenty characters.
const LONGEST_IN_TREE: usize = 32;

/// Where the code of each wider subject ends, and the code itself. Thema's (list 27: 93 and its qualifiers 94 to
/// 99) and BIC's (12 to 17) say by each further character a narrower subject.
fn wider(scheme: &str, code: &str) -> impl Iterator<Item = usize> {
    let is_tree = matches!(
        scheme,
        "93" | "94" | "95" | "96" | "97" | "98" | "99" | "12" | "13" | "14" | "15" | "16" | "17"
    );
    let length = code.len();
    let first = match is_tree && code.is_ascii() && length <= LONGEST_IN_TREE {
        true => 1.min(length),
        false => length,
    };
    (first..=length).filter(move |end| *end == length || code.as_bytes()[end - 1] != b'-')
}

/// A subject as a term.
pub(super) fn subject_term(scheme: &str, code: &str) -> String {
    format!("{}:{}", scheme.trim(), code.trim())
}

/// How many bytes of documents wait to be indexed at most: tantivy's own queue counts documents,
/// ten thousand of them, and a feed's are large.
const WAITING_BYTES: usize = 32 << 20;

/// The bytes that wait to be indexed.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Arc<(Mutex<usize>, Condvar)>);

impl Waiting {
    /// Makes the document count until an indexing thread takes it, waiting for room first.
    pub(super) fn admit(&self, document: Document) -> Counted {
        let (bytes, room) = &*self.0;
        let mut waiting = bytes.lock().unwrap_or_else(PoisonError::into_inner);
        while *waiting > 0 && *waiting + document.bytes > WAITING_BYTES {
            waiting = room.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        *waiting += document.bytes;
        Counted {
            inner: document.inner,
            permit: Permit {
                bytes: document.bytes,
                waiting: self.clone(),
            },
        }
    }
}

/// A document on its way to an indexing thread.
pub(super) struct Counted {
    inner: TantivyDocument,
    permit: Permit,
}

struct Permit {
    bytes: usize,
    waiting: Waiting,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (bytes, room) = &*self.waiting.0;
        *bytes.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        room.notify_all();
    }
}

impl TantivyDocumentTrait for Counted {
    type Value<'a> = CompactDocValue<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as TantivyDocumentTrait>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.inner.iter_fields_and_values()
    }

    fn into_tantivy_document(self) -> TantivyDocument {
        drop(self.permit);
        self.inner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_subject_is_its_wider_ones_too() {
        let of = |scheme: &str, code: &str| -> Vec<String> {
            wider(scheme, code)
                .map(|end| code[..end].to_owned())
                .collect()
        };
        assert_eq!(of("93", "FBA"), ["F", "FB", "FBA"]);
        assert_eq!(of("94", "1DD-F"), ["1", "1D", "1DD", "1DD-F"]);
        assert_eq!(of("10", "FIC000000"), ["FIC000000"]);
        assert_eq!(of("93", "É"), ["É"]);
        assert_eq!(of("93", ""), [""]);
        // What nobody would call a code is no tree: its beginnings would be as long as all of the record.
        assert_eq!(of("93", &"F".repeat(1000)).len(), 1);
    }
}

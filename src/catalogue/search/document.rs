//! What of a product goes into the index.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tantivy::TantivyDocument;
use tantivy::schema::document::CompactDocValue;
use tantivy::schema::{Document as TantivyDocumentTrait, Field};

use super::analysis::folded;
use super::schema as fields;
use crate::model::code::{Coded, write_text};
use crate::model::{Currency, Entry, Zone, own_identifiers, related_identifiers};
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
        let bytes = card.len() + entry.description.as_ref().map_or(0, String::len) * 2;
        let mut inner = TantivyDocument::with_capacity(bytes + 1024);
        inner.add_u64(fields::KEY_HASH, key_hash);
        inner.add_text(fields::SOURCE, source);
        inner.add_bytes(fields::CARD, &card);
        add_identifiers(&mut inner, entry);
        for_each_text(entry, |field, text| inner.add_text(field, text));
        add_values(&mut inner, entry);
        add_offer_terms(&mut inner, offers);
        Self { inner, bytes }
    }

    /// The same with the number that leads to its record.
    pub(super) fn numbered(mut self, serial: u64) -> Self {
        self.inner.add_u64(fields::SERIAL, serial);
        self
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

/// The texts of the fields of words.
pub(super) fn for_each_text(entry: &Entry, mut each: impl FnMut(Field, &str)) {
    let mut each_of = |field, texts: &mut dyn Iterator<Item = &String>| {
        for text in texts {
            each(field, text);
        }
    };
    each_of(fields::TITLE, &mut entry.title.iter());
    each_of(fields::SUBTITLE, &mut entry.subtitle.iter());
    each_of(fields::OTHER_TITLES, &mut entry.other_titles.iter());
    let contributors = &entry.contributors;
    each_of(
        fields::CONTRIBUTORS,
        &mut contributors.iter().map(|c| &c.name),
    );
    each_of(fields::SERIES, &mut entry.series.iter().map(|s| &s.title));
    each_of(fields::PUBLISHER, &mut entry.publisher.iter());
    each_of(fields::IMPRINT, &mut entry.imprint.iter());
    let subjects = &entry.subjects;
    each_of(
        fields::SUBJECTS,
        &mut subjects.iter().filter_map(|s| s.text.as_ref()),
    );
    each_of(fields::DESCRIPTION, &mut entry.description.iter());
}

fn add_identifiers(document: &mut TantivyDocument, entry: &Entry) {
    let own = own_identifiers(entry);
    for id in &own {
        document.add_text(fields::ID, id);
    }
    for id in related_identifiers(entry, &own) {
        document.add_text(fields::RELATED_ID, id);
    }
}

fn add_values(document: &mut TantivyDocument, entry: &Entry) {
    for subject in &entry.subjects {
        if let (Some(scheme), Some(code)) = (&subject.scheme, &subject.code) {
            document.add_text(fields::SUBJECT, subject_term(scheme, code));
        }
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
    if let Some(form) = &entry.product_form {
        document.add_text(fields::PRODUCT_FORM, form);
    }
    let audience = match entry.library {
        true => "library",
        false => "consumer",
    };
    document.add_text(fields::AUDIENCE, audience);
    if let Some(date) = entry.published {
        document.add_i64(fields::PUBLISHED, date.start(&Zone::default()).as_unix());
    }
    document.add_text(fields::TITLE_KEY, title_key(entry));
}

/// A subject as a term.
pub(super) fn subject_term(scheme: &str, code: &str) -> String {
    format!("{}:{}", scheme.trim(), code.trim())
}

/// The term of a product that has a free offer: it is good for any price type and currency.
pub(super) const FREE: &str = "free";

/// The price types and currencies of its prices.
fn add_offer_terms(document: &mut TantivyDocument, offers: &Offers) {
    let (price_types, currencies, is_free) = offers.kinds();
    let free = is_free.then_some(FREE);
    for price_type in price_types.into_iter().chain(free) {
        document.add_text(fields::PRICE_TYPE, price_type.to_ascii_uppercase());
    }
    for currency in currencies.iter().map(Currency::as_str).chain(free) {
        document.add_text(fields::CURRENCY, currency);
    }
}

/// Articles that don't count where titles are sorted, by language of the text (list 74).
const ARTICLES: [(&str, &[&str]); 10] = [
    ("fre", &["le ", "la ", "les ", "l'", "un ", "une ", "des "]),
    ("eng", &["the ", "a ", "an "]),
    ("spa", &["el ", "la ", "los ", "las ", "un ", "una "]),
    ("ger", &["der ", "die ", "das ", "ein ", "eine "]),
    (
        "ita",
        &[
            "il ", "lo ", "la ", "i ", "gli ", "le ", "l'", "un ", "uno ", "una ",
        ],
    ),
    ("por", &["o ", "a ", "os ", "as ", "um ", "uma "]),
    ("cat", &["el ", "la ", "els ", "les ", "l'", "un ", "una "]),
    ("dut", &["de ", "het ", "een "]),
    ("swe", &["en ", "ett "]),
    ("dan", &["en ", "et "]),
];

/// What a title is sorted by.
pub(super) fn title_key(entry: &Entry) -> String {
    let title = entry.title.as_deref().unwrap_or_default();
    let folded = folded(title);
    let bare = folded.trim_start_matches(|c: char| !c.is_alphanumeric());
    let articles = ARTICLES
        .iter()
        .find(|(language, _)| entry.language.as_deref() == Some(language))
        .map_or(&[][..], |(_, articles)| articles);
    let key = articles
        .iter()
        .find_map(|article| bare.strip_prefix(article))
        .filter(|rest| !rest.trim().is_empty())
        .unwrap_or(bare);
    key.trim_start_matches(|c: char| !c.is_alphanumeric())
        .chars()
        .take(200)
        .collect()
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

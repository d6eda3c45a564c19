//! The fields of the index.

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

use super::analysis::WORDS;

/// What a field is for, and so how it is indexed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Use {
    /// Words to be found.
    Words,
    /// Words to be found, and whole values to be counted.
    WordsAndValues,
    /// Values that match whole.
    Term,
    /// Values that match whole, and are counted.
    TermAndValues,
    /// Whole values to be counted or sorted by.
    Values,
    /// A number to be sorted by.
    Number,
    /// A number that may be below zero.
    Signed,
    /// A number that leads to the document, and that the document leads to.
    Key,
    /// Bytes that are given back.
    Stored,
}

macro_rules! fields {
    ($($name:ident = $number:literal, $word:literal, $use:ident;)*) => {
        $(pub(super) const $name: Field = Field::from_field_id($number);)*

        const FIELDS: &[(Field, &str, Use)] = &[$(($name, $word, Use::$use)),*];
    };
}

fields! {
    // The record.
    SERIAL = 0, "serial", Key;
    KEY_HASH = 1, "key_hash", Number;
    SOURCE = 2, "source", TermAndValues;
    CARD = 3, "card", Stored;
    // Identifiers, in the form in which they are compared.
    ID = 4, "id", Term;
    RELATED_ID = 5, "related_id", Term;
    // Words.
    TITLE = 6, "title", Words;
    SUBTITLE = 7, "subtitle", Words;
    OTHER_TITLES = 8, "other_titles", Words;
    CONTRIBUTORS = 9, "contributors", WordsAndValues;
    SERIES = 10, "series", WordsAndValues;
    PUBLISHER = 11, "publisher", WordsAndValues;
    IMPRINT = 12, "imprint", Words;
    SUBJECTS = 13, "subjects", Words;
    DESCRIPTION = 14, "description", Words;
    // Filters and facets.
    SUBJECT = 15, "subject", TermAndValues;
    FORMAT = 16, "format", TermAndValues;
    PROTECTION = 17, "protection", TermAndValues;
    LANGUAGE = 18, "language", TermAndValues;
    PRODUCT_FORM = 19, "product_form", Term;
    AUDIENCE = 20, "audience", TermAndValues;
    PUBLISHED = 21, "published", Signed;
    TITLE_KEY = 22, "title_key", Values;
    // What an offer needs: a product without the term has no offer with it.
    PRICE_TYPE = 23, "price_type", Term;
    CURRENCY = 24, "currency", Term;
}

/// A field of words: how much a hit in it weighs, and what people call it.
pub(super) struct Weighted {
    pub(super) field: Field,
    pub(super) name: &'static str,
    /// Other names that may stand before a colon.
    pub(super) aliases: &'static [&'static str],
    pub(super) weight: f32,
    /// Whether the beginning of a word is looked for in it.
    pub(super) by_prefix: bool,
}

/// The fields of words, the weightiest first.
#[rustfmt::skip]
pub(super) const WEIGHTED: [Weighted; 9] = [
    Weighted { field: TITLE, name: "title", aliases: &["titre", "titulo", "titel"], weight: 5.0, by_prefix: true },
    Weighted { field: CONTRIBUTORS, name: "contributors", aliases: &["contributor", "author", "auteur", "autor"], weight: 4.0, by_prefix: true },
    Weighted { field: SERIES, name: "series", aliases: &["collection"], weight: 3.0, by_prefix: true },
    Weighted { field: SUBTITLE, name: "subtitle", aliases: &[], weight: 2.5, by_prefix: true },
    Weighted { field: OTHER_TITLES, name: "other_titles", aliases: &[], weight: 2.5, by_prefix: true },
    Weighted { field: PUBLISHER, name: "publisher", aliases: &["editeur", "editorial"], weight: 1.5, by_prefix: true },
    Weighted { field: IMPRINT, name: "imprint", aliases: &[], weight: 1.5, by_prefix: true },
    Weighted { field: SUBJECTS, name: "subjects", aliases: &["subject", "keyword"], weight: 1.0, by_prefix: false },
    Weighted { field: DESCRIPTION, name: "description", aliases: &[], weight: 0.5, by_prefix: false },
];

/// What the product's own identifier weighs.
pub(super) const OWN_ID: f32 = 1000.0;
/// What that of a related product weighs.
pub(super) const RELATED_ID_WEIGHT: f32 = 100.0;
/// What the beginning of a word weighs, times the field's weight.
pub(super) const PREFIX: f32 = 0.2;
/// How much of their weight other fields add to that of the best one.
pub(super) const TIE_BREAKER: f32 = 0.1;

/// The schema; a catalogue with another one is of another version.
pub(super) fn schema() -> Schema {
    let mut builder = Schema::builder();
    for (_, name, what) in FIELDS {
        match what {
            Use::Key => {
                let options = NumericOptions::default().set_fast().set_indexed();
                builder.add_u64_field(name, options)
            }
            Use::Stored => builder.add_bytes_field(name, STORED),
            Use::Number => builder.add_u64_field(name, NumericOptions::default().set_fast()),
            Use::Signed => builder.add_i64_field(name, NumericOptions::default().set_fast()),
            _ => builder.add_text_field(name, text_options(*what)),
        };
    }
    builder.build()
}

/// The name of a field, as columns are opened by it.
pub(super) fn name(field: Field) -> &'static str {
    FIELDS[field.field_id() as usize].1
}

fn text_options(what: Use) -> TextOptions {
    let options = TextOptions::default();
    let words = TextFieldIndexing::default()
        .set_tokenizer(WORDS)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let term = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    match what {
        Use::Words => options.set_indexing_options(words),
        Use::WordsAndValues => options.set_indexing_options(words).set_fast("raw"),
        Use::Term => options.set_indexing_options(term),
        Use::TermAndValues => options.set_indexing_options(term).set_fast("raw"),
        Use::Values => options.set_fast("raw"),
        Use::Key | Use::Stored | Use::Number | Use::Signed => options,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_their_numbers_say() {
        let schema = schema();
        for (i, (field, name, _)) in FIELDS.iter().enumerate() {
            assert_eq!(field.field_id() as usize, i);
            assert_eq!(schema.get_field(name).unwrap(), *field);
        }
    }
}

//! The fields of the index.

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

/// What a field is for, and so how it is indexed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Use {
    /// Words to be found, with their positions.
    Words,
    /// Values that match whole.
    Term,
    /// Values that match whole, and are counted.
    TermAndValues,
    /// Whole values to be counted or sorted by.
    Values,
    /// A number to be looked at.
    Number,
    /// A number that may be below zero.
    Signed,
    /// A number that leads to the document, and that the document leads to.
    Key,
    /// Bytes that are given back.
    Stored,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $word:literal, $use:ident;)*) => {
        $($(#[$doc])* pub(super) const $name: Field = Field::from_field_id($number);)*

        const FIELDS: &[(Field, &str, Use)] = &[$(($name, $word, Use::$use)),*];
    };
}

fields! {
    // The record.
    SERIAL = 0, "serial", Key;
    KEY_HASH = 1, "key_hash", Number;
    SOURCE = 2, "source", TermAndValues;
    CARD = 3, "card", Stored;
    /// Its words: see `analysis/text.rs`.
    WORDS = 4, "words", Words;
    /// What is looked at of every product that has the words: [`Facts`](super::document::Facts).
    FACTS = 5, "facts", Number;
    /// What a word that is being typed may become: see `suggest.rs`.
    COMPLETION = 6, "completion", Term;
    // Filters and facets.
    CONTRIBUTOR = 7, "contributor", TermAndValues;
    SERIES = 8, "series", TermAndValues;
    PUBLISHER = 9, "publisher", Values;
    SUBJECT = 10, "subject", TermAndValues;
    FORMAT = 11, "format", TermAndValues;
    PROTECTION = 12, "protection", TermAndValues;
    LANGUAGE = 13, "language", TermAndValues;
    PRODUCT_FORM = 14, "product_form", Term;
    AUDIENCE = 15, "audience", TermAndValues;
    ACCESSIBILITY = 16, "accessibility", TermAndValues;
    PUBLISHED = 17, "published", Signed;
    TITLE_KEY = 18, "title_key", Values;
    /// Its prices, roughly: see `priced.rs`.
    PRICED = 19, "priced", Term;
    /// The words of its description, which are many and say little.
    DESCRIPTION = 20, "description", Words;
    /// [`LIBRARY`](super::document::LIBRARY) where it is offered to libraries.
    OFFERED_TO = 21, "offered_to", Term;
}

/// The name of what makes words of a text.
pub(super) const TOKENIZER: &str = "words";

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
        .set_tokenizer(TOKENIZER)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let term = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    match what {
        Use::Words => options.set_indexing_options(words),
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

//! How text becomes words: of a record's texts, and of what stands in the query box.

mod fold;
mod languages;
mod text;
mod words;

pub(super) use fold::{folded, lowered};
pub(super) use languages::{LANGUAGES, Language, is_stop_word};
pub(super) use text::{
    ARTICLES, STEM, TITLE_START, Text, TextTokenizer, TitleLength, title_measures,
};
pub(super) use words::{Compound, Glue, compared, folded_words, is_unspaced, words};

//! The words of a product as the index takes them: one field, in which a word's position tells the section it
//! stands in, each word beside its stem.
//!
//! A field's text is `language (MARK section text)*`: the language's letter, and texts, each behind its section's
//! letter.

use std::collections::HashMap;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::fold::lowered;
use super::languages::{Language, is_stop_word};
use super::words::{Compound, Glue, Word, compared, words};
use crate::catalogue::search::weights::{Place, SECTIONS, TITLE};

/// What a text begins with.
const MARK: char = '\u{1}';
/// What a stem begins with, before its language's letter: no word begins so.
pub(in crate::catalogue::search) const STEM: char = '\u{1}';

/// The position of the first word of a title that is no article.
pub(in crate::catalogue::search) const TITLE_START: u32 = 4;

/// The texts of a product.
pub(in crate::catalogue::search) struct Text(String);

impl Text {
    pub(in crate::catalogue::search) fn new(language: Option<&str>) -> Self {
        let language = language.and_then(Language::of_code);
        Self(language.map_or('-', |language| language.letter).into())
    }

    pub(in crate::catalogue::search) fn add(&mut self, place: Place, text: &str) {
        self.0.push(MARK);
        self.0.push(letter(place));
        match text.contains(MARK) {
            true => self.0.push_str(&text.replace(MARK, " ")),
            false => self.0.push_str(text),
        }
    }

    pub(in crate::catalogue::search) fn as_str(&self) -> &str {
        &self.0
    }
}

fn letter(place: Place) -> char {
    char::from(b'A' + u8::try_from(place).unwrap_or_default())
}

/// How many words a title has behind its article: up to what parts a subtitle from it, and in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::catalogue::search) struct TitleLength {
    pub(in crate::catalogue::search) main: u8,
    pub(in crate::catalogue::search) whole: u8,
}

/// A title's length, and which of its first words behind the article say little, a bit each.
pub(in crate::catalogue::search) fn title_measures(title: &str) -> (TitleLength, u32) {
    let title = lowered(title);
    let end = [": ", " :", " (", " - ", " – ", " — ", "; "]
        .iter()
        .filter_map(|separator| title.find(separator))
        .filter(|end| *end > 0)
        .min()
        .unwrap_or(title.len());
    let (mut main, mut whole, mut little) = (0_u8, 0_u8, 0);
    let counted = words(&title).filter(|word| !word.is_elided && word.glue != Glue::End);
    for word in counted.skip(articles(&title)) {
        let is_little = is_stop_word(&compared(&title, &word));
        if is_little && whole < 32 {
            little |= 1 << whole;
        }
        whole = whole.saturating_add(1);
        if word.range.start < end {
            main = whole;
        }
    }
    let main = if main == 0 { whole } else { main };
    (TitleLength { main, whole }, little)
}

/// Articles before a title's first word, in lower case: a title isn't known by them.
pub(in crate::catalogue::search) const ARTICLES: [&str; 26] = [
    "le", "la", "les", "un", "une", "des", "the", "a", "an", "el", "los", "las", "der", "die",
    "das", "ein", "eine", "il", "lo", "gli", "i", "o", "os", "as", "het", "de",
];

/// How many words of a title in lower case are articles before it: one, if others follow.
fn articles(title: &str) -> usize {
    let mut words = words(title).filter(|word| !word.is_elided);
    let is_article = words
        .next()
        .is_some_and(|word| ARTICLES.contains(&&title[word.range]));
    usize::from(is_article && words.next().is_some())
}

/// See the module.
#[derive(Clone, Default)]
pub(in crate::catalogue::search) struct TextTokenizer {
    stems: Stems,
    tokens: Tokens,
}

/// Words and their stems, language by language: the first that come are the most frequent.
#[derive(Clone, Default)]
struct Stems {
    language: Option<Language>,
    known: HashMap<char, HashMap<String, Option<String>>>,
    /// The last one that isn't remembered.
    other: Option<String>,
}

/// Stems of a language that are remembered.
const REMEMBERED: usize = 2000;

impl Stems {
    fn of(&mut self, word: &str) -> Option<&str> {
        let language = self.language?;
        let known = self.known.entry(language.letter).or_default();
        if !known.contains_key(word) {
            let stem = language.stem(word);
            let marked = stem.map(|stem| format!("{STEM}{}{stem}", language.letter));
            if known.len() >= REMEMBERED {
                self.other = marked;
                return self.other.as_deref();
            }
            known.insert(word.to_owned(), marked);
        }
        known.get(word)?.as_deref()
    }
}

/// The tokens of a text, one behind the other.
#[derive(Clone, Default)]
struct Tokens {
    text: String,
    /// Where each ends in `text`, and its position.
    ends: Vec<(usize, u32)>,
}

impl Tokens {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Whether the token with this number and behind it is this one.
    fn last_is(&self, text: &str, from: usize) -> bool {
        self.ends.len() > from && self.text.ends_with(text)
    }

    fn push(&mut self, text: &str, position: u32) {
        self.text.push_str(text);
        self.ends.push((self.text.len(), position));
    }
}

impl TextTokenizer {
    fn read(&mut self, text: &str) {
        self.tokens.clear();
        let mut parts = text.split(MARK);
        let language = parts.next().and_then(|part| part.chars().next());
        self.stems.language = language.and_then(Language::of_letter);
        let mut next = [0; SECTIONS.len()];
        for part in parts {
            let place = part.bytes().next().unwrap_or_default().wrapping_sub(b'A');
            let place = usize::from(place);
            if place < SECTIONS.len() {
                next[place] = self.read_value(place, &part[1..], next[place]);
            }
        }
    }

    /// Takes a value of a section from a place on; gives where the next one begins.
    fn read_value(&mut self, place: Place, text: &str, from: u32) -> u32 {
        let section = &SECTIONS[place];
        let text = lowered(text);
        let mut at = match (place, from) {
            (TITLE, 0) => TITLE_START - u32::try_from(articles(&text)).unwrap_or_default(),
            (_, from) => from,
        };
        let position = |at: u32| section.start + at.min(section.room - 1);
        let mut compound = Compound::default();
        let mut compound_at = at;
        for word in words(&text) {
            let folded = compared(&text, &word);
            if section.has_compounds {
                if let Some(whole) = compound.take(&folded, &word) {
                    self.tokens.push(&whole, position(compound_at));
                }
                if word.glue != Glue::Joint {
                    compound_at = at;
                }
            }
            if word.is_elided {
                continue;
            }
            if word.glue == Glue::End {
                self.tokens.push(&folded, position(at - 1));
                continue;
            }
            self.tokens.push(&folded, position(at));
            if section.is_stemmed {
                self.stem(&text, &word, &folded, position(at));
            }
            at += 1;
        }
        if let Some(whole) = compound.end() {
            self.tokens.push(&whole, position(compound_at));
        }
        // A phrase doesn't run from one value into the next.
        at + 1
    }

    /// Adds the stem of a word, and that of the word without its accents: it is looked for so too.
    fn stem(&mut self, text: &str, word: &Word, folded: &str, position: u32) {
        if matches!(word.glue, Glue::Run | Glue::End) {
            return;
        }
        let lower = &text[word.range.clone()];
        let before = self.tokens.ends.len();
        if let Some(stem) = self.stems.of(lower) {
            self.tokens.push(stem, position);
        }
        if folded != lower
            && let Some(stem) = self.stems.of(folded)
            && !self.tokens.last_is(stem, before)
        {
            self.tokens.push(stem, position);
        }
    }
}

pub(in crate::catalogue::search) struct TextStream<'a> {
    tokens: &'a Tokens,
    next: usize,
    token: Token,
}

impl Tokenizer for TextTokenizer {
    type TokenStream<'a> = TextStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TextStream<'a> {
        self.read(text);
        TextStream {
            tokens: &self.tokens,
            next: 0,
            token: Token::default(),
        }
    }
}

impl TokenStream for TextStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((end, position)) = self.tokens.ends.get(self.next).copied() else {
            return false;
        };
        let start = match self.next {
            0 => 0,
            next => self.tokens.ends[next - 1].0,
        };
        self.token.text.clear();
        self.token.text.push_str(&self.tokens.text[start..end]);
        self.token.offset_from = start;
        self.token.offset_to = end;
        self.token.position = position as usize;
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::search::weights::{AUTHORS, SUBTITLE};

    fn tokens(language: &str, texts: &[(Place, &str)]) -> Vec<String> {
        let mut text = Text::new(Some(language));
        for (place, value) in texts {
            text.add(*place, value);
        }
        let mut tokenizer = TextTokenizer::default();
        let mut stream = tokenizer.token_stream(text.as_str());
        let mut out = Vec::new();
        while let Some(token) = stream.next() {
            out.push(format!(
                "{}@{}",
                token.text.replace(STEM, "~"),
                token.position
            ));
        }
        out
    }

    #[test]
    fn positions_tell_the_section() {
        let texts = [
            (TITLE, "Les chevaux d’Été"),
            (SUBTITLE, "roman"),
            (AUTHORS, "Jean-Paul B."),
            (AUTHORS, "猫の本"),
        ];
        assert_eq!(
            tokens("fre", &texts),
            [
                "les@3",
                "chevaux@4",
                "~acheval@4",
                "ete@5",
                "~aete@5",
                "dete@5",
                "roman@256",
                "~aroman@256",
                "jean@1280",
                "paul@1281",
                "jeanpaul@1280",
                "b@1282",
                "猫の@1284",
                "の本@1285",
                "本@1285",
            ]
        );
    }

    #[test]
    fn titles_are_measured() {
        let of = |title: &str| {
            let (length, little) = title_measures(title);
            (length.main, length.whole, little)
        };
        assert_eq!(of("L'Étranger : roman"), (1, 2, 0));
        assert_eq!(of("The Moonstone"), (1, 1, 0));
        assert_eq!(of("Le Rouge et le Noir"), (4, 4, 0b110));
        assert_eq!(of("La"), (1, 1, 1));
        assert_eq!(of("吾輩は猫"), (3, 3, 0));
        assert_eq!(of(": xy"), (1, 1, 0));
    }

    #[test]
    fn positions_never_leave_their_section() {
        let long = "a b ".repeat(2000);
        let tokens = tokens("xxx", &[(TITLE, &long), (SUBTITLE, "c")]);
        assert_eq!(tokens.last().map(String::as_str), Some("c@256"));
        assert!(
            tokens[..tokens.len() - 1]
                .iter()
                .all(|token| token.len() <= 5)
        );
    }
}

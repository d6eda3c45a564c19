//! Languages whose words are brought to their stems, and words that are in every book's title.

use std::collections::HashSet;
use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};

/// A language with a stemmer.
#[derive(Clone, Copy)]
pub(in crate::catalogue::search) struct Language {
    /// What its stems are marked with in the index.
    pub(in crate::catalogue::search) letter: char,
    stemmer: Stemmer,
}

/// Codes of list 74 and the stemmer for each. The place in the list is in the index: new ones go to the end.
const STEMMED: [(&[&str], Algorithm); 26] = [
    (&["fre", "fra"], Algorithm::French),
    (&["eng"], Algorithm::English),
    (&["spa"], Algorithm::Spanish),
    (&["ger", "deu"], Algorithm::German),
    (&["ita"], Algorithm::Italian),
    (&["por"], Algorithm::Portuguese),
    (&["dut", "nld"], Algorithm::Dutch),
    (&["swe"], Algorithm::Swedish),
    (&["dan"], Algorithm::Danish),
    (&["nor", "nob", "nno"], Algorithm::Norwegian),
    (&["fin"], Algorithm::Finnish),
    (&["rus"], Algorithm::Russian),
    (&["hun"], Algorithm::Hungarian),
    (&["rum", "ron"], Algorithm::Romanian),
    (&["tur"], Algorithm::Turkish),
    (&["gre", "ell"], Algorithm::Greek),
    (&["cat"], Algorithm::Catalan),
    (&["ara"], Algorithm::Arabic),
    (&["baq", "eus"], Algorithm::Basque),
    (&["tam"], Algorithm::Tamil),
    (&["pol"], Algorithm::Polish),
    (&["cze", "ces"], Algorithm::Czech),
    (&["est"], Algorithm::Estonian),
    (&["lit"], Algorithm::Lithuanian),
    (&["gle"], Algorithm::Irish),
    (&["hin"], Algorithm::Hindi),
];

/// Every language with a stemmer.
pub(in crate::catalogue::search) static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let letters = 'a'..='z';
    let of = |(letter, (_, algorithm)): (char, &(&[&str], Algorithm))| Language {
        letter,
        stemmer: Stemmer::new(*algorithm),
    };
    letters.zip(&STEMMED).map(of).collect()
});

impl Language {
    /// The language of a code of list 74.
    pub(in crate::catalogue::search) fn of_code(code: &str) -> Option<Self> {
        let is_its = |codes: &[&str]| codes.iter().any(|one| one.eq_ignore_ascii_case(code));
        let at = STEMMED.iter().position(|(codes, _)| is_its(codes))?;
        LANGUAGES.get(at).copied()
    }

    pub(in crate::catalogue::search) fn of_letter(letter: char) -> Option<Self> {
        LANGUAGES.iter().find(|one| one.letter == letter).copied()
    }

    /// The stem of a word in lower case, folded; `None` for what is no word that changes.
    pub(in crate::catalogue::search) fn stem(self, word: &str) -> Option<String> {
        let is_long = word.chars().nth(2).is_some();
        if !is_long || is_stop_word(word) || !word.chars().all(char::is_alphabetic) {
            return None;
        }
        let stem = self.stemmer.stem(word);
        Some(super::folded(&stem).into_owned())
    }
}

/// Words that say nothing of a book, folded: they need not be found, and count for little.
const STOP_WORDS: &str = "\
    le la les un une des du de et en au aux a ou sur dans par pour avec ce ces cette son sa ses il elle \
    the an of and or in on at to for with by from is as it its his her \
    el los las una unos unas y del al con por para su sus \
    der die das den dem des ein eine einer eines einem einen und oder im am zu zum zur von vom mit auf bei \
    il lo gli i uno e ed di da del dello della dei degli delle nel nella nei con su per tra fra \
    o os as um uma do da dos das no na nos nas com \
    het een van voor met op te naar uit \
    en ett och av i pa till med som \
    et af til paa paa \
    els amb i";

static STOPPED: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.split_whitespace().collect());

/// Whether a folded word says nothing, or is a single letter.
pub(in crate::catalogue::search) fn is_stop_word(word: &str) -> bool {
    let mut chars = word.chars();
    let is_letter = chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none();
    is_letter && !word.starts_with(super::is_unspaced) || STOPPED.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_by_language() {
        let of = |code: &str, word: &str| Language::of_code(code).and_then(|one| one.stem(word));
        assert_eq!(of("fre", "chevaux"), of("fre", "cheval"));
        assert_eq!(of("fra", "libertés"), of("fre", "liberté"));
        assert_eq!(of("eng", "stories"), of("eng", "story"));
        assert_eq!(of("por", "crônicas"), of("por", "crônica"));
        assert_eq!(of("ger", "häuser").as_deref(), Some("haus"));
        assert_eq!(of("eng", "1984"), None);
        assert_eq!(of("eng", "it"), None);
        assert_eq!(of("jpn", "abc"), None);
        assert!(of("rus", "книги").is_some());
    }

    #[test]
    fn every_language_has_a_letter_of_its_own() {
        assert_eq!(LANGUAGES.len(), STEMMED.len());
        for language in LANGUAGES.iter() {
            let found = Language::of_letter(language.letter).unwrap();
            assert_eq!(found.letter, language.letter);
        }
    }

    #[test]
    fn stop_words() {
        assert!(is_stop_word("the") && is_stop_word("l") && is_stop_word("x"));
        assert!(!is_stop_word("猫") && !is_stop_word("7") && !is_stop_word("peste"));
    }
}

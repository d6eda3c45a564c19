//! What titles are sorted by: as a librarian sorts them, each by the rules of its language.
//!
//! Articles before a title don't count, nor do case and accents, but for those letters that are letters of their
//! own in the alphabet of the title's language; numbers come by what they are worth.

use super::analysis::{folded, lowered};
use crate::model::Entry;

/// Articles that don't count, by language of the text (list 74), folded.
const ARTICLES: [(&[&str], &[&str]); 13] = [
    (
        &["fre", "fra"],
        &["le ", "la ", "les ", "l'", "un ", "une ", "des "],
    ),
    (&["eng"], &["the ", "a ", "an "]),
    (
        &["spa", "glg"],
        &[
            "el ", "la ", "los ", "las ", "lo ", "un ", "una ", "unos ", "unas ", "o ", "a ",
            "os ", "as ",
        ],
    ),
    (&["ger", "deu"], &["der ", "die ", "das ", "ein ", "eine "]),
    (
        &["ita"],
        &[
            "il ", "lo ", "la ", "i ", "gli ", "le ", "l'", "un ", "uno ", "una ", "un'",
        ],
    ),
    (&["por"], &["o ", "a ", "os ", "as ", "um ", "uma "]),
    (
        &["cat"],
        &["el ", "la ", "els ", "les ", "l'", "un ", "una "],
    ),
    (
        &["dut", "nld", "afr"],
        &["de ", "het ", "een ", "'t ", "'n ", "die "],
    ),
    (&["swe"], &["en ", "ett ", "den ", "det ", "de "]),
    (
        &["dan", "nor", "nob", "nno"],
        &["en ", "et ", "ei ", "den ", "det ", "de "],
    ),
    (&["hun"], &["a ", "az ", "egy "]),
    (
        &["gre", "ell"],
        &["ο ", "η ", "το ", "οι ", "τα ", "ένα ", "ένας ", "μια "],
    ),
    (&["rum", "ron"], &["un ", "o ", "niste "]),
];

/// A letter, and the one behind which it stands.
type Behind = (char, char);

/// Letters that stand behind another one, as letters of their own.
const BEHIND: [(&[&str], &[Behind]); 8] = [
    (&["spa", "glg", "baq", "eus"], &[('ñ', 'n')]),
    (&["swe", "fin"], &[('å', 'z'), ('ä', 'z'), ('ö', 'z')]),
    (
        &["dan", "nor", "nob", "nno"],
        &[('æ', 'z'), ('ø', 'z'), ('å', 'z')],
    ),
    (
        &["pol"],
        &[
            ('ą', 'a'),
            ('ć', 'c'),
            ('ę', 'e'),
            ('ł', 'l'),
            ('ń', 'n'),
            ('ó', 'o'),
            ('ś', 's'),
            ('ź', 'z'),
            ('ż', 'z'),
        ],
    ),
    (
        &["cze", "ces", "slo", "slk"],
        &[('č', 'c'), ('ř', 'r'), ('š', 's'), ('ž', 'z')],
    ),
    (
        &["hrv", "slv", "srp"],
        &[('č', 'c'), ('ć', 'c'), ('đ', 'd'), ('š', 's'), ('ž', 'z')],
    ),
    (&["hun"], &[('ö', 'o'), ('ő', 'o'), ('ü', 'u'), ('ű', 'u')]),
    (
        &["tur"],
        &[('ç', 'c'), ('ğ', 'g'), ('ö', 'o'), ('ş', 's'), ('ü', 'u')],
    ),
];

/// The longest key, in characters.
const LONGEST: usize = 200;

/// What a title is sorted by; empty without one.
pub(super) fn title_key(entry: &Entry) -> String {
    let title = entry.title.as_deref().unwrap_or_default();
    key(title, entry.language.as_deref().unwrap_or_default())
}

fn key(title: &str, language: &str) -> String {
    let lower = lowered(title);
    let bare = lower.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '\'');
    let articles = of_language(&ARTICLES, language).unwrap_or_default();
    let without = articles
        .iter()
        .find_map(|article| bare.strip_prefix(article))
        .filter(|rest| rest.contains(char::is_alphanumeric))
        .unwrap_or(bare);
    let letters = of_language(&BEHIND, language).unwrap_or_default();
    let mut out = String::new();
    let mut rest = without.trim_start_matches(|c: char| !c.is_alphanumeric());
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit());
            let (digits, behind) = rest.split_at(end.unwrap_or(rest.len()));
            let digits = digits.trim_start_matches('0');
            // As many digits as there are say first how much it is.
            out.push(char::from_u32(0x30 + digits.len().min(40) as u32).unwrap_or('9'));
            out.push_str(digits);
            rest = behind;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match letters.iter().position(|(letter, _)| *letter == c) {
            // Behind every other second letter, and in the order of the alphabet.
            Some(at) => {
                out.push(letters[at].1);
                out.push('\u{ffff}');
                out.push(char::from(b'a' + u8::try_from(at).unwrap_or(0)));
            }
            None if c.is_alphanumeric() => out.push_str(&folded(c.encode_utf8(&mut [0; 4]))),
            None if !out.is_empty() && !out.ends_with(' ') && c != '\'' => out.push(' '),
            None => {}
        }
    }
    out.trim_end().chars().take(LONGEST).collect()
}

fn of_language<T: ?Sized>(
    table: &'static [(&[&str], &'static T)],
    language: &str,
) -> Option<&'static T> {
    table
        .iter()
        .find(|(codes, _)| codes.contains(&language))
        .map(|(_, of)| *of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(language: &str, titles: &[&str]) {
        let mut keys: Vec<(String, &str)> = titles
            .iter()
            .map(|title| (key(title, language), *title))
            .collect();
        keys.sort();
        let sorted: Vec<&str> = keys.iter().map(|(_, title)| *title).collect();
        assert_eq!(sorted, titles, "{language}: {keys:?}");
    }

    #[test]
    fn as_a_librarian_does() {
        sorted(
            "fre",
            &[
                "2 mètres",
                "10 jours",
                "100 ans",
                "L’Âne",
                "Les Ânes",
                "« Bel-Ami »",
                "Éden",
                "La",
                "La Zone",
            ],
        );
        sorted("eng", &["An Apple", "The Bear", "A Cat", "Den", "The"]);
        sorted("spa", &["El nudo", "Nz", "Ñandú", "La ola"]);
        sorted("swe", &["Zebra", "Ål", "Ängel", "Ö"]);
        sorted("dan", &["Zebra", "Æble", "Øst", "Å"]);
        sorted("ger", &["Der Apfel", "Ärger", "Az"]);
        sorted("dut", &["De appel", "'t Huis", "Het zwaard"]);
        sorted("", &["A", "The B"]);
    }

    #[test]
    fn numbers_by_their_worth() {
        assert!(key("Chapter 9", "eng") < key("Chapter 10", "eng"));
        assert_eq!(key("007", "eng"), key("7", "eng"));
    }
}

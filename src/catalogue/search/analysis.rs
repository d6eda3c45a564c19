//! How text becomes words: case, accents and forms of letters don't matter, elided articles fall
//! away, and scripts without spaces are cut into pairs of characters.

use std::borrow::Cow;
use std::sync::LazyLock;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

/// The name under which the index knows it.
pub(super) const WORDS: &str = "words";

/// What stands before an apostrophe and is no word: French, Italian and Catalan.
const ELIDED: [&str; 22] = [
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu",
    "dell", "all", "nell", "sull", "dall", "coll", "un", "quell",
];

/// Letters (and apostrophes) that no decomposition leads to ASCII, as cataloguers write them.
const LETTERS: [(char, &str); 18] = [
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('ł', "l"),
    ('đ', "d"),
    ('ð', "d"),
    ('þ', "th"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ŋ', "n"),
    ('ŧ', "t"),
    ('ĸ', "k"),
    ('ſ', "s"),
    ('ς', "σ"),
    ('\u{2019}', "'"),
    ('\u{2018}', "'"),
    ('\u{2bc}', "'"),
];

/// The longest word that is looked at, in bytes.
const LONGEST: usize = 120;

/// Letters of Latin-1 and Latin Extended-A, folded; most of what isn't ASCII in books is there.
static LATIN: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0x80..0x180)
        .filter_map(char::from_u32)
        .map(|c| fold_rare(c.encode_utf8(&mut [0; 4])))
        .collect()
});

/// Text in the form in which it is compared: lower case, compatibility forms resolved (NFKC),
/// without accents.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match u32::from(c) {
            0..0x80 => {
                out.push(c.to_ascii_lowercase());
                1
            }
            code @ 0x80..0x180 => {
                out.push_str(&LATIN[code as usize - 0x80]);
                c.len_utf8()
            }
            _ => {
                let end = rest.find(|c| u32::from(c) < 0x180).unwrap_or(rest.len());
                out.push_str(&fold_rare(&rest[..end]));
                end
            }
        };
        rest = &rest[length..];
    }
    Cow::Owned(out)
}

/// The general case: decomposed, accents dropped, composed again for what isn't an accent, such
/// as the voicing marks of kana and the parts of Hangul.
fn fold_rare(text: &str) -> String {
    let is_accent = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let mut out = String::with_capacity(text.len());
    for c in text
        .nfkd()
        .filter(|c| !is_accent(c))
        .nfc()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_accent(c))
    {
        match LETTERS.iter().find(|(letter, _)| *letter == c) {
            Some((_, folded)) => out.push_str(folded),
            None => out.push(c),
        }
    }
    out
}

/// The words of folded text.
pub(super) fn words(folded: &str) -> Words<'_> {
    Words {
        text: folded,
        at: 0,
        in_pairs: false,
    }
}

/// The words of any text.
pub(super) fn words_of(text: &str) -> Vec<String> {
    words(&folded(text)).map(str::to_owned).collect()
}

/// See [`words`].
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
    /// The character here was the second one of a pair.
    in_pairs: bool,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            let rest = &self.text[self.at..];
            let c = rest.chars().next()?;
            if is_unspaced(c) {
                if let Some(pair) = self.pair(rest, c) {
                    return Some(pair);
                }
                continue;
            }
            self.in_pairs = false;
            if !c.is_alphanumeric() {
                self.at += c.len_utf8();
                continue;
            }
            let end = rest
                .find(|c: char| !c.is_alphanumeric() || is_unspaced(c))
                .unwrap_or(rest.len());
            self.at += end;
            let word = &rest[..end];
            let is_elided = rest[end..].starts_with('\'') && ELIDED.contains(&word);
            if !is_elided && end <= LONGEST {
                return Some(word);
            }
        }
    }
}

impl<'a> Words<'a> {
    /// Two characters of a script without spaces, or one that stands alone.
    fn pair(&mut self, rest: &'a str, first: char) -> Option<&'a str> {
        let length = first.len_utf8();
        self.at += length;
        let second = rest[length..].chars().next().filter(|c| is_unspaced(*c));
        let was_in_pairs = std::mem::replace(&mut self.in_pairs, second.is_some());
        match second {
            Some(second) => Some(&rest[..length + second.len_utf8()]),
            None if was_in_pairs => None,
            None => Some(&rest[..length]),
        }
    }
}

/// Kana, Han and Hangul.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x3005..=0x3007 | 0x3040..=0x309f | 0x30a1..=0x30fa | 0x30fc..=0x30ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x20000..=0x323af)
}

/// The same for tantivy.
#[derive(Debug, Clone, Default)]
pub(super) struct WordTokenizer {
    folded: String,
    token: Token,
}

pub(super) struct WordStream<'a> {
    words: Words<'a>,
    token: &'a mut Token,
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        let text = match folded(text) {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => {
                self.folded = text;
                &self.folded
            }
        };
        self.token.reset();
        WordStream {
            words: words(text),
            token: &mut self.token,
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        self.token.text.clear();
        self.token.text.push_str(word);
        self.token.offset_to = self.words.at;
        self.token.offset_from = self.words.at - word.len().min(self.words.at);
        // The position before the first is the largest number.
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> String {
        words_of(text).join("|")
    }

    #[test]
    fn case_accents_and_forms_of_letters() {
        for (text, expected) in [
            ("L'Été À Œuvres", "ete|a|oeuvres"),
            ("L\u{2019}e\u{301}te\u{301}", "ete"),
            ("ＦＵＬＬ width ﬁn", "full|width|fin"),
            (
                "Straße Łódź İstanbul ISTANBUL",
                "strasse|lodz|istanbul|istanbul",
            ),
            ("Ĳsselmeer ŉ", "ijsselmeer|n"),
            ("Ἀθήνα ΑΘΗΝΑ ΣΟΦΟΣ σοφός", "αθηνα|αθηνα|σοφοσ|σοφοσ"),
            ("Ёлка Йод", "елка|иод"),
            ("", ""),
            ("'- \u{301}", ""),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn elisions_and_hyphens() {
        for (text, expected) in [
            ("qu'il l'arc-en-ciel d’Artagnan", "il|arc|en|ciel|artagnan"),
            ("dell'amore O'Brien don't", "amore|o|brien|don|t"),
            ("978-2-07 C++ 1984", "978|2|07|c|1984"),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_come_in_pairs() {
        for (text, expected) in [
            ("吾輩は猫", "吾輩|輩は|は猫"),
            ("猫", "猫"),
            ("猫 犬", "猫|犬"),
            ("ｶﾞﾗｽ", "ガラ|ラス"),
            ("か\u{3099}く", "がく"),
            ("Wordの本x", "word|の本|x"),
            ("한국어", "한국|국어"),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }
}

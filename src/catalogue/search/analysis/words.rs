//! Words of a text in lower case, and how each hangs on to the one before.
//!
//! Scripts without spaces are cut into pairs of characters; elided articles are no words of their own.

use std::borrow::Cow;
use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::fold::{folded, lowered};

/// What stands before an apostrophe and is no word: French, Italian and Catalan.
const ELIDED: [&str; 22] = [
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu",
    "dell", "all", "nell", "sull", "dall", "coll", "un", "quell",
];

/// The longest word that is looked at, in bytes.
const LONGEST: usize = 120;

/// A word, or a pair of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::catalogue::search) struct Word {
    /// Where it stands.
    pub(in crate::catalogue::search) range: Range<usize>,
    /// What ties it to the one before.
    pub(in crate::catalogue::search) glue: Glue,
    /// Whether it is no word of its own, only the beginning of the next one.
    pub(in crate::catalogue::search) is_elided: bool,
}

/// What stands between a word and the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::catalogue::search) enum Glue {
    /// Anything else.
    None,
    /// A hyphen, an apostrophe, the point behind an initial, or what parts thousands: people write the two as one
    /// word too.
    Joint,
    /// Nothing: both are characters of one run in a script without spaces.
    Run,
    /// The last character of a run, which the pair before has already.
    End,
}

/// The words of a text in lower case.
pub(in crate::catalogue::search) fn words(text: &str) -> Words<'_> {
    Words {
        text,
        at: 0,
        last: None,
    }
}

/// The words of any text, folded; the last character of a run isn't told again.
pub(in crate::catalogue::search) fn folded_words(text: &str) -> Vec<String> {
    let text = lowered(text);
    words(&text)
        .filter(|word| !word.is_elided && word.glue != Glue::End)
        .map(|word| folded(&text[word.range]).into_owned())
        .collect()
}

/// See [`words`].
pub(in crate::catalogue::search) struct Words<'a> {
    text: &'a str,
    at: usize,
    last: Option<Word>,
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        let word = loop {
            let rest = &self.text[self.at..];
            let c = rest.chars().next()?;
            if is_unspaced(c) {
                break self.pair(rest, c);
            }
            if !c.is_alphanumeric() {
                self.at += c.len_utf8();
                continue;
            }
            let end = rest
                .find(|c: char| is_unspaced(c) || !c.is_alphanumeric() && !is_combining_mark(c))
                .unwrap_or(rest.len());
            let range = self.at..self.at + end;
            self.at += end;
            if end > LONGEST {
                self.last = None;
                continue;
            }
            break self.word(range, rest);
        };
        self.last = Some(word.clone());
        Some(word)
    }
}

impl Words<'_> {
    fn word(&self, range: Range<usize>, rest: &str) -> Word {
        let text = &self.text[range.clone()];
        let behind = &rest[range.len()..];
        let is_elided = behind.starts_with('\'')
            && behind[1..].starts_with(char::is_alphanumeric)
            && ELIDED.contains(&text);
        Word {
            glue: self.glue(&range),
            range,
            is_elided,
        }
    }

    fn glue(&self, range: &Range<usize>) -> Glue {
        let Some(last) = &self.last else {
            return Glue::None;
        };
        let is_joint = match &self.text[last.range.end..range.start] {
            "-" | "'" => true,
            "" => false,
            gap => {
                let (before, word) = (&self.text[last.range.clone()], &self.text[range.clone()]);
                is_initials(before, gap, word) || is_thousands(before, gap, word)
            }
        };
        match is_joint && !matches!(last.glue, Glue::Run | Glue::End) {
            true => Glue::Joint,
            false => Glue::None,
        }
    }

    /// Two characters of a script without spaces, or one that stands alone or last.
    fn pair(&mut self, rest: &str, first: char) -> Word {
        let start = self.at;
        let length = first.len_utf8();
        self.at += length;
        let second = rest[length..].chars().next().filter(|c| is_unspaced(*c));
        let goes_on = self
            .last
            .as_ref()
            .is_some_and(|last| last.range.end > start);
        let glue = match (goes_on, second) {
            (true, None) => Glue::End,
            (true, Some(_)) => Glue::Run,
            (false, _) => Glue::None,
        };
        let end = start + length + second.map_or(0, char::len_utf8);
        Word {
            range: start..end,
            glue,
            is_elided: false,
        }
    }
}

/// `J. R. R.` and `J.R.R.`
fn is_initials(before: &str, gap: &str, word: &str) -> bool {
    let is_letter = |text: &str| {
        let mut chars = text.chars();
        chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
    };
    matches!(gap, "." | ". ") && is_letter(before) && is_letter(word)
}

/// `20,000`, `20.000` and `20 000`
fn is_thousands(before: &str, gap: &str, word: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    matches!(gap, "," | "." | " ")
        && before.len() <= 3
        && word.len() == 3
        && is_number(before)
        && is_number(word)
}

/// Kana, Han and Hangul.
pub(in crate::catalogue::search) fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c),
        0x3005..=0x3007 | 0x3040..=0x309f | 0x30a1..=0x30fa | 0x30fc..=0x30ff | 0x3400..=0x4dbf
        | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0x20000..=0x323af)
}

/// Words that hang together and are also written as one.
#[derive(Debug, Default)]
pub(in crate::catalogue::search) struct Compound {
    elided: String,
    text: String,
    n: usize,
}

/// Words that a compound has at most.
const MOST_JOINED: usize = 5;

impl Compound {
    /// Takes the next word of a text; gives the compound that it ends.
    pub(in crate::catalogue::search) fn take(
        &mut self,
        folded: &str,
        word: &Word,
    ) -> Option<String> {
        let ended = match word.glue {
            Glue::Joint => None,
            _ => self.end(),
        };
        match word.is_elided {
            true => folded.clone_into(&mut self.elided),
            false => {
                self.text.push_str(folded);
                self.n += 1;
            }
        }
        ended
    }

    /// `arcenciel` of `l'arc-en-ciel`, and `dartagnan` of `d'Artagnan`.
    pub(in crate::catalogue::search) fn end(&mut self) -> Option<String> {
        let Self { elided, text, n } = std::mem::take(self);
        let whole = match n {
            0 => return None,
            1 if elided.is_empty() => return None,
            1 => elided + &text,
            _ => text,
        };
        (n <= MOST_JOINED && whole.len() <= LONGEST).then_some(whole)
    }
}

/// A word of a text as it is compared.
pub(in crate::catalogue::search) fn compared<'t>(text: &'t str, word: &Word) -> Cow<'t, str> {
    folded(&text[word.range.clone()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> String {
        folded_words(text).join("|")
    }

    fn joined(text: &str) -> Vec<String> {
        let text = lowered(text);
        let mut compound = Compound::default();
        let mut out: Vec<String> = words(&text)
            .filter_map(|word| compound.take(&compared(&text, &word), &word))
            .collect();
        out.extend(compound.end());
        out
    }

    #[test]
    fn case_accents_and_forms_of_letters() {
        for (text, expected) in [
            ("L'Été À Œuvres", "ete|a|oeuvres"),
            ("L\u{2019}e\u{301}te\u{301}", "ete"),
            ("ＦＵＬＬ width ﬁn", "full|width|fin"),
            ("Ĳsselmeer ŉ", "ijsselmeer|n"),
            ("", ""),
            ("'- \u{301}", ""),
            ("l' été rock 'n' roll", "l|ete|rock|n|roll"),
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
    fn compounds_are_written_as_one_too() {
        for (text, expected) in [
            ("L'arc-en-ciel de Jean", vec!["arcenciel"]),
            ("d’Artagnan", vec!["dartagnan"]),
            ("J. R. R. Tolkien", vec!["jrr"]),
            ("H.G. Wells", vec!["hg"]),
            ("20,000 Leagues, 20 000 lieues", vec!["20000", "20000"]),
            ("1914-1918", vec!["19141918"]),
            ("O'Brien", vec!["obrien"]),
            ("a, b. c", vec!["bc"]),
            ("12 1000", vec![]),
        ] {
            assert_eq!(joined(text), expected, "{text}");
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
        let text = "吾輩は猫";
        let last = words(text).last().unwrap();
        assert_eq!((&text[last.range], last.glue), ("猫", Glue::End));
    }
}

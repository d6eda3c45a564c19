//! Letters in the form in which they are compared: case, accents and other forms of them don't matter.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// Letters that no decomposition leads to ASCII, as cataloguers write them.
const LETTERS: [(char, &str); 15] = [
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
];

/// Where the letters end that have a table of their own: Latin-1 and Latin Extended-A, most of what isn't ASCII
/// in books.
const TABLE: usize = 0x180;

struct Forms {
    lower: String,
    folded: String,
}

static LATIN: LazyLock<Vec<Forms>> = LazyLock::new(|| {
    let forms = |c: char| {
        let text = c.encode_utf8(&mut [0; 4]).to_owned();
        Forms {
            lower: lower_rare(&text),
            folded: fold_rare(&text),
        }
    };
    (0x80..TABLE as u32)
        .filter_map(char::from_u32)
        .map(forms)
        .collect()
});

/// Text in lower case, compatibility forms resolved (NFKC), apostrophes and hyphens of one kind.
pub(crate) fn lowered(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return match text.bytes().any(|b| b.is_ascii_uppercase()) {
            true => Cow::Owned(text.to_ascii_lowercase()),
            false => Cow::Borrowed(text),
        };
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) as usize {
            0..0x80 => out.push(c.to_ascii_lowercase()),
            0xad => {}
            code @ 0x80..TABLE => out.push_str(&LATIN[code - 0x80].lower),
            0x2000..0x2070 => out.extend(punctuation(c)),
            _ => return Cow::Owned(lower_rare(text)),
        }
    }
    Cow::Owned(out)
}

/// The general case.
fn lower_rare(text: &str) -> String {
    text.nfkc()
        .filter_map(punctuation)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Apostrophes, hyphens and blanks as ASCII has them; what joins or parts letters unseen falls away.
fn punctuation(c: char) -> Option<char> {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{2032}' => Some('\''),
        '\u{2010}' | '\u{2011}' => Some('-'),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => Some(' '),
        c => Some(c),
    }
}

/// Text in lower case and without accents.
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
        let length = match u32::from(c) as usize {
            0..0x80 => {
                out.push(c.to_ascii_lowercase());
                1
            }
            code @ 0x80..TABLE => {
                out.push_str(&LATIN[code - 0x80].folded);
                c.len_utf8()
            }
            _ => {
                let end = rest.find(|c| (u32::from(c) as usize) < TABLE);
                let end = end.unwrap_or(rest.len());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_keeps_accents() {
        for (text, expected) in [
            ("L\u{2019}ÉTÉ", "l'été"),
            ("L'e\u{301}te\u{301}", "l'été"),
            ("ＦＵＬＬ ﬁn", "full fin"),
            ("Welt\u{ad}krieg a\u{200b}b", "weltkrieg ab"),
            ("arc\u{2010}en\u{2011}ciel", "arc-en-ciel"),
            ("1\u{202f}000\u{a0}x", "1 000 x"),
            ("か\u{3099}く ｶﾞ", "がく ガ"),
        ] {
            assert_eq!(lowered(text), expected, "{text}");
        }
    }

    #[test]
    fn accents_fall_away() {
        for (text, expected) in [
            ("Été Œuvres", "ete oeuvres"),
            ("Straße Łódź İstanbul", "strasse lodz istanbul"),
            ("Ἀθήνα ΣΟΦΟΣ σοφός", "αθηνα σοφοσ σοφοσ"),
            ("Ёлка Йод", "елка иод"),
        ] {
            assert_eq!(folded(&lowered(text)), expected, "{text}");
        }
    }
}

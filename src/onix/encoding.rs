//! Bytes to UTF-8, where they aren't that already: whole inputs in UTF-16, single records in
//! anything else.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::notice::NoticeCode;
use super::record::Record;

/// The encoding of an input whose characters are wider than a byte, by its first bytes.
pub(crate) fn wide(first: &[u8]) -> Option<&'static Encoding> {
    match first {
        [0xff, 0xfe, ..] | [b'<', 0, _, 0, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] | [0, b'<', 0, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// A whole input in UTF-16 as UTF-8, and whether something in it makes no character; `None` where
/// it isn't UTF-16.
pub(crate) fn decode_wide(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    let (text, had_errors) = wide(bytes)?.decode_with_bom_removal(bytes);
    Some((text.into_owned().into_bytes(), had_errors))
}

/// The encoding that an XML declaration names, if that isn't UTF-8.
pub(crate) fn declared(declaration: &str) -> Option<String> {
    let rest = declaration.split_once("encoding")?.1.trim_start();
    let rest = rest.strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (label, _) = rest[1..].split_once(quote)?;
    Some(label.trim().to_owned())
}

/// A record that isn't UTF-8 as text, with what there is to say about it.
///
/// The declared encoding where the bytes make sense in it; otherwise, valid UTF-8 sequences as
/// such and every other byte as Windows-1252.
pub(crate) fn repair(
    bytes: &[u8],
    declared: Option<&str>,
) -> (String, Option<(NoticeCode, String)>) {
    let encoding = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    match encoding {
        Some(encoding) if encoding != UTF_8 && encoding.is_ascii_compatible() => {
            let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
            if !had_errors {
                return (text.into_owned(), None);
            }
        }
        _ => {}
    }
    let text = utf8_or_windows_1252(bytes);
    let is_utf8 = encoding == Some(UTF_8) || declared.is_none();
    let code = match is_utf8 {
        true => (
            NoticeCode::NotUtf8,
            "bytes that aren't UTF-8, read as Windows-1252".to_owned(),
        ),
        false => (
            NoticeCode::DeclaredEncoding,
            format!(
                "bytes that make no sense in {}, read as Windows-1252",
                declared.unwrap_or_default()
            ),
        ),
    };
    (text, Some(code))
}

/// How the records of an input were read, where that isn't as its declaration says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Whether the input is UTF-16, by its first bytes.
    pub(crate) is_wide: bool,
    /// Whether something in that makes no character.
    pub(crate) is_damaged: bool,
    n_utf16: u64,
    n_utf8: u64,
    n_windows_1252: u64,
}

impl Tally {
    /// The same input, of which nothing was read yet.
    #[cfg(feature = "files")]
    pub(crate) fn of_none(&self) -> Self {
        Self {
            is_wide: self.is_wide,
            ..Self::default()
        }
    }

    /// With what was read of the input before.
    #[cfg(feature = "files")]
    pub(crate) fn add(&mut self, before: &Self) {
        self.is_damaged |= before.is_damaged;
        self.n_utf16 += before.n_utf16;
        self.n_utf8 += before.n_utf8;
        self.n_windows_1252 += before.n_windows_1252;
    }

    /// Counts a record that was read, by what was declared.
    #[inline]
    pub(super) fn count(&mut self, declared: Option<&str>, record: &Record<'_>) {
        let in_pieces = |code| matches!(code, NoticeCode::NotUtf8 | NoticeCode::DeclaredEncoding);
        if record.notices.iter().any(|notice| in_pieces(notice.code)) {
            self.n_windows_1252 += 1;
        } else if let Some(label) = declared
            && (self.is_wide || !label.eq_ignore_ascii_case("utf-8"))
        {
            self.count_declared(label, record);
        }
    }

    #[cold]
    fn count_declared(&mut self, label: &str, record: &Record<'_>) {
        let declared = Encoding::for_label(label.as_bytes());
        let declares_wide = declared.is_some_and(|encoding| !encoding.is_ascii_compatible());
        let is_decoded = matches!(record.text, Cow::Owned(_));
        if self.is_wide {
            self.n_utf16 += u64::from(!declares_wide);
        } else if declared != Some(UTF_8) && !is_decoded {
            self.n_utf8 += u64::from(declares_wide || !record.text.is_ascii());
        }
    }

    /// What there is to say of the whole input.
    pub(super) fn notices(&self, declared: Option<&str>) -> Vec<(NoticeCode, String)> {
        let mut out = Vec::new();
        if self.is_damaged {
            out.push((
                NoticeCode::ReplacedCharacter,
                "UTF-16 that makes no character was replaced by U+FFFD".to_owned(),
            ));
        }
        let said = match declared {
            Some(label) => format!("the input declares {label}"),
            None => "the input declares no encoding".to_owned(),
        };
        for (n, how) in [
            (self.n_utf16, "read as UTF-16, by its first bytes"),
            (self.n_utf8, "UTF-8 and read as such"),
            (
                self.n_windows_1252,
                "not in it nor in UTF-8; what isn't was read as Windows-1252",
            ),
        ] {
            let records = if n == 1 { "record is" } else { "records are" };
            if n > 0 {
                let message = format!("{said}: {n} {records} {how}");
                out.push((NoticeCode::UndeclaredEncoding, message));
            }
        }
        out
    }
}

fn utf8_or_windows_1252(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found() {
        let label = |text| declared(text);
        assert_eq!(
            label("<?xml version='1.0' encoding = 'ISO-8859-1' ?>").as_deref(),
            Some("ISO-8859-1")
        );
        assert_eq!(label("<?xml version='1.0'?>"), None);
    }

    #[test]
    fn bytes_are_judged() {
        assert_eq!(repair(b"\xe9", Some("iso-8859-1")), ("é".into(), None));
        let (text, notice) = repair(b"caf\xe9 \xc3\xa9", None);
        assert_eq!(
            (text.as_str(), notice.unwrap().0),
            ("café é", NoticeCode::NotUtf8)
        );
        let (text, notice) = repair(b"\x80", Some("nonsense"));
        assert_eq!(
            (text.as_str(), notice.unwrap().0),
            ("€", NoticeCode::DeclaredEncoding)
        );
    }
}

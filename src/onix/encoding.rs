//! Bytes to UTF-8, where they aren't that already: whole inputs in UTF-16, single records in
//! anything else.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::notice::NoticeCode;

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

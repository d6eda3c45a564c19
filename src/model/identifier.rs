//! Identifiers as people type them and as records write them, brought to one form.
//!
//! None is ever refused for a check digit or a prefix: the platform has both wrong.

use std::borrow::Cow;

/// An identifier in the form in which identifiers are compared: hyphens and spaces of ISBNs dropped,
/// ISBN-10 as ISBN-13, letters in upper case, DOI without its resolver's address.
///
/// ```
/// use onix_catalogue::model::normalised;
/// assert_eq!(normalised("2-07-036822-X"), "9782070368228");
/// assert_eq!(normalised("978-2-07-036822-8"), "9782070368228");
/// assert_eq!(normalised("enqc-4431-947-libraries"), "ENQC-4431-947-LIBRARIES");
/// ```
pub fn normalised(identifier: &str) -> Cow<'_, str> {
    let trimmed = without_resolver(identifier.trim());
    if trimmed.len() == 13 && trimmed.bytes().all(|b| b.is_ascii_digit()) {
        return Cow::Borrowed(trimmed);
    }
    // Upper case first: a letter of another alphabet may come to one of these.
    let upper = trimmed.to_uppercase();
    let upper = without_resolver(&upper);
    if let Some(isbn) = isbn13(upper) {
        return Cow::Owned(isbn);
    }
    let bare = without_separators(upper);
    if bare.len() >= 8 && bare.bytes().all(|b| b.is_ascii_digit()) {
        return Cow::Owned(bare);
    }
    Cow::Owned(upper.to_owned())
}

/// A DOI without what people write before it, however often.
fn without_resolver(mut text: &str) -> &str {
    const RESOLVERS: [&str; 5] = [
        "https://doi.org/",
        "http://doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
        "doi:",
    ];
    while let Some(rest) = RESOLVERS.iter().find_map(|resolver| {
        let (start, rest) = text.split_at_checked(resolver.len())?;
        start.eq_ignore_ascii_case(resolver).then_some(rest)
    }) {
        text = rest.trim();
    }
    text
}

/// Every identifier by which a product may be looked for, [`normalised`], sorted: its own ones and its
/// `RecordReference`.
#[cfg(feature = "index")]
pub(crate) fn own_identifiers(entry: &super::Entry) -> Vec<String> {
    let mut own = vec![normalised(&entry.record_reference).into_owned()];
    for identifier in &entry.identifiers {
        own.push(normalised(&identifier.value).into_owned());
        own.extend(isbn13(&identifier.value));
    }
    sorted(own)
}

/// Those of products related to it, less its own.
#[cfg(feature = "index")]
pub(crate) fn related_identifiers(entry: &super::Entry, own: &[String]) -> Vec<String> {
    let identifiers = entry
        .related
        .iter()
        .flat_map(|related| &related.identifiers);
    let related = identifiers.map(|identifier| normalised(&identifier.value).into_owned());
    sorted(
        related
            .filter(|id| own.binary_search(id).is_err())
            .collect(),
    )
}

#[cfg(feature = "index")]
fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.retain(|id| !id.is_empty());
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// What an ISBN-10 or ISBN-13 comes to as thirteen digits; `None` where it is neither in shape.
pub fn isbn13(text: &str) -> Option<String> {
    let bare = without_separators(text.trim());
    let bare = bare
        .strip_prefix("ISBN")
        .map(|rest| rest.trim_start_matches([':', ' ']).to_owned())
        .unwrap_or(bare);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    match bare.len() {
        13 if digits(&bare) && (bare.starts_with("978") || bare.starts_with("979")) => Some(bare),
        10 if is_isbn10(bare.as_bytes()) => {
            let body = format!("978{}", &bare[..9]);
            let sum: u32 = body
                .bytes()
                .enumerate()
                .map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 1 } else { 3 })
                .sum();
            Some(format!("{body}{}", (10 - sum % 10) % 10))
        }
        _ => None,
    }
}

fn is_isbn10(bytes: &[u8]) -> bool {
    let (check, body) = bytes.split_last().unwrap_or((&0, &[]));
    body.iter().all(u8::is_ascii_digit) && matches!(check, b'0'..=b'9' | b'X')
}

fn without_separators(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '-' | ' ' | '\u{a0}' | '\u{2010}'..='\u{2015}'))
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_meet() {
        assert_eq!(
            isbn13("ISBN: 0-306-40615-2").as_deref(),
            Some("9780306406157")
        );
        assert_eq!(normalised(" 978\u{2011}0-306-40615-7 "), "9780306406157");
        assert_eq!(normalised("https://doi.org/10.1000/182"), "10.1000/182");
        assert_eq!(normalised("2000000000017"), "2000000000017");
        assert_eq!(normalised("9990000000001"), "9990000000001");
        assert_eq!(isbn13("9990000000001"), None);
        assert_eq!(normalised(""), "");
        // A dotless i is a capital I like any other.
        assert_eq!(normalised("do\u{131}:x/1"), "X/1");
        // As long as an ISBN, in bytes, and no text of single bytes.
        assert_eq!(normalised("bourapoué"), "BOURAPOUÉ");
        assert_eq!(isbn13("été été été"), None);
    }
}

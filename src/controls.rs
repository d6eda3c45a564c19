//! Characters that a terminal obeys: kept out of whatever is printed as JSON.

use std::fmt::Write as _;

use serde::Serialize;

/// JSON in one line. Serde leaves DEL, the C1 controls and the marks that turn the direction of writing as they are; a
/// terminal would obey them.
///
/// # Errors
/// If the value has what JSON hasn't.
pub(crate) fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    // What Serde leaves begins with one of these bytes. Most answers have none.
    let is_suspect = memchr::memchr3(0x7f, 0xc2, 0xe2, text.as_bytes()).is_some();
    if !is_suspect || !text.contains(is_control) {
        return Ok(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_control(c) {
            true => write!(out, "\\u{:04x}", u32::from(c)).expect("a String takes everything"),
            false => out.push(c),
        }
    }
    Ok(out)
}

/// Whether a terminal may do something else with it than show it.
pub(crate) fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_escaped() {
        let text = json(&"\u{9b}\u{7f}\u{1b}\u{202e}é").expect("a text");
        assert_eq!(text, r#""\u009b\u007f\u001b\u202eé""#);
    }
}

//! How somebody likes to read: in which language, and by which light. A cookie remembers what was chosen; nothing else is.

use axum::http::{HeaderMap, header};

use super::words::{self, Words};

const LANGUAGE: &str = "onix_language";
const THEME: &str = "onix_theme";

/// What a page may look like, besides as the system does.
const THEMES: [&str; 2] = ["light", "dark"];

/// What one reader likes.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Preferences {
    pub(super) words: &'static Words,
    /// `light`, `dark`, or nothing where it is the system's.
    pub(super) theme: &'static str,
}

impl Preferences {
    /// What was chosen before; else what the browser asks for.
    pub(in crate::server) fn of(headers: &HeaderMap) -> Self {
        let chosen = cookie(headers, LANGUAGE).and_then(Words::of);
        let theme = cookie(headers, THEME).and_then(theme);
        Self {
            words: chosen.unwrap_or_else(|| accepted(headers)),
            theme: theme.unwrap_or_default(),
        }
    }
}

/// The cookie that remembers a choice, if it is one.
pub(super) fn remembering(name: &str, value: &str) -> Option<String> {
    let (cookie, value) = match name {
        "language" => (LANGUAGE, Words::of(value)?.tag),
        "theme" if value == "auto" => (THEME, ""),
        "theme" => (THEME, theme(value)?),
        _ => return None,
    };
    Some(format!(
        "{cookie}={value}; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly"
    ))
}

fn theme(name: &str) -> Option<&'static str> {
    THEMES.into_iter().find(|known| *known == name)
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    let cookies = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'));
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// The language of ours that is wanted most; English, where none is.
fn accepted(headers: &HeaderMap) -> &'static Words {
    let wanted = headers.get(header::ACCEPT_LANGUAGE);
    let wanted = wanted.and_then(|wanted| wanted.to_str().ok());
    let ranges = wanted.unwrap_or_default().split(',').filter_map(|range| {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        let weight: f32 = weight.parse().ok()?;
        let tag = tag.trim().to_ascii_lowercase();
        let words = Words::of(tag.split('-').next()?)?;
        (weight > 0.0).then_some((weight, words))
    });
    // Of two that are wanted alike the first counts.
    let best = ranges.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map_or(words::ALL[0], |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn preferences(name: header::HeaderName, value: &'static str) -> (&'static str, &'static str) {
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
        let preferences = Preferences::of(&headers);
        (preferences.words.tag, preferences.theme)
    }

    #[test]
    fn the_language_wanted_most_is_taken() {
        let tag = |wanted| preferences(header::ACCEPT_LANGUAGE, wanted).0;
        assert_eq!(tag("de-DE, es-MX;q=0.8, fr;q=0.9"), "fr");
        assert_eq!(tag("FR-ca,en"), "fr");
        assert_eq!(tag("es;q=0, de"), "en");
        assert_eq!(tag("*"), "en");
        assert_eq!(tag("fr;q=much"), "en");
    }

    #[test]
    fn a_choice_is_remembered() {
        let chosen = |cookies| preferences(header::COOKIE, cookies);
        assert_eq!(
            chosen("a=b; onix_language=es; onix_theme=dark"),
            ("es", "dark")
        );
        assert_eq!(
            chosen("onix_language=xx; onix_theme=\"><script>"),
            ("en", "")
        );
        assert!(remembering("theme", "dark").is_some());
        assert_eq!(remembering("theme", "dark; Domain=evil.example"), None);
        assert_eq!(remembering("name", "value"), None);
    }
}

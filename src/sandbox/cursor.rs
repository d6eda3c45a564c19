//! The place in a full synchronisation where its next page begins, as text.
//!
//! It is the base64 of milliseconds and a publication's id, which is how the platform's own was seen to look
//! (JAVA). A client has no business reading it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::clock::Millis;

/// Behind which publication a page begins, in the order of their creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) created: Millis,
    pub(super) id: String,
    /// The record of it that came last; `None` where all did.
    pub(super) within: Option<String>,
}

impl Cursor {
    pub(super) fn to_text(&self) -> String {
        let within = match &self.within {
            Some(record) => format!("\n{record}"),
            None => String::new(),
        };
        STANDARD.encode(format!("{} {}{within}", self.created, self.id))
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
        let (created, rest) = text.split_once(' ')?;
        let (id, within) = match rest.split_once('\n') {
            Some((id, record)) => (id, Some(record.to_owned())),
            None => (rest, None),
        };
        Some(Self {
            created: created.parse().ok()?,
            id: Some(id.to_owned()).filter(|id| !id.is_empty())?,
            within,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for within in [None, Some("+ONYX31-epub".to_owned())] {
            let cursor = Cursor {
                created: 1_796_083_200_999,
                id: "ONYX31".into(),
                within,
            };
            assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
        }
        let seen = STANDARD.encode("1643958767000 LIBR31");
        assert_eq!(Cursor::parse(&seen).unwrap().id, "LIBR31");
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "%%%", "MTIz", &STANDARD.encode("soon ONYX1")] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}

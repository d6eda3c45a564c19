//! The table of contents of a publication.

use serde::{Deserialize, Serialize};

/// A chapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chapter {
    /// The page on which it begins, where that is a number.
    pub page: Option<u64>,
    /// Its title.
    pub title: String,
}

/// A chapter as it comes: numbers were printed bare, and may come as text.
#[derive(Deserialize)]
struct Received {
    #[serde(default)]
    page: serde_json::Value,
    #[serde(default)]
    title: Option<String>,
}

/// The chapters of an answer in JSON; `None` where it is none.
pub(super) fn read(body: &[u8]) -> Option<Vec<Chapter>> {
    let chapters: Vec<Received> = match serde_json::from_slice(body).ok()? {
        serde_json::Value::Object(mut object) => {
            serde_json::from_value(object.remove("chapters")?).ok()?
        }
        value => serde_json::from_value(value).ok()?,
    };
    let chapters = chapters.into_iter().map(|chapter| Chapter {
        page: match &chapter.page {
            serde_json::Value::Number(number) => number.as_u64(),
            serde_json::Value::String(text) => text.trim().parse().ok(),
            _ => None,
        },
        title: chapter.title.unwrap_or_default(),
    });
    Some(chapters.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_in_both_shapes() {
        let expected = [(Some(1), "One"), (Some(20), "Two"), (None, "")];
        for body in [
            r#"[{"page":1,"title":"One"},{"page":"20","title":"Two"},{"page":null}]"#,
            r#"{"chapters":[{"page":1,"title":"One"},{"page":20,"title":"Two"},{}]}"#,
        ] {
            let chapters = read(body.as_bytes()).unwrap();
            let found: Vec<_> = chapters
                .iter()
                .map(|chapter| (chapter.page, chapter.title.as_str()))
                .collect();
            assert_eq!(found, expected, "{body}");
        }
        assert_eq!(read(b"[]"), Some(Vec::new()));
        assert_eq!(read(b"<html/>"), None);
        assert_eq!(read(b"{}"), None);
    }
}

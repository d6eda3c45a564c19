//! The status of a download: the platform's pages print its XML twice, once so that it can't be parsed.

use serde::Serialize;

/// How far a download is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Whether the customer has begun to download, or of Adobe's protection has opened it; `None` for a word that isn't known.
    pub fulfilled: Option<bool>,
    /// The platform's word for it.
    pub fulfillment: String,
    /// Whether it may still be taken back.
    pub refundable: Option<bool>,
    /// The protection, as written.
    pub protection: Option<String>,
}

/// What an answer says; `None` where it says nothing of the sort.
pub(super) fn read(body: &str) -> Option<Status> {
    let fulfillment = text_of(body, "fulfillment")?;
    Some(Status {
        // The Spanish page has its own words.
        fulfilled: match fulfillment.to_lowercase().as_str() {
            "complete" | "completo" | "completed" => Some(true),
            "incomplete" | "incompleto" => Some(false),
            _ => None,
        },
        refundable: match text_of(body, "refundable").as_deref() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        },
        protection: text_of(body, "protectiontype").filter(|word| !word.is_empty()),
        fulfillment,
    })
}

/// The text behind a start tag, up to whatever tag comes next.
fn text_of(body: &str, name: &str) -> Option<String> {
    let behind = body.split_once(&format!("<{name}>"))?.1;
    let text = behind.split('<').next()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_pages_samples() {
        let body = |fulfillment: &str, end: &str| {
            format!(
                "<status><transaction><id>t</id><publications><publication><format><nature>epub</nature>\
                 <protectiontype>watermark</protectiontype></format>\n<fulfillment>{fulfillment}</fulfillment>\n\
                 <refundable>false{end}</publication></publications></transaction></status>"
            )
        };
        for (word, fulfilled) in [
            ("complete", Some(true)),
            ("incompleto", Some(false)),
            ("parcial", None),
        ] {
            for end in ["</refundable>", "<refundable>"] {
                let status = read(&body(word, end)).unwrap();
                assert_eq!(status.fulfilled, fulfilled, "{word} {end}");
                assert_eq!(status.fulfillment, word);
                assert_eq!(status.refundable, Some(false));
                assert_eq!(status.protection.as_deref(), Some("watermark"));
            }
        }
        assert_eq!(read("<html>not here</html>"), None);
        assert_eq!(read(""), None);
    }
}

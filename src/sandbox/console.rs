//! The page that shows the stand-in at work, with a button for each order.

use super::request::Answer;

/// Where its parts are; the page itself is at `/`.
const PARTS: &str = "/__console/";

/// Only what is served here may run, be asked and be shown, and nobody may put it into a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The page or a part of it; `None` for any other path.
pub(super) fn answer(path: &str) -> Option<Answer> {
    let (media_type, body) = match path {
        "/" => (
            "text/html; charset=utf-8",
            include_str!("console/index.html"),
        ),
        _ => match path.strip_prefix(PARTS)? {
            "console.css" => (
                "text/css; charset=utf-8",
                include_str!("console/console.css"),
            ),
            "console.js" => (
                "text/javascript; charset=utf-8",
                include_str!("console/console.js"),
            ),
            _ => return None,
        },
    };
    let answer = Answer::new(200, media_type, body)
        .with_header("Content-Security-Policy", POLICY)
        .with_header("Referrer-Policy", "no-referrer")
        .with_header("Cache-Control", "no-cache");
    Some(answer)
}

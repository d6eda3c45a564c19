//! The texts of records as HTML that may stand in a page. Senders put into them what they like.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

/// What a text may be made of. Neither links nor pictures: they would lead to, or ask, another host.
const ELEMENTS: [&str; 27] = [
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "section",
    "br",
    "em",
    "i",
    "strong",
    "b",
    "cite",
    "q",
    "blockquote",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "sub",
    "sup",
    "h4",
    "h5",
    "h6",
    "ruby",
    "rt",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder.tags(HashSet::from(ELEMENTS));
    builder
});

/// A text as HTML of a few harmless elements without attributes.
pub(super) fn html(markup: &str) -> String {
    if !markup.contains(['<', '&']) {
        return paragraphs(markup);
    }
    let cleaned = CLEANER.clean(markup).to_string();
    match cleaned.contains('<') {
        true => cleaned,
        // It was clean already, and its lines would run together.
        false => cleaned
            .split('\n')
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| format!("<p>{line}</p>"))
            .collect(),
    }
}

/// A text without markup: a paragraph for each of its lines.
fn paragraphs(text: &str) -> String {
    let lines = text.split('\n').map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| format!("<p>{}</p>", ammonia::clean_text(line)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_do_anything_is_gone() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<p onclick='alert(1)' style='position:fixed'>a</p>",
            "<a href='javascript:alert(1)'>a</a>",
            "<svg><script>alert(1)</script></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<iframe src='https://evil.example'></iframe>",
            "<style>@import 'https://evil.example'</style>",
            "<form action='https://evil.example'><button>a</button></form>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        ] {
            let safe = html(hostile);
            for tag in safe.split('<').skip(1) {
                let (name, _) = tag.split_once('>').expect("a tag ends");
                let name = name.strip_prefix('/').unwrap_or(name);
                assert!(ELEMENTS.contains(&name), "{hostile}: {safe}");
            }
        }
    }

    #[test]
    fn what_is_harmless_stays() {
        assert_eq!(html("<p>A <em>word</em>.</p>"), "<p>A <em>word</em>.</p>");
        assert_eq!(html("one\n\ntwo"), "<p>one</p><p>two</p>");
        assert_eq!(html("1 &lt; 2\nand"), "<p>1 &lt; 2</p><p>and</p>");
        assert_eq!(html("<div>a</div><p>b"), "<div>a</div><p>b</p>");
        assert_eq!(html("<td>a</td>b"), "<p>ab</p>");
    }
}

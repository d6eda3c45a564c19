//! Text as it is meant: references resolved, CDATA unwrapped, pieces joined, lines normalised.

use std::borrow::Cow;

use quick_xml::Reader;
#[cfg(feature = "serde")]
use quick_xml::events::BytesStart;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use super::entities::{Entities, Reference, is_xml_char};
use super::message::Message;

/// What becomes of inline markup's block elements in plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// Nothing: text runs on.
    Spaced,
    /// They begin a new paragraph.
    Paragraphs,
}

/// White space collapsed and trimmed (`xs:token`, in the schema's words), control characters
/// dropped; borrowed where the text is so already.
#[inline]
pub(super) fn collapsed(text: &str) -> Cow<'_, str> {
    let text = text.trim_ascii();
    let mut previous = 0;
    for &byte in text.as_bytes() {
        if byte < b' ' || byte == b' ' && previous == b' ' || byte == 0xef {
            return collapse(text);
        }
        previous = byte;
    }
    Cow::Borrowed(text)
}

#[cold]
fn collapse(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        if matches!(c, ' ' | '\t' | '\r' | '\n') {
            space = !out.is_empty();
        } else if is_xml_char(c) {
            if space {
                out.push(' ');
                space = false;
            }
            out.push(c);
        }
    }
    if out == text {
        return Cow::Borrowed(text);
    }
    Cow::Owned(out)
}

/// Line ends normalised and forbidden characters dropped, nothing else.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    let clean = |b: &u8| *b >= b' ' && *b != 0xef || matches!(b, b'\t' | b'\n');
    if text.as_bytes().iter().all(clean) {
        return Cow::Borrowed(text);
    }
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(unix.chars().filter(|c| is_xml_char(*c)).collect())
}

/// The text of raw content that isn't simply its bytes, collapsed.
#[cold]
pub(super) fn decoded<'a>(raw: &'a str, message: &Message, blocks: Blocks) -> Cow<'a, str> {
    let text = pieces(raw, message, blocks);
    match blocks {
        Blocks::Spaced => Cow::Owned(collapsed(&text).into_owned()),
        Blocks::Paragraphs => Cow::Owned(text),
    }
}

/// The text of raw content with its white space as it stands.
pub(super) fn verbatim<'a>(raw: &'a str, message: &Message) -> Cow<'a, str> {
    Cow::Owned(pieces(raw, message, Blocks::Spaced))
}

fn pieces(raw: &str, message: &Message, blocks: Blocks) -> String {
    let mut out = String::with_capacity(raw.len());
    let (marks, mut xml) = behind_marks(raw);
    out.push_str(marks);
    xml.config_mut().allow_unmatched_ends = true;
    xml.config_mut().check_end_names = false;
    loop {
        match xml.read_event() {
            Ok(Event::Text(text)) => out.push_str(&lines(&text)),
            Ok(Event::CData(text)) => out.push_str(&lines(&text)),
            Ok(Event::GeneralRef(name)) => push_reference(&mut out, &name, message),
            Ok(Event::Start(tag)) if blocks == Blocks::Paragraphs => {
                break_line(&mut out, tag.local_name().as_ref());
            }
            Ok(Event::Empty(tag)) if blocks == Blocks::Paragraphs => {
                break_line(&mut out, tag.local_name().as_ref());
            }
            Ok(Event::End(tag)) if blocks == Blocks::Paragraphs => {
                break_line(&mut out, tag.local_name().as_ref());
            }
            Ok(Event::Eof) | Err(_) => return out,
            Ok(_) => {}
        }
    }
}

/// A reader of what stands behind the byte order marks of a content, which it would take for those of
/// an input and leave out.
fn behind_marks(raw: &str) -> (&str, Reader<&[u8]>) {
    let rest = raw.trim_start_matches('\u{feff}');
    let mut xml = Reader::from_str(rest);
    xml.config_mut().allow_dangling_amp = true;
    (&raw[..raw.len() - rest.len()], xml)
}

fn break_line(out: &mut String, name: &str) {
    let is_block = [
        "p",
        "br",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "table",
        "tr",
    ]
    .iter()
    .any(|block| name.eq_ignore_ascii_case(block));
    if is_block && !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn push_reference(out: &mut String, name: &str, message: &Message) {
    match message.entities().resolve(name, message.release()) {
        Reference::Text(text) => out.push_str(&text),
        Reference::Forbidden => {}
        Reference::Unknown | Reference::Bare => {
            out.push('&');
            out.push_str(&lines(name));
            out.push(';');
        }
    }
}

/// A piece of a text with XHTML in it.
#[cfg(feature = "serde")]
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Text(String),
    Markup(Markup<'a>),
}

/// An element of XHTML.
#[cfg(feature = "serde")]
#[derive(Debug)]
pub(super) struct Markup<'a> {
    /// As written, prefix included.
    pub(super) name: &'a str,
    pub(super) attributes: Vec<(&'a str, Cow<'a, str>)>,
    pub(super) content: Vec<Piece<'a>>,
}

/// A text with XHTML in it, as elements and the text between them.
#[cfg(feature = "serde")]
pub(super) fn markup<'a>(raw: &'a str, message: &'a Message) -> Vec<Piece<'a>> {
    let (marks, mut xml) = behind_marks(raw);
    let mut content = Vec::new();
    push_text(&mut content, marks);
    // The elements that are open, each with what came before it.
    let mut open: Vec<(Markup<'a>, Vec<Piece<'a>>)> = Vec::new();
    let element = |tag: &BytesStart<'_>| {
        let name = within(raw, tag.name().as_ref()).unwrap_or_default();
        let attributes = within(raw, tag.attributes_raw()).unwrap_or_default();
        Markup {
            name,
            attributes: self::attributes(attributes, message).collect(),
            content: Vec::new(),
        }
    };
    loop {
        match xml.read_event() {
            Ok(Event::Text(text)) => push_text(&mut content, &lines(&text)),
            Ok(Event::CData(text)) => push_text(&mut content, &lines(&text)),
            Ok(Event::GeneralRef(name)) => {
                let mut text = String::new();
                push_reference(&mut text, &name, message);
                push_text(&mut content, &text);
            }
            Ok(Event::Start(tag)) => open.push((element(&tag), std::mem::take(&mut content))),
            Ok(Event::Empty(tag)) => content.push(Piece::Markup(element(&tag))),
            Ok(Event::End(_)) => {
                if let Some((mut markup, before)) = open.pop() {
                    markup.content = std::mem::replace(&mut content, before);
                    content.push(Piece::Markup(markup));
                }
            }
            Ok(Event::Eof) | Err(_) => return content,
            Ok(_) => {}
        }
    }
}

#[cfg(feature = "serde")]
fn push_text(content: &mut Vec<Piece<'_>>, text: &str) {
    match content.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Text(before)) => before.push_str(text),
        _ => content.push(Piece::Text(text.to_owned())),
    }
}

/// Attributes of a start tag, from behind its name.
pub(super) fn attributes<'a>(
    raw: &'a str,
    message: &'a Message,
) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
    Attributes::new(raw, 0).flatten().filter_map(|attribute| {
        let value = within(raw, attribute.value.as_ref())?;
        Some((attribute.key.into_inner(), attribute_value(value, message)))
    })
}

/// The part of `raw` that another borrow of the same bytes points to.
fn within<'a>(raw: &'a str, part: &str) -> Option<&'a str> {
    let at = (part.as_ptr() as usize).checked_sub(raw.as_ptr() as usize)?;
    raw.get(at..at + part.len())
}

fn attribute_value<'a>(value: &'a str, message: &Message) -> Cow<'a, str> {
    // White space is a space here, unless a reference says otherwise.
    let spaced = match value.contains(['\t', '\r', '\n']) {
        true => Cow::Owned(lines(value).replace(['\t', '\n'], " ")),
        false => Cow::Borrowed(value),
    };
    if memchr::memchr(b'&', spaced.as_bytes()).is_none() {
        return spaced;
    }
    Cow::Owned(pieces(
        &spaced.replace('<', "&lt;"),
        message,
        Blocks::Spaced,
    ))
}

/// HTML in a text (CDATA, or escaped) as plain text: tags dropped, references resolved, paragraphs
/// as lines.
pub(crate) fn html_to_plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    let none = Entities::default();
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = match rest.as_bytes()[0] {
            b'<' => rest.find('>'),
            _ => rest.find(';').filter(|end| *end <= 32),
        };
        let Some(end) = end else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        };
        let inside = &rest[1..end];
        if rest.starts_with('<') {
            let opens_tag = inside
                .trim_start_matches('/')
                .starts_with(|c: char| c.is_ascii_alphabetic() || c == '!');
            if !opens_tag {
                out.push('<');
                rest = &rest[1..];
                continue;
            }
            let name = inside.trim_start_matches('/');
            let name_end = name
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(name.len());
            break_line(&mut out, &name[..name_end]);
        } else {
            match none.resolve(inside, super::Release::Onix3) {
                Reference::Text(text) => out.push_str(&text),
                Reference::Forbidden => {}
                Reference::Unknown | Reference::Bare => out.push_str(&rest[..=end]),
            }
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    let lines: Vec<String> = out
        .lines()
        .map(|line| collapsed(line).into_owned())
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_collapses_and_borrows() {
        assert!(matches!(collapsed(" a b "), Cow::Borrowed("a b")));
        assert_eq!(collapsed("a\r\n  b\u{1}"), "a b");
        assert_eq!(collapsed("\u{feff}"), "\u{feff}");
        assert_eq!(collapsed(""), "");
    }

    #[test]
    fn html_becomes_lines() {
        assert_eq!(
            html_to_plain("<P>Fish &amp; chips</P>\n<p>a < b<BR/>c &eacute;</p>"),
            "Fish & chips\na < b\nc é"
        );
    }
}

//! A record with nothing left out: every element with its attributes and content, as JSON.
//!
//! `{"name":"Title","as":"b203","attrs":{"textcase":"02"},"content":["Fish & chips"]}`: names are
//! EDItEUR's reference names, with `as` where the tag was written otherwise; content is texts and
//! elements in order, XHTML inside a text included. Comments, processing instructions and the white
//! space between elements are left out; references are resolved.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::element::{Content, Element};
use super::message::Message;
use super::text::{self, Markup, Piece};

/// An element that is serialised with all there is in it.
///
/// ```
/// use onix_catalogue::onix::{Lossless, Reader, Record};
///
/// let xml = r#"<ONIXmessage release="3.0"><product><a001>1</a001></product></ONIXmessage>"#;
/// let mut record = Record::new();
/// Reader::new(xml.as_bytes()).read_record(&mut record)?;
/// # #[cfg(feature = "index")]
/// assert_eq!(
///     serde_json::to_string(&Lossless(record.element())).unwrap(),
///     r#"{"name":"Product","as":"product","attrs":{},"content":[{"name":"RecordReference","as":"a001","attrs":{},"content":["1"]}]}"#,
/// );
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Lossless<'a>(pub Element<'a>);

impl Serialize for Lossless<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(element) = *self;
        let written = element.written();
        let name = match element.name() {
            name if name == written => local(written, element.message()),
            name => name,
        };
        let node = Node {
            name,
            written,
            attributes: element.attributes().collect(),
        };
        match element.has_markup() {
            true => {
                let markup = text::markup(element.markup(), element.message());
                node.serialize(serializer, &Mixed(&markup, element.message()))
            }
            false => node.serialize(serializer, &Composite(element.content())),
        }
    }
}

/// The name without the message's prefix.
fn local<'a>(written: &'a str, message: &Message) -> &'a str {
    written.strip_prefix(message.prefix()).unwrap_or(written)
}

/// What every element has beside its content.
struct Node<'a> {
    name: &'a str,
    written: &'a str,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
}

impl Node<'_> {
    fn serialize<S: Serializer>(
        &self,
        serializer: S,
        content: &impl Serialize,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.name)?;
        if self.name != self.written {
            map.serialize_entry("as", self.written)?;
        }
        map.serialize_entry("attrs", &Attributes(&self.attributes))?;
        map.serialize_entry("content", content)?;
        map.end()
    }
}

struct Attributes<'a>(&'a [(&'a str, Cow<'a, str>)]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let values = self.0.iter().map(|(name, value)| (name, value));
        serializer.collect_map(values)
    }
}

/// The content of an element that ONIX defines.
struct Composite<'a>(Vec<Content<'a>>);

impl Serialize for Composite<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for content in &self.0 {
            match content {
                Content::Text(text) => seq.serialize_element(text)?,
                Content::Element(element) => seq.serialize_element(&Lossless(*element))?,
            }
        }
        seq.end()
    }
}

/// The content of a text with XHTML in it.
struct Mixed<'a>(&'a [Piece<'a>], &'a Message);

impl Serialize for Mixed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(Some(self.0.len()))?;
        for piece in self.0 {
            match piece {
                Piece::Text(text) => seq.serialize_element(text)?,
                Piece::Markup(markup) => seq.serialize_element(&Inline(markup, self.1))?,
            }
        }
        seq.end()
    }
}

/// An element of XHTML.
struct Inline<'a>(&'a Markup<'a>, &'a Message);

impl Serialize for Inline<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(markup, message) = self;
        let node = Node {
            name: local(markup.name, message),
            written: markup.name,
            attributes: markup.attributes.clone(),
        };
        node.serialize(serializer, &Mixed(&markup.content, message))
    }
}

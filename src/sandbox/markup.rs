//! Elements one behind the other: all that the platform's own formats need, and products of ONIX that are made of them.

/// XML that is being written.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// A document; a part of one is [`Markup::default`].
    pub(super) fn new() -> Self {
        Self(String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
    }

    pub(super) fn open(&mut self, name: &str) {
        self.0.push_str(&format!("<{name}>"));
    }

    pub(super) fn close(&mut self, name: &str) {
        self.0.push_str(&format!("</{name}>\n"));
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        self.0.push_str(&escaped(text));
        self.close(name);
    }

    /// The same, with an attribute that stands there as it is written.
    pub(super) fn text_with(&mut self, name: &str, attribute: &str, text: &str) {
        self.open(&format!("{name} {attribute}"));
        self.0.push_str(&escaped(text));
        self.close(name);
    }

    /// What is XML already.
    pub(super) fn raw(&mut self, xml: &str) {
        self.0.push_str(xml);
        self.0.push('\n');
    }

    /// The same, where there is one.
    pub(super) fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An element around each of several; nothing where there are none.
    pub(super) fn list<T>(&mut self, name: &str, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        if items.is_empty() {
            return;
        }
        self.open(name);
        for item in items {
            each(self, item);
        }
        self.close(name);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// Text as it stands in XML; characters that can't stand there are dropped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\t' | '\n' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            _ if c.is_control() => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_dropped() {
        assert_eq!(escaped("a<b>&\u{0}\u{8}\n\u{ffff}é"), "a&lt;b&gt;&amp;\né");
    }
}

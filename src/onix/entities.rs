//! Named entities: the 2.1 DTD's for release 2.x, HTML's otherwise, and those that a message
//! declares itself. Nothing outside the message is ever opened for one.

mod table;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::release::Release;
use super::text::lines;

/// How deep declared entities may refer to each other.
const MAX_LEVELS: usize = 8;
/// How many bytes all declared entities may come to, expanded.
const MAX_BYTES: usize = 64 << 10;

/// The entities of one message.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Entities {
    declared: HashMap<String, String>,
}

/// What a reference stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reference<'a> {
    Text(Cow<'a, str>),
    /// A character that XML doesn't allow: dropped.
    Forbidden,
    /// No entity of that name is known.
    Unknown,
    /// Not a reference at all: the `&` stands alone.
    Bare,
}

impl Entities {
    /// The entities that a DOCTYPE's internal subset declares. External ones, parameter entities
    /// and those beyond the bounds stay unknown.
    pub(crate) fn declared_in(doctype: &str) -> Self {
        let mut raw = HashMap::new();
        // The bound is on all of them together: which of them is beyond it, their order decides.
        let mut names = Vec::new();
        let mut rest = doctype;
        while let Some(at) = rest.find("<!ENTITY") {
            rest = &rest[at + 8..];
            let Some((name, value, after)) = declaration(rest) else {
                continue;
            };
            rest = after;
            // The first declaration of a name binds.
            if let Entry::Vacant(entry) = raw.entry(name.to_owned()) {
                entry.insert(lines(value).into_owned());
                names.push(name);
            }
        }
        let mut budget = MAX_BYTES;
        let mut declared = HashMap::new();
        for name in names {
            if let Some(text) = expand(&raw[name], &raw, MAX_LEVELS, &mut budget) {
                declared.insert(name.to_owned(), text);
            }
        }
        Self { declared }
    }

    /// What `&name;` stands for.
    pub(crate) fn resolve<'a>(&'a self, name: &str, release: Release) -> Reference<'a> {
        if let Some(number) = name.strip_prefix('#') {
            return character(number);
        }
        if let Some(text) = predefined(name) {
            return Reference::Text(Cow::Borrowed(text));
        }
        if !is_name(name) {
            return Reference::Bare;
        }
        if let Some(text) = self.declared.get(name) {
            return Reference::Text(Cow::Borrowed(text));
        }
        let (dtd, html) = (|| find(&table::DTD, name), || find(&table::HTML, name));
        let found = match release {
            Release::Onix2 => dtd().or_else(html),
            Release::Onix3 => html().or_else(dtd),
        };
        match found {
            Some(text) => Reference::Text(Cow::Borrowed(text)),
            None => Reference::Unknown,
        }
    }
}

/// Names and values, sorted by name.
type Table = &'static [(&'static str, &'static str)];

fn find(table: Table, name: &str) -> Option<&'static str> {
    table
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .ok()
        .map(|at| table[at].1)
}

fn predefined(name: &str) -> Option<&'static str> {
    Some(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

fn character(number: &str) -> Reference<'static> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Reference::Bare;
    }
    match u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32)
    {
        Some(c) if is_xml_char(c) => Reference::Text(Cow::Owned(c.to_string())),
        _ => Reference::Forbidden,
    }
}

/// `Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]`
pub(crate) fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

/// `Name`, as far as entity names go.
pub(crate) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_alphabetic() || c == '_' || c == ':')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-'))
        && name.len() <= 64
}

/// `EntityDecl ::= '<!ENTITY' S Name S '"' … '"' S? '>'`, from behind the keyword.
fn declaration(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.strip_prefix([' ', '\t', '\r', '\n'])?.trim_start();
    let end = text.find([' ', '\t', '\r', '\n'])?;
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    is_name(name).then_some((name, value, rest))
}

fn expand(
    value: &str,
    raw: &HashMap<String, String>,
    levels: usize,
    budget: &mut usize,
) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        append(&mut out, &rest[..at], budget)?;
        rest = &rest[at + 1..];
        let Some((name, after)) = rest.split_once(';') else {
            append(&mut out, "&", budget)?;
            continue;
        };
        if let Some(number) = name.strip_prefix('#') {
            if let Reference::Text(text) = character(number) {
                append(&mut out, &text, budget)?;
            }
        } else if let Some(text) = predefined(name) {
            append(&mut out, text, budget)?;
        } else {
            let inner = raw.get(name)?;
            let text = expand(inner, raw, levels.checked_sub(1)?, budget)?;
            append(&mut out, &text, budget)?;
        }
        rest = after;
    }
    append(&mut out, rest, budget)?;
    Some(out)
}

fn append(out: &mut String, text: &str, budget: &mut usize) -> Option<()> {
    *budget = budget.checked_sub(text.len())?;
    out.push_str(text);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &str, release: Release) -> String {
        match Entities::default().resolve(name, release) {
            Reference::Text(text) => text.into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn tables_follow_the_release() {
        assert_eq!(text("eacute", Release::Onix3), "é");
        assert_eq!(text("#xe9", Release::Onix2), "é");
        assert_eq!(text("#8", Release::Onix2), "Forbidden");
        assert_eq!(text("nosuch", Release::Onix3), "Unknown");
        assert_eq!(text(" chips", Release::Onix3), "Bare");
    }

    #[test]
    fn declared_entities_are_bounded() {
        let bomb = r#"ONIXMessage [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">
            <!ENTITY loop "&loop;">]"#;
        let entities = Entities::declared_in(bomb);
        assert_eq!(
            entities.resolve("b", Release::Onix3),
            Reference::Text(Cow::Borrowed("haha"))
        );
        assert_eq!(entities.resolve("c", Release::Onix3), Reference::Unknown);
        assert_eq!(entities.resolve("loop", Release::Onix3), Reference::Unknown);
        let mut laughs = String::from("x [<!ENTITY l0 \"lol\">");
        for i in 1..9 {
            laughs += &format!("<!ENTITY l{i} \"{}\">", format!("&l{};", i - 1).repeat(10));
        }
        let entities = Entities::declared_in(&laughs);
        assert_eq!(entities.resolve("l8", Release::Onix3), Reference::Unknown);
    }

    #[test]
    fn declared_entities_hold_what_xml_allows() {
        let entities = Entities::declared_in("x [<!ENTITY a \"b\u{1}c\r\nd&#1;\">]");
        assert_eq!(
            entities.resolve("a", Release::Onix3),
            Reference::Text(Cow::Borrowed("bc\nd"))
        );
    }

    #[test]
    fn the_first_entities_are_within_the_bound() {
        let value = "x".repeat(MAX_BYTES / 4);
        let declarations = (0..8).map(|i| format!("<!ENTITY e{i} \"{value}\">"));
        let entities = Entities::declared_in(&declarations.collect::<String>());
        let is_known = |i| entities.resolve(&format!("e{i}"), Release::Onix3) != Reference::Unknown;
        assert_eq!([0, 3, 4, 7].map(is_known), [true, true, false, false]);
    }
}

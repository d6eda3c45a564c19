//! Where to go on behind a record that can't be read: a lexical look at what follows, past
//! comments and CDATA sections, for the next product.

use memchr::{memchr, memmem};

use super::tag::Tag;

/// The start of the next product from `from` on: behind the end tag of the one at hand, at the
/// next start tag, or at the end tag of the message, whichever comes first.
pub(super) fn next_product(bytes: &[u8], from: usize) -> Option<usize> {
    markup(bytes, from).find_map(|at| {
        let rest = &bytes[at..];
        if names(rest, 2, b'/', Tag::Product) {
            return Some(memchr(b'>', rest).map_or(bytes.len(), |end| at + end + 1));
        }
        (names_start(rest, Tag::Product) || names(rest, 2, b'/', Tag::ONIXMessage)).then_some(at)
    })
}

/// The byte behind the end tag of the element that `from` lies in.
pub(super) fn end_of(bytes: &[u8], from: usize, tag: Tag) -> Option<usize> {
    markup(bytes, from).find_map(|at| {
        let rest = &bytes[at..];
        match names(rest, 2, b'/', tag) {
            true => memchr(b'>', rest).map(|end| at + end + 1),
            false => None,
        }
    })
}

/// The next start tag of a message or a product.
pub(super) fn next_root(bytes: &[u8], from: usize) -> Option<usize> {
    markup(bytes, from).find(|at| {
        let rest = &bytes[*at..];
        names_start(rest, Tag::ONIXMessage) || names_start(rest, Tag::Product)
    })
}

/// The next message or product inside something else: a product counts if it begins with a
/// `RecordReference`, as the shops of the world have `product`s of their own.
pub(super) fn next_wrapped(bytes: &[u8], from: usize) -> Option<usize> {
    markup(bytes, from).find(|at| {
        let rest = &bytes[*at..];
        names_start(rest, Tag::ONIXMessage) || names_start(rest, Tag::Product) && is_onix(rest)
    })
}

/// Whether the first tag behind this one is a `RecordReference`.
fn is_onix(product: &[u8]) -> bool {
    let Some(end) = memchr(b'>', product) else {
        return false;
    };
    markup(product, end + 1).next().is_some_and(|at| {
        let rest = &product[at..];
        [Tag::RecordReference.name(), Tag::RecordReference.short()]
            .iter()
            .any(|name| is_named(rest, 1, b'<', name))
    })
}

/// Whether a product's start tag begins here.
pub(crate) fn is_product_start(bytes: &[u8]) -> bool {
    names_start(bytes, Tag::Product)
}

/// Every `<` from `from` on that stands outside comments and CDATA sections.
fn markup(bytes: &[u8], from: usize) -> impl Iterator<Item = usize> {
    let mut at = from;
    // Once nothing closes a comment, none is looked for again.
    let mut closable = [true; 2];
    std::iter::from_fn(move || {
        loop {
            at += memchr(b'<', bytes.get(at..)?)?;
            let rest = &bytes[at..];
            let construct = [("<!--", "-->"), ("<![CDATA[", "]]>")]
                .into_iter()
                .zip(&mut closable)
                .find(|((open, _), _)| rest.starts_with(open.as_bytes()));
            if let Some(((_, close), closable)) = construct.filter(|(_, closable)| **closable) {
                if let Some(end) = memmem::find(rest, close.as_bytes()) {
                    at += end + close.len();
                    continue;
                }
                *closable = false;
            }
            at += 1;
            return Some(at - 1);
        }
    })
}

fn names_start(bytes: &[u8], tag: Tag) -> bool {
    names(bytes, 1, b'<', tag)
}

/// Whether a tag of this element stands at the start of `bytes`; `mark` is the last byte before
/// the name, which begins at `skip`.
fn names(bytes: &[u8], skip: usize, mark: u8, tag: Tag) -> bool {
    is_named(bytes, skip, mark, tag.name())
}

fn is_named(bytes: &[u8], skip: usize, mark: u8, expected: &str) -> bool {
    if bytes.len() <= skip || bytes[skip - 1] != mark {
        return false;
    }
    let rest = &bytes[skip..bytes.len().min(skip + 80)];
    let Some(end) = rest
        .iter()
        .position(|b| matches!(b, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n'))
    else {
        return false;
    };
    let name = &rest[..end];
    let local = match memchr(b':', name) {
        Some(colon) => &name[colon + 1..],
        None => name,
    };
    local.eq_ignore_ascii_case(expected.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_product_is_found_outside_comments() {
        let text = b"x</p><!-- <Product> --><![CDATA[</Product>]]></ns:PRODUCT> <Product>";
        let end = next_product(text, 0).unwrap();
        assert_eq!(&text[end..], b" <Product>");
        assert_eq!(next_product(text, end).unwrap(), end + 1);
        assert_eq!(next_product(b"<ProductForm>", 0), None);
        assert_eq!(next_product(b"<!-- <product>", 0), Some(5));
    }
}

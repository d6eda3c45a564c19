//! Where one product ends and the next begins, lexically: for going on behind what can't be read,
//! and for bounding a product before it is read.
//!
//! Every search is remembered, so that a message in which thousands of constructs are never closed
//! is still looked through a fixed number of times.

use memchr::{memchr, memmem};

use super::tag::Tag;

/// What a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It stands at this byte.
    At(usize),
    /// There is none before the end.
    None,
    /// A comment or its like is open at the end: what is in it depends on what follows.
    Open,
}

/// How far to look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) end: usize,
    /// Whether nothing behind the end counts: what is open there was never closed, and hides
    /// nothing.
    pub(crate) last: bool,
}

/// Constructs whose content is no markup: how they open and close.
const CONSTRUCTS: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];

/// A lexical look at bytes, with a memory.
#[derive(Debug)]
pub(crate) struct Outline {
    /// What the message is made of.
    item: &'static str,
    /// What encloses it.
    root: &'static str,
    opening: [Next; CONSTRUCTS.len()],
    closing: [Next; CONSTRUCTS.len()],
    product: Next,
}

/// The last answer to "where is the next …?", good for every question between the place where it
/// was asked and the place found.
#[derive(Debug, Default, Clone, Copy)]
struct Next {
    asked: Option<usize>,
    found: Option<usize>,
}

impl Next {
    fn from(&mut self, from: usize, find: impl FnOnce() -> Option<usize>) -> Option<usize> {
        let known = self.asked.is_some_and(|asked| asked <= from)
            && self.found.is_none_or(|found| from <= found);
        if !known {
            *self = Self {
                asked: Some(from),
                found: find(),
            };
        }
        self.found
    }
}

impl Default for Outline {
    fn default() -> Self {
        Self::of(Tag::Product.name(), Tag::ONIXMessage.name())
    }
}

impl Outline {
    /// Of other messages than ONIX: their product's name, and their root's.
    pub(crate) fn of(item: &'static str, root: &'static str) -> Self {
        Self {
            item,
            root,
            opening: Default::default(),
            closing: Default::default(),
            product: Next::default(),
        }
    }

    /// Where the product ends that `from` lies in: behind its end tag, at the next start tag, or at
    /// a tag of the message, whichever comes first in the window.
    pub(crate) fn next_product(&mut self, bytes: &[u8], from: usize, window: Window) -> Found {
        self.next_product_but(usize::MAX, bytes, from, window)
    }

    /// The same behind whatever begins at `from`.
    pub(super) fn next_product_behind(
        &mut self,
        bytes: &[u8],
        from: usize,
        window: Window,
    ) -> Found {
        self.next_product_but(from, bytes, from, window)
    }

    fn next_product_but(
        &mut self,
        ignored: usize,
        bytes: &[u8],
        from: usize,
        window: Window,
    ) -> Found {
        let end = window.end.min(bytes.len());
        let (item, root) = (self.item, self.root);
        self.find(bytes, from, window, |rest| {
            if end - rest.len() == ignored {
                return Hit::No;
            }
            if is_end_tag(rest, item) {
                return Hit::Behind;
            }
            let starts =
                is_start_tag(rest, item) || is_end_tag(rest, root) || is_start_tag(rest, root);
            match starts {
                true => Hit::Here,
                false => Hit::No,
            }
        })
    }

    /// The byte behind the end tag of the element that `from` lies in.
    pub(super) fn end_of(&mut self, bytes: &[u8], from: usize, window: Window, tag: Tag) -> Found {
        self.find(bytes, from, window, |rest| {
            match names(rest, 2, b'/', tag) {
                true => Hit::Behind,
                false => Hit::No,
            }
        })
    }

    /// The next start tag of a message or a product, behind whatever begins at `from`.
    pub(super) fn next_root(&mut self, bytes: &[u8], from: usize, window: Window) -> Found {
        let whole = window.end.min(bytes.len()).saturating_sub(from);
        self.first(bytes, from, window, |rest| {
            rest.len() != whole
                && (names_start(rest, Tag::ONIXMessage) || names_start(rest, Tag::Product))
        })
    }

    /// The next message or product inside something else: a product counts if it begins with a
    /// `RecordReference`, as the shops of the world have `product`s of their own.
    pub(super) fn next_wrapped(&mut self, bytes: &[u8], from: usize, window: Window) -> Found {
        self.first(bytes, from, window, |rest| {
            names_start(rest, Tag::ONIXMessage)
                || names_start(rest, Tag::Product) && begins_with_reference(rest)
        })
    }

    /// The next start tag of this element.
    pub(super) fn next_start(
        &mut self,
        bytes: &[u8],
        from: usize,
        window: Window,
        tag: Tag,
    ) -> Found {
        self.first(bytes, from, window, |rest| names_start(rest, tag))
    }

    fn first(
        &mut self,
        bytes: &[u8],
        from: usize,
        window: Window,
        is_it: impl Fn(&[u8]) -> bool,
    ) -> Found {
        self.find(bytes, from, window, |rest| match is_it(rest) {
            true => Hit::Here,
            false => Hit::No,
        })
    }

    /// Looks at every `<` that stands outside comments, CDATA sections and processing instructions.
    fn find(
        &mut self,
        bytes: &[u8],
        from: usize,
        Window { end, last }: Window,
        look: impl Fn(&[u8]) -> Hit,
    ) -> Found {
        let end = end.min(bytes.len());
        let mut at = from;
        let mut open = false;
        loop {
            let step = bytes.get(at..end).and_then(|rest| memchr(b'<', rest));
            let Some(step) = step else {
                return match open {
                    true => Found::Open,
                    false => Found::None,
                };
            };
            at += step;
            let rest = &bytes[at..end];
            match self.skip(bytes, at, end) {
                Skip::To(behind) => {
                    at = behind;
                    continue;
                }
                Skip::Never => open = !last,
                Skip::Nothing => {}
            }
            let found = match look(rest) {
                Hit::Here => Some(at),
                Hit::Behind => Some(memchr(b'>', rest).map_or(end, |length| at + length + 1)),
                Hit::No => None,
            };
            match found {
                // What was found may lie in the open construct.
                Some(_) if open => return Found::Open,
                Some(at) => return Found::At(at),
                None => at += 1,
            }
        }
    }

    /// What stands at this `<`, if it hides markup.
    fn skip(&mut self, bytes: &[u8], at: usize, end: usize) -> Skip {
        let rest = &bytes[at..end];
        let Some(i) = CONSTRUCTS
            .iter()
            .position(|(open, _)| rest.starts_with(open))
        else {
            return Skip::Nothing;
        };
        let (open, close) = CONSTRUCTS[i];
        let content = at + open.len();
        let closed = self.closing[i].from(content, || find(bytes, content, close));
        match closed.filter(|closed| closed + close.len() <= end) {
            None => Skip::Never,
            Some(closed) if self.swallows(bytes, i, content, closed) => Skip::Nothing,
            Some(closed) => Skip::To(closed + close.len()),
        }
    }

    /// Whether a construct was never closed, and the end found is that of another one behind it: in
    /// between stand a product and a second beginning.
    fn swallows(&mut self, bytes: &[u8], i: usize, content: usize, closed: usize) -> bool {
        let open = CONSTRUCTS[i].0;
        let second = self.opening[i].from(content, || find(bytes, content, open));
        let item = self.item;
        second.is_some_and(|second| second < closed)
            && self
                .product
                .from(content, || next_start_of(bytes, content, item))
                .is_some_and(|product| product < closed)
    }

    /// The same of a construct that was read to its end: `at` is where it begins.
    pub(super) fn is_swallowing(bytes: &[u8], at: usize, end: usize) -> bool {
        let construct = CONSTRUCTS
            .iter()
            .find(|(open, _)| bytes[at..end].starts_with(open));
        construct.is_some_and(|(open, _)| {
            let content = &bytes[at + open.len()..end];
            memmem::find(content, open).is_some() && next_product_start(content, 0).is_some()
        })
    }
}

/// What a look at a tag came to.
enum Hit {
    No,
    /// Found, at its `<`.
    Here,
    /// Found, behind its `>`.
    Behind,
}

enum Skip {
    /// No construct, or one that counts as not closed.
    Nothing,
    /// To the byte behind it.
    To(usize),
    /// Nothing closes it.
    Never,
}

fn find(bytes: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    memmem::find(bytes.get(from..)?, needle).map(|at| from + at)
}

/// The next product's start tag, wherever it stands.
pub(super) fn next_product_start(bytes: &[u8], from: usize) -> Option<usize> {
    next_start_of(bytes, from, Tag::Product.name())
}

fn next_start_of(bytes: &[u8], from: usize, item: &str) -> Option<usize> {
    memchr::memchr_iter(b'<', bytes.get(from..)?)
        .map(|at| from + at)
        .find(|at| is_start_tag(&bytes[*at..], item))
}

/// The next tag of a message, or start tag of a product, wherever it stands.
pub(super) fn next_start_anywhere(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr_iter(b'<', bytes.get(from..)?)
        .map(|at| from + at)
        .find(|at| {
            let rest = &bytes[*at..];
            is_product_start(rest)
                || names_start(rest, Tag::ONIXMessage)
                || names(rest, 2, b'/', Tag::ONIXMessage)
        })
}

/// The last product's start tag, wherever it stands.
#[cfg_attr(not(feature = "files"), allow(dead_code, reason = "used by `input`"))]
pub(crate) fn last_product_start(bytes: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(b'<', bytes).find(|at| is_product_start(&bytes[*at..]))
}

/// Whether the first tag behind this one is a `RecordReference`.
fn begins_with_reference(product: &[u8]) -> bool {
    let Some(end) = memchr(b'>', product) else {
        return false;
    };
    let rest = &product[end + 1..];
    let window = Window {
        end: rest.len(),
        last: true,
    };
    let first = Outline::default().first(rest, 0, window, |rest| !rest.starts_with(b"<!"));
    let Found::At(at) = first else {
        return false;
    };
    {
        [Tag::RecordReference.name(), Tag::RecordReference.short()]
            .iter()
            .any(|name| is_named(&rest[at..], 1, b'<', name))
    }
}

/// Whether a product's start tag begins here.
pub(crate) fn is_product_start(bytes: &[u8]) -> bool {
    names_start(bytes, Tag::Product)
}

/// Whether a start tag of this name stands at the start of `bytes`, in any case, with a prefix or
/// without.
pub(crate) fn is_start_tag(bytes: &[u8], name: &str) -> bool {
    is_named(bytes, 1, b'<', name)
}

/// The same of an end tag.
pub(crate) fn is_end_tag(bytes: &[u8], name: &str) -> bool {
    is_named(bytes, 2, b'/', name)
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

    fn next(text: &[u8], from: usize) -> Found {
        find_next(text, from, false)
    }

    fn find_next(text: &[u8], from: usize, last: bool) -> Found {
        let end = text.len();
        Outline::default().next_product(text, from, Window { end, last })
    }

    #[test]
    fn the_next_product_is_found_outside_comments() {
        let text = b"x</p><!-- <Product> --><![CDATA[</Product>]]></ns:PRODUCT> <Product>";
        let Found::At(end) = next(text, 0) else {
            panic!("no product")
        };
        assert_eq!(&text[end..], b" <Product>");
        assert_eq!(next(text, end), Found::At(end + 1));
        assert_eq!(next(b"<ProductForm>", 0), Found::None);
    }

    #[test]
    fn what_never_closes_hides_nothing_at_the_end() {
        let text = b"<!-- <product>";
        assert_eq!(next(text, 0), Found::Open);
        assert_eq!(find_next(text, 0, true), Found::At(5));
    }

    #[test]
    fn a_comment_that_another_one_closes_hides_no_product() {
        assert_eq!(next(b"<!-- a <product> <!-- b -->", 0), Found::At(7));
        assert_eq!(next(b"<!-- a <!-- b --><product>", 0), Found::At(17));
        assert_eq!(next(b"<!-- <product> --><product>", 0), Found::At(18));
    }
}

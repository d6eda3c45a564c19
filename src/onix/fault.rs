//! What can be wrong with an element: faults, which cost it, and oddities, which don't.

use super::limits::Limits;

/// What is said of a comment, a CDATA section or a tag that nothing closes.
pub(super) const UNCLOSED: &str = "a construct that is never closed";

/// Why an element could not be read to its end.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// The byte at which it was seen.
    pub(super) at: usize,
}

#[derive(Debug)]
pub(super) enum FaultKind {
    /// The bytes end inside it.
    Incomplete,
    /// The next product begins inside it.
    NextProduct,
    /// Bytes that aren't UTF-8.
    NotUtf8,
    Malformed(String),
    Limit {
        limit: &'static str,
        value: u64,
    },
}

#[cold]
pub(super) fn mismatched(tag: &[u8], found: &str, at: usize) -> Fault {
    let ends = |b: &u8| matches!(b, b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n');
    let length = tag.iter().position(ends).unwrap_or(tag.len());
    let expected = String::from_utf8_lossy(&tag[..length]);
    Fault {
        kind: FaultKind::Malformed(format!(
            "end tag </{}> where </{}> was expected",
            shortened(found),
            shortened(&expected)
        )),
        at,
    }
}

pub(super) fn malformed(found: &str, at: usize) -> Fault {
    Fault {
        kind: FaultKind::Malformed(found.into()),
        at,
    }
}

pub(super) fn incomplete(at: usize) -> Fault {
    Fault {
        kind: FaultKind::Incomplete,
        at,
    }
}

pub(super) fn doctype(at: usize) -> Fault {
    malformed("a DOCTYPE inside an element", at)
}

/// A `<` where none may stand: the tag before it was never closed.
pub(super) fn inside_tag(at: usize) -> Fault {
    malformed("a `<` inside a tag", at)
}

pub(super) fn too_deep(limits: &Limits, at: usize) -> Fault {
    Fault {
        kind: FaultKind::Limit {
            limit: "max_depth",
            value: limits.max_depth as u64,
        },
        at,
    }
}

/// At most some eighty bytes of a text that comes from the input.
pub(super) fn shortened(text: &str) -> &str {
    match text.char_indices().nth(80) {
        Some((at, _)) => &text[..at],
        None => text,
    }
}

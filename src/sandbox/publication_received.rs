//! A publication that came as the platform's own `xml`: its element as it is, but for the formats that aren't seen.
//!
//! One that is made of records of both formats, or of which not all came together, is made anew by [`publication_xml`](super::publication_xml).

use std::ops::Range;

use super::publication::Seen;
use crate::xml::{PublicationFormat, Record};

/// The element; `None` where what is seen of the publication didn't come as one.
pub(super) fn element(seen: &Seen) -> Option<String> {
    let (first, others) = seen.products.split_first()?;
    let is_whole = seen.removed.is_empty() && others.iter().all(|other| other.came_with(first));
    first.publication(|record| {
        let can_stand = is_whole && stands_alone(record);
        can_stand.then(|| cut(record, seen))
    })?
}

/// Whether it means the same on a page of others: its names have no prefix, and no DOCTYPE declares what stands in it.
fn stands_alone(record: &Record<'_>) -> bool {
    let (doctype, _) = record.message().opening();
    doctype.is_empty() && record.xml().starts_with("<publication")
}

/// The publication without the formats of which the products aren't seen.
fn cut(record: &Record<'_>, seen: &Seen) -> String {
    let xml = record.xml();
    let mut out = String::with_capacity(xml.len());
    let mut from = 0;
    for Range { start, end } in unseen(record, seen) {
        out.push_str(&xml[from..start]);
        from = end;
    }
    out.push_str(&xml[from..]);
    out
}

/// Where the formats stand of which the products aren't seen. One without a key is no product.
fn unseen(record: &Record<'_>, seen: &Seen) -> Vec<Range<usize>> {
    let is_unseen = |format: &PublicationFormat<'_>| {
        let reference = format.record_reference();
        reference.is_some_and(|own| seen.products.iter().all(|one| one.reference != own))
    };
    let formats = record.publication().formats().filter(is_unseen);
    formats.map(|format| format.element().range()).collect()
}

//! One publication's metadata (S4 1.3, CF-ONE).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::feed::metadata;
use super::limits::Counted;
use super::page::Page;
use super::publication::{Seen, publication_of};
use super::service::Wire;
use super::state::{Asked, Outcome, State};
use super::stored::Stored;
use super::words::Refusal;
use crate::catalogue::Kept;
use crate::error::Result;
use crate::model::{Date, Moment, Zone};

/// `GET …/publications/[isbn].[xml|onix]`: the products of the identifier, in `xml` with their whole publication.
pub(super) fn read(state: &mut State, asked: &Asked<'_>) -> Outcome {
    // Of a format that isn't there only the words for a publication that isn't are documented.
    let suffix = asked.route.suffix.as_deref().unwrap_or_default();
    let wire = Wire::of_word(suffix).ok_or_else(|| Refusal::unknown_suffix(&["onix", "xml"]))?;
    state.count(asked.organisation, Counted::One)?;
    let mut page = Page::new(wire);
    for seen in publications(state, asked, wire) {
        page.take(seen, None);
    }
    match page.is_empty() {
        true => Err(state.unknown_publication(asked)),
        false => Ok(metadata(page.write("One publication", state.clock.now()))),
    }
}

/// Products of a catalogue as the platform gives one publication out: as a message of ONIX, or as a page of its own format.
/// `None` where there are none to be given.
///
/// # Errors
/// If the catalogue keeps no records.
pub(crate) fn written(products: &[Kept], is_xml: bool, now: Moment) -> Result<Option<String>> {
    let wire = if is_xml { Wire::Xml } else { Wire::Onix };
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for kept in products {
        let stored = Stored::of(&kept.entry, kept.xml()?.to_owned());
        // In xml there is nothing for libraries.
        let stored = stored.filter(|one| !is_xml || !one.is_library);
        let id = publication_of(&kept.entry.record_reference);
        // When it was created, nobody says: no later than when it was sent.
        let sent = kept
            .sent
            .as_deref()
            .and_then(|sent| Date::parse(sent, None));
        let sent = sent.map_or(now, |sent| sent.start(&Zone::default()));
        let sent = sent.as_unix() * 1000;
        let publication = seen.entry(id).or_insert_with(|| Seen {
            place: (sent, id.to_owned()),
            changed: sent,
            products: Vec::new(),
            removed: Vec::new(),
        });
        publication.place.0 = publication.place.0.min(sent);
        publication.changed = publication.changed.max(sent);
        publication.products.extend(stored.map(Arc::new));
    }
    let mut page = Page::new(wire);
    for seen in seen.into_values() {
        page.take(seen, None);
    }
    let page = Some(page).filter(|page| !page.is_empty());
    Ok(page.map(|page| page.write("One publication", now.as_unix() * 1000)))
}

/// The publications of the identifier, in ONIX without those of their products that don't have it.
fn publications(state: &mut State, asked: &Asked<'_>, wire: Wire) -> Vec<Seen> {
    let publishers = state.organisations[asked.organisation].publishers.clone();
    let mut products = state.stock.products_of(&asked.route.id, &publishers);
    products.retain(|one| wire == Wire::Onix || !one.is_library);
    let references: BTreeSet<&str> = products.iter().map(|one| one.reference.as_str()).collect();
    let ids: BTreeSet<&str> = references.iter().map(|one| publication_of(one)).collect();
    let mut out = Vec::new();
    for id in ids {
        let place = state.stock.place(id);
        let seen = place.and_then(|place| state.stock.seen(&place, &publishers, None));
        out.extend(seen);
    }
    if wire == Wire::Onix {
        for seen in &mut out {
            seen.products
                .retain(|one| references.contains(one.reference.as_str()));
        }
    }
    out
}

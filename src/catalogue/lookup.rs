//! Identifiers by the thousand: what of each is for sale, without a look at its record.

use serde::Serialize;

use super::Snapshot;
use super::kept::FoundBy;
use super::page::HitOffer;
use super::store::{Held, number};
use crate::model::{Account, Format, Moment, Protections, Status, normalised};
use crate::sale::OfferFilter;

/// A product that an identifier leads to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Lookup {
    /// `RecordReference`
    pub record_reference: String,
    /// Who sent it.
    pub source: String,
    /// Its ISBN-13.
    pub isbn13: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its format.
    pub format: Option<Format>,
    /// Its protections.
    pub protections: Protections,
    /// Whether it is for sale in the country and at the moment asked for.
    pub status: Status,
    /// The cheapest offer as asked for.
    pub offer: Option<HitOffer>,
    /// Whose identifier it is; the relations of a related product aren't told.
    pub found_by: FoundBy,
}

impl Snapshot {
    /// The products of an identifier; those that name it as a related product's only where it is nobody's own.
    pub(super) fn lookup(
        &self,
        id: &str,
        filter: &OfferFilter,
        at: Moment,
        account: &Account,
    ) -> Vec<Lookup> {
        let number = number(&normalised(id));
        let mut found_by = FoundBy::Own;
        let mut held: Vec<Held<'_>> = self.state.of_id(number).collect();
        if held.is_empty() {
            held = self.state.of_related(number).collect();
            found_by = FoundBy::Related(Vec::new());
        }
        if held.len() > 1 {
            held.sort_by_key(|held| (held.source(), held.reference()));
        }
        let lookup = |held: Held<'_>| {
            let offers = held.offers()?;
            Some(Lookup {
                record_reference: held.reference().to_owned(),
                source: held.source().to_owned(),
                isbn13: held.part.isbn13(held.n),
                title: held.part.title(held.n).map(str::to_owned),
                format: offers.format(),
                protections: offers.protections(),
                status: offers.status(filter.country, at, account),
                offer: offers.find(filter, at, account).map(HitOffer::from),
                found_by: found_by.clone(),
            })
        };
        held.into_iter().filter_map(lookup).collect()
    }
}

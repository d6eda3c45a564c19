//! Identifiers by the thousand: what of each is for sale, without a look at its record.

use std::sync::Arc;

use serde::Serialize;

use super::Snapshot;
use super::ask::Search;
use super::kept::{FoundBy, Kept};
use super::page::HitOffer;
use super::store::{Held, number};
use crate::error::Result;
use crate::model::{Account, Format, Moment, Protections, Status, normalised};
use crate::sale::OfferFilter;

/// A product that an identifier leads to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
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
    /// Whether a later record of it was set aside.
    pub is_outdated: bool,
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
        let of = |held: Held<'_>| self.of_held(held, &found_by, filter, at, account);
        held.into_iter().filter_map(of).collect()
    }

    fn of_held(
        &self,
        held: Held<'_>,
        found_by: &FoundBy,
        filter: &OfferFilter,
        at: Moment,
        account: &Account,
    ) -> Option<Lookup> {
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
            is_outdated: held.is_outdated(),
        })
    }
}

/// Everything that a search finds, product by product, in the order in which they came.
pub struct Export {
    snapshot: Arc<Snapshot>,
    serials: std::vec::IntoIter<u64>,
    search: Search,
}

impl Export {
    pub(super) fn new(snapshot: Arc<Snapshot>, search: &Search) -> Result<Self> {
        Ok(Self {
            serials: snapshot.matching(search)?.into_iter(),
            search: search.clone(),
            snapshot,
        })
    }

    /// How many products are still to come.
    pub fn remaining(&self) -> usize {
        self.serials.len()
    }
}

impl Iterator for Export {
    type Item = Result<(Kept, Lookup)>;

    fn next(&mut self) -> Option<Self::Item> {
        let serial = self.serials.next()?;
        let Search {
            offer, at, account, ..
        } = &self.search;
        let held = self.snapshot.state.of_serial(serial);
        let product = held.and_then(|held| {
            let own = FoundBy::Own;
            let lookup = self.snapshot.of_held(held, &own, offer, *at, account)?;
            Some(self.snapshot.kept(held).map(|kept| (kept, lookup)))
        });
        Some(product.unwrap_or_else(|| Err(self.snapshot.missing(serial))))
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("remaining", &self.remaining())
            .finish_non_exhaustive()
    }
}

//! What a search answers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ask::Search;
use super::search::{Found, FoundHit, Snapshot};
use super::store::Held;
use crate::error::Result;
use crate::model::{
    Cost, Currency, Date, EntryContributor, EntrySeries, Format, Offer, Protections, Status,
};
use crate::sale::OffersRef;

/// A page of hits.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Page {
    /// How many products there are in all, exactly.
    pub total: u64,
    /// Those of this page.
    pub hits: Vec<Hit>,
    /// What was to be counted, by name.
    pub facets: BTreeMap<String, Vec<FacetCount>>,
    /// What to give as [`after`](Search::after) for the next page; `None` on the last one.
    pub next: Option<String>,
    /// What may have been meant.
    pub did_you_mean: Option<String>,
    /// Whether no product has all the words: these have as many of them as any.
    pub incomplete: bool,
}

/// How many products have a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FacetCount {
    /// The value.
    pub value: String,
    /// What it means, where that is another text.
    pub label: Option<String>,
    /// How many.
    pub count: u64,
}

/// A product that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Hit {
    /// `RecordReference`
    pub record_reference: String,
    /// Who sent it.
    pub source: String,
    /// Its ISBN-13.
    pub isbn13: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its subtitle.
    pub subtitle: Option<String>,
    /// Series and sets it belongs to.
    pub series: Vec<EntrySeries>,
    /// Who made it.
    pub contributors: Vec<EntryContributor>,
    /// The publisher's name.
    pub publisher: Option<String>,
    /// Language of its text.
    pub language: Option<String>,
    /// Its format.
    pub format: Option<Format>,
    /// Its protections.
    pub protections: Protections,
    /// When it was or will be published.
    pub published: Option<Date>,
    /// The address of its cover.
    pub cover: Option<String>,
    /// Whether it is for sale in the country and at the moment of the search.
    pub status: Status,
    /// The cheapest offer that satisfies the search.
    pub offer: Option<HitOffer>,
    /// How well it matches; 0 where no words were given.
    pub score: f32,
    /// Where the words were found: names of fields, `identifier`, or `related` where a related
    /// product's identifier led to it.
    pub matched: Vec<&'static str>,
    /// Its texts with the words marked, if that was asked for.
    pub highlights: Vec<Highlight>,
    /// The other products of its work that were found, if they are grouped.
    pub work: Vec<WorkMember>,
}

/// A text of a hit in which words were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Highlight {
    /// The field: a name as in [`matched`](Hit::matched).
    pub field: &'static str,
    /// HTML: the text, or the part of it around the words, escaped, each word in `<mark>`.
    pub text: String,
}

/// Another product of a work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct WorkMember {
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
}

impl WorkMember {
    pub(super) fn of(held: Held<'_>) -> Option<Self> {
        let offers = held.offers()?;
        Some(Self {
            record_reference: held.reference().to_owned(),
            source: held.source().to_owned(),
            isbn13: held.part.isbn13(held.n),
            title: held.part.title(held.n).map(str::to_owned),
            format: offers.format(),
            protections: offers.protections(),
        })
    }
}

/// The offer of a hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct HitOffer {
    /// `PriceType`
    pub price_type: Option<String>,
    /// `CurrencyCode`
    pub currency: Option<Currency>,
    /// `PriceAmount` as written.
    pub amount: Option<String>,
    /// The amount in minor units.
    #[cfg_attr(feature = "server", schema(value_type = Option<u64>))]
    pub cost: Option<Cost>,
    /// Protections of the product, or of the price.
    pub protections: Protections,
    /// The price counts from here.
    pub from: Option<Date>,
    /// The price counts up to the end of this.
    pub until: Option<Date>,
}

impl From<Offer> for HitOffer {
    fn from(offer: Offer) -> Self {
        Self {
            price_type: offer.price_type,
            currency: offer.currency,
            amount: offer.amount,
            cost: offer.cost,
            protections: offer.protections,
            from: offer.from,
            until: offer.until,
        }
    }
}

impl Page {
    pub(super) fn of(found: Found, snapshot: &Snapshot, search: &Search) -> Result<Self> {
        let hits = found.hits.into_iter().map(|hit| {
            let offers = snapshot.offers(hit.serial)?;
            let others = hit
                .others
                .iter()
                .filter_map(|serial| snapshot.state.of_serial(*serial));
            let work = others.filter_map(WorkMember::of).collect();
            Ok(Hit::of(hit, work, offers, search))
        });
        Ok(Self {
            total: found.total,
            hits: hits.collect::<Result<_>>()?,
            facets: found.facets,
            next: found.next,
            did_you_mean: found.did_you_mean,
            incomplete: found.is_incomplete,
        })
    }
}

impl Hit {
    pub(super) fn of(
        hit: FoundHit,
        work: Vec<WorkMember>,
        offers: OffersRef<'_>,
        search: &Search,
    ) -> Self {
        let (at, account) = (search.at, &search.account);
        let entry = hit.entry;
        Self {
            record_reference: entry.record_reference,
            source: hit.source,
            isbn13: entry.isbn13,
            title: entry.title,
            subtitle: entry.subtitle,
            series: entry.series,
            contributors: entry.contributors,
            publisher: entry.publisher,
            language: entry.language,
            format: entry.format,
            protections: entry.protections,
            published: entry.published,
            cover: entry.cover,
            status: offers.status(search.offer.country, at, account),
            offer: offers.find(&search.offer, at, account).map(HitOffer::from),
            score: hit.score,
            matched: hit.matched,
            highlights: hit.highlights,
            work,
        }
    }
}

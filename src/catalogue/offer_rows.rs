//! Every price of a product, resolved, and what may be done with it at a moment: the rows of `onix offers`.

use serde::Serialize;

use super::Kept;
use crate::model::{
    Account, Code, Country, Coverage, Judgement, Kind, Moment, Offer, Reason, SaleRequest, Status,
};
use crate::onix::LicenceTerms;
use crate::sale::{self, OfferFilter, Offers, sentence};

/// An offer, whose it is, and what may be done with it at the moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct OfferRow {
    /// Whose.
    pub record_reference: String,
    /// Who sent it.
    pub source: String,
    /// Its ISBN-13.
    pub isbn13: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// The offer.
    #[serde(flatten)]
    pub offer: Offer,
    /// What may be done with it at the moment.
    pub status: Status,
    /// What the platform would answer to a sale, where it wouldn't take one at this price, were it the only one.
    pub codes: Vec<Code>,
    /// Why, in words.
    pub why: String,
    /// The reasons that it was told from.
    #[serde(skip)]
    pub reasons: Vec<Reason>,
    /// The terms of a licence, of an offer to libraries.
    #[serde(flatten)]
    pub licence: LicenceTerms,
}

impl Kept {
    /// A row for each of its offers in this country, currency and price type, as far as they are given: what the offer is
    /// good for at a moment, and why not for a sale.
    pub fn offer_rows(
        &self,
        offers: &Offers,
        filter: &OfferFilter,
        at: Moment,
        account: &Account,
    ) -> Vec<OfferRow> {
        self.judged_offers(offers, filter, at, account).collect()
    }

    /// The same one after the other; each is judged as if the record had no other price.
    pub(crate) fn judged_offers<'a>(
        &'a self,
        offers: &'a Offers,
        filter: &'a OfferFilter,
        at: Moment,
        account: &'a Account,
    ) -> impl Iterator<Item = OfferRow> + 'a {
        rows(self, offers, filter, at, account)
    }
}

fn rows<'a>(
    kept: &'a Kept,
    offers: &'a Offers,
    args: &'a OfferFilter,
    at: Moment,
    account: &'a Account,
) -> impl Iterator<Item = OfferRow> + 'a {
    let is_asked = move |offer: &Offer| {
        let in_country = |country| offer.countries.coverage(country) != Coverage::Out;
        let type_matches = args.price_type.is_none() || args.price_type == offer.price_type;
        args.country.is_none_or(in_country)
            && args
                .currency
                .is_none_or(|currency| offer.currency == Some(currency))
            && type_matches
    };
    let terms = kept.licence_terms().unwrap_or_default();
    let licence = move |byte: u64| {
        let terms = terms.iter().find(|(of, _)| *of == byte);
        terms.map(|(_, terms)| terms.clone()).unwrap_or_default()
    };
    offers.price_by_price().filter_map(move |alone| {
        let offer = alone.rows(account).pop().filter(is_asked)?;
        let (status, codes, why, reasons) = judged(kept, &alone, &offer, args.country, at, account);
        Some(OfferRow {
            record_reference: kept.entry.record_reference.clone(),
            source: kept.source.clone(),
            isbn13: kept.entry.isbn13.clone(),
            title: kept.entry.title.clone(),
            licence: licence(offer.byte),
            offer,
            status,
            codes,
            why,
            reasons,
        })
    })
}

/// What a check of exactly this offer comes to, which is the only one of these: another of the same cost, in force
/// now or of another supplier, is none of its own.
fn judged(
    kept: &Kept,
    alone: &Offers,
    offer: &Offer,
    country: Option<Country>,
    at: Moment,
    account: &Account,
) -> (Status, Vec<Code>, String, Vec<Reason>) {
    let id = &kept.entry.record_reference;
    let Some(request) = simulation(id, offer, country, account, at) else {
        let why = match offer.cost {
            None => "the price can't be read, or there is none",
            Some(_) => "no country is covered for certain",
        };
        return (Status::Unknown, Vec::new(), why.to_owned(), Vec::new());
    };
    let verdict = sale::check(&request, &[alone], account);
    let why: Vec<String> = verdict.reasons.iter().map(sentence).collect();
    let status = match verdict.verdict {
        Judgement::Valid => return (Status::Sale, Vec::new(), String::new(), Vec::new()),
        Judgement::Unknown => Status::Unknown,
        Judgement::Refused => {
            let preorder = SaleRequest {
                kind: Kind::Preorder,
                for_format: request.format.clone(),
                ..request
            };
            let preorder = sale::check(&preorder, &[alone], account);
            let is_over = offer
                .until
                .is_some_and(|until| until.end(&account.zone) <= at);
            match alone.status(country, at, account) {
                _ if preorder.verdict == Judgement::Valid => Status::Preorder,
                Status::Later if !is_over => Status::Later,
                _ => Status::No,
            }
        }
    };
    (status, verdict.codes, why.join("; "), verdict.reasons)
}

/// The simulation of a sale at an offer, by a customer who stands for any.
pub(crate) fn simulation(
    id: &str,
    offer: &Offer,
    country: Option<Country>,
    account: &Account,
    at: Moment,
) -> Option<SaleRequest> {
    let request = SaleRequest::of_offer(id, offer, country, account, at)?;
    Some(
        request
            .with("customer_id", "customer-1")
            .with("transaction_id", "order-1"),
    )
}

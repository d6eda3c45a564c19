//! The prices of a product, roughly: what has no term that an offer would have needn't be looked at.
//!
//! A term is `currency band type`; a band is a letter for how much it is, in the currency's own unit.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use tantivy::SegmentReader;

use super::bits::Bits;
use super::clause_docs::insert_all;
use super::expand::each_from;
use super::fault::{failed, failed_io};
use super::fields;
use crate::catalogue::ask::Search;
use crate::error::Result;
use crate::model::{Cost, Currency, MinorUnits};
use crate::sale::{OfferFilter, Offers, PriceKey};

/// Good for any currency and type.
const FREE: &str = "free";
/// In the place of a currency that there isn't, and of a type that the account says.
const NO_CURRENCY: &str = "---";
const ANY_TYPE: &str = "--";

/// Where bands begin, in the currency's own unit.
const BANDS: [u64; 20] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 60, 100, 200,
];

/// The terms of a product's prices.
pub(super) fn terms(offers: &Offers) -> BTreeSet<String> {
    let term = |priced: PriceKey<'_>| match priced {
        PriceKey::Free => FREE.to_owned(),
        PriceKey::At {
            currency,
            price_type,
            cost,
        } => {
            let band = letter(band(cost, unit(currency, &MinorUnits::default())));
            let currency = currency.as_ref().map_or(NO_CURRENCY, Currency::as_str);
            let price_type = price_type.map_or(ANY_TYPE.to_owned(), str::to_ascii_uppercase);
            format!("{currency}{band}{price_type}")
        }
    };
    offers.priced().map(term).collect()
}

/// How many of the minor unit the currency's own is.
fn unit(currency: Option<Currency>, units: &MinorUnits) -> u64 {
    let exponent = currency.and_then(|currency| units.exponent(currency));
    10_u64.pow(u32::from(exponent.unwrap_or(2)))
}

fn band(cost: Cost, unit: u64) -> usize {
    let whole = cost / unit;
    BANDS.iter().rposition(|band| *band <= whole).unwrap_or(0)
}

fn letter(band: usize) -> char {
    char::from(b'a' + u8::try_from(band).unwrap_or(0))
}

/// The products of a segment that may have an offer as asked for; `None` where any may.
pub(super) fn candidates(segment: &SegmentReader, search: &Search) -> Result<Option<Bits>> {
    let filter = &search.offer;
    if filter.currency.is_none() && filter.price_type.is_none() {
        return Ok(None);
    }
    let index = segment
        .inverted_index(fields::PRICED)
        .map_err(failed("looking for prices"))?;
    let mut bits = Bits::none(segment.max_doc());
    let mut infos = Vec::new();
    each_from(&index, b"", |term, info| {
        if std::str::from_utf8(term).is_ok_and(|term| may_be(term, filter, search)) {
            infos.push(info.clone());
        }
        ControlFlow::Continue(())
    })?;
    insert_all(&mut bits, &index, infos.iter()).map_err(failed_io("looking for prices"))?;
    Ok(Some(bits))
}

/// Whether an offer that the filter asks for may have this term.
fn may_be(term: &str, filter: &OfferFilter, search: &Search) -> bool {
    if term == FREE {
        return true;
    }
    let Some((currency, rest)) = term.split_at_checked(3) else {
        return true;
    };
    let Some((band, price_type)) = rest.split_at_checked(1) else {
        return true;
    };
    let units = &search.account.minor_units;
    // With other exponents than the platform's the same amount is another cost.
    let is_by_default = *units == MinorUnits::default();
    let unit = unit(filter.currency, units);
    let has = |cost: Option<Cost>| cost.map(|cost| letter(self::band(cost, unit)).to_string());
    let is_of_type =
        |asked: &String| price_type == ANY_TYPE || price_type.eq_ignore_ascii_case(asked);
    filter
        .currency
        .is_none_or(|asked| currency == asked.as_str())
        && filter.price_type.as_ref().is_none_or(is_of_type)
        && (!is_by_default
            || has(filter.min_cost).is_none_or(|least| band >= least.as_str())
                && has(filter.max_cost).is_none_or(|most| band <= most.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_that_an_offer_may_have() {
        let search = Search::default();
        let filter = OfferFilter {
            currency: Currency::parse("EUR"),
            price_type: Some("04".into()),
            min_cost: Some(100),
            max_cost: Some(999),
            ..OfferFilter::default()
        };
        let of = |cost: Cost| letter(band(cost, 100));
        for (cost, is_asked) in [
            (0, false),
            (99, false),
            (100, true),
            (999, true),
            (1000, false),
        ] {
            let term = format!("EUR{}04", of(cost));
            assert_eq!(may_be(&term, &filter, &search), is_asked, "{term}");
        }
        assert!(may_be("EURb--", &filter, &search) && may_be(FREE, &filter, &search));
        assert!(!may_be("USDb04", &filter, &search) && !may_be("EURb01", &filter, &search));
    }
}

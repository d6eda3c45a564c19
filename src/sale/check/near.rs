//! Offers that would be taken where the one asked for isn't: tried, not guessed.

use crate::model::{Accepted, Coverage, Currency, Judgement, Kind, Near, Offer, SaleRequest};

use super::super::offers_ref::OffersRef;
use super::{Check, present};

/// How many offers an answer names at most.
const MAX_NEAR: usize = 5;
/// How many are tried at most.
const MAX_TRIED: usize = 64;

impl Check<'_> {
    /// Offers of the country that a request for them would be valid for, the nearest first.
    pub(super) fn near(&self, records: &[OffersRef<'_>]) -> Vec<Near> {
        let of_kind = self.request.kind != Kind::Preorder;
        let Some(country) = self.asked.country.filter(|_| of_kind) else {
            return Vec::new();
        };
        let mut out: Vec<Near> = records
            .iter()
            .flat_map(|record| {
                record.sellers().flat_map(move |seller| {
                    let here = seller.prices.iter().filter(move |row| {
                        row.price.counts() && row.price.coverage(Some(country)) == Coverage::In
                    });
                    here.map(move |row| record.row(&seller, &row, self.account))
                })
            })
            .take(MAX_TRIED)
            .filter_map(|row| self.near_row(records, row))
            .collect();
        out.sort_by_key(|near| (near.differs.contains(&"at"), near.differs.len()));
        out.dedup_by(|a, b| a.offer == b.offer);
        out.truncate(MAX_NEAR);
        out
    }

    /// The row as a request of its own, at its own moment: is it taken?
    fn near_row(&self, records: &[OffersRef<'_>], row: Offer) -> Option<Near> {
        let (mut request, mut differs) = self.request_for(&row)?;
        if let Some(id) = self.other {
            request.id = id.to_owned();
            differs.insert(0, "id");
        }
        if differs.is_empty() {
            return None;
        }
        let verdict = Check::new(&request, self.account, false).verdict(records);
        (verdict.verdict == Judgement::Valid).then_some(Near {
            id: self.other.map(str::to_owned),
            differs,
            offer: row,
        })
    }

    /// The request for this offer that is nearest to the one that was made, and what differs.
    fn request_for(&self, row: &Offer) -> Option<(SaleRequest, Vec<&'static str>)> {
        let mut request = self.request.clone();
        let mut differs = Vec::new();
        let mut set = |name, to: &mut Option<String>, value: String| {
            if present(to) != Some(&value) {
                *to = Some(value);
                differs.push(name);
            }
        };
        if self.asked.format.is_none() || self.asked.format != row.format {
            set("format", &mut request.format, row.format?.to_string());
        }
        let keeps = self.asked.protection.is_some_and(|asked| {
            row.protections.accept(asked, self.asked.drm_type) == Accepted::Yes
        });
        if !keeps {
            let word = *row.protections.words().first()?;
            set("protection", &mut request.protection, word.into());
        }
        set("cost", &mut request.cost, row.cost?.to_string());
        if let Some(currency) = row.currency.filter(|one| self.asked.currency != Some(*one)) {
            let currency: Currency = currency;
            set("currency", &mut request.currency, currency.to_string());
        }
        if let Some(price_type) = &row.price_type {
            set("price_type", &mut request.price_type, price_type.clone());
        }
        let from = row.from.map(|from| from.start(&self.account.zone));
        if let Some(from) = from.filter(|from| *from > request.at) {
            request.at = from;
            differs.push("at");
        }
        Some((request, differs))
    }
}

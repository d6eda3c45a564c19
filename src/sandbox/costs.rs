//! The offers of a product as the platform's `xml` has them: a cost for each country and currency.
//!
//! That format has neither price types nor territories nor ends: of several prices for one country, currency and beginning the first
//! whose amount has its taxes in it stays, else the first.

use std::collections::BTreeMap;

use super::clock::extended;
use super::markup::Markup;
use crate::model::{Account, Moment, Offer, Zone};
use crate::sale::{Dated, Offers, Role, includes_tax};

/// What a cost is for; of each there is one.
type Key = (&'static str, String, Option<Moment>);

/// An amount in the currency's minor unit, and whether its taxes are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Amount {
    cost: u64,
    is_taxed: bool,
}

/// Writes every cost that holds at a moment or later.
pub(super) fn write(out: &mut Markup, offers: &Offers, at: Moment) {
    let costs: Vec<(Key, Amount)> = costs(offers, at).into_iter().collect();
    out.list("costs", &costs, |out, (key, amount)| {
        cost(out, key, *amount)
    });
}

fn costs(offers: &Offers, at: Moment) -> BTreeMap<Key, Amount> {
    let mut out = BTreeMap::new();
    for offer in offers.rows(&account()) {
        let Some((currency, amount)) = amount(&offer, at) else {
            continue;
        };
        for country in offer.countries.countries() {
            let from = offer.from.map(|from| from.start(&Zone::default()));
            let key = (country.alpha3(), currency.clone(), from);
            let known = out.entry(key).or_insert(amount);
            if amount.is_taxed && !known.is_taxed {
                *known = amount;
            }
        }
    }
    out
}

/// One that says of offers without a price type what they say of their taxes.
fn account() -> Account {
    Account {
        xml_price_type: Some("02".to_owned()),
        ..Account::default()
    }
}

/// What an offer costs; `None` where it is over, or has no amount.
fn amount(offer: &Offer, at: Moment) -> Option<(String, Amount)> {
    let is_over = offer
        .until
        .is_some_and(|until| until.end(&Zone::default()) <= at);
    let currency = offer.currency?.as_str().to_lowercase();
    let amount = Amount {
        cost: offer.cost?,
        is_taxed: offer.price_type.as_deref().is_some_and(includes_tax),
    };
    (!is_over).then_some((currency, amount))
}

fn cost(out: &mut Markup, (country, currency, from): &Key, amount: Amount) {
    out.open("cost");
    out.text("country", &country.to_lowercase());
    out.text("currency", currency);
    out.text("amount", &amount.cost.to_string());
    let from = from.map(|from| extended(from.as_unix() * 1000));
    out.optional("amount_effective_at", from.as_deref());
    let taxes = match amount.is_taxed {
        true => "included",
        false => "excluded",
    };
    out.text("amount_taxes", taxes);
    out.close("cost");
}

/// When a sale may begin, as far as dates say so: the latest of them.
pub(super) fn start_of_sale(offers: &Offers) -> Option<Moment> {
    let suppliers = offers.suppliers().flat_map(|supplier| &supplier.dates);
    let markets = offers.supplies.iter().flat_map(|supply| &supply.dates);
    let dates = offers
        .publishing_dates
        .iter()
        .chain(markets)
        .chain(suppliers);
    let starts = dates.filter_map(|date| match (date.role, date.date?) {
        (Role::Embargo, Dated::Here(date)) => Some(date.start(&Zone::default())),
        _ => None,
    });
    starts.max()
}

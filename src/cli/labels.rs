//! Values as people read them: codes with their labels, prices, protections.

use std::fmt::Display;

use crate::catalogue::HitOffer;
use crate::model::{Offer, Protections};
use crate::onix::{LicenceTerms, codes};

/// `Author (A01)`; the code alone where the list doesn't have it.
pub(crate) fn labelled(list: u16, value: &str) -> String {
    match codes::label(list, value) {
        Some(label) => format!("{label} ({value})"),
        None => value.to_owned(),
    }
}

/// Several of one list.
pub(crate) fn all(list: u16, values: &[String]) -> String {
    let labels: Vec<String> = values.iter().map(|value| labelled(list, value)).collect();
    labels.join(", ")
}

pub(crate) fn protections(protections: Protections) -> String {
    match protections.words().as_slice() {
        [] => "?".into(),
        words => words.join(" "),
    }
}

/// The amount as written and its currency.
pub(crate) fn price(offer: &Offer) -> String {
    match (&offer.amount, offer.currency, &offer.unpriced) {
        (Some(amount), Some(currency), _) => format!("{amount} {currency}"),
        (Some(amount), None, _) => amount.clone(),
        (None, _, Some(unpriced)) => labelled(57, unpriced),
        (None, _, None) => "–".into(),
    }
}

pub(crate) fn or_dash(value: &Option<impl Display>) -> String {
    match value {
        Some(value) => value.to_string(),
        None => "…".into(),
    }
}

/// The offer of a hit as people read it.
pub(crate) fn hit_price(offer: Option<&HitOffer>) -> String {
    let text = |offer: &HitOffer| {
        let currency = offer.currency.map(|currency| currency.to_string());
        let amount = offer.amount.clone().unwrap_or_default();
        format!("{amount} {}", currency.unwrap_or_default())
    };
    offer.map(text).unwrap_or_default()
}

/// Loans, duration and users of a licence, in a few words.
pub(crate) fn licence(terms: &LicenceTerms) -> String {
    let of = |text: &Option<String>, word: &str| text.as_ref().map(|text| format!("{text}{word}"));
    let texts = [
        of(&terms.loans, " loans"),
        of(&terms.duration, ""),
        of(&terms.simultaneous_users, " at a time"),
    ];
    let texts: Vec<String> = texts.into_iter().flatten().collect();
    texts.join(", ")
}

/// Usage constraints in codes: `16 02 26x10`.
pub(crate) fn usage(terms: &LicenceTerms) -> String {
    let constraints = terms.usage_constraints.iter().map(|one| {
        let limits = one.limits.iter().map(|(n, unit)| format!(" {n}x{unit}"));
        let status = one.status.as_deref().unwrap_or("?");
        format!("{} {status}{}", one.usage_type, limits.collect::<String>())
    });
    constraints.collect::<Vec<_>>().join("; ")
}

/// The columns of an offer of a hit, and what stands in them.
pub(crate) const HIT_COLUMNS: [&str; 6] =
    ["price_type", "currency", "amount", "cost", "from", "until"];

pub(crate) fn hit_cells(offer: Option<&HitOffer>) -> [String; 6] {
    let cells = |offer: &HitOffer| {
        [
            offer.price_type.clone(),
            offer.currency.map(|one| one.to_string()),
            offer.amount.clone(),
            offer.cost.map(|cost| cost.to_string()),
            offer.from.map(|date| date.to_string()),
            offer.until.map(|date| date.to_string()),
        ]
    };
    offer
        .map(cells)
        .unwrap_or_default()
        .map(Option::unwrap_or_default)
}

//! Values as people read them: codes with their labels, prices, protections.

use std::fmt::Display;

use crate::model::{Offer, Protections};
use crate::onix::codes;

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

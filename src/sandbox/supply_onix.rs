//! The `ProductSupply` of a product that is made of the platform's own `xml`: one market, one supplier, a `Price` for each cost.
//!
//! What a check of a sale without a price type comes to is the same as for the `xml`. That format has no price types: an amount with its
//! taxes in it, and one of which that isn't told, is a price of type 02, and one without them of type 01. A cost of which currency, country
//! or amount can't be read is left out: nothing can be sold at it.
//!
//! Some verdicts are firmer than those of the `xml`, which leaves open what ONIX can't: a `drm` is LCP here; a file that is called limited in
//! time can't be had with the plain word; what has no start of sale, or wasn't said to be created, can't be preordered; and of two amounts
//! for one time neither is a price.

use std::borrow::Cow;

use super::clock::basic;
use super::markup::Markup;
use crate::model::{Country, Currency, Date, MinorUnits};
use crate::sale::{Availability, Effect, Offers, Price, Supplier, Taxes};
use crate::xml::{Cost, PublicationFormat};

/// A date as ONIX writes it.
pub(super) enum DateText<'t> {
    Day(String),
    Instant(String),
    /// No date of ONIX; as it was written.
    Unread(Cow<'t, str>),
}

impl<'t> DateText<'t> {
    /// Months and what is no date stay as they are: nobody knows the day.
    pub(super) fn of_text(text: &'t str) -> Self {
        let date = Date::parse(text, None).filter(|date| !date.is_longer_than_a_day());
        match date {
            Some(date) => DateText::first(date),
            None => DateText::Unread(text.into()),
        }
    }
}

impl DateText<'static> {
    /// Its day, or its first second.
    fn first(date: Date) -> Self {
        let (start, _, is_floating) = date.parts();
        Self::day_or(date, start, is_floating)
    }

    /// Its day, or its last second.
    fn last(date: Date) -> Self {
        let (_, end, is_floating) = date.parts();
        Self::day_or(date, end - 1, is_floating)
    }

    fn day_or(date: Date, second: i64, is_floating: bool) -> Self {
        let text = basic(second.saturating_mul(1000));
        match (date.as_day(), is_floating) {
            (Some(_), _) => DateText::Day(text.chars().take(8).collect()),
            // The wall clock of a zone that nobody told.
            (None, true) => DateText::Instant(text.trim_end_matches('Z').to_owned()),
            (None, false) => DateText::Instant(text),
        }
    }
}

impl DateText<'_> {
    pub(super) fn write(&self, out: &mut Markup) {
        match self {
            DateText::Day(text) => out.text("Date", text),
            // List 55
            DateText::Instant(text) => out.text_with("Date", "dateformat=\"14\"", text),
            DateText::Unread(text) => out.text("Date", text),
        }
    }
}

/// `PublishingDate`s that a sale depends on, by their roles (list 163): an embargo where the supply can't tell it, and when the product was
/// announced, from which on it may be preordered.
pub(super) fn publishing_dates<'a>(
    format: PublicationFormat<'a>,
    offers: &Offers,
) -> Vec<(&'static str, Cow<'a, str>)> {
    let start = format.start_sale_at();
    let created = format.publication().created_at();
    match availability(offers) {
        Some(Availability::By(Effect::CannotSell)) => start.map(|start| ("02", start)),
        Some(Availability::Preorder) if is_online(offers) => created.map(|at| ("09", at)),
        _ => None,
    }
    .into_iter()
    .collect()
}

fn supplier(offers: &Offers) -> Option<&Supplier> {
    offers.suppliers().next()
}

fn availability(offers: &Offers) -> Option<Availability> {
    let (availability, _) = supplier(offers)?.availability.as_ref()?;
    Some(*availability)
}

fn is_online(offers: &Offers) -> bool {
    offers.publication_state.0 == Effect::Fine
}

/// Group P.26, with the platform as its only supplier.
pub(super) fn write(out: &mut Markup, format: PublicationFormat<'_>, offers: &Offers) {
    let prices = supplier(offers).map_or(&[][..], |supplier| &supplier.prices);
    let costs: Vec<(Cost<'_>, &Price)> = format.costs().zip(prices).collect();
    out.open("ProductSupply");
    market(out, &costs);
    out.open("SupplyDetail");
    out.open("Supplier");
    out.text("SupplierRole", "00");
    out.text("SupplierName", super::page::SENDER);
    out.close("Supplier");
    availability_and_start(out, format, offers);
    for (cost, row) in &costs {
        price(out, *cost, row, offers.protections.is_limited());
    }
    out.close("SupplyDetail");
    out.close("ProductSupply");
}

/// `ProductAvailability`, and the start of sale as an embargo (list 166: 02). That of a format which is only shown is the publisher's:
/// beside 40 it would say here that it is soon for sale.
fn availability_and_start(out: &mut Markup, format: PublicationFormat<'_>, offers: &Offers) {
    let start = format.start_sale_at();
    let code = product_availability(offers, start.is_some());
    out.text("ProductAvailability", code);
    let is_shown = availability(offers) == Some(Availability::By(Effect::CannotSell));
    let Some(start) = start.as_deref().filter(|_| !is_shown) else {
        return;
    };
    out.open("SupplyDate");
    out.text("SupplyDateRole", "02");
    DateText::of_text(start).write(out);
    out.close("SupplyDate");
}

/// `ProductAvailability` (list 65) for the platform's state of the format: 20 is sold, 40 isn't, or not before a date, 10 isn't yet, and
/// of 99 nobody knows.
fn product_availability(offers: &Offers, has_start: bool) -> &'static str {
    match availability(offers) {
        Some(Availability::By(Effect::Fine)) if is_online(offers) => "20",
        Some(Availability::By(Effect::CannotSell)) => "40",
        Some(Availability::Preorder) if has_start => "40",
        Some(Availability::Preorder) => "10",
        _ => "99",
    }
}

/// The countries that have a cost. Without any it isn't told where it is sold: an empty territory says so.
fn market(out: &mut Markup, costs: &[(Cost<'_>, &Price)]) {
    let mut codes: Vec<&str> = costs
        .iter()
        .filter_map(|(cost, _)| country(*cost))
        .collect();
    codes.sort_unstable();
    codes.dedup();
    out.open("Market");
    territory(out, &codes);
    out.close("Market");
}

fn territory(out: &mut Markup, countries: &[&str]) {
    out.open("Territory");
    if !countries.is_empty() {
        out.text("CountriesIncluded", &countries.join(" "));
    }
    out.close("Territory");
}

/// The country of a cost, in two letters.
fn country(cost: Cost<'_>) -> Option<&'static str> {
    cost.country()
        .and_then(|code| Country::parse(&code))
        .map(Country::alpha2)
}

/// A consumer's price (list 59: 05); where the licence ends, for such a licence alone.
fn price(out: &mut Markup, cost: Cost<'_>, price: &Price, is_limited: bool) {
    let (Some((amount, currency)), Some(country)) = (amount(price), country(cost)) else {
        return;
    };
    out.open("Price");
    out.text("PriceType", price_type(price.taxes));
    out.text("PriceQualifier", "05");
    if is_limited {
        time_limit(out);
    }
    out.text("PriceAmount", &amount);
    out.text("CurrencyCode", currency.as_str());
    territory(out, &[country]);
    price_dates(out, price);
    out.close("Price");
}

/// `PriceAmount` and its currency.
fn amount(price: &Price) -> Option<(String, Currency)> {
    let currency = price.currency?;
    let amount = MinorUnits::default().amount(price.default_cost()?, currency)?;
    Some((amount, currency))
}

/// List 230: 07 is a licence limited in time. How long it is nobody says.
fn time_limit(out: &mut Markup) {
    out.open("PriceConstraint");
    out.text("PriceConstraintType", "07");
    out.text("PriceConstraintStatus", "02");
    out.close("PriceConstraint");
}

/// List 58
fn price_type(taxes: Taxes) -> &'static str {
    match taxes {
        Taxes::Excluded => "01",
        Taxes::Unstated | Taxes::Included | Taxes::Unknown => "02",
    }
}

/// From when on and until when a price counts (list 173: 14, 15). Where that can't be told, a date that can't be read says so.
fn price_dates(out: &mut Markup, price: &Price) {
    let from = match price.unreadable_date {
        true => Some(DateText::Unread("".into())),
        false => price.from.map(DateText::first),
    };
    let until = price.until.filter(|_| !price.unreadable_date);
    for (role, date) in [("14", from), ("15", until.map(DateText::last))] {
        let Some(date) = date else { continue };
        out.open("PriceDate");
        out.text("PriceDateRole", role);
        date.write(out);
        out.close("PriceDate");
    }
}

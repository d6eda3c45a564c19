//! What may be sold where, when and at what price: one row.

use super::format::Format;
use super::moment::Date;
use super::money::{Cost, Currency};
use super::protection::Protections;
use super::territory::Territory;

/// Whether something is for sale at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Status {
    /// It can be sold.
    Sale,
    /// It can be preordered.
    Preorder,
    /// Not yet: a date has to come first.
    Later,
    /// It can't.
    No,
    /// Something that decides isn't known.
    Unknown,
}

impl Status {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Sale => "sale",
            Status::Preorder => "preorder",
            Status::Later => "later",
            Status::No => "no",
            Status::Unknown => "unknown",
        }
    }

    /// The most useful first.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Status::Sale => 0,
            Status::Preorder => 1,
            Status::Later => 2,
            Status::Unknown => 3,
            Status::No => 4,
        }
    }
}

/// A price of a product in a market, resolved: everything a sale at this price depends on, but the
/// product's own state.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Offer {
    /// The product's format.
    pub format: Option<Format>,
    /// The product's protections, or the price's own.
    pub protections: Protections,
    /// Where it may be sold at this price: market, sales rights and the price's territory.
    pub countries: Territory,
    /// `CurrencyCode`, or the Header's default.
    pub currency: Option<Currency>,
    /// `PriceType`, or the Header's default; in the `xml` format, which has none, what the account
    /// says of it.
    pub price_type: Option<String>,
    /// `PriceAmount` as written; in the `xml` format the `amount`, as decimal text like that.
    pub amount: Option<String>,
    /// The amount in minor units; absent where it can't be read.
    #[cfg_attr(feature = "server", schema(value_type = Option<u64>))]
    pub cost: Option<Cost>,
    /// The price counts from here (`PriceDate` 14).
    pub from: Option<Date>,
    /// The price counts up to the end of this (`PriceDate` 15).
    pub until: Option<Date>,
    /// `PriceQualifier`
    pub qualifier: Option<String>,
    /// `PriceStatus`
    pub price_status: Option<String>,
    /// `UnpricedItemType`
    pub unpriced: Option<String>,
    /// The tax rate stated, in per cent, as written.
    pub tax_rate: Option<String>,
    /// The cost without taxes, where the record states a rate or the taxed amount.
    #[cfg_attr(feature = "server", schema(value_type = Option<u64>))]
    pub cost_without_taxes: Option<Cost>,
    /// The supplier's name.
    pub supplier: Option<String>,
    /// The number of its `ProductSupply`, from 0.
    pub market: usize,
    /// The byte at which the price stands in its input.
    pub byte: u64,
}

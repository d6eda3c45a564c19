//! What a product says that a sale depends on, and what may be sold of it.

use std::sync::Arc;

use crate::model::{Accepted, Account, Date, Format, Offer, Protection, Protections, Territory};
#[cfg(feature = "index")]
use crate::model::{Cost, Currency};

use super::elements::Elements;
use super::offers_ref::OffersRef;
use super::price::{Index, Price};
use super::rules::{Availability, Effect, Role};

/// Everything of a product that a sale depends on: its state, its rights, its markets and prices.
#[derive(Debug, Clone)]
pub struct Offers {
    pub(crate) record_reference: Arc<str>,
    pub(crate) sent: Option<Arc<str>>,
    pub(crate) sent_date: Option<Date>,
    pub(crate) publisher: Option<String>,
    pub(crate) format: Option<Format>,
    /// Where the format isn't settled, those it may be.
    pub(crate) may_be: Vec<Format>,
    pub(crate) product_form: Option<Stated>,
    pub(crate) protections: Protections,
    pub(crate) protections_stated: Option<Stated>,
    pub(crate) library: bool,
    /// What its elements are called.
    pub(crate) elements: &'static Elements,
    /// From the platform's own `xml` format, which carries no price type.
    pub(crate) without_price_type: bool,
    /// Whether prices for licences limited in time are among its prices.
    pub(crate) has_limited_prices: bool,
    pub(crate) notification_type: (Effect, Option<Stated>),
    /// The state of the whole publication, which only the `xml` format has.
    pub(crate) publication_state: (Effect, Option<Stated>),
    pub(crate) publishing_status: (Effect, Option<Stated>),
    pub(crate) publishing_dates: Vec<RoleDate>,
    pub(crate) restrictions: Vec<Restriction>,
    pub(crate) rights: Option<Rights>,
    pub(crate) supplies: Vec<Supply>,
    /// Which of its slots hold territories, where it is the frame of a packed record; the others hold
    /// dates.
    pub(crate) slots: Vec<bool>,
    /// Whether a later record is known to be there that couldn't be read: what this one says may no longer be so.
    pub(crate) is_outdated: bool,
}

/// What a price is, for those who look for one.
#[cfg(feature = "index")]
pub(crate) enum PriceKey<'o> {
    Free,
    At {
        currency: Option<Currency>,
        /// `None` where the account says what it is.
        price_type: Option<&'o str>,
        cost: Cost,
    },
}

/// A value with its place, for reasons.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stated {
    pub(crate) element: &'static str,
    pub(crate) value: String,
    pub(crate) byte: u64,
}

/// A date, or its place among the slots of a packed record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dated {
    Here(Date),
    Slot(u16),
}

/// A territory, or its place among the slots of a packed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Area {
    Here(Box<Territory>),
    Slot(u16),
}

/// A date on which a sale depends.
#[derive(Debug, Clone)]
pub(crate) struct RoleDate {
    pub(crate) role: Role,
    /// `None` where there is none, or the text is no date.
    pub(crate) date: Option<Dated>,
    pub(crate) stated: Stated,
}

/// `SalesRestriction`
#[derive(Debug, Clone)]
pub(crate) struct Restriction {
    pub(crate) restriction_type: Option<String>,
    /// Names and identifiers of its outlets.
    pub(crate) outlets: Vec<String>,
    pub(crate) from: Option<Result<Dated, ()>>,
    pub(crate) until: Option<Result<Dated, ()>>,
    /// Where it holds, if not everywhere.
    pub(crate) territory: Option<Area>,
    pub(crate) byte: u64,
}

/// Where the product may be sold at all, once every statement is taken together.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    pub(crate) for_sale: Area,
    /// Territories of type 00 or of a type nobody knows.
    pub(crate) unstated: Area,
    /// Each statement by its type, in the order of the record; the rest of the world last.
    pub(crate) statements: Vec<(String, Territory)>,
    pub(crate) byte: u64,
}

/// `ProductSupply`, or one `MarketRepresentation` of 2.1 with what the product supplies.
#[derive(Debug, Clone)]
pub(crate) struct Supply {
    /// The number of its `ProductSupply` or market, from 0.
    pub(crate) number: usize,
    pub(crate) market: Option<Place>,
    pub(crate) status: (Effect, Option<Stated>),
    pub(crate) dates: Vec<RoleDate>,
    pub(crate) restrictions: Vec<Restriction>,
    /// Never empty: where there is no `SupplyDetail`, one that says nothing.
    pub(crate) suppliers: Vec<Supplier>,
}

/// A territory with its place in the input.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) territory: Area,
    pub(crate) byte: u64,
}

/// `SupplyDetail`
#[derive(Debug, Clone, Default)]
pub(crate) struct Supplier {
    pub(crate) name: Option<String>,
    pub(crate) supply_to: Option<Area>,
    pub(crate) availability: Option<(Availability, Stated)>,
    pub(crate) dates: Vec<RoleDate>,
    pub(crate) prices: Vec<Price>,
    pub(crate) index: Index,
}

impl Offers {
    /// Of a product that has none, such as one that is no more.
    #[cfg(feature = "index")]
    pub(crate) fn nothing(record_reference: &str) -> Self {
        Self {
            record_reference: record_reference.into(),
            sent: None,
            sent_date: None,
            publisher: None,
            format: None,
            may_be: Vec::new(),
            product_form: None,
            protections: Protections::default(),
            protections_stated: None,
            library: false,
            elements: &super::elements::ONIX,
            without_price_type: false,
            has_limited_prices: false,
            notification_type: (Effect::CannotSell, None),
            publication_state: (Effect::Fine, None),
            publishing_status: (Effect::Fine, None),
            publishing_dates: Vec::new(),
            restrictions: Vec::new(),
            rights: None,
            supplies: Vec::new(),
            slots: Vec::new(),
            is_outdated: false,
        }
    }

    /// Each price as if the record had no other, in the order of [`rows`](Self::rows).
    #[cfg(feature = "index")]
    pub(crate) fn price_by_price(&self) -> impl Iterator<Item = Self> {
        let frame = Self {
            supplies: Vec::new(),
            ..self.clone()
        };
        let suppliers = self.supplies.iter().flat_map(|supply| {
            let suppliers = supply.suppliers.iter();
            suppliers.map(move |supplier| (supply, supplier))
        });
        let prices = suppliers.flat_map(|(supply, supplier)| {
            let prices = supplier.prices.iter();
            prices.map(move |price| (supply, supplier, price))
        });
        prices.map(move |(supply, supplier, price)| {
            let prices = vec![price.clone()];
            let supplier = Supplier {
                name: supplier.name.clone(),
                supply_to: supplier.supply_to.clone(),
                availability: supplier.availability.clone(),
                dates: supplier.dates.clone(),
                index: Index::of(&prices),
                prices,
            };
            let supply = Supply {
                number: supply.number,
                market: supply.market.clone(),
                status: supply.status.clone(),
                dates: supply.dates.clone(),
                restrictions: supply.restrictions.clone(),
                suppliers: vec![supplier],
            };
            Self {
                supplies: vec![supply],
                ..frame.clone()
            }
        })
    }

    /// Whose they are.
    pub fn record_reference(&self) -> &str {
        &self.record_reference
    }

    /// Currency, price type and cost, by the platform's own exponents, of each price at which something may be sold;
    /// a free one costs nothing in any currency.
    #[cfg(feature = "index")]
    pub(crate) fn priced(&self) -> impl Iterator<Item = PriceKey<'_>> {
        let prices = self.suppliers().flat_map(|supplier| &supplier.prices);
        let counted = prices.filter(|price| price.counts());
        counted.map(|price| match price.is_free() {
            true => PriceKey::Free,
            false => PriceKey::At {
                currency: price.currency,
                price_type: price.price_type.as_deref(),
                cost: price.default_cost().unwrap_or(0),
            },
        })
    }

    /// The file's format, where that is settled.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// The protections that the product states; its prices may state others.
    pub fn protections(&self) -> Protections {
        self.protections
    }

    /// Whether it is a library's offer (`ProductForm` EB, EC or ED with `SalesRestriction` 06).
    pub fn is_library(&self) -> bool {
        self.library
    }

    /// Every price, resolved, in the order of the record.
    pub fn rows(&self, account: &Account) -> Vec<Offer> {
        OffersRef::from(self).rows(account)
    }

    /// Every supplier.
    pub(crate) fn suppliers(&self) -> impl Iterator<Item = &Supplier> {
        self.supplies.iter().flat_map(|supply| &supply.suppliers)
    }

    /// Whether the file can be had with a protection; prices may narrow it.
    pub(crate) fn accepts(&self, asked: Protection, drm_type: Option<&str>) -> Accepted {
        // The platform has a word of its own for a limited licence: whether it takes the plain one
        // for a file that it calls so, nobody says.
        if self.without_price_type && self.protections.is_limited() && !asked.is_time_limited() {
            return match self.protections.accept(asked, drm_type) {
                Accepted::Yes => Accepted::Unknown,
                accepted => accepted,
            };
        }
        let stated = match self.has_limited_prices {
            true => self.protections.with_time_limit(),
            false => self.protections,
        };
        stated.accept(asked, drm_type)
    }
}

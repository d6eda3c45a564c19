//! Offers as the rules look at them: read whole from a record, or packed in a table.

use std::sync::Arc;

use crate::model::{Account, Country, Coverage, Date, Moment, Offer, Territory};

use super::offers::{Area, Dated, Offers, Supplier, Supply};
use super::price::{Prices, Row};
use super::standing::{Purpose, Scene};
use super::table::{Packed, Slots};

/// Offers of one record, wherever they are: [`Offers`] or a row of a [`Table`](super::Table).
#[derive(Debug, Clone, Copy)]
pub struct OffersRef<'r> {
    /// All of it, or all but dates and prices.
    frame: &'r Offers,
    packed: Option<Packed<'r>>,
    is_outdated: bool,
}

/// A supplier with its market and its prices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seller<'r> {
    pub(crate) supply: &'r Supply,
    pub(crate) supplier: &'r Supplier,
    pub(crate) prices: Prices<'r>,
}

impl<'r> From<&'r Offers> for OffersRef<'r> {
    fn from(offers: &'r Offers) -> Self {
        Self {
            frame: offers,
            packed: None,
            is_outdated: offers.is_outdated,
        }
    }
}

/// What is alike in both: everything but dates and prices.
impl std::ops::Deref for OffersRef<'_> {
    type Target = Offers;

    fn deref(&self) -> &Offers {
        self.frame
    }
}

impl<'r> OffersRef<'r> {
    pub(super) fn packed(frame: &'r Offers, packed: Packed<'r>) -> Self {
        Self {
            frame,
            packed: Some(packed),
            is_outdated: false,
        }
    }

    /// The same, of a record that a later one, which couldn't be read, has outdated, or of one that none has.
    #[cfg(feature = "index")]
    pub(crate) fn outdated(self, is_outdated: bool) -> Self {
        Self {
            is_outdated,
            ..self
        }
    }

    /// Whether a later record is known to be there that couldn't be read.
    pub(crate) fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    pub(super) fn as_packed(&self) -> Option<Packed<'r>> {
        self.packed
    }

    /// Whose they are.
    pub fn record_reference(&self) -> &'r str {
        match &self.packed {
            Some(packed) => packed.record_reference(),
            None => &self.frame.record_reference,
        }
    }

    /// The publisher's name.
    pub(crate) fn publisher(&self) -> Option<&'r str> {
        match &self.packed {
            Some(packed) => packed.publisher(),
            None => self.frame.publisher.as_deref(),
        }
    }

    /// When the record was sent, as its header says.
    pub fn sent(&self) -> Option<&'r str> {
        self.shared_sent().map(|sent| &**sent)
    }

    pub(crate) fn shared_sent(&self) -> Option<&'r Arc<str>> {
        match &self.packed {
            Some(packed) => packed.sent(),
            None => self.frame.sent.as_ref(),
        }
    }

    pub(crate) fn shared_reference(&self) -> Arc<str> {
        match &self.packed {
            Some(packed) => packed.record_reference().into(),
            None => Arc::clone(&self.frame.record_reference),
        }
    }

    /// The same as an instant.
    pub(crate) fn sent_at(&self, account: &Account) -> Option<Moment> {
        let date = match &self.packed {
            Some(packed) => packed.sent_date(),
            None => self.frame.sent_date,
        };
        Some(date?.start(&account.zone))
    }

    /// Its dates, where they aren't in their places.
    pub(super) fn slots(&self) -> Slots<'r> {
        self.packed.map_or(Slots::default(), Packed::slots)
    }

    /// Where, when and for what it is looked at.
    pub(crate) fn scene<'s>(
        &self,
        purpose: Purpose,
        country: Option<Country>,
        at: Moment,
        account: &'s Account,
    ) -> Scene<'s>
    where
        'r: 's,
    {
        Scene {
            purpose,
            country,
            at,
            account,
            slots: self.slots(),
        }
    }

    /// Every supplier with its market and its prices.
    pub(crate) fn sellers(self) -> impl Iterator<Item = Seller<'r>> {
        let mut rows = self.packed.map(|packed| packed.prices());
        let suppliers = self.frame.supplies.iter().flat_map(|supply| {
            let suppliers = supply.suppliers.iter();
            suppliers.map(move |supplier| (supply, supplier))
        });
        suppliers.map(move |(supply, supplier)| Seller {
            supply,
            supplier,
            prices: match &mut rows {
                Some(rows) => rows.next().unwrap_or_default(),
                None => Prices::Whole(supplier),
            },
        })
    }

    /// Every price, resolved: in the order of the record, or of their costs in a table, which lacks their
    /// bytes and what is told of tax beside its rate.
    pub fn rows(&self, account: &Account) -> Vec<Offer> {
        let of = |seller: Seller<'r>| {
            let rows = seller.prices.iter();
            rows.map(move |row| self.row(&seller, &row, account))
        };
        self.sellers().flat_map(of).collect()
    }

    /// A price, resolved.
    pub(crate) fn row(&self, seller: &Seller<'_>, row: &Row<'_>, account: &Account) -> Offer {
        let units = &account.minor_units;
        Offer {
            format: self.format,
            protections: row.price.protections.unwrap_or(self.protections),
            countries: self.countries(seller, row),
            currency: row.price.currency,
            price_type: self.row_type(row.price, account).map(str::to_owned),
            amount: row.decimal_amount(units),
            cost: row.cost(units),
            from: row.from,
            until: row.until,
            qualifier: row.price.qualifier.as_deref().map(str::to_owned),
            price_status: row.price.status.as_deref().map(str::to_owned),
            unpriced: row.price.unpriced.as_deref().map(str::to_owned),
            tax_rate: row.price.tax_rate.as_deref().map(str::to_owned),
            cost_without_taxes: row.cost_without_taxes(units),
            supplier: seller.supplier.name.clone(),
            market: seller.supply.number,
            byte: row.price.byte,
        }
    }

    /// Market, rights, supplier and price together.
    fn countries(&self, seller: &Seller<'_>, row: &Row<'_>) -> Territory {
        let market = seller.supply.market.as_ref();
        let areas = [
            market.map(|market| &market.territory),
            self.rights.as_ref().map(|rights| &rights.for_sale),
            seller.supplier.supply_to.as_ref(),
        ];
        let territories = areas.map(|area| Some(area?.territory(self.slots())));
        let all = territories.into_iter().chain([row.price.holds.territory()]);
        all.flatten()
            .fold(Territory::world(), |all, part| all.intersection(&part))
    }

    /// Whether an offer covers the country, or any.
    pub(crate) fn is_somewhere(
        &self,
        seller: &Seller<'_>,
        row: &Row<'_>,
        country: Option<Country>,
    ) -> bool {
        let countries = self.countries(seller, row);
        match country {
            Some(country) => countries.coverage(country) == Coverage::In,
            None => !countries.is_nowhere(),
        }
    }
}

impl Dated {
    /// The date itself.
    pub(crate) fn date(self, slots: Slots<'_>) -> Option<Date> {
        match self {
            Dated::Here(date) => Some(date),
            Dated::Slot(slot) => slots.date(slot),
        }
    }
}

impl Area {
    pub(crate) fn of(territory: Territory) -> Self {
        Area::Here(Box::new(territory))
    }

    /// The territory itself.
    pub(crate) fn territory(&self, slots: Slots<'_>) -> Territory {
        match self {
            Area::Here(territory) => **territory,
            Area::Slot(slot) => slots.territory(*slot),
        }
    }

    /// How it covers a country.
    pub(crate) fn coverage(&self, country: Country, slots: Slots<'_>) -> Coverage {
        match self {
            Area::Here(territory) => territory.coverage(country),
            Area::Slot(slot) => slots.coverage(*slot, country),
        }
    }
}

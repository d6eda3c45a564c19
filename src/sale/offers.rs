//! What a product says that a sale depends on, and what may be sold of it.

use std::sync::Arc;

use crate::model::{
    Accepted, Account, Cost, Country, Coverage, Currency, Date, Format, Moment, Offer, Protection,
    Protections, Status, Territory,
};

use super::elements::Elements;
use super::price::{Index, Met, Price, Terms};
use super::rules::{Availability, Effect, Role};
use super::standing::Scene;

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
}

/// A value with its place, for reasons.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stated {
    pub(crate) element: &'static str,
    pub(crate) value: String,
    pub(crate) byte: u64,
}

/// A date on which a sale depends.
#[derive(Debug, Clone)]
pub(crate) struct RoleDate {
    pub(crate) role: Role,
    /// `None` where there is none, or the text is no date.
    pub(crate) date: Option<Date>,
    pub(crate) stated: Stated,
}

/// `SalesRestriction`
#[derive(Debug, Clone)]
pub(crate) struct Restriction {
    pub(crate) restriction_type: Option<String>,
    /// Names and identifiers of its outlets.
    pub(crate) outlets: Vec<String>,
    pub(crate) from: Option<Result<Date, ()>>,
    pub(crate) until: Option<Result<Date, ()>>,
    /// Where it holds, if not everywhere.
    pub(crate) territory: Option<Territory>,
    pub(crate) byte: u64,
}

/// Where the product may be sold at all, once every statement is taken together.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    pub(crate) for_sale: Territory,
    /// Territories of type 00 or of a type nobody knows.
    pub(crate) unstated: Territory,
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
    pub(crate) territory: Territory,
    pub(crate) byte: u64,
}

/// `SupplyDetail`
#[derive(Debug, Clone, Default)]
pub(crate) struct Supplier {
    pub(crate) name: Option<String>,
    pub(crate) supply_to: Option<Territory>,
    pub(crate) availability: Option<(Availability, Stated)>,
    pub(crate) dates: Vec<RoleDate>,
    pub(crate) prices: Vec<Price>,
    pub(crate) index: Index,
}

/// Which offers to look for; all conditions must hold on one and the same offer.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    /// Covered wholly by market, rights and price.
    pub country: Option<Country>,
    /// Its currency.
    pub currency: Option<Currency>,
    /// Its price type.
    pub price_type: Option<String>,
    /// At least this cost.
    pub min_cost: Option<Cost>,
    /// At most this cost.
    pub max_cost: Option<Cost>,
    /// To be had with this protection.
    pub protection: Option<Protection>,
    /// What it must be good for at the moment.
    pub sellable: Sellable,
}

/// For what an offer must be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sellable {
    /// For a sale: a check with its values and a protection that the file has is valid.
    Sale,
    /// For a preorder.
    Preorder,
    /// Nothing: its price must be in force, whatever the product's state.
    #[default]
    Any,
}

impl OfferFilter {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.country.is_none()
            && self.currency.is_none()
            && self.price_type.is_none()
            && self.min_cost.is_none()
            && self.max_cost.is_none()
            && self.protection.is_none()
            && self.sellable == Sellable::Any
    }

    fn has_cost(&self, cost: Cost) -> bool {
        self.min_cost.is_none_or(|least| cost >= least)
            && self.max_cost.is_none_or(|most| cost <= most)
    }

    fn terms<'t>(&'t self, at: Moment, account: &'t Account) -> Terms<'t> {
        Terms {
            country: self.country,
            currency: self.currency,
            price_type: self.price_type.as_deref(),
            protection: self.protection.map(|protection| (protection, None)),
            at,
            account,
        }
    }
}

impl Offers {
    /// Whether it is a library's offer (`ProductForm` EB, EC or ED with `SalesRestriction` 06).
    pub fn is_library(&self) -> bool {
        self.library
    }

    /// Every price, resolved, in the order of the record.
    pub fn rows(&self, account: &Account) -> Vec<Offer> {
        self.suppliers()
            .flat_map(|(supply, supplier)| {
                supplier.prices.iter().map(move |p| (supply, supplier, p))
            })
            .map(|(supply, supplier, price)| self.row(supply, supplier, price, account))
            .collect()
    }

    /// Every supplier with its market.
    pub(crate) fn suppliers(&self) -> impl Iterator<Item = (&Supply, &Supplier)> {
        self.supplies
            .iter()
            .flat_map(|supply| supply.suppliers.iter().map(move |one| (supply, one)))
    }

    pub(crate) fn row(
        &self,
        supply: &Supply,
        supplier: &Supplier,
        price: &Price,
        account: &Account,
    ) -> Offer {
        let units = &account.minor_units;
        Offer {
            format: self.format,
            protections: price.protections.unwrap_or(self.protections),
            countries: self.countries(supply, supplier, price),
            currency: price.currency,
            price_type: self.row_type(price, account).map(str::to_owned),
            amount: price.decimal_amount(units),
            cost: price.cost(units),
            from: price.from,
            until: price.until,
            qualifier: price.qualifier.as_deref().map(str::to_owned),
            price_status: price.status.as_deref().map(str::to_owned),
            unpriced: price.unpriced.as_deref().map(str::to_owned),
            tax_rate: price.tax_rate.as_deref().map(str::to_owned),
            cost_without_taxes: price.cost_without_taxes(units),
            supplier: supplier.name.clone(),
            market: supply.number,
            byte: price.byte,
        }
    }

    /// Market, rights, supplier and price together.
    fn countries(&self, supply: &Supply, supplier: &Supplier, price: &Price) -> Territory {
        let of_price = price.holds.territory();
        let parts = [
            supply.market.as_ref().map(|market| &market.territory),
            self.rights.as_ref().map(|rights| &rights.for_sale),
            supplier.supply_to.as_ref(),
            of_price.as_ref(),
        ];
        parts
            .into_iter()
            .flatten()
            .fold(Territory::world(), |all, part| all.intersection(part))
    }

    /// The cheapest offer that satisfies the filter at that moment.
    pub fn find(&self, filter: &OfferFilter, at: Moment, account: &Account) -> Option<Offer> {
        let scene = Scene::of_filter(filter, at, account);
        let mut protections = self.askable(filter.sellable)?;
        if let Some(protection) = filter.protection {
            if self.accepts(protection, None) != Accepted::Yes {
                return None;
            }
            protections.retain(|askable| *askable == protection);
        }
        let mut best: Option<(Cost, &Supply, &Supplier, &Price)> = None;
        if scene.is_some_and(|scene| self.standing(&scene, None).effect != Effect::Fine) {
            return None;
        }
        for (supply, supplier) in self.suppliers() {
            let standing = |scene| {
                self.supplier_standing(supply, supplier, &scene, None)
                    .effect
            };
            if scene.is_some_and(|scene| standing(scene) != Effect::Fine) {
                continue;
            }
            for price in &supplier.prices {
                let Some(cost) = price.cost(&account.minor_units) else {
                    continue;
                };
                let wanted = filter.has_cost(cost)
                    && best.is_none_or(|(least, ..)| cost < least)
                    && self.is_found(price, filter, &protections, at, account);
                if wanted && self.is_somewhere(supply, supplier, price, filter.country) {
                    best = Some((cost, supply, supplier, price));
                }
            }
        }
        let (_, supply, supplier, price) = best?;
        Some(self.row(supply, supplier, price, account))
    }

    /// The protections a sale can ask for; `None` where the file can't be asked for at all.
    fn askable(&self, sellable: Sellable) -> Option<Vec<Protection>> {
        match sellable {
            Sellable::Any => Some(Vec::new()),
            Sellable::Preorder => self.format.map(|_| Vec::new()),
            Sellable::Sale => {
                self.format?;
                let of_file = |asked: &Protection| self.accepts(*asked, None) == Accepted::Yes;
                let out: Vec<_> = Protection::ALL.into_iter().filter(of_file).collect();
                (!out.is_empty()).then_some(out)
            }
        }
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

    fn is_found(
        &self,
        price: &Price,
        filter: &OfferFilter,
        protections: &[Protection],
        at: Moment,
        account: &Account,
    ) -> bool {
        let terms = filter.terms(at, account);
        if filter.sellable != Sellable::Sale {
            return self.meets_loosely(price, &terms);
        }
        protections.iter().any(|protection| {
            let terms = Terms {
                protection: Some((*protection, None)),
                ..terms
            };
            self.meets(price, &terms) == Met::Fully
        })
    }

    /// For tables of prices: what a filter doesn't ask may be unknown.
    fn meets_loosely(&self, price: &Price, terms: &Terms<'_>) -> bool {
        let is_of = |asked: &str| self.row_type(price, terms.account) == Some(asked);
        price.counts()
            && !price.limited
            && !price.unreadable_date
            && price.is_in_force(terms.at, terms.account)
            && (price.is_free()
                || terms
                    .currency
                    .is_none_or(|asked| price.currency == Some(asked))
                    && terms.price_type.is_none_or(is_of))
    }

    /// Whether an offer covers the country, or any.
    fn is_somewhere(
        &self,
        supply: &Supply,
        supplier: &Supplier,
        price: &Price,
        country: Option<Country>,
    ) -> bool {
        let countries = self.countries(supply, supplier, price);
        match country {
            Some(country) => countries.coverage(country) == Coverage::In,
            None => !countries.is_nowhere(),
        }
    }

    /// Whether it is for sale in that country (in some country, without one) at that moment.
    ///
    /// It is where some price could be paid: where [`find`](Self::find) finds one for a sale.
    pub fn status(&self, country: Option<Country>, at: Moment, account: &Account) -> Status {
        let mut best = Status::No;
        for (supply, supplier) in self.suppliers() {
            let mut status = self.standing_status(supply, supplier, country, at, account);
            if status == Status::Sale {
                status = self.priced_status(supply, supplier, country, at, account);
            }
            if status == Status::Preorder && self.format.is_none() {
                status = Status::Unknown;
            }
            if rank(status) < rank(best) {
                best = status;
            }
        }
        best
    }

    /// What stands for sale, by whether it has a file and a price to be sold at.
    fn priced_status(
        &self,
        supply: &Supply,
        supplier: &Supplier,
        country: Option<Country>,
        at: Moment,
        account: &Account,
    ) -> Status {
        if self.format.is_none() && self.may_be.is_empty() {
            return Status::No;
        }
        let askable = self.askable(Sellable::Sale);
        let protections = match &askable {
            Some(protections) => protections.iter().map(|one| Some((*one, None))).collect(),
            None => vec![None],
        };
        let mut best = Status::No;
        for price in &supplier.prices {
            if country.is_none() && !self.is_somewhere(supply, supplier, price, None) {
                continue;
            }
            for protection in &protections {
                let terms = Terms {
                    country,
                    currency: None,
                    price_type: None,
                    protection: *protection,
                    at,
                    account,
                };
                let payable = askable.is_some() && price.cost(&account.minor_units).is_some();
                let status = match self.meets(price, &terms) {
                    Met::Fully if payable => Status::Sale,
                    Met::Fully | Met::Perhaps(_) => Status::Unknown,
                    Met::Later => Status::Later,
                    Met::Not => Status::No,
                };
                if rank(status) < rank(best) {
                    best = status;
                }
            }
        }
        best
    }
}

/// The most useful first.
fn rank(status: Status) -> u8 {
    match status {
        Status::Sale => 0,
        Status::Preorder => 1,
        Status::Later => 2,
        Status::Unknown => 3,
        Status::No => 4,
    }
}

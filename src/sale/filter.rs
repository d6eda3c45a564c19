//! Offers by what a search asks of them, and whether a product is for sale at all.

use crate::model::{Accepted, Account, Cost, Country, Currency, Moment, Offer, Protection, Status};

use super::offers::Offers;
use super::offers_ref::{OffersRef, Seller};
use super::price::{Met, Row, Terms};
use super::rules::Effect;
use super::standing::Purpose;

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
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "server", schema(rename_all = "lowercase"))]
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

    /// For what a product must stand; `None` where it need not.
    fn purpose(&self) -> Option<Purpose> {
        match self.sellable {
            Sellable::Any => None,
            Sellable::Sale => Some(Purpose::Sale),
            Sellable::Preorder => Some(Purpose::Preorder),
        }
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
    /// The cheapest offer that satisfies the filter at that moment.
    pub fn find(&self, filter: &OfferFilter, at: Moment, account: &Account) -> Option<Offer> {
        OffersRef::from(self).find(filter, at, account)
    }

    /// Whether it is for sale in that country (in some country, without one) at that moment.
    ///
    /// It is where some price could be paid: where [`find`](Self::find) finds one for a sale.
    pub fn status(&self, country: Option<Country>, at: Moment, account: &Account) -> Status {
        OffersRef::from(self).status(country, at, account)
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
}

impl OffersRef<'_> {
    /// The cheapest offer that satisfies the filter at that moment.
    pub fn find(&self, filter: &OfferFilter, at: Moment, account: &Account) -> Option<Offer> {
        let (_, seller, row) = self.cheapest_row(filter, at, account)?;
        Some(self.row(&seller, &row, account))
    }

    /// What the cheapest offer that satisfies the filter costs at that moment.
    pub fn cheapest(&self, filter: &OfferFilter, at: Moment, account: &Account) -> Option<Cost> {
        self.cheapest_row(filter, at, account)
            .map(|(cost, ..)| cost)
    }

    fn cheapest_row(
        &self,
        filter: &OfferFilter,
        at: Moment,
        account: &Account,
    ) -> Option<(Cost, Seller<'_>, Row<'_>)> {
        let mut protections = self.askable(filter.sellable)?;
        if let Some(protection) = filter.protection {
            if self.accepts(protection, None) != Accepted::Yes {
                return None;
            }
            protections.retain(|askable| *askable == protection);
        }
        if self.is_outdated() && filter.purpose().is_some() {
            return None;
        }
        let scene = filter
            .purpose()
            .map(|purpose| self.scene(purpose, filter.country, at, account));
        if scene.is_some_and(|scene| self.standing(&scene, None).effect != Effect::Fine) {
            return None;
        }
        let mut best: Option<(Cost, Seller<'_>, Row<'_>)> = None;
        for seller in self.sellers() {
            let standing = |scene| self.supplier_standing(&seller, &scene, None).effect;
            if scene.is_some_and(|scene| standing(scene) != Effect::Fine) {
                continue;
            }
            for row in seller.prices.iter() {
                let Some(cost) = row.cost(&account.minor_units) else {
                    continue;
                };
                let wanted = filter.has_cost(cost)
                    && best.is_none_or(|(least, ..)| cost < least)
                    && self.is_found(&row, filter, &protections, at, account);
                if wanted && self.is_somewhere(&seller, &row, filter.country) {
                    best = Some((cost, seller, row));
                }
            }
        }
        best
    }

    fn is_found(
        &self,
        row: &Row<'_>,
        filter: &OfferFilter,
        protections: &[Protection],
        at: Moment,
        account: &Account,
    ) -> bool {
        let terms = filter.terms(at, account);
        if filter.sellable != Sellable::Sale {
            return self.meets_loosely(row, &terms);
        }
        protections.iter().any(|protection| {
            let terms = Terms {
                protection: Some((*protection, None)),
                ..terms
            };
            self.meets(row, &terms) == Met::Fully
        })
    }

    /// For tables of prices: what a filter doesn't ask may be unknown.
    fn meets_loosely(&self, row: &Row<'_>, terms: &Terms<'_>) -> bool {
        let price = row.price;
        let is_of = |asked: &str| self.row_type(price, terms.account) == Some(asked);
        price.counts()
            && !price.limited
            && !price.unreadable_date
            && row.is_in_force(terms.at, terms.account)
            && (price.is_free()
                || terms
                    .currency
                    .is_none_or(|asked| price.currency == Some(asked))
                    && terms.price_type.is_none_or(is_of))
    }

    /// Whether it is for sale in that country (in some country, without one) at that moment.
    ///
    /// It is where some price could be paid: where [`find`](Self::find) finds one for a sale.
    pub fn status(&self, country: Option<Country>, at: Moment, account: &Account) -> Status {
        if self.is_outdated() {
            return Status::Unknown;
        }
        let mut best = Status::No;
        for seller in self.sellers() {
            let mut status = self.standing_status(&seller, country, at, account);
            if status == Status::Sale {
                status = self.priced_status(&seller, country, at, account);
            }
            if status == Status::Preorder && self.format.is_none() {
                status = Status::Unknown;
            }
            if status.rank() < best.rank() {
                best = status;
            }
        }
        best
    }

    /// What stands for sale, by whether it has a file and a price to be sold at.
    fn priced_status(
        &self,
        seller: &Seller<'_>,
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
        for row in seller.prices.iter() {
            if country.is_none() && !self.is_somewhere(seller, &row, None) {
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
                let payable = askable.is_some() && row.cost(&account.minor_units).is_some();
                let status = match self.meets(&row, &terms) {
                    Met::Fully if payable => Status::Sale,
                    Met::Fully | Met::Perhaps(_) => Status::Unknown,
                    Met::Later => Status::Later,
                    Met::Not => Status::No,
                };
                if status.rank() < best.rank() {
                    best = status;
                }
            }
        }
        best
    }
}

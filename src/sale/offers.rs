//! stub
use crate::model::*;
use crate::onix::Product;

/// Everything of a product that a sale depends on.
#[derive(Debug, Clone)]
pub struct Offers {
    /// Its RecordReference
    pub record_reference: String,
}
/// Which offers to look for; each condition must hold on one and the same offer.
#[derive(Debug, Clone, Default)]
pub struct OfferFilter {
    /// country
    pub country: Option<Country>,
    /// currency
    pub currency: Option<Currency>,
    /// price type
    pub price_type: Option<String>,
    /// at least
    pub min_cost: Option<Cost>,
    /// at most
    pub max_cost: Option<Cost>,
    /// protection
    pub protection: Option<Protection>,
    /// sellable how
    pub sellable: Sellable,
}
/// For what an offer must be good at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sellable {
    /// a sale
    Sale,
    /// a preorder
    Preorder,
    /// whatever
    #[default]
    Any,
}
impl Offers {
    /// Reads the offers of a product.
    pub fn of(product: &Product<'_>) -> Self {
        let _ = product;
        todo!()
    }
    /// Every price of it, resolved, in document order.
    pub fn rows(&self, account: &Account) -> Vec<Offer> {
        let _ = account;
        todo!()
    }
    /// Whether it is for sale in that country (anywhere, without one) at that moment.
    pub fn status(&self, country: Option<Country>, at: Moment, account: &Account) -> Status {
        let _ = (country, at, account);
        todo!()
    }
    /// The cheapest offer that satisfies the filter at that moment.
    pub fn find(&self, filter: &OfferFilter, at: Moment, account: &Account) -> Option<Offer> {
        let _ = (filter, at, account);
        todo!()
    }
}

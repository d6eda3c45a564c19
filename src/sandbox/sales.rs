//! What was sold, what of it was cancelled or fetched, and what was ordered before it could be sold.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::{Millis, extended};
use super::pieces::{Part, Piece, Table, number};
use crate::model::normalised;

/// Everything that was recorded.
#[derive(Debug, Clone)]
pub(super) struct Sales {
    /// By their numbers.
    sales: Table<Sale>,
    /// The keys of sales by organisation and transaction, in each the oldest first.
    transactions: HashMap<(String, String), Vec<String>>,
    /// In their order.
    preorders: Table<Preorder>,
    /// The keys of preorders by what they are of, since a preorder is recorded once.
    preordered: HashMap<Preordered, String>,
}

/// Organisation, customer, product and format.
type Preordered = (String, String, String, String);

/// A sale with its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sale {
    /// Of all sales, from 1.
    pub(super) number: u64,
    pub(super) organisation: String,
    pub(super) transaction: String,
    pub(super) customer: String,
    /// The identifier that it was made with.
    pub(super) id: String,
    /// The `RecordReference` of what it is of, however that was named.
    pub(super) reference: String,
    pub(super) format: String,
    pub(super) protection: String,
    pub(super) drm_type: Option<String>,
    /// Whether it is locked with LCP, be it that `drm_type` says so or not.
    pub(super) is_lcp: bool,
    pub(super) cost: String,
    pub(super) currency: Option<String>,
    pub(super) country: Option<String>,
    pub(super) price_type: Option<String>,
    pub(super) sale_state: String,
    pub(super) aggregator: Option<String>,
    pub(super) uname: Option<String>,
    pub(super) at: Millis,
    pub(super) is_cancelled: bool,
    /// Whether the file, or the licence that stands for it, was fetched.
    pub(super) is_downloaded: bool,
}

/// A preorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Preorder {
    pub(super) organisation: String,
    pub(super) customer: String,
    pub(super) id: String,
    /// The `RecordReference` of what it is of.
    pub(super) reference: String,
    pub(super) format: String,
    pub(super) at: Millis,
}

/// The key of a sale.
pub(super) type SaleKey = String;

/// What keeps a sale from being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    /// It is there, and wasn't cancelled.
    Duplicate,
    /// The transaction is another customer's.
    OtherCustomer,
}

impl Default for Sales {
    fn default() -> Self {
        Self {
            sales: Table::new(Part::Sale),
            transactions: HashMap::new(),
            preorders: Table::new(Part::Preorder),
            preordered: HashMap::new(),
        }
    }
}

impl Sales {
    /// Whether a sale can be recorded beside those that are there.
    pub(super) fn conflict(&self, sale: &Sale) -> Option<Conflict> {
        let known = self.of_transaction(&sale.organisation, &sale.transaction);
        let mut known = known.map(|(_, sale)| sale);
        if known.clone().any(|one| one.customer != sale.customer) {
            return Some(Conflict::OtherCustomer);
        }
        let is_same = |one: &Sale| {
            !one.is_cancelled && one.reference == sale.reference && one.is_in(&sale.format)
        };
        known.any(is_same).then_some(Conflict::Duplicate)
    }

    /// Records a sale, which thereby has its number.
    pub(super) fn record(&mut self, sale: Sale) -> Sale {
        let sale = Sale {
            number: self.sales.len() as u64 + 1,
            ..sale
        };
        let key = number(sale.number);
        self.learn(&key, &sale);
        self.sales.insert(key, sale.clone());
        sale
    }

    /// Puts a sale where it is found by its transaction.
    fn learn(&mut self, key: &str, sale: &Sale) {
        let transaction = (sale.organisation.clone(), sale.transaction.clone());
        let keys = self.transactions.entry(transaction).or_default();
        keys.push(key.to_owned());
    }

    fn of_transaction(
        &self,
        organisation: &str,
        transaction: &str,
    ) -> impl DoubleEndedIterator<Item = (&SaleKey, &Sale)> + Clone {
        let transaction = (organisation.to_owned(), transaction.to_owned());
        let keys = self.transactions.get(&transaction);
        let keys = keys.map_or(&[][..], Vec::as_slice).iter();
        keys.filter_map(|key| Some((key, self.sales.get(key)?)))
    }

    /// The sales of a transaction that are what is asked for, the latest first.
    pub(super) fn find(
        &self,
        organisation: &str,
        transaction: &str,
        is_it: impl Fn(&Sale) -> bool,
    ) -> Vec<(SaleKey, &Sale)> {
        let sales = self.of_transaction(organisation, transaction).rev();
        let found = sales.filter(|(_, sale)| is_it(sale));
        found.map(|(at, sale)| (at.clone(), sale)).collect()
    }

    pub(super) fn sale_mut(&mut self, at: &SaleKey) -> Option<&mut Sale> {
        self.sales.get_mut(at)
    }

    /// Records a preorder; one that is there already stays as it is.
    pub(super) fn preorder(&mut self, preorder: Preorder) {
        let of = preorder.of();
        if !self.preordered.contains_key(&of) {
            let key = number(self.preorders.len() as u64 + 1);
            self.preordered.insert(of, key.clone());
            self.preorders.insert(key, preorder);
        }
    }

    /// All sales in their order.
    pub(super) fn sales(&self) -> impl DoubleEndedIterator<Item = &Sale> {
        self.sales.values()
    }

    /// The last of them in JSON, with the names of customers only where they are asked for.
    pub(super) fn to_json(&self, with_names: bool, last: usize) -> Value {
        let before = self.sales.len().saturating_sub(last);
        let sales = self.sales().skip(before);
        sales.map(|sale| sale.to_json(with_names)).collect()
    }

    /// All preorders in their order.
    pub(super) fn preorders_to_json(&self) -> Value {
        self.preorders.values().map(Preorder::to_json).collect()
    }

    pub(super) fn take_changes(&mut self, out: &mut Vec<Piece>) {
        self.sales.take_changes(out);
        self.preorders.take_changes(out);
    }

    pub(super) fn forget_changes(&mut self) {
        self.sales.forget_changes();
        self.preorders.forget_changes();
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.sales.pieces().chain(self.preorders.pieces())
    }

    /// Takes a sale back. They come in the order of their keys.
    pub(super) fn restore_sale(&mut self, key: String, value: &str) -> Option<()> {
        self.sales.restore(key.clone(), value)?;
        let sale = self.sales.get(&key)?.clone();
        // Numbers are counted, so that none may be missing.
        (sale.number == self.sales.len() as u64 && key == number(sale.number)).then_some(())?;
        self.learn(&key, &sale);
        Some(())
    }

    pub(super) fn restore_preorder(&mut self, key: String, value: &str) -> Option<()> {
        self.preorders.restore(key.clone(), value)?;
        (key == number(self.preorders.len() as u64)).then_some(())?;
        let of = self.preorders.get(&key)?.of();
        self.preordered.insert(of, key);
        Some(())
    }
}

impl Sale {
    /// Whether it is of this format, however that is written.
    pub(super) fn is_in(&self, format: &str) -> bool {
        self.format.eq_ignore_ascii_case(format)
    }

    /// Whether it was made with this identifier, or is of one of these products.
    pub(super) fn is_of(&self, id: &str, references: &[String]) -> bool {
        normalised(&self.id) == normalised(id) || references.contains(&self.reference)
    }

    /// What `cost` a parameter gives, compared as the number that it is.
    pub(super) fn has_cost(&self, given: &str) -> bool {
        let number = |text: &str| text.trim().parse::<u64>().ok();
        given == self.cost || number(given).is_some_and(|given| number(&self.cost) == Some(given))
    }

    fn to_json(&self, with_names: bool) -> Value {
        let mut out = json!({
            "organisation": self.organisation,
            "transaction_id": self.transaction,
            "customer_id": self.customer,
            "isbn": self.id,
            "record_reference": self.reference,
            "format": self.format,
            "protection": self.protection,
            "drm_type": self.drm_type,
            "cost": self.cost.parse::<u64>().map_or_else(|_| json!(self.cost), Value::from),
            "currency": self.currency,
            "country": self.country,
            "price_type": self.price_type,
            "sale_state": self.sale_state,
            "aggregator": self.aggregator,
            "at": extended(self.at),
            "state": if self.is_cancelled { "cancelled" } else { "recorded" },
            "downloaded": self.is_downloaded,
        });
        if with_names {
            out["uname"] = json!(self.uname);
        }
        out
    }
}

impl Preorder {
    fn of(&self) -> Preordered {
        (
            self.organisation.clone(),
            self.customer.clone(),
            self.reference.clone(),
            self.format.clone(),
        )
    }

    fn to_json(&self) -> Value {
        json!({
            "organisation": self.organisation,
            "customer_id": self.customer,
            "isbn": self.id,
            "record_reference": self.reference,
            "for": self.format,
            "at": extended(self.at),
        })
    }
}

/// A word that nobody can guess a meaning into, another for each number.
pub(super) fn token(number: u64) -> String {
    // An odd factor gives no two numbers the same product.
    format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(transaction: &str, customer: &str) -> Sale {
        Sale {
            organisation: "A".into(),
            transaction: transaction.into(),
            customer: customer.into(),
            id: "978-99999-001-1-9".into(),
            reference: "DEMO1-epub".into(),
            format: "epub".into(),
            cost: "199".into(),
            uname: Some("Ana Sel".into()),
            ..Sale::default()
        }
    }

    #[test]
    fn a_sale_is_there_until_it_is_cancelled() {
        let mut sales = Sales::default();
        assert_eq!(sales.conflict(&sale("T", "c")), None);
        sales.record(sale("T", "c"));
        assert_eq!(sales.conflict(&sale("T", "c")), Some(Conflict::Duplicate));
        assert_eq!(sales.conflict(&sale("U", "c")), None);
        let other = sales.conflict(&sale("T", "d"));
        assert_eq!(other, Some(Conflict::OtherCustomer));
        let (at, _) = sales.find("A", "T", |_| true).remove(0);
        sales.sale_mut(&at).unwrap().is_cancelled = true;
        assert_eq!(sales.conflict(&sale("T", "c")), None);
    }

    #[test]
    fn a_sale_is_found_by_its_identifier_or_product() {
        let sale = sale("T", "c");
        assert!(sale.is_of("9789999900119", &[]));
        assert!(sale.is_of("key.1", &["DEMO1-epub".to_owned()]));
        assert!(!sale.is_of("9789999900126", &["DEMO1-pdf".to_owned()]));
        assert!(sale.has_cost("199") && sale.has_cost("0199"));
        assert!(!sale.has_cost("1.99") && !sale.has_cost(""));
    }

    #[test]
    fn names_are_told_to_those_who_ask() {
        let mut sales = Sales::default();
        sales.record(sale("T", "c"));
        assert!(!sales.to_json(false, 1).to_string().contains("Ana"));
        assert!(sales.to_json(true, 1).to_string().contains("Ana"));
        assert_eq!(sales.to_json(true, 0).to_string(), "[]");
    }
}

//! The price: is there one for country, currency and type, and is it that cost?

use crate::model::{Cost, Coverage};

use super::super::dialect::{self, Fault};
use super::super::offers_ref::{OffersRef, Seller};
use super::super::price::{Met, Row, Terms};
use super::super::rules::Effect;
use super::{Check, Group, present};

/// What the prices of a record come to that don't simply have the cost.
#[derive(Default)]
struct Found<'r> {
    /// Those that may have the cost, and what would have to be known of each.
    open: Vec<(&'static str, Row<'r>)>,
    /// Those that cost something else.
    differing: Vec<Row<'r>>,
    /// One has the cost, of a supplier that doesn't stand for sale.
    has_cost: bool,
}

impl Check<'_> {
    pub(super) fn price(&mut self, record: &OffersRef<'_>) {
        let terms = self.terms();
        if let Some((seller, row)) = self.exact(record, &terms) {
            self.matched(record, &seller, &row, &terms);
            return;
        }
        let found = self.found(record, &terms);
        if found.has_cost {
            return;
        }
        for (missing, row) in &found.open {
            self.leave_open(Group::Price, missing, "price", |reason, check| {
                reason.parameter = Some("cost");
                reason.expected = what_would_settle(missing).map(str::to_owned);
                if *missing == "price_type" {
                    reason.parameter = Some("price_type");
                    reason.given = present(&check.request.price_type).map(str::to_owned);
                }
                reason.element = Some(record.elements.price);
                reason.value = row.price.amount.as_deref().map(str::to_owned);
                reason.byte = Some(row.price.byte);
            });
        }
        let differing = found.differing;
        if !found.open.is_empty() {
            return;
        }
        if differing.is_empty() {
            self.no_row(record);
        } else if present(&self.request.cost).is_some() {
            self.other_cost(record, &differing);
        }
    }

    /// A price that has the cost, of a supplier that stands for sale.
    fn exact<'r>(
        &self,
        record: &OffersRef<'r>,
        terms: &Terms<'_>,
    ) -> Option<(Seller<'r>, Row<'r>)> {
        let cost = self.asked.cost?;
        let units = &self.account.minor_units;
        let has_cost =
            |row: &Row<'_>| row.cost(units) == Some(cost) && record.meets(row, terms) == Met::Fully;
        // By the platform's own exponents, a cost leads to its rows.
        let leads = units.is_default() && !record.without_price_type;
        record.sellers().enumerate().find_map(|(at, seller)| {
            let row = match leads {
                true => seller.prices.of_cost(cost, terms, has_cost),
                false => seller.prices.iter().find(has_cost),
            }?;
            let stands = || {
                let scene = self.scene(record);
                record.supplier_standing(&seller, &scene, None).effect == Effect::Fine
            };
            let is_fine = match self.first_fine {
                Some(first) if at <= first => at == first,
                Some(_) => stands(),
                None => false,
            };
            is_fine.then_some((seller, row))
        })
    }

    /// The prices of the suppliers that stand for sale or may; of all, where none does.
    fn found<'r>(&self, record: &OffersRef<'r>, terms: &Terms<'_>) -> Found<'r> {
        let scene = self.scene(record);
        let standing = |seller: &Seller<'_>| record.supplier_standing(seller, &scene, None).effect;
        let best = record.sellers().map(|seller| standing(&seller)).min();
        let mut out = Found::default();
        for seller in record.sellers() {
            let missing = match standing(&seller) {
                effect if Some(effect) == best => None,
                Effect::Unknown(missing) => Some(missing),
                _ => continue,
            };
            seller.prices.for_each_that_may_meet(terms, |row| {
                self.compare(record.meets(&row, terms), missing, row, &mut out);
            });
        }
        out
    }

    /// A row that meets the request, against the cost.
    fn compare<'r>(
        &self,
        met: Met,
        of_supplier: Option<&'static str>,
        row: Row<'r>,
        out: &mut Found<'r>,
    ) {
        let missing = match met {
            Met::Not | Met::Later => return,
            Met::Perhaps(missing) => Some(missing),
            Met::Fully => of_supplier,
        };
        let cost = row.cost(&self.account.minor_units);
        // What is no whole number can't be the cost of anything.
        let malformed = self.asked.cost.is_none() && present(&self.request.cost).is_some();
        match (cost, missing) {
            _ if malformed => out.differing.push(row),
            (None, _) => out.open.push((missing.unwrap_or("amount"), row)),
            (cost, None) if cost == self.asked.cost => out.has_cost = true,
            (cost, Some(missing)) if cost == self.asked.cost => {
                out.open.push((missing, row));
            }
            _ => out.differing.push(row),
        }
    }

    fn matched(
        &mut self,
        record: &OffersRef<'_>,
        seller: &Seller<'_>,
        row: &Row<'_>,
        terms: &Terms<'_>,
    ) {
        if !self.explain {
            return;
        }
        if row.price.status.as_deref() == Some("01") {
            self.notice("provisional_price", || {
                "the price is provisional (PriceStatus 01)".into()
            });
        }
        self.minor_unit(row);
        let is_alike = |other: &Row<'_>| {
            other.price.currency == row.price.currency
                && other.price.price_type == row.price.price_type
        };
        let mut costs: Vec<Cost> = seller
            .prices
            .iter()
            .filter(|other| is_alike(other) && record.meets(other, terms) == Met::Fully)
            .filter_map(|other| other.cost(&self.account.minor_units))
            .collect();
        costs.sort_unstable();
        costs.dedup();
        if costs.len() > 1 {
            let costs: Vec<_> = costs.iter().map(Cost::to_string).collect();
            self.notice("several_prices", || {
                format!("several prices are in force: {}", costs.join(", "))
            });
        }
    }

    fn minor_unit(&mut self, row: &Row<'_>) {
        let units = &self.account.minor_units;
        let is_unseen = |currency: &_| !row.price.is_minor && !units.is_observed(*currency);
        if let Some(currency) = row.price.currency.filter(is_unseen) {
            self.notice("minor_unit", || {
                format!(
                    "the minor unit of {currency} follows ISO 4217; the platform's own use of it wasn't seen"
                )
            });
        }
    }

    fn no_row(&mut self, record: &OffersRef<'_>) {
        let code = dialect::price_code(Fault::NoRow, self.account);
        self.refuse(Group::Price, Some(code), "price_row", |reason, check| {
            let country = check.asked.country.map(|country| country.to_string());
            let currency = check.asked.currency.map(|currency| currency.to_string());
            let price_type = present(&check.request.price_type);
            let price_type = price_type.map(|price_type| format!("type {price_type}"));
            let given: Vec<String> = [country, currency, price_type]
                .into_iter()
                .flatten()
                .collect();
            reason.parameter = Some("price_type");
            reason.given = Some(given.join(" "));
            reason.expected = Some(check.known_rows(record));
            reason.element = Some(record.elements.price);
        });
    }

    /// The combinations of currency and type that have a price in the country now.
    fn known_rows(&self, record: &OffersRef<'_>) -> String {
        let mut rows: Vec<String> = record
            .sellers()
            .flat_map(|seller| seller.prices.iter())
            .filter(|row| row.price.counts() && row.is_in_force(self.request.at, self.account))
            .map(|row| row.price)
            .filter(|price| price.coverage(self.asked.country) == Coverage::In)
            .map(|price| {
                let currency = price.currency.map(|currency| currency.to_string());
                let currency = currency.unwrap_or_default();
                match record.row_type(price, self.account) {
                    None if record.without_price_type => currency,
                    price_type => format!("{currency} type {}", price_type.unwrap_or("-")),
                }
            })
            .collect();
        rows.sort();
        rows.dedup();
        match rows.is_empty() {
            true => "a price in force for the country".into(),
            false => rows.join(", "),
        }
    }

    fn other_cost(&mut self, record: &OffersRef<'_>, differing: &[Row<'_>]) {
        let code = dialect::price_code(Fault::Cost, self.account);
        if let Some(row) = differing.first() {
            self.minor_unit(row);
        }
        self.refuse(Group::Price, Some(code), "cost", |reason, check| {
            let units = &check.account.minor_units;
            let mut costs: Vec<_> = differing.iter().filter_map(|one| one.cost(units)).collect();
            costs.sort_unstable();
            costs.dedup();
            let costs: Vec<String> = costs.iter().map(Cost::to_string).collect();
            reason.parameter = Some("cost");
            reason.given = present(&check.request.cost).map(str::to_owned);
            reason.expected = Some(costs.join(" or "));
            reason.element = Some(record.elements.amount);
            if let Some(row) = differing.first() {
                reason.value = row.price.amount.as_deref().map(str::to_owned);
                reason.byte = Some(row.price.byte);
            }
        });
    }
}

/// What a price that may be the one asked for would have to say.
fn what_would_settle(missing: &str) -> Option<&'static str> {
    Some(match missing {
        "territory" => "a price for all of the country",
        "currency" => "its currency",
        "protection" => "the protection it is for",
        "date" => "dates that can be read",
        "amount" => "an amount that can be read",
        _ => return None,
    })
}

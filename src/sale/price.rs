//! One price: what it says, when it is in force, and how it meets what a sale asks for.

use crate::model::{
    Accepted, Account, Cost, Country, Coverage, Currency, Date, MinorUnits, Moment, Protection,
    Protections, ShortText, Territory,
};

use super::offers::{Offers, Supplier};
use super::rules;
use super::table::Rows;

/// `Price`, or a supplier's statement that it is free.
#[derive(Debug, Clone, Default)]
pub(crate) struct Price {
    pub(crate) price_type: Option<ShortText>,
    pub(crate) currency: Option<Currency>,
    pub(crate) amount: Option<ShortText>,
    /// By the platform's own exponents; see [`Row::cost`].
    pub(super) default_cost: Option<Cost>,
    /// Whether the amount was given in minor units, so that no exponent counts.
    pub(super) is_minor: bool,
    /// What the row says of the tax in its amount, where its type doesn't.
    pub(crate) taxes: Taxes,
    pub(crate) holds: Holds,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
    pub(crate) unreadable_date: bool,
    pub(crate) qualifier: Option<ShortText>,
    pub(crate) status: Option<ShortText>,
    pub(crate) unpriced: Option<ShortText>,
    pub(crate) protections: Option<Protections>,
    /// Only for licences limited in time.
    pub(crate) limited: bool,
    /// Why the row isn't a plain consumer's price, if it isn't.
    pub(crate) excluded: Option<&'static str>,
    pub(crate) tax_rate: Option<ShortText>,
    /// Taxable amount and tax, where there is one tax only.
    pub(super) taxed: Option<Box<(Option<ShortText>, Option<ShortText>)>>,
    pub(crate) byte: u64,
}

/// Where a price holds, by itself.
#[derive(Debug, Clone, Default)]
pub(crate) enum Holds {
    /// Wherever its market is.
    #[default]
    Anywhere,
    /// In one country alone, as nearly every price of the platform does.
    Country(Country),
    Territory(Box<Territory>),
}

impl Holds {
    /// The territory, where there is one.
    pub(super) fn territory(&self) -> Option<Territory> {
        match self {
            Holds::Anywhere => None,
            Holds::Country(country) => Some(Territory::of_country(*country)),
            Holds::Territory(territory) => Some(**territory),
        }
    }

    /// The one country that it is.
    pub(super) fn country(&self) -> Option<Country> {
        match self {
            Holds::Country(country) => Some(*country),
            _ => None,
        }
    }
}

/// `amount_taxes` of the platform's `xml` format
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Taxes {
    #[default]
    Unstated,
    Included,
    Excluded,
    /// A word that nobody knows.
    Unknown,
}

/// What a sale, or a search, asks of a price; what is absent isn't asked.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'t> {
    pub(crate) country: Option<Country>,
    pub(crate) currency: Option<Currency>,
    pub(crate) price_type: Option<&'t str>,
    pub(crate) protection: Option<(Protection, Option<&'static str>)>,
    pub(crate) at: Moment,
    pub(crate) account: &'t Account,
}

/// How a row of prices meets what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// It doesn't.
    Not,
    /// It does, but for a date that has to come first.
    Later,
    /// Something about it can't be told.
    Perhaps(&'static str),
    Fully,
}

/// A price with what of it differs from row to row: its amount and its dates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'r> {
    pub(crate) price: &'r Price,
    /// By the platform's own exponents; see [`Row::cost`].
    pub(super) default_cost: Option<Cost>,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
}

/// The prices of one supplier.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Prices<'r> {
    Whole(&'r Supplier),
    Packed(Rows<'r>),
}

impl Default for Prices<'_> {
    fn default() -> Self {
        Prices::Packed(Rows::default())
    }
}

impl<'r> Prices<'r> {
    fn len(self) -> usize {
        match self {
            Prices::Whole(supplier) => supplier.prices.len(),
            Prices::Packed(rows) => rows.len(),
        }
    }

    fn get(self, at: usize) -> Option<Row<'r>> {
        match self {
            Prices::Whole(supplier) => supplier.prices.get(at).map(Row::of),
            Prices::Packed(rows) => rows.get(at),
        }
    }

    /// Each, in the order of the record, or of their costs where they are packed.
    pub(crate) fn iter(self) -> impl Iterator<Item = Row<'r>> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }

    /// Those that may meet the terms: all but those that surely don't.
    pub(crate) fn for_each_that_may_meet(self, terms: &Terms<'_>, each: impl FnMut(Row<'r>)) {
        match self {
            Prices::Packed(rows) => rows.that_may_meet(terms).for_each(each),
            Prices::Whole(_) => self.iter().for_each(each),
        }
    }

    /// The first that costs this by the platform's own exponents, and is it.
    pub(crate) fn of_cost(
        self,
        cost: Cost,
        terms: &Terms<'_>,
        mut is_it: impl FnMut(&Row<'r>) -> bool,
    ) -> Option<Row<'r>> {
        let supplier = match self {
            Prices::Packed(rows) => return rows.of_cost(cost, terms).find(is_it),
            Prices::Whole(supplier) => supplier,
        };
        let code = terms
            .price_type
            .and_then(|code| code.as_bytes().try_into().ok());
        let key = terms.currency.zip(code);
        // Free titles aren't in the index.
        match key.filter(|_| cost != 0 && supplier.index.is_whole()) {
            Some((currency, price_type)) => supplier
                .index
                .find(cost, currency, price_type, terms.country)
                .filter_map(|at| supplier.prices.get(at))
                .map(Row::of)
                .find(is_it),
            None => self.iter().find(|row| is_it(row)),
        }
    }
}

impl Price {
    /// By the platform's own exponents.
    #[cfg(feature = "index")]
    pub(crate) fn default_cost(&self) -> Option<Cost> {
        self.default_cost
    }

    pub(crate) fn is_free(&self) -> bool {
        self.unpriced.as_deref() == Some("01")
    }

    /// Whether it is a price a consumer's sale may be made at.
    pub(crate) fn counts(&self) -> bool {
        self.excluded.is_none()
    }

    /// How its own territory covers a country; without one it holds wherever the market is.
    pub(crate) fn coverage(&self, country: Option<Country>) -> Coverage {
        match (&self.holds, country) {
            (Holds::Anywhere, _) | (_, None) => Coverage::In,
            (Holds::Country(own), Some(country)) if *own == country => Coverage::In,
            (Holds::Country(_), Some(_)) => Coverage::Out,
            (Holds::Territory(territory), Some(country)) => territory.coverage(country),
        }
    }
}

impl<'r> Row<'r> {
    pub(crate) fn of(price: &'r Price) -> Self {
        Self {
            price,
            default_cost: price.default_cost,
            from: price.from,
            until: price.until,
        }
    }

    /// The amount in minor units, by the account's exponents. A free title costs nothing.
    pub(crate) fn cost(&self, units: &MinorUnits) -> Option<Cost> {
        if self.price.unpriced.is_some() {
            return self.price.is_free().then_some(0);
        }
        if self.price.is_minor || units.is_default() {
            return self.default_cost;
        }
        units.cost(&self.written()?, self.price.currency?)
    }

    /// The amount as decimal text, as ONIX writes it.
    pub(crate) fn decimal_amount(&self, units: &MinorUnits) -> Option<String> {
        match self.price.is_minor {
            true => units.amount(self.default_cost?, self.price.currency?),
            false => self.written(),
        }
    }

    /// What the record says; where it is packed, a number that is as much.
    fn written(&self) -> Option<String> {
        match self.price.amount.as_deref() {
            Some(amount) => Some(amount.to_owned()),
            None => MinorUnits::default().amount(self.default_cost?, self.price.currency?),
        }
    }

    /// Whether it is in force at a moment.
    pub(crate) fn is_in_force(&self, at: Moment, account: &Account) -> bool {
        self.has_begun(at, account) && !self.is_over(at, account)
    }

    fn has_begun(&self, at: Moment, account: &Account) -> bool {
        self.from.is_none_or(|from| from.start(&account.zone) <= at)
    }

    fn is_over(&self, at: Moment, account: &Account) -> bool {
        self.until
            .is_some_and(|until| until.end(&account.zone) <= at)
    }

    /// The cost without taxes, where the record states it or the rate.
    pub(crate) fn cost_without_taxes(&self, units: &MinorUnits) -> Option<Cost> {
        let (price, cost) = (self.price, self.cost(units)?);
        if price.taxes == Taxes::Excluded {
            return Some(cost);
        }
        let price_type = price.price_type.as_deref()?;
        if !rules::includes_tax(price_type) {
            return Some(cost);
        }
        let (taxable, tax) = &**price.taxed.as_ref()?;
        let currency = price.currency?;
        if let Some(taxable) = taxable {
            return units.cost(taxable, currency);
        }
        if let Some(tax) = tax {
            return cost.checked_sub(units.cost(tax, currency)?);
        }
        without_rate(cost, price.tax_rate.as_deref()?)
    }
}

impl Offers {
    /// Country, currency, type, protection and dates of a row against what is asked.
    pub(crate) fn meets(&self, row: &Row<'_>, terms: &Terms<'_>) -> Met {
        let price = row.price;
        if !price.counts() || !self.is_of_term(price, terms) {
            return Met::Not;
        }
        let mut open = None;
        match price.coverage(terms.country) {
            Coverage::In => {}
            Coverage::Out => return Met::Not,
            Coverage::Part | Coverage::Unknown => open = Some("territory"),
        }
        if !price.is_free() {
            match self.meets_in_kind(price, terms) {
                Met::Fully => {}
                Met::Perhaps(missing) => open = open.or(Some(missing)),
                not => return not,
            }
        }
        if let (Some(protections), Some((protection, drm_type))) =
            (price.protections, terms.protection)
        {
            let protections = match price.limited {
                true => protections.with_time_limit(),
                false => protections.with_limit_of(self.protections),
            };
            match protections.accept(protection, drm_type) {
                Accepted::Yes => {}
                Accepted::No => return Met::Not,
                Accepted::Unknown => open = open.or(Some("protection")),
            }
        }
        if price.unreadable_date {
            open = open.or(Some("date"));
        } else if row.is_over(terms.at, terms.account) {
            return Met::Not;
        } else if !row.has_begun(terms.at, terms.account) {
            return Met::Later;
        }
        open.map_or(Met::Fully, Met::Perhaps)
    }

    /// Rows for licences limited in time are those of such a sale, and of no other.
    fn is_of_term(&self, price: &Price, terms: &Terms<'_>) -> bool {
        let limited = matches!(
            terms.protection,
            Some((Protection::Acs4TimeLimited | Protection::DrmTimeLimited, _))
        );
        match limited {
            true => price.limited || !self.has_limited_prices,
            false => !price.limited,
        }
    }

    /// Currency and type.
    fn meets_in_kind(&self, price: &Price, terms: &Terms<'_>) -> Met {
        let mut open = None;
        match (terms.currency, price.currency) {
            (Some(asked), Some(currency)) if asked != currency => return Met::Not,
            (Some(_), None) => open = Some("currency"),
            _ => {}
        }
        match (terms.price_type, self.row_type(price, terms.account)) {
            // Whatever type it is, the platform sells at it.
            (None, None) if self.without_price_type => {}
            (Some(asked), Some(row)) if asked != row => return Met::Not,
            // Net prices, special sales: no price that the platform sells at.
            (_, Some(row)) if !rules::is_price_type(row) => return Met::Not,
            (_, None) => open = open.or(Some("price_type")),
            _ => {}
        }
        open.map_or(Met::Fully, Met::Perhaps)
    }

    /// The type of a row; the platform's `xml` format has none, which the account may supply. What it
    /// supplies isn't a row's that says otherwise of its tax.
    pub(crate) fn row_type<'p>(&self, price: &'p Price, account: &'p Account) -> Option<&'p str> {
        if !self.without_price_type {
            return price.price_type.as_deref();
        }
        let price_type = account.xml_price_type.as_deref()?;
        let agrees = match price.taxes {
            Taxes::Unstated => true,
            Taxes::Included => rules::includes_tax(price_type),
            Taxes::Excluded => !rules::includes_tax(price_type),
            Taxes::Unknown => false,
        };
        (agrees && rules::is_price_type(price_type)).then_some(price_type)
    }
}

/// A price by what a sale names, to be found without reading them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Cost, then currency and type in one number.
    of: (Cost, u64),
    /// The country, where it holds in one alone.
    country: Option<u8>,
    at: u16,
}

fn key(cost: Cost, currency: Currency, [a, b]: [u8; 2]) -> (Cost, u64) {
    let [x, y, z] = currency.letters();
    (cost, u64::from_be_bytes([0, 0, 0, x, y, z, a, b]))
}

/// The prices of a supplier that a currency, a type and a cost lead to, by the platform's own
/// exponents, sorted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    keys: Vec<Key>,
    /// There were more prices than it can number.
    overflows: bool,
}

impl Index {
    /// Of prices in their order.
    pub(super) fn of(prices: &[Price]) -> Self {
        let one = |(at, price): (usize, &Price)| {
            let counts = price.counts() && price.unpriced.is_none();
            let cost = price.default_cost.filter(|_| counts)?;
            let price_type = price.price_type.as_deref()?.as_bytes().try_into().ok()?;
            Some(Key {
                of: key(cost, price.currency?, price_type),
                country: price.holds.country().map(Country::index),
                at: u16::try_from(at).ok()?,
            })
        };
        let mut keys: Vec<_> = prices.iter().enumerate().filter_map(one).collect();
        keys.sort_unstable();
        keys.shrink_to_fit();
        Self {
            keys,
            overflows: prices.len() > usize::from(u16::MAX),
        }
    }

    /// Whether every price that it could lead to is in it.
    pub(crate) fn is_whole(&self) -> bool {
        !self.overflows
    }

    /// Which prices have this cost, currency and type, and may hold in this country.
    pub(crate) fn find(
        &self,
        cost: Cost,
        currency: Currency,
        price_type: [u8; 2],
        country: Option<Country>,
    ) -> impl Iterator<Item = usize> {
        let wanted = key(cost, currency, price_type);
        let first = self.keys.partition_point(|key| key.of < wanted);
        self.keys[first..]
            .iter()
            .take_while(move |key| key.of == wanted)
            .filter(move |key| {
                let here = |country: Country| key.country.is_none_or(|own| own == country.index());
                country.is_none_or(here)
            })
            .map(|key| usize::from(key.at))
    }
}

/// A cost in minor units: digits alone.
pub(super) fn whole_number(text: &str) -> Option<Cost> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// A cost less the tax in it at a rate in per cent, rounded half up, in integers.
fn without_rate(cost: Cost, rate: &str) -> Option<Cost> {
    let (whole, part) = rate.split_once('.').unwrap_or((rate, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 4 {
        return None;
    }
    let rate: u64 = format!("{whole}{part:0<4}").parse().ok()?;
    // cost / (1 + rate / 100), the rate in ten-thousandths of a per cent.
    let one = 1_000_000u128;
    let with_tax = one + u128::from(rate);
    let exact = u128::from(cost) * one * 2 + with_tax;
    Cost::try_from(exact / (with_tax * 2)).ok()
}

#[cfg(test)]
mod tests {
    use super::without_rate;

    #[test]
    fn tax_is_taken_out_exactly() {
        assert_eq!(without_rate(1055, "5.5"), Some(1000));
        assert_eq!(without_rate(1999, "5.5"), Some(1895));
        assert_eq!(without_rate(1200, "20"), Some(1000));
        assert_eq!(without_rate(0, "5.5"), Some(0));
        assert_eq!(without_rate(1000, "x"), None);
        assert_eq!(without_rate(1000, "+5"), None);
        assert_eq!(without_rate(u64::MAX, "0"), Some(u64::MAX));
    }
}

//! What a product says that a sale depends on, read once from its record.

use crate::model::{
    Accepted, Account, Cost, Country, Coverage, Currency, Date, Format, MinorUnits, Moment, Offer,
    Protection, Protections, Status, Territory,
};
use crate::onix::{self, Element, Product};

use super::rules::{self, Availability, Effect, Right};

/// Everything of a product that a sale depends on: its state, its rights, its markets and prices.
#[derive(Debug, Clone)]
pub struct Offers {
    pub(crate) record_reference: String,
    pub(crate) sender: Option<String>,
    pub(crate) sent: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) format: Option<Format>,
    pub(crate) product_form: Option<Stated>,
    pub(crate) protections: Protections,
    pub(crate) protections_stated: Option<Stated>,
    pub(crate) library: bool,
    /// From the platform's own `xml` format, which carries no price type.
    pub(crate) without_price_type: bool,
    pub(crate) notification_type: (Effect, Option<Stated>),
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

/// A date with a role.
#[derive(Debug, Clone)]
pub(crate) struct RoleDate {
    pub(crate) role: String,
    /// `None` where the text is no date.
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
    pub(crate) byte: u64,
    pub(crate) text: String,
}

/// `ProductSupply`
#[derive(Debug, Clone)]
pub(crate) struct Supply {
    pub(crate) market: Option<(Territory, Stated)>,
    pub(crate) status: (Effect, Option<Stated>),
    pub(crate) dates: Vec<RoleDate>,
    pub(crate) restrictions: Vec<Restriction>,
    pub(crate) suppliers: Vec<Supplier>,
}

/// `SupplyDetail`
#[derive(Debug, Clone)]
pub(crate) struct Supplier {
    pub(crate) name: Option<String>,
    pub(crate) supply_to: Option<Territory>,
    pub(crate) availability: Option<(Availability, Stated)>,
    pub(crate) dates: Vec<RoleDate>,
    pub(crate) prices: Vec<Price>,
}

/// `Price`, or a supplier's statement that it is free.
#[derive(Debug, Clone)]
pub(crate) struct Price {
    pub(crate) price_type: Option<String>,
    pub(crate) currency: Option<Currency>,
    pub(crate) amount: Option<String>,
    /// By the platform's own exponents; see [`Price::cost`].
    default_cost: Option<Cost>,
    pub(crate) territory: Option<Territory>,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
    pub(crate) unreadable_date: bool,
    pub(crate) qualifier: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) unpriced: Option<String>,
    pub(crate) protections: Option<Protections>,
    /// Only for licences limited in time.
    pub(crate) limited: bool,
    /// Why the row isn't a plain consumer's price, if it isn't.
    pub(crate) excluded: Option<&'static str>,
    pub(crate) tax_rate: Option<String>,
    taxed: Option<(Option<String>, Option<String>)>,
    pub(crate) byte: u64,
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
    /// For a sale.
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
}

impl Stated {
    fn of(element: Element<'_>) -> Self {
        Self {
            element: element.tag().name(),
            value: element.text().into_owned(),
            byte: element.byte(),
        }
    }
}

impl Offers {
    /// Reads what a sale of this product depends on.
    pub fn of(product: &Product<'_>) -> Self {
        let descriptive = product.descriptive_detail();
        let publishing = product.publishing_detail();
        let header = product.message().header();
        let format = Format::of_codes(
            descriptive.product_form.as_deref(),
            descriptive.product_form_details.iter().map(AsRef::as_ref),
            descriptive.epub_type.as_deref(),
        );
        let restrictions = restrictions(&publishing.sales_restrictions, None);
        let supplies = product.product_supplies();
        let is_library_form = matches!(
            descriptive.product_form.as_deref(),
            Some("EB" | "EC" | "ED")
        );
        let mut out = Self {
            record_reference: product.record_reference().unwrap_or_default().into_owned(),
            sender: header.sender_name.clone(),
            sent: header.sent.clone(),
            publisher: publishing
                .publishers
                .iter()
                .find_map(|publisher| publisher.publisher_name.as_deref())
                .map(str::to_owned),
            format,
            product_form: stated_in(descriptive.element(), onix::Tag::ProductForm),
            protections: protections(&descriptive),
            protections_stated: stated_in(
                descriptive.element(),
                onix::Tag::EpubTechnicalProtection,
            ),
            library: false,
            without_price_type: false,
            notification_type: stated_effect(
                product.element(),
                onix::Tag::NotificationType,
                rules::notification_type,
            ),
            publishing_status: match publishing.element() {
                Some(element) => stated_effect(
                    element,
                    onix::Tag::PublishingStatus,
                    rules::publishing_status,
                ),
                None => (Effect::Fine, None),
            },
            publishing_dates: publishing
                .publishing_dates
                .iter()
                .filter_map(|date| {
                    role_date(
                        date.publishing_date_role.as_deref(),
                        date.date,
                        date.date_format.as_deref(),
                        "PublishingDate",
                    )
                })
                .collect(),
            restrictions,
            rights: None,
            supplies: Vec::new(),
        };
        out.read_rights(&publishing);
        out.read_supplies(&supplies, header);
        out.library = is_library_form && out.has_restriction("06");
        out
    }

    /// Whether it is a library's offer (`ProductForm` EB, EC or ED with `SalesRestriction` 06).
    pub fn is_library(&self) -> bool {
        self.library
    }

    fn has_restriction(&self, code: &str) -> bool {
        self.restrictions
            .iter()
            .chain(self.supplies.iter().flat_map(|supply| &supply.restrictions))
            .any(|restriction| restriction.restriction_type.as_deref() == Some(code))
    }

    /// `SalesRights` 00–08 and `ROWSalesRightsType`, taken together. What is expressly not for
    /// sale isn't, whatever else is said of it.
    fn read_rights(&mut self, publishing: &onix::PublishingDetail<'_>) {
        let row_type = publishing.row_sales_rights_type.as_deref();
        if publishing.sales_rights.is_empty() && row_type.is_none() {
            return;
        }
        let territories = with_row(
            publishing
                .sales_rights
                .iter()
                .map(|rights| &rights.territory),
        );
        let mut for_sale = Territory::NOWHERE;
        let mut not_for_sale = Territory::NOWHERE;
        let mut unstated = Territory::NOWHERE;
        let mut all = Territory::NOWHERE;
        let mut texts = Vec::new();
        for (rights, territory) in publishing.sales_rights.iter().zip(&territories) {
            let code = rights.sales_rights_type.as_deref();
            all = all.union(territory);
            let set = match rules::sales_rights_type(code) {
                Right::ForSale => &mut for_sale,
                Right::NotForSale => &mut not_for_sale,
                Right::Unstated => &mut unstated,
            };
            *set = set.union(territory);
            texts.push(format!("{} {}", code.unwrap_or("-"), territory.summary()));
            self.restrictions
                .extend(restrictions(&rights.sales_restrictions, Some(*territory)));
        }
        if let Some(code) = row_type {
            let rest = Territory::world().minus(&all);
            let set = match rules::sales_rights_type(Some(code)) {
                Right::ForSale => &mut for_sale,
                Right::NotForSale => &mut not_for_sale,
                Right::Unstated => &mut unstated,
            };
            *set = set.union(&rest);
            texts.push(format!("{code} rest of the world"));
        }
        let byte = publishing
            .sales_rights
            .first()
            .and_then(|rights| rights.element())
            .or(publishing.element())
            .map_or(0, Element::byte);
        self.rights = Some(Rights {
            for_sale: for_sale.minus(&not_for_sale),
            unstated: unstated.minus(&not_for_sale),
            byte,
            text: texts.join("; "),
        });
    }

    fn read_supplies(&mut self, supplies: &[onix::ProductSupply<'_>], header: &onix::Header) {
        let markets = markets(supplies);
        for (supply, market) in supplies.iter().zip(markets) {
            let detail = supply.market_publishing_detail.as_ref();
            let supply_to = with_row(supply.supply_details.iter().map(|detail| &detail.supply_to));
            self.supplies.push(Supply {
                market,
                status: match detail.and_then(|detail| detail.element()) {
                    Some(element) => stated_effect(
                        element,
                        onix::Tag::MarketPublishingStatus,
                        rules::market_publishing_status,
                    ),
                    None => (Effect::Fine, None),
                },
                dates: detail
                    .iter()
                    .flat_map(|detail| &detail.market_dates)
                    .filter_map(|date| {
                        role_date(
                            date.market_date_role.as_deref(),
                            date.date,
                            date.date_format.as_deref(),
                            "MarketDate",
                        )
                    })
                    .collect(),
                restrictions: supply
                    .markets
                    .iter()
                    .flat_map(|market| restrictions(&market.sales_restrictions, None))
                    .collect(),
                suppliers: supply
                    .supply_details
                    .iter()
                    .zip(supply_to)
                    .map(|(detail, territory)| supplier(detail, territory, header))
                    .collect(),
            });
        }
    }

    /// Every price, resolved, in the order of the record.
    pub fn rows(&self, account: &Account) -> Vec<Offer> {
        let mut out = Vec::new();
        for (market, supply) in self.supplies.iter().enumerate() {
            for supplier in &supply.suppliers {
                for price in &supplier.prices {
                    out.push(self.row(market, supply, supplier, price, &account.minor_units));
                }
            }
        }
        out
    }

    pub(crate) fn row(
        &self,
        market: usize,
        supply: &Supply,
        supplier: &Supplier,
        price: &Price,
        units: &MinorUnits,
    ) -> Offer {
        Offer {
            format: self.format,
            protections: price.protections.unwrap_or(self.protections),
            countries: self.countries(supply, supplier, price),
            currency: price.currency,
            price_type: price.price_type.clone(),
            amount: price.amount.clone(),
            cost: price.cost(units),
            from: price.from,
            until: price.until,
            qualifier: price.qualifier.clone(),
            price_status: price.status.clone(),
            unpriced: price.unpriced.clone(),
            tax_rate: price.tax_rate.clone(),
            cost_without_taxes: price.cost_without_taxes(units),
            supplier: supplier.name.clone(),
            market,
            byte: price.byte,
        }
    }

    /// Market, rights, supplier and price together.
    fn countries(&self, supply: &Supply, supplier: &Supplier, price: &Price) -> Territory {
        let parts = [
            supply.market.as_ref().map(|(market, _)| market),
            self.rights.as_ref().map(|rights| &rights.for_sale),
            supplier.supply_to.as_ref(),
            price.territory.as_ref(),
        ];
        parts
            .into_iter()
            .flatten()
            .fold(Territory::world(), |all, part| all.intersection(part))
    }

    /// The cheapest offer that satisfies the filter at that moment.
    pub fn find(&self, filter: &OfferFilter, at: Moment, account: &Account) -> Option<Offer> {
        let country = filter.country;
        let mut best: Option<(Cost, Offer)> = None;
        for (market, supply) in self.supplies.iter().enumerate() {
            for supplier in &supply.suppliers {
                if !self.is_good_for(filter.sellable, supply, supplier, country, at, account) {
                    continue;
                }
                for price in &supplier.prices {
                    let Some(cost) = price.wanted(filter, at, account) else {
                        continue;
                    };
                    let protections = price.protections.unwrap_or(self.protections);
                    let protected = filter.protection.is_none_or(|protection| {
                        protections.accept(protection, None) == Accepted::Yes
                    });
                    let covered = country.is_none_or(|country| {
                        self.countries(supply, supplier, price).coverage(country) == Coverage::In
                    });
                    if covered && protected && best.as_ref().is_none_or(|(least, _)| cost < *least)
                    {
                        let row = self.row(market, supply, supplier, price, &account.minor_units);
                        best = Some((cost, row));
                    }
                }
            }
        }
        best.map(|(_, offer)| offer)
    }

    /// Whether it is for sale in that country (in some country, without one) at that moment.
    pub fn status(&self, country: Option<Country>, at: Moment, account: &Account) -> Status {
        let mut best = Status::No;
        for supply in &self.supplies {
            for supplier in &supply.suppliers {
                let status = self.standing_status(supply, supplier, country, at, account);
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

impl Price {
    /// The amount in minor units, by the account's exponents. A free title costs nothing.
    pub(crate) fn cost(&self, units: &MinorUnits) -> Option<Cost> {
        if self.unpriced.is_some() {
            return self.is_free().then_some(0);
        }
        if *units == MinorUnits::default() {
            return self.default_cost;
        }
        units.cost(self.amount.as_deref()?, self.currency?)
    }

    pub(crate) fn is_free(&self) -> bool {
        self.unpriced.as_deref() == Some("01")
    }

    /// Whether it is a price a consumer's sale may be made at.
    pub(crate) fn counts(&self) -> bool {
        self.excluded.is_none()
    }

    /// Whether it is in force at a moment.
    pub(crate) fn is_in_force(&self, at: Moment, account: &Account) -> bool {
        let begun = self.from.is_none_or(|from| from.start(&account.zone) <= at);
        let over = self
            .until
            .is_some_and(|until| until.end(&account.zone) <= at);
        begun && !over
    }

    fn wanted(&self, filter: &OfferFilter, at: Moment, account: &Account) -> Option<Cost> {
        if !self.counts() || self.limited || self.unreadable_date || !self.is_in_force(at, account)
        {
            return None;
        }
        let cost = self.cost(&account.minor_units)?;
        let currency = filter
            .currency
            .is_none_or(|currency| self.is_free() || self.currency == Some(currency));
        let price_type = filter.price_type.as_ref().is_none_or(|price_type| {
            self.is_free() || self.price_type.as_ref() == Some(price_type)
        });
        let in_range = filter.min_cost.is_none_or(|least| cost >= least)
            && filter.max_cost.is_none_or(|most| cost <= most);
        (currency && price_type && in_range).then_some(cost)
    }

    /// The cost without taxes, where the record states it or the rate.
    pub(crate) fn cost_without_taxes(&self, units: &MinorUnits) -> Option<Cost> {
        let cost = self.cost(units)?;
        let price_type = self.price_type.as_deref()?;
        if !rules::includes_tax(price_type) {
            return Some(cost);
        }
        let (taxable, tax) = self.taxed.as_ref()?;
        let currency = self.currency?;
        if let Some(taxable) = taxable {
            return units.cost(taxable, currency);
        }
        if let Some(tax) = tax {
            return cost.checked_sub(units.cost(tax, currency)?);
        }
        without_rate(cost, self.tax_rate.as_deref()?)
    }
}

/// A cost less the tax in it at a rate in per cent, rounded half up, in integers.
fn without_rate(cost: Cost, rate: &str) -> Option<Cost> {
    let (whole, part) = rate.split_once('.').unwrap_or((rate, ""));
    let part = format!("{part:0<4}");
    if part.len() > 4 {
        return None;
    }
    let rate: u128 = format!("{whole}{part}").parse().ok()?;
    // cost / (1 + rate / 100), the rate in ten-thousandths of a per cent.
    let whole = 1_000_000u128;
    let exact = u128::from(cost) * whole * 2 + (whole + rate);
    Cost::try_from(exact / ((whole + rate) * 2)).ok()
}

fn protections(descriptive: &onix::DescriptiveDetail<'_>) -> Protections {
    let codes = &descriptive.epub_technical_protections;
    let set = Protections::of_codes(codes.iter().map(AsRef::as_ref));
    let limited = descriptive.epub_usage_constraints.iter().any(|constraint| {
        constraint.epub_usage_type.as_deref() == Some("07")
            && !constraint.epub_usage_limits.is_empty()
    });
    match limited {
        true => set.with_time_limit(),
        false => set,
    }
}

fn stated_in(parent: Option<Element<'_>>, tag: onix::Tag) -> Option<Stated> {
    let elements: Vec<_> = parent?.all(tag).collect();
    let values: Vec<_> = elements.iter().map(|element| element.text()).collect();
    Some(Stated {
        value: values.join(" "),
        ..Stated::of(*elements.first()?)
    })
}

fn stated_effect(
    parent: Element<'_>,
    tag: onix::Tag,
    rule: impl Fn(Option<&str>) -> Effect,
) -> (Effect, Option<Stated>) {
    let stated = parent
        .child(tag)
        .map(Stated::of)
        .filter(|stated| !stated.value.is_empty());
    let effect = rule(stated.as_ref().map(|stated| stated.value.as_str()));
    (effect, stated)
}

fn role_date(
    role: Option<&str>,
    date: Option<Element<'_>>,
    format: Option<&str>,
    element: &'static str,
) -> Option<RoleDate> {
    let date = date?;
    let role = role.unwrap_or_default().to_owned();
    Some(RoleDate {
        stated: Stated {
            element,
            value: format!("{role} {}", date.text()),
            byte: date.byte(),
        },
        date: parse_date(date, format),
        role,
    })
}

fn parse_date(date: Element<'_>, format: Option<&str>) -> Option<Date> {
    let attribute = date.attribute("dateformat");
    Date::parse(&date.text(), attribute.as_deref().or(format))
}

fn restrictions(
    restrictions: &[onix::SalesRestriction<'_>],
    territory: Option<Territory>,
) -> Vec<Restriction> {
    restrictions
        .iter()
        .map(|restriction| Restriction {
            restriction_type: restriction
                .sales_restriction_type
                .as_deref()
                .map(str::to_owned),
            outlets: restriction
                .sales_outlets
                .iter()
                .flat_map(|outlet| {
                    let values = outlet
                        .sales_outlet_identifiers
                        .iter()
                        .filter_map(|identifier| identifier.id_value.as_deref());
                    outlet
                        .sales_outlet_name
                        .as_deref()
                        .into_iter()
                        .chain(values)
                })
                .map(str::to_owned)
                .collect(),
            from: restriction
                .start_date
                .map(|date| parse_date(date, None).ok_or(())),
            until: restriction
                .end_date
                .map(|date| parse_date(date, None).ok_or(())),
            territory,
            byte: restriction.element().map_or(0, Element::byte),
        })
        .collect()
}

fn territory(territory: &onix::Territory<'_>, row: Option<&Territory>) -> Territory {
    Territory::of_codes(
        territory
            .countries_included
            .iter()
            .chain(territory.regions_included.iter()),
        territory
            .countries_excluded
            .iter()
            .chain(territory.regions_excluded.iter()),
        row,
    )
}

fn mentions_row(territory: &onix::Territory<'_>) -> bool {
    territory
        .regions_included
        .iter()
        .any(|code| code.eq_ignore_ascii_case("ROW"))
}

/// Territories beside each other, in which `ROW` means the world without the others.
fn with_row<'t, 'a: 't>(
    territories: impl Iterator<Item = &'t onix::Territory<'a>>,
) -> Vec<Territory> {
    let stated: Vec<_> = territories.collect();
    let others = stated
        .iter()
        .filter(|stated| !mentions_row(stated))
        .fold(Territory::NOWHERE, |all, stated| {
            all.union(&territory(stated, None))
        });
    let row = Territory::world().minus(&others);
    stated
        .iter()
        .map(|stated| territory(stated, Some(&row)))
        .collect()
}

/// The market of each supply; `None` where none is stated.
fn markets(supplies: &[onix::ProductSupply<'_>]) -> Vec<Option<(Territory, Stated)>> {
    let flat: Vec<_> = supplies
        .iter()
        .flat_map(|supply| supply.markets.iter().map(|market| &market.territory))
        .collect();
    let mut resolved = with_row(flat.into_iter()).into_iter();
    supplies
        .iter()
        .map(|supply| {
            let first = supply.markets.first()?;
            let market = resolved
                .by_ref()
                .take(supply.markets.len())
                .fold(Territory::NOWHERE, |all, market| all.union(&market));
            let stated = Stated {
                element: "Market",
                value: market.summary(),
                byte: first.element().map_or(0, Element::byte),
            };
            Some((market, stated))
        })
        .collect()
}

fn supplier(
    detail: &onix::SupplyDetail<'_>,
    supply_to: Territory,
    header: &onix::Header,
) -> Supplier {
    let element = detail.element();
    let stated = |tag| {
        element
            .and_then(|element| element.child(tag))
            .map(Stated::of)
    };
    let availability = match (
        stated(onix::Tag::ProductAvailability),
        stated(onix::Tag::AvailabilityCode),
    ) {
        (Some(code), _) => Some((rules::product_availability(&code.value), code)),
        (None, Some(code)) => Some((rules::availability_code(&code.value), code)),
        (None, None) => None,
    };
    let mut prices: Vec<Price> = detail.prices.iter().map(|row| price(row, header)).collect();
    if let Some(unpriced) = &detail.unpriced_item_type {
        prices.push(unpriced_row(unpriced, element));
    }
    Supplier {
        name: detail
            .suppliers
            .iter()
            .find_map(|supplier| supplier.supplier_name.as_deref())
            .map(str::to_owned),
        supply_to: (!detail.supply_to.is_empty()).then_some(supply_to),
        availability,
        dates: detail
            .supply_dates
            .iter()
            .filter_map(|date| {
                role_date(
                    date.supply_date_role.as_deref(),
                    date.date,
                    date.date_format.as_deref(),
                    "SupplyDate",
                )
            })
            .collect(),
        prices,
    }
}

/// `UnpricedItemType` of the supplier: all that it supplies.
fn unpriced_row(unpriced: &str, element: Option<Element<'_>>) -> Price {
    Price {
        price_type: None,
        currency: None,
        amount: None,
        default_cost: None,
        territory: None,
        from: None,
        until: None,
        unreadable_date: false,
        qualifier: None,
        status: None,
        unpriced: Some(unpriced.to_owned()),
        protections: None,
        limited: false,
        excluded: (unpriced != "01").then_some("UnpricedItemType"),
        tax_rate: None,
        taxed: None,
        byte: element
            .and_then(|element| element.child(onix::Tag::UnpricedItemType))
            .map_or(0, Element::byte),
    }
}

fn price(row: &onix::Price<'_>, header: &onix::Header) -> Price {
    let owned = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().map(str::to_owned);
    let unpriced = owned(&row.unpriced_item_type).filter(|_| row.price_amount.is_none());
    let amount = owned(&row.price_amount);
    let currency = row
        .currency_code
        .as_deref()
        .or(header
            .default_currency
            .as_deref()
            .filter(|_| amount.is_some()))
        .and_then(Currency::parse);
    let mut out = Price {
        price_type: owned(&row.price_type).or_else(|| header.default_price_type.clone()),
        default_cost: amount
            .as_deref()
            .zip(currency)
            .and_then(|(amount, currency)| MinorUnits::default().cost(amount, currency)),
        currency,
        amount,
        territory: (!row.territory.is_empty()).then(|| territory(&row.territory, None)),
        from: None,
        until: None,
        unreadable_date: false,
        qualifier: owned(&row.price_qualifier),
        status: owned(&row.price_status),
        unpriced,
        protections: (!row.epub_technical_protections.is_empty()).then(|| {
            Protections::of_codes(row.epub_technical_protections.iter().map(AsRef::as_ref))
        }),
        limited: row
            .price_constraints
            .iter()
            .any(|constraint| constraint.price_constraint_type.as_deref() == Some("07"))
            || row
                .price_conditions
                .iter()
                .any(|condition| condition.price_condition_type.as_deref() == Some("10")),
        excluded: None,
        tax_rate: row
            .taxes
            .iter()
            .find_map(|tax| tax.tax_rate_percent.as_deref())
            .map(str::to_owned),
        taxed: single_tax(&row.taxes),
        byte: row.element().map_or(0, Element::byte),
    };
    for date in &row.price_dates {
        out.read_date(date);
    }
    out.excluded = exclusion(row, &out);
    out
}

/// Taxable amount and tax, where there is one tax only.
fn single_tax(taxes: &[onix::Tax<'_>]) -> Option<(Option<String>, Option<String>)> {
    let [tax] = taxes else { return None };
    Some((
        tax.taxable_amount.as_deref().map(str::to_owned),
        tax.tax_amount.as_deref().map(str::to_owned),
    ))
}

impl Price {
    /// `PriceDate` 14 from, 15 until (both inclusive), 24 from and until.
    fn read_date(&mut self, date: &onix::PriceDate<'_>) {
        let role = date.price_date_role.as_deref();
        if !matches!(role, Some("14" | "15" | "24")) {
            return;
        }
        let parsed = date
            .date
            .and_then(|element| parse_date(element, date.date_format.as_deref()));
        match parsed {
            None => self.unreadable_date = true,
            Some(parsed) if role == Some("14") => self.from = Some(parsed),
            Some(parsed) if role == Some("15") => self.until = Some(parsed),
            Some(parsed) => (self.from, self.until) = (Some(parsed), Some(parsed)),
        }
    }
}

/// Why a price isn't one that a consumer pays for one copy.
fn exclusion(row: &onix::Price<'_>, price: &Price) -> Option<&'static str> {
    if !rules::is_consumer_price(price.qualifier.as_deref()) {
        return Some("PriceQualifier");
    }
    if price.unpriced.as_deref().is_some_and(|code| code != "01") {
        return Some("UnpricedItemType");
    }
    if price.amount.is_none() && price.unpriced.is_none() {
        return Some("PriceAmount");
    }
    let more_than_one = |quantity: Option<&str>| {
        quantity.is_some_and(|quantity| quantity.parse::<u64>().map_or(true, |n| n > 1))
    };
    if more_than_one(row.minimum_order_quantity.as_deref()) {
        return Some("MinimumOrderQuantity");
    }
    let conditional = row.price_conditions.iter().any(|condition| {
        let code = condition.price_condition_type.as_deref();
        let rental = code == Some("10");
        let copies = condition
            .price_condition_quantities
            .iter()
            .filter(|quantity| {
                matches!(
                    quantity.price_condition_quantity_type.as_deref(),
                    Some("03" | "04" | "05")
                )
            })
            .any(|quantity| more_than_one(quantity.quantity.as_deref()));
        !(rental || rules::is_plain_condition(code)) || copies
    });
    conditional.then_some("PriceCondition")
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
    }
}

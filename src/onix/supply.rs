//! Block 6, `ProductSupply`: markets, suppliers, availability and prices.

use std::borrow::Cow;

use super::composite::{Read, composite};
use super::descriptive::{EpubLicense, EpubUsageLimit, Identifier};
use super::element::Element;
use super::publishing::{SalesRestriction, Territory};
use super::tag::Tag;

composite! {
    /// `ProductSupply` (block 6).
    ProductSupply {
        supply_date_roles: Vec<Cow<'a, str>> = SupplyDateRole;
        markets: Vec<Market<'a>> = Market;
        market_publishing_detail: Option<MarketPublishingDetail<'a>> = MarketPublishingDetail;
        supply_details: Vec<SupplyDetail<'a>> = SupplyDetail;
    }

    /// `Market` (P.24)
    Market {
        territory: Territory<'a> = Territory;
        sales_restrictions: Vec<SalesRestriction<'a>> = SalesRestriction;
    }

    /// `MarketPublishingDetail` (P.25), in 2.1 `MarketRepresentation`.
    MarketPublishingDetail {
        publisher_representatives: Vec<Element<'a>> = PublisherRepresentative;
        market_publishing_status: Option<Cow<'a, str>> = MarketPublishingStatus;
        market_publishing_status_notes: Vec<Cow<'a, str>> = MarketPublishingStatusNote;
        market_dates: Vec<MarketDate<'a>> = MarketDate;
    }

    /// `MarketDate` (P.25)
    MarketDate {
        market_date_role: Option<Cow<'a, str>> = MarketDateRole;
        date_format: Option<Cow<'a, str>> = DateFormat;
        date: Option<Element<'a>> = Date;
    }

    /// `Supplier` (P.26)
    Supplier {
        supplier_role: Option<Cow<'a, str>> = SupplierRole;
        supplier_identifiers: Vec<Identifier<'a>> = SupplierIdentifier;
        supplier_name: Option<Cow<'a, str>> = SupplierName;
    }

    /// `SupplyDate` (P.26)
    SupplyDate {
        supply_date_role: Option<Cow<'a, str>> = SupplyDateRole;
        date_format: Option<Cow<'a, str>> = DateFormat;
        date: Option<Element<'a>> = Date;
    }

    /// `PriceDate` (P.26)
    PriceDate {
        price_date_role: Option<Cow<'a, str>> = PriceDateRole;
        date_format: Option<Cow<'a, str>> = DateFormat;
        date: Option<Element<'a>> = Date;
    }

    /// `PriceCondition` (P.26)
    PriceCondition {
        price_condition_type: Option<Cow<'a, str>> = PriceConditionType;
        price_condition_quantities: Vec<PriceConditionQuantity<'a>> = PriceConditionQuantity;
        product_identifiers: Vec<Identifier<'a>> = ProductIdentifier;
    }

    /// `PriceConditionQuantity` (P.26)
    PriceConditionQuantity {
        price_condition_quantity_type: Option<Cow<'a, str>> = PriceConditionQuantityType;
        quantity: Option<Cow<'a, str>> = Quantity;
        quantity_unit: Option<Cow<'a, str>> = QuantityUnit;
    }

    /// `PriceConstraint` (P.26)
    PriceConstraint {
        price_constraint_type: Option<Cow<'a, str>> = PriceConstraintType;
        price_constraint_status: Option<Cow<'a, str>> = PriceConstraintStatus;
        price_constraint_limits: Vec<EpubUsageLimit<'a>> = PriceConstraintLimit;
    }

    /// `Tax` (P.26)
    Tax {
        tax_type: Option<Cow<'a, str>> = TaxType;
        tax_rate_code: Option<Cow<'a, str>> = TaxRateCode;
        tax_rate_percent: Option<Cow<'a, str>> = TaxRatePercent;
        taxable_amount: Option<Cow<'a, str>> = TaxableAmount;
        tax_amount: Option<Cow<'a, str>> = TaxAmount;
    }

    /// `Discount` (P.26)
    Discount {
        discount_type: Option<Cow<'a, str>> = DiscountType;
        quantity: Option<Cow<'a, str>> = Quantity;
        discount_percent: Option<Cow<'a, str>> = DiscountPercent;
        discount_amount: Option<Cow<'a, str>> = DiscountAmount;
    }
}

/// `SupplyDetail` (P.26)
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SupplyDetail<'a> {
    pub(super) element: Option<Element<'a>>,
    /// `Supplier`, in 2.1 `SupplierName` and its neighbours.
    pub suppliers: Vec<Supplier<'a>>,
    /// `ProductAvailability` (list 65)
    pub product_availability: Option<Cow<'a, str>>,
    /// 2.1's `AvailabilityCode` (list 54)
    pub availability_code: Option<Cow<'a, str>>,
    /// `SupplyDate`; in 2.1 also `ExpectedShipDate` (role 08) and `OnSaleDate` (role 02).
    pub supply_dates: Vec<SupplyDate<'a>>,
    /// 2.1's `SupplyToCountry` and its neighbours.
    pub supply_to: Territory<'a>,
    /// `UnpricedItemType` (list 57)
    pub unpriced_item_type: Option<Cow<'a, str>>,
    /// `Price`
    pub prices: Vec<Price<'a>>,
    /// `OrderQuantityMinimum` and the like have no field: see [`SupplyDetail::element`].
    pub price_amount: Option<Cow<'a, str>>,
}

/// `Price` (P.26)
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Price<'a> {
    pub(super) element: Option<Element<'a>>,
    /// `PriceType` (list 58)
    pub price_type: Option<Cow<'a, str>>,
    /// `PriceQualifier` (list 59)
    pub price_qualifier: Option<Cow<'a, str>>,
    /// `EpubTechnicalProtection` of the price (list 144)
    pub epub_technical_protections: Vec<Cow<'a, str>>,
    /// `PriceConstraint`
    pub price_constraints: Vec<PriceConstraint<'a>>,
    /// `EpubLicense` of the price
    pub epub_licenses: Vec<EpubLicense<'a>>,
    /// `PriceCondition`
    pub price_conditions: Vec<PriceCondition<'a>>,
    /// `MinimumOrderQuantity`
    pub minimum_order_quantity: Option<Cow<'a, str>>,
    /// `Discount`
    pub discounts: Vec<Discount<'a>>,
    /// `PriceStatus` (list 61)
    pub price_status: Option<Cow<'a, str>>,
    /// `PriceAmount`, as written.
    pub price_amount: Option<Cow<'a, str>>,
    /// `Tax`
    pub taxes: Vec<Tax<'a>>,
    /// `UnpricedItemType` (list 57)
    pub unpriced_item_type: Option<Cow<'a, str>>,
    /// `CurrencyCode` (list 96)
    pub currency_code: Option<Cow<'a, str>>,
    /// `Territory`; before 3.0 `CountryCode` and its neighbours.
    pub territory: Territory<'a>,
    /// `PriceDate`; in 2.1 also `PriceEffectiveFrom` (14) and `PriceEffectiveUntil` (15).
    pub price_dates: Vec<PriceDate<'a>>,
}

impl<'a> SupplyDetail<'a> {
    /// The element it was read from.
    pub fn element(&self) -> Option<Element<'a>> {
        self.element
    }
}

impl<'a> Read<'a> for SupplyDetail<'a> {
    fn read(element: Element<'a>) -> Self {
        use super::composite::Field;
        let mut out = Self {
            element: Some(element),
            prices: Vec::with_capacity(element.all(Tag::Price).count()),
            ..Self::default()
        };
        for child in element.children() {
            match child.tag() {
                Tag::Price => out.prices.receive(child),
                Tag::Supplier => out.suppliers.receive(child),
                Tag::ProductAvailability => out.product_availability.receive(child),
                Tag::AvailabilityCode => out.availability_code.receive(child),
                Tag::SupplyDate => out.supply_dates.receive(child),
                Tag::UnpricedItemType => out.unpriced_item_type.receive(child),
                Tag::SupplierName => out.suppliers.push(Supplier {
                    supplier_name: Some(child.text()),
                    ..Supplier::default()
                }),
                Tag::ExpectedShipDate => out.supply_dates.extend(dated("08", child, element)),
                Tag::OnSaleDate => out.supply_dates.extend(dated("02", child, element)),
                _ => {
                    out.supply_to.take_child(child);
                }
            }
        }
        out
    }
}

/// A date that 2.1 gives as one element, unless that is empty.
fn dated<'a>(role: &'static str, date: Element<'a>, parent: Element<'a>) -> Option<SupplyDate<'a>> {
    (!date.text().is_empty()).then(|| SupplyDate {
        element: Some(date),
        supply_date_role: Some(Cow::Borrowed(role)),
        date_format: parent.text_of(Tag::DateFormat),
        date: Some(date),
    })
}

impl<'a> Price<'a> {
    /// The element it was read from.
    pub fn element(&self) -> Option<Element<'a>> {
        self.element
    }
}

impl<'a> Read<'a> for Price<'a> {
    fn read(element: Element<'a>) -> Self {
        use super::composite::Field;
        let mut out = Self {
            element: Some(element),
            ..Self::default()
        };
        let price_date = |role: &'static str, date: Element<'a>| {
            (!date.text().is_empty()).then_some(PriceDate {
                element: Some(date),
                price_date_role: Some(Cow::Borrowed(role)),
                date_format: None,
                date: Some(date),
            })
        };
        for child in element.children() {
            match child.tag() {
                Tag::PriceType | Tag::PriceTypeCode => out.price_type.receive(child),
                Tag::PriceAmount => out.price_amount.receive(child),
                Tag::CurrencyCode => out.currency_code.receive(child),
                Tag::PriceQualifier => out.price_qualifier.receive(child),
                Tag::PriceStatus => out.price_status.receive(child),
                Tag::PriceDate => out.price_dates.receive(child),
                Tag::Tax => out.taxes.receive(child),
                Tag::UnpricedItemType => out.unpriced_item_type.receive(child),
                Tag::EpubTechnicalProtection => out.epub_technical_protections.receive(child),
                Tag::PriceConstraint => out.price_constraints.receive(child),
                Tag::EpubLicense => out.epub_licenses.receive(child),
                Tag::PriceCondition => out.price_conditions.receive(child),
                Tag::MinimumOrderQuantity => out.minimum_order_quantity.receive(child),
                Tag::Discount => out.discounts.receive(child),
                Tag::PriceEffectiveFrom => out.price_dates.extend(price_date("14", child)),
                Tag::PriceEffectiveUntil => out.price_dates.extend(price_date("15", child)),
                Tag::TaxRateCode1 => out.taxes.push(tax_1(element)),
                _ => {
                    out.territory.take_child(child);
                }
            }
        }
        out
    }
}

/// 2.1's `TaxRateCode1`, `TaxRatePercent1`, `TaxAmount1`.
fn tax_1<'a>(price: Element<'a>) -> Tax<'a> {
    Tax {
        tax_rate_code: price.text_of(Tag::TaxRateCode1),
        tax_rate_percent: price.text_of(Tag::TaxRatePercent1),
        taxable_amount: price.text_of(Tag::TaxableAmount1),
        tax_amount: price.text_of(Tag::TaxAmount1),
        ..Tax::default()
    }
}

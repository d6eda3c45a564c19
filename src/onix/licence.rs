//! On what terms a file is licensed: usage constraints and licences of the product, and those of a price, which go
//! before them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Product;
use super::descriptive::{EpubLicense, EpubUsageConstraint, EpubUsageLimit};
use super::supply::{Price, PriceConstraint};

/// The terms of a licence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct LicenceTerms {
    /// `EpubUsageConstraint`, or `PriceConstraint` of the same type.
    pub usage_constraints: Vec<UsageConstraint>,
    /// `EpubLicense`: names and links.
    pub licences: Vec<String>,
    /// How often it may be lent, as written (list 145: 16 or 06, in times).
    pub loans: Option<String>,
    /// How long the licence lasts, in days, weeks or months (list 145: 07), such as `24 months`.
    pub duration: Option<String>,
    /// How many may read it at a time, as written (list 147: 07 or 15).
    pub simultaneous_users: Option<String>,
}

/// A usage constraint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct UsageConstraint {
    /// Usage type (list 145)
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub usage_type: String,
    /// Usage status (list 146)
    pub status: Option<String>,
    /// Limits: a quantity and its unit (list 147) each.
    pub limits: Vec<(String, String)>,
}

impl LicenceTerms {
    /// The terms of a product at one of its prices, or whatever the price.
    pub fn of(product: &Product<'_>, price: Option<&Price<'_>>) -> Self {
        let detail = product.descriptive_detail();
        let own = detail.epub_usage_constraints.iter().filter_map(of_product);
        let of_price = price.into_iter().flat_map(|price| &price.price_constraints);
        let mut usage_constraints: Vec<UsageConstraint> =
            of_price.filter_map(of_price_constraint).collect();
        let said: HashSet<String> = usage_constraints
            .iter()
            .map(|one| one.usage_type.clone())
            .collect();
        let unsaid = own.filter(|one| !said.contains(&one.usage_type));
        usage_constraints.extend(unsaid);
        let licences = match price {
            Some(price) if !price.epub_licenses.is_empty() => &price.epub_licenses,
            _ => &detail.epub_licenses,
        };
        Self {
            licences: licences.iter().filter_map(licence).collect(),
            loans: limit(&usage_constraints, &["16", "06"], &["10"]).map(|(n, _)| n.to_owned()),
            duration: limit(
                &usage_constraints,
                &["07"],
                &["09", "13", "14", "27", "28", "29"],
            )
            .map(|(n, unit)| format!("{n} {}", duration(unit))),
            simultaneous_users: limit(&usage_constraints, &["09", "16", "06", "07"], &["07", "15"])
                .map(|(n, _)| n.to_owned()),
            usage_constraints,
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.usage_constraints.is_empty() && self.licences.is_empty()
    }
}

fn of_product(constraint: &EpubUsageConstraint<'_>) -> Option<UsageConstraint> {
    usage(
        constraint.epub_usage_type.as_deref(),
        constraint.epub_usage_status.as_deref(),
        &constraint.epub_usage_limits,
    )
}

fn of_price_constraint(constraint: &PriceConstraint<'_>) -> Option<UsageConstraint> {
    usage(
        constraint.price_constraint_type.as_deref(),
        constraint.price_constraint_status.as_deref(),
        &constraint.price_constraint_limits,
    )
}

fn usage(
    usage_type: Option<&str>,
    status: Option<&str>,
    limits: &[EpubUsageLimit<'_>],
) -> Option<UsageConstraint> {
    let text = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
    let limit = |limit: &EpubUsageLimit<'_>| (text(&limit.quantity), text(&limit.epub_usage_unit));
    Some(UsageConstraint {
        usage_type: usage_type?.to_owned(),
        status: status.map(str::to_owned),
        limits: limits.iter().map(limit).collect(),
    })
}

/// The names and links of a licence.
fn licence(licence: &EpubLicense<'_>) -> Option<String> {
    let names = licence.epub_license_names.iter();
    let links = licence.epub_license_expressions.iter();
    let links = links.filter_map(|expression| expression.epub_license_expression_link.as_ref());
    let texts: Vec<&str> = names.chain(links).map(|text| &**text).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

/// The first limit of constraints of these types in these units.
fn limit<'c>(
    constraints: &'c [UsageConstraint],
    types: &[&str],
    units: &[&str],
) -> Option<(&'c str, &'c str)> {
    let is_of = |one: &&UsageConstraint| types.contains(&&*one.usage_type);
    let mut limits = constraints.iter().filter(is_of).flat_map(|one| &one.limits);
    let found = limits.find(|(_, unit)| units.contains(&&**unit))?;
    Some((&found.0, &found.1))
}

fn duration(unit: &str) -> &'static str {
    match unit {
        "13" | "28" => "weeks",
        "14" | "29" => "months",
        _ => "days",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onix::Reader;

    #[test]
    fn a_price_goes_before_its_product() {
        let onix = br#"<Product><RecordReference>1</RecordReference><DescriptiveDetail>
            <EpubUsageConstraint><EpubUsageType>16</EpubUsageType><EpubUsageStatus>02</EpubUsageStatus>
              <EpubUsageLimit><Quantity>26</Quantity><EpubUsageUnit>10</EpubUsageUnit></EpubUsageLimit></EpubUsageConstraint>
            <EpubUsageConstraint><EpubUsageType>07</EpubUsageType><EpubUsageStatus>02</EpubUsageStatus>
              <EpubUsageLimit><Quantity>24</Quantity><EpubUsageUnit>14</EpubUsageUnit></EpubUsageLimit></EpubUsageConstraint>
            <EpubLicense><EpubLicenseName>L</EpubLicenseName></EpubLicense></DescriptiveDetail>
            <ProductSupply><SupplyDetail><Price><PriceConstraint><PriceConstraintType>16</PriceConstraintType>
              <PriceConstraintLimit><Quantity>5</Quantity><EpubUsageUnit>10</EpubUsageUnit></PriceConstraintLimit>
              <PriceConstraintLimit><Quantity>1</Quantity><EpubUsageUnit>07</EpubUsageUnit></PriceConstraintLimit>
              </PriceConstraint></Price></SupplyDetail></ProductSupply></Product>"#;
        let record = Reader::new(onix).into_records().next().unwrap().unwrap();
        let product = record.product();
        let whatever = LicenceTerms::of(&product, None);
        assert_eq!(whatever.loans.as_deref(), Some("26"));
        assert_eq!(whatever.duration.as_deref(), Some("24 months"));
        assert_eq!(whatever.simultaneous_users, None);
        assert_eq!(whatever.licences, ["L"]);
        let supplies = product.product_supplies();
        let price = &supplies[0].supply_details[0].prices[0];
        let terms = LicenceTerms::of(&product, Some(price));
        assert_eq!(terms.loans.as_deref(), Some("5"));
        assert_eq!(terms.simultaneous_users.as_deref(), Some("1"));
        assert_eq!(terms.duration.as_deref(), Some("24 months"));
        assert_eq!(terms.usage_constraints.len(), 2);
    }
}

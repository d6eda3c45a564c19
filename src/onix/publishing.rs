//! Block 4, `PublishingDetail`: who publishes it, when, and where it may be sold.

use std::borrow::Cow;

use super::composite::{Codes, composite};
use super::descriptive::Identifier;
use super::element::Element;

composite! {
    /// `PublishingDetail` (block 4).
    PublishingDetail {
        imprints: Vec<Imprint<'a>> = Imprint;
        publishers: Vec<Publisher<'a>> = Publisher;
        cities_of_publication: Vec<Cow<'a, str>> = CityOfPublication;
        country_of_publication: Option<Cow<'a, str>> = CountryOfPublication;
        publishing_status: Option<Cow<'a, str>> = PublishingStatus;
        publishing_status_notes: Vec<Cow<'a, str>> = PublishingStatusNote;
        publishing_dates: Vec<PublishingDate<'a>> = PublishingDate;
        copyright_statements: Vec<Element<'a>> = CopyrightStatement;
        sales_rights: Vec<SalesRights<'a>> = SalesRights;
        row_sales_rights_type: Option<Cow<'a, str>> = ROWSalesRightsType;
        sales_restrictions: Vec<SalesRestriction<'a>> = SalesRestriction;
    }

    /// `Imprint` (P.19)
    Imprint {
        imprint_identifiers: Vec<Identifier<'a>> = ImprintIdentifier;
        imprint_name: Option<Cow<'a, str>> = ImprintName;
        name_code_value: Option<Cow<'a, str>> = NameCodeValue;
    }

    /// `Publisher` (P.19)
    Publisher {
        publishing_role: Option<Cow<'a, str>> = PublishingRole;
        publisher_identifiers: Vec<Identifier<'a>> = PublisherIdentifier;
        publisher_name: Option<Cow<'a, str>> = PublisherName;
        name_code_value: Option<Cow<'a, str>> = NameCodeValue;
        websites: Vec<Website<'a>> = Website;
    }

    /// `Website`
    Website {
        website_role: Option<Cow<'a, str>> = WebsiteRole;
        website_descriptions: Vec<Cow<'a, str>> = WebsiteDescription;
        website_links: Vec<Cow<'a, str>> = WebsiteLink;
    }

    /// `PublishingDate` (P.20)
    PublishingDate {
        publishing_date_role: Option<Cow<'a, str>> = PublishingDateRole;
        date_format: Option<Cow<'a, str>> = DateFormat;
        date: Option<Element<'a>> = Date;
    }

    /// `SalesRights` (P.21); in 2.1 also `NotForSale`.
    SalesRights {
        sales_rights_type: Option<Cow<'a, str>> = SalesRightsType;
        territory: Territory<'a> = Territory | RightsCountry | RightsTerritory | RightsRegion;
        sales_restrictions: Vec<SalesRestriction<'a>> = SalesRestriction;
        product_identifiers: Vec<Identifier<'a>> = ProductIdentifier;
        publisher_name: Option<Cow<'a, str>> = PublisherName;
    }

    /// `SalesRestriction` (P.21)
    SalesRestriction {
        sales_restriction_type: Option<Cow<'a, str>> = SalesRestrictionType;
        sales_outlets: Vec<SalesOutlet<'a>> = SalesOutlet;
        sales_restriction_notes: Vec<Cow<'a, str>> = SalesRestrictionNote | SalesRestrictionDetail;
        start_date: Option<Element<'a>> = StartDate;
        end_date: Option<Element<'a>> = EndDate;
    }

    /// `SalesOutlet` (P.21)
    SalesOutlet {
        sales_outlet_identifiers: Vec<Identifier<'a>> = SalesOutletIdentifier;
        sales_outlet_name: Option<Cow<'a, str>> = SalesOutletName;
    }
}

/// `Territory`, or the elements that stood for it before 3.0.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Territory<'a> {
    /// `CountriesIncluded`
    pub countries_included: Codes<'a>,
    /// `RegionsIncluded`
    pub regions_included: Codes<'a>,
    /// `CountriesExcluded`
    pub countries_excluded: Codes<'a>,
    /// `RegionsExcluded`
    pub regions_excluded: Codes<'a>,
}

impl<'a> Territory<'a> {
    /// Whether no territory was stated at all.
    pub fn is_empty(&self) -> bool {
        self.countries_included.is_empty()
            && self.regions_included.is_empty()
            && self.countries_excluded.is_empty()
            && self.regions_excluded.is_empty()
    }

    /// Takes one of the elements that state a territory; returns whether it was one.
    pub(super) fn take_child(&mut self, child: Element<'a>) -> bool {
        use super::composite::Field;
        use super::tag::Tag;
        match child.tag() {
            Tag::Territory if !child.has_children() => self.regions_included.receive(child),
            Tag::Territory => {
                for part in child.children() {
                    self.take_child(part);
                }
            }
            Tag::CountriesIncluded
            | Tag::CountryCode
            | Tag::RightsCountry
            | Tag::MarketCountry
            | Tag::SupplyToCountry => self.countries_included.receive(child),
            Tag::RegionsIncluded
            | Tag::RightsTerritory
            | Tag::RightsRegion
            | Tag::MarketTerritory
            | Tag::SupplyToTerritory
            | Tag::SupplyToRegion => self.regions_included.receive(child),
            Tag::CountriesExcluded
            | Tag::CountryExcluded
            | Tag::MarketCountryExcluded
            | Tag::SupplyToCountryExcluded => self.countries_excluded.receive(child),
            Tag::RegionsExcluded | Tag::TerritoryExcluded => self.regions_excluded.receive(child),
            _ => return false,
        }
        true
    }
}

impl<'a> super::composite::Field<'a> for Territory<'a> {
    fn receive(&mut self, element: Element<'a>) {
        self.take_child(element);
    }
}

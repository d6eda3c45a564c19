//! Block 8, `PromotionDetail`: events that promote the product.

use std::borrow::Cow;

use super::collateral::{MarkedText, SupportingResource};
use super::composite::composite;
use super::descriptive::{Contributor, Identifier};
use super::element::Element;
use super::publishing::Website;

composite! {
    /// `PromotionDetail` (block 8).
    PromotionDetail {
        promotional_events: Vec<PromotionalEvent<'a>> = PromotionalEvent;
    }

    /// `PromotionalEvent` (P.28)
    PromotionalEvent {
        event_identifiers: Vec<Identifier<'a>> = EventIdentifier;
        event_types: Vec<Cow<'a, str>> = EventType;
        event_status: Option<Cow<'a, str>> = EventStatus;
        content_audiences: Vec<Cow<'a, str>> = ContentAudience;
        event_names: Vec<Cow<'a, str>> = EventName;
        contributors: Vec<Contributor<'a>> = Contributor;
        contributor_statements: Vec<Cow<'a, str>> = ContributorStatement;
        no_contributor: bool = NoContributor;
        event_descriptions: Vec<MarkedText<'a>> = EventDescription;
        event_occurrences: Vec<EventOccurrence<'a>> = EventOccurrence;
        supporting_resources: Vec<SupportingResource<'a>> = SupportingResource;
        event_sponsors: Vec<EventSponsor<'a>> = EventSponsor;
        websites: Vec<Website<'a>> = Website;
    }

    /// `EventOccurrence` (P.28)
    EventOccurrence {
        event_identifiers: Vec<Identifier<'a>> = EventIdentifier;
        occurrence_dates: Vec<OccurrenceDate<'a>> = OccurrenceDate;
        event_status: Option<Cow<'a, str>> = EventStatus;
        country_code: Option<Cow<'a, str>> = CountryCode;
        region_code: Option<Cow<'a, str>> = RegionCode;
        location_names: Vec<Cow<'a, str>> = LocationName;
        venue_name: Option<Cow<'a, str>> = VenueName;
        street_address: Option<Cow<'a, str>> = StreetAddress;
        postal_code: Option<Cow<'a, str>> = PostalCode;
        venue_notes: Vec<MarkedText<'a>> = VenueNote;
        event_descriptions: Vec<MarkedText<'a>> = EventDescription;
        websites: Vec<Website<'a>> = Website;
    }

    /// `OccurrenceDate` (P.28)
    OccurrenceDate {
        occurrence_date_role: Option<Cow<'a, str>> = OccurrenceDateRole;
        date_format: Option<Cow<'a, str>> = DateFormat;
        date: Option<Element<'a>> = Date;
    }

    /// `EventSponsor` (P.28)
    EventSponsor {
        event_sponsor_identifiers: Vec<Identifier<'a>> = EventSponsorIdentifier;
        person_name: Option<Cow<'a, str>> = PersonName;
        corporate_name: Option<Cow<'a, str>> = CorporateName;
    }
}

//! The owned document of a product: what is searched and shown.

use super::format::Format;
use super::moment::Date;
use super::protection::Protections;

/// A product as the catalogue knows it.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Entry {
    /// `RecordReference`
    pub record_reference: String,
    /// `NotificationType`
    pub notification_type: Option<String>,
    /// All its own identifiers.
    pub identifiers: Vec<EntryIdentifier>,
    /// Its ISBN-13, as far as it has one.
    pub isbn13: Option<String>,
    /// Its distinctive title.
    pub title: Option<String>,
    /// Its subtitle.
    pub subtitle: Option<String>,
    /// Other titles: original, alternative, of its parts.
    pub other_titles: Vec<String>,
    /// Series and sets it belongs to.
    pub series: Vec<EntrySeries>,
    /// Who made it.
    pub contributors: Vec<EntryContributor>,
    /// The first publisher's name.
    pub publisher: Option<String>,
    /// The first imprint's name.
    pub imprint: Option<String>,
    /// Language of its text (list 74).
    pub language: Option<String>,
    /// All languages of its text.
    pub languages: Vec<String>,
    /// Subjects.
    pub subjects: Vec<EntrySubject>,
    /// `ProductForm` (list 150, or 7)
    pub product_form: Option<String>,
    /// `ProductFormDetail` (list 175)
    pub product_form_details: Vec<String>,
    /// Its format.
    pub format: Option<Format>,
    /// Its protections.
    pub protections: Protections,
    /// `PublishingStatus` (list 64)
    pub publishing_status: Option<String>,
    /// Publication date (`PublishingDate` 01, else 11).
    pub published: Option<Date>,
    /// The longest description, as plain text.
    pub description: Option<String>,
    /// The address of the front cover.
    pub cover: Option<String>,
    /// For whom it is (list 28).
    pub audiences: Vec<String>,
    /// What it offers to readers who can't read print (list 196).
    pub accessibility: Vec<String>,
    /// Related products.
    pub related: Vec<EntryRelated>,
    /// Identifiers of the works that it is a manifestation of (list 164, 01).
    pub works: Vec<EntryIdentifier>,
    /// Whether it is a library offer: `ProductForm` EB, EC or ED with `SalesRestriction` 06.
    pub library: bool,
    /// Availability by supplier.
    pub availability: Vec<Availability>,
}

/// An identifier with its type (list 5).
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EntryIdentifier {
    /// `ProductIDType`
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub id_type: String,
    /// `IDTypeName`
    pub name: Option<String>,
    /// `IDValue`
    pub value: String,
}

/// A series or set.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EntrySeries {
    /// Its title.
    pub title: String,
    /// The product's number in it.
    pub number: Option<String>,
}

/// A contributor.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EntryContributor {
    /// Roles (list 17).
    pub roles: Vec<String>,
    /// The name as printed.
    pub name: String,
    /// The name as sorted.
    pub inverted: Option<String>,
}

/// A subject.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EntrySubject {
    /// Scheme (list 27).
    pub scheme: Option<String>,
    /// Code in the scheme.
    pub code: Option<String>,
    /// Heading or keywords.
    pub text: Option<String>,
    /// Whether it is the main one.
    pub main: bool,
}

/// A related product.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EntryRelated {
    /// Relations (list 51).
    pub relations: Vec<String>,
    /// Its identifiers.
    pub identifiers: Vec<EntryIdentifier>,
}

/// What a supplier says.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Availability {
    /// The supplier's name.
    pub supplier: Option<String>,
    /// `ProductAvailability` (list 65), or 2.1's `AvailabilityCode` (list 54).
    pub code: Option<String>,
}

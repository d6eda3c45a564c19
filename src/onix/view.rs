//! One product as a shop asks for it: what `onix parse --as view` prints.
//!
//! The blocks of the typed view hold everything that ONIX says; here stands the part that is asked
//! for every day, in one shape for every release and with few names. An absent element is `null` or
//! `[]`; one that is there and empty is an empty text.

use std::borrow::Cow;

use serde::Serialize;

use super::composite::Codes;
use crate::model::Format;

mod read;

/// A text, borrowed from the record unless it had to be changed.
pub type Text<'a> = Option<Cow<'a, str>>;

/// A product: what a shop asks, in one JSON object.
///
/// ```
/// use onix_catalogue::onix::{Reader, Record, View};
///
/// let xml = r#"<ONIXMessage release="3.0"><Product>
///   <RecordReference>com.example.1</RecordReference><NotificationType>03</NotificationType>
///   <ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>9780306406157</IDValue></ProductIdentifier>
/// </Product></ONIXMessage>"#;
/// let mut record = Record::new();
/// Reader::new(xml.as_bytes()).read_record(&mut record)?;
/// let product = record.product();
/// let view = View::of(&product);
/// assert_eq!(view.isbn13.as_deref(), Some("9780306406157"));
/// # Ok::<(), onix_catalogue::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct View<'a> {
    /// The input's name.
    pub input: &'a str,
    /// The first byte of the record in its input.
    pub byte: u64,
    /// The number of the product in its input, from 0, where that is known: not yet while windows of
    /// an input are read side by side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// `RecordReference`
    pub record_reference: Option<Cow<'a, str>>,
    /// `NotificationType` (list 1)
    pub notification_type: Option<Cow<'a, str>>,
    /// `ProductIdentifier`
    pub identifiers: Vec<Id<'a>>,
    /// The product's ISBN: of type 15, else of type 03 that begins with 978 or 979, else of type 02
    /// as thirteen digits.
    pub isbn13: Option<Cow<'a, str>>,
    /// The type of the identifier that `isbn13` was taken from.
    pub isbn13_from: Option<&'static str>,
    /// The distinctive title (type 01), else the first one.
    pub title: Option<Cow<'a, str>>,
    /// The subtitle that belongs to it.
    pub subtitle: Option<Cow<'a, str>>,
    /// `TitleDetail`
    pub titles: Vec<Title<'a>>,
    /// `Contributor`
    pub contributors: Vec<Person<'a>>,
    /// `ContributorStatement`
    pub contributor_statement: Option<Cow<'a, str>>,
    /// `Publisher`
    pub publishers: Vec<House<'a>>,
    /// `Imprint/ImprintName`
    pub imprints: Vec<Option<Cow<'a, str>>>,
    /// `Language`
    pub languages: Vec<Tongue<'a>>,
    /// `Subject`
    pub subjects: Vec<Topic<'a>>,
    /// `ProductComposition` (list 2)
    pub product_composition: Option<Cow<'a, str>>,
    /// `ProductForm` (list 150, in 2.1 list 7)
    pub product_form: Option<Cow<'a, str>>,
    /// `ProductFormDetail` (list 175, in 2.1 list 78)
    pub product_form_details: Vec<Cow<'a, str>>,
    /// 2.1's `EpubType` (list 10)
    pub epub_type: Option<Cow<'a, str>>,
    /// The format, by the platform's word.
    pub format: Option<Format>,
    /// `EpubTechnicalProtection` (list 144)
    pub epub_protections: Vec<Cow<'a, str>>,
    /// The same in the platform's words.
    pub protections: Vec<&'static str>,
    /// `EpubUsageConstraint`
    pub usage_constraints: Vec<Usage<'a>>,
    /// How many `ProductPart`s it has.
    pub product_parts: usize,
    /// `PublishingStatus` (list 64)
    pub publishing_status: Option<Cow<'a, str>>,
    /// `PublishingDate` (list 163)
    pub publishing_dates: Vec<Dated<'a>>,
    /// `SalesRights`
    pub sales_rights: Vec<Rights<'a>>,
    /// `ROWSalesRightsType` (list 46)
    pub row_sales_rights: Option<Cow<'a, str>>,
    /// `SupplyDetail`, each with the market of its `ProductSupply`.
    pub supplies: Vec<Supply<'a>>,
    /// 2.1's `MarketRepresentation`; `None` for other releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub markets_21: Option<Vec<Market21<'a>>>,
    /// `RelatedProduct`
    pub related_products: Vec<Related<'a>>,
}

/// An identifier of any kind.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Id<'a> {
    /// The identifier's type, by the list of its composite.
    pub r#type: Option<Cow<'a, str>>,
    /// `IDValue`
    pub value: Option<Cow<'a, str>>,
}

/// A title, with its prefix.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Title<'a> {
    /// `TitleType` (list 15)
    pub r#type: Option<Cow<'a, str>>,
    /// The title of the product's level, else of the collection item's, else any.
    pub title: Option<Cow<'a, str>>,
    /// The subtitle beside it.
    pub subtitle: Option<Cow<'a, str>>,
}

/// A contributor.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Person<'a> {
    /// The first `ContributorRole` (list 17).
    pub role: Option<Cow<'a, str>>,
    /// All of them.
    pub roles: Vec<Cow<'a, str>>,
    /// The name as one would print it; `unnamed:` and a code of list 19 where there is none.
    pub name: Option<Cow<'a, str>>,
    /// `SequenceNumber`
    pub seq: Option<Cow<'a, str>>,
    /// The parts of the name that are given, by EDItEUR's names.
    pub raw: NameParts<'a>,
}

/// The parts of a name, in EDItEUR's order; serialised as a map.
#[derive(Debug, Clone, Default)]
pub struct NameParts<'a>(Vec<(&'static str, Cow<'a, str>)>);

/// A publisher.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct House<'a> {
    /// `PublishingRole` (list 45)
    pub role: Option<Cow<'a, str>>,
    /// `PublisherName`
    pub name: Option<Cow<'a, str>>,
}

/// A language.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Tongue<'a> {
    /// `LanguageRole` (list 22)
    pub role: Option<Cow<'a, str>>,
    /// `LanguageCode` (list 74)
    pub code: Option<Cow<'a, str>>,
}

/// A subject.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Topic<'a> {
    /// `SubjectSchemeIdentifier` (list 27)
    pub scheme: Option<Cow<'a, str>>,
    /// `SubjectCode`
    pub code: Option<Cow<'a, str>>,
    /// The first `SubjectHeadingText`.
    pub text: Option<Cow<'a, str>>,
    /// Whether it is a main subject.
    pub main: bool,
}

/// A usage constraint.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Usage<'a> {
    /// `EpubUsageType` (list 145)
    pub r#type: Option<Cow<'a, str>>,
    /// `EpubUsageStatus` (list 146)
    pub status: Option<Cow<'a, str>>,
    /// `EpubUsageLimit`
    pub limits: Vec<Limit<'a>>,
}

/// A limit of a usage constraint.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Limit<'a> {
    /// `Quantity`
    pub quantity: Option<Cow<'a, str>>,
    /// `EpubUsageUnit` (list 147)
    pub unit: Option<Cow<'a, str>>,
}

/// A date with what it is the date of.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Dated<'a> {
    /// The role, by the list of its composite.
    pub role: Option<Cow<'a, str>>,
    /// The date as written.
    pub date: Option<Cow<'a, str>>,
    /// Its format (list 55), from the attribute or from `DateFormat`.
    pub format: Option<Cow<'a, str>>,
}

/// Sales rights in a territory.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Rights<'a> {
    /// `SalesRightsType` (list 46); `03nfs` for 2.1's `NotForSale`.
    pub r#type: Option<Cow<'a, str>>,
    /// Where they hold.
    #[serde(flatten)]
    pub territory: Area<'a>,
}

/// A territory as given, not resolved.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Area<'a> {
    /// `CountriesIncluded` (list 91)
    pub countries: Codes<'a>,
    /// `RegionsIncluded` (list 49)
    pub regions: Codes<'a>,
    /// `CountriesExcluded`
    pub countries_excluded: Codes<'a>,
    /// `RegionsExcluded`
    pub regions_excluded: Codes<'a>,
}

/// A supply detail.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Supply<'a> {
    /// The market of its `ProductSupply`; `None` in 2.1, see [`View::markets_21`].
    pub market: Option<MarketView<'a>>,
    /// `Supplier/SupplierName`
    pub suppliers: Vec<Option<Cow<'a, str>>>,
    /// `ProductAvailability` (list 65)
    pub availability: Option<Cow<'a, str>>,
    /// 2.1's `AvailabilityCode` (list 54)
    pub availability_code: Option<Cow<'a, str>>,
    /// `UnpricedItemType` (list 57)
    pub unpriced: Option<Cow<'a, str>>,
    /// `SupplyDate` (list 166)
    pub supply_dates: Vec<Dated<'a>>,
    /// 2.1's `SupplyToCountry` and its neighbours.
    pub supply_territory: Area<'a>,
    /// `Price`
    pub prices: Vec<PriceView<'a>>,
    /// Whether the `ProductSupply` has no `SupplyDetail` at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty: bool,
}

/// A market: what a `ProductSupply` says besides its supply details.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct MarketView<'a> {
    /// The number of the `ProductSupply` in its product, from 0.
    pub n: usize,
    /// `Market/Territory`
    pub territories: Vec<Area<'a>>,
    /// `MarketPublishingStatus` (list 68)
    pub publishing_status: Option<Cow<'a, str>>,
    /// `MarketDate` (list 163)
    pub dates: Vec<Dated<'a>>,
}

/// A `MarketRepresentation` of 2.1.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Market21<'a> {
    /// Where it is.
    #[serde(flatten)]
    pub territory: Area<'a>,
    /// `MarketPublishingStatus` (list 68)
    pub status: Option<Cow<'a, str>>,
    /// `MarketDate`
    pub dates: Vec<Dated<'a>>,
}

/// A price.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct PriceView<'a> {
    /// `PriceType` (list 58)
    pub r#type: Option<Cow<'a, str>>,
    /// `PriceQualifier` (list 59)
    pub qualifier: Option<Cow<'a, str>>,
    /// `PriceAmount`, as written.
    pub amount: Option<Cow<'a, str>>,
    /// `CurrencyCode` (list 96)
    pub currency: Option<Cow<'a, str>>,
    /// `UnpricedItemType` (list 57)
    pub unpriced: Option<Cow<'a, str>>,
    /// `PriceStatus` (list 61)
    pub status: Option<Cow<'a, str>>,
    /// The type, or the message's default.
    pub eff_type: Option<Cow<'a, str>>,
    /// The currency, or for an amount the message's default.
    pub eff_currency: Option<Cow<'a, str>>,
    /// Where it holds.
    #[serde(flatten)]
    pub territory: Area<'a>,
    /// `PriceDate` (list 173)
    pub dates: Vec<Dated<'a>>,
    /// `PriceCondition`
    pub conditions: Vec<Condition<'a>>,
    /// `Tax`
    pub tax: Vec<TaxView<'a>>,
    /// `EpubTechnicalProtection` of the price (list 144)
    pub protections: Vec<Cow<'a, str>>,
}

/// A condition of a price.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Condition<'a> {
    /// `PriceConditionType` (list 167)
    pub r#type: Option<Cow<'a, str>>,
    /// `PriceConditionQuantity/Quantity`
    pub quantities: Vec<Option<Cow<'a, str>>>,
}

/// A tax contained in a price.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct TaxView<'a> {
    /// `TaxType` (list 171)
    pub r#type: Option<Cow<'a, str>>,
    /// `TaxRateCode` (list 62)
    pub rate: Option<Cow<'a, str>>,
    /// `TaxRatePercent`
    pub percent: Option<Cow<'a, str>>,
    /// `TaxAmount`
    pub amount: Option<Cow<'a, str>>,
}

/// A related product.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Related<'a> {
    /// `ProductRelationCode` (list 51)
    pub relation: Vec<Cow<'a, str>>,
    /// `ProductIdentifier`
    pub identifiers: Vec<Id<'a>>,
}

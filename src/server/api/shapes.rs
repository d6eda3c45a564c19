//! What requests look like, and values in answers, for the document alone: handlers take parameters one after the other.
#![allow(dead_code, reason = "fields are what the document says")]

use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AnyOf, AnyOfBuilder, Array, ArrayBuilder, KnownFormat, Object, ObjectBuilder, Schema,
    SchemaFormat, Type,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::catalogue::{Audience, FACETS, FoundBy, Group, Sort, Stats};
use crate::model::{
    self, Country, Currency, Date, Dialect, Entry, Format, Moment, Protection, Protections, Status,
    Territory,
};
use crate::onix::codes;
use crate::onix::view::NameParts;
use crate::onix::{Codes, View};
use crate::sale::Sellable;
use crate::shop::Synced;

/// Words and filters of a search. Codes and words that may be given several times may also be one text with commas.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Search {
    /// Words, all of which are to be found; phrases in quotation marks
    q: Option<String>,
    format: Option<Vec<Format>>,
    /// In the platform's words
    #[param(inline)]
    protection: Option<Vec<Protection>>,
    /// Codes of List 74
    language: Option<Vec<String>>,
    /// Names of publishers or imprints
    publisher: Option<Vec<String>>,
    /// Names of contributors
    contributor: Option<Vec<String>>,
    /// Titles of series
    series: Option<Vec<String>>,
    /// `SCHEME:CODE`, such as `93:FBA` for Thema
    #[param(value_type = Option<Vec<String>>, example = json!(["93:FBA"]))]
    subject: Option<Vec<String>>,
    /// Codes of List 150
    product_form: Option<Vec<String>>,
    /// Who sent the record
    source: Option<Vec<String>>,
    /// Whether it is for sale in the country and at the moment
    status: Option<Vec<Status>>,
    /// Published after this day
    #[param(value_type = Option<String>, format = Date, example = "2026-01-01")]
    published_after: Option<Date>,
    /// Published before this day
    #[param(value_type = Option<String>, format = Date, example = "2026-12-31")]
    published_before: Option<Date>,
    /// The order of hits; by price only with a currency
    #[param(inline)]
    sort: Option<Sort>,
    /// Hits of a page
    #[param(maximum = 1000, default = 20)]
    limit: Option<u32>,
    /// `next` of the page before
    after: Option<String>,
    /// What to count
    #[param(schema_with = facets)]
    facet: Option<Vec<String>>,
    /// Whether hits have their texts with the words marked
    highlight: Option<bool>,
    /// `work`: the best product of each work
    #[param(inline)]
    group: Option<Group>,
}

/// What has to hold on one and the same offer.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Offer {
    #[param(schema_with = countries, example = "FR")]
    country: Option<Country>,
    #[param(schema_with = currencies, example = "EUR")]
    currency: Option<Currency>,
    #[param(schema_with = price_types, example = "04")]
    price_type: Option<String>,
}

/// What a search asks of that offer besides.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SoughtOffer {
    /// In minor units of the currency, which has to be given, too
    min_cost: Option<u64>,
    /// In minor units of the currency, which has to be given, too
    max_cost: Option<u64>,
    /// By which service it has to be for sale
    #[param(inline)]
    sellable: Option<Sellable>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Since {
    #[param(inline, example = "0")]
    since: Beginning,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Listed {
    /// Identifiers of any kind
    #[param(inline, min_items = 1, max_items = 10_000)]
    id: Vec<Identifier>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InCountry {
    #[param(schema_with = countries, example = "FR")]
    country: Option<Country>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct At {
    #[param(schema_with = moments, example = "2026-12-01T18:00:00Z")]
    at: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct For {
    /// For whom products are offered
    #[param(inline)]
    r#for: Option<Audience>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Few {
    /// How many
    #[param(maximum = 100, default = 10)]
    limit: Option<u32>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Source {
    /// Who sent the record
    source: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Id {
    /// An identifier of any kind, or a `RecordReference`
    #[param(example = "9789999904216")]
    id: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct Publication {
    /// Any: whoever asks is known by the token
    organisation: String,
    /// An ISBN, EAN or own key
    #[param(example = "9789999904216")]
    isbn: String,
}

/// The parameters of a sale: any text, since nonsense is a verdict.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sale {
    format: Option<String>,
    /// In minor units of the currency
    cost: Option<String>,
    protection: Option<String>,
    drm_type: Option<String>,
    country: Option<String>,
    currency: Option<String>,
    price_type: Option<String>,
    cost_without_taxes: Option<String>,
    customer_id: Option<String>,
    transaction_id: Option<String>,
    credit_card_prefix: Option<String>,
    sale_state: Option<String>,
    aggregator: Option<String>,
    uname: Option<String>,
    /// The format of a preorder
    r#for: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Kind {
    /// Which service the request is meant for
    #[param(inline)]
    kind: Option<model::Kind>,
}

/// How a sale is judged.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Judged {
    /// Whose codes to answer with
    dialect: Option<Dialect>,
    /// In seconds: an older record doesn't count
    max_age: Option<u64>,
}

/// A sale that the platform may be asked for: texts, or numbers as they are written.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// An identifier of any kind.
    id: Option<TextOrNumber>,
    /// Comes back with the verdict.
    r#ref: Option<Value>,
    kind: Option<model::Kind>,
    #[schema(schema_with = moments_or_none, example = "2026-12-01")]
    at: Option<String>,
    format: Option<TextOrNumber>,
    cost: Option<TextOrNumber>,
    protection: Option<TextOrNumber>,
    drm_type: Option<TextOrNumber>,
    country: Option<TextOrNumber>,
    currency: Option<TextOrNumber>,
    price_type: Option<TextOrNumber>,
    cost_without_taxes: Option<TextOrNumber>,
    customer_id: Option<TextOrNumber>,
    transaction_id: Option<TextOrNumber>,
    credit_card_prefix: Option<TextOrNumber>,
    sale_state: Option<TextOrNumber>,
    aggregator: Option<TextOrNumber>,
    uname: Option<TextOrNumber>,
    r#for: Option<TextOrNumber>,
    /// Whose codes to answer with.
    dialect: Option<Dialect>,
    /// In seconds: an older record doesn't count.
    #[schema(maximum = 9_007_199_254_740_991u64)]
    max_age: Option<u64>,
}

/// What is known of a product.
#[derive(ToSchema)]
pub(super) struct Known {
    #[serde(flatten)]
    record: Record,
    /// Who sent it.
    source: String,
    /// When, as its message says.
    sent: Option<String>,
    found_by: FoundBy,
    /// Whether a later record of it was set aside.
    is_outdated: bool,
}

/// What ONIX says of a product; where it came otherwise or its record isn't kept, what is common to all.
#[derive(ToSchema)]
#[serde(untagged)]
enum Record {
    Onix(View<'static>),
    Entry(Entry),
}

/// What a catalogue holds, and how fresh it is.
#[derive(ToSchema)]
pub(super) struct Fresh {
    #[serde(flatten)]
    stats: Stats,
    /// How long ago the last synchronisation was, in seconds.
    age_s: Option<i64>,
    /// The sources that have been synchronised.
    syncs: Vec<Synced>,
}

fn words(words: impl IntoIterator<Item = &'static str>) -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.enum_values(Some(words)).build()
}

/// The codes alone, which are also taken in small letters and, of countries, as three letters.
fn countries() -> Object {
    let mut countries = words(Country::all().map(Country::alpha2));
    countries.description = Some("Two or three letters of ISO 3166".to_owned());
    countries
}

fn currencies() -> Object {
    listed(96, "Three letters of ISO 4217")
}

fn price_types() -> Object {
    listed(58, "Two digits of List 58")
}

fn listed(list: u16, description: &str) -> Object {
    let known = codes::list(list).into_iter().flat_map(|list| list.codes());
    let mut listed = words(known.map(|code| code.value()));
    listed.description = Some(description.to_owned());
    listed
}

/// A moment, or a day, which is its beginning.
fn moments() -> Schema {
    moment().into()
}

fn moment() -> AnyOf {
    let of = |format| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        text.format(Some(SchemaFormat::KnownFormat(format)))
    };
    let moments = AnyOfBuilder::new()
        .item(of(KnownFormat::DateTime))
        .item(of(KnownFormat::Date));
    let description = "The date or the moment that counts, in the place of the present one";
    moments.description(Some(description)).build()
}

fn moments_or_none() -> Schema {
    let mut moments = moment();
    let none = ObjectBuilder::new().schema_type(Type::Null);
    moments.items.push(none.into());
    moments.into()
}

/// A generation, of at most seven digits, or a moment.
struct Beginning;

/// An identifier of any kind.
pub(super) struct Identifier;

/// What a form has as a text may be a number in an object.
struct TextOrNumber;

fn text_or_number() -> Schema {
    let of = |one: Type| ObjectBuilder::new().schema_type(one);
    let either = AnyOfBuilder::new()
        .item(of(Type::String))
        .item(of(Type::Number));
    either.build().into()
}

fn since() -> Schema {
    let mut since = moment();
    let generation = ObjectBuilder::new().schema_type(Type::Integer);
    let generation = generation
        .minimum(Some(0))
        .maximum(Some(9_999_999))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    since.items.push(generation.into());
    since.description = Some("A generation such as 12, or a moment such as 2026-12-01".to_owned());
    since.into()
}

fn facets() -> Array {
    let facets = ArrayBuilder::new().items(words(FACETS));
    facets.description(Some("What to count")).build()
}

pub(super) fn always() -> Object {
    truth(true)
}

pub(super) fn never() -> Object {
    truth(false)
}

fn truth(value: bool) -> Object {
    let truth = ObjectBuilder::new().schema_type(Type::Boolean);
    truth.enum_values(Some([value])).build()
}

fn text(description: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.description(Some(description))
}

/// Types that are written as something simpler than they are.
macro_rules! written {
    ($($name:literal: $type:ty = $schema:expr;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                RefOr::T($schema.into())
            }
        }

        impl ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}

written! {
    "Beginning": Beginning = since();
    "Identifier": Identifier = text("An identifier of any kind").min_length(Some(1)).build();
    "TextOrNumber": TextOrNumber = text_or_number();
    "Moment": Moment = text("A moment")
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .build();
    "Date": Date = text("A date as exactly as it is known, such as 2026, 2026-12 or 2026-12-01").build();
    "Currency": Currency = text("A currency of ISO 4217").pattern(Some("^[A-Z]{3}$")).build();
    "Country": Country = text("A country of ISO 3166").pattern(Some("^[A-Z]{2}$")).build();
    "Territory": Territory = Array::new(
        text("A country of ISO 3166; with a ~, where a part of it is meant, or that isn't certain").pattern(Some("^~?[A-Z]{2}$")),
    );
    "Protections": Protections = Array::new(words(["none", "watermark", "acs4", "drm"]));
    "CodeList": Codes<'_> = Array::new(text("A code"));
    "NameParts": NameParts<'_> = ObjectBuilder::new()
        .description(Some("The parts of a name that are given, by EDItEUR's names"))
        .additional_properties(Some(text("The part")))
        .build();
}

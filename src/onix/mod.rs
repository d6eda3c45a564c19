//! ONIX for Books: bytes of a message in, records and their typed view out.
//!
//! [`Reader`] cuts a message into [`Record`]s; each is tokenised once onto a tape, from which both
//! the typed [`Product`] and the light [`Element`] view read. Nothing here opens a file.

pub mod codes;
mod collateral;
mod composite;
mod content;
mod descriptive;
mod element;
mod encoding;
mod entities;
mod entry;
mod fault;
#[cfg(any(test, fuzzing))]
pub mod judge;
mod licence;
mod limits;
#[cfg(feature = "serde")]
mod lossless;
mod message;
mod notice;
mod oddities;
mod product;
mod production;
mod promotion;
mod publishing;
mod reader;
mod record;
mod records;
mod related;
mod release;
mod release21;
mod resync;
mod scanner;
mod supply;
mod tag;
mod tape;
mod text;
mod tokenizer;
#[cfg(feature = "serde")]
pub mod view;

pub use collateral::{
    CitedContent, CollateralDetail, MarkedText, Prize, ResourceFeature, ResourceVersion,
    ResourceVersionFeature, SupportingResource, TextContent,
};
pub use composite::Codes;
pub use content::{AvItem, ContentDetail, ContentItem, PageRun, TextItem, TimeRun};
pub use descriptive::{
    Audience, AudienceRange, Collection, CollectionSequence, Contributor, DescriptiveDetail,
    EpubLicense, EpubLicenseExpression, EpubUsageConstraint, EpubUsageLimit, Extent, Identifier,
    Language, Measure, ProductClassification, ProductFormFeature, ProductPart, Subject,
    TitleDetail, TitleElement,
};
pub use element::{Children, Content, Element};
#[cfg(feature = "files")]
pub(crate) use encoding::wide;
pub(crate) use encoding::{declared, decode_wide, repair};
pub(crate) use entities::Reference;
pub use licence::{LicenceTerms, UsageConstraint};
pub use limits::Limits;
#[cfg(feature = "serde")]
pub use lossless::Lossless;
pub use message::{Header, Message};
pub use notice::{Notice, NoticeCode};
pub use product::Product;
pub use production::{
    BodyManifest, CoverManifest, InsertManifest, ManifestResource, ProductionDetail,
    ProductionManifest, SupplementManifest,
};
pub use promotion::{
    EventOccurrence, EventSponsor, OccurrenceDate, PromotionDetail, PromotionalEvent,
};
pub use publishing::{
    Imprint, Publisher, PublishingDate, PublishingDetail, SalesOutlet, SalesRestriction,
    SalesRights, Territory, Website,
};
#[cfg(feature = "files")]
pub(crate) use reader::{Cursor, State, Step};
pub use reader::{Reader, ReaderBuilder};
pub use record::Record;
pub use records::Records;
pub use related::{RelatedMaterial, RelatedProduct, RelatedWork};
pub use release::Release;
#[cfg(feature = "files")]
pub(crate) use resync::last_product_start;
pub(crate) use resync::{Found, Outline, Window, is_end_tag, is_start_tag};
pub use supply::{
    Discount, Market, MarketDate, MarketPublishingDetail, Price, PriceCondition,
    PriceConditionQuantity, PriceConstraint, PriceDate, ProductSupply, Supplier, SupplyDate,
    SupplyDetail, Tax,
};
pub use tag::Tag;
pub(crate) use text::html_to_plain;
#[cfg(feature = "serde")]
pub use view::View;

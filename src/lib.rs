//! Reads ONIX for Books, keeps a catalogue of e-books, searches it, and says before a sale whether
//! the distribution platform will take it: this format, this protection, this price in this currency
//! for this country, now.
//!
//! Three types carry most of it: a [`Reader`](onix::Reader) turns bytes into records with a typed,
//! borrowed [`Product`](onix::Product) view; [`Offers`](sale::Offers) is what of a product a sale
//! depends on; a `Catalogue` (feature `index`) keeps both on disk and finds them again.
//!
//! # Reading
//!
//! ```
//! use onix_catalogue::onix::{Reader, Record};
//!
//! let message = br#"<ONIXMessage release="3.0"><Product>
//!     <RecordReference>com.example.1</RecordReference><NotificationType>03</NotificationType>
//!     <DescriptiveDetail><TitleDetail><TitleType>01</TitleType><TitleElement>
//!         <TitleElementLevel>01</TitleElementLevel><TitleText>L&#8217;&#233;t&#233;</TitleText>
//!     </TitleElement></TitleDetail></DescriptiveDetail>
//! </Product></ONIXMessage>"#;
//! let mut reader = Reader::new(message);
//! let mut record = Record::new();
//! while reader.read_record(&mut record)? {
//!     let title = &record.product().descriptive_detail().title_details[0];
//!     assert_eq!(title.title().unwrap().0, "L’été");
//! }
//! # Ok::<(), onix_catalogue::Error>(())
//! ```
//!
//! # Judging a sale
//!
//! ```
//! use onix_catalogue::model::{Account, Judgement, Kind, Moment, SaleRequest, Zone};
//! use onix_catalogue::onix::{Reader, Record};
//! use onix_catalogue::sale::{self, Offers};
//!
//! let message = br#"<Product>
//!   <RecordReference>com.example.1</RecordReference><NotificationType>03</NotificationType>
//!   <DescriptiveDetail><ProductForm>ED</ProductForm><ProductFormDetail>E101</ProductFormDetail>
//!     <EpubTechnicalProtection>02</EpubTechnicalProtection></DescriptiveDetail>
//!   <PublishingDetail><PublishingStatus>04</PublishingStatus></PublishingDetail>
//!   <ProductSupply><SupplyDetail><ProductAvailability>20</ProductAvailability>
//!     <Price><PriceType>04</PriceType><PriceAmount>9.99</PriceAmount><CurrencyCode>EUR</CurrencyCode>
//!       <Territory><CountriesIncluded>FR BE</CountriesIncluded></Territory></Price>
//!   </SupplyDetail></ProductSupply></Product>"#;
//! let mut record = Record::new();
//! Reader::new(message).read_record(&mut record)?;
//! let offers = Offers::of(&record.product());
//!
//! let at = Moment::parse("2026-12-01", &Zone::default()).unwrap();
//! let request = SaleRequest::new(Kind::Simulation, "com.example.1", at)
//!     .with("format", "epub").with("protection", "watermark").with("cost", "999")
//!     .with("currency", "EUR").with("country", "BEL").with("price_type", "04");
//! assert_eq!(sale::check(&request, &[&offers], &Account::default()).verdict, Judgement::Valid);
//!
//! let dearer = request.with("cost", "1099");
//! let verdict = sale::check(&dearer, &[&offers], &Account::default());
//! assert_eq!(verdict.verdict, Judgement::Refused);
//! assert_eq!(verdict.reasons.last().unwrap().expected.as_deref(), Some("999"));
//! # Ok::<(), onix_catalogue::Error>(())
//! ```
//!
//! # What is promised
//!
//! A product that can't be read is an error with its place, never the end of the file. Money is an
//! integer, read from decimal text. A verdict is never *valid* while something it needs isn't known.
//! Nothing here panics on input.
//!
//! # What it is not for
//!
//! It writes no ONIX and validates none against EDItEUR's schemas.
#![deny(unsafe_code)]

#[cfg(feature = "index")]
pub mod catalogue;
#[cfg(feature = "server")]
mod controls;
mod error;
#[cfg(feature = "files")]
pub mod input;
#[cfg(feature = "ledger")]
pub mod ledger;
pub mod model;
pub mod onix;
#[cfg(feature = "client")]
pub mod platform;
#[cfg(any(feature = "ledger", feature = "server"))]
mod private_file;
pub mod sale;
#[cfg(feature = "server")]
pub mod sandbox;
#[cfg(feature = "server")]
pub mod server;
#[cfg(all(feature = "client", feature = "index"))]
pub mod shop;
pub mod xml;

#[cfg(feature = "index")]
pub use catalogue::{Catalogue, IngestSummary, Page, Search, Writer, WriterOptions};
pub use error::{Error, ErrorKind, Position, RejectedRecord, Result};

/// The command `onix`, for its binary alone: no part of the library's interface.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

/// How it is made, and why so.
#[doc = include_str!("docs/architecture.md")]
pub mod architecture {}

/// What is accepted, repaired and set aside, and how 2.x is read as 3.x.
#[doc = include_str!("docs/parsing.md")]
pub mod parsing {}

/// What the query box understands, in what order hits come, and what a page promises.
#[cfg(feature = "index")]
#[doc = include_str!("docs/search.md")]
pub mod searching {}

/// How a catalogue is kept equal to the platform's.
#[cfg(all(feature = "client", feature = "index"))]
#[doc = include_str!("docs/sync.md")]
pub mod synchronising {}

/// How a sale is posted once and never lost.
#[cfg(all(feature = "client", feature = "index", feature = "ledger"))]
#[doc = include_str!("docs/selling.md")]
pub mod selling {}

/// The catalogue over HTTP.
#[cfg(feature = "server")]
#[doc = include_str!("docs/serve.md")]
pub mod serving {}

/// A platform of one's own, to try a shop against.
#[cfg(feature = "server")]
#[doc = include_str!("docs/sandbox.md")]
pub mod stand_in {}

/// Your first sale in five minutes, without a line of Rust.
#[cfg(feature = "server")]
#[doc = include_str!("docs/first_sale.md")]
pub mod first_sale {}

/// What of the platform's checklist for sellers the stand-in sees of a shop, and what it can't.
#[cfg(feature = "server")]
#[doc = include_str!("docs/checklist.md")]
pub mod checklist {}

/// What decides a sale, rule by rule, with its sources.
#[doc = include_str!("docs/sale.md")]
pub mod sale_rules {}

/// Verdicts on the books that come with the project, with the reasons given.
#[doc = include_str!("docs/explanations.md")]
pub mod explanations {}

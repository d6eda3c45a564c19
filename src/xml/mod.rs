//! The platform's own `xml` catalogue format: bytes of a page in, its publications out.
//!
//! A [`Reader`] cuts a page into [`Record`]s, each one `publication`, of which [`Publication`] is the
//! typed view and [`Element`] the light one. Each of its [`PublicationFormat`]s is a product of its
//! own, with the key that the same product has in the ONIX feed. What a sale makes of it is read by
//! [`sale::Offers`](crate::sale::Offers::of_publication_format). Nothing here opens a file.
//!
//! The format was never documented in words: what is here was seen in a page of the platform.
//!
//! ```
//! use onix_catalogue::xml::{Reader, Record};
//!
//! let page = br#"<publications><publication><id>ONYX1</id><title><main>Le Phare</main></title>
//!     <formats><format><nature>epub</nature><key_type>isbn</key_type><value>9789999900010</value>
//!     </format></formats></publication></publications>"#;
//! let mut reader = Reader::new(page);
//! let mut record = Record::new();
//! while reader.read_record(&mut record)? {
//!     for format in record.publication().formats() {
//!         let entry = format.to_entry();
//!         assert_eq!(entry.record_reference, "ONYX1-epub");
//!         assert_eq!(entry.title.as_deref(), Some("Le Phare"));
//!     }
//! }
//! # Ok::<(), onix_catalogue::Error>(())
//! ```

mod element;
mod entry;
mod languages;
mod publication;
mod reader;
mod record;
mod tape;

pub use element::{Children, Element};
#[cfg(feature = "server")]
pub(crate) use languages::two_letters_of;
pub use publication::{
    Collection, Contributor, Cost, Media, Publication, PublicationFormat, Subject, Version,
};
#[cfg(feature = "files")]
pub(crate) use reader::is_page;
pub use reader::{Reader, ReaderBuilder, Records};
pub use record::Record;

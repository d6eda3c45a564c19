//! Values, and what they mean; no I/O, no clock, no ONIX.

mod access;
mod account;
pub(crate) mod code;
mod entry;
mod format;
mod identifier;
mod moment;
mod money;
mod offer;
mod protection;
mod request;
mod short_text;
mod territory;
mod verdict;

pub use access::{Api, CatalogueFormat, Credentials, Secret, TimeOuts};
pub use account::{Account, Dialect};
pub use entry::{
    Availability, Entry, EntryContributor, EntryIdentifier, EntryRelated, EntrySeries, EntrySubject,
};
pub use format::Format;
pub use identifier::{isbn13, normalised};
#[cfg(feature = "index")]
pub(crate) use identifier::{own_identifiers, related_identifiers};
pub use moment::{Date, Moment, Zone};
pub use money::{Cost, Currency, MinorUnits};
pub use offer::{Offer, Status};
pub use protection::{Accepted, Protection, Protections};
pub use request::{Kind, SaleRequest};
pub(crate) use short_text::{ShortText, trimmed};
pub use territory::{Country, Coverage, Territory};
pub use verdict::{Code, Judgement, Missing, Near, NoticeText, Reason, RecordVerdict, Verdict};

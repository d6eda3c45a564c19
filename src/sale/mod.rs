//! What may be sold, and whether a sale would be taken: pure rules over values.
//!
//! [`Offers`] is read once, from a product or from a format of the platform's own `xml`; [`check`] and the search's filters then ask the same
//! functions of it. Nothing here opens anything, and the only moment is the request's.

mod check;
mod dialect;
mod elements;
mod filter;
mod offers;
mod offers_ref;
mod price;
mod read;
mod read_xml;
mod rules;
mod sentence;
mod standing;
mod table;

pub use check::{check, judge};
#[cfg(feature = "index")]
pub(crate) use check::{judge_with_notices, near_of};
pub use filter::{OfferFilter, Sellable};
pub use offers::Offers;
#[cfg(feature = "index")]
pub(crate) use offers::PriceKey;
#[cfg(feature = "server")]
pub(crate) use offers::{Dated, Supplier};
pub use offers_ref::OffersRef;
#[cfg(feature = "server")]
pub(crate) use price::{Price, Taxes};
#[cfg(feature = "server")]
pub(crate) use rules::{Availability, Effect, Role, includes_tax};
pub use sentence::sentence;
#[cfg(feature = "server")]
pub(crate) use sentence::{Clause, ENGLISH, Phrases, told};
#[cfg(feature = "index")]
pub(crate) use table::canonical;
pub use table::{Table, TableBuilder};

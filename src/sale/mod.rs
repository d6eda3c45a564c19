//! What may be sold, and whether a sale would be taken: pure rules over values.
//!
//! [`Offers`] is read from a product once; [`check`] and the search's filters then ask the same
//! functions of it. Nothing here opens anything, and the only moment is the request's.

mod check;
mod dialect;
mod offers;
mod price;
mod read;
mod rules;
mod standing;

pub use check::{check, judge};
pub use offers::{OfferFilter, Offers, Sellable};

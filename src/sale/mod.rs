//! What may be sold, and whether a sale would be taken.

mod check;
mod offers;

pub use check::check;
pub use offers::{OfferFilter, Offers, Sellable};

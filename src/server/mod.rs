//! HTTP around what answers: listening, the bounds on what a request may cost, and an end in order.
//!
//! It serves a catalogue, or the stand-in of the platform ([`crate::sandbox`]), and plays sequences of requests against that over a
//! socket. No type of the libraries below appears in a signature.

mod accept;
mod api;
mod catalogue;
#[cfg(feature = "cli")]
mod checklist;
mod covers;
mod cut;
mod hosts;
mod limits;
mod listener;
mod meters;
mod page;
mod parameters;
mod place;
mod play;
mod problem;
mod reply;
mod sandbox;
mod socket;

#[cfg(feature = "cli")]
pub(crate) use checklist::{Found, checklist};
pub use listener::{CatalogueOptions, Server};
pub use play::play;

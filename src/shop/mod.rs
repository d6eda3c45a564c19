//! What a shop does with catalogue and platform together: keep the one up to date from the other.
//!
//! [`sync`] brings all of a catalogue, or what has changed since the last time; [`fetch`] one publication. What
//! there is to be remembered from run to run lies in the catalogue itself, published with what it is about: a
//! run that was killed goes on where it was.

#[cfg(feature = "ledger")]
mod audit;
mod calls;
#[cfg(feature = "ledger")]
mod click;
mod cursor;
mod download;
mod fetch;
mod freshness;
mod keep;
mod patience;
#[cfg(feature = "ledger")]
mod preorders;
mod prepare;
#[cfg(feature = "ledger")]
mod selling;
mod sync;

#[cfg(feature = "ledger")]
pub use audit::{Asked, AuditOptions, Audited, Cause, agrees};
pub use calls::Calls;
#[cfg(feature = "ledger")]
pub use click::{Click, Handed};
pub use cursor::{LastSync, last_sync};
pub use fetch::{Fetched, fetch};
pub use freshness::{Freshness, Synced};
#[cfg(feature = "ledger")]
pub use preorders::{NEEDED, Preordered};
#[cfg(feature = "ledger")]
pub use selling::{Resolve, Shop, Sold};
pub use sync::{SyncEvent, SyncKind, SyncOptions, SyncSummary, sync};

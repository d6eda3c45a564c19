//! The shop's own memory of what it decided, and what is known of it.
//!
//! A *decision* is a sale or a preorder that the shop wants, with every parameter that is sent; *events* say what
//! happened to it and are only ever added. Before anything is posted, [`Ledger::intend`] writes the decision to the disk and hands
//! out an [`Intent`], which is spent by the one who posts: without it nothing can be posted, and with it once. What came
//! of it is written by [`Ledger::settle`]. A process that dies in between leaves a decision that is open, and that counts as
//! *unknown* until somebody has looked.
//!
//! Nothing but an intent can be posted:
//!
//! ```compile_fail
//! # use onix_catalogue::{ledger::Terms, platform::Client};
//! fn post(client: &Client, terms: Terms) {
//!     client.post(terms);
//! }
//! ```
//!
//! The file is SQLite's, readable by any tool for it, and by its owner alone.
//!
//! ```
//! use onix_catalogue::ledger::{Ledger, Outcome, State, Terms};
//! use onix_catalogue::model::Moment;
//!
//! let at = Moment::from_unix(1_796_000_000);
//! let ledger = Ledger::in_memory()?;
//! let terms = Terms::sale("paris", "ONYX", "9789999900010", "epub")
//!     .with("transaction_id", "basket-1").with("customer_id", "c-1").with("cost", "999").with("currency", "EUR");
//! let intent = ledger.intend(&terms, false, at)?;
//! // The same once more is no second sale.
//! assert!(ledger.intend(&terms, false, at).is_err());
//! let decision = ledger.settle(intent, &Outcome::Recorded, at)?;
//! assert_eq!(decision.state, State::Recorded);
//! # Ok::<(), onix_catalogue::Error>(())
//! ```

mod book;
mod decision;
mod find;
mod forget;
mod import;
mod report;
mod schema;
mod terms;

pub use book::{Intent, Ledger, Spent};
pub use decision::{Decision, Event, EventKind, Kind, Outcome, State};
pub use find::Find;
pub use import::Imported;
pub use report::{By, Total};
pub use terms::Terms;

//! The platform's web services over the wire: one method each, and lenient about what comes back.
//!
//! A [`Client`] blocks, an [`AsyncClient`] doesn't; both are made from an [`Account`](crate::model::Account) that
//! says where the platform is and as whom it is asked. Neither remembers anything, repeats a request, or follows a
//! redirect: what to do about an answer, and how often to ask, is for the shop to decide.
//!
//! Credentials go to the account's `base_url` and nowhere else: an address that an answer names is asked only
//! if it leads to pages or lists of the organisation there.
//!
//! ```no_run
//! use onix_catalogue::model::{Account, CatalogueFormat, Credentials, Secret};
//! use onix_catalogue::platform::Client;
//!
//! let mut account = Account::default();
//! account.base_url = Some("https://www.example.com".into());
//! account.organisation = Some("ENQC7".into());
//! account.credentials = Some(Credentials::Bearer(Secret::new("a token")));
//! let client = Client::new(&account)?;
//! let mut page = client.full(CatalogueFormat::Onix)?.value;
//! while let Some(address) = page.next.take() {
//!     match client.next(&address)?.value {
//!         Some(next) => page = next,
//!         None => break,
//!     }
//! }
//! # Ok::<(), onix_catalogue::Error>(())
//! ```

mod client;
mod origin;
mod publishers;
mod reply;
#[cfg(feature = "ledger")]
mod selling;
mod services;
#[cfg(feature = "ledger")]
mod status;
pub(crate) mod tls;
mod toc;

pub use client::{AsyncClient, Client};
pub use publishers::{Distributor, Publisher, Publishers};
#[cfg(feature = "ledger")]
pub use selling::{Cancellation, Posted, Simulation};
pub use services::{Answer, Page};
#[cfg(feature = "ledger")]
pub use status::Status;
pub use toc::Chapter;

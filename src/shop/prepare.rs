//! A page as what is to be done with it, made by any thread.

use super::download::Downloaded;
use super::sync::SyncEvent;
use crate::catalogue::{Prepared, Writer};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{Inputs, Item, ReadOptions, receive};
use crate::onix::Notice;

/// A page, ready to be applied.
pub(super) struct Ready {
    pub(super) number: u64,
    items: Vec<Made>,
    pub(super) n_bytes: u64,
    pub(super) next: Vec<String>,
    /// Why it isn't a page, or not all of one: what comes after it must not count as applied.
    pub(super) fault: Option<Error>,
}

enum Made {
    Record(Prepared),
    Rejected(Error),
    Notice(Notice),
}

impl Ready {
    /// Gives a writer all that is on the page, and tells of what is set aside; how many products that was.
    pub(super) fn apply(
        &mut self,
        writer: &mut Writer,
        source: &str,
        tell: &(dyn Fn(SyncEvent<'_>) + Sync),
    ) -> Result<u64> {
        let mut n_products = 0;
        for item in self.items.drain(..) {
            match item {
                Made::Notice(notice) => tell(SyncEvent::Notice(&notice)),
                Made::Record(prepared) => {
                    n_products += 1;
                    match writer.apply(prepared) {
                        Err(error) if error.is_record() => tell(SyncEvent::Rejected(&error)),
                        done => done?,
                    }
                }
                Made::Rejected(error) => {
                    n_products += 1;
                    writer.reject(Some(source), &error);
                    tell(SyncEvent::Rejected(&error));
                }
            }
        }
        Ok(n_products)
    }
}

/// Reads a page and prepares its products.
pub(super) fn prepare(page: Downloaded, source: &str) -> Result<Ready> {
    let n_bytes = page.bytes.len() as u64;
    let inputs = Inputs::from_bytes(page.name, page.bytes);
    let options = ReadOptions {
        threads: 1,
        ..ReadOptions::default()
    };
    let mut items = Vec::new();
    let mut fault = None;
    receive(
        &inputs,
        &options,
        |received| Writer::prepare(received, Some(source)),
        |item| {
            match item {
                Item::Record(prepared) => items.push(Made::Record(prepared)),
                Item::Rejected(error) if is_fault(&error) => fault = Some(error),
                Item::Rejected(error) => items.push(Made::Rejected(error)),
                Item::Notice(notice) => items.push(Made::Notice(notice)),
                Item::Input(_) => {}
            }
            Ok(())
        },
    )?;
    Ok(Ready {
        number: page.number,
        items,
        n_bytes,
        next: page.next,
        fault,
    })
}

/// Whether it says that the page itself is no good.
fn is_fault(error: &Error) -> bool {
    !error.is_record() || *error.kind() == ErrorKind::Truncated
}

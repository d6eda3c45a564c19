//! What tantivy reports, as our errors.

use std::error::Error as _;
use std::io;

use tantivy::TantivyError;

use crate::error::{Error, ErrorKind};

/// Whether a disk has no room, wherever in the chain it says so: some links keep the text only.
fn is_full(fault: &TantivyError) -> bool {
    if let TantivyError::IoError(error) = fault
        && is_storage_full(error)
    {
        return true;
    }
    let mut cause = fault.source();
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(is_storage_full) {
            return true;
        }
        cause = error.source();
    }
    let text = format!("{fault} {fault:?}");
    text.contains("StorageFull") || text.contains("No space left on device")
}

fn is_storage_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// An error while doing `what` to the index.
pub(super) fn failed(what: &'static str) -> impl Fn(TantivyError) -> Error {
    move |fault| {
        let what = match is_full(&fault) {
            true => {
                format!("the disk is full: failed at {what}; the catalogue is as it was before")
            }
            false => format!("failed at {what}"),
        };
        Error::new(ErrorKind::Index { what }).because(fault)
    }
}

/// The same for what reads files directly.
pub(super) fn failed_io(what: &'static str) -> impl Fn(io::Error) -> Error {
    move |fault| failed(what)(fault.into())
}

/// Does something with the index that panics where its files are damaged: tantivy looks at no checksum before it
/// reads.
pub(super) fn guarded<T>(
    what: &'static str,
    act: impl FnOnce() -> crate::error::Result<T>,
) -> crate::error::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(act)).unwrap_or_else(|_| {
        let what = format!(
            "failed at {what}: a file of the text index is damaged (onix verify says which)"
        );
        Err(Error::new(ErrorKind::Index { what }))
    })
}

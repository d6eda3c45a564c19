//! Files, folders, archives and standard input as windows of bytes, read by any number of threads.
//!
//! [`Inputs`] says what is to be read; [`receive`] reads it, [`read`] what of it is ONIX: one thread at a time cuts the next window
//! off, each thread turns its window into records, and what comes of them is handed over in input
//! order. What stands in a window is for [`onix`](crate::onix) to say; this module opens files and
//! counts bytes.

mod archive;
mod chunk;
mod decode;
mod driver;
mod feed;
mod inputs;
mod received;
mod turnstile;

pub use driver::{InputEnd, Item, ReadOptions, read, receive};
pub use inputs::Inputs;
pub use received::Received;

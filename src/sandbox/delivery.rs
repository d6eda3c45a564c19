//! Products that are posted: a message of ONIX, record by record.

use serde_json::{Value, json};

use super::clock::Millis;
use super::stock::{Applied, Stock};
use crate::error::Error;
use crate::onix::{Reader, Record};

/// Takes the products of a message in.
pub(super) fn take(stock: &mut Stock, message: &[u8], now: Millis) -> Delivered {
    let mut delivered = Delivered::default();
    let mut reader = Reader::new(message);
    let mut record = Record::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => delivered.count(stock.apply(&record, now), &record),
            Ok(false) => return delivered,
            Err(error) => delivered.set_aside.push(set_aside(&error)),
        }
    }
}

/// What became of the records of a message.
#[derive(Debug, Default)]
pub(super) struct Delivered {
    read: u64,
    added: u64,
    replaced: u64,
    unchanged: u64,
    removed: u64,
    set_aside: Vec<Value>,
}

impl Delivered {
    /// Why nothing could be read, if that is so.
    pub(super) fn is_nothing(&self) -> Option<&str> {
        let first = self.set_aside.first().filter(|_| self.read == 0)?;
        first["message"].as_str()
    }

    fn count(&mut self, applied: Applied, record: &Record<'_>) {
        self.read += 1;
        let counter = match applied {
            Applied::Added => &mut self.added,
            Applied::Replaced => &mut self.replaced,
            Applied::Unchanged => &mut self.unchanged,
            Applied::Removed => &mut self.removed,
            Applied::Unnamed => {
                self.set_aside.push(json!({
                    "code": "no_record_reference",
                    "message": "a product without a RecordReference",
                    "byte": record.position().byte,
                }));
                return;
            }
        };
        *counter += 1;
    }

    pub(super) fn to_json(&self, products: usize) -> Value {
        json!({
            "read": self.read,
            "added": self.added,
            "replaced": self.replaced,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "set_aside": self.set_aside,
            "products": products,
        })
    }
}

fn set_aside(error: &Error) -> Value {
    json!({
        "code": error.code(),
        "message": error.message(),
        "byte": error.position().map(|position| position.byte),
    })
}

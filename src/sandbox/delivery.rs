//! Products that are posted: a message of ONIX record by record, or a page of the platform's `xml` format by format.

use serde_json::{Value, json};

use super::clock::Millis;
use super::stock::{Applied, Stock};
use super::stored::Stored;
use crate::error::Error;
use crate::onix::{Reader, Record};
use crate::xml;

/// Takes what was posted in.
pub(super) fn take(stock: &mut Stock, body: &[u8], now: Millis) -> Delivered {
    match is_page(body) {
        true => take_page(stock, body, now),
        false => take_message(stock, body, now),
    }
}

/// Whether it is a page of the platform's `xml`, by its first element.
fn is_page(body: &[u8]) -> bool {
    let begin = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    let mut elements = begin.match_indices('<').map(|(at, _)| &begin[at + 1..]);
    let first = elements.find(|rest| rest.starts_with(|c: char| c.is_alphabetic()));
    first.is_some_and(|rest| rest.starts_with("publication"))
}

/// Each format of each publication is a product, with its publication around it.
fn take_page(stock: &mut Stock, body: &[u8], now: Millis) -> Delivered {
    let mut delivered = Delivered::default();
    for record in xml::Reader::new(body).into_records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                delivered.set_aside.push(set_aside(&error));
                continue;
            }
        };
        let page = format!("<publications>{}</publications>", record.xml());
        for format in record.publication().formats() {
            let stored = format
                .record_reference()
                .and_then(|reference| Stored::named(page.clone(), &reference));
            let applied = match stored {
                Some(stored) => stock.put(stored, now),
                None => Applied::Unnamed,
            };
            delivered.count(applied, record.position().byte);
        }
    }
    delivered
}

fn take_message(stock: &mut Stock, message: &[u8], now: Millis) -> Delivered {
    let mut delivered = Delivered::default();
    let mut reader = Reader::new(message);
    let mut record = Record::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => delivered.count(stock.apply(&record, now), record.position().byte),
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
    pub(super) fn cause_of_nothing(&self) -> Option<&str> {
        let first = self.set_aside.first().filter(|_| self.read == 0)?;
        first["message"].as_str()
    }

    fn count(&mut self, applied: Applied, byte: u64) {
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
                    "byte": byte,
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

//! A product as an object: its record's view, or where there is none of ONIX its entry.

use serde_json::{Value, json};

use super::Kept;
use crate::error::Result;
use crate::model::CatalogueFormat;
use crate::onix::{Reader, Record, View};

impl Kept {
    /// The record's view, and what the catalogue knows besides: what `onix show --json` prints.
    ///
    /// # Errors
    /// If the record can't be read.
    pub fn view(&self) -> Result<Value> {
        let mut record = Record::new();
        // Of the platform's xml, and where records aren't kept, what is common to all.
        let is_read = match self.format() {
            Some(CatalogueFormat::Onix) => {
                Reader::new(self.xml()?.as_bytes()).read_record(&mut record)?
            }
            _ => false,
        };
        let mut view = match is_read {
            true => json!(View::of(&record.product())),
            false => json!(self.entry),
        };
        view["source"] = json!(self.source);
        view["sent"] = json!(self.sent);
        view["found_by"] = json!(self.found_by);
        view["is_outdated"] = json!(self.is_outdated);
        Ok(view)
    }
}

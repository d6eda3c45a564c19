//! The records of a reader as an iterator, for those who don't reuse one.

use super::reader::Reader;
use super::record::Record;
use crate::error::Result;

/// The records of a [`Reader`], see [`Reader::into_records`].
#[derive(Debug)]
pub struct Records<'input> {
    reader: Reader<'input>,
}

impl<'input> Reader<'input> {
    /// Its records as an iterator: each is a new one, where
    /// [`read_record`](Reader::read_record) fills the same one again.
    ///
    /// An item that is an error costs a product or the input, as `read_record` says; the items
    /// behind it go on.
    ///
    /// ```
    /// use onix_catalogue::onix::Reader;
    ///
    /// let onix = b"<Product><RecordReference>1</RecordReference></Product>\
    ///              <Product><RecordReference>2</RecordReference></Product>";
    /// let references: Vec<_> = Reader::new(onix)
    ///     .into_records()
    ///     .flatten()
    ///     .map(|record| record.product().record_reference().unwrap().into_owned())
    ///     .collect();
    /// assert_eq!(references, ["1", "2"]);
    /// ```
    pub fn into_records(self) -> Records<'input> {
        Records { reader: self }
    }
}

impl<'input> Iterator for Records<'input> {
    type Item = Result<Record<'input>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut record = Record::new();
        match self.reader.read_record(&mut record) {
            Ok(true) => Some(Ok(record)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

impl<'input> IntoIterator for Reader<'input> {
    type Item = Result<Record<'input>>;
    type IntoIter = Records<'input>;

    fn into_iter(self) -> Records<'input> {
        self.into_records()
    }
}

//! The texts that come with a product: descriptions, tables of contents, reviews.

use super::Kept;
use super::kept::read_message;
use crate::error::Result;
use crate::input::Received;
use crate::onix::{Release, codes};

/// A text of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Text {
    /// What kind of text it is, as the code list says.
    pub kind: Option<&'static str>,
    /// As its sender wrote it: HTML, XHTML, or plain. Nobody has made it safe to show.
    pub markup: String,
    /// A code of List 74, where it is in a language of its own.
    pub language: Option<String>,
    /// Who wrote it, and where it was published.
    pub by: Vec<String>,
}

impl Kept {
    /// The texts that its sender gives with it, in the record's order.
    ///
    /// # Errors
    /// If the catalogue doesn't keep records, or this one can't be read again.
    pub fn texts(&self) -> Result<Vec<Text>> {
        read_message(
            self.xml()?,
            &self.entry.record_reference,
            |received| match received {
                Received::Onix(record) => of_product(&record.product()),
                Received::Xml(record, _) => {
                    let summary = record.publication().summary();
                    let text = summary.map(|markup| Text {
                        markup,
                        ..Text::default()
                    });
                    text.into_iter().collect()
                }
            },
        )
    }
}

fn of_product(product: &crate::onix::Product<'_>) -> Vec<Text> {
    let list = match product.release() {
        Release::Onix2 => 33,
        _ => 153,
    };
    let mut out = Vec::new();
    for content in product.collateral_detail().text_contents {
        let kind = content.text_type.as_deref();
        let kind = kind.and_then(|code| codes::label(list, code));
        let by = content.text_authors.iter().chain(&content.source_titles);
        let by: Vec<String> = by.map(|name| name.clone().into_owned()).collect();
        out.extend(content.texts.iter().map(|text| Text {
            kind,
            markup: text.markup().into_owned(),
            language: text.language().map(|code| code.into_owned()),
            by: by.clone(),
        }));
    }
    out.retain(|text| !text.markup.trim().is_empty());
    out
}

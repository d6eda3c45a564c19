//! A product as it was read, in whichever of the two formats it came.

use std::borrow::Cow;

use crate::model::Entry;
use crate::onix::{LicenceTerms, Record};
use crate::sale::Offers;
use crate::xml::{self, PublicationFormat};

/// A product as it was read.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Received<'a> {
    /// A record of an ONIX message.
    Onix(&'a Record<'a>),
    /// A format of a publication of the platform's `xml`.
    Xml(&'a xml::Record<'a>, PublicationFormat<'a>),
}

impl<'a> Received<'a> {
    /// Its key within its source: both formats of one account give a product the same.
    pub fn record_reference(self) -> Option<Cow<'a, str>> {
        match self {
            Received::Onix(record) => record.product().record_reference(),
            Received::Xml(_, format) => format.record_reference().map(Cow::Owned),
        }
    }

    /// The product as an owned document.
    pub fn to_entry(self) -> Entry {
        match self {
            Received::Onix(record) => record.product().to_entry(),
            Received::Xml(_, format) => format.to_entry(),
        }
    }

    /// What may be sold of it where and when.
    pub fn offers(self) -> Offers {
        match self {
            Received::Onix(record) => Offers::of(&record.product()),
            Received::Xml(_, format) => Offers::of_publication_format(format),
        }
    }

    /// When it was sent, as written: what its message says; of a publication, when it was last updated.
    pub fn sent(self) -> Option<Cow<'a, str>> {
        match self {
            Received::Onix(record) => record.message().header().sent.as_deref().map(Cow::Borrowed),
            Received::Xml(_, format) => format.publication().last_update(),
        }
    }

    /// The terms on which it is licensed, price by price: the byte of the price, and its terms, where there are
    /// any. The platform's `xml` has none.
    pub fn licence_terms(self) -> Vec<(u64, LicenceTerms)> {
        let Received::Onix(record) = self else {
            return Vec::new();
        };
        let product = record.product();
        let supplies = product.product_supplies();
        let details = supplies.iter().flat_map(|supply| &supply.supply_details);
        let prices = details.flat_map(|detail| &detail.prices);
        let terms = prices.filter_map(|price| {
            let terms = LicenceTerms::of(&product, Some(price));
            let byte = price.element()?.byte();
            (!terms.is_empty()).then_some((byte, terms))
        });
        terms.collect()
    }

    /// The record by itself, as a message or page of its own.
    #[cfg(feature = "index")]
    pub(crate) fn message(self) -> String {
        match self {
            Received::Onix(record) => record.message().wrap(record.xml()),
            Received::Xml(record, _) => record.message().wrap(record.xml()),
        }
    }
}

impl<'a> From<&'a Record<'a>> for Received<'a> {
    fn from(record: &'a Record<'a>) -> Self {
        Received::Onix(record)
    }
}

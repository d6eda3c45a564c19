//! What a decision is about: every parameter of it, by the platform's names.

use std::collections::BTreeMap;

use super::decision::Kind;
use crate::error::{Error, ErrorKind, Result};
use crate::model::normalised;

/// What is sold, to whom, and on which terms.
///
/// `uname` is among them: the platform's pages ask a shop to keep what it sold with, since a download needs the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub(super) kind: Kind,
    pub(super) account: String,
    pub(super) organisation: String,
    /// As it is sent.
    pub(super) isbn: String,
    pub(super) format: String,
    pub(super) parameters: BTreeMap<String, String>,
}

impl Terms {
    /// The parameters of the platform's services that a decision may have.
    pub const PARAMETERS: [&'static str; 13] = [
        "transaction_id",
        "customer_id",
        "cost",
        "currency",
        "country",
        "price_type",
        "protection",
        "drm_type",
        "cost_without_taxes",
        "sale_state",
        "aggregator",
        "uname",
        "credit_card_prefix",
    ];

    /// A sale by an account of an organisation.
    pub fn sale(account: &str, organisation: &str, isbn: &str, format: &str) -> Self {
        Self::new(Kind::Sale, account, organisation, isbn, format)
    }

    /// A preorder.
    pub fn preorder(account: &str, organisation: &str, isbn: &str, format: &str) -> Self {
        Self::new(Kind::Preorder, account, organisation, isbn, format)
    }

    fn new(kind: Kind, account: &str, organisation: &str, isbn: &str, format: &str) -> Self {
        Self {
            kind,
            account: account.to_owned(),
            organisation: organisation.to_owned(),
            isbn: isbn.trim().to_owned(),
            format: format.trim().to_owned(),
            parameters: BTreeMap::new(),
        }
    }

    /// The same with a parameter by the platform's name, or a note of the shop's own: `title`, `publisher`,
    /// `record_reference`. Others are kept too, and not sent.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.insert(name.to_owned(), value.into());
        self
    }

    /// A sale or a preorder.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The account that decided.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The organisation that sells.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// The identifier as it is sent.
    pub fn isbn(&self) -> &str {
        &self.isbn
    }

    /// The format.
    pub fn format(&self) -> &str {
        &self.format
    }

    /// A parameter, if it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// All parameters that are sent, by their names.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.parameters.iter();
        all.filter(|(name, value)| Self::PARAMETERS.contains(&name.as_str()) && !value.is_empty())
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether it isn't invoiced.
    pub fn is_test(&self) -> bool {
        self.get("sale_state") == Some("test")
    }

    /// The publication as it is told from others: what the catalogue knows it by (`publication` among the notes), else the
    /// identifier, however it is written.
    pub(crate) fn publication(&self) -> String {
        normalised(self.get("publication").unwrap_or(&self.isbn)).into_owned()
    }

    /// The cost in minor units, where it is a number.
    pub(super) fn cost(&self) -> Option<i64> {
        self.get("cost")?.parse().ok()
    }

    /// Says what is missing that a decision can't be told from others without.
    pub(super) fn checked(&self) -> Result<()> {
        let customer = self.get("customer_id");
        let transaction = self.get("transaction_id");
        let needs = [
            ("id", Some(self.isbn.as_str())),
            ("format", Some(self.format.as_str())),
            ("customer_id", customer),
            (
                "transaction_id",
                match self.kind {
                    Kind::Sale => transaction,
                    Kind::Preorder => Some("none"),
                },
            ),
        ];
        for (what, value) in needs {
            if value.is_none_or(str::is_empty) {
                return Err(Error::new(ErrorKind::Invalid {
                    what,
                    given: String::new(),
                    expected: "a decision can't be told from others without it".to_owned(),
                }));
            }
        }
        Ok(())
    }
}

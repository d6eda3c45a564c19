//! The answer of a check.

use std::sync::Arc;

use super::account::Dialect;
use super::moment::Moment;
use super::offer::Offer;

/// Whether the platform would take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Judgement {
    /// It would.
    Valid,
    /// It would not.
    Refused,
    /// Something that decides isn't known.
    Unknown,
}

macro_rules! codes {
    ($($name:ident = $word:literal;)*) => {
        /// An answer of the platform, as it spells it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "server", schema(rename_all = "snake_case"))]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $word, "`")] $name,)*
        }

        impl Code {
            /// The platform's word.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $word,)* }
            }

            /// The code of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Code::$name),)* _ => None }
            }
        }
    };
}

codes! {
    NotFound = "not_found";
    CannotSell = "cannot_sell";
    Duplicate = "duplicate";
    MissingIsbn = "missing_isbn";
    MissingFormat = "missing_format";
    InvalidFormat = "invalid_format";
    MissingCost = "missing_cost";
    InvalidCost = "invalid_cost";
    MissingProtection = "missing_protection";
    InvalidProtection = "invalid_protection";
    InvalidCountry = "invalid_country";
    InvalidCurrency = "invalid_currency";
    InvalidPriceType = "invalid_price_type";
    InvalidSaleParameters = "invalid_sale_parameters";
    MissingCustomerId = "missing_customer_id";
    MissingTransactionId = "missing_transaction_id";
    InvalidSaleState = "invalid_sale_state";
}

#[cfg(feature = "serde")]
impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Why: one rule that refused, or could not decide.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Reason {
    /// The platform's code; `None` where its pages print none for this rule.
    pub code: Option<Code>,
    /// The parameter of the request it is about.
    pub parameter: Option<&'static str>,
    /// What the request gave.
    pub given: Option<String>,
    /// What would have been taken.
    pub expected: Option<String>,
    /// The name of the rule, a heading of `src/docs/sale.md`.
    pub rule: &'static str,
    /// The element of the record that decided.
    pub element: Option<&'static str>,
    /// Its value.
    pub value: Option<String>,
    /// The byte of its record's input at which it stands.
    pub byte: Option<u64>,
}

/// Something a verdict would need and nobody knows, by a stable word.
pub type Missing = &'static str;

/// Something worth telling that decides nothing.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct NoticeText {
    /// A stable word.
    pub code: &'static str,
    /// What there is to say.
    pub message: String,
}

/// An offer that would be taken, beside the one asked for.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Near {
    /// The identifier to ask for, where it is another product's: the e-book of a print ISBN.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub id: Option<String>,
    /// What is different about it.
    pub differs: Vec<&'static str>,
    /// The offer.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub offer: Offer,
}

/// One of several records of an identifier, and what it came to by itself.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RecordVerdict {
    /// Whose.
    #[cfg_attr(feature = "serde", serde(serialize_with = "text"))]
    #[cfg_attr(feature = "server", schema(value_type = String))]
    pub record_reference: Arc<str>,
    /// What it came to.
    pub verdict: Judgement,
    /// With which codes.
    pub codes: Vec<Code>,
}

/// The answer of a check.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Verdict {
    /// Would the platform take it?
    pub verdict: Judgement,
    /// The codes it would answer with, a set.
    pub codes: Vec<Code>,
    /// What else would come up once those are mended.
    pub also: Vec<Code>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What would have to be known.
    #[cfg_attr(feature = "server", schema(value_type = Vec<String>))]
    pub missing: Vec<Missing>,
    /// Offers that would be taken.
    pub near: Vec<Near>,
    /// The records looked at, each with its own verdict.
    pub records: Vec<RecordVerdict>,
    /// What is worth telling besides.
    pub notices: Vec<NoticeText>,
    /// Who sent the record.
    pub source: Option<String>,
    /// When it was sent, as its header says.
    #[cfg_attr(feature = "serde", serde(serialize_with = "optional_text"))]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub sent: Option<Arc<str>>,
    /// How old it was at the moment of the request, in seconds.
    pub age_s: Option<i64>,
    /// The moment of the request.
    pub at: Moment,
    /// Whose codes these are.
    pub dialect: Dialect,
}

#[cfg(feature = "serde")]
fn text<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

#[cfg(feature = "serde")]
fn optional_text<S: serde::Serializer>(
    text: &Option<Arc<str>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&text.as_deref(), serializer)
}

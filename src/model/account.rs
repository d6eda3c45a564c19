//! The shop's account with the platform, as far as a check needs it.

use super::moment::Zone;
use super::money::MinorUnits;
use super::territory::Country;

/// Which of the platform's two documents a verdict follows where they disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Dialect {
    /// The English pages.
    #[default]
    En,
    /// The Spanish page.
    Es,
}

/// What a check has to know of the shop's account.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Account {
    /// Whose codes a verdict carries.
    pub dialect: Dialect,
    /// Whether what a document calls mandatory is demanded even where the platform is known to do
    /// without.
    pub strict: bool,
    /// The organisation's country: what a request without one means.
    pub country: Option<Country>,
    /// The zone of dates that carry none.
    pub zone: Zone,
    /// Whether `cost_without_taxes` must be given (Eden Livres).
    pub cost_without_taxes: bool,
    /// Exponents of currencies.
    pub minor_units: MinorUnits,
    /// Names under which restrictions to named outlets mean this shop.
    pub outlets: Vec<String>,
    /// The price type of the platform's `xml` format, which carries none.
    pub xml_price_type: Option<String>,
    /// How old a record may be, in seconds, before a verdict is unknown.
    pub max_age_s: Option<u64>,
    /// The publishers of the organisation's agreements, where such a list has been fetched: a
    /// publisher that isn't on it makes a verdict unknown. Being in the feed is agreement otherwise.
    pub publishers: Option<Vec<String>>,
    /// One code for every fault of a price, where the platform was seen to use one.
    pub price_code: Option<super::verdict::Code>,
}

impl Dialect {
    /// `en` or `es`.
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::En => "en",
            Dialect::Es => "es",
        }
    }

    /// The dialect of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "en" => Some(Dialect::En),
            "es" => Some(Dialect::Es),
            _ => None,
        }
    }
}

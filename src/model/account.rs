//! The shop's account with the platform: what a check has to know of it, and how the platform is reached.

use super::access::{Api, CatalogueFormat, Credentials, TimeOuts};
use super::moment::Zone;
use super::money::MinorUnits;
use super::territory::Country;

/// Which of the platform's two documents a verdict follows where they disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Dialect {
    /// The English pages.
    #[default]
    En,
    /// The Spanish page.
    Es,
}

/// What a check, and whoever asks the platform, has to know of the shop's account.
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
    /// Its name: the source of what is fetched with it. Without one that is the organisation's.
    pub name: Option<String>,
    /// Where the platform is: scheme, host and port alone, such as `https://www.example.com`.
    pub base_url: Option<String>,
    /// The organisation's identifier, which is no number everywhere.
    pub organisation: Option<String>,
    /// As whom the platform is asked.
    pub credentials: Option<Credentials>,
    /// Which generation of the catalogue services.
    pub api: Api,
    /// In which format the catalogue is asked for.
    pub format: CatalogueFormat,
    /// Whether a platform on this machine may be reached without TLS.
    pub allow_http: bool,
    /// How long an answer may take.
    pub time_outs: TimeOuts,
}

impl Account {
    /// The source under which what is fetched with it is kept: its name, else its organisation's.
    pub fn source(&self) -> Option<&str> {
        self.name.as_deref().or(self.organisation.as_deref())
    }
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

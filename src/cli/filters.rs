//! Values that several commands take: countries, currencies, moments; and the flags of an offer.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::model::{Account, Cost, Country, Currency, Date, Format, Moment, Protection, Zone};
use crate::onix::codes;
use crate::sale::{OfferFilter, Sellable};

pub(crate) const COUNTRIES: &str = "two or three letters of ISO 3166, such as FR or FRA";
const CURRENCIES: &str = "three letters of ISO 4217, such as EUR";
pub(crate) const PRICE_TYPES: &str =
    "two digits of List 58, such as 04; `onix codes 58` lists them";
pub(crate) const DURATIONS: &str =
    "a number of seconds, or a number with s, m, h or d, such as 24h";
pub(crate) const MOMENTS: &str = "a date or a moment, such as 2026-12-01 or 2026-12-01T18:00:00Z";

pub(crate) type Parsed<T> = std::result::Result<T, String>;

/// A country, as a filter has it: one that doesn't exist would find nothing for ever.
pub(crate) fn country(text: &str) -> Parsed<Country> {
    Country::parse(text).ok_or_else(|| format!("expected {COUNTRIES}"))
}

pub(crate) fn currency(text: &str) -> Parsed<Currency> {
    Currency::parse(text)
        .filter(Currency::is_known)
        .ok_or_else(|| format!("expected {CURRENCIES}"))
}

pub(crate) fn price_type(text: &str) -> Parsed<String> {
    let text = text.trim();
    let is_shaped = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let is_listed = || codes::label(58, text).is_some();
    match is_shaped && is_listed() {
        true => Ok(text.to_owned()),
        false => Err(format!("expected {PRICE_TYPES}")),
    }
}

/// A moment whose zone, where it has none, the account will say.
pub(crate) fn moment(text: &str) -> Parsed<String> {
    match Moment::parse(text, &Zone::default()) {
        Some(_) => Ok(text.to_owned()),
        None => Err(format!("expected {MOMENTS}")),
    }
}

/// A day, a month or a year.
pub(crate) fn date(text: &str) -> Parsed<Date> {
    Date::parse(text, None).ok_or_else(|| "expected a date, such as 2026-12-01".into())
}

/// The moment that was given, or the present one.
pub(crate) fn at(given: Option<&str>, account: &Account) -> Moment {
    given
        .and_then(|text| Moment::parse(text, &account.zone))
        .unwrap_or_else(super::now)
}

/// Seconds of `90`, `90s`, `30m`, `24h`, `7d`.
pub(crate) fn duration(text: &str) -> Parsed<u64> {
    let text = text.trim();
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(format!("expected {DURATIONS}")),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds))
        .ok_or_else(|| format!("expected {DURATIONS}"))
}

pub(crate) fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str))
}

pub(crate) fn protections() -> PossibleValuesParser {
    PossibleValuesParser::new(Protection::ALL.map(Protection::as_str))
}

/// What has to hold on one and the same offer.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters of the offer")]
pub(crate) struct OfferArgs {
    /// Sold in this country
    #[arg(long, value_parser = country)]
    pub(crate) country: Option<Country>,
    /// In this currency
    #[arg(long, value_parser = currency)]
    pub(crate) currency: Option<Currency>,
    /// With this price type (List 58)
    #[arg(long, value_name = "TYPE", value_parser = price_type)]
    pub(crate) price_type: Option<String>,
    /// The moment that counts: a date, or RFC 3339 [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) at: Option<String>,
}

impl OfferArgs {
    pub(crate) fn filter(&self) -> OfferFilter {
        OfferFilter {
            country: self.country,
            currency: self.currency,
            price_type: self.price_type.clone(),
            ..OfferFilter::default()
        }
    }
}

/// The costs between which an offer has to lie, and for what it has to be good.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters of the offer")]
pub(crate) struct CostArgs {
    /// At this cost or more, in the currency's minor unit: 999 is EUR 9.99
    #[arg(long, value_name = "COST")]
    pub(crate) min_cost: Option<Cost>,
    /// At this cost or less, in the currency's minor unit
    #[arg(long, value_name = "COST")]
    pub(crate) max_cost: Option<Cost>,
    /// Good for a sale, or a preorder, at that moment
    #[arg(long, value_parser = ["sale", "preorder", "any"])]
    pub(crate) sellable: Option<String>,
}

impl CostArgs {
    pub(crate) fn sellable(&self) -> Sellable {
        match self.sellable.as_deref() {
            Some("sale") => Sellable::Sale,
            Some("preorder") => Sellable::Preorder,
            _ => Sellable::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("24h"), Ok(86_400));
        assert_eq!(duration("90"), Ok(90));
        assert_eq!(duration("7d"), Ok(604_800));
        assert!(duration("h").is_err());
        assert!(duration("1w").is_err());
        assert!(duration("99999999999999999d").is_err());
    }

    #[test]
    fn filters_refuse_what_does_not_exist() {
        assert!(country("XX").is_err());
        assert!(currency("ABC").is_err());
        assert!(price_type("4").is_err());
        assert!(moment("tomorrow").is_err());
        assert!(moment("2026-12-01").is_ok());
    }
}

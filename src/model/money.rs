//! Money: integers in a currency's minor unit, read from decimal text. No binary float touches it.

mod currencies;

use super::short_text::trimmed;

/// A currency of list 96, by its three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// An amount in the minor unit of its currency.
pub type Cost = u64;

/// How many decimal places each currency's minor unit stands behind the point.
///
/// On the platform that is two, whatever ISO 4217 says, except for the yen; currencies whose
/// exponent in ISO isn't two and that nobody has seen there yet follow ISO.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MinorUnits {
    overrides: Vec<(Currency, u8)>,
}

impl Currency {
    /// From its letters, in any case; `None` where it isn't three letters.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = trimmed(text).as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(bytes.map(|b| b.to_ascii_uppercase())))
    }

    /// Its letters, in upper case.
    pub(crate) fn letters(self) -> [u8; 3] {
        self.0
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("three ASCII letters")
    }

    /// Whether list 96 has it.
    pub fn is_known(&self) -> bool {
        static KNOWN: std::sync::OnceLock<[u32; 26 * 26]> = std::sync::OnceLock::new();
        let place = |letters: [u8; 3]| {
            let [a, b, c] = letters.map(|letter| letter.wrapping_sub(b'A'));
            (usize::from(a) * 26 + usize::from(b), 1 << (c & 31))
        };
        let known = KNOWN.get_or_init(|| {
            let mut known = [0; 26 * 26];
            for (code, _) in currencies::CURRENCIES {
                let (at, bit) = place(code.as_bytes().try_into().expect("three letters"));
                known[at] |= bit;
            }
            known
        });
        let (at, bit) = place(self.0);
        known.get(at).is_some_and(|bits| bits & bit != 0)
    }

    /// ISO 4217's exponent.
    pub fn iso_exponent(&self) -> Option<u8> {
        let at = numbers().binary_search(&number(self.0)).ok()?;
        Some(currencies::CURRENCIES[at].1)
    }
}

/// The letters as a number, in the order of the letters.
fn number([a, b, c]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, a, b, c])
}

/// The currencies of list 96 as numbers, sorted as they are.
fn numbers() -> &'static [u32] {
    static NUMBERS: std::sync::OnceLock<Vec<u32>> = std::sync::OnceLock::new();
    NUMBERS.get_or_init(|| {
        let codes = currencies::CURRENCIES.iter();
        codes
            .filter_map(|(code, _)| Currency::parse(code))
            .map(|currency| number(currency.0))
            .collect()
    })
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Observed on the platform where ISO says otherwise: pesos of Chile are sold in hundredths.
const OBSERVED: [(&str, u8); 2] = [("CLP", 2), ("JPY", 0)];

impl MinorUnits {
    /// The platform's, with these exponents instead.
    pub fn with(overrides: Vec<(Currency, u8)>) -> Self {
        Self { overrides }
    }

    /// Whether they are the platform's own.
    pub(crate) fn is_default(&self) -> bool {
        self.overrides.is_empty()
    }

    /// The exponent of a currency; `None` where neither the platform nor ISO 4217 has one.
    pub fn exponent(&self, currency: Currency) -> Option<u8> {
        let given = self
            .overrides
            .iter()
            .find(|(known, _)| *known == currency)
            .map(|(_, exponent)| *exponent);
        let observed = || {
            OBSERVED
                .iter()
                .find(|(known, _)| *known == currency.as_str())
                .map(|(_, exponent)| *exponent)
        };
        given.or_else(observed).or_else(|| currency.iso_exponent())
    }

    /// Whether the exponent was observed on the platform, or is the usual two; else it follows ISO
    /// and nobody has seen the platform use it.
    pub fn is_observed(&self, currency: Currency) -> bool {
        self.exponent(currency) == Some(2) || currency.as_str() == "JPY"
    }

    /// Decimal text in minor units: `19.99` EUR is 1999. `None` where it is no such number, or
    /// has digits below the minor unit.
    pub fn cost(&self, amount: &str, currency: Currency) -> Option<Cost> {
        minor(amount, self.exponent(currency)?)
    }

    /// Minor units as decimal text.
    pub fn amount(&self, cost: Cost, currency: Currency) -> Option<String> {
        let exponent = usize::from(self.exponent(currency)?);
        if exponent == 0 {
            return Some(cost.to_string());
        }
        let digits = format!("{cost:0>width$}", width = exponent + 1);
        let (whole, part) = digits.split_at(digits.len() - exponent);
        Some(format!("{whole}.{part}"))
    }
}

/// `digits [ '.' digits ]` scaled by ten to the exponent; zeros below the minor unit are fine.
fn minor(amount: &str, exponent: u8) -> Option<Cost> {
    let (whole, part) = match amount.split_once('.') {
        Some((whole, part)) => (whole, part),
        None => (amount, ""),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() && part.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let exponent = usize::from(exponent);
    let (kept, below) = part.split_at(part.len().min(exponent));
    if below.bytes().any(|b| b != b'0') {
        return None;
    }
    let mut cost: Cost = 0;
    let zeros = std::iter::repeat_n(b'0', exponent - kept.len());
    for digit in whole.bytes().chain(kept.bytes()).chain(zeros) {
        cost = cost.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    Some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let units = MinorUnits::default();
        let cost = |amount, currency| units.cost(amount, Currency::parse(currency).unwrap());
        assert_eq!(cost("19.99", "EUR"), Some(1999));
        assert_eq!(cost("19.990", "eur"), Some(1999));
        assert_eq!(cost("19.999", "EUR"), None);
        assert_eq!(cost("19,99", "EUR"), None);
        assert_eq!(cost("850", "JPY"), Some(850));
        assert_eq!(cost("850.00", "JPY"), Some(850));
        assert_eq!(cost("8500", "CLP"), Some(850_000));
        assert_eq!(cost("1.500", "KWD"), Some(1500));
        assert_eq!(cost(".5", "EUR"), Some(50));
        assert_eq!(cost("", "EUR"), None);
        assert_eq!(cost("-1", "EUR"), None);
        assert_eq!(cost("99999999999999999999", "EUR"), None);
    }

    /// R27: every price of two decimals.
    #[test]
    fn all_two_decimal_prices() {
        let units = MinorUnits::default();
        let euro = Currency::parse("EUR").unwrap();
        for cost in 0..100_000 {
            let text = units.amount(cost, euro).unwrap();
            assert_eq!(text, format!("{}.{:02}", cost / 100, cost % 100));
            assert_eq!(units.cost(&text, euro), Some(cost));
        }
    }
}

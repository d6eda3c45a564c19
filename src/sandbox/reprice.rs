//! A price that changes on the platform after a shop has fetched it: the records with every amount raised.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands between the tags of an amount of ONIX, whatever its prefix.
static PRICE_AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(<(?:[\w.-]+:)?(?:PriceAmount|j151)(?:\s[^>]*)?>\s*)(\d+(?:\.\d+)?)")
        .expect("it is an expression")
});

/// The same of the platform's `xml`, in the currency's minor unit.
static AMOUNT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(<amount>\s*)(\d+)").expect("it is an expression"));

/// A message with every price higher by so many hundredths.
pub(super) fn raised(message: &str, by: u64) -> String {
    let onix = PRICE_AMOUNT.replace_all(message, |found: &Captures<'_>| {
        format!("{}{}", &found[1], raised_decimal(&found[2], by))
    });
    let xml = AMOUNT.replace_all(&onix, |found: &Captures<'_>| {
        let raised = found[2]
            .parse::<u64>()
            .map(|amount| amount.saturating_add(by));
        raised.map_or_else(
            |_| found[0].to_owned(),
            |amount| format!("{}{amount}", &found[1]),
        )
    });
    xml.into_owned()
}

/// Decimal text, never a binary fraction. What has more than fifteen digits stays.
fn raised_decimal(amount: &str, by: u64) -> String {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let scale = fraction.len().max(2);
    let digits = format!("{whole}{fraction:0<scale$}");
    let (Ok(number), true) = (digits.parse::<u64>(), digits.len() <= 15 && scale <= 6) else {
        return amount.to_owned();
    };
    let step = by * 10_u64.pow(scale as u32 - 2);
    let raised = format!(
        "{:0>width$}",
        number.saturating_add(step),
        width = scale + 1
    );
    let (whole, fraction) = raised.split_at(raised.len() - scale);
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_amount_is_raised() {
        let message = "<x:PriceAmount>12.99</x:PriceAmount><j151 a='b'> 7</j151><PriceAmount>x</PriceAmount>\
                       <DiscountPercent>5</DiscountPercent><amount>850</amount>";
        assert_eq!(
            raised(message, 100),
            "<x:PriceAmount>13.99</x:PriceAmount><j151 a='b'> 8.00</j151><PriceAmount>x</PriceAmount>\
             <DiscountPercent>5</DiscountPercent><amount>950</amount>"
        );
        assert_eq!(raised_decimal("0.00", 1), "0.01");
        assert_eq!(raised_decimal("9.990", 1), "10.000");
        assert_eq!(
            raised_decimal("9999999999999999.99", 1),
            "9999999999999999.99"
        );
    }
}

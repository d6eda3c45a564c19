//! The order of hits, and the place of each in it: what a page token holds.

/// What is compared first; smaller ones come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Number(u64),
    Text(String),
}

/// A hit's place among all: it stays the same while the hit does, so that a page goes on where the
/// one before ended, whatever was added meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) value: Value,
    pub(super) tie: u64,
}

impl Value {
    /// The highest score first. Scores aren't negative, so their bits have their order.
    pub(super) fn of_score(score: f32) -> Self {
        Value::Number(u64::from(u32::MAX - score.max(0.0).to_bits()))
    }

    /// The newest first, those without a date last.
    pub(super) fn of_date(seconds: Option<i64>) -> Self {
        let ascending = seconds.map_or(0, |seconds| seconds.cast_unsigned() ^ 1 << 63);
        Value::Number(u64::MAX - ascending)
    }

    /// The cheapest first, those without a price last.
    pub(super) fn of_cost(cost: Option<u64>) -> Self {
        Value::Number(cost.unwrap_or(u64::MAX))
    }

    /// Those without a title last.
    pub(super) fn of_title(key: String) -> Self {
        match key.is_empty() {
            true => Value::Text(char::MAX.to_string()),
            false => Value::Text(key),
        }
    }
}

impl Place {
    /// `n` or `t`, the value, and the tie, in hexadecimal digits.
    pub(super) fn token(&self) -> String {
        let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
        match &self.value {
            Value::Number(number) => format!("n{number:x}.{:x}", self.tie),
            Value::Text(text) => format!("t{}.{:x}", hex(text.as_bytes()), self.tie),
        }
    }

    pub(super) fn parse(token: &str) -> Option<Self> {
        let (value, tie) = token.trim().split_once('.')?;
        let value = match (value.get(..1)?, value.get(1..)?) {
            ("n", digits) => Value::Number(u64::from_str_radix(digits, 16).ok()?),
            ("t", digits) => {
                let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
                let byte =
                    |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
                let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
                rest.is_empty().then_some(())?;
                Value::Text(String::from_utf8(bytes?).ok()?)
            }
            _ => return None,
        };
        let tie = u64::from_str_radix(tie, 16).ok()?;
        Some(Self { value, tie })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_in_order() {
        assert!(Value::of_score(2.5) < Value::of_score(2.25));
        assert!(Value::of_score(0.0) < Value::of_date(None));
        assert!(Value::of_date(Some(1)) < Value::of_date(Some(-1)));
        assert!(Value::of_date(Some(-1)) < Value::of_date(None));
        assert!(Value::of_cost(Some(1)) < Value::of_cost(None));
        assert!(Value::of_title("\u{10fffd}".into()) < Value::of_title(String::new()));
    }

    #[test]
    fn tokens_come_back() {
        for value in [Value::Number(77), Value::Text("été. x".into())] {
            let place = Place {
                value,
                tie: 1 << 60,
            };
            assert_eq!(Place::parse(&place.token()), Some(place));
        }
        for token in [
            "", "n", "n1", "nx.1", "t6.1", "tff.1", "é.1", "n1.x", "x1.1", "té.1",
        ] {
            assert_eq!(Place::parse(token), None, "{token}");
        }
    }
}

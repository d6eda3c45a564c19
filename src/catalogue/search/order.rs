//! The order of hits, and the place of each in it: what a page token holds.

use std::cmp::Reverse;

use crate::catalogue::ask::Sort;

/// What is compared first; smaller ones come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Number(u64),
    Text(String),
    /// The best match first; among equals what is for sale, then the newest.
    Match {
        score: Reverse<u32>,
        not_sold: bool,
        date: u64,
    },
}

/// A hit's place among all: it stays the same while the hit does, so that a page goes on where the
/// one before ended, whatever was added meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) value: Value,
    pub(super) tie: u64,
}

/// Where a page goes on: behind a place, in an order that depends on how far the search went and how rare its words
/// were found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageToken {
    pub(super) place: Place,
    /// The digit of its [`Stage`](super::expand::Stage).
    pub(super) stage: u8,
    /// How many of the words each product has, where none has all of them.
    pub(super) n_met: u8,
    pub(super) rarities: Vec<u8>,
}

/// What dates are compared by: the newest first, those without one last.
pub(super) fn newest(seconds: Option<i64>) -> u64 {
    let ascending = seconds.map_or(0, |seconds| seconds.cast_unsigned() ^ 1 << 63);
    u64::MAX - ascending
}

impl Value {
    /// Whether hits in this order have such values.
    pub(super) fn is_of(&self, sort: Sort) -> bool {
        match sort {
            Sort::Relevance => matches!(self, Value::Match { .. }),
            Sort::Title => matches!(self, Value::Text(_)),
            Sort::Date | Sort::Price => matches!(self, Value::Number(_)),
        }
    }

    /// The newest first, those without a date last.
    pub(super) fn of_date(seconds: Option<i64>) -> Self {
        Value::Number(newest(seconds))
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

impl PageToken {
    /// `n`, `t` or `m`, the value, the tie, the stage, how many words are met, and how rare each is, in hexadecimal
    /// digits.
    pub(super) fn text(&self) -> String {
        let hex = |bytes: &[u8]| -> String { bytes.iter().map(|b| format!("{b:02x}")).collect() };
        let value = match &self.place.value {
            Value::Number(number) => format!("n{number:x}"),
            Value::Text(text) => format!("t{}", hex(text.as_bytes())),
            Value::Match {
                score,
                not_sold,
                date,
            } => format!("m{:x}-{}-{date:x}", score.0, u8::from(*not_sold)),
        };
        let rarities = hex(&self.rarities);
        let (tie, stage, n_met) = (self.place.tie, self.stage, self.n_met);
        format!("{value}.{tie:x}.{stage}{n_met:02x}{rarities}")
    }

    pub(super) fn parse(token: &str) -> Option<Self> {
        let mut parts = token.trim().split('.');
        let (value, tie, rest) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let number = |digits: &str| u64::from_str_radix(digits, 16).ok();
        let value = match (value.get(..1)?, value.get(1..)?) {
            ("n", digits) => Value::Number(number(digits)?),
            ("t", digits) => Value::Text(String::from_utf8(bytes(digits)?).ok()?),
            ("m", digits) => {
                let mut digits = digits.split('-');
                let score = u32::from_str_radix(digits.next()?, 16).ok()?;
                let not_sold = match digits.next()? {
                    "0" => false,
                    "1" => true,
                    _ => return None,
                };
                Value::Match {
                    score: Reverse(score),
                    not_sold,
                    date: number(digits.next()?)?,
                }
            }
            _ => return None,
        };
        let (stage, bytes_of_rest) = rest.split_at_checked(1)?;
        let mut rarities = bytes(bytes_of_rest)?.into_iter();
        let n_met = rarities.next()?;
        Some(Self {
            place: Place {
                value,
                tie: number(tie)?,
            },
            stage: stage.parse().ok()?,
            n_met,
            rarities: rarities.collect(),
        })
    }
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    match rest.is_empty() {
        true => pairs.iter().map(byte).collect(),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_match(score: u32, not_sold: bool, date: Option<i64>) -> Value {
        Value::Match {
            score: Reverse(score),
            not_sold,
            date: newest(date),
        }
    }

    #[test]
    fn values_come_in_order() {
        assert!(of_match(250, true, None) < of_match(225, false, Some(1)));
        assert!(of_match(250, false, None) < of_match(250, true, Some(1)));
        assert!(of_match(250, false, Some(2)) < of_match(250, false, Some(1)));
        assert!(Value::of_date(Some(1)) < Value::of_date(Some(-1)));
        assert!(Value::of_date(Some(-1)) < Value::of_date(None));
        assert!(Value::of_cost(Some(1)) < Value::of_cost(None));
        assert!(Value::of_title("\u{10fffd}".into()) < Value::of_title(String::new()));
    }

    #[test]
    fn tokens_come_back() {
        let values = [
            Value::Number(77),
            Value::Text("été. x".into()),
            of_match(1234, true, Some(-7)),
        ];
        for value in values {
            let token = PageToken {
                place: Place {
                    value,
                    tie: 1 << 60,
                },
                stage: 2,
                n_met: 3,
                rarities: vec![0, 255],
            };
            assert_eq!(PageToken::parse(&token.text()), Some(token));
        }
        for token in [
            "",
            "n",
            "n1",
            "n1.1",
            "nx.1.000",
            "t6.1.000",
            "tff.1.000",
            "é.1.000",
            "n1.x.000",
            "x1.1.000",
            "té.1.000",
            "n1.1.é",
            "n1.1.0",
            "n1.1.0001",
            "n1.1.000.0",
            "m1.1.000",
            "m1-2-1.1.000",
        ] {
            assert_eq!(PageToken::parse(token), None, "{token}");
        }
    }
}

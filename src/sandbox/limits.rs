//! How many calls an organisation has in an hour of the stand-in's clock (CF-LIMITS, HUB).

use std::collections::VecDeque;

use super::clock::{Millis, is_within};
use super::pieces::{Part, Table};

const HOUR: Millis = 3_600_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// First pages of full and differential synchronisations together.
    FirstPage,
    /// Publications read one by one.
    One,
}

impl Counted {
    fn as_str(self) -> &'static str {
        match self {
            Counted::FirstPage => "first_page",
            Counted::One => "one",
        }
    }

    /// Of one call too many.
    pub(super) fn told(self) -> String {
        let what = match self {
            Counted::FirstPage => "first pages of full and differential synchronisations",
            Counted::One => "single publications",
        };
        format!(
            "{} {what} an hour are all that an organisation has",
            self.limit()
        )
    }

    fn limit(self) -> usize {
        match self {
            Counted::FirstPage => 50,
            Counted::One => 5_000,
        }
    }
}

/// The calls of the last hour.
#[derive(Debug, Clone)]
pub(super) struct Limits(pub(super) Table<VecDeque<Millis>>);

impl Default for Limits {
    fn default() -> Self {
        Self(Table::new(Part::Limit))
    }
}

impl Limits {
    /// Counts a call, unless it is one too many.
    pub(super) fn take(&mut self, organisation: &str, counted: Counted, now: Millis) -> bool {
        let key = format!("{} {organisation}", counted.as_str());
        if self.0.get(&key).is_none() {
            self.0.insert(key.clone(), VecDeque::new());
        }
        let calls = self.0.get_mut(&key).expect("it was put there");
        calls.retain(|at| is_within(*at, now, HOUR));
        if calls.len() >= counted.limit() {
            return false;
        }
        calls.push_back(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_publications_have_a_limit_of_their_own() {
        let mut limits = Limits::default();
        assert!((0..5_000).all(|n| limits.take("A", Counted::One, n)));
        assert!(!limits.take("A", Counted::One, 5_000));
        assert!(limits.take("A", Counted::FirstPage, 5_000));
    }

    #[test]
    fn an_hour_later_there_are_calls_again() {
        let mut limits = Limits::default();
        for n in 0..50 {
            assert!(limits.take("A", Counted::FirstPage, n));
        }
        assert!(!limits.take("A", Counted::FirstPage, 50));
        assert!(limits.take("A", Counted::One, 50));
        assert!(limits.take("B", Counted::FirstPage, 50));
        assert!(limits.take("A", Counted::FirstPage, HOUR));
        assert!(!limits.take("A", Counted::FirstPage, HOUR));
    }
}

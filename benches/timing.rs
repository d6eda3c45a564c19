//! Times, and how they are printed: percentiles, not means alone.

#![allow(dead_code, reason = "each bench uses a part of it")]

use std::time::Instant;

/// Nanoseconds of each call or round.
#[derive(Default)]
pub(super) struct Times(Vec<u64>);

/// What a call comes to, and the nanoseconds it takes.
pub(super) fn timed<T>(run: impl FnOnce() -> T) -> (T, u64) {
    let start = Instant::now();
    let out = run();
    let taken = start.elapsed().as_nanos();
    (out, u64::try_from(taken).unwrap_or(u64::MAX))
}

impl FromIterator<u64> for Times {
    fn from_iter<I: IntoIterator<Item = u64>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl Times {
    pub(super) fn push(&mut self, nanoseconds: u64) {
        self.0.push(nanoseconds);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The first fifth of them, and the last.
    pub(super) fn fifths(&self) -> [Times; 2] {
        let n = (self.0.len() / 5).max(1);
        [&self.0[..n], &self.0[self.0.len() - n..]].map(|all| Times(all.to_vec()))
    }

    pub(super) fn per_mille(&self, share: usize) -> u64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        sorted[(sorted.len() * share / 1000).min(sorted.len() - 1)]
    }

    pub(super) fn median(&self) -> u64 {
        self.per_mille(500)
    }

    pub(super) fn mean(&self) -> u64 {
        self.0.iter().sum::<u64>() / self.0.len() as u64
    }

    /// One line, in nanoseconds.
    pub(super) fn print(&self, name: &str) {
        self.print_in(name, "ns", 1);
    }

    /// One line, in microseconds.
    pub(super) fn print_us(&self, name: &str) {
        self.print_in(name, "µs", 1000);
    }

    fn print_in(&self, name: &str, unit: &str, size: u64) {
        let [p50, p90, p99] = [500, 900, 990].map(|share| self.per_mille(share) / size);
        let mean = self.mean() / size;
        println!(
            "{name:44} p50 {p50:7} {unit}, p90 {p90:7} {unit}, p99 {p99:7} {unit}, mean {mean:7} {unit}"
        );
    }
}

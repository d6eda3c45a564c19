//! How well a product meets a query, from how it meets each clause. The numbers are those of `weights.rs`.
//!
//! It depends on the product, on the query, and on how rare its words are, which a page's token carries on: so the
//! pages behind the first keep its order, whatever is added meanwhile.

use super::analysis::{TITLE_START, TitleLength, is_stop_word};
use super::clause_docs::{FIRST_WORD, Hit};
use super::document::Facts;
use super::query::{Clause, Role, Sought};
use super::weights::{self, AUTHORS, CONTRIBUTORS, DESCRIPTION, Places, SERIES, SUBTITLE, TITLE};

/// What is known of a query's clauses beside where they stand.
pub(super) struct Ranking {
    roles: Vec<Role>,
    /// How rare each is, in quarters: as [`rarity`] says.
    rarities: Vec<u8>,
    is_number: Vec<bool>,
    has_ids: bool,
    /// How many words count, and how many of them say something.
    n_counted: u32,
    n_saying: u32,
    /// What a product comes to at most, by how many words of its title have to be asked for, whether they can be all
    /// of it, whether one can be its first, and whether any is one of them.
    most: Vec<u32>,
}

/// How rare a word is that so many products of so many have: the logarithm of the ratio to base 2 and one, in
/// quarters.
pub(super) fn rarity(doc_freq: u64, n_docs: u64) -> u8 {
    let ratio = (n_docs.max(1) as f32) / (doc_freq.max(1) as f32);
    let quarters = (ratio.max(1.0).log2() + 1.0) * 4.0;
    quarters.round().clamp(1.0, 255.0) as u8
}

/// A score is a whole number of these.
pub(super) const UNIT: f32 = 100.0;

impl Ranking {
    /// `has_ids`: whether some product is known by one of the clauses.
    pub(super) fn new(clauses: &[Clause], rarities: Vec<u8>, has_ids: bool) -> Self {
        let is_number = |clause: &Clause| {
            let word = clause.word();
            word.is_some_and(|word| word.folded.bytes().all(|b| b.is_ascii_digit()))
        };
        let mut ranking = Self {
            most: Vec::new(),
            roles: clauses.iter().map(|clause| clause.role).collect(),
            is_number: clauses.iter().map(is_number).collect(),
            has_ids,
            n_counted: n_words(clauses, |_| true),
            n_saying: n_words(clauses, says_something),
            rarities,
        };
        let most = (0..64 * 8).map(|n: u32| {
            let has = |bit: u32| n & bit != 0;
            ranking.most_of(n / 8, has(4), has(2), has(1))
        });
        ranking.most = most.collect();
        ranking
    }

    fn most_of(&self, n_wanted: u32, is_whole: bool, begins: bool, covers: bool) -> u32 {
        if self.has_ids {
            return u32::MAX;
        }
        let words = weights::SECTIONS[TITLE].weight * weights::EXACT;
        let in_title = match (is_whole, begins) {
            (true, _) => weights::WHOLE_TITLE,
            (false, true) => weights::TITLE_BEGINS,
            (false, false) => 0.0,
        };
        let number = match self.is_number.contains(&true) {
            true => weights::SERIES_NUMBER,
            false => 0.0,
        };
        let together = match self.n_counted {
            0 | 1 => in_title,
            _ => (in_title + weights::IN_ORDER).max(weights::AUTHOR_AND_TITLE + number),
        };
        let covered = match (covers, n_wanted) {
            (true, n @ 1..) => (self.n_counted as f32 / n as f32).min(1.0),
            _ => 0.0,
        };
        ((words + together + weights::COVERED * covered) * UNIT).ceil() as u32
    }

    /// What a product can come to at most, whatever it has of the words.
    #[inline]
    pub(super) fn most(&self, facts: Facts) -> u32 {
        let TitleLength { main, whole } = facts.title;
        let is_whole = usize::from(facts.n_wanted(main)) <= self.n_counted as usize;
        // A word that says little begins no title but one that such a word begins.
        let begins = self.n_saying > 0 || facts.little & 1 == 1;
        // Nor does it cover any of a title that has others.
        let covers = self.n_saying > 0 || facts.n_wanted(whole) == whole;
        let n_wanted = usize::from(facts.n_wanted(whole)).min(self.most.len() / 8 - 1);
        let case = usize::from(is_whole) * 4 + usize::from(begins) * 2 + usize::from(covers);
        self.most[n_wanted * 8 + case]
    }

    /// What a product can come to at most that has one of the words in its description alone.
    pub(super) fn most_of_described(&self) -> u32 {
        if self.has_ids {
            return u32::MAX;
        }
        let counted = || {
            let roles = self.roles.iter().zip(&self.rarities);
            roles.filter_map(|(role, rarity)| match role {
                Role::Required => Some(f32::from(*rarity)),
                Role::Optional => Some(f32::from(*rarity) / 2.0),
                Role::Excluded | Role::Filter => None,
            })
        };
        let sum: f32 = counted().sum();
        let least = self.least_required() / sum.max(1.0);
        let title = weights::SECTIONS[TITLE].weight;
        let described = weights::SECTIONS[DESCRIPTION].weight;
        let words = title * (1.0 - least) + described * least;
        // Neither the whole title nor author and title, for these have all that is required.
        let together = match self.n_counted {
            0 | 1 => 0.0,
            _ => weights::COVERED,
        };
        ((words + together) * UNIT).ceil() as u32
    }

    fn least_required(&self) -> f32 {
        let roles = self.roles.iter().zip(&self.rarities);
        let required = roles.filter(|(role, _)| **role == Role::Required);
        let rarities = required.map(|(_, rarity)| f32::from(*rarity));
        rarities.fold(f32::INFINITY, f32::min).min(255.0)
    }

    pub(super) fn rarities(&self) -> &[u8] {
        &self.rarities
    }

    /// The clauses that count, with how each is met.
    fn counted<'h>(&'h self, hits: &'h [Hit]) -> impl Iterator<Item = (usize, &'h Hit)> {
        let counts =
            |(n, _): &(usize, &Hit)| matches!(self.roles[*n], Role::Required | Role::Optional);
        hits.iter().enumerate().filter(counts)
    }

    /// How well a product meets the query, and where its words stand.
    pub(super) fn score(&self, hits: &[Hit], facts: impl Fn() -> Facts) -> (u32, Places) {
        let (mut sum, mut most, mut id) = (0.0_f32, 0.0_f32, 0.0_f32);
        let mut places = Places::default();
        for (n, hit) in self.counted(hits) {
            let rarity = f32::from(self.rarities[n]);
            let is_little = self.roles[n] == Role::Optional;
            let rarity = if is_little { rarity / 2.0 } else { rarity };
            sum += rarity * hit.weight;
            most += rarity;
            id = id.max(hit.id);
            places = places.union(hit.places);
        }
        let words = if most > 0.0 { sum / most } else { 0.0 };
        let is_plain = places.is_within(Places::of(&[DESCRIPTION]));
        let together = if is_plain {
            0.0
        } else {
            self.together(hits, facts())
        };
        let score = id + words + together;
        ((score * UNIT).round() as u32, places)
    }

    /// What the clauses come to together.
    fn together(&self, hits: &[Hit], facts: Facts) -> f32 {
        let required = || {
            self.counted(hits)
                .filter(|(n, hit)| self.roles[*n] == Role::Required && hit.weight > 0.0)
        };
        if required().next().is_none() {
            return 0.0;
        }
        let in_title = required().filter(|(_, hit)| hit.title != 0).count();
        let n = required().count();
        let title = self.counted(hits).fold(0, |all, (_, hit)| all | hit.title);
        let factor = required()
            .filter(|(_, hit)| hit.title != 0)
            .map(|(_, hit)| hit.title_factor)
            .fold(1.0, f32::min);
        let covered = self.covered(title, facts);
        let mut sum = 0.0;
        if in_title > 0 {
            sum += weights::COVERED * covered.of_whole * factor;
        }
        if in_title == n {
            sum += match (covered.of_main >= 1.0, title & FIRST_WORD != 0) {
                (true, _) => weights::WHOLE_TITLE * factor,
                (false, true) => weights::TITLE_BEGINS * factor,
                (false, false) => 0.0,
            };
            sum += self.in_order(hits) * weights::IN_ORDER;
            return sum;
        }
        let is_by = Places::of(&[AUTHORS, CONTRIBUTORS]);
        let elsewhere = || required().filter(|(_, hit)| hit.title == 0);
        let are_in = |wanted: Places| elsewhere().all(|(_, hit)| hit.places.meets(wanted));
        if in_title > 0 && are_in(is_by) {
            // Half of it for being there, half for as much of the title as is asked for.
            sum += weights::AUTHOR_AND_TITLE * factor * (0.5 + 0.5 * covered.of_main);
        } else if in_title > 0 && are_in(is_by.union(Places::of(&[SERIES, SUBTITLE]))) {
            sum += weights::AUTHOR_AND_TITLE * factor * 0.5 * covered.of_main;
        }
        let in_series = Places::of(&[SERIES]);
        let has_number =
            required().any(|(n, hit)| self.is_number[n] && hit.places.meets(in_series));
        let others = is_by.union(in_series).union(Places::of(&[TITLE]));
        if has_number && n > 1 && required().all(|(_, hit)| hit.places.meets(others)) {
            sum += weights::SERIES_NUMBER;
        }
        if in_title == 0 && required().all(|(_, hit)| hit.authors != 0) {
            let authors = self
                .counted(hits)
                .fold(0, |all, (_, hit)| all | hit.authors);
            let whole = low_bits(u32::from(facts.author));
            if whole != 0 && authors & whole == whole {
                sum += weights::WHOLE_AUTHOR;
            }
        }
        sum
    }

    /// How much of a title is asked for; words that say little need not be, and one that is asked for covers one.
    fn covered(&self, title: u64, facts: Facts) -> Covered {
        let part = |length: u8| {
            let all = low_bits(u32::from(length)) << TITLE_START;
            let wanted = all & !(u64::from(facts.little) << TITLE_START);
            let wanted = if wanted == 0 { all } else { wanted };
            match wanted.count_ones() {
                0 => 0.0,
                n => (title & wanted).count_ones().min(self.n_counted) as f32 / n as f32,
            }
        };
        Covered {
            of_main: part(facts.title.main),
            of_whole: part(facts.title.whole),
        }
    }

    /// The part of the clauses that follow the one before in the title.
    fn in_order(&self, hits: &[Hit]) -> f32 {
        let titles: Vec<u64> = self
            .counted(hits)
            .filter(|(_, hit)| hit.title != 0)
            .map(|(_, hit)| hit.title)
            .collect();
        match titles.len() {
            0 | 1 => 0.0,
            n => {
                let pairs = titles.windows(2);
                let follow = pairs.filter(|pair| pair[0] << 1 & pair[1] != 0).count();
                follow as f32 / (n - 1) as f32
            }
        }
    }
}

/// The words of a title that clauses of a kind cover at most.
fn n_words(clauses: &[Clause], is_of_kind: impl Fn(&Clause) -> bool) -> u32 {
    let counted = clauses
        .iter()
        .filter(|clause| matches!(clause.role, Role::Required | Role::Optional));
    let counted = counted.filter(|clause| is_of_kind(clause));
    counted
        .map(|clause| clause.sought.iter().map(width).max().unwrap_or(1))
        .sum()
}

/// Whether a clause may be met by a word that says something.
fn says_something(clause: &Clause) -> bool {
    clause
        .word()
        .is_none_or(|word| word.is_prefix || word.joined.is_some() || !is_stop_word(&word.folded))
}

fn width(sought: &Sought) -> u32 {
    match sought {
        Sought::Word(_) => 1,
        Sought::Phrase(words) => u32::try_from(words.len()).unwrap_or(u32::MAX),
    }
}

struct Covered {
    of_main: f32,
    of_whole: f32,
}

fn low_bits(n: u32) -> u64 {
    match n {
        0 => 0,
        n => u64::MAX >> (64 - n.min(56)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarer_is_more() {
        assert!(rarity(1, 100_000) > rarity(10, 100_000));
        assert_eq!(rarity(100, 100), rarity(100, 50));
        assert_eq!(rarity(0, 0), 4);
    }
}

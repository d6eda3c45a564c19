//! What a record does to the catalogue: which of several records with one key stays, and how each
//! is counted. A machine without I/O; [`writer`](super::writer) does what it says.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::hash::{BuildHasher, RandomState};

use super::summary::IngestSummary;
use super::writer::OnStale;

/// What there is to know of a record to compare it with another of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    /// The instant of `SentDateTime`.
    pub(super) sent: Option<i64>,
    /// Over its bytes and what of its message matters.
    pub(super) hash: u64,
}

/// What a record asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Keep,
    Remove,
}

/// A record that comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Incoming {
    pub(super) version: Version,
    pub(super) wish: Wish,
    /// The serial number that it gets if it is added.
    pub(super) serial: u64,
    pub(super) on_stale: OnStale,
}

/// A record as the catalogue remembers it: a product, or that it was removed.
pub(super) type Known = (Version, Wish);

/// What is to be done to the catalogue, in which each key has one record at most: the product's, or
/// its removal's. A record that goes is named by its serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Nothing,
    Add,
    Replace(u64),
    Delete(u64),
}

/// One run of a writer: a slot for each key it has met.
pub(super) struct Run {
    /// In a tree, which grows without being copied: there are as many as a delivery has products.
    slots: BTreeMap<u128, Slot>,
    /// Two hashes of a key with secret seeds are as good as the key, and smaller.
    seeds: [RandomState; 2],
    pub(super) summary: IngestSummary,
}

/// There are as many as a run has keys, so it is kept small: of a new catalogue none was there before.
#[derive(Debug)]
struct Slot {
    /// What the catalogue held when the run began.
    before: Option<Box<Known>>,
    /// What stays, of what the run has brought so far.
    latest: Option<Known>,
    /// The serial number of the record that is there now.
    serial: Option<u64>,
}

/// How the record that stays is counted; those it outdid are stale.
#[derive(Debug, Clone, Copy)]
enum Class {
    Added,
    Replaced,
    Unchanged,
    Removed,
}

impl Run {
    pub(super) fn new() -> Self {
        Self {
            slots: BTreeMap::new(),
            seeds: [RandomState::new(), RandomState::new()],
            summary: IngestSummary::default(),
        }
    }

    /// Takes the next record in input order. `before` says what the catalogue holds for its key, and is asked
    /// once a key.
    pub(super) fn receive(
        &mut self,
        key: &str,
        received: Incoming,
        before: impl FnOnce() -> Option<(Known, u64)>,
    ) -> Step {
        let hash = self.hash(key);
        let slot = match self.slots.entry(hash) {
            Entry::Occupied(slot) => slot.into_mut(),
            Entry::Vacant(slot) => {
                let before = before();
                slot.insert(Slot {
                    before: before.map(|(known, _)| Box::new(known)),
                    latest: None,
                    serial: before.map(|(_, serial)| serial),
                })
            }
        };
        slot.receive(received, &mut self.summary)
    }

    /// The serial number of the record that is there now, of a key that the run has met.
    pub(super) fn serial(&self, key: &str) -> Option<Option<u64>> {
        self.slots.get(&self.hash(key)).map(|slot| slot.serial)
    }

    fn hash(&self, key: &str) -> u128 {
        let [first, second] = self.seeds.each_ref().map(|seed| seed.hash_one(key));
        u128::from(first) << 64 | u128::from(second)
    }

    /// Whether the catalogue would be another one.
    pub(super) fn has_changes(&self) -> bool {
        self.slots.values().any(Slot::has_changed)
    }
}

impl Slot {
    fn receive(&mut self, received: Incoming, summary: &mut IngestSummary) -> Step {
        let Incoming {
            version,
            wish,
            serial,
            on_stale,
        } = received;
        let rival = match (self.latest, on_stale) {
            (Some(latest), _) => Some(latest),
            (None, OnStale::Refuse) => self.before(),
            (None, OnStale::Accept) => None,
        };
        if rival.is_some_and(|(rival, _)| is_older(version.sent, rival.sent)) {
            summary.stale += 1;
            return Step::Nothing;
        }
        if self.latest == Some((version, wish)) {
            summary.unchanged += 1;
            return Step::Nothing;
        }
        let current = self.latest.or_else(|| self.before());
        let is_known_already = current == Some((version, wish));
        if self.latest.is_some() {
            *self.count(summary) -= 1;
            summary.stale += 1;
        }
        self.latest = Some((version, wish));
        *self.count(summary) += 1;
        if is_known_already {
            return Step::Nothing;
        }
        let new = is_remembered((version, wish)).then_some(serial);
        match (new, std::mem::replace(&mut self.serial, new)) {
            (Some(_), Some(old)) => Step::Replace(old),
            (Some(_), None) => Step::Add,
            (None, Some(old)) => Step::Delete(old),
            (None, None) => Step::Nothing,
        }
    }

    fn before(&self) -> Option<Known> {
        self.before.as_deref().copied()
    }

    fn has_changed(&self) -> bool {
        match (self.before(), self.latest) {
            (_, None) => false,
            (None, Some(latest)) => is_remembered(latest),
            (before, latest) => before != latest,
        }
    }

    fn count<'a>(&self, summary: &'a mut IngestSummary) -> &'a mut u64 {
        match self.class() {
            Class::Added => &mut summary.added,
            Class::Replaced => &mut summary.replaced,
            Class::Unchanged => &mut summary.unchanged,
            Class::Removed => &mut summary.removed,
        }
    }

    /// What the run comes to for this key, against what was there before it.
    fn class(&self) -> Class {
        let was_there = matches!(self.before(), Some((_, Wish::Keep)));
        match (was_there, self.latest) {
            (false, Some((_, Wish::Keep))) => Class::Added,
            (true, Some((_, Wish::Keep))) if self.before() != self.latest => Class::Replaced,
            (true, Some((_, Wish::Remove))) => Class::Removed,
            _ => Class::Unchanged,
        }
    }
}

/// A removal is remembered where it says when it was sent: an older record that comes later doesn't
/// bring the product back.
fn is_remembered((version, wish): Known) -> bool {
    wish == Wish::Keep || version.sent.is_some()
}

/// Only of two stated moments is one older.
fn is_older(sent: Option<i64>, than: Option<i64>) -> bool {
    matches!((sent, than), (Some(sent), Some(than)) if sent < than)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `k2a`: keep, sent at 2, content a; `r3`: remove, sent at 3; `k_a`: sent at no known time.
    fn parse(text: &str) -> (Version, Wish) {
        let wish = match &text[..1] {
            "k" => Wish::Keep,
            _ => Wish::Remove,
        };
        let sent = text[1..2].parse().ok();
        let content = text.as_bytes().get(2).copied().unwrap_or_default();
        let hash = u64::from(content) << 8 | sent.map_or(255, |sent: i64| sent as u64);
        (Version { sent, hash }, wish)
    }

    /// What was there before, the records of a run in input order, and what each step is; then the
    /// counts that differ from 0.
    #[test]
    fn one_key() {
        let cases = [
            ("", "k1a", "Add", "added 1"),
            ("", "k1a k1a", "Add Nothing", "added 1 unchanged 1"),
            ("", "k1a k2b", "Add Replace", "added 1 stale 1"),
            // The correction stands in front.
            ("", "k2b k1a", "Add Nothing", "added 1 stale 1"),
            // Equal or absent: the later in input order.
            ("", "k1a k1b", "Add Replace", "added 1 stale 1"),
            ("", "k1a k_b", "Add Replace", "added 1 stale 1"),
            ("", "k_b k1a", "Add Replace", "added 1 stale 1"),
            ("", "k1a k2b k1a", "Add Replace Nothing", "added 1 stale 2"),
            ("k1a", "k1a", "Nothing", "unchanged 1"),
            ("k1a", "k1a k1a", "Nothing Nothing", "unchanged 2"),
            ("k1a", "k2a", "Replace", "replaced 1"),
            ("k1a", "k1b", "Replace", "replaced 1"),
            ("k2a", "k1b", "Nothing", "stale 1"),
            ("k2a", "k1b k3c", "Nothing Replace", "replaced 1 stale 1"),
            // The same two records as in the run before: nothing has changed.
            ("k1b", "k1a k1b", "Replace Replace", "unchanged 1 stale 1"),
            ("k1a", "k1a k2b", "Nothing Replace", "replaced 1 stale 1"),
            // Removal.
            ("", "r1", "Add", "unchanged 1"),
            ("", "r_", "Nothing", "unchanged 1"),
            ("k1a", "r1", "Replace", "removed 1"),
            ("k1a", "r_", "Delete", "removed 1"),
            ("k2a", "r1", "Nothing", "stale 1"),
            ("k1a", "r2 r2", "Replace Nothing", "unchanged 1 removed 1"),
            ("k1a", "r2 r3", "Replace Replace", "removed 1 stale 1"),
            ("k1a", "r2 k1a", "Replace Nothing", "removed 1 stale 1"),
            ("k1a", "r2 k3b", "Replace Replace", "replaced 1 stale 1"),
            ("k1a", "r1 k1a", "Replace Replace", "unchanged 1 stale 1"),
            ("k1a", "r_ k1a", "Delete Add", "unchanged 1 stale 1"),
            ("k1a", "k2b r3", "Replace Replace", "removed 1 stale 1"),
            ("k1a", "r3 k2b", "Replace Nothing", "removed 1 stale 1"),
            ("", "k1a r2", "Add Replace", "unchanged 1 stale 1"),
            ("", "k1a r_", "Add Delete", "unchanged 1 stale 1"),
            ("", "r2 k1a", "Add Nothing", "unchanged 1 stale 1"),
            ("", "r2 k3a", "Add Replace", "added 1 stale 1"),
            ("", "k1a r2 k3b", "Add Replace Replace", "added 1 stale 2"),
            // A removal of a run before.
            ("r2", "k1a", "Nothing", "stale 1"),
            ("r2", "k2a", "Replace", "added 1"),
            ("r2", "r2", "Nothing", "unchanged 1"),
            ("r2", "r3", "Replace", "unchanged 1"),
            ("r2", "k3a r4", "Replace Replace", "unchanged 1 stale 1"),
        ];
        for (before, records, steps, counts) in cases {
            let outcome = outcome(before, records, OnStale::Refuse);
            assert_eq!(
                outcome,
                (steps.to_owned(), counts.to_owned()),
                "{before} <- {records}"
            );
        }
    }

    #[test]
    fn an_older_record_may_be_asked_for() {
        let (steps, counts) = outcome("k2a", "k1b", OnStale::Accept);
        assert_eq!((&*steps, &*counts), ("Replace", "replaced 1"));
        // Within the run the later one stays all the same.
        let (steps, counts) = outcome("k3a", "k2b k1c", OnStale::Accept);
        assert_eq!(
            (&*steps, &*counts),
            ("Replace Nothing", "replaced 1 stale 1")
        );
    }

    fn outcome(before: &str, records: &str, on_stale: OnStale) -> (String, String) {
        let before = (!before.is_empty()).then(|| parse(before));
        let mut run = Run::new();
        let mut serial = 0;
        let steps: Vec<_> = records
            .split(' ')
            .map(|record| {
                let (version, wish) = parse(record);
                let before = before.filter(|known| is_remembered(*known));
                serial += 1;
                let received = Incoming {
                    version,
                    wish,
                    serial,
                    on_stale,
                };
                let step = run.receive("key", received, || Some((before?, 0)));
                match step {
                    Step::Nothing => "Nothing",
                    Step::Add => "Add",
                    Step::Replace(_) => "Replace",
                    Step::Delete(_) => "Delete",
                }
            })
            .collect();
        let summary = &run.summary;
        let counts: Vec<_> = [
            ("added", summary.added),
            ("replaced", summary.replaced),
            ("unchanged", summary.unchanged),
            ("removed", summary.removed),
            ("stale", summary.stale),
        ]
        .iter()
        .filter(|(_, n)| *n > 0)
        .map(|(name, n)| format!("{name} {n}"))
        .collect();
        assert_eq!(
            records.split(' ').count() as u64,
            summary.added + summary.replaced + summary.unchanged + summary.removed + summary.stale
        );
        (steps.join(" "), counts.join(" "))
    }
}

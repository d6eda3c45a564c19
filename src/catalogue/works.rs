//! Works: which products are one book.
//!
//! Products of one work name each other as another format of the same (list 51: 06, 13, 27), or the same other
//! product, or the same work. One that names nobody goes by its title, first contributor and publisher, and its
//! number in a series.

use std::collections::{HashMap, HashSet};

use super::search::{Snapshot, title_words};
use super::store::{Held, State, number};
use crate::model::{Entry, normalised};

/// What a product has in common with others of its work, as [`number`]s.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WorkKeys {
    /// Its own identifiers.
    pub(super) own: Vec<u64>,
    /// The products and works that it names.
    pub(super) links: Vec<u64>,
    /// What it goes by.
    pub(super) title: Option<u64>,
}

impl WorkKeys {
    /// Those of a product whose own identifiers are these numbers.
    pub(super) fn of(entry: &Entry, own: &[u64]) -> Self {
        let same = entry.related.iter().filter(|related| {
            let is_same = |code: &String| matches!(code.as_str(), "06" | "13" | "27");
            related.relations.iter().any(is_same)
        });
        let same = same.flat_map(|related| &related.identifiers);
        let products = same.map(|id| number(&normalised(&id.value)));
        let works = entry.works.iter().map(|id| {
            let name = id.name.as_deref().unwrap_or_default();
            let value = normalised(&id.value);
            number(&["\0work", &id.id_type, name, &value].join("\0"))
        });
        let mut links: Vec<u64> = products.chain(works).collect();
        let own_numbers: HashSet<&u64> = own.iter().collect();
        links.retain(|number| !own_numbers.contains(number));
        links.sort_unstable();
        links.dedup();
        Self {
            own: own.to_vec(),
            links,
            title: title(entry),
        }
    }

    /// Those by which others find it, beside its own identifiers.
    pub(super) fn to_others(&self) -> impl Iterator<Item = u64> {
        self.links.iter().copied().chain(self.title)
    }

    /// As numbers one behind the other, and back.
    pub(super) fn numbers(&self) -> Vec<u64> {
        let mut out = vec![self.own.len() as u64, self.title.unwrap_or(0)];
        out.extend(&self.own);
        out.extend(&self.links);
        out
    }

    pub(super) fn of_numbers(mut numbers: impl Iterator<Item = u64>) -> Option<Self> {
        let n_own = usize::try_from(numbers.next()?).ok()?;
        let title = Some(numbers.next()?).filter(|title| *title != 0);
        let mut own: Vec<u64> = numbers.collect();
        let links = (n_own <= own.len()).then(|| own.split_off(n_own))?;
        Some(Self { own, links, title })
    }
}

/// What a product goes by; nothing without title, contributor or publisher.
fn title(entry: &Entry) -> Option<u64> {
    let title = title_words(entry.title.as_deref()?);
    let contributor = title_words(&entry.contributors.first()?.name);
    let publisher = title_words(entry.publisher.as_deref()?);
    if title.is_empty() || contributor.is_empty() || publisher.is_empty() {
        return None;
    }
    let volume = entry
        .series
        .first()
        .and_then(|series| series.number.as_deref());
    let volume = volume.unwrap_or_default();
    Some(number(
        &["\0title", &title, &contributor, &publisher, volume].join("\0"),
    ))
}

/// Products of a work that are looked at: where there are more, somebody has given one identifier to all of them.
const MOST: usize = 200;

impl State {
    /// The other products of a product's work, nearest first.
    pub(super) fn work_of(&self, held: Held<'_>) -> Vec<Held<'_>> {
        let mut known = HashSet::from([held.serial()]);
        let mut work: Vec<Held<'_>> = Vec::new();
        let mut keys = vec![held.work_keys()];
        let mut next = 0;
        while next < keys.len() && work.len() < MOST {
            let others = self.neighbours(&keys[next]);
            next += 1;
            for other in others {
                if work.len() < MOST && known.insert(other.serial()) {
                    keys.push(other.work_keys());
                    work.push(other);
                }
            }
        }
        work
    }

    fn neighbours(&self, keys: &WorkKeys) -> Vec<Held<'_>> {
        let named = keys.own.iter().chain(&keys.links);
        let mut out: Vec<Held<'_>> = named
            .flat_map(|number| self.of_id(*number).chain(self.of_link(*number)))
            .collect();
        if let Some(title) = keys.title {
            let same: Vec<Held<'_>> = self.of_link(title).collect();
            let names_nobody = |held: &Held<'_>| held.work_keys().links.is_empty();
            if keys.links.is_empty() || same.iter().any(names_nobody) {
                out.extend(same);
            }
        }
        out
    }
}

/// The products of a catalogue, each with the number of its work.
pub(super) struct Works {
    /// By the products' places in the state's order.
    of_serial: HashMap<u64, u64>,
}

impl Works {
    /// The number of a product's work: the serial number of one of its products.
    pub(super) fn of(&self, serial: u64) -> u64 {
        self.of_serial.get(&serial).copied().unwrap_or(serial)
    }

    pub(super) fn new(state: &State) -> Self {
        let held: Vec<Held<'_>> = state.all().collect();
        let mut forest = Forest::new(held.len());
        let mut named: Vec<(u64, usize)> = Vec::new();
        let mut titled: Vec<(u64, usize, bool)> = Vec::new();
        for (n, held) in held.iter().enumerate() {
            let keys = held.work_keys();
            named.extend(
                keys.own
                    .iter()
                    .chain(&keys.links)
                    .map(|number| (*number, n)),
            );
            titled.extend(keys.title.map(|title| (title, n, keys.links.is_empty())));
        }
        named.sort_unstable();
        for same in named.chunk_by(|a, b| a.0 == b.0) {
            same.windows(2)
                .for_each(|pair| forest.join(pair[0].1, pair[1].1));
        }
        titled.sort_unstable();
        for same in titled.chunk_by(|a, b| a.0 == b.0) {
            if same.iter().any(|(_, _, names_nobody)| *names_nobody) {
                same.windows(2)
                    .for_each(|pair| forest.join(pair[0].1, pair[1].1));
            }
        }
        let of_serial = held.iter().enumerate().filter_map(|(n, one)| {
            let root = forest.root(n);
            (root != n).then(|| (one.serial(), held[root].serial()))
        });
        Self {
            of_serial: of_serial.collect(),
        }
    }
}

/// Sets that are joined: each member leads to another one, the root to itself.
struct Forest(Vec<usize>);

impl Forest {
    fn new(n: usize) -> Self {
        Self((0..n).collect())
    }

    fn root(&mut self, mut n: usize) -> usize {
        while self.0[n] != n {
            self.0[n] = self.0[self.0[n]];
            n = self.0[n];
        }
        n
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        // The first of them is the root, so that the answer doesn't depend on the order.
        self.0[a.max(b)] = a.min(b);
    }
}

impl Snapshot {
    /// The works of all products; made when first asked for.
    pub(super) fn works(&self) -> &Works {
        self.works.get_or_init(|| Works::new(&self.state))
    }
}

//! The state in pieces, as a file or an export keeps it: each has a part, a key within it, and a value in JSON.
//!
//! What is large remembers which of its pieces changed, so that a request costs the pieces that it changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a piece is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Seed, clock and counters: one piece, and the first to be read.
    Settings,
    Limit,
    List,
    Window,
    Marks,
    Publication,
    Sale,
    Preorder,
    Link,
    Request,
}

impl Part {
    pub(super) const ALL: [Part; 10] = [
        Part::Settings,
        Part::Limit,
        Part::List,
        Part::Window,
        Part::Marks,
        Part::Publication,
        Part::Sale,
        Part::Preorder,
        Part::Link,
        Part::Request,
    ];

    /// Its word, in a file and in an export.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Part::Settings => "settings",
            Part::Limit => "limits",
            Part::List => "lists",
            Part::Window => "windows",
            Part::Marks => "marks",
            Part::Publication => "publications",
            Part::Sale => "sales",
            Part::Preorder => "preorders",
            Part::Link => "links",
            Part::Request => "requests",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == word)
    }
}

/// A piece of the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) part: Part,
    pub(super) key: String,
    /// JSON; none where the piece is gone.
    pub(super) value: Option<String>,
}

impl Piece {
    pub(super) fn new(part: Part, key: impl Into<String>, value: &impl Serialize) -> Self {
        Self {
            part,
            key: key.into(),
            value: Some(serde_json::to_string(value).expect("the state is plain data")),
        }
    }

    pub(super) fn gone(part: Part, key: impl Into<String>) -> Self {
        Self {
            part,
            key: key.into(),
            value: None,
        }
    }
}

/// A number as a key: as many digits as make the order of texts that of the numbers.
pub(super) fn number(n: u64) -> String {
    format!("{n:012}")
}

/// Values by key, each a piece.
#[derive(Debug, Clone)]
pub(super) struct Table<V> {
    part: Part,
    values: BTreeMap<String, V>,
    changed: BTreeSet<String>,
}

impl<V: Serialize + DeserializeOwned> Table<V> {
    pub(super) fn new(part: Part) -> Self {
        Self {
            part,
            values: BTreeMap::new(),
            changed: BTreeSet::new(),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        self.values.get(key)
    }

    /// A value to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        let value = self.values.get_mut(key)?;
        self.changed.insert(key.to_owned());
        Some(value)
    }

    pub(super) fn insert(&mut self, key: String, value: V) {
        self.changed.insert(key.clone());
        self.values.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: &str) {
        if self.values.remove(key).is_some() {
            self.changed.insert(key.to_owned());
        }
    }

    /// Removes those that aren't to stay.
    pub(super) fn retain(&mut self, stays: impl Fn(&V) -> bool) {
        let gone = self.values.iter().filter(|(_, value)| !stays(value));
        let gone: Vec<String> = gone.map(|(key, _)| key.clone()).collect();
        gone.iter().for_each(|key| self.remove(key));
    }

    /// All of them in the order of their keys.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.values.values()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// What changed since this was asked last.
    pub(super) fn take_changes(&mut self, out: &mut Vec<Piece>) {
        for key in std::mem::take(&mut self.changed) {
            out.push(match self.values.get(&key) {
                Some(value) => Piece::new(self.part, key, value),
                None => Piece::gone(self.part, key),
            });
        }
    }

    pub(super) fn forget_changes(&mut self) {
        self.changed.clear();
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        let values = self.values.iter();
        values.map(|(key, value)| Piece::new(self.part, key, value))
    }

    /// Takes a piece back; `None` if it is none of these.
    pub(super) fn restore(&mut self, key: String, value: &str) -> Option<()> {
        self.values.insert(key, serde_json::from_str(value).ok()?);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_told_once() {
        let mut table: Table<u32> = Table::new(Part::Sale);
        table.insert("a".into(), 1);
        table.insert("b".into(), 2);
        let mut changes = Vec::new();
        table.take_changes(&mut changes);
        assert_eq!(changes.len(), 2);
        changes.clear();
        table.take_changes(&mut changes);
        assert!(changes.is_empty());
        table.remove("a");
        table.remove("a");
        *table.get_mut("b").unwrap() = 3;
        table.take_changes(&mut changes);
        assert_eq!(changes[0], Piece::gone(Part::Sale, "a"));
        assert_eq!(changes[1], Piece::new(Part::Sale, "b", &3));
        let mut again: Table<u32> = Table::new(Part::Sale);
        for piece in table.pieces() {
            again.restore(piece.key, &piece.value.unwrap()).unwrap();
        }
        assert_eq!(again.values().collect::<Vec<_>>(), [&3]);
        assert_eq!(again.restore("c".into(), "\"no\""), None);
    }

    #[test]
    fn words_lead_back_to_parts() {
        for part in Part::ALL {
            assert_eq!(Part::of_word(part.as_str()), Some(part));
        }
        assert!(number(9) < number(10));
    }
}

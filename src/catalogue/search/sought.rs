//! What a search looks for: its clauses, the products that they are identifiers of, and what is asked beside words.

use tantivy::query::Query;

use super::analysis::Language;
use super::query::{Clause, Role, as_identifier, parse};
use super::weights::{OWN_ID, RELATED_ID};
use super::{Snapshot, filters};
use crate::catalogue::ask::Search;
use crate::catalogue::store::number;
use crate::error::Result;

/// What is looked for.
pub(super) struct Sought<'s> {
    pub(super) clauses: Vec<Clause>,
    pub(super) languages: Vec<Language>,
    pub(super) filter: Option<Box<dyn Query>>,
    /// The products of which a clause is an identifier, by their serial numbers.
    pub(super) ids: Vec<Vec<(u64, f32)>>,
    /// Words were given, and nothing is left of them.
    pub(super) is_nothing: bool,
    pub(super) search: &'s Search,
}

impl<'s> Sought<'s> {
    pub(super) fn new(snapshot: &Snapshot, search: &'s Search) -> Result<Self> {
        let mut clauses = parse(&search.words);
        let is_nothing = clauses.is_empty() && !search.words.trim().is_empty();
        let whole = match clauses.len() {
            0 | 1 => None,
            _ => as_identifier(&search.words),
        };
        clauses.extend(filters::clauses(search));
        let of_whole = whole.map(|id| snapshot.serials_of(&id)).unwrap_or_default();
        let ids = clauses.iter().map(|clause| {
            let id = clause.identifier.as_deref();
            let mut ids = id.map(|id| snapshot.serials_of(id)).unwrap_or_default();
            // What the whole text is an identifier of meets each part of it.
            if clause.role == Role::Required {
                ids.extend(&of_whole);
            }
            ids
        });
        Ok(Self {
            ids: ids.collect(),
            languages: match search.languages.is_empty() {
                true => snapshot.languages()?,
                false => filters::languages(search),
            },
            clauses,
            filter: filters::query(search),
            is_nothing,
            search,
        })
    }

    pub(super) fn counted(&self) -> impl Iterator<Item = &Clause> {
        let clauses = self.clauses.iter();
        clauses.filter(|clause| clause.role == Role::Required)
    }

    pub(super) fn has_ids(&self) -> bool {
        self.ids.iter().any(|ids| !ids.is_empty())
    }

    pub(super) fn may_be_misspelt(&self) -> bool {
        self.counted().any(|clause| clause.word().is_some())
    }

    pub(super) fn may_be_incomplete(&self) -> bool {
        self.counted().count() > 1
    }

    /// The numbers of the clauses with one of these roles.
    pub(super) fn of_role(&self, roles: &[Role]) -> Vec<usize> {
        let clauses = self.clauses.iter().enumerate();
        clauses
            .filter(|(_, clause)| roles.contains(&clause.role))
            .map(|(n, _)| n)
            .collect()
    }
}

impl Snapshot {
    /// The serial numbers of the products that an identifier leads to.
    fn serials_of(&self, id: &str) -> Vec<(u64, f32)> {
        if id.is_empty() {
            return Vec::new();
        }
        let number = number(id);
        let own = self.state.of_id(number);
        let own = own.map(|held| (held.serial(), OWN_ID));
        let related = self.state.of_related(number);
        let related = related.map(|held| (held.serial(), RELATED_ID));
        own.chain(related).collect()
    }
}

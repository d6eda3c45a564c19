//! Products like another one: by the same people, in its series, on its subjects, in its language.

use tantivy::Term;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use super::document::{LIBRARY, subject_terms};
use super::fault::{failed, guarded};
use super::find::FoundHit;
use super::run::Candidate;
use super::weights::{self, Places};
use super::{Snapshot, fields, filters};
use crate::catalogue::ask::{Audience, Search};
use crate::error::Result;
use crate::model::Entry;

/// Products that are looked at for each that is wanted: those of the same work fall away.
const LOOKED_AT: usize = 8;

impl Snapshot {
    /// The likest first, without its own work, as far as they are what the search's filters ask for.
    pub(in crate::catalogue) fn similar(
        &self,
        entry: &Entry,
        own_work: &[u64],
        search: &Search,
    ) -> Result<Vec<FoundHit>> {
        guarded("looking for similar products", || {
            self.find_similar(entry, own_work, search)
        })
    }

    fn find_similar(
        &self,
        entry: &Entry,
        own_work: &[u64],
        search: &Search,
    ) -> Result<Vec<FoundHit>> {
        let mut parts = likenesses(entry);
        if parts.is_empty() || search.limit == 0 {
            return Ok(Vec::new());
        }
        // What is alike comes first; the rest must hold.
        let alike: Box<dyn Query> = Box::new(BooleanQuery::new(std::mem::take(&mut parts)));
        parts.push((Occur::Must, alike));
        if search.audience == Audience::Consumer {
            parts.push((Occur::MustNot, weighted(fields::OFFERED_TO, LIBRARY, 1.0)));
        }
        if let Some(filter) = filters::query(search) {
            parts.push((Occur::Must, Box::new(ConstScoreQuery::new(filter, 0.0))));
        }
        if let Some(language) = &entry.language {
            parts.push((
                Occur::Should,
                weighted(fields::LANGUAGE, &language.to_lowercase(), 0.5),
            ));
        }
        let query = BooleanQuery::new(parts);
        let wanted = search.limit.saturating_mul(LOOKED_AT) + own_work.len();
        let collector = TopDocs::with_limit(wanted).order_by_score();
        let found = self
            .searcher
            .search(&query, &collector)
            .map_err(failed("looking for similar products"))?;
        let serials = &self.numbers()?.serials;
        let works = self.works();
        let mut known: Vec<u64> = own_work.iter().map(|serial| works.of(*serial)).collect();
        let mut out = Vec::new();
        for (score, at) in found {
            if out.len() == search.limit {
                break;
            }
            let work = works.of(serials.value(at));
            if known.contains(&work) {
                continue;
            }
            known.push(work);
            let candidate = Candidate {
                at,
                score: (score * 100.0) as u32,
                places: Places::default(),
                is_own_id: false,
                is_related_id: false,
            };
            out.push(self.hit(candidate, Vec::new(), None)?);
        }
        Ok(out)
    }
}

/// What makes another product like this one; rarer values count for more.
fn likenesses(entry: &Entry) -> Vec<(Occur, Box<dyn Query>)> {
    let mut out: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    let mut add = |field: Field, value: &str, weight: f32| {
        out.push((Occur::Should, weighted(field, value, weight)));
    };
    for contributor in entry.contributors.iter().take(5) {
        add(
            fields::CONTRIBUTOR,
            &contributor.name,
            weights::SIMILAR_CONTRIBUTOR,
        );
    }
    for series in &entry.series {
        add(fields::SERIES, &series.title, weights::SIMILAR_SERIES);
    }
    for subject in subject_terms(entry).iter().take(40) {
        add(fields::SUBJECT, subject, weights::SIMILAR_SUBJECT);
    }
    out
}

fn weighted(field: Field, value: &str, weight: f32) -> Box<dyn Query> {
    let term = TermQuery::new(
        Term::from_field_text(field, value),
        IndexRecordOption::Basic,
    );
    Box::new(BoostQuery::new(Box::new(term), weight))
}

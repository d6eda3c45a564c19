//! Counts of values over everything found.

use std::collections::BTreeMap;

use super::collect::Candidate;
use super::fault::{failed, failed_io};
use super::{Snapshot, fields};
use crate::catalogue::page::FacetCount;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Date, Moment};

/// What can be counted.
pub const FACETS: [&str; 10] = [
    "format",
    "protection",
    "language",
    "publisher",
    "contributor",
    "series",
    "subject",
    "source",
    "audience",
    "year",
];

/// As many values as are listed.
const MOST: usize = 100;

impl Snapshot {
    /// The values of a facet among the candidates, the most frequent first.
    pub(super) fn facet(&self, name: &str, found: &[Candidate]) -> Result<Vec<FacetCount>> {
        let field = match name {
            "format" => fields::FORMAT,
            "protection" => fields::PROTECTION,
            "language" => fields::LANGUAGE,
            "publisher" => fields::PUBLISHER,
            "contributor" => fields::CONTRIBUTORS,
            "series" => fields::SERIES,
            "subject" => fields::SUBJECT,
            "source" => fields::SOURCE,
            "audience" => fields::AUDIENCE,
            "year" => return self.years(found),
            _ => {
                return Err(Error::new(ErrorKind::Invalid {
                    what: "facet",
                    given: name.to_owned(),
                    expected: FACETS.join(", "),
                }));
            }
        };
        let mut counts = BTreeMap::new();
        for (segment, reader) in self.searcher.segment_readers().iter().enumerate() {
            let column = reader
                .fast_fields()
                .str(fields::name(field))
                .map_err(failed("counting values"))?;
            let Some(column) = column else { continue };
            let mut by_ord = vec![0_u64; column.num_terms()];
            for candidate in of_segment(found, segment) {
                for ord in column.term_ords(candidate.at.doc_id) {
                    by_ord[ord as usize] += 1;
                }
            }
            for (ord, count) in by_ord.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                let mut value = String::new();
                column
                    .ord_to_str(ord as u64, &mut value)
                    .map_err(failed_io("counting values"))?;
                *counts.entry(value).or_insert(0) += count;
            }
        }
        Ok(listed(counts))
    }

    fn years(&self, found: &[Candidate]) -> Result<Vec<FacetCount>> {
        let mut counts = BTreeMap::new();
        for (segment, reader) in self.searcher.segment_readers().iter().enumerate() {
            let column = reader
                .fast_fields()
                .column_opt::<i64>(fields::name(fields::PUBLISHED))
                .map_err(failed("counting values"))?;
            let Some(column) = column else { continue };
            for candidate in of_segment(found, segment) {
                if let Some(seconds) = column.first(candidate.at.doc_id) {
                    *counts.entry(year(seconds)).or_insert(0) += 1;
                }
            }
        }
        Ok(listed(counts))
    }
}

fn of_segment(found: &[Candidate], segment: usize) -> impl Iterator<Item = &Candidate> {
    found
        .iter()
        .filter(move |candidate| candidate.at.segment_ord as usize == segment)
}

fn year(seconds: i64) -> String {
    let moment = Moment::from_unix(seconds).to_string();
    let year = Date::parse(&moment, None).and_then(|_| moment.split('-').next());
    year.unwrap_or_default().to_owned()
}

fn listed(counts: BTreeMap<String, u64>) -> Vec<FacetCount> {
    let mut counts: Vec<_> = counts
        .into_iter()
        .map(|(value, count)| FacetCount {
            value,
            label: None,
            count,
        })
        .collect();
    counts.sort_by_key(|facet| std::cmp::Reverse(facet.count));
    counts.truncate(MOST);
    counts
}

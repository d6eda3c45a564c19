//! What a search asks of a product beside words, as a query of tantivy.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{BooleanQuery, Query, RangeQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use super::analysis::Language;
use super::document::{LIBRARY, subject_term};
use super::expand::stemmed;
use super::query::Clause;
use super::schema as fields;
use super::weights::{self, Places};
use crate::catalogue::ask::{Audience, Search};
use crate::model::{Protection, Zone};

/// Everything that is asked of values; `None` where nothing is.
pub(super) fn query(search: &Search) -> Option<Box<dyn Query>> {
    let mut filters = filters(search);
    match filters.len() {
        0 | 1 => filters.pop(),
        _ => Some(Box::new(BooleanQuery::intersection(filters))),
    }
}

/// What is asked of names and series, as clauses.
pub(super) fn clauses(search: &Search) -> Vec<Clause> {
    [
        (
            &search.publishers,
            Places::of(&[weights::PUBLISHER, weights::IMPRINT]),
        ),
        (
            &search.contributors,
            Places::of(&[weights::AUTHORS, weights::CONTRIBUTORS]),
        ),
        (&search.series, Places::of(&[weights::SERIES])),
    ]
    .into_iter()
    .filter_map(|(texts, places)| Clause::filter(texts, places))
    .collect()
}

/// The languages of a search that have a stemmer.
pub(super) fn languages(search: &Search) -> Vec<Language> {
    let codes: Vec<String> = search.languages.iter().map(|code| language(code)).collect();
    stemmed(codes.iter().map(String::as_str))
}

fn filters(search: &Search) -> Vec<Box<dyn Query>> {
    let mut filters = Vec::new();
    let mut one_of = |queries: Vec<Box<dyn Query>>| {
        if !queries.is_empty() {
            filters.push(any_of(queries));
        }
    };
    let terms = |field, values: &mut dyn Iterator<Item = String>| -> Vec<Box<dyn Query>> {
        values.map(|value| term(field, &value)).collect()
    };
    let formats = search.formats.iter();
    one_of(terms(
        fields::FORMAT,
        &mut formats.map(|f| f.as_str().to_owned()),
    ));
    let protections = search.protections.iter();
    one_of(terms(
        fields::PROTECTION,
        &mut protections.map(|p| stated(*p).to_owned()),
    ));
    let languages = search.languages.iter();
    one_of(terms(fields::LANGUAGE, &mut languages.map(|l| language(l))));
    let subjects = search.subjects.iter();
    one_of(terms(
        fields::SUBJECT,
        &mut subjects.map(|(s, c)| subject_term(s, c)),
    ));
    let forms = search.product_forms.iter();
    one_of(terms(
        fields::PRODUCT_FORM,
        &mut forms.map(|f| f.trim().to_uppercase()),
    ));
    one_of(terms(fields::SOURCE, &mut search.sources.iter().cloned()));
    if search.audience == Audience::Library {
        one_of(vec![term(fields::OFFERED_TO, LIBRARY)]);
    }
    one_of(published(search).into_iter().collect());
    filters
}

fn published(search: &Search) -> Option<Box<dyn Query>> {
    let utc = Zone::default();
    let bound = |moment: i64| Term::from_field_i64(fields::PUBLISHED, moment);
    let after = search.published_after.map(|date| date.end(&utc).as_unix());
    let before = search
        .published_before
        .map(|date| date.start(&utc).as_unix());
    (after.is_some() || before.is_some()).then(|| {
        let lower = after.map_or(Bound::Unbounded, |at| Bound::Included(bound(at)));
        let upper = before.map_or(Bound::Unbounded, |at| Bound::Excluded(bound(at)));
        Box::new(RangeQuery::new(lower, upper)) as Box<dyn Query>
    })
}

/// The word that a product with this protection states.
fn stated(protection: Protection) -> &'static str {
    match protection {
        Protection::Acs4TimeLimited => Protection::Acs4.as_str(),
        Protection::DrmTimeLimited => Protection::Drm.as_str(),
        other => other.as_str(),
    }
}

/// Two-letter codes of ISO 639-1, and the codes of list 74 that stand for them.
const LANGUAGES: [(&str, &str); 40] = [
    ("ar", "ara"),
    ("bg", "bul"),
    ("br", "bre"),
    ("ca", "cat"),
    ("cs", "cze"),
    ("cy", "wel"),
    ("da", "dan"),
    ("de", "ger"),
    ("el", "gre"),
    ("en", "eng"),
    ("es", "spa"),
    ("et", "est"),
    ("eu", "baq"),
    ("fi", "fin"),
    ("fr", "fre"),
    ("ga", "gle"),
    ("gl", "glg"),
    ("he", "heb"),
    ("hi", "hin"),
    ("hr", "hrv"),
    ("hu", "hun"),
    ("is", "ice"),
    ("it", "ita"),
    ("ja", "jpn"),
    ("ko", "kor"),
    ("la", "lat"),
    ("lt", "lit"),
    ("lv", "lav"),
    ("nl", "dut"),
    ("no", "nor"),
    ("oc", "oci"),
    ("pl", "pol"),
    ("pt", "por"),
    ("ro", "rum"),
    ("ru", "rus"),
    ("sk", "slo"),
    ("sv", "swe"),
    ("tr", "tur"),
    ("uk", "ukr"),
    ("zh", "chi"),
];

fn language(code: &str) -> String {
    let code = code.trim().to_lowercase();
    LANGUAGES
        .iter()
        .find(|(short, _)| *short == code)
        .map_or(code, |(_, long)| (*long).to_owned())
}

fn term(field: Field, value: &str) -> Box<dyn Query> {
    let term = Term::from_field_text(field, value);
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn any_of(mut queries: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    match queries.len() {
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

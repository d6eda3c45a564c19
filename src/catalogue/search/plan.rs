//! From what was asked to a query of tantivy.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery,
    FuzzyTermQuery, Occur, PhraseQuery, Query, RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::analysis::words_of;
use super::document::{FREE, subject_term};
use super::query::{Clause, Scope, as_identifier, parse};
use super::schema::{self as fields, PREFIX, TIE_BREAKER, WEIGHTED, Weighted};
use crate::catalogue::ask::{Audience, Search};
use crate::model::{Protection, Zone};

/// A search, ready to be run.
pub(in crate::catalogue) struct Plan {
    pub(super) query: Box<dyn Query>,
    pub(super) clauses: Vec<Clause>,
    /// Whether hits differ in how well they match.
    pub(super) is_scored: bool,
}

impl Plan {
    pub(in crate::catalogue) fn of(search: &Search) -> Self {
        let clauses = parse(&search.words);
        let words = match (search.words.trim().is_empty(), clauses.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Box::new(EmptyQuery) as Box<dyn Query>),
            (false, false) => Some(of_words(&search.words, &clauses)),
        };
        let is_scored = words.is_some();
        let mut parts: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        parts.extend(words.map(|words| (Occur::Must, words)));
        parts.extend(filters(search).into_iter().map(|filter| {
            // A filter is met or not; how rare its value is says nothing.
            let silent: Box<dyn Query> = Box::new(ConstScoreQuery::new(filter, 0.0));
            (Occur::Must, silent)
        }));
        let query: Box<dyn Query> = match parts.len() {
            0 => everything(),
            _ => Box::new(BooleanQuery::new(parts)),
        };
        Self {
            query,
            clauses,
            is_scored,
        }
    }
}

fn everything() -> Box<dyn Query> {
    Box::new(AllQuery)
}

/// Every clause somewhere, or the whole text as an identifier.
fn of_words(text: &str, clauses: &[Clause]) -> Box<dyn Query> {
    let mut parts: Vec<(Occur, Box<dyn Query>)> = clauses
        .iter()
        .map(|clause| match clause.is_excluded {
            true => (Occur::MustNot, of_clause(clause)),
            false => (Occur::Must, of_clause(clause)),
        })
        .collect();
    if clauses.iter().all(|clause| clause.is_excluded) {
        parts.push((Occur::Must, everything()));
    }
    let words: Box<dyn Query> = Box::new(BooleanQuery::new(parts));
    match as_identifier(text) {
        Some(id) => {
            let [own, related] = identifier_queries(&id);
            any_of(vec![words, own, related])
        }
        None => words,
    }
}

fn of_clause(clause: &Clause) -> Box<dyn Query> {
    let mut parts = Vec::new();
    let weighted = match clause.scope {
        Scope::Anywhere => &WEIGHTED[..],
        Scope::Field(field) => &WEIGHTED[field..=field],
        Scope::Identifiers => &[],
    };
    for field in weighted {
        parts.extend(of_field(field, clause));
    }
    if let (Some(id), Scope::Anywhere | Scope::Identifiers) = (&clause.identifier, clause.scope) {
        parts.extend(identifier_queries(id));
    }
    any_of(parts)
}

/// A clause in one field.
pub(super) fn of_field(field: &Weighted, clause: &Clause) -> Vec<Box<dyn Query>> {
    let query = of_phrase(field.field, &clause.words);
    let mut parts = vec![boosted(query, field.weight)];
    if clause.is_prefix && field.by_prefix {
        parts.extend(of_prefix(field, &clause.words));
    }
    parts
}

/// The own identifier, and that of a related product, which weighs less.
fn identifier_queries(id: &str) -> [Box<dyn Query>; 2] {
    [
        (fields::ID, fields::OWN_ID),
        (fields::RELATED_ID, fields::RELATED_ID_WEIGHT),
    ]
    .map(|(field, weight)| {
        let query = Box::new(ConstScoreQuery::new(term(field, id), weight));
        query as Box<dyn Query>
    })
}

/// The words one behind the other.
fn of_phrase(field: Field, words: &[String]) -> Box<dyn Query> {
    let term = |word: &String| Term::from_field_text(field, word);
    match words {
        [] => Box::new(EmptyQuery),
        [word] => Box::new(TermQuery::new(term(word), IndexRecordOption::WithFreqs)),
        words => Box::new(PhraseQuery::new(words.iter().map(term).collect())),
    }
}

/// A word that begins so.
fn of_prefix(field: &Weighted, words: &[String]) -> Option<Box<dyn Query>> {
    let [word] = words else { return None };
    let term = Term::from_field_text(field.field, word);
    let query = FuzzyTermQuery::new_prefix(term, 0, true);
    let query = ConstScoreQuery::new(Box::new(query), PREFIX * field.weight);
    Some(Box::new(query))
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
    let phrases = |fields: &[Field], values: &[String]| -> Vec<Box<dyn Query>> {
        let phrase = |value: &String| {
            let words = words_of(value);
            let queries = fields.iter().map(|field| of_phrase(*field, &words));
            any_of(queries.collect())
        };
        values.iter().map(phrase).collect()
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
    one_of(phrases(
        &[fields::PUBLISHER, fields::IMPRINT],
        &search.publishers,
    ));
    one_of(phrases(&[fields::CONTRIBUTORS], &search.contributors));
    one_of(phrases(&[fields::SERIES], &search.series));
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
    let audience = match search.audience {
        Audience::Consumer => Some("consumer"),
        Audience::Library => Some("library"),
        Audience::Any => None,
    };
    one_of(terms(
        fields::AUDIENCE,
        &mut audience.into_iter().map(str::to_owned),
    ));
    one_of(published(search).into_iter().collect());
    // A product without them has no such offer; the offers themselves decide later.
    let offer = &search.offer;
    let or_free = |value: Option<String>| {
        let free = value.is_some().then(|| FREE.to_owned());
        value.into_iter().chain(free)
    };
    let price_type = offer.price_type.as_ref().map(|p| p.to_ascii_uppercase());
    one_of(terms(fields::PRICE_TYPE, &mut or_free(price_type)));
    let currency = offer.currency.map(|currency| currency.as_str().to_owned());
    one_of(terms(fields::CURRENCY, &mut or_free(currency)));
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
        _ => Box::new(DisjunctionMaxQuery::with_tie_breaker(queries, TIE_BREAKER)),
    }
}

fn boosted(query: Box<dyn Query>, weight: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, weight))
}

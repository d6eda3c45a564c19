//! What is being typed, completed: titles, names, series and publishers that begin so.
//!
//! Each is a term of its own, `audience key NUL kind text`: the key is what the text begins with in the form in which
//! words are compared, and how many products have the term says how likely it is meant.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::PoisonError;

use serde::Serialize;
use tantivy::DocSet;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use super::analysis::folded_words;
use super::expand::each_from;
use super::fault::{failed, failed_io, guarded};
use super::{Snapshot, fields};
use crate::catalogue::ask::{Audience, Search};
use crate::error::Result;
use crate::model::Entry;

/// A completion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub struct Suggestion {
    /// The whole of it.
    pub text: String,
    /// What it is.
    pub kind: SuggestionKind,
    /// How many products have it.
    pub count: u64,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SuggestionKind {
    /// A title.
    Title,
    /// A contributor's name.
    Contributor,
    /// A series' title.
    Series,
    /// A publisher's name.
    Publisher,
}

const KINDS: [(SuggestionKind, char); 4] = [
    (SuggestionKind::Title, 't'),
    (SuggestionKind::Contributor, 'c'),
    (SuggestionKind::Series, 's'),
    (SuggestionKind::Publisher, 'p'),
];

/// Texts that are longer are no completions, in bytes.
const LONGEST: usize = 160;
/// Terms that are looked at in a segment.
const MOST: usize = 100_000;
/// Beginnings of so many letters are remembered, with so many completions each.
const SHORT: usize = 3;
const KEPT: usize = 50;

/// The completions of short beginnings that were asked for.
pub(super) type Completions = HashMap<(Audience, String), Vec<Suggestion>>;

/// The terms of a product.
pub(super) fn completions(entry: &Entry) -> Vec<String> {
    let mut terms = Vec::new();
    let audience = letter(entry.library);
    let mut add = |kind: char, text: &str, begins: &str| {
        let words = folded_words(begins);
        if text.len() > LONGEST || words.is_empty() {
            return;
        }
        let key = words.join(" ");
        terms.push(format!("{audience}{key}\0{kind}{text}"));
    };
    if let Some(title) = &entry.title {
        add('t', title, title);
        if let Some((_, behind)) = title
            .split_once([' ', '\u{a0}'])
            .filter(|(first, _)| is_article(first))
        {
            add('t', title, behind);
        }
    }
    for contributor in &entry.contributors {
        add('c', &contributor.name, &contributor.name);
        match &contributor.inverted {
            Some(inverted) => add('c', &contributor.name, inverted),
            None => {
                if let Some((_, last)) = contributor.name.rsplit_once(' ') {
                    add('c', &contributor.name, last);
                }
            }
        }
    }
    for series in &entry.series {
        add('s', &series.title, &series.title);
    }
    if let Some(publisher) = &entry.publisher {
        add('p', publisher, publisher);
    }
    terms.sort_unstable();
    terms.dedup();
    terms
}

fn is_article(word: &str) -> bool {
    super::analysis::ARTICLES.contains(&&*super::analysis::folded(word))
}

fn letter(is_library: bool) -> char {
    if is_library { 'l' } else { 'c' }
}

#[derive(Default)]
struct Counted {
    count: u64,
    /// The segment and the place of the term, to see whether it is there still.
    terms: Vec<(usize, TermInfo)>,
}

impl Snapshot {
    /// The likeliest completions.
    pub(in crate::catalogue) fn suggest(
        &self,
        text: &str,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Suggestion>> {
        guarded("completing words", || self.completed(text, audience, limit))
    }

    fn completed(&self, text: &str, audience: Audience, limit: usize) -> Result<Vec<Suggestion>> {
        let mut key = folded_words(text).join(" ");
        if key.is_empty() {
            return Ok(Vec::new());
        }
        if text.ends_with(char::is_whitespace) {
            key.push(' ');
        }
        // Few letters are the beginning of much, and there are few of such beginnings.
        if key.chars().count() > SHORT || limit > KEPT {
            let found = self.counted_and_sorted(&key, audience, limit)?;
            return match found.is_empty() {
                true => self.titles_with(text, audience, limit),
                false => Ok(found),
            };
        }
        let kept = |known: &Completions| known.get(&(audience, key.clone())).cloned();
        let known = kept(
            &self
                .completions
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let mut found = match known {
            Some(found) => found,
            None => {
                let found = self.counted_and_sorted(&key, audience, KEPT)?;
                let mut known = self
                    .completions
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                known.insert((audience, key), found.clone());
                found
            }
        };
        found.truncate(limit);
        Ok(found)
    }

    fn counted_and_sorted(
        &self,
        key: &str,
        audience: Audience,
        limit: usize,
    ) -> Result<Vec<Suggestion>> {
        let mut counted: HashMap<(char, String), Counted> = HashMap::new();
        let letters: &[char] = match audience {
            Audience::Consumer => &['c'],
            Audience::Library => &['l'],
            Audience::Any => &['c', 'l'],
        };
        for letter in letters {
            self.count_terms(&format!("{letter}{key}"), &mut counted)?;
            // A whole word is whole at the end of the text too.
            if key.ends_with(' ') {
                self.count_terms(&format!("{letter}{}\0", key.trim_end()), &mut counted)?;
            }
        }
        let mut counted: Vec<_> = counted.into_iter().collect();
        let order = |((kind, text), one): &((char, String), Counted)| {
            (
                std::cmp::Reverse(one.count),
                text.len(),
                text.clone(),
                *kind,
            )
        };
        let wanted = limit.saturating_mul(4).max(1);
        if counted.len() > wanted {
            counted.select_nth_unstable_by_key(wanted - 1, order);
            counted.truncate(wanted);
        }
        counted.sort_by_cached_key(order);
        let mut out = Vec::new();
        for ((kind, text), one) in counted {
            if out.len() == limit {
                break;
            }
            let kind = KINDS.iter().find(|(_, letter)| *letter == kind);
            let count = self.live(&one)?;
            if let Some((kind, _)) = kind
                && count > 0
            {
                out.push(Suggestion {
                    text,
                    kind: *kind,
                    count,
                });
            }
        }
        Ok(out)
    }

    /// Counts the terms that begin so, each text once however many of its keys do.
    fn count_terms(&self, key: &str, counted: &mut HashMap<(char, String), Counted>) -> Result<()> {
        for (n, segment) in self.searcher.segment_readers().iter().enumerate() {
            let index = segment
                .inverted_index(fields::COMPLETION)
                .map_err(failed("opening the completions"))?;
            let mut left = MOST;
            each_from(&index, key.as_bytes(), |term, info| {
                if left == 0 || !term.starts_with(key.as_bytes()) {
                    return ControlFlow::Break(());
                }
                left -= 1;
                if let Ok(term) = std::str::from_utf8(term)
                    && let Some((_, text)) = term.split_once('\0')
                    && let Some(kind) = text.chars().next()
                {
                    let one = counted.entry((kind, text[1..].to_owned())).or_default();
                    // Another key of the same text has the same products.
                    let has = one.terms.iter().any(|(segment, _)| *segment == n);
                    if !has {
                        one.count += u64::from(info.doc_freq);
                        one.terms.push((n, info.clone()));
                    }
                }
                ControlFlow::Continue(())
            })?;
        }
        Ok(())
    }

    /// How many of the products of a term are there still.
    fn live(&self, counted: &Counted) -> Result<u64> {
        let mut count = 0;
        for (n, info) in &counted.terms {
            let segment = &self.searcher.segment_readers()[*n];
            count += match segment.alive_bitset() {
                None => u64::from(info.doc_freq),
                Some(alive) => {
                    let index = segment
                        .inverted_index(fields::COMPLETION)
                        .map_err(failed("opening the completions"))?;
                    let mut postings = index
                        .read_postings_from_terminfo(info, IndexRecordOption::Basic)
                        .map_err(failed_io("reading the completions"))?;
                    u64::from(postings.count(alive))
                }
            };
        }
        Ok(count)
    }

    /// Where nothing begins so: the titles of what has the words.
    fn titles_with(&self, text: &str, audience: Audience, limit: usize) -> Result<Vec<Suggestion>> {
        let search = Search {
            words: text.to_owned(),
            audience,
            limit,
            ..Search::default()
        };
        let mut out: Vec<Suggestion> = Vec::new();
        let found = self.found_as_written(&search)?;
        for title in found.into_iter().filter_map(|hit| hit.entry.title) {
            if let Some(known) = out.iter_mut().find(|one| one.text == title) {
                known.count += 1;
                continue;
            }
            out.push(Suggestion {
                text: title,
                kind: SuggestionKind::Title,
                count: 1,
            });
        }
        Ok(out)
    }
}

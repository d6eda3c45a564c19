//! What a clause of a query comes to in a segment: the terms of the index that meet it.

use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy::postings::TermInfo;
use tantivy::{InvertedIndexReader, SegmentReader};
use tantivy_fst::Automaton;

use super::analysis::{LANGUAGES, Language, STEM, is_unspaced};
use super::fault::{failed, failed_io};
use super::query::{Clause, Sought, SoughtWord};
use super::{fields, weights};
use crate::error::Result;

/// How far a search goes for a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// As it is written, as its beginning, and by its stem.
    Written,
    /// With letters wrong.
    Misspelt,
    /// Without some of the words.
    Incomplete,
}

impl Stage {
    pub(super) fn digit(self) -> u8 {
        match self {
            Stage::Written => 0,
            Stage::Misspelt => 1,
            Stage::Incomplete => 2,
        }
    }

    pub(super) fn of_digit(digit: u8) -> Option<Self> {
        [Stage::Written, Stage::Misspelt, Stage::Incomplete]
            .into_iter()
            .find(|stage| stage.digit() == digit)
    }
}

/// The terms of a clause.
#[derive(Default)]
pub(super) struct Terms {
    /// Those that are looked at one by one, and how well each meets the clause.
    pub(super) met: Vec<(TermInfo, f32)>,
    /// Further ones that begin as the word does.
    pub(super) further: Vec<TermInfo>,
    /// Words that have to stand side by side.
    pub(super) phrases: Vec<Vec<TermInfo>>,
    /// The same of descriptions, in which only whole words are looked for.
    pub(super) described: Vec<(TermInfo, f32)>,
    pub(super) described_phrases: Vec<Vec<TermInfo>>,
}

/// Terms with a given beginning that are looked at one by one; what comes less often is only counted.
const LOOKED_AT: usize = 12;
/// Words with typos that are looked for.
const MOST_MISSPELT: usize = 24;
/// Words of a query that are looked for with typos.
pub(super) const MOST_CORRECTED: usize = 12;

impl Terms {
    /// How many products have them at most.
    pub(super) fn cost(&self) -> u64 {
        let of = |info: &TermInfo| u64::from(info.doc_freq);
        let met = self.met.iter().chain(&self.described);
        let phrases = self.phrases.iter().chain(&self.described_phrases);
        met.map(|(info, _)| of(info)).sum::<u64>()
            + self.further.iter().map(of).sum::<u64>()
            + phrases
                .filter_map(|phrase| phrase.iter().map(of).min())
                .sum::<u64>()
    }

    /// How many lists of products they are.
    pub(super) fn n_lists(&self) -> u64 {
        (self.met.len() + self.described.len()) as u64
    }

    /// Whether every product of the terms meets a clause that may stand anywhere.
    pub(super) fn is_plain(&self) -> bool {
        self.phrases.is_empty() && self.described_phrases.is_empty()
    }

    /// In how many products the clause is met, about.
    pub(super) fn doc_freq(&self) -> u64 {
        let of = |info: &TermInfo| u64::from(info.doc_freq);
        let met = self.met.iter().chain(&self.described);
        let met = met.map(|(info, _)| of(info)).max();
        let phrases = self.phrases.iter().chain(&self.described_phrases);
        let phrases = phrases
            .filter_map(|phrase| phrase.iter().map(of).min())
            .max();
        met.max(phrases).unwrap_or(0)
    }
}

/// The terms of a clause in a segment. `languages` are those whose stems it may have.
pub(super) fn terms(
    clause: &Clause,
    index: &Indexes,
    languages: &[Language],
    stage: Stage,
) -> Result<Terms> {
    let mut terms = Terms::default();
    let is_described = clause.places.has(weights::DESCRIPTION);
    for sought in &clause.sought {
        match sought {
            Sought::Word(word) => {
                of_word(word, &index.words, languages, stage, &mut terms)?;
                if is_described {
                    terms
                        .described
                        .extend(written(word, &index.description, languages)?);
                }
            }
            Sought::Phrase(words) => {
                terms.phrases.extend(of_phrase(words, &index.words)?);
                if is_described {
                    let phrase = of_phrase(words, &index.description)?;
                    terms.described_phrases.extend(phrase);
                }
            }
        }
    }
    Ok(terms)
}

/// The two fields of words of a segment.
pub(super) struct Indexes {
    pub(super) words: Arc<InvertedIndexReader>,
    pub(super) description: Arc<InvertedIndexReader>,
}

impl Indexes {
    pub(super) fn of(segment: &SegmentReader) -> Result<Self> {
        let open = |field| {
            segment
                .inverted_index(field)
                .map_err(failed("opening the words"))
        };
        Ok(Self {
            words: open(fields::WORDS)?,
            description: open(fields::DESCRIPTION)?,
        })
    }
}

/// `None` where the index doesn't have all of the words.
fn of_phrase(words: &[String], index: &InvertedIndexReader) -> Result<Option<Vec<TermInfo>>> {
    let mut infos = Vec::new();
    for word in words {
        infos.extend(info(index, word)?);
    }
    Ok((infos.len() == words.len() && !infos.is_empty()).then_some(infos))
}

fn info(index: &InvertedIndexReader, term: &str) -> Result<Option<TermInfo>> {
    let found = index.terms().get(term.as_bytes());
    found.map_err(failed_io("looking for a word"))
}

fn of_word(
    word: &SoughtWord,
    index: &InvertedIndexReader,
    languages: &[Language],
    stage: Stage,
    terms: &mut Terms,
) -> Result<()> {
    terms.met.extend(written(word, index, languages)?);
    if word.is_prefix {
        begun(word, index, terms)?;
    }
    if stage > Stage::Written && !word.is_exact {
        terms.phrases.extend(in_two(&word.folded, index)?);
        for (_, distance, info) in misspelt(&word.folded, word.is_prefix, index)? {
            let factor = weights::MISSPELT[usize::from(distance - 1).min(1)];
            terms.met.push((info, factor));
        }
    }
    Ok(())
}

/// The word as it is written, as one with its neighbours, and by its stems.
fn written(
    word: &SoughtWord,
    index: &InvertedIndexReader,
    languages: &[Language],
) -> Result<Vec<(TermInfo, f32)>> {
    let mut forms = vec![(word.folded.clone(), weights::EXACT)];
    forms.extend(word.joined.clone().map(|joined| (joined, weights::JOINED)));
    for language in languages.iter().filter(|_| !word.is_exact) {
        let stems = [&word.lower, &word.folded].map(|form| language.stem(form));
        let terms = stems
            .iter()
            .flatten()
            .map(|stem| stem_term(*language, stem));
        forms.extend(terms.map(|term| (term, weights::STEMMED)));
    }
    forms.dedup_by(|a, b| a.0 == b.0);
    let mut out = Vec::with_capacity(forms.len());
    for (term, factor) in forms {
        out.extend(info(index, &term)?.map(|info| (info, factor)));
    }
    Ok(out)
}

/// The two words that a word comes to where a blank was left out, each of three letters or more: those of which the rarer
/// one comes most often.
fn in_two(word: &str, index: &InvertedIndexReader) -> Result<Option<Vec<TermInfo>>> {
    let mut best: Option<Vec<TermInfo>> = None;
    let rarer = |pair: &[TermInfo]| pair.iter().map(|info| info.doc_freq).min();
    for (at, _) in word.char_indices() {
        let (first, second) = word.split_at(at);
        if first.len() < 3 || second.len() < 3 || word.starts_with(is_unspaced) {
            continue;
        }
        if let (Some(first), Some(second)) = (info(index, first)?, info(index, second)?) {
            let pair = vec![first, second];
            if best.as_deref().and_then(rarer) < rarer(&pair) {
                best = Some(pair);
            }
        }
    }
    Ok(best)
}

/// A stem as the index has it.
pub(super) fn stem_term(language: Language, stem: &str) -> String {
    format!("{STEM}{}{stem}", language.letter)
}

/// The terms that begin with a word and go on.
fn begun(word: &SoughtWord, index: &InvertedIndexReader, terms: &mut Terms) -> Result<()> {
    let mut found: Vec<TermInfo> = Vec::new();
    each_from(index, word.folded.as_bytes(), |term, info| {
        if !term.starts_with(word.folded.as_bytes()) {
            return ControlFlow::Break(());
        }
        if term.len() > word.folded.len() {
            found.push(info.clone());
        }
        ControlFlow::Continue(())
    })?;
    let factor = match word.folded.starts_with(is_unspaced) {
        // It is in the pair as it is.
        true => weights::EXACT,
        false => weights::BEGUN,
    };
    if found.len() > LOOKED_AT {
        found.select_nth_unstable_by_key(LOOKED_AT - 1, |info| std::cmp::Reverse(info.doc_freq));
        terms.further.extend(found.drain(LOOKED_AT..));
    }
    terms
        .met
        .extend(found.into_iter().map(|info| (info, factor)));
    Ok(())
}

/// The terms of the index from one on, as long as they are wanted.
pub(super) fn each_from(
    index: &InvertedIndexReader,
    from: &[u8],
    mut each: impl FnMut(&[u8], &TermInfo) -> ControlFlow<()>,
) -> Result<()> {
    let failed = failed_io("looking for words");
    let mut stream = index
        .terms()
        .range()
        .ge(from)
        .into_stream()
        .map_err(failed)?;
    while let Some((term, info)) = stream.next() {
        if each(term, info).is_break() {
            break;
        }
    }
    Ok(())
}

/// Typos that are forgiven, by the length of a word in letters: none in up to three, one in up to seven, then two.
fn forgiven(word: &str) -> u8 {
    match word.chars().count() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

static ONE_TYPO: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(1, true));
static TWO_TYPOS: LazyLock<LevenshteinAutomatonBuilder> =
    LazyLock::new(|| LevenshteinAutomatonBuilder::new(2, true));

/// What a word may be with letters wrong; `None` for what is no word that people misspell: another number is another
/// volume.
pub(super) fn typos_of(word: &str, is_prefix: bool) -> Option<DFA> {
    let most = forgiven(word);
    if most == 0 || word.bytes().any(|b| b.is_ascii_digit()) || word.starts_with(is_unspaced) {
        return None;
    }
    let builder = match most {
        1 => &ONE_TYPO,
        _ => &TWO_TYPOS,
    };
    // What is being typed isn't at its end yet.
    Some(match is_prefix && most == 1 && word.chars().count() > 4 {
        true => builder.build_prefix_dfa(word),
        false => builder.build_dfa(word),
    })
}

/// The terms that a word may stand for with letters wrong, the nearest and most frequent first.
pub(super) fn misspelt(
    word: &str,
    is_prefix: bool,
    index: &InvertedIndexReader,
) -> Result<Vec<(String, u8, TermInfo)>> {
    let Some(dfa) = typos_of(word, is_prefix) else {
        return Ok(Vec::new());
    };
    let automaton = Typos(dfa);
    let failed = failed_io("looking for words with typos");
    let mut stream = index
        .terms()
        .search(&automaton)
        .into_stream()
        .map_err(failed)?;
    let mut found = Vec::new();
    while let Some((term, info)) = stream.next() {
        let Ok(term) = std::str::from_utf8(term) else {
            continue;
        };
        let Distance::Exact(distance @ 1..) = automaton.0.eval(term) else {
            continue;
        };
        if !term.starts_with(STEM) {
            found.push((term.to_owned(), distance, info.clone()));
        }
    }
    found.sort_by_key(|(_, distance, info)| (*distance, std::cmp::Reverse(info.doc_freq)));
    found.truncate(MOST_MISSPELT);
    Ok(found)
}

/// The automaton of a word with typos, as the dictionary takes it.
struct Typos(DFA);

impl Automaton for &Typos {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.0.distance(*state), Distance::Exact(_))
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.transition(*state, byte)
    }
}

/// The languages that have a stemmer among codes of list 74.
pub(super) fn stemmed<'c>(codes: impl Iterator<Item = &'c str>) -> Vec<Language> {
    let mut letters: Vec<char> = codes
        .filter_map(|code| Language::of_code(code).map(|language| language.letter))
        .collect();
    letters.sort_unstable();
    letters.dedup();
    let of = |language: &&Language| letters.contains(&language.letter);
    LANGUAGES.iter().filter(of).copied().collect()
}

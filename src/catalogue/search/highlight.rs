//! Where the words of a search stand in the texts of a hit, marked; and what a misspelt search may have meant.

use std::ops::Range;

use levenshtein_automata::{DFA, Distance};

use super::analysis::{Language, folded_words, is_unspaced, lowered, words};
use super::document::for_each_text;
use super::expand::{Stage, typos_of};
use super::find::FoundHit;
use super::query::{Clause, Role, Sought as SoughtText};
use super::sought::Sought;
use super::weights::{DESCRIPTION, Place, SECTIONS};
use crate::catalogue::page::Highlight;
use crate::model::Entry;

/// What is marked.
pub(super) struct Marked {
    clauses: Vec<MarkedClause>,
}

struct MarkedClause {
    words: Vec<MarkedWord>,
    clause: Clause,
}

struct MarkedWord {
    folded: String,
    lower: String,
    joined: Option<String>,
    is_prefix: bool,
    /// With its typos, where the search went so far.
    typos: Option<DFA>,
}

/// Characters around what is marked in a long text.
const AROUND: usize = 90;
/// The longest text that is given whole.
const SHORT: usize = 240;

impl Marked {
    pub(super) fn new(sought: &Sought<'_>, stage: Stage) -> Self {
        let counted = sought
            .clauses
            .iter()
            .filter(|clause| matches!(clause.role, Role::Required | Role::Optional));
        let clauses = counted.map(|clause| MarkedClause {
            words: marked_words(clause, stage),
            clause: clause.clone(),
        });
        Self {
            clauses: clauses.collect(),
        }
    }

    /// The texts of a product with the words marked, as HTML: everything else in them is escaped.
    pub(super) fn of(
        &self,
        entry: &Entry,
        description: impl FnOnce() -> Option<String>,
    ) -> Vec<Highlight> {
        let language = entry.language.as_deref().and_then(Language::of_code);
        let mut out = Vec::new();
        let mut add = |place: Place, text: &str| {
            let ranges = self.ranges(text, place, language);
            if !ranges.is_empty() {
                out.push(Highlight {
                    field: SECTIONS[place].name,
                    text: marked(text, &ranges),
                });
            }
        };
        for_each_text(entry, &mut add);
        if let Some(description) = description() {
            add(DESCRIPTION, &description);
        }
        out
    }

    /// What is marked in a text, in order.
    fn ranges(&self, text: &str, place: Place, language: Option<Language>) -> Vec<Range<usize>> {
        let of_place: Vec<&MarkedClause> = self
            .clauses
            .iter()
            .filter(|marked| marked.clause.places.has(place))
            .collect();
        let mut ranges: Vec<Range<usize>> = Vec::new();
        if of_place.is_empty() {
            return ranges;
        }
        for piece in pieces(text) {
            let words = folded_words(&text[piece.clone()]);
            let lower = lowered(&text[piece.clone()]);
            let is_met = |word: &MarkedWord| {
                words
                    .iter()
                    .any(|folded| word.is_met(folded, &lower, language))
            };
            let is_marked = of_place
                .iter()
                .any(|marked| marked.words.iter().any(is_met));
            match ranges.last_mut() {
                Some(last) if is_marked && last.end >= piece.start => last.end = piece.end,
                _ if is_marked => ranges.push(piece),
                _ => {}
            }
        }
        ranges
    }
}

impl MarkedWord {
    fn is_met(&self, folded: &str, lower: &str, language: Option<Language>) -> bool {
        self.is_written(folded, lower, language) || self.distance(folded).is_some()
    }

    fn is_written(&self, folded: &str, lower: &str, language: Option<Language>) -> bool {
        let is_stem = || {
            let stem = |word: &str| language.and_then(|language| language.stem(word));
            stem(&self.lower).is_some_and(|own| stem(lower).is_some_and(|stem| stem == own))
        };
        folded == self.folded
            || self.joined.as_deref() == Some(folded)
            || self.is_prefix && folded.starts_with(&self.folded)
            || is_stem()
    }

    /// How many letters are wrong, if that is forgiven.
    fn distance(&self, folded: &str) -> Option<u8> {
        match self.typos.as_ref()?.eval(folded) {
            Distance::Exact(distance) => Some(distance),
            Distance::AtLeast(_) => None,
        }
    }
}

fn marked_words(clause: &Clause, stage: Stage) -> Vec<MarkedWord> {
    let plain = |folded: &String| MarkedWord {
        folded: folded.clone(),
        lower: folded.clone(),
        joined: None,
        is_prefix: false,
        typos: None,
    };
    let mut out = Vec::new();
    for sought in &clause.sought {
        match sought {
            SoughtText::Phrase(words) => out.extend(words.iter().map(plain)),
            SoughtText::Word(word) => out.push(MarkedWord {
                lower: word.lower.clone(),
                joined: word.joined.clone(),
                is_prefix: word.is_prefix,
                typos: (stage > Stage::Written)
                    .then(|| typos_of(&word.folded, word.is_prefix))
                    .flatten(),
                ..plain(&word.folded)
            }),
        }
    }
    out
}

/// The words of a text as it is written; of a script without spaces, two characters each, one behind the other.
fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_word = c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
        if is_word && !is_unspaced(c) {
            open.get_or_insert(at);
            continue;
        }
        if let Some(start) = open.take() {
            pieces.push(start..at);
        }
        if is_unspaced(c) {
            let end = match chars.peek() {
                Some((next, following)) if is_unspaced(*following) => next + following.len_utf8(),
                _ => at + c.len_utf8(),
            };
            pieces.push(at..end);
        }
    }
    if let Some(start) = open {
        pieces.push(start..text.len());
    }
    pieces
}

/// A text, or what stands around the first that is marked in a long one.
fn marked(text: &str, ranges: &[Range<usize>]) -> String {
    let (start, end) = match text.len() <= SHORT {
        true => (0, text.len()),
        false => {
            let first = &ranges[0];
            let start = blank_before(text, first.start.saturating_sub(AROUND));
            let end = blank_behind(text, (first.end + AROUND).min(text.len()));
            (start.min(first.start), end.max(first.end))
        }
    };
    let mut out = String::new();
    if start > 0 {
        out.push('…');
    }
    let mut at = start;
    for range in ranges.iter().take_while(|range| range.end <= end) {
        escape(&text[at..range.start], &mut out);
        out.push_str("<mark>");
        escape(&text[range.clone()], &mut out);
        out.push_str("</mark>");
        at = range.end;
    }
    escape(&text[at..end], &mut out);
    if end < text.len() {
        out.push('…');
    }
    out
}

/// Where the word begins that a byte is in.
fn blank_before(text: &str, mut at: usize) -> usize {
    while at > 0 && !(text.is_char_boundary(at) && text[..at].ends_with(char::is_whitespace)) {
        at -= 1;
    }
    at
}

/// Where the word ends that a byte is in.
fn blank_behind(text: &str, mut at: usize) -> usize {
    while at < text.len()
        && !(text.is_char_boundary(at) && text[at..].starts_with(char::is_whitespace))
    {
        at += 1;
    }
    at
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// The query with the words of the best hit in the place of those that nothing has; `None` where there are none.
pub(super) fn respelled(sought: &Sought<'_>, best: &FoundHit) -> Option<String> {
    let marked = Marked::new(sought, Stage::Misspelt);
    let language = best.entry.language.as_deref().and_then(Language::of_code);
    let mut known: Vec<(String, String)> = Vec::new();
    for_each_text(&best.entry, |_, text| {
        for piece in pieces(text) {
            let lower = lowered(&text[piece.clone()]).into_owned();
            known.extend(
                folded_words(&text[piece])
                    .into_iter()
                    .map(|word| (word, lower.clone())),
            );
        }
    });
    let text = lowered(&sought.search.words);
    let mut out = String::new();
    let mut at = 0;
    // Of pairs of characters only the first one of two is looked at.
    for word in words(&text) {
        if word.range.start < at {
            continue;
        }
        let folded = super::analysis::compared(&text, &word);
        let written = marked
            .clauses
            .iter()
            .flat_map(|clause| &clause.words)
            .find(|word| word.folded == folded);
        let better = written.and_then(|written| {
            let plain =
                |(folded, lower): &(String, String)| written.is_written(folded, lower, language);
            if known.iter().any(plain) {
                return None;
            }
            let near = known
                .iter()
                .filter_map(|(folded, lower)| Some((written.distance(folded)?, lower)));
            near.min_by_key(|(distance, _)| *distance)
                .map(|(_, lower)| lower)
        });
        out.push_str(&text[at..word.range.start]);
        out.push_str(better.map_or(&text[word.range.clone()], String::as_str));
        at = word.range.end;
    }
    out.push_str(&text[at..]);
    (out != text).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_words_as_written() {
        let of = |text: &'static str| -> Vec<&str> {
            pieces(text).into_iter().map(|range| &text[range]).collect()
        };
        assert_eq!(
            of("L’e\u{301}té <b>x</b>"),
            ["L", "e\u{301}té", "b", "x", "b"]
        );
        assert_eq!(of("吾輩は x"), ["吾輩", "輩は", "は", "x"]);
    }

    #[test]
    fn marks_break_no_markup() {
        let text = "a <b> & c";
        assert_eq!(
            marked(text, std::slice::from_ref(&(3..4))),
            "a &lt;<mark>b</mark>&gt; &amp; c"
        );
        let long = format!("{} middle {}", "é ".repeat(300), "à ".repeat(300));
        let at = long.find("middle").unwrap();
        let out = marked(&long, std::slice::from_ref(&(at..at + 6)));
        assert!(out.starts_with('…') && out.ends_with('…') && out.contains("<mark>middle</mark>"));
        assert!(out.len() < 500, "{out}");
    }
}

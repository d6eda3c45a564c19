//! What stands in the query box: words, "phrases", -words, field:words and identifiers. Nothing
//! typed is a mistake, and nothing typed is slow.

use super::analysis::words_of;
use super::schema::WEIGHTED;
use crate::model::normalised;

/// As much of a query as is looked at, in bytes.
const LONGEST: usize = 1024;
/// As many of its words.
const MOST: usize = 64;

/// A part of a query that must (or must not) be found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clause {
    /// Its words; several have to stand one behind the other.
    pub(super) words: Vec<String>,
    /// The same as an identifier, unless it stands in quotes.
    pub(super) identifier: Option<String>,
    pub(super) scope: Scope,
    pub(super) is_excluded: bool,
    /// Whether it may be the beginning of a word.
    pub(super) is_prefix: bool,
}

/// Where it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Anywhere,
    /// The number of a field of [`WEIGHTED`].
    Field(usize),
    Identifiers,
}

/// The parts of a query.
pub(super) fn parse(text: &str) -> Vec<Clause> {
    let text = bounded(text);
    let mut clauses = Vec::new();
    let mut n_words = 0;
    let mut rest = text.trim_start();
    while !rest.is_empty() && n_words < MOST {
        let (mut clause, after) = clause(rest);
        let is_last = after.is_empty();
        rest = after.trim_start();
        clause.words.truncate(MOST - n_words);
        n_words += clause.words.len().max(1);
        // A single letter is the beginning of too much.
        clause.is_prefix &= is_last && clause.words.last().is_some_and(|word| word.len() > 1);
        if !clause.words.is_empty() {
            clauses.push(clause);
        }
    }
    clauses
}

/// The query as a whole, as an identifier: some are written with spaces.
pub(super) fn as_identifier(text: &str) -> Option<String> {
    let id = normalised(bounded(text)).into_owned();
    (!id.is_empty()).then_some(id)
}

fn bounded(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `["-"] [field ":"] (word | '"' words '"')`, and what stands behind it.
fn clause(text: &str) -> (Clause, &str) {
    let (is_excluded, text) = match text.strip_prefix('-') {
        Some(rest) if rest.starts_with(|c: char| !c.is_whitespace()) => (true, rest),
        _ => (false, text),
    };
    let (scope, text) = scope(text);
    let (words, identifier, after, is_prefix) = match opening_quote(text) {
        Some(quoted) => {
            let end = quoted.find(is_quote).unwrap_or(quoted.len());
            let after = quoted[end..].trim_start_matches(is_quote);
            (words_of(&quoted[..end]), None, after, false)
        }
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let word = &text[..end];
            let identifier = normalised(word).into_owned();
            (words_of(word), Some(identifier), &text[end..], true)
        }
    };
    let clause = Clause {
        words,
        identifier,
        scope,
        is_excluded,
        is_prefix: is_prefix && !is_excluded && scope != Scope::Identifiers,
    };
    (clause, after)
}

fn opening_quote(text: &str) -> Option<&str> {
    text.strip_prefix(is_quote)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '«' | '»' | '„')
}

/// A known field's name before a colon and something else behind it.
fn scope(text: &str) -> (Scope, &str) {
    let anywhere = (Scope::Anywhere, text);
    let Some((name, rest)) = text.split_once(':') else {
        return anywhere;
    };
    let is_name = name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    if !is_name || rest.is_empty() || rest.starts_with(char::is_whitespace) {
        return anywhere;
    }
    let name = name.to_ascii_lowercase();
    if matches!(&*name, "id" | "isbn" | "ean" | "gtin") {
        return (Scope::Identifiers, rest);
    }
    let field = WEIGHTED
        .iter()
        .position(|field| field.name == name || field.aliases.contains(&&*name));
    match field {
        Some(field) => (Scope::Field(field), rest),
        None => anywhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let clauses = parse(text);
        let clauses = clauses.iter().map(|clause| {
            let sign = if clause.is_excluded { "-" } else { "" };
            let scope = match clause.scope {
                Scope::Anywhere => String::new(),
                Scope::Identifiers => "id:".into(),
                Scope::Field(field) => format!("{}:", WEIGHTED[field].name),
            };
            let prefix = if clause.is_prefix { "*" } else { "" };
            format!("{sign}{scope}{}{prefix}", clause.words.join("+"))
        });
        clauses.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries() {
        for (text, expected) in [
            ("Le Petit PRINCE", "le petit prince*"),
            ("petit prince ", "petit prince"),
            ("\"petit prince\" saint", "petit+prince saint*"),
            ("« petit prince »", "petit+prince"),
            ("l'été -\"la mer\" -x", "ete -la+mer -x"),
            (
                "author:camus titre:peste",
                "contributors:camus title:peste*",
            ),
            ("title:\"la peste\"", "title:la+peste"),
            ("foo:bar a:", "foo+bar a"),
            ("isbn:978-2-07-036822-8", "id:978+2+07+036822+8"),
            ("- -- \" \"\" : + & |", ""),
            ("\"never closed", "never+closed"),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn bounds() {
        assert!(parse(&"ab ".repeat(100_000)).len() <= MOST);
        assert!(parse(&"é".repeat(100_000)).len() <= 1);
        let words: usize = parse(&"a-".repeat(400)).iter().map(|c| c.words.len()).sum();
        assert_eq!(words, MOST);
    }
}

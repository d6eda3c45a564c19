//! What stands in the query box: words, "phrases", -words, field:words and identifiers. Nothing
//! typed is a mistake, and nothing typed is slow.

use super::analysis::{Compound, Glue, compared, is_stop_word, is_unspaced, lowered, words};
use super::weights::{Places, sections_of};
use crate::model::{isbn13, normalised};

/// As much of a query as is looked at, in bytes.
const LONGEST: usize = 1024;
/// As many of its words.
const MOST: usize = 64;

/// A part of a query that must, may or must not be found.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Clause {
    /// What is looked for; any of them will do.
    pub(super) sought: Vec<Sought>,
    /// The same as an identifier, in the form in which identifiers are compared.
    pub(super) identifier: Option<String>,
    /// Where it is looked for; nowhere, if only as an identifier.
    pub(super) places: Places,
    pub(super) role: Role,
}

/// A word, or several that stand side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sought {
    Word(SoughtWord),
    /// Folded.
    Phrase(Vec<String>),
}

/// A word of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SoughtWord {
    /// As it is compared.
    pub(super) folded: String,
    /// In lower case, as stemmers take it.
    pub(super) lower: String,
    /// Written as one with its neighbours.
    pub(super) joined: Option<String>,
    /// Whether it may be the beginning of a word.
    pub(super) is_prefix: bool,
    /// Whether no other form of it will do.
    pub(super) is_exact: bool,
}

/// What becomes of a product without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Role {
    /// It isn't found.
    #[default]
    Required,
    /// It is found later: the word says little.
    Optional,
    /// It is found, and no other.
    Excluded,
    /// It isn't found, and it counts for nothing that the others have it.
    Filter,
}

impl Clause {
    /// One that filters by words side by side, any of these texts.
    pub(super) fn filter(texts: &[String], places: Places) -> Option<Self> {
        let phrases = texts.iter().map(|text| phrase(text));
        let sought: Vec<Sought> = phrases.collect();
        (!sought.is_empty()).then_some(Self {
            sought,
            places,
            role: Role::Filter,
            ..Self::default()
        })
    }

    /// The word, where it is one.
    pub(super) fn word(&self) -> Option<&SoughtWord> {
        match self.sought.as_slice() {
            [Sought::Word(word)] => Some(word),
            _ => None,
        }
    }
}

/// Words side by side; one alone is a word.
fn phrase(text: &str) -> Sought {
    let mut words = super::analysis::folded_words(text);
    match words.len() {
        1 => {
            let folded = words.remove(0);
            let is_prefix = folded.chars().count() == 1 && folded.starts_with(is_unspaced);
            Sought::Word(SoughtWord {
                lower: folded.clone(),
                folded,
                joined: None,
                is_prefix,
                is_exact: true,
            })
        }
        _ => Sought::Phrase(words),
    }
}

/// The parts of a query.
pub(super) fn parse(text: &str) -> Vec<Clause> {
    let text = bounded(text);
    let mut pieces = pieces(text);
    join_identifiers(&mut pieces);
    let mut clauses = Vec::new();
    for (n, piece) in pieces.iter().enumerate() {
        let is_typed = n + 1 == pieces.len() && !text.ends_with(char::is_whitespace);
        clauses.extend(clauses_of(piece, is_typed));
        if clauses.len() >= MOST {
            clauses.truncate(MOST);
            break;
        }
    }
    make_optional(&mut clauses);
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

/// `["-"] [field ":"] (text | '"' text '"')`
#[derive(Debug, Clone)]
struct Piece {
    is_excluded: bool,
    /// `None`: anywhere.
    scope: Option<Scope>,
    is_quoted: bool,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Scope {
    Places(Places),
    Identifiers,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && pieces.len() < MOST * 2 {
        let (piece, after) = piece(rest);
        pieces.push(piece);
        rest = after.trim_start();
    }
    pieces
}

fn piece(text: &str) -> (Piece, &str) {
    let (is_excluded, text) = match text.strip_prefix('-') {
        Some(rest) if rest.starts_with(|c: char| !c.is_whitespace()) => (true, rest),
        _ => (false, text),
    };
    let (scope, text) = scope(text);
    let (text, after, is_quoted) = match text.strip_prefix(is_quote) {
        Some(quoted) => {
            let end = quoted.find(is_quote).unwrap_or(quoted.len());
            let after = quoted[end..].trim_start_matches(is_quote);
            (&quoted[..end], after, true)
        }
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            (&text[..end], &text[end..], false)
        }
    };
    let piece = Piece {
        is_excluded,
        scope,
        is_quoted,
        text: text.to_owned(),
    };
    (piece, after)
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '«' | '»' | '„')
}

/// A known field's name before a colon and something else behind it.
fn scope(text: &str) -> (Option<Scope>, &str) {
    let anywhere = (None, text);
    let Some((name, rest)) = text.split_once(':') else {
        return anywhere;
    };
    if rest.is_empty() || rest.starts_with(char::is_whitespace) {
        return anywhere;
    }
    let name = super::analysis::folded(name);
    if matches!(&*name, "id" | "isbn" | "ean" | "gtin") {
        return (Some(Scope::Identifiers), rest);
    }
    match sections_of(&name) {
        Some(places) => (Some(Scope::Places(places)), rest),
        None => anywhere,
    }
}

/// Groups of digits that together are an ISBN or an EAN are written apart by some; what says that one follows falls
/// away.
fn join_identifiers(pieces: &mut Vec<Piece>) {
    let is_plain = |piece: &Piece| piece.scope.is_none() && !piece.is_quoted && !piece.is_excluded;
    let mut from = 0;
    while from < pieces.len() {
        let mut digits = String::new();
        let mut n = 0;
        for piece in pieces[from..].iter().take_while(|piece| is_plain(piece)) {
            let is_group = |c: char| c.is_ascii_digit() || matches!(c, '-' | 'x' | 'X');
            if !piece.text.chars().all(is_group) || digits.len() > 17 {
                break;
            }
            digits.push_str(&piece.text);
            n += 1;
            if n > 1 && is_numbered(&digits) {
                let joined = Piece {
                    scope: Some(Scope::Identifiers),
                    text: digits.clone(),
                    ..pieces[from].clone()
                };
                pieces.splice(from..from + n, [joined]);
                break;
            }
        }
        from += 1;
    }
    let labels: Vec<bool> = (0..pieces.len())
        .map(|n| {
            let next = pieces.get(n + 1);
            is_plain(&pieces[n])
                && is_label(&pieces[n].text)
                && next.is_some_and(|next| is_numbered(&next.text))
        })
        .collect();
    let mut labels = labels.into_iter();
    pieces.retain(|_| labels.next() != Some(true));
}

/// Whether this is an ISBN or an EAN, by its check digit.
fn is_numbered(text: &str) -> bool {
    let id = normalised(text);
    let digits: Vec<u32> = id.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != 13 || id.len() != 13 {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .zip([1, 3].iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    // That of an ISBN-10 was made anew; its own says whether it is one.
    sum.is_multiple_of(10) && (isbn13(text).is_some() || id == text.replace('-', ""))
}

fn is_label(text: &str) -> bool {
    let text = text
        .trim_end_matches([':', '.', '°', '='])
        .to_ascii_lowercase();
    matches!(
        &*text,
        "isbn"
            | "isbn-13"
            | "isbn13"
            | "isbn-10"
            | "isbn10"
            | "ean"
            | "ean13"
            | "ean-13"
            | "gtin"
            | "id"
    )
}

fn clauses_of(piece: &Piece, is_typed: bool) -> Vec<Clause> {
    let role = match piece.is_excluded {
        true => Role::Excluded,
        false => Role::Required,
    };
    let places = match piece.scope {
        None => Places::ALL,
        Some(Scope::Places(places)) => places,
        Some(Scope::Identifiers) => Places::default(),
    };
    let has_ids = !piece.is_quoted && !matches!(piece.scope, Some(Scope::Places(_)));
    let identifier = has_ids.then(|| normalised(&piece.text).into_owned());
    let clause = |sought| Clause {
        sought,
        identifier: identifier.clone(),
        places,
        role,
    };
    // A number with its check digit stands for one product, and its parts for none.
    if places.is_empty() || has_ids && is_numbered(&piece.text) {
        let is_something = piece.text.contains(char::is_alphanumeric);
        let only_id = Clause {
            places: Places::default(),
            ..clause(Vec::new())
        };
        return is_something.then_some(only_id).into_iter().collect();
    }
    if piece.is_quoted {
        return match phrase(&piece.text) {
            Sought::Phrase(words) if words.is_empty() => Vec::new(),
            sought => vec![clause(vec![sought])],
        };
    }
    let sought = soughts(&piece.text, is_typed && !piece.is_excluded);
    match piece.is_excluded {
        // All of it together is what isn't wanted.
        true if sought.len() > 1 => vec![clause(vec![phrase(&piece.text)])],
        _ => sought.into_iter().map(|one| clause(vec![one])).collect(),
    }
}

/// The words of a text without blanks; characters of a script without spaces stand side by side.
fn soughts(text: &str, is_typed: bool) -> Vec<Sought> {
    let text = lowered(text);
    let mut out: Vec<Sought> = Vec::new();
    let mut compound = Compound::default();
    // Where the words of the compound begin in `out`.
    let mut first = 0;
    let join = |out: &mut Vec<Sought>, first: usize, whole: Option<String>| {
        let Some(whole) = whole else { return };
        for sought in &mut out[first..] {
            if let Sought::Word(word) = sought {
                word.joined = Some(whole.clone());
            }
        }
    };
    for word in words(&text) {
        let folded = compared(&text, &word).into_owned();
        let whole = compound.take(&folded, &word);
        join(&mut out, first, whole);
        if word.glue != Glue::Joint {
            first = out.len();
        }
        let is_pair = folded.starts_with(is_unspaced);
        match word.glue {
            Glue::End => continue,
            Glue::Run => {
                if let Some(Sought::Phrase(words)) = out.last_mut() {
                    words.push(folded);
                }
                continue;
            }
            Glue::None | Glue::Joint if word.is_elided => continue,
            Glue::None | Glue::Joint => {}
        }
        let one = folded.chars().count() == 1;
        out.push(match is_pair && !one {
            true => Sought::Phrase(vec![folded]),
            false => Sought::Word(SoughtWord {
                lower: text[word.range.clone()].to_owned(),
                // A pair begins with a character that stands alone.
                is_prefix: is_pair,
                folded,
                joined: None,
                is_exact: false,
            }),
        });
    }
    let whole = compound.end();
    join(&mut out, first, whole);
    // A single letter is the beginning of too much.
    if is_typed
        && let Some(Sought::Word(word)) = out.last_mut()
        && text.ends_with(word.lower.as_str())
    {
        word.is_prefix |= word.folded.len() > 1;
    }
    for sought in &mut out {
        if let Sought::Phrase(words) = sought
            && let [word] = words.as_slice()
        {
            *sought = Sought::Word(SoughtWord {
                folded: word.clone(),
                lower: word.clone(),
                joined: None,
                is_prefix: false,
                is_exact: false,
            });
        }
    }
    out
}

/// What people write before the number of a volume.
const VOLUMES: &str = "tome tomo t vol vols volume volumen band bd teil book part deel livre libro no nr num numero \
    number nummer n bind del";

/// What people add to a query for a file.
const FILES: &str = "epub epubs ebook ebooks pdf mobi kindle isbn ean";

/// Words that say little need not be found, unless there are no others.
fn make_optional(clauses: &mut [Clause]) {
    let is_in = |list: &str, word: &str| list.split_whitespace().any(|one| one == word);
    let says_little: Vec<bool> = (0..clauses.len())
        .map(|n| {
            let Some(word) = clauses[n].word() else {
                return false;
            };
            let is_number = |clause: &Clause| {
                let word = clause.word();
                word.is_some_and(|word| word.folded.bytes().all(|b| b.is_ascii_digit()))
            };
            let is_before_number = clauses.get(n + 1).is_some_and(is_number);
            is_stop_word(&word.folded)
                || is_in(FILES, &word.folded)
                || is_before_number && is_in(VOLUMES, &word.folded)
        })
        .collect();
    let counts = |(clause, little): (&Clause, &bool)| clause.role == Role::Required && !little;
    if !clauses.iter().zip(&says_little).any(counts) {
        return;
    }
    for (clause, little) in clauses.iter_mut().zip(says_little) {
        let is_anywhere = clause.places == Places::ALL;
        if little && is_anywhere && clause.role == Role::Required {
            clause.role = Role::Optional;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::weights::SECTIONS;
    use super::*;

    fn shown(text: &str) -> String {
        let clauses = parse(text);
        let clauses = clauses.iter().map(|clause| {
            let sign = match clause.role {
                Role::Required | Role::Filter => "",
                Role::Optional => "?",
                Role::Excluded => "-",
            };
            let scope = match clause.places {
                Places::ALL => String::new(),
                places if places.is_empty() => {
                    return format!("{sign}id:{}", clause.identifier.as_deref().unwrap());
                }
                places => {
                    let first = (0..SECTIONS.len())
                        .find(|place| places.has(*place))
                        .unwrap();
                    format!("{}:", SECTIONS[first].name)
                }
            };
            let sought: Vec<String> = clause
                .sought
                .iter()
                .map(|sought| match sought {
                    Sought::Word(word) => {
                        let joined = word.joined.iter().map(|joined| format!("/{joined}"));
                        let prefix = if word.is_prefix { "*" } else { "" };
                        format!("{}{prefix}{}", word.folded, joined.collect::<String>())
                    }
                    Sought::Phrase(words) => words.join("+"),
                })
                .collect();
            format!("{sign}{scope}{}", sought.join("|"))
        });
        clauses.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries() {
        for (text, expected) in [
            ("Le Petit PRINCE", "?le petit prince*"),
            ("petit prince ", "petit prince"),
            ("\"petit prince\" saint", "petit+prince saint*"),
            ("« petit prince »", "petit+prince"),
            ("l'été -\"la mer\" -x", "ete/lete -la+mer -x"),
            ("author:camus titre:peste", "authors:camus title:peste*"),
            ("title:\"la peste\"", "title:la+peste"),
            ("foo:bar a:", "foo bar ?a"),
            ("le la", "le la*"),
            (
                "arc-en-ciel x",
                "arc/arcenciel ?en/arcenciel ciel/arcenciel ?x",
            ),
            ("J.R.R. Tolkien", "?j/jrr ?r/jrr ?r/jrr tolkien*"),
            ("- -- \" \" : + & |", ""),
            ("\"never closed", "never+closed"),
            ("dune tome 2 epub", "dune ?tome 2 ?epub*"),
            ("a", "a"),
            ("猫", "猫*"),
            ("吾輩は猫", "吾輩+輩は+は猫"),
            ("", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn identifiers() {
        for (text, expected) in [
            ("isbn:978-2-07-036822-8", "id:9782070368228"),
            ("9782070368228", "id:9782070368228"),
            ("peste 2-07-036822-X", "peste id:9782070368228"),
            ("ISBN: 978 2 07 036822 8 camus", "id:9782070368228 camus*"),
            ("isbn 9782070368228", "id:9782070368228"),
            // With another check digit it is a number like others.
            ("9782070368221", "9782070368221*"),
            ("1984 orwell", "1984 orwell*"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn bounds() {
        assert!(parse(&"ab ".repeat(100_000)).len() <= MOST);
        assert!(parse(&"é".repeat(100_000)).len() <= 1);
        assert!(parse(&"a-".repeat(400)).len() <= MOST);
        assert!(parse(&"\"\" ".repeat(400)).len() <= MOST);
    }
}

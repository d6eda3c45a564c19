//! EDItEUR's code lists: what the codes mean.

mod table;

use table::LISTS;

/// The issue of the code lists that this crate knows. Codes of later issues are read and kept; they
/// only have no label.
pub const ISSUE: u16 = table::ISSUE;

/// A code list.
#[derive(Clone, Copy)]
pub struct List(&'static table::List);

/// A code of a list.
#[derive(Clone, Copy)]
pub struct Code(&'static table::Code);

/// All lists, by number.
pub fn lists() -> impl Iterator<Item = List> {
    LISTS.iter().map(List)
}

/// The list of this number. Those that only 2.1 used, such as 7 and 10, are gone from EDItEUR's.
///
/// ```
/// use onix_catalogue::onix::codes;
/// assert_eq!(codes::list(17).unwrap().name(), "Contributor role code");
/// ```
pub fn list(number: u16) -> Option<List> {
    LISTS
        .binary_search_by_key(&number, |list| list.number)
        .ok()
        .map(|at| List(&LISTS[at]))
}

/// What a code of a list means.
///
/// ```
/// use onix_catalogue::onix::codes;
/// assert_eq!(codes::label(144, "02"), Some("Digital watermarking"));
/// assert_eq!(codes::label(144, "nonsense"), None);
/// ```
pub fn label(list: u16, value: &str) -> Option<&'static str> {
    Some(self::list(list)?.code(value)?.label())
}

impl List {
    /// Its number.
    pub fn number(self) -> u16 {
        self.0.number
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Its codes, by value.
    pub fn codes(self) -> impl Iterator<Item = Code> {
        self.0.codes.iter().map(Code)
    }

    /// The code of this value, as EDItEUR writes it.
    pub fn code(self, value: &str) -> Option<Code> {
        self.0
            .codes
            .binary_search_by(|code| code.value.cmp(value))
            .ok()
            .map(|at| Code(&self.0.codes[at]))
    }

    /// The codes in whose value or label all these words stand, in any case; in its own order.
    pub fn search(self, words: &str) -> impl Iterator<Item = Code> {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        self.codes().filter(move |code| {
            let text = format!("{} {}", code.value(), code.label()).to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
    }
}

impl Code {
    /// The code itself.
    pub fn value(self) -> &'static str {
        self.0.value
    }

    /// What it means.
    pub fn label(self) -> &'static str {
        self.0.label
    }

    /// The issue of the lists since which it is no longer to be used.
    pub fn deprecated(self) -> Option<u16> {
        Some(self.0.deprecated).filter(|issue| *issue > 0)
    }
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "List {}: {}", self.number(), self.name())
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.value(), self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_codes_are_sorted() {
        assert!(LISTS.is_sorted_by_key(|list| list.number));
        for list in lists() {
            assert!(list.0.codes.is_sorted_by_key(|code| code.value), "{list:?}");
            for code in list.codes() {
                assert_eq!(label(list.number(), code.value()), Some(code.label()));
            }
        }
    }

    #[test]
    fn words_find_codes() {
        let found: Vec<_> = list(175).unwrap().search("epub").map(Code::value).collect();
        assert!(found.contains(&"E101"), "{found:?}");
        assert_eq!(list(175).unwrap().search("no such words").count(), 0);
    }
}

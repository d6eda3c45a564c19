//! EDItEUR's code lists: what the codes of ONIX mean.
//!
//! ```
//! use onix_catalogue::onix::codes;
//!
//! assert_eq!(codes::label(58, "04"), Some("FRP including tax"));
//! assert_eq!(codes::list(58).unwrap().name(), "Price type");
//! assert_eq!(codes::label(58, "no such code"), None);
//! ```

mod table;

/// The issue of the code lists.
pub const ISSUE: u16 = table::ISSUE;

/// A code list.
#[derive(Clone, Copy)]
pub struct List(&'static table::List);

/// A code of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Code {
    /// The code, as it stands in an element.
    pub value: &'static str,
    /// What it means.
    pub label: &'static str,
    /// The issue that deprecated it.
    pub deprecated: Option<u16>,
}

impl List {
    /// Its number.
    pub fn number(self) -> u16 {
        self.0.number
    }

    /// What it is a list of.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Its codes, sorted by value.
    pub fn codes(self) -> impl Iterator<Item = Code> {
        self.0.codes.iter().map(Code::of)
    }

    /// The code of that value.
    pub fn code(self, value: &str) -> Option<Code> {
        let codes = self.0.codes;
        let at = codes.binary_search_by(|code| code.value.cmp(value)).ok()?;
        Some(Code::of(&codes[at]))
    }
}

impl Code {
    fn of(code: &'static table::Code) -> Self {
        Self {
            value: code.value,
            label: code.label,
            deprecated: Some(code.deprecated).filter(|issue| *issue > 0),
        }
    }
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "List {} ({})", self.number(), self.name())
    }
}

/// All lists, sorted by number.
pub fn lists() -> impl Iterator<Item = List> {
    table::LISTS.iter().map(List)
}

/// The list of that number.
pub fn list(number: u16) -> Option<List> {
    let lists = &table::LISTS;
    let at = lists
        .binary_search_by_key(&number, |list| list.number)
        .ok()?;
    Some(List(&lists[at]))
}

/// What a code of a list means.
pub fn label(number: u16, value: &str) -> Option<&'static str> {
    Some(list(number)?.code(value)?.label)
}

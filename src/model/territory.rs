//! Territories as exact sets over countries and their parts.
//!
//! The world is cut into atoms: a country that has no parts in List 49 is one, a country with parts
//! has one for each and one for the rest of it. Airports overlap the nations of the United
//! Kingdom, which therefore has an atom for each nation's airside, other airport ground and remaining
//! ground. A territory is a set of atoms, so that union, intersection and complement are exact,
//! and a country is inside, outside, or covered in part.

mod table;

use std::sync::OnceLock;

use super::short_text::trimmed;
use table::{ALIASES, COMPLETE, COUNTRIES, EUROZONE, PARTS};

/// A country of List 91.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country(u8);

/// How a territory covers a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coverage {
    /// All of it.
    In,
    /// None of it.
    Out,
    /// A part of it: whether a buyer is inside can't be told from the country.
    Part,
    /// A code that isn't known stands in the way.
    Unknown,
}

const WORDS: usize = 9;
const N_COUNTRIES: usize = COUNTRIES.len();

/// A set of atoms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Atoms([u64; WORDS]);

/// A set of countries and parts of countries.
///
/// Region codes that aren't known make it uncertain rather than wrong: what they may cover is
/// neither in nor out.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Territory {
    /// What it covers for certain.
    certain: Atoms,
    /// What it may cover.
    possible: Atoms,
}

/// Which atoms each code stands for.
struct Map {
    /// First atom and number of atoms, by country.
    countries: [(u16, u16); N_COUNTRIES],
    /// Alpha-3 codes as numbers, sorted, with their countries.
    by_alpha3: [(u32, u8); N_COUNTRIES],
    /// One more than the country, by the letters of its alpha-2 code.
    by_alpha2: [u8; 26 * 26],
    parts: Vec<Atoms>,
    world: Atoms,
}

/// The nations of the United Kingdom in List 49 and, across them, its kinds of ground.
const GB_NATIONS: [&str; 4] = ["GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"];
/// Airside, other ground of airports, everything else.
const GB_GROUNDS: u16 = 3;

fn map() -> &'static Map {
    static MAP: OnceLock<Map> = OnceLock::new();
    MAP.get_or_init(|| {
        let mut countries = [(0, 0); N_COUNTRIES];
        let mut parts = vec![Atoms::EMPTY; PARTS.len()];
        let mut next = 0u16;
        for (country, range) in COUNTRIES.iter().zip(&mut countries) {
            let first = next;
            let own: Vec<usize> = (0..PARTS.len())
                .filter(|part| COUNTRIES[usize::from(PARTS[*part].1)].alpha2 == country.alpha2)
                .collect();
            if country.alpha2 == "GB" {
                for part in own {
                    for atom in gb_atoms(PARTS[part].0) {
                        parts[part].set(first + atom);
                    }
                }
                next += GB_NATIONS.len() as u16 * GB_GROUNDS;
            } else {
                let complete = COMPLETE.contains(&country.alpha2);
                let rest = u16::from(own.is_empty() || !complete);
                for part in own {
                    parts[part].set(next);
                    next += 1;
                }
                next += rest;
            }
            *range = (first, next - first);
        }
        let mut by_alpha3 =
            std::array::from_fn(|at| (number(COUNTRIES[at].alpha3.as_bytes()), at as u8));
        by_alpha3.sort_unstable();
        let mut by_alpha2 = [0; 26 * 26];
        for (at, country) in COUNTRIES.iter().enumerate() {
            by_alpha2[number(country.alpha2.as_bytes()) as usize] = at as u8 + 1;
        }
        let mut world = Atoms::EMPTY;
        (0..next).for_each(|atom| world.set(atom));
        Map {
            countries,
            by_alpha3,
            by_alpha2,
            parts,
            world,
        }
    })
}

/// Letters of either case as a number to the base 26.
fn number(letters: &[u8]) -> u32 {
    letters.iter().fold(0, |number, letter| {
        number * 26 + u32::from(letter.to_ascii_uppercase() - b'A')
    })
}

/// Atoms of a part of the United Kingdom, from the country's first.
fn gb_atoms(code: &str) -> Vec<u16> {
    let all = 0..GB_NATIONS.len() as u16 * GB_GROUNDS;
    match code {
        "GB-AIR" => all.filter(|atom| atom % GB_GROUNDS == 0).collect(),
        "GB-APS" => all.filter(|atom| atom % GB_GROUNDS < 2).collect(),
        nation => {
            let at = GB_NATIONS.iter().position(|known| *known == nation);
            let first = at.expect("List 49 has four nations") as u16 * GB_GROUNDS;
            (first..first + GB_GROUNDS).collect()
        }
    }
}

impl Atoms {
    const EMPTY: Atoms = Atoms([0; WORDS]);

    fn set(&mut self, atom: u16) {
        self.0[usize::from(atom / 64)] |= 1 << (atom % 64);
    }

    fn zip(self, other: Self, op: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|i| op(self.0[i], other.0[i])))
    }

    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    fn minus(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    fn of_country(country: Country) -> Self {
        let (first, n) = map().countries[usize::from(country.0)];
        let mut out = Self::EMPTY;
        (first..first + n).for_each(|atom| out.set(atom));
        out
    }
}

impl Country {
    /// From an alpha-2 or alpha-3 code in any case; withdrawn codes count.
    pub fn parse(text: &str) -> Option<Self> {
        let text = trimmed(text);
        if !text.bytes().all(|b| b.is_ascii_alphabetic()) {
            return None;
        }
        let code = || number(text.as_bytes());
        match text.len() {
            2 => map().by_alpha2[code() as usize].checked_sub(1).map(Self),
            3 => {
                let order = &map().by_alpha3;
                let at = order.binary_search_by_key(&code(), |(code, _)| *code);
                at.ok().map(|at| Self(order[at].1))
            }
            _ => None,
        }
    }

    /// All of them, sorted by alpha-2 code.
    pub fn all() -> impl Iterator<Item = Country> {
        (0..N_COUNTRIES as u8).map(Country)
    }

    /// ISO 3166-1 alpha-2.
    pub fn alpha2(self) -> &'static str {
        COUNTRIES[usize::from(self.0)].alpha2
    }

    /// ISO 3166-1 alpha-3.
    pub fn alpha3(self) -> &'static str {
        COUNTRIES[usize::from(self.0)].alpha3
    }

    /// A small number of its own, for tables.
    pub(crate) fn index(self) -> u8 {
        self.0
    }

    /// Whether ISO has withdrawn the code.
    pub fn is_withdrawn(self) -> bool {
        COUNTRIES[usize::from(self.0)].withdrawn
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.alpha2())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.alpha2())
    }
}

/// What a code of List 91 or 49 stands for.
enum Meaning {
    Known(Atoms),
    /// A country that is no more, and those that came after it: nobody says whether they are meant.
    Withdrawn(Atoms, Atoms),
    /// A part of a known country that isn't known.
    PartOf(Atoms),
    /// Nobody knows; a region code.
    Region,
}

/// Codes that senders use though no list has them: what they are taken for, and whether for certain.
const IRREGULAR: [(&str, &str, bool); 3] = [
    ("EL", "GR", false),
    ("UK", "GB", false),
    ("XK", "RS-KM", true),
];

fn meaning(code: &str) -> Meaning {
    let country = (code.len() == 2).then(|| Country::parse(code)).flatten();
    if let Some(country) = country.filter(|country| !country.is_withdrawn()) {
        return Meaning::Known(Atoms::of_country(country));
    }
    if code.eq_ignore_ascii_case("WORLD") {
        return Meaning::Known(map().world);
    }
    let upper = code.to_ascii_uppercase();
    if upper == "ECZ" {
        return Meaning::Known(union(EUROZONE));
    }
    if let Ok(at) = ALIASES.binary_search_by(|(alias, _)| (*alias).cmp(upper.as_str())) {
        let others = union(ALIASES[at].1.iter().copied());
        return match Country::parse(&upper) {
            Some(own) => Meaning::Withdrawn(Atoms::of_country(own), others),
            None => Meaning::Known(others),
        };
    }
    if let Ok(at) = PARTS.binary_search_by(|(part, _)| (*part).cmp(upper.as_str())) {
        return Meaning::Known(map().parts[at]);
    }
    if let Some((_, means, certain)) = IRREGULAR.iter().find(|(code, ..)| *code == upper) {
        return match (meaning(means), certain) {
            (Meaning::Known(atoms), false) => Meaning::PartOf(atoms),
            (known, _) => known,
        };
    }
    match upper
        .split_once('-')
        .and_then(|(country, _)| Country::parse(country))
    {
        Some(country) => Meaning::PartOf(Atoms::of_country(country)),
        None => Meaning::Region,
    }
}

fn is_unknown(code: &str) -> bool {
    matches!(meaning(code), Meaning::Region)
}

fn union<'a>(codes: impl IntoIterator<Item = &'a str>) -> Atoms {
    codes
        .into_iter()
        .fold(Atoms::EMPTY, |atoms, code| match meaning(code) {
            Meaning::Known(more) => atoms.or(more),
            _ => atoms,
        })
}

impl Territory {
    /// Nothing.
    pub const NOWHERE: Territory = Territory {
        certain: Atoms::EMPTY,
        possible: Atoms::EMPTY,
    };

    /// Everything.
    pub fn world() -> Self {
        Self {
            certain: map().world,
            possible: map().world,
        }
    }

    /// What codes of included and excluded countries and regions come to.
    ///
    /// `row` is what the region code `ROW`, the rest of the world, means here. Exclusions
    /// without an inclusion leave the world less them.
    pub fn of_codes<'a>(
        included: impl IntoIterator<Item = &'a str>,
        excluded: impl IntoIterator<Item = &'a str>,
        row: Option<&Territory>,
    ) -> Self {
        let mut any = false;
        let mut out = Self::NOWHERE;
        for code in included {
            any = true;
            if out.add_country(code) {
                continue;
            }
            // An unknown country can't be asked for, so that it adds nothing.
            if code.len() == 2 && !code.eq_ignore_ascii_case("EU") && is_unknown(code) {
                continue;
            }
            out = out.union(&Self::of_code(code, row));
        }
        let mut without = Self::NOWHERE;
        let mut excludes = false;
        for code in excluded {
            excludes = true;
            if !without.add_country(code) {
                without = without.union(&Self::of_code(code, row));
            }
        }
        if !any && excludes {
            out = Self::world();
        }
        match excludes {
            true => out.minus(&without),
            false => out,
        }
    }

    /// Adds a country by its code of two letters, as nearly every code is; otherwise nothing.
    fn add_country(&mut self, code: &str) -> bool {
        let country = (code.len() == 2).then(|| Country::parse(code)).flatten();
        let Some(country) = country.filter(|country| !country.is_withdrawn()) else {
            return false;
        };
        let (first, n) = map().countries[usize::from(country.0)];
        for atom in first..first + n {
            self.certain.set(atom);
            self.possible.set(atom);
        }
        true
    }

    fn of_code(code: &str, row: Option<&Territory>) -> Self {
        if code.len() == 3 && code.eq_ignore_ascii_case("ROW") {
            return row.copied().unwrap_or_else(Self::uncertain);
        }
        match meaning(code) {
            Meaning::Known(atoms) => Self {
                certain: atoms,
                possible: atoms,
            },
            Meaning::Withdrawn(own, others) => Self {
                certain: own,
                possible: own.or(others),
            },
            Meaning::PartOf(atoms) => Self {
                certain: Atoms::EMPTY,
                possible: atoms,
            },
            // It may be anywhere.
            Meaning::Region => Self::uncertain(),
        }
    }

    /// Nobody knows where: it may cover any country.
    pub(crate) fn uncertain() -> Self {
        Self {
            certain: Atoms::EMPTY,
            possible: map().world,
        }
    }

    /// What `least` covers for certain, and perhaps what `most` may.
    pub(crate) fn between(least: &Self, most: &Self) -> Self {
        Self {
            certain: least.certain,
            possible: most.possible,
        }
    }

    /// How many words it is.
    pub(crate) const WORDS: usize = 2 * WORDS;

    /// As words: what it covers for certain, then what it may cover.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        self.certain.0.into_iter().chain(self.possible.0)
    }

    /// From its words, each asked for in turn.
    pub(crate) fn of_words(mut next: impl FnMut() -> u64) -> Self {
        let mut atoms = || Atoms(std::array::from_fn(|_| next()));
        Self {
            certain: atoms(),
            possible: atoms(),
        }
    }

    /// One country.
    pub fn of_country(country: Country) -> Self {
        let atoms = Atoms::of_country(country);
        Self {
            certain: atoms,
            possible: atoms,
        }
    }

    /// In one or the other.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            certain: self.certain.or(other.certain),
            possible: self.possible.or(other.possible),
        }
    }

    /// In both.
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            certain: self.certain.and(other.certain),
            possible: self.possible.and(other.possible),
        }
    }

    /// In this one and not in the other.
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            certain: self.certain.minus(other.possible),
            possible: self.possible.minus(other.certain),
        }
    }

    /// How it covers a country.
    #[inline]
    pub fn coverage(&self, country: Country) -> Coverage {
        Self::coverage_in(
            |at| match at.checked_sub(WORDS) {
                None => self.certain.0[at],
                Some(at) => self.possible.0[at],
            },
            country,
        )
    }

    /// How a territory of these [`words`](Self::words) covers a country.
    #[inline]
    pub(crate) fn coverage_in(word: impl Fn(usize) -> u64, country: Country) -> Coverage {
        let (first, n) = map().countries[usize::from(country.0)];
        let has = |of: usize, atom: u16| word(of + usize::from(atom / 64)) >> (atom % 64) & 1 != 0;
        let (mut certain, mut possible) = (0, 0);
        for atom in first..first + n {
            certain += u16::from(has(0, atom));
            possible += u16::from(has(WORDS, atom));
        }
        match (certain, possible) {
            (certain, _) if certain == n => Coverage::In,
            (_, 0) => Coverage::Out,
            (0, _) => Coverage::Unknown,
            _ => Coverage::Part,
        }
    }

    /// Whether it covers nothing, not even perhaps.
    pub fn is_nowhere(&self) -> bool {
        self.possible == Atoms::EMPTY
    }

    /// The countries it covers wholly, sorted by code.
    pub fn countries(&self) -> Vec<Country> {
        Country::all()
            .filter(|country| self.coverage(*country) == Coverage::In)
            .collect()
    }

    /// The shortest usual way to write it: `WORLD`, `WORLD - FR CA`, or countries, followed by those
    /// covered in part with a `~`; `~WORLD` where nothing is certain.
    pub fn summary(&self) -> String {
        let current = || Country::all().filter(|country| !country.is_withdrawn());
        let n_out = current()
            .filter(|country| self.coverage(*country) != Coverage::In)
            .count();
        if n_out == 0 {
            return "WORLD".into();
        }
        let open = |coverage| matches!(coverage, Coverage::Part | Coverage::Unknown);
        if current().all(|country| open(self.coverage(country))) {
            return "~WORLD".into();
        }
        let list = |which: &dyn Fn(Coverage) -> Option<&'static str>| -> Vec<String> {
            Country::all()
                .filter_map(|country| {
                    let mark = which(self.coverage(country))?;
                    Some(format!("{mark}{}", country.alpha2()))
                })
                .collect()
        };
        if n_out <= 60 {
            let without = list(&|coverage| match coverage {
                Coverage::In => None,
                Coverage::Out => Some(""),
                _ => Some("~"),
            });
            return format!("WORLD - {}", without.join(" "));
        }
        list(&|coverage| match coverage {
            Coverage::In => Some(""),
            Coverage::Out => None,
            _ => Some("~"),
        })
        .join(" ")
    }
}

impl std::fmt::Debug for Territory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Territory({})", self.summary())
    }
}

/// As a list of country codes; parts of countries with a `~`.
#[cfg(feature = "serde")]
impl serde::Serialize for Territory {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            Country::all().filter_map(|country| match self.coverage(country) {
                Coverage::In => Some(country.alpha2().to_owned()),
                Coverage::Out => None,
                _ => Some(format!("~{}", country.alpha2())),
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::table::OVERLAPPING;
    use super::*;

    fn of(included: &str, excluded: &str) -> Territory {
        Territory::of_codes(
            included.split_whitespace(),
            excluded.split_whitespace(),
            None,
        )
    }

    fn coverage(territory: &Territory, country: &str) -> Coverage {
        territory.coverage(Country::parse(country).unwrap())
    }

    #[test]
    fn only_airports_overlap() {
        let overlapping = |code: &str| OVERLAPPING.contains(&code);
        for (n, (a, _)) in PARTS.iter().enumerate() {
            for (m, (b, _)) in PARTS.iter().enumerate().skip(n + 1) {
                let both = map().parts[n].and(map().parts[m]);
                assert!(
                    both == Atoms::EMPTY || overlapping(a) || overlapping(b),
                    "{a} {b}"
                );
            }
        }
    }

    #[test]
    fn atoms_fit() {
        let (first, n) = map().countries[N_COUNTRIES - 1];
        assert!(usize::from(first + n) <= WORDS * 64, "{first} {n}");
    }

    #[test]
    fn parts_make_the_whole_or_not() {
        use Coverage::{In, Out, Part};
        let canada = of("CA", "CA-QC");
        assert_eq!(coverage(&canada, "CA"), Part);
        assert_eq!(coverage(&of("CA-QC", ""), "CA"), Part);
        let provinces = "CA-AB CA-BC CA-MB CA-NB CA-NL CA-NS CA-NT CA-NU CA-ON CA-PE CA-SK CA-YT";
        assert_eq!(coverage(&of(provinces, ""), "CA"), Part);
        let all = canada.union(&of("CA-QC", ""));
        assert_eq!(coverage(&all, "CA"), In);
        assert_eq!(coverage(&of("GB-ENG GB-NIR GB-SCT GB-WLS", ""), "GB"), In);
        assert_eq!(coverage(&of("GB", "GB-AIR"), "GB"), Part);
        assert_eq!(coverage(&of("GB-EWS GB-NIR", ""), "GB"), In);
        assert_eq!(coverage(&of("FR-H", ""), "FR"), Part);
        assert_eq!(coverage(&of("WORLD", "FR-H"), "FR"), Part);
        assert_eq!(coverage(&of("WORLD", "FR"), "FR"), Out);
        assert_eq!(coverage(&of("ECZ", ""), "DE"), In);
        assert_eq!(coverage(&of("ECZ", ""), "GB"), Out);
        assert_eq!(coverage(&of("", "FR"), "BE"), In);
        assert_eq!(coverage(&of("AN", ""), "AN"), In);
        assert_eq!(coverage(&of("CN-HK", ""), "HK"), In);
        assert_eq!(coverage(&of("AN", ""), "CW"), Coverage::Unknown);
        assert_eq!(coverage(&of("WORLD", "AN"), "CW"), Coverage::Unknown);
        assert_eq!(coverage(&of("WORLD", "AN"), "AN"), Out);
    }

    #[test]
    fn unknown_regions_leave_it_open() {
        assert_eq!(coverage(&of("FR EU", ""), "FR"), Coverage::In);
        assert_eq!(coverage(&of("FR LATAM", ""), "FR"), Coverage::In);
        assert_eq!(coverage(&of("FR LATAM", ""), "AR"), Coverage::Unknown);
        assert_eq!(coverage(&of("WORLD", "LATAM"), "AR"), Coverage::Unknown);
        assert_eq!(coverage(&of("FR-XX", ""), "FR"), Coverage::Unknown);
        assert_eq!(coverage(&of("FR-XX", ""), "BE"), Coverage::Out);
    }

    #[test]
    fn irregular_codes_never_widen() {
        assert_eq!(coverage(&of("WORLD", "UK"), "GB"), Coverage::Unknown);
        assert_eq!(coverage(&of("UK", ""), "GB"), Coverage::Unknown);
        assert_eq!(coverage(&of("UK", ""), "FR"), Coverage::Out);
        assert_eq!(coverage(&of("WORLD", "EU"), "FR"), Coverage::Unknown);
        assert_eq!(coverage(&of("US EU", ""), "FR"), Coverage::Unknown);
        assert_eq!(coverage(&of("US ZZ", ""), "FR"), Coverage::Out);
        assert_eq!(coverage(&of("WORLD", "ZZ"), "FR"), Coverage::Unknown);
        assert_eq!(coverage(&of("WORLD", "XK"), "RS"), Coverage::Part);
    }

    #[test]
    fn countries_are_spelt_any_way() {
        for country in Country::all() {
            assert_eq!(Country::parse(country.alpha2()), Some(country));
            assert_eq!(
                Country::parse(&country.alpha3().to_lowercase()),
                Some(country)
            );
        }
        assert_eq!(Country::parse("XX"), None);
        assert_eq!(Country::parse("FRANCE"), None);
        assert_eq!(Country::parse(""), None);
    }

    #[test]
    fn summaries_are_short() {
        assert_eq!(of("WORLD", "").summary(), "WORLD");
        assert_eq!(of("WORLD", "FR CA").summary(), "WORLD - CA FR");
        assert_eq!(of("BE FR CA-QC", "").summary(), "BE ~CA FR");
    }
}

//! Counts of values over everything found, with what the values mean.

use std::collections::BTreeMap;

use tantivy::DocAddress;
use tantivy::schema::Field;

use super::fault::{failed, failed_io};
use super::find::Sold;
use super::{Snapshot, fields};
use crate::catalogue::ask::Search;
use crate::catalogue::page::FacetCount;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Date, Moment};
use crate::onix::codes;

/// What can be counted.
pub const FACETS: [&str; 13] = [
    "format",
    "protection",
    "language",
    "publisher",
    "contributor",
    "series",
    "subject",
    "price",
    "year",
    "status",
    "accessibility",
    "audience",
    "source",
];

/// As many values as are listed.
const MOST: usize = 100;
/// As many subjects as are looked up in a product that has them.
const MOST_NAMED: usize = 40;

/// How often a value was found, and a product that has it.
#[derive(Clone, Copy)]
struct Count {
    n: u64,
    example: Option<DocAddress>,
}

type Counts = BTreeMap<String, Count>;

impl Snapshot {
    /// The values of a facet among the candidates, the most frequent first.
    pub(super) fn facet(
        &self,
        name: &str,
        found: &[DocAddress],
        sold: &[Sold],
        search: &Search,
    ) -> Result<Vec<FacetCount>> {
        let of_list = |list: u16| move |value: &str| codes::label(list, value).map(str::to_owned);
        match name {
            "format" => Ok(listed(self.values(fields::FORMAT, found)?, none)),
            "protection" => Ok(listed(self.values(fields::PROTECTION, found)?, none)),
            "language" => Ok(listed(self.values(fields::LANGUAGE, found)?, of_list(74))),
            "publisher" => Ok(listed(self.values(fields::PUBLISHER, found)?, none)),
            "contributor" => Ok(listed(self.values(fields::CONTRIBUTOR, found)?, none)),
            "series" => Ok(listed(self.values(fields::SERIES, found)?, none)),
            "source" => Ok(listed(self.values(fields::SOURCE, found)?, none)),
            "audience" => Ok(listed(self.values(fields::AUDIENCE, found)?, of_list(28))),
            "accessibility" => {
                let counts = self.values(fields::ACCESSIBILITY, found)?;
                Ok(listed(counts, of_list(196)))
            }
            "year" => Ok(listed(self.years(found)?, none)),
            "status" => Ok(listed(statuses(sold), none)),
            "price" => prices(sold, search),
            "subject" => self.subjects(found),
            _ => Err(Error::new(ErrorKind::Invalid {
                what: "facet",
                given: name.to_owned(),
                expected: FACETS.join(", "),
            })),
        }
    }

    fn values(&self, field: Field, found: &[DocAddress]) -> Result<Counts> {
        let mut counts = Counts::new();
        for (segment, reader) in self.searcher.segment_readers().iter().enumerate() {
            let column = reader
                .fast_fields()
                .str(fields::name(field))
                .map_err(failed("counting values"))?;
            let Some(column) = column else { continue };
            let mut by_ord = vec![(0_u64, 0); column.num_terms()];
            for candidate in of_segment(found, segment) {
                for ord in column.term_ords(candidate.doc_id) {
                    let (n, example) = &mut by_ord[ord as usize];
                    *n += 1;
                    *example = candidate.doc_id;
                }
            }
            let segment = u32::try_from(segment).unwrap_or(u32::MAX);
            let counted = by_ord.into_iter().enumerate().filter(|(_, (n, _))| *n > 0);
            for (ord, (n, doc)) in counted {
                let mut value = String::new();
                column
                    .ord_to_str(ord as u64, &mut value)
                    .map_err(failed_io("counting values"))?;
                count(&mut counts, value, n, Some(DocAddress::new(segment, doc)));
            }
        }
        Ok(counts)
    }

    fn years(&self, found: &[DocAddress]) -> Result<Counts> {
        let dates = &self.numbers()?.dates;
        let mut by_year = BTreeMap::<i64, u64>::new();
        for candidate in found {
            if let Some(seconds) = dates.value(*candidate) {
                *by_year.entry(year(seconds)).or_default() += 1;
            }
        }
        let mut counts = Counts::new();
        for (year, n) in by_year {
            count(&mut counts, format!("{year:04}"), n, None);
        }
        Ok(counts)
    }

    /// Subjects and the wider ones they belong to, named as Thema or as the products name them.
    fn subjects(&self, found: &[DocAddress]) -> Result<Vec<FacetCount>> {
        let counts = self.values(fields::SUBJECT, found)?;
        let examples: BTreeMap<String, Option<DocAddress>> = counts
            .iter()
            .map(|(value, count)| (value.clone(), count.example))
            .collect();
        let mut listed = listed(counts, none);
        for facet in listed.iter_mut().take(MOST_NAMED) {
            let Some((scheme, code)) = facet.value.split_once(':') else {
                continue;
            };
            facet.label = match thema(scheme, code) {
                Some(heading) => Some(heading.to_owned()),
                None => match examples.get(&facet.value).copied().flatten() {
                    Some(example) => self.named(example, scheme, code)?,
                    None => None,
                },
            };
        }
        Ok(listed)
    }

    /// What a product calls one of its subjects.
    fn named(&self, at: DocAddress, scheme: &str, code: &str) -> Result<Option<String>> {
        let is = |given: &Option<String>, wanted: &str| {
            given.as_deref().is_some_and(|given| given.trim() == wanted)
        };
        let subjects = self.card(at)?.entry.subjects;
        let subject = subjects
            .into_iter()
            .find(|subject| is(&subject.scheme, scheme) && is(&subject.code, code));
        Ok(subject.and_then(|subject| subject.text))
    }
}

fn none(_: &str) -> Option<String> {
    None
}

fn count(counts: &mut Counts, value: String, n: u64, example: Option<DocAddress>) {
    let one = counts.entry(value).or_insert(Count { n: 0, example });
    one.n += n;
}

fn of_segment(found: &[DocAddress], segment: usize) -> impl Iterator<Item = &DocAddress> {
    found
        .iter()
        .filter(move |at| at.segment_ord as usize == segment)
}

/// The year of a moment, by its days: what a civil calendar says.
fn year(seconds: i64) -> i64 {
    let moment = Moment::from_unix(seconds).to_string();
    let year = Date::parse(&moment, None).and_then(|_| moment.split('-').next()?.parse().ok());
    year.unwrap_or_default()
}

fn statuses(sold: &[Sold]) -> Counts {
    let mut counts = Counts::new();
    for status in sold.iter().filter_map(|sold| sold.status) {
        count(&mut counts, status.as_str().to_owned(), 1, None);
    }
    counts
}

/// Where bands of prices begin, in the currency's own unit.
const BANDS: [u64; 8] = [0, 5, 10, 15, 20, 30, 50, 100];

/// How many products have their cheapest offer in each band, in the order of the bands.
fn prices(sold: &[Sold], search: &Search) -> Result<Vec<FacetCount>> {
    let Some(currency) = search.offer.currency else {
        return Err(Error::new(ErrorKind::Invalid {
            what: "facet",
            given: "price".to_owned(),
            expected: "a currency in the filter of the offer: prices of several are no bands"
                .to_owned(),
        }));
    };
    let digits = search.account.minor_units.exponent(currency).unwrap_or(2);
    let unit = match digits {
        // Where there are no cents, amounts are in hundreds.
        0 => 100,
        digits => 10_u64.pow(u32::from(digits)),
    };
    let mut counts = [0_u64; BANDS.len()];
    for cost in sold.iter().filter_map(|sold| sold.cost) {
        let band = BANDS.iter().rposition(|band| band * unit <= cost);
        counts[band.unwrap_or(0)] += 1;
    }
    let counted = counts.into_iter().enumerate().filter(|(_, n)| *n > 0);
    let facet = |(n, count): (usize, u64)| {
        let from = BANDS[n] * unit;
        let until = BANDS.get(n + 1).map(|next| next * unit - 1);
        let amount = |cost: u64| amount(cost, digits);
        FacetCount {
            value: format!(
                "{from}-{}",
                until.map(|cost| cost.to_string()).unwrap_or_default()
            ),
            label: Some(match until {
                Some(until) => format!("{}–{} {currency}", amount(from), amount(until)),
                None => format!("{} {currency} and more", amount(from)),
            }),
            count,
        }
    };
    Ok(counted.map(facet).collect())
}

fn amount(cost: u64, digits: u8) -> String {
    let unit = 10_u64.pow(u32::from(digits));
    match digits {
        0 => cost.to_string(),
        digits => format!(
            "{}.{:0width$}",
            cost / unit,
            cost % unit,
            width = usize::from(digits)
        ),
    }
}

fn listed(counts: Counts, label: impl Fn(&str) -> Option<String>) -> Vec<FacetCount> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(count.n));
    counts.truncate(MOST);
    let facet = |(value, count): (String, Count)| FacetCount {
        label: label(&value),
        value,
        count: count.n,
    };
    counts.into_iter().map(facet).collect()
}

/// The widest subjects of Thema (list 27: 93).
const THEMA: [(&str, &str); 20] = [
    ("A", "The Arts"),
    ("C", "Language & Linguistics"),
    ("D", "Biography, Literature & Literary studies"),
    ("F", "Fiction & Related items"),
    ("G", "Reference, Information & Interdisciplinary subjects"),
    ("J", "Society & Social Sciences"),
    ("K", "Economics, Finance, Business & Management"),
    ("L", "Law"),
    ("M", "Medicine & Nursing"),
    ("N", "History & Archaeology"),
    ("P", "Mathematics & Science"),
    ("Q", "Philosophy & Religion"),
    ("R", "Earth Sciences, Geography, Environment, Planning"),
    ("S", "Sports & Active outdoor recreation"),
    (
        "T",
        "Technology, Engineering, Agriculture, Industrial processes",
    ),
    ("U", "Computing & Information Technology"),
    ("V", "Health, Relationships & Personal development"),
    ("W", "Lifestyle, Hobbies & Leisure"),
    ("X", "Graphic novels, Comic books, Manga, Cartoons"),
    ("Y", "Children's, Teenage & Educational"),
];

fn thema(scheme: &str, code: &str) -> Option<&'static str> {
    let heading = THEMA.iter().find(|(own, _)| *own == code);
    heading
        .filter(|_| scheme == "93")
        .map(|(_, heading)| *heading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_amounts() {
        assert_eq!(year(0), 1970);
        assert_eq!(year(-1), 1969);
        assert_eq!(amount(999, 2), "9.99");
        assert_eq!(amount(5, 3), "0.005");
        assert_eq!(amount(500, 0), "500");
    }

    #[test]
    fn subjects_of_thema_have_headings() {
        assert_eq!(thema("93", "F"), Some("Fiction & Related items"));
        assert_eq!(thema("10", "F"), None);
        assert_eq!(thema("93", "FB"), None);
    }
}

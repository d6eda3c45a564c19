//! The countries of the world by the part that they lie in, and where a product may be sold.

use super::query::{self, Query};
use super::words::Words;
use crate::catalogue::Kept;
use crate::model::{Account, Country, Moment, Status};
use crate::onix::codes;
use crate::sale::Offers;

/// How a language calls a part of the world.
type Named = fn(&Words) -> &'static str;

/// The parts of the world, after the regions of the United Nations' M49, and their countries by ISO 3166-1.
const PARTS: [(Named, &str); 7] = [
    (
        |w| w.europe,
        "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT \
                    NL NO PL PT RO RS RU SE SI SJ SK SM UA VA",
    ),
    (|w| w.north_america, "BM CA GL MX PM US"),
    (
        |w| w.central_america,
        "AG AI AW BB BL BQ BS BZ CR CU CW DM DO GD GP GT HN HT JM KN KY LC MF MQ MS NI PA PR SV SX TC TT VC VG VI",
    ),
    (
        |w| w.south_america,
        "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
    ),
    (
        |w| w.africa,
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG \
                    RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW",
    ),
    (
        |w| w.asia,
        "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA SG \
                  SY TH TJ TL TM TR TW UZ VN YE",
    ),
    (
        |w| w.oceania,
        "AQ AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
    ),
];

/// A country, for whom it may be chosen.
pub(super) struct Choice {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) is_chosen: bool,
}

/// All countries that there are, by their English names.
pub(super) fn choices(chosen: &str) -> Vec<Choice> {
    let chosen = Country::parse(chosen);
    let mut out: Vec<Choice> = present()
        .map(|country| Choice {
            code: country.alpha2(),
            name: name(country),
            is_chosen: chosen == Some(country),
        })
        .collect();
    out.sort_by_key(|choice| choice.name);
    out
}

pub(super) fn name(country: Country) -> &'static str {
    codes::label(91, country.alpha2()).unwrap_or(country.alpha2())
}

fn present() -> impl Iterator<Item = Country> {
    Country::all().filter(|country| !country.is_withdrawn())
}

/// Where a product may be sold at a moment.
pub(super) struct World {
    pub(super) n_sold: usize,
    pub(super) n_all: usize,
    pub(super) parts: Vec<Part>,
}

/// A part of the world: how many of its countries, and which.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) n_sold: usize,
    /// In how many it can be ordered before it is for sale, or will be for sale later.
    pub(super) n_soon: usize,
    pub(super) countries: Vec<Place>,
}

/// A country, and whether the product may be sold there.
pub(super) struct Place {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) status: Status,
    /// The prices there.
    pub(super) href: String,
}

impl World {
    /// By what some records of a product say: the best of them counts in each country.
    pub(super) fn of(
        found: &[(Kept, Offers)],
        id: &str,
        query: &Query,
        at: Moment,
        account: &Account,
        w: &Words,
    ) -> Self {
        let place = |country: Country| {
            let statuses = found
                .iter()
                .map(|(_, offers)| offers.status(Some(country), at, account));
            let query = query.clone().with("country", country.alpha2());
            Place {
                code: country.alpha2(),
                name: name(country),
                status: statuses
                    .min_by_key(|status| status.rank())
                    .unwrap_or(Status::No),
                href: format!("{}#prices", query::product(id, &query)),
            }
        };
        let part = |(name, countries): &(Named, &str)| {
            let countries = countries.split_whitespace().filter_map(Country::parse);
            Part::of(name(w), countries.map(place).collect())
        };
        let parts: Vec<Part> = PARTS.iter().map(part).collect();
        Self {
            n_sold: parts.iter().map(|part| part.n_sold).sum(),
            n_all: parts.iter().map(|part| part.countries.len()).sum(),
            parts,
        }
    }
}

impl Part {
    fn of(name: &'static str, countries: Vec<Place>) -> Self {
        let number =
            |is: fn(Status) -> bool| countries.iter().filter(|place| is(place.status)).count();
        Self {
            name,
            n_sold: number(|status| status == Status::Sale),
            n_soon: number(|status| matches!(status, Status::Preorder | Status::Later)),
            countries,
        }
    }

    /// How long a bar of a hundred is for so many countries.
    pub(super) fn share(&self, n: &usize) -> String {
        let share = *n as f64 * 100.0 / self.countries.len().max(1) as f64;
        format!("{share:.1}")
    }
}
#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_country_lies_in_one_part() {
        let mut times = BTreeMap::<&str, usize>::new();
        for (_, countries) in PARTS {
            for code in countries.split_whitespace() {
                *times.entry(code).or_default() += 1;
            }
        }
        for country in present() {
            assert_eq!(times.remove(country.alpha2()), Some(1), "{country}");
        }
        assert!(times.is_empty(), "not countries: {times:?}");
    }
}

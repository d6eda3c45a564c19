//! The dates of a record, those of its publisher first, then those of its markets and suppliers.

use serde_json::Value;

use crate::catalogue::Kept;
use crate::model::Date;
use crate::onix::codes;
use crate::server::problem::Problem;

/// The list of publishing and market dates.
const PUBLISHING: u16 = 163;
/// The list of supply dates.
const SUPPLY: u16 = 166;

/// Each date with its role, and with the markets in which it holds, unless it holds everywhere: what is said of several
/// markets stands there once.
pub(super) fn of(kept: &Kept) -> Result<Vec<String>, Problem> {
    let view = kept.view()?;
    let mut dates = Vec::new();
    add(&mut dates, &view["publishing_dates"], PUBLISHING, None);
    for market in each(&view["markets_21"]) {
        add(&mut dates, &market["dates"], PUBLISHING, area(market));
    }
    for supply in each(&view["supplies"]) {
        let market = &supply["market"];
        let areas: Vec<String> = each(&market["territories"]).filter_map(area).collect();
        let areas = (!areas.is_empty()).then(|| areas.join(", "));
        add(&mut dates, &market["dates"], PUBLISHING, areas.clone());
        add(&mut dates, &supply["supply_dates"], SUPPLY, areas);
    }
    Ok(dates.iter().map(Line::told).collect())
}

/// A date and its role.
struct Line {
    date: String,
    role: String,
    /// Where it holds; everywhere, where there are none.
    areas: Vec<String>,
}

impl Line {
    fn told(&self) -> String {
        let areas = match self.areas.is_empty() {
            true => String::new(),
            false => format!("in {}", self.areas.join("; ")),
        };
        let words = [self.role.as_str(), &areas];
        let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        match words.is_empty() {
            true => self.date.clone(),
            false => format!("{} ({})", self.date, words.join(" ")),
        }
    }
}

fn add(lines: &mut Vec<Line>, dates: &Value, list: u16, area: Option<String>) {
    for date in each(dates) {
        let Some(text) = date["date"].as_str() else {
            continue;
        };
        let parsed = Date::parse(text, date["format"].as_str());
        let shown = parsed.map_or_else(|| text.to_owned(), |date| date.precisely());
        let code = date["role"].as_str().unwrap_or_default();
        let role = codes::label(list, code).unwrap_or(code);
        let known = lines.iter_mut().find(|line| {
            line.date == shown && line.role == role && line.areas.is_empty() == area.is_none()
        });
        match (known, &area) {
            (None, _) => lines.push(Line {
                date: shown,
                role: role.to_owned(),
                areas: area.iter().cloned().collect(),
            }),
            (Some(line), Some(area)) if !line.areas.contains(area) => line.areas.push(area.clone()),
            (Some(_), _) => (),
        }
    }
}

fn each(values: &Value) -> impl Iterator<Item = &Value> {
    values.as_array().into_iter().flatten()
}

/// A territory by its codes: `WORLD − ES AD`.
fn area(territory: &Value) -> Option<String> {
    let codes = |names: [&str; 2]| {
        let codes = names.into_iter().flat_map(|name| each(&territory[name]));
        codes
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let within = codes(["countries", "regions"]);
    let without = codes(["countries_excluded", "regions_excluded"]);
    match (within.as_str(), without.as_str()) {
        ("", "") => None,
        (within, "") => Some(within.to_owned()),
        (within, without) => Some(format!("{within} − {without}").trim_start().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_several_markets_say_stands_there_once() {
        let mut lines = Vec::new();
        let date = json!([{"role": "01", "date": "20261103", "format": "00"}]);
        add(&mut lines, &date, PUBLISHING, None);
        for market in [
            json!({"countries": ["ES", "AD"]}),
            json!({"regions": ["WORLD"], "countries_excluded": ["ES", "AD"]}),
            json!({"countries": ["ES", "AD"]}),
        ] {
            add(&mut lines, &date, PUBLISHING, area(&market));
        }
        add(
            &mut lines,
            &json!([{"role": "zz", "date": "soon"}]),
            SUPPLY,
            None,
        );
        let told: Vec<String> = lines.iter().map(Line::told).collect();
        assert_eq!(
            told,
            [
                "2026-11-03 (Publication date)",
                "2026-11-03 (Publication date in ES AD; WORLD − ES AD)",
                "soon (zz)",
            ]
        );
    }
}

//! What the stand-in is at the moment, what can be ordered of it, and in what it isn't the platform.

use serde_json::{Map, Value, json};

use super::clock::{Clock, extended};
use super::faults::USUAL;
use super::organisation::Organisation;
use super::request::Request;
use super::state::{State, address};

/// The page that says it all; its last two tables are told here too.
const PAGE: &str = include_str!("../docs/sandbox.md");

/// `GET /__admin`
pub(super) fn write(state: &State, request: &Request) -> Value {
    let organisations: Vec<Value> = state
        .organisations
        .iter()
        .map(Organisation::shown)
        .collect();
    let first = state.organisations.first();
    let base_url = address(request, "");
    json!({
        "stand_in": format!("onix {}", env!("CARGO_PKG_VERSION")),
        "now": extended(state.clock.now()),
        "clock": match state.clock {
            Clock::Running { .. } => "running",
            Clock::Standing { .. } => "standing",
        },
        "began": state.began,
        "configuration": first.map(|first| first.configuration(&base_url)),
        "seed": {
            "organisations": organisations,
            "dialect": state.switches.dialect.as_str(),
            "strict": state.strict,
            "switches": set(state.switches.to_json()),
        },
        "organisations": organisations,
        "dialect": state.switches.dialect.as_str(),
        "strict": state.strict,
        "switches": state.switches.in_force(),
        "faults": state.faults.to_json(),
        "usual_faults": USUAL.map(|(word, _)| word),
        "products": state.stock.products(),
        "sales": state.sales.sales().count(),
        "requests": state.log.count(),
        "orders": table("# What can be ordered", ["order", "what"]),
        "differences": table("# Known differences", ["of", "platform", "stand_in"]),
        "unknown": table("# What nobody knows", ["of", "stand_in"]),
    })
}

/// All orders in a row.
pub(super) fn orders() -> String {
    let orders = table("# What can be ordered", ["order", "what"]).into_iter();
    let orders = orders.filter_map(|row| Some(row["order"].as_str()?.to_owned()));
    orders.collect::<Vec<_>>().join(", ")
}

/// Switches that were set.
fn set(switches: Value) -> Value {
    let switches = switches.as_object().cloned().unwrap_or_default();
    let set = switches.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(set.collect())
}

/// The rows of the first table below a heading of the page, by these names.
fn table<const N: usize>(heading: &str, names: [&str; N]) -> Vec<Value> {
    let below = PAGE.lines().skip_while(|line| *line != heading);
    let rows = below
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    rows.map(|row| {
        let row = row.trim_matches('|').replace("\\|", "\u{0}");
        let cells = row
            .split('|')
            .map(|cell| plain(&cell.replace('\u{0}', "|")));
        let named = names.iter().map(|name| (*name).to_owned());
        Value::Object(named.zip(cells).collect::<Map<_, _>>())
    })
    .collect()
}

/// A cell without its markup.
fn plain(cell: &str) -> Value {
    json!(cell.trim().replace('`', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_the_page_are_found() {
        let rows = table("# Known differences", ["of", "platform", "stand_in"]);
        assert!(rows.len() >= 10, "{rows:?}");
        assert_eq!(rows[0]["of"], "transport");
        let rows = table("# What nobody knows", ["of", "stand_in"]);
        assert!(rows.len() >= 20, "{rows:?}");
        for row in rows {
            let filled = |name: &str| row[name].as_str().is_some_and(|text| !text.is_empty());
            assert!(filled("of") && filled("stand_in"), "{row}");
        }
        let orders = table("# What can be ordered", ["order", "what"]);
        assert_eq!(orders[0]["order"], "GET /__admin");
    }
}

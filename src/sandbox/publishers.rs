//! The publishers of an organisation's agreements, and the distributors that have them (CF-ORG, HUB).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::request::Answer;
use super::state::{Asked, Outcome, State};

/// `GET /api/organisations/[id]/publishers.json`: what the products say that the organisation sees.
pub(super) fn read(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let publishers = state.organisations[asked.organisation].publishers.clone();
    let mut names = BTreeSet::new();
    let mut distributors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for seen in state.stock.names_seen(&publishers) {
        let Some(publisher) = seen.publisher.clone() else {
            continue;
        };
        for supplier in &seen.suppliers {
            let of_distributor = distributors.entry(supplier.clone()).or_default();
            of_distributor.insert(publisher.clone());
        }
        names.insert(publisher);
    }
    Ok(Answer::json(200, &written(&names, &distributors)))
}

/// Ids are the numbers of the publishers among all names.
fn written(names: &BTreeSet<String>, distributors: &BTreeMap<String, BTreeSet<String>>) -> Value {
    let number = |name: &String| names.iter().position(|known| known == name).unwrap_or(0) + 1;
    let publishers = |names: &BTreeSet<String>| -> Vec<Value> {
        let names = names.iter();
        names.map(|name| partner(number(name), name)).collect()
    };
    let distributors = distributors
        .iter()
        .enumerate()
        .map(|(n, (name, of_distributor))| {
            let mut distributor = partner(names.len() + n + 1, name);
            distributor["publishers"] = publishers(of_distributor).into();
            distributor
        });
    json!({
        "publishers": publishers(names),
        "distributors": distributors.collect::<Vec<_>>(),
    })
}

/// All values are texts (CF-ORG).
fn partner(id: usize, name: &str) -> Value {
    json!({
        "id": id.to_string(),
        "name": name,
        "identifier": identifier(name),
        "website": "",
        "logo": "",
    })
}

/// A name as it could stand in an address.
fn identifier(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}

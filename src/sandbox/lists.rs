//! The former differential synchronisation (S4 1.1 and 1.2, OLD): lists of what changed are made first, and fetched then.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::clock::{Millis, is_within, second};
use super::feed::{metadata, no_format, no_moment, pages};
use super::markup::Markup;
use super::moments;
use super::page::Page;
use super::pieces::{Part, Table};
use super::request::{Answer, encoded};
use super::seed::{ListsBody, ResetAtDefault};
use super::service::Wire;
use super::state::{Asked, Outcome, State, address};
use super::words::Refusal;

/// How long a list can be read.
const DAY: Millis = 86_400_000;

/// The lists that were made.
#[derive(Debug, Clone)]
pub(super) struct Lists {
    pub(super) made: Table<List>,
    pub(super) count: u64,
}

/// A list: whose it is, of when, and which publications are on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct List {
    organisation: String,
    at: Millis,
    /// The second from which changes count.
    from: i64,
    /// Ids of publications, and of each the record behind which it begins here.
    publications: Vec<(String, Option<String>)>,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            made: Table::new(Part::List),
            count: 0,
        }
    }
}

impl Lists {
    /// Keeps a list under an id of its own.
    fn add(&mut self, list: List) -> String {
        self.made.retain(|known| is_within(known.at, list.at, DAY));
        self.count += 1;
        let id = self.count.to_string();
        self.made.insert(id.clone(), list);
        id
    }

    fn find(&self, id: &str, organisation: &str, now: Millis) -> Option<&List> {
        let list = self.made.get(id)?;
        (list.organisation == organisation && is_within(list.at, now, DAY)).then_some(list)
    }
}

/// `POST …/publications/lists`
pub(super) fn create(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let wire = wire(asked)?;
    let now = state.clock.now();
    let given = asked.request.parameter("reset_at");
    let given = given.map(|at| moments::since(&at).ok_or_else(|| no_moment("reset_at", &at, now)));
    let given = given.transpose()?;
    let from = second(given.or_else(|| before(state, asked)).unwrap_or(0));
    state.organisations[asked.organisation]
        .synchronised
        .by_lists(now);
    let ids = make(state, asked.organisation, from);
    let organisation = &state.organisations[asked.organisation].id;
    let organisation = encoded(organisation);
    let address = |id: String| {
        let path = format!(
            "/api/organisations/{organisation}/publications/lists/{id}.{}",
            wire.as_str()
        );
        address(asked.request, &path)
    };
    let addresses: Vec<String> = ids.into_iter().map(address).collect();
    Ok(vector(state, &addresses))
}

/// The format, by the parameter of S4 or the suffix of OLD; the suffix is the more particular.
fn wire(asked: &Asked<'_>) -> Outcome<Wire> {
    let parameter = || asked.request.parameter("format");
    let given = asked.route.suffix.clone().or_else(parameter);
    match given {
        None => Ok(Wire::Xml),
        Some(word) => Wire::of_word(&word).ok_or_else(|| no_format(&word)),
    }
}

/// Since when changes count where nobody says: if there was no call before, since ever.
fn before(state: &State, asked: &Asked<'_>) -> Option<Millis> {
    let synchronised = &state.organisations[asked.organisation].synchronised;
    match state.switches.reset_at_default {
        ResetAtDefault::Last => synchronised.last,
        ResetAtDefault::First => synchronised.first,
    }
}

/// Makes the lists of what changed since a second, and gives their ids.
fn make(state: &mut State, organisation: usize, from: i64) -> Vec<String> {
    let now = state.clock.now();
    let organisation = state.organisations[organisation].clone();
    let changed = state.stock.changed(from, second(now));
    let stock = &mut state.stock;
    let seen = changed
        .into_iter()
        .filter_map(|place| stock.seen(&place, &organisation.publishers, Some(from)));
    // Cut as ONIX has it, so that the list can be read in both formats.
    let contents: Vec<_> = pages(seen, Wire::Onix).map(Page::into_contents).collect();
    let lists = contents.into_iter().map(|publications| List {
        organisation: organisation.id.clone(),
        at: now,
        from,
        publications,
    });
    lists.map(|list| state.lists.add(list)).collect()
}

/// The addresses in the shape that was seeded.
fn vector(state: &State, addresses: &[String]) -> Answer {
    let status = state.switches.lists_status();
    match state.switches.lists_body {
        ListsBody::Json => Answer::json(status, &json!(addresses)),
        ListsBody::Lines => {
            let lines = addresses.iter().map(|address| format!("{address}\n"));
            Answer::new(status, "text/plain", lines.collect::<String>())
        }
        ListsBody::Xml => {
            let mut out = Markup::new();
            out.open("urls");
            for address in addresses {
                out.text("url", address);
            }
            out.close("urls");
            Answer::new(status, "text/xml; charset=utf-8", out.into_text())
        }
    }
}

/// `GET …/publications/lists/[list_id].[xml|onix]`: the publications of a list as they are now.
pub(super) fn read(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let suffix = asked.route.suffix.as_deref().unwrap_or_default();
    let wire = Wire::of_word(suffix).ok_or_else(|| Refusal::unknown_suffix(&["xml", "onix"]))?;
    let now = state.clock.now();
    let organisation = state.organisations[asked.organisation].clone();
    let list = state.lists.find(&asked.route.id, &organisation.id, now);
    let unknown = || {
        Refusal::not_found().because("no such list was made for this organisation in the last day")
    };
    let list = list.cloned().ok_or_else(unknown)?;
    let mut page = Page::new(wire);
    for (id, behind) in &list.publications {
        let place = state.stock.place(id);
        let seen = place.and_then(|place| {
            let publishers = &organisation.publishers;
            state.stock.seen(&place, publishers, Some(list.from))
        });
        if let Some(seen) = seen {
            page.take(seen, behind.as_deref());
        }
    }
    let about = "What changed among the publications of this stand-in";
    Ok(metadata(page.write(about, now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(at: Millis) -> List {
        List {
            organisation: "A".into(),
            at,
            from: 0,
            publications: Vec::new(),
        }
    }

    #[test]
    fn a_list_can_be_read_for_a_day_by_its_own_organisation() {
        let mut lists = Lists::default();
        let id = lists.add(list(0));
        assert!(lists.find(&id, "A", DAY - 1).is_some());
        assert!(lists.find(&id, "B", 0).is_none());
        assert!(lists.find(&id, "A", DAY).is_none());
        assert!(lists.find("no", "A", 0).is_none());
        lists.add(list(DAY));
        assert_eq!(lists.made.len(), 1);
    }
}

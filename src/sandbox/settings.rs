//! What of the state is small: seed, clock and counters, kept as one piece.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::{Clock, is_moment};
use super::organisation::{Organisation, Synchronised};
use super::pieces::{Part, Piece};
use super::seed::Seed;
use super::state::State;
use super::stock::Shelved;

/// Beside the seed.
#[derive(Serialize, Deserialize)]
struct Settings {
    /// What the stand-in could be seeded with, to be as it is now.
    seed: Value,
    clock: Clock,
    shelved: Shelved,
    /// Whether it stands above no catalogue.
    is_whole: bool,
    /// Of each organisation of the seed.
    synchronised: Vec<Synchronised>,
    lists: u64,
    links: u64,
}

/// The settings of a state, or of one that stands above no catalogue.
pub(super) fn of(state: &State, is_whole: bool) -> String {
    let organisations = &state.organisations;
    let settings = Settings {
        seed: seed(state),
        clock: state.clock.clone(),
        shelved: match is_whole {
            true => Shelved::default(),
            false => state.stock.shelved(),
        },
        is_whole: is_whole || state.stock.is_whole(),
        synchronised: organisations.iter().map(|one| one.synchronised).collect(),
        lists: state.lists.count,
        links: state.links.count,
    };
    serde_json::to_string(&settings).expect("the settings are plain data")
}

fn seed(state: &State) -> Value {
    let organisations = state.organisations.iter().map(Organisation::to_json);
    json!({
        "organisations": organisations.collect::<Vec<_>>(),
        "dialect": state.switches.dialect.as_str(),
        "strict": state.strict,
        "switches": state.switches.to_json(),
        "faults": state.faults.to_json(),
    })
}

pub(super) fn piece(settings: String) -> Piece {
    Piece {
        part: Part::Settings,
        key: "all".to_owned(),
        value: Some(settings),
    }
}

/// Makes an empty state begin as the settings say.
pub(super) fn restore(state: &mut State, value: &str) -> Option<()> {
    let settings: Settings = serde_json::from_str(value).ok()?;
    let seed = Seed::read(&settings.seed).ok()?;
    let is_sound = seed.organisations.len() == settings.synchronised.len()
        && settings.clock.is_sound()
        && is_moment(settings.shelved.at)
        && settings.lists.max(settings.links) < 1_000_000_000_000;
    if !is_sound {
        return None;
    }
    state.clock = settings.clock;
    state.switches = seed.switches;
    state.strict = seed.strict;
    state.organisations = seed.organisations;
    state.faults.add(seed.faults);
    let synchronised = settings.synchronised.into_iter();
    for (organisation, synchronised) in state.organisations.iter_mut().zip(synchronised) {
        organisation.synchronised = synchronised;
    }
    state.lists.count = settings.lists;
    state.links.count = settings.links;
    match settings.is_whole {
        true => state.stock.begin_whole(),
        false => {
            let now = state.clock.now();
            state.stock.go_on(&settings.shelved, now);
        }
    }
    Some(())
}

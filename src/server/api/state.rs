//! What the catalogue holds, how fresh it is, what changed, and what codes mean.

use serde_json::json;

use super::{Api, Asked, Outcome};
use crate::catalogue::Since;
use crate::model::Moment;
use crate::onix::codes::{self, List};
use crate::server::parameters::Taken;
use crate::server::problem::Problem;
use crate::server::reply::Reply;
use crate::shop::Freshness;

/// `GET /ready`: not, while the last synchronisation is too old.
pub(super) fn ready(api: &Api, asked: &Asked) -> Outcome {
    let freshness = Freshness::of(&api.catalogue, &api.account)?;
    let age_s = freshness.age_s(asked.now);
    let is_ready = match api.max_age {
        Some(max_age) => age_s.is_some_and(|age| age <= max_age),
        None => true,
    };
    let status = if is_ready { "ready" } else { "too_old" };
    let reply = json!({"status": status, "age_s": age_s, "max_age_s": api.max_age});
    Ok(Reply::json(if is_ready { 200 } else { 503 }, &reply))
}

/// `GET /metrics`
pub(super) fn metrics(api: &Api, asked: &Asked) -> Outcome {
    let freshness = Freshness::of(&api.catalogue, &api.account)?;
    let told = api.meters.told(&freshness, asked.now);
    Ok(Reply::new(200, "text/plain; version=0.0.4", told))
}

/// `GET /v1/stats`
pub(super) fn stats(api: &Api, asked: Asked) -> Outcome {
    asked.parameters.end()?;
    let freshness = Freshness::of(&api.catalogue, &api.account)?;
    Ok(Reply::json(200, &freshness.told(asked.now)))
}

/// `GET /v1/changes?since=…`
pub(super) fn changes(api: &Api, mut asked: Asked) -> Outcome {
    let expected = "a generation such as 12, or a moment such as 2026-12-01";
    let since = asked.parameters.text("since")?.unwrap_or_default();
    let country = asked.parameters.country()?;
    asked.parameters.end()?;
    let parsed = Since::parse(&since, &api.account.zone);
    let parsed = parsed.ok_or_else(|| Problem::parameter("since", &since, expected))?;
    let changes = api.catalogue.changes(parsed, country, &api.account)?;
    Ok(Reply::list("changes", &changes))
}

/// `GET /v1/codes`
pub(super) fn code_lists(asked: Asked) -> Outcome {
    asked.parameters.end()?;
    let lists = codes::lists().map(|list| json!({"list": list.number(), "name": list.name()}));
    Ok(Reply::list("lists", &lists.collect::<Vec<_>>()))
}

/// `GET /v1/codes/{list}`
pub(super) fn codes(mut asked: Asked, list: &str) -> Outcome {
    let value = asked.parameters.text("value")?;
    let search = asked
        .parameters
        .text("search")?
        .map(|word| word.to_lowercase());
    asked.parameters.end()?;
    let list = listed(list)?;
    let codes = list.codes().filter(|code| {
        let is_value = value
            .as_ref()
            .is_none_or(|value| value.eq_ignore_ascii_case(code.value()));
        let label = || code.label().to_lowercase();
        is_value && search.as_ref().is_none_or(|word| label().contains(word))
    });
    let codes = codes.map(|code| {
        json!({"list": list.number(), "name": list.name(), "value": code.value(), "label": code.label(),
            "deprecated": code.deprecated()})
    });
    Ok(Reply::list("codes", &codes.collect::<Vec<_>>()))
}

fn listed(number: &str) -> Taken<List> {
    let found = number.parse().ok().and_then(codes::list);
    found.ok_or_else(|| Problem::not_found(format!("there is no code list {number}")))
}

/// The present moment, as handlers are given it.
pub(in crate::server) fn now() -> Moment {
    let now = jiff::Timestamp::now().as_second();
    Moment::from_unix(now)
}

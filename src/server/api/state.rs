//! What the catalogue holds, how fresh it is, what changed, and what codes mean.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, Asked, Outcome, shapes};
use crate::catalogue::{Change, Since};
use crate::model::Moment;
use crate::onix::codes::{self, List};
use crate::server::parameters::Taken;
use crate::server::problem::{PROBLEM, Problem, Told};
use crate::server::reply::Reply;
use crate::shop::Freshness;

/// The text format of Prometheus.
const METRICS: &str = "text/plain; version=0.0.4";

/// That the server lives.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    /// `ok`
    status: &'static str,
}

/// Whether the server lives.
#[utoipa::path(
    get,
    path = "/health",
    tag = "state",
    responses((status = 200, description = "It does", body = Health))
)]
pub(super) fn health(_: &Api, _: Asked, _: &str) -> Outcome {
    Ok(Reply::json(200, &Health { status: "ok" }))
}

/// Whether the catalogue is as fresh as it has to be.
#[derive(Serialize, ToSchema)]
pub(super) struct Ready {
    /// `ready` or `too_old`
    status: &'static str,
    /// How long ago the last synchronisation was, in seconds.
    age_s: Option<i64>,
    /// How long ago it may be.
    max_age_s: Option<i64>,
}

/// Whether the catalogue is as fresh as it has to be: not, while the last synchronisation is too old.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "state",
    responses(
        (status = 200, description = "It is", body = Ready),
        (status = 503, description = "It is too old", body = Ready),
    )
)]
pub(super) fn ready(api: &Api, asked: Asked, _: &str) -> Outcome {
    let freshness = Freshness::of(&api.catalogue, &api.account)?;
    let age_s = freshness.age_s(asked.now);
    let is_ready = match api.max_age {
        Some(max_age) => age_s.is_some_and(|age| age <= max_age),
        None => true,
    };
    let status = if is_ready { "ready" } else { "too_old" };
    let ready = Ready {
        status,
        age_s,
        max_age_s: api.max_age,
    };
    Ok(Reply::json(if is_ready { 200 } else { 503 }, &ready))
}

/// What is counted and measured, as Prometheus reads it.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "state",
    responses((status = 200, description = "In its text format", body = String, content_type = METRICS))
)]
pub(super) fn metrics(api: &Api, asked: Asked, _: &str) -> Outcome {
    let freshness = Freshness::of(&api.catalogue, &api.account)?;
    let told = api.meters.told(&freshness, asked.now);
    Ok(Reply::new(200, METRICS, told))
}

/// What the catalogue holds, and how fresh it is.
#[utoipa::path(
    get,
    path = "/v1/stats",
    tag = "state",
    responses((status = 200, description = "As `onix stats --json` prints it", body = shapes::Fresh))
)]
pub(super) fn stats(api: &Api, asked: Asked, _: &str) -> Outcome {
    asked.parameters.end()?;
    let freshness = Freshness::of(&api.catalogue, &api.account)?;
    Ok(Reply::json(200, &freshness.told(asked.now)).of_this_moment())
}

/// What changed for sale.
#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    changes: Vec<Change>,
}

/// What changed for sale since a generation or a moment.
#[utoipa::path(
    get,
    path = "/v1/changes",
    tag = "state",
    params(
        shapes::Since,
        shapes::InCountry,
    ),
    responses((status = 200, description = "The oldest at first", body = Changes))
)]
pub(super) fn changes(api: &Api, mut asked: Asked, _: &str) -> Outcome {
    let expected = "a generation such as 12, or a moment such as 2026-12-01";
    let since = asked.parameters.text("since")?.unwrap_or_default();
    let country = asked.parameters.country()?;
    asked.parameters.end()?;
    let parsed = Since::parse(&since, &api.account.zone);
    let parsed = parsed.ok_or_else(|| Problem::parameter("since", &since, expected))?;
    let changes = api.catalogue.changes(parsed, country, &api.account)?;
    Ok(Reply::json(200, &Changes { changes }))
}

/// The code lists.
#[derive(Serialize, ToSchema)]
pub(super) struct Lists {
    lists: Vec<Listed>,
}

/// A code list.
#[derive(Serialize, ToSchema)]
struct Listed {
    /// Its number.
    list: u16,
    /// Its name.
    name: &'static str,
}

/// All lists, or some codes.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "for the document")]
pub(super) enum ListsOrCodes {
    Lists(Lists),
    Codes(Codes),
}

/// The code lists of ONIX.
#[utoipa::path(
    get,
    path = "/v1/codes",
    tag = "codes",
    params(("search" = Option<String>, Query, description = "A part of what a code means, in any list")),
    responses((status = 200, description = "By their numbers; the codes, where some are looked for", body = ListsOrCodes))
)]
pub(super) fn code_lists(_: &Api, mut asked: Asked, _: &str) -> Outcome {
    let search = asked.parameters.text("search")?;
    asked.parameters.end()?;
    if search.is_some() {
        return Ok(found(codes::lists(), None, search.as_deref()));
    }
    let lists = codes::lists().map(|list| Listed {
        list: list.number(),
        name: list.name(),
    });
    let lists = lists.collect();
    Ok(Reply::json(200, &Lists { lists }))
}

/// Codes of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Codes {
    codes: Vec<ListedCode>,
}

/// A code of a list.
#[derive(Serialize, ToSchema)]
struct ListedCode {
    /// The list's number.
    list: u16,
    /// The list's name.
    name: &'static str,
    /// The code.
    value: &'static str,
    /// What it means.
    label: &'static str,
    /// The issue of the lists that deprecated it.
    deprecated: Option<u16>,
}

/// The codes of a list.
#[utoipa::path(
    get,
    path = "/v1/codes/{list}",
    tag = "codes",
    params(
        ("list" = u16, Path, description = "The number of the list"),
        ("value" = Option<String>, Query, description = "The one code, in any case"),
        ("search" = Option<String>, Query, description = "A part of what it means"),
    ),
    responses(
        (status = 200, description = "In their order", body = Codes),
        (status = 404, description = "There is no such list", body = Told, content_type = PROBLEM),
    )
)]
pub(super) fn codes(_: &Api, mut asked: Asked, list: &str) -> Outcome {
    let value = asked.parameters.text("value")?;
    let search = asked.parameters.text("search")?;
    asked.parameters.end()?;
    let list = std::iter::once(listed(list)?);
    Ok(found(list, value.as_deref(), search.as_deref()))
}

/// Codes of these lists: those of a value, and of a meaning that has some text in it.
fn found(lists: impl Iterator<Item = List>, value: Option<&str>, search: Option<&str>) -> Reply {
    let search = search.map(str::to_lowercase);
    let codes = lists.flat_map(|list| list.codes().map(move |code| (list, code)));
    let codes = codes.filter(|(_, code)| {
        let is_value = value.is_none_or(|value| value.eq_ignore_ascii_case(code.value()));
        let label = || code.label().to_lowercase();
        is_value && search.as_ref().is_none_or(|word| label().contains(word))
    });
    let codes = codes.map(|(list, code)| ListedCode {
        list: list.number(),
        name: list.name(),
        value: code.value(),
        label: code.label(),
        deprecated: code.deprecated(),
    });
    let codes = codes.collect();
    Reply::json(200, &Codes { codes })
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

//! Books: found, shown, and what may be sold of them.

use serde::Serialize;
use serde_json::json;

use super::{Api, Asked, Outcome};
use crate::catalogue::{FACETS, Lookup, Search};
use crate::model::Moment;
use crate::sale::OfferFilter;
use crate::server::parameters::{Parameters, Taken};
use crate::server::problem::Problem;
use crate::server::reply::Reply;

/// Identifiers that are looked up at once at most.
const LOOKUPS: usize = 10_000;

/// `GET /v1/search`
pub(super) fn search(api: &Api, mut asked: Asked) -> Outcome {
    let search = asked.parameters.search(&api.account, asked.now)?;
    asked.parameters.end()?;
    Ok(Reply::json(200, &api.catalogue.search(&search)?))
}

/// `GET /v1/facets`: all of them, unless some are asked for.
pub(super) fn facets(api: &Api, mut asked: Asked) -> Outcome {
    let search = asked.parameters.search(&api.account, asked.now)?;
    asked.parameters.end()?;
    let facets = match search.facets.is_empty() {
        // Prices of several currencies make no bands.
        true => {
            let is_priced = search.offer.currency.is_some();
            let all = FACETS
                .into_iter()
                .filter(|name| is_priced || *name != "price");
            all.map(str::to_owned).collect()
        }
        false => search.facets.clone(),
    };
    let page = api.catalogue.search(&Search {
        facets,
        limit: 1,
        ..search
    })?;
    Ok(Reply::json(
        200,
        &json!({"total": page.total, "facets": page.facets}),
    ))
}

/// `GET /v1/suggest`
pub(super) fn suggest(api: &Api, mut asked: Asked) -> Outcome {
    let words = asked.parameters.text("q")?.unwrap_or_default();
    let audience = asked.parameters.audience()?;
    let limit = asked
        .parameters
        .number("limit")?
        .unwrap_or(10_usize)
        .min(100);
    asked.parameters.end()?;
    let suggestions = api.catalogue.suggest(&words, audience, limit)?;
    Ok(Reply::list("suggestions", &suggestions))
}

/// `GET /v1/products/{id}`
pub(super) fn product(api: &Api, mut asked: Asked, id: &str) -> Outcome {
    let source = asked.parameters.text("source")?;
    asked.parameters.end()?;
    let found = api.catalogue.product(id, source.as_deref())?;
    if found.is_empty() {
        return Err(unknown(id));
    }
    let mut products = Vec::with_capacity(found.len());
    for kept in &found {
        let mut view = kept.view()?;
        view["work"] = json!(
            api.catalogue
                .work(&kept.source, &kept.entry.record_reference)
        );
        products.push(view);
    }
    Ok(Reply::list("products", &products))
}

/// `GET /v1/products/{id}/offers`
pub(super) fn offers(api: &Api, mut asked: Asked, id: &str) -> Outcome {
    let (filter, at) = offer(api, &mut asked.parameters, asked.now)?;
    let source = asked.parameters.text("source")?;
    asked.parameters.end()?;
    let found = api.catalogue.offers(id)?.into_iter();
    let found: Vec<_> = found
        .filter(|(kept, _)| source.as_ref().is_none_or(|source| *source == kept.source))
        .collect();
    if found.is_empty() {
        return Err(unknown(id));
    }
    let rows = found
        .iter()
        .flat_map(|(kept, offers)| kept.offer_rows(offers, &filter, at, &api.account));
    Ok(Reply::list("offers", &rows.collect::<Vec<_>>()))
}

/// `GET /v1/products/{id}/similar`
pub(super) fn similar(api: &Api, mut asked: Asked, id: &str) -> Outcome {
    let (offer, at) = offer(api, &mut asked.parameters, asked.now)?;
    let search = Search {
        audience: asked.parameters.audience()?,
        limit: asked
            .parameters
            .number("limit")?
            .unwrap_or(10_usize)
            .min(100),
        offer,
        at,
        account: api.account.clone(),
        ..Search::default()
    };
    asked.parameters.end()?;
    let hits = api.catalogue.similar(id, &search)?;
    let hits = hits.ok_or_else(|| unknown(id))?;
    Ok(Reply::list("hits", &hits))
}

/// A line of `onix lookup`.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    found: bool,
    #[serde(flatten)]
    product: Option<Lookup>,
}

/// `GET /v1/lookup?id=…&id=…`, or `POST` with `{"ids":[…]}`
pub(super) fn lookup(api: &Api, mut asked: Asked) -> Outcome {
    let (filter, at) = offer(api, &mut asked.parameters, asked.now)?;
    let mut ids = asked.parameters.all("id");
    asked.parameters.end()?;
    if asked.method == "POST" {
        ids.extend(ids_of(&asked.body)?);
    }
    if ids.is_empty() || ids.len() > LOOKUPS {
        let given = format!("{} identifiers", ids.len());
        let expected = format!("one to {LOOKUPS}");
        return Err(Problem::parameter("id", &given, &expected));
    }
    let mut products = Vec::with_capacity(ids.len());
    for id in &ids {
        let found = api.catalogue.lookup(id, &filter, at, &api.account);
        if found.is_empty() {
            products.push(Line {
                id,
                found: false,
                product: None,
            });
        }
        let found = found.into_iter().map(Some);
        products.extend(found.map(|product| Line {
            id,
            found: true,
            product,
        }));
    }
    Ok(Reply::list("products", &products))
}

fn ids_of(body: &[u8]) -> Taken<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Ids {
        ids: Vec<String>,
    }
    let read: Result<Ids, _> = serde_json::from_slice(body);
    let read = read
        .map_err(|error| Problem::parameter("body", &error.to_string(), "{\"ids\":[\"978…\"]}"));
    Ok(read?.ids)
}

fn offer(api: &Api, parameters: &mut Parameters, now: Moment) -> Taken<(OfferFilter, Moment)> {
    Ok((parameters.offer()?, parameters.at(&api.account, now)?))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(format!("nothing is known as {id}"))
}

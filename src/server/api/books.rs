//! Books: found, shown, and what may be sold of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::shapes;
use super::{Api, Asked, Outcome};
use crate::catalogue::{
    FACETS, FacetCount, Hit, Kept, Lookup, OfferRow, Page, Search, Suggestion, WorkMember,
};
use crate::model::Moment;
use crate::sale::OfferFilter;
use crate::server::parameters::{Parameters, Taken};
use crate::server::problem::{PROBLEM, Problem, Told};
use crate::server::reply::Reply;

/// Identifiers that are looked up at once at most.
const LOOKUPS: usize = 10_000;

/// Books found by words and filters.
#[utoipa::path(
    get,
    path = "/v1/search",
    tag = "books",
    params(shapes::Search, shapes::Offer, shapes::SoughtOffer, shapes::At, shapes::For),
    responses((status = 200, description = "A page of hits", body = Page))
)]
pub(super) fn search(api: &Api, mut asked: Asked, _: &str) -> Outcome {
    let search = asked.parameters.search(&api.account, asked.now)?;
    asked.parameters.end()?;
    Ok(Reply::json(200, &api.catalogue.search(&search)?))
}

/// How many books a search finds, by the values of fields.
#[derive(Serialize, ToSchema)]
pub(super) struct Facets {
    /// How many products there are in all.
    total: u64,
    /// By the facet's name.
    facets: BTreeMap<String, Vec<FacetCount>>,
}

/// How many books a search finds, by facets: all of them, unless some are asked for.
#[utoipa::path(
    get,
    path = "/v1/facets",
    tag = "books",
    params(shapes::Search, shapes::Offer, shapes::SoughtOffer, shapes::At, shapes::For),
    responses((status = 200, description = "Counts by value", body = Facets))
)]
pub(super) fn facets(api: &Api, mut asked: Asked, _: &str) -> Outcome {
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
        &Facets {
            total: page.total,
            facets: page.facets,
        },
    ))
}

/// Completions of what is being typed.
#[derive(Serialize, ToSchema)]
pub(super) struct Suggestions {
    suggestions: Vec<Suggestion>,
}

/// Completions of what is being typed.
#[utoipa::path(
    get,
    path = "/v1/suggest",
    tag = "books",
    params(
        ("q" = Option<String>, Query, description = "What has been typed"),
        shapes::For,
        shapes::Few,
    ),
    responses((status = 200, description = "The most frequent at first", body = Suggestions))
)]
pub(super) fn suggest(api: &Api, mut asked: Asked, _: &str) -> Outcome {
    let words = asked.parameters.text("q")?.unwrap_or_default();
    let audience = asked.parameters.audience()?;
    let limit = asked.parameters.few()?;
    asked.parameters.end()?;
    let suggestions = api.catalogue.suggest(&words, audience, limit)?;
    Ok(Reply::json(200, &Suggestions { suggestions }))
}

/// The products that an identifier leads to.
#[derive(Serialize, ToSchema)]
pub(super) struct Products {
    products: Vec<Product>,
}

/// A product, and what else there is of its work.
#[derive(Serialize, ToSchema)]
struct Product {
    #[serde(flatten)]
    #[schema(value_type = shapes::Known)]
    known: Value,
    /// The other products of its work.
    work: Vec<WorkMember>,
}

impl Product {
    fn of(api: &Api, kept: &Kept) -> Taken<Self> {
        let reference = &kept.entry.record_reference;
        Ok(Self {
            known: kept.view()?,
            work: api.catalogue.work(&kept.source, reference),
        })
    }
}

/// All that is known of a product.
#[utoipa::path(
    get,
    path = "/v1/products/{id}",
    tag = "books",
    params(shapes::Id, shapes::Source),
    responses(
        (status = 200, description = "The products of the identifier", body = Products),
        (status = 404, description = "Nothing is known by it", body = Told, content_type = PROBLEM),
    )
)]
pub(super) fn product(api: &Api, mut asked: Asked, id: &str) -> Outcome {
    let source = asked.parameters.text("source")?;
    asked.parameters.end()?;
    let found = api.catalogue.product(id, source.as_deref())?;
    if found.is_empty() {
        return Err(unknown(id));
    }
    let products = found.iter().map(|kept| Product::of(api, kept));
    let products = products.collect::<Taken<_>>()?;
    Ok(Reply::json(200, &Products { products }))
}

/// What may be sold of a product.
#[derive(Serialize, ToSchema)]
pub(super) struct Offers {
    offers: Vec<OfferRow>,
}

/// Every price of a product, and what may be done with it.
#[utoipa::path(
    get,
    path = "/v1/products/{id}/offers",
    tag = "sales",
    params(shapes::Id, shapes::Offer, shapes::At, shapes::Source),
    responses(
        (status = 200, description = "The offers of the products of the identifier", body = Offers),
        (status = 404, description = "Nothing is known by it, or no records are kept", body = Told, content_type = PROBLEM),
    )
)]
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
    let offers = found
        .iter()
        .flat_map(|(kept, offers)| kept.offer_rows(offers, &filter, at, &api.account));
    let offers = offers.collect();
    Ok(Reply::json(200, &Offers { offers }))
}

/// Products that are like one.
#[derive(Serialize, ToSchema)]
pub(super) struct Hits {
    hits: Vec<Hit>,
}

/// Products like this one.
#[utoipa::path(
    get,
    path = "/v1/products/{id}/similar",
    tag = "books",
    params(shapes::Id, shapes::Offer, shapes::At, shapes::For, shapes::Few),
    responses(
        (status = 200, description = "The likest at first", body = Hits),
        (status = 404, description = "Nothing is known by the identifier", body = Told, content_type = PROBLEM),
    )
)]
pub(super) fn similar(api: &Api, mut asked: Asked, id: &str) -> Outcome {
    let (offer, at) = offer(api, &mut asked.parameters, asked.now)?;
    let search = Search {
        audience: asked.parameters.audience()?,
        limit: asked.parameters.few()?,
        offer,
        at,
        account: api.account.clone(),
        ..Search::default()
    };
    asked.parameters.end()?;
    let hits = api.catalogue.similar(id, &search)?;
    let hits = hits.ok_or_else(|| unknown(id))?;
    Ok(Reply::json(200, &Hits { hits }))
}

/// What identifiers lead to.
#[derive(Serialize, ToSchema)]
pub(super) struct Lookups {
    products: Vec<Line>,
}

/// What an identifier leads to, which may be several lines.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Line {
    Found(Box<Found>),
    NotFound(NotFound),
}

/// A product of an identifier.
#[derive(Serialize, ToSchema)]
struct Found {
    id: String,
    #[schema(schema_with = shapes::always)]
    found: bool,
    #[serde(flatten)]
    product: Lookup,
}

/// An identifier of nothing.
#[derive(Serialize, ToSchema)]
struct NotFound {
    id: String,
    #[schema(schema_with = shapes::never)]
    found: bool,
}

/// What of each identifier is for sale.
#[utoipa::path(
    get,
    path = "/v1/lookup",
    tag = "sales",
    params(
        shapes::Listed,
        shapes::Offer,
        shapes::At,
    ),
    responses((status = 200, description = "In the order of the identifiers", body = Lookups))
)]
pub(super) fn lookup(api: &Api, mut asked: Asked, _: &str) -> Outcome {
    let ids = asked.parameters.all("id");
    looked_up(api, asked, |_| Ok(ids))
}

/// Identifiers to be looked up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ids {
    /// Of any kind.
    #[schema(value_type = Vec<shapes::Identifier>, min_items = 1, max_items = 10_000)]
    ids: Vec<String>,
}

/// What of each identifier is for sale; of more identifiers than an address holds.
#[utoipa::path(
    post,
    path = "/v1/lookup",
    tag = "sales",
    params(shapes::Offer, shapes::At),
    request_body = Ids,
    responses((status = 200, description = "In the order of the identifiers", body = Lookups))
)]
pub(super) fn lookup_many(api: &Api, asked: Asked, _: &str) -> Outcome {
    looked_up(api, asked, |body| {
        let read: Result<Ids, _> = serde_json::from_slice(body);
        let wrong = |error: serde_json::Error| {
            Problem::parameter("body", &error.to_string(), "{\"ids\":[\"978…\"]}")
        };
        Ok(read.map_err(wrong)?.ids)
    })
}

fn looked_up(
    api: &Api,
    mut asked: Asked,
    ids: impl FnOnce(&[u8]) -> Taken<Vec<String>>,
) -> Outcome {
    let (filter, at) = offer(api, &mut asked.parameters, asked.now)?;
    asked.parameters.end()?;
    let ids = ids(&asked.body)?;
    if ids.is_empty() || ids.len() > LOOKUPS {
        let given = format!("{} identifiers", ids.len());
        let expected = format!("one to {LOOKUPS}");
        return Err(Problem::parameter("id", &given, &expected));
    }
    if ids.iter().any(String::is_empty) {
        return Err(Problem::parameter("id", "", "an identifier"));
    }
    let mut products = Vec::with_capacity(ids.len());
    for id in ids {
        let found = api.catalogue.lookup(&id, &filter, at, &api.account);
        if found.is_empty() {
            let id = id.clone();
            products.push(Line::NotFound(NotFound { id, found: false }));
        }
        products.extend(found.into_iter().map(|product| {
            Line::Found(Box::new(Found {
                id: id.clone(),
                found: true,
                product,
            }))
        }));
    }
    Ok(Reply::json(200, &Lookups { products }))
}

fn offer(api: &Api, parameters: &mut Parameters, now: Moment) -> Taken<(OfferFilter, Moment)> {
    Ok((parameters.offer()?, parameters.at(&api.account, now)?))
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(format!("nothing is known as {id}"))
}

//! Where each path leads.

use super::{Api, Asked, Outcome, books, check, document, platform, state};
use crate::server::page;
use crate::server::problem::Problem;

/// What answers a request; the text is what the last variable of the path stands for.
type Handler = fn(&Api, Asked, &str) -> Outcome;

/// A method, a path, its service for whoever counts, and what answers. Where `GET` leads, `HEAD` does, too.
struct Route(&'static str, &'static str, &'static str, Handler);

#[rustfmt::skip]
const ROUTES: [Route; 21] = [
    Route("GET", "/health", "health", state::health),
    Route("GET", "/ready", "ready", state::ready),
    Route("GET", "/metrics", "metrics", state::metrics),
    Route("GET", "/v1/search", "search", books::search),
    Route("GET", "/v1/facets", "facets", books::facets),
    Route("GET", "/v1/suggest", "suggest", books::suggest),
    Route("GET", "/v1/products/{id}", "product", books::product),
    Route("GET", "/v1/products/{id}/offers", "offers", books::offers),
    Route("GET", "/v1/products/{id}/similar", "similar", books::similar),
    Route("GET", "/v1/products/{id}/check", "check", check::one),
    Route("POST", "/v1/check", "check", check::many),
    Route("GET", "/v1/lookup", "lookup", books::lookup),
    Route("POST", "/v1/lookup", "lookup", books::lookup_many),
    Route("GET", "/v1/changes", "changes", state::changes),
    Route("GET", "/v1/codes", "codes", state::code_lists),
    Route("GET", "/v1/codes/{list}", "codes", state::codes),
    Route("GET", "/v1/stats", "stats", state::stats),
    Route("GET", "/v1/openapi.json", "openapi", document::openapi),
    Route("GET", "/api/organisations/{organisation}/publications/{isbn}/sales/new", "simulate", platform::simulate),
    Route("GET", "/api/organisations/{organisation}/publications/{isbn}.onix", "one", platform::onix),
    Route("GET", "/api/organisations/{organisation}/publications/{isbn}.xml", "one", platform::xml),
];

impl Route {
    /// What the last variable stands for, where the path is of this route.
    fn matched<'p>(&self, path: &[&'p str]) -> Option<&'p str> {
        let pattern = self.1.split('/').skip(1);
        if pattern.clone().count() != path.len() {
            return None;
        }
        let mut last = "";
        for (part, segment) in pattern.zip(path) {
            match part.strip_prefix('{').and_then(|part| part.split_once('}')) {
                Some((_, ending)) => last = segment.strip_suffix(ending)?,
                None if part == *segment => {}
                None => return None,
            }
        }
        Some(last)
    }

    fn methods(&self) -> &'static [&'static str] {
        match self.0 {
            "GET" => &["GET", "HEAD"],
            _ => &["POST"],
        }
    }
}

/// The service that a path is of.
pub(in crate::server) fn service(path: &str) -> &'static str {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let segments: Vec<&str> = segments.collect();
    let mut routes = ROUTES.iter();
    match routes.find(|route| route.matched(&segments).is_some()) {
        Some(Route(_, _, service, _)) => service,
        None if segments.first() == Some(&"covers") => "cover",
        None => page::service(&segments).unwrap_or("none"),
    }
}

pub(super) fn answer(api: &Api, asked: Asked) -> Outcome {
    let path = asked.path.clone();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let mut allowed: Vec<&str> = Vec::new();
    for route in &ROUTES {
        let Some(last) = route.matched(&path) else {
            continue;
        };
        if route.methods().contains(&asked.method.as_str()) {
            return (route.3)(api, asked, last);
        }
        allowed.extend(route.methods());
    }
    match allowed.is_empty() {
        true => Err(Problem::not_found("nothing is at this path")),
        false => {
            let refused = Problem::not_allowed(&asked.method).to_reply();
            Ok(refused.with_header("Allow", allowed.join(", ")))
        }
    }
}

/// Each method and path; those of `HEAD` aren't described.
#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = String> {
    ROUTES
        .iter()
        .map(|Route(method, path, ..)| format!("{method} {path}"))
}

//! The platform's own paths, answered from the catalogue: a shop that asks the platform before a sale can ask here by another
//! host name, and hears sooner. Nothing is ever sold here.

use serde_json::json;

use super::{Api, Asked, Outcome};
use crate::catalogue::{FoundBy, Kept};
use crate::model::{Code, Judgement, Kind, SaleRequest};
use crate::sandbox::written;
use crate::server::parameters::SALE;
use crate::server::problem::Problem;
use crate::server::reply::Reply;

/// `GET /api/organisations/{organisation}/publications/{isbn}/sales/new`: the words that the platform would answer.
///
/// Where the catalogue doesn't tell, nobody may count on the sale: that is answered as the platform answers when it can't, with
/// `service_unavailable`, and what isn't known stands in a header.
pub(super) fn simulate(api: &Api, mut asked: Asked, id: &str) -> Outcome {
    let request = SaleRequest::new(Kind::Simulation, id, asked.now);
    let request = SALE.into_iter().fold(request, |request, name| {
        match asked.parameters.all(name).into_iter().next() {
            Some(value) => request.with(name, value),
            None => request,
        }
    });
    let verdict = api.catalogue.judge(&request, &api.account)?;
    let codes: Vec<&str> = verdict.codes.iter().map(|code| code.as_str()).collect();
    Ok(match verdict.verdict {
        Judgement::Valid => Reply::new(200, "text/plain", "valid"),
        Judgement::Unknown => Reply::json(503, &json!(["service_unavailable"]))
            .with_header("X-Missing", verdict.missing.join(", ")),
        Judgement::Refused => {
            let is_unknown = verdict.codes.contains(&Code::NotFound);
            let codes = match codes.is_empty() {
                true => vec![Code::InvalidSaleParameters.as_str()],
                false => codes,
            };
            Reply::json(if is_unknown { 404 } else { 400 }, &codes)
        }
    })
}

/// `GET /api/organisations/{organisation}/publications/{isbn}.onix` and `.xml`
pub(super) fn publication(api: &Api, asked: &Asked, name: &str) -> Outcome {
    let not_found = || Reply::json(404, &json!(["not_found"]));
    let (id, is_xml) = match name.rsplit_once('.') {
        Some((id, "onix")) => (id, false),
        Some((id, "xml")) => (id, true),
        _ => return Ok(not_found()),
    };
    let found = api.catalogue.product(id, None)?.into_iter();
    let own: Vec<Kept> = found.filter(|kept| kept.found_by == FoundBy::Own).collect();
    let written = written(&own, is_xml, asked.now).map_err(Problem::from)?;
    Ok(match written {
        Some(page) => Reply::new(200, "text/xml; charset=utf-8", page),
        None => not_found(),
    })
}

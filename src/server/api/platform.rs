//! The platform's own paths, answered from the catalogue: a shop that asks the platform before a sale can ask here by another
//! host name, and hears sooner. Nothing is ever sold here.

use super::{Api, Asked, Outcome, shapes};
use crate::catalogue::{FoundBy, Kept};
use crate::error::ErrorKind;
use crate::model::{Code, Format, Judgement, Kind, SaleRequest};
use crate::sandbox::{publication_of, words_without_code, written};
use crate::server::parameters::{SALE, Taken};
use crate::server::problem::Told;
use crate::server::reply::Reply;

const XML: &str = "text/xml; charset=utf-8";

/// The words that the platform would answer to a simulation.
///
/// Where the catalogue doesn't tell, nobody may count on the sale: that is answered as the platform answers when it can't, with
/// `service_unavailable`, and what isn't known stands in a header.
#[utoipa::path(
    get,
    path = "/api/organisations/{organisation}/publications/{isbn}/sales/new",
    tag = "platform",
    params(shapes::Publication, shapes::Sale),
    responses(
        (status = 200, description = "It would be taken", body = String, content_type = "text/plain", example = "valid"),
        (status = 400, description = "It would be refused", body = Vec<Code>),
        (status = 404, description = "There is no such publication", body = Vec<Code>),
        (
            status = 503,
            description = "The catalogue doesn't tell, or too much is being looked for at once",
            content((Vec<String> = "application/json"), (Told = "application/problem+json")),
            headers(
                ("X-Missing" = String, description = "What isn't known"),
                ("Retry-After" = String, description = "In seconds"),
            ),
        ),
    )
)]
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
        Judgement::Unknown => unavailable().with_header("X-Missing", verdict.missing.join(", ")),
        Judgement::Refused => {
            let is_unknown = verdict.codes.contains(&Code::NotFound);
            let codes = match codes.is_empty() {
                true => without_code(api, &request)?,
                false => codes,
            };
            Reply::json(if is_unknown { 404 } else { 400 }, &codes)
        }
    })
}

/// What the platform would answer where no document has a code for what is wrong.
fn without_code(api: &Api, request: &SaleRequest) -> Taken<Vec<&'static str>> {
    let reasons = api.catalogue.check(request, &api.account)?.reasons;
    let words = words_without_code(&reasons);
    Ok(match words.is_empty() {
        true => vec![Code::InvalidSaleParameters.as_str()],
        false => words,
    })
}

/// The publication as the platform gives it out, in ONIX.
#[utoipa::path(
    get,
    path = "/api/organisations/{organisation}/publications/{isbn}.onix",
    tag = "platform",
    params(shapes::Publication),
    responses(
        (status = 200, description = "A message with its products", body = String, content_type = XML),
        (status = 404, description = "There is no such publication", body = Vec<Code>),
        (
            status = 503,
            description = "The catalogue keeps no records, or too much is being looked for at once",
            content((Vec<String> = "application/json"), (Told = "application/problem+json")),
            headers(("Retry-After" = String, description = "In seconds")),
        ),
    )
)]
pub(super) fn onix(api: &Api, asked: Asked, id: &str) -> Outcome {
    publication(api, &asked, id, false)
}

/// The publication as the platform gives it out, in a format of its own.
#[utoipa::path(
    get,
    path = "/api/organisations/{organisation}/publications/{isbn}.xml",
    tag = "platform",
    params(shapes::Publication),
    responses(
        (status = 200, description = "A page with its formats", body = String, content_type = XML),
        (status = 404, description = "There is no such publication", body = Vec<Code>),
        (
            status = 503,
            description = "The catalogue keeps no records, or too much is being looked for at once",
            content((Vec<String> = "application/json"), (Told = "application/problem+json")),
            headers(("Retry-After" = String, description = "In seconds")),
        ),
    )
)]
pub(super) fn xml(api: &Api, asked: Asked, id: &str) -> Outcome {
    publication(api, &asked, id, true)
}

fn publication(api: &Api, asked: &Asked, id: &str, is_xml: bool) -> Outcome {
    let found = api.catalogue.product(id, None)?.into_iter();
    let mut own: Vec<Kept> = found.filter(|kept| kept.found_by == FoundBy::Own).collect();
    if is_xml {
        own = whole(api, own)?;
    }
    Ok(match written(&own, is_xml, asked.now) {
        Ok(Some(page)) => Reply::new(200, XML, page),
        Ok(None) => Reply::json(404, &[Code::NotFound]),
        // A shop that heard that there is none might take the book away.
        Err(error) if matches!(error.kind(), ErrorKind::NotKept) => unavailable(),
        Err(error) => return Err(error.into()),
    })
}

/// These products with the others of their publications, each of which has a key of publication and format.
fn whole(api: &Api, products: Vec<Kept>) -> Taken<Vec<Kept>> {
    let mut out: Vec<Kept> = Vec::new();
    let add = |kept: Kept, out: &mut Vec<Kept>| {
        let is_it = |other: &Kept| {
            other.source == kept.source
                && other.entry.record_reference == kept.entry.record_reference
        };
        if !out.iter().any(is_it) {
            out.push(kept);
        }
    };
    for kept in products {
        let publication = publication_of(&kept.entry.record_reference).to_owned();
        let source = kept.source.clone();
        add(kept, &mut out);
        for format in Format::ALL {
            let reference = format!("{publication}-{format}");
            if let Some(other) = api.catalogue.keyed(&source, &reference)? {
                add(other, &mut out);
            }
        }
    }
    Ok(out)
}

/// As the platform says that it can't answer.
fn unavailable() -> Reply {
    Reply::json(503, &["service_unavailable"])
}

//! The stand-in of the platform on HTTP: a request becomes a value, its answer a response.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::cut::{Cut, Unanswered};
use super::hosts::Hosts;
use crate::sandbox::{ADMIN, Answer, Request as Asked, Sandbox};

/// Bytes of a catalogue at most.
const CATALOGUE: usize = 64 << 20;

/// Bytes of an export that is brought back at most.
const IMPORT: usize = 1 << 30;

/// Bytes of any other body at most.
const OTHER: usize = 1 << 20;

/// How long a client may take for a body.
const BODY: Duration = Duration::from_secs(60);

/// What is served, and under which names.
pub(super) struct StandIn {
    sandbox: Arc<Sandbox>,
    hosts: Hosts,
}

impl StandIn {
    pub(super) fn new(sandbox: Arc<Sandbox>, hosts: &[String]) -> Self {
        Self {
            sandbox,
            hosts: Hosts::new(hosts),
        }
    }
}

pub(super) fn router(stand_in: StandIn) -> Router {
    Router::new()
        .fallback(answer)
        .with_state(Arc::new(stand_in))
}

async fn answer(State(stand_in): State<Arc<StandIn>>, request: Request) -> Response {
    if !stand_in.hosts.is_host(request.headers()) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "not a name of this server");
    }
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    if stand_in.hosts.is_foreign(request.headers(), is_reading) {
        return plain(StatusCode::FORBIDDEN, "not from a page of another server");
    }
    let asked = match read(request).await {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    let sandbox = Arc::clone(&stand_in.sandbox);
    let answered = tokio::task::spawn_blocking(move || sandbox.answer(&asked)).await;
    match answered {
        Ok(answer) => {
            tokio::time::sleep(answer.delay).await;
            response(answer)
        }
        // It panicked. Others are served all the same.
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "the stand-in failed"),
    }
}

/// The request as a value, with its body.
async fn read(request: Request) -> Result<Asked, Response> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let limit = match path.strip_prefix(ADMIN) {
        Some("/catalogue") => CATALOGUE,
        Some("/import") => IMPORT,
        _ => OTHER,
    };
    if length(&parts.headers).is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), value.into_owned())
    });
    Ok(Asked {
        method: parts.method.to_string(),
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: bytes(body, limit).await?,
    })
}

fn length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

async fn bytes(body: Body, limit: usize) -> Result<Vec<u8>, Response> {
    let collected = Limited::new(body, limit).collect();
    match tokio::time::timeout(BODY, collected).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(_)) => Err(plain(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => Err(plain(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
    }
}

fn too_large(limit: usize) -> Response {
    let what = format!("the body is larger than {limit} bytes");
    plain(StatusCode::PAYLOAD_TOO_LARGE, &what)
}

/// A response of the server itself, in words.
fn plain(status: StatusCode, what: &str) -> Response {
    let mut response = Response::new(Body::from(what.to_owned()));
    *response.status_mut() = status;
    response
}

fn response(answer: Answer) -> Response {
    let body = match answer.cut_after {
        None => Body::from(answer.body),
        Some(0) => Body::empty(),
        Some(after) => Body::new(Cut::new(answer.body, after)),
    };
    let mut response = Response::builder()
        .status(answer.status)
        // No page of another origin is to make anything of it.
        .header("X-Content-Type-Options", "nosniff")
        .header("Cross-Origin-Resource-Policy", "same-origin");
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    match response.body(body) {
        Ok(mut response) => {
            if answer.cut_after == Some(0) {
                response.extensions_mut().insert(Unanswered);
            }
            response
        }
        // A header that was ordered with a fault.
        Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "a header that can't be sent",
        ),
    }
}

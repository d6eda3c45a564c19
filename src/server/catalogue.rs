//! The catalogue on HTTP: who may ask, how much, and what goes into the log.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Limited};

use super::api::{Api, Asked, now, service};
use super::hosts::Hosts;
use super::page::Preferences;
use super::parameters::Parameters;
use super::problem::Problem;
use super::reply::Reply;
use crate::sandbox::decoded;

/// Bytes of a body at most.
const BODY: usize = 1 << 20;

/// How long a client may take for a body.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is served, to whom, and under which names.
pub(super) struct Served {
    pub(super) api: Arc<Api>,
    pub(super) hosts: Hosts,
    /// What has to be said by whoever asks, if anything has to.
    pub(super) token: Option<String>,
    /// Whether each request is told on standard error.
    pub(super) is_logged: bool,
}

pub(super) fn router(served: Served) -> Router {
    Router::new().fallback(answer).with_state(Arc::new(served))
}

async fn answer(State(served): State<Arc<Served>>, request: Request) -> Response {
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let method = parts.method.to_string();
    let path = parts.uri.path().to_owned();
    let reply = match served.refused(&method, &path, &parts.headers) {
        Some(refused) => refused,
        None => match bytes(body).await {
            Ok(body) => {
                let preferences = Preferences::of(&parts.headers);
                let mut asked = asked(&method, &path, parts.uri.query(), body, preferences);
                asked.takes_gzip = takes_gzip(&parts.headers);
                Arc::clone(&served.api).answer(asked).await
            }
            Err(refused) => refused,
        },
    };
    let took = begun.elapsed();
    served.api.meters.count(service(&path), reply.status, took);
    if served.is_logged {
        log(&method, &path, &reply, took);
    }
    response(reply, &method, &parts.headers)
}

impl Served {
    /// The reply to a request that isn't looked at any further.
    fn refused(&self, method: &str, path: &str, headers: &HeaderMap) -> Option<Reply> {
        let is_open = path == "/health";
        let is_changing = !matches!(method, "GET" | "HEAD") || path == "/preferences";
        match () {
            () if !self.hosts.is_host(headers) => Some(plain(421, "not a name of this server")),
            () if is_changing && self.hosts.is_foreign(headers) => {
                Some(plain(403, "not from a page of another server"))
            }
            () if !is_open && !self.is_authorised(headers) => Some(
                plain(401, "this server wants its token: Authorization: Bearer …")
                    .with_header("WWW-Authenticate", "Bearer")
                    .with_header("WWW-Authenticate", "Basic realm=\"onix\""),
            ),
            () => None,
        }
    }

    fn is_authorised(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        let given = headers.get(header::AUTHORIZATION);
        let given = given.and_then(|given| given.to_str().ok());
        let given = given.and_then(|given| given.split_once(' '));
        given.is_some_and(
            |(scheme, given)| match scheme.to_ascii_lowercase().as_str() {
                "bearer" => is_same(given.trim(), token),
                // A shop that talks to the platform gives a name and a password; here any name will do.
                "basic" => password(given).is_some_and(|given| is_same(&given, token)),
                _ => false,
            },
        )
    }
}

/// The password of Basic credentials.
fn password(given: &str) -> Option<String> {
    let pair = STANDARD.decode(given.trim()).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    Some(pair.split_once(':')?.1.to_owned())
}

/// Whether two texts are the same, told in a time that doesn't depend on where they differ.
fn is_same(one: &str, other: &str) -> bool {
    let differing = one.bytes().zip(other.bytes());
    let differing = differing.fold(0, |sum, (one, other)| sum | (one ^ other));
    one.len() == other.len() && differing == 0
}

fn asked(
    method: &str,
    path: &str,
    query: Option<&str>,
    body: Vec<u8>,
    preferences: Preferences,
) -> Asked {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    Asked {
        method: method.to_owned(),
        path: segments.map(|segment| decoded(segment, false)).collect(),
        parameters: Parameters::of(query.unwrap_or_default()),
        query: query.unwrap_or_default().to_owned(),
        preferences,
        body,
        takes_gzip: false,
        now: now(),
    }
}

/// Whether gzip is among what is accepted, and not forbidden.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    let mut codings = accepted.unwrap_or_default().split(',').map(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        (name.trim(), weight.trim().replace(' ', ""))
    });
    codings.any(|(name, weight)| {
        name.eq_ignore_ascii_case("gzip") && !matches!(weight.as_str(), "q=0" | "q=0.0")
    })
}

async fn bytes(body: Body) -> Result<Vec<u8>, Reply> {
    let collected = Limited::new(body, BODY).collect();
    match tokio::time::timeout(PATIENCE, collected).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().into()),
        Ok(Err(_)) => Err(plain(413, "the body is larger than 1 MiB, or broke off")),
        Err(_) => Err(plain(408, "the body took too long")),
    }
}

/// A reply of the server itself, in words.
fn plain(status: u16, what: &str) -> Reply {
    Reply::new(status, "text/plain; charset=utf-8", what)
}

fn response(reply: Reply, method: &str, asked: &HeaderMap) -> Response {
    let tag = reply.headers.iter().find(|(name, _)| *name == "ETag");
    let known = asked
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok());
    let is_known = tag
        .zip(known)
        .is_some_and(|((_, tag), known)| known.split(',').any(|one| one.trim() == tag));
    let status = if is_known { 304 } else { reply.status };
    let mut response = Response::builder()
        .status(status)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Resource-Policy", "same-origin");
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    if method == "HEAD" && !is_known {
        response = response.header("Content-Length", reply.body.len());
    }
    let body = match is_known || method == "HEAD" {
        true => Body::empty(),
        false => Body::from(reply.body),
    };
    response.body(body).unwrap_or_else(|_| {
        let mut failed = Response::new(Body::from(Problem::internal().to_reply().body));
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

/// A line of JSON on standard error: neither queries nor headers, which may have secrets.
fn log(method: &str, path: &str, reply: &Reply, took: Duration) {
    let line = serde_json::json!({
        "method": method,
        "path": path,
        "status": reply.status,
        "bytes": reply.body.len(),
        "ms": took.as_micros() as f64 / 1000.0,
    });
    // Who has closed standard error wants no log.
    let _ = writeln!(std::io::stderr(), "{line}");
}

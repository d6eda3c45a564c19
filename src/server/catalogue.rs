//! The catalogue on HTTP: who may ask, how much, and what goes into the log.

use std::future::poll_fn;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde_json::{Value, json};

use super::api::{Api, Asked, now, service};
use super::hosts::Hosts;
use super::limits::{BODY, BODY_BYTES};
use super::page::Preferences;
use super::parameters::Parameters;
use super::problem::Problem;
use super::reply::Reply;
use crate::controls;
use crate::sandbox::decoded;

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
    let api = Arc::clone(&served.api);
    served.answer(request, |asked| api.answer(asked)).await
}

impl Served {
    /// What `work` replies to those who may ask, counted and logged.
    async fn answer<Replied: Future<Output = Reply>>(
        &self,
        request: Request,
        work: impl FnOnce(Asked) -> Replied,
    ) -> Response {
        let begun = Instant::now();
        let (parts, body) = request.into_parts();
        let method = parts.method.to_string();
        let path = parts.uri.path().to_owned();
        let reply = caught(async {
            if let Some(refused) = self.refused(&method, &path, &parts.headers) {
                return refused;
            }
            let body = match bytes(body).await {
                Ok(body) => body,
                Err(refused) => return refused,
            };
            let preferences = Preferences::of(&parts.headers);
            let mut asked = asked(&method, &path, parts.uri.query(), body, preferences);
            asked.takes_gzip = takes_gzip(&parts.headers);
            work(asked).await
        });
        let reply = reply.await;
        let took = begun.elapsed();
        self.api.meters.count(service(&path), reply.status, took);
        if self.is_logged {
            log(&line(&method, &path, &reply, took));
        }
        response(reply, &method, &parts.headers)
    }

    /// The reply to a request that isn't looked at any further.
    fn refused(&self, method: &str, path: &str, headers: &HeaderMap) -> Option<Reply> {
        let is_open = path == "/health";
        let is_reading = matches!(method, "GET" | "HEAD") && path != "/preferences";
        match () {
            () if !self.hosts.is_host(headers) => Some(plain(421, "not a name of this server")),
            () if self.hosts.is_foreign(headers, is_reading) => {
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
        let weight = weight.strip_prefix("q=").map(str::parse::<f32>);
        name.eq_ignore_ascii_case("gzip") && !matches!(weight, Some(Ok(0.0)))
    })
}

/// What `work` replies; where it panics, that the server failed.
async fn caught(work: impl Future<Output = Reply>) -> Reply {
    let mut work = pin!(work);
    // It is never looked at again once it has panicked.
    let polled = poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Problem::internal().to_reply()))
    });
    polled.await
}

async fn bytes(body: Body) -> Result<Vec<u8>, Reply> {
    let collected = Limited::new(body, BODY_BYTES).collect();
    match tokio::time::timeout(BODY, collected).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes().into()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(plain(413, "the body is larger than 1 MiB"))
        }
        Ok(Err(_)) => Err(plain(400, "the body broke off")),
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
        // No page of another origin is to make anything of it.
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

/// What is told of a request: neither queries nor headers, which may have secrets.
fn line(method: &str, path: &str, reply: &Reply, took: Duration) -> Value {
    json!({
        "method": method,
        "path": path,
        "status": reply.status,
        "bytes": reply.body.len(),
        "ms": took.as_micros() as f64 / 1000.0,
    })
}

/// A line of JSON on standard error.
fn log(line: &Value) {
    let line = controls::json(line).expect("a line is plain data");
    // Who has closed standard error wants no log.
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;
    use crate::model::Account;
    use crate::server::covers::Covers;

    fn served(folder: &std::path::Path) -> Served {
        let catalogue = Catalogue::create(folder).expect("an empty folder");
        let covers = Covers::new(false, Vec::new());
        Served {
            api: Arc::new(Api::new(catalogue, Account::default(), None, covers)),
            hosts: Hosts::new(&[]),
            token: None,
            is_logged: false,
        }
    }

    fn request() -> Request {
        let request = Request::builder().uri("/v1/stats?token=canary");
        let request = request.header("Host", "localhost");
        request.body(Body::empty()).expect("a request")
    }

    #[test]
    fn a_panic_is_answered_and_told_and_others_are_served() {
        let folder = tempfile::tempdir().expect("a folder");
        let served = served(folder.path());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let at_once = |_| -> std::future::Ready<Reply> { panic!("at once") };
        let status = runtime.block_on(served.answer(request(), at_once)).status();
        assert_eq!(status, 500);
        let later = |_| async {
            tokio::task::yield_now().await;
            panic!("later")
        };
        let status = runtime.block_on(served.answer(request(), later)).status();
        assert_eq!(status, 500);
        let meters = served.api.meters.told(
            &crate::shop::Freshness::of(&served.api.catalogue, &served.api.account)
                .expect("it is sound"),
            now(),
        );
        let told = r#"onix_http_requests_total{service="stats",status="500"} 2"#;
        assert!(meters.contains(told), "{meters}");
        let api = Arc::clone(&served.api);
        let answered = served.answer(request(), |mut asked| {
            asked.parameters = Parameters::of("");
            api.answer(asked)
        });
        assert_eq!(runtime.block_on(answered).status(), 200);
    }

    #[test]
    fn a_line_is_of_one_request_and_has_no_query() {
        let reply = Problem::internal().to_reply();
        let line = line(
            "GET",
            "/v1/\u{9b}31m\n\u{202e}",
            &reply,
            Duration::from_millis(2),
        );
        let line = controls::json(&line).expect("plain data");
        assert!(!line.contains(controls::is_control), "{line}");
        assert!(line.contains(r#""status":500"#), "{line}");
    }
}

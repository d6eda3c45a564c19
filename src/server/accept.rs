//! The accept loop: HTTP/1 on a socket, each client within its limits.
//!
//! It is our own because axum's has no time-out: who sends a byte of a header now and then would keep a connection for ever.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::cut::Unanswered;
use super::limits::{CONNECTIONS, HEADER_BYTES, HEADERS, PAUSE, PIECE_BYTES, PLACES, QUEUE};
use super::place::Placed;
use super::socket::Socket;

/// Serves whoever comes, until it is aborted.
pub(super) async fn accept(listener: TcpListener, router: Router, graceful: Arc<GracefulShutdown>) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let answers = Answers {
        router,
        places: Arc::new(Semaphore::new(PLACES)),
    };
    loop {
        let connection = Arc::clone(&connections).acquire_owned().await;
        let connection = connection.expect("nobody closes it");
        match listener.accept().await {
            Ok((stream, _)) => {
                // One that can't be told to send at once is served all the same.
                let _ = stream.set_nodelay(true);
                let served = serve(stream, answers.clone(), graceful.watcher());
                tokio::spawn(async move {
                    served.await;
                    drop(connection);
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn serve(stream: TcpStream, answers: Answers, watcher: Watcher) {
    let service = service_fn(move |request: Request<Incoming>| answers.clone().answer(request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_header_size(HEADER_BYTES)
        .max_buf_size(PIECE_BYTES)
        .serve_connection(TokioIo::new(Socket::new(stream)), service);
    // A connection that breaks is the client's affair.
    let _ = watcher.watch(connection).await;
}

/// What answers, so many requests at once.
#[derive(Clone)]
struct Answers {
    router: Router,
    places: Arc<Semaphore>,
}

impl Answers {
    /// The router's response; an error, upon which the connection is closed, in the place of one that must not be sent.
    async fn answer(self, request: Request<Incoming>) -> Result<Response, Unanswered> {
        let Some(place) = place(self.places, QUEUE).await else {
            return Ok(busy());
        };
        let response = TowerToHyperService::new(self.router).call(request).await;
        let response = response.unwrap_or_else(|never: Infallible| match never {});
        match response.extensions().get::<Unanswered>() {
            Some(unanswered) => Err(*unanswered),
            None => Ok(response.map(|body| Body::new(Placed::new(body, place)))),
        }
    }
}

/// A place, if one becomes free in time.
async fn place(places: Arc<Semaphore>, patience: Duration) -> Option<OwnedSemaphorePermit> {
    let waited = tokio::time::timeout(patience, places.acquire_owned()).await;
    waited.ok()?.ok()
}

fn busy() -> Response {
    let headers = [(header::RETRY_AFTER, "1")];
    let what = "too much is being answered at once";
    (StatusCode::SERVICE_UNAVAILABLE, headers, what).into_response()
}

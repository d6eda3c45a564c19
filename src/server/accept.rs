//! The accept loop: HTTP/1 on a socket, a time-out for headers, and an end in order.
//!
//! It is our own because axum's has no time-out: who sends a byte of a header now and then would keep a connection for ever.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::api::Api;
use super::catalogue::{self, Served};
use super::covers::Covers;
use super::cut::Unanswered;
use super::hosts::Hosts;
use super::sandbox::{self, StandIn};
use crate::Catalogue;
use crate::error::{Error, Result};
use crate::model::Account;
use crate::sandbox::Sandbox;

/// How long a client may take for the headers of a request.
const HEADERS: Duration = Duration::from_secs(5);

/// How long open requests may take once the server was told to end.
const DRAIN: Duration = Duration::from_secs(10);

/// Connections at once; whoever comes then waits until one has ended.
const CONNECTIONS: usize = 4_096;

/// How long to wait where no connection can be accepted, because there are too many.
const PAUSE: Duration = Duration::from_millis(100);

/// What is served of a catalogue, and to whom.
#[derive(Clone)]
pub struct CatalogueOptions {
    /// The catalogue. What another process publishes is seen.
    pub catalogue: Catalogue,
    /// As whose it is asked.
    pub account: Account,
    /// In seconds: with an older synchronisation the server says that it isn't ready.
    pub max_age: Option<i64>,
    /// Its names beside those of this machine.
    pub hosts: Vec<String>,
    /// What whoever asks has to say.
    pub token: Option<String>,
    /// Whether the page shows covers of books, for which the hosts that the feed names are asked.
    pub covers: bool,
    /// Hosts of covers that are asked though their addresses aren't public.
    pub cover_hosts: Vec<String>,
    /// Whether each request is told on standard error, as a line of JSON.
    pub is_logged: bool,
}

/// A server that listens. Dropped, it ends without waiting for anybody.
#[derive(Debug)]
pub struct Server {
    runtime: Runtime,
    accepting: JoinHandle<()>,
    graceful: Arc<GracefulShutdown>,
    address: SocketAddr,
}

impl Server {
    /// Serves a stand-in of the platform. Requests are answered whose `Host` is this machine itself, or one of
    /// these names.
    ///
    /// # Errors
    /// If the address can't be listened on.
    pub fn sandbox(address: SocketAddr, sandbox: Arc<Sandbox>, hosts: &[String]) -> Result<Self> {
        let router = sandbox::router(StandIn::new(sandbox, hosts));
        let cannot = |cause| Error::io(format!("listening on {address}"), cause);
        Self::start(address, router).map_err(cannot)
    }

    /// Serves a catalogue, which it only reads. Requests are answered whose `Host` is this machine itself, or one of these
    /// names, and where a token is given, that give it too.
    ///
    /// # Errors
    /// If the address can't be listened on.
    pub fn catalogue(address: SocketAddr, options: CatalogueOptions) -> Result<Self> {
        let CatalogueOptions {
            catalogue,
            account,
            max_age,
            hosts,
            token,
            covers,
            cover_hosts,
            is_logged,
        } = options;
        let covers = Covers::new(covers, cover_hosts);
        let served = Served {
            api: Arc::new(Api::new(catalogue, account, max_age, covers)),
            hosts: Hosts::new(&hosts),
            token,
            is_logged,
        };
        let cannot = |cause| Error::io(format!("listening on {address}"), cause);
        Self::start(address, catalogue::router(served)).map_err(cannot)
    }

    fn start(address: SocketAddr, router: Router) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        let graceful = Arc::new(GracefulShutdown::new());
        let accepting = runtime.spawn(accept(listener, router, Arc::clone(&graceful)));
        Ok(Self {
            runtime,
            accepting,
            graceful,
            address,
        })
    }

    /// Where it listens, with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process is told to end, by Ctrl-C or SIGTERM. Then nobody new is served, and whoever is being
    /// served has ten seconds.
    ///
    /// # Errors
    /// If signals can't be waited for.
    pub fn until_signal(self) -> Result<()> {
        let waited = self.runtime.block_on(signal());
        waited.map_err(|cause| Error::io("waiting for a signal", cause))?;
        self.runtime
            .block_on(drained(self.accepting, self.graceful));
        self.runtime.shutdown_background();
        Ok(())
    }
}

/// Stops accepting, and waits for the connections that are open. Who isn't done in time is cut off.
async fn drained(accepting: JoinHandle<()>, graceful: Arc<GracefulShutdown>) {
    accepting.abort();
    // It ends because it was aborted.
    let _ = accepting.await;
    if let Some(graceful) = Arc::into_inner(graceful) {
        let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
    }
}

/// Waits for Ctrl-C or SIGTERM, whichever comes first.
#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    std::future::poll_fn(|context| {
        let ready =
            terminate.poll_recv(context).is_ready() || interrupt.poll_recv(context).is_ready();
        match ready {
            true => std::task::Poll::Ready(Ok(())),
            false => std::task::Poll::Pending,
        }
    })
    .await
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

async fn accept(listener: TcpListener, router: Router, graceful: Arc<GracefulShutdown>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        let place = place.expect("nobody closes it");
        match listener.accept().await {
            Ok((stream, _)) => {
                // One that can't be told to send at once is served all the same.
                let _ = stream.set_nodelay(true);
                let served = connection(stream, router.clone(), graceful.watcher());
                tokio::spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn connection(stream: TcpStream, router: Router, watcher: Watcher) {
    let service = service_fn(move |request: Request<Incoming>| respond(router.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's affair.
    let _ = watcher.watch(connection).await;
}

/// The router's response; an error, upon which the connection is closed, in the place of one that must not be sent.
async fn respond(
    router: Router,
    request: Request<Incoming>,
) -> std::result::Result<Response, Unanswered> {
    let response = TowerToHyperService::new(router).call(request).await;
    let response = response.unwrap_or_else(|never: Infallible| match never {});
    match response.extensions().get::<Unanswered>() {
        Some(unanswered) => Err(*unanswered),
        None => Ok(response),
    }
}

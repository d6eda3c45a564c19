//! A server that listens: what it serves, where, and how it ends.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::accept::accept;
use super::api::Api;
use super::catalogue::{self, Served};
use super::covers::Covers;
use super::hosts::Hosts;
use super::limits::{DRAIN, threads};
use super::sandbox::{self, StandIn};
use crate::Catalogue;
use crate::error::{Error, Result};
use crate::model::Account;
use crate::sandbox::Sandbox;

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
        let runtime = Builder::new_multi_thread()
            .max_blocking_threads(threads())
            .enable_all()
            .build()?;
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
    /// served has ten seconds, unless the process is told a second time.
    ///
    /// # Errors
    /// If signals can't be waited for.
    pub fn until_signal(self) -> Result<()> {
        let (accepting, graceful) = (self.accepting, self.graceful);
        let waited = self.runtime.block_on(async {
            let mut signals = Signals::new()?;
            signals.next().await;
            first(drained(accepting, graceful), signals.next()).await;
            Ok(())
        });
        self.runtime.shutdown_background();
        waited.map_err(|cause| Error::io("waiting for a signal", cause))
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

/// Waits for either, and gives up the other.
async fn first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|context| match one.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => other.as_mut().poll(context),
    })
    .await;
}

/// Ctrl-C and SIGTERM.
#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self([terminate, signal(SignalKind::interrupt())?]))
    }

    async fn next(&mut self) {
        let [terminate, interrupt] = &mut self.0;
        let [terminate, interrupt] = [terminate, interrupt].map(|signal| async {
            signal.recv().await;
        });
        first(terminate, interrupt).await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Where it can't be waited for, the process ends by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

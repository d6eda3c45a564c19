//! Plays a sequence over a real socket: nothing repeated, nothing followed, every reply as it came.

use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::{Client, Response};

use crate::error::{Error, Result};
use crate::sandbox::Request;
use crate::sandbox::sequence::{Played, Reply, Sequence};

/// How long a reply may take.
const REPLY: Duration = Duration::from_secs(60);

/// Plays a sequence against whatever listens at an address. Files that it names stand in `folder`.
///
/// # Errors
/// If a file that it names can't be read, or no connection can be made ready.
pub fn play(sequence: &Sequence, folder: &Path, address: SocketAddr) -> Result<Played> {
    let client = client()
        .map_err(|cause| Error::io("making a client ready", std::io::Error::other(cause)))?;
    let open = |name: &str| std::fs::read(folder.join(name));
    sequence.play(&open, |request| send(&client, address, request))
}

/// A client for one request at a time, to a stand-in.
pub(super) fn client() -> reqwest::Result<Client> {
    Client::builder()
        .tls_backend_preconfigured(no_tls())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .no_gzip()
        .pool_max_idle_per_host(0)
        .timeout(REPLY)
        .build()
}

/// A client has to have a way to encrypt, although nothing is encrypted here: this one trusts nobody.
fn no_tls() -> rustls::ClientConfig {
    let provider = rustls::crypto::ring::default_provider();
    rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .expect("ring has what its own versions need")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

fn send(client: &Client, address: SocketAddr, request: &Request) -> Reply {
    let started = Instant::now();
    let mut reply = match sent(client, address, request) {
        Ok(response) => received(response),
        Err(_) => Reply {
            is_broken: true,
            ..Reply::default()
        },
    };
    reply.took = started.elapsed();
    reply
}

fn sent(client: &Client, address: SocketAddr, request: &Request) -> reqwest::Result<Response> {
    let query = match request.query.is_empty() {
        true => String::new(),
        false => format!("?{}", request.query),
    };
    let url = format!("http://{address}{}{query}", request.path);
    let method = Method::from_bytes(request.method.as_bytes()).unwrap_or_default();
    let mut builder = client.request(method, url);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    builder.body(request.body.clone()).send()
}

/// The response with as much of its body as came.
fn received(mut response: Response) -> Reply {
    let headers = response.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), value.into_owned())
    });
    let headers = headers.collect();
    let mut body = Vec::new();
    let is_broken = response.read_to_end(&mut body).is_err();
    Reply {
        status: Some(response.status().as_u16()),
        headers,
        body,
        is_broken,
        ..Reply::default()
    }
}

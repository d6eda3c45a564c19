//! `onix serve`: the catalogue over HTTP, or the stand-in of the platform.

mod catalogue;
mod sandbox;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::Args;

use super::Context;
use super::filters;
use super::secrets::SecretArgs;
use super::trouble::{Exit, Result};
use crate::server::Server;

/// Serve the catalogue over HTTP, or a stand-in of the platform
///
/// Without --sandbox: what the command answers, at /v1 and in the same JSON, from the catalogue, which is only read. It listens on this machine
/// alone unless it is given a token.
///
/// With --sandbox: a platform to try a shop against. It answers as the platform's documents say, with the products of the catalogue or with a dozen of
/// its own, and remembers what was sold until it ends, or in a file. What it is to be, and what is to go wrong, it is told on its page or by POST to
/// /__admin/seed, catalogue, clock, faults, reset and import; GET /__admin says what it is and in what it differs from the platform, GET
/// /__admin/requests what it was asked and why it refused. Since nobody needs a password for that, it listens on this machine alone.
///
/// The first line of standard output says where: `listening on http://HOST:PORT`.
#[derive(Debug, Args)]
#[command(
    name = "serve",
    after_long_help = "\
Exit status with --play: 0 everything came as the sequence says, 1 something didn't, 2 the file is no sequence.

Examples:
  onix serve
  onix serve --watch 15m --max-age 24h
  onix serve --listen 0.0.0.0 --token-file token.txt --allow-host books.example
  onix serve --sandbox --demo
  onix serve --sandbox --index shop-window --state shop.sqlite
  onix serve --sandbox --play testdata/platform/full.ndjson"
)]
pub(crate) struct Serve {
    /// Serve the stand-in of the platform in the place of the catalogue
    #[arg(long)]
    sandbox: bool,
    /// The address to listen on; the stand-in has to be on one of this machine alone
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    listen: String,
    /// The port to listen on; any that is free where it is 0
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,
    /// A file with the word that whoever asks has to give: `Authorization: Bearer …`
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    token_file: Option<PathBuf>,
    /// A name of the server beside those of this machine
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Say at /ready that it isn't, where the last synchronisation is longer ago
    #[arg(long, value_name = "DURATION", value_parser = filters::duration, conflicts_with = "sandbox")]
    max_age: Option<u64>,
    /// Synchronise the catalogue with the account's platform at once, and then this often, such as 15m
    #[arg(long, value_name = "DURATION", value_parser = filters::duration, conflicts_with = "sandbox")]
    watch: Option<u64>,
    /// Show no covers of books on the page, and ask none of the hosts that the feed names for them
    #[arg(long, conflicts_with = "sandbox")]
    no_covers: bool,
    /// Ask this host for covers though it is one of this machine or network
    #[arg(long, value_name = "HOST", conflicts_with = "sandbox")]
    cover_host: Vec<String>,
    #[command(flatten)]
    secret: SecretArgs,
    /// Serve a dozen books that exist nowhere, in the place of a catalogue
    #[arg(long, requires = "sandbox")]
    demo: bool,
    /// Keep everything that the stand-in remembers in this file, and go on from there
    #[arg(long, value_name = "FILE", requires = "sandbox")]
    state: Option<PathBuf>,
    /// Play a sequence of requests against it on a free port, judge what comes, and end
    #[arg(long, value_name = "FILE", requires = "sandbox")]
    play: Option<PathBuf>,
}

impl Serve {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        match (&self.play, self.sandbox) {
            (Some(path), _) => self.play(context, path),
            (None, true) => self.serve_sandbox(context),
            (None, false) => self.serve_catalogue(context),
        }
    }

    /// What it is to listen on; nothing where that is no address.
    fn address(&self) -> Option<IpAddr> {
        match self.listen.as_str() {
            "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            other => other.trim_matches(['[', ']']).parse().ok(),
        }
    }
}

/// Says where it listens, and serves until the process is told to end.
fn served(context: &mut Context, server: Server, welcome: impl FnOnce(&str) -> String) -> Result {
    allow_sockets();
    let base_url = format!("http://{}", server.address());
    context.out.line(format!("listening on {base_url}"))?;
    context.out.flush()?;
    let welcome = welcome(&base_url);
    context.messages.say(format!("{welcome}\nCtrl-C ends it"));
    server.until_signal()?;
    Ok(Exit::Done)
}

/// As many open files as may be had: often there are a thousand at first, fewer than the server takes connections.
#[cfg(unix)]
fn allow_sockets() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: maximum,
        maximum,
    };
    // Where it isn't allowed, connections wait until others have ended.
    let _ = setrlimit(Resource::Nofile, most);
}

#[cfg(not(unix))]
fn allow_sockets() {}

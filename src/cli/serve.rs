//! `onix serve`: the catalogue over HTTP, or the stand-in of the platform.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::parser::ValueSource;

use super::Context;
use super::filters;
use super::output;
use super::secrets::SecretArgs;
use super::trouble::{Exit, Result, Trouble};
use super::watch;
use crate::catalogue::Catalogue;
use crate::error::ErrorKind;
use crate::sandbox::Sandbox;
use crate::sandbox::sequence::{Played, Sequence};
use crate::server::{self, CatalogueOptions, Server};

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
        if !self.sandbox {
            return self.serve_catalogue(context);
        }
        match &self.play {
            Some(path) => self.play(context, path),
            None => self.serve(context),
        }
    }

    /// The catalogue over HTTP; to others than this machine only with a token.
    fn serve_catalogue(&self, context: &mut Context) -> Result {
        let token = self.token()?;
        let address: IpAddr = match self.listen.as_str() {
            "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            other => other.trim_matches(['[', ']']).parse().map_err(|_| {
                Trouble::usage(
                    format!("{other} is no address"),
                    "give one such as 127.0.0.1 or 0.0.0.0",
                )
            })?,
        };
        if !address.is_loopback() && token.is_none() {
            return Err(Trouble::usage(
                format!("{address} can be reached from elsewhere, and there is no token"),
                "give --token-file FILE, with a word that whoever asks has to know",
            ));
        }
        if let Some(pause) = self.watch {
            watch::start(context, &self.secret, pause)?;
        }
        let options = CatalogueOptions {
            catalogue: context.catalogue()?,
            account: context.account()?,
            max_age: self
                .max_age
                .map(|age| i64::try_from(age).unwrap_or(i64::MAX)),
            hosts: self.allow_host.clone(),
            token,
            covers: !self.no_covers,
            cover_hosts: self.cover_host.clone(),
            is_logged: !context.messages.quiet,
        };
        let server = Server::catalogue(SocketAddr::new(address, self.port), options)?;
        let base_url = format!("http://{}", server.address());
        context.out.line(format!("listening on {base_url}"))?;
        context.out.flush()?;
        context.messages.say(format!(
            "the page: {base_url}\nfor programs: curl '{base_url}/v1/search?q=harbour'\nCtrl-C ends it"
        ));
        server.until_signal()?;
        Ok(Exit::Done)
    }

    /// The word in the file of it.
    fn token(&self) -> Result<Option<String>> {
        let Some(path) = &self.token_file else {
            return Ok(None);
        };
        let name = path.display();
        let text = fs::read_to_string(path)
            .map_err(|cause| Trouble::file(format!("{name} could not be read"), cause))?;
        match text.trim() {
            "" => Err(Trouble::usage(
                format!("{name} has no token"),
                "write one into it",
            )),
            token => Ok(Some(token.to_owned())),
        }
    }

    fn serve(&self, context: &mut Context) -> Result {
        let address = SocketAddr::new(self.loopback()?, self.port);
        let sandbox = self.sandbox(context)?;
        let server = Server::sandbox(address, Arc::clone(&sandbox), &self.allow_host)?;
        let base_url = format!("http://{}", server.address());
        context.out.line(format!("listening on {base_url}"))?;
        context.out.flush()?;
        let welcome = sandbox.welcome(&base_url);
        context.messages.say(format!("{welcome}\nCtrl-C ends it"));
        server.until_signal()?;
        Ok(Exit::Done)
    }

    /// Whoever reaches the stand-in can order it about.
    fn loopback(&self) -> Result<IpAddr> {
        let address = match self.listen.as_str() {
            "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            other => other.trim_matches(['[', ']']).parse().ok(),
        };
        address.filter(IpAddr::is_loopback).ok_or_else(|| {
            Trouble::usage(
                format!("{} is no address of this machine alone", self.listen),
                "the stand-in has no password: give 127.0.0.1, ::1 or localhost",
            )
        })
    }

    fn sandbox(&self, context: &Context) -> Result<Arc<Sandbox>> {
        let sandbox = match self.demo {
            true => Sandbox::demo()?,
            false => Sandbox::new(catalogue(context)?)?,
        };
        Ok(Arc::new(match &self.state {
            Some(path) => sandbox.with_state(path)?,
            None => sandbox,
        }))
    }

    fn play(&self, context: &mut Context, path: &Path) -> Result {
        let name = path.display();
        let text = fs::read_to_string(path)
            .map_err(|cause| Trouble::file(format!("{name} could not be read"), cause))?;
        let sequence = Sequence::parse(&text)?;
        let sandbox = self.sandbox(context)?;
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let server = Server::sandbox(address, sandbox, &[])?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let played = server::play(&sequence, folder, server.address())?;
        for failure in &played.failures {
            let line = format!("{name}: {failure}");
            context.out.line(output::clean(&line))?;
        }
        context.messages.say(summary(&played));
        match played.failures.is_empty() {
            true => Ok(Exit::Done),
            false => Ok(Exit::Nothing),
        }
    }
}

fn summary(played: &Played) -> String {
    match played.failures.len() {
        0 => format!("{} steps, all as expected", played.steps),
        n => format!("{} steps, {n} otherwise than expected", played.steps),
    }
}

/// The catalogue; none, where none is there and nobody has named one.
fn catalogue(context: &Context) -> Result<Option<Catalogue>> {
    let is_named = context.matches.value_source("index") != Some(ValueSource::DefaultValue);
    match context.catalogue() {
        Ok(catalogue) => Ok(Some(catalogue)),
        Err(Trouble::Error(error))
            if !is_named && matches!(error.kind(), ErrorKind::NoIndex { .. }) =>
        {
            Ok(None)
        }
        Err(trouble) => Err(trouble),
    }
}

//! The stand-in of the platform on HTTP, and sequences that are played against it.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use clap::parser::ValueSource;

use super::{Serve, served};
use crate::catalogue::Catalogue;
use crate::cli::trouble::{Exit, Result, Trouble};
use crate::cli::{Context, output};
use crate::error::ErrorKind;
use crate::sandbox::Sandbox;
use crate::sandbox::sequence::{Played, Sequence};
use crate::server::{self, Server};

impl Serve {
    pub(super) fn serve_sandbox(&self, context: &mut Context) -> Result {
        let address = SocketAddr::new(self.loopback()?, self.port);
        let sandbox = self.sandbox(context)?;
        let server = Server::sandbox(address, Arc::clone(&sandbox), &self.allow_host)?;
        served(context, server, |base_url| sandbox.welcome(base_url))
    }

    /// Whoever reaches the stand-in can order it about.
    fn loopback(&self) -> Result<IpAddr> {
        self.address().filter(IpAddr::is_loopback).ok_or_else(|| {
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

    pub(super) fn play(&self, context: &mut Context, path: &Path) -> Result {
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

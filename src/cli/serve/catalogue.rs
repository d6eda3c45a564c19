//! The catalogue on HTTP: to whom, and what is told of it.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::panic::PanicHookInfo;

use serde_json::json;

use super::{Serve, served};
use crate::cli::trouble::{Result, Trouble};
use crate::cli::{Context, output, watch};
use crate::server::{CatalogueOptions, Server};

impl Serve {
    /// The catalogue over HTTP; to others than this machine only with a token.
    pub(super) fn serve_catalogue(&self, context: &mut Context) -> Result {
        let token = self.token()?;
        let address = self.address().ok_or_else(|| {
            Trouble::usage(
                format!("{} is no address", self.listen),
                "give one such as 127.0.0.1 or 0.0.0.0",
            )
        })?;
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
        log_panics();
        let server = Server::catalogue(SocketAddr::new(address, self.port), options)?;
        served(context, server, |base_url| {
            format!("the page: {base_url}\nfor programs: curl '{base_url}/v1/search?q=harbour'")
        })
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
}

/// Has whoever panics say so in a line of JSON, as the log of requests has them.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let told =
            json!({"panic": text_of(panic), "at": panic.location().map(ToString::to_string)});
        let line = output::json(&told).unwrap_or_default();
        // Who has closed standard error wants no log.
        let _ = writeln!(std::io::stderr(), "{line}");
    }));
}

fn text_of<'a>(panic: &'a PanicHookInfo<'_>) -> Option<&'a str> {
    let written = panic.payload().downcast_ref::<String>();
    let written = written.map(String::as_str);
    written.or_else(|| panic.payload().downcast_ref::<&str>().copied())
}

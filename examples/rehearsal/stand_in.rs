//! What is the stand-in's and no shop's affair: plain HTTP, time that passes, and a book that is removed.

use reqwest::{Url, blocking::Client};

use super::{Result, Shop};

pub(crate) const HOUR: u64 = 3_600;

const REMOVAL: &str = "<ONIXMessage release='3.0'><Product><RecordReference>SHELF5-epub</RecordReference>\
    <NotificationType>05</NotificationType></Product></ONIXMessage>";

/// A client, and where the services of the organisation are.
pub(crate) fn reach(base_url: &str) -> Result<(Client, Url)> {
    // Nothing is encrypted on this machine, but a client has to be able to.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().build()?;
    let api = Url::parse(base_url)?.join("/api/organisations/ONYX/")?;
    Ok((client, api))
}

impl Shop {
    pub(crate) fn let_pass(&self, seconds: u64) -> Result<()> {
        self.order("clock", format!("{{\"advance_s\":{seconds}}}"))
    }

    pub(crate) fn remove_a_book(&self) -> Result<()> {
        self.order("catalogue", REMOVAL.to_owned())
    }

    fn order(&self, what: &str, body: String) -> Result<()> {
        let url = self.api.join(&format!("/__admin/{what}"))?;
        let order = self.client.post(url).body(body);
        order.send()?.error_for_status()?;
        Ok(())
    }
}

//! Synchronising beside a server: in a thread of its own, again and again, whatever comes.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use super::secrets::SecretArgs;
use super::trouble::Result;
use super::{Context, sync};
use crate::shop::{self, SyncOptions};

/// Begins to synchronise the catalogue with the account's platform, and then every so many seconds. What goes wrong is said,
/// and tried again the next time: the server goes on with the catalogue that there is.
///
/// # Errors
/// If there is no account to ask with, or the catalogue can't be opened.
pub(crate) fn start(context: &Context, secret: &SecretArgs, pause: u64) -> Result<()> {
    let (account, client) = secret.connect(context)?;
    let catalogue = sync::open(context)?;
    let options = SyncOptions {
        threads: context.threads(),
        writer: sync::writer_options(context, true)?,
        ..SyncOptions::default()
    };
    let calls = Mutex::new(sync::calls(context));
    let messages = context.messages;
    thread::spawn(move || {
        loop {
            match shop::sync(&catalogue, &client, &account, &calls, &options, &|_| {}) {
                Ok(summary) => messages.say(format!(
                    "synchronised: {} added, {} replaced, {} removed, {} in the catalogue",
                    summary.ingested.added,
                    summary.ingested.replaced,
                    summary.ingested.removed,
                    summary.ingested.in_catalogue,
                )),
                Err(error) => messages.library_error(&error),
            }
            thread::sleep(Duration::from_secs(pause.max(1)));
        }
    });
    Ok(())
}

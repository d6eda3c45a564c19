//! `onix similar`: books like another one.

use clap::Args;

use super::filters::{self, OfferArgs};
use super::trouble::{Exit, Result};
use super::{Context, hits};
use crate::catalogue::{Audience, Search};

/// Find books like another one
///
/// By the same people, in its series, on its subjects, and in its language; one of each work, and never its own.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix similar 978-2-07-036822-8 --at 2026-12-01
  onix similar 9782070368228 --limit 5 --json")]
pub(crate) struct Similar {
    /// ISBN, EAN, GTIN, DOI, the sender's own key, or RecordReference
    #[arg(value_name = "ID")]
    id: String,
    /// For whom: consumers, or libraries
    #[arg(long = "for", value_name = "WHOM", value_parser = ["consumer", "library", "any"], default_value = "consumer")]
    audience: String,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Print a JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    offer: OfferArgs,
}

impl Similar {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let account = context.account()?;
        let search = Search {
            audience: Audience::from_word(&self.audience).unwrap_or_default(),
            limit: self.limit,
            offer: self.offer.filter(),
            at: filters::at(self.offer.at.as_deref(), &account),
            account,
            ..Search::default()
        };
        let Some(found) = context.catalogue()?.similar(&self.id, &search)? else {
            context.messages.error(
                &format!("nothing is known as {}", self.id),
                "`onix search` finds books by words",
            );
            return Ok(Exit::Nothing);
        };
        match self.json {
            true => found.iter().try_for_each(|hit| context.out.json(hit))?,
            false => hits::table(context, &found)?,
        }
        match found.is_empty() {
            true => Ok(Exit::Nothing),
            false => Ok(Exit::Done),
        }
    }
}

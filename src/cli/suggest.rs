//! `onix suggest`: what is being typed, completed.

use clap::Args;

use super::trouble::{Exit, Result};
use super::{Context, output};
use crate::catalogue::Audience;

/// Complete what is being typed
///
/// Titles, names, series and publishers of the catalogue that begin so, the most frequent first, a line each; where none does, the
/// titles of books with these words.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix suggest harb
  onix suggest \"l'ét\" --json")]
pub(crate) struct Suggest {
    /// What has been typed so far
    #[arg(value_name = "WORD", required = true)]
    words: Vec<String>,
    /// For whom: consumers, or libraries
    #[arg(long = "for", value_name = "WHOM", value_parser = ["consumer", "library", "any"], default_value = "consumer")]
    audience: String,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Print a JSON object a line
    #[arg(long)]
    json: bool,
}

impl Suggest {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let audience = Audience::from_word(&self.audience).unwrap_or_default();
        let text = self.words.join(" ");
        let found = context.catalogue()?.suggest(&text, audience, self.limit)?;
        for suggestion in &found {
            match self.json {
                true => context.out.json(suggestion)?,
                false => context.out.line(output::clean(&suggestion.text))?,
            }
        }
        match found.is_empty() {
            true => Ok(Exit::Nothing),
            false => Ok(Exit::Done),
        }
    }
}

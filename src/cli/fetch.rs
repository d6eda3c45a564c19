//! `onix fetch`, `onix toc`, `onix publishers`: small questions to the platform.

use std::sync::Mutex;

use clap::Args;
use serde::Serialize;

use super::index::counted;
use super::secrets::SecretArgs;
use super::sync::{self, Telling};
use super::trouble::{Exit, Result, Trouble};
use super::{Context, filters, output};
use crate::catalogue::IngestSummary;
use crate::model::CatalogueFormat;
use crate::shop::{self, SyncOptions};

/// Fetch a publication anew from the platform
///
/// All that the platform says of it now takes the place of what the catalogue has. What the platform doesn't know stays as it is,
/// and is told.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix fetch 9782070368228
  onix fetch 9782070368228 9782070368235 --format xml --json")]
pub(crate) struct Fetch {
    /// ISBN, EAN, or the platform's own key
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// In which format; else the account says
    #[arg(long, value_name = "FORMAT", value_parser = ["onix", "xml"])]
    format: Option<String>,
    /// How long to wait where the platform is busy, silent, or asked too often
    #[arg(long, value_name = "DURATION", value_parser = filters::duration, default_value = "1m")]
    patience: u64,
    /// Wait where another process is writing
    #[arg(long)]
    wait: bool,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

#[derive(Serialize)]
struct Line<'a> {
    unknown: &'a [String],
    #[serde(flatten)]
    ingested: &'a IngestSummary,
}

impl Fetch {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let (account, client) = self.secret.connect(context)?;
        let options = SyncOptions {
            format: self.format.as_deref().and_then(CatalogueFormat::from_word),
            patience_s: self.patience,
            writer: sync::writer_options(context, self.wait)?,
            ..SyncOptions::default()
        };
        let catalogue = sync::open(context)?;
        let calls = Mutex::new(sync::calls(context));
        let telling = Telling::new(context, &account, None, None)?;
        let tell = |event: shop::SyncEvent<'_>| telling.hear(&event);
        let ids = &self.ids;
        let fetched = shop::fetch(&catalogue, &client, &account, &calls, ids, &options, &tell);
        telling.end()?.say_rest();
        let fetched = fetched?;
        let ingested = &fetched.ingested;
        if self.json {
            context.out.json(&Line {
                unknown: &fetched.unknown,
                ingested,
            })?;
        } else {
            for id in &fetched.unknown {
                context.messages.error(
                    &format!("the platform knows no {id}, or not this organisation"),
                    "what the catalogue has of it stays",
                );
            }
            context.messages.say(format!(
                "{}: {} added, {} replaced, {} unchanged, {} removed, {} stale, {} set aside",
                counted(ingested.read, "product"),
                ingested.added,
                ingested.replaced,
                ingested.unchanged,
                ingested.removed,
                ingested.stale,
                ingested.rejected
            ));
        }
        Ok(match (fetched.unknown.is_empty(), ingested.rejected) {
            (false, _) => Exit::Nothing,
            (true, 0) => Exit::Done,
            (true, _) => Exit::SetAside,
        })
    }
}

/// Show the table of contents of a publication
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix toc 9782070368228
  onix toc 9782070368228 --json")]
pub(crate) struct Toc {
    /// ISBN, EAN, or the platform's own key
    #[arg(value_name = "ID")]
    id: String,
    /// Print an object of JSON a chapter
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

impl Toc {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let (_, client) = self.secret.connect(context)?;
        let chapters = match client.toc(&self.id) {
            Ok(answer) => answer.value,
            Err(error) if error.is_code("not_found") => {
                context.messages.error(
                    &format!("the platform has no table of contents of {}", self.id),
                    "",
                );
                return Ok(Exit::Nothing);
            }
            Err(error) => return Err(error.into()),
        };
        for chapter in &chapters {
            match self.json {
                true => context.out.json(chapter)?,
                false => {
                    let page = chapter.page.map(|page| page.to_string());
                    let page = page.unwrap_or_default();
                    let title = output::clean(&chapter.title);
                    context.out.line(format!("{page:>5}  {title}"))?;
                }
            }
        }
        Ok(match chapters.is_empty() {
            true => Exit::Nothing,
            false => Exit::Done,
        })
    }
}

/// List the publishers with which the organisation has agreements
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix publishers
  onix publishers --csv > publishers.csv")]
pub(crate) struct Publishers {
    /// Print JSON, as the platform gives it
    #[arg(long, overrides_with = "csv")]
    json: bool,
    /// Print CSV
    #[arg(long, overrides_with = "json")]
    csv: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

const HEADER: [&str; 5] = ["id", "name", "identifier", "website", "distributor"];

impl Publishers {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let (_, client) = self.secret.connect(context)?;
        let publishers = client.publishers().map_err(Trouble::from)?.value;
        let rows = publishers.all().map(|(publisher, through)| {
            vec![
                publisher.id.clone(),
                publisher.name.clone(),
                publisher.identifier.clone(),
                publisher.website.clone(),
                through.map(|one| one.name.clone()).unwrap_or_default(),
            ]
        });
        let rows: Vec<_> = rows.collect();
        let is_empty = rows.is_empty();
        match context.form(&["json", "csv"]) {
            Some("json") => context.out.json(&publishers)?,
            Some("csv") => context.out.csv(&HEADER, rows)?,
            _ if is_empty => context.messages.say("no agreements"),
            _ => context.out.table(&HEADER, rows)?,
        }
        Ok(match is_empty {
            true => Exit::Nothing,
            false => Exit::Done,
        })
    }
}

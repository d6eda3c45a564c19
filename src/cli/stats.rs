//! `onix stats` and `onix verify`: what the catalogue holds, and whether it is whole.

use clap::Args;

use super::Context;
use super::filters;
use super::output;
use super::trouble::{Exit, Result};
use crate::catalogue::Stats;
use crate::shop::{Freshness, Synced};

/// Tell what the catalogue holds
#[derive(Debug, Args)]
#[command(
    name = "stats",
    after_long_help = "\
Examples:
  onix stats
  onix stats --max-age 24h || echo 'no list has come since yesterday'"
)]
pub(crate) struct StatsArgs {
    /// Exit with 1 where the last synchronisation that came to its end, or without any the last change, is longer ago
    /// than this: a number with s, m, h or d
    #[arg(long, value_name = "DURATION", value_parser = filters::duration)]
    max_age: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl StatsArgs {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let catalogue = context.catalogue()?;
        let account = context.account()?;
        let freshness = Freshness::of(&catalogue, &account)?;
        let Freshness { stats, syncs, .. } = &freshness;
        let now = super::now();
        let age_s = freshness.age_s(now);
        match self.json {
            true => context.out.json(&freshness.told(now))?,
            false => say(context, stats, syncs)?,
        }
        let is_too_old = self.max_age.is_some_and(|max_age| {
            let most = i64::try_from(max_age).unwrap_or(i64::MAX);
            age_s.is_none_or(|age| age > most)
        });
        if is_too_old {
            context.messages.error(
                "the catalogue is older than --max-age allows",
                match syncs.is_empty() {
                    true => "index the lists that have come since",
                    false => "onix sync brings it up to date",
                },
            );
            return Ok(Exit::Nothing);
        }
        Ok(Exit::Done)
    }
}

fn say(context: &mut Context, stats: &Stats, syncs: &[Synced]) -> Result<()> {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let text = stats
        .bytes
        .saturating_sub(stats.offer_bytes + stats.record_bytes);
    let published = stats.published.map(|at| at.to_string());
    for (name, value) in [
        ("products", stats.products.to_string()),
        ("set aside since", stats.outdated.to_string()),
        ("generation", stats.generation.to_string()),
        ("published", published.unwrap_or_else(|| "never".into())),
        (
            "offers",
            format!("{} in {} parts", megabytes(stats.offer_bytes), stats.parts),
        ),
        ("kept records", megabytes(stats.record_bytes)),
        (
            "text and changes",
            format!("{} in {} segments", megabytes(text), stats.segments),
        ),
        ("all", megabytes(stats.bytes)),
    ] {
        context.out.line(format!("{name:<18}{value}"))?;
    }
    for Synced { source, last } in syncs {
        let completed = last.completed.map(|at| at.to_string());
        let completed = completed.unwrap_or_else(|| "not yet".into());
        let more = if last.is_unfinished {
            ", one unfinished"
        } else {
            ""
        };
        let source = output::clean(source);
        context.out.line(format!(
            "{:<18}{completed} ({source}{more})",
            "synchronised"
        ))?;
    }
    if !stats.sources.is_empty() {
        context.out.line("")?;
        let rows = stats.sources.iter().map(|source| {
            let sent = source.last_sent.map(|at| at.to_string());
            vec![
                output::clean(&source.source).into_owned(),
                source.products.to_string(),
                sent.unwrap_or_default(),
            ]
        });
        let rows = rows.collect();
        context
            .out
            .table(&["source", "products", "last sent"], rows)?;
    }
    Ok(())
}

/// Read all of the catalogue and say whether it is whole
///
/// Every file against its checksum, every product's document and kept record against its offers.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix verify
  onix verify --json")]
pub(crate) struct Verify {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let verified = context.catalogue()?.verify()?;
        match self.json {
            true => context.out.json(&verified)?,
            false => {
                for problem in &verified.problems {
                    context.out.line(output::clean(problem))?;
                }
                if verified.problems.is_empty() {
                    context.out.line(format!(
                        "{} products, {} kept records: all is well",
                        verified.products, verified.records
                    ))?;
                }
            }
        }
        match verified.problems.is_empty() {
            true => Ok(Exit::Done),
            false => {
                context.messages.error(
                    "the catalogue is damaged",
                    "build it anew: onix index PATH… --rebuild, or without PATH from the records it keeps",
                );
                Ok(Exit::Trouble)
            }
        }
    }
}

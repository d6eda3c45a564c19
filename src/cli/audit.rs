//! `onix audit`: where catalogue and platform differ, on a sample.

use std::collections::BTreeMap;

use clap::Args;

use super::Context;
use super::sale;
use super::secrets::SecretArgs;
use super::trouble::{Exit, Result};
use super::{filters, output};
use crate::shop::{AuditOptions, Audited, Cause};

/// Ask the platform about a sample of offers, and say where the catalogue is wrong, and why
///
/// Offers from all over the catalogue are simulated. Where the platform says something else, its own record of that publication is
/// asked for: with it the catalogue either says the same (its record was old), or not (a rule is wrong, or the platform knows more).
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 the two agree on all of the sample, 1 they differ somewhere.

Examples:
  onix audit --sample 100
  onix audit --sample 1000 --max-calls 500 --at 2026-12-01 --json")]
pub(crate) struct Audit {
    /// How many offers
    #[arg(long, value_name = "N", default_value_t = 100)]
    sample: usize,
    /// How many calls may be made
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    max_calls: u64,
    /// The moment at which the catalogue is asked [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = filters::moment)]
    at: Option<String>,
    /// Print an object of JSON an offer
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

const HEADER: [&str; 7] = [
    "record",
    "id",
    "price",
    "country",
    "catalogue",
    "platform",
    "cause",
];

impl Audit {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let shop = sale::shop(context, &self.secret)?;
        let audited = shop.audit(&AuditOptions {
            sample: self.sample,
            max_calls: self.max_calls,
            at: filters::at(self.at.as_deref(), shop.account()),
        })?;
        let differ: Vec<&Audited> = audited
            .iter()
            .filter(|one| one.cause != Cause::Agrees)
            .collect();
        match self.json {
            true => audited.iter().try_for_each(|one| context.out.json(one))?,
            false if differ.is_empty() => {}
            false => {
                let rows = differ.iter().map(|one| row(one)).collect();
                context.out.table(&HEADER, rows)?;
            }
        }
        let mut causes = BTreeMap::new();
        for one in &audited {
            *causes.entry(one.cause).or_insert(0_u64) += 1;
        }
        for (cause, n) in &causes {
            context
                .messages
                .say(format!("{n:>6}  {}", in_words(*cause)));
        }
        Ok(match differ.is_empty() && !audited.is_empty() {
            true => Exit::Done,
            false => Exit::Nothing,
        })
    }
}

fn row(audited: &Audited) -> Vec<String> {
    let asked = &audited.asked;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let local = match audited.local_codes.is_empty() {
        true => sale::judgement(audited.local).to_owned(),
        false => audited.local_codes.join(" "),
    };
    vec![
        output::clean(&audited.record_reference).into_owned(),
        asked.id.clone(),
        format!("{} {}", text(&asked.cost), text(&asked.currency)),
        text(&asked.country),
        local,
        audited.platform.join(" "),
        in_words(audited.cause).to_owned(),
    ]
}

pub(crate) fn in_words(cause: Cause) -> &'static str {
    match cause {
        Cause::Agrees => "agree",
        Cause::Stale => "old record: onix sync",
        Cause::Gone => "the platform has it no more",
        Cause::Undecided => "the catalogue doesn't know enough",
        Cause::Rule => {
            "with the platform's own record, too: a rule, or something the platform knows"
        }
        Cause::Missing => "the catalogue doesn't have it: onix sync",
        Cause::Unasked => "no call was left to find out",
    }
}

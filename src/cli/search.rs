//! `onix search`: words and filters in, hits with the offer they were found for out.

use clap::Args;

use super::query::Query;
use super::trouble::{Exit, Result};
use super::{Context, hits, output};
use crate::catalogue::{Audience, FACETS, Group, Page, Search, Sort};

/// Find books by words, identifiers and filters
///
/// Words are looked for in title, subtitle, contributors, series, publisher, subjects and description; case, accents,
/// hyphens and inflections don't matter, and the last word may be the beginning of one. "Words in quotes" stand side by side, -word leaves out,
/// author:word and the like look in one field. An identifier finds its book, with or without hyphens, and a print ISBN finds the
/// e-book. Where little is found, words with letters wrong are found too. The filters of the offer have to hold on one and the same
/// offer, and the hit shows the cheapest that satisfies them.
#[derive(Debug, Args)]
#[command(
    name = "search",
    after_long_help = "\
Examples:
  onix search harbour at night --format epub
  onix search --contributor 'Jeanne Martin' --language fre
  onix search --country FR --currency EUR --max-cost 999 --sellable sale --at 2026-12-01
  onix search 978-2-07-036822-8 --json | jq .hits[].title"
)]
pub(crate) struct SearchArgs {
    #[command(flatten)]
    query: Query,
    /// The order of hits
    #[arg(long, value_parser = ["relevance", "title", "date", "price"], default_value = "relevance")]
    sort: String,
    /// How many hits
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Count the hits by this
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(FACETS), value_delimiter = ',')]
    facet: Vec<String>,
    /// Go on behind a page: its `next`
    #[arg(long, value_name = "TOKEN")]
    after: Option<String>,
    /// Show once what hits have in common: formats and editions of one work
    #[arg(long, value_name = "WHAT", value_parser = ["work"])]
    group: Option<String>,
    /// Show where the words stand
    #[arg(long)]
    highlight: bool,
    /// Print the page as one JSON object
    #[arg(long, overrides_with = "csv")]
    json: bool,
    /// Print the hits as CSV
    #[arg(long, overrides_with = "json")]
    csv: bool,
}

impl SearchArgs {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let search = Search {
            sort: Sort::from_word(&self.sort).unwrap_or_default(),
            limit: self.limit,
            after: self.after.clone(),
            facets: self.facet.clone(),
            group: self.group.as_ref().map(|_| Group::Work),
            highlight: self.highlight,
            ..self
                .query
                .search(context, Audience::Consumer, self.sort == "price")?
        };
        let page = context.catalogue()?.search(&search)?;
        match context.form(&["json", "csv"]) {
            Some("json") => context.out.json(&page)?,
            Some(_) => {
                let rows = page.hits.iter().map(hits::cells).collect();
                context.out.csv(&hits::COLUMNS, rows)?;
                say(context, &page);
            }
            None => print(context, &page)?,
        }
        match page.hits.is_empty() {
            true => Ok(Exit::Nothing),
            false => Ok(Exit::Done),
        }
    }
}

fn print(context: &mut Context, page: &Page) -> Result<()> {
    hits::table(context, &page.hits)?;
    for (name, counts) in &page.facets {
        if counts.is_empty() {
            continue;
        }
        context.out.line("")?;
        let rows = counts.iter().map(|facet| {
            let label = facet.label.clone().unwrap_or_default();
            vec![facet.value.clone(), label, facet.count.to_string()]
        });
        let rows = rows.collect();
        context.out.table(&[name.as_str(), "", "hits"], rows)?;
    }
    context.out.flush()?;
    say(context, page);
    Ok(())
}

/// What there is to say of a page beside its hits.
fn say(context: &Context, page: &Page) {
    let messages = context.messages;
    if page.hits.is_empty() {
        messages.say("nothing found");
    }
    if page.incomplete {
        messages.say("nothing has all the words; these have most of them");
    }
    if let Some(words) = &page.did_you_mean {
        messages.say(format!("  hint: did you mean `{}`?", output::clean(words)));
    }
    let shown = page.hits.len();
    match &page.next {
        Some(next) => messages.say(format!(
            "{shown} of {}; the next with --after {next}",
            page.total
        )),
        None => messages.explain(format!("{shown} of {}", page.total)),
    }
}

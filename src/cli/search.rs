//! `onix search`: words and filters in, hits with the offer they were found for out.

use clap::Args;

use super::Context;
use super::labels;
use super::query::Query;
use super::trouble::{Exit, Result};
use crate::catalogue::{Audience, FACETS, Hit, Page, Search, Sort};

/// Find books by words, identifiers and filters
///
/// Words are looked for in title, subtitle, contributors, series, publisher, subjects and description; accents and
/// case don't matter. An identifier finds its book, with or without hyphens, and a print ISBN finds the e-book. The filters of the
/// offer have to hold on one and the same offer, and the hit shows the cheapest that satisfies them.
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
    /// Print the page as one JSON object
    #[arg(long)]
    json: bool,
}

impl SearchArgs {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let search = Search {
            sort: Sort::from_word(&self.sort).unwrap_or_default(),
            limit: self.limit,
            after: self.after.clone(),
            facets: self.facet.clone(),
            ..self
                .query
                .search(context, Audience::Consumer, self.sort == "price")?
        };
        let page = context.catalogue()?.search(&search)?;
        match self.json {
            true => context.out.json(&page)?,
            false => print(context, &page)?,
        }
        match page.hits.is_empty() {
            true => Ok(Exit::Nothing),
            false => Ok(Exit::Done),
        }
    }
}

fn print(context: &mut Context, page: &Page) -> Result<()> {
    let messages = context.messages;
    if page.hits.is_empty() {
        messages.say("nothing found");
        if let Some(words) = &page.did_you_mean {
            messages.say(format!("  hint: did you mean `{words}`?"));
        }
        return Ok(());
    }
    // Two columns of long texts don't fit beside the others there.
    let is_narrow = context.out.is_narrow();
    let mut header = HEADER.to_vec();
    if is_narrow {
        header.remove(1);
    }
    let rows = page.hits.iter().map(|hit| row(hit, is_narrow)).collect();
    context.out.table(&header, rows)?;
    for (name, counts) in &page.facets {
        context.out.line("")?;
        let rows = counts.iter().map(|facet| {
            let label = facet.label.clone().unwrap_or_default();
            vec![facet.value.clone(), label, facet.count.to_string()]
        });
        let rows = rows.collect();
        context.out.table(&[name.as_str(), "", "hits"], rows)?;
    }
    context.out.flush()?;
    let shown = page.hits.len();
    match &page.next {
        Some(next) => messages.say(format!(
            "{shown} of {}; the next with --after {next}",
            page.total
        )),
        None => messages.explain(format!("{shown} of {}", page.total)),
    }
    Ok(())
}

const HEADER: [&str; 8] = [
    "title",
    "contributors",
    "format",
    "protection",
    "lang",
    "offer",
    "status",
    "isbn",
];

fn row(hit: &Hit, is_narrow: bool) -> Vec<String> {
    let names: Vec<&str> = hit.contributors.iter().map(|c| c.name.as_str()).collect();
    let names = names.join(", ");
    let title = hit.title.clone().unwrap_or_default();
    let mut texts = match is_narrow {
        true => vec![format!("{title} – {names}")],
        false => vec![title, names],
    };
    let id = hit.isbn13.as_ref().unwrap_or(&hit.record_reference);
    texts.extend([
        hit.format
            .map(|format| format.to_string())
            .unwrap_or_default(),
        labels::protections(hit.protections),
        hit.language.clone().unwrap_or_default(),
        labels::hit_price(hit.offer.as_ref()),
        hit.status.as_str().to_owned(),
        id.clone(),
    ]);
    texts
}

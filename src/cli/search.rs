//! `onix search`: words and filters in, hits with the offer they were found for out.

use clap::Args;

use super::Context;
use super::filters::{self, CostArgs, OfferArgs};
use super::labels;
use super::rooms::{Audience, Hit, Page, Search, Sort};
use super::trouble::{Exit, Result, Trouble};
use crate::model::{Format, Protection};
use crate::sale::OfferFilter;

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
    /// What to look for; without words everything that the filters leave
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// In this format
    #[arg(long, value_parser = filters::formats(), ignore_case = true, value_delimiter = ',')]
    format: Vec<String>,
    /// To be had with this protection
    #[arg(long, value_parser = filters::protections(), ignore_case = true, value_delimiter = ',')]
    protection: Vec<String>,
    /// In this language (List 74, such as fre)
    #[arg(long, value_name = "LANG", value_delimiter = ',')]
    language: Vec<String>,
    /// From this publisher
    #[arg(long, value_name = "NAME")]
    publisher: Vec<String>,
    /// By this author, translator, narrator …
    #[arg(long, value_name = "NAME")]
    contributor: Vec<String>,
    /// In this series
    #[arg(long, value_name = "TITLE")]
    series: Vec<String>,
    /// With this subject: scheme of List 27 and code, such as 93:FBA
    #[arg(long, value_name = "SCHEME:CODE", value_parser = subject)]
    subject: Vec<(String, String)>,
    /// For whom: consumers, or libraries
    #[arg(long = "for", value_name = "WHOM", value_parser = ["consumer", "library", "any"], default_value = "consumer")]
    audience: String,
    #[command(flatten)]
    offer: OfferArgs,
    #[command(flatten)]
    costs: CostArgs,
    /// The order of hits
    #[arg(long, value_parser = ["relevance", "title", "date", "price"], default_value = "relevance")]
    sort: String,
    /// How many hits
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Go on behind a page: its `next`
    #[arg(long, value_name = "TOKEN")]
    after: Option<String>,
    /// Print the page as one JSON object
    #[arg(long)]
    json: bool,
}

fn subject(text: &str) -> filters::Parsed<(String, String)> {
    match text.split_once(':') {
        Some((scheme, code)) if !scheme.is_empty() && !code.is_empty() => {
            Ok((scheme.to_owned(), code.to_owned()))
        }
        _ => Err("expected SCHEME:CODE, such as 93:FBA for Thema".into()),
    }
}

impl SearchArgs {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let needs_currency =
            self.costs.min_cost.is_some() || self.costs.max_cost.is_some() || self.sort == "price";
        if needs_currency && self.offer.currency.is_none() {
            return Err(Trouble::usage(
                "a cost means nothing without its currency",
                "give --currency with --min-cost, --max-cost and --sort price",
            ));
        }
        let search = self.search(context)?;
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

    fn search(&self, context: &Context) -> Result<Search> {
        let account = context.account()?;
        Ok(Search {
            words: self.words.join(" "),
            formats: words(&self.format, Format::from_word),
            protections: words(&self.protection, Protection::from_word),
            languages: self.language.clone(),
            publishers: self.publisher.clone(),
            contributors: self.contributor.clone(),
            series: self.series.clone(),
            subjects: self.subject.clone(),
            audience: match self.audience.as_str() {
                "library" => Audience::Library,
                "any" => Audience::Any,
                _ => Audience::Consumer,
            },
            offer: OfferFilter {
                min_cost: self.costs.min_cost,
                max_cost: self.costs.max_cost,
                sellable: self.costs.sellable(),
                ..self.offer.filter()
            },
            at: filters::at(self.offer.at.as_deref(), &account),
            account,
            sort: match self.sort.as_str() {
                "title" => Sort::Title,
                "date" => Sort::Date,
                "price" => Sort::Price,
                _ => Sort::Relevance,
            },
            limit: self.limit,
            after: self.after.clone(),
        })
    }
}

fn words<T>(words: &[String], of_word: impl Fn(&str) -> Option<T>) -> Vec<T> {
    words.iter().filter_map(|word| of_word(word)).collect()
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
    const HEADER: [&str; 8] = [
        "title",
        "contributors",
        "format",
        "protection",
        "language",
        "offer",
        "status",
        "isbn",
    ];
    let rows = page.hits.iter().map(row).collect();
    context.out.table(&HEADER, rows)?;
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

fn row(hit: &Hit) -> Vec<String> {
    let offer = hit.offer.as_ref().map(|offer| {
        let currency = offer.currency.map(|currency| currency.to_string());
        let amount = offer.amount.clone().unwrap_or_default();
        format!("{amount} {}", currency.unwrap_or_default())
    });
    let id = hit.isbn13.as_ref().unwrap_or(&hit.record_reference);
    vec![
        hit.title.clone().unwrap_or_default(),
        hit.contributors.join(", "),
        hit.format
            .map(|format| format.to_string())
            .unwrap_or_default(),
        labels::protections(hit.protections),
        hit.language.clone().unwrap_or_default(),
        offer.unwrap_or_default(),
        hit.status.as_str().to_owned(),
        id.clone(),
    ]
}

//! `onix search`: words and filters in, hits with the offer they were found for out.

use clap::Args;

use super::Context;
use super::filters::{self, CostArgs, OfferArgs};
use super::labels;
use super::trouble::{Exit, Result, Trouble};
use crate::catalogue::{Audience, FACETS, Hit, Page, Search, Sort};
use crate::model::{Date, Format, Protection, Status};
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
    /// Whose status is this in the --country at the moment
    #[arg(long, value_parser = ["sale", "preorder", "later", "no", "unknown"], value_delimiter = ',')]
    status: Vec<String>,
    /// With this ProductForm (List 150)
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    product_form: Vec<String>,
    /// Published after this date
    #[arg(long, value_name = "DATE", value_parser = filters::date)]
    published_after: Option<Date>,
    /// Published before this date
    #[arg(long, value_name = "DATE", value_parser = filters::date)]
    published_before: Option<Date>,
    /// Sent by this source
    #[arg(long, value_name = "NAME")]
    source: Vec<String>,
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
            product_forms: self.product_form.clone(),
            sources: self.source.clone(),
            statuses: words(&self.status, status),
            published_after: self.published_after,
            published_before: self.published_before,
            audience: Audience::from_word(&self.audience).unwrap_or_default(),
            offer: OfferFilter {
                min_cost: self.costs.min_cost,
                max_cost: self.costs.max_cost,
                sellable: self.costs.sellable(),
                ..self.offer.filter()
            },
            at: filters::at(self.offer.at.as_deref(), &account),
            account,
            sort: Sort::from_word(&self.sort).unwrap_or_default(),
            limit: self.limit,
            after: self.after.clone(),
            facets: self.facet.clone(),
        })
    }
}

fn words<T>(words: &[String], of_word: impl Fn(&str) -> Option<T>) -> Vec<T> {
    words.iter().filter_map(|word| of_word(word)).collect()
}

fn status(word: &str) -> Option<Status> {
    [
        Status::Sale,
        Status::Preorder,
        Status::Later,
        Status::No,
        Status::Unknown,
    ]
    .into_iter()
    .find(|status| status.as_str() == word)
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

fn row(hit: &Hit) -> Vec<String> {
    let offer = hit.offer.as_ref().map(|offer| {
        let currency = offer.currency.map(|currency| currency.to_string());
        let amount = offer.amount.clone().unwrap_or_default();
        format!("{amount} {}", currency.unwrap_or_default())
    });
    let names: Vec<&str> = hit.contributors.iter().map(|c| c.name.as_str()).collect();
    let id = hit.isbn13.as_ref().unwrap_or(&hit.record_reference);
    vec![
        hit.title.clone().unwrap_or_default(),
        names.join(", "),
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

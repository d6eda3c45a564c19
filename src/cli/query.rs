//! Words and filters: what `onix search` and `onix export` look for.

use clap::Args;

use super::Context;
use super::filters::{self, CostArgs, OfferArgs};
use super::trouble::{Result, Trouble};
use crate::catalogue::{Audience, Search};
use crate::model::{Date, Format, Protection, Status};
use crate::sale::OfferFilter;

/// What to look for.
#[derive(Debug, Args)]
pub(crate) struct Query {
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
    /// With this subject or a narrower one: scheme of List 27 and code, such as 93:FBA
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
    #[arg(long = "for", value_name = "WHOM", value_parser = ["consumer", "library", "any"])]
    audience: Option<String>,
    // Last, because their heading holds for all that follows.
    #[command(flatten)]
    offer: OfferArgs,
    #[command(flatten)]
    costs: CostArgs,
}

fn subject(text: &str) -> filters::Parsed<(String, String)> {
    match text.split_once(':') {
        Some((scheme, code)) if !scheme.is_empty() && !code.is_empty() => {
            Ok((scheme.to_owned(), code.to_owned()))
        }
        _ => Err("expected SCHEME:CODE, such as 93:FBA for Thema".into()),
    }
}

impl Query {
    /// `audience` is for whom it is where nothing else is said.
    pub(crate) fn search(
        &self,
        context: &Context,
        audience: Audience,
        by_price: bool,
    ) -> Result<Search> {
        let needs_currency =
            self.costs.min_cost.is_some() || self.costs.max_cost.is_some() || by_price;
        if needs_currency && self.offer.currency.is_none() {
            return Err(Trouble::usage(
                "a cost means nothing without its currency",
                "give --currency with --min-cost, --max-cost and --sort price",
            ));
        }
        let account = context.account()?;
        let asked = self.audience.as_deref().and_then(Audience::from_word);
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
            audience: asked.unwrap_or(audience),
            offer: OfferFilter {
                min_cost: self.costs.min_cost,
                max_cost: self.costs.max_cost,
                sellable: self.costs.sellable(),
                ..self.offer.filter()
            },
            at: filters::at(self.offer.at.as_deref(), &account),
            account,
            ..Search::default()
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

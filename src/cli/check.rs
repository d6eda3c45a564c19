//! `onix check`: would the platform take this sale?

use std::path::PathBuf;

use clap::Args;

use super::output::Paint;
use super::trouble::{Exit, Result, Trouble};
use super::{Context, batch, filters, labels, output};
use crate::model::{Account, Dialect, Judgement, Kind, Moment, Near, SaleRequest, Verdict};
use crate::sale::sentence;

/// The heading of what belongs to one sale, and so to no file of settings.
pub(crate) const PARAMETERS: &str = "Parameters of the sale";

/// Say before a sale whether the platform will take it, and why not
///
/// Parameters are sent as they would be to the platform: what is missing or makes no sense is a verdict with the platform's
/// code, not a usage error. The verdict is never `valid` where something that decides isn't known.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 valid, 1 refused or unknown. A batch: 0 when every line was answered, 3 when one could not be read.

Examples:
  onix check 9782070368228 --format epub --cost 999 --protection watermark --country FR --currency EUR --price-type 04 --at 2026-12-01
  onix check 9782070368228 --format epub --for epub --kind preorder --at 2026-12-01 --explain
  onix check --batch sales.csv > answers.csv
  echo '{\"ref\":1,\"id\":\"9782070368228\",\"format\":\"epub\",\"cost\":999,\"at\":\"2026-12-01\"}' | onix check --batch -")]
pub(crate) struct Check {
    /// ISBN, EAN or own key of the publication
    #[arg(
        value_name = "ID",
        required_unless_present = "batch",
        conflicts_with = "batch"
    )]
    id: Option<String>,
    /// Answer a file (or `-`) of requests: NDJSON or CSV with these names, `id`, and `ref` that comes back
    #[arg(long, value_name = "FILE")]
    batch: Option<PathBuf>,
    /// Which of the platform's documents the codes follow: English or Spanish
    #[arg(long, value_parser = ["en", "es"])]
    dialect: Option<String>,
    /// Call records unknown that are older than this, such as 24h
    #[arg(long, value_name = "TIME", value_parser = filters::duration)]
    max_age: Option<u64>,
    /// Name the rule and the element behind each reason; in a batch, give reasons and near offers
    #[arg(long)]
    explain: bool,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
    // Last, because its heading holds for all that follows, and makes it no setting.
    #[command(flatten)]
    parameters: Parameters,
}

/// Parameters, as text of any kind.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = PARAMETERS)]
pub(crate) struct Parameters {
    /// epub, pdf, mobi, audio
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// In the currency's minor unit: 999 is EUR 9.99
    #[arg(long, value_name = "COST")]
    cost: Option<String>,
    /// none, watermark, acs4, drm, or with _timelimited
    #[arg(long)]
    protection: Option<String>,
    /// acs, lcp or urms, with drm
    #[arg(long, value_name = "TYPE")]
    drm_type: Option<String>,
    /// The buyer's
    #[arg(long)]
    country: Option<String>,
    /// Of the cost
    #[arg(long)]
    currency: Option<String>,
    /// 01, 02, 03, 04, 41 or 42
    #[arg(long, value_name = "TYPE")]
    price_type: Option<String>,
    /// The cost less its taxes, in the currency's minor unit
    #[arg(long, value_name = "COST")]
    cost_without_taxes: Option<String>,
    /// Your customer
    #[arg(long, value_name = "ID")]
    customer_id: Option<String>,
    /// Your order
    #[arg(long, value_name = "ID")]
    transaction_id: Option<String>,
    /// First digits of the credit card
    #[arg(long, value_name = "DIGITS")]
    credit_card_prefix: Option<String>,
    /// active or test
    #[arg(long, value_name = "STATE")]
    sale_state: Option<String>,
    /// Who sells for you
    #[arg(long)]
    aggregator: Option<String>,
    /// The name that a watermark shows
    #[arg(long, value_name = "NAME")]
    uname: Option<String>,
    /// The format of a preorder
    #[arg(long = "for", value_name = "FORMAT")]
    for_format: Option<String>,
    /// Which service it is meant for
    #[arg(long, value_parser = ["simulation", "sale", "preorder"])]
    kind: Option<String>,
    /// The moment of the sale: a date, or RFC 3339 [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = filters::moment)]
    at: Option<String>,
}

/// The names of a request's parameters, as a batch spells them.
pub(crate) const NAMES: [&str; 15] = [
    "format",
    "cost",
    "protection",
    "drm_type",
    "country",
    "currency",
    "price_type",
    "cost_without_taxes",
    "customer_id",
    "transaction_id",
    "credit_card_prefix",
    "sale_state",
    "aggregator",
    "uname",
    "for",
];

impl Check {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let mut account = context.account()?;
        if let Some(dialect) = self.dialect.as_deref().and_then(Dialect::from_word) {
            account.dialect = dialect;
        }
        account.max_age_s = self.max_age.or(account.max_age_s);
        let catalogue = context.catalogue()?;
        if let Some(path) = &self.batch {
            let batch = batch::Batch {
                catalogue: &catalogue,
                account,
                defaults: &self.parameters,
                explain: self.explain,
            };
            return batch.run(context, path);
        }
        let id = self.id.as_deref().unwrap_or_default();
        let request = self.parameters.request(id, &account)?;
        let verdict = catalogue.check(&request, &account)?;
        match self.json {
            true => context.out.json(&verdict)?,
            false => text(context, &request, &verdict, self.explain)?,
        }
        Ok(match verdict.verdict {
            Judgement::Valid => Exit::Done,
            Judgement::Refused | Judgement::Unknown => Exit::Nothing,
        })
    }
}

impl Parameters {
    /// The request that these come to.
    pub(crate) fn request(&self, id: &str, account: &Account) -> Result<SaleRequest> {
        let kind = self.kind.as_deref().and_then(Kind::from_word);
        let at: Moment = filters::at(self.at.as_deref(), account);
        let mut request = SaleRequest::new(kind.unwrap_or_default(), id, at);
        for (name, value) in self.pairs() {
            let parameter = request.parameter_mut(name).ok_or_else(|| {
                Trouble::usage(format!("{name} is no parameter"), "report this as a bug")
            })?;
            parameter.clone_from(value);
        }
        Ok(request)
    }

    fn pairs(&self) -> [(&'static str, &Option<String>); 15] {
        let values = [
            &self.format,
            &self.cost,
            &self.protection,
            &self.drm_type,
            &self.country,
            &self.currency,
            &self.price_type,
            &self.cost_without_taxes,
            &self.customer_id,
            &self.transaction_id,
            &self.credit_card_prefix,
            &self.sale_state,
            &self.aggregator,
            &self.uname,
            &self.for_format,
        ];
        std::array::from_fn(|i| (NAMES[i], values[i]))
    }
}

pub(crate) fn text(
    context: &mut Context,
    request: &SaleRequest,
    verdict: &Verdict,
    explain: bool,
) -> Result<()> {
    let (paint, word) = match verdict.verdict {
        Judgement::Valid => (Paint::Good, "valid"),
        Judgement::Refused => (Paint::Bad, "refused"),
        Judgement::Unknown => (Paint::Doubt, "unknown"),
    };
    let word = context.out.paint(paint, word);
    let codes: Vec<&str> = verdict.codes.iter().map(|code| code.as_str()).collect();
    let codes = match codes.is_empty() {
        true => String::new(),
        false => format!(": {}", codes.join(", ")),
    };
    let asked = output::wrapped(&asked(request), 2, context.out.width());
    context.out.line(format!("{word}{codes}"))?;
    context.out.line(asked)?;
    for reason in &verdict.reasons {
        let mut line = sentence(reason);
        if explain {
            let byte = reason.byte.map(|byte| format!(", byte {byte}"));
            line.push_str(&format!(
                " [rule {}{}]",
                reason.rule,
                byte.unwrap_or_default()
            ));
        }
        item(context, "because", &line)?;
    }
    if !verdict.also.is_empty() {
        let also: Vec<&str> = verdict.also.iter().map(|code| code.as_str()).collect();
        item(context, "then also", &also.join(", "))?;
    }
    for missing in &verdict.missing {
        item(context, "not known", missing)?;
    }
    for near in &verdict.near {
        item(context, "would be taken", &would_be_taken(near))?;
    }
    for notice in &verdict.notices {
        item(context, "note", &notice.message)?;
    }
    if explain || verdict.records.len() > 1 {
        for record in &verdict.records {
            let codes: Vec<&str> = record.codes.iter().map(|code| code.as_str()).collect();
            let verdict = match record.verdict {
                Judgement::Valid => "valid",
                Judgement::Refused => "refused",
                Judgement::Unknown => "unknown",
            };
            let line = format!(
                "{}: {verdict} {}",
                record.record_reference,
                codes.join(", ")
            );
            item(context, "record", line.trim_end())?;
        }
    }
    if let Some(line) = provenance(verdict) {
        item(context, "as of", &line)?;
    }
    Ok(())
}

fn item(context: &mut Context, name: &str, text: &str) -> Result<()> {
    const INDENT: usize = 18;
    let text = output::wrapped(text, INDENT, context.out.width());
    let name = context.out.paint(Paint::Dim, &format!("  {name:<16}"));
    context.out.line(format!("{name}{}", text.trim_start()))
}

/// The request in a bookseller's words.
fn asked(request: &SaleRequest) -> String {
    let kind = match request.kind {
        Kind::Simulation => "simulation",
        Kind::Sale => "sale",
        Kind::Preorder => "preorder",
    };
    let mut out = format!("{kind} of {}", request.id);
    let format = request.for_format.as_ref().or(request.format.as_ref());
    let parts = [
        ("as", format),
        ("with protection", request.protection.as_ref()),
        ("to", request.country.as_ref()),
        ("at cost", request.cost.as_ref()),
        ("in", request.currency.as_ref()),
        ("price type", request.price_type.as_ref()),
    ];
    for (word, value) in parts {
        if let Some(value) = value {
            out.push_str(&format!(" {word} {value}"));
        }
    }
    out.push_str(&format!(", at {}", request.at));
    out
}

/// An offer, with the flags that ask for it.
fn would_be_taken(near: &Near) -> String {
    let offer = &near.offer;
    let mut out = labels::price(offer);
    let mut flags = Vec::new();
    if let Some(format) = offer.format {
        flags.push(format!("--format {format}"));
    }
    if let Some(cost) = offer.cost {
        flags.push(format!("--cost {cost}"));
    }
    if let Some(word) = offer.protections.words().first() {
        flags.push(format!("--protection {word}"));
    }
    if let Some(currency) = offer.currency {
        flags.push(format!("--currency {currency}"));
    }
    if let Some(price_type) = &offer.price_type {
        flags.push(format!("--price-type {price_type}"));
    }
    if let Some(id) = &near.id {
        flags.insert(0, format!("onix check {id}"));
    }
    out.push_str(&format!(": {}", flags.join(" ")));
    if !near.differs.is_empty() {
        out.push_str(&format!(" (differs: {})", near.differs.join(", ")));
    }
    out
}

fn provenance(verdict: &Verdict) -> Option<String> {
    let source = verdict.source.as_deref()?;
    let mut out = format!("the record of {source}");
    if let Some(sent) = &verdict.sent {
        out.push_str(&format!(", sent {sent}"));
    }
    if let Some(age) = verdict.age_s.filter(|age| *age >= 0) {
        let age = match age {
            0..3600 => format!("{} minutes", age / 60),
            3600..172_800 => format!("{} hours", age / 3600),
            _ => format!("{} days", age / 86_400),
        };
        out.push_str(&format!(", {age} old"));
    }
    Some(out)
}

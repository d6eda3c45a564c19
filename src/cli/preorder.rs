//! `onix preorder`: making one, listing them, and the sales that they become.

use clap::{Args, Subcommand};
use serde::Serialize;

use super::check::Parameters;
use super::sale::{self, Shown};
use super::secrets::SecretArgs;
use super::trouble::{Exit, Result, Trouble};
use super::{Context, filters, output};
use crate::error::ErrorKind;
use crate::model::{Judgement, Kind};
use crate::shop::{NEEDED, Preordered, Shop};

/// Preorder a publication, or see to the sales that preorders become
///
/// A preorder has no transaction, and no test: --live makes it. What its sale will need besides (--protection, --cost, …) may be given now,
/// and is kept for it.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_long_help = "\
Exit status: 0 recorded, 1 not sent, refused, or not known.

Examples:
  onix preorder 9782070368228 --for epub --customer-id c-1 --live --protection watermark --cost 999 --currency EUR --country FR --at 2026-12-01
  onix preorder list --due
  onix preorder settle --live"
)]
pub(crate) struct Preorder {
    /// ISBN, EAN or own key of the publication
    #[arg(value_name = "ID", required = true)]
    id: Option<String>,
    /// Make it: there are no tests of preorders
    #[arg(long)]
    live: bool,
    /// Send it whatever the catalogue says
    #[arg(long)]
    force: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(subcommand)]
    what: Option<What>,
    // Last, because its heading holds for all that follows, and makes it no setting.
    #[command(flatten)]
    parameters: Parameters,
}

#[derive(Debug, Subcommand)]
enum What {
    List(List),
    Settle(Box<Settle>),
}

/// List preorders, and what has become of their titles
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix preorder list
  onix preorder list --due --at 2026-12-01 --json")]
struct List {
    /// Only those whose sale may be made by now
    #[arg(long)]
    due: bool,
    /// The moment [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = filters::moment)]
    at: Option<String>,
    /// Print JSON, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

/// Make the sales that preorders become, with the same customers
///
/// Of all that are due, or of one publication and customer. What a sale needs and was not kept with its preorder is asked for by name.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 all are recorded, 1 one isn't.

Examples:
  onix preorder settle
  onix preorder settle 9782070368228 --customer-id c-1 --transaction-id basket-9 --price-type 04 --live --at 2026-12-01")]
struct Settle {
    /// ISBN, EAN or own key of the publication
    #[arg(value_name = "ID", requires = "customer_id")]
    id: Option<String>,
    /// Sell: without it the sales are tests
    #[arg(long)]
    live: bool,
    /// Send them whatever the catalogue says
    #[arg(long)]
    force: bool,
    /// Print JSON, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    parameters: Parameters,
}

impl Preorder {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        match self.what {
            Some(What::List(list)) => return list.run(context),
            Some(What::Settle(settle)) => return settle.run(context),
            None => {}
        }
        if !self.live {
            return Err(Trouble::usage(
                "a preorder can't be a test",
                "--live makes it",
            ));
        }
        let account = context.account()?;
        let id = self.id.as_deref().unwrap_or_default();
        let mut request = self.parameters.request(id, &account)?;
        request.kind = Kind::Preorder;
        let shop = sale::shop(context, &self.secret)?;
        let sold = shop.sell(&request, self.force, super::now())?;
        sale::told(context, &shop, &request, sold, self.json)
    }
}

#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    shown: Shown,
    due: bool,
    sold_as: Option<i64>,
    verdict: Judgement,
    codes: Vec<&'static str>,
    needed: Vec<&'static str>,
}

impl Line {
    fn of(shop: &Shop, preordered: &Preordered) -> Result<Self> {
        let decision = &preordered.decision;
        let verdict = &preordered.verdict;
        Ok(Self {
            shown: Shown::of(decision, &shop.ledger().events(decision.id)?, false),
            due: preordered.is_due(),
            sold_as: preordered.sale.as_ref().map(|sale| sale.id),
            verdict: verdict.verdict,
            codes: verdict.codes.iter().map(|code| code.as_str()).collect(),
            needed: needed(preordered),
        })
    }
}

/// What the sale needs and nobody has said.
fn needed(preordered: &Preordered) -> Vec<&'static str> {
    let given = preordered.request.parameters();
    let given: Vec<&str> = given.map(|(name, _)| name).collect();
    NEEDED
        .into_iter()
        .filter(|name| !given.contains(name))
        .collect()
}

const HEADER: [&str; 6] = ["n", "id", "for", "customer", "its sale", "needed"];

impl List {
    fn run(self, context: &mut Context) -> Result {
        let shop = sale::shop(context, &self.secret)?;
        let at = filters::at(self.at.as_deref(), shop.account());
        let mut lines = Vec::new();
        for preordered in shop.preorders(at)? {
            if !self.due || preordered.is_due() {
                lines.push(Line::of(&shop, &preordered)?);
            }
        }
        match self.json {
            true => lines.iter().try_for_each(|line| context.out.json(line))?,
            false if lines.is_empty() => context.messages.say("none"),
            false => {
                let rows = lines.iter().map(row).collect();
                context.out.table(&HEADER, rows)?;
            }
        }
        Ok(match lines.is_empty() {
            true => Exit::Nothing,
            false => Exit::Done,
        })
    }
}

fn row(line: &Line) -> Vec<String> {
    let sale = match (line.sold_as, line.due) {
        (Some(n), _) => format!("decision {n}"),
        (None, true) => "due".to_owned(),
        (None, false) => format!("{} {}", sale::judgement(line.verdict), line.codes.join(" ")),
    };
    vec![
        line.shown.number().to_string(),
        line.shown.id().to_owned(),
        line.shown.format().to_owned(),
        line.shown.get("customer_id"),
        sale.trim_end().to_owned(),
        line.needed.join(" "),
    ]
}

impl Settle {
    fn run(self, context: &mut Context) -> Result {
        let shop = sale::shop(context, &self.secret)?;
        let given = self.parameters.request("", shop.account())?;
        let preorders = self.chosen(&shop, &given)?;
        if preorders.is_empty() {
            context.messages.say("nothing is due");
            return Ok(Exit::Nothing);
        }
        if !self.live {
            context
                .messages
                .say("tests: nobody is invoiced for them; --live sells");
        }
        let mut exit = Exit::Done;
        for mut preordered in preorders {
            // To whom it is sold, and what, the preorder says.
            let is_its_own = |name: &str| matches!(name, "customer_id" | "format" | "for");
            for (name, value) in given.parameters().filter(|(name, _)| !is_its_own(name)) {
                preordered.request = preordered.request.with(name, value);
            }
            let state = if self.live { "active" } else { "test" };
            preordered.request = preordered.request.with("sale_state", state);
            if !needed(&preordered).is_empty() {
                told_of_needed(context, &preordered);
                exit = Exit::Nothing;
                continue;
            }
            let sold = match shop.settle(&preordered, self.force, super::now()) {
                Ok(sold) => sold,
                // It doesn't keep the others from theirs.
                Err(error) if matches!(error.kind(), ErrorKind::Decided { .. }) => {
                    context.messages.library_error(&error);
                    exit = Exit::Nothing;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let done = sale::told(context, &shop, &preordered.request, sold, self.json)?;
            exit = exit.max(done);
        }
        Ok(exit)
    }

    /// Those of the publication and customer that are named, else all that are due.
    fn chosen(&self, shop: &Shop, given: &crate::model::SaleRequest) -> Result<Vec<Preordered>> {
        let id = self.id.as_deref().map(crate::model::normalised);
        let is_chosen = |one: &Preordered| {
            let terms = &one.decision.terms;
            let customer = given.customer_id.as_deref();
            let is_customers = customer.is_none() || terms.get("customer_id") == customer;
            let is_meant = match &id {
                None => one.is_due(),
                Some(id) => {
                    let names = [terms.isbn().to_owned(), terms.publication()];
                    let mut names = names.iter().map(|name| crate::model::normalised(name));
                    names.any(|name| name == *id) && one.sale.is_none()
                }
            };
            is_customers && is_meant
        };
        let all = shop.preorders(given.at)?;
        Ok(all.into_iter().filter(is_chosen).collect())
    }
}

fn told_of_needed(context: &Context, preordered: &Preordered) {
    let flags = needed(preordered).into_iter();
    let flags: Vec<String> = flags
        .map(|name| format!("--{}", name.replace('_', "-")))
        .collect();
    let terms = &preordered.decision.terms;
    let what = format!(
        "the sale of preorder {} ({}) needs {}",
        preordered.decision.id,
        terms.isbn(),
        flags.join(", ")
    );
    context.messages.error(
        &output::clean(&what),
        "onix preorder settle ID --customer-id C with these: they weren't kept with the preorder",
    );
}

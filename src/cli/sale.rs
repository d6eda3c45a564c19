//! `onix sale`, `download-link`, `cancel` and `status`: what is known of sales, and what is done with them afterwards.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::Context;
use super::output;
use super::secrets::SecretArgs;
use super::trouble::{Exit, Result, Trouble};
use crate::ledger::{Decision, Event, Find, Kind, State};
use crate::model::{Judgement, SaleRequest};
use crate::platform::Cancellation;
use crate::shop::{Resolve, Shop, Sold};

/// Catalogue, ledger and client of the account that counts.
pub(crate) fn shop(context: &Context, secret: &SecretArgs) -> Result<Shop> {
    let (account, client) = secret.connect(context)?;
    let ledger = super::ledger::open(context)?;
    Ok(Shop::new(context.catalogue()?, ledger, client, account))
}

/// A decision as it is printed: without the name of the one it was made out to, unless that is asked for.
#[derive(Serialize)]
pub(crate) struct Shown {
    decision: i64,
    kind: Kind,
    pub(crate) state: State,
    test: bool,
    account: String,
    organisation: String,
    id: String,
    format: String,
    #[serde(flatten)]
    parameters: BTreeMap<String, String>,
    decided: String,
    changed: String,
    events: Vec<Event>,
}

impl Shown {
    pub(crate) fn of(decision: &Decision, events: &[Event], with_names: bool) -> Self {
        let terms = &decision.terms;
        let parameters = terms.parameters().chain(
            ["title", "publisher"]
                .iter()
                .filter_map(|name| Some((*name, terms.get(name)?))),
        );
        let is_shown = |name: &str| {
            name != "credit_card_prefix" && name != "sale_state" && (with_names || name != "uname")
        };
        Self {
            decision: decision.id,
            kind: terms.kind(),
            state: decision.state,
            test: terms.is_test(),
            account: terms.account().to_owned(),
            organisation: terms.organisation().to_owned(),
            id: terms.isbn().to_owned(),
            format: terms.format().to_owned(),
            parameters: parameters
                .filter(|(name, _)| is_shown(name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            decided: decision.decided.to_string(),
            changed: decision.changed.to_string(),
            events: events.to_vec(),
        }
    }

    pub(crate) fn number(&self) -> i64 {
        self.decision
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn format(&self) -> &str {
        &self.format
    }

    pub(crate) fn get(&self, name: &str) -> String {
        self.parameters.get(name).cloned().unwrap_or_default()
    }

    fn price(&self) -> String {
        format!("{} {}", self.get("cost"), self.get("currency"))
            .trim()
            .to_owned()
    }
}

/// The word of a judgement.
pub(crate) fn judgement(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Valid => "valid",
        Judgement::Refused => "refused",
        Judgement::Unknown => "unknown",
    }
}

/// One decision, with what happened to it.
pub(crate) fn text(context: &mut Context, shown: &Shown) -> Result<()> {
    let test = if shown.test { ", a test" } else { "" };
    let line = format!(
        "decision {}: {} of {} as {}{test}: {}",
        shown.decision,
        shown.kind.as_str(),
        shown.id,
        shown.format,
        shown.state.as_str()
    );
    context.out.line(output::clean(&line))?;
    for (name, value) in &shown.parameters {
        let line = format!("  {name:<20}{value}");
        context.out.line(output::clean(&line))?;
    }
    for event in &shown.events {
        let line = format!("  {}  {} {}", event.at, event.kind.as_str(), event.detail);
        context.out.line(output::clean(line.trim_end()))?;
    }
    Ok(())
}

/// What came of selling: the verdict where nothing was sent, else the decision.
pub(crate) fn told(
    context: &mut Context,
    shop: &Shop,
    request: &SaleRequest,
    sold: Sold,
    json: bool,
) -> Result {
    let decision = match sold {
        Sold::Posted(decision) => decision,
        Sold::NotSent(verdict) => {
            match json {
                true => context.out.json(&verdict)?,
                false => super::check::text(context, request, &verdict, false)?,
            }
            context.messages.error(
                "nothing was sent: the catalogue doesn't say that the platform would take it",
                "onix fetch brings the record up to date; --force sends it all the same",
            );
            return Ok(Exit::Nothing);
        }
    };
    let shown = Shown::of(&decision, &shop.ledger().events(decision.id)?, false);
    match json {
        true => context.out.json(&shown)?,
        false => text(context, &shown)?,
    }
    if decision.state == State::Unknown {
        let n = decision.id;
        context.messages.error(
            "nobody knows whether the platform has recorded it",
            &format!("onix sale resolve {n} finds out; don't sell it again before"),
        );
    }
    Ok(match decision.state {
        State::Recorded => Exit::Done,
        _ => Exit::Nothing,
    })
}

/// What is known of sales
#[derive(Debug, Args)]
pub(crate) struct Sale {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    List(List),
    Show(Show),
    Resolve(ResolveArgs),
}

/// List what was sold, or of which nobody knows whether it was
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix sale list
  onix sale list --state unknown --state open --json")]
struct List {
    /// Of this state: open, recorded, refused, unknown, cancelled
    #[arg(long, value_name = "STATE", value_parser = ["open", "recorded", "refused", "unknown", "cancelled"])]
    state: Vec<String>,
    /// Print JSON, one a line
    #[arg(long)]
    json: bool,
    /// Show the names that files were made out to
    #[arg(long)]
    with_names: bool,
}

/// Show a decision, and what happened to it
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix sale show 7
  onix sale show 7 --json")]
struct Show {
    /// The number of the decision
    #[arg(value_name = "N")]
    decision: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Show the name that the file was made out to
    #[arg(long)]
    with_names: bool,
}

/// Find out about sales of which nobody knows whether the platform has recorded them
///
/// Asks the platform for the status of each: that it has one proves the sale, that it has none proves nothing. --repeat posts the very
/// same once more, and the platform answers `duplicate` if it has it; --as says what you know from elsewhere.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 nothing is unknown any more, 1 something still is.

Examples:
  onix sale resolve
  onix sale resolve 7 --repeat
  onix sale resolve 7 --as refused")]
struct ResolveArgs {
    /// The number of the decision; all of which nobody knows
    #[arg(value_name = "N")]
    decision: Option<i64>,
    /// Post the very same once more
    #[arg(long, requires = "decision", conflicts_with = "as_state")]
    repeat: bool,
    /// What you know of it: recorded or refused
    #[arg(long = "as", id = "as_state", value_name = "STATE", requires = "decision", value_parser = ["recorded", "refused"])]
    as_state: Option<String>,
    /// Print JSON, one a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

impl Sale {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        match self.what {
            What::List(list) => list.run(context),
            What::Show(show) => show.run(context),
            What::Resolve(resolve) => resolve.run(context),
        }
    }
}

impl List {
    fn run(self, context: &mut Context) -> Result {
        let ledger = super::ledger::open(context)?;
        let states = self.state.iter().filter_map(|word| State::from_word(word));
        let find = Find {
            kind: Some(Kind::Sale),
            states: states.collect(),
            ..Find::default()
        };
        let decisions = ledger.find(&find)?;
        let shown = decisions.iter().map(|decision| {
            Ok(Shown::of(
                decision,
                &ledger.events(decision.id)?,
                self.with_names,
            ))
        });
        let shown: Vec<Shown> = shown.collect::<crate::Result<_>>()?;
        match self.json {
            true => shown.iter().try_for_each(|one| context.out.json(one))?,
            false if shown.is_empty() => context.messages.say("none"),
            false => {
                let rows = shown.iter().map(row).collect();
                context.out.table(&HEADER, rows)?;
            }
        }
        Ok(match shown.is_empty() {
            true => Exit::Nothing,
            false => Exit::Done,
        })
    }
}

const HEADER: [&str; 9] = [
    "n",
    "decided",
    "state",
    "test",
    "id",
    "format",
    "price",
    "transaction",
    "customer",
];

fn row(shown: &Shown) -> Vec<String> {
    vec![
        shown.decision.to_string(),
        shown.decided.clone(),
        shown.state.as_str().to_owned(),
        if shown.test { "test" } else { "" }.to_owned(),
        shown.id.clone(),
        shown.format.clone(),
        shown.price(),
        shown.get("transaction_id"),
        shown.get("customer_id"),
    ]
}

impl Show {
    fn run(self, context: &mut Context) -> Result {
        let ledger = super::ledger::open(context)?;
        let Some(decision) = ledger.decision(self.decision)? else {
            context.messages.error(
                &format!("the ledger has no decision {}", self.decision),
                "onix sale list shows those it has",
            );
            return Ok(Exit::Nothing);
        };
        let shown = Shown::of(&decision, &ledger.events(decision.id)?, self.with_names);
        match self.json {
            true => context.out.json(&shown)?,
            false => text(context, &shown)?,
        }
        Ok(Exit::Done)
    }
}

impl ResolveArgs {
    fn run(self, context: &mut Context) -> Result {
        let how = match self.as_state.as_deref().and_then(State::from_word) {
            Some(state) => Resolve::As(state),
            None if self.repeat => Resolve::Repeat,
            None => Resolve::Ask,
        };
        let shop = shop(context, &self.secret)?;
        let ids = match self.decision {
            Some(id) => vec![id],
            None => {
                let find = Find {
                    account: shop.account().source().map(str::to_owned),
                    states: vec![State::Open, State::Unknown],
                    ..Find::default()
                };
                let decisions = shop.ledger().find(&find)?;
                decisions.iter().map(|decision| decision.id).collect()
            }
        };
        let mut exit = Exit::Done;
        for id in ids {
            let decision = match shop.resolve(id, how, super::now()) {
                Ok(decision) => decision,
                Err(error) if self.decision.is_some() => return Err(error.into()),
                // The others may be found out all the same.
                Err(error) => {
                    context.messages.library_error(&error);
                    exit = Exit::Nothing;
                    continue;
                }
            };
            let shown = Shown::of(&decision, &shop.ledger().events(id)?, false);
            match self.json {
                true => context.out.json(&shown)?,
                false => text(context, &shown)?,
            }
            if matches!(decision.state, State::Open | State::Unknown) {
                exit = Exit::Nothing;
            }
        }
        if exit == Exit::Nothing {
            context.messages.error(
                "something is still not known",
                "onix sale resolve N --repeat posts the very same once more; --as says what you know",
            );
        }
        Ok(exit)
    }
}

/// What a sale is told from others by.
#[derive(Debug, Clone, Args)]
struct KeyArgs {
    /// ISBN, EAN or own key of the publication
    #[arg(value_name = "ID")]
    id: String,
    /// Your customer
    #[arg(long, value_name = "ID", help_heading = super::check::PARAMETERS)]
    customer_id: String,
    /// Your order
    #[arg(long, value_name = "ID", help_heading = super::check::PARAMETERS)]
    transaction_id: String,
    /// Its format, where several were sold
    #[arg(long, value_name = "FORMAT", help_heading = super::check::PARAMETERS)]
    format: Option<String>,
}

impl KeyArgs {
    /// What is asked of the platform where the ledger has no such sale.
    fn terms(&self, shop: &Shop) -> Result<crate::ledger::Terms> {
        let Some(format) = self.format.as_deref() else {
            return Err(Trouble::usage(
                "the ledger has no such sale, and --format wasn't given",
                "with --format the platform can be asked all the same",
            ));
        };
        Ok(shop.sale(&self.id, format, &self.customer_id, &self.transaction_id)?)
    }

    fn find(&self, context: &Context, shop: &Shop) -> Result<Option<Decision>> {
        let format = self.format.as_deref().unwrap_or_default();
        let found = shop.find(&self.id, format, &self.customer_id, &self.transaction_id)?;
        if found.is_none() {
            context.messages.error(
                "the ledger has no such sale",
                "onix sale list shows those it has; onix ledger import takes in those made elsewhere",
            );
        }
        Ok(found)
    }
}

/// Get the link of a sold file, which is good for a minute
///
/// It is printed, and kept nowhere: hand it on at once.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix download-link 9782070368228 --format epub --customer-id c-1 --transaction-id basket-1")]
pub(crate) struct DownloadLink {
    #[command(flatten)]
    key: KeyArgs,
    /// The name that a watermark shows, if not the one that it was sold with
    #[arg(long, value_name = "NAME", help_heading = super::check::PARAMETERS)]
    uname: Option<String>,
    /// Ask for it although the sale isn't known to be recorded
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

impl DownloadLink {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let shop = shop(context, &self.secret)?;
        let (customer, basket) = (&self.key.customer_id, &self.key.transaction_id);
        let format = self.key.format.as_deref().unwrap_or_default();
        let known = shop.find(&self.key.id, format, customer, basket)?;
        let link = match (known, &self.uname) {
            (Some(decision), None) => shop.download_link(decision.id, self.force, super::now())?,
            (Some(decision), Some(uname)) if self.force || decision.state == State::Recorded => {
                shop.link_of(&decision.terms.with("uname", uname.as_str()))?
            }
            (None, uname) if self.force => {
                let uname = uname.as_deref().unwrap_or_default();
                shop.link_of(&self.key.terms(&shop)?.with("uname", uname))?
            }
            _ => {
                context.messages.error(
                    "the ledger knows no such sale that the platform has recorded",
                    "onix sale list shows those it has; --force asks the platform all the same",
                );
                return Ok(Exit::Nothing);
            }
        };
        context.out.line(link)?;
        Ok(Exit::Done)
    }
}

/// Take a sale back, for the whole of its cost
///
/// The platform does so while the file hasn't been downloaded, for users who may. --live is needed unless the sale was a test.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 taken back, 1 not.

Examples:
  onix cancel 9782070368228 --customer-id c-1 --transaction-id basket-1 --reason 'bought twice'")]
pub(crate) struct Cancel {
    #[command(flatten)]
    key: KeyArgs,
    /// The amount, if not the ledger's
    #[arg(long, value_name = "COST", help_heading = super::check::PARAMETERS)]
    cost: Option<String>,
    /// Why; the publisher reads it
    #[arg(long, help_heading = super::check::PARAMETERS)]
    reason: Option<String>,
    /// Take a sale back that is no test
    #[arg(long)]
    live: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

impl Cancel {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let shop = shop(context, &self.secret)?;
        let Some(decision) = self.key.find(context, &shop)? else {
            return Ok(Exit::Nothing);
        };
        if !self.live && !decision.terms.is_test() {
            return Err(Trouble::usage(
                "that sale is no test",
                "--live takes it back",
            ));
        }
        let (cost, reason) = (self.cost.as_deref(), self.reason.as_deref());
        let cancelled = shop.cancel(decision.id, cost, reason, super::now())?;
        if let Cancellation::Refused(codes) = &cancelled {
            context.messages.error(
                &format!("not taken back: {}", codes.join(", ")),
                "a file that was downloaded can't be, nor a part of the cost",
            );
        }
        let ledger = shop.ledger();
        if let Some(decision) = ledger.decision(decision.id)? {
            let shown = Shown::of(&decision, &ledger.events(decision.id)?, false);
            match self.json {
                true => context.out.json(&shown)?,
                false => text(context, &shown)?,
            }
        }
        Ok(match cancelled {
            Cancellation::Cancelled(_) => Exit::Done,
            Cancellation::Refused(_) => Exit::Nothing,
        })
    }
}

/// Ask how far the download of a sale is
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  onix status 9782070368228 --format epub --customer-id c-1 --transaction-id basket-1
  onix status 9782070368228 --format epub --customer-id c-1 --transaction-id basket-1 --json")]
pub(crate) struct Status {
    #[command(flatten)]
    key: KeyArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
}

impl Status {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let shop = shop(context, &self.secret)?;
        let (customer, basket) = (&self.key.customer_id, &self.key.transaction_id);
        let format = self.key.format.as_deref().unwrap_or_default();
        let status = match shop.find(&self.key.id, format, customer, basket)? {
            Some(decision) => shop.status(decision.id)?,
            None => shop.status_of(&self.key.terms(&shop)?)?,
        };
        if self.json {
            context.out.json(&status)?;
            return Ok(Exit::Done);
        }
        let word = |truth: Option<bool>, yes: &'static str, no: &'static str| match truth {
            Some(true) => yes,
            Some(false) => no,
            None => "the platform doesn't say in a way that is known",
        };
        for (name, value) in [
            ("download", word(status.fulfilled, "begun", "not begun")),
            (
                "take back",
                word(status.refundable, "possible", "not possible"),
            ),
        ] {
            context.out.line(format!("{name:<12}{value}"))?;
        }
        Ok(Exit::Done)
    }
}

//! `onix simulate` and `onix sell`: what the platform says of a sale, and the sale itself.

use clap::Args;
use serde::Serialize;

use super::check::{self, Parameters};
use super::sale;
use super::secrets::SecretArgs;
use super::trouble::{Exit, Result, Trouble};
use super::{Context, audit, output};
use crate::model::{Account, Kind, SaleRequest};
use crate::platform::Simulation;
use crate::shop::{Cause, Shop};

/// Ask the platform whether it would take a sale; nothing is recorded
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 valid, 1 refused; with --compare 1 also where the two differ.

Examples:
  onix simulate 9782070368228 --format epub --cost 999 --protection watermark --country FR --currency EUR --price-type 04 --at 2026-12-01
  onix simulate 9782070368228 --format epub --cost 899 --protection watermark --country FR --currency EUR --price-type 04 --compare --at 2026-12-01")]
pub(crate) struct Simulate {
    /// ISBN, EAN or own key of the publication
    #[arg(value_name = "ID")]
    id: String,
    /// Set beside it what the catalogue says, and what differs
    #[arg(long)]
    compare: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
    // Last, because its heading holds for all that follows, and makes it no setting.
    #[command(flatten)]
    parameters: Parameters,
}

/// What the platform says.
#[derive(Serialize)]
struct Said {
    verdict: &'static str,
    codes: Vec<String>,
}

impl Simulate {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let seller = sale::shop(context, &self.secret)?;
        let request = self.parameters.request(&self.id, seller.account())?;
        if self.compare {
            return compare(context, &seller, &request, self.json);
        }
        let (verdict, codes) = match seller.simulate(&request)? {
            Simulation::Valid => ("valid", Vec::new()),
            Simulation::Refused(codes) => ("refused", codes),
        };
        match self.json {
            true => context.out.json(&Said { verdict, codes })?,
            false => said(context, verdict, &codes)?,
        }
        Ok(match verdict {
            "valid" => Exit::Done,
            _ => Exit::Nothing,
        })
    }
}

fn said(context: &mut Context, verdict: &str, codes: &[String]) -> Result<()> {
    let line = match codes.is_empty() {
        true => format!("the platform says {verdict}"),
        false => format!("the platform says {verdict}: {}", codes.join(", ")),
    };
    context.out.line(output::clean(&line))
}

/// The platform's word beside the catalogue's, and why they differ.
fn compare(context: &mut Context, seller: &Shop, request: &SaleRequest, json: bool) -> Result {
    let compared = seller.compare(request)?;
    let is_valid = compared.platform == ["valid"];
    if json {
        context.out.json(&compared)?;
    } else {
        let (verdict, codes) = match is_valid {
            true => ("valid", &[][..]),
            false => ("refused", &compared.platform[..]),
        };
        said(context, verdict, codes)?;
        context.out.line("the catalogue says:")?;
        check::text(context, request, &seller.check(request)?, false)?;
        let line = match compared.cause {
            Cause::Agrees => "they agree".to_owned(),
            cause => format!("they differ: {}", audit::in_words(cause)),
        };
        context.messages.say(line);
    }
    Ok(match is_valid && compared.cause == Cause::Agrees {
        true => Exit::Done,
        false => Exit::Nothing,
    })
}

/// Sell a publication
///
/// Checks it, writes it into the ledger, posts it once, and writes down what came of it. Without --live it is a test, which nobody
/// is invoiced for. What the catalogue says the platform wouldn't take isn't sent. Where no answer comes, the sale is unknown, and
/// never repeated by itself: `onix sale resolve` finds out.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status: 0 recorded, 1 not sent, refused, or not known.

Examples:
  onix sell 9782070368228 --format epub --cost 999 --protection watermark --country FR --currency EUR --price-type 04 \\
    --customer-id c-1 --transaction-id basket-1 --uname 'Ana Sel' --at 2026-12-01")]
pub(crate) struct Sell {
    /// ISBN, EAN or own key of the publication
    #[arg(value_name = "ID")]
    id: String,
    /// Sell: without it the sale is a test
    #[arg(long)]
    live: bool,
    /// Send it whatever the catalogue says, and be it a test beside a sale
    #[arg(long)]
    force: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    secret: SecretArgs,
    // Last, because its heading holds for all that follows, and makes it no setting.
    #[command(flatten)]
    parameters: Parameters,
}

impl Sell {
    pub(crate) fn run(self, context: &mut Context) -> Result {
        let account = context.account()?;
        let request = self.request(context, &account)?;
        let shop = sale::shop(context, &self.secret)?;
        let sold = shop.sell(&request, self.force, super::now())?;
        sale::told(context, &shop, &request, sold, self.json)
    }

    /// What is sent: a test unless it is live, and all that the platform is known to refuse sales without.
    fn request(&self, context: &Context, account: &Account) -> Result<SaleRequest> {
        let mut request = self.parameters.request(&self.id, account)?;
        request.kind = Kind::Sale;
        request.sale_state = Some(match (self.live, request.sale_state.take()) {
            (false, None) => "test".to_owned(),
            (false, Some(state)) if state == "test" => state,
            (false, Some(state)) => {
                return Err(Trouble::usage(
                    format!("--sale-state {state} without --live"),
                    "a sale that is no test needs --live",
                ));
            }
            (true, state) => state.unwrap_or_else(|| "active".to_owned()),
        });
        if request.country.is_none() {
            let country = account.country.map(|country| country.alpha2().to_owned());
            request.country = country;
        }
        let missing: Vec<&str> = [
            ("--country", &request.country),
            ("--currency", &request.currency),
            ("--price-type", &request.price_type),
        ]
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(flag, _)| *flag)
        .collect();
        if !missing.is_empty() && !self.force {
            return Err(Trouble::usage(
                format!("a sale has to say {}", missing.join(", ")),
                "the platform's pages call them optional, and it refuses sales without them; --force sends it all the same",
            ));
        }
        if !self.live {
            context
                .messages
                .say("a test: nobody is invoiced for it; --live sells");
        }
        Ok(request)
    }
}

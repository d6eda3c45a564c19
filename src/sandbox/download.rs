//! The link to a file that was sold, and the file behind it (S0, S4 2.3).

use serde::{Deserialize, Serialize};

use super::clock::{Millis, is_within};
use super::files::{self, File};
use super::pieces::{Part, Table};
use super::request::{Answer, Request};
use super::sales::{SaleKey, token};
use super::state::{Asked, Outcome, State, address};
use super::words::Refusal;
use crate::model::{Accepted, Protection};

/// Where files are: no path of the platform's, and open to whoever knows the rest of it.
pub(super) const FILES: &str = "/__files/";

/// Why a sale has no link, and its link no file.
pub(super) const CANCELLED: &str = "the sale was cancelled";

/// How long a link leads to its file.
const VALID: Millis = 60_000;

/// The links that were handed out and still lead to a file.
#[derive(Debug, Clone)]
pub(super) struct Links {
    pub(super) links: Table<Link>,
    pub(super) count: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Link {
    sale: SaleKey,
    /// The name that was given with the request for the link.
    uname: Option<String>,
    at: Millis,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            links: Table::new(Part::Link),
            count: 0,
        }
    }
}

impl Links {
    /// Hands a link out, under a name of its own.
    fn add(&mut self, link: Link) -> String {
        let now = link.at;
        self.links.retain(|link| link.is_valid(now));
        self.count += 1;
        let name = format!("F{}", token(self.count));
        self.links.insert(name.clone(), link);
        name
    }

    fn find(&self, name: &str, now: Millis) -> Option<&Link> {
        self.links.get(name).filter(|link| link.is_valid(now))
    }
}

impl Link {
    fn is_valid(&self, now: Millis) -> bool {
        is_within(self.at, now, VALID)
    }
}

/// `GET …/customers/{c}/transactions/{t}/publications/{isbn}/download_links/{format}`
///
/// S0 calls `uname` mandatory and prints no code for its absence: it isn't demanded. Of a sale that nobody knows, or that was
/// cancelled, no document tells; it isn't found.
pub(super) fn link(state: &mut State, asked: &Asked<'_>) -> Outcome {
    if asked.route.sale.transaction.is_empty() {
        let refusal = Refusal::new(400, "missing_transaction_id");
        return Err(refusal.because("the path has no transaction"));
    }
    let (sale, known) = state.sale_named(asked)?;
    if known.is_cancelled {
        return Err(Refusal::not_found().because(CANCELLED));
    }
    let reference = known.reference.clone();
    if let Some(drm_type) = asked.request.parameter("drm_type") {
        relock(state, asked, &sale, &drm_type)?;
    }
    let uname = asked.request.parameter("uname");
    let at = state.clock.now();
    let name = state.links.add(Link { sale, uname, at });
    let address = address(asked.request, &format!("{FILES}{name}"));
    Ok(Answer::new(200, "text/plain", address).about(&reference))
}

/// Locks a book that is to be had with Adobe's lock and with LCP with the one that is asked for now (CF-LCP).
fn relock(state: &mut State, asked: &Asked<'_>, at: &SaleKey, drm_type: &str) -> Outcome<()> {
    let refused = |clause: &str| Refusal::new(400, "invalid_protection").because(clause);
    let organisation = &state.organisations[asked.organisation];
    let is_lcp = drm_type.trim().eq_ignore_ascii_case("lcp");
    if is_lcp && !organisation.lcp {
        return Err(refused(
            "the organisation doesn't sell with LCP: seed it with \"lcp\": true",
        ));
    }
    let products = state
        .stock
        .products_of(&asked.route.id, &organisation.publishers);
    let is_offered = products
        .iter()
        .filter_map(|one| one.offers())
        .any(|offers| {
            let accepted = offers.protections().accept(Protection::Drm, Some(drm_type));
            accepted == Accepted::Yes
        });
    let sale = state.sales.sale_mut(at).ok_or_else(Refusal::not_found)?;
    if !is_offered || !matches!(sale.protection.as_str(), "drm" | "acs4") {
        return Err(refused("the sale can't be locked so"));
    }
    sale.protection = Protection::Drm.as_str().to_owned();
    sale.is_lcp = is_lcp;
    sale.drm_type = Some(drm_type.to_owned());
    Ok(())
}

/// `GET /__files/[name]`: the file, as long as its link is valid. Whoever has it has downloaded what was sold.
pub(super) fn file(state: &mut State, request: &Request, name: &str) -> Outcome {
    let link = state.links.find(name, state.clock.now());
    let over = || {
        Refusal::not_found()
            .because("a link leads to its file for a minute, and this one no longer does")
    };
    let Link { sale, uname, .. } = link.cloned().ok_or_else(over)?;
    let sale = state.sales.sale_mut(&sale);
    let sale = sale.filter(|sale| !sale.is_cancelled);
    let sale = sale.ok_or_else(|| Refusal::not_found().because(CANCELLED))?;
    match request.method.as_str() {
        "GET" => sale.is_downloaded = true,
        "HEAD" => {}
        _ => {
            return Err(Refusal::not_found()
                .because("a file is fetched with GET")
                .taken_with("method", "GET"));
        }
    }
    let uname = uname.as_deref().or(sale.uname.as_deref());
    let File {
        media_type,
        extension,
        bytes,
    } = files::of(sale, uname);
    let disposition = format!("attachment; filename=\"publication.{extension}\"");
    let answer = Answer::new(200, media_type, bytes);
    Ok(answer
        .with_header("Content-Disposition", disposition)
        .about(&sale.reference))
}

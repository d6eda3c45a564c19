//! The platform's published checklist for sellers, held against what a shop asked of the stand-in.
//!
//! A check is a function from requests to what is wrong with them; all of them stand in [`CHECKS`]. Nothing is asked here, and no clock
//! is read: what was logged, sold and removed is a value, and so is the report. What the checks look at, and what they can't see,
//! is told in `src/docs/checklist.md`.

mod call;
mod catalogue;
mod copies;
mod downloads;
mod names;
mod pages;
pub(crate) mod report;
mod simulations;
mod terms;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::{Value, json};

use self::call::Calls;
use self::report::{Checked, Finding, Report, State as Judged};
use super::clock::{Millis, extended, second};
use super::fields::{Read, Wrong};
use super::log::{Line, Told};
use super::moments;
use super::request::Request;
use super::state::State;

/// What a shop did, as far as the stand-in knows.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub(super) lines: Vec<Line>,
    pub(super) removals: Vec<Removal>,
    /// Whatever was sold, also by requests that aren't among the lines.
    pub(super) bought: Vec<Bought>,
    /// The second in which it is judged.
    pub(super) now: i64,
    /// How many of the oldest requests are known no more.
    pub(super) forgotten: u64,
    /// Since when the lines are.
    pub(super) since: Option<Millis>,
}

/// A product that was removed.
#[derive(Debug, Clone, Default)]
pub(super) struct Removal {
    /// The second in which it was.
    pub(super) at: i64,
    pub(super) record_reference: String,
    /// As identifiers are compared.
    pub(super) identifiers: Vec<String>,
}

/// A sale, of which the log doesn't say to whom it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Bought {
    pub(super) organisation: String,
    pub(super) transaction_id: String,
    pub(super) customer_id: String,
    pub(super) isbn: String,
    pub(super) record_reference: String,
    pub(super) format: String,
    pub(super) uname: Option<String>,
}

/// A check of the list.
struct Check {
    word: &'static str,
    title: &'static str,
    source: &'static str,
    to_exercise: &'static str,
    judge: fn(&Calls<'_>) -> Finding,
}

const SELLERS: &str = "checklist for book sellers (help.cantook.net, article 4000034846)";
const PURCHASE: &str = "purchase process (distribution.doc.cantook.com, HUB2503)";
const CATALOGUE: &str = "catalogue synchronization (distribution.doc.cantook.com, HUB2503)";
const RESELLERS: &str =
    "presentation of the services for resellers (help.cantook.net, article 4000034845)";
const DOWNLOAD: &str = "download of a publication (the platform's page on that service)";

const CHECKS: [Check; 19] = [
    Check {
        word: "one_copy",
        title: "No more than one copy of a book is bought",
        source: PURCHASE,
        to_exercise: "buy a book, and try to buy two of it",
        judge: copies::one_copy,
    },
    Check {
        word: "simulated_in_basket",
        title: "The sale is simulated when a book is put into the basket",
        source: PURCHASE,
        to_exercise: "put a book into the basket and buy it",
        judge: simulations::in_basket,
    },
    Check {
        word: "simulated_before_payment",
        title: "The very sale is simulated again before the payment",
        source: PURCHASE,
        to_exercise: "put a book into the basket and buy it",
        judge: simulations::before_payment,
    },
    Check {
        word: "refused_not_sold",
        title: "What a simulation refuses isn't sold",
        source: PURCHASE,
        to_exercise: "put a book into the basket that can't be sold there, and try to pay",
        judge: simulations::refused_not_sold,
    },
    Check {
        word: "transaction_of_basket",
        title: "Each basket has a transaction_id of its own",
        source: PURCHASE,
        to_exercise: "buy two baskets, the second filled after the first is paid",
        judge: names::transaction_of_basket,
    },
    Check {
        word: "customer_of_user",
        title: "Each user has one customer_id, and always the same",
        source: PURCHASE,
        to_exercise: "let one user buy two baskets, and another user a third",
        judge: names::customer_of_user,
    },
    Check {
        word: "posted_once",
        title: "A sale is posted once, and not again for its download",
        source: PURCHASE,
        to_exercise: "buy a book and download it twice",
        judge: copies::posted_once,
    },
    Check {
        word: "no_test_sales",
        title: "sale_state=test is gone from sales",
        source: PURCHASE,
        to_exercise: "buy a book as a customer will",
        judge: terms::no_test_sales,
    },
    Check {
        word: "platform_price",
        title: "Books are sold at the platform's price",
        source: SELLERS,
        to_exercise: "buy a book that has a price",
        judge: terms::platform_price,
    },
    Check {
        word: "free_books",
        title: "Free books are sold, at cost 0",
        source: SELLERS,
        to_exercise: "buy a book that costs nothing",
        judge: terms::free_books,
    },
    Check {
        word: "removed_books",
        title: "Removed books are offered no more",
        source: CATALOGUE,
        to_exercise: "remove a book (POST /__admin/catalogue with NotificationType 05), let a second pass, synchronise, and \
                      look for it in the shop",
        judge: catalogue::removed_books,
    },
    Check {
        word: "unavailable_books",
        title: "Books that aren't for sale aren't sold",
        source: CATALOGUE,
        to_exercise: "put a book into the basket, make it unavailable (POST /__admin/catalogue with ProductAvailability 43), and \
                      try to pay",
        judge: catalogue::unavailable_books,
    },
    Check {
        word: "synchronised_daily",
        title: "The catalogue is synchronised every 24 hours",
        source: RESELLERS,
        to_exercise: "synchronise, let an hour or more pass (POST /__admin/clock), and synchronise again",
        judge: catalogue::daily,
    },
    Check {
        word: "all_pages",
        title: "Every page of a synchronisation is fetched",
        source: CATALOGUE,
        to_exercise: "synchronise with full or delta, from Link to Link up to a page that isn't found",
        judge: pages::all_pages,
    },
    Check {
        word: "download_on_click",
        title: "A download link is asked for at the click, and leads to its file at once",
        source: DOWNLOAD,
        to_exercise: "buy a book and download it",
        judge: downloads::on_click,
    },
    Check {
        word: "seen_contributors",
        title: "Authors are shown apart from other contributors",
        source: SELLERS,
        to_exercise: "no request shows it: look at the page of a book that has a translator",
        judge: unseen,
    },
    Check {
        word: "seen_protection",
        title: "Metadata are shown, the protection among them, with a page of help on it",
        source: SELLERS,
        to_exercise: "no request shows it: look at the pages of a book with a watermark and of one with DRM",
        judge: unseen,
    },
    Check {
        word: "seen_refusal",
        title: "A customer is told when a simulation is refused",
        source: PURCHASE,
        to_exercise: "no request shows it: put a book into the basket that can't be sold, and read what the shop says",
        judge: unseen,
    },
    Check {
        word: "seen_taxes",
        title: "Taxes that aren't in a price are added to it",
        source: PURCHASE,
        to_exercise: "no request shows it: look at the basket with a book whose PriceType is 01",
        judge: unseen,
    },
];

/// What only somebody who looks at the shop can judge.
fn unseen(_: &Calls<'_>) -> Finding {
    Finding::default()
}

/// Holds all checks against a history.
pub(super) fn judge(history: &History) -> Report {
    let calls = Calls::of(history);
    let checks: Vec<Checked> = CHECKS.iter().map(|check| checked(check, &calls)).collect();
    let count = |state| checks.iter().filter(|check| check.state == state).count() as u64;
    Report {
        requests: history.lines.len() as u64,
        forgotten: history.forgotten,
        since: history.since.map(extended),
        passed: count(Judged::Passed),
        failed: count(Judged::Failed),
        not_exercised: count(Judged::NotExercised),
        checks,
    }
}

fn checked(check: &Check, calls: &Calls<'_>) -> Checked {
    let mut finding = (check.judge)(calls);
    finding.because.sort_by_key(|because| because.n);
    let state = finding.state();
    let is_left = state == Judged::NotExercised;
    Checked {
        check: check.word.to_owned(),
        title: check.title.to_owned(),
        source: check.source.to_owned(),
        state,
        because: finding.because,
        to_exercise: is_left.then(|| check.to_exercise.to_owned()),
    }
}

/// `GET /__admin/checklist?since=T`: what is judged, to be looked through when nobody waits.
pub(super) struct Asked {
    since: Option<Millis>,
    told: Told,
    removals: Vec<Removal>,
    bought: Value,
    now: i64,
}

impl Asked {
    pub(super) fn read(state: &State, request: &Request) -> Read<Self> {
        let since = request.parameter("since").map(|text| {
            let expected = "a moment such as 2026-12-01T00:00:00Z";
            moments::parse(&text).ok_or_else(|| Wrong::new("since", expected))
        });
        let removals = state.stock.removals().map(|removed| Removal {
            at: second(removed.at),
            record_reference: removed.was.reference.clone(),
            identifiers: removed.was.ids().to_vec(),
        });
        Ok(Self {
            since: since.transpose()?,
            told: state.log.told(0),
            removals: removals.collect(),
            bought: state.sales.to_json(true, usize::MAX),
            now: second(state.clock.now()),
        })
    }

    pub(super) fn judged(self) -> Value {
        json!(judge(&self.history()))
    }

    fn history(self) -> History {
        let since = self.since;
        let is_since = |line: &Line| match since {
            Some(since) => moments::parse(&line.at).is_some_and(|at| at >= since),
            None => true,
        };
        History {
            lines: self.told.read().filter(is_since).collect(),
            removals: self.removals,
            bought: bought(self.bought),
            now: self.now,
            forgotten: self.told.forgotten,
            since,
        }
    }
}

/// What was sold, with names: who reads the report sees none of them.
fn bought(sales: Value) -> Vec<Bought> {
    serde_json::from_value(sales).expect("every sale has these fields, as texts")
}

/// A time that has passed, in words.
fn span(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        (_, 0) => format!("{hours} h"),
        _ => format!("{hours} h {minutes} min"),
    }
}

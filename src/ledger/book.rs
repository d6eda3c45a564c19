//! The ledger itself: writing decisions down, and what comes of them.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::decision::{Decision, Event, EventKind, Kind, Outcome, State};
use super::schema;
use super::terms::Terms;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Moment;
use crate::private_file;

/// How long another process may write before this one gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A ledger, open for reading and writing by any number of threads and processes.
#[derive(Debug)]
pub struct Ledger {
    connection: Mutex<Connection>,
}

/// The right to post a decision, once: only a ledger that has written it to the disk hands one out.
///
/// It can't be copied. Whoever posts takes it, and [`Ledger::settle`] wants it back with what came of it; one that is dropped
/// leaves its decision open.
#[derive(Debug)]
#[must_use = "a decision that isn't posted stays open"]
pub struct Intent {
    decision: i64,
    terms: Terms,
}

impl Intent {
    /// The decision's number.
    pub fn decision(&self) -> i64 {
        self.decision
    }

    /// What is to be posted.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }
}

/// A decision that has been posted, or is not going to be: [`Ledger::settle`] writes down what came of it.
#[derive(Debug)]
pub struct Spent {
    decision: i64,
    kind: Kind,
}

impl Intent {
    /// The right is used up.
    pub(crate) fn spend(self) -> Spent {
        Spent {
            decision: self.decision,
            kind: self.terms.kind,
        }
    }
}

impl Spent {
    /// The decision's number.
    pub fn decision(&self) -> i64 {
        self.decision
    }
}

impl From<Intent> for Spent {
    fn from(intent: Intent) -> Self {
        intent.spend()
    }
}

/// An error of SQLite's, and what was being done.
pub(super) fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> Error {
    move |error| {
        Error::new(ErrorKind::Ledger {
            what: what.to_owned(),
        })
        .because(error)
    }
}

impl Ledger {
    /// Opens the ledger of a file, or makes an empty one that its owner alone can read.
    ///
    /// # Errors
    /// [`ErrorKind::Ledger`] if the file is something else, damaged, or can't be written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let rights = |error| {
            let what = format!("the ledger {} can't be opened", path.display());
            Error::io(what, error)
        };
        private_file::make(path).map_err(rights)?;
        let connection = Connection::open(path).map_err(failed("opening the ledger"))?;
        let ledger = Self::of(connection)?;
        private_file::close(path).map_err(rights)?;
        Ok(ledger)
    }

    /// An empty one that is gone with this value.
    pub fn in_memory() -> Result<Self> {
        Self::of(Connection::open_in_memory().map_err(failed("opening a ledger"))?)
    }

    fn of(connection: Connection) -> Result<Self> {
        connection
            .busy_timeout(PATIENCE)
            .map_err(failed("opening the ledger"))?;
        schema::prepare(&connection)?;
        Ok(Self {
            connection: Mutex::new(connection),
        })
    }

    pub(super) fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic between two statements leaves a transaction that is rolled back.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something in one transaction, which is on the disk when it returns.
    pub(super) fn write<T>(
        &self,
        what: &'static str,
        write: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut connection = self.connection();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed(what))?;
        let written = write(&transaction)?;
        transaction.commit().map_err(failed(what))?;
        Ok(written)
    }

    /// Writes a decision down and hands out the right to post it.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] where one of the same account, organisation, transaction, publication, format and customer is
    /// open, unknown or recorded; where its transaction is another customer's; and, unless forced, where a test sale stands
    /// beside a live one or the other way round.
    pub fn intend(&self, terms: &Terms, force: bool, at: Moment) -> Result<Intent> {
        terms.checked()?;
        self.write("writing a decision down", |transaction| {
            refuse_another_customers(transaction, terms)?;
            refuse_repeated(transaction, terms, force)?;
            let id = insert(transaction, terms, State::Open, at)?;
            add(transaction, id, EventKind::Intent, "", at)?;
            Ok(Intent {
                decision: id,
                terms: terms.clone(),
            })
        })
    }

    /// Writes down what came of posting a decision.
    pub fn settle(
        &self,
        spent: impl Into<Spent>,
        outcome: &Outcome,
        at: Moment,
    ) -> Result<Decision> {
        let intent = spent.into();
        let kind = match (outcome, intent.kind) {
            (Outcome::Recorded, Kind::Preorder) => EventKind::Preordered,
            (Outcome::Recorded, _) => EventKind::Recorded,
            (Outcome::Refused(_), _) => EventKind::Refused,
            (Outcome::Unknown(_), _) => EventKind::Unknown,
        };
        self.write("writing down what came of a decision", |transaction| {
            // Somebody may have looked meanwhile, and know more.
            // What was posted twice isn't refused because one of the two was.
            let is_repeated = n_intents(transaction, intent.decision)? > 1;
            let state = match (of_id(transaction, intent.decision)?.state, outcome) {
                (State::Open | State::Unknown, Outcome::Refused(_)) if is_repeated => {
                    State::Unknown
                }
                (State::Open | State::Unknown, outcome) => outcome.state(),
                (State::Refused, Outcome::Recorded) => State::Recorded,
                (known, _) => known,
            };
            move_on(transaction, intent.decision, state, at)?;
            add(transaction, intent.decision, kind, &outcome.detail(), at)?;
            of_id(transaction, intent.decision)
        })
    }

    /// Hands out the right to post a decision once more, with the very same parameters: on the user's word, where it isn't
    /// known what came of it. The platform tells the same sale from a new one, and answers `duplicate`.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] for a decision of which all is known already.
    pub fn repeat(&self, id: i64, at: Moment) -> Result<Intent> {
        self.write("writing down that a decision is repeated", |transaction| {
            let decision = of_id(transaction, id)?;
            if !matches!(decision.state, State::Open | State::Unknown) {
                return Err(decided(&decision, "nothing of it is unknown"));
            }
            let age = at.as_unix() - decision.changed.as_unix();
            if decision.state == State::Open && age < ON_ITS_WAY {
                return Err(decided(&decision, "may be on its way"));
            }
            add(transaction, id, EventKind::Intent, "the same once more", at)?;
            Ok(Intent {
                decision: id,
                terms: decision.terms,
            })
        })
    }

    /// Adds to what happened to a decision, without anything else being known of it.
    pub fn note(&self, id: i64, kind: EventKind, detail: &str, at: Moment) -> Result<()> {
        self.write("writing down what happened", |transaction| {
            of_id(transaction, id)?;
            add(transaction, id, kind, detail, at)
        })
    }

    /// Writes down what has been found out about a decision that was open or unknown, and how.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] for a decision of which all is known already.
    pub fn resolve(&self, id: i64, outcome: &Outcome, how: &str, at: Moment) -> Result<Decision> {
        self.write("writing down what was found out", |transaction| {
            let decision = of_id(transaction, id)?;
            if !matches!(decision.state, State::Open | State::Unknown) {
                return Err(decided(&decision, "nothing of it is unknown"));
            }
            move_on(transaction, id, outcome.state(), at)?;
            let detail = format!("{}: {how}", outcome.state().as_str());
            add(transaction, id, EventKind::Resolved, &detail, at)?;
            of_id(transaction, id)
        })
    }

    /// Writes down that a decision is going to be taken back, before the platform is asked to.
    pub fn cancelling(&self, id: i64, at: Moment) -> Result<()> {
        self.note(id, EventKind::Intent, CANCELLING, at)
    }

    /// Writes down that a recorded decision was taken back, with the platform's receipt.
    ///
    /// # Errors
    /// [`ErrorKind::Decided`] for a decision that isn't recorded.
    pub fn cancel(&self, id: i64, receipt: &str, at: Moment) -> Result<Decision> {
        self.write("writing down a cancellation", |transaction| {
            let decision = of_id(transaction, id)?;
            if !matches!(decision.state, State::Recorded | State::Unknown) {
                return Err(decided(&decision, "it isn't recorded"));
            }
            move_on(transaction, id, State::Cancelled, at)?;
            add(transaction, id, EventKind::Cancelled, receipt, at)?;
            of_id(transaction, id)
        })
    }

    /// A decision by its number.
    pub fn decision(&self, id: i64) -> Result<Option<Decision>> {
        let connection = self.connection();
        one(&connection, id).map_err(failed("reading a decision"))
    }

    /// What happened to a decision, the oldest first.
    pub fn events(&self, id: i64) -> Result<Vec<Event>> {
        let connection = self.connection();
        let read = || {
            let mut statement = connection
                .prepare("SELECT at, kind, detail FROM event WHERE decision = ? ORDER BY id")?;
            let rows = statement.query_map([id], |row| {
                let kind: String = row.get(1)?;
                Ok(Event {
                    at: Moment::from_unix(row.get(0)?),
                    kind: EventKind::from_word(&kind).ok_or_else(|| unread(1))?,
                    detail: row.get(2)?,
                })
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(failed("reading what happened to a decision"))
    }
}

pub(super) fn decided(decision: &Decision, why: &str) -> Error {
    let terms = &decision.terms;
    Error::new(ErrorKind::Decided {
        decision: decision.id,
        state: decision.state.as_str(),
        what: format!(
            "{} of {} as {} {why}",
            terms.kind.as_str(),
            terms.isbn,
            terms.format
        ),
    })
}

/// One transaction is one customer's (S2, S4).
fn refuse_another_customers(transaction: &Transaction<'_>, terms: &Terms) -> Result<()> {
    let Some(basket) = terms
        .get("transaction_id")
        .filter(|_| terms.kind == Kind::Sale)
    else {
        return Ok(());
    };
    let other = transaction
        .query_row(
            "SELECT id FROM decision WHERE kind = 'sale' AND account = ? AND organisation = ? AND transaction_id = ? \
             AND customer_id <> ? AND state <> 'refused' LIMIT 1",
            params![
                terms.account,
                terms.organisation,
                basket,
                terms.get("customer_id").unwrap_or_default()
            ],
            |row| row.get(0),
        )
        .optional()
        .map_err(failed("looking for the customer of a transaction"))?;
    match other {
        None => Ok(()),
        Some(id) => {
            let decision = of_id(transaction, id)?;
            let why = format!("is of another customer, and in the transaction {basket} too");
            Err(decided(&decision, &why))
        }
    }
}

fn refuse_repeated(transaction: &Transaction<'_>, terms: &Terms, force: bool) -> Result<()> {
    let mut statement = transaction
        .prepare(
            "SELECT id FROM decision WHERE kind = ? AND account = ? AND organisation = ? AND transaction_id = ? \
             AND publication = ? AND format = ? AND customer_id = ? AND state IN ('open', 'unknown', 'recorded')",
        )
        .map_err(failed("looking for the same decision"))?;
    let found = statement.query_map(
        params![
            terms.kind.as_str(),
            terms.account,
            terms.organisation,
            basket(terms),
            terms.publication(),
            terms.format,
            terms.get("customer_id").unwrap_or_default(),
        ],
        |row| row.get(0),
    );
    let found: rusqlite::Result<Vec<i64>> = found.and_then(Iterator::collect);
    for id in found.map_err(failed("looking for the same decision"))? {
        let decision = of_id(transaction, id)?;
        if decision.terms.is_test() == terms.is_test() {
            return Err(decided(&decision, "is the same"));
        }
        if !force {
            let why = match terms.is_test() {
                true => "is the same, and no test",
                false => "is the same, as a test",
            };
            return Err(decided(&decision, why));
        }
    }
    Ok(())
}

/// A preorder has no transaction.
fn basket(terms: &Terms) -> &str {
    match terms.kind {
        Kind::Sale => terms.get("transaction_id").unwrap_or_default(),
        Kind::Preorder => "",
    }
}

pub(super) fn insert(
    transaction: &Transaction<'_>,
    terms: &Terms,
    state: State,
    at: Moment,
) -> Result<i64> {
    // These two go when they must, and so stand apart from the rest.
    let rest: std::collections::BTreeMap<&str, &str> = terms
        .parameters
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "uname" | "credit_card_prefix"))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let rest = serde_json::to_string(&rest).map_err(|error| {
        Error::new(ErrorKind::Ledger {
            what: "writing a decision down".to_owned(),
        })
        .because(error)
    })?;
    transaction
        .execute(
            "INSERT INTO decision (kind, state, account, organisation, transaction_id, publication, isbn, format, \
             customer_id, is_test, cost, currency, country, publisher, title, uname, credit_card_prefix, parameters, \
             decided_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                terms.kind.as_str(),
                state.as_str(),
                terms.account,
                terms.organisation,
                basket(terms),
                terms.publication(),
                terms.isbn,
                terms.format,
                terms.get("customer_id").unwrap_or_default(),
                terms.is_test(),
                terms.cost(),
                terms.get("currency"),
                terms.get("country"),
                terms.get("publisher"),
                terms.get("title"),
                terms.get("uname"),
                terms.get("credit_card_prefix"),
                rest,
                at.as_unix(),
                at.as_unix(),
            ],
        )
        .map_err(failed("writing a decision down"))?;
    Ok(transaction.last_insert_rowid())
}

pub(super) fn add(
    transaction: &Transaction<'_>,
    decision: i64,
    kind: EventKind,
    detail: &str,
    at: Moment,
) -> Result<()> {
    let detail: String = detail.chars().take(500).collect();
    transaction
        .execute(
            "INSERT INTO event (decision, at, kind, detail) VALUES (?, ?, ?, ?)",
            params![decision, at.as_unix(), kind.as_str(), detail],
        )
        .map(|_| ())
        .map_err(failed("writing down what happened"))
}

/// How often a decision was to be posted.
fn n_intents(transaction: &Transaction<'_>, id: i64) -> Result<i64> {
    transaction
        .query_row(
            "SELECT count(*) FROM event WHERE decision = ? AND kind = 'intent' AND detail <> ?",
            params![id, CANCELLING],
            |row| row.get(0),
        )
        .map_err(failed("reading what happened to a decision"))
}

/// What is noted before a sale is taken back.
const CANCELLING: &str = "to be taken back";

/// How long a decision that is posted may take to be settled, in seconds: a sale's time-out, and some more.
const ON_ITS_WAY: i64 = 70;

/// The digits of a card are of use for nothing once the platform has answered.
fn move_on(transaction: &Transaction<'_>, id: i64, state: State, at: Moment) -> Result<()> {
    transaction
        .execute(
            "UPDATE decision SET state = ?1, changed_at = ?2, credit_card_prefix = \
             CASE WHEN ?1 IN ('open', 'unknown') THEN credit_card_prefix END WHERE id = ?3",
            params![state.as_str(), at.as_unix(), id],
        )
        .map(|_| ())
        .map_err(failed("writing down what came of a decision"))
}

fn of_id(connection: &Connection, id: i64) -> Result<Decision> {
    let found = one(connection, id).map_err(failed("reading a decision"))?;
    found.ok_or_else(|| {
        Error::new(ErrorKind::Invalid {
            what: "decision",
            given: id.to_string(),
            expected: "the number of one that the ledger has".to_owned(),
        })
    })
}

fn one(connection: &Connection, id: i64) -> rusqlite::Result<Option<Decision>> {
    let text = format!("SELECT {COLUMNS} FROM decision WHERE id = ?");
    let mut statement = connection.prepare(&text)?;
    statement.query_row([id], read).optional()
}

/// What [`read`] reads.
pub(super) const COLUMNS: &str = "id, kind, state, account, organisation, isbn, format, uname, \
     credit_card_prefix, parameters, decided_at, changed_at, customer_id";

pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Decision> {
    let kind: String = row.get(1)?;
    let state: String = row.get(2)?;
    let parameters: String = row.get(9)?;
    let mut parameters: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&parameters).map_err(|_| unread(9))?;
    for (name, at) in [("uname", 7), ("credit_card_prefix", 8)] {
        if let Some(value) = row.get::<_, Option<String>>(at)? {
            parameters.insert(name.to_owned(), value);
        }
    }
    parameters.insert("customer_id".to_owned(), row.get(12)?);
    Ok(Decision {
        id: row.get(0)?,
        terms: Terms {
            kind: Kind::from_word(&kind).ok_or_else(|| unread(1))?,
            account: row.get(3)?,
            organisation: row.get(4)?,
            isbn: row.get(5)?,
            format: row.get(6)?,
            parameters,
        },
        state: State::from_word(&state).ok_or_else(|| unread(2))?,
        decided: Moment::from_unix(row.get(10)?),
        changed: Moment::from_unix(row.get(11)?),
    })
}

/// A column that says something unknown: another program has written there.
fn unread(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "a word".to_owned(), rusqlite::types::Type::Text)
}

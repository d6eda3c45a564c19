//! The tables, and what they don't let happen.

use rusqlite::Connection;

use super::book::failed;
use crate::error::{Error, ErrorKind, Result};

/// The version of the tables, in `user_version`.
const VERSION: i64 = 1;

/// Of decisions with one key, one at most is open, unknown or recorded: that is what keeps a sale from being made twice,
/// whichever process asks. Refused and cancelled ones don't block another.
const TABLES: &str = "
CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sale', 'preorder')),
    state TEXT NOT NULL CHECK (state IN ('open', 'recorded', 'refused', 'unknown', 'cancelled')),
    account TEXT NOT NULL,
    organisation TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    publication TEXT NOT NULL,
    isbn TEXT NOT NULL,
    format TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    is_test INTEGER NOT NULL CHECK (is_test IN (0, 1)),
    cost INTEGER,
    currency TEXT,
    country TEXT,
    publisher TEXT,
    title TEXT,
    uname TEXT,
    credit_card_prefix TEXT,
    parameters TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_decision_a_key ON decision
    (kind, account, organisation, transaction_id, publication, format, customer_id, is_test)
    WHERE state IN ('open', 'unknown', 'recorded');

CREATE INDEX decision_by_transaction ON decision (account, organisation, transaction_id);
CREATE INDEX decision_by_customer ON decision (customer_id);
CREATE INDEX decision_by_state ON decision (state);

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    decision INTEGER NOT NULL REFERENCES decision (id),
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX event_by_decision ON event (decision);

CREATE TRIGGER events_stay BEFORE DELETE ON event BEGIN
    SELECT raise(ABORT, 'events are only ever added');
END;

CREATE TRIGGER events_stand BEFORE UPDATE ON event BEGIN
    SELECT raise(ABORT, 'events are only ever added');
END;

CREATE TRIGGER decisions_stay BEFORE DELETE ON decision BEGIN
    SELECT raise(ABORT, 'decisions are never removed');
END;
";

/// Refuses a database that has tables and isn't a ledger, before anything of it is changed.
fn refuse_another(connection: &Connection) -> Result<()> {
    // One look, since another process may be making the tables.
    let query = "SELECT count(*), count(*) FILTER (WHERE name = 'decision') FROM sqlite_master WHERE type = 'table'";
    let counted = connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?)));
    let (tables, ledgers): (i64, i64) = counted.map_err(failed("opening the ledger"))?;
    match tables == 0 || ledgers == 1 {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Ledger {
            what: "the file is a database of something else".to_owned(),
        })),
    }
}

/// Makes the tables, or makes sure that they are those of this version.
pub(super) fn prepare(connection: &Connection) -> Result<()> {
    let doing = failed("preparing the ledger");
    refuse_another(connection)?;
    connection
        .execute_batch(
            // What is removed is overwritten: a name that is forgotten is nowhere in the file.
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA secure_delete = ON;",
        )
        .map_err(&doing)?;
    let version = |connection: &Connection| {
        connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
    };
    match version(connection).map_err(&doing)? {
        VERSION => return Ok(()),
        0 => {}
        found => {
            return Err(Error::new(ErrorKind::IndexVersion {
                found: format!("version {found} of the ledger's tables"),
                expected: format!("version {VERSION}"),
            }));
        }
    }
    // Another process may make them meanwhile.
    connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(&doing)?;
    if version(connection).map_err(&doing)? == 0 {
        connection.execute_batch(TABLES).map_err(&doing)?;
        connection
            .execute_batch(&format!("PRAGMA user_version = {VERSION}"))
            .map_err(&doing)?;
    }
    connection.execute_batch("COMMIT").map_err(&doing)
}

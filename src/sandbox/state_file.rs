//! The state on the disk: a file of SQLite with a row for each piece.
//!
//! Whatever a request changed is committed before it is answered, so that a process that is killed has acknowledged nothing
//! that is lost. A machine that loses its power may lose the last of it, and never breaks the file.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Transaction, params};

use super::pieces::{Part, Piece};
use crate::error::{Error, ErrorKind, Result};
use crate::private_file;

/// The version of the pieces, in `user_version`.
const VERSION: i64 = 1;

/// "onix", in `application_id`.
const APPLICATION: i64 = 0x6f6e_6978;

/// The file, which no other process may open meanwhile.
pub(super) struct StateFile {
    connection: Connection,
}

impl StateFile {
    /// Opens a file, or makes an empty one that its owner alone can read.
    ///
    /// # Errors
    /// [`ErrorKind::StateFile`] if it is something else, another process has it, or it can't be written.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let failed = |error: rusqlite::Error| not_opened(path, error);
        let rights = |error| {
            Error::io(
                format!("the state {} can't be opened", path.display()),
                error,
            )
        };
        private_file::make(path).map_err(rights)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
        let number = |pragma: &str| {
            connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
        };
        let is_new = number("schema_version").map_err(failed)? == 0;
        let found = (
            number("application_id").map_err(failed)?,
            number("user_version").map_err(failed)?,
        );
        if !is_new && found != (APPLICATION, VERSION) {
            return Err(other_file(path));
        }
        connection
            .execute_batch(&format!(
                "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
                 PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};
                 CREATE TABLE IF NOT EXISTS piece (
                     part TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
                     PRIMARY KEY (part, key)
                 ) STRICT, WITHOUT ROWID;"
            ))
            .map_err(failed)?;
        private_file::close(path).map_err(rights)?;
        Ok(Self { connection })
    }

    /// All pieces, those of a part in the order of their keys; none in a file that is new.
    pub(super) fn read(&self) -> Result<Vec<Piece>> {
        let failed = failed("reading the state");
        let mut statement = self
            .connection
            .prepare("SELECT part, key, value FROM piece ORDER BY part, key")
            .map_err(&failed)?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get(2)?,
                ))
            })
            .map_err(&failed)?;
        let mut pieces = Vec::new();
        for row in rows {
            let (part, key, value) = row.map_err(&failed)?;
            let part = Part::of_word(&part).ok_or_else(|| damaged(&part, &key))?;
            pieces.push(Piece {
                part,
                key,
                value: Some(value),
            });
        }
        Ok(pieces)
    }

    /// Writes pieces in one transaction, in the place of all others if there is to be nothing else.
    pub(super) fn write(&mut self, pieces: &[Piece], is_all: bool) -> Result<()> {
        let write = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            if is_all {
                transaction.execute("DELETE FROM piece", [])?;
            }
            put(&transaction, pieces)?;
            transaction.commit()
        };
        write(&mut self.connection).map_err(failed("writing the state"))
    }
}

fn put(transaction: &Transaction<'_>, pieces: &[Piece]) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare("INSERT OR REPLACE INTO piece VALUES (?, ?, ?)")?;
    let mut delete = transaction.prepare("DELETE FROM piece WHERE part = ? AND key = ?")?;
    for Piece { part, key, value } in pieces {
        match value {
            Some(value) => insert.execute(params![part.as_str(), key, value])?,
            None => delete.execute(params![part.as_str(), key])?,
        };
    }
    Ok(())
}

/// That a piece isn't what it should be.
pub(super) fn damaged(part: &str, key: &str) -> Error {
    Error::new(ErrorKind::StateFile {
        what: format!("the state has {part} {key}, which makes no sense"),
    })
}

fn other_file(path: &Path) -> Error {
    Error::new(ErrorKind::StateFile {
        what: format!(
            "{} is no state of a stand-in, or one of another version",
            path.display()
        ),
    })
}

fn not_opened(path: &Path, error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, NotADatabase};
    let path = path.display();
    let what = match error.sqlite_error_code() {
        Some(DatabaseBusy | DatabaseLocked) => format!("another process has the state {path}"),
        Some(NotADatabase) => format!("{path} is no state of a stand-in"),
        _ => format!("the state {path} can't be opened"),
    };
    Error::new(ErrorKind::StateFile { what }).because(error)
}

fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> Error {
    move |error| {
        Error::new(ErrorKind::StateFile {
            what: format!("{what} failed"),
        })
        .because(error)
    }
}

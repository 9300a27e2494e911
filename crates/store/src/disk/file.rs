//! The SQLite file: made, recognised, and replaced when it is not what we would have made. Nothing
//! of it is synchronised to the disk: what a crash takes is fetched again.

use std::fs;
use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::error::DiskError;
use super::folder::Folder;

/// Large for SQLite, since most pieces take a page or several.
pub(super) const PAGE_BYTES: u64 = 16 << 10;

const NAME: &str = "pieces.sqlite";
const APPLICATION_ID: i64 = 0x6835_7363;
const FORMAT: i64 = 1;

/// `key` is null for a version that another followed; its pieces go first.
const SCHEMA: [&str; 3] = [
    "CREATE TABLE version (id INTEGER PRIMARY KEY, store TEXT NOT NULL, key TEXT, \
     etag TEXT NOT NULL, size_bytes INTEGER NOT NULL, modified_seconds INTEGER NOT NULL, \
     modified_nanos INTEGER NOT NULL, used INTEGER NOT NULL, UNIQUE (store, key)) STRICT",
    "CREATE TABLE piece (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, \
     start INTEGER NOT NULL, stop INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL, \
     UNIQUE (version, start)) STRICT",
    "CREATE INDEX version_by_use ON version (used)",
];

/// Where the file is.
pub(super) fn path(folder: &Folder) -> PathBuf {
    folder.file(NAME)
}

/// Opens the file if it is ours and of this format, or makes it.
pub(super) fn open(folder: &Folder, page_limit: u64) -> Result<Connection, DiskError> {
    folder.make_file(NAME)?;
    let path = path(folder);
    if path.metadata()?.len() > page_limit.saturating_mul(PAGE_BYTES) {
        return Err(DiskError::TooLarge);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    // What a damaged or made-up file says must not cost more than our own rows.
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 2 << 20)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_BYTES}; PRAGMA cell_size_check = ON; \
         PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; \
         PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4096; \
         PRAGMA max_page_count = {page_limit};"
    ))?;
    if schema(&connection)?.is_empty() {
        create(&connection)?;
    }
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let numbers = [number("application_id")?, number("user_version")?, number("page_size")?];
    let ours = numbers == [APPLICATION_ID, FORMAT, PAGE_BYTES as i64];
    if ours && schema(&connection)? == SCHEMA { Ok(connection) } else { Err(DiskError::Foreign) }
}

/// Removes the file, and what SQLite may have put beside it.
pub(super) fn remove(folder: &Folder) -> Result<(), DiskError> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(folder.file(&format!("{NAME}{suffix}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

fn create(connection: &Connection) -> Result<(), DiskError> {
    let tables = SCHEMA.join(";");
    connection.execute_batch(&format!(
        "BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT}; \
         {tables}; COMMIT;"
    ))?;
    Ok(())
}

fn schema(connection: &Connection) -> Result<Vec<String>, DiskError> {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

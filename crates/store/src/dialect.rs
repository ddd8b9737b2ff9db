//! The true differences between SQLite and PostgreSQL, all in one file.

use std::collections::HashMap;
use std::error::Error as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator as _;
use postgres::types::ToSql;
use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags};
use seloste_domain::id::RegisterId;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Result, StoreError};
use crate::sql::{Conn, Param, Row};

/// Where the rows are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file beside the key, embedded SQLite.
    Sqlite(PathBuf),
    /// PostgreSQL 15 or later, or an engine that speaks its protocol.
    Postgres(String),
}

/// How surely a commit is on disk when it is acknowledged. Only tests lower it (as the negative control of the
/// power-cut test).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Durability {
    /// Acknowledged means on disk.
    #[default]
    Full,
    /// The last acknowledged commits may be lost in a power cut.
    Normal,
}

impl Place {
    /// Opens a connection that may write.
    pub(crate) fn connect(&self, durability: Durability) -> Result<Conn> {
        match self {
            Self::Sqlite(path) => sqlite(path, OpenFlags::SQLITE_OPEN_READ_WRITE, durability),
            Self::Postgres(url) => postgres_conn(url),
        }
    }

    /// Opens a connection that only reads.
    pub(crate) fn connect_reader(&self) -> Result<Conn> {
        match self {
            Self::Sqlite(path) => sqlite(path, OpenFlags::SQLITE_OPEN_READ_ONLY, Durability::Full),
            Self::Postgres(url) => {
                let mut conn = postgres_conn(url)?;
                run_batch(&mut conn, "SET default_transaction_read_only = on")?;
                Ok(conn)
            }
        }
    }

    /// Makes the database file, if this kind of database has one.
    pub(crate) fn create(&self) -> Result<()> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        make_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = rusqlite::Connection::open_with_flags(path, flags).map_err(|e| from_sqlite(&e))?;
        conn.pragma_update(None, "journal_mode", "WAL").map_err(|e| from_sqlite(&e))?;
        Ok(())
    }

    /// Whether the database is there at all.
    pub(crate) fn exists(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.exists(),
            Self::Postgres(_) => true,
        }
    }

    /// The migrations' statements for this database.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Memory of the writer's connection for pages.
const WRITER_KIB: u32 = 32 * 1024;
/// The same of a reader. Each commit makes a reader forget what it holds, so that more would only lie there.
const READER_KIB: u32 = 8 * 1024;
/// Pages in the write-ahead log before they are written back (12 MiB): more make an import faster, and a change wait
/// longer for its turn.
const CHECKPOINT_PAGES: u32 = 3 * 1024;

fn sqlite(path: &Path, access: OpenFlags, durability: Durability) -> Result<Conn> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = rusqlite::Connection::open_with_flags(path, flags).map_err(|e| from_sqlite(&e))?;
    conn.busy_timeout(Duration::from_secs(10)).map_err(|e| from_sqlite(&e))?;
    conn.set_prepared_statement_cache_capacity(256);
    // Without the stability guarantee SQLite plans a kept statement anew whenever its values change.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(|e| from_sqlite(&e))?;
    let cache = if access.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) { READER_KIB } else { WRITER_KIB };
    let synchronous = if durability == Durability::Full { "FULL" } else { "NORMAL" };
    let settings = format!(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = {synchronous}; PRAGMA secure_delete = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{cache}; PRAGMA mmap_size = 0; \
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
    );
    conn.execute_batch(&settings).map_err(|e| from_sqlite(&e))?;
    Ok(Conn::Sqlite(conn))
}

/// A PostgreSQL connection with its prepared statements.
pub(crate) struct PostgresConn {
    client: postgres::Client,
    statements: HashMap<String, postgres::Statement>,
}

/// Statements kept prepared on a connection; beyond it they are forgotten together.
const STATEMENTS: usize = 512;

fn postgres_conn(url: &str) -> Result<Conn> {
    let mut config: postgres::Config =
        url.parse().map_err(|e: postgres::Error| StoreError::Unavailable(e.to_string()))?;
    config.application_name("seloste").connect_timeout(Duration::from_secs(10));
    let client = if stays_here(&config) || config.get_ssl_mode() == SslMode::Disable {
        config.connect(postgres::NoTls)
    } else {
        // Certificates that can not be read are no authorities; with none at all no server is believed.
        let tls = MakeRustlsConnect::with_native_certs().map(|(tls, _)| tls).map_err(|_| {
            StoreError::Unavailable("this machine has no trusted certificates (ca-certificates, SSL_CERT_FILE)".into())
        })?;
        config.ssl_mode(SslMode::Require).connect(tls)
    };
    let client = client.map_err(|error| {
        let reason = error.source().map_or_else(String::new, |source| format!(": {source}"));
        StoreError::Unavailable(format!("{error}{reason}"))
    })?;
    Ok(Conn::Postgres(Box::new(PostgresConn { client, statements: HashMap::new() })))
}

/// Whether a connection does not leave this machine; then it is encrypted only if that is asked for.
fn stays_here(config: &postgres::Config) -> bool {
    let here = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    here && config.get_hostaddrs().iter().all(IpAddr::is_loopback) && config.get_ssl_mode() != SslMode::Require
}

impl PostgresConn {
    fn statement(&mut self, sql: &str) -> Result<postgres::Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client.prepare(&numbered(sql)).map_err(|e| from_postgres(&e))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) fn each(
        &mut self,
        register: RegisterId,
        sql: &str,
        params: &[Param<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let statement = self.statement(sql)?;
        let first = Param::Id(register.0);
        let bound: Vec<&(dyn ToSql + Sync)> =
            std::iter::once(&first).chain(params).map(|p| p as &(dyn ToSql + Sync)).collect();
        let mut rows = self.client.query_raw(&statement, bound).map_err(|e| from_postgres(&e))?;
        while let Some(row) = rows.next().map_err(|e| from_postgres(&e))? {
            read(&Row::Postgres(&row))?;
        }
        Ok(())
    }

    pub(crate) fn execute(&mut self, register: RegisterId, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let statement = self.statement(sql)?;
        let first = Param::Id(register.0);
        let bound: Vec<&(dyn ToSql + Sync)> =
            std::iter::once(&first).chain(params).map(|p| p as &(dyn ToSql + Sync)).collect();
        self.client.execute(&statement, &bound).map_err(|e| from_postgres(&e))
    }
}

/// `?12` becomes `$12`. No statement holds a question mark in a literal.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

/// Runs statements that take no values.
pub(crate) fn run_batch(conn: &mut Conn, sql: &str) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => conn.execute_batch(sql).map_err(|e| from_sqlite(&e)),
        Conn::Postgres(conn) => conn.client.batch_execute(sql).map_err(|e| from_postgres(&e)),
    }
}

/// Begins a transaction that will write. SQLite takes the write lock at once, so that a later statement can not fail
/// for it; PostgreSQL takes the lock on the log's head (`lock_log_head`).
pub(crate) fn begin(conn: &mut Conn) -> Result<()> {
    let sql = match conn {
        Conn::Sqlite(_) => "BEGIN IMMEDIATE",
        Conn::Postgres(_) => "BEGIN",
    };
    run_batch(conn, sql)
}

/// Begins a consistent view for several reads. PostgreSQL's two extra round trips would halve the rate of reads; there
/// each statement is its own view.
pub(crate) fn begin_view(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            conn.prepare_cached("BEGIN").and_then(|mut s| s.raw_execute()).map(drop).map_err(|e| from_sqlite(&e))
        }
        Conn::Postgres(_) => Ok(()),
    }
}

/// Ends it.
pub(crate) fn end_view(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            conn.prepare_cached("COMMIT").and_then(|mut s| s.raw_execute()).map(drop).map_err(|e| from_sqlite(&e))
        }
        Conn::Postgres(_) => Ok(()),
    }
}

/// Makes the statements that follow see one moment, where the view that [`begin_view`] began does not.
pub(crate) fn begin_moment(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(_) => run_batch(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
    }
}

/// Ends it.
pub(crate) fn end_moment(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(_) => run_batch(conn, "COMMIT"),
    }
}

/// Reads the head of the log, keeping other writers off it until the transaction ends.
pub(crate) const fn lock_log_head(conn: &Conn) -> &'static str {
    match conn {
        Conn::Sqlite(_) => "SELECT size, frontier, checkpoint FROM log_head WHERE register_id = ?1",
        Conn::Postgres(_) => "SELECT size, frontier, checkpoint FROM log_head WHERE register_id = ?1 FOR UPDATE",
    }
}

/// Whether the schema's own table is there.
pub(crate) fn has_schema(conn: &mut Conn) -> Result<bool> {
    match conn {
        Conn::Sqlite(conn) => conn
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(|count| count > 0)
            .map_err(|e| from_sqlite(&e)),
        Conn::Postgres(conn) => conn
            .client
            .query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[])
            .and_then(|row| row.try_get(0))
            .map_err(|e| from_postgres(&e)),
    }
}

/// Keeps other programs from migrating at the same moment, until the transaction ends. SQLite's write lock does it.
pub(crate) fn lock_schema(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => Ok(()),
        Conn::Postgres(conn) => conn
            .client
            .batch_execute(
                "CREATE TABLE IF NOT EXISTS schema_version (register_id UUID NOT NULL, version BIGINT NOT NULL, \
                 applied_at BIGINT NOT NULL, PRIMARY KEY (register_id, version)); \
                 LOCK TABLE schema_version IN EXCLUSIVE MODE",
            )
            .map_err(|e| from_postgres(&e)),
    }
}

/// Makes the file that a database will be in, for its owner only: SQLite gives its other files the same permissions.
fn make_private(path: &Path) -> Result<()> {
    match crate::keys::new_private_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(StoreError::file(path, &error)),
        _ => Ok(()),
    }
}

/// Copies a SQLite database before it is migrated.
pub(crate) fn back_up(conn: &Conn, to: &Path) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            make_private(to)?;
            conn.backup("main", to, None::<fn(rusqlite::backup::Progress)>).map_err(|e| from_sqlite(&e))
        }
        Conn::Postgres(_) => Ok(()),
    }
}

/// Empties SQLite's write-ahead log into the database file.
pub(crate) fn truncate_wal(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => {
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|e| from_sqlite(&e))
        }
        Conn::Postgres(_) => Ok(()),
    }
}

/// Takes dead rows out of the files.
pub(crate) fn scrub(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => truncate_wal(conn),
        // Only the owner of a table may; for others PostgreSQL warns and goes on, and autovacuum does it in time.
        Conn::Postgres(_) => run_batch(conn, "VACUUM"),
    }
}

/// Every row of a register in every table as text, where the rows are not in a file that can be read: of PostgreSQL.
pub(crate) fn dump(conn: &mut Conn, register: RegisterId, look: &mut dyn FnMut(&str, &str)) -> Result<()> {
    let Conn::Postgres(conn) = conn else { return Ok(()) };
    let of = |row: &postgres::SimpleQueryRow| row.get(0).unwrap_or_default().to_owned();
    let mut query = |sql: &str| conn.client.simple_query(sql).map_err(|e| from_postgres(&e));
    let tables =
        query("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1")?;
    for table in &tables {
        let postgres::SimpleQueryMessage::Row(row) = table else { continue };
        let table = of(row);
        for message in query(&format!("SELECT t::text FROM \"{table}\" t WHERE t.register_id = '{register}'"))? {
            if let postgres::SimpleQueryMessage::Row(row) = message {
                look(&table, &of(&row));
            }
        }
    }
    Ok(())
}

/// What an error of SQLite means to us.
pub(crate) fn from_sqlite(error: &rusqlite::Error) -> StoreError {
    use rusqlite::Error::SqliteFailure;
    match error {
        SqliteFailure(code, message) => match code.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
            ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly => {
                StoreError::Disk(error.to_string())
            }
            ErrorCode::CannotOpen => StoreError::Unavailable(error.to_string()),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(error.to_string()),
            // The message of a constraint names tables and columns, not values.
            _ => StoreError::Sql(message.clone().unwrap_or_else(|| error.to_string())),
        },
        other => StoreError::Sql(other.to_string()),
    }
}

/// What an error of PostgreSQL means to us. Its DETAIL line may hold values, so only code and message are kept.
pub(crate) fn from_postgres(error: &postgres::Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        return if error.is_closed() || std::error::Error::source(error).is_some_and(|s| s.is::<std::io::Error>()) {
            StoreError::Unavailable("the connection to PostgreSQL was lost".into())
        } else {
            StoreError::Sql(error.to_string())
        };
    };
    let state = db.code();
    if *state == SqlState::T_R_SERIALIZATION_FAILURE || *state == SqlState::T_R_DEADLOCK_DETECTED {
        StoreError::Busy
    } else if state.code().starts_with("08") || state.code().starts_with("57P") {
        StoreError::Unavailable(format!("PostgreSQL answered {}", state.code()))
    } else if state.code().starts_with("53") || state.code().starts_with("58") {
        StoreError::Disk(format!("PostgreSQL answered {}: {}", state.code(), db.message()))
    } else {
        StoreError::Sql(format!("{}: {}", state.code(), db.message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_translated() {
        assert_eq!(
            numbered("SELECT a FROM t WHERE register_id = ?1 AND b = ?12"),
            "SELECT a FROM t WHERE register_id = $1 AND b = $12"
        );
    }
}

//! The schema's versions. Files come in pairs, one for each database; a test checks that both end in the same schema.
//! They only go forward. A database that a newer program made is refused untouched.

use std::path::Path;

use jiff::Timestamp;
use seloste_domain::id::RegisterId;
use uuid::Uuid;

use crate::dialect::{self, Durability, Place, run_batch};
use crate::error::{Result, StoreError};
use crate::keys::Keys;
use crate::sql::{Conn, Tx, params};

struct Migration {
    version: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($version:literal $file:literal),*) => {
        const MIGRATIONS: &[Migration] = &[$(Migration {
            version: $version,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file)),
            postgres: include_str!(concat!("../migrations/postgres/", $file)),
        }),*];
    };
}

migrations! {
    1 "0001_register.sql",
    2 "0002_merge.sql",
    3 "0003_product.sql",
    4 "0004_mail.sql",
    5 "0005_proposal.sql",
    6 "0006_sources.sql",
    7 "0007_invoice.sql",
    8 "0008_list.sql",
    9 "0009_partner.sql",
    10 "0010_invoice.sql",
    11 "0011_payment.sql",
    12 "0012_collection.sql",
    13 "0013_credit.sql",
    14 "0014_api.sql",
    15 "0015_prohibition.sql",
    16 "0016_request.sql",
    17 "0017_erasure.sql",
    18 "0018_portal.sql",
    19 "0019_partner.sql",
    20 "0020_consent.sql",
    21 "0021_cookie.sql",
    22 "0022_passkey.sql",
    23 "0023_transmission.sql",
    24 "0024_erasure_waiting.sql"
}

/// Versions of the schema belong to the database, not to one of its registers.
const SCHEMA: RegisterId = RegisterId(Uuid::nil());

/// The newest version that this program knows.
#[must_use]
pub fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// Refuses, before anything is written, a database of a newer version, one without this register, and a foreign key.
pub(crate) fn check(place: &Place, keys: &Keys) -> Result<()> {
    let mut conn = place.connect_reader()?;
    if !dialect::has_schema(&mut conn)? {
        return Err(StoreError::NoRegister);
    }
    refuse_newer(version(&mut conn)?)?;
    let mut tx = Tx { conn: &mut conn, register: keys.register() };
    let check = tx.query_opt("SELECT key_check FROM register WHERE register_id = ?1", params![], |row| row.bytes(0))?;
    match check {
        Some(check) if check == keys.check() => Ok(()),
        Some(_) => Err(StoreError::KeyWrong),
        None if any_register(&mut conn)? => Err(StoreError::KeyWrong),
        None => Err(StoreError::NoRegister),
    }
}

fn any_register(conn: &mut Conn) -> Result<bool> {
    let mut tx = Tx { conn, register: SCHEMA };
    Ok(tx.query_opt("SELECT 1 FROM register WHERE register_id <> ?1 LIMIT 1", params![], |_| Ok(()))?.is_some())
}

const fn refuse_newer_than(found: i64, known: i64) -> Result<()> {
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(()) }
}

fn refuse_newer(found: i64) -> Result<()> {
    refuse_newer_than(found, newest())
}

fn version(conn: &mut Conn) -> Result<i64> {
    let mut tx = Tx { conn, register: SCHEMA };
    let sql = "SELECT max(version) FROM schema_version WHERE register_id = ?1";
    Ok(tx.query_opt(sql, params![], |row| row.opt_int(0))?.flatten().unwrap_or(0))
}

/// Brings the schema to the newest version, in one transaction, after a copy of a SQLite database was put into
/// `backups`.
pub(crate) fn migrate(place: &Place, backups: Option<&Path>, now: Timestamp) -> Result<()> {
    let mut conn = place.connect(Durability::Full)?;
    let found = if dialect::has_schema(&mut conn)? { version(&mut conn)? } else { 0 };
    refuse_newer(found)?;
    if found == newest() {
        return Ok(());
    }
    if let (Some(dir), true) = (backups, found > 0) {
        dialect::back_up(&conn, &dir.join(format!("seloste-before-version-{}.db", newest())))?;
    }
    dialect::begin(&mut conn)?;
    let outcome = migrate_in(&mut conn, place, now);
    run_batch(&mut conn, if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    outcome
}

fn migrate_in(conn: &mut Conn, place: &Place, now: Timestamp) -> Result<()> {
    dialect::lock_schema(conn)?;
    if !place.is_postgres() {
        run_batch(
            conn,
            "CREATE TABLE IF NOT EXISTS schema_version (register_id BLOB NOT NULL, version INTEGER NOT NULL, \
             applied_at INTEGER NOT NULL, PRIMARY KEY (register_id, version)) STRICT, WITHOUT ROWID",
        )?;
    }
    // Another program may have migrated while this one waited for the lock.
    let found = version(conn)?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > found) {
        run_batch(conn, if place.is_postgres() { migration.postgres } else { migration.sqlite })?;
        let mut tx = Tx { conn, register: SCHEMA };
        tx.execute(
            "INSERT INTO schema_version (register_id, version, applied_at) VALUES (?1, ?2, ?3)",
            params![migration.version, now],
        )?;
    }
    Ok(())
}

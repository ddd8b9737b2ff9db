//! The register itself: making one, and what kind it is.

use std::io::Write as _;
use std::path::Path;

use seloste_domain::id::RegisterId;

use crate::db::{Db, Settings};
use crate::dialect::{begin, run_batch};
use crate::env::Env;
use crate::error::{Result, StoreError};
use crate::keys::{Keys, key_path};
use crate::log;
use crate::migrations;
use crate::sql::{Tx, params};

/// What a register is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegisterKind {
    /// Real use.
    Live,
    /// Fictional people; every page says so.
    Demo,
}

impl RegisterKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Demo => "demo",
        }
    }
}

/// Makes a register: the data directory, the key file, the schema and an empty log.
///
/// # Errors
/// There is a register or a key already, or something can not be written.
pub fn create(settings: Settings, kind: RegisterKind, env: Env) -> Result<Db> {
    let data = &settings.data;
    std::fs::create_dir_all(data).map_err(|e| StoreError::file(data, &e))?;
    let key = key_path(data, settings.key.as_deref());
    if key.exists() || (!settings.place.is_postgres() && settings.place.exists()) {
        return Err(StoreError::Exists);
    }
    // The place is tried first, so that a database that is away leaves no key file behind.
    settings.place.create()?;
    migrations::migrate(&settings.place, None, env.now())?;
    let keys = Keys::create(&key, RegisterId(env.random_id()), &env)?;
    write_verifier_key(data, &keys)?;
    let mut conn = settings.place.connect(settings.durability)?;
    begin(&mut conn)?;
    let mut tx = Tx { conn: &mut conn, register: keys.register() };
    tx.execute(
        "INSERT INTO register (register_id, kind, key_check, created_at) VALUES (?1, ?2, ?3, ?4)",
        params![kind.as_str(), keys.check().as_slice(), env.now()],
    )?;
    log::begin(&mut tx, &keys)?;
    run_batch(&mut conn, "COMMIT")?;
    drop(conn);
    Db::start(settings, keys, env)
}

fn write_verifier_key(data: &Path, keys: &Keys) -> Result<()> {
    let path = data.join("log.vkey");
    let vkey = log::checkpoint::verifier_key(keys.register(), &keys.public());
    // Flushed, so that a power cut soon after does not leave it empty.
    let written = std::fs::File::create(&path).and_then(|mut file| {
        file.write_all(format!("{vkey}\n").as_bytes())?;
        file.sync_all()
    });
    written.map_err(|e| StoreError::file(&path, &e))
}

/// What kind of register it is.
///
/// # Errors
/// The database can not be read.
pub fn kind(tx: &mut Tx<'_>) -> Result<RegisterKind> {
    let kind = tx.query_opt("SELECT kind FROM register WHERE register_id = ?1", params![], |row| row.text(0))?;
    match kind.as_deref() {
        Some("live") => Ok(RegisterKind::Live),
        Some("demo") => Ok(RegisterKind::Demo),
        Some(other) => Err(StoreError::Corrupt(format!("register kind {other}"))),
        None => Err(StoreError::NoRegister),
    }
}

//! Fictional people by whom erasing is tested, and what was found of them afterwards. A canary has no company, so that it is in
//! nobody's scope: no list, search, export or partner has it.

use jiff::Timestamp;
use seloste_domain::id::{CanaryRunId, PartyId};
use seloste_domain::kind::Kind;
use serde::{Deserialize, Serialize};

use crate::db::{Db, Writing};
use crate::dialect;
use crate::error::{Result, StoreError};
use crate::party::{self, NewParty};
use crate::sql::{Row, Tx, params};

/// Plants a canary: a party that was prepared without a company.
///
/// # Errors
/// The database can not be written.
pub fn plant(w: &mut Writing<'_, '_>, canary: &NewParty) -> Result<()> {
    party::create(w, std::slice::from_ref(canary))?;
    let now = w.env().now();
    w.plain()
        .tx()
        .execute("INSERT INTO canary (register_id, party_id, planted_at) VALUES (?1, ?2, ?3)", params![canary.id, now])
        .map(drop)
}

/// The canaries that were planted before a moment, with what is written of them in the clear and of nobody else.
///
/// # Errors
/// The database can not be read.
pub fn planted(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<(PartyId, Vec<String>)>> {
    let ids = tx.query(
        "SELECT party_id FROM canary WHERE register_id = ?1 AND planted_at <= ?2 ORDER BY party_id",
        params![before],
        |row| row.id(0),
    )?;
    let mut values = party::values(tx, &ids, Kind::ALL.into_iter().collect())?;
    let texts = |id: &uuid::Uuid| {
        let values = values.remove(id).unwrap_or_default();
        // Family name, e-mail address, number, street: what no one else has. A town is everybody's.
        values.iter().map(|stored| stored.value.flat().text).filter(|word| word.len() >= 8).collect()
    };
    Ok(ids.iter().map(|id| PartyId(*id)).zip(ids.iter().map(texts).collect::<Vec<_>>()).collect())
}

/// How many canaries there are.
///
/// # Errors
/// The database can not be read.
pub fn count(tx: &mut Tx<'_>) -> Result<i64> {
    let found = tx.query_opt("SELECT count(*) FROM canary WHERE register_id = ?1", params![], |row| row.int(0))?;
    Ok(found.unwrap_or(0))
}

/// One place that was searched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// What it is: a file of the data directory by its path there, or `table NAME`.
    pub place: String,
    /// How many bytes were searched.
    pub bytes: u64,
    /// How many values were found that had to be gone.
    pub findings: u64,
}

/// One run: canaries were erased, and everything was searched for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CanaryRun {
    /// Its id.
    pub id: CanaryRunId,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; none: it was broken off.
    pub ended_at: Option<Timestamp>,
    /// How many were erased.
    pub erased: i64,
    /// How many bytes were searched.
    pub searched: i64,
    /// How many values were found that had to be gone.
    pub findings: i64,
    /// Where.
    pub places: Vec<Place>,
}

const COLUMNS: &str =
    "SELECT run_id, began_at, ended_at, erased, searched, findings, places FROM canary_run WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<CanaryRun> {
    Ok(CanaryRun {
        id: CanaryRunId(row.id(0)?),
        began_at: row.time(1)?,
        ended_at: row.opt_time(2)?,
        erased: row.int(3)?,
        searched: row.int(4)?,
        findings: row.int(5)?,
        places: serde_json::from_str(&row.text(6)?)
            .map_err(|_| StoreError::Corrupt("places of a canary run".into()))?,
    })
}

/// The newest runs.
///
/// # Errors
/// The database can not be read.
pub fn runs(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<CanaryRun>> {
    tx.query(&format!("{COLUMNS} ORDER BY run_id DESC LIMIT ?2"), params![limit], read)
}

/// Notes that a run began.
///
/// # Errors
/// The database can not be written.
pub fn begin(tx: &mut Tx<'_>, id: CanaryRunId, now: Timestamp) -> Result<()> {
    tx.execute(
        "INSERT INTO canary_run (register_id, run_id, began_at, erased, searched, findings, places) \
         VALUES (?1, ?2, ?3, 0, 0, 0, '[]')",
        params![id, now],
    )
    .map(drop)
}

/// Notes what a run found.
///
/// # Errors
/// The database can not be written.
pub fn end(tx: &mut Tx<'_>, run: &CanaryRun) -> Result<()> {
    let places =
        serde_json::to_string(&run.places).map_err(|_| StoreError::Corrupt("places of a canary run".into()))?;
    tx.execute(
        "UPDATE canary_run SET ended_at = ?3, erased = ?4, searched = ?5, findings = ?6, places = ?7 \
         WHERE register_id = ?1 AND run_id = ?2",
        params![run.id, run.ended_at, run.erased, run.searched, run.findings, &places],
    )
    .map(drop)
}

impl Db {
    /// Gives the register's rows of every table to `look` as text, when the rows are not in a file of the data directory: bytes
    /// are hexadecimal there. What PostgreSQL's own files hold of rows that are gone until VACUUM takes them is not seen so.
    ///
    /// # Errors
    /// The database can not be read.
    pub fn dump(&self, look: &mut dyn FnMut(&str, &str)) -> Result<()> {
        let mut conn = self.settings().place.connect_reader()?;
        dialect::dump(&mut conn, self.register(), look)
    }
}

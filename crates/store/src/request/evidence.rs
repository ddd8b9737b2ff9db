//! What shows that a request was done, looked up where it stands.

use jiff::Timestamp;
use seloste_domain::history::Change;
use seloste_domain::id::{PartyId, PersonId};
use seloste_domain::log::Outcome;
use seloste_domain::request::{Done, Request, RequestKind};

use crate::db::Access;
use crate::error::{Result, StoreError};
use crate::history::{self, Of};
use crate::package::PackageKind;
use crate::sql::params;

/// What is named does not show that the request was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is named does not show that the request was done")]
pub struct NotShown;

/// Changes that are looked at for corrections.
const LOOKED_AT: i64 = 50;
/// Events of the log that are looked at for an erasure.
const EVENTS: usize = 500;

/// Whether something shows that a request was done: it is of the kind that fits, of the same person, and it happened after the
/// request came.
///
/// # Errors
/// The database can not be read.
pub fn shows(access: &mut impl Access, request: &Request, done: Done) -> Result<bool> {
    let Some(person) = request.person.filter(|_| done.fits(request.kind)) else { return Ok(false) };
    let since = request.entered_at;
    match done {
        Done::Package(id) => {
            let kind = match request.kind {
                RequestKind::Portability => PackageKind::Portability,
                _ => PackageKind::Access,
            };
            let sql = "SELECT 1 FROM package WHERE register_id = ?1 AND package_id = ?2 AND person_id = ?3 AND kind = ?4 \
                 AND made_at >= ?5";
            is_there(access, sql, params![id, person, kind.as_str(), since])
        }
        Done::Restriction(id) => {
            let sql = "SELECT 1 FROM restriction WHERE register_id = ?1 AND restriction_id = ?2 AND party_id = ?3 \
                 AND (set_at >= ?4 OR lifted_at IS NULL)";
            is_there(access, sql, params![id, person, since])
        }
        Done::Prohibition(id) => {
            let kinds = match request.kind {
                RequestKind::MarketingObjection => " AND kind = 'direct_marketing'",
                _ => "",
            };
            let sql = format!(
                "SELECT 1 FROM prohibition WHERE register_id = ?1 AND prohibition_id = ?2 AND party_id = ?3 \
                 AND lifted_at IS NULL{kinds}"
            );
            is_there(access, &sql, params![id, person])
        }
        Done::Correction(seq) => Ok(corrections_since(access, person, since)?.contains(&seq)),
        Done::Erasure(id) => {
            // One of this transaction is not in the log yet: its row is written by the act alone.
            if erasure_since(access, person, since)? == Some(id) {
                return Ok(true);
            }
            let object = done_object(id);
            let events = crate::log::entries_of(&mut access.tx().0, person.0, EVENTS)?;
            let since = since.as_microsecond();
            Ok(events.iter().any(|e| e.at >= since && e.outcome == Outcome::Changed && e.objects.contains(&object)))
        }
    }
}

/// How the log names an erasure that ended.
fn done_object(id: uuid::Uuid) -> String {
    Done::Erasure(id).to_string()
}

fn is_there(access: &mut impl Access, sql: &str, params: &[crate::sql::Param<'_>]) -> Result<bool> {
    debug_assert!(sql.contains("register_id"));
    Ok(access.tx().0.query_opt(sql, params, |_| Ok(()))?.is_some())
}

/// The newest erasure of a person since a moment.
///
/// # Errors
/// The database can not be read.
pub fn erasure_since(access: &mut impl Access, person: PersonId, since: Timestamp) -> Result<Option<uuid::Uuid>> {
    access.tx().0.query_opt(
        "SELECT erasure_id FROM erasure WHERE register_id = ?1 AND party_id = ?2 AND made_at >= ?3 \
         ORDER BY erasure_id DESC LIMIT 1",
        params![person, since],
        |row| row.id(0),
    )
}

/// The numbers of the log's entries by which the data of a person was corrected since a moment, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn corrections_since(access: &mut impl Access, person: PersonId, since: Timestamp) -> Result<Vec<u64>> {
    let id: PartyId = person.into();
    let numbers = access.tx().0.query(
        "SELECT seq FROM sealed WHERE register_id = ?1 AND owner_id = ?2 AND object_id = ?2 ORDER BY seq DESC LIMIT ?3",
        params![id, LOOKED_AT],
        |row| Ok(row.int(0)?.cast_unsigned()),
    )?;
    let mut found = Vec::new();
    for seq in numbers {
        let event = match crate::log::entry(&mut access.tx().0, seq) {
            Ok(event) => event,
            // The entry is of this transaction: it is not in the log yet, and newer than the request.
            Err(StoreError::Corrupt(_)) => continue,
            Err(error) => return Err(error),
        };
        if event.at < since.as_microsecond() {
            break;
        }
        let change = history::change(access, Of::Party(id), seq)?;
        if matches!(&change, Change::Party(change) if !change.created && !change.is_merging()) {
            found.push(seq);
        }
    }
    Ok(found)
}

//! What a use may do with a customer, by what stands against it: a restriction of processing (Art. 18) and prohibitions.
//! Every function that returns or changes a party asks here, so that no use case can forget it.

use std::collections::{HashMap, HashSet};

use seloste_domain::erasure::sees_remains;
use seloste_domain::prohibition::{Marks, ProhibitionKind, Prohibitions};
use seloste_domain::restriction::{WhenRestricted, when_restricted};
use seloste_domain::usage::Use;
use uuid::Uuid;

use crate::consent;
use crate::db::Access;
use crate::error::{Result, StoreError};
use crate::party::PartyRow;
use crate::sql::{Param, Tx, places};

/// The parties whose processing is restricted, as a list for `IN`.
pub(crate) const RESTRICTED: &str = "(SELECT party_id FROM restriction WHERE register_id = ?1 AND lifted_at IS NULL)";

/// The parties of which only remains are left, as a list for `IN`.
const REMAINS: &str = "(SELECT m.party_id FROM remains m WHERE m.register_id = ?1)";

/// Whether something is about nobody of whom only remains are left, or the use goes on with those.
fn is_unlocked(access: &mut impl Access, parties: &[Uuid]) -> Result<bool> {
    if parties.is_empty() || sees_remains(access.usage().action()) {
        return Ok(true);
    }
    let sql = format!(
        "SELECT party_id FROM remains WHERE register_id = ?1 AND party_id IN ({}) LIMIT 1",
        places(2, parties.len())
    );
    let values: Vec<Param<'_>> = parties.iter().map(|id| Param::Id(*id)).collect();
    Ok(access.tx().0.query_opt(&sql, &values, |_| Ok(()))?.is_none())
}

/// What becomes of the use's action on a restricted customer.
fn rule(usage: &Use) -> WhenRestricted {
    when_restricted(usage.action())
}

/// Whether restricted customers are as any others for the use, as far as seeing them goes.
fn sees_restricted(usage: &Use) -> bool {
    match rule(usage) {
        WhenRestricted::Passes | WhenRestricted::Waits => true,
        WhenRestricted::Handlers => usage.handles_restrictions(),
        _ => false,
    }
}

fn masks(usage: &Use) -> bool {
    rule(usage) == WhenRestricted::Masks && usage.handles_restrictions()
}

fn may_be_excepted(usage: &Use) -> bool {
    !matches!(rule(usage), WhenRestricted::StopsAlways | WhenRestricted::NoCustomer)
}

/// Those of the parties for whom an exception covers the use, with its id.
fn excepted(access: &mut impl Access, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    if ids.is_empty() || !may_be_excepted(access.usage()) {
        return Ok(HashMap::new());
    }
    let (activity, now) = (access.usage().action().activity().as_str(), access.usage().at());
    let sql = format!(
        "SELECT party_id, exception_id FROM restriction_exception WHERE register_id = ?1 AND activity = ?2 \
         AND until_at > ?3 AND ended_at IS NULL AND party_id IN ({})",
        places(4, ids.len())
    );
    let mut values = vec![Param::Text(activity), Param::from(now)];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    Ok(access.tx().0.query(&sql, &values, |row| Ok((row.id(0)?, row.id(1)?)))?.into_iter().collect())
}

/// The kinds that are in force for each of the parties.
fn in_force(tx: &mut Tx<'_>, ids: &[Uuid], now: jiff::Timestamp) -> Result<HashMap<Uuid, Prohibitions>> {
    let mut found: HashMap<Uuid, Prohibitions> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT party_id, kind FROM prohibition WHERE register_id = ?1 AND lifted_at IS NULL \
         AND (expires_at IS NULL OR expires_at > ?2) AND party_id IN ({})",
        places(3, ids.len())
    );
    let mut values = vec![Param::from(now)];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    tx.each(&sql, &values, |row| {
        let kind: ProhibitionKind = row.parsed(1)?;
        let all = found.entry(row.id(0)?).or_default();
        *all = all.with(kind);
        Ok(())
    })?;
    Ok(found)
}

/// Keeps those rows that the use may have, notes which it may see only in part, and sets their marks. That an exception was
/// used is logged with it.
pub(crate) fn keep(access: &mut impl Access, rows: &mut Vec<PartyRow>) -> Result<()> {
    let marked: Vec<Uuid> = rows.iter().filter(|row| !row.marks.prohibitions.is_empty()).map(|row| row.id).collect();
    let now = access.usage().at();
    let mut current = in_force(&mut access.tx().0, &marked, now)?;
    for row in rows.iter_mut() {
        row.marks.prohibitions = current.remove(&row.id).unwrap_or_default();
    }
    let heeds = access.usage().heeds();
    rows.retain(|row| row.marks.prohibitions.both(heeds).is_empty());
    if access.usage().markets() {
        let (ids, speakers) = (rows.iter().map(|row| row.id).collect::<Vec<_>>(), access.usage().speakers().to_vec());
        let (unasked, permits) = (consent::unasked(access), consent::permits(access, &speakers, &ids)?);
        for row in rows.iter_mut() {
            row.marks.permits = permits.get(&row.id).copied().unwrap_or(unasked);
        }
    }
    if let Some(only) = access.usage().only_about() {
        rows.retain(|row| row.id == only.0);
    }
    if rows.iter().all(|row| !row.marks.restricted) || sees_restricted(access.usage()) {
        return Ok(());
    }
    let restricted: Vec<Uuid> = rows.iter().filter(|row| row.marks.restricted).map(|row| row.id).collect();
    let excepted = excepted(access, &restricted)?;
    let masks = masks(access.usage());
    rows.retain_mut(|row| {
        let passes = !row.marks.restricted || excepted.contains_key(&row.id);
        row.withheld = !passes && masks;
        passes || masks
    });
    let mut used: Vec<_> = excepted.into_values().collect();
    used.sort_unstable();
    used.iter().for_each(|id| access.note_object(format!("restriction_exception:{id}")));
    Ok(())
}

/// The error of a party that was kept back: [`StoreError::NotFound`] only when it is not there for the use at all.
pub(crate) fn why_not(access: &mut impl Access, what: &'static str, id: Uuid) -> Result<StoreError> {
    if !is_about(access.usage(), &[id]) {
        return Ok(StoreError::NotFound(what));
    }
    let Some((marks, _)) = marks_in_scope(access, id)? else { return Ok(StoreError::NotFound(what)) };
    let barred = marks.prohibitions.both(access.usage().heeds()).iter().next();
    Ok(match barred {
        Some(kind) => StoreError::Prohibited(kind),
        None if marks.restricted => StoreError::Restricted,
        None => StoreError::NotFound(what),
    })
}

/// Whether something that is about these parties exists for the use: for a person in the portal, only what is about them.
pub(crate) fn is_about(usage: &Use, parties: &[Uuid]) -> bool {
    usage.only_about().is_none_or(|only| parties.contains(&only.0))
}

fn marks_in_scope(access: &mut impl Access, id: Uuid) -> Result<Option<(Marks, Uuid)>> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT coalesce(p.is_restricted, 0) FROM party p WHERE p.register_id = ?1 AND p.party_id = ?2 AND {}",
        crate::party::in_scope(3, scope.companies().len())
    );
    let values = crate::party::with_scope(vec![Param::Id(id)], scope.companies());
    let Some(restricted) = access.tx().0.query_opt(&sql, &values, |row| row.flag(0))? else { return Ok(None) };
    let now = access.usage().at();
    let prohibitions = in_force(&mut access.tx().0, &[id], now)?.remove(&id).unwrap_or_default();
    Ok(Some((Marks { prohibitions, restricted, ..Marks::default() }, id)))
}

/// Refuses the use when the processing of any of the parties is restricted, whatever scope they are in: for things that
/// are about them, such as orders, invoices and messages.
///
/// # Errors
/// [`StoreError::Restricted`], or [`StoreError::Prohibited`] when one of them forbade what the use is made for;
/// [`StoreError::NotFound`] when one of them was erased and it stays only because a law keeps it.
pub(crate) fn pass(access: &mut impl Access, parties: &[Uuid]) -> Result<()> {
    if !is_unlocked(access, parties)? {
        return Err(StoreError::NotFound("customer"));
    }
    if !is_about(access.usage(), parties) {
        return Err(StoreError::NotFound("party"));
    }
    if !barred(access, parties)?.is_empty() {
        return Err(StoreError::Restricted);
    }
    let heeds = access.usage().heeds();
    if heeds.is_empty() || parties.is_empty() {
        return Ok(());
    }
    let now = access.usage().at();
    let found = in_force(&mut access.tx().0, parties, now)?;
    match found.into_values().find_map(|kinds| kinds.both(heeds).iter().next()) {
        Some(kind) => Err(StoreError::Prohibited(kind)),
        None => Ok(()),
    }
}

/// Those of the parties whose restriction stops the use. A thing cannot be masked: it is shown or not.
pub(crate) fn barred(access: &mut impl Access, parties: &[Uuid]) -> Result<HashSet<Uuid>> {
    if parties.is_empty() || sees_restricted(access.usage()) {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "SELECT party_id FROM restriction WHERE register_id = ?1 AND lifted_at IS NULL AND party_id IN ({})",
        places(2, parties.len())
    );
    let values: Vec<Param<'_>> = parties.iter().map(|id| Param::Id(*id)).collect();
    let restricted = access.tx().0.query(&sql, &values, |row| row.id(0))?;
    let excepted = excepted(access, &restricted)?;
    let mut used: Vec<_> = excepted.values().collect();
    used.sort_unstable();
    used.into_iter().for_each(|id| access.note_object(format!("restriction_exception:{id}")));
    Ok(restricted.into_iter().filter(|id| !excepted.contains_key(id)).collect())
}

/// Refuses a change of a restricted party by a use that only finds it, or sees it in part.
///
/// # Errors
/// [`StoreError::Restricted`].
pub(crate) fn may_change(access: &mut impl Access, row: &PartyRow) -> Result<()> {
    let stops = row.marks.restricted && (row.withheld || rule(access.usage()) == WhenRestricted::Waits);
    if stops { Err(StoreError::Restricted) } else { Ok(()) }
}

/// Conditions that keep a list to what [`keep`] would keep, so that its pages are full. The party is `p`.
pub(crate) fn of_list(usage: &Use) -> String {
    let mut sql = String::new();
    if !sees_restricted(usage) && !masks(usage) {
        let excepted = excepted_sql(usage, "p.party_id");
        sql.push_str(&format!(" AND (coalesce(p.is_restricted, 0) = 0{excepted})"));
    }
    let heeds = usage.heeds();
    if !heeds.is_empty() {
        sql.push_str(&format!(" AND {}", allowed_sql(heeds, hour(usage))));
    }
    sql
}

/// The full hour before the use, in microseconds: a moment that stands in the text of statements changes them once an hour
/// only. A prohibition that expires is heeded until then at most; [`keep`] knows the moment itself.
fn hour(usage: &Use) -> i64 {
    const HOUR: i64 = 3_600_000_000;
    let at = usage.at().as_microsecond();
    at - at.rem_euclid(HOUR)
}

fn excepted_sql(usage: &Use, party: &str) -> String {
    if !may_be_excepted(usage) {
        return String::new();
    }
    let (activity, hour) = (usage.action().activity().as_str(), hour(usage));
    format!(
        " OR {party} IN (SELECT e.party_id FROM restriction_exception e WHERE e.register_id = ?1 \
         AND e.activity = '{activity}' AND e.until_at > {hour} AND e.ended_at IS NULL)"
    )
}

fn allowed_sql(heeds: Prohibitions, hour: i64) -> String {
    let kinds: Vec<String> = heeds.iter().map(|kind| format!("'{kind}'")).collect();
    format!(
        "((coalesce(p.prohibitions, 0) & {}) = 0 OR NOT EXISTS (SELECT 1 FROM prohibition f WHERE f.register_id = ?1 \
         AND f.party_id = p.party_id AND f.lifted_at IS NULL AND (f.expires_at IS NULL OR f.expires_at > {hour}) \
         AND f.kind IN ({})))",
        heeds.bits(),
        kinds.join(", ")
    )
}

/// The same for things that are about parties, such as orders: `columns` hold the parties' ids, or nothing.
pub(crate) fn of_things(usage: &Use, columns: &[&str]) -> String {
    let mut sql = String::new();
    for column in columns {
        if !sees_remains(usage.action()) {
            sql.push_str(&format!(" AND ({column} IS NULL OR {column} NOT IN {REMAINS})"));
        }
        if !sees_restricted(usage) {
            let excepted = excepted_sql(usage, column);
            sql.push_str(&format!(" AND ({column} IS NULL OR {column} NOT IN {RESTRICTED}{excepted})"));
        }
        if !usage.heeds().is_empty() {
            let kinds: Vec<String> = usage.heeds().iter().map(|kind| format!("'{kind}'")).collect();
            sql.push_str(&format!(
                " AND ({column} IS NULL OR {column} NOT IN (SELECT f.party_id FROM prohibition f WHERE f.register_id = ?1 \
                 AND f.lifted_at IS NULL AND (f.expires_at IS NULL OR f.expires_at > {}) AND f.kind IN ({})))",
                hour(usage),
                kinds.join(", ")
            ));
        }
    }
    sql
}

/// The condition of those customers whom the use may not have on a list.
pub(crate) fn left_out_sql(usage: &Use) -> String {
    format!("NOT (1 = 1{})", of_list(usage))
}

//! Pairs of records that may be one customer. The comparing happens here, inside the store: only ids and reasons leave.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use seloste_domain::duplicate::{Likeness, Profile, Reason};
use seloste_domain::id::{CompanyId, PartyId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::value::{Flat, Value};
use uuid::Uuid;

use crate::db::{Access, Db};
use crate::error::{Result, StoreError};
use crate::party::{self, Noun};
use crate::sql::{Param, Row, Tx, params, places};

/// Records that share a key and are compared with each other at most: of a telephone number that a hundred people have,
/// nothing follows.
const BLOCK: usize = 60;
/// Pairs that are compared at most in one go.
const PAIRS: usize = 2_000_000;
/// Pairs that wait in the queue at most.
const QUEUE: usize = 20_000;
/// Records whose values are read by one statement.
const AT_ONCE: usize = 64;
/// Rows that are written in one transaction.
const CHUNK: usize = 500;

/// A pair that waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The older record.
    pub first: PartyId,
    /// The newer one.
    pub second: PartyId,
    /// Persons or organisations.
    pub noun: Noun,
    /// From 1 to 100.
    pub score: i64,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// What looking for duplicates found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Records that were looked through.
    pub records: usize,
    /// Pairs that wait now.
    pub waiting: usize,
    /// Pairs that were not waiting before.
    pub new: usize,
}

/// Looks through the whole register, by the declared kinds, and brings the queue up to date. Pairs that somebody found
/// to be two customers stay decided.
///
/// # Errors
/// The database can not be read or written.
pub fn find(db: &Db, kinds: Kinds, now: Timestamp) -> Result<Found> {
    let (records, pairs) = db.look(|tx| alike(tx, kinds))?;
    let before: BTreeSet<Two> = db.look(|tx| {
        let sql = "SELECT first_id, second_id FROM duplicate WHERE register_id = ?1 AND state = 'open'";
        Ok(tx.query(sql, params![], |row| Ok((row.id(0)?, row.id(1)?)))?.into_iter().collect())
    })?;
    let waiting: BTreeSet<Two> = pairs.iter().map(|pair| (pair.first.0, pair.second.0)).collect();
    let settled: Vec<(Uuid, Uuid)> = before.difference(&waiting).copied().collect();
    for chunk in settled.chunks(CHUNK) {
        let chunk = chunk.to_vec();
        db.write_plain(move |plain| {
            let sql =
                "DELETE FROM duplicate WHERE register_id = ?1 AND first_id = ?2 AND second_id = ?3 AND state = 'open'";
            chunk.iter().try_for_each(|(first, second)| plain.tx().execute(sql, params![*first, *second]).map(drop))
        })?;
    }
    for chunk in pairs.chunks(CHUNK) {
        let chunk = chunk.to_vec();
        db.write_plain(move |plain| chunk.iter().try_for_each(|pair| insert(&mut plain.tx(), pair, now)))?;
    }
    let new = waiting.difference(&before).count();
    Ok(Found { records, waiting: waiting.len(), new })
}

/// Notes a pair, unless one of the two has gone meanwhile.
fn insert(tx: &mut Tx<'_>, pair: &Pair, now: Timestamp) -> Result<()> {
    let reasons = pair.reasons.iter().map(|reason| reason.as_str()).collect::<Vec<_>>().join(" ");
    tx.execute(
        "INSERT INTO duplicate (register_id, first_id, second_id, noun, score, reasons, state, found_at) \
         SELECT ?1, a.party_id, b.party_id, ?4, ?5, ?6, 'open', ?7 FROM party a JOIN party b ON b.register_id = a.register_id \
         WHERE a.register_id = ?1 AND a.party_id = ?2 AND b.party_id = ?3 \
         ON CONFLICT (register_id, first_id, second_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons",
        params![pair.first, pair.second, pair.noun.as_str(), pair.score, &reasons, now],
    )
    .map(drop)
}

fn alike(tx: &mut Tx<'_>, kinds: Kinds) -> Result<(usize, Vec<Pair>)> {
    let dismissed: BTreeSet<Two> = tx
        .query(
            "SELECT first_id, second_id FROM duplicate WHERE register_id = ?1 AND state = 'dismissed'",
            params![],
            |row| Ok((row.id(0)?, row.id(1)?)),
        )?
        .into_iter()
        .collect();
    let mut records = 0;
    let mut pairs = Vec::new();
    for noun in [Noun::Person, Noun::Organisation] {
        let (ids, candidates) = candidates(tx, noun, kinds)?;
        records += ids.len();
        let needed: BTreeSet<Uuid> = candidates.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let profiles = profiles(tx, noun, kinds, &needed.into_iter().collect::<Vec<_>>())?;
        for (first, second) in candidates {
            let (Some(a), Some(b)) = (profiles.get(&first), profiles.get(&second)) else { continue };
            let Some(Likeness { score, reasons }) = a.likeness(b) else { continue };
            if !dismissed.contains(&(first, second)) {
                pairs.push(Pair {
                    first: PartyId(first),
                    second: PartyId(second),
                    noun,
                    score: i64::from(score),
                    reasons,
                });
            }
        }
    }
    pairs.sort_by_key(|pair| (-pair.score, pair.first, pair.second));
    pairs.truncate(QUEUE);
    Ok((records, pairs))
}

/// Two records, the older one first.
type Two = (Uuid, Uuid);

/// The records of a noun, and the pairs of them that share a key.
fn candidates(tx: &mut Tx<'_>, noun: Noun, kinds: Kinds) -> Result<(Vec<Uuid>, BTreeSet<Two>)> {
    let mut ids: Vec<Uuid> = Vec::new();
    let mut keys: Vec<(u64, u32)> = Vec::new();
    each_profile(tx, noun, kinds, None, |id, profile| {
        let place = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        keys.extend(profile.blocks().into_iter().map(|block| (block, place)));
        ids.push(id);
    })?;
    keys.sort_unstable();
    keys.dedup();
    let id = |place: u32| usize::try_from(place).ok().and_then(|place| ids.get(place)).copied();
    let mut pairs = BTreeSet::new();
    for block in keys.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1 && block.len() <= BLOCK) {
        for (at, (_, one)) in block.iter().enumerate() {
            let others = block.iter().skip(at + 1);
            pairs.extend(others.filter_map(|(_, other)| Some((id(*one)?, id(*other)?))));
        }
        if pairs.len() > PAIRS {
            tracing::warn!("more pairs than can be compared at a time: the rest waits for the next time");
            break;
        }
    }
    Ok((ids, pairs))
}

fn profiles(tx: &mut Tx<'_>, noun: Noun, kinds: Kinds, ids: &[Uuid]) -> Result<HashMap<Uuid, Profile>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(AT_ONCE) {
        each_profile(tx, noun, kinds, Some(chunk), |id, profile| {
            found.insert(id, profile);
        })?;
    }
    Ok(found)
}

/// Calls `each` with every record of a noun, or with these, that belongs to a company.
fn each_profile(
    tx: &mut Tx<'_>,
    noun: Noun,
    kinds: Kinds,
    only: Option<&[Uuid]>,
    mut each: impl FnMut(Uuid, Profile),
) -> Result<()> {
    let mut values = vec![Param::from(noun.as_str())];
    let within = only.map_or_else(String::new, |ids| {
        values.extend(ids.iter().map(|id| Param::Id(*id)));
        format!("AND p.party_id IN ({})", places(3, ids.len()))
    });
    let represents = represented(tx, kinds, only)?;
    let mut open: Option<(Uuid, Profile)> = None;
    let mut finish = |done: Option<(Uuid, Profile)>| {
        if let Some((id, mut profile)) = done {
            represents.get(&id).into_iter().flatten().for_each(|organisation| profile.add_represented(*organisation));
            each(id, profile);
        }
    };
    let sql = format!(
        "SELECT p.party_id, p.name, p.business_id, p.protected_address, v.kind, v.label, v.text, v.given, v.postal_code, \
         v.town, v.region, v.country, v.match_key FROM party p \
         LEFT JOIN party_value v ON v.register_id = p.register_id AND v.party_id = p.party_id \
         WHERE p.register_id = ?1 AND p.noun = ?2 AND coalesce(p.is_restricted, 0) = 0 {within} AND EXISTS (SELECT 1 FROM party_company c \
         WHERE c.register_id = p.register_id AND c.party_id = p.party_id) ORDER BY p.party_id"
    );
    tx.each(&sql, &values, |row| {
        let id = row.id(0)?;
        if open.as_ref().is_none_or(|(begun, _)| *begun != id) {
            let mut profile = Profile::default();
            if let Some(name) = row.opt_text(1)? {
                profile.add_organisation_name(&name, row.opt_text(2)?.as_deref());
            }
            finish(open.replace((id, profile)));
        }
        let value = value(row, kinds)?;
        if let (Some((_, profile)), Some(value)) = (&mut open, value) {
            profile.add(&value);
        }
        Ok(())
    })?;
    finish(open.take());
    Ok(())
}

/// The organisations that people represent.
fn represented(tx: &mut Tx<'_>, kinds: Kinds, only: Option<&[Uuid]>) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let mut found: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    if !kinds.has(Kind::Organisation) {
        return Ok(found);
    }
    let within = only.map_or_else(String::new, |ids| format!("AND person_id IN ({})", places(2, ids.len())));
    let values: Vec<Param<'_>> = only.into_iter().flatten().map(|id| Param::Id(*id)).collect();
    let sql = format!("SELECT person_id, organisation_id FROM representation WHERE register_id = ?1 {within}");
    tx.each(&sql, &values, |row| {
        found.entry(row.id(0)?).or_default().push(row.id(1)?);
        Ok(())
    })?;
    Ok(found)
}

fn value(row: &Row<'_>, kinds: Kinds) -> Result<Option<Value>> {
    let Some(kind) = row.opt_parsed::<Kind>(4)? else { return Ok(None) };
    // That two people share a protected address must not be told either.
    if !kinds.has(kind) || (kind == Kind::PostalAddress && row.flag(3)?) {
        return Ok(None);
    }
    let flat = Flat {
        label: row.opt_text(5)?,
        text: row.text(6)?,
        given: row.opt_text(7)?,
        postal_code: row.opt_text(8)?,
        town: row.opt_text(9)?,
        region: row.opt_text(10)?,
        country: row.opt_text(11)?,
        match_key: row.opt_text(12)?,
    };
    Value::from_flat(kind, flat).map(Some).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// The part of a WHERE clause that keeps to pairs whose two records both belong to the scope.
fn both_in_scope(first: usize, companies: &[CompanyId]) -> String {
    let list = places(first, companies.len());
    let has = |column: &str| {
        format!(
            "EXISTS (SELECT 1 FROM party_company c WHERE c.register_id = ?1 AND c.party_id = d.{column} \
             AND c.company_id IN ({list})) AND d.{column} NOT IN {}",
            crate::guard::RESTRICTED
        )
    };
    format!("{} AND {}", has("first_id"), has("second_id"))
}

/// The pairs that wait for a decision, the surest first. Ids and reasons: the caller loads whom it shows.
///
/// # Errors
/// The database can not be read.
pub fn waiting(access: &mut impl Access, limit: i64) -> Result<Vec<Pair>> {
    let companies = access.usage().scope().companies().to_vec();
    let sql = format!(
        "SELECT d.first_id, d.second_id, d.noun, d.score, d.reasons FROM duplicate d \
         WHERE d.register_id = ?1 AND d.state = 'open' AND {} ORDER BY d.score DESC, d.first_id, d.second_id LIMIT ?2",
        both_in_scope(3, &companies)
    );
    let values = party::with_scope(vec![Param::Int(limit)], &companies);
    access.tx().0.query(&sql, &values, |row| {
        Ok(Pair {
            first: PartyId(row.id(0)?),
            second: PartyId(row.id(1)?),
            noun: if row.text(2)? == Noun::Person.as_str() { Noun::Person } else { Noun::Organisation },
            score: row.int(3)?,
            reasons: row.text(4)?.split(' ').filter_map(|reason| reason.parse().ok()).collect(),
        })
    })
}

/// How many pairs wait.
///
/// # Errors
/// The database can not be read.
pub fn count(access: &mut impl Access) -> Result<i64> {
    let companies = access.usage().scope().companies().to_vec();
    let sql = format!(
        "SELECT count(*) FROM duplicate d WHERE d.register_id = ?1 AND d.state = 'open' AND {}",
        both_in_scope(2, &companies)
    );
    let values = party::with_scope(Vec::new(), &companies);
    Ok(access.tx().0.query_opt(&sql, &values, |row| row.int(0))?.unwrap_or(0))
}

/// Notes that the two of a pair are two customers, or that it is open again. Both must be in scope: the caller has
/// loaded them.
///
/// # Errors
/// There is no such pair.
pub fn decide(tx: &mut Tx<'_>, first: PartyId, second: PartyId, dismissed: bool) -> Result<()> {
    let state = if dismissed { "dismissed" } else { "open" };
    let rows = tx.execute(
        "UPDATE duplicate SET state = ?4 WHERE register_id = ?1 AND first_id = ?2 AND second_id = ?3",
        params![first, second, state],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("pair")) }
}

//! Proposals of weaker or older sources: what is proposed is sealed under the party's key until somebody decides.

use std::collections::HashMap;

use jiff::Timestamp;
use seloste_domain::id::{ImportId, PartyId, ProposalId, SourceId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::proposal::{ORGANISATION_NAME, Proposal, Proposed, State};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party;
use crate::sql::{Param, Row, Tx, params, places};

/// What a row of a file said of a party that was there.
#[derive(Clone, Debug)]
pub struct Said {
    /// The party.
    pub party: PartyId,
    /// The fields of which it said anything.
    pub fields: Vec<&'static str>,
    /// What did not win.
    pub proposed: Vec<Proposed>,
}

/// Which proposals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// How far they have come.
    pub state: State,
    /// Of one source only.
    pub source: Option<SourceId>,
    /// Of one import only.
    pub import: Option<ImportId>,
    /// About one party only.
    pub party: Option<PartyId>,
}

const COLUMNS: &str = "SELECT r.proposal_id, r.party_id, r.field, r.source_id, r.import_id, r.told_at, r.state, r.payload \
     FROM proposal r JOIN party p ON p.register_id = r.register_id AND p.party_id = r.party_id WHERE r.register_id = ?1";

/// A row, not opened yet.
struct Sealed {
    id: ProposalId,
    party: PartyId,
    field: String,
    source: SourceId,
    import: Option<ImportId>,
    told_at: Timestamp,
    state: State,
    payload: Vec<u8>,
}

fn read(row: &Row<'_>) -> Result<Sealed> {
    let state = row.text(6)?;
    let state = State::ALL.into_iter().find(|known| known.as_str() == state);
    Ok(Sealed {
        id: ProposalId(row.id(0)?),
        party: PartyId(row.id(1)?),
        field: row.text(2)?,
        source: row.parsed(3)?,
        import: row.opt_id(4)?.map(ImportId),
        told_at: row.time(5)?,
        state: state.ok_or_else(|| StoreError::Corrupt("a proposal's state".into()))?,
        payload: row.bytes(7)?,
    })
}

fn open(access: &mut impl Access, sealed: Sealed) -> Result<Proposal> {
    let wrapped = party::wrapped_key(&mut access.tx().0, sealed.party)?;
    let key = access.keys().0.unwrap_party_key(sealed.party, &wrapped)?;
    let json = key.open(sealed.id.0, &sealed.payload)?;
    let proposed = serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt("a proposal".into()))?;
    let Sealed { id, party, source, import, told_at, state, .. } = sealed;
    Ok(Proposal { id, party, source, import, told_at, state, proposed })
}

/// Keeps what the rows of a file proposed. What the same source proposed before of the same fields is taken back, unless
/// it says so again: the newer word of a source stands for the older. What was decided already does not come back.
///
/// # Errors
/// The database can not be written, or an earlier proposal can not be opened.
pub fn put(
    w: &mut Writing<'_, '_>,
    source: &SourceId,
    import: ImportId,
    told_at: Timestamp,
    said: &[Said],
) -> Result<()> {
    let mut earlier = of_source(&mut w.plain().tx(), source, said)?;
    let mut act = Act::default();
    let mut fields = std::collections::BTreeSet::new();
    for said in said {
        let mut wanted: Vec<&Proposed> = said.proposed.iter().collect();
        let mut changes = false;
        for sealed in earlier.remove(&said.party).unwrap_or_default() {
            let (id, state, brought_by) = (sealed.id, sealed.state, sealed.import);
            if !said.fields.contains(&sealed.field.as_str()) {
                continue;
            }
            let old = open(w, sealed)?;
            if let Some(at) = wanted.iter().position(|new| **new == old.proposed) {
                wanted.remove(at);
            } else if state == State::Waiting && brought_by != Some(import) {
                delete(&mut w.plain().tx(), id)?;
                fields.insert(old.proposed.field());
                changes = true;
            }
        }
        for new in wanted {
            insert(w, said.party, source, import, told_at, new)?;
            fields.insert(new.field());
            changes = true;
        }
        if changes {
            act.subjects.push(said.party.0);
        }
    }
    if act.subjects.is_empty() {
        return Ok(());
    }
    act.fields = fields.into_iter().map(str::to_owned).collect();
    w.log_as("proposal.add", act)
}

fn of_source(tx: &mut Tx<'_>, source: &SourceId, said: &[Said]) -> Result<HashMap<PartyId, Vec<Sealed>>> {
    let mut found: HashMap<PartyId, Vec<Sealed>> = HashMap::new();
    if said.is_empty() {
        return Ok(found);
    }
    let sql = format!("{COLUMNS} AND r.source_id = ?2 AND r.party_id IN ({})", { places(3, said.len()) });
    let mut values = vec![Param::from(source)];
    values.extend(said.iter().map(|said| Param::Id(said.party.0)));
    for sealed in tx.query(&sql, &values, read)? {
        found.entry(sealed.party).or_default().push(sealed);
    }
    Ok(found)
}

fn insert(
    w: &mut Writing<'_, '_>,
    party: PartyId,
    source: &SourceId,
    import: ImportId,
    told_at: Timestamp,
    proposed: &Proposed,
) -> Result<()> {
    let key = party::key_of(w, party)?;
    let id = ProposalId(w.env().id());
    let json = serde_json::to_vec(proposed).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let payload = key.seal(id.0, &json, w.env())?;
    w.plain()
        .tx()
        .execute(
            "INSERT INTO proposal (register_id, proposal_id, party_id, field, source_id, import_id, told_at, state, \
             payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![id, party, proposed.field(), source, import, told_at, State::Waiting.as_str(), &payload],
        )
        .map(drop)
}

/// The part of a WHERE clause that keeps to what the use may see: parties in its scope, declared kinds, and of protected
/// addresses only who may see them. Its placeholders follow those of `values`.
fn visible<'a>(
    access: &impl Access,
    companies: &'a [seloste_domain::id::CompanyId],
    values: &mut Vec<Param<'a>>,
) -> String {
    let kinds = access.usage().kinds();
    let mut fields: Vec<&'static str> = kinds.iter().map(Kind::as_str).collect();
    fields.push(ORGANISATION_NAME);
    let scope = party::in_scope(2 + values.len(), companies.len());
    values.extend(companies.iter().map(Param::from));
    let declared = places(2 + values.len(), fields.len());
    values.extend(fields.into_iter().map(Param::from));
    let hides = if access.usage().sees_protected() {
        ""
    } else {
        "AND NOT (p.protected_address = 1 AND r.field = 'postal_address')"
    };
    format!("{scope} AND r.field IN ({declared}) {hides}{}", crate::guard::of_list(access.usage()))
}

fn conditions<'a>(filter: &'a Filter, values: &mut Vec<Param<'a>>) -> String {
    values.push(Param::from(filter.state.as_str()));
    let mut sql = format!("AND r.state = ?{}", 1 + values.len());
    let mut and = |column: &str, value: Param<'a>| {
        values.push(value);
        sql.push_str(&format!(" AND r.{column} = ?{}", 1 + values.len()));
    };
    if let Some(source) = &filter.source {
        and("source_id", Param::from(source));
    }
    if let Some(import) = filter.import {
        and("import_id", Param::Id(import.0));
    }
    if let Some(party) = filter.party {
        and("party_id", Param::Id(party.0));
    }
    sql
}

/// A page of proposals, the oldest first, after one of them. The caller loads whom it shows.
///
/// # Errors
/// The database can not be read, or a proposal can not be opened.
pub fn list(
    access: &mut impl Access,
    filter: &Filter,
    after: Option<ProposalId>,
    limit: usize,
) -> Result<Vec<Proposal>> {
    let companies = access.usage().scope().companies().to_vec();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut values = vec![Param::Id(after.map_or(Uuid::nil(), |id| id.0)), Param::Int(limit)];
    let which = conditions(filter, &mut values);
    let seen = visible(access, &companies, &mut values);
    let sql = format!("{COLUMNS} AND r.proposal_id > ?2 {which} AND {seen} ORDER BY r.proposal_id LIMIT ?3");
    let found = access.tx().0.query(&sql, &values, read)?;
    open_all(access, found)
}

/// How many there are, counted up to `most`.
///
/// # Errors
/// The database can not be read.
pub fn count(access: &mut impl Access, filter: &Filter, most: i64) -> Result<i64> {
    let companies = access.usage().scope().companies().to_vec();
    let mut values = vec![Param::Int(most)];
    let which = conditions(filter, &mut values);
    let seen = visible(access, &companies, &mut values);
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM proposal r JOIN party p ON p.register_id = r.register_id \
         AND p.party_id = r.party_id WHERE r.register_id = ?1 {which} AND {seen} LIMIT ?2) AS counted"
    );
    Ok(access.tx().0.query_opt(&sql, &values, |row| row.int(0))?.unwrap_or(0))
}

/// Those of the proposals that are there and that the use may see, the oldest first.
///
/// # Errors
/// The database can not be read, or a proposal can not be opened.
pub fn some(access: &mut impl Access, ids: &[ProposalId]) -> Result<Vec<Proposal>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let companies = access.usage().scope().companies().to_vec();
    let mut values: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(id.0)).collect();
    let which = places(2, ids.len());
    let seen = visible(access, &companies, &mut values);
    let sql = format!("{COLUMNS} AND r.proposal_id IN ({which}) AND {seen} ORDER BY r.proposal_id");
    let found = access.tx().0.query(&sql, &values, read)?;
    open_all(access, found)
}

fn open_all(access: &mut impl Access, found: Vec<Sealed>) -> Result<Vec<Proposal>> {
    found
        .into_iter()
        .map(|sealed| {
            let proposal = open(access, sealed)?;
            let shown = match &proposal.proposed {
                Proposed::Value(new) => Kinds::NONE.with(new.value.kind()),
                Proposed::Represents { .. } => Kinds::NONE.with(Kind::Organisation),
                Proposed::Name { .. } => Kinds::NONE,
            };
            access.show(proposal.party, shown);
            Ok(proposal)
        })
        .collect()
}

/// Notes how far a proposal has come.
///
/// # Errors
/// There is none.
pub fn set_state(tx: &mut Tx<'_>, id: ProposalId, state: State) -> Result<()> {
    let rows = tx.execute(
        "UPDATE proposal SET state = ?3 WHERE register_id = ?1 AND proposal_id = ?2",
        params![id, state.as_str()],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("proposal")) }
}

/// Takes a proposal out: it was accepted, or its source no longer says so.
///
/// # Errors
/// The database can not be written.
pub fn delete(tx: &mut Tx<'_>, id: ProposalId) -> Result<()> {
    tx.execute("DELETE FROM proposal WHERE register_id = ?1 AND proposal_id = ?2", params![id]).map(drop)
}

/// Takes out what an import proposed and nobody accepted.
///
/// # Errors
/// The database can not be written.
pub fn delete_of_import(tx: &mut Tx<'_>, import: ImportId) -> Result<()> {
    tx.execute("DELETE FROM proposal WHERE register_id = ?1 AND import_id = ?2", params![import]).map(drop)
}

/// Takes out what is proposed of a field of a party: its kind is no longer declared, and what is stored of it goes.
///
/// # Errors
/// The database can not be written.
pub fn delete_of_field(tx: &mut Tx<'_>, party: PartyId, field: &str) -> Result<()> {
    tx.execute("DELETE FROM proposal WHERE register_id = ?1 AND party_id = ?2 AND field = ?3", params![party, field])
        .map(drop)
}

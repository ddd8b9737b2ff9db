//! Disclosures in the database. [`record`] is the only statement that writes one, and it asks for a [`Permit`].

use jiff::Timestamp;
use seloste_domain::disclosure::{Basis, Case, Permit, Subject};
use seloste_domain::id::{CompanyId, DisclosureId, PartnerId, PartyId};
use seloste_domain::kind::Kinds;
use seloste_domain::notice::Safeguard;
use seloste_domain::partner::{Interface, People};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::partner::people_condition;
use crate::party::{in_scope, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

/// People whose belonging is asked of the database at a time.
const AT_ONCE: usize = 200;

/// A disclosure as it was recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// To whom.
    pub partner: PartnerId,
    /// Why.
    pub basis: Basis,
    /// What it belongs to.
    pub case: Case,
    /// Under which purpose of the notice it was made.
    pub purpose: String,
    /// The kinds of data.
    pub fields: Kinds,
    /// Of how many people and organisations.
    pub people: i64,
    /// How.
    pub way: Interface,
    /// The countries outside the EEA where it went.
    pub outside: Vec<String>,
    /// What protects it there.
    pub safeguard: Option<Safeguard>,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// The number of its event in the log.
    pub seq: i64,
}

const COLUMNS: &str = "d.disclosure_id, d.partner_id, d.basis, d.case_kind, d.case_name, d.purpose_name, d.fields, d.people, \
     d.way, d.outside, d.safeguard, d.made_by, d.made_at, d.seq";

fn read(row: &Row<'_>) -> Result<Disclosure> {
    let case = Case::of(&row.text(3)?, &row.text(4)?);
    Ok(Disclosure {
        id: DisclosureId(row.id(0)?),
        partner: PartnerId(row.id(1)?),
        basis: row.parsed(2)?,
        case: case.ok_or_else(|| StoreError::Corrupt("the case of a disclosure".into()))?,
        purpose: row.text(5)?,
        fields: kinds(&row.text(6)?)?,
        people: row.int(7)?,
        way: row.parsed(8)?,
        outside: row.text(9)?.split_whitespace().map(str::to_owned).collect(),
        safeguard: row.opt_parsed(10)?,
        made_by: row.text(11)?,
        made_at: row.time(12)?,
        seq: row.int(13)?,
    })
}

pub(crate) fn kinds(text: &str) -> Result<Kinds> {
    Kinds::from_names(text).map_err(|_| StoreError::Corrupt("kinds of a disclosure".into()))
}

/// Why a disclosure was not recorded: [`seloste_domain::disclosure::DisclosureRefused::People`] or a kind beyond the permit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotRecorded {
    /// Somebody is outside of the use's companies, of the partner's, or of its people.
    #[error("somebody is not among the people that the partner may receive")]
    People,
    /// A kind goes beyond the permit, or nothing was given.
    #[error("a kind of data goes beyond what was permitted, or nobody was named")]
    Fields,
}

/// Records that data leaves, in the transaction of what leaves: the row, whom it concerns, and the log of each of them
/// with recipient and kinds.
///
/// # Errors
/// Somebody is not among the people that the permit is for, or a kind is beyond it; nothing is written then.
pub fn record(w: &mut Writing<'_, '_>, permit: &Permit, subjects: &[Subject]) -> Result<DisclosureId> {
    let refused = |why: NotRecorded| StoreError::Refused(Box::new(why));
    let within = subjects.iter().all(|of| !of.fields.is_empty() && of.fields.and(permit.fields()) == of.fields);
    if subjects.is_empty() || !within {
        return Err(refused(NotRecorded::Fields));
    }
    let mut parties: Vec<Uuid> = subjects.iter().map(|of| of.party.0).collect();
    parties.sort_unstable();
    parties.dedup();
    if parties.len() != subjects.len() {
        return Err(refused(NotRecorded::Fields));
    }
    // What a partner is told of an erasure or a correction follows those who are gone or have moved on.
    if !matches!(permit.case(), Case::Recall(_)) {
        for some in parties.chunks(AT_ONCE) {
            if within_reach(w, permit, some)? != some.len() {
                return Err(refused(NotRecorded::People));
            }
        }
    }
    let id = DisclosureId(w.env().id());
    insert(w, id, permit, subjects)?;
    let fields: Kinds = subjects.iter().fold(Kinds::NONE, |all, of| all.or(of.fields));
    w.log_as(
        "disclosure.make",
        Act {
            subjects: parties,
            objects: vec![format!("disclosure:{id}"), permit.case().to_string()],
            fields: fields.iter().map(|kind| kind.as_str().to_owned()).collect(),
            recipient: Some(format!("partner:{}", permit.partner())),
            ..Act::default()
        },
    )?;
    Ok(id)
}

fn insert(w: &mut Writing<'_, '_>, id: DisclosureId, permit: &Permit, subjects: &[Subject]) -> Result<()> {
    let fields: Kinds = subjects.iter().fold(Kinds::NONE, |all, of| all.or(of.fields));
    let (purpose, actor) = (w.usage().purpose().id().to_string(), w.usage().actor().to_string());
    let (at, seq, people) = (w.usage().at(), w.next_seq().cast_signed(), subjects.len() as i64);
    let case = permit.case();
    let mut tx = w.plain().tx();
    tx.execute(
        "INSERT INTO disclosure (register_id, disclosure_id, partner_id, basis, case_kind, case_name, purpose_name, fields, \
         people, way, outside, safeguard, made_by, made_at, seq) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        params![
            id,
            permit.partner(),
            permit.basis().as_str(),
            case.kind(),
            &case.id(),
            &purpose,
            &fields.names(),
            people,
            permit.interface().as_str(),
            &permit.outside().join(" "),
            permit.safeguard().map(Safeguard::as_str),
            &actor,
            at,
            seq,
        ],
    )?;
    for of in subjects {
        tx.execute(
            "INSERT INTO disclosure_subject (register_id, party_id, disclosure_id, fields) VALUES (?1, ?2, ?3, ?4)",
            params![of.party, id, &of.fields.names()],
        )?;
    }
    Ok(())
}

/// How many of the parties the use and the permit both reach.
fn within_reach(w: &mut Writing<'_, '_>, permit: &Permit, parties: &[Uuid]) -> Result<usize> {
    let scope = w.usage().scope().clone();
    let common: Vec<CompanyId> =
        scope.companies().iter().filter(|company| permit.companies().contains(company)).cloned().collect();
    if common.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "SELECT count(*) FROM party p WHERE p.register_id = ?1 AND p.party_id IN ({}) AND {} AND {}",
        places(2, parties.len()),
        in_scope(2 + parties.len(), common.len()),
        people_condition(permit.people()),
    );
    let values: Vec<Param<'_>> = parties.iter().map(|id| Param::Id(*id)).collect();
    let found = w.plain().tx().query_opt(&sql, &with_scope(values, &common), |row| row.int(0))?;
    Ok(usize::try_from(found.unwrap_or(0)).unwrap_or(0))
}

/// Which of the parties a partner of these companies and people may receive: what a list for it is made of.
///
/// # Errors
/// The database can not be read.
pub fn receivable(
    access: &mut impl Access,
    companies: &[CompanyId],
    people: People,
    parties: &[PartyId],
) -> Result<Vec<PartyId>> {
    let scope = access.usage().scope().clone();
    let common: Vec<CompanyId> =
        scope.companies().iter().filter(|company| companies.contains(company)).cloned().collect();
    let mut found = Vec::new();
    if common.is_empty() {
        return Ok(found);
    }
    for some in parties.chunks(AT_ONCE) {
        let sql = format!(
            "SELECT p.party_id FROM party p WHERE p.register_id = ?1 AND p.party_id IN ({}) AND {} AND {} ORDER BY p.party_id",
            places(2, some.len()),
            in_scope(2 + some.len(), common.len()),
            people_condition(people),
        );
        let values: Vec<Param<'_>> = some.iter().map(|id| Param::from(*id)).collect();
        found.extend(access.tx().0.query(&sql, &with_scope(values, &common), |row| Ok(PartyId(row.id(0)?)))?);
    }
    Ok(found)
}

/// The disclosures of a person or an organisation, the newest first, with the kinds of their data that went. Those of
/// records that were merged into it are among them.
///
/// # Errors
/// The database can not be read.
pub fn of_party(access: &mut impl Access, party: PartyId, limit: i64) -> Result<Vec<Disclosure>> {
    let mut ids = crate::merge::predecessors(&mut access.tx().0, party)?;
    ids.push(party.0);
    let sql = format!(
        "SELECT {COLUMNS}, s.fields FROM disclosure_subject s JOIN disclosure d ON d.register_id = s.register_id \
         AND d.disclosure_id = s.disclosure_id WHERE s.register_id = ?1 AND s.party_id IN ({}) \
         ORDER BY d.disclosure_id DESC LIMIT ?2",
        places(3, ids.len())
    );
    let mut values = vec![Param::Int(limit)];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    let found =
        access.tx().0.query(&sql, &values, |row| Ok(Disclosure { fields: kinds(&row.text(14)?)?, ..read(row)? }))?;
    let fields = found.iter().fold(Kinds::NONE, |all, of| all.or(of.fields));
    access.show(party, fields);
    Ok(found)
}

/// Which disclosures a page shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only to this partner.
    pub partner: Option<PartnerId>,
    /// Only what went outside the EEA.
    pub outside: bool,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// The page begins after this one.
    pub after: Option<DisclosureId>,
}

/// Disclosures, the newest first. They name nobody.
///
/// # Errors
/// The database can not be read.
pub fn page(tx: &mut Tx<'_>, filter: &Filter, limit: i64) -> Result<Vec<Disclosure>> {
    let mut sql = format!("SELECT {COLUMNS} FROM disclosure d WHERE d.register_id = ?1");
    let mut values = vec![Param::Int(limit)];
    let conditions = [
        filter.partner.map(|id| ("d.partner_id =", Param::from(id))),
        filter.after.map(|id| ("d.disclosure_id <", Param::from(id))),
        filter.from.map(|at| ("d.made_at >=", Param::from(at))),
        filter.until.map(|at| ("d.made_at <", Param::from(at))),
    ];
    for (condition, value) in conditions.into_iter().flatten() {
        sql.push_str(&format!(" AND {condition} ?{}", values.len() + 2));
        values.push(value);
    }
    if filter.outside {
        sql.push_str(" AND d.outside <> ''");
    }
    sql.push_str(" ORDER BY d.disclosure_id DESC LIMIT ?2");
    tx.query(&sql, &values, read)
}

/// One disclosure, with whom it concerned within the scope of the use.
///
/// # Errors
/// There is none.
pub fn get(access: &mut impl Access, id: DisclosureId) -> Result<(Disclosure, Vec<Subject>)> {
    let sql = format!("SELECT {COLUMNS} FROM disclosure d WHERE d.register_id = ?1 AND d.disclosure_id = ?2");
    let found = access.tx().0.query_opt(&sql, params![id], read)?.ok_or(StoreError::NotFound("disclosure"))?;
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT s.party_id, s.fields FROM disclosure_subject s JOIN party p ON p.register_id = s.register_id \
         AND p.party_id = s.party_id WHERE s.register_id = ?1 AND s.disclosure_id = ?2 AND {} ORDER BY s.party_id",
        in_scope(3, scope.companies().len())
    );
    let values = with_scope(vec![Param::from(id)], scope.companies());
    let subjects = access
        .tx()
        .0
        .query(&sql, &values, |row| Ok(Subject { party: PartyId(row.id(0)?), fields: kinds(&row.text(1)?)? }))?;
    for of in &subjects {
        access.show(of.party, of.fields);
    }
    Ok((found, subjects))
}

/// The disclosures of a case, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn of_case(tx: &mut Tx<'_>, case: &Case) -> Result<Vec<Disclosure>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM disclosure d WHERE d.register_id = ?1 AND d.case_kind = ?2 AND d.case_name = ?3 \
         ORDER BY d.disclosure_id DESC"
    );
    tx.query(&sql, params![case.kind(), &case.id()], read)
}

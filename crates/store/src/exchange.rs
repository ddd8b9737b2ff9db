//! What a partner reads over its interface: who of those within its reach has changed since it last asked, and who of
//! those that it holds has left. The reach is a part of the statements: what is outside of it is never read.
//!
//! The position is the number in the log of a party's last change. One writer gives these numbers in the order in which
//! it commits, so that nothing can come in before a position that was read.

use jiff::Timestamp;
use seloste_domain::disclosure::Permit;
use seloste_domain::id::{CompanyId, OrderId, PartnerId, PartyId, PurposeId};
use seloste_domain::kind::Kind;
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::partner::people_condition;
use crate::party::{Noun, in_scope, with_scope};
use crate::sql::{Param, Tx, params, places};

/// Where a partner has read to: the number of a change, and the party of that change which came last.
pub type Position = (i64, Uuid);

/// Somebody who changed, or who left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Whom.
    pub party: PartyId,
    /// Person or organisation; none of those who are gone.
    pub noun: Option<Noun>,
    /// The number of the change.
    pub seq: i64,
}

impl Changed {
    /// The position behind it.
    #[must_use]
    pub const fn position(&self) -> Position {
        (self.seq, self.party.0)
    }
}

/// What keeps a statement within the reach: the companies of both the use and the permit, and the permit's people.
/// Organisations belong to it when their kind does.
struct Reach {
    companies: Vec<CompanyId>,
    people: &'static str,
    nouns: &'static str,
}

impl Reach {
    fn of(w: &Writing<'_, '_>, permit: &Permit) -> Option<Self> {
        let companies: Vec<CompanyId> = w
            .usage()
            .scope()
            .companies()
            .iter()
            .filter(|company| permit.companies().contains(company))
            .cloned()
            .collect();
        let nouns = if permit.has(Kind::Organisation) { "p.noun IS NOT NULL" } else { "p.noun = 'person'" };
        (!companies.is_empty()).then(|| Self { companies, people: people_condition(permit.people()), nouns })
    }

    /// The condition; the companies' placeholders begin at `first`.
    fn condition(&self, first: usize) -> String {
        format!("{} AND {} AND {}", self.nouns, in_scope(first, self.companies.len()), self.people)
    }
}

fn noun(text: &str) -> Noun {
    if text == Noun::Person.as_str() { Noun::Person } else { Noun::Organisation }
}

/// Those within reach who changed after a position, and those whom the partner holds and who left after it, in order.
///
/// # Errors
/// The database can not be read.
pub fn changes(w: &mut Writing<'_, '_>, permit: &Permit, after: Position, limit: usize) -> Result<Vec<Changed>> {
    let reach = Reach::of(w, permit);
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = match &reach {
        Some(reach) => here(&mut w.plain().tx(), reach, after, most)?,
        None => Vec::new(),
    };
    found.extend(gone(&mut w.plain().tx(), permit.partner(), reach.as_ref(), after, most)?);
    found.sort_by_key(Changed::position);
    found.truncate(limit);
    Ok(found)
}

fn here(tx: &mut Tx<'_>, reach: &Reach, after: Position, limit: i64) -> Result<Vec<Changed>> {
    let sql = format!(
        "SELECT p.party_id, p.noun, p.changed_seq FROM party p WHERE p.register_id = ?1 \
         AND (p.changed_seq, p.party_id) > (?2, ?3) AND {} ORDER BY p.changed_seq, p.party_id LIMIT ?4",
        reach.condition(5)
    );
    let values = vec![Param::Int(after.0), Param::Id(after.1), Param::Int(limit)];
    tx.query(&sql, &with_scope(values, &reach.companies), |row| {
        Ok(Changed { party: PartyId(row.id(0)?), noun: Some(noun(&row.text(1)?)), seq: row.int(2)? })
    })
}

fn gone(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    reach: Option<&Reach>,
    after: Position,
    limit: i64,
) -> Result<Vec<Changed>> {
    let outside = match reach {
        Some(reach) => format!("(p.party_id IS NULL OR NOT ({}))", reach.condition(6)),
        None => "h.partner_id = ?2".to_owned(),
    };
    let at = "COALESCE(h.gone_seq, p.changed_seq)";
    let sql = format!(
        "SELECT h.party_id, {at} FROM partner_holding h LEFT JOIN party p ON p.register_id = h.register_id \
         AND p.party_id = h.party_id WHERE h.register_id = ?1 AND h.partner_id = ?2 AND ({at}, h.party_id) > (?3, ?4) \
         AND {outside} ORDER BY {at}, h.party_id LIMIT ?5"
    );
    let values = vec![Param::from(partner), Param::Int(after.0), Param::Id(after.1), Param::Int(limit)];
    let companies = reach.map(|reach| reach.companies.as_slice()).unwrap_or_default();
    tx.query(&sql, &with_scope(values, companies), |row| {
        Ok(Changed { party: PartyId(row.id(0)?), noun: None, seq: row.int(1)? })
    })
}

/// Which of the two a party within reach is.
///
/// # Errors
/// There is none within reach.
pub fn find(w: &mut Writing<'_, '_>, permit: &Permit, party: PartyId) -> Result<Noun> {
    let Some(reach) = Reach::of(w, permit) else { return Err(StoreError::NotFound("party")) };
    let sql =
        format!("SELECT p.noun FROM party p WHERE p.register_id = ?1 AND p.party_id = ?2 AND {}", reach.condition(3));
    let values = with_scope(vec![Param::from(party)], &reach.companies);
    let found = w.plain().tx().query_opt(&sql, &values, |row| Ok(noun(&row.text(0)?)))?;
    let found = found.ok_or(StoreError::NotFound("party"))?;
    // Whose processing is restricted is told to nobody outside.
    if crate::guard::barred(w, &[party.0])?.is_empty() { Ok(found) } else { Err(StoreError::NotFound("party")) }
}

/// Notes whom a partner holds now.
///
/// # Errors
/// The database can not be written.
pub fn hold(tx: &mut Tx<'_>, partner: PartnerId, parties: &[PartyId]) -> Result<()> {
    for party in parties {
        tx.execute(
            "INSERT INTO partner_holding (register_id, partner_id, party_id) VALUES (?1, ?2, ?3) \
             ON CONFLICT (register_id, partner_id, party_id) DO NOTHING",
            params![partner, *party],
        )?;
    }
    Ok(())
}

/// Notes for those who hold a party that it is erased.
pub(crate) fn erased(tx: &mut Tx<'_>, party: Uuid, seq: i64) -> Result<()> {
    tx.execute("UPDATE partner_holding SET gone_seq = ?3 WHERE register_id = ?1 AND party_id = ?2", params![party, seq])
        .map(drop)
}

/// The number of the newest change that a partner of these companies could have to hear of; what is within its reach is
/// told when it reads.
///
/// # Errors
/// The database can not be read.
pub fn newest(tx: &mut Tx<'_>) -> Result<i64> {
    let parties = tx.query_opt(
        "SELECT changed_seq FROM party WHERE register_id = ?1 ORDER BY changed_seq DESC LIMIT 1",
        params![],
        |row| row.int(0),
    )?;
    Ok(parties.unwrap_or(0))
}

/// How many people and organisations a partner has read over its interface for a purpose since a time, each time counted.
///
/// # Errors
/// The database can not be read.
pub fn read_since(tx: &mut Tx<'_>, partner: PartnerId, purpose: &PurposeId, since: Timestamp) -> Result<i64> {
    let sql = "SELECT CAST(coalesce(sum(people), 0) AS BIGINT) FROM disclosure WHERE register_id = ?1 AND partner_id = ?2 AND made_at >= ?3 \
         AND case_kind = 'service' AND case_name = ?4 AND way IN ('api', 'webhook')";
    Ok(tx.query_opt(sql, params![partner, since, purpose], |row| row.int(0))?.unwrap_or(0))
}

/// Those orders of a party, with companies of both the use and the permit, that come after one, the oldest first. The party
/// has been found within reach by [`find`].
///
/// # Errors
/// The database can not be read.
pub fn orders(
    w: &mut Writing<'_, '_>,
    permit: &Permit,
    party: PartyId,
    after: Option<OrderId>,
    limit: usize,
) -> Result<Vec<Uuid>> {
    let Some(reach) = Reach::of(w, permit).filter(|_| permit.has(Kind::Orders)) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT o.order_id FROM orders o WHERE o.register_id = ?1 AND (o.person_id = ?2 OR o.organisation_id = ?2) \
         AND o.order_id > ?3 AND o.company_id IN ({}) ORDER BY o.order_id LIMIT ?4",
        places(5, reach.companies.len())
    );
    let after = after.map_or(Uuid::nil(), |id| id.0);
    let values = vec![Param::from(party), Param::Id(after), Param::Int(i64::try_from(limit).unwrap_or(i64::MAX))];
    w.plain().tx().query(&sql, &with_scope(values, &reach.companies), |row| row.id(0))
}

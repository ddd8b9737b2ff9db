//! What happened to claims, and cases at collection partners.

use std::collections::HashMap;

use jiff::civil::Date;
use seloste_domain::collection::{CollectionState, DebtEventKind, ValidDebtEvent};
use seloste_domain::id::{CollectionId, CompanyId, DebtEventId, DisclosureId, InvoiceId, PartnerId, PartyId};
use seloste_domain::kind::Kind;
use seloste_domain::reminder::Items;
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::invoice::Invoice;
use crate::log::Act;
use crate::party::{self, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

/// Something that happened to a claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DebtEvent {
    /// Its id.
    pub id: DebtEventId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// What.
    pub kind: DebtEventKind,
    /// When it happened or came.
    pub happened_on: Date,
    /// When it ended: from then on collection may go on.
    pub ended_on: Option<Date>,
    /// Why, or empty.
    pub reason: String,
    /// Who entered it.
    pub entered_by: String,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: jiff::Timestamp,
}

impl DebtEvent {
    /// Whether collection stops for it now.
    #[must_use]
    pub const fn stops(&self) -> bool {
        self.kind.stops() && self.ended_on.is_none()
    }
}

/// A case at a collection partner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// Its id.
    pub id: CollectionId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// The company that claims.
    pub company: CompanyId,
    /// The partner.
    pub partner: PartnerId,
    /// How it stands.
    pub state: CollectionState,
    /// When it was handed over.
    pub handed_on: Date,
    /// What was claimed then.
    pub items: Items,
    /// The disclosure by which it was handed over.
    pub disclosure: Option<DisclosureId>,
    /// When it was returned or closed.
    pub ended_on: Option<Date>,
    /// Who handed it over.
    pub entered_by: String,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: jiff::Timestamp,
}

/// The events of invoices, the oldest first. The caller has loaded the invoices, so that they are in scope and noted as
/// shown.
///
/// # Errors
/// The database can not be read, or a reason not be opened.
pub fn events(access: &mut impl Access, invoices: &[InvoiceId]) -> Result<HashMap<InvoiceId, Vec<DebtEvent>>> {
    let mut found: HashMap<InvoiceId, Vec<DebtEvent>> = HashMap::new();
    if invoices.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT debt_event_id, invoice_id, kind, happened_on, ended_on, told, owner_id, entered_by, version, changed_at \
         FROM debt_event WHERE register_id = ?1 AND invoice_id IN ({}) ORDER BY debt_event_id",
        places(2, invoices.len())
    );
    let values: Vec<Param<'_>> = invoices.iter().map(|id| Param::Id(id.0)).collect();
    let rows = access.tx().0.query(&sql, &values, |row| {
        let event = DebtEvent {
            id: DebtEventId(row.id(0)?),
            invoice: InvoiceId(row.id(1)?),
            kind: row.parsed(2)?,
            happened_on: row.parsed(3)?,
            ended_on: row.opt_parsed(4)?,
            reason: String::new(),
            entered_by: row.text(7)?,
            version: row.int(8)?,
            changed_at: row.time(9)?,
        };
        Ok((event, row.opt_bytes(5)?, row.opt_id(6)?.map(PartyId)))
    })?;
    for (mut event, told, owner) in rows {
        if let (Some(told), Some(owner)) = (told, owner) {
            let wrapped = party::wrapped_key(&mut access.tx().0, owner)?;
            let key = access.keys().0.unwrap_party_key(owner, &wrapped)?;
            event.reason =
                String::from_utf8(key.open(event.id.0, &told)?).map_err(|_| StoreError::Corrupt("a reason".into()))?;
        }
        found.entry(event.invoice).or_default().push(event);
    }
    Ok(found)
}

fn owner(invoice: &Invoice) -> Option<PartyId> {
    invoice.person.map(PartyId::from).or_else(|| invoice.organisation.map(PartyId::from))
}

fn log(w: &mut Writing<'_, '_>, invoice: &Invoice, object: String) -> Result<()> {
    let subjects = [invoice.person.map(|id| id.0), invoice.organisation.map(|id| id.0)].into_iter().flatten().collect();
    let objects = vec![object, format!("invoice:{}", invoice.id)];
    w.log(Act { subjects, objects, fields: vec![Kind::Orders.as_str().to_owned()], ..Act::default() })
}

/// Notes something that happened to a claim. The caller has loaded the invoice.
///
/// # Errors
/// The database can not be written.
pub fn add_event(w: &mut Writing<'_, '_>, invoice: &Invoice, valid: &ValidDebtEvent) -> Result<DebtEventId> {
    let id = DebtEventId(w.env().id());
    let owner = owner(invoice).filter(|_| !valid.reason.is_empty());
    let told = match owner {
        Some(owner) => Some(party::key_of(w, owner)?.seal(id.0, valid.reason.as_bytes(), w.env())?),
        None => None,
    };
    let (at, by) = (w.usage().at(), w.usage().actor().to_string());
    w.plain().tx().execute(
        "INSERT INTO debt_event (register_id, debt_event_id, invoice_id, company_id, kind, happened_on, told, owner_id, \
         entered_by, version, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, ?10)",
        params![
            id,
            invoice.id,
            &invoice.company,
            valid.kind.as_str(),
            &valid.happened_on.to_string(),
            told.as_ref().map_or(Param::Null, |bytes| Param::Bytes(bytes)),
            owner,
            &by,
            at,
        ],
    )?;
    log(w, invoice, format!("debt_event:{id}"))?;
    Ok(id)
}

/// Ends what stops collection, when it still has the version `expected`. The caller has loaded the invoice.
///
/// # Errors
/// There is none of the invoice, or someone else ended it meanwhile.
pub fn end_event(
    w: &mut Writing<'_, '_>,
    invoice: &Invoice,
    (id, expected): (DebtEventId, i64),
    on: Date,
) -> Result<()> {
    let at = w.usage().at();
    let rows = w.plain().tx().execute(
        "UPDATE debt_event SET ended_on = ?4, version = version + 1, changed_at = ?5 WHERE register_id = ?1 \
         AND debt_event_id = ?2 AND invoice_id = ?3 AND version = ?6 AND ended_on IS NULL",
        params![id, invoice.id, &on.to_string(), at, expected],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: expected + 1, expected });
    }
    log(w, invoice, format!("debt_event:{id}"))
}

const CASE: &str = "SELECT c.collection_id, c.invoice_id, c.company_id, c.partner_id, c.state, c.handed_on, c.items, \
     c.disclosure_id, c.ended_on, c.entered_by, c.version, c.changed_at FROM collection c WHERE c.register_id = ?1";

fn read_case(row: &Row<'_>) -> Result<Case> {
    Ok(Case {
        id: CollectionId(row.id(0)?),
        invoice: InvoiceId(row.id(1)?),
        company: row.parsed(2)?,
        partner: PartnerId(row.id(3)?),
        state: row.parsed(4)?,
        handed_on: row.parsed(5)?,
        items: serde_json::from_str(&row.text(6)?).map_err(|_| StoreError::Corrupt("a case's items".into()))?,
        disclosure: row.opt_id(7)?.map(DisclosureId),
        ended_on: row.opt_parsed(8)?,
        entered_by: row.text(9)?,
        version: row.int(10)?,
        changed_at: row.time(11)?,
    })
}

/// The cases of invoices, the oldest first. The caller has loaded the invoices.
///
/// # Errors
/// The database can not be read.
pub fn cases(access: &mut impl Access, invoices: &[InvoiceId]) -> Result<HashMap<InvoiceId, Vec<Case>>> {
    let mut found: HashMap<InvoiceId, Vec<Case>> = HashMap::new();
    if invoices.is_empty() {
        return Ok(found);
    }
    let sql = format!("{CASE} AND c.invoice_id IN ({}) ORDER BY c.collection_id", places(2, invoices.len()));
    let values: Vec<Param<'_>> = invoices.iter().map(|id| Param::Id(id.0)).collect();
    for case in access.tx().0.query(&sql, &values, read_case)? {
        found.entry(case.invoice).or_default().push(case);
    }
    Ok(found)
}

/// One case.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn case(access: &mut impl Access, id: CollectionId) -> Result<Case> {
    let scope = access.usage().scope().clone();
    let sql = format!("{CASE} AND c.collection_id = ?2 AND c.company_id IN ({})", places(3, scope.companies().len()));
    let values = with_scope(vec![Param::from(id)], scope.companies());
    access.tx().0.query_opt(&sql, &values, read_case)?.ok_or(StoreError::NotFound("collection"))
}

/// The cases of the scope, the newest first; only those that a partner has, when `open`.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, open: bool, limit: i64) -> Result<Vec<Case>> {
    let scope = access.usage().scope().clone();
    let only = if open { " AND c.ended_on IS NULL" } else { "" };
    let sql = format!(
        "{CASE}{only} AND c.company_id IN ({}) ORDER BY c.collection_id DESC LIMIT ?2",
        places(3, scope.companies().len())
    );
    access.tx().0.query(&sql, &with_scope(vec![Param::Int(limit)], scope.companies()), read_case)
}

/// Opens a case. An invoice is with one partner at a time: the second of two who hand it over at once is told.
///
/// # Errors
/// It is with a partner already ([`StoreError::Taken`]), or the database can not be written.
pub fn open(w: &mut Writing<'_, '_>, invoice: &Invoice, case: &Case) -> Result<()> {
    if has_open_case(&mut w.plain().tx(), case.invoice)? {
        return Err(StoreError::Taken("collection"));
    }
    let items = serde_json::to_string(&case.items).map_err(|_| StoreError::Corrupt("a case's items".into()))?;
    w.plain().tx().execute(
        "INSERT INTO collection (register_id, collection_id, invoice_id, company_id, partner_id, state, handed_on, items, \
         disclosure_id, entered_by, version, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11)",
        params![
            case.id,
            case.invoice,
            &case.company,
            case.partner,
            case.state.as_str(),
            &case.handed_on.to_string(),
            &items,
            case.disclosure,
            &case.entered_by,
            case.changed_at,
        ],
    )?;
    log(w, invoice, format!("collection:{}", case.id))
}

fn has_open_case(tx: &mut Tx<'_>, invoice: InvoiceId) -> Result<bool> {
    let sql = "SELECT collection_id FROM collection WHERE register_id = ?1 AND invoice_id = ?2 AND ended_on IS NULL";
    Ok(tx.query_opt(sql, params![invoice], |row| row.id(0))?.is_some())
}

/// Ends a case, when it still has the version `expected`. The caller has loaded the invoice.
///
/// # Errors
/// Someone else ended it meanwhile.
pub fn end(
    w: &mut Writing<'_, '_>,
    invoice: &Invoice,
    (id, expected): (CollectionId, i64),
    state: CollectionState,
    on: Date,
) -> Result<()> {
    let at = w.usage().at();
    let rows = w.plain().tx().execute(
        "UPDATE collection SET state = ?3, ended_on = ?4, version = version + 1, changed_at = ?5 WHERE register_id = ?1 \
         AND collection_id = ?2 AND version = ?6 AND ended_on IS NULL",
        params![id, state.as_str(), &on.to_string(), at, expected],
    )?;
    if rows != 1 {
        return Err(StoreError::Conflict { found: expected + 1, expected });
    }
    log(w, invoice, format!("collection:{id}"))
}

/// Forgets the reasons that were sealed under a party's key, when it is erased.
pub(crate) fn forget_of(tx: &mut Tx<'_>, owner: Uuid) -> Result<()> {
    tx.execute(
        "UPDATE debt_event SET told = NULL, owner_id = NULL WHERE register_id = ?1 AND owner_id = ?2",
        params![owner],
    )
    .map(drop)
}

//! Payments and where their parts went. What is placed on an invoice stands in the invoice's `paid_cents`, changed in the
//! same transaction. Who paid is sealed: under the register's key while it is not known whose money it is, under the
//! customer's once it has paid an invoice of theirs, so that erasing the customer takes it along.

use std::collections::HashMap;

use jiff::civil::Date;
use seloste_domain::iban::Iban;
use seloste_domain::id::{
    AllocationId, CompanyId, InvoiceId, OrganisationId, PartyId, PaymentFileId, PaymentId, PersonId,
};
use seloste_domain::invoice::Balance;
use seloste_domain::kind::Kind;
use seloste_domain::money::Cents;
use seloste_domain::payment::{Incoming, MatchedBy, Placing, Purse};
use seloste_domain::reference::Reference;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

/// Who paid and what a person noted of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The payer's name as the bank gives it, or empty.
    pub payer: String,
    /// What a person noted when it was given back, or empty.
    pub note: String,
}

/// A payment of the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The company whose account it came to.
    pub company: CompanyId,
    /// The account.
    pub account: Iban,
    /// What the bank calls it; none of one that was entered by hand.
    pub archive_id: Option<String>,
    /// The day on which the bank booked it.
    pub booked_on: Date,
    /// The day on which it was paid.
    pub paid_on: Date,
    /// How much, and how much of it has a place.
    pub purse: Purse,
    /// The reference that the payer gave.
    pub reference: Option<Reference>,
    /// Who paid. Empty when it is forgotten.
    pub told: Told,
    /// The customer under whose key it is sealed.
    pub owner: Option<PartyId>,
    /// The file that it came in.
    pub file: Option<PaymentFileId>,
    /// The payment that it takes back.
    pub reverses: Option<PaymentId>,
    /// Who entered it.
    pub entered_by: String,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: jiff::Timestamp,
}

impl Payment {
    /// As a bank tells of it.
    #[must_use]
    pub fn incoming(&self) -> Incoming {
        Incoming {
            archive_id: self.archive_id.clone().unwrap_or_default(),
            account: self.account.clone(),
            booked_on: self.booked_on,
            paid_on: self.paid_on,
            amount: self.purse.amount,
            reference: self.reference.clone(),
            payer: self.told.payer.clone(),
        }
    }
}

/// A part of a payment that has a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allocation {
    /// Its id.
    pub id: AllocationId,
    /// The payment.
    pub payment: PaymentId,
    /// The invoice, where it is one that it pays.
    pub invoice: Option<InvoiceId>,
    /// What it is.
    pub kind: Placing,
    /// How much.
    pub cents: Cents,
    /// What it was matched by.
    pub by: Option<MatchedBy>,
    /// Who placed it.
    pub entered_by: String,
    /// When.
    pub at: jiff::Timestamp,
    /// The day on which the payment was paid.
    pub paid_on: Date,
}

const COLUMNS: &str = "p.payment_id, p.company_id, p.account, p.archive_id, p.booked_on, p.paid_on, p.cents, \
     p.placed_cents, p.reference, p.told, p.owner_id, p.payment_file_id, p.reverses_id, p.entered_by, p.version, p.changed_at";

/// A row, with what is told of it still sealed.
fn read(row: &Row<'_>) -> Result<(Payment, Option<Vec<u8>>)> {
    let told = row.opt_bytes(9)?;
    let payment = Payment {
        id: PaymentId(row.id(0)?),
        company: row.parsed(1)?,
        account: row.parsed(2)?,
        archive_id: row.opt_text(3)?,
        booked_on: row.parsed(4)?,
        paid_on: row.parsed(5)?,
        purse: Purse { amount: Cents(row.int(6)?), placed: Cents(row.int(7)?) },
        reference: row.opt_parsed(8)?,
        told: Told::default(),
        owner: row.opt_id(10)?.map(PartyId),
        file: row.opt_id(11)?.map(PaymentFileId),
        reverses: row.opt_id(12)?.map(PaymentId),
        entered_by: row.text(13)?,
        version: row.int(14)?,
        changed_at: row.time(15)?,
    };
    Ok((payment, told))
}

fn opened(access: &mut impl Access, (mut payment, sealed): (Payment, Option<Vec<u8>>)) -> Result<Payment> {
    let Some(sealed) = sealed else { return Ok(payment) };
    let json = match payment.owner {
        Some(owner) => {
            let wrapped = party::wrapped_key(&mut access.tx().0, owner)?;
            access.keys().0.unwrap_party_key(owner, &wrapped)?.open(payment.id.0, &sealed)?
        }
        None => access.keys().0.open_secret(payment.id.0, &sealed)?.to_vec(),
    };
    payment.told = serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt("a payer".into()))?;
    Ok(payment)
}

/// Seals who paid, under the owner's key or the register's. None: there is nothing to tell.
pub(crate) fn sealed(
    w: &mut Writing<'_, '_>,
    id: PaymentId,
    owner: Option<PartyId>,
    told: &Told,
) -> Result<Option<Vec<u8>>> {
    if *told == Told::default() {
        return Ok(None);
    }
    let json = serde_json::to_vec(told).map_err(|_| StoreError::Corrupt("a payer".into()))?;
    let sealed = match owner {
        Some(owner) => party::key_of(w, owner)?.seal(id.0, &json, w.env())?,
        None => w.keys().0.seal_secret(id.0, &json, w.env())?,
    };
    Ok(Some(sealed))
}

/// Which payments a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of which something has no place.
    pub to_place: bool,
    /// Only of this company.
    pub company: Option<CompanyId>,
    /// Only of this file.
    pub file: Option<PaymentFileId>,
    /// The page begins after this one.
    pub after: Option<PaymentId>,
}

/// A page of payments, the newest first.
///
/// # Errors
/// The database can not be read, or a payer's name not be opened.
pub fn page(access: &mut impl Access, filter: &Filter, limit: i64) -> Result<Vec<Payment>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let mut values = with_scope(vec![Param::Int(limit)], scope.companies());
    let mut sql = format!(
        "SELECT {COLUMNS} FROM payment p WHERE p.register_id = ?1 AND p.company_id IN ({})",
        places(3, scope.companies().len())
    );
    if filter.to_place {
        sql.push_str(" AND p.placed_cents <> p.cents");
    }
    let company = filter.company.as_ref().map(|id| ("p.company_id =", Param::from(id)));
    let file = filter.file.map(|id| ("p.payment_file_id =", Param::from(id)));
    let after = filter.after.map(|id| ("p.payment_id <", Param::from(id)));
    for (condition, value) in [company, file, after].into_iter().flatten() {
        sql.push_str(&format!(" AND {condition} ?{}", values.len() + 2));
        values.push(value);
    }
    sql.push_str(" ORDER BY p.payment_id DESC LIMIT ?2");
    let found = access.tx().0.query(&sql, &values, read)?;
    found.into_iter().map(|row| shown(access, row)).collect()
}

fn shown(access: &mut impl Access, row: (Payment, Option<Vec<u8>>)) -> Result<Payment> {
    let payment = opened(access, row)?;
    access.show_object(format!("payment:{}", payment.id));
    if let Some(owner) = payment.owner {
        access.show(owner, [Kind::Orders].into_iter().collect());
    }
    Ok(payment)
}

/// One payment.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: PaymentId) -> Result<Payment> {
    let row = stored(access, id)?.ok_or(StoreError::NotFound("payment"))?;
    shown(access, row)
}

fn stored(access: &mut impl Access, id: PaymentId) -> Result<Option<(Payment, Option<Vec<u8>>)>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(None);
    }
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT {COLUMNS} FROM payment p WHERE p.register_id = ?1 AND p.payment_id = ?2 AND p.company_id IN ({})",
        places(3, scope.companies().len())
    );
    let values = with_scope(vec![Param::from(id)], scope.companies());
    access.tx().0.query_opt(&sql, &values, read)
}

/// How many payments of the scope have no place, or a part that has none, and how much that is.
///
/// # Errors
/// The database can not be read.
pub fn to_place(access: &mut impl Access) -> Result<(i64, Cents)> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT count(*), CAST(coalesce(sum(cents - placed_cents), 0) AS BIGINT) FROM payment WHERE register_id = ?1 \
         AND placed_cents <> cents AND company_id IN ({})",
        places(2, scope.companies().len())
    );
    let values = with_scope(Vec::new(), scope.companies());
    let found = access.tx().0.query_opt(&sql, &values, |row| Ok((row.int(0)?, Cents(row.int(1)?))))?;
    Ok(found.unwrap_or_default())
}

const ALLOCATION: &str = "SELECT a.allocation_id, a.payment_id, a.invoice_id, a.kind, a.cents, a.matched_by, a.entered_by, \
     a.created_at, p.paid_on FROM allocation a JOIN payment p ON p.register_id = a.register_id AND p.payment_id = a.payment_id \
     WHERE a.register_id = ?1";

fn read_allocation(row: &Row<'_>) -> Result<Allocation> {
    Ok(Allocation {
        id: AllocationId(row.id(0)?),
        payment: PaymentId(row.id(1)?),
        invoice: row.opt_id(2)?.map(InvoiceId),
        kind: row.parsed(3)?,
        cents: Cents(row.int(4)?),
        by: row.opt_parsed(5)?,
        entered_by: row.text(6)?,
        at: row.time(7)?,
        paid_on: row.parsed(8)?,
    })
}

/// Where the parts of a payment went, the oldest first. The caller has loaded the payment.
///
/// # Errors
/// The database can not be read.
pub(crate) fn allocations(tx: &mut Tx<'_>, payment: PaymentId) -> Result<Vec<Allocation>> {
    let sql = format!("{ALLOCATION} AND a.payment_id = ?2 ORDER BY a.allocation_id");
    tx.query(&sql, params![payment], read_allocation)
}

/// The same for a view of the register.
///
/// # Errors
/// The database can not be read.
pub fn allocations_of(access: &mut impl Access, payment: PaymentId) -> Result<Vec<Allocation>> {
    allocations(&mut access.tx().0, payment)
}

/// What paid an invoice and its costs, the oldest first. The caller has loaded the invoice.
///
/// # Errors
/// The database can not be read.
pub fn of_invoice(access: &mut impl Access, invoice: InvoiceId) -> Result<Vec<Allocation>> {
    let sql = format!("{ALLOCATION} AND a.invoice_id = ?2 ORDER BY a.allocation_id");
    access.tx().0.query(&sql, params![invoice], read_allocation)
}

/// The same for several invoices.
///
/// # Errors
/// The database can not be read.
pub fn of_invoices(access: &mut impl Access, invoices: &[InvoiceId]) -> Result<HashMap<InvoiceId, Vec<Allocation>>> {
    let mut found: HashMap<InvoiceId, Vec<Allocation>> = HashMap::new();
    if invoices.is_empty() {
        return Ok(found);
    }
    let sql = format!("{ALLOCATION} AND a.invoice_id IN ({}) ORDER BY a.allocation_id", places(2, invoices.len()));
    let values: Vec<Param<'_>> = invoices.iter().map(|id| Param::Id(id.0)).collect();
    for part in access.tx().0.query(&sql, &values, read_allocation)? {
        if let Some(invoice) = part.invoice {
            found.entry(invoice).or_default().push(part);
        }
    }
    Ok(found)
}

/// What was collected for invoices of the scope, or of one company, in each month from `from` to `until`: the month (`2026-11`) by the day of
/// booking, and the sum of what was placed on invoices less what was taken back. Months without payments are left out.
///
/// # Errors
/// The database can not be read.
pub fn collected(
    access: &mut impl Access,
    company: Option<&CompanyId>,
    from: Date,
    until: Date,
) -> Result<Vec<(String, Cents)>> {
    let scope = access.usage().scope().clone();
    let (from, until) = (from.to_string(), until.to_string());
    let mut values = with_scope(vec![Param::Text(&from), Param::Text(&until)], scope.companies());
    let only = company.map_or_else(String::new, |_| format!(" AND p.company_id = ?{}", values.len() + 2));
    values.extend(company.map(Param::from));
    let sql = format!(
        "SELECT substr(p.booked_on, 1, 7), CAST(sum(a.cents) AS BIGINT) FROM payment p JOIN allocation a ON a.register_id = p.register_id \
         AND a.payment_id = p.payment_id WHERE p.register_id = ?1 AND a.kind = 'invoice' AND p.booked_on >= ?2 \
         AND p.booked_on <= ?3 AND p.company_id IN ({}){only} GROUP BY substr(p.booked_on, 1, 7) ORDER BY 1",
        places(4, scope.companies().len())
    );
    access.tx().0.query(&sql, &values, |row| Ok((row.text(0)?, Cents(row.int(1)?))))
}

/// The accounts of companies, also those that they had before.
///
/// # Errors
/// The database can not be read.
pub fn accounts(tx: &mut Tx<'_>, companies: &[CompanyId]) -> Result<Vec<(Iban, CompanyId)>> {
    let sql = format!(
        "SELECT account, company_id FROM company_account WHERE register_id = ?1 AND company_id IN ({}) \
         ORDER BY account, company_id",
        places(2, companies.len())
    );
    tx.query(&sql, &with_scope(Vec::new(), companies), |row| Ok((row.parsed(0)?, row.parsed(1)?)))
}

/// Notes that an account is a company's.
pub(crate) fn add_account(tx: &mut Tx<'_>, company: &CompanyId, account: &Iban) -> Result<()> {
    tx.execute(
        "INSERT INTO company_account (register_id, account, company_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![account.as_str(), company],
    )
    .map(drop)
}

/// An invoice that money is placed on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) person: Option<PersonId>,
    pub(crate) organisation: Option<OrganisationId>,
    pub(crate) balance: Balance,
}

impl Target {
    /// Whose it is.
    pub(crate) fn owner(&self) -> Option<PartyId> {
        self.person.map(PartyId::from).or_else(|| self.organisation.map(PartyId::from))
    }

    pub(crate) fn parties(&self) -> impl Iterator<Item = Uuid> {
        [self.person.map(|id| id.0), self.organisation.map(|id| id.0)].into_iter().flatten()
    }
}

/// A sent invoice that may be paid to the account: one of a company whose account it is, in the scope.
pub(crate) fn target(w: &mut Writing<'_, '_>, id: InvoiceId, account: &Iban) -> Result<Target> {
    let scope = w.usage().scope().clone();
    let sql = format!(
        "SELECT i.person_id, i.organisation_id, i.gross_cents, i.credited_cents, i.paid_cents FROM invoice i \
         JOIN company_account c ON c.register_id = i.register_id AND c.company_id = i.company_id \
         WHERE i.register_id = ?1 AND i.invoice_id = ?2 AND i.is_sent = 1 AND i.kind = 'invoice' AND i.mirror_source IS NULL AND c.account = ?3 \
         AND i.company_id IN ({})",
        places(4, scope.companies().len())
    );
    let values = with_scope(vec![Param::from(id), Param::Text(account.as_str())], scope.companies());
    let read = |row: &Row<'_>| {
        let cents = |column| Ok::<_, StoreError>(Cents(row.int(column)?));
        let balance = Balance { gross: cents(2)?, credited: cents(3)?, paid: cents(4)? };
        let (person, organisation) = (row.opt_id(0)?.map(PersonId), row.opt_id(1)?.map(OrganisationId));
        Ok(Target { person, organisation, balance })
    };
    w.plain().tx().query_opt(&sql, &values, read)?.ok_or(StoreError::NotFound("invoice"))
}

/// A payment about to be stored.
pub(crate) struct New<'n> {
    pub(crate) id: PaymentId,
    pub(crate) company: &'n CompanyId,
    pub(crate) incoming: &'n Incoming,
    pub(crate) file: Option<PaymentFileId>,
    pub(crate) reverses: Option<PaymentId>,
}

/// Stores a payment with nothing placed. Who paid is sealed when it is settled.
pub(crate) fn insert(w: &mut Writing<'_, '_>, new: &New<'_>) -> Result<()> {
    let (at, by) = (w.usage().at(), w.usage().actor().to_string());
    let incoming = new.incoming;
    let archive_id = Some(incoming.archive_id.as_str()).filter(|id| !id.is_empty());
    let reference = incoming.reference.as_ref().map(Reference::as_str);
    w.plain()
        .tx()
        .execute(
            "INSERT INTO payment (register_id, payment_id, company_id, account, archive_id, booked_on, paid_on, cents, \
             placed_cents, reference, payment_file_id, reverses_id, entered_by, version, changed_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, ?11, ?12, 1, ?13)",
            params![
                new.id,
                new.company,
                incoming.account.as_str(),
                archive_id,
                &incoming.booked_on.to_string(),
                &incoming.paid_on.to_string(),
                incoming.amount.0,
                reference,
                new.file,
                new.reverses,
                &by,
                at,
            ],
        )
        .map(drop)
}

/// Adds a part that has a place; what pays an invoice is added to what is paid of it.
pub(crate) fn add(
    w: &mut Writing<'_, '_>,
    payment: PaymentId,
    (kind, invoice): (Placing, Option<InvoiceId>),
    cents: Cents,
    by: Option<MatchedBy>,
) -> Result<()> {
    let id = AllocationId(w.env().id());
    let (at, actor) = (w.usage().at(), w.usage().actor().to_string());
    w.plain().tx().execute(
        "INSERT INTO allocation (register_id, allocation_id, payment_id, invoice_id, kind, cents, matched_by, entered_by, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![id, payment, invoice, kind.as_str(), cents.0, by.map(MatchedBy::as_str), &actor, at],
    )?;
    match invoice.filter(|_| kind == Placing::Invoice) {
        Some(invoice) => pay(w, invoice, cents),
        None => Ok(()),
    }
}

fn pay(w: &mut Writing<'_, '_>, invoice: InvoiceId, cents: Cents) -> Result<()> {
    let at = w.usage().at();
    let rows = w.plain().tx().execute(
        "UPDATE invoice SET paid_cents = paid_cents + ?3, changed_at = ?4 WHERE register_id = ?1 AND invoice_id = ?2",
        params![invoice, cents.0, at],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("invoice")) }
}

/// Takes a part away from its place.
pub(crate) fn remove(w: &mut Writing<'_, '_>, allocation: &Allocation) -> Result<()> {
    let rows = w
        .plain()
        .tx()
        .execute("DELETE FROM allocation WHERE register_id = ?1 AND allocation_id = ?2", params![allocation.id])?;
    if rows != 1 {
        return Err(StoreError::NotFound("allocation"));
    }
    match allocation.invoice.filter(|_| allocation.kind == Placing::Invoice) {
        Some(invoice) => pay(w, invoice, Cents(-allocation.cents.0)),
        None => Ok(()),
    }
}

/// Keeps how much of a payment has a place now, whose it is and who paid, when it still has the version `expected`.
pub(crate) fn settle(
    w: &mut Writing<'_, '_>,
    (id, expected): (PaymentId, i64),
    placed: Cents,
    owner: Option<PartyId>,
    told: &Told,
) -> Result<()> {
    let sealed = sealed(w, id, owner, told)?;
    // An owner without anything sealed would keep a customer from being erased for nothing.
    let owner = owner.filter(|_| sealed.is_some());
    let at = w.usage().at();
    let rows = w.plain().tx().execute(
        "UPDATE payment SET placed_cents = ?3, owner_id = ?4, told = ?5, version = version + 1, changed_at = ?6 \
         WHERE register_id = ?1 AND payment_id = ?2 AND version = ?7",
        params![id, placed.0, owner, sealed.as_ref().map_or(Param::Null, |bytes| Param::Bytes(bytes)), at, expected],
    )?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict { found: expected + 1, expected }) }
}

/// Notes what was done with payments.
pub(crate) fn log(w: &mut Writing<'_, '_>, subjects: Vec<Uuid>, objects: Vec<String>) -> Result<()> {
    w.log(Act { subjects, objects, fields: vec![Kind::Orders.as_str().to_owned()], ..Act::default() })
}

/// Forgets who paid what was booked before `placed`, where it has its place, and before `any` in any case; how many.
///
/// # Errors
/// The database can not be written.
pub fn forget(w: &mut Writing<'_, '_>, placed: Date, any: Date) -> Result<u64> {
    let (placed, any) = (placed.to_string(), any.to_string());
    let forgotten = w.plain().tx().execute(
        "UPDATE payment SET told = NULL, owner_id = NULL WHERE register_id = ?1 AND told IS NOT NULL \
         AND ((booked_on < ?2 AND placed_cents = cents) OR booked_on < ?3)",
        params![&placed, &any],
    )?;
    if forgotten > 0 {
        w.log_as("payment.forget", Act::default())?;
    }
    Ok(forgotten)
}

/// Forgets who paid the invoices of a party that is erased.
pub(crate) fn forget_of(tx: &mut Tx<'_>, owner: Uuid) -> Result<()> {
    tx.execute(
        "UPDATE payment SET told = NULL, owner_id = NULL WHERE register_id = ?1 AND owner_id = ?2",
        params![owner],
    )
    .map(drop)
}

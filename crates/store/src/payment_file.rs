//! Files of payments: taken in whole, each payment once, and undone whole.

use std::collections::BTreeSet;

use jiff::civil::Date;
use seloste_domain::iban::Iban;
use seloste_domain::id::{CompanyId, InvoiceId, PaymentFileId, PaymentId};
use seloste_domain::money::Cents;
use seloste_domain::payment::{Incoming, MatchedBy};
use uuid::Uuid;

use crate::allocation::{Book, Placed, Refusal, original, place_by_rule, reverse, take_off, unlink};
use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::party::with_scope;
use crate::payment::{self, Filter, New, Told, accounts, allocations, insert, settle};
use crate::sql::{Param, Row, params, places};

/// Payments that one entry of the log tells of.
const TOLD_AT_ONCE: usize = 200;

/// A file that was taken in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentFile {
    /// Its id.
    pub id: PaymentFileId,
    /// The company of its first payment.
    pub company: CompanyId,
    /// What the person called it.
    pub name: String,
    /// SHA-256 of its content, hexadecimal.
    pub sha256: String,
    /// Payments that it brought.
    pub payments: i64,
    /// Their sum, less what the bank took back.
    pub cents: Cents,
    /// Payments of it that were known before.
    pub known: i64,
    /// Entries that are no payments to us.
    pub passed_over: i64,
    /// The first day of booking.
    pub first_on: Date,
    /// The last.
    pub last_on: Date,
    /// Who took it in.
    pub entered_by: String,
    /// When.
    pub created_at: jiff::Timestamp,
    /// Who undid it.
    pub undone_by: Option<String>,
    /// When.
    pub undone_at: Option<jiff::Timestamp>,
}

const COLUMNS: &str = "SELECT f.payment_file_id, f.company_id, f.name, f.sha256, f.payments, f.cents, f.known, f.passed_over, \
     f.first_on, f.last_on, f.entered_by, f.created_at, f.undone_by, f.undone_at FROM payment_file f WHERE f.register_id = ?1";

fn read(row: &Row<'_>) -> Result<PaymentFile> {
    Ok(PaymentFile {
        id: PaymentFileId(row.id(0)?),
        company: row.parsed(1)?,
        name: row.text(2)?,
        sha256: row.text(3)?,
        payments: row.int(4)?,
        cents: Cents(row.int(5)?),
        known: row.int(6)?,
        passed_over: row.int(7)?,
        first_on: row.parsed(8)?,
        last_on: row.parsed(9)?,
        entered_by: row.text(10)?,
        created_at: row.time(11)?,
        undone_by: row.opt_text(12)?,
        undone_at: row.opt_time(13)?,
    })
}

/// The files of the scope, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, limit: i64) -> Result<Vec<PaymentFile>> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "{COLUMNS} AND f.company_id IN ({}) ORDER BY f.payment_file_id DESC LIMIT ?2",
        places(3, scope.companies().len())
    );
    access.tx().0.query(&sql, &with_scope(vec![Param::Int(limit)], scope.companies()), read)
}

/// One file.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: PaymentFileId) -> Result<PaymentFile> {
    let scope = access.usage().scope().clone();
    let sql =
        format!("{COLUMNS} AND f.payment_file_id = ?2 AND f.company_id IN ({})", places(3, scope.companies().len()));
    let values = with_scope(vec![Param::from(id)], scope.companies());
    access.tx().0.query_opt(&sql, &values, read)?.ok_or(StoreError::NotFound("payment_file"))
}

/// How many payments, and their sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// How many.
    pub count: i64,
    /// Their sum.
    pub cents: Cents,
}

impl Tally {
    fn add(&mut self, cents: Cents) {
        self.count += 1;
        self.cents.0 = self.cents.0.saturating_add(cents.0);
    }
}

/// What a file brought, or would bring.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TakenIn {
    /// The file; none when it brought nothing new, or was only looked at.
    pub file: Option<PaymentFileId>,
    /// New payments.
    pub payments: Tally,
    /// New corrections and returns.
    pub taken_back: Tally,
    /// Payments that were known before.
    pub known: Tally,
    /// Entries that are no payments to us.
    pub passed_over: usize,
    /// Of the new ones: found their invoice by the reference.
    pub by_reference: Tally,
    /// Found it by amount and name.
    pub by_name: Tally,
    /// Corrections and returns that found what they take back.
    pub reversed: Tally,
    /// What has no place yet, of payments of which a part has.
    pub overpaid: Tally,
    /// Found no place.
    pub to_place: Tally,
    /// The days of booking of the new ones.
    pub days: Option<(Date, Date)>,
}

impl TakenIn {
    fn count(&mut self, incoming: &Incoming, placed: &Placed) {
        let amount = incoming.amount;
        if amount.0 > 0 {
            self.payments.add(amount)
        } else {
            self.taken_back.add(amount)
        }
        let (first, last) = self.days.unwrap_or((incoming.booked_on, incoming.booked_on));
        self.days = Some((first.min(incoming.booked_on), last.max(incoming.booked_on)));
        match placed.by {
            _ if placed.reversed => self.reversed.add(placed.cents),
            Some(MatchedBy::Reference) => self.by_reference.add(placed.cents),
            Some(_) => self.by_name.add(placed.cents),
            None => {}
        }
        let left = Cents(amount.0 - placed.cents.0);
        match (left.0, placed.cents.0) {
            (0, _) => {}
            (_, 0) => self.to_place.add(left),
            _ => self.overpaid.add(left),
        }
    }
}

/// What the person called a file and the hash of its content.
#[derive(Clone, Debug)]
pub struct Named {
    /// What the person calls it.
    pub name: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// Takes payments in that are not known yet, in one transaction: each is stored, finds its place by the rules, or waits
/// for a person. Of what is known nothing changes.
///
/// # Errors
/// An account is none of the scope's, or the database can not be written; nothing is taken in then.
pub fn take_in(w: &mut Writing<'_, '_>, named: &Named, payments: &[Incoming], passed_over: usize) -> Result<TakenIn> {
    let companies = w.usage().scope().companies().to_vec();
    let accounts = accounts(&mut w.plain().tx(), &companies)?;
    let company_of = |account: &Iban| accounts.iter().find(|(own, _)| own == account).map(|(_, company)| company);
    let file = PaymentFileId(w.env().id());
    let mut told = TakenIn { passed_over, ..TakenIn::default() };
    let mut fresh = Vec::new();
    for incoming in payments {
        if is_known(w, incoming)? { told.known.add(incoming.amount) } else { fresh.push(incoming) }
    }
    let Some(first) = fresh.first() else { return Ok(told) };
    let company = company_of(&first.account).cloned().ok_or(StoreError::NotFound("account"))?;
    add_file(w, file, &company, named)?;
    let (mut book, mut noted) = (Book::default(), Noted::default());
    for incoming in fresh {
        let company = company_of(&incoming.account).ok_or(StoreError::NotFound("account"))?;
        let placed = take(w, (company, incoming), Some(file), &mut book)?;
        told.count(incoming, &placed);
        noted.add(placed);
        if noted.count >= TOLD_AT_ONCE {
            std::mem::take(&mut noted).log(w, file)?;
        }
    }
    noted.log(w, file)?;
    close_file(w, file, &told)?;
    told.file = Some(file);
    Ok(told)
}

/// What one entry of the log tells of a file.
#[derive(Default)]
struct Noted {
    count: usize,
    subjects: BTreeSet<Uuid>,
    invoices: BTreeSet<InvoiceId>,
}

impl Noted {
    fn add(&mut self, placed: Placed) {
        self.count += 1;
        self.subjects.extend(placed.subjects);
        self.invoices.extend(placed.invoices);
    }

    fn log(self, w: &mut Writing<'_, '_>, file: PaymentFileId) -> Result<()> {
        let mut objects = vec![format!("payment_file:{file}")];
        objects.extend(self.invoices.iter().map(|invoice| format!("invoice:{invoice}")));
        payment::log(w, self.subjects.into_iter().collect(), objects)
    }
}

fn is_known(w: &mut Writing<'_, '_>, incoming: &Incoming) -> Result<bool> {
    let sql = "SELECT payment_id FROM payment WHERE register_id = ?1 AND account = ?2 AND archive_id = ?3";
    let values = params![incoming.account.as_str(), &incoming.archive_id];
    Ok(w.plain().tx().query_opt(sql, values, |row| row.id(0))?.is_some())
}

/// Stores a payment and gives it its place, if the rules know one.
fn take(
    w: &mut Writing<'_, '_>,
    (company, incoming): (&CompanyId, &Incoming),
    file: Option<PaymentFileId>,
    book: &mut Book,
) -> Result<Placed> {
    let id = PaymentId(w.env().id());
    let reverses = if incoming.amount.0 < 0 { original(w, incoming)? } else { None };
    insert(w, &New { id, company, incoming, file, reverses })?;
    let placed = match reverses {
        Some(original) => reverse(w, id, incoming, original)?,
        None => place_by_rule(w, id, incoming, book)?,
    };
    let told = Told { payer: incoming.payer.clone(), note: String::new() };
    settle(w, (id, 1), placed.cents, placed.owner, &told)?;
    Ok(placed)
}

/// Stores a payment that a person entered, and gives it its place by the rules.
///
/// # Errors
/// The account is none of the company's within the scope, or the database can not be written.
pub fn enter(w: &mut Writing<'_, '_>, company: &CompanyId, incoming: &Incoming) -> Result<PaymentId> {
    if !w.usage().scope().has(company) {
        return Err(StoreError::NotFound("company"));
    }
    let id = PaymentId(w.env().id());
    insert(w, &New { id, company, incoming, file: None, reverses: None })?;
    let placed = place_by_rule(w, id, incoming, &mut Book::default())?;
    let told = Told { payer: incoming.payer.clone(), note: String::new() };
    settle(w, (id, 1), placed.cents, placed.owner, &told)?;
    payment::log(w, placed.subjects, vec![format!("payment:{id}")])?;
    Ok(id)
}

/// Takes a payment out that a person entered.
///
/// # Errors
/// It came in a file, someone else changed it meanwhile, or its invoice does not allow it any more ([`Refusal`]).
pub fn withdraw(w: &mut Writing<'_, '_>, id: PaymentId, expected: i64) -> Result<()> {
    let payment = payment::get(w, id)?;
    if payment.version != expected || payment.file.is_some() {
        return Err(StoreError::Conflict { found: payment.version, expected });
    }
    take_out(w, &payment)?;
    payment::log(w, payment.owner.iter().map(|owner| owner.0).collect(), vec![format!("payment:{id}")])
}

fn take_out(w: &mut Writing<'_, '_>, payment: &payment::Payment) -> Result<()> {
    let parts = allocations(&mut w.plain().tx(), payment.id)?;
    if payment.reverses.is_some() {
        unlink(w, payment, &parts)?;
    } else {
        for part in parts.iter().rev() {
            take_off(w, payment, part)?;
        }
    }
    let sql = "DELETE FROM payment WHERE register_id = ?1 AND payment_id = ?2";
    w.plain().tx().execute(sql, params![payment.id]).map(drop)
}

fn add_file(w: &mut Writing<'_, '_>, id: PaymentFileId, company: &CompanyId, named: &Named) -> Result<()> {
    let (at, by) = (w.usage().at(), w.usage().actor().to_string());
    w.plain()
        .tx()
        .execute(
            "INSERT INTO payment_file (register_id, payment_file_id, company_id, name, sha256, payments, cents, known, \
             passed_over, first_on, last_on, entered_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, '', '', ?6, ?7)",
            params![id, company, &named.name, &named.sha256, &by, at],
        )
        .map(drop)
}

fn close_file(w: &mut Writing<'_, '_>, id: PaymentFileId, told: &TakenIn) -> Result<()> {
    let (first, last) = told.days.ok_or_else(|| StoreError::Corrupt("a file without days".into()))?;
    let passed_over = i64::try_from(told.passed_over).unwrap_or(i64::MAX);
    w.plain()
        .tx()
        .execute(
            "UPDATE payment_file SET payments = ?3, cents = ?4, known = ?5, passed_over = ?6, first_on = ?7, last_on = ?8 \
             WHERE register_id = ?1 AND payment_file_id = ?2",
            params![
                id,
                told.payments.count + told.taken_back.count,
                told.payments.cents.0.saturating_add(told.taken_back.cents.0),
                told.known.count,
                passed_over,
                &first.to_string(),
                &last.to_string(),
            ],
        )
        .map(drop)
}

/// Undoes a file: what its payments paid is open again, and they are gone. What stands of a payment in the log stays.
///
/// # Errors
/// It was undone already, a payment of it is of a company outside of the scope, or the bank took one back in a later file,
/// or an invoice does not allow it any more ([`Refusal`]).
pub fn undo(w: &mut Writing<'_, '_>, id: PaymentFileId) -> Result<PaymentFile> {
    let file = get(w, id)?;
    if file.undone_at.is_some() {
        return Err(StoreError::Conflict { found: 1, expected: 0 });
    }
    let later = "SELECT r.payment_id FROM payment p JOIN payment r ON r.register_id = p.register_id \
         AND r.reverses_id = p.payment_id WHERE p.register_id = ?1 AND p.payment_file_id = ?2 \
         AND (r.payment_file_id IS NULL OR r.payment_file_id <> ?2) LIMIT 1";
    if w.plain().tx().query_opt(later, params![id], |row| row.id(0))?.is_some() {
        return Err(Refusal::TakenBack.into_store());
    }
    let limit = file.payments + 1;
    let payments = payment::page(w, &Filter { file: Some(id), ..Filter::default() }, limit)?;
    if i64::try_from(payments.len()).ok() != Some(file.payments) {
        return Err(StoreError::NotFound("company"));
    }
    let mut noted = Noted::default();
    // The newest first: what takes back goes before what it took back.
    for payment in payments {
        // What took it back in this file has changed it meanwhile.
        let payment = payment::get(w, payment.id)?;
        noted.subjects.extend(payment.owner.map(|owner| owner.0));
        take_out(w, &payment)?;
    }
    let (at, by) = (w.usage().at(), w.usage().actor().to_string());
    w.plain().tx().execute(
        "UPDATE payment_file SET undone_at = ?3, undone_by = ?4 WHERE register_id = ?1 AND payment_file_id = ?2",
        params![id, at, &by],
    )?;
    noted.log(w, id)?;
    get(w, id)
}

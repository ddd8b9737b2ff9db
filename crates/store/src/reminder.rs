//! Reminders and payment demands that were sent, and the reference rates that interest is counted by.

use std::collections::HashMap;

use jiff::civil::Date;
use seloste_domain::id::{CompanyId, InvoiceId, MailId, PartyId, ReminderId};
use seloste_domain::interest::ReferenceRate;
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::money::Cents;
use seloste_domain::reminder::{FeeReason, Items, ReminderKind, Sent};
use seloste_domain::vat::Ratio;
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, with_scope};
use crate::sql::{Param, Row, Tx, params, places};

/// How it was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Channel {
    /// By e-mail.
    Email,
    /// On paper.
    Letter,
}

impl Channel {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Letter => "letter",
        }
    }
}

/// A reminder or a demand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reminder {
    /// Its id.
    pub id: ReminderId,
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// The company that claims.
    pub company: CompanyId,
    /// What.
    pub kind: ReminderKind,
    /// How it was sent.
    pub channel: Channel,
    /// Its language.
    pub language: Language,
    /// When.
    pub sent_on: Date,
    /// Until when it asks to pay or to object.
    pub pay_by: Date,
    /// What it claims.
    pub items: Items,
    /// Why its fee is what it is.
    pub fee_reason: FeeReason,
    /// The message, where it was sent by e-mail.
    pub mail: Option<MailId>,
    /// Under whose key what was written is sealed.
    pub owner: Option<PartyId>,
    /// Who sent it.
    pub entered_by: String,
    /// When.
    pub created_at: jiff::Timestamp,
}

impl Reminder {
    /// As the rules see it.
    #[must_use]
    pub fn sent(&self) -> Sent {
        let standard = self.fee_reason == FeeReason::Standard;
        Sent { kind: self.kind, on: self.sent_on, fee: self.items.fee, standard }
    }
}

const COLUMNS: &str = "SELECT r.reminder_id, r.invoice_id, r.company_id, r.kind, r.channel, r.language, r.sent_on, r.pay_by, \
     r.items, r.fee_reason, r.mail_id, r.owner_id, r.entered_by, r.created_at FROM reminder r WHERE r.register_id = ?1";

fn read(row: &Row<'_>) -> Result<Reminder> {
    Ok(Reminder {
        id: ReminderId(row.id(0)?),
        invoice: InvoiceId(row.id(1)?),
        company: row.parsed(2)?,
        kind: row.parsed(3)?,
        channel: if row.text(4)? == Channel::Email.as_str() { Channel::Email } else { Channel::Letter },
        language: row.parsed(5)?,
        sent_on: row.parsed(6)?,
        pay_by: row.parsed(7)?,
        items: serde_json::from_str(&row.text(8)?).map_err(|_| StoreError::Corrupt("a reminder's items".into()))?,
        fee_reason: row.parsed(9)?,
        mail: row.opt_id(10)?.map(MailId),
        owner: row.opt_id(11)?.map(PartyId),
        entered_by: row.text(12)?,
        created_at: row.time(13)?,
    })
}

/// The reminders of invoices, the oldest first. The caller has loaded the invoices.
///
/// # Errors
/// The database can not be read.
pub fn of(access: &mut impl Access, invoices: &[InvoiceId]) -> Result<HashMap<InvoiceId, Vec<Reminder>>> {
    let mut found: HashMap<InvoiceId, Vec<Reminder>> = HashMap::new();
    if invoices.is_empty() {
        return Ok(found);
    }
    let sql = format!("{COLUMNS} AND r.invoice_id IN ({}) ORDER BY r.reminder_id", places(2, invoices.len()));
    let values: Vec<Param<'_>> = invoices.iter().map(|id| Param::Id(id.0)).collect();
    for reminder in access.tx().0.query(&sql, &values, read)? {
        found.entry(reminder.invoice).or_default().push(reminder);
    }
    Ok(found)
}

/// One reminder.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: ReminderId) -> Result<Reminder> {
    let scope = access.usage().scope().clone();
    let sql = format!("{COLUMNS} AND r.reminder_id = ?2 AND r.company_id IN ({})", places(3, scope.companies().len()));
    let values = with_scope(vec![Param::from(id)], scope.companies());
    access.tx().0.query_opt(&sql, &values, read)?.ok_or(StoreError::NotFound("reminder"))
}

/// What a reminder said and to whom, as it was sealed; none when it is forgotten.
///
/// # Errors
/// It can not be opened.
pub fn told(access: &mut impl Access, reminder: &Reminder) -> Result<Option<Vec<u8>>> {
    let Some(owner) = reminder.owner else { return Ok(None) };
    let sql = "SELECT told FROM reminder WHERE register_id = ?1 AND reminder_id = ?2";
    let sealed = access.tx().0.query_opt(sql, params![reminder.id], |row| row.opt_bytes(0))?.flatten();
    let Some(sealed) = sealed else { return Ok(None) };
    let wrapped = party::wrapped_key(&mut access.tx().0, owner)?;
    let told = access.keys().0.unwrap_party_key(owner, &wrapped)?.open(reminder.id.0, &sealed)?;
    access.show(owner, [Kind::Orders, Kind::Name, Kind::PostalAddress].into_iter().collect());
    Ok(Some(told))
}

/// Forgets what was written to a party that is erased.
pub(crate) fn forget_of(tx: &mut Tx<'_>, owner: Uuid) -> Result<()> {
    tx.execute(
        "UPDATE reminder SET told = NULL, owner_id = NULL WHERE register_id = ?1 AND owner_id = ?2",
        params![owner],
    )
    .map(drop)
}

/// Notes that a reminder was sent, and seals what it said.
///
/// # Errors
/// The company is not in scope, or the database can not be written.
pub fn insert(w: &mut Writing<'_, '_>, reminder: &Reminder, told: &[u8], subjects: Vec<Uuid>) -> Result<()> {
    if !w.usage().scope().has(&reminder.company) {
        return Err(StoreError::NotFound("company"));
    }
    let items = serde_json::to_string(&reminder.items).map_err(|_| StoreError::Corrupt("a reminder's items".into()))?;
    let sealed = match reminder.owner {
        Some(owner) => Some(party::key_of(w, owner)?.seal(reminder.id.0, told, w.env())?),
        None => None,
    };
    w.plain().tx().execute(
        "INSERT INTO reminder (register_id, reminder_id, invoice_id, company_id, kind, channel, language, sent_on, pay_by, \
         items, fee_cents, fee_reason, mail_id, entered_by, created_at, told, owner_id) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            reminder.id,
            reminder.invoice,
            &reminder.company,
            reminder.kind.as_str(),
            reminder.channel.as_str(),
            reminder.language.tag(),
            &reminder.sent_on.to_string(),
            &reminder.pay_by.to_string(),
            &items,
            reminder.items.fee.0,
            reminder.fee_reason.as_str(),
            reminder.mail,
            &reminder.entered_by,
            reminder.created_at,
            sealed.as_ref().map_or(Param::Null, |bytes| Param::Bytes(bytes)),
            reminder.owner,
        ],
    )?;
    let objects = vec![format!("reminder:{}", reminder.id), format!("invoice:{}", reminder.invoice)];
    w.log(Act { subjects, objects, fields: vec!["orders".into()], ..Act::default() })
}

/// What the last reminder of an invoice claimed beyond its principal, and what was paid of that since.
pub(crate) fn charges(tx: &mut Tx<'_>, invoice: InvoiceId) -> Result<(Cents, Cents)> {
    let sql = "SELECT items, created_at FROM reminder WHERE register_id = ?1 AND invoice_id = ?2 \
         ORDER BY reminder_id DESC LIMIT 1";
    let last = tx.query_opt(sql, params![invoice], |row| Ok((row.text(0)?, row.int(1)?)))?;
    let Some((items, at)) = last else { return Ok((Cents::ZERO, Cents::ZERO)) };
    let items: Items = serde_json::from_str(&items).map_err(|_| StoreError::Corrupt("a reminder's items".into()))?;
    let sql = "SELECT CAST(coalesce(sum(cents), 0) AS BIGINT) FROM allocation WHERE register_id = ?1 AND invoice_id = ?2 \
         AND kind = 'charge' AND created_at > ?3";
    let paid = tx.query_opt(sql, params![invoice, at], |row| row.int(0))?.unwrap_or(0);
    Ok((Cents(items.interest.0 + items.earlier_fees.0 + items.fee.0), Cents(paid)))
}

/// The reference rates that people added, the earliest first.
///
/// # Errors
/// The database can not be read.
pub fn rates(tx: &mut Tx<'_>) -> Result<Vec<(ReferenceRate, String, jiff::Timestamp)>> {
    tx.query(
        "SELECT valid_from, rate, entered_by, changed_at FROM reference_rate WHERE register_id = ?1 ORDER BY valid_from",
        params![],
        |row| Ok((ReferenceRate { from: row.parsed(0)?, rate: Ratio(row.int(1)?) }, row.text(2)?, row.time(3)?)),
    )
}

/// Adds or corrects the reference rate of a half-year.
///
/// # Errors
/// The database can not be written.
pub fn set_rate(w: &mut Writing<'_, '_>, rate: ReferenceRate) -> Result<()> {
    let (at, by) = (w.usage().at(), w.usage().actor().to_string());
    w.plain().tx().execute(
        "INSERT INTO reference_rate (register_id, valid_from, rate, entered_by, changed_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (register_id, valid_from) DO UPDATE SET rate = excluded.rate, entered_by = excluded.entered_by, \
         changed_at = excluded.changed_at",
        params![&rate.from.to_string(), rate.rate.0, &by, at],
    )?;
    w.log(Act::on(format!("reference_rate:{}", rate.from)))
}

//! Invoices of an accounting system: what a file or a program tells of them is kept, the newest word wins, and none of it
//! is changed or sent here. Imports and the API use the same rule, [`one`].

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{InvoiceId, SourceId};
use seloste_domain::import::{CustomerRef, code as import_code, outranks};
use seloste_domain::mirror::{MirrorDraft, MirroredInvoice, ValidMirror};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::invoice::MirrorOf;
use seloste_store::{Access as _, StoreError, Writing};

use super::{Content, Invoice};
use crate::error::{OpsError, Result};
use crate::import::find;
use crate::person::declared_source;
use crate::register::Register;

/// Invoices told in one call at most: one transaction.
pub const MOST: usize = 500;

/// An invoice as a program tells it, and how its system calls the customer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// The customer.
    pub customer: CustomerRef,
    /// The invoice.
    pub draft: MirrorDraft,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Became {
    /// It was not known, and is now.
    Created,
    /// It was known otherwise, and is as told now.
    Updated,
    /// It was known just so.
    Unchanged,
    /// A stronger source, or a newer word of the same, says otherwise: that is kept.
    Kept,
}

/// An invoice that was told, and what became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    /// Its id here.
    pub id: InvoiceId,
    /// What became of it.
    pub became: Became,
    /// The number of the sealed change and the version it left, when something changed.
    pub(crate) change: Option<(u64, i64)>,
}

/// Who tells, when they knew it, and over whom they win.
pub(crate) struct Telling<'a> {
    pub(crate) source: &'a SourceId,
    pub(crate) as_of: Timestamp,
    pub(crate) wins: &'a dyn Fn(&SourceId, Timestamp) -> bool,
    pub(crate) today: Date,
    pub(crate) past_periods: bool,
}

/// How invoices are told.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// When the source knew it; none: now.
    pub as_of: Option<Timestamp>,
    /// Whether invoices may come into periods of the tax whose return was due already.
    pub past_periods: bool,
}

/// Keeps what a source says of invoices: what a program of the accounting system calls. Each is answered by itself, in
/// the order given.
///
/// # Errors
/// The actor may not, the notice has no such source, there are more than [`MOST`], or the database can not be written.
pub fn put(
    register: &Register,
    actor: &Actor,
    source: &SourceId,
    how: How,
    told: &[Told],
) -> Result<Vec<Result<Done, FieldErrors>>> {
    let usage = register.authorize(actor, Action::InvoiceMirror)?;
    let notice = register.notice()?;
    declared_source(&notice, source)?;
    if told.len() > MOST {
        return Err(FieldErrors::from(FieldError::new("invoices", code::TOO_MANY).with("max", MOST)).into());
    }
    let today = register.today();
    let checked: Vec<(CustomerRef, Result<ValidMirror, FieldErrors>)> =
        told.iter().map(|one| (one.customer.clone(), one.draft.validate(usage.kinds(), today))).collect();
    let ranks: HashMap<SourceId, u16> =
        notice.sources().iter().map(|source| (source.id.clone(), source.rank)).collect();
    let (source, as_of) = (source.clone(), how.as_of.unwrap_or(usage.at()));
    let done = register.db().write(&usage, move |w| {
        let rank = |source: &SourceId| ranks.get(source).copied().unwrap_or_default();
        let wins = |stored: &SourceId, at| outranks((rank(&source), as_of), (rank(stored), at));
        let telling = Telling { source: &source, as_of, wins: &wins, today, past_periods: how.past_periods };
        let each = checked.iter().map(|(customer, valid)| match valid {
            Ok(valid) => one(w, &telling, customer, valid).map(|done| done.map_err(FieldErrors::from)),
            Err(errors) => Ok(Err(errors.clone())),
        });
        each.collect::<Result<Vec<_>, StoreError>>()
    });
    done.map_err(OpsError::from_store)
}

/// Keeps what a source says of one invoice.
pub(crate) fn one(
    w: &mut Writing<'_, '_>,
    telling: &Telling<'_>,
    customer: &CustomerRef,
    valid: &ValidMirror,
) -> Result<Result<Done, FieldError>, StoreError> {
    let company = &valid.company;
    if !w.usage().scope().has(company) {
        return Ok(Err(FieldError::new("company", code::COMPANY_UNKNOWN)));
    }
    let (person, organisation) = match find::customer(w, telling.source, customer) {
        Err(StoreError::Restricted) => return Ok(Err(FieldError::new("person", import_code::RESTRICTED))),
        found => found?,
    };
    if person.is_none() && organisation.is_none() {
        return Ok(Err(FieldError::new("person", import_code::NO_CUSTOMER)));
    }
    let known = seloste_store::invoice::numbered(&mut w.plain().tx(), company, &valid.invoice.number)?;
    let before = known.map(|id| seloste_store::invoice::known(w, id)).transpose()?;
    if before.as_ref().is_some_and(|before| before.mirror.is_none()) {
        return Ok(Err(FieldError::new("number", code::INVOICE_NUMBER_TAKEN)));
    }
    let name = organisation.as_ref().map(|organisation| organisation.name.clone());
    let name = name.or_else(|| person.as_ref().map(seloste_domain::person::Person::display_name)).unwrap_or_default();
    let (person, organisation) = (person.map(|person| person.id), organisation.map(|organisation| organisation.id));
    let mirror = MirrorOf { source: telling.source.clone(), as_of: telling.as_of };
    let content = |name: &str| MirroredInvoice { buyer_name: name.to_owned(), ..valid.invoice.clone() };
    let Some(before) = before else {
        let invoice = content(&name);
        if let Some(error) = closed(telling, None, &invoice) {
            return Ok(Err(error));
        }
        let new = Invoice {
            id: InvoiceId(w.env().id()),
            company: company.clone(),
            person,
            organisation,
            order: None,
            kind: invoice.kind,
            corrects: None,
            balance: invoice.balance(),
            content: Content::Mirrored(Box::new(invoice)),
            mirror: Some(mirror),
            entered_by: w.usage().actor().to_string(),
            version: 1,
            changed_at: w.usage().at(),
        };
        let seq = seloste_store::invoice::put(w, None, &new)?;
        return Ok(Ok(Done { id: new.id, became: Became::Created, change: Some((seq, 1)) }));
    };
    // The name is that of the day on which the invoice first came, as on an invoice that was sent.
    let invoice = content(before.buyer_name());
    let is_same = before.mirrored() == Some(&invoice) && (before.person, before.organisation) == (person, organisation);
    let stored = before.mirror.as_ref();
    if is_same {
        if stored.is_some_and(|stored| stored.source == *telling.source) {
            seloste_store::invoice::seen(w, before.id, telling.as_of)?;
        }
        return Ok(Ok(Done { id: before.id, became: Became::Unchanged, change: None }));
    }
    if !stored.is_some_and(|stored| (telling.wins)(&stored.source, stored.as_of)) {
        return Ok(Ok(Done { id: before.id, became: Became::Kept, change: None }));
    }
    if let Some(error) = closed(telling, before.mirrored(), &invoice) {
        return Ok(Err(error));
    }
    let after = Invoice {
        person,
        organisation,
        kind: invoice.kind,
        balance: invoice.balance(),
        content: Content::Mirrored(Box::new(invoice)),
        mirror: Some(mirror),
        version: before.version + 1,
        changed_at: w.usage().at(),
        ..before.clone()
    };
    let seq = seloste_store::invoice::put(w, Some(&before), &after)?;
    Ok(Ok(Done { id: after.id, became: Became::Updated, change: Some((seq, after.version)) }))
}

/// Why an invoice may not come into its period, or be changed there, unless that was said to be meant. What was paid of it
/// may.
fn closed(telling: &Telling<'_>, before: Option<&MirroredInvoice>, after: &MirroredInvoice) -> Option<FieldError> {
    if telling.past_periods || before.is_some_and(|before| before.is_taxed_as(after)) {
        return None;
    }
    let both = [Some(after), before].into_iter().flatten();
    let period = both.filter_map(|invoice| invoice.reported_period(telling.today)).min_by_key(|period| period.month)?;
    Some(FieldError::new("issued_on", import_code::PAST_PERIOD).with("due", period.return_due))
}

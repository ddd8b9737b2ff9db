//! Lists of invoices with their sums, and the ledger.

use jiff::ToSpan as _;
use jiff::civil::Date;
use seloste_domain::id::{CompanyId, OrganisationId, PersonId};
use seloste_domain::money::Cents;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::invoice::{Filter, Invoice, MonthSums, Summary, Sums};

use crate::error::Result;
use crate::register::Register;

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its rows, the newest first.
    pub rows: Vec<Invoice>,
    /// Whether there are newer ones.
    pub has_previous: bool,
    /// Whether there are older ones.
    pub has_next: bool,
    /// The sums of the whole list.
    pub sums: Sums,
}

/// A page of the list of invoices, with the sums of all of it.
///
/// # Errors
/// The actor may not.
pub fn page(register: &Register, actor: &Actor, filter: &Filter, limit: usize) -> Result<Page> {
    let usage = register.authorize(actor, Action::InvoiceList)?;
    let today = register.today();
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let (mut rows, sums) = register.db().read(&usage, |r| {
        let rows = seloste_store::invoice::page(r, filter, today, most)?;
        Ok((rows, seloste_store::invoice::sums(r, filter, today)?))
    })?;
    let more = rows.len() > limit;
    let backwards = filter.before.is_some() && filter.after.is_none();
    if more && backwards {
        rows.remove(0);
    }
    rows.truncate(limit);
    let (has_previous, has_next) = if backwards { (more, true) } else { (filter.after.is_some(), more) };
    Ok(Page { rows, has_previous, has_next, sums })
}

/// What a customer has and owes; none when the actor may not see invoices.
///
/// # Errors
/// The database can not be read.
pub fn summary(
    register: &Register,
    actor: &Actor,
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
) -> Result<Option<Summary>> {
    let Ok(usage) = Use::authorize(actor, Action::InvoiceList, &*register.notice()?, register.now()) else {
        return Ok(None);
    };
    let today = register.today();
    let found = register.db().read(&usage, |r| seloste_store::invoice::summary(r, person, organisation, today))?;
    Ok(Some(found))
}

/// What was invoiced month by month, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ledger {
    /// Every month of the time, the earliest first, those without invoices too.
    pub months: Vec<MonthSums>,
    /// The sums of them.
    pub total: MonthSums,
    /// What payments of each month brought, whenever it was invoiced.
    pub collected: Vec<Cents>,
}

/// The ledger of the last `count` months, this one too; of one company, or of all that are the actor's.
///
/// # Errors
/// The actor may not.
pub fn ledger(register: &Register, actor: &Actor, company: Option<&CompanyId>, count: i16) -> Result<Ledger> {
    let usage = register.authorize(actor, Action::InvoiceList)?;
    let today = register.today();
    let this = today.first_of_month();
    let first = this.saturating_sub(i32::from(count.max(1) - 1).months());
    let (found, came) = register.db().read(&usage, |r| {
        let came = seloste_store::payment::collected(r, company, first, today)?;
        Ok((seloste_store::invoice::months(r, company, first, today)?, came))
    })?;
    let (mut months, mut month) = (Vec::new(), first);
    while month <= this {
        let known = found.iter().find(|sums| sums.month == month);
        months.push(known.copied().unwrap_or_else(|| empty(month)));
        month = month.saturating_add(1.months());
    }
    let total = months.iter().fold(empty(first), |all, one| MonthSums {
        month: all.month,
        count: all.count.saturating_add(one.count),
        invoiced: add(all.invoiced, one.invoiced),
        credited: add(all.credited, one.credited),
        paid: add(all.paid, one.paid),
        open: add(all.open, one.open),
        overdue: add(all.overdue, one.overdue),
    });
    let of = |month: Date| {
        let name = month.strftime("%Y-%m").to_string();
        came.iter().find(|(known, _)| *known == name).map_or(Cents::ZERO, |(_, cents)| *cents)
    };
    let collected = months.iter().map(|sums| of(sums.month)).collect();
    Ok(Ledger { months, total, collected })
}

const fn add(a: Cents, b: Cents) -> Cents {
    Cents(a.0.saturating_add(b.0))
}

const fn empty(month: Date) -> MonthSums {
    let nothing = Cents::ZERO;
    MonthSums { month, count: 0, invoiced: nothing, credited: nothing, paid: nothing, open: nothing, overdue: nothing }
}

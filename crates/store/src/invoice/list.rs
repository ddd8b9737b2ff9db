//! Lists of invoices and their sums.

use jiff::civil::Date;
use seloste_domain::id::{CompanyId, InvoiceId, OrderId, OrganisationId, PersonId};
use seloste_domain::invoice::InvoiceState;
use seloste_domain::kind::Kind;
use seloste_domain::money::Cents;

use super::{COLUMNS, Invoice, read, show};
use crate::db::Access;
use crate::error::Result;
use crate::guard;
use crate::party::with_scope;
use crate::sql::{Param, places};

/// Which invoices a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those that stand so.
    pub state: Option<InvoiceState>,
    /// Only of this company.
    pub company: Option<CompanyId>,
    /// Only of this person.
    pub person: Option<PersonId>,
    /// Only of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only those made from this order.
    pub order: Option<OrderId>,
    /// Only credit notes of this invoice.
    pub corrects: Option<InvoiceId>,
    /// Only those with this number or this reference number.
    pub number: Option<String>,
    /// Only those that were made in an accounting system, or only others.
    pub mirrored: Option<bool>,
    /// From this day on.
    pub from: Option<Date>,
    /// Until this day.
    pub until: Option<Date>,
    /// The page begins after this one.
    pub after: Option<InvoiceId>,
    /// The page ends before this one.
    pub before: Option<InvoiceId>,
}

/// The days of a filter, as the database has them.
struct Days {
    today: String,
    from: Option<String>,
    until: Option<String>,
}

impl Days {
    fn of(filter: &Filter, today: Date) -> Self {
        let text = |day: Option<Date>| day.map(|day| day.to_string());
        Self { today: today.to_string(), from: text(filter.from), until: text(filter.until) }
    }
}

/// What a filter asks of a row `i`, without its place in the list. Its values go behind those that are there.
fn conditions<'f>(filter: &'f Filter, days: &'f Days, values: &mut Vec<Param<'f>>) -> String {
    let due = match filter.state {
        Some(InvoiceState::Open) => Some(("i.due_on >= ?", Param::Text(&days.today))),
        Some(InvoiceState::Overdue) => Some(("i.due_on < ?", Param::Text(&days.today))),
        _ => None,
    };
    let all = [
        due,
        filter.person.map(|id| ("i.person_id = ?", Param::from(id))),
        filter.organisation.map(|id| ("i.organisation_id = ?", Param::from(id))),
        filter.company.as_ref().map(|id| ("i.company_id = ?", Param::from(id))),
        filter.order.map(|id| ("i.order_id = ?", Param::from(id))),
        filter.corrects.map(|id| ("i.corrects_id = ?", Param::from(id))),
        filter.number.as_ref().map(|number| ("? IN (i.number, i.reference)", Param::from(number))),
        days.from.as_ref().map(|day| ("i.listed_on >= ?", Param::from(day))),
        days.until.as_ref().map(|day| ("i.listed_on <= ?", Param::from(day))),
    ];
    let mut sql = String::new();
    for (condition, value) in all.into_iter().flatten() {
        let place = format!("?{}", values.len() + 2);
        sql.push_str(&format!(" AND {}", condition.replace('?', &place)));
        values.push(value);
    }
    sql.push_str(match filter.mirrored {
        Some(true) => " AND i.mirror_source IS NOT NULL",
        Some(false) => " AND i.mirror_source IS NULL",
        None => "",
    });
    sql.push_str(filter.state.map_or("", money_of));
    sql
}

/// What a state asks of an invoice's money: [`seloste_domain::invoice::state`] in SQL, but for the days.
const fn money_of(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Draft => " AND i.is_sent = 0",
        InvoiceState::Open | InvoiceState::Overdue => {
            " AND i.is_sent = 1 AND i.kind = 'invoice' AND i.gross_cents + i.credited_cents - i.paid_cents > 0"
        }
        InvoiceState::Paid => {
            " AND i.is_sent = 1 AND i.kind = 'invoice' AND i.gross_cents + i.credited_cents - i.paid_cents <= 0 \
             AND (i.gross_cents = 0 OR i.gross_cents + i.credited_cents <> 0)"
        }
        InvoiceState::Credited => {
            " AND i.is_sent = 1 AND (i.kind = 'credit_note' OR (i.gross_cents <> 0 AND i.gross_cents + i.credited_cents = 0))"
        }
    }
}

/// A page of invoices, the newest first: drafts, then by day.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, filter: &Filter, today: Date, limit: i64) -> Result<Vec<Invoice>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let days = Days::of(filter, today);
    let mut values = with_scope(vec![Param::Int(limit)], scope.companies());
    let mut sql = format!(
        "SELECT {COLUMNS} FROM invoice i WHERE i.register_id = ?1 AND i.company_id IN ({})",
        places(3, scope.companies().len())
    );
    sql.push_str(&conditions(filter, &days, &mut values));
    sql.push_str(&guard::of_things(access.usage(), &["i.person_id", "i.organisation_id"]));
    let backwards = filter.before.is_some() && filter.after.is_none();
    let (sign, way) = if backwards { (">", "ASC") } else { ("<", "DESC") };
    if let Some(from) = filter.after.or(filter.before) {
        sql.push_str(&format!(
            " AND (i.listed_on, i.invoice_id) {sign} (SELECT b.listed_on, b.invoice_id FROM invoice b \
             WHERE b.register_id = ?1 AND b.invoice_id = ?{})",
            values.len() + 2
        ));
        values.push(Param::from(from));
    }
    sql.push_str(&format!(" ORDER BY i.listed_on {way}, i.invoice_id {way} LIMIT ?2"));
    let mut found = access.tx().0.query(&sql, &values, read)?;
    let usage = access.usage();
    found.retain(|invoice| guard::is_about(usage, &invoice.person.iter().map(|id| id.0).collect::<Vec<_>>()));
    if backwards {
        found.reverse();
    }
    show(access, &mut found)?;
    Ok(found)
}

/// Invoices of the scope that are late on `today`, those that were due first first; what an accounting
/// system tells of is reminded of there. `after` is the last of the page before.
///
/// # Errors
/// The database can not be read.
pub fn overdue(
    access: &mut impl Access,
    (company, today): (Option<&CompanyId>, Date),
    after: Option<(Date, InvoiceId)>,
    limit: i64,
) -> Result<Vec<Invoice>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let today = today.to_string();
    let mut values = with_scope(vec![Param::Int(limit), Param::Text(&today)], scope.companies());
    let mut sql = format!(
        "SELECT {COLUMNS} FROM invoice i WHERE i.register_id = ?1 AND i.due_on < ?3 AND i.mirror_source IS NULL AND i.company_id IN ({})",
        places(4, scope.companies().len())
    );
    sql.push_str(money_of(InvoiceState::Overdue));
    if let Some(company) = company {
        sql.push_str(&format!(" AND i.company_id = ?{}", values.len() + 2));
        values.push(Param::from(company));
    }
    let day = after.map(|(day, _)| day.to_string()).unwrap_or_default();
    if let Some((_, id)) = after {
        let place = values.len() + 2;
        sql.push_str(&format!(" AND (i.due_on > ?{place} OR (i.due_on = ?{place} AND i.invoice_id > ?{}))", place + 1));
        values.extend([Param::Text(&day), Param::from(id)]);
    }
    sql.push_str(&guard::of_things(access.usage(), &["i.person_id", "i.organisation_id"]));
    sql.push_str(" ORDER BY i.due_on, i.invoice_id LIMIT ?2");
    let mut found = access.tx().0.query(&sql, &values, read)?;
    show(access, &mut found)?;
    Ok(found)
}

/// The sums of all invoices of a list, on whatever page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// How many.
    pub count: i64,
    /// With tax, credit notes taken off.
    pub gross: Cents,
    /// What is still to be paid of those that were sent.
    pub open: Cents,
}

/// The sums of a list, whatever page of it is shown.
///
/// # Errors
/// The database can not be read.
pub fn sums(access: &mut impl Access, filter: &Filter, today: Date) -> Result<Sums> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Sums::default());
    }
    let scope = access.usage().scope().clone();
    let days = Days::of(filter, today);
    let mut values = with_scope(Vec::new(), scope.companies());
    let conditions = conditions(filter, &days, &mut values);
    let open = "CASE WHEN i.is_sent = 1 AND i.kind = 'invoice' THEN i.gross_cents + i.credited_cents - i.paid_cents ELSE 0 END";
    // PostgreSQL's sum of BIGINT is NUMERIC; the cast is plain SQL.
    let sql = format!(
        "SELECT count(*), CAST(coalesce(sum(i.gross_cents), 0) AS BIGINT), CAST(coalesce(sum({open}), 0) AS BIGINT) \
         FROM invoice i WHERE i.register_id = ?1 AND i.company_id IN ({}){conditions}",
        places(2, scope.companies().len())
    );
    let found = access.tx().0.query_opt(&sql, &values, |row| {
        Ok(Sums { count: row.int(0)?, gross: Cents(row.int(1)?), open: Cents(row.int(2)?) })
    })?;
    Ok(found.unwrap_or_default())
}

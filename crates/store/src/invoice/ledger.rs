//! The ledger of what customers owe (*myyntireskontra*): sums by month, and those of one customer.

use jiff::civil::Date;
use seloste_domain::id::{CompanyId, OrganisationId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::money::Cents;

use crate::db::Access;
use crate::error::Result;
use crate::party::with_scope;
use crate::sql::{Param, places};

/// What is open of a sent invoice `i`.
const LEFT: &str = "(i.gross_cents + i.credited_cents - i.paid_cents)";

/// The invoices of a month, as they stand now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MonthSums {
    /// The first day of the month.
    pub month: Date,
    /// How many invoices, without credit notes.
    pub count: i64,
    /// What was invoiced, with tax.
    pub invoiced: Cents,
    /// What credit notes took back of it: negative or nothing.
    pub credited: Cents,
    /// What was paid of it.
    pub paid: Cents,
    /// What is open of it and not due yet.
    pub open: Cents,
    /// What is open of it, and the due date has passed.
    pub overdue: Cents,
}

/// The months since `from` that have invoices, the earliest first.
///
/// # Errors
/// The database can not be read.
pub fn months(
    access: &mut impl Access,
    company: Option<&CompanyId>,
    from: Date,
    today: Date,
) -> Result<Vec<MonthSums>> {
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let (from, today) = (from.to_string(), today.to_string());
    let mut values = with_scope(vec![Param::Text(&from), Param::Text(&today)], scope.companies());
    let only = company.map_or_else(String::new, |_| format!(" AND i.company_id = ?{}", values.len() + 2));
    values.extend(company.map(Param::from));
    let sum = |what: &str| format!("CAST(coalesce(sum({what}), 0) AS BIGINT)");
    let when = |condition: &str| sum(&format!("CASE WHEN {LEFT} > 0 AND {condition} THEN {LEFT} ELSE 0 END"));
    let sql = format!(
        "SELECT substr(i.issued_on, 1, 7), count(*), {}, {}, {}, {}, {} FROM invoice i WHERE i.register_id = ?1 \
         AND i.is_sent = 1 AND i.kind = 'invoice' AND i.listed_on >= ?2 AND i.company_id IN ({}){only} \
         GROUP BY substr(i.issued_on, 1, 7) ORDER BY 1",
        sum("i.gross_cents"),
        sum("i.credited_cents"),
        sum("i.paid_cents"),
        when("i.due_on >= ?3"),
        when("i.due_on < ?3"),
        places(4, scope.companies().len())
    );
    access.tx().0.query(&sql, &values, |row| {
        let month = format!("{}-01", row.text(0)?);
        Ok(MonthSums {
            month: month.parse().map_err(|_| crate::StoreError::Corrupt("the day of an invoice".into()))?,
            count: row.int(1)?,
            invoiced: Cents(row.int(2)?),
            credited: Cents(row.int(3)?),
            paid: Cents(row.int(4)?),
            open: Cents(row.int(5)?),
            overdue: Cents(row.int(6)?),
        })
    })
}

/// What a customer has and owes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Invoices, credit notes and drafts.
    pub count: i64,
    /// What is to be paid.
    pub open: Cents,
    /// What of it should have been paid already.
    pub overdue: Cents,
}

/// What a person or an organisation has and owes.
///
/// # Errors
/// The database can not be read.
pub fn summary(
    access: &mut impl Access,
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
    today: Date,
) -> Result<Summary> {
    let (column, id) = match (person, organisation) {
        (Some(person), _) => ("person_id", person.0),
        (None, Some(organisation)) => ("organisation_id", organisation.0),
        (None, None) => return Ok(Summary::default()),
    };
    if !access.usage().kinds().has(Kind::Orders) {
        return Ok(Summary::default());
    }
    let scope = access.usage().scope().clone();
    let today = today.to_string();
    let values = with_scope(vec![Param::Id(id), Param::Text(&today)], scope.companies());
    let sum = |more: &str| {
        format!(
            "CAST(coalesce(sum(CASE WHEN i.is_sent = 1 AND i.kind = 'invoice' AND {LEFT} > 0{more} THEN {LEFT} \
             ELSE 0 END), 0) AS BIGINT)"
        )
    };
    let sql = format!(
        "SELECT count(*), {}, {} FROM invoice i WHERE i.register_id = ?1 AND i.{column} = ?2 AND i.company_id IN ({})",
        sum(""),
        sum(" AND i.due_on < ?3"),
        places(4, scope.companies().len())
    );
    let found = access.tx().0.query_opt(&sql, &values, |row| {
        Ok(Summary { count: row.int(0)?, open: Cents(row.int(1)?), overdue: Cents(row.int(2)?) })
    })?;
    Ok(found.unwrap_or_default())
}

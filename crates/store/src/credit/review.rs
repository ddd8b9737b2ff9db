//! Reviews of enquiries that somebody signed: no personal data.

use jiff::civil::Date;
use seloste_domain::credit::Review;
use seloste_domain::id::{CompanyId, CreditReviewId};

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::sql::{Row, Tx, params};

fn read(row: &Row<'_>) -> Result<Review> {
    Ok(Review {
        id: CreditReviewId(row.id(0)?),
        company: row.parsed(1)?,
        from: row.parsed(2)?,
        until: row.parsed(3)?,
        enquiries: row.int(4)?,
        own: row.int(5)?,
        remarks: row.text(6)?,
        by: row.text(7)?,
        at: row.time(8)?,
    })
}

/// The reviews of a company, the last first.
///
/// # Errors
/// The database can not be read.
pub fn reviews(tx: &mut Tx<'_>, company: &CompanyId, limit: i64) -> Result<Vec<Review>> {
    tx.query(
        "SELECT review_id, company_id, from_day, until_day, enquiries, own, remarks, reviewed_by, reviewed_at \
         FROM credit_review WHERE register_id = ?1 AND company_id = ?2 ORDER BY review_id DESC LIMIT ?3",
        params![company, limit],
        read,
    )
}

/// The last day that a review of a company has covered.
///
/// # Errors
/// The database can not be read.
pub fn last_review(tx: &mut Tx<'_>, company: &CompanyId) -> Result<Option<Date>> {
    let sql = "SELECT max(until_day) FROM credit_review WHERE register_id = ?1 AND company_id = ?2";
    Ok(tx.query_opt(sql, params![company], |row| row.opt_parsed(0))?.flatten())
}

/// Keeps a signed review. It is never changed.
///
/// # Errors
/// The company is not in the scope of the use.
pub fn add_review(w: &mut Writing<'_, '_>, review: &Review) -> Result<()> {
    if !w.usage().scope().has(&review.company) {
        return Err(StoreError::NotFound("company"));
    }
    w.plain().tx().execute(
        "INSERT INTO credit_review (register_id, review_id, company_id, from_day, until_day, enquiries, own, remarks, \
         reviewed_by, reviewed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            review.id,
            &review.company,
            &review.from.to_string(),
            &review.until.to_string(),
            review.enquiries,
            review.own,
            &review.remarks,
            &review.by,
            review.at,
        ],
    )?;
    w.log(Act::on(format!("credit_review:{}", review.id)))
}

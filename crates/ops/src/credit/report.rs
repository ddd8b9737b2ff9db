//! Who asked about whom, when and what for; and the review of it that a person signs (Credit Data Act 527/2007 section 20).

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use seloste_domain::credit::{Review, ReviewDraft, ValidReview, review_due};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, CreditReviewId};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::credit as store;
use seloste_store::credit::Listed;

use super::name_of;
use crate::error::{OpsError, Result};
use crate::register::{Register, local_date, time_zone};

/// Enquiries that a report lists at most.
const MOST: i64 = 2_000;
/// Reviews of a company that a report lists.
const REVIEWS: i64 = 20;

/// A row of the report.
#[derive(Clone, Debug)]
pub struct ReportRow {
    /// The enquiry and its application.
    pub listed: Listed,
    /// Whom it was about.
    pub name: String,
}

/// The report of a period.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// The enquiries, the first first.
    pub rows: Vec<ReportRow>,
    /// Whether there are more than are listed: a shorter period shows all.
    pub has_more: bool,
    /// The signed reviews of the companies, the last first.
    pub reviews: Vec<Review>,
}

/// A company whose enquiries are to be reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The company.
    pub company: CompanyId,
    /// The first day that no review has covered.
    pub since: Date,
}

/// The first moment of a day.
fn moment(day: Date) -> Timestamp {
    day.to_zoned(time_zone()).map_or(Timestamp::MIN, |at| at.timestamp())
}

fn companies(usage: &Use, only: Option<&CompanyId>) -> Result<Vec<CompanyId>> {
    let own: Vec<CompanyId> =
        usage.scope().companies().iter().filter(|own| only.is_none_or(|only| only == *own)).cloned().collect();
    if own.is_empty() {
        return Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into());
    }
    Ok(own)
}

/// The report of a period. That it was looked at is in the log of each person in it.
///
/// # Errors
/// The actor may not, or a field is wrong.
pub fn report(register: &Register, actor: &Actor, draft: &ReviewDraft) -> Result<Report> {
    let usage = register.authorize(actor, Action::CreditReview)?;
    let ValidReview { company, from, until, .. } = draft.period(register.today())?;
    let companies = companies(&usage, company.as_ref())?;
    let (begin, end) = (moment(from), moment(until.saturating_add(1.day())));
    let (rows, has_more) = register.db().read(&usage, |r| {
        let mut found = store::report(r, company.as_ref(), begin, end, MOST + 1)?;
        let has_more = found.len() > usize::try_from(MOST).unwrap_or(usize::MAX);
        found.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let named = found.into_iter().map(|listed| {
            let name = name_of(r, listed.applicant)?;
            Ok(ReportRow { listed, name })
        });
        Ok((named.collect::<Result<Vec<_>, seloste_store::StoreError>>()?, has_more))
    })?;
    let mut reviews = Vec::new();
    for company in &companies {
        reviews.extend(register.db().look(|tx| store::reviews(tx, company, REVIEWS))?);
    }
    reviews.sort_by_key(|review: &Review| std::cmp::Reverse(review.id));
    Ok(Report { from, until, rows, has_more, reviews })
}

/// Signs a review of a period, for each of the companies. It is kept and never changed. How many of the enquiries the one
/// who signs has made is kept with it.
///
/// # Errors
/// The actor may not, a field is wrong, or enquiries between the last review and this one would be left out.
pub fn sign(register: &Register, actor: &Actor, draft: &ReviewDraft) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditReview)?;
    let today = register.today();
    let valid = draft.validate(today)?;
    let companies = companies(&usage, valid.company.as_ref())?;
    let (begin, end) = (moment(valid.from), moment(valid.until.saturating_add(1.day())));
    let ids: Vec<_> = companies.iter().map(|_| CreditReviewId(register.db().env().id())).collect();
    let signed = register.db().write(&usage, move |w| {
        let by = seloste_store::Access::usage(w).actor().to_string();
        let at = seloste_store::Access::usage(w).at();
        for (company, id) in companies.iter().zip(&ids) {
            let tx = &mut w.plain().tx();
            let last = store::last_review(tx, company)?;
            let after = last.map_or(Timestamp::MIN, |last| moment(last.saturating_add(1.day())));
            if store::first_enquiry_after(tx, company, after)?.is_some_and(|first| first < begin) {
                let gap = FieldError::new("from", code::CREDIT_REVIEW_GAP);
                return Err(OpsError::from(FieldErrors::from(gap)).into_store());
            }
            let found = store::report(w, Some(company), begin, end, i64::MAX)?;
            let own = found.iter().filter(|listed| listed.enquiry.asked_by == by).count();
            let review = Review {
                id: *id,
                company: company.clone(),
                from: valid.from,
                until: valid.until,
                enquiries: i64::try_from(found.len()).unwrap_or(i64::MAX),
                own: i64::try_from(own).unwrap_or(i64::MAX),
                remarks: valid.remarks.clone(),
                by: by.clone(),
                at,
            };
            store::add_review(w, &review)?;
        }
        Ok(())
    });
    signed.map_err(OpsError::from_store)
}

/// The companies of the actor whose enquiries are to be reviewed now.
///
/// # Errors
/// The actor may not.
pub fn due(register: &Register, actor: &Actor) -> Result<Vec<Due>> {
    let usage = register.authorize(actor, Action::CreditReview)?;
    let today = register.today();
    let found = register.db().look(|tx| {
        let mut found = Vec::new();
        for company in usage.scope().companies() {
            let last = store::last_review(tx, company)?;
            let since = last.map(|last| last.saturating_add(1.day()));
            let first = store::first_enquiry_after(tx, company, since.map_or(Timestamp::MIN, moment))?.map(local_date);
            if let Some(first) = first.filter(|first| review_due(last, Some(*first), today)) {
                found.push(Due { company: company.clone(), since: since.unwrap_or(first) });
            }
        }
        Ok(found)
    })?;
    Ok(found)
}

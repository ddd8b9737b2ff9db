//! The first page: what there is to do, what was used last, how the register grows.

use jiff::ToSpan as _;
use jiff::civil::Date;
use seloste_domain::invoice::InvoiceState;
use seloste_domain::list::{ListOf, Sort};
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::order::Filter;

use crate::error::Result;
use crate::list::List;
use crate::register::{Register, time_zone};

/// Rows of each list on the page.
const ROWS: usize = 8;
/// Months of the plot.
const MONTHS: i32 = 12;

/// What there is to do. None: the actor has no part in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Todo {
    /// Orders that are still drafts.
    pub drafts: Option<i64>,
    /// Invoices that should have been paid.
    pub overdue: Option<i64>,
    /// Confirmed orders whose day of delivery has come.
    pub due: Option<i64>,
    /// Messages that could not be sent.
    pub failed_mail: Option<i64>,
    /// Pairs of records that may be one customer.
    pub duplicates: Option<i64>,
    /// Feeds that could not be read, or were stopped.
    pub feeds: Option<usize>,
    /// Changes that weaker or older sources propose.
    pub proposals: Option<i64>,
    /// Credit applications that wait for a decision.
    pub credit: Option<i64>,
    /// Companies whose credit enquiries are to be reviewed.
    pub credit_reviews: Option<usize>,
    /// Contracts with partners that end soon or are not in order.
    pub contracts: Option<usize>,
    /// Partners that owe the confirmation that they returned or deleted what they had.
    pub returns: Option<usize>,
    /// Partners that read as much today as was agreed, or nearly.
    pub quotas: Option<usize>,
    /// Notifications to recipients that are to be sent or are late.
    pub recalls: Option<i64>,
    /// Requests of people that are to be answered.
    pub requests: Option<i64>,
    /// Those of them whose time is over.
    pub requests_late: Option<i64>,
    /// Own files that wait for a decision or for their import.
    pub files: Option<usize>,
}

/// A month of the plot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// Customers added in it.
    pub added: i64,
}

/// The first page.
#[derive(Clone, Debug)]
pub struct Home {
    /// What there is to do.
    pub todo: Todo,
    /// Customers, the most recently changed first.
    pub people: Vec<Person>,
    /// Orders, the newest first.
    pub orders: Vec<crate::order::Row>,
    /// How the register has grown.
    pub months: Vec<Month>,
}

/// The first page of somebody who may see customers.
///
/// # Errors
/// The actor may not.
pub fn show(register: &Register, actor: &Actor) -> Result<Home> {
    let usage = register.authorize(actor, Action::PersonList)?;
    let notice = register.notice()?;
    let may = |action| Use::authorize(actor, action, &notice, register.now()).ok();
    let mut list = List::first(ListOf::People, ROWS);
    (list.query.sort, list.query.descending) = (Sort::Changed, true);
    let people = crate::person::list(register, actor, &list)?.rows;
    let has_orders = notice.kinds().has(seloste_domain::kind::Kind::Orders);
    let orders = if has_orders && may(Action::OrderList).is_some() {
        crate::order::newest(register, actor, &Filter::default(), ROWS)?
    } else {
        Vec::new()
    };
    let today = register.today();
    let months = months(today);
    let (db, now) = (register.db(), today.to_string());
    let mut todo = Todo::default();
    if let Some(usage) = may(Action::OrderList).filter(|_| has_orders) {
        let (drafts, due) = db.read(&usage, |r| seloste_store::order::unfinished(r, &now))?;
        (todo.drafts, todo.due) = (Some(drafts), Some(due));
    }
    if let Some(usage) = may(Action::InvoiceList).filter(|_| has_orders) {
        let filter = crate::invoice::Filter { state: Some(InvoiceState::Overdue), ..Default::default() };
        todo.overdue = Some(db.read(&usage, |r| seloste_store::invoice::sums(r, &filter, today))?.count);
    }
    if let Some(usage) = may(Action::MailList) {
        todo.failed_mail = Some(db.read(&usage, |r| seloste_store::mail::failed(r))?);
    }
    if let Some(usage) = may(Action::DuplicateList) {
        todo.duplicates = Some(db.read(&usage, |r| seloste_store::duplicate::count(r))?);
    }
    if may(Action::FeedList).is_some() {
        todo.feeds = Some(crate::feed::in_trouble(register, actor)?);
    }
    if may(Action::ProposalList).is_some() {
        todo.proposals = Some(crate::proposal::count(register, actor, &crate::proposal::Filter::default())?);
    }
    let has_credit = notice.kinds().has(seloste_domain::kind::Kind::Credit);
    if may(Action::CreditList).is_some() && has_credit {
        todo.credit = Some(crate::credit::waiting(register, actor)?);
    }
    if may(Action::CreditReview).is_some() {
        todo.credit_reviews = Some(crate::credit::due(register, actor)?.len());
    }
    if may(Action::PartnerChange).is_some() {
        let (contracts, returns) = crate::partner::to_look_at(register, actor)?;
        (todo.contracts, todo.returns) = (Some(contracts), Some(returns));
        todo.quotas = Some(crate::exchange::unusual(register, actor)?.len());
    }
    if may(Action::RecallList).is_some() {
        let (waiting, late) = crate::recall::counts(register, actor)?;
        todo.recalls = Some(waiting.max(late));
    }
    if may(Action::RequestList).is_some() {
        let (open, late) = crate::request::counts(register, actor)?;
        (todo.requests, todo.requests_late) = (Some(open), Some(late));
    }
    if may(Action::ImportRun).is_some() {
        todo.files = Some(crate::import::upload::list(register, actor)?.len());
    }
    let next = today.first_of_month().saturating_add(1.months());
    let moment = |day: &Date| day.to_zoned(time_zone()).map_or(0, |at| at.timestamp().as_millisecond());
    let moments: Vec<i64> = months.iter().chain([&next]).map(moment).collect();
    let added = db.read(&usage, |r| seloste_store::search::added_between(db, r, &moments))?;
    let months = months.into_iter().zip(added).map(|(first, added)| Month { first, added }).collect();
    Ok(Home { todo, people, orders, months })
}

/// The first days of the last months, this one too.
fn months(today: Date) -> Vec<Date> {
    let this = today.first_of_month();
    (0..MONTHS).rev().map(|ago| this.saturating_sub(ago.months())).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_year_ends_with_this_month() {
        let months = months(date(2026, 11, 30));
        assert_eq!((months[0], months[11], months.len()), (date(2025, 12, 1), date(2026, 11, 1), 12));
    }
}

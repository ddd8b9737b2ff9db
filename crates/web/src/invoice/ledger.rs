//! The ledger: what was invoiced month by month, and what of it is collected, open and overdue, as a plot and a table.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::money::Cents;
use seloste_ops::invoice::{self, Ledger, MonthSums};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::session::Signed;
use crate::shell::Shell;

/// Months shown.
const MONTHS: i16 = 12;
/// Height of the highest bar, in the plot's own units.
const HEIGHT: i64 = 140;
/// From one bar to the next.
const STEP: i64 = 60;
/// Where the bars stand.
const FLOOR: i64 = 165;

/// A piece of a bar: its class, its top and its height.
struct Piece {
    class: &'static str,
    y: i64,
    height: i64,
}

/// A month of the plot and a row of the table.
struct Month {
    x: i64,
    middle: i64,
    pieces: Vec<Piece>,
    month: String,
    year: Option<i16>,
    name: String,
    /// The list of its invoices.
    href: String,
    count: String,
    invoiced: String,
    credited: String,
    paid: String,
    open: String,
    overdue: String,
    collected: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LedgerQuery {
    company: String,
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPage {
    s: Shell,
    query: LedgerQuery,
    months: Vec<Month>,
    total: Month,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<LedgerQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-invoices")?;
            let company = query.company.parse().ok();
            let ledger = invoice::ledger(register, &who.actor, company.as_ref(), MONTHS)?;
            let most = highest(&ledger);
            let all = (0..).zip(ledger.months.iter().zip(&ledger.collected));
            let months = all.map(|(place, (sums, came))| month(&s, &query, place, (sums, *came), most)).collect();
            let came = ledger.collected.iter().fold(0_i64, |all, cents| all.saturating_add(cents.0));
            let total = month(&s, &query, 0, (&ledger.total, Cents(came)), most);
            Ok(LedgerPage { months, total, query, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// What stands in a bar of the plot: what is left of a month without its credit notes.
const fn stacked(sums: &MonthSums) -> [(&'static str, i64); 3] {
    [("paid", positive(sums.paid)), ("open", positive(sums.open)), ("overdue", positive(sums.overdue))]
}

const fn positive(cents: Cents) -> i64 {
    if cents.0 > 0 { cents.0 } else { 0 }
}

fn highest(ledger: &Ledger) -> i64 {
    let of = |sums: &MonthSums| stacked(sums).iter().fold(0_i64, |all, (_, cents)| all.saturating_add(*cents));
    ledger.months.iter().map(of).max().unwrap_or(0).max(1)
}

fn month(s: &Shell, query: &LedgerQuery, place: i64, (sums, collected): (&MonthSums, Cents), most: i64) -> Month {
    let mut top = FLOOR;
    let mut pieces = Vec::new();
    for (class, cents) in stacked(sums) {
        let height = i64::try_from(i128::from(cents) * i128::from(HEIGHT) / i128::from(most)).unwrap_or(HEIGHT);
        if height > 0 {
            top -= height;
            pieces.push(Piece { class, y: top, height });
        }
    }
    let first = sums.month;
    let mut href = format!("/invoices?from={first}&until={}", first.last_of_month());
    if !query.company.is_empty() {
        href.push_str(&format!("&company={}", crate::form::encode(&query.company)));
    }
    Month {
        x: place * STEP + 8,
        middle: place * STEP + STEP / 2,
        pieces,
        month: first.month().to_string(),
        // January tells the year, and so does the first bar.
        year: (place == 0 || first.month() == 1).then(|| first.year()),
        name: format!("{}/{}", first.month(), first.year()),
        href,
        count: s.number(&sums.count),
        invoiced: s.money(&sums.invoiced),
        credited: s.money(&sums.credited),
        paid: s.money(&sums.paid),
        open: s.money(&sums.open),
        overdue: s.money(&sums.overdue),
        collected: s.money(&collected),
    }
}

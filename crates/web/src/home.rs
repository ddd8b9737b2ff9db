//! The first page.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::rights::Action;
use seloste_ops::home::{self, Month, Todo};

use crate::App;
use crate::error::PageError;
use crate::order::{OrderRow, rows as order_rows};
use crate::person::Row;
use crate::session::Signed;
use crate::shell::Shell;

/// Height of the plot's bars, in its own units.
const HEIGHT: i64 = 120;
/// From one bar to the next.
const STEP: i64 = 60;

/// Something to do: its name, how many, and where.
struct Task {
    text: String,
    count: String,
    href: &'static str,
}

/// A bar of the plot.
struct Bar {
    x: i64,
    middle: i64,
    y: i64,
    height: i64,
    month: String,
    year: Option<i16>,
    name: String,
    added: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    s: Shell,
    tasks: Vec<Task>,
    people: Vec<Row>,
    orders: Vec<OrderRow>,
    bars: Vec<Bar>,
}

/// The first page of those who may see customers; others are led to the first that they may see.
pub(crate) async fn show(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-home")?;
            if !s.may(Action::PersonList.as_str()) {
                return Ok(Err(s.navigation.first().map_or("/account", |group| group.href())));
            }
            let home = home::show(register, &who.actor)?;
            let today = register.today();
            Ok(Ok(HomePage {
                tasks: tasks(&s, &home.todo),
                people: home.people.iter().map(|person| Row::of(&s, person, today)).collect(),
                orders: order_rows(&s, home.orders),
                bars: bars(&s, &home.months),
                s,
            }))
        })
        .await?;
    match page {
        Ok(page) => Ok(Html(page.render()?).into_response()),
        Err(elsewhere) => Ok(Redirect::to(elsewhere).into_response()),
    }
}

fn tasks(s: &Shell, todo: &Todo) -> Vec<Task> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (files, feeds) = (todo.files.map(number), todo.feeds.map(number));
    let (contracts, returns) = (todo.contracts.map(number), todo.returns.map(number));
    [
        ("home-requests-late", todo.requests_late, "/requests?state=late"),
        ("home-requests", todo.requests, "/requests"),
        ("home-due", todo.due, "/orders?state=confirmed"),
        ("home-drafts", todo.drafts, "/orders?state=draft"),
        ("home-overdue", todo.overdue, "/invoices?state=overdue"),
        ("home-credit", todo.credit, "/credit"),
        ("home-credit-reviews", todo.credit_reviews.map(number), "/credit/report"),
        ("home-mail", todo.failed_mail, "/mail?state=failed"),
        ("home-feeds", feeds, "/feeds"),
        ("home-files", files, "/imports"),
        ("home-recalls", todo.recalls, "/recalls"),
        ("home-contracts", contracts, "/partners"),
        ("home-returns", returns, "/partners"),
        ("home-quotas", todo.quotas.map(number), "/partners"),
        ("home-proposals", todo.proposals, "/proposals"),
        ("home-duplicates", todo.duplicates, "/duplicates"),
    ]
    .into_iter()
    .filter_map(|(text, count, href)| {
        let count = count.filter(|count| *count > 0)?;
        Some(Task { text: s.text(text), count: s.number(&count), href })
    })
    .collect()
}

fn bars(s: &Shell, months: &[Month]) -> Vec<Bar> {
    let most = months.iter().map(|month| month.added).max().unwrap_or(0).max(1);
    let bar = |(place, month): (i64, &Month)| {
        let height = month.added * HEIGHT / most;
        // January tells the year, and so does the first bar.
        let year = (place == 0 || month.first.month() == 1).then(|| month.first.year());
        Bar {
            x: place * STEP + 8,
            middle: place * STEP + STEP / 2,
            y: HEIGHT - height + 20,
            height,
            month: month.first.month().to_string(),
            year,
            name: format!("{}/{}", month.first.month(), month.first.year()),
            added: s.number(&month.added),
        }
    };
    (0..).zip(months).map(bar).collect()
}

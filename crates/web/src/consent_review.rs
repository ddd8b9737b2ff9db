//! A sample of the consents that staff entered, for whoever is responsible for data protection (IS-08).

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::id::PersonId;
use seloste_ops::consent;

use crate::App;
use crate::error::PageError;
use crate::party_form::Names;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

struct Row {
    person: PersonId,
    name: String,
    statement: String,
    way: String,
    evidence: String,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "consent_review.html")]
struct Page {
    s: Shell,
    rows: Vec<Row>,
    of: i64,
    days: i64,
}

pub(crate) async fn show(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "consents/review")?;
            let found = consent::review(register, &who.actor)?;
            let names = Names::of(register)?;
            let row = |(consent, name): (consent::Consent, String)| Row {
                person: PersonId(consent.party.0),
                name,
                statement: consent.text.lines().next().unwrap_or_default().to_owned(),
                way: s.text(&key("consent-way", consent.way.as_str())),
                evidence: consent.evidence.unwrap_or_default(),
                by: names.name(s.t, &consent.entered_by),
                at: s.time(&consent.entered_at),
            };
            Ok(Page {
                rows: found.sample.into_iter().map(row).collect(),
                of: i64::try_from(found.of).unwrap_or(i64::MAX),
                days: consent::REVIEWED.as_hours() / 24,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

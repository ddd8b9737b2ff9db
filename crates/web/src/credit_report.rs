//! The report of credit enquiries, and the review of it that somebody signs.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::CreditApplicationId;
use seloste_ops::credit::{self, Report, ReviewDraft};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Errors, Names};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

struct ReportRow {
    application: CreditApplicationId,
    at: String,
    by: String,
    name: String,
    company: String,
    service: String,
    amount: String,
    applied_on: String,
    state: String,
    until: String,
}

struct ReviewView {
    company: String,
    period: String,
    enquiries: String,
    own: String,
    remarks: String,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "credit_report.html")]
struct ReportPage {
    s: Shell,
    draft: ReviewDraft,
    rows: Vec<ReportRow>,
    count: String,
    has_more: bool,
    reviews: Vec<ReviewView>,
    due: Vec<String>,
    f: Errors,
}

#[derive(serde::Deserialize, Default)]
pub(crate) struct PeriodQuery {
    #[serde(default)]
    company: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
}

fn page(
    register: &Register,
    who: &SignedIn,
    draft: ReviewDraft,
    mut errors: FieldErrors,
) -> seloste_ops::Result<ReportPage> {
    let report = match credit::report(register, &who.actor, &draft) {
        Err(OpsError::Fields(wrong)) => {
            if errors.is_empty() {
                errors = wrong;
            }
            // A period that makes no sense shows the last quarter of a year.
            credit::report(register, &who.actor, &ReviewDraft::default())?
        }
        other => other?,
    };
    let s = Shell::staff(register, who, "nav-credit")?;
    let names = Names::of(register)?;
    let due = credit::due(register, &who.actor)?;
    let Report { from, until, rows, has_more, reviews } = report;
    let told = |due: &credit::Due| {
        s.t.args(
            "credit-review-due",
            &[("company".to_owned(), s.company(&due.company)), ("since".to_owned(), s.date(&due.since))],
        )
    };
    Ok(ReportPage {
        due: due.iter().map(told).collect(),
        count: s.t.count("credit-report-count", &i64::try_from(rows.len()).unwrap_or(i64::MAX)),
        rows: rows
            .into_iter()
            .map(|row| {
                let enquiry = &row.listed.enquiry;
                ReportRow {
                    application: enquiry.application,
                    at: s.time(&enquiry.asked_at),
                    by: names.name(s.t, &enquiry.asked_by),
                    name: row.name,
                    company: s.company(&row.listed.company),
                    service: enquiry.service_name.clone(),
                    amount: s.money(&row.listed.amount),
                    applied_on: s.date(&row.listed.applied_on),
                    state: s.text(&key("credit-enquiry", enquiry.state.as_str())),
                    until: enquiry.answer_until.map(|until| s.date(&until)).unwrap_or_default(),
                }
            })
            .collect(),
        has_more,
        reviews: reviews
            .into_iter()
            .map(|review| ReviewView {
                company: s.company(&review.company),
                period: format!("{} – {}", s.date(&review.from), s.date(&review.until)),
                enquiries: s.number(&review.enquiries),
                own: s.number(&review.own),
                remarks: review.remarks,
                by: names.name(s.t, &review.by),
                at: s.time(&review.at),
            })
            .collect(),
        draft: ReviewDraft { from: from.to_string(), until: until.to_string(), ..draft },
        f: Errors::new(who.language, errors),
        s,
    })
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<PeriodQuery>,
) -> Result<Response, PageError> {
    let PeriodQuery { company, from, until } = query;
    let draft = ReviewDraft { company, from, until, remarks: String::new() };
    let page = app.run(move |register| page(register, &who, draft, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn sign(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = ReviewDraft {
        company: form.text("company"),
        from: form.text("from"),
        until: form.text("until"),
        remarks: form.text("remarks"),
    };
    let (actor, given) = (who.actor.clone(), draft.clone());
    match app.run(move |register| credit::sign(register, &actor, &draft)).await {
        Ok(()) => Ok(Redirect::to("/credit/report").into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| page(register, &who, given, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

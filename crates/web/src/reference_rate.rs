//! Reference rates of late interest: those known, and those that were entered here.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::format;
use seloste_ops::Register;
use seloste_ops::reminder;
use seloste_ops::session::SignedIn;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::order::mark;
use crate::party_form::{Errors, Names};
use crate::session::Signed;
use crate::shell::Shell;

#[derive(Template)]
#[template(path = "reference_rates.html")]
struct RatesPage {
    s: Shell,
    rows: Vec<(String, String, String)>,
    missing: Option<String>,
    from: String,
    rate: String,
    f: Errors,
}

fn page(
    register: &Register,
    who: &SignedIn,
    (from, rate): (String, String),
    errors: FieldErrors,
) -> seloste_ops::Result<RatesPage> {
    let s = Shell::staff(register, who, "nav-overdue")?;
    let (rates, own) = reminder::rates(register, &who.actor)?;
    let names = Names::of(register)?;
    let percent = |ratio: seloste_domain::vat::Ratio| format!("{}\u{a0}%", format::scaled(ratio.0, 2, 0, who.language));
    let row = |rate: &seloste_domain::interest::ReferenceRate| {
        let by = own.iter().find(|(own, ..)| own.from == rate.from);
        let by = by.map(|(_, by, at)| format!("{} · {}", names.name(s.t, by), s.time(at)));
        (s.date(&rate.from), percent(rate.rate), by.unwrap_or_else(|| s.text("rate-known")))
    };
    let missing = rates.on(register.today()).err().map(|missing| s.date(&missing.0));
    Ok(RatesPage {
        rows: rates.all().iter().rev().map(row).collect(),
        from: if from.is_empty() { missing.clone().unwrap_or_default() } else { from },
        missing,
        rate,
        f: Errors::new(who.language, errors),
        s,
    })
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let empty = (String::new(), String::new());
    let page = app.run(move |register| page(register, &who, empty, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn set(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let given = (form.text("from"), form.text("rate"));
    let (actor, mark, (from, rate)) = (who.actor.clone(), mark(who.language), given.clone());
    match app.run(move |register| reminder::set_rate(register, &actor, (&from, &rate), mark)).await {
        Ok(_) => Ok(Redirect::to("/reference-rates").into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| page(register, &who, given, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

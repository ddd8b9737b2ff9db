//! One's own account: password, language, sessions.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::language::Language;
use seloste_ops::{OpsError, session, user};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::session::{Signed, forget, keep_language};
use crate::shell::Shell;
use crate::sign_in::begun;
use crate::text::key;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    s: Shell,
    login: String,
    roles: Vec<(String, String, String)>,
    languages: Vec<Choice>,
    f: Errors,
    wrong: bool,
}

pub(crate) async fn show(State(app): State<App>, signed: Signed) -> Result<Response, PageError> {
    page(&app, signed, FieldErrors::default(), false, StatusCode::OK).await
}

async fn page(
    app: &App,
    Signed(who): Signed,
    errors: FieldErrors,
    wrong: bool,
    status: StatusCode,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "")?;
            let now = register.now();
            let roles = who.user.assignments.iter().filter(|a| a.holds_at(now)).map(|a| {
                let company = a.company.as_ref().map_or_else(|| s.text("all-companies"), |c| s.company(c));
                let until = a.valid_until.map(|until| s.time(&until)).unwrap_or_default();
                (s.text(&key("role", a.role.as_str())), company, until)
            });
            Ok(AccountPage {
                login: who.user.login.clone(),
                roles: roles.collect(),
                languages: Language::ALL
                    .map(|l| Choice { value: l.tag().into(), text: l.own_name().into(), selected: l == who.language })
                    .to_vec(),
                f: Errors::new(who.language, errors),
                wrong,
                s,
            })
        })
        .await?;
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn change_password(
    State(app): State<App>,
    Signed(who): Signed,
    form: Form,
) -> Result<Response, PageError> {
    let (old, new) = (form.text("old"), form.text("new"));
    let again = Signed(who.clone());
    match app.run(move |register| user::change_password(register, &who, &old, &new)).await {
        Ok((token, who)) => Ok(begun(&app, &token, &who, "/account")),
        Err(PageError::Ops(OpsError::SignIn)) => {
            page(&app, again, FieldErrors::default(), true, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => page(&app, again, error.fields()?, false, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

pub(crate) async fn set_language(
    State(app): State<App>,
    Signed(who): Signed,
    form: Form,
) -> Result<Response, PageError> {
    let language: Language = form.parsed("language").ok_or(PageError::NotFound)?;
    app.run(move |register| user::set_language(register, &who, language)).await?;
    Ok((AppendHeaders([keep_language(language, app.settings.secure)]), Redirect::to("/account")).into_response())
}

pub(crate) async fn sign_out_everywhere(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    app.run(move |register| session::sign_out_everywhere(register, &who)).await?;
    Ok((AppendHeaders([forget(app.settings.secure)]), Redirect::to("/sign-in")).into_response())
}

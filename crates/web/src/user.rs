//! Accounts of staff: inviting, roles, disabling.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{AssignmentId, UserId};
use seloste_domain::language::Language;
use seloste_domain::rights::{AccountState, Role};
use seloste_ops::Register;
use seloste_ops::session::SignedIn;
use seloste_ops::user::{self, Invitation, NewRole};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

struct Row {
    id: UserId,
    login: String,
    name: String,
    state: String,
    color: &'static str,
    roles: String,
}

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    s: Shell,
    rows: Vec<Row>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-users")?;
            let now = register.now();
            let rows = user::list(register, &who.actor)?.into_iter().map(|user| {
                let held = user.assignments.iter().filter(|a| a.holds_at(now));
                let mut roles: Vec<String> = held.map(|a| s.text(&key("role", a.role.as_str()))).collect();
                roles.dedup();
                Row {
                    id: user.id,
                    login: user.login,
                    name: user.name,
                    state: s.text(&key("account", user.state.as_str())),
                    color: color(user.state),
                    roles: roles.join(", "),
                }
            });
            Ok(UsersPage { rows: rows.collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

const fn color(state: AccountState) -> &'static str {
    match state {
        AccountState::Invited => "info",
        AccountState::Active => "success",
        AccountState::Disabled => "neutral",
    }
}

fn roles(t: Texts) -> Vec<Choice> {
    Role::ALL
        .map(|role| Choice {
            value: role.as_str().into(),
            text: t.get(&key("role", role.as_str())),
            selected: role == Role::Reader,
        })
        .to_vec()
}

#[derive(Template)]
#[template(path = "user_form.html")]
struct FormPage {
    s: Shell,
    invitation: Invitation,
    languages: Vec<Choice>,
    roles: Vec<Choice>,
    companies: Vec<Choice>,
    f: Errors,
}

fn companies(register: &Register, t: Texts) -> seloste_ops::Result<Vec<Choice>> {
    let all = Choice { value: String::new(), text: t.get("all-companies"), selected: true };
    let notice = register.notice()?;
    let each = notice.companies().iter().map(|company| Choice {
        value: company.id.to_string(),
        text: company.name.clone(),
        selected: false,
    });
    Ok(std::iter::once(all).chain(each).collect())
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    invitation: Invitation,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let s = Shell::staff(register, who, "nav-users")?;
    let languages = Language::ALL.map(|l| Choice {
        value: l.tag().into(),
        text: l.own_name().into(),
        selected: l == invitation.language,
    });
    Ok(FormPage {
        languages: languages.to_vec(),
        roles: roles(s.t),
        companies: companies(register, s.t)?,
        f: Errors::new(who.language, errors),
        invitation,
        s,
    })
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::UserManage)?;
            form_page(register, &who, Invitation::default(), FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// The end of the day that was typed, in Finland.
fn end_of(day: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = day.trim().parse().ok()?;
    let next = day.tomorrow().ok()?;
    next.in_tz("Europe/Helsinki").ok().map(|moment| moment.timestamp())
}

fn role_of(form: &Form) -> Option<NewRole> {
    Some(NewRole { role: form.parsed("role")?, company: form.parsed("company"), until: end_of(&form.text("until")) })
}

#[derive(Template)]
#[template(path = "user_link.html")]
struct LinkPage {
    s: Shell,
    id: UserId,
    name: String,
    link: String,
}

fn link_page(register: &Register, app: &App, who: &SignedIn, id: UserId, token: &str) -> seloste_ops::Result<LinkPage> {
    let s = Shell::staff(register, who, "nav-users")?;
    let name = user::show(register, &who.actor, id)?.name;
    let scheme = if app.settings.secure { "https" } else { "http" };
    let host = app.settings.hosts.first().map(String::as_str).unwrap_or_default();
    Ok(LinkPage { s, id, name, link: format!("{scheme}://{host}/set-up#{token}") })
}

pub(crate) async fn invite(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let invitation = Invitation {
        login: form.text("login"),
        name: form.text("name"),
        language: form.parsed("language").unwrap_or_default(),
        roles: role_of(&form).into_iter().collect(),
    };
    let (actor, asked) = (who.actor.clone(), invitation.clone());
    let outcome = app.run(move |register| user::invite(register, &actor, &asked)).await;
    match outcome {
        Ok((id, token)) => {
            let own = app.clone();
            let page = app.run(move |register| link_page(register, &own, &who, id, &token.0)).await?;
            Ok(Html(page.render()?).into_response())
        }
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, invitation, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

struct Held {
    id: AssignmentId,
    role: String,
    company: String,
    from: String,
    until: String,
    holds: bool,
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    s: Shell,
    id: UserId,
    login: String,
    name: String,
    state: String,
    color: &'static str,
    disabled: bool,
    held: Vec<Held>,
    roles: Vec<Choice>,
    companies: Vec<Choice>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UserId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-users")?;
            let user = user::show(register, &who.actor, id)?;
            let (now, notice) = (register.now(), register.notice()?);
            let held = user.assignments.iter().map(|a| Held {
                id: a.id,
                role: s.text(&key("role", a.role.as_str())),
                company: a.company.as_ref().map_or_else(
                    || s.text("all-companies"),
                    |id| notice.company(id).map_or_else(|| id.to_string(), |company| company.name.clone()),
                ),
                from: s.time(&a.valid_from),
                until: a.valid_until.map(|until| s.time(&until)).unwrap_or_default(),
                holds: a.holds_at(now),
            });
            Ok(UserPage {
                id,
                held: held.collect(),
                login: user.login,
                name: user.name,
                state: s.text(&key("account", user.state.as_str())),
                color: color(user.state),
                disabled: user.state == AccountState::Disabled,
                roles: roles(s.t),
                companies: companies(register, s.t)?,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn assign(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UserId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let role = role_of(&form).ok_or(PageError::NotFound)?;
    app.run(move |register| user::assign(register, &who.actor, id, &role)).await?;
    Ok(Redirect::to(&format!("/users/{id}")))
}

pub(crate) async fn end_role(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, assignment)): Path<(UserId, AssignmentId)>,
) -> Result<Redirect, PageError> {
    app.run(move |register| user::end_role(register, &who.actor, id, assignment)).await?;
    Ok(Redirect::to(&format!("/users/{id}")))
}

pub(crate) async fn disable(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UserId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| user::disable(register, &who.actor, id)).await?;
    Ok(Redirect::to(&format!("/users/{id}")))
}

pub(crate) async fn enable(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UserId>,
) -> Result<Response, PageError> {
    link(app, who, id, |register, who, id| user::enable(register, &who.actor, id)).await
}

pub(crate) async fn new_link(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<UserId>,
) -> Result<Response, PageError> {
    link(app, who, id, |register, who, id| user::new_link(register, &who.actor, id)).await
}

async fn link(
    app: App,
    who: SignedIn,
    id: UserId,
    make: fn(&Register, &SignedIn, UserId) -> seloste_ops::Result<seloste_ops::session::Token>,
) -> Result<Response, PageError> {
    let own = app.clone();
    let page = app
        .run(move |register| {
            let token = make(register, &who, id)?;
            link_page(register, &own, &who, id, &token.0)
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

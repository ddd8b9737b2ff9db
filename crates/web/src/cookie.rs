//! Cookies of the web services, for staff: what is declared and chosen by count, which web services may ask, and the proof of one
//! visitor's choice.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::cookie::{SettingDraft, Wording};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::CompanyId;
use seloste_domain::notice::{CookieUse, cookie_use_name};
use seloste_ops::cookie::{self, Overview, Week};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Errors;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Height of a plot's bars, in its own units.
const HEIGHT: i64 = 90;
/// From one bar to the next.
const STEP: i64 = 60;

/// A bar of a plot.
struct Bar {
    x: i64,
    middle: i64,
    y: i64,
    height: i64,
    label: String,
    count: String,
}

/// A use that is asked about.
struct Plot {
    id: &'static str,
    name: &'static str,
    help: &'static str,
    in_force: String,
    bars: Vec<Bar>,
}

/// A week of the table.
struct Row {
    week: String,
    given: Vec<String>,
    withdrawn: String,
}

struct Company {
    id: CompanyId,
    name: String,
    origins: Vec<String>,
    months: String,
}

#[derive(Template)]
#[template(path = "cookies.html")]
struct ListPage {
    s: Shell,
    plots: Vec<Plot>,
    rows: Vec<Row>,
    kinds: Vec<(String, String)>,
    companies: Vec<Company>,
    f: Errors,
}

fn list_page(register: &Register, who: &SignedIn, errors: FieldErrors) -> seloste_ops::Result<ListPage> {
    let s = Shell::staff(register, who, "nav-cookies")?;
    let found = cookie::overview(register, &who.actor)?;
    let (plots, rows) = (plots(&s, &found), rows(&s, &found.weeks));
    let kinds = found.kinds.iter().map(|(kind, count)| (s.text(&key("cookie-kind", kind.as_str())), s.number(count)));
    let kinds = kinds.collect();
    let companies = found.companies.into_iter().map(|(name, setting)| Company {
        id: setting.company,
        name,
        origins: setting.origins,
        months: s.number(&setting.months),
    });
    Ok(ListPage { plots, rows, kinds, companies: companies.collect(), f: Errors::new(who.language, errors), s })
}

fn plots(s: &Shell, found: &Overview) -> Vec<Plot> {
    let words = Wording::new("", &found.asked, s.t.0).uses;
    let plot = |(place, asked): (usize, seloste_domain::cookie::UseWording)| {
        let in_force = found.in_force.iter().find(|(cookie, _)| *cookie == asked.cookie).map_or(0, |(_, count)| *count);
        Plot {
            id: asked.cookie.as_str(),
            name: asked.name,
            help: asked.help,
            in_force: s.number(&in_force),
            bars: bars(s, &found.weeks, place),
        }
    };
    words.into_iter().enumerate().map(plot).collect()
}

fn bars(s: &Shell, weeks: &[Week], place: usize) -> Vec<Bar> {
    let count = |week: &Week| week.given.get(place).map_or(0, |(_, count)| *count);
    let most = weeks.iter().map(count).max().unwrap_or(0).max(1);
    let bar = |(x, week): (i64, &Week)| {
        let height = count(week) * HEIGHT / most;
        Bar {
            x: x * STEP + 8,
            middle: x * STEP + STEP / 2,
            y: HEIGHT - height + 20,
            height,
            label: format!("{}.{}.", week.monday.day(), week.monday.month()),
            count: s.number(&count(week)),
        }
    };
    (0..).zip(weeks).map(bar).collect()
}

fn rows(s: &Shell, weeks: &[Week]) -> Vec<Row> {
    let row = |week: &Week| Row {
        week: s.date(&week.monday),
        given: week.given.iter().map(|(_, count)| s.number(count)).collect(),
        withdrawn: s.number(&week.withdrawn),
    };
    weeks.iter().rev().map(row).collect()
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app.run(move |register| list_page(register, &who, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

/// The proof of a visitor's choice as a file, by the number that they tell. The number stands in the form, never in an address.
pub(crate) async fn proof(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (actor, visitor) = (who.actor.clone(), form.text("visitor"));
    let found = app
        .run(move |register| match cookie::proof(register, &actor, &visitor) {
            Err(OpsError::Store(seloste_ops::StoreError::NotFound(_))) => {
                Err(FieldErrors::from(FieldError::new("visitor", code::VISITOR_UNKNOWN)).into())
            }
            other => other,
        })
        .await;
    let errors = match found {
        Ok(proof) => {
            let json = serde_json::to_vec_pretty(&proof).map_err(|_| PageError::Broken)?;
            let headers = [
                (CONTENT_TYPE, "application/json"),
                (CONTENT_DISPOSITION, "attachment; filename=\"cookie-choice.json\""),
            ];
            return Ok((headers, json).into_response());
        }
        Err(error) => error.fields()?,
    };
    let page = app.run(move |register| list_page(register, &who, errors)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

#[derive(Template)]
#[template(path = "cookie_form.html")]
struct FormPage {
    s: Shell,
    id: CompanyId,
    name: String,
    version: i64,
    draft: SettingDraft,
    f: Errors,
    conflict: bool,
    /// What stands in the pages of the web service; none: no portal is served.
    embed: Option<String>,
    uses: Vec<(&'static str, &'static str)>,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    id: &CompanyId,
    given: Option<SettingDraft>,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let (name, setting) = cookie::setting(register, &who.actor, id)?;
    let s = Shell::staff(register, who, "nav-cookies")?;
    let known = SettingDraft { origins: setting.origins.join("\n"), months: setting.months.to_string() };
    let embed = register
        .portal()
        .map(|base| format!("<script src=\"{base}/cookies.js\" data-company=\"{id}\" defer></script>"));
    let uses = CookieUse::ALL.iter().map(|cookie| (cookie.as_str(), cookie_use_name(*cookie, s.t.0)));
    Ok(FormPage {
        id: id.clone(),
        name,
        version: setting.version,
        draft: given.unwrap_or(known),
        f: Errors::new(who.language, errors),
        conflict: false,
        embed,
        uses: uses.filter(|(name, _)| *name != CookieUse::Necessary.as_str()).collect(),
        s,
    })
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CompanyId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, &id, None, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CompanyId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = SettingDraft { origins: form.text("origins"), months: form.text("months") };
    let (actor, company, given, version) = (who.actor.clone(), id.clone(), draft.clone(), form.number("version"));
    let outcome = app.run(move |register| cookie::set(register, &actor, &company, version, &draft)).await;
    let Err(error) = outcome else { return Ok(Redirect::to("/cookies").into_response()) };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let mut page = form_page(register, &who, &id, Some(given), errors)?;
            if !conflict {
                page.version = version;
            }
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

//! The company register on the pages: what it says of an organisation beside what is stored, taken over part by part; and
//! a new organisation's form filled by a business id.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::company_register::{Part, Unusable};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::OrganisationId;
use seloste_domain::organisation::OrganisationDraft;
use seloste_domain::rights::Action;
use seloste_ops::company_register::{self as ops, Found, NotFetched};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, organisation};

use crate::App;
use crate::error::{PageError, of_company_register};
use crate::form::Form;
use crate::organisation::FormPage;
use crate::party_form::{Errors, source_name};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// A part of the record beside what is stored.
struct Row {
    part: &'static str,
    what: String,
    now: String,
    then: String,
    since: String,
    same: bool,
}

#[derive(Template)]
#[template(path = "company_register.html")]
struct RegisterPage {
    s: Shell,
    id: OrganisationId,
    name: String,
    business_id: String,
    source: String,
    rows: Vec<Row>,
    ended: Option<String>,
    shown: String,
    differs: bool,
    /// Why there is nothing to show.
    failed: Option<String>,
}

/// What happened, and what can be done.
fn told(t: Texts, why: &NotFetched) -> String {
    match why {
        NotFetched::Off => t.get("company-register-off"),
        NotFetched::Undeclared => t.get("company-register-undeclared"),
        NotFetched::Forbidden => t.get("company-register-forbidden"),
        NotFetched::NoBusinessId => t.get("company-register-no-business-id"),
        NotFetched::Busy => t.get("company-register-busy"),
        NotFetched::Old => t.get("company-register-old"),
        NotFetched::Unusable(Unusable::Absent) => t.get("company-register-absent"),
        NotFetched::Unusable(Unusable::Other) => t.get("company-register-other"),
        NotFetched::Unusable(Unusable::Nameless) => t.get("company-register-nameless"),
        NotFetched::Unusable(Unusable::Form) => t.get("company-register-form"),
        NotFetched::Failed(error) => {
            let what = t.get(&key("feed-trouble", error.trouble.as_str()));
            let what = error.status.map_or_else(|| what.clone(), |status| format!("{what} ({status})"));
            let wait = error.wait.map(|wait| {
                let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
                t.count("company-register-wait", &seconds)
            });
            [Some(what), wait].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    }
}

pub(crate) async fn fetch(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    let feeding = app.feeding();
    let page = app
        .run(move |register| {
            let found = ops::fetch(register, &who.actor, feeding.company_register.as_ref(), id);
            let s = Shell::staff(register, &who, "nav-organisations")?;
            match found {
                Ok(found) => {
                    let notice = register.notice()?;
                    let source = feeding.company_register.as_ref().map(|set| source_name(&notice, set.source(), s.t.0));
                    Ok((StatusCode::OK, page(s, &found, source.unwrap_or_default())))
                }
                Err(OpsError::CompanyRegister(why)) => {
                    let organisation = organisation::show(register, &who.actor, id)?.organisation;
                    let business_id = organisation.business_id.map(|id| id.to_string()).unwrap_or_default();
                    let failed = Some(told(s.t, &why));
                    let page = RegisterPage {
                        s,
                        id,
                        name: organisation.name,
                        business_id,
                        source: String::new(),
                        rows: Vec::new(),
                        ended: None,
                        shown: String::new(),
                        differs: false,
                        failed,
                    };
                    Ok((of_company_register(&why).0, page))
                }
                Err(error) => Err(error),
            }
        })
        .await?;
    let (status, page) = page;
    Ok((status, Html(page.render()?)).into_response())
}

fn page(s: Shell, found: &Found, source: String) -> RegisterPage {
    let row = |difference: &seloste_domain::company_register::Difference| Row {
        part: difference.part.as_str(),
        what: s.text(&key("company-register-part", difference.part.as_str())),
        now: difference.now.clone().unwrap_or_default(),
        then: difference.then.clone(),
        since: difference.since.map(|since| s.date(&since)).unwrap_or_default(),
        same: difference.same,
    };
    RegisterPage {
        id: found.organisation.id,
        name: found.organisation.name.clone(),
        business_id: found.record.business_id.to_string(),
        source,
        rows: found.differences.iter().map(row).collect(),
        ended: found.record.ended_on.map(|day| s.date(&day)),
        differs: found.differences.iter().any(|difference| !difference.same),
        shown: found.shown.clone(),
        failed: None,
        s,
    }
}

pub(crate) async fn accept(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let feeding = app.feeding();
    app.run(move |register| {
        register.authorize(&who.actor, Action::OrganisationFetch)?;
        let parts: Vec<Part> = form.all("part").iter().filter_map(|part| Part::named(part)).collect();
        ops::accept(register, &who.actor, feeding.company_register.as_ref(), id, &form.text("shown"), &parts)
    })
    .await?;
    Ok(Redirect::to(&format!("/organisations/{id}")))
}

/// The form of a new organisation, filled by what the register says of a business id.
pub(crate) async fn new(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (feeding, typed) = (app.feeding(), form.text("business_id"));
    let page = app
        .run(move |register| {
            let found = ops::fetch_new(register, &who.actor, feeding.company_register.as_ref(), &typed);
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let empty = OrganisationDraft { business_id: typed.clone(), ..OrganisationDraft::default() };
            let (status, mut page) = match found {
                Ok(found) => {
                    let mut told = s.text("company-register-filled");
                    if let Some(day) = found.ended_on {
                        told = format!("{told} {}", s.t.arg("company-register-ended", "day", s.date(&day)));
                    }
                    let none = Errors::none(who.language);
                    let mut page = FormPage::new(register, s, None, found.draft, found.source.as_str(), none)?;
                    page.told = Some(told);
                    page.known = found.known.into_iter().map(|known| (known.id, known.name)).collect();
                    (StatusCode::OK, page)
                }
                Err(error) => failed(register, &who, s, empty, error)?,
            };
            page = page.with_register(register, &feeding)?;
            Ok((status, page))
        })
        .await?;
    let (status, page) = page;
    Ok((status, Html(page.render()?)).into_response())
}

/// The form as it was, with what went wrong.
fn failed(
    register: &seloste_ops::Register,
    who: &SignedIn,
    s: Shell,
    draft: OrganisationDraft,
    error: OpsError,
) -> seloste_ops::Result<(StatusCode, FormPage)> {
    let (status, fields, told) = match error {
        OpsError::Fields(fields) => (StatusCode::UNPROCESSABLE_ENTITY, fields, None),
        OpsError::CompanyRegister(why) => (of_company_register(&why).0, FieldErrors::default(), Some(told(s.t, &why))),
        other => return Err(other),
    };
    let mut page = FormPage::new(register, s, None, draft, "", Errors::new(who.language, fields))?;
    page.told = told;
    Ok((status, page))
}

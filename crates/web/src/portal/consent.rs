//! Consents: one switch each, off until the person turns it on, with the wording and its history.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::language::Language;
use seloste_ops::consent::{Consent, ConsentRefused, Matter, Standing, mark};
use seloste_ops::{OpsError, portal};

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::consent::standing;
use crate::error::PageError;
use crate::form::Form;
use crate::session::Chosen;
use crate::text::key;

/// A switch.
struct Switch {
    /// The part of the page.
    id: String,
    matter: Matter,
    statement: String,
    terms: String,
    /// Which wording is shown.
    mark: String,
    standing: String,
    on: bool,
    history: Vec<String>,
}

/// The switches of a company.
struct Group {
    company: String,
    switches: Vec<Switch>,
}

#[derive(Template)]
#[template(path = "portal/consents.html")]
struct ConsentsPage {
    p: Frame,
    language: &'static str,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "portal/consent_lift.html")]
struct LiftPage {
    p: Frame,
    language: &'static str,
    matter: Matter,
    statement: String,
    mark: String,
    forbidden: String,
}

fn part(matter: &Matter) -> String {
    matter.to_string().replace(':', "-")
}

fn history(p: &Frame, all: &[Consent], matter: &Matter, now: jiff::Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    let way = |way: seloste_ops::consent::ConsentWay| p.s.text(&key("consent-way", way.as_str()));
    for one in all.iter().filter(|one| one.matter == *matter) {
        if let Some(end) = &one.withdrawn {
            lines.push(format!("{} {} ({})", p.s.text("consent-withdrawn"), p.s.time(&end.at), way(end.way)));
        } else if one.expires_at <= now {
            lines.push(format!("{} {}", p.s.text("consent-expired"), p.s.time(&one.expires_at)));
        }
        lines.push(format!("{} {} ({})", p.s.text("consent-given"), p.s.time(&one.given_at), way(one.way)));
    }
    lines
}

/// Shows them.
pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "consents")?;
            let (found, now) = (portal::consents(register, &who, language)?, register.now());
            let mut groups: Vec<Group> = Vec::new();
            for asked in found.asked {
                let switch = Switch {
                    id: part(&asked.matter),
                    mark: mark(&asked.wording),
                    on: matches!(asked.standing, Standing::Consented(_)),
                    standing: standing(&p.s, asked.standing).0,
                    history: history(&p, &found.all, &asked.matter, now),
                    statement: asked.wording.statement,
                    terms: asked.wording.terms,
                    matter: asked.matter,
                };
                let company = p.s.company(&switch.matter.company);
                match groups.last_mut().filter(|group| group.company == company) {
                    Some(group) => group.switches.push(switch),
                    None => groups.push(Group { company, switches: vec![switch] }),
                }
            }
            Ok(ConsentsPage { p, language: language.tag(), groups })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// Turns a switch. What the person has forbidden is asked about before it is lifted.
pub(crate) async fn set(State(app): State<App>, Visiting(who): Visiting, form: Form) -> Result<Response, PageError> {
    let matter: Matter = form.parsed("matter").ok_or(PageError::Malformed)?;
    let language: Language = form.parsed("language").ok_or(PageError::Malformed)?;
    let (place, shown, lifts) = (part(&matter), form.text("shown"), form.text("lifts") == "yes");
    let (asker, wanted) = (who.clone(), matter.clone());
    let done = match form.text("do").as_str() {
        "give" => app.run(move |register| portal::consent(register, &who, &matter, (language, &shown), lifts)).await,
        "withdraw" => app.run(move |register| portal::withdraw(register, &who, &matter)).await,
        _ => return Err(PageError::Malformed),
    };
    match done {
        // Another wording is in force than the one that was read: it is shown, and nothing was given.
        Ok(()) | Err(PageError::Ops(OpsError::Consent(ConsentRefused::Reworded))) => {
            Ok(Redirect::to(&format!("/consents#{place}")).into_response())
        }
        Err(PageError::Ops(OpsError::Consent(ConsentRefused::Forbidden(kind)))) => {
            let page = app
                .run(move |register| {
                    let p = Frame::own(register, language, "consents")?;
                    let found = portal::consents(register, &asker, language)?;
                    let asked = found.asked.into_iter().find(|asked| asked.matter == wanted);
                    let wording =
                        asked.map(|asked| asked.wording).ok_or(seloste_ops::StoreError::NotFound("consent"))?;
                    Ok(LiftPage {
                        language: language.tag(),
                        mark: mark(&wording),
                        statement: wording.statement,
                        forbidden: p.s.text(&key("portal-forbid", kind.as_str())),
                        matter: wanted,
                        p,
                    })
                })
                .await?;
            Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
        }
        Err(error) => Err(error),
    }
}

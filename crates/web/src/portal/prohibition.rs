//! Prohibitions: one switch each, with its history.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::prohibition::{Prohibition, ProhibitionKind};
use seloste_ops::portal;

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::session::Chosen;
use crate::text::key;

/// A switch.
struct Switch {
    kind: &'static str,
    name: String,
    help: String,
    on: bool,
    /// What was forbidden and lifted, the newest first.
    history: Vec<String>,
}

#[derive(Template)]
#[template(path = "portal/prohibitions.html")]
struct ProhibitionsPage {
    p: Frame,
    switches: Vec<Switch>,
}

fn history(p: &Frame, all: &[Prohibition], kind: ProhibitionKind, now: jiff::Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    let way = |way| p.s.text(&key("way", way));
    for one in all.iter().filter(|one| one.kind == kind) {
        if let Some(lifted) = &one.lifted {
            let how = lifted.way.map_or_else(|| p.s.text("portal-by-mistake"), |told| way(told.as_str()));
            lines.push(format!("{} {} ({how})", p.s.text("portal-lifted"), p.s.time(&lifted.at)));
        } else if let Some(until) = one.expires_at.filter(|until| *until <= now) {
            lines.push(format!("{} {}", p.s.text("portal-ended"), p.s.time(&until)));
        }
        lines.push(format!("{} {} ({})", p.s.text("portal-forbidden"), p.s.time(&one.set_at), way(one.way.as_str())));
    }
    lines
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "prohibitions")?;
            let (all, now) = (portal::prohibitions(register, &who)?, register.now());
            let switches = ProhibitionKind::ALL.map(|kind| Switch {
                kind: kind.as_str(),
                name: p.s.text(&key("portal-forbid", kind.as_str())),
                help: p.s.text(&key("portal-forbid-help", kind.as_str())),
                on: all.iter().any(|one| one.kind == kind && one.holds_at(now)),
                history: history(&p, &all, kind, now),
            });
            Ok(ProhibitionsPage { switches: switches.into(), p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn set(State(app): State<App>, Visiting(who): Visiting, form: Form) -> Result<Response, PageError> {
    let kind: ProhibitionKind = form.parsed("kind").ok_or(PageError::Malformed)?;
    let on = match form.text("do").as_str() {
        "forbid" => true,
        "lift" => false,
        _ => return Err(PageError::Malformed),
    };
    app.run(move |register| match on {
        true => portal::forbid(register, &who, kind),
        false => portal::lift(register, &who, kind),
    })
    .await?;
    Ok(Redirect::to(&format!("/prohibitions#{kind}")).into_response())
}

//! What staff see and set: counts, the web services that may ask, and the proof of one visitor's choice.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use seloste_domain::cookie::{self, CookieChoice, CookieSetting, EventKind, SettingDraft, visitor_hash};
use seloste_domain::id::CompanyId;
use seloste_domain::notice::CookieUse;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::StoreError;
use seloste_store::cookie as rows;
use seloste_store::log::Act;
use serde::Serialize;

use super::object;
use crate::error::Result;
use crate::register::{Register, start_of};

/// Weeks that are counted.
const WEEKS: i64 = 12;

/// What visitors chose in a week.
#[derive(Clone, Debug)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// How many choices allowed each use that is asked about.
    pub given: Vec<(CookieUse, i64)>,
    /// How many were taken back.
    pub withdrawn: i64,
}

/// What there is, within the companies of the actor.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The uses that the notice asks about.
    pub asked: Vec<CookieUse>,
    /// How many choices in force allow each of them.
    pub in_force: Vec<(CookieUse, i64)>,
    /// The last weeks, the oldest first.
    pub weeks: Vec<Week>,
    /// How many events there are of each kind.
    pub kinds: Vec<(EventKind, i64)>,
    /// The companies by name, with what they have set.
    pub companies: Vec<(String, CookieSetting)>,
}

/// What is declared, set and chosen.
///
/// # Errors
/// The actor may not.
pub fn overview(register: &Register, actor: &Actor) -> Result<Overview> {
    let usage = register.authorize(actor, Action::CookieList)?;
    let (notice, now, today) = (register.notice()?, register.now(), register.today());
    let (scope, asked) = (usage.scope().companies(), cookie::asked(&notice));
    let monday = today.nth_weekday(-1, Weekday::Monday).unwrap_or(today);
    let this = if today.weekday() == Weekday::Monday { today } else { monday };
    let count = |counted: &[(CookieUse, i64)]| -> Vec<(CookieUse, i64)> {
        let of = |cookie: CookieUse| counted.iter().find(|(known, _)| *known == cookie).map_or(0, |(_, count)| *count);
        asked.iter().map(|cookie| (*cookie, of(*cookie))).collect()
    };
    let found = register.db().look(|tx| {
        let mut weeks = Vec::new();
        for back in (0..WEEKS).rev() {
            let monday = this.saturating_sub(jiff::Span::new().weeks(back));
            let span: (Timestamp, Timestamp) =
                (start_of(monday), start_of(monday.saturating_add(jiff::Span::new().weeks(1))));
            let given = count(&rows::given(tx, scope, span)?);
            weeks.push(Week { monday, given, withdrawn: rows::withdrawn(tx, scope, span)? });
        }
        let counted = rows::kinds(tx, scope)?;
        let of = |kind: EventKind| counted.iter().find(|(known, _)| *known == kind).map_or(0, |(_, count)| *count);
        let mut companies = Vec::new();
        for company in notice.companies().iter().filter(|company| usage.scope().has(&company.id)) {
            companies.push((company.name.clone(), rows::setting(tx, &company.id)?));
        }
        Ok(Overview {
            in_force: count(&rows::in_force(tx, scope, now)?),
            weeks,
            kinds: EventKind::ALL.iter().map(|kind| (*kind, of(*kind))).collect(),
            companies,
            asked: asked.clone(),
        })
    })?;
    Ok(found)
}

/// The company's name and what it has set.
///
/// # Errors
/// The actor may not, or there is no such company within their rights.
pub fn setting(register: &Register, actor: &Actor, company: &CompanyId) -> Result<(String, CookieSetting)> {
    let usage = register.authorize(actor, Action::CookieManage)?;
    let notice = register.notice()?;
    let found = notice.companies().iter().find(|known| known.id == *company && usage.scope().has(company));
    let name = found.ok_or(StoreError::NotFound("company"))?.name.clone();
    Ok((name, register.db().look(|tx| rows::setting(tx, company))?))
}

/// Sets which web services may ask for a company, and how long a choice holds. Choices of web services that are taken away end, since
/// their visitors could not take them back there any more.
///
/// # Errors
/// The actor may not, a field is wrong, there is no such company within their rights, or someone else changed it since `expected`.
pub fn set(register: &Register, actor: &Actor, company: &CompanyId, expected: i64, draft: &SettingDraft) -> Result<()> {
    let usage = super::within(register, actor, Action::CookieManage, company)?;
    let (origins, months) = draft.validate()?;
    let new = CookieSetting { company: company.clone(), origins, months, version: expected + 1 };
    let (by, at) = (usage.actor().to_string(), usage.at());
    register.db().write(&usage, move |w| {
        rows::set(&mut w.plain().tx(), &new, &by, at)?;
        w.log(Act {
            objects: vec![format!("company:{}", new.company)],
            fields: vec!["origins".into(), "months".into()],
            ..Act::default()
        })
    })?;
    Ok(())
}

/// An event under a choice.
#[derive(Clone, Debug, Serialize)]
pub struct ProofEvent {
    /// What happened.
    pub kind: &'static str,
    /// Where.
    pub path: String,
    /// When.
    pub at: Timestamp,
}

/// The proof of one visitor's choice (Art. 7(1)), and everything that is kept under it (Art. 15).
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The choice's id in the log.
    pub choice: String,
    /// Whose web services it is about.
    pub company: CompanyId,
    /// In which it was made.
    pub origin: String,
    /// How.
    pub way: &'static str,
    /// Whether the browser sent the signal of Global Privacy Control and the visitor chose otherwise by themself.
    pub despite_signal: bool,
    /// What was allowed and what was refused.
    pub uses: Vec<(&'static str, bool)>,
    /// When.
    pub given_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// How and when it ended.
    pub ended: Option<(&'static str, Timestamp)>,
    /// The version of the text that was shown.
    pub text_version: String,
    /// Its language.
    pub language: String,
    /// Its words.
    pub text: String,
    /// The events that are kept.
    pub events: Vec<ProofEvent>,
}

/// The proof of a visitor's choice, by the number that their browser shows.
///
/// # Errors
/// The actor may not, or no choice within their companies has the number.
pub fn proof(register: &Register, actor: &Actor, visitor: &str) -> Result<Proof> {
    let usage = register.authorize(actor, Action::CookieProof)?;
    let hash = visitor_hash(visitor);
    let found = register.db().look(|tx| {
        let Some(choice) = rows::of(tx, &hash)?.filter(|choice| usage.scope().has(&choice.company)) else {
            return Err(StoreError::NotFound("choice"));
        };
        let (language, text) = rows::text(tx, &choice.text)?;
        let events = rows::events(tx, choice.id)?;
        Ok(of(choice, (language, text), events))
    })?;
    let act = found.choice.clone();
    // The proof is shown only once its log entry is durable.
    register.db().write(&usage, move |w| w.log(Act::on(&act)))?;
    Ok(found)
}

fn of(choice: CookieChoice, text: (String, String), events: Vec<(EventKind, String, Timestamp)>) -> Proof {
    Proof {
        choice: object(choice.id),
        company: choice.company,
        origin: choice.origin,
        way: choice.way.as_str(),
        despite_signal: choice.despite_signal,
        uses: choice.uses.iter().map(|(cookie, accepted)| (cookie.as_str(), *accepted)).collect(),
        given_at: choice.given_at,
        expires_at: choice.expires_at,
        ended: choice.ended.map(|(end, at)| (end.as_str(), at)),
        text_version: choice.text,
        language: text.0,
        text: text.1,
        events: events.into_iter().map(|(kind, path, at)| ProofEvent { kind: kind.as_str(), path, at }).collect(),
    }
}

//! Cookie choices of the visitors of web services, and the events that are kept under them (promises P06 and P12; Act 917/2014
//! section 205). Who calls is nobody of the register and has no account: what may be done follows from the notice, from the
//! origins that the company has set, and from the number that only the visitor has. A refusal does not come here at all.
//!
//! Choices and their ends are in the log. Single events are not: a line of the log could not go when the choice is taken back.

mod staff;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use seloste_domain::cookie::{
    self, ChoiceDraft, ChoiceEnd, CookieChoice, CookieSetting, EventKind, PROOF_MONTHS, Wording, visitor_hash,
};
pub use seloste_domain::cookie::{ChoiceWay, CookieRefused};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, CookieChoiceId};
use seloste_domain::language::Language;
use seloste_domain::notice::{CookieUse, Notice};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::StoreError;
use seloste_store::cookie::{self as rows, NewEvent, Told};
use seloste_store::log::Act;

pub use self::staff::{Overview, Proof, ProofEvent, Week, overview, proof, set, setting};
use crate::error::{OpsError, Result};
use crate::register::{Register, local_date, start_of};

/// A web service, as the log names who acts for its visitors.
const WEB_SERVICE: Actor = Actor::Program("web_service");
/// The runner, as the log names it.
const RUNNER: Actor = Actor::Program("cookie");
/// Choices ended in one transaction.
const AT_ONCE: i64 = 200;

/// The web service that a request comes from: it was found to be one of the company's.
#[derive(Clone, Debug)]
pub struct Site {
    setting: CookieSetting,
    origin: String,
}

/// The web service of a company with this origin.
///
/// # Errors
/// There is no such company in the notice, or the origin is none of its web services: [`CookieRefused::Origin`].
pub fn site(register: &Register, company: &str, origin: &str) -> Result<Site> {
    let company = company_of(&*register.notice()?, company)?.0;
    let setting = register.db().look(|tx| rows::setting(tx, &company))?;
    if !setting.has_origin(origin) {
        return Err(CookieRefused::Origin.into());
    }
    Ok(Site { setting, origin: origin.to_owned() })
}

fn company_of(notice: &Notice, company: &str) -> Result<(CompanyId, String)> {
    let found = notice.companies().iter().find(|known| known.id.as_str() == company);
    let found = found.ok_or(StoreError::NotFound("company"))?;
    Ok((found.id.clone(), found.name.clone()))
}

/// What the web services of a company ask, in a language. No use is asked about when the notice declares none.
///
/// # Errors
/// There is no such company in the notice.
pub fn wording(register: &Register, company: &str, language: Language) -> Result<Wording> {
    let notice = register.notice()?;
    let (_, name) = company_of(&notice, company)?;
    Ok(Wording::new(&name, &cookie::asked(&notice), language))
}

/// A choice that was kept, with the number of its visitor, which is told once and kept nowhere.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The visitor's number.
    pub visitor: String,
    /// The choice.
    pub choice: CookieChoice,
}

/// Keeps what a visitor allows. What they allowed before, by the number that they had, ends with its events.
///
/// # Errors
/// [`OpsError::Cookie`], when it can not be chosen so.
pub fn choose(register: &Register, site: &Site, draft: &ChoiceDraft, before: Option<&str>) -> Result<Chosen> {
    let notice = register.notice()?;
    let asked = cookie::asked(&notice);
    let (uses, way) = draft.decide(&asked)?;
    let (_, name) = company_of(&notice, site.setting.company.as_str())?;
    let shown = Language::ALL.into_iter().map(|language| Wording::new(&name, &asked, language));
    let wording = shown.into_iter().find(|words| words.version() == draft.text).ok_or(CookieRefused::OtherText)?;
    let usage = within(register, &WEB_SERVICE, Action::CookieChoose, &site.setting.company)?;
    let env = register.db().env();
    let (visitor, given_at) = (cookie::visitor(env.bytes()), usage.at());
    let choice = CookieChoice {
        id: CookieChoiceId(env.id()),
        company: site.setting.company.clone(),
        origin: site.origin.clone(),
        text: draft.text.clone(),
        way,
        despite_signal: draft.has_signal,
        uses,
        given_at,
        expires_at: start_of(cookie::last_day(local_date(given_at), site.setting.months)),
        ended: None,
    };
    let (new, hash, before) = (choice.clone(), visitor_hash(&visitor), before.map(visitor_hash));
    register.db().write(&usage, move |w| {
        let tx = &mut w.plain().tx();
        let old = match &before {
            Some(hash) => rows::of(tx, hash)?.filter(|old| old.ended.is_none() && old.company == new.company),
            None => None,
        };
        if let Some(old) = &old {
            rows::end(tx, old.id, ChoiceEnd::Replaced, new.given_at)?;
        }
        rows::keep_text(tx, &new.text, wording.language, &wording.shown(), new.given_at)?;
        rows::insert(tx, &new, &hash)?;
        let objects = std::iter::once(new.id).chain(old.map(|old| old.id)).map(object).collect();
        w.log(Act { objects, fields: allowed(&new), ..Act::default() })
    })?;
    Ok(Chosen { visitor, choice })
}

fn object(id: CookieChoiceId) -> String {
    format!("cookie_choice:{id}")
}

fn allowed(choice: &CookieChoice) -> Vec<String> {
    choice.uses.iter().filter(|(_, accepted)| *accepted).map(|(cookie, _)| cookie.as_str().to_owned()).collect()
}

/// A use for one company.
fn within(register: &Register, actor: &Actor, action: Action, company: &CompanyId) -> Result<Use> {
    let usage = register.authorize(actor, action)?;
    Ok(usage.within(company).ok_or(StoreError::NotFound("company"))?)
}

/// Takes back what a visitor allowed: every event under it goes in the same transaction. An unknown number changes nothing, and
/// the answer is the same.
///
/// # Errors
/// The database can not be written.
pub fn withdraw(register: &Register, site: &Site, visitor: &str) -> Result<()> {
    let hash = visitor_hash(visitor);
    let is_theirs =
        move |choice: &CookieChoice, company: &CompanyId| choice.ended.is_none() && choice.company == *company;
    let company = site.setting.company.clone();
    if !register.db().look(|tx| rows::of(tx, &hash))?.is_some_and(|choice| is_theirs(&choice, &company)) {
        return Ok(());
    }
    let usage = within(register, &WEB_SERVICE, Action::CookieWithdraw, &company)?;
    let at = usage.at();
    register.db().write(&usage, move |w| {
        let tx = &mut w.plain().tx();
        let Some(choice) = rows::of(tx, &hash)?.filter(|choice| is_theirs(choice, &company)) else { return Ok(()) };
        // A clock that was set back does not keep anybody from taking back.
        rows::end(tx, choice.id, ChoiceEnd::Withdrawn, at)?;
        w.log(Act { objects: vec![object(choice.id)], fields: allowed(&choice), ..Act::default() })
    })?;
    Ok(())
}

/// Keeps an event, if a choice of the visitor covers what it needs at this moment.
///
/// # Errors
/// The path can not be kept; the notice declares no such use; or [`CookieRefused::NotCovered`], [`CookieRefused::Full`].
pub fn tell(register: &Register, site: &Site, visitor: &str, kind: EventKind, path: &str) -> Result<()> {
    let path = cookie::path(path).ok_or_else(|| FieldErrors::from(FieldError::new("path", code::PATH_INVALID)))?;
    if !cookie::asked(&*register.notice()?).contains(&kind.needs()) {
        return Err(CookieRefused::Undeclared.into());
    }
    let action = if kind.needs() == CookieUse::Statistics { Action::CookieCount } else { Action::CookieTarget };
    let usage = within(register, &WEB_SERVICE, action, &site.setting.company)?;
    let event = NewEvent {
        id: register.db().env().id(),
        visitor: visitor_hash(visitor),
        company: site.setting.company.clone(),
        origin: site.origin.clone(),
        kind,
        path,
        at: usage.at(),
    };
    match register.db().write(&usage, move |w| rows::add_event(&mut w.plain().tx(), &event))? {
        Told::Kept => Ok(()),
        Told::NotCovered => Err(CookieRefused::NotCovered.into()),
        Told::Full => Err(CookieRefused::Full.into()),
    }
}

/// Ends the choices whose time is over and the uses that the notice declares no longer, with their events, and forgets the proof of
/// those that ended long ago; how many choices it ended.
///
/// # Errors
/// The database can not be read or written.
pub fn end_due(register: &Register) -> Result<usize> {
    let (now, asked) = (register.now(), cookie::asked(&*register.notice()?));
    let mut count = 0;
    loop {
        let due = register.db().look(|tx| rows::expired(tx, now, AT_ONCE))?;
        if due.is_empty() {
            break;
        }
        count += due.len();
        let usage = register.authorize(&RUNNER, Action::CookieExpire)?;
        register.db().write(&usage, move |w| {
            let tx = &mut w.plain().tx();
            due.iter().try_for_each(|id| rows::end(tx, *id, ChoiceEnd::Expired, now))?;
            w.log(Act { objects: due.iter().copied().map(object).collect(), ..Act::default() })
        })?;
    }
    let undeclared = CookieUse::ALL.iter().copied().filter(|cookie| !asked.contains(cookie));
    for cookie in undeclared {
        if register.db().look(|tx| rows::is_used(tx, cookie))? {
            let usage = register.authorize(&RUNNER, Action::CookieExpire)?;
            register.db().write(&usage, move |w| {
                rows::end_use(&mut w.plain().tx(), cookie)?;
                w.log(Act { fields: vec![cookie.as_str().to_owned()], ..Act::default() })
            })?;
        }
    }
    let before = proof_ends(now);
    if register.db().look(|tx| rows::is_forgettable(tx, before))? {
        register.db().write_plain(move |plain| rows::forget(&mut plain.tx(), before))?;
    }
    Ok(count)
}

/// Choices that ended before this moment are proven no longer.
fn proof_ends(now: Timestamp) -> Timestamp {
    let months = i32::try_from(PROOF_MONTHS).unwrap_or(0);
    start_of(seloste_domain::deadline::months_after(local_date(now), -months))
}

/// Ends what is due again and again until `stopping` says so: for a thread beside the server.
pub fn run(register: &Register, every: SignedDuration, stopping: impl Fn() -> bool) {
    let every = Duration::try_from(every).unwrap_or(Duration::from_secs(60));
    let mut waited = every;
    while !stopping() {
        if waited >= every {
            waited = Duration::ZERO;
            if let Err(error) = end_due(register) {
                tracing::warn!(%error, "cookie choices whose time is over could not be ended");
            }
        }
        let pause = Duration::from_millis(250);
        std::thread::sleep(pause);
        waited += pause;
    }
}

impl From<CookieRefused> for OpsError {
    fn from(refused: CookieRefused) -> Self {
        Self::Cookie(refused)
    }
}

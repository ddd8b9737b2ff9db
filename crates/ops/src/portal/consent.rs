//! A person's own consents: one switch each, off until they turn it on.

use seloste_domain::consent::{Channel, ConsentWay, GivenBy, Matter, barred, end_of, matters, opens, wording};
use seloste_domain::language::Language;
use seloste_domain::prohibition::Way;
use seloste_domain::rights::Action;
use seloste_store::consent::{self, NewConsent};
use seloste_store::party::Noun;
use seloste_store::prohibition::{self, NewProhibition};
use seloste_store::{Access as _, StoreError, Writing};

use super::{Visitor, usage};
use crate::consent::{ConsentRefused, Consents, mark, object, read};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;

/// What they can consent to, have consented to, and how each stands.
///
/// # Errors
/// They are not there any more.
pub fn consents(register: &Register, who: &Visitor, language: Language) -> Result<Consents> {
    let usage = usage(register, who, Action::PortalShow)?;
    let notice = register.notice()?;
    let found = register.db().read(&usage, |r| read(r, &notice, who.person, language));
    not_found_is_logged(register, &who.actor, Action::PortalShow, &object(who.person), found)
}

/// Consents to a matter, in the wording of a language that has the mark `shown`. What they have forbidden stands until they say (`lifts`) that it
/// is to be lifted, having been asked; then the one channel is opened, and what else was forbidden with it stays so.
///
/// # Errors
/// They are not there any more, nobody asks for such a consent, or they have forbidden it: [`ConsentRefused::Forbidden`].
pub fn consent(
    register: &Register,
    who: &Visitor,
    matter: &Matter,
    (language, shown): (Language, &str),
    lifts: bool,
) -> Result<()> {
    let usage = usage(register, who, Action::PortalConsent)?;
    let (notice, person, matter, shown) = (register.notice()?, who.person, matter.clone(), shown.to_owned());
    let given = register.db().write(&usage, move |w| {
        let (companies, marks) = consent::about(w, person)?;
        let text =
            matters(&notice, &companies).contains(&matter).then(|| wording(&notice, &matter, language)).flatten();
        let text = text.ok_or(StoreError::NotFound("consent"))?;
        if mark(&text) != shown {
            return Err(OpsError::from(ConsentRefused::Reworded).into_store());
        }
        match barred(marks.prohibitions, matter.channel) {
            Some(kind) if !lifts => return Err(OpsError::from(ConsentRefused::Forbidden(kind)).into_store()),
            Some(_) => open(w, person, matter.channel)?,
            None => {}
        }
        let given_at = w.usage().at();
        let new = NewConsent {
            matter: matter.clone(),
            text: text.text(),
            language,
            way: ConsentWay::Portal,
            given_by: GivenBy::Person,
            given_at,
            expires_at: end_of(given_at),
            evidence: None,
        };
        consent::give(w, person, &[new]).map(drop)
    });
    given.map_err(OpsError::from_store)
}

fn open(w: &mut Writing<'_, '_>, person: seloste_domain::id::PersonId, channel: Channel) -> Result<(), StoreError> {
    let all = prohibition::of(w, Noun::Person, person.into())?;
    let now = w.usage().at();
    let held = all.iter().filter(|one| one.holds_at(now)).map(|one| one.kind).collect();
    let (set, lifted) = opens(held, channel);
    if !set.is_empty() {
        let new = NewProhibition { kinds: set, way: Way::Portal, note: String::new(), list: None, expires_at: None };
        prohibition::set(w, Noun::Person, person.into(), &new)?;
    }
    for one in all.iter().filter(|one| one.lifted.is_none() && lifted.has(one.kind)) {
        prohibition::lift(w, Noun::Person, one, (Some(Way::Portal), ""))?;
    }
    Ok(())
}

/// Withdraws their consent to a matter, whoever entered it. Nothing to withdraw: nothing happens.
///
/// # Errors
/// They are not there any more.
pub fn withdraw(register: &Register, who: &Visitor, matter: &Matter) -> Result<()> {
    let usage = usage(register, who, Action::PortalConsent)?;
    let (person, matter) = (who.person, matter.clone());
    let ended =
        register.db().write(&usage, move |w| consent::withdraw(w, person, &matter, ConsentWay::Portal).map(drop));
    ended.map_err(OpsError::from_store)
}

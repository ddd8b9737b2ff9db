//! What people have consented to: entered with what shows it, withdrawn in one move, and asked whenever something is made that
//! needs it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
pub use seloste_domain::consent::{
    Channel, Consent, ConsentDraft, ConsentWay, GivenBy, LIFE_MONTHS, Matter, ValidConsent, Withdrawn, Wording,
};
use seloste_domain::consent::{barred, end_of, in_force, matters, wording};
pub use seloste_domain::existing_customer::{ExistingCustomer, NotExisting, SaleDraft};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, PersonId, PurposeId};
use seloste_domain::language::Language;
use seloste_domain::notice::Notice;
use seloste_domain::prohibition::{Marks, ProhibitionKind};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Activity, Actor, Use};
use seloste_store::consent::{self, NewConsent};
use seloste_store::existing_customer::{self, NewSale};
use seloste_store::log::Act;
use seloste_store::{Access, StoreError};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::{Register, local_date, start_of};

/// People who are looked at at a time, when those are counted who may be reached.
const AT_ONCE: usize = 500;
/// How often they are counted anew because somebody withdrew meanwhile.
const TRIES: u32 = 5;

/// Why a consent can not be given so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentRefused {
    /// The person has forbidden it: a consent does not lift that silently.
    #[error("it is forbidden ({0}); the person lifts that themself, knowing that they do")]
    Forbidden(ProhibitionKind),
    /// The wording that was read is not the one that is in force.
    #[error("the wording has changed since it was read")]
    Reworded,
}

/// By what a wording is known again that somebody has read.
#[must_use]
pub fn mark(wording: &Wording) -> String {
    hex::encode(&Sha256::digest(wording.text().as_bytes())[..16])
}

/// How a matter stands, now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The person has forbidden it, which beats everything else.
    Forbidden(ProhibitionKind),
    /// There is a consent, until then.
    Consented(Timestamp),
    /// The exception of existing customers lets write without one, until that day.
    Existing(Date),
    /// The consent was withdrawn.
    Withdrawn(Timestamp),
    /// The consent has run out.
    Expired(Timestamp),
    /// There never was one.
    Never,
}

/// Something that a person can be asked to consent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What.
    pub matter: Matter,
    /// The wording, as it is asked today.
    pub wording: Wording,
    /// How it stands.
    pub standing: Standing,
}

/// All about a person's consents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consents {
    /// What can be asked, in the order of the notice.
    pub asked: Vec<Asked>,
    /// All that was ever given, the newest first.
    pub all: Vec<Consent>,
    /// What was noted of sales, each with the day until which the exception holds, or why it does not.
    pub sales: Vec<(ExistingCustomer, Result<Date, NotExisting>)>,
}

/// All about a person's consents. `language`: that of the wordings.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn of(register: &Register, actor: &Actor, person: PersonId, language: Language) -> Result<Consents> {
    let usage = register.authorize(actor, Action::ConsentList)?;
    let notice = register.notice()?;
    let found = register.db().read(&usage, |r| read(r, &notice, person, language));
    not_found_is_logged(register, actor, Action::ConsentList, &object(person), found)
}

pub(crate) fn object(person: PersonId) -> String {
    format!("person:{person}")
}

pub(crate) fn read(
    access: &mut impl Access,
    notice: &Notice,
    person: PersonId,
    language: Language,
) -> Result<Consents, StoreError> {
    let (companies, marks) = consent::about(access, person)?;
    let (all, sales) = (consent::of(access, person)?, existing_customer::of(access, person)?);
    let now = access.usage().at();
    let sales: Vec<_> = sales
        .into_iter()
        .map(|sale| {
            let holds = match barred(marks.prohibitions, sale.channel) {
                Some(_) => Err(NotExisting::Forbidden),
                None => sale.sale.holds_until(withdrawn_from(&all, &sale), local_date(now)),
            };
            (sale, holds)
        })
        .collect();
    let mut asked = Vec::new();
    for matter in matters(notice, &companies) {
        let Some(wording) = wording(notice, &matter, language) else { continue };
        let standing = standing(&matter, marks, &all, &sales, notice, now);
        asked.push(Asked { matter, wording, standing });
    }
    Ok(Consents { asked, all, sales })
}

fn markets(notice: &Notice, purpose: &PurposeId) -> bool {
    notice.purpose(purpose).is_some_and(|purpose| purpose.activities.contains(&Activity::Marketing))
}

/// When a consent to the company and the channel of a sale was last withdrawn, whatever the notice called the purpose then.
fn withdrawn_from(all: &[Consent], sale: &ExistingCustomer) -> Option<Timestamp> {
    let of_sale = |one: &&Consent| one.matter.company == sale.company && one.matter.channel == sale.channel;
    all.iter().filter(of_sale).filter_map(Consent::withdrawn_at).max()
}

fn standing(
    matter: &Matter,
    marks: Marks,
    all: &[Consent],
    sales: &[(ExistingCustomer, Result<Date, NotExisting>)],
    notice: &Notice,
    now: Timestamp,
) -> Standing {
    if let Some(kind) = barred(marks.prohibitions, matter.channel) {
        return Standing::Forbidden(kind);
    }
    if let Some(until) = in_force(all, matter, now) {
        return Standing::Consented(until);
    }
    let existing = sales.iter().filter(|(sale, _)| {
        sale.company == matter.company && sale.channel == matter.channel && markets(notice, &matter.purpose)
    });
    if let Some(until) = existing.filter_map(|(_, holds)| holds.as_ref().ok()).max() {
        return Standing::Existing(*until);
    }
    let own = || all.iter().filter(|one| one.matter == *matter);
    let withdrawn = own().filter_map(Consent::withdrawn_at).max();
    let ended = own().filter(|one| one.withdrawn.is_none()).map(|one| one.expires_at);
    let expired = ended.filter(|end| *end <= now).max();
    match (withdrawn, expired) {
        (Some(at), expired) if expired.is_none_or(|end| end < at) => Standing::Withdrawn(at),
        (_, Some(at)) => Standing::Expired(at),
        (_, None) => Standing::Never,
    }
}

/// Enters a consent that somebody gave outside of the portal.
///
/// # Errors
/// The actor may not, there is no such person within their companies, a field is wrong, nothing shows the consent, or the person
/// has forbidden it or withdrawn a consent since.
pub fn give(
    register: &Register,
    actor: &Actor,
    person: PersonId,
    draft: &ConsentDraft,
    language: Language,
) -> Result<Vec<Matter>> {
    let usage = register.authorize(actor, Action::ConsentGive)?;
    let (notice, today, draft) = (register.notice()?, register.today(), draft.clone());
    let given = register.db().write(&usage, move |w| {
        let (companies, marks) = consent::about(w, person)?;
        let asked = matters(&notice, &companies);
        let valid = draft.validate(&asked, today).map_err(|errors| OpsError::from(errors).into_store())?;
        let given_at = valid.given_on.map_or_else(|| w.usage().at(), start_of);
        may_give(&valid, marks, &consent::of(w, person)?, given_at)
            .map_err(|error| OpsError::from(FieldErrors::from(error)).into_store())?;
        let new = |matter: &Matter| NewConsent {
            matter: matter.clone(),
            text: wording(&notice, matter, language).map(|wording| wording.text()).unwrap_or_default(),
            language,
            way: valid.way,
            given_by: valid.given_by,
            given_at,
            expires_at: end_of(given_at),
            evidence: Some(valid.evidence.clone()),
        };
        let all: Vec<NewConsent> = valid.matters.iter().map(new).collect();
        consent::give(w, person, &all)?;
        Ok(valid.matters.clone())
    });
    not_found_is_logged(register, actor, Action::ConsentGive, &object(person), given)
}

/// A prohibition beats a consent that others enter, and a consent of a day before the withdrawal is no new word.
fn may_give(valid: &ValidConsent, marks: Marks, all: &[Consent], given_at: Timestamp) -> Result<(), FieldError> {
    for matter in &valid.matters {
        if barred(marks.prohibitions, matter.channel).is_some() {
            return Err(FieldError::new("matters", code::CONSENT_FORBIDDEN));
        }
        let withdrawn = all.iter().filter(|one| one.matter == *matter).filter_map(Consent::withdrawn_at).max();
        if withdrawn.is_some_and(|at| given_at <= at) {
            return Err(FieldError::new("given_on", code::CONSENT_WITHDRAWN_SINCE));
        }
    }
    Ok(())
}

/// Withdraws what a person has consented to in a matter; whether there was anything. From the commit on nothing is made under it.
///
/// # Errors
/// The actor may not, there is no such person within their companies, or it is no way by which staff hear of it.
pub fn withdraw(register: &Register, actor: &Actor, person: PersonId, matter: &Matter, way: &str) -> Result<bool> {
    let usage = register.authorize(actor, Action::ConsentWithdraw)?;
    let way = ConsentWay::ENTERED.into_iter().find(|one| one.as_str() == way);
    let way = way.ok_or_else(|| FieldErrors::from(FieldError::new("way", code::CHOICE_UNKNOWN)))?;
    let matter = matter.clone();
    let ended = register.db().write(&usage, move |w| consent::withdraw(w, person, &matter, way));
    not_found_is_logged(register, actor, Action::ConsentWithdraw, &object(person), ended).map(|count| count > 0)
}

/// Notes of a sale that the customer's address was obtained in connection with it, and that they were told that they may forbid
/// marketing: what the exception of existing customers is counted of.
///
/// # Errors
/// The actor may not, there is no such person within their companies, or a field is wrong: the order is not theirs, or they have
/// no address by the channel.
pub fn note_sale(register: &Register, actor: &Actor, person: PersonId, draft: &SaleDraft) -> Result<()> {
    let usage = register.authorize(actor, Action::ConsentGive)?;
    let today = register.today();
    let valid = draft.validate(today)?;
    let noted = register.db().write(&usage, move |w| {
        let wrong = |field: &str, what| OpsError::from(FieldErrors::from(FieldError::new(field, what))).into_store();
        consent::about(w, person)?;
        let sold = existing_customer::sold(w, person, valid.order)?;
        let (company, ordered_on) = sold.ok_or_else(|| wrong("order", code::CHOICE_UNKNOWN))?;
        let told_on = valid.told_on.unwrap_or(today);
        if told_on < ordered_on {
            return Err(wrong("told_on", code::DATE_ORDER));
        }
        let value = existing_customer::address(w, person, valid.channel)?;
        let new = NewSale {
            company,
            channel: valid.channel,
            order: valid.order,
            value: value.ok_or_else(|| wrong("channel", code::CONSENT_NO_ADDRESS))?,
            told_on,
            evidence: valid.evidence.clone(),
        };
        existing_customer::note(w, person, &new)
    });
    not_found_is_logged(register, actor, Action::ConsentGive, &object(person), noted)
}

/// The orders of a person that a sale can be noted of, the newest first: id, number and day.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn orders(
    register: &Register,
    actor: &Actor,
    person: PersonId,
) -> Result<Vec<(seloste_domain::id::OrderId, String, Date)>> {
    let usage = register.authorize(actor, Action::ConsentGive)?;
    let found = register.db().read(&usage, |r| {
        consent::about(r, person)?;
        existing_customer::orders(r, person)
    });
    not_found_is_logged(register, actor, Action::ConsentGive, &object(person), found)
}

/// Consents that staff entered of which a sample is drawn: those of so many days.
pub const REVIEWED: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 90);
/// How many are looked at in one sample.
const SAMPLE: usize = 20;
/// Of how many of the newest it is drawn at most.
const DRAWN_FROM: i64 = 50_000;

/// A sample of what staff entered lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// The consents, the newest first, each with its person's name.
    pub sample: Vec<(Consent, String)>,
    /// How many it was drawn of.
    pub of: usize,
}

/// A sample of the consents that staff entered in the last [`REVIEWED`] days, drawn anew each time, with what shows each: somebody who
/// enters consents that nobody gave does not know which will be looked at. The log notes whose were shown.
///
/// # Errors
/// The actor may not, or the database can not be read.
pub fn review(register: &Register, actor: &Actor) -> Result<Review> {
    let usage = register.authorize(actor, Action::ConsentReview)?;
    let (since, env) = (register.now() - REVIEWED, register.db().env().clone());
    let found = register.db().read(&usage, |r| {
        let mut ids = consent::entered_since(r, since, DRAWN_FROM)?;
        let of = ids.len();
        // A shuffle (Fisher and Yates) as far as it is needed: whom the use does not see is left out.
        let mut sample = Vec::new();
        for at in 0..of {
            if sample.len() == SAMPLE {
                break;
            }
            let random = usize::try_from(u64::from_be_bytes(env.bytes()) % (of - at) as u64).unwrap_or_default();
            ids.swap(at, at + random);
            let drawn = consent::with_person(r, ids[at])?;
            sample.extend(drawn.map(|(consent, person)| (consent, person.display_name())));
        }
        sample.sort_by_key(|(consent, _)| std::cmp::Reverse(consent.id));
        Ok(Review { sample, of })
    });
    found.map_err(OpsError::from_store)
}

/// By whom, for what and by what channel people are to be reached.
#[derive(Clone, Debug)]
pub struct Target {
    /// The company in whose name.
    pub company: CompanyId,
    /// For which of the notice's purposes.
    pub purpose: PurposeId,
    /// By which channel.
    pub channel: Channel,
}

/// The natural persons who may be reached for direct marketing by a channel at this moment: with a consent to it, or under the
/// exception of existing customers; never who forbade it, who withdrew, or whose processing is restricted. Those who are
/// approached for an organisation ask for no consent (section 202) and are not counted here. Ids only: what is sent is queued
/// person by person, and asked anew when it leaves.
///
/// # Errors
/// The actor may not, the company is not theirs, or the purpose is not one of marketing.
pub fn reach(register: &Register, actor: &Actor, target: &Target) -> Result<Vec<PersonId>> {
    let usage = register.authorize_for(actor, Action::ConsentReach, &target.purpose)?;
    if !usage.markets() || !markets(&*register.notice()?, &target.purpose) {
        return Err(FieldErrors::from(FieldError::new("purpose", code::CHOICE_UNKNOWN)).into());
    }
    let wrong = || FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN));
    let usage = usage.within(&target.company).ok_or_else(wrong)?;
    let mut tries = 0;
    loop {
        tries += 1;
        let found = reachable(register, &usage, target)?;
        if end(register, &usage, target.channel, &found)? || tries == TRIES {
            return Ok(found);
        }
    }
}

fn reachable(register: &Register, usage: &Use, target: &Target) -> Result<Vec<PersonId>> {
    let id = register.db().env().id();
    register.db().write(usage, move |w| w.log(Act::on(format!("list:{id}"))))?;
    let (mut after, mut found) = (Uuid::nil(), Vec::new());
    loop {
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let at = (&target.company, target.channel);
        let (last, part) = register.db().read(usage, |r| {
            let candidates = consent::candidates(r, at, after, limit)?;
            Ok((candidates.last().copied(), consent::reachable(r, target.channel, &candidates)?))
        })?;
        found.extend(part.into_iter().map(PersonId));
        match last {
            Some(last) => after = last,
            None => return Ok(found),
        }
    }
}

/// Ends a list: false when somebody on it has withdrawn or forbidden it meanwhile.
fn end(register: &Register, usage: &Use, channel: Channel, found: &[PersonId]) -> Result<bool> {
    let ids: Vec<Uuid> = found.iter().map(|id| id.0).collect();
    Ok(register.db().write(usage, move |w| {
        let still: BTreeSet<Uuid> = consent::reachable(w, channel, &ids)?.into_iter().collect();
        if still.len() != ids.len() {
            return Ok(false);
        }
        w.log(Act { objects: vec![format!("rows:{}", ids.len())], ..Act::default() })?;
        Ok(true)
    })?)
}

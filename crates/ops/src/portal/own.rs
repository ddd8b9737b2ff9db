//! What a person sees of themself. Each reading is logged as theirs, under the purpose that covers the rights of the person.

use std::collections::BTreeMap;

use seloste_domain::id::{InvoiceId, MailId, OrderId, PersonId};
use seloste_domain::log::{Event, Outcome};
use seloste_domain::mail::Letter;
use seloste_domain::person::Person;
use seloste_domain::prohibition::{Prohibition, ProhibitionKind, Prohibitions, Way};
use seloste_domain::proposal::{Proposal, State};
use seloste_domain::restriction::Restriction;
use seloste_domain::rights::Action;
use seloste_store::disclosure::Disclosure;
use seloste_store::invoice::{Content, Invoice};
use seloste_store::mail::Mail;
use seloste_store::order::Listed;
use seloste_store::party::Noun;
use seloste_store::prohibition::{self, NewProhibition};
use seloste_store::{Reading, StoreError};

use super::{Visitor, usage};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::{Register, local_date};

/// Orders, invoices, disclosures and messages that are shown at most.
const SHOWN: i64 = 500;
/// Events of the log that are counted for the page of uses.
const EVENTS: usize = 2_000;

/// What a person sees first.
#[derive(Clone, Debug)]
pub struct Own {
    /// The person, with all values.
    pub person: Person,
    /// Restrictions of the processing of their data that are in force.
    pub restrictions: Vec<Restriction>,
}

fn read<T>(
    register: &Register,
    who: &Visitor,
    object: &str,
    read: impl FnOnce(&mut Reading<'_>, PersonId) -> Result<T, StoreError>,
) -> Result<T> {
    let usage = usage(register, who, Action::PortalShow)?;
    let found = register.db().read(&usage, |r| read(r, who.person));
    not_found_is_logged(register, &who.actor, Action::PortalShow, object, found)
}

/// A person's own data.
///
/// # Errors
/// They are not there any more.
pub fn show(register: &Register, who: &Visitor) -> Result<Own> {
    read(register, who, "portal", |r, id| {
        let person = seloste_store::person::get(r, id)?;
        let mut restrictions = seloste_store::restriction::of(r, Noun::Person, id.into())?;
        restrictions.retain(|restriction| restriction.lifted.is_none());
        Ok(Own { person, restrictions })
    })
}

/// What they proposed and staff have not decided.
///
/// # Errors
/// They are not there any more.
pub fn proposals(register: &Register, who: &Visitor) -> Result<Vec<Proposal>> {
    read(register, who, "proposals", |r, id| {
        let filter =
            seloste_store::proposal::Filter { state: State::Waiting, party: Some(id.into()), ..Default::default() };
        seloste_store::proposal::list(r, &filter, None, 50)
    })
}

/// Their orders, the newest first, archived ones too.
///
/// # Errors
/// They are not there any more.
pub fn orders(register: &Register, who: &Visitor) -> Result<Vec<Listed>> {
    let limit = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    read(register, who, "orders", |r, id| {
        let filter = seloste_store::order::Filter { person: Some(id), archived: true, ..Default::default() };
        seloste_store::order::newest(r, &filter, limit)
    })
}

/// One of their orders.
///
/// # Errors
/// They have none of this id.
pub fn order(register: &Register, who: &Visitor, id: OrderId) -> Result<seloste_domain::order::Order> {
    read(register, who, &format!("order:{id}"), |r, _| seloste_store::order::get(r, id))
}

/// Their invoices, the newest first; drafts are not sent to anybody yet.
///
/// # Errors
/// They are not there any more.
pub fn invoices(register: &Register, who: &Visitor) -> Result<Vec<Invoice>> {
    let today = register.today();
    read(register, who, "invoices", |r, id| {
        let filter = seloste_store::invoice::Filter { person: Some(id), ..Default::default() };
        let mut found = seloste_store::invoice::page(r, &filter, today, SHOWN)?;
        found.retain(|invoice| !matches!(invoice.content, Content::Draft(_)));
        Ok(found)
    })
}

/// One of their invoices.
///
/// # Errors
/// They have none of this id that was sent.
pub fn invoice(register: &Register, who: &Visitor, id: InvoiceId) -> Result<Invoice> {
    read(register, who, &format!("invoice:{id}"), |r, _| {
        let invoice = seloste_store::invoice::get(r, id)?;
        match &invoice.content {
            Content::Draft(_) => Err(StoreError::NotFound("invoice")),
            _ => Ok(invoice),
        }
    })
}

/// What of theirs was disclosed, to whom and when, the newest first.
///
/// # Errors
/// They are not there any more.
pub fn recipients(register: &Register, who: &Visitor) -> Result<Vec<Disclosure>> {
    read(register, who, "disclosures", |r, id| seloste_store::disclosure::of_party(r, id.into(), SHOWN))
}

/// The messages that were sent to them, the newest first. Of one that lets its reader in, what it said is not shown.
///
/// # Errors
/// They are not there any more, or a message can not be opened.
pub fn messages(register: &Register, who: &Visitor) -> Result<Vec<(Mail, Letter)>> {
    let limit = usize::try_from(SHOWN).unwrap_or(usize::MAX);
    let found = read(register, who, "messages", |r, id| seloste_store::portal::messages(r, id, limit))?;
    Ok(found.into_iter().map(|(mail, letter)| without_secret(mail, letter)).collect())
}

/// One message that was sent to them.
///
/// # Errors
/// They have none of this id.
pub fn message(register: &Register, who: &Visitor, id: MailId) -> Result<(Mail, Letter)> {
    let (mail, letter) = read(register, who, &format!("mail:{id}"), |r, _| seloste_store::mail::get(r, id))?;
    Ok(without_secret(mail, letter))
}

/// A message without what lets its reader in.
pub(crate) fn without_secret(mail: Mail, letter: Letter) -> (Mail, Letter) {
    let body = if mail.template.holds_secret() { String::new() } else { letter.body };
    (mail, Letter { body, ..letter })
}

/// When and for what a person's data was used, without the names of those who used it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Used {
    /// The day, in Finland.
    pub day: jiff::civil::Date,
    /// The purpose, as the notice names it.
    pub purpose: String,
    /// Who, by sort: `staff`, `program`, `partner` or `self`.
    pub by: &'static str,
    /// Whether something was changed.
    pub changed: bool,
    /// Names of the kinds of data.
    pub fields: Vec<String>,
    /// How many times on that day.
    pub times: i64,
}

/// When and for what their data was used: by day, purpose and sort of user, the newest day first. Members of staff are not
/// named (CJEU C-579/21): what was done is.
///
/// # Errors
/// They are not there any more.
pub fn uses(register: &Register, who: &Visitor) -> Result<Vec<Used>> {
    show(register, who)?;
    let usage = usage(register, who, Action::PortalShow)?;
    let subject = who.person.0;
    let events = register.db().look(|tx| seloste_store::log::entries_of(tx, subject, EVENTS))?;
    register.db().append_use(&usage, vec![subject])?;
    let mut by_day: BTreeMap<Key, (Vec<String>, i64)> = BTreeMap::new();
    for event in events {
        let (Some(key), fields) = (key_of(&event), event.fields.clone()) else { continue };
        let (known, times) = by_day.entry(key).or_default();
        known.extend(fields.into_iter().filter(|field| field.parse::<seloste_domain::kind::Kind>().is_ok()));
        known.sort_unstable();
        known.dedup();
        *times += 1;
    }
    let rows = by_day.into_iter().rev().map(|((day, purpose, by, changed), (fields, times))| Used {
        day,
        purpose,
        by,
        changed,
        fields,
        times,
    });
    Ok(rows.collect())
}

type Key = (jiff::civil::Date, String, &'static str, bool);

fn key_of(event: &Event) -> Option<Key> {
    let purpose = event.purpose.clone()?;
    let day = local_date(jiff::Timestamp::from_microsecond(event.at).ok()?);
    let by = match event.actor.split(':').next() {
        Some("portal") => "self",
        Some("partner") => "partner",
        Some("program" | "import") => "program",
        _ => "staff",
    };
    Some((day, purpose, by, event.outcome == Outcome::Changed))
}

/// All that they have ever forbidden, the newest first.
///
/// # Errors
/// They are not there any more.
pub fn prohibitions(register: &Register, who: &Visitor) -> Result<Vec<Prohibition>> {
    read(register, who, "prohibitions", |r, id| prohibition::of(r, Noun::Person, id.into()))
}

/// Forbids something; it holds from the moment at which this returns.
///
/// # Errors
/// They are not there any more.
pub fn forbid(register: &Register, who: &Visitor, kind: ProhibitionKind) -> Result<()> {
    let usage = usage(register, who, Action::PortalProhibit)?;
    let person = who.person;
    let set = register.db().write(&usage, move |w| {
        let new = NewProhibition {
            kinds: Prohibitions::NONE.with(kind),
            way: Way::Portal,
            note: String::new(),
            list: None,
            expires_at: None,
        };
        prohibition::set(w, Noun::Person, person.into(), &new).map(drop)
    });
    set.map_err(OpsError::from_store)
}

/// Lifts what they have forbidden of a kind, whoever entered it: it is their own word. Nothing forbidden: nothing happens.
///
/// # Errors
/// They are not there any more.
pub fn lift(register: &Register, who: &Visitor, kind: ProhibitionKind) -> Result<()> {
    let usage = usage(register, who, Action::PortalProhibit)?;
    let person = who.person;
    let lifted = register.db().write(&usage, move |w| {
        for found in prohibition::of(w, Noun::Person, person.into())? {
            if found.kind == kind && found.lifted.is_none() {
                prohibition::lift(w, Noun::Person, &found, (Some(Way::Portal), ""))?;
            }
        }
        Ok(())
    });
    lifted.map_err(OpsError::from_store)
}

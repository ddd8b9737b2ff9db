//! What customers have forbidden: entered from any channel in one move, and lifted at their own word only.

use std::path::Path;

use seloste_domain::email::Email;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::ProhibitionId;
use seloste_domain::kind::Kind;
pub use seloste_domain::prohibition::{
    Lifted, Marks, Prohibition, ProhibitionDraft, ProhibitionKind, Prohibitions, ValidProhibition, Way,
};
use seloste_domain::restriction::needed;
use seloste_domain::rights::Action;
use seloste_domain::telephone::Telephone;
use seloste_domain::usage::{Actor, Use};
use seloste_domain::value::Value;
use seloste_store::log::Act;
use seloste_store::party::Noun;
use seloste_store::prohibition::{self, NewProhibition};
use seloste_store::{StoreError, Writing};
use uuid::Uuid;

use crate::error::{OpsError, Result};
use crate::list::List;
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::register::{Register, time_zone};

/// Entries of an opt-out list in one transaction.
const CHUNK: usize = 200;
/// Entries of an opt-out list at most.
pub const MOST: usize = 1_000_000;

/// Why a prohibition can not be changed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProhibitionRefused {
    /// Only the one who entered it can take it back, and only for a quarter of an hour.
    #[error("only a fresh entry of one's own can be taken back; later the customer's own word lifts it")]
    NotFresh,
}

impl Recipient {
    /// Person or organisation.
    #[must_use]
    pub const fn noun(self) -> Noun {
        match self {
            Self::Person(_) => Noun::Person,
            Self::Organisation(_) => Noun::Organisation,
        }
    }
}

/// All that a customer has ever forbidden, the newest first.
///
/// # Errors
/// The actor may not, or there is no such customer within their companies.
pub fn of(register: &Register, actor: &Actor, customer: Recipient) -> Result<Vec<Prohibition>> {
    let usage = register.authorize(actor, Action::ProhibitionList)?;
    let found = register.db().read(&usage, |r| prohibition::of(r, customer.noun(), customer.party()));
    not_found_is_logged(register, actor, Action::ProhibitionList, &customer.object(), found)
}

fn new(register: &Register, draft: &ProhibitionDraft) -> Result<NewProhibition> {
    let valid = draft.validate(register.today())?;
    let end = |day: jiff::civil::Date| {
        let next = day.tomorrow().unwrap_or(day).to_zoned(time_zone());
        next.map(|zoned| zoned.timestamp())
            .map_err(|_| FieldErrors::from(FieldError::new("expires_on", code::DATE_FAR)))
    };
    Ok(NewProhibition {
        kinds: valid.kinds,
        way: valid.way,
        note: valid.note,
        list: valid.list,
        expires_at: valid.expires_on.map(end).transpose()?,
    })
}

/// Enters what a customer forbids; what of it they had not forbidden already. It holds from the moment at which this returns.
///
/// # Errors
/// The actor may not, there is no such customer within their companies, or a field is wrong.
pub fn set(register: &Register, actor: &Actor, customer: Recipient, draft: &ProhibitionDraft) -> Result<Prohibitions> {
    let usage = register.authorize(actor, Action::ProhibitionSet)?;
    let new = new(register, draft)?;
    let set = register.db().write(&usage, move |w| prohibition::set(w, customer.noun(), customer.party(), &new));
    not_found_is_logged(register, actor, Action::ProhibitionSet, &customer.object(), set)
}

/// The customer's own word that lifts a prohibition.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// The name of the way by which they told it.
    pub way: String,
    /// What they said, or where it can be read.
    pub told: String,
}

/// Lifts a prohibition at the customer's own word.
///
/// # Errors
/// The actor may not, there is no such prohibition within their companies, or nothing is noted of what the customer said.
pub fn lift(register: &Register, actor: &Actor, customer: Recipient, id: ProhibitionId, word: &Word) -> Result<()> {
    let usage = register.authorize(actor, Action::ProhibitionLift)?;
    let mut errors = FieldErrors::default();
    let way = Way::OWN.into_iter().find(|way| way.as_str() == word.way);
    let way = errors.keep(way.ok_or_else(|| FieldError::new("way", code::CHOICE_UNKNOWN)));
    let told = errors.keep(needed("told", &word.told));
    let (Some(way), Some(told)) = (way, told) else { return Err(errors.into()) };
    let lifted = register.db().write(&usage, move |w| {
        let found = prohibition::open(w, customer.noun(), customer.party(), id)?;
        prohibition::lift(w, customer.noun(), &found, (Some(way), &told))
    });
    not_found_is_logged(register, actor, Action::ProhibitionLift, &customer.object(), lifted)
}

/// Takes back what the actor entered by a slip a moment ago.
///
/// # Errors
/// The actor may not, it is not theirs or not fresh, or there is no such prohibition within their companies.
pub fn take_back(register: &Register, actor: &Actor, customer: Recipient, id: ProhibitionId) -> Result<()> {
    let usage = register.authorize(actor, Action::ProhibitionSet)?;
    let taken = register.db().write(&usage, move |w| {
        let found = prohibition::open(w, customer.noun(), customer.party(), id)?;
        let (actor, now) = (seloste_store::Access::usage(w).actor().to_string(), seloste_store::Access::usage(w).at());
        if !found.is_fresh_for(&actor, now) {
            return Err(OpsError::from(ProhibitionRefused::NotFresh).into_store());
        }
        prohibition::lift(w, customer.noun(), &found, (None, ""))
    });
    not_found_is_logged(register, actor, Action::ProhibitionSet, &customer.object(), taken)
}

/// What an opt-out list did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// Entries of the list.
    pub entries: u64,
    /// Customers who have forbidden more by it.
    pub set: u64,
    /// Customers who had forbidden as much already.
    pub held: u64,
    /// Entries that are nobody of the register's: they are not kept.
    pub unknown: u64,
    /// Entries that are no telephone number and no e-mail address.
    pub unreadable: u64,
}

/// Enters the prohibitions of an opt-out list, whose entries are telephone numbers and e-mail addresses. It is about
/// everybody of the actor's companies who has one of them.
///
/// # Errors
/// The actor may not, a field of the draft is wrong, or there are more than [`MOST`] entries.
pub fn import_list(
    register: &Register,
    actor: &Actor,
    draft: &ProhibitionDraft,
    entries: &[String],
) -> Result<Imported> {
    let usage = register.authorize(actor, Action::ProhibitionImport)?;
    let new = new(register, &ProhibitionDraft { way: Way::OptOutList.as_str().into(), ..draft.clone() })?;
    if entries.len() > MOST {
        return Err(FieldErrors::from(FieldError::new("list", code::TOO_MANY).with("max", MOST)).into());
    }
    let mut all = Imported::default();
    for chunk in entries.chunks(CHUNK) {
        let (chunk, new) = (chunk.to_vec(), new.clone());
        let part = register.db().write(&usage, move |w| {
            let mut part = Imported::default();
            for entry in &chunk {
                one(w, entry, &new, &mut part)?;
            }
            Ok(part)
        })?;
        all.entries += part.entries;
        all.set += part.set;
        all.held += part.held;
        all.unknown += part.unknown;
        all.unreadable += part.unreadable;
    }
    Ok(all)
}

fn one(w: &mut Writing<'_, '_>, entry: &str, new: &NewProhibition, part: &mut Imported) -> Result<(), StoreError> {
    part.entries += 1;
    let value = if entry.contains('@') {
        Email::parse("entry", None, entry).ok().map(Value::Email)
    } else {
        Telephone::parse("entry", None, entry, "FI").ok().filter(|number| number.e164).map(Value::Telephone)
    };
    let Some((kind, key)) = value.and_then(|value| Some((value.kind(), value.match_key()?))) else {
        part.unreadable += 1;
        return Ok(());
    };
    let found = prohibition::matching(&mut w.plain().tx(), kind, &key)?;
    let mut known = false;
    for (id, noun) in found {
        match prohibition::set(w, noun, id, new) {
            Ok(added) if added.is_empty() => part.held += 1,
            Ok(_) => part.set += 1,
            Err(StoreError::NotFound(_)) => continue,
            Err(error) => return Err(error),
        }
        known = true;
    }
    part.unknown += u64::from(!known);
    Ok(())
}

/// Reads the entries of a file: the first cell of each line that has anything in it.
///
/// # Errors
/// The file can not be read.
pub fn read_entries(path: &Path) -> std::io::Result<Vec<String>> {
    let text = std::fs::read_to_string(path)?;
    let cells = text.lines().map(|line| line.split([';', ',', '\t']).next().unwrap_or_default());
    Ok(cells.map(|cell| cell.trim().trim_matches('"').to_owned()).filter(|cell| !cell.is_empty()).collect())
}

/// How many rows a list for a purpose would leave out.
///
/// # Errors
/// The actor may not, or the notice has no such purpose.
pub fn left_out(
    register: &Register,
    actor: &Actor,
    purpose: &seloste_domain::id::PurposeId,
    list: &List,
) -> Result<i64> {
    let usage = register.authorize_for(actor, crate::export::right(list.query.of), purpose)?;
    count_left_out(register, &usage, list)
}

fn count_left_out(register: &Register, usage: &Use, list: &List) -> Result<i64> {
    let list = List { from: None, ..list.clone() };
    let count = crate::list::wanted(register, &list, |wanted| {
        Ok(register.db().read(usage, |r| seloste_store::list::left_out(r, list.query.of, wanted))?)
    })?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A list that is being made. Its moment is the event that began it: everything that it says was read after that event was
/// durable, so that no prohibition that the log has before it can be missed.
pub(crate) struct Making<'a> {
    register: &'a Register,
    usage: &'a Use,
    id: Uuid,
}

impl<'a> Making<'a> {
    /// Logs that a list is made, and waits until that is durable.
    pub(crate) fn begin(register: &'a Register, usage: &'a Use) -> Result<Self> {
        let id = register.db().env().id();
        let act = Act::on(format!("list:{id}"));
        register.db().write(usage, move |w| w.log(act.clone()))?;
        Ok(Self { register, usage, id })
    }

    /// Ends the list: logs how many are on it and how many were left out, unless somebody whom it is about has forbidden it
    /// meanwhile. Then the list has to be made again, and the answer is false.
    pub(crate) fn end(&self, about: &[Uuid], list: &List) -> Result<bool> {
        let left_out = count_left_out(self.register, self.usage, list)?;
        let (id, rows) = (self.id, about.len());
        let about: std::sync::Arc<[Uuid]> = about.into();
        Ok(self.register.db().write(self.usage, move |w| {
            if !prohibition::kept_off(w, &about)?.is_empty() {
                return Ok(false);
            }
            let objects = vec![format!("list:{id}"), format!("rows:{rows}"), format!("left_out:{left_out}")];
            w.log(Act { objects, ..Act::default() })?;
            Ok(true)
        })?)
    }
}

/// Whether a message by e-mail may go under a use that markets; for uses that do not, always.
///
/// # Errors
/// The customer has forbidden it, or the law asks for a consent that there is not.
pub(crate) fn may_write_email(usage: &Use, marks: Marks, natural: bool) -> Result<(), StoreError> {
    if !usage.markets() || marks.may_market_by(Kind::Email, natural) {
        return Ok(());
    }
    let forbidden = [ProhibitionKind::DirectMarketing, ProhibitionKind::MarketingEmail];
    match forbidden.into_iter().find(|kind| marks.prohibitions.has(*kind)) {
        Some(kind) => Err(StoreError::Prohibited(kind)),
        None => Err(OpsError::from(crate::mail::MailRefused::NoConsent).into_store()),
    }
}

/// Whether a letter may go under a use that markets; for uses that do not, always.
///
/// # Errors
/// The customer has forbidden it.
pub(crate) fn may_write_letter(usage: &Use, marks: Marks) -> Result<(), StoreError> {
    if usage.markets() && !marks.may_market_by(Kind::PostalAddress, true) {
        return Err(StoreError::Prohibited(ProhibitionKind::MarketingPost));
    }
    Ok(())
}

//! What a person gave, sent straight to another controller that runs this program (Art. 20(2)), and received from one. The person
//! makes an address for receiving where it is to come to, and gives it where it is: so each side knows the person by their own
//! session, and neither has to believe the other who they are. What came waits for the person; then it is corrected as they
//! correct it themself.

use jiff::Timestamp;
use seloste_domain::field::{FieldError, FieldErrors, code, one_line};
use seloste_domain::history::PartyChange;
use seloste_domain::id::{ImportId, PersonId, ReceptionId};
use seloste_domain::kind::Kind;
use seloste_domain::portability::{MAX_BYTES, Portable, PortableValue};
use seloste_domain::portal::{Correction, correction_of, source};
use seloste_domain::proposal::Proposed;
use seloste_domain::rights::Action;
use seloste_domain::transmission::{
    Destination, KEPT, MOST_IN_A_DAY, RECEPTION_LIFE, Reception, ReceptionState, Transmission, TransmissionState,
};
use seloste_domain::usage::Actor;
use seloste_domain::value::{NewValue, Value, holds};
use seloste_fetch::{Address, Fetcher, Post, Trouble};
use seloste_store::party::{self, Noun, Update};
use seloste_store::proposal::Said;
use seloste_store::transmission as rows;
use seloste_store::{StoreError, Writing};
use zeroize::Zeroizing;

use super::{Visitor, need_proof, usage};
use crate::error::{OpsError, Result};
use crate::portability;
use crate::register::Register;
use crate::request::RequestRefused;
use crate::session::{new_token, token_hash};
use crate::values::{Origin, replace};

/// Transmissions and receptions that are shown.
const SHOWN: i64 = 50;
/// Characters of a controller's name.
const NAME_LENGTH: usize = 200;
/// How long the other controller may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
/// Values of one kind that a person has, at most, when some come.
const MOST_OF_A_KIND: usize = 50;
/// Who takes in what comes, as the log names it.
const RECEIVER: Actor = Actor::Program("portability");

/// What a person had sent, the newest first.
///
/// # Errors
/// They are not there any more.
pub fn transmissions(register: &Register, who: &Visitor) -> Result<Vec<Transmission>> {
    let usage = usage(register, who, Action::PortalShow)?;
    register.db().read(&usage, |r| rows::of(r, who.person, SHOWN)).map_err(OpsError::from_store)
}

/// Sends what a person gave to the address that they were given there.
///
/// # Errors
/// It needs a fresh proof; the address is none for receiving, or is used or over; the other controller can not be reached or did not
/// take it; or they sent as often as goes in a day.
pub fn transmit(register: &Register, who: &Visitor, fetcher: &Fetcher, address: &str) -> Result<()> {
    need_proof(register, who)?;
    let usage = usage(register, who, Action::PortalCopy)?;
    let wrong = |code| OpsError::from(FieldErrors::from(FieldError::new("address", code)));
    let destination = Destination::parse(address).map_err(FieldErrors::from)?;
    let to: Address = destination.address.parse().map_err(|_| wrong(code::RECEPTION_ADDRESS_INVALID))?;
    if !fetcher.may(&to) {
        return Err(wrong(code::RECEPTION_ADDRESS_INVALID));
    }
    let mut portable = portability::portable(register, &usage, who.person)?;
    if portable.values.is_empty() {
        return Err(wrong(code::NOTHING_GIVEN));
    }
    let written = |portable: &Portable| serde_json::to_vec(portable).map_err(|e| StoreError::Corrupt(e.to_string()));
    let mut body = Zeroizing::new(written(&portable)?);
    if body.len() > MAX_BYTES {
        // Orders are not taken in anywhere; who has many of them takes them along as a file.
        portable.orders.clear();
        body = Zeroizing::new(written(&portable)?);
    }
    let (person, host, since) = (who.person, destination.host.clone(), register.now() - crate::request::A_DAY);
    let begun = register.db().write(&usage, move |w| {
        if rows::count_since(&mut w.plain().tx(), person, since)? >= MOST_IN_A_DAY {
            return Ok(None);
        }
        rows::begin(w, person, &host).map(Some)
    });
    let most = || FieldErrors::from(FieldError::new("address", code::TOO_MANY).with("max", MOST_IN_A_DAY));
    let id = begun.map_err(OpsError::from_store)?.ok_or_else(most)?;
    let sent = fetcher.post(&Post {
        address: &to,
        authorization: Some(Zeroizing::new(format!("Bearer {}", destination.secret))),
        headers: &[],
        content_type: "application/json",
        accept: "application/json",
        body: &body,
        limit: 64 * 1024,
        timeout: PATIENCE,
    });
    let state = if sent.is_ok() { TransmissionState::Sent } else { TransmissionState::Failed };
    register.db().write(&usage, move |w| rows::end(w, person, id, state)).map_err(OpsError::from_store)?;
    sent.map(drop).map_err(|error| match error.trouble {
        Trouble::Status if matches!(error.status, Some(404 | 410)) => wrong(code::RECEPTION_REFUSED),
        Trouble::Status => wrong(code::RECEPTION_NOT_TAKEN),
        _ => wrong(code::RECEPTION_NOT_REACHED),
    })
}

/// What comes or came for a person, the newest first.
///
/// # Errors
/// They are not there any more.
pub fn receptions(register: &Register, who: &Visitor) -> Result<Vec<(Reception, Option<Portable>)>> {
    let usage = usage(register, who, Action::PortalShow)?;
    let since = register.now() - KEPT;
    let mut found =
        register.db().read(&usage, |r| rows::receptions(r, who.person, SHOWN)).map_err(OpsError::from_store)?;
    found.retain(|reception| reception.state != ReceptionState::Received || reception.received_at > Some(since));
    let read = |reception: Reception| {
        let content = reception.content.as_ref().map(|content| portability::read(content.as_bytes())).transpose()?;
        Ok((reception, content))
    };
    found.into_iter().map(read).collect()
}

/// Makes an address for receiving, which is shown once and is good for an hour. One that was open is good no longer.
///
/// # Errors
/// It needs a fresh proof, nobody can reach this portal, or they made as many as go in a day.
pub fn open_reception(register: &Register, who: &Visitor) -> Result<String> {
    need_proof(register, who)?;
    let base = register.portal().ok_or(StoreError::NotFound("portal"))?;
    let (usage, person, now) = (usage(register, who, Action::PortalReceive)?, who.person, register.now());
    let (secret, hash) = new_token(register);
    let made = register.db().write(&usage, move |w| {
        rows::forget(&mut w.plain().tx(), now, now - KEPT)?;
        if rows::opened_since(&mut w.plain().tx(), person, now - crate::request::A_DAY)? >= MOST_IN_A_DAY {
            return crate::request::refuse_with(RequestRefused::Often);
        }
        rows::open(w, person, &hash, now + RECEPTION_LIFE)
    });
    made.map_err(OpsError::from_store)?;
    Ok(Destination::written(&base, &secret.0))
}

/// Whether an address for receiving is open: it is asked before anything is read.
///
/// # Errors
/// [`OpsError::Link`] whatever is wrong with it; [`OpsError::Throttled`] after many tries from one network.
pub fn may_send(register: &Register, secret: &str, from: &str) -> Result<()> {
    let now = register.now();
    register.portal_limits().try_to_enter(from, now)?;
    let hash = token_hash(secret);
    match register.db().look(|tx| rows::addressee(tx, &hash, now))? {
        Some(_) => Ok(()),
        None => Err(OpsError::Link),
    }
}

/// Keeps what another controller sent until the person has decided about it. The address is used up by what is right only.
///
/// # Errors
/// As [`may_send`]; or it is not what a person takes along.
pub fn receive(register: &Register, secret: &str, bytes: &[u8]) -> Result<()> {
    let usage = register.authorize(&RECEIVER, Action::PortalReceive)?;
    let (portable, values) = Portable::read(bytes, usage.kinds(), register.today())?;
    let content = serde_json::to_vec(&taken_in(portable, values)).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let (hash, now) = (token_hash(secret), register.now());
    let kept = register.db().write(&usage, move |w| {
        let Some(addressee) = rows::addressee(&mut w.plain().tx(), &hash, now)? else { return Ok(false) };
        rows::receive(w, addressee, &content)?;
        Ok(true)
    });
    if kept.map_err(OpsError::from_store)? { Ok(()) } else { Err(OpsError::Link) }
}

/// What of it is kept: the values that the notice declares, checked. Nothing else would ever be taken (promise P10).
fn taken_in(portable: Portable, values: Vec<NewValue>) -> Portable {
    let value =
        |new: NewValue| PortableValue { value: new.value, valid_from: new.valid_from, valid_until: new.valid_until };
    Portable {
        values: values.into_iter().map(value).collect(),
        represents: Vec::new(),
        orders: Vec::new(),
        consents: Vec::new(),
        controller: portable.controller.and_then(|name| one_line("controller", &name, NAME_LENGTH).ok()),
        ..portable
    }
}

/// Takes what came into the person's own data, as their own word: what they correct at once holds at once; a name and an e-mail
/// address that are new wait for staff, since they say who somebody is and let them in.
///
/// # Errors
/// It needs a fresh proof, or nothing of this id waits for them.
pub fn take(register: &Register, who: &Visitor, id: ReceptionId) -> Result<()> {
    need_proof(register, who)?;
    let usage = usage(register, who, Action::PortalReceive)?;
    let waiting = receptions(register, who)?.into_iter().find(|(reception, _)| reception.id == id);
    let content = waiting.and_then(|(reception, _)| reception.content).ok_or(StoreError::NotFound("reception"))?;
    let (_, values) = Portable::read(content.as_bytes(), usage.kinds(), register.today())?;
    let source = source(&*register.notice()?, who.session.began).ok_or(StoreError::NotFound("source"))?;
    let taking = Taking { values, today: register.today(), origin: Origin::of(&usage, &source), at: register.now() };
    let (person, import) = (who.person, ImportId(register.db().env().id()));
    let taken = register.db().write(&usage, move |w| {
        rows::decide(w, person, id, ReceptionState::Taken)?;
        taking.apply(w, person, import)
    });
    taken.map_err(OpsError::from_store)
}

/// What came, about to be taken.
struct Taking {
    values: Vec<NewValue>,
    today: jiff::civil::Date,
    origin: Origin,
    at: Timestamp,
}

impl Taking {
    fn apply(&self, w: &mut Writing<'_, '_>, id: PersonId, import: ImportId) -> Result<(), StoreError> {
        let person = seloste_store::person::get(w, id)?;
        let mut change = PartyChange::default();
        let mut said = Said { party: id.into(), fields: Vec::new(), proposed: Vec::new() };
        for kind in Kind::ALL {
            let own: Vec<_> = person.values_of(kind).cloned().collect();
            let room = MOST_OF_A_KIND.saturating_sub(own.len());
            let is_new =
                |new: &&NewValue| new.value.kind() == kind && !own.iter().any(|has| same(&has.value, &new.value));
            let new: Vec<NewValue> = self.values.iter().filter(is_new).take(room).cloned().collect();
            if new.is_empty() {
                continue;
            }
            match correction_of(kind) {
                // One language at a time.
                Correction::AtOnce if kind == Kind::Language => {
                    let today = new.into_iter().find(|new| holds(new.valid_from, new.valid_until, self.today));
                    let today: Vec<NewValue> = today.into_iter().collect();
                    if !today.is_empty() {
                        replace(&mut change, &own, &today, self.today, &self.origin, w.env());
                    }
                }
                Correction::AtOnce => {
                    change.added.extend(new.into_iter().map(|new| self.origin.store(new, w.env())));
                }
                Correction::Proved | Correction::Proposed => {
                    said.fields.push(kind.as_str());
                    said.proposed.extend(new.into_iter().map(Proposed::Value));
                }
                Correction::ByStaff => {}
            }
        }
        if !said.proposed.is_empty() {
            seloste_store::proposal::put(w, &self.origin.source, import, self.at, std::slice::from_ref(&said))?;
        }
        if change.added.is_empty() && change.removed.is_empty() {
            return Ok(());
        }
        party::update(w, &Update { id: id.into(), noun: Noun::Person, expected: person.version, change }).map(drop)
    }
}

/// Whether two values say the same; an address or number that is written otherwise is the same.
fn same(one: &Value, other: &Value) -> bool {
    one == other || one.match_key().is_some_and(|key| one.kind() == other.kind() && other.match_key() == Some(key))
}

/// Forgets what came and was not decided about in time, and addresses that nobody used: the program's own work.
///
/// # Errors
/// The database can not be written.
pub fn forget_receptions(register: &Register) -> Result<()> {
    let now = register.now();
    Ok(register.db().write_plain(move |plain| rows::forget(&mut plain.tx(), now, now - KEPT))?)
}

/// Does not take what came; it is forgotten.
///
/// # Errors
/// Nothing of this id waits for them.
pub fn decline(register: &Register, who: &Visitor, id: ReceptionId) -> Result<()> {
    let (usage, person) = (usage(register, who, Action::PortalReceive)?, who.person);
    let declined = register.db().write(&usage, move |w| rows::decide(w, person, id, ReceptionState::Declined));
    declined.map_err(OpsError::from_store)
}

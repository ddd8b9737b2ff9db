//! Passkeys (Web Authentication Level 3): a person adds them to their own pages and signs in by them, without a message and
//! without typing who they are. What a browser is asked to sign is kept here, good once, for five minutes, in that browser; the
//! answer is verified by `webauthn-rs`. The authenticator has to verify its user (a fingerprint, a face, a PIN).

use seloste_domain::email::Email;
use seloste_domain::field::{FieldError, FieldErrors, code as field_code};
use seloste_domain::id::{PasskeyId, PersonId};
use seloste_domain::language::Language;
use seloste_domain::mail::Template;
use seloste_domain::passkey::{self as rules, CEREMONY_LIFE, MOST, Passkey};
use seloste_domain::portal::Began;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, ActorId};
use seloste_mail::portal as messages;
use seloste_store::passkey::{self as rows, Ceremony, Credential};
use seloste_store::portal::is_there;
use seloste_store::{StoreError, Writing};
use sha2::{Digest as _, Sha256};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey as Verifier, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::{RUNNER, Visitor, need_proof, new_session, queue, usage};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;
use crate::session::{Token, new_token, token_hash};

/// Whether browsers offer passkeys at the portal's address: [`rules::relying_party`].
#[must_use]
pub fn are_offered(register: &Register) -> bool {
    register.portal().is_some_and(|base| rules::relying_party(&base).is_some())
}

/// What verifies answers, for the portal's own address and no other: neither a subdomain of it nor another port.
fn verifier(register: &Register) -> Result<Webauthn> {
    let nothing = || StoreError::NotFound("passkeys");
    let base = register.portal().ok_or_else(nothing)?;
    let host = rules::relying_party(&base).ok_or_else(nothing)?;
    let origin = Url::parse(&base).map_err(|_| nothing())?;
    let built = WebauthnBuilder::new(host, &origin).map(|builder| builder.timeout(CEREMONY_LIFE.unsigned_abs()));
    Ok(built.and_then(WebauthnBuilder::build).map_err(|_| nothing())?)
}

/// What a browser is asked to have signed, and what it holds from now on.
pub struct Asked {
    /// Binds the answer to the browser.
    pub browser: Token,
    /// The options of Web Authentication, as JSON.
    pub options: String,
}

/// Keeps what the answer will be compared with.
fn keep(register: &Register, person: Option<PersonId>, (options, state): (serde_json::Value, String)) -> Result<Asked> {
    let (now, id) = (register.now(), register.db().env().id());
    let (browser, hash) = new_token(register);
    let state = register.db().seal_secret(id, state.as_bytes())?;
    let ceremony = Ceremony { id, person, state, created_at: now };
    let before = now.checked_sub(CEREMONY_LIFE).unwrap_or(now);
    register.db().write_plain(move |plain| rows::begin(&mut plain.tx(), &hash, &ceremony, before))?;
    Ok(Asked { browser, options: options.to_string() })
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("a passkey".into())
}

fn written(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| corrupt())
}

/// Begins to sign in: the same for everybody, since the authenticator finds who it is.
///
/// # Errors
/// Passkeys are not offered here, or too much came from the network: [`OpsError::Throttled`].
pub fn ask_to_enter(register: &Register, from: &str) -> Result<Asked> {
    register.portal_limits().try_to_enter(from, register.now())?;
    let (options, state) = verifier(register)?.start_discoverable_authentication().map_err(|_| corrupt())?;
    let options = serde_json::to_value(options).map_err(|_| corrupt())?;
    keep(register, None, (options, written(&state)?))
}

/// Signs in by what an authenticator answered. It is good once, in the browser that asked.
///
/// # Errors
/// [`OpsError::Link`] whatever is wrong; [`OpsError::Throttled`] after many tries from one network.
pub fn enter_by_passkey(register: &Register, browser: &str, answer: &str, from: &str) -> Result<(Token, Visitor)> {
    let now = register.now();
    register.portal_limits().try_to_enter(from, now)?;
    let verifier = verifier(register)?;
    let usage = register.authorize(&RUNNER, Action::PortalSignIn)?;
    let answer: Option<PublicKeyCredential> = serde_json::from_str(answer).ok();
    let browser = token_hash(browser);
    let (token, hash) = new_token(register);
    let tried = register.db().write(&usage, move |w| {
        let Some((person, began)) = verified(w, &verifier, &browser, answer.as_ref())? else { return Ok(None) };
        let session = new_session(person, began, now);
        super::begin(w.plain(), &hash, session, now)?;
        Ok(Some(session))
    })?;
    match tried {
        Some(session) => Ok((token, Visitor::of(session))),
        None => {
            register.db().refuse(&ActorId::Nobody, Action::PortalSignIn.as_str(), Vec::new())?;
            Err(OpsError::Link)
        }
    }
}

/// Whom an answer lets in. What it is compared with is used up, whatever it says.
fn verified(
    w: &mut Writing<'_, '_>,
    verifier: &Webauthn,
    browser: &[u8; 32],
    answer: Option<&PublicKeyCredential>,
) -> Result<Option<(PersonId, Began)>, StoreError> {
    let Some(state) = taken::<DiscoverableAuthentication>(w, browser, None)? else { return Ok(None) };
    let Some(answer) = answer else { return Ok(None) };
    let Ok((handle, credential)) = verifier.identify_discoverable_authentication(answer) else { return Ok(None) };
    let Some((id, person)) = rows::owner(&mut w.plain().tx(), &hash_of(credential))? else { return Ok(None) };
    if !is_there(&mut w.plain().tx(), person)? || rows::handle(w, person) != handle {
        return Ok(None);
    }
    let credential = rows::get(w, person, id)?;
    let mut key: Verifier = kept(&credential)?;
    // Also refused here: another origin, another host, a user who was not verified, a counter that went back.
    let Ok(result) = verifier.finish_discoverable_authentication_v2(answer, state, &key) else { return Ok(None) };
    key.update_credential(&result);
    rows::used(w, person, id, &written(&key)?)?;
    Ok(Some((person, credential.began)))
}

/// What an answer is compared with, when it is in time and was asked of this person.
fn taken<T: serde::de::DeserializeOwned>(
    w: &mut Writing<'_, '_>,
    browser: &[u8; 32],
    person: Option<PersonId>,
) -> Result<Option<T>, StoreError> {
    let Some(ceremony) = rows::take(&mut w.plain().tx(), browser)? else { return Ok(None) };
    let age = w.env().now().duration_since(ceremony.created_at);
    if ceremony.person != person || age.is_negative() || age >= CEREMONY_LIFE {
        return Ok(None);
    }
    let state = rows::open_state(w, &ceremony)?;
    Ok(serde_json::from_str(&state).ok())
}

fn hash_of(credential: &[u8]) -> [u8; 32] {
    Sha256::digest(credential).into()
}

fn kept(credential: &Credential) -> Result<Verifier, StoreError> {
    serde_json::from_str(&credential.text).map_err(|_| corrupt())
}

/// The passkeys of a person, the oldest first.
///
/// # Errors
/// The person is not there any more.
pub fn passkeys(register: &Register, who: &Visitor) -> Result<Vec<Passkey>> {
    let (usage, person) = (usage(register, who, Action::PortalPasskey)?, who.person);
    let found = register.db().read(&usage, |r| rows::of(r, person)).map_err(OpsError::from_store)?;
    Ok(found.into_iter().map(|credential| credential.passkey).collect())
}

/// Begins to add a passkey.
///
/// # Errors
/// A fresh proof is needed ([`OpsError::NotFresh`]), there are as many as there may be, or passkeys are not offered here.
pub fn ask_to_add(register: &Register, who: &Visitor) -> Result<Asked> {
    need_proof(register, who)?;
    let verifier = verifier(register)?;
    let (usage, person, today) = (usage(register, who, Action::PortalPasskey)?, who.person, register.today());
    let (found, handle, name, address) = register
        .db()
        .read(&usage, |r| {
            let own = seloste_store::person::get(r, person)?;
            let address = own.email(today).map(|email: &Email| email.address.clone());
            Ok((rows::of(r, person)?, rows::handle(r, person), own.display_name(), address))
        })
        .map_err(OpsError::from_store)?;
    if found.len() >= MOST {
        return Err(full().into());
    }
    let known = found.iter().map(|one| Ok(kept(one)?.cred_id().clone())).collect::<Result<Vec<_>, StoreError>>()?;
    // The authenticator shows these two to its user, who tells their accounts apart by them.
    let account = address.unwrap_or_else(|| name.clone());
    let (options, state) =
        verifier.start_passkey_registration(handle, &account, &name, Some(known)).map_err(|_| corrupt())?;
    let mut options = serde_json::to_value(options).map_err(|_| corrupt())?;
    // Whoever signs in types nothing: the authenticator has to find the passkey by itself.
    if let Some(selection) =
        options.pointer_mut("/publicKey/authenticatorSelection").and_then(|one| one.as_object_mut())
    {
        selection.insert("residentKey".into(), "required".into());
        selection.insert("requireResidentKey".into(), true.into());
    }
    keep(register, Some(person), (options, written(&state)?))
}

fn full() -> FieldErrors {
    FieldError::new("name", field_code::TOO_MANY).with("max", MOST).into()
}

/// Adds a passkey by what an authenticator answered; the person is told by e-mail.
///
/// # Errors
/// The name is wrong, there are as many as there may be, or [`OpsError::Link`] whatever else is wrong.
pub fn add_passkey(register: &Register, who: &Visitor, browser: &str, (name, answer): (&str, &str)) -> Result<()> {
    need_proof(register, who)?;
    let name = rules::name(name)?;
    let verifier = verifier(register)?;
    let answer: Option<RegisterPublicKeyCredential> = serde_json::from_str(answer).ok();
    let (usage, person, browser) = (usage(register, who, Action::PortalPasskey)?, who.person, token_hash(browser));
    let began = who.session.began;
    let teller = Teller::of(register)?;
    let added = register.db().write(&usage, move |w| {
        let state = taken::<PasskeyRegistration>(w, &browser, Some(person))?;
        let key = state
            .zip(answer.as_ref())
            .and_then(|(state, answer)| verifier.finish_passkey_registration(answer, &state).ok());
        let Some(key) = key else { return Ok(Added::Wrong) };
        let hash = hash_of(key.cred_id());
        if rows::owner(&mut w.plain().tx(), &hash)?.is_some() {
            return Ok(Added::Wrong);
        }
        if rows::count(w, person)? >= MOST {
            return Ok(Added::Full);
        }
        rows::add(w, person, (&name, &written(&key)?, began), &hash)?;
        teller.tell(w, person, &name, true)?;
        Ok(Added::Done)
    });
    match added.map_err(OpsError::from_store)? {
        Added::Done => Ok(()),
        Added::Full => Err(full().into()),
        Added::Wrong => Err(OpsError::Link),
    }
}

enum Added {
    Done,
    Full,
    Wrong,
}

/// Removes a passkey, and ends every session of the person: whoever may have come in by it is out. The person is told by e-mail.
///
/// # Errors
/// They have no such passkey.
pub fn remove_passkey(register: &Register, who: &Visitor, id: PasskeyId) -> Result<()> {
    let (usage, person) = (usage(register, who, Action::PortalPasskey)?, who.person);
    let teller = Teller::of(register)?;
    let removed = register.db().write(&usage, move |w| {
        let name = rows::get(w, person, id)?.passkey.name;
        rows::remove(w, person, id)?;
        seloste_store::portal::end_all(&mut w.plain().tx(), person)?;
        teller.tell(w, person, &name, false)
    });
    removed.map_err(OpsError::from_store)
}

/// How many passkeys a person has, for their card.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn passkey_count(register: &Register, actor: &Actor, person: PersonId) -> Result<usize> {
    let usage = register.authorize(actor, Action::InvitationList)?;
    let found = register.db().read(&usage, |r| rows::count(r, person));
    not_found_is_logged(register, actor, Action::InvitationList, &format!("person:{person}"), found)
}

/// Removes the passkeys of a person who has lost their device, or says that somebody else has come in, and ends every session of theirs.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn shut_out(register: &Register, actor: &Actor, person: PersonId) -> Result<u64> {
    let usage = register.authorize(actor, Action::InvitationMake)?;
    let removed = register.db().write(&usage, move |w| {
        let count = rows::remove_all(w, person)?;
        seloste_store::portal::end_all(&mut w.plain().tx(), person)?;
        Ok(count)
    });
    not_found_is_logged(register, actor, Action::InvitationMake, &format!("person:{person}"), removed)
}

/// Tells a person of a passkey that came or went: it may not have been they.
struct Teller {
    notice: std::sync::Arc<seloste_domain::notice::Notice>,
    today: jiff::civil::Date,
}

impl Teller {
    fn of(register: &Register) -> Result<Self> {
        Ok(Self { notice: register.notice()?, today: register.today() })
    }

    fn tell(&self, w: &mut Writing<'_, '_>, id: PersonId, passkey: &str, came: bool) -> Result<(), StoreError> {
        let person = seloste_store::person::get(w, id)?;
        let Some(email) = person.email(self.today) else { return Ok(()) };
        let language: Language = person.language(self.today).unwrap_or_default();
        let name = person.name().map(|name| name.display()).unwrap_or_default();
        let written = messages::passkey(&self.notice, language, &name, (passkey, came));
        queue(w, &self.notice, &person, Template::PasskeyChanged, (language, email.address.clone()), written)
    }
}

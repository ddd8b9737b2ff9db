//! The portal of the people in the register: asking to sign in, being answered by e-mail, entering, leaving. Somebody who
//! asks is answered alike whether the address is known or not: the request keeps the wish, and a runner answers it later,
//! so that neither the answer's words, length nor time depend on who has the address.

mod consent;
mod copy;
mod correct;
mod erase;
mod limits;
mod own;
mod passkey;
mod request;
mod transmit;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use seloste_domain::email::Email;
use seloste_domain::field::{FieldError, FieldErrors, code as field_code};
use seloste_domain::id::{CompanyId, EntryId, MailId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::log::Outcome;
use seloste_domain::mail::{Letter, Template};
use seloste_domain::notice::Notice;
use seloste_domain::person::Person;
use seloste_domain::portal::{self, Began, ENTRY_LIFE, Session, TOTAL, TRIES};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, ActorId, Use};
use seloste_domain::value::Value;
use seloste_mail::portal as messages;
use seloste_store::mail::NewMail;
use seloste_store::portal::{self as rows, Entry, NewEntry};
use seloste_store::{StoreError, Writing};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub use self::consent::{consent, consents, withdraw};
pub use self::copy::{copies, make_copy, open_copy};
pub use self::correct::{Corrected, correct, is_at_once};
pub use self::erase::{
    Erased, OwnPlan, ask_erasure, erase, erased, erased_by_receipt, erasure_plan, erasure_receipt, receipt_key,
    wait as wait_erasure,
};
pub(crate) use self::limits::Limits;
pub(crate) use self::own::without_secret;
pub use self::own::{
    Own, Used, forbid, invoice, invoices, lift, message, messages as own_messages, order, orders, prohibitions,
    proposals, recipients, show, uses,
};
pub use self::passkey::{
    Asked as PasskeyAsked, add_passkey, are_offered as are_passkeys_offered, ask_to_add as ask_to_add_passkey,
    ask_to_enter as ask_to_enter_by_passkey, enter_by_passkey, passkey_count, passkeys, remove_passkey, shut_out,
};
pub use self::request::{ask_right, request, requests, withdraw_request};
pub use self::transmit::{
    decline, forget_receptions, may_send, open_reception, receive, receptions, take, transmissions, transmit,
};
use crate::error::{OpsError, Result};
use crate::register::Register;
use crate::session::{Token, new_token, token_hash};

/// Use of a session is noted at most this often.
const NOTED: SignedDuration = SignedDuration::from_mins(1);
/// Wishes answered in one round.
const AT_ONCE: i64 = 50;
/// How often the runner looks for wishes and invitations that wait.
const ROUND: Duration = Duration::from_millis(300);
/// The runner, as the log names it.
const RUNNER: Actor = Actor::Program("portal");

/// Somebody who is signed in at the portal.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who.
    pub person: PersonId,
    /// The same, as the actor of use cases.
    pub actor: Actor,
    /// Their session.
    pub session: Session,
}

impl Visitor {
    fn of(session: Session) -> Self {
        Self { person: session.person, actor: Actor::Person(session.person), session }
    }
}

/// A wish to sign in.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The address as it was typed.
    pub address: String,
    /// The language of the page.
    pub language: Language,
    /// The page to come back to.
    pub back: String,
    /// The network that it comes from.
    pub from: String,
}

/// Keeps a wish to sign in; what the browser that made it holds from now on. Known and unknown addresses are kept alike.
///
/// # Errors
/// It is no e-mail address, or too much came from the network: [`OpsError::Throttled`].
pub fn ask(register: &Register, wish: &Wish) -> Result<Token> {
    let now = register.now();
    register.portal_limits().ask(&wish.from, now)?;
    let email = Email::parse("email", None, &wish.address).map_err(FieldErrors::from)?;
    keep(register, &email.address, wish)
}

/// The same for somebody who is signed in and has to prove anew who they are; it goes to their own address.
///
/// # Errors
/// They have no address, or too much came from the network.
pub fn prove(register: &Register, who: &Visitor, wish: &Wish) -> Result<Token> {
    register.portal_limits().ask(&wish.from, register.now())?;
    let person = own::show(register, who)?.person;
    let email = person.email(register.today()).map(|email| email.address.clone());
    keep(register, &email.ok_or_else(no_address)?, wish)
}

fn no_address() -> OpsError {
    FieldErrors::from(FieldError::new("email", field_code::REQUIRED)).into()
}

fn keep(register: &Register, address: &str, wish: &Wish) -> Result<Token> {
    let now = register.now();
    let (token, browser_hash) = new_token(register);
    let id = EntryId(register.db().env().id());
    // An address that was asked for too often gets nothing more, and nobody is told so.
    let sends = register.portal_limits().write_to(&address.to_lowercase(), now);
    let address = if sends { register.db().seal_secret(id.0, address.as_bytes())? } else { Vec::new() };
    let new = NewEntry { id, browser_hash, address, language: wish.language, back: wish.back.clone() };
    let before = now.checked_sub(ENTRY_LIFE).unwrap_or(now);
    register.db().write_plain(move |plain| rows::insert_entry(&mut plain.tx(), &new, now, before))?;
    Ok(token)
}

/// Answers the wishes that wait: a message to whoever has the address alone. How many there were.
///
/// # Errors
/// The notice declares no purpose for it, or the database can not be read or written.
pub fn answer_waiting(register: &Register, base: &str) -> Result<usize> {
    let waiting = register.db().look(|tx| rows::waiting(tx, AT_ONCE))?;
    for id in &waiting {
        answer(register, *id, base)?;
    }
    Ok(waiting.len())
}

fn answer(register: &Register, id: EntryId, base: &str) -> Result<()> {
    let usage = register.authorize(&RUNNER, Action::PortalSignIn)?;
    let (notice, today, base) = (register.notice()?, register.today(), base.to_owned());
    let answered = register.db().write(&usage, move |w| {
        let Some(asked) = rows::asked(w, id)? else { return Ok(()) };
        let env = w.env().clone();
        let token = crate::session::random_token(&env);
        let code = portal::code(u64::from_be_bytes(env.bytes()));
        let address = asked.address.filter(|_| seloste_store::Access::usage(w).kinds().has(Kind::Email));
        let person = match &address {
            Some(address) => rows::only_one_with(w, &address.to_lowercase(), today)?,
            None => None,
        };
        // It goes to the address as the register has it, however its letters were typed.
        let known = person.as_ref().zip(address).and_then(|(person, typed)| own_address(person, &typed, today));
        if let (Some(person), Some(address)) = (&person, known) {
            let language = person.language(today).unwrap_or(asked.language);
            let name = person.name().map(|name| name.display()).unwrap_or_default();
            let written = messages::link(&notice, language, &name, (&base, &token, &code));
            queue(w, &notice, person, Template::PortalLink, (language, address), written)?;
        }
        let (token, code) = (token_hash(&token), code_hash(id, &code));
        rows::answer(&mut w.plain().tx(), id, person.map(|person| person.id), (&token, &code))
    });
    Ok(answered?)
}

/// The address of a person that is the one that was typed, but for the case of its letters.
fn own_address(person: &Person, typed: &str, today: jiff::civil::Date) -> Option<String> {
    let key = typed.to_lowercase();
    person.values_on(today).find_map(|stored| match &stored.value {
        Value::Email(email) if email.match_key() == key => Some(email.address.clone()),
        _ => None,
    })
}

/// Puts a message of the portal in the queue.
fn queue(
    w: &mut Writing<'_, '_>,
    notice: &Notice,
    person: &Person,
    template: Template,
    (language, to): (Language, String),
    written: seloste_mail::confirmation::Written,
) -> Result<(), StoreError> {
    let letter = Letter {
        to,
        name: person.name().map(|name| name.display()).unwrap_or_default(),
        subject: written.subject,
        body: written.body,
        enclosed: Vec::new(),
        parties: vec![person.id.into()],
    };
    let company = company_of(notice, person).ok_or(StoreError::NotFound("company"))?;
    let new = NewMail {
        id: MailId(w.env().id()),
        owner: person.id.into(),
        company,
        order: None,
        template,
        language,
        letter,
        enclosures: Vec::new(),
    };
    seloste_store::mail::queue(w, &new).map(drop)
}

/// The company that writes to a person: the first of the notice's that they are a customer of.
pub(crate) fn company_of(notice: &Notice, person: &Person) -> Option<CompanyId> {
    let own = notice.companies().iter().find(|company| person.companies.contains(&company.id));
    own.or_else(|| notice.companies().first()).map(|company| company.id.clone())
}

/// A code is short: its hash is of the wish, too, so that no two wishes' hashes can be compared.
fn code_hash(id: EntryId, code: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(id.0.as_bytes());
    hash.update(code.as_bytes());
    hash.finalize().into()
}

/// What was wrong with a try to enter is not told.
enum Tried {
    Wrong,
    Right(PersonId, String),
}

/// Enters with what the message said: the link's token, the whole link, or the code. The browser must be the one that asked.
/// It is good once; after some wrong tries nothing enters any more.
///
/// # Errors
/// [`OpsError::Link`] whatever is wrong; [`OpsError::Throttled`] after many tries from one network.
pub fn enter(register: &Register, browser: &str, said: &str, from: &str) -> Result<(Token, Visitor, String)> {
    let now = register.now();
    register.portal_limits().try_to_enter(from, now)?;
    let said = portal::typed(said);
    let browser = token_hash(browser);
    let (token, hash) = new_token(register);
    let tried = register.db().write_plain(move |plain| {
        let Some(entry) = rows::entry(&mut plain.tx(), &browser)? else { return Ok(Tried::Wrong) };
        let Some(person) = opens(&entry, &said, now) else {
            rows::tried(&mut plain.tx(), entry.id)?;
            return Ok(Tried::Wrong);
        };
        rows::remove_entry(&mut plain.tx(), entry.id)?;
        if !rows::is_there(&mut plain.tx(), person)? {
            return Ok(Tried::Wrong);
        }
        begin(plain, &hash, new_session(person, Began::Link, now), now)?;
        Ok(Tried::Right(person, entry.back))
    })?;
    match tried {
        Tried::Right(person, back) => Ok((token, Visitor::of(new_session(person, Began::Link, now)), back)),
        Tried::Wrong => {
            register.db().refuse(&ActorId::Nobody, Action::PortalSignIn.as_str(), Vec::new())?;
            Err(OpsError::Link)
        }
    }
}

/// Whom a wish lets in by what was said. Every comparison is made, whatever the others found.
fn opens(entry: &Entry, said: &str, now: jiff::Timestamp) -> Option<PersonId> {
    let age = now.duration_since(entry.created_at);
    let is = |kept: &Option<Vec<u8>>, hash: [u8; 32]| {
        let kept = kept.as_deref().unwrap_or(&[0; 32]);
        bool::from(kept.ct_eq(&hash[..]))
    };
    let by_token = is(&entry.token_hash, token_hash(said));
    let by_code = is(&entry.code_hash, code_hash(entry.id, said));
    let in_time = !age.is_negative() && age < ENTRY_LIFE && entry.tries < TRIES;
    entry.person.filter(|_| in_time & (by_token | by_code))
}

const fn new_session(person: PersonId, began: Began, now: jiff::Timestamp) -> Session {
    Session { person, began, created_at: now, seen_at: now, proved_at: now }
}

fn begin(
    plain: &mut seloste_store::Plain<'_, '_>,
    hash: &[u8; 32],
    session: Session,
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let before = now.checked_sub(TOTAL).unwrap_or(now);
    rows::begin(&mut plain.tx(), hash, &session, before)?;
    let objects = vec![format!("began:{}", session.began.as_str())];
    plain.log(&ActorId::Person(session.person), Action::PortalSignIn.as_str(), Outcome::Changed, objects)
}

/// Enters by an invitation; it is good once.
///
/// # Errors
/// [`OpsError::Link`] whatever is wrong; [`OpsError::Throttled`] after many tries from one network.
pub fn enter_invited(register: &Register, said: &str, from: &str) -> Result<(Token, Visitor)> {
    let now = register.now();
    register.portal_limits().try_to_enter(from, now)?;
    let secret = token_hash(&seloste_domain::invitation::compared(said));
    let (token, hash) = new_token(register);
    let entered = register.db().write_plain(move |plain| {
        let Some(invitation) = seloste_store::invitation::take(&mut plain.tx(), &secret, now)? else {
            return Ok(None);
        };
        if !rows::is_there(&mut plain.tx(), invitation.person)? {
            return Ok(None);
        }
        begin(plain, &hash, new_session(invitation.person, Began::Invitation, now), now)?;
        Ok(Some(invitation.person))
    })?;
    if let Some(person) = entered {
        return Ok((token, Visitor::of(new_session(person, Began::Invitation, now))));
    }
    register.db().refuse(&ActorId::Nobody, Action::PortalSignIn.as_str(), Vec::new())?;
    Err(OpsError::Link)
}

/// Who holds this token of the portal, if its session lives and its person is there.
///
/// # Errors
/// The database can not be read.
pub fn resume(register: &Register, token: &str) -> Result<Option<Visitor>> {
    let (hash, now) = (token_hash(token), register.now());
    let found = register.db().look(|tx| {
        let session = rows::session(tx, &hash)?;
        match session {
            Some(session) if session.lives_at(now) && rows::is_there(tx, session.person)? => Ok(Some(session)),
            _ => Ok(None),
        }
    })?;
    let Some(session) = found else { return Ok(None) };
    if now.duration_since(session.seen_at) >= NOTED {
        register.db().write_plain(move |plain| rows::touch(&mut plain.tx(), &hash, now))?;
    }
    Ok(Some(Visitor::of(session)))
}

/// Signs a person out: every session of theirs ends, on every machine.
///
/// # Errors
/// The database can not be written.
pub fn sign_out(register: &Register, token: &str) -> Result<()> {
    let hash = token_hash(token);
    register.db().write_plain(move |plain| {
        let Some(session) = rows::session(&mut plain.tx(), &hash)? else { return Ok(()) };
        rows::end_all(&mut plain.tx(), session.person)?;
        plain.log(&ActorId::Person(session.person), "portal.sign_out", Outcome::Changed, Vec::new())
    })?;
    Ok(())
}

/// Ends one session: that of a browser which has just begun another.
///
/// # Errors
/// The database can not be written.
pub fn end_session(register: &Register, token: &str) -> Result<()> {
    let hash = token_hash(token);
    Ok(register.db().write_plain(move |plain| rows::end_one(&mut plain.tx(), &hash))?)
}

/// Whether links can not let a person in because somebody else has one of their e-mail addresses, too: for their card.
///
/// # Errors
/// The database can not be read.
pub fn is_address_shared(register: &Register, person: &Person) -> Result<bool> {
    let today = register.today();
    let emails = person.values_of(Kind::Email).filter(|stored| stored.holds_on(today));
    let keys: Vec<String> = emails.filter_map(|stored| stored.value.match_key()).collect();
    Ok(!keys.is_empty() && register.db().look(|tx| rows::is_shared(tx, person.id.into(), &keys))?)
}

/// Refuses what needs a fresh proof when there is none.
///
/// # Errors
/// [`OpsError::NotFresh`].
pub fn need_proof(register: &Register, who: &Visitor) -> Result<()> {
    if who.session.is_fresh_at(register.now()) { Ok(()) } else { Err(OpsError::NotFresh) }
}

/// Answers wishes and writes invitations until told to stop. For a thread of its own.
pub fn run(register: &Register, base: &str, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let done = answer_waiting(register, base).and_then(|_| crate::invitation::send_waiting(register, base));
        if let Err(error) = done {
            // No value of a person is in an error of the register.
            tracing::warn!(%error, "wishes to sign in could not be answered");
        }
        std::thread::park_timeout(ROUND);
    }
}

/// The use under which a person acts.
fn usage(register: &Register, who: &Visitor, action: Action) -> Result<Use> {
    register.authorize(&who.actor, action)
}

//! The public form of registration: what it says is kept sealed and of nobody, until whoever reads the mail of its address
//! confirms it. Then it becomes a new person, or, when exactly one person has the address, proposals about them. Nobody is
//! told which.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use seloste_domain::consent::{
    Channel, Consent, ConsentWay, GivenBy, Matter, Wording, barred, end_of, matters, registered, wording,
};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::history::PartyChange;
use seloste_domain::id::{ImportId, PersonId, RegistrationId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::mail::next_try;
use seloste_domain::person::PersonDraft;
use seloste_domain::portal::{REGISTRATION_LIFE, registration_source, typed};
use seloste_domain::proposal::{Proposed, Standing, standing};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_mail::Mailbox;
use seloste_mail::portal as messages;
use seloste_store::consent::{self, NewConsent};
use seloste_store::party::{self, Noun};
use seloste_store::proposal::Said;
use seloste_store::{Access as _, StoreError, Writing, registration as rows};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{OpsError, Result};
use crate::mail::Post;
use crate::register::Register;
use crate::session::{random_token, token_hash};
use crate::values::{Origin, replace};

/// A form that is sent sooner after it was shown was not filled in by a person.
const SOONEST: SignedDuration = SignedDuration::from_secs(2);
/// A form that was shown longer ago is shown again.
const LATEST: SignedDuration = SignedDuration::from_hours(2);

/// The form as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// What it says. Companies and organisation are not read.
    pub draft: PersonDraft,
    /// The stamp that the form was shown with.
    pub stamp: String,
    /// The field that people do not see: who fills it in is a program.
    pub trap: String,
    /// The network that it comes from.
    pub from: String,
    /// The language of the page.
    pub language: Language,
    /// What was ticked: the matter, and by what its wording is known again.
    pub consents: Vec<(String, String)>,
}

/// What is kept, sealed, until it is confirmed.
#[derive(Serialize, Deserialize)]
struct Kept {
    draft: PersonDraft,
    language: String,
    base: String,
    /// Consents with their wording, as it was shown.
    #[serde(default)]
    consents: Vec<(Matter, String)>,
    sent_at: Timestamp,
}

/// What a registration may consent to: of the company whose customer it makes one, and by no channel but the mailbox that is shown to be
/// theirs. A telephone number that somebody types can be anybody's.
///
/// # Errors
/// The notice can not be read.
pub fn asked(register: &Register, language: Language) -> Result<Vec<(Matter, Wording)>> {
    let notice = register.notice()?;
    let companies: Vec<_> = notice.companies().iter().take(1).map(|company| company.id.clone()).collect();
    let shown = |matter: Matter| Some((wording(&notice, &matter, language)?, matter));
    let proven = matters(&notice, &companies).into_iter().filter(|matter| is_proven(matter.channel));
    Ok(proven.filter_map(shown).map(|(wording, matter)| (matter, wording)).collect())
}

fn is_proven(channel: Channel) -> bool {
    matches!(channel.kind(), None | Some(Kind::Email))
}

/// What was ticked, with its wording. Each by itself, and none beforehand (Art. 4(11); CJEU C-673/17).
fn ticked(register: &Register, sent: &Sent) -> Result<Vec<(Matter, String)>> {
    let asked = asked(register, sent.language)?;
    let mut all: Vec<(Matter, String)> = Vec::new();
    for (name, mark) in &sent.consents {
        let is = |(matter, wording): &&(Matter, Wording)| {
            matter.to_string() == *name && crate::consent::mark(wording) == *mark
        };
        // Another wording than the one that was read: the form is shown again.
        let old = || FieldErrors::from(FieldError::new("stamp", code::FORM_OLD));
        let (matter, wording) = asked.iter().find(is).ok_or_else(old)?;
        if !all.iter().any(|(has, _)| has == matter) {
            all.push((matter.clone(), wording.text()));
        }
    }
    Ok(all)
}

/// The stamp of a form that is shown now. It says when, and nobody but the register can write one.
///
/// # Errors
/// It can not be sealed.
pub fn stamp(register: &Register) -> Result<String> {
    let now = register.now().as_microsecond().to_be_bytes();
    Ok(URL_SAFE_NO_PAD.encode(register.db().seal_secret(Uuid::nil(), &now)?))
}

/// When a form was shown, by its stamp.
fn shown_at(register: &Register, stamp: &str) -> Option<Timestamp> {
    let sealed = URL_SAFE_NO_PAD.decode(stamp).ok()?;
    let opened = register.db().open_secret(Uuid::nil(), &sealed).ok()?;
    Timestamp::from_microsecond(i64::from_be_bytes(opened.as_slice().try_into().ok()?)).ok()
}

/// Takes a form: a message goes to its address, with the link that confirms it. The answer is the same for known and unknown
/// addresses, and for programs that fell into the trap.
///
/// # Errors
/// A field is wrong or not declared, the form is too old or was filled in too quickly, or too much came from the network.
pub fn register(register: &Register, sent: &Sent) -> Result<()> {
    let (now, notice) = (register.now(), register.notice()?);
    let base = register.portal().ok_or_else(crate::invitation::no_portal)?;
    register.portal_limits().ask(&sent.from, now)?;
    let fresh = shown_at(register, &sent.stamp).is_some_and(|at| {
        let age = now.duration_since(at);
        age >= SOONEST && age < LATEST
    });
    if !fresh {
        return Err(FieldErrors::from(FieldError::new("stamp", code::FORM_OLD)).into());
    }
    let draft = own_part(&sent.draft, &notice)?;
    draft.validate(notice.kinds(), register.today())?;
    let consents = ticked(register, sent)?;
    let address = draft.emails.first().map(|email| email.text.trim().to_lowercase()).unwrap_or_default();
    if !sent.trap.is_empty() || !register.portal_limits().write_to(&address, now) {
        return Ok(());
    }
    let kept = Kept { draft, language: sent.language.tag().into(), base: base.to_string(), consents, sent_at: now };
    let json = serde_json::to_vec(&kept).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let id = RegistrationId(register.db().env().id());
    let sealed = register.db().seal_secret(id.0, &json)?;
    let before = now.checked_sub(REGISTRATION_LIFE).unwrap_or(now);
    register.db().write_plain(move |plain| rows::insert(&mut plain.tx(), id, &sealed, now, before))?;
    Ok(())
}

/// What of a form is a person's to say of themself: the company is the controller's, and an e-mail address is needed.
fn own_part(draft: &PersonDraft, notice: &seloste_domain::notice::Notice) -> Result<PersonDraft> {
    let given = draft.emails.iter().find(|email| !email.text.trim().is_empty());
    let Some(email) = given else {
        return Err(FieldErrors::from(FieldError::new("emails.0.text", code::REQUIRED)).into());
    };
    Ok(PersonDraft {
        emails: vec![email.clone()],
        customer_number: String::new(),
        organisation: None,
        title: String::new(),
        companies: notice.companies().first().map(|company| company.id.to_string()).into_iter().collect(),
        protected_address: false,
        ..draft.clone()
    })
}

/// Sends the messages of registrations that are due; how many were sent.
///
/// # Errors
/// The database can not be read or written. What a server refuses is no error here.
pub fn send_due(register: &Register, post: &Post) -> Result<u64> {
    let mut count = 0;
    loop {
        let now = register.now();
        let Some(due) = register.db().look(|tx| rows::due(tx, now))? else { return Ok(count) };
        let token = random_token(register.db().env());
        let (taken, hash) = (due.clone(), token_hash(&token));
        // Until the next try, or for good: a runner that does not come back leaves it to the next one.
        let next =
            next_try(due.attempts + 1, now).filter(|next| next.duration_since(due.created_at) < REGISTRATION_LIFE);
        if !register.db().write_plain(move |plain| rows::take(&mut plain.tx(), &taken, &hash, next))? {
            continue;
        }
        let Ok(kept) = open(register, due.id, &due.sealed) else { continue };
        if hand_over(register, post, &kept, due.id, &token)? {
            let id = due.id;
            register.db().write_plain(move |plain| rows::sent(&mut plain.tx(), id))?;
            count += 1;
        }
    }
}

fn open(register: &Register, id: RegistrationId, sealed: &[u8]) -> Result<Kept> {
    let json = register.db().open_secret(id.0, sealed)?;
    Ok(serde_json::from_slice(&json).map_err(|_| StoreError::Corrupt("a registration".into()))?)
}

fn hand_over(register: &Register, post: &Post, kept: &Kept, id: RegistrationId, token: &str) -> Result<bool> {
    let notice = register.notice()?;
    let language = kept.language.parse().unwrap_or_default();
    let written = messages::registration(&notice, language, (&kept.base, token));
    let from = match post.from.name.is_empty() {
        true => Mailbox { name: notice.controller().name.clone(), ..post.from.clone() },
        false => post.from.clone(),
    };
    let address = kept.draft.emails.first().map(|email| email.text.trim().to_owned()).unwrap_or_default();
    let to = Mailbox { name: String::new(), address };
    let sent = post.transport.send(&seloste_mail::Mail {
        id: id.0,
        at: register.now(),
        from: &from,
        reply_to: post.reply_to.as_ref(),
        to: &to,
        subject: &written.subject,
        body: &written.body,
        enclosures: &[],
    });
    Ok(sent.is_ok())
}

/// Confirms a registration by what its message said. It is good once.
///
/// # Errors
/// [`OpsError::Link`] whatever is wrong; [`OpsError::Throttled`] after many tries from one network.
pub fn confirm(register: &Register, said: &str, from: &str) -> Result<()> {
    let now = register.now();
    register.portal_limits().try_to_enter(from, now)?;
    let actor = Actor::Program("registration");
    let usage = register.authorize(&actor, Action::RegistrationTake)?;
    let secret = token_hash(&typed(said));
    let before = now.checked_sub(REGISTRATION_LIFE).unwrap_or(now);
    let found = register.db().write_plain(move |plain| rows::confirm(&mut plain.tx(), &secret, before))?;
    let Some((id, sealed)) = found else {
        register.db().refuse(&actor.id(), Action::RegistrationTake.as_str(), Vec::new())?;
        return Err(OpsError::Link);
    };
    let kept = open(register, id, &sealed)?;
    let (notice, today) = (register.notice()?, register.today());
    let source = registration_source(&notice).ok_or(StoreError::NotFound("source"))?;
    // The notice may have changed since: what it does not declare any more is not taken in.
    let valid = kept.draft.validate(usage.kinds(), today)?;
    let origin = Origin::of(&usage, &source);
    let (db, person, import) = (register.db().clone(), PersonId(id.0), ImportId(id.0));
    let asked = matters(&notice, &valid.companies);
    let given = Given {
        consents: kept.consents,
        sent_at: kept.sent_at,
        language: kept.language.parse().unwrap_or_default(),
        asked,
    };
    let taken = register.db().write(&usage, move |w| {
        let address = valid.values.iter().find(|new| new.value.kind() == Kind::Email);
        let key = address.and_then(|new| new.value.match_key()).ok_or(StoreError::NotFound("address"))?;
        if let Some(known) = seloste_store::portal::only_one_with(w, &key, today)? {
            propose(w, &known, &valid.values, &source, import, now, today)?;
            return given.of_known(w, known.id);
        }
        // An address that several have, or an organisation, shows nothing of who reads its mail.
        let is_shared = !seloste_store::prohibition::matching(&mut w.plain().tx(), Kind::Email, &key)?.is_empty();
        // Whoever was erased comes back by their own word; what they had forbidden they forbid still.
        let forbidden = crate::person::come_back(w, &valid, true)?;
        let mut change = PartyChange { companies_added: valid.companies.clone(), ..PartyChange::default() };
        replace(&mut change, &[], &valid.values, today, &origin, w.env());
        let party = db.prepare(person.into(), Noun::Person, change)?;
        party::create(w, &[party])?;
        crate::person::forbid_again(w, person.into(), forbidden)?;
        given.keep(w, person, |matter| !is_shared && barred(forbidden, matter.channel).is_none())
    });
    Ok(taken?)
}

/// What a registration consents to, about to be entered.
struct Given {
    consents: Vec<(Matter, String)>,
    sent_at: Timestamp,
    language: Language,
    /// What is still asked: the notice may have changed.
    asked: Vec<Matter>,
}

impl Given {
    /// Of somebody who is there, only to a company whose customer they are, which is where they can withdraw it, and only what they have
    /// neither forbidden nor withdrawn since.
    fn of_known(&self, w: &mut Writing<'_, '_>, person: PersonId) -> Result<(), StoreError> {
        let (companies, marks) = consent::about(w, person)?;
        let all = consent::of(w, person)?;
        self.keep(w, person, |matter| {
            let withdrawn = all.iter().filter(|one| one.matter == *matter).filter_map(Consent::withdrawn_at).max();
            companies.contains(&matter.company)
                && barred(marks.prohibitions, matter.channel).is_none()
                && withdrawn.is_none_or(|at| at < self.sent_at)
        })
    }

    fn keep(&self, w: &mut Writing<'_, '_>, person: PersonId, may: impl Fn(&Matter) -> bool) -> Result<(), StoreError> {
        let now = w.usage().at();
        let new = |(matter, text): &(Matter, String)| NewConsent {
            matter: matter.clone(),
            text: text.clone(),
            language: self.language,
            way: ConsentWay::Registration,
            given_by: GivenBy::Person,
            given_at: self.sent_at,
            expires_at: end_of(self.sent_at),
            evidence: Some(registered(self.sent_at, now, self.language)),
        };
        let wanted = self.consents.iter().filter(|(matter, _)| self.asked.contains(matter) && may(matter));
        let all: Vec<NewConsent> = wanted.map(new).collect();
        if all.is_empty() { Ok(()) } else { consent::give(w, person, &all).map(drop) }
    }
}

/// What a registration says of somebody who is there is for staff to look at.
fn propose(
    w: &mut Writing<'_, '_>,
    known: &seloste_domain::person::Person,
    values: &[seloste_domain::value::NewValue],
    source: &seloste_domain::id::SourceId,
    import: ImportId,
    now: Timestamp,
    today: jiff::civil::Date,
) -> Result<(), StoreError> {
    let news = values.iter().filter(|new| standing(&known.values, new, today) != Standing::Same);
    let proposed: Vec<Proposed> = news.cloned().map(Proposed::Value).collect();
    if proposed.is_empty() {
        return Ok(());
    }
    let said = Said { party: known.id.into(), fields: proposed.iter().map(Proposed::field).collect(), proposed };
    seloste_store::proposal::put(w, source, import, now, std::slice::from_ref(&said))
}

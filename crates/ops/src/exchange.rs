//! What partners do over their interface: read who changed, read one, propose corrections, acknowledge recalls. Each
//! reading is a disclosure: it goes through the door ([`crate::disclosure`]), is recorded, and stands in the log of
//! everybody in it. What is beyond the partner's scope is refused, not passed over in silence.

use std::net::IpAddr;

use seloste_domain::disclosure::{Case, Permit, Subject};
use seloste_domain::id::{ImportId, PartnerId, PartyId, PersonId, PurposeId, RecallId, SourceId, TokenId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::notice::Notice;
use seloste_domain::organisation::Organisation;
use seloste_domain::partner::{Interface, Partner};
use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::proposal::Proposed;
use seloste_domain::recall::{Recall, RecallState};
use seloste_domain::rights::Action;
use seloste_domain::token::Audience;
use seloste_domain::usage::{Actor, Use};
use seloste_domain::value::{StoredValue, Value};
pub use seloste_store::exchange::Position;
pub use seloste_store::party::Noun;
use seloste_store::proposal::Said;
use seloste_store::token::Owner;
use seloste_store::{StoreError, Writing, exchange as rows};
use uuid::Uuid;

use crate::disclosure;
use crate::error::{OpsError, Result};
use crate::register::Register;

/// Why a partner does not get what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BeyondScope {
    /// A kind of data.
    #[error("a kind of data is not one that the partner may receive")]
    Kinds,
    /// A purpose.
    #[error("the purpose is not one that the partner may serve")]
    Purpose,
    /// It may not send anything: no source of the notice stands for it.
    #[error("the partner is no source of the notice")]
    Source,
}

/// A partner whose token was shown.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The partner.
    pub partner: Partner,
    /// The token.
    pub token: TokenId,
    /// The partner as the actor of use cases.
    pub actor: Actor,
}

/// The partner that shows a token, when the token is good, its networks allow the address, and the partner may receive
/// something today over an interface.
///
/// # Errors
/// The database can not be read or written.
pub fn recognise(register: &Register, secret: &str, from: Option<IpAddr>) -> Result<Option<Visitor>> {
    let Some((Owner::Partner(id), token)) = crate::token::good(register, Audience::Partner, secret, from)? else {
        return Ok(None);
    };
    let partner = register.db().look(|tx| seloste_store::partner::get(tx, id))?;
    Ok(may_ask(register, &partner)?.then(|| visitor(partner, token)))
}

fn visitor(partner: Partner, token: TokenId) -> Visitor {
    Visitor { actor: actor_of(&partner), partner, token }
}

fn actor_of(partner: &Partner) -> Actor {
    Actor::Partner { id: partner.id, companies: partner.companies.clone() }
}

/// Whether a partner reads over an interface, and may receive anything today.
pub(crate) fn may_ask(register: &Register, partner: &Partner) -> Result<bool> {
    let by_interface = matches!(partner.interface, Interface::Api | Interface::Webhook);
    Ok(by_interface && partner.may_receive(register.today()) && partner.is_declared(&*register.notice()?))
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// For which purpose; none: the partner's first.
    pub purpose: Option<PurposeId>,
    /// Which kinds; none: all that the partner may receive.
    pub kinds: Option<Kinds>,
}

/// What a request is authorized for.
struct Leave {
    usage: Use,
    partner: PartnerId,
    case: Case,
    kinds: Kinds,
}

/// The kinds of people and organisations: what the interface has a place for.
const READABLE: [Kind; 7] = [
    Kind::Name,
    Kind::Organisation,
    Kind::Email,
    Kind::PostalAddress,
    Kind::Telephone,
    Kind::CustomerNumber,
    Kind::Language,
];

/// The kinds that a partner can read over the interface.
#[must_use]
pub fn readable(partner: &Partner, notice: &Notice) -> Kinds {
    partner.kinds.and(notice.kinds()).and(READABLE.into_iter().collect())
}

/// The purpose and the kinds of a request, when they are the partner's.
fn within(partner: &Partner, notice: &Notice, asked: &Asked) -> Result<(PurposeId, Kinds), BeyondScope> {
    let declared = |purpose: &&PurposeId| notice.purpose(purpose).is_some();
    let mut own = partner.purposes.iter().filter(declared);
    let purpose = match &asked.purpose {
        Some(purpose) => own.find(|own| *own == purpose),
        None => own.next(),
    };
    let may = readable(partner, notice);
    let kinds = asked.kinds.unwrap_or(may);
    let purpose = purpose.ok_or(BeyondScope::Purpose)?;
    if kinds.is_empty() || kinds.and(may) != kinds { Err(BeyondScope::Kinds) } else { Ok((purpose.clone(), kinds)) }
}

fn leave(register: &Register, who: &Visitor, action: Action, asked: &Asked) -> Result<Leave> {
    let (purpose, kinds) = within(&who.partner, &*register.notice()?, asked).or_else(|why| {
        register.db().refuse(&who.actor.id(), action.as_str(), Vec::new())?;
        Err(OpsError::from(why))
    })?;
    let usage = register.authorize_for(&who.actor, action, &purpose)?.only(kinds);
    Ok(Leave { usage, partner: who.partner.id, case: Case::Service(purpose), kinds })
}

/// Whether a partner would read anything after a change. Nothing leaves by asking.
///
/// # Errors
/// Data may not leave, or the database can not be read.
pub(crate) fn is_anything_after(register: &Register, partner: &Partner, since: i64) -> Result<bool> {
    let (notice, today) = (register.notice()?, register.today());
    let (purpose, kinds) = within(partner, &notice, &Asked::default())?;
    let actor = actor_of(partner);
    let usage = Use::authorize_for(&actor, Action::PartnerRead, &purpose, &notice, register.now())?.only(kinds);
    let (id, case) = (partner.id, Case::Service(purpose));
    let found = register.db().write(&usage, move |w| {
        let permit = disclosure::permit(w, &notice, today, id, case.clone(), kinds)?;
        Ok(!rows::changes(w, &permit, (since, Uuid::max()), 1)?.is_empty())
    });
    found.map_err(OpsError::from_store)
}

/// Somebody as a partner receives them: with what it may have of them today, and nothing else.
#[derive(Clone, Debug)]
pub enum Received {
    /// A person.
    Person(Box<Person>),
    /// An organisation.
    Organisation(Box<Organisation>),
}

/// What a partner is told of somebody.
#[derive(Clone, Debug)]
pub struct Told {
    /// Whom.
    pub id: Uuid,
    /// The number of the change.
    pub seq: i64,
    /// What is so now; none: they have left, and what the partner holds of them is to go.
    pub now: Option<Received>,
}

/// A page of what changed.
#[derive(Clone, Debug)]
pub struct Page {
    /// The changes in order.
    pub told: Vec<Told>,
    /// Where the partner has read to.
    pub position: Position,
    /// Whether there is more now.
    pub more: bool,
    /// Which kinds it has.
    pub kinds: Kinds,
}

/// Reads what changed after a position, as it is now, and who left.
///
/// # Errors
/// It is beyond the partner's scope, or data may not leave.
pub fn changes(register: &Register, who: &Visitor, asked: &Asked, after: Position, limit: usize) -> Result<Page> {
    let action = Action::PartnerRead;
    let leave = leave(register, who, action, asked)?;
    let (notice, today) = (register.notice()?, register.today());
    let (usage, kinds) = (leave.usage.clone(), leave.kinds);
    let read = register.db().write(&usage, move |w| {
        let permit = disclosure::permit(w, &notice, today, leave.partner, leave.case.clone(), leave.kinds)?;
        let mut found = rows::changes(w, &permit, after, limit + 1)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let position = found.last().map_or(after, rows::Changed::position);
        let ids = |noun| found.iter().filter(|c| c.noun == Some(noun)).map(|c| c.party.0).collect::<Vec<_>>();
        let (people, organisations) = (ids(Noun::Person), ids(Noun::Organisation));
        let mut received = receive(w, &permit, &people, &organisations, today)?;
        // Of those here who have nothing that the partner may have, it hears nothing.
        let told = found.iter().filter_map(|changed| {
            let (id, seq) = (changed.party.0, changed.seq);
            let now = received.remove(&id);
            (changed.noun.is_none() || now.is_some()).then_some(Told { id, seq, now })
        });
        Ok(Page { told: told.collect(), position, more, kinds: leave.kinds })
    });
    disclosure::refused_is_logged(register, &who.actor, action, &who.partner.log_name(), read)
        .map(|page| Page { kinds, ..page })
}

/// Reads one person or organisation within reach.
///
/// # Errors
/// There is none, it is beyond the partner's scope, or data may not leave.
pub fn show(
    register: &Register,
    who: &Visitor,
    asked: &Asked,
    party: PartyId,
    noun: Noun,
) -> Result<(Received, Kinds)> {
    let action = Action::PartnerRead;
    let leave = leave(register, who, action, asked)?;
    let (notice, today, kinds) = (register.notice()?, register.today(), leave.kinds);
    let read = register.db().write(&leave.usage.clone(), move |w| {
        let permit = disclosure::permit(w, &notice, today, leave.partner, leave.case.clone(), leave.kinds)?;
        if rows::find(w, &permit, party)? != noun {
            return Err(StoreError::NotFound(noun.as_str()));
        }
        let (people, organisations): (&[Uuid], &[Uuid]) =
            if noun == Noun::Person { (&[party.0], &[]) } else { (&[], &[party.0]) };
        receive(w, &permit, people, organisations, today)?.remove(&party.0).ok_or(StoreError::NotFound(noun.as_str()))
    });
    let object = format!("{}:{party}", noun.as_str());
    disclosure::refused_is_logged(register, &who.actor, action, &object, read).map(|received| (received, kinds))
}

/// Reads parties with what of them may leave, records that it leaves, and that the partner holds them.
fn receive(
    w: &mut Writing<'_, '_>,
    permit: &Permit,
    people: &[Uuid],
    organisations: &[Uuid],
    today: jiff::civil::Date,
) -> Result<std::collections::HashMap<Uuid, Received>, StoreError> {
    let mut received = std::collections::HashMap::new();
    let mut subjects = Vec::new();
    for person in seloste_store::person::some(w, people)? {
        let person = leaving(person, today);
        let mut fields = kinds_of(&person.values);
        if person.representations_on(today).next().is_some() {
            fields = fields.with(Kind::Organisation);
        }
        if !fields.is_empty() {
            subjects.push(Subject { party: person.id.into(), fields });
            received.insert(person.id.0, Received::Person(Box::new(person)));
        }
    }
    for organisation in seloste_store::organisation::some(w, organisations)? {
        let mut organisation = organisation;
        organisation.values.retain(|stored| leaves(stored, today));
        let fields = kinds_of(&organisation.values).with(Kind::Organisation);
        subjects.push(Subject { party: organisation.id.into(), fields });
        received.insert(organisation.id.0, Received::Organisation(Box::new(organisation)));
    }
    if !subjects.is_empty() {
        disclosure::record(w, permit, &subjects)?;
        let held: Vec<PartyId> = subjects.iter().map(|of| of.party).collect();
        rows::hold(&mut w.plain().tx(), permit.partner(), &held)?;
    }
    Ok(received)
}

fn kinds_of(values: &[StoredValue]) -> Kinds {
    values.iter().map(|stored| stored.value.kind()).collect()
}

/// Whether a value leaves: not one that has ended, and not an address of which only that there is one may be seen.
fn leaves(stored: &StoredValue, today: jiff::civil::Date) -> bool {
    let masked = matches!(&stored.value, Value::PostalAddress(address) if address.is_masked());
    !masked && stored.valid_until.is_none_or(|until| until >= today)
}

fn leaving(mut person: Person, today: jiff::civil::Date) -> Person {
    person.values.retain(|stored| leaves(stored, today));
    person.representations.retain(|of| of.valid_until.is_none_or(|until| until >= today));
    person
}

/// The source of the notice that stands for a partner, if there is one.
///
/// # Errors
/// The database can not be read.
pub fn source(register: &Register, partner: PartnerId) -> Result<Option<SourceId>> {
    Ok(register.db().look(|tx| seloste_store::webhook::source(tx, partner))?)
}

/// Puts what a partner says of a person into the review queue: nothing is changed until somebody decides.
///
/// # Errors
/// There is no such person within reach, a field is wrong or beyond the scope, or the partner is no source.
pub fn propose(register: &Register, who: &Visitor, id: ImportId, person: PersonId, draft: &PersonDraft) -> Result<()> {
    let action = Action::PartnerPropose;
    let leave = leave(register, who, action, &Asked::default())?;
    let notice = register.notice()?;
    let source = source(register, who.partner.id)?.filter(|source| notice.source(source).is_some());
    let source = source.ok_or(OpsError::from(BeyondScope::Source))?;
    let (today, now) = (register.today(), register.now());
    let valid = draft.validate_part(leave.kinds, today)?;
    let fields: Vec<&'static str> = kinds_of_new(&valid).iter().map(Kind::as_str).collect();
    let proposed: Vec<Proposed> = valid.into_iter().map(Proposed::Value).collect();
    let put = register.db().write(&leave.usage.clone(), move |w| {
        let permit = disclosure::permit(w, &notice, today, leave.partner, leave.case.clone(), leave.kinds)?;
        if rows::find(w, &permit, person.into())? != Noun::Person {
            return Err(StoreError::NotFound("person"));
        }
        let said = Said { party: person.into(), fields: fields.clone(), proposed: proposed.clone() };
        seloste_store::proposal::put(w, &source, id, now, std::slice::from_ref(&said))
    });
    disclosure::refused_is_logged(register, &who.actor, action, &format!("person:{person}"), put)
}

fn kinds_of_new(values: &[seloste_domain::value::NewValue]) -> Kinds {
    values.iter().map(|new| new.value.kind()).collect()
}

/// What the partner has to be told and has not acknowledged, the oldest first; reading it is being told.
///
/// # Errors
/// The database can not be read or written.
pub fn recalls(register: &Register, who: &Visitor, after: Option<RecallId>, limit: i64) -> Result<Vec<Recall>> {
    let usage = register.authorize(&who.actor, Action::PartnerRecall)?;
    let partner = who.partner.id;
    Ok(register.db().write(&usage, move |w| {
        let filter = seloste_store::recall::Filter { partner: Some(partner), open: true, after, ..Default::default() };
        let found = seloste_store::recall::page(w, &filter, limit)?;
        for recall in found.iter().filter(|recall| recall.state == RecallState::Waiting) {
            seloste_store::recall::sent(w, recall, Interface::Api)?;
        }
        Ok(found)
    })?)
}

/// Notes that the partner has done what it was told. Twice changes nothing.
///
/// # Errors
/// There is none of this id for the partner.
pub fn acknowledge(register: &Register, who: &Visitor, id: RecallId) -> Result<()> {
    let action = Action::PartnerRecall;
    let usage = register.authorize(&who.actor, action)?;
    let partner = who.partner.id;
    let done = register.db().write(&usage, move |w| {
        let recall = seloste_store::recall::get(w, id)?;
        if recall.partner != partner {
            return Err(StoreError::NotFound("recall"));
        }
        seloste_store::recall::close(w, &recall, RecallState::Acknowledged, "")?;
        Ok(())
    });
    disclosure::refused_is_logged(register, &who.actor, action, &format!("recall:{id}"), done)
}

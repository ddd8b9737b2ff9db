//! What partners do over their interface: read who changed, read one, propose corrections, acknowledge recalls. Each
//! reading is a disclosure: it goes through the door ([`crate::disclosure`]), is recorded, and stands in the log of
//! everybody in it. What is beyond the partner's scope is refused, not passed over in silence.

use std::net::IpAddr;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use seloste_domain::disclosure::{Case, Permit, Subject};
use seloste_domain::id::{ImportId, OrderId, PartnerId, PartyId, PersonId, PurposeId, RecallId, SourceId, TokenId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::notice::Notice;
use seloste_domain::order::Order;
use seloste_domain::organisation::Organisation;
use seloste_domain::partner::{Interface, NEARLY_USED, Partner};
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
use seloste_store::{StoreError, Tx, Writing, exchange as rows};
use uuid::Uuid;

use crate::disclosure;
use crate::error::{OpsError, Result};
use crate::register::{Register, local_date, start_of};

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
    /// It has read as many people for the purpose today as was agreed; the seconds until the next day begins.
    #[error("the partner has read as many people for the purpose today as was agreed")]
    Quota(i64),
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
    quota: Quota,
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

/// The kinds that a partner can read of orders: whether it may have them at all.
fn of_orders(partner: &Partner, notice: &Notice) -> Kinds {
    partner.kinds.and(notice.kinds()).and(std::iter::once(Kind::Orders).collect())
}

/// The purpose and the kinds of a request, when they are the partner's and among those that it `may` read so.
fn within(partner: &Partner, notice: &Notice, asked: &Asked, may: Kinds) -> Result<(PurposeId, Kinds), BeyondScope> {
    let declared = |purpose: &&PurposeId| notice.purpose(purpose).is_some();
    let mut own = partner.purposes.iter().filter(declared);
    let purpose = match &asked.purpose {
        Some(purpose) => own.find(|own| *own == purpose),
        None => own.next(),
    };
    let kinds = asked.kinds.unwrap_or(may);
    let purpose = purpose.ok_or(BeyondScope::Purpose)?;
    if kinds.is_empty() || kinds.and(may) != kinds { Err(BeyondScope::Kinds) } else { Ok((purpose.clone(), kinds)) }
}

fn leave(
    register: &Register,
    who: &Visitor,
    action: Action,
    asked: &Asked,
    may: fn(&Partner, &Notice) -> Kinds,
) -> Result<Leave> {
    let notice = register.notice()?;
    let (purpose, kinds) = within(&who.partner, &notice, asked, may(&who.partner, &notice)).or_else(|why| {
        register.db().refuse(&who.actor.id(), action.as_str(), Vec::new())?;
        Err(OpsError::from(why))
    })?;
    let usage = register.authorize_for(&who.actor, action, &purpose)?.only(kinds);
    let quota = Quota { purpose: purpose.clone(), people: i64::from(who.partner.quota(&purpose)), now: register.now() };
    Ok(Leave { usage, partner: who.partner.id, case: Case::Service(purpose), kinds, quota })
}

/// How many people may be read for a purpose in a day.
#[derive(Clone)]
struct Quota {
    purpose: PurposeId,
    people: i64,
    now: Timestamp,
}

impl Quota {
    /// How many are left of it today. It is asked in the transaction that reads, so that several at once can not exceed it.
    fn left(&self, w: &mut Writing<'_, '_>, partner: PartnerId) -> Result<usize, StoreError> {
        let today = local_date(self.now);
        let read = rows::read_since(&mut w.plain().tx(), partner, &self.purpose, start_of(today))?;
        let left = self.people.saturating_sub(read);
        if left <= 0 {
            let tomorrow = start_of(today.tomorrow().unwrap_or(today));
            let seconds = tomorrow.duration_since(self.now).as_secs().max(1);
            return Err(OpsError::from(BeyondScope::Quota(seconds)).into_store());
        }
        Ok(usize::try_from(left).unwrap_or(usize::MAX))
    }
}

/// The error of a reading: one that was refused stands in the log, where the controller sees who asks for too much.
fn refusal_is_logged<T>(register: &Register, who: &Visitor, object: &str, read: Result<T, StoreError>) -> Result<T> {
    let read = disclosure::refused_is_logged(register, &who.actor, Action::PartnerRead, object, read);
    if let Err(OpsError::BeyondScope(BeyondScope::Quota(_))) = &read {
        let objects = vec![who.partner.log_name(), "quota".to_owned()];
        register.db().refuse(&who.actor.id(), Action::PartnerRead.as_str(), objects)?;
    }
    read
}

/// Whether a partner would read anything after a change. Nothing leaves by asking.
///
/// # Errors
/// Data may not leave, or the database can not be read.
pub(crate) fn is_anything_after(register: &Register, partner: &Partner, since: i64) -> Result<bool> {
    let (notice, today) = (register.notice()?, register.today());
    let (purpose, kinds) = within(partner, &notice, &Asked::default(), readable(partner, &notice))?;
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
    let leave = leave(register, who, action, asked, readable)?;
    let (notice, today) = (register.notice()?, register.today());
    let (usage, kinds) = (leave.usage.clone(), leave.kinds);
    let read = register.db().write(&usage, move |w| {
        let permit = disclosure::permit(w, &notice, today, leave.partner, leave.case.clone(), leave.kinds)?;
        let limit = limit.min(leave.quota.left(w, leave.partner)?);
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
    refusal_is_logged(register, who, &who.partner.log_name(), read).map(|page| Page { kinds, ..page })
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
    let leave = leave(register, who, action, asked, readable)?;
    let (notice, today, kinds) = (register.notice()?, register.today(), leave.kinds);
    let read = register.db().write(&leave.usage.clone(), move |w| {
        let permit = disclosure::permit(w, &notice, today, leave.partner, leave.case.clone(), leave.kinds)?;
        leave.quota.left(w, leave.partner)?;
        if rows::find(w, &permit, party)? != noun {
            return Err(StoreError::NotFound(noun.as_str()));
        }
        let (people, organisations): (&[Uuid], &[Uuid]) =
            if noun == Noun::Person { (&[party.0], &[]) } else { (&[], &[party.0]) };
        receive(w, &permit, people, organisations, today)?.remove(&party.0).ok_or(StoreError::NotFound(noun.as_str()))
    });
    let object = format!("{}:{party}", noun.as_str());
    refusal_is_logged(register, who, &object, read).map(|received| (received, kinds))
}

/// A page of somebody's orders.
#[derive(Clone, Debug)]
pub struct OrderPage {
    /// The orders, the oldest first, without whom they are of: that is whom was asked for.
    pub orders: Vec<Order>,
    /// Where to go on; none: nothing was read.
    pub last: Option<OrderId>,
    /// Whether there is more now.
    pub more: bool,
}

/// Reads the orders of one person or organisation within reach, with the companies of the partner: when the kind belongs to
/// its scope. That somebody's orders were read is a disclosure of that kind, so that the partner is told when one is corrected.
///
/// # Errors
/// There is no such party, orders are beyond the partner's scope, its quota is used up, or data may not leave.
pub fn orders(
    register: &Register,
    who: &Visitor,
    purpose: Option<PurposeId>,
    (party, noun): (PartyId, Noun),
    after: Option<OrderId>,
    limit: usize,
) -> Result<OrderPage> {
    let asked = Asked { purpose, kinds: None };
    let leave = leave(register, who, Action::PartnerRead, &asked, of_orders)?;
    let (notice, today) = (register.notice()?, register.today());
    // An organisation is within reach of those only who may know of organisations.
    let organisations = who.partner.kinds.and(std::iter::once(Kind::Organisation).collect());
    let reached: Kinds =
        organisations.iter().filter(|_| noun == Noun::Organisation).chain(leave.kinds.iter()).collect();
    let read = register.db().write(&leave.usage.clone(), move |w| {
        let permit = disclosure::permit(w, &notice, today, leave.partner, leave.case.clone(), reached)?;
        leave.quota.left(w, leave.partner)?;
        if rows::find(w, &permit, party)? != noun {
            return Err(StoreError::NotFound(noun.as_str()));
        }
        let mut ids = rows::orders(w, &permit, party, after, limit + 1)?;
        let more = ids.len() > limit;
        ids.truncate(limit);
        let orders = seloste_store::order::some(w, &ids)?;
        if !orders.is_empty() {
            disclosure::record(w, &permit, &[Subject { party, fields: leave.kinds }])?;
            rows::hold(&mut w.plain().tx(), permit.partner(), &[party])?;
        }
        Ok(OrderPage { orders, last: ids.last().copied().map(OrderId), more })
    });
    refusal_is_logged(register, who, &format!("{}:{party}", noun.as_str()), read)
}

/// What a partner read for a purpose on a day, and how much was agreed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Used {
    /// The purpose.
    pub purpose: PurposeId,
    /// The day.
    pub day: Date,
    /// How many people and organisations, each time counted.
    pub people: i64,
    /// How many were agreed a day.
    pub quota: i64,
}

impl Used {
    /// Whether it is so near to what was agreed, or at it, that somebody should look.
    #[must_use]
    pub const fn is_unusual(&self) -> bool {
        self.people.saturating_mul(100) >= self.quota.saturating_mul(NEARLY_USED as i64)
    }
}

/// What a partner read over its interface on the last days, today first: for the controller.
///
/// # Errors
/// The actor may not, or there is no such partner.
pub fn used(register: &Register, actor: &Actor, partner: PartnerId, days: i32) -> Result<Vec<Used>> {
    register.authorize(actor, Action::PartnerList)?;
    let today = register.today();
    Ok(register.db().look(|tx| {
        let partner = seloste_store::partner::get(tx, partner)?;
        let mut found = Vec::new();
        for back in 0..days {
            let day = today.saturating_sub(back.days());
            for purpose in &partner.purposes {
                let used = used_on(tx, &partner, purpose, day)?;
                if used.people > 0 || back == 0 {
                    found.push(used);
                }
            }
        }
        Ok(found)
    })?)
}

fn used_on(tx: &mut Tx<'_>, partner: &Partner, purpose: &PurposeId, day: Date) -> Result<Used, StoreError> {
    let since = rows::read_since(tx, partner.id, purpose, start_of(day))?;
    let after = rows::read_since(tx, partner.id, purpose, start_of(day.tomorrow().unwrap_or(day)))?;
    let quota = i64::from(partner.quota(purpose));
    Ok(Used { purpose: purpose.clone(), day, people: since - after, quota })
}

/// The partners that have read so much over their interface today that somebody should look.
///
/// # Errors
/// The actor may not.
pub fn unusual(register: &Register, actor: &Actor) -> Result<Vec<PartnerId>> {
    let (today, mut partners) = (register.today(), crate::partner::list(register, actor)?);
    partners.retain(|partner| matches!(partner.interface, Interface::Api | Interface::Webhook));
    Ok(register.db().look(|tx| {
        let mut found = Vec::new();
        for partner in &partners {
            let mut all = partner.purposes.iter().map(|purpose| used_on(tx, partner, purpose, today));
            if all.try_fold(false, |some, used| Ok::<_, StoreError>(some || used?.is_unusual()))? {
                found.push(partner.id);
            }
        }
        Ok(found)
    })?)
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
    let leave = leave(register, who, action, &Asked::default(), readable)?;
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

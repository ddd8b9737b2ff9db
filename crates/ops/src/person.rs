//! People: lists, cards, adding, correcting, putting back.

use seloste_domain::draft::{Changes, OrganisationRef, changes};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::history::{Changed, OrganisationName, PartyChange};
use seloste_domain::id::{CompanyId, OrganisationId, PartyId, PersonId, RepresentationId, SourceId};
use seloste_domain::kind::Kind;
use seloste_domain::money::Cents;
use seloste_domain::notice::{Notice, SourceKind};
use seloste_domain::person::{Person, PersonDraft, Representation, ValidPerson};
use seloste_domain::prohibition::{Prohibitions, Way};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::party::{self, Noun, Update};
use seloste_store::prohibition::NewProhibition;
use seloste_store::suppression;
use seloste_store::{Access as _, Env, StoreError, Writing};

use crate::error::{OpsError, Result};
use crate::list::{self, List, Page};
pub use crate::once::Created;
use crate::register::{Register, local_date};
use crate::values::{Origin, replace};

/// A page of the list of people.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, list: &List) -> Result<Page<Person>> {
    let usage = register.authorize(actor, Action::PersonList)?;
    list::page(register, &usage, list, |r, wanted| seloste_store::person::page(r, wanted), |person| person.id.0)
}

/// How many people the actor's companies have.
///
/// # Errors
/// The actor may not.
pub fn count(register: &Register, actor: &Actor) -> Result<i64> {
    let usage = register.authorize(actor, Action::PersonList)?;
    Ok(register.db().read(&usage, |r| seloste_store::search::count(register.db(), r, Noun::Person))?)
}

/// What a person's card shows besides the person.
#[derive(Clone, Debug)]
pub struct Card {
    /// The person.
    pub person: Person,
    /// How many orders they have, archived ones too.
    pub orders: i64,
    /// The orders' sum without tax.
    pub orders_net: Cents,
}

/// A person's card.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: PersonId) -> Result<Card> {
    let usage = register.authorize(actor, Action::PersonShow)?;
    let card = register.db().read(&usage, |r| {
        let person = seloste_store::person::get(r, id)?;
        let (orders, orders_net) = seloste_store::order::summary(r, Some(id), None)?;
        Ok(Card { person, orders, orders_net })
    });
    not_found_is_logged(register, actor, Action::PersonShow, &format!("person:{id}"), card)
}

/// A thing that is not there and one that is another company's are answered alike; the try is logged.
pub(crate) fn not_found_is_logged<T>(
    register: &Register,
    actor: &Actor,
    action: Action,
    object: &str,
    found: Result<T, StoreError>,
) -> Result<T> {
    if let Err(StoreError::NotFound(_) | StoreError::Restricted | StoreError::Prohibited(_)) = &found {
        register.db().refuse(&actor.id(), action.as_str(), vec![object.to_owned()])?;
    }
    found.map_err(OpsError::from_store)
}

/// Checks that the source is one of the notice's.
pub(crate) fn declared_source(notice: &Notice, source: &SourceId) -> Result<()> {
    if notice.source(source).is_some() {
        return Ok(());
    }
    Err(FieldErrors::from(FieldError::new("source", code::UNDECLARED)).into())
}

/// Checks that the companies are the actor's; none means the only one, when there is only one.
pub(crate) fn own_companies(usage: &Use, companies: &[CompanyId]) -> Result<Vec<CompanyId>> {
    let scope = usage.scope();
    match companies {
        [] => match scope.companies() {
            [only] => Ok(vec![only.clone()]),
            _ => Err(FieldErrors::from(FieldError::new("companies", code::REQUIRED)).into()),
        },
        some if some.iter().all(|company| scope.has(company)) => Ok(some.to_vec()),
        _ => Err(FieldErrors::from(FieldError::new("companies", code::COMPANY_UNKNOWN)).into()),
    }
}

/// Adds a person.
///
/// # Errors
/// The actor may not, or a field is wrong or not declared by the notice.
pub fn create(register: &Register, actor: &Actor, draft: &PersonDraft, source: &SourceId) -> Result<PersonId> {
    let id = PersonId(register.db().env().id());
    create_once(register, actor, id, draft, source)?;
    Ok(id)
}

/// Adds a person under an id that the form had from the beginning, so that a form that is sent twice adds one.
///
/// # Errors
/// As [`create`].
pub fn create_once(
    register: &Register,
    actor: &Actor,
    id: PersonId,
    draft: &PersonDraft,
    source: &SourceId,
) -> Result<Created> {
    let usage = register.authorize(actor, Action::PersonCreate)?;
    declared_source(&*register.notice()?, source)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    let companies = own_companies(&usage, &valid.companies)?;
    if valid.protected_address {
        register.authorize(actor, Action::PersonProtect)?;
    }
    let origin = Origin::of(&usage, source);
    let own_word = is_own_word(&*register.notice()?, source);
    let today = register.today();
    let db = register.db().clone();
    let created = register.db().write(&usage, move |w| {
        if let Some(before) = seloste_store::person::some(w, &[id.0])?.first() {
            let same = is_as_given(before, &valid, &companies, today);
            return Ok(if same { Created::Before } else { Created::Differs });
        }
        let forbidden = come_back(w, &valid, own_word)?;
        let mut change = PartyChange { companies_added: companies.clone(), ..PartyChange::default() };
        replace(&mut change, &[], &valid.values, today, &origin, w.env());
        if valid.protected_address {
            change.protected_address = Some(true);
        }
        if let Some(organisation) = &valid.organisation {
            let organisation = find_or_add_organisation(w, &db, organisation, &companies, &origin)?;
            change.representations_added.push(representation(
                w.env(),
                &organisation,
                valid.title.as_ref(),
                None,
                &origin,
            ));
        }
        let party = db.prepare(id.into(), Noun::Person, change)?;
        party::create(w, &[party])?;
        forbid_again(w, id.into(), forbidden)?;
        Ok(Created::New)
    });
    created.map_err(OpsError::from_store)
}

/// The list by which prohibitions come back that outlived an erasure.
const SUPPRESSION: &str = "suppression";

/// Enters what somebody who is new had forbidden before they were erased.
pub(crate) fn forbid_again(w: &mut Writing<'_, '_>, id: PartyId, kinds: Prohibitions) -> Result<(), StoreError> {
    if kinds.is_empty() {
        return Ok(());
    }
    let way = Way::OptOutList;
    let new = NewProhibition { kinds, way, note: String::new(), list: Some(SUPPRESSION.into()), expires_at: None };
    seloste_store::prohibition::set(w, Noun::Person, id, &new).map(drop)
}

/// Whether what a source says is the person's own word.
fn is_own_word(notice: &Notice, source: &SourceId) -> bool {
    notice.source(source).is_some_and(|source| matches!(source.kind, SourceKind::DataSubject | SourceKind::Digital))
}

/// Somebody who was erased at their request comes back by their own word, and by no other. What they had forbidden when they were
/// erased, which they forbid still.
pub(crate) fn come_back(
    w: &mut Writing<'_, '_>,
    valid: &ValidPerson,
    own_word: bool,
) -> Result<Prohibitions, StoreError> {
    let values = || valid.values.iter().map(|new| &new.value);
    if !suppression::is_any(&mut w.plain().tx())? {
        return Ok(Prohibitions::default());
    }
    let suppressed = suppression::of(w, values())?;
    if suppressed.erased && !own_word {
        return Err(OpsError::from(FieldErrors::from(FieldError::new("source", code::SUPPRESSED))).into_store());
    }
    suppression::lift(w, values())?;
    Ok(suppressed.prohibitions)
}

/// Whether a person is what a form says.
fn is_as_given(person: &Person, valid: &ValidPerson, companies: &[CompanyId], today: jiff::civil::Date) -> bool {
    let represents = person.representations_on(today).next();
    let organisation = match &valid.organisation {
        Some(OrganisationRef::Id(id)) => represents.is_some_and(|r| r.organisation == *id),
        Some(OrganisationRef::Named(name)) => represents.is_some_and(|r| r.organisation_name == *name),
        None => represents.is_none(),
    };
    changes(&person.values, &valid.values, today) == Changes::default()
        && organisation
        && represents.and_then(|r| r.title.as_ref()) == valid.title.as_ref()
        && person.companies.len() == companies.len()
        && companies.iter().all(|company| person.companies.contains(company))
        && person.protected_address == valid.protected_address
}

pub(crate) fn representation(
    env: &Env,
    organisation: &(OrganisationId, String),
    title: Option<&String>,
    from: Option<jiff::civil::Date>,
    origin: &Origin,
) -> Representation {
    Representation {
        id: RepresentationId(env.id()),
        organisation: organisation.0,
        organisation_name: organisation.1.clone(),
        title: title.cloned(),
        valid_from: from,
        valid_until: None,
        source: origin.source.clone(),
        entered_by: origin.entered_by.clone(),
        entered_at: origin.entered_at,
    }
}

/// Notes that a person represents an organisation. A title is corrected; an organisation that they represented until now
/// ended yesterday.
pub(crate) fn represents(
    change: &mut PartyChange,
    person: &Person,
    organisation: &(OrganisationId, String),
    title: Option<&String>,
    origin: &Origin,
    today: jiff::civil::Date,
    env: &Env,
) {
    let current: Vec<&Representation> = person.representations_on(today).collect();
    let same = current.iter().find(|has| has.organisation == organisation.0);
    let mut from = None;
    if let Some(old) = same.or(current.last()) {
        change.representations_removed.push((*old).clone());
        from = old.valid_from;
        if same.is_none() {
            let yesterday = today.yesterday().unwrap_or(today);
            let until = Some(yesterday.max(old.valid_from.unwrap_or(yesterday)));
            let ended = Representation { id: RepresentationId(env.id()), valid_until: until, ..(*old).clone() };
            change.representations_added.push(ended);
            from = Some(today);
        }
    }
    change.representations_added.push(representation(env, organisation, title, from, origin));
}

/// Refuses when one of the organisations is there and restricted: another one of its name must not be added beside it.
pub(crate) fn not_restricted(w: &mut Writing<'_, '_>, ids: &[uuid::Uuid]) -> Result<(), StoreError> {
    for id in ids {
        if let Err(error @ StoreError::Restricted) = seloste_store::organisation::get(w, OrganisationId(*id)) {
            return Err(error);
        }
    }
    Ok(())
}

/// The organisation that a draft names: by id, or by its name among those in scope, or a new one.
pub(crate) fn find_or_add_organisation(
    w: &mut Writing<'_, '_>,
    db: &seloste_store::Db,
    organisation: &OrganisationRef,
    companies: &[CompanyId],
    origin: &Origin,
) -> Result<(OrganisationId, String), StoreError> {
    match organisation {
        OrganisationRef::Id(id) => seloste_store::organisation::get(w, *id).map(|found| (found.id, found.name)),
        OrganisationRef::Named(name) => {
            let named = seloste_store::organisation::by_name(&mut w.plain().tx(), name)?;
            let ids: Vec<_> = named.into_iter().map(|id| id.0).collect();
            if let Some(found) = seloste_store::organisation::some(w, &ids)?.into_iter().next() {
                return Ok((found.id, found.name));
            }
            not_restricted(w, &ids)?;
            let id = OrganisationId(w.env().id());
            let new = OrganisationName {
                name: name.clone(),
                business_id: None,
                source: origin.source.clone(),
                entered_by: origin.entered_by.clone(),
                entered_at: origin.entered_at,
            };
            let change = PartyChange {
                companies_added: companies.to_vec(),
                name: Some(Changed { before: None, after: Some(new) }),
                ..PartyChange::default()
            };
            let party = db.prepare(id.into(), Noun::Organisation, change)?;
            party::create(w, &[party])?;
            Ok((id, name.clone()))
        }
    }
}

/// Corrects a person: the values become those of the draft. Values that stay keep their source.
///
/// # Errors
/// The actor may not, a field is wrong, or someone else changed the person since `expected`.
pub fn change(
    register: &Register,
    actor: &Actor,
    id: PersonId,
    expected: i64,
    draft: &PersonDraft,
    source: &SourceId,
) -> Result<i64> {
    let usage = register.authorize(actor, Action::PersonChange)?;
    declared_source(&*register.notice()?, source)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    let companies = own_companies(&usage, &valid.companies)?;
    let origin = Origin::of(&usage, source);
    let may_protect = Use::authorize(actor, Action::PersonProtect, &*register.notice()?, register.now()).is_ok();
    let db = register.db().clone();
    let changed = register.db().write(&usage, move |w| {
        let person = seloste_store::person::get(w, id)?;
        if person.protected_address != valid.protected_address && !may_protect {
            return Err(
                OpsError::from(FieldErrors::from(FieldError::new("protected_address", code::UNDECLARED))).into_store()
            );
        }
        let change = difference(w, &db, &person, &valid, &companies, &origin)?;
        party::update(w, &Update { id: id.into(), noun: Noun::Person, expected, change })
    });
    not_found_is_logged(register, actor, Action::PersonChange, &format!("person:{id}"), changed)
}

/// What makes the person as the draft says.
pub(crate) fn difference(
    w: &mut Writing<'_, '_>,
    db: &seloste_store::Db,
    person: &Person,
    valid: &ValidPerson,
    companies: &[CompanyId],
    origin: &Origin,
) -> Result<PartyChange, StoreError> {
    let mut change = PartyChange::default();
    replace(&mut change, &person.values, &valid.values, local_date(w.usage().at()), origin, w.env());
    if person.protected_address != valid.protected_address {
        change.protected_address = Some(valid.protected_address);
    }
    change.companies_added = companies.iter().filter(|c| !person.companies.contains(c)).cloned().collect();
    change.companies_removed = person.companies.iter().filter(|c| !companies.contains(c)).cloned().collect();
    if w.usage().kinds().has(Kind::Organisation) {
        represent(w, db, person, valid, companies, origin, &mut change)?;
    }
    Ok(change)
}

/// Ends the representation that the draft no longer names, and begins the one that it names. Past ones stay.
fn represent(
    w: &mut Writing<'_, '_>,
    db: &seloste_store::Db,
    person: &Person,
    valid: &ValidPerson,
    companies: &[CompanyId],
    origin: &Origin,
    change: &mut PartyChange,
) -> Result<(), StoreError> {
    let today = local_date(w.usage().at());
    let current = person.representations_on(today).last().cloned();
    let wanted = match &valid.organisation {
        Some(organisation) => Some(find_or_add_organisation(w, db, organisation, companies, origin)?),
        None => None,
    };
    let same = match (&current, &wanted) {
        (Some(current), Some(wanted)) => current.organisation == wanted.0 && current.title == valid.title,
        (None, None) => true,
        _ => false,
    };
    if same {
        return Ok(());
    }
    let mut from = None;
    if let Some(current) = current {
        let other = wanted.as_ref().is_none_or(|wanted| wanted.0 != current.organisation);
        if other && current.entered_at < w.usage().at() {
            let yesterday = today.yesterday().unwrap_or(today);
            let ended = Representation {
                valid_until: Some(yesterday.max(current.valid_from.unwrap_or(yesterday))),
                ..current.clone()
            };
            change.representations_added.push(Representation { id: RepresentationId(w.env().id()), ..ended });
            from = Some(today);
        }
        change.representations_removed.push(current);
    }
    if let Some(wanted) = wanted {
        change.representations_added.push(representation(w.env(), &wanted, valid.title.as_ref(), from, origin));
    }
    Ok(())
}

/// The id of a person whose customer number this is, for the command line.
///
/// # Errors
/// The actor may not, or there is none.
pub fn by_customer_number(register: &Register, actor: &Actor, number: &str) -> Result<PersonId> {
    let usage = register.authorize(actor, Action::PersonSearch)?;
    let found = register.db().read(&usage, |r| seloste_store::person::by_customer_number(r, number))?;
    found.first().map(|person| person.id).ok_or(OpsError::Store(StoreError::NotFound("person")))
}

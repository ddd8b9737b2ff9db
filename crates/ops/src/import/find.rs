//! Whom a row is about: the matching rules of [`seloste_domain::import::Rule`].

use seloste_domain::business_id;
use seloste_domain::email::Email;
use seloste_domain::fold::fold;
use seloste_domain::id::{OrganisationId, PartyId, PersonId, SourceId};
use seloste_domain::import::{CustomerRef, Rule};
use seloste_domain::kind::Kind;
use seloste_domain::organisation::{Organisation, ValidOrganisation};
use seloste_domain::person::{Person, ValidPerson};
use seloste_domain::value::{NewValue, Value};
use seloste_store::party::{self, Noun};
use seloste_store::{StoreError, Writing};
use uuid::Uuid;

use super::batch::Context;
use super::read::Subject;

/// What the rules found.
pub(super) enum Found<T> {
    /// Nobody: a new one.
    None,
    /// One.
    One(Box<T>),
    /// More than one: somebody has to say which.
    Several,
    /// One, but outside of what the importer may see.
    Outside,
}

impl<T> Found<T> {
    fn of(mut found: Vec<T>) -> Self {
        match (found.pop(), found.is_empty()) {
            (None, _) => Self::None,
            (Some(one), true) => Self::One(Box::new(one)),
            (Some(_), false) => Self::Several,
        }
    }
}

/// Match keys of a kind among new values.
fn keys(values: &[NewValue], kind: Kind) -> impl Iterator<Item = String> {
    values.iter().filter(move |new| new.value.kind() == kind).filter_map(|new| new.value.match_key())
}

fn name_of(values: &[NewValue]) -> Option<String> {
    values.iter().find_map(|new| if let Value::Name(name) = &new.value { Some(fold(&name.display())) } else { None })
}

/// By what a person who is waiting to be stored could be found.
pub(super) fn person_keys(subject: &Subject<ValidPerson>) -> Vec<String> {
    let external = subject.external_id.iter().map(|id| format!("person:{id}"));
    let values = subject.valid.values.iter();
    external.chain(values.filter_map(|new| Some(format!("{}:{}", new.value.kind(), new.value.match_key()?)))).collect()
}

/// By what an organisation who is waiting to be stored could be found.
pub(super) fn organisation_keys(subject: &Subject<ValidOrganisation>) -> Vec<String> {
    let external = subject.external_id.iter().map(|id| format!("organisation:{id}"));
    let business = subject.valid.business_id.iter().map(|id| format!("business_id:{}", id.as_str()));
    external.chain(business).chain([name_key(&subject.valid.name)]).collect()
}

/// By what an organisation that is only named could be found.
pub(super) fn name_key(name: &str) -> String {
    format!("name:{}", fold(name))
}

/// The person of a row.
pub(super) fn person(
    w: &mut Writing<'_, '_>,
    context: &Context,
    subject: &Subject<ValidPerson>,
) -> Result<Found<Person>, StoreError> {
    for rule in Rule::PEOPLE {
        let found = match rule {
            Rule::ExternalId => {
                let ids = by_external_id(w, context, "person", subject.external_id.as_deref())?;
                outside_is_told(ids.len(), seloste_store::person::some(w, &ids)?)
            }
            Rule::CustomerNumber => {
                let ids = matching(w, &subject.valid.values, Kind::CustomerNumber)?;
                let ids = not_another(w, context, subject.external_id.as_deref(), ids)?;
                outside_is_told(ids.len(), seloste_store::person::some(w, &ids)?)
            }
            Rule::EmailAndName => named_alike(w, context, subject, Kind::Email)?,
            Rule::TelephoneAndName => named_alike(w, context, subject, Kind::Telephone)?,
            Rule::BusinessId | Rule::NameAndPlace => Found::None,
        };
        if !matches!(found, Found::None) {
            return Ok(found);
        }
    }
    Ok(Found::None)
}

fn outside_is_told<T>(ids: usize, seen: Vec<T>) -> Found<T> {
    if seen.len() < ids { Found::Outside } else { Found::of(seen) }
}

fn by_external_id(
    w: &mut Writing<'_, '_>,
    context: &Context,
    noun: &str,
    external_id: Option<&str>,
) -> Result<Vec<Uuid>, StoreError> {
    let Some(external) = external_id else { return Ok(Vec::new()) };
    let found = party::by_external_id(&mut w.plain().tx(), &context.origin.source, noun, external)?;
    Ok(found.into_iter().collect())
}

fn matching(w: &mut Writing<'_, '_>, values: &[NewValue], kind: Kind) -> Result<Vec<Uuid>, StoreError> {
    let mut ids = Vec::new();
    for key in keys(values, kind) {
        let found = party::matching(&mut w.plain().tx(), Noun::Person, kind, &key)?;
        ids.extend(found.into_iter().map(|id| id.0));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Without those whom the source calls by another id: to it they are others.
fn not_another(
    w: &mut Writing<'_, '_>,
    context: &Context,
    external_id: Option<&str>,
    ids: Vec<Uuid>,
) -> Result<Vec<Uuid>, StoreError> {
    if external_id.is_none() {
        return Ok(ids);
    }
    let mut left = Vec::new();
    for id in ids {
        if !seloste_store::import::has_external_id(&mut w.plain().tx(), &context.origin.source, id)? {
            left.push(id);
        }
    }
    Ok(left)
}

fn named_alike(
    w: &mut Writing<'_, '_>,
    context: &Context,
    subject: &Subject<ValidPerson>,
    kind: Kind,
) -> Result<Found<Person>, StoreError> {
    let Some(name) = name_of(&subject.valid.values) else { return Ok(Found::None) };
    let ids = matching(w, &subject.valid.values, kind)?;
    let ids = not_another(w, context, subject.external_id.as_deref(), ids)?;
    let mut people = seloste_store::person::some(w, &ids)?;
    people.retain(|person| person.name().is_some_and(|has| fold(&has.display()) == name));
    Ok(Found::of(people))
}

/// The organisation of a row.
pub(super) fn organisation(
    w: &mut Writing<'_, '_>,
    context: &Context,
    subject: &Subject<ValidOrganisation>,
) -> Result<Found<Organisation>, StoreError> {
    for rule in Rule::ORGANISATIONS {
        let found = match rule {
            Rule::ExternalId => {
                let ids = by_external_id(w, context, "organisation", subject.external_id.as_deref())?;
                outside_is_told(ids.len(), seloste_store::organisation::some(w, &ids)?)
            }
            Rule::BusinessId => match &subject.valid.business_id {
                Some(id) => {
                    let ids = seloste_store::organisation::by_business_id(&mut w.plain().tx(), id.as_str())?;
                    let ids = not_another(w, context, subject.external_id.as_deref(), plain(ids))?;
                    outside_is_told(ids.len(), seloste_store::organisation::some(w, &ids)?)
                }
                None => Found::None,
            },
            Rule::NameAndPlace => named_at(w, context, subject)?,
            Rule::CustomerNumber | Rule::EmailAndName | Rule::TelephoneAndName => Found::None,
        };
        if !matches!(found, Found::None) {
            return Ok(found);
        }
    }
    Ok(Found::None)
}

fn plain(ids: Vec<OrganisationId>) -> Vec<Uuid> {
    ids.into_iter().map(|id| id.0).collect()
}

fn named_at(
    w: &mut Writing<'_, '_>,
    context: &Context,
    subject: &Subject<ValidOrganisation>,
) -> Result<Found<Organisation>, StoreError> {
    let here = places(subject.valid.values.iter().map(|new| &new.value));
    let ids = seloste_store::organisation::by_name(&mut w.plain().tx(), &subject.valid.name)?;
    let ids = not_another(w, context, subject.external_id.as_deref(), plain(ids))?;
    let mut found = seloste_store::organisation::some(w, &ids)?;
    found.retain(|organisation| {
        let there = places(organisation.values.iter().map(|stored| &stored.value));
        there.iter().any(|place| here.contains(place))
    });
    Ok(Found::of(found))
}

/// Postal codes and towns, folded.
fn places<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<String> {
    let addresses = values.filter_map(|value| if let Value::PostalAddress(a) = value { Some(a) } else { None });
    let both = addresses.flat_map(|address| [fold(&address.postal_code), fold(&address.town)]);
    both.filter(|place| !place.is_empty()).collect()
}

/// The organisation that a person's row names, among those that the importer may see.
pub(super) fn named(w: &mut Writing<'_, '_>, name: &str) -> Result<Option<Organisation>, StoreError> {
    let ids = seloste_store::organisation::by_name(&mut w.plain().tx(), name)?;
    Ok(seloste_store::organisation::some(w, &plain(ids))?.into_iter().next())
}

/// The person and the organisation in scope that a row calls the customer: by what the source calls them, else by their
/// number, else by the business id, else by the e-mail address. Two of one name: neither is taken for the other.
///
/// # Errors
/// [`StoreError::Restricted`]: the processing of their data is restricted; or the database can not be read.
pub(crate) fn customer(
    w: &mut Writing<'_, '_>,
    source: &SourceId,
    customer: &CustomerRef,
) -> Result<(Option<Person>, Option<Organisation>), StoreError> {
    let uuids = |found: Vec<PartyId>| found.into_iter().map(|id| id.0).collect::<Vec<_>>();
    let (mut people, mut organisations) = (Vec::new(), Vec::new());
    if let Some(external) = &customer.external_id {
        let mut tx = w.plain().tx();
        people.extend(party::by_external_id(&mut tx, source, "person", external)?);
        organisations.extend(party::by_external_id(&mut tx, source, "organisation", external)?);
    }
    let matching = |w: &mut Writing<'_, '_>, people: &mut Vec<Uuid>, organisations: &mut Vec<Uuid>, kind, key: &str| {
        let mut tx = w.plain().tx();
        *people = uuids(party::matching(&mut tx, Noun::Person, kind, key)?);
        *organisations = uuids(party::matching(&mut tx, Noun::Organisation, kind, key)?);
        Ok::<_, StoreError>(())
    };
    if let Some(number) = customer.customer_number.as_ref().filter(|_| people.is_empty() && organisations.is_empty()) {
        matching(w, &mut people, &mut organisations, Kind::CustomerNumber, number)?;
    }
    let address = customer.email.as_ref().and_then(|email| Email::parse("", None, email).ok());
    let business = customer.business_id.as_ref().and_then(|id| business_id::parse(id));
    if let Some(id) = business.filter(|_| people.is_empty() && organisations.is_empty()) {
        organisations = plain(seloste_store::organisation::by_business_id(&mut w.plain().tx(), id.as_str())?);
    }
    if let Some(email) = address.filter(|_| people.is_empty() && organisations.is_empty()) {
        matching(w, &mut people, &mut organisations, Kind::Email, &email.match_key())?;
    }
    let (ids, other_ids) = (people, organisations);
    let mut people = seloste_store::person::some(w, &ids)?;
    let mut organisations = seloste_store::organisation::some(w, &other_ids)?;
    // Who is kept back is no stranger: the source is told why.
    if let ([id], []) = (ids.as_slice(), people.as_slice()) {
        restricted_is_told(seloste_store::person::get(w, PersonId(*id)))?;
    }
    if let ([id], []) = (other_ids.as_slice(), organisations.as_slice()) {
        restricted_is_told(seloste_store::organisation::get(w, OrganisationId(*id)))?;
    }
    let person = if people.len() == 1 { people.pop() } else { None };
    let organisation = if organisations.len() == 1 { organisations.pop() } else { None };
    Ok((person, organisation))
}

fn restricted_is_told<T>(found: Result<T, StoreError>) -> Result<(), StoreError> {
    match found {
        Ok(_) | Err(StoreError::NotFound(_) | StoreError::Prohibited(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

//! Organisations: lists, cards, adding, correcting.

use seloste_domain::draft::{Changes, changes};
use seloste_domain::history::{Changed, OrganisationName, PartyChange};
use seloste_domain::id::{CompanyId, OrganisationId, SourceId};
use seloste_domain::money::Cents;
use seloste_domain::organisation::{Organisation, OrganisationDraft, ValidOrganisation};
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::party::{self, Noun, Update};

use crate::error::{OpsError, Result};
use crate::list::{self, List, Page};
pub use crate::once::Created;
use crate::person::{declared_source, not_found_is_logged, own_companies};
use crate::register::{Register, local_date};
use crate::values::{Origin, replace};

/// People of an organisation shown on its card at most.
const PEOPLE: i64 = 100;

/// A page of the list of organisations.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, list: &List) -> Result<Page<Organisation>> {
    let usage = register.authorize(actor, Action::OrganisationList)?;
    list::page(
        register,
        &usage,
        list,
        |r, wanted| seloste_store::organisation::page(r, wanted),
        |organisation| organisation.id.0,
    )
}

/// How many organisations the actor's companies have.
///
/// # Errors
/// The actor may not.
pub fn count(register: &Register, actor: &Actor) -> Result<i64> {
    let usage = register.authorize(actor, Action::OrganisationList)?;
    Ok(register.db().read(&usage, |r| seloste_store::search::count(register.db(), r, Noun::Organisation))?)
}

/// What an organisation's card shows.
#[derive(Clone, Debug)]
pub struct Card {
    /// The organisation.
    pub organisation: Organisation,
    /// Those who represent or represented it.
    pub people: Vec<Person>,
    /// How many orders it has, archived ones too.
    pub orders: i64,
    /// The orders' sum without tax.
    pub orders_net: Cents,
}

/// An organisation's card.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn show(register: &Register, actor: &Actor, id: OrganisationId) -> Result<Card> {
    let usage = register.authorize(actor, Action::OrganisationShow)?;
    let kinds = usage.kinds();
    let card = register.db().read(&usage, |r| {
        let organisation = seloste_store::organisation::get(r, id)?;
        let people = if kinds.has(seloste_domain::kind::Kind::Organisation) {
            seloste_store::person::representing(r, id, PEOPLE)?
        } else {
            Vec::new()
        };
        let (orders, orders_net) = seloste_store::order::summary(r, None, Some(id))?;
        Ok(Card { organisation, people, orders, orders_net })
    });
    not_found_is_logged(register, actor, Action::OrganisationShow, &format!("organisation:{id}"), card)
}

pub(crate) fn name_of(valid: &ValidOrganisation, origin: &Origin) -> OrganisationName {
    OrganisationName {
        name: valid.name.clone(),
        business_id: valid.business_id.clone(),
        source: origin.source.clone(),
        entered_by: origin.entered_by.clone(),
        entered_at: origin.entered_at,
    }
}

/// The name that an organisation has, with where it came from.
pub(crate) fn stored_name(organisation: &Organisation) -> OrganisationName {
    OrganisationName {
        name: organisation.name.clone(),
        business_id: organisation.business_id.clone(),
        source: organisation.source.clone(),
        entered_by: organisation.entered_by.clone(),
        entered_at: organisation.entered_at,
    }
}

/// Adds an organisation.
///
/// # Errors
/// The actor may not, or a field is wrong.
pub fn create(
    register: &Register,
    actor: &Actor,
    draft: &OrganisationDraft,
    source: &SourceId,
) -> Result<OrganisationId> {
    let id = OrganisationId(register.db().env().id());
    create_once(register, actor, id, draft, source)?;
    Ok(id)
}

/// Adds an organisation under an id that the form had from the beginning, so that a form that is sent twice adds one.
///
/// # Errors
/// As [`create`].
pub fn create_once(
    register: &Register,
    actor: &Actor,
    id: OrganisationId,
    draft: &OrganisationDraft,
    source: &SourceId,
) -> Result<Created> {
    let usage = register.authorize(actor, Action::OrganisationCreate)?;
    declared_source(&*register.notice()?, source)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    let companies = own_companies(&usage, &valid.companies)?;
    let origin = Origin::of(&usage, source);
    let mut change = PartyChange {
        companies_added: companies.clone(),
        name: Some(Changed { before: None, after: Some(name_of(&valid, &origin)) }),
        ..PartyChange::default()
    };
    replace(&mut change, &[], &valid.values, register.today(), &origin, register.db().env());
    let party = register.db().prepare(id.into(), Noun::Organisation, change)?;
    let today = register.today();
    let created = register.db().write(&usage, move |w| {
        if let Some(before) = seloste_store::organisation::some(w, &[id.0])?.first() {
            let same = is_as_given(before, &valid, &companies, today);
            return Ok(if same { Created::Before } else { Created::Differs });
        }
        party::create(w, std::slice::from_ref(&party))?;
        Ok(Created::New)
    });
    Ok(created?)
}

/// Whether an organisation is what a form says.
fn is_as_given(
    organisation: &Organisation,
    valid: &ValidOrganisation,
    companies: &[CompanyId],
    today: jiff::civil::Date,
) -> bool {
    organisation.name == valid.name
        && organisation.business_id == valid.business_id
        && changes(&organisation.values, &valid.values, today) == Changes::default()
        && organisation.companies.len() == companies.len()
        && companies.iter().all(|company| organisation.companies.contains(company))
}

/// Corrects an organisation.
///
/// # Errors
/// The actor may not, a field is wrong, or someone else changed it since `expected`.
pub fn change(
    register: &Register,
    actor: &Actor,
    id: OrganisationId,
    expected: i64,
    draft: &OrganisationDraft,
    source: &SourceId,
) -> Result<i64> {
    let usage = register.authorize(actor, Action::OrganisationChange)?;
    declared_source(&*register.notice()?, source)?;
    let valid = draft.validate(usage.kinds(), register.today())?;
    let companies = own_companies(&usage, &valid.companies)?;
    let origin = Origin::of(&usage, source);
    let changed = register.db().write(&usage, move |w| {
        let organisation = seloste_store::organisation::get(w, id)?;
        let change = difference(&organisation, &valid, &companies, &origin, w.env());
        party::update(w, &Update { id: id.into(), noun: Noun::Organisation, expected, change })
    });
    not_found_is_logged(register, actor, Action::OrganisationChange, &format!("organisation:{id}"), changed)
        .map_err(|e: OpsError| e)
}

pub(crate) fn difference(
    organisation: &Organisation,
    valid: &ValidOrganisation,
    companies: &[seloste_domain::id::CompanyId],
    origin: &Origin,
    env: &seloste_store::Env,
) -> PartyChange {
    let mut change = PartyChange::default();
    replace(&mut change, &organisation.values, &valid.values, local_date(origin.entered_at), origin, env);
    if organisation.name != valid.name || organisation.business_id != valid.business_id {
        change.name = Some(Changed { before: Some(stored_name(organisation)), after: Some(name_of(valid, origin)) });
    }
    change.companies_added = companies.iter().filter(|c| !organisation.companies.contains(c)).cloned().collect();
    change.companies_removed = organisation.companies.iter().filter(|c| !companies.contains(c)).cloned().collect();
    change
}

//! Partners: who outside the group may receive what, and on which contract.

use jiff::ToSpan as _;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::PartnerId;
use seloste_domain::partner::Made;
pub use seloste_domain::partner::{
    Confirmed, ContractItem, DAILY_QUOTA, Ending, Interface, Partner, PartnerDraft, People, QuotaDraft, RETURN_DAYS,
    Returned, Role, Standing, SubProcessorDraft, Under,
};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::{StoreError, Writing};

use crate::error::{OpsError, Result};
use crate::register::Register;

/// All partners, by name.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<Partner>> {
    register.authorize(actor, Action::PartnerList)?;
    Ok(register.db().look(seloste_store::partner::all)?)
}

/// One partner.
///
/// # Errors
/// The actor may not, or there is none.
pub fn get(register: &Register, actor: &Actor, id: PartnerId) -> Result<Partner> {
    register.authorize(actor, Action::PartnerList)?;
    Ok(register.db().look(|tx| seloste_store::partner::get(tx, id))?)
}

fn at_field(error: StoreError) -> OpsError {
    match error {
        StoreError::Taken("name") => FieldErrors::from(FieldError::new("name", code::PARTNER_NAME_TAKEN)).into(),
        other => OpsError::from_store(other),
    }
}

/// Adds a partner. One that the notice in force does not declare, or that is outside the EEA without what that asks for,
/// is refused (promises P08, P15).
///
/// # Errors
/// The actor may not, or a field is wrong.
pub fn create(register: &Register, actor: &Actor, draft: &PartnerDraft) -> Result<PartnerId> {
    let usage = register.authorize(actor, Action::PartnerChange)?;
    let valid = checked(register, actor, draft)?;
    let id = PartnerId(register.db().env().id());
    let made = Made { id, by: usage.actor().to_string(), at: usage.at() };
    let partner = valid.into_partner(None, made);
    register.db().write(&usage, move |w| seloste_store::partner::insert(w, &partner)).map_err(at_field)?;
    Ok(id)
}

fn checked(register: &Register, actor: &Actor, draft: &PartnerDraft) -> Result<seloste_domain::partner::ValidPartner> {
    let checked = draft.validate(&*register.notice()?, register.today());
    checked.or_else(|errors| {
        let refused =
            [code::PARTNER_UNDECLARED, code::TRANSFER_FORBIDDEN, code::NECESSITY_MISSING, code::SAFEGUARD_MISSING];
        if errors.0.iter().any(|error| refused.contains(&error.code)) {
            register.db().refuse(&actor.id(), Action::PartnerChange.as_str(), Vec::new())?;
        }
        Err(errors.into())
    })
}

/// Changes a partner.
///
/// # Errors
/// The actor may not, a field is wrong, it was ended, or someone else changed it since `expected`.
pub fn change(register: &Register, actor: &Actor, id: PartnerId, expected: i64, draft: &PartnerDraft) -> Result<i64> {
    let usage = register.authorize(actor, Action::PartnerChange)?;
    let valid = checked(register, actor, draft)?;
    let made = Made { id, by: usage.actor().to_string(), at: usage.at() };
    let changed = register.db().write(&usage, move |w| {
        let before = current(w, id, expected)?;
        let after = valid.clone().into_partner(Some(&before), made.clone());
        seloste_store::partner::update(w, &after)?;
        Ok(after.version)
    });
    changed.map_err(at_field)
}

fn current(w: &mut Writing<'_, '_>, id: PartnerId, expected: i64) -> Result<Partner, StoreError> {
    let before = seloste_store::partner::get(&mut w.plain().tx(), id)?;
    if before.version == expected { Ok(before) } else { Err(StoreError::Conflict { found: before.version, expected }) }
}

fn step(
    register: &Register,
    actor: &Actor,
    id: PartnerId,
    expected: i64,
    change: impl Fn(&mut Partner) -> Result<(), StoreError> + Send + 'static,
) -> Result<i64> {
    let usage = register.authorize(actor, Action::PartnerChange)?;
    let (by, at) = (usage.actor().to_string(), usage.at());
    let changed = register.db().write(&usage, move |w| {
        let mut partner = current(w, id, expected)?;
        change(&mut partner)?;
        (partner.version, partner.changed_by, partner.changed_at) = (expected + 1, by.clone(), at);
        seloste_store::partner::update(w, &partner)?;
        Ok(partner.version)
    });
    changed.map_err(OpsError::from_store)
}

/// Ends the contract with a partner now: from this moment it receives nothing, and a processor is asked to confirm that
/// it returned or deleted what it had (Art. 28(3)(g)).
///
/// # Errors
/// The actor may not, it was ended already, or someone else changed it since `expected`.
pub fn end(register: &Register, actor: &Actor, id: PartnerId, expected: i64) -> Result<i64> {
    let today = register.today();
    step(register, actor, id, expected, move |partner| {
        if partner.ending.is_some() {
            return Err(StoreError::Conflict { found: expected + 1, expected });
        }
        partner.ending = Some(ending(today));
        Ok(())
    })
}

fn ending(on: jiff::civil::Date) -> Ending {
    Ending { on, due: on.saturating_add(RETURN_DAYS.days()), chased: 0, chased_on: None, confirmed: None }
}

/// Notes that the partner was asked again for its confirmation.
///
/// # Errors
/// The actor may not, it owes none, or someone else changed it since `expected`.
pub fn chase(register: &Register, actor: &Actor, id: PartnerId, expected: i64) -> Result<i64> {
    let today = register.today();
    step(register, actor, id, expected, move |partner| {
        if !partner.owes_return(today) {
            return Err(StoreError::NotFound("ending"));
        }
        let over = partner.contract.until;
        let ending = partner.ending.get_or_insert_with(|| ending(over.unwrap_or(today)));
        ending.chased += 1;
        ending.chased_on = Some(today);
        Ok(())
    })
}

/// Notes what a partner confirmed of the data that it had.
///
/// # Errors
/// The actor may not, it owes no confirmation, a field is wrong, or someone else changed it since `expected`.
pub fn confirm(
    register: &Register,
    actor: &Actor,
    id: PartnerId,
    expected: i64,
    (how, note): (&str, &str),
) -> Result<i64> {
    register.authorize(actor, Action::PartnerChange)?;
    let mut errors = FieldErrors::default();
    let how = errors.keep(how.parse::<Returned>().map_err(|_| FieldError::new("how", code::REQUIRED)));
    let note = errors.keep(seloste_domain::field::one_line("note", note, 500));
    let (Some(how), Some(note)) = (how, note) else { return Err(errors.into()) };
    let today = register.today();
    step(register, actor, id, expected, move |partner| {
        if !partner.owes_return(today) {
            return Err(StoreError::NotFound("ending"));
        }
        let over = partner.contract.until;
        let ending = partner.ending.get_or_insert_with(|| ending(over.unwrap_or(today)));
        ending.confirmed = Some(Confirmed { how, on: today, note: note.clone() });
        Ok(())
    })
}

/// The partners, for pages that tell of what was let out to them; by name.
///
/// # Errors
/// The database can not be read.
pub fn known(tx: &mut seloste_store::Tx<'_>) -> Result<Vec<Partner>, StoreError> {
    seloste_store::partner::all(tx)
}

/// The partners' names by id, for pages that tell of disclosures; by name.
///
/// # Errors
/// The database can not be read.
pub fn names(tx: &mut seloste_store::Tx<'_>) -> Result<Vec<(PartnerId, String)>, StoreError> {
    let partners = seloste_store::partner::all(tx)?;
    Ok(partners.into_iter().map(|partner| (partner.id, partner.name)).collect())
}

/// How many partners somebody should look at: contracts that end soon, are incomplete or no longer declared; and how many
/// owe the confirmation that they returned or deleted what they had.
///
/// # Errors
/// The actor may not.
pub fn to_look_at(register: &Register, actor: &Actor) -> Result<(usize, usize)> {
    let (notice, today) = (register.notice()?, register.today());
    let partners = list(register, actor)?;
    let contracts = partners.iter().filter(|partner| match partner.standing(today) {
        Standing::EndsSoon => true,
        Standing::InForce => !partner.has_contract() || !partner.is_declared(&notice),
        Standing::NotBegun | Standing::Ended => false,
    });
    Ok((contracts.count(), partners.iter().filter(|partner| partner.owes_return(today)).count()))
}

//! Credit services: which there are, how they are asked, and their secrets.

use seloste_domain::credit::{Method, Service, ServiceDraft, ValidService};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::CreditServiceId;
use seloste_domain::language::Language;
use seloste_domain::notice::{Ground, Notice, Service as Declared};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_fetch::Address;
use seloste_store::StoreError;
use seloste_store::credit as store;
use seloste_store::log::Act;

use super::{Asking, CreditRefused};
use crate::error::{OpsError, Result};
use crate::register::Register;

/// Services of a register at most.
const MOST: usize = 50;

/// Whether the notice in force declares what a service is used for: a provider that supports credit decisions, or a
/// recipient of credit applications (promises P13, P14).
pub(super) fn is_declared(notice: &Notice, id: &str) -> bool {
    let provides =
        |provider: &seloste_domain::notice::Provider| provider.id == id && provider.service == Declared::CreditDecision;
    let receives = |recipient: &seloste_domain::notice::Recipient| {
        recipient.id == id && recipient.ground == Ground::CreditApplication
    };
    notice.providers().iter().any(provides)
        || (notice.grounds().contains(&Ground::CreditApplication) && notice.recipients().iter().any(receives))
}

/// What the notice declares that a service can belong to: short name and name.
///
/// # Errors
/// The actor may not.
pub fn declared(register: &Register, actor: &Actor, language: Language) -> Result<Vec<(String, String)>> {
    register.authorize(actor, Action::CreditServiceManage)?;
    let notice = register.notice()?;
    let providers = notice.providers().iter().map(|one| (&one.id, &one.name));
    let recipients = notice.recipients().iter().map(|one| (&one.id, &one.name));
    let both = providers.chain(recipients).filter(|(id, _)| is_declared(&notice, id));
    Ok(both.map(|(id, name)| (id.clone(), name.get(language).to_owned())).collect())
}

/// All services, by name.
///
/// # Errors
/// The actor may not.
pub fn services(register: &Register, actor: &Actor) -> Result<Vec<Service>> {
    register.authorize(actor, Action::CreditServiceList)?;
    Ok(register.db().look(store::services)?)
}

/// One service.
///
/// # Errors
/// The actor may not, or there is none.
pub fn service(register: &Register, actor: &Actor, id: CreditServiceId) -> Result<Service> {
    register.authorize(actor, Action::CreditServiceList)?;
    Ok(register.db().look(|tx| store::service(tx, id))?)
}

/// Checks a draft against the notice and the operator's rules.
fn checked(register: &Register, asking: &Asking, draft: &ServiceDraft) -> Result<ValidService> {
    let valid = draft.validate()?;
    let mut errors = FieldErrors::default();
    if !is_declared(&*register.notice()?, &valid.declared) {
        errors.push(FieldError::new("declared", code::CREDIT_UNDECLARED));
    }
    if valid.method == Method::Rest {
        match valid.address.parse::<Address>() {
            Err(_) => errors.push(FieldError::new("address", code::URL_INVALID)),
            Ok(address) if !asking.fetcher.may(&address) => errors.push(FieldError::new("address", code::URL_PLAIN)),
            Ok(_) => {}
        }
    } else if !draft.secret.is_empty() {
        errors.push(FieldError::new("secret", code::SECRET_INVALID).with("max", seloste_domain::feed::MAX_SECRET));
    }
    Ok(errors.into_result(valid)?)
}

fn of(id: CreditServiceId, valid: ValidService, usage: &Use, version: i64) -> Service {
    let ValidService { name, declared, source_register, method, address, active } = valid;
    Service {
        id,
        name,
        declared,
        source_register,
        method,
        address,
        has_secret: false,
        secret_at: None,
        active,
        version,
        changed_by: usage.actor().to_string(),
        changed_at: usage.at(),
    }
}

fn sealed(register: &Register, id: CreditServiceId, secret: &str) -> Result<Option<Vec<u8>>> {
    if secret.is_empty() {
        return Ok(None);
    }
    Ok(Some(register.db().seal_secret(id.0, secret.as_bytes())?))
}

fn at_name(error: StoreError) -> OpsError {
    match error {
        StoreError::Taken("name") => FieldErrors::from(FieldError::new("name", code::CREDIT_NAME_TAKEN)).into(),
        StoreError::Taken(_) => CreditRefused::InUse.into(),
        other => OpsError::from_store(other),
    }
}

/// Adds a service.
///
/// # Errors
/// The actor may not, a field is wrong, or the name is taken.
pub fn create_service(
    register: &Register,
    actor: &Actor,
    asking: &Asking,
    draft: &ServiceDraft,
) -> Result<CreditServiceId> {
    let usage = register.authorize(actor, Action::CreditServiceManage)?;
    let valid = checked(register, asking, draft)?;
    if register.db().look(store::services)?.len() >= MOST {
        return Err(FieldErrors::from(FieldError::new("name", code::TOO_MANY).with("max", MOST)).into());
    }
    let id = CreditServiceId(register.db().env().id());
    let (service, secret, at) = (of(id, valid, &usage, 1), sealed(register, id, &draft.secret)?, usage.at());
    let written = register.db().write(&usage, move |w| {
        store::insert_service(&mut w.plain().tx(), &service)?;
        if secret.is_some() {
            store::set_service_secret(&mut w.plain().tx(), id, secret.as_ref(), at)?;
        }
        w.log(Act::on(format!("credit_service:{id}")))
    });
    written.map_err(at_name)?;
    Ok(id)
}

/// Changes a service; a new secret takes the place of the old one at once. A secret stays with the host that it was written
/// for: at another one it has to be written again.
///
/// # Errors
/// The actor may not, there is none, a field is wrong, or someone else changed it meanwhile.
pub fn change_service(
    register: &Register,
    actor: &Actor,
    asking: &Asking,
    (id, expected): (CreditServiceId, i64),
    draft: &ServiceDraft,
) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditServiceManage)?;
    let before = register.db().look(|tx| store::service(tx, id))?;
    let valid = checked(register, asking, draft)?;
    let origin = |address: &str| address.parse::<Address>().ok().map(|address| address.origin());
    let moved = origin(&before.address) != origin(&valid.address);
    let secret = sealed(register, id, &draft.secret)?;
    let changes = secret.is_some() || draft.forget_secret || moved;
    let (service, at) = (of(id, valid, &usage, expected + 1), usage.at());
    let written = register.db().write(&usage, move |w| {
        store::update_service(&mut w.plain().tx(), &service)?;
        if changes {
            store::set_service_secret(&mut w.plain().tx(), id, secret.as_ref(), at)?;
        }
        let what = if changes { "secret" } else { "settings" };
        w.log(Act { fields: vec![what.into()], ..Act::on(format!("credit_service:{id}")) })
    });
    written.map_err(at_name)
}

/// Removes a service. What was asked of it stays.
///
/// # Errors
/// The actor may not, there is none, or an enquiry to it waits for its answer.
pub fn remove_service(register: &Register, actor: &Actor, id: CreditServiceId) -> Result<()> {
    let usage = register.authorize(actor, Action::CreditServiceManage)?;
    let removed = register.db().write(&usage, move |w| {
        store::delete_service(&mut w.plain().tx(), id)?;
        w.log(Act::on(format!("credit_service:{id}")))
    });
    removed.map_err(at_name)
}

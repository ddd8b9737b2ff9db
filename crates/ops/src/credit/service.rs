//! Credit services: which there are, how they are asked, and their secrets.

use jiff::civil::Date;
use seloste_domain::credit::{Method, Service, ServiceDraft, ValidService};
use seloste_domain::disclosure::{Case, DisclosureRefused, decide};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CreditApplicationId, CreditServiceId};
use seloste_domain::kind::Kind;
use seloste_domain::notice::Notice;
use seloste_domain::partner::Partner;
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

/// Leave to ask a partner about an application at all, whatever is asked: the same door decides again, with the kinds of
/// data that go, whenever something goes (promises P13-P15).
pub(super) fn may_be_asked(partner: &Partner, notice: &Notice, today: Date) -> Result<(), DisclosureRefused> {
    let case = Case::CreditApplication(CreditApplicationId(uuid::Uuid::nil()));
    let fields = std::iter::once(Kind::Credit).collect();
    decide(partner, notice, case.basis(), case, fields, today).map(drop)
}

/// The partners that may be asked about credit applications, by name.
///
/// # Errors
/// The actor may not.
pub fn partners(register: &Register, actor: &Actor) -> Result<Vec<Partner>> {
    register.authorize(actor, Action::CreditServiceManage)?;
    let (notice, today) = (register.notice()?, register.today());
    let mut all = register.db().look(seloste_store::partner::all)?;
    all.retain(|partner| may_be_asked(partner, &notice, today).is_ok());
    Ok(all)
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
    let id = valid.partner;
    let known = register.db().look(|tx| seloste_store::partner::get(tx, id));
    let (notice, today) = (register.notice()?, register.today());
    if !known.is_ok_and(|partner| may_be_asked(&partner, &notice, today).is_ok()) {
        errors.push(FieldError::new("partner", code::CREDIT_PARTNER));
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
    let ValidService { name, partner, source_register, method, address, active } = valid;
    Service {
        id,
        name,
        partner,
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

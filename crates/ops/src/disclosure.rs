//! Disclosures: the one door by which personal data leaves the group, and what was let out by it.
//!
//! A use case that makes something for an outsider asks for a [`Permit`] within the transaction that makes it, gives the
//! permit to what writes the bytes, and records who is in it. A refusal undoes all of it:
//!
//! ```text
//! let handed = register.db().write(&usage, move |w| {
//!     let fields = [Kind::Name, Kind::PostalAddress].into_iter().collect();
//!     let permit = disclosure::permit(w, &notice, today, partner, Case::Collection(id), fields)?;
//!     let file = hand_over_file(&permit, &debtor);
//!     let made = disclosure::record(w, &permit, &[Subject { party: debtor.id, fields }])?;
//!     seloste_store::collection::hand_over(w, id, made, &file)?;
//!     Ok(file)
//! });
//! disclosure::refused_is_logged(register, actor, Action::CollectionHandOver, &format!("collection:{id}"), handed)
//! ```
//!
//! `fields` are kinds of data; what writes the bytes leaves out whatever [`Permit::has`] does not name. The people must
//! be within the companies of the use and of the partner, and for a service ([`Case::Service`]) also among the people
//! that the partner was given; [`receivable`] tells which are. What a person gets of their own, and what staff print for
//! use inside, is no disclosure: see `docs/partners.md`.

use jiff::civil::Date;
use seloste_domain::disclosure::decide;
pub use seloste_domain::disclosure::{Basis, Case, DisclosureRefused, Permit, Subject};
use seloste_domain::id::{DisclosureId, PartnerId, PartyId};
use seloste_domain::kind::Kinds;
use seloste_domain::notice::Notice;
use seloste_domain::partner::Partner;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::disclosure::NotRecorded;
pub use seloste_store::disclosure::{Disclosure, Filter};
use seloste_store::{StoreError, Writing};

use crate::error::{OpsError, Result};
use crate::register::Register;

/// Disclosures on a page, and in a person's report.
pub const SHOWN: i64 = 200;

/// Leave to let data of these kinds out to a partner for a case, on the case's own basis, within the transaction of what
/// leaves.
///
/// # Errors
/// [`OpsError::Disclosure`] (carried through the store): what prevents it. Or there is no such partner.
pub fn permit(
    w: &mut Writing<'_, '_>,
    notice: &Notice,
    today: Date,
    partner: PartnerId,
    case: Case,
    fields: Kinds,
) -> Result<Permit, StoreError> {
    let partner = seloste_store::partner::get(&mut w.plain().tx(), partner)?;
    let basis = case.basis();
    decide(&partner, notice, basis, case, fields, today).map_err(|refused| OpsError::from(refused).into_store())
}

/// Records that data leaves under the permit, and logs each person with recipient and kinds.
///
/// # Errors
/// [`OpsError::Disclosure`] (carried through the store): somebody is not among the people that the partner may receive,
/// or nothing of them would go.
pub fn record(w: &mut Writing<'_, '_>, permit: &Permit, subjects: &[Subject]) -> Result<DisclosureId, StoreError> {
    seloste_store::disclosure::record(w, permit, subjects).map_err(|error| match error {
        StoreError::Refused(inner) => match inner.downcast::<NotRecorded>() {
            Ok(why) => OpsError::from(match *why {
                NotRecorded::People => DisclosureRefused::People,
                NotRecorded::Fields => DisclosureRefused::Nothing,
            })
            .into_store(),
            Err(other) => StoreError::Refused(other),
        },
        other => other,
    })
}

/// Which of the parties a partner may receive for a service: of its companies and among its people.
///
/// # Errors
/// The database can not be read.
pub fn receivable(
    access: &mut impl seloste_store::Access,
    partner: &Partner,
    parties: &[PartyId],
) -> Result<Vec<PartyId>, StoreError> {
    seloste_store::disclosure::receivable(access, &partner.companies, partner.people, parties)
}

/// Logs that a disclosure was refused, or that its case was not there; the error of the use case.
///
/// # Errors
/// Those of `result`.
pub fn refused_is_logged<T>(
    register: &Register,
    actor: &Actor,
    action: Action,
    object: &str,
    result: Result<T, StoreError>,
) -> Result<T> {
    let error = match result {
        Ok(done) => return Ok(done),
        Err(error) => OpsError::from_store(error),
    };
    if error.is_not_found() || matches!(error, OpsError::Disclosure(_)) {
        register.db().refuse(&actor.id(), action.as_str(), vec![object.to_owned()])?;
    }
    Err(error)
}

/// The partners that may receive data of these kinds for a case today, by name: what a form offers.
///
/// # Errors
/// The database can not be read.
pub fn receivers(register: &Register, case: &Case, fields: Kinds) -> Result<Vec<Partner>> {
    let (notice, today) = (register.notice()?, register.today());
    let mut partners = register.db().look(seloste_store::partner::all)?;
    partners.retain(|partner| decide(partner, &notice, case.basis(), case.clone(), fields, today).is_ok());
    Ok(partners)
}

/// What of a person or an organisation was disclosed, to whom and when, the newest first.
///
/// # Errors
/// The actor may not, or the party is not within their companies.
pub fn of_party(register: &Register, actor: &Actor, party: PartyId) -> Result<Vec<Disclosure>> {
    let usage = register.authorize(actor, Action::PersonDisclosures)?;
    let found = register.db().read(&usage, |r| {
        if !seloste_store::party::is_in_scope(r, party)? {
            return Err(StoreError::NotFound("party"));
        }
        seloste_store::disclosure::of_party(r, party, SHOWN)
    });
    refused_is_logged(register, actor, Action::PersonDisclosures, &format!("party:{party}"), found)
}

/// Disclosures by partner, place or time, the newest first. They name nobody.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, filter: &Filter, limit: i64) -> Result<Vec<Disclosure>> {
    register.authorize(actor, Action::DisclosureList)?;
    Ok(register.db().look(|tx| seloste_store::disclosure::page(tx, filter, limit))?)
}

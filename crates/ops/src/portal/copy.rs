//! Copies of a person's own data (Art. 15 and 20): made by themself, kept for some time, taken from there.

use seloste_domain::id::PackageId;
use seloste_domain::language::Language;
use seloste_domain::request::{Next, RequestKind};
use seloste_domain::rights::Action;
use seloste_store::StoreError;
use seloste_store::package::{self, Package as Made, PackageKind};

use super::{Visitor, need_proof, usage};
use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::Register;
use crate::{access, portability, request};

/// Their copies that can still be taken, the newest first; those too that staff made for them.
///
/// # Errors
/// They are not there any more.
pub fn copies(register: &Register, who: &Visitor) -> Result<Vec<Made>> {
    let usage = usage(register, who, Action::PortalShow)?;
    let found = register.db().read(&usage, |r| {
        seloste_store::party::version(r, seloste_store::party::Noun::Person, who.person.into())?;
        package::of(r, who.person, access::SHOWN)
    });
    found.map_err(OpsError::from_store)
}

/// Makes a copy: of everything about them, or of what they gave. It answers an open request for it.
///
/// # Errors
/// It needs a fresh proof: [`OpsError::NotFresh`]; or they made as many as go in a day.
pub fn make_copy(register: &Register, who: &Visitor, kind: PackageKind, language: Language) -> Result<PackageId> {
    need_proof(register, who)?;
    let usage = usage(register, who, Action::PortalCopy)?;
    let wanted = match kind {
        PackageKind::Access => (RequestKind::Access, Next::MakePackage),
        PackageKind::Portability => (RequestKind::Portability, Next::MakePackage),
    };
    // Looked at before the work, and again where it is kept.
    let asked = register.db().read(&usage, |r| {
        access::few_enough(r, who.person, kind)?;
        request::waiting_for(r, who.person, wanted)
    });
    let asked = asked.map_err(OpsError::from_store)?;
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    let (language, json) = match kind {
        PackageKind::Access => {
            let package = access::package(register, &usage, who.person, Some(language))?;
            (package.language, serde_json::to_vec(&package).map_err(corrupt)?)
        }
        PackageKind::Portability => {
            let portable = portability::portable(register, &usage, who.person)?;
            (language, serde_json::to_vec_pretty(&portable).map_err(corrupt)?)
        }
    };
    access::keep(register, &usage, (who.person, asked), kind, language, json)
}

/// A copy of theirs with its content; the log notes that it was taken.
///
/// # Errors
/// They have none of this id that is kept, or it needs a fresh proof: [`OpsError::NotFresh`].
pub fn open_copy(register: &Register, who: &Visitor, id: PackageId) -> Result<(Made, Vec<u8>)> {
    let usage = usage(register, who, Action::PortalCopy)?;
    if copies(register, who)?.iter().any(|made| made.id == id) {
        need_proof(register, who)?;
    }
    let opened = access::open_for(register, &usage, id).map_err(OpsError::into_store);
    not_found_is_logged(register, &who.actor, Action::PortalCopy, &format!("package:{id}"), opened)
}

//! Documents of contracts with partners: adding, giving back and removing them. Each is in the log. They stay with the
//! company: neither the partners' interface nor a disclosure has a way to them.

use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{PartnerDocumentId, PartnerId};
pub use seloste_domain::partner_document::{LARGEST, PartnerDocument};
use seloste_domain::partner_document::{MOST, check, file_name};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_store::partner_document as store;
use sha2::{Digest as _, Sha256};

use crate::disclosure::refused_is_logged;
use crate::error::{OpsError, Result};
use crate::register::Register;

/// The documents of a partner, the newest first.
///
/// # Errors
/// The actor may not.
pub fn of(register: &Register, actor: &Actor, partner: PartnerId) -> Result<Vec<PartnerDocument>> {
    register.authorize(actor, Action::PartnerList)?;
    Ok(register.db().look(|tx| store::of(tx, partner))?)
}

/// Adds a document to a partner's contract.
///
/// # Errors
/// The actor may not, there is no such partner, it has [`MOST`] documents, or the file is no PDF or too large.
pub fn add(
    register: &Register,
    actor: &Actor,
    partner: PartnerId,
    name: &str,
    bytes: &[u8],
) -> Result<PartnerDocumentId> {
    let usage = register.authorize(actor, Action::PartnerChange)?;
    check(bytes).map_err(FieldErrors::from)?;
    let id = PartnerDocumentId(register.db().env().id());
    let document = PartnerDocument {
        id,
        partner,
        file_name: file_name(name),
        size: bytes.len() as u64,
        sha256: hex::encode(Sha256::digest(bytes)),
        added_by: usage.actor().to_string(),
        added_at: usage.at(),
    };
    let sealed = register.db().seal_secret(id.0, bytes)?;
    let added = register.db().write(&usage, move |w| {
        seloste_store::partner::get(&mut w.plain().tx(), partner)?;
        if store::of(&mut w.plain().tx(), partner)?.len() >= MOST {
            let error = FieldError::new("file", code::TOO_MANY).with("max", MOST);
            return Err(OpsError::from(FieldErrors::from(error)).into_store());
        }
        store::insert(w, &document, &sealed)
    });
    refused_is_logged(register, actor, Action::PartnerChange, &format!("partner:{partner}"), added).map(|()| id)
}

/// A document's name and content.
///
/// # Errors
/// The actor may not, or the partner has none of this id.
pub fn open(
    register: &Register,
    actor: &Actor,
    partner: PartnerId,
    id: PartnerDocumentId,
) -> Result<(PartnerDocument, zeroize::Zeroizing<Vec<u8>>)> {
    let usage = register.authorize(actor, Action::PartnerChange)?;
    let found = register.db().write(&usage, move |w| store::open(w, partner, id));
    let object = format!("partner_document:{id}");
    let (document, sealed) = refused_is_logged(register, actor, Action::PartnerChange, &object, found)?;
    Ok((document, register.db().open_secret(id.0, &sealed)?))
}

/// Removes a document.
///
/// # Errors
/// As [`open`].
pub fn remove(register: &Register, actor: &Actor, partner: PartnerId, id: PartnerDocumentId) -> Result<()> {
    let usage = register.authorize(actor, Action::PartnerChange)?;
    let removed = register.db().write(&usage, move |w| store::remove(w, partner, id));
    refused_is_logged(register, actor, Action::PartnerChange, &format!("partner_document:{id}"), removed)
}

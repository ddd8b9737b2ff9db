//! A person corrects their own data: what becomes of it is a rule by kind ([`correction_of`]). What holds at once is an
//! ordinary change with its history and its recalls; a name goes to staff as a proposal.

use seloste_domain::history::PartyChange;
use seloste_domain::id::ImportId;
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::mail::Template;
use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::portal::{Correction, correction_of, source};
use seloste_domain::proposal::Proposed;
use seloste_domain::rights::Action;
use seloste_domain::value::{NewValue, StoredValue};
use seloste_mail::portal as messages;
use seloste_store::party::{self, Noun, Update};
use seloste_store::proposal::Said;
use seloste_store::{StoreError, Writing};

use super::{Visitor, need_proof, queue, usage};
use crate::error::{OpsError, Result};
use crate::register::Register;
use crate::values::{Origin, replace};

/// What became of a correction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Corrected {
    /// It holds.
    Done,
    /// Staff decide about it.
    Proposed,
}

/// Whether a person can correct a kind themself, at once or by a proposal.
#[must_use]
pub const fn is_at_once(kind: Kind) -> Option<bool> {
    match correction_of(kind) {
        Correction::AtOnce | Correction::Proved => Some(true),
        Correction::Proposed => Some(false),
        Correction::ByStaff => None,
    }
}

/// Corrects the values of one kind: they become those of the draft, of which only that kind is read. `expected` is the
/// version that the form was made from.
///
/// # Errors
/// The kind is not one that a person corrects, a field is wrong, the data changed meanwhile, or a fresh proof is needed.
pub fn correct(
    register: &Register,
    who: &Visitor,
    kind: Kind,
    expected: i64,
    draft: &PersonDraft,
) -> Result<Corrected> {
    let usage = usage(register, who, Action::PortalCorrect)?;
    if !usage.kinds().has(kind) || is_at_once(kind).is_none() {
        return Err(StoreError::NotFound("kind").into());
    }
    if correction_of(kind) == Correction::Proved {
        need_proof(register, who)?;
    }
    let (notice, today) = (register.notice()?, register.today());
    let source = source(&notice, who.session.began).ok_or(StoreError::NotFound("source"))?;
    let wanted = checked(draft, kind, usage.kinds(), today)?;
    let origin = Origin::of(&usage, &source);
    let (person, import) = (who.person, ImportId(register.db().env().id()));
    let at = register.now();
    let done = register.db().write(&usage, move |w| {
        let found = seloste_store::person::get(w, person)?;
        if correction_of(kind) == Correction::Proposed {
            let proposed = wanted.iter().cloned().map(Proposed::Value).collect();
            let said = Said { party: person.into(), fields: vec![kind.as_str()], proposed };
            seloste_store::proposal::put(w, &source, import, at, std::slice::from_ref(&said))?;
            return Ok(Corrected::Proposed);
        }
        let own: Vec<StoredValue> = found.values_of(kind).cloned().collect();
        let mut change = PartyChange::default();
        replace(&mut change, &own, &wanted, today, &origin, w.env());
        let tells = kind == Kind::Email && change.removed.iter().any(|old| old.holds_on(today));
        party::update(w, &Update { id: person.into(), noun: Noun::Person, expected, change })?;
        if tells {
            tell_old_address(w, &notice, &found, today)?;
        }
        Ok(Corrected::Done)
    });
    done.map_err(OpsError::from_store)
}

/// Whoever reads the mail of the address before learns that it was changed.
fn tell_old_address(
    w: &mut Writing<'_, '_>,
    notice: &seloste_domain::notice::Notice,
    before: &Person,
    today: jiff::civil::Date,
) -> Result<(), StoreError> {
    let Some(old) = before.email(today) else { return Ok(()) };
    let language = before.language(today).unwrap_or_default();
    let name = before.name().map(|name| name.display()).unwrap_or_default();
    let written = messages::changed(notice, language, &name);
    queue(w, notice, before, Template::AddressChanged, (language, old.address.clone()), written)
}

/// The values of one kind that a draft gives, checked as everybody's.
fn checked(
    draft: &PersonDraft,
    kind: Kind,
    kinds: seloste_domain::kind::Kinds,
    today: jiff::civil::Date,
) -> Result<Vec<NewValue>> {
    use seloste_domain::field::{FieldError, FieldErrors, code};
    let only = PersonDraft {
        given: if kind == Kind::Name { draft.given.clone() } else { String::new() },
        family: if kind == Kind::Name { draft.family.clone() } else { String::new() },
        emails: if kind == Kind::Email { draft.emails.clone() } else { Vec::new() },
        telephones: if kind == Kind::Telephone { draft.telephones.clone() } else { Vec::new() },
        addresses: if kind == Kind::PostalAddress { draft.addresses.clone() } else { Vec::new() },
        ..PersonDraft::default()
    };
    if kind == Kind::Language {
        let language = draft.language.parse::<Language>();
        let language = language.map_err(|_| FieldErrors::from(FieldError::new("language", code::LANGUAGE_UNKNOWN)))?;
        let value = seloste_domain::value::Value::Language(language);
        return Ok(vec![NewValue { value, valid_from: None, valid_until: None }]);
    }
    let empty =
        [only.emails.iter(), only.telephones.iter()].into_iter().flatten().all(|text| text.text.trim().is_empty())
            && only.addresses.iter().all(|address| {
                [&address.street, &address.postal_code, &address.town].into_iter().all(|part| part.trim().is_empty())
            })
            && only.given.trim().is_empty()
            && only.family.trim().is_empty();
    // Taking the last telephone number or address away is a correction; a name or the way in can only be replaced.
    if empty && matches!(kind, Kind::Telephone | Kind::PostalAddress) {
        return Ok(Vec::new());
    }
    if empty {
        let field = if kind == Kind::Email { "emails.0.text" } else { "family" };
        return Err(FieldErrors::from(FieldError::new(field, code::REQUIRED)).into());
    }
    Ok(only.validate_part(kinds, today)?)
}

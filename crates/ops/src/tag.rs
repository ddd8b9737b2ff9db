//! The catalogue of tags, and giving one to a customer from the card.

use seloste_domain::bulk::{BulkAct, RowOutcome};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{PartyId, SourceId, TagId};
use seloste_domain::kind::Kind;
use seloste_domain::list::ListOf;
use seloste_domain::rights::Action;
use seloste_domain::tag::{MOST_TAGS, Tag, TagNames};
use seloste_domain::usage::{Actor, Use};
use seloste_store::log::Act;
use seloste_store::{StoreError, Writing};

use crate::bulk::{change_one, declared};
use crate::error::{OpsError, Result};
use crate::person::{declared_source, not_found_is_logged};
use crate::register::Register;
use crate::values::Origin;

/// The catalogue; empty when the notice declares no tags.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<Tag>> {
    register.authorize(actor, Action::TagList)?;
    all(register)
}

/// The catalogue, for exports and for checking what was chosen.
pub(crate) fn all(register: &Register) -> Result<Vec<Tag>> {
    if !register.notice()?.kinds().has(Kind::Tags) {
        return Ok(Vec::new());
    }
    Ok(register.db().look(seloste_store::tag::all)?)
}

/// Whether the catalogue has a tag, retired or not.
///
/// # Errors
/// The database can not be read.
pub fn is_known(register: &Register, id: &TagId) -> Result<bool> {
    Ok(all(register)?.iter().any(|tag| tag.id == *id))
}

/// The tag, if it may be given to somebody.
///
/// # Errors
/// The notice declares no tags, or there is none of this id, or it is retired.
pub(crate) fn usable(register: &Register, id: &TagId) -> Result<()> {
    declared(register, Kind::Tags)?;
    let found = all(register)?.into_iter().any(|tag| tag.id == *id && !tag.is_retired);
    if found { Ok(()) } else { Err(FieldErrors::from(FieldError::new("tag", code::CHOICE_UNKNOWN)).into()) }
}

fn changing(register: &Register, actor: &Actor) -> Result<Use> {
    let usage = register.authorize(actor, Action::TagChange)?;
    declared(register, Kind::Tags)?;
    Ok(usage)
}

/// Adds a tag to the catalogue.
///
/// # Errors
/// The actor may not, the notice declares no tags, a name is wrong or taken, or there are too many.
pub fn create(register: &Register, actor: &Actor, names: &TagNames) -> Result<TagId> {
    let usage = changing(register, actor)?;
    let names = names.validate()?;
    let at = usage.at();
    let created = register.db().write(&usage, move |w| {
        let tags = seloste_store::tag::all(&mut w.plain().tx())?;
        unlike(&tags, None, &names)?;
        if tags.len() >= MOST_TAGS {
            return Err(refused(FieldError::new("name_fi", code::TAGS_FULL).with("max", MOST_TAGS)));
        }
        let id = names.id(|id| tags.iter().any(|tag| tag.id == *id)).ok_or(StoreError::Taken("tag"))?;
        let tag = Tag { id: id.clone(), names: names.clone(), is_retired: false, version: 1, changed_at: at };
        seloste_store::tag::insert(&mut w.plain().tx(), &tag)?;
        w.log(Act::on(format!("tag:{id}")))?;
        Ok(id)
    });
    created.map_err(OpsError::from_store)
}

fn refused(error: FieldError) -> StoreError {
    OpsError::from(FieldErrors::from(error)).into_store()
}

/// Two tags of one name could not be told apart where they are chosen.
fn unlike(tags: &[Tag], own: Option<&TagId>, names: &TagNames) -> Result<(), StoreError> {
    let fold = seloste_domain::fold::fold;
    let same = tags.iter().any(|tag| Some(&tag.id) != own && fold(&tag.names.fi) == fold(&names.fi));
    if same { Err(refused(FieldError::new("name_fi", code::TAG_TAKEN))) } else { Ok(()) }
}

/// What a tag is to be.
#[derive(Clone, Debug)]
pub struct TagDraft {
    /// Its names.
    pub names: TagNames,
    /// Whether it is no longer given to anybody.
    pub is_retired: bool,
}

/// Renames a tag, retires it or brings it back. Those who have it keep it.
///
/// # Errors
/// The actor may not, a name is wrong or taken, there is no such tag, or someone else changed it since `expected`.
pub fn change(register: &Register, actor: &Actor, id: &TagId, expected: i64, draft: &TagDraft) -> Result<()> {
    let usage = changing(register, actor)?;
    let (names, is_retired) = (draft.names.validate()?, draft.is_retired);
    let (id, at) = (id.clone(), usage.at());
    let changed = register.db().write(&usage, move |w| {
        let tags = seloste_store::tag::all(&mut w.plain().tx())?;
        unlike(&tags, Some(&id), &names)?;
        let tag = Tag { id: id.clone(), names: names.clone(), is_retired, version: expected + 1, changed_at: at };
        seloste_store::tag::update(&mut w.plain().tx(), &tag)?;
        w.log(Act::on(format!("tag:{id}")))
    });
    changed.map_err(OpsError::from_store)
}

/// Takes a tag that nobody has out of the catalogue.
///
/// # Errors
/// The actor may not, there is no such tag, or somebody has it.
pub fn remove(register: &Register, actor: &Actor, id: &TagId) -> Result<()> {
    let usage = changing(register, actor)?;
    let id = id.clone();
    let removed = register.db().write(&usage, move |w| {
        if seloste_store::tag::is_used(&mut w.plain().tx(), &id)? {
            return Err(refused(FieldError::new("tag", code::TAG_USED)));
        }
        seloste_store::tag::remove(&mut w.plain().tx(), &id)?;
        w.log(Act::on(format!("tag:{id}")))
    });
    removed.map_err(OpsError::from_store)
}

/// Gives a tag to one customer.
///
/// # Errors
/// The actor may not, the tag can not be given, the source is not declared, or there is no such customer within their
/// companies.
pub fn give(register: &Register, actor: &Actor, of: ListOf, id: PartyId, tag: &TagId, source: &SourceId) -> Result<()> {
    let act = BulkAct::Tag(tag.clone());
    let usage = register.authorize(actor, act.right(of))?;
    usable(register, tag)?;
    declared_source(&*register.notice()?, source)?;
    let origin = Origin::of(&usage, source);
    one(register, actor, &usage, of, id, act, Some(origin))
}

/// Takes a tag from one customer.
///
/// # Errors
/// The actor may not, or there is no such customer within their companies.
pub fn take(register: &Register, actor: &Actor, of: ListOf, id: PartyId, tag: &TagId) -> Result<()> {
    let act = BulkAct::Untag(tag.clone());
    let usage = register.authorize(actor, act.right(of))?;
    declared(register, Kind::Tags)?;
    one(register, actor, &usage, of, id, act, None)
}

/// What is so already is left as it is.
fn one(
    register: &Register,
    actor: &Actor,
    usage: &Use,
    of: ListOf,
    id: PartyId,
    act: BulkAct,
    origin: Option<Origin>,
) -> Result<()> {
    let action = act.right(of);
    let changed = register.db().write(usage, move |w: &mut Writing<'_, '_>| {
        match seloste_store::bulk::judge(w, of, &act, &[id.0])?.first() {
            Some((_, RowOutcome::Waiting)) => change_one(w, of, &act, origin.as_ref(), id.0).map(drop),
            Some((_, RowOutcome::Already)) => Ok(()),
            _ => Err(StoreError::NotFound("party")),
        }
    });
    not_found_is_logged(register, actor, action, &format!("{}:{id}", of.as_str()), changed)
}

//! Saved mappings: what was decided about the columns of a file, kept for the next file of the same source.

use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{MappingId, SourceId, UploadId};
use seloste_domain::import::{Mapping, MappingDraft, Noun, SavedMapping, best_first};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::StoreError;
use seloste_store::log::Act;

use crate::error::{OpsError, Result};
use crate::import::{Plan, upload};
use crate::person::declared_source;
use crate::register::Register;

/// Mappings of a register at most: they are offered in one list.
pub const MOST: i64 = 500;
/// Bytes of a definition at most.
pub const LONGEST: usize = 256 * 1024;

/// All saved mappings, by name.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<SavedMapping>> {
    register.authorize(actor, Action::MappingList)?;
    Ok(register.db().look(|tx| seloste_store::mapping::all(tx, MOST))?)
}

/// One saved mapping.
///
/// # Errors
/// The actor may not, or there is none.
pub fn get(register: &Register, actor: &Actor, id: MappingId) -> Result<SavedMapping> {
    register.authorize(actor, Action::MappingList)?;
    Ok(register.db().look(|tx| seloste_store::mapping::get(tx, id))?)
}

/// The names of the feeds that read by a mapping.
///
/// # Errors
/// The actor may not.
pub fn feeds(register: &Register, actor: &Actor, id: MappingId) -> Result<Vec<String>> {
    register.authorize(actor, Action::MappingList)?;
    Ok(register.db().look(|tx| seloste_store::mapping::users(tx, id))?)
}

/// The mapping of a source by its name, for rows of a noun.
///
/// # Errors
/// The actor may not, or there is none.
pub fn named(register: &Register, actor: &Actor, source: &SourceId, noun: Noun, name: &str) -> Result<SavedMapping> {
    register.authorize(actor, Action::MappingList)?;
    let found = register.db().look(|tx| seloste_store::mapping::named(tx, source, name))?;
    found.filter(|mapping| mapping.noun == noun).ok_or_else(unknown)
}

pub(crate) fn unknown() -> OpsError {
    FieldErrors::from(FieldError::new("mapping", code::MAPPING_UNKNOWN)).into()
}

/// The saved mappings that fit one of the actor's own files, the best first.
///
/// # Errors
/// The actor may not, or has sent no such file.
pub fn fitting(register: &Register, actor: &Actor, id: UploadId, plan: &Plan) -> Result<Vec<SavedMapping>> {
    register.authorize(actor, Action::MappingList)?;
    let (upload, _) = upload::show(register, actor, id)?;
    let saved = register.db().look(|tx| seloste_store::mapping::of(tx, &upload.source, MOST))?;
    let headers: Vec<String> = plan.file.columns.iter().map(|column| column.name.clone()).collect();
    Ok(best_first(saved, upload.noun, &headers))
}

/// Saves what was decided about one of the actor's own files under a name, as a new mapping.
///
/// # Errors
/// The actor may not, has sent no such file, or the source has a mapping of this name.
pub fn save_of_upload(register: &Register, actor: &Actor, id: UploadId, name: &str) -> Result<MappingId> {
    register.authorize(actor, Action::MappingChange)?;
    let (upload, _) = upload::show(register, actor, id)?;
    let definition = upload::plan(register, actor, id)?.chosen.to_toml();
    let draft = MappingDraft { name: name.to_owned(), definition };
    let saved = create(register, actor, &upload.source, upload.noun, &draft)?;
    let mapping = get(register, actor, saved)?;
    upload::use_mapping(register, actor, id, Some(&mapping))?;
    Ok(saved)
}

/// Saves what was decided about one of the actor's own files in the mapping that it is read by.
///
/// # Errors
/// The actor may not, has sent no such file, or it is read by none.
pub fn update_by_upload(register: &Register, actor: &Actor, id: UploadId) -> Result<()> {
    register.authorize(actor, Action::MappingChange)?;
    let (upload, _) = upload::show(register, actor, id)?;
    let used = upload.mapping.as_ref().ok_or(StoreError::NotFound("mapping"))?;
    let definition = upload::plan(register, actor, id)?.chosen.to_toml();
    let mapping = get(register, actor, used.id)?;
    let draft = MappingDraft { name: mapping.name.clone(), definition };
    change(register, actor, mapping.id, mapping.version, &draft)?;
    let mapping = get(register, actor, mapping.id)?;
    upload::use_mapping(register, actor, id, Some(&mapping))
}

/// Checks a draft; its definition as it is kept.
fn checked(draft: &MappingDraft, noun: Noun) -> Result<(String, String)> {
    let name = draft.checked_name().map_err(FieldErrors::from)?;
    if draft.definition.len() > LONGEST {
        let error = FieldError::new("definition", code::TOO_LONG).with("max", LONGEST);
        return Err(FieldErrors::from(error).into());
    }
    Mapping::parse(&draft.definition, noun).map_err(OpsError::Import)?;
    Ok((name, draft.definition.replace("\r\n", "\n")))
}

/// Adds a mapping.
///
/// # Errors
/// The actor may not, the notice does not declare the source, the mapping is wrong, or the name is taken.
pub fn create(
    register: &Register,
    actor: &Actor,
    source: &SourceId,
    noun: Noun,
    draft: &MappingDraft,
) -> Result<MappingId> {
    let usage = register.authorize(actor, Action::MappingChange)?;
    declared_source(&*register.notice()?, source)?;
    let (name, definition) = checked(draft, noun)?;
    if register.db().look(|tx| seloste_store::mapping::all(tx, MOST))?.len() >= usize::try_from(MOST).unwrap_or(0) {
        return Err(FieldErrors::from(FieldError::new("name", code::TOO_MANY).with("max", MOST)).into());
    }
    let mapping = SavedMapping {
        id: MappingId(register.db().env().id()),
        name,
        noun,
        source: source.clone(),
        definition,
        version: 1,
        changed_by: usage.actor().to_string(),
        changed_at: usage.at(),
    };
    let id = mapping.id;
    write(register, &usage, mapping, seloste_store::mapping::insert)?;
    Ok(id)
}

/// Changes and renames a mapping.
///
/// # Errors
/// The actor may not, there is none, the mapping is wrong, the name is taken, or someone else changed it meanwhile.
pub fn change(register: &Register, actor: &Actor, id: MappingId, expected: i64, draft: &MappingDraft) -> Result<()> {
    let usage = register.authorize(actor, Action::MappingChange)?;
    let before = register.db().look(|tx| seloste_store::mapping::get(tx, id))?;
    let (name, definition) = checked(draft, before.noun)?;
    let (changed_by, changed_at) = (usage.actor().to_string(), usage.at());
    let mapping = SavedMapping { name, definition, version: expected + 1, changed_by, changed_at, ..before };
    write(register, &usage, mapping, seloste_store::mapping::update)
}

fn write(
    register: &Register,
    usage: &Use,
    mapping: SavedMapping,
    store: fn(&mut seloste_store::Tx<'_>, &SavedMapping) -> seloste_store::Result<()>,
) -> Result<()> {
    let written = register.db().write(usage, move |w| {
        store(&mut w.plain().tx(), &mapping)?;
        w.log(Act::on(format!("mapping:{}", mapping.id)))
    });
    written.map_err(|error| match error {
        StoreError::Taken(_) => FieldErrors::from(FieldError::new("name", code::MAPPING_NAME_TAKEN)).into(),
        other => OpsError::from_store(other),
    })
}

/// Removes a mapping.
///
/// # Errors
/// The actor may not, there is none, or a feed reads by it.
pub fn remove(register: &Register, actor: &Actor, id: MappingId) -> Result<()> {
    let usage = register.authorize(actor, Action::MappingChange)?;
    let removed = register.db().write(&usage, move |w| {
        seloste_store::mapping::remove(&mut w.plain().tx(), id)?;
        w.log(Act::on(format!("mapping:{id}")))
    });
    removed.map_err(OpsError::from_store)
}

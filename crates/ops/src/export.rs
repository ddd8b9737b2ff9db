//! Lists that leave the register as files: for a purpose of the notice that is chosen, and logged for each person.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use seloste_documents::export::Export;
pub use seloste_documents::export::Format;
use seloste_domain::id::PurposeId;
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::telephone::Telephone;
use seloste_domain::usage::{Actor, Use};

use crate::error::{OpsError, Result};
use crate::person::{List, paged};
use crate::prohibition::Making;
use crate::register::Register;

/// After so long nobody waits for a file any more.
const FORGOTTEN: std::time::Duration = std::time::Duration::from_hours(2);
/// People read at a time.
const AT_ONCE: usize = 500;
/// How often a list is made anew because somebody who was on it forbade that meanwhile.
const TRIES: u32 = 5;

/// A column of an export of people, and the kind of data that it shows.
const COLUMNS: [(&str, Kind); 12] = [
    ("customer_number", Kind::CustomerNumber),
    ("family", Kind::Name),
    ("given", Kind::Name),
    ("organisation", Kind::Organisation),
    ("title", Kind::Organisation),
    ("email", Kind::Email),
    ("telephone", Kind::Telephone),
    ("street", Kind::PostalAddress),
    ("postal_code", Kind::PostalAddress),
    ("town", Kind::PostalAddress),
    ("country", Kind::PostalAddress),
    ("language", Kind::Language),
];

/// The columns of an export of people: those of the kinds that the notice declares.
pub fn columns(kinds: Kinds) -> impl Iterator<Item = &'static str> {
    COLUMNS.into_iter().filter(move |(_, kind)| kinds.has(*kind)).map(|(name, _)| name)
}

/// A name for a file that is sent at once, in a folder that only the program's account can read.
///
/// # Errors
/// The folder can not be made.
pub fn new_path(register: &Register) -> Result<PathBuf> {
    let folder = register.db().settings().data.join("exports");
    crate::import::upload::private_folder(&folder)?;
    Ok(folder.join(register.db().env().id().to_string()))
}

/// Takes away files that a crash kept from being sent.
pub(crate) fn tidy(register: &Register) {
    let files = std::fs::read_dir(register.db().settings().data.join("exports"));
    for file in files.into_iter().flatten().flatten() {
        let modified = file.metadata().and_then(|meta| meta.modified()).ok();
        // Another program on the same register may be sending one right now.
        if modified.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > FORGOTTEN) {
            let _ = std::fs::remove_file(file.path());
        }
    }
}

/// Writes a list of people to a new file, in the list's order, with a header of `title`s; how many there were. A
/// protected address is never in it, whoever asks.
///
/// # Errors
/// The actor may not, the notice has no such purpose, or the file can not be written.
pub fn people(
    register: &Register,
    actor: &Actor,
    purpose: &PurposeId,
    list: &List,
    (path, format): (&Path, Format),
    title: impl Fn(&str) -> String,
) -> Result<u64> {
    let usage = register.authorize_for(actor, Action::PersonExport, purpose)?;
    let today = register.today();
    let names: Vec<&str> = columns(usage.kinds()).collect();
    let header: Vec<String> = names.iter().map(|name| title(name)).collect();
    let mut tries = 0;
    loop {
        tries += 1;
        let making = Making::begin(register, &usage)?;
        let export = Export::new(path, format, &names, &header)?;
        let written = write(register, &usage, list, export, &names, today);
        let ended = written.and_then(|(rows, ids)| Ok((rows, making.end(&ids, list.company.as_ref())?)));
        match ended {
            // Whoever forbade it after the last beginning is told so by the log; the list's moment is its beginning.
            Ok((rows, ended)) if ended || tries == TRIES => return Ok(rows),
            _ => {
                // What was not finished, or has somebody who is not to be on it, is of no use, and holds personal data.
                let _ = std::fs::remove_file(path);
                ended?;
            }
        }
    }
}

fn write(
    register: &Register,
    usage: &Use,
    list: &List,
    mut export: Export,
    names: &[&str],
    today: Date,
) -> Result<(u64, Vec<uuid::Uuid>)> {
    let mut included = Vec::new();
    let mut list = List { from: None, limit: AT_ONCE, ..list.clone() };
    loop {
        let rows = register.db().read(usage, |r| {
            seloste_store::person::page(r, list.order, list.company.as_ref(), list.from.as_ref(), list.limit + 1)
        })?;
        let page = paged(rows, &list, |person: &Person| person.id.0);
        for person in page.rows {
            included.push(person.id.0);
            let person = person.masked();
            let cells: Vec<String> = names.iter().map(|name| cell(&person, name, today)).collect();
            export.row(&cells)?;
        }
        list.from = page.next;
        if list.from.is_none() {
            return export.finish().map(|rows| (rows, included)).map_err(OpsError::from);
        }
    }
}

fn cell(person: &Person, column: &str, today: Date) -> String {
    let address = person.address(today).filter(|address| !address.is_masked());
    let represents = person.representations_on(today).last();
    let text = match column {
        "customer_number" => person.customer_number(today).map(str::to_owned),
        "family" => person.name().map(|name| name.family.clone()),
        "given" => person.name().map(|name| name.given.clone()),
        "organisation" => represents.map(|represents| represents.organisation_name.clone()),
        "title" => represents.and_then(|represents| represents.title.clone()),
        "email" => person.email(today).map(|email| email.address.clone()),
        "telephone" => person.telephone(today).map(Telephone::display),
        "street" => address.map(|address| address.street.clone()),
        "postal_code" => address.map(|address| address.postal_code.clone()),
        "town" => address.map(|address| address.town.clone()),
        "country" => address.map(|address| address.country.to_string()),
        "language" => person.language(today).map(|language| language.tag().to_owned()),
        _ => None,
    };
    text.unwrap_or_default()
}

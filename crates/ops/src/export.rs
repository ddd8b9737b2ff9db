//! Lists that leave the register as files: for a purpose of the notice that is chosen, and logged for
//! each person.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use seloste_documents::export::Export;
pub use seloste_documents::export::Format;
pub use seloste_documents::formula::guard;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, PurposeId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::language::Language;
use seloste_domain::list::ListOf;
use seloste_domain::notice::{Notice, PurposeDeclaration};
use seloste_domain::order::OrderState;
use seloste_domain::organisation::Organisation;
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::tag::{Tag, name_of};
use seloste_domain::usage::{Activity, Actor, Use};
use seloste_domain::value::{StoredValue, Value};
use seloste_store::Reading;
use seloste_store::list::{Rows as Found, Wanted};

use crate::error::{OpsError, Result};
use crate::list::{self, List};
use crate::order::Row;
use crate::prohibition::Making;
use crate::register::Register;

/// After so long nobody waits for a file any more.
const FORGOTTEN: std::time::Duration = std::time::Duration::from_hours(2);
/// Rows read at a time.
const AT_ONCE: usize = 500;
/// How often a list is made anew because somebody who was on it forbade that meanwhile.
const TRIES: u32 = 5;

/// A column of an export, and the kind of data that it shows; none: nothing of a person by itself.
type Column = (&'static str, Option<Kind>);

/// The columns of people and organisations have the names that imports know them by.
const PEOPLE: [Column; 13] = [
    ("customer_number", Some(Kind::CustomerNumber)),
    ("family", Some(Kind::Name)),
    ("given", Some(Kind::Name)),
    ("organisation", Some(Kind::Organisation)),
    ("title", Some(Kind::Organisation)),
    ("email", Some(Kind::Email)),
    ("telephone", Some(Kind::Telephone)),
    ("street", Some(Kind::PostalAddress)),
    ("postal_code", Some(Kind::PostalAddress)),
    ("town", Some(Kind::PostalAddress)),
    ("country", Some(Kind::PostalAddress)),
    ("language", Some(Kind::Language)),
    ("tags", Some(Kind::Tags)),
];

const ORGANISATIONS: [Column; 10] = [
    ("customer_number", Some(Kind::CustomerNumber)),
    ("organisation", None),
    ("business_id", None),
    ("email", Some(Kind::Email)),
    ("telephone", Some(Kind::Telephone)),
    ("street", Some(Kind::PostalAddress)),
    ("postal_code", Some(Kind::PostalAddress)),
    ("town", Some(Kind::PostalAddress)),
    ("country", Some(Kind::PostalAddress)),
    ("tags", Some(Kind::Tags)),
];

const ORDERS: [Column; 9] = [
    ("number", Some(Kind::Orders)),
    ("ordered_on", Some(Kind::Orders)),
    ("person", Some(Kind::Name)),
    ("organisation", None),
    ("company", Some(Kind::Orders)),
    ("state", Some(Kind::Orders)),
    ("lines", Some(Kind::Orders)),
    ("net", Some(Kind::Orders)),
    ("gross", Some(Kind::Orders)),
];

/// Columns that a spreadsheet counts with.
const NUMBERS: [&str; 3] = ["lines", "net", "gross"];

/// The columns of an export of a list: those of the kinds that the notice declares.
pub fn columns(of: ListOf, kinds: Kinds) -> impl Iterator<Item = &'static str> {
    let all: &'static [Column] = match of {
        ListOf::People => &PEOPLE,
        ListOf::Organisations => &ORGANISATIONS,
        ListOf::Orders => &ORDERS,
    };
    all.iter().filter(move |(_, kind)| kind.is_none_or(|kind| kinds.has(kind))).map(|(name, _)| *name)
}

/// The purposes for which a list may be taken out. Lists for marketing and targeted content are not among them (promise P07):
/// they are printed and sent, by the company or a declared processor, and no file of them is handed round. A directory may
/// be published (promise P09), without those who forbade it.
pub fn purposes(notice: &Notice) -> impl Iterator<Item = &PurposeDeclaration> {
    let stays = [Activity::Marketing, Activity::TargetedContent];
    notice.purposes().iter().filter(move |purpose| !purpose.activities.iter().any(|activity| stays.contains(activity)))
}

/// What is needed to take a list out as a file.
#[must_use]
pub const fn right(of: ListOf) -> Action {
    match of {
        ListOf::People => Action::PersonExport,
        ListOf::Organisations => Action::OrganisationExport,
        ListOf::Orders => Action::OrderExport,
    }
}

/// The formats in which a list can leave. An order is nothing for an address book.
#[must_use]
pub const fn formats(of: ListOf) -> &'static [Format] {
    match of {
        ListOf::Orders => &[Format::Xlsx, Format::Csv],
        ListOf::People | ListOf::Organisations => &[Format::Xlsx, Format::Csv, Format::Vcard],
    }
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

/// A word that a file needs in its reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The heading of a column.
    Column(&'static str),
    /// The state of an order.
    State(OrderState),
}

/// What is taken out, and how.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// For which of the notice's purposes.
    pub purpose: &'a PurposeId,
    /// Which rows, in which order. Its columns are those of [`columns`].
    pub list: &'a List,
    /// The file, which must not be there yet.
    pub path: &'a Path,
    /// Its format.
    pub format: Format,
    /// The language of names that have several.
    pub language: Language,
}

/// Writes a list to a new file, in the list's order, with a header; how many rows there were. Everybody who is in it has a
/// line in the log under the purpose. A protected address is never in it, whoever asks.
///
/// # Errors
/// The actor may not, the notice has no such purpose or lists for it stay inside ([`purposes`]), the list has no such format, or the file can not be written.
pub fn write(register: &Register, actor: &Actor, request: &Request<'_>, word: impl Fn(Word) -> String) -> Result<u64> {
    let of = request.list.query.of;
    let usage = register.authorize_for(actor, right(of), request.purpose)?;
    if !purposes(&*register.notice()?).any(|may| may.id == *request.purpose) {
        register.db().refuse(&actor.id(), right(of).as_str(), vec![format!("purpose:{}", request.purpose)])?;
        return Err(FieldErrors::from(FieldError::new("purpose", code::LIST_STAYS)).into());
    }
    if !formats(of).contains(&request.format) {
        return Err(FieldErrors::from(FieldError::new("format", code::CHOICE_UNKNOWN)).into());
    }
    let names: Vec<&'static str> = columns(of, usage.kinds()).collect();
    let header: Vec<String> = names.iter().map(|name| word(Word::Column(name))).collect();
    let numbers: Vec<usize> =
        names.iter().enumerate().filter(|(_, name)| NUMBERS.contains(name)).map(|(place, _)| place).collect();
    let writing = Rows { register, usage: &usage, names: &names, request, tags: crate::tag::all(register)? };
    let mut tries = 0;
    loop {
        tries += 1;
        let making = Making::begin(register, &usage)?;
        let export = Export::new(request.path, request.format, &names, &header)?.with_numbers(numbers.clone());
        let written = match of {
            ListOf::People => writing.people(export),
            ListOf::Organisations => writing.organisations(export),
            ListOf::Orders => writing.orders(export, &word),
        };
        let ended = written.and_then(|(rows, about)| Ok((rows, making.end(&about, request.list)?)));
        match ended {
            // The list's moment is its beginning: the log tells who forbade it after the last one.
            Ok((rows, ended)) if ended || tries == TRIES => return Ok(rows),
            _ => {
                // What was not finished, or has somebody who is not to be on it, is of no use, and holds personal data.
                let _ = std::fs::remove_file(request.path);
                ended?;
            }
        }
    }
}

/// How many rows there were, and whom they are about.
type Written = (u64, Vec<uuid::Uuid>);

struct Rows<'a> {
    register: &'a Register,
    usage: &'a Use,
    names: &'a [&'static str],
    request: &'a Request<'a>,
    tags: Vec<Tag>,
}

impl Rows<'_> {
    fn people(&self, export: Export) -> Result<Written> {
        let read = |r: &mut Reading<'_>, wanted: &Wanted<'_>| seloste_store::person::page(r, wanted);
        let today = self.register.today();
        self.each(export, read, (|person: &Person| person.id.0, |person: &Person| vec![person.id.0]), |person, name| {
            let represents = person.representations_on(today).last();
            match name {
                "family" => person.name().map(|name| name.family.clone()),
                "given" => person.name().map(|name| name.given.clone()),
                "organisation" => represents.map(|represents| represents.organisation_name.clone()),
                "title" => represents.and_then(|represents| represents.title.clone()),
                // Nobody needs a protected address in a file.
                "street" | "postal_code" | "town" | "country" if person.protected_address => None,
                _ => self.value(&person.values, name, today),
            }
        })
    }

    fn organisations(&self, export: Export) -> Result<Written> {
        let read = |r: &mut Reading<'_>, wanted: &Wanted<'_>| seloste_store::organisation::page(r, wanted);
        let today = self.register.today();
        self.each(
            export,
            read,
            (|organisation: &Organisation| organisation.id.0, |organisation: &Organisation| vec![organisation.id.0]),
            |organisation, name| match name {
                "organisation" => Some(organisation.name.clone()),
                "business_id" => organisation.business_id.as_ref().map(|id| id.as_str().to_owned()),
                _ => self.value(&organisation.values, name, today),
            },
        )
    }

    fn orders(&self, export: Export, word: &impl Fn(Word) -> String) -> Result<Written> {
        let notice = self.register.notice()?;
        let company = |id: &CompanyId| {
            let found = notice.companies().iter().find(|company| company.id == *id);
            found.map_or_else(|| id.to_string(), |company| company.name.clone())
        };
        self.each(
            export,
            crate::order::named_page,
            (
                |row: &Row| row.order.id.0,
                |row: &Row| {
                    let person = row.order.person.map(|id| id.0);
                    person.into_iter().chain(row.order.organisation.map(|id| id.0)).collect()
                },
            ),
            |row, name| match name {
                "number" => Some(row.order.number.clone()),
                "ordered_on" => Some(row.order.ordered_on.to_string()),
                "person" => row.person.clone(),
                "organisation" => row.organisation.clone(),
                "company" => Some(company(&row.order.company)),
                "state" => Some(word(Word::State(row.order.state))),
                "lines" => Some(row.order.line_count.to_string()),
                "net" => Some(row.order.net.to_decimal().to_string()),
                "gross" => Some(row.order.gross.to_decimal().to_string()),
                _ => None,
            },
        )
    }

    /// The first value of today's that a column shows; of tags all of them.
    fn value(&self, values: &[StoredValue], name: &str, today: Date) -> Option<String> {
        let mut now = values.iter().filter(|stored| stored.holds_on(today)).map(|stored| &stored.value);
        if name == "tags" {
            let language = self.request.language;
            let names = now.filter_map(|value| match value {
                Value::Tags(tag) => Some(name_of(&self.tags, tag, language)),
                _ => None,
            });
            return Some(names.collect::<Vec<_>>().join(", "));
        }
        now.find_map(|value| match (name, value) {
            ("customer_number", Value::CustomerNumber(number)) => Some(number.clone()),
            ("email", Value::Email(email)) => Some(email.address.clone()),
            ("telephone", Value::Telephone(telephone)) => Some(telephone.display()),
            ("language", Value::Language(language)) => Some(language.tag().to_owned()),
            ("street", Value::PostalAddress(address)) => Some(address.street.clone()),
            ("postal_code", Value::PostalAddress(address)) => Some(address.postal_code.clone()),
            ("town", Value::PostalAddress(address)) => Some(address.town.clone()),
            ("country", Value::PostalAddress(address)) => Some(address.country.clone()),
            _ => None,
        })
    }

    /// Reads the list page by page, so that its size costs no memory, and writes a row for each thing.
    fn each<T>(
        &self,
        mut export: Export,
        read: impl Fn(&mut Reading<'_>, &Wanted<'_>) -> seloste_store::Result<Found<T>>,
        (id, about): (impl Fn(&T) -> uuid::Uuid, impl Fn(&T) -> Vec<uuid::Uuid>),
        cell: impl Fn(&T, &'static str) -> Option<String>,
    ) -> Result<Written> {
        let mut all = Vec::new();
        let mut list = List { from: None, limit: AT_ONCE, ..self.request.list.clone() };
        loop {
            let page = list::page(self.register, self.usage, &list, &read, &id)?;
            for thing in &page.rows {
                all.extend(about(thing));
                let cells: Vec<String> = self.names.iter().map(|name| cell(thing, name).unwrap_or_default()).collect();
                export.row(&cells)?;
            }
            list.from = page.next;
            if list.from.is_none() {
                return export.finish().map(|rows| (rows, all)).map_err(OpsError::from);
            }
        }
    }
}

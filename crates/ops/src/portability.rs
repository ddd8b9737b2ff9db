//! What a person gave, to take along (Art. 20): JSON, vCard, CSV and XLSX, and bringing in the JSON of another register.

use seloste_documents::export::{Format, in_memory};
use seloste_domain::draft::OrganisationRef;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::history::PartyChange;
use seloste_domain::id::{CompanyId, PackageId, PersonId, RequestId, SourceId};
use seloste_domain::kind::Kind;
use seloste_domain::notice::Notice;
use seloste_domain::person::Person;
use seloste_domain::portability::{
    FORMAT, PortableConsent, PortableLine, PortableOrder, PortableRepresentation, PortableValue, is_own, is_portable,
};
pub use seloste_domain::portability::{MAX_BYTES, Portable};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_domain::value::Value;
use seloste_store::party::{self, Noun};
use seloste_store::{Access as _, StoreError};

use crate::access::PackageKind;
use crate::error::{OpsError, Result};
use crate::person::{declared_source, find_or_add_organisation, not_found_is_logged, own_companies, representation};
use crate::register::Register;
use crate::values::Origin;

/// Orders that are taken along.
const ORDERS: usize = 10_000;

fn is_given(notice: &Notice, source: &SourceId) -> bool {
    notice.source(source).is_some_and(|source| is_own(source.kind))
}

/// What a person gave, as it is now. Whoever has a use that reaches the person gets it, such as the person's own.
///
/// # Errors
/// The person is not in the scope of the use.
pub fn portable(register: &Register, usage: &Use, person: PersonId) -> Result<Portable> {
    let notice = register.notice()?;
    let id = register.db().register();
    let made = register.db().read(usage, |r| {
        let who = seloste_store::person::get(r, person)?;
        let filter = seloste_store::order::Filter { person: Some(person), archived: true, ..Default::default() };
        let listed = seloste_store::order::newest(r, &filter, ORDERS)?;
        let mut orders = Vec::new();
        for some in listed.chunks(200) {
            let ids: Vec<_> = some.iter().map(|order| order.id.0).collect();
            let found = seloste_store::order::some(r, &ids)?;
            orders.extend(found.iter().filter(|order| is_given(&notice, &order.source)).map(|order| {
                let company = notice.company(&order.company).map_or_else(String::new, |company| company.name.clone());
                portable_order(order, company)
            }));
        }
        let consents = seloste_store::consent::of(r, person)?;
        let given = consents.into_iter().filter(|one| one.withdrawn.is_none()).map(|one| PortableConsent {
            company: notice.company(&one.matter.company).map_or_else(String::new, |company| company.name.clone()),
            text: one.text,
            given_at: one.given_at,
            expires_at: one.expires_at,
        });
        Ok(Portable { consents: given.collect(), ..of(&who, &notice, orders, id, usage.at()) })
    });
    made.map_err(OpsError::from_store)
}

fn of(
    who: &Person,
    notice: &Notice,
    orders: Vec<PortableOrder>,
    register: seloste_domain::id::RegisterId,
    made_at: jiff::Timestamp,
) -> Portable {
    let values =
        who.values.iter().filter(|stored| is_portable(stored.value.kind()) && is_given(notice, &stored.source));
    let represents = who.representations.iter().filter(|r| is_given(notice, &r.source));
    Portable {
        format: FORMAT.into(),
        made_at,
        register,
        controller: Some(notice.controller().name.clone()),
        person: who.id,
        values: values
            .map(|stored| PortableValue {
                value: stored.value.clone(),
                valid_from: stored.valid_from,
                valid_until: stored.valid_until,
            })
            .collect(),
        represents: represents
            .map(|r| PortableRepresentation {
                organisation: r.organisation_name.clone(),
                title: r.title.clone(),
                valid_from: r.valid_from,
                valid_until: r.valid_until,
            })
            .collect(),
        orders,
        consents: Vec::new(),
    }
}

fn portable_order(order: &seloste_domain::order::Order, company: String) -> PortableOrder {
    PortableOrder {
        number: order.number.clone(),
        company,
        ordered_on: order.ordered_on,
        gross_cents: order.totals.gross.0,
        lines: order
            .lines
            .iter()
            .map(|line| PortableLine {
                product: line.product.clone(),
                description: line.description.clone(),
                quantity: line.quantity.to_decimal().to_string(),
                unit_price: line.unit_price.to_decimal().to_string(),
            })
            .collect(),
    }
}

/// Makes what a person takes along and keeps it, for a request or without one.
///
/// # Errors
/// The actor may not, the person is not within their companies, or the request has not come so far.
pub fn make(register: &Register, actor: &Actor, person: PersonId, request: Option<RequestId>) -> Result<PackageId> {
    let usage = register.authorize(actor, Action::AccessMake)?;
    let made = portable(register, &usage, person).and_then(|portable| {
        let json = serde_json::to_vec_pretty(&portable).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        crate::access::keep(register, &usage, (person, request), PackageKind::Portability, language(&portable), json)
    });
    let made = made.map_err(OpsError::into_store);
    not_found_is_logged(register, actor, Action::AccessMake, &format!("person:{person}"), made)
}

fn language(portable: &Portable) -> seloste_domain::language::Language {
    let language =
        |value: &PortableValue| if let Value::Language(language) = value.value { Some(language) } else { None };
    portable.values.iter().find_map(language).unwrap_or_default()
}

/// What a kept JSON holds.
///
/// # Errors
/// It is not what a person takes along.
pub fn read(json: &[u8]) -> Result<Portable> {
    Ok(serde_json::from_slice(json).map_err(|_| StoreError::NotFound("package"))?)
}

/// The columns of the tables, by the names that mappings of imports have.
const COLUMNS: [&str; 11] = [
    "given",
    "family",
    "language",
    "email",
    "telephone",
    "street",
    "postal_code",
    "town",
    "country",
    "organisation",
    "title",
];

fn rows(portable: &Portable) -> Vec<Vec<String>> {
    let mut columns: Vec<Vec<String>> = vec![Vec::new(); COLUMNS.len()];
    let mut put = |name: &str, text: &str| {
        if let Some(at) = COLUMNS.iter().position(|column| *column == name) {
            columns[at].push(text.to_owned());
        }
    };
    for value in &portable.values {
        match &value.value {
            Value::Name(name) => {
                put("given", &name.given);
                put("family", &name.family);
            }
            Value::Language(language) => put("language", language.tag()),
            Value::Email(email) => put("email", &email.address),
            Value::Telephone(telephone) => put("telephone", &telephone.number),
            Value::PostalAddress(address) => {
                put("street", &address.street);
                put("postal_code", &address.postal_code);
                put("town", &address.town);
                put("country", &address.country);
            }
            Value::CustomerNumber(_) | Value::Tags(_) => {}
        }
    }
    for represents in &portable.represents {
        put("organisation", &represents.organisation);
        put("title", represents.title.as_deref().unwrap_or_default());
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    (0..rows).map(|row| columns.iter().map(|column| column.get(row).cloned().unwrap_or_default()).collect()).collect()
}

/// One card with all values.
fn card(portable: &Portable) -> String {
    let mut properties: Vec<(&str, Vec<String>)> = Vec::new();
    let name = portable.values.iter().rev().find_map(|value| match &value.value {
        Value::Name(name) if value.valid_until.is_none() => Some(name.clone()),
        _ => None,
    });
    let name = name.unwrap_or_default();
    properties.push(("FN", vec![name.display()]));
    properties.push(("N", vec![name.family.clone(), name.given.clone(), String::new(), String::new(), String::new()]));
    for value in &portable.values {
        properties.push(match &value.value {
            Value::Email(email) => ("EMAIL", vec![email.address.clone()]),
            Value::Telephone(telephone) => ("TEL", vec![telephone.number.clone()]),
            Value::Language(language) => ("LANG", vec![language.tag().to_owned()]),
            Value::PostalAddress(address) => {
                let parts =
                    ["", "", &address.street, &address.town, &address.region, &address.postal_code, &address.country];
                ("ADR", parts.map(str::to_owned).to_vec())
            }
            Value::Name(_) | Value::CustomerNumber(_) | Value::Tags(_) => continue,
        });
    }
    for represents in &portable.represents {
        properties.push(("ORG", vec![represents.organisation.clone()]));
        properties.push(("TITLE", vec![represents.title.clone().unwrap_or_default()]));
    }
    seloste_documents::export::card(&properties)
}

/// The files of a package by their names: JSON, vCard, CSV and XLSX. In the tables today's values stand in the first row, further
/// ones in rows of their own.
///
/// # Errors
/// It is not what a person takes along, or a file can not be made.
pub fn files(json: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let portable = read(json)?;
    let header: Vec<String> = COLUMNS.iter().map(|column| (*column).to_owned()).collect();
    let rows = rows(&portable);
    let mut files = vec![("tiedot.json".to_owned(), json.to_vec())];
    files.push(("tiedot.vcf".to_owned(), card(&portable).into_bytes()));
    for format in [Format::Csv, Format::Xlsx] {
        files.push((format!("tiedot.{}", format.as_str()), in_memory(format, &header, &rows)?));
    }
    Ok(files)
}

/// All of them in one ZIP archive.
///
/// # Errors
/// As [`files`].
pub fn zip(json: &[u8]) -> Result<Vec<u8>> {
    let files = files(json)?;
    Ok(seloste_documents::zip::of(&files).map_err(|e| StoreError::Corrupt(e.to_string()))?)
}

/// Brings in a person from what they took along from another register of this program.
///
/// # Errors
/// The actor may not, the source is not the notice's, the company not the actor's, it is not such a file, or the same was
/// brought in before.
pub fn import(
    register: &Register,
    actor: &Actor,
    bytes: &[u8],
    source: &SourceId,
    companies: &[CompanyId],
) -> Result<PersonId> {
    let usage = register.authorize(actor, Action::PortabilityImport)?;
    declared_source(&*register.notice()?, source)?;
    let (portable, values) = Portable::read(bytes, usage.kinds(), register.today())?;
    let companies = own_companies(&usage, companies)?;
    let (origin, db, source) = (Origin::of(&usage, source), register.db().clone(), source.clone());
    let id = PersonId(register.db().env().id());
    let external = format!("portable:{}:{}", portable.register, portable.person);
    let made = register.db().write(&usage, move |w| {
        let known = party::by_external_id(&mut w.plain().tx(), &source, Noun::Person.as_str(), &external)?;
        if known.is_some() {
            let error = FieldErrors::from(FieldError::new("file", code::PORTABLE_KNOWN));
            return Err(OpsError::from(error).into_store());
        }
        let mut change = PartyChange { companies_added: companies.clone(), ..PartyChange::default() };
        change.added = values.iter().map(|new| origin.store(new.clone(), w.env())).collect();
        if w.usage().kinds().has(Kind::Organisation) {
            for represents in &portable.represents {
                let named = OrganisationRef::Named(represents.organisation.clone());
                let organisation = find_or_add_organisation(w, &db, &named, &companies, &origin)?;
                let mut new =
                    representation(w.env(), &organisation, represents.title.as_ref(), represents.valid_from, &origin);
                new.valid_until = represents.valid_until;
                change.representations_added.push(new);
            }
        }
        let party = db.prepare(id.into(), Noun::Person, change)?;
        party::create(w, &[party])?;
        party::set_external_id(&mut w.plain().tx(), &source, Noun::Person.as_str(), &external, id.0)?;
        Ok(id)
    });
    made.map_err(OpsError::from_store)
}

//! Everything that the register has about a person (Art. 15), read by the reviewed list of all tables, so that nothing that is
//! stored can be forgotten.

mod tables;

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use seloste_domain::access::{Names, Record, cleaned};
use seloste_domain::id::{CompanyId, PartyId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::log::Event;
use seloste_domain::name::PersonName;
use seloste_domain::value::Value;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

pub use self::tables::{As, Part, TABLES, Table};
use crate::db::{Access, Reading};
use crate::error::{Result, StoreError};
use crate::keys::PartyKey;
use crate::party::{self, Noun};
use crate::sql::{Param, Row, params, places};

/// Most uses of a person's data that are told.
const EVENTS: usize = 100_000;

/// Something of the person belongs to a company that the use does not reach: a package of a part would not be what the law asks
/// for, and one of all would show what is another company's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this person is a customer of companies beyond this right; somebody with a right to all of them has to make the package"
)]
pub struct OtherCompanies;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    /// The rows, by the part that they belong to, in the order of the list.
    pub parts: Vec<(&'static str, Vec<Record>)>,
    /// The uses of the data, the newest first.
    pub uses: Vec<Event>,
}

/// A stored cell.
#[derive(Clone, Debug)]
enum Cell {
    Null,
    Int(i64),
    Text(String),
    Id(Uuid),
    Bytes(Vec<u8>),
}

/// What is kept while a person is read.
struct Found {
    ids: Vec<Uuid>,
    keys: HashMap<Uuid, PartyKey>,
    names: HashMap<(&'static str, Uuid), Option<Json>>,
    /// The owner of an application, for its enquiries.
    owners: HashMap<Uuid, Uuid>,
}

/// Everything about a person, those records too that were merged into theirs. Names of others, ids and who works here are left out.
///
/// # Errors
/// The person is not in the scope of the use; [`OtherCompanies`]; or something can not be opened.
pub fn everything(r: &mut Reading<'_>, person: PersonId) -> Result<Everything> {
    let id: PartyId = person.into();
    party::row(r, Noun::Person, id)?;
    let mut ids = crate::merge::predecessors(&mut r.tx().0, id)?;
    ids.push(id.0);
    let mut found = Found { ids, keys: HashMap::new(), names: HashMap::new(), owners: HashMap::new() };
    let mut parts = Vec::new();
    for table in TABLES {
        let Ok(part) = &table.part else { continue };
        let rows = rows(r, table.name, part, &found.ids)?;
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            records.push(told(r, part, row, &mut found)?);
        }
        parts.push((part, records));
    }
    within_scope(r, &parts)?;
    let mut names = names(&parts);
    others(r, &found.ids, &parts, &mut names)?;
    let parts = parts.into_iter().map(|(part, records)| (part.name, masked(part, records, &names))).collect();
    let mut uses = Vec::new();
    for id in found.ids {
        uses.extend(crate::log::entries_of(&mut r.tx().0, id, EVENTS)?);
    }
    uses.sort_by_key(|event| std::cmp::Reverse(event.seq));
    uses.dedup_by_key(|event| event.seq);
    r.show(id, Kind::ALL.into_iter().collect());
    Ok(Everything { parts, uses })
}

/// Whether a column is in the package by its name.
#[must_use]
pub const fn is_told(by: As) -> bool {
    is_read(by) && !matches!(by, As::Owner)
}

const fn is_read(by: As) -> bool {
    !matches!(by, As::Key | As::Built | As::Staff | As::Inner)
}

fn rows(r: &mut Reading<'_>, table: &str, part: &Part, ids: &[Uuid]) -> Result<Vec<Vec<Cell>>> {
    let columns: Vec<&(&str, As)> = part.columns.iter().filter(|(_, by)| is_read(*by)).collect();
    let objects = objects(part);
    let selected: Vec<String> =
        columns.iter().map(|(name, _)| *name).chain(objects.iter().copied()).map(|name| format!("t.{name}")).collect();
    let whose = part.whose.replace("{}", &places(2, ids.len()));
    let sql = format!("SELECT {} FROM {table} t WHERE t.register_id = ?1 AND {whose}", selected.join(", "));
    let values: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    let count = columns.len();
    r.tx().0.query(&sql, &values, |row| {
        let told = columns.iter().enumerate().map(|(at, (_, by))| cell(row, at, *by));
        let ids = (count..count + objects.len()).map(|at| row.opt_id(at).map(|id| id.map_or(Cell::Null, Cell::Id)));
        told.chain(ids).collect()
    })
}

/// The columns that name what sealed columns belong to, each once.
fn objects(part: &Part) -> Vec<&'static str> {
    let mut objects: Vec<&'static str> = Vec::new();
    for (_, by) in part.columns {
        if let As::Sealed(object) = by
            && !objects.contains(object)
        {
            objects.push(object);
        }
    }
    objects
}

fn cell(row: &Row<'_>, at: usize, by: As) -> Result<Cell> {
    Ok(match by {
        As::Text | As::Name | As::Free | As::Json => row.opt_text(at)?.map_or(Cell::Null, Cell::Text),
        As::Int | As::Decimal(_) | As::Time | As::Flag => row.opt_int(at)?.map_or(Cell::Null, Cell::Int),
        As::Sealed(_) => row.opt_bytes(at)?.map_or(Cell::Null, Cell::Bytes),
        _ => row.opt_id(at)?.map_or(Cell::Null, Cell::Id),
    })
}

/// The name of a column in the package: what an id stands for is told, not the id.
fn field(column: &str) -> String {
    column.strip_suffix("_id").unwrap_or(column).to_owned()
}

fn told(r: &mut Reading<'_>, part: &Part, row: Vec<Cell>, found: &mut Found) -> Result<Record> {
    let columns: Vec<&(&str, As)> = part.columns.iter().filter(|(_, by)| is_read(*by)).collect();
    let (cells, ids) = row.split_at(columns.len());
    let mut owner = None;
    for ((_, by), cell) in columns.iter().zip(cells) {
        match (by, cell) {
            (As::Owner, Cell::Id(id)) => owner = Some(*id),
            (As::Application, Cell::Id(id)) => owner = application_owner(r, *id, found)?,
            _ => {}
        }
    }
    let mut record = Map::new();
    for ((column, by), cell) in columns.iter().zip(cells) {
        let value = match (by, cell) {
            (As::Owner, _) | (_, Cell::Null) => continue,
            (As::Sealed(object), Cell::Bytes(sealed)) => {
                let at = objects(part).iter().position(|name| name == object).unwrap_or_default();
                let Some(Cell::Id(object)) = ids.get(at) else { continue };
                match opened(r, owner, *object, sealed, found)? {
                    Some(json) => json,
                    None => continue,
                }
            }
            (
                As::Partner | As::Party | As::Order | As::Invoice | As::Application | As::Disclosure | As::ConsentText,
                Cell::Id(id),
            ) => match named(r, *by, *id, found)? {
                Some(json) => json,
                None => continue,
            },
            (by, cell) => plain(*by, cell)?,
        };
        if value != Json::String(String::new()) {
            record.insert(field(column), value);
        }
    }
    Ok(Record(record))
}

fn plain(by: As, cell: &Cell) -> Result<Json> {
    let corrupt = || StoreError::Corrupt("a column of a person".into());
    Ok(match (by, cell) {
        (As::Json, Cell::Text(text)) => serde_json::from_str(text).map_err(|_| corrupt())?,
        (As::Flag, Cell::Int(number)) => Json::Bool(*number != 0),
        (As::Decimal(scale), Cell::Int(number)) => Json::String(decimal(*number, scale)),
        (As::Time, Cell::Int(number)) => {
            Json::String(jiff::Timestamp::from_microsecond(*number).map_err(|_| corrupt())?.to_string())
        }
        (_, Cell::Int(number)) => Json::from(*number),
        (_, Cell::Text(text)) => Json::String(text.clone()),
        _ => return Err(corrupt()),
    })
}

/// A scaled number as a decimal one: `19950` of scale 3 is `19.95`.
fn decimal(number: i64, scale: u32) -> String {
    let unit = 10_u64.pow(scale);
    let (whole, rest) = (number.unsigned_abs() / unit, number.unsigned_abs() % unit);
    let sign = if number < 0 { "-" } else { "" };
    let width = scale as usize;
    let text = format!("{sign}{whole}.{rest:0width$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What was sealed, opened; none when it is under another customer's key.
fn opened(
    r: &mut Reading<'_>,
    owner: Option<Uuid>,
    object: Uuid,
    sealed: &[u8],
    found: &mut Found,
) -> Result<Option<Json>> {
    let bytes = match owner {
        None => r.keys().0.open_secret(object, sealed)?.to_vec(),
        Some(owner) if !found.ids.contains(&owner) => return Ok(None),
        Some(owner) => {
            let key = match found.keys.entry(owner) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let wrapped = party::wrapped_key(&mut r.tx().0, PartyId(owner))?;
                    place.insert(r.keys().0.unwrap_party_key(PartyId(owner), &wrapped)?)
                }
            };
            key.open(object, sealed)?
        }
    };
    // Most of what is sealed is JSON; a reason is plain text.
    let text = String::from_utf8(bytes).map_err(|_| StoreError::Corrupt("what was sealed of a person".into()))?;
    Ok(Some(serde_json::from_str(&text).unwrap_or(Json::String(text))))
}

fn application_owner(r: &mut Reading<'_>, id: Uuid, found: &mut Found) -> Result<Option<Uuid>> {
    if let Some(owner) = found.owners.get(&id) {
        return Ok(Some(*owner));
    }
    let sql = "SELECT owner_id FROM credit_application WHERE register_id = ?1 AND application_id = ?2";
    let owner = r.tx().0.query_opt(sql, params![id], |row| row.id(0))?;
    found.owners.extend(owner.map(|owner| (id, owner)));
    Ok(owner)
}

/// What an id stands for, in words.
fn named(r: &mut Reading<'_>, by: As, id: Uuid, found: &mut Found) -> Result<Option<Json>> {
    let (what, sql) = match by {
        As::Partner => ("partner", "SELECT name FROM partner WHERE register_id = ?1 AND partner_id = ?2"),
        As::Party => {
            ("party", "SELECT name FROM party WHERE register_id = ?1 AND party_id = ?2 AND noun = 'organisation'")
        }
        As::Order => ("order", "SELECT number FROM orders WHERE register_id = ?1 AND order_id = ?2"),
        As::Invoice => {
            ("invoice", "SELECT coalesce(number, '') FROM invoice WHERE register_id = ?1 AND invoice_id = ?2")
        }
        As::Application => {
            ("application", "SELECT applied_on FROM credit_application WHERE register_id = ?1 AND application_id = ?2")
        }
        As::ConsentText => ("consent_text", "SELECT text FROM consent_text WHERE register_id = ?1 AND text_id = ?2"),
        _ => (
            "disclosure",
            "SELECT p.name FROM disclosure d JOIN partner p ON p.register_id = d.register_id \
             AND p.partner_id = d.partner_id WHERE d.register_id = ?1 AND d.disclosure_id = ?2",
        ),
    };
    if let Some(known) = found.names.get(&(what, id)) {
        return Ok(known.clone());
    }
    let name = r.tx().0.query_opt(sql, params![id], |row| row.opt_text(0))?.flatten().map(Json::String);
    found.names.insert((what, id), name.clone());
    Ok(name)
}

/// Everything belongs to companies of the scope.
fn within_scope(r: &Reading<'_>, parts: &[(&Part, Vec<Record>)]) -> Result<()> {
    let companies: BTreeSet<&str> = parts
        .iter()
        .flat_map(|(_, records)| records)
        .filter_map(|record| record.0.get("company").and_then(Json::as_str))
        .collect();
    let scope = r.usage().scope();
    let outside =
        companies.into_iter().any(|company| !company.parse::<CompanyId>().is_ok_and(|company| scope.has(&company)));
    if outside { Err(StoreError::Refused(Box::new(OtherCompanies))) } else { Ok(()) }
}

/// The person's own names, past ones too, and those of the organisations of their orders.
fn names(parts: &[(&Part, Vec<Record>)]) -> Names {
    let mut names = Names::default();
    for (part, records) in parts {
        for record in records {
            let text = |field: &str| record.0.get(field).and_then(Json::as_str).unwrap_or_default();
            if part.name == "value" && text("kind") == Kind::Name.as_str() {
                names.person(&PersonName { given: text("given").to_owned(), family: text("text").to_owned() });
            }
            if part.name == "value" && text("kind") == Kind::Email.as_str() {
                names.email(text("text"));
            }
            if part.name == "value" && text("kind") == Kind::Telephone.as_str() {
                names.telephone(text("text"));
            }
            names.text(text("organisation"));
            if part.name == "history" {
                record.0.values().for_each(|value| past_names(value, &mut |name| names.person(name)));
            }
        }
    }
    names
}

/// Most people whose names are looked for in free text.
const OTHERS: i64 = 5_000;

/// People of those whose past names, addresses and numbers are looked for as well: each history is opened for it.
const PAST: usize = 200;

/// What somebody else was called and how they were reached before: an old letter says it.
fn past_of(r: &mut Reading<'_>, id: Uuid, names: &mut Names) -> Result<()> {
    let wrapped = party::wrapped_key(&mut r.tx().0, PartyId(id))?;
    let key = r.keys().0.unwrap_party_key(PartyId(id), &wrapped)?;
    let sql = "SELECT payload FROM sealed WHERE register_id = ?1 AND owner_id = ?2 AND object_id = ?2 ORDER BY seq";
    for payload in r.tx().0.query(sql, params![id], |row| row.opt_bytes(0))?.into_iter().flatten() {
        let change: Json = serde_json::from_slice(&key.open(id, &payload)?).unwrap_or_default();
        past_names(&change, &mut |name| names.other(&format!("{} {}", name.given, name.family)));
        past_reach(&change, names);
    }
    Ok(())
}

fn past_reach(value: &Json, names: &mut Names) {
    match value {
        Json::Object(object) => {
            let kind = object.get("kind").and_then(Json::as_str);
            let value = object.get("value").filter(|_| kind.is_some());
            let mut texts: Vec<&str> = value.and_then(Json::as_str).into_iter().collect();
            texts.extend(
                value.and_then(Json::as_object).into_iter().flat_map(|parts| parts.values()).filter_map(Json::as_str),
            );
            match kind {
                Some(kind) if kind == Kind::Email.as_str() => {
                    texts.into_iter().for_each(|text| names.other_email(text))
                }
                Some(kind) if kind == Kind::Telephone.as_str() => {
                    texts.into_iter().for_each(|text| names.other_telephone(text));
                }
                _ => {}
            }
            object.values().for_each(|value| past_reach(value, names));
        }
        Json::Array(items) => items.iter().for_each(|item| past_reach(item, names)),
        _ => {}
    }
}

/// Those who may be named in what was written about the person: who else represents the organisations that they represent or ordered
/// for, those whom fields name beside them, and who works here.
fn others(r: &mut Reading<'_>, ids: &[Uuid], parts: &[(&Part, Vec<Record>)], names: &mut Names) -> Result<()> {
    let mine = places(3, ids.len());
    let of_mine = |table: &str| {
        format!(
            "SELECT m.organisation_id FROM {table} m WHERE m.register_id = ?1 AND m.organisation_id IS NOT NULL \
             AND m.person_id IN ({mine})"
        )
    };
    let organisations = ["representation", "orders", "invoice"].map(of_mine).join(" UNION ");
    let sql = format!(
        "SELECT DISTINCT p.person_id FROM representation p WHERE p.register_id = ?1 AND p.person_id NOT IN ({mine}) \
         AND p.organisation_id IN ({organisations}) ORDER BY p.person_id LIMIT ?2"
    );
    let mut values = vec![Param::Int(OTHERS)];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    let tx = &mut r.tx().0;
    let people = tx.query(&sql, &values, |row| row.id(0))?;
    let kinds = [Kind::Name, Kind::Email, Kind::Telephone].into_iter().collect();
    for stored in party::values(tx, &people, kinds)?.into_values().flatten() {
        match &stored.value {
            Value::Name(name) => names.other(&format!("{} {}", name.given, name.family)),
            Value::Email(email) => names.other_email(&email.address),
            Value::Telephone(telephone) => names.other_telephone(&telephone.number),
            _ => {}
        }
    }
    for id in people.iter().take(PAST) {
        past_of(r, *id, names)?;
    }
    let tx = &mut r.tx().0;
    let sql = "SELECT name, login FROM user_account WHERE register_id = ?1 ORDER BY user_id LIMIT ?2";
    for (name, login) in tx.query(sql, params![OTHERS], |row| Ok((row.text(0)?, row.text(1)?)))? {
        names.other(&name);
        names.other_email(&login);
    }
    for (part, records) in parts {
        for (name, value) in records.iter().flat_map(|record| &record.0) {
            match (part.columns.iter().find(|(column, _)| field(column) == *name).map(|(_, by)| *by), value) {
                (Some(As::Name), Json::String(text)) => names.other(text),
                (Some(As::Json | As::Sealed(_)), value) => names.others_in(value),
                _ => {}
            }
        }
    }
    Ok(())
}

fn past_names(value: &Json, names: &mut dyn FnMut(&PersonName)) {
    match value {
        Json::Object(object) => {
            if object.get("kind").and_then(Json::as_str) == Some(Kind::Name.as_str())
                && let Some(name) = object.get("value").and_then(|name| serde_json::from_value(name.clone()).ok())
            {
                names(&name);
            }
            object.values().for_each(|value| past_names(value, names));
        }
        Json::Array(items) => items.iter().for_each(|item| past_names(item, names)),
        _ => {}
    }
}

fn masked(part: &Part, records: Vec<Record>, names: &Names) -> Vec<Record> {
    let treatment = |name: &str| part.columns.iter().find(|(column, _)| field(column) == name).map(|(_, by)| *by);
    let mask = |(name, value): (String, Json)| {
        let value = match (treatment(&name), value) {
            (Some(As::Name), Json::String(text)) => Json::String(names.masked(&text)),
            (Some(As::Free), Json::String(text)) => Json::String(names.free(&text)),
            (Some(As::Json | As::Sealed(_)), value) => cleaned(value, names),
            (_, value) => value,
        };
        (name, value)
    };
    records.into_iter().map(|record| Record(record.0.into_iter().map(mask).collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaled_numbers_are_told_as_decimals() {
        for (number, scale, text) in
            [(19950, 3, "19.95"), (3000, 3, "3"), (-5, 4, "-0.0005"), (0, 3, "0"), (2550, 4, "0.255")]
        {
            assert_eq!(decimal(number, scale), text);
        }
    }
}

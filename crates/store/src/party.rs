//! What persons and organisations have in common: values, companies, keys, and the way each change is stored, sealed
//! and logged.

use std::collections::HashMap;

use jiff::Timestamp;
use seloste_domain::collation;
use seloste_domain::history::{Change, OrganisationName, PartyChange};
use seloste_domain::id::{CompanyId, PartyId, RepresentationId, SourceId, ValueId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::person::Representation;
use seloste_domain::prohibition::{Marks, Prohibitions};
use seloste_domain::recall::Reason;
use seloste_domain::value::{Flat, StoredValue, Value};
use uuid::Uuid;

use crate::db::{Access, Db, Writing};
use crate::error::{Result, StoreError};
use crate::keys::{PartyKey, sealed_hash};
use crate::log::Act;
use crate::sql::{Param, Row, Tx, params, places};

/// Person or organisation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Noun {
    /// A person.
    Person,
    /// An organisation.
    Organisation,
}

impl Noun {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
        }
    }
}

/// A party's own row.
#[derive(Clone, Debug)]
pub(crate) struct PartyRow {
    pub(crate) id: Uuid,
    pub(crate) name: Option<String>,
    pub(crate) business_id: Option<String>,
    pub(crate) source: SourceId,
    pub(crate) entered_by: String,
    pub(crate) entered_at: Timestamp,
    pub(crate) protected_address: bool,
    /// What stands against using its data, as [`crate::guard::keep`] found it.
    pub(crate) marks: Marks,
    /// Whether the use may only see which card it is.
    pub(crate) withheld: bool,
    pub(crate) version: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) changed_at: Timestamp,
}

const ROW: &str = "p.party_id, p.name, p.business_id, p.source_id, p.entered_by, p.entered_at, p.protected_address, \
     p.version, p.created_at, p.changed_at, coalesce(p.prohibitions, 0), coalesce(p.is_restricted, 0)";

fn read_row(row: &Row<'_>) -> Result<PartyRow> {
    Ok(PartyRow {
        id: row.id(0)?,
        name: row.opt_text(1)?,
        business_id: row.opt_text(2)?,
        source: row.parsed(3)?,
        entered_by: row.text(4)?,
        entered_at: row.time(5)?,
        protected_address: row.flag(6)?,
        marks: Marks {
            prohibitions: Prohibitions::from_bits(row.int(10)?),
            restricted: row.flag(11)?,
            ..Marks::default()
        },
        withheld: false,
        version: row.int(7)?,
        created_at: row.time(8)?,
        changed_at: row.time(9)?,
    })
}

/// The part of a WHERE clause that keeps a party within the scope: it belongs to one of the companies. The companies'
/// placeholders begin at `first`.
pub(crate) fn in_scope(first: usize, companies: usize) -> String {
    format!(
        "EXISTS (SELECT 1 FROM party_company c WHERE c.register_id = ?1 AND c.party_id = p.party_id \
         AND c.company_id IN ({}))",
        places(first, companies)
    )
}

/// Adds the scope's companies to the values of a statement.
pub(crate) fn with_scope<'a>(mut values: Vec<Param<'a>>, companies: &'a [CompanyId]) -> Vec<Param<'a>> {
    values.extend(companies.iter().map(Param::from));
    values
}

/// The rows of those of the parties that exist and are in the scope of the use, and against whose use nothing stands.
pub(crate) fn rows(access: &mut impl Access, noun: Noun, ids: &[Uuid]) -> Result<Vec<PartyRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT {ROW} FROM party p WHERE p.register_id = ?1 AND p.noun = ?2 AND p.party_id IN ({}) AND {}",
        places(3, ids.len()),
        in_scope(3 + ids.len(), scope.companies().len())
    );
    let mut values = vec![Param::from(noun.as_str())];
    values.extend(ids.iter().map(|id| Param::Id(*id)));
    let mut found = access.tx().0.query(&sql, &with_scope(values, scope.companies()), read_row)?;
    crate::guard::keep(access, &mut found)?;
    Ok(found)
}

/// One row.
///
/// # Errors
/// It is not in the scope of the use, or something stands against the use.
pub(crate) fn row(access: &mut impl Access, noun: Noun, id: PartyId) -> Result<PartyRow> {
    match rows(access, noun, &[id.0])?.into_iter().next() {
        Some(row) => Ok(row),
        None => Err(crate::guard::why_not(access, noun.as_str(), id.0)?),
    }
}

/// How many parties of a noun the scope has.
pub(crate) fn count(access: &mut impl Access, noun: Noun) -> Result<i64> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT count(*) FROM party p WHERE p.register_id = ?1 AND p.noun = ?2 AND {}",
        in_scope(3, scope.companies().len())
    );
    let values = with_scope(vec![Param::from(noun.as_str())], scope.companies());
    Ok(access.tx().0.query_opt(&sql, &values, |row| row.int(0))?.unwrap_or(0))
}

/// The values of parties, of the kinds that exist for the use. The caller notes whom it shows.
pub(crate) fn values(tx: &mut Tx<'_>, ids: &[Uuid], kinds: Kinds) -> Result<HashMap<Uuid, Vec<StoredValue>>> {
    let mut found: HashMap<Uuid, Vec<StoredValue>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    // Kinds that do not exist for the use are not read at all.
    let wanted: Vec<Kind> = kinds.iter().collect();
    let only = match wanted.len() {
        all if all == Kind::ALL.len() => String::new(),
        0 => return Ok(found),
        some => format!("AND kind IN ({}) ", places(2 + ids.len(), some)),
    };
    let sql = format!(
        "SELECT party_id, value_id, kind, label, text, given, postal_code, town, region, country, match_key, \
         valid_from, valid_until, source_id, entered_by, entered_at FROM party_value \
         WHERE register_id = ?1 AND party_id IN ({}) {only}ORDER BY party_id, value_id",
        places(2, ids.len())
    );
    let mut params: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    if !only.is_empty() {
        params.extend(wanted.iter().map(|kind| Param::Text(kind.as_str())));
    }
    tx.each(&sql, &params, |row| {
        found.entry(row.id(0)?).or_default().push(read_value(row, row.parsed(2)?)?);
        Ok(())
    })?;
    Ok(found)
}

fn read_value(row: &Row<'_>, kind: Kind) -> Result<StoredValue> {
    let flat = Flat {
        label: row.opt_text(3)?,
        text: row.text(4)?,
        given: row.opt_text(5)?,
        postal_code: row.opt_text(6)?,
        town: row.opt_text(7)?,
        region: row.opt_text(8)?,
        country: row.opt_text(9)?,
        match_key: row.opt_text(10)?,
    };
    Ok(StoredValue {
        id: ValueId(row.id(1)?),
        value: Value::from_flat(kind, flat).map_err(|e| StoreError::Corrupt(e.to_string()))?,
        valid_from: row.opt_parsed(11)?,
        valid_until: row.opt_parsed(12)?,
        source: row.parsed(13)?,
        entered_by: row.text(14)?,
        entered_at: row.time(15)?,
    })
}

/// The companies of parties, those of the scope only: that a customer belongs to another company is not shown.
pub(crate) fn companies(access: &mut impl Access, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<CompanyId>>> {
    let mut found: HashMap<Uuid, Vec<CompanyId>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT party_id, company_id FROM party_company WHERE register_id = ?1 AND party_id IN ({}) \
         ORDER BY party_id, company_id",
        places(2, ids.len())
    );
    let params: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    access.tx().0.each(&sql, &params, |row| {
        let company: CompanyId = row.parsed(1)?;
        if scope.has(&company) {
            found.entry(row.id(0)?).or_default().push(company);
        }
        Ok(())
    })?;
    Ok(found)
}

/// A party about to be added, sealed already: this much can be done outside the writer.
#[derive(Clone)]
pub struct NewParty {
    /// Its id, made by [`crate::Env::id`].
    pub id: PartyId,
    noun: Noun,
    change: PartyChange,
    wrapped: Vec<u8>,
    payload: Vec<u8>,
    hash: String,
    sort_key: Vec<u8>,
}

impl Db {
    /// Makes the key of a new party and seals its first change under it.
    ///
    /// # Errors
    /// The sealing fails.
    pub fn prepare(&self, id: PartyId, noun: Noun, mut change: PartyChange) -> Result<NewParty> {
        change.created = true;
        let (key, wrapped) = self.keys().new_party_key(id, self.env())?;
        let payload = seal(&key, id.0, &Change::Party(Box::new(change.clone())), self.env())?;
        let hash = sealed_hash(&payload);
        let sort_key = sort_key(&change.added, change.name.as_ref().and_then(|name| name.after.as_ref()));
        Ok(NewParty { id, noun, change, wrapped, payload, hash, sort_key })
    }
}

pub(crate) fn seal(key: &PartyKey, object: Uuid, change: &Change, env: &crate::Env) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(change).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    key.seal(object, &json, env)
}

/// Adds parties: their rows, and one log entry for all of them.
///
/// # Errors
/// A row is refused; nothing is added then.
pub fn create(w: &mut Writing<'_, '_>, parties: &[NewParty]) -> Result<()> {
    let seq = w.next_seq();
    let mut act = Act::default();
    let mut fields = std::collections::BTreeSet::new();
    for party in parties {
        insert(w, party, seq)?;
        act.subjects.push(party.id.0);
        act.sealed.push(party.hash.clone());
        fields.extend(party.change.fields());
        w.touch(party.id.0);
    }
    act.fields = fields.into_iter().collect();
    if parties.is_empty() { Ok(()) } else { w.log(act) }
}

fn insert(w: &mut Writing<'_, '_>, party: &NewParty, seq: u64) -> Result<()> {
    let id = party.id;
    let now = w.usage().at();
    let actor = w.usage().actor().to_string();
    let change = &party.change;
    let name = change.name.as_ref().and_then(|name| name.after.as_ref());
    let first = change.added.first();
    let source = name.map(|n| n.source.clone()).or_else(|| first.map(|v| v.source.clone()));
    let source = source.or_else(|| change.representations_added.first().map(|r| r.source.clone()));
    let source = source.ok_or_else(|| StoreError::Corrupt("a party without a value or a source".into()))?;
    let entered_by = name.map(|n| &n.entered_by).or_else(|| first.map(|v| &v.entered_by)).unwrap_or(&actor);
    let entered_at = name.map(|n| n.entered_at).or_else(|| first.map(|v| v.entered_at)).unwrap_or(now);
    let mut tx = w.plain().tx();
    tx.execute(
        "INSERT INTO party (register_id, party_id, noun, sort_key, name, name_key, business_id, source_id, entered_by, \
         entered_at, protected_address, version, created_at, changed_at, changed_seq) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?12, ?13)",
        params![
            id,
            party.noun.as_str(),
            &party.sort_key,
            name.map(|n| n.name.as_str()),
            &name.map(|n| seloste_domain::fold::fold(&n.name)),
            name.and_then(|n| n.business_id.as_ref()).map(seloste_domain::business_id::BusinessId::as_str),
            &source,
            entered_by,
            entered_at,
            change.protected_address.unwrap_or(false),
            now,
            seq.cast_signed(),
        ],
    )?;
    tx.execute(
        "INSERT INTO party_key (register_id, party_id, wrapped) VALUES (?1, ?2, ?3)",
        params![id, &party.wrapped],
    )?;
    apply_rows(&mut tx, id, change)?;
    insert_sealed(&mut tx, id.0, seq, id, &party.payload)
}

pub(crate) fn insert_sealed(tx: &mut Tx<'_>, object: Uuid, seq: u64, owner: PartyId, payload: &[u8]) -> Result<()> {
    tx.execute(
        "INSERT INTO sealed (register_id, object_id, seq, owner_id, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![object, seq.cast_signed(), owner, payload],
    )
    .map(drop)
}

/// A change to a party that exists.
#[derive(Clone, Debug)]
pub struct Update {
    /// The party.
    pub id: PartyId,
    /// Person or organisation.
    pub noun: Noun,
    /// The version that the change was made from.
    pub expected: i64,
    /// The change.
    pub change: PartyChange,
}

/// Changes a party: its rows, its sealed history, and a log entry. Returns the new version.
///
/// # Errors
/// Someone else changed it meanwhile, it is not there, or a row is refused.
pub fn update(w: &mut Writing<'_, '_>, update: &Update) -> Result<i64> {
    let Update { id, noun, expected, change } = update;
    if change.is_empty() {
        return Ok(*expected);
    }
    let found = row(w, *noun, *id)?;
    crate::guard::may_change(w, &found)?;
    if found.version != *expected {
        return Err(StoreError::Conflict { found: found.version, expected: *expected });
    }
    let payload = {
        let key = key_of(w, *id)?;
        seal(&key, id.0, &Change::Party(Box::new(change.clone())), w.env())?
    };
    let seq = w.next_seq();
    let now = w.usage().at();
    let mut tx = w.plain().tx();
    apply_rows(&mut tx, *id, change)?;
    insert_sealed(&mut tx, id.0, seq, *id, &payload)?;
    update_row(&mut tx, *id, change, found.protected_address, expected + 1, now)?;
    moved(&mut tx, *id, seq)?;
    w.log(Act {
        subjects: vec![id.0],
        fields: change.fields(),
        sealed: vec![sealed_hash(&payload)],
        ..Act::default()
    })?;
    recall(w, *id, change)?;
    w.touch(id.0);
    if change.name.is_some() {
        touch_representatives(w, *id)?;
    }
    Ok(expected + 1)
}

/// Who received what was corrected is told (Art. 19), and who received an address that is now protected.
fn recall(w: &mut Writing<'_, '_>, id: PartyId, change: &PartyChange) -> Result<()> {
    crate::recall::because(w, id, Reason::Rectification, seloste_domain::recall::corrected(change))?;
    if change.protected_address == Some(true) {
        let address = std::iter::once(Kind::PostalAddress).collect();
        crate::recall::because(w, id, Reason::Restriction, address)?;
    }
    Ok(())
}

/// Notes the number of the change that a party's readers outside have to hear of.
pub(crate) fn moved(tx: &mut Tx<'_>, id: PartyId, seq: u64) -> Result<()> {
    tx.execute(
        "UPDATE party SET changed_seq = ?3 WHERE register_id = ?1 AND party_id = ?2",
        params![id, seq.cast_signed()],
    )
    .map(drop)
}

fn update_row(
    tx: &mut Tx<'_>,
    id: PartyId,
    change: &PartyChange,
    protected: bool,
    version: i64,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "UPDATE party SET version = ?3, changed_at = ?4, protected_address = ?5 WHERE register_id = ?1 AND party_id = ?2",
        params![id, version, now, change.protected_address.unwrap_or(protected)],
    )?;
    let name = change.name.as_ref().and_then(|name| name.after.as_ref());
    match (&change.name, name) {
        (_, Some(name)) => tx.execute(
            "UPDATE party SET name = ?3, name_key = ?4, business_id = ?5, source_id = ?6, entered_by = ?7, entered_at = ?8 \
             WHERE register_id = ?1 AND party_id = ?2",
            params![
                id,
                &name.name,
                &seloste_domain::fold::fold(&name.name),
                name.business_id.as_ref().map(seloste_domain::business_id::BusinessId::as_str),
                &name.source,
                &name.entered_by,
                name.entered_at,
            ],
        )?,
        // A merged organisation: imports must not find it by its name any more.
        (Some(_), None) => tx.execute(
            "UPDATE party SET name = NULL, name_key = NULL, business_id = NULL WHERE register_id = ?1 AND party_id = ?2",
            params![id],
        )?,
        (None, None) => 0,
    };
    let renamed = change.added.iter().chain(&change.removed).any(|v| v.value.kind() == Kind::Name);
    if renamed || name.is_some() {
        let current = values(tx, &[id.0], Kind::ALL.into_iter().collect())?.remove(&id.0).unwrap_or_default();
        tx.execute(
            "UPDATE party SET sort_key = ?3 WHERE register_id = ?1 AND party_id = ?2",
            params![id, &sort_key(&current, name)],
        )?;
    }
    Ok(())
}

/// What a party is now, of every kind: what a change is put back against. It stays within the store's callers that
/// write; nothing of it is shown.
#[derive(Clone, Debug)]
pub struct State {
    /// Its values.
    pub values: Vec<StoredValue>,
    /// The organisations that it represents.
    pub representations: Vec<Representation>,
    /// Its companies within the scope.
    pub companies: Vec<CompanyId>,
    /// Whether its address is protected.
    pub protected_address: bool,
    /// What it has forbidden, and whether its processing is restricted.
    pub marks: Marks,
    /// An organisation's name.
    pub name: Option<OrganisationName>,
}

/// What a party is now.
///
/// # Errors
/// It is not within the scope.
pub fn state(w: &mut Writing<'_, '_>, noun: Noun, id: Uuid) -> Result<State> {
    let row = row(w, noun, PartyId(id))?;
    let companies = companies(w, &[id])?.remove(&id).unwrap_or_default();
    let mut tx = w.plain().tx();
    let business_id = row.business_id.and_then(|id| id.try_into().ok());
    Ok(State {
        values: values(&mut tx, &[id], Kind::ALL.into_iter().collect())?.remove(&id).unwrap_or_default(),
        representations: representations(&mut tx, &[id])?.remove(&id).unwrap_or_default(),
        companies,
        protected_address: row.protected_address,
        marks: row.marks,
        name: row.name.map(|name| OrganisationName {
            name,
            business_id,
            source: row.source,
            entered_by: row.entered_by,
            entered_at: row.entered_at,
        }),
    })
}

/// The version of a party.
///
/// # Errors
/// It is not within the scope.
pub fn version(access: &mut impl Access, noun: Noun, id: PartyId) -> Result<i64> {
    row(access, noun, id).map(|row| row.version)
}

/// An organisation's rename changes the search words of those who represent it.
fn touch_representatives(w: &mut Writing<'_, '_>, organisation: PartyId) -> Result<()> {
    let people = w.plain().tx().query(
        "SELECT DISTINCT person_id FROM representation WHERE register_id = ?1 AND organisation_id = ?2",
        params![organisation],
        |row| row.id(0),
    )?;
    people.into_iter().for_each(|person| w.touch(person));
    Ok(())
}

pub(crate) fn key_of(w: &mut Writing<'_, '_>, id: PartyId) -> Result<PartyKey> {
    let wrapped = wrapped_key(&mut w.plain().tx(), id)?;
    w.keys().0.unwrap_party_key(id, &wrapped)
}

pub(crate) fn wrapped_key(tx: &mut Tx<'_>, id: PartyId) -> Result<Vec<u8>> {
    tx.query_opt("SELECT wrapped FROM party_key WHERE register_id = ?1 AND party_id = ?2", params![id], |row| {
        row.bytes(0)
    })?
    .ok_or(StoreError::NotFound("key"))
}

fn sort_key(values: &[StoredValue], name: Option<&OrganisationName>) -> Vec<u8> {
    if let Some(name) = name {
        return collation::sort_key(&name.name);
    }
    let person = values.iter().rev().find_map(|stored| match &stored.value {
        Value::Name(name) => Some(format!("{} {}", name.family, name.given)),
        _ => None,
    });
    // Those without a name come last.
    person.map_or_else(|| vec![0xff], |name| collation::sort_key(name.trim()))
}

fn apply_rows(tx: &mut Tx<'_>, id: PartyId, change: &PartyChange) -> Result<()> {
    for stored in &change.removed {
        gone(tx.execute(
            "DELETE FROM party_value WHERE register_id = ?1 AND party_id = ?2 AND value_id = ?3",
            params![id, stored.id],
        )?)?;
    }
    for stored in &change.added {
        insert_value(tx, id, stored)?;
    }
    for representation in &change.representations_removed {
        gone(tx.execute(
            "DELETE FROM representation WHERE register_id = ?1 AND person_id = ?2 AND representation_id = ?3",
            params![id, representation.id],
        )?)?;
    }
    for representation in &change.representations_added {
        insert_representation(tx, id, representation)?;
    }
    for company in &change.companies_removed {
        tx.execute(
            "DELETE FROM party_company WHERE register_id = ?1 AND party_id = ?2 AND company_id = ?3",
            params![id, company],
        )?;
    }
    for company in &change.companies_added {
        tx.execute(
            "INSERT INTO party_company (register_id, party_id, company_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![id, company],
        )?;
    }
    Ok(())
}

/// What a change takes out must have been there: else it was made from something that is not so any more.
fn gone(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("value")) }
}

fn insert_value(tx: &mut Tx<'_>, id: PartyId, stored: &StoredValue) -> Result<()> {
    let flat = stored.value.flat();
    tx.execute(
        "INSERT INTO party_value (register_id, party_id, value_id, kind, label, text, given, postal_code, town, region, \
         country, match_key, valid_from, valid_until, source_id, entered_by, entered_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            id,
            stored.id,
            stored.value.kind().as_str(),
            &flat.label,
            &flat.text,
            &flat.given,
            &flat.postal_code,
            &flat.town,
            &flat.region,
            &flat.country,
            &flat.match_key,
            &stored.valid_from.map(|date| date.to_string()),
            &stored.valid_until.map(|date| date.to_string()),
            &stored.source,
            &stored.entered_by,
            stored.entered_at,
        ],
    )
    .map(drop)
}

fn insert_representation(tx: &mut Tx<'_>, person: PartyId, representation: &Representation) -> Result<()> {
    tx.execute(
        "INSERT INTO representation (register_id, person_id, representation_id, organisation_id, title, valid_from, \
         valid_until, source_id, entered_by, entered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            person,
            representation.id,
            representation.organisation,
            &representation.title,
            &representation.valid_from.map(|date| date.to_string()),
            &representation.valid_until.map(|date| date.to_string()),
            &representation.source,
            &representation.entered_by,
            representation.entered_at,
        ],
    )
    .map(drop)
}

/// The representations of people, with the organisations' names of today.
pub(crate) fn representations(tx: &mut Tx<'_>, people: &[Uuid]) -> Result<HashMap<Uuid, Vec<Representation>>> {
    let mut found: HashMap<Uuid, Vec<Representation>> = HashMap::new();
    if people.is_empty() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT r.person_id, r.representation_id, r.organisation_id, o.name, r.title, r.valid_from, r.valid_until, \
         r.source_id, r.entered_by, r.entered_at FROM representation r \
         JOIN party o ON o.register_id = r.register_id AND o.party_id = r.organisation_id \
         WHERE r.register_id = ?1 AND r.person_id IN ({}) ORDER BY r.person_id, r.representation_id",
        places(2, people.len())
    );
    let params: Vec<Param<'_>> = people.iter().map(|id| Param::Id(*id)).collect();
    tx.each(&sql, &params, |row| {
        found.entry(row.id(0)?).or_default().push(Representation {
            id: RepresentationId(row.id(1)?),
            organisation: seloste_domain::id::OrganisationId(row.id(2)?),
            organisation_name: row.opt_text(3)?.unwrap_or_default(),
            title: row.opt_text(4)?,
            valid_from: row.opt_parsed(5)?,
            valid_until: row.opt_parsed(6)?,
            source: row.parsed(7)?,
            entered_by: row.text(8)?,
            entered_at: row.time(9)?,
        });
        Ok(())
    })?;
    Ok(found)
}

/// Parties whose value has one of the match keys, whatever their company: an import must find them all. Ids only; no
/// personal data leaves by it.
///
/// # Errors
/// The database can not be read.
pub fn matching(tx: &mut Tx<'_>, noun: Noun, kind: Kind, key: &str) -> Result<Vec<PartyId>> {
    tx.query(
        "SELECT DISTINCT v.party_id FROM party_value v JOIN party p ON p.register_id = v.register_id \
         AND p.party_id = v.party_id WHERE v.register_id = ?1 AND v.match_key = ?2 AND v.kind = ?3 AND p.noun = ?4 LIMIT 20",
        params![key, kind.as_str(), noun.as_str()],
        |row| Ok(PartyId(row.id(0)?)),
    )
}

/// What a source calls a thing -> the thing.
///
/// # Errors
/// The database can not be read.
pub fn by_external_id(tx: &mut Tx<'_>, source: &SourceId, noun: &str, external: &str) -> Result<Option<Uuid>> {
    tx.query_opt(
        "SELECT object_id FROM external_ref WHERE register_id = ?1 AND source_id = ?2 AND noun = ?3 AND external_id = ?4",
        params![source, noun, external],
        |row| row.id(0),
    )
}

/// Notes what a source calls a thing.
///
/// # Errors
/// The database can not be written.
pub fn set_external_id(tx: &mut Tx<'_>, source: &SourceId, noun: &str, external: &str, object: Uuid) -> Result<()> {
    tx.execute(
        "INSERT INTO external_ref (register_id, source_id, noun, external_id, object_id) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT DO NOTHING",
        params![source, noun, external, object],
    )
    .map(drop)
}

/// Takes a party out altogether: rows, key, sealed history and search words, and the same of every record that was
/// merged into it. What the log says of it stays, without values. Orders must be gone before. It is named in the erasure ledger
/// when the caller settles what is to be done ([`crate::erasure::todos`]).
///
/// # Errors
/// The party is not in scope, or something still refers to it.
pub fn erase(w: &mut Writing<'_, '_>, noun: Noun, id: PartyId) -> Result<()> {
    row(w, noun, id)?;
    erase_again(w, id)
}

/// The same of a party whatever its companies.
pub(crate) fn erase_again(w: &mut Writing<'_, '_>, id: PartyId) -> Result<()> {
    let mut subjects = crate::merge::predecessors(&mut w.plain().tx(), id)?;
    subjects.push(id.0);
    crate::recall::because(w, id, Reason::Erasure, Kind::ALL.into_iter().collect())?;
    let (seq, today) = (w.next_seq().cast_signed(), w.usage().at().to_zoned(jiff::tz::TimeZone::UTC).date());
    for subject in &subjects {
        crate::suppression::leave(w, PartyId(*subject), false, today)?;
        crate::exchange::erased(&mut w.plain().tx(), *subject, seq)?;
        take_out(&mut w.plain().tx(), *subject, false)?;
        crate::erasure::note_in_ledger(w, PartyId(*subject), false)?;
        w.touch(*subject);
    }
    w.log_as("person.erase", Act { subjects, ..Act::default() })
}

/// Takes a party's rows and key out. When `stays`, its own row is left, without anything that says who it was: what a law keeps
/// hangs on it.
pub(crate) fn take_out(tx: &mut Tx<'_>, party: Uuid, stays: bool) -> Result<()> {
    crate::mail::erase_of(tx, party)?;
    crate::payment::forget_of(tx, party)?;
    crate::portal::forget_of(tx, party)?;
    crate::transmission::forget_of(tx, party)?;
    crate::invitation::forget_of(tx, party)?;
    crate::reminder::forget_of(tx, party)?;
    crate::collection::forget_of(tx, party)?;
    crate::request::forget_of(tx, party)?;
    crate::package::forget_of(tx, party)?;
    for sql in [
        "DELETE FROM duplicate WHERE register_id = ?1 AND first_id = ?2",
        "DELETE FROM duplicate WHERE register_id = ?1 AND second_id = ?2",
        "DELETE FROM merged WHERE register_id = ?1 AND gone_id = ?2",
        "DELETE FROM proposal WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM prohibition WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM consent WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM existing_customer WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM restriction WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM restriction_exception WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM claim_hold WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM erasure_waiting WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM bulk_row WHERE register_id = ?1 AND object_id = ?2",
        "DELETE FROM sealed WHERE register_id = ?1 AND owner_id = ?2",
        "DELETE FROM external_ref WHERE register_id = ?1 AND object_id = ?2",
        "DELETE FROM representation WHERE register_id = ?1 AND person_id = ?2",
        "DELETE FROM party_value WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM party_company WHERE register_id = ?1 AND party_id = ?2",
        "DELETE FROM party_key WHERE register_id = ?1 AND party_id = ?2",
    ] {
        tx.execute(sql, params![party])?;
    }
    if stays {
        return tx
            .execute(
                "UPDATE party SET sort_key = ?3, name = NULL, name_key = NULL, business_id = NULL, protected_address = 0, \
                 prohibitions = NULL, is_restricted = NULL WHERE register_id = ?1 AND party_id = ?2",
                params![party, &vec![0xff_u8]],
            )
            .map(drop);
    }
    tx.execute("DELETE FROM party WHERE register_id = ?1 AND party_id = ?2", params![party]).map(drop)
}

/// Parties that have something of a kind, in the order of their ids, after `after`. Ids only.
///
/// # Errors
/// The database can not be read.
pub fn with_kind(tx: &mut Tx<'_>, kind: Kind, after: Uuid, limit: i64) -> Result<Vec<(PartyId, Noun)>> {
    let (table, party, condition) = match kind {
        Kind::Organisation => ("representation", "person_id", "'organisation' = ?3"),
        _ => ("party_value", "party_id", "v.kind = ?3"),
    };
    let sql = format!(
        "SELECT DISTINCT p.party_id, p.noun FROM {table} v JOIN party p ON p.register_id = v.register_id \
         AND p.party_id = v.{party} WHERE v.register_id = ?1 AND v.{party} > ?2 AND {condition} \
         ORDER BY p.party_id LIMIT ?4"
    );
    tx.query(&sql, params![after, kind.as_str(), limit], |row| {
        let noun = if row.text(1)? == Noun::Person.as_str() { Noun::Person } else { Noun::Organisation };
        Ok((PartyId(row.id(0)?), noun))
    })
}

/// Takes everything of a kind from a party; how much there was. A party outside of the scope is left as it is.
///
/// # Errors
/// A row is refused.
pub fn remove_kind(w: &mut Writing<'_, '_>, noun: Noun, id: PartyId, kind: Kind) -> Result<u64> {
    let Some(row) = rows(w, noun, &[id.0])?.into_iter().next() else { return Ok(0) };
    let mut tx = w.plain().tx();
    let only: Kinds = std::iter::once(kind).collect();
    let removed = values(&mut tx, &[id.0], only)?.remove(&id.0).unwrap_or_default();
    let represented = match kind {
        Kind::Organisation => representations(&mut tx, &[id.0])?.remove(&id.0).unwrap_or_default(),
        _ => Vec::new(),
    };
    let count = (removed.len() + represented.len()) as u64;
    crate::proposal::delete_of_field(&mut tx, id, kind.as_str())?;
    let change = PartyChange { removed, representations_removed: represented, ..PartyChange::default() };
    update(w, &Update { id, noun, expected: row.version, change })?;
    Ok(count)
}

/// How many values of each kind are stored, whatever the notice says: what a kind that was switched off has left.
///
/// # Errors
/// The database can not be read.
pub fn stored_kinds(tx: &mut Tx<'_>) -> Result<Vec<(Kind, i64)>> {
    let mut found =
        tx.query("SELECT kind, count(*) FROM party_value WHERE register_id = ?1 GROUP BY kind", params![], |row| {
            Ok((row.parsed(0)?, row.int(1)?))
        })?;
    for (kind, sql) in [
        (Kind::Organisation, "SELECT count(*) FROM representation WHERE register_id = ?1"),
        (Kind::Orders, "SELECT count(*) FROM orders WHERE register_id = ?1"),
        (Kind::Credit, "SELECT count(*) FROM credit_application WHERE register_id = ?1"),
    ] {
        let count = tx.query_opt(sql, params![], |row| row.int(0))?.unwrap_or(0);
        if count > 0 {
            found.push((kind, count));
        }
    }
    found.sort_by_key(|(kind, _)| *kind);
    Ok(found)
}

/// Whether a person or an organisation is in the scope of the use.
///
/// # Errors
/// The database can not be read.
pub fn is_in_scope(access: &mut impl Access, id: PartyId) -> Result<bool> {
    let person = !rows(access, Noun::Person, &[id.0])?.is_empty();
    Ok(person || !rows(access, Noun::Organisation, &[id.0])?.is_empty())
}

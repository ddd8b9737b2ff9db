//! People.

use seloste_domain::id::PersonId;
use seloste_domain::kind::Kind;
use seloste_domain::list::ListOf;
use seloste_domain::person::Person;
use uuid::Uuid;

use crate::db::Access;
use crate::error::{Result, StoreError};
use crate::list::{self, Rows, Wanted};
use crate::party::{self, Noun};

/// One person with all of their values.
///
/// # Errors
/// There is none, or none in the scope of the use.
pub fn get(access: &mut impl Access, id: PersonId) -> Result<Person> {
    let found = some(access, &[id.0])?;
    found.into_iter().next().ok_or(StoreError::NotFound("person"))
}

/// Those of the people that exist and are in scope, in the order asked for.
///
/// # Errors
/// The database can not be read.
pub fn some(access: &mut impl Access, ids: &[Uuid]) -> Result<Vec<Person>> {
    let rows = party::rows(access, Noun::Person, ids)?;
    let ids_found: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let kinds = access.usage().kinds();
    let sees_protected = access.usage().sees_protected();
    let mut values = party::values(&mut access.tx().0, &ids_found, kinds)?;
    let mut representations = if kinds.has(Kind::Organisation) {
        party::representations(&mut access.tx().0, &ids_found)?
    } else {
        std::collections::HashMap::new()
    };
    let mut companies = party::companies(access, &ids_found)?;
    let mut people = Vec::with_capacity(rows.len());
    for row in rows {
        let person = Person {
            id: PersonId(row.id),
            values: values.remove(&row.id).unwrap_or_default(),
            representations: representations.remove(&row.id).unwrap_or_default(),
            companies: companies.remove(&row.id).unwrap_or_default(),
            protected_address: row.protected_address,
            version: row.version,
            created_at: row.created_at,
            changed_at: row.changed_at,
        };
        let shown = person.values.iter().map(|stored| stored.value.kind());
        let shown = shown.chain((!person.representations.is_empty()).then_some(Kind::Organisation)).collect();
        access.show(PersonId(row.id).into(), shown);
        people.push(if person.protected_address && !sees_protected { person.masked() } else { person });
    }
    let place: std::collections::HashMap<Uuid, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    people.sort_by_key(|person| place.get(&person.id.0).copied());
    Ok(people)
}

/// A page of a list, each person with what its row is ordered by.
///
/// # Errors
/// The database can not be read.
pub fn page(access: &mut impl Access, wanted: &Wanted<'_>) -> Result<Rows<Person>> {
    let found = list::ids(access, ListOf::People, wanted)?;
    let people = some(access, &found.ids())?;
    Ok(found.map(people, |person| person.id.0))
}

/// The people within scope whose customer number this is.
///
/// # Errors
/// The database can not be read.
pub fn by_customer_number(access: &mut impl Access, number: &str) -> Result<Vec<Person>> {
    if !access.usage().kinds().has(Kind::CustomerNumber) {
        return Ok(Vec::new());
    }
    let ids = party::matching(&mut access.tx().0, Noun::Person, Kind::CustomerNumber, number)?;
    some(access, &ids.iter().map(|id| id.0).collect::<Vec<_>>())
}

/// How many people of the scope have an id from one bound up to the other; only the rows of that range are read.
pub(crate) fn added_between(access: &mut impl Access, from: Uuid, until: Uuid) -> Result<i64> {
    let scope = access.usage().scope().clone();
    let sql = format!(
        "SELECT count(*) FROM party p WHERE p.register_id = ?1 AND p.party_id >= ?2 AND p.party_id < ?3 AND p.noun = ?4 \
         AND {}",
        party::in_scope(5, scope.companies().len())
    );
    let values = vec![from.into(), until.into(), Noun::Person.as_str().into()];
    let values = party::with_scope(values, scope.companies());
    Ok(access.tx().0.query_opt(&sql, &values, |row| row.int(0))?.unwrap_or(0))
}

/// People who represent an organisation, newest first.
///
/// # Errors
/// The database can not be read.
pub fn representing(
    access: &mut impl Access,
    organisation: seloste_domain::id::OrganisationId,
    limit: i64,
) -> Result<Vec<Person>> {
    let ids = access.tx().0.query(
        "SELECT DISTINCT person_id FROM representation WHERE register_id = ?1 AND organisation_id = ?2 \
         ORDER BY person_id DESC LIMIT ?3",
        crate::sql::params![organisation, limit],
        |row| row.id(0),
    )?;
    some(access, &ids)
}

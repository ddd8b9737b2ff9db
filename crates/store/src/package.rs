//! Packages that were made for people: access (Art. 15) and portability (Art. 20).

use jiff::Timestamp;
use seloste_domain::id::{PackageId, PartyId, PersonId, RequestId};
use seloste_domain::language::Language;
use sha2::{Digest as _, Sha256};

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Row, Tx, params};

/// What a package is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PackageKind {
    /// Everything about the person (Art. 15).
    Access,
    /// What the person gave (Art. 20).
    Portability,
}

impl PackageKind {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Portability => "portability",
        }
    }
}

/// A package that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Package {
    /// Its id.
    pub id: PackageId,
    /// Whose data it has.
    pub person: PersonId,
    /// The request that it was made for.
    pub request: Option<RequestId>,
    /// What it is for.
    pub kind: PackageKind,
    /// Its language.
    pub language: Language,
    /// SHA-256 of its JSON, hexadecimal.
    pub sha256: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether it can still be taken: its content is kept for some time only.
    pub is_kept: bool,
}

const COLUMNS: &str = "SELECT package_id, person_id, request_id, kind, language, sha256, made_at FROM package \
     WHERE register_id = ?1";

fn read(row: &Row<'_>, is_kept: bool) -> Result<Package> {
    let kind =
        if row.text(3)? == PackageKind::Access.as_str() { PackageKind::Access } else { PackageKind::Portability };
    Ok(Package {
        id: PackageId(row.id(0)?),
        person: PersonId(row.id(1)?),
        request: row.opt_id(2)?.map(RequestId),
        kind,
        language: row.parsed(4)?,
        sha256: row.text(5)?,
        made_at: row.time(6)?,
        is_kept,
    })
}

/// Keeps a package, sealed under the person's key.
///
/// # Errors
/// The person is not in the scope of the use.
pub fn insert(w: &mut Writing<'_, '_>, new: &Package, json: &[u8]) -> Result<()> {
    let owner: PartyId = new.person.into();
    party::row(w, Noun::Person, owner)?;
    let payload = party::key_of(w, owner)?.seal(new.id.0, json, w.env())?;
    let (by, bytes) = (w.usage().actor().to_string(), i64::try_from(json.len()).unwrap_or(i64::MAX));
    w.plain().tx().execute(
        "INSERT INTO package (register_id, package_id, person_id, request_id, kind, language, sha256, bytes, payload, owner_id, \
         made_by, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?3, ?10, ?11)",
        params![
            new.id,
            new.person,
            new.request,
            new.kind.as_str(),
            new.language.tag(),
            &new.sha256,
            bytes,
            &payload,
            &by,
            new.made_at,
        ],
    )?;
    let objects = std::iter::once(format!("package:{}", new.id)).chain(new.request.map(|id| format!("request:{id}")));
    w.log(Act { subjects: vec![owner.0], objects: objects.collect(), ..Act::default() })
}

/// The hash by which a package is named.
#[must_use]
pub fn digest(json: &[u8]) -> String {
    hex::encode(Sha256::digest(json))
}

/// One package with its JSON, which is noted as shown.
///
/// # Errors
/// There is none of a person within the scope of the use, or its content is not kept any more.
pub fn open(access: &mut impl Access, id: PackageId) -> Result<(Package, Vec<u8>)> {
    let sql = "SELECT package_id, person_id, request_id, kind, language, sha256, made_at, payload, owner_id FROM package \
         WHERE register_id = ?1 AND package_id = ?2";
    let found = access.tx().0.query_opt(sql, params![id], |row| {
        let (payload, owner) = (row.opt_bytes(7)?, row.opt_id(8)?);
        Ok((read(row, payload.is_some())?, payload.zip(owner.map(PartyId))))
    })?;
    let (package, sealed) = found.ok_or(StoreError::NotFound("package"))?;
    let person: PartyId = package.person.into();
    party::row(access, Noun::Person, person)?;
    let (payload, owner) = sealed.ok_or(StoreError::NotFound("package"))?;
    let wrapped = party::wrapped_key(&mut access.tx().0, owner)?;
    let json = access.keys().0.unwrap_party_key(owner, &wrapped)?.open(id.0, &payload)?;
    access.show(person, seloste_domain::kind::Kind::ALL.into_iter().collect());
    access.note_object(format!("package:{id}"));
    Ok((package, json))
}

/// The packages of a person, the newest first. The caller has loaded the person.
///
/// # Errors
/// The database can not be read.
pub fn of(access: &mut impl Access, person: PersonId, limit: i64) -> Result<Vec<Package>> {
    let sql = format!("{COLUMNS} AND person_id = ?2 AND payload IS NOT NULL ORDER BY package_id DESC LIMIT ?3");
    access.tx().0.query(&sql, params![person, limit], |row| read(row, true))
}

/// How many packages of a kind a person made themself since a moment.
///
/// # Errors
/// The database can not be read.
pub fn made_by_self(access: &mut impl Access, person: PersonId, kind: PackageKind, since: Timestamp) -> Result<i64> {
    let by = seloste_domain::usage::ActorId::Person(person).to_string();
    let sql = "SELECT count(*) FROM package WHERE register_id = ?1 AND person_id = ?2 AND kind = ?3 AND made_by = ?4 \
         AND made_at > ?5";
    let found = access.tx().0.query_opt(sql, params![person, kind.as_str(), &by, since], |row| row.int(0))?;
    Ok(found.unwrap_or(0))
}

/// The packages that were made for a request, the newest first. The caller has loaded the request.
///
/// # Errors
/// The database can not be read.
pub fn of_request(access: &mut impl Access, request: RequestId) -> Result<Vec<Package>> {
    let sql = format!("{COLUMNS} AND request_id = ?2 AND payload IS NOT NULL ORDER BY package_id DESC");
    let mut found = access.tx().0.query(&sql, params![request], |row| read(row, true))?;
    let sql = format!("{COLUMNS} AND request_id = ?2 AND payload IS NULL ORDER BY package_id DESC");
    found.extend(access.tx().0.query(&sql, params![request], |row| read(row, false))?);
    Ok(found)
}

/// Forgets the content of packages that were made before a moment; how many.
///
/// # Errors
/// The database can not be written.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64> {
    tx.execute(
        "UPDATE package SET payload = NULL, owner_id = NULL WHERE register_id = ?1 AND made_at < ?2 AND payload IS NOT NULL",
        params![before],
    )
}

/// Forgets the content of what was made for a person.
pub(crate) fn forget_of(tx: &mut Tx<'_>, owner: uuid::Uuid) -> Result<()> {
    tx.execute(
        "UPDATE package SET payload = NULL, owner_id = NULL WHERE register_id = ?1 AND owner_id = ?2",
        params![owner],
    )
    .map(drop)
}

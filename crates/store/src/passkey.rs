//! Passkeys of people, and what browsers are about to have signed.

use jiff::Timestamp;
use seloste_domain::id::{PartyId, PasskeyId, PersonId};
use seloste_domain::kind::Kinds;
use seloste_domain::passkey::Passkey;
use seloste_domain::portal::Began;
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::keys::PartyKey;
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Row, Tx, params};

/// What a browser is about to have signed.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// Its id, which what is sealed is sealed for.
    pub id: Uuid,
    /// Whose passkey is made; none: somebody signs in.
    pub person: Option<PersonId>,
    /// What the answer is compared with, sealed.
    pub state: Vec<u8>,
    /// When it began.
    pub created_at: Timestamp,
}

/// Keeps a ceremony of the browser whose hash this is, instead of one that it had; those before `moment` are forgotten.
///
/// # Errors
/// The database can not be written.
pub fn begin(tx: &mut Tx<'_>, browser_hash: &[u8; 32], new: &Ceremony, moment: Timestamp) -> Result<()> {
    tx.execute("DELETE FROM passkey_ceremony WHERE register_id = ?1 AND created_at < ?2", params![moment])?;
    tx.execute(
        "INSERT INTO passkey_ceremony (register_id, browser_hash, ceremony_id, party_id, state, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![&browser_hash[..], new.id, new.person.map(PartyId::from), &new.state, new.created_at],
    )
    .map(drop)
}

/// Takes the ceremony of a browser: nobody gets it again, whatever becomes of the answer.
///
/// # Errors
/// The database can not be written.
pub fn take(tx: &mut Tx<'_>, browser_hash: &[u8; 32]) -> Result<Option<Ceremony>> {
    let found = tx.query_opt(
        "SELECT ceremony_id, party_id, state, created_at FROM passkey_ceremony WHERE register_id = ?1 AND browser_hash = ?2",
        params![&browser_hash[..]],
        |row| {
            Ok(Ceremony {
                id: row.id(0)?,
                person: row.opt_id(1)?.map(PersonId),
                state: row.bytes(2)?,
                created_at: row.time(3)?,
            })
        },
    )?;
    let sql = "DELETE FROM passkey_ceremony WHERE register_id = ?1 AND browser_hash = ?2";
    let taken = tx.execute(sql, params![&browser_hash[..]])?;
    Ok(found.filter(|_| taken == 1))
}

/// What an answer is compared with.
///
/// # Errors
/// It was not sealed here.
pub fn open_state(access: &impl Access, ceremony: &Ceremony) -> Result<String> {
    let state = access.keys().0.open_secret(ceremony.id, &ceremony.state)?;
    String::from_utf8(state.to_vec()).map_err(|_| StoreError::Corrupt("a passkey".into()))
}

/// A passkey with what verifies its answers.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The passkey.
    pub passkey: Passkey,
    /// How the session began in which it was added.
    pub began: Began,
    /// Its public key and counter, as the library that verifies keeps them.
    pub text: String,
}

struct Sealed {
    passkey: Passkey,
    began: Began,
    name: Vec<u8>,
    credential: Vec<u8>,
}

fn read(row: &Row<'_>) -> Result<Sealed> {
    Ok(Sealed {
        passkey: Passkey {
            id: PasskeyId(row.id(0)?),
            name: String::new(),
            created_at: row.time(1)?,
            used_at: row.opt_time(2)?,
        },
        name: row.bytes(3)?,
        credential: row.bytes(4)?,
        began: row.parsed(5)?,
    })
}

impl Sealed {
    fn open(self, key: &PartyKey) -> Result<Credential> {
        let id = self.passkey.id.0;
        let opened = |sealed: &[u8]| {
            String::from_utf8(key.open(id, sealed)?).map_err(|_| StoreError::Corrupt("a passkey".into()))
        };
        Ok(Credential {
            began: self.began,
            text: opened(&self.credential)?,
            passkey: Passkey { name: opened(&self.name)?, ..self.passkey },
        })
    }
}

const COLUMNS: &str = "SELECT k.passkey_id, k.created_at, k.used_at, k.name, k.credential, k.began FROM passkey k WHERE k.register_id = ?1";

fn key(access: &mut impl Access, person: PersonId) -> Result<PartyKey> {
    let wrapped = party::wrapped_key(&mut access.tx().0, person.into())?;
    access.keys().0.unwrap_party_key(person.into(), &wrapped)
}

/// The passkeys of a person, the oldest first.
///
/// # Errors
/// There is no such person in the scope of the use, or one can not be opened.
pub fn of(access: &mut impl Access, person: PersonId) -> Result<Vec<Credential>> {
    party::row(access, Noun::Person, person.into())?;
    access.show(person.into(), Kinds::NONE);
    let sql = format!("{COLUMNS} AND k.party_id = ?2 ORDER BY k.passkey_id");
    let found = access.tx().0.query(&sql, params![person], read)?;
    let key = key(access, person)?;
    found.into_iter().map(|sealed| sealed.open(&key)).collect()
}

/// Whose passkey has this hash.
///
/// # Errors
/// The database can not be read.
pub fn owner(tx: &mut Tx<'_>, credential_hash: &[u8; 32]) -> Result<Option<(PasskeyId, PersonId)>> {
    tx.query_opt(
        "SELECT passkey_id, party_id FROM passkey WHERE register_id = ?1 AND credential_hash = ?2",
        params![&credential_hash[..]],
        |row| Ok((PasskeyId(row.id(0)?), PersonId(row.id(1)?))),
    )
}

/// One passkey of a person.
///
/// # Errors
/// There is no such person in the scope of the use, they have no such passkey, or it can not be opened.
pub fn get(access: &mut impl Access, person: PersonId, id: PasskeyId) -> Result<Credential> {
    party::row(access, Noun::Person, person.into())?;
    access.show(person.into(), Kinds::NONE);
    let sql = format!("{COLUMNS} AND k.party_id = ?2 AND k.passkey_id = ?3");
    let found = access.tx().0.query_opt(&sql, params![person, id], read)?.ok_or(StoreError::NotFound("passkey"))?;
    let key = key(access, person)?;
    found.open(&key)
}

/// Adds a passkey.
///
/// # Errors
/// There is no such person in the scope of the use, or the credential is known already.
pub fn add(
    w: &mut Writing<'_, '_>,
    person: PersonId,
    (name, credential, began): (&str, &str, Began),
    credential_hash: &[u8; 32],
) -> Result<PasskeyId> {
    party::row(w, Noun::Person, person.into())?;
    let key = party::key_of(w, person.into())?;
    let (id, now) = (PasskeyId(w.env().id()), w.usage().at());
    let (name, credential) =
        (key.seal(id.0, name.as_bytes(), w.env())?, key.seal(id.0, credential.as_bytes(), w.env())?);
    w.plain().tx().execute(
        "INSERT INTO passkey (register_id, passkey_id, party_id, credential_hash, name, credential, began, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![id, person, &credential_hash[..], &name, &credential, began.as_str(), now],
    )?;
    log(w, person, format!("passkey:{id}"))?;
    Ok(id)
}

/// Notes that somebody signed in by a passkey, and what has to be compared the next time.
///
/// # Errors
/// The database can not be written.
pub fn used(w: &mut Writing<'_, '_>, person: PersonId, id: PasskeyId, credential: &str) -> Result<()> {
    let key = party::key_of(w, person.into())?;
    let (sealed, now) = (key.seal(id.0, credential.as_bytes(), w.env())?, w.usage().at());
    w.plain()
        .tx()
        .execute(
            "UPDATE passkey SET credential = ?3, used_at = ?4 WHERE register_id = ?1 AND passkey_id = ?2",
            params![id, &sealed, now],
        )
        .map(drop)
}

/// Removes a passkey of a person.
///
/// # Errors
/// There is no such person in the scope of the use, or they have no such passkey.
pub fn remove(w: &mut Writing<'_, '_>, person: PersonId, id: PasskeyId) -> Result<()> {
    party::row(w, Noun::Person, person.into())?;
    let sql = "DELETE FROM passkey WHERE register_id = ?1 AND party_id = ?2 AND passkey_id = ?3";
    if w.plain().tx().execute(sql, params![person, id])? == 0 {
        return Err(StoreError::NotFound("passkey"));
    }
    log(w, person, format!("passkey_removed:{id}"))
}

fn log(w: &mut Writing<'_, '_>, person: PersonId, object: String) -> Result<()> {
    w.log(Act { subjects: vec![person.0], objects: vec![object], ..Act::default() })
}

/// The number by which authenticators know a person (Web Authentication Level 3, 14.6.1: it names nobody): of the person's id, by a
/// key that never leaves the register, so that it is the same for each of their passkeys and leads nowhere after an erasure.
#[must_use]
pub fn handle(access: &impl Access, person: PersonId) -> Uuid {
    let hash = access.keys().0.suppression_hash(&format!("passkey\n{person}"));
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(id)
}

/// Removes every passkey of a person; how many there were.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn remove_all(w: &mut Writing<'_, '_>, person: PersonId) -> Result<u64> {
    party::row(w, Noun::Person, person.into())?;
    let sql = "DELETE FROM passkey WHERE register_id = ?1 AND party_id = ?2";
    let count = w.plain().tx().execute(sql, params![person])?;
    log(w, person, format!("passkeys_removed:{count}"))?;
    Ok(count)
}

/// How many passkeys a person has.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn count(access: &mut impl Access, person: PersonId) -> Result<usize> {
    party::row(access, Noun::Person, person.into())?;
    let sql = "SELECT count(*) FROM passkey WHERE register_id = ?1 AND party_id = ?2";
    let count = access.tx().0.query_opt(sql, params![person], |row| row.int(0))?.unwrap_or_default();
    Ok(usize::try_from(count).unwrap_or_default())
}

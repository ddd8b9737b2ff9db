//! The portal: wishes to sign in, and sessions. They are in tables of their own, so that nothing of the portal is ever found
//! among what lets staff or partners in. Only hashes are kept of what lets somebody in.

use jiff::Timestamp;
use seloste_domain::id::{EntryId, PartyId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::portal::Session;
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::Result;
use crate::party::{self, Noun};
use crate::sql::{Row, Tx, params};
use crate::{organisation, person};

/// A wish to sign in, as it is kept at first: the same for everybody.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Its id.
    pub id: EntryId,
    /// Hash of what the browser that asked holds.
    pub browser_hash: [u8; 32],
    /// The address, sealed for the entry; empty: nothing is to be sent.
    pub address: Vec<u8>,
    /// In which language to write, when the person has none.
    pub language: Language,
    /// The page to come back to.
    pub back: String,
}

/// Keeps a wish to sign in, and forgets those before `moment`.
///
/// # Errors
/// The database can not be written.
pub fn insert_entry(tx: &mut Tx<'_>, new: &NewEntry, now: Timestamp, moment: Timestamp) -> Result<()> {
    tx.execute("DELETE FROM portal_entry WHERE register_id = ?1 AND created_at < ?2", params![moment])?;
    tx.execute(
        "INSERT INTO portal_entry (register_id, entry_id, browser_hash, address, language, back, tries, created_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)",
        params![new.id, &new.browser_hash[..], &new.address, new.language.tag(), &new.back, now,],
    )
    .map(drop)
}

/// Wishes that nobody has answered, the oldest first.
///
/// # Errors
/// The database can not be read.
pub fn waiting(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<EntryId>> {
    let sql =
        "SELECT entry_id FROM portal_entry WHERE register_id = ?1 AND address IS NOT NULL ORDER BY entry_id LIMIT ?2";
    tx.query(sql, params![limit], |row| Ok(EntryId(row.id(0)?)))
}

/// A wish that is being answered.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The address; none: nothing is to be sent.
    pub address: Option<String>,
    /// In which language.
    pub language: Language,
}

/// Takes a wish to be answered; none when another runner has it already.
///
/// # Errors
/// The database can not be read, or the address not be opened.
pub fn asked(w: &mut Writing<'_, '_>, id: EntryId) -> Result<Option<Asked>> {
    let sql =
        "SELECT address, language FROM portal_entry WHERE register_id = ?1 AND entry_id = ?2 AND address IS NOT NULL";
    let found = w.plain().tx().query_opt(sql, params![id], |row| Ok((row.bytes(0)?, row.parsed::<Language>(1)?)))?;
    let Some((sealed, language)) = found else { return Ok(None) };
    let address = match sealed.is_empty() {
        true => None,
        false => String::from_utf8(w.keys().0.open_secret(id.0, &sealed)?.to_vec()).ok(),
    };
    Ok(Some(Asked { address, language }))
}

/// Notes what a wish was answered with. The address is gone from then on. Without a person the hashes are of nothing that
/// anybody knows, so that entering takes the same way.
///
/// # Errors
/// The database can not be written.
pub fn answer(
    tx: &mut Tx<'_>,
    id: EntryId,
    person: Option<PersonId>,
    (token, code): (&[u8; 32], &[u8; 32]),
) -> Result<()> {
    tx.execute(
        "UPDATE portal_entry SET address = NULL, party_id = ?3, token_hash = ?4, code_hash = ?5 \
         WHERE register_id = ?1 AND entry_id = ?2",
        params![id, person.map(PartyId::from), &token[..], &code[..]],
    )
    .map(drop)
}

/// A wish of a browser.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// Whom it lets in.
    pub person: Option<PersonId>,
    /// Hash of the link's token; none: nobody has answered yet.
    pub token_hash: Option<Vec<u8>>,
    /// Hash of the code.
    pub code_hash: Option<Vec<u8>>,
    /// How often it was tried.
    pub tries: i64,
    /// The page to come back to.
    pub back: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The wish of the browser that holds this.
///
/// # Errors
/// The database can not be read.
pub fn entry(tx: &mut Tx<'_>, browser_hash: &[u8; 32]) -> Result<Option<Entry>> {
    tx.query_opt(
        "SELECT entry_id, party_id, token_hash, code_hash, tries, back, created_at FROM portal_entry \
         WHERE register_id = ?1 AND browser_hash = ?2",
        params![&browser_hash[..]],
        |row| {
            Ok(Entry {
                id: EntryId(row.id(0)?),
                person: row.opt_id(1)?.map(PersonId),
                token_hash: row.opt_bytes(2)?,
                code_hash: row.opt_bytes(3)?,
                tries: row.int(4)?,
                back: row.text(5)?,
                created_at: row.time(6)?,
            })
        },
    )
}

/// Notes a try that was wrong.
///
/// # Errors
/// The database can not be written.
pub fn tried(tx: &mut Tx<'_>, id: EntryId) -> Result<()> {
    tx.execute("UPDATE portal_entry SET tries = tries + 1 WHERE register_id = ?1 AND entry_id = ?2", params![id])
        .map(drop)
}

/// Forgets a wish: it was used.
///
/// # Errors
/// The database can not be written.
pub fn remove_entry(tx: &mut Tx<'_>, id: EntryId) -> Result<()> {
    tx.execute("DELETE FROM portal_entry WHERE register_id = ?1 AND entry_id = ?2", params![id]).map(drop)
}

/// The only person who has an e-mail address today. One that several have, or an organisation, lets nobody in: whoever
/// reads its mail would see another's data.
///
/// # Errors
/// The database can not be read.
pub fn only_one_with(
    access: &mut impl Access,
    key: &str,
    day: jiff::civil::Date,
) -> Result<Option<seloste_domain::person::Person>> {
    let found = crate::prohibition::matching(&mut access.tx().0, Kind::Email, key)?;
    let ids: Vec<Uuid> = found.iter().map(|(id, _)| id.0).collect();
    let mut people = person::some(access, &ids)?;
    people.retain(|person| has(&person.values, key, day));
    let mut organisations = organisation::some(access, &ids)?;
    organisations.retain(|organisation| has(&organisation.values, key, day));
    let one = people.len() == 1 && organisations.is_empty();
    Ok(people.pop().filter(|_| one))
}

fn has(values: &[seloste_domain::value::StoredValue], key: &str, day: jiff::civil::Date) -> bool {
    let is = |stored: &&seloste_domain::value::StoredValue| {
        stored.value.kind() == Kind::Email && stored.value.match_key().is_some_and(|has| has == key)
    };
    values.iter().filter(is).any(|stored| stored.holds_on(day))
}

/// Whether somebody else, a person or an organisation, has one of these e-mail addresses. It is not told who.
///
/// # Errors
/// The database can not be read.
pub fn is_shared(tx: &mut Tx<'_>, party: PartyId, keys: &[String]) -> Result<bool> {
    for key in keys {
        if crate::prohibition::matching(tx, Kind::Email, key)?.iter().any(|(id, _)| *id != party) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a person is still there: one that was merged into another has no company any more.
///
/// # Errors
/// The database can not be read.
pub fn is_there(tx: &mut Tx<'_>, person: PersonId) -> Result<bool> {
    let sql = "SELECT 1 FROM party p JOIN party_company c ON c.register_id = p.register_id AND c.party_id = p.party_id \
         WHERE p.register_id = ?1 AND p.party_id = ?2 AND p.noun = ?3 LIMIT 1";
    Ok(tx.query_opt(sql, params![person, Noun::Person.as_str()], |_| Ok(()))?.is_some())
}

fn read_session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        person: PersonId(row.id(0)?),
        began: row.parsed(1)?,
        created_at: row.time(2)?,
        seen_at: row.time(3)?,
        proved_at: row.time(4)?,
    })
}

/// The session of a token.
///
/// # Errors
/// The database can not be read.
pub fn session(tx: &mut Tx<'_>, token_hash: &[u8; 32]) -> Result<Option<Session>> {
    tx.query_opt(
        "SELECT party_id, began, created_at, seen_at, proved_at FROM portal_session \
         WHERE register_id = ?1 AND token_hash = ?2",
        params![&token_hash[..]],
        read_session,
    )
}

/// Begins a session, and forgets those that began before `moment`.
///
/// # Errors
/// There is no such person, or the database can not be written.
pub fn begin(tx: &mut Tx<'_>, token_hash: &[u8; 32], session: &Session, moment: Timestamp) -> Result<()> {
    tx.execute("DELETE FROM portal_session WHERE register_id = ?1 AND created_at < ?2", params![moment])?;
    tx.execute(
        "INSERT INTO portal_session (register_id, token_hash, party_id, began, created_at, seen_at, proved_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            &token_hash[..],
            session.person,
            session.began.as_str(),
            session.created_at,
            session.seen_at,
            session.proved_at,
        ],
    )
    .map(drop)
}

/// Notes that a session is in use.
///
/// # Errors
/// The database can not be written.
pub fn touch(tx: &mut Tx<'_>, token_hash: &[u8; 32], now: Timestamp) -> Result<()> {
    tx.execute(
        "UPDATE portal_session SET seen_at = ?3 WHERE register_id = ?1 AND token_hash = ?2",
        params![&token_hash[..], now],
    )
    .map(drop)
}

/// Ends one session.
///
/// # Errors
/// The database can not be written.
pub fn end_one(tx: &mut Tx<'_>, token_hash: &[u8; 32]) -> Result<()> {
    tx.execute("DELETE FROM portal_session WHERE register_id = ?1 AND token_hash = ?2", params![&token_hash[..]])
        .map(drop)
}

/// Ends every session of a person.
///
/// # Errors
/// The database can not be written.
pub fn end_all(tx: &mut Tx<'_>, person: PersonId) -> Result<()> {
    tx.execute("DELETE FROM portal_session WHERE register_id = ?1 AND party_id = ?2", params![person]).map(drop)
}

/// Takes out everything of a party that is erased.
pub(crate) fn forget_of(tx: &mut Tx<'_>, party: Uuid) -> Result<()> {
    for table in ["portal_session", "portal_entry", "passkey", "passkey_ceremony"] {
        tx.execute(&format!("DELETE FROM {table} WHERE register_id = ?1 AND party_id = ?2"), params![party])?;
    }
    Ok(())
}

/// The messages of a person, the newest first, with what they say.
///
/// # Errors
/// The database can not be read, or a message not be opened.
pub fn messages(
    access: &mut impl Access,
    person: PersonId,
    limit: usize,
) -> Result<Vec<(crate::mail::Mail, seloste_domain::mail::Letter)>> {
    party::row(access, Noun::Person, person.into())?;
    crate::mail::of_owner(access, person.into(), limit)
}

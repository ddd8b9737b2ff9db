//! What people have consented to.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use seloste_domain::consent::{Channel, Channels, Consent, ConsentWay, GivenBy, Matter, Said, Withdrawn, holds_until};
use seloste_domain::id::{CompanyId, ConsentId, PartyId, PersonId, PurposeId};
use seloste_domain::kind::Kinds;
use seloste_domain::language::Language;
use seloste_domain::person::Person;
use seloste_domain::prohibition::{Marks, ProhibitionKind};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::existing_customer;
use crate::keys::PartyKey;
use crate::log::Act;
use crate::party::{self, Noun};
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "SELECT c.consent_id, c.party_id, c.company_id, c.purpose_id, c.channel, t.text, c.way, c.given_by, c.given_at, \
     c.expires_at, c.evidence, c.entered_by, c.entered_at, c.withdrawn_by, c.withdrawn_at, c.withdrawn_way, c.owner_id \
     FROM consent c JOIN consent_text t ON t.register_id = c.register_id AND t.text_id = c.text_id \
     WHERE c.register_id = ?1";

type Sealed = (Consent, Option<Vec<u8>>, Uuid);

fn read(row: &Row<'_>) -> Result<Sealed> {
    let withdrawn = match (row.opt_text(13)?, row.opt_time(14)?, row.opt_parsed(15)?) {
        (Some(by), Some(at), Some(way)) => Some(Withdrawn { by, at, way }),
        _ => None,
    };
    let consent = Consent {
        id: ConsentId(row.id(0)?),
        party: PartyId(row.id(1)?),
        matter: Matter { company: row.parsed(2)?, purpose: row.parsed(3)?, channel: row.parsed(4)? },
        text: row.text(5)?,
        way: row.parsed(6)?,
        given_by: row.parsed(7)?,
        given_at: row.time(8)?,
        expires_at: row.time(9)?,
        evidence: None,
        entered_by: row.text(11)?,
        entered_at: row.time(12)?,
        withdrawn,
    };
    Ok((consent, row.opt_bytes(10)?, row.id(16)?))
}

/// The keys under which what shows a person's consents is sealed: their own and those of records that were merged into it.
pub(crate) struct Opener(HashMap<Uuid, PartyKey>);

impl Opener {
    pub(crate) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Opens what is sealed for an object under an owner's key.
    pub(crate) fn open(
        &mut self,
        access: &mut impl Access,
        owner: Uuid,
        object: Uuid,
        sealed: &[u8],
    ) -> Result<String> {
        let key = match self.0.entry(owner) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let wrapped = party::wrapped_key(&mut access.tx().0, PartyId(owner))?;
                unknown.insert(access.keys().0.unwrap_party_key(PartyId(owner), &wrapped)?)
            }
        };
        String::from_utf8(key.open(object, sealed)?).map_err(|_| StoreError::Corrupt("what shows a consent".into()))
    }
}

/// All that a person has ever consented to, the newest first.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn of(access: &mut impl Access, id: PersonId) -> Result<Vec<Consent>> {
    party::row(access, Noun::Person, id.into())?;
    access.show(id.into(), Kinds::NONE);
    let sql = format!("{COLUMNS} AND c.party_id = ?2 ORDER BY c.consent_id DESC");
    let rows = access.tx().0.query(&sql, params![id], read)?;
    let mut opener = Opener::new();
    let mut found = Vec::with_capacity(rows.len());
    for (mut consent, sealed, owner) in rows {
        if let Some(sealed) = sealed {
            consent.evidence = Some(opener.open(access, owner, consent.id.0, &sealed)?);
        }
        found.push(consent);
    }
    Ok(found)
}

/// The companies of the use whose customer a person is, and what stands against using their data.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn about(access: &mut impl Access, id: PersonId) -> Result<(Vec<CompanyId>, Marks)> {
    let row = party::row(access, Noun::Person, id.into())?;
    let companies = party::companies(access, &[id.0])?.remove(&id.0).unwrap_or_default();
    Ok((companies, row.marks))
}

/// A consent about to be entered.
#[derive(Clone, Debug)]
pub struct NewConsent {
    /// What it is to.
    pub matter: Matter,
    /// The wording.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// By which way it was given.
    pub way: ConsentWay,
    /// Who gave it.
    pub given_by: GivenBy,
    /// When.
    pub given_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What shows it; the portal's own entry needs nothing more.
    pub evidence: Option<String>,
}

/// Enters consents.
///
/// # Errors
/// There is no such person in the scope of the use, or one is not of the portal and nothing shows it.
pub fn give(w: &mut Writing<'_, '_>, id: PersonId, all: &[NewConsent]) -> Result<Vec<ConsentId>> {
    party::row(w, Noun::Person, id.into())?;
    let key = party::key_of(w, id.into())?;
    let (seq, now, by) = (w.next_seq(), w.usage().at(), w.usage().actor().to_string());
    let mut ids = Vec::with_capacity(all.len());
    for new in all {
        let entry = ConsentId(w.env().id());
        let text = keep_text(&mut w.plain().tx(), new, now)?;
        let evidence = new.evidence.as_ref().map(|text| key.seal(entry.0, text.as_bytes(), w.env())).transpose()?;
        w.plain().tx().execute(
            "INSERT INTO consent (register_id, consent_id, party_id, owner_id, company_id, purpose_id, channel, text_id, way, \
             given_by, given_at, expires_at, evidence, seq, entered_by, entered_at) \
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            params![
                entry,
                id,
                &new.matter.company,
                &new.matter.purpose,
                new.matter.channel.as_str(),
                text,
                new.way.as_str(),
                new.given_by.as_str(),
                new.given_at,
                new.expires_at,
                evidence.as_deref(),
                seq.cast_signed(),
                &by,
                now,
            ],
        )?;
        ids.push(entry);
    }
    log(w, id.into(), &ids)?;
    Ok(ids)
}

/// Keeps a wording, once; its id, which is the beginning of its hash.
fn keep_text(tx: &mut Tx<'_>, new: &NewConsent, now: Timestamp) -> Result<Uuid> {
    let hash = Sha256::digest(format!("{}\n{}", new.language.tag(), new.text).as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    let id = Uuid::from_bytes(id);
    tx.execute(
        "INSERT INTO consent_text (register_id, text_id, language, text, first_used_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (register_id, text_id) DO NOTHING",
        params![id, new.language.tag(), &new.text, now],
    )?;
    Ok(id)
}

fn log(w: &mut Writing<'_, '_>, id: PartyId, ids: &[ConsentId]) -> Result<()> {
    let objects = ids.iter().map(|id| format!("consent:{id}")).collect();
    w.log(Act { subjects: vec![id.0], objects, ..Act::default() })
}

/// The ids of the consents that staff entered since a moment, the newest first.
///
/// # Errors
/// The database can not be read.
pub fn entered_since(access: &mut impl Access, since: Timestamp, limit: i64) -> Result<Vec<ConsentId>> {
    let ways = ConsentWay::ENTERED.map(|way| format!("'{way}'")).join(", ");
    let sql = format!(
        "SELECT consent_id FROM consent WHERE register_id = ?1 AND entered_at > ?2 AND way IN ({ways}) \
         ORDER BY consent_id DESC LIMIT ?3"
    );
    access.tx().0.query(&sql, params![since, limit], |row| Ok(ConsentId(row.id(0)?)))
}

/// A consent with what shows it and its person; none when they are not in the scope of the use.
///
/// # Errors
/// The database can not be read, or what shows it not be opened.
pub fn with_person(access: &mut impl Access, id: ConsentId) -> Result<Option<(Consent, Person)>> {
    let sql = format!("{COLUMNS} AND c.consent_id = ?2");
    let Some((mut consent, sealed, owner)) = access.tx().0.query_opt(&sql, params![id], read)? else { return Ok(None) };
    let Some(person) = crate::person::some(access, &[consent.party.0])?.pop() else { return Ok(None) };
    consent.evidence = sealed.map(|sealed| Opener::new().open(access, owner, id.0, &sealed)).transpose()?;
    Ok(Some((consent, person)))
}

/// Withdraws what a person has consented to in a matter, all of it: nothing is left that could hold again. How much there was.
///
/// # Errors
/// There is no such person in the scope of the use.
pub fn withdraw(w: &mut Writing<'_, '_>, id: PersonId, matter: &Matter, way: ConsentWay) -> Result<usize> {
    party::row(w, Noun::Person, id.into())?;
    let ids = w.plain().tx().query(
        "SELECT consent_id FROM consent WHERE register_id = ?1 AND party_id = ?2 AND company_id = ?3 AND purpose_id = ?4 \
         AND channel = ?5 AND withdrawn_at IS NULL ORDER BY consent_id",
        params![id, &matter.company, &matter.purpose, matter.channel.as_str()],
        |row| Ok(ConsentId(row.id(0)?)),
    )?;
    end(w, &ids, way)?;
    if !ids.is_empty() {
        log(w, id.into(), &ids)?;
    }
    Ok(ids.len())
}

fn end(w: &mut Writing<'_, '_>, ids: &[ConsentId], way: ConsentWay) -> Result<()> {
    let (now, by) = (w.usage().at(), w.usage().actor().to_string());
    for id in ids {
        w.plain().tx().execute(
            "UPDATE consent SET withdrawn_by = ?3, withdrawn_at = ?4, withdrawn_way = ?5 \
             WHERE register_id = ?1 AND consent_id = ?2 AND withdrawn_at IS NULL",
            params![*id, &by, now, way.as_str()],
        )?;
    }
    Ok(())
}

/// What somebody said of a company and a channel.
#[derive(Default)]
struct Heard {
    /// Of the purpose of the use.
    said: Vec<Said>,
    /// When they last withdrew anything, whatever purpose it was for: the notice may have called it otherwise then.
    withdrawn_at: Option<Timestamp>,
}

/// All that each of the people said, by company and channel.
type Words = HashMap<Uuid, BTreeMap<(CompanyId, Channel), Heard>>;

fn words(access: &mut impl Access, ids: &[Uuid]) -> Result<Words> {
    let purpose = access.usage().purpose().id().clone();
    let mut found = Words::new();
    for chunk in ids.chunks(500) {
        let sql = format!(
            "SELECT party_id, company_id, channel, given_at, expires_at, withdrawn_at, purpose_id FROM consent \
             WHERE register_id = ?1 AND coalesce(withdrawn_way, '') <> 'unmerged' AND party_id IN ({})",
            places(2, chunk.len())
        );
        let values: Vec<Param<'_>> = chunk.iter().map(|id| Param::Id(*id)).collect();
        access.tx().0.each(&sql, &values, |row| {
            let said = Said { given_at: row.time(3)?, expires_at: row.time(4)?, withdrawn_at: row.opt_time(5)? };
            let matter = (row.parsed(1)?, row.parsed(2)?);
            let heard = found.entry(row.id(0)?).or_default().entry(matter).or_default();
            heard.withdrawn_at = heard.withdrawn_at.max(said.withdrawn_at);
            if row.parsed::<PurposeId>(6)? == purpose {
                heard.said.push(said);
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// By which channels a use that markets may reach each of the people at its moment, in the name of every one of the companies.
/// People of whom nothing is said are not in it: see [`unasked`].
pub(crate) fn permits(
    access: &mut impl Access,
    speakers: &[CompanyId],
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Channels>> {
    let unasked = unasked(access);
    let now = access.usage().at();
    let mut words = words(access, ids)?;
    let mut sales = existing_customer::sales(access, ids)?;
    let today = existing_customer::today(access);
    let mut permits = HashMap::new();
    for id in ids {
        let (said, sold) = (words.remove(id).unwrap_or_default(), sales.remove(id).unwrap_or_default());
        if said.is_empty() && sold.is_empty() {
            continue;
        }
        let of_company = |company: &CompanyId| {
            let mut open = unasked;
            for channel in Channel::ALL {
                let heard = said.get(&(company.clone(), *channel));
                let withdrawn = heard.and_then(|heard| heard.withdrawn_at);
                let excepted = sold.iter().any(|(seller, by, sale)| {
                    seller == company && by == channel && sale.holds_until(withdrawn, today).is_ok()
                });
                if excepted || heard.is_some_and(|heard| holds_until(&heard.said, now).is_some()) {
                    open = open.with(*channel);
                }
            }
            open
        };
        if let Some(open) = speakers.iter().map(of_company).reduce(Channels::both) {
            permits.insert(*id, open);
        }
    }
    Ok(permits)
}

/// The channels in which a use asks for no consent.
pub(crate) fn unasked(access: &impl Access) -> Channels {
    if access.usage().asks_consent() { Channels::NONE } else { Channels::UNASKED }
}

/// Refuses a message that markets to a person who is not approached for an organisation, unless a consent or the exception lets
/// it be sent now: what was queued under a consent does not leave when that has ended.
///
/// # Errors
/// [`StoreError::Prohibited`].
pub(crate) fn may_send(access: &mut impl Access, company: &CompanyId, parties: &[PartyId]) -> Result<()> {
    if !access.usage().markets() {
        return Ok(());
    }
    let today = existing_customer::today(access).to_string();
    for party in parties {
        let natural = access.tx().0.query_opt(
            "SELECT 1 FROM party p WHERE p.register_id = ?1 AND p.party_id = ?2 AND p.noun = 'person' AND NOT EXISTS \
             (SELECT 1 FROM representation r WHERE r.register_id = ?1 AND r.person_id = p.party_id \
             AND (r.valid_from IS NULL OR r.valid_from <= ?3) AND (r.valid_until IS NULL OR r.valid_until >= ?3))",
            params![*party, &today],
            |_| Ok(()),
        )?;
        if natural.is_none() {
            continue;
        }
        let open = permits(access, std::slice::from_ref(company), &[party.0])?;
        if !open.get(&party.0).is_some_and(|open| open.has(Channel::Email)) {
            return Err(StoreError::Prohibited(ProhibitionKind::MarketingEmail));
        }
    }
    Ok(())
}

/// People who may be reachable by a channel for the purpose of the use in a company's name, in the order of their ids, after one:
/// who consented to it or bought. Whether it holds is asked of each anew ([`permits`], [`crate::person::some`]).
///
/// # Errors
/// The database can not be read.
pub fn candidates(
    access: &mut impl Access,
    (company, channel): (&CompanyId, Channel),
    after: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let purpose = access.usage().purpose().id().clone();
    access.tx().0.query(
        "SELECT party_id FROM consent WHERE register_id = ?1 AND company_id = ?2 AND purpose_id = ?3 AND channel = ?4 \
         AND withdrawn_at IS NULL AND party_id > ?5 \
         UNION SELECT party_id FROM existing_customer WHERE register_id = ?1 AND company_id = ?2 AND channel = ?4 \
         AND party_id > ?5 ORDER BY party_id LIMIT ?6",
        params![company, &purpose, channel.as_str(), after, limit],
        |row| row.id(0),
    )
}

/// Those of the people whom a use that markets may reach by a channel as natural persons at its moment, and who have an address
/// by it. Nothing of them is read.
///
/// # Errors
/// The database can not be read.
pub fn reachable(access: &mut impl Access, channel: Channel, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let today = existing_customer::today(access).to_string();
    let mut found = Vec::new();
    for chunk in ids.chunks(500) {
        let mut rows = party::rows(access, Noun::Person, chunk)?;
        rows.retain(|row| !row.withheld && row.marks.may_market_through(channel, true));
        let mut open: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        if let (Some(kind), false) = (channel.kind(), open.is_empty()) {
            let sql = format!(
                "SELECT DISTINCT party_id FROM party_value WHERE register_id = ?1 AND kind = ?2 \
                 AND (valid_from IS NULL OR valid_from <= ?3) AND (valid_until IS NULL OR valid_until >= ?3) \
                 AND party_id IN ({})",
                places(4, open.len())
            );
            let mut values = vec![Param::Text(kind.as_str()), Param::Text(&today)];
            values.extend(open.iter().map(|id| Param::Id(*id)));
            let reached = access.tx().0.query(&sql, &values, |row| row.id(0))?;
            open.retain(|id| reached.contains(id));
        }
        open.iter().for_each(|id| access.show(PartyId(*id), Kinds::NONE));
        found.extend(open);
    }
    found.sort_unstable();
    Ok(found)
}

/// Takes consents over from a record to the one that it is merged into; which. What shows them stays under the key of the record
/// that they were given to.
pub(crate) fn take_over(tx: &mut Tx<'_>, kept: PartyId, gone: PartyId) -> Result<Vec<ConsentId>> {
    let moved = tx.query(
        "SELECT consent_id FROM consent WHERE register_id = ?1 AND party_id = ?2 ORDER BY consent_id",
        params![gone],
        |row| Ok(ConsentId(row.id(0)?)),
    )?;
    tx.execute("UPDATE consent SET party_id = ?3 WHERE register_id = ?1 AND party_id = ?2", params![gone, kept])?;
    Ok(moved)
}

/// Gives back what a record had when it was merged. What was withdrawn meanwhile stays withdrawn for both. A consent that was given
/// meanwhile ends: nobody can show which of the two gave it (Art. 7(1)).
pub(crate) fn give_back(
    w: &mut Writing<'_, '_>,
    (kept, gone): (PartyId, PartyId),
    moved: &[ConsentId],
    since: u64,
) -> Result<()> {
    for id in moved {
        w.plain().tx().execute(
            "UPDATE consent SET party_id = ?4 WHERE register_id = ?1 AND consent_id = ?2 AND party_id = ?3",
            params![*id, kept, gone],
        )?;
    }
    let between = w.plain().tx().query(
        "SELECT consent_id FROM consent WHERE register_id = ?1 AND party_id = ?2 AND seq >= ?3 AND withdrawn_at IS NULL \
         ORDER BY consent_id",
        params![kept, since.cast_signed()],
        |row| Ok(ConsentId(row.id(0)?)),
    )?;
    end(w, &between, ConsentWay::Unmerged)
}

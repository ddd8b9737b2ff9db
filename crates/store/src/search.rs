//! Keeps the search index in step with the database. A commit brings it up to date before its caller is answered; what
//! another process changed is caught up from the log before a search answers.

use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex, RwLock};
use seloste_domain::id::{CompanyId, RegisterId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::usage::Scope;
use seloste_domain::value::{Flat, Value};
use seloste_search::{Builder, Entry, Field, Hit, Index, NounSet, Query};
use uuid::Uuid;

use crate::db::{Db, Reading};
use crate::dialect::Place;
use crate::error::{Result, StoreError};
use crate::log;
use crate::notice;
use crate::party::{self, Noun};
use crate::person;
use crate::sql::{self, Param, Row, Tx, params};

/// Things whose words are read by one statement.
const AT_ONCE: usize = 64;
/// How long a search waits for an index that is being built.
const BUILD_WAIT: std::time::Duration = std::time::Duration::from_secs(20);

/// The index and how far in the log it has come.
pub(crate) struct Search {
    enabled: bool,
    index: RwLock<Index>,
    kinds: RwLock<Kinds>,
    seq: AtomicU64,
    ready: AtomicBool,
    built: (Mutex<()>, Condvar),
}

/// What an entry says, owned.
struct Words {
    noun: seloste_search::Noun,
    companies: u64,
    changed_at: i64,
    words: Vec<(Field, String)>,
}

impl Search {
    pub(crate) fn new(enabled: bool) -> Self {
        Self {
            enabled,
            index: RwLock::new(Index::new()),
            kinds: RwLock::new(Kinds::NONE),
            seq: AtomicU64::new(0),
            ready: AtomicBool::new(false),
            built: (Mutex::new(()), Condvar::new()),
        }
    }

    /// Reads the whole register into a new index: the declared kinds of data, and no others.
    pub(crate) fn build(&self, place: &Place, register: RegisterId, kinds: Kinds) {
        *self.kinds.write() = kinds;
        let built = place.connect_reader().and_then(|mut conn| {
            crate::dialect::begin_view(&mut conn)?;
            let mut tx = Tx { conn: &mut conn, register };
            let seq = log::head_size(&mut tx)?;
            Ok((seq, read_all(&mut tx, kinds)?))
        });
        match built {
            Ok((seq, index)) => {
                *self.index.write() = index;
                self.seq.store(seq, Ordering::Release);
                self.ready.store(true, Ordering::Release);
            }
            Err(error) => tracing::error!(%error, "the search index could not be built"),
        }
        let _guard = self.built.0.lock();
        self.built.1.notify_all();
    }

    fn wait(&self) -> Result<()> {
        if !self.enabled {
            return Err(StoreError::Unavailable("this command was started without the search index".into()));
        }
        let mut guard = self.built.0.lock();
        while !self.ready.load(Ordering::Acquire) {
            if self.built.1.wait_for(&mut guard, BUILD_WAIT).timed_out() {
                return Err(StoreError::Busy);
            }
        }
        Ok(())
    }

    /// A commit of this process moved the log from `from` to `to` and touched these things.
    pub(crate) fn committed(&self, tx: &mut Tx<'_>, from: u64, to: u64, touched: &[Uuid]) {
        if !self.ready.load(Ordering::Acquire) || self.seq.load(Ordering::Acquire) != from {
            // Not built yet, or another process wrote in between: the next search catches up from the log.
            return;
        }
        match self.refresh(tx, touched) {
            Ok(()) => self.seq.store(to, Ordering::Release),
            Err(error) => tracing::warn!(%error, "the search index fell behind; the next search catches up"),
        }
    }

    /// Catches up with what was committed elsewhere.
    fn catch_up(&self, tx: &mut Tx<'_>) -> Result<()> {
        let seq = self.seq.load(Ordering::Acquire);
        if log::head_size(tx)? <= seq {
            return Ok(());
        }
        let (end, events) = log::changes_since(tx, seq)?;
        let mut touched = BTreeSet::new();
        for event in events {
            touched.extend(event.subjects);
            let orders = event.objects.iter().filter_map(|object| object.strip_prefix("order:")?.parse::<Uuid>().ok());
            touched.extend(orders);
        }
        // The name of an organisation is among the words of those who represent it; the log names only the organisation.
        let named: Vec<Uuid> = touched.iter().copied().collect();
        for ids in named.chunks(AT_ONCE) {
            touched.extend(representatives(tx, ids)?);
        }
        self.refresh(tx, &touched.into_iter().collect::<Vec<_>>())?;
        self.seq.fetch_max(end, Ordering::AcqRel);
        Ok(())
    }

    fn refresh(&self, tx: &mut Tx<'_>, touched: &[Uuid]) -> Result<()> {
        if touched.is_empty() {
            return Ok(());
        }
        let kinds = *self.kinds.read();
        let places = company_places(tx)?;
        for ids in touched.chunks(AT_ONCE) {
            let mut words = words_of(tx, ids, kinds, &places)?;
            let mut index = self.index.write();
            for id in ids {
                match words.remove(id) {
                    Some(words) => index.upsert(entry(*id, &words, &borrowed(&words))),
                    None => {
                        index.remove(*id);
                    }
                }
            }
        }
        Ok(())
    }

    /// The companies of a use as the index knows them, which has caught up then. None: it is not there (yet).
    fn scope(&self, reading: &mut Reading<'_>) -> Result<Option<u64>> {
        if !self.enabled || !self.ready.load(Ordering::Acquire) {
            return Ok(None);
        }
        self.catch_up(&mut reading.tx)?;
        let places = company_places(&mut reading.tx)?;
        Ok(Some(bits(reading.usage.scope(), &places)))
    }

    fn find(&self, text: &str, companies: u64, nouns: NounSet, limit: usize) -> Vec<Hit> {
        self.index.read().search(&Query { text, companies, nouns, limit })
    }
}

impl Db {
    /// Builds the search index on a thread of its own, with the declared kinds of data. Called again when a new
    /// notice changes them.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn start_search(&self, kinds: Kinds) -> Result<()> {
        if !self.search().enabled {
            return Ok(());
        }
        let db = self.clone();
        std::thread::Builder::new()
            .name("search".into())
            .spawn(move || db.search().build(&db.settings().place, db.register(), kinds))
            .map(drop)
            .map_err(|e| StoreError::Unavailable(e.to_string()))
    }
}

/// Finds people, organisations and orders by words, the best first; only within the scope of the use. The caller loads
/// what it shows, and by that it is logged.
///
/// # Errors
/// The index is not there, or the database can not be read.
pub fn find(db: &Db, reading: &mut Reading<'_>, text: &str, nouns: NounSet, limit: usize) -> Result<Vec<Hit>> {
    let search = db.search();
    search.wait()?;
    search.catch_up(&mut reading.tx)?;
    let places = company_places(&mut reading.tx)?;
    let companies = bits(reading.usage.scope(), &places);
    Ok(search.find(text, companies, nouns, limit))
}

/// How many people, or organisations, the scope has: by the index when it is there, since counting a million rows takes
/// half a second, else by the rows.
///
/// # Errors
/// The database can not be read.
pub fn count(db: &Db, reading: &mut Reading<'_>, noun: Noun) -> Result<i64> {
    let Some(companies) = db.search().scope(reading)? else { return party::count(reading, noun) };
    let nouns = NounSet::only(entry_noun(noun));
    Ok(number(db.search().index.read().count(companies, nouns)))
}

/// How many people of the scope were added from each moment up to the next, in milliseconds UTC. Ids tell when they were
/// made (UUID version 7, RFC 9562 5.7).
///
/// # Errors
/// The database can not be read.
pub fn added_between(db: &Db, reading: &mut Reading<'_>, moments: &[i64]) -> Result<Vec<i64>> {
    let bounds: Vec<Uuid> =
        moments.iter().map(|millis| Uuid::from_u128(u128::from((*millis).max(0).cast_unsigned()) << 80)).collect();
    if let Some(companies) = db.search().scope(reading)? {
        let counts = db.search().index.read().counts_between(companies, seloste_search::Noun::Person, &bounds);
        return Ok(counts.into_iter().map(number).collect());
    }
    bounds.array_windows().map(|[from, until]| person::added_between(reading, *from, *until)).collect()
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

const fn entry_noun(noun: Noun) -> seloste_search::Noun {
    match noun {
        Noun::Person => seloste_search::Noun::Person,
        Noun::Organisation => seloste_search::Noun::Organisation,
    }
}

/// How much memory the index holds, in bytes, and how many entries.
#[must_use]
pub fn size(db: &Db) -> (usize, usize) {
    let index = db.search().index.read();
    (index.memory_bytes(), index.len())
}

fn company_places(tx: &mut Tx<'_>) -> Result<HashMap<CompanyId, u64>> {
    Ok(notice::companies(tx)?.into_iter().enumerate().map(|(place, company)| (company, 1 << place)).collect())
}

fn bits(scope: &Scope, places: &HashMap<CompanyId, u64>) -> u64 {
    scope.companies().iter().filter_map(|company| places.get(company)).fold(0, |all, bit| all | bit)
}

fn borrowed(words: &Words) -> Vec<(Field, &str)> {
    words.words.iter().map(|(field, word)| (*field, word.as_str())).collect()
}

const fn entry<'a>(id: Uuid, words: &Words, borrowed: &'a [(Field, &'a str)]) -> Entry<'a> {
    Entry { id, noun: words.noun, companies: words.companies, changed_at: words.changed_at, words: borrowed }
}

const PARTY: &str = "SELECT p.party_id, p.noun, p.name, p.business_id, p.protected_address, p.changed_at, v.kind, v.label, \
     v.text, v.given, v.postal_code, v.town, v.region, v.country, v.match_key FROM party p \
     LEFT JOIN party_value v ON v.register_id = p.register_id AND v.party_id = p.party_id WHERE p.register_id = ?1";

/// Adds one joined row to the party's words.
fn add_row(words: &mut Words, row: &Row<'_>, kinds: Kinds) -> Result<()> {
    let Some(kind) = row.opt_parsed::<Kind>(6)? else { return Ok(()) };
    // A protected address is not found by search either: a hit would tell where the person lives.
    if !kinds.has(kind) || (kind == Kind::PostalAddress && row.flag(4)?) {
        return Ok(());
    }
    let flat = Flat {
        label: row.opt_text(7)?,
        text: row.text(8)?,
        given: row.opt_text(9)?,
        postal_code: row.opt_text(10)?,
        town: row.opt_text(11)?,
        region: row.opt_text(12)?,
        country: row.opt_text(13)?,
        match_key: row.opt_text(14)?,
    };
    let value = Value::from_flat(kind, flat).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    match &value {
        Value::Name(name) => {
            words.words.push((Field::Name, format!("{} {}", name.given, name.family)));
        }
        Value::CustomerNumber(number) => words.words.push((Field::CustomerNumber, number.clone())),
        Value::Language(_) | Value::Tags(_) => {}
        Value::Email(_) => words.words.extend(value.search_words().into_iter().map(|w| (Field::Email, w))),
        Value::Telephone(phone) => words.words.push((Field::Telephone, phone.number.clone())),
        Value::PostalAddress(address) => {
            words.words.push((Field::Street, address.street.clone()));
            words.words.push((Field::Town, address.town.clone()));
            words.words.push((Field::PostalCode, address.postal_code.clone()));
        }
    }
    words.words.retain(|(_, word)| !word.trim().is_empty());
    Ok(())
}

fn begin_words(row: &Row<'_>, companies: u64) -> Result<Words> {
    let noun = if row.text(1)? == "person" { seloste_search::Noun::Person } else { seloste_search::Noun::Organisation };
    let mut words = Words { noun, companies, changed_at: row.int(5)?, words: Vec::new() };
    words.words.extend(row.opt_text(2)?.map(|name| (Field::Name, name)));
    words.words.extend(row.opt_text(3)?.map(|id| (Field::BusinessId, id)));
    Ok(words)
}

/// The words of those of the things that are there (still).
fn words_of(
    tx: &mut Tx<'_>,
    ids: &[Uuid],
    kinds: Kinds,
    places: &HashMap<CompanyId, u64>,
) -> Result<HashMap<Uuid, Words>> {
    let ids = &padded(ids);
    let list = sql::places(2, ids.len());
    let params: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    let mut found: HashMap<Uuid, Words> = HashMap::with_capacity(ids.len());
    tx.each(
        &format!("{PARTY} AND p.party_id IN ({list}) ORDER BY p.party_id, v.value_id"),
        &params,
        |row| match found.entry(row.id(0)?) {
            Vacant(empty) => add_row(empty.insert(begin_words(row, 0)?), row, kinds),
            Occupied(mut words) => add_row(words.get_mut(), row, kinds),
        },
    )?;
    let companies = "SELECT party_id, company_id FROM party_company WHERE register_id = ?1 AND party_id IN";
    tx.each(&format!("{companies} ({list})"), &params, |row| {
        let bit = places.get(&row.parsed::<CompanyId>(1)?).copied().unwrap_or(0);
        found.entry(row.id(0)?).and_modify(|words| words.companies |= bit);
        Ok(())
    })?;
    if kinds.has(Kind::Organisation) {
        let names = "SELECT r.person_id, o.name FROM representation r JOIN party o ON o.register_id = r.register_id \
             AND o.party_id = r.organisation_id WHERE r.register_id = ?1 AND r.person_id IN";
        tx.each(&format!("{names} ({list})"), &params, |row| {
            let name = row.opt_text(1)?.map(|name| (Field::Organisation, name));
            found.entry(row.id(0)?).and_modify(|words| words.words.extend(name));
            Ok(())
        })?;
    }
    if kinds.has(Kind::Orders) && !ids.iter().all(|id| found.contains_key(id)) {
        let orders =
            "SELECT order_id, number, company_id, changed_at FROM orders WHERE register_id = ?1 AND order_id IN";
        tx.each(&format!("{orders} ({list})"), &params, |row| {
            found.insert(row.id(0)?, order_words(row, places)?);
            Ok(())
        })?;
    }
    Ok(found)
}

/// Those who represent any of the organisations.
fn representatives(tx: &mut Tx<'_>, organisations: &[Uuid]) -> Result<Vec<Uuid>> {
    let ids = padded(organisations);
    let sql = format!(
        "SELECT DISTINCT person_id FROM representation WHERE register_id = ?1 AND organisation_id IN ({})",
        sql::places(2, ids.len())
    );
    let params: Vec<Param<'_>> = ids.iter().map(|id| Param::Id(*id)).collect();
    tx.query(&sql, &params, |row| row.id(0))
}

/// The ids, some of them repeated, so that few statements of different lengths have to be kept prepared.
fn padded(ids: &[Uuid]) -> Vec<Uuid> {
    let length = [1, 8].into_iter().find(|length| ids.len() <= *length).unwrap_or(AT_ONCE);
    ids.iter().copied().cycle().take(length).collect()
}

/// The words of an order's row: its id, number, company and time of change.
fn order_words(row: &Row<'_>, places: &HashMap<CompanyId, u64>) -> Result<Words> {
    Ok(Words {
        noun: seloste_search::Noun::Order,
        companies: places.get(&row.parsed::<CompanyId>(2)?).copied().unwrap_or(0),
        changed_at: row.int(3)?,
        words: vec![(Field::OrderNumber, row.text(1)?)],
    })
}

/// Everything, in the order of ids, so that each party's rows come together.
fn read_all(tx: &mut Tx<'_>, kinds: Kinds) -> Result<Index> {
    let places = company_places(tx)?;
    let mut companies: HashMap<Uuid, u64> = HashMap::new();
    tx.each("SELECT party_id, company_id FROM party_company WHERE register_id = ?1", params![], |row| {
        let bit = places.get(&row.parsed::<CompanyId>(1)?).copied().unwrap_or(0);
        *companies.entry(row.id(0)?).or_default() |= bit;
        Ok(())
    })?;
    let mut represents: HashMap<Uuid, Vec<String>> = HashMap::new();
    if kinds.has(Kind::Organisation) {
        tx.each(
            "SELECT r.person_id, o.name FROM representation r JOIN party o ON o.register_id = r.register_id \
             AND o.party_id = r.organisation_id WHERE r.register_id = ?1",
            params![],
            |row| {
                represents.entry(row.id(0)?).or_default().extend(row.opt_text(1)?);
                Ok(())
            },
        )?;
    }
    let mut builder = Builder::with_capacity(companies.len());
    let mut current: Option<(Uuid, Words)> = None;
    let mut add = |builder: &mut Builder, finished: Option<(Uuid, Words)>| {
        if let Some((id, mut words)) = finished {
            let names = represents.remove(&id).unwrap_or_default();
            words.words.extend(names.into_iter().map(|name| (Field::Organisation, name)));
            builder.add(entry(id, &words, &borrowed(&words)));
        }
    };
    tx.each(&format!("{PARTY} ORDER BY p.party_id, v.value_id"), params![], |row| {
        let id = row.id(0)?;
        if current.as_ref().is_none_or(|(open, _)| *open != id) {
            let begun = begin_words(row, companies.get(&id).copied().unwrap_or(0))?;
            add(&mut builder, current.replace((id, begun)));
        }
        current.as_mut().map_or(Ok(()), |(_, words)| add_row(words, row, kinds))
    })?;
    add(&mut builder, current.take());
    if kinds.has(Kind::Orders) {
        tx.each(
            "SELECT order_id, number, company_id, changed_at FROM orders WHERE register_id = ?1",
            params![],
            |row| {
                let words = order_words(row, &places)?;
                builder.add(entry(row.id(0)?, &words, &borrowed(&words)));
                Ok(())
            },
        )?;
    }
    Ok(builder.build())
}

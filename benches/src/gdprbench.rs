//! Goal 8: the workloads of GDPRbench (Shastri et al., VLDB 2020, table 2), its operations by user corrected to touch
//! that user's records only, by one client; against a bare SQLite table with the same indexes and the same durability.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, params};
use seloste_domain::history::PartyChange;
use seloste_domain::id::{PartyId, PersonId, SourceId, ValueId};
use seloste_domain::list::ListOf;
use seloste_domain::rights::Action;
use seloste_domain::usage::Use;
use seloste_ops::history;
use seloste_ops::list::List;
use seloste_ops::person;
use seloste_store::Access as _;
use seloste_store::party::{self, Noun, Update};

use crate::people::{Bench, actor, draft, name};
use crate::report::Report;

const OPERATIONS: usize = 2_000;
/// Records that a read by purpose shows: a page.
const PAGE: usize = 20;

#[derive(Clone, Copy)]
enum Operation {
    Create,
    Delete,
    Update,
    ReadByKey,
    ReadMetadata,
    ReadByPurpose,
}

use Operation::{Create, Delete, ReadByKey, ReadByPurpose, ReadMetadata, Update as Change};

/// Each workload by its operations, each of the same weight.
const WORKLOADS: [(&str, &[Operation]); 3] = [
    ("controller", &[Create, Delete, Change, Change]),
    ("customer", &[ReadByKey, ReadMetadata, Change, Change, Delete]),
    ("processor", &[ReadByKey, ReadByKey, ReadByKey, ReadByKey, ReadByPurpose]),
];

pub(crate) fn measure(bench: &mut Bench, dir: &Path, report: &mut Report) -> Result<()> {
    let raw = Raw::create(dir, bench.ids.len())?;
    for (workload, operations) in WORKLOADS {
        let ours = Ours::new(bench)?;
        let mut taken = Vec::new();
        let start = Instant::now();
        for round in 0..OPERATIONS {
            ours.run(bench, operations[round % operations.len()], round, &mut taken)?;
        }
        let audited = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for round in 0..OPERATIONS {
            raw.run(operations[round % operations.len()], round)?;
        }
        let bare = start.elapsed().as_secs_f64();
        bench.ids.retain(|id| !taken.contains(id));
        report.ratio(
            format!("GDPRbench, {workload}, one client (time to bare SQLite's)"),
            format!("{:.0}/s", f64::from(u32::try_from(OPERATIONS)?) / audited),
            audited / bare,
            "<= 2",
        );
    }
    Ok(())
}

struct Ours {
    change: Use,
    erase: Use,
    source: SourceId,
}

impl Ours {
    fn new(bench: &Bench) -> Result<Self> {
        Ok(Self {
            change: bench.usage(Action::PersonChange)?,
            erase: bench.usage(Action::ImportUndo)?,
            source: bench.register.notice()?.sources().first().context("a source")?.id.clone(),
        })
    }

    fn run(&self, bench: &Bench, operation: Operation, round: usize, taken: &mut Vec<PartyId>) -> Result<()> {
        let db = bench.register.db();
        // Those who are deleted are taken from the end, so that the others are there.
        let id = bench.ids[(round * 48271) % (bench.ids.len() - OPERATIONS)];
        match operation {
            Create => {
                let valid = draft(5_000_000 + round);
                person::create(&bench.register, &actor(), &valid, &self.source)?;
            }
            Delete => {
                let last = bench.ids[bench.ids.len() - 1 - taken.len()];
                taken.push(last);
                db.write(&self.erase, move |w| party::erase(w, Noun::Person, last))?;
            }
            Change => {
                db.write(&self.change, move |w| {
                    let person = seloste_store::person::get(w, PersonId(id.0))?;
                    let removed: Vec<_> = person.values.into_iter().take(1).collect();
                    let mut added = removed.clone();
                    for value in &mut added {
                        value.id = ValueId(w.env().id());
                        value.entered_at = w.usage().at();
                    }
                    let change = PartyChange { added, removed, ..PartyChange::default() };
                    party::update(w, &Update { id, noun: Noun::Person, expected: person.version, change })
                })?;
            }
            ReadByKey => drop(person::show(&bench.register, &actor(), PersonId(id.0))?),
            ReadMetadata => drop(history::of_person(&bench.register, &actor(), PersonId(id.0))?),
            ReadByPurpose => {
                drop(person::list(&bench.register, &actor(), &List::first(ListOf::People, PAGE))?);
            }
        }
        Ok(())
    }
}

/// A bare table, indexed by user and by purpose.
struct Raw {
    conn: Connection,
    people: usize,
}

impl Raw {
    fn create(dir: &Path, people: usize) -> Result<Self> {
        let mut conn = Connection::open(dir.join("gdprbench.db"))?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.execute_batch(
            "CREATE TABLE record (key INTEGER PRIMARY KEY, usr TEXT, purpose TEXT, source TEXT, ttl INTEGER, \
             shared TEXT, data TEXT); CREATE INDEX by_usr ON record (usr); CREATE INDEX by_purpose ON record (purpose);",
        )?;
        let tx = conn.transaction()?;
        for number in 0..people {
            insert(&tx, number)?;
        }
        tx.commit()?;
        Ok(Self { conn, people })
    }

    fn run(&self, operation: Operation, round: usize) -> Result<()> {
        let key = i64::try_from((round * 48271) % (self.people - OPERATIONS))?;
        let last = i64::try_from(self.people - 1 - round)?;
        let conn = &self.conn;
        match operation {
            Create => insert(conn, self.people * 10 + round),
            Delete => Ok(conn.prepare_cached("DELETE FROM record WHERE key = ?1")?.execute([last]).map(drop)?),
            Change => {
                let mut update = conn.prepare_cached("UPDATE record SET source = ?2 WHERE usr = ?1")?;
                Ok(update.execute(params![format!("usr{key}"), format!("source {round}")]).map(drop)?)
            }
            ReadByKey => self.read("SELECT * FROM record WHERE key = ?1", key),
            ReadMetadata => {
                self.read("SELECT usr, purpose, source, ttl, shared, '', '' FROM record WHERE key = ?1", key)
            }
            ReadByPurpose => self.read("SELECT * FROM record WHERE purpose = 'purpose' || (?1 % 7) LIMIT 20", key),
        }
    }

    fn read(&self, sql: &str, key: i64) -> Result<()> {
        let mut select = self.conn.prepare_cached(sql)?;
        let mut rows = select.query([key])?;
        while let Some(row) = rows.next()? {
            std::hint::black_box(row.get::<_, Option<String>>(2)?);
        }
        Ok(())
    }
}

fn insert(conn: &Connection, number: usize) -> Result<()> {
    let (given, family) = name(number);
    conn.prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, 'registration', 1, 'nobody', ?4)")?.execute(
        params![
            i64::try_from(number)?,
            format!("usr{number}"),
            format!("purpose{}", number % 7),
            format!("{given} {family}, {}", crate::people::telephone(number)),
        ],
    )?;
    Ok(())
}

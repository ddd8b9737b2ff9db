//! A register at work, to be killed or cut from power in the middle of it (`tests/kill.rs`, `tests/powercut.rs`).
//!
//!     workload run DATA ROUND THREADS COUNT full|normal ACKED [URL]
//!     workload fill DATA ACKED
//!     workload check DATA ACKED [URL]
//!
//! `run` makes the register when there is none. Each thread adds COUNT people (0: until it is killed), reads and
//! changes each, and writes to the file ACKED what was acknowledged, a key a line, before it goes on:
//! `log ACTOR ACTION SUBJECT` for an entry of the log and `value TEXT` for a value of a person.
//!
//! `fill` goes on until the disk refuses a change, prints `refused`, goes on trying, prints `again` when it succeeds
//! and ends.
//!
//! `check` opens the register and tells whether all of ACKED is there, nothing is half there, and the log is sound.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Result, bail, ensure};
use seloste_domain::draft::DraftText;
use seloste_domain::id::PersonId;
use seloste_domain::list::ListOf;
use seloste_domain::log::{Event, Outcome};
use seloste_domain::person::PersonDraft;
use seloste_domain::usage::Actor;
use seloste_ops::list::List;
use seloste_ops::{Env, OpsError, Register, Settings, person};
use seloste_store::register::RegisterKind;
use seloste_store::{Durability, StoreError, log};
use seloste_testkit::raw::Raw;
use seloste_testkit::{NOTICE, TestRegister, samples};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run", data, round, threads, count, durability, acked, url @ ..] => {
            let mut settings = settings(data, url.first().copied());
            settings.durability = if *durability == "normal" { Durability::Normal } else { Durability::Full };
            let acked = OpenOptions::new().create(true).append(true).open(acked)?;
            run(settings, round, threads.parse()?, count.parse()?, &acked)
        }
        ["fill", data, acked] => fill(settings(data, None), &OpenOptions::new().create(true).append(true).open(acked)?),
        ["check", data, acked, url @ ..] => check(settings(data, url.first().copied()), Path::new(acked)),
        _ => bail!("see the first lines of examples/workload.rs"),
    }
}

fn settings(data: &str, url: Option<&str>) -> Settings {
    Settings { search: false, ..Settings::new(Path::new(data), url) }
}

fn run(settings: Settings, round: &str, threads: usize, count: usize, acked: &File) -> Result<()> {
    let register = if settings.data.join("master.key").exists() {
        Register::open(settings, Env::system())?
    } else {
        let by = TestRegister::operator().id();
        Register::create(settings, RegisterKind::Live, NOTICE, &by, Env::system())?
    };
    register.db().start_background()?;
    std::thread::scope(|scope| {
        let work = |thread: usize| {
            let register = &register;
            scope.spawn(move || -> Result<()> {
                for number in (1..).take_while(|number| count == 0 || *number <= count) {
                    person_s_life(register, &format!("r{round}w{thread}n{number}"), number, acked)?;
                    if thread == 0 && number % 10 == 0 {
                        // So that the write-ahead log begins anew, and kept checkpoints stand among the commits.
                        register.db().truncate_wal()?;
                        register.db().keep_checkpoint()?;
                    }
                }
                Ok(())
            })
        };
        let working: Vec<_> = (0..threads).map(work).collect();
        working.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })?;
    register.close();
    Ok(())
}

fn fill(settings: Settings, acked: &File) -> Result<()> {
    let register = Register::open(settings, Env::system())?;
    let mut refused = false;
    for number in 1.. {
        match person_s_life(&register, &format!("f{number}"), number, acked) {
            Ok(()) if refused => {
                writeln!(std::io::stdout(), "again")?;
                break;
            }
            Ok(()) => {}
            Err(error) => {
                let error = error.downcast::<OpsError>()?;
                ensure!(matches!(error, OpsError::Store(StoreError::Disk(_))), "refused otherwise: {error}");
                if !refused {
                    refuses_to_show(&register)?;
                    writeln!(std::io::stdout(), "refused")?;
                }
                refused = true;
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }
    register.close();
    Ok(())
}

/// Where no entry can be added to the log, nobody is shown. The last free bytes may hold a few entries still.
fn refuses_to_show(register: &Register) -> Result<()> {
    let (actor, list) = (TestRegister::operator(), List::first(ListOf::People, 1));
    for _ in 0..10_000 {
        match person::list(register, &actor, &list) {
            Ok(_) => {}
            Err(OpsError::Store(StoreError::Disk(_))) => return Ok(()),
            Err(other) => bail!("refused otherwise: {other}"),
        }
    }
    bail!("people are shown while the log can not be written")
}

/// Adds, reads and changes a person, each as another actor, so that each entry of the log is known by its actor.
fn person_s_life(register: &Register, key: &str, number: usize, mut acked: &File) -> Result<()> {
    let source = TestRegister::source();
    let actor = |act: &str| Actor::Operator(format!("{key}{act}"));
    let mut acknowledge = |act: &str, action: &str, id: PersonId, value: Option<&str>| {
        let value = value.map_or_else(String::new, |value| format!("value {value}\n"));
        acked.write_all(format!("log operator:{key}{act} {action} {id}\n{value}").as_bytes())
    };
    let draft = PersonDraft { customer_number: key.to_owned(), ..samples::person(number) };
    let id = person::create(register, &actor("a"), &draft, &source)?;
    acknowledge("a", "person.create", id, Some(key))?;
    let version = person::show(register, &actor("b"), id)?.person.version;
    acknowledge("b", "person.show", id, None)?;
    let email = format!("{key}@example.com");
    let draft = PersonDraft { emails: vec![DraftText::new(email.clone())], ..draft };
    person::change(register, &actor("c"), id, version, &draft, &source)?;
    acknowledge("c", "person.change", id, Some(&email))?;
    Ok(())
}

fn check(settings: Settings, acked: &Path) -> Result<()> {
    let acked = std::fs::read_to_string(acked)?;
    // The last line may have been cut short: then it had not been acknowledged.
    let acked = acked.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let register = match Register::open(settings.clone(), Env::system()) {
        // It was cut while the register was being made.
        Err(OpsError::Store(StoreError::NoRegister | StoreError::KeyMissing(_) | StoreError::KeyUnusable { .. }))
            if acked.is_empty() =>
        {
            return Ok(());
        }
        opened => opened?,
    };
    let kept = std::fs::read_to_string(settings.checkpoints()).ok().filter(|kept| !kept.is_empty());
    let public = register.db().public_key();
    let report = register.db().look(|tx| log::verify::verify(tx, &public, kept.as_deref()))?;
    ensure!(report.is_sound(), "the log: {:?}", report.findings);
    let events = events(&register)?;
    let mut raw = Raw::open(&settings.place);
    nothing_half_there(&events, &mut raw)?;
    all_acknowledged_there(acked, &events, &mut raw)?;
    register.close();
    Ok(())
}

fn events(register: &Register) -> Result<Vec<Event>> {
    let (mut events, mut from) = (Vec::new(), 0);
    loop {
        let blocks = register.db().look(|tx| log::blocks(tx, from, 512))?;
        let Some(last) = blocks.last() else { return Ok(events) };
        from = last.first_seq + last.count;
        for line in blocks.iter().flat_map(|block| block.events.lines()) {
            events.push(serde_json::from_str(line)?);
        }
    }
}

/// Each person was added by one entry, has the version that its entries make, and a sealed change for each of them.
fn nothing_half_there(events: &[Event], raw: &mut Raw) -> Result<()> {
    let mut changes: HashMap<String, u64> = HashMap::new();
    for event in events.iter().filter(|event| event.outcome == Outcome::Changed && !event.sealed.is_empty()) {
        for subject in &event.subjects {
            *changes.entry(subject.simple().to_string()).or_default() += 1;
        }
    }
    let versions = |raw: &mut Raw, sql: &str| -> Result<HashMap<String, u64>> {
        raw.rows(sql).into_iter().map(|row| Ok((row[0].clone(), row[1].parse()?))).collect()
    };
    let parties = versions(raw, "SELECT party_id, version FROM party")?;
    ensure!(parties == changes, "the log's changes and the people's versions differ");
    let sealed = versions(raw, "SELECT object_id, count(*) FROM sealed GROUP BY object_id")?;
    ensure!(sealed == changes, "the log's changes and the sealed ones differ");
    let unkeyed = raw.rows("SELECT party_id FROM party WHERE party_id NOT IN (SELECT party_id FROM party_key)");
    ensure!(unkeyed.is_empty(), "people without a key: {unkeyed:?}");
    Ok(())
}

fn all_acknowledged_there(acked: &str, events: &[Event], raw: &mut Raw) -> Result<()> {
    let mut there: HashSet<String> = HashSet::new();
    for event in events {
        let subject = event.subjects.first().map(ToString::to_string).unwrap_or_default();
        there.insert(format!("log {} {} {subject}", event.actor, event.action));
    }
    let values = raw.rows("SELECT text FROM party_value WHERE kind IN ('customer_number', 'email')");
    there.extend(values.into_iter().map(|row| format!("value {}", row[0])));
    let lost: Vec<_> = acked.lines().filter(|key| !there.contains(*key)).take(5).collect();
    ensure!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    eprintln!("{} acknowledged, none lost", acked.lines().count());
    Ok(())
}

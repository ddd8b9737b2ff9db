//! The raw limits of this machine: what a bare program reaches with SQLite and the disk.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rusqlite::{Connection, params};

use crate::people;
use crate::report::Report;

/// What was measured.
pub(crate) struct Limits {
    /// Flushes (4 KiB append and fdatasync) a second.
    pub(crate) flushes: f64,
    /// Point reads of a 12-column row a second, on two threads.
    pub(crate) reads: f64,
    /// Inserts, each in a commit of its own, a second.
    pub(crate) commits: f64,
    /// Rows a second of the sqlite3 program's `.import`.
    pub(crate) imported: Option<f64>,
    /// The file that was imported.
    pub(crate) file: PathBuf,
}

pub(crate) fn measure(dir: &Path, people: usize, seconds: f64, report: &mut Report) -> Result<Limits> {
    std::fs::create_dir_all(dir)?;
    let flushes = flushes(dir, seconds)?;
    report.figure("raw: 4 KiB append + fdatasync", format!("{flushes:.0}/s"), "");
    let csv = write_csv(dir, people)?;
    let imported = shell_import(dir, &csv, people)?;
    match imported {
        Some(rate) => report.figure("raw: sqlite3 .import of the same people", format!("{rate:.0}/s"), ""),
        None => report.figure("raw: sqlite3 .import", "sqlite3 is not installed", ""),
    }
    let raw = raw_table(dir, people)?;
    let reads = raw_reads(&raw, people, seconds)?;
    report.figure("raw: point read of a 12-column row, two threads", format!("{reads:.0}/s"), "");
    let commits = raw_commits(dir, seconds)?;
    report.figure("raw: one insert a commit (WAL, FULL)", format!("{commits:.0}/s"), "");
    Ok(Limits { flushes, reads, commits, imported, file: csv })
}

fn flushes(dir: &Path, seconds: f64) -> Result<f64> {
    let mut file = File::create(dir.join("flush"))?;
    let block = [7_u8; 4096];
    let start = Instant::now();
    let mut count = 0.0;
    while start.elapsed().as_secs_f64() < seconds.min(2.0) {
        file.write_all(&block)?;
        file.sync_data()?;
        count += 1.0;
    }
    Ok(count / start.elapsed().as_secs_f64())
}

fn write_csv(dir: &Path, people: usize) -> Result<PathBuf> {
    let path = dir.join("people.csv");
    let mut out = std::io::BufWriter::new(File::create(&path)?);
    writeln!(out, "number,given,family,email,telephone,street,postal_code,town,country,language,company,version")?;
    for number in 0..people {
        let draft = people::draft(number);
        let address = draft.addresses.first().context("an address")?;
        writeln!(
            out,
            "{},{},{},{},{},{},{},{},FI,fi,arjasmaa,1",
            draft.customer_number,
            draft.given,
            draft.family,
            draft.emails[0].text,
            draft.telephones[0].text,
            address.street,
            address.postal_code,
            address.town
        )?;
    }
    out.flush()?;
    Ok(path)
}

const TABLE: &str = "CREATE TABLE person (number INTEGER PRIMARY KEY, given TEXT, family TEXT, email TEXT, telephone TEXT, \
     street TEXT, postal_code TEXT, town TEXT, country TEXT, language TEXT, company TEXT, version INTEGER)";

fn shell_import(dir: &Path, csv: &Path, people: usize) -> Result<Option<f64>> {
    let database = dir.join("shell.db");
    let script =
        format!("PRAGMA journal_mode=WAL;\n{TABLE};\n.mode csv\n.import --skip 1 '{}' person\n", csv.display());
    let Ok(mut child) = Command::new("sqlite3")
        .arg(&database)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
    else {
        return Ok(None);
    };
    let start = Instant::now();
    child.stdin.take().context("stdin")?.write_all(script.as_bytes())?;
    anyhow::ensure!(child.wait()?.success(), "sqlite3 failed");
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
    let rate = people as f64 / start.elapsed().as_secs_f64();
    Ok(Some(rate))
}

fn raw_table(dir: &Path, people: usize) -> Result<PathBuf> {
    let path = dir.join("raw.db");
    let mut conn = Connection::open(&path)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.execute_batch(TABLE)?;
    let tx = conn.transaction()?;
    {
        let mut insert = tx.prepare("INSERT INTO person VALUES (?1,?2,?3,?4,?5,?6,?7,?8,'FI','fi','arjasmaa',1)")?;
        for number in 0..people {
            let draft = people::draft(number);
            let address = draft.addresses.first().context("an address")?;
            insert.execute(params![
                i64::try_from(number)?,
                draft.given,
                draft.family,
                draft.emails[0].text,
                draft.telephones[0].text,
                address.street,
                address.postal_code,
                address.town
            ])?;
        }
    }
    tx.commit()?;
    Ok(path)
}

fn raw_reads(path: &Path, people: usize, seconds: f64) -> Result<f64> {
    timed_threads(2, seconds, |thread, stop, count| {
        let conn = Connection::open(path)?;
        let mut select = conn.prepare("SELECT * FROM person WHERE number = ?1")?;
        let mut number = thread * 7919;
        while !stop.load(Ordering::Relaxed) {
            number = (number * 48271 + 11) % people;
            let row: (String, String, String, String, String) = select
                .query_row([i64::try_from(number)?], |r| Ok((r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?, r.get(5)?)))?;
            std::hint::black_box(row);
            count.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    })
}

fn raw_commits(dir: &Path, seconds: f64) -> Result<f64> {
    let conn = Connection::open(dir.join("commits.db"))?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.execute_batch(TABLE)?;
    let mut insert = conn.prepare("INSERT INTO person (given, family) VALUES (?1, ?2)")?;
    let start = Instant::now();
    let mut count = 0.0;
    while start.elapsed().as_secs_f64() < seconds.min(2.0) {
        insert.execute(["Pirkko", "Koskitalo"])?;
        count += 1.0;
    }
    Ok(count / start.elapsed().as_secs_f64())
}

/// Runs `work` on so many threads for so long; how often a second they counted up.
pub(crate) fn timed_threads(
    threads: usize,
    seconds: f64,
    work: impl Fn(usize, &AtomicBool, &AtomicUsize) -> Result<()> + Sync,
) -> Result<f64> {
    let (stop, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let start = Instant::now();
    std::thread::scope(|scope| -> Result<()> {
        let running: Vec<_> = (0..threads)
            .map(|t| {
                scope.spawn({
                    let (w, s, c) = (&work, &stop, &count);
                    move || w(t, s, c)
                })
            })
            .collect();
        std::thread::sleep(Duration::from_secs_f64(seconds));
        stop.store(true, Ordering::Relaxed);
        for thread in running {
            thread.join().map_err(|_| anyhow::anyhow!("a thread ended"))??;
        }
        Ok(())
    })?;
    let elapsed = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
    let rate = count.load(Ordering::Relaxed) as f64 / elapsed;
    Ok(rate)
}

/// The same with the time of each piece of work in milliseconds, sorted.
pub(crate) fn timed_each(
    threads: usize,
    seconds: f64,
    work: impl Fn(usize, usize) -> Result<()> + Sync,
) -> Result<(f64, Vec<f64>)> {
    let times = std::sync::Mutex::new(Vec::new());
    let rate = timed_threads(threads, seconds, |thread, stop, count| {
        let mut own = Vec::new();
        let mut round = 0;
        while !stop.load(Ordering::Relaxed) {
            let start = Instant::now();
            work(thread, round)?;
            own.push(start.elapsed().as_secs_f64() * 1_000.0);
            count.fetch_add(1, Ordering::Relaxed);
            round += 1;
        }
        times.lock().map_err(|_| anyhow::anyhow!("a thread ended"))?.extend(own);
        Ok(())
    })?;
    let mut times = times.into_inner().map_err(|_| anyhow::anyhow!("a thread ended"))?;
    times.sort_by(f64::total_cmp);
    Ok((rate, times))
}

//! Goals 1 and 6: audited reads against raw reads.

use std::path::Path;

use anyhow::Result;
use seloste_domain::id::PersonId;
use seloste_domain::rights::Action;

use crate::limit::{Limits, timed_each, timed_threads};
use crate::people::Bench;
use crate::report::{Report, percentile};

pub(crate) fn measure(bench: &Bench, limits: &Limits, seconds: f64, report: &mut Report) -> Result<()> {
    let usage = bench.usage(Action::PersonShow)?;
    let people = bench.ids.len();
    let one = |thread: usize, round: usize| {
        let id = bench.ids[(thread * 7919 + round * 48271) % people];
        let person = bench.register.db().read(&usage, |r| seloste_store::person::get(r, PersonId(id.0)))?;
        std::hint::black_box(person);
        Ok(())
    };
    let (rate, _) = timed_each(1, seconds, one)?;
    report.ratio(
        "audited card read, 1 client (to the flush rate)",
        format!("{rate:.0}/s"),
        rate / limits.flushes,
        ">= 0.7",
    );
    for (clients, goal) in [(64, ">= 0.20"), (256, ">= 0.25")] {
        let (rate, times) = timed_each(clients, seconds, one)?;
        let ratio = rate / limits.reads;
        report.ratio(
            format!("audited card read, {clients} clients (to raw reads)"),
            format!("{rate:.0}/s"),
            ratio,
            goal,
        );
        if clients == 256 {
            let p99 = percentile(&times, 0.99);
            report.figure("audited card read, 256 clients, p99", format!("{p99:.1} ms"), "<= 10 ms");
        }
    }
    unaudited(bench, seconds, report)
}

/// The same card read without the log: what the audit costs on top.
fn unaudited(bench: &Bench, seconds: f64, report: &mut Report) -> Result<()> {
    let usage = bench.usage(Action::PersonShow)?;
    let people = bench.ids.len();
    let rate = timed_threads(2, seconds, |thread, stop, count| {
        let mut round = 0;
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            let id = bench.ids[(thread * 7919 + round * 48271) % people];
            std::hint::black_box(seloste_store::bench::unlogged_person(bench.register.db(), &usage, PersonId(id.0))?);
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            round += 1;
        }
        Ok(())
    })?;
    report.figure("the same card without the log, two threads", format!("{rate:.0}/s"), "");
    Ok(())
}

pub(crate) fn measure_postgres(dir: &Path, url: &str, people: usize, seconds: f64, report: &mut Report) -> Result<()> {
    let mut bench = Bench::create(dir, Some(url))?;
    bench.fill(0, people)?;
    let usage = bench.usage(Action::PersonShow)?;
    let one = |thread: usize, round: usize| {
        let id = bench.ids[(thread * 7919 + round * 48271) % people];
        let person = bench.register.db().read(&usage, |r| seloste_store::person::get(r, PersonId(id.0)))?;
        std::hint::black_box(person);
        Ok(())
    };
    let plain = timed_threads(8, seconds, |thread, stop, count| {
        let mut round = 0;
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            let id = bench.ids[(thread * 7919 + round * 48271) % people];
            std::hint::black_box(seloste_store::bench::unlogged_person(bench.register.db(), &usage, PersonId(id.0))?);
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            round += 1;
        }
        Ok(())
    })?;
    report.figure("PostgreSQL: the card without the log, 8 clients", format!("{plain:.0}/s"), "");
    for (clients, goal) in [(64, ">= 0.60"), (256, ">= 0.80")] {
        let (rate, _) = timed_each(clients, seconds, one)?;
        report.ratio(
            format!("PostgreSQL: audited card read, {clients} clients"),
            format!("{rate:.0}/s"),
            rate / plain,
            goal,
        );
    }
    bench.register.close();
    Ok(())
}

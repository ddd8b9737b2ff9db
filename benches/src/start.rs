//! Goal 7: from the start to the first list, and memory.

use std::time::Instant;

use anyhow::Result;
use seloste_domain::list::ListOf;
use seloste_ops::list::List;
use seloste_ops::person;
use seloste_ops::{Env, Register};

use crate::people::{Bench, actor};
use crate::report::Report;

pub(crate) fn measure(bench: Bench, report: &mut Report) -> Result<()> {
    let settings = bench.settings.clone();
    bench.register.close();
    drop(bench);
    let start = Instant::now();
    let register = Register::open(settings, Env::system())?;
    let page = person::list(&register, &actor(), &List::first(ListOf::People, 50))?;
    anyhow::ensure!(page.rows.len() == 50, "the first page is full");
    report.figure("start to the first list", format!("{:.2} s", start.elapsed().as_secs_f64()), "< 1 s");
    let start = Instant::now();
    let sound = seloste_ops::log::verify(&register, &actor(), None)?;
    anyhow::ensure!(sound.is_sound(), "the log does not verify: {:?}", sound.findings.first());
    let seconds = start.elapsed().as_secs_f64();
    report.figure("log verified", format!("{} events in {seconds:.1} s", sound.events), "");
    register.close();
    Ok(())
}

/// Memory of this process, in MiB.
pub(crate) fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

//! Goal 4: import with keys, history, search and log against the sqlite3 program's bare `.import`.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;

use crate::limit::Limits;
use crate::people::Bench;
use crate::report::{Report, per_second};
use crate::start::resident_mib;

pub(crate) fn measure(
    bench: &mut Bench,
    dir: &Path,
    people: usize,
    limits: &Limits,
    report: &mut Report,
) -> Result<()> {
    let start = Instant::now();
    bench.fill(0, people)?;
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
    let rate = people as f64 / seconds;
    match limits.imported {
        Some(raw) => report.ratio("import with keys, history, log", per_second(people, seconds), rate / raw, ">= 0.12"),
        None => report.figure("import with keys, history, log", per_second(people, seconds), ">= 0.12"),
    }
    let size = std::fs::metadata(dir.join("register/seloste.db"))?.len();
    report.figure("database size a person", format!("{} B", size / people as u64), "");
    report.figure("memory after the import, with the search index", format!("{} MiB", resident_mib()), "");
    Ok(())
}

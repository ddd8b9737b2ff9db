//! Goal 4: the import command's work (keys, history, search and log) against the sqlite3 program's bare `.import` of the
//! same file.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context as _, Result};
use seloste_domain::list::ListOf;
use seloste_ops::import::{Noun, Request};
use seloste_ops::list::List;
use seloste_ops::person;

use crate::limit::Limits;
use crate::people::{Bench, actor};
use crate::report::{Report, per_second};
use crate::start::resident_mib;

const MAPPING: &str = r#"
noun = "people"
dropped = ["version"]

[columns]
number = ["external_id", "customer_number"]
given = "given"
family = "family"
email = "email"
telephone = "telephone"
street = "street"
postal_code = "postal_code"
town = "town"
country = "country"
language = "language"
company = "company"
"#;

pub(crate) fn measure(
    bench: &mut Bench,
    dir: &Path,
    people: usize,
    limits: &Limits,
    report: &mut Report,
) -> Result<()> {
    let source = bench.register.notice()?.sources().first().context("a source")?.id.clone();
    let mut request = Request::new(Noun::People, &limits.file, source);
    request.mapping = Some(MAPPING.into());
    let start = Instant::now();
    let done = seloste_ops::import::run(&bench.register, &actor(), &request, &|_| {}, &AtomicBool::new(false))?;
    let seconds = start.elapsed().as_secs_f64();
    anyhow::ensure!(usize::try_from(done.counts.created)? == people, "not everybody was imported: {:?}", done.counts);
    #[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
    let rate = people as f64 / seconds;
    match limits.imported {
        Some(raw) => report.ratio("import with keys, history, log", per_second(people, seconds), rate / raw, ">= 0.12"),
        None => report.figure("import with keys, history, log", per_second(people, seconds), ">= 0.12"),
    }
    report.figure("memory after the import, with the search index", format!("{} MiB", resident_mib()), "");
    bench.register.db().truncate_wal()?;
    let size = std::fs::metadata(dir.join("register/seloste.db"))?.len();
    report.figure("database size a person", format!("{} B", size / people as u64), "");
    let mut list = List::first(ListOf::People, 500);
    loop {
        let page = person::list(&bench.register, &actor(), &list)?;
        bench.ids.extend(page.rows.iter().map(|person| seloste_domain::id::PartyId::from(person.id)));
        list.from = page.next;
        if list.from.is_none() {
            return Ok(());
        }
    }
}

//! Goal 1 over HTTP: a person's card as a page, against the same page with the log of reads switched off.

use anyhow::{Context as _, Result};
use seloste_domain::rights::Role;
use seloste_ops::user::{self, Invitation, NewRole};
use seloste_web::{App, WebSettings};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::limit::timed_each;
use crate::people::{Bench, actor};
use crate::report::{Report, percentile};

const CLIENTS: usize = 64;

pub(crate) fn measure(bench: &Bench, seconds: f64, report: &mut Report) -> Result<()> {
    let cookie = sign_in(bench)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let base = format!("http://{}", listener.local_addr()?);
    let app = App::new(bench.register.clone(), WebSettings::of(&base));
    let (stop, stopped) = oneshot::channel::<()>();
    let server = runtime.spawn(seloste_web::serve(app, listener, async { drop(stopped.await) }));

    let agents: Vec<ureq::Agent> = (0..CLIENTS).map(|_| ureq::Agent::new_with_defaults()).collect();
    let one = |thread: usize, round: usize| {
        let id = bench.ids[(thread * 7919 + round * 48271) % bench.ids.len()];
        let agent = agents.get(thread).context("an agent")?;
        let mut page = agent.get(format!("{base}/people/{}", id.0)).header("cookie", &cookie).call()?;
        anyhow::ensure!(page.status() == 200 && page.body_mut().read_to_string()?.contains("</html>"), "no page");
        Ok(())
    };
    let (logged, times) = timed_each(CLIENTS, seconds, one)?;
    seloste_store::bench::quiet(true);
    let quiet = timed_each(CLIENTS, seconds, one);
    seloste_store::bench::quiet(false);
    let (quiet, _) = quiet?;
    report.figure("a person's page without the log, 64 clients", format!("{quiet:.0}/s"), "");
    report.ratio(
        "a person's page, 64 clients (to the same without)",
        format!("{logged:.0}/s"),
        logged / quiet,
        ">= 0.60",
    );
    report.figure("a person's page, 64 clients, p99", format!("{:.1} ms", percentile(&times, 0.99)), "");
    let _ = stop.send(());
    runtime.block_on(server)??;
    Ok(())
}

fn sign_in(bench: &Bench) -> Result<String> {
    let invitation = Invitation {
        login: "bench".into(),
        name: "Bench".into(),
        roles: vec![NewRole { role: Role::Office, company: None, until: None }],
        ..Invitation::default()
    };
    let (_, link) = user::invite(&bench.register, &actor(), &invitation)?;
    let (session, _) = user::set_up(&bench.register, &link.0, "neljä vihreää kumisaapasta")?;
    Ok(format!("seloste={}", session.0))
}

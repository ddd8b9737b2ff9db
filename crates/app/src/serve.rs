//! `seloste serve`: serves the register's pages until it is told to stop.

use std::net::SocketAddr;

use clap::Args;
use seloste_ops::Register;
use tokio::net::TcpListener;

use crate::failure::Outcome;
use crate::output;
use crate::run::Run;

/// Where the pages are served: only on this machine, unless told.
pub(crate) const LISTEN: &str = "127.0.0.1:8080";

/// How the pages are served.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Address to listen at; give another machine's way in only behind a proxy with TLS
    #[arg(long, env = "SELOSTE_LISTEN", value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
    /// Address of the pages as browsers see it [default: http:// and the address listened at]
    #[arg(long, env = "SELOSTE_BASE_URL", value_name = "URL")]
    base_url: Option<String>,
}

pub(crate) fn serve(run: &Run, options: &Options) -> Outcome {
    let register = run.open(true)?;
    run_server(run, &register, options)
}

/// Serves an open register and closes it.
pub(crate) fn run_server(run: &Run, register: &Register, options: &Options) -> Outcome {
    let served = serve_until_stopped(run, register, options);
    register.close();
    served
}

fn serve_until_stopped(run: &Run, register: &Register, options: &Options) -> Outcome {
    register.db().start_background()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let base_url = options.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
        if !address.ip().is_loopback() {
            output::note(run.say("doctor-not-loopback", &[("address", &address)]));
        }
        output::line(run.say("serve-listening", &[("address", &base_url)]))?;
        drop(listener);
        stopped().await;
        output::note(run.say("serve-stopping", &[]));
        Ok(())
    })
}

/// Waits for Ctrl+C or SIGTERM.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _ = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}

//! The portal of the people in the register, beside the pages of staff: its listener, and the runner that answers those who
//! want to sign in.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use seloste_fetch::{Fetcher, Rules};
use seloste_ops::Register;
use seloste_ops::portal;

use crate::failure::{Failure, Outcome};

/// How the portal is served.
#[derive(Clone, Debug, Default, Args)]
#[group(id = "portal-serving")]
pub(crate) struct Options {
    /// Address to listen at for the people in the register: their portal, and nothing of the pages of staff [default: not served]
    #[arg(long, env = "SELOSTE_PORTAL", value_name = "ADDRESS")]
    pub(crate) portal: Option<SocketAddr>,
    /// Address of the portal as browsers see it; it stands in links of messages and letters [default: http:// and the address, or localhost]
    #[arg(long, env = "SELOSTE_PORTAL_URL", value_name = "URL", requires = "portal")]
    pub(crate) portal_url: Option<String>,
    /// Host of another controller's portal that people may have their data sent to though it is inside the network or without TLS;
    /// may be repeated
    #[arg(long = "portal-peer", env = "SELOSTE_PORTAL_PEERS", value_name = "HOST", value_delimiter = ',')]
    pub(crate) peers: Vec<String>,
}

/// A listener that is bound, so that its address is known before anything is written to anybody.
pub(crate) struct Bound {
    pub(crate) listener: std::net::TcpListener,
    pub(crate) address: SocketAddr,
    /// The portal's address as browsers see it.
    pub(crate) base: String,
    /// Sends what people gave to other controllers.
    pub(crate) peers: Fetcher,
}

/// Binds the portal's listener, when one is asked for.
pub(crate) fn bind(options: &Options) -> Outcome<Option<Bound>> {
    let Some(wanted) = options.portal else { return Ok(None) };
    let failed = |error: std::io::Error| Failure::Unfit("listen-failed", format!("{wanted}: {error}"));
    let listener = std::net::TcpListener::bind(wanted).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let base = options.portal_url.clone().unwrap_or_else(|| own_base(address));
    let trusted_hosts = options.peers.iter().map(|host| host.trim().to_lowercase()).collect();
    let rules = Rules { trusted_hosts, trusted_certificates: None };
    let peers = Fetcher::new(rules).map_err(|_| Failure::Said("feed-ca-wrong", String::new()))?;
    Ok(Some(Bound { listener, address, base: base.trim_end_matches('/').to_owned(), peers }))
}

/// Where browsers on this machine find a listener: by name, where it has one, since browsers take no passkeys at a numeric address.
fn own_base(address: SocketAddr) -> String {
    let local = address.ip() == std::net::Ipv4Addr::LOCALHOST;
    if local { format!("http://localhost:{}", address.port()) } else { format!("http://{address}") }
}

/// Tells the runner to stop, however the work beside it ends.
struct Stop<'a>(&'a AtomicBool, std::thread::Thread);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
        self.1.unpark();
    }
}

/// Answers those who want to sign in on a thread of its own while `work` lasts, when a portal is served.
pub(crate) fn beside<T>(register: &Register, base: Option<&str>, work: impl FnOnce() -> T) -> T {
    let Some(base) = base else { return work() };
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let runner = scope.spawn(|| portal::run(register, base, &stop));
        let _stop = Stop(&stop, runner.thread().clone());
        work()
    })
}

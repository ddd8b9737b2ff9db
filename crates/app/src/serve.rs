//! `seloste serve`: serves the register's pages until it is told to stop.

use std::net::SocketAddr;

use clap::Args;
use seloste_ops::Register;
use seloste_ops::feed::Feeding;
use seloste_ops::mail::Post;
use seloste_web::api::Rates;
use seloste_web::{App, Styles, WebSettings};
use tokio::net::TcpListener;

use crate::failure::{Failure, Outcome};
use crate::run::Run;
use crate::{cookie, credit, erasure, feeds, mail, output, portal, webhooks};

/// Where the pages are served: only on this machine, unless told.
pub(crate) const LISTEN: &str = "127.0.0.1:8080";

/// How the pages are served.
#[derive(Clone, Debug, Args)]
#[group(id = "serving")]
pub(crate) struct Options {
    /// Address to listen at; give another machine's way in only behind a proxy with TLS
    #[arg(long, env = "SELOSTE_LISTEN", value_name = "ADDRESS", default_value = LISTEN)]
    pub(crate) listen: SocketAddr,
    /// Address of the pages as browsers see it [default: http:// and the address listened at]
    #[arg(long, env = "SELOSTE_BASE_URL", value_name = "URL")]
    base_url: Option<String>,
    /// Address of a reverse proxy, whose `X-Forwarded-For` is believed; tries to sign in are slowed down by it
    #[arg(long = "proxy", env = "SELOSTE_PROXY", value_name = "ADDRESS", value_delimiter = ',')]
    proxies: Vec<std::net::IpAddr>,
    /// Address to listen at for partners' programs: the partner API, and nothing of the pages [default: not served]
    #[arg(long, env = "SELOSTE_PARTNER_LISTEN", value_name = "ADDRESS")]
    partner_listen: Option<SocketAddr>,
    /// Requests a minute that a program may send with one token; twice as many may come from one address
    #[arg(long, env = "SELOSTE_API_RATE", value_name = "NUMBER", default_value = "600")]
    api_rate: std::num::NonZeroU32,
    /// Folder that says how documents look: logo, colours, templates [default: style in the data directory]
    #[arg(long, env = "SELOSTE_STYLE", value_name = "DIR")]
    style: Option<std::path::PathBuf>,
    #[command(flatten)]
    pub(crate) portal: portal::Options,
    #[command(flatten)]
    mail: mail::Options,
    #[command(flatten)]
    feeds: feeds::Options,
}

impl Options {
    /// Whether the partners' interface is served.
    pub(crate) const fn serves_partners(&self) -> bool {
        self.partner_listen.is_some()
    }
}

pub(crate) fn serve(run: &Run, options: &Options) -> Outcome {
    let register = run.open(true)?;
    run_server(run, &register, options)
}

/// Serves an open register and closes it.
pub(crate) fn run_server(run: &Run, register: &Register, options: &Options) -> Outcome {
    let served = settings_of(run, register, options).and_then(|(post, feeding)| {
        mail::tell(run, &post);
        let serve = || serve_until_stopped(run, register, options, &feeding);
        let tell = || webhooks::beside(register, &feeding.fetcher, serve);
        let read = || feeds::beside(register, &feeding, tell);
        let send = || mail::beside(register, &post, read);
        erasure::beside(register, || credit::beside(register, || cookie::beside(register, send)))
    });
    register.close();
    served
}

/// Where e-mail goes, and what feeds may read.
fn settings_of(run: &Run, register: &Register, options: &Options) -> Outcome<(Post, Feeding)> {
    Ok((mail::post(run, register, &options.mail)?, feeds::feeding(run, &options.feeds)?))
}

fn serve_until_stopped(run: &Run, register: &Register, options: &Options, feeding: &Feeding) -> Outcome {
    for url in [&options.base_url, &options.portal.portal_url].into_iter().flatten() {
        if !is_base_url(url) {
            return Err(Failure::Said("base-url-wrong", url.clone()));
        }
    }
    let folder = options.style.clone().unwrap_or_else(|| register.db().settings().data.join("style"));
    let styles = Styles::read(&folder).map_err(|error| Failure::Unfit("style-wrong", error.to_string()))?;
    register.db().start_background()?;
    seloste_web::resume(register)?;
    seloste_ops::payment::forget_due(register)?;
    seloste_ops::access::forget_due(register)?;
    seloste_ops::portal::forget_receptions(register)?;
    let visitors = portal::bind(&options.portal)?;
    let base = visitors.as_ref().map(|bound| bound.base.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let serve = || runtime.block_on(serve_all(run, register, options, (styles, feeding), visitors));
    portal::beside(register, base.as_deref(), serve)
}

/// Serves the pages of staff, and what else there is, each at its own listener.
async fn serve_all(
    run: &Run,
    register: &Register,
    options: &Options,
    (styles, feeding): (Styles, &Feeding),
    visitors: Option<portal::Bound>,
) -> Outcome {
    let listener = bind(options.listen).await?;
    let address = listener.local_addr()?;
    let base_url = options.base_url.clone().unwrap_or_else(|| format!("http://{address}"));
    if !address.ip().is_loopback() {
        output::note(run.say("doctor-not-loopback", &[("address", &address)]));
    }
    output::line(run.say("serve-listening", &[("address", &base_url)]))?;
    let mut app = App::new(register.clone(), proxied(options, settings(address, &base_url)));
    app = app.with_styles(styles).with_feeding(feeding.clone()).with_rates(Rates::of(options.api_rate));
    if let Some(bound) = &visitors {
        app = app.with_portal(&bound.base).with_peers(bound.peers.clone());
    }
    let theirs = match options.partner_listen {
        Some(partners) => Some(bind(partners).await?),
        None => None,
    };
    if let Some(theirs) = &theirs {
        let address = theirs.local_addr()?;
        output::line(run.say("serve-partners", &[("address", &format!("http://{address}/partner/v1"))]))?;
    }
    if let Some(bound) = &visitors {
        output::line(run.say("serve-portal", &[("address", &bound.base)]))?;
    }
    let partners = async {
        match theirs {
            Some(theirs) => seloste_web::serve_partners(app.clone(), theirs, stopped()).await,
            None => Ok(()),
        }
    };
    let portal = async {
        let Some(bound) = visitors else { return Ok(()) };
        let portal = app.for_portal(proxied(options, settings(bound.address, &bound.base)));
        seloste_web::serve_portal(portal, TcpListener::from_std(bound.listener)?, stopped()).await
    };
    let all = tokio::join!(seloste_web::serve(app.clone(), listener, stopped()), partners, portal);
    all.0.and(all.1).and(all.2)?;
    output::note(run.say("serve-stopping", &[]));
    Ok(())
}

/// Settings of pages behind the proxies of the options.
fn proxied(options: &Options, mut settings: WebSettings) -> WebSettings {
    settings.proxies.clone_from(&options.proxies);
    settings
}

async fn bind(address: SocketAddr) -> Outcome<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Failure::Unfit("listen-failed", format!("{address}: {error}")))
}

/// The names under which the pages may be asked for: that of the base URL, and this machine's own, so that a proxy and
/// a health check on it reach them.
fn settings(address: SocketAddr, base_url: &str) -> WebSettings {
    let port = address.port();
    let mut settings = WebSettings::of(base_url);
    settings.hosts.extend([address.to_string(), format!("localhost:{port}"), format!("127.0.0.1:{port}")]);
    settings
}

/// Whether it is an address that browsers can be sent to.
fn is_base_url(url: &str) -> bool {
    let host = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    let host = host.and_then(|(_, rest)| rest.split('/').next());
    host.is_some_and(|host| !host.is_empty() && !host.contains(['@', ' ', '?', '#']))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_url_and_the_machine_itself_are_known_hosts() {
        for url in ["https://register.example.com", "https://register.example.com:8443/", "http://127.0.0.1:8080"] {
            assert!(is_base_url(url), "{url}");
        }
        for url in ["register.example.com", "ftp://a.example.com", "https:///path", "https://a@b.example.com", ""] {
            assert!(!is_base_url(url), "{url}");
        }
        let settings = settings("127.0.0.1:8080".parse().unwrap(), "https://register.example.com");
        assert!(settings.secure);
        for host in ["127.0.0.1:8080", "localhost:8080", "register.example.com"] {
            assert!(settings.hosts.iter().any(|known| known == host), "{host}");
        }
    }
}

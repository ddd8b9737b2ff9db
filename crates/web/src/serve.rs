//! Connections: how many there may be, and how long each may keep us waiting.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::{App, partner_router, portal_router, router};

/// Connections served at the same time; the others wait to be accepted.
const CONNECTIONS: usize = 1_024;
/// A browser sends the head of a request at once. This is also how long a connection is kept for the next one.
const HEAD: Duration = Duration::from_secs(30);
/// How long requests under way may take when the program is told to stop.
const FAREWELL: Duration = Duration::from_secs(15);

/// Serves the pages until `shutdown` is ready, and lets the requests under way end.
///
/// # Errors
/// The listener fails.
pub async fn serve(app: App, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> std::io::Result<()> {
    answer(router(app), listener, shutdown).await
}

/// Serves the interface of partners until `shutdown` is ready, and lets the requests under way end.
///
/// # Errors
/// The listener fails.
pub async fn serve_partners(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    answer(partner_router(app), listener, shutdown).await
}

/// Serves the portal until `shutdown` is ready, and lets the requests under way end.
///
/// # Errors
/// The listener fails.
pub async fn serve_portal(
    app: App,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    answer(portal_router(app), listener, shutdown).await
}

async fn answer(
    router: Router,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(std::io::Error::other)?;
            listener.accept().await.map(|(stream, peer)| (stream, peer, place))
        };
        let (stream, peer, place) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accepted => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // A connection that is gone already, or no file handle is free: the next one may do better.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            },
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = open.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Who breaks a connection off knows it.
            let _ = connection.await;
            drop(place);
        });
    }
    let _ = tokio::time::timeout(FAREWELL, open.shutdown()).await;
    Ok(())
}

/// Where a request comes from: the connection's other end, or, when that is a proxy of ours, the last address that it
/// names which is not. What stands before that may be anybody's invention.
pub(crate) fn origin(peer: Option<SocketAddr>, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = peer?.ip().to_canonical();
    if !proxies.contains(&peer) {
        return Some(peer);
    }
    let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = named.flat_map(|value| value.split(',')).map(str::trim).collect();
    for address in named.into_iter().rev() {
        match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(address) if proxies.contains(&address) => {}
            Ok(address) => return Some(address),
            Err(_) => break,
        }
    }
    Some(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded: &[&'static str], proxies: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let proxies: Vec<IpAddr> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
        origin(Some(SocketAddr::new(peer.parse().unwrap(), 1)), &headers, &proxies).unwrap().to_string()
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed_and_only_about_whom_it_saw() {
        assert_eq!(from("10.0.0.9", &["192.0.2.1"], &[]), "10.0.0.9");
        assert_eq!(from("10.0.0.9", &["192.0.2.1"], &["10.0.0.1"]), "10.0.0.9");
        assert_eq!(from("10.0.0.1", &["192.0.2.1"], &["10.0.0.1"]), "192.0.2.1");
        assert_eq!(from("10.0.0.1", &["203.0.113.7, 192.0.2.1"], &["10.0.0.1"]), "192.0.2.1");
        assert_eq!(from("10.0.0.1", &["203.0.113.7", "192.0.2.1, 10.0.0.2"], &["10.0.0.1", "10.0.0.2"]), "192.0.2.1");
        assert_eq!(from("10.0.0.1", &[], &["10.0.0.1"]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["192.0.2.1, unknown"], &["10.0.0.1"]), "10.0.0.1");
        assert_eq!(from("::ffff:10.0.0.1", &["2001:db8::7"], &["10.0.0.1"]), "2001:db8::7");
    }
}

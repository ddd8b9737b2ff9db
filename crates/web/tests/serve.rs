//! The server at its socket: slow and silent connections, and the end.

use seloste_testkit::TestRegister;
use seloste_web::{App, WebSettings, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Time is paused: it moves on to the next deadline whenever nothing else is left to do.
#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_costs_a_connection_no_more_than_its_deadline() {
    let test = TestRegister::sqlite();
    let app = App::new((*test).clone(), WebSettings::of("http://rekisteri.example"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(app, listener, async { stopped.await.unwrap() }));

    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: rekis").await.unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));

    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: rekisteri.example\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // Ends too, after its answer: a connection is not kept for ever.
    idle.read_to_end(&mut answer).await.unwrap();
    assert!(String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200 OK"));

    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}

//! Fetching from a real server that answers well and badly.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use seloste_fetch::{Address, Answer, FetchError, Fetcher, Request, Rules, Trouble};
use seloste_testkit::http::{HttpServer, Reply};
use zeroize::Zeroizing;

fn trusting() -> Fetcher {
    Fetcher::new(Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None }).unwrap()
}

fn request(address: &Address) -> Request<'_> {
    Request {
        address,
        authorization: None,
        etag: None,
        last_modified: None,
        accept: "*/*",
        limit: 1_000_000,
        timeout: Duration::from_secs(5),
    }
}

fn fetch(fetcher: &Fetcher, address: &str) -> Result<(Answer, Vec<u8>), FetchError> {
    let (address, mut sink) = (address.parse().unwrap(), Vec::new());
    let answer = fetcher.fetch(&request(&address), &mut sink)?;
    Ok((answer, sink))
}

fn why(fetcher: &Fetcher, address: &str) -> Trouble {
    fetch(fetcher, address).unwrap_err().trouble
}

#[test]
fn what_has_not_changed_is_not_fetched_again() {
    let server = HttpServer::start(|asked| {
        let headers = vec![("etag", "\"one\"".into()), ("last-modified", "Mon, 23 Nov 2026 09:00:00 GMT".into())];
        match asked.header("if-none-match") {
            Some("\"one\"") => Reply::Good(304, headers, Vec::new()),
            _ => Reply::Good(200, headers, b"a;b\n1;2\n".to_vec()),
        }
    });
    let address: Address = server.address("/feed.csv?key=1").parse().unwrap();
    let (first, body) = fetch(&trusting(), &address.to_string()).unwrap();
    assert_eq!((first.changed, body.as_slice()), (true, &b"a;b\n1;2\n"[..]));
    assert_eq!(first.etag.as_deref(), Some("\"one\""));
    let mut sink = Vec::new();
    let again = Request {
        etag: first.etag.as_deref(),
        last_modified: first.last_modified.as_deref(),
        authorization: Some(Zeroizing::new("Bearer secret".into())),
        ..request(&address)
    };
    assert_eq!(trusting().fetch(&again, &mut sink).unwrap(), Answer::default());
    assert!(sink.is_empty());
    let asked = server.asked();
    assert_eq!(asked[0].header("authorization"), None);
    assert_eq!(asked[1].header("authorization"), Some("Bearer secret"));
    assert_eq!(asked[1].header("if-modified-since"), Some("Mon, 23 Nov 2026 09:00:00 GMT"));
    assert_eq!(asked[1].path, "/feed.csv?key=1");
}

#[test]
fn the_inside_of_the_network_is_not_reached() {
    let server = HttpServer::start(|_| Reply::ok("secret of the machine"));
    let strict = Fetcher::default();
    assert_eq!(why(&strict, &server.address("/")), Trouble::Plain);
    let port = server.port;
    for host in
        ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]"]
    {
        let found = why(&strict, &format!("https://{host}:{port}/"));
        // A form of the address that the system does not read is a name that nobody has.
        assert!(matches!(found, Trouble::Internal | Trouble::Unknown), "{host}: {found:?}");
    }
    for host in ["10.0.0.1", "169.254.169.254", "192.168.0.1", "[fd00::1]", "100.64.0.1"] {
        assert_eq!(why(&strict, &format!("https://{host}/")), Trouble::Internal, "{host}");
    }
    // One trusted name opens no other.
    assert_eq!(why(&trusting(), &format!("https://localhost:{port}/")), Trouble::Internal);
    assert!(server.asked().is_empty(), "nothing was asked");
}

#[test]
fn a_redirect_leads_nowhere_else() {
    let other = HttpServer::start(|_| Reply::ok("elsewhere"));
    let elsewhere = other.address("/");
    let to = move |place: String| Reply::Good(302, vec![("location", place)], Vec::new());
    let server = HttpServer::start(move |asked| match asked.path.as_str() {
        "/once" => to("/there".into()),
        "/there" => Reply::ok("here"),
        "/round" => to("/round".into()),
        "/away" => to(elsewhere.clone()),
        "/name" => to("http://localhost/".into()),
        "/file" => to("file:///etc/passwd".into()),
        _ => Reply::Good(302, Vec::new(), Vec::new()),
    });
    let fetcher = trusting();
    assert_eq!(fetch(&fetcher, &server.address("/once")).unwrap().1, b"here");
    for path in ["/round", "/away", "/name", "/file", "/nowhere"] {
        assert_eq!(why(&fetcher, &server.address(path)), Trouble::Redirect, "{path}");
    }
    assert!(other.asked().is_empty());
    assert_eq!(server.asked().iter().filter(|asked| asked.path == "/round").count(), 4);
}

#[test]
fn what_goes_wrong_is_told_apart() {
    let server = HttpServer::start(|asked| match asked.path.as_str() {
        "/500" => Reply::status(500),
        "/429" => Reply::Good(429, vec![("retry-after", "120".into())], Vec::new()),
        "/long" => Reply::Good(503, vec![("retry-after", "99999999".into())], Vec::new()),
        "/304" => Reply::status(304),
        "/large" => Reply::ok(vec![b'x'; 1_000_001]),
        "/endless" => Reply::Endless,
        "/cut" => Reply::Cut(vec![b'x'; 1_000], 10),
        "/gzip" => Reply::Good(200, vec![("content-encoding", "gzip".into())], vec![0x1f, 0x8b]),
        "/raw" => Reply::Raw(b"220 mail.example.com ESMTP\r\n".to_vec()),
        "/closed" => Reply::Raw(Vec::new()),
        _ => Reply::Silence,
    });
    let fetcher = trusting();
    for (path, trouble, status) in [
        ("/500", Trouble::Status, Some(500)),
        ("/304", Trouble::Status, Some(304)),
        ("/large", Trouble::TooLarge, None),
        ("/endless", Trouble::TooLarge, None),
        ("/cut", Trouble::Connection, None),
        ("/gzip", Trouble::Encoding, None),
        ("/raw", Trouble::Answer, None),
        ("/closed", Trouble::Connection, None),
    ] {
        let error = fetch(&fetcher, &server.address(path)).unwrap_err();
        assert_eq!((error.trouble, error.status, error.wait), (trouble, status, None), "{path}");
    }
    let wait = |path| fetch(&fetcher, &server.address(path)).unwrap_err().wait;
    assert_eq!(wait("/429"), Some(Duration::from_secs(120)));
    assert_eq!(wait("/long"), Some(Duration::from_secs(86_400)), "a day at most");
    let address = server.address("/silence").parse().unwrap();
    let short = Request { timeout: Duration::from_millis(300), ..request(&address) };
    assert_eq!(fetcher.fetch(&short, &mut Vec::new()).unwrap_err().trouble, Trouble::Timeout);
    let gone = server.address("/");
    drop(server);
    assert_eq!(why(&fetcher, &gone), Trouble::Connection);
    let named = Fetcher::new(Rules { trusted_hosts: vec!["no-such-host.invalid".into()], ..Rules::default() }).unwrap();
    assert_eq!(why(&named, "http://no-such-host.invalid/"), Trouble::Unknown);
}

/// An authority and a certificate of it for this machine, PEM.
fn certificates() -> (String, String, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap().signed_by(&key, &issuer).unwrap();
    (authority, certificate.pem(), key.serialize_pem())
}

#[test]
fn a_certificate_must_be_trusted() {
    let (authority, certificate, key) = certificates();
    let server = HttpServer::start_tls(&certificate, &key, |_| Reply::ok("over TLS"));
    assert_eq!(why(&trusting(), &server.address("/")), Trouble::Tls);
    let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: Some(authority) };
    let fetcher = Fetcher::new(rules).unwrap();
    assert_eq!(fetch(&fetcher, &server.address("/")).unwrap().1, b"over TLS");
    let plain = HttpServer::start(|_| Reply::ok("no TLS"));
    let address = plain.address("/").replace("http://", "https://");
    assert!(matches!(why(&fetcher, &address), Trouble::Tls | Trouble::Connection | Trouble::Answer));
    let broken = Rules { trusted_certificates: Some("not PEM".into()), ..Rules::default() };
    assert_eq!(Fetcher::new(broken).unwrap_err().trouble, Trouble::Certificates);
}

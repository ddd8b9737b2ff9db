//! A PostgreSQL on another machine is reached by TLS, and only when its certificate is one that this machine trusts.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use seloste_testkit::postgres::Server;

fn authority(file: &Path) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    std::fs::write(file, params.self_signed(&key).unwrap().pem()).unwrap();
    Issuer::new(params, key)
}

fn init(dir: &Path, name: &str, database: &str, trusted: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seloste"));
    command.args(["--data", name, "--database", database, "--lang", "en", "init", "--example", "--admin", "aino"]);
    command.current_dir(dir).env_clear().env("SSL_CERT_FILE", trusted).output().unwrap()
}

#[test]
fn a_server_elsewhere_is_believed_only_with_a_trusted_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, other, pem) = (dir.path().join("ours.pem"), dir.path().join("other.pem"), dir.path().join("server.pem"));
    let issuer = authority(&ours);
    authority(&other);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&pem, params.signed_by(&key, &issuer).unwrap().pem() + &key.serialize_pem()).unwrap();
    let server = Server::start_with_tls(&pem).unwrap();

    // `sslmode=require` makes the program treat the machine itself like any other.
    let remote = format!("{}?sslmode=require", server.url());
    let refused = init(dir.path(), "other", &remote, &other);
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(5) && why.contains("invalid peer certificate"), "{why}");
    assert!(!dir.path().join("other/master.key").exists());
    // The name is not the certificate's.
    let renamed = init(dir.path(), "renamed", &remote.replace("localhost", "127.0.0.1"), &ours);
    let why = String::from_utf8_lossy(&renamed.stderr);
    assert!(renamed.status.code() == Some(5) && why.contains("not valid for name"), "{why}");
    let made = init(dir.path(), "ours", &remote, &ours);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let mut client = postgres::Client::connect(server.url(), postgres::NoTls).unwrap();
    let registers: i64 = client.query_one("SELECT count(*) FROM register", &[]).unwrap().get(0);
    assert_eq!(registers, 1);
}

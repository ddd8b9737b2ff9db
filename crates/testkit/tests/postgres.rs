//! The throw-away PostgreSQL: empty databases, no TCP port, and nothing left behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use seloste_testkit::postgres::{Durability, Server, fresh_database};

fn socket_dir(url: &str) -> PathBuf {
    let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
    parameters.split('&').find_map(|parameter| parameter.strip_prefix("host=")).map(PathBuf::from).unwrap_or_default()
}

fn gone_within(path: &Path, limit: Duration) -> bool {
    let start = Instant::now();
    while path.exists() && start.elapsed() < limit {
        std::thread::sleep(Duration::from_millis(50));
    }
    !path.exists()
}

#[test]
fn databases_are_empty_and_their_own() {
    let (one, two) = (fresh_database(), fresh_database());
    assert_ne!(one, two);
    let mut client = postgres::Client::connect(&one, postgres::NoTls).unwrap();
    client.batch_execute("CREATE TABLE t (a int)").unwrap();
    let mut other = postgres::Client::connect(&two, postgres::NoTls).unwrap();
    let tables = other.query_one("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", &[]).unwrap();
    assert_eq!(tables.get::<_, i64>(0), 0);
}

#[test]
fn it_has_no_tcp_port_and_leaves_nothing() {
    let server = Server::start(Durability::On).unwrap();
    let mut client = postgres::Client::connect(server.url(), postgres::NoTls).unwrap();
    for (setting, expected) in [("listen_addresses", ""), ("fsync", "on"), ("full_page_writes", "on")] {
        let row = client.query_one(&format!("SHOW {setting}"), &[]).unwrap();
        assert_eq!(row.get::<_, String>(0), expected, "{setting}");
    }
    let dir = socket_dir(server.url());
    assert!(dir.exists());
    drop(server);
    assert!(!dir.exists());
}

#[test]
fn it_ends_with_an_owner_that_is_killed() {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_with-postgres"))
        .args(["sh", "-c", "echo $SELOSTE_TEST_POSTGRES; exec sleep 5"])
        .env_remove("SELOSTE_TEST_POSTGRES")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut url = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(owner.stdout.take().unwrap()), &mut url).unwrap();
    let dir = socket_dir(url.trim());
    assert!(dir.join("data").exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    assert!(gone_within(&dir, Duration::from_secs(20)), "{} is still there", dir.display());
}

#[test]
fn the_command_s_exit_code_is_passed_on() {
    let status = Command::new(env!("CARGO_BIN_EXE_with-postgres")).args(["sh", "-c", "exit 7"]).status().unwrap();
    assert_eq!(status.code(), Some(7));
}

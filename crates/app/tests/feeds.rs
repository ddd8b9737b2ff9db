//! The built program, feeds and saved mappings: what the command line does, and a program that is killed while it imports.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use seloste_testkit::http::{HttpServer, Reply};

fn program(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seloste"));
    command.args(arguments).args(["--lang", "en"]).current_dir(dir).env_clear().stdin(Stdio::null());
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    program(dir, arguments).output().unwrap()
}

fn good(dir: &Path, arguments: &[&str]) -> String {
    let output = run(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(dir: &Path, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_slice(&run(dir, &[arguments, &["--json"]].concat()).stdout).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn register() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    good(dir.path(), &["init", "--example", "--admin", "aino"]);
    dir
}

const MAPPING: &str = "[columns]\nNro = \"customer_number\"\nNimi = \"family\"\n";

#[test]
fn a_mapping_is_saved_shown_used_and_removed_by_name() {
    let dir = register();
    let dir = dir.path();
    std::fs::write(dir.join("m.toml"), MAPPING).unwrap();
    std::fs::write(dir.join("bad.toml"), "[columns]\nNro = \"custmer_number\"\n").unwrap();
    std::fs::write(dir.join("a.csv"), "Nimi;Nro\nÖhman;1\n").unwrap();
    fn mapping<'a>(verb: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
        let which = ["--source", "registration", "--noun", "people"];
        [&["import", "mapping", verb, "Web shop"], rest, &which].concat()
    }
    let bad = run(dir, &mapping("save", &["bad.toml"]));
    assert!(!bad.status.success() && text(&bad.stderr).contains("customer_number"), "{}", text(&bad.stderr));
    assert!(good(dir, &mapping("save", &["m.toml"])).contains("Web shop"));
    assert_eq!(good(dir, &mapping("show", &[])), MAPPING);
    assert_eq!(json(dir, &["import", "mapping", "list"])[0]["name"], "Web shop");
    let import = ["import", "people", "a.csv", "--source", "registration", "--company", "arjasmaa", "--mapping-name"];
    let unknown = run(dir, &[&import[..], &["Nothing"]].concat());
    assert_eq!(unknown.status.code(), Some(4), "{}", text(&unknown.stderr));
    assert!(good(dir, &[&import[..], &["WEB SHOP"]].concat()).contains("added 1"));
    assert!(good(dir, &mapping("rename", &["Shop"])).contains("Shop"));
    assert_eq!(run(dir, &mapping("remove", &[])).status.code(), Some(4), "the old name");
    let renamed = ["import", "mapping", "remove", "Shop", "--source", "registration", "--noun", "people"];
    good(dir, &renamed);
    assert_eq!(json(dir, &["import", "mapping", "list"]), serde_json::json!([]));
}

#[test]
fn feeds_are_kept_from_the_command_line() {
    let dir = register();
    let dir = dir.path();
    let folder = dir.join("feeds");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let add = [
        "feeds",
        "add",
        "Shop",
        "--place",
        "folder",
        "--address",
        folder,
        "--noun",
        "people",
        "--source",
        "registration",
        "--company",
        "arjasmaa",
        "--every",
        "60",
    ];
    let refused = run(dir, &add);
    assert_eq!(refused.status.code(), Some(4));
    assert!(text(&refused.stderr).contains("address:"), "no folder is allowed by itself: {}", text(&refused.stderr));
    for (wrong, why) in [
        (["--feed-folder", "/no/such/folder"], "--feed-folder"),
        (["--feed-ca", "seloste-data/log.vkey"], "--feed-ca"),
        (["--company-register", "http://register.example.com"], "--company-register"),
    ] {
        let said = run(dir, &[&["feeds", "run-due"][..], &wrong].concat());
        assert!(!said.status.success() && text(&said.stderr).contains(why), "{}", text(&said.stderr));
    }
    good(dir, &[&add[..], &["--feed-folder", folder]].concat());
    let id = json(dir, &["feeds", "list"])[0]["id"].as_str().unwrap().to_owned();
    std::fs::write(dir.join("feeds/a.csv"), "Asiakasnumero;Sukunimi;Sähköposti\n1;Öhman;\n2;X;ei-osoite\n").unwrap();
    let due = ["feeds", "run-due", "--feed-folder", folder];
    assert!(good(dir, &due).contains("Imported 1"));
    assert!(good(dir, &due).contains("Imported 0"), "its time has not come");
    let history = good(dir, &["feeds", "history", &id]);
    assert!(
        history.contains("a.csv") && history.contains("+1 ~0 =0 !1") && !history.contains("ei-osoite"),
        "{history}"
    );
    good(dir, &["feeds", "pause", &id]);
    assert!(good(dir, &["feeds", "run", &id]).contains("paused"));
    good(dir, &["feeds", "resume", &id, "--feed-folder", folder]);
    assert!(good(dir, &due).contains("nothing new 1"));
    good(dir, &["feeds", "remove", &id]);
    assert_eq!(json(dir, &["feeds", "list"]), serde_json::json!([]));
}

#[test]
fn a_secret_is_read_from_standard_input() {
    let dir = register();
    let dir = dir.path();
    let server = HttpServer::start(|_| Reply::ok("Asiakasnumero;Sukunimi\n1;Öhman\n"));
    let address = server.address("/a.csv");
    let add = [
        "feeds",
        "add",
        "Shop",
        "--place",
        "http",
        "--address",
        &address,
        "--noun",
        "people",
        "--source",
        "registration",
        "--secret",
        "--trusted-host",
        "127.0.0.1",
        "--company",
        "arjasmaa",
    ];
    let mut child = program(dir, &add).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Bearer S3cret\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert!(good(dir, &["feeds", "run-due", "--trusted-host", "127.0.0.1"]).contains("Imported 1"));
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer S3cret"));
    assert!(!json(dir, &["feeds", "list"]).to_string().contains("S3cret"));
}

/// People with nothing but a name: an import that was simply run again would add them once more.
#[test]
fn a_program_that_is_killed_while_it_imports_imports_once() {
    let dir = register();
    let dir = dir.path();
    std::fs::create_dir(dir.join("feeds")).unwrap();
    let folder = dir.join("feeds").to_str().unwrap().to_owned();
    let add = [
        "feeds",
        "add",
        "Shop",
        "--place",
        "folder",
        "--address",
        &folder,
        "--noun",
        "people",
        "--source",
        "registration",
        "--company",
        "arjasmaa",
        "--every",
        "60",
        "--feed-folder",
        &folder,
    ];
    good(dir, &add);
    let rows: String = (0..4_000).map(|n| format!("Suku{n};Etu\n")).collect();
    std::fs::write(dir.join("feeds/a.csv"), format!("Sukunimi;Etunimi\n{rows}")).unwrap();
    let due = ["feeds", "run-due", "--feed-folder", &folder];
    let mut killed = program(dir, &due).stdout(Stdio::null()).spawn().unwrap();
    let database = dir.join("seloste-data/seloste.db");
    let people = || -> i64 {
        let database = rusqlite::Connection::open(&database).unwrap();
        database.query_row("SELECT count(*) FROM party WHERE noun = 'person'", [], |row| row.get(0)).unwrap_or(0)
    };
    let began = Instant::now();
    while people() == 0 && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(people() > 0, "some of it was stored");
    let database = rusqlite::Connection::open(&database).unwrap();
    // Its lease is waited for a quarter of an hour; the test does not wait.
    database.execute("UPDATE feed SET next_at = 0", []).unwrap();
    assert!(good(dir, &due).contains("Imported 1"));
    assert_eq!(people(), 4_000);
    assert!(dir.join("feeds/done/a.csv").exists());
    let id = json(dir, &["feeds", "list"])[0]["id"].as_str().unwrap().to_owned();
    let runs = json(dir, &["feeds", "history", &id]);
    let states: Vec<_> = runs.as_array().unwrap().iter().map(|run| run["state"].clone()).collect();
    assert_eq!(states, ["imported", "failed"], "{runs}");
    assert_eq!(runs[1]["trouble"], "interrupted");
    good(dir, &["log", "verify"]);
}

//! The built program and e-mail: settings that can not be used, the outbox, a real mail server, and a program that is
//! killed while it sends.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use seloste_domain::id::MailId;
use seloste_domain::usage::Actor;
use seloste_ops::demo::{self, Size};
use seloste_ops::mail::{Confirmation, queue_order_confirmation};
use seloste_ops::order::{self, Filter};
use seloste_ops::{Env, Register, Settings};
use seloste_testkit::smtp::Peer;

fn program(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seloste"));
    command.args(arguments).args(["--lang", "en"]).current_dir(dir).env_clear().stdin(Stdio::null());
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    program(dir, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A small register of fictional people, with this many messages in the queue.
fn queued(dir: &Path, count: usize) -> Vec<MailId> {
    let (data, actor) = (dir.join("seloste-data"), Actor::Operator("tester".into()));
    let size = Size { people: 60, organisations: 10, orders: 120 };
    demo::make(Settings::new(&data, None), Env::system(), &actor, 5, size).unwrap().0.close();
    queue(dir, count)
}

fn queue(dir: &Path, count: usize) -> Vec<MailId> {
    let (data, actor) = (dir.join("seloste-data"), Actor::Operator("tester".into()));
    let register = Register::open(Settings::new(&data, None), Env::system()).unwrap();
    let orders = order::newest(&register, &actor, &Filter::default(), 120).unwrap();
    let queued = orders.iter().filter_map(|row| {
        let id = MailId(register.db().env().id());
        let what = Confirmation { id, order: row.order.id, seen: None, enclosures: Vec::new() };
        queue_order_confirmation(&register, &actor, &what).ok()
    });
    let queued: Vec<_> = queued.take(count).collect();
    assert_eq!(queued.len(), count);
    register.close();
    queued
}

#[test]
fn settings_that_can_not_be_used_say_why() {
    let dir = tempfile::tempdir().unwrap();
    assert!(run(dir.path(), &["init", "--example", "--admin", "aino"]).status.success());
    for (options, why) in [
        (vec!["--smtp", "smtps://a.example.com"], "--mail-from"),
        (vec!["--smtp", "ftp://a.example.com", "--mail-from", "a@example.com"], "starttls://"),
        (vec!["--smtp", "smtps://a:salainen@a.example.com", "--mail-from", "a@example.com"], "--smtp-password-file"),
        (vec!["--smtp", "smtps://a@a.example.com", "--mail-from", "a@example.com"], "password is missing"),
        (vec!["--smtp", "smtp://a.example.com", "--mail-from", "a@example.com"], "only for this machine"),
        (vec!["--smtp", "smtps://a.example.com", "--mail-from", "a"], "name@example.com"),
        (vec!["--smtp", "smtps://a.example.com", "--outbox", "a"], "can not be used with"),
    ] {
        for command in [vec!["mail", "send-due"], vec!["serve", "--listen", "127.0.0.1:0"]] {
            let said = run(dir.path(), &[command, options.clone()].concat());
            let err = text(&said.stderr);
            assert_eq!(said.status.code(), Some(2), "{options:?}: {err}");
            assert!(err.contains(why) || err.contains("cannot be used with"), "{options:?}: {err}");
            assert!(!err.contains("salainen"), "{err}");
        }
    }
}

#[test]
fn the_queue_is_sent_from_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let ids = queued(dir.path(), 3);
    let said = run(dir.path(), &["mail", "send-due"]);
    assert_eq!(text(&said.stdout), "Sent 3, waiting 0, failed 0\n", "{}", text(&said.stderr));
    let outbox = dir.path().join("seloste-data/outbox");
    assert_eq!(std::fs::read_dir(&outbox).unwrap().count(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&outbox), mode(&outbox.join(format!("{}.eml", ids[0])))), (0o700, 0o600));
    }

    let mut server = Peer { login: Some("aino:salainen"), ..Peer::default() }.start();
    let more = queue(dir.path(), 1);
    std::fs::write(dir.path().join("password"), "salainen\n").unwrap();
    let url = format!("smtp://aino@127.0.0.1:{}", server.port);
    let sending = ["mail", "send-due", "--smtp", &url, "--smtp-password-file", "password", "--mail-from"];
    let sending = [sending.as_slice(), &["Myynti <myynti@example.com>"]].concat();
    server.behave("rcpt-550");
    assert_eq!(text(&run(dir.path(), &sending).stdout), "Sent 0, waiting 0, failed 1\n");
    let list = run(dir.path(), &["mail", "list", "--state", "failed", "--json"]);
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!((list[0]["trouble"].as_str(), list[0]["reply"].as_str()), (Some("refused"), Some("550")));
    assert_eq!(list[0]["id"], more[0].to_string());
    server.behave("accept");
    assert!(run(dir.path(), &["mail", "retry", &more[0].to_string()]).status.success());
    assert_eq!(text(&run(dir.path(), &sending).stdout), "Sent 1, waiting 0, failed 0\n");
    assert_eq!(server.messages()[0]["author"], "Myynti <myynti@example.com>");
    let refused = run(dir.path(), &["mail", "cancel", &more[0].to_string()]);
    assert_eq!(refused.status.code(), Some(4));
}

#[test]
fn a_program_killed_while_it_sends_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let id = queued(dir.path(), 1)[0];
    let mut server = Peer::default().start();
    server.behave("hang");
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let sending = ["mail", "send-due", "--smtp", &url, "--mail-from", "myynti@example.com"];
    let mut killed = program(dir.path(), &sending).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _ = server.next("rcpt");
    killed.kill().unwrap();
    killed.wait().unwrap();
    server.behave("accept");
    // Another program waits until the lease of the one that was killed has run out.
    assert_eq!(text(&run(dir.path(), &sending).stdout), "Sent 0, waiting 0, failed 0\n");
    let database = rusqlite::Connection::open(dir.path().join("seloste-data/seloste.db")).unwrap();
    let left: String = database.query_row("SELECT state FROM mail", [], |row| row.get(0)).unwrap();
    assert_eq!(left, "sending");
    database.execute("UPDATE mail SET next_at = 0", []).unwrap();
    drop(database);
    assert_eq!(text(&run(dir.path(), &sending).stdout), "Sent 1, waiting 0, failed 0\n");
    assert_eq!(server.messages()[0]["id"], format!("<{id}@example.com>"));
    let sound = run(dir.path(), &["log", "verify"]);
    assert!(sound.status.success(), "{}", text(&sound.stdout));
}

#[test]
fn a_server_sends_what_waits_and_stops_when_told() {
    let dir = tempfile::tempdir().unwrap();
    queued(dir.path(), 2);
    let server = Peer::default().start();
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let serving = ["serve", "--listen", "127.0.0.1:0", "--smtp", &url, "--mail-from", "myynti@example.com"];
    let mut program = program(dir.path(), &serving).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let sent = [server.next("message"), server.next("message")];
    assert_ne!(sent[0]["id"], sent[1]["id"]);
    assert!(Command::new("kill").arg(program.id().to_string()).status().unwrap().success());
    assert_eq!(program.wait().unwrap().code(), Some(0));
    let list = run(dir.path(), &["mail", "list", "--state", "sent", "--json"]);
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2, "what was being sent is marked before the program ends");
}

//! The built program as a server: the demo is made, its printed login works, it stops when told and is the same again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server.
struct Server {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Server {
    fn start(dir: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seloste"));
        command.args(arguments).args(["--listen", "127.0.0.1:0", "--lang", "en"]).current_dir(dir).env_clear();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The passwords by login, and the address.
    fn told(&mut self) -> (HashMap<String, String>, String) {
        let mut passwords = HashMap::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            if let Some(rest) = line.strip_prefix("Seloste is at ") {
                return (passwords, rest.split(' ').next().unwrap().to_owned());
            }
            let words: Vec<_> = line.split_whitespace().collect();
            if line.starts_with("  ") && words.len() > 2 {
                passwords.insert(words[0].to_owned(), words[1].to_owned());
            }
        }
        (passwords, String::new())
    }

    /// Stops it as an operator does; its exit code.
    fn stop(&mut self) -> Option<i32> {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn get(agent: &ureq::Agent, url: &str) -> (u16, String) {
    let mut answer = agent.get(url).call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

fn sign_in(agent: &ureq::Agent, address: &str, login: &str, password: &str) -> (u16, String) {
    let form = [("login", login), ("password", password), ("next", "")];
    let mut answer = agent.post(format!("{address}/sign-in")).send_form(form).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

#[test]
fn the_demo_serves_its_customers_to_the_login_that_it_prints() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path(), &["demo"]);
    let (passwords, address) = server.told();
    assert_eq!(passwords.len(), 5, "{passwords:?}");
    // The limit of memory rests on it (docs/operating.md): the process that serves is the one that was started.
    let environment = std::fs::read(format!("/proc/{}/environ", server.child.id())).unwrap();
    assert!(environment.split(|byte| *byte == 0).any(|pair| pair == b"MALLOC_ARENA_MAX=1"));

    let nobody = agent();
    assert!(get(&nobody, &format!("{address}/sign-in")).1.contains("name=\"password\""));
    assert!(!get(&nobody, &format!("{address}/people")).1.contains("100001"), "customers without signing in");
    assert_eq!(get(&nobody, &format!("{address}/notice")).0, 200);

    let staff = agent();
    let wrong = sign_in(&staff, &address, "aino", "wc9w-bmaz-fapk-nmyb");
    assert!(wrong.1.contains("name=\"password\""), "signed in with another password");
    assert_eq!(sign_in(&staff, &address, "aino", &passwords["aino"]).0, 200);
    let (status, people) = get(&staff, &format!("{address}/people"));
    assert_eq!(status, 200);
    assert!(people.matches("href=\"/people/").count() > 20, "{people}");
    assert!(get(&staff, &format!("{address}/search?q=virtanen")).1.contains("Virtanen"));

    assert_eq!(server.stop(), Some(0));
    let mut again = Server::start(dir.path(), &["demo"]);
    let (same, address) = again.told();
    assert_eq!(same, passwords);
    assert_eq!(sign_in(&agent(), &address, "lauri", &passwords["lauri"]).0, 200);
    assert_eq!(again.stop(), Some(0));
}

#[test]
fn the_first_account_is_set_up_by_the_link() {
    let dir = tempfile::tempdir().unwrap();
    let mut init = Command::new(env!("CARGO_BIN_EXE_seloste"));
    let init = init.args(["init", "--example", "--json"]).current_dir(dir.path()).env_clear().output().unwrap();
    let made: serde_json::Value = serde_json::from_slice(&init.stdout).unwrap();
    let token = made["link"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
    let mut server = Server::start(dir.path(), &["serve"]);
    let (_, address) = server.told();
    let admin = agent();
    assert_eq!(get(&admin, &format!("{address}/set-up")).0, 200);
    let form = [("token", token.as_str()), ("password", "syksyn kuudes lumisade")];
    let answer = admin.post(format!("{address}/set-up")).send_form(form).unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(get(&admin, &format!("{address}/users")).0, 200);
    let used = agent().post(format!("{address}/set-up")).send_form(form).unwrap();
    assert!(used.headers().get("set-cookie").is_none(), "the link worked twice");
    assert_eq!(sign_in(&agent(), &address, "admin", "syksyn kuudes lumisade").0, 200);
    assert_eq!(server.stop(), Some(0));
}

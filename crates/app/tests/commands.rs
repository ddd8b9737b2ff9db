//! The built program on a directory of its own: what a person at the command line meets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use seloste_domain::usage::Actor;
use seloste_ops::demo::{self, Size};
use seloste_ops::{Env, Register, Settings, user};

const EXAMPLE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

/// A directory with the program in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with_register() -> Self {
        let place = Self::new();
        assert_eq!(place.run("init --example --admin aino").code, 0);
        place
    }

    /// With a small register of fictional people.
    fn with_people() -> Self {
        let place = Self::new();
        let settings = Settings::new(&place.path("seloste-data"), None);
        let size = Size { people: 60, organisations: 10, orders: 120 };
        demo::make(settings, Env::system(), &Actor::Operator("tester".into()), 5, size).unwrap().0.close();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn sql(&self, statement: &str) {
        let database = rusqlite::Connection::open(self.path("seloste-data/seloste.db")).unwrap();
        database.execute_batch(statement).unwrap();
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn run(&self, arguments: &str) -> Said {
        self.run_with(arguments, "")
    }

    fn run_with(&self, arguments: &str, input: &str) -> Said {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        Said {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seloste"));
        command.args(arguments.split(' ')).current_dir(self.0.path()).env_clear();
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

#[test]
fn a_register_is_made_once_with_a_key_for_its_owner_and_a_link() {
    let place = Place::new();
    let without = place.run("user list");
    assert_eq!((without.code, without.out.as_str()), (3, ""));
    assert!(without.err.contains("seloste init"), "{}", without.err);
    assert_eq!(place.run("init").code, 2, "a notice is needed");
    let made = place.run("init --example --admin aino --base-url https://rekisteri.example.com/ --json");
    assert_eq!(made.code, 0, "{}", made.err);
    let link = made.json()["link"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://rekisteri.example.com/set-up#"), "{link}");
    #[cfg(unix)]
    for file in ["master.key", "seloste.db"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(place.path("seloste-data").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let users = place.run("user list --json").json();
    assert_eq!(users[0]["login"], "aino");
    assert_eq!(users[0]["state"], "invited");
    assert_eq!(users[0]["roles"].as_array().unwrap().len(), 3);
    let again = place.run("init --example");
    assert_eq!(again.code, 3);
    assert!(again.err.contains("ennalleen"), "{}", again.err);
    assert_eq!(place.run("user list --json").json(), users);
}

#[test]
fn a_register_is_not_made_with_a_faulty_notice() {
    let place = Place::new();
    place.write("bad.toml", &EXAMPLE.replace("[controller]\ncompany = \"arjasmaa\"", "[controller]\ncompany = \"x\""));
    let said = place.run("init --notice bad.toml");
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("bad.toml:"), "{}", said.err);
    assert!(!place.path("seloste-data").exists());
}

#[test]
fn a_notice_with_a_typo_is_told_by_line_with_a_suggestion() {
    let place = Place::new();
    place.write("good.toml", EXAMPLE);
    assert_eq!(place.run("notice check good.toml").code, 0);
    assert_eq!(place.run("notice check good.toml --json").json()["complete"], true);

    let typo = EXAMPLE.replacen("retention = \"10 years", "retentoin = \"10 years", 1);
    let line = 1 + typo.lines().position(|line| line.starts_with("retentoin")).unwrap();
    place.write("typo.toml", &typo);
    let said = place.run("notice check typo.toml");
    assert_eq!(said.code, 1);
    assert!(said.out.contains(&format!("typo.toml:{line}:1: virhe:")), "{}", said.out);
    assert!(said.out.contains("`retention`"), "{}", said.out);
    let said = place.run("notice check typo.toml --json --lang en");
    assert_eq!(said.code, 1);
    let problems = said.json()["problems"].clone();
    let misspelled = problems.as_array().unwrap().iter().find(|p| p["line"] == line).unwrap();
    assert_eq!(misspelled["severity"], "error");
    assert!(misspelled["mend"].as_str().unwrap().contains("`retention`"));

    let absent = place.run("notice check absent.toml");
    assert_eq!(absent.code, 5);
    assert!(absent.err.contains("absent.toml"), "{}", absent.err);
    std::fs::write(place.path("latin.toml"), b"name = \"\xe4\"").unwrap();
    assert_eq!(place.run("notice check latin.toml").code, 2);
}

#[test]
fn a_notice_is_rendered_in_each_language_and_form() {
    let place = Place::new();
    place.write("notice.toml", EXAMPLE);
    for (language, title) in [("fi", "TIETOSUOJASELOSTE"), ("sv", "DATASKYDDSBESKRIVNING"), ("en", "PRIVACY NOTICE")] {
        let text = place.run(&format!("notice render notice.toml --lang {language}"));
        assert!(text.out.to_uppercase().contains(title), "{language}: {}", text.out);
        let page = place.run(&format!("notice render notice.toml --lang {language} --format html"));
        assert!(page.out.starts_with("<!doctype html>\n<html lang=\"") && page.out.contains(language));
    }
    assert_eq!(place.run("notice render notice.toml --lang no").code, 2);
}

#[test]
fn publishing_needs_a_person_with_the_right() {
    let place = Place::with_register();
    place.write("next.toml", &EXAMPLE.replacen("version = 1", "version = 2", 1).replacen("3 years", "2 years", 1));
    let diff = place.run("notice diff next.toml --json").json();
    assert_eq!(diff["publishable"], true);
    assert!(!diff["changes"].as_array().unwrap().is_empty());
    // Nobody has set a password yet.
    let link = place.run("user link aino --json").json()["link"].as_str().unwrap().to_owned();
    let refused = place.run_with("notice publish next.toml --user aino", "whatever it is\n");
    assert_eq!(refused.code, 4, "{}", refused.err);
    assert_eq!(place.run("notice versions --json").json().as_array().unwrap().len(), 1);
    assert!(place.run("log show").out.contains("session.sign_in"));

    let register = Register::open(Settings::new(&place.path("seloste-data"), None), Env::system()).unwrap();
    let token = link.split_once('#').unwrap().1;
    user::set_up(&register, token, "syksyn kuudes lumisade").unwrap();
    register.close();
    let published = place.run_with("notice publish next.toml --user aino --json", "syksyn kuudes lumisade\n");
    assert_eq!(published.code, 0, "{}", published.err);
    assert_eq!(published.json()["version"], 2);
    let versions = place.run("notice versions --json").json();
    assert!(versions[0]["published_by"].as_str().unwrap().starts_with("user:"), "{versions}");
    let again = place.run_with("notice publish next.toml --user aino", "syksyn kuudes lumisade\n");
    assert_eq!(again.code, 4, "the same number again");
    place.run("user end-role aino data_protection");
    place.write("third.toml", &EXAMPLE.replacen("version = 1", "version = 3", 1));
    let no_right = place.run_with("notice publish third.toml --user aino --lang en", "syksyn kuudes lumisade\n");
    assert_eq!((no_right.code, no_right.err.contains("no right")), (4, true), "{}", no_right.err);
}

#[test]
fn people_and_orders_are_found_and_shown_and_the_log_tells_it() {
    let place = Place::with_people();
    let people = place.run("person list --limit 500 --json").json();
    // One of the sixty was added twice.
    assert_eq!(people.as_array().unwrap().len(), 62);
    let shown = place.run("person show --number 100001 --json").json();
    let id = shown["person"]["id"].as_str().unwrap().to_owned();
    let name = shown["name"].as_str().unwrap().to_owned();
    let card = place.run(&format!("person show {id}"));
    assert!(card.out.starts_with(&name) && card.out.contains("example.com"), "{}", card.out);
    let found = place.run(&format!("search {name} --json")).json();
    let found = found["found"].as_array().unwrap();
    assert!(found.iter().any(|found| found["person"]["id"] == id.as_str()), "{found:?}");
    let order = place.run("order show --number 10001 --json").json();
    assert!(order[0]["order"]["totals"]["gross"].as_i64().unwrap() > 0, "{order}");
    assert!(place.run("order show --number 10001").out.contains("10001"));
    let listed = place.run("order list --archived --limit 500 --json").json();
    assert_eq!(listed.as_array().unwrap().len(), 120);
    let log = place.run(&format!("log show --subject {id} --json")).json();
    let actions: Vec<_> = log.as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    for action in ["person.create", "person.list", "person.show", "person.search"] {
        assert!(actions.contains(&action), "{action} is not in {actions:?}");
    }
    assert_eq!(place.run("person show --number 999").code, 4);
    assert_eq!(place.run("order show --number 999").code, 4);
    assert_eq!(place.run("person show").code, 2);
}

#[test]
fn an_import_is_tried_done_repeated_and_undone() {
    let place = Place::with_register();
    let rows = "Asiakasnumero;Etunimi;Sukunimi;Sähköposti;Hyllypaikka\n\
                501;Pirkko;Esimerkki;pirkko@example.com;A1\n\
                502;Åke;Öhman;ei-osoite;A2\n\
                503;Siiri;Määttä;siiri@example.com;A3\n";
    std::fs::write(place.path("asiakkaat.csv"), windows_1252(rows)).unwrap();
    let import = "import people asiakkaat.csv --source earlier_register --company arjasmaa --encoding windows-1252";
    let undecided = place.run(&format!("{import} --lang en"));
    assert_eq!(undecided.code, 4, "{}{}", undecided.out, undecided.err);
    assert!(undecided.err.contains("column “Hyllypaikka” is undecided"), "{}", undecided.err);

    let import = format!("{import} --drop Hyllypaikka");
    let tried = place.run(&format!("{import} --dry-run --json"));
    assert_eq!((tried.code, &tried.json()["counts"]["created"]), (1, &2.into()), "{}{}", tried.out, tried.err);
    assert_eq!(place.run("person list --json").json().as_array().unwrap().len(), 0);

    let done = place.run(&format!("{import} --lang en"));
    assert_eq!(done.code, 1, "a row was refused: {}{}", done.out, done.err);
    assert!(done.out.contains("added 2") && done.out.contains("Row 3, column Sähköposti"), "{}", done.out);
    let errors = std::fs::read_to_string(place.path("asiakkaat-errors-2.csv"));
    let errors = errors.or_else(|_| std::fs::read_to_string(place.path("asiakkaat-errors.csv"))).unwrap();
    assert!(errors.contains("Öhman"), "{errors}");
    assert!(place.run("search maatta").out.contains("Siiri Määttä"));

    let again = place.run(&format!("{import} --json")).json();
    assert_eq!((&again["counts"]["created"], &again["counts"]["unchanged"]), (&0.into(), &2.into()), "{again}");
    let imports = place.run("import list --json").json();
    let first = imports.as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    let undone = place.run(&format!("import undo {first} --json"));
    assert_eq!((undone.code, &undone.json()["erased"]), (0, &2.into()), "{}{}", undone.out, undone.err);
    assert_eq!(place.run("person list --json").json().as_array().unwrap().len(), 0);
    assert_eq!(place.run("log verify").code, 0);
}

/// Windows-1252, which is Latin-1 for these letters.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[test]
fn northwind_is_imported_by_the_documented_commands() {
    let shared = std::env::var_os("SELOSTE_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let data = shared.join("data/northwind");
    if !data.exists() {
        println!("skipped: {} is not there", data.display());
        return;
    }
    let place = Place::with_register();
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/northwind");
    let (data, mappings) = (data.display(), mappings.display());
    let customers = place.run(&format!(
        "import organisations {data}/customers.csv --source earlier_register --mapping {mappings}/customers.toml"
    ));
    assert_eq!(customers.code, 0, "{}{}", customers.out, customers.err);
    let orders = place.run(&format!(
        "import orders {data}/orders.csv --lines {data}/order_details.csv --source earlier_register \
         --mapping {mappings}/orders.toml --json"
    ));
    assert_eq!(orders.code, 0, "{}{}", orders.out, orders.err);
    assert_eq!(orders.json()["counts"]["created"], 830);
    let found = place.run("search koskitalo oulu --json").json();
    assert_eq!(found["found"][0]["name"], "Pirkko Koskitalo");
    let id = found["found"][0]["person"]["id"].as_str().unwrap();
    assert_eq!(place.run(&format!("person show {id} --json")).json()["orders"], 15);
}

/// The commands of a part of the documentation, without their remarks.
fn documented(document: &str, command: &str) -> Vec<String> {
    let lines = document.lines().filter_map(|line| line.strip_prefix("seloste "));
    let commands = lines.filter(|line| line.starts_with(command));
    commands.map(|line| line.split('#').next().unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn claims_are_reminded_of_and_handed_over_by_the_documented_commands() {
    let place = Place::new();
    let settings = Settings::new(&place.path("seloste-data"), None);
    let size = Size { people: 300, organisations: 40, orders: 1_500 };
    demo::make(settings, Env::system(), &Actor::Operator("tester".into()), 5, size).unwrap().0.close();
    let due = place.run("reminder due --limit 500 --json").json();
    let rows = due["invoices"].as_array().unwrap();
    let with = |remind: bool, hand_over: bool| {
        let found = rows.iter().find(|row| row["may_remind"] == remind && row["may_hand_over"] == hand_over);
        found.unwrap_or_else(|| panic!("{due}"))["invoice"].as_str().unwrap().to_owned()
    };
    let (invoice, claim) = (with(true, false), with(true, true));
    let partners = place.run("partner list --json").json();
    let partner = partners.as_array().unwrap().iter().find(|p| p["under"] == "recipient:collection_agency").unwrap();
    let partner = partner["id"].as_str().unwrap().to_owned();
    let before = place.run("collection list --json").json().as_array().unwrap().len();

    let document = include_str!("../../../docs/collection.md");
    let commands: Vec<String> = ["reminder", "collection"].iter().flat_map(|noun| documented(document, noun)).collect();
    assert_eq!(commands.len(), 4, "{commands:?}");
    for command in &commands {
        let command = command.replace("INVOICE", &invoice).replace("CLAIM", &claim).replace("PARTNER", &partner);
        let command: Vec<&str> = command.split_whitespace().collect();
        let said = place.run(&command.join(" "));
        assert_eq!(said.code, 0, "{command:?}: {}{}", said.out, said.err);
    }
    assert!(std::fs::read(place.path("kirje.pdf")).unwrap().starts_with(b"%PDF-1.7"));
    let file = std::fs::read_to_string(place.path("perinta.csv")).unwrap();
    assert!(file.lines().count() == 2 && !file.contains("@example.com"), "{file}");
    let cases = place.run("collection list --json").json();
    assert_eq!(cases.as_array().unwrap().len(), before + 1);
    assert!(place.run("collection list --open").out.contains("handed_over"));
    // Nothing is done twice, and a file is not written over.
    let again = format!("collection hand-over {claim} --partner {partner} --out toinen.csv --lang en");
    let again = place.run(&again);
    assert_eq!((again.code, place.path("toinen.csv").exists()), (4, false), "{}", again.err);
    let over = format!("reminder send {invoice} --channel letter --out kirje.pdf");
    assert_ne!(place.run(&over).code, 0);
    assert_ne!(place.run(&format!("reminder send {claim} --channel letter")).code, 0, "a letter needs its file");
    assert_eq!(place.run("log verify").code, 0);
}

#[test]
fn a_changed_row_of_the_log_is_found() {
    let place = Place::with_register();
    place.sql("UPDATE log_block SET events = replace(events, 'operator:', 'operatoR:') WHERE first_seq = 1");
    let said = place.run("log verify --lang en");
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(said.out.contains("events 1-1 are not those that were signed"), "{}", said.out);
    assert_eq!(place.run("doctor --listen 127.0.0.1:0").code, 1);
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let place = Place::with_register();
    place.sql("UPDATE schema_version SET version = 999 WHERE version = (SELECT max(version) FROM schema_version)");
    let before = bytes_of(&place.path("seloste-data"));
    let said = place.run("user list --lang en");
    assert_eq!(said.code, 3);
    assert!(said.err.contains("999"), "{}", said.err);
    assert_eq!(bytes_of(&place.path("seloste-data")), before);
}

#[test]
fn a_restored_backup_opens_only_when_it_is_accepted() {
    let place = Place::with_register();
    place.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    let database = place.path("seloste-data/seloste.db");
    let backup = std::fs::read(&database).unwrap();
    assert_eq!(place.run("user invite liisa --name Liisa").code, 0);
    for name in ["seloste-data/seloste.db-wal", "seloste-data/seloste.db-shm"] {
        let _ = std::fs::remove_file(place.path(name));
    }
    std::fs::write(&database, backup).unwrap();
    let said = place.run("user list");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("accept-restore"), "{}", said.err);
    assert_eq!(place.run("log accept-restore").code, 0);
    assert_eq!(place.run("user list").code, 0);
    assert!(place.run("log show").out.contains("log.accept_restore"));
    assert_eq!(place.run("log verify").code, 0);
}

#[test]
fn roles_are_given_and_ended_and_the_last_administrator_stays() {
    let place = Place::with_register();
    let invited = place.run("user invite liisa --name Liisa --role reader@palvelut --json");
    assert!(invited.json()["link"].as_str().unwrap().contains("/set-up#"), "{}", invited.err);
    let assigned = place.run("user assign liisa finance --until 2999-12-31 --json").json();
    assert_eq!(assigned[0]["roles"].as_array().unwrap().len(), 2);
    let ended = place.run("user end-role liisa reader@palvelut --json").json();
    assert_eq!(ended[0]["roles"][0]["role"], "finance");
    assert_eq!(ended[0]["roles"].as_array().unwrap().len(), 1);
    assert_eq!(place.run("user end-role liisa reader@palvelut").code, 4);
    assert_eq!(place.run("user disable liisa --json").json()[0]["state"], "disabled");
    assert_eq!(place.run("user disable aino").code, 4);
    assert_eq!(place.run("user invite x --name X --role king").code, 2);
    let wrong = place.run("user invite x --name X --role reader@nowhere --lang en");
    assert_eq!(wrong.code, 4);
    assert!(wrong.err.contains("Choose a company whose data you may use."), "{}", wrong.err);
}

#[test]
fn the_log_is_verified_kept_shown_and_exported() {
    let place = Place::with_register();
    let note = place.run("log checkpoint").out;
    assert_eq!(note.lines().count(), 5, "{note}");
    place.write("kept", &note);
    assert_eq!(place.run("user invite liisa --name Liisa").code, 0);
    let sound = place.run("log verify --against kept --json");
    assert_eq!(sound.code, 0, "{}", sound.out);
    assert_eq!(sound.json()["sound"], true);
    let shown = place.run("log show --limit 2 --json").json();
    assert_eq!(shown.as_array().unwrap().len(), 2);
    assert_eq!(shown[0]["actor"].as_str().unwrap().split(':').next(), Some("operator"));

    let exported = place.run("log export log.jsonl --json").json()["lines"].as_u64().unwrap();
    let lines = std::fs::read_to_string(place.path("log.jsonl")).unwrap();
    assert_eq!(lines.lines().count() as u64, exported);
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["first_seq"], 0);
    assert_eq!(place.run("log export log.jsonl").code, 5, "an export does not write over a file");

    place.write("kept", &note.replacen("\n1\n", "\n9\n", 1).replacen("\n2\n", "\n9\n", 1));
    let unsound = place.run("log verify --against kept --lang en");
    assert_eq!(unsound.code, 1, "{}", unsound.out);
    assert!(unsound.out.contains("checkpoint 1 is not one of this register's"), "{}", unsound.out);
}

#[test]
fn the_wrong_key_and_no_key_are_told_and_nothing_is_written() {
    let place = Place::with_register();
    let other = Place::with_register();
    let key = place.path("seloste-data/master.key");
    let before = bytes_of(&place.path("seloste-data"));
    let right = std::fs::read(&key).unwrap();
    std::fs::copy(other.path("seloste-data/master.key"), &key).unwrap();
    let said = place.run("user list");
    assert_eq!(said.code, 3);
    assert!(said.err.contains("ei ole tämän rekisterin avain"), "{}", said.err);
    std::fs::remove_file(&key).unwrap();
    let said = place.run("user list --lang sv");
    assert_eq!(said.code, 3);
    assert!(said.err.contains("saknas"), "{}", said.err);
    assert_eq!(place.run("doctor").code, 1);
    std::fs::write(&key, right).unwrap();
    assert_eq!(bytes_of(&place.path("seloste-data")), before);
    assert_eq!(place.run("user list").code, 0);
}

/// The database file and the kept checkpoints.
fn bytes_of(data: &Path) -> Vec<Vec<u8>> {
    ["seloste.db", "checkpoints"].iter().map(|name| std::fs::read(data.join(name)).unwrap()).collect()
}

#[test]
fn answers_are_json_when_asked() {
    let place = Place::with_register();
    for command in [
        "search pirkko",
        "person list",
        "order list",
        "order archive",
        "user list",
        "log verify",
        "log checkpoint",
        "log show",
        "notice versions",
        "kinds left-over",
        "doctor --listen 127.0.0.1:0",
    ] {
        let said = place.run(&format!("{command} --json"));
        assert_eq!(said.code, 0, "{command}: {}{}", said.out, said.err);
        said.json();
    }
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    let place = Place::new();
    let mut child = place.command("--help").spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().code().is_some());
    place.write("notice.toml", EXAMPLE);
    let mut child = place.command("notice render notice.toml").spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

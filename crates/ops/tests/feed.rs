//! Feeds on both databases: from a folder, from a real HTTP server and from the company register, read once whatever
//! happens, and never for a source that the notice does not declare.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use seloste_domain::feed::{FeedDraft, FeedState, RunState, Trouble};
use seloste_domain::id::{FeedId, ImportId};
use seloste_domain::import::{MappingDraft, Noun};
use seloste_domain::list::ListOf;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_fetch::{Fetcher, Rules};
use seloste_ops::feed::{self, Feed, FeedRun, Feeding, Tally};
use seloste_ops::list::List;
use seloste_ops::person;
use seloste_ops::{OpsError, Register, import, mapping, notice};
use seloste_store::feed as store;
use seloste_testkit::http::{HttpServer, Reply};
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database};

const FILE: &str = "Asiakasnumero;Etunimi;Sukunimi;Sähköposti\n\
    501;Pirkko;Esimerkki;pirkko@example.com\n502;Åke;Öhman;ei-osoite\n503;Siiri;Määttä;siiri@example.com\n";
const IMPORTED: Tally = Tally { imported: 1, unchanged: 0, failed: 0 };
const UNCHANGED: Tally = Tally { imported: 0, unchanged: 1, failed: 0 };
const FAILED: Tally = Tally { imported: 0, unchanged: 0, failed: 1 };

fn operator() -> Actor {
    TestRegister::operator()
}

fn feeding(folder: &Path) -> Feeding {
    let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None };
    Feeding {
        folders: vec![folder.to_owned()],
        fetcher: Fetcher::new(rules).unwrap(),
        settle: Duration::from_millis(30),
        timeout: Duration::from_secs(5),
        pace: Duration::ZERO,
        ..Feeding::default()
    }
}

fn draft(place: &str, address: impl Into<String>) -> FeedDraft {
    FeedDraft {
        name: format!("Syöte {place}"),
        place: place.into(),
        address: address.into(),
        noun: "people".into(),
        source: "registration".into(),
        company: "arjasmaa".into(),
        every: "60".into(),
        ..FeedDraft::default()
    }
}

fn read(test: &TestRegister, feeding: &Feeding) -> Tally {
    feed::run_due(test, &Actor::Program("feeds"), feeding).unwrap()
}

/// The next reading, when its time has come.
fn read_later(test: &TestRegister, feeding: &Feeding) -> Tally {
    test.clock().advance(SignedDuration::from_hours(25));
    read(test, feeding)
}

fn people(register: &Register) -> usize {
    person::list(register, &operator(), &List::first(ListOf::People, 100)).unwrap().rows.len()
}

fn state(register: &Register, id: FeedId) -> Feed {
    feed::get(register, &operator(), id).unwrap()
}

fn runs(register: &Register, id: FeedId) -> Vec<FeedRun> {
    feed::runs(register, &operator(), id).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn put(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn a_folder(place: TestPlace) {
    let test = TestRegister::create(place);
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let folder = dir.path().join("verkkokauppa");
    std::fs::create_dir(&folder).unwrap();
    let id = feed::create(&test, &operator(), &feeding, &draft("folder", folder.to_str().unwrap())).unwrap();
    assert_eq!(read(&test, &feeding), UNCHANGED, "an empty folder");
    assert_eq!(read(&test, &feeding), Tally::default(), "its time has not come");

    put(&folder, "asiakkaat.csv", FILE);
    put(&folder, "asiakkaat.csv.part", FILE);
    put(&folder, ".hidden.csv", FILE);
    std::fs::create_dir(folder.join("vanhat")).unwrap();
    assert_eq!(read_later(&test, &feeding), IMPORTED);
    assert_eq!(people(&test), 2);
    assert_eq!(names(&folder), [".hidden.csv", "asiakkaat.csv.part", "done", "vanhat"]);
    assert_eq!(names(&folder.join("done")), ["asiakkaat.csv"]);
    let run = &runs(&test, id)[0];
    assert_eq!((run.state, run.counts), (RunState::Imported, [3, 2, 0, 0, 1]));
    assert_eq!(run.file_name.as_deref(), Some("asiakkaat.csv"));
    assert_eq!((run.problems.len(), run.problems[0].row), (1, Some(3)));
    assert!(!format!("{:?}", run.problems).contains("ei-osoite"), "no value of the file");
    let errors = feed::errors(&test, &operator(), id, run.id).unwrap();
    assert!(std::fs::read_to_string(errors).unwrap().contains("ei-osoite"));
    // Whoever keeps settings and sees no customers does not see the file of refused rows.
    let administrator = test.actor(Role::Administrator);
    assert_eq!(feed::runs(&test, &administrator, id).unwrap().len(), 1);
    assert!(feed::errors(&test, &administrator, id, run.id).is_err());
    let staged = test.place().data().join("feeds").join(id.to_string()).join(run.id.to_string());
    assert_eq!(names(&staged), ["errors.csv"], "the copy of the file is gone");

    // The same content again changes nothing, under whatever name.
    put(&folder, "toinen.csv", FILE);
    put(&folder, "asiakkaat.csv", FILE);
    assert_eq!(read_later(&test, &feeding), UNCHANGED);
    assert_eq!((people(&test), runs(&test, id).len()), (2, 1));
    assert_eq!(names(&folder.join("done")), ["asiakkaat-2.csv", "asiakkaat.csv", "toinen.csv"]);
    // It is an import like any other, and can be undone.
    import::undo(&test, &operator(), runs(&test, id)[0].import.unwrap()).unwrap();
    assert_eq!(people(&test), 0);
}

#[test]
fn the_files_of_a_folder_are_read_once() {
    each_database(a_folder);
}

fn bad_files(place: TestPlace) {
    let test = TestRegister::create(place);
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let folder = dir.path().to_str().unwrap().to_owned();
    let id = feed::create(&test, &operator(), &feeding, &draft("folder", folder)).unwrap();
    put(dir.path(), "lasku.csv", "%PDF-1.7\n\u{0}\u{1}");
    put(dir.path(), "outo.csv", "Hyllypaikka;Varasto\nA1;3\n");
    put(dir.path(), "hyva.csv", FILE);
    assert_eq!(read(&test, &feeding), FAILED, "what failed is told, though something came");
    assert_eq!(people(&test), 2, "a bad file keeps no good one from being read");
    assert_eq!(names(&dir.path().join("failed")), ["lasku.csv", "outo.csv"]);
    let feed = state(&test, id);
    assert!(feed.is_in_trouble() && feed.failures == 1, "{feed:?}");
    let told: Vec<_> = runs(&test, id).into_iter().filter_map(|run| run.trouble).collect();
    assert!(told.contains(&Trouble::NotATable) && told.contains(&Trouble::Columns), "{told:?}");
    let columns = runs(&test, id).into_iter().find(|run| run.trouble == Some(Trouble::Columns)).unwrap();
    assert!(columns.problems.iter().any(|p| p.code == "mapping-undecided" && p.args[0].1 == "Hyllypaikka"));
    // Nothing new: somebody should still look at it, and the pause does not grow.
    assert_eq!(read_later(&test, &feeding), UNCHANGED);
    assert!(state(&test, id).is_in_trouble());
    assert_eq!(state(&test, id).failures, 0);
    assert_eq!(feed::in_trouble(&test, &test.actor(Role::Office)).unwrap(), 1);
    // It was looked at.
    feed::resume(&test, &operator(), &feeding, id).unwrap();
    assert!(!state(&test, id).is_in_trouble());
    // With a mapping that knows the columns the same file is read, after the feed was changed.
    let definition = "[columns]\nHyllypaikka = \"family\"\nVarasto = \"external_id\"".to_owned();
    let saved = MappingDraft { name: "Varasto".into(), definition };
    let source = "registration".parse().unwrap();
    let saved = mapping::create(&test, &operator(), &source, Noun::People, &saved).unwrap();
    let with = FeedDraft { mapping: saved.to_string(), ..state(&test, id).draft() };
    feed::change(&test, &operator(), &feeding, (id, 1), &with).unwrap();
    assert!(matches!(mapping::remove(&test, &operator(), saved), Err(OpsError::Store(_))), "a feed reads by it");
    std::fs::rename(dir.path().join("failed/outo.csv"), dir.path().join("outo.csv")).unwrap();
    assert_eq!(read_later(&test, &feeding), IMPORTED);
    assert_eq!(people(&test), 3);
}

#[test]
fn a_file_that_can_not_be_imported_is_set_aside_and_told() {
    each_database(bad_files);
}

#[cfg(unix)]
#[test]
fn nothing_outside_of_the_allowed_folders_is_read() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let test = TestRegister::sqlite();
    let (allowed, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let feeding = feeding(allowed.path());
    put(outside.path(), "salainen.csv", &FILE.replace("50", "70"));
    symlink(outside.path(), allowed.path().join("linkki")).unwrap();
    let refused = |address: &str| {
        let error = feed::create(&test, &operator(), &feeding, &draft("folder", address)).unwrap_err();
        assert!(matches!(&error, OpsError::Fields(e) if e.0[0].field == "address"), "{address}: {error:?}");
    };
    refused(outside.path().to_str().unwrap());
    refused(allowed.path().join("linkki").to_str().unwrap());
    refused(&format!("{}/../{}", allowed.path().display(), outside.path().file_name().unwrap().to_str().unwrap()));
    refused("relative");
    refused(allowed.path().join("puuttuu").to_str().unwrap());
    let none = Feeding { folders: Vec::new(), ..feeding.clone() };
    assert!(feed::create(&test, &operator(), &none, &draft("folder", "/")).is_err(), "no folder is allowed by itself");

    // A link in the folder is not followed, also not as the folder for what was read.
    let folder = allowed.path().join("syöte");
    std::fs::create_dir(&folder).unwrap();
    symlink(outside.path().join("salainen.csv"), folder.join("a.csv")).unwrap();
    symlink(outside.path(), folder.join("done")).unwrap();
    put(&folder, "b.csv", FILE);
    let id = feed::create(&test, &operator(), &feeding, &draft("folder", folder.to_str().unwrap())).unwrap();
    assert_eq!(read(&test, &feeding), IMPORTED);
    assert_eq!((people(&test), runs(&test, id).len()), (2, 1), "what the link leads to was not read");
    assert_eq!((names(outside.path()), names(&folder).len()), (vec!["salainen.csv".to_owned()], 3));
    // The folder becomes a link that leads out: the feed stops reading.
    std::fs::remove_dir_all(&folder).unwrap();
    symlink(outside.path(), &folder).unwrap();
    assert_eq!(read_later(&test, &feeding), FAILED);
    assert_eq!(state(&test, id).trouble, Some(Trouble::NotAllowed));
    std::fs::remove_file(&folder).unwrap();
    assert_eq!(read_later(&test, &feeding), FAILED);
    assert_eq!(state(&test, id).trouble, Some(Trouble::Missing));

    // Where nothing can be moved, files are known again by their content.
    std::fs::create_dir(&folder).unwrap();
    put(&folder, "c.csv", &FILE.replace("501", "601"));
    put(&folder, "d.csv", "Outo\n1\n");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    let may_write_anyway = std::fs::write(folder.join("probe"), "").is_ok();
    if may_write_anyway {
        // The account may do everything: the folders for what was read are blocked by files instead.
        std::fs::remove_file(folder.join("probe")).unwrap();
        put(&folder, "done", "");
        put(&folder, "failed", "");
    }
    read_later(&test, &feeding);
    let before = (people(&test), runs(&test, id).len());
    read_later(&test, &feeding);
    assert_eq!((people(&test), runs(&test, id).len()), before, "nothing is read twice");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_file_that_is_still_being_written_waits() {
    let test = TestRegister::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let feeding = Feeding { settle: Duration::from_millis(400), ..feeding(dir.path()) };
    feed::create(&test, &operator(), &feeding, &draft("folder", dir.path().to_str().unwrap())).unwrap();
    let path = put(dir.path(), "kasvava.csv", "Asiakasnumero;Sukunimi\n");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut row = 0;
            while !done.load(Ordering::SeqCst) {
                use std::io::Write as _;
                let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
                writeln!(file, "{row};Rivi").unwrap();
                row += 1;
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let tally = read(&test, &feeding);
        done.store(true, Ordering::SeqCst);
        assert_eq!(tally, UNCHANGED);
    });
    assert_eq!((people(&test), names(dir.path())), (0, vec!["kasvava.csv".to_owned()]));
    assert_eq!(read_later(&test, &feeding), IMPORTED);
}

fn an_address(place: TestPlace) {
    let test = TestRegister::create(place);
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let version = Arc::new(AtomicU8::new(1));
    let now = Arc::clone(&version);
    let server = HttpServer::start(move |asked| {
        let (tag, text) = match now.load(Ordering::SeqCst) {
            1 => ("\"1\"", FILE.to_owned()),
            2 => ("\"2\"", FILE.to_owned()),
            3 => ("\"3\"", FILE.replace("Siiri", "Siri").replace("registration", "")),
            _ => return Reply::Good(503, vec![("retry-after", "14400".into())], Vec::new()),
        };
        if asked.header("if-none-match") == Some(tag) {
            return Reply::Good(304, Vec::new(), Vec::new());
        }
        Reply::Good(200, vec![("etag", tag.into())], text.into_bytes())
    });
    let with_secret =
        FeedDraft { secret: "Bearer salasana-1".into(), ..draft("http", server.address("/asiakkaat.csv")) };
    let id = feed::create(&test, &operator(), &feeding, &with_secret).unwrap();
    assert_eq!(read(&test, &feeding), IMPORTED);
    assert_eq!(people(&test), 2);
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer salasana-1"));
    assert_eq!(read_later(&test, &feeding), UNCHANGED, "304");
    version.store(2, Ordering::SeqCst);
    assert_eq!(read_later(&test, &feeding), UNCHANGED, "the same content under another tag");
    assert_eq!(runs(&test, id).len(), 1);
    version.store(3, Ordering::SeqCst);
    assert_eq!(read_later(&test, &feeding), IMPORTED);
    assert_eq!(runs(&test, id)[0].counts, [3, 0, 1, 1, 1]);

    // It fails: the pause grows, and the server's wish is heard.
    version.store(9, Ordering::SeqCst);
    for (failures, minutes) in [(1, 240), (2, 240), (3, 240), (4, 480), (5, 1440), (6, 1440)] {
        assert_eq!(read_later(&test, &feeding), FAILED);
        let feed = state(&test, id);
        assert_eq!(
            (feed.failures, feed.trouble, feed.status.as_deref()),
            (failures, Some(Trouble::Status), Some("503"))
        );
        assert_eq!(feed.next_at.unwrap().duration_since(test.now()), SignedDuration::from_mins(minutes));
    }
    version.store(3, Ordering::SeqCst);
    assert_eq!(read_later(&test, &feeding), UNCHANGED);
    let feed = state(&test, id);
    assert!(feed.trouble.is_none() && feed.failures == 0 && feed.has_secret);

    // The secret is told to nobody, and goes with its host.
    assert_eq!(feed.draft().secret, "");
    let kept = FeedDraft { address: server.address("/toinen.csv"), ..feed.draft() };
    feed::change(&test, &operator(), &feeding, (id, 1), &kept).unwrap();
    assert!(state(&test, id).has_secret, "the same host");
    let elsewhere = HttpServer::start(|_| Reply::ok(FILE));
    let moved = FeedDraft { address: elsewhere.address("/"), ..kept };
    feed::change(&test, &operator(), &feeding, (id, 2), &moved).unwrap();
    assert!(!state(&test, id).has_secret);
    read_later(&test, &feeding);
    assert_eq!(elsewhere.asked()[0].header("authorization"), None);
}

#[test]
fn an_address_is_read_when_it_has_changed() {
    each_database(an_address);
}

#[test]
fn the_secret_is_sealed() {
    let test = TestRegister::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let secret = "Bearer tunnistettava-salaisuus-77";
    let with_secret = FeedDraft { secret: secret.into(), ..draft("http", "http://127.0.0.1:1/") };
    feed::create(&test, &operator(), &feeding, &with_secret).unwrap();
    read(&test, &feeding);
    test.db().truncate_wal().unwrap();
    for name in names(test.place().data()) {
        let path = test.place().data().join(name);
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(14).any(|part| part == b"tunnistettava-");
        assert!(!found, "{}", path.display());
    }
}

fn undeclared(place: TestPlace) {
    let test = TestRegister::create(place);
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let server = HttpServer::start(|_| Reply::ok(FILE));
    let wrong = FeedDraft { source: "naapuri".into(), ..draft("http", server.address("/")) };
    let error = feed::create(&test, &operator(), &feeding, &wrong).unwrap_err();
    assert!(matches!(error, OpsError::Fields(e) if e.0[0].field == "source"));
    let id = feed::create(&test, &operator(), &feeding, &draft("http", server.address("/"))).unwrap();

    let without = NOTICE.replace("\"registration\"", "\"sign_up\"").replace("version = 1", "version = 2");
    publish(&test, &without, 1);
    assert_eq!(read(&test, &feeding), FAILED);
    assert!(server.asked().is_empty(), "nothing is fetched for an undeclared source");
    let feed = state(&test, id);
    assert_eq!((feed.state, feed.trouble, feed.next_at), (FeedState::Stopped, Some(Trouble::Source), None));
    assert!(feed.is_in_trouble() && people(&test) == 0);
    assert_eq!(runs(&test, id)[0].trouble, Some(Trouble::Source));
    assert_eq!(read_later(&test, &feeding), Tally::default(), "it stays stopped");
    assert!(feed::resume(&test, &operator(), &feeding, id).is_err());
    publish(&test, &NOTICE.replace("version = 1", "version = 3"), 2);
    feed::resume(&test, &operator(), &feeding, id).unwrap();
    assert_eq!(read(&test, &feeding), IMPORTED);
}

fn publish(test: &TestRegister, text: &str, expected: i64) {
    notice::publish(test, &operator(), text, expected).unwrap();
    test.clock().advance(SignedDuration::from_secs(2));
}

#[test]
fn a_feed_stops_when_its_source_is_no_longer_declared() {
    each_database(undeclared);
}

fn broken_off(place: TestPlace) {
    let mut test = TestRegister::create(place);
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let id = feed::create(&test, &operator(), &feeding, &draft("folder", dir.path().to_str().unwrap())).unwrap();
    // People with nothing but a name: an import that is simply run again would add them once more.
    let rows: String = (0..1_800).map(|n| format!("Suku{n};Etu\n")).collect();
    put(dir.path(), "nimet.csv", &format!("Sukunimi;Etunimi\n{rows}"));
    // The program stops while it imports: the runner sees it after the first rows.
    let stop = Arc::new(AtomicBool::new(false));
    let (register, seen) = ((*test).clone(), Arc::clone(&stop));
    let watch = std::thread::spawn(move || {
        for _ in 0..2_000 {
            let begun = import::list(&register, &operator()).unwrap().first().is_some_and(|i| i.counts.rows > 0);
            if begun {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        seen.store(true, Ordering::SeqCst);
    });
    feed::run(&test, &feeding, &stop);
    watch.join().unwrap();
    let broken = runs(&test, id)[0].clone();
    let left: ImportId = broken.import.unwrap();
    test.reopen();
    // Whether it was stopped in the middle or had just ended, all rows are there once.
    let tally = read_later(&test, &feeding);
    let count = person::count(&test, &operator()).unwrap();
    assert_eq!(count, 1_800, "{tally:?} {broken:?}");
    if broken.state == RunState::Running {
        assert_eq!(tally, IMPORTED);
        let import = import::show(&test, &operator(), left).unwrap();
        assert!(import.undone_at.is_some(), "the half of it was undone");
        assert!(runs(&test, id).iter().any(|run| run.trouble == Some(Trouble::Interrupted)));
    }
    assert_eq!(names(&dir.path().join("done")), ["nimet.csv"]);
    assert_eq!(read_later(&test, &feeding), UNCHANGED);
}

#[test]
fn an_import_that_was_broken_off_is_undone_and_made_again() {
    each_database(broken_off);
}

#[test]
fn two_runners_read_a_feed_once() {
    let test = TestRegister::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let server = HttpServer::start(|_| {
        std::thread::sleep(Duration::from_millis(100));
        Reply::ok(FILE)
    });
    let id = feed::create(&test, &operator(), &feeding, &draft("http", server.address("/"))).unwrap();
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let both: Vec<_> = (0..2).map(|_| scope.spawn(|| read(&test, &feeding))).collect();
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(tallies.iter().map(|tally| tally.imported).sum::<u64>(), 1, "{tallies:?}");
    assert_eq!((server.asked().len(), runs(&test, id).len()), (1, 1));
}

#[test]
fn a_feed_is_one_runners_until_its_lease_ends() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let dir = tempfile::tempdir().unwrap();
        let folder = draft("folder", dir.path().to_str().unwrap());
        feed::create(&test, &operator(), &feeding(dir.path()), &folder).unwrap();
        let now = test.now();
        let lease = now + SignedDuration::from_mins(15);
        let due = test.db().look(|tx| store::due(tx, now)).unwrap().unwrap();
        let take = |at, until| {
            let due = due.clone();
            test.db().write_plain(move |plain| store::take(&mut plain.tx(), &due, at, until)).unwrap()
        };
        let first = take(now, lease).unwrap();
        assert!(take(now, lease).is_none(), "both saw it due, and one has it");
        assert!(test.db().look(|tx| store::due(tx, now)).unwrap().is_none());
        // The first does not come back: another takes it, and what the first says then does not count.
        let due = test.db().look(|tx| store::due(tx, lease)).unwrap().unwrap();
        let until = lease + SignedDuration::from_mins(15);
        let second = test.db().write_plain(move |plain| store::take(&mut plain.tx(), &due, lease, until)).unwrap();
        let renew = |taken: &store::Taken| {
            let taken = taken.clone();
            test.db().write_plain(move |plain| store::renew(&mut plain.tx(), &taken, until)).unwrap()
        };
        assert!(!renew(&first) && renew(&second.unwrap()));
        assert!(!test.db().look(|tx| store::is_held(tx, &first)).unwrap());
    });
}

#[test]
fn a_feed_keeps_to_its_company_and_to_those_who_may() {
    let test = TestRegister::sqlite();
    let dir = tempfile::tempdir().unwrap();
    let feeding = feeding(dir.path());
    let folder = draft("folder", dir.path().to_str().unwrap());
    // The file names another company: its rows are refused.
    put(dir.path(), "a.csv", "Asiakasnumero;Sukunimi;Yhtiö\n1;Oma;arjasmaa\n2;Vieras;verkkokauppa\n");
    let definition =
        "[columns]\nAsiakasnumero = \"customer_number\"\nSukunimi = \"family\"\n\"Yhtiö\" = \"company\"".to_owned();
    let saved = MappingDraft { name: "Yhtiöittäin".into(), definition };
    let source = "registration".parse().unwrap();
    let saved = mapping::create(&test, &operator(), &source, Noun::People, &saved).unwrap();
    let by_mapping = FeedDraft { mapping: saved.to_string(), ..folder.clone() };
    let id = feed::create(&test, &operator(), &feeding, &by_mapping).unwrap();
    assert_eq!(read(&test, &feeding), IMPORTED);
    assert_eq!((people(&test), runs(&test, id)[0].counts[4]), (1, 1));

    let here = test.actor_in(Role::DataProtection, "arjasmaa");
    let there = test.actor_in(Role::DataProtection, "verkkokauppa");
    assert_eq!(feed::list(&test, &here).unwrap().len(), 1);
    assert!(feed::list(&test, &there).unwrap().is_empty());
    assert!(feed::pause(&test, &there, id).unwrap_err().is_not_found());
    assert!(feed::run_now(&test, &there, id).unwrap_err().is_not_found());
    assert!(feed::remove(&test, &there, id).unwrap_err().is_not_found());
    assert!(feed::get(&test, &test.actor(Role::Reader), id).unwrap_err().is_not_found());
    assert!(feed::pause(&test, &test.actor(Role::Office), id).unwrap_err().is_not_found());
    // Whoever has one company makes no feed for all of them.
    let all = FeedDraft { company: String::new(), name: "Kaikki".into(), ..folder };
    assert!(matches!(feed::create(&test, &here, &feeding, &all), Err(OpsError::Fields(_))));
    assert!(feed::create(&test, &test.actor(Role::Administrator), &feeding, &all).is_ok());
    assert_eq!(feed::list(&test, &here).unwrap().len(), 1);

    feed::pause(&test, &here, id).unwrap();
    let guessed = FeedDraft { mapping: String::new(), ..by_mapping };
    feed::change(&test, &here, &feeding, (id, 1), &guessed).unwrap();
    put(dir.path(), "b.csv", FILE);
    feed::remove(&test, &operator(), feed::list(&test, &operator()).unwrap().iter().find(|f| f.id != id).unwrap().id)
        .unwrap();
    assert_eq!(read_later(&test, &feeding), Tally::default(), "paused");
    assert!(!feed::run_now(&test, &here, id).unwrap());
    feed::resume(&test, &here, &feeding, id).unwrap();
    assert_eq!(read(&test, &feeding), IMPORTED);
    feed::remove(&test, &here, id).unwrap();
    assert!(feed::get(&test, &operator(), id).is_err());
    assert_eq!(people(&test), 3, "what it imported stays");
}

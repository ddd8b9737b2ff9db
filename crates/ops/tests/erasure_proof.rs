//! That nothing is left of who was erased: whatever is in the register, whenever the program ends, and when yesterday's database
//! is put back.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seloste_domain::draft::DraftText;
use seloste_domain::id::PersonId;
use seloste_domain::letter::LetterDraft;
use seloste_domain::order::OrderState;
use seloste_domain::person::PersonDraft;
use seloste_domain::prohibition::ProhibitionDraft;
use seloste_domain::usage::Actor;
use seloste_ops::canary::{self, Place};
use seloste_ops::erasure::{self, ErasureRefused};
use seloste_ops::mail::Recipient;
use seloste_ops::{Env, OpsError, Register, letter, log, order, person, prohibition};
use seloste_store::erasure::{Asked, carry_out};
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

fn actor() -> Actor {
    TestRegister::operator()
}

fn add(test: &Register, draft: &PersonDraft) -> PersonId {
    person::create(test, &actor(), draft, &TestRegister::source()).unwrap()
}

fn erase(test: &Register, id: PersonId) {
    let plan = erasure::plan(test, &actor(), id).unwrap();
    erasure::erase(test, &actor(), id, &plan.version(), true).unwrap();
}

fn with_findings(places: Vec<Place>) -> Vec<String> {
    places.into_iter().filter(|place| place.findings > 0).map(|place| place.place).collect()
}

fn found(test: &Register, words: &[String]) -> Vec<String> {
    test.db().scrub().unwrap();
    with_findings(canary::search(test, words).unwrap())
}

/// Somebody whose every value is theirs alone.
#[derive(Clone, Debug)]
struct Invented {
    word: String,
    changes: usize,
    orders: usize,
    letter: bool,
    forbids: bool,
}

impl Invented {
    fn draft(&self, round: usize) -> PersonDraft {
        let mut draft = samples::person(0);
        draft.family = format!("Zq{}a{}", self.word, letters(round));
        draft.given = format!("Xw{}", self.word);
        draft.customer_number = format!("9{round}{}", self.word);
        draft.emails = vec![DraftText::new(format!("{}{round}@proof.example.com", self.word))];
        draft.telephones = vec![];
        draft.addresses[0].street = format!("Kujakatu{} {round}", self.word);
        draft
    }

    fn words(&self) -> Vec<String> {
        (0..=self.changes)
            .flat_map(|round| {
                let draft = self.draft(round);
                [
                    draft.family,
                    draft.given,
                    draft.customer_number,
                    draft.emails[0].text.clone(),
                    draft.addresses[0].street.clone(),
                ]
            })
            .chain([format!("Lahetys{}", self.word), format!("Kirje{}", self.word)])
            .collect()
    }

    /// Enters the person with everything that this register may have of them.
    fn enter(&self, test: &Register, number: usize) -> PersonId {
        let source = TestRegister::source();
        let id = add(test, &self.draft(0));
        for round in 1..=self.changes {
            let version = person::show(test, &actor(), id).unwrap().person.version;
            person::change(test, &actor(), id, version, &self.draft(round), &source).unwrap();
        }
        for place in 0..self.orders {
            let mut draft = samples::order(number * 10 + place, Some(id));
            draft.delivery_name = format!("Lahetys{}", self.word);
            draft.delivery = samples::address(1);
            let order = order::create(test, &actor(), &draft, &source).unwrap();
            order::set_state(test, &actor(), order, 1, OrderState::Delivered).unwrap();
        }
        if self.letter {
            let letter = LetterDraft {
                company: samples::COMPANY.into(),
                language: "fi".into(),
                heading: "Hei".into(),
                body: format!("Kirje{}", self.word),
                closing: "Terveisin".into(),
                signatory: "Testaaja".into(),
            };
            letter::write(test, &actor(), Recipient::Person(id), &letter, true).unwrap();
        }
        if self.forbids {
            let draft = ProhibitionDraft {
                kinds: vec!["direct_marketing".into()],
                way: "letter".into(),
                note: format!("Kirje{}", self.word),
                ..ProhibitionDraft::default()
            };
            prohibition::set(test, &actor(), Recipient::Person(id), &draft).unwrap();
        }
        id
    }
}

fn letters(number: usize) -> String {
    number
        .to_string()
        .chars()
        .map(|digit| char::from(b'a' + u8::try_from(digit.to_digit(10).unwrap()).unwrap()))
        .collect()
}

fn invented() -> impl Strategy<Value = Vec<Invented>> {
    let one = ("[b-df-hj-np-t]{9}", 0..3_usize, 0..3_usize, any::<bool>(), any::<bool>());
    let one =
        one.prop_map(|(word, changes, orders, letter, forbids)| Invented { word, changes, orders, letter, forbids });
    proptest::collection::vec(one, 1..4)
}

/// P16: nothing of who was erased is in any file of the data directory or in any table, whatever was in the register.
#[test]
fn nothing_is_left_on_random_registers() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let count = std::cell::Cell::new(0_usize);
        let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&invented(), |people| {
            let ids: Vec<_> = people
                .iter()
                .map(|one| {
                    count.set(count.get() + 1);
                    one.enter(&test, count.get())
                })
                .collect();
            // What is there is found: the search is not blind.
            let first: Vec<String> = people[0].words().into_iter().take(3).collect();
            prop_assert!(!found(&test, &first).is_empty());
            for (one, id) in people.iter().zip(ids) {
                erase(&test, id);
                prop_assert_eq!(found(&test, &one.words()), Vec::<String>::new());
            }
            Ok(())
        });
        outcome.unwrap();
        assert!(log::verify(&test, &actor(), None).unwrap().is_sound());
    });
}

/// P16: neither is anything left in a backup that was made before, once it is opened; whatever was in the register.
#[test]
fn nothing_is_left_in_a_restored_backup_on_random_registers() {
    let count = std::cell::Cell::new(0_usize);
    let mut runner = TestRunner::new(Config { cases: 6, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&invented(), |people| {
        let (place, backup) = (TestPlace::sqlite(), tempfile::tempdir().unwrap());
        let data: PathBuf = place.data().to_owned();
        let mut test = TestRegister::create(place);
        let stays = add(&test, &samples::person(1));
        let ids: Vec<_> = people
            .iter()
            .map(|one| {
                count.set(count.get() + 1);
                one.enter(&test, count.get())
            })
            .collect();
        test.db().truncate_wal().unwrap();
        test.close();
        copy(&data, backup.path());
        test.reopen();
        for id in &ids {
            erase(&test, *id);
        }
        test.close();
        for name in ["seloste.db", "seloste.db-wal", "seloste.db-shm"] {
            let _ = std::fs::remove_file(data.join(name));
        }
        std::fs::copy(backup.path().join("seloste.db"), data.join("seloste.db")).unwrap();
        let needles = seloste_ops::canary::needles(&people[0].words()[..3]);
        let before: u64 = canary::in_files(&data, &needles).unwrap().iter().map(|place| place.findings).sum();
        prop_assert!(before > 0, "the backup has them: the search is not blind");
        log::accept_restore(test.place().settings(), &actor(), Env::system()).unwrap();
        let restored = Register::open(test.place().settings(), Env::system()).unwrap();
        for (one, id) in people.iter().zip(ids) {
            prop_assert!(person::show(&restored, &actor(), id).is_err_and(|error| error.is_not_found()));
            prop_assert_eq!(found(&restored, &one.words()), Vec::<String>::new());
        }
        prop_assert!(person::show(&restored, &actor(), stays).is_ok());
        prop_assert!(log::verify(&restored, &actor(), None).unwrap().is_sound());
        restored.close();
        Ok(())
    });
    outcome.unwrap();
}

/// A trigger that lets a statement of the erasure fail.
fn fails_at(table: &str, verb: &str) -> (String, String) {
    let make = format!("CREATE TRIGGER fails BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'on purpose'); END");
    (make, "DROP TRIGGER fails".into())
}

#[test]
fn whatever_fails_nothing_is_half_done() {
    let test = TestRegister::sqlite();
    let one = Invented { word: "bcdfghjkl".into(), changes: 2, orders: 2, letter: true, forbids: true };
    let id = one.enter(&test, 1);
    let plan = erasure::plan(&test, &actor(), id).unwrap();
    let dump = |test: &TestRegister| {
        let mut raw = Raw::open(&test.db().settings().place);
        let tables = [
            "party",
            "party_value",
            "party_key",
            "sealed",
            "orders",
            "order_line",
            "prohibition",
            "suppression",
            "erasure",
            "erasure_receipt",
            "erasure_todo",
            "remains",
        ];
        tables.map(|table| raw.rows(&format!("SELECT * FROM {table} ORDER BY 1, 2, 3")))
    };
    let before = dump(&test);
    let steps = [
        ("suppression", "INSERT"),
        ("order_line", "DELETE"),
        ("orders", "DELETE"),
        ("prohibition", "DELETE"),
        ("sealed", "DELETE"),
        ("party_value", "DELETE"),
        ("party_company", "DELETE"),
        ("party_key", "DELETE"),
        ("party", "DELETE"),
        ("erasure_todo", "INSERT"),
        ("erasure", "INSERT"),
        ("erasure_receipt", "INSERT"),
        ("log_block", "INSERT"),
    ];
    for (table, verb) in steps {
        let (make, drop) = fails_at(table, verb);
        Raw::open(&test.db().settings().place).run(&make);
        let refused = erasure::erase(&test, &actor(), id, &plan.version(), true);
        assert!(refused.is_err(), "{verb} {table}");
        Raw::open(&test.db().settings().place).run(&drop);
        assert!(dump(&test) == before, "{verb} {table}");
    }
    assert!(person::show(&test, &actor(), id).is_ok());
    erase(&test, id);
    assert_eq!(found(&test, &one.words()), Vec::<String>::new());
    assert!(log::verify(&test, &actor(), None).unwrap().is_sound());
}

/// The program ends right after the commit: what was to be done outside the database is done at the next start.
#[test]
fn what_was_to_be_done_after_the_commit_is_done_at_the_next_start() {
    each_database(|place| {
        let mut test = TestRegister::create(place);
        let id = add(&test, &samples::person(1));
        let waits = test.place().data().join("uploads/rows.csv");
        std::fs::create_dir_all(waits.parent().unwrap()).unwrap();
        std::fs::write(&waits, samples::person(1).emails[0].text.as_bytes()).unwrap();
        let usage = test.authorize(&actor(), seloste_domain::rights::Action::ErasureRun).unwrap();
        let (today, files) = (test.today(), vec!["uploads/rows.csv".to_owned()]);
        let asked = Asked { person: id, version: None, at_request: true, files };
        test.db().write(&usage, move |w| carry_out(w, &asked, today)).unwrap();
        assert!(waits.exists() && !test.db().settings().ledger().exists());
        test.reopen();
        assert!(!waits.exists());
        let ledger = std::fs::read_to_string(test.db().settings().ledger()).unwrap();
        assert_eq!(ledger.lines().count(), 1);
        assert!(ledger.contains(&id.to_string()));
        // Nothing is done twice.
        test.reopen();
        assert_eq!(std::fs::read_to_string(test.db().settings().ledger()).unwrap(), ledger);
        // A ledger that somebody took away is written anew from the log.
        std::fs::remove_file(test.db().settings().ledger()).unwrap();
        test.reopen();
        assert!(std::fs::read_to_string(test.db().settings().ledger()).unwrap().contains(&id.to_string()));
    });
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// Yesterday's database is put back: neither rows nor keys of who was erased since come back with it.
#[test]
fn yesterdays_backup_brings_nobody_back() {
    let (place, elsewhere) = (TestPlace::sqlite(), tempfile::tempdir().unwrap());
    let data: PathBuf = place.data().to_owned();
    let mut test = TestRegister::create(place);
    let one = Invented { word: "mnpqrstbc".into(), changes: 2, orders: 1, letter: true, forbids: true };
    let id = one.enter(&test, 1);
    let stays = add(&test, &samples::person(2));
    test.db().truncate_wal().unwrap();
    test.close();
    copy(&data, elsewhere.path());
    test.reopen();
    erase(&test, id);
    assert_eq!(found(&test, &one.words()), Vec::<String>::new());
    test.close();
    // The database is yesterday's; ledger and key are where they were.
    for name in ["seloste.db", "seloste.db-wal", "seloste.db-shm"] {
        let _ = std::fs::remove_file(data.join(name));
    }
    std::fs::copy(elsewhere.path().join("seloste.db"), data.join("seloste.db")).unwrap();
    let bytes = std::fs::read(data.join("seloste.db")).unwrap();
    assert!(bytes.windows(9).any(|part| part == b"mnpqrstbc"), "yesterday's database has the person");
    let refused = Register::open(test.place().settings(), Env::system());
    assert!(refused.is_err(), "a database that was put back in secret does not open");
    log::accept_restore(test.place().settings(), &actor(), Env::system()).unwrap();
    let restored = Register::open(test.place().settings(), Env::system()).unwrap();
    assert!(person::show(&restored, &actor(), id).is_err_and(|error| error.is_not_found()));
    assert!(person::show(&restored, &actor(), stays).is_ok());
    assert_eq!(found(&restored, &one.words()), Vec::<String>::new());
    let mut raw = Raw::open(&restored.db().settings().place);
    let keys = raw.rows(&format!("SELECT count(*) FROM party_key WHERE party_id = X'{}'", id.0.simple()));
    assert_eq!(keys[0][0], "0");
    assert!(log::verify(&restored, &actor(), None).unwrap().is_sound());
    // An old file does not bring them back either: what stops it came back with the ledger.
    let again = person::create(&restored, &actor(), &one.draft(2), &"population_register".parse().unwrap());
    assert!(matches!(again, Err(OpsError::Fields(_))), "{again:?}");
    restored.close();
    // A ledger that somebody wrote without the key erases nobody.
    let ledger = test.place().settings().ledger();
    let line = std::fs::read_to_string(&ledger).unwrap().lines().next().unwrap().to_owned();
    let forged = line.replace(&id.to_string(), &stays.to_string());
    std::fs::write(&ledger, format!("{}{forged}\n", std::fs::read_to_string(&ledger).unwrap())).unwrap();
    let opened = Register::open(test.place().settings(), Env::system()).unwrap();
    assert!(person::show(&opened, &actor(), stays).is_ok());
    opened.close();
}

#[test]
fn a_clock_that_jumps_erases_nobody() {
    each_database(|place| {
        let test = TestRegister::create(place);
        assert!(erasure::resume(&test, false).is_ok());
        let is_clock = |result: seloste_ops::Result<erasure::Resumed>| {
            matches!(result, Err(OpsError::Erasure(ErasureRefused::Clock)))
        };
        test.clock().advance(SignedDuration::from_hours(24 * 39));
        assert!(erasure::resume(&test, false).is_ok());
        for hours in [-2, 24 * 400] {
            test.clock().advance(SignedDuration::from_hours(hours));
            assert!(is_clock(erasure::resume(&test, false)), "{hours}");
            assert!(canary::run(&test, &actor(), canary::LIFE).is_err(), "{hours}");
            // Somebody says that it is right.
            assert!(erasure::resume(&test, true).is_ok());
            assert!(erasure::resume(&test, false).is_ok());
        }
    });
}

#[test]
fn canaries_are_seen_by_nobody_and_leave_nothing() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let first = canary::run(&test, &actor(), canary::LIFE).unwrap();
        assert_eq!((first.erased, first.findings), (0, 0));
        assert_eq!(person::count(&test, &actor()).unwrap(), 0);
        let mut raw = Raw::open(&test.db().settings().place);
        let words: Vec<String> =
            raw.rows("SELECT text FROM party_value").into_iter().map(|mut row| row.remove(0)).collect();
        assert!(words.len() >= 9 && !found(&test, &words).is_empty());
        let hits = seloste_ops::search::find(&test, &actor(), "Kaarina", seloste_ops::search::NounSet::ALL, 9).unwrap();
        assert!(hits.found.is_empty());
        test.clock().advance(SignedDuration::from_hours(25));
        let second = canary::run(&test, &canary::PROGRAM, canary::LIFE).unwrap();
        assert_eq!((second.erased, second.findings), (3, 0), "{second:?}");
        assert!(second.searched > 10_000);
        // A backup from before was put back and searched, and is gone.
        let restored = second.places.iter().filter(|place| place.place.starts_with("restored-backup/seloste.db"));
        let is_file = matches!(test.db().settings().place, seloste_store::Place::Sqlite(_));
        assert_eq!(restored.filter(|place| place.bytes > 0).count() > 0, is_file, "{second:?}");
        assert!(!test.place().data().join("restored-backup").exists());
        assert_eq!(found(&test, &words), Vec::<String>::new());
        // What was left behind is told: here by a file that nobody removes.
        let planted = raw.rows("SELECT text FROM party_value WHERE kind = 'email'").remove(0).remove(0);
        std::fs::write(test.place().data().join("left"), planted).unwrap();
        test.clock().advance(SignedDuration::from_hours(25));
        let third = canary::run(&test, &actor(), canary::LIFE).unwrap();
        assert!(third.findings > 0 && third.places.iter().any(|place| place.place == "left" && place.findings > 0));
        assert_eq!(canary::runs(&test, &actor()).unwrap().0.len(), 3);
    });
}

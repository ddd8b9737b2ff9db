//! Files that are imported from a page, across restarts and time.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use seloste_domain::id::UploadId;
use seloste_domain::list::ListOf;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::import::upload::{self, Details, Stage};
use seloste_ops::import::{Describe, Noun, Report};
use seloste_ops::list::List;
use seloste_ops::person;
use seloste_ops::{OpsError, StoreError};
use seloste_testkit::{TestRegister, each_database};

fn send(test: &TestRegister, actor: &Actor, rows: usize) -> UploadId {
    let details = Details {
        noun: Noun::People,
        source: "earlier_register".parse().unwrap(),
        company: Some("arjasmaa".parse().unwrap()),
        file_name: "asiakkaat.csv".into(),
    };
    let incoming = upload::begin(test, actor, details).unwrap();
    let mut file = incoming.file().unwrap();
    writeln!(file, "Asiakasnumero,Etunimi,Sukunimi,Muu").unwrap();
    for row in 0..rows {
        writeln!(file, "{},Pirkko,Esimerkki,x", 1000 + row).unwrap();
    }
    let id = incoming.finish(test, actor).unwrap().id;
    upload::choose(test, actor, id, BTreeMap::from([("Muu".to_owned(), Vec::new())])).unwrap();
    id
}

fn describe() -> Describe {
    Describe(Arc::new(|error| error.code.to_owned()))
}

fn ended(test: &TestRegister, actor: &Actor, id: UploadId) -> Arc<Report> {
    for _ in 0..2_400 {
        match upload::show(test, actor, id).unwrap().1 {
            Stage::Ended(report) => return report,
            Stage::Running { .. } => std::thread::sleep(Duration::from_millis(25)),
            other => panic!("{other:?}"),
        }
    }
    panic!("it never ends")
}

fn people(test: &TestRegister) -> usize {
    person::list(test, &TestRegister::operator(), &List::first(ListOf::People, 5_000)).unwrap().rows.len()
}

#[test]
fn an_import_that_a_restart_broke_off_goes_on() {
    each_database(|place| {
        let mut test = TestRegister::create(place);
        let actor = test.sign_in(Role::Office, None).1.actor;
        let id = send(&test, &actor, 1_200);
        // As the program leaves it that is killed in the middle.
        let json = test.place().data().join("uploads").join(id.to_string()).join("upload.json");
        let broken = std::fs::read_to_string(&json).unwrap().replace("\"running\":false", "\"running\":true");
        std::fs::write(&json, broken).unwrap();
        test.reopen();
        upload::resume(&test, |_| describe()).unwrap();
        let report = ended(&test, &actor, id);
        assert_eq!((report.counts.created, people(&test)), (1_200, 1_200));
        test.reopen();
        upload::resume(&test, |_| describe()).unwrap();
        assert!(matches!(upload::show(&test, &actor, id).unwrap(), (upload, Stage::Waiting) if upload.has_ended()));
    });
}

#[test]
fn an_import_goes_on_after_the_program_was_told_to_stop() {
    each_database(|place| {
        let mut test = TestRegister::create(place);
        let actor = test.sign_in(Role::Office, None).1.actor;
        let id = send(&test, &actor, 1_600);
        upload::start(&test, &actor, id, false, describe()).unwrap();
        test.reopen();
        // The thread of the register that was closed notices it.
        std::thread::sleep(Duration::from_secs(2));
        upload::resume(&test, |_| describe()).unwrap();
        let report = ended(&test, &actor, id);
        assert_eq!((report.counts.created + report.counts.unchanged, people(&test)), (1_600, 1_600));
    });
}

#[test]
fn an_import_is_stopped_and_goes_on() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let actor = test.sign_in(Role::Office, None).1.actor;
        let id = send(&test, &actor, 1_600);
        upload::start(&test, &actor, id, false, describe()).unwrap();
        assert!(matches!(upload::remove(&test, &actor, id), Err(OpsError::Store(StoreError::Busy))), "it is running");
        upload::cancel(&test, &actor, id).unwrap();
        let stopped = ended(&test, &actor, id);
        assert!(stopped.cancelled && people(&test) < 1_600, "{stopped:?}");
        upload::start(&test, &actor, id, false, describe()).unwrap();
        let report = ended(&test, &actor, id);
        assert_eq!((report.counts.created + report.counts.unchanged, people(&test)), (1_600, 1_600));
    });
}

#[test]
fn what_nobody_came_back_for_is_taken_away() {
    let test = TestRegister::sqlite();
    let actor = test.sign_in(Role::Office, None).1.actor;
    let id = send(&test, &actor, 1);
    test.clock().advance(SignedDuration::from_hours(23));
    upload::resume(&test, |_| describe()).unwrap();
    assert_eq!(upload::list(&test, &actor).unwrap().len(), 1);
    test.clock().advance(SignedDuration::from_hours(2));
    upload::resume(&test, |_| describe()).unwrap();
    assert!(upload::list(&test, &actor).unwrap().is_empty());
    assert!(!test.place().data().join("uploads").join(id.to_string()).exists());
}

#[test]
fn only_so_many_files_wait() {
    let test = TestRegister::sqlite();
    let actor = test.sign_in(Role::Office, None).1.actor;
    for _ in 0..10 {
        send(&test, &actor, 1);
    }
    let details = Details {
        noun: Noun::People,
        source: "earlier_register".parse().unwrap(),
        company: None,
        file_name: "yksi liikaa.csv".into(),
    };
    assert!(matches!(upload::begin(&test, &actor, details), Err(OpsError::Fields(_))));
}

//! Whatever somebody who holds the database but not the key does to the log, verifying finds it, and the second
//! verifier (`tools/verify_log.py`, which shares no code with the first) finds it too.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has failed")]

mod tables;
mod tamper;

use std::cell::RefCell;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use seloste_domain::draft::DraftText;
use seloste_domain::history::PartyChange;
use seloste_domain::id::{PartyId, ValueId};
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Action;
use seloste_domain::value::StoredValue;
use seloste_ops::{OpsError, Register, order, person};
use seloste_store::log::verify::{Finding, Report, verify};
use seloste_store::party::{self, Noun};
use seloste_store::{Db, Env, StoreError};
use seloste_testkit::program::checkout;
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

use tables::Log;
use tamper::Tamper;

const CASES: u32 = 48;

/// A register with a true log, and its tables.
struct Bed {
    register: TestRegister,
    raw: Raw,
    base: Log,
    kept: String,
}

impl Bed {
    fn new(place: TestPlace) -> Self {
        let register = TestRegister::create(place);
        for number in 0..5 {
            live(&register, number);
        }
        register.db().keep_checkpoint().unwrap();
        import_two(&register);
        for number in 5..8 {
            live(&register, number);
        }
        register.db().index_log().unwrap();
        register.db().keep_checkpoint().unwrap();
        let kept = std::fs::read_to_string(register.db().settings().checkpoints()).unwrap();
        let mut raw = Raw::open(&register.db().settings().place);
        let base = Log::read(&mut raw);
        assert!(base.blocks.len() > 20 && base.sealed.len() > 10, "{base:?}");
        Self { register, raw, base, kept }
    }

    fn verify(&self) -> Report {
        let public = self.register.db().public_key();
        self.register.db().look(|tx| verify(tx, &public, Some(&self.kept))).unwrap()
    }

    /// What the second verifier says of the database file, or of an export: whether the log is sound, and its root.
    fn second_opinion(&self, export: Option<&Log>) -> (bool, String) {
        let data = self.register.place().data();
        let mut command = Command::new("python3");
        command.arg("-B").arg(checkout().join("tools/verify_log.py"));
        match export {
            None => command.arg("--sqlite").arg(data.join("seloste.db")),
            Some(log) => {
                let file = data.join("export.jsonl");
                std::fs::write(&file, log.export()).unwrap();
                command.arg("--export").arg(file)
            }
        };
        let kept = data.join("kept");
        std::fs::write(&kept, &self.kept).unwrap();
        let output = command.arg("--json").arg("--against").arg(kept).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        let sound = json["findings"].as_array().unwrap().is_empty();
        assert_eq!(output.status.code(), Some(i32::from(!sound)), "{json}");
        (sound, json["root"].as_str().unwrap().to_owned())
    }
}

/// A person is added with an organisation, orders something, is shown and corrected: commits of one event and of several.
fn live(register: &TestRegister, number: usize) {
    let (operator, source) = (TestRegister::operator(), TestRegister::source());
    let draft = samples::representative(number, &format!("Esimerkkiyritys {number} Oy"));
    let id = person::create(register, &operator, &draft, &source).unwrap();
    order::create(register, &operator, &samples::order(number, Some(id)), &source).unwrap();
    let version = person::show(register, &operator, id).unwrap().person.version;
    let changed = PersonDraft { emails: vec![DraftText::new(format!("uusi{number}@example.com"))], ..draft };
    person::change(register, &operator, id, version, &changed, &source).unwrap();
}

/// Two people are added by one event, as an import does.
fn import_two(register: &TestRegister) {
    let usage = register.authorize(&TestRegister::operator(), Action::ImportRun).unwrap();
    let notice = register.notice().unwrap();
    let two = [91, 92].map(|number| {
        let valid = samples::person(number).validate(notice.kinds(), register.today()).unwrap();
        let added = valid.values.into_iter().map(|new| StoredValue {
            id: ValueId(register.db().env().id()),
            value: new.value,
            valid_from: None,
            valid_until: None,
            source: TestRegister::source(),
            entered_by: usage.actor().to_string(),
            entered_at: register.now(),
        });
        let companies_added = valid.companies;
        let change = PartyChange { added: added.collect(), companies_added, ..PartyChange::default() };
        register.db().prepare(PartyId(register.db().env().id()), Noun::Person, change).unwrap()
    });
    register.db().write(&usage, move |w| party::create(w, &two)).unwrap();
}

#[test]
fn any_tampering_is_found_by_both_verifiers() {
    let bed = RefCell::new(Bed::new(TestPlace::sqlite()));
    let report = bed.borrow().verify();
    assert!(report.is_sound(), "{:?}", report.findings);
    assert_eq!(bed.borrow().second_opinion(None), (true, report.root));
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
    let tampers = prop::collection::vec(Tamper::any(), 1..=3);
    let outcome = TestRunner::new(config).run(&tampers, |tampers| {
        let bed = &mut *bed.borrow_mut();
        let mut log = bed.base.clone();
        tampers.iter().for_each(|tamper| tamper.apply(&mut log));
        prop_assume!(log != bed.base);
        log.write(&mut bed.raw);
        let report = bed.verify();
        prop_assert!(!report.is_sound(), "the program found nothing");
        let second = bed.second_opinion(None);
        prop_assert_eq!(second, (false, report.root), "{:?}", report.findings);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn each_way_of_tampering_is_found_on_both_databases() {
    each_database(|place| {
        let mut bed = Bed::new(place);
        for tamper in Tamper::all() {
            let mut log = bed.base.clone();
            tamper.apply(&mut log);
            assert_ne!(log, bed.base, "{tamper:?} changes nothing");
            log.write(&mut bed.raw);
            let report = bed.verify();
            assert!(!report.is_sound(), "{tamper:?} was not found");
            // An export does not hold the frontier; it can be counted from the events.
            if !matches!(tamper, Tamper::ChangeHeadFrontier { .. }) {
                assert_eq!(bed.second_opinion(Some(&log)), (false, report.root), "{tamper:?}: {:?}", report.findings);
            }
        }
        bed.base.write(&mut bed.raw);
        let report = bed.verify();
        assert!(report.is_sound(), "{:?}", report.findings);
        assert_eq!(bed.second_opinion(Some(&bed.base)), (true, report.root));
    });
}

/// What a person is told about who used their data comes from the index; it is no part of the log's tree.
#[test]
fn a_person_s_view_of_the_log_that_was_thinned_is_found() {
    each_database(|place| {
        let mut bed = Bed::new(place);
        let pair = bed.raw.rows("SELECT subject_id, seq FROM log_subject ORDER BY seq").remove(4);
        let (subject, seq) = (bed.raw.id(&pair[0]), &pair[1]);
        let events = bed.base.head.size;
        let one = format!("subject_id = {subject} AND seq = {seq}");
        for (tampering, undoing) in [
            (
                format!("UPDATE log_subject SET seq = seq + 1000 WHERE {one}"),
                format!("UPDATE log_subject SET seq = {seq} WHERE seq = {seq} + 1000"),
            ),
            (
                format!("UPDATE log_subject SET subject_id = register_id WHERE {one}"),
                format!("UPDATE log_subject SET subject_id = {subject} WHERE subject_id = register_id"),
            ),
            (format!("DELETE FROM log_subject WHERE {one}"), String::new()),
        ] {
            bed.raw.run(&tampering);
            assert_eq!(bed.verify().findings, [Finding::IndexWrong { events }], "{tampering}");
            if !undoing.is_empty() {
                bed.raw.run(&undoing);
                assert!(bed.verify().is_sound(), "{undoing}");
            }
        }
    });
}

/// An earlier state is sound in itself; only what was kept elsewhere tells that the log had gone on.
#[test]
fn an_earlier_state_put_back_is_found_only_by_what_was_kept_elsewhere() {
    each_database(|place| {
        let mut bed = Bed::new(place);
        let earlier = {
            let mut log = bed.base.clone();
            Tamper::CutEnd { blocks: 4 }.apply(&mut log);
            log
        };
        earlier.write(&mut bed.raw);
        bed.raw.run(&format!("DELETE FROM log_subject WHERE seq >= {}", earlier.head.size));
        let public = bed.register.db().public_key();
        let alone = bed.register.db().look(|tx| verify(tx, &public, None)).unwrap();
        assert!(alone.is_sound(), "{:?}", alone.findings);
        let size = bed.base.head.size;
        assert_eq!(bed.verify().findings, [Finding::NotContinued { size }]);
        bed.register.close();
        let opened = Register::open(bed.register.place().settings(), Env::system());
        assert!(matches!(opened.err(), Some(OpsError::Store(StoreError::RolledBack { size: s, .. })) if s == size));
        // As somebody does who restores a backup on purpose.
        let kept = bed.register.db().settings().checkpoints();
        let mut elsewhere = bed.register.place().settings();
        elsewhere.key = Some(kept.with_file_name("no-such-key"));
        assert!(Db::open_restored(elsewhere, Env::system(), "1").is_err());
        assert!(kept.exists(), "what could not be opened stays as it was");
        Db::open_restored(bed.register.place().settings(), Env::system(), "1").unwrap().close();
        assert!(Register::open(bed.register.place().settings(), Env::system()).is_ok());
    });
}

#[test]
fn an_old_database_file_put_back_is_refused() {
    let register = TestRegister::sqlite();
    live(&register, 1);
    register.db().truncate_wal().unwrap();
    let (data, settings) = (register.place().data(), register.place().settings());
    std::fs::copy(data.join("seloste.db"), data.join("old.db")).unwrap();
    live(&register, 2);
    register.close();
    for suffix in ["", "-wal", "-shm"] {
        // The last two are there only when a connection is still open.
        let _ = std::fs::remove_file(data.join(format!("seloste.db{suffix}")));
    }
    std::fs::copy(data.join("old.db"), data.join("seloste.db")).unwrap();
    let opened = Register::open(settings, Env::system());
    assert!(matches!(opened.err(), Some(OpsError::Store(StoreError::RolledBack { .. }))));
}

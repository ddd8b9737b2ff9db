//! What the program does when it can not: a newer database, a key that is missing or another's, a folder that is taken,
//! a full disk, a server that goes away.

#![expect(clippy::unwrap_used, reason = "a test that fails here has failed")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use seloste_domain::id::PersonId;
use seloste_ops::register::Register;
use seloste_ops::{Env, OpsError, person};
use seloste_store::log::verify::verify;
use seloste_store::register::RegisterKind;
use seloste_store::{Db, StoreError};
use seloste_testkit::postgres::{Durability, Server};
use seloste_testkit::program::{example, output_of};
use seloste_testkit::raw::Raw;
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database, samples};

type IsExpected = fn(&StoreError) -> bool;

/// A closed register with one person in it, and what its folder and its tables hold.
struct Closed {
    register: TestRegister,
    before: BTreeMap<String, Vec<u8>>,
}

impl Closed {
    fn new(place: TestPlace) -> Self {
        let register = TestRegister::create(place);
        person::create(&register, &TestRegister::operator(), &samples::person(1), &TestRegister::source()).unwrap();
        register.close();
        let mut closed = Self { register, before: BTreeMap::new() };
        closed.keep();
        closed
    }

    /// Holds on to everything as it is now.
    fn keep(&mut self) {
        self.register.db().truncate_wal().unwrap();
        self.before = self.everything();
    }

    fn everything(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        for entry in std::fs::read_dir(self.register.place().data()).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let content = std::fs::read(entry.path()).unwrap();
            // SQLite's index of the write-ahead log is not data, and an empty log is none.
            let is_data = !name.ends_with("-shm") && (!name.ends_with("-wal") || !content.is_empty());
            if is_data {
                found.insert(name, content);
            }
        }
        if self.register.place().database().is_some() {
            let mut raw = self.raw();
            for table in
                raw.rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
            {
                // With the transaction that wrote each row, so that a row written again is seen too.
                let rows = raw.rows(&format!("SELECT xmin, t FROM {} AS t ORDER BY t::text", table[0]));
                found.insert(table[0].clone(), format!("{rows:?}").into_bytes());
            }
        }
        found
    }

    fn raw(&self) -> Raw {
        Raw::open(&self.register.db().settings().place)
    }

    fn open(&self) -> Result<Db, StoreError> {
        Db::open(self.register.place().settings(), Env::system())
    }

    #[track_caller]
    fn assert_untouched(&self) {
        let after = self.everything();
        let names = |all: &BTreeMap<String, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&after), names(&self.before));
        let changed: Vec<_> = after.iter().filter(|(name, content)| self.before[*name] != **content).collect();
        assert!(changed.is_empty(), "changed: {:?}", changed.iter().map(|(name, _)| name).collect::<Vec<_>>());
    }
}

#[test]
fn a_database_of_a_newer_program_is_refused_untouched() {
    each_database(|place| {
        let mut closed = Closed::new(place);
        let mut raw = closed.raw();
        let nil = raw.id("00000000000000000000000000000000");
        raw.run(&format!("INSERT INTO schema_version VALUES ({nil}, 9999, 0)"));
        drop(raw);
        closed.keep();
        assert!(matches!(closed.open().err(), Some(StoreError::Newer { found: 9999, known }) if known < 9999));
        closed.assert_untouched();
    });
}

#[test]
fn a_key_that_is_missing_broken_or_another_s_opens_nothing() {
    each_database(|place| {
        let mut closed = Closed::new(place);
        let key = closed.register.place().data().join("master.key");
        let own = std::fs::read(&key).unwrap();
        let other = TestRegister::create_seeded(TestPlace::sqlite(), NOTICE, 2);
        let other = std::fs::read(other.place().data().join("master.key")).unwrap();
        // The same register's id with other secrets: the last two lines of the other's.
        let lines =
            |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
        let merged: Vec<_> = lines(&own)
            .into_iter()
            .zip(lines(&other))
            .map(|(own, other)| if own.starts_with("register") { own } else { other })
            .collect();
        let cases: [(&str, Option<Vec<u8>>, IsExpected); 4] = [
            ("missing", None, |e| matches!(e, StoreError::KeyMissing(_))),
            ("broken", Some(b"no key".to_vec()), |e| matches!(e, StoreError::KeyUnusable { .. })),
            ("another register's", Some(other), |e| matches!(e, StoreError::KeyWrong)),
            ("other secrets", Some((merged.join("\n") + "\n").into_bytes()), |e| matches!(e, StoreError::KeyWrong)),
        ];
        for (name, content, expected) in cases {
            match content {
                Some(content) => std::fs::write(&key, content).unwrap(),
                None => std::fs::remove_file(&key).unwrap(),
            }
            closed.keep();
            let error = closed.open().err().unwrap_or_else(|| unreachable!("opened with a key that is {name}"));
            assert!(expected(&error), "{name}: {error:?}");
            closed.assert_untouched();
        }
        std::fs::write(&key, own).unwrap();
        assert!(closed.open().is_ok());
    });
}

#[test]
fn a_second_register_over_the_same_folder_is_refused() {
    each_database(|place| {
        let closed = Closed::new(place);
        let create = || {
            let by = TestRegister::operator().id();
            Register::create(closed.register.place().settings(), RegisterKind::Demo, NOTICE, &by, Env::system())
        };
        assert!(matches!(create().err(), Some(OpsError::Store(StoreError::Exists))));
        closed.assert_untouched();
        assert!(closed.open().is_ok());
    });
}

#[test]
fn two_registers_in_one_postgresql_database_do_not_meet() {
    let one = TestRegister::create(TestPlace::postgres());
    let other = TestPlace::on(one.place().database().unwrap().to_owned());
    let other = TestRegister::create_seeded(other, NOTICE, 2);
    let (operator, source) = (TestRegister::operator(), TestRegister::source());
    let id = person::create(&one, &operator, &samples::person(1), &source).unwrap();
    assert!(person::show(&other, &operator, id).unwrap_err().is_not_found());
    assert_eq!(person::count(&other, &operator).unwrap(), 0);
    assert_eq!(person::count(&one, &operator).unwrap(), 1);
    for register in [&one, &other] {
        let public = register.db().public_key();
        assert!(register.db().look(|tx| verify(tx, &public, None)).unwrap().is_sound());
    }
}

/// The shell's limit on the size of a file stands for the full disk, because lifting it is making room.
#[test]
fn a_full_disk_refuses_the_change_and_the_program_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (data, acked) = (dir.path().join("register"), dir.path().join("acked"));
    let workload = example("seloste-store", "workload");
    output_of(Command::new(&workload).arg("run").arg(&data).args(["0", "1", "1", "full"]).arg(&acked));
    let limit = "trap '' XFSZ; ulimit -S -f 1600; exec \"$@\"";
    let mut child = Command::new("sh")
        .args(["-c", limit, "sh"])
        .arg(&workload)
        .arg("fill")
        .arg(&data)
        .arg(&acked)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "refused");
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it ended when the disk was full");
    output_of(Command::new("prlimit").args(["--pid", &child.id().to_string(), "--fsize=unlimited"]));
    assert_eq!(said.next().unwrap().unwrap(), "again");
    assert!(child.wait().unwrap().success());
    println!("{}", output_of(Command::new(&workload).arg("check").arg(&data).arg(&acked)));
}

#[test]
fn postgresql_goes_away_and_comes_back() {
    let server = Server::start(Durability::On).unwrap();
    let register = TestRegister::create(TestPlace::on(server.create_database().unwrap()));
    let (stop, failed) = (AtomicBool::new(false), AtomicU64::new(0));
    let acknowledged = std::thread::scope(|scope| {
        let work = |thread: usize| {
            let (register, stop, failed) = (&register, &stop, &failed);
            scope.spawn(move || {
                let mut ids = Vec::new();
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    match a_life(register, thread * 100_000 + number) {
                        Ok(id) => ids.push(id),
                        Err(OpsError::Store(StoreError::Unavailable(_) | StoreError::Unknown | StoreError::Busy)) => {
                            failed.fetch_add(1, Ordering::Relaxed);
                            std::thread::sleep(Duration::from_millis(20));
                        }
                        Err(other) => unreachable!("{other:?}"),
                    }
                }
                ids
            })
        };
        let working: Vec<_> = (0..8).map(work).collect();
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(500));
            control(&server, "-m immediate stop");
            std::thread::sleep(Duration::from_millis(400));
            control(&server, "start");
            works_again(&register);
        }
        stop.store(true, Ordering::Relaxed);
        working.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(failed.load(Ordering::Relaxed) > 0, "the server was never missed");
    println!("{} acknowledged, {} refused", acknowledged.len(), failed.load(Ordering::Relaxed));
    let lost: Vec<_> =
        acknowledged.iter().filter(|id| person::show(&register, &TestRegister::operator(), **id).is_err()).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    let public = register.db().public_key();
    let report = register.db().look(|tx| verify(tx, &public, None)).unwrap();
    assert!(report.is_sound(), "{:?}", report.findings);
}

/// Adds a person and reads it.
fn a_life(register: &Register, number: usize) -> Result<PersonId, OpsError> {
    let operator = TestRegister::operator();
    let id = person::create(register, &operator, &samples::person(number), &TestRegister::source())?;
    person::show(register, &operator, id)?;
    Ok(id)
}

/// Waits until a person can be added and read again.
fn works_again(register: &Register) {
    let begun = Instant::now();
    while let Err(error) = a_life(register, 99) {
        assert!(begun.elapsed() < Duration::from_secs(20), "still {error}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Stops or starts the server behind the back of those who use it.
fn control(server: &Server, act: &str) {
    let folder = server.url().split_once("host=").unwrap().1.split('&').next().unwrap();
    let script = r#"
        bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
        [ -n "$bin" ] || bin=$(dirname "$(readlink -f "$(command -v initdb)")")
        as_server=""
        [ "$(id -u)" = 0 ] && as_server="runuser -u postgres --"
        cd "$1"
        options="-c listen_addresses='' -c unix_socket_directories=$1 -c unix_socket_permissions=0777"
        $as_server "$bin/pg_ctl" -D "$1/data" -w -l "$1/log" -o "$options" $2 </dev/null >/dev/null 2>&1
    "#;
    assert!(Path::new(folder).is_dir(), "{folder}");
    output_of(Command::new("sh").args(["-c", script, "sh", folder, act]));
}

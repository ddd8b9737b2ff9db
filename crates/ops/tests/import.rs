//! Imports, on both databases: the same file again changes nothing, a second file updates, a dry run writes nothing,
//! and everything can be undone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use seloste_documents::table::{Options, Table};
use seloste_domain::id::SourceId;
use seloste_domain::import::code;
use seloste_domain::kind::Kind;
use seloste_domain::list::ListOf;
use seloste_domain::usage::Actor;
use seloste_ops::import::{Counts, Noun, Outcome, Report, Request};
use seloste_ops::list::List;
use seloste_ops::search::{Found, NounSet};
use seloste_ops::{OpsError, Register, history, import, log, order, organisation, person, search};
use seloste_testkit::{NOTICE, TestRegister, each_database};

fn actor() -> Actor {
    Actor::Operator("tester".into())
}

fn source(name: &str) -> SourceId {
    name.parse().unwrap()
}

fn run(register: &Register, request: &Request) -> Report {
    import::run(register, &actor(), request, &|_| (), &AtomicBool::new(false)).unwrap()
}

/// Runs a story on each database.
fn on_each(notice: &str, story: fn(&Register, &Path)) {
    each_database(|place| {
        let register = TestRegister::create_with(place, notice);
        let dir = tempfile::tempdir().unwrap();
        story(&register, dir.path());
        register.close();
    });
}

fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn counts(report: &Report) -> (i64, i64, i64, i64, i64) {
    let Counts { rows, created, updated, unchanged, refused } = report.counts;
    (rows, created, updated, unchanged, refused)
}

fn found(register: &Register, words: &str) -> usize {
    search::find(register, &actor(), words, NounSet::ALL, 50).unwrap().found.len()
}

const PEOPLE: &str = "id;sukunimi;etunimi;sähköposti;puhelin;yritys;titteli\n\
    1;Koskitalo;Pirkko;pirkko@example.com;040 123 4567;Wartian Herkku;Johtaja\n\
    2;O'Hara;Maija-Liisa;yhteinen@example.com;;Wartian Herkku;\n\
    3;Öhman;Åsa;yhteinen@example.com;050 765 4321;;\n\
    4;;;;;;\n\
    5;Koskitalo;Pirkko;pirkko@example.com;;;\n\
    1;Toinen;Rivi;;;;\n";
const MAPPING: &str = "[columns]\nid = \"external_id\"\nsukunimi = \"family\"\netunimi = \"given\"\nsähköposti = \"email\"\n\
    puhelin = \"telephone.mobile\"\nyritys = \"organisation\"\ntitteli = \"title\"\n[constants]\ncompany = \"arjasmaa\"\n";

fn people(dir: &Path, name: &str, text: &str) -> Request {
    let mapping = MAPPING.replace("sähköposti =", "\"sähköposti\" =");
    Request { mapping: Some(mapping), ..Request::new(Noun::People, file(dir, name, text), source("registration")) }
}

fn people_story(register: &Register, dir: &Path) {
    let request = people(dir, "people.csv", PEOPLE);
    let rehearsed = run(register, &Request { dry_run: true, ..request.clone() });
    assert_eq!((rehearsed.import, person::count(register, &actor()).unwrap()), (None, 0));
    assert!(import::list(register, &actor()).unwrap().is_empty());

    let errors = dir.join("errors.csv");
    let report = run(register, &Request { error_file: Some(errors.clone()), ..request.clone() });
    assert_eq!(counts(&report), counts(&rehearsed));
    // Rows 1, 2, 3 and 5, and one organisation; 5 has another id of the source, and is another person therefore.
    assert_eq!(counts(&report), (6, 5, 0, 0, 2), "{report:?}");
    assert_eq!(report.errors.iter().map(|e| e.row).collect::<Vec<_>>(), [5, 7]);
    assert_eq!(report.errors[1].error.code, code::REPEATED);
    let (table, rows) = read(&errors);
    assert_eq!(&table[..5], ["row", "column", "reason", "id", "sukunimi"]);
    assert_eq!((rows[1][0].as_str(), rows[1][4].as_str()), ("7", "Toinen"));
    assert_eq!(found(register, "yhteinen@example.com"), 2, "two people share an address");
    assert_eq!(found(register, "åsa öhman"), 1);

    let again = run(register, &request);
    assert_eq!(counts(&again), (6, 0, 0, 4, 2), "{again:?}");
    assert!(import::show(register, &actor(), again.import.unwrap()).unwrap().finished_at.is_some());

    updates(register, dir);
    undone(register, &report);
    assert!(log::verify(register, &actor(), None).unwrap().is_sound());
}

/// A second file updates; a weaker source does not; undoing puts back.
fn updates(register: &Register, dir: &Path) {
    let second = "id;sukunimi;etunimi;sähköposti;puhelin;yritys;titteli\n\
        1;Koskitalo-Mäki;Pirkko;pirkko@example.com;040 765 4321;Wartian Herkku;Toimitusjohtaja\n";
    let request = people(dir, "second.csv", second);
    let report = run(register, &request);
    assert_eq!(counts(&report), (1, 0, 1, 0, 0));
    assert_eq!(
        (found(register, "koskitalo-mäki"), found(register, "0401234567"), found(register, "0407654321")),
        (1, 0, 1)
    );

    let weak =
        Request { source: source("subcontractor"), ..people(dir, "weak.csv", &second.replace("765 4321", "111 2222")) };
    let kept = run(register, &weak);
    assert_eq!((counts(&kept), kept.kept), ((1, 0, 0, 1, 0), 1), "{kept:?}");
    assert_eq!(kept.warnings[0].code, code::KEPT);
    assert_eq!(found(register, "0401112222"), 0);

    let id = report.import.unwrap();
    let undone = import::undo(register, &actor(), id).unwrap();
    assert_eq!((undone.erased, undone.restored, undone.kept.len()), (0, 1, 0));
    assert_eq!((found(register, "koskitalo-mäki"), found(register, "0401234567")), (0, 1));
    assert!(import::show(register, &actor(), id).unwrap().undone_at.is_some());
}

/// Undoing the first import keeps the one whom somebody has changed since, and the organisation that they represent.
fn undone(register: &Register, first: &Report) {
    let search = search::find(register, &actor(), "maija-liisa", NounSet::ALL, 5).unwrap();
    let Some(Found::Person(found)) = search.found.first() else { panic!("{search:?}") };
    let mut draft = found.draft(register.today());
    draft.language = "sv".into();
    person::change(register, &actor(), found.id, found.version, &draft, &source("customer")).unwrap();
    let undone = import::undo(register, &actor(), first.import.unwrap()).unwrap();
    // Pirkko was updated and put back since: her version is not the one that the import left.
    let why: Vec<_> = undone.kept.iter().map(|kept| (kept.noun.as_str(), kept.why)).collect();
    assert_eq!(undone.erased, 2);
    assert_eq!(why, [("person", "changed"), ("person", "changed"), ("organisation", "referred")]);
    assert_eq!(person::count(register, &actor()).unwrap(), 2);
}

fn read(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut table = Table::open(path, &Options::default()).unwrap();
    let rows = table.rows().unwrap().map(|row| row.unwrap().fields).collect();
    (table.headers().to_vec(), rows)
}

#[test]
fn people_are_imported_updated_and_undone() {
    on_each(NOTICE, people_story);
}

#[test]
fn the_notice_refuses_a_column_by_name() {
    fn story(register: &Register, dir: &Path) {
        let request = people(dir, "people.csv", PEOPLE);
        let plan = import::plan(register, &actor(), &request).unwrap();
        assert!(plan.problems.is_empty(), "{:?}", plan.problems);
        assert!(matches!(&plan.file.columns[4].outcome, Outcome::Refused { kinds, .. } if kinds == &[Kind::Telephone]));
        let report = run(register, &request);
        assert_eq!(report.refused_columns, ["puhelin"]);
        assert_eq!((found(register, "0401234567"), found(register, "koskitalo")), (0, 2));
    }
    on_each(&seloste_domain::notice::without_kind(NOTICE, Kind::Telephone), story);
}

#[test]
fn nothing_begins_while_a_column_is_undecided() {
    fn story(register: &Register, dir: &Path) {
        let guessed = Request {
            mapping: None,
            company: Some("arjasmaa".parse().unwrap()),
            ..people(dir, "people.csv", &PEOPLE.replace("titteli", "hattukoko"))
        };
        let plan = import::plan(register, &actor(), &guessed).unwrap();
        assert_eq!(plan.problems.iter().map(|p| p.code).collect::<Vec<_>>(), [code::UNDECIDED]);
        let stopped = import::run(register, &actor(), &guessed, &|_| (), &AtomicBool::new(false));
        assert!(matches!(stopped, Err(OpsError::Import(problems)) if problems[0].args == ["hattukoko"]));
        assert!(import::list(register, &actor()).unwrap().is_empty());
        let report = run(register, &Request { dropped: vec!["hattukoko".into()], ..guessed.clone() });
        assert_eq!((report.counts.created, report.dropped_columns), (5, vec!["hattukoko".to_owned()]));
        let unknown = Request { source: source("nobody"), ..guessed };
        let plan = import::plan(register, &actor(), &unknown).unwrap();
        assert!(plan.problems.iter().any(|problem| problem.code == code::NO_SOURCE));
    }
    on_each(NOTICE, story);
}

/// Where the shared data is; none when there is none beside the checkout.
fn northwind() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var("SELOSTE_SHARED").map_or(beside, PathBuf::from);
    Some(shared.join("data/northwind")).filter(|folder| folder.is_dir())
}

fn northwind_story(register: &Register, dir: &Path) {
    let Some(data) = northwind() else { return };
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/northwind");
    let mapping = |name: &str| Some(std::fs::read_to_string(examples.join(name)).unwrap());
    let customers = Request {
        mapping: mapping("customers.toml"),
        error_file: Some(dir.join("errors.csv")),
        ..Request::new(Noun::Organisations, data.join("customers.csv"), source("customer"))
    };
    let first = run(register, &customers);
    assert_eq!(counts(&first), (93, 186, 0, 0, 0), "{:?}", first.errors);
    let nearly_empty = first.warnings.iter().find(|warning| warning.code == code::NEARLY_EMPTY).unwrap();
    assert_eq!(nearly_empty.count, 2);
    let orders = Request {
        lines: Some(data.join("order_details.csv")),
        mapping: mapping("orders.toml"),
        ..Request::new(Noun::Orders, data.join("orders.csv"), source("customer"))
    };
    let second = run(register, &orders);
    assert_eq!(counts(&second), (830 + 2155, 830, 0, 0, 0), "{:?}", second.errors);

    let results = search::find(register, &actor(), "koskitalo oulu", NounSet::ALL, 10).unwrap();
    let Some(Found::Person(pirkko)) = results.found.first() else { panic!("{results:?}") };
    assert_eq!(pirkko.display_name(), "Pirkko Koskitalo");
    assert_eq!(pirkko.representations[0].organisation_name, "Wartian Herkku");
    assert_eq!(person::show(register, &actor(), pirkko.id).unwrap().orders, 15);
    totals(register);

    assert_eq!(counts(&run(register, &Request { error_file: None, ..customers })), (93, 0, 0, 186, 0));
    assert_eq!(counts(&run(register, &orders)), (2985, 0, 0, 830, 0));
    let undone = import::undo(register, &actor(), second.import.unwrap()).unwrap();
    assert_eq!((undone.erased, undone.kept.len()), (830, 0));
    let undone = import::undo(register, &actor(), first.import.unwrap()).unwrap();
    assert_eq!((undone.erased, undone.kept), (186, vec![]));
    assert_eq!(person::count(register, &actor()).unwrap() + organisation::count(register, &actor()).unwrap(), 0);
    assert!(log::verify(register, &actor(), None).unwrap().is_sound());
}

/// Every line is there, and the sums are those of exact decimals.
fn totals(register: &Register) {
    let (mut net, mut lines, mut count) = (0, 0, 0);
    let mut list = List::first(ListOf::Orders, 200);
    list.query.archived = true;
    loop {
        let page = order::list(register, &actor(), &list).unwrap();
        net += page.rows.iter().map(|row| row.order.net.0).sum::<i64>();
        lines += page.rows.iter().map(|row| row.order.line_count).sum::<i64>();
        count += page.rows.len();
        assert!(page.rows.iter().all(|row| row.person.is_some() && row.organisation.is_some()));
        list.from = page.next;
        if list.from.is_none() {
            break;
        }
    }
    assert_eq!((count, lines, net), (830, 2155, 126_579_329));
}

#[test]
fn northwind_is_imported_completely() {
    if northwind().is_none() {
        println!("skipped: ../shared/data/northwind is not there");
        return;
    }
    on_each(NOTICE, northwind_story);
}

#[test]
fn orders_are_replaced_and_put_back() {
    fn story(register: &Register, dir: &Path) {
        run(register, &people(dir, "people.csv", PEOPLE));
        let text = "tilausnumero;asiakas id;pvm;tuotenumero;määrä;hinta\n\
            A1;1;2026-11-20;11;2;9,80\nA1;1;2026-11-20;12;1;1,00\nA2;9;20.11.2026;11;1;1,00\nA3;3;20/11/2026;11;1;1,00\n\
            A1;1;2026-11-20;13;1;1,00\n";
        let request = Request {
            company: Some("arjasmaa".parse().unwrap()),
            ..Request::new(Noun::Orders, file(dir, "orders.csv", text), source("registration"))
        };
        let report = run(register, &request);
        assert_eq!(counts(&report), (5, 2, 0, 0, 2), "{report:?}");
        let why: Vec<_> = report.errors.iter().map(|e| (e.row, e.error.code)).collect();
        assert!(why.contains(&(4, code::NO_CUSTOMER)) && why.contains(&(6, code::REPEATED)), "{why:?}");
        let second = text.replace("12;1;1,00", "12;3;1,00");
        let update = run(register, &Request { file: file(dir, "orders2.csv", &second), ..request.clone() });
        assert_eq!(counts(&update), (5, 0, 1, 1, 2), "{update:?}");
        let undone = import::undo(register, &actor(), update.import.unwrap()).unwrap();
        assert_eq!((undone.restored, undone.kept.len()), (1, 0));
        let results = search::find(register, &actor(), "A1", NounSet::ALL, 10).unwrap();
        let Some(Found::Order(shown)) = results.found.first() else { panic!("{results:?}") };
        let order = order::show(register, &actor(), shown.order.id).unwrap().order;
        assert_eq!((order.lines.len(), order.totals.net.0), (2, 2060));
        assert_eq!(history::of_order(register, &actor(), order.id).unwrap().len(), 3);
    }
    on_each(NOTICE, story);
}

fn messy_story(register: &Register, dir: &Path) {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/arjasmaa");
    let mapping = |name: &str| Some(std::fs::read_to_string(examples.join(name)).unwrap());
    let customers = Request {
        mapping: mapping("asiakkaat.toml"),
        error_file: Some(dir.join("errors.csv")),
        ..Request::new(Noun::People, examples.join("asiakkaat.csv"), source("registration"))
    };
    let plan = import::plan(register, &actor(), &customers).unwrap();
    assert_eq!((plan.file.encoding, plan.file.separator), (Some("windows-1252"), Some("semicolon")));
    let report = run(register, &customers);
    let why: Vec<_> = report.errors.iter().map(|e| (e.row, e.column.as_deref(), e.error.code)).collect();
    assert_eq!(
        why,
        [
            (51, None, "error-nothing-identifies"),
            (53, Some("13"), "row-extra-cells"),
            (54, None, code::REPEATED),
            (55, Some("Sukunimi"), "error-too-long"),
            (56, Some("Sähköposti"), "error-email-invalid"),
            (57, Some("Postinumero"), "error-postal-code-invalid"),
            (59, Some("Kieli"), "error-language-unknown"),
            (60, Some("Matkapuhelin"), "error-telephone-invalid"),
        ]
    );
    assert_eq!((counts(&report), person::count(register, &actor()).unwrap()), ((62, 58, 0, 0, 8), 54));
    assert_eq!(read(&dir.join("errors.csv")).1[5][4], "Niittysuo");
    assert_eq!((found(register, "o'haranen"), found(register, "yhteinen.posti@example.com")), (3, 2));
    let utf8 = Request {
        mapping: mapping("asiakkaat-utf8.toml"),
        ..Request::new(Noun::People, examples.join("asiakkaat-utf8.csv"), source("registration"))
    };
    let second = run(register, &utf8);
    assert_eq!(counts(&second), (8, 8, 1, 0, 0), "{second:#?}");
    let orders = Request {
        lines: Some(examples.join("tilausrivit.csv")),
        mapping: mapping("tilaukset.toml"),
        ..Request::new(Noun::Orders, examples.join("tilaukset.csv"), source("registration"))
    };
    let third = run(register, &orders);
    let why: Vec<_> = third.errors.iter().map(|e| (e.row, e.column.as_deref(), e.error.code)).collect();
    assert_eq!(
        why,
        [
            (42, Some("Asiakasnumero"), code::NO_CUSTOMER),
            (43, Some("Tilauspäivä"), "error-date-invalid"),
            (44, Some("Tilausnumero"), code::REPEATED),
            (81, None, code::NO_ORDER),
        ]
    );
    assert_eq!(counts(&third), (43 + 80, 40, 0, 0, 4));
    for (number, day, state) in [
        ("T5001", "2024-01-15", "delivered"),
        ("T5002", "2024-02-01", "invoiced"),
        ("T5003", "2024-02-18", "confirmed"),
        ("T5004", "2024-03-06", "delivered"),
    ] {
        let results = search::find(register, &actor(), number, NounSet::ALL, 1).unwrap();
        let Some(Found::Order(row)) = results.found.first() else { panic!("{results:?}") };
        assert_eq!((row.order.ordered_on.to_string().as_str(), row.order.state.as_str()), (day, state), "{number}");
    }
    for request in [&customers, &orders] {
        let again = run(register, &Request { error_file: None, ..request.clone() });
        assert_eq!(again.counts.created, 0, "{again:?}");
    }
}

#[test]
fn the_messy_files_of_the_example_are_imported() {
    on_each(NOTICE, messy_story);
}

#[test]
fn an_import_that_is_broken_off_goes_on_or_is_undone() {
    fn story(register: &Register, dir: &Path) {
        let rows = (0..1_300).map(|i| format!("{i};Suku{i};Nimi;suku{i}@example.com;;Yritys {};\n", i % 7));
        let text = PEOPLE.lines().next().unwrap().to_owned() + "\n" + &rows.collect::<String>();
        let request = people(dir, "many.csv", &text);
        let cancel = AtomicBool::new(false);
        let stop = |_| cancel.store(true, std::sync::atomic::Ordering::Relaxed);
        let broken = import::run(register, &actor(), &request, &stop, &cancel).unwrap();
        assert_eq!((broken.cancelled, counts(&broken)), (true, (500, 507, 0, 0, 0)));
        let noted = import::show(register, &actor(), broken.import.unwrap()).unwrap();
        assert_eq!((noted.finished_at, noted.counts), (None, broken.counts));
        let rest = run(register, &request);
        assert_eq!(counts(&rest), (1_300, 800, 0, 500, 0));
        // Those of the first run represent organisations that the second refers to as well.
        let undone = import::undo(register, &actor(), broken.import.unwrap()).unwrap();
        assert_eq!((undone.erased, undone.kept.len()), (500, 7));
        assert_eq!(import::undo(register, &actor(), rest.import.unwrap()).unwrap().erased, 800);
        assert_eq!(import::undo(register, &actor(), broken.import.unwrap()).unwrap().erased, 7);
        assert_eq!(organisation::count(register, &actor()).unwrap(), 0);
    }
    on_each(NOTICE, story);
}

#[test]
fn a_stranger_and_a_kind_from_another_source_are_refused() {
    let notice = NOTICE.replace("kind = \"telephone\"\n", "kind = \"telephone\"\nsources = [\"customer\"]\n");
    assert_ne!(notice, NOTICE);
    let register = TestRegister::create_with(seloste_testkit::TestPlace::sqlite(), &notice);
    let dir = tempfile::tempdir().unwrap();
    let request = people(dir.path(), "people.csv", PEOPLE);
    let plan = import::plan(&register, &actor(), &request).unwrap();
    assert!(matches!(&plan.file.columns[4].outcome, Outcome::Refused { kinds, .. } if kinds == &[Kind::Telephone]));
    let reader = register.actor(seloste_domain::rights::Role::Reader);
    assert!(matches!(import::plan(&register, &reader, &request), Err(OpsError::Refused(_))));
    let stopped = import::run(&register, &reader, &request, &|_| (), &AtomicBool::new(false));
    assert!(matches!(stopped, Err(OpsError::Refused(_))));
    // Whoever sees one company only does not learn of the customers of another.
    run(&register, &request);
    let clerk = register.actor_in(seloste_domain::rights::Role::Office, "palvelut");
    let other =
        Request { mapping: Some(request.mapping.clone().unwrap().replace("arjasmaa", "palvelut")), ..request.clone() };
    let report = import::run(&register, &clerk, &other, &|_| (), &AtomicBool::new(false)).unwrap();
    assert_eq!((report.counts.created, report.counts.updated, report.counts.refused), (0, 0, 6), "{report:?}");
    let foreign = import::run(&register, &clerk, &request, &|_| (), &AtomicBool::new(false)).unwrap();
    assert_eq!(foreign.counts.refused, 6);
}

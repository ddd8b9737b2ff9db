//! The company register on both databases, against a real server that answers in the form of the interface: well, slowly,
//! wrongly and not at all.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use seloste_domain::company_register::{Part, Unusable};
use seloste_domain::draft::DraftAddress;
use seloste_domain::feed::{FeedDraft, RunState, Trouble};
use seloste_domain::id::OrganisationId;
use seloste_domain::organisation::{Organisation, OrganisationDraft};
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_domain::value::Value;
use seloste_ops::company_register::{self as ops, CompanyRegister, Fetcher, NotFetched, Rules};
use seloste_ops::feed::{self, Feeding, Tally};
use seloste_ops::{OpsError, history, import, notice, organisation};
use seloste_testkit::http::{Asked, HttpServer, Reply};
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database, samples};

const ID: &str = "2617416-4";

/// What the interface answers about a company, as its schema and answers are published (fictional company).
fn answer(id: &str, name: &str) -> String {
    format!(
        r#"{{"totalResults":1,"companies":[{{
        "businessId":{{"value":"{id}","registrationDate":"2014-04-22","source":"3"}},
        "euId":{{"value":"FIFPRO.{id}","source":"1"}},
        "names":[
            {{"name":"Vanha Nimi Oy","type":"1","registrationDate":"2014-04-22","endDate":"2020-01-31","version":2,"source":"1"}},
            {{"name":"{name}","type":"1","registrationDate":"2020-02-01","endDate":null,"version":1,"source":"1"}},
            {{"name":"Aputoiminimi","type":"3","registrationDate":"2021-02-01","version":1,"source":"1"}}],
        "mainBusinessLine":{{"type":"46390","descriptions":[{{"languageCode":"1","description":"Tukkukauppa"}}],"typeCodeSet":"TOIMI3","registrationDate":"2014-05-01","source":"2"}},
        "website":{{"url":"www.example.com","registrationDate":"2016-01-01","source":"0"}},
        "companyForms":[{{"type":"16","descriptions":[{{"languageCode":"1","description":"Osakeyhtiö"}}],"registrationDate":"2014-04-22","version":1,"source":"1"}}],
        "companySituations":[],
        "registeredEntries":[{{"type":"1","descriptions":[{{"languageCode":"3","description":"Registered"}}],"registrationDate":"2014-04-22","register":"1","authority":"2"}}],
        "addresses":[
            {{"type":1,"street":"Torikatu","postCode":"90100","postOffices":[{{"city":"ULEÅBORG","languageCode":"2","municipalityCode":"564"}},{{"city":"OULU","languageCode":"1","municipalityCode":"564"}}],"postOfficeBox":"","buildingNumber":"38","entrance":"B","apartmentNumber":"4","apartmentIdSuffix":"a","co":"","registrationDate":"2022-06-15","source":"0"}},
            {{"type":2,"street":"","postCode":"90101","postOffices":[{{"city":"OULU","languageCode":"1","municipalityCode":"564"}}],"postOfficeBox":"12","co":"Tilitoimisto Esimerkki","registrationDate":"1896-06-15","source":"0"}}],
        "tradeRegisterStatus":"1","status":"2","registrationDate":"2014-04-22","lastModified":"2026-03-01 10:12:13"}}]}}"#
    )
}

fn set(server: &HttpServer, patience: Duration) -> CompanyRegister {
    let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None };
    let base = server.address("/opendata-ytj-api/v3").parse().unwrap();
    CompanyRegister::new(base, "trade_register".parse().unwrap(), Fetcher::new(rules).unwrap(), patience)
}

fn quick(server: &HttpServer) -> CompanyRegister {
    set(server, Duration::from_secs(5))
}

fn stored(test: &TestRegister, id: &str, company: &str) -> OrganisationId {
    let draft = OrganisationDraft {
        name: "Wartian Herkku".into(),
        business_id: id.into(),
        customer_number: id.replace('-', ""),
        companies: vec![company.into()],
        ..samples::organisation(1)
    };
    organisation::create(test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap()
}

fn show(test: &TestRegister, id: OrganisationId) -> Organisation {
    organisation::show(test, &TestRegister::operator(), id).unwrap().organisation
}

fn addresses(organisation: &Organisation) -> Vec<(String, String, String)> {
    let of = |stored: &seloste_domain::value::StoredValue| match &stored.value {
        Value::PostalAddress(address) => {
            let row = DraftAddress::of(address);
            Some((row.label, format!("{} / {} {}", row.street, row.postal_code, row.town), stored.source.to_string()))
        }
        _ => None,
    };
    let mut found: Vec<_> = organisation.values.iter().filter_map(of).collect();
    found.sort();
    found
}

fn told<T: std::fmt::Debug>(result: seloste_ops::Result<T>) -> NotFetched {
    match result.unwrap_err() {
        OpsError::CompanyRegister(why) => why,
        other => panic_with(&other),
    }
}

#[expect(clippy::panic, reason = "a test ends where something is not as it must be")]
fn panic_with(error: &OpsError) -> ! {
    panic!("{error:?}")
}

fn taken_over(place: TestPlace) {
    let test = TestRegister::create(place);
    let server = HttpServer::start(|_| Reply::ok(answer(ID, "Wartian Herkku Oy")));
    let set = quick(&server);
    let id = stored(&test, ID, "arjasmaa");
    let office = test.actor_in(Role::Office, "arjasmaa");

    let found = ops::fetch(&test, &office, Some(&set), id).unwrap();
    let parts: Vec<_> = found.differences.iter().map(|d| (d.part, d.same, d.then.as_str())).collect();
    assert_eq!(
        parts,
        [
            (Part::Name, false, "Wartian Herkku Oy"),
            (Part::Street, false, "Torikatu 38 B 4a, 90100 Oulu"),
            (Part::Postal, false, "c/o Tilitoimisto Esimerkki, PL 12, 90101 Oulu"),
        ]
    );
    assert_eq!(found.differences[1].now, None);
    assert!(found.differences[2].now.as_ref().unwrap().starts_with("Esimerkkikatu 2"));
    assert_eq!(found.differences[0].since.unwrap().to_string(), "2020-02-01");
    // Only the business id leaves the program.
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].path.as_str()), (1, "/opendata-ytj-api/v3/companies?businessId=2617416-4"));
    let names: Vec<_> = asked[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.iter().all(|name| ["host", "accept", "user-agent", "accept-encoding"].contains(name)), "{names:?}");
    assert_eq!(show(&test, id).version, 1, "looking changes nothing");
    // The question is in the log of the organisation.
    test.db().index_log().unwrap();
    let log = history::log_of(&test, &TestRegister::operator(), id.0, 50).unwrap();
    let question = log.iter().find(|e| e.action == "organisation.fetch" && e.fields == ["business_id"]).unwrap();
    assert!(question.objects.contains(&"company_register".to_owned()) && question.actor.starts_with("user:"));

    ops::accept(&test, &office, Some(&set), id, &found.shown, &[Part::Name, Part::Street]).unwrap();
    let now = show(&test, id);
    assert_eq!((now.name.as_str(), now.source.as_str()), ("Wartian Herkku Oy", "trade_register"));
    let street = ("visiting".to_owned(), "Torikatu 38 B 4a / 90100 Oulu".to_owned(), "trade_register".to_owned());
    assert_eq!(addresses(&now)[1], street);
    assert_eq!(addresses(&now)[0].2, "customer", "what was not ticked stays, with its source");
    let from = now.values.iter().find(|v| v.source.as_str() == "trade_register").unwrap().valid_from;
    assert_eq!(from.unwrap().to_string(), "2022-06-15");
    // What was shown was about another version.
    let again = ops::accept(&test, &office, Some(&set), id, &found.shown, &[Part::Postal]);
    assert!(matches!(again, Err(OpsError::Store(seloste_ops::StoreError::Conflict { .. }))));
    let found = ops::fetch(&test, &office, Some(&set), id).unwrap();
    assert_eq!(found.differences.iter().map(|d| d.same).collect::<Vec<_>>(), [true, true, false]);
    ops::accept(&test, &office, Some(&set), id, &found.shown, &[Part::Postal]).unwrap();
    assert_eq!(addresses(&show(&test, id)).len(), 2);
    assert!(ops::fetch(&test, &office, Some(&set), id).unwrap().differences.iter().all(|d| d.same));
    assert_eq!(history::of_organisation(&test, &TestRegister::operator(), id).unwrap().len(), 3);
}

#[test]
fn what_the_register_says_is_taken_over_part_by_part() {
    each_database(taken_over);
}

#[test]
fn nothing_else_can_be_taken_over_under_its_name() {
    let test = TestRegister::sqlite();
    let server = HttpServer::start(|_| Reply::ok(answer(ID, "Wartian Herkku Oy")));
    let set = quick(&server);
    let (id, other) = (stored(&test, ID, "arjasmaa"), stored(&test, "9000001-1", "arjasmaa"));
    let operator = TestRegister::operator();
    let found = ops::fetch(&test, &operator, Some(&set), id).unwrap();
    let all = Part::ALL;
    // For another organisation, changed, made up, or too late.
    assert_eq!(told(ops::accept(&test, &operator, Some(&set), other, &found.shown, &all)), NotFetched::Old);
    // Another record of the same company, at the same version.
    let twin = stored(&test, "9000003-8", "arjasmaa");
    let twin = {
        let draft = OrganisationDraft { business_id: ID.into(), ..show(&test, twin).draft(test.today()) };
        let draft = OrganisationDraft { customer_number: "77".into(), ..draft };
        organisation::create(&test, &operator, &draft, &TestRegister::source()).unwrap()
    };
    assert_eq!(show(&test, twin).version, show(&test, id).version);
    assert_eq!(told(ops::accept(&test, &operator, Some(&set), twin, &found.shown, &all)), NotFetched::Old);
    let mut changed = found.shown.clone();
    changed.replace_range(40..41, if &changed[40..41] == "A" { "B" } else { "A" });
    for shown in ["", "x", "e30", changed.as_str()] {
        assert_eq!(told(ops::accept(&test, &operator, Some(&set), id, shown, &all)), NotFetched::Old, "{shown}");
    }
    test.clock().advance(SignedDuration::from_mins(31));
    assert_eq!(told(ops::accept(&test, &operator, Some(&set), id, &found.shown, &all)), NotFetched::Old);
    assert_eq!(show(&test, id).version, 1);
    // Rights and companies.
    let elsewhere = test.actor_in(Role::Office, "verkkokauppa");
    assert!(ops::fetch(&test, &elsewhere, Some(&set), id).unwrap_err().is_not_found());
    assert!(ops::fetch(&test, &test.actor(Role::Reader), Some(&set), id).unwrap_err().is_not_found());
    assert_eq!(server.asked().len(), 1, "nobody else asked");
}

fn badly(place: TestPlace) {
    let test = TestRegister::create(place);
    let server = HttpServer::start(|_| Reply::Silence);
    let operator = TestRegister::operator();
    let id = stored(&test, ID, "arjasmaa");
    let slow = set(&server, Duration::from_millis(300));
    let trouble = |why: NotFetched| match why {
        NotFetched::Failed(error) => (error.trouble.as_str(), error.status, error.wait.map(|wait| wait.as_secs())),
        other => panic_with(&other.into()),
    };
    assert_eq!(trouble(told(ops::fetch(&test, &operator, Some(&slow), id))), ("timeout", None, None));
    let set = quick(&server);
    let ask = || told(ops::fetch(&test, &operator, Some(&set), id));
    for (reply, want) in [
        (Reply::status(500), ("status", Some(500), None)),
        (Reply::Good(429, vec![("retry-after", "30".into())], Vec::new()), ("status", Some(429), Some(30))),
        (Reply::Cut(answer(ID, "Wartian Herkku Oy").into_bytes(), 100), ("connection", None, None)),
        (Reply::ok(vec![b' '; 3_000_000]), ("too_large", None, None)),
        (Reply::Endless, ("too_large", None, None)),
        (Reply::Good(302, vec![("location", "https://example.com/".into())], Vec::new()), ("redirect", None, None)),
        (Reply::Raw(b"SSH-2.0-x\r\n".to_vec()), ("answer", None, None)),
    ] {
        server.answer(move |_| reply.clone());
        assert_eq!(trouble(ask()), want);
    }
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for (body, want) in [
        ("<html>".to_owned(), Unusable::Form),
        ("{}".to_owned(), Unusable::Form),
        (r#"{"companies":[{"names":[]}]}"#.to_owned(), Unusable::Form),
        (deep, Unusable::Form),
        ("\u{0}".to_owned(), Unusable::Form),
        (r#"{"companies":[]}"#.to_owned(), Unusable::Absent),
        (answer("9000001-1", "Toinen Oy"), Unusable::Other),
        (r#"{"companies":[{"businessId":{"value":"2617416-4"}}]}"#.to_owned(), Unusable::Nameless),
        (answer(ID, "  "), Unusable::Nameless),
        (answer(ID, &"x".repeat(5_000)), Unusable::Nameless),
    ] {
        server.answer(move |_| Reply::ok(body.clone()));
        assert_eq!(ask(), NotFetched::Unusable(want));
    }
    server.answer(|_| Reply::status(404));
    assert_eq!(ask(), NotFetched::Unusable(Unusable::Absent));
    assert_eq!(show(&test, id).version, 1, "nothing is half done");

    // Fields that are missing leave only themselves out, and what can not be stored is not offered.
    let bare = r#"{"companies":[{"businessId":{"value":"2617416-4"},"names":[{"name":"Wartian Herkku Oy","type":1}],
        "addresses":[{"type":1,"street":"Katu","postCode":"abc","postOffices":[{"city":"Oulu"}]},
        {"type":2,"street":"Tie 1","postOffices":null,"postCode":"90100"}],"endDate":"2025-12-31"}]}"#;
    server.answer(move |_| Reply::ok(bare));
    let found = ops::fetch(&test, &operator, Some(&set), id).unwrap();
    assert_eq!(found.differences.iter().map(|d| d.part).collect::<Vec<_>>(), [Part::Name, Part::Postal]);
    assert_eq!(found.record.ended_on.unwrap().to_string(), "2025-12-31");
    // Markup is text, and control characters are gone.
    server.answer(|_| Reply::ok(answer(ID, r"<b>\u0007Nimi\u202e\n Oy</b>")));
    let name = ops::fetch(&test, &operator, Some(&set), id).unwrap().record.name;
    assert!(name.starts_with("<b>") && !name.contains('\u{7}') && !name.contains('\n'), "{name}");
}

#[test]
fn a_register_that_answers_badly_is_told_and_changes_nothing() {
    each_database(badly);
}

#[test]
fn a_slow_register_does_not_take_all_threads() {
    let test = TestRegister::sqlite();
    let server = HttpServer::start(|_| Reply::Silence);
    let set = set(&server, Duration::from_secs(2));
    let id = stored(&test, ID, "arjasmaa");
    let busy = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                if told(ops::fetch(&test, &TestRegister::operator(), Some(&set), id)) == NotFetched::Busy {
                    busy.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!((busy.load(Ordering::SeqCst), server.asked().len()), (4, 4));
}

#[test]
fn it_is_asked_only_when_it_is_set_and_declared() {
    let test = TestRegister::sqlite();
    let server = HttpServer::start(|_| Reply::ok(answer(ID, "Wartian Herkku Oy")));
    let set = quick(&server);
    let operator = TestRegister::operator();
    let id = stored(&test, ID, "arjasmaa");
    assert_eq!(told(ops::fetch(&test, &operator, None, id)), NotFetched::Off);
    let without = NOTICE.replace("id = \"trade_register\"", "id = \"another\"").replace("version = 1", "version = 2");
    let found = ops::fetch(&test, &operator, Some(&set), id).unwrap();
    notice::publish(&test, &operator, &without, 1).unwrap();
    test.clock().advance(SignedDuration::from_secs(2));
    assert_eq!(told(ops::fetch(&test, &operator, Some(&set), id)), NotFetched::Undeclared);
    assert_eq!(told(ops::fetch_new(&test, &operator, Some(&set), ID)), NotFetched::Undeclared);
    let accepted = ops::accept(&test, &operator, Some(&set), id, &found.shown, &[Part::Name]);
    assert_eq!(told(accepted), NotFetched::Undeclared);
    assert_eq!(server.asked().len(), 1);
    let nameless = OrganisationDraft { business_id: String::new(), ..samples::organisation(2) };
    let nameless = organisation::create(&test, &operator, &nameless, &TestRegister::source()).unwrap();
    notice::publish(&test, &operator, &NOTICE.replace("version = 1", "version = 3"), 2).unwrap();
    test.clock().advance(SignedDuration::from_secs(2));
    assert_eq!(told(ops::fetch(&test, &operator, Some(&set), nameless)), NotFetched::NoBusinessId);
}

#[test]
fn a_new_organisation_is_filled_by_its_business_id() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let server = HttpServer::start(|_| Reply::ok(answer(ID, "Wartian Herkku Oy")));
        let set = quick(&server);
        let office = test.actor_in(Role::Office, "arjasmaa");
        let new = ops::fetch_new(&test, &office, Some(&set), "FI26174164").unwrap();
        assert_eq!((new.draft.name.as_str(), new.draft.addresses.len(), new.known.len()), ("Wartian Herkku Oy", 2, 0));
        let draft = OrganisationDraft { companies: vec!["arjasmaa".into()], ..new.draft };
        let id = organisation::create(&test, &office, &draft, &new.source).unwrap();
        assert_eq!(show(&test, id).source.as_str(), "trade_register");
        assert_eq!(ops::fetch_new(&test, &office, Some(&set), ID).unwrap().known[0].id, id);
        // Another company's is not told.
        let elsewhere = test.actor_in(Role::Office, "verkkokauppa");
        assert!(ops::fetch_new(&test, &elsewhere, Some(&set), ID).unwrap().known.is_empty());
        for wrong in ["", "2617416-5", "1'; --", "2617416-4&x=1"] {
            let error = ops::fetch_new(&test, &office, Some(&set), wrong).unwrap_err();
            assert!(matches!(error, OpsError::Fields(e) if e.0[0].field == "business_id"), "{wrong}");
        }
        assert_eq!(server.asked().len(), 3);
    });
}

/// A register of companies by their ids; those without a name are asked for in vain.
fn companies(asked: &Asked) -> Reply {
    match asked.path.rsplit('=').next().unwrap_or_default() {
        "2617416-4" => Reply::ok(answer("2617416-4", "Wartian Herkku Oy")),
        "9000001-1" => Reply::ok(r#"{"companies":[]}"#),
        id => Reply::ok(answer(id, "Wartian Herkku")),
    }
}

fn in_bulk(place: TestPlace) {
    let test = TestRegister::create(place);
    let server = HttpServer::start(companies);
    let feeding = Feeding { company_register: Some(quick(&server)), pace: Duration::ZERO, ..Feeding::default() };
    let operator = TestRegister::operator();
    let first = stored(&test, ID, "arjasmaa");
    stored(&test, "9000001-1", "arjasmaa");
    let elsewhere = stored(&test, "9000003-8", "verkkokauppa");
    let draft = FeedDraft {
        name: "Yritysrekisteri".into(),
        place: "company_register".into(),
        source: "trade_register".into(),
        company: "arjasmaa".into(),
        every: "10080".into(),
        ..FeedDraft::default()
    };
    let wrong = FeedDraft { source: "customer".into(), ..draft.clone() };
    let error = feed::create(&test, &operator, &feeding, &wrong).unwrap_err();
    assert!(matches!(error, OpsError::Fields(e) if e.0[0].field == "source"));
    let id = feed::create(&test, &operator, &feeding, &draft).unwrap();
    let read = || feed::run_due(&test, &Actor::Program("feeds"), &feeding).unwrap();
    read();
    assert_eq!(server.asked().len(), 2, "those of its company");
    let run = feed::runs(&test, &operator, id).unwrap()[0].clone();
    assert_eq!((run.state, run.problems[0].code.as_str()), (RunState::Imported, "company-register-absent"));
    // The customer's own word is stronger than the register's, so the name stays; what was not there comes.
    let now = show(&test, first);
    assert_eq!((now.name.as_str(), now.companies.len()), ("Wartian Herkku", 1));
    let visiting = addresses(&now).into_iter().find(|(label, ..)| label == "visiting").unwrap();
    assert_eq!((visiting.1.as_str(), visiting.2.as_str()), ("Torikatu 38 B 4a / 90100 Oulu", "trade_register"));
    assert_eq!(show(&test, elsewhere).version, 1);
    import::undo(&test, &operator, run.import.unwrap()).unwrap();
    assert!(addresses(&show(&test, first)).iter().all(|(label, ..)| label != "visiting"));

    // It goes away in the middle: nothing is imported, and it is asked again later.
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    server.answer(move |asked| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => companies(asked),
        _ => Reply::Good(429, vec![("retry-after", "3600".into())], Vec::new()),
    });
    let before = show(&test, first).version;
    test.clock().advance(SignedDuration::from_hours(8 * 24));
    assert_eq!(read(), Tally { failed: 1, ..Tally::default() });
    assert_eq!(show(&test, first).version, before);
    let failed = feed::get(&test, &operator, id).unwrap();
    assert_eq!((failed.trouble, failed.status.as_deref()), (Some(Trouble::Status), Some("429")));
    assert_eq!(failed.next_at.unwrap().duration_since(test.now()), SignedDuration::from_hours(1));
    // Without the setting it is not asked.
    let off = Feeding { company_register: None, ..feeding.clone() };
    test.clock().advance(SignedDuration::from_hours(25));
    let asked = server.asked().len();
    assert_eq!(feed::run_due(&test, &Actor::Program("feeds"), &off).unwrap().failed, 1);
    assert_eq!(feed::get(&test, &operator, id).unwrap().trouble, Some(Trouble::Off));
    assert_eq!(server.asked().len(), asked);
}

#[test]
fn all_organisations_are_asked_about_on_a_schedule() {
    each_database(in_bulk);
}

#[test]
fn many_organisations_are_asked_about_some_at_a_time() {
    let test = TestRegister::sqlite();
    let server = HttpServer::start(companies);
    let feeding = Feeding { company_register: Some(quick(&server)), pace: Duration::ZERO, ..Feeding::default() };
    let operator = TestRegister::operator();
    // Business ids with right check digits.
    let ids = (100_000..).filter_map(|body: u32| {
        (0..10).find_map(|check| seloste_domain::business_id::parse(&format!("{body:07}-{check}")))
    });
    let ids: Vec<_> = ids.take(120).collect();
    for id in &ids {
        stored(&test, id.as_str(), "arjasmaa");
    }
    let draft = FeedDraft {
        name: "Yritysrekisteri".into(),
        place: "company_register".into(),
        source: "trade_register".into(),
        every: "1440".into(),
        ..FeedDraft::default()
    };
    let id = feed::create(&test, &operator, &feeding, &draft).unwrap();
    feed::run_due(&test, &Actor::Program("feeds"), &feeding).unwrap();
    let mut asked: Vec<_> = server.asked().into_iter().map(|asked| asked.path).collect();
    asked.sort();
    asked.dedup();
    assert_eq!((asked.len(), server.asked().len()), (120, 120), "each of them once");
    let runs = feed::runs(&test, &operator, id).unwrap();
    assert_eq!(runs.iter().map(|run| run.counts[2]).collect::<Vec<_>>(), [20, 50, 50]);
    assert_eq!(feed::get(&test, &operator, id).unwrap().next_at.unwrap(), test.now() + SignedDuration::from_hours(24));
}

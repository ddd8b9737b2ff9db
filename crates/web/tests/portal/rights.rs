//! The person's rights: requests, copies, and what nobody else gets.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::id::{PackageId, RequestId};
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_domain::request::DecisionDraft;
use seloste_domain::rights::{Action, Role};
use seloste_ops::access::PackageKind;
use seloste_ops::request::{self, RequestDraft};
use seloste_ops::{access, history, order, person};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

use crate::world::{World, operator};

/// What of PDF/UA-1 can be seen without a validator: sound, tagged, with language and title; and the text can be read out.
fn conforms(pdf: &[u8], word: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (file, plain) = (folder.path().join("package.pdf"), folder.path().join("plain.pdf"));
    std::fs::write(&file, pdf).unwrap();
    let run = |program: &str, arguments: &[&std::ffi::OsStr]| {
        let output = std::process::Command::new(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run("qpdf", &["--check".as_ref(), file.as_os_str()]);
    run("qpdf", &["--qdf".as_ref(), "--object-streams=disable".as_ref(), file.as_os_str(), plain.as_os_str()]);
    let plain = String::from_utf8_lossy(&std::fs::read(&plain).unwrap()).into_owned();
    for part in
        ["/StructTreeRoot", "/Marked true", "/Lang (fi)", "/DisplayDocTitle true", "<pdfuaid:part>1</pdfuaid:part>"]
    {
        assert!(plain.contains(part), "no {part}");
    }
    assert!(run("pdftotext", &[file.as_os_str(), "-".as_ref()]).contains(word));
}

#[test]
fn a_request_is_asked_followed_and_taken_back_and_is_nobody_elses() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(2));
        let (browser, stranger) = (world.let_in(own), world.let_in(other));
        let nothing = world.post(&browser, "/requests/new", "kind=&text=hei");
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nothing.text().contains(">hei</textarea>"), "nothing typed is lost");
        let number = world.post(&browser, "/requests/new", "kind=access&text=131052-308T");
        assert_eq!(number.status, StatusCode::UNPROCESSABLE_ENTITY, "no identity number is kept");
        let asked = world.post(&browser, "/requests/new", "kind=restriction&text=Osoite+on+v%C3%A4%C3%A4rin");
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
        let (path, id) = (asked.to().to_owned(), asked.id::<RequestId>());
        let shown = world.get(&browser, &path).text();
        // Received on 23 November 2026: a month later is a Wednesday.
        let due = request::show(&world.test, &operator(), id).unwrap().request.due_on;
        let told = format!("Vastaamme viimeistään {}", seloste_domain::format::date(due, Language::Fi));
        assert!(shown.contains(&told) && shown.contains("Osoite on väärin"), "{shown}");
        assert!(world.get(&browser, "/requests").text().contains(&told));
        assert!(world.get(&browser, "/rights").text().contains(&told));
        let seen = request::show(&world.test, &operator(), id).unwrap().request;
        assert_eq!(seen.identity.map(|check| check.as_str()), Some("portal_session"));
        // Another person: it is not there, and nothing of it is on their pages.
        for (method, path) in [("GET", path.clone()), ("POST", format!("{path}/withdraw"))] {
            let answer = world.call(&world.portal, "127.0.0.1:8081", &stranger, (method, &path), "");
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        }
        assert!(!world.get(&stranger, "/requests").text().contains(&id.to_string()));
        assert_eq!(request::show(&world.test, &operator(), id).unwrap().request.state.as_str(), "open");
        let withdrawn = world.post(&browser, &format!("{path}/withdraw"), "");
        assert_eq!(withdrawn.to(), path);
        assert!(world.get(&browser, &path).text().contains("Pyyntö peruttiin"));
        assert_eq!(world.post(&browser, &format!("{path}/withdraw"), "").status, StatusCode::CONFLICT);
        // A correction of what they correct nowhere else.
        let form = "kind=rectification&what=customer_number&wrong=1000000&right=1000009&text=";
        let corrected = world.post(&browser, "/requests/new", form);
        assert!(world.get(&browser, corrected.to()).text().contains("1000000 → 1000009"), "{}", corrected.text());
        let missing = world.post(&browser, "/requests/new", "kind=rectification&what=&wrong=&right=");
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn a_refusal_is_told_with_its_reasons_and_where_to_complain_and_an_extension_with_its_day() {
    each_database(|place| {
        let world = World::new(place);
        let browser = world.let_in(world.person(0));
        let letter = LetterDraft {
            company: samples::COMPANY.into(),
            language: "fi".into(),
            heading: "Päätös".into(),
            body: "Emme voi rajoittaa käsittelyä.".into(),
            ..LetterDraft::default()
        };
        let ask = || world.post(&browser, "/requests/new", "kind=restriction&text=").to().to_owned();
        let id = |path: &str| path.rsplit('/').next().unwrap().parse::<RequestId>().unwrap();
        let refused = ask();
        let why = DecisionDraft { ground: "conditions_not_met".into(), reasons: "Edellytys puuttuu".into() };
        request::refuse(&world.test, &operator(), id(&refused), &why, &letter).unwrap();
        let shown = world.get(&browser, &refused).text();
        for text in
            ["Kieltäydyimme pyynnöstä", "Edellytys puuttuu", "Emme voi rajoittaa", "tietosuoja.fi", "tuomioistuimeen"]
        {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        assert!(!shown.contains("/withdraw"), "it is closed");
        let extended = ask();
        let why = DecisionDraft { reasons: "Paljon papereita".into(), ..DecisionDraft::default() };
        request::extend(&world.test, &operator(), id(&extended), &why, &request::Reply::Letter(letter)).unwrap();
        let shown = world.get(&browser, &extended).text();
        assert!(shown.contains("Pyyntö vaatii enemmän aikaa") && shown.contains("Paljon papereita"), "{shown}");
        // Late: it says so.
        let open = ask();
        world.test.clock().advance(SignedDuration::from_hours(24 * 40));
        let browser = world.let_in(request::show(&world.test, &operator(), id(&open)).unwrap().person.unwrap().id);
        assert!(world.get(&browser, &open).text().contains("Olemme myöhässä"));
    });
}

#[test]
fn a_thousand_requests_of_one_person_are_ten() {
    each_database(|place| {
        let world = World::new(place);
        let id = world.person(0);
        let browser = world.let_in(id);
        let mut statuses = Vec::new();
        for _ in 0..12 {
            let answer = world.post(&browser, "/requests/new", "kind=access&text=samaa");
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), request::MOST_OPEN);
        assert_eq!(statuses[10..], [429, 429]);
        assert_eq!(request::of_person(&world.test, &operator(), id).unwrap().len(), 10);
        // Nobody else is kept out.
        let other = world.let_in(world.person(2));
        assert_eq!(world.post(&other, "/requests/new", "kind=access").status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_copy_is_made_read_and_taken_and_is_nobody_elses() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(2));
        order::create(&world.test, &operator(), &samples::order(1, Some(own)), &TestRegister::source()).unwrap();
        let (browser, stranger) = (world.let_in(own), world.let_in(other));
        let asked = world.post(&browser, "/requests/new", "kind=access&text=").to().to_owned();
        let made = world.post(&browser, "/copies", "kind=access");
        assert_eq!(made.to(), "/copies#access", "{}", made.text());
        // It answers what was asked before.
        assert!(world.get(&browser, &asked).text().contains("Pyyntösi on toteutettu"));
        let id = access::of(&world.test, &operator(), own).unwrap()[0].id;
        let list = world.get(&browser, "/copies").text();
        assert!(list.contains(&format!("/copies/{id}/package.pdf")), "{list}");
        let page = world.get(&browser, &format!("/copies/{id}")).text();
        assert!(page.contains("asiakas0@example.com") && page.contains("T-00001"), "{page}");
        assert!(!page.contains("asiakas2@example.com"));
        let json = world.get(&browser, &format!("/copies/{id}/package.json"));
        assert_eq!(json.headers[header::CONTENT_TYPE], "application/json");
        assert!(json.text().contains("asiakas0@example.com") && !json.text().contains("asiakas2"));
        conforms(&world.get(&browser, &format!("/copies/{id}/package.pdf")).body, "asiakas0@example.com");
        assert!(world.get(&browser, &format!("/copies/{id}/package.html")).text().starts_with("<!doctype html>"));
        assert_eq!(world.get(&browser, &format!("/copies/{id}/package.vcf")).status, StatusCode::NOT_FOUND);
        for path in [format!("/copies/{id}"), format!("/copies/{id}/package.json"), format!("/copies/{id}/package.pdf")]
        {
            let answer = world.get(&stranger, &path);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text());
        }
        assert!(!world.get(&stranger, "/copies").text().contains(&id.to_string()));
        // What they gave, in every form.
        assert_eq!(world.post(&browser, "/copies", "kind=portability").to(), "/copies#portability");
        let portable = access::of(&world.test, &operator(), own).unwrap();
        let portable = portable.iter().find(|made| made.kind == PackageKind::Portability).unwrap().id;
        for (file, begins) in
            [("json", &b"{"[..]), ("vcf", b"BEGIN:VCARD"), ("csv", b""), ("xlsx", b"PK"), ("zip", b"PK")]
        {
            let answer = world.get(&browser, &format!("/copies/{portable}/package.{file}"));
            assert_eq!(answer.status, StatusCode::OK, "{file}");
            assert!(answer.body.starts_with(begins) && answer.body.len() > 20, "{file}");
            let strange = world.get(&stranger, &format!("/copies/{portable}/package.{file}"));
            assert_eq!(strange.status, StatusCode::NOT_FOUND);
        }
        // It is logged as their own use, with what was opened.
        let events = history::log_of(&world.test, &operator(), own.0, 100).unwrap();
        let taken = |id: PackageId| {
            let object = format!("package:{id}");
            events.iter().any(|event| event.action == "portal.copy" && event.objects.contains(&object))
        };
        assert!(taken(id) && taken(portable));
        assert!(world.get(&browser, "/uses").text().contains("Sinä itse"));
        let unknown = world.post(&browser, "/copies", "kind=everything");
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    });
}

#[test]
fn copies_are_few_a_day_need_a_fresh_proof_and_end_after_their_time() {
    each_database(|place| {
        let world = World::new(place);
        let own = world.person(0);
        let browser = world.let_in(own);
        for _ in 0..access::MOST_IN_A_DAY {
            assert_eq!(world.post(&browser, "/copies", "kind=access").status, StatusCode::SEE_OTHER);
        }
        let often = world.post(&browser, "/copies", "kind=access");
        assert_eq!(often.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(often.text().contains("Olet tehnyt tänään jo"), "{}", often.text());
        assert_eq!(world.post(&browser, "/copies", "kind=portability").status, StatusCode::SEE_OTHER);
        let kept = access::of(&world.test, &operator(), own).unwrap();
        assert_eq!(kept.len(), 6);
        world.test.clock().advance(SignedDuration::from_mins(11));
        for (method, path) in [("POST", "/copies".to_owned()), ("GET", format!("/copies/{}/package.json", kept[0].id))]
        {
            let answer = world.call(&world.portal, "127.0.0.1:8081", &browser, (method, &path), "kind=portability");
            assert_eq!(answer.to(), "/prove?next=/copies", "{method} {path}");
        }
        world.test.clock().advance(SignedDuration::from_hours(25));
        let browser = world.let_in(own);
        assert_eq!(world.post(&browser, "/copies", "kind=access").status, StatusCode::SEE_OTHER, "another day");
        world.test.clock().advance(access::KEPT);
        let browser = world.let_in(own);
        assert_eq!(world.post(&browser, "/copies", "kind=access").status, StatusCode::SEE_OTHER);
        let gone = world.get(&browser, &format!("/copies/{}/package.json", kept[0].id));
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn who_represents_an_organisation_gets_nothing_of_a_colleague() {
    each_database(|place| {
        let world = World::new(place);
        let make = |number| {
            let draft = samples::representative(number, "Yhteinen Työnantaja Oy");
            person::create(&world.test, &operator(), &draft, &TestRegister::source()).unwrap()
        };
        let (own, colleague) = (make(0), make(2));
        let mut draft = samples::order(1, Some(colleague));
        draft.organisation =
            person::show(&world.test, &operator(), own).unwrap().person.representations.first().map(|r| r.organisation);
        order::create(&world.test, &operator(), &draft, &TestRegister::source()).unwrap();
        let mut browser = world.let_in(own);
        assert_eq!(world.post(&browser, "/copies", "kind=access").to(), "/copies#access");
        let id = access::of(&world.test, &operator(), own).unwrap()[0].id;
        let copy = world.get(&browser, &format!("/copies/{id}/package.json")).text();
        assert!(copy.contains("Yhteinen Työnantaja Oy"));
        let (plan, _) = world.plan(&mut browser);
        for theirs in ["asiakas2@example.com", "0000002", "1000002", "Esimerkkikatu 3"] {
            for text in [&copy, &plan, &world.get(&browser, "/rights").text()] {
                assert!(!text.contains(theirs), "{theirs}");
            }
        }
    });
}

#[test]
fn staff_see_what_came_from_the_portal_and_a_reader_does_not() {
    let world = World::new(TestPlace::sqlite());
    let browser = world.let_in(world.person(0));
    let id = world.post(&browser, "/requests/new", "kind=objection&text=Ei+kiitos").id::<RequestId>();
    let handler = world.test.actor(Role::DataProtection);
    let shown = request::show(&world.test, &handler, id).unwrap();
    assert_eq!(shown.said.unwrap().text, "Ei kiitos");
    assert!(shown.pending.is_some(), "meanwhile the processing is restricted");
    assert!(request::show(&world.test, &world.test.actor(Role::Reader), id).is_err());
    let page = world.get(&browser, &format!("/requests/{id}")).text();
    assert!(page.contains("Ei kiitos") && page.contains("Käsittelemme pyyntöäsi"));
    let draft = RequestDraft { kind: "access".into(), language: "fi".into(), ..RequestDraft::default() };
    assert!(request::receive(&world.test, &handler, &draft, None).is_err(), "what staff receive says who asks");
}

#[test]
fn what_is_too_long_for_paper_is_cut_there_and_nowhere_else() {
    let world = World::new(TestPlace::sqlite());
    let usage = world.test.authorize(&operator(), Action::AccessMake).unwrap();
    let mut package = access::package(&world.test, &usage, world.person(0), Some(Language::Fi)).unwrap();
    let part = package.parts.iter_mut().find(|part| part.part == "value").unwrap();
    let mut long = part.records[0].clone();
    long.0.insert("text".into(), "sana ".repeat(2_000).into());
    part.records = vec![long; 450];
    let html = seloste_web::access_html(&package).unwrap();
    assert!(html.matches("sana ").count() >= 450 * 1_999, "the page has all");
    let pdf = seloste_web::access_paper(&world.test, &seloste_web::Styles::default(), &package).unwrap().unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
}

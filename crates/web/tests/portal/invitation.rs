//! Invitations and the public registration.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::id::PersonId;
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::rights::Role;
use seloste_ops::{consent, invitation, person, proposal};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

use crate::world::{BASE, Browser, World, encode, token};

#[test]
fn an_invitation_leads_in_once_and_what_is_said_then_is_of_the_digital_source() {
    each_database(|place| {
        let world = World::new(place);
        let id = world.person(0);
        let office = world.test.actor(Role::Office);
        let secret_of =
            |message: &str| message.split("/invitation#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        invitation::by_email(&world.test, &office, id, "").unwrap();
        assert_eq!(invitation::send_waiting(&world.test, BASE).unwrap(), 1);
        let first = secret_of(&world.message("asiakas0@example.com").unwrap());
        // Another takes its place; one on paper can be typed as it is read.
        let printed = invitation::by_letter(&world.test, &office, id, "7").unwrap();
        assert_eq!(printed.envelope[0], "Pirkko Esimerkki");
        let enter =
            |browser: &Browser, said: &str| world.post(browser, "/invitation", &format!("said={}", encode(said)));
        assert_eq!(enter(&Browser::default(), &first).status, StatusCode::UNPROCESSABLE_ENTITY);
        for _ in 0..2 {
            assert_eq!(world.get(&Browser::default(), "/invitation").status, StatusCode::OK);
        }
        let mut browser = Browser::default();
        let entered = enter(&browser, &printed.secret.to_lowercase().replace('-', " "));
        assert_eq!((entered.status, entered.to()), (StatusCode::SEE_OTHER, "/"));
        browser.keep(&entered);
        assert_eq!(enter(&Browser::default(), &printed.secret).status, StatusCode::UNPROCESSABLE_ENTITY);
        world.post(&browser, "/details/telephone", "version=1&telephones.text=050+123+4567");
        let card = person::show(&world.test, &TestRegister::operator(), id).unwrap().person;
        assert_eq!(card.values_of(Kind::Telephone).next().unwrap().source.as_str(), "digital");
        // Taken back, and run out.
        let late = invitation::by_letter(&world.test, &office, id, "1").unwrap();
        world.test.clock().advance(SignedDuration::from_hours(24));
        assert_eq!(enter(&Browser::default(), &late.secret).status, StatusCode::UNPROCESSABLE_ENTITY);
        let taken = invitation::by_letter(&world.test, &office, id, "1").unwrap();
        invitation::cancel(&world.test, &office, id, taken.invitation.id).unwrap();
        assert_eq!(enter(&Browser::default(), &taken.secret).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(invitation::by_email(&world.test, &world.test.actor(Role::Reader), id, "").is_err());
        assert!(invitation::by_email(&world.test, &world.test.actor_in(Role::Office, "palvelut"), id, "").is_err());
    });
}

#[test]
fn a_registration_is_confirmed_and_tells_nobody_who_is_known() {
    each_database(|place| {
        let world = World::new(place);
        let known = world.person(0);
        let operator = TestRegister::operator();
        let count = || person::count(&world.test, &operator).unwrap();
        let stamp = || {
            let page = world.get(&Browser::default(), "/register").text();
            assert!(page.contains("Rekisterin käyttötarkoitus"), "the notice is shown with the form");
            page.split("name=\"stamp\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        let form = |email: &str, stamp: &str, trap: &str| {
            format!(
                "stamp={stamp}&website={trap}&given=Uuno&family=Uusi&emails.text={}&telephones.text=050+123+4567&language=fi",
                encode(email)
            )
        };
        let quick = world.post(&Browser::default(), "/register", &form("uusi@example.com", &stamp(), ""));
        assert_eq!(quick.status, StatusCode::UNPROCESSABLE_ENTITY, "sent at once");
        let shown = stamp();
        world.test.clock().advance(SignedDuration::from_secs(5));
        let send = |email: &str, trap: &str| world.post(&Browser::default(), "/register", &form(email, &shown, trap));
        let answers = [send("uusi@example.com", ""), send("asiakas0@example.com", ""), send("robot@example.com", "x")];
        for answer in &answers {
            assert_eq!((answer.status, &answer.body), (StatusCode::OK, &answers[0].body));
        }
        assert_eq!(send("uusi", "").status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(count(), 1, "nothing is taken in before it is confirmed");
        assert!(world.message("robot@example.com").is_none());
        let link = |to: &str| {
            let message = world.message(to).unwrap();
            message.split("/register/confirm#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
        };
        let (new, old) = (link("uusi@example.com"), link("asiakas0@example.com"));
        assert_eq!(world.get(&Browser::default(), "/register/confirm").status, StatusCode::OK);
        let confirm = |said: &str| world.post(&Browser::default(), "/register/confirm", &format!("said={said}"));
        let (one, two) = (confirm(&new), confirm(&old));
        assert_eq!((one.status, &one.body), (StatusCode::OK, &two.body));
        assert_eq!(count(), 2);
        let waiting = proposal::queue(&world.test, &operator, &proposal::Filter::default(), None, 10).unwrap();
        let group = &waiting.groups[0];
        assert_eq!(group.record.party().0, known.0);
        assert!(group.items.iter().all(|item| item.proposal.source.as_str() == "registration"));
        assert_eq!(confirm(&new).status, StatusCode::UNPROCESSABLE_ENTITY, "once");
        // The new one can sign in, and sees where their data came from.
        let mut browser = Browser::default();
        let message = world.ask(&mut browser, "uusi@example.com").unwrap();
        browser.keep(&world.post(&browser, "/enter", &format!("said={}", token(&message))));
        assert!(world.get(&browser, "/details").text().contains("Asiakkaan tekemä rekisteröityminen"));
        // A day later nothing of what was not confirmed is left.
        let shown = stamp();
        world.test.clock().advance(SignedDuration::from_secs(5));
        world.post(&Browser::default(), "/register", &form("hidas@example.com", &shown, ""));
        let late = link("hidas@example.com");
        world.test.clock().advance(SignedDuration::from_hours(24));
        assert_eq!(confirm(&late).status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

/// What a telephone reads from a page of a PDF file.
fn scanned(pdf: &[u8]) -> String {
    use std::process::Command;
    let folder = tempfile::tempdir().unwrap();
    let (file, page) = (folder.path().join("kutsu.pdf"), folder.path().join("sivu"));
    std::fs::write(&file, pdf).unwrap();
    let mut drawn = Command::new("pdftoppm");
    let drawn = drawn.args(["-gray", "-png", "-singlefile", "-r", "150"]).arg(&file).arg(&page).status().unwrap();
    assert!(drawn.success());
    let mut zbarimg = Command::new("zbarimg");
    let output = zbarimg.args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(page.with_extension("png"));
    String::from_utf8(output.output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn a_printed_invitation_is_scanned_and_leads_in() {
    let world = World::new(TestPlace::sqlite());
    let id = world.person(0);
    let (token, _) = world.test.sign_in(Role::Office, None);
    let staff = Browser { cookies: vec![("seloste".into(), token.0)], from: None };
    let path = format!("/people/{id}/invitations");
    let post = |form: &str| world.call(&world.staff, "127.0.0.1:8080", &staff, ("POST", &path), form);
    assert_eq!(post("way=letter&days=0").status, StatusCode::UNPROCESSABLE_ENTITY);
    let letter = post("way=letter&days=14");
    assert_eq!(letter.headers[header::CONTENT_TYPE], "application/pdf", "{}", letter.text());
    let read = scanned(&letter.body);
    assert!(read.starts_with(&format!("{BASE}/invitation#")), "{read}");
    let entered = world.post(&Browser::default(), "/invitation", &format!("said={}", encode(&read)));
    assert_eq!(entered.to(), "/");
    let page = world.call(&world.staff, "127.0.0.1:8080", &staff, ("GET", &path), "").text();
    assert!(page.contains("Käytetty") && !page.contains(read.split('#').nth(1).unwrap()), "{page}");
}

#[test]
fn staff_invite_a_list_and_take_it_back() {
    use seloste_domain::bulk::{BulkAct, RowOutcome};
    use seloste_domain::list::ListOf;
    use seloste_ops::bulk;
    use seloste_ops::list::List;
    each_database(|place| {
        let world = World::new(place);
        let people: Vec<PersonId> = (0..3).map(|number| world.person(number)).collect();
        let mut silent = samples::person(3);
        silent.emails.clear();
        let (operator, source) = (TestRegister::operator(), TestRegister::source());
        person::create(&world.test, &operator, &silent, &source).unwrap();
        invitation::by_email(&world.test, &operator, people[0], "").unwrap();
        let office = world.test.actor(Role::Office);
        let id = bulk::plan(&world.test, &office, &List::first(ListOf::People, 50), &BulkAct::Invite).unwrap();
        let run = |undone: bool| {
            // The thread that begins with it and this one do nothing twice.
            bulk::run(&world.test, id).unwrap();
            for _ in 0..100 {
                let shown = bulk::show(&world.test, &office, id).unwrap();
                let left = shown.count(RowOutcome::Waiting) + if undone { shown.count(RowOutcome::Done) } else { 0 };
                if left == 0 {
                    return shown;
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            bulk::show(&world.test, &office, id).unwrap()
        };
        bulk::start(&world.test, &office, id, None).unwrap();
        let shown = run(false);
        let counts = [RowOutcome::Done, RowOutcome::Already, RowOutcome::NoAddress].map(|of| shown.count(of));
        assert_eq!(counts, [2, 1, 1]);
        invitation::send_waiting(&world.test, BASE).unwrap();
        assert!(world.message("asiakas1@example.com").unwrap().contains("/invitation#"));
        bulk::undo(&world.test, &office, id).unwrap();
        assert_eq!(run(true).count(RowOutcome::Undone), 2);
        let states = |person| invitation::of(&world.test, &office, person).unwrap()[0].state.as_str();
        assert_eq!([states(people[1]), states(people[0])], ["cancelled", "sent"]);
    });
}

#[test]
fn a_registration_consents_to_what_was_ticked_and_to_nothing_else() {
    each_database(|place| {
        let world = World::new(place);
        let known = world.person(0);
        let page = world.get(&Browser::default(), "/register?lang=fi").text();
        assert!(page.contains("saa lähettää minulle suoramarkkinointia sähköpostitse"), "{page}");
        assert!(!page.contains("checked"), "nothing is ticked beforehand");
        let value = |channel: &str| {
            let values = page.split("name=\"consents\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
            let mut found = values.filter(|value| value.split(' ').next().unwrap().ends_with(channel));
            found.next().unwrap().to_owned()
        };
        let email = value(":email");
        assert!(!page.contains(":sms"), "a number that somebody types can be anybody's");
        let stamp = page.split("name=\"stamp\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        world.test.clock().advance(SignedDuration::from_secs(5));
        let send = |address: &str, telephone: &str, ticked: &[&str]| {
            let mut form = format!("stamp={stamp}&given=Uuno&family=Uusi&emails.text={}&language=fi", encode(address));
            form.push_str(&format!("&telephones.text={}", encode(telephone)));
            for value in ticked {
                form.push_str(&format!("&consents={}", encode(value)));
            }
            world.post(&Browser::default(), "/register", &form)
        };
        let wrong = send("uusi", "", &[&email]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(wrong.text().matches(" checked").count(), 1, "what was ticked stays");
        let reworded = format!("{}0", &email[..email.len() - 1]);
        assert_eq!(
            send("uusi@example.com", "", &[&reworded]).status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "another wording"
        );
        assert_eq!(send("uusi@example.com", "050 123 4567", &[&email, &email]).status, StatusCode::OK);
        assert_eq!(send("asiakas0@example.com", "050 765 4321", &[&email]).status, StatusCode::OK);
        assert_eq!(send("ilman@example.com", "", &[]).status, StatusCode::OK);
        let rows = || {
            let sql = "SELECT channel, way, count(*) FROM consent GROUP BY channel, way ORDER BY channel";
            seloste_testkit::raw::Raw::open(&world.test.db().settings().place).rows(sql)
        };
        assert!(rows().is_empty(), "nothing before it is confirmed");
        for address in ["uusi@example.com", "asiakas0@example.com", "ilman@example.com"] {
            let message = world.message(address).unwrap();
            let link =
                message.split("/register/confirm#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
            assert_eq!(
                world.post(&Browser::default(), "/register/confirm", &format!("said={link}")).status,
                StatusCode::OK
            );
        }
        assert_eq!(rows(), [["email", "registration", "2"]]);
        let operator = TestRegister::operator();
        let consents = consent::of(&world.test, &operator, known, Language::Fi).unwrap();
        let given = &consents.all[0];
        assert!(
            given.text.contains("suoramarkkinointia sähköpostitse")
                && given.evidence.as_ref().unwrap().contains("vahvistettu")
        );
    });
}

#[test]
fn who_comes_back_by_registering_forbids_what_they_forbade_and_a_shared_address_consents_to_nothing() {
    each_database(|place| {
        let world = World::new(place);
        let (gone, twin) = (world.person(0), world.person(1));
        let browser = world.let_in(gone);
        world.post(&browser, "/prohibitions", "kind=marketing_email&do=forbid");
        let operator = TestRegister::operator();
        let plan = seloste_ops::erasure::plan(&world.test, &operator, gone).unwrap();
        seloste_ops::erasure::erase(&world.test, &operator, gone, &plan.version(), true).unwrap();
        // Another address that two customers have.
        let mut draft = samples::person(2);
        draft.emails = samples::person(1).emails;
        person::create(&world.test, &operator, &draft, &TestRegister::source()).unwrap();
        let page = world.get(&Browser::default(), "/register?lang=fi").text();
        let between = |start: &str| page.split(start).nth(1).unwrap().split('"').next().unwrap();
        let stamp = between("name=\"stamp\" value=\"");
        let values = page.split("name=\"consents\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        let email = values.into_iter().find(|value| value.contains(":email ")).unwrap();
        world.test.clock().advance(SignedDuration::from_secs(5));
        for address in ["asiakas0@example.com", "asiakas1@example.com"] {
            let form = format!(
                "stamp={stamp}&given=Uuno&family=Uusi&emails.text={}&language=fi&consents={}",
                encode(address),
                encode(email)
            );
            assert_eq!(world.post(&Browser::default(), "/register", &form).status, StatusCode::OK);
            let message = world.message(address).unwrap();
            let link =
                message.split("/register/confirm#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
            let confirmed = world.post(&Browser::default(), "/register/confirm", &format!("said={link}"));
            assert_eq!(confirmed.status, StatusCode::OK);
        }
        let mut raw = seloste_testkit::raw::Raw::open(&world.test.db().settings().place);
        assert!(raw.rows("SELECT 1 FROM consent").is_empty());
        let forbidden = raw.rows("SELECT kind FROM prohibition WHERE lifted_at IS NULL");
        assert_eq!(forbidden, [["marketing_email"]], "what was forbidden before the erasure");
        assert!(person::show(&world.test, &operator, twin).is_ok());
    });
}

//! Passkeys: signing in without a message, and what is refused (PO-28).

use axum::http::StatusCode;
use jiff::SignedDuration;
use seloste_domain::kind::Kind;
use seloste_domain::rights::Role;
use seloste_ops::{access, erasure, person, portal};
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, each_database};
use serde_json::{Value as Json, json};

use crate::authenticator::Authenticator;
use crate::world::{Answer, Browser, World, operator};

/// What makes an authenticator or its browser lie.
type Lie = fn(&mut Authenticator);

const LOCAL: &str = "http://localhost:8081";

impl World {
    fn json(&self, browser: &mut Browser, path: &str, body: &Json) -> (StatusCode, Json) {
        let sent = ("POST", path, "application/json");
        let answer = self.send((&self.portal, "localhost:8081"), browser, sent, &body.to_string());
        browser.keep(&answer);
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    fn ask_passkey(&self, browser: &mut Browser, path: &str) -> Json {
        let (status, options) = self.json(browser, path, &json!({}));
        assert_eq!(status, StatusCode::OK, "{options}");
        options
    }

    /// Adds a passkey from a browser that is signed in.
    fn add_passkey(&self, browser: &mut Browser, device: &mut Authenticator, name: &str) -> (StatusCode, Json) {
        let options = self.ask_passkey(browser, "/passkeys/ask");
        let answer = device.create(&options);
        self.json(browser, "/passkeys", &json!({"name": name, "answer": answer}))
    }

    fn sign_in_by(&self, browser: &mut Browser, device: &mut Authenticator) -> (StatusCode, Json) {
        let options = self.ask_passkey(browser, "/passkey/ask");
        let answer = device.get(&options);
        self.json(browser, "/passkey", &json!({"next": "/orders", "answer": answer}))
    }

    fn count(&self, sql: &str) -> String {
        Raw::open(&self.test.db().settings().place).rows(sql)[0][0].clone()
    }

    fn page(&self, browser: &Browser) -> Answer {
        self.get(browser, "/passkeys?lang=fi")
    }
}

fn is_in(browser: &Browser) -> bool {
    browser.cookie("seloste-portal").is_some()
}

fn visitor(from: &'static str) -> Browser {
    Browser { from: Some(from), ..Browser::default() }
}

#[test]
fn who_has_a_passkey_comes_in_without_a_message() {
    each_database(|place| {
        let world = World::at(place, LOCAL);
        world.person(0);
        let mut browser = world.sign_in(0);
        assert!(world.page(&browser).text().contains("Sinulla ei ole vielä pääsyavainta"));
        let mut device = Authenticator::new(0);
        // What the page asks of the device: to verify its user, and to find the passkey by itself.
        let options = world.ask_passkey(&mut browser, "/passkeys/ask");
        let asked = &options["publicKey"];
        assert_eq!(asked["rp"]["id"], "localhost");
        assert_eq!(asked["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(asked["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(asked["user"]["name"], "asiakas0@example.com");
        for name in ["", &"x".repeat(61)] {
            let answer = json!({"name": name, "answer": device.create(&options)});
            let (status, said) = world.json(&mut browser, "/passkeys", &answer);
            assert!(status == StatusCode::UNPROCESSABLE_ENTITY && said["problem"].is_string(), "{said}");
        }
        let (status, said) = world.add_passkey(&mut browser, &mut device, "Oma <puhelin>");
        assert_eq!((status, &said["to"]), (StatusCode::OK, &json!("/passkeys?added")), "{said}");
        let told = world.message("asiakas0@example.com").unwrap();
        assert!(told.contains("Oma <puhelin>") && told.contains("yhteyshenkil"), "{told}");
        let page = world.page(&browser).text();
        assert!(page.contains("Oma &#60;puhelin&#62;") && page.contains("ei vielä käytetty"), "{page}");
        // Hours later, in another browser, without a word of who it is.
        world.test.clock().advance(SignedDuration::from_hours(9));
        assert!(world.page(&browser).to().starts_with("/sign-in"));
        let mut elsewhere = visitor("192.0.2.44");
        let (status, said) = world.sign_in_by(&mut elsewhere, &mut device);
        assert_eq!((status, &said["to"]), (StatusCode::OK, &json!("/orders")), "{said}");
        assert!(world.get(&elsewhere, "/").text().contains("Hei"));
        assert!(world.page(&elsewhere).text().contains("käytetty viimeksi"));
        // It is a fresh proof, too: what needs one is open.
        assert_eq!(world.get(&elsewhere, "/details/email").status, StatusCode::OK);
        world.ask_passkey(&mut elsewhere, "/passkeys/ask");
        // An old session has to prove itself before a passkey is added.
        world.test.clock().advance(SignedDuration::from_mins(11));
        let (_, said) = world.json(&mut elsewhere, "/passkeys/ask", &json!({}));
        assert_eq!(said["to"], "/prove?next=/passkeys");
        // Removed, it is worth nothing, and the person is told.
        let page = world.page(&elsewhere).text();
        let remove =
            page.split("action=\"").find_map(|part| part.split('"').next().filter(|to| to.ends_with("/remove")));
        assert_eq!(world.post(&elsewhere, remove.unwrap(), "").to(), "/passkeys?removed");
        assert!(world.page(&elsewhere).to().starts_with("/sign-in"), "whoever came in by it is out");
        assert!(world.message("asiakas0@example.com").unwrap().contains("poistettiin"));
        let mut again = visitor("192.0.2.44");
        assert_eq!(world.sign_in_by(&mut again, &mut device).0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!is_in(&again));
    });
}

#[test]
fn nothing_but_the_right_answer_of_the_right_device_lets_in() {
    each_database(|place| {
        let world = World::at(place, LOCAL);
        let (own, other) = (world.person(0), world.person(1));
        let (mut device, mut others) = (Authenticator::new(0), Authenticator::new(1));
        for (person, device) in [(own, &mut device), (other, &mut others)] {
            let mut browser = world.let_in(person);
            assert_eq!(world.add_passkey(&mut browser, device, "Avain").0, StatusCode::OK);
        }
        let mut wrong = Vec::new();
        let mut refused = |what: &str, (status, said): (StatusCode, Json), browser: &Browser| {
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {said}");
            assert!(!is_in(browser), "{what}");
            wrong.push(said);
        };
        // Each lie of the device or the browser by itself.
        let lies: [(&str, Lie); 5] = [
            ("another origin", |device| device.origin = "https://localhost.example.com".into()),
            ("another port", |device| device.origin = "http://localhost:9999".into()),
            ("another relying party", |device| device.host = "example.com".into()),
            ("a user who was not verified", |device| device.verifies = false),
            ("a counter that went back", |device| device.counter = 0),
        ];
        let mut ready = visitor("192.0.2.50");
        assert_eq!(world.sign_in_by(&mut ready, &mut device).0, StatusCode::OK, "it works when nobody lies");
        assert_eq!(world.sign_in_by(&mut ready, &mut device).0, StatusCode::OK);
        for (what, lie) in lies {
            let mut browser = visitor("192.0.2.51");
            let mut liar =
                Authenticator { user: device.user.clone(), counter: device.counter, ..Authenticator::new(0) };
            lie(&mut liar);
            refused(what, world.sign_in_by(&mut browser, &mut liar), &browser);
        }
        // The passkey of one with the number of another.
        let mut browser = visitor("192.0.2.52");
        let mut mixed = Authenticator { user: others.user.clone(), counter: 90, ..Authenticator::new(0) };
        refused("another's number", world.sign_in_by(&mut browser, &mut mixed), &browser);
        let mut stranger = Authenticator { user: device.user.clone(), ..Authenticator::new(7) };
        refused("a passkey that nobody has", world.sign_in_by(&mut browser, &mut stranger), &browser);
        // The same answer once more, one of another browser, one without a question, and one that is late.
        let options = world.ask_passkey(&mut browser, "/passkey/ask");
        let answer = json!({"answer": device.get(&options)});
        let mut thief = visitor("192.0.2.53");
        refused("no question", world.json(&mut thief, "/passkey", &answer), &thief);
        world.ask_passkey(&mut thief, "/passkey/ask");
        refused("another browser", world.json(&mut thief, "/passkey", &answer), &thief);
        let mut first = browser.clone();
        assert_eq!(world.json(&mut first, "/passkey", &answer).0, StatusCode::OK);
        refused("the same again", world.json(&mut browser, "/passkey", &answer), &browser);
        let options = world.ask_passkey(&mut browser, "/passkey/ask");
        let answer = json!({"answer": device.get(&options)});
        world.test.clock().advance(SignedDuration::from_mins(5));
        refused("too late", world.json(&mut browser, "/passkey", &answer), &browser);
        refused("no answer", world.json(&mut browser, "/passkey", &json!({"answer": {"id": 1}})), &browser);
        assert!(wrong.windows(2).all(|pair| pair[0] == pair[1]), "what is wrong is not told: {wrong:?}");
        assert_eq!(world.count("SELECT count(*) FROM passkey_ceremony"), "0", "what was answered is gone");
    });
}

#[test]
fn a_passkey_is_added_by_its_person_only() {
    each_database(|place| {
        let world = World::at(place, LOCAL);
        let (mut own, mut other) = (world.let_in(world.person(0)), world.let_in(world.person(1)));
        let mut device = Authenticator::new(0);
        // What was asked in one session is answered in another: the browser of one with the session of the other.
        let options = world.ask_passkey(&mut own, "/passkeys/ask");
        let answer = json!({"name": "Avain", "answer": device.create(&options)});
        let asked = own.cookie("seloste-portal-passkey").unwrap().to_owned();
        let mut swapped = other.clone();
        swapped.cookies.push(("seloste-portal-passkey".into(), asked));
        assert_eq!(world.json(&mut swapped, "/passkeys", &answer).0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.json(&mut own, "/passkeys", &answer).0, StatusCode::UNPROCESSABLE_ENTITY, "it was used up");
        assert_eq!(world.add_passkey(&mut own, &mut device, "Avain").0, StatusCode::OK);
        // A question of signing in does not add one; a device that one person has is nobody else's.
        let options = world.ask_passkey(&mut other, "/passkey/ask");
        let answer = json!({"name": "Avain", "answer": Authenticator::new(3).get(&options)});
        assert_eq!(world.json(&mut other, "/passkeys", &answer).0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.add_passkey(&mut other, &mut device, "Avain").0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.count("SELECT count(*) FROM passkey"), "1");
        // Nobody removes another's.
        let page = world.page(&own).text();
        let remove =
            page.split("action=\"").find_map(|part| part.split('"').next().filter(|to| to.ends_with("/remove")));
        assert_eq!(world.post(&other, remove.unwrap(), "").status, StatusCode::NOT_FOUND);
        for number in 1..10 {
            assert_eq!(world.add_passkey(&mut own, &mut Authenticator::new(number), "Avain").0, StatusCode::OK);
        }
        let (status, said) = world.json(&mut own, "/passkeys/ask", &json!({}));
        assert!(
            status == StatusCode::UNPROCESSABLE_ENTITY && said["problem"].as_str().unwrap().contains("10"),
            "{said}"
        );
    });
}

#[test]
fn a_passkey_is_the_persons_data_and_goes_with_them() {
    each_database(|place| {
        let world = World::at(place, LOCAL);
        let own = world.person(0);
        let mut browser = world.let_in(own);
        let mut device = Authenticator::new(0);
        assert_eq!(world.add_passkey(&mut browser, &mut device, "Oma puhelin").0, StatusCode::OK);
        let package = access::make(&world.test, &operator(), own, None, None).unwrap();
        let shown = String::from_utf8(access::open(&world.test, &operator(), package).unwrap().1).unwrap();
        assert!(shown.contains("Oma puhelin"), "{shown}");
        world.ask_passkey(&mut browser, "/passkeys/ask");
        let plan = erasure::plan(&world.test, &operator(), own).unwrap();
        erasure::erase(&world.test, &operator(), own, &plan.version(), true).unwrap();
        assert!(person::show(&world.test, &operator(), own).is_err());
        for table in ["passkey", "passkey_ceremony"] {
            assert_eq!(world.count(&format!("SELECT count(*) FROM {table}")), "0", "{table}");
        }
        let mut again = visitor("192.0.2.44");
        assert_eq!(world.sign_in_by(&mut again, &mut device).0, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn where_browsers_take_no_passkeys_none_are_offered() {
    // A numeric address has no relying party.
    let world = World::new(TestPlace::sqlite());
    let browser = world.let_in(world.person(0));
    assert!(!world.get(&Browser::default(), "/sign-in").text().contains("data-passkey"));
    assert!(world.page(&browser).text().contains("ei voi käyttää tässä osoitteessa"));
    let asked =
        world.send((&world.portal, "127.0.0.1:8081"), &browser, ("POST", "/passkeys/ask", "application/json"), "{}");
    assert_eq!(asked.status, StatusCode::NOT_FOUND);
    let world = World::at(TestPlace::sqlite(), LOCAL);
    assert!(world.get(&Browser::default(), "/sign-in").text().contains("data-passkey"));
    // Who comes by the number is led to the name, with what they asked for.
    let browser = Browser::default();
    let led = world.call(&world.portal, "127.0.0.1:8081", &browser, ("GET", "/sign-in?next=/orders"), "");
    assert_eq!((led.status, led.to()), (StatusCode::SEE_OTHER, "http://localhost:8081/sign-in?next=/orders"));
}

#[test]
fn staff_shut_out_whoever_came_in_and_nobody_of_another_company_does() {
    each_database(|place| {
        let world = World::at(place, LOCAL);
        let own = world.person(0);
        let mut browser = world.let_in(own);
        let mut device = Authenticator::new(0);
        assert_eq!(world.add_passkey(&mut browser, &mut device, "Oma puhelin").0, StatusCode::OK);
        let office = world.test.actor(Role::Office);
        assert_eq!(portal::passkey_count(&world.test, &office, own).unwrap(), 1);
        assert!(portal::shut_out(&world.test, &world.test.actor(Role::Reader), own).is_err());
        assert_eq!(portal::shut_out(&world.test, &office, own).unwrap(), 1);
        assert!(world.page(&browser).to().starts_with("/sign-in"));
        let mut again = visitor("192.0.2.44");
        assert_eq!(world.sign_in_by(&mut again, &mut device).0, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn what_is_said_by_a_passkey_has_the_source_of_the_session_that_added_it() {
    let world = World::at(TestPlace::sqlite(), LOCAL);
    let own = world.person(0);
    let mut device = Authenticator::new(0);
    assert_eq!(world.add_passkey(&mut world.let_in(own), &mut device, "Avain").0, StatusCode::OK);
    let mut browser = visitor("192.0.2.44");
    assert_eq!(world.sign_in_by(&mut browser, &mut device).0, StatusCode::OK);
    let version = person::show(&world.test, &operator(), own).unwrap().person.version;
    let form = format!("version={version}&language=sv");
    assert_eq!(world.post(&browser, "/details/language", &form).to(), "/details?done");
    let card = person::show(&world.test, &operator(), own).unwrap().person;
    let said = card.values_of(Kind::Language).last().unwrap();
    assert_eq!(said.source.to_string(), "digital", "an invitation shows no mailbox");
}

//! Who comes in and how, and what an attacker does not get.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::rights::Role;
use seloste_ops::{invitation, person, portal};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::portal::routes::{Access, ROUTES};
use tower::ServiceExt as _;

use crate::world::{Browser, World, code, encode, token};

#[test]
fn a_link_is_good_once_in_one_browser_and_for_ten_minutes() {
    each_database(|place| {
        let world = World::new(place);
        world.person(0);
        let fails = |browser: &Browser, said: &str| {
            let answer = world.post(browser, "/enter", &format!("said={}", encode(said)));
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.to());
            assert!(answer.cookies().iter().all(|(name, _)| name != "seloste-portal"));
            answer.body
        };
        let mut browser = Browser::default();
        let message = world.ask(&mut browser, "asiakas0@example.com").unwrap();
        let (link, digits) = (token(&message), code(&message));
        // Forwarded: another browser, one that asked for something of its own too, and one without cookies.
        let mut other = Browser { from: Some("192.0.2.9"), ..Browser::default() };
        world.ask(&mut other, "nobody@example.com");
        let bodies = [fails(&other, &link), fails(&Browser::default(), &link), fails(&Browser::default(), &digits)];
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "what is wrong is not told");
        let entered = world.post(&browser, "/enter", &format!("said={link}"));
        assert_eq!(entered.status, StatusCode::SEE_OTHER);
        // Used.
        fails(&browser, &link);
        fails(&browser, &digits);
        // Too late.
        let message = world.ask(&mut browser, "asiakas0@example.com").unwrap();
        world.test.clock().advance(SignedDuration::from_mins(10));
        fails(&browser, &token(&message));
        // Guessed: after five tries nothing enters any more.
        let message = world.ask(&mut browser, "asiakas0@example.com").unwrap();
        for guess in 0..5 {
            fails(&browser, &format!("{guess:08}"));
        }
        fails(&browser, &code(&message));
        fails(&browser, &token(&message));
    });
}

#[test]
fn known_and_unknown_addresses_are_answered_alike() {
    each_database(|place| {
        let world = World::new(place);
        world.person(0);
        // Two people of one address: nobody is let in, and the card of each tells it to staff.
        let mut twin = samples::person(1);
        twin.emails = samples::person(2).emails;
        let (operator, source) = (TestRegister::operator(), TestRegister::source());
        let twin = person::create(&world.test, &operator, &twin, &source).unwrap();
        let second = world.person(2);
        let ask = |address: &str| {
            let mut browser = Browser::default();
            let asked = world.post(&browser, "/sign-in", &format!("email={}", encode(address)));
            browser.keep(&asked);
            let cookie = browser.cookie("seloste-portal-ask").unwrap().len();
            let page = world.get(&browser, "/enter");
            let headers: Vec<String> = asked.headers.keys().map(ToString::to_string).collect();
            (asked.status, asked.to().to_owned(), asked.body.clone(), headers, cookie, page.body)
        };
        let answers = ["asiakas0@example.com", "asiakas2@example.com", "nobody@example.com"].map(ask);
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
        world.answer_wishes();
        assert!(world.message("asiakas0@example.com").is_some());
        assert!(world.message("asiakas2@example.com").is_none() && world.message("nobody@example.com").is_none());
        for id in [twin, second] {
            let card = person::show(&world.test, &operator, id).unwrap().person;
            assert!(portal::is_address_shared(&world.test, &card).unwrap());
        }
        let (token, _) = world.test.sign_in(Role::Office, None);
        let staff = Browser { cookies: vec![("seloste".into(), token.0)], from: None };
        let card = world.call(&world.staff, "127.0.0.1:8080", &staff, ("GET", &format!("/people/{twin}")), "");
        assert!(card.text().contains("sama sähköpostiosoite"), "{}", card.text());
        // The wish of nobody has hashes, too: trying it takes the same way, and the address is gone.
        let rows = seloste_testkit::raw::Raw::open(&world.test.db().settings().place).rows(
            "SELECT count(*), count(token_hash), count(code_hash), count(address), count(party_id) FROM portal_entry",
        );
        assert_eq!(rows[0], ["3", "3", "3", "0", "1"]);
        assert_eq!(world.post(&Browser::default(), "/sign-in", "email=abc").status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn a_thousand_requests_from_one_network_are_few_and_nobody_else_is_kept_out() {
    let world = World::new(TestPlace::sqlite());
    world.person(0);
    let mut let_in = 0;
    for number in 0..1_000 {
        let browser = Browser { from: Some("192.0.2.66"), ..Browser::default() };
        let asked = world.post(&browser, "/sign-in", &format!("email=nobody{}%40example.com", number % 7));
        match asked.status {
            StatusCode::SEE_OTHER => let_in += 1,
            status => {
                assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
                assert!(asked.headers.contains_key(header::RETRY_AFTER));
            }
        }
    }
    assert_eq!(let_in, 20);
    // One address gets three messages in a quarter of an hour, whoever asks; the answer stays the same.
    for number in 0..5_u8 {
        let from: &'static str = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"][usize::from(number)];
        let mut browser = Browser { from: Some(from), ..Browser::default() };
        world.ask(&mut browser, "asiakas0@example.com");
    }
    let messages = std::fs::read_dir(world.outbox.path()).unwrap().count();
    assert_eq!(messages, 3);
    // Tries to enter are counted by network, too.
    let browser = Browser { from: Some("192.0.2.66"), ..Browser::default() };
    let tries =
        (0..200).filter(|_| world.post(&browser, "/enter", "said=12345678").status != StatusCode::TOO_MANY_REQUESTS);
    assert!(tries.count() <= 60);
    // The log does not grow with what was refused before it was looked at.
    let (size, _) = world.test.db().look(seloste_ops::log::head).unwrap();
    assert!(size < 200, "{size}");
}

#[test]
fn signing_out_ends_every_session_and_time_ends_them_all() {
    each_database(|place| {
        let world = World::new(place);
        world.person(0);
        world.person(1);
        let (first, other) = (world.sign_in(0), world.sign_in(1));
        let mut second = Browser { from: Some("192.0.2.30"), ..Browser::default() };
        let message = world.ask(&mut second, "asiakas0@example.com").unwrap();
        second.keep(&world.post(&second, "/enter", &format!("said={}", token(&message))));
        assert_eq!(world.get(&second, "/").status, StatusCode::OK);
        let out = world.post(&second, "/sign-out", "");
        assert_eq!(out.to(), "/sign-in");
        for browser in [&first, &second] {
            assert_eq!(world.get(browser, "/").to(), "/sign-in");
        }
        assert_eq!(world.get(&other, "/").status, StatusCode::OK, "of nobody else");
        world.test.clock().advance(SignedDuration::from_mins(30));
        assert_eq!(world.get(&other, "/").to(), "/sign-in");
    });
}

#[test]
fn the_three_audiences_are_worth_nothing_to_each_other() {
    each_database(|place| {
        let world = World::new(place);
        let id = world.person(0);
        let person = world.sign_in(0);
        let (token, _) = world.test.sign_in(Role::DataProtection, None);
        let theirs = person.cookie("seloste-portal").unwrap().to_owned();
        // Each cookie under each name, at the other side.
        for (name, value) in
            [("seloste-portal", token.0.as_str()), ("seloste", token.0.as_str()), ("seloste", theirs.as_str())]
        {
            let browser = Browser { cookies: vec![(name.to_owned(), value.to_owned())], from: None };
            assert_eq!(world.get(&browser, "/details").to(), "/sign-in?next=%2Fdetails", "{name}");
        }
        for (name, value) in
            [("seloste", theirs.as_str()), ("seloste-portal", theirs.as_str()), ("seloste-portal", token.0.as_str())]
        {
            let browser = Browser { cookies: vec![(name.to_owned(), value.to_owned())], from: None };
            let path = format!("/people/{id}");
            let answer = world.call(&world.staff, "127.0.0.1:8080", &browser, ("GET", &path), "");
            assert!(answer.to().starts_with("/sign-in"), "{name}");
        }
        // And a person is no actor of anything else.
        let actor = seloste_domain::usage::Actor::Person(id);
        for action in seloste_domain::rights::Action::ALL {
            let may = world.test.authorize(&actor, *action).is_ok();
            assert_eq!(may, action.as_str().starts_with("portal.") && action.as_str() != "portal.sign_in", "{action}");
        }
    });
}

#[test]
fn every_route_needs_its_person_and_answers_strictly() {
    let world = World::new(TestPlace::sqlite());
    world.person(0);
    let browser = world.sign_in(0);
    let nobody = uuid::Uuid::from_u128(7).to_string();
    let mut table = String::new();
    for route in ROUTES {
        let path = route.path.replace("{id}", &nobody).replace("{kind}", "telephone");
        let path = path.replace("{hash}", "0").replace("{*name}", "portal.css");
        let path = path.replace("{file}", "package.json").replace("{step}", "1");
        let strange = world.call(&world.portal, "127.0.0.1:8081", &Browser::default(), (route.method, &path), "");
        if route.access == Access::Own {
            assert!(strange.to().starts_with("/sign-in"), "{} {}", route.method, route.path);
        }
        assert!(strange.headers["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
        if path != "/sign-out" {
            let own = world.call(&world.portal, "127.0.0.1:8081", &browser, (route.method, &path), "");
            table.push_str(&format!(
                "{:<4} {:<28} {:?} {} {}\n",
                route.method,
                route.path,
                route.access,
                strange.status.as_u16(),
                own.status.as_u16()
            ));
            assert!(!own.status.is_server_error(), "{} {}", route.method, route.path);
        }
        // Nothing of the pages of staff is here, and a form can come from nowhere else.
        let foreign = Request::builder()
            .method("POST")
            .uri(&path)
            .header(header::HOST, "127.0.0.1:8081")
            .header(header::ORIGIN, "https://evil.example")
            .body(Body::empty())
            .unwrap();
        let answered = world.runtime.block_on(async { world.portal.clone().oneshot(foreign).await.unwrap() });
        assert_eq!(answered.status(), StatusCode::FORBIDDEN, "{}", route.path);
    }
    for path in ["/people", "/users", "/log", "/api/v1/people", "/partner/v1/changes", "/set-up"] {
        assert_eq!(world.get(&browser, path).status, StatusCode::NOT_FOUND, "{path}");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn what_lets_somebody_in_stands_in_no_log_and_no_table() {
    each_database(|place| {
        let world = World::new(place);
        let id = world.person(0);
        let mut browser = Browser::default();
        let message = world.ask(&mut browser, "asiakas0@example.com").unwrap();
        let (link, digits) = (token(&message), code(&message));
        browser.keep(&world.post(&browser, "/enter", &format!("said={link}")));
        let office = world.test.actor(Role::Office);
        let printed = invitation::by_letter(&world.test, &office, id, "").unwrap();
        let session = browser.cookie("seloste-portal").unwrap().to_owned();
        let mut raw = seloste_testkit::raw::Raw::open(&world.test.db().settings().place);
        let mut texts: Vec<String> = raw.rows("SELECT events FROM log_block").concat();
        texts.extend(raw.rows("SELECT began, created_at FROM portal_session").concat());
        texts.extend(raw.rows("SELECT language, back FROM portal_entry").concat());
        texts.extend(raw.rows("SELECT made_by, state FROM invitation").concat());
        assert!(texts.len() > 5);
        for secret in [link.as_str(), digits.as_str(), session.as_str(), printed.secret.as_str()] {
            assert!(texts.iter().all(|text| !text.contains(secret)), "{secret}");
        }
        if let seloste_store::Place::Sqlite(file) = &world.test.db().settings().place {
            world.test.db().truncate_wal().unwrap();
            let bytes = std::fs::read(file).unwrap();
            for secret in [link.as_bytes(), session.as_bytes(), printed.secret.as_bytes()] {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret));
            }
        }
    });
}

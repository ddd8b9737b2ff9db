//! The interface for programs of staff: who is let in, what is answered, and that it does what the pages do.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::net::SocketAddr;
use std::num::NonZeroU32;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::rights::{Role, allows};
use seloste_domain::token::TokenDraft;
use seloste_ops::session::SignedIn;
use seloste_ops::user::NewRole;
use seloste_ops::{log, person, token, user};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::api::{Rates, staff};
use seloste_web::routes::Access;
use seloste_web::{App, WebSettings, router};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn kind(&self) -> String {
        let kind = self.json()["type"].as_str().unwrap().to_owned();
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.json()["status"], self.status.as_u16());
        kind.strip_prefix("urn:seloste:problem:").unwrap().to_owned()
    }

    fn etag(&self) -> String {
        self.headers[header::ETAG].to_str().unwrap().to_owned()
    }
}

struct World {
    test: TestRegister,
    routes: Router,
    runtime: tokio::runtime::Runtime,
}

/// A request, as a program makes it.
struct Ask<'a> {
    method: &'a str,
    path: String,
    token: Option<&'a str>,
    from: &'a str,
    headers: Vec<(&'a str, String)>,
    body: Option<Value>,
}

fn ask<'a>(method: &'a str, path: &str, token: &'a str) -> Ask<'a> {
    let path = format!("/api/v1{path}");
    Ask { method, path, token: Some(token), from: "192.0.2.1", headers: Vec::new(), body: None }
}

impl<'a> Ask<'a> {
    fn with(mut self, name: &'a str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self.with("content-type", "application/json")
    }
}

impl World {
    fn new(place: TestPlace) -> Self {
        Self::with(place, Rates::default())
    }

    fn with(place: TestPlace, rates: Rates) -> Self {
        let test = TestRegister::create(place);
        let app = App::new((*test).clone(), WebSettings::of(&format!("http://{HOST}"))).with_rates(rates);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { routes: router(app), test, runtime }
    }

    fn send(&self, ask: Ask<'_>) -> Answer {
        let mut request = Request::builder().method(ask.method).uri(&ask.path).header(header::HOST, HOST);
        if let Some(token) = ask.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        let body = ask.body.map(|body| Body::from(body.to_string())).unwrap_or_default();
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(ask.from.parse().unwrap(), 4_000)));
        self.runtime.block_on(async {
            let response = self.routes.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, 10_000_000).await.unwrap().to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    fn staff(&self, role: Role, company: Option<&str>) -> (SignedIn, String) {
        let (_, who) = self.test.sign_in(role, company);
        let secret = self.token(&who, "");
        (who, secret)
    }

    fn token(&self, who: &SignedIn, networks: &str) -> String {
        let draft = TokenDraft { name: "Kassa".into(), days: "30".into(), networks: networks.into() };
        token::create_own(&self.test, who, &draft).unwrap().1.0
    }
}

fn person_in(given: &str, company: &str) -> Value {
    json!({ "source": "customer", "person": {
        "given": given, "family": "Esimerkki", "emails": [{ "text": "pirkko@example.com", "label": "work" }],
        "companies": [company],
    } })
}

#[test]
fn a_program_adds_finds_reads_and_corrects_a_person() {
    each_database(|place| {
        let world = World::new(place);
        let (_, token) = world.staff(Role::Office, Some("arjasmaa"));
        let made = world.send(ask("POST", "/people", &token).json(person_in("Pirkko", "arjasmaa")));
        assert_eq!(made.status, StatusCode::CREATED, "{:?}", String::from_utf8_lossy(&made.body));
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(made.headers[header::LOCATION], format!("/api/v1/people/{id}"));
        let shown = world.send(ask("GET", &format!("/people/{id}"), &token));
        assert_eq!((shown.status, shown.etag()), (StatusCode::OK, "\"1\"".to_owned()));
        let mut person = shown.json()["person"].clone();
        assert_eq!(person["emails"][0]["text"], "pirkko@example.com");
        person["given"] = json!("Pirkko Helena");
        let body = json!({ "source": "customer", "person": person });
        let put = |version: &str| {
            world.send(ask("PUT", &format!("/people/{id}"), &token).json(body.clone()).with("if-match", version))
        };
        let changed = put("\"1\"");
        assert_eq!((changed.status, changed.etag()), (StatusCode::OK, "\"2\"".to_owned()));
        assert_eq!(changed.json()["person"]["given"], "Pirkko Helena");
        assert_eq!(put("\"1\"").status, StatusCode::OK, "sent twice, it changes nothing");
        let mut other = body.clone();
        other["person"]["given"] = json!("Liisa");
        let late = ask("PUT", &format!("/people/{id}"), &token).json(other).with("if-match", "\"1\"");
        let late = world.send(late);
        assert_eq!((late.status, late.kind()), (StatusCode::PRECONDITION_FAILED, "other-version".into()));
        let unsaid = world.send(ask("PUT", &format!("/people/{id}"), &token).json(body.clone()));
        assert_eq!((unsaid.status, unsaid.kind()), (StatusCode::PRECONDITION_REQUIRED, "no-version".into()));
        let found = world.send(ask("GET", "/search?q=helena", &token)).json();
        assert_eq!((&found["items"][0]["id"], &found["items"][0]["noun"]), (&json!(id), &json!("person")));
        let newest = log::newest(&world.test, &TestRegister::operator(), None, 20).unwrap();
        assert!(newest.iter().any(|event| event.action == "person.change" && event.actor.starts_with("user:")));
    });
}

#[test]
fn organisations_and_orders_go_the_same_way() {
    each_database(|place| {
        let world = World::new(place);
        let (_, token) = world.staff(Role::Office, Some("arjasmaa"));
        let body =
            json!({ "source": "customer", "organisation": { "name": "Esimerkki Oy", "companies": ["arjasmaa"] } });
        let made = world.send(ask("POST", "/organisations", &token).json(body));
        let organisation = made.json()["id"].clone();
        let shown = world.send(ask("GET", &format!("/organisations/{}", organisation.as_str().unwrap()), &token));
        assert_eq!(shown.json()["organisation"]["name"], "Esimerkki Oy");
        let order = json!({ "source": "customer", "state": "confirmed", "order": {
            "company": "arjasmaa", "organisation_id": organisation, "ordered_on": "2026-11-20",
            "lines": [{ "product": "A-1", "description": "Kumisaapas", "quantity": "1.5", "unit_price": "19.95" }],
        } });
        let made = world.send(ask("POST", "/orders", &token).json(order));
        assert_eq!(made.status, StatusCode::CREATED, "{:?}", String::from_utf8_lossy(&made.body));
        let path = format!("/orders/{}", made.json()["id"].as_str().unwrap());
        let shown = world.send(ask("GET", &path, &token));
        let (shown, tag) = (shown.json(), shown.etag());
        assert_eq!((&shown["net_cents"], &shown["vat_cents"]), (&json!(2993), &json!(763)));
        let again = json!({ "source": "customer", "order": shown["order"] });
        let kept = world.send(ask("PUT", &path, &token).json(again).with("if-match", &tag));
        assert_eq!(kept.status, StatusCode::OK, "{:?}", String::from_utf8_lossy(&kept.body));
        let moved = ask("POST", &format!("{path}/state"), &token).json(json!({ "state": "delivered" }));
        let moved = world.send(moved.with("if-match", &kept.etag()));
        assert_eq!(moved.json()["state"], "delivered");
        let back = ask("POST", &format!("{path}/state"), &token).json(json!({ "state": "draft" }));
        assert_eq!(world.send(back.with("if-match", &moved.etag())).kind(), "order-state");
        let listed = world.send(ask("GET", "/orders?state=delivered&company=arjasmaa", &token)).json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn an_accounting_system_tells_of_its_invoices_and_reads_how_they_stand() {
    each_database(|place| {
        let world = World::new(place);
        let (_, token) = world.staff(Role::Finance, Some("arjasmaa"));
        let (_, reader) = world.staff(Role::Reader, Some("arjasmaa"));
        let operator = TestRegister::operator();
        person::create(&world.test, &operator, &samples::person(1), &TestRegister::source()).unwrap();
        let one = |number: &str, open: &str, customer: Value| {
            json!({ "company": "arjasmaa", "number": number, "customer": customer, "issued_on": "2026-11-20",
                "due_on": "2026-12-04", "net": "100.00", "vat": "25.50", "open": open, "reference": "1234561" })
        };
        let known = json!({ "customer_number": "1000001" });
        let tell = |token: &str, invoices: Value| {
            let body = json!({ "source": "subcontractor", "invoices": invoices });
            world.send(ask("PUT", "/mirrored-invoices", token).json(body))
        };
        let invoices = json!([
            one("501", "125.50", known.clone()),
            one("502", "1,5x", known.clone()),
            one("503", "0", json!({ "customer_number": "9999999" }))
        ]);
        let told = tell(&token, invoices.clone());
        assert_eq!(told.status, StatusCode::OK, "{:?}", String::from_utf8_lossy(&told.body));
        let became = |answer: &Answer| -> Vec<String> {
            let all = answer.json()["invoices"].as_array().unwrap().clone();
            all.iter().map(|one| one["became"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(became(&told), ["created", "refused", "refused"]);
        let said = told.json();
        assert_eq!(said["invoices"][1]["errors"][0]["field"], "open");
        assert_eq!(said["invoices"][2]["errors"][0]["code"], "row-no-customer");
        assert_eq!(became(&tell(&token, invoices)), ["unchanged", "refused", "refused"]);
        assert_eq!(became(&tell(&token, json!([one("501", "25.50", known.clone())]))), ["updated"]);
        let refused = tell(&reader, json!([one("501", "0", known.clone())]));
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "who may read only tells nothing");
        let shown =
            world.send(ask("GET", &format!("/invoices/{}", said["invoices"][0]["id"].as_str().unwrap()), &reader));
        let shown = shown.json();
        assert_eq!(
            (&shown["state"], &shown["open_cents"], &shown["gross_cents"]),
            (&json!("open"), &json!(2550), &json!(12550))
        );
        assert_eq!((&shown["number"], &shown["source"]), (&json!("501"), &json!("subcontractor")));
        tell(&token, json!([one("504", "0", known.clone()), one("505", "0", known)]));
        let first = world.send(ask("GET", "/invoices?limit=2&company=arjasmaa", &reader)).json();
        let next = format!("/invoices?limit=2&company=arjasmaa&cursor={}", first["next"].as_str().unwrap());
        let second = world.send(ask("GET", &next, &reader)).json();
        assert_eq!((first["items"].as_array().unwrap().len(), second["items"].as_array().unwrap().len()), (2, 1));
        assert_eq!(world.send(ask("GET", &next, &token)).kind(), "cursor", "it is sealed for its owner");
        let many = Value::Array(vec![one("1", "0", json!({})); 501]);
        assert_eq!(tell(&token, many).kind(), "body");
        let stranger = json!({ "source": "nowhere", "invoices": [] });
        assert_eq!(world.send(ask("PUT", "/mirrored-invoices", &token).json(stranger)).kind(), "fields");
    });
}

#[test]
fn what_is_wrong_is_told_at_its_field_in_the_language_of_the_program() {
    let world = World::new(TestPlace::sqlite());
    let (_, token) = world.staff(Role::Office, Some("arjasmaa"));
    let mut body = person_in("Pirkko", "arjasmaa");
    body["person"]["emails"][0]["text"] = json!("ei osoite");
    let told = |language: &str| {
        world.send(ask("POST", "/people", &token).json(body.clone()).with("accept-language", language))
    };
    let finnish = told("fi");
    assert_eq!((finnish.status, finnish.kind()), (StatusCode::UNPROCESSABLE_ENTITY, "fields".into()));
    let error = &finnish.json()["errors"][0];
    assert_eq!((&error["field"], &error["code"]), (&json!("emails.0.text"), &json!("error-email-invalid")));
    assert_ne!(error["message"], told("sv").json()["errors"][0]["message"]);
    assert!(!String::from_utf8_lossy(&finnish.body).contains("ei osoite"), "values are not repeated");
    // What is not to be set is refused, not passed over (mass assignment).
    for field in ["id", "version", "created_at", "erased_at", "legal_basis", "verified"] {
        let mut more = person_in("Pirkko", "arjasmaa");
        more["person"][field] = json!(1);
        let refused = world.send(ask("POST", "/people", &token).json(more));
        assert_eq!((refused.status, refused.kind()), (StatusCode::UNPROCESSABLE_ENTITY, "body".into()), "{field}");
        assert_eq!(refused.json()["errors"][0]["field"], format!("person.{field}"));
    }
    for (query, kind) in [
        ("limit=0", "query"),
        ("limit=201", "query"),
        ("sort=password_hash", "query"),
        ("limit=1&limit=2", "query"),
        ("cursor=AAAA", "cursor"),
        ("company=Ääh", "query"),
    ] {
        assert_eq!(world.send(ask("GET", &format!("/people?{query}"), &token)).kind(), kind, "{query}");
    }
    let text = Ask { body: Some(json!({})), ..ask("POST", "/people", &token) };
    assert_eq!(world.send(text).status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let other = world.send(ask("DELETE", "/people", &token));
    assert_eq!((other.status, other.kind()), (StatusCode::METHOD_NOT_ALLOWED, "method".into()));
    assert!(other.headers[header::ALLOW].to_str().unwrap().contains("POST"));
    assert_eq!(
        world
            .test
            .db()
            .look(|_| Ok(()))
            .map(|()| person::count(&world.test, &TestRegister::operator()).unwrap())
            .unwrap(),
        0
    );
}

#[test]
fn the_same_key_does_the_same_thing_once() {
    each_database(|place| {
        let world = World::new(place);
        let (_, token) = world.staff(Role::Office, Some("arjasmaa"));
        let (_, other) = world.staff(Role::Office, Some("arjasmaa"));
        let send = |token: &str, key: &str, given: &str| {
            let ask = ask("POST", "/people", token).json(person_in(given, "arjasmaa"));
            world.send(ask.with("idempotency-key", key))
        };
        let first = send(&token, "\"8e03978e\"", "Pirkko");
        let again = send(&token, "8e03978e", "Pirkko");
        assert_eq!((first.status, &first.body), (StatusCode::CREATED, &again.body));
        assert_eq!(first.headers[header::LOCATION], again.headers[header::LOCATION]);
        let differs = send(&token, "8e03978e", "Matti");
        assert_eq!((differs.status, differs.kind()), (StatusCode::UNPROCESSABLE_ENTITY, "key-other".into()));
        assert_ne!(send(&other, "8e03978e", "Pirkko").body, first.body, "another's key is another key");
        // What was refused may be sent again, put right.
        let mut wrong = person_in("Liisa", "arjasmaa");
        wrong["source"] = json!("nowhere");
        let refused = world.send(ask("POST", "/people", &token).json(wrong).with("idempotency-key", "k2"));
        assert_eq!(refused.kind(), "fields");
        assert_eq!(send(&token, "k2", "Liisa").status, StatusCode::CREATED);
        assert_eq!(send(&token, &"k".repeat(256), "Liisa").kind(), "key");
        assert_eq!(person::count(&world.test, &TestRegister::operator()).unwrap(), 3);
        // After a day the key is free.
        world.test.clock().advance(SignedDuration::from_hours(25));
        assert_eq!(send(&token, "8e03978e", "Matti").status, StatusCode::CREATED);
    });
}

#[test]
fn a_request_that_broke_off_is_carried_out_once_all_the_same() {
    use seloste_ops::idempotency::{self, Begun};
    each_database(|place| {
        let test = TestRegister::create(place);
        let owner = TestRegister::operator().id();
        let begin = || idempotency::begin(&test, &owner, "k", &[b"a", b"b"]).unwrap();
        let Begun::Now(id) = begin() else { panic!("it is new") };
        assert_eq!(begin(), Begun::Running);
        assert_eq!(idempotency::begin(&test, &owner, "k", &[b"ab", b""]).unwrap(), Begun::Other);
        // The program ended here. Sent again, it is carried out under the same id.
        test.clock().advance(SignedDuration::from_mins(3));
        assert_eq!(begin(), Begun::Now(id));
        idempotency::end(&test, &owner, "k", true).unwrap();
        assert_eq!(begin(), Begun::Before(id));
    });
}

#[test]
fn a_cursor_goes_on_where_the_page_ended_and_for_nobody_else() {
    each_database(|place| {
        let world = World::new(place);
        let (_, token) = world.staff(Role::Office, Some("arjasmaa"));
        let (_, other) = world.staff(Role::Office, Some("arjasmaa"));
        let operator = TestRegister::operator();
        for number in 0..7 {
            person::create(&world.test, &operator, &samples::person(number), &TestRegister::source()).unwrap();
        }
        let (mut seen, mut path) = (Vec::new(), "/people?limit=3".to_owned());
        loop {
            let page = world.send(ask("GET", &path, &token)).json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()));
            let Some(next) = page["next"].as_str() else { break };
            assert!(!next.contains("Esimerkki"));
            path = format!("/people?limit=3&cursor={next}");
            assert_eq!(world.send(ask("GET", &path, &other)).kind(), "cursor", "it is sealed for its owner");
            let elsewhere = format!("/people?limit=3&order=changed&cursor={next}");
            assert_eq!(world.send(ask("GET", &elsewhere, &token)).kind(), "cursor", "and for its list");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7);
    });
}

#[test]
fn only_a_good_token_of_staff_is_let_in_and_all_others_are_answered_alike() {
    each_database(|place| {
        let mut world = World::new(place);
        let (who, good) = world.staff(Role::Office, Some("arjasmaa"));
        let near = world.token(&who, "198.51.100.0/24");
        let revoked = world.token(&who, "");
        let id = token::own(&world.test, &who).unwrap()[0].id;
        token::revoke_own(&world.test, &who, id).unwrap();
        let session = world.test.sign_in(Role::Office, None).0.0;
        let elsewhere = TestRegister::create_seeded(TestPlace::sqlite(), seloste_testkit::NOTICE, 9);
        let draft = TokenDraft { name: "x".into(), days: "30".into(), networks: String::new() };
        let theirs = elsewhere.sign_in(Role::Office, None).1;
        let foreign = token::create_own(&elsewhere, &theirs, &draft).unwrap().1.0;
        let partners = format!("seloste_partner_{}", "a".repeat(43));
        let absent = world.send(Ask { token: None, ..ask("GET", "/there-is-nothing", "") });
        assert_eq!((absent.status, absent.kind()), (StatusCode::UNAUTHORIZED, "token".into()));
        assert_eq!(absent.headers[header::WWW_AUTHENTICATE], "Bearer realm=\"seloste\"");
        let refused = |world: &World, token: &str| {
            let answer = world.send(Ask { from: "203.0.113.9", ..ask("GET", "/people", token) });
            assert_eq!((answer.status, &answer.body), (StatusCode::UNAUTHORIZED, &absent.body), "{token}");
        };
        for bad in [&near, &revoked, &session, &foreign, &partners, "", "seloste_staff_", &good[..good.len() - 1]] {
            refused(&world, bad);
        }
        assert_eq!(world.send(Ask { from: "198.51.100.7", ..ask("GET", "/people", &near) }).status, StatusCode::OK);
        let cookie = Ask { token: None, ..ask("GET", "/people", "") }.with("cookie", &format!("seloste={session}"));
        assert_eq!(world.send(cookie).status, StatusCode::UNAUTHORIZED, "a session is no token");
        assert_eq!(world.send(ask("GET", "/people", &good)).status, StatusCode::OK);
        let used = token::own(&world.test, &who)
            .unwrap()
            .into_iter()
            .find(|token| token.used_from.as_deref() == Some("192.0.2.1"));
        assert!(used.is_some(), "the last use is shown");
        // A token in the address ends.
        let told = world.send(ask("GET", &format!("/people?access_token={good}"), &near));
        assert_eq!((told.status, told.kind()), (StatusCode::BAD_REQUEST, "token-in-address".into()));
        refused(&world, &good);
        // It ends by itself, and with the account.
        let late = world.token(&who, "");
        world.test.clock().advance(SignedDuration::from_hours(30 * 24));
        refused(&world, &late);
        let more = world.token(&who, "");
        world.test.reopen();
        let app = App::new((*world.test).clone(), WebSettings::of(&format!("http://{HOST}")));
        world.routes = router(app);
        assert_eq!(world.send(ask("GET", "/people", &more)).status, StatusCode::OK);
        let operator = TestRegister::operator();
        world.test.sign_in(Role::Administrator, None);
        user::disable(&world.test, &operator, who.user.id).unwrap();
        refused(&world, &more);
        let link = user::enable(&world.test, &operator, who.user.id).unwrap();
        user::set_up(&world.test, &link.0, TestRegister::PASSWORD).unwrap();
        refused(&world, &more);
    });
}

#[test]
fn tokens_end_when_the_password_changes_and_overlap_when_they_are_replaced() {
    each_database(|place| {
        let world = World::new(place);
        let (who, old) = world.staff(Role::Office, None);
        let id = token::own(&world.test, &who).unwrap()[0].id;
        let status = |token: &str| world.send(ask("GET", "/people", token)).status;
        let (_, new) = token::rotate_own(&world.test, &who, id, SignedDuration::from_hours(24)).unwrap();
        assert_eq!((status(&old), status(&new.0)), (StatusCode::OK, StatusCode::OK));
        world.test.clock().advance(SignedDuration::from_hours(24));
        assert_eq!((status(&old), status(&new.0)), (StatusCode::UNAUTHORIZED, StatusCode::OK));
        assert!(token::rotate_own(&world.test, &who, id, SignedDuration::ZERO).is_err(), "it has ended");
        let (_, who) =
            user::change_password(&world.test, &who, TestRegister::PASSWORD, "toinen pitkä salasana 7").unwrap();
        assert_eq!(status(&new.0), StatusCode::UNAUTHORIZED);
        for _ in 0..seloste_domain::token::MAX_IN_USE {
            world.token(&who, "");
        }
        let draft = TokenDraft { name: "x".into(), days: "1".into(), networks: String::new() };
        assert!(token::create_own(&world.test, &who, &draft).is_err(), "there is a limit");
    });
}

#[test]
fn too_many_requests_are_slowed_down() {
    let rate = |number| NonZeroU32::new(number).unwrap();
    let rates = Rates { token: rate(2), address: rate(6), refused: rate(2) };
    let world = World::with(TestPlace::sqlite(), rates);
    let (_, token) = world.staff(Role::Office, None);
    let from = |from: &'static str, token: &str| world.send(Ask { from, ..ask("GET", "/people", token) });
    let statuses: Vec<u16> = (0..3).map(|_| from("192.0.2.1", &token).status.as_u16()).collect();
    assert_eq!(statuses, [200, 200, 429]);
    let told = from("192.0.2.2", &token);
    assert_eq!(told.kind(), "too-many-requests", "the token counts, wherever it is used");
    let wait: u64 = told.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait));
    let statuses: Vec<u16> = (0..3).map(|_| from("192.0.2.3", "no").status.as_u16()).collect();
    assert_eq!(statuses, [401, 401, 429]);
}

/// Every route for every role, and without a right the bytes of what is not there.
#[test]
fn every_route_asks_for_its_right() {
    each_database(|place| {
        let world = World::new(place);
        let operator = TestRegister::operator();
        let own = person::create(&world.test, &operator, &samples::person(1), &TestRegister::source()).unwrap();
        let mut theirs = samples::person(2);
        theirs.companies = vec!["verkkokauppa".into()];
        let theirs = person::create(&world.test, &operator, &theirs, &TestRegister::source()).unwrap();
        for role in Role::ALL {
            let (who, token) = world.staff(role, Some("arjasmaa"));
            let until = Some(world.test.now());
            let ended = NewRole { role: Role::Office, company: None, until };
            user::assign(&world.test, &operator, who.user.id, &ended).unwrap();
            let absent = world.send(ask("GET", "/there-is-nothing", &token));
            assert_eq!(absent.status, StatusCode::NOT_FOUND);
            for route in staff::ROUTES {
                let Access::Right(action) = route.access else { panic!("{} asks for no right", route.path) };
                for id in [own.0, theirs.0, uuid::Uuid::from_u128(7)] {
                    let query = match (route.method, route.path) {
                        (_, "/search") => "?q=esimerkki",
                        ("DELETE", _) => "?company=arjasmaa&purpose=marketing&channel=email&way=counter",
                        _ => "",
                    };
                    let path = format!("{}{query}", route.path.replace("{id}", &id.to_string()));
                    let noun = match route.path.split('/').nth(1).unwrap() {
                        "people" => "person",
                        "organisations" => "organisation",
                        "mirrored-invoices" => "invoices",
                        _ => "order",
                    };
                    let mut body = json!({ "source": "customer" });
                    body[noun] = if noun == "invoices" { json!([]) } else { json!({}) };
                    let body = if route.path.ends_with("/state") { json!({ "state": "confirmed" }) } else { body };
                    let consent = json!({ "matters": [], "way": "paper", "evidence": "Lomake 12" });
                    let body = if route.path.ends_with("/consents") { consent } else { body };
                    let request = ask(route.method, &path, &token).json(body).with("if-match", "\"1\"");
                    let request = if route.method == "GET" { ask("GET", &path, &token) } else { request };
                    let answer = world.send(request);
                    let told = format!("{role} {} {path}: {}", route.method, answer.status);
                    assert!(!answer.status.is_server_error(), "{told}");
                    if !allows(role, action) || (route.path == "/people/{id}" && route.method == "GET" && id != own.0) {
                        assert_eq!((answer.status, &answer.body), (StatusCode::NOT_FOUND, &absent.body), "{told}");
                    } else if route.path == "/people/{id}" && id == own.0 {
                        assert_ne!(answer.status, StatusCode::NOT_FOUND, "{told}");
                    }
                    let stranger = world.send(Ask { token: None, from: "203.0.113.5", ..ask(route.method, &path, "") });
                    assert!([401, 429].contains(&stranger.status.as_u16()), "{told}");
                }
            }
        }
    });
}

#[test]
fn consents_are_given_with_evidence_seen_and_withdrawn() {
    each_database(|place| {
        let world = World::new(place);
        let operator = TestRegister::operator();
        let id = person::create(&world.test, &operator, &samples::person(1), &TestRegister::source()).unwrap();
        let (_, token) = world.staff(Role::Office, None);
        let path = format!("/people/{id}/consents");
        let matter = json!({ "company": "arjasmaa", "purpose": "marketing", "channel": "email" });
        let given = json!({ "matters": [matter], "way": "paper", "evidence": "Lomake 12" });
        let mut bare = given.clone();
        bare["evidence"] = json!("");
        let refused = world.send(ask("POST", &path, &token).json(bare));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.json().to_string().contains("evidence"), "the field is named");
        assert_eq!(world.send(ask("POST", &path, &token).json(given)).status, StatusCode::NO_CONTENT);
        let all = world.send(ask("GET", &path, &token)).json();
        assert_eq!((&all["consents"][0]["channel"], &all["consents"][0]["way"]), (&json!("email"), &json!("paper")));
        assert!(all["standing"].as_array().unwrap().iter().any(|one| one["standing"] == "consented"));
        let query = format!("{path}?company=arjasmaa&purpose=marketing&channel=email&way=telephone");
        assert_eq!(world.send(ask("DELETE", &query, &token)).status, StatusCode::NO_CONTENT);
        let all = world.send(ask("GET", &path, &token)).json();
        assert!(all["consents"][0]["withdrawn_at"].is_string());
        assert!(all["standing"].as_array().unwrap().iter().all(|one| one["standing"] != "consented"));
    });
}

#[test]
fn the_description_has_every_route_and_no_other() {
    let document = serde_json::to_value(staff::document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut described = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "put", "post", "delete", "patch"].contains(&method.as_str()) {
                described.push(format!("{} {path}", method.to_uppercase()));
                assert!(operation["responses"]["401"]["content"]["application/problem+json"].is_object(), "{path}");
            }
        }
    }
    let mut routes: Vec<_> = staff::ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    described.sort();
    routes.sort();
    assert_eq!(described, routes);
    let world = World::new(TestPlace::sqlite());
    let (_, token) = world.staff(Role::Auditor, None);
    assert_eq!(world.send(ask("GET", "/openapi.json", &token)).json(), document);
}

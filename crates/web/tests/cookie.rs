//! The interface of the web services: who may ask from where, what an attacker does not get, and that nothing of it is ours to read
//! across sites (promise P12; ePrivacy).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use seloste_domain::cookie::SettingDraft;
use seloste_domain::rights::Role;
use seloste_ops::cookie;
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::{App, WebSettings, portal_router, router};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const BASE: &str = "http://127.0.0.1:8081";
const ORIGIN: &str = "https://www.example.com";

struct World {
    test: TestRegister,
    portal: Router,
    pages: Router,
    runtime: tokio::runtime::Runtime,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn problem(&self) -> String {
        let json = self.json();
        let kind = json["type"].as_str().unwrap_or_default();
        kind.trim_start_matches("urn:seloste:problem:").to_owned()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// One request to the portal's listener.
#[derive(Clone, Copy)]
struct Sent<'s> {
    method: &'s str,
    path: &'s str,
    origin: Option<&'s str>,
    kind: &'s str,
    body: &'s str,
    from: &'s str,
    gpc: bool,
}

impl World {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let draft = SettingDraft { origins: ORIGIN.into(), months: String::new() };
        cookie::set(&test, &TestRegister::operator(), &samples::COMPANY.parse().unwrap(), 0, &draft).unwrap();
        let app = App::new((*test).clone(), WebSettings::of("http://127.0.0.1:8080")).with_portal(BASE);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { portal: portal_router(app.for_portal(WebSettings::of(BASE))), pages: router(app), test, runtime }
    }

    fn send(&self, sent: Sent<'_>) -> Answer {
        let mut request = Request::builder().method(sent.method).uri(sent.path).header(header::HOST, "127.0.0.1:8081");
        if let Some(origin) = sent.origin {
            request = request.header(header::ORIGIN, origin).header("sec-fetch-site", "cross-site");
        }
        if sent.gpc {
            request = request.header("sec-gpc", "1");
        }
        if !sent.kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, sent.kind);
        }
        let mut request = request.body(Body::from(sent.body.to_owned())).unwrap();
        let from: SocketAddr = format!("{}:4000", sent.from).parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(from));
        self.answer(&self.portal, request)
    }

    fn answer(&self, routes: &Router, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = routes.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, 10_000_000).await.unwrap().to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    fn post(&self, what: &str, body: &Value) -> Answer {
        let (path, body) = (format!("/cookies/v1/arjasmaa/{what}"), body.to_string());
        self.send(Sent { method: "POST", path: &path, body: &body, kind: "application/json", ..GET })
    }

    fn words(&self, language: &str) -> Value {
        let path = format!("/cookies/v1/arjasmaa/wording?lang={language}");
        let answer = self.send(Sent { path: &path, ..GET });
        assert_eq!(answer.status, StatusCode::OK);
        answer.json()
    }

    fn choose(&self, allowed: &[&str]) -> String {
        let text = self.words("fi")["text_version"].clone();
        let chosen = self.post("choices", &json!({ "allowed": allowed, "text": text, "way": "banner" }));
        assert_eq!(chosen.status, StatusCode::CREATED, "{}", chosen.json());
        chosen.json()["visitor"].as_str().unwrap().to_owned()
    }

    fn tell(&self, visitor: &str, kind: &str) -> Answer {
        self.post("events", &json!({ "visitor": visitor, "kind": kind, "path": "/tuotteet" }))
    }

    fn events(&self) -> usize {
        Raw::open(&self.test.db().settings().place).rows("SELECT register_id FROM cookie_event").len()
    }
}

const GET: Sent<'_> =
    Sent { method: "GET", path: "", origin: Some(ORIGIN), kind: "", body: "", from: "192.0.2.7", gpc: false };

#[test]
fn a_visitor_is_asked_chooses_is_counted_and_takes_back() {
    each_database(|place| {
        let world = World::new(place);
        let script = world.send(Sent { path: "/cookies.js", ..GET });
        assert_eq!(script.status, StatusCode::OK);
        assert!(script.body.len() < 10_000, "the script has {} bytes", script.body.len());
        assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
        assert!(script.header("content-type").starts_with("text/javascript"));
        for (language, title) in [("fi", "Evästeet"), ("sv", "Kakor"), ("en", "Cookies")] {
            let words = world.words(language);
            assert_eq!((&words["title"], &words["language"]), (&json!(title), &json!(language)));
            assert_eq!(words["uses"].as_array().unwrap().len(), 2, "what is necessary is not asked about");
            assert_eq!(words["notice_url"], format!("{BASE}/notice?lang={language}"));
        }
        assert_eq!(world.tell("0123456789abcdef0123456789abcdef", "page_seen").problem(), "cookie-not-covered");
        let visitor = world.choose(&["statistics"]);
        assert_eq!(world.tell(&visitor, "page_seen").status, StatusCode::NO_CONTENT);
        let refused = world.tell(&visitor, "product_seen");
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "cookie-not-covered"));
        assert_eq!(refused.header("access-control-allow-origin"), ORIGIN, "the script reads why");
        assert_eq!(world.events(), 1);
        assert_eq!(world.post("withdrawals", &json!({ "visitor": visitor })).status, StatusCode::NO_CONTENT);
        assert_eq!(world.events(), 0, "the events go with the choice");
        assert_eq!(world.tell(&visitor, "page_seen").problem(), "cookie-not-covered");
        assert_eq!(world.post("withdrawals", &json!({ "visitor": "nobody" })).status, StatusCode::NO_CONTENT);
    });
}

#[test]
fn only_a_web_service_of_the_company_may_ask_and_no_answer_is_read_elsewhere() {
    let world = World::new(TestPlace::sqlite());
    let text = world.words("en")["text_version"].clone();
    let good = json!({ "allowed": ["statistics"], "text": text, "way": "banner" }).to_string();
    let path = "/cookies/v1/arjasmaa/choices";
    let post = Sent { method: "POST", path, kind: "application/json", body: &good, ..GET };
    for origin in [None, Some("https://evil.example"), Some("null"), Some("http://www.example.com"), Some(BASE)] {
        let answer = world.send(Sent { origin, ..post });
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::FORBIDDEN, "cookie-origin"), "{origin:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "");
        let preflight = world.send(Sent { method: "OPTIONS", origin, kind: "", body: "", ..post });
        assert!(preflight.header("access-control-allow-origin").is_empty(), "{origin:?}");
    }
    // Another company of the group, and one that there is not.
    for (company, status) in [("verkkokauppa", StatusCode::FORBIDDEN), ("nobody", StatusCode::NOT_FOUND)] {
        let path = format!("/cookies/v1/{company}/choices");
        assert_eq!(world.send(Sent { path: &path, ..post }).status, status);
    }
    let preflight = world.send(Sent { method: "OPTIONS", kind: "", body: "", ..post });
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(preflight.header("access-control-allow-origin"), ORIGIN);
    assert_eq!(preflight.header("access-control-allow-headers"), "content-type");
    let answer = world.send(post);
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
    assert!(answer.header("vary").contains("origin"));
    for name in ["access-control-allow-credentials", "set-cookie"] {
        assert_eq!(answer.header(name), "", "no cookie of ours across sites");
    }
    // The pages of the portal and of staff are as closed to other origins as before.
    let form = Sent { method: "POST", path: "/sign-in", kind: "application/x-www-form-urlencoded", ..GET };
    assert_eq!(world.send(form).status, StatusCode::FORBIDDEN);
    assert_eq!(world.send(Sent { path: "/sign-in", ..GET }).header("access-control-allow-origin"), "");
    let script = Request::get("/cookies.js").header(header::HOST, "127.0.0.1:8080").body(Body::empty()).unwrap();
    assert_ne!(world.answer(&world.pages, script).status, StatusCode::OK, "it is not at the listener of staff");
}

#[test]
fn what_is_too_large_too_much_or_malformed_is_refused_with_a_problem() {
    let world = World::new(TestPlace::sqlite());
    let visitor = world.choose(&["statistics", "targeted_content"]);
    let long = json!({ "visitor": visitor, "kind": "page_seen", "path": format!("/{}", "a".repeat(5_000)) });
    assert_eq!(world.post("events", &long).status, StatusCode::PAYLOAD_TOO_LARGE);
    let event =
        |kind: &str, path: &str| world.post("events", &json!({ "visitor": visitor, "kind": kind, "path": path }));
    for (kind, path) in [("anything", "/"), ("page_seen", "/haku?q=maija"), ("page_seen", "x")] {
        assert_eq!(event(kind, path).status, StatusCode::UNPROCESSABLE_ENTITY, "{kind} {path}");
    }
    let more = json!({ "visitor": visitor, "kind": "page_seen", "path": "/", "name": "Maija" });
    assert_eq!(world.post("events", &more).status, StatusCode::UNPROCESSABLE_ENTITY, "nothing that is not asked for");
    let path = "/cookies/v1/arjasmaa/events";
    let plain = world.send(Sent { method: "POST", path, kind: "text/plain", body: "{}", ..GET });
    assert_eq!(plain.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "no request that goes without a preflight");
    assert_eq!(plain.header("content-type"), "application/problem+json");
    assert_eq!(world.send(Sent { path: "/cookies/v1/arjasmaa/choices", ..GET }).status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(world.send(Sent { path: "/cookies/v1/arjasmaa/nothing", ..GET }).status, StatusCode::NOT_FOUND);
    assert_eq!(world.events(), 0);

    // The browser's signal: whoever only answered the banner under it has not chosen.
    let signal = world.send(Sent { path: "/cookies/v1/arjasmaa/wording", gpc: true, ..GET }).json();
    assert_eq!(signal["gpc"], json!(true));
    for (way, status) in [("banner", StatusCode::CONFLICT), ("settings", StatusCode::CREATED)] {
        let body = json!({ "allowed": ["statistics"], "text": signal["text_version"], "way": way }).to_string();
        let path = "/cookies/v1/arjasmaa/choices";
        let sent = Sent { method: "POST", path, kind: "application/json", body: &body, gpc: true, ..GET };
        assert_eq!(world.send(sent).status, status, "{way}");
    }

    // A thousand requests from one network: most are refused before they cost anything, and it can still be taken back.
    let statuses: Vec<StatusCode> = (0..1_000).map(|_| world.tell(&visitor, "page_seen").status).collect();
    let kept = statuses.iter().filter(|status| **status == StatusCode::NO_CONTENT).count();
    assert!((100..400).contains(&kept), "{kept} were kept");
    assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(world.events(), kept);
    let busy = world.tell(&visitor, "page_seen");
    assert!(busy.status == StatusCode::NO_CONTENT || !busy.header("retry-after").is_empty());
    let body = json!({ "visitor": visitor, "kind": "page_seen", "path": "/" }).to_string();
    let other = Sent { method: "POST", path, kind: "application/json", body: &body, from: "198.51.100.9", ..GET };
    assert_eq!(world.send(other).status, StatusCode::NO_CONTENT, "another network is not kept waiting");
    assert_eq!(world.post("withdrawals", &json!({ "visitor": visitor })).status, StatusCode::NO_CONTENT);
    assert_eq!(world.events(), 0);
    // No address of a network is anywhere in what is kept.
    let mut raw = Raw::open(&world.test.db().settings().place);
    for table in ["cookie_choice", "cookie_choice_use", "cookie_event", "cookie_text"] {
        let rows = raw.rows(&format!("SELECT * FROM {table}"));
        assert!(!rows.iter().flatten().any(|cell| cell.contains("192.0.2.7")), "{table}");
    }
}

#[test]
fn staff_set_the_web_services_and_get_a_proof_by_a_number() {
    each_database(|place| {
        let world = World::new(place);
        let visitor = world.choose(&["statistics"]);
        world.tell(&visitor, "page_seen");
        let (token, _) = world.test.sign_in(Role::DataProtection, None);
        let ask = |method: &str, path: &str, form: &str| {
            let request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080");
            let request = request.header(header::COOKIE, format!("seloste={}", token.0));
            world.answer(&world.pages, request.body(Body::from(form.to_owned())).unwrap())
        };
        let text = |answer: &Answer| String::from_utf8_lossy(&answer.body).into_owned();
        let page = text(&ask("GET", "/cookies", ""));
        assert!(page.contains(ORIGIN) && page.contains("<svg") && page.contains("Sivu katsottu"), "{page}");
        let form = text(&ask("GET", "/cookies/companies/arjasmaa", ""));
        assert!(form.contains("/cookies.js&#34; data-company=&#34;arjasmaa&#34; defer"), "{form}");
        let wrong = ask("POST", "/cookies/companies/arjasmaa", "version=1&origins=http%3A%2F%2Fexample.com&months=12");
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(&wrong).contains("origins-error") && text(&wrong).contains("http://example.com"));
        let old = ask("POST", "/cookies/companies/arjasmaa", "version=0&origins=&months=12");
        assert_eq!(old.status, StatusCode::CONFLICT);
        let proof = ask("POST", "/cookies/proof", &format!("visitor={visitor}"));
        assert_eq!(proof.status, StatusCode::OK);
        assert_eq!(proof.json()["events"][0]["kind"], json!("page_seen"));
        assert!(proof.header("content-disposition").starts_with("attachment"));
        let unknown = ask("POST", "/cookies/proof", "visitor=1234");
        assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(&unknown).contains("visitor-error"));
        let saved = ask("POST", "/cookies/companies/arjasmaa", "version=1&origins=https%3A%2F%2Fb.example&months=6");
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        assert_eq!(world.events(), 0, "its web service was taken away");
    });
}

//! The front of the pages as a browser meets it: signing in, cookies, headers, hosts, origins, languages, the notice.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use seloste_domain::rights::Role;
use seloste_testkit::TestRegister;
use seloste_web::routes::ROUTES;
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "rekisteri.example";
const PASSWORD: &str = TestRegister::PASSWORD;
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ORIGIN: (&str, &str) = ("origin", "http://rekisteri.example");

struct Site {
    test: TestRegister,
    pages: Router,
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn cookie(&self, name: &str) -> &str {
        let mut cookies = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        cookies.rfind(|cookie| cookie.split('=').next() == Some(name)).unwrap_or_default()
    }
}

/// A browser that keeps cookies.
struct Browser<'a> {
    site: &'a Site,
    cookies: BTreeMap<String, String>,
}

impl Site {
    fn new(base: &str) -> Self {
        let test = TestRegister::sqlite();
        let pages = router(App::new((*test).clone(), WebSettings::of(base)));
        Self { test, pages }
    }

    fn http() -> Self {
        Self::new("http://rekisteri.example")
    }

    fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookies: BTreeMap::new() }
    }

    /// The login of a member of staff.
    fn user(&self, role: Role) -> String {
        self.test.sign_in(role, None).1.user.login
    }

    async fn signed_in(&self, role: Role) -> Browser<'_> {
        let (login, mut browser) = (self.user(role), self.browser());
        let reply = browser.post("/sign-in", &[("login", &login), ("password", PASSWORD)]).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text);
        browser
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.pages.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, 16 * 1024 * 1024).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

impl Browser<'_> {
    async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, &[], Body::empty()).await
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send("POST", path, &[FORM, ORIGIN], Body::from(body)).await
    }

    async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let reply = self.site.send(request.header("cookie", cookies.join("; ")).body(body).unwrap()).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        reply
    }
}

#[tokio::test]
async fn signing_in_comes_back_and_signing_out_ends_the_session() {
    let site = Site::http();
    let login = site.user(Role::Office);
    let mut browser = site.browser();
    let reply = browser.get("/account?x=%C3%A5").await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let page = browser.get(reply.header("location")).await;
    assert!(page.text.contains(r#"value="/account?x=%C3%A5""#), "{}", page.text);
    let fields = [("login", login.as_str()), ("password", PASSWORD), ("next", "/account?x=%C3%A5")];
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, "/account?x=%C3%A5"));
    let cookie = reply.cookie("seloste");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    assert!(!cookie.contains("Secure") && !cookie.contains("Max-Age") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let kept = browser.cookies.clone();
    browser.post("/sign-out", &[]).await;
    browser.cookies = kept;
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "the session ended, not only its cookie");
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let site = Site::http();
    let login = site.user(Role::Office);
    let mut browser = site.browser();
    browser.post("/sign-in", &[("login", &login), ("password", PASSWORD)]).await;
    let before = browser.cookies.clone();
    browser.post("/sign-in", &[("login", &login), ("password", PASSWORD)]).await;
    assert_ne!(browser.cookies, before);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    browser.cookies = before;
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn behind_https_the_cookie_is_bound_to_the_host() {
    let site = Site::new("https://rekisteri.example");
    let login = site.user(Role::Office);
    let reply = site.browser().post("/sign-in", &[("login", &login), ("password", PASSWORD)]).await;
    let cookie = reply.cookie("__Host-seloste");
    assert!(cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(reply.header("strict-transport-security"), "max-age=31536000");
}

#[tokio::test]
async fn wrong_and_unknown_answer_alike_and_then_slowly() {
    let site = Site::http();
    let login = site.user(Role::Office);
    let mut browser = site.browser();
    let wrong = browser.post("/sign-in", &[("login", &login), ("password", "väärä")]).await;
    let unknown = browser.post("/sign-in", &[("login", "tuntematon"), ("password", "väärä")]).await;
    assert_eq!(wrong.status, unknown.status);
    assert_eq!(wrong.text.replace(&login, "tuntematon"), unknown.text);
    assert!(wrong.status.is_client_error() && !wrong.text.contains("väärä\""));
    for _ in 0..5 {
        browser.post("/sign-in", &[("login", &login), ("password", "väärä")]).await;
    }
    let slow = browser.post("/sign-in", &[("login", &login), ("password", PASSWORD)]).await;
    assert_eq!(slow.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(slow.header("retry-after").parse::<i64>().is_ok_and(|seconds| seconds > 0), "{:?}", slow.headers);
}

#[tokio::test]
async fn next_never_leads_elsewhere() {
    let site = Site::http();
    let login = site.user(Role::Office);
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "/a\r\nX: y", "evil"]
    {
        let reply = site.browser().post("/sign-in", &[("login", &login), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(reply.header("location"), "/", "{next:?}");
    }
}

#[tokio::test]
async fn every_answer_has_its_headers_and_nothing_inline() {
    let site = Site::http();
    let mut browser = site.signed_in(Role::DataProtection).await;
    let asset =
        browser.get("/account").await.text.split('"').find(|part| part.starts_with("/assets/")).unwrap().to_owned();
    let listed =
        ROUTES.iter().filter(|route| route.method == "GET" && !route.path.contains('{')).map(|route| route.path);
    for path in listed.chain(["/nothing/here", "/people/x", asset.as_str()]) {
        let reply = browser.get(path).await;
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("cache-control").contains("immutable"), path == asset, "{path}");
        assert_eq!(reply.header("cache-control").contains("no-store"), path != asset, "{path}");
        if reply.header("content-type").starts_with("text/html") {
            for inline in [" style=", "<style", " onclick=", "<script>", "javascript:", "src=\"\"", "href=\"\""] {
                assert!(!reply.text.contains(inline), "{path}: {inline}");
            }
            for address in reply.text.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned) {
                assert_eq!(browser.get(&address).await.status, StatusCode::OK, "{path}: {address}");
            }
        }
    }
}

#[tokio::test]
async fn other_sites_can_not_post() {
    let site = Site::http();
    for (headers, let_in) in [
        (vec![FORM, ("origin", "https://evil.example")], false),
        (vec![FORM, ("origin", "null")], false),
        (vec![FORM, ORIGIN, ("sec-fetch-site", "cross-site")], false),
        (vec![FORM, ("origin", "http://other.rekisteri.example"), ("sec-fetch-site", "same-site")], false),
        (vec![FORM, ("sec-fetch-site", "same-origin")], true),
        (vec![FORM, ORIGIN], true),
    ] {
        let reply = site.browser().send("POST", "/sign-in", &headers, Body::from("login=a&password=x")).await;
        assert_eq!(reply.status != StatusCode::FORBIDDEN, let_in, "{headers:?}");
    }
}

#[tokio::test]
async fn hosts_that_are_not_ours_are_misdirected_but_may_ask_for_health() {
    let site = Site::http();
    for (host, path, status) in [
        (HOST, "/sign-in", StatusCode::OK),
        ("Rekisteri.Example", "/sign-in", StatusCode::OK),
        ("evil.example", "/sign-in", StatusCode::MISDIRECTED_REQUEST),
        ("rekisteri.example.evil.example", "/sign-in", StatusCode::MISDIRECTED_REQUEST),
        ("10.0.0.5", "/healthz", StatusCode::OK),
        ("10.0.0.5", "/readyz", StatusCode::OK),
    ] {
        let request = Request::builder().uri(path).header("host", host).body(Body::empty()).unwrap();
        assert_eq!(site.send(request).await.status, status, "{host} {path}");
    }
}

#[tokio::test]
async fn bad_requests_get_pages() {
    let site = Site::http();
    let large = format!("login=aino&password={}", "x".repeat(3 * 1024 * 1024));
    for (method, path, body, status) in [
        ("POST", "/sign-in", large, StatusCode::PAYLOAD_TOO_LARGE),
        ("POST", "/sign-in", "a=1&".repeat(20_000), StatusCode::PAYLOAD_TOO_LARGE),
        ("POST", "/notice", String::new(), StatusCode::METHOD_NOT_ALLOWED),
        ("DELETE", "/nothing", String::new(), StatusCode::NOT_FOUND),
        ("GET", "/nothing?q=%FF%00", String::new(), StatusCode::NOT_FOUND),
        ("GET", "/notice?version=0", String::new(), StatusCode::NOT_FOUND),
        ("GET", "/notice?version=x", String::new(), StatusCode::BAD_REQUEST),
    ] {
        let reply = site.browser().send(method, path, &[FORM, ORIGIN], Body::from(body)).await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(reply.text.contains("<h1") && reply.text.contains("lang=\"fi\""), "{method} {path}: {}", reply.text);
    }
}

#[tokio::test]
async fn strangers_are_answered_in_their_language() {
    let site = Site::http();
    for (accepted, language) in
        [("sv-FI,sv;q=0.9", "sv"), ("de, fi;q=0.5, en;q=0.7", "en"), ("de", "fi"), ("fil, sv", "sv"), ("", "fi")]
    {
        let reply = site.browser().send("GET", "/nothing", &[("accept-language", accepted)], Body::empty()).await;
        assert!(reply.text.contains(&format!("<html lang=\"{language}\"")), "{accepted}: {}", reply.text);
    }
    let mut browser = site.browser();
    browser.get("/sign-in?lang=sv").await;
    let reply = browser.post("/sign-in", &[("login", "x"), ("password", PASSWORD)]).await;
    assert!(reply.text.contains("<html lang=\"sv\""), "the choice is kept");
}

#[tokio::test]
async fn anyone_reads_the_notice_and_its_earlier_versions() {
    let site = Site::http();
    for language in ["fi", "sv", "en"] {
        let reply = site.browser().get(&format!("/notice?lang={language}")).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(
            reply.text.contains(&format!("<html lang=\"{language}\"")) && reply.text.contains("<h2 id="),
            "{language}"
        );
    }
    let second = seloste_testkit::NOTICE.replacen("version = 1", "version = 2", 1);
    seloste_ops::notice::publish(&site.test, &TestRegister::operator(), &second, 1).unwrap();
    for path in ["/notice", "/notice?version=1", "/notice?version=2"] {
        assert_eq!(site.browser().get(path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(site.browser().get("/notice?version=3").await.status, StatusCode::NOT_FOUND);
}

//! The pages of e-mail: what would be sent is shown first, a form sent twice sends once, and the list of failures tells
//! in plain words what went wrong and lets it be tried again.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use seloste_domain::id::OrderId;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::mail::{self, Filter, Mailbox, Post, Server, Transport};
use seloste_ops::{order, person};
use seloste_testkit::smtp::{MailServer, Peer};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";

struct Site {
    test: TestRegister,
    pages: Router,
    runtime: tokio::runtime::Runtime,
    token: String,
}

impl Site {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let pages = router(App::new((*test).clone(), WebSettings::of(&format!("http://{HOST}"))));
        let token = test.sign_in(Role::Office, None).0.0;
        Self {
            test,
            pages,
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            token,
        }
    }

    fn ask(&self, method: &str, path: &str, form: String) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        let request = request.header(header::COOKIE, format!("seloste={}", self.token)).body(Body::from(form)).unwrap();
        self.runtime.block_on(async {
            let response = self.pages.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
            (status, String::from_utf8(body.to_vec()).unwrap())
        })
    }

    fn get(&self, path: &str) -> String {
        let (status, page) = self.ask("GET", path, String::new());
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        page
    }

    /// The page before sending, and the form on it.
    fn form(&self, order: OrderId) -> (String, String) {
        let page = self.get(&format!("/orders/{order}/confirm"));
        let field = |name: &str| {
            let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let form = format!("id={}&seen={}", field("id"), field("seen"));
        (page, form)
    }

    fn send(&self, server: &MailServer) -> mail::Tally {
        let to = Server::parse(&format!("smtp://127.0.0.1:{}", server.port), None).unwrap();
        let from = Mailbox { name: String::new(), address: "myynti@example.com".into() };
        let post = Post { transport: Transport::Smtp(Box::new(to)), from, reply_to: None };
        mail::send_due(&self.test, &Actor::Program("mail"), &post).unwrap()
    }
}

fn pages(place: TestPlace) {
    let site = Site::new(place);
    let (operator, source) = (TestRegister::operator(), TestRegister::source());
    let person = person::create(&site.test, &operator, &samples::person(0), &source).unwrap();
    let order = order::create(&site.test, &operator, &samples::order(1, Some(person)), &source).unwrap();
    let mut server = Peer::default().start();

    assert!(site.get(&format!("/orders/{order}")).contains(&format!("/orders/{order}/confirm")));
    let (page, form) = site.form(order);
    for part in ["asiakas0@example.com", "Tilausvahvistus T-00001", "Kumisaapas", "Aino Esimerkki"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for _ in 0..2 {
        let (status, _) = site.ask("POST", &format!("/orders/{order}/confirm"), form.clone());
        assert_eq!(status, StatusCode::SEE_OTHER);
    }
    server.behave("rcpt-550");
    assert_eq!(site.send(&server).failed, 1, "the form sent twice sends once");

    let page = site.get("/mail");
    for part in ["Epäonnistui", "asiakas0@example.com", "Tarkista osoite. (550)", "Yritä uudelleen", "Peru"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let id = mail::list(&site.test, &operator, &Filter::default(), 10).unwrap().rows[0].0.id;
    let (status, _) = site.ask("POST", &format!("/mail/{id}/retry"), String::new());
    assert_eq!(status, StatusCode::SEE_OTHER);
    server.behave("accept");
    assert_eq!(site.send(&server).sent, 1);
    assert!(!site.get("/mail").contains("asiakas0@example.com"), "what was sent is not among what waits");
    assert!(site.get("/mail?state=sent").contains("asiakas0@example.com"));
    let page = site.get(&format!("/mail/{id}"));
    assert!(page.contains("Lähetetty") && page.contains("Kumisaapas") && !page.contains("Yritä uudelleen"), "{page}");
    assert!(site.get(&format!("/orders/{order}")).contains(&format!("/mail/{id}")));
    assert!(site.form(order).0.contains("jo vahvistettu"), "a second confirmation is not sent by accident");

    // The order changes while the page is open: what was not seen is not sent.
    let (_, form) = site.form(order);
    let version = order::show(&site.test, &operator, order).unwrap().order.version;
    let draft = seloste_domain::order::OrderDraft { number: "T-2".into(), ..samples::order(1, Some(person)) };
    order::change(&site.test, &operator, order, version, &draft, &source).unwrap();
    let (status, page) = site.ask("POST", &format!("/orders/{order}/confirm"), form);
    assert!(status == StatusCode::CONFLICT && page.contains("on muuttunut"), "{status} {page}");
    let (status, page) = site.ask("POST", &format!("/mail/{id}/cancel"), String::new());
    assert!(status == StatusCode::CONFLICT && page.contains("ei voi enää muuttaa"), "{status} {page}");
}

#[test]
fn what_is_shown_is_sent_once_and_failures_are_told() {
    each_database(pages);
}

#[test]
fn a_message_is_written_once_and_what_is_wrong_is_told_at_its_field() {
    each_database(|place| {
        let site = Site::new(place);
        let operator = TestRegister::operator();
        let id = person::create(&site.test, &operator, &samples::person(2), &TestRegister::source()).unwrap();
        let path = format!("/people/{id}/message");
        let page = site.get(&path);
        let form_id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let form = |purpose: &str, subject: &str| {
            format!("id={form_id}&company={}&purpose={purpose}&subject={subject}&body=Hei%21", samples::COMPANY)
        };
        let (status, page) = site.ask("POST", &path, form("customer_relationship", ""));
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("subject-error") && page.contains(">Hei!</textarea>"), "{page}");
        assert!(page.contains(&form_id), "the form keeps its id");
        // A purpose that the notice does not declare is refused, and nothing is queued.
        let (status, _) = site.ask("POST", &path, form("horoscopes", "Terve"));
        assert_eq!(status, StatusCode::FORBIDDEN);
        let queued = || mail::list(&site.test, &operator, &Filter::default(), 9).unwrap().rows.len();
        assert_eq!(queued(), 0);
        for _ in 0..2 {
            let (status, _) = site.ask("POST", &path, form("customer_relationship", "Terve"));
            assert_eq!(status, StatusCode::SEE_OTHER);
        }
        assert_eq!(queued(), 1, "a form that is sent twice queues one message");

        // An organisation without an address is told before anything is written.
        let made = seloste_ops::organisation::create(
            &site.test,
            &operator,
            &seloste_domain::organisation::OrganisationDraft { emails: Vec::new(), ..samples::organisation(3) },
            &TestRegister::source(),
        );
        let page = site.get(&format!("/organisations/{}/message", made.unwrap()));
        assert!(!page.contains("<textarea"), "{page}");
    });
}

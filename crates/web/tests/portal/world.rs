//! A register with its portal, and browsers that ask there.

use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use seloste_domain::billing::BillingDraft;
use seloste_domain::id::{InvoiceId, OrderId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_fetch::{Fetcher, Rules};
use seloste_ops::mail::{self, Mailbox, Post, Transport};
use seloste_ops::{invitation, invoice, order, person, portal, registration};
use seloste_testkit::{TestPlace, TestRegister, samples};
use seloste_web::{App, WebSettings, portal_router, router};
use tower::ServiceExt as _;

pub(crate) const BASE: &str = "http://127.0.0.1:8081";

pub(crate) struct World {
    pub(crate) test: TestRegister,
    pub(crate) portal: Router,
    pub(crate) staff: Router,
    pub(crate) app: App,
    pub(crate) host: String,
    pub(crate) outbox: tempfile::TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// The id of what the answer leads to.
    pub(crate) fn id<T: FromStr<Err = uuid::Error>>(&self) -> T {
        self.to().rsplit('/').next().unwrap().parse().unwrap()
    }

    /// The cookies that are set, as a browser sends them back.
    pub(crate) fn cookies(&self) -> Vec<(String, String)> {
        let set = self.headers.get_all(header::SET_COOKIE).iter();
        let pair = |value: &header::HeaderValue| {
            let (name, value) = value.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        set.map(pair).collect()
    }
}

/// A browser with its cookies, at an address.
#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) from: Option<&'static str>,
}

impl Browser {
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for (name, value) in answer.cookies() {
            self.cookies.retain(|(has, _)| *has != name);
            if !value.is_empty() {
                self.cookies.push((name, value));
            }
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(has, _)| has == name).map(|(_, value)| value.as_str())
    }
}

impl World {
    pub(crate) fn new(place: TestPlace) -> Self {
        Self::at(place, BASE)
    }

    /// A portal that people reach at this address.
    pub(crate) fn at(place: TestPlace, base: &str) -> Self {
        let test = TestRegister::create(place);
        // Portals of this machine may send to each other, without TLS too.
        let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], ..Rules::default() };
        let app = App::new((*test).clone(), WebSettings::of("http://127.0.0.1:8080"));
        let app = app.with_portal(base).with_peers(Fetcher::new(rules).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self {
            portal: portal_router(app.for_portal(WebSettings::of(base))),
            staff: router(app.clone()),
            host: base.split_once("://").unwrap().1.to_owned(),
            app,
            outbox: tempfile::tempdir().unwrap(),
            test,
            runtime,
        }
    }

    pub(crate) fn person(&self, number: usize) -> PersonId {
        person::create(&self.test, &TestRegister::operator(), &samples::person(number), &TestRegister::source())
            .unwrap()
    }

    pub(crate) fn order(&self, number: usize, person: PersonId) -> OrderId {
        let draft = samples::order(number, Some(person));
        order::create(&self.test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap()
    }

    /// An invoice that was sent to somebody.
    pub(crate) fn invoice(&self, person: PersonId) -> InvoiceId {
        let operator = TestRegister::operator();
        let company = samples::COMPANY.parse().unwrap();
        if invoice::billing(&self.test, &operator, &company).unwrap().is_none() {
            let billing = BillingDraft {
                vat_registered: true,
                address: samples::address(1),
                iban: "FI79 4405 2020 0360 82".into(),
                bic: "NDEAFIHH".into(),
                ..BillingDraft::default()
            };
            invoice::set_billing(&self.test, &operator, &company, 0, &billing).unwrap();
        }
        let line = InvoiceLineDraft {
            description: "Kumisaapas".into(),
            quantity: "1".into(),
            unit_price: "10".into(),
            ..InvoiceLineDraft::default()
        };
        let draft = InvoiceDraft {
            company: samples::COMPANY.into(),
            person: Some(person),
            buyer_name: "Maija Korhonen".into(),
            address: samples::address(1),
            lines: vec![line],
            ..InvoiceDraft::default()
        };
        let id = invoice::create(&self.test, &operator, &draft).unwrap();
        invoice::send(&self.test, &operator, id, 1).unwrap();
        id
    }

    pub(crate) fn send(
        &self,
        (routes, host): (&Router, &str),
        browser: &Browser,
        (method, path, media): (&str, &str, &str),
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if !browser.cookies.is_empty() {
            let pairs: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        if !media.is_empty() {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        let from: SocketAddr = format!("{}:4000", browser.from.unwrap_or("192.0.2.7")).parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(from));
        self.runtime.block_on(async {
            let response = routes.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, 20_000_000).await.unwrap().to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    pub(crate) fn call(
        &self,
        routes: &Router,
        host: &str,
        browser: &Browser,
        (method, path): (&str, &str),
        form: &str,
    ) -> Answer {
        self.send((routes, host), browser, (method, path, ""), form)
    }

    pub(crate) fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.call(&self.portal, &self.host, browser, ("GET", path), "")
    }

    pub(crate) fn post(&self, browser: &Browser, path: &str, form: &str) -> Answer {
        self.call(&self.portal, &self.host, browser, ("POST", path), form)
    }

    /// Sends what is due into the outbox; the newest message whose address this is.
    pub(crate) fn message(&self, to: &str) -> Option<String> {
        let from = Mailbox { name: String::new(), address: "rekisteri@example.com".into() };
        let post = Post { transport: Transport::Outbox(self.outbox.path().to_owned()), from, reply_to: None };
        mail::send_due(&self.test, &TestRegister::operator(), &post).unwrap();
        registration::send_due(&self.test, &post).unwrap();
        newest(self.outbox.path(), to)
    }

    pub(crate) fn answer_wishes(&self) {
        portal::answer_waiting(&self.test, BASE).unwrap();
    }

    /// Asks to sign in; the message that comes.
    pub(crate) fn ask(&self, browser: &mut Browser, address: &str) -> Option<String> {
        let asked = self.post(browser, "/sign-in", &format!("email={}", encode(address)));
        assert_eq!((asked.status, asked.to()), (StatusCode::SEE_OTHER, "/enter"), "{}", asked.text());
        browser.keep(&asked);
        self.answer_wishes();
        self.message(address)
    }

    /// A browser in which somebody has just come in by a printed invitation.
    pub(crate) fn let_in(&self, person: PersonId) -> Browser {
        let printed = invitation::by_letter(&self.test, &TestRegister::operator(), person, "").unwrap();
        let (token, _) = portal::enter_invited(&self.test, &printed.secret, "192.0.2.7").unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Browser { cookies: vec![pair("seloste-portal", &token.0), pair("seloste-language", "fi")], from: None }
    }

    /// A browser in which the person of this number signed in by the link of the message.
    pub(crate) fn sign_in(&self, number: usize) -> Browser {
        let mut browser =
            Browser { from: Some(["192.0.2.7", "192.0.2.8", "192.0.2.9"][number % 3]), ..Browser::default() };
        let message = self.ask(&mut browser, &format!("asiakas{number}@example.com")).unwrap();
        let entered = self.post(&browser, "/enter", &format!("said={}", token(&message)));
        assert_eq!((entered.status, entered.to()), (StatusCode::SEE_OTHER, "/"), "{}", entered.text());
        browser.keep(&entered);
        browser
    }
}

pub(crate) fn operator() -> seloste_domain::usage::Actor {
    TestRegister::operator()
}

pub(crate) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub(crate) fn newest(folder: &Path, to: &str) -> Option<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder).ok()?.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut texts = files.into_iter().map(|file| decoded(&std::fs::read_to_string(file).unwrap()));
    texts.rfind(|text| text.contains(to))
}

/// Quoted-printable (RFC 2045 6.7), as far as the messages here have it.
pub(crate) fn decoded(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    joined.replace("=3D", "=").replace("=C3=A4", "ä").replace("=C2=A0", " ")
}

pub(crate) fn token(message: &str) -> String {
    message.split("/enter#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

pub(crate) fn code(message: &str) -> String {
    let digits = message.lines().find_map(|line| {
        let digits: String = line.chars().rev().take_while(|c| c.is_ascii_digit() || *c == ' ').collect();
        let digits: String = digits.chars().rev().filter(char::is_ascii_digit).collect();
        (digits.len() == 8 && line.contains(':')).then_some(digits)
    });
    digits.unwrap()
}

//! The portal: who comes in and how, what they see, and what an attacker does not get (promises P12, P22-P24).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::billing::BillingDraft;
use seloste_domain::id::{InvoiceId, MailId, OrderId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::prohibition::ProhibitionKind;
use seloste_domain::rights::Role;
use seloste_ops::mail::{self, Confirmation, Mailbox, Post, Recipient, Transport, queue_order_confirmation};
use seloste_ops::restriction::RestrictionDraft;
use seloste_ops::{
    consent, history, invitation, invoice, order, person, portal, prohibition, proposal, registration, restriction,
};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::portal::routes::{Access, ROUTES};
use seloste_web::{App, WebSettings, portal_router, router};
use tower::ServiceExt as _;

const BASE: &str = "http://127.0.0.1:8081";

struct World {
    test: TestRegister,
    portal: Router,
    staff: Router,
    outbox: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }

    /// The cookies that are set, as a browser sends them back.
    fn cookies(&self) -> Vec<(String, String)> {
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
struct Browser {
    cookies: Vec<(String, String)>,
    from: Option<&'static str>,
}

impl Browser {
    fn keep(&mut self, answer: &Answer) {
        for (name, value) in answer.cookies() {
            self.cookies.retain(|(has, _)| *has != name);
            if !value.is_empty() {
                self.cookies.push((name, value));
            }
        }
    }

    fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(has, _)| has == name).map(|(_, value)| value.as_str())
    }
}

impl World {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let app = App::new((*test).clone(), WebSettings::of("http://127.0.0.1:8080")).with_portal(BASE);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self {
            portal: portal_router(app.for_portal(WebSettings::of(BASE))),
            staff: router(app),
            outbox: tempfile::tempdir().unwrap(),
            test,
            runtime,
        }
    }

    fn person(&self, number: usize) -> PersonId {
        person::create(&self.test, &TestRegister::operator(), &samples::person(number), &TestRegister::source())
            .unwrap()
    }

    fn order(&self, number: usize, person: PersonId) -> OrderId {
        let draft = samples::order(number, Some(person));
        order::create(&self.test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap()
    }

    /// An invoice that was sent to somebody.
    fn invoice(&self, person: PersonId) -> InvoiceId {
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

    fn call(&self, routes: &Router, host: &str, browser: &Browser, (method, path): (&str, &str), form: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if !browser.cookies.is_empty() {
            let pairs: Vec<String> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let mut request = request.body(Body::from(form.to_owned())).unwrap();
        let from: SocketAddr = format!("{}:4000", browser.from.unwrap_or("192.0.2.7")).parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(from));
        self.runtime.block_on(async {
            let response = routes.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, 10_000_000).await.unwrap().to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.call(&self.portal, "127.0.0.1:8081", browser, ("GET", path), "")
    }

    fn post(&self, browser: &Browser, path: &str, form: &str) -> Answer {
        self.call(&self.portal, "127.0.0.1:8081", browser, ("POST", path), form)
    }

    /// Sends what is due into the outbox; the newest message whose address this is.
    fn message(&self, to: &str) -> Option<String> {
        let from = Mailbox { name: String::new(), address: "rekisteri@example.com".into() };
        let post = Post { transport: Transport::Outbox(self.outbox.path().to_owned()), from, reply_to: None };
        mail::send_due(&self.test, &TestRegister::operator(), &post).unwrap();
        registration::send_due(&self.test, &post).unwrap();
        newest(self.outbox.path(), to)
    }

    fn answer_wishes(&self) {
        portal::answer_waiting(&self.test, BASE).unwrap();
    }

    /// Asks to sign in; the message that comes.
    fn ask(&self, browser: &mut Browser, address: &str) -> Option<String> {
        let asked = self.post(browser, "/sign-in", &format!("email={}", encode(address)));
        assert_eq!((asked.status, asked.to()), (StatusCode::SEE_OTHER, "/enter"), "{}", asked.text());
        browser.keep(&asked);
        self.answer_wishes();
        self.message(address)
    }

    fn sign_in(&self, number: usize) -> Browser {
        let mut browser =
            Browser { from: Some(["192.0.2.7", "192.0.2.8", "192.0.2.9"][number % 3]), ..Browser::default() };
        let message = self.ask(&mut browser, &format!("asiakas{number}@example.com")).unwrap();
        let entered = self.post(&browser, "/enter", &format!("said={}", token(&message)));
        assert_eq!((entered.status, entered.to()), (StatusCode::SEE_OTHER, "/"), "{}", entered.text());
        browser.keep(&entered);
        browser
    }
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn newest(folder: &Path, to: &str) -> Option<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder).ok()?.map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut texts = files.into_iter().map(|file| decoded(&std::fs::read_to_string(file).unwrap()));
    texts.rfind(|text| text.contains(to))
}

/// Quoted-printable (RFC 2045 6.7), as far as the messages here have it.
fn decoded(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    joined.replace("=3D", "=").replace("=C3=A4", "ä").replace("=C2=A0", " ")
}

fn token(message: &str) -> String {
    message.split("/enter#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

fn code(message: &str) -> String {
    let digits = message.lines().find_map(|line| {
        let digits: String = line.chars().rev().take_while(|c| c.is_ascii_digit() || *c == ' ').collect();
        let digits: String = digits.chars().rev().filter(char::is_ascii_digit).collect();
        (digits.len() == 8 && line.contains(':')).then_some(digits)
    });
    digits.unwrap()
}

#[test]
fn a_person_signs_in_sees_corrects_and_forbids() {
    each_database(|place| {
        let world = World::new(place);
        let id = world.person(0);
        let mut browser = Browser::default();
        assert_eq!(world.get(&browser, "/").to(), "/sign-in");
        assert_eq!(world.get(&browser, "/orders").to(), "/sign-in?next=%2Forders");
        // It goes to the address as the register has it, however it was typed.
        assert!(world.ask(&mut browser, "Asiakas0@Example.com").is_none());
        let message = world.message("<asiakas0@example.com>").unwrap();
        for part in ["Aino Esimerkki", "tietosuoja@arjasmaa.example.com"] {
            assert!(message.contains(part), "P01: {part}");
        }
        // A program that follows links changes nothing; the code is as good as the link.
        for _ in 0..3 {
            assert_eq!(world.get(&Browser::default(), "/enter").status, StatusCode::OK);
        }
        let entered = world.post(&browser, "/enter", &format!("said={}", code(&message)));
        assert_eq!((entered.status, entered.to()), (StatusCode::SEE_OTHER, "/"), "{}", entered.text());
        browser.keep(&entered);
        assert!(browser.cookie("seloste-portal-ask").is_none());
        let home = world.get(&browser, "/").text();
        assert!(home.contains("Hei, <bdi>Pirkko Esimerkki</bdi>"), "{home}");
        let details = world.get(&browser, "/details").text();
        for part in ["asiakas0@example.com", "Esimerkkikatu 1", "Asiakkaan ilmoitus asiakassuhteen aikana", "3 vuotta"]
        {
            assert!(details.contains(part), "{part}");
        }
        // A telephone number is corrected at once, in the person's own name and under their own source.
        let form = world.get(&browser, "/details/telephone").text();
        assert!(form.contains("value=\"+358400000000\"") || form.contains("value=\"+358 40 0000000\""), "{form}");
        let wrong = world.post(&browser, "/details/telephone", "version=1&telephones.text=abc");
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().contains("abc") && wrong.text().contains("ds-validation-message"));
        let saved = world.post(&browser, "/details/telephone", "version=1&telephones.text=050+123+4567");
        assert_eq!((saved.status, saved.to()), (StatusCode::SEE_OTHER, "/details?done"), "{}", saved.text());
        let operator = TestRegister::operator();
        let card = person::show(&world.test, &operator, id).unwrap().person;
        let number = card.values_of(Kind::Telephone).next().unwrap();
        assert_eq!(number.value.display(), "+358 50 1234567");
        assert_eq!((number.source.as_str(), number.entered_by.as_str()), ("customer", &*format!("portal:{id}")));
        let late = world.post(&browser, "/details/telephone", "version=1&telephones.text=050+123+4568");
        assert_eq!(late.status, StatusCode::CONFLICT);
        // A name is for staff to decide; a customer number is not theirs to change.
        let named = world.post(&browser, "/details/name", "version=2&given=Pirkko&family=Uusi");
        assert_eq!(named.to(), "/details?proposed", "{}", named.text());
        assert_eq!(proposal::count(&world.test, &operator, &proposal::Filter::default()).unwrap(), 1);
        assert!(world.get(&browser, "/details").text().contains("Odottaa tarkistusta"));
        assert_eq!(world.get(&browser, "/details/customer_number").status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&browser, "/details/orders").status, StatusCode::NOT_FOUND);
        // One switch, in force at once, with its history.
        let set = world.post(&browser, "/prohibitions", "kind=direct_marketing&do=forbid");
        assert_eq!(set.to(), "/prohibitions#direct_marketing");
        let known = prohibition::of(&world.test, &operator, Recipient::Person(id)).unwrap();
        assert_eq!((known.len(), known[0].way.as_str()), (1, "portal"));
        world.post(&browser, "/prohibitions", "kind=direct_marketing&do=lift");
        let known = prohibition::of(&world.test, &operator, Recipient::Person(id)).unwrap();
        assert!(known.iter().all(|one| one.lifted.is_some()));
        assert!(world.get(&browser, "/prohibitions").text().contains("Asiakas itse verkossa"));
        // Every reading is in the log as their own, under the purpose of the rights of the person.
        let events = history::log_of(&world.test, &operator, id.0, 500).unwrap();
        let own: Vec<_> = events.iter().filter(|event| event.actor == format!("portal:{id}")).collect();
        assert!(own.iter().any(|event| event.action == "portal.show") && own.len() > 8, "{}", own.len());
        assert!(own.iter().all(|event| event.purpose.as_deref().is_none_or(|purpose| purpose == "accountability")));
        let uses = world.get(&browser, "/uses").text();
        assert!(uses.contains("Sinä itse") && !uses.contains("Kokeilija"), "{uses}");
        for page in ["/recipients", "/messages", "/orders", "/notice", "/details?lang=sv", "/uses?lang=en"] {
            assert_eq!(world.get(&browser, page).status, StatusCode::OK, "{page}");
        }
    });
}

/// The hidden fields of the switch of a matter, as the page sends them.
fn switch(page: &str, matter: &str) -> String {
    let form = page.split("<form").find(|form| form.contains(&format!("value=\"{matter}\""))).unwrap();
    let value = |name: &str| {
        let after = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    };
    format!("matter={matter}&language={}&shown={}&do={}", value("language"), value("shown"), value("do"))
}

#[test]
fn a_consent_is_a_switch_that_is_off_until_its_person_turns_it_on() {
    each_database(|place| {
        let world = World::new(place);
        let (id, other) = (world.person(0), world.person(1));
        let (browser, operator) = (world.sign_in(0), TestRegister::operator());
        let matter = "arjasmaa:marketing:email";
        let page = world.get(&browser, "/consents").text();
        assert!(
            page.contains("aria-checked=\"false\"") && !page.contains("aria-checked=\"true\""),
            "never ticked before"
        );
        assert!(page.contains("peruuttaa milloin tahansa") && page.contains("suoramarkkinointia sähköpostitse"));
        let all = |id| consent::of(&world.test, &operator, id, Language::Fi).unwrap().all;
        // Only the wording that was read is consented to.
        let give = switch(&page, matter);
        let other_words = give.replace("&shown=", "&shown=0");
        assert_eq!(world.post(&browser, "/consents", &other_words).to(), "/consents#arjasmaa-marketing-email");
        assert!(all(id).is_empty());
        assert_eq!(world.post(&browser, "/consents", &give).to(), "/consents#arjasmaa-marketing-email");
        let given = all(id);
        assert_eq!((given.len(), given[0].way.as_str(), given[0].evidence.as_deref()), (1, "portal", None));
        assert!(page.contains(given[0].text.lines().next().unwrap()), "what was shown is what is kept");
        // The same move withdraws it.
        let page = world.get(&browser, "/consents").text();
        assert!(switch(&page, matter).ends_with("do=withdraw"));
        world.post(&browser, "/consents", &switch(&page, matter));
        assert!(all(id)[0].withdrawn.is_some());
        assert!(world.get(&browser, "/consents").text().contains("Asiakas itse verkossa"), "the history");
        // What they have forbidden is not lifted silently: they are asked, and the rest stays forbidden.
        world.post(&browser, "/prohibitions", "kind=direct_marketing&do=forbid");
        let page = world.get(&browser, "/consents").text();
        let asked = world.post(&browser, "/consents", &switch(&page, matter));
        assert_eq!(asked.status, StatusCode::CONFLICT);
        assert!(asked.text().contains("Haluatko poistaa kiellon?") && asked.text().contains("name=\"lifts\""));
        assert_eq!(all(id).len(), 1);
        world.test.clock().advance(SignedDuration::from_secs(1));
        world.post(&browser, "/consents", &format!("{}&lifts=yes", switch(&page, matter)));
        assert_eq!(all(id).len(), 2);
        let held = prohibition::of(&world.test, &operator, Recipient::Person(id)).unwrap();
        let held: Vec<_> = held.iter().filter(|one| one.lifted.is_none()).map(|one| one.kind).collect();
        assert!(!held.contains(&ProhibitionKind::DirectMarketing) && !held.contains(&ProhibitionKind::MarketingEmail));
        assert!(
            held.contains(&ProhibitionKind::MarketingSms) && held.contains(&ProhibitionKind::Directory),
            "{held:?}"
        );
        // No route names a person, and a company of which they are no customer asks nothing.
        assert!(all(other).is_empty());
        let elsewhere = give.replace("arjasmaa:", "verkkokauppa:");
        assert_eq!(world.post(&browser, "/consents", &elsewhere).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&browser, "/consents", "matter=x&do=give&language=fi").status, StatusCode::BAD_REQUEST);
    });
}

#[test]
fn an_order_an_invoice_a_message_are_seen_by_their_person_only() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(1));
        let (mine, theirs) = (world.order(1, own), world.order(2, other));
        let operator = TestRegister::operator();
        let write = |order| {
            let id = MailId(world.test.db().env().id());
            let what = Confirmation { id, order, seen: None, enclosures: Vec::new() };
            queue_order_confirmation(&world.test, &operator, &what).unwrap()
        };
        let (letter, not_mine) = (write(mine), write(theirs));
        let browser = world.sign_in(0);
        let orders = world.get(&browser, "/orders").text();
        assert!(orders.contains("T-00001") && !orders.contains("T-00002"));
        assert!(world.get(&browser, &format!("/orders/{mine}")).text().contains("Kumisaapas"));
        let message = world.get(&browser, &format!("/messages/{letter}"));
        assert!(message.text().contains("Kumisaapas"), "{}", message.text());
        // An invoice is had as a file by the one whose it is.
        let (paid, unpaid) = (world.invoice(own), world.invoice(other));
        let file = world.get(&browser, &format!("/invoices/{paid}/invoice.pdf"));
        assert!(file.body.starts_with(b"%PDF-"), "{}", file.text());
        assert!(world.get(&browser, "/orders").text().contains(&format!("/invoices/{paid}/invoice.pdf")));
        // Another's is answered with the bytes of what is not there, on every route that names something.
        let nobody = uuid::Uuid::from_u128(7);
        let named = ROUTES.iter().filter(|route| route.path.contains("{id}"));
        let mut swept = 0;
        for route in named {
            for foreign in [theirs.0, not_mine.0, unpaid.0, other.0] {
                let [absent, hidden] = [nobody, foreign].map(|id| {
                    let path = route.path.replace("{id}", &id.to_string());
                    world.call(&world.portal, "127.0.0.1:8081", &browser, (route.method, &path), "")
                });
                assert_eq!(absent.status, StatusCode::NOT_FOUND, "{}", route.path);
                assert_eq!((hidden.status, &hidden.body), (absent.status, &absent.body), "{}", route.path);
                swept += 1;
            }
        }
        assert!(swept >= 9, "{swept}");
        // What lets its reader in is shown to nobody, not even to them.
        let list = world.get(&browser, "/messages").text();
        let link = list.split("/messages/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let shown = world.get(&browser, &format!("/messages/{link}")).text();
        assert!(!shown.contains("#") || !shown.contains("/enter#"), "{shown}");
        let (_, staff) = mail::show(&world.test, &operator, link.parse().unwrap()).unwrap();
        assert!(staff.body.is_empty());
    });
}

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
fn a_restricted_person_comes_in_sees_and_uses_their_rights() {
    each_database(|place| {
        let world = World::new(place);
        let id = world.person(0);
        world.order(1, id);
        let operator = TestRegister::operator();
        let rule = RestrictionDraft { ground: "accuracy_contested".into(), note: "Kiistää osoitteen".into() };
        restriction::set(&world.test, &operator, Recipient::Person(id), &rule).unwrap();
        let browser = world.sign_in(0);
        assert!(world.get(&browser, "/").text().contains("käsittelyä on rajoitettu"));
        assert!(world.get(&browser, "/orders").text().contains("T-00001"));
        assert!(world.get(&browser, "/details").text().contains("asiakas0@example.com"));
        let set = world.post(&browser, "/prohibitions", "kind=directory&do=forbid");
        assert_eq!(set.status, StatusCode::SEE_OTHER);
        assert!(
            !prohibition::of(&world.test, &operator, Recipient::Person(id)).unwrap()[0]
                .kind
                .eq(&ProhibitionKind::DirectMarketing)
        );
        let saved = world.post(&browser, "/details/telephone", "version=1&telephones.text=050+123+4567");
        assert_eq!(saved.to(), "/details?done", "{}", saved.text());
    });
}

#[test]
fn an_address_is_changed_by_a_fresh_proof_only_and_the_old_one_is_told() {
    each_database(|place| {
        let world = World::new(place);
        world.person(0);
        let mut browser = world.sign_in(0);
        assert_eq!(world.get(&browser, "/details/email").status, StatusCode::OK);
        world.test.clock().advance(SignedDuration::from_mins(11));
        assert_eq!(world.get(&browser, "/details/email").to(), "/prove?next=/details/email");
        let form = "version=1&emails.text=uusi%40example.com";
        assert_eq!(world.post(&browser, "/details/email", form).to(), "/prove?next=/details/email");
        // The proof goes to the address that they have, whatever the form says.
        let asked = world.post(&browser, "/prove", "next=%2Fdetails%2Femail&email=evil%40example.com");
        assert_eq!(asked.to(), "/enter");
        browser.keep(&asked);
        world.answer_wishes();
        assert!(world.message("evil@example.com").is_none());
        let message = world.message("asiakas0@example.com").unwrap();
        let old = browser.clone();
        let entered = world.post(&browser, "/enter", &format!("said={}", token(&message)));
        assert_eq!(entered.to(), "/details/email");
        browser.keep(&entered);
        assert_eq!(world.get(&old, "/").to(), "/sign-in", "the session before is over");
        let saved = world.post(&browser, "/details/email", form);
        assert_eq!(saved.to(), "/details?done", "{}", saved.text());
        let told = world.message("To: ").unwrap();
        assert!(told.contains("asiakas0@example.com") && told.contains("vaihdettiin"), "{told}");
        // The way in is the new one from now on; none is left only by staff.
        let empty = world.post(&browser, "/details/email", "version=2&emails.text=");
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        world.test.clock().advance(SignedDuration::from_mins(16));
        let mut next = Browser::default();
        assert!(world.ask(&mut next, "uusi@example.com").is_some());
    });
}

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

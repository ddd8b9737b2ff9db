//! The pages of invoices: an order is invoiced in one move and sent once however often the button is pressed, what stands
//! in the way is told first, and what was sent stays as it was.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use seloste_domain::id::{OrderId, PersonId};
use seloste_domain::rights::Role;
use seloste_ops::invoice::{self, Filter};
use seloste_ops::{mail, order, person};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";
const BILLING: &str = "version=0&vat_registered=1&iban=FI79+4405+2020+0360+82&bic=NDEAFIHH&payment_days=14\
    &address.street=Satamakatu+1&address.postal_code=00100&address.town=Helsinki";

struct Site {
    test: TestRegister,
    pages: Router,
    runtime: tokio::runtime::Runtime,
    token: String,
    customer: PersonId,
    order: OrderId,
}

/// A status, where it leads, and the page.
struct Answer(StatusCode, String, Vec<u8>);

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.2).unwrap()
    }

    /// The value of the hidden field of a name.
    fn field(&self, name: &str) -> String {
        let page = self.text();
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Site {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let (actor, source) = (TestRegister::operator(), TestRegister::source());
        let customer = person::create(&test, &actor, &samples::person(0), &source).unwrap();
        let order = order::create(&test, &actor, &samples::order(1, Some(customer)), &source).unwrap();
        let pages = router(App::new((*test).clone(), WebSettings::of(&format!("http://{HOST}"))));
        let token = test.sign_in(Role::Finance, None).0.0;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { test, pages, runtime, token, customer, order }
    }

    fn ask(&self, method: &str, path: &str, form: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        let request = request.header(header::COOKIE, format!("seloste={}", self.token));
        self.runtime.block_on(async {
            let response =
                self.pages.clone().oneshot(request.body(Body::from(form.to_owned())).unwrap()).await.unwrap();
            let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
            let status = response.status();
            let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
            Answer(status, to.unwrap_or_default(), body.to_vec())
        })
    }

    fn get(&self, path: &str) -> Answer {
        let answer = self.ask("GET", path, "");
        assert_eq!(answer.0, StatusCode::OK, "{path}: {}", answer.text());
        answer
    }

    /// Presses a button; where it leads.
    fn press(&self, path: &str, form: &str) -> String {
        let Answer(status, to, body) = self.ask("POST", path, form);
        assert_eq!(status, StatusCode::SEE_OTHER, "{path}: {}", String::from_utf8_lossy(&body));
        to
    }

    fn set_billing(&self) {
        assert_eq!(self.press("/invoices/billing/arjasmaa", BILLING), "/invoices/billing");
    }

    /// The address of the draft of the order's invoice.
    fn draft(&self) -> String {
        let id = self.get(&format!("/orders/{}", self.order)).field("new_id");
        self.press(&format!("/orders/{}/invoice", self.order), &format!("new_id={id}"))
    }
}

#[test]
fn an_order_is_invoiced_in_one_move_and_sent_once() {
    each_database(|place| {
        let site = Site::new(place);
        // Without the company's details nothing is sent, and the page says why.
        let draft = site.draft();
        let page = site.get(&draft);
        assert!(page.text().contains("Anna ensin yhtiön tilinumero") && !page.text().contains("form class=\"send\""));
        site.set_billing();
        assert_eq!(site.draft(), draft, "the order has its draft already");

        let page = site.get(&draft);
        assert!(page.text().contains("asiakas0@example.com") && page.text().contains("150,41"), "{}", page.text());
        assert_eq!(&site.get(&format!("{draft}/invoice.pdf")).2[..5], b"%PDF-");
        let form = format!("version={}&mail={}&by=email", page.field("version"), page.field("mail"));
        for _ in 0..3 {
            assert_eq!(site.press(&format!("{draft}/send"), &form), draft);
        }
        let operator = TestRegister::operator();
        let sent = invoice::list(&site.test, &operator, &Filter::default(), 10).unwrap();
        assert_eq!(sent.iter().filter_map(invoice::Invoice::number).collect::<Vec<_>>(), ["2026-00001"]);
        assert_eq!(mail::of_invoice(&site.test, &operator, sent[0].id).unwrap().len(), 1, "and one message");
        let page = site.get(&draft);
        for part in ["Lasku 2026-00001", "2 02600 00011", "Avoinna", "150,41"] {
            assert!(page.text().contains(part), "{part}");
        }
        assert_eq!(&site.get(&format!("{draft}/invoice.pdf")).2[..5], b"%PDF-");
        // Nobody is declared who could have it as a file.
        assert!(site.get(&format!("{draft}/file")).text().contains("Yksikään ilmoitettu yhteistyökumppani"));
        assert_eq!(site.press(&format!("{draft}/file"), "form=finvoice"), format!("{draft}/file"));
        // It can not be edited or thrown away any more.
        assert_eq!(site.ask("GET", &format!("{draft}/edit"), "").0, StatusCode::CONFLICT);
        assert_eq!(site.ask("POST", &format!("{draft}/discard"), "version=2").0, StatusCode::CONFLICT);
        assert!(site.get(&format!("/orders/{}", site.order)).text().contains("2026-00001"));
        assert!(site.get(&format!("/people/{}/invoices", site.customer)).text().contains("2026-00001"));
        assert!(site.get(&format!("/people/{}", site.customer)).text().contains("Avoimia laskuja"));
    });
}

#[test]
fn a_part_is_credited_and_never_more_than_is_left() {
    each_database(|place| {
        let site = Site::new(place);
        site.set_billing();
        let sent = site.draft();
        site.press(&format!("{sent}/send"), "version=1&by=paper");
        let edit = site.press(&format!("{sent}/credit"), "of=part");
        assert!(edit.ends_with("/edit"));
        let note = edit.trim_end_matches("/edit").to_owned();
        let page = site.get(&edit);
        assert!(page.text().contains("Hyvityslasku") || page.text().contains("hyvityslasku"));
        let line = "product=A-1&description=Kumisaapas&quantity=-1&unit=piece&unit_price=19,95&discount=&vat_rate=25,5&treatment=taxed";
        let buyer = "buyer_name=Pirkko&address.street=Esimerkkikatu+1&address.postal_code=00100&address.town=Helsinki";
        let form = format!("version=1&kind=credit_note&company=arjasmaa&person={}&{buyer}&{line}", site.customer);
        assert_eq!(site.press(&note, &form), note);
        assert!(site.get(&note).text().contains("-25,04") || site.get(&note).text().contains("−25,04"));
        site.press(&format!("{note}/send"), "version=2&by=paper");
        let page = site.get(&sent);
        assert!(page.text().contains("2026-00002") && page.text().contains("125,37"), "{}", page.text());
        // The whole would be more than is left: the draft says so and offers no button.
        let whole = site.press(&format!("{sent}/credit"), "of=whole");
        let page = site.get(&whole);
        assert!(page.text().contains("Hyvitys on suurempi") && !page.text().contains("form class=\"send\""));
        site.press(&format!("{whole}/discard"), "version=1");
        assert_eq!(site.ask("GET", &whole, "").0, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_form_counts_keeps_and_tells_what_is_wrong() {
    each_database(|place| {
        let site = Site::new(place);
        let line = "product=&description=Ty%C3%B6&quantity=2&unit=hour&unit_price=50&discount=&vat_rate=25,5+%25&treatment=taxed";
        let head = format!("company=arjasmaa&person={}&buyer_name=Pirkko", site.customer);
        let counted = site.ask("POST", "/invoices/totals", &format!("{head}&{line}"));
        assert!(counted.0 == StatusCode::OK && counted.text().contains("125,50"));
        // Without JavaScript the same by a button; nothing is stored.
        let page = site.ask("POST", "/invoices", &format!("then=count&{head}&{line}"));
        assert!(page.0 == StatusCode::OK && page.text().contains("125,50") && page.text().contains("Työ"));
        let wrong = format!("{head}&vat_number=XX&{line}&{}", line.replace("quantity=2", "quantity=paljon"));
        let page = site.ask("POST", "/invoices", &wrong);
        assert_eq!(page.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("paljon") && page.text().contains("Pirkko"), "nothing that was typed is lost");
        assert!(page.text().matches("ds-validation-message").count() >= 2);
        let many = format!("{head}&{}", vec![line; 1_010].join("&"));
        let page = site.ask("POST", "/invoices", &many);
        assert!(page.0 == StatusCode::UNPROCESSABLE_ENTITY && page.text().contains("1000"), "{:?}", page.0);
        let more = site.ask("POST", "/invoices", &format!("{head}&{}", vec![line; 3_000].join("&")));
        assert_eq!(more.0, StatusCode::PAYLOAD_TOO_LARGE);
        let all = invoice::list(&site.test, &TestRegister::operator(), &Filter::default(), 10).unwrap();
        assert!(all.is_empty());
        // The details of a company: errors at their fields, and nobody's change is lost.
        let wrong = BILLING.replace("0360+82", "0360+83");
        let page = site.ask("POST", "/invoices/billing/arjasmaa", &wrong);
        assert!(page.0 == StatusCode::UNPROCESSABLE_ENTITY && page.text().contains("iban-error"));
        site.set_billing();
        assert_eq!(site.ask("POST", "/invoices/billing/arjasmaa", BILLING).0, StatusCode::CONFLICT);
    });
}

#[test]
fn the_list_is_filtered_by_its_address() {
    each_database(|place| {
        let site = Site::new(place);
        site.set_billing();
        let sent = site.draft();
        site.press(&format!("{sent}/send"), "version=1&by=paper");
        let shows = |query: &str| site.get(&format!("/invoices?{query}")).text().contains("2026-00001");
        for query in
            ["", "state=open", "company=arjasmaa", "number=2026-00001", "number=20260+00001+1", "from=2026-11-01"]
        {
            assert!(shows(query), "{query}");
        }
        for query in ["state=paid", "company=verkkokauppa", "number=2026-00002", "until=2026-11-01"] {
            assert!(!shows(query), "{query}");
        }
        let ledger = site.get("/invoices/ledger");
        assert!(ledger.text().contains("<svg") && ledger.text().contains("150,41"));
        site.test.clock().advance(jiff::SignedDuration::from_hours(24 * 30));
        let token = site.test.sign_in(Role::Finance, None).0.0;
        let site = Site { token, ..site };
        assert!(site.get("/invoices?state=overdue").text().contains("2026-00001"));
        assert!(site.get(&format!("/people/{}", site.customer)).text().contains("josta erääntynyttä"));
    });
}

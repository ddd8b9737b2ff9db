//! What is printed, from the pages: the right text in the PDF, nothing that may not be seen, and a line in the log.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use seloste_domain::history::Change;
use seloste_domain::id::PersonId;
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Role;
use seloste_ops::partner::{self, PartnerDraft};
use seloste_ops::{disclosure, history, log, order, person};
use seloste_testkit::{TestRegister, each_database, samples};
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";

struct Site {
    test: TestRegister,
    pages: Router,
    runtime: tokio::runtime::Runtime,
}

impl Site {
    fn new(test: TestRegister) -> Self {
        let pages = router(App::new((*test).clone(), WebSettings::of(&format!("http://{HOST}"))));
        Self { test, pages, runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap() }
    }

    fn send(&self, request: axum::http::request::Builder, token: &str, form: &str) -> (StatusCode, Vec<u8>) {
        let request = request.header(header::HOST, HOST).header(header::COOKIE, format!("seloste={token}"));
        let request = request.body(Body::from(form.to_owned())).unwrap();
        self.runtime.block_on(async {
            let response = self.pages.clone().oneshot(request).await.unwrap();
            let status = response.status();
            (status, to_bytes(response.into_body(), 20_000_000).await.unwrap().to_vec())
        })
    }

    /// The text of a PDF.
    fn text(&self, path: &str, token: &str) -> String {
        let (status, bytes) = self.send(Request::get(path), token, "");
        assert_eq!(status, StatusCode::OK, "{path}");
        text_of(&bytes)
    }

    fn person(&self, draft: &PersonDraft) -> PersonId {
        person::create(&self.test, &TestRegister::operator(), draft, &TestRegister::source()).unwrap()
    }

    fn written(&self) -> usize {
        let newest = log::newest(&self.test, &TestRegister::operator(), None, 100).unwrap();
        newest.iter().filter(|event| event.action == "letter.write" && !event.sealed.is_empty()).count()
    }
}

fn text_of(pdf: &[u8]) -> String {
    assert!(pdf.starts_with(b"%PDF-"), "{}", String::from_utf8_lossy(&pdf[..pdf.len().min(300)]));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let output = Command::new("pdftotext").arg(file.path()).arg("-").stderr(Stdio::null()).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_order_and_a_card_are_printed() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (token, _) = site.test.sign_in(Role::Office, None);
        let (id, protected) = (
            site.person(&samples::person(0)),
            site.person(&PersonDraft { protected_address: true, ..samples::person(3) }),
        );
        let (actor, source) = (TestRegister::operator(), TestRegister::source());
        let order = order::create(&site.test, &actor, &samples::order(1, Some(id)), &source).unwrap();
        let confirmation = site.text(&format!("/orders/{order}/confirmation.pdf"), &token.0);
        let shown = order::show(&site.test, &actor, order).unwrap().order;
        for part in ["Tilausvahvistus", "Pirkko Esimerkki", "Esimerkkikatu 1", &shown.lines[0].description] {
            assert!(confirmation.contains(part), "{part} in {confirmation}");
        }
        let gross = seloste_domain::format::money(shown.totals.gross, seloste_domain::language::Language::Fi);
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        assert!(plain(&confirmation).contains(&plain(&gross)), "{gross} in {confirmation}");

        let card = site.text(&format!("/people/{id}/card.pdf"), &token.0);
        for part in ["asiakas0@example.com", "Esimerkkikatu 1", &shown.number] {
            assert!(card.contains(part), "{part} in {card}");
        }
        let card = site.text(&format!("/people/{protected}/card.pdf"), &token.0);
        assert!(plain(&card).contains("Osoiteonsuojattu") && !card.contains("Esimerkkikatu 4"), "{card}");
        let (protector, _) = site.test.sign_in(Role::DataProtection, None);
        assert!(site.text(&format!("/people/{protected}/card.pdf"), &protector.0).contains("Esimerkkikatu 4"));
    });
}

#[test]
fn a_letter_is_looked_at_then_written_and_stays_in_the_history() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (token, who) = site.test.sign_in(Role::Office, None);
        let id = site.person(&samples::person(0));
        let path = format!("/people/{id}/letter");
        let form = |what: &str, heading: &str| {
            format!(
                "company={}&language=sv&heading={heading}&body=Hej%21%0D%0A%0D%0A-%20ett%0A-%20tv%C3%A5&closing=H%C3%A4lsningar\
                 &signatory=Aino&do={what}",
                samples::COMPANY
            )
        };
        let (status, pdf) = site.send(Request::post(&path), &token.0, &form("look", "V%C3%A4lkommen"));
        assert_eq!(status, StatusCode::OK);
        let text = text_of(&pdf);
        for part in ["Välkommen", "Hej!", "två", "Pirkko Esimerkki", "00100 HELSINKI", "Hälsningar", "Aino"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(site.written(), 0, "it was only looked at");
        let (status, _) = site.send(Request::post(&path), &token.0, &form("write", "V%C3%A4lkommen"));
        assert_eq!((status, site.written()), (StatusCode::OK, 1));
        let entries = history::of_person(&site.test, &who.actor, id).unwrap();
        assert!(matches!(&entries[0].change, Change::Letter(letter) if letter.heading == "Välkommen"));

        // What is wrong is told at its field, and what was typed stays.
        let (status, page) = site.send(Request::post(&path), &token.0, &form("write", ""));
        let page = String::from_utf8(page).unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("heading-error") && page.contains("Hälsningar"));
        assert_eq!(site.written(), 1);

        // No letter reveals a protected address, or is written without one.
        let protected = site.person(&PersonDraft { protected_address: true, ..samples::person(3) });
        let path = format!("/people/{protected}/letter");
        let (status, page) = site.send(Request::post(&path), &token.0, &form("write", "A"));
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!String::from_utf8(page).unwrap().contains("Esimerkkikatu 4"));
        assert_eq!(site.written(), 1);
    });
}

#[test]
fn the_notice_is_printed_for_anybody() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let notice = site.test.notice().unwrap();
        for (language, word) in [("fi", "Rekisterinpitäjä"), ("sv", "Personuppgiftsansvarig"), ("en", "Controller")] {
            let text = site.text(&format!("/notice.pdf?lang={language}"), "");
            assert!(text.contains(word) && text.contains(&notice.controller().name), "{language}: {text}");
        }
    });
}

/// What an authority asked for by law is given on paper: all that was granted, and nothing else of the person.
#[test]
fn a_file_for_an_authority_is_printed() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (token, _) = site.test.sign_in(Role::DataProtection, None);
        let id = site.person(&samples::person(0));
        let authority = PartnerDraft {
            name: "Tarkastusvirasto".into(),
            under: "recipient:authorities".into(),
            role: "recipient".into(),
            kinds: vec!["name".into(), "postal_address".into()],
            purposes: vec!["accountability".into()],
            interface: "post".into(),
            ..PartnerDraft::default()
        };
        let partner = partner::create(&site.test, &TestRegister::operator(), &authority).unwrap();
        let form = |granted: &str| {
            format!(
                "partner={partner}&people={id}&asked_by=Tarkastaja&law=laki+1+%C2%A7&asked_for=osoite&asked_on=2026-11-20\
                 &kinds=name&kinds=postal_address&decided_by=Aino&granted={granted}&reason=Laki+velvoittaa&document=Kansio+3&form=pdf"
            )
        };
        let (status, pdf) = site.send(Request::post("/legal-requests"), &token.0, &form("1"));
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&pdf));
        let text = text_of(&pdf);
        for part in ["Tarkastaja", "laki 1 §", "20.11.2026", "Pirkko Esimerkki", "Esimerkkikatu 1"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("asiakas0@example.com"), "an e-mail address was not asked for");
        let given = disclosure::of_party(&site.test, &TestRegister::operator(), id.into()).unwrap();
        assert_eq!(given.len(), 1, "it stands among the disclosures of the person");
    });
}

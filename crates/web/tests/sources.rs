//! Where data comes from, on pages: saved mappings, feeds, the company register.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use seloste_domain::language::Language;
use seloste_domain::list::ListOf;
use seloste_domain::organisation::OrganisationDraft;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::company_register::{CompanyRegister, Fetcher, Rules};
use seloste_ops::feed::{self, Feeding};
use seloste_ops::list::List;
use seloste_ops::{home, mapping, organisation, person, user};
use seloste_testkit::http::{HttpServer, Reply};
use seloste_testkit::{TestRegister, each_database, samples};
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";
const FILE: &str = "Asiakasnumero;Etunimi;Sukunimi;Hyllypaikka\r\n501;Pirkko;Esimerkki;A1\r\n502;Åke;Öhman;A2\r\n";

struct Site {
    test: TestRegister,
    feeding: Feeding,
    pages: Router,
    runtime: tokio::runtime::Runtime,
}

impl Site {
    fn new(test: TestRegister, folder: &Path, company_register: Option<CompanyRegister>) -> Self {
        let settle = Duration::from_millis(10);
        let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None };
        let fetcher = Fetcher::new(rules).unwrap();
        let folders = vec![folder.to_owned()];
        let feeding = Feeding { folders, settle, fetcher, company_register, ..Feeding::default() };
        let app = App::new((*test).clone(), WebSettings::of(&format!("http://{HOST}"))).with_feeding(feeding.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { test, feeding, pages: router(app), runtime }
    }

    fn send(&self, request: Request<Body>) -> (StatusCode, String, String) {
        self.runtime.block_on(async {
            let response = self.pages.clone().oneshot(request).await.unwrap();
            let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
            let status = response.status();
            let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
            (status, to.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
        })
    }

    fn get(&self, path: &str, token: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::HOST, HOST).header(header::COOKIE, format!("seloste={token}"));
        let (status, _, body) = self.send(request.body(Body::empty()).unwrap());
        (status, body)
    }

    fn post(&self, path: &str, token: &str, form: &str) -> (StatusCode, String, String) {
        let request = Request::post(path).header(header::HOST, HOST).header(header::COOKIE, format!("seloste={token}"));
        self.send(request.body(Body::from(form.to_owned())).unwrap())
    }

    fn upload(&self, token: &str, file: &str) -> String {
        let mut body = String::new();
        for (field, value) in [("noun", "people"), ("source", "earlier_register"), ("company", "arjasmaa")] {
            body.push_str(&format!("--XX\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n");
        body.push_str(file);
        body.push_str("\r\n--XX--\r\n");
        let request = Request::post("/imports")
            .header(header::HOST, HOST)
            .header(header::COOKIE, format!("seloste={token}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
        let (status, to, page) = self.send(request.body(Body::from(body)).unwrap());
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        to
    }

    fn people(&self) -> usize {
        let list = List::first(ListOf::People, 50);
        person::list(&self.test, &TestRegister::operator(), &list).unwrap().rows.len()
    }
}

fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    page.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map(|(found, _)| found).unwrap_or_default()
}

const DECIDED: &str = "column=Asiakasnumero&target=customer_number&column=Etunimi&target=given&column=Sukunimi\
    &target=family&column=Hyllypaikka&target=-";

#[test]
fn choices_of_columns_are_saved_offered_used_changed_and_removed() {
    each_database(|place| {
        let dir = tempfile::tempdir().unwrap();
        let site = Site::new(TestRegister::create(place), dir.path(), None);
        let (token, _) = site.test.sign_in(Role::Office, None);
        let token = token.0.as_str();
        let file = site.upload(token, FILE);
        // A name that can not be is told at its field, and nothing that was decided is lost.
        let (status, _, page) = site.post(&file, token, &format!("{DECIDED}&name=+&do=keep"));
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("name-error") && page.contains("aria-invalid"), "{page}");
        assert!(!page.contains("Päätä, mitä sarake"), "the decisions are kept");
        assert_eq!(site.post(&file, token, &format!("{DECIDED}&name=Varasto+%26+co&do=keep")).0, StatusCode::SEE_OTHER);
        assert!(site.get(&file, token).1.contains("Varasto &#38; co"));
        let saved = mapping::list(&site.test, &TestRegister::operator()).unwrap().remove(0);
        assert!(!saved.definition.contains("arjasmaa"), "the company of the file is not saved: {}", saved.definition);
        assert!(!saved.definition.contains("Pirkko"), "nothing of the rows is saved");

        // The next file, with its columns in another order: it is offered, and read by it.
        let next = site.upload(token, "Hyllypaikka;Sukunimi;Etunimi;Asiakasnumero\r\nB1;Määttä;Siiri;503\r\n");
        let (_, page) = site.get(&next, token);
        assert!(page.contains(&format!("value=\"{}\"", saved.id)) && page.contains("Päätä, mitä sarake"), "{page}");
        assert_eq!(
            site.post(&format!("{next}/mapping"), token, &format!("mapping={}", saved.id)).0,
            StatusCode::SEE_OTHER
        );
        let (_, page) = site.get(&next, token);
        assert!(!page.contains("Päätä, mitä sarake") && page.contains("Älä käytä näitä"), "{page}");
        site.post(&next, token, "do=import");
        for _ in 0..400 {
            if !site.get(&next, token).1.contains("<progress") {
                break;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        assert_eq!(site.people(), 1);
        // A file that lacks one of its columns is not offered it; the same name is taken.
        let other = site.upload(token, "Sukunimi;Etunimi\r\nMäättä;Siiri\r\n");
        assert!(!site.get(&other, token).1.contains("Varasto"));
        let (status, _, page) = site.post(&other, token, "name=VARASTO+%26+CO&do=keep");
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("jo tämännimiset"), "{page}");

        // It is changed from a file, renamed, mended as TOML with its errors by line, and removed.
        site.post(&file, token, &format!("{}&do=update", DECIDED.replace("target=given", "target=-")));
        let now = mapping::get(&site.test, &TestRegister::operator(), saved.id).unwrap();
        assert!(now.version == 2 && !now.definition.contains("given"), "{}", now.definition);
        let path = format!("/imports/mappings/{}", saved.id);
        assert!(site.get("/imports/mappings", token).1.contains("Varasto &#38; co"));
        let bad = "version=2&name=Hylly&definition=%5Bcolumns%5D%0AA+%3D+%22famly%22";
        let (status, _, page) = site.post(&path, token, bad);
        assert!(
            status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("Rivi 2:") && page.contains("famly"),
            "{page}"
        );
        let good = "version=2&name=Hylly&definition=%5Bcolumns%5D%0ASukunimi+%3D+%22family%22";
        assert_eq!(site.post(&path, token, good).0, StatusCode::SEE_OTHER);
        assert_eq!(site.post(&path, token, good).0, StatusCode::CONFLICT, "an old version");
        let (_, toml) = site.get(&format!("{path}/mapping.toml"), token);
        assert_eq!(toml, "[columns]\nSukunimi = \"family\"");
        assert_eq!(site.post(&format!("{path}/remove"), token, "").0, StatusCode::SEE_OTHER);
        assert_eq!(site.get(&path, token).0, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_feed_is_added_read_paused_changed_and_removed_from_the_pages() {
    each_database(|place| {
        let dir = tempfile::tempdir().unwrap();
        let site = Site::new(TestRegister::create(place), dir.path(), None);
        let (token, who) = site.test.sign_in(Role::DataProtection, None);
        let token = token.0.as_str();
        let (status, _, page) = site.post("/feeds", token, "name=&place=folder&address=%2Fetc&every=1&secret=S3cret");
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("aria-invalid") && !page.contains("S3cret"), "a secret is not shown again: {page}");
        let address = dir.path().display().to_string().replace('/', "%2F");
        let form = format!(
            "name=Verkkokauppa&place=folder&address={address}&noun=people&source=registration\
            &company=arjasmaa&every=60"
        );
        let (status, path, page) = site.post("/feeds", token, &form);
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
        std::fs::write(
            dir.path().join("a.csv"),
            "Asiakasnumero;Sukunimi;Sähköposti\n1;Öhman;a@example.com\n2;X;ei-osoite\n",
        )
        .unwrap();
        std::fs::write(dir.path().join("b.csv"), "Outo\n1\n").unwrap();
        feed::run_due(&site.test, &Actor::Program("feeds"), &site.feeding).unwrap();
        for language in Language::ALL {
            user::set_language(&site.test, &who, language).unwrap();
            for path in [path.clone(), "/feeds".into(), format!("{path}/edit"), "/feeds/new".into(), "/".into()] {
                let (status, page) = site.get(&path, token);
                assert_eq!(status, StatusCode::OK, "{path}");
                for key in ["feed-", "saved-", "import-", "error-", "mapping-", "row-", "home-"] {
                    let shown = page.split('<').filter_map(|part| part.split_once('>'));
                    assert!(shown.clone().all(|(_, text)| !text.trim().starts_with(key)), "{key} is shown in {path}");
                }
            }
        }
        user::set_language(&site.test, &who, Language::Fi).unwrap();
        let (_, page) = site.get(&path, token);
        assert!(
            page.contains("a.csv") && page.contains("Sähköpostiosoite ei ole") && page.contains("Päätä, mitä sarake")
        );
        assert!(!page.contains("ei-osoite"), "no value of a file on the page");
        let errors = between(&page, &format!("href=\"{path}/runs/"), "\"").to_owned();
        let (status, file) = site.get(&format!("{path}/runs/{errors}"), token);
        assert!(status == StatusCode::OK && file.contains("ei-osoite"), "{errors}");
        // The first page says that there is something to look at, until somebody has.
        assert!(site.get("/", token).1.contains("Syötteitä, joita ei voitu lukea"));
        assert_eq!(home::show(&site.test, &who.actor).unwrap().todo.feeds, Some(1));
        site.post(&format!("{path}/resume"), token, "");
        assert!(!site.get("/", token).1.contains("Syötteitä, joita ei voitu lukea"));

        let step = |step: &str| site.post(&format!("{path}/{step}"), token, "").0;
        assert_eq!(step("pause"), StatusCode::SEE_OTHER);
        assert!(site.get(&path, token).1.contains("Keskeytetty"));
        assert_eq!((step("resume"), step("run")), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        let renamed = form.replace("Verkkokauppa", "Toinen");
        assert_eq!(site.post(&path, token, &format!("{renamed}&version=1")).0, StatusCode::SEE_OTHER);
        assert_eq!(site.post(&path, token, &format!("{renamed}&version=1")).0, StatusCode::CONFLICT);
        assert_eq!(step("remove"), StatusCode::SEE_OTHER);
        assert_eq!(site.get(&path, token).0, StatusCode::NOT_FOUND);
        assert_eq!(site.people(), 1);
    });
}

#[test]
fn the_secret_of_a_feed_is_on_no_page() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(TestRegister::sqlite(), dir.path(), None);
    let (token, _) = site.test.sign_in(Role::DataProtection, None);
    let token = token.0.as_str();
    let server = HttpServer::start(|_| Reply::status(503));
    let address = server.address("/a.csv?avain=kyselyssa").replace('/', "%2F").replace('?', "%3F");
    let form = format!(
        "name=Osoite&place=http&address={address}&noun=people&source=registration&company=&every=60\
        &secret=Bearer+S3cret"
    );
    let (status, path, page) = site.post("/feeds", token, &form);
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    feed::run_due(&site.test, &Actor::Program("feeds"), &site.feeding).unwrap();
    assert_eq!(server.asked()[0].header("authorization"), Some("Bearer S3cret"));
    for page in [path.as_str(), "/feeds", &format!("{path}/edit"), "/log"] {
        let (status, body) = site.get(page, token);
        assert_eq!(status, StatusCode::OK);
        assert!(!body.contains("S3cret"), "{page}");
        assert!(page.ends_with("edit") || !body.contains("kyselyssa"), "a key in the query is not shown: {page}");
    }
    assert!(site.get(&path, token).1.contains("(503)"));
}

fn answer(name: &str) -> String {
    format!(
        r#"{{"companies":[{{"businessId":{{"value":"2617416-4"}},"names":[{{"name":"{name}","type":"1","version":1,
        "registrationDate":"2020-02-01"}}],"addresses":[{{"type":1,"street":"Torikatu","buildingNumber":"38",
        "postCode":"90100","postOffices":[{{"city":"OULU","languageCode":"1"}}],"registrationDate":"2022-06-15"}}]}}]}}"#
    )
}

#[test]
fn the_company_register_is_asked_and_taken_over_from_the_pages() {
    each_database(|place| {
        let dir = tempfile::tempdir().unwrap();
        let server = HttpServer::start(|_| Reply::ok(answer("Wartian <b>Herkku</b> Oy")));
        let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None };
        let base = server.address("/v3").parse().unwrap();
        let source = "trade_register".parse().unwrap();
        let patience = Duration::from_millis(500);
        let set = CompanyRegister::new(base, source, Fetcher::new(rules).unwrap(), patience);
        let site = Site::new(TestRegister::create(place), dir.path(), Some(set));
        let (token, _) = site.test.sign_in(Role::Office, Some("arjasmaa"));
        let token = token.0.as_str();
        let draft = OrganisationDraft {
            name: "Wartian Herkku".into(),
            business_id: "2617416-4".into(),
            companies: vec!["arjasmaa".into()],
            ..samples::organisation(1)
        };
        let id = organisation::create(&site.test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap();
        let card = format!("/organisations/{id}");
        assert!(site.get(&card, token).1.contains("Hae yritysrekisteristä"));
        let (reader, _) = site.test.sign_in(Role::Reader, Some("arjasmaa"));
        assert!(!site.get(&card, &reader.0).1.contains("Hae yritysrekisteristä"));

        let (status, _, page) = site.post(&format!("{card}/register"), token, "");
        assert_eq!(status, StatusCode::OK, "{page}");
        assert!(page.contains("Wartian &#60;b&#62;Herkku") && page.contains("1.2.2020"), "{page}");
        assert!(page.contains("Torikatu 38, 90100 Oulu") && page.contains("ei ole"));
        let shown = between(&page, "name=\"shown\" value=\"", "\"");
        let (status, to, _) =
            site.post(&format!("{card}/register/accept"), token, &format!("shown={shown}&part=street"));
        assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, card.as_str()));
        let (_, page) = site.get(&card, token);
        assert!(
            page.contains("Torikatu 38") && page.contains("kaupparekisteri") && !page.contains("Herkku</b> Oy"),
            "{page}"
        );
        // Pressed again by the back button: somebody changed it since.
        let again = site.post(&format!("{card}/register/accept"), token, &format!("shown={shown}&part=name"));
        assert_eq!(again.0, StatusCode::CONFLICT);

        // It is away, slow or wrong: the page says so, and the card is as it was.
        for (reply, told) in [
            (Reply::Silence, "ei vastannut ajoissa"),
            (Reply::Good(429, vec![("retry-after", "30".into())], Vec::new()), "30 sekuntia"),
            (Reply::ok("<html>"), "ei voi ymmärtää"),
            (Reply::ok("{\"companies\":[]}"), "ei ole tätä Y-tunnusta"),
        ] {
            server.answer(move |_| reply.clone());
            let (status, _, page) = site.post(&format!("{card}/register"), token, "");
            assert_eq!(status, StatusCode::FAILED_DEPENDENCY);
            assert!(page.contains(told) && page.contains("Mitään ei muutettu"), "{told}: {page}");
            let (status, _, page) = site.post("/organisations/new/register", token, "business_id=2617416-4");
            assert_eq!(status, StatusCode::FAILED_DEPENDENCY);
            assert!(page.contains(told) && page.contains("value=\"2617416-4\""), "{told}");
        }
        assert_eq!(organisation::show(&site.test, &TestRegister::operator(), id).unwrap().organisation.version, 2);

        // A new organisation's form is filled, and tells that it is there already.
        server.answer(|_| Reply::ok(answer("Wartian Herkku Oy")));
        let (status, _, page) = site.post("/organisations/new/register", token, "business_id=FI26174164");
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("value=\"Wartian Herkku Oy\"") && page.contains("value=\"Torikatu 38\""), "{page}");
        assert!(page.contains("jo organisaatio") && page.contains(&card));
        assert!(page.contains("value=\"trade_register\" selected"));
        let (status, _, page) = site.post("/organisations/new/register", token, "business_id=1");
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("business_id-error"), "{page}");
    });
}

//! Importing from a page: a file is sent, its columns are decided, it is tried, imported, and gone.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use seloste_domain::list::ListOf;
use seloste_domain::rights::Role;
use seloste_ops::import;
use seloste_ops::list::List;
use seloste_ops::person;
use seloste_testkit::{TestRegister, each_database};
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";
const ROWS: &str = "Asiakasnumero;Etunimi;Sukunimi;Sähköposti;Hyllypaikka\r\n\
                    501;Pirkko;Esimerkki;pirkko@example.com;A1\r\n\
                    502;Åke;Öhman;ei-osoite;A2\r\n\
                    503;Siiri;Määttä;siiri@example.com;A3\r\n";

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

    fn send(&self, request: Request<Body>) -> (StatusCode, String, String) {
        self.runtime.block_on(async {
            let response = self.pages.clone().oneshot(request).await.unwrap();
            let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
            let status = response.status();
            let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
            (status, to.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
        })
    }

    fn get(&self, path: &str, token: &str) -> (StatusCode, String, String) {
        let request = Request::get(path).header(header::HOST, HOST).header(header::COOKIE, format!("seloste={token}"));
        self.send(request.body(Body::empty()).unwrap())
    }

    fn post(&self, path: &str, token: &str, form: &str) -> (StatusCode, String, String) {
        let request = Request::post(path).header(header::HOST, HOST).header(header::COOKIE, format!("seloste={token}"));
        self.send(request.body(Body::from(form.to_owned())).unwrap())
    }

    fn upload(&self, token: &str, name: &str, bytes: &[u8]) -> (StatusCode, String, String) {
        let mut body = Vec::new();
        for (field, value) in [("noun", "people"), ("source", "earlier_register"), ("company", "arjasmaa")] {
            let part = format!("--XX\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let part = format!("--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend(part.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--XX--\r\n");
        let request = Request::post("/imports")
            .header(header::HOST, HOST)
            .header(header::COOKIE, format!("seloste={token}"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX");
        self.send(request.body(Body::from(body)).unwrap())
    }

    /// The page once nothing is running any more.
    fn ended(&self, path: &str, token: &str) -> String {
        for _ in 0..400 {
            let (status, _, page) = self.get(path, token);
            assert_eq!(status, StatusCode::OK);
            if !page.contains("<progress") {
                return page;
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        String::from("it never ends")
    }

    fn people(&self) -> usize {
        let list = List::first(ListOf::People, 50);
        person::list(&self.test, &TestRegister::operator(), &list).unwrap().rows.len()
    }

    fn files(&self) -> usize {
        let uploads = self.test.place().data().join("uploads");
        std::fs::read_dir(uploads)
            .map_or(0, |folders| folders.flatten().filter(|f| f.path().join("file").exists()).count())
    }
}

fn decisions(target_of_last: &str, button: &str) -> String {
    let columns = ["Asiakasnumero", "Etunimi", "Sukunimi", "S%C3%A4hk%C3%B6posti", "Hyllypaikka"];
    let targets = ["customer_number", "given", "family", "email", target_of_last];
    let pairs = columns.iter().zip(targets).map(|(column, target)| format!("column={column}&target={target}"));
    format!("{}&do={button}", pairs.collect::<Vec<_>>().join("&"))
}

#[test]
fn a_file_is_sent_decided_tried_and_imported() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (token, _) = site.test.sign_in(Role::Office, None);
        let token = token.0.as_str();
        let (status, path, _) = site.upload(token, "../<b>asiakkaat</b>.csv", ROWS.as_bytes());
        assert_eq!(status, StatusCode::SEE_OTHER);
        let (_, _, page) = site.get(&path, token);
        assert!(page.contains("Päätä, mitä sarake ”Hyllypaikka” on") && !page.contains("<b>asiakkaat"), "{page}");
        assert!(page.contains("pirkko@example.com"), "the first rows are shown");

        // What is undecided keeps it from beginning.
        site.post(&path, token, &decisions("", "import"));
        assert!(site.ended(&path, token).contains("Päätä, mitä sarake"));
        assert_eq!(site.people(), 0);

        site.post(&path, token, &decisions("-", "try"));
        let tried = site.ended(&path, token);
        assert!(tried.contains("Mitään ei tallennettu") && tried.contains("Sähköpostiosoite ei ole"), "{tried}");
        assert_eq!((site.people(), site.files()), (0, 1));
        let (status, _, errors) = site.get(&format!("{path}/errors"), token);
        assert!(status == StatusCode::OK && errors.contains("Öhman") && !errors.contains("Määttä"), "{errors}");

        // Another person of the same rights knows nothing of the file.
        let (other, _) = site.test.sign_in(Role::Office, None);
        for tail in ["", "/errors"] {
            assert_eq!(site.get(&format!("{path}{tail}"), &other.0).0, StatusCode::NOT_FOUND);
        }
        for tail in ["", "/cancel", "/remove"] {
            assert_eq!(site.post(&format!("{path}{tail}"), &other.0, "do=import").0, StatusCode::NOT_FOUND);
        }
        assert!(!site.get("/imports", &other.0).2.contains("asiakkaat"));

        site.post(&path, token, &decisions("-", "import"));
        let imported = site.ended(&path, token);
        assert!(imported.contains("Tuonnin voi kumota"), "{imported}");
        assert_eq!((site.people(), site.files()), (2, 0), "the file is gone when it was imported");
        let runs = import::list(&site.test, &TestRegister::operator()).unwrap();
        assert!(runs.len() == 1 && runs[0].file_name.ends_with("asiakkaat</b>.csv") && runs[0].finished_at.is_some());
        // There is nothing left to import again.
        assert_eq!(site.post(&path, token, "do=import").0, StatusCode::NOT_FOUND);
        assert_eq!(site.post(&format!("{path}/remove"), token, "").0, StatusCode::SEE_OTHER);
        assert_eq!(site.get(&path, token).0, StatusCode::NOT_FOUND);
    });
}

#[test]
fn what_is_no_table_is_told_at_the_field_and_not_kept() {
    let site = Site::new(TestRegister::sqlite());
    let (token, _) = site.test.sign_in(Role::Office, None);
    for (name, bytes) in [("lasku.csv", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"[..]), ("tyhja.csv", b""), ("", b"x")] {
        let (status, _, page) = site.upload(&token.0, name, bytes);
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(page.contains("aria-invalid=\"true\"") && page.contains("file-error"), "{name}: {page}");
    }
    let uploads = site.test.place().data().join("uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0);
}

#[test]
fn somebody_without_the_right_sends_nothing() {
    let site = Site::new(TestRegister::sqlite());
    let (token, _) = site.test.sign_in(Role::Reader, None);
    assert_eq!(site.upload(&token.0, "asiakkaat.csv", ROWS.as_bytes()).0, StatusCode::NOT_FOUND);
    assert!(!site.test.place().data().join("uploads").exists());
}

//! Lists in the browser's hands: a filter that was written into the address by hand, and one thing done to many rows
//! without a script.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use seloste_domain::id::PersonId;
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::Role;
use seloste_domain::tag::TagNames;
use seloste_ops::{person, tag};
use seloste_testkit::{TestRegister, each_database, samples};
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";

struct Site {
    test: TestRegister,
    pages: Router,
    runtime: tokio::runtime::Runtime,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Site {
    fn new(test: TestRegister) -> Self {
        let pages = router(App::new((*test).clone(), WebSettings::of(&format!("http://{HOST}"))));
        Self { test, pages, runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap() }
    }

    fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = self.pages.clone().oneshot(request).await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
            Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
        })
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).header(header::HOST, HOST).header(header::COOKIE, format!("seloste={token}"));
        self.send(request.body(Body::empty()).unwrap())
    }

    fn post(&self, path: &str, token: &str, form: &str) -> Answer {
        let request = Request::post(path).header(header::HOST, HOST).header(header::COOKIE, format!("seloste={token}"));
        self.send(request.body(Body::from(form.to_owned())).unwrap())
    }

    fn add(&self, number: usize) -> PersonId {
        let draft: PersonDraft = samples::person(number);
        person::create(&self.test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap()
    }
}

fn to(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

#[test]
fn a_wrong_filter_in_the_address_is_told_and_shows_no_rows() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        for number in 0..60 {
            site.add(number);
        }
        let token = site.test.sign_in(Role::Office, None).0.0;
        let all = site.get("/people", &token);
        assert!(all.status == StatusCode::OK && all.body.contains("/people/0"));
        for wrong in [
            "shoe_size=43",
            "sort=salary",
            "order=sideways",
            "company=%27%20OR%201%3D1--",
            "tag=ei-ole",
            "town=Turku&town=Oulu",
            "town=a%00b",
            "has=email&lacks=email",
            "created_from=2026-02-30",
            "changed_from=2026-02-02&changed_until=2026-01-01",
            "organisation=x",
            &format!("town={}", "a".repeat(200)),
            &vec!["has=email"; 50].join("&"),
            "town=%3Cscript%3Ealert(1)%3C%2Fscript%3E&sort=x",
        ] {
            let answer = site.get(&format!("/people?{wrong}"), &token);
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
            assert!(!answer.body.contains("<tbody>"), "rows are shown in spite of {wrong}");
            assert!(answer.body.contains("role=\"alert\"") && !answer.body.contains("<script>alert"), "{wrong}");
        }
        // A place that was made up, or is another list's, is the first page; what is right is shown.
        for odd in ["after=AAAA", "before=%FF%FE", "after=", "unrelated", "town=", "q="] {
            let answer = site.get(&format!("/people?{odd}"), &token);
            let wanted =
                if odd == "unrelated" { [StatusCode::OK, StatusCode::BAD_REQUEST] } else { [StatusCode::OK; 2] };
            assert!(wanted.contains(&answer.status), "{odd}: {}", answer.status);
        }
        // No file is written of a wrong address, and no view is saved of it.
        let form = "query=shoe_size%3D43&purpose=customers&format=csv";
        assert_eq!(site.post("/people/export", &token, form).status, StatusCode::UNPROCESSABLE_ENTITY);
        let form = "query=shoe_size%3D43&view_name=V%C3%A4%C3%A4r%C3%A4";
        assert_eq!(site.post("/lists/people/views", &token, form).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(site.get("/lists/shoes/columns", &token).status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(site.post("/lists/shoes/columns", &token, "").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn rows_are_ticked_looked_at_done_and_undone_without_a_script() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let ids: Vec<PersonId> = (0..3).map(|number| site.add(number)).collect();
        let names = TagNames { fi: "Kanta-asiakas".into(), ..TagNames::default() };
        tag::create(&site.test, &TestRegister::operator(), &names).unwrap();
        let token = site.test.sign_in(Role::Office, None).0.0;
        let page = site.get("/people", &token).body;
        assert!(page.contains("value=\"tag:kanta-asiakas\"") && page.contains(&format!("value=\"{}\"", ids[0])));
        let reader = site.test.sign_in(Role::Reader, None).0.0;
        assert!(!site.get("/people", &reader).body.contains("type=\"checkbox\" name=\"row\""));

        // Nothing chosen, and no act: told above the form, and what was ticked stays so.
        for form in ["act=tag%3Akanta-asiakas", &format!("row={}", ids[1]), "which=all&act=erase"] {
            let answer = site.post("/lists/people/bulk", &token, form);
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
            assert!(answer.body.contains("id=\"act-error\""), "{form}");
            let (_, box_of_one) = answer.body.split_once(&format!("value=\"{}\" form=\"bulk\"", ids[1])).unwrap();
            let ticked = box_of_one.split('>').next().unwrap().contains("checked");
            assert_eq!(ticked, form.starts_with("row"), "{form}");
        }
        let form = format!("act=tag%3Akanta-asiakas&which=ticked&row={}&row={}&query=", ids[0], ids[1]);
        let path = to(&site.post("/lists/people/bulk", &token, &form));
        let preview = site.get(&path, &token);
        assert!(preview.body.contains("/start\"") && preview.body.contains("name=\"source\""), "{}", preview.body);
        assert_eq!(site.post(&format!("{path}/start"), &token, "").status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(to(&site.post(&format!("{path}/start"), &token, "source=customer")), path);
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        seloste_ops::bulk::run(&site.test, id).unwrap();
        let result = site.get(&path, &token);
        assert!(result.body.contains(&format!("{path}/undo")), "{}", result.body);
        assert!(site.get(&format!("/people/{}", ids[0]), &token).body.contains("Kanta-asiakas"));
        let found = site.get("/people?tag=kanta-asiakas", &token).body;
        assert_eq!(
            ids.iter().map(|id| found.contains(&format!("/people/{id}"))).collect::<Vec<_>>(),
            [true, true, false]
        );
        to(&site.post(&format!("{path}/undo"), &token, ""));
        seloste_ops::bulk::run(&site.test, id).unwrap();
        assert!(!site.get(&format!("/people/{}", ids[0]), &token).body.contains("<bdi>Kanta-asiakas</bdi></dd>"));
        assert!(site.get("/bulk", &token).body.contains(&path));

        // The same rows as a file: the purpose is asked for first.
        let form = format!("act=export&which=ticked&row={}&query=", ids[2]);
        let page = site.post("/lists/people/bulk", &token, &form);
        assert!(page.body.contains(&format!("name=\"row\" value=\"{}\"", ids[2])), "{}", page.body);
        let purpose = site.test.notice().unwrap().purposes()[0].id.to_string();
        let form = format!("purpose={purpose}&format=csv&query=&row={}", ids[2]);
        let file = site.post("/people/export", &token, &form);
        assert_eq!((file.status, file.body.lines().count()), (StatusCode::OK, 2));
        assert_eq!(
            to(&site.post("/lists/people/bulk", &token, "act=export&which=all&query=town%3DTurku")),
            "/people/export?town=Turku"
        );
    });
}

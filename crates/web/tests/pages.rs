//! What the pages promise: nothing of a kind that the notice does not declare, a protected address for one role only, a
//! form that loses nothing, texts in every language, and nothing that a browser would run.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::list::ListOf;
use seloste_domain::notice::without_kind;
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::{Action, Role};
use seloste_domain::tag::TagNames;
use seloste_ops::session::SignedIn;
use seloste_ops::{order, organisation, person, tag, user};
use seloste_testkit::{NOTICE, TestRegister, each_database, samples};
use seloste_web::text::{FILES, Texts, key};
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
            Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
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

    fn signed_in(&self, role: Role) -> (String, SignedIn) {
        let (token, who) = self.test.sign_in(role, None);
        (token.0, who)
    }
}

/// A person, an organisation and an order; the person's id and the addresses of the pages about them.
fn fill(test: &TestRegister, draft: &PersonDraft) -> (seloste_domain::id::PersonId, Vec<String>) {
    let (actor, source) = (TestRegister::operator(), TestRegister::source());
    let id = person::create(test, &actor, draft, &source).unwrap();
    let mut paths = vec!["/people".into(), "/people?q=a".into(), format!("/people/{id}"), format!("/people/{id}/edit")];
    paths.extend(["history", "log"].map(|tab| format!("/people/{id}/{tab}")));
    let made = organisation::create(test, &actor, &samples::organisation(1), &source).unwrap();
    paths.extend(["", "/edit", "/history", "/orders"].map(|tab| format!("/organisations/{made}{tab}")));
    if test.notice().unwrap().kinds().has(Kind::Tags) {
        let names = TagNames { fi: "Kanta-asiakas".into(), ..TagNames::default() };
        let tag = tag::create(test, &actor, &names).unwrap();
        tag::give(test, &actor, ListOf::People, id.into(), &tag, &source).unwrap();
        paths.push(format!("/tags/{tag}"));
    }
    if test.notice().unwrap().kinds().has(Kind::Orders) {
        paths.push("/orders/export".into());
        let order = order::create(test, &actor, &samples::order(1, Some(id)), &source).unwrap();
        paths.extend(["", "/edit", "/history"].map(|tab| format!("/orders/{order}{tab}")));
        paths.extend([format!("/people/{id}/orders"), format!("/orders/new?person={id}")]);
        paths.push(format!("/orders/new?repeat={order}"));
        paths.extend(["/products", "/orders/new", "/orders/new?words=a"].map(ToOwned::to_owned));
    }
    paths.extend([
        format!("/people/{id}/letter"),
        format!("/people/{id}/message"),
        format!("/organisations/{made}/letter"),
        format!("/organisations/{made}/message"),
        format!("/people/{id}/merge"),
        format!("/organisations/{made}/merge"),
    ]);
    let again = PersonDraft { customer_number: String::new(), ..draft.clone() };
    let again = person::create(test, &actor, &again, &source).unwrap();
    paths.push(format!("/people/{id}/merge/{again}"));
    seloste_ops::duplicate::find(test, &actor).unwrap();
    let rest = [
        "/duplicates",
        "/proposals",
        "/proposals?state=kept",
        "/people/new",
        "/people/export?town=Turku",
        "/organisations/export",
        "/people?town=Turku&has=email&sort=changed&order=asc",
        "/tags",
        "/tags/new",
        "/bulk",
        "/organisations",
        "/organisations/new",
        "/orders",
        "/imports",
        "/imports/mappings",
        "/feeds",
        "/feeds/new",
        "/users",
        "/notices",
    ];
    paths.extend(rest.map(ToOwned::to_owned));
    paths.extend(["/log", "/account", "/notice", "/sign-in", "/set-up"].map(ToOwned::to_owned));
    (id, paths)
}

/// A page is whole: no key instead of a text, nothing inline that could run, no field without a name to read.
fn is_whole(path: &str, page: &str) {
    for bad in ["<script>", " style=\"", " onclick", "javascript:", "<no value>"] {
        assert!(!page.contains(bad), "{bad} in {path}");
    }
    for prefix in ["kind-", "label-", "role-", "state-", "action-", "nav-", "field-", "problem-", "order-", "error-"] {
        let shown =
            page.split('<').filter_map(|part| part.split_once('>')).any(|(_, text)| text.trim().starts_with(prefix));
        assert!(!shown, "a key of {prefix} is shown in {path}");
    }
    assert!(page.contains("<title>") && page.contains(" lang=\""), "{path}");
}

#[test]
fn every_page_is_whole_in_every_language() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let long = PersonDraft {
            given: "Annamaria \u{1F469}\u{200D}\u{1F33E} نور".into(),
            family: format!("<script>alert(1)</script>'\"&{}", "Pitkänimi-".repeat(15)),
            ..samples::person(1)
        };
        let (_, paths) = fill(&site.test, &long);
        for language in Language::ALL {
            let (token, who) = site.signed_in(Role::Office);
            let operator = TestRegister::operator();
            for role in [Role::DataProtection, Role::Administrator] {
                let role = user::NewRole { role, company: None, until: None };
                user::assign(&site.test, &operator, who.user.id, &role).unwrap();
            }
            user::set_language(&site.test, &who, language).unwrap();
            for path in &paths {
                let answer = site.get(path, &token);
                assert_eq!(answer.status, StatusCode::OK, "{path}");
                is_whole(path, &answer.body);
                let policy = answer.headers.get("content-security-policy").unwrap().to_str().unwrap();
                assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{path}");
                assert!(
                    !path.starts_with("/people") || answer.body.contains(&format!("lang=\"{language}\"")),
                    "{path}"
                );
                assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store", "{path}");
            }
        }
    });
}

#[test]
fn an_empty_register_has_pages_too() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (token, _) = site.signed_in(Role::Office);
        for path in ["/people", "/people?q=a", "/organisations", "/orders", "/imports", "/search?q=x"] {
            assert_eq!(site.get(path, &token).status, StatusCode::OK, "{path}");
        }
    });
}

/// What of a kind a page could show: the value itself, and the names of its fields.
fn traces(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Name => &["name=\"given\"", "name=\"family\""],
        Kind::Organisation => &["name=\"organisation\"", "name=\"title\""],
        Kind::Email => &["@example.com", "emails.text"],
        Kind::PostalAddress => &["addresses.street", "delivery.street"],
        Kind::Telephone => &["+358", "telephones.text"],
        Kind::Orders => &["href=\"/orders"],
        Kind::Credit => &["href=\"/credit"],
        Kind::CustomerNumber => &["name=\"customer_number\""],
        Kind::Language => &["name=\"language\""],
        Kind::Tags => &["Kanta-asiakas", "name=\"tag\""],
    }
}

/// Promise P10: the notice is the schema.
#[test]
fn a_kind_that_the_notice_does_not_declare_does_not_exist() {
    each_database(|place| {
        // One database serves every kind: what was stored under the whole notice must vanish as well.
        let mut test = TestRegister::create(place);
        let (id, _) = fill(&test, &samples::person(1));
        let site_paths =
            ["/people".to_owned(), format!("/people/{id}"), format!("/people/{id}/edit"), "/people/new".into()];
        let protector = test.sign_in(Role::DataProtection, None).1.actor;
        for (step, kind) in Kind::ALL.into_iter().enumerate() {
            let next = format!("version = {}", 2 + step);
            let notice = without_kind(NOTICE, kind).replacen("version = 1", &next, 1);
            let in_force = seloste_ops::notice::versions(&test).unwrap()[0].version;
            seloste_ops::notice::publish(&test, &protector, &notice, in_force).unwrap();
            let site = Site::new(test);
            let (token, who) = site.signed_in(Role::Office);
            for path in &site_paths {
                let page = site.get(path, &token).body;
                // The language of one's own pages is another matter than a customer's.
                for trace in traces(kind) {
                    assert!(!page.contains(trace), "{trace} of {kind} in {path}");
                }
            }
            let draft = PersonDraft { organisation: None, title: String::new(), ..samples::person(2) };
            let stores = !matches!(kind, Kind::Orders | Kind::Organisation | Kind::Credit | Kind::Tags);
            let created = person::create(&site.test, &who.actor, &draft, &TestRegister::source());
            assert_eq!(created.is_err(), stores, "{kind}: {created:?}");
            let left = seloste_ops::notice::left_over(&site.test, &protector).unwrap();
            assert!(left.iter().all(|(left, _)| *left == kind), "{kind}");
            let (guardian, _) = site.signed_in(Role::DataProtection);
            assert_eq!(
                site.get("/notices", &guardian).body.contains("/notices/left-over"),
                stores || kind == Kind::Tags,
                "{kind}"
            );
            let status = site.post("/notices/left-over", &guardian, &format!("kind={kind}")).status;
            let removable = kind != Kind::Orders;
            assert_eq!(status, if removable { StatusCode::SEE_OTHER } else { StatusCode::NOT_FOUND }, "{kind}");
            let left = seloste_ops::notice::left_over(&site.test, &protector).unwrap();
            assert_eq!(left.is_empty(), removable, "{kind}: {left:?}");
            assert_eq!(site.get("/orders", &token).body.contains("orders/01"), kind != Kind::Orders, "{kind}");
            test = site.test;
        }
    });
}

#[test]
fn a_list_is_taken_out_for_a_purpose() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (id, _) = fill(&site.test, &samples::person(1));
        let (token, _) = site.signed_in(Role::Office);
        let purpose = site.test.notice().unwrap().purposes()[0].id.clone();
        assert!(site.get("/people", &token).body.contains("/people/export"));
        assert!(site.get("/people/export", &token).body.contains(purpose.as_str()));
        let without = site.post("/people/export", &token, "format=csv&purpose=");
        assert!(without.status == StatusCode::UNPROCESSABLE_ENTITY && without.body.contains("purpose-error"));
        let file = site.post("/people/export", &token, &format!("format=csv&purpose={purpose}"));
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("seloste-people.csv"));
        assert!(file.body.contains("Sukunimi") && file.body.lines().count() == 3, "{}", file.body);
        let newest = seloste_ops::log::newest(&site.test, &TestRegister::operator(), None, 5).unwrap();
        assert!(newest.iter().any(|e| e.action == "person.export" && e.subjects.contains(&id.0)), "{newest:?}");
        let exports = site.test.place().data().join("exports");
        assert_eq!(std::fs::read_dir(exports).unwrap().count(), 0, "nothing is left behind");
        let (reader, _) = site.signed_in(Role::Reader);
        assert!(!site.get("/people", &reader).body.contains("/people/export"));
    });
}

#[test]
fn a_protected_address_is_seen_by_data_protection_only() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let draft = PersonDraft { protected_address: true, ..samples::person(1) };
        let street = draft.addresses[0].street.clone();
        let (id, _) = fill(&site.test, &draft);
        for role in Role::ALL {
            let (token, _) = site.signed_in(role);
            let mut seen = false;
            for tab in ["", "/edit", "/history"] {
                seen |= site.get(&format!("/people/{id}{tab}"), &token).body.contains(&street);
            }
            let found = site.get(&format!("/search?q={}", street.replace(' ', "+")), &token).body;
            assert!(!found.contains(&id.to_string()), "{role} finds a protected address");
            assert_eq!(seen, role == Role::DataProtection, "{role}");
        }
    });
}

#[test]
fn the_second_of_two_editors_loses_nothing() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (id, _) = fill(&site.test, &samples::person(1));
        let (token, _) = site.signed_in(Role::Office);
        let form = |family: &str| {
            format!(
                "version=2&source=customer&given=Aino&family={family}&companies=arjasmaa&telephones.text=0401234567"
            )
        };
        assert_eq!(site.post(&format!("/people/{id}"), &token, &form("Ensimmainen")).status, StatusCode::SEE_OTHER);
        let second = site.post(&format!("/people/{id}"), &token, &form("Toinen"));
        assert_eq!(second.status, StatusCode::CONFLICT);
        assert!(second.body.contains("Toinen") && second.body.contains("Ensimmainen"), "both are shown");
        assert!(second.body.contains("name=\"version\" value=\"3\""), "saving again replaces what stands now");
        let change = second.body.split("role=\"alert\"").nth(1).unwrap();
        let change = change.split("<form").next().unwrap();
        let came: Vec<&str> = change.split("<ins>").skip(1).collect();
        assert!(came.iter().any(|line| line.contains("Ensimmainen")), "{change}");
        assert!(!came.iter().any(|line| line.contains("arjasmaa")), "what did not change is not told: {change}");

        // An order: the line that the first one changed is told, the other is not.
        let order =
            order::create(&site.test, &TestRegister::operator(), &samples::order(9, Some(id)), &TestRegister::source());
        let order = order.unwrap();
        let page = site.get(&format!("/orders/{order}"), &token).body;
        assert!(page.contains("T-"), "{page}");
        let form = |quantity: &str, words: &str| {
            format!(
                "version=1&source=customer&company=arjasmaa&person={id}&ordered_on=2026-11-01&number=N-{order}\
                 &product=A&description={words}&quantity={quantity}&unit_price=2&discount=&vat_rate="
            )
        };
        let first = site.post(&format!("/orders/{order}"), &token, &form("7", "Ensin"));
        assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
        let second = site.post(&format!("/orders/{order}"), &token, &form("9", "Toiseksi"));
        assert_eq!(second.status, StatusCode::CONFLICT);
        let change = second.body.split("role=\"alert\"").nth(1).unwrap().split("<form").next().unwrap();
        assert!(change.contains("7 × A Ensin") && !change.contains("Toiseksi"), "{change}");
        assert!(second.body.contains("Toiseksi"), "what was typed is there");
    });
}

#[test]
fn forms_come_from_our_own_pages_and_hosts_only() {
    let site = Site::new(TestRegister::sqlite());
    let ask = |name: &str, value: &str| {
        let request = Request::post("/sign-in").header(header::HOST, HOST).header(name, value);
        site.send(request.body(Body::from("login=a&password=b")).unwrap()).status
    };
    assert_eq!(ask("origin", "http://127.0.0.1:8080"), StatusCode::UNAUTHORIZED);
    assert_eq!(ask("origin", "https://evil.example"), StatusCode::FORBIDDEN);
    assert_eq!(ask("origin", "null"), StatusCode::FORBIDDEN);
    assert_eq!(ask("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN);
    let foreign = Request::get("/sign-in").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
    assert_eq!(site.send(foreign).status, StatusCode::MISDIRECTED_REQUEST);
}

#[test]
fn signing_in_gives_a_cookie_and_leads_only_to_our_own_pages() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (_, who) = site.signed_in(Role::Reader);
        let sign_in = |next: &str, password: &str| {
            let password = password.replace(' ', "+");
            let form = format!("login={}&password={password}&next={next}", who.user.login);
            site.post("/sign-in", "", &form)
        };
        for (next, to) in [("/orders", "/orders"), ("//evil.example", "/"), ("https://evil.example", "/"), ("", "/")] {
            let answer = sign_in(next, TestRegister::PASSWORD);
            assert_eq!(
                (answer.status, answer.headers[header::LOCATION].to_str().unwrap()),
                (StatusCode::SEE_OTHER, to)
            );
            let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
                "{cookie}"
            );
        }
        let wrong = sign_in("", "aivan väärä salasana");
        let unknown = site.post("/sign-in", "", "login=eiole&password=aivan+v%C3%A4%C3%A4r%C3%A4+salasana");
        assert_eq!((wrong.status, unknown.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
        assert_eq!(wrong.body.replace(&who.user.login, "eiole"), unknown.body, "known and unknown answer alike");
        for _ in 0..5 {
            sign_in("", "aivan väärä salasana");
        }
        assert_eq!(sign_in("", TestRegister::PASSWORD).status, StatusCode::TOO_MANY_REQUESTS);
    });
}

#[test]
fn a_session_ends_by_time_and_everywhere_at_once() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (token, who) = site.signed_in(Role::Reader);
        assert_eq!(site.get("/people", &token).status, StatusCode::OK);
        site.test.clock().advance(jiff::SignedDuration::from_mins(61));
        assert_eq!(site.get("/people", &token).status, StatusCode::SEE_OTHER, "an hour without use");
        let (token, _) =
            seloste_ops::session::sign_in(&site.test, &who.user.login, TestRegister::PASSWORD, "t").unwrap();
        for _ in 0..12 {
            site.test.clock().advance(jiff::SignedDuration::from_mins(59));
            site.get("/people", &token.0);
        }
        site.test.clock().advance(jiff::SignedDuration::from_mins(13));
        assert_eq!(site.get("/people", &token.0).status, StatusCode::SEE_OTHER, "twelve hours in all");
        let again =
            || seloste_ops::session::sign_in(&site.test, &who.user.login, TestRegister::PASSWORD, "t").unwrap().0;
        let (one, other) = (again(), again());
        assert_eq!(site.post("/account/sign-out-everywhere", &one.0, "").status, StatusCode::SEE_OTHER);
        assert_eq!(site.get("/people", &other.0).status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_set_up_link_works_once_and_looking_does_not_use_it_up() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let invitation = user::Invitation { login: "uusi".into(), name: "Uusi".into(), ..Default::default() };
        let (_, link) = user::invite(&site.test, &TestRegister::operator(), &invitation).unwrap();
        let form = |password: &str| format!("token=http%3A%2F%2Fx%2Fset-up%23{}&password={password}", link.0);
        assert_eq!(site.get("/set-up", "").status, StatusCode::OK);
        assert_eq!(site.post("/set-up", "", &form("lyhyt")).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(site.post("/set-up", "", &form("kolme+punaista+kumisaapasta")).status, StatusCode::SEE_OTHER);
        assert_eq!(
            site.post("/set-up", "", &form("kolme+vihreaa+kumisaapasta")).status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    });
}

#[test]
fn names_that_the_code_makes_are_translated() {
    use seloste_domain::order::OrderState;
    use seloste_domain::rights::AccountState;
    use seloste_domain::value::Label;
    let mut keys: Vec<String> = seloste_domain::field::code::ALL.iter().map(ToString::to_string).collect();
    keys.extend(Kind::ALL.map(|kind| key("kind", kind.as_str())));
    keys.extend(Label::ALL.map(|label| key("label", label.as_str())));
    keys.extend(Role::ALL.map(|role| key("role", role.as_str())));
    keys.extend(OrderState::ALL.map(|state| key("state", state.as_str())));
    keys.extend(AccountState::ALL.map(|state| key("account", state.as_str())));
    keys.extend(Action::ALL.iter().map(|action| key("action", action.as_str())));
    for (language, _) in FILES {
        for key in &keys {
            assert_ne!(&Texts(language).get(key), key, "{key} in {language}");
        }
    }
}

/// The files of a folder and of those in it.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    all.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Every key that templates and handlers use exists.
#[test]
fn every_key_that_is_used_exists() {
    let folder = env!("CARGO_MANIFEST_DIR");
    let mut used = std::collections::BTreeSet::new();
    for place in ["templates", "src"] {
        for file in files(std::path::Path::new(&format!("{folder}/{place}"))) {
            let text = std::fs::read_to_string(file).unwrap();
            for call in ["text(\"", "get(\"", "arg(\"", "count(\""] {
                let found = text.split(call).skip(1).filter_map(|rest| rest.split('"').next());
                used.extend(found.filter(|key| key.contains('-') && !key.contains('/')).map(ToOwned::to_owned));
            }
        }
    }
    used.retain(|key| !["sec-fetch-site", "sec-gpc"].contains(&key.as_str()));
    assert!(used.len() > 150, "{}", used.len());
    for (language, file) in FILES {
        for key in &used {
            assert!(
                file.contains(&format!("\n{key} =")) || file.starts_with(&format!("{key} =")),
                "{key} in {language}"
            );
        }
    }
}

#[test]
fn an_order_form_makes_one_order_however_often_it_is_sent() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (actor, source) = (TestRegister::operator(), TestRegister::source());
        let customer = person::create(&site.test, &actor, &samples::person(1), &source).unwrap();
        let (token, _) = site.signed_in(Role::Office);
        let page = site.get(&format!("/orders/new?person={customer}"), &token).body;
        let id = page.split_once("name=\"new_id\" value=\"").unwrap().1.split_once('"').unwrap().0;
        let form = |quantity: &str, then: &str| {
            format!(
                "new_id={id}&person={customer}&company={}&ordered_on=23.11.2026&source={source}&then={then}\
                 &product=A1&description=Paperi&quantity={quantity}&unit_price=6%2C40&discount=&vat_rate=",
                samples::COMPANY
            )
        };
        let orders = || order::newest(&site.test, &actor, &order::Filter::default(), 10).unwrap();
        for _ in 0..2 {
            let answer = site.post("/orders", &token, &form("3", "confirm"));
            assert_eq!(answer.headers[header::LOCATION].to_str().unwrap(), format!("/orders/{id}"));
        }
        assert_eq!(orders().len(), 1);
        assert_eq!(orders()[0].order.state.as_str(), "confirmed");

        // Sent, changed, and sent again: what was typed is there, under a new id, and the order that was made is named.
        let again = site.post("/orders", &token, &form("4", "confirm"));
        assert!(again.status == StatusCode::CONFLICT && again.body.contains(&format!("href=\"/orders/{id}\"")));
        assert!(again.body.contains("value=\"4\"") && !again.body.contains(&format!("name=\"new_id\" value=\"{id}\"")));
        assert_eq!(orders().len(), 1);

        let empty = form("", "confirm").replace("A1", "").replace("Paperi", "").replace("6%2C40", "");
        assert_eq!(site.post("/orders", &token, &empty).status, StatusCode::UNPROCESSABLE_ENTITY);
        let totals = site.post("/orders/totals", &token, &form("3", ""));
        assert!(totals.body.contains("19,20") && totals.body.contains("24,10"), "{}", totals.body);
    });
}

#[test]
fn a_form_outlives_the_session_in_which_it_was_begun() {
    each_database(|place| {
        let site = Site::new(TestRegister::create(place));
        let (token, who) = site.signed_in(Role::Office);
        let source = TestRegister::source();
        let form = format!(
            "given=Pirkko&family=%C3%84ij%C3%B6%26co&emails.text=p%40example.com&companies={}&source={source}",
            samples::COMPANY
        );
        let send = |path: &str, token: &str, form: &str| {
            let request = Request::post(path).header(header::HOST, HOST);
            let request = request.header(header::COOKIE, format!("seloste={token}"));
            let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            site.send(request.body(Body::from(form.to_owned())).unwrap())
        };
        seloste_ops::session::sign_out(&site.test, &token).unwrap();
        let led = send("/people", &token, &form);
        assert_eq!(led.status, StatusCode::UNAUTHORIZED);
        assert!(led.body.contains("name=\"kept_path\" value=\"/people\"") && led.body.contains("name=\"password\""));
        assert_eq!(person::count(&site.test, &TestRegister::operator()).unwrap(), 0);

        // Signed in again, it is offered whole, and one press stores it.
        let kept: String = form_urlencoded::byte_serialize(form.as_bytes()).collect();
        let password = form_urlencoded::byte_serialize(TestRegister::PASSWORD.as_bytes()).collect::<String>();
        let wrong = format!("login={}&password=wrong&kept_path=%2Fpeople&kept_form={kept}", who.user.login);
        assert!(send("/sign-in", "", &wrong).body.contains("name=\"kept_form\""), "also after a wrong password");
        let again = send("/sign-in", "", &wrong.replace("=wrong", &format!("={password}")));
        assert_eq!(again.status, StatusCode::OK);
        assert!(again.body.contains("action=\"/people\"") && again.body.contains("p@example.com"), "{}", again.body);
        assert!(again.body.contains("Äijö&#38;co"), "{}", again.body);
        let cookie = again.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        let token = cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
        assert_eq!(send("/people", &token, &form).status, StatusCode::SEE_OTHER);
        assert_eq!(person::count(&site.test, &TestRegister::operator()).unwrap(), 1);

        // Nothing is kept for those who had no session, and nothing leads to another place.
        assert_eq!(send("/people", "", &form).status, StatusCode::SEE_OTHER);
        let evil = wrong.replace("=wrong", &format!("={password}")).replace("%2Fpeople", "%2F%2Fevil.example");
        assert_eq!(send("/sign-in", "", &evil).headers[header::LOCATION], "/");
    });
}

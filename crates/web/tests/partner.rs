//! The partners' interface: a partner reads what it may receive, and nothing else, in whatever way it asks (promise P08).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seloste_domain::draft::OrganisationRef;
use seloste_domain::id::{PartnerId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::money::DecimalMark;
use seloste_domain::rights::{Action, Role};
use seloste_domain::token::TokenDraft;
use seloste_ops::disclosure;
use seloste_ops::partner::{self, ContractItem, PartnerDraft, QuotaDraft};
use seloste_ops::proposal::{self, Filter};
use seloste_ops::{exchange, order, organisation, partner_document, person, token, webhook};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::api::partner::ROUTES;
use seloste_web::{App, WebSettings, partner_router, router};
use serde_json::{Value, json};
use tower::ServiceExt as _;

struct World {
    test: TestRegister,
    routes: Router,
    runtime: tokio::runtime::Runtime,
}

struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().trim_start_matches("urn:seloste:problem:").to_owned()
    }
}

fn draft(name: &str, kinds: &[&str]) -> PartnerDraft {
    PartnerDraft {
        name: name.into(),
        under: "provider:web_services".into(),
        role: "processor".into(),
        contract: "DIA 12/2026".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        companies: vec!["arjasmaa".into()],
        purposes: vec!["directories".into()],
        interface: "api".into(),
        ..PartnerDraft::default()
    }
}

impl World {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let app = App::new((*test).clone(), WebSettings::of("http://127.0.0.1:8080"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { routes: partner_router(app), test, runtime }
    }

    fn partner(&self, draft: &PartnerDraft) -> (PartnerId, String) {
        let operator = TestRegister::operator();
        let id = partner::create(&self.test, &operator, draft).unwrap();
        (id, self.token(id))
    }

    fn token(&self, id: PartnerId) -> String {
        let draft = TokenDraft { name: "Integraatio".into(), days: "90".into(), networks: "192.0.2.0/24".into() };
        webhook::create_token(&self.test, &TestRegister::operator(), id, &draft).unwrap().1.0
    }

    fn person(&self, number: usize, company: &str) -> PersonId {
        let mut draft = samples::person(number);
        draft.companies = vec![company.into()];
        person::create(&self.test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap()
    }

    fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        self.from("192.0.2.7", method, path, token, body)
    }

    fn from(&self, from: &str, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/partner/v1{path}"));
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map(|body| Body::from(body.to_string())).unwrap_or_default();
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(from.parse().unwrap(), 4_000)));
        self.runtime.block_on(async {
            let response = self.routes.clone().oneshot(request).await.unwrap();
            let status = response.status();
            Answer { status, body: to_bytes(response.into_body(), 10_000_000).await.unwrap().to_vec() }
        })
    }

    fn get(&self, path: &str, token: &str) -> Answer {
        self.send("GET", path, Some(token), None)
    }
}

fn ids(page: &Value, event: &str) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter().filter(|item| item["event"] == event);
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_partner_reads_changes_by_cursor_and_hears_who_left() {
    each_database(|place| {
        let world = World::new(place);
        let operator = TestRegister::operator();
        let people: Vec<PersonId> = (0..5).map(|number| world.person(number, "arjasmaa")).collect();
        let stranger = world.person(9, "verkkokauppa");
        let (partner, token) = world.partner(&draft("Paino Oy", &["name", "postal_address"]));
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.get(&format!("/changes?limit=2{cursor}"), &token);
            assert_eq!(page.status, StatusCode::OK, "{}", String::from_utf8_lossy(&page.body));
            let page = page.json();
            seen.extend(ids(&page, "changed"));
            cursor = format!("&cursor={}", page["cursor"].as_str().unwrap());
            if page["more"] == false {
                break;
            }
        }
        assert_eq!(seen, people.iter().map(ToString::to_string).collect::<Vec<_>>(), "in order, each once");
        assert!(world.get(&format!("/changes?limit=2{cursor}"), &token).json()["items"].as_array().unwrap().is_empty());
        // One changes, one leaves for another company, one is erased; a stranger to the partner changes too.
        let correct = |id: PersonId, companies: &[&str]| {
            let shown = person::show(&world.test, &operator, id).unwrap().person;
            let mut draft = shown.draft(world.test.today());
            draft.family = "Muuttunut".into();
            draft.companies = companies.iter().map(|company| (*company).to_owned()).collect();
            person::change(&world.test, &operator, id, shown.version, &draft, &TestRegister::source()).unwrap();
        };
        correct(people[0], &["arjasmaa"]);
        correct(people[1], &["verkkokauppa"]);
        correct(stranger, &["verkkokauppa"]);
        let usage = world.test.authorize(&operator, Action::KindRemove).unwrap();
        let gone = people[2];
        let erase = move |w: &mut seloste_store::Writing<'_, '_>| {
            seloste_store::party::erase(w, seloste_store::party::Noun::Person, gone.into())
        };
        world.test.db().write(&usage, erase).unwrap();
        let page = world.get(&format!("/changes?{}", cursor.trim_start_matches('&')), &token).json();
        assert_eq!(ids(&page, "changed"), [people[0].to_string()]);
        assert_eq!(page["items"][0]["person"]["family"], "Muuttunut");
        let mut left = ids(&page, "left");
        left.sort();
        let mut wanted = vec![people[1].to_string(), people[2].to_string()];
        wanted.sort();
        assert_eq!(left, wanted, "and nothing of who was never theirs");
        for item in page["items"].as_array().unwrap().iter().filter(|item| item["event"] == "left") {
            assert_eq!(item.as_object().unwrap().len(), 2, "who left, and nothing of them: {item}");
        }
        // Each reading is a disclosure of each person, with the kinds that went.
        let report = disclosure::of_party(&world.test, &operator, people[0].into()).unwrap();
        assert_eq!((report.len(), report[0].partner), (2, partner));
        assert_eq!(report[0].fields.names(), "name postal_address");
        assert!(disclosure::of_party(&world.test, &operator, stranger.into()).unwrap().is_empty());
    });
}

#[test]
fn a_cursor_is_good_for_its_partner_and_its_scope() {
    each_database(|place| {
        let world = World::new(place);
        world.person(1, "arjasmaa");
        let (id, token) = world.partner(&draft("Paino Oy", &["name"]));
        let (_, other) = world.partner(&draft("Toinen Oy", &["name"]));
        let cursor = world.get("/changes", &token).json()["cursor"].as_str().unwrap().to_owned();
        let path = format!("/changes?cursor={cursor}");
        assert_eq!(world.get(&path, &token).status, StatusCode::OK);
        assert_eq!(world.get(&path, &other).kind(), "cursor");
        assert_eq!(world.get(&format!("{path}&kinds=name"), &token).kind(), "cursor", "it is another list");
        let narrower = draft("Paino Oy", &["customer_number"]);
        partner::change(&world.test, &TestRegister::operator(), id, 1, &narrower).unwrap();
        assert_eq!(world.get(&path, &token).kind(), "cursor", "the scope has changed");
    });
}

#[test]
fn access_ends_with_the_contract_and_the_token() {
    each_database(|place| {
        let world = World::new(place);
        let person = world.person(1, "arjasmaa");
        let operator = TestRegister::operator();
        let (id, token) = world.partner(&draft("Paino Oy", &["name"]));
        let absent = world.send("GET", "/nothing", None, None);
        let refused = |from: &str, token: &str| {
            for path in ["/changes".to_owned(), format!("/people/{person}"), "/nothing".to_owned()] {
                let answer = world.from(from, "GET", &path, Some(token), None);
                assert_eq!((answer.status, &answer.body), (StatusCode::UNAUTHORIZED, &absent.body), "{path}");
            }
        };
        assert_eq!(world.get(&format!("/people/{person}"), &token).json()["family"], "Esimerkki");
        refused("203.0.113.1", &token);
        let (_, who) = world.test.sign_in(Role::Office, None);
        let draft_of = TokenDraft { name: "x".into(), days: "9".into(), networks: String::new() };
        let staff = token::create_own(&world.test, &who, &draft_of).unwrap().1.0;
        refused("203.0.113.2", &staff);
        let other = TestRegister::create_seeded(TestPlace::sqlite(), seloste_testkit::NOTICE, 9);
        let theirs = partner::create(&other, &operator, &draft("Paino Oy", &["name"])).unwrap();
        refused("203.0.113.3", &webhook::create_token(&other, &operator, theirs, &draft_of).unwrap().1.0);
        let second = world.token(id);
        let tokens = webhook::access(&world.test, &operator, id).unwrap().tokens;
        webhook::revoke_token(&world.test, &operator, id, tokens[0].id).unwrap();
        refused("192.0.2.8", &second);
        let used = tokens.iter().find(|token| token.used_at.is_some()).unwrap();
        assert_eq!(used.used_from.as_deref(), Some("192.0.2.7"));
        let third = world.token(id);
        world.test.clock().advance(SignedDuration::from_hours(90 * 24));
        refused("192.0.2.9", &third);
        let fourth = world.token(id);
        assert_eq!(world.get("/changes", &fourth).status, StatusCode::OK);
        partner::end(&world.test, &operator, id, 1).unwrap();
        refused("192.0.2.10", &fourth);
        // A partner's token opens nothing of staff.
        let app = App::new((*world.test).clone(), WebSettings::of("http://127.0.0.1:8080"));
        let request = Request::get("/api/v1/people").header(header::HOST, "127.0.0.1:8080");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {fourth}")).body(Body::empty()).unwrap();
        let answer = world.runtime.block_on(router(app).oneshot(request)).unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn what_a_partner_says_waits_for_a_decision() {
    each_database(|place| {
        let world = World::new(place);
        let operator = TestRegister::operator();
        let (own, other) = (world.person(1, "arjasmaa"), world.person(2, "verkkokauppa"));
        let (id, token) = world.partner(&draft("Paino Oy", &["name", "email"]));
        let path = format!("/people/{own}/updates");
        let said = json!({ "emails": [{ "text": "uusi@example.com" }] });
        assert_eq!(world.send("POST", &path, Some(&token), Some(&said)).kind(), "beyond-scope", "it is no source");
        webhook::set_source(&world.test, &operator, id, Some(&"subcontractor".parse().unwrap())).unwrap();
        let sent = world.send("POST", &path, Some(&token), Some(&said));
        assert_eq!(sent.status, StatusCode::ACCEPTED, "{}", String::from_utf8_lossy(&sent.body));
        let before = person::show(&world.test, &operator, own).unwrap().person;
        assert_eq!(before.version, 1, "nothing is changed");
        assert_eq!(proposal::count(&world.test, &operator, &Filter::default()).unwrap(), 1);
        let elsewhere = format!("/people/{other}/updates");
        assert_eq!(world.send("POST", &elsewhere, Some(&token), Some(&said)).status, StatusCode::NOT_FOUND);
        let beyond = json!({ "telephones": [{ "text": "+358 40 0000001" }] });
        let beyond = world.send("POST", &path, Some(&token), Some(&beyond));
        assert_eq!((beyond.status, beyond.kind()), (StatusCode::UNPROCESSABLE_ENTITY, "fields".into()));
        let hidden = json!({ "protected_address": false });
        assert_eq!(world.send("POST", &path, Some(&token), Some(&hidden)).kind(), "body");
    });
}

#[test]
fn recalls_are_read_and_acknowledged_by_those_whom_they_are_for() {
    each_database(|place| {
        let world = World::new(place);
        let operator = TestRegister::operator();
        let person = world.person(1, "arjasmaa");
        let (_, token) = world.partner(&draft("Paino Oy", &["name"]));
        let (_, other) = world.partner(&draft("Toinen Oy", &["name"]));
        world.get("/changes", &token);
        let shown = person::show(&world.test, &operator, person).unwrap().person;
        let mut draft = shown.draft(world.test.today());
        draft.family = "Muuttunut".into();
        person::change(&world.test, &operator, person, 1, &draft, &TestRegister::source()).unwrap();
        let told = world.get("/recalls", &token).json();
        assert_eq!(
            (&told["items"][0]["reason"], &told["items"][0]["subject_id"]),
            (&json!("rectification"), &json!(person))
        );
        assert!(!told.to_string().contains("Muuttunut"), "a recall holds no value");
        assert!(world.get("/recalls", &other).json()["items"].as_array().unwrap().is_empty());
        let path = format!("/recalls/{}/acknowledgement", told["items"][0]["id"].as_str().unwrap());
        assert_eq!(world.send("POST", &path, Some(&other), None).status, StatusCode::NOT_FOUND);
        for _ in 0..2 {
            assert_eq!(world.send("POST", &path, Some(&token), None).status, StatusCode::NO_CONTENT);
        }
        assert!(world.get("/recalls", &token).json()["items"].as_array().unwrap().is_empty());
    });
}

/// A partner's scope, and what it asks for.
#[derive(Clone, Debug)]
struct Case {
    kinds: BTreeSet<usize>,
    companies: BTreeSet<usize>,
    people: usize,
    asked: Option<BTreeSet<usize>>,
    limit: usize,
}

const KINDS: [Kind; 8] = [
    Kind::Name,
    Kind::Organisation,
    Kind::Email,
    Kind::PostalAddress,
    Kind::Telephone,
    Kind::CustomerNumber,
    Kind::Language,
    Kind::Orders,
];
const COMPANIES: [&str; 2] = ["arjasmaa", "verkkokauppa"];
const PEOPLE: [&str; 4] = ["everyone", "buyers", "representatives", "private"];

fn case() -> impl Strategy<Value = Case> {
    let kinds = prop::collection::btree_set(0..KINDS.len(), 1..=KINDS.len());
    let asked = prop::option::of(prop::collection::btree_set(0..KINDS.len(), 1..=3));
    (kinds, prop::collection::btree_set(0..2_usize, 1..=2), 0..4_usize, asked, 1..4_usize)
        .prop_map(|(kinds, companies, people, asked, limit)| Case { kinds, companies, people, asked, limit })
}

/// Somebody of whom the test knows everything.
struct Known {
    company: usize,
    represents: bool,
    buys: bool,
    noun: &'static str,
}

fn everybody(world: &World) -> BTreeMap<String, Known> {
    let (operator, source) = (TestRegister::operator(), TestRegister::source());
    let mut known = BTreeMap::new();
    for number in 0..8_usize {
        let (company, represents, buys) = (number % 2, number % 4 < 2, number < 4);
        let mut draft = samples::person(number);
        draft.companies = vec![COMPANIES[company].into()];
        if represents {
            let organisation = format!("Yhteisö {number} Oy");
            let draft = seloste_domain::organisation::OrganisationDraft {
                name: organisation.clone(),
                companies: vec![COMPANIES[company].into()],
                ..samples::organisation(number)
            };
            let id = organisation::create(&world.test, &operator, &draft, &source).unwrap();
            known.insert(id.to_string(), Known { company, represents: true, buys: false, noun: "organisations" });
        }
        draft.organisation = represents.then(|| OrganisationRef::Named(format!("Yhteisö {number} Oy")));
        draft.title = if represents { "johtaja".into() } else { String::new() };
        let id = person::create(&world.test, &operator, &draft, &source).unwrap();
        if buys {
            let mut draft = samples::order(number, Some(id));
            draft.company = COMPANIES[company].into();
            order::create(&world.test, &operator, &draft, &source).unwrap();
        }
        known.insert(id.to_string(), Known { company, represents, buys, noun: "people" });
    }
    known
}

impl Case {
    fn reaches(&self, known: &Known) -> bool {
        let noun = known.noun == "people" || self.kinds.iter().any(|kind| KINDS[*kind] == Kind::Organisation);
        let people = match PEOPLE[self.people] {
            "everyone" => true,
            "buyers" => known.buys,
            "representatives" => known.noun == "organisations" || known.represents,
            _ => known.noun == "organisations" || !known.represents,
        };
        noun && people && self.companies.contains(&known.company)
    }
}

impl Known {
    /// How many orders of it are with the companies of a case.
    fn orders_within(&self, case: &Case) -> usize {
        usize::from(self.buys && case.companies.contains(&self.company))
    }
}

/// The keys of an answer that hold something of a kind.
fn keys(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Name => &["given", "family"],
        Kind::Organisation => &["organisation_id", "title", "name", "business_id"],
        Kind::Email => &["emails"],
        Kind::PostalAddress => &["addresses"],
        Kind::Telephone => &["telephones"],
        Kind::CustomerNumber => &["customer_number"],
        Kind::Language => &["language"],
        Kind::Orders | Kind::Credit | Kind::Tags => &[],
    }
}

fn only_allowed(shown: &Value, allowed: &BTreeSet<usize>, told: &str) {
    let may: BTreeSet<&str> = allowed.iter().flat_map(|kind| keys(KINDS[*kind]).iter().copied()).collect();
    for (key, _) in shown.as_object().unwrap() {
        assert!(may.contains(key.as_str()), "{told}: {key} is beyond {may:?}");
    }
    // And no value of another kind under whatever key.
    let text = shown.to_string();
    for (kind, sign) in
        [(Kind::Email, "@example.com"), (Kind::Telephone, "+358"), (Kind::PostalAddress, "Esimerkkikatu")]
    {
        let may = allowed.iter().any(|allowed| KINDS[*allowed] == kind);
        assert!(may || !text.contains(sign), "{told}: {text}");
    }
}

fn holds(world: &World, known: &BTreeMap<String, Known>, case: &Case, number: usize) {
    let kinds: Vec<&str> = case.kinds.iter().map(|kind| KINDS[*kind].as_str()).collect();
    let mut partner = draft(&format!("Kumppani {number} Oy"), &kinds);
    partner.companies = case.companies.iter().map(|company| COMPANIES[*company].to_owned()).collect();
    partner.people = PEOPLE[case.people].into();
    let (_, token) = world.partner(&partner);
    let told = format!("{case:?}");
    let allowed = case.asked.clone().unwrap_or_else(|| case.kinds.clone());
    let readable = |kinds: &BTreeSet<usize>| kinds.iter().any(|kind| KINDS[*kind] != Kind::Orders);
    // Orders are read by themselves: the kinds of a person do not have them.
    let asks_orders = case.asked.as_ref().is_some_and(|asked| asked.iter().any(|kind| KINDS[*kind] == Kind::Orders));
    let within = allowed.is_subset(&case.kinds) && !asks_orders && readable(&allowed);
    let names: Vec<&str> = allowed.iter().map(|kind| KINDS[*kind].as_str()).collect();
    let query = case.asked.as_ref().map(|_| format!("kinds={}", names.join(","))).unwrap_or_default();
    let reaches =
        |id: &String| case.reaches(&known[id]) && (known[id].noun == "people" || names.contains(&"organisation"));
    // One by one.
    for (id, one) in known {
        let answer = world.get(&format!("/{}/{id}?{query}", one.noun), &token);
        if !within {
            assert_eq!((answer.status, answer.kind()), (StatusCode::FORBIDDEN, "beyond-scope".into()), "{told}");
        } else if reaches(id) && answer.status == StatusCode::OK {
            only_allowed(&answer.json(), &allowed, &told);
        } else {
            let absent = world.get(&format!("/{}/{}?{query}", one.noun, uuid::Uuid::from_u128(7)), &token);
            assert_eq!((answer.status, &answer.body), (StatusCode::NOT_FOUND, &absent.body), "{told}: {id}");
        }
    }
    orders_hold(world, known, case, &token);
    // By changes.
    let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let page = world.get(&format!("/changes?{query}&limit={}{cursor}", case.limit), &token);
        if !within {
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{told}");
            break;
        }
        let page = page.json();
        for item in page["items"].as_array().unwrap() {
            let id = item["id"].as_str().unwrap().to_owned();
            assert!(reaches(&id), "{told}: {id} is out of reach");
            let shown = if item["person"].is_object() { &item["person"] } else { &item["organisation"] };
            only_allowed(shown, &allowed, &told);
            assert!(seen.insert(id), "{told}: each once");
        }
        cursor = format!("&cursor={}", page["cursor"].as_str().unwrap());
        if page["more"] == false {
            break;
        }
    }
    if within && names.contains(&"name") {
        let wanted: BTreeSet<String> = known.keys().filter(|id| reaches(id)).cloned().collect();
        assert_eq!(seen, wanted, "{told}: everybody within reach is there");
    }
}

/// The orders of everybody: only with their kind, of those within reach, and of the companies of the partner.
fn orders_hold(world: &World, known: &BTreeMap<String, Known>, case: &Case, token: &str) {
    let told = format!("{case:?}");
    let may = case.kinds.iter().any(|kind| KINDS[*kind] == Kind::Orders);
    for (id, one) in known {
        let absent = world.get(&format!("/{}/{}/orders", one.noun, uuid::Uuid::from_u128(7)), token);
        let (mut read, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = world.get(&format!("/{}/{id}/orders?limit={}{cursor}", one.noun, case.limit), token);
            if !may {
                assert_eq!((answer.status, answer.kind()), (StatusCode::FORBIDDEN, "beyond-scope".into()), "{told}");
                break;
            }
            if !case.reaches(one) {
                assert_eq!((answer.status, &answer.body), (StatusCode::NOT_FOUND, &absent.body), "{told}: {id}");
                break;
            }
            let text = String::from_utf8(answer.body.clone()).unwrap();
            for sign in ["@example.com", "Esimerkkikatu", "person_id", "organisation_id", "delivery"] {
                assert!(!text.contains(sign), "{told}: {text}");
            }
            let page = answer.json();
            assert!(page["items"].is_array(), "{told}: {} {id} {cursor} {page}", one.noun);
            for order in page["items"].as_array().unwrap() {
                let company = COMPANIES.iter().position(|name| order["company"] == *name).unwrap();
                assert!(case.companies.contains(&company), "{told}: an order of another company");
                read.push(order["number"].as_str().unwrap().to_owned());
            }
            if page["more"] == false {
                break;
            }
            cursor = format!("&cursor={}", page["cursor"].as_str().unwrap());
        }
        let wanted = usize::from(may && case.reaches(one)) * one.orders_within(case);
        assert_eq!(read.len(), wanted, "{told}: {id} {read:?}");
    }
}

#[test]
fn a_quota_ends_the_reading_of_the_day_by_purpose() {
    each_database(|place| {
        let world = World::new(place);
        for number in 1..=5 {
            world.person(number, "arjasmaa");
        }
        let quota = |purpose: &str, people: &str| QuotaDraft { purpose: purpose.into(), people: people.into() };
        let mut wanted = draft("Paino Oy", &["name"]);
        wanted.quotas = vec![quota("directories", "3"), quota("marketing", "1")];
        let (id, token) = world.partner(&wanted);
        let (_, other) = world.partner(&draft("Toinen Oy", &["name"]));
        let page = world.get("/changes?limit=50", &token).json();
        assert_eq!((page["items"].as_array().unwrap().len(), &page["more"]), (3, &json!(true)), "as many as are left");
        let cursor = page["cursor"].as_str().unwrap().to_owned();
        let refused = world.get(&format!("/changes?cursor={cursor}"), &token);
        assert_eq!((refused.status, refused.kind()), (StatusCode::TOO_MANY_REQUESTS, "quota".into()));
        let one = page["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(world.get(&format!("/people/{one}"), &token).status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(world.get("/changes", &other).status, StatusCode::OK, "it is one partner's");
        // The controller sees it: in what was read, and in the log.
        let operator = TestRegister::operator();
        let used = exchange::used(&world.test, &operator, id, 7).unwrap();
        assert_eq!((used.len(), used[0].people, used[0].quota, used[0].is_unusual()), (1, 3, 3, true));
        let log = seloste_ops::log::newest(&world.test, &operator, None, 50).unwrap();
        assert!(log.iter().any(|entry| entry.objects.contains(&"quota".to_owned())));
        let todo = || seloste_ops::home::show(&world.test, &operator).unwrap().todo.quotas;
        assert_eq!(todo(), Some(1), "the first page tells of it");
        assert_eq!(exchange::unusual(&world.test, &operator).unwrap(), [id], "and the list of partners says which");
        world.test.clock().advance(SignedDuration::from_hours(24));
        assert_eq!(todo(), Some(0));
        let page = world.get(&format!("/changes?cursor={cursor}"), &token).json();
        assert_eq!(
            (page["items"].as_array().unwrap().len(), &page["more"]),
            (2, &json!(false)),
            "the next day goes on"
        );
        let wrong = partner::change(
            &world.test,
            &operator,
            id,
            1,
            &PartnerDraft { quotas: vec![quota("directories", "0")], ..draft("Paino Oy", &["name"]) },
        );
        assert!(matches!(wrong, Err(seloste_ops::OpsError::Fields(_))));
    });
}

#[test]
fn the_correction_of_an_order_that_was_read_is_told() {
    each_database(|place| {
        let world = World::new(place);
        let (operator, source) = (TestRegister::operator(), TestRegister::source());
        let person = world.person(1, "arjasmaa");
        let placed = order::create(&world.test, &operator, &samples::order(1, Some(person)), &source).unwrap();
        let (_, token) = world.partner(&draft("Paino Oy", &["name", "orders"]));
        let (_, other) = world.partner(&draft("Toinen Oy", &["name"]));
        world.get("/changes", &other);
        let change = |version: i64, alter: &dyn Fn(&mut seloste_domain::order::OrderDraft)| {
            let mut draft = order::show(&world.test, &operator, placed).unwrap().order.draft(DecimalMark::Point);
            alter(&mut draft);
            order::change(&world.test, &operator, placed, version, &draft, &source).unwrap();
        };
        change(1, &|draft| draft.lines[0].quantity = "2".into());
        let recalls = |token: &str| world.get("/recalls", token).json()["items"].as_array().unwrap().clone();
        assert!(recalls(&token).is_empty(), "it does not hold the order yet");
        let read = world.get(&format!("/people/{person}/orders"), &token).json();
        assert_eq!((&read["items"][0]["lines"][0]["quantity"], &read["more"]), (&json!("2"), &json!(false)));
        assert!(read.to_string().find("Esimerkki").is_none(), "whose it is stands in the address");
        change(2, &|draft| draft.requested_on = "2026-12-01".into());
        assert!(recalls(&token).is_empty(), "what was asked for is no part of what it received");
        change(3, &|draft| draft.lines[0].quantity = "7".into());
        let told = recalls(&token);
        assert_eq!((told.len(), &told[0]["kinds"]), (1, &json!(["orders"])));
        assert_eq!(told[0]["reason"], "rectification");
        assert!(recalls(&other).is_empty(), "and nobody else");
    });
}

#[test]
fn the_contract_of_a_partner_is_in_no_answer() {
    let world = World::new(TestPlace::sqlite());
    let person = world.person(1, "arjasmaa");
    let (id, token) = world.partner(&draft("Paino Oy", &["name", "orders"]));
    let pdf = b"%PDF-1.7\nSALAINEN EHTO\nstartxref\n9\n%%EOF\n";
    let document = partner_document::add(&world.test, &TestRegister::operator(), id, "hinnasto.pdf", pdf).unwrap();
    for route in ROUTES {
        for of in [document.0, id.0, person.0] {
            let answer = world.send(route.method, &route.path.replace("{id}", &of.to_string()), Some(&token), None);
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!text.contains("SALAINEN") && !text.contains("hinnasto"), "{}: {text}", route.path);
        }
    }
    for path in [format!("/documents/{document}"), format!("/partners/{id}/documents/{document}")] {
        assert_eq!(world.get(&path, &token).status, StatusCode::NOT_FOUND);
    }
}

#[test]
fn nothing_beyond_the_scope_can_be_had_in_any_way() {
    each_database(|place| {
        let world = World::new(place);
        let known = everybody(&world);
        let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
        let number = std::cell::Cell::new(0);
        runner
            .run(&case(), |case| {
                number.set(number.get() + 1);
                holds(&world, &known, &case, number.get());
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn what_can_not_be_asked_is_refused_and_not_passed_over() {
    let world = World::new(TestPlace::sqlite());
    let id = world.person(1, "arjasmaa");
    let (_, token) = world.partner(&draft("Paino Oy", &["name"]));
    for (query, status) in [
        ("kinds=*", 422),
        ("kinds=email", 403),
        ("kinds=orders", 403),
        ("kinds=name,email", 403),
        ("kinds=", 422),
        ("fields=email", 422),
        ("include=orders", 422),
        ("expand=organisation", 422),
        ("id=1&id=2", 422),
        ("purpose=marketing", 403),
        ("purpose=customer_register", 403),
        ("kinds=name&kinds=email", 422),
        ("company=verkkokauppa", 422),
        ("limit=1", 422),
    ] {
        let answer = world.get(&format!("/people/{id}?{query}"), &token);
        assert_eq!(answer.status.as_u16(), status, "{query}");
    }
    for query in ["limit=0", "limit=1000", "after=1", "filter[company]=verkkokauppa", "cursor=x"] {
        assert_eq!(world.get(&format!("/changes?{query}"), &token).status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
    let told = world.get(&format!("/people/{id}?token={token}"), &token);
    assert_eq!(told.kind(), "token-in-address");
    assert_eq!(world.get("/changes", &token).status, StatusCode::UNAUTHORIZED, "it was ended");
}

#[test]
fn a_protected_address_does_not_leave() {
    each_database(|place| {
        let world = World::new(place);
        let mut protected = samples::person(1);
        protected.protected_address = true;
        let (_, keeper) = world.test.sign_in(Role::DataProtection, None);
        let id = person::create(&world.test, &keeper.actor, &protected, &TestRegister::source()).unwrap();
        let (_, token) = world.partner(&draft("Paino Oy", &["name", "postal_address"]));
        let shown = world.get(&format!("/people/{id}"), &token).json();
        assert_eq!((&shown["family"], &shown["addresses"]), (&json!("Esimerkki"), &json!([])));
        let report = disclosure::of_party(&world.test, &TestRegister::operator(), id.into()).unwrap();
        assert_eq!(report[0].fields.names(), "name", "what did not leave is not reported");
    });
}

/// Every route without a token, and with one of another audience, is what is not there.
#[test]
fn every_route_is_for_partners_only() {
    let world = World::new(TestPlace::sqlite());
    let absent = world.send("GET", "/nothing", None, None);
    assert_eq!(absent.status, StatusCode::UNAUTHORIZED);
    for route in ROUTES {
        let path = route.path.replace("{id}", &uuid::Uuid::from_u128(7).to_string());
        let answer = world.send(route.method, &path, None, None);
        assert_eq!((answer.status, &answer.body), (StatusCode::UNAUTHORIZED, &absent.body), "{}", route.path);
    }
}

#[test]
fn the_description_has_every_route_and_no_other() {
    let document = serde_json::to_value(seloste_web::api::partner::document()).unwrap();
    let mut described: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        described.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let mut routes: Vec<_> = ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    described.sort();
    routes.sort();
    assert_eq!(described, routes);
}

//! The person's rights in the portal: requests, copies, erasure with its receipts, and what nobody else gets (promises P12, P16,
//! P22-P25).

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::DraftText;
use seloste_domain::id::{InvoiceId, PackageId, PersonId, RequestId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_domain::request::DecisionDraft;
use seloste_domain::rights::{Action, Role};
use seloste_ops::access::PackageKind;
use seloste_ops::hold::{self, ClaimDraft};
use seloste_ops::mail::Recipient;
use seloste_ops::request::{self, RequestDraft};
use seloste_ops::restriction::{self, RestrictionDraft};
use seloste_ops::{access, erasure, history, invitation, invoice, log, order, person, portal};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::{App, WebSettings, portal_router};
use tower::ServiceExt as _;

const BASE: &str = "http://127.0.0.1:8081";

struct World {
    test: TestRegister,
    portal: Router,
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

    fn id<T: std::str::FromStr<Err = uuid::Error>>(&self) -> T {
        self.to().rsplit('/').next().unwrap().parse().unwrap()
    }
}

/// A browser with its cookies, as one header.
#[derive(Clone, Default)]
struct Browser(Vec<(String, String)>);

impl Browser {
    fn keep(&mut self, answer: &Answer) {
        for set in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = set.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.0.retain(|(has, _)| has != name);
            if !value.is_empty() {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

impl World {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let app = App::new((*test).clone(), WebSettings::of("http://127.0.0.1:8080")).with_portal(BASE);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { portal: portal_router(app.for_portal(WebSettings::of(BASE))), test, runtime }
    }

    fn person(&self, number: usize) -> PersonId {
        person::create(&self.test, &TestRegister::operator(), &samples::person(number), &TestRegister::source())
            .unwrap()
    }

    /// A browser in which somebody has just signed in.
    fn sign_in(&self, person: PersonId) -> Browser {
        let printed = invitation::by_letter(&self.test, &TestRegister::operator(), person, "").unwrap();
        let (token, _) = portal::enter_invited(&self.test, &printed.secret, "192.0.2.7").unwrap();
        let language = ("seloste-language".to_owned(), "fi".to_owned());
        Browser(vec![("seloste-portal".to_owned(), token.0), language])
    }

    fn send(&self, browser: &Browser, (method, path, media): (&str, &str, &str), body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8081");
        if !browser.0.is_empty() {
            let pairs: Vec<String> = browser.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        if !media.is_empty() {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        self.runtime.block_on(async {
            let (parts, body) = self.portal.clone().oneshot(request).await.unwrap().into_parts();
            let body = to_bytes(body, 20_000_000).await.unwrap().to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    fn get(&self, browser: &Browser, path: &str) -> Answer {
        self.send(browser, ("GET", path, ""), "")
    }

    fn post(&self, browser: &Browser, path: &str, form: &str) -> Answer {
        self.send(browser, ("POST", path, ""), form)
    }

    /// Verifies a receipt as anybody does.
    fn verify(&self, browser: &Browser, receipt: &str) -> Answer {
        let part = format!("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n{receipt}\r\n--b--\r\n");
        self.send(browser, ("POST", "/receipt?lang=fi", "multipart/form-data; boundary=b"), &part)
    }

    /// The page of the plan, and the hidden fields of its form.
    fn plan(&self, browser: &mut Browser) -> (String, String) {
        let page = self.get(browser, "/erasure");
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        browser.keep(&page);
        let text = page.text();
        let hidden = |name: &str| {
            let value =
                text.split(&format!("name=\"{name}\" value=\"")).nth(1).map(|rest| rest.split('"').next().unwrap());
            let value = value.unwrap_or_default().replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&");
            format!("{name}={}", form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>())
        };
        let form = format!("{}&{}", hidden("version"), hidden("shown"));
        (text, form)
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
}

fn operator() -> seloste_domain::usage::Actor {
    TestRegister::operator()
}

#[test]
fn a_request_is_asked_followed_and_taken_back_and_is_nobody_elses() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(2));
        let (browser, stranger) = (world.sign_in(own), world.sign_in(other));
        let nothing = world.post(&browser, "/requests/new", "kind=&text=hei");
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nothing.text().contains(">hei</textarea>"), "nothing typed is lost");
        let number = world.post(&browser, "/requests/new", "kind=access&text=131052-308T");
        assert_eq!(number.status, StatusCode::UNPROCESSABLE_ENTITY, "no identity number is kept");
        let asked = world.post(&browser, "/requests/new", "kind=restriction&text=Osoite+on+v%C3%A4%C3%A4rin");
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text());
        let (path, id) = (asked.to().to_owned(), asked.id::<RequestId>());
        let shown = world.get(&browser, &path).text();
        // Received on 23 November 2026: a month later is a Wednesday.
        let due = request::show(&world.test, &operator(), id).unwrap().request.due_on;
        let told = format!("Vastaamme viimeistään {}", seloste_domain::format::date(due, Language::Fi));
        assert!(shown.contains(&told) && shown.contains("Osoite on väärin"), "{shown}");
        assert!(world.get(&browser, "/requests").text().contains(&told));
        assert!(world.get(&browser, "/rights").text().contains(&told));
        let seen = request::show(&world.test, &operator(), id).unwrap().request;
        assert_eq!(seen.identity.map(|check| check.as_str()), Some("portal_session"));
        // Another person: it is not there, and nothing of it is on their pages.
        for (method, path) in [("GET", path.clone()), ("POST", format!("{path}/withdraw"))] {
            let answer = world.send(&stranger, (method, &path, ""), "");
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        }
        assert!(!world.get(&stranger, "/requests").text().contains(&id.to_string()));
        assert_eq!(request::show(&world.test, &operator(), id).unwrap().request.state.as_str(), "open");
        let withdrawn = world.post(&browser, &format!("{path}/withdraw"), "");
        assert_eq!(withdrawn.to(), path);
        assert!(world.get(&browser, &path).text().contains("Pyyntö peruttiin"));
        assert_eq!(world.post(&browser, &format!("{path}/withdraw"), "").status, StatusCode::CONFLICT);
        // A correction of what they correct nowhere else.
        let form = "kind=rectification&what=customer_number&wrong=1000000&right=1000009&text=";
        let corrected = world.post(&browser, "/requests/new", form);
        assert!(world.get(&browser, corrected.to()).text().contains("1000000 → 1000009"), "{}", corrected.text());
        let missing = world.post(&browser, "/requests/new", "kind=rectification&what=&wrong=&right=");
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn a_refusal_is_told_with_its_reasons_and_where_to_complain_and_an_extension_with_its_day() {
    each_database(|place| {
        let world = World::new(place);
        let browser = world.sign_in(world.person(0));
        let letter = LetterDraft {
            company: samples::COMPANY.into(),
            language: "fi".into(),
            heading: "Päätös".into(),
            body: "Emme voi rajoittaa käsittelyä.".into(),
            ..LetterDraft::default()
        };
        let ask = || world.post(&browser, "/requests/new", "kind=restriction&text=").to().to_owned();
        let id = |path: &str| path.rsplit('/').next().unwrap().parse::<RequestId>().unwrap();
        let refused = ask();
        let why = DecisionDraft { ground: "conditions_not_met".into(), reasons: "Edellytys puuttuu".into() };
        request::refuse(&world.test, &operator(), id(&refused), &why, &letter).unwrap();
        let shown = world.get(&browser, &refused).text();
        for text in
            ["Kieltäydyimme pyynnöstä", "Edellytys puuttuu", "Emme voi rajoittaa", "tietosuoja.fi", "tuomioistuimeen"]
        {
            assert!(shown.contains(text), "{text}: {shown}");
        }
        assert!(!shown.contains("/withdraw"), "it is closed");
        let extended = ask();
        let why = DecisionDraft { reasons: "Paljon papereita".into(), ..DecisionDraft::default() };
        request::extend(&world.test, &operator(), id(&extended), &why, &request::Reply::Letter(letter)).unwrap();
        let shown = world.get(&browser, &extended).text();
        assert!(shown.contains("Pyyntö vaatii enemmän aikaa") && shown.contains("Paljon papereita"), "{shown}");
        // Late: it says so.
        let open = ask();
        world.test.clock().advance(SignedDuration::from_hours(24 * 40));
        let browser = world.sign_in(request::show(&world.test, &operator(), id(&open)).unwrap().person.unwrap().id);
        assert!(world.get(&browser, &open).text().contains("Olemme myöhässä"));
    });
}

#[test]
fn a_thousand_requests_of_one_person_are_ten() {
    each_database(|place| {
        let world = World::new(place);
        let id = world.person(0);
        let browser = world.sign_in(id);
        let mut statuses = Vec::new();
        for _ in 0..12 {
            let answer = world.post(&browser, "/requests/new", "kind=access&text=samaa");
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), request::MOST_OPEN);
        assert_eq!(statuses[10..], [429, 429]);
        assert_eq!(request::of_person(&world.test, &operator(), id).unwrap().len(), 10);
        // Nobody else is kept out.
        let other = world.sign_in(world.person(2));
        assert_eq!(world.post(&other, "/requests/new", "kind=access").status, StatusCode::SEE_OTHER);
    });
}

#[test]
fn a_copy_is_made_read_and_taken_and_is_nobody_elses() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(2));
        order::create(&world.test, &operator(), &samples::order(1, Some(own)), &TestRegister::source()).unwrap();
        let (browser, stranger) = (world.sign_in(own), world.sign_in(other));
        let asked = world.post(&browser, "/requests/new", "kind=access&text=").to().to_owned();
        let made = world.post(&browser, "/copies", "kind=access");
        assert_eq!(made.to(), "/copies#access", "{}", made.text());
        // It answers what was asked before.
        assert!(world.get(&browser, &asked).text().contains("Pyyntösi on toteutettu"));
        let id = access::of(&world.test, &operator(), own).unwrap()[0].id;
        let list = world.get(&browser, "/copies").text();
        assert!(list.contains(&format!("/copies/{id}/package.pdf")), "{list}");
        let page = world.get(&browser, &format!("/copies/{id}")).text();
        assert!(page.contains("asiakas0@example.com") && page.contains("T-00001"), "{page}");
        assert!(!page.contains("asiakas2@example.com"));
        let json = world.get(&browser, &format!("/copies/{id}/package.json"));
        assert_eq!(json.headers[header::CONTENT_TYPE], "application/json");
        assert!(json.text().contains("asiakas0@example.com") && !json.text().contains("asiakas2"));
        assert_eq!(&world.get(&browser, &format!("/copies/{id}/package.pdf")).body[..5], b"%PDF-");
        assert!(world.get(&browser, &format!("/copies/{id}/package.html")).text().starts_with("<!doctype html>"));
        assert_eq!(world.get(&browser, &format!("/copies/{id}/package.vcf")).status, StatusCode::NOT_FOUND);
        for path in [format!("/copies/{id}"), format!("/copies/{id}/package.json"), format!("/copies/{id}/package.pdf")]
        {
            let answer = world.get(&stranger, &path);
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text());
        }
        assert!(!world.get(&stranger, "/copies").text().contains(&id.to_string()));
        // What they gave, in every form.
        assert_eq!(world.post(&browser, "/copies", "kind=portability").to(), "/copies#portability");
        let portable = access::of(&world.test, &operator(), own).unwrap();
        let portable = portable.iter().find(|made| made.kind == PackageKind::Portability).unwrap().id;
        for (file, begins) in
            [("json", &b"{"[..]), ("vcf", b"BEGIN:VCARD"), ("csv", b""), ("xlsx", b"PK"), ("zip", b"PK")]
        {
            let answer = world.get(&browser, &format!("/copies/{portable}/package.{file}"));
            assert_eq!(answer.status, StatusCode::OK, "{file}");
            assert!(answer.body.starts_with(begins) && answer.body.len() > 20, "{file}");
            let strange = world.get(&stranger, &format!("/copies/{portable}/package.{file}"));
            assert_eq!(strange.status, StatusCode::NOT_FOUND);
        }
        // It is logged as their own use, with what was opened.
        let events = history::log_of(&world.test, &operator(), own.0, 100).unwrap();
        let taken = |id: PackageId| {
            let object = format!("package:{id}");
            events.iter().any(|event| event.action == "portal.copy" && event.objects.contains(&object))
        };
        assert!(taken(id) && taken(portable));
        assert!(world.get(&browser, "/uses").text().contains("Sinä itse"));
        let unknown = world.post(&browser, "/copies", "kind=everything");
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    });
}

#[test]
fn copies_are_few_a_day_need_a_fresh_proof_and_end_after_their_time() {
    each_database(|place| {
        let world = World::new(place);
        let own = world.person(0);
        let browser = world.sign_in(own);
        for _ in 0..access::MOST_IN_A_DAY {
            assert_eq!(world.post(&browser, "/copies", "kind=access").status, StatusCode::SEE_OTHER);
        }
        let often = world.post(&browser, "/copies", "kind=access");
        assert_eq!(often.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(often.text().contains("Olet tehnyt tänään jo"), "{}", often.text());
        assert_eq!(world.post(&browser, "/copies", "kind=portability").status, StatusCode::SEE_OTHER);
        let kept = access::of(&world.test, &operator(), own).unwrap();
        assert_eq!(kept.len(), 6);
        world.test.clock().advance(SignedDuration::from_mins(11));
        for (method, path) in [("POST", "/copies".to_owned()), ("GET", format!("/copies/{}/package.json", kept[0].id))]
        {
            let answer = world.send(&browser, (method, &path, ""), "kind=portability");
            assert_eq!(answer.to(), "/prove?next=/copies", "{method} {path}");
        }
        world.test.clock().advance(SignedDuration::from_hours(25));
        let browser = world.sign_in(own);
        assert_eq!(world.post(&browser, "/copies", "kind=access").status, StatusCode::SEE_OTHER, "another day");
        world.test.clock().advance(access::KEPT);
        let browser = world.sign_in(own);
        assert_eq!(world.post(&browser, "/copies", "kind=access").status, StatusCode::SEE_OTHER);
        let gone = world.get(&browser, &format!("/copies/{}/package.json", kept[0].id));
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn who_is_erased_is_signed_out_everywhere_and_has_a_receipt() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(2));
        let mut browser = world.sign_in(own);
        let (elsewhere, stranger) = (world.sign_in(own), world.sign_in(other));
        let (page, form) = world.plan(&mut browser);
        assert!(page.contains("Poistetaan heti") && !page.contains("Säilytetään vielä"), "{page}");
        let unsure = world.post(&browser, "/erasure", &form);
        assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(person::show(&world.test, &operator(), own).is_ok(), "nothing was done");
        let before = world.get(&browser, "/erased");
        assert!(before.text().contains("Täällä ei ole kuitteja"), "who is not erased has no receipt");
        let done = world.post(&browser, "/erasure", &format!("{form}&sure=on"));
        assert_eq!((done.status, done.to()), (StatusCode::SEE_OTHER, "/erased"), "{}", done.text());
        // The same again: by the browser that has not read the answer, and by the one that has.
        let twice = world.post(&browser, "/erasure", &format!("{form}&sure=on"));
        assert_eq!(twice.to(), "/erased", "sent twice");
        let mut after = browser.clone();
        after.keep(&done);
        for signed in [&browser, &after, &elsewhere] {
            for path in ["/", "/erasure", "/copies", "/requests"] {
                assert!(world.get(signed, path).to().starts_with("/sign-in"), "{path}");
            }
        }
        assert!(person::show(&world.test, &operator(), own).is_err());
        let page = world.get(&after, "/erased").text();
        assert!(page.contains("Tietosi on poistettu") && page.contains("Mitään ei ole jäljellä"), "{page}");
        let receipt = world.get(&after, "/erased/receipts/1");
        assert!(receipt.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("receipt-1.json"));
        assert_eq!(world.get(&after, "/erased/receipts/2").status, StatusCode::NOT_FOUND);
        // Anybody verifies it, and with it alone the receipts are found again.
        let mut anybody = Browser::default();
        let verified = world.verify(&anybody, &receipt.text());
        assert_eq!(verified.status, StatusCode::OK, "{}", verified.text());
        assert!(verified.text().contains("Kuitti on aito"));
        anybody.keep(&verified);
        assert_eq!(world.get(&anybody, "/erased/receipts/1").text(), receipt.text());
        let forged = world.verify(&Browser::default(), &receipt.text().replace("\\\"gone\\\":1", "\\\"gone\\\":9"));
        assert!(forged.status == StatusCode::UNPROCESSABLE_ENTITY || !receipt.text().contains("\\\"gone\\\":1"));
        // Nobody else finds anything.
        for browser in [&stranger, &Browser::default()] {
            assert_eq!(world.get(browser, "/erased/receipts/1").status, StatusCode::NOT_FOUND);
            assert!(!world.get(browser, "/erased").text().contains("Tietosi on poistettu"));
        }
        // The request is received and closed by what was done, and the log is sound.
        let erased = erasure::of(&world.test, &operator(), own).unwrap().unwrap();
        assert!(erased.at_request && erased.is_whole && erased.made_by == format!("portal:{own}"));
        let filter = request::Filter::default();
        let closed = request::list(&world.test, &operator(), &filter).unwrap();
        assert_eq!(closed.len(), 1);
        let closed = &closed[0].request;
        assert_eq!((closed.kind.as_str(), closed.state.as_str()), ("erasure", "done"));
        assert_eq!(closed.done, Some(request::Done::Erasure(erased.id.0)));
        assert!(log::verify(&world.test, &operator(), None).unwrap().is_sound());
        assert!(world.get(&stranger, "/").status == StatusCode::OK, "the other one is still there");
    });
}

#[test]
fn who_was_erased_is_as_unknown_as_anybody() {
    each_database(|place| {
        let world = World::new(place);
        let own = world.person(0);
        let mut browser = world.sign_in(own);
        world.invoice(own);
        let (_, form) = world.plan(&mut browser);
        assert_eq!(world.post(&browser, "/erasure", &format!("{form}&sure=on")).to(), "/erased");
        let ask = |address: &str| {
            let asked = world.post(&Browser::default(), "/sign-in", &format!("email={address}"));
            (asked.status, asked.to().to_owned(), asked.text())
        };
        assert_eq!(ask("asiakas0%40example.com"), ask("tuntematon%40example.com"));
        portal::answer_waiting(&world.test, BASE).unwrap();
        let letters = seloste_testkit::raw::Raw::open(&world.test.db().settings().place)
            .rows("SELECT 1 FROM mail WHERE template = 'portal_link'");
        assert!(letters.is_empty(), "nobody is written to");
    });
}

#[test]
fn what_a_law_keeps_is_told_with_its_day_and_sessions_end_all_the_same() {
    each_database(|place| {
        let world = World::new(place);
        let own = world.person(0);
        world.invoice(own);
        let mut browser = world.sign_in(own);
        let elsewhere = world.sign_in(own);
        let (page, form) = world.plan(&mut browser);
        for text in ["Säilytetään vielä", "Avoin lasku", "31.12.2032", "Art. 17(3)(b)", "Sinulla on avoin lasku"] {
            assert!(page.contains(text), "{text}: {page}");
        }
        let done = world.post(&browser, "/erasure", &format!("{form}&sure=on"));
        assert_eq!(done.to(), "/erased", "{}", done.text());
        for signed in [&browser, &elsewhere] {
            assert!(world.get(signed, "/orders").to().starts_with("/sign-in"));
        }
        browser.keep(&done);
        let page = world.get(&browser, "/erased").text();
        assert!(page.contains("Avoin lasku") && page.contains("31.12.2032"), "{page}");
        let receipt = world.get(&browser, "/erased/receipts/1").text();
        let verified = world.verify(&Browser::default(), &receipt).text();
        assert!(verified.contains("Kuitti on aito") && verified.contains("31.12.2032"), "{verified}");
        // The key is good for a day.
        world.test.clock().advance(SignedDuration::from_hours(25));
        assert!(!world.get(&browser, "/erased").text().contains("Tietosi on poistettu"));
        let again = world.verify(&Browser::default(), &receipt);
        let mut anybody = Browser::default();
        anybody.keep(&again);
        assert!(world.get(&anybody, "/erased").text().contains("Tietosi on poistettu"), "the receipt leads back");
    });
}

#[test]
fn a_plan_that_changed_is_shown_anew_with_what_changed_and_nothing_is_done() {
    each_database(|place| {
        let world = World::new(place);
        let own = world.person(0);
        let mut browser = world.sign_in(own);
        let (_, form) = world.plan(&mut browser);
        // One more value: what would go is not what was shown.
        let card = person::show(&world.test, &operator(), own).unwrap().person;
        let mut draft = card.draft(world.test.today());
        draft.telephones.push(DraftText::new("050 555 0100"));
        person::change(&world.test, &operator(), own, card.version, &draft, &TestRegister::source()).unwrap();
        let stale = world.post(&browser, "/erasure", &format!("{form}&sure=on"));
        assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());
        assert!(stale.text().contains("Mitään ei poistettu") && stale.text().contains("aiemmin"), "{}", stale.text());
        assert!(person::show(&world.test, &operator(), own).is_ok());
        assert!(request::of_person(&world.test, &operator(), own).unwrap().is_empty(), "no request is left of it");
        // A claim that somebody set after the plan was shown.
        let (_, form) = world.plan(&mut browser);
        let review_on = world.test.today().tomorrow().unwrap().to_string();
        let claim = ClaimDraft { reason: "Riita".into(), review_on };
        hold::set(&world.test, &operator(), own, &claim).unwrap();
        let held = world.post(&browser, "/erasure", &format!("{form}&sure=on"));
        assert_eq!(held.status, StatusCode::CONFLICT);
        let text = held.text();
        assert!(text.contains("Uusi</span>") && text.contains("Oikeudellinen vaade"), "{text}");
        assert!(!text.contains("Riita"), "why staff decided so is not told here");
        assert!(!text.contains("name=\"sure\""), "there is nothing to confirm");
        assert!(world.get(&browser, "/").status == StatusCode::OK, "they are still signed in");
        // Then it is a request with its clock; asked once, however often.
        let asked = world.post(&browser, "/erasure/request", "text=Poistakaa+silti");
        assert!(asked.to().starts_with("/requests/"), "{}", asked.text());
        assert_eq!(world.post(&browser, "/erasure/request", "text=").to(), asked.to());
        assert!(world.get(&browser, "/erasure").text().contains("Olet pyytänyt poistamista"));
        let id = asked.id::<RequestId>();
        assert_eq!(request::show(&world.test, &operator(), id).unwrap().request.state.as_str(), "open");
        // When the claim is lifted they erase themself, and that closes the same request.
        let claims = hold::of(&world.test, &operator(), own).unwrap();
        hold::lift(&world.test, &operator(), own, claims[0].id).unwrap();
        let (_, form) = world.plan(&mut browser);
        assert_eq!(world.post(&browser, "/erasure", &format!("{form}&sure=on")).to(), "/erased");
        let closed = request::show(&world.test, &operator(), id).unwrap().request;
        assert_eq!(closed.state.as_str(), "done");
        assert_eq!(request::list(&world.test, &operator(), &request::Filter::default()).unwrap().len(), 1);
    });
}

#[test]
fn erasing_needs_a_fresh_proof_and_an_untouched_key() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(2));
        let mut browser = world.sign_in(own);
        let (_, form) = world.plan(&mut browser);
        world.test.clock().advance(SignedDuration::from_mins(11));
        let late = world.post(&browser, "/erasure", &format!("{form}&sure=on"));
        assert_eq!(late.to(), "/prove?next=/erasure");
        assert!(world.get(&browser, "/erasure").text().contains("/prove?next=/erasure"), "it is asked for before");
        assert!(person::show(&world.test, &operator(), own).is_ok());
        // A key that was changed, cut or made up leads nowhere.
        let key = portal::receipt_key(&world.test, other).unwrap();
        let version = erasure::plan(&world.test, &operator(), other).unwrap().version();
        erasure::erase(&world.test, &operator(), other, &version, true).unwrap();
        assert!(portal::erased(&world.test, &key).unwrap().is_some());
        let mut changed = key.clone();
        let last = if changed.pop() == Some('0') { '1' } else { '0' };
        changed.push(last);
        for bad in [changed.as_str(), &key[..key.len() - 2], "", "00", "zz", &"0".repeat(4_000)] {
            assert!(portal::erased(&world.test, bad).unwrap().is_none(), "{bad}");
        }
    });
}

#[test]
fn a_restricted_person_asks_copies_and_erases() {
    each_database(|place| {
        let world = World::new(place);
        let own = world.person(0);
        let rule = RestrictionDraft { ground: "accuracy_contested".into(), note: "Kiistää osoitteen".into() };
        restriction::set(&world.test, &operator(), Recipient::Person(own), &rule).unwrap();
        let mut browser = Browser::default();
        // Staff can not invite them: they come in by a link, as the session of one says.
        let asked = world.post(&browser, "/sign-in", "email=asiakas0%40example.com");
        browser.keep(&asked);
        portal::answer_waiting(&world.test, BASE).unwrap();
        let signed = signed_in_by_link(&world, &browser);
        browser.keep(&signed);
        assert_eq!(world.get(&browser, "/rights").status, StatusCode::OK);
        assert!(world.post(&browser, "/requests/new", "kind=access").to().starts_with("/requests/"));
        assert_eq!(world.post(&browser, "/copies", "kind=access").to(), "/copies#access");
        let (_, form) = world.plan(&mut browser);
        assert_eq!(world.post(&browser, "/erasure", &format!("{form}&sure=on")).to(), "/erased");
    });
}

/// Follows the link of the newest message.
fn signed_in_by_link(world: &World, browser: &Browser) -> Answer {
    use seloste_ops::mail::{self, Mailbox, Post, Transport};
    let outbox = tempfile::tempdir().unwrap();
    let from = Mailbox { name: String::new(), address: "rekisteri@example.com".into() };
    let post = Post { transport: Transport::Outbox(outbox.path().to_owned()), from, reply_to: None };
    mail::send_due(&world.test, &operator(), &post).unwrap();
    let file = std::fs::read_dir(outbox.path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap().replace("=\r\n", "").replace("=3D", "=");
    let token = text.split("/enter#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    world.post(browser, "/enter", &format!("said={token}"))
}

#[test]
fn who_represents_an_organisation_gets_nothing_of_a_colleague() {
    each_database(|place| {
        let world = World::new(place);
        let make = |number| {
            let draft = samples::representative(number, "Yhteinen Työnantaja Oy");
            person::create(&world.test, &operator(), &draft, &TestRegister::source()).unwrap()
        };
        let (own, colleague) = (make(0), make(2));
        let mut draft = samples::order(1, Some(colleague));
        draft.organisation =
            person::show(&world.test, &operator(), own).unwrap().person.representations.first().map(|r| r.organisation);
        order::create(&world.test, &operator(), &draft, &TestRegister::source()).unwrap();
        let mut browser = world.sign_in(own);
        assert_eq!(world.post(&browser, "/copies", "kind=access").to(), "/copies#access");
        let id = access::of(&world.test, &operator(), own).unwrap()[0].id;
        let copy = world.get(&browser, &format!("/copies/{id}/package.json")).text();
        assert!(copy.contains("Yhteinen Työnantaja Oy"));
        let (plan, _) = world.plan(&mut browser);
        for theirs in ["asiakas2@example.com", "0000002", "1000002", "Esimerkkikatu 3"] {
            for text in [&copy, &plan, &world.get(&browser, "/rights").text()] {
                assert!(!text.contains(theirs), "{theirs}");
            }
        }
    });
}

#[test]
fn staff_see_what_came_from_the_portal_and_a_reader_does_not() {
    let world = World::new(TestPlace::sqlite());
    let browser = world.sign_in(world.person(0));
    let id = world.post(&browser, "/requests/new", "kind=objection&text=Ei+kiitos").id::<RequestId>();
    let handler = world.test.actor(Role::DataProtection);
    let shown = request::show(&world.test, &handler, id).unwrap();
    assert_eq!(shown.said.unwrap().text, "Ei kiitos");
    assert!(shown.pending.is_some(), "meanwhile the processing is restricted");
    assert!(request::show(&world.test, &world.test.actor(Role::Reader), id).is_err());
    let page = world.get(&browser, &format!("/requests/{id}")).text();
    assert!(page.contains("Ei kiitos") && page.contains("Käsittelemme pyyntöäsi"));
    let draft = RequestDraft { kind: "access".into(), language: "fi".into(), ..RequestDraft::default() };
    assert!(request::receive(&world.test, &handler, &draft, None).is_err(), "what staff receive says who asks");
}

#[test]
fn what_is_too_long_for_paper_is_cut_there_and_nowhere_else() {
    let world = World::new(TestPlace::sqlite());
    let usage = world.test.authorize(&operator(), Action::AccessMake).unwrap();
    let mut package = access::package(&world.test, &usage, world.person(0), Some(Language::Fi)).unwrap();
    let part = package.parts.iter_mut().find(|part| part.part == "value").unwrap();
    let mut long = part.records[0].clone();
    long.0.insert("text".into(), "sana ".repeat(2_000).into());
    part.records = vec![long; 450];
    let html = seloste_web::access_html(&package).unwrap();
    assert!(html.matches("sana ").count() >= 450 * 1_999, "the page has all");
    let pdf = seloste_web::access_paper(&world.test, &seloste_web::Styles::default(), &package).unwrap().unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
}

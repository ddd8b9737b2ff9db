//! What a person sees of their own data, corrects, forbids and consents to.

use axum::http::StatusCode;
use jiff::SignedDuration;
use seloste_domain::id::MailId;
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::prohibition::ProhibitionKind;
use seloste_ops::mail::{self, Confirmation, Recipient, queue_order_confirmation};
use seloste_ops::restriction::RestrictionDraft;
use seloste_ops::{consent, history, person, prohibition, proposal, restriction};
use seloste_testkit::{TestRegister, each_database};
use seloste_web::portal::routes::ROUTES;

use crate::world::{Browser, World, code, token};

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

//! Having oneself erased: the plan, the act, the receipts.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::draft::DraftText;
use seloste_domain::id::RequestId;
use seloste_domain::order::OrderState;
use seloste_ops::hold::{self, ClaimDraft};
use seloste_ops::mail::Recipient;
use seloste_ops::request::{self};
use seloste_ops::restriction::{self, RestrictionDraft};
use seloste_ops::{erasure, log, person, portal};
use seloste_testkit::{TestRegister, each_database};

use crate::world::{Answer, BASE, Browser, World, operator};

impl World {
    /// Verifies a receipt as anybody does.
    fn verify(&self, browser: &Browser, receipt: &str) -> Answer {
        let part = format!("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n{receipt}\r\n--b--\r\n");
        let receipt = ("POST", "/receipt?lang=fi", "multipart/form-data; boundary=b");
        self.send((&self.portal, "127.0.0.1:8081"), browser, receipt, &part)
    }

    /// The page of the plan, and the hidden fields of its form.
    pub(crate) fn plan(&self, browser: &mut Browser) -> (String, String) {
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
}

#[test]
fn who_is_erased_is_signed_out_everywhere_and_has_a_receipt() {
    each_database(|place| {
        let world = World::new(place);
        let (own, other) = (world.person(0), world.person(2));
        let mut browser = world.let_in(own);
        let (elsewhere, stranger) = (world.let_in(own), world.let_in(other));
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
        let mut browser = world.let_in(own);
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
        let mut browser = world.let_in(own);
        let elsewhere = world.let_in(own);
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
        let mut browser = world.let_in(own);
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
        let mut browser = world.let_in(own);
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
fn what_is_under_way_is_waited_for_and_a_claim_is_for_staff() {
    each_database(|place| {
        let world = World::new(place);
        let own = world.person(0);
        let ordered = world.order(1, own);
        let mut browser = world.let_in(own);
        let (page, form) = world.plan(&mut browser);
        assert!(page.contains("Poista tietoni, kun asia on hoidettu") && page.contains("Avoin tilaus"), "{page}");
        let unsure = world.post(&browser, "/erasure/wait", &form);
        assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
        // A claim that came in between has to be looked at by staff: nothing waits.
        let review_on = world.test.today().tomorrow().unwrap().to_string();
        let claim = ClaimDraft { reason: "Riita".into(), review_on };
        let claim = hold::set(&world.test, &operator(), own, &claim).unwrap();
        let stale = world.post(&browser, "/erasure/wait", &format!("{form}&sure=on"));
        assert_eq!(stale.status, StatusCode::CONFLICT);
        assert!(!stale.text().contains("action=\"/erasure/wait\"") && stale.text().contains("/erasure/request"));
        let (_, held) = world.plan(&mut browser);
        let held = world.post(&browser, "/erasure/wait", &format!("{held}&sure=on"));
        assert_eq!(held.status, StatusCode::CONFLICT, "by the plan that has the claim, too");
        assert!(erasure::waiting(&world.test, &operator()).unwrap().is_empty());
        assert!(request::of_person(&world.test, &operator(), own).unwrap().is_empty(), "no request is left of it");
        hold::lift(&world.test, &operator(), own, claim).unwrap();
        // It needs a fresh proof, as erasing does.
        let (_, form) = world.plan(&mut browser);
        world.test.clock().advance(SignedDuration::from_mins(11));
        assert_eq!(world.post(&browser, "/erasure/wait", &format!("{form}&sure=on")).to(), "/prove?next=/erasure");
        let mut browser = world.let_in(own);
        let (_, form) = world.plan(&mut browser);
        let waits = world.post(&browser, "/erasure/wait", &format!("{form}&sure=on"));
        assert!(waits.to().starts_with("/requests/"), "{}", waits.text());
        assert_eq!(world.post(&browser, "/erasure/wait", &format!("{form}&sure=on")).to(), waits.to(), "sent twice");
        let page = world.get(&browser, waits.to()).text();
        assert!(page.contains("poistetaan itsestään") && page.contains("Poisto päätetty"), "{page}");
        let page = world.get(&browser, "/erasure").text();
        assert!(page.contains("Poisto odottaa") && page.contains("Mitä poisto odottaa"), "{page}");
        // Taken back: nothing is erased.
        assert_eq!(world.post(&browser, &format!("{}/withdraw", waits.to()), "").status, StatusCode::SEE_OTHER);
        assert!(erasure::waiting(&world.test, &operator()).unwrap().is_empty());
        // Once more, and then it is delivered.
        let (_, form) = world.plan(&mut browser);
        let again = world.post(&browser, "/erasure/wait", &format!("{form}&sure=on")).id::<RequestId>();
        assert_eq!(erasure::resume(&world.test, false).unwrap().held, 1);
        seloste_ops::order::set_state(&world.test, &operator(), ordered, 1, OrderState::Delivered).unwrap();
        assert_eq!(erasure::resume(&world.test, false).unwrap().begun, 1);
        assert!(world.get(&browser, "/").to().starts_with("/sign-in"), "nobody is signed in who is erased");
        assert_eq!(request::show(&world.test, &operator(), again).unwrap().request.state.as_str(), "done");
        assert!(
            world.get(&browser, "/erased").text().contains("Tietosi on poistettu"),
            "the browser finds the receipt"
        );
        assert!(log::verify(&world.test, &operator(), None).unwrap().is_sound());
    });
}

//! Webhooks: partners are told that there is something to read, by receivers that answer well and badly, on both databases.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use seloste_domain::id::PartnerId;
use seloste_domain::usage::Actor;
use seloste_domain::webhook::State;
use seloste_fetch::{Fetcher, Rules};
use seloste_ops::partner::{self, ContractItem, PartnerDraft};
use seloste_ops::webhook::{self, Tally};
use seloste_ops::{OpsError, person};
use seloste_testkit::http::{Asked, HttpServer, Reply};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use sha2::Sha256;

fn trusting() -> Fetcher {
    Fetcher::new(Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None }).unwrap()
}

struct World {
    test: TestRegister,
    operator: Actor,
    partner: PartnerId,
    server: HttpServer,
    secret: String,
}

fn begun(place: TestPlace, people: &str) -> World {
    let test = TestRegister::create(place);
    let operator = TestRegister::operator();
    let draft = PartnerDraft {
        name: "Esimerkkipaino Oy".into(),
        under: "provider:web_services".into(),
        role: "processor".into(),
        contract: "DIA 12/2026".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: vec!["name".into()],
        companies: vec!["arjasmaa".into()],
        purposes: vec!["directories".into()],
        people: people.into(),
        interface: "webhook".into(),
        ..PartnerDraft::default()
    };
    let partner = partner::create(&test, &operator, &draft).unwrap();
    let server = HttpServer::start(|_| Reply::status(204));
    let address = server.address("/hook?key=1");
    let secret = webhook::set(&test, &operator, &trusting(), partner, &address).unwrap().unwrap().shown();
    World { test, operator, partner, server, secret }
}

impl World {
    fn add(&self, number: usize) {
        person::create(&self.test, &self.operator, &samples::person(number), &TestRegister::source()).unwrap();
    }

    fn send(&self) -> Tally {
        webhook::send_due(&self.test, &trusting()).unwrap()
    }

    fn state(&self) -> (State, Option<String>, i64) {
        let messages = webhook::access(&self.test, &self.operator, self.partner).unwrap().messages;
        (messages[0].state, messages[0].trouble.clone(), messages[0].attempts)
    }
}

const SENT: Tally = Tally { sent: 1, waiting: 0, failed: 0 };
const WAITING: Tally = Tally { sent: 0, waiting: 1, failed: 0 };

/// Whether a receiver finds the message signed with the secret.
fn is_signed(asked: &Asked, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, at) = (asked.header("webhook-id").unwrap(), asked.header("webhook-timestamp").unwrap());
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(&asked.body);
    let right = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    asked.header("webhook-signature").unwrap().split(' ').any(|signature| signature == right)
}

#[test]
fn a_partner_is_told_that_there_is_something_and_not_what() {
    each_database(|place| {
        let world = begun(place, "");
        assert_eq!(world.send(), Tally::default(), "nothing has happened");
        world.add(1);
        world.add(2);
        assert_eq!(world.send(), SENT, "two changes are one message");
        let asked = world.server.asked();
        assert_eq!((asked.len(), asked[0].path.as_str()), (1, "/hook?key=1"));
        assert!(is_signed(&asked[0], &world.secret));
        let body = String::from_utf8(asked[0].body.clone()).unwrap();
        assert!(body.starts_with("{\"type\":\"changes.available\",\"timestamp\":\"2026-11-23T"), "{body}");
        for value in ["Pirkko", "Åsa", "Esimerkki", "example.com", "+358"] {
            assert!(!body.contains(value), "{body}");
        }
        assert_eq!(world.send(), Tally::default(), "told once");
    });
}

#[test]
fn what_is_out_of_reach_is_not_told_of() {
    each_database(|place| {
        let world = begun(place, "buyers");
        world.add(1);
        assert_eq!(world.send(), Tally::default());
    });
}

#[test]
fn two_secrets_sign_while_they_are_changed_over() {
    each_database(|place| {
        let world = begun(place, "");
        let new = webhook::rotate_secret(&world.test, &world.operator, world.partner).unwrap().shown();
        world.add(1);
        assert_eq!(world.send(), SENT);
        world.test.clock().advance(SignedDuration::from_hours(8 * 24));
        world.add(2);
        assert_eq!(world.send(), SENT);
        let asked = world.server.asked();
        let signed = asked.iter().map(|asked| (is_signed(asked, &world.secret), is_signed(asked, &new)));
        assert_eq!(signed.collect::<Vec<_>>(), [(true, true), (false, true)]);
    });
}

#[test]
fn a_receiver_that_fails_for_two_days_is_given_up_and_shown() {
    each_database(|place| {
        let world = begun(place, "");
        world.server.answer(|_| Reply::status(500));
        world.add(1);
        let begun = world.test.now();
        let mut tries = 0;
        loop {
            match world.send() {
                WAITING => tries += 1,
                Tally { failed: 1, .. } => break,
                Tally { .. } => {}
            }
            world.test.clock().advance(SignedDuration::from_mins(5));
            assert!(world.test.now().duration_since(begun) < SignedDuration::from_hours(60), "it is never given up");
        }
        let whole = world.test.now().duration_since(begun).as_hours();
        assert!((46..=49).contains(&whole) && tries == 8, "{whole} h, {tries} tries");
        assert_eq!(world.state(), (State::Failed, Some("status".into()), 9));
        let asked = world.server.asked();
        let ids: std::collections::BTreeSet<_> =
            asked.iter().map(|asked| asked.header("webhook-id").unwrap()).collect();
        assert_eq!(ids.len(), 1, "the same message each time");
        assert!(asked.iter().all(|asked| is_signed(asked, &world.secret)));
        // A person sends it again.
        let id = webhook::access(&world.test, &world.operator, world.partner).unwrap().messages[0].message.id;
        world.server.answer(|_| Reply::status(200));
        webhook::retry(&world.test, &world.operator, world.partner, id).unwrap();
        assert_eq!(world.send(), SENT);
    });
}

#[test]
fn redirects_silence_and_floods_are_failures_that_keep_nobody_waiting() {
    let world = begun(TestPlace::sqlite(), "");
    let elsewhere = HttpServer::start(|_| Reply::status(200));
    let to = elsewhere.address("/inside");
    world.server.answer(move |_| Reply::Good(302, vec![("location", to.clone())], Vec::new()));
    world.add(1);
    assert_eq!(world.send(), WAITING);
    assert_eq!(world.state().1.as_deref(), Some("redirect"));
    assert!(elsewhere.asked().is_empty(), "a redirect is not followed");
    world.test.clock().advance(SignedDuration::from_mins(1));
    world.server.answer(|_| Reply::Endless);
    assert_eq!(world.send(), SENT, "the status is enough: what comes after it is not read");
    world.server.answer(|_| Reply::Silence);
    world.add(2);
    let began = std::time::Instant::now();
    assert_eq!(world.send(), WAITING);
    assert!(began.elapsed() < std::time::Duration::from_secs(40), "{:?}", began.elapsed());
    assert_eq!(world.state().1.as_deref(), Some("timeout"));
}

#[test]
fn nobody_is_told_at_addresses_inside_the_network() {
    let world = begun(TestPlace::sqlite(), "");
    let strict = Fetcher::new(Rules::default()).unwrap();
    let set = |address: &str| webhook::set(&world.test, &world.operator, &strict, world.partner, address);
    for address in [
        "http://partner.example.com/hook",
        "ftp://partner.example.com",
        "file:///etc/passwd",
        "gopher://a.example/",
        "https://user:secret@partner.example.com",
        "https://partner.example.com:22/",
        "https://partner.example.com:25/",
        "",
    ] {
        assert!(matches!(set(address), Err(OpsError::Fields(_))), "{address}");
    }
    // What only its name hides is found when it is connected to.
    for host in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]", "2130706433", "0x7f000001"]
    {
        if set(&format!("https://{host}:{}/", world.server.port)).is_err() {
            continue;
        }
        webhook::ping(&world.test, &world.operator, world.partner).unwrap();
        let told = webhook::send_due(&world.test, &strict).unwrap();
        assert_eq!(told.sent, 0, "{host}");
        let (_, trouble, _) = world.state();
        assert!(matches!(trouble.as_deref(), Some("internal" | "unknown_host")), "{host}: {trouble:?}");
    }
    assert!(world.server.asked().is_empty());
}

#[test]
fn a_partner_is_told_once_of_a_recall() {
    each_database(|place| {
        let world = begun(place, "");
        world.add(1);
        assert_eq!(world.send(), SENT);
        let first = seloste_ops::list::List::first(seloste_domain::list::ListOf::People, 1);
        let id = person::list(&world.test, &world.operator, &first).unwrap().rows[0].id;
        let usage = world.test.authorize(&world.operator, seloste_domain::rights::Action::RecallHandle).unwrap();
        let (partner, notice, today) = (world.partner, world.test.notice().unwrap(), world.test.today());
        let made = world.test.db().write(&usage, move |w| {
            use seloste_domain::disclosure::{Case, Subject};
            let fields = std::iter::once(seloste_domain::kind::Kind::Name).collect();
            let case = Case::Service("directories".parse().unwrap());
            let permit = seloste_ops::disclosure::permit(w, &notice, today, partner, case, fields)?;
            seloste_ops::disclosure::record(w, &permit, &[Subject { party: id.into(), fields }])?;
            seloste_store::recall::because(w, id.into(), seloste_domain::recall::Reason::Prohibition, fields)
        });
        assert_eq!(made.unwrap().len(), 1);
        assert_eq!((world.send(), world.send()), (SENT, Tally::default()));
        let body = String::from_utf8(world.server.asked()[1].body.clone()).unwrap();
        assert!(body.contains("recall.waiting") && !body.contains(&id.to_string()), "{body}");
    });
}

#[test]
fn a_partner_whose_contract_ended_is_told_nothing() {
    each_database(|place| {
        let world = begun(place, "");
        world.add(1);
        world.server.answer(|_| Reply::status(500));
        assert_eq!(world.send(), WAITING);
        partner::end(&world.test, &world.operator, world.partner, 1).unwrap();
        world.test.clock().advance(SignedDuration::from_mins(10));
        assert_eq!(world.send(), Tally { sent: 0, waiting: 0, failed: 1 });
        assert_eq!((world.server.asked().len(), world.state().1.as_deref()), (1, Some("ended")));
    });
}

#[test]
fn a_message_of_a_runner_that_did_not_come_back_is_sent_by_the_next_one() {
    each_database(|place| {
        let world = begun(place, "");
        webhook::ping(&world.test, &world.operator, world.partner).unwrap();
        let now = world.test.now();
        let id = webhook::access(&world.test, &world.operator, world.partner).unwrap().messages[0].message.id;
        let lease = now + SignedDuration::from_mins(2);
        let taken =
            world.test.db().write_plain(move |plain| seloste_store::webhook::take(&mut plain.tx(), id, 0, now, lease));
        assert!(taken.unwrap());
        assert_eq!(world.send(), Tally::default(), "it is the other one's");
        world.test.clock().advance(SignedDuration::from_mins(3));
        assert_eq!(world.send(), SENT);
    });
}

//! What a person gave, sent straight from one controller to another that runs this program (Art. 20(2); promise P25).

use std::net::TcpListener;

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use seloste_domain::kind::Kind;
use seloste_domain::portability::MAX_BYTES;
use seloste_ops::{erasure, log, person};
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::{WebSettings, serve_portal};

use crate::world::{Browser, World, encode, operator};

/// A portal that is really reached by HTTP, until the end of the test.
struct Receiver {
    world: World,
    base: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    serving: Option<std::thread::JoinHandle<()>>,
}

impl Receiver {
    fn new(place: TestPlace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let world = World::at(place, &base);
        let app = world.app.for_portal(WebSettings::of(&base));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                serve_portal(app, listener, async { drop(stopped.await) }).await.unwrap();
            });
        });
        Self { world, base, stop: Some(stop), serving: Some(serving) }
    }

    fn host(&self) -> &str {
        self.base.split_once("://").unwrap().1
    }

    fn get(&self, browser: &Browser, path: &str) -> String {
        self.world.call(&self.world.portal, self.host(), browser, ("GET", path), "").text()
    }

    fn post(&self, browser: &Browser, path: &str) -> crate::world::Answer {
        self.world.call(&self.world.portal, self.host(), browser, ("POST", path), "")
    }

    /// An address for receiving, as its person copies it.
    fn address(&self, browser: &Browser) -> String {
        let page = self.post(browser, "/receive").text();
        let address = page.split("aria-describedby=\"address-help\">").nth(1).unwrap();
        address.split('<').next().unwrap().replace("&#35;", "#")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.serving.take().unwrap().join().unwrap();
    }
}

/// The same with the sender's and with the receiver's register on each database.
fn both(story: impl Fn(World, Receiver)) {
    each_database(|place| story(World::new(place), Receiver::new(TestPlace::sqlite())));
    each_database(|place| story(World::new(TestPlace::sqlite()), Receiver::new(place)));
}

fn transmit(world: &World, browser: &Browser, address: &str) -> crate::world::Answer {
    world.post(browser, "/copies/transmit", &format!("address={}", encode(address)))
}

/// The values of a person, without where they came from.
fn values(world: &World, id: seloste_domain::id::PersonId, kind: Kind) -> Vec<String> {
    let person = person::show(&world.test, &operator(), id).unwrap().person;
    let mut all: Vec<String> = person.values_of(kind).map(|stored| format!("{:?}", stored.value)).collect();
    all.sort();
    all
}

#[test]
fn what_was_given_here_is_there_afterwards_with_the_same_values() {
    both(|sender, receiver| {
        let here = sender.person(0);
        // There the telephone number of the same person is not known.
        let mut draft = samples::person(0);
        draft.telephones = Vec::new();
        let there = person::create(&receiver.world.test, &operator(), &draft, &TestRegister::source()).unwrap();
        let (mine, theirs) = (sender.let_in(here), receiver.world.let_in(there));
        let address = receiver.address(&theirs);
        let sent = transmit(&sender, &mine, &address);
        assert_eq!((sent.status, sent.to()), (StatusCode::SEE_OTHER, "/copies?sent#transmit"), "{}", sent.text());
        let page = sender.get(&mine, "/copies?sent").text();
        assert!(page.contains("Lähetetty") && page.contains(receiver.host()), "{page}");
        // It waits for the person, sealed.
        assert!(values(&receiver.world, there, Kind::Telephone).is_empty());
        let waiting = receiver.get(&theirs, "/receive");
        assert!(waiting.contains("Odottaa päätöstäsi") && waiting.contains("Arjasmaa"), "{waiting}");
        let take =
            waiting.split("action=\"").find_map(|part| part.split('"').next().filter(|to| to.ends_with("/take")));
        let take = take.unwrap().to_owned();
        assert_eq!(receiver.post(&theirs, &take).to(), "/receive?taken");
        for kind in [Kind::Telephone, Kind::PostalAddress, Kind::Name, Kind::Email] {
            assert_eq!(values(&receiver.world, there, kind), values(&sender, here, kind), "{kind:?}");
        }
        assert_eq!(receiver.post(&theirs, &take).status, StatusCode::NOT_FOUND, "once");
        // The address was good once.
        let again = transmit(&sender, &mine, &address);
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.text().contains("jo käytetty tai vanhentunut") && again.text().contains("Ei saapunut"));
        for world in [&sender, &receiver.world] {
            assert!(log::verify(&world.test, &operator(), None).unwrap().is_sound());
        }
        // Nothing of it stays after an erasure.
        for (world, id, table) in [(&sender, here, "transmission"), (&receiver.world, there, "reception")] {
            let plan = erasure::plan(&world.test, &operator(), id).unwrap();
            erasure::erase(&world.test, &operator(), id, &plan.version(), true).unwrap();
            let rows = Raw::open(&world.test.db().settings().place).rows(&format!("SELECT 1 FROM {table}"));
            assert!(rows.is_empty(), "{table}");
        }
    });
}

#[test]
fn a_new_name_and_a_new_address_wait_for_staff_and_what_is_declined_is_gone() {
    both(|sender, receiver| {
        let mine = sender.let_in(sender.person(0));
        let there = receiver.world.person(1);
        let theirs = receiver.world.let_in(there);
        let before = values(&receiver.world, there, Kind::Email);
        let decide = |what: &str| {
            assert_eq!(transmit(&sender, &mine, &receiver.address(&theirs)).status, StatusCode::SEE_OTHER);
            let page = receiver.get(&theirs, "/receive");
            let path = page.split("action=\"").find_map(|part| part.split('"').next().filter(|to| to.ends_with(what)));
            receiver.post(&theirs, path.unwrap())
        };
        assert_eq!(decide("/decline").to(), "/receive?declined");
        assert!(
            Raw::open(&receiver.world.test.db().settings().place)
                .rows("SELECT 1 FROM reception WHERE content IS NOT NULL")
                .is_empty()
        );
        // What nobody decided about is gone after two weeks.
        assert_eq!(transmit(&sender, &mine, &receiver.address(&theirs)).status, StatusCode::SEE_OTHER);
        let kept = || {
            let rows = Raw::open(&receiver.world.test.db().settings().place)
                .rows("SELECT 1 FROM reception WHERE content IS NOT NULL");
            rows.len()
        };
        assert_eq!(kept(), 1);
        receiver.world.test.clock().advance(SignedDuration::from_hours(24 * 14));
        seloste_ops::portal::forget_receptions(&receiver.world.test).unwrap();
        assert_eq!(kept(), 0);
        let theirs = receiver.world.let_in(there);
        let decide = |what: &str| {
            assert_eq!(transmit(&sender, &mine, &receiver.address(&theirs)).status, StatusCode::SEE_OTHER);
            let page = receiver.get(&theirs, "/receive");
            let path = page.split("action=\"").find_map(|part| part.split('"').next().filter(|to| to.ends_with(what)));
            receiver.post(&theirs, path.unwrap())
        };
        assert_eq!(decide("/take").to(), "/receive?taken");
        assert_eq!(values(&receiver.world, there, Kind::Email), before, "nobody gives themself a way in");
        let waiting =
            Raw::open(&receiver.world.test.db().settings().place).rows("SELECT field FROM proposal ORDER BY field");
        assert_eq!(waiting.concat(), ["email", "name"]);
        assert_eq!(values(&receiver.world, there, Kind::Telephone).len(), 2);
    });
}

#[test]
fn nobody_sends_but_to_a_good_address_and_what_is_wrong_is_not_told() {
    both(|sender, receiver| {
        let mine = sender.let_in(sender.person(0));
        let theirs = receiver.world.let_in(receiver.world.person(1));
        let put = |secret: &str, body: &str| {
            let (routes, host) = (&receiver.world.portal, receiver.host());
            let mut request = axum::http::Request::post("/portability").header(header::HOST, host);
            if !secret.is_empty() {
                request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
            }
            let request = request.body(axum::body::Body::from(body.to_owned())).unwrap();
            receiver.world.runtime.block_on(async {
                let answer = tower::ServiceExt::oneshot(routes.clone(), request).await.unwrap();
                let status = answer.status();
                (status, axum::body::to_bytes(answer.into_body(), 100_000).await.unwrap())
            })
        };
        let address = receiver.address(&theirs);
        let secret = address.split_once('#').unwrap().1.to_owned();
        // A session lets nobody send; nor does a guess, another address's place, or one that is over.
        let guess = "a".repeat(43);
        let wrong = [put("", "{}"), put(&guess, "{}")];
        assert_eq!(wrong[0], wrong[1]);
        // What is not a package leaves the address open.
        for body in ["", "{}", "[]", "{\"format\":\"seloste-portable/1\"}"] {
            assert_eq!(put(&secret, body).0, StatusCode::BAD_REQUEST, "{body}");
        }
        assert_eq!(put(&secret, &"x".repeat(MAX_BYTES + 1)).0, StatusCode::PAYLOAD_TOO_LARGE);
        // A newer address takes the place of the older one; after an hour none is good.
        let newer = receiver.address(&theirs);
        assert_eq!(put(&secret, "{}"), wrong[0]);
        receiver.world.test.clock().advance(SignedDuration::from_mins(60));
        let secret = newer.split_once('#').unwrap().1;
        assert_eq!(put(secret, "{}"), wrong[0]);
        // Where it goes: an address for receiving only, over TLS, not into the network of the sender.
        for (address, told) in [
            ("", "tarvitaan"),
            ("https://omat.example.com/", "ei ole vastaanotto-osoite"),
            (&*format!("http://localhost:9/receive#{guess}"), "ei ole vastaanotto-osoite"),
            (&*format!("https://localhost:9/receive#{guess}"), "ei saatu yhteyttä"),
            (&*format!("https://10.0.0.1/receive#{guess}"), "ei saatu yhteyttä"),
            (&*format!("http://127.0.0.1:9/receive#{guess}"), "ei saatu yhteyttä"),
        ] {
            let answer = transmit(&sender, &mine, address);
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{address}");
            assert!(answer.text().contains(told), "{address}: {}", answer.text());
        }
        // Of somebody who gave nothing themself there is nothing to send.
        let told = samples::person(2);
        let source = "earlier_register".parse().unwrap();
        let told = person::create(&sender.test, &operator(), &told, &source);
        let told = sender.let_in(told.unwrap());
        let nothing = transmit(&sender, &told, &format!("http://127.0.0.1:9/receive#{guess}")).text();
        assert!(nothing.contains("eivät ole sinun antamiasi"), "{nothing}");
        // Five in a day, and a proof that is fresh.
        for _ in 0..5 {
            transmit(&sender, &mine, &format!("http://127.0.0.1:9/receive#{guess}"));
        }
        assert!(transmit(&sender, &mine, &newer).text().contains('5'));
        sender.test.clock().advance(SignedDuration::from_mins(11));
        assert!(transmit(&sender, &mine, &newer).to().starts_with("/prove"));
        assert!(receiver.post(&theirs, "/receive").to().starts_with("/sign-in"), "the session there is over");
    });
}

//! Consents on both databases: who may be reached for direct marketing, at each moment, and by what it is shown.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeSet;

use jiff::SignedDuration;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{MailId, OrderId, PersonId, PurposeId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::list::ListOf;
use seloste_domain::merge::Choice;
use seloste_domain::order::OrderState;
use seloste_domain::person::Person;
use seloste_domain::restriction::RestrictionDraft;
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::Actor;
use seloste_ops::consent::{self, ConsentDraft, ConsentWay, Matter, NotExisting, SaleDraft, Standing, Target};
use seloste_ops::list::List;
use seloste_ops::mail::{self, MailRefused, MailState, Mailbox, NewMessage, Post, Recipient, Transport};
use seloste_ops::merge::{self, Decision};
use seloste_ops::prohibition::{self, ProhibitionDraft, ProhibitionKind, Word};
use seloste_ops::{OpsError, history, log, notice, order, person, restriction};
use seloste_store::list::Wanted;
use seloste_store::party::Noun;
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database, samples};

fn actor() -> Actor {
    TestRegister::operator()
}

fn add(test: &TestRegister, number: usize) -> PersonId {
    person::create(test, &actor(), &samples::person(number), &TestRegister::source()).unwrap()
}

fn matter(channel: &str) -> Matter {
    format!("{}:marketing:{channel}", samples::COMPANY).parse().unwrap()
}

fn paper(channels: &[&str]) -> ConsentDraft {
    ConsentDraft {
        matters: channels.iter().map(|channel| matter(channel).to_string()).collect(),
        way: "paper".into(),
        evidence: "Messulomake, mappi 3".into(),
        ..ConsentDraft::default()
    }
}

fn give(test: &TestRegister, id: PersonId, channels: &[&str]) {
    consent::give(test, &actor(), id, &paper(channels), Language::Fi).unwrap();
}

fn withdraw(test: &TestRegister, id: PersonId, channel: &str) -> bool {
    consent::withdraw(test, &actor(), id, &matter(channel), "telephone").unwrap()
}

fn forbid(test: &TestRegister, id: PersonId, kind: ProhibitionKind) {
    let draft =
        ProhibitionDraft { kinds: vec![kind.to_string()], way: "customer_service".into(), ..Default::default() };
    prohibition::set(test, &actor(), Recipient::Person(id), &draft).unwrap();
}

fn purpose() -> PurposeId {
    "marketing".parse().unwrap()
}

fn target(channel: &str) -> Target {
    Target { company: samples::COMPANY.parse().unwrap(), purpose: purpose(), channel: channel.parse().unwrap() }
}

fn reached(test: &TestRegister, channel: &str) -> BTreeSet<PersonId> {
    consent::reach(test, &actor(), &target(channel)).unwrap().into_iter().collect()
}

fn standing(test: &TestRegister, id: PersonId, channel: &str) -> Standing {
    let found = consent::of(test, &actor(), id, Language::Fi).unwrap();
    found.asked.into_iter().find(|asked| asked.matter == matter(channel)).unwrap().standing
}

/// The people of a list for marketing in the name of the company, with what of them is on it.
fn listed(test: &TestRegister) -> Vec<Person> {
    let usage = test.authorize_for(&actor(), Action::PersonList, &purpose()).unwrap();
    let usage = usage.in_the_name_of(&samples::COMPANY.parse().unwrap());
    let query = List::first(ListOf::People, 1).query;
    let wanted = Wanted {
        query: &query,
        today: test.today(),
        changed: (None, None),
        created: (None, None),
        only: None,
        from: None,
        limit: 1_000,
    };
    let rows = test.db().read(&usage, |r| seloste_store::person::page(r, &wanted)).unwrap();
    rows.rows.into_iter().map(|(person, _)| person).collect()
}

fn with_email(test: &TestRegister) -> BTreeSet<PersonId> {
    let has = |person: &Person| person.values.iter().any(|stored| stored.value.kind() == Kind::Email);
    listed(test).into_iter().filter(has).map(|person| person.id).collect()
}

fn message(test: &TestRegister, id: PersonId) -> NewMessage {
    NewMessage {
        id: MailId(test.db().env().id()),
        recipient: Recipient::Person(id),
        company: samples::COMPANY.parse().unwrap(),
        purpose: purpose(),
        subject: "Syystarjous".into(),
        body: "Hei".into(),
        enclosures: Vec::new(),
    }
}

fn set<const N: usize>(ids: [PersonId; N]) -> BTreeSet<PersonId> {
    ids.into_iter().collect()
}

fn fields(result: seloste_ops::Result<Vec<Matter>>) -> Vec<(String, &'static str)> {
    match result {
        Err(OpsError::Fields(FieldErrors(errors))) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
        other => unreachable!("{other:?}"),
    }
}

fn given_shown_and_withdrawn(place: TestPlace) {
    let test = TestRegister::create(place);
    let (id, office) = (add(&test, 1), test.actor(Role::Office));
    assert_eq!(standing(&test, id, "email"), Standing::Never, "nobody has consented to anything by being entered");
    // Nothing without something that shows it (abuse case IS-08), whoever asks.
    for who in [&office, &actor()] {
        let bare = ConsentDraft { evidence: "  ".into(), ..paper(&["email"]) };
        let refused = fields(consent::give(&test, who, id, &bare, Language::Fi));
        assert_eq!(refused, [("evidence".to_owned(), "error-required")]);
    }
    assert!(consent::of(&test, &actor(), id, Language::Fi).unwrap().all.is_empty());

    consent::give(&test, &office, id, &paper(&["email"]), Language::Sv).unwrap();
    let found = consent::of(&test, &actor(), id, Language::Fi).unwrap().all.remove(0);
    assert_eq!((found.matter.clone(), found.way), (matter("email"), ConsentWay::Paper));
    assert!(found.text.contains("får sända mig direktmarknadsföring per e-post"), "{}", found.text);
    assert!(found.text.contains("återkallas") && found.text.contains("24"), "how to withdraw, and the term");
    assert_eq!(found.evidence.as_deref(), Some("Messulomake, mappi 3"));
    assert_eq!(found.entered_by, office.id().to_string());
    assert_eq!(standing(&test, id, "email"), Standing::Consented(found.expires_at));
    assert_eq!(standing(&test, id, "sms"), Standing::Never, "a channel is a channel");

    // The log has ids only, in the transaction of the change.
    test.db().index_log().unwrap();
    let events = history::log_of(&test, &actor(), id.0, 20).unwrap();
    let event = events.iter().find(|event| event.action == "consent.give").unwrap();
    assert_eq!(event.objects, [format!("consent:{}", found.id)]);

    // In one move; a second time there is nothing left.
    assert!(consent::withdraw(&test, &office, id, &matter("email"), "counter").unwrap());
    assert!(!withdraw(&test, id, "email"));
    assert!(matches!(standing(&test, id, "email"), Standing::Withdrawn(_)));
    let found = consent::of(&test, &actor(), id, Language::Fi).unwrap().all.remove(0);
    let end = found.withdrawn.unwrap();
    assert_eq!((end.by, end.way), (office.id().to_string(), ConsentWay::Counter));

    // An older paper is no new word; a new one is.
    let old = ConsentDraft { given_on: test.today().yesterday().unwrap().to_string(), ..paper(&["email"]) };
    let refused = fields(consent::give(&test, &actor(), id, &old, Language::Fi));
    assert_eq!(refused, [("given_on".to_owned(), "error-consent-withdrawn-since")]);
    test.clock().advance(SignedDuration::from_mins(1));
    give(&test, id, &["email"]);
    assert!(matches!(standing(&test, id, "email"), Standing::Consented(_)));

    // A prohibition beats it, and a consent that staff enter does not lift it.
    forbid(&test, id, ProhibitionKind::MarketingEmail);
    assert_eq!(standing(&test, id, "email"), Standing::Forbidden(ProhibitionKind::MarketingEmail));
    let refused = fields(consent::give(&test, &actor(), id, &paper(&["email"]), Language::Fi));
    assert_eq!(refused, [("matters".to_owned(), "error-consent-forbidden")]);

    // Who may: others' customers are not there, readers only read, the portal's way is nobody else's.
    let elsewhere = test.actor_in(Role::Office, "verkkokauppa");
    assert!(consent::give(&test, &elsewhere, id, &paper(&["sms"]), Language::Fi).is_err_and(|e| e.is_not_found()));
    let reader = test.actor(Role::Reader);
    assert!(consent::of(&test, &reader, id, Language::Fi).is_ok());
    assert!(consent::give(&test, &reader, id, &paper(&["sms"]), Language::Fi).is_err_and(|e| e.is_not_found()));
    assert!(consent::reach(&test, &reader, &target("email")).is_err_and(|e| e.is_not_found()));
    let portal = ConsentDraft { way: "portal".into(), ..paper(&["sms"]) };
    assert!(consent::give(&test, &actor(), id, &portal, Language::Fi).is_err());
    assert!(log::verify(&test, &actor(), None).unwrap().findings.is_empty());
}

#[test]
fn a_consent_is_entered_with_what_shows_it_and_withdrawn_in_one_move() {
    each_database(given_shown_and_withdrawn);
}

fn who_is_reached(place: TestPlace) {
    let test = TestRegister::create(place);
    let ids: [PersonId; 8] = std::array::from_fn(|number| add(&test, number));
    let contact = person::create(&test, &actor(), &samples::representative(9, "Oy"), &TestRegister::source()).unwrap();
    assert!(reached(&test, "email").is_empty());
    assert_eq!(with_email(&test), set([contact]), "section 202: who is approached for an organisation");
    give(&test, ids[0], &["email"]);
    give(&test, ids[1], &["email", "sms"]);
    give(&test, ids[2], &["email"]);
    withdraw(&test, ids[2], "email");
    give(&test, ids[3], &["email"]);
    forbid(&test, ids[3], ProhibitionKind::DirectMarketing);
    give(&test, ids[4], &["email"]);
    let contested = RestrictionDraft { ground: "accuracy_contested".into(), note: "Kiistää osoitteen".into() };
    restriction::set(&test, &actor(), Recipient::Person(ids[4]), &contested).unwrap();
    give(&test, ids[5], &["sms"]);
    assert_eq!(reached(&test, "email"), set([ids[0], ids[1]]));
    assert_eq!(reached(&test, "sms"), set([ids[1], ids[5]]));
    assert_eq!(with_email(&test), set([ids[0], ids[1], contact]));

    // A consent to one company is none to another.
    let usage = test.authorize_for(&actor(), Action::PersonList, &purpose()).unwrap();
    let usage = usage.in_the_name_of(&"verkkokauppa".parse().unwrap());
    let found = test.db().read(&usage, |r| seloste_store::person::get(r, ids[0])).unwrap();
    assert!(found.values.iter().all(|stored| stored.value.kind() != Kind::Email));

    // A message goes to who consented, and what waits when they withdraw does not leave.
    assert!(matches!(
        mail::queue_message(&test, &actor(), &message(&test, ids[6])),
        Err(OpsError::Mail(MailRefused::NoConsent))
    ));
    mail::queue_message(&test, &actor(), &message(&test, ids[0])).unwrap();
    let waiting = mail::queue_message(&test, &actor(), &message(&test, ids[1])).unwrap();
    let body = mail::show(&test, &actor(), waiting).unwrap().1.body;
    assert!(body.contains("förbjuda sådana här meddelanden"), "each message tells how to forbid it: {body}");
    withdraw(&test, ids[1], "email");
    let folder = test.place().data().join("outbox");
    let from = Mailbox { name: String::new(), address: "myynti@example.com".into() };
    let post = Post { transport: Transport::Outbox(folder), from, reply_to: None };
    let sent = mail::send_due(&test, &Actor::Program("mail"), &post).unwrap();
    assert_eq!((sent.sent, sent.failed), (1, 1));
    assert_eq!(mail::show(&test, &actor(), waiting).unwrap().0.state, MailState::Failed);

    // It ends by itself, at its moment.
    let until = match standing(&test, ids[0], "email") {
        Standing::Consented(until) => until,
        other => unreachable!("{other:?}"),
    };
    test.clock().advance(until.duration_since(test.now()) - SignedDuration::from_secs(1));
    assert_eq!(reached(&test, "email"), set([ids[0]]));
    test.clock().advance(SignedDuration::from_secs(2));
    assert!(reached(&test, "email").is_empty(), "a consent that has run out counts for nothing");
    assert_eq!(with_email(&test), set([contact]));
    assert_eq!(standing(&test, ids[0], "email"), Standing::Expired(until));
}

#[test]
fn marketing_reaches_only_those_who_consented_at_that_moment() {
    each_database(who_is_reached);
}

fn merged(test: &TestRegister, kept: PersonId, gone: PersonId) {
    let version = |id| person::show(test, &actor(), id).unwrap().person.version;
    let (kept, gone) = ((kept.0, version(kept)), (gone.0, version(gone)));
    merge::make(test, &actor(), &Decision { noun: Noun::Person, kept, gone, choice: Choice::default() }).unwrap();
}

fn over_mergings(place: TestPlace) {
    let test = TestRegister::create(place);
    let (kept, gone) = (add(&test, 1), add(&test, 2));
    give(&test, kept, &["email"]);
    test.clock().advance(SignedDuration::from_mins(5));
    give(&test, gone, &["email", "sms"]);
    test.clock().advance(SignedDuration::from_mins(5));
    withdraw(&test, gone, "email");
    let all = |id| {
        let found = consent::of(&test, &actor(), id, Language::Fi).unwrap().all;
        found.into_iter().map(|one| (one.id, one.evidence, one.withdrawn)).collect::<Vec<_>>()
    };
    let before = (all(kept), all(gone));
    assert_eq!(reached(&test, "email"), set([kept]));
    merged(&test, kept, gone);
    assert!(reached(&test, "email").is_empty(), "the newer withdrawal of the one counts for both");
    assert_eq!(reached(&test, "sms"), set([kept]), "and so does a consent");
    assert_eq!(all(kept).len(), 3, "what shows each is read under the key of whose it was");
    merge::undo(&test, &actor(), kept.0, gone.0).unwrap();
    assert_eq!((all(kept), all(gone)), before, "each its own, exactly");
    assert_eq!((reached(&test, "email"), reached(&test, "sms")), (set([kept]), set([gone])));

    // While they are one nobody knows whose word it is: what was given counts for neither afterwards, what was withdrawn for both.
    merged(&test, kept, gone);
    test.clock().advance(SignedDuration::from_mins(5));
    give(&test, kept, &["email"]);
    assert_eq!(reached(&test, "email"), set([kept]));
    withdraw(&test, kept, "sms");
    merge::undo(&test, &actor(), kept.0, gone.0).unwrap();
    assert_eq!((reached(&test, "email"), reached(&test, "sms")), (set([kept]), set([])), "its own older consent holds");
    let ended = all(kept).into_iter().filter_map(|(_, _, end)| end).map(|end| end.way).collect::<Vec<_>>();
    assert_eq!(ended, [ConsentWay::Unmerged]);
    assert!(log::verify(&test, &actor(), None).unwrap().findings.is_empty());
}

#[test]
fn of_two_merged_records_the_newest_word_counts_and_each_gets_its_own_back() {
    each_database(over_mergings);
}

fn bought(test: &TestRegister, id: PersonId, number: usize) -> OrderId {
    order::create(test, &actor(), &samples::order(number, Some(id)), &TestRegister::source()).unwrap()
}

fn told(order: OrderId) -> SaleDraft {
    SaleDraft {
        order: order.to_string(),
        channel: "email".into(),
        told_on: String::new(),
        evidence: "Tilauslomakkeen kohta 4".into(),
    }
}

fn existing_customers(place: TestPlace) {
    let test = TestRegister::create(place);
    let ids: [PersonId; 4] = std::array::from_fn(|number| add(&test, number));
    let orders: [OrderId; 4] = std::array::from_fn(|number| bought(&test, ids[number], number + 1));
    assert!(reached(&test, "email").is_empty(), "an order alone is no exception: nobody was told of their right");
    let bare = SaleDraft { evidence: String::new(), ..told(orders[0]) };
    assert!(consent::note_sale(&test, &actor(), ids[0], &bare).is_err());
    assert!(consent::note_sale(&test, &actor(), ids[0], &told(orders[1])).is_err(), "somebody else's order");
    for (id, order) in ids.into_iter().zip(orders) {
        consent::note_sale(&test, &actor(), id, &told(order)).unwrap();
    }
    assert_eq!(reached(&test, "email"), set(ids));
    assert!(reached(&test, "sms").is_empty());
    assert_eq!(with_email(&test), set(ids));
    mail::queue_message(&test, &actor(), &message(&test, ids[0])).unwrap();
    assert!(matches!(standing(&test, ids[0], "email"), Standing::Existing(_)));
    let why = |id| consent::of(&test, &actor(), id, Language::Fi).unwrap().sales.remove(0).1;

    // A prohibition, a withdrawal, and the end of what it is counted of.
    forbid(&test, ids[0], ProhibitionKind::MarketingEmail);
    assert_eq!(why(ids[0]), Err(NotExisting::Forbidden));
    give(&test, ids[1], &["email"]);
    withdraw(&test, ids[1], "email");
    assert_eq!(why(ids[1]), Err(NotExisting::Withdrawn));
    let version = order::show(&test, &actor(), orders[2]).unwrap().order.version;
    order::set_state(&test, &actor(), orders[2], version, OrderState::Cancelled).unwrap();
    assert_eq!(why(ids[2]), Err(NotExisting::NoSale));
    assert_eq!(reached(&test, "email"), set([ids[3]]));
    let card = person::show(&test, &actor(), ids[3]).unwrap().person;
    let mut draft = card.draft(test.today());
    draft.emails[0].text = "uusi@example.com".into();
    person::change(&test, &actor(), ids[3], card.version, &draft, &TestRegister::source()).unwrap();
    assert_eq!(why(ids[3]), Err(NotExisting::AddressGone), "another address was not obtained in that sale");
    assert!(reached(&test, "email").is_empty());
    // The prohibition lifted at their own word, the exception is what it was.
    let found = prohibition::of(&test, &actor(), Recipient::Person(ids[0])).unwrap().remove(0).id;
    let word = Word { way: "email".into(), told: "Viesti".into() };
    prohibition::lift(&test, &actor(), Recipient::Person(ids[0]), found, &word).unwrap();
    assert_eq!(reached(&test, "email"), set([ids[0]]));
    test.clock().advance(SignedDuration::from_hours(24 * 740));
    assert_eq!(why(ids[0]), Err(NotExisting::TooLongAgo));
    assert!(reached(&test, "email").is_empty());
}

#[test]
fn the_exception_of_existing_customers_is_counted_of_the_sale_each_time() {
    each_database(existing_customers);
}

/// The notice may call the purpose otherwise: who has said no has said it.
fn renamed_purposes(place: TestPlace) {
    let test = TestRegister::create(place);
    let ids = [add(&test, 0), add(&test, 1)];
    for (number, id) in ids.into_iter().enumerate() {
        consent::note_sale(&test, &actor(), id, &told(bought(&test, id, number + 1))).unwrap();
        give(&test, id, &["email"]);
    }
    withdraw(&test, ids[0], "email");
    let renamed = NOTICE.replace("id = \"marketing\"", "id = \"advertising\"").replace("version = 1", "version = 2");
    notice::publish(&test, &actor(), &renamed, 1).unwrap();
    let target = Target { purpose: "advertising".parse().unwrap(), ..target("email") };
    assert_eq!(consent::reach(&test, &actor(), &target).unwrap(), [ids[1]]);
    let found = consent::of(&test, &actor(), ids[0], Language::Fi).unwrap();
    assert_eq!(found.sales[0].1, Err(NotExisting::Withdrawn));
}

#[test]
fn a_withdrawal_outlives_the_name_of_its_purpose() {
    each_database(renamed_purposes);
}

fn newest_standing(place: TestPlace) {
    let test = TestRegister::create(place);
    let id = add(&test, 0);
    give(&test, id, &["email"]);
    test.clock().advance(SignedDuration::from_hours(1));
    withdraw(&test, id, "email");
    assert!(matches!(standing(&test, id, "email"), Standing::Withdrawn(_)));
    test.clock().advance(SignedDuration::from_hours(1));
    give(&test, id, &["email"]);
    test.clock().advance(SignedDuration::from_hours(24 * 740));
    assert!(matches!(standing(&test, id, "email"), Standing::Expired(_)), "the consent after it has run out");
}

#[test]
fn how_a_matter_stands_is_what_came_last() {
    each_database(newest_standing);
}

/// Random words of a few people are compared with the plainest reading of the law, person by person.
fn random_words(place: TestPlace) {
    let test = TestRegister::create(place);
    let ids: [PersonId; 5] = std::array::from_fn(|number| add(&test, number));
    let mut seed = 20_261_129_u64;
    let mut next = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    // Of each: whether the last word was a consent, and until when; whether they forbid.
    let mut consents = [None; 5];
    let mut forbidden = [false; 5];
    for _ in 0..40 {
        let at = usize::try_from(next(5)).unwrap();
        let id = ids[at];
        match next(5) {
            0 | 1 => {
                let given = consent::give(&test, &actor(), id, &paper(&["email"]), Language::Fi);
                assert_eq!(given.is_err(), forbidden[at]);
                if given.is_ok() {
                    consents[at] = Some(test.now());
                }
            }
            2 => {
                withdraw(&test, id, "email");
                consents[at] = None;
            }
            3 if forbidden[at] => {
                let found = prohibition::of(&test, &actor(), Recipient::Person(id)).unwrap();
                let one = found.iter().find(|one| one.lifted.is_none()).unwrap().id;
                let word = Word { way: "email".into(), told: "Viesti".into() };
                prohibition::lift(&test, &actor(), Recipient::Person(id), one, &word).unwrap();
                forbidden[at] = false;
            }
            3 => {
                forbid(&test, id, ProhibitionKind::MarketingEmail);
                forbidden[at] = true;
            }
            _ => {}
        }
        let hours = i64::try_from(next(24 * 90)).unwrap();
        test.clock().advance(SignedDuration::from_hours(hours) + SignedDuration::from_secs(1));
        let holds = |at: usize| {
            consents[at].is_some_and(|given| test.now() < seloste_domain::consent::end_of(given)) && !forbidden[at]
        };
        let wanted: BTreeSet<PersonId> = (0..5).filter(|at| holds(*at)).map(|at| ids[at]).collect();
        assert_eq!(reached(&test, "email"), wanted);
        assert_eq!(with_email(&test), wanted);
    }
}

#[test]
fn whatever_people_say_lists_have_those_whose_last_word_was_yes() {
    each_database(random_words);
}

#[test]
fn a_sample_of_what_staff_entered_shows_what_each_rests_on() {
    each_database(|place| {
        let test = TestRegister::create(place);
        assert_eq!(consent::review(&test, &actor()).unwrap(), consent::Review::default());
        let people: Vec<PersonId> = (0..25).map(|number| add(&test, number)).collect();
        people.iter().for_each(|person| give(&test, *person, &["email"]));
        let draw = || consent::review(&test, &test.actor(Role::DataProtection)).unwrap();
        let (one, two) = (draw(), draw());
        assert_eq!((one.of, one.sample.len()), (25, 20));
        assert!(one.sample.iter().all(|(consent, name)| {
            consent.evidence.as_deref() == Some("Messulomake, mappi 3") && !name.is_empty()
        }));
        let ids =
            |review: &consent::Review| review.sample.iter().map(|(consent, _)| consent.id).collect::<BTreeSet<_>>();
        assert_eq!(ids(&one).len(), 20, "each once");
        assert_ne!(ids(&one), ids(&two), "drawn anew");
        // Whose were looked at is in the log; nobody else looks.
        let shown = log::newest(&test, &actor(), None, 50).unwrap();
        let reviewed = shown.iter().find(|entry| entry.action == Action::ConsentReview.as_str()).unwrap();
        assert_eq!(reviewed.subjects.len(), 20);
        assert!(matches!(consent::review(&test, &test.actor(Role::Office)), Err(OpsError::Refused(_))));
        // What is older than three months is not drawn.
        test.clock().advance(consent::REVIEWED);
        assert_eq!(draw(), consent::Review::default());
    });
}

//! Requests of people about their own data: clocks, recognising, carrying out, refusing; and that nothing is closed as done that
//! was not done.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use jiff::SignedDuration;
use jiff::civil::date;
use seloste_domain::draft::DraftText;
use seloste_domain::id::{PackageId, PersonId, RequestId};
use seloste_domain::letter::LetterDraft;
use seloste_domain::money::Cents;
use seloste_domain::person::PersonDraft;
use seloste_domain::rectification::{CorrectionDraft, Right};
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::Actor;
use seloste_ops::mail::Recipient;
use seloste_ops::prohibition::ProhibitionKind;
use seloste_ops::request::{
    self, DecisionDraft, Done, Filter, IdentityDraft, Next, Reply, RequestDraft, RequestRefused,
};
use seloste_ops::restriction::{self, RestrictionDraft, RestrictionGround};
use seloste_ops::{OpsError, access, disclosure, history, person, portability, prohibition, recall};
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

fn draft(kind: &str) -> RequestDraft {
    RequestDraft {
        kind: kind.into(),
        channel: "telephone".into(),
        received_on: "2026-11-06".into(),
        company: "arjasmaa".into(),
        language: "fi".into(),
        text: "Pyydän tätä".into(),
        ..RequestDraft::default()
    }
}

fn letter() -> LetterDraft {
    LetterDraft {
        company: "arjasmaa".into(),
        language: "fi".into(),
        heading: "Vastaus".into(),
        body: "Teimme sen.".into(),
        signatory: "Aino Virkailija".into(),
        ..LetterDraft::default()
    }
}

fn reply() -> Reply {
    Reply::Letter(letter())
}

fn why() -> DecisionDraft {
    DecisionDraft { reasons: "Pyyntöjä on paljon".into(), ..DecisionDraft::default() }
}

fn new_person(test: &TestRegister, number: usize) -> PersonId {
    person::create(test, &TestRegister::operator(), &samples::person(number), &TestRegister::source()).unwrap()
}

/// A request of a person who was recognised.
fn recognised(test: &TestRegister, actor: &Actor, person: PersonId, draft: &RequestDraft) -> RequestId {
    let id = request::receive(test, actor, draft, Some(person)).unwrap();
    let known = IdentityDraft { check: "call_back".into(), checked: "soitettu numeroon".into() };
    request::recognise(test, actor, id, &known).unwrap();
    id
}

#[track_caller]
fn refused<T: std::fmt::Debug>(done: seloste_ops::Result<T>, why: RequestRefused) {
    match done.unwrap_err() {
        OpsError::Request(found) => assert_eq!(found, why),
        other => unreachable!("{other}"),
    }
}

fn clocks(place: TestPlace) {
    let test = TestRegister::create(place);
    let (office, handler) = (test.actor(Role::Office), test.actor(Role::DataProtection));
    let (first, second) = (new_person(&test, 1), new_person(&test, 2));
    let late = request::receive(
        &test,
        &office,
        &RequestDraft { received_on: "1.4.2026".into(), ..draft("access") },
        Some(first),
    );
    let late = late.unwrap();
    let soon = request::receive(&test, &office, &draft("access"), Some(second)).unwrap();
    let rows = request::list(&test, &office, &Filter { open: true, ..Filter::default() }).unwrap();
    let seen: Vec<_> = rows.iter().map(|row| (row.request.id, row.request.due_on)).collect();
    assert_eq!(seen, [(late, date(2026, 5, 4)), (soon, date(2026, 12, 7))]);
    assert_eq!(request::counts(&test, &office).unwrap(), (2, 1));
    let only = Filter { open: true, late_on: Some(test.today()), ..Filter::default() };
    assert_eq!(request::list(&test, &office, &only).unwrap().len(), 1);
    // Who may receive sees how far it has come, and not what was said.
    assert!(request::show(&test, &office, soon).unwrap().said.is_none());
    assert_eq!(request::show(&test, &handler, soon).unwrap().said.unwrap().text, "Pyydän tätä");
    assert!(matches!(request::withdraw(&test, &office, soon, &why()), Err(OpsError::Refused(_))));
    // The time is extended once, within the first month, with reasons and a letter.
    refused(request::extend(&test, &handler, late, &why(), &reply()), RequestRefused::NotExtendable);
    assert!(matches!(
        request::extend(&test, &handler, soon, &DecisionDraft::default(), &reply()),
        Err(OpsError::Fields(_))
    ));
    let written = request::extend(&test, &handler, soon, &why(), &reply()).unwrap().unwrap();
    assert!(written.recipient.iter().any(|row| row.starts_with("Esimerkkikatu")), "{:?}", written.recipient);
    let shown = request::show(&test, &handler, soon).unwrap();
    assert_eq!(shown.request.due_on, date(2027, 2, 8));
    refused(request::extend(&test, &handler, soon, &why(), &reply()), RequestRefused::NotExtendable);
    let event = shown.events.last().unwrap();
    assert_eq!(request::letter(&test, &handler, soon, event.id).unwrap().0.letter.body, "Teimme sen.");
    // A request of another company is not there.
    let other = test.actor_in(Role::DataProtection, "verkkokauppa");
    assert!(request::show(&test, &other, soon).unwrap_err().is_not_found());
}

#[test]
fn requests_have_clocks() {
    each_database(clocks);
}

fn undone(place: TestPlace) {
    let test = TestRegister::create(place);
    let handler = test.actor(Role::DataProtection);
    let (own, other) = (new_person(&test, 1), new_person(&test, 2));
    let early = access::make(&test, &handler, own, None, None).unwrap();
    test.clock().advance(SignedDuration::from_mins(1));
    let id = request::receive(&test, &handler, &draft("access"), Some(own)).unwrap();
    let nothing = Done::Package(PackageId(uuid::Uuid::from_u128(7)));
    refused(request::close(&test, &handler, id, nothing, &reply()), RequestRefused::NotRecognised);
    refused(access::make(&test, &handler, own, Some(id), None), RequestRefused::NotRecognised);
    let number = IdentityDraft { check: "paper_shown".into(), checked: "131052-308T".into() };
    assert!(matches!(request::recognise(&test, &handler, id, &number), Err(OpsError::Fields(_))));
    let shown = IdentityDraft { check: "paper_shown".into(), checked: "ajokortti nähty".into() };
    request::recognise(&test, &handler, id, &shown).unwrap();
    let others = access::make(&test, &handler, other, None, None).unwrap();
    let portable = portability::make(&test, &handler, own, None).unwrap();
    let seq = history::of_person(&test, &handler, own).unwrap()[0].seq;
    for done in [
        nothing,
        Done::Package(others),
        // Made before it was asked for.
        Done::Package(early),
        Done::Package(portable),
        Done::Correction(seq),
        Done::Erasure(uuid::Uuid::from_u128(7)),
    ] {
        refused(request::close(&test, &handler, id, done, &reply()), RequestRefused::NotShown);
        assert_eq!(request::show(&test, &handler, id).unwrap().request.next(), Next::MakePackage);
    }
    let made = access::make(&test, &handler, own, Some(id), None).unwrap();
    let shown = request::show(&test, &handler, id).unwrap();
    assert_eq!(shown.evidence, [Done::Package(made)]);
    request::close(&test, &handler, id, Done::Package(made), &reply()).unwrap();
    let shown = request::show(&test, &handler, id).unwrap();
    assert_eq!((shown.request.next(), shown.request.done), (Next::Nothing, Some(Done::Package(made))));
    refused(request::withdraw(&test, &handler, id, &why()), RequestRefused::Closed);
    // The database holds it too: nothing is done without what shows it.
    let mut raw = Raw::open(&test.db().settings().place);
    let rows = raw.rows("SELECT count(*) FROM request WHERE state = 'done' AND done IS NULL");
    assert_eq!(rows[0][0], "0");
}

#[test]
fn nothing_is_closed_as_done_that_was_not_done() {
    each_database(undone);
}

fn rectified(place: TestPlace) {
    let test = TestRegister::create(place);
    let (handler, operator) = (test.actor(Role::DataProtection), TestRegister::operator());
    let draft_of_person = PersonDraft { emails: vec![DraftText::new("vanha@example.com")], ..samples::person(1) };
    let id = person::create(&test, &operator, &draft_of_person, &TestRegister::source()).unwrap();
    let partner = seloste_ops::partner::create(
        &test,
        &operator,
        &seloste_domain::partner::PartnerDraft { kinds: vec!["email".into(), "name".into()], ..partner_draft() },
    );
    received_email(&test, partner.unwrap(), id);
    let correction = |kind: &str, wrong: &str, text: &str| CorrectionDraft {
        kind: kind.into(),
        wrong: wrong.into(),
        right: Right { text: text.into(), ..Right::default() },
    };
    let corrections = vec![
        correction("email", "Vanha@example.com", "uusi@example.com"),
        correction("telephone", "0409999999", "0401112222"),
        correction("email", "uusi@example.com", "ei osoite"),
    ];
    let asked = recognised(&test, &handler, id, &RequestDraft { corrections, ..draft("rectification") });
    let source = TestRegister::source();
    let seq = request::correct(&test, &handler, asked, 0, &source).unwrap();
    assert!(matches!(request::correct(&test, &handler, asked, 0, &source), Err(error) if error.is_not_found()));
    // What is not there as it was told, and what no form would take, is told at the correction.
    assert!(matches!(request::correct(&test, &handler, asked, 1, &source), Err(OpsError::Fields(_))));
    assert!(matches!(request::correct(&test, &handler, asked, 2, &source), Err(OpsError::Fields(_))));
    request::decline(&test, &handler, asked, 1, &why()).unwrap();
    let now = person::show(&test, &operator, id).unwrap().person;
    assert_eq!(now.email(test.today()).unwrap().address, "uusi@example.com");
    let waiting = recall::list(&test, &operator, &recall::Filter { open: true, ..recall::Filter::default() }).unwrap();
    assert_eq!(waiting.len(), 1, "who received the wrong address is told (Art. 19)");
    let shown = request::show(&test, &handler, asked).unwrap();
    assert_eq!(shown.evidence, [Done::Correction(seq)]);
    request::close(&test, &handler, asked, Done::Correction(seq), &reply()).unwrap();
}

fn partner_draft() -> seloste_domain::partner::PartnerDraft {
    seloste_domain::partner::PartnerDraft {
        name: "Kumppani".into(),
        under: "provider:web_services".into(),
        role: "processor".into(),
        contract: "1".into(),
        from: "2026-01-01".into(),
        items: seloste_domain::partner::ContractItem::ALL.iter().map(ToString::to_string).collect(),
        purposes: vec!["directories".into()],
        interface: "file".into(),
        ..Default::default()
    }
}

fn received_email(test: &TestRegister, partner: seloste_domain::id::PartnerId, person: PersonId) {
    let usage = test.authorize(&TestRegister::operator(), Action::PersonShow).unwrap();
    let (notice, today) = (test.notice().unwrap(), test.today());
    let fields = std::iter::once(seloste_domain::kind::Kind::Email).collect();
    let made = test.db().write(&usage, move |w| {
        let case = disclosure::Case::Service("directories".parse().unwrap());
        let permit = disclosure::permit(w, &notice, today, partner, case, fields)?;
        disclosure::record(w, &permit, &[disclosure::Subject { party: person.into(), fields }])
    });
    made.unwrap();
}

#[test]
fn a_correction_changes_the_person_and_tells_those_who_received_it() {
    each_database(rectified);
}

fn objected(place: TestPlace) {
    let test = TestRegister::create(place);
    let handler = test.actor(Role::DataProtection);
    let operator = TestRegister::operator();
    // Marketing: at once, and nobody need be recognised.
    let person = new_person(&test, 1);
    let id = request::receive(&test, &handler, &draft("marketing_objection"), Some(person)).unwrap();
    let set = prohibition::of(&test, &operator, Recipient::Person(person)).unwrap();
    assert_eq!(set[0].kind, ProhibitionKind::DirectMarketing);
    let evidence = request::show(&test, &handler, id).unwrap().evidence;
    assert_eq!(evidence, [Done::Prohibition(set[0].id)]);
    request::close(&test, &handler, id, evidence[0], &Reply::Told("kerrottu puhelimessa".into())).unwrap();
    // Another objection: restricted while it is pending, decided with reasons, told, lifted by hand.
    let person = new_person(&test, 2);
    let id = recognised(&test, &handler, person, &draft("objection"));
    let restrictions = restriction::of(&test, &handler, Recipient::Person(person)).unwrap().restrictions;
    assert_eq!(restrictions[0].ground, RestrictionGround::ObjectionPending);
    let unfit = DecisionDraft { ground: "accurate".into(), ..why() };
    assert!(matches!(request::refuse(&test, &handler, id, &unfit, &letter()), Err(OpsError::Fields(_))));
    let decision = DecisionDraft { ground: "overriding_grounds".into(), ..why() };
    request::refuse(&test, &handler, id, &decision, &letter()).unwrap();
    let shown = request::show(&test, &handler, id).unwrap();
    assert!(shown.pending.is_some(), "the restriction holds until the person was told and the letter has arrived");
    let restrictions = restriction::of(&test, &handler, Recipient::Person(person)).unwrap().restrictions;
    assert!(restrictions[0].informed.is_some());
    restriction::lift(&test, &handler, Recipient::Person(person), restrictions[0].id, "päätetty").unwrap();
    // Upheld: what it is against is forbidden, and that closes it.
    let person = new_person(&test, 3);
    let id = recognised(&test, &handler, person, &draft("objection"));
    request::uphold(&test, &handler, id, &[ProhibitionKind::Directory], &reply()).unwrap();
    assert!(matches!(request::show(&test, &handler, id).unwrap().request.done, Some(Done::Prohibition(_))));
    // Restriction: the one that was set shows it.
    let person = new_person(&test, 4);
    let id = recognised(&test, &handler, person, &draft("restriction"));
    assert!(request::show(&test, &handler, id).unwrap().evidence.is_empty());
    let ground = RestrictionDraft { ground: "needed_for_claims".into(), note: String::new() };
    let set = restriction::set(&test, &handler, Recipient::Person(person), &ground).unwrap();
    request::close(&test, &handler, id, Done::Restriction(set), &reply()).unwrap();
}

/// What restricted the processing while an objection was pending ends by itself: after the decision was told, and not before.
fn restriction_of_objection_ends(place: TestPlace) {
    let test = TestRegister::create(place);
    let handler = test.actor(Role::DataProtection);
    let (refused, upheld, pending, still) =
        (new_person(&test, 1), new_person(&test, 2), new_person(&test, 3), new_person(&test, 4));
    let is_restricted = |person| {
        let found = restriction::of(&test, &handler, Recipient::Person(person)).unwrap().restrictions;
        found.iter().any(|found| found.lifted.is_none())
    };
    let decision = DecisionDraft { ground: "overriding_grounds".into(), ..why() };
    let ask = |person| recognised(&test, &handler, person, &draft("objection"));
    request::refuse(&test, &handler, ask(refused), &decision, &letter()).unwrap();
    request::uphold(&test, &handler, ask(upheld), &[ProhibitionKind::Directory], &reply()).unwrap();
    ask(pending);
    // One was refused, and another one came since: it is pending.
    request::refuse(&test, &handler, ask(still), &decision, &letter()).unwrap();
    let again = ask(still);
    // Of another ground, of which they were told as well: it is lifted by somebody.
    let contested = RestrictionDraft { ground: "accuracy_contested".into(), note: String::new() };
    restriction::set(&test, &handler, Recipient::Person(upheld), &contested).unwrap();
    assert_eq!(restriction::end_decided(&test).unwrap(), 0, "the letter has not arrived yet");
    test.clock().advance(SignedDuration::from_hours(24 * 7 - 1));
    assert_eq!(restriction::end_decided(&test).unwrap(), 0);
    assert!([refused, upheld, pending, still].into_iter().all(is_restricted));
    test.clock().advance(SignedDuration::from_hours(2));
    assert_eq!(restriction::end_decided(&test).unwrap(), 2);
    assert_eq!([refused, upheld, pending, still].map(is_restricted), [false, true, true, true]);
    let left = restriction::of(&test, &handler, Recipient::Person(upheld)).unwrap().restrictions;
    let open: Vec<_> = left.iter().filter(|found| found.lifted.is_none()).map(|found| found.ground).collect();
    assert_eq!(open, [RestrictionGround::AccuracyContested]);
    let ended = left.iter().find_map(|found| found.lifted.clone()).unwrap();
    assert_eq!(ended.0, "program:restriction");
    let forbidden = prohibition::of(&test, &handler, Recipient::Person(upheld)).unwrap();
    assert!(forbidden.iter().any(|found| found.kind == ProhibitionKind::Directory), "what was upheld stays forbidden");
    // The other objection is decided: a week after its letter.
    request::refuse(&test, &handler, again, &decision, &letter()).unwrap();
    assert_eq!(restriction::end_decided(&test).unwrap(), 0, "told anew");
    test.clock().advance(SignedDuration::from_hours(24 * 7 + 1));
    assert_eq!(restriction::end_decided(&test).unwrap(), 1);
    assert_eq!([pending, still].map(is_restricted), [true, false]);
}

#[test]
fn the_restriction_of_an_objection_ends_by_itself_when_it_is_decided() {
    each_database(restriction_of_objection_ends);
}

#[test]
fn objections_and_restrictions_are_carried_out() {
    each_database(objected);
}

fn without_card(place: TestPlace) {
    let test = TestRegister::create(place);
    let handler = test.actor(Role::DataProtection);
    let asked = RequestDraft {
        name: "Tuntematon Kysyjä".into(),
        reach: "Salakatu 7\n00100 Helsinki".into(),
        ..draft("access")
    };
    let id = request::receive(&test, &handler, &asked, None).unwrap();
    let shown = request::show(&test, &handler, id).unwrap();
    assert_eq!((shown.request.next(), shown.said.unwrap().name), (Next::FindCard, "Tuntematon Kysyjä".to_owned()));
    // A fee, and going on; then no card is found, and it is refused: the letter goes where they said.
    let mut raw = Raw::open(&test.db().settings().place);
    let rows = raw.rows("SELECT * FROM request");
    assert!(!rows.iter().flatten().any(|cell| cell.contains(&hex::encode("Salakatu")) || cell.contains("Salakatu")));
    request::ask_fee(&test, &handler, id, Cents(2_000), &why(), &reply()).unwrap();
    assert_eq!(request::show(&test, &handler, id).unwrap().request.next(), Next::AwaitFee);
    request::fee_settled(&test, &handler, id).unwrap();
    let person = new_person(&test, 1);
    request::link(&test, &handler, id, person).unwrap();
    refused(request::link(&test, &handler, id, person), RequestRefused::HasCard);
    let shown = request::show(&test, &handler, id).unwrap();
    assert_eq!((shown.request.next(), shown.said.unwrap().name), (Next::Recognise, "Tuntematon Kysyjä".to_owned()));
    assert!(shown.events.iter().any(|event| event.noted.letter.is_some()), "the letters were sealed anew");
    let decision = DecisionDraft { ground: "not_identified".into(), ..why() };
    assert!(request::refuse(&test, &handler, id, &decision, &letter()).unwrap().is_some());
    // By the person's own pages: recognised by that, without staff.
    let usage = test.authorize(&handler, Action::RequestReceive).unwrap();
    let own = request::receive_from_portal(&test, &usage, person, &draft("erasure")).unwrap();
    let shown = request::show(&test, &handler, own).unwrap();
    assert_eq!((shown.request.next(), shown.request.received_on), (Next::Erase, test.today()));
    assert_eq!(request::of_person_for(&test, &usage, person).unwrap().len(), 2);
}

#[test]
fn a_request_can_come_before_a_card_is_found_and_from_own_pages() {
    each_database(without_card);
}

fn erased(place: TestPlace) {
    let test = TestRegister::create(place);
    let handler = test.actor(Role::DataProtection);
    let person = new_person(&test, 1);
    let id = recognised(&test, &handler, person, &draft("erasure"));
    let erasure = test.db().env().id();
    refused(request::erased(&test, &handler, id, erasure, &reply()), RequestRefused::NotShown);
    // As an erasure ends: an entry of the person with its object. Then the person goes.
    let usage = test.authorize(&TestRegister::operator(), Action::PersonChange).unwrap();
    test.db()
        .write(&usage, move |w| {
            w.log(seloste_store::log::Act {
                subjects: vec![person.0],
                ..seloste_store::log::Act::on(Done::Erasure(erasure))
            })?;
            seloste_store::party::erase(w, seloste_store::party::Noun::Person, person.into())
        })
        .unwrap();
    let shown = request::show(&test, &handler, id).unwrap();
    assert!(shown.person.is_none() && shown.said.is_none(), "what was said is gone with the person");
    request::erased(&test, &handler, id, erasure, &reply()).unwrap();
    assert!(matches!(request::show(&test, &handler, id).unwrap().request.done, Some(Done::Erasure(_))));
}

#[test]
fn an_erasure_that_ended_closes_its_request() {
    each_database(erased);
}

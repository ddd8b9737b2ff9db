//! Prohibitions on both databases: from any channel in one move, in force from that moment, for both of two merged records.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::SignedDuration;
use seloste_domain::draft::DraftText;
use seloste_domain::field::FieldErrors;
use seloste_domain::history::Change;
use seloste_domain::id::{MailId, OrganisationId, PersonId, PurposeId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_domain::list::ListOf;
use seloste_domain::merge::Choice;
use seloste_domain::person::Person;
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::Actor;
use seloste_ops::export::{self, Format, Request};
use seloste_ops::import::{Noun as Rows, Request as Import};
use seloste_ops::list::List;
use seloste_ops::mail::{self, MailRefused, MailState, Mailbox, NewMessage, Post, Recipient, Transport, Trouble};
use seloste_ops::merge::{self, Decision};
use seloste_ops::prohibition::{
    self, Imported, ProhibitionDraft, ProhibitionKind, ProhibitionRefused, Prohibitions, Way, Word,
};
use seloste_ops::{OpsError, StoreError, history, import, letter, log, organisation, person, proposal};
use seloste_store::list::Wanted;
use seloste_store::party::Noun;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

fn actor() -> Actor {
    TestRegister::operator()
}

fn add(test: &TestRegister, number: usize) -> PersonId {
    person::create(test, &actor(), &samples::person(number), &TestRegister::source()).unwrap()
}

fn of_way(kinds: &[ProhibitionKind], way: Way) -> ProhibitionDraft {
    ProhibitionDraft {
        kinds: kinds.iter().map(ToString::to_string).collect(),
        way: way.to_string(),
        ..ProhibitionDraft::default()
    }
}

fn forbid(test: &TestRegister, customer: Recipient, kinds: &[ProhibitionKind]) -> Prohibitions {
    prohibition::set(test, &actor(), customer, &of_way(kinds, Way::CustomerService)).unwrap()
}

fn word() -> Word {
    Word { way: "email".into(), told: "Viesti 28.11.2026".into() }
}

fn marks(test: &TestRegister, id: PersonId) -> Prohibitions {
    person::show(test, &actor(), id).unwrap().person.marks.prohibitions
}

fn purpose(name: &str) -> PurposeId {
    name.parse().unwrap()
}

fn named(word: export::Word) -> String {
    match word {
        export::Word::Column(name) => name.to_owned(),
        export::Word::State(state) => state.as_str().to_owned(),
    }
}

fn left_out(test: &TestRegister, name: &str) -> i64 {
    prohibition::left_out(test, &actor(), &purpose(name), &List::first(ListOf::People, 1)).unwrap()
}

/// The lines of an export for a purpose, without the header.
fn exported(test: &TestRegister, name: &str) -> Vec<String> {
    let path = test.place().data().join(format!("{}.csv", test.db().env().id()));
    let (purpose, list) = (purpose(name), List::first(ListOf::People, 1));
    let request = Request { purpose: &purpose, list: &list, path: &path, format: Format::Csv, language: Language::Fi };
    export::write(test, &actor(), &request, named).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

/// Those whom a use for a purpose finds: lists for marketing stay inside, so that no file tells it.
fn found(test: &TestRegister, name: &str) -> Vec<Person> {
    let usage = test.authorize_for(&actor(), Action::PersonList, &purpose(name)).unwrap();
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

fn is_forbidden<T>(result: seloste_ops::Result<T>, kind: ProhibitionKind) -> bool {
    matches!(result, Err(OpsError::Store(StoreError::Prohibited(found))) if found == kind)
}

fn entered_lifted_and_kept(place: TestPlace) {
    let test = TestRegister::create(place);
    let (id, organisation) = (add(&test, 1), samples::organisation(1));
    let organisation = organisation::create(&test, &actor(), &organisation, &TestRegister::source()).unwrap();
    let office = test.actor(Role::Office);
    let kinds = [ProhibitionKind::DirectMarketing, ProhibitionKind::Directory];
    let draft = ProhibitionDraft { note: "Soitti itse".into(), ..of_way(&kinds, Way::CustomerService) };
    assert_eq!(prohibition::set(&test, &office, Recipient::Person(id), &draft).unwrap().iter().count(), 2);
    assert_eq!(marks(&test, id).iter().collect::<Vec<_>>(), kinds);
    // Said again it holds from the first time on.
    assert!(forbid(&test, Recipient::Person(id), &[ProhibitionKind::Directory]).is_empty());
    assert_eq!(forbid(&test, Recipient::Organisation(organisation), &[ProhibitionKind::Directory]).iter().count(), 1);
    let card = organisation::show(&test, &actor(), organisation).unwrap().organisation;
    assert!(card.marks.prohibitions.has(ProhibitionKind::Directory));

    // The log has who and when and the kinds; what was noted is sealed.
    test.db().index_log().unwrap();
    let event = history::log_of(&test, &actor(), id.0, 10).unwrap();
    let event = event.iter().find(|event| event.action == "prohibition.set").unwrap();
    assert_eq!(event.objects, ["prohibition:direct_marketing", "prohibition:directory"]);
    assert_eq!(event.actor, office.id().to_string());
    let change = history::of_person(&test, &actor(), id).unwrap().remove(0).change;
    let Change::Prohibition(change) = change else { unreachable!("{change:?}") };
    assert_eq!((change.note.as_str(), change.set.len()), ("Soitti itse", 2));

    // Only the customer's own word lifts it.
    let found = prohibition::of(&test, &actor(), Recipient::Person(id)).unwrap();
    let directory = found.iter().find(|p| p.kind == ProhibitionKind::Directory).unwrap();
    let silent = Word { told: " ".into(), ..word() };
    let refused = prohibition::lift(&test, &office, Recipient::Person(id), directory.id, &silent);
    assert!(matches!(refused, Err(OpsError::Fields(FieldErrors(errors))) if errors[0].field == "told"));
    let list = Word { way: Way::OptOutList.to_string(), ..word() };
    assert!(prohibition::lift(&test, &office, Recipient::Person(id), directory.id, &list).is_err());
    let finance = test.actor(Role::Finance);
    assert!(
        prohibition::lift(&test, &finance, Recipient::Person(id), directory.id, &word())
            .is_err_and(|e| e.is_not_found())
    );
    prohibition::lift(&test, &office, Recipient::Person(id), directory.id, &word()).unwrap();
    assert_eq!(marks(&test, id).iter().collect::<Vec<_>>(), [ProhibitionKind::DirectMarketing]);
    assert!(
        prohibition::lift(&test, &office, Recipient::Person(id), directory.id, &word())
            .is_err_and(|e| e.is_not_found())
    );
    // The other customer's page does not lift it.
    let marketing = found.iter().find(|p| p.kind == ProhibitionKind::DirectMarketing).unwrap();
    let other = Recipient::Person(add(&test, 2));
    assert!(prohibition::lift(&test, &office, other, marketing.id, &word()).is_err_and(|e| e.is_not_found()));
    let found = prohibition::of(&test, &actor(), Recipient::Person(id)).unwrap();
    let lifted = found.iter().find(|p| p.id == directory.id).unwrap().lifted.clone().unwrap();
    assert_eq!((lifted.by, lifted.way), (office.id().to_string(), Some(Way::Email)));

    // A slip of the one who made it, a moment ago.
    forbid(&test, other, &[ProhibitionKind::Directory]);
    let slip = prohibition::of(&test, &actor(), other).unwrap().remove(0).id;
    let refused = prohibition::take_back(&test, &office, other, slip);
    assert!(matches!(refused, Err(OpsError::Prohibition(ProhibitionRefused::NotFresh))), "{refused:?}");
    prohibition::take_back(&test, &actor(), other, slip).unwrap();
    forbid(&test, other, &[ProhibitionKind::Directory]);
    let slip = prohibition::of(&test, &actor(), other).unwrap().remove(0).id;
    test.clock().advance(SignedDuration::from_mins(16));
    assert!(prohibition::take_back(&test, &actor(), other, slip).is_err());
    // Others' customers are not there.
    let elsewhere = test.actor_in(Role::Office, "verkkokauppa");
    assert!(prohibition::set(&test, &elsewhere, other, &draft).is_err_and(|error| error.is_not_found()));
    assert!(log::verify(&test, &actor(), None).unwrap().findings.is_empty());
}

#[test]
fn a_prohibition_is_entered_in_one_move_and_lifted_by_the_customers_word() {
    each_database(entered_lifted_and_kept);
}

fn kept_off_what_is_made(place: TestPlace) {
    let test = TestRegister::create(place);
    let ids: Vec<PersonId> = (0..6).map(|number| add(&test, number)).collect();
    let contact = person::create(&test, &actor(), &samples::representative(6, "Oy"), &TestRegister::source()).unwrap();
    forbid(&test, Recipient::Person(ids[0]), &[ProhibitionKind::DirectMarketing]);
    forbid(&test, Recipient::Person(ids[1]), &[ProhibitionKind::Directory]);
    forbid(&test, Recipient::Person(ids[2]), &[ProhibitionKind::MarketingPost]);
    forbid(&test, Recipient::Person(ids[3]), &[ProhibitionKind::MarketingTelephone]);

    let marketing = found(&test, "marketing");
    let on = |id: PersonId| marketing.iter().find(|person| person.id == id);
    assert_eq!(marketing.len(), 6);
    assert!(on(ids[0]).is_none() && on(ids[1]).is_some());
    let has_kind = |id: PersonId, kind: Kind| on(id).unwrap().values.iter().any(|stored| stored.value.kind() == kind);
    assert!(!has_kind(ids[2], Kind::PostalAddress) && has_kind(ids[2], Kind::Telephone));
    assert!(has_kind(ids[3], Kind::PostalAddress) && !has_kind(ids[3], Kind::Telephone));
    assert!(!has_kind(ids[4], Kind::Email), "e-mail to a natural person asks for a consent");
    assert!(has_kind(contact, Kind::Email), "who represents an organisation");

    let has =
        |lines: &[String], number: usize| lines.iter().any(|line| line.starts_with(&(1_000_000 + number).to_string()));
    let labels = exported(&test, "directories");
    assert_eq!(labels.len(), 5);
    assert!(!has(&labels, 0) && !has(&labels, 1) && has(&labels, 2));
    assert_eq!(exported(&test, "orders").len(), 7, "an order has to be delivered all the same");
    assert_eq!(left_out(&test, "directories"), 2);
    assert_eq!(left_out(&test, "orders"), 0);
    let event = log::newest(&test, &actor(), None, 20).unwrap();
    assert!(event.iter().any(|event| event.objects.iter().any(|object| object == "left_out:2")), "{event:?}");

    // Messages and letters for marketing.
    let message = |recipient, name: &str| NewMessage {
        id: MailId(test.db().env().id()),
        recipient,
        company: samples::COMPANY.parse().unwrap(),
        purpose: purpose(name),
        subject: "Syystarjous".into(),
        body: "Hei".into(),
        enclosures: Vec::new(),
    };
    let queue = |id: PersonId, name| mail::queue_message(&test, &actor(), &message(Recipient::Person(id), name));
    assert!(is_forbidden(queue(ids[0], "marketing"), ProhibitionKind::DirectMarketing));
    assert!(matches!(queue(ids[4], "marketing"), Err(OpsError::Mail(MailRefused::NoConsent))));
    queue(ids[0], "customer_relationship").unwrap();
    let waiting = queue(contact, "marketing").unwrap();
    let draft = LetterDraft {
        company: samples::COMPANY.into(),
        language: "fi".into(),
        heading: "Syystarjous".into(),
        body: "Hei".into(),
        ..LetterDraft::default()
    };
    let write = |id, purpose: Option<&PurposeId>| {
        letter::write_for(&test, &actor(), Recipient::Person(id), &draft, purpose, true)
    };
    let marketing = purpose("marketing");
    assert!(is_forbidden(write(ids[0], Some(&marketing)), ProhibitionKind::DirectMarketing));
    assert!(is_forbidden(write(ids[2], Some(&marketing)), ProhibitionKind::MarketingPost));
    write(ids[2], None).unwrap();
    write(ids[4], Some(&marketing)).unwrap();

    // What waits when the customer forbids it does not leave.
    forbid(&test, Recipient::Person(contact), &[ProhibitionKind::DirectMarketing]);
    let folder = test.place().data().join("outbox");
    let from = Mailbox { name: String::new(), address: "myynti@example.com".into() };
    let post = Post { transport: Transport::Outbox(folder), from, reply_to: None };
    let sent = mail::send_due(&test, &Actor::Program("mail"), &post).unwrap();
    assert_eq!((sent.sent, sent.failed), (1, 1));
    let given_up = mail::show(&test, &actor(), waiting).unwrap().0;
    assert_eq!((given_up.state, given_up.trouble), (MailState::Failed, Some(Trouble::Prohibited)));
}

#[test]
fn what_is_made_afterwards_heeds_it() {
    each_database(kept_off_what_is_made);
}

#[test]
fn an_opt_out_list_has_a_source_and_an_end() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let ids: Vec<PersonId> = (0..3).map(|number| add(&test, number)).collect();
        forbid(&test, Recipient::Person(ids[2]), &[ProhibitionKind::MarketingTelephone]);
        let draft = ProhibitionDraft {
            kinds: vec!["marketing_telephone".into()],
            list: "Puhelinmarkkinoinnin kieltorekisteri".into(),
            expires_on: test.today().tomorrow().unwrap().to_string(),
            ..ProhibitionDraft::default()
        };
        let entries = ["040 0000000", "asiakas1@example.com", "+358 40 0000002", "+358401234567", "kuka?"];
        let entries = entries.map(str::to_owned);
        let wanted = Imported { entries: 5, set: 2, held: 1, unknown: 1, unreadable: 1 };
        assert_eq!(prohibition::import_list(&test, &actor(), &draft, &entries).unwrap(), wanted);
        let again = Imported { set: 0, held: 3, ..wanted };
        assert_eq!(prohibition::import_list(&test, &actor(), &draft, &entries).unwrap(), again);
        assert!(marks(&test, ids[0]).has(ProhibitionKind::MarketingTelephone));
        let entry = prohibition::of(&test, &actor(), Recipient::Person(ids[0])).unwrap().remove(0);
        assert_eq!((entry.way, entry.list.as_deref()), (Way::OptOutList, Some("Puhelinmarkkinoinnin kieltorekisteri")));
        // The customer's own word outlasts the list's.
        forbid(&test, Recipient::Person(ids[0]), &[ProhibitionKind::MarketingTelephone]);
        test.clock().advance(SignedDuration::from_hours(49));
        assert!(marks(&test, ids[0]).has(ProhibitionKind::MarketingTelephone));
        assert!(!marks(&test, ids[1]).has(ProhibitionKind::MarketingTelephone), "it has ended by itself");
        let office = test.actor(Role::Office);
        assert!(prohibition::import_list(&test, &office, &draft, &entries).is_err_and(|error| error.is_not_found()));
    });
}

#[test]
fn a_register_update_ban_lets_what_sources_say_wait() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let id = add(&test, 1);
        forbid(&test, Recipient::Person(id), &[ProhibitionKind::RegisterUpdate]);
        let before = person::show(&test, &actor(), id).unwrap().person;
        let path = test.place().data().join("rivit.csv");
        std::fs::write(&path, "nro;sukunimi;puhelin;osoite;koodi\n1000001;Uusinimi;050 7654321;Uusikatu 9;00100\n")
            .unwrap();
        let mapping = "[columns]\nnro = \"customer_number\"\nsukunimi = \"family\"\npuhelin = \"telephone\"\n\
                       osoite = \"street\"\nkoodi = \"postal_code\"\n[constants]\ncompany = \"arjasmaa\"\n";
        let source = test.notice().unwrap().sources()[0].id.clone();
        let request = Import { mapping: Some(mapping.into()), ..Import::new(Rows::People, path, source) };
        import::run(&test, &actor(), &request, &|_| (), &AtomicBool::new(false)).unwrap();
        assert_eq!(person::show(&test, &actor(), id).unwrap().person.values, before.values);
        let queue =
            |test: &TestRegister| proposal::queue(test, &actor(), &proposal::Filter::default(), None, 50).unwrap();
        let waiting: Vec<_> = queue(&test).groups[0].items.iter().map(|item| item.proposal.id).collect();
        assert!(waiting.len() >= 3, "{waiting:?}");
        // Nor is it taken over by a click as long as the ban holds; the customer's own correction is.
        let accept = || {
            proposal::decide(&test, &actor(), &waiting, &std::collections::HashMap::new(), proposal::Decision::Accept)
        };
        assert_eq!(accept().unwrap().held, waiting.len());
        assert_eq!(person::show(&test, &actor(), id).unwrap().person.values, before.values);
        let mut own = before.draft(test.today());
        own.telephones = vec![DraftText::new("+358 40 1111111")];
        person::change(&test, &actor(), id, before.version, &own, &TestRegister::source()).unwrap();
        let ban = prohibition::of(&test, &actor(), Recipient::Person(id)).unwrap().remove(0).id;
        prohibition::lift(&test, &actor(), Recipient::Person(id), ban, &word()).unwrap();
        assert_eq!(accept().unwrap().held, 0);
        assert!(queue(&test).groups.is_empty());
    });
}

fn merged(test: &TestRegister, kept: PersonId, gone: PersonId) {
    let version = |id| person::show(test, &actor(), id).unwrap().person.version;
    let (kept, gone) = ((kept.0, version(kept)), (gone.0, version(gone)));
    merge::make(test, &actor(), &Decision { noun: Noun::Person, kept, gone, choice: Choice::default() }).unwrap();
}

fn both_survive_and_come_apart(place: TestPlace) {
    use ProhibitionKind::{DirectMarketing, Directory, MarketingPost, MarketingSms, TargetedContent};
    let test = TestRegister::create(place);
    let (kept, gone) = (add(&test, 1), add(&test, 2));
    forbid(&test, Recipient::Person(kept), &[Directory, MarketingPost]);
    forbid(&test, Recipient::Person(gone), &[DirectMarketing, MarketingSms]);
    let rows = |id| {
        let found = prohibition::of(&test, &actor(), Recipient::Person(id)).unwrap();
        found.into_iter().map(|p| (p.id, p.kind, p.set_at, p.set_by)).collect::<Vec<_>>()
    };
    let before = (rows(kept), rows(gone));
    let compared = merge::compare(&test, &actor(), Noun::Person, kept.0, gone.0, &Choice::default()).unwrap();
    assert_eq!(compared.preview.marks.prohibitions.iter().count(), 4);
    merged(&test, kept, gone);
    assert_eq!(
        marks(&test, kept).iter().collect::<Vec<_>>(),
        [DirectMarketing, MarketingPost, MarketingSms, Directory]
    );
    assert_eq!(found(&test, "marketing").len(), 0, "the strictest wins");
    merge::undo(&test, &actor(), kept.0, gone.0).unwrap();
    assert_eq!((rows(kept), rows(gone)), before, "each its own, exactly");
    assert_eq!(marks(&test, kept).iter().collect::<Vec<_>>(), [MarketingPost, Directory]);
    assert_eq!(marks(&test, gone).iter().collect::<Vec<_>>(), [DirectMarketing, MarketingSms]);

    // While they are one, nobody knows which of the two speaks: what is forbidden holds for both, and what is lifted holds
    // again for each that had it.
    merged(&test, kept, gone);
    forbid(&test, Recipient::Person(kept), &[TargetedContent]);
    for kind in [DirectMarketing, Directory] {
        let found = prohibition::of(&test, &actor(), Recipient::Person(kept)).unwrap();
        let id = found.iter().find(|p| p.kind == kind).unwrap().id;
        prohibition::lift(&test, &actor(), Recipient::Person(kept), id, &word()).unwrap();
    }
    assert_eq!(marks(&test, kept).iter().collect::<Vec<_>>(), [MarketingPost, MarketingSms, TargetedContent]);
    merge::undo(&test, &actor(), kept.0, gone.0).unwrap();
    assert_eq!(marks(&test, kept).iter().collect::<Vec<_>>(), [MarketingPost, Directory, TargetedContent]);
    assert_eq!(marks(&test, gone).iter().collect::<Vec<_>>(), [DirectMarketing, MarketingSms, TargetedContent]);
}

#[test]
fn of_two_merged_records_the_strictest_wins_and_each_gets_its_own_back() {
    each_database(both_survive_and_come_apart);
}

/// Lists are made in threads while people forbid being on them. By the log: whoever forbade it before a list began is not on
/// it. By the callers: whoever's prohibition was entered before a list was asked for is not on it either.
fn under_load(place: TestPlace) {
    const PEOPLE: usize = 120;
    let test = TestRegister::create(place);
    let ids: Vec<PersonId> = (0..PEOPLE).map(|number| add(&test, number)).collect();
    let done = AtomicBool::new(false);
    let entered = std::sync::Mutex::new(BTreeSet::new());
    let lists = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (test, done, entered, lists) = (&test, &done, &entered, &lists);
            scope.spawn(move || {
                while !done.load(Ordering::SeqCst) {
                    let before: BTreeSet<usize> = entered.lock().unwrap().clone();
                    let lines = exported(test, "directories");
                    let on: BTreeSet<usize> =
                        lines.iter().map(|line| line[..7].parse::<usize>().unwrap() - 1_000_000).collect();
                    lists.lock().unwrap().push((before, on));
                }
            });
        }
        for writer in 0..2 {
            let (test, entered, lists, ids) = (&test, &entered, &lists, &ids);
            scope.spawn(move || {
                for number in (writer..PEOPLE / 2).step_by(2) {
                    forbid(test, Recipient::Person(ids[number]), &[ProhibitionKind::DirectMarketing]);
                    entered.lock().unwrap().insert(number);
                    // Bursts, with room for a list between them.
                    let made = lists.lock().unwrap().len();
                    for _ in 0..200 {
                        if number % 12 > 1 || lists.lock().unwrap().len() > made {
                            break;
                        }
                        std::thread::sleep(std::time::Duration::from_millis(5));
                    }
                }
            });
        }
        while entered.lock().unwrap().len() < PEOPLE / 2 {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        std::thread::sleep(std::time::Duration::from_millis(30));
        done.store(true, Ordering::SeqCst);
    });
    let lists = lists.into_inner().unwrap();
    assert!(lists.iter().any(|(before, _)| !before.is_empty() && before.len() < PEOPLE / 2), "{} lists", lists.len());
    for (before, on) in &lists {
        assert!(before.is_disjoint(on), "{:?}", before.intersection(on).collect::<Vec<_>>());
        assert!(on.len() >= PEOPLE / 2);
    }
    assert!(lists.iter().any(|(_, on)| on.len() == PEOPLE / 2));

    // The same by the log alone: the event that ended a list, against that of each prohibition before it.
    let events = log::newest(&test, &actor(), None, 100_000).unwrap();
    let forbidden: BTreeMap<uuid::Uuid, u64> = events
        .iter()
        .filter(|event| event.action == "prohibition.set")
        .flat_map(|event| event.subjects.iter().map(|subject| (*subject, event.seq)))
        .collect();
    assert_eq!(forbidden.len(), PEOPLE / 2);
    let ends = events.iter().filter(|event| event.objects.iter().any(|object| object.starts_with("rows:")));
    for event in ends {
        let rows = event.objects.iter().find_map(|object| object.strip_prefix("rows:")).unwrap();
        let before = forbidden.values().filter(|seq| **seq < event.seq).count();
        assert!(rows.parse::<usize>().unwrap() <= PEOPLE - before, "list of event {}", event.seq);
    }
}

#[test]
fn no_list_made_after_a_prohibition_has_that_person_under_load() {
    each_database(under_load);
}

#[test]
fn an_organisation_forbids_too() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let id: OrganisationId =
            organisation::create(&test, &actor(), &samples::organisation(1), &TestRegister::source()).unwrap();
        let to = Recipient::Organisation(id);
        let message = || NewMessage {
            id: MailId(test.db().env().id()),
            recipient: to,
            company: samples::COMPANY.parse().unwrap(),
            purpose: purpose("marketing"),
            subject: "Tarjous".into(),
            body: "Hei".into(),
            enclosures: Vec::new(),
        };
        mail::queue_message(&test, &actor(), &message()).unwrap();
        forbid(&test, to, &[ProhibitionKind::MarketingEmail]);
        assert!(is_forbidden(mail::queue_message(&test, &actor(), &message()), ProhibitionKind::MarketingEmail));
        let page = organisation::list(&test, &actor(), &List::first(ListOf::Organisations, 10)).unwrap();
        assert!(page.rows[0].marks.prohibitions.has(ProhibitionKind::MarketingEmail), "the mark in the list");
    });
}

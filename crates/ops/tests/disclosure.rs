//! The one door out, on both databases: who may receive what, what is recorded, and who is told of changes.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use seloste_domain::id::{CollectionId, InvoiceId, PartnerId, PersonId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::notice::without_kind;
use seloste_domain::recall::{Reason, RecallState};
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::Actor;
use seloste_ops::disclosure::{self, Case, DisclosureRefused, Subject};
use seloste_ops::partner::{self, ContractItem, PartnerDraft, Returned};
use seloste_ops::{OpsError, StoreError, notice, person};
use seloste_store::party::Noun;
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database, samples};

fn kinds(of: &[Kind]) -> Kinds {
    of.iter().copied().collect()
}

fn printer() -> PartnerDraft {
    PartnerDraft {
        name: "Esimerkkipaino Oy".into(),
        under: "provider:web_services".into(),
        role: "processor".into(),
        contract: "DIA 12/2026".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: vec!["name".into(), "postal_address".into(), "customer_number".into()],
        purposes: vec!["directories".into()],
        interface: "file".into(),
        ..PartnerDraft::default()
    }
}

fn agency() -> PartnerDraft {
    PartnerDraft {
        name: "Esimerkkiperintä Oy".into(),
        under: "recipient:collection_agency".into(),
        role: "recipient".into(),
        kinds: vec!["name".into(), "postal_address".into(), "telephone".into(), "orders".into()],
        purposes: vec!["orders".into()],
        ..printer()
    }
}

fn begun(place: TestPlace) -> (TestRegister, Actor, PersonId) {
    let test = TestRegister::create(place);
    let actor = TestRegister::operator();
    let customer = person::create(&test, &actor, &samples::person(1), &TestRegister::source()).unwrap();
    (test, actor, customer)
}

fn service() -> Case {
    Case::Service("directories".parse().unwrap())
}

/// Lets data out as a use case would.
fn give(
    test: &TestRegister,
    actor: &Actor,
    partner: PartnerId,
    case: Case,
    people: &[PersonId],
    fields: &[Kind],
) -> seloste_ops::Result<seloste_domain::id::DisclosureId> {
    let usage = test.authorize(actor, Action::PersonShow).unwrap();
    let (notice, today) = (test.notice().unwrap(), test.today());
    let (fields, people) = (kinds(fields), people.to_vec());
    let done = test.db().write(&usage, move |w| {
        let permit = disclosure::permit(w, &notice, today, partner, case.clone(), fields)?;
        let subjects: Vec<Subject> = people.iter().map(|id| Subject { party: (*id).into(), fields }).collect();
        disclosure::record(w, &permit, &subjects)
    });
    disclosure::refused_is_logged(test, actor, Action::PersonShow, "test", done)
}

fn refused<T>(result: seloste_ops::Result<T>) -> Option<DisclosureRefused> {
    match result {
        Err(OpsError::Disclosure(refused)) => Some(refused),
        _ => None,
    }
}

fn recalls(test: &TestRegister, actor: &Actor, of: PersonId) -> Vec<(PartnerId, Reason, Kinds, RecallState)> {
    let usage = test.authorize(actor, Action::RecallList).unwrap();
    let filter = seloste_store::recall::Filter { party: Some(of.into()), ..Default::default() };
    let found = test.db().read(&usage, |r| seloste_store::recall::page(r, &filter, 100)).unwrap();
    found.into_iter().map(|recall| (recall.partner, recall.reason, recall.fields, recall.state)).collect()
}

fn events(test: &TestRegister) -> Vec<seloste_domain::log::Event> {
    let blocks = test.db().look(|tx| seloste_store::log::blocks(tx, 0, 100_000)).unwrap();
    let lines = blocks.iter().flat_map(|block| block.events.lines());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn data_leaves_by_one_door_and_each_person_is_logged() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let printer = partner::create(&test, &actor, &printer()).unwrap();
        let other = person::create(&test, &actor, &samples::person(2), &TestRegister::source()).unwrap();
        let made =
            give(&test, &actor, printer, service(), &[customer, other], &[Kind::Name, Kind::PostalAddress]).unwrap();
        let found = disclosure::of_party(&test, &actor, customer.into()).unwrap();
        assert_eq!((found.len(), found[0].id, found[0].partner, found[0].people), (1, made, printer, 2));
        assert_eq!(found[0].fields, kinds(&[Kind::Name, Kind::PostalAddress]));
        let all = events(&test);
        let event = all.iter().find(|event| event.action == "disclosure.make").unwrap();
        assert_eq!(event.recipient, Some(format!("partner:{printer}")));
        assert_eq!(event.fields, ["name", "postal_address"]);
        let mut both = vec![customer.0, other.0];
        both.sort();
        assert_eq!(event.subjects, both);
        assert_eq!(event.objects, [format!("disclosure:{made}"), "service:directories".to_owned()]);
        assert_eq!(u64::try_from(found[0].seq).unwrap(), event.seq);

        // Beyond what was agreed nothing leaves, and the try is in the log.
        let before = all.iter().filter(|event| event.action == "disclosure.make").count();
        for (case, fields, want) in [
            (service(), vec![Kind::Email], DisclosureRefused::Kind(Kind::Email)),
            (Case::Service("marketing".parse().unwrap()), vec![Kind::Name], DisclosureRefused::Purpose),
            (
                Case::Invoice(InvoiceId(uuid::Uuid::nil())),
                vec![Kind::Name],
                DisclosureRefused::OtherGround(Case::Invoice(InvoiceId(uuid::Uuid::nil())).basis()),
            ),
            (service(), vec![], DisclosureRefused::Nothing),
        ] {
            assert_eq!(refused(give(&test, &actor, printer, case, &[customer], &fields)), Some(want));
        }
        assert_eq!(
            refused(give(&test, &actor, printer, service(), &[], &[Kind::Name])),
            Some(DisclosureRefused::Nothing)
        );
        let after = events(&test);
        assert_eq!(after.iter().filter(|event| event.action == "disclosure.make").count(), before);
        let tries = after.iter().filter(|event| event.outcome == seloste_domain::log::Outcome::Refused);
        assert_eq!(tries.count(), 5);
    });
}

#[test]
fn only_people_of_the_partner_and_of_the_actor_are_in_it() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let draft = samples::representative(3, "Esimerkkiyritys Oy");
        let represents = person::create(&test, &actor, &draft, &TestRegister::source()).unwrap();
        let elsewhere =
            seloste_domain::person::PersonDraft { companies: vec!["palvelut".into()], ..samples::person(4) };
        let elsewhere = person::create(&test, &actor, &elsewhere, &TestRegister::source()).unwrap();
        let narrow =
            PartnerDraft { companies: vec![samples::COMPANY.into()], people: "representatives".into(), ..printer() };
        let narrow = partner::create(&test, &actor, &narrow).unwrap();
        let give =
            |actor: &Actor, people: &[PersonId]| refused(give(&test, actor, narrow, service(), people, &[Kind::Name]));
        assert_eq!(give(&actor, &[represents]), None);
        assert_eq!(give(&actor, &[customer]), Some(DisclosureRefused::People));
        assert_eq!(give(&actor, &[represents, elsewhere]), Some(DisclosureRefused::People));
        assert_eq!(give(&test.actor_in(Role::Office, "palvelut"), &[represents]), Some(DisclosureRefused::People));
        let usage = test.authorize(&actor, Action::PersonShow).unwrap();
        let partner = partner::get(&test, &actor, narrow).unwrap();
        let all = [customer.into(), represents.into(), elsewhere.into()];
        let may = test.db().read(&usage, |r| disclosure::receivable(r, &partner, &all)).unwrap();
        assert_eq!(may, [represents.into()]);
    });
}

#[test]
fn ending_a_contract_ends_it_at_once_and_asks_for_the_data() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let printer = partner::create(&test, &actor, &printer()).unwrap();
        give(&test, &actor, printer, service(), &[customer], &[Kind::Name]).unwrap();
        assert_eq!(partner::end(&test, &actor, printer, 1).unwrap(), 2);
        assert_eq!(
            refused(give(&test, &actor, printer, service(), &[customer], &[Kind::Name])),
            Some(DisclosureRefused::Ended)
        );
        let ended = partner::get(&test, &actor, printer).unwrap();
        assert!(ended.owes_return(test.today()) && !ended.may_receive(test.today()));
        assert_eq!(partner::chase(&test, &actor, printer, 2).unwrap(), 3);
        assert!(partner::end(&test, &actor, printer, 3).is_err());
        // Until it is confirmed, it is told of what changes; after that it has nothing.
        let card = person::show(&test, &actor, customer).unwrap().person;
        let renamed = seloste_domain::person::PersonDraft { family: "Muuttunut".into(), ..card.draft(test.today()) };
        person::change(&test, &actor, customer, card.version, &renamed, &TestRegister::source()).unwrap();
        assert_eq!(recalls(&test, &actor, customer).len(), 1);
        assert!(partner::confirm(&test, &actor, printer, 3, ("burnt", "")).is_err());
        partner::confirm(&test, &actor, printer, 3, (Returned::Deleted.as_str(), "DIA 99")).unwrap();
        let card = person::show(&test, &actor, customer).unwrap().person;
        let renamed = seloste_domain::person::PersonDraft { family: "Taas".into(), ..card.draft(test.today()) };
        person::change(&test, &actor, customer, card.version, &renamed, &TestRegister::source()).unwrap();
        assert_eq!(recalls(&test, &actor, customer).len(), 1);
    });
}

#[test]
fn undeclared_and_unprotected_partners_are_refused() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        for draft in [
            PartnerDraft { under: "provider:nobody".into(), ..printer() },
            PartnerDraft { country: "US".into(), ..printer() },
            PartnerDraft {
                country: "IN".into(),
                safeguard: "adequacy_decision".into(),
                necessity: "x".into(),
                ..printer()
            },
        ] {
            assert!(matches!(partner::create(&test, &actor, &draft), Err(OpsError::Fields(_))));
        }
        assert!(partner::list(&test, &actor).unwrap().is_empty());
        assert!(partner::create(&test, &test.actor(Role::Office), &printer()).is_err_and(|e| e.is_not_found()));
        let printer = partner::create(&test, &actor, &printer()).unwrap();
        assert!(matches!(partner::create(&test, &actor, &self::printer()), Err(OpsError::Fields(_))));

        // A notice that drops the provider, or the kind, stops it without touching the partner.
        let dropped = NOTICE.replace("id = \"web_services\"", "id = \"hosting\"").replace("version = 1", "version = 2");
        notice::publish(&test, &actor, &dropped, 1).unwrap();
        assert!(!partner::get(&test, &actor, printer).unwrap().is_declared(&test.notice().unwrap()));
        let out = || refused(give(&test, &actor, printer, service(), &[customer], &[Kind::PostalAddress]));
        assert_eq!(out(), Some(DisclosureRefused::Undeclared));
        let narrowed = without_kind(NOTICE, Kind::PostalAddress).replace("version = 1", "version = 3");
        notice::publish(&test, &actor, &narrowed, 2).unwrap();
        assert_eq!(out(), Some(DisclosureRefused::KindUndeclared(Kind::PostalAddress)));
    });
}

#[test]
fn earlier_recipients_are_told_of_what_they_had() {
    each_database(|place| {
        let (test, actor, customer) = begun(place);
        let (printer, agency) =
            (partner::create(&test, &actor, &printer()).unwrap(), partner::create(&test, &actor, &agency()).unwrap());
        let collection = Case::Collection(CollectionId(uuid::Uuid::from_u128(7)));
        give(&test, &actor, printer, service(), &[customer], &[Kind::Name, Kind::PostalAddress]).unwrap();
        give(&test, &actor, agency, collection, &[customer], &[Kind::Name, Kind::Telephone]).unwrap();
        assert!(recalls(&test, &actor, customer).is_empty());
        let change = |with: &dyn Fn(&mut seloste_domain::person::PersonDraft)| {
            let card = person::show(&test, &actor, customer).unwrap().person;
            let mut draft = card.draft(test.today());
            with(&mut draft);
            person::change(&test, &actor, customer, card.version, &draft, &TestRegister::source()).unwrap();
        };
        // Nobody had the e-mail address.
        change(&|draft| draft.emails[0].text = "toinen@example.com".into());
        assert!(recalls(&test, &actor, customer).is_empty());
        change(&|draft| draft.telephones[0].text = "+358 40 7654321".into());
        let told = |partner, reason, of: &[Kind]| (partner, reason, kinds(of), RecallState::Waiting);
        assert_eq!(recalls(&test, &actor, customer), [told(agency, Reason::Rectification, &[Kind::Telephone])]);
        // What waits takes up what comes to it.
        change(&|draft| draft.family = "Muuttunut".into());
        let mut found = recalls(&test, &actor, customer);
        found.sort_by_key(|(partner, ..)| *partner == printer);
        assert_eq!(
            found,
            [
                told(agency, Reason::Rectification, &[Kind::Name, Kind::Telephone]),
                told(printer, Reason::Rectification, &[Kind::Name])
            ]
        );
        // The id of the erased stays with those who have to be told; nothing else does.
        let usage = test.authorize(&actor, Action::ImportUndo).unwrap();
        test.db().write(&usage, move |w| seloste_store::party::erase(w, Noun::Person, customer.into())).unwrap();
        let erasures: Vec<_> =
            recalls(&test, &actor, customer).into_iter().filter(|(_, reason, ..)| *reason == Reason::Erasure).collect();
        assert_eq!(erasures.len(), 2);
        assert!(matches!(
            disclosure::of_party(&test, &actor, customer.into()),
            Err(OpsError::Store(StoreError::NotFound(_)))
        ));
    });
}

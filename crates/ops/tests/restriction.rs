//! The restriction of processing on both databases (Art. 18, promise P24): while it is on, every action answers that it is, or
//! is in the reviewed list of what goes on.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use jiff::SignedDuration;
use seloste_domain::billing::BillingDraft;
use seloste_domain::bulk::BulkAct;
use seloste_domain::collection::{CollectionState, DebtEventDraft};
use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::id::{
    CollectionId, CreditApplicationId, CreditServiceId, ImportId, InvoiceId, MailId, OrderId, OrganisationId,
    PartnerId, PersonId,
};
use seloste_domain::import::{CustomerRef, code};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_domain::list::{ListOf, ListQuery};
use seloste_domain::mail::{MailState, Template};
use seloste_domain::merge::Choice;
use seloste_domain::mirror::MirrorDraft;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::order::{OrderDraft, OrderState};
use seloste_domain::payment::{PaymentDraft, Placing};
use seloste_domain::person::PersonDraft;
use seloste_domain::portal::{Began, Session};
use seloste_domain::prohibition::ProhibitionKind;
use seloste_domain::rectification::{CorrectionDraft, Right};
use seloste_domain::reminder::{FeeChoice, ReminderKind};
use seloste_domain::request::{IdentityDraft, RequestDraft};
use seloste_domain::rights::{Action, Role, allows};
use seloste_domain::tag::TagNames;
use seloste_domain::usage::Actor;
use seloste_domain::value::Value;
use seloste_fetch::{Fetcher, Rules};
use seloste_ops::consent::{self, ConsentDraft};
use seloste_ops::credit::{self, ApplicationDraft, Asking, DecisionDraft, ReviewDraft, ServiceDraft};
use seloste_ops::erasure::{self, ErasureRefused};
use seloste_ops::export::{self, Format};
use seloste_ops::hold::{self, ClaimDraft};
use seloste_ops::import::{Noun as Rows, Request};
use seloste_ops::invoice::mirror::{self, How};
use seloste_ops::list::List;
use seloste_ops::mail::{self, Confirmation, Mailbox, NewMessage, Post, Recipient, Transport};
use seloste_ops::merge::{self, Decision};
use seloste_ops::partner::{ContractItem, PartnerDraft};
use seloste_ops::payment::{self, Share};
use seloste_ops::prohibition::{self, ProhibitionDraft, Word};
use seloste_ops::reminder::{self, Channel};
use seloste_ops::restriction::{
    self, ExceptionDraft, RestrictionDraft, RestrictionRefused, Told, WhenRestricted, when_restricted,
};
use seloste_ops::search::{Found, NounSet};
use seloste_ops::{
    NotMergeable, OpsError, StoreError, access, bulk, canary, collection, company_register, disclosure, duplicate,
    history, import, invitation, invoice, legal_request, letter, log, order, organisation, partner, person,
    portability, portal, proposal, recall, request, search, tag,
};
use seloste_store::package::PackageKind;
use seloste_store::party::{self, Noun};
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};

fn operator() -> Actor {
    TestRegister::operator()
}

fn rule() -> RestrictionDraft {
    RestrictionDraft { ground: "accuracy_contested".into(), note: "Kiistää osoitteen".into() }
}

fn exception(activity: &str) -> ExceptionDraft {
    ExceptionDraft {
        activity: activity.into(),
        ground: "legal_claims".into(),
        reason: "Saatava vanhenee".into(),
        days: "3".into(),
    }
}

fn notice_letter() -> LetterDraft {
    LetterDraft {
        company: samples::COMPANY.into(),
        language: "fi".into(),
        heading: "Rajoitus poistetaan".into(),
        body: "Asia on selvitetty.".into(),
        ..LetterDraft::default()
    }
}

/// An overdue claim, one at a collection partner, and an application for credit.
struct Debts {
    claim: InvoiceId,
    reference: String,
    case: CollectionId,
    agency: PartnerId,
    application: CreditApplicationId,
    service: CreditServiceId,
}

fn asking() -> Asking {
    let rules = Rules { trusted_hosts: Vec::new(), trusted_certificates: None };
    Asking { fetcher: Fetcher::new(rules).unwrap(), timeout: std::time::Duration::from_secs(1) }
}

fn application(person: PersonId) -> ApplicationDraft {
    ApplicationDraft {
        company: samples::COMPANY.into(),
        person: Some(person),
        channel: "telephone".into(),
        what_for: "Saappaita".into(),
        amount: "1500".into(),
        told: true,
        ..ApplicationDraft::default()
    }
}

fn remind(invoice: InvoiceId) -> reminder::Asked {
    let channel = Some(Channel::Letter);
    reminder::Asked { invoice, kind: ReminderKind::Reminder, fee: FeeChoice::Legal, channel }
}

fn payment_of(reference: &str) -> PaymentDraft {
    PaymentDraft {
        company: samples::COMPANY.into(),
        paid_on: String::new(),
        amount: "1,00".into(),
        reference: reference.into(),
        payer: "Joku Muu".into(),
        ..PaymentDraft::default()
    }
}

impl Debts {
    fn new(test: &TestRegister, person: PersonId) -> Self {
        let by = operator();
        for from in ["2026-07-01", "2027-01-01"] {
            reminder::set_rate(test, &by, (from, "2,15"), DecimalMark::Comma).unwrap();
        }
        let agency = PartnerDraft {
            name: "Esimerkkiperintä Oy".into(),
            under: "recipient:collection_agency".into(),
            role: "recipient".into(),
            contract: "DIA 13/2026".into(),
            from: "1.1.2026".into(),
            items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
            kinds: vec!["name".into(), "postal_address".into(), "orders".into()],
            purposes: vec!["orders".into()],
            interface: "file".into(),
            ..PartnerDraft::default()
        };
        let agency = partner::create(test, &by, &agency).unwrap();
        let [claim, handed] = [(); 2].map(|()| {
            let id = invoice::create(test, &by, &invoice_of(person)).unwrap();
            (id, invoice::send(test, &by, id, 1).unwrap().reference.to_string())
        });
        test.clock().advance(SignedDuration::from_hours(24 * 30));
        reminder::send(test, &by, remind(handed.0), None, &[]).unwrap();
        test.clock().advance(SignedDuration::from_hours(24 * 14));
        let case = collection::hand_over(test, &by, handed.0, agency).unwrap().case;
        let asked = partner::create(test, &by, &samples::credit_partner()).unwrap();
        let service = ServiceDraft {
            name: "Käsin kysyttävä".into(),
            source_register: "Esimerkin luottotietorekisteri".into(),
            method: "manual".into(),
            active: true,
            partner: asked.to_string(),
            ..ServiceDraft::default()
        };
        let service = credit::create_service(test, &by, &asking(), &service).unwrap();
        let application = credit::apply(test, &by, &application(person)).unwrap();
        Self { claim: claim.0, reference: claim.1, case, agency, application, service }
    }
}

/// A restricted customer with one of everything.
struct World {
    test: TestRegister,
    actors: HashMap<Role, Actor>,
    person: PersonId,
    organisation: OrganisationId,
    twin: PersonId,
    order: OrderId,
    old: OrderId,
    draft: InvoiceId,
    sent: InvoiceId,
    queued: MailId,
    failed: MailId,
    debts: Debts,
    import: ImportId,
    number: String,
    name: String,
    version: i64,
    seq: u64,
}

/// A record that may be the same person's.
fn twin() -> PersonDraft {
    PersonDraft { customer_number: "9".into(), ..samples::person(1) }
}

fn post(test: &TestRegister) -> Post {
    let from = Mailbox { name: String::new(), address: "myynti@example.com".into() };
    Post { transport: Transport::Outbox(test.place().data().join("outbox")), from, reply_to: None }
}

fn run_import(test: &TestRegister, rows: &str) -> import::Report {
    let path = test.place().data().join(format!("{}.csv", test.db().env().id()));
    std::fs::write(&path, format!("nro;sukunimi;puhelin\n{rows}\n")).unwrap();
    let mapping = "[columns]\nnro = \"customer_number\"\nsukunimi = \"family\"\npuhelin = \"telephone\"\n\
                   [constants]\ncompany = \"arjasmaa\"\n";
    let request = Request { mapping: Some(mapping.into()), ..Request::new(Rows::People, path, TestRegister::source()) };
    import::run(test, &operator(), &request, &|_| (), &AtomicBool::new(false)).unwrap()
}

fn invoice_of(person: PersonId) -> InvoiceDraft {
    let line = InvoiceLineDraft {
        description: "Kumisaapas".into(),
        quantity: "1".into(),
        unit_price: "10".into(),
        ..InvoiceLineDraft::default()
    };
    InvoiceDraft {
        company: samples::COMPANY.into(),
        person: Some(person),
        buyer_name: "Maija Korhonen".into(),
        address: samples::address(1),
        lines: vec![line],
        ..InvoiceDraft::default()
    }
}

impl World {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let (by, source) = (operator(), TestRegister::source());
        let organisation = organisation::create(&test, &by, &samples::organisation(1), &source).unwrap();
        let person = person::create(&test, &by, &samples::person(1), &source).unwrap();
        let twin = person::create(&test, &by, &twin(), &source).unwrap();
        duplicate::find(&test, &by).unwrap();
        let order = order::create(&test, &by, &samples::order(1, Some(person)), &source).unwrap();
        let old = OrderDraft {
            ordered_on: "2015-01-02".into(),
            state: "delivered".into(),
            ..samples::order(2, Some(person))
        };
        let old = order::create(&test, &by, &old, &source).unwrap();
        let billing = BillingDraft {
            vat_registered: true,
            address: DraftAddress {
                street: "Satamakatu 1".into(),
                postal_code: "00100".into(),
                ..DraftAddress::default()
            },
            iban: "FI79 4405 2020 0360 82".into(),
            bic: "NDEAFIHH".into(),
            ..BillingDraft::default()
        };
        invoice::set_billing(&test, &by, &samples::COMPANY.parse().unwrap(), 0, &billing).unwrap();
        let debts = Debts::new(&test, person);
        let sent = invoice::create(&test, &by, &invoice_of(person)).unwrap();
        invoice::send(&test, &by, sent, 1).unwrap();
        let draft = invoice::create(&test, &by, &invoice_of(person)).unwrap();
        let import = run_import(&test, "1000001;Uusinimi;050 1111111").import.unwrap();
        let confirm = |id| {
            let what = Confirmation { id, order, seen: None, enclosures: Vec::new() };
            mail::queue_order_confirmation(&test, &by, &what).unwrap()
        };
        let queued = confirm(MailId(test.db().env().id()));
        let failed = confirm(MailId(test.db().env().id()));
        let actors = Role::ALL.into_iter().map(|role| (role, test.actor(role))).collect();
        let card = person::show(&test, &by, person).unwrap().person;
        let (version, name) = (card.version, card.display_name());
        let seq = history::of_person(&test, &by, person).unwrap()[0].seq;
        let number = "1000001".to_owned();
        restriction::set(&test, &by, Recipient::Person(person), &rule()).unwrap();
        restriction::set(&test, &by, Recipient::Organisation(organisation), &rule()).unwrap();
        Self {
            test,
            actors,
            person,
            organisation,
            twin,
            order,
            old,
            draft,
            sent,
            queued,
            failed,
            debts,
            import,
            number,
            name,
            version,
            seq,
        }
    }

    /// Somebody who may do it; not one who handles restrictions, when others may too.
    fn actor(&self, action: Action) -> Actor {
        let role =
            Role::ALL.into_iter().filter(|role| *role != Role::DataProtection).find(|role| allows(*role, action));
        self.actors[&role.unwrap_or(Role::DataProtection)].clone()
    }

    fn to(&self) -> Recipient {
        Recipient::Person(self.person)
    }
}

/// What an action did on the restricted customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    /// It was refused because of the restriction.
    Restricted,
    /// It was carried out without them.
    Without,
    /// It went on.
    WentOn,
    /// It let what was said wait.
    Waits,
    /// It is about no customer.
    NoCustomer,
    /// What partners do over their interface: their actions have a rule and the guard of what they are about, and no attempt
    /// here yet.
    NotTried,
}

fn answer<T>(result: seloste_ops::Result<T>) -> Answer {
    match result {
        Ok(_) => Answer::WentOn,
        Err(OpsError::Store(StoreError::Restricted) | OpsError::Merge(NotMergeable::Restricted)) => Answer::Restricted,
        Err(error) => unreachable!("{error:?}"),
    }
}

const fn there(has: bool) -> Answer {
    if has { Answer::WentOn } else { Answer::Without }
}

fn export_to(test: &TestRegister, by: &Actor, path: &Path, list: &List) {
    let purpose = "customer_relationship".parse().unwrap();
    let request = export::Request { purpose: &purpose, list, path, format: Format::Csv, language: Language::Fi };
    let named = |word| match word {
        export::Word::Column(name) => name.to_owned(),
        export::Word::State(state) => state.as_str().to_owned(),
    };
    export::write(test, by, &request, named).unwrap();
}

/// The person in the portal, lately signed in.
fn visitor(w: &World) -> portal::Visitor {
    let (person, now) = (w.person, w.test.now());
    let session = Session { person, began: Began::Link, created_at: now, seen_at: now, proved_at: now };
    portal::Visitor { person, actor: Actor::Person(person), session }
}

fn consent_draft() -> ConsentDraft {
    ConsentDraft {
        matters: vec![format!("{}:marketing:email", samples::COMPANY)],
        way: "paper".into(),
        evidence: "Lomake 12".into(),
        ..ConsentDraft::default()
    }
}

/// Carries the action out on the restricted customer. There is no catch-all: a new action has to be thought of here.
fn attempt(w: &World, action: Action) -> Answer {
    use Action as A;
    let (test, by, source) = (&w.test, &w.actor(action), &TestRegister::source());
    let list = List::first(ListOf::People, 50);
    let company = || samples::COMPANY.parse().unwrap();
    match action {
        A::PersonList => there(person::list(test, by, &list).unwrap().rows.iter().any(|person| person.id == w.person)),
        A::PersonSearch => {
            let found = search::find(test, by, &w.number, NounSet::ALL, 20).unwrap();
            there(found.found.iter().any(|found| matches!(found, Found::Person(person) if person.id == w.person)))
        }
        A::PersonShow | A::PersonShowProtected => answer(person::show(test, &w.actor(A::PersonShow), w.person)),
        A::PersonChange | A::PersonProtect => {
            let draft = PersonDraft { protected_address: action == A::PersonProtect, ..samples::person(3) };
            answer(person::change(test, by, w.person, w.version, &draft, source))
        }
        A::PersonRevert => answer(history::revert(test, by, w.person, w.version, w.seq)),
        A::PersonHistory => answer(history::of_person(test, by, w.person)),
        A::PersonCreate | A::OrganisationCreate => {
            // The organisation that a new person names is restricted: no other of its name is added beside it.
            let named = samples::organisation(1).name;
            answer(person::create(test, by, &samples::representative(8, &named), source))
        }
        A::PersonExport => {
            let path = test.place().data().join("lista.csv");
            export_to(test, by, &path, &list);
            there(std::fs::read_to_string(path).unwrap().contains(&w.number))
        }
        A::OrganisationList => {
            let page = organisation::list(test, by, &List::first(ListOf::Organisations, 50)).unwrap();
            there(page.rows.iter().any(|organisation| organisation.id == w.organisation))
        }
        A::OrganisationShow => answer(organisation::show(test, by, w.organisation)),
        A::OrganisationChange => {
            answer(organisation::change(test, by, w.organisation, 1, &samples::organisation(2), source))
        }
        A::OrganisationFetch => answer(company_register::fetch(test, by, None, w.organisation)),
        A::OrderList => {
            let query = ListQuery { archived: true, ..ListQuery::whole(ListOf::Orders) };
            let page = order::list(test, by, &List { query, ..List::first(ListOf::Orders, 50) }).unwrap();
            there(page.rows.iter().any(|row| row.order.person == Some(w.person)))
        }
        A::OrderShow => answer(order::show(test, by, w.order)),
        A::OrderCreate => match order::create(test, by, &samples::order(9, Some(w.person)), source) {
            Err(OpsError::Store(StoreError::Restricted)) => Answer::Restricted,
            other => unreachable!("{other:?}"),
        },
        A::OrderChange => answer(order::set_state(test, by, w.order, 1, OrderState::Cancelled)),
        A::OrderArchive => {
            order::archive(test, by).unwrap();
            let mut seen = false;
            restriction::except(test, &operator(), w.to(), &exception("orders")).unwrap();
            let state = order::show(test, &operator(), w.old).map(|shown| shown.order.state);
            seen |= matches!(state, Ok(OrderState::Archived));
            let made = restriction::of(test, &operator(), w.to()).unwrap().exceptions.remove(0).id;
            restriction::end_exception(test, &operator(), w.to(), made).unwrap();
            there(seen)
        }
        A::InvoiceList => {
            let found = invoice::list(test, by, &invoice::Filter::default(), 50).unwrap();
            there(found.iter().any(|invoice| invoice.person == Some(w.person)))
        }
        A::InvoiceShow => answer(invoice::show(test, by, w.sent)),
        A::InvoiceChange => answer(invoice::change(test, by, w.draft, 1, &invoice_of(w.person))),
        A::InvoiceSend => answer(invoice::send(test, by, w.draft, 1)),
        A::InvoiceExport => answer(invoice::file(test, by, w.sent, invoice::Form::Finvoice, w.debts.agency)),
        A::LetterWrite => answer(letter::write(test, by, w.to(), &notice_letter(), true)),
        A::MailSend => answer(mail::preview_order_confirmation(test, by, w.order)),
        A::MessageWrite => {
            let message = NewMessage {
                id: MailId(test.db().env().id()),
                recipient: w.to(),
                company: company(),
                purpose: "customer_relationship".parse().unwrap(),
                subject: "Hei".into(),
                body: "Hei".into(),
                enclosures: Vec::new(),
            };
            answer(mail::queue_message(test, by, &message))
        }
        A::MailList => {
            let found = mail::list(test, by, &mail::Filter::default(), 50).unwrap();
            let listed = found.rows.iter().any(|(mail, _)| mail.owner.0 == w.person.0);
            assert_eq!(answer(mail::show(test, by, w.queued)), Answer::Restricted);
            there(listed)
        }
        A::MailRetry => answer(mail::retry(test, by, w.failed)),
        A::MailCancel => answer(mail::cancel(test, by, w.queued)),
        A::MailDeliver => {
            let sent = mail::send_due(test, &Actor::Program("mail"), &post(test)).unwrap();
            there(sent != mail::Tally::default())
        }
        A::DuplicateList => {
            let queue = duplicate::queue(test, by, 50).unwrap();
            assert_eq!(duplicate::count(test, by).unwrap(), 0);
            duplicate::find(test, by).unwrap();
            there(!queue.pairs.is_empty() || duplicate::count(test, by).unwrap() > 0)
        }
        A::DuplicateDecide => answer(duplicate::dismiss(test, by, Noun::Person, w.person.0, w.twin.0)),
        A::ProposalList | A::ProposalDecide => {
            let queue = proposal::queue(test, by, &proposal::Filter::default(), None, 50).unwrap();
            there(queue.groups.iter().any(|group| group.record.party().0 == w.person.0))
        }
        A::PartyMerge => {
            let decision = Decision {
                noun: Noun::Person,
                kept: (w.twin.0, 1),
                gone: (w.person.0, w.version),
                choice: Choice::default(),
            };
            let refused = answer(merge::compare(test, by, Noun::Person, w.twin.0, w.person.0, &Choice::default()));
            assert_eq!(refused, answer(merge::make(test, by, &decision)));
            refused
        }
        A::ImportRun | A::FeedRun => {
            let before = values(w);
            let report = run_import(test, "1000001;Toinen;050 2222222");
            assert_eq!((report.counts.created, report.counts.updated), (0, 0), "{report:?}");
            assert_eq!(values(w), before);
            let waits = report.kept > 0;
            if waits { Answer::Waits } else { Answer::WentOn }
        }
        A::ImportUndo => {
            let before = values(w);
            let report = import::undo(test, by, w.import).unwrap();
            assert!(report.kept.iter().any(|kept| kept.id == w.person.0 && kept.why == "restricted"), "{report:?}");
            assert_eq!(values(w), before);
            Answer::Without
        }
        A::KindRemove => {
            let usage = test.authorize(by, action).unwrap();
            let id = w.person.into();
            let kind = seloste_domain::kind::Kind::Telephone;
            let removed = test.db().write(&usage, move |w| party::remove_kind(w, Noun::Person, id, kind)).unwrap();
            there(removed > 0)
        }
        A::ConsentList => answer(consent::of(test, by, w.person, Language::Fi)),
        A::ConsentReview => answer(consent::review(test, by)),
        A::ConsentGive => answer(consent::give(test, by, w.person, &consent_draft(), Language::Fi)),
        A::ConsentWithdraw => {
            let matter = consent_draft().matters[0].replace("email", "sms").parse().unwrap();
            answer(consent::withdraw(test, by, w.person, &matter, "paper"))
        }
        A::ConsentReach => {
            consent::give(test, &operator(), w.person, &consent_draft(), Language::Fi).unwrap();
            let target = consent::Target {
                company: samples::COMPANY.parse().unwrap(),
                purpose: "marketing".parse().unwrap(),
                channel: consent::Channel::Email,
            };
            there(consent::reach(test, by, &target).unwrap().contains(&w.person))
        }
        A::ProhibitionSet | A::ProhibitionList | A::ProhibitionImport => {
            let draft = ProhibitionDraft {
                kinds: vec!["directory".into()],
                way: "letter".into(),
                ..ProhibitionDraft::default()
            };
            prohibition::set(test, &w.actor(A::ProhibitionSet), w.to(), &draft).unwrap();
            there(!prohibition::of(test, &w.actor(A::ProhibitionList), w.to()).unwrap().is_empty())
        }
        A::ProhibitionLift => {
            attempt(w, A::ProhibitionSet);
            let held = prohibition::of(test, &operator(), w.to()).unwrap().remove(0).id;
            answer(prohibition::lift(test, by, w.to(), held, &Word { way: "letter".into(), told: "Kirje".into() }))
        }
        A::RestrictionList => {
            let rows = restriction::in_force(test, by).unwrap();
            let row = rows.iter().find(|row| row.customer == w.to()).unwrap();
            assert_eq!(row.name, w.name, "the card can be found");
            Answer::WentOn
        }
        A::RestrictionSet => {
            let again = restriction::set(test, by, w.to(), &rule());
            assert!(matches!(again, Err(OpsError::Restriction(RestrictionRefused::Already))));
            Answer::WentOn
        }
        A::RestrictionInform | A::RestrictionLift => {
            let found = restriction::of(test, by, w.to()).unwrap().restrictions.remove(0);
            if found.informed.is_none() {
                let early = restriction::lift(test, by, w.to(), found.id, "Selvisi");
                assert!(matches!(early, Err(OpsError::Restriction(RestrictionRefused::NotInformed))), "{early:?}");
            }
            answer(restriction::inform(test, by, w.to(), &notice_letter(), Told::Letter))
        }
        A::RestrictionExcept => {
            let made = restriction::except(test, by, w.to(), &exception("invoicing")).unwrap();
            answer(restriction::end_exception(test, by, w.to(), made))
        }
        A::RequestList => {
            attempt(w, A::RequestReceive);
            there(!request::of_person(test, by, w.person).unwrap().is_empty())
        }
        A::RequestReceive => answer(request::receive(test, by, &asked(test, "access"), Some(w.person))),
        A::RequestHandle => {
            let id = request::receive(test, by, &asked(test, "access"), Some(w.person)).unwrap();
            answer(request::recognise(test, by, id, &known()))
        }
        A::RequestCorrect => {
            let id = request::receive(test, by, &asked(test, "rectification"), Some(w.person)).unwrap();
            request::recognise(test, by, id, &known()).unwrap();
            answer(request::correct(test, by, id, 0, source))
        }
        A::AccessMake => answer(access::make(test, by, w.person, None, None)),
        A::PortabilityImport => {
            // As when a person is added: the organisation that they represent is restricted.
            let named = samples::organisation(1).name;
            let json = format!(
                r#"{{"format":"seloste-portable/1","made_at":"2026-11-01T00:00:00Z","register":"{0}","person":"{0}","values":[{{"kind":"language","value":"fi"}}],"represents":[{{"organisation":"{named}"}}],"orders":[]}}"#,
                uuid::Uuid::from_u128(7)
            );
            answer(portability::import(test, by, json.as_bytes(), source, &[company()]))
        }
        A::ErasurePlan => answer(erasure::plan(test, by, w.person)),
        A::ErasureRun => match erasure::erase(test, by, w.person, "another plan", true) {
            // What was shown is not the plan: that is told, and not that the processing is restricted.
            Err(OpsError::Erasure(ErasureRefused::Changed(_))) => Answer::WentOn,
            other => unreachable!("{other:?}"),
        },
        A::ErasureList => answer(erasure::list(test, by, false)),
        A::ErasureResume => answer(erasure::resume(test, false)),
        A::RestrictionEnd => answer(restriction::end_decided(test)),
        A::HoldSet => {
            let review_on = test.today().tomorrow().unwrap().to_string();
            let draft = ClaimDraft { reason: "Riita".into(), review_on };
            answer(hold::set(test, by, w.person, &draft))
        }
        A::CanaryRun => answer(canary::runs(test, by)),
        A::LogReadSubject => answer(history::log_of(test, by, w.person.0, 10)),
        A::LogRead => answer(log::newest(test, by, None, 10)),
        A::LogVerify => answer(log::verify(test, by, None)),
        A::ProductList | A::ProductChange | A::BillingChange | A::MappingList | A::MappingChange => Answer::NoCustomer,
        A::FeedList | A::FeedManage | A::ImportList | A::NoticePublish | A::NoticeReview => Answer::NoCustomer,
        A::CookieList | A::CookieManage | A::CookieProof | A::CookieChoose | A::CookieWithdraw => Answer::NoCustomer,
        A::CookieCount | A::CookieTarget | A::CookieExpire => Answer::NoCustomer,
        A::UserList | A::UserManage | A::InterestChange | A::CreditServiceList | A::CreditServiceManage => {
            Answer::NoCustomer
        }
        A::ViewChange | A::ViewShare | A::TagList | A::TagChange | A::PartnerList | A::PartnerChange => {
            Answer::NoCustomer
        }
        A::DisclosureList => Answer::NoCustomer,
        A::OrganisationExport | A::OrderExport => {
            let path = test.place().data().join(format!("{action}.csv"));
            let of = if action == A::OrderExport { ListOf::Orders } else { ListOf::Organisations };
            let list = seloste_ops::list::List::first(of, 50);
            export_to(test, by, &path, &list);
            let text = std::fs::read_to_string(path).unwrap();
            there(text.contains("T-00001") || text.contains("Esimerkkiyritys 1"))
        }
        A::BulkRun => {
            let names = TagNames { fi: "Kanta-asiakas".into(), ..TagNames::default() };
            tag::create(test, &w.actors[&Role::DataProtection], &names).unwrap();
            let id = bulk::plan(test, by, &list, &"tag:kanta-asiakas".parse::<BulkAct>().unwrap()).unwrap();
            bulk::start(test, by, id, Some(source)).unwrap();
            bulk::run(test, id).unwrap();
            there(values(w).iter().any(|stored| matches!(stored.value, Value::Tags(_))))
        }
        A::ReminderList => {
            assert_eq!(answer(reminder::show(test, by, w.debts.claim)), Answer::Restricted);
            let overdue = reminder::overdue(test, by, None, None, 50).unwrap();
            let cases = collection::cases(test, by, false).unwrap();
            let of_customer = collection::of_customer(test, by, w.to()).unwrap();
            there(!overdue.rows.is_empty() || !cases.is_empty() || !of_customer.is_empty())
        }
        A::ReminderSend => {
            assert_eq!(answer(reminder::preview(test, by, remind(w.debts.claim))), Answer::Restricted);
            answer(reminder::send(test, by, remind(w.debts.claim), None, &[]))
        }
        A::CollectionNote => {
            let happened_on = test.today().to_string();
            let event = DebtEventDraft { kind: "dispute".into(), happened_on, reason: "kirje".into() };
            answer(collection::note(test, by, w.debts.claim, &event))
        }
        A::CollectionHandOver => {
            assert_eq!(answer(collection::file_again(test, by, w.debts.case)), Answer::Restricted);
            answer(collection::hand_over(test, by, w.debts.claim, w.debts.agency))
        }
        A::CollectionEnd => answer(collection::end(test, by, w.debts.case, 1, CollectionState::Returned)),
        A::CreditList => {
            assert_eq!(credit::waiting(test, by).unwrap(), 0);
            there(!credit::list(test, by, &credit::Filter::default(), 50).unwrap().is_empty())
        }
        A::CreditShow => answer(credit::show(test, by, w.debts.application)),
        A::CreditApply => {
            assert_eq!(answer(credit::withdraw(test, by, w.debts.application, 1)), Answer::Restricted);
            answer(credit::apply(test, by, &application(w.person)))
        }
        A::CreditEnquire => answer(credit::enquire(test, by, &asking(), w.debts.application, w.debts.service)),
        A::CreditDecide => {
            let reasons = "Maksut ovat viivästyneet.".into();
            let said = DecisionDraft { outcome: "refused".into(), granted: String::new(), reasons, by_email: false };
            answer(credit::decide(test, by, (w.debts.application, 1), &said))
        }
        A::CreditExpire => answer(credit::run_out(test)),
        A::CreditReview => answer(credit::report(test, by, &ReviewDraft::default())),
        A::PaymentList | A::PaymentImport | A::PaymentEnter | A::PaymentPlace | A::PaymentUndo => {
            // What comes by reference finds its invoice; what comes without is placed by a person, and taken back.
            let enter = |reference: &str| {
                let draft = PaymentDraft { paid_on: test.today().to_string(), ..payment_of(reference) };
                payment::enter(test, &w.actor(A::PaymentEnter), &draft).unwrap()
            };
            let listed = |id| payment::show(test, &w.actor(A::PaymentList), id, "").unwrap();
            let known = listed(enter(&w.debts.reference));
            assert!(known.parts.iter().any(|(part, _)| part.kind == Placing::Invoice), "{:?}", known.parts);
            let (id, share) = (enter(""), Share { invoice: w.debts.claim, cents: Cents(100) });
            let version = listed(id).payment.version;
            let after = payment::place(test, &w.actor(A::PaymentPlace), id, version, &[share]).unwrap();
            let part = listed(id).parts.remove(0).0.id;
            answer(payment::undo(test, &w.actor(A::PaymentUndo), id, after.version, part))
        }
        A::PaymentForget => answer(payment::forget(test, by)),
        A::PersonDisclosures => {
            let found = disclosure::of_party(test, by, w.person.into()).unwrap();
            there(!found.is_empty())
        }
        A::LegalDisclose => {
            answer(legal_request::preview(test, by, &[w.person], std::iter::once(Kind::Name).collect()))
        }
        A::RecallList => answer(recall::list(test, by, &recall::Filter::default())),
        A::PortalSignIn => {
            // The message that lets them in is written, once nobody else has their address.
            let apart = PersonDraft { emails: vec![DraftText::new("kaksonen@example.com")], ..twin() };
            let version = person::show(test, &operator(), w.twin).unwrap().person.version;
            person::change(test, &operator(), w.twin, version, &apart, source).unwrap();
            let wish = portal::Wish {
                address: "asiakas1@example.com".into(),
                language: Language::Fi,
                back: "/".into(),
                from: "192.0.2.1".into(),
            };
            portal::ask(test, &wish).unwrap();
            portal::answer_waiting(test, "http://127.0.0.1:8081").unwrap();
            let rows = Raw::open(&test.db().settings().place)
                .rows("SELECT count(*) FROM mail WHERE template = 'portal_link' AND owner_id IN (SELECT party_id FROM portal_entry)");
            there(rows[0][0] == "1")
        }
        A::PortalShow => answer(portal::show(test, &visitor(w))),
        A::PortalCorrect => {
            // What it says is what is so: that a value changes is tried in the portal's own tests.
            let draft = PersonDraft { language: "sv".into(), ..PersonDraft::default() };
            answer(portal::correct(test, &visitor(w), Kind::Language, w.version, &draft))
        }
        A::PortalRequest => {
            let asked = RequestDraft { kind: "access".into(), language: "fi".into(), ..RequestDraft::default() };
            answer(portal::ask_right(test, &visitor(w), &asked))
        }
        A::PortalCopy => answer(portal::make_copy(test, &visitor(w), PackageKind::Access, Language::Fi)),
        A::PortalErase => answer(portal::erasure_plan(test, &visitor(w))),
        A::PortalProhibit => answer(portal::forbid(test, &visitor(w), ProhibitionKind::MarketingSms)),
        A::PortalReceive => answer(portal::receptions(test, &visitor(w))),
        A::PortalPasskey => answer(portal::passkeys(test, &visitor(w))),
        A::PortalConsent => {
            let matter = consent_draft().matters[0].parse().unwrap();
            let found = portal::consents(test, &visitor(w), Language::Fi).unwrap();
            let asked = found.asked.iter().find(|asked| asked.matter == matter).unwrap();
            let shown = consent::mark(&asked.wording);
            answer(portal::consent(test, &visitor(w), &matter, (Language::Fi, &shown), true))
        }
        A::InvitationList => answer(invitation::of(test, by, w.person)),
        A::InvitationMake => {
            test.set_portal("http://127.0.0.1:8081");
            answer(invitation::by_email(test, by, w.person, ""))
        }
        A::InvitationSend | A::RegistrationTake => Answer::NotTried,
        A::InvoiceMirror => {
            let draft = MirrorDraft {
                company: samples::COMPANY.into(),
                number: "M-1".into(),
                issued_on: test.today().to_string(),
                gross: "10".into(),
                open: "10".into(),
                ..MirrorDraft::default()
            };
            let customer = CustomerRef { customer_number: Some("1000001".into()), ..CustomerRef::default() };
            let told = [mirror::Told { customer, draft }];
            match mirror::put(test, by, source, How::default(), &told).unwrap().remove(0) {
                Err(errors) if errors.0.iter().any(|error| error.code == code::RESTRICTED) => Answer::Restricted,
                other => answer(other.map_err(OpsError::from)),
            }
        }
        A::PartnerRead | A::PartnerPropose | A::PartnerRecall | A::RecallHandle => Answer::NotTried,
    }
}

fn asked(test: &TestRegister, kind: &str) -> RequestDraft {
    let right = Right { text: "0405556666".into(), ..Right::default() };
    RequestDraft {
        kind: kind.into(),
        channel: "telephone".into(),
        received_on: test.today().to_string(),
        company: samples::COMPANY.into(),
        language: "fi".into(),
        corrections: vec![CorrectionDraft { kind: "telephone".into(), wrong: String::new(), right }],
        ..RequestDraft::default()
    }
}

fn known() -> IdentityDraft {
    IdentityDraft { check: "known".into(), checked: "tuttu".into() }
}

/// The values that are stored, seen by an exception that is ended again.
fn values(w: &World) -> Vec<seloste_domain::value::StoredValue> {
    person::show(&w.test, &operator(), w.person).unwrap().person.values
}

fn every_action(place: TestPlace) {
    let w = World::new(place);
    let mut wrong = Vec::new();
    for action in Action::ALL {
        let wanted: &[Answer] = match when_restricted(*action) {
            WhenRestricted::Stops | WhenRestricted::StopsAlways => &[Answer::Restricted, Answer::Without],
            // The office is not among those who handle restrictions.
            WhenRestricted::Handlers => &[Answer::Restricted],
            WhenRestricted::Masks if *action == Action::RestrictionList => &[Answer::WentOn],
            WhenRestricted::Masks => &[Answer::Without],
            WhenRestricted::Waits => &[Answer::Waits],
            WhenRestricted::Passes => &[Answer::WentOn],
            WhenRestricted::NoCustomer => &[Answer::NoCustomer],
        };
        let answer = attempt(&w, *action);
        if answer != Answer::NotTried && !wanted.contains(&answer) {
            wrong.push((action.as_str(), when_restricted(*action), answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A refusal is in the log.
    let events = log::newest(&w.test, &operator(), None, 500).unwrap();
    let object = format!("person:{}", w.person);
    assert!(events.iter().any(|event| event.action == "person.show" && event.objects.contains(&object)));
    assert!(log::verify(&w.test, &operator(), None).unwrap().findings.is_empty());
}

#[test]
fn every_action_answers_restricted_or_is_in_the_reviewed_list() {
    each_database(every_action);
}

#[test]
fn those_who_handle_it_find_the_card_by_a_masked_row() {
    each_database(|place| {
        let w = World::new(place);
        let keeper = &w.actors[&Role::DataProtection];
        let list = List::first(ListOf::People, 50);
        let page = person::list(&w.test, keeper, &list).unwrap();
        let row = page.rows.iter().find(|person| person.id == w.person).unwrap();
        let today = w.test.today();
        assert!(row.marks.restricted && row.display_name() == w.name);
        assert!(row.email(today).is_none() && row.telephone(today).is_none() && row.address(today).is_none());
        let found = search::find(&w.test, keeper, &w.number, NounSet::ALL, 20).unwrap();
        let Some(Found::Person(person)) = found.found.first() else { unreachable!() };
        assert!(person.id == w.person && person.email(today).is_none());
        let card = person::show(&w.test, keeper, w.person).unwrap().person;
        assert!(card.email(today).is_some(), "whether data is right can not be examined without seeing it");
        // Others of the register are not touched, and pages stay full.
        let office = person::list(&w.test, &w.actors[&Role::Office], &List::first(ListOf::People, 1)).unwrap();
        assert_eq!(office.rows.len(), 1);
    });
}

#[test]
fn an_exception_is_for_one_activity_and_a_time_and_the_log_names_it() {
    each_database(|place| {
        let w = World::new(place);
        let finance = &w.actors[&Role::Finance];
        let id =
            restriction::except(&w.test, &w.actors[&Role::DataProtection], w.to(), &exception("invoicing")).unwrap();
        invoice::show(&w.test, finance, w.sent).unwrap();
        invoice::send(&w.test, finance, w.draft, 1).unwrap();
        assert_eq!(answer(person::show(&w.test, finance, w.person)), Answer::Restricted, "another activity");
        let events = log::newest(&w.test, &operator(), None, 20).unwrap();
        let named = events.iter().filter(|event| event.objects.contains(&format!("restriction_exception:{id}")));
        assert!(named.clone().any(|event| event.action == "invoice.show"));
        assert!(named.clone().any(|event| event.action == "invoice.send"));
        w.test.clock().advance(SignedDuration::from_hours(73));
        assert_eq!(answer(invoice::show(&w.test, finance, w.sent)), Answer::Restricted, "it has ended by itself");
        // A list that leaves the register has them under no exception.
        restriction::except(&w.test, &operator(), w.to(), &exception("customer_relationship")).unwrap();
        person::show(&w.test, finance, w.person).unwrap();
        assert_eq!(attempt(&w, Action::PersonExport), Answer::Without);
        let office = &w.actors[&Role::Office];
        assert!(
            restriction::except(&w.test, office, w.to(), &exception("orders")).is_err_and(|error| error.is_not_found())
        );
    });
}

#[test]
fn the_person_is_told_first_and_held_mail_goes_when_it_is_lifted() {
    each_database(|place| {
        let w = World::new(place);
        let keeper = &w.actors[&Role::DataProtection];
        assert_eq!(attempt(&w, Action::MailDeliver), Answer::Without, "two confirmations are held");
        let restricted = restriction::of(&w.test, keeper, w.to()).unwrap().restrictions.remove(0).id;
        assert!(matches!(
            restriction::lift(&w.test, keeper, w.to(), restricted, "Osoite oli oikea"),
            Err(OpsError::Restriction(RestrictionRefused::NotInformed))
        ));
        restriction::inform(&w.test, keeper, w.to(), &notice_letter(), Told::Email).unwrap();
        let sent = mail::send_due(&w.test, &Actor::Program("mail"), &post(&w.test)).unwrap();
        assert_eq!(sent.sent, 1, "the notice goes although the restriction is on");
        let informed = restriction::of(&w.test, keeper, w.to()).unwrap().restrictions.remove(0).informed.unwrap();
        let (notice, _) = mail::show(&w.test, &w.actors[&Role::Office], informed.mail.unwrap()).unwrap();
        assert_eq!((notice.template, notice.state), (Template::RestrictionNotice, MailState::Sent));
        assert!(restriction::lift(&w.test, keeper, w.to(), restricted, " ").is_err(), "why is noted");
        restriction::lift(&w.test, keeper, w.to(), restricted, "Osoite oli oikea").unwrap();
        let sent = mail::send_due(&w.test, &Actor::Program("mail"), &post(&w.test)).unwrap();
        assert_eq!(sent.sent, 2);
        person::show(&w.test, &w.actors[&Role::Reader], w.person).unwrap();
        assert!(
            restriction::lift(&w.test, keeper, w.to(), restricted, "Taas").is_err_and(|error| error.is_not_found())
        );
        let office = &w.actors[&Role::Office];
        assert!(restriction::set(&w.test, office, w.to(), &rule()).is_err_and(|error| error.is_not_found()));
    });
}

#[test]
fn a_restricted_record_is_merged_only_by_those_who_handle_it_and_both_stay_restricted() {
    each_database(|place| {
        let w = World::new(place);
        assert_eq!(attempt(&w, Action::PartyMerge), Answer::Restricted);
        let keeper = &w.actors[&Role::DataProtection];
        let itself = merge::compare(&w.test, keeper, Noun::Person, w.twin.0, w.twin.0, &Choice::default());
        assert!(matches!(itself, Err(OpsError::Merge(NotMergeable::Itself))));
        let decision = |kept: PersonId, gone: PersonId| {
            let version = |id| person::show(&w.test, keeper, id).unwrap().person.version;
            let (kept, gone) = ((kept.0, version(kept)), (gone.0, version(gone)));
            Decision { noun: Noun::Person, kept, gone, choice: Choice::default() }
        };
        let itself = merge::make(&w.test, keeper, &Decision { gone: (w.twin.0, 1), ..decision(w.twin, w.person) });
        assert!(matches!(itself, Err(OpsError::Merge(NotMergeable::Itself))));
        let compared = merge::compare(&w.test, keeper, Noun::Person, w.twin.0, w.person.0, &Choice::default()).unwrap();
        assert!(compared.preview.marks.restricted);
        merge::make(&w.test, keeper, &decision(w.twin, w.person)).unwrap();
        assert_eq!(answer(person::show(&w.test, &w.actors[&Role::Office], w.twin)), Answer::Restricted);
        assert_eq!(answer(merge::undo(&w.test, &w.actors[&Role::Office], w.twin.0, w.person.0)), Answer::Restricted);
        merge::undo(&w.test, keeper, w.twin.0, w.person.0).unwrap();
        person::show(&w.test, &w.actors[&Role::Office], w.twin).unwrap();
        assert_eq!(answer(person::show(&w.test, &w.actors[&Role::Office], w.person)), Answer::Restricted);
    });
}

#[test]
fn what_an_import_says_of_a_restricted_customer_waits_until_it_is_lifted() {
    each_database(|place| {
        let w = World::new(place);
        assert_eq!(attempt(&w, Action::ImportRun), Answer::Waits);
        let keeper = &w.actors[&Role::DataProtection];
        restriction::inform(&w.test, keeper, w.to(), &notice_letter(), Told::Letter).unwrap();
        let id = restriction::of(&w.test, keeper, w.to()).unwrap().restrictions.remove(0).id;
        restriction::lift(&w.test, keeper, w.to(), id, "Selvisi").unwrap();
        let queue = proposal::queue(&w.test, keeper, &proposal::Filter::default(), None, 50).unwrap();
        let of = queue.groups.iter().find(|group| group.record.party().0 == w.person.0).unwrap();
        assert!(of.items.len() >= 2, "{:?}", of.items);
        let telephones = vec![DraftText::new("+358 50 3333333")];
        let card = person::show(&w.test, keeper, w.person).unwrap().person;
        let draft = PersonDraft { telephones, ..card.draft(w.test.today()) };
        person::change(&w.test, &w.actors[&Role::Office], w.person, card.version, &draft, &TestRegister::source())
            .unwrap();
    });
}

//! Credit applications on both databases: nothing is asked without one, a person decides, and whom it concerns is told.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use seloste_domain::field::{FieldErrors, code};
use seloste_domain::id::{CreditApplicationId, CreditServiceId, PartnerId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::merge::Choice;
use seloste_domain::partner::PartnerDraft;
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::Actor;
use seloste_fetch::{Fetcher, Rules};
use seloste_ops::credit::{
    self, AnswerDraft, Applicant, ApplicationDraft, ApplicationState, Asking, Came, CreditRefused, DecisionDraft,
    EnquiryState, Filter, Finding, NotNow, ReviewDraft, RunOut, ServiceDraft, Trouble,
};
use seloste_ops::disclosure::{self, Case};
use seloste_ops::merge::{self, Decision};
use seloste_ops::{OpsError, StoreError, history, log, organisation, partner, person};
use seloste_store::party::Noun;
use seloste_testkit::http::{Asked, HttpServer, Reply};
use seloste_testkit::raw::Raw;
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database, samples};

fn asking() -> Asking {
    let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None };
    Asking { fetcher: Fetcher::new(rules).unwrap(), timeout: Duration::from_secs(5) }
}

fn draft(customer: PersonId) -> ApplicationDraft {
    ApplicationDraft {
        company: samples::COMPANY.into(),
        person: Some(customer),
        channel: "telephone".into(),
        what_for: "Sadevaatteita myymälään laskulla".into(),
        amount: "1500".into(),
        told: true,
        ..ApplicationDraft::default()
    }
}

fn manual() -> ServiceDraft {
    ServiceDraft {
        name: "Käsin kysyttävä".into(),
        source_register: "Esimerkin luottotietorekisteri".into(),
        method: "manual".into(),
        active: true,
        ..ServiceDraft::default()
    }
}

fn rest(address: String) -> ServiceDraft {
    ServiceDraft {
        name: "Rajapinta".into(),
        method: "rest".into(),
        address,
        secret: "Bearer avain-1".into(),
        ..manual()
    }
}

/// A register, who does things, and a customer.
struct Begun {
    test: TestRegister,
    actor: Actor,
    customer: PersonId,
}

fn begun(place: TestPlace) -> Begun {
    begun_with(place, NOTICE)
}

fn begun_with(place: TestPlace, notice: &str) -> Begun {
    let test = TestRegister::create_with(place, notice);
    let actor = TestRegister::operator();
    let customer = person::create(&test, &actor, &samples::person(0), &TestRegister::source()).unwrap();
    Begun { test, actor, customer }
}

impl Begun {
    fn apply(&self) -> CreditApplicationId {
        credit::apply(&self.test, &self.actor, &draft(self.customer)).unwrap()
    }

    fn partner(&self) -> PartnerId {
        match partner::list(&self.test, &self.actor).unwrap().first() {
            Some(partner) => partner.id,
            None => partner::create(&self.test, &self.actor, &samples::credit_partner()).unwrap(),
        }
    }

    fn try_service(&self, asking: &Asking, draft: &ServiceDraft) -> seloste_ops::Result<CreditServiceId> {
        let draft = ServiceDraft { partner: self.partner().to_string(), ..draft.clone() };
        credit::create_service(&self.test, &self.actor, asking, &draft)
    }

    fn service(&self, draft: &ServiceDraft) -> CreditServiceId {
        self.try_service(&asking(), draft).unwrap()
    }

    fn disclosed(&self) -> usize {
        disclosure::of_party(&self.test, &self.actor, self.customer.into()).unwrap().len()
    }

    fn show(&self, id: CreditApplicationId) -> credit::Shown {
        credit::show(&self.test, &self.actor, id).unwrap()
    }

    fn enquire(&self, id: CreditApplicationId, service: CreditServiceId) -> seloste_ops::Result<Came> {
        credit::enquire(&self.test, &self.actor, &asking(), id, service)
    }

    fn answer(&self, id: CreditApplicationId, answer: &AnswerDraft) -> seloste_ops::Result<()> {
        credit::answer(&self.test, &self.actor, id, answer)
    }

    fn decide(&self, id: CreditApplicationId, outcome: &str) -> seloste_ops::Result<()> {
        let version = self.show(id).application.version;
        credit::decide(&self.test, &self.actor, (id, version), &decision(outcome))
    }

    /// An application that was asked about and answered.
    fn answered(&self) -> CreditApplicationId {
        let service = match credit::services(&self.test, &self.actor).unwrap().first() {
            Some(service) => service.id,
            None => self.service(&manual()),
        };
        let id = self.apply();
        assert_eq!(self.enquire(id, service).unwrap(), Came::ByHand);
        self.answer(id, &entries()).unwrap();
        id
    }

    fn raw(&self) -> Raw {
        Raw::open(&self.test.db().settings().place)
    }

    fn days(&self, days: i64) {
        self.test.clock().advance(SignedDuration::from_hours(24 * days));
    }
}

fn decision(outcome: &str) -> DecisionDraft {
    DecisionDraft {
        outcome: outcome.into(),
        granted: "500".into(),
        reasons: "Aiempien laskujen maksut ovat viivästyneet.".into(),
        by_email: false,
    }
}

fn entries() -> AnswerDraft {
    AnswerDraft {
        finding: "entries".into(),
        entries: "2".into(),
        class: "C".into(),
        proposal: "refuse".into(),
        ..AnswerDraft::default()
    }
}

fn refused<T: std::fmt::Debug>(result: seloste_ops::Result<T>) -> Option<CreditRefused> {
    match result {
        Err(OpsError::Credit(refused)) => Some(refused),
        _ => None,
    }
}

fn not_now<T: std::fmt::Debug>(result: seloste_ops::Result<T>) -> Option<NotNow> {
    match refused(result) {
        Some(CreditRefused::NotNow(why)) => Some(why),
        _ => None,
    }
}

fn fields<T>(result: seloste_ops::Result<T>) -> Vec<(String, &'static str)> {
    match result {
        Err(OpsError::Fields(FieldErrors(errors))) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
        _ => Vec::new(),
    }
}

fn good(asked: &Asked) -> Reply {
    let sent: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    let said = serde_json::json!({
        "enquiry": sent["enquiry"], "finding": "entries", "entries": 1, "proposal": "refuse",
        "reference": "viite-1", "register": "Toinen luottotietorekisteri", "valid_until": "2099-01-01",
        "spouse": "ei tallenneta",
    });
    Reply::Good(200, vec![("content-type", "application/json; charset=utf-8".into())], said.to_string().into_bytes())
}

#[test]
fn an_enquiry_without_a_pending_application_is_refused_at_every_layer() {
    each_database(|place| {
        let begun = begun(place);
        let service = begun.service(&manual());
        let usage = begun.test.authorize(&begun.actor, Action::CreditEnquire).unwrap();
        let told = credit::service(&begun.test, &begun.actor, service).unwrap();
        // No application at all.
        let nothing = CreditApplicationId(begun.test.db().env().id());
        assert!(begun.enquire(nothing, service).is_err_and(|error| error.is_not_found()));

        let withdrawn = begun.apply();
        credit::withdraw(&begun.test, &begun.actor, withdrawn, 1).unwrap();
        let decided = begun.apply();
        begun.decide(decided, "granted").unwrap();
        let answered = begun.answered();
        for (id, why) in [(withdrawn, NotNow::Closed), (decided, NotNow::Closed), (answered, NotNow::NotPending)] {
            // The use case.
            assert_eq!(not_now(begun.enquire(id, service)), Some(why));
            // The store, when a use case forgets to ask the rules.
            let asked = seloste_store::credit::Asked {
                id: seloste_domain::id::CreditEnquiryId(begun.test.db().env().id()),
                service: told.clone(),
                request: "{}".into(),
                fields: Vec::new(),
                busy_until: None,
            };
            let begin = begun.test.db().write(&usage, move |w| seloste_store::credit::begin(w, id, &asked));
            assert!(matches!(begin, Err(StoreError::Refused(_))), "{begin:?}");
        }
        // The database, when a statement forgets as well.
        let enquiries = "SELECT enquiry_id FROM credit_enquiry WHERE needs = 'pending'";
        assert!(begun.raw().rows(enquiries).is_empty());
        for state in ["decided", "answered", "withdrawn"] {
            let insert = format!(
                "INSERT INTO credit_enquiry (register_id, enquiry_id, application_id, company_id, service_id, \
                 service_name, source_register, method, needs, state, asked_by, asked_at, attempts) \
                 SELECT register_id, application_id, application_id, company_id, application_id, 'x', 'x', 'manual', \
                 'pending', 'open', 'x', 0, 0 FROM credit_application WHERE state = '{state}'"
            );
            assert!(try_run(&begun, &insert).is_err(), "{state}");
        }
        assert!(begun.raw().rows(enquiries).is_empty());
        // An open enquiry keeps its application from going on.
        let open = begun.apply();
        begun.enquire(open, service).unwrap();
        assert!(try_run(&begun, "UPDATE credit_application SET state = 'withdrawn' WHERE state = 'pending'").is_err());
        assert_eq!(begun.show(open).application.state, ApplicationState::Pending);
    });
}

/// A statement that the database may refuse.
fn try_run(begun: &Begun, sql: &str) -> std::thread::Result<()> {
    let place = begun.test.db().settings().place.clone();
    let sql = sql.to_owned();
    std::thread::spawn(move || {
        let mut raw = Raw::open(&place);
        if matches!(place, seloste_store::Place::Sqlite(_)) {
            raw.run("PRAGMA foreign_keys = ON");
        }
        raw.run(&sql);
    })
    .join()
}

#[test]
fn who_was_not_told_beforehand_is_not_asked_about() {
    each_database(|place| {
        let begun = begun(place);
        let service = begun.service(&manual());
        let untold = ApplicationDraft { told: false, ..draft(begun.customer) };
        let id = credit::apply(&begun.test, &begun.actor, &untold).unwrap();
        assert_eq!(not_now(begun.enquire(id, service)), Some(NotNow::NotTold));
        credit::tell(&begun.test, &begun.actor, id, 1).unwrap();
        assert_eq!(begun.show(id).application.told_on, Some(begun.test.today()));
        assert_eq!(begun.enquire(id, service).unwrap(), Came::ByHand);
        assert_eq!(not_now(begun.enquire(id, service)), Some(NotNow::EnquiryOpen));
    });
}

#[test]
fn a_service_is_asked_and_only_what_is_needed_is_sent_and_kept() {
    each_database(|place| {
        let begun = begun(place);
        let server = HttpServer::start(good);
        let service = begun.service(&rest(server.address("/v1/enquiries")));
        let id = begun.apply();
        assert_eq!(begun.enquire(id, service).unwrap(), Came::Answered);
        let asked = server.asked();
        assert_eq!((asked.len(), asked[0].method.as_str(), asked[0].path.as_str()), (1, "POST", "/v1/enquiries"));
        assert_eq!(asked[0].header("authorization"), Some("Bearer avain-1"));
        let shown = begun.show(id);
        assert_eq!(asked[0].header("idempotency-key"), Some(shown.enquiries[0].id.to_string().as_str()));
        let sent: serde_json::Value = serde_json::from_slice(&asked[0].body).unwrap();
        let subject = serde_json::json!({
            "type": "person", "given": "Pirkko", "family": "Esimerkki",
            "address": {"street": "Esimerkkikatu 1", "postal_code": "00100", "town": "Helsinki", "country": "FI"},
        });
        assert_eq!(sent["subject"], subject);
        assert_eq!(sent["amount"], serde_json::json!({"currency": "EUR", "cents": 150_000}));
        assert_eq!(sent.as_object().unwrap().len(), 5);
        assert_eq!(shown.application.state, ApplicationState::Answered);
        let answer = shown.enquiries[0].answer.clone().unwrap();
        assert_eq!((answer.finding, answer.entries), (Finding::Entries, Some(1)));
        assert_eq!(answer.register, "Toinen luottotietorekisteri");
        // A month at most, whatever the service says.
        assert_eq!(shown.enquiries[0].answer_until.unwrap().to_string(), "2026-12-23");
        // Nothing of it stands in the clear.
        begun.test.db().truncate_wal().unwrap();
        if let seloste_store::Place::Sqlite(path) = &begun.test.db().settings().place {
            let bytes = std::fs::read(path).unwrap();
            for secret in ["avain-1", "viite-1", "Sadevaatteita", "Esimerkkikatu 1\\\"", "ei tallenneta"] {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
            }
        }
    });
}

#[test]
fn a_protected_address_and_an_organisation_without_a_business_id_are_not_sent() {
    each_database(|place| {
        let begun = begun(place);
        let server = HttpServer::start(good);
        let service = begun.service(&rest(server.address("/")));
        let guardian = begun.test.actor(Role::DataProtection);
        let card = person::show(&begun.test, &guardian, begun.customer).unwrap().person;
        let mut changed = card.draft(begun.test.today());
        changed.protected_address = true;
        person::change(&begun.test, &guardian, begun.customer, card.version, &changed, &TestRegister::source())
            .unwrap();
        let id = begun.apply();
        begun.enquire(id, service).unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&server.asked()[0].body).unwrap();
        assert_eq!(sent["subject"], serde_json::json!({"type": "person", "given": "Pirkko", "family": "Esimerkki"}));

        let mut company = samples::organisation(1);
        let source = TestRegister::source();
        let nameless = organisation::create(&begun.test, &begun.actor, &company, &source).unwrap();
        let of = |id| ApplicationDraft { person: None, organisation: Some(id), ..draft(begun.customer) };
        let id = credit::apply(&begun.test, &begun.actor, &of(nameless)).unwrap();
        assert_eq!(refused(begun.enquire(id, service)), Some(CreditRefused::NoSubject));
        assert!(begun.show(id).enquiries.is_empty());
        (company.name, company.business_id) = ("Toinen Oy".into(), "2617416-4".into());
        let known = organisation::create(&begun.test, &begun.actor, &company, &source).unwrap();
        let id = credit::apply(&begun.test, &begun.actor, &of(known)).unwrap();
        assert_eq!(begun.enquire(id, service).unwrap(), Came::Answered);
        let sent: serde_json::Value = serde_json::from_slice(&server.asked()[1].body).unwrap();
        let subject = serde_json::json!({"type": "organisation", "name": "Toinen Oy", "business_id": "2617416-4"});
        assert_eq!(sent["subject"], subject);
    });
}

#[test]
fn a_service_that_answers_badly_leaves_the_enquiry_to_be_sent_again() {
    each_database(|place| {
        let begun = begun(place);
        let server = HttpServer::start(good);
        let service = begun.service(&rest(server.address("/")));
        let id = begun.apply();
        let json =
            |status, body: String| Reply::Good(status, vec![("content-type", "application/json".into())], body.into());
        let other = format!("{{\"enquiry\":\"{}\",\"finding\":\"clear\"}}", begun.test.db().env().id());
        let large = format!("{{\"finding\":\"{}\"}}", "x".repeat(70_000));
        let replies: Vec<(Reply, Trouble)> = vec![
            (Reply::Silence, Trouble::Timeout),
            (json(200, "{}".into()), Trouble::Form),
            (json(200, other), Trouble::Other),
            (Reply::ok("<html>"), Trouble::Form),
            (json(202, String::new()), Trouble::Later),
            (json(500, String::new()), Trouble::Status),
            (json(401, String::new()), Trouble::Status),
            (Reply::Good(302, vec![("location", "/elsewhere".into())], Vec::new()), Trouble::Redirect),
            (json(200, large), Trouble::TooLarge),
            (Reply::Endless, Trouble::TooLarge),
            (Reply::Cut(b"{\"enquiry\":\"x\"}".to_vec(), 3), Trouble::Connection),
            (Reply::Raw(b"nonsense\r\n\r\n".to_vec()), Trouble::Answer),
        ];
        let asking = Asking { timeout: Duration::from_millis(700), ..asking() };
        let count = replies.len();
        for (place, (reply, want)) in replies.into_iter().enumerate() {
            server.answer(move |_| reply.clone());
            let came = match place {
                0 => credit::enquire(&begun.test, &begun.actor, &asking, id, service).unwrap(),
                _ => credit::retry(&begun.test, &begun.actor, &asking, id).unwrap(),
            };
            assert_eq!(came, Came::Waiting(want), "{place}");
            let shown = begun.show(id);
            assert_eq!((shown.application.state, shown.enquiries.len()), (ApplicationState::Pending, 1));
            assert_eq!((shown.enquiries[0].state, shown.enquiries[0].trouble), (EnquiryState::Open, Some(want)));
        }
        server.answer(good);
        assert_eq!(credit::retry(&begun.test, &begun.actor, &asking, id).unwrap(), Came::Answered);
        // The same key and the same bytes each time, and nothing at the address that it led to.
        let asked = server.asked();
        assert_eq!(asked.len(), count + 1);
        for one in &asked {
            assert_eq!((&one.path, &one.body), (&asked[0].path, &asked[0].body));
            assert_eq!(one.header("idempotency-key"), asked[0].header("idempotency-key"));
        }
        assert_eq!(begun.show(id).enquiries[0].attempts, i64::try_from(count + 1).unwrap());
    });
}

#[test]
fn the_inside_of_the_network_and_an_address_without_tls_are_not_asked() {
    let begun = begun(TestPlace::sqlite());
    let server = HttpServer::start(good);
    let strict = Asking { fetcher: Fetcher::default(), ..asking() };
    let errors = fields(begun.try_service(&strict, &rest(server.address("/"))));
    assert_eq!(errors, [("address".to_owned(), code::URL_PLAIN)]);
    // It was trusted once, and is no more.
    let service = begun.service(&rest(server.address("/")));
    let inside = begun.service(&ServiceDraft { name: "Sisällä".into(), ..rest("https://127.0.0.1:1/".into()) });
    for (service, want) in [(service, Trouble::Plain), (inside, Trouble::Internal)] {
        let id = begun.apply();
        let came = credit::enquire(&begun.test, &begun.actor, &strict, id, service).unwrap();
        assert_eq!(came, Came::Waiting(want));
    }
    assert!(server.asked().is_empty());
}

#[test]
fn each_sending_goes_by_the_one_door_and_is_recorded() {
    each_database(|place| {
        let begun = begun(place);
        let server = HttpServer::start(|_| Reply::status(503));
        let (rest, manual) = (begun.service(&rest(server.address("/"))), begun.service(&manual()));
        let id = begun.apply();
        begun.enquire(id, rest).unwrap();
        credit::retry(&begun.test, &begun.actor, &asking(), id).unwrap();
        assert_eq!((begun.disclosed(), server.asked().len()), (2, 2));
        let first = disclosure::of_party(&begun.test, &begun.actor, begun.customer.into()).unwrap().remove(1);
        assert_eq!((first.case.clone(), first.partner), (Case::CreditApplication(id), begun.partner()));
        assert_eq!(first.fields.names(), "name postal_address credit");
        assert_eq!(first.purpose, "credit");

        // By hand: each file that is taken out, and where none was, the answer that somebody got in another way.
        let id = begun.apply();
        begun.enquire(id, manual).unwrap();
        assert_eq!(begun.disclosed(), 2);
        let (_, file) = credit::file(&begun.test, &begun.actor, id).unwrap();
        assert!(file.contains("Pirkko") && file.contains("Esimerkkikatu 1"), "{file}");
        begun.answer(id, &entries()).unwrap();
        assert_eq!(begun.disclosed(), 3);
        begun.answered();
        assert_eq!(begun.disclosed(), 4);

        // A partner that may have less gets less; one whose contract has ended gets nothing, not even again.
        let card = partner::get(&begun.test, &begun.actor, begun.partner()).unwrap();
        let fewer = PartnerDraft { kinds: vec!["name".into(), "credit".into()], ..samples::credit_partner() };
        let version = partner::change(&begun.test, &begun.actor, card.id, card.version, &fewer).unwrap();
        let id = begun.apply();
        begun.enquire(id, rest).unwrap();
        let sent = String::from_utf8(server.asked().pop().unwrap().body).unwrap();
        assert!(sent.contains("Pirkko") && !sent.contains("Esimerkkikatu"), "{sent}");
        partner::end(&begun.test, &begun.actor, card.id, version).unwrap();
        let (sent, disclosed) = (server.asked().len(), begun.disclosed());
        let again = credit::retry(&begun.test, &begun.actor, &asking(), id);
        assert!(matches!(again, Err(OpsError::Disclosure(_))), "{again:?}");
        let other = begun.apply();
        assert!(matches!(begun.enquire(other, rest), Err(OpsError::Disclosure(_))));
        assert_eq!((server.asked().len(), begun.disclosed()), (sent, disclosed));
        assert!(begun.show(other).enquiries.is_empty());
    });
}

#[test]
fn two_who_ask_at_once_ask_once() {
    each_database(|place| {
        let begun = begun(place);
        let server = HttpServer::start(|asked| {
            std::thread::sleep(Duration::from_millis(150));
            good(asked)
        });
        let service = begun.service(&rest(server.address("/")));
        let id = begun.apply();
        let (gate, answered) = (Barrier::new(6), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    gate.wait();
                    match begun.enquire(id, service) {
                        Ok(came) => {
                            assert_eq!(came, Came::Answered);
                            answered.fetch_add(1, Ordering::SeqCst);
                        }
                        Err(OpsError::Credit(CreditRefused::NotNow(NotNow::EnquiryOpen | NotNow::NotPending))) => {}
                        Err(other) => unreachable!("{other}"),
                    }
                });
            }
        });
        assert_eq!((answered.load(Ordering::SeqCst), server.asked().len()), (1, 1));
        assert_eq!(begun.show(id).enquiries.len(), 1);
    });
}

#[test]
fn a_crash_between_sending_and_keeping_leaves_an_enquiry_that_is_sent_again() {
    each_database(|place| {
        let mut begun = begun(place);
        let server = HttpServer::start(good);
        let service = begun.service(&rest(server.address("/")));
        let id = begun.apply();
        // What a crash leaves: the enquiry is recorded and taken, and nothing came back.
        let usage = begun.test.authorize(&begun.actor, Action::CreditEnquire).unwrap();
        let told = credit::service(&begun.test, &begun.actor, service).unwrap();
        let enquiry = seloste_domain::id::CreditEnquiryId(begun.test.db().env().id());
        let asked = seloste_store::credit::Asked {
            id: enquiry,
            service: told,
            request: serde_json::json!({
                "enquiry": enquiry, "purpose": "credit_granting", "applied_on": "2026-11-23",
                "amount": {"currency": "EUR", "cents": 150_000},
                "subject": {"type": "person", "given": "Pirkko", "family": "Esimerkki"},
            })
            .to_string(),
            fields: vec!["name".into()],
            busy_until: Some(usage.at() + SignedDuration::from_secs(30)),
        };
        begun.test.db().write(&usage, move |w| seloste_store::credit::begin(w, id, &asked)).unwrap();
        begun.test.reopen();
        let shown = begun.show(id);
        assert_eq!((shown.enquiries.len(), shown.enquiries[0].state), (1, EnquiryState::Open));
        // Somebody may be sending it still; when their time is over, it is sent again under the same key.
        assert_eq!(not_now(credit::retry(&begun.test, &begun.actor, &asking(), id)), Some(NotNow::Busy));
        assert_eq!(not_now(begun.enquire(id, service)), Some(NotNow::EnquiryOpen));
        assert_eq!(not_now(begun.decide(id, "granted")), Some(NotNow::EnquiryOpen));
        begun.test.clock().advance(SignedDuration::from_secs(31));
        assert_eq!(credit::retry(&begun.test, &begun.actor, &asking(), id).unwrap(), Came::Answered);
        assert_eq!(server.asked()[0].header("idempotency-key"), Some(enquiry.to_string().as_str()));
        assert_eq!(begun.show(id).enquiries.len(), 1);
    });
}

#[test]
fn an_answer_that_comes_too_late_is_thrown_away() {
    each_database(|place| {
        let begun = Arc::new(begun(place));
        let id = begun.apply();
        let (inner, version) = (Arc::downgrade(&begun), begun.show(id).application.version);
        let server = HttpServer::start(move |asked| {
            // The customer takes it back while the service thinks.
            if let Some(begun) = inner.upgrade() {
                credit::withdraw(&begun.test, &begun.actor, id, version).unwrap();
            }
            good(asked)
        });
        let service = begun.service(&rest(server.address("/")));
        assert_eq!(begun.enquire(id, service).unwrap(), Came::Waiting(Trouble::Late));
        let shown = begun.show(id);
        assert_eq!(shown.application.state, ApplicationState::Withdrawn);
        assert_eq!((shown.enquiries[0].state, shown.enquiries[0].answer.clone()), (EnquiryState::Closed, None));
    });
}

#[test]
fn a_refusal_by_a_program_is_none() {
    each_database(|place| {
        let begun = begun(place);
        let id = begun.answered();
        let version = begun.show(id).application.version;
        let program = Actor::Program("credit");
        // The use case.
        let decided = credit::decide(&begun.test, &program, (id, version), &decision("refused"));
        assert!(matches!(decided, Err(OpsError::Refused(_))), "{decided:?}");
        // The database, when a program passes the use case by.
        let sql = "UPDATE credit_application SET state = 'decided', outcome = 'refused', granted_cents = 0, reasons = \
                   what_for, letter = what_for, decided_by = 'program:credit', decided_at = 0";
        assert!(try_run(&begun, sql).is_err());
        let shown = begun.show(id);
        assert_eq!(shown.application.state, ApplicationState::Answered);
        // What the service proposes is shown, and nothing follows from it.
        assert_eq!(shown.enquiries[0].answer.as_ref().unwrap().proposal, Some(credit::Proposal::Refuse));
    });
}

#[test]
fn a_refusal_that_rests_on_credit_data_has_its_letter() {
    each_database(|place| {
        let begun = begun(place);
        for (outcome, has_letter) in [("refused", true), ("reduced", true), ("granted", false)] {
            let id = begun.answered();
            begun.decide(id, outcome).unwrap();
            let shown = begun.show(id);
            assert_eq!(shown.application.letter.is_some(), has_letter, "{outcome}");
            let printed = credit::letter(&begun.test, &begun.actor, id);
            assert_eq!(printed.is_ok(), has_letter);
            if let Ok((written, _)) = printed {
                assert!(
                    written.letter.body.contains("Esimerkin luottotietorekisteri, 23.11.2026"),
                    "{}",
                    written.letter.body
                );
                assert_eq!(written.recipient[0], "Pirkko Esimerkki");
                assert!(!written.letter.body.contains("merkint"), "what the register says stands in no letter");
            }
        }
        // Without credit data there is nothing to tell.
        let id = begun.apply();
        begun.decide(id, "refused").unwrap();
        assert_eq!(refused(credit::letter(&begun.test, &begun.actor, id)), Some(CreditRefused::NoLetter));
        // The letters are part of the customer's sealed history.
        let changes = history::of_person(&begun.test, &begun.actor, begun.customer).unwrap();
        let letters = format!("{changes:?}").matches("Päätös luottohakemuksesta").count();
        assert_eq!(letters, 2);
        // The database refuses one without its letter.
        begun.answered();
        let sql = "UPDATE credit_application SET state = 'decided', outcome = 'refused', granted_cents = 0, reasons = \
                   what_for, decided_by = 'user:x', decided_at = 0 WHERE state = 'answered'";
        assert!(try_run(&begun, sql).is_err());
    });
}

#[test]
fn the_letter_goes_by_email_in_the_same_breath_or_nothing_is_decided() {
    each_database(|place| {
        let begun = begun(place);
        let id = begun.answered();
        let version = begun.show(id).application.version;
        let by_email = DecisionDraft { by_email: true, ..decision("refused") };
        credit::decide(&begun.test, &begun.actor, (id, version), &by_email).unwrap();
        let mails = seloste_ops::mail::list(&begun.test, &begun.actor, &Default::default(), 10).unwrap().rows;
        assert_eq!((mails.len(), mails[0].0.purpose.as_str()), (1, "credit"));
        assert!(mails[0].1.body.contains("käytetty luottotietojanne"), "{}", mails[0].1.body);
        // Whoever has no address gets it on paper: the form says so, and nothing is decided.
        let card = person::show(&begun.test, &begun.actor, begun.customer).unwrap().person;
        let mut draft = card.draft(begun.test.today());
        draft.emails = Vec::new();
        person::change(&begun.test, &begun.actor, begun.customer, card.version, &draft, &TestRegister::source())
            .unwrap();
        let id = begun.answered();
        let version = begun.show(id).application.version;
        let errors = fields(credit::decide(&begun.test, &begun.actor, (id, version), &by_email));
        assert_eq!(errors, [("by_email".to_owned(), code::ADDRESS_MISSING)]);
        assert_eq!(begun.show(id).application.state, ApplicationState::Answered);
    });
}

#[test]
fn what_has_run_out_is_neither_shown_nor_used_and_is_removed() {
    each_database(|place| {
        let begun = begun(place);
        let id = begun.answered();
        let sealed = |begun: &Begun| begun.raw().rows("SELECT 1 FROM credit_enquiry WHERE answer IS NOT NULL").len();
        begun.days(30);
        assert!(begun.show(id).enquiries[0].answer.is_some(), "the last day belongs to it");
        assert_eq!(credit::run_out(&begun.test).unwrap(), RunOut::default());
        begun.days(1);
        // Not shown from that moment on, though the job has not come by.
        let shown = begun.show(id);
        assert_eq!((shown.application.state, shown.enquiries[0].answer.is_none()), (ApplicationState::Pending, true));
        assert_eq!(sealed(&begun), 1);
        let found = credit::run_out(&begun.test).unwrap();
        assert_eq!((found, sealed(&begun)), (RunOut { answers: 1, ..RunOut::default() }, 0));
        assert_eq!(credit::run_out(&begun.test).unwrap(), RunOut::default());
        // The application waits again: it can be asked about anew, and a refusal still tells of what was obtained.
        assert_eq!(
            begun.enquire(id, credit::services(&begun.test, &begun.actor).unwrap()[0].id).unwrap(),
            Came::ByHand
        );
        credit::give_up(&begun.test, &begun.actor, id).unwrap();
        begun.decide(id, "refused").unwrap();
        assert!(begun.show(id).application.letter.is_some());

        // An answer goes with a withdrawal at once.
        let id = begun.answered();
        let version = begun.show(id).application.version;
        credit::withdraw(&begun.test, &begun.actor, id, version).unwrap();
        assert_eq!(sealed(&begun), 0);

        // Nobody decides: it lapses, with its enquiry.
        let id = begun.apply();
        let service = credit::services(&begun.test, &begun.actor).unwrap()[0].id;
        begun.enquire(id, service).unwrap();
        begun.days(61);
        assert_eq!(begun.show(id).application.state, ApplicationState::Expired);
        assert_eq!(not_now(begun.answer(id, &entries())), Some(NotNow::Closed));
        assert_eq!(not_now(begun.decide(id, "granted")), Some(NotNow::Closed));
        let found = credit::run_out(&begun.test).unwrap();
        assert_eq!(found.applications, 1);
        assert_eq!(begun.show(id).enquiries[0].state, EnquiryState::Closed);
    });
}

#[test]
fn what_was_decided_is_kept_as_long_as_the_notice_says_and_then_removed() {
    each_database(|place| {
        let begun = begun(place);
        let (decided, withdrawn) = (begun.answered(), begun.apply());
        begun.decide(decided, "refused").unwrap();
        let version = begun.show(withdrawn).application.version;
        credit::withdraw(&begun.test, &begun.actor, withdrawn, version).unwrap();
        let today = begun.test.today();
        let last = begun.test.notice().unwrap().retention(Kind::Credit).unwrap().last_day(today).unwrap();
        begun.days((last - today).get_days().into());
        let waiting = begun.apply();
        credit::run_out(&begun.test).unwrap();
        assert_eq!(begun.show(decided).application.state, ApplicationState::Decided, "the last day belongs to it");
        begun.days(1);
        assert_eq!(credit::run_out(&begun.test).unwrap(), RunOut { removed: 2, ..RunOut::default() });
        for gone in [decided, withdrawn] {
            let shown = credit::show(&begun.test, &begun.actor, gone);
            assert!(matches!(shown, Err(OpsError::Store(StoreError::NotFound(_)))), "{shown:?}");
        }
        assert_eq!(begun.show(waiting).application.state, ApplicationState::Pending);
        assert_eq!(begun.raw().rows("SELECT 1 FROM credit_enquiry").len(), 0);
        let entries = log::newest(&begun.test, &begun.actor, None, 500).unwrap();
        let named = |id: CreditApplicationId| {
            let object = format!("credit:{id}:kept_long_enough");
            entries.iter().any(|entry| entry.objects.contains(&object) && entry.subjects.contains(&begun.customer.0))
        };
        assert!(named(decided) && named(withdrawn), "each removal is in the log of the customer");
        assert_eq!(credit::run_out(&begun.test).unwrap(), RunOut::default());
    });
}

#[test]
fn a_decision_made_on_an_old_page_is_refused() {
    each_database(|place| {
        let begun = begun(place);
        let id = begun.apply();
        begun.enquire(id, begun.service(&manual())).unwrap();
        begun.answer(id, &entries()).unwrap();
        let old = credit::decide(&begun.test, &begun.actor, (id, 1), &decision("granted"));
        assert!(matches!(old, Err(OpsError::Store(StoreError::Conflict { .. }))), "{old:?}");
        // Two decide at once: one does.
        let (version, gate, done) = (begun.show(id).application.version, Barrier::new(4), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for outcome in ["granted", "refused", "reduced", "refused"] {
                let (begun, gate, done) = (&begun, &gate, &done);
                scope.spawn(move || {
                    gate.wait();
                    let decided = credit::decide(&begun.test, &begun.actor, (id, version), &decision(outcome));
                    done.fetch_add(usize::from(decided.is_ok()), Ordering::SeqCst);
                });
            }
        });
        assert_eq!(done.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn rights_are_those_of_the_table() {
    each_database(|place| {
        let begun = begun(place);
        let service = begun.service(&manual());
        let id = begun.answered();
        let hidden = |role: Role| {
            let actor = begun.test.actor(role);
            credit::show(&begun.test, &actor, id).is_err_and(|error| error.is_not_found())
        };
        for (role, sees) in [
            (Role::Reader, false),
            (Role::Marketing, false),
            (Role::PaperKeeper, false),
            (Role::Administrator, false),
            (Role::Auditor, false),
            (Role::Office, true),
            (Role::Finance, true),
            (Role::DataProtection, true),
        ] {
            assert_eq!(hidden(role), !sees, "{role}");
        }
        // Who sees does not always do.
        let guardian = begun.test.actor(Role::DataProtection);
        assert!(credit::apply(&begun.test, &guardian, &draft(begun.customer)).is_err_and(|e| e.is_not_found()));
        let version = begun.show(id).application.version;
        let decided = credit::decide(&begun.test, &guardian, (id, version), &decision("granted"));
        assert!(decided.is_err_and(|e| e.is_not_found()));
        // Another company's is as if it were not there.
        let other = begun.test.actor_in(Role::Office, "verkkokauppa");
        assert!(credit::show(&begun.test, &other, id).is_err_and(|error| error.is_not_found()));
        assert!(credit::list(&begun.test, &other, &Filter::default(), 10).unwrap().is_empty());
        let foreign = credit::enquire(&begun.test, &other, &asking(), id, service);
        assert!(foreign.is_err_and(|error| error.is_not_found()));
    });
}

#[test]
fn what_the_notice_does_not_declare_is_not_done() {
    let no_kind = seloste_domain::notice::without_kind(NOTICE, seloste_domain::kind::Kind::Credit);
    let begun = begun_with(TestPlace::sqlite(), &no_kind);
    let errors = fields(credit::apply(&begun.test, &begun.actor, &draft(begun.customer)));
    assert_eq!(errors, [("amount".to_owned(), code::UNDECLARED)]);

    let no_purpose = NOTICE.replace("activities = [\"credit\"]", "activities = [\"directory\"]");
    let begun = self::begun_with(TestPlace::sqlite(), &no_purpose);
    let applied = credit::apply(&begun.test, &begun.actor, &draft(begun.customer));
    assert!(matches!(applied, Err(OpsError::Refused(_))), "{applied:?}");

    // A partner that may receive something else is none for this, and the notice's marketing has no way to one.
    let begun = self::begun(TestPlace::sqlite());
    let printer = PartnerDraft {
        name: "Esimerkkipaino Oy".into(),
        under: "provider:web_services".into(),
        role: "processor".into(),
        purposes: vec!["directories".into()],
        ..samples::credit_partner()
    };
    let printer = partner::create(&begun.test, &begun.actor, &printer).unwrap();
    let draft = ServiceDraft { partner: printer.to_string(), ..manual() };
    let errors = fields(credit::create_service(&begun.test, &begun.actor, &asking(), &draft));
    assert_eq!(errors, [("partner".to_owned(), code::CREDIT_PARTNER)]);

    // A service that a later notice no longer declares is not asked any more.
    let begun = self::begun(TestPlace::sqlite());
    let (service, id) = (begun.service(&manual()), begun.apply());
    let gone = NOTICE.replace("service = \"credit_decision\"", "service = \"value_added\"");
    let gone = gone.replacen("version = 1", "version = 2", 1);
    seloste_ops::notice::publish(&begun.test, &begun.test.actor(Role::DataProtection), &gone, 1).unwrap();
    begun.days(1);
    let asked = begun.enquire(id, service);
    assert!(matches!(asked, Err(OpsError::Disclosure(_))), "{asked:?}");
    assert!(credit::offers(&begun.test, &begun.actor).unwrap().is_empty());
    assert!(begun.show(id).enquiries.is_empty());
}

#[test]
fn enquiries_are_reviewed_and_the_review_is_kept() {
    each_database(|place| {
        let begun = begun(place);
        let clerk = begun.test.actor(Role::Office);
        let guardian = begun.test.actor(Role::DataProtection);
        assert!(credit::due(&begun.test, &guardian).unwrap().is_empty());
        let service = begun.service(&manual());
        let id = credit::apply(&begun.test, &clerk, &draft(begun.customer)).unwrap();
        credit::enquire(&begun.test, &clerk, &asking(), id, service).unwrap();
        let report = credit::report(&begun.test, &guardian, &ReviewDraft::default()).unwrap();
        let row = &report.rows[0];
        assert_eq!((report.rows.len(), row.name.as_str()), (1, "Pirkko Esimerkki"));
        assert_eq!((row.listed.enquiry.application, row.listed.applicant), (id, Applicant::Person(begun.customer)));
        assert!(row.listed.enquiry.asked_by.starts_with("user:"));
        begun.days(91);
        let due = credit::due(&begun.test, &guardian).unwrap();
        assert_eq!(
            (due.len(), due[0].company.as_str(), due[0].since.to_string().as_str()),
            (1, "arjasmaa", "2026-11-23")
        );
        let home = seloste_ops::home::show(&begun.test, &guardian).unwrap();
        assert_eq!((home.todo.credit_reviews, home.todo.credit), (Some(1), Some(1)));
        let sign = |from: &str, until: &str, remarks: &str| {
            let draft =
                ReviewDraft { company: String::new(), from: from.into(), until: until.into(), remarks: remarks.into() };
            credit::sign(&begun.test, &guardian, &draft)
        };
        assert_eq!(fields(sign("", "", "")), [("remarks".to_owned(), code::REQUIRED)]);
        assert_eq!(
            fields(sign("2027-02-01", "2027-02-10", "Kunnossa")),
            [("from".to_owned(), code::CREDIT_REVIEW_GAP)]
        );
        assert_eq!(fields(sign("", "2099-01-01", "Kunnossa")), [("until".to_owned(), code::DATE_FAR)]);
        sign("2026-11-01", "2027-02-22", "Kaikilla kyselyillä oli hakemus.").unwrap();
        assert!(credit::due(&begun.test, &guardian).unwrap().is_empty());
        let report = credit::report(&begun.test, &guardian, &ReviewDraft::default()).unwrap();
        let kept = report.reviews.iter().find(|review| review.company.as_str() == "arjasmaa").unwrap();
        assert_eq!((kept.enquiries, kept.own), (1, 0));
        assert!(report.reviews.len() == 3, "one for each company");
        // Nobody else signs.
        assert!(credit::sign(&begun.test, &clerk, &ReviewDraft::default()).is_err_and(|error| error.is_not_found()));
    });
}

#[test]
fn a_secret_is_changed_and_stays_with_its_host() {
    let begun = begun(TestPlace::sqlite());
    let (first, second) = (HttpServer::start(good), HttpServer::start(good));
    let service = begun.service(&rest(first.address("/a")));
    let ask = || {
        let id = begun.apply();
        begun.enquire(id, service).unwrap()
    };
    let change = |draft: ServiceDraft| {
        let version = credit::service(&begun.test, &begun.actor, service).unwrap().version;
        let draft = ServiceDraft { partner: begun.partner().to_string(), ..draft };
        credit::change_service(&begun.test, &begun.actor, &asking(), (service, version), &draft).unwrap();
    };
    let last = |server: &HttpServer| server.asked().last().unwrap().header("authorization").map(str::to_owned);
    ask();
    assert_eq!(last(&first).as_deref(), Some("Bearer avain-1"));
    begun.days(1);
    change(ServiceDraft { secret: "Bearer avain-2".into(), ..rest(first.address("/a")) });
    ask();
    assert_eq!(last(&first).as_deref(), Some("Bearer avain-2"), "the new one at once");
    let shown = credit::service(&begun.test, &begun.actor, service).unwrap();
    assert_eq!(shown.secret_at, Some(begun.test.now()));
    change(ServiceDraft { secret: String::new(), ..rest(first.address("/b")) });
    ask();
    assert_eq!(last(&first).as_deref(), Some("Bearer avain-2"), "another path of the same host");
    change(ServiceDraft { secret: String::new(), ..rest(second.address("/b")) });
    ask();
    assert_eq!(last(&second), None, "another host does not learn it");
    assert!(!credit::service(&begun.test, &begun.actor, service).unwrap().has_secret);
    // A service that waits for an answer stays.
    second.answer(|_| Reply::status(500));
    ask();
    assert_eq!(refused(credit::remove_service(&begun.test, &begun.actor, service)), Some(CreditRefused::InUse));
}

#[test]
fn applications_go_with_a_merged_record_and_come_back() {
    each_database(|place| {
        let begun = begun(place);
        let id = begun.answered();
        let kept = person::create(&begun.test, &begun.actor, &samples::person(9), &TestRegister::source()).unwrap();
        let versions = |id| person::show(&begun.test, &begun.actor, id).unwrap().person.version;
        let decided = Decision {
            noun: Noun::Person,
            kept: (kept.0, versions(kept)),
            gone: (begun.customer.0, versions(begun.customer)),
            choice: Choice::default(),
        };
        merge::make(&begun.test, &begun.actor, &decided).unwrap();
        let shown = begun.show(id);
        assert_eq!(shown.application.applicant, Applicant::Person(kept));
        assert_eq!(shown.application.what_for, "Sadevaatteita myymälään laskulla");
        begun.decide(id, "refused").unwrap();
        merge::undo(&begun.test, &begun.actor, kept.0, begun.customer.0).unwrap();
        let shown = begun.show(id);
        assert_eq!(shown.application.applicant, Applicant::Person(begun.customer));
        assert!(shown.application.letter.is_some());
    });
}

/// A step that somebody tries.
#[derive(Clone, Copy, Debug)]
enum Step {
    Enquire,
    Answer,
    GiveUp,
    Decide(&'static str),
    Automatic(&'static str),
    Withdraw,
    Days(i64),
    Job,
}

/// Whatever is tried in whatever order on a real register: no enquiry begins without a pending application, and no refusal
/// after an answer is without its letter.
#[test]
fn no_sequence_of_steps_leaves_a_broken_promise() {
    each_database(|place| {
        let begun = begun(place);
        let service = begun.service(&manual());
        let outcome = prop::sample::select(vec!["granted", "reduced", "refused"]);
        let step = prop_oneof![
            3 => Just(Step::Enquire),
            3 => Just(Step::Answer),
            1 => Just(Step::GiveUp),
            2 => outcome.clone().prop_map(Step::Decide),
            1 => outcome.prop_map(Step::Automatic),
            1 => Just(Step::Withdraw),
            2 => (1_i64..35).prop_map(Step::Days),
            1 => Just(Step::Job),
        ];
        let mut runner = TestRunner::new(Config { cases: 25, failure_persistence: None, ..Config::default() });
        let run = runner.run(&prop::collection::vec(step, 1..14), |steps| {
            let id = begun.apply();
            let mut answers = 0;
            for step in steps {
                let before = begun.show(id);
                let version = before.application.version;
                match step {
                    Step::Enquire => {
                        if begun.enquire(id, service).is_ok() {
                            prop_assert_eq!(before.application.state, ApplicationState::Pending);
                            prop_assert!(before.open().is_none());
                        }
                    }
                    Step::Answer => answers += usize::from(begun.answer(id, &entries()).is_ok()),
                    Step::GiveUp => drop(credit::give_up(&begun.test, &begun.actor, id)),
                    Step::Decide(outcome) => drop(begun.decide(id, outcome)),
                    Step::Automatic(outcome) => {
                        let program = Actor::Program("credit");
                        let decided = credit::decide(&begun.test, &program, (id, version), &decision(outcome));
                        prop_assert!(decided.is_err());
                    }
                    Step::Withdraw => drop(credit::withdraw(&begun.test, &begun.actor, id, version)),
                    Step::Days(days) => begun.days(days),
                    Step::Job => drop(credit::run_out(&begun.test).unwrap()),
                }
                let after = begun.show(id);
                prop_assert!(after.open().is_none() || after.application.state != ApplicationState::Decided);
                let is_bare =
                    after.application.decision.as_ref().is_some_and(|d| d.outcome != credit::Outcome::Granted);
                prop_assert!(!(is_bare && answers > 0) || after.application.letter.is_some());
                let usable = |e: &credit::Enquiry| e.answer.is_none() || e.answer_until >= Some(begun.test.today());
                prop_assert!(after.enquiries.iter().all(usable));
            }
            Ok(())
        });
        run.unwrap();
    });
}

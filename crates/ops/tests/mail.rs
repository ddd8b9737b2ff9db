//! E-mail on both databases, to a real mail server: what is queued arrives as it was written, once or again but never
//! lost, and stands in the log of those whom it is about.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use seloste_domain::draft::DraftText;
use seloste_domain::id::{MailId, OrderId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::notice::without_kind;
use seloste_domain::order::{OrderDraft, OrderState};
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::{Action, Role};
use seloste_domain::usage::{Actor, Refused};
use seloste_ops::mail::{
    self, Confirmation, Enclosure, Filter, MailRefused, MailState, Mailbox, NewMessage, Post, Recipient, Server, Tally,
    Transport, Trouble,
};
use seloste_ops::{OpsError, StoreError, history, log, notice, order, organisation, person};
use seloste_store::Place;
use seloste_testkit::program::{checkout, output_of};
use seloste_testkit::smtp::{MailServer, Peer};
use seloste_testkit::{NOTICE, TestPlace, TestRegister, each_database, samples};

const SENT: Tally = Tally { sent: 1, waiting: 0, failed: 0 };
const WAITING: Tally = Tally { sent: 0, waiting: 1, failed: 0 };
const FAILED: Tally = Tally { sent: 0, waiting: 0, failed: 1 };
const NOTHING: Tally = Tally { sent: 0, waiting: 0, failed: 0 };

fn post(transport: Transport) -> Post {
    Post { transport, from: Mailbox { name: String::new(), address: "myynti@example.com".into() }, reply_to: None }
}

fn smtp(server: &MailServer) -> Post {
    let server = Server::parse(&format!("smtp://127.0.0.1:{}", server.port), None).unwrap();
    post(Transport::Smtp(Box::new(server.with(Some(Duration::from_secs(10)), None))))
}

fn customer(test: &TestRegister, draft: &PersonDraft) -> (PersonId, OrderId) {
    let (actor, source) = (TestRegister::operator(), TestRegister::source());
    let person = person::create(test, &actor, draft, &source).unwrap();
    let order = order::create(test, &actor, &samples::order(1, Some(person)), &source).unwrap();
    (person, order)
}

fn new_id(test: &TestRegister) -> MailId {
    MailId(test.db().env().id())
}

fn confirm(test: &TestRegister, actor: &Actor, order: OrderId) -> seloste_ops::Result<MailId> {
    let confirmation = Confirmation { id: new_id(test), order, seen: None, enclosures: Vec::new() };
    mail::queue_order_confirmation(test, actor, &confirmation)
}

fn send(test: &TestRegister, post: &Post) -> Tally {
    mail::send_due(test, &Actor::Program("mail"), post).unwrap()
}

fn state(test: &TestRegister, id: MailId) -> mail::Mail {
    mail::show(test, &TestRegister::operator(), id).unwrap().0
}

/// The actions of a person's log from the oldest on, with their fields.
fn actions(test: &TestRegister, person: PersonId) -> Vec<(String, String)> {
    test.db().index_log().unwrap();
    let mut entries = history::log_of(test, &TestRegister::operator(), person.0, 100).unwrap();
    entries.reverse();
    let told = entries.into_iter().filter(|event| event.action.starts_with("mail."));
    told.map(|event| (event.action.clone(), event.fields.join(" "))).collect()
}

fn log_is_sound(test: &TestRegister) {
    let report = log::verify(test, &TestRegister::operator(), None).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    // The verifier that shares no code with the program knows messages, too.
    if let Place::Sqlite(database) = &test.db().settings().place {
        let script = checkout().join("tools/verify_log.py");
        let mut command = std::process::Command::new("python3");
        command.arg("-B").arg(script).arg("--sqlite").arg(database).args(["--key", &test.db().verifier_key()]);
        assert!(output_of(&mut command).starts_with("ok: "));
    }
}

fn a_confirmation_arrives(place: TestPlace) {
    let test = TestRegister::create(place);
    let server = Peer::default().start();
    let office = test.actor_in(Role::Office, "arjasmaa");
    let draft =
        PersonDraft { given: "小明".into(), family: "王".into(), language: "sv".into(), ..samples::person(1) };
    let (person, order) = customer(&test, &draft);

    let preview = mail::preview_order_confirmation(&test, &office, order).unwrap();
    assert_eq!(preview.letter.to, "asiakas1@example.com");
    let pdf = Enclosure {
        name: "Orderbekräftelse.pdf".into(),
        media_type: "application/pdf".into(),
        bytes: (0..=255).cycle().take(5000).collect(),
    };
    let confirmation =
        Confirmation { id: new_id(&test), order, seen: Some(preview.seen.clone()), enclosures: vec![pdf.clone()] };
    let id = mail::queue_order_confirmation(&test, &office, &confirmation).unwrap();
    // The same form sent twice.
    assert_eq!(mail::queue_order_confirmation(&test, &office, &confirmation).unwrap(), id);
    assert_eq!(send(&test, &smtp(&server)), SENT);
    assert_eq!(send(&test, &smtp(&server)), NOTHING);

    let messages = server.messages();
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!(message["subject"], "Orderbekräftelse T-00001, Arjasmaa Yhtiöt Oy");
    assert_eq!(message["recipient"], "小明 王 <asiakas1@example.com>");
    assert_eq!(message["author"], "Arjasmaa Yhtiöt Oy <myynti@example.com>");
    assert_eq!(message["id"], format!("<{id}@example.com>"));
    assert_eq!(message["date"], "Mon, 23 Nov 2026 09:00:00 +0000");
    assert_eq!(message["auto"], "auto-generated");
    assert_eq!(message["enclosed"][0][0], "Orderbekräftelse.pdf");
    let enclosed = &mail::show(&test, &office, id).unwrap().1.enclosed[0];
    assert_eq!(message["enclosed"][0][2], enclosed.sha256.as_str());
    let body = message["body"].as_str().unwrap();
    for part in ["Hej 小明 王,", "Kumisaapas (A-1)", "59,85", "Bilagor: Orderbekräftelse.pdf", "Aino Esimerkki"] {
        assert!(body.contains(part), "{part}: {body}");
    }

    let sent = state(&test, id);
    assert_eq!((sent.state, sent.attempts, sent.next_at), (MailState::Sent, 1, None));
    assert_eq!(sent.sent_at, Some(test.now()));
    let told = actions(&test, person);
    let used = |action: &str| (action.to_owned(), "email orders".to_owned());
    assert!(told.contains(&used("mail.send")) && told.contains(&used("mail.deliver")), "{told:?}");
    log_is_sound(&test);
    assert!(matches!(mail::retry(&test, &office, id), Err(OpsError::Mail(MailRefused::State(MailState::Sent)))));
}

#[test]
fn a_confirmation_arrives_as_it_was_written() {
    each_database(a_confirmation_arrives);
}

fn pauses_grow(place: TestPlace) {
    let test = TestRegister::create(place);
    let mut server = Peer::default().start();
    let (person, order) = customer(&test, &samples::person(1));
    let id = confirm(&test, &TestRegister::operator(), order).unwrap();
    server.behave("rcpt-450");
    for (tried, minutes) in (1..).zip([1, 5, 30, 120, 480, 1440]) {
        assert_eq!(send(&test, &smtp(&server)), WAITING);
        assert_eq!(send(&test, &smtp(&server)), NOTHING, "its time has not come");
        let waiting = state(&test, id);
        assert_eq!(
            (waiting.state, waiting.attempts, waiting.trouble),
            (MailState::Queued, tried, Some(Trouble::PutOff))
        );
        assert_eq!(waiting.reply.as_deref(), Some("450"));
        assert_eq!(waiting.next_at.unwrap().duration_since(test.now()), SignedDuration::from_mins(minutes));
        test.clock().advance(SignedDuration::from_mins(minutes));
    }
    assert_eq!(send(&test, &smtp(&server)), FAILED);
    assert_eq!(state(&test, id).state, MailState::Failed);
    assert!(actions(&test, person).iter().any(|(action, _)| action == "mail.fail"));

    server.behave("accept");
    mail::retry(&test, &test.actor(Role::Finance), id).unwrap();
    assert_eq!(send(&test, &smtp(&server)), SENT);
    assert_eq!(server.messages().len(), 1);
    log_is_sound(&test);
}

#[test]
fn what_is_put_off_is_tried_with_growing_pauses_and_then_given_up() {
    each_database(pauses_grow);
}

fn troubles(place: TestPlace) {
    let test = TestRegister::create(place);
    let mut server = Peer::default().start();
    let (_, order) = customer(&test, &samples::person(1));
    let mut quick = smtp(&server);
    if let Transport::Smtp(to) = &mut quick.transport {
        to.timeout = Duration::from_secs(1);
    }
    for (mode, outcome, trouble, reply) in [
        ("rcpt-550", FAILED, Trouble::Refused, Some("550")),
        ("data-554", FAILED, Trouble::Refused, Some("554")),
        ("mail-550", WAITING, Trouble::Sender, Some("550")),
        ("cut", WAITING, Trouble::Connection, None),
        ("hang", WAITING, Trouble::Timeout, None),
    ] {
        server.behave(mode);
        let id = confirm(&test, &TestRegister::operator(), order).unwrap();
        assert_eq!(send(&test, &quick), outcome, "{mode}");
        let now = state(&test, id);
        // An answer that breaks off may be seen as one that makes no sense.
        let found = now.trouble.map(|found| if mode == "cut" && found == Trouble::Answer { trouble } else { found });
        assert_eq!(found, Some(trouble), "{mode}");
        assert_eq!(now.reply.as_deref(), reply, "{mode}");
        if now.state == MailState::Queued {
            mail::cancel(&test, &TestRegister::operator(), id).unwrap();
            assert_eq!(state(&test, id).state, MailState::Cancelled);
        }
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let away = Server::parse(&format!("smtp://127.0.0.1:{nobody}"), None).unwrap();
    confirm(&test, &TestRegister::operator(), order).unwrap();
    assert_eq!(send(&test, &post(Transport::Smtp(Box::new(away)))), WAITING);
    // What the server says may name the address; what is kept does not.
    let rows = mail::list(&test, &TestRegister::operator(), &Filter::default(), 50).unwrap().rows;
    assert!(rows.iter().all(|(mail, _)| !format!("{mail:?}").contains("asiakas1")), "{rows:?}");
    assert_eq!(rows[0].0.trouble, Some(Trouble::Connection));
}

#[test]
fn each_trouble_is_told_apart() {
    each_database(troubles);
}

fn it_arrives_again(place: TestPlace) {
    let mut test = TestRegister::create(place);
    let mut server = Peer::default().start();
    let (_, order) = customer(&test, &samples::person(1));
    let operator = TestRegister::operator();
    let id = confirm(&test, &operator, order).unwrap();
    // The server has it, but its answer is lost.
    server.behave("cut-after-data");
    assert_eq!(send(&test, &smtp(&server)), WAITING);
    let first = server.messages().remove(0);
    server.behave("accept");
    test.clock().advance(SignedDuration::from_mins(1));
    assert_eq!(send(&test, &smtp(&server)), SENT);
    let second = server.messages().remove(0);
    assert_eq!(first["id"], format!("<{id}@example.com>"));
    assert_eq!(first["sha256"], second["sha256"], "the same message, byte for byte");

    // The program is killed between sending and marking: the next one waits for the lease to end.
    let id = confirm(&test, &operator, order).unwrap();
    let usage = test.authorize(&operator, Action::MailDeliver).unwrap();
    let (now, lease) = (test.now(), test.now().checked_add(SignedDuration::from_mins(15)).unwrap());
    let due = test.db().look(|tx| seloste_store::mail::due(tx, now)).unwrap().unwrap();
    let mut take = due.clone();
    take.id = id;
    assert_eq!(due, take);
    let again = due.clone();
    assert!(test.db().write(&usage, move |w| seloste_store::mail::take(w, &due, now, lease)).unwrap().is_some());
    assert!(test.db().write(&usage, move |w| seloste_store::mail::take(w, &again, now, lease)).unwrap().is_none());
    test.reopen();
    assert_eq!(send(&test, &smtp(&server)), NOTHING);
    assert!(matches!(mail::cancel(&test, &operator, id), Err(OpsError::Mail(MailRefused::State(MailState::Sending)))));
    test.clock().advance(SignedDuration::from_mins(15));
    assert_eq!(send(&test, &smtp(&server)), SENT);
    assert_eq!(server.messages().remove(0)["id"], format!("<{id}@example.com>"));
    assert_eq!(state(&test, id).attempts, 2);
    log_is_sound(&test);
}

#[test]
fn a_message_arrives_at_least_once_under_one_id() {
    each_database(it_arrives_again);
}

/// An authority's certificate as a file, and a server's certificate with its key.
fn certificates(folder: &Path, name: &str) -> (std::path::PathBuf, std::path::PathBuf) {
    let (trusted, pem) = (folder.join(format!("{name}-ca.pem")), folder.join(format!("{name}.pem")));
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    std::fs::write(&trusted, params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&pem, params.signed_by(&key, &issuer).unwrap().pem() + &key.serialize_pem()).unwrap();
    (trusted, pem)
}

#[test]
fn a_connection_is_private_or_nothing_is_sent() {
    let test = TestRegister::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let (trusted, pem) = certificates(folder.path(), "ours");
    let (other, _) = certificates(folder.path(), "other");
    let (_, order) = customer(&test, &samples::person(1));
    let operator = TestRegister::operator();
    for (tls, scheme) in [("starttls", "starttls"), ("implicit", "smtps")] {
        let login = Some("myynti@example.com:salainen sana");
        let server = Peer { tls, pem: Some(pem.clone()), login, ..Peer::default() }.start();
        let with = |host: &str, password: &str, trusted: &Path| {
            let url = format!("{scheme}://myynti@example.com@{host}:{}", server.port);
            let to = Server::parse(&url, Some(password.into())).unwrap();
            post(Transport::Smtp(Box::new(to.with(Some(Duration::from_secs(10)), Some(trusted)))))
        };
        for (post, trouble) in [
            (with("localhost", "salainen sana", &other), Trouble::Tls),
            (with("127.0.0.1", "salainen sana", &trusted), Trouble::Tls),
            (with("localhost", "arvaus", &trusted), Trouble::SignIn),
        ] {
            let id = confirm(&test, &operator, order).unwrap();
            assert_eq!(send(&test, &post), WAITING, "{tls}");
            assert_eq!(state(&test, id).trouble, Some(trouble), "{tls}");
            mail::cancel(&test, &operator, id).unwrap();
            assert!(server.messages().is_empty());
        }
        confirm(&test, &operator, order).unwrap();
        assert_eq!(send(&test, &with("localhost", "salainen sana", &trusted)), SENT, "{tls}");
        let message = server.messages().remove(0);
        assert_eq!((message["tls"].as_bool(), message["login"].as_str()), (Some(true), Some("myynti@example.com")));
    }
    // A server without STARTTLS gets nothing, not even the name of the recipient.
    let plain = Peer::default().start();
    let to = Server::parse(&format!("starttls://localhost:{}", plain.port), None).unwrap();
    let id = confirm(&test, &operator, order).unwrap();
    assert_eq!(send(&test, &post(Transport::Smtp(Box::new(to.with(None, Some(&trusted)))))), WAITING);
    assert_eq!(state(&test, id).trouble, Some(Trouble::Tls));
    assert!(plain.messages().is_empty());
}

#[test]
fn letters_beyond_ascii_in_an_address_need_a_server_that_knows_them() {
    let test = TestRegister::sqlite();
    let draft = PersonDraft { emails: vec![DraftText::new("äijä@äijä.example")], ..samples::person(1) };
    let (_, order) = customer(&test, &draft);
    let (knows, not) = (Peer::default().start(), Peer { only_ascii: true, ..Peer::default() }.start());
    confirm(&test, &TestRegister::operator(), order).unwrap();
    assert_eq!(send(&test, &smtp(&knows)), SENT);
    let message = knows.messages().remove(0);
    assert!(message["to"][0].as_str().unwrap().starts_with("äijä@xn--"), "{message}");
    let id = confirm(&test, &TestRegister::operator(), order).unwrap();
    assert_eq!(send(&test, &smtp(&not)), FAILED);
    assert_eq!(state(&test, id).trouble, Some(Trouble::Letters));
    assert!(not.messages().is_empty());
}

fn refusals(place: TestPlace) {
    let test = TestRegister::create(place);
    let (operator, source) = (TestRegister::operator(), TestRegister::source());
    let (person, order) = customer(&test, &samples::person(1));
    let refused = |result: seloste_ops::Result<MailId>| match result {
        Err(OpsError::Mail(why)) => Some(why),
        _ => None,
    };
    for role in [Role::Reader, Role::Marketing, Role::Administrator, Role::Auditor] {
        let no = confirm(&test, &test.actor(role), order);
        assert!(matches!(no, Err(OpsError::Refused(Refused::NoRight(Action::MailSend)))), "{role}: {no:?}");
    }
    let other_company = test.actor_in(Role::Office, "verkkokauppa");
    assert!(matches!(confirm(&test, &other_company, order), Err(OpsError::Store(StoreError::NotFound("order")))));

    let nobody = PersonDraft { emails: Vec::new(), ..samples::person(2) };
    let nobody = person::create(&test, &operator, &nobody, &source).unwrap();
    let without = order::create(&test, &operator, &samples::order(2, Some(nobody)), &source).unwrap();
    assert_eq!(refused(confirm(&test, &operator, without)), Some(MailRefused::NoAddress));

    // An organisation's order: its own address, when the person who placed it has none.
    let company = organisation::create(&test, &operator, &samples::organisation(3), &source).unwrap();
    let draft = OrderDraft { organisation: Some(company), ..samples::order(3, Some(nobody)) };
    let of_both = order::create(&test, &operator, &draft, &source).unwrap();
    let preview = mail::preview_order_confirmation(&test, &operator, of_both).unwrap();
    assert_eq!(preview.letter.to, "toimisto3@example.com");
    assert_eq!(preview.letter.parties.len(), 2);

    // What is queued is what was shown.
    let seen = mail::preview_order_confirmation(&test, &operator, order).unwrap().seen;
    let card = person::show(&test, &operator, person).unwrap().person;
    let mut moved = card.draft(test.today());
    moved.emails = vec![DraftText::new("uusi@example.com")];
    person::change(&test, &operator, person, card.version, &moved, &source).unwrap();
    let confirmation = Confirmation { id: new_id(&test), order, seen: Some(seen), enclosures: Vec::new() };
    let changed = mail::queue_order_confirmation(&test, &operator, &confirmation);
    assert_eq!(refused(changed), Some(MailRefused::Changed));
    let large = Enclosure {
        name: "a.pdf".into(),
        media_type: "application/pdf".into(),
        bytes: vec![0; seloste_domain::mail::MAX_ENCLOSED + 1],
    };
    let confirmation = Confirmation { seen: None, enclosures: vec![large], ..confirmation };
    let too_large = mail::queue_order_confirmation(&test, &operator, &confirmation);
    assert_eq!(refused(too_large), Some(MailRefused::TooLarge));

    let version = order::show(&test, &operator, order).unwrap().order.version;
    order::set_state(&test, &operator, order, version, OrderState::Cancelled).unwrap();
    assert!(matches!(confirm(&test, &operator, order), Err(OpsError::OrderState("cancelled"))));
    assert!(mail::list(&test, &operator, &Filter::default(), 50).unwrap().rows.is_empty());
    log_is_sound(&test);
}

#[test]
fn what_can_not_be_sent_is_refused_clearly() {
    each_database(refusals);
}

fn the_notice_decides(place: TestPlace) {
    let test = TestRegister::create(place);
    let server = Peer::default().start();
    let operator = TestRegister::operator();
    let (_, order) = customer(&test, &samples::person(1));
    let id = confirm(&test, &operator, order).unwrap();
    let silent = without_kind(NOTICE, Kind::Email).replacen("version = 1", "version = 2", 1);
    notice::publish(&test, &operator, &silent, 1).unwrap();
    // What was queued before is not sent any more, and nothing new is queued.
    assert_eq!(send(&test, &smtp(&server)), FAILED);
    assert_eq!(state(&test, id).trouble, Some(Trouble::Undeclared));
    let refused = confirm(&test, &operator, order);
    assert!(matches!(refused, Err(OpsError::Mail(MailRefused::Undeclared))), "{refused:?}");
    assert!(server.messages().is_empty());
}

#[test]
fn without_e_mail_in_the_notice_nothing_is_sent() {
    each_database(the_notice_decides);
}

fn a_message_of_ones_own(place: TestPlace) {
    let test = TestRegister::create(place);
    let office = test.actor_in(Role::Office, "arjasmaa");
    let (person, _) = customer(&test, &samples::person(2));
    let message = NewMessage {
        id: new_id(&test),
        recipient: Recipient::Person(person),
        company: "arjasmaa".parse().unwrap(),
        purpose: "customer_relationship".parse().unwrap(),
        subject: "Hei\r\nBcc: kaikki@example.com".into(),
        body: "Tervetuloa.\n.\nLoppu".into(),
        enclosures: Vec::new(),
    };
    let other = NewMessage { purpose: "horoscopes".parse().unwrap(), ..message.clone() };
    assert!(matches!(mail::queue_message(&test, &office, &other), Err(OpsError::Refused(Refused::NoPurpose(_)))));
    let id = mail::queue_message(&test, &office, &message).unwrap();
    let outbox = test.place().data().join("outbox");
    assert_eq!(send(&test, &post(Transport::Outbox(outbox.clone()))), SENT);
    let files: Vec<_> = std::fs::read_dir(&outbox).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, [format!("{id}.eml").as_str()]);
    let text = std::fs::read_to_string(outbox.join(format!("{id}.eml"))).unwrap();
    assert!(!text.contains("\nBcc:") && text.contains("Subject: Hei Bcc: kaikki@example.com\r\n"), "{text}");

    // The history keeps what was said until the person is erased; then nothing of it is left, and the log is sound.
    assert!(mail::show(&test, &office, id).unwrap().1.body.contains("Tervetuloa."));
    let (mail, _) = mail::show(&test, &office, id).unwrap();
    assert_eq!(mail.purpose.as_str(), "customer_relationship");
    let server = Peer::default().start();
    let again = mail::queue_message(&test, &office, &NewMessage { id: new_id(&test), ..message }).unwrap();
    assert_eq!(send(&test, &smtp(&server)), SENT);
    let message = server.messages().remove(0);
    assert_eq!(message["to"].as_array().unwrap().len(), 1);
    assert!(message["body"].as_str().unwrap().starts_with("Tervetuloa.\r\n.\r\nLoppu\r\n"), "{message}");
    assert_ne!(again, id);
    log_is_sound(&test);
}

#[test]
fn a_message_of_ones_own_goes_for_a_declared_purpose() {
    each_database(a_message_of_ones_own);
}

fn erased(place: TestPlace) {
    let test = TestRegister::create(place);
    let operator = TestRegister::operator();
    let (person, order) = customer(&test, &samples::person(1));
    let file = Enclosure { name: "a.pdf".into(), media_type: "application/pdf".into(), bytes: vec![7; 100] };
    let confirmation = Confirmation { id: new_id(&test), order, seen: None, enclosures: vec![file] };
    let id = mail::queue_order_confirmation(&test, &operator, &confirmation).unwrap();
    let usage = test.authorize(&operator, Action::ImportUndo).unwrap();
    let erase = move |w: &mut seloste_store::Writing<'_, '_>| {
        seloste_store::order::delete(w, order)?;
        let of_order = seloste_store::mail::head(w, id)?.state;
        seloste_store::party::erase(w, seloste_store::party::Noun::Person, person.into())?;
        Ok(of_order)
    };
    assert_eq!(test.db().write(&usage, erase).unwrap(), MailState::Cancelled);
    assert!(matches!(mail::show(&test, &operator, id), Err(OpsError::Store(StoreError::NotFound("message")))));
    log_is_sound(&test);
}

#[test]
fn who_is_erased_takes_their_messages_along() {
    each_database(erased);
}

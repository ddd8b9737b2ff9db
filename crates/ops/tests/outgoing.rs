//! What leaves the program: every door is known and reviewed, and a person's report of disclosures says exactly what a
//! capture of all that left for partners shows.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use seloste_domain::id::{MailId, PartnerId, PersonId};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::language::Language;
use seloste_domain::letter::Letter;
use seloste_domain::notice::without_kind;
use seloste_domain::rights::Role;
use seloste_domain::usage::Actor;
use seloste_ops::disclosure::{self, Case};
use seloste_ops::legal_request::{self, LegalFile, LegalRequestDraft};
use seloste_ops::partner::{self, PartnerDraft};
use seloste_ops::recall::{self, Filter};
use seloste_ops::{OpsError, mail, notice, partner_document, person};
use seloste_testkit::program::checkout;
use seloste_testkit::raw::Raw;
use seloste_testkit::smtp::{MailServer, Peer};
use seloste_testkit::{NOTICE, TestRegister, each_database, samples};

/// What in a source opens a door, by sort.
const SIGNS: [(&str, &[&str]); 6] = [
    ("attachment", &["CONTENT_DISPOSITION"]),
    ("einvoice", &["seloste_einvoice::finvoice", "seloste_einvoice::ubl"]),
    ("file", &["File::create", "File::options", "fs::write", "OpenOptions", "fs::copy", "Export::new"]),
    (
        "network",
        &[
            "TcpStream",
            "UdpSocket",
            "UnixStream",
            "lettre::",
            "ureq::",
            ".transport.send",
            "fetcher.post(",
            "fetcher.tell(",
        ],
    ),
    ("permit", &["domain::disclosure::Permit", "decide_recall"]),
    ("print", &["print::print", "pdf::render"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The doors of a source, its tests left out.
fn doors(source: &str) -> BTreeSet<&'static str> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let has = |signs: &[&str]| signs.iter().any(|sign| code.contains(sign));
    SIGNS.iter().filter(|(_, signs)| has(signs)).map(|(name, _)| *name).collect()
}

#[test]
fn every_door_out_is_known_and_reviewed() {
    let mut reviewed = BTreeMap::new();
    for line in include_str!("doors.txt").lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [file, sorts, what, why] = &columns[..] else { unreachable!("{line}") };
        assert!(["disclosure", "own", "inside", "nothing"].contains(what) && !why.is_empty(), "{line}");
        let sorts: BTreeSet<&str> = sorts.split_whitespace().collect();
        assert!(reviewed.insert((*file).to_owned(), (sorts, *what, *why)).is_none(), "{file} twice");
    }
    let root = checkout();
    let mut files = Vec::new();
    for krate in std::fs::read_dir(root.join("crates")).unwrap() {
        let krate = krate.unwrap().path();
        // The kit of the tests is in no program. The doors of domain and the two permit modules are the rule itself.
        if !krate.ends_with("testkit") {
            sources(&krate.join("src"), &mut files);
        }
    }
    let rule = ["crates/domain/src/disclosure.rs", "crates/store/src/disclosure.rs", "crates/ops/src/disclosure.rs"];
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let source = std::fs::read_to_string(&file).unwrap();
        let found = doors(&source);
        if name.ends_with("_tests.rs") || rule.contains(&name.as_str()) || found.is_empty() {
            continue;
        }
        let known = reviewed.remove(&name);
        let known = known.unwrap_or_else(|| (BTreeSet::new(), "not reviewed", ""));
        assert_eq!(
            (known.0, true),
            (found.clone(), known.1 != "not reviewed"),
            "{name} has doors that are not reviewed"
        );
        if known.1 == "disclosure" && name.starts_with("crates/ops/") {
            // A file that only makes the bytes names the one that calls it, and that records.
            let by = known.2.split("recorded by ").nth(1);
            let recording = by.map_or(source, |by| std::fs::read_to_string(root.join(by)).unwrap());
            assert!(recording.contains("disclosure::record(w, "), "{name} lets out what it does not record");
        }
    }
    assert!(reviewed.is_empty(), "reviewed, but no door any more: {:?}", reviewed.keys());
}

fn authority(name: &str) -> PartnerDraft {
    PartnerDraft {
        name: name.into(),
        under: "recipient:authorities".into(),
        role: "recipient".into(),
        kinds: Kind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect(),
        purposes: vec!["accountability".into()],
        interface: "post".into(),
        ..PartnerDraft::default()
    }
}

fn request(kinds: Kinds, granted: bool) -> LegalRequestDraft {
    LegalRequestDraft {
        asked_by: "Tarkastaja".into(),
        law: "laki 1 §".into(),
        asked_for: "tiedot".into(),
        asked_on: "2026-11-20".into(),
        document: "DIA 1".into(),
        decided_by: "Aino".into(),
        granted,
        reason: "laki".into(),
        kinds: kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
    }
}

/// Who received what: partner, person, kinds.
type Captured = Vec<(PartnerId, PersonId, Vec<Kind>)>;

/// What a file for an authority shows to somebody who knows nothing of the register.
fn read(partner: PartnerId, made: &LegalFile, captured: &mut Captured) {
    let file: serde_json::Value = serde_json::from_slice(&made.json()).unwrap();
    let rows = file["people"].as_array().unwrap().iter().map(|person| person["data"].as_array().unwrap().len());
    let csv = String::from_utf8(made.csv()).unwrap();
    assert_eq!(csv.lines().count(), 1 + rows.sum::<usize>(), "the spreadsheet has as many values as the other form");
    for person in file["people"].as_array().unwrap() {
        let id = person["person"].as_str().unwrap().parse().unwrap();
        let kinds: BTreeSet<Kind> = person["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|datum| datum["kind"].as_str().unwrap().parse().unwrap())
            .collect();
        captured.push((partner, id, kinds.into_iter().collect()));
    }
}

/// What a partner is told, in words: each datum on a row of its own.
fn as_mail(told: &recall::Told) -> Letter {
    let mut rows = vec![format!("henkilö {}", told.recall.party)];
    if let Some(about) = &told.about {
        rows.extend(about.name.iter().map(|name| format!("name {name}")));
        rows.extend(about.customer_number.iter().map(|number| format!("customer_number {number}")));
        rows.extend(about.values.iter().map(|(kind, value)| format!("{kind} {}", value.replace('\n', ", "))));
    }
    Letter {
        company: samples::COMPANY.parse().unwrap(),
        language: Language::Fi,
        heading: "Ilmoitus".into(),
        body: rows.join("\n"),
        closing: "Terveisin".into(),
        signatory: "Aino Esimerkki".into(),
    }
}

/// What a message to a partner shows to somebody who took it from the wire.
fn read_mail(partner: PartnerId, body: &str, captured: &mut Captured) {
    let words = || body.lines().filter_map(|line| line.split_once(' '));
    let person = words().find(|(word, _)| *word == "henkilö").unwrap().1.trim().parse().unwrap();
    let kinds: BTreeSet<Kind> = words().filter_map(|(word, _)| word.parse().ok()).collect();
    if !kinds.is_empty() {
        captured.push((partner, person, kinds.into_iter().collect()));
    }
}

fn post(server: &MailServer) -> mail::Post {
    let server = mail::Server::parse(&format!("smtp://127.0.0.1:{}", server.port), None).unwrap();
    let server = server.with(Some(std::time::Duration::from_secs(10)), None);
    let from = mail::Mailbox { name: String::new(), address: "myynti@example.com".into() };
    mail::Post { transport: mail::Transport::Smtp(Box::new(server)), from, reply_to: None }
}

#[test]
fn a_persons_report_says_exactly_what_left() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (actor, source) = (TestRegister::operator(), TestRegister::source());
        let people: Vec<PersonId> =
            (0..8).map(|n| person::create(&test, &actor, &samples::person(n), &source).unwrap()).collect();
        let partners = ["Ulosotto", "Verottaja"].map(|name| partner::create(&test, &actor, &authority(name)).unwrap());
        let mut wired = authority("Sähköpostitse");
        (wired.interface, wired.email) = ("email".into(), "perinta@example.com".into());
        let by_email = partner::create(&test, &actor, &wired).unwrap();
        let partners = [partners[0], partners[1], by_email];
        let (mut rng, mut captured): (_, Captured) = (StdRng::seed_from_u64(7), Vec::new());
        let kinds = [Kind::Name, Kind::Email, Kind::PostalAddress, Kind::Telephone, Kind::Organisation];
        for round in 0..60 {
            let partner = partners[rng.random_range(0..3)];
            let some: Vec<PersonId> = people.iter().copied().filter(|_| rng.random_range(0..3) == 0).collect();
            let fields: Kinds = kinds.into_iter().filter(|_| rng.random_range(0..2) == 0).collect();
            let granted = rng.random_range(0..4) != 0;
            match legal_request::record(&test, &actor, partner, &some, &request(fields, granted)) {
                Ok(made) => {
                    assert_eq!(made.file.is_some(), granted);
                    made.file.iter().for_each(|file| read(partner, file, &mut captured));
                }
                Err(OpsError::Fields(_) | OpsError::Disclosure(_)) => {}
                Err(error) => unreachable!("round {round}: {error}"),
            }
            if round % 5 == 4 {
                let id = people[rng.random_range(0..people.len())];
                let card = person::show(&test, &actor, id).unwrap().person;
                let mut draft = card.draft(test.today());
                draft.family = format!("Muuttunut {round}");
                draft.telephones[0].text = format!("+358 40 {round:07}");
                person::change(&test, &actor, id, card.version, &draft, &source).unwrap();
            }
        }
        // What a letter to a recipient shows left, too; one recipient is told by e-mail, over a real mail server. What goes to
        // customers themselves leaves by the same server, and is no disclosure.
        let own = mail::NewMessage {
            id: MailId(test.db().env().id()),
            recipient: mail::Recipient::Person(people[0]),
            company: samples::COMPANY.parse().unwrap(),
            purpose: "customer_relationship".parse().unwrap(),
            subject: "Kiitos".into(),
            body: "Kiitos tilauksesta.".into(),
            enclosures: Vec::new(),
        };
        mail::queue_message(&test, &actor, &own).unwrap();
        for waiting in recall::list(&test, &actor, &Filter::default()).unwrap() {
            if waiting.partner == by_email {
                recall::send_email(&test, &actor, waiting.id, as_mail).unwrap();
                continue;
            }
            let told = recall::tell(&test, &actor, waiting.id).unwrap();
            let Some(about) = told.about else { continue };
            let mut shown: BTreeSet<Kind> = about.values.iter().map(|(kind, _)| *kind).collect();
            shown.extend(about.name.map(|_| Kind::Name));
            shown.extend(about.customer_number.map(|_| Kind::CustomerNumber));
            let person = PersonId(told.recall.party.0);
            captured.push((told.partner.id, person, shown.into_iter().collect()));
        }
        let server = Peer::default().start();
        mail::send_due(&test, &Actor::Program("mail"), &post(&server)).unwrap();
        let messages = server.messages();
        let (to_partner, to_customers): (Vec<_>, Vec<_>) =
            messages.iter().partition(|message| message["recipient"].as_str().unwrap().contains("perinta@example.com"));
        assert!(to_partner.len() >= 3, "{}", to_partner.len());
        assert_eq!(to_customers.len(), 1, "and nothing goes to anybody else");
        assert!(to_customers[0]["recipient"].as_str().unwrap().contains("asiakas0@example.com"));
        to_partner.iter().for_each(|message| read_mail(by_email, message["body"].as_str().unwrap(), &mut captured));
        assert!(captured.len() > 20, "{}", captured.len());
        let mut reported: Captured = Vec::new();
        for id in &people {
            let found = disclosure::of_party(&test, &actor, (*id).into()).unwrap();
            reported.extend(found.into_iter().map(|made| (made.partner, *id, made.fields.iter().collect())));
        }
        captured.sort();
        reported.sort();
        assert_eq!(captured, reported);
        let all = disclosure::list(&test, &actor, &disclosure::Filter::default(), 1_000).unwrap();
        assert_eq!(all.iter().map(|made| made.people).sum::<i64>(), i64::try_from(captured.len()).unwrap());
    });
}

#[test]
fn what_a_law_asks_for_needs_its_note_and_a_declared_authority() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let actor = TestRegister::operator();
        let person = person::create(&test, &actor, &samples::person(1), &TestRegister::source()).unwrap();
        let authority = partner::create(&test, &actor, &authority("Ulosotto")).unwrap();
        let fields: Kinds = [Kind::Name, Kind::Telephone].into_iter().collect();
        let ask = |draft: &LegalRequestDraft| legal_request::record(&test, &actor, authority, &[person], draft);
        for without in [
            LegalRequestDraft { law: String::new(), ..request(fields, true) },
            LegalRequestDraft { decided_by: " ".into(), ..request(fields, true) },
            LegalRequestDraft { asked_by: String::new(), ..request(fields, true) },
        ] {
            assert!(matches!(ask(&without), Err(OpsError::Fields(_))));
        }
        assert!(legal_request::list(&test, &actor).unwrap().is_empty());
        let refused = ask(&request(fields, false)).unwrap();
        assert!(refused.file.is_none() && disclosure::of_party(&test, &actor, person.into()).unwrap().is_empty());
        let made = ask(&request(fields, true)).unwrap();
        let found = disclosure::of_party(&test, &actor, person.into()).unwrap();
        assert_eq!(found[0].case, Case::LegalRequest(made.id));
        assert_eq!(legal_request::list(&test, &actor).unwrap()[0].disclosure, Some(found[0].id));

        // A kind that the notice no longer declares leaves for nobody, whatever the partner was given.
        let narrowed = without_kind(NOTICE, Kind::Telephone).replace("version = 1", "version = 2");
        notice::publish(&test, &actor, &narrowed, 1).unwrap();
        assert!(matches!(ask(&request(fields, true)), Err(OpsError::Fields(_))));
        assert_eq!(disclosure::of_party(&test, &actor, person.into()).unwrap().len(), 1);
    });
}

#[test]
fn a_recipient_is_told_reminded_and_acknowledges() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let (actor, source) = (TestRegister::operator(), TestRegister::source());
        let id = person::create(&test, &actor, &samples::person(1), &source).unwrap();
        let authority = partner::create(&test, &actor, &authority("Ulosotto")).unwrap();
        let fields: Kinds = [Kind::Name, Kind::Telephone].into_iter().collect();
        legal_request::record(&test, &actor, authority, &[id], &request(fields, true)).unwrap();
        let card = person::show(&test, &actor, id).unwrap().person;
        let mut draft = card.draft(test.today());
        draft.telephones[0].text = "+358 40 7654321".into();
        person::change(&test, &actor, id, card.version, &draft, &source).unwrap();
        assert_eq!(recall::counts(&test, &actor).unwrap(), (1, 0));
        let waiting = recall::list(&test, &actor, &Filter { open: true, ..Filter::default() }).unwrap().remove(0);
        let told = recall::tell(&test, &actor, waiting.id).unwrap();
        let about = told.about.unwrap();
        assert_eq!((about.values.len(), about.values[0].0), (1, Kind::Telephone));
        assert!(about.values[0].1.contains("765"), "{}", about.values[0].1);
        assert!(about.customer_number.is_none(), "it has not had the number");
        assert_eq!(told.references.len(), 1);
        // Printing is not sending: a person says when the letter has gone.
        assert_eq!((told.recall.state, recall::counts(&test, &actor).unwrap()), (recall::RecallState::Waiting, (1, 0)));
        recall::mark_sent(&test, &actor, waiting.id).unwrap();
        test.clock().advance(jiff::SignedDuration::from_hours(24 * 15));
        assert_eq!(recall::counts(&test, &actor).unwrap(), (0, 1));
        let late = recall::list(&test, &actor, &Filter { open: true, ..Filter::default() }).unwrap().remove(0);
        assert!(recall::is_to_be_chased(&test, &late));
        recall::mark_sent(&test, &actor, waiting.id).unwrap();
        assert_eq!(recall::tell(&test, &actor, waiting.id).unwrap().recall.chased, 1);
        // It is told by post: no e-mail goes to it.
        let letter = |told: &recall::Told| unreachable!("{told:?}");
        assert!(matches!(recall::send_email(&test, &actor, waiting.id, letter), Err(OpsError::Fields(_))));
        assert!(recall::close(&test, &actor, waiting.id, recall::RecallState::Waived, " ").is_err());

        // The partner's own interface: nobody else's recalls, and acknowledging twice is as good as once.
        let other = partner::create(&test, &actor, &self::authority("Verottaja")).unwrap();
        let usage = test.authorize(&actor, seloste_domain::rights::Action::RecallHandle).unwrap();
        let pulled = test.db().write(&usage, move |w| {
            assert!(recall::pull(w, other, None, 10)?.is_empty());
            assert!(recall::acknowledge(w, other, waiting.id).is_err());
            let pulled = recall::pull(w, authority, None, 10)?;
            assert!(recall::acknowledge(w, authority, waiting.id)? && recall::acknowledge(w, authority, waiting.id)?);
            Ok(pulled.len())
        });
        assert_eq!(pulled.unwrap(), 1);
        assert_eq!(recall::counts(&test, &actor).unwrap(), (0, 0));
        assert!(recall::tell(&test, &actor, waiting.id).is_err_and(|error| recall::is_closed(&error)));
        assert!(recall::mark_sent(&test, &actor, waiting.id).is_err_and(|error| recall::is_closed(&error)));
    });
}

#[test]
fn the_documents_of_a_contract_are_sealed_logged_and_for_those_who_look_after_it() {
    each_database(|place| {
        let test = TestRegister::create(place);
        let actor = test.actor(Role::DataProtection);
        let id = partner::create(&test, &actor, &authority("Ulosotto")).unwrap();
        let other = partner::create(&test, &actor, &authority("Verottaja")).unwrap();
        let pdf = b"%PDF-1.7\nSALAINEN SOPIMUSEHTO\nstartxref\n9\n%%EOF\n";
        let document = partner_document::add(&test, &actor, id, "Sopimus 1.pdf", pdf).unwrap();
        assert!(matches!(partner_document::add(&test, &actor, id, "a.pdf", b"PK..."), Err(OpsError::Fields(_))));
        let listed = partner_document::of(&test, &actor, id).unwrap();
        assert_eq!(
            (listed.len(), listed[0].file_name.as_str(), listed[0].size),
            (1, "Sopimus 1.pdf", pdf.len() as u64)
        );
        let sealed = Raw::open(&test.db().settings().place).rows("SELECT content FROM partner_document");
        assert_eq!(sealed.len(), 1);
        assert!(!format!("{sealed:?}").contains("SALAINEN"), "it is not readable in the database");
        let (found, bytes) = partner_document::open(&test, &actor, id, document).unwrap();
        assert_eq!((found.id, bytes.as_slice()), (document, pdf.as_slice()));
        // Another partner's page does not lead to it, and others than those who look after contracts do not get it.
        assert!(partner_document::open(&test, &actor, other, document).is_err_and(|error| error.is_not_found()));
        for role in [Role::Office, Role::Reader, Role::Finance] {
            let stranger = test.actor(role);
            assert!(partner_document::open(&test, &stranger, id, document).is_err_and(|error| error.is_not_found()));
            assert!(partner_document::add(&test, &stranger, id, "a.pdf", pdf).is_err());
            assert!(partner_document::remove(&test, &stranger, id, document).is_err());
        }
        partner_document::remove(&test, &actor, id, document).unwrap();
        assert!(partner_document::of(&test, &actor, id).unwrap().is_empty());
        let log = seloste_ops::log::newest(&test, &TestRegister::operator(), None, 100).unwrap();
        let told = |what: &str| {
            let object = format!("partner_document:{document}:{what}");
            log.iter().filter(|entry| entry.objects.contains(&object)).count()
        };
        assert_eq!(["added", "opened", "removed"].map(told), [1, 1, 1]);
    });
}

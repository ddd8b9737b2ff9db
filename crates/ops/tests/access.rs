//! The package of everything about a person: complete by construction, and nobody else's.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use seloste_domain::access::MASK;
use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::id::{MailId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_domain::letter::LetterDraft;
use seloste_domain::order::{LineDraft, OrderDraft};
use seloste_domain::person::PersonDraft;
use seloste_domain::rights::{Action, Role};
use seloste_ops::access::{self, TABLES};
use seloste_ops::mail::{NewMessage, Recipient, queue_message};
use seloste_ops::prohibition::ProhibitionDraft;
use seloste_ops::request::{self, RequestDraft, RequestRefused};
use seloste_ops::restriction::RestrictionDraft;
use seloste_ops::{OpsError, credit, invoice, letter, order, person, prohibition, restriction};
use seloste_testkit::program::checkout;
use seloste_testkit::raw::Raw;
use seloste_testkit::{TestPlace, TestRegister, each_database, samples, schema};

/// The columns of every table, from the database's own catalogue.
fn columns(raw: &mut Raw) -> BTreeMap<String, BTreeSet<String>> {
    let sql = match raw {
        Raw::Sqlite(_) => {
            "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' \
             AND t.name NOT LIKE 'sqlite_%'"
        }
        Raw::Postgres(_) => {
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in raw.rows(sql) {
        found.entry(row[0].clone()).or_default().insert(row[1].clone());
    }
    found
}

fn walked(place: TestPlace) {
    let test = TestRegister::create(place);
    let schema = columns(&mut Raw::open(&test.db().settings().place));
    let listed: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(listed.len(), TABLES.len(), "a table stands twice");
    let tables: BTreeSet<&str> = schema.keys().map(String::as_str).collect();
    let unknown: Vec<_> = tables.symmetric_difference(&listed).collect();
    assert!(unknown.is_empty(), "give these tables a part in the package, or a reason why not: {unknown:?}");
    for table in TABLES {
        match &table.part {
            Ok(part) => {
                let known: BTreeSet<String> = part.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
                assert_eq!(known, schema[table.name], "columns of {}", table.name);
            }
            Err(why) => assert!(!why.is_empty()),
        }
    }
}

#[test]
fn every_table_and_column_is_in_the_package_or_has_a_reason_not_to_be() {
    each_database(walked);
}

/// Words that no other person has: letters only, so that nothing takes them apart.
fn word(person: usize, number: usize) -> String {
    let letters = |mut n: usize| {
        let mut text = String::new();
        loop {
            text.push(char::from(b'a' + u8::try_from(n % 16).unwrap()));
            n /= 16;
            if n == 0 {
                return text;
            }
        }
    };
    format!("Zq{}w{}x", letters(person), letters(number))
}

struct World {
    test: TestRegister,
    people: Vec<PersonId>,
    /// What was stored of each.
    words: Vec<Vec<String>>,
    /// What was stored with one's own that names somebody else.
    foreign: Vec<String>,
    number: usize,
}

impl World {
    fn new(place: TestPlace, people: usize) -> Self {
        let test = TestRegister::create(place);
        let billing = BillingDraft {
            vat_registered: true,
            address: samples::address(1),
            iban: "FI7944052020036082".into(),
            bic: "NDEAFIHH".into(),
            ..BillingDraft::default()
        };
        let operator = TestRegister::operator();
        invoice::set_billing(&test, &operator, &"arjasmaa".parse().unwrap(), 0, &billing).unwrap();
        let mut world =
            Self { test, people: Vec::new(), words: vec![Vec::new(); people], foreign: Vec::new(), number: 0 };
        for at in 0..people {
            let draft = world.draft(at);
            // All of them are colleagues.
            let id = person::create(&world.test, &operator, &draft, &TestRegister::source()).unwrap();
            world.people.push(id);
        }
        world
    }

    fn word(&mut self, at: usize) -> String {
        self.number += 1;
        let word = word(at, self.number);
        self.words[at].push(word.clone());
        word
    }

    fn draft(&mut self, at: usize) -> PersonDraft {
        let [given, family, street] = [0; 3].map(|_| self.word(at));
        self.number += 1;
        let email = format!("{}@example.com", word(at, self.number).to_lowercase());
        self.words[at].push(email.clone());
        let telephone = format!("+35840{:07}", self.number * 10 + at);
        self.words[at].push(telephone.clone());
        PersonDraft {
            given,
            family,
            emails: vec![DraftText::new(email)],
            telephones: vec![DraftText::new(telephone)],
            addresses: vec![DraftAddress { street: format!("{street} 1"), ..samples::address(at) }],
            ..samples::representative(at, "Yhteinen Työnantaja Oy")
        }
    }

    fn line(&mut self, at: usize) -> String {
        format!("{} {}", self.word(at), self.naming(at))
    }

    /// Free text about a person that names the others, who are all colleagues: inflected, by e-mail address and by telephone number.
    fn naming(&self, at: usize) -> String {
        let operator = TestRegister::operator();
        let others = self.people.iter().enumerate().filter(|(of, _)| *of != at);
        let said = others.map(|(_, id)| {
            let draft = person::show(&self.test, &operator, *id).unwrap().person.draft(self.test.today());
            let (email, telephone) = (&draft.emails[0].text, &draft.telephones[0].text);
            format!(
                "{}in ja {}illa, {} tai {telephone}",
                draft.given,
                draft.family.to_uppercase(),
                email.to_uppercase()
            )
        });
        said.collect::<Vec<_>>().join("; ")
    }

    /// Does something with a person; `what` says which of the things that can be done.
    fn act(&mut self, at: usize, what: u8) {
        let (operator, source, id) = (TestRegister::operator(), TestRegister::source(), self.people[at]);
        match what {
            0 => {
                let draft = self.draft(at);
                let version = person::show(&self.test, &operator, id).unwrap().person.version;
                person::change(&self.test, &operator, id, version, &draft, &source).unwrap();
            }
            1 => self.order(at, None),
            2 => {
                self.number += 1;
                let other = format!("Zzother{}", word(99, self.number));
                self.foreign.push(other.clone());
                self.order(at, Some(other));
            }
            3 => {
                let line = InvoiceLineDraft {
                    description: self.line(at),
                    quantity: "1".into(),
                    unit_price: "100".into(),
                    ..InvoiceLineDraft::default()
                };
                let draft = InvoiceDraft {
                    company: "arjasmaa".into(),
                    person: Some(id),
                    buyer_name: person::show(&self.test, &operator, id).unwrap().person.display_name(),
                    address: samples::address(1),
                    lines: vec![line],
                    ..InvoiceDraft::default()
                };
                let id = invoice::create(&self.test, &operator, &draft).unwrap();
                invoice::send(&self.test, &operator, id, 1).unwrap();
            }
            4 => {
                let draft = LetterDraft {
                    company: "arjasmaa".into(),
                    language: "fi".into(),
                    heading: self.word(at),
                    body: format!("{} {}", self.word(at), self.naming(at)),
                    signatory: "Zzstaff Virkailija".into(),
                    ..LetterDraft::default()
                };
                letter::write(&self.test, &operator, Recipient::Person(id), &draft, true).unwrap();
            }
            5 => {
                let message = NewMessage {
                    id: MailId(self.test.db().env().id()),
                    recipient: Recipient::Person(id),
                    company: "arjasmaa".parse().unwrap(),
                    purpose: self.purpose(),
                    subject: self.word(at),
                    body: format!("{} {}", self.word(at), self.naming(at)),
                    enclosures: Vec::new(),
                };
                queue_message(&self.test, &operator, &message).unwrap();
            }
            6 => {
                let draft = ProhibitionDraft {
                    kinds: vec!["directory".into()],
                    way: "customer_service".into(),
                    note: self.word(at),
                    ..ProhibitionDraft::default()
                };
                let set = prohibition::set(&self.test, &operator, Recipient::Person(id), &draft).unwrap();
                if set.is_empty() {
                    // It was forbidden already, and what was noted is not kept.
                    self.words[at].pop();
                }
                let draft = seloste_domain::consent::ConsentDraft {
                    matters: vec!["arjasmaa:marketing:email".into()],
                    way: "paper".into(),
                    evidence: self.word(at),
                    ..Default::default()
                };
                let language = seloste_domain::language::Language::Fi;
                seloste_ops::consent::give(&self.test, &operator, id, &draft, language).unwrap();
            }
            7 => {
                let draft = credit::ApplicationDraft {
                    company: "arjasmaa".into(),
                    person: Some(id),
                    channel: "web".into(),
                    what_for: self.word(at),
                    amount: "100".into(),
                    told: true,
                    ..credit::ApplicationDraft::default()
                };
                credit::apply(&self.test, &operator, &draft).unwrap();
            }
            _ => {
                let draft = RequestDraft {
                    kind: "access".into(),
                    channel: "email".into(),
                    received_on: self.test.today().to_string(),
                    company: "arjasmaa".into(),
                    language: "fi".into(),
                    text: format!("{} {}", self.word(at), self.naming(at)),
                    ..RequestDraft::default()
                };
                request::receive(&self.test, &operator, &draft, Some(id)).unwrap();
            }
        }
    }

    fn purpose(&self) -> seloste_domain::id::PurposeId {
        let notice = self.test.notice().unwrap();
        let activity = Action::MessageWrite.activity();
        notice.purpose_for(activity).unwrap().id().clone()
    }

    fn order(&mut self, at: usize, other: Option<String>) {
        let description = self.line(at);
        let own = person::show(&self.test, &TestRegister::operator(), self.people[at]).unwrap().person.display_name();
        let draft = OrderDraft {
            number: format!("T-{}", self.number),
            company: "arjasmaa".into(),
            person: Some(self.people[at]),
            ordered_on: "2026-11-02".into(),
            state: "confirmed".into(),
            delivery_name: other.unwrap_or(own),
            delivery: samples::address(2),
            lines: vec![LineDraft {
                description,
                quantity: "1".into(),
                unit_price: "1".into(),
                ..LineDraft::default()
            }],
            ..OrderDraft::default()
        };
        order::create(&self.test, &TestRegister::operator(), &draft, &TestRegister::source()).unwrap();
    }

    /// Each package has all that was stored of its person, and nothing that was stored of another.
    fn check(&self) {
        let operator = TestRegister::operator();
        let usage = self.test.authorize(&operator, Action::AccessMake).unwrap();
        for (at, id) in self.people.iter().enumerate() {
            let package = access::package(&self.test, &usage, *id, None).unwrap();
            let json = serde_json::to_string(&package).unwrap();
            for (of, words) in self.words.iter().enumerate() {
                for word in words {
                    assert_eq!(json.contains(word.as_str()), of == at, "{word} of {of} in the package of {at}");
                    assert!(of == at || !json.to_lowercase().contains(&word.to_lowercase()), "{word} in another case");
                }
            }
            for other in self.foreign.iter().map(String::as_str).chain(["Zzstaff", "operator:", "user:"]) {
                assert!(!json.contains(other), "{other} in the package of {at}");
            }
            for (_, other) in self.people.iter().enumerate().filter(|(of, _)| *of != at) {
                assert!(!json.contains(&other.to_string()), "another person's id");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 20, ..ProptestConfig::default() })]
    #[test]
    fn a_package_has_everything_of_its_person_and_nothing_of_another(acts in prop::collection::vec((0..3_usize, 0..9_u8), 4..16)) {
        let mut world = World::new(TestPlace::sqlite(), 3);
        for (at, what) in acts {
            world.act(at, what);
        }
        world.check();
    }
}

fn everything(place: TestPlace) {
    let mut world = World::new(place, 2);
    for what in 0..9 {
        for at in 0..2 {
            world.act(at, what);
        }
    }
    // A correction after a restriction still belongs to the history.
    let operator = TestRegister::operator();
    let draft = RestrictionDraft { ground: "accuracy_contested".into(), note: world.word(1) };
    restriction::set(&world.test, &operator, Recipient::Person(world.people[1]), &draft).unwrap();
    world.check();
    let handler = world.test.actor(Role::DataProtection);
    let id = access::make(&world.test, &handler, world.people[0], None, None).unwrap();
    let (made, json) = access::open(&world.test, &handler, id).unwrap();
    let package = access::read(&json).unwrap();
    assert_eq!(made.sha256.len(), 64);
    let parts: Vec<&str> = package.parts.iter().map(|part| part.part.as_str()).collect();
    for part in [
        "value",
        "order",
        "order_line",
        "invoice",
        "history",
        "message",
        "prohibition",
        "consent",
        "credit_application",
        "request",
    ] {
        assert!(parts.contains(&part), "{part}: {parts:?}");
    }
    assert!(String::from_utf8(json.clone()).unwrap().contains(MASK), "the other contact of an order is masked");
    assert!(package.uses.iter().any(|usage| usage.action == "person.show" && usage.purpose.is_some()));
    assert!(package.uses.iter().all(|usage| !serde_json::to_string(usage).unwrap().contains("Kokeilija")));
    // The published schema is what is written.
    let text = std::fs::read_to_string(checkout().join("docs/schema/access-package.schema.json")).unwrap();
    let published = serde_json::from_str(&text).unwrap();
    let differences = schema::differences(&published, &serde_json::from_slice(&json).unwrap());
    assert!(differences.is_empty(), "{differences:#?}");
    let names: BTreeSet<&str> =
        TABLES.iter().filter_map(|table| table.part.as_ref().ok()).map(|part| part.name).collect();
    let published: &serde_json::Value = &published;
    let listed = &published["properties"]["parts"]["items"]["properties"]["part"]["enum"];
    let listed: BTreeSet<&str> = listed.as_array().unwrap().iter().filter_map(serde_json::Value::as_str).collect();
    assert_eq!(names, listed);
    // A package lies sealed: none of its values is in the row.
    let mut raw = Raw::open(&world.test.db().settings().place);
    let rows = raw.rows("SELECT payload FROM package");
    assert!(!rows.iter().flatten().any(|cell| cell.contains(&hex::encode(&world.words[0][0]))));
    // Its content goes after its time.
    world.test.clock().advance(jiff::SignedDuration::from_hours(24 * 61));
    access::make(&world.test, &handler, world.people[0], None, None).unwrap();
    assert!(access::open(&world.test, &handler, id).unwrap_err().is_not_found());
}

#[test]
fn a_package_has_each_part_and_fits_its_schema() {
    each_database(everything);
}

#[test]
fn a_package_is_whole_or_not_made() {
    let test = TestRegister::sqlite();
    let operator = TestRegister::operator();
    let draft = PersonDraft { companies: vec!["arjasmaa".into(), "palvelut".into()], ..samples::person(1) };
    let id = person::create(&test, &operator, &draft, &TestRegister::source()).unwrap();
    let some = test.actor_in(Role::DataProtection, "arjasmaa");
    let refused = access::make(&test, &some, id, None, None).unwrap_err();
    assert!(matches!(refused, OpsError::Request(RequestRefused::OtherCompanies)), "{refused}");
    let none = test.actor_in(Role::DataProtection, "verkkokauppa");
    assert!(access::make(&test, &none, id, None, None).unwrap_err().is_not_found());
    assert!(access::make(&test, &test.actor(Role::Office), id, None, None).unwrap_err().is_not_found());
    assert!(access::make(&test, &test.actor(Role::DataProtection), id, None, None).is_ok());
}

/// Ten years of a customer; the time is printed, not asserted: `--nocapture` shows it.
#[test]
fn ten_years_of_history() {
    let test = TestRegister::sqlite();
    let operator = TestRegister::operator();
    let id = person::create(&test, &operator, &samples::person(1), &TestRegister::source()).unwrap();
    for number in 0..120 {
        order::create(&test, &operator, &samples::order(number, Some(id)), &TestRegister::source()).unwrap();
        let shown = person::show(&test, &operator, id).unwrap().person;
        let draft = PersonDraft {
            emails: vec![DraftText::new(format!("vuosi{number}@example.com"))],
            ..shown.draft(test.today())
        };
        person::change(&test, &operator, id, shown.version, &draft, &TestRegister::source()).unwrap();
        for _ in 0..10 {
            person::show(&test, &operator, id).unwrap();
        }
    }
    test.db().index_log().unwrap();
    let usage = test.authorize(&operator, Action::AccessMake).unwrap();
    let began = std::time::Instant::now();
    let package = access::package(&test, &usage, id, None).unwrap();
    let json = serde_json::to_vec(&package).unwrap();
    println!(
        "access package: {} ms, {} bytes, {} uses, {} records",
        began.elapsed().as_millis(),
        json.len(),
        package.uses.len(),
        package.parts.iter().map(|part| part.records.len()).sum::<usize>()
    );
    assert!(package.uses.len() > 1_000);
}

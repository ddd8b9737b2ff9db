//! What a new version of the notice changes: each sort of change once, whom it concerns, and whether it is material.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use seloste_domain::language::Language;
use seloste_domain::notice::{Act, Change, Notice, Subject, diff};

const EXAMPLE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

fn notice(text: &str) -> Notice {
    Notice::parse(text).unwrap_or_else(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{problems:#?}")
    })
}

/// The example with one place changed.
fn changed(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "the example has no `{from}`");
    EXAMPLE.replacen(from, to, 1)
}

fn changes(from: &str, to: &str) -> Vec<Change> {
    diff(&notice(EXAMPLE), &notice(&changed(from, to)))
}

#[test]
fn the_same_notice_has_no_changes_and_a_version_is_not_one() {
    assert_eq!(diff(&notice(EXAMPLE), &notice(EXAMPLE)), []);
    assert_eq!(changes("version = 1\ndate = 2026-11-01", "version = 2\ndate = 2027-01-01"), []);
    assert_eq!(changes("# The parent company first.", "# A comment."), []);
}

#[test]
fn each_sort_of_change_is_told() {
    let company = "[[companies]]\nid = \"palvelut\"\nname = \"Arjasmaa Palvelut Oy\"\nbusiness_id = \"5000000-9\"\n";
    let telephone = "[[kinds]]\nkind = \"telephone\"\nretention = \"3 years after last_order\"\n";
    let rows: &[(&str, &str, Subject, bool, &str)] = &[
        ("company = \"arjasmaa\"", "company = \"palvelut\"", Subject::Controller, true, "Arjasmaa Palvelut Oy"),
        ("09 1234 5678", "09 8765 4321", Subject::Contact, true, "09 8765 4321"),
        (
            "[texts.purposes]",
            "[data_protection_officer]\nname = \"Elli Malli\"\nphone = \"1\"\n[texts.purposes]",
            Subject::DataProtectionOfficer,
            true,
            "Elli Malli",
        ),
        (
            "name.fi = \"Asiakastietorekisteri\"",
            "name.fi = \"Asiakasrekisteri\"",
            Subject::Register,
            false,
            "Asiakasrekisteri",
        ),
        (company, "", Subject::Company, true, "Poistettu yhtiö: Arjasmaa Palvelut Oy."),
        (
            "name = \"Arjasmaa Palvelut Oy\"",
            "name = \"Arjasmaa Uusi Oy\"",
            Subject::Company,
            true,
            "Nyt: Arjasmaa Uusi Oy",
        ),
        ("basis = \"contract\"", "basis = \"legal_obligation\"", Subject::LegalBasis, true, "lakisääteinen velvoite"),
        (
            "interest.fi = \"Yrityksellä on tarve tavoittaa",
            "interest.fi = \"Yritys haluaa tavoittaa",
            Subject::Interest,
            true,
            "Yritys haluaa",
        ),
        (
            "activities = [\"marketing\"]",
            "activities = [\"marketing\", \"orders\"]",
            Subject::Activities,
            true,
            "oma markkinointi",
        ),
        (
            "[\"register_maintenance\", \"customer_relationship\"]",
            "[\"register_maintenance\"]",
            Subject::Activities,
            false,
            "asiakassuhteen hoito",
        ),
        (telephone, "", Subject::Kind, false, "Poistettu tietolaji: Puhelinnumero."),
        (
            "kind = \"telephone\"\n",
            "kind = \"telephone\"\nrequired = \"contract\"\n",
            Subject::Requirement,
            true,
            "tilauksen edellytys",
        ),
        (
            "\"2 years after representation_end\"",
            "\"3 years after representation_end\"",
            Subject::Retention,
            true,
            "Nyt: 3 vuotta",
        ),
        (
            "\"2 years after representation_end\"",
            "\"20 months after representation_end\"",
            Subject::Retention,
            false,
            "Nyt: 20 kuukautta",
        ),
        (
            "\"2 years after representation_end\"",
            "\"1 year after last_order\"",
            Subject::Retention,
            true,
            "viimeisestä tilauksesta",
        ),
        (
            "publicly_available = true",
            "publicly_available = false",
            Subject::Source,
            true,
            "Nyt: ei yleisesti saatavilla",
        ),
        ("strength = 30", "strength = 31", Subject::Source, false, "Nyt: 31"),
        (
            "kind = \"telephone\"\n",
            "kind = \"telephone\"\nsources = [\"customer\"]\n",
            Subject::Source,
            true,
            "Asiakkaan ilmoitus",
        ),
        (
            "id = \"collection_agency\"",
            "id = \"lawyer\"",
            Subject::Recipient,
            true,
            "Lisätty vastaanottaja: Perintätoimisto.",
        ),
        (
            "name.fi = \"Luottotietoyhtiö\"",
            "name.fi = \"Luottotietorekisteri\"",
            Subject::Provider,
            true,
            "Luottotietorekisteri",
        ),
        ("safeguards = [\"adequacy_decision\", ", "safeguards = [", Subject::Transfers, true, "vakiosopimuslausekkeet"),
        ("months = 24", "months = 12", Subject::Archive, false, "12 kuukautta"),
        ("opt_out = [\"customer_service\", ", "opt_out = [", Subject::Publication, true, "yhteyshenkilö"),
        ("obstacles = [\"law\", ", "obstacles = [", Subject::Erasure, false, "lainsäädäntö"),
        ("uses = [\"necessary\", \"statistics\", ", "uses = [\"necessary\", ", Subject::Cookies, false, "Sisällön"),
        (
            "used = false",
            "used = true\nlogic = { fi = \"Pisteet.\", sv = \"Poäng.\", en = \"Scores.\" }",
            Subject::AutomatedDecisions,
            true,
            "Nyt: kyllä",
        ),
        ("phone = \"029 566 6700\"", "phone = \"029 000\"", Subject::Authority, false, "029 000"),
        ("Kullakin määritellyllä käyttäjällä", "Kullakin käyttäjällä", Subject::Text, false, "Kullakin käyttäjällä"),
        (
            "fi = \"\"\"\nTietoja saadaan asiakkaan",
            "fi = \"\"\"\nTietoa saadaan asiakkaan",
            Subject::Text,
            true,
            "Tietoa saadaan",
        ),
    ];
    for (from, to, subject, material, passage) in rows {
        let changes = changes(from, to);
        let found = changes.iter().find(|c| c.subject == *subject && c.message(Language::Fi).contains(passage));
        let messages: Vec<_> = changes.iter().map(|change| change.message(Language::Fi)).collect();
        let found = found.unwrap_or_else(|| panic!("{subject:?} `{passage}` not in {messages:#?}"));
        assert_eq!(found.material, *material, "{subject:?} {passage}");
        for language in Language::ALL {
            let message = found.message(language);
            assert!(message.len() > 15 && !message.contains('{'), "{message}");
        }
    }
}

#[test]
fn a_change_read_backwards_is_its_opposite() {
    let without = changed("[[kinds]]\nkind = \"telephone\"\nretention = \"3 years after last_order\"\n", "");
    let changes = diff(&notice(&without), &notice(EXAMPLE));
    let kind =
        changes.iter().find(|change| change.subject == Subject::Kind).map(|change| (&change.act, change.material));
    assert_eq!(kind, Some((&Act::Added, true)));
}

#[test]
fn a_change_of_a_kind_concerns_the_groups_that_have_it() {
    let changes = changes("\"2 years after representation_end\"", "\"3 years after representation_end\"");
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    let groups: Vec<_> = change.groups.iter().map(|group| group.get(Language::En)).collect();
    assert_eq!(groups, ["Customers and former customers", "Representatives of customer organisations and companies"]);
    assert_eq!(
        change.message(Language::En),
        "Changed retention period: The organisation/company that the person represents. \
         Before: 2 years after the person ceased to represent the organisation. \
         Now: 3 years after the person ceased to represent the organisation. \
         Concerns the groups: Customers and former customers; Representatives of customer organisations and companies."
    );
    let everyone = self::changes("kind = \"email\"\n", "kind = \"email\"\nrequired = \"law\"\n");
    assert!(everyone.iter().all(|change| change.groups.is_empty()), "{everyone:#?}");
}

#[test]
fn a_new_translation_is_told_but_not_material() {
    let changes = changes("name.sv = \"Inkassobyrå\"", "name.sv = \"Indrivningsbyrå\"");
    let [change] = changes.as_slice() else { panic!("{changes:#?}") };
    assert!(!change.material && change.message(Language::Sv).contains("Indrivningsbyrå"));
}

#[test]
fn a_recipient_that_moves_outside_the_eea_is_material() {
    let recipient = "id = \"web_services\"\nservice = \"value_added\"\ncountry = \"FI\"\n";
    let abroad = "id = \"web_services\"\nservice = \"value_added\"\ncountry = \"US\"\nsafeguard = \"standard_clauses\"\n\
        necessity = { fi = \"Palvelin.\", sv = \"Server.\", en = \"Server.\" }\n";
    let moved = changes(recipient, abroad);
    assert!(moved.iter().any(|c| c.subject == Subject::Provider && c.material), "{moved:#?}");
    let within = changes(recipient, &recipient.replace("FI", "SE"));
    assert!(within.iter().all(|c| c.subject == Subject::Provider && !c.material) && within.len() == 1, "{within:#?}");
}

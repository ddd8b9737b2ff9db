//! Fictional people, organisations and orders, each another one by number.

use seloste_domain::draft::{DraftAddress, DraftText, OrganisationRef};
use seloste_domain::id::PersonId;
use seloste_domain::order::{LineDraft, OrderDraft};
use seloste_domain::organisation::OrganisationDraft;
use seloste_domain::partner::{ContractItem, PartnerDraft};
use seloste_domain::person::PersonDraft;

/// The company of the group whose customers the samples are.
pub const COMPANY: &str = "arjasmaa";

const GIVEN: [&str; 8] = ["Pirkko", "Åsa", "Matti", "Helmi", "Göran", "Päivi", "Eero", "Kaisa-Liisa"];
const FAMILY: [&str; 8] = ["Esimerkki", "Mallikas", "Öhman", "Kuvitelma", "Näyttö", "von Exempel", "Testinen", "Äijö"];

fn pick<const N: usize>(names: [&str; N], number: usize) -> String {
    names[number % N].to_owned()
}

/// A person with an e-mail address, a telephone number and a postal address.
#[must_use]
pub fn person(number: usize) -> PersonDraft {
    PersonDraft {
        given: pick(GIVEN, number),
        family: pick(FAMILY, number / GIVEN.len()),
        customer_number: (1_000_000 + number).to_string(),
        language: pick(["fi", "sv", "en"], number),
        emails: vec![DraftText::new(format!("asiakas{number}@example.com"))],
        // 040 000 0000 and on: no operator gives these out.
        telephones: vec![DraftText::new(format!("+358 40 {:07}", number % 10_000_000))],
        addresses: vec![address(number)],
        companies: vec![COMPANY.into()],
        ..PersonDraft::default()
    }
}

/// A person who represents an organisation, named so that it is found or added.
#[must_use]
pub fn representative(number: usize, organisation: &str) -> PersonDraft {
    PersonDraft {
        organisation: Some(OrganisationRef::Named(organisation.to_owned())),
        title: "toimitusjohtaja".into(),
        ..person(number)
    }
}

/// A postal address in Finland.
#[must_use]
pub fn address(number: usize) -> DraftAddress {
    DraftAddress {
        street: format!("Esimerkkikatu {}", number + 1),
        postal_code: pick(["00100", "33100", "20100"], number),
        town: pick(["Helsinki", "Tampere", "Turku"], number),
        ..DraftAddress::default()
    }
}

/// An organisation.
#[must_use]
pub fn organisation(number: usize) -> OrganisationDraft {
    OrganisationDraft {
        name: format!("Esimerkkiyritys {number} Oy"),
        customer_number: (2_000_000 + number).to_string(),
        emails: vec![DraftText::new(format!("toimisto{number}@example.com"))],
        addresses: vec![address(number)],
        companies: vec![COMPANY.into()],
        ..OrganisationDraft::default()
    }
}

/// A partner that is asked about credit applications.
#[must_use]
pub fn credit_partner() -> PartnerDraft {
    let kinds = ["name", "organisation", "postal_address", "credit"];
    PartnerDraft {
        name: "Esimerkin Luottotieto Oy".into(),
        under: "provider:credit_information".into(),
        role: "recipient".into(),
        contract: "LT 1/2026".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: kinds.map(str::to_owned).into(),
        purposes: vec!["credit".into()],
        interface: "api".into(),
        ..PartnerDraft::default()
    }
}

/// An order of two lines.
#[must_use]
pub fn order(number: usize, person: Option<PersonId>) -> OrderDraft {
    let line = |product: &str, description: &str, quantity: &str, unit_price: &str| LineDraft {
        product: product.into(),
        description: description.into(),
        quantity: quantity.into(),
        unit_price: unit_price.into(),
        ..LineDraft::default()
    };
    OrderDraft {
        number: format!("T-{number:05}"),
        company: COMPANY.into(),
        person,
        ordered_on: "2026-11-02".into(),
        state: "confirmed".into(),
        lines: vec![line("A-1", "Kumisaapas", "3", "19.95"), line("B-2", "Sadetakki", "1.5", "40.00")],
        ..OrderDraft::default()
    }
}

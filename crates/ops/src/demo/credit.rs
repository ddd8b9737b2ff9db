//! Credit applications of the demo: waiting, answered, granted, refused with the letter, withdrawn.

use seloste_domain::credit::{AnswerDraft, ApplicationDraft, Channel, DecisionDraft, ServiceDraft};
use seloste_domain::id::{CreditApplicationId, CreditServiceId, PartnerId};
use seloste_domain::partner::{ContractItem, PartnerDraft};
use seloste_domain::usage::Actor;

use super::orders::Customer;
use crate::credit::{self, Asking};
use crate::error::Result;
use crate::register::Register;

const WHAT_FOR: [&str; 5] = [
    "Tilauksia laskulla, 14 päivää",
    "Kevään kausitilaus laskulla",
    "Toimistokalusteet osamaksulla",
    "Laskutusasiakkaaksi",
    "Varaosat laskulla, 30 päivää",
];
const AMOUNTS: [&str; 5] = ["1500", "800", "4200", "2500", "12000"];
const REASONS: [&str; 2] =
    ["Aiemmat tilaukset on maksettu ajallaan.", "Aiempien laskujen maksut ovat viivästyneet toistuvasti."];

/// Makes the services, and applications of some customers as far as they have come.
pub(super) fn make(register: &Register, operator: &Actor, staff: &Actor, customers: &[Customer]) -> Result<()> {
    let manual = ServiceDraft {
        name: "Esimerkin Luottotieto, verkkopalvelu".into(),
        partner: partner(register, operator)?.to_string(),
        source_register: "Esimerkin Luottotieto Oy:n luottotietorekisteri".into(),
        method: "manual".into(),
        active: true,
        ..ServiceDraft::default()
    };
    let rest = ServiceDraft {
        name: "Esimerkin Luottotieto, rajapinta".into(),
        method: "rest".into(),
        address: "https://luottotieto.example.invalid/v1/enquiries".into(),
        active: false,
        ..manual.clone()
    };
    let asking = Asking::default();
    let service = credit::create_service(register, operator, &asking, &manual)?;
    credit::create_service(register, operator, &asking, &rest)?;
    for (number, customer) in customers.iter().skip(3).step_by(41).take(18).enumerate() {
        let draft = ApplicationDraft {
            company: customer.companies.first().cloned().unwrap_or_default(),
            person: Some(customer.person),
            channel: Channel::ALL[number % Channel::ALL.len()].to_string(),
            what_for: WHAT_FOR[number % WHAT_FOR.len()].into(),
            amount: AMOUNTS[number % AMOUNTS.len()].into(),
            told: number % 9 != 8,
            ..ApplicationDraft::default()
        };
        let id = credit::apply(register, staff, &draft)?;
        go_on(register, staff, &asking, (id, service), number)?;
    }
    Ok(())
}

/// The partner that is asked.
fn partner(register: &Register, operator: &Actor) -> Result<PartnerId> {
    if let Some(known) = credit::partners(register, operator)?.first() {
        return Ok(known.id);
    }
    let kinds = ["name", "organisation", "postal_address", "credit"];
    let draft = PartnerDraft {
        name: "Esimerkin Luottotieto Oy".into(),
        under: "provider:credit_information".into(),
        role: "recipient".into(),
        contract: "Luottotietosopimus 1/2026".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: kinds.map(str::to_owned).into(),
        purposes: vec!["credit".into()],
        interface: "api".into(),
        ..PartnerDraft::default()
    };
    crate::partner::create(register, operator, &draft)
}

/// Takes an application some steps further, each number another way.
fn go_on(
    register: &Register,
    staff: &Actor,
    asking: &Asking,
    (id, service): (CreditApplicationId, CreditServiceId),
    number: usize,
) -> Result<()> {
    let decide = |outcome: &str, reasons: &str| {
        let version = credit::show(register, staff, id)?.application.version;
        let draft =
            DecisionDraft { outcome: outcome.into(), granted: "500".into(), reasons: reasons.into(), by_email: false };
        credit::decide(register, staff, (id, version), &draft)
    };
    let way = number % 9;
    if matches!(way, 2..=6) {
        credit::enquire(register, staff, asking, id, service)?;
    }
    if matches!(way, 3..=6) {
        let bad = matches!(way, 4 | 6);
        let answer = AnswerDraft {
            finding: if bad { "entries" } else { "clear" }.into(),
            entries: if bad { "2" } else { "" }.into(),
            class: if bad { "C" } else { "A" }.into(),
            proposal: if bad { "refuse" } else { "grant" }.into(),
            ..AnswerDraft::default()
        };
        credit::answer(register, staff, id, &answer)?;
    }
    match way {
        1 => decide("granted", REASONS[0]),
        4 => decide("refused", REASONS[1]),
        5 => decide("granted", REASONS[0]),
        6 if number > 9 => decide("reduced", REASONS[1]),
        7 => credit::withdraw(register, staff, id, 1),
        _ => Ok(()),
    }
}

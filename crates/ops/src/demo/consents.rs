//! Consents of the demonstration.

use seloste_domain::consent::{ConsentDraft, ConsentWay};
use seloste_domain::existing_customer::SaleDraft;
use seloste_domain::usage::Actor;

use super::orders::Customer;
use crate::consent;
use crate::error::{OpsError, Result};
use crate::register::Register;

/// By which way it was given, to which channels, and what shows it; again and again.
const GIVEN: [(ConsentWay, &[&str], &str); 4] = [
    (ConsentWay::Paper, &["email", "sms"], "Messulomake, mappi 3, lehti 41"),
    (ConsentWay::Telephone, &["email"], "Puhelu asiakaspalveluun, muistiinpano 118"),
    (ConsentWay::Counter, &["email"], "Kanta-asiakaslomake, kaappi B"),
    (ConsentWay::Email, &["sms"], "Viesti asiakaspalvelun laatikossa"),
];

pub(super) fn make(register: &Register, by: &Actor, customers: &[Customer]) -> Result<()> {
    let language = seloste_domain::language::Language::Fi;
    for (number, customer) in customers.iter().skip(1).step_by(7).enumerate() {
        let Some((way, channels, evidence)) = GIVEN.get(number % GIVEN.len()) else { continue };
        let asked = consent::of(register, by, customer.person, language)?.asked;
        let wanted = asked.iter().filter(|asked| channels.contains(&asked.matter.channel.as_str()));
        let matters: Vec<_> = wanted.map(|asked| asked.matter.clone()).collect();
        if matters.is_empty() {
            continue;
        }
        let draft = ConsentDraft {
            matters: matters.iter().map(ToString::to_string).collect(),
            way: way.to_string(),
            evidence: (*evidence).to_owned(),
            ..ConsentDraft::default()
        };
        // Who has forbidden it keeps that.
        match consent::give(register, by, customer.person, &draft, language) {
            Ok(_) | Err(OpsError::Fields(_)) => {}
            Err(error) => return Err(error),
        }
        if let (4, Some(matter)) = (number % 5, matters.first()) {
            consent::withdraw(register, by, customer.person, matter, "telephone")?;
        }
    }
    for customer in customers.iter().skip(4).step_by(7) {
        let Some((order, _, day)) = orders(register, by, customer)? else { continue };
        let draft = SaleDraft {
            order: order.to_string(),
            channel: "email".into(),
            told_on: day.to_string(),
            evidence: "Tilauslomakkeen kohta 4".into(),
        };
        match consent::note_sale(register, by, customer.person, &draft) {
            Ok(()) | Err(OpsError::Fields(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

type Order = (seloste_domain::id::OrderId, String, jiff::civil::Date);

fn orders(register: &Register, by: &Actor, customer: &Customer) -> Result<Option<Order>> {
    match consent::orders(register, by, customer.person) {
        Ok(found) => Ok(found.into_iter().next()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

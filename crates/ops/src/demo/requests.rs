//! Requests of people under way in the demonstration.

use jiff::ToSpan as _;
use seloste_domain::rectification::{CorrectionDraft, Right};
use seloste_domain::request::{IdentityDraft, RequestDraft};
use seloste_domain::usage::Actor;

use super::orders::Customer;
use crate::error::Result;
use crate::register::Register;
use crate::{access, request};

/// What is asked, by which channel, how many days ago, and in which words.
const ASKED: [(&str, &str, i32, &str); 5] = [
    ("access", "email", 24, "Mitä tietoja teillä on minusta?"),
    ("erasure", "letter", 38, "Poistakaa kaikki tietoni, en ole enää asiakkaanne."),
    ("rectification", "telephone", 3, "Osoite on muuttunut."),
    ("portability", "counter", 10, ""),
    ("marketing_objection", "telephone", 1, "Ei enää mainoksia."),
];

pub(super) fn make(register: &Register, by: &Actor, customers: &[Customer]) -> Result<()> {
    let today = register.today();
    for (customer, (kind, channel, days, text)) in customers.iter().skip(9).step_by(11).zip(ASKED) {
        let person = crate::person::show(register, by, customer.person)?.person;
        let draft = RequestDraft {
            kind: kind.into(),
            channel: channel.into(),
            received_on: today.saturating_sub(days.days()).to_string(),
            company: person.companies.first().map(ToString::to_string).unwrap_or_default(),
            language: person.language(today).unwrap_or_default().tag().into(),
            text: text.into(),
            corrections: corrections(kind, person.address(today).map(|address| address.street.clone())),
            ..RequestDraft::default()
        };
        let id = request::receive(register, by, &draft, Some(customer.person))?;
        if kind == "access" || kind == "rectification" {
            let known = IdentityDraft { check: "known_email".into(), checked: "Kortilla oleva osoite".into() };
            request::recognise(register, by, id, &known)?;
        }
        if kind == "access" {
            access::make(register, by, customer.person, Some(id), None)?;
        }
    }
    let unknown = RequestDraft {
        kind: "access".into(),
        channel: "letter".into(),
        received_on: today.saturating_sub(6.days()).to_string(),
        company: register.notice()?.companies().first().map(|company| company.id.to_string()).unwrap_or_default(),
        language: "fi".into(),
        name: "Kaisa Kysyjä".into(),
        reach: "Esimerkkikatu 12 A 3\n33100 Tampere".into(),
        text: "Onko minusta tietoja rekisterissänne?".into(),
        ..RequestDraft::default()
    };
    request::receive(register, by, &unknown, None).map(drop)
}

fn corrections(kind: &str, street: Option<String>) -> Vec<CorrectionDraft> {
    if kind != "rectification" {
        return Vec::new();
    }
    let right = Right {
        text: "Uusikatu 4 B 7".into(),
        postal_code: "33200".into(),
        town: "Tampere".into(),
        ..Right::default()
    };
    vec![CorrectionDraft { kind: "postal_address".into(), wrong: street.unwrap_or_default(), right }]
}

//! Prohibitions of the demonstration, and one customer whose processing is restricted.

use seloste_domain::prohibition::{ProhibitionDraft, ProhibitionKind, Way};
use seloste_domain::restriction::{ExceptionDraft, RestrictionDraft};
use seloste_domain::usage::Actor;

use super::orders::Customer;
use crate::error::Result;
use crate::mail::Recipient;
use crate::register::Register;

/// What is forbidden, by which way, and what was noted; again and again.
const FORBIDDEN: [(&[ProhibitionKind], Way, &str); 5] = [
    (&[ProhibitionKind::DirectMarketing], Way::CustomerService, "Soitti itse"),
    (&[ProhibitionKind::MarketingTelephone, ProhibitionKind::MarketingSms], Way::Email, ""),
    (&[ProhibitionKind::Directory], Way::ContactPerson, "Pyysi messuilla"),
    (&[ProhibitionKind::MarketingPost], Way::Letter, ""),
    (&[ProhibitionKind::RegisterUpdate], Way::CustomerService, "Ilmoittaa muutokset itse"),
];

pub(super) fn make(register: &Register, by: &Actor, customers: &[Customer]) -> Result<()> {
    let forbidding = customers.iter().skip(3).step_by(23);
    for (customer, (kinds, way, note)) in forbidding.zip(FORBIDDEN.iter().cycle()) {
        let draft = ProhibitionDraft {
            kinds: kinds.iter().map(ToString::to_string).collect(),
            way: way.to_string(),
            note: (*note).to_owned(),
            ..ProhibitionDraft::default()
        };
        crate::prohibition::set(register, by, Recipient::Person(customer.person), &draft)?;
    }
    // Not one of those whom other parts of the demonstration need.
    let Some(customer) = customers.get(customers.len() / 2 + 1) else { return Ok(()) };
    let restricted = Recipient::Person(customer.person);
    let draft = RestrictionDraft {
        ground: "accuracy_contested".into(),
        note: "Kiistää osoitteen ja puhelinnumeron; tarkistetaan Digi- ja väestötietovirastosta".into(),
    };
    crate::restriction::set(register, by, restricted, &draft)?;
    let exception = ExceptionDraft {
        activity: "invoicing".into(),
        ground: "legal_claims".into(),
        reason: "Saatava vanhenee tässä kuussa".into(),
        days: "14".into(),
    };
    crate::restriction::except(register, by, restricted, &exception).map(drop)
}

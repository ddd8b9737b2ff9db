use jiff::civil::date;

use super::*;
use crate::field::{FieldErrors, code};

pub(crate) const NOTICE: &str = include_str!("../../../examples/arjasmaa/notice.toml");
pub(crate) const TODAY: Date = date(2026, 11, 28);

pub(crate) fn notice() -> Notice {
    Notice::parse(NOTICE).unwrap()
}

/// A printing service under a contract that says everything.
pub(crate) fn draft() -> PartnerDraft {
    PartnerDraft {
        name: "Esimerkkipaino Oy".into(),
        business_id: "2077474-0".into(),
        under: "provider:web_services".into(),
        role: "processor".into(),
        contract: "DIA 12/2026".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: vec!["name".into(), "postal_address".into()],
        purposes: vec!["directories".into(), "customer_relationship".into()],
        interface: "file".into(),
        ..PartnerDraft::default()
    }
}

pub(crate) fn partner(draft: &PartnerDraft) -> Partner {
    let made = Made { id: PartnerId(uuid::Uuid::nil()), by: "test".into(), at: Timestamp::UNIX_EPOCH };
    draft.validate(&notice(), TODAY).unwrap().into_partner(None, made)
}

fn wrong(draft: &PartnerDraft) -> Vec<(String, &'static str)> {
    let errors = draft.validate(&notice(), TODAY).map(drop).unwrap_err();
    let FieldErrors(errors) = errors;
    errors.into_iter().map(|error| (error.field, error.code)).collect()
}

#[test]
fn a_draft_comes_back_as_it_was_kept() {
    let kept = partner(&draft());
    assert_eq!((kept.country.as_str(), kept.companies.len(), kept.people), ("FI", 3, People::Everyone));
    assert!(kept.may_receive(TODAY) && !kept.is_outside() && kept.is_declared(&notice()));
    assert_eq!(partner(&kept.draft()), kept);
}

#[test]
fn what_is_wrong_is_told_at_its_field() {
    for (draft, want) in [
        (PartnerDraft { name: " ".into(), ..draft() }, ("name", code::REQUIRED)),
        (PartnerDraft { business_id: "1234567-8".into(), ..draft() }, ("business_id", code::BUSINESS_ID_INVALID)),
        (PartnerDraft { under: String::new(), ..draft() }, ("under", code::REQUIRED)),
        (PartnerDraft { under: "provider:nobody".into(), ..draft() }, ("under", code::PARTNER_UNDECLARED)),
        (PartnerDraft { under: "recipient:web_services".into(), ..draft() }, ("under", code::PARTNER_UNDECLARED)),
        (PartnerDraft { role: "recipient".into(), ..draft() }, ("role", code::PARTNER_ROLE)),
        (PartnerDraft { country: "Atlantis".into(), ..draft() }, ("country", code::COUNTRY_UNKNOWN)),
        (PartnerDraft { country: "US".into(), ..draft() }, ("necessity", code::NECESSITY_MISSING)),
        (
            PartnerDraft { country: "IN".into(), necessity: "tuki".into(), ..draft() },
            ("safeguard", code::SAFEGUARD_MISSING),
        ),
        (PartnerDraft { until: "1.1.2025".into(), ..draft() }, ("until", code::DATE_ORDER)),
        (PartnerDraft { kinds: vec!["shoe_size".into()], ..draft() }, ("kinds", code::UNDECLARED)),
        (PartnerDraft { kinds: Vec::new(), ..draft() }, ("kinds", code::REQUIRED)),
        (PartnerDraft { purposes: Vec::new(), ..draft() }, ("purposes", code::REQUIRED)),
        (PartnerDraft { purposes: vec!["resale".into()], ..draft() }, ("purposes", code::CHOICE_UNKNOWN)),
        (PartnerDraft { companies: vec!["muu".into()], ..draft() }, ("companies", code::COMPANY_UNKNOWN)),
        (PartnerDraft { groups: vec!["muut".into()], ..draft() }, ("groups", code::CHOICE_UNKNOWN)),
        (PartnerDraft { interface: "email".into(), ..draft() }, ("email", code::REQUIRED)),
    ] {
        assert_eq!(wrong(&draft), [(want.0.to_owned(), want.1)]);
    }
    let outside = SubProcessorDraft { name: "Sub".into(), country: "Intia".into() };
    assert_eq!(
        wrong(&PartnerDraft { sub_processors: vec![outside], ..draft() }),
        [("necessity".to_owned(), code::NECESSITY_MISSING)]
    );
}

#[test]
fn a_contract_begins_ends_and_says_all() {
    let kept = partner(&PartnerDraft { until: "2026-12-31".into(), ..draft() });
    for (day, want, may) in [
        (date(2025, 12, 31), Standing::NotBegun, false),
        (date(2026, 1, 1), Standing::InForce, true),
        (date(2026, 10, 31), Standing::InForce, true),
        (date(2026, 11, 1), Standing::EndsSoon, true),
        (date(2026, 12, 31), Standing::EndsSoon, true),
        (date(2027, 1, 1), Standing::Ended, false),
    ] {
        assert_eq!((kept.standing(day), kept.may_receive(day)), (want, may), "{day}");
    }
    assert!(kept.owes_return(date(2027, 1, 1)) && !kept.owes_return(TODAY));
    let ending = Ending { on: TODAY, due: TODAY, chased: 0, chased_on: None, confirmed: None };
    let mut ended = Partner { ending: Some(ending), ..kept.clone() };
    assert!(!ended.may_receive(TODAY) && ended.owes_return(TODAY) && !ended.has_nothing_left());
    if let Some(ending) = &mut ended.ending {
        ending.confirmed = Some(Confirmed { how: Returned::Deleted, on: TODAY, note: String::new() });
    }
    assert!(!ended.owes_return(TODAY) && ended.has_nothing_left());
    let mut short = kept.clone();
    short.contract.items.remove(&ContractItem::Audit);
    assert!(!short.may_receive(TODAY));
    assert!(Partner { role: Role::Recipient, ..short }.may_receive(TODAY));
}

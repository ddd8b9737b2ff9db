use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::partner::tests::{NOTICE, TODAY, draft, notice, partner};
use crate::partner::{ContractItem, PartnerDraft};

fn kinds(of: &[Kind]) -> Kinds {
    of.iter().copied().collect()
}

fn service() -> Case {
    Case::Service("directories".parse().unwrap())
}

fn case(basis: Basis) -> Case {
    match basis {
        Basis::Ground(Ground::Invoicing) => Case::Invoice(InvoiceId(Uuid::nil())),
        Basis::Ground(Ground::Collection) => Case::Collection(CollectionId(Uuid::nil())),
        Basis::Ground(Ground::CreditApplication) => Case::CreditApplication(CreditApplicationId(Uuid::nil())),
        Basis::Ground(Ground::LegalObligation) => Case::LegalRequest(LegalRequestId(Uuid::nil())),
        Basis::Processing => service(),
    }
}

#[test]
fn data_leaves_only_for_what_is_declared_and_agreed() {
    let good = partner(&draft());
    let name = kinds(&[Kind::Name]);
    let say = |partner: &Partner, notice: &Notice, basis, case, fields| {
        decide(partner, notice, basis, case, fields, TODAY).map(|permit| permit.fields())
    };
    assert_eq!(say(&good, &notice(), Basis::Processing, service(), name), Ok(name));

    let without = NOTICE.replace("id = \"web_services\"", "id = \"other_services\"");
    let without = Notice::parse(&without).unwrap();
    let no_names = Notice::parse(&crate::notice::without_kind(NOTICE, Kind::Telephone)).unwrap();
    let mut unchecked = good.clone();
    unchecked.contract.items.remove(&ContractItem::Security);
    let mut wide = good.clone();
    wide.kinds = wide.kinds.with(Kind::Telephone);
    let over = Partner {
        contract: crate::partner::Contract { until: Some(date(2026, 11, 27)), ..good.contract.clone() },
        ..good.clone()
    };
    let early = Partner {
        contract: crate::partner::Contract { from: Some(date(2026, 12, 1)), ..good.contract.clone() },
        ..good.clone()
    };
    let abroad = Partner { country: "US".into(), ..good.clone() };
    let invoicing = Basis::Ground(Ground::Invoicing);
    use DisclosureRefused as No;
    for (partner, notice, basis, case, fields, want) in [
        (&over, notice(), Basis::Processing, service(), name, No::Ended),
        (&early, notice(), Basis::Processing, service(), name, No::NotBegun),
        (&good, without, Basis::Processing, service(), name, No::Undeclared),
        (&good, notice(), invoicing, case(invoicing), name, No::OtherGround(invoicing)),
        (&good, notice(), Basis::Processing, case(invoicing), name, No::OtherCase(Basis::Processing)),
        (&unchecked, notice(), Basis::Processing, service(), name, No::NoContract),
        (&good, notice(), Basis::Processing, Case::Service("marketing".parse().unwrap()), name, No::Purpose),
        (&good, notice(), Basis::Processing, service(), kinds(&[Kind::Email]), No::Kind(Kind::Email)),
        (&wide, no_names, Basis::Processing, service(), kinds(&[Kind::Telephone]), No::KindUndeclared(Kind::Telephone)),
        (&good, notice(), Basis::Processing, service(), Kinds::NONE, No::Nothing),
        (&abroad, notice(), Basis::Processing, service(), name, No::Transfer(TransferRefused::NoNecessity)),
    ] {
        assert_eq!(say(partner, &notice, basis, case, fields), Err(want));
    }
}

#[test]
fn a_ground_that_the_notice_does_not_declare_lets_nothing_out() {
    let agency = PartnerDraft {
        under: "recipient:collection_agency".into(),
        role: "recipient".into(),
        purposes: vec!["orders".into()],
        ..draft()
    };
    let basis = Basis::Ground(Ground::Collection);
    let agency = partner(&agency);
    let name = kinds(&[Kind::Name]);
    assert!(decide(&agency, &notice(), basis, case(basis), name, TODAY).is_ok());
    let mut text = NOTICE.replace("\"credit_application\", \"collection\", ", "\"credit_application\", ");
    let from = text.find("[[recipients]]\nid = \"collection_agency\"").unwrap();
    let until = text[from + 5..].find("[[recipients]]").unwrap() + from + 5;
    text.replace_range(from..until, "");
    let narrow = Notice::parse(&text).unwrap();
    assert_eq!(decide(&agency, &narrow, basis, case(basis), name, TODAY), Err(DisclosureRefused::Undeclared));
    let invoicing = Basis::Ground(Ground::Invoicing);
    let refused = decide(&agency, &notice(), invoicing, case(invoicing), name, TODAY);
    assert_eq!(refused, Err(DisclosureRefused::OtherGround(invoicing)));
}

#[test]
fn support_of_credit_decisions_asks_for_an_application() {
    let bureau = PartnerDraft { under: "provider:credit_information".into(), role: "recipient".into(), ..draft() };
    let bureau = partner(&bureau);
    let name = kinds(&[Kind::Name]);
    for basis in Basis::ALL {
        let decided = decide(&bureau, &notice(), basis, case(basis), name, TODAY);
        assert_eq!(decided.is_ok(), basis == Basis::Ground(Ground::CreditApplication), "{basis:?}");
    }
}

#[test]
fn a_recall_holds_only_what_the_partner_had() {
    let mut ended = partner(&draft());
    ended.contract.until = Some(date(2026, 1, 2));
    let held = kinds(&[Kind::Name, Kind::Email]);
    let tell =
        |fields| decide_recall(&ended, &notice(), RecallId(Uuid::nil()), (fields, held), TODAY).map(|p| p.fields());
    assert_eq!(tell(kinds(&[Kind::Name])), Ok(kinds(&[Kind::Name])));
    assert_eq!(tell(kinds(&[Kind::Telephone])), Err(DisclosureRefused::Kind(Kind::Telephone)));
    let recall = Case::Recall(RecallId(Uuid::nil()));
    let basis = Basis::Ground(Ground::LegalObligation);
    let authority = PartnerDraft { under: "recipient:authorities".into(), role: "recipient".into(), ..draft() };
    let around = decide(&partner(&authority), &notice(), basis, recall, kinds(&[Kind::Name]), TODAY);
    assert_eq!(around, Err(DisclosureRefused::OtherCase(basis)));
}

#[test]
fn codes_and_cases_go_both_ways() {
    for basis in Basis::ALL {
        assert_eq!(basis.as_str().parse::<Basis>(), Ok(basis));
        let case = case(basis);
        assert_eq!(Case::of(case.kind(), &case.id()), Some(case));
    }
    assert_eq!(Case::of("marketing", "x"), None);
    assert!(DisclosureRefused::CODES.contains(&DisclosureRefused::Transfer(TransferRefused::NoDetail).code()));
}

proptest! {
    /// Whatever is asked, a permit is for a declared ground and a case of it, within the kinds of partner and notice.
    #[test]
    fn no_permit_reaches_beyond_partner_and_notice(
        under in 0_usize..6, basis in 0_usize..5, of in 0_usize..5, asked in 0_u32..4096, may in 0_u32..4096,
        is_processor: bool,
    ) {
        let all = |bits: u32| Kind::ALL.into_iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, kind)| kind).collect::<Kinds>();
        let names = ["recipient:credit_grantor", "recipient:collection_agency", "recipient:invoicing_operator",
            "recipient:authorities", "provider:web_services", "provider:credit_information"];
        let mut partner = partner(&draft());
        partner.under = crate::partner::Under::parse(names[under]).unwrap();
        partner.role = if is_processor { Role::Processor } else { Role::Recipient };
        partner.kinds = all(may);
        let (basis, case) = (Basis::ALL[basis], case(Basis::ALL[of]));
        if let Ok(permit) = decide(&partner, &notice(), basis, case.clone(), all(asked), TODAY) {
            prop_assert!(all(asked).iter().all(|kind| partner.kinds.has(kind)));
            prop_assert_eq!(permit.fields(), all(asked));
            prop_assert_eq!(case.basis(), basis);
            let fits = matches!((names[under], basis),
                ("recipient:credit_grantor" | "provider:credit_information", Basis::Ground(Ground::CreditApplication))
                | ("recipient:collection_agency", Basis::Ground(Ground::Collection))
                | ("recipient:invoicing_operator", Basis::Ground(Ground::Invoicing))
                | ("recipient:authorities", Basis::Ground(Ground::LegalObligation))
                | ("provider:web_services", Basis::Processing));
            prop_assert!(fits);
        }
    }
}

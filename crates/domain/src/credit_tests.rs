use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::field::{FieldErrors, code};
use crate::kind::{Kind, Kinds};
use crate::language::Language;

const TODAY: Date = date(2026, 11, 28);
const PROGRAM: ActorId = ActorId::Program("credit");

fn person() -> ActorId {
    ActorId::Operator("test".into())
}

fn standing(state: ApplicationState) -> Standing {
    Standing { state, open: false, used_credit_data: false, told: true, lapses_on: TODAY }
}

fn kinds() -> Kinds {
    [Kind::Credit].into_iter().collect()
}

fn application() -> ApplicationDraft {
    ApplicationDraft {
        company: "arjasmaa".into(),
        person: Some(PersonId(uuid::Uuid::nil())),
        channel: "telephone".into(),
        what_for: "Kumisaappaita  laskulla".into(),
        amount: "1 500,00".into(),
        told: true,
        ..ApplicationDraft::default()
    }
}

fn fields<T>(result: Result<T, FieldErrors>) -> Vec<(String, &'static str)> {
    result.err().unwrap_or_default().0.into_iter().map(|error| (error.field, error.code)).collect()
}

#[test]
fn an_enquiry_needs_a_pending_application() {
    use ApplicationState as S;
    for state in S::ALL {
        let want = match state {
            S::Pending => Ok(()),
            S::Answered => Err(NotNow::NotPending),
            S::Decided | S::Withdrawn | S::Expired => Err(NotNow::Closed),
        };
        assert_eq!(standing(*state).enquire(TODAY), want, "{state}");
    }
    let pending = standing(S::Pending);
    assert_eq!(Standing { told: false, ..pending }.enquire(TODAY), Err(NotNow::NotTold));
    assert_eq!(Standing { open: true, ..pending }.enquire(TODAY), Err(NotNow::EnquiryOpen));
    assert_eq!(pending.enquire(date(2026, 11, 29)), Err(NotNow::Lapsed));
}

#[test]
fn a_program_decides_nothing() {
    for state in [ApplicationState::Pending, ApplicationState::Answered] {
        for outcome in Outcome::ALL {
            assert_eq!(standing(state).decide(*outcome, &PROGRAM, TODAY), Err(NotNow::NotAPerson));
            assert_eq!(standing(state).decide(*outcome, &ActorId::Nobody, TODAY), Err(NotNow::NotAPerson));
            assert!(standing(state).decide(*outcome, &person(), TODAY).is_ok());
        }
    }
}

#[test]
fn what_is_not_granted_after_credit_data_was_used_needs_a_letter() {
    for (outcome, used, needs) in [
        (Outcome::Granted, true, false),
        (Outcome::Reduced, true, true),
        (Outcome::Refused, true, true),
        (Outcome::Refused, false, false),
        (Outcome::Reduced, false, false),
    ] {
        // Also when the answer has gone since, so that the application is pending again.
        for state in [ApplicationState::Pending, ApplicationState::Answered] {
            let standing = Standing { used_credit_data: used, ..standing(state) };
            let closing = standing.decide(outcome, &person(), TODAY).unwrap();
            assert_eq!(closing.needs_letter, needs, "{outcome} {used}");
        }
    }
}

#[test]
fn a_form_is_refused_field_by_field() {
    let valid = application().validate(kinds(), TODAY).unwrap();
    assert_eq!((valid.applied_on, valid.told_on), (TODAY, Some(TODAY)));
    assert_eq!((valid.amount, valid.what_for.as_str()), (Cents(150_000), "Kumisaappaita laskulla"));
    let untold = ApplicationDraft { told: false, ..application() };
    assert_eq!(untold.validate(kinds(), TODAY).unwrap().told_on, None);
    let both = Some(OrganisationId(uuid::Uuid::nil()));
    for (draft, field, code) in [
        (ApplicationDraft { person: None, ..application() }, "applicant", code::REQUIRED),
        (ApplicationDraft { organisation: both, ..application() }, "applicant", code::REQUIRED),
        (ApplicationDraft { company: "Ä".into(), ..application() }, "company", code::COMPANY_UNKNOWN),
        (ApplicationDraft { applied_on: "29.11.2026".into(), ..application() }, "applied_on", code::DATE_FAR),
        (ApplicationDraft { applied_on: "1.10.2026".into(), ..application() }, "applied_on", code::DATE_FAR),
        (ApplicationDraft { applied_on: "eilen".into(), ..application() }, "applied_on", code::DATE_INVALID),
        (ApplicationDraft { channel: String::new(), ..application() }, "channel", code::REQUIRED),
        (ApplicationDraft { channel: "savumerkit".into(), ..application() }, "channel", code::CHOICE_UNKNOWN),
        (ApplicationDraft { what_for: " ".into(), ..application() }, "what_for", code::REQUIRED),
        (ApplicationDraft { what_for: "x".repeat(501), ..application() }, "what_for", code::TOO_LONG),
        (ApplicationDraft { amount: "0".into(), ..application() }, "amount", code::AMOUNT_INVALID),
        (ApplicationDraft { amount: "-5".into(), ..application() }, "amount", code::AMOUNT_INVALID),
        (ApplicationDraft { amount: String::new(), ..application() }, "amount", code::REQUIRED),
        (ApplicationDraft { amount: "10000000,01".into(), ..application() }, "amount", code::AMOUNT_TOO_LARGE),
        (ApplicationDraft { told_on: "29.11.2026".into(), ..application() }, "told_on", code::DATE_FAR),
    ] {
        assert_eq!(fields(draft.validate(kinds(), TODAY)), [(field.to_owned(), code)]);
    }
    assert_eq!(fields(application().validate(Kinds::NONE, TODAY)), [("amount".to_owned(), code::UNDECLARED)]);
}

#[test]
fn an_answer_is_used_a_month_at_most() {
    let answer = AnswerDraft { finding: "entries".into(), entries: "2".into(), ..AnswerDraft::default() };
    for (until, want) in [
        ("", date(2026, 12, 28)),
        ("1.12.2026", date(2026, 12, 1)),
        ("28.11.2026", TODAY),
        ("1.12.2030", date(2026, 12, 28)),
    ] {
        let draft = AnswerDraft { until: until.into(), ..answer.clone() };
        assert_eq!(draft.validate("Rekisteri", TODAY).unwrap().1, want, "{until}");
    }
    for (draft, field, code) in [
        (AnswerDraft { finding: String::new(), ..answer.clone() }, "finding", code::REQUIRED),
        (AnswerDraft { finding: "bad".into(), ..answer.clone() }, "finding", code::CHOICE_UNKNOWN),
        (AnswerDraft { finding: "clear".into(), ..answer.clone() }, "entries", code::CREDIT_ENTRIES),
        (AnswerDraft { entries: "10001".into(), ..answer.clone() }, "entries", code::QUANTITY_INVALID),
        (AnswerDraft { class: "x".repeat(11), ..answer.clone() }, "class", code::TOO_LONG),
        (AnswerDraft { until: "27.11.2026".into(), ..answer.clone() }, "until", code::DATE_FAR),
        (AnswerDraft { proposal: "hylätty".into(), ..answer.clone() }, "proposal", code::CHOICE_UNKNOWN),
    ] {
        assert_eq!(fields(draft.validate("Rekisteri", TODAY)), [(field.to_owned(), code)]);
    }
}

#[test]
fn a_decision_has_reasons_and_a_sum() {
    let amount = Cents(150_000);
    let draft = DecisionDraft {
        outcome: "reduced".into(),
        granted: "1 000,00".into(),
        reasons: "Aiemmat laskut maksettu ajallaan.".into(),
        by_email: false,
    };
    assert_eq!(draft.validate(amount).unwrap().granted, Cents(100_000));
    let granted = DecisionDraft { outcome: "granted".into(), ..draft.clone() };
    assert_eq!(granted.validate(amount).unwrap().granted, amount);
    let refused = DecisionDraft { outcome: "refused".into(), ..draft.clone() };
    assert_eq!(refused.validate(amount).unwrap().granted, Cents::ZERO);
    for (draft, field, code) in [
        (DecisionDraft { outcome: String::new(), ..draft.clone() }, "outcome", code::REQUIRED),
        (DecisionDraft { granted: "1 500,00".into(), ..draft.clone() }, "granted", code::CREDIT_REDUCED),
        (DecisionDraft { granted: "0".into(), ..draft.clone() }, "granted", code::CREDIT_REDUCED),
        (DecisionDraft { granted: String::new(), ..draft.clone() }, "granted", code::REQUIRED),
        (DecisionDraft { reasons: String::new(), ..draft.clone() }, "reasons", code::REQUIRED),
        (DecisionDraft { reasons: "ei".into(), ..draft.clone() }, "reasons", code::TOO_SHORT),
        (DecisionDraft { reasons: "x".repeat(2_001), ..draft.clone() }, "reasons", code::TOO_LONG),
    ] {
        assert_eq!(fields(draft.validate(amount)), [(field.to_owned(), code)]);
    }
}

#[test]
fn a_review_comes_due_a_quarter_after_the_last() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    for (reviewed, first, due) in [
        (None, None, false),
        (None, Some("2026-11-01"), false),
        (None, Some("2026-08-30"), true),
        (Some("2026-08-30"), Some("2026-09-01"), true),
        (Some("2026-08-30"), None, false),
        (Some("2026-08-31"), Some("2026-09-01"), false),
    ] {
        assert_eq!(review_due(reviewed.map(day), first.map(day), TODAY), due, "{reviewed:?} {first:?}");
    }
}

#[test]
fn the_letter_tells_of_use_and_source_in_each_language() {
    for (language, used) in [
        (Language::Fi, "käytetty luottotietojanne"),
        (Language::Sv, "kreditupplysningar"),
        (Language::En, "Credit data about you was used"),
    ] {
        let facts = LetterFacts {
            company: "arjasmaa".parse().unwrap(),
            company_name: "Arjasmaa Yhtiöt Oy".into(),
            language,
            applied_on: TODAY,
            amount: Cents(150_000),
            outcome: Outcome::Refused,
            granted: Cents::ZERO,
            sources: vec![(TODAY, "Esimerkin luottotietorekisteri".into())],
            contact: "Aino Esimerkki, 09 1234 5678".into(),
            signatory: "Olli Office".into(),
        };
        let letter = letter(&facts);
        assert!(
            letter.body.contains(used) && letter.body.contains("- Esimerkin luottotietorekisteri, "),
            "{}",
            letter.body
        );
        assert!(letter.body.contains("Aino Esimerkki") && letter.body.contains("Arjasmaa Yhtiöt Oy"));
        let parts = letter.parts();
        assert_eq!(parts.iter().filter(|part| matches!(part, crate::letter::Part::List(_))).count(), 1);
        insta::assert_snapshot!(format!("credit_letter_{}", language.tag()), letter.body);
    }
}

/// A step that somebody tries.
#[derive(Clone, Copy, Debug)]
enum Step {
    Enquire,
    Answer,
    GiveUp,
    Forget,
    Decide(Outcome, bool),
    Withdraw,
    Day,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Enquire),
        Just(Step::Answer),
        Just(Step::GiveUp),
        Just(Step::Forget),
        (prop::sample::select(Outcome::ALL), any::<bool>()).prop_map(|(outcome, human)| Step::Decide(outcome, human)),
        Just(Step::Withdraw),
        Just(Step::Day),
    ]
}

proptest! {
    /// Whatever is tried in whatever order: nothing is asked without a pending application, only a person decides, once,
    /// and no refusal after an answer goes without its letter.
    #[test]
    fn no_sequence_of_steps_passes_the_rules_by(steps in prop::collection::vec(step(), 0..40), told in any::<bool>()) {
        let mut at = Standing { told, lapses_on: lapses_on(TODAY), ..standing(ApplicationState::Pending) };
        let (mut today, mut answered, mut decided) = (TODAY, false, 0);
        for step in steps {
            let before = at;
            match step {
                Step::Enquire => if at.enquire(today).is_ok() {
                    prop_assert!(before.state == ApplicationState::Pending && told && !before.open && today <= at.lapses_on);
                    at.open = true;
                },
                Step::Answer => if at.answer(today).is_ok() {
                    prop_assert!(before.open);
                    (at.state, at.open, at.used_credit_data, answered) = (ApplicationState::Answered, false, true, true);
                },
                Step::GiveUp => at.open = false,
                Step::Forget => if at.state == ApplicationState::Answered { at.state = ApplicationState::Pending },
                Step::Decide(outcome, human) => {
                    let by = if human { person() } else { PROGRAM };
                    if let Ok(closing) = at.decide(outcome, &by, today) {
                        prop_assert!(human && !before.open && !before.state.is_closed());
                        prop_assert_eq!(closing.needs_letter, answered && outcome != Outcome::Granted);
                        at.state = ApplicationState::Decided;
                        decided += 1;
                    }
                }
                Step::Withdraw => if at.withdraw().is_ok() {
                    (at.state, at.open) = (ApplicationState::Withdrawn, false);
                },
                Step::Day => today = today.saturating_add(20.days()),
            }
            prop_assert!(decided <= 1);
            prop_assert!(!(at.open && at.state != ApplicationState::Pending));
        }
    }
}

//! The correction of data (*oikaisu*, Art. 16; promise P23): what is wrong and what is right, a field at a time, and which
//! fields a person may correct at once.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::draft::{DraftAddress, DraftText, OrganisationRef};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::fold::fold;
use crate::kind::{Kind, Kinds};
use crate::person::PersonDraft;
use crate::word::words;

/// Most corrections of a request.
pub const MAX_CORRECTIONS: usize = 20;
/// Most characters of what is wrong or right.
const MAX_TEXT: usize = 500;

words! {
    /// What becomes of a correction that the person makes.
    Rule {
        /// It holds at once.
        AtOnce = "at_once",
        /// Staff looks at it first.
        Approval = "approval",
        /// The register gives it: a person asks, and staff corrects what it is made from.
        NotByPerson = "not_by_person",
    }
}

/// The rule of a kind from a day on.
struct Dated {
    from: Date,
    kind: Kind,
    rule: Rule,
}

const fn since(from: Date, kind: Kind, rule: Rule) -> Dated {
    Dated { from, kind, rule }
}

const BEGIN: Date = jiff::civil::date(2026, 1, 1);

/// The rules by the day from which they hold; the last that has begun counts. Where one is reached and in which language one
/// is served only the person knows; a name or an organisation decides who one is, and is looked at.
const RULES: [Dated; 10] = [
    since(BEGIN, Kind::Name, Rule::Approval),
    since(BEGIN, Kind::Organisation, Rule::Approval),
    since(BEGIN, Kind::Email, Rule::AtOnce),
    since(BEGIN, Kind::PostalAddress, Rule::AtOnce),
    since(BEGIN, Kind::Telephone, Rule::AtOnce),
    since(BEGIN, Kind::Language, Rule::AtOnce),
    since(BEGIN, Kind::Orders, Rule::Approval),
    since(BEGIN, Kind::CustomerNumber, Rule::NotByPerson),
    since(BEGIN, Kind::Credit, Rule::Approval),
    since(BEGIN, Kind::Tags, Rule::NotByPerson),
];

/// What becomes of a correction of a kind that the person makes on a day.
#[must_use]
pub fn rule_on(kind: Kind, day: Date) -> Rule {
    let rules = RULES.iter().filter(|dated| dated.kind == kind && dated.from <= day);
    rules.max_by_key(|dated| dated.from).map_or(Rule::Approval, |dated| dated.rule)
}

/// Whether a correction of a kind can be carried out from a request. Others are made where the thing is.
#[must_use]
pub const fn is_carried_out(kind: Kind) -> bool {
    !matches!(kind, Kind::Orders | Kind::Credit | Kind::Tags)
}

/// One field that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Correction {
    /// The kind of data.
    pub kind: Kind,
    /// What is wrong, as it stands in the register; empty: it is missing.
    pub wrong: String,
    /// What is right.
    pub right: Right,
    /// What became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// What is right. Which parts a kind has is as in forms: a name has given names, an address a postal code and a town.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Right {
    /// The value: family name, address, number, street. Empty: it is to go.
    pub text: String,
    /// Given names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub given: String,
    /// Postal code.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    /// Town.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub town: String,
}

impl Right {
    /// In one line.
    #[must_use]
    pub fn display(&self) -> String {
        let place = [self.postal_code.as_str(), self.town.as_str()].join(" ");
        let name = [self.given.as_str(), self.text.as_str()].join(" ");
        [name.trim(), place.trim()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// What became of a correction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was made: the number of its entry in the log.
    Made(u64),
    /// It was not made: the data is right, or the person could not show that it is wrong.
    Declined,
}

/// A correction as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CorrectionDraft {
    /// The name of the kind; empty: the row is passed over.
    pub kind: String,
    /// What is wrong.
    pub wrong: String,
    /// What is right.
    pub right: Right,
}

impl CorrectionDraft {
    fn is_empty(&self) -> bool {
        self.kind.is_empty() && self.wrong.trim().is_empty() && self.right.display().is_empty()
    }
}

/// Checks the corrections of a form; rows without anything are passed over.
///
/// # Errors
/// Everything that is wrong.
pub fn validate(drafts: &[CorrectionDraft], kinds: Kinds) -> Result<Vec<Correction>, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut corrections = Vec::new();
    for (row, draft) in drafts.iter().enumerate().filter(|(_, draft)| !draft.is_empty()) {
        if corrections.len() == MAX_CORRECTIONS {
            errors.push(FieldError::new("corrections", code::TOO_MANY).with("max", MAX_CORRECTIONS));
            break;
        }
        let field = |name: &str| format!("corrections.{row}.{name}");
        let kind = draft.kind.parse::<Kind>().map_err(|_| FieldError::new(field("kind"), code::REQUIRED));
        let kind = kind.and_then(|kind| match kinds.has(kind) {
            true => Ok(kind),
            false => Err(FieldError::new(field("kind"), code::UNDECLARED)),
        });
        let kind = errors.keep(kind);
        let mut line = |name: &str, text: &str| errors.keep(one_line(&field(name), text, MAX_TEXT)).unwrap_or_default();
        let wrong = line("wrong", &draft.wrong);
        let right = Right {
            text: line("text", &draft.right.text),
            given: line("given", &draft.right.given),
            postal_code: line("postal_code", &draft.right.postal_code),
            town: line("town", &draft.right.town),
        };
        if wrong.is_empty() && right.display().is_empty() {
            errors.push(FieldError::new(field("wrong"), code::REQUIRED));
        }
        if let Some(kind) = kind {
            corrections.push(Correction { kind, wrong, right, outcome: None });
        }
    }
    errors.into_result(corrections)
}

/// Puts a correction into a person's form. What it says is checked where forms are checked.
///
/// # Errors
/// What is wrong is not found in the form, so that somebody has to look, or the kind is corrected elsewhere.
pub fn apply(draft: &mut PersonDraft, correction: &Correction) -> Result<(), FieldError> {
    let Correction { kind, wrong, right, .. } = correction;
    let not_found = || FieldError::new("correction", code::CORRECTION_NOT_FOUND);
    match kind {
        Kind::Name => (draft.given, draft.family) = (right.given.clone(), right.text.clone()),
        Kind::Language => draft.language.clone_from(&right.text),
        Kind::CustomerNumber => draft.customer_number.clone_from(&right.text),
        Kind::Organisation => {
            draft.organisation = (!right.text.is_empty()).then(|| OrganisationRef::Named(right.text.clone()));
        }
        Kind::Email => {
            let is_wrong = |entry: &DraftText| entry.text.to_lowercase() == wrong.to_lowercase();
            replace(&mut draft.emails, wrong, is_wrong, &right.text).ok_or_else(not_found)?;
        }
        Kind::Telephone => {
            let is_wrong = |entry: &DraftText| is_same_number(&entry.text, wrong);
            replace(&mut draft.telephones, wrong, is_wrong, &right.text).ok_or_else(not_found)?;
        }
        Kind::PostalAddress => address(&mut draft.addresses, wrong, right).ok_or_else(not_found)?,
        Kind::Orders | Kind::Credit | Kind::Tags => {
            return Err(FieldError::new("correction", code::CORRECTION_ELSEWHERE));
        }
    }
    Ok(())
}

fn replace(
    entries: &mut Vec<DraftText>,
    wrong: &str,
    is_wrong: impl Fn(&DraftText) -> bool,
    right: &str,
) -> Option<()> {
    if wrong.is_empty() {
        entries.push(DraftText::new(right));
        return Some(());
    }
    let at = entries.iter().position(is_wrong)?;
    if right.is_empty() {
        entries.remove(at);
    } else {
        right.clone_into(&mut entries[at].text);
    }
    Some(())
}

/// The last seven digits of a number are the same, however it was written.
fn is_same_number(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).rev().take(7).collect::<String>();
    let (one, other) = (digits(one), digits(other));
    one.len() >= 5 && one == other
}

fn address(entries: &mut Vec<DraftAddress>, wrong: &str, right: &Right) -> Option<()> {
    let new = |old: DraftAddress| DraftAddress {
        street: right.text.clone(),
        postal_code: right.postal_code.clone(),
        town: right.town.clone(),
        region: String::new(),
        ..old
    };
    if wrong.is_empty() {
        entries.push(new(DraftAddress::default()));
        return Some(());
    }
    let wrong = fold(wrong);
    // A street alone is enough to tell which address is meant.
    let is_wrong = |entry: &DraftAddress| !entry.street.is_empty() && wrong.starts_with(&fold(&entry.street));
    let at = entries.iter().position(is_wrong)?;
    if right.display().is_empty() {
        entries.remove(at);
    } else {
        entries[at] = new(entries[at].clone());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reviewed table: a change shows as a change of this snapshot.
    #[test]
    fn what_a_person_may_correct() {
        let rows: Vec<_> = Kind::ALL.into_iter().map(|kind| format!("{kind} {}", rule_on(kind, BEGIN))).collect();
        insta::assert_snapshot!(rows.join("\n"));
    }

    fn correction(kind: Kind, wrong: &str, text: &str) -> Correction {
        let right = Right { text: text.into(), postal_code: "00100".into(), ..Right::default() };
        Correction { kind, wrong: wrong.into(), right, outcome: None }
    }

    #[test]
    fn a_correction_finds_what_is_wrong() {
        let mut draft = PersonDraft {
            emails: vec![DraftText::new("vanha@example.com"), DraftText::new("toinen@example.com")],
            telephones: vec![DraftText::new("+358 40 123 4567")],
            addresses: vec![DraftAddress {
                street: "Torikatu 1".into(),
                town: "Oulu".into(),
                ..DraftAddress::default()
            }],
            ..PersonDraft::default()
        };
        apply(&mut draft, &correction(Kind::Email, "Vanha@Example.com", "uusi@example.com")).unwrap();
        apply(&mut draft, &correction(Kind::Telephone, "040 1234567", "040 765 4321")).unwrap();
        apply(&mut draft, &correction(Kind::PostalAddress, "Torikatu 1, Oulu", "Uusikatu 2")).unwrap();
        let emails: Vec<_> = draft.emails.iter().map(|email| email.text.as_str()).collect();
        assert_eq!(emails, ["uusi@example.com", "toinen@example.com"]);
        assert_eq!(draft.telephones[0].text, "040 765 4321");
        assert_eq!((draft.addresses[0].street.as_str(), draft.addresses[0].town.as_str()), ("Uusikatu 2", ""));
        let missing = apply(&mut draft, &correction(Kind::Email, "poissa@example.com", "x@example.com"));
        assert_eq!(missing.unwrap_err().code, code::CORRECTION_NOT_FOUND);
        let elsewhere = apply(&mut draft, &correction(Kind::Orders, "1", "2"));
        assert_eq!(elsewhere.unwrap_err().code, code::CORRECTION_ELSEWHERE);
    }

    #[test]
    fn a_row_says_its_kind_and_something() {
        let drafts = [
            CorrectionDraft::default(),
            CorrectionDraft { wrong: "x".into(), ..CorrectionDraft::default() },
            CorrectionDraft { kind: "email".into(), ..CorrectionDraft::default() },
        ];
        let kinds: Kinds = [Kind::Email].into_iter().collect();
        let errors = validate(&drafts, kinds).unwrap_err();
        let fields: Vec<_> = errors.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["corrections.1.kind", "corrections.2.wrong"]);
    }
}

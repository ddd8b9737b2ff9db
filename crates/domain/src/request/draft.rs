//! Requests, checks of identity and decisions as forms give them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Channel, IdentityCheck, RefusalGround, RequestKind, Said};
use crate::date::{DateOrder, parse_field};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::CompanyId;
use crate::kind::Kinds;
use crate::language::Language;
use crate::rectification::{self, CorrectionDraft};

/// Most characters of a name.
const MAX_LINE: usize = 200;
/// Most characters of a text.
const MAX_TEXT: usize = 5_000;

/// A request as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestDraft {
    /// The name of the kind.
    pub kind: String,
    /// The name of the channel.
    pub channel: String,
    /// The day on which it was received.
    pub received_on: String,
    /// Short name of the company that received it.
    pub company: String,
    /// `fi`, `sv` or `en`.
    pub language: String,
    /// Who asks, when there is no card yet.
    pub name: String,
    /// Where to answer, when there is no card yet.
    pub reach: String,
    /// What they ask, in their words.
    pub text: String,
    /// What is wrong and what is right.
    pub corrections: Vec<CorrectionDraft>,
}

/// A request checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidRequest {
    /// What is asked.
    pub kind: RequestKind,
    /// How it came.
    pub channel: Channel,
    /// The day from which the time runs.
    pub received_on: Date,
    /// The company; whether it is the actor's is for the caller to check.
    pub company: CompanyId,
    /// The language of the answer.
    pub language: Language,
    /// What was said.
    pub said: Said,
}

/// Text of several lines, without control characters.
pub(super) fn text(field: &str, given: &str) -> Result<String, FieldError> {
    let text = given.replace("\r\n", "\n").trim().to_owned();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(FieldError::new(field, code::CONTROL_CHARACTER));
    }
    if text.chars().count() > MAX_TEXT {
        return Err(FieldError::new(field, code::TOO_LONG).with("max", MAX_TEXT));
    }
    Ok(text)
}

fn required(field: &str, text: String) -> Result<String, FieldError> {
    if text.is_empty() { Err(FieldError::new(field, code::REQUIRED)) } else { Ok(text) }
}

impl RequestDraft {
    /// Checks the request. `has_card`: it was begun from a person's card.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, kinds: Kinds, has_card: bool, today: Date) -> Result<ValidRequest, FieldErrors> {
        let mut errors = FieldErrors::default();
        let choice = |field| FieldError::new(field, code::REQUIRED);
        let kind = errors.keep(self.kind.parse::<RequestKind>().map_err(|_| choice("kind")));
        let channel = errors.keep(self.channel.parse::<Channel>().map_err(|_| choice("channel")));
        let received_on =
            parse_field("received_on", &self.received_on, DateOrder::DayFirst).and_then(|day| match day {
                Some(day) if day > today => Err(FieldError::new("received_on", code::DATE_FAR)),
                // An older one is a slip of the year, or past helping by a clock.
                Some(day) if (today - day).get_days() > 366 => Err(FieldError::new("received_on", code::DATE_FAR)),
                Some(day) => Ok(day),
                None => Err(FieldError::new("received_on", code::REQUIRED)),
            });
        let received_on = errors.keep(received_on);
        let company =
            errors.keep(self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN)));
        let language = errors.keep(self.language.parse().map_err(|_| choice("language")));
        let mut said = Said {
            name: errors.keep(one_line("name", &self.name, MAX_LINE)).unwrap_or_default(),
            reach: errors.keep(text("reach", &self.reach)).unwrap_or_default(),
            text: errors.keep(text("text", &self.text)).unwrap_or_default(),
            ..Said::default()
        };
        if has_card {
            (said.name, said.reach) = (String::new(), String::new());
        } else {
            for (field, given) in [("name", &said.name), ("reach", &said.reach)] {
                errors.keep(required(field, given.clone()));
            }
        }
        for (field, given) in [("text", &said.text), ("reach", &said.reach), ("name", &said.name)] {
            if is_identity_number(given) {
                errors.push(FieldError::new(field, code::IDENTITY_NUMBER));
            }
        }
        if kind == Some(RequestKind::Rectification) {
            match rectification::validate(&self.corrections, kinds) {
                Ok(corrections) if corrections.is_empty() => {
                    errors.push(FieldError::new("corrections.0.kind", code::REQUIRED));
                }
                Ok(corrections) => said.corrections = corrections,
                Err(wrong) => errors.0.extend(wrong.0),
            }
        }
        match (kind, channel, received_on, company, language) {
            (Some(kind), Some(channel), Some(received_on), Some(company), Some(language)) if errors.is_empty() => {
                Ok(ValidRequest { kind, channel, received_on, company, language, said })
            }
            _ => Err(errors),
        }
    }
}

/// How a person was recognised, as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IdentityDraft {
    /// The name of the way.
    pub check: String,
    /// What was looked at.
    pub checked: String,
}

/// How a person was recognised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidIdentity {
    /// The way.
    pub check: IdentityCheck,
    /// What was looked at; never a number of a document.
    pub checked: String,
}

impl IdentityDraft {
    /// Checks it: what was looked at is noted in words, and no identity number among them (Data Protection Act § 29).
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self) -> Result<ValidIdentity, FieldErrors> {
        let mut errors = FieldErrors::default();
        let check = IdentityCheck::OF_STAFF.into_iter().find(|check| check.as_str() == self.check);
        let check = errors.keep(check.ok_or_else(|| FieldError::new("check", code::REQUIRED)));
        let checked = text("checked", &self.checked).and_then(|text| required("checked", text));
        let checked = checked.and_then(|text| match is_identity_number(&text) {
            true => Err(FieldError::new("checked", code::IDENTITY_NUMBER)),
            false => Ok(text),
        });
        match (check, errors.keep(checked)) {
            (Some(check), Some(checked)) => Ok(ValidIdentity { check, checked }),
            _ => Err(errors),
        }
    }
}

/// Reasons and a ground, as a form gives them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DecisionDraft {
    /// The name of the ground; of a refusal only.
    pub ground: String,
    /// Why.
    pub reasons: String,
}

impl DecisionDraft {
    /// The reasons, which must be given.
    ///
    /// # Errors
    /// They are missing or too long.
    pub fn reasons(&self) -> Result<String, FieldError> {
        text("reasons", &self.reasons).and_then(|text| required("reasons", text))
    }

    /// The ground and the reasons of a refusal of a kind.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn refusal(&self, kind: RequestKind) -> Result<(RefusalGround, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let ground = self.ground.parse::<RefusalGround>().ok().filter(|ground| ground.fits(kind));
        let ground = errors.keep(ground.ok_or_else(|| FieldError::new("ground", code::REQUIRED)));
        let reasons = errors.keep(self.reasons());
        match (ground, reasons) {
            (Some(ground), Some(reasons)) => Ok((ground, reasons)),
            _ => Err(errors),
        }
    }
}

/// Whether a text holds what looks like a Finnish personal identity code: `131052-308T` with any of its separators
/// (Decree 128/2010 as amended in 2023).
#[must_use]
pub fn is_identity_number(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    (0..chars.len()).any(|at| {
        let begins = at == 0 || !chars[at - 1].is_ascii_alphanumeric();
        let ends = chars.get(at + 11).is_none_or(|c| !c.is_ascii_alphanumeric());
        let separator = chars.get(at + 6).is_some_and(|c| "+-UVWXYABCDEFuvwxyabcdef".contains(*c));
        let check = chars.get(at + 10).is_some_and(char::is_ascii_alphanumeric);
        begins && ends && separator && check && (at..at + 6).all(digit) && (at + 7..at + 10).all(digit)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::kind::Kind;

    const TODAY: Date = date(2026, 11, 28);

    fn draft() -> RequestDraft {
        RequestDraft {
            kind: "access".into(),
            channel: "telephone".into(),
            received_on: "27.11.2026".into(),
            company: "arjasmaa".into(),
            language: "sv".into(),
            name: "Åsa Öhman".into(),
            reach: "Testgatan 1\n20100 Åbo".into(),
            text: "Vad vet ni om mig?".into(),
            ..RequestDraft::default()
        }
    }

    #[test]
    fn a_request_says_who_what_when_and_where_to_answer() {
        let kinds: Kinds = [Kind::Email].into_iter().collect();
        let valid = draft().validate(kinds, false, TODAY).unwrap();
        assert_eq!((valid.kind, valid.received_on), (RequestKind::Access, date(2026, 11, 27)));
        let missing = RequestDraft::default().validate(kinds, false, TODAY).unwrap_err();
        let fields: Vec<_> = missing.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["kind", "channel", "received_on", "company", "language", "name", "reach"]);
        let tomorrow = RequestDraft { received_on: "29.11.2026".into(), ..draft() };
        assert_eq!(tomorrow.validate(kinds, true, TODAY).unwrap_err().0[0].code, code::DATE_FAR);
        let nothing_wrong = RequestDraft { kind: "rectification".into(), ..draft() };
        assert_eq!(nothing_wrong.validate(kinds, true, TODAY).unwrap_err().0[0].field, "corrections.0.kind");
    }

    #[test]
    fn no_identity_number_is_kept() {
        for number in ["131052-308T", "nähty 010594Y9032.", "ajokortti, 131052a308t"] {
            assert!(is_identity_number(number), "{number}");
            let draft = IdentityDraft { check: "paper_shown".into(), checked: number.into() };
            assert_eq!(draft.validate().unwrap_err().0[0].code, code::IDENTITY_NUMBER);
        }
        for words in ["Ajokortti nähty", "tilaus 2026-1188", "puhelin 040 1234567", "FI21 1234 5600 0007 85"] {
            assert!(!is_identity_number(words), "{words}");
        }
    }

    #[test]
    fn a_refusal_fits_what_is_refused() {
        let draft = DecisionDraft { ground: "legal_obligation".into(), reasons: "Kirjanpitolaki".into() };
        assert!(draft.refusal(RequestKind::Erasure).is_ok());
        assert_eq!(draft.refusal(RequestKind::Access).unwrap_err().0[0].field, "ground");
    }
}

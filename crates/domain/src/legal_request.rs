//! Requests for data that rest on a law (*lainsäädännön velvoittaessa*, promise P14): who asked, by which law, for what,
//! and who decided. Nothing of the person asked about stands here but what the request itself says.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::date::{DateOrder, parse_field};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, DisclosureId, LegalRequestId, PartnerId};
use crate::kind::{Kind, Kinds};

/// Most characters in a field.
const MAX_TEXT: usize = 1_000;

/// A request and what was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegalRequest {
    /// Its id.
    pub id: LegalRequestId,
    /// The authority, as a partner.
    pub partner: PartnerId,
    /// Of which company it was asked.
    pub company: CompanyId,
    /// What it says, and what was decided.
    pub details: Details,
    /// What was disclosed by it.
    pub disclosure: Option<DisclosureId>,
    /// Who recorded it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
}

/// What a request says, and what was decided.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Details {
    /// Who asked: name and office.
    pub asked_by: String,
    /// By which law, with its section.
    pub law: String,
    /// For what.
    pub asked_for: String,
    /// The day of the request.
    pub asked_on: Date,
    /// Where the request is kept.
    pub document: String,
    /// Who decided, by name.
    pub decided_by: String,
    /// Whether it was granted.
    pub granted: bool,
    /// Why.
    pub reason: String,
    /// The kinds of data that it covers.
    pub kinds: Kinds,
}

/// A request as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LegalRequestDraft {
    /// Who asked.
    pub asked_by: String,
    /// By which law.
    pub law: String,
    /// For what.
    pub asked_for: String,
    /// When.
    pub asked_on: String,
    /// Where the request is kept.
    pub document: String,
    /// Who decided.
    pub decided_by: String,
    /// Whether it is granted.
    pub granted: bool,
    /// Why.
    pub reason: String,
    /// The kinds of data.
    pub kinds: Vec<String>,
}

impl LegalRequestDraft {
    /// Checks the request.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, kinds: Kinds, today: Date) -> Result<Details, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut text = |field: &str, given: &str| {
            let line = one_line(field, given, MAX_TEXT).and_then(|line| match line.is_empty() {
                true => Err(FieldError::new(field, code::REQUIRED)),
                false => Ok(line),
            });
            errors.keep(line).unwrap_or_default()
        };
        let (asked_by, law) = (text("asked_by", &self.asked_by), text("law", &self.law));
        let (asked_for, document) = (text("asked_for", &self.asked_for), text("document", &self.document));
        let (decided_by, reason) = (text("decided_by", &self.decided_by), text("reason", &self.reason));
        let asked_on = parse_field("asked_on", &self.asked_on, DateOrder::DayFirst).and_then(|day| match day {
            Some(day) if day > today => Err(FieldError::new("asked_on", code::DATE_FAR)),
            Some(day) => Ok(day),
            None => Err(FieldError::new("asked_on", code::REQUIRED)),
        });
        let asked_on = errors.keep(asked_on);
        let mut chosen = Kinds::NONE;
        for kind in &self.kinds {
            match kind.parse::<Kind>().ok().filter(|kind| kinds.has(*kind)) {
                Some(kind) => chosen = chosen.with(kind),
                None => errors.push(FieldError::new("kinds", code::UNDECLARED)),
            }
        }
        if self.granted && chosen.is_empty() && errors.of("kinds").next().is_none() {
            errors.push(FieldError::new("kinds", code::REQUIRED));
        }
        match asked_on {
            Some(asked_on) if errors.is_empty() => Ok(Details {
                asked_by,
                law,
                asked_for,
                asked_on,
                document,
                decided_by,
                granted: self.granted,
                reason,
                kinds: chosen,
            }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_request_says_who_by_which_law_and_who_decided() {
        let today = date(2026, 11, 28);
        let kinds: Kinds = [Kind::Name].into_iter().collect();
        let empty = LegalRequestDraft { granted: true, ..LegalRequestDraft::default() };
        let missing = empty.validate(kinds, today).unwrap_err();
        let fields: Vec<_> = missing.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["asked_by", "law", "asked_for", "document", "decided_by", "reason", "asked_on", "kinds"]);
        let draft = LegalRequestDraft {
            asked_by: "Ulosottoviranomainen".into(),
            law: "ulosottokaari 3:64".into(),
            asked_for: "osoite".into(),
            asked_on: "27.11.2026".into(),
            document: "DIA 7".into(),
            decided_by: "Aino Esimerkki".into(),
            granted: true,
            reason: "laki velvoittaa".into(),
            kinds: vec!["name".into()],
        };
        assert_eq!(draft.validate(kinds, today).unwrap().kinds, kinds);
        let tomorrow = LegalRequestDraft { asked_on: "29.11.2026".into(), ..draft.clone() };
        assert_eq!(tomorrow.validate(kinds, today).unwrap_err().0[0].code, code::DATE_FAR);
        let undeclared = LegalRequestDraft { kinds: vec!["email".into()], ..draft };
        assert_eq!(undeclared.validate(kinds, today).unwrap_err().0[0].code, code::UNDECLARED);
    }
}

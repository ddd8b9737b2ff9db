//! What forms of credit give, checked field by field.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::credit::{Answer, Applicant, Channel, Finding, Method, Outcome, Proposal, Service, usable_until};
use crate::date::{DateOrder, parse_field};
use crate::feed::MAX_SECRET;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrganisationId, PartnerId, PersonId};
use crate::kind::{Kind, Kinds};
use crate::money::{Cents, DecimalMark};

/// Most characters of a line.
const MAX_LINE: usize = 200;
/// Most characters of what an application is for.
const MAX_WHAT_FOR: usize = 500;
/// Fewest and most characters of the reasons of a decision: a word is no reason.
const REASONS: std::ops::RangeInclusive<usize> = 10..=2_000;
/// Most characters of a class.
pub const MAX_CLASS: usize = 10;
/// Most characters of what a service calls its answer.
pub const MAX_REFERENCE: usize = 64;
/// Most entries that an answer counts.
pub const MAX_ENTRIES: u32 = 10_000;
/// Most characters of an address.
const MAX_ADDRESS: usize = 2_000;
/// Most credit: ten million euros.
const MAX_AMOUNT: Cents = Cents(1_000_000_000);
/// Days back to which an application can be written down.
const MAX_AGE: i64 = 30;

fn required(field: &str, text: &str, longest: usize) -> Result<String, FieldError> {
    match one_line(field, text, longest) {
        Ok(line) if line.is_empty() => Err(FieldError::new(field, code::REQUIRED)),
        other => other,
    }
}

fn choice<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, FieldError> {
    match text.trim() {
        "" => Err(FieldError::new(field, code::REQUIRED)),
        word => word.parse().map_err(|_| FieldError::new(field, code::CHOICE_UNKNOWN)),
    }
}

/// Text of several lines; each line end is `\n`.
fn text(field: &str, text: &str, longest: usize) -> Result<String, FieldError> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > longest {
        return Err(FieldError::new(field, code::TOO_LONG).with("max", longest));
    }
    match text.chars().any(|c| c.is_control() && c != '\n') {
        true => Err(FieldError::new(field, code::CONTROL_CHARACTER)),
        false => Ok(text),
    }
}

/// A day that is not after today.
fn past_day(field: &str, text: &str, oldest: Date, today: Date) -> Result<Option<Date>, FieldError> {
    match parse_field(field, text, DateOrder::DayFirst)? {
        Some(day) if day > today || day < oldest => Err(FieldError::new(field, code::DATE_FAR)),
        day => Ok(day),
    }
}

/// An application as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ApplicationDraft {
    /// The company of the group that is asked for credit.
    pub company: String,
    /// The person who applies.
    pub person: Option<PersonId>,
    /// The organisation that applies.
    pub organisation: Option<OrganisationId>,
    /// When; empty: today.
    pub applied_on: String,
    /// A [`Channel`].
    pub channel: String,
    /// What for.
    pub what_for: String,
    /// How much, in euros.
    pub amount: String,
    /// Whether the applicant was told that credit data is asked for, and from which register.
    pub told: bool,
    /// When; empty: on the day of the application.
    pub told_on: String,
}

/// An application checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidApplication {
    /// The company; whether it is the writer's is for the caller to check.
    pub company: CompanyId,
    /// Who applies.
    pub applicant: Applicant,
    /// When.
    pub applied_on: Date,
    /// The way.
    pub channel: Channel,
    /// What for.
    pub what_for: String,
    /// How much.
    pub amount: Cents,
    /// When the applicant was told.
    pub told_on: Option<Date>,
}

impl ApplicationDraft {
    /// Checks the application.
    ///
    /// # Errors
    /// Everything that is wrong; all of it when the notice does not declare that credit is handled (promise P10).
    pub fn validate(&self, kinds: Kinds, today: Date) -> Result<ValidApplication, FieldErrors> {
        let mut errors = FieldErrors::default();
        if !kinds.has(Kind::Credit) {
            errors.push(FieldError::new("amount", code::UNDECLARED));
        }
        let applicant = match (self.person, self.organisation) {
            (Some(person), None) => Ok(Applicant::Person(person)),
            (None, Some(organisation)) => Ok(Applicant::Organisation(organisation)),
            _ => Err(FieldError::new("applicant", code::REQUIRED)),
        };
        let applicant = errors.keep(applicant);
        let company = self.company.trim().parse();
        let company = errors.keep(company.map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN)));
        let oldest = today.saturating_sub(MAX_AGE.days());
        let applied_on = errors.keep(past_day("applied_on", &self.applied_on, oldest, today));
        let applied_on = applied_on.map(|day| day.unwrap_or(today));
        let channel = errors.keep(choice("channel", &self.channel));
        let what_for = errors.keep(required("what_for", &self.what_for, MAX_WHAT_FOR));
        let amount = errors.keep(match Cents::parse("amount", &self.amount, DecimalMark::Guess) {
            _ if self.amount.trim().is_empty() => Err(FieldError::new("amount", code::REQUIRED)),
            Ok(amount) if amount <= Cents::ZERO => Err(FieldError::new("amount", code::AMOUNT_INVALID)),
            Ok(amount) if amount > MAX_AMOUNT => Err(FieldError::new("amount", code::AMOUNT_TOO_LARGE)),
            other => other,
        });
        let told_on = match self.told {
            true => errors.keep(past_day("told_on", &self.told_on, oldest, today)).map(|day| day.or(applied_on)),
            false => Some(None),
        };
        match (applicant, company, applied_on, channel, what_for, amount, told_on) {
            (
                Some(applicant),
                Some(company),
                Some(applied_on),
                Some(channel),
                Some(what_for),
                Some(amount),
                Some(told_on),
            ) if errors.is_empty() => {
                Ok(ValidApplication { company, applicant, applied_on, channel, what_for, amount, told_on })
            }
            _ => Err(errors),
        }
    }
}

/// An answer that is typed in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AnswerDraft {
    /// A [`Finding`].
    pub finding: String,
    /// How many entries, or empty.
    pub entries: String,
    /// The class, or empty.
    pub class: String,
    /// A [`Proposal`], or empty.
    pub proposal: String,
    /// What the service calls it, or empty.
    pub reference: String,
    /// The last day on which it may be used, or empty.
    pub until: String,
}

impl AnswerDraft {
    /// Checks the answer, which comes from `register`; and until when it may be used.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, register: &str, today: Date) -> Result<(Answer, Date), FieldErrors> {
        let mut errors = FieldErrors::default();
        let finding: Option<Finding> = errors.keep(choice("finding", &self.finding));
        let entries = match self.entries.trim() {
            "" => Ok(None),
            number => match number.parse::<u32>() {
                Ok(count) if count <= MAX_ENTRIES => Ok(Some(count)),
                _ => Err(FieldError::new("entries", code::QUANTITY_INVALID)),
            },
        };
        let entries = errors.keep(entries);
        if finding.is_some_and(|finding| finding != Finding::Entries) && entries.flatten().is_some_and(|n| n > 0) {
            errors.push(FieldError::new("entries", code::CREDIT_ENTRIES));
        }
        let class = errors.keep(one_line("class", &self.class, MAX_CLASS));
        let reference = errors.keep(one_line("reference", &self.reference, MAX_REFERENCE));
        let proposal: Option<Option<Proposal>> = match self.proposal.trim() {
            "" => Some(None),
            word => errors.keep(choice("proposal", word)).map(Some),
        };
        let until = parse_field("until", &self.until, DateOrder::DayFirst).and_then(|until| match until {
            Some(day) if day < today => Err(FieldError::new("until", code::DATE_FAR)),
            day => Ok(day),
        });
        let until = errors.keep(until);
        let given = |text: String| (!text.is_empty()).then_some(text);
        match (finding, entries, class, reference, proposal, until) {
            (Some(finding), Some(entries), Some(class), Some(reference), Some(proposal), Some(until))
                if errors.is_empty() =>
            {
                let register = register.to_owned();
                let (class, reference) = (given(class), given(reference));
                Ok((Answer { finding, entries, class, proposal, reference, register }, usable_until(until, today)))
            }
            _ => Err(errors),
        }
    }
}

/// A decision as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DecisionDraft {
    /// An [`Outcome`].
    pub outcome: String,
    /// How much was granted, when it is less than was applied for.
    pub granted: String,
    /// Why.
    pub reasons: String,
    /// Whether a letter goes by e-mail as well.
    pub by_email: bool,
}

/// A decision checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidDecision {
    /// What.
    pub outcome: Outcome,
    /// How much was granted.
    pub granted: Cents,
    /// Why.
    pub reasons: String,
    /// Whether a letter goes by e-mail as well.
    pub by_email: bool,
}

impl DecisionDraft {
    /// Checks the decision about `amount`.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, amount: Cents) -> Result<ValidDecision, FieldErrors> {
        let mut errors = FieldErrors::default();
        let outcome: Option<Outcome> = errors.keep(choice("outcome", &self.outcome));
        let granted = match outcome {
            Some(Outcome::Granted) => Some(amount),
            Some(Outcome::Reduced) => errors.keep(match Cents::parse("granted", &self.granted, DecimalMark::Guess) {
                _ if self.granted.trim().is_empty() => Err(FieldError::new("granted", code::REQUIRED)),
                Ok(granted) if granted <= Cents::ZERO || granted >= amount => {
                    Err(FieldError::new("granted", code::CREDIT_REDUCED))
                }
                other => other,
            }),
            Some(Outcome::Refused) | None => Some(Cents::ZERO),
        };
        let reasons =
            text("reasons", &self.reasons, *REASONS.end()).and_then(|reasons| match reasons.chars().count() {
                0 => Err(FieldError::new("reasons", code::REQUIRED)),
                count if count < *REASONS.start() => {
                    Err(FieldError::new("reasons", code::TOO_SHORT).with("min", REASONS.start()))
                }
                _ => Ok(reasons),
            });
        let reasons = errors.keep(reasons);
        match (outcome, granted, reasons) {
            (Some(outcome), Some(granted), Some(reasons)) if errors.is_empty() => {
                Ok(ValidDecision { outcome, granted, reasons, by_email: self.by_email })
            }
            _ => Err(errors),
        }
    }
}

/// A service as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServiceDraft {
    /// What people call it.
    pub name: String,
    /// The id of the partner that answers.
    pub partner: String,
    /// The register that it answers from.
    pub source_register: String,
    /// A [`Method`].
    pub method: String,
    /// The address.
    pub address: String,
    /// The value of `Authorization`; empty: as it was.
    pub secret: String,
    /// Whether the secret that is kept is to be forgotten.
    pub forget_secret: bool,
    /// Whether it may be asked.
    pub active: bool,
}

/// A service checked as far as it can be without asking anything else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidService {
    /// What people call it.
    pub name: String,
    /// The partner; whether it may be asked is for the caller to check.
    pub partner: PartnerId,
    /// The register that it answers from.
    pub source_register: String,
    /// How it is asked.
    pub method: Method,
    /// The address; whether it can be asked is for the caller to check.
    pub address: String,
    /// Whether it may be asked.
    pub active: bool,
}

impl ServiceDraft {
    /// Checks the service.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self) -> Result<ValidService, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.keep(required("name", &self.name, MAX_LINE));
        let partner: Option<PartnerId> = errors.keep(choice("partner", &self.partner));
        let source_register = errors.keep(required("source_register", &self.source_register, MAX_LINE));
        let method: Option<Method> = errors.keep(choice("method", &self.method));
        let address = match method {
            Some(Method::Rest) => errors.keep(required("address", &self.address, MAX_ADDRESS)),
            _ => Some(String::new()),
        };
        let is_header = self.secret.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
        if !is_header || self.secret.len() > MAX_SECRET {
            errors.push(FieldError::new("secret", code::SECRET_INVALID).with("max", MAX_SECRET));
        }
        match (name, partner, source_register, method, address) {
            (Some(name), Some(partner), Some(source_register), Some(method), Some(address)) if errors.is_empty() => {
                Ok(ValidService { name, partner, source_register, method, address, active: self.active })
            }
            _ => Err(errors),
        }
    }
}

impl Service {
    /// The service as a form shows it; the secret is never shown again.
    #[must_use]
    pub fn draft(&self) -> ServiceDraft {
        ServiceDraft {
            name: self.name.clone(),
            partner: self.partner.to_string(),
            source_register: self.source_register.clone(),
            method: self.method.to_string(),
            address: self.address.clone(),
            secret: String::new(),
            forget_secret: false,
            active: self.active,
        }
    }
}

/// A review of enquiries as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReviewDraft {
    /// The company, or empty: all of the reviewer's.
    pub company: String,
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
    /// What was found.
    pub remarks: String,
}

/// A period of the report, and what a reviewer found in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidReview {
    /// The company; none: all of the reviewer's.
    pub company: Option<CompanyId>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// What was found.
    pub remarks: String,
}

impl ReviewDraft {
    /// Checks the period alone. Without days it is the quarter of a year until today.
    ///
    /// # Errors
    /// A day is none, or the last comes before the first.
    pub fn period(&self, today: Date) -> Result<ValidReview, FieldErrors> {
        let mut errors = FieldErrors::default();
        let company = Some(self.company.trim()).filter(|company| !company.is_empty()).map(str::parse).transpose();
        let company = errors.keep(company.map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN)));
        let until = errors.keep(parse_field("until", &self.until, DateOrder::DayFirst));
        let until = until.map(|day| day.unwrap_or(today));
        let from = errors.keep(parse_field("from", &self.from, DateOrder::DayFirst));
        let from = from.zip(until).map(|(day, until)| day.unwrap_or_else(|| until.saturating_sub(3.months())));
        if let (Some(from), Some(until)) = (from, until)
            && from > until
        {
            errors.push(FieldError::new("until", code::DATE_ORDER));
        }
        match (company, from, until) {
            (Some(company), Some(from), Some(until)) if errors.is_empty() => {
                Ok(ValidReview { company, from, until, remarks: String::new() })
            }
            _ => Err(errors),
        }
    }

    /// Checks a review that is to be signed: its days are over, and something is said of them.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, today: Date) -> Result<ValidReview, FieldErrors> {
        let mut errors = FieldErrors::default();
        let remarks = match text("remarks", &self.remarks, *REASONS.end()) {
            Ok(remarks) if remarks.is_empty() => Err(FieldError::new("remarks", code::REQUIRED)),
            other => other,
        };
        let remarks = errors.keep(remarks);
        let period = match self.period(today) {
            Ok(period) => {
                if period.until > today {
                    errors.push(FieldError::new("until", code::DATE_FAR));
                }
                Some(period)
            }
            Err(wrong) => {
                errors.0.extend(wrong.0);
                None
            }
        };
        match (remarks, period) {
            (Some(remarks), Some(period)) if errors.is_empty() => Ok(ValidReview { remarks, ..period }),
            _ => Err(errors),
        }
    }
}

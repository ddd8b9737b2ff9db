//! A partner as a form, a file or the API gives it, and what is asked of it before it is kept.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::business_id::{self, BusinessId};
use crate::country;
use crate::date::{DateOrder, parse_field};
use crate::email::Email;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, PurposeId};
use crate::kind::{Kind, Kinds};
use crate::notice::{Notice, Safeguard, Service};
use crate::partner::{
    Contract, ContractItem, Interface, LARGEST_QUOTA, Partner, People, Receives, Role, SubProcessor, Under,
};
use crate::transfer::{self, Protection, TransferRefused};

/// Most characters in a name or a reference.
const MAX_NAME: usize = 200;
/// Most characters in a necessity, a safeguard's document or a contact.
const MAX_TEXT: usize = 1_000;
/// Most rows of a postal address, and characters in one.
const MAX_ROWS: usize = 6;
/// Most sub-processors.
pub(crate) const MAX_SUB_PROCESSORS: usize = 50;

/// A sub-processor as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SubProcessorDraft {
    /// Its name.
    pub name: String,
    /// Code or name of its country.
    pub country: String,
}

/// How many people a partner may read in a day for a purpose, as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct QuotaDraft {
    /// A purpose of the notice.
    pub purpose: String,
    /// How many; empty: what holds for everybody.
    pub people: String,
}

/// A partner as a form gives it: raw text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PartnerDraft {
    /// Its name.
    pub name: String,
    /// Its Finnish business id, or empty.
    pub business_id: String,
    /// `recipient:ID` or `provider:ID` of the notice.
    pub under: String,
    /// `processor` or `recipient`.
    pub role: String,
    /// Code or name of its country; empty: Finland.
    pub country: String,
    /// A safeguard of the notice's words, or empty.
    pub safeguard: String,
    /// Its document.
    pub safeguard_detail: String,
    /// Why data has to be outside the EEA.
    pub necessity: String,
    /// Where the contract is kept.
    pub contract: String,
    /// Its first day.
    pub from: String,
    /// Its last day.
    pub until: String,
    /// What of Art. 28(3) it says.
    pub items: Vec<String>,
    /// Kinds of data.
    pub kinds: Vec<String>,
    /// Companies; empty: all of the group.
    pub companies: Vec<String>,
    /// `everyone`, `buyers`, `representatives` or `private`; empty: everyone.
    pub people: String,
    /// Groups of the notice.
    pub groups: Vec<String>,
    /// Purposes of the notice.
    pub purposes: Vec<String>,
    /// How many people may be read in a day for them.
    pub quotas: Vec<QuotaDraft>,
    /// How data reaches it.
    pub interface: String,
    /// Where e-mail to it goes.
    pub email: String,
    /// Its postal address, a row a line.
    pub address: String,
    /// Whom to reach of a breach.
    pub breach_contact: String,
    /// Its sub-processors; one without a name is left out.
    pub sub_processors: Vec<SubProcessorDraft>,
}

/// A partner checked against the notice in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidPartner {
    pub(crate) name: String,
    pub(crate) business_id: Option<BusinessId>,
    pub(crate) under: Under,
    pub(crate) role: Role,
    pub(crate) country: String,
    pub(crate) protection: Protection,
    pub(crate) contract: Contract,
    pub(crate) kinds: Kinds,
    pub(crate) companies: Vec<CompanyId>,
    pub(crate) people: People,
    pub(crate) groups: Vec<String>,
    pub(crate) purposes: Vec<PurposeId>,
    pub(crate) quotas: BTreeMap<PurposeId, u32>,
    pub(crate) interface: Interface,
    pub(crate) email: String,
    pub(crate) address: Vec<String>,
    pub(crate) breach_contact: String,
    pub(crate) sub_processors: Vec<SubProcessor>,
}

fn required(field: &str, text: &str, longest: usize) -> Result<String, FieldError> {
    match one_line(field, text, longest) {
        Ok(text) if text.is_empty() => Err(FieldError::new(field, code::REQUIRED)),
        other => other,
    }
}

fn choice<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, FieldError> {
    let unknown = if text.trim().is_empty() { code::REQUIRED } else { code::CHOICE_UNKNOWN };
    text.trim().parse().map_err(|_| FieldError::new(field, unknown))
}

fn country_of(field: &str, text: &str) -> Result<String, FieldError> {
    let text = if text.trim().is_empty() { country::HOME } else { text };
    country::code(text).map(str::to_owned).ok_or_else(|| FieldError::new(field, code::COUNTRY_UNKNOWN))
}

/// The error of a transfer at the field where it is put right.
fn at_field(refused: &TransferRefused) -> FieldError {
    match refused {
        TransferRefused::Forbidden => FieldError::new("country", code::TRANSFER_FORBIDDEN),
        TransferRefused::NoNecessity => FieldError::new("necessity", code::NECESSITY_MISSING),
        TransferRefused::NoSafeguard => FieldError::new("safeguard", code::SAFEGUARD_MISSING),
        TransferRefused::Undeclared(_) => FieldError::new("safeguard", code::SAFEGUARD_UNDECLARED),
        TransferRefused::NotAdequate(country) => {
            FieldError::new("safeguard", code::ADEQUACY_NONE).with("country", country)
        }
        TransferRefused::NoDetail => FieldError::new("safeguard_detail", code::SAFEGUARD_DETAIL_MISSING),
    }
}

impl PartnerDraft {
    /// Checks the partner against the notice in force: declared, within its kinds, groups, companies and purposes, and
    /// outside the EEA only with what that asks for.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, notice: &Notice, today: Date) -> Result<ValidPartner, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.keep(required("name", &self.name, MAX_NAME));
        let business_id = match self.business_id.trim() {
            "" => None,
            text => errors.keep(
                business_id::parse(text).ok_or_else(|| FieldError::new("business_id", code::BUSINESS_ID_INVALID)),
            ),
        };
        let under = errors.keep(self.declared(notice));
        let role = errors.keep(choice("role", &self.role));
        let country = errors.keep(country_of("country", &self.country));
        let interface = errors.keep(choice("interface", &self.interface));
        let people = match self.people.trim() {
            "" => Some(People::Everyone),
            text => errors.keep(choice("people", text)),
        };
        let contract = self.checked_contract(&mut errors);
        let protection = self.checked_protection(&mut errors);
        let (companies, groups, purposes, kinds) = self.checked_scope(notice, &mut errors);
        let quotas = self.checked_quotas(&purposes, &mut errors);
        let email = errors.keep(self.checked_email(interface)).unwrap_or_default();
        let address = errors.keep(self.checked_address()).unwrap_or_default();
        let breach = errors.keep(one_line("breach_contact", &self.breach_contact, MAX_TEXT)).unwrap_or_default();
        let sub_processors = self.checked_sub_processors(&mut errors);
        if let (Some(role), Some((_, receives))) = (role, &under)
            && *receives == Receives::For(Service::ValueAdded)
            && role != Role::Processor
        {
            // Promise P13: a value-added service is outside help, not somebody's own use.
            errors.push(FieldError::new("role", code::PARTNER_ROLE));
        }
        if let (Some(country), Some(protection)) = (&country, &protection) {
            let subs = sub_processors.iter().map(|sub| sub.country.as_str());
            let countries = std::iter::once(country.as_str()).chain(subs);
            if let Err(refused) = transfer::check(countries, protection, notice, today) {
                errors.push(at_field(&refused));
            }
        }
        match (name, under, role, country, interface, people, contract, protection) {
            (
                Some(name),
                Some((under, _)),
                Some(role),
                Some(country),
                Some(interface),
                Some(people),
                Some(contract),
                Some(protection),
            ) if errors.is_empty() => Ok(ValidPartner {
                name,
                business_id,
                under,
                role,
                country,
                protection,
                contract,
                kinds,
                companies,
                people,
                groups,
                purposes,
                quotas,
                interface,
                email,
                address,
                breach_contact: breach,
                sub_processors,
            }),
            _ => Err(errors),
        }
    }

    fn declared(&self, notice: &Notice) -> Result<(Under, Receives), FieldError> {
        if self.under.trim().is_empty() {
            return Err(FieldError::new("under", code::REQUIRED));
        }
        let undeclared = || FieldError::new("under", code::PARTNER_UNDECLARED);
        let under = Under::parse(self.under.trim()).ok_or_else(undeclared)?;
        let receives = under.declared(notice).ok_or_else(undeclared)?.receives;
        Ok((under, receives))
    }

    fn checked_contract(&self, errors: &mut FieldErrors) -> Option<Contract> {
        let reference = errors.keep(one_line("contract", &self.contract, MAX_NAME));
        let from = errors.keep(parse_field("from", &self.from, DateOrder::DayFirst));
        let until = errors.keep(parse_field("until", &self.until, DateOrder::DayFirst));
        let items: Result<_, _> = self.items.iter().map(|item| choice::<ContractItem>("items", item)).collect();
        let items = errors.keep(items);
        let (reference, from, until, items) = (reference?, from?, until?, items?);
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            errors.push(FieldError::new("until", code::DATE_ORDER));
            return None;
        }
        Some(Contract { reference, from, until, items })
    }

    fn checked_protection(&self, errors: &mut FieldErrors) -> Option<Protection> {
        let safeguard = match self.safeguard.trim() {
            "" => Some(None),
            text => errors.keep(choice::<Safeguard>("safeguard", text)).map(Some),
        };
        let detail = errors.keep(one_line("safeguard_detail", &self.safeguard_detail, MAX_TEXT));
        let necessity = errors.keep(one_line("necessity", &self.necessity, MAX_TEXT));
        Some(Protection { safeguard: safeguard?, detail: detail?, necessity: necessity? })
    }

    fn checked_scope(
        &self,
        notice: &Notice,
        errors: &mut FieldErrors,
    ) -> (Vec<CompanyId>, Vec<String>, Vec<PurposeId>, Kinds) {
        let mut companies: Vec<CompanyId> = Vec::new();
        for name in &self.companies {
            match name.parse().ok().filter(|company| notice.company(company).is_some()) {
                Some(company) => companies.push(company),
                None => errors.push(FieldError::new("companies", code::COMPANY_UNKNOWN)),
            }
        }
        if self.companies.is_empty() {
            companies.extend(notice.companies().iter().map(|company| company.id.clone()));
        }
        companies.sort();
        companies.dedup();
        for group in &self.groups {
            if !notice.groups().iter().any(|known| known.id == *group) {
                errors.push(FieldError::new("groups", code::CHOICE_UNKNOWN));
            }
        }
        let mut purposes: Vec<PurposeId> = Vec::new();
        for purpose in &self.purposes {
            match purpose.parse().ok().filter(|purpose| notice.purpose(purpose).is_some()) {
                Some(purpose) => purposes.push(purpose),
                None => errors.push(FieldError::new("purposes", code::CHOICE_UNKNOWN)),
            }
        }
        if purposes.is_empty() && errors.of("purposes").next().is_none() {
            errors.push(FieldError::new("purposes", code::REQUIRED));
        }
        let mut kinds = Kinds::NONE;
        for kind in &self.kinds {
            match kind.parse::<Kind>().ok().filter(|kind| notice.kinds().has(*kind)) {
                Some(kind) => kinds = kinds.with(kind),
                None => errors.push(FieldError::new("kinds", code::UNDECLARED)),
            }
        }
        if self.kinds.is_empty() {
            errors.push(FieldError::new("kinds", code::REQUIRED));
        }
        (companies, self.groups.clone(), purposes, kinds)
    }

    /// Those of purposes that the partner does not serve are left out: nothing is read for them.
    fn checked_quotas(&self, purposes: &[PurposeId], errors: &mut FieldErrors) -> BTreeMap<PurposeId, u32> {
        let mut quotas = BTreeMap::new();
        for draft in self.quotas.iter().filter(|draft| !draft.people.trim().is_empty()) {
            let digits: String = draft.people.chars().filter(|c| !c.is_whitespace()).collect();
            let people = digits.parse::<u32>().ok().filter(|people| (1..=LARGEST_QUOTA).contains(people));
            let purpose = purposes.iter().find(|purpose| purpose.as_str() == draft.purpose);
            match (purpose, people) {
                (None, _) => {}
                (Some(purpose), Some(people)) => drop(quotas.insert(purpose.clone(), people)),
                (Some(purpose), None) => {
                    errors.push(
                        FieldError::new(format!("quotas.{purpose}"), code::QUOTA_INVALID).with("max", LARGEST_QUOTA),
                    );
                }
            }
        }
        quotas
    }

    fn checked_email(&self, interface: Option<Interface>) -> Result<String, FieldError> {
        match self.email.trim() {
            "" if interface == Some(Interface::Email) => Err(FieldError::new("email", code::REQUIRED)),
            "" => Ok(String::new()),
            text => Ok(Email::parse("email", None, text)?.address),
        }
    }

    fn checked_address(&self) -> Result<Vec<String>, FieldError> {
        let rows = self.address.lines().map(|row| one_line("address", row, MAX_NAME));
        let rows: Vec<String> = rows.collect::<Result<_, _>>()?;
        let rows: Vec<String> = rows.into_iter().filter(|row| !row.is_empty()).collect();
        if rows.len() > MAX_ROWS {
            return Err(FieldError::new("address", code::TOO_MANY).with("max", MAX_ROWS));
        }
        Ok(rows)
    }

    fn checked_sub_processors(&self, errors: &mut FieldErrors) -> Vec<SubProcessor> {
        let mut found = Vec::new();
        for (number, draft) in self.sub_processors.iter().enumerate() {
            if draft.name.trim().is_empty() {
                continue;
            }
            let name = errors.keep(required(&format!("sub_processors.{number}.name"), &draft.name, MAX_NAME));
            let country = errors.keep(country_of(&format!("sub_processors.{number}.country"), &draft.country));
            if let (Some(name), Some(country)) = (name, country) {
                found.push(SubProcessor { name, country });
            }
        }
        if found.len() > MAX_SUB_PROCESSORS {
            errors.push(FieldError::new("sub_processors", code::TOO_MANY).with("max", MAX_SUB_PROCESSORS));
        }
        found
    }
}

impl ValidPartner {
    /// The partner that it makes: a new one, or the next version of one.
    #[must_use]
    pub fn into_partner(self, before: Option<&Partner>, made: Made) -> Partner {
        let ValidPartner { name, business_id, under, role, country, protection, contract, kinds, companies, .. } = self;
        Partner {
            id: made.id,
            name,
            business_id,
            under,
            role,
            country,
            protection,
            contract,
            kinds,
            companies,
            people: self.people,
            groups: self.groups,
            purposes: self.purposes,
            quotas: self.quotas,
            interface: self.interface,
            email: self.email,
            address: self.address,
            breach_contact: self.breach_contact,
            sub_processors: self.sub_processors,
            ending: before.and_then(|partner| partner.ending.clone()),
            version: before.map_or(1, |partner| partner.version + 1),
            changed_by: made.by,
            changed_at: made.at,
        }
    }
}

/// Who made a partner, or a version of it, and when.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its id.
    pub id: crate::id::PartnerId,
    /// Who.
    pub by: String,
    /// When.
    pub at: jiff::Timestamp,
}

impl Partner {
    /// The partner as a form shows it.
    #[must_use]
    pub fn draft(&self) -> PartnerDraft {
        let date = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        let names = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>();
        PartnerDraft {
            name: self.name.clone(),
            business_id: self.business_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            under: self.under.to_string(),
            role: self.role.to_string(),
            country: self.country.clone(),
            safeguard: self.protection.safeguard.map(|known| known.as_str().to_owned()).unwrap_or_default(),
            safeguard_detail: self.protection.detail.clone(),
            necessity: self.protection.necessity.clone(),
            contract: self.contract.reference.clone(),
            from: date(self.contract.from),
            until: date(self.contract.until),
            items: names(&mut self.contract.items.iter().map(ToString::to_string)),
            kinds: names(&mut self.kinds.iter().map(|kind| kind.to_string())),
            companies: names(&mut self.companies.iter().map(ToString::to_string)),
            people: self.people.to_string(),
            groups: self.groups.clone(),
            purposes: names(&mut self.purposes.iter().map(ToString::to_string)),
            quotas: self
                .quotas
                .iter()
                .map(|(purpose, people)| QuotaDraft { purpose: purpose.to_string(), people: people.to_string() })
                .collect(),
            interface: self.interface.to_string(),
            email: self.email.clone(),
            address: self.address.join("\n"),
            breach_contact: self.breach_contact.clone(),
            sub_processors: self
                .sub_processors
                .iter()
                .map(|sub| SubProcessorDraft { name: sub.name.clone(), country: sub.country.clone() })
                .collect(),
        }
    }
}

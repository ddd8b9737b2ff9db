//! The company register: what the open data of the Finnish Patent and Registration Office (YTJ, version 3) says of a
//! company, and how it differs from what is stored. Only the business id is asked with; answers hold more than is read.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::business_id::{self, BusinessId};
use crate::country;
use crate::draft::DraftAddress;
use crate::fold::fold;
use crate::organisation::{Organisation, OrganisationDraft};
use crate::postal_code;
use crate::value::{Label, Value};

/// Characters of one text at most: longer ones are no names and no streets.
const LONGEST: usize = 200;
/// Entries of a list that are looked at.
const MOST: usize = 500;

/// What the register says of a company.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its business id.
    pub business_id: BusinessId,
    /// Its name now.
    pub name: String,
    /// Since when it has it.
    pub name_since: Option<Date>,
    /// Where it is.
    pub street: Option<Place>,
    /// Where its post goes.
    pub postal: Option<Place>,
    /// When it ended; a company that ended is told, and its data can be taken over all the same.
    pub ended_on: Option<Date>,
}

/// An address of the register.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Street rows.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Town.
    pub town: String,
    /// Country, ISO 3166-1 alpha-2; empty: Finland.
    pub country: String,
    /// Since when it holds.
    pub since: Option<Date>,
}

/// Why an answer can not be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unusable {
    /// It is not the JSON that the interface answers.
    #[error("the answer is not in the form of the interface")]
    Form,
    /// It is about another company.
    #[error("the answer is about another business id")]
    Other,
    /// It has no name that holds.
    #[error("the answer has no name")]
    Nameless,
    /// There is no such company in the register.
    #[error("the company register has no such company")]
    Absent,
}

#[derive(Deserialize)]
struct Answer {
    companies: Vec<Company>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    business_id: Id,
    #[serde(default)]
    names: Option<Vec<Name>>,
    #[serde(default)]
    addresses: Option<Vec<Address>>,
    #[serde(default)]
    end_date: Option<String>,
}

#[derive(Deserialize)]
struct Id {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Name {
    name: String,
    /// 1 the name, 2 a parallel name, 3 an auxiliary name, 4 a translation.
    #[serde(rename = "type")]
    kind: Code,
    /// 1: the one that holds; later numbers are earlier names.
    #[serde(default)]
    version: Option<i64>,
    #[serde(default)]
    registration_date: Option<String>,
    #[serde(default)]
    end_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    /// 1 where one visits, 2 where post goes.
    #[serde(rename = "type")]
    kind: Code,
    #[serde(default)]
    street: Option<String>,
    #[serde(default)]
    building_number: Option<String>,
    #[serde(default)]
    entrance: Option<String>,
    #[serde(default)]
    apartment_number: Option<String>,
    #[serde(default)]
    apartment_id_suffix: Option<String>,
    #[serde(default)]
    post_office_box: Option<String>,
    #[serde(default)]
    co: Option<String>,
    #[serde(default)]
    free_address_line: Option<String>,
    #[serde(default)]
    post_code: Option<String>,
    #[serde(default)]
    post_offices: Option<Vec<PostOffice>>,
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    registration_date: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostOffice {
    city: String,
    #[serde(default)]
    language_code: Option<Code>,
}

/// The interface writes some codes as numbers and some as texts.
#[derive(Deserialize)]
#[serde(untagged)]
enum Code {
    Number(i64),
    Text(String),
}

impl Code {
    fn is(&self, code: i64) -> bool {
        match self {
            Self::Number(number) => *number == code,
            Self::Text(text) => text.trim().parse() == Ok(code),
        }
    }
}

impl Record {
    /// Reads the answer to a question about one business id.
    ///
    /// # Errors
    /// It is not one, or about somebody else.
    pub fn parse(json: &[u8], wanted: &BusinessId) -> Result<Self, Unusable> {
        let answer: Answer = serde_json::from_slice(json).map_err(|_| Unusable::Form)?;
        if answer.companies.is_empty() {
            return Err(Unusable::Absent);
        }
        let company = answer.companies.into_iter().take(MOST);
        let mut found =
            company.filter(|company| business_id::parse(&company.business_id.value).as_ref() == Some(wanted));
        let company = found.next().ok_or(Unusable::Other)?;
        let names = company.names.unwrap_or_default();
        let held = |name: &&Name| name.kind.is(1) && date(name.end_date.as_deref()).is_none();
        // The first version is the one that holds; without versions, the one that was registered last.
        let name = names
            .iter()
            .take(MOST)
            .filter(held)
            .min_by_key(|name| (name.version.unwrap_or(1), std::cmp::Reverse(date(name.registration_date.as_deref()))))
            .ok_or(Unusable::Nameless)?;
        let addresses = company.addresses.unwrap_or_default();
        let address = |kind| addresses.iter().take(MOST).find(|address| address.kind.is(kind)).and_then(place);
        Ok(Self {
            business_id: wanted.clone(),
            name: clean(&name.name).ok_or(Unusable::Nameless)?,
            name_since: date(name.registration_date.as_deref()),
            street: address(1),
            postal: address(2),
            ended_on: date(company.end_date.as_deref()),
        })
    }

    /// The record as a form shows it, for an organisation that is new.
    #[must_use]
    pub fn draft(&self) -> OrganisationDraft {
        let mut draft = OrganisationDraft {
            name: self.name.clone(),
            business_id: self.business_id.as_str().to_owned(),
            ..OrganisationDraft::default()
        };
        draft.addresses = Part::ADDRESSES.iter().filter_map(|part| self.address(*part)).collect();
        draft
    }

    /// An address as a draft, with its label.
    fn address(&self, part: Part) -> Option<DraftAddress> {
        let place = if part == Part::Street { self.street.as_ref() } else { self.postal.as_ref() }?;
        Some(DraftAddress {
            label: part.label().map(|label| label.as_str().to_owned()).unwrap_or_default(),
            street: place.street.clone(),
            postal_code: place.postal_code.clone(),
            town: place.town.clone(),
            region: String::new(),
            country: place.country.clone(),
            valid_from: place.since.map(|day| day.to_string()).unwrap_or_default(),
            valid_until: String::new(),
        })
    }
}

fn date(text: Option<&str>) -> Option<Date> {
    text?.get(..10)?.parse().ok()
}

/// One line without control characters; none when nothing is left of it, or when it is absurdly long.
fn clean(text: &str) -> Option<String> {
    if text.len() > LONGEST * 4 {
        return None;
    }
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    (!line.is_empty() && line.chars().count() <= LONGEST).then_some(line)
}

fn place(address: &Address) -> Option<Place> {
    let part = |text: &Option<String>| text.as_deref().and_then(clean).unwrap_or_default();
    let apartment = format!("{}{}", part(&address.apartment_number), part(&address.apartment_id_suffix));
    let street = [part(&address.street), part(&address.building_number), part(&address.entrance), apartment];
    let street = street.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let care_of = Some(part(&address.co)).filter(|co| !co.is_empty()).map(|co| format!("c/o {co}"));
    let in_box = Some(part(&address.post_office_box)).filter(|number| !number.is_empty()).map(|n| format!("PL {n}"));
    let free = part(&address.free_address_line).replace('_', " ");
    let mut rows: Vec<String> = care_of.into_iter().chain([street]).chain(in_box).collect();
    rows.retain(|row| !row.is_empty());
    if rows.is_empty() && !free.is_empty() {
        rows.push(free);
    }
    let offices = address.post_offices.as_deref().unwrap_or_default();
    let finnish = offices.iter().find(|office| office.language_code.as_ref().is_some_and(|code| code.is(1)));
    let town = finnish.or(offices.first()).and_then(|office| clean(&office.city)).unwrap_or_default();
    let postal_code = part(&address.post_code);
    let country = part(&address.country);
    let country = country::code(&country).map(ToString::to_string).unwrap_or_default();
    // The register writes towns in capitals.
    let town = match postal_code::find(&postal_code) {
        Some(known) if matches!(country.as_str(), "" | "FI") && known.is_called(&town) => {
            postal_code::in_running_text(known.fi)
        }
        _ => town,
    };
    let place = Place {
        street: rows.join("\n"),
        postal_code,
        town,
        country,
        since: date(address.registration_date.as_deref()),
    };
    // An address without a place is none.
    (!(place.postal_code.is_empty() && place.town.is_empty())).then_some(place)
}

/// A part of a record that can be taken over by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The name.
    Name,
    /// Where it is.
    Street,
    /// Where its post goes.
    Postal,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Name, Self::Street, Self::Postal];
    const ADDRESSES: [Self; 2] = [Self::Postal, Self::Street];

    /// The name in forms and as key of its text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Street => "street",
            Self::Postal => "postal",
        }
    }

    /// The part of a name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == text)
    }

    const fn label(self) -> Option<Label> {
        match self {
            Self::Street => Some(Label::Visiting),
            Self::Name | Self::Postal => None,
        }
    }
}

/// A part of what is stored beside what the register says of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Which.
    pub part: Part,
    /// What is stored, a line; none: nothing.
    pub now: Option<String>,
    /// What the register says, a line.
    pub then: String,
    /// Since when, by the register.
    pub since: Option<Date>,
    /// Whether both say the same.
    pub same: bool,
}

/// The postal address that a part of the record is about, among those that hold on a day.
fn rival(organisation: &Organisation, part: Part, day: Date) -> Option<&PostalAddress> {
    organisation.values_on(day).find_map(|stored| match &stored.value {
        Value::PostalAddress(address) if address.label == part.label() && !address.is_masked() => Some(address),
        _ => None,
    })
}

/// What taking the record over would change, part by part. The register writes in capitals: names and addresses that
/// differ by that alone are the same.
#[must_use]
pub fn differences(organisation: &Organisation, record: &Record, day: Date) -> Vec<Difference> {
    let mut found = vec![Difference {
        part: Part::Name,
        now: Some(organisation.name.clone()),
        then: record.name.clone(),
        since: record.name_since,
        same: fold(&organisation.name) == fold(&record.name),
    }];
    for part in [Part::Street, Part::Postal] {
        let Some(draft) = record.address(part) else { continue };
        let place = if part == Part::Street { &record.street } else { &record.postal };
        let now = rival(organisation, part, day).map(|address| line_of(&DraftAddress::of(address)));
        let then = line_of(&draft);
        let same = now.as_ref().is_some_and(|now| fold(now) == fold(&then));
        found.push(Difference { part, now, then, since: place.as_ref().and_then(|place| place.since), same });
    }
    found
}

fn line_of(draft: &DraftAddress) -> String {
    let town = format!("{} {}", draft.postal_code, draft.town);
    let country = if matches!(draft.country.as_str(), "" | "FI") { "" } else { &draft.country };
    let parts = draft.street.lines().chain([town.trim(), country]).filter(|part| !part.trim().is_empty());
    parts.collect::<Vec<_>>().join(", ")
}

/// What the form of an organisation would say after taking parts of the record over.
#[must_use]
pub fn taken_over(organisation: &Organisation, record: &Record, parts: &[Part], day: Date) -> OrganisationDraft {
    let mut draft = organisation.draft(day);
    for part in parts {
        match part {
            Part::Name => draft.name.clone_from(&record.name),
            Part::Street | Part::Postal => {
                let Some(new) = record.address(*part) else { continue };
                let old = rival(organisation, *part, day).map(DraftAddress::of);
                let at = old.and_then(|old| {
                    draft.addresses.iter().position(|row| {
                        let without =
                            DraftAddress { valid_from: String::new(), valid_until: String::new(), ..row.clone() };
                        without == DraftAddress { valid_from: String::new(), valid_until: String::new(), ..old.clone() }
                    })
                });
                match at.and_then(|at| draft.addresses.get_mut(at)) {
                    Some(row) => *row = new,
                    None => draft.addresses.push(new),
                }
            }
        }
    }
    draft
}

//! The package of all that the register has about a person (Art. 15; promise P22), as data: pages, paper and JSON are made of
//! it. Its JSON is described by `docs/schema/access-package.schema.json`.

mod others;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::fold::fold;
use crate::id::PersonId;
use crate::kind::Kind;
use crate::language::Language;
use crate::name::PersonName;
use crate::usage::Activity;

/// The version of the format.
pub const FORMAT: &str = "seloste-access/1";
/// What stands where another person's data would.
pub const MASK: &str = "***";

/// A package.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Package {
    /// [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The language of what is told in words.
    pub language: Language,
    /// The register's name.
    pub register: String,
    /// Who answers for the register, and how to reach them (Art. 13(1)(a)-(b)).
    pub controller: Controller,
    /// Whose data it is.
    pub person: Subject,
    /// For what the data is used, and why that is allowed (Art. 15(1)(a)).
    pub purposes: Vec<Purpose>,
    /// The data, a part of the register at a time (Art. 15(1)(b), 15(3)).
    pub parts: Vec<Part>,
    /// Where the data came from (Art. 15(1)(g)).
    pub sources: Vec<Source>,
    /// Who received data, by name (Art. 15(1)(c), C-154/21).
    pub recipients: Vec<Recipient>,
    /// How long the data is kept (Art. 15(1)(d)).
    pub retention: Vec<Retention>,
    /// Automated decisions (Art. 15(1)(h)).
    pub automated_decisions: Automated,
    /// What is on paper and where. The register keeps no list of papers yet.
    pub papers: Vec<Record>,
    /// When and for what the data was used; no name of who works here (C-579/21).
    pub uses: Vec<Usage>,
    /// The person's rights, and where to complain (Art. 15(1)(e)-(f)).
    pub rights: Rights,
}

/// Who answers for the register.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Controller {
    /// Name of the controller.
    pub name: String,
    /// Business id.
    pub business_id: Option<String>,
    /// How to reach it: name, address, telephone, e-mail, web page.
    pub contact: Vec<String>,
    /// The data protection officer, in the same way; empty when there is none.
    pub data_protection_officer: Vec<String>,
}

/// Whose data it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Subject {
    /// The id in the register.
    pub id: PersonId,
    /// What they are called.
    pub name: String,
}

/// A purpose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Purpose {
    /// Its name in the notice.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The legal basis, as the notice names it.
    pub basis: String,
    /// The interest, where that is the basis.
    pub interest: Option<String>,
}

/// A part of the register.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Its name: `value`, `order`, `invoice`, ...
    pub part: String,
    /// The purposes for which it is kept, by their names in the notice.
    pub purposes: Vec<String>,
    /// What is in it.
    pub records: Vec<Record>,
}

/// A row of a part: names and values. Money is in cents under names that end so; days and times are by ISO 8601.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(pub Map<String, Json>);

/// Where data came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// Its name in the notice, as on each value.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether anybody can get the data there.
    pub publicly_available: bool,
}

/// A recipient who received data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Recipient {
    /// Its name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Which kinds of data.
    pub fields: Vec<String>,
    /// On which ground.
    pub basis: String,
    /// For what.
    pub purpose: String,
    /// Countries outside the EU and the EEA that it went to.
    pub outside: Vec<String>,
    /// The safeguard, where it went outside the EU and the EEA.
    pub safeguard: Option<String>,
}

/// How long a kind is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Retention {
    /// The kind.
    pub kind: Kind,
    /// How long, as the notice says it.
    pub period: String,
    /// The last day, as far as it is known today.
    pub until: Option<jiff::civil::Date>,
    /// Why.
    pub reason: Option<String>,
}

/// Automated decisions.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Automated {
    /// Whether there are any.
    pub used: bool,
    /// Their logic.
    pub logic: Option<String>,
}

/// A use of the data.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Usage {
    /// When.
    pub at: Timestamp,
    /// What was done, as the log names it.
    pub action: String,
    /// For which purpose of the notice.
    pub purpose: Option<String>,
    /// By what kind of user.
    pub by: UserClass,
    /// Which kinds of data.
    pub fields: Vec<String>,
    /// Whether it was shown, changed or refused.
    pub outcome: String,
}

/// By whom data was used; never by name (C-579/21, Pankki S).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserClass {
    /// Somebody who works for the controller.
    Staff,
    /// The program by itself.
    Program,
    /// A partner over its interface.
    Partner,
    /// The person themself.
    Person,
    /// Nobody signed in.
    Nobody,
}

impl UserClass {
    /// By the name in the log.
    #[must_use]
    pub fn of(actor: &str) -> Self {
        match actor.split(':').next().unwrap_or_default() {
            "user" | "operator" => Self::Staff,
            "partner" => Self::Partner,
            "person" => Self::Person,
            "program" => Self::Program,
            _ => Self::Nobody,
        }
    }

    /// The name as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Program => "program",
            Self::Partner => "partner",
            Self::Person => "person",
            Self::Nobody => "nobody",
        }
    }
}

/// Rights and complaint.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rights {
    /// The rights, in words.
    pub rights: Vec<String>,
    /// The authority and how to reach it.
    pub authority: Vec<String>,
}

/// The activity for which a part of the register is kept, by the part's name.
#[must_use]
pub fn activity_of(part: &str) -> Activity {
    match part {
        "order" | "order_line" => Activity::Orders,
        "invoice" | "payment" | "allocation" | "reminder" | "debt_event" | "collection" => Activity::Invoicing,
        "credit_application" | "credit_enquiry" => Activity::Credit,
        "message" | "message_text" | "letter" => Activity::CustomerRelationship,
        "prohibition" | "consent" | "existing_customer" | "restriction" | "exception" | "recall" | "disclosure"
        | "partner_holding" | "request" | "request_event" | "package" | "erasure" | "erasure_receipt"
        | "erasure_waiting" | "claim_hold" | "invitation" | "portal_session" | "passkey" | "transmission"
        | "reception" => Activity::Accountability,
        _ => Activity::RegisterMaintenance,
    }
}

/// Whose names may stand in a package: the person's own, past and present, and those of organisations; and whose are taken out of
/// free text.
#[derive(Clone, Debug, Default)]
pub struct Names {
    told: Vec<Vec<String>>,
    own: others::Known,
    others: others::Known,
}

impl Names {
    /// Adds a name of the person.
    pub fn person(&mut self, name: &PersonName) {
        let name = format!("{} {}", name.given, name.family);
        self.own.name(&name);
        self.text(&name);
    }

    /// Adds an e-mail address of the person.
    pub fn email(&mut self, address: &str) {
        self.own.email(address);
    }

    /// Adds a telephone number of the person.
    pub fn telephone(&mut self, number: &str) {
        self.own.telephone(number);
    }

    /// Adds somebody else's name: it is taken out of free text. One that has the form of an organisation's is told.
    pub fn other(&mut self, name: &str) {
        if !self.has(name) && !others::is_corporate(name) {
            self.others.name(name);
        }
    }

    /// Adds somebody else's e-mail address.
    pub fn other_email(&mut self, address: &str) {
        self.others.email(address);
    }

    /// Adds somebody else's telephone number.
    pub fn other_telephone(&mut self, number: &str) {
        self.others.telephone(number);
    }

    /// Adds the names of others that stand in fields of what was kept as JSON: they are taken out of free text, too.
    pub fn others_in(&mut self, value: &Json) {
        self.others_of(value, "", "");
    }

    fn others_of(&mut self, value: &Json, field: &str, within: &str) {
        match value {
            Json::Object(object) => object.iter().for_each(|(name, value)| self.others_of(value, name, field)),
            Json::Array(items) => items.iter().for_each(|item| self.others_of(item, field, within)),
            Json::String(text) if is_named(field, within) => self.other(text),
            _ => {}
        }
    }

    /// Free text without the names, e-mail addresses and telephone numbers of others; never without the person's own.
    #[must_use]
    pub fn free(&self, text: &str) -> String {
        if self.has(text) { text.to_owned() } else { others::masked(text, &self.own, &self.others) }
    }

    /// Adds the name of an organisation, or any other that may be told.
    pub fn text(&mut self, name: &str) {
        let mut words: Vec<String> = fold(name).split(' ').map(str::to_owned).collect();
        words.retain(|word| !word.is_empty());
        words.sort();
        if !words.is_empty() && !self.told.contains(&words) {
            self.told.push(words);
        }
    }

    /// Whether a text is one of the names, in any order of its words; an empty text names nobody.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        let mut words: Vec<String> = fold(text).split(' ').map(str::to_owned).collect();
        words.retain(|word| !word.is_empty());
        words.sort();
        words.is_empty() || self.told.contains(&words)
    }

    /// The text, or [`MASK`] when it names somebody else.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        if self.has(text) { text.to_owned() } else { MASK.to_owned() }
    }
}

/// Fields that say who works here: they are left out.
const STAFF: [&str; 9] =
    ["entered_by", "signatory", "by", "granted_by", "set_by", "made_by", "decided_by", "queued_by", "closed_by"];
/// Fields that hold a name that may be another person's.
const NAMED: [&str; 5] = ["payer", "buyer_name", "contact", "name", "buyer_contact"];
/// Fields whose `name` may be another person's.
const NAMING: [&str; 3] = ["delivery", "buyer", "recipient"];

/// Fields that hold a code, a number or an address of the person, and no free text. What a value says is the person's own.
const CODED: [&str; 22] = [
    "kind",
    "state",
    "source",
    "company",
    "language",
    "currency",
    "country",
    "street",
    "postal_code",
    "town",
    "region",
    "address",
    "number",
    "reference",
    "product",
    "unit",
    "treatment",
    "ground",
    "purpose",
    "channel",
    "organisation",
    "value",
];

/// What was kept as JSON, without ids, without who works here, and without the names of others.
#[must_use]
pub fn cleaned(value: Json, names: &Names) -> Json {
    clean(value, names, "", "").unwrap_or(Json::Null)
}

fn clean(value: Json, names: &Names, field: &str, within: &str) -> Option<Json> {
    Some(match value {
        Json::Object(object) => {
            // What has a business id is an organisation, whatever it is called today.
            let is_organisation = object.get("business_id").is_some_and(|id| !id.is_null());
            let mut cleaned = Map::new();
            for (name, value) in object.into_iter().filter(|(name, _)| !STAFF.contains(&name.as_str())) {
                let value = match is_organisation && name == "name" {
                    true => Some(value),
                    false => clean(value, names, &name, field),
                };
                cleaned.extend(value.map(|value| (name, value)));
            }
            Json::Object(cleaned)
        }
        Json::Array(items) => {
            Json::Array(items.into_iter().filter_map(|item| clean(item, names, field, within)).collect())
        }
        Json::String(text) if uuid::Uuid::try_parse(&text).is_ok() => return None,
        Json::String(text) if is_named(field, within) => Json::String(names.masked(&text)),
        Json::String(text) if !CODED.contains(&field) && !CODED[11..].contains(&within) => {
            Json::String(names.free(&text))
        }
        other => other,
    })
}

fn is_named(field: &str, within: &str) -> bool {
    match field {
        "name" => NAMING.contains(&within),
        field => NAMED.contains(&field),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        names.person(&PersonName { given: "Åsa".into(), family: "von Bär".into() });
        names.text("Esimerkki Oy");
        names
    }

    #[test]
    fn names_are_known_in_any_order() {
        for own in ["Åsa von Bär", "VON BÄR, ÅSA", "", "esimerkki oy"] {
            assert!(names().has(own), "{own}");
        }
        for other in ["Åsa Bär", "Matti von Bär"] {
            assert_eq!(names().masked(other), MASK, "{other}");
        }
    }

    #[test]
    fn others_are_taken_out_of_free_text_and_the_person_is_not() {
        let mut names = names();
        names.person(&PersonName { given: "Matti".into(), family: "Virtanen".into() });
        names.email("matti.korhonen@example.com");
        names.telephone("+358401234567");
        for other in ["Matti Korhonen", "Liisa Mäki", "Tuomas Lahti", "Ari Wu", "Yhtiö Oy"] {
            names.other(other);
        }
        names.other_email("Liisa@Example.com");
        names.other_telephone("+358 50 765 4321");
        for (text, free) in [
            ("Matti Virtasen tilaus, soita Matille", "Matti Virtasen tilaus, soita Matille"),
            ("Matti Korhosen tilaus; KORHOSELTA kysytty", "Matti *** tilaus; *** kysytty"),
            ("Liisan ja Mäen sopimus, Ma\u{308}kea\u{308}", "*** ja *** sopimus, ***"),
            ("Tuomaan luona Lahdessa, Tuomakselle", "*** luona ***, ***"),
            ("Arin ja Wu", "*** ja ***"),
            ("Kirjoita liisa@example.com.", "Kirjoita ***"),
            ("oma matti.korhonen@example.com", "oma matti.korhonen@example.com"),
            ("soita 050 7654321 tai +358507654321", "soita ***tai***"),
            ("oma 040 123 4567 on", "oma 040 123 4567 on"),
            ("Yhtiö Oy toimittaa 12 kpl 2026-11-02", "Yhtiö Oy toimittaa 12 kpl 2026-11-02"),
            ("maantie, arvio ja lahjakortti", "maantie, arvio ja lahjakortti"),
        ] {
            let found = names.free(text);
            assert_eq!(found.replace(' ', ""), free.replace(' ', ""), "{text}");
        }
    }

    #[test]
    fn what_is_kept_as_json_is_cleaned() {
        let order = json!({
            "id": "018f0000-0000-7000-8000-000000000000",
            "number": "T-1",
            "entered_by": "user:1",
            "delivery": { "name": "Matti Muu", "address": { "street": "Katu 1" } },
            "lines": [{ "description": "Kumisaapas" }],
            "letter": { "heading": "Hei", "signatory": "Aino Virkailija" },
            "buyer": { "name": "Åsa von Bär", "contact": "Toinen Henkilö" },
        });
        let expected = json!({
            "number": "T-1",
            "delivery": { "name": MASK, "address": { "street": "Katu 1" } },
            "lines": [{ "description": "Kumisaapas" }],
            "letter": { "heading": "Hei" },
            "buyer": { "name": "Åsa von Bär", "contact": MASK },
        });
        assert_eq!(cleaned(order, &names()), expected);
    }
}

//! Finding records that may be one customer: by name together with address, telephone or e-mail, through spellings and
//! typing errors. The program only proposes; a person decides (Art. 5(1)(d), 22).

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::str::FromStr;

use crate::fold::fold;
use crate::value::Value;

/// Words that tell a company's form and not its name.
const COMPANY_FORMS: [&str; 14] =
    ["oy", "ab", "oyj", "abp", "ky", "kb", "ay", "ry", "rf", "tmi", "osk", "ltd", "gmbh", "inc"];

/// Why two records may be one customer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// The names are the same, also when written in another order or with other accents.
    SameName,
    /// The names differ as by a typing error, or one has an initial for the given name.
    SimilarName,
    /// The same customer number.
    SameNumber,
    /// The same business id.
    SameBusinessId,
    /// The same e-mail address.
    SameEmail,
    /// The same telephone number.
    SameTelephone,
    /// The same postal address.
    SameAddress,
    /// Addresses of the same postal code that differ as by a typing error.
    SimilarAddress,
    /// They represent the same organisation.
    SameOrganisation,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::SameName,
        Self::SimilarName,
        Self::SameNumber,
        Self::SameBusinessId,
        Self::SameEmail,
        Self::SameTelephone,
        Self::SameAddress,
        Self::SimilarAddress,
        Self::SameOrganisation,
    ];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameName => "same_name",
            Self::SimilarName => "similar_name",
            Self::SameNumber => "same_number",
            Self::SameBusinessId => "same_business_id",
            Self::SameEmail => "same_email",
            Self::SameTelephone => "same_telephone",
            Self::SameAddress => "same_address",
            Self::SimilarAddress => "similar_address",
            Self::SameOrganisation => "same_organisation",
        }
    }

    /// How much it counts, of 100.
    const fn weight(self) -> u32 {
        match self {
            Self::SameName | Self::SameNumber | Self::SameBusinessId => 50,
            Self::SimilarName | Self::SameEmail => 35,
            Self::SameTelephone => 30,
            Self::SameAddress => 25,
            Self::SimilarAddress | Self::SameOrganisation => 15,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a reason to take two records for one")]
pub struct UnknownReason;

impl FromStr for Reason {
    type Err = UnknownReason;
    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text).ok_or(UnknownReason)
    }
}

/// What two records are compared by, folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    names: BTreeSet<String>,
    numbers: BTreeSet<String>,
    business_ids: BTreeSet<String>,
    emails: BTreeSet<String>,
    telephones: BTreeSet<String>,
    /// Postal code and street.
    addresses: BTreeSet<(String, String)>,
    organisations: BTreeSet<uuid::Uuid>,
}

/// Two records that may be one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// From 1 to 100; only for the order of the queue.
    pub score: u32,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

impl Profile {
    /// Adds a value. Addresses that are protected must not be added: that two records share one would tell it.
    pub fn add(&mut self, value: &Value) {
        match value {
            Value::Name(name) => {
                self.add_words(&format!("{} {}", name.given, name.family), &[]);
            }
            Value::CustomerNumber(number) => {
                self.numbers.insert(fold(number));
            }
            Value::Email(email) => {
                self.emails.insert(email.match_key());
            }
            Value::Telephone(telephone) => {
                let digits: String = telephone.national_digits().chars().filter(char::is_ascii_digit).collect();
                if digits.len() >= 5 {
                    self.telephones.insert(telephone.match_key().unwrap_or(digits));
                }
            }
            Value::PostalAddress(address) => {
                let street = fold(&address.street);
                if !street.is_empty() {
                    let place = if address.postal_code.is_empty() { &address.town } else { &address.postal_code };
                    self.addresses.insert((fold(place), street));
                }
            }
            Value::Language(_) | Value::Tags(_) => {}
        }
    }

    /// Adds an organisation's own name and business id.
    pub fn add_organisation_name(&mut self, name: &str, business_id: Option<&str>) {
        self.add_words(name, &COMPANY_FORMS);
        self.business_ids.extend(business_id.map(str::to_owned));
    }

    /// Adds an organisation that the person represents.
    pub fn add_represented(&mut self, organisation: uuid::Uuid) {
        self.organisations.insert(organisation);
    }

    fn add_words(&mut self, name: &str, without: &[&str]) {
        let folded = fold(name);
        let mut words: Vec<&str> = folded.split(' ').filter(|word| !without.contains(word)).collect();
        // `Koskitalo Pirkko` is `Pirkko Koskitalo`.
        words.sort_unstable();
        let joined = words.join(" ");
        if joined.chars().count() > 2 {
            self.names.insert(joined);
        }
    }

    /// Keys of which two records that are compared have at least one in common. Hashed: they are kept for a moment
    /// only, but for every record of the register at once.
    #[must_use]
    pub fn blocks(&self) -> Vec<u64> {
        let mut blocks = Vec::new();
        let mut add = |what: &str, parts: &[&str]| {
            let mut hasher = DefaultHasher::new();
            (what, parts).hash(&mut hasher);
            blocks.push(hasher.finish());
        };
        for (what, set) in [
            ("number", &self.numbers),
            ("business id", &self.business_ids),
            ("email", &self.emails),
            ("telephone", &self.telephones),
            ("name", &self.names),
        ] {
            set.iter().for_each(|key| add(what, &[key]));
        }
        for (place, street) in &self.addresses {
            add("address", &[place, street]);
            // Names that many people have are compared within a postal code only, addresses with a typing error too.
            self.names.iter().for_each(|name| add("name in", &[name, place]));
        }
        for organisation in &self.organisations {
            add("organisation", &[&organisation.to_string()]);
        }
        blocks
    }

    /// Whether this and another record may be one customer, and why. A name alone is no reason, nor a shared telephone
    /// or address alone: families and work places share them.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> Option<Likeness> {
        let shared = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.intersection(b).next().is_some();
        let (mine, theirs) = (&self.business_ids, &other.business_ids);
        if !mine.is_empty() && !theirs.is_empty() && !shared(mine, theirs) {
            // Two companies of one name, perhaps of one owner: the authority has given them two numbers.
            return None;
        }
        let mut reasons = Vec::new();
        if shared(&self.names, &other.names) {
            reasons.push(Reason::SameName);
        } else if self.names.iter().any(|a| other.names.iter().any(|b| similar_names(a, b))) {
            reasons.push(Reason::SimilarName);
        }
        let named = !reasons.is_empty();
        for (reason, same) in [
            (Reason::SameNumber, shared(&self.numbers, &other.numbers)),
            (Reason::SameBusinessId, shared(mine, theirs)),
            (Reason::SameEmail, shared(&self.emails, &other.emails)),
            (Reason::SameTelephone, shared(&self.telephones, &other.telephones)),
        ] {
            if same {
                reasons.push(reason);
            }
        }
        if self.addresses.intersection(&other.addresses).next().is_some() {
            reasons.push(Reason::SameAddress);
        } else if self.addresses.iter().any(|a| other.addresses.iter().any(|b| a.0 == b.0 && similar(&a.1, &b.1))) {
            reasons.push(Reason::SimilarAddress);
        }
        if self.organisations.intersection(&other.organisations).next().is_some() {
            reasons.push(Reason::SameOrganisation);
        }
        let identified = reasons.iter().any(|reason| matches!(reason, Reason::SameNumber | Reason::SameBusinessId));
        let enough = identified || (named && reasons.len() > 1);
        if !enough {
            return None;
        }
        let score = reasons.iter().map(|reason| reason.weight()).sum::<u32>().min(100);
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight()));
        Some(Likeness { score, reasons })
    }
}

/// Whether two texts differ as by a typing error: one character in short ones, two in longer ones. Digits must agree:
/// the next house is another house.
fn similar(a: &str, b: &str) -> bool {
    let length = a.chars().count().min(b.chars().count());
    let allowed = match length {
        0..=3 => 0,
        4..=9 => 1,
        _ => 2,
    };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    length > 3 && digits(a) == digits(b) && strsim::damerau_levenshtein(a, b) <= allowed
}

/// Names of sorted words are similar when each word is like one of the other's, one at most being an initial.
fn similar_names(a: &str, b: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    if a.len() < 2 || a.len() != b.len() {
        return a.len() == 1
            && b.len() == 1
            && similar(a.first().copied().unwrap_or(""), b.first().copied().unwrap_or(""));
    }
    let mut left: Vec<&str> = b;
    let mut inexact = 0;
    for word in &a {
        if let Some(at) = left.iter().position(|other| other == word) {
            left.remove(at);
            continue;
        }
        inexact += 1;
        let Some(at) = left.iter().position(|other| similar(word, other) || is_initial(word, other)) else {
            return false;
        };
        left.remove(at);
    }
    inexact <= 1 || a.iter().map(|word| word.chars().count()).sum::<usize>() >= 12 && inexact <= 2
}

fn is_initial(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.chars().count() == 1 && long.chars().count() > 1 && long.starts_with(short)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::address::PostalAddress;
    use crate::email::Email;
    use crate::name::PersonName;
    use crate::telephone::Telephone;

    fn person(name: &str, email: &str, phone: &str, street: &str, code: &str) -> Profile {
        let mut profile = Profile::default();
        let (given, family) = name.rsplit_once(' ').unwrap_or(("", name));
        profile.add(&Value::Name(PersonName { given: given.into(), family: family.into() }));
        if !email.is_empty() {
            profile.add(&Value::Email(Email { label: None, address: email.into() }));
        }
        if !phone.is_empty() {
            profile.add(&Value::Telephone(Telephone { label: None, number: phone.into(), e164: true }));
        }
        if !street.is_empty() {
            profile.add(&Value::PostalAddress(PostalAddress {
                label: None,
                street: street.into(),
                postal_code: code.into(),
                town: "OULU".into(),
                region: String::new(),
                country: "FI".into(),
            }));
        }
        profile
    }

    /// E-mail, telephone and street of one of the two.
    type Contact = (&'static str, &'static str, &'static str);

    #[rstest]
    // One person, written twice.
    #[case("Pirkko Koskitalo", ("p@example.com", "", ""), "Koskitalo Pirkko", ("P@example.com", "", ""), true)]
    #[case("Pirkko Koskitalo", ("", "+358401234567", ""), "Pirko Koskitalo", ("", "+358401234567", ""), true)]
    #[case("P. Koskitalo", ("", "", "Torikatu 38"), "Pirkko Koskitalo", ("", "", "Torikatu 38"), true)]
    #[case("Åsa Märta Öberg", ("", "", "Torikatu 38"), "Åsa Märta Öberg", ("", "", "Torikattu 38"), true)]
    #[case("José Núñez", ("", "+358401234567", ""), "Jose Nunez", ("", "+358401234567", ""), true)]
    // A family, a shared telephone at work, two people of one name, neighbours.
    #[case("Liisa Virtanen", ("", "", "Torikatu 38"), "Matti Virtanen", ("", "", "Torikatu 38"), false)]
    #[case("Liisa Virtanen", ("", "+358401234567", ""), "Matti Meikäläinen", ("", "+358401234567", ""), false)]
    #[case("Matti Virtanen", ("a@example.com", "", ""), "Matti Virtanen", ("b@example.com", "", ""), false)]
    #[case("Matti Virtanen", ("", "", "Torikatu 38"), "Matti Virtanen", ("", "", "Torikatu 39"), false)]
    fn likeness(#[case] a: &str, #[case] at: Contact, #[case] b: &str, #[case] other: Contact, #[case] alike: bool) {
        let one = person(a, at.0, at.1, at.2, "90100");
        let other = person(b, other.0, other.1, other.2, "90100");
        assert_eq!(one.likeness(&other).is_some(), alike, "{:?}", one.likeness(&other));
        assert_eq!(one.likeness(&other), other.likeness(&one));
        if alike {
            let (mine, theirs) = (one.blocks(), other.blocks());
            assert!(mine.iter().any(|block| theirs.contains(block)), "they would never be compared");
        }
    }

    #[test]
    fn organisations_are_told_by_business_id_and_by_name_without_the_form() {
        let organisation = |name: &str, id: Option<&str>, code: &str| {
            let mut profile = person("", "", "", "Torikatu 38", code);
            profile.add_organisation_name(name, id);
            profile
        };
        let found = |a: &Profile, b: &Profile| a.likeness(b).map(|likeness| likeness.reasons);
        let one = organisation("Wartian Herkku Oy", Some("1234567-1"), "90100");
        assert!(found(&one, &organisation("Oy Wartian Herkku Ab", None, "90100")).is_some());
        assert!(found(&one, &organisation("Aivan Muu Oy", Some("1234567-1"), "00100")).is_some());
        assert_eq!(found(&one, &organisation("Wartian Herkku", None, "00100")), None);
        assert_eq!(found(&one, &organisation("Aivan Muu Oy", None, "90100")), None);
        assert_eq!(found(&one, &organisation("Wartian Herkku Ky", Some("2617416-4"), "90100")), None);
    }

    #[test]
    fn the_surest_come_first() {
        let one = person("Pirkko Koskitalo", "p@example.com", "+358401234567", "Torikatu 38", "90100");
        let sure = one.likeness(&one).unwrap();
        let less = one.likeness(&person("Pirko Koskitalo", "", "+358401234567", "", "")).unwrap();
        assert!(sure.score > less.score && sure.score <= 100);
        assert_eq!(less.reasons, [Reason::SimilarName, Reason::SameTelephone]);
    }
}

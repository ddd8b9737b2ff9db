//! The demo's people and organisations, as drafts: they pass the same checks as everyone's.

use rand::RngExt as _;
use rand::rngs::StdRng;
use seloste_domain::business_id;
use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::organisation::OrganisationDraft;
use seloste_domain::person::PersonDraft;
use unicode_normalization::UnicodeNormalization as _;

use super::fixtures::{Fixtures, chance, one};

/// An organisation of the demo.
pub(super) struct Company {
    pub(super) draft: OrganisationDraft,
    pub(super) swedish: bool,
}

/// The organisation with number `number`.
pub(super) fn organisation(rng: &mut StdRng, words: &Fixtures, number: usize, companies: &[String]) -> Company {
    let place = words.places.pick(rng);
    let (family, branch) = if place.swedish {
        (words.family_sv.pick(rng), one(rng, &words.branches_sv))
    } else {
        (words.family.pick(rng), one(rng, &words.branches))
    };
    let form = match (place.swedish, rng.random_range(0..10)) {
        (true, 0) => "Kb",
        (true, _) => "Ab",
        (false, 0) => "Ky",
        (false, 1) => "Tmi",
        (false, _) => "Oy",
    };
    let name = format!("{branch} {family} {form}");
    let domain = format!("{}.example.com", ascii(&format!("{branch}-{family}")));
    let visiting = DraftAddress { label: "visiting".into(), ..address(rng, words, place.code, place.swedish, false) };
    let mut addresses = vec![visiting];
    if chance(rng, 25) {
        let box_number = rng.random_range(1..900);
        let street = if place.swedish { format!("PB {box_number}") } else { format!("PL {box_number}") };
        addresses.push(DraftAddress {
            label: "billing".into(),
            street,
            postal_code: place.code.into(),
            ..Default::default()
        });
    }
    let draft = OrganisationDraft {
        name,
        business_id: made_up_business_id(number),
        customer_number: format!("Y{}", 5000 + number),
        emails: vec![DraftText::new(format!("info@{domain}"))],
        telephones: vec![DraftText { label: "work".into(), ..DraftText::new(landline(rng)) }],
        addresses,
        companies: some_companies(rng, companies),
    };
    Company { draft, swedish: place.swedish }
}

/// A number whose check digit is right. Business ids from 8000000 on have not been given out.
fn made_up_business_id(number: usize) -> String {
    let mut body = 8_000_000 + number * 12;
    loop {
        let found = (0..10).map(|check| format!("{body}-{check}")).find(|id| business_id::parse(id).is_some());
        match found {
            Some(id) => return id,
            // A remainder of one is not given out: the next number.
            None => body += 1,
        }
    }
}

/// The person with number `number`, who may represent `employer`.
pub(super) fn person(
    rng: &mut StdRng,
    words: &Fixtures,
    number: usize,
    employer: Option<&Company>,
    companies: &[String],
) -> PersonDraft {
    let place = words.places.pick(rng);
    let swedish = employer.map_or(place.swedish && chance(rng, 70), |company| company.swedish);
    let (given, family) = name(rng, words, swedish);
    let language = match (swedish, rng.random_range(0..40)) {
        (_, 0) => "en",
        (true, _) => "sv",
        (false, _) => "fi",
    };
    let mut draft = PersonDraft {
        customer_number: format!("{}", 100_001 + number),
        language: language.into(),
        emails: emails(rng, &given, &family, number, employer),
        telephones: telephones(rng, employer.is_some()),
        addresses: addresses(rng, words, place.code, place.swedish),
        companies: employer.map_or_else(|| some_companies(rng, companies), |company| company.draft.companies.clone()),
        protected_address: chance(rng, 1),
        given,
        family,
        ..PersonDraft::default()
    };
    if employer.is_some() {
        draft.title = one(rng, if swedish { &words.titles_sv } else { &words.titles }).to_string();
    }
    draft
}

fn name(rng: &mut StdRng, words: &Fixtures, swedish: bool) -> (String, String) {
    if swedish {
        return (words.given_sv.pick(rng).to_string(), words.family_sv.pick(rng).to_string());
    }
    let given = if chance(rng, 51) { &words.female } else { &words.male };
    let mut first = given.pick(rng).to_string();
    if chance(rng, 12) {
        let second = given.pick(rng);
        if *second != first {
            first = if chance(rng, 40) { format!("{first}-{second}") } else { format!("{first} {second}") };
        }
    }
    let mut family = words.family.pick(rng).to_string();
    if chance(rng, 4) {
        let other = words.family.pick(rng);
        if *other != family {
            family = format!("{family}-{other}");
        }
    }
    (first, family)
}

fn emails(rng: &mut StdRng, given: &str, family: &str, number: usize, employer: Option<&Company>) -> Vec<DraftText> {
    let local = format!("{}.{}", ascii(given.split([' ', '-']).next().unwrap_or(given)), ascii(family));
    let mut emails = Vec::new();
    if let Some(domain) = employer.and_then(|company| company.draft.emails.first()?.text.split_once('@')) {
        emails.push(DraftText { label: "work".into(), ..DraftText::new(format!("{local}@{}", domain.1)) });
    }
    if chance(rng, if emails.is_empty() { 92 } else { 20 }) {
        let address = format!("{local}{}@example.com", number % 100);
        emails.push(DraftText { label: "home".into(), ..DraftText::new(address) });
    }
    emails
}

fn telephones(rng: &mut StdRng, works: bool) -> Vec<DraftText> {
    let mut telephones = vec![DraftText { label: "mobile".into(), ..DraftText::new(mobile(rng)) }];
    if works && chance(rng, 40) {
        telephones.push(DraftText { label: "work".into(), ..DraftText::new(landline(rng)) });
    } else if chance(rng, 8) {
        telephones.push(DraftText { label: "mobile".into(), ..DraftText::new(mobile(rng)) });
    }
    telephones
}

fn mobile(rng: &mut StdRng) -> String {
    let prefix = one(rng, &["040", "041", "044", "045", "050"]);
    format!("{prefix} 555 {:04}", rng.random_range(0..10_000))
}

fn landline(rng: &mut StdRng) -> String {
    let prefix = one(rng, &["09", "02", "03", "06", "08", "013", "017"]);
    format!("{prefix} 555 {:04}", rng.random_range(0..10_000))
}

fn addresses(rng: &mut StdRng, words: &Fixtures, code: &str, swedish: bool) -> Vec<DraftAddress> {
    let mut addresses = vec![DraftAddress { label: "home".into(), ..address(rng, words, code, swedish, true) }];
    if chance(rng, 10) {
        let other = words.places.pick(rng);
        let delivery = address(rng, words, other.code, other.swedish, false);
        addresses.push(DraftAddress { label: "delivery".into(), ..delivery });
    }
    addresses
}

fn address(rng: &mut StdRng, words: &Fixtures, code: &str, swedish: bool, home: bool) -> DraftAddress {
    let street = if swedish {
        one(rng, &words.streets_sv).to_string()
    } else if chance(rng, 55) {
        one(rng, &words.streets).to_string()
    } else {
        let stem = one(rng, &words.stems);
        format!("{stem}{}", one(rng, &["tie", "tie", "katu", "katu", "polku", "kuja"]))
    };
    let mut street = format!("{street} {}", rng.random_range(1..80));
    if home && chance(rng, 55) {
        let stair = one(rng, &["A", "B", "C", "D"]);
        street = format!("{street} {stair} {}", rng.random_range(1..60));
    }
    DraftAddress { street, postal_code: code.into(), ..DraftAddress::default() }
}

/// One company usually, two or three sometimes.
fn some_companies(rng: &mut StdRng, companies: &[String]) -> Vec<String> {
    let first = one(rng, companies).clone();
    let mut some = vec![first];
    for company in companies {
        if !some.contains(company) && chance(rng, 15) {
            some.push(company.clone());
        }
    }
    some
}

/// Letters and digits of an address on the net: `Häkkinen` is `hakkinen`.
fn ascii(text: &str) -> String {
    text.to_lowercase().nfd().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn addresses_on_the_net_keep_their_letters() {
        assert_eq!(ascii("Hammaslääkärit-Åström Öhman"), "hammaslaakarit-astromohman");
    }

    #[test]
    fn business_ids_are_valid_and_differ() {
        let ids: HashSet<_> = (0..1000).map(made_up_business_id).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| business_id::parse(id).is_some()));
    }
}

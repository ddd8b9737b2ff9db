//! Postal addresses, Finnish and foreign.

use serde::{Deserialize, Serialize};

use crate::country;
use crate::draft::DraftAddress;
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::language::Language;
use crate::postal_code;
use crate::value::Label;

/// Most rows in `street`.
pub const MAX_ROWS: usize = 5;
/// Most characters in a street row, a town or a region.
pub const MAX: usize = 100;
/// Most characters in a postal code.
const MAX_CODE: usize = 20;

/// A postal address. Any part may be empty, but not street, town and postal code all at once.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct PostalAddress {
    /// What it is for.
    pub label: Option<Label>,
    /// Street, unit, c/o and box: one or more rows joined with `\n`.
    pub street: String,
    /// Postal code as the country writes it.
    pub postal_code: String,
    /// Post town.
    pub town: String,
    /// State, province or county, where the country uses one.
    pub region: String,
    /// Country, ISO 3166-1 alpha-2, upper case.
    pub country: String,
}

impl PostalAddress {
    /// Checks and completes a draft. None when all its parts but the country are empty. A Finnish town is filled in
    /// from the code. A Finnish code that is not in the table, or belongs to another town, is kept as given with a
    /// warning when a town came with it: the table ages, and an import loses nothing; without a town it is refused.
    /// Addresses of other countries are kept as they are.
    ///
    /// Errors are noted at `{field}.street` and so on; warnings have the same shape.
    pub fn check(
        field: &str,
        draft: &DraftAddress,
        errors: &mut FieldErrors,
        warnings: &mut FieldErrors,
    ) -> Option<Self> {
        let at = |part: &str| format!("{field}.{part}");
        if [&draft.street, &draft.postal_code, &draft.town, &draft.region].iter().all(|part| part.trim().is_empty()) {
            return None;
        }
        let before = errors.0.len();
        let street = errors.keep(rows(&at("street"), &draft.street)).unwrap_or_default();
        let postal_code = errors.keep(one_line(&at("postal_code"), &draft.postal_code, MAX)).unwrap_or_default();
        let town = errors.keep(one_line(&at("town"), &draft.town, MAX)).unwrap_or_default();
        let region = errors.keep(one_line(&at("region"), &draft.region, MAX)).unwrap_or_default();
        let country = errors.keep(country_code(&at("country"), &draft.country)).unwrap_or_default();
        let mut address = Self { label: None, street, postal_code, town, region, country };
        if errors.0.len() > before {
            return None;
        }
        if address.is_domestic() {
            address.complete_finnish(field, errors, warnings);
        } else if address.postal_code.chars().count() > MAX_CODE {
            errors.push(FieldError::new(at("postal_code"), code::TOO_LONG).with("max", MAX_CODE));
        }
        if address.street.is_empty() && address.town.is_empty() && address.postal_code.is_empty() {
            errors.push(FieldError::new(at("street"), code::ADDRESS_EMPTY));
        }
        (errors.0.len() == before).then_some(address)
    }

    fn complete_finnish(&mut self, field: &str, errors: &mut FieldErrors, warnings: &mut FieldErrors) {
        let at = format!("{field}.postal_code");
        self.take_code_apart();
        if self.postal_code.is_empty() {
            return;
        }
        if !postal_code::is_finnish(&self.postal_code) {
            errors.push(FieldError::new(at, code::POSTAL_CODE_INVALID));
            return;
        }
        match postal_code::find(&self.postal_code) {
            Some(found) if self.town.is_empty() => self.town = postal_code::in_running_text(found.fi),
            Some(found) if found.is_called(&self.town) => {}
            Some(_) => warnings.push(FieldError::new(at, code::POSTAL_CODE_TOWN)),
            None if self.town.is_empty() => errors.push(FieldError::new(at, code::POSTAL_CODE_UNKNOWN)),
            None => warnings.push(FieldError::new(at, code::POSTAL_CODE_UNKNOWN)),
        }
    }

    /// `FI-00100`, `FIN-00100` and `00100 Helsinki` in one field, and spaces in the code.
    fn take_code_apart(&mut self) {
        let text = self.postal_code.as_str();
        let text = ["FIN-", "FI-", "AX-"].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
        let digits = text.chars().take_while(|c| c.is_ascii_digit() || *c == ' ').count();
        let (code, town) = text.split_at(digits);
        let code: String = code.chars().filter(|c| *c != ' ').collect();
        if town.is_empty() {
            self.postal_code = code;
        } else if self.town.is_empty() && postal_code::is_finnish(&code) {
            let town = town.trim().to_owned();
            (self.postal_code, self.town) = (code, town);
        }
    }

    /// The same address with nothing left that says where it is (*turvakielto*, Act 661/2009 section 36).
    #[must_use]
    pub fn masked(&self) -> Self {
        Self {
            label: self.label,
            street: String::new(),
            postal_code: String::new(),
            town: String::new(),
            region: String::new(),
            country: country::NONE.to_owned(),
        }
    }

    /// Whether this is what [`PostalAddress::masked`] leaves.
    #[must_use]
    pub fn is_masked(&self) -> bool {
        self.country == country::NONE
    }

    /// Finland with Åland: one postal code system.
    fn is_domestic(&self) -> bool {
        self.country == country::HOME || self.country == "AX"
    }

    /// `Kirkkokatu 1 as. 1, 00100 Helsinki` in one line, with the country where it is not Finland.
    #[must_use]
    pub fn display(&self, language: Language) -> String {
        if self.is_masked() {
            return String::new();
        }
        let mut parts: Vec<String> = self.street.lines().map(str::to_owned).collect();
        parts.extend(self.town_rows(&self.postal_code, &self.town));
        if self.country != country::HOME {
            parts.push(country::name(&self.country, language).to_owned());
        }
        parts.join(", ")
    }

    /// Rows of an envelope sent from Finland: addressee rows first, town and country in capitals (SFS 5967, UPU S42).
    /// Empty rows are dropped; a masked address has no rows.
    #[must_use]
    pub fn envelope(&self, addressee: &[&str]) -> Vec<String> {
        self.layout(addressee, &self.postal_code, !self.is_domestic())
    }

    /// Rows of an envelope sent from another country: `FI-00100 HELSINKI`, `FINLAND`; Åland has its own prefix.
    #[must_use]
    pub fn envelope_from_abroad(&self, addressee: &[&str]) -> Vec<String> {
        let prefixed = self.is_domestic() && !self.postal_code.is_empty();
        let code = if prefixed { format!("{}-{}", self.country, self.postal_code) } else { self.postal_code.clone() };
        self.layout(addressee, &code, true)
    }

    fn layout(&self, addressee: &[&str], code: &str, with_country: bool) -> Vec<String> {
        if self.is_masked() {
            return Vec::new();
        }
        let mut rows: Vec<String> = addressee.iter().map(|row| row.trim().to_owned()).collect();
        rows.extend(self.street.lines().map(str::to_owned));
        rows.extend(self.town_rows(code, &self.town.to_uppercase()));
        if with_country {
            // The carrier of the sending country reads it: English serves everywhere.
            rows.push(country::name(&self.country, Language::En).to_uppercase());
        }
        rows.retain(|row| !row.is_empty());
        rows
    }

    /// Code and town in the country's order.
    fn town_rows(&self, code: &str, town: &str) -> Vec<String> {
        let joined = |parts: &[&str]| parts.iter().filter(|p| !p.is_empty()).copied().collect::<Vec<_>>().join(" ");
        let rows = match self.country.as_str() {
            "GB" | "IE" => vec![town.to_owned(), self.region.clone(), code.to_owned()],
            "US" | "CA" | "AU" => vec![joined(&[town, &self.region, code])],
            _ => vec![joined(&[code, town]), self.region.clone()],
        };
        rows.into_iter().filter(|row| !row.is_empty()).collect()
    }
}

/// The address of a protected person as others see it: see [`PostalAddress::masked`].
#[must_use]
pub fn mask_address(address: &PostalAddress) -> PostalAddress {
    address.masked()
}

fn country_code(field: &str, text: &str) -> Result<String, FieldError> {
    let text = if text.trim().is_empty() { country::HOME } else { text };
    country::code(text).map(str::to_owned).ok_or_else(|| FieldError::new(field, code::COUNTRY_UNKNOWN))
}

fn rows(field: &str, text: &str) -> Result<String, FieldError> {
    let mut rows = Vec::new();
    for row in text.split(['\n', '\r']) {
        let row = one_line(field, row, MAX)?;
        if row.is_empty() {
            continue;
        }
        if rows.len() == MAX_ROWS {
            return Err(FieldError::new(field, code::TOO_MANY).with("max", MAX_ROWS));
        }
        rows.push(row);
    }
    Ok(rows.join("\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draft(street: &str, postal_code: &str, town: &str, country: &str) -> DraftAddress {
        DraftAddress {
            street: street.into(),
            postal_code: postal_code.into(),
            town: town.into(),
            country: country.into(),
            ..DraftAddress::default()
        }
    }

    fn check(draft: &DraftAddress) -> (Option<PostalAddress>, Vec<&'static str>, Vec<&'static str>) {
        let (mut errors, mut warnings) = (FieldErrors::default(), FieldErrors::default());
        let address = PostalAddress::check("addresses.0", draft, &mut errors, &mut warnings);
        let codes = |list: FieldErrors| list.0.into_iter().map(|error| error.code).collect();
        (address, codes(errors), codes(warnings))
    }

    #[test]
    fn finnish_and_foreign_addresses() {
        for (given, display, errors, warnings) in [
            (draft("Tie 2a B 12", "00100", "", ""), "Tie 2a B 12, 00100 Helsinki", vec![], vec![]),
            (draft("Tie 1", "FI-20100", "Åbo", "Suomi"), "Tie 1, 20100 Åbo", vec![], vec![]),
            (draft("Tie 1", "00100 Helsinki", "", "FI"), "Tie 1, 00100 Helsinki", vec![], vec![]),
            (draft("Tie 1", "00 100", "", "FI"), "Tie 1, 00100 Helsinki", vec![], vec![]),
            (draft("c/o Bär\r\nTie 1", "", "Oulu", ""), "c/o Bär, Tie 1, Oulu", vec![], vec![]),
            (
                draft("Torikatu 38", "90110", "Oulu", "Finland"),
                "Torikatu 38, 90110 Oulu",
                vec![],
                vec![code::POSTAL_CODE_UNKNOWN],
            ),
            (
                draft("Keskuskatu 45", "21240", "Helsinki", "Finland"),
                "Keskuskatu 45, 21240 Helsinki",
                vec![],
                vec![code::POSTAL_CODE_TOWN],
            ),
            (draft("Tie 1", "00000", "", ""), "", vec![code::POSTAL_CODE_UNKNOWN], vec![]),
            (draft("Tie 1", "0100", "Helsinki", ""), "", vec![code::POSTAL_CODE_INVALID], vec![]),
            (draft("Tie 1", "ABC", "Helsinki", ""), "", vec![code::POSTAL_CODE_INVALID], vec![]),
            (
                draft("Obere Str. 57", "12209", "Berlin", "Germany"),
                "Obere Str. 57, 12209 Berlin, Germany",
                vec![],
                vec![],
            ),
            (
                draft("Fauntleroy Circus", "EC2 5NT", "London", "UK"),
                "Fauntleroy Circus, London, EC2 5NT, United Kingdom",
                vec![],
                vec![],
            ),
            (draft("Tie 1", "1", "X", "Atlantis"), "", vec![code::COUNTRY_UNKNOWN], vec![]),
            (draft("1\n2\n3\n4\n5\n6", "1", "X", "SE"), "", vec![code::TOO_MANY], vec![]),
            (draft(" ", "", "", "FI"), "", vec![], vec![]),
        ] {
            let (address, got_errors, got_warnings) = check(&given);
            let shown = address.map(|a| a.display(Language::En)).unwrap_or_default();
            assert_eq!((shown.as_str(), got_errors, got_warnings), (display, errors, warnings), "{given:?}");
        }
    }

    #[test]
    fn envelopes() {
        let home = check(&draft("Kirkkokatu 1 as. 1", "00100", "", "")).0.unwrap();
        assert_eq!(home.envelope(&["Åsa Bär", ""]), ["Åsa Bär", "Kirkkokatu 1 as. 1", "00100 HELSINKI"]);
        assert_eq!(home.envelope_from_abroad(&["Åsa Bär"])[2..], ["FI-00100 HELSINKI", "FINLAND"]);
        let aland = check(&draft("Storagatan 1", "22100", "", "Åland")).0.unwrap();
        assert_eq!(aland.envelope(&[]), ["Storagatan 1", "22100 MARIEHAMN"]);
        assert_eq!(aland.envelope_from_abroad(&[])[1..], ["AX-22100 MARIEHAMN", "ÅLAND ISLANDS"]);
        let berlin = check(&draft("Obere Str. 57", "12209", "Berlin", "DE")).0.unwrap();
        assert_eq!(berlin.envelope(&[]), ["Obere Str. 57", "12209 BERLIN", "GERMANY"]);
        let mut usa = check(&draft("2732 Baker Blvd.", "97403", "Eugene", "USA")).0.unwrap();
        usa.region = "OR".into();
        assert_eq!(usa.envelope(&[]), ["2732 Baker Blvd.", "EUGENE OR 97403", "UNITED STATES"]);
    }

    #[test]
    fn nothing_is_left_of_a_masked_address() {
        let address = check(&draft("Kirkkokatu 1", "00100", "", "")).0.unwrap();
        let masked = mask_address(&address);
        assert!(masked.is_masked() && !address.is_masked());
        assert_eq!(masked.display(Language::Fi), "");
        assert!(masked.envelope(&["Åsa Bär"]).is_empty());
    }

    proptest! {
        #[test]
        fn checking_settles(
            street in "\\PC{0,20}(\n\\PC{0,20})?", code in "[0-9A-Z -]{0,8}|\\PC{0,10}", town in "\\PC{0,12}",
            region in "\\PC{0,5}", country in "FI|Suomi|SE|UK|USA|ZZ|",
        ) {
            let given = DraftAddress { street, postal_code: code, town, region, country, ..DraftAddress::default() };
            if let (Some(address), errors, _) = check(&given) {
                prop_assert!(errors.is_empty());
                let again = DraftAddress {
                    street: address.street.clone(), postal_code: address.postal_code.clone(), town: address.town.clone(),
                    region: address.region.clone(), country: address.country.clone(), ..DraftAddress::default()
                };
                prop_assert_eq!(check(&again).0, Some(address));
            }
        }
    }
}

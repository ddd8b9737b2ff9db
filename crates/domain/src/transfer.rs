//! Transfers outside the EU and the EEA (Art. 44-49, promise P15): possible only where the notice allows them, with a
//! recorded necessity and a mechanism that holds on the day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::adequacy;
use crate::notice::{EEA, Notice, Safeguard, TransferRule};

/// Parts of member states that have a country code of their own and where the GDPR is law: Åland, and the outermost
/// regions of France (TFEU Art. 355(1) and (4)).
const PARTS: [&str; 7] = ["AX", "GF", "GP", "MF", "MQ", "RE", "YT"];

/// Whether the GDPR is law there.
#[must_use]
pub fn is_in_eea(country: &str) -> bool {
    EEA.contains(&country) || PARTS.contains(&country)
}

/// What protects data outside the EU and the EEA, and why it has to be there.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Protection {
    /// The mechanism.
    pub safeguard: Option<Safeguard>,
    /// The document: when the clauses were signed, which certificate, which derogation of Art. 49.
    pub detail: String,
    /// Why the technical implementation needs it.
    pub necessity: String,
}

/// Why data may not go outside.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TransferRefused {
    /// The notice says that nothing goes outside.
    #[error("the notice declares that no data goes outside the EU and the EEA")]
    Forbidden,
    /// No necessity is recorded.
    #[error("no technical necessity is recorded for data outside the EU and the EEA")]
    NoNecessity,
    /// No mechanism is recorded.
    #[error("no safeguard is recorded for data outside the EU and the EEA")]
    NoSafeguard,
    /// The notice does not name the mechanism.
    #[error("the notice does not declare the safeguard `{}`", .0.as_str())]
    Undeclared(Safeguard),
    /// There is no adequacy decision on the country today.
    #[error("there is no adequacy decision on {0}")]
    NotAdequate(String),
    /// The decision is limited, or the mechanism asks for a document, and none is recorded.
    #[error("the document of the safeguard is not recorded")]
    NoDetail,
}

/// The countries outside among these.
pub fn outside<'a>(countries: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    countries.into_iter().filter(|country| !is_in_eea(country))
}

/// Whether data may be in these countries on `day`.
///
/// # Errors
/// Why it may not.
pub fn check<'a>(
    countries: impl IntoIterator<Item = &'a str>,
    protection: &Protection,
    notice: &Notice,
    day: Date,
) -> Result<(), TransferRefused> {
    let outside: Vec<&str> = outside(countries).collect();
    if outside.is_empty() {
        return Ok(());
    }
    let allowed = notice.transfers().filter(|transfers| transfers.rule == TransferRule::TechnicalNecessity);
    let transfers = allowed.ok_or(TransferRefused::Forbidden)?;
    if protection.necessity.trim().is_empty() {
        return Err(TransferRefused::NoNecessity);
    }
    let safeguard = protection.safeguard.ok_or(TransferRefused::NoSafeguard)?;
    if !transfers.safeguards.contains(&safeguard) {
        return Err(TransferRefused::Undeclared(safeguard));
    }
    let mut asks_for_document = safeguard != Safeguard::AdequacyDecision;
    if safeguard == Safeguard::AdequacyDecision {
        for country in outside {
            let found = adequacy::decision(country, day);
            let decision = found.ok_or_else(|| TransferRefused::NotAdequate(country.to_owned()))?;
            asks_for_document |= decision.condition.is_some();
        }
    }
    if asks_for_document && protection.detail.trim().is_empty() {
        return Err(TransferRefused::NoDetail);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const NOTICE: &str = include_str!("../../../examples/arjasmaa/notice.toml");
    const DAY: Date = date(2026, 11, 28);

    fn protected(safeguard: Safeguard, detail: &str) -> Protection {
        Protection { safeguard: Some(safeguard), detail: detail.into(), necessity: "varmistuskopiot".into() }
    }

    #[test]
    fn outside_only_with_necessity_and_a_mechanism_that_holds() {
        let notice = Notice::parse(NOTICE).unwrap();
        let never = NOTICE
            .replace("rule = \"technical_necessity\"", "rule = \"never\"")
            .replace("safeguards = [\"adequacy_decision\", \"standard_clauses\"]", "safeguards = []");
        let never = Notice::parse(&never).unwrap();
        let none = Protection::default();
        assert_eq!(check(["FI", "AX", "NO"], &none, &never, DAY), Ok(()));
        let clauses = protected(Safeguard::StandardClauses, "allekirjoitettu 1.2.2026");
        let adequate = protected(Safeguard::AdequacyDecision, "");
        for (country, protection, notice, want) in [
            ("US", &clauses, &never, Err(TransferRefused::Forbidden)),
            ("US", &none, &notice, Err(TransferRefused::NoNecessity)),
            ("US", &Protection { safeguard: None, ..clauses.clone() }, &notice, Err(TransferRefused::NoSafeguard)),
            (
                "IN",
                &protected(Safeguard::Derogation, "x"),
                &notice,
                Err(TransferRefused::Undeclared(Safeguard::Derogation)),
            ),
            ("IN", &adequate, &notice, Err(TransferRefused::NotAdequate("IN".into()))),
            ("US", &adequate, &notice, Err(TransferRefused::NoDetail)),
            ("IN", &protected(Safeguard::StandardClauses, " "), &notice, Err(TransferRefused::NoDetail)),
            ("IN", &clauses, &notice, Ok(())),
            ("JP", &adequate, &notice, Ok(())),
        ] {
            assert_eq!(check(["FI", country], protection, notice, DAY), want, "{country}");
        }
    }
}

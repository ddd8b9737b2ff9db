//! Adequacy decisions (Art. 45): the countries that the Commission found to protect personal data well enough, since when
//! and until when. They are dated data (`data/adequacy.tsv`), because they are made, prolonged and struck down.

use std::sync::LazyLock;

use jiff::civil::Date;

static TABLE: &str = include_str!("../data/adequacy.tsv");

/// To whom in the country a decision is limited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Organisations under the federal act on commercial organisations (Canada, PIPEDA).
    Commercial,
    /// Organisations that are certified and on the public list (United States, Data Privacy Framework).
    Certified,
}

impl Condition {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Commercial, Self::Certified];

    /// The name in the table, and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commercial => "commercial",
            Self::Certified => "certified",
        }
    }
}

/// A decision of the Commission.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// From this day.
    pub from: Date,
    /// Until this day; none: until further notice.
    pub until: Option<Date>,
    /// Its number in the Official Journal.
    pub number: &'static str,
    /// To whom it is limited.
    pub condition: Option<Condition>,
}

static DECISIONS: LazyLock<Vec<Decision>> =
    LazyLock::new(|| TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(read).collect());

fn read(line: &'static str) -> Option<Decision> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    let (country, from, until, number, condition) = (next()?, next()?, next()?, next()?, next()?);
    Some(Decision {
        country,
        from: from.parse().ok()?,
        until: if until == "-" { None } else { Some(until.parse().ok()?) },
        number,
        condition: Condition::ALL.into_iter().find(|known| known.as_str() == condition),
    })
}

/// The decision on a country that holds on `day`.
#[must_use]
pub fn decision(country: &str, day: Date) -> Option<&'static Decision> {
    DECISIONS.iter().find(|decision| {
        decision.country == country && decision.from <= day && decision.until.is_none_or(|until| day <= until)
    })
}

/// All of them, by country.
#[must_use]
pub fn decisions() -> &'static [Decision] {
    &DECISIONS
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_table_is_whole_and_dated() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((decisions().len(), lines), (15, 15));
        assert!(decisions().windows(2).all(|pair| pair[0].country < pair[1].country));
        for decision in decisions() {
            assert_ne!(crate::country::name(decision.country, crate::language::Language::Fi), decision.country);
            assert!(!crate::transfer::is_in_eea(decision.country), "{decision:?}");
            assert!(decision.until.is_none_or(|until| decision.from < until));
        }
    }

    #[test]
    fn a_decision_holds_for_its_days() {
        assert_eq!(decision("GB", date(2021, 6, 27)), None);
        assert!(decision("GB", date(2026, 11, 28)).is_some());
        assert_eq!(decision("GB", date(2031, 12, 28)), None);
        assert_eq!(decision("US", date(2026, 1, 1)).and_then(|d| d.condition), Some(Condition::Certified));
        assert_eq!(decision("CN", date(2026, 1, 1)), None);
    }
}

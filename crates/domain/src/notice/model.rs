//! What a notice declares, as types. The reader (`read`) makes them, the rules (`rules`) judge them.

use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::problem::Spot;
use super::words::{
    ArchiveEvent, BreachNotice, CookieUse, DirectoryForm, ErasureObstacle, Ground, LegalBasis, OptOut, PeriodUnit,
    Requirement, RetentionEvent, Right, Safeguard, Service, SourceKind, TransferRule,
};
use crate::business_id::BusinessId;
use crate::id::{CompanyId, PurposeId, SourceId};
use crate::kind::Kind;
use crate::language::Language;
use crate::usage::Activity;

/// A text that the controller wrote, by language. Finnish is always there; the check reports a missing translation.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Text {
    pub(super) fi: String,
    pub(super) sv: Option<String>,
    pub(super) en: Option<String>,
}

impl Text {
    /// The text in `language`, or in Finnish where it was not translated.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Fi => None,
            Language::Sv => self.sv.as_deref(),
            Language::En => self.en.as_deref(),
        }
        .unwrap_or(&self.fi)
    }

    /// The paragraphs: parts between empty lines, each on one line.
    #[must_use]
    pub fn paragraphs(&self, language: Language) -> Vec<String> {
        let mut paragraphs = vec![String::new()];
        for line in self.get(language).lines().map(str::trim) {
            let Some(last) = paragraphs.last_mut() else { break };
            match (line.is_empty(), last.is_empty()) {
                (true, true) => {}
                (true, false) => paragraphs.push(String::new()),
                (false, true) => last.push_str(line),
                (false, false) => {
                    last.push(' ');
                    last.push_str(line);
                }
            }
        }
        paragraphs.retain(|paragraph| !paragraph.is_empty());
        paragraphs
    }
}

/// A company of the group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Company {
    /// Its short name.
    pub id: CompanyId,
    /// Its name in the trade register.
    pub name: String,
    /// Its business id (*Y-tunnus*).
    pub business_id: Option<BusinessId>,
}

/// How to reach someone (Art. 13(1)(a)-(b)). A contact of a checked notice has at least one way.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Contact {
    /// A person, an office or a company.
    pub name: String,
    /// Street address, postal code and town on one line.
    pub address: Option<String>,
    /// Telephone number as it is shown.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Address of a web page.
    pub website: Option<String>,
}

impl Contact {
    /// Whether there is a way to reach them.
    #[must_use]
    pub const fn is_reachable(&self) -> bool {
        self.address.is_some() || self.phone.is_some() || self.email.is_some()
    }
}

/// The controller (Art. 4(7)) as the notice names it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Controller {
    /// Its name in the trade register.
    pub name: String,
    /// Its business id, if given.
    pub business_id: Option<BusinessId>,
}

impl From<&Company> for Controller {
    fn from(company: &Company) -> Self {
        Self { name: company.name.clone(), business_id: company.business_id.clone() }
    }
}

/// A purpose of processing with its legal basis (Art. 13(1)(c)-(d)).
#[derive(Clone, Debug)]
pub struct PurposeDeclaration {
    /// Its short name, as in the log.
    pub id: PurposeId,
    /// Its name for people.
    pub name: Text,
    /// What is done, in more words.
    pub text: Option<Text>,
    /// Why it is allowed.
    pub basis: LegalBasis,
    /// The legitimate interest; always there for Art. 6(1)(f).
    pub interest: Option<Text>,
    /// What the program does under this purpose.
    pub activities: Vec<Activity>,
    pub(super) at: Spot,
}

/// How long a kind of data is kept (Art. 13(2)(a)).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// How many units.
    pub count: u16,
    /// Days, months or years.
    pub unit: PeriodUnit,
    /// From when.
    pub from: RetentionEvent,
}

impl Retention {
    /// The last day on which something is kept that came to be on `day`: of what is counted from its collection, and of what
    /// is counted from the end of the calendar year that ends the financial year (Accounting Act 1336/1997 2:10), when
    /// financial years end with the calendar's. `None`: it is counted from something that happens to the person.
    #[must_use]
    pub fn last_day(self, day: Date) -> Option<Date> {
        let from = match self.from {
            RetentionEvent::Collected => day,
            RetentionEvent::FinancialYearEnd => Date::new(day.year(), 12, 31).ok()?,
            RetentionEvent::LastOrder
            | RetentionEvent::LastContact
            | RetentionEvent::RelationshipEnd
            | RetentionEvent::RepresentationEnd => return None,
        };
        let count = i32::from(self.count);
        Some(from.saturating_add(match self.unit {
            PeriodUnit::Days => count.days(),
            PeriodUnit::Months => count.months(),
            PeriodUnit::Years => count.years(),
        }))
    }

    /// The first day of which something is still kept on `today`; what is older has outlived its period. `None` as in
    /// [`Self::last_day`].
    #[must_use]
    pub fn first_kept(self, today: Date) -> Option<Date> {
        let count = i32::from(self.count);
        let mut day = match self.unit {
            PeriodUnit::Days => today.saturating_sub(count.days()),
            PeriodUnit::Months => today.saturating_sub(count.months()),
            PeriodUnit::Years => today.saturating_sub(count.years()),
        };
        // Months are of unequal length, and a financial year is counted from its end: what is left is less than two years.
        day = day.saturating_sub(2.years());
        while self.last_day(day)? < today {
            day = day.tomorrow().ok()?;
        }
        Some(day)
    }
}

/// As in `notice.toml`: `10 years after last_order`.
impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} after {}", self.count, self.unit.as_str(), self.from.as_str())
    }
}

/// A kind of data that the register keeps.
#[derive(Clone, Debug)]
pub struct KindDeclaration {
    /// Which of the catalogue.
    pub kind: Kind,
    /// Whether the person has to give it.
    pub requirement: Requirement,
    /// How long it is kept.
    pub retention: Retention,
    /// Why so long, if the controller tells.
    pub reason: Option<Text>,
    /// The sources that it may come from; empty means any.
    pub sources: Vec<SourceId>,
    pub(super) at: Spot,
}

/// A group of people in the register (Art. 30(1)(c)).
#[derive(Clone, Debug)]
pub struct Group {
    /// Its short name.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// The kinds of data that are kept about these people; empty means all that the notice declares.
    pub kinds: Vec<Kind>,
    pub(super) at: Spot,
}

impl Group {
    /// Whether the kind is kept about these people.
    #[must_use]
    pub fn has(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// Where data comes from (Art. 14(2)(f)).
#[derive(Clone, Debug)]
pub struct Source {
    /// Its short name, as on every stored value.
    pub id: SourceId,
    /// What sort of place it is.
    pub kind: SourceKind,
    /// Its strength, 0-1000: a value from a weaker source does not overwrite one from a stronger source without a
    /// person's decision (promise P11).
    pub rank: u16,
    /// Whether anyone can get the data there.
    pub publicly_available: bool,
    /// Its name for people.
    pub name: Text,
    pub(super) at: Spot,
}

/// Where and under what safeguard an outsider handles the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// ISO 3166-1 alpha-2 code of the country.
    pub country: String,
    /// What protects the data there; always given outside the EU and the EEA.
    pub safeguard: Option<Safeguard>,
    /// Why it has to be there; always given outside the EU and the EEA (promise P15).
    pub necessity: Option<Text>,
}

/// The countries of the EU and the EEA by ISO 3166-1 code (EU 27, Iceland, Liechtenstein, Norway).
pub const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl Location {
    /// Whether it is in the EU or the EEA, where the GDPR is law.
    #[must_use]
    pub fn is_in_eea(&self) -> bool {
        EEA.contains(&self.country.as_str())
    }
}

/// Someone outside the group to whom data is disclosed (Art. 13(1)(e)).
#[derive(Clone, Debug)]
pub struct Recipient {
    /// Its short name.
    pub id: String,
    /// The recipient or the category of recipients.
    pub name: Text,
    /// The ground of the disclosure.
    pub ground: Ground,
    /// Where.
    pub location: Location,
    pub(super) at: Spot,
}

/// An outside service provider that handles data on the controller's behalf (Art. 28).
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its short name.
    pub id: String,
    /// The provider or the category of providers.
    pub name: Text,
    /// What it is used for.
    pub service: Service,
    /// Where.
    pub location: Location,
    pub(super) at: Spot,
}

/// The rule of transfers outside the EU and the EEA (Art. 13(1)(f)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfers {
    /// When.
    pub rule: TransferRule,
    /// Under which safeguards; none exactly when the rule is never.
    pub safeguards: Vec<Safeguard>,
}

/// When an order leaves the daily lists (promise P04).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ArchiveRule {
    /// This many months.
    pub months: u16,
    /// After this.
    pub after: ArchiveEvent,
}

/// Publication in directories, unless the person forbids it (promise P09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// As what.
    pub forms: Vec<DirectoryForm>,
    /// How to forbid it; never empty.
    pub opt_out: Vec<OptOut>,
}

/// Cookies of the web services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookies {
    /// What they are used for.
    pub uses: Vec<CookieUse>,
    /// Whether consent is asked before those that are not necessary.
    pub consent: bool,
}

/// Automated decisions (Art. 22, 13(2)(f)).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutomatedDecisions {
    /// Whether decisions with legal or similar effect are made by automated means alone.
    pub used: bool,
    /// Their logic, meaning and consequences; always there when they are used.
    pub logic: Option<Text>,
}

/// The controller's own words for a section of the notice, beside the standard ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnTexts {
    /// On purposes and their basis.
    pub purposes: Option<Text>,
    /// On the content of the register.
    pub kinds: Option<Text>,
    /// On the sources.
    pub sources: Option<Text>,
    /// On handling and disclosure.
    pub disclosure: Option<Text>,
    /// On retention.
    pub retention: Option<Text>,
    /// On cookies.
    pub cookies: Option<Text>,
    /// On the protection of paper files.
    pub paper: Option<Text>,
    /// On the protection of electronic files.
    pub electronic: Option<Text>,
    /// On how to use one's rights.
    pub rights: Option<Text>,
    /// On how to withdraw consent (Art. 7(3)).
    pub withdrawal: Option<Text>,
    /// On breaches.
    pub breach: Option<Text>,
    /// On the companies' arrangement as joint controllers (Art. 26(2)).
    pub joint_controllers: Option<Text>,
}

/// All that a notice declares.
#[derive(Clone, Debug, Default)]
pub(super) struct Declarations {
    pub(super) version: u32,
    pub(super) date: Date,
    pub(super) register_name: Text,
    pub(super) group_name: Text,
    pub(super) controller: Controller,
    pub(super) contact: Contact,
    pub(super) dpo: Option<Contact>,
    pub(super) companies: Vec<Company>,
    pub(super) company_spots: Vec<Spot>,
    pub(super) purposes: Vec<PurposeDeclaration>,
    pub(super) kinds: Vec<KindDeclaration>,
    pub(super) groups: Vec<Group>,
    pub(super) sources: Vec<Source>,
    pub(super) grounds: Vec<Ground>,
    pub(super) recipients: Vec<Recipient>,
    pub(super) providers: Vec<Provider>,
    pub(super) transfers: Option<Transfers>,
    pub(super) archive: Option<ArchiveRule>,
    pub(super) publication: Option<Publication>,
    pub(super) erasure_obstacles: Vec<ErasureObstacle>,
    pub(super) cookies: Option<Cookies>,
    pub(super) rights: Vec<Right>,
    pub(super) authority_name: Text,
    pub(super) authority: Contact,
    pub(super) automated: AutomatedDecisions,
    pub(super) breach: Vec<BreachNotice>,
    pub(super) texts: OwnTexts,
    /// Where each section begins, for the rules that judge a whole section.
    pub(super) spots: Spots,
}

/// Where the sections stand in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Spots(pub(super) Vec<(&'static str, Spot)>);

impl Spots {
    /// Where the section begins, or the beginning of the file if it is not there.
    pub(super) fn of(&self, section: &str) -> Spot {
        self.0.iter().find(|(name, _)| *name == section).map_or_else(Spot::default, |(_, spot)| *spot)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_period_ends_on_its_day_and_the_first_kept_day_agrees() {
        let of = |count, unit, from| Retention { count, unit, from };
        let table = [
            (of(2, PeriodUnit::Years, RetentionEvent::Collected), date(2024, 11, 28), date(2026, 11, 28)),
            (of(2, PeriodUnit::Years, RetentionEvent::Collected), date(2024, 2, 29), date(2026, 2, 28)),
            (of(1, PeriodUnit::Months, RetentionEvent::Collected), date(2026, 1, 31), date(2026, 2, 28)),
            (of(30, PeriodUnit::Days, RetentionEvent::Collected), date(2026, 11, 1), date(2026, 12, 1)),
            (of(6, PeriodUnit::Years, RetentionEvent::FinancialYearEnd), date(2026, 3, 1), date(2032, 12, 31)),
        ];
        for (retention, day, last) in table {
            assert_eq!(retention.last_day(day), Some(last), "{retention} {day}");
            assert!(retention.first_kept(last).unwrap() <= day, "{retention}: kept on its last day");
            assert!(retention.first_kept(last.tomorrow().unwrap()).unwrap() > day, "{retention}: gone the day after");
        }
        assert_eq!(of(10, PeriodUnit::Years, RetentionEvent::LastOrder).last_day(date(2026, 1, 1)), None);
    }
}

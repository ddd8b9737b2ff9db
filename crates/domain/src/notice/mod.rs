//! The notice: the register's published privacy notice, and the only place where companies, purposes, kinds of data,
//! sources, recipients and retention are listed.
//!
//! [`Notice::parse`] reads a `notice.toml` and refuses one that Art. 13-14 do not allow to be published; [`check`]
//! tells everything that is wrong with it. [`render`] turns it into the public text, [`diff`] compares two versions.

mod diff;
mod messages;
mod model;
mod period;
mod problem;
mod read;
pub mod render;
mod rules;
mod section;
mod standard;
mod words;

use jiff::civil::Date;

pub use self::diff::{Act, Change, Subject, diff};
pub use self::model::{
    ArchiveRule, AutomatedDecisions, Company, Contact, Controller, Cookies, EEA, Group, KindDeclaration, Location,
    OwnTexts, Provider, Publication, PurposeDeclaration, Recipient, Retention, Source, Text, Transfers,
};
pub use self::problem::{Code, Problem, Severity};
pub use self::words::{
    ArchiveEvent, BreachNotice, CookieUse, DirectoryForm, ErasureObstacle, Ground, LegalBasis, NotAWord, OptOut,
    PeriodUnit, Requirement, RetentionEvent, Right, Safeguard, Service, SourceKind, TransferRule,
};
use crate::id::{CompanyId, PurposeId, SourceId};
use crate::kind::{Kind, Kinds};
use crate::language::Language;
use crate::usage::{Activity, Purpose};

/// The name of a use of cookies, as the notice prints it.
#[must_use]
pub const fn cookie_use_name(cookie: CookieUse, language: Language) -> &'static str {
    standard::terms::cookie(cookie).get(language)
}

/// A notice that was read and checked.
#[derive(Clone, Debug)]
pub struct Notice {
    declared: model::Declarations,
    kinds: Kinds,
    source_text: String,
}

/// Everything that is wrong with the text of a notice, by line; empty when nothing is.
#[must_use]
pub fn check(text: &str) -> Vec<Problem> {
    read::read(text).1
}

impl Notice {
    /// Reads a `notice.toml`.
    ///
    /// # Errors
    /// All problems of the text, when at least one of them is an error (warnings alone do not prevent use).
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (declared, problems) = read::read(text);
        if problems.iter().any(|problem| problem.severity == Severity::Error) {
            return Err(problems);
        }
        let kinds = declared.kinds.iter().map(|declaration| declaration.kind).collect();
        Ok(Self { declared, kinds, source_text: text.to_owned() })
    }

    /// The definition that it was read from, byte for byte.
    #[must_use]
    pub fn source_text(&self) -> &str {
        &self.source_text
    }

    /// The version's number, as given in the definition.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.declared.version
    }

    /// The date of the version.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.declared.date
    }

    /// The register's name, such as *Asiakastietorekisteri*.
    #[must_use]
    pub fn register_name(&self, language: Language) -> &str {
        self.declared.register_name.get(language)
    }

    /// The name of the group, such as *Arjasmaa Yhtiöt Oy sekä tytäryhtiöt*.
    #[must_use]
    pub fn group_name(&self, language: Language) -> &str {
        self.declared.group_name.get(language)
    }

    /// The controller (Art. 13(1)(a)).
    #[must_use]
    pub const fn controller(&self) -> &Controller {
        &self.declared.controller
    }

    /// The contact person; always reachable (promise P01).
    #[must_use]
    pub const fn contact(&self) -> &Contact {
        &self.declared.contact
    }

    /// The data protection officer, if there is one (Art. 13(1)(b)).
    #[must_use]
    pub const fn data_protection_officer(&self) -> Option<&Contact> {
        self.declared.dpo.as_ref()
    }

    /// The companies of the group, the parent first; never empty.
    #[must_use]
    pub fn companies(&self) -> &[Company] {
        &self.declared.companies
    }

    /// A company by its short name.
    #[must_use]
    pub fn company(&self, id: &CompanyId) -> Option<&Company> {
        self.declared.companies.iter().find(|company| company.id == *id)
    }

    /// The kinds of data that it declares.
    #[must_use]
    pub const fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// The declarations of the kinds, in the order of the notice.
    #[must_use]
    pub fn kind_declarations(&self) -> &[KindDeclaration] {
        &self.declared.kinds
    }

    /// What is declared of a kind; nothing for a kind that the register does not keep.
    #[must_use]
    pub fn kind(&self, kind: Kind) -> Option<&KindDeclaration> {
        self.declared.kinds.iter().find(|declaration| declaration.kind == kind)
    }

    /// How long a declared kind is kept.
    #[must_use]
    pub fn retention(&self, kind: Kind) -> Option<Retention> {
        self.kind(kind).map(|declaration| declaration.retention)
    }

    /// The purposes, in the order of the notice.
    #[must_use]
    pub fn purposes(&self) -> &[PurposeDeclaration] {
        &self.declared.purposes
    }

    /// A purpose by its short name.
    #[must_use]
    pub fn purpose(&self, id: &PurposeId) -> Option<&PurposeDeclaration> {
        self.declared.purposes.iter().find(|purpose| purpose.id == *id)
    }

    /// The first purpose that covers the activity.
    #[must_use]
    pub fn purpose_for(&self, activity: Activity) -> Option<Purpose> {
        let purpose = self.declared.purposes.iter().find(|purpose| purpose.activities.contains(&activity))?;
        Some(Purpose::declared(purpose.id.clone()))
    }

    /// The groups of people in the register.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.declared.groups
    }

    /// The sources, in the order of the notice.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.declared.sources
    }

    /// A source by its short name.
    #[must_use]
    pub fn source(&self, id: &SourceId) -> Option<&Source> {
        self.declared.sources.iter().find(|source| source.id == *id)
    }

    /// The grounds on which data may be disclosed (promise P14).
    #[must_use]
    pub fn grounds(&self) -> &[Ground] {
        &self.declared.grounds
    }

    /// To whom data is disclosed.
    #[must_use]
    pub fn recipients(&self) -> &[Recipient] {
        &self.declared.recipients
    }

    /// The outside service providers.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.declared.providers
    }

    /// The rule of transfers outside the EU and the EEA; without one there are none.
    #[must_use]
    pub const fn transfers(&self) -> Option<&Transfers> {
        self.declared.transfers.as_ref()
    }

    /// When orders are archived; never, without a rule.
    #[must_use]
    pub const fn archive_rule(&self) -> Option<ArchiveRule> {
        self.declared.archive
    }

    /// Publication in directories; not allowed without it.
    #[must_use]
    pub const fn publication(&self) -> Option<&Publication> {
        self.declared.publication.as_ref()
    }

    /// What may prevent erasure on request.
    #[must_use]
    pub fn erasure_obstacles(&self) -> &[ErasureObstacle] {
        &self.declared.erasure_obstacles
    }

    /// Cookies; none are used without it.
    #[must_use]
    pub const fn cookies(&self) -> Option<&Cookies> {
        self.declared.cookies.as_ref()
    }

    /// The rights that it lists: always all of them.
    #[must_use]
    pub fn rights(&self) -> &[Right] {
        &self.declared.rights
    }

    /// The supervisory authority's name (Art. 13(2)(d)).
    #[must_use]
    pub fn authority_name(&self, language: Language) -> &str {
        self.declared.authority_name.get(language)
    }

    /// How to reach the supervisory authority; its name by [`Self::authority_name`].
    #[must_use]
    pub const fn authority(&self) -> &Contact {
        &self.declared.authority
    }

    /// Automated decisions.
    #[must_use]
    pub const fn automated_decisions(&self) -> &AutomatedDecisions {
        &self.declared.automated
    }

    /// Who is told of a breach.
    #[must_use]
    pub fn breach_notices(&self) -> &[BreachNotice] {
        &self.declared.breach
    }

    /// The controller's own words by section.
    #[must_use]
    pub const fn texts(&self) -> &OwnTexts {
        &self.declared.texts
    }
}

/// The definition with one kind of data left out, everything else as it was. Text that is not TOML comes back as is.
#[must_use]
pub fn without_kind(text: &str, kind: Kind) -> String {
    let Ok(mut document) = text.parse::<toml_edit::DocumentMut>() else { return text.to_owned() };
    let is_kind = |value: Option<&str>| value == Some(kind.as_str());
    match document.get_mut("kinds") {
        Some(toml_edit::Item::ArrayOfTables(tables)) => {
            tables.retain(|table| !is_kind(table.get("kind").and_then(toml_edit::Item::as_str)));
        }
        Some(toml_edit::Item::Value(toml_edit::Value::Array(array))) => array.retain(|value| {
            !is_kind(value.as_inline_table().and_then(|t| t.get("kind")).and_then(toml_edit::Value::as_str))
        }),
        _ => {}
    }
    document.to_string()
}

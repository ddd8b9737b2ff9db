//! A use of personal data: who, what for, what, and within which companies. Reading or changing a person needs a
//! [`Use`], and the only way to one is [`Use::authorize`]: an undeclared purpose or a missing right has no way round.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{CompanyId, PartnerId, PersonId, PurposeId, UserId};
use crate::kind::Kinds;
use crate::notice::{LegalBasis, Notice};
use crate::prohibition::Prohibitions;
use crate::rights::{self, AccountState, Action, Assignment};

/// A processing activity (Art. 30(1)) that the program carries out. Each purpose of the notice says which of these it
/// covers; an activity that no purpose covers is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Keeping the register: adding, correcting, importing, finding.
    RegisterMaintenance,
    /// Handling orders.
    Orders,
    /// Invoicing what was sold, and following its payment.
    Invoicing,
    /// Deciding credit applications, and asking credit data for them.
    Credit,
    /// Archiving orders.
    Archiving,
    /// Looking after the customer relationship.
    CustomerRelationship,
    /// Developing the business, statistics.
    Statistics,
    /// Targeted content in the company's web services.
    TargetedContent,
    /// The company's own marketing.
    Marketing,
    /// Directories and mailing labels.
    Directory,
    /// What data-protection law itself asks for: rights of the person, the log, the notice (Art. 5(2), 12-22, 33).
    Accountability,
}

impl Activity {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::RegisterMaintenance,
        Self::Orders,
        Self::Invoicing,
        Self::Credit,
        Self::Archiving,
        Self::CustomerRelationship,
        Self::Statistics,
        Self::TargetedContent,
        Self::Marketing,
        Self::Directory,
        Self::Accountability,
    ];

    /// The name in `notice.toml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegisterMaintenance => "register_maintenance",
            Self::Orders => "orders",
            Self::Invoicing => "invoicing",
            Self::Credit => "credit",
            Self::Archiving => "archiving",
            Self::CustomerRelationship => "customer_relationship",
            Self::Statistics => "statistics",
            Self::TargetedContent => "targeted_content",
            Self::Marketing => "marketing",
            Self::Directory => "directory",
            Self::Accountability => "accountability",
        }
    }
}

/// A purpose that the notice in force declares. Only a notice makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Purpose(PurposeId);

impl Purpose {
    pub(crate) const fn declared(id: PurposeId) -> Self {
        Self(id)
    }

    /// Its name in the notice.
    #[must_use]
    pub const fn id(&self) -> &PurposeId {
        &self.0
    }
}

/// Who acts, as the log names them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ActorId {
    /// A member of staff, by personal account.
    User(UserId),
    /// The person at the machine's own command line, by the operating system's login name.
    Operator(String),
    /// The program itself (a rule that runs by time).
    Program(&'static str),
    /// A partner over its interface.
    Partner(PartnerId),
    /// A person of the register, in the portal, about themself.
    Person(PersonId),
    /// Nobody signed in.
    Nobody,
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Operator(name) => write!(f, "operator:{name}"),
            Self::Program(name) => write!(f, "program:{name}"),
            Self::Partner(id) => write!(f, "partner:{id}"),
            Self::Person(id) => write!(f, "portal:{id}"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

/// Who acts, with what decides their rights.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A member of staff.
    User {
        /// The account.
        id: UserId,
        /// Rights begin when the account is confirmed and end when it is disabled.
        state: AccountState,
        /// Roles by company and time.
        assignments: Vec<Assignment>,
    },
    /// The person at the machine's command line. They hold the database and the key file, so the program cannot
    /// refuse them; it can and does log them.
    Operator(String),
    /// A rule that runs by time.
    Program(&'static str),
    /// A partner over its interface.
    Partner {
        /// The partner.
        id: PartnerId,
        /// The companies of the group whose people it may receive.
        companies: Vec<CompanyId>,
    },
    /// A person of the register, in the portal. Whatever they do is about themself only.
    Person(PersonId),
}

impl Actor {
    /// The name for the log.
    #[must_use]
    pub fn id(&self) -> ActorId {
        match self {
            Self::User { id, .. } => ActorId::User(*id),
            Self::Operator(name) => ActorId::Operator(name.clone()),
            Self::Program(name) => ActorId::Program(name),
            Self::Partner { id, .. } => ActorId::Partner(*id),
            Self::Person(id) => ActorId::Person(*id),
        }
    }
}

/// The companies whose people and orders the actor may use. Comes from the session, never from the request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope(Vec<CompanyId>);

impl Scope {
    /// The companies, sorted, each once.
    #[must_use]
    pub fn companies(&self) -> &[CompanyId] {
        &self.0
    }

    /// Whether `company` is in it.
    #[must_use]
    pub fn has(&self, company: &CompanyId) -> bool {
        self.0.binary_search(company).is_ok()
    }
}

impl FromIterator<CompanyId> for Scope {
    fn from_iter<I: IntoIterator<Item = CompanyId>>(companies: I) -> Self {
        let mut companies: Vec<_> = companies.into_iter().collect();
        companies.sort();
        companies.dedup();
        Self(companies)
    }
}

/// Why a use was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The actor has no role that allows the action. Pages answer as if the thing did not exist.
    #[error("no right to {0}")]
    NoRight(Action),
    /// No purpose of the notice covers the activity.
    #[error("the notice declares no purpose that covers `{}`", .0.as_str())]
    NoPurpose(Activity),
}

/// An authorized use of personal data. The store writes it to the log together with whom it concerned.
#[derive(Clone, Debug)]
pub struct Use {
    actor: ActorId,
    action: Action,
    purpose: Purpose,
    scope: Scope,
    kinds: Kinds,
    sees_protected: bool,
    handles_restrictions: bool,
    heeds: Prohibitions,
    markets: bool,
    asks_consent: bool,
    speaker: Option<CompanyId>,
    only: Option<PersonId>,
    at: Timestamp,
}

impl Use {
    /// Decides whether `actor` may do `action` now: by role, company and time, under a purpose of the notice in force.
    ///
    /// # Errors
    /// [`Refused`] says which of the two was missing.
    pub fn authorize(actor: &Actor, action: Action, notice: &Notice, now: Timestamp) -> Result<Self, Refused> {
        let scope = scope_for(actor, action, notice, now).ok_or(Refused::NoRight(action))?;
        let purpose = notice.purpose_for(action.activity()).ok_or(Refused::NoPurpose(action.activity()))?;
        let only = if let Actor::Person(id) = actor { Some(*id) } else { None };
        // A protected address is protected from others.
        let sees_protected = only.is_some() || scope_for(actor, Action::PersonShowProtected, notice, now).is_some();
        let handles_restrictions = scope_for(actor, Action::RestrictionLift, notice, now).is_some();
        let asks_consent = rests_on_consent(notice, purpose.id());
        Ok(Self {
            actor: actor.id(),
            action,
            purpose,
            scope,
            kinds: notice.kinds(),
            sees_protected,
            handles_restrictions,
            heeds: Prohibitions::of_activity(action.activity()),
            markets: action.activity() == Activity::Marketing,
            asks_consent,
            speaker: None,
            only,
            at: now,
        })
    }

    /// The same for one of the notice's purposes, which the actor chooses.
    ///
    /// # Errors
    /// As [`Use::authorize`], or the notice declares no such purpose.
    pub fn authorize_for(
        actor: &Actor,
        action: Action,
        purpose: &PurposeId,
        notice: &Notice,
        now: Timestamp,
    ) -> Result<Self, Refused> {
        let usage = Self::authorize(actor, action, notice, now)?;
        let declared = notice.purpose(purpose).ok_or(Refused::NoPurpose(action.activity()))?;
        // A purpose may cover several activities: what is made for it may be used for each of them.
        let heeds = declared.activities.iter().map(|activity| Prohibitions::of_activity(*activity));
        Ok(Self {
            purpose: Purpose::declared(declared.id.clone()),
            heeds: heeds.fold(usage.heeds, Prohibitions::union),
            markets: usage.markets || declared.activities.contains(&Activity::Marketing),
            asks_consent: declared.basis == LegalBasis::Consent,
            ..usage
        })
    }

    /// The same use for these kinds of data only: the others do not exist for it.
    #[must_use]
    pub fn only(self, kinds: Kinds) -> Self {
        Self { kinds: self.kinds.and(kinds), ..self }
    }

    /// The same use within one company only; none when that is not in its scope.
    #[must_use]
    pub fn within(&self, company: &CompanyId) -> Option<Self> {
        self.scope.has(company).then(|| Self { scope: Scope(vec![company.clone()]), ..self.clone() })
    }

    /// Who.
    #[must_use]
    pub const fn actor(&self) -> &ActorId {
        &self.actor
    }

    /// Doing what.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// What for.
    #[must_use]
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Within which companies.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The kinds of data that exist for this use: those that the notice declares.
    #[must_use]
    pub const fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// Whether a protected address (*turvakielto*) is shown to this actor.
    #[must_use]
    pub const fn sees_protected(&self) -> bool {
        self.sees_protected
    }

    /// Whether the actor may lift restrictions of processing (Art. 18), and so has to find the customers whom they concern.
    #[must_use]
    pub const fn handles_restrictions(&self) -> bool {
        self.handles_restrictions
    }

    /// The prohibitions that keep a customer off what is made under the purpose.
    #[must_use]
    pub const fn heeds(&self) -> Prohibitions {
        self.heeds
    }

    /// Whether the purpose covers direct marketing, so that prohibitions of single channels count too.
    #[must_use]
    pub const fn markets(&self) -> bool {
        self.markets
    }

    /// Whether the purpose rests on consent, so that each channel asks for one.
    #[must_use]
    pub const fn asks_consent(&self) -> bool {
        self.asks_consent
    }

    /// The same use, made in the name of one company: consents to that one count.
    #[must_use]
    pub fn in_the_name_of(self, company: &CompanyId) -> Self {
        Self { speaker: Some(company.clone()), ..self }
    }

    /// The companies in whose name it is made. A consent has to be to each of them.
    #[must_use]
    pub fn speakers(&self) -> &[CompanyId] {
        self.speaker.as_ref().map_or_else(|| self.scope.companies(), std::slice::from_ref)
    }

    /// The only person whom the use may be about; none: whoever is in the scope. For it the others do not exist.
    #[must_use]
    pub const fn only_about(&self) -> Option<PersonId> {
        self.only
    }

    /// When it was authorized.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

fn rests_on_consent(notice: &Notice, purpose: &PurposeId) -> bool {
    notice.purpose(purpose).is_some_and(|purpose| purpose.basis == LegalBasis::Consent)
}

fn scope_for(actor: &Actor, action: Action, notice: &Notice, now: Timestamp) -> Option<Scope> {
    let all = || notice.companies().iter().map(|company| company.id.clone());
    let companies: Scope = match actor {
        Actor::Operator(_) => all().collect(),
        Actor::Program(_) if rights::program_may(action) => all().collect(),
        Actor::Program(_) => return None,
        Actor::Partner { companies, .. } if rights::partner_may(action) => {
            all().filter(|company| companies.contains(company)).collect()
        }
        Actor::Partner { .. } => return None,
        // Their own data is theirs whichever company of the group has it.
        Actor::Person(_) if rights::person_may(action) => all().collect(),
        Actor::Person(_) => return None,
        Actor::User { state, .. } if *state != AccountState::Active => return None,
        Actor::User { assignments, .. } => assignments
            .iter()
            .filter(|a| a.holds_at(now) && rights::allows(a.role, action))
            .flat_map(|a| all().filter(|company| a.company.as_ref().is_none_or(|only| only == company)))
            .collect(),
    };
    (!companies.companies().is_empty()).then_some(companies)
}

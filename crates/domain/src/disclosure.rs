//! Disclosures (*luovutukset*): the one door by which personal data leaves the group. [`decide`] is the only way to a
//! [`Permit`], and the store writes no disclosure without one; what makes bytes for outsiders takes `&Permit` as well.
//!
//! Data leaves on exactly four grounds (promise P14), each with the case it belongs to, or for a service under a
//! processing contract (Art. 28, promises P08 and P13). Everything else has no way out.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::id::{
    CollectionId, CreditApplicationId, InvoiceId, LegalRequestId, PartnerId, PartyId, PurposeId, RecallId,
};
use crate::kind::{Kind, Kinds};
use crate::notice::{Ground, Notice, Safeguard, Service};
use crate::partner::{Interface, Partner, Receives, Role, Standing};
use crate::transfer::{self, TransferRefused};

/// Why data may leave.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Basis {
    /// One of the four grounds.
    Ground(Ground),
    /// A service under a processing contract (Art. 28).
    Processing,
}

impl Basis {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Ground(Ground::CreditApplication),
        Self::Ground(Ground::Collection),
        Self::Ground(Ground::Invoicing),
        Self::Ground(Ground::LegalObligation),
        Self::Processing,
    ];

    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ground(ground) => ground.as_str(),
            Self::Processing => "processing",
        }
    }
}

impl std::str::FromStr for Basis {
    type Err = crate::word::UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == text).ok_or(crate::word::UnknownWord)
    }
}

/// What the disclosure belongs to.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Case {
    /// An invoice or a credit note.
    Invoice(InvoiceId),
    /// A debt that is collected.
    Collection(CollectionId),
    /// An application for credit.
    CreditApplication(CreditApplicationId),
    /// A request that rests on a law.
    LegalRequest(LegalRequestId),
    /// A service under a processing contract, for this purpose of the notice.
    Service(PurposeId),
    /// What a partner is told of data that it received before (Art. 19).
    Recall(RecallId),
}

impl Case {
    /// The name in the database and as key of its translations.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Invoice(_) => "invoice",
            Self::Collection(_) => "collection",
            Self::CreditApplication(_) => "credit_application",
            Self::LegalRequest(_) => "legal_request",
            Self::Service(_) => "service",
            Self::Recall(_) => "recall",
        }
    }

    /// Its id: a UUID, or the name of a purpose.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Invoice(id) => id.to_string(),
            Self::Collection(id) => id.to_string(),
            Self::CreditApplication(id) => id.to_string(),
            Self::LegalRequest(id) => id.to_string(),
            Self::Service(purpose) => purpose.to_string(),
            Self::Recall(id) => id.to_string(),
        }
    }

    /// Reads the two.
    #[must_use]
    pub fn of(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "invoice" => id.parse().ok().map(Self::Invoice),
            "collection" => id.parse().ok().map(Self::Collection),
            "credit_application" => id.parse().ok().map(Self::CreditApplication),
            "legal_request" => id.parse().ok().map(Self::LegalRequest),
            "service" => id.parse().ok().map(Self::Service),
            "recall" => id.parse().ok().map(Self::Recall),
            _ => None,
        }
    }

    /// The basis on which data may leave for such a case.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        match self {
            Self::Invoice(_) => Basis::Ground(Ground::Invoicing),
            Self::Collection(_) => Basis::Ground(Ground::Collection),
            Self::CreditApplication(_) => Basis::Ground(Ground::CreditApplication),
            Self::LegalRequest(_) | Self::Recall(_) => Basis::Ground(Ground::LegalObligation),
            Self::Service(_) => Basis::Processing,
        }
    }
}

/// As the log names it: `invoice:ID`.
impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind(), self.id())
    }
}

/// Why nothing leaves.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DisclosureRefused {
    /// The contract has ended.
    #[error("the contract with the partner has ended")]
    Ended,
    /// The contract has not begun.
    #[error("the contract with the partner has not begun")]
    NotBegun,
    /// The notice in force no longer declares what the partner stands under.
    #[error("the notice in force does not declare this recipient or provider")]
    Undeclared,
    /// The notice in force does not declare the ground.
    #[error("the notice in force does not declare disclosure on the ground `{}`", .0.as_str())]
    GroundUndeclared(Ground),
    /// The partner is not declared for this ground or service.
    #[error("the partner is not declared for `{}`", .0.as_str())]
    OtherGround(Basis),
    /// The case is of another ground.
    #[error("the case does not belong to the ground `{}`", .0.as_str())]
    OtherCase(Basis),
    /// A processor without a contract that says all of Art. 28(3).
    #[error("there is no contract with the processor that says all that Art. 28(3) asks for")]
    NoContract,
    /// The purpose is not declared, or not one of the partner's.
    #[error("the purpose is not one that the partner may serve")]
    Purpose,
    /// The notice in force does not declare the kind of data.
    #[error("the notice in force does not declare the kind of data `{0}`")]
    KindUndeclared(Kind),
    /// The kind of data is not one of the partner's.
    #[error("the partner may not receive the kind of data `{0}`")]
    Kind(Kind),
    /// Nothing would be disclosed.
    #[error("nothing was chosen to be disclosed")]
    Nothing,
    /// Somebody is not among the people that the partner may receive.
    #[error("somebody is not among the people that the partner may receive")]
    People,
    /// It would go outside the EU and the EEA, and may not.
    #[error(transparent)]
    Transfer(#[from] TransferRefused),
}

impl DisclosureRefused {
    /// The key of its text.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ended => "disclosure-refused-ended",
            Self::NotBegun => "disclosure-refused-not-begun",
            Self::Undeclared => "disclosure-refused-undeclared",
            Self::GroundUndeclared(_) => "disclosure-refused-ground-undeclared",
            Self::OtherGround(_) => "disclosure-refused-other-ground",
            Self::OtherCase(_) => "disclosure-refused-other-case",
            Self::NoContract => "disclosure-refused-no-contract",
            Self::Purpose => "disclosure-refused-purpose",
            Self::KindUndeclared(_) => "disclosure-refused-kind-undeclared",
            Self::Kind(_) => "disclosure-refused-kind",
            Self::Nothing => "disclosure-refused-nothing",
            Self::People => "disclosure-refused-people",
            Self::Transfer(TransferRefused::Forbidden) => "disclosure-refused-transfer-forbidden",
            Self::Transfer(TransferRefused::NoNecessity) => "disclosure-refused-no-necessity",
            Self::Transfer(TransferRefused::NoSafeguard) => "disclosure-refused-no-safeguard",
            Self::Transfer(TransferRefused::Undeclared(_)) => "disclosure-refused-safeguard-undeclared",
            Self::Transfer(TransferRefused::NotAdequate(_)) => "disclosure-refused-not-adequate",
            Self::Transfer(TransferRefused::NoDetail) => "disclosure-refused-no-detail",
        }
    }

    /// All keys, so that a test can find the ones that lack a translation.
    pub const CODES: [&'static str; 18] = [
        "disclosure-refused-ended",
        "disclosure-refused-not-begun",
        "disclosure-refused-undeclared",
        "disclosure-refused-ground-undeclared",
        "disclosure-refused-other-ground",
        "disclosure-refused-other-case",
        "disclosure-refused-no-contract",
        "disclosure-refused-purpose",
        "disclosure-refused-kind-undeclared",
        "disclosure-refused-kind",
        "disclosure-refused-nothing",
        "disclosure-refused-people",
        "disclosure-refused-transfer-forbidden",
        "disclosure-refused-no-necessity",
        "disclosure-refused-no-safeguard",
        "disclosure-refused-safeguard-undeclared",
        "disclosure-refused-not-adequate",
        "disclosure-refused-no-detail",
    ];
}

/// One person or organisation of a disclosure, and which kinds of its data go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject {
    /// Whom.
    pub party: PartyId,
    /// What of them.
    pub fields: Kinds,
}

/// Leave to let data out: to this partner, on this basis, for this case, of these kinds, today. Only [`decide`] and
/// [`decide_recall`] make one; it can not be copied or read from anywhere.
#[derive(PartialEq, Eq, Debug)]
#[must_use = "a permit that is not recorded lets nothing out"]
pub struct Permit {
    partner: PartnerId,
    basis: Basis,
    case: Case,
    fields: Kinds,
    interface: Interface,
    outside: Vec<String>,
    safeguard: Option<Safeguard>,
    people: crate::partner::People,
    companies: Vec<crate::id::CompanyId>,
}

impl Permit {
    /// To whom.
    #[must_use]
    pub const fn partner(&self) -> PartnerId {
        self.partner
    }

    /// Why.
    #[must_use]
    pub const fn basis(&self) -> Basis {
        self.basis
    }

    /// What it belongs to.
    #[must_use]
    pub const fn case(&self) -> &Case {
        &self.case
    }

    /// The kinds of data that may go. What makes the bytes leaves everything else out.
    #[must_use]
    pub const fn fields(&self) -> Kinds {
        self.fields
    }

    /// Whether this kind may go.
    #[must_use]
    pub const fn has(&self, kind: Kind) -> bool {
        self.fields.has(kind)
    }

    /// How it reaches the partner.
    #[must_use]
    pub const fn interface(&self) -> Interface {
        self.interface
    }

    /// The countries outside the EEA where it goes.
    #[must_use]
    pub fn outside(&self) -> &[String] {
        &self.outside
    }

    /// What protects it there.
    #[must_use]
    pub const fn safeguard(&self) -> Option<Safeguard> {
        self.safeguard
    }

    /// Which people may be in it. A case of one of the four grounds names its people itself.
    #[must_use]
    pub const fn people(&self) -> crate::partner::People {
        match self.basis {
            Basis::Processing => self.people,
            Basis::Ground(_) => crate::partner::People::Everyone,
        }
    }

    /// Of which companies they are.
    #[must_use]
    pub fn companies(&self) -> &[crate::id::CompanyId] {
        &self.companies
    }
}

/// Whether data of these kinds may leave for `partner` on `today`, on `basis` and for `case`.
///
/// # Errors
/// The first thing that prevents it.
pub fn decide(
    partner: &Partner,
    notice: &Notice,
    basis: Basis,
    case: Case,
    fields: Kinds,
    today: Date,
) -> Result<Permit, DisclosureRefused> {
    match partner.standing(today) {
        Standing::Ended => return Err(DisclosureRefused::Ended),
        Standing::NotBegun => return Err(DisclosureRefused::NotBegun),
        Standing::InForce | Standing::EndsSoon => {}
    }
    let declared = partner.under.declared(notice).ok_or(DisclosureRefused::Undeclared)?;
    if let Basis::Ground(ground) = basis
        && !notice.grounds().contains(&ground)
    {
        return Err(DisclosureRefused::GroundUndeclared(ground));
    }
    let fits = match (declared.receives, basis) {
        (Receives::On(declared), Basis::Ground(ground)) => declared == ground,
        // Promise P13: support of a credit decision is asked for with an application only.
        (Receives::For(Service::CreditDecision), basis) => basis == Basis::Ground(Ground::CreditApplication),
        (Receives::For(Service::ValueAdded), basis) => basis == Basis::Processing && partner.role == Role::Processor,
        (Receives::On(_), Basis::Processing) => false,
    };
    if !fits {
        return Err(DisclosureRefused::OtherGround(basis));
    }
    // What a partner is told of a recall is decided by `decide_recall`.
    if case.basis() != basis || matches!(case, Case::Recall(_)) {
        return Err(DisclosureRefused::OtherCase(basis));
    }
    if !partner.has_contract() {
        return Err(DisclosureRefused::NoContract);
    }
    if let Case::Service(purpose) = &case
        && !(partner.purposes.contains(purpose) && notice.purpose(purpose).is_some())
    {
        return Err(DisclosureRefused::Purpose);
    }
    for kind in fields.iter() {
        if !notice.kinds().has(kind) {
            return Err(DisclosureRefused::KindUndeclared(kind));
        }
        if !partner.kinds.has(kind) {
            return Err(DisclosureRefused::Kind(kind));
        }
    }
    permit(partner, notice, basis, case, fields, today)
}

/// Whether a partner may be told that data which it received was corrected, erased, restricted or forbidden, with data of
/// these kinds that name whom it is about (Art. 19). The duty remains when the contract has ended or the notice no longer
/// declares the partner; then nothing but what it `held` already may be in it.
///
/// # Errors
/// A kind that it has not held, or it is outside the EEA and may not be there any more.
pub fn decide_recall(
    partner: &Partner,
    notice: &Notice,
    recall: RecallId,
    (fields, held): (Kinds, Kinds),
    today: Date,
) -> Result<Permit, DisclosureRefused> {
    if let Some(kind) = fields.iter().find(|kind| !held.has(*kind)) {
        return Err(DisclosureRefused::Kind(kind));
    }
    let case = Case::Recall(recall);
    permit(partner, notice, case.basis(), case, fields, today)
}

fn permit(
    partner: &Partner,
    notice: &Notice,
    basis: Basis,
    case: Case,
    fields: Kinds,
    today: Date,
) -> Result<Permit, DisclosureRefused> {
    if fields.is_empty() {
        return Err(DisclosureRefused::Nothing);
    }
    transfer::check(partner.countries(), &partner.protection, notice, today)?;
    let mut outside: Vec<String> = transfer::outside(partner.countries()).map(str::to_owned).collect();
    outside.sort();
    outside.dedup();
    Ok(Permit {
        partner: partner.id,
        basis,
        case,
        fields,
        interface: partner.interface,
        safeguard: partner.protection.safeguard.filter(|_| !outside.is_empty()),
        outside,
        people: partner.people,
        companies: partner.companies.clone(),
    })
}

#[cfg(test)]
#[path = "disclosure_tests.rs"]
mod tests;

//! The package of everything about a person (Art. 15): made by the program, kept sealed for some time, and taken from there.
//!
//! [`package`] needs no member of staff: whoever has a [`Use`] that reaches the person, such as the person's own, gets it.

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use seloste_domain::access::{
    Automated, Controller, FORMAT, Package, Part, Purpose, Recipient, Retention, Rights, Source, Subject, Usage,
    UserClass, activity_of,
};
use seloste_domain::id::{PackageId, PersonId, RequestId};
use seloste_domain::language::Language;
use seloste_domain::notice::render::{basis_name, retention_text, right_name};
use seloste_domain::notice::{Contact, Notice, PeriodUnit, RetentionEvent};
use seloste_domain::person::Person;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
pub use seloste_store::access::{OtherCompanies, TABLES, is_told};
use seloste_store::disclosure::Disclosure;
pub use seloste_store::package::{Package as Made, PackageKind};
use seloste_store::{Access, Reading, StoreError};

use crate::error::{OpsError, Result};
use crate::person::not_found_is_logged;
use crate::register::{Register, local_date};
use crate::request::RequestRefused;

/// For so long the content of a package is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 60);
/// Recipients that are told.
const RECIPIENTS: i64 = 10_000;
/// Packages shown on a card.
pub(crate) const SHOWN: i64 = 20;
/// Packages of a kind that a person can make themself in a day.
pub const MOST_IN_A_DAY: i64 = 5;

/// The package of a person, made now; nothing of it is kept. The log notes that it was shown.
///
/// # Errors
/// The person is not in the scope of the use, or something of theirs belongs to companies beyond it.
pub fn package(register: &Register, usage: &Use, person: PersonId, language: Option<Language>) -> Result<Package> {
    let notice = register.notice()?;
    let partners = register.db().look(crate::partner::names)?;
    let made = register.db().read(usage, |r| {
        let who = seloste_store::person::get(r, person)?;
        let found = seloste_store::access::everything(r, person)?;
        let disclosures = seloste_store::disclosure::of_party(r, person.into(), RECIPIENTS)?;
        let language = language.or_else(|| who.language(local_date(usage.at()))).unwrap_or_default();
        let recipients = disclosures.iter().map(|disclosure| {
            let name = partners.iter().find(|(id, _)| *id == disclosure.partner).map(|(_, name)| name.clone());
            recipient(disclosure, name.unwrap_or_default(), &notice, language)
        });
        let recipients = recipients.collect();
        let retention = retention(r, &who, &notice, language)?;
        Ok(assemble(usage, &notice, language, &who, found, recipients, retention))
    });
    made.map_err(|error| match error {
        StoreError::Refused(inner) if inner.is::<OtherCompanies>() => RequestRefused::OtherCompanies.into(),
        other => OpsError::from_store(other),
    })
}

fn assemble(
    usage: &Use,
    notice: &Notice,
    language: Language,
    who: &Person,
    found: seloste_store::access::Everything,
    recipients: Vec<Recipient>,
    retention: Vec<Retention>,
) -> Package {
    let purposes_of = |part: &str| {
        let activity = activity_of(part);
        let covering = notice.purposes().iter().filter(|purpose| purpose.activities.contains(&activity));
        covering.map(|purpose| purpose.id.to_string()).collect::<Vec<_>>()
    };
    let parts = found.parts.into_iter().filter(|(_, records)| !records.is_empty());
    let parts: Vec<Part> =
        parts.map(|(part, records)| Part { part: part.to_owned(), purposes: purposes_of(part), records }).collect();
    let purposes = notice.purposes().iter().map(|purpose| Purpose {
        id: purpose.id.to_string(),
        name: purpose.name.get(language).to_owned(),
        basis: basis_name(purpose.basis, language).to_owned(),
        interest: purpose.interest.as_ref().map(|interest| interest.get(language).to_owned()),
    });
    let sources = notice.sources().iter().map(|source| Source {
        id: source.id.to_string(),
        name: source.name.get(language).to_owned(),
        publicly_available: source.publicly_available,
    });
    let uses = found.uses.into_iter().filter_map(|event| {
        Some(Usage {
            at: Timestamp::from_microsecond(event.at).ok()?,
            action: event.action,
            purpose: event.purpose,
            by: UserClass::of(&event.actor),
            fields: event.fields,
            outcome: match event.outcome {
                seloste_domain::log::Outcome::Shown => "shown",
                seloste_domain::log::Outcome::Changed => "changed",
                seloste_domain::log::Outcome::Refused => "refused",
            }
            .to_owned(),
        })
    });
    let automated = notice.automated_decisions();
    Package {
        format: FORMAT.into(),
        made_at: usage.at(),
        language,
        register: notice.register_name(language).to_owned(),
        controller: Controller {
            name: notice.controller().name.clone(),
            business_id: notice.controller().business_id.as_ref().map(ToString::to_string),
            contact: lines(notice.contact()),
            data_protection_officer: notice.data_protection_officer().map(lines).unwrap_or_default(),
        },
        person: Subject { id: who.id, name: who.display_name() },
        purposes: purposes.collect(),
        parts,
        sources: sources.collect(),
        recipients,
        retention,
        automated_decisions: Automated {
            used: automated.used,
            logic: automated.logic.as_ref().map(|logic| logic.get(language).to_owned()),
        },
        papers: Vec::new(),
        uses: uses.collect(),
        rights: Rights {
            rights: notice.rights().iter().map(|right| right_name(*right, language).to_owned()).collect(),
            authority: std::iter::once(notice.authority_name(language).to_owned())
                .chain(lines(notice.authority()).into_iter().skip(1))
                .collect(),
        },
    }
}

fn lines(contact: &Contact) -> Vec<String> {
    let parts = [&contact.address, &contact.phone, &contact.email, &contact.website];
    std::iter::once(contact.name.clone())
        .chain(parts.into_iter().flatten().cloned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn recipient(disclosure: &Disclosure, name: String, notice: &Notice, language: Language) -> Recipient {
    let purpose = disclosure.purpose.parse().ok().and_then(|id| notice.purpose(&id));
    Recipient {
        name,
        at: disclosure.made_at,
        fields: disclosure.fields.iter().map(|kind| kind.to_string()).collect(),
        basis: disclosure.basis.as_str().to_owned(),
        purpose: purpose.map_or_else(|| disclosure.purpose.clone(), |purpose| purpose.name.get(language).to_owned()),
        outside: disclosure.outside.clone(),
        safeguard: disclosure.safeguard.map(|safeguard| safeguard.as_str().to_owned()),
    }
}

/// How long each kind is kept: in words, and until which day where what it runs from is known.
fn retention(
    r: &mut Reading<'_>,
    who: &Person,
    notice: &Notice,
    language: Language,
) -> Result<Vec<Retention>, StoreError> {
    let filter = seloste_store::order::Filter { person: Some(who.id), archived: true, ..Default::default() };
    let last_order = seloste_store::order::newest(r, &filter, 1)?.first().map(|order| order.ordered_on);
    let last_representation = who.representations.iter().map(|r| r.valid_until).max().flatten();
    let rows = notice.kind_declarations().iter().map(|declared| {
        let collected = who.values_of(declared.kind).map(|stored| local_date(stored.entered_at)).max();
        let from = match declared.retention.from {
            RetentionEvent::Collected => collected,
            RetentionEvent::LastOrder => last_order,
            RetentionEvent::RepresentationEnd => last_representation,
            // What they run from has not happened, or is told with the thing itself.
            RetentionEvent::LastContact | RetentionEvent::RelationshipEnd | RetentionEvent::FinancialYearEnd => None,
        };
        let count = i32::from(declared.retention.count);
        let span = match declared.retention.unit {
            PeriodUnit::Days => count.days(),
            PeriodUnit::Months => count.months(),
            PeriodUnit::Years => count.years(),
        };
        Retention {
            kind: declared.kind,
            period: retention_text(declared.retention, language),
            until: from.map(|day| day.saturating_add(span)),
            reason: declared.reason.as_ref().map(|reason| reason.get(language).to_owned()),
        }
    });
    Ok(rows.collect())
}

/// Makes the package of a person and keeps it, for a request or without one.
///
/// # Errors
/// The actor may not, the person is not within their companies, something of theirs belongs to other companies, or the request
/// has not come so far.
pub fn make(
    register: &Register,
    actor: &Actor,
    person: PersonId,
    request: Option<RequestId>,
    language: Option<Language>,
) -> Result<PackageId> {
    let usage = register.authorize(actor, Action::AccessMake)?;
    let made = package(register, &usage, person, language).and_then(|package| {
        let json = serde_json::to_vec(&package).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        keep(register, &usage, (person, request), PackageKind::Access, package.language, json)
    });
    logged(register, actor, person, made)
}

fn logged<T>(register: &Register, actor: &Actor, person: PersonId, made: Result<T>) -> Result<T> {
    let object = format!("person:{person}");
    not_found_is_logged(register, actor, Action::AccessMake, &object, made.map_err(OpsError::into_store))
}

/// Keeps a package under the person's key, with an entry in the log; packages whose time is over are forgotten meanwhile.
///
/// # Errors
/// The person is not in the scope of the use, or the request is not one that waits for such a package.
pub fn keep(
    register: &Register,
    usage: &Use,
    (person, request): (PersonId, Option<RequestId>),
    kind: PackageKind,
    language: Language,
    json: Vec<u8>,
) -> Result<PackageId> {
    let id = PackageId(register.db().env().id());
    let sha256 = seloste_store::package::digest(&json);
    let kept = register.db().write(usage, move |w| {
        let is_own = w.usage().only_about().is_some();
        if is_own {
            few_enough(w, person, kind)?;
        }
        if let Some(request) = request {
            crate::request::made(w, request, person, kind)?;
        }
        let now = w.usage().at();
        seloste_store::package::forget(&mut w.plain().tx(), now - KEPT)?;
        let made = Made { id, person, request, kind, language, sha256: sha256.clone(), made_at: now, is_kept: true };
        seloste_store::package::insert(w, &made, &json)?;
        // Who made it themself has it: that answers what they asked.
        if let Some(request) = request.filter(|_| is_own) {
            crate::request::packaged(w, request, id)?;
        }
        Ok(id)
    });
    kept.map_err(OpsError::from_store)
}

/// Whether a person has made few enough packages of a kind to make another.
///
/// # Errors
/// [`RequestRefused::Often`].
pub(crate) fn few_enough(access: &mut impl Access, person: PersonId, kind: PackageKind) -> Result<(), StoreError> {
    let since = access.usage().at() - crate::request::A_DAY;
    let made = seloste_store::package::made_by_self(access, person, kind, since)?;
    if made < MOST_IN_A_DAY { Ok(()) } else { crate::request::refuse_with(RequestRefused::Often) }
}

/// Forgets the content of packages whose time is over: the program's own work; how many.
///
/// # Errors
/// The database can not be written.
pub fn forget_due(register: &Register) -> Result<u64> {
    let before = register.now() - KEPT;
    let by = Actor::Program("packages").id();
    let forgotten = register.db().write_plain(move |plain| {
        let count = seloste_store::package::forget(&mut plain.tx(), before)?;
        if count > 0 {
            let objects = vec![format!("packages:{count}")];
            plain.log(&by, "package.forget", seloste_domain::log::Outcome::Changed, objects)?;
        }
        Ok(count)
    });
    Ok(forgotten?)
}

/// A package that was kept, with its JSON; the log notes that it was taken.
///
/// # Errors
/// The actor may not, or there is none of a person within their companies.
pub fn open(register: &Register, actor: &Actor, id: PackageId) -> Result<(Made, Vec<u8>)> {
    let usage = register.authorize(actor, Action::AccessMake)?;
    let opened = open_for(register, &usage, id);
    let object = format!("package:{id}");
    not_found_is_logged(register, actor, Action::AccessMake, &object, opened.map_err(OpsError::into_store))
}

/// The same under a use of one's own.
///
/// # Errors
/// As [`open`].
pub fn open_for(register: &Register, usage: &Use, id: PackageId) -> Result<(Made, Vec<u8>)> {
    register.db().read(usage, |r| seloste_store::package::open(r, id)).map_err(OpsError::from_store)
}

/// The package that a kept JSON holds.
///
/// # Errors
/// It is no package for access.
pub fn read(json: &[u8]) -> Result<Package> {
    Ok(serde_json::from_slice(json).map_err(|_| StoreError::NotFound("package"))?)
}

/// The packages of a person that can still be taken, the newest first.
///
/// # Errors
/// The actor may not, or there is no such person within their companies.
pub fn of(register: &Register, actor: &Actor, person: PersonId) -> Result<Vec<Made>> {
    let usage = register.authorize(actor, Action::AccessMake)?;
    let found = register.db().read(&usage, |r| {
        seloste_store::person::get(r, person)?;
        seloste_store::package::of(r, person, SHOWN)
    });
    logged(register, actor, person, found.map_err(OpsError::from_store))
}

//! Asking the company register: what it says of an organisation is shown beside what is stored, and taken over part by
//! part. Only the business id leaves the program, and each question is in the log before it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use seloste_domain::business_id::{self, BusinessId};
use seloste_domain::company_register::{Difference, Part, Record, Unusable, differences, taken_over};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{OrganisationId, SourceId};
use seloste_domain::kind::Kinds;
use seloste_domain::organisation::{Organisation, OrganisationDraft};
use seloste_domain::prohibition::ProhibitionKind;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
pub use seloste_fetch::{Address, FetchError, Fetcher, Rules, Trouble};
use seloste_store::log::Act;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::organisation;
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Bytes of an answer at most.
const LARGEST: u64 = 2 * 1024 * 1024;
/// Questions that are asked at the same time: a slow register does not take all threads of the pages.
const AT_ONCE: usize = 4;
/// What was shown can be taken over for so long.
const SHOWN_FOR: SignedDuration = SignedDuration::from_mins(30);
/// How long a page waits for the register.
pub const PATIENCE: Duration = Duration::from_secs(8);

/// The company register as it was set.
#[derive(Clone, Debug)]
pub struct CompanyRegister(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base: Address,
    source: SourceId,
    fetcher: Fetcher,
    timeout: Duration,
    asking: AtomicUsize,
}

/// Why nothing was fetched, or what was fetched not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFetched {
    /// No company register is set.
    #[error("no company register is set")]
    Off,
    /// The notice does not declare its source.
    #[error("the notice does not declare the company register as a source")]
    Undeclared,
    /// The organisation has forbidden updating from registers (*päivityskielto*).
    #[error("the organisation has forbidden updating from registers")]
    Forbidden,
    /// The organisation has no business id.
    #[error("the organisation has no business id")]
    NoBusinessId,
    /// Too many are asking.
    #[error("others are asking the company register; try again in a moment")]
    Busy,
    /// It could not be reached, or it refused.
    #[error(transparent)]
    Failed(#[from] FetchError),
    /// What it answered can not be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// What was shown was shown too long ago, or to be taken over elsewhere.
    #[error("what was shown is too old; fetch it again")]
    Old,
}

/// One question; the place is free again when it ends.
struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl CompanyRegister {
    /// A register at a base address such as `https://avoindata.prh.fi/opendata-ytj-api/v3`, whose answers have a source of
    /// the notice.
    #[must_use]
    pub fn new(base: Address, source: SourceId, fetcher: Fetcher, timeout: Duration) -> Self {
        Self(Arc::new(Inner { base, source, fetcher, timeout, asking: AtomicUsize::new(0) }))
    }

    /// The source of what it says, as the notice names it.
    #[must_use]
    pub fn source(&self) -> &SourceId {
        &self.0.source
    }

    /// Whether the notice in force declares its source.
    ///
    /// # Errors
    /// The notice can not be read.
    pub fn is_declared(&self, register: &Register) -> Result<bool> {
        Ok(register.notice()?.source(&self.0.source).is_some())
    }

    /// Asks about one business id.
    pub(crate) fn ask(&self, id: &BusinessId) -> Result<Record, NotFetched> {
        let inner = &*self.0;
        let waiting = inner.asking.fetch_add(1, Ordering::AcqRel);
        let _turn = Turn(&inner.asking);
        if waiting >= AT_ONCE {
            return Err(NotFetched::Busy);
        }
        let address = inner.base.below("companies", &[("businessId", id.as_str())]);
        let address = address.ok_or_else(|| FetchError::from(Trouble::Address))?;
        let request = seloste_fetch::Request {
            address: &address,
            authorization: None,
            etag: None,
            last_modified: None,
            accept: "application/json",
            limit: LARGEST,
            timeout: inner.timeout,
        };
        let mut json = Vec::new();
        match inner.fetcher.fetch(&request, &mut json) {
            Ok(_) => Ok(Record::parse(&json, id)?),
            Err(error) if error.status == Some(404) => Err(Unusable::Absent.into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The parts of a record that can be stored: an address that the rules of addresses refuse is left out, and so is a day
/// that is too far from today.
pub(crate) fn storable(mut record: Record, kinds: Kinds, today: jiff::civil::Date) -> Result<Record, Unusable> {
    let is_good = |record: &Record| record.draft().validate(kinds, today).is_ok();
    let bare = Record { street: None, postal: None, ..record.clone() };
    if !is_good(&bare) {
        return Err(Unusable::Nameless);
    }
    for part in [Part::Street, Part::Postal] {
        let place = if part == Part::Street { record.street.take() } else { record.postal.take() };
        let Some(place) = place else { continue };
        let dateless = seloste_domain::company_register::Place { since: None, ..place.clone() };
        for place in [place, dateless] {
            let mut alone = bare.clone();
            *slot(&mut alone, part) = Some(place.clone());
            if is_good(&alone) {
                *slot(&mut record, part) = Some(place);
                break;
            }
        }
    }
    Ok(record)
}

const fn slot(record: &mut Record, part: Part) -> &mut Option<seloste_domain::company_register::Place> {
    if matches!(part, Part::Street) { &mut record.street } else { &mut record.postal }
}

/// What the register says of an organisation, beside what is stored.
#[derive(Clone, Debug)]
pub struct Found {
    /// The organisation.
    pub organisation: Organisation,
    /// What the register says.
    pub record: Record,
    /// Part by part.
    pub differences: Vec<Difference>,
    /// Brings what was shown back to [`accept`]; sealed, so that nothing else can be taken over under the source.
    pub shown: String,
}

#[derive(Serialize, Deserialize)]
struct Shown {
    record: Record,
    version: i64,
    at: Timestamp,
}

fn ready(register: &Register, set: Option<&CompanyRegister>) -> Result<CompanyRegister> {
    let set = set.ok_or(NotFetched::Off)?;
    if set.is_declared(register)? { Ok(set.clone()) } else { Err(NotFetched::Undeclared.into()) }
}

fn not_forbidden(organisation: &Organisation) -> Result<(), NotFetched> {
    let forbidden = organisation.marks.prohibitions.has(ProhibitionKind::RegisterUpdate);
    if forbidden { Err(NotFetched::Forbidden) } else { Ok(()) }
}

fn note(register: &Register, usage: &Use, organisation: Option<OrganisationId>) -> Result<()> {
    let act = Act {
        subjects: organisation.into_iter().map(|id| id.0).collect(),
        objects: vec!["company_register".into()],
        fields: vec!["business_id".into()],
        ..Act::default()
    };
    Ok(register.db().write(usage, move |w| w.log(act.clone()))?)
}

/// Asks the register about an organisation.
///
/// # Errors
/// The actor may not, there is no such organisation within their companies, or it could not be asked.
pub fn fetch(register: &Register, actor: &Actor, set: Option<&CompanyRegister>, id: OrganisationId) -> Result<Found> {
    let usage = register.authorize(actor, Action::OrganisationFetch)?;
    let shown = register.db().read(&usage, |r| seloste_store::organisation::get(r, id));
    let organisation =
        not_found_is_logged(register, actor, Action::OrganisationFetch, &format!("organisation:{id}"), shown)?;
    let set = ready(register, set)?;
    not_forbidden(&organisation)?;
    let business_id = organisation.business_id.clone().ok_or(NotFetched::NoBusinessId)?;
    note(register, &usage, Some(id))?;
    let record = storable(set.ask(&business_id)?, usage.kinds(), register.today()).map_err(NotFetched::from)?;
    let shown = Shown { record: record.clone(), version: organisation.version, at: register.now() };
    let json = serde_json::to_vec(&shown).map_err(|error| seloste_store::StoreError::Corrupt(error.to_string()))?;
    Ok(Found {
        differences: differences(&organisation, &record, register.today()),
        shown: URL_SAFE_NO_PAD.encode(register.db().seal_secret(id.0, &json)?),
        organisation,
        record,
    })
}

/// Takes parts of what was shown over, with the register as their source.
///
/// # Errors
/// The actor may not, there is no such organisation, someone else changed it since, or it was shown too long ago.
pub fn accept(
    register: &Register,
    actor: &Actor,
    set: Option<&CompanyRegister>,
    id: OrganisationId,
    shown: &str,
    parts: &[Part],
) -> Result<()> {
    register.authorize(actor, Action::OrganisationChange)?;
    // What is not there is not there, whatever the form brings.
    let organisation = organisation::show(register, actor, id)?.organisation;
    let set = ready(register, set)?;
    not_forbidden(&organisation)?;
    let sealed = URL_SAFE_NO_PAD.decode(shown.trim()).map_err(|_| NotFetched::Old)?;
    let json = register.db().open_secret(id.0, &sealed).map_err(|_| NotFetched::Old)?;
    let shown: Shown = serde_json::from_slice(&json).map_err(|_| NotFetched::Old)?;
    let age = register.now().duration_since(shown.at);
    if age > SHOWN_FOR || age.is_negative() || organisation.business_id.as_ref() != Some(&shown.record.business_id) {
        return Err(NotFetched::Old.into());
    }
    if organisation.version != shown.version {
        let (found, expected) = (organisation.version, shown.version);
        return Err(seloste_store::StoreError::Conflict { found, expected }.into());
    }
    let draft = taken_over(&organisation, &shown.record, parts, register.today());
    organisation::change(register, actor, id, shown.version, &draft, set.source()).map(drop)
}

/// What the register says of a company that is to be added.
#[derive(Clone, Debug)]
pub struct New {
    /// The form filled with it.
    pub draft: OrganisationDraft,
    /// The source of it.
    pub source: SourceId,
    /// Those of the actor's organisations that have this business id already.
    pub known: Vec<Organisation>,
    /// When the company ended, by the register.
    pub ended_on: Option<jiff::civil::Date>,
}

/// Asks the register about a business id that somebody typed.
///
/// # Errors
/// The actor may not, it is no business id, or the register could not be asked.
pub fn fetch_new(register: &Register, actor: &Actor, set: Option<&CompanyRegister>, typed: &str) -> Result<New> {
    let usage = register.authorize(actor, Action::OrganisationFetch)?;
    register.authorize(actor, Action::OrganisationCreate)?;
    let set = ready(register, set)?;
    let id = business_id::parse(typed)
        .ok_or_else(|| FieldErrors::from(FieldError::new("business_id", code::BUSINESS_ID_INVALID)))?;
    let wanted = id.clone();
    let known = register.db().read(&usage, |r| {
        let ids = seloste_store::organisation::ids_with(r, &wanted)?;
        seloste_store::organisation::some(r, &ids)
    })?;
    note(register, &usage, None)?;
    let record = storable(set.ask(&id)?, usage.kinds(), register.today()).map_err(NotFetched::from)?;
    Ok(New { draft: record.draft(), source: set.source().clone(), known, ended_on: record.ended_on })
}

//! Feeds: which there are, and what their runs did. Reading them is in `runner.rs`.

mod folder;
mod http;
mod intake;
mod organisations;
mod runner;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use seloste_domain::feed::{
    CHOICES, Feed, FeedDraft, FeedRun, FeedState, Place, RunProblem, RunState, Trouble, ValidFeed,
};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, FeedId, FeedRunId};
use seloste_domain::import::SavedMapping;
use seloste_domain::notice::Notice;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_fetch::{Address, Fetcher};
use seloste_store::StoreError;
use seloste_store::feed::Secret;
use seloste_store::log::Act;

pub use self::runner::{Tally, run, run_due};
use crate::company_register::CompanyRegister;
use crate::error::{OpsError, Result};
use crate::import::Describe;
use crate::person::declared_source;
use crate::register::Register;

/// Feeds of a register at most.
const MOST: usize = 200;
/// Runs that a feed's page shows.
const SHOWN: i64 = 50;

/// What the operator allows feeds, and how they are read.
#[derive(Clone, Debug)]
pub struct Feeding {
    /// Folders below which feeds may read.
    pub folders: Vec<PathBuf>,
    /// Fetches from addresses, by the operator's rules.
    pub fetcher: Fetcher,
    /// The company register, if one is set.
    pub company_register: Option<CompanyRegister>,
    /// How long a file must stay as it is before it is read.
    pub settle: Duration,
    /// How long fetching a file may take.
    pub timeout: Duration,
    /// The pause between two questions to the company register.
    pub pace: Duration,
    /// Words for what is wrong with a row, in the files of refused rows.
    pub describe: Option<Describe>,
}

impl Default for Feeding {
    fn default() -> Self {
        Self {
            folders: Vec::new(),
            fetcher: Fetcher::default(),
            company_register: None,
            settle: Duration::from_secs(10),
            timeout: Duration::from_secs(600),
            pace: Duration::from_millis(300),
            describe: None,
        }
    }
}

/// Whether a feed is within the actor's companies: of one of them, or of all when they have all.
fn is_visible(usage: &Use, notice: &Notice, feed: &Feed) -> bool {
    match &feed.company {
        Some(company) => usage.scope().has(company),
        None => has_all(usage, notice),
    }
}

fn has_all(usage: &Use, notice: &Notice) -> bool {
    notice.companies().iter().all(|company| usage.scope().has(&company.id))
}

/// The feeds of the actor's companies, by name.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor) -> Result<Vec<Feed>> {
    let usage = register.authorize(actor, Action::FeedList)?;
    let notice = register.notice()?;
    let mut feeds = register.db().look(seloste_store::feed::all)?;
    feeds.retain(|feed| is_visible(&usage, &notice, feed));
    Ok(feeds)
}

/// One feed.
///
/// # Errors
/// The actor may not, or there is none of their companies.
pub fn get(register: &Register, actor: &Actor, id: FeedId) -> Result<Feed> {
    let usage = register.authorize(actor, Action::FeedList)?;
    own(register, &usage, id)
}

fn own(register: &Register, usage: &Use, id: FeedId) -> Result<Feed> {
    let (feed, notice) = (register.db().look(|tx| seloste_store::feed::get(tx, id))?, register.notice()?);
    if is_visible(usage, &notice, &feed) { Ok(feed) } else { Err(StoreError::NotFound("feed").into()) }
}

/// What a form of feeds offers.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The saved mappings.
    pub mappings: Vec<SavedMapping>,
    /// The actor's companies.
    pub companies: Vec<(CompanyId, String)>,
    /// Whether the actor may make a feed for all companies of the group.
    pub all_companies: bool,
}

/// What a form of feeds offers.
///
/// # Errors
/// The actor may not.
pub fn offered(register: &Register, actor: &Actor) -> Result<Offered> {
    let usage = register.authorize(actor, Action::FeedManage)?;
    let notice = register.notice()?;
    let mappings = register.db().look(|tx| seloste_store::mapping::all(tx, crate::mapping::MOST))?;
    let companies = notice.companies().iter().filter(|company| usage.scope().has(&company.id));
    Ok(Offered {
        mappings,
        companies: companies.map(|company| (company.id.clone(), company.name.clone())).collect(),
        all_companies: has_all(&usage, &notice),
    })
}

/// The name of the saved mapping that a feed is read by.
///
/// # Errors
/// The actor may not.
pub fn mapping_name(register: &Register, actor: &Actor, feed: &Feed) -> Result<Option<String>> {
    register.authorize(actor, Action::FeedList)?;
    let Some(id) = feed.mapping else { return Ok(None) };
    Ok(Some(register.db().look(|tx| seloste_store::mapping::get(tx, id))?.name))
}

/// How many feeds of the actor's companies somebody should look at.
///
/// # Errors
/// The actor may not.
pub fn in_trouble(register: &Register, actor: &Actor) -> Result<usize> {
    Ok(list(register, actor)?.iter().filter(|feed| feed.is_in_trouble()).count())
}

/// The newest runs of a feed.
///
/// # Errors
/// The actor may not, or there is no such feed of their companies.
pub fn runs(register: &Register, actor: &Actor, id: FeedId) -> Result<Vec<FeedRun>> {
    get(register, actor, id)?;
    Ok(register.db().look(|tx| seloste_store::feed::runs(tx, id, SHOWN))?)
}

/// The file of the rows that a run refused. It holds personal data: only those who may import see it.
///
/// # Errors
/// The actor may not, or there is none.
pub fn errors(register: &Register, actor: &Actor, id: FeedId, run: FeedRunId) -> Result<PathBuf> {
    let usage = register.authorize(actor, Action::ImportRun)?;
    register.authorize(actor, Action::FeedList)?;
    own(register, &usage, id)?;
    let run = register.db().look(|tx| seloste_store::feed::run(tx, id, run))?;
    let path = place_of(register, id, run.id).join("errors.csv");
    if !run.has_error_file || !path.exists() {
        return Err(StoreError::NotFound("errors").into());
    }
    register.db().write(&usage, move |w| {
        w.log(Act { objects: vec![format!("feed:{id}"), format!("feed_run:{}", run.id)], ..Act::default() })
    })?;
    Ok(path)
}

/// Where the files of a feed are while they are read, and those of refused rows after it.
fn home_of(register: &Register, id: FeedId) -> PathBuf {
    register.db().settings().data.join("feeds").join(id.to_string())
}

fn place_of(register: &Register, id: FeedId, run: FeedRunId) -> PathBuf {
    home_of(register, id).join(run.to_string())
}

/// A folder as it is, if it is below one that the operator allows.
fn allowed_folder(feeding: &Feeding, folder: &Path) -> Option<PathBuf> {
    if !folder.is_absolute() {
        return None;
    }
    let real = folder.canonicalize().ok().filter(|real| real.is_dir())?;
    let roots = feeding.folders.iter().filter_map(|root| root.canonicalize().ok());
    roots.into_iter().any(|root| real.starts_with(root)).then_some(real)
}

/// Checks a draft against the notice, the operator's rules and the actor's companies.
fn checked(register: &Register, usage: &Use, feeding: &Feeding, draft: &FeedDraft) -> Result<ValidFeed> {
    let valid = draft.validate()?;
    let notice = register.notice()?;
    declared_source(&notice, &valid.source)?;
    let mut errors = FieldErrors::default();
    match &valid.company {
        Some(company) if !usage.scope().has(company) => {
            errors.push(FieldError::new("company", code::COMPANY_UNKNOWN));
        }
        None if !has_all(usage, &notice) => errors.push(FieldError::new("company", code::REQUIRED)),
        _ => {}
    }
    if valid.noun.kind().is_some_and(|kind| !notice.kinds().has(kind)) {
        errors.push(FieldError::new("noun", code::UNDECLARED));
    }
    if let Some(id) = valid.mapping {
        let found = register.db().look(|tx| seloste_store::mapping::get(tx, id));
        if !found.is_ok_and(|mapping| mapping.source == valid.source && mapping.noun == valid.noun) {
            errors.push(FieldError::new("mapping", code::MAPPING_UNKNOWN));
        }
    }
    match valid.place {
        Place::Folder => {
            if allowed_folder(feeding, Path::new(&valid.address)).is_none() {
                errors.push(FieldError::new("address", code::FOLDER_NOT_ALLOWED));
            }
        }
        Place::Http => match valid.address.parse::<Address>() {
            Err(_) => errors.push(FieldError::new("address", code::URL_INVALID)),
            Ok(address) if !feeding.fetcher.may(&address) => {
                errors.push(FieldError::new("address", code::URL_PLAIN));
            }
            Ok(_) => {}
        },
        Place::CompanyRegister => match &feeding.company_register {
            None => errors.push(FieldError::new("place", code::COMPANY_REGISTER_OFF)),
            // What it says has the source that was set for it.
            Some(set) if *set.source() != valid.source => {
                errors.push(FieldError::new("source", code::COMPANY_REGISTER_SOURCE).with("source", set.source()));
            }
            Some(_) => {}
        },
    }
    if !draft.secret.is_empty() && valid.place != Place::Http {
        errors.push(FieldError::new("secret", code::SECRET_INVALID).with("max", seloste_domain::feed::MAX_SECRET));
    }
    Ok(errors.into_result(valid)?)
}

fn feed_of(id: FeedId, valid: ValidFeed, usage: &Use, version: i64) -> Feed {
    let ValidFeed { name, place, address, noun, source, company, mapping, every } = valid;
    Feed {
        id,
        name,
        place,
        address,
        noun,
        source,
        company,
        mapping,
        every,
        state: FeedState::Active,
        has_secret: false,
        failures: 0,
        trouble: None,
        status: None,
        checked_at: None,
        next_at: Some(usage.at()),
        running: false,
        version,
        changed_by: usage.actor().to_string(),
        changed_at: usage.at(),
    }
}

/// Adds a feed. It is read for the first time at once.
///
/// # Errors
/// The actor may not, a field is wrong, or the name is taken.
pub fn create(register: &Register, actor: &Actor, feeding: &Feeding, draft: &FeedDraft) -> Result<FeedId> {
    let usage = register.authorize(actor, Action::FeedManage)?;
    let valid = checked(register, &usage, feeding, draft)?;
    if register.db().look(seloste_store::feed::all)?.len() >= MOST {
        return Err(FieldErrors::from(FieldError::new("name", code::TOO_MANY).with("max", MOST)).into());
    }
    let id = FeedId(register.db().env().id());
    let feed = feed_of(id, valid, &usage, 1);
    let secret = sealed(register, id, &draft.secret)?;
    let written = register.db().write(&usage, move |w| {
        seloste_store::feed::insert(&mut w.plain().tx(), &feed, secret.as_deref())?;
        w.log(Act::on(format!("feed:{id}")))
    });
    written.map_err(at_name)?;
    Ok(id)
}

fn sealed(register: &Register, id: FeedId, secret: &str) -> Result<Option<Vec<u8>>> {
    if secret.is_empty() {
        return Ok(None);
    }
    Ok(Some(register.db().seal_secret(id.0, secret.as_bytes())?))
}

/// Changes a feed. A secret stays with the host that it was written for: at another one it has to be written again.
///
/// # Errors
/// The actor may not, there is none of their companies, a field is wrong, or someone else changed it meanwhile.
pub fn change(
    register: &Register,
    actor: &Actor,
    feeding: &Feeding,
    (id, expected): (FeedId, i64),
    draft: &FeedDraft,
) -> Result<()> {
    let usage = register.authorize(actor, Action::FeedManage)?;
    let before = own(register, &usage, id)?;
    let valid = checked(register, &usage, feeding, draft)?;
    let secret = match sealed(register, id, &draft.secret)? {
        Some(sealed) => Secret::New(sealed),
        None if draft.forget_secret || !is_same_host(&before, &valid) => Secret::Forget,
        None => Secret::Keep,
    };
    let mut feed = feed_of(id, valid, &usage, expected + 1);
    feed.state = before.state;
    feed.next_at = (feed.state == FeedState::Active).then(|| usage.at());
    let written = register.db().write(&usage, move |w| {
        seloste_store::feed::update(&mut w.plain().tx(), &feed, &secret)?;
        w.log(Act::on(format!("feed:{id}")))
    });
    written.map_err(at_name)
}

fn is_same_host(before: &Feed, after: &ValidFeed) -> bool {
    let place = |place: Place, address: &str| {
        let address: Address = address.parse().ok().filter(|_| place == Place::Http)?;
        Some(address.origin())
    };
    let (before, after) = (place(before.place, &before.address), place(after.place, &after.address));
    before.is_some() && before == after
}

fn at_name(error: StoreError) -> OpsError {
    match error {
        StoreError::Taken(_) => FieldErrors::from(FieldError::new("name", code::FEED_NAME_TAKEN)).into(),
        other => OpsError::from_store(other),
    }
}

/// Pauses a feed. What is being read from it ends after the rows at hand and is undone when it goes on.
///
/// # Errors
/// The actor may not, or there is none of their companies.
pub fn pause(register: &Register, actor: &Actor, id: FeedId) -> Result<()> {
    let usage = register.authorize(actor, Action::FeedManage)?;
    own(register, &usage, id)?;
    set_state(register, &usage, id, FeedState::Paused)
}

/// Lets a feed go on that was paused or stopped, or whose trouble has been looked at. It is read at once.
///
/// # Errors
/// The actor may not, there is none of their companies, or the notice does not declare what it needs.
pub fn resume(register: &Register, actor: &Actor, feeding: &Feeding, id: FeedId) -> Result<()> {
    let usage = register.authorize(actor, Action::FeedManage)?;
    let feed = own(register, &usage, id)?;
    checked(register, &usage, feeding, &feed.draft())?;
    set_state(register, &usage, id, FeedState::Active)
}

fn set_state(register: &Register, usage: &Use, id: FeedId, state: FeedState) -> Result<()> {
    let now = register.now();
    let changed = register.db().write(usage, move |w| {
        seloste_store::feed::set_state(&mut w.plain().tx(), id, state, None, now)?;
        w.log(Act::on(format!("feed:{id}")))
    });
    changed.map_err(OpsError::from_store)
}

/// Has a feed read as soon as a runner is free; false when it is being read, or is not active.
///
/// # Errors
/// The actor may not, or there is none of their companies.
pub fn run_now(register: &Register, actor: &Actor, id: FeedId) -> Result<bool> {
    let usage = register.authorize(actor, Action::FeedManage)?;
    own(register, &usage, id)?;
    let now = register.now();
    let due = register.db().write(&usage, move |w| {
        let due = seloste_store::feed::make_due(&mut w.plain().tx(), id, now)?;
        w.log(Act::on(format!("feed:{id}")))?;
        Ok(due)
    });
    due.map_err(OpsError::from_store)
}

/// Removes a feed with its history and its files. What it imported stays.
///
/// # Errors
/// The actor may not, or there is none of their companies.
pub fn remove(register: &Register, actor: &Actor, id: FeedId) -> Result<()> {
    let usage = register.authorize(actor, Action::FeedManage)?;
    own(register, &usage, id)?;
    let removed = register.db().write(&usage, move |w| {
        seloste_store::feed::remove(&mut w.plain().tx(), id)?;
        w.log(Act::on(format!("feed:{id}")))
    });
    removed.map_err(OpsError::from_store)?;
    let _ = std::fs::remove_dir_all(home_of(register, id));
    Ok(())
}

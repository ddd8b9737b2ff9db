//! An open register with its notice in force: what every use case begins from.

use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::RwLock;
use seloste_domain::id::PurposeId;
use seloste_domain::notice::Notice;
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, ActorId, Refused, Use};
pub use seloste_store::register::RegisterKind;
use seloste_store::{Db, Env, Settings, StoreError};

use crate::error::{OpsError, Result};
use crate::import::upload::Running;
use crate::password::Passwords;
use crate::session::Throttle;

/// A notice that another process published is in force here after so long.
const NOTICE_AGE: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);

/// An open register.
#[derive(Clone)]
pub struct Register(Arc<Inner>);

struct Inner {
    db: Db,
    kind: RegisterKind,
    notice: RwLock<InForce>,
    passwords: Passwords,
    throttle: Throttle,
    portal_limits: crate::portal::Limits,
    portal: RwLock<Option<Arc<str>>>,
    running: Running,
}

#[derive(Clone)]
struct InForce {
    notice: Arc<Notice>,
    version: i64,
    checked_at: Timestamp,
}

impl Register {
    /// Makes a register with its first notice.
    ///
    /// # Errors
    /// The notice has errors (nothing is made then), there is a register already, or it can not be written.
    pub fn create(settings: Settings, kind: RegisterKind, notice: &str, by: &ActorId, env: Env) -> Result<Self> {
        let parsed = Notice::parse(notice).map_err(OpsError::Notice)?;
        let db = seloste_store::register::create(settings, kind, env)?;
        let companies: Vec<_> = parsed.companies().iter().map(|company| company.id.clone()).collect();
        let (by, text, version) = (by.clone(), notice.to_owned(), i64::from(parsed.version()));
        db.write_plain(move |plain| {
            seloste_store::notice::publish(plain, &by, &text, &companies, version, 0)?;
            Ok(())
        })?;
        db.keep_checkpoint()?;
        Self::begin(db)
    }

    /// Opens a register.
    ///
    /// # Errors
    /// See [`Db::open`]; or its notice can not be read any more.
    pub fn open(settings: Settings, env: Env) -> Result<Self> {
        Self::begin(Db::open(settings, env)?)
    }

    fn begin(db: Db) -> Result<Self> {
        let kind = db.look(seloste_store::register::kind)?;
        let notice = RwLock::new(read_notice(&db)?);
        let kinds = notice.read().notice.kinds();
        let passwords = Passwords::new(db.env())?;
        let register = Self(Arc::new(Inner {
            db,
            kind,
            notice,
            passwords,
            throttle: Throttle::default(),
            portal_limits: crate::portal::Limits::default(),
            portal: RwLock::default(),
            running: Running::default(),
        }));
        // Before anything of it is searched or shown: a database that was put back has some again who were erased since.
        crate::erasure::replay(&register)?;
        register.db().start_search(kinds)?;
        Ok(register)
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// Whether it is for real use or a demonstration.
    #[must_use]
    pub fn kind(&self) -> RegisterKind {
        self.0.kind
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.db.env().now()
    }

    /// Today in Finland, where the law's days are counted.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        local_date(self.now())
    }

    /// The notice in force.
    ///
    /// # Errors
    /// It can not be read.
    pub fn notice(&self) -> Result<Arc<Notice>> {
        let in_force = self.0.notice.read().clone();
        let now = self.now();
        if now.duration_since(in_force.checked_at).abs() < NOTICE_AGE {
            return Ok(in_force.notice);
        }
        let version = self.0.db.look(seloste_store::notice::current_version)?;
        if version == in_force.version {
            self.0.notice.write().checked_at = now;
            return Ok(in_force.notice);
        }
        self.reload_notice()
    }

    pub(crate) fn reload_notice(&self) -> Result<Arc<Notice>> {
        let new = read_notice(&self.0.db)?;
        let before = std::mem::replace(&mut *self.0.notice.write(), new.clone());
        if before.notice.kinds() != new.notice.kinds() {
            self.0.db.start_search(new.notice.kinds())?;
        }
        Ok(new.notice)
    }

    /// Decides whether the actor may, and logs a refusal.
    ///
    /// # Errors
    /// [`OpsError::Refused`].
    pub fn authorize(&self, actor: &Actor, action: Action) -> Result<Use> {
        let notice = self.notice()?;
        Use::authorize(actor, action, &notice, self.now()).or_else(|refused| self.refuse(actor, action, refused))
    }

    /// The same for a purpose of the notice that the actor chose.
    ///
    /// # Errors
    /// [`OpsError::Refused`].
    pub fn authorize_for(&self, actor: &Actor, action: Action, purpose: &PurposeId) -> Result<Use> {
        let notice = self.notice()?;
        Use::authorize_for(actor, action, purpose, &notice, self.now())
            .or_else(|refused| self.refuse(actor, action, refused))
    }

    fn refuse<T>(&self, actor: &Actor, action: Action, refused: Refused) -> Result<T> {
        self.0.db.refuse(&actor.id(), action.as_str(), Vec::new())?;
        Err(refused.into())
    }

    pub(crate) fn running(&self) -> &Running {
        &self.0.running
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// Where people reach the portal, when this program serves one: links and letters name it.
    #[must_use]
    pub fn portal(&self) -> Option<Arc<str>> {
        self.0.portal.read().clone()
    }

    /// Notes that a portal is served at this address.
    pub fn set_portal(&self, base: &str) {
        *self.0.portal.write() = Some(base.trim_end_matches('/').into());
    }

    pub(crate) fn portal_limits(&self) -> &crate::portal::Limits {
        &self.0.portal_limits
    }

    /// Writes what is waiting and stops the threads.
    pub fn close(&self) {
        self.0.db.close();
    }
}

fn read_notice(db: &Db) -> Result<InForce> {
    let published = db.look(seloste_store::notice::current)?.ok_or(StoreError::NoRegister)?;
    let notice = Notice::parse(&published.definition).map_err(OpsError::Notice)?;
    Ok(InForce { notice: Arc::new(notice), version: published.version, checked_at: db.env().now() })
}

/// Finland's time, in which the law's days are counted.
#[must_use]
pub fn time_zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get("Europe/Helsinki").unwrap_or(jiff::tz::TimeZone::UTC)
}

/// The moment at which a day begins in Finland.
#[must_use]
pub fn start_of(day: jiff::civil::Date) -> Timestamp {
    day.to_zoned(time_zone()).map_or(Timestamp::MAX, |at| at.timestamp())
}

/// The date in Finland.
#[must_use]
pub fn local_date(at: Timestamp) -> jiff::civil::Date {
    time_zone().to_datetime(at).date()
}

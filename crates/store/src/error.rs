//! What can go wrong in the store. No message holds a personal value.

use std::path::PathBuf;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue to the writer is full or no reader is free: try again in a moment.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// The database can not be reached; nothing was written.
    #[error("the database can not be reached: {0}")]
    Unavailable(String),
    /// The connection broke during COMMIT and the outcome could not be found out.
    #[error("the connection broke while the change was being saved; check whether it was saved before trying again")]
    Unknown,
    /// The disk is full or failing; nothing was written.
    #[error("the disk refused the change: {0}")]
    Disk(String),
    /// Another change came first.
    #[error("someone else changed this in the meantime (version {found}, expected {expected})")]
    Conflict {
        /// The version in the database.
        found: i64,
        /// The version the change was made from.
        expected: i64,
    },
    /// The processing of the customer's data is restricted (Art. 18).
    #[error("the processing of this customer's data is restricted (Art. 18)")]
    Restricted,
    /// The customer has forbidden what it is for.
    #[error("the customer has forbidden this: {0}")]
    Prohibited(seloste_domain::prohibition::ProhibitionKind),
    /// There is no such thing, or none that this actor may know of.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A unique value is taken.
    #[error("{0} is already in use")]
    Taken(&'static str),
    /// A row does not say what it must.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
    /// The database was made by a newer version of the program.
    #[error(
        "the database has schema version {found}, and this program knows versions up to {known}; \
         use the newer program (nothing was changed)"
    )]
    Newer {
        /// Version in the database.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// There is no register in the database yet.
    #[error("there is no register here yet: run `seloste init` first")]
    NoRegister,
    /// There is one already.
    #[error("there is a register here already; it was left as it is")]
    Exists,
    /// The key file is missing.
    #[error("the key file {} is missing; put it back, the register can not be opened without it (nothing was written)", .0.display())]
    KeyMissing(PathBuf),
    /// The key file can not be used.
    #[error("the key file {}: {why} (nothing was written)", path.display())]
    KeyUnusable {
        /// Where it is.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The key does not belong to this register.
    #[error("the key file is not this register's key (nothing was written)")]
    KeyWrong,
    /// A sealed payload could not be opened.
    #[error("a sealed payload could not be opened: wrong key, or it was changed")]
    Seal,
    /// The log is behind a checkpoint that was kept outside the database.
    #[error(
        "the log does not continue the checkpoint of {size} events kept in {}: the database was put back to an \
         earlier state or rewritten; if you restored a backup on purpose, run `seloste log accept-restore`", path.display()
    )]
    RolledBack {
        /// The checkpoint's size.
        size: u64,
        /// The file of checkpoints.
        path: PathBuf,
    },
    /// A file of the data directory could not be used.
    #[error("{}: {why}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// A statement failed.
    #[error("the database refused a statement: {0}")]
    Sql(String),
    /// A rule of the caller's refused the change; everything was rolled back.
    #[error("{0}")]
    Refused(Box<dyn std::error::Error + Send + Sync>),
}

/// Results of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_owned(), why: error.to_string() }
    }

    /// Whether the same batch may succeed when it is run again as a whole.
    pub(crate) const fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy | Self::Unavailable(_))
    }

    /// The same error for each of several callers.
    pub(crate) fn repeat(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Unknown => Self::Unknown,
            Self::Unavailable(why) => Self::Unavailable(why.clone()),
            Self::Disk(why) => Self::Disk(why.clone()),
            other => Self::Sql(other.to_string()),
        }
    }
}

//! The database: the only crate that names one. Personal data leaves it only through [`Db::read`] and [`Db::write`],
//! together with a log entry that is durable before the data is returned.

pub mod allocation;
#[cfg(feature = "bench")]
pub mod bench;
pub mod bulk;
pub mod collection;
pub mod credit;
mod db;
mod dialect;
pub mod disclosure;
pub mod duplicate;
mod env;
mod error;
pub mod feed;
pub mod history;
pub mod idempotency;
pub mod import;
pub mod invoice;
mod keys;
pub mod legal_request;
pub mod letter;
pub mod list;
pub mod list_view;
pub mod log;
pub mod mail;
pub mod mapping;
pub mod merge;
mod migrations;
pub mod notice;
pub mod order;
pub mod organisation;
pub mod partner;
pub mod party;
pub mod payment;
pub mod payment_file;
pub mod person;
pub mod product;
pub mod proposal;
pub mod recall;
pub mod register;
pub mod reminder;
pub mod search;
pub mod session;
mod sql;
pub mod tag;
pub mod token;
pub mod user;
mod writer;

pub use db::{Access, Db, Plain, Reading, Settings, Writing};
pub use dialect::{Durability, Place};
pub use env::{Clock, Env, SystemClock};
pub use error::{Result, StoreError};
pub use keys::{Keys, key_path};
pub use migrations::newest as newest_schema;
pub use sql::Tx;

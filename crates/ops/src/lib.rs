//! The use cases: authorize, decide, store, log. Pages, command line and programs all come through here.

pub mod bulk;
pub mod collection;
pub mod company_register;
pub mod credit;
pub mod demo;
pub mod disclosure;
pub mod duplicate;
pub mod error;
pub mod exchange;
pub mod export;
pub mod feed;
pub mod history;
pub mod home;
pub mod idempotency;
pub mod import;
pub mod invoice;
pub mod letter;
pub mod list;
pub mod log;
pub mod mail;
pub mod mapping;
pub mod merge;
pub mod notice;
pub mod order;
pub mod organisation;
pub mod partner;
pub mod password;
pub mod payment;
pub mod payment_file;
pub mod person;
pub mod product;
pub mod proposal;
pub mod register;
pub mod reminder;
pub mod search;
pub mod session;
pub mod tag;
pub mod token;
pub mod user;
pub mod webhook;

mod values;

pub use error::{NotMergeable, OpsError, Result};
pub use register::Register;
pub use seloste_store::{Db, Env, Settings, StoreError};

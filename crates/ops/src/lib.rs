//! The use cases: authorize, decide, store, log. Pages, command line and programs all come through here.

pub mod company_register;
pub mod demo;
pub mod duplicate;
pub mod error;
pub mod export;
pub mod feed;
pub mod history;
pub mod home;
pub mod import;
pub mod invoice;
pub mod letter;
pub mod log;
pub mod mail;
pub mod mapping;
pub mod merge;
pub mod notice;
mod once;
pub mod order;
pub mod organisation;
pub mod password;
pub mod person;
pub mod product;
pub mod proposal;
pub mod register;
pub mod search;
pub mod session;
pub mod user;

mod values;

pub use error::{NotMergeable, OpsError, Result};
pub use register::Register;
pub use seloste_store::{Db, Env, Settings, StoreError};

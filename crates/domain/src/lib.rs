//! The register's types and rules. No I/O, no clock and no randomness of its own: time and ids come in as arguments.
//!
//! One file per noun; the same noun has a file of the same name in `store`, `ops` and `web`.

pub mod address;
pub mod barcode;
pub mod billing;
pub mod business_id;
pub mod collation;
pub mod country;
pub mod date;
pub mod draft;
pub mod duplicate;
pub mod email;
pub mod field;
pub mod fold;
pub mod format;
pub mod history;
pub mod iban;
pub mod id;
pub mod import;
pub mod invoice;
mod invoice_draft;
pub mod kind;
pub mod language;
pub mod letter;
pub mod log;
pub mod mail;
pub mod merge;
pub mod money;
pub mod name;
pub mod notice;
pub mod order;
mod order_draft;
mod order_state;
pub mod organisation;
pub mod password;
pub mod payment;
pub mod person;
pub mod postal_code;
pub mod product;
pub mod proposal;
pub mod reference;
pub mod rights;
pub mod telephone;
pub mod usage;
pub mod value;
pub mod vat;

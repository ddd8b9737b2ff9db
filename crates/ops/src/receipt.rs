//! Verifying receipts of erasures: by anybody, with nothing but the receipt and the register's public key.

pub use seloste_store::receipt::{LONGEST, NotReceipt, Receipt, verify};

use crate::register::Register;

/// Verifies a receipt of this register. It tells nothing but what the receipt says.
///
/// # Errors
/// It is not one of this register's, or was changed.
pub fn check(register: &Register, text: &str) -> Result<seloste_domain::erasure::Statement, NotReceipt> {
    verify(text, &register.db().verifier_key(), None)
}

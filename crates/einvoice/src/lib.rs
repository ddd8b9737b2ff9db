//! Electronic invoices: Finvoice 3.0 and Peppol BIS Billing 3.0 (UBL 2.1) written from a sent invoice. No I/O, no
//! database, no clock. All sums are those of the invoice: nothing is counted here.

mod finvoice;
mod problem;
mod texts;
mod ubl;
mod xml;

pub use self::finvoice::{Transmission, finvoice};
pub use self::problem::{Problem, Problems};
pub use self::ubl::ubl;

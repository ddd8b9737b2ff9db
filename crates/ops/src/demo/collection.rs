//! Claims of the demo at a collection partner: one that it has, and one that it gave back.

use seloste_domain::collection::CollectionState;
use seloste_domain::usage::Actor;

use crate::error::Result;
use crate::register::Register;
use crate::{collection, partner, reminder};

/// Late invoices that are looked at.
const LOOKED_AT: usize = 100;
/// Claims that are handed over.
const HANDED_OVER: usize = 2;

/// Hands over the oldest claims that the law lets be handed over.
///
/// # Errors
/// The register can not be written.
pub(super) fn make(register: &Register, by: &Actor) -> Result<()> {
    let partners = partner::list(register, by)?;
    let Some(agency) = partners.iter().find(|partner| partner.under.to_string() == "recipient:collection_agency")
    else {
        return Ok(());
    };
    let today = register.today();
    let overdue = reminder::overdue(register, by, None, None, LOOKED_AT)?.rows;
    let ripe = overdue.iter().filter(|standing| standing.debt.may_hand_over(today).is_ok()).take(HANDED_OVER);
    for (place, standing) in ripe.enumerate() {
        let handed = collection::hand_over(register, by, standing.invoice.id, agency.id)?;
        if place > 0 {
            collection::end(register, by, handed.case, 1, CollectionState::Returned)?;
        }
    }
    Ok(())
}

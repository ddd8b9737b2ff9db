//! Claims of the demo at a collection partner: one that it has, and one that it gave back.

use seloste_domain::collection::CollectionState;
use seloste_domain::usage::Actor;

use crate::error::{OpsError, Result};
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
    let ripe = overdue.iter().filter(|standing| standing.debt.may_hand_over(today).is_ok());
    let mut cases = Vec::new();
    for standing in ripe {
        match collection::hand_over(register, by, standing.invoice.id, agency.id) {
            Ok(handed) => cases.push(handed.case),
            // Some have no address that may be seen, as it happens.
            Err(OpsError::Fields(_)) => {}
            Err(error) => return Err(error),
        }
        if cases.len() == HANDED_OVER {
            break;
        }
    }
    for returned in cases.iter().skip(1) {
        collection::end(register, by, *returned, 1, CollectionState::Returned)?;
    }
    Ok(())
}

//! Letters: what was said to a customer is sealed with their history.

use seloste_domain::history::Change;
use seloste_domain::id::PartyId;
use seloste_domain::letter::Letter;
use uuid::Uuid;

use crate::db::Writing;
use crate::error::Result;
use crate::keys::sealed_hash;
use crate::log::Act;
use crate::party;

/// Seals a letter and logs that it was written. The caller has loaded the party, so that it is in scope.
///
/// # Errors
/// The party has no key, or the log can not be written.
pub fn record(w: &mut Writing<'_, '_>, owner: PartyId, letter: &Letter) -> Result<()> {
    let id: Uuid = owner.0;
    let key = party::key_of(w, owner)?;
    let payload = party::seal(&key, id, &Change::Letter(Box::new(letter.clone())), w.env())?;
    let seq = w.next_seq();
    party::insert_sealed(&mut w.plain().tx(), id, seq, owner, &payload)?;
    w.log(Act {
        subjects: vec![id],
        fields: vec!["name".into(), "postal_address".into()],
        sealed: vec![sealed_hash(&payload)],
        ..Act::default()
    })
}

//! Letters: what was said to a person is sealed with their history.

use seloste_domain::history::Change;
use seloste_domain::id::PersonId;
use seloste_domain::letter::Letter;
use uuid::Uuid;

use crate::db::Writing;
use crate::error::Result;
use crate::keys::sealed_hash;
use crate::log::Act;
use crate::party;

/// Seals a letter and logs that it was written. The caller has loaded the person, so that they are in scope.
///
/// # Errors
/// The person has no key, or the log can not be written.
pub fn record(w: &mut Writing<'_, '_>, person: PersonId, letter: &Letter) -> Result<()> {
    let id: Uuid = person.0;
    let key = party::key_of(w, person.into())?;
    let payload = party::seal(&key, id, &Change::Letter(Box::new(letter.clone())), w.env())?;
    let seq = w.next_seq();
    party::insert_sealed(&mut w.plain().tx(), id, seq, person.into(), &payload)?;
    w.log(Act {
        subjects: vec![id],
        fields: vec!["name".into(), "postal_address".into()],
        sealed: vec![sealed_hash(&payload)],
        ..Act::default()
    })
}

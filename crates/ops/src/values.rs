//! What a draft changes in what is stored: values that stay keep their source; the others go and come.

use seloste_domain::draft;
use seloste_domain::history::PartyChange;
use seloste_domain::id::{SourceId, ValueId};
use seloste_domain::usage::Use;
use seloste_domain::value::{NewValue, StoredValue};
use seloste_store::Env;

/// Who enters something, from which source.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) source: SourceId,
    pub(crate) entered_by: String,
    pub(crate) entered_at: jiff::Timestamp,
}

impl Origin {
    pub(crate) fn of(usage: &Use, source: &SourceId) -> Self {
        Self { source: source.clone(), entered_by: usage.actor().to_string(), entered_at: usage.at() }
    }

    pub(crate) fn store(&self, new: NewValue, env: &Env) -> StoredValue {
        StoredValue {
            id: ValueId(env.id()),
            value: new.value,
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            source: self.source.clone(),
            entered_by: self.entered_by.clone(),
            entered_at: self.entered_at,
        }
    }
}

/// Adds to a change what makes the stored values those of the draft, as they were shown on `day`.
pub(crate) fn replace(
    change: &mut PartyChange,
    stored: &[StoredValue],
    wanted: &[NewValue],
    day: jiff::civil::Date,
    origin: &Origin,
    env: &Env,
) {
    let changes = draft::changes(stored, wanted, day);
    change.removed.extend(stored.iter().filter(|old| changes.removed.contains(&old.id)).cloned());
    change.added.extend(changes.added.into_iter().map(|new| origin.store(new, env)));
}

//! What a draft changes in what is stored: values that stay keep their source; the others go and come.

use seloste_domain::history::PartyChange;
use seloste_domain::id::{SourceId, ValueId};
use seloste_domain::kind::Kind;
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

/// Adds to a change what makes the stored values those of the draft. Values of the kinds in `kept` are left alone:
/// the actor did not see them.
pub(crate) fn replace(
    change: &mut PartyChange,
    stored: &[StoredValue],
    wanted: Vec<NewValue>,
    kept: &[Kind],
    origin: &Origin,
    env: &Env,
) {
    let mut wanted: Vec<NewValue> = wanted.into_iter().filter(|new| !kept.contains(&new.value.kind())).collect();
    for old in stored.iter().filter(|old| !kept.contains(&old.value.kind())) {
        let same = |new: &NewValue| {
            new.value == old.value && new.valid_from == old.valid_from && new.valid_until == old.valid_until
        };
        match wanted.iter().position(same) {
            Some(place) => drop(wanted.remove(place)),
            None => change.removed.push(old.clone()),
        }
    }
    change.added.extend(wanted.into_iter().map(|new| origin.store(new, env)));
}

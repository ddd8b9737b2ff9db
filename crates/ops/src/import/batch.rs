//! New things of a chunk are added together, with one log entry. What is still waiting can not be found in the database
//! yet: a row that could be about it has it stored first.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use parking_lot::Mutex;
use seloste_domain::field::FieldError;
use seloste_domain::id::{ImportId, PartyId, SourceId};
use seloste_domain::import::outranks;
use seloste_domain::order::Order;
use seloste_domain::prohibition::Prohibitions;
use seloste_domain::usage::Use;
use seloste_store::import::{Counts, Done};
use seloste_store::party::{self, NewParty, Noun};
use seloste_store::proposal::Said;
use seloste_store::{Db, StoreError, Writing};
use uuid::Uuid;

use crate::values::Origin;

/// What every chunk of an import needs to know.
pub(super) struct Context {
    pub(super) db: Db,
    pub(super) usage: Use,
    pub(super) origin: Origin,
    pub(super) today: Date,
    pub(super) as_of: Timestamp,
    pub(super) past_periods: bool,
    pub(super) ranks: HashMap<SourceId, u16>,
    pub(super) may_protect: bool,
    /// None in a dry run.
    pub(super) import: Option<ImportId>,
    /// What earlier chunks of this import were about: one row for one thing.
    pub(super) handled: Mutex<HashSet<Uuid>>,
}

impl Context {
    /// Whether a value of the file wins over one stored from `source` at a time.
    pub(super) fn wins(&self, source: &SourceId, entered_at: Timestamp) -> bool {
        let rank = |source: &SourceId| self.ranks.get(source).copied().unwrap_or_default();
        outranks((rank(&self.origin.source), self.as_of), (rank(source), entered_at))
    }
}

/// What became of the rows of a chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Stored {
    pub(super) counts: Counts,
    /// Rows that were refused, by their place in the chunk.
    pub(super) refused: Vec<(usize, FieldError)>,
    /// Codes of what was odd, by their place in the chunk.
    pub(super) warnings: Vec<(usize, &'static str)>,
    pub(super) kept: u64,
    pub(super) handled: Vec<Uuid>,
}

/// A chunk while it is stored.
pub(super) struct Batch<'c> {
    pub(super) context: &'c Context,
    parties: Vec<(NewParty, Noun, Option<String>)>,
    orders: Vec<(Order, Option<String>)>,
    waiting: HashSet<String>,
    handled: HashSet<Uuid>,
    /// What rows said of those who were there.
    said: Vec<Said>,
    /// What new people had forbidden before they were erased.
    forbidden: Vec<(PartyId, Prohibitions)>,
    /// Whether anybody is suppressed at all; none: nobody has asked yet.
    pub(super) is_any_suppressed: Option<bool>,
    pub(super) stored: Stored,
}

impl<'c> Batch<'c> {
    pub(super) fn new(context: &'c Context) -> Self {
        Self {
            context,
            parties: Vec::new(),
            orders: Vec::new(),
            waiting: HashSet::new(),
            handled: HashSet::new(),
            said: Vec::new(),
            forbidden: Vec::new(),
            is_any_suppressed: None,
            stored: Stored::default(),
        }
    }

    /// Stores what is waiting if one of the keys is among it.
    pub(super) fn settle(&mut self, w: &mut Writing<'_, '_>, keys: &[String]) -> Result<(), StoreError> {
        if keys.iter().any(|key| self.waiting.contains(key)) { self.flush(w) } else { Ok(()) }
    }

    /// Stores what is waiting if this party is among it: rows that are stored now may refer to it.
    pub(super) fn settle_party(&mut self, w: &mut Writing<'_, '_>, id: Uuid) -> Result<(), StoreError> {
        if self.parties.iter().any(|(party, ..)| party.id.0 == id) { self.flush(w) } else { Ok(()) }
    }

    /// Lets a new party wait; it can be found by the keys.
    pub(super) fn add_party(&mut self, party: NewParty, noun: Noun, external_id: Option<String>, keys: Vec<String>) {
        self.handle(party.id.0);
        self.stored.counts.created += 1;
        self.waiting.extend(keys);
        self.parties.push((party, noun, external_id));
    }

    /// Lets what a new person had forbidden wait with them.
    pub(super) fn forbid(&mut self, id: PartyId, kinds: Prohibitions) {
        if !kinds.is_empty() {
            self.forbidden.push((id, kinds));
        }
    }

    /// Lets a new order wait.
    pub(super) fn add_order(&mut self, order: Order, external_id: Option<String>, keys: Vec<String>) {
        self.handle(order.id.0);
        self.stored.counts.created += 1;
        self.waiting.extend(keys);
        self.orders.push((order, external_id));
    }

    /// Whether a row of this import was about it already.
    pub(super) fn was_handled(&self, id: Uuid) -> bool {
        self.handled.contains(&id) || self.context.handled.lock().contains(&id)
    }

    pub(super) fn handle(&mut self, id: Uuid) {
        self.handled.insert(id);
        self.stored.handled.push(id);
    }

    /// Stores what is waiting.
    pub(super) fn flush(&mut self, w: &mut Writing<'_, '_>) -> Result<(), StoreError> {
        self.waiting.clear();
        let parties = std::mem::take(&mut self.parties);
        let seq = w.next_seq();
        let (new, names): (Vec<NewParty>, Vec<_>) =
            parties.into_iter().map(|(party, noun, external)| (party, (noun, external))).unzip();
        party::create(w, &new)?;
        for (party, (noun, external_id)) in new.iter().zip(names) {
            self.name(w, noun.as_str(), external_id.as_deref(), party.id.0)?;
            self.note(w, noun.as_str(), party.id.0, seq, 1)?;
        }
        for (id, kinds) in std::mem::take(&mut self.forbidden) {
            crate::person::forbid_again(w, id, kinds)?;
        }
        let orders = std::mem::take(&mut self.orders);
        let seq = w.next_seq();
        let (new, names): (Vec<Order>, Vec<_>) = orders.into_iter().unzip();
        seloste_store::order::create_all(w, &new)?;
        for (order, external_id) in new.iter().zip(names) {
            self.name(w, "order", external_id.as_deref(), order.id.0)?;
            self.note(w, "order", order.id.0, seq, 1)?;
        }
        Ok(())
    }

    /// Lets what a row said of somebody wait until the end of the chunk.
    pub(super) fn say(&mut self, said: Said) {
        self.said.push(said);
    }

    /// Keeps what did not win for a decision.
    pub(super) fn propose(&mut self, w: &mut Writing<'_, '_>) -> Result<(), StoreError> {
        let said = std::mem::take(&mut self.said);
        let Some(import) = self.context.import else { return Ok(()) };
        seloste_store::proposal::put(w, &self.context.origin.source, import, self.context.as_of, &said)
    }

    fn name(&self, w: &mut Writing<'_, '_>, noun: &str, external_id: Option<&str>, id: Uuid) -> Result<(), StoreError> {
        match external_id {
            Some(external) => {
                party::set_external_id(&mut w.plain().tx(), &self.context.origin.source, noun, external, id)
            }
            None => Ok(()),
        }
    }

    /// Notes what the source calls a thing that was found otherwise, so that undoing forgets it.
    pub(super) fn learn(
        &self,
        w: &mut Writing<'_, '_>,
        noun: &str,
        external_id: Option<&str>,
        id: Uuid,
    ) -> Result<(), StoreError> {
        let source = &self.context.origin.source;
        if external_id.is_none() || seloste_store::import::has_external_id(&mut w.plain().tx(), source, id)? {
            return Ok(());
        }
        self.name(w, noun, external_id, id)?;
        // No event bears this number for the thing; it only tells the notes of one thing apart.
        self.note(w, REFERENCE, id, u64::MAX >> 1, 0)
    }

    /// Notes what was done, for undoing it.
    pub(super) fn note(
        &self,
        w: &mut Writing<'_, '_>,
        noun: &str,
        object: Uuid,
        seq: u64,
        version: i64,
    ) -> Result<(), StoreError> {
        let Some(import) = self.context.import else { return Ok(()) };
        let done = Done { object, seq, noun: noun.to_owned(), version };
        seloste_store::import::note(&mut w.plain().tx(), import, &done)
    }
}

/// The noun of a note that says that a source's name for a thing was learnt.
pub(super) const REFERENCE: &str = "reference";

//! One chunk of rows in one transaction.

use std::sync::Arc;

use seloste_domain::field::FieldError;
use seloste_domain::import::code;
use seloste_store::import::Counts;
use seloste_store::{StoreError, Writing};

use super::batch::{Batch, Context, Stored};
use super::read::{Item, What};

/// Ends a dry run's transaction: what would have been stored is taken out of it.
#[derive(Debug, thiserror::Error)]
#[error("a dry run")]
struct Rehearsed(Stored);

/// Stores a chunk. When the database refuses it as a whole, each row is tried by itself, and those that it refuses are
/// refused.
pub(super) fn store(
    context: &Arc<Context>,
    items: Vec<Item>,
    before: Counts,
) -> Result<(Stored, Arc<Vec<Item>>), StoreError> {
    let items = Arc::new(items);
    let stored = match transaction(context, &items, 0..items.len(), before) {
        Ok(stored) => stored,
        Err(error @ (StoreError::Busy | StoreError::Unavailable(_) | StoreError::Disk(_) | StoreError::Unknown)) => {
            return Err(error);
        }
        Err(_) => one_by_one(context, &items, before)?,
    };
    context.handled.lock().extend(&stored.handled);
    Ok((stored, items))
}

fn one_by_one(context: &Arc<Context>, items: &Arc<Vec<Item>>, before: Counts) -> Result<Stored, StoreError> {
    let mut all = Stored::default();
    for at in 0..items.len() {
        match transaction(context, items, at..at + 1, added(before, all.counts)) {
            Ok(stored) => {
                context.handled.lock().extend(&stored.handled);
                all.counts = added(all.counts, stored.counts);
                all.kept += stored.kept;
                all.refused.extend(stored.refused);
                all.warnings.extend(stored.warnings);
            }
            Err(
                error @ (StoreError::Busy | StoreError::Unavailable(_) | StoreError::Disk(_) | StoreError::Unknown),
            ) => {
                return Err(error);
            }
            Err(error) => {
                tracing::warn!(row = items.get(at).map(|item| item.row), %error, "a row of an import was not saved");
                all.counts.refused += 1;
                all.refused.push((at, FieldError::new("", code::FAILED)));
            }
        }
    }
    Ok(all)
}

pub(super) fn added(a: Counts, b: Counts) -> Counts {
    Counts {
        rows: a.rows + b.rows,
        created: a.created + b.created,
        updated: a.updated + b.updated,
        unchanged: a.unchanged + b.unchanged,
        refused: a.refused + b.refused,
    }
}

fn transaction(
    context: &Arc<Context>,
    items: &Arc<Vec<Item>>,
    which: std::ops::Range<usize>,
    before: Counts,
) -> Result<Stored, StoreError> {
    let (inside, items) = (Arc::clone(context), Arc::clone(items));
    let result = context.db.write(&context.usage, move |w| {
        let mut batch = Batch::new(&inside);
        for at in which.clone() {
            let Some(item) = items.get(at) else { break };
            row(&mut batch, w, at, item)?;
        }
        batch.flush(w)?;
        batch.propose(w)?;
        let stored = batch.stored;
        let Some(import) = inside.import else { return Err(StoreError::Refused(Box::new(Rehearsed(stored)))) };
        seloste_store::import::progress(&mut w.plain().tx(), import, &added(before, stored.counts))?;
        Ok(stored)
    });
    match result {
        Err(StoreError::Refused(inner)) => match inner.downcast::<Rehearsed>() {
            Ok(rehearsed) => Ok(rehearsed.0),
            Err(other) => Err(StoreError::Refused(other)),
        },
        other => other,
    }
}

fn row(batch: &mut Batch<'_>, w: &mut Writing<'_, '_>, at: usize, item: &Item) -> Result<(), StoreError> {
    let kept = batch.stored.kept;
    let verdict = match &item.what {
        What::Person(person) => batch.person(w, person)?,
        What::Organisation(organisation, contact) => batch.organisation(w, organisation, contact.as_ref())?,
        What::Order(order) => batch.order(w, order)?,
        What::Invoice(invoice) => batch.invoice(w, invoice)?,
    };
    if let Err(error) = verdict {
        batch.stored.counts.refused += 1;
        batch.stored.refused.push((at, error));
    }
    if batch.stored.kept > kept {
        batch.stored.warnings.push((at, code::KEPT));
    }
    Ok(())
}

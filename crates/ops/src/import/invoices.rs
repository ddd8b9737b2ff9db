//! Storing invoices of an accounting system of a file.

use seloste_domain::field::FieldError;
use seloste_domain::import::code;
use seloste_store::Writing;

use super::batch::Batch;
use super::parties::Verdict;
use super::read::InvoiceItem;
use crate::invoice::mirror::{self, Became};

impl Batch<'_> {
    /// Stores what the file says of an invoice, with its customer as the file names them.
    pub(super) fn invoice(&mut self, w: &mut Writing<'_, '_>, item: &InvoiceItem) -> Verdict {
        let known =
            seloste_store::invoice::numbered(&mut w.plain().tx(), &item.valid.company, &item.valid.invoice.number)?;
        if known.is_some_and(|id| self.was_handled(id.0)) {
            return Ok(Err(FieldError::new("number", code::REPEATED)));
        }
        let context = self.context;
        let wins = |source: &_, as_of| context.wins(source, as_of);
        let told = mirror::Telling {
            source: &context.origin.source,
            as_of: context.as_of,
            wins: &wins,
            today: context.today,
            past_periods: context.past_periods,
        };
        let done = match mirror::one(w, &told, &item.customer, &item.valid)? {
            Ok(done) => done,
            Err(error) => return Ok(Err(error)),
        };
        self.handle(done.id.0);
        match done.became {
            Became::Created => self.stored.counts.created += 1,
            Became::Updated => self.stored.counts.updated += 1,
            Became::Unchanged => self.stored.counts.unchanged += 1,
            Became::Kept => {
                self.stored.counts.unchanged += 1;
                self.stored.kept += 1;
            }
        }
        if let Some((seq, version)) = done.change {
            self.note(w, "invoice", done.id.0, seq, version)?;
        }
        Ok(Ok(()))
    }
}

//! Storing orders of a file.

use seloste_domain::field::{FieldError, code as field_code};
use seloste_domain::id::OrderId;
use seloste_domain::import::code;
use seloste_domain::order::{Order, OrderState, ValidOrder, may_edit};
use seloste_store::Writing;
use seloste_store::party;

use super::batch::Batch;
use super::find::customer;
use super::parties::Verdict;
use super::read::OrderItem;
use crate::order::stored;

impl Batch<'_> {
    /// Stores an order, with the person and the organisation that its source calls its customer.
    pub(super) fn order(&mut self, w: &mut Writing<'_, '_>, item: &OrderItem) -> Verdict {
        let keys = keys(item);
        self.settle(w, &keys)?;
        if !self.context.usage.scope().has(&item.valid.company) {
            return Ok(Err(FieldError::new("company", field_code::COMPANY_UNKNOWN)));
        }
        let (person, organisation) = customer(w, &self.context.origin.source, &item.customer)?;
        let (person, organisation) = (person.map(|person| person.id), organisation.map(|organisation| organisation.id));
        if person.is_none() && organisation.is_none() {
            return Ok(Err(FieldError::new("person", code::NO_CUSTOMER)));
        }
        let valid = ValidOrder { person, organisation, ..item.valid.clone() };
        let mut tx = w.plain().tx();
        let source = &self.context.origin.source;
        let known = match &item.external_id {
            Some(external) => party::by_external_id(&mut tx, source, "order", external)?,
            None => None,
        };
        let by_number = seloste_store::order::number_taken(&mut tx, &valid.company, &valid.number)?.map(|id| id.0);
        let Some(id) = known.or(by_number) else {
            let id = OrderId(w.env().id());
            let order = stored(id, valid, &self.context.origin, 1, self.context.usage.at());
            self.add_order(order, item.external_id.clone(), keys);
            return Ok(Ok(()));
        };
        if by_number.is_some_and(|other| other != id) {
            return Ok(Err(FieldError::new("number", field_code::ORDER_NUMBER_TAKEN)));
        }
        if self.was_handled(id) {
            return Ok(Err(FieldError::new("number", code::REPEATED)));
        }
        self.replace_order(w, OrderId(id), valid, item.external_id.as_deref())
    }

    fn replace_order(
        &mut self,
        w: &mut Writing<'_, '_>,
        id: OrderId,
        valid: ValidOrder,
        external_id: Option<&str>,
    ) -> Verdict {
        let Some(before) = seloste_store::order::some(w, &[id.0])?.into_iter().next() else {
            return Ok(Err(FieldError::new("number", code::OUTSIDE)));
        };
        self.handle(id.0);
        let after = stored(id, valid, &self.context.origin, before.version, self.context.usage.at());
        if is_same(&before, &after) {
            self.stored.counts.unchanged += 1;
        } else if !self.context.wins(&before.source, before.entered_at) {
            self.stored.counts.unchanged += 1;
            self.stored.kept += 1;
        } else if !(may_edit(before.state) || is_moved_on(&before, &after)) {
            return Ok(Err(FieldError::new("state", code::CLOSED)));
        } else {
            let seq = w.next_seq();
            let version = seloste_store::order::update(w, before.version, &after)?;
            self.note(w, "order", id.0, seq, version)?;
            self.stored.counts.updated += 1;
        }
        self.learn(w, "order", external_id, id.0)?;
        Ok(Ok(()))
    }
}

fn keys(item: &OrderItem) -> Vec<String> {
    let external = item.external_id.iter().map(|id| format!("order:{id}"));
    external.chain([format!("number:{}:{}", item.valid.company, item.valid.number)]).collect()
}

/// Whether a file says of an order what the register has. What the archiving rule did is not the file's to say.
fn is_same(before: &Order, after: &Order) -> bool {
    let state = if before.state == OrderState::Archived { before.state } else { after.state };
    let told = Order {
        id: before.id,
        state,
        source: before.source.clone(),
        entered_by: before.entered_by.clone(),
        entered_at: before.entered_at,
        version: before.version,
        changed_at: before.changed_at,
        ..after.clone()
    };
    told == *before
}

/// Whether an order that may not be edited only goes on to a next state.
fn is_moved_on(before: &Order, after: &Order) -> bool {
    before.state.may_become(after.state) && is_same(before, &Order { state: before.state, ..after.clone() })
}

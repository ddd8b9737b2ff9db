//! Storing orders of a file.

use seloste_domain::field::{FieldError, code as field_code};
use seloste_domain::id::{OrderId, OrganisationId, PersonId};
use seloste_domain::import::{CustomerRef, code};
use seloste_domain::kind::Kind;
use seloste_domain::order::{Order, OrderState, ValidOrder, may_edit};
use seloste_store::party::{self, Noun};
use seloste_store::{StoreError, Writing};

use super::batch::Batch;
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
        let (person, organisation) = self.customer(w, &item.customer)?;
        if person.is_none() && organisation.is_none() {
            return Ok(Err(FieldError::new("person", code::NO_CUSTOMER)));
        }
        if self.is_restricted(w, person, organisation)? {
            return Ok(Err(FieldError::new("person", code::RESTRICTED)));
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

    /// An order is more than a value that could wait: nothing is ordered for a customer whose processing is restricted.
    #[expect(clippy::unused_self, reason = "belongs to the steps of a row")]
    fn is_restricted(
        &self,
        w: &mut Writing<'_, '_>,
        person: Option<PersonId>,
        organisation: Option<OrganisationId>,
    ) -> Result<bool, StoreError> {
        let people = seloste_store::person::some(w, &person.map(|id| id.0).into_iter().collect::<Vec<_>>())?;
        let ids: Vec<_> = organisation.map(|id| id.0).into_iter().collect();
        let organisations = seloste_store::organisation::some(w, &ids)?;
        Ok(people.iter().any(|p| p.marks.restricted) || organisations.iter().any(|o| o.marks.restricted))
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

    /// The person and the organisation in scope that a row calls the customer.
    fn customer(
        &self,
        w: &mut Writing<'_, '_>,
        customer: &CustomerRef,
    ) -> Result<(Option<PersonId>, Option<OrganisationId>), StoreError> {
        let source = &self.context.origin.source;
        let (mut people, mut organisations) = (Vec::new(), Vec::new());
        if let Some(external) = &customer.external_id {
            let mut tx = w.plain().tx();
            people.extend(party::by_external_id(&mut tx, source, "person", external)?);
            organisations.extend(party::by_external_id(&mut tx, source, "organisation", external)?);
        }
        if let Some(number) =
            customer.customer_number.as_ref().filter(|_| people.is_empty() && organisations.is_empty())
        {
            let mut tx = w.plain().tx();
            let found = |found: Vec<seloste_domain::id::PartyId>| found.into_iter().map(|id| id.0).collect::<Vec<_>>();
            people = found(party::matching(&mut tx, Noun::Person, Kind::CustomerNumber, number)?);
            organisations = found(party::matching(&mut tx, Noun::Organisation, Kind::CustomerNumber, number)?);
        }
        let people = seloste_store::person::some(w, &people)?;
        let organisations = seloste_store::organisation::some(w, &organisations)?;
        // Two customers of one number: neither is taken for the other.
        let person = if let [one] = people.as_slice() { Some(one.id) } else { None };
        let organisation = if let [one] = organisations.as_slice() { Some(one.id) } else { None };
        Ok((person, organisation))
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

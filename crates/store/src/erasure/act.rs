//! The act itself: one transaction.

use jiff::civil::Date;
use seloste_domain::erasure::{FORMAT, Facts, Plan, Statement};
use seloste_domain::hold::Hold;
use seloste_domain::id::{ErasureId, InvoiceId, OrderId, PartyId};
use seloste_domain::kind::Kind;
use seloste_domain::recall::Reason;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Asked, Done, todo, written};
use crate::db::{Access as _, Writing};
use crate::error::{Result, StoreError};
use crate::log::{Act, head_unlocked};
use crate::sql::{Tx, params};
use crate::{invoice, order, party};

/// Takes everything of a person out that the plan does not keep. `subjects`: the records of the person, the last of them the
/// one that is kept of those that were merged.
pub(super) fn take(
    w: &mut Writing<'_, '_>,
    asked: &Asked,
    subjects: &[Uuid],
    facts: &Facts,
    plan: Plan,
    today: Date,
) -> Result<Done> {
    let id = PartyId::from(asked.person);
    for subject in subjects {
        crate::suppression::leave(w, PartyId(*subject), asked.at_request, today)?;
    }
    crate::recall::because(w, id, Reason::Erasure, Kind::ALL.into_iter().collect())?;
    let kept: Vec<InvoiceId> =
        facts.invoices.iter().filter(|invoice| !invoice.holds(today).is_empty()).map(|invoice| invoice.id).collect();
    let gone = facts.invoices.iter().map(|invoice| invoice.id).filter(|id| !kept.contains(id));
    for invoice in gone {
        invoice::take_out(&mut w.plain().tx(), invoice)?;
    }
    for subject in subjects {
        take_one(w, PartyId(*subject), id)?;
    }
    let seq = w.next_seq().cast_signed();
    for subject in subjects {
        let tx = &mut w.plain().tx();
        crate::exchange::erased(tx, *subject, seq)?;
        let stays = *subject == id.0 && !kept.is_empty();
        party::take_out(tx, *subject, stays)?;
        todo::note_in_ledger(w, PartyId(*subject), asked.at_request)?;
        w.touch(*subject);
    }
    for file in &asked.files {
        todo::add_file(w, file)?;
    }
    note(w, asked, subjects, plan, !kept.is_empty())
}

/// Takes out what hangs on one of the person's records, and cuts what stays of it.
fn take_one(w: &mut Writing<'_, '_>, subject: PartyId, kept: PartyId) -> Result<()> {
    for order in orders(&mut w.plain().tx(), subject)? {
        let tx = &mut w.plain().tx();
        traces(tx, order.0)?;
        order::take_out(w, order, vec![subject.0])?;
    }
    order::forget_contact(&mut w.plain().tx(), subject)?;
    invoice::cut(&mut w.plain().tx(), subject, kept)?;
    crate::credit::take_out(&mut w.plain().tx(), subject)?;
    for mail in crate::mail::ids_of_owner(&mut w.plain().tx(), subject.0)? {
        todo::add_file(w, &format!("outbox/{mail}.eml"))?;
    }
    traces(&mut w.plain().tx(), subject.0)?;
    let tx = &mut w.plain().tx();
    tx.execute("DELETE FROM canary WHERE register_id = ?1 AND party_id = ?2", params![subject]).map(drop)
}

fn orders(tx: &mut Tx<'_>, person: PartyId) -> Result<Vec<OrderId>> {
    tx.query(
        "SELECT order_id FROM orders WHERE register_id = ?1 AND person_id = ?2 AND organisation_id IS NULL ORDER BY order_id",
        params![person],
        |row| Ok(OrderId(row.id(0)?)),
    )
}

/// What imports and interfaces noted of a thing.
fn traces(tx: &mut Tx<'_>, object: Uuid) -> Result<()> {
    // The import comes first in the table's key, so each is named.
    tx.execute(
        "DELETE FROM import_change WHERE register_id = ?1 AND object_id = ?2 AND import_id IN \
         (SELECT i.import_id FROM import i WHERE i.register_id = ?1)",
        params![object],
    )?;
    tx.execute("DELETE FROM idempotency WHERE register_id = ?1 AND object_id = ?2", params![object]).map(drop)
}

fn note(w: &mut Writing<'_, '_>, asked: &Asked, subjects: &[Uuid], plan: Plan, partial: bool) -> Result<Done> {
    let (erasure, at, by) = (ErasureId(w.env().id()), w.usage().at(), w.usage().actor().to_string());
    let state = if partial { "partial" } else { "whole" };
    let mut tx = w.plain().tx();
    tx.execute(
        "INSERT INTO erasure (register_id, erasure_id, party_id, state, at_request, made_by, made_at, holds) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![erasure, asked.person, state, asked.at_request, &by, at, &written(&plan.holds)?],
    )?;
    if partial {
        tx.execute(
            "INSERT INTO remains (register_id, party_id, erasure_id) VALUES (?1, ?2, ?3)",
            params![asked.person, erasure],
        )?;
    }
    let statement = Statement {
        format: FORMAT.into(),
        register: tx.register,
        erasure,
        step: 1,
        at,
        subjects: subjects.to_vec(),
        at_request: asked.at_request,
        gone: plan.lines.clone(),
        stays: Statement::kept(&plan.holds),
        recipients: plan.recipients,
        nonce: hex::encode(w.env().bytes::<16>()),
    };
    state_it(w, "person.erase", subjects.to_vec(), &statement)?;
    Ok(Done { erasure, step: 1, plan })
}

/// Logs the statement's hash, and keeps what the receipt is made of after the commit.
pub(super) fn state_it(
    w: &mut Writing<'_, '_>,
    action: &str,
    subjects: Vec<Uuid>,
    statement: &Statement,
) -> Result<()> {
    let text = serde_json::to_string(statement).map_err(|_| StoreError::Corrupt("a statement".into()))?;
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let (seq, at) = (w.next_seq().cast_signed(), w.usage().at());
    let mut tx = w.plain().tx();
    // The log as it was before this commit: its block is appended when all of the batch's jobs have run.
    let before = head_unlocked(&mut tx)?;
    tx.execute(
        "INSERT INTO erasure_receipt (register_id, erasure_id, step, seq, first_seq, frontier, statement, made_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            statement.erasure,
            statement.step,
            seq,
            before.tree.size().cast_signed(),
            &before.tree.to_bytes(),
            &text,
            at
        ],
    )?;
    let objects = vec![format!("erasure:{}", statement.erasure), format!("receipt:{digest}")];
    w.log_as(action, Act { subjects, objects, ..Act::default() })
}

/// What keeps invoices that stay, on `today`.
pub(super) fn holds_of(facts: &Facts, today: Date) -> Vec<Hold> {
    facts.invoices.iter().flat_map(|invoice| invoice.holds(today)).collect()
}

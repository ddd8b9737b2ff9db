//! Giving payments a place and taking it away again: on invoices, back to the payer, against what the bank took back.

use std::collections::HashMap;

use seloste_domain::fold::fold;
use seloste_domain::id::{AllocationId, InvoiceId, PartyId, PaymentId};
use seloste_domain::invoice::InvoiceKind;
use seloste_domain::money::Cents;
use seloste_domain::payment::{
    Candidate, Incoming, MatchedBy, NotPlaced, Placing, find_invoice, fits, may_undo, share,
};
use seloste_domain::reference::Reference;
use uuid::Uuid;

use crate::db::{Access, Writing};
use crate::error::{Result, StoreError};
use crate::invoice::{self, Invoice};
use crate::payment::{self, Allocation, Payment, Target, Told, add, allocations, remove, settle, target};
use crate::sql::{Param, params};

/// Open invoices that are looked through by name and amount at most, the newest first.
const CANDIDATES: i64 = 5_000;

/// Why a placing is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The amount does not fit.
    #[error(transparent)]
    NotPlaced(#[from] NotPlaced),
    /// The bank took the payment back since.
    #[error("the bank took this payment back since: undo that first")]
    TakenBack,
    /// What was paid of an invoice would not be right any more.
    #[error("something else has happened to the invoice since")]
    InvoiceChanged,
}

impl Refusal {
    /// Ends a change with it.
    pub(crate) fn into_store(self) -> StoreError {
        StoreError::Refused(Box::new(self))
    }
}

fn refused(why: NotPlaced) -> StoreError {
    Refusal::from(why).into_store()
}

/// A part of a payment for an invoice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    /// The invoice.
    pub invoice: InvoiceId,
    /// How much; as the payment, negative when the bank took back.
    pub cents: Cents,
}

/// Places parts of a payment on invoices, when it still has the version `expected`.
///
/// # Errors
/// Someone else placed it meanwhile, an invoice is not one that may be paid to the account, or an amount does not fit
/// ([`Refusal`]).
pub fn place(w: &mut Writing<'_, '_>, id: PaymentId, expected: i64, shares: &[Share]) -> Result<Payment> {
    let payment = standing(w, id, expected)?;
    let (mut purse, mut owner) = (payment.purse, payment.owner);
    let mut subjects: Vec<Uuid> = Vec::new();
    for Share { invoice, cents } in shares {
        purse.allows(*cents).map_err(refused)?;
        let target = target(w, *invoice, &payment.account)?;
        // What goes beyond the invoice pays what was claimed with it.
        let of_invoice = share(*cents, &target.balance);
        let of_charges = Cents(cents.0 - of_invoice.0);
        if of_charges.0 != 0 && (of_charges.0 < 0 || of_charges.0 > open_charges(w, *invoice)?.0) {
            fits(*cents, &target.balance).map_err(refused)?;
        }
        for (kind, part) in [(Placing::Invoice, of_invoice), (Placing::Charge, of_charges)] {
            if part.0 != 0 {
                add(w, id, (kind, Some(*invoice)), part, Some(MatchedBy::Person))?;
            }
        }
        purse.placed.0 += cents.0;
        owner = owner.or(target.owner());
        subjects.extend(target.parties());
    }
    settle(w, (id, expected), purse.placed, owner, &payment.told)?;
    let mut objects = vec![format!("payment:{id}")];
    objects.extend(shares.iter().map(|share| format!("invoice:{}", share.invoice)));
    payment::log(w, subjects, objects)?;
    payment::get(w, id)
}

/// Notes that what has no place was given back to the payer, or accounted for elsewhere.
///
/// # Errors
/// Someone else placed it meanwhile, or the amount does not fit ([`Refusal`]).
pub fn refund(w: &mut Writing<'_, '_>, id: PaymentId, expected: i64, cents: Cents, note: &str) -> Result<Payment> {
    let payment = standing(w, id, expected)?;
    payment.purse.allows(cents).map_err(refused)?;
    add(w, id, (Placing::Refund, None), cents, Some(MatchedBy::Person))?;
    let told = Told { note: note.to_owned(), ..payment.told };
    settle(w, (id, expected), Cents(payment.purse.placed.0 + cents.0), payment.owner, &told)?;
    payment::log(w, payment.owner.iter().map(|owner| owner.0).collect(), vec![format!("payment:{id}")])?;
    payment::get(w, id)
}

/// What is open of the costs and the interest that were claimed for an invoice.
pub(crate) fn open_charges(w: &mut Writing<'_, '_>, invoice: InvoiceId) -> Result<Cents> {
    let (claimed, paid) = crate::reminder::charges(&mut w.plain().tx(), invoice)?;
    Ok(Cents((claimed.0 - paid.0).max(0)))
}

/// The same in a view, of an invoice that the caller has loaded.
///
/// # Errors
/// The database can not be read.
pub fn charges_of(access: &mut impl Access, invoice: InvoiceId) -> Result<Cents> {
    let (claimed, paid) = crate::reminder::charges(&mut access.tx().0, invoice)?;
    Ok(Cents((claimed.0 - paid.0).max(0)))
}

fn standing(w: &mut Writing<'_, '_>, id: PaymentId, expected: i64) -> Result<Payment> {
    let payment = payment::get(w, id)?;
    if payment.version == expected {
        Ok(payment)
    } else {
        Err(StoreError::Conflict { found: payment.version, expected })
    }
}

/// Takes a part of a payment away from its place; of what the bank took back, all of it.
///
/// # Errors
/// Someone else placed it meanwhile, there is no such part, or it can not be undone any more ([`Refusal`]).
pub fn undo(w: &mut Writing<'_, '_>, id: PaymentId, expected: i64, part: AllocationId) -> Result<Payment> {
    let payment = standing(w, id, expected)?;
    let all = allocations(&mut w.plain().tx(), id)?;
    let found = all.iter().find(|allocation| allocation.id == part).cloned();
    let found = found.ok_or(StoreError::NotFound("allocation"))?;
    if payment.reverses.is_some() {
        unlink(w, &payment, &all)?;
    } else if found.kind == Placing::Reversal || taken_back(w, id)? {
        return Err(Refusal::TakenBack.into_store());
    } else {
        take_off(w, &payment, &found)?;
        let rest: Vec<Allocation> = all.into_iter().filter(|allocation| allocation.id != part).collect();
        stand_on(w, &payment, &rest)?;
    }
    let mut objects = vec![format!("payment:{id}")];
    objects.extend(found.invoice.map(|invoice| format!("invoice:{invoice}")));
    payment::log(w, payment.owner.iter().map(|owner| owner.0).collect(), objects)?;
    payment::get(w, id)
}

/// Whether the bank took a payment back.
fn taken_back(w: &mut Writing<'_, '_>, id: PaymentId) -> Result<bool> {
    let sql = "SELECT payment_id FROM payment WHERE register_id = ?1 AND reverses_id = ?2 LIMIT 1";
    Ok(w.plain().tx().query_opt(sql, params![id], |row| row.id(0))?.is_some())
}

/// Removes a part whose invoice still allows it.
pub(crate) fn take_off(w: &mut Writing<'_, '_>, payment: &Payment, part: &Allocation) -> Result<()> {
    if let (Placing::Invoice, Some(invoice)) = (part.kind, part.invoice) {
        let target = target(w, invoice, &payment.account)?;
        if !may_undo(part.cents, &target.balance) {
            return Err(Refusal::InvoiceChanged.into_store());
        }
    }
    remove(w, part)
}

/// Settles a payment by the parts that are left: it is its owner's while something of it pays an invoice of theirs.
fn stand_on(w: &mut Writing<'_, '_>, payment: &Payment, rest: &[Allocation]) -> Result<()> {
    let placed = rest.iter().map(|part| part.cents.0).sum();
    let mut owner = None;
    for invoice in rest.iter().filter_map(|part| part.invoice) {
        let found = target(w, invoice, &payment.account)?.owner();
        owner = if found == payment.owner { found } else { owner.or(found) };
    }
    let has_refund = rest.iter().any(|part| part.kind == Placing::Refund);
    let note = if has_refund { payment.told.note.clone() } else { String::new() };
    let told = Told { note, payer: payment.told.payer.clone() };
    settle(w, (payment.id, payment.version), Cents(placed), owner, &told)
}

/// Undoes what a payment of the bank took back: the payment that it reversed stands as before.
pub(crate) fn unlink(w: &mut Writing<'_, '_>, payment: &Payment, all: &[Allocation]) -> Result<()> {
    for part in all.iter().rev() {
        take_off(w, payment, part)?;
    }
    if let Some(original) = payment.reverses {
        let original = payment::get(w, original)?;
        let parts = allocations(&mut w.plain().tx(), original.id)?;
        let (offset, rest): (Vec<Allocation>, Vec<Allocation>) =
            parts.into_iter().partition(|part| part.kind == Placing::Reversal);
        for part in &offset {
            remove(w, part)?;
        }
        if !offset.is_empty() {
            stand_on(w, &original, &rest)?;
        }
        w.plain().tx().execute(
            "UPDATE payment SET reverses_id = NULL WHERE register_id = ?1 AND payment_id = ?2",
            params![payment.id],
        )?;
    }
    stand_on(w, payment, &[])
}

/// What became of a payment by itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placed {
    pub(crate) cents: Cents,
    pub(crate) by: Option<MatchedBy>,
    pub(crate) reversed: bool,
    pub(crate) subjects: Vec<Uuid>,
    pub(crate) invoices: Vec<InvoiceId>,
    pub(crate) owner: Option<PartyId>,
}

/// The open invoices by amount, read when a payment without a reference first asks for them.
#[derive(Default)]
pub(crate) struct Book(Option<HashMap<i64, Vec<Candidate>>>);

impl Book {
    /// The open invoices of an amount.
    fn of(&mut self, w: &mut Writing<'_, '_>, amount: Cents) -> Result<Vec<Candidate>> {
        let map = match &mut self.0 {
            Some(map) => map,
            empty => {
                let mut map: HashMap<i64, Vec<Candidate>> = HashMap::new();
                for candidate in open_candidates(w)? {
                    map.entry(candidate.open.0).or_default().push(candidate);
                }
                empty.insert(map)
            }
        };
        Ok(map.get(&amount.0).cloned().unwrap_or_default())
    }

    /// Something was placed on an invoice: it is none of its amount any more.
    fn paid(&mut self, id: InvoiceId, open: Cents) {
        if let Some(found) = self.0.as_mut().and_then(|map| map.get_mut(&open.0)) {
            found.retain(|candidate| candidate.id != id);
        }
    }
}

fn candidate(invoice: &Invoice) -> Option<Candidate> {
    let issued = invoice.issued().filter(|_| invoice.kind == InvoiceKind::Invoice)?;
    Some(Candidate {
        id: invoice.id,
        account: issued.seller.iban.clone(),
        reference: issued.reference.clone(),
        open: invoice.balance.open(),
        buyer: issued.buyer.name.clone(),
    })
}

/// Sent invoices of the scope of which something is open, for the rules: nobody sees them by this.
fn open_candidates(access: &mut impl Access) -> Result<Vec<Candidate>> {
    let condition = "i.is_sent = 1 AND i.kind = 'invoice' AND i.gross_cents + i.credited_cents - i.paid_cents > 0";
    let found = invoice::matching(access, condition, &[], CANDIDATES)?;
    Ok(found.iter().filter_map(candidate).collect())
}

fn by_reference(access: &mut impl Access, incoming: &Incoming) -> Result<Vec<Candidate>> {
    let Some(reference) = &incoming.reference else { return Ok(Vec::new()) };
    let condition = "i.is_sent = 1 AND i.kind = 'invoice' AND i.reference = ?2";
    let found = invoice::matching(access, condition, &[Param::Text(reference.as_str())], 20)?;
    Ok(found.iter().filter_map(candidate).collect())
}

/// What may be proposed for payments that have no place: those of their references, and what is open.
///
/// # Errors
/// The database can not be read.
pub fn candidates(access: &mut impl Access, payments: &[Payment]) -> Result<Vec<Candidate>> {
    let mut all = open_candidates(access)?;
    for payment in payments {
        for found in by_reference(access, &payment.incoming())? {
            if all.iter().all(|candidate| candidate.id != found.id) {
                all.push(found);
            }
        }
    }
    Ok(all)
}

/// Sent invoices of the scope by number, by reference, or by words of the buyer's name among those that are open; no words:
/// none. Whom that shows is noted.
///
/// # Errors
/// The database can not be read.
pub fn find(access: &mut impl Access, words: &str, limit: i64) -> Result<Vec<Invoice>> {
    let words = words.trim();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let sent = "i.is_sent = 1 AND i.kind = 'invoice'";
    let mut found = invoice::matching(access, &format!("{sent} AND i.number = ?2"), &[Param::Text(words)], limit)?;
    if let Ok(reference) = words.parse::<Reference>() {
        let condition = format!("{sent} AND i.reference = ?2");
        found.extend(invoice::matching(access, &condition, &[Param::Text(reference.as_str())], limit)?);
    }
    if found.is_empty() {
        let wanted: Vec<String> = fold(words).split_whitespace().map(str::to_owned).collect();
        let condition = format!("{sent} AND i.gross_cents + i.credited_cents - i.paid_cents > 0");
        found = invoice::matching(access, &condition, &[], CANDIDATES)?;
        found.retain(|invoice| {
            let name = invoice.issued().map(|issued| fold(&issued.buyer.name)).unwrap_or_default();
            wanted.iter().all(|word| name.contains(word.as_str()))
        });
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    found.into_iter().map(|invoice| invoice::get(access, invoice.id)).collect()
}

/// Gives a payment that was just stored its place by the rules, if they know one.
pub(crate) fn place_by_rule(
    w: &mut Writing<'_, '_>,
    id: PaymentId,
    incoming: &Incoming,
    book: &mut Book,
) -> Result<Placed> {
    let mut candidates = by_reference(w, incoming)?;
    let mut found = find_invoice(incoming, &candidates);
    if found.is_none() && incoming.amount.0 > 0 && !incoming.payer.trim().is_empty() {
        candidates = book.of(w, incoming.amount)?;
        found = find_invoice(incoming, &candidates);
    }
    let Some((invoice, by)) = found else { return Ok(Placed::default()) };
    let target = match target(w, invoice, &incoming.account) {
        Ok(target) => target,
        // It has the account on paper, but the account is not its company's.
        Err(StoreError::NotFound(_)) => return Ok(Placed::default()),
        Err(error) => return Err(error),
    };
    let cents = share(incoming.amount, &target.balance);
    if by == MatchedBy::AmountAndName && cents != incoming.amount {
        return Ok(Placed::default());
    }
    // The invoice first, so that interest stops, then what was claimed with it.
    let left = Cents(incoming.amount.0 - cents.0);
    let charges = if left.0 > 0 { Cents(left.0.min(open_charges(w, invoice)?.0)) } else { Cents::ZERO };
    for (kind, part) in [(Placing::Invoice, cents), (Placing::Charge, charges)] {
        if part.0 != 0 {
            add(w, id, (kind, Some(invoice)), part, Some(by))?;
        }
    }
    let cents = Cents(cents.0 + charges.0);
    if cents == Cents::ZERO {
        return Ok(Placed::default());
    }
    book.paid(invoice, target.balance.open());
    let subjects = target.parties().collect();
    Ok(Placed { cents, by: Some(by), reversed: false, subjects, invoices: vec![invoice], owner: target.owner() })
}

/// The payment that the bank takes back: the one with its id in the account that is as large at least and was not taken
/// back before. A correction has the id of what it corrects, with a mark that the reader of files added.
pub(crate) fn original(w: &mut Writing<'_, '_>, incoming: &Incoming) -> Result<Option<PaymentId>> {
    let Some(archive_id) = incoming.archive_id.strip_suffix("/1") else { return Ok(None) };
    let least = -incoming.amount.0;
    w.plain().tx().query_opt(
        "SELECT p.payment_id FROM payment p WHERE p.register_id = ?1 AND p.account = ?2 AND p.archive_id = ?3 \
         AND p.cents >= ?4 AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.register_id = ?1 AND r.reverses_id = p.payment_id)",
        params![incoming.account.as_str(), archive_id, least],
        |row| Ok(PaymentId(row.id(0)?)),
    )
}

/// Takes back what the payment `original` paid: from its invoices, the last first, and then from what has no place. What
/// was given back to the payer already is left for a person to see.
pub(crate) fn reverse(
    w: &mut Writing<'_, '_>,
    id: PaymentId,
    incoming: &Incoming,
    original: PaymentId,
) -> Result<Placed> {
    let original = payment::get(w, original)?;
    let mut left = incoming.amount;
    let mut done = Placed { reversed: true, owner: original.owner, ..Placed::default() };
    for part in allocations(&mut w.plain().tx(), original.id)?.iter().rev() {
        let (Placing::Invoice | Placing::Charge, Some(invoice)) = (part.kind, part.invoice) else { continue };
        let target: Target = target(w, invoice, &original.account)?;
        let cents = Cents(left.0.max(-part.cents.0));
        if cents.0 == 0 || (part.kind == Placing::Invoice && fits(cents, &target.balance).is_err()) {
            continue;
        }
        add(w, id, (part.kind, Some(invoice)), cents, part.by)?;
        left.0 -= cents.0;
        done.subjects.extend(target.parties());
        done.invoices.push(invoice);
    }
    let offset = Cents(left.0.max(-original.purse.left().0));
    if offset.0 < 0 {
        add(w, id, (Placing::Reversal, None), offset, None)?;
        add(w, original.id, (Placing::Reversal, None), Cents(-offset.0), None)?;
        let placed = Cents(original.purse.placed.0 - offset.0);
        settle(w, (original.id, original.version), placed, original.owner, &original.told)?;
        left.0 -= offset.0;
    }
    done.cents = Cents(incoming.amount.0 - left.0);
    Ok(done)
}

//! Payments (*maksut*) and which invoice each belongs to.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fold::fold;
use crate::iban::Iban;
use crate::id::InvoiceId;
use crate::invoice::Balance;
use crate::money::Cents;
pub use crate::payment_draft::{PaymentDraft, ValidPayment, amount, note, past_day};
use crate::reference::Reference;
use crate::word::words;

/// Months after its booking in which the payer's name of a payment that was placed is kept: long enough to answer for a
/// placing, while the bank's own statement is the voucher (Accounting Act 1336/1997 2:10).
pub const PAYER_MONTHS: i64 = 12;
/// Months after which the name goes in any case. A claim for money that was paid by mistake lapses in three years
/// (Limitation Act 728/2003 section 4).
pub const PAYER_MONTHS_UNPLACED: i64 = 36;
/// Most proposals for a payment.
pub const PROPOSALS: usize = 5;

/// Money that came to an account, as a bank's file or a person tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Incoming {
    /// What the bank calls it; the same is never entered twice in an account.
    pub archive_id: String,
    /// The account.
    pub account: Iban,
    /// The day on which the bank booked it.
    pub booked_on: Date,
    /// The day on which it was paid.
    pub paid_on: Date,
    /// How much; negative when the bank takes an earlier one back.
    pub amount: Cents,
    /// The reference that the payer gave, if it is one.
    pub reference: Option<Reference>,
    /// The payer's name as the bank gives it, or empty; reference payment files cut it at twelve characters.
    pub payer: String,
}

/// An invoice that a payment may belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Its id.
    pub id: InvoiceId,
    /// Where it is to be paid.
    pub account: Iban,
    /// Its reference.
    pub reference: Reference,
    /// What is still open of it.
    pub open: Cents,
    /// The buyer's name.
    pub buyer: String,
}

words! {
    /// What a payment is matched by.
    MatchedBy {
        /// The reference number.
        Reference = "reference",
        /// The whole open amount and the payer's name.
        AmountAndName = "amount_and_name",
        /// A person chose the invoice.
        Person = "person",
    }
}

words! {
    /// What a part of a payment is.
    Placing {
        /// It pays an invoice.
        Invoice = "invoice",
        /// It pays the costs and the interest that were claimed for an invoice.
        Charge = "charge",
        /// It was given back to the payer, or otherwise accounted for outside of the invoices.
        Refund = "refund",
        /// The bank took it back, or it takes back what came before.
        Reversal = "reversal",
    }
}

/// How much of a payment has a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Purse {
    /// The payment; negative when the bank takes an earlier one back.
    pub amount: Cents,
    /// The sum of its placings, between nothing and the amount.
    pub placed: Cents,
}

words! {
    /// How a payment stands.
    PaymentState {
        /// Nothing of it has a place.
        Unplaced = "unplaced",
        /// A part has: the rest is too much for its invoice.
        PartPlaced = "part_placed",
        /// All of it has.
        Placed = "placed",
    }
}

/// Why an amount can not be placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotPlaced {
    /// Nothing, or in the other direction than the payment.
    #[error("the amount is nothing, or has another sign than the payment")]
    Sign,
    /// More than is left of the payment.
    #[error("more than is left of the payment")]
    MoreThanPayment,
    /// More than is open of the invoice.
    #[error("more than is open of the invoice")]
    MoreThanOpen,
    /// More is taken back than was paid.
    #[error("more would be taken back than was paid")]
    MoreThanPaid,
}

impl Purse {
    /// What has no place yet; as the amount, negative when the bank takes back.
    #[must_use]
    pub const fn left(self) -> Cents {
        Cents(self.amount.0.saturating_sub(self.placed.0))
    }

    /// How it stands.
    #[must_use]
    pub const fn state(self) -> PaymentState {
        match (self.left().0, self.placed.0) {
            (0, _) => PaymentState::Placed,
            (_, 0) => PaymentState::Unplaced,
            _ => PaymentState::PartPlaced,
        }
    }

    /// Whether so much of what is left can have a place.
    ///
    /// # Errors
    /// [`NotPlaced`].
    pub const fn allows(self, cents: Cents) -> Result<(), NotPlaced> {
        let left = self.left().0;
        if cents.0 == 0 || cents.0.signum() != self.amount.0.signum() {
            Err(NotPlaced::Sign)
        } else if cents.0.unsigned_abs() > left.unsigned_abs() {
            Err(NotPlaced::MoreThanPayment)
        } else {
            Ok(())
        }
    }
}

/// How much of what is `left` of a payment goes to an invoice by itself: never more than is open, and of money that is
/// taken back never more than was paid.
#[must_use]
pub fn share(left: Cents, balance: &Balance) -> Cents {
    if left.0 >= 0 { Cents(left.0.min(balance.open().0.max(0))) } else { Cents(left.0.max(-balance.paid.0.max(0))) }
}

/// Whether so much can be placed on an invoice.
///
/// # Errors
/// [`NotPlaced`].
pub const fn fits(cents: Cents, balance: &Balance) -> Result<(), NotPlaced> {
    if cents.0 > 0 && cents.0 > balance.open().0 {
        return Err(NotPlaced::MoreThanOpen);
    }
    if cents.0 < 0 && cents.0.unsigned_abs() > balance.paid.0.unsigned_abs() {
        return Err(NotPlaced::MoreThanPaid);
    }
    Ok(())
}

/// Whether a placing of so much can be taken off an invoice again: what was paid of it stays between nothing and its
/// sum. Something else may have come in between.
#[must_use]
pub const fn may_undo(cents: Cents, balance: &Balance) -> bool {
    let paid = balance.paid.0.saturating_sub(cents.0);
    let due = balance.gross.0.saturating_add(balance.credited.0);
    if cents.0 >= 0 { paid >= 0 } else { paid <= due }
}

words! {
    /// Why an invoice is proposed for a payment that has no place.
    Reason {
        /// Its reference is the payment's, but it is paid, or another account's.
        Reference = "reference",
        /// Both the amount and the name fit, as they do of others, too.
        AmountAndName = "amount_and_name",
        /// The payer has the buyer's name.
        Name = "name",
        /// The amount is what is open.
        Amount = "amount",
    }
}

/// Invoices that a payment may belong to, of which `left` has no place: the best reason first, and the earlier
/// candidate of two. A person decides.
#[must_use]
pub fn propose(payment: &Incoming, left: Cents, candidates: &[Candidate]) -> Vec<(InvoiceId, Reason)> {
    let reason = |candidate: &Candidate| {
        let is_reference = payment.reference.as_ref() == Some(&candidate.reference);
        let is_name = !payment.payer.trim().is_empty() && is_same_name(&candidate.buyer, &payment.payer);
        let is_amount = left.0 > 0 && candidate.open == left;
        match (is_reference, is_amount, is_name && candidate.open.0 > 0) {
            (true, ..) => Some(Reason::Reference),
            (_, true, true) => Some(Reason::AmountAndName),
            (_, _, true) => Some(Reason::Name),
            (_, true, _) => Some(Reason::Amount),
            _ => None,
        }
    };
    let mut found: Vec<(InvoiceId, Reason)> =
        candidates.iter().filter_map(|candidate| Some((candidate.id, reason(candidate)?))).collect();
    found.sort_by_key(|(_, reason)| *reason);
    found.truncate(PROPOSALS);
    found
}

/// Which invoice a payment belongs to: that of its reference in its account; else the only one whose open amount it is
/// and whose buyer has the payer's name. None: a person has to say.
#[must_use]
pub fn find_invoice(payment: &Incoming, candidates: &[Candidate]) -> Option<(InvoiceId, MatchedBy)> {
    let here = || candidates.iter().filter(|candidate| candidate.account == payment.account);
    if let Some(reference) = &payment.reference {
        // A reference that is known decides alone: a part payment has another amount, a relative another name.
        if let Some(found) = only(here().filter(|candidate| candidate.reference == *reference)) {
            return Some((found.id, MatchedBy::Reference));
        }
    }
    if payment.amount.0 <= 0 || payment.payer.trim().is_empty() {
        return None;
    }
    let fits =
        |candidate: &&Candidate| candidate.open == payment.amount && is_same_name(&candidate.buyer, &payment.payer);
    only(here().filter(fits)).map(|found| (found.id, MatchedBy::AmountAndName))
}

fn only<'a>(mut found: impl Iterator<Item = &'a Candidate>) -> Option<&'a Candidate> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Whether the bank's name of a payer is the buyer's: the same words in any order, or cut at the end by the bank.
fn is_same_name(buyer: &str, payer: &str) -> bool {
    let words = |name: &str| {
        let mut words: Vec<String> = fold(name).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
        words.retain(|word| !word.is_empty());
        words
    };
    let (mut buyer, mut payer) = (words(buyer), words(payer));
    if buyer.is_empty() || payer.is_empty() {
        return false;
    }
    let (buyer_line, payer_line) = (buyer.join(" "), payer.join(" "));
    // Twelve characters are what a reference payment file leaves of a name.
    if payer_line.chars().count() >= 10 && buyer_line.starts_with(&payer_line) {
        return true;
    }
    buyer.sort_unstable();
    payer.sort_unstable();
    buyer == payer
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const ACCOUNT: &str = "FI7944052020036082";

    fn candidate(id: u128, reference: &str, open: i64, buyer: &str) -> Candidate {
        Candidate {
            id: InvoiceId(Uuid::from_u128(id)),
            account: ACCOUNT.parse().unwrap(),
            reference: reference.parse().unwrap(),
            open: Cents(open),
            buyer: buyer.into(),
        }
    }

    fn payment(reference: Option<&str>, amount: i64, payer: &str) -> Incoming {
        Incoming {
            archive_id: "1".into(),
            account: ACCOUNT.parse().unwrap(),
            booked_on: date(2026, 11, 23),
            paid_on: date(2026, 11, 23),
            amount: Cents(amount),
            reference: reference.map(|text| text.parse().unwrap()),
            payer: payer.into(),
        }
    }

    #[test]
    fn reference_first_then_amount_with_name() {
        let open = [
            candidate(1, "1234561", 10_000, "Korhonen Maija"),
            candidate(2, "12345672", 10_000, "Virtanen Matti"),
            candidate(3, "1511890656", 5_000, "Lähiruoka Keskinen Oy"),
            candidate(4, "1000009", 7_000, "Sama Nimi"),
            candidate(5, "868516259619897", 7_000, "Sama Nimi"),
        ];
        use MatchedBy::{AmountAndName, Reference};
        for (reference, amount, payer, want) in [
            (Some("1234561"), 10_000, "Virtanen Matti", Some((1, Reference))),
            (Some("1234561"), 4_000, "", Some((1, Reference))),
            (Some("1234561"), -4_000, "", Some((1, Reference))),
            (None, 10_000, "MATTI VIRTANEN", Some((2, AmountAndName))),
            (Some("559582243294671"), 10_000, "matti virtanen", Some((2, AmountAndName))),
            (None, 5_000, "LÄHIRUOKA KE", Some((3, AmountAndName))),
            (None, 5_001, "LÄHIRUOKA KE", None),
            (None, 10_000, "Matti", None),
            (None, 7_000, "Sama Nimi", None),
            (None, 10_000, "", None),
            (None, -10_000, "Matti Virtanen", None),
        ] {
            let got = find_invoice(&payment(reference, amount, payer), &open);
            let want = want.map(|(id, by)| (InvoiceId(Uuid::from_u128(id)), by));
            assert_eq!(got, want, "{reference:?} {amount} {payer}");
        }
    }

    #[test]
    fn another_account_has_other_invoices() {
        let other = Candidate { account: "FI2112345600000785".parse().unwrap(), ..candidate(1, "1234561", 1, "A B") };
        assert_eq!(find_invoice(&payment(Some("1234561"), 1, "A B"), &[other]), None);
    }

    #[test]
    fn proposals_by_the_best_reason() {
        let candidates = [
            candidate(1, "1234561", 0, "Korhonen Maija"),
            candidate(2, "12345672", 10_000, "Virtanen Matti"),
            candidate(3, "1511890656", 5_000, "Virtanen Matti"),
            candidate(4, "1000009", 10_000, "Sama Nimi"),
            candidate(5, "868516259619897", 0, "Virtanen Matti"),
        ];
        for (reference, amount, payer, want) in [
            (Some("1234561"), 10_000, "", vec![(1, Reason::Reference), (2, Reason::Amount), (4, Reason::Amount)]),
            (None, 10_000, "MATTI VIRTANEN", vec![(2, Reason::AmountAndName), (3, Reason::Name), (4, Reason::Amount)]),
            (None, 1, "Matti Virtanen", vec![(2, Reason::Name), (3, Reason::Name)]),
            (None, -10_000, "", vec![]),
            (None, 1, "Muu Maksaja", vec![]),
        ] {
            let got = propose(&payment(reference, amount, payer), Cents(amount), &candidates);
            let want: Vec<_> = want.into_iter().map(|(id, reason)| (InvoiceId(Uuid::from_u128(id)), reason)).collect();
            assert_eq!(got, want, "{reference:?} {amount} {payer}");
        }
    }

    #[test]
    fn what_a_purse_allows() {
        let purse = |amount, placed| Purse { amount: Cents(amount), placed: Cents(placed) };
        for (amount, placed, cents, want) in [
            (100, 0, 100, Ok(())),
            (100, 40, 60, Ok(())),
            (100, 40, 61, Err(NotPlaced::MoreThanPayment)),
            (100, 0, 0, Err(NotPlaced::Sign)),
            (100, 0, -1, Err(NotPlaced::Sign)),
            (-100, -40, -60, Ok(())),
            (-100, -40, -61, Err(NotPlaced::MoreThanPayment)),
            (-100, 0, 1, Err(NotPlaced::Sign)),
        ] {
            assert_eq!(purse(amount, placed).allows(Cents(cents)), want, "{amount} {placed} {cents}");
        }
        assert_eq!(purse(5, 0).state(), PaymentState::Unplaced);
        assert_eq!(purse(5, 2).state(), PaymentState::PartPlaced);
        assert_eq!(purse(-5, -5).state(), PaymentState::Placed);
    }

    proptest! {
        /// Placing what the rule gives fits, never exceeds the payment, leaves the invoice's balance in its bounds, and
        /// can be undone.
        #[test]
        fn a_share_always_fits(
            left in -5_000_000_i64..5_000_000,
            gross in 0_i64..4_000_000,
            credited in 0_i64..100,
            paid in 0_i64..100,
        ) {
            let credited = -gross * credited / 100;
            let due = gross + credited;
            let mut balance = Balance { gross: Cents(gross), credited: Cents(credited), paid: Cents(due * paid / 100) };
            let before = balance;
            let share = share(Cents(left), &balance);
            let purse = Purse { amount: Cents(left), placed: Cents::ZERO };
            if share.0 == 0 {
                prop_assert!(left == 0 || (left > 0 && balance.open().0 == 0) || (left < 0 && balance.paid.0 == 0));
            } else {
                prop_assert_eq!(purse.allows(share), Ok(()));
                prop_assert_eq!(fits(share, &balance), Ok(()));
            }
            balance.paid.0 += share.0;
            prop_assert!((0..=due).contains(&balance.paid.0));
            prop_assert!(may_undo(share, &balance));
            balance.paid.0 -= share.0;
            prop_assert_eq!(balance, before);
        }
    }
}

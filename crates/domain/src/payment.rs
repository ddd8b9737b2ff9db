//! Payments (*maksut*) and which invoice each belongs to.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fold::fold;
use crate::iban::Iban;
use crate::id::InvoiceId;
use crate::money::Cents;
use crate::reference::Reference;

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

/// What a payment is matched by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The reference number.
    Reference,
    /// The whole open amount and the payer's name.
    AmountAndName,
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
}

//! The demo's payments: bank files of the two companies that invoice here, and what was done about those who did not pay.

use jiff::ToSpan as _;
use jiff::civil::Date;
use rand::RngExt as _;
use seloste_domain::collection::DebtEventDraft;
use seloste_domain::interest::half_year;
use seloste_domain::invoice::InvoiceKind;
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::reminder::{FeeChoice, ReminderKind};

use super::fixtures::chance;
use super::{Demo, unwritable};
use crate::error::{OpsError, Result};
use crate::invoice::{Filter, Invoice};
use crate::reminder::{Asked, Channel};
use crate::{collection, invoice, payment_file, reminder};

/// Invoices that are looked at, at most.
const MOST: i64 = 1_000;
/// Days that the newest file tells of; the older ones are in another.
const NEWEST: i64 = 21;
/// Overdue invoices that were reminded of.
const REMINDED: usize = 12;
/// Days since the oldest of them were reminded of.
const REMINDED_AGO: i64 = 20;

/// What a bank tells of.
struct Paid {
    on: Date,
    account: String,
    reference: String,
    payer: String,
    cents: Cents,
}

impl Demo {
    /// Most invoices are paid by their day; some late, in part, too much, without a reference, or not at all.
    pub(super) fn payments(&mut self) -> Result<()> {
        let today = self.register.today();
        let filter = Filter { mirrored: Some(false), ..Filter::default() };
        let invoices = invoice::list(&self.register, &self.by, &filter, MOST)?;
        let mut paid: Vec<Paid> = Vec::new();
        for invoice in invoices.iter().rev() {
            paid.extend(self.paid(invoice, today));
        }
        paid.sort_by_key(|paid| paid.on);
        let newest = today.saturating_sub(NEWEST.days());
        let (old, new): (Vec<Paid>, Vec<Paid>) = paid.into_iter().partition(|paid| paid.on < newest);
        for (number, part) in [old, new].into_iter().enumerate().filter(|(_, part)| !part.is_empty()) {
            let name = format!("viitemaksut-{}.ktl", number + 1);
            let file = self.register.db().settings().data.join(name);
            std::fs::write(&file, file_of(&part, number)).map_err(|error| unwritable(&file, &error))?;
            let told = payment_file::import(&self.register, &self.by, &file, false);
            std::fs::remove_file(&file).map_err(|error| unwritable(&file, &error))?;
            told?;
        }
        self.rates(today)?;
        self.reminders(today)
    }

    fn paid(&mut self, invoice: &Invoice, today: Date) -> Option<Paid> {
        let issued = invoice.issued().filter(|_| invoice.kind == InvoiceKind::Invoice)?;
        let open = invoice.balance.open();
        let late = if chance(&mut self.rng, 15) { self.rng.random_range(1..25) } else { 0 };
        let on = issued.due.saturating_sub(i64::from(self.rng.random_range(0..9)).days()).saturating_add(late.days());
        if open.0 <= 0 || on > today || on < issued.date || chance(&mut self.rng, 6) {
            return None;
        }
        let (mut reference, mut cents) = (issued.reference.as_str().to_owned(), open);
        match self.rng.random_range(0..100) {
            0..3 => reference.clear(),
            3..5 => cents = Cents(open.0 / 2),
            5..7 => cents = Cents(open.0 + 1_000),
            // Somebody types the number of the invoice instead.
            7..9 => reference = "1234561".to_owned(),
            _ => {}
        }
        let account = issued.seller.iban.finnish_account()?.to_owned();
        let words: Vec<&str> = issued.buyer.name.split_whitespace().rev().collect();
        let payer = words.join(" ").to_uppercase().chars().take(12).collect();
        Some(Paid { on, account, reference, payer, cents: Cents(cents.0.max(1)) })
    }

    /// The half-years since the program's own rates: the demo assumes that the bank's rate stayed.
    fn rates(&self, today: Date) -> Result<()> {
        loop {
            let rates = reminder::rates_in_use(&self.register)?;
            let Some(missing) = rates.all().last().map(|last| last.from.saturating_add(6.months())) else {
                return Ok(());
            };
            if missing > half_year(today) {
                return Ok(());
            }
            let given = (missing.to_string(), "2,15");
            reminder::set_rate(&self.register, &self.by, (&given.0, given.1), DecimalMark::Comma)?;
        }
    }

    fn reminders(&self, today: Date) -> Result<()> {
        let overdue = reminder::overdue(&self.register, &self.by, None, None, REMINDED)?;
        for (number, standing) in overdue.rows.iter().enumerate() {
            let id = standing.invoice.id;
            let asked = Asked {
                invoice: id,
                kind: ReminderKind::Reminder,
                fee: FeeChoice::Legal,
                channel: Some(Channel::Letter),
            };
            if number == 1 {
                let draft = DebtEventDraft {
                    kind: "dispute".into(),
                    happened_on: today.to_string(),
                    reason: "Asiakkaan mukaan toimitus oli vajaa".into(),
                };
                collection::note(&self.register, &self.by, id, &draft)?;
            } else if number % 2 == 0 {
                // Some were reminded of so long ago that they may be handed over.
                let earlier = today.saturating_sub(REMINDED_AGO.days());
                let on = if number < 6 && standing.debt.due < earlier { earlier } else { today };
                match reminder::send_on(&self.register, &self.by, (asked, on), None, &[]) {
                    // Some have no address any more, as it happens.
                    Ok(_) | Err(OpsError::Fields(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// A reference payment file (KTL) of payments.
fn file_of(payments: &[Paid], number: usize) -> Vec<u8> {
    let mut file = format!("{:90}\r\n", "02611231030NDDFI00001 1");
    for (place, paid) in payments.iter().enumerate() {
        let day = paid.on.strftime("%y%m%d");
        let archive = format!("{day}{number:02}{place:08}");
        let Paid { account, reference, payer, cents, .. } = paid;
        file.push_str(&format!("3{account}{day}{day}{archive}{reference:0>20}{payer:12}1A{:010}0J \r\n", cents.0));
    }
    let sum: i64 = payments.iter().map(|paid| paid.cents.0).sum();
    file.push_str(&format!("{:90}\r\n", format!("9{:06}{sum:011}{:017}", payments.len(), 0)));
    // ISO-8859-1, as banks write.
    file.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

//! Reminders (*maksumuistutus*) and payment demands (*maksuvaatimus*): when one may be sent and what it may cost by the
//! Debt Collection Act 513/1999. The fees are the law's caps, dated; whether they are still right is to be checked against
//! the sections named here (`docs/collection.md`).

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::interest::{Debtor, Interest};
use crate::money::Cents;
use crate::word::words;

words! {
    /// What is sent.
    ReminderKind {
        /// A reminder.
        Reminder = "reminder",
        /// A payment demand with all that section 5 a asks for.
        Demand = "demand",
    }
}

words! {
    /// Which fee is claimed.
    #[derive(Default)]
    FeeChoice {
        /// The law's, where the law allows one.
        #[default]
        Legal = "legal",
        /// The standard compensation between companies, once an invoice (Act 30/2013 section 10).
        Standard = "standard",
        /// None.
        None = "none",
    }
}

/// Fees of a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fees {
    /// The first day.
    pub from: Date,
    /// A reminder.
    pub reminder: Cents,
    /// A payment demand, by principal: up to and with the first number, the fee. The last has no end.
    pub demand: &'static [(i64, Cents)],
    /// All costs of a debt together, by principal.
    pub total: &'static [(i64, Cents)],
    /// The share of a demand's fee that a repeated one may cost, in per cent.
    pub repeated: i64,
    /// Days after the due date, and between two reminders or demands, before which nothing may be charged.
    pub days_between: i64,
    /// Where it is laid down.
    pub source: &'static str,
}

/// No sum is above it.
const ANY: i64 = i64::MAX;

/// What a consumer may be charged. (Caps before 2013 are not kept: nothing so old is reminded of.)
pub const CONSUMER: [Fees; 1] = [Fees {
    from: date(2013, 3, 16),
    reminder: Cents(500),
    demand: &[(10_000, Cents(1_400)), (100_000, Cents(2_400)), (ANY, Cents(5_000))],
    total: &[(10_000, Cents(6_000)), (100_000, Cents(12_000)), (ANY, Cents(21_000))],
    repeated: 50,
    days_between: 14,
    source: "Act 513/1999 sections 10 a-10 c",
}];

/// What a company may be charged.
pub const BUSINESS: [Fees; 1] = [Fees {
    from: date(2023, 5, 1),
    reminder: Cents(1_200),
    demand: &[(50_000, Cents(5_000)), (250_000, Cents(7_000)), (1_000_000, Cents(9_000)), (ANY, Cents(11_000))],
    total: &[(50_000, Cents(25_000)), (250_000, Cents(47_000)), (1_000_000, Cents(55_000)), (ANY, Cents(62_000))],
    repeated: 50,
    days_between: 10,
    source: "Act 513/1999 section 10 e",
}];

/// The standard compensation between companies (Act 30/2013 section 10).
pub const STANDARD: Cents = Cents(4_000);
/// Demands of a debt at most (section 10 a(4)).
pub const MOST_DEMANDS: usize = 2;
/// Days that a consumer's invoice has to leave before the due date for a reminder to cost anything (section 10 a(2)).
const DAYS_BEFORE_DUE: i64 = 14;
/// Days after a reminder before which nobody may demand or hand over (section 5).
pub const DAYS_AFTER_REMINDER: i64 = 14;
/// Days that a reminder or a demand leaves for paying and for objecting (section 5 a).
pub const DAYS_TO_PAY: i64 = 14;

impl Fees {
    /// The fees of a debtor on a day; none before the law that is kept here.
    #[must_use]
    pub fn of(debtor: Debtor, day: Date) -> Option<&'static Self> {
        let table: &'static [Self] = match debtor {
            Debtor::Consumer => &CONSUMER,
            Debtor::Business => &BUSINESS,
        };
        table.iter().rev().find(|fees| fees.from <= day)
    }

    fn by(steps: &[(i64, Cents)], principal: Cents) -> Cents {
        steps.iter().find(|(most, _)| principal.0 <= *most).map_or(Cents::ZERO, |(_, fee)| *fee)
    }
}

/// What was sent before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sent {
    /// What.
    pub kind: ReminderKind,
    /// When.
    pub on: Date,
    /// Its fee.
    pub fee: Cents,
    /// Whether the fee was the standard compensation.
    pub standard: bool,
}

/// An invoice that may be reminded of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Debt {
    /// Consumer or business.
    pub debtor: Debtor,
    /// The day of the invoice.
    pub invoiced: Date,
    /// The due date.
    pub due: Date,
    /// What is open.
    pub open: Cents,
    /// What was sent before, in any order.
    pub sent: Vec<Sent>,
    /// Whether it is disputed, or the debtor asked to suspend collection.
    pub stopped: bool,
    /// Whether it is with a collection partner.
    pub handed_over: bool,
}

/// Why nothing can be sent or handed over now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TooSoon {
    /// Nothing of it is open.
    #[error("nothing is open")]
    Paid,
    /// It is not due yet.
    #[error("it is not due before {0}")]
    NotDue(Date),
    /// The debt is disputed, or collection was suspended (sections 4 b and 4 c).
    #[error("the debt is disputed or its collection suspended")]
    Stopped,
    /// It is with a collection partner.
    #[error("it was handed over for collection")]
    HandedOver,
    /// There was no reminder.
    #[error("a reminder has to be sent first")]
    NoReminder,
    /// The law asks for a time in between; from that day on.
    #[error("not before {0}")]
    Wait(Date),
    /// As often as the law allows.
    #[error("as many demands as the law allows were sent")]
    Enough,
}

impl TooSoon {
    /// A key for its text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::NotDue(_) => "not_due",
            Self::Stopped => "stopped",
            Self::HandedOver => "handed_over",
            Self::NoReminder => "no_reminder",
            Self::Wait(_) => "wait",
            Self::Enough => "enough",
        }
    }

    /// The day from which on it may be done, where there is one.
    #[must_use]
    pub const fn day(self) -> Option<Date> {
        match self {
            Self::NotDue(day) | Self::Wait(day) => Some(day),
            _ => None,
        }
    }
}

words! {
    /// Why a fee is what it is.
    FeeReason {
        /// The law's.
        Legal = "legal",
        /// The standard compensation.
        Standard = "standard",
        /// Nobody asked for one.
        NotAsked = "not_asked",
        /// The invoice left less than 14 days before the due date.
        ShortInvoice = "short_invoice",
        /// Too few days since the due date or since what was sent before.
        TooSoon = "too_soon",
        /// All costs together are at their cap: what is left of it.
        Capped = "capped",
        /// The standard compensation was claimed already; it covers this.
        Covered = "covered",
    }
}

impl Debt {
    /// Whether something may be sent on `today`.
    ///
    /// # Errors
    /// [`TooSoon`] says why not.
    pub fn may_send(&self, kind: ReminderKind, today: Date) -> Result<(), TooSoon> {
        self.may_act(today)?;
        // The same day's reminder is not sent twice by two people.
        if let Some(last) = self.last().filter(|last| last.on >= today) {
            return Err(TooSoon::Wait(last.on.saturating_add(1.days())));
        }
        if kind == ReminderKind::Reminder {
            return Ok(());
        }
        let demands: Vec<&Sent> = self.sent.iter().filter(|sent| sent.kind == ReminderKind::Demand).collect();
        if demands.len() >= MOST_DEMANDS {
            return Err(TooSoon::Enough);
        }
        self.after_reminder(today)?;
        let between = Fees::of(self.debtor, today).map_or(DAYS_AFTER_REMINDER, |fees| fees.days_between);
        let last = demands.iter().map(|sent| sent.on).max();
        wait(last, between, today)
    }

    /// Whether it may be handed over to a collection partner on `today`.
    ///
    /// # Errors
    /// [`TooSoon`] says why not.
    pub fn may_hand_over(&self, today: Date) -> Result<(), TooSoon> {
        self.may_act(today)?;
        self.after_reminder(today)
    }

    fn may_act(&self, today: Date) -> Result<(), TooSoon> {
        if self.handed_over {
            Err(TooSoon::HandedOver)
        } else if self.stopped {
            Err(TooSoon::Stopped)
        } else if self.open.0 <= 0 {
            Err(TooSoon::Paid)
        } else if self.due >= today {
            Err(TooSoon::NotDue(self.due.saturating_add(1.days())))
        } else {
            Ok(())
        }
    }

    /// Section 5: a demand not before 14 days after the first reminder.
    fn after_reminder(&self, today: Date) -> Result<(), TooSoon> {
        let first = self.sent.iter().filter(|sent| sent.kind == ReminderKind::Reminder).map(|sent| sent.on).min();
        let first = first.ok_or(TooSoon::NoReminder)?;
        wait(Some(first), DAYS_AFTER_REMINDER, today)
    }

    fn last(&self) -> Option<&Sent> {
        self.sent.iter().max_by_key(|sent| sent.on)
    }

    /// What may be charged for sending on `today`, and why.
    #[must_use]
    pub fn fee(&self, kind: ReminderKind, choice: FeeChoice, today: Date) -> (Cents, FeeReason) {
        let Some(fees) = Fees::of(self.debtor, today) else { return (Cents::ZERO, FeeReason::TooSoon) };
        let standard = self.sent.iter().any(|sent| sent.standard);
        let fee = match (choice, self.debtor) {
            (FeeChoice::None, _) => return (Cents::ZERO, FeeReason::NotAsked),
            (FeeChoice::Standard, Debtor::Business) if standard => return (Cents::ZERO, FeeReason::Covered),
            (FeeChoice::Standard, Debtor::Business) => return (STANDARD, FeeReason::Standard),
            // What the standard compensation covers is not charged again (Act 30/2013 section 10(2)).
            (FeeChoice::Legal, Debtor::Business) if standard => return (Cents::ZERO, FeeReason::Covered),
            (FeeChoice::Legal | FeeChoice::Standard, _) => match kind {
                ReminderKind::Reminder => fees.reminder,
                ReminderKind::Demand => self.demand_fee(fees),
            },
        };
        let left_before = i64::from((self.due - self.invoiced).get_days());
        if self.debtor == Debtor::Consumer && left_before < DAYS_BEFORE_DUE {
            return (Cents::ZERO, FeeReason::ShortInvoice);
        }
        let since = self.last().map_or(self.due, |last| last.on.max(self.due));
        if i64::from((today - since).get_days()) < fees.days_between {
            return (Cents::ZERO, FeeReason::TooSoon);
        }
        let claimed: i64 = self.sent.iter().map(|sent| sent.fee.0).sum();
        let left = Fees::by(fees.total, self.open).0.saturating_sub(claimed).max(0);
        if left < fee.0 { (Cents(left), FeeReason::Capped) } else { (fee, FeeReason::Legal) }
    }

    fn demand_fee(&self, fees: &Fees) -> Cents {
        let fee = Fees::by(fees.demand, self.open);
        let is_repeated = self.sent.iter().any(|sent| sent.kind == ReminderKind::Demand);
        if is_repeated { Cents(fee.0 * fees.repeated / 100) } else { fee }
    }
}

fn wait(since: Option<Date>, days: i64, today: Date) -> Result<(), TooSoon> {
    let Some(from) = since.map(|day| day.saturating_add(days.days())) else { return Ok(()) };
    if from <= today { Ok(()) } else { Err(TooSoon::Wait(from)) }
}

/// What is claimed, item by item (section 5 a(1)(3)).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Items {
    /// What is open of the invoice.
    pub principal: Cents,
    /// Late interest until the day of the letter, less what was paid of it.
    pub interest: Cents,
    /// Fees of what was sent before, less what was paid of them.
    pub earlier_fees: Cents,
    /// The fee of this one.
    pub fee: Cents,
}

impl Items {
    /// The items of a claim of which `paid` has been paid beyond the principal: the fees first, then the interest.
    #[must_use]
    pub fn of(principal: Cents, interest: &Interest, earlier_fees: Cents, fee: Cents, paid: Cents) -> Self {
        let of_fees = paid.0.clamp(0, earlier_fees.0);
        let of_interest = (paid.0 - of_fees).clamp(0, interest.total.0);
        Self {
            principal,
            interest: Cents(interest.total.0 - of_interest),
            earlier_fees: Cents(earlier_fees.0 - of_fees),
            fee,
        }
    }

    /// All of it.
    #[must_use]
    pub const fn total(&self) -> Cents {
        Cents(self.principal.0 + self.interest.0 + self.earlier_fees.0 + self.fee.0)
    }
}

#[cfg(test)]
#[path = "reminder_tests.rs"]
mod tests;

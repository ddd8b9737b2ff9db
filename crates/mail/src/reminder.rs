//! Reminders and payment demands: what they say, for a message and for a letter. A demand has all that section 5 a of the
//! Debt Collection Act 513/1999 asks for: creditor, basis, items, total, how and when to pay, and how to object.

use jiff::civil::Date;
use seloste_domain::format;
use seloste_domain::interest::{Debtor, Interest};
use seloste_domain::invoice::IssuedInvoice;
use seloste_domain::language::Language;
use seloste_domain::notice::Notice;
use seloste_domain::reminder::{Items, ReminderKind};
use seloste_domain::vat::Ratio;
use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthStr as _;

use crate::letter::{WIDTH, footer, greeting};
use crate::text::Texts;

/// What a reminder is made of.
#[derive(Clone, Debug)]
pub struct Reminding<'r> {
    /// Reminder or demand.
    pub kind: ReminderKind,
    /// The invoice.
    pub invoice: &'r IssuedInvoice,
    /// Consumer or business.
    pub debtor: Debtor,
    /// What is claimed.
    pub items: Items,
    /// The late interest and how it was counted.
    pub interest: &'r Interest,
    /// The rate of late interest today.
    pub rate: Ratio,
    /// The day of writing.
    pub today: Date,
    /// Until when to pay or to object.
    pub pay_by: Date,
}

/// What a reminder says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Said {
    /// The heading, or a message's subject.
    pub heading: String,
    /// The text before the items.
    pub intro: String,
    /// What the claim rests on: what, and which.
    pub basis: Vec<(String, String)>,
    /// The items: what, and how much; the last is all of it.
    pub items: Vec<(String, String)>,
    /// The headings of the items.
    pub columns: (String, String),
    /// How interest was counted, a line for each time.
    pub counted: Vec<String>,
    /// How, when and to whom to pay: what, and which.
    pub pay: Vec<(String, String)>,
    /// How to object, and what the law says.
    pub notes: Vec<String>,
}

fn percent(ratio: Ratio, language: Language) -> String {
    format!("{}\u{a0}%", format::scaled(ratio.0, 2, 0, language))
}

/// Writes a reminder in a language.
#[must_use]
pub fn write(reminding: &Reminding<'_>, notice: &Notice, language: Language) -> Said {
    let t = Texts(language);
    let (invoice, items) = (reminding.invoice, &reminding.items);
    let (money, date) = (|cents| format::money(cents, language), |day| format::date(day, language));
    let key = |what: &str| format!("{}-{what}", reminding.kind.as_str());
    let seller = format!("{} ({})", invoice.seller.name, invoice.seller.business_id);
    let mut claimed = vec![
        (t.with("reminder-principal", &[("number", &invoice.number)]), money(items.principal)),
        (t.with("reminder-interest", &[("until", &date(reminding.today))]), money(items.interest)),
    ];
    if items.earlier_fees.0 != 0 {
        claimed.push((t.get("reminder-earlier-fees"), money(items.earlier_fees)));
    }
    if items.fee.0 != 0 {
        claimed.push((t.get(&key("fee")), money(items.fee)));
    }
    claimed.push((t.get("reminder-total"), money(items.total())));
    let counted = reminding.interest.runs.iter().map(|run| {
        let (from, until) = (date(run.from), date(run.until));
        let (sum, rate) = (money(run.principal), percent(run.rate, language));
        t.with("reminder-run", &[("from", &from), ("until", &until), ("sum", &sum), ("rate", &rate)])
    });
    let contact = notice.contact();
    let reach = [contact.email.as_ref(), contact.phone.as_ref(), contact.address.as_ref()];
    let to = reach.into_iter().flatten().next().cloned().unwrap_or_default();
    let day = date(reminding.pay_by);
    let mut notes = vec![t.with("reminder-object", &[("day", &day), ("to", &to)])];
    if reminding.debtor == Debtor::Consumer {
        notes.push(t.get("reminder-suspend"));
    }
    notes.push(t.with("reminder-interest-goes-on", &[("rate", &percent(reminding.rate, language))]));
    if reminding.kind == ReminderKind::Demand {
        notes.push(t.get("demand-next"));
    }
    Said {
        heading: t.with(&key("heading"), &[("number", &invoice.number), ("company", &invoice.seller.name)]),
        intro: t.with(&key("intro"), &[("number", &invoice.number), ("due", &date(invoice.due)), ("day", &day)]),
        basis: vec![
            (t.get("reminder-creditor"), seller),
            (t.get("reminder-invoice"), format!("{}, {}", invoice.number, date(invoice.date))),
            (t.get("reminder-due"), date(invoice.due)),
        ],
        columns: (t.get("reminder-item"), t.get("reminder-amount")),
        items: claimed,
        counted: counted.collect(),
        pay: vec![
            (t.get("reminder-payee"), invoice.seller.name.clone()),
            (t.get("reminder-account"), format!("{} ({})", invoice.seller.iban.grouped(), invoice.seller.bic)),
            (t.get("reminder-reference"), invoice.payment_reference()),
            (t.get("reminder-pay-by"), day),
            (t.get("reminder-to-pay"), money(items.total())),
        ],
        notes,
    }
}

impl Said {
    /// The text of a message to `name`.
    #[must_use]
    pub fn message(&self, name: &str, notice: &Notice, language: Language) -> String {
        let pairs = |pairs: &[(String, String)]| {
            pairs.iter().map(|(what, which)| format!("{what}: {which}")).collect::<Vec<_>>().join("\n")
        };
        let row = |(what, sum): &(String, String)| {
            format!("{what}{}{sum}", " ".repeat(WIDTH.saturating_sub(what.width() + sum.width()).max(1)))
        };
        let mut parts = vec![
            format!("{}\n{}", greeting(name, language), self.intro),
            pairs(&self.basis),
            self.items.iter().map(row).collect::<Vec<_>>().join("\n"),
        ];
        if !self.counted.is_empty() {
            parts.push(self.counted.join("\n"));
        }
        parts.push(pairs(&self.pay));
        parts.extend(self.notes.iter().cloned());
        parts.push(footer(notice, language));
        parts.join("\n\n")
    }
}

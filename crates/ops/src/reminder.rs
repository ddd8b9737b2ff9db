//! Overdue invoices, and reminding of them: what is claimed, whether the law allows it now, what is written, and to whom.

use jiff::ToSpan as _;
use jiff::civil::Date;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{CompanyId, InvoiceId, MailId, OrganisationId, PartyId, PersonId, ReminderId};
use seloste_domain::interest::{
    Claim, Debtor, Interest, NoRate, Rates, ReferenceRate, late_interest, parse_rate, rate_on,
};
use seloste_domain::invoice::InvoiceKind;
use seloste_domain::language::Language;
use seloste_domain::limitation::{Break, Limitation, limitation};
use seloste_domain::mail::{Enclosure, Letter, Template};
use seloste_domain::money::{Cents, DecimalMark};
use seloste_domain::notice::Notice;
use seloste_domain::payment::Placing;
use seloste_domain::reminder::{DAYS_TO_PAY, Debt, FeeChoice, FeeReason, Items, ReminderKind, TooSoon};
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
pub use seloste_mail::reminder::Said;
use seloste_mail::reminder::{Reminding, write};
use seloste_store::collection::{Case, DebtEvent};
use seloste_store::invoice::Invoice;
use seloste_store::mail::NewMail;
use seloste_store::payment::Allocation;
pub use seloste_store::reminder::{Channel, Reminder};
use seloste_store::{Access, StoreError, Writing};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{OpsError, Result};
use crate::mail::Recipient;
use crate::person::not_found_is_logged;
use crate::register::Register;

/// Why a claim can not be reminded of, or not be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CollectionRefused {
    /// The law does not allow it now.
    #[error(transparent)]
    TooSoon(#[from] TooSoon),
    /// Late interest can not be counted.
    #[error(transparent)]
    NoRate(#[from] NoRate),
    /// The invoice was not sent, or is a credit note.
    #[error("there is no claim by this invoice")]
    NoClaim,
    /// What was shown is not what would be sent now.
    #[error("the claim has changed since it was shown")]
    Changed,
    /// Someone else handed it over.
    #[error("it was handed over for collection already")]
    HandedOver,
}

/// A claim with all that happened to it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The invoice.
    pub invoice: Invoice,
    /// As the rules see it.
    pub debt: Debt,
    /// What was sent, the oldest first.
    pub reminders: Vec<Reminder>,
    /// Disputes and the like, the oldest first.
    pub events: Vec<DebtEvent>,
    /// Cases at collection partners, the oldest first.
    pub cases: Vec<Case>,
    /// What paid it and its costs, the oldest first.
    pub parts: Vec<Allocation>,
    /// When it lapses.
    pub limitation: Limitation,
}

impl Standing {
    /// What is late interest counted from.
    #[must_use]
    pub fn claim(&self) -> Option<Claim> {
        let issued = self.invoice.issued()?;
        let balance = &self.invoice.balance;
        let paid = self.parts.iter().filter(|part| part.kind == Placing::Invoice);
        Some(Claim {
            debtor: self.debt.debtor,
            due: issued.due,
            principal: Cents(balance.gross.0.saturating_add(balance.credited.0)),
            payments: paid.map(|part| (part.paid_on, part.cents)).collect(),
            agreed: issued.seller.late_interest,
        })
    }

    /// What was paid of costs and interest.
    fn charges_paid(&self) -> Cents {
        Cents(self.parts.iter().filter(|part| part.kind == Placing::Charge).map(|part| part.cents.0).sum())
    }

    /// What is claimed on a day with a new fee, and how the interest was counted.
    ///
    /// # Errors
    /// No claim, or no reference rate.
    pub fn items(&self, rates: &Rates, fee: Cents, today: Date) -> Result<(Items, Interest), CollectionRefused> {
        let claim = self.claim().ok_or(CollectionRefused::NoClaim)?;
        let interest = late_interest(&claim, rates, today)?;
        let earlier = Cents(self.reminders.iter().map(|reminder| reminder.items.fee.0).sum());
        let items = Items::of(self.debt.open, &interest, earlier, fee, self.charges_paid());
        Ok((items, interest))
    }

    /// The case that a partner has.
    #[must_use]
    pub fn open_case(&self) -> Option<&Case> {
        self.cases.iter().find(|case| case.ended_on.is_none())
    }
}

/// Invoices with all that happened to them; what is no claim is left out.
pub(crate) fn standings(access: &mut impl Access, invoices: Vec<Invoice>) -> Result<Vec<Standing>, StoreError> {
    let ids: Vec<InvoiceId> = invoices.iter().map(|invoice| invoice.id).collect();
    let mut reminders = seloste_store::reminder::of(access, &ids)?;
    let mut events = seloste_store::collection::events(access, &ids)?;
    let mut cases = seloste_store::collection::cases(access, &ids)?;
    let mut parts = seloste_store::payment::of_invoices(access, &ids)?;
    let standing = |invoice: Invoice| {
        let issued = invoice.issued().filter(|_| invoice.kind == InvoiceKind::Invoice)?;
        let id = invoice.id;
        let reminders = reminders.remove(&id).unwrap_or_default();
        let events = events.remove(&id).unwrap_or_default();
        let cases = cases.remove(&id).unwrap_or_default();
        let parts = parts.remove(&id).unwrap_or_default();
        let debtor = Debtor::of(invoice.organisation.is_some(), issued.buyer.business_id.is_some());
        let debt = Debt {
            debtor,
            invoiced: issued.date,
            due: issued.due,
            open: invoice.balance.open(),
            sent: reminders.iter().map(Reminder::sent).collect(),
            stopped: events.iter().any(DebtEvent::stops),
            handed_over: cases.iter().any(|case| case.ended_on.is_none()),
        };
        let breaks = breaks(&reminders, &events, &parts);
        let limitation = limitation(issued.due, debtor == Debtor::Consumer, &breaks);
        Some(Standing { debt, reminders, events, cases, parts, limitation, invoice })
    };
    Ok(invoices.into_iter().filter_map(standing).collect())
}

fn breaks(reminders: &[Reminder], events: &[DebtEvent], parts: &[Allocation]) -> Vec<(Date, Break)> {
    use seloste_domain::collection::DebtEventKind;
    let mut breaks: Vec<(Date, Break)> = reminders.iter().map(|reminder| (reminder.sent_on, Break::Reminder)).collect();
    breaks.extend(events.iter().filter_map(|event| match event.kind {
        DebtEventKind::Acknowledgement => Some((event.happened_on, Break::Acknowledgement)),
        DebtEventKind::Judgment => Some((event.happened_on, Break::Judgment)),
        DebtEventKind::Dispute | DebtEventKind::Suspension => None,
    }));
    breaks.extend(parts.iter().filter(|part| part.cents.0 > 0).map(|part| (part.paid_on, Break::Payment)));
    breaks
}

/// One claim, in a view or a change.
pub(crate) fn standing(access: &mut impl Access, id: InvoiceId) -> Result<Standing, StoreError> {
    let invoice = seloste_store::invoice::get(access, id)?;
    let found = standings(access, vec![invoice])?.pop();
    found.ok_or_else(|| OpsError::from(CollectionRefused::NoClaim).into_store())
}

/// A reference rate that was entered here, by whom and when.
pub type EnteredRate = (ReferenceRate, String, jiff::Timestamp);

/// The reference rates in use, and those of them that were entered here.
///
/// # Errors
/// The actor may not.
pub fn rates(register: &Register, actor: &Actor) -> Result<(Rates, Vec<EnteredRate>)> {
    register.authorize(actor, Action::ReminderList)?;
    let own = register.db().look(seloste_store::reminder::rates)?;
    Ok((in_use(&own), own))
}

fn in_use(own: &[(ReferenceRate, String, jiff::Timestamp)]) -> Rates {
    Rates::with(&own.iter().map(|(rate, ..)| *rate).collect::<Vec<_>>())
}

/// The reference rates that are counted by: the known ones and the register's own. Not personal data.
///
/// # Errors
/// The database can not be read.
pub fn rates_in_use(register: &Register) -> Result<Rates> {
    Ok(in_use(&register.db().look(seloste_store::reminder::rates)?))
}

/// Adds or corrects the reference rate of a half-year, from the European Central Bank's rate.
///
/// # Errors
/// The actor may not, or a field is wrong.
pub fn set_rate(
    register: &Register,
    actor: &Actor,
    (from, bank_rate): (&str, &str),
    mark: DecimalMark,
) -> Result<ReferenceRate> {
    let usage = register.authorize(actor, Action::InterestChange)?;
    let rate = parse_rate(from, bank_rate, mark).map_err(FieldErrors::from)?;
    register.db().write(&usage, move |w| seloste_store::reminder::set_rate(w, rate))?;
    Ok(rate)
}

/// A page of overdue invoices, those that were due first first.
#[derive(Clone, Debug)]
pub struct Overdue {
    /// Its rows.
    pub rows: Vec<Standing>,
    /// Whether there is a page after it.
    pub has_next: bool,
}

/// A page of overdue invoices with all that happened to them.
///
/// # Errors
/// The actor may not.
pub fn overdue(
    register: &Register,
    actor: &Actor,
    company: Option<&CompanyId>,
    after: Option<(Date, InvoiceId)>,
    limit: usize,
) -> Result<Overdue> {
    let usage = register.authorize(actor, Action::ReminderList)?;
    let today = register.today();
    let asked = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = register.db().read(&usage, |r| {
        let invoices = seloste_store::invoice::overdue(r, (company, today), after, asked)?;
        standings(r, invoices)
    })?;
    let has_next = rows.len() > limit;
    rows.truncate(limit);
    Ok(Overdue { rows, has_next })
}

/// One claim with all that happened to it.
///
/// # Errors
/// The actor may not, or there is no such invoice within their companies, or no claim by it.
pub fn show(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Standing> {
    let usage = register.authorize(actor, Action::ReminderList)?;
    let shown = register.db().read(&usage, |r| standing(r, id));
    not_found_is_logged(register, actor, Action::ReminderList, &format!("invoice:{id}"), shown)
}

/// What to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// Reminder or demand.
    pub kind: ReminderKind,
    /// Which fee.
    pub fee: FeeChoice,
    /// How; none: by e-mail where there is an address, else on paper.
    pub channel: Option<Channel>,
}

/// What was or would be written, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// What it says.
    pub said: Said,
    /// The recipient's name.
    pub name: String,
    /// The e-mail address, or empty.
    pub email: String,
    /// The rows of the envelope.
    pub envelope: Vec<String>,
    /// The day of writing.
    pub date: Date,
    /// The company that claims, as it signs.
    pub company: String,
}

/// A reminder as it would be sent.
#[derive(Clone, Debug)]
pub struct Preview {
    /// What was asked for.
    pub asked: Asked,
    /// The claim.
    pub standing: Standing,
    /// What it would claim.
    pub items: Items,
    /// Why its fee is what it is.
    pub fee_reason: FeeReason,
    /// Until when it would ask to pay.
    pub pay_by: Date,
    /// Its language.
    pub language: Language,
    /// How it would go.
    pub channel: Channel,
    /// What it would say.
    pub written: Written,
    /// Names all of it: what is sent later is refused when it is not the same.
    pub seen: String,
    owner: Option<PartyId>,
}

fn recipient(invoice: &Invoice) -> Option<Recipient> {
    let organisation = |id: OrganisationId| Recipient::Organisation(id);
    let person = |id: PersonId| Recipient::Person(id);
    invoice.organisation.map(organisation).or_else(|| invoice.person.map(person))
}

fn written(
    access: &mut impl Access,
    (notice, rates, today): (&Notice, &Rates, Date),
    asked: Asked,
) -> Result<Preview, StoreError> {
    let refused = |why: CollectionRefused| OpsError::from(why).into_store();
    let standing = standing(access, asked.invoice)?;
    standing.debt.may_send(asked.kind, today).map_err(|why| refused(why.into()))?;
    let issued = standing.invoice.issued().ok_or_else(|| refused(CollectionRefused::NoClaim))?.clone();
    let (fee, fee_reason) = standing.debt.fee(asked.kind, asked.fee, today);
    let (items, interest) = standing.items(rates, fee, today).map_err(refused)?;
    let rate = rate_on(rates, standing.debt.debtor, issued.seller.late_interest, today);
    let rate = rate.map_err(|why| refused(why.into()))?;
    let to = recipient(&standing.invoice);
    let (mut name, mut email, mut language) = (issued.buyer.name.clone(), String::new(), issued.language);
    if let Some(to) = to
        && let Some(found) = crate::mail::reachable(access, to, today)?
    {
        name = if found.name.is_empty() { name } else { found.name };
        email = found.address.unwrap_or_default();
        language = found.language.unwrap_or(language);
    }
    let envelope = match to.map(|to| crate::letter::envelope(access, to, today)) {
        Some(Ok(rows)) => rows,
        // No address on the card, or none that may be seen: that of the invoice, unless it is hidden too.
        _ if !issued.buyer.address.is_masked() => issued.buyer.address.envelope(&[issued.buyer.name.as_str()]),
        _ => Vec::new(),
    };
    let channel = asked.channel.unwrap_or(if email.is_empty() { Channel::Letter } else { Channel::Email });
    if channel == Channel::Email && email.is_empty() {
        return Err(OpsError::from(crate::mail::MailRefused::NoAddress).into_store());
    }
    if channel == Channel::Letter && envelope.is_empty() {
        return Err(crate::letter::no_address().into_store());
    }
    let pay_by = today.saturating_add(DAYS_TO_PAY.days());
    let reminding = Reminding {
        kind: asked.kind,
        invoice: &issued,
        debtor: standing.debt.debtor,
        items,
        interest: &interest,
        rate,
        today,
        pay_by,
    };
    let said = write(&reminding, notice, language);
    let written = Written { said, name, email, envelope, date: today, company: issued.seller.name.clone() };
    let json = serde_json::to_vec(&written).map_err(|_| StoreError::Corrupt("a reminder".into()))?;
    let seen = hex::encode(Sha256::digest(&json));
    let owner = to.map(Recipient::party);
    Ok(Preview { asked, standing, items, fee_reason, pay_by, language, channel, written, seen, owner })
}

/// What a reminder would say, and to whom.
///
/// # Errors
/// The actor may not, there is no such claim within their companies, the law does not allow it now, no reference rate is
/// known, or there is no address.
pub fn preview(register: &Register, actor: &Actor, asked: Asked) -> Result<Preview> {
    let usage = register.authorize(actor, Action::ReminderSend)?;
    let (notice, rates, today) = (register.notice()?, rates_in_use(register)?, register.today());
    let read = register.db().read(&usage, |r| written(r, (&notice, &rates, today), asked));
    not_found_is_logged(register, actor, Action::ReminderSend, &format!("invoice:{}", asked.invoice), read)
}

/// Sends a reminder: queues its message, or notes that a letter was written, and what it claims. `seen` is that of the
/// preview; none: whatever it is now. The enclosures go with a message.
///
/// # Errors
/// As [`preview`]; or it would say something else than what was shown.
pub fn send(
    register: &Register,
    actor: &Actor,
    asked: Asked,
    seen: Option<&str>,
    enclosures: &[Enclosure],
) -> Result<ReminderId> {
    send_on(register, actor, (asked, register.today()), seen, enclosures)
}

/// The same as on a day: the demo's reminders are as old as its debts.
pub(crate) fn send_on(
    register: &Register,
    actor: &Actor,
    (asked, today): (Asked, Date),
    seen: Option<&str>,
    enclosures: &[Enclosure],
) -> Result<ReminderId> {
    let usage = register.authorize(actor, Action::ReminderSend)?;
    let (notice, rates) = (register.notice()?, rates_in_use(register)?);
    let (seen, enclosures) = (seen.map(str::to_owned), enclosures.to_vec());
    let enclosed = crate::mail::enclosed(&enclosures)?;
    let sent = register.db().write(&usage, move |w| {
        let preview = written(w, (&notice, &rates, today), asked)?;
        if seen.as_ref().is_some_and(|seen| *seen != preview.seen) {
            return Err(OpsError::from(CollectionRefused::Changed).into_store());
        }
        let mail = match (preview.channel, preview.owner) {
            (Channel::Email, Some(owner)) => {
                Some(queue(w, &notice, &preview, owner, (enclosed.clone(), enclosures.clone()))?)
            }
            _ => None,
        };
        note(w, &preview, mail, today)
    });
    not_found_is_logged(register, actor, Action::ReminderSend, &format!("invoice:{}", asked.invoice), sent)
}

fn queue(
    w: &mut Writing<'_, '_>,
    notice: &Notice,
    preview: &Preview,
    owner: PartyId,
    (enclosed, enclosures): (Vec<seloste_domain::mail::Enclosed>, Vec<Enclosure>),
) -> Result<MailId, StoreError> {
    let written = &preview.written;
    let id = MailId(w.env().id());
    let new = NewMail {
        id,
        owner,
        company: preview.standing.invoice.company.clone(),
        order: None,
        template: Template::Reminder,
        language: preview.language,
        letter: Letter {
            to: written.email.clone(),
            name: written.name.clone(),
            subject: written.said.heading.clone(),
            body: written.said.message(&written.name, notice, preview.language),
            enclosed,
            parties: vec![owner],
        },
        enclosures,
    };
    seloste_store::mail::queue(w, &new)?;
    Ok(id)
}

fn note(
    w: &mut Writing<'_, '_>,
    preview: &Preview,
    mail: Option<MailId>,
    today: Date,
) -> Result<ReminderId, StoreError> {
    let invoice = &preview.standing.invoice;
    let told = serde_json::to_vec(&preview.written).map_err(|_| StoreError::Corrupt("a reminder".into()))?;
    let reminder = Reminder {
        id: ReminderId(w.env().id()),
        invoice: invoice.id,
        company: invoice.company.clone(),
        kind: preview.asked.kind,
        channel: preview.channel,
        language: preview.language,
        sent_on: today,
        pay_by: preview.pay_by,
        items: preview.items,
        fee_reason: preview.fee_reason,
        mail,
        owner: preview.owner,
        entered_by: w.usage().actor().to_string(),
        created_at: w.usage().at(),
    };
    let subjects = [invoice.person.map(|id| id.0), invoice.organisation.map(|id| id.0)].into_iter().flatten().collect();
    seloste_store::reminder::insert(w, &reminder, &told, subjects)?;
    Ok(reminder.id)
}

/// A reminder that was sent, with what it said; none when it is forgotten.
///
/// # Errors
/// The actor may not, or there is none within their companies.
pub fn sent(register: &Register, actor: &Actor, id: ReminderId) -> Result<(Reminder, Option<Written>)> {
    let usage = register.authorize(actor, Action::ReminderList)?;
    let shown = register.db().read(&usage, |r| {
        let reminder = seloste_store::reminder::get(r, id)?;
        let json = seloste_store::reminder::told(r, &reminder)?;
        let written = json.map(|json| serde_json::from_slice(&json)).transpose();
        Ok((reminder, written.map_err(|_| StoreError::Corrupt("a reminder".into()))?))
    });
    not_found_is_logged(register, actor, Action::ReminderList, &format!("reminder:{id}"), shown)
}

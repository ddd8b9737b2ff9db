//! What a draft would be if it were sent now: shown before it gets its number.

use jiff::ToSpan as _;
use jiff::civil::Date;
use seloste_domain::billing::Seller;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::InvoiceId;
use seloste_domain::invoice::{self, Corrected, Issue, IssuedInvoice, ValidInvoice};
use seloste_domain::money::Cents;
use seloste_domain::rights::Action;
use seloste_domain::usage::Actor;
use seloste_domain::vat::PastPeriod;
use seloste_store::StoreError;

use super::{Content, Invoice, InvoiceRefused};
use crate::error::Result;
use crate::person::not_found_is_logged;
use crate::register::Register;

/// What a draft would be if it were sent now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The draft as it is stored.
    pub invoice: Invoice,
    /// What it says.
    pub draft: ValidInvoice,
    /// The day until which it would have to be paid.
    pub due: Option<Date>,
    /// Who sells.
    pub seller: Option<Seller>,
    /// What a credit note takes back, and how much of it is left.
    pub corrects: Option<(InvoiceId, Corrected, Cents)>,
    /// Fields for which it can not be sent.
    pub problems: FieldErrors,
    /// What else stands in the way.
    pub refused: Option<InvoiceRefused>,
    /// The tax belongs to a period that is over.
    pub past_period: Option<PastPeriod>,
    /// The invoice without a number, as it would be printed.
    pub issued: Option<IssuedInvoice>,
}

/// What a draft would be if it were sent now. Nothing is stored and no number is taken.
///
/// # Errors
/// The actor may not, there is none within their companies, or it is no draft.
pub fn preview(register: &Register, actor: &Actor, id: InvoiceId) -> Result<Preview> {
    let usage = register.authorize(actor, Action::InvoiceShow)?;
    let (notice, today) = (register.notice()?, register.today());
    let read = register.db().read(&usage, |r| {
        let invoice = seloste_store::invoice::get(r, id)?;
        let original = invoice.corrects.map(|id| seloste_store::invoice::get(r, id)).transpose()?;
        Ok((invoice, original))
    });
    let (invoice, original) =
        not_found_is_logged(register, actor, Action::InvoiceShow, &format!("invoice:{id}"), read)?;
    let draft = match &invoice.content {
        Content::Draft(draft) => (**draft).clone(),
        Content::Sent(_) => return Err(InvoiceRefused::Sent.into()),
        Content::Mirrored(_) => return Err(InvoiceRefused::Mirrored.into()),
    };
    let corrects = original.as_ref().and_then(|original| {
        let issued = original.issued()?;
        let left = Cents(original.balance.gross.0.saturating_add(original.balance.credited.0));
        Some((original.id, Corrected { number: issued.number.clone(), date: issued.date }, left))
    });
    let declared = notice.company(&invoice.company).ok_or(StoreError::NotFound("company"))?;
    let billing = register.db().look(|tx| seloste_store::invoice::billing(tx, &invoice.company))?;
    let refused = match (&declared.business_id, &billing) {
        (None, _) => Some(InvoiceRefused::NoBusinessId),
        (_, None) => Some(InvoiceRefused::NoBilling),
        _ => None,
    };
    let known = declared.business_id.clone().zip(billing.map(|(billing, _)| billing));
    let seller = known.map(|(id, billing)| (billing.seller(&declared.name, id), billing));
    // Any reference stands for the one that it will get.
    let reference = invoice::reference(today.year(), 1);
    let reference = reference.map_err(|_| StoreError::Corrupt("a reference".into()))?;
    let outcome = seller.as_ref().map(|(seller, billing)| {
        let corrected = corrects.as_ref().map(|(_, corrected, _)| corrected.clone());
        let at = Issue { number: String::new(), reference, date: today, corrects: corrected };
        draft.issue(seller, billing, at, corrects.as_ref().map(|(_, _, left)| *left))
    });
    let (issued, problems) = match outcome {
        Some(Ok(issued)) => (Some(issued), FieldErrors::default()),
        Some(Err(errors)) => (None, errors),
        None => (None, FieldErrors::default()),
    };
    let days = draft.payment_days.or(seller.as_ref().map(|(_, billing)| billing.payment_days));
    let due = days.and_then(|days| today.checked_add(i32::from(days).days()).ok());
    let past_period = draft.delivered_on.and_then(|day| PastPeriod::of(day, today)).filter(|_| draft.totals.vat.0 != 0);
    let seller = seller.map(|(seller, _)| seller);
    Ok(Preview { invoice, draft, due, seller, corrects, problems, refused, past_period, issued })
}

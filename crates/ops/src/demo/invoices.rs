//! The demo's invoices over the last years: two companies invoice here, the third in an accounting system whose file is
//! read.

use std::sync::atomic::AtomicBool;

use jiff::ToSpan as _;
use jiff::civil::Date;
use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::DraftAddress;
use seloste_domain::id::{CompanyId, InvoiceId};
use seloste_domain::invoice::InvoiceDraft;
use seloste_domain::money::DecimalMark;
use seloste_domain::order::{Order, OrderState};
use seloste_domain::vat::rates_on;

use super::fixtures::chance;
use super::{Demo, unwritable};
use crate::error::Result;
use crate::import::{self, Noun, Request};
use crate::invoice;

/// Of so many orders one is invoiced in the demo: a few hundred of the usual size.
const ONE_OF: usize = 12;
/// Most of them, however large the demo is.
const MOST: usize = 500;
/// How far back invoices go, in days.
const BACK: i32 = 900;

/// Drafts that are left.
const DRAFTS: usize = 6;

/// An order that is invoiced on a day.
struct Due<'o> {
    order: &'o Order,
    on: Date,
}

impl Demo {
    /// Invoices some of the orders, in the order of their days, so that numbers follow them.
    pub(super) fn invoices(&mut self, orders: &[Order]) -> Result<()> {
        let today = self.register.today();
        let companies = self.companies.clone();
        // The last company of the group invoices elsewhere, when there are several.
        let elsewhere = companies.last().filter(|_| companies.len() > 1).cloned();
        for (place, company) in companies.iter().enumerate().filter(|(_, company)| elsewhere.as_ref() != Some(company))
        {
            let company: CompanyId = company.parse().map_err(|_| seloste_store::StoreError::NotFound("company"))?;
            invoice::set_billing(&self.register, &self.by, &company, 0, &billing(place))?;
        }
        let mut due: Vec<Due<'_>> = orders.iter().filter_map(|order| due_of(order, today)).collect();
        due.sort_by_key(|due| (due.on, due.order.number.clone()));
        let wanted = (orders.len() / ONE_OF).clamp(1, MOST);
        let skip = (due.len() / wanted).max(1);
        let chosen: Vec<&Due<'_>> = due.iter().step_by(skip).collect();
        let is_elsewhere = |due: &Due<'_>| elsewhere.as_deref() == Some(due.order.company.as_str());
        // The newest of those that are invoiced here wait to be looked at.
        let own = chosen.iter().filter(|due| !is_elsewhere(due)).count();
        let (mut rows, mut place) = (String::new(), 0);
        for due in chosen {
            if is_elsewhere(due) {
                rows.push_str(&self.row_elsewhere(due, today)?);
            } else {
                place += 1;
                self.invoice(due, place, place + DRAFTS > own)?;
            }
        }
        match elsewhere {
            Some(company) if !rows.is_empty() => self.mirror(&company, &rows),
            _ => Ok(()),
        }
    }

    fn invoice(&mut self, due: &Due<'_>, place: usize, waits: bool) -> Result<()> {
        let order = due.order;
        let known = invoice::of_customer(&self.register, &self.by, order.person, order.organisation)?;
        if known.address == DraftAddress::default() {
            return Ok(());
        }
        let draft = InvoiceDraft {
            buyer_name: known.buyer_name,
            buyer_contact: known.buyer_contact,
            business_id: known.business_id,
            address: known.address,
            language: known.language,
            payment_days: if known.organisation.is_some() { "30".into() } else { String::new() },
            ..InvoiceDraft::of_order(order, DecimalMark::Point)
        };
        let id = invoice::create(&self.register, &self.by, &draft)?;
        if waits {
            return Ok(());
        }
        invoice::send_on(&self.register, &self.by, id, 1, due.on)?;
        if place % 19 == 7 {
            let whole = chance(&mut self.rng, 50);
            self.credit(id, due.on, whole)?;
        }
        Ok(())
    }

    /// Takes an invoice back on the day on which it was sent, whole or its first line.
    fn credit(&mut self, id: InvoiceId, on: Date, whole: bool) -> Result<()> {
        let note = invoice::credit(&self.register, &self.by, id)?;
        let mut version = 1;
        if !whole && let invoice::Content::Draft(valid) = invoice::show(&self.register, &self.by, note)?.content {
            let mut draft = valid.draft(DecimalMark::Point);
            draft.lines.truncate(1);
            version = invoice::change(&self.register, &self.by, note, 1, &draft)?;
        }
        invoice::send_on(&self.register, &self.by, note, version, on).map(drop)
    }

    /// A row of the accounting system's file.
    fn row_elsewhere(&mut self, due: &Due<'_>, today: Date) -> Result<String> {
        let Some(person) = due.order.person else { return Ok(String::new()) };
        let number = crate::person::show(&self.register, &self.by, person)?.person;
        let Some(number) = number.customer_number(today).map(str::to_owned) else { return Ok(String::new()) };
        let pay_by = due.on.saturating_add(14.days());
        let gross = due.order.totals.gross;
        // Most are paid by their day or a little later.
        let late = i64::from(today.since(pay_by).map_or(0, |span| span.get_days()));
        let (open, state) = match late {
            _ if chance(&mut self.rng, 4) => (0, "hyvitetty"),
            ..0 if chance(&mut self.rng, 70) => (gross.0, "avoin"),
            0..60 if chance(&mut self.rng, 30) => (gross.0, "erääntynyt"),
            60.. if chance(&mut self.rng, 5) => (gross.0 / 2, "erääntynyt"),
            _ => (0, "maksettu"),
        };
        let open = seloste_domain::money::Cents(open);
        let order = &due.order.number;
        Ok(format!("P-{order};{};{pay_by};{gross};{open};{state};{number}\n", due.on))
    }

    fn mirror(&self, company: &str, rows: &str) -> Result<()> {
        let notice = self.register.notice()?;
        let wanted = notice.sources().iter().find(|source| source.id.as_str() == "subcontractor");
        let Some(source) = wanted.or(notice.sources().first()) else { return Ok(()) };
        let text = format!("laskunumero;laskupäivä;eräpäivä;summa;avoinna;tila;asiakasnumero\n{rows}");
        let file = self.register.db().settings().data.join("demo-invoices.csv");
        std::fs::write(&file, text).map_err(|error| unwritable(&file, &error))?;
        let request = Request {
            company: company.parse().ok(),
            file_name: Some("reskontra.csv".into()),
            past_periods: true,
            ..Request::new(Noun::Invoices, &file, source.id.clone())
        };
        let told = import::run(&self.register, &self.by, &request, &|_| (), &AtomicBool::new(false));
        std::fs::remove_file(&file).map_err(|error| unwritable(&file, &error))?;
        told.map(drop)
    }
}

/// When an order is invoiced: three days after its delivery, when its rates were those of its own day still.
fn due_of(order: &Order, today: Date) -> Option<Due<'_>> {
    let was_delivered = matches!(order.state, OrderState::Delivered | OrderState::Invoiced | OrderState::Archived)
        && order.totals.gross.0 > 0;
    let delivered = order.delivered_on.filter(|_| was_delivered)?;
    let on = delivered.saturating_add(3.days());
    let fits = on <= today
        && on >= today.saturating_sub(BACK.days())
        && rates_on(delivered) == rates_on(order.ordered_on)
        && on.year() == delivered.year();
    fits.then_some(Due { order, on })
}

fn billing(place: usize) -> BillingDraft {
    const IBANS: [&str; 2] = ["FI21 1234 5600 0007 85", "FI79 4405 2020 0360 82"];
    BillingDraft {
        vat_registered: true,
        address: DraftAddress {
            street: format!("Esimerkkikatu {}", place + 1),
            postal_code: "00100".into(),
            town: "Helsinki".into(),
            ..DraftAddress::default()
        },
        email: "laskutus@arjasmaa.example.com".into(),
        telephone: "09 1234 5678".into(),
        iban: IBANS[place % IBANS.len()].into(),
        bic: "NDEAFIHH".into(),
        electronic_address: String::new(),
        electronic_operator: String::new(),
        reference_form: String::new(),
        payment_days: "14".into(),
        late_interest: String::new(),
    }
}

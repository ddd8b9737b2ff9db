//! A customer of the demonstration who may want to leave: an open invoice, a case at a collection partner that has ended, a
//! letter, and three partners that have received something.

use jiff::ToSpan as _;
use seloste_domain::collection::CollectionState;
use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::id::{InvoiceId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_domain::kind::Kind;
use seloste_domain::letter::LetterDraft;
use seloste_domain::money::DecimalMark;
use seloste_domain::payment::PaymentDraft;
use seloste_domain::person::PersonDraft;
use seloste_domain::reminder::{FeeChoice, ReminderKind};
use seloste_domain::usage::Actor;

use super::partners::give;
use crate::error::Result;
use crate::mail::Recipient;
use crate::register::Register;
use crate::reminder::{Asked, Channel};
use crate::{collection, invoice, letter, partner, payment, person, reminder};

/// How many days ago the invoice that was collected was sent, and how many ago its reminder.
const COLLECTED: (i32, i32) = (120, 40);

fn address() -> DraftAddress {
    let street = "Lähtökatu 3".to_owned();
    DraftAddress { street, postal_code: "33100".into(), town: "Tampere".into(), ..DraftAddress::default() }
}

/// Adds them. `company` invoices here.
///
/// # Errors
/// The register can not be written.
pub(super) fn make(register: &Register, by: &Actor, company: &str) -> Result<()> {
    let draft = PersonDraft {
        given: "Eila".into(),
        family: "Lähtijä".into(),
        language: "fi".into(),
        emails: vec![DraftText::new("eila@lahtija.example.com")],
        telephones: vec![DraftText::new("050 555 0199")],
        addresses: vec![address()],
        companies: vec![company.into()],
        ..PersonDraft::default()
    };
    let source = register.notice()?.sources().first().map(|source| source.id.clone());
    let source = source.ok_or(seloste_store::StoreError::NotFound("source"))?;
    let id = person::create(register, by, &draft, &source)?;
    collected(register, by, (id, company))?;
    invoiced(register, by, (id, company), 3)?;
    let draft = LetterDraft {
        company: company.into(),
        language: "fi".into(),
        heading: "Vastaus kysymykseesi".into(),
        body: "Tilauksesi toimitettiin sovittuna päivänä.".into(),
        closing: "Ystävällisin terveisin".into(),
        signatory: "Aino Esimerkki".into(),
    };
    letter::write(register, by, Recipient::Person(id), &draft, true)?;
    let given: [(&str, &'static str, &[Kind]); 2] = [
        ("Esimerkkipaino Oy", "directories", &[Kind::Name, Kind::PostalAddress]),
        ("Pilvipuu Ohjelmistot Oy", "customer_relationship", &[Kind::Name, Kind::Email]),
    ];
    let partners = partner::list(register, by)?;
    for (name, purpose, kinds) in given {
        if let Some(partner) = partners.iter().find(|partner| partner.name == name) {
            give(register, by, (partner.id, purpose), &[id], kinds)?;
        }
    }
    Ok(())
}

/// An invoice that was sent some days ago.
fn invoiced(register: &Register, by: &Actor, (person, company): (PersonId, &str), days: i32) -> Result<InvoiceId> {
    let line = InvoiceLineDraft {
        description: "Puutarhasakset".into(),
        quantity: "1".into(),
        unit_price: "49.90".into(),
        treatment: "zero_rated".into(),
        ..InvoiceLineDraft::default()
    };
    let draft = InvoiceDraft {
        company: company.into(),
        person: Some(person),
        buyer_name: "Eila Lähtijä".into(),
        address: address(),
        lines: vec![line],
        decimal_mark: DecimalMark::Point,
        ..InvoiceDraft::default()
    };
    let id = invoice::create(register, by, &draft)?;
    invoice::send_on(register, by, id, 1, register.today().saturating_sub(days.days()))?;
    Ok(id)
}

/// An invoice that was collected and is paid.
fn collected(register: &Register, by: &Actor, whose: (PersonId, &str)) -> Result<()> {
    let today = register.today();
    let partners = partner::list(register, by)?;
    let Some(agency) = partners.iter().find(|partner| partner.under.to_string() == "recipient:collection_agency")
    else {
        return Ok(());
    };
    let id = invoiced(register, by, whose, COLLECTED.0)?;
    let asked =
        Asked { invoice: id, kind: ReminderKind::Reminder, fee: FeeChoice::Legal, channel: Some(Channel::Letter) };
    reminder::send_on(register, by, (asked, today.saturating_sub(COLLECTED.1.days())), None, &[])?;
    let handed = collection::hand_over(register, by, id, agency.id)?;
    let sent = invoice::show(register, by, id)?;
    let draft = PaymentDraft {
        company: whose.1.into(),
        paid_on: today.to_string(),
        amount: sent.balance.open().to_string(),
        reference: sent.issued().map(|issued| issued.reference.as_str().to_owned()).unwrap_or_default(),
        payer: "Eila Lähtijä".into(),
        decimal_mark: DecimalMark::Point,
    };
    payment::enter(register, by, &draft)?;
    collection::end(register, by, handed.case, 1, CollectionState::Closed).map(drop)
}

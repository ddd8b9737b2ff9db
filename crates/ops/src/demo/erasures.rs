//! Two people of the demonstration who were erased: of one an invoice stays, of the other nothing.

use seloste_domain::draft::{DraftAddress, DraftText};
use seloste_domain::id::PersonId;
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_domain::money::DecimalMark;
use seloste_domain::person::PersonDraft;
use seloste_domain::usage::Actor;

use crate::error::Result;
use crate::register::Register;
use crate::{canary, erasure, invoice, person};

fn enter(register: &Register, by: &Actor, company: &str, given: &str) -> Result<PersonId> {
    let draft = PersonDraft {
        given: given.into(),
        family: "Poistettava".into(),
        emails: vec![DraftText::new(format!("{}@poistettava.example.com", given.to_lowercase()))],
        addresses: vec![address()],
        companies: vec![company.into()],
        ..PersonDraft::default()
    };
    let notice = register.notice()?;
    let source = notice.sources().first().map(|source| source.id.clone());
    person::create(register, by, &draft, &source.ok_or(seloste_store::StoreError::NotFound("source"))?)
}

fn address() -> DraftAddress {
    let street = "Unohduksentie 1".to_owned();
    DraftAddress { street, postal_code: "00100".into(), town: "Helsinki".into(), ..DraftAddress::default() }
}

/// Erases them, and plants the canaries. `company` invoices here.
pub(super) fn make(register: &Register, by: &Actor, company: &str) -> Result<()> {
    let (whole, partial) = (enter(register, by, company, "Ilpo")?, enter(register, by, company, "Vuokko")?);
    let line = InvoiceLineDraft {
        description: "Kumisaapas".into(),
        quantity: "2".into(),
        unit_price: "39.90".into(),
        treatment: "zero_rated".into(),
        ..InvoiceLineDraft::default()
    };
    let draft = InvoiceDraft {
        company: company.into(),
        person: Some(partial),
        buyer_name: "Vuokko Poistettava".into(),
        address: address(),
        lines: vec![line],
        decimal_mark: DecimalMark::Point,
        ..InvoiceDraft::default()
    };
    let id = invoice::create(register, by, &draft)?;
    invoice::send(register, by, id, 1)?;
    for person in [whole, partial] {
        let version = erasure::plan(register, by, person)?.version();
        let done = erasure::erase(register, by, person, &version, true)?;
        erasure::receipt(register, by, done.erasure, done.step)?;
    }
    canary::run(register, by, canary::LIFE).map(drop)
}

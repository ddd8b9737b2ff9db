//! Invoices (*laskut*) and credit notes (*hyvityslaskut*).
//!
//! Cents are rounded in three places only, all here and in [`crate::order`]: a line's sum ([`InvoiceLine::net`]), the
//! tax of all lines of one rate and treatment ([`InvoiceTotals::of`]), and nothing else: totals are plain sums of those.
//! PDF, Finvoice and UBL print these sums and count nothing anew.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::barcode::BankBarcode;
use crate::billing::{ElectronicAddress, ReferenceForm, Seller};
use crate::business_id::BusinessId;
pub use crate::invoice_draft::{InvoiceDraft, InvoiceLineDraft, Issue, ValidInvoice};
use crate::language::Language;
use crate::money::{Cents, TooLarge};
use crate::order::{Quantity, UnitPrice, line_net, tax_of};
pub use crate::order_draft::MAX_LINES;
use crate::reference::{NotAReference, Reference};
use crate::vat::{Ratio, Treatment};
use crate::word::words;

words! {
    /// An invoice or what takes one back.
    #[derive(Default)]
    InvoiceKind {
        /// Something is to be paid.
        #[default]
        Invoice = "invoice",
        /// An invoice, or a part of it, is taken back (Act 1501/1993 section 209 f). Its sums are negative.
        CreditNote = "credit_note",
    }
}

words! {
    /// A unit in which things are counted, of UN/ECE Recommendation 20.
    #[derive(Default)]
    Unit {
        /// Pieces.
        #[default]
        Piece = "piece",
        /// Hours.
        Hour = "hour",
        /// Days.
        Day = "day",
        /// Months.
        Month = "month",
        /// Kilograms.
        Kilogram = "kilogram",
        /// Litres.
        Litre = "litre",
        /// Metres.
        Metre = "metre",
        /// Square metres.
        SquareMetre = "square_metre",
        /// Cubic metres.
        CubicMetre = "cubic_metre",
        /// Kilometres.
        Kilometre = "kilometre",
        /// Kilowatt hours.
        KilowattHour = "kilowatt_hour",
        /// Packages.
        Package = "package",
    }
}

impl Unit {
    /// The code of UN/ECE Recommendation 20.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Piece => "H87",
            Self::Hour => "HUR",
            Self::Day => "DAY",
            Self::Month => "MON",
            Self::Kilogram => "KGM",
            Self::Litre => "LTR",
            Self::Metre => "MTR",
            Self::SquareMetre => "MTK",
            Self::CubicMetre => "MTQ",
            Self::Kilometre => "KMT",
            Self::KilowattHour => "KWH",
            Self::Package => "XPK",
        }
    }

    /// As it is written beside a quantity.
    #[must_use]
    pub const fn symbol(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Piece, Language::Fi) => "kpl",
            (Self::Piece, Language::Sv) => "st",
            (Self::Piece, Language::En) => "pcs",
            (Self::Hour, _) => "h",
            (Self::Day, Language::Fi) => "pv",
            (Self::Day, Language::Sv) => "dag",
            (Self::Day, Language::En) => "day",
            (Self::Month, Language::Fi) => "kk",
            (Self::Month, Language::Sv) => "mån",
            (Self::Month, Language::En) => "month",
            (Self::Kilogram, _) => "kg",
            (Self::Litre, _) => "l",
            (Self::Metre, _) => "m",
            (Self::SquareMetre, _) => "m²",
            (Self::CubicMetre, _) => "m³",
            (Self::Kilometre, _) => "km",
            (Self::KilowattHour, _) => "kWh",
            (Self::Package, Language::Fi) => "pkt",
            (Self::Package, Language::Sv) => "frp",
            (Self::Package, Language::En) => "pkg",
        }
    }
}

words! {
    /// How an invoice stands. Only whether it is a draft is kept; the rest follows from money and days ([`state`]).
    InvoiceState {
        /// Being written: it has no number.
        Draft = "draft",
        /// Sent, something of it is not paid, and the due date has not passed.
        Open = "open",
        /// As open, but the due date has passed.
        Overdue = "overdue",
        /// Nothing of it is open.
        Paid = "paid",
        /// Nothing of it is open, because credit notes took it back in whole; or a credit note itself.
        Credited = "credited",
    }
}

/// The money of a sent invoice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// With tax.
    pub gross: Cents,
    /// The sum of its credit notes, negative or nothing.
    pub credited: Cents,
    /// The sum of its payments.
    pub paid: Cents,
}

impl Balance {
    /// What is still to be paid; negative when too much was paid.
    #[must_use]
    pub const fn open(&self) -> Cents {
        Cents(self.gross.0.saturating_add(self.credited.0).saturating_sub(self.paid.0))
    }
}

/// How a sent invoice stands on `today`.
#[must_use]
pub fn state(kind: InvoiceKind, balance: &Balance, due: Date, today: Date) -> InvoiceState {
    let taken_back = balance.gross.0 != 0 && balance.gross.0.saturating_add(balance.credited.0) == 0;
    match kind {
        InvoiceKind::CreditNote => InvoiceState::Credited,
        InvoiceKind::Invoice if taken_back => InvoiceState::Credited,
        InvoiceKind::Invoice if balance.open().0 <= 0 => InvoiceState::Paid,
        InvoiceKind::Invoice if due < today => InvoiceState::Overdue,
        InvoiceKind::Invoice => InvoiceState::Open,
    }
}

/// A line of an invoice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Its number, from 1.
    pub number: i64,
    /// Product code, or empty.
    pub product: String,
    /// What it is.
    pub description: String,
    /// How many; negative where something is taken back.
    pub quantity: Quantity,
    /// Of what.
    pub unit: Unit,
    /// Price of one without tax; may be negative on a reduction.
    pub unit_price: UnitPrice,
    /// Discount as a share of the price, 0-10,000.
    pub discount: Ratio,
    /// How its tax is treated.
    pub treatment: Treatment,
    /// VAT rate, 0-10,000; nothing unless taxed.
    pub vat_rate: Ratio,
}

impl InvoiceLine {
    /// Quantity times price less discount, rounded once to the cent as on orders.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn net(&self) -> Result<Cents, TooLarge> {
        line_net(self.quantity, self.unit_price, self.discount)
    }

    /// The price of one less discount, exactly.
    #[must_use]
    pub fn net_price(&self) -> Decimal {
        let kept = Decimal::new(Ratio::ONE.0.saturating_sub(self.discount.0), 4);
        (Decimal::new(self.unit_price.0, 4) * kept).normalize()
    }

    /// The line that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { quantity: Quantity(self.quantity.0.saturating_neg()), ..self.clone() }
    }
}

/// The sums of one treatment and rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VatTotal {
    /// The treatment.
    pub treatment: Treatment,
    /// The rate.
    pub rate: Ratio,
    /// Sum of the lines' nets.
    pub net: Cents,
    /// Tax of that sum, rounded once.
    pub vat: Cents,
}

/// The sums of an invoice.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct InvoiceTotals {
    /// The taxed ones first, the highest rate first; then those without tax.
    pub rates: Vec<VatTotal>,
    /// Without tax.
    pub net: Cents,
    /// Tax.
    pub vat: Cents,
    /// With tax: what is to be paid.
    pub gross: Cents,
}

impl InvoiceTotals {
    /// The sums of lines. Tax is counted and rounded once for each treatment and rate (Act 1501/1993 section 209 e;
    /// EN 16931 BR-CO-17), a half away from zero.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn of(lines: &[InvoiceLine]) -> Result<Self, TooLarge> {
        let mut nets = BTreeMap::<(Treatment, std::cmp::Reverse<Ratio>), Cents>::new();
        for line in lines {
            let net = nets.entry((line.treatment, std::cmp::Reverse(line.vat_rate))).or_default();
            *net = net.plus(line.net()?)?;
        }
        let mut totals = Self::default();
        for ((treatment, std::cmp::Reverse(rate)), net) in nets {
            let vat = tax_of(net, rate)?;
            totals.net = totals.net.plus(net)?;
            totals.vat = totals.vat.plus(vat)?;
            totals.rates.push(VatTotal { treatment, rate, net, vat });
        }
        totals.gross = totals.net.plus(totals.vat)?;
        Ok(totals)
    }
}

/// Who is to pay, as it stands on the invoice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Buyer {
    /// A person's or an organisation's name.
    pub name: String,
    /// Whom to reach at an organisation, or empty.
    pub contact: String,
    /// The organisation's business id.
    pub business_id: Option<BusinessId>,
    /// Its VAT number, or empty.
    pub vat_number: String,
    /// The address.
    pub address: PostalAddress,
    /// Where electronic invoices reach it.
    pub electronic: Option<ElectronicAddress>,
}

/// The invoice that a credit note takes back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Corrected {
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
}

/// An invoice that was sent, complete in itself: nothing that happens to the customer or the company later changes it
/// (Accounting Act 1336/1997 2:7).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IssuedInvoice {
    /// Invoice or credit note.
    pub kind: InvoiceKind,
    /// Its number.
    pub number: String,
    /// Its reference number.
    pub reference: Reference,
    /// The day of the invoice.
    pub date: Date,
    /// The day until which it is to be paid.
    pub due: Date,
    /// The day of delivery, if another than that of the invoice.
    pub delivered_on: Option<Date>,
    /// The language of its texts.
    pub language: Language,
    /// Who sells.
    pub seller: Seller,
    /// Who is to pay.
    pub buyer: Buyer,
    /// The buyer's own reference, or empty.
    pub buyer_reference: String,
    /// The number of the order, or empty.
    pub order_number: String,
    /// What a credit note takes back.
    pub corrects: Option<Corrected>,
    /// A text for the buyer, or empty.
    pub note: String,
    /// The lines by number.
    pub lines: Vec<InvoiceLine>,
    /// The sums of `lines`.
    pub totals: InvoiceTotals,
}

impl IssuedInvoice {
    /// The reference as payers write it, by the seller's choice.
    #[must_use]
    pub fn payment_reference(&self) -> String {
        match self.seller.reference_form {
            ReferenceForm::National => self.reference.to_string(),
            ReferenceForm::Creditor => self.reference.creditor().to_string(),
        }
    }

    /// The bank barcode; none on a credit note, or where the account is not Finnish.
    #[must_use]
    pub fn barcode(&self) -> Option<BankBarcode> {
        if self.kind == InvoiceKind::CreditNote {
            return None;
        }
        let (iban, amount, due) = (&self.seller.iban, self.totals.gross, Some(self.due));
        match self.seller.reference_form {
            ReferenceForm::National => BankBarcode::version_4(iban, amount, &self.reference, due),
            ReferenceForm::Creditor => BankBarcode::version_5(iban, amount, &self.reference.creditor(), due),
        }
        .ok()
    }
}

/// The number of the `sequence`th invoice of a year: `2026-00042`. Sorted as text they stand in order up to 99,999.
#[must_use]
pub fn number(year: i16, sequence: i64) -> String {
    format!("{year}-{sequence:05}")
}

/// The reference number of the `sequence`th invoice of a year.
///
/// # Errors
/// [`NotAReference`] for a year or a sequence that is no such thing.
pub fn reference(year: i16, sequence: i64) -> Result<Reference, NotAReference> {
    Reference::of_body(&format!("{year}{sequence:06}"))
}

#[cfg(test)]
#[path = "invoice_tests.rs"]
mod tests;

//! Finvoice 3.0 (Finance Finland, Finvoice 3.0 implementation guidelines and XSD). No namespace, elements in the order
//! of the schema, days as `CCYYMMDD`, a comma before decimals.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use seloste_domain::address::PostalAddress;
use seloste_domain::billing::ReferenceForm;
use seloste_domain::invoice::{InvoiceKind, InvoiceLine, IssuedInvoice, VatTotal};
use seloste_domain::money::Cents;
use seloste_domain::vat::Ratio;

use crate::problem::{Problem, Problems};
use crate::texts;
use crate::xml::{Xml, cut, parts};

/// What the frame of a message adds. The frame is written only where both ends have an address and an operator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transmission {
    /// An id of this message, 2-48 characters, once a sender.
    pub id: String,
    /// When it is made.
    pub at: Timestamp,
}

/// Writes an invoice as Finvoice 3.0. A credit note's amounts stay negative.
///
/// # Errors
/// What the schema asks for and the invoice does not have.
pub fn finvoice(invoice: &IssuedInvoice, transmission: &Transmission) -> Result<Vec<u8>, Problems> {
    let mut xml = Xml::new();
    xml.element("Finvoice", &[("Version", "3.0")], |xml| {
        frame(xml, invoice, transmission);
        seller(xml, invoice);
        buyer(xml, invoice);
        if let Some(day) = invoice.delivered_on {
            xml.group("DeliveryDetails", |xml| date(xml, "DeliveryDate", day));
        }
        details(xml, invoice);
        if let Some(barcode) = invoice.barcode() {
            xml.text("VirtualBankBarcode", barcode.as_str());
        }
        for line in &invoice.lines {
            row(xml, line, invoice);
        }
        epi(xml, invoice);
    });
    let (problems, document) = xml.finish();
    Problems::settle(problems, document)
}

fn frame(xml: &mut Xml, invoice: &IssuedInvoice, transmission: &Transmission) {
    let (Some(from), Some(to)) = (&invoice.seller.electronic, &invoice.buyer.electronic) else { return };
    if from.operator.is_empty() || to.operator.is_empty() {
        return;
    }
    xml.group("MessageTransmissionDetails", |xml| {
        xml.group("MessageSenderDetails", |xml| {
            xml.text("FromIdentifier", &from.address);
            xml.text("FromIntermediator", &from.operator);
        });
        xml.group("MessageReceiverDetails", |xml| {
            xml.text("ToIdentifier", &to.address);
            xml.text("ToIntermediator", &to.operator);
        });
        xml.group("MessageDetails", |xml| {
            xml.text("MessageIdentifier", &cut(&transmission.id, 48));
            xml.text("MessageTimeStamp", &transmission.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            xml.text("SpecificationIdentifier", "EN16931");
        });
    });
}

fn seller(xml: &mut Xml, invoice: &IssuedInvoice) {
    let seller = &invoice.seller;
    xml.group("SellerPartyDetails", |xml| {
        xml.text("SellerPartyIdentifier", seller.business_id.as_str());
        names(xml, "SellerOrganisationName", &seller.name);
        if seller.vat_registered {
            xml.text("SellerOrganisationTaxCode", &seller.business_id.vat_number());
        }
        address(xml, "Seller", &seller.address);
    });
    if let Some(from) = &seller.electronic {
        xml.text("SellerOrganisationUnitNumber", &from.address);
    }
    if !seller.telephone.is_empty() || !seller.email.is_empty() {
        xml.group("SellerCommunicationDetails", |xml| {
            xml.text("SellerPhoneNumberIdentifier", &cut(&seller.telephone, 35));
            // An address that was cut would be another.
            if seller.email.chars().count() <= 70 {
                xml.text("SellerEmailaddressIdentifier", &seller.email);
            }
        });
    }
    xml.group("SellerInformationDetails", |xml| {
        if seller.vat_registered {
            xml.text("SellerVatRegistrationText", "Alv. rek.");
        }
        xml.group("SellerAccountDetails", |xml| {
            xml.text_with("SellerAccountID", &[("IdentificationSchemeName", "IBAN")], seller.iban.as_str());
            xml.text_with("SellerBic", &[("IdentificationSchemeName", "BIC")], seller.bic.as_str());
        });
    });
}

fn buyer(xml: &mut Xml, invoice: &IssuedInvoice) {
    let buyer = &invoice.buyer;
    xml.text("InvoiceRecipientLanguageCode", &invoice.language.tag().to_uppercase());
    xml.group("BuyerPartyDetails", |xml| {
        xml.text("BuyerPartyIdentifier", buyer.business_id.as_ref().map_or("", |id| id.as_str()));
        names(xml, "BuyerOrganisationName", &buyer.name);
        xml.text("BuyerOrganisationTaxCode", &buyer.vat_number);
        address(xml, "Buyer", &buyer.address);
    });
    if let Some(to) = &buyer.electronic {
        xml.text("BuyerOrganisationUnitNumber", &to.address);
    }
    xml.text("BuyerContactPersonName", &cut(&buyer.contact, 70));
}

fn details(xml: &mut Xml, invoice: &IssuedInvoice) {
    let (code, un) = match invoice.kind {
        InvoiceKind::Invoice => ("INV01", "380"),
        InvoiceKind::CreditNote => ("INV02", "381"),
    };
    let totals = &invoice.totals;
    xml.group("InvoiceDetails", |xml| {
        xml.text_with("InvoiceTypeCode", &[("CodeListAgencyIdentifier", "SPY")], code);
        xml.text("InvoiceTypeCodeUN", un);
        xml.text("InvoiceTypeText", texts::title(invoice.kind, invoice.language));
        xml.text("OriginCode", "Original");
        xml.text("InvoiceNumber", &invoice.number);
        date(xml, "InvoiceDate", invoice.date);
        if let Some(corrects) = &invoice.corrects {
            xml.text("OriginalInvoiceNumber", &corrects.number);
            date(xml, "OriginalInvoiceDate", corrects.date);
        }
        xml.text("OrderIdentifier", &cut(&invoice.order_number, 70));
        xml.text("BuyerReferenceIdentifier", &cut(&invoice.buyer_reference, 70));
        amount(xml, "RowsTotalVatExcludedAmount", totals.net);
        amount(xml, "InvoiceTotalVatExcludedAmount", totals.net);
        amount(xml, "InvoiceTotalVatAmount", totals.vat);
        amount(xml, "InvoiceTotalVatIncludedAmount", totals.gross);
        for total in &totals.rates {
            vat(xml, total, invoice);
        }
        xml.texts("InvoiceFreeText", &invoice.note, 512);
        xml.group("PaymentTermsDetails", |xml| {
            xml.text("PaymentTermsFreeText", &cut(&texts::terms(invoice), 70));
            if invoice.kind == InvoiceKind::Invoice {
                date(xml, "InvoiceDueDate", invoice.due);
                if let Some(rate) = invoice.seller.late_interest {
                    xml.group("PaymentOverDueFineDetails", |xml| percent(xml, "PaymentOverDueFinePercent", rate));
                }
            }
        });
    });
}

fn vat(xml: &mut Xml, total: &VatTotal, invoice: &IssuedInvoice) {
    xml.group("VatSpecificationDetails", |xml| {
        amount(xml, "VatBaseAmount", total.net);
        percent(xml, "VatRatePercent", total.rate);
        xml.text("VatCode", total.treatment.category());
        amount(xml, "VatRateAmount", total.vat);
        xml.text("VatFreeText", total.treatment.reason(invoice.language));
        xml.text("VatExemptionReasonCode", texts::reason_code(total.treatment));
    });
}

/// A row's tax and its sum with tax are left out: rounded row by row they would not add up to those of the invoice.
fn row(xml: &mut Xml, line: &InvoiceLine, invoice: &IssuedInvoice) {
    // A price is never negative; the quantity has the sign (EN 16931 BR-27).
    let sign = if line.unit_price.0 < 0 { -Decimal::ONE } else { Decimal::ONE };
    let net = line.net().unwrap_or_default();
    let price = line.unit_price.to_decimal().abs();
    xml.group("InvoiceRow", |xml| {
        xml.text("ArticleIdentifier", &line.product);
        let name = if line.description.is_empty() { &line.product } else { &line.description };
        xml.text("ArticleName", &cut(name, 100));
        if name.chars().count() > 100 {
            xml.text("ArticleDescription", name);
        }
        let units =
            [("QuantityUnitCode", line.unit.symbol(invoice.language)), ("QuantityUnitCodeUN", line.unit.code())];
        let quantity = with_comma(line.quantity.to_decimal() * sign);
        if quantity.len() > 14 {
            xml.problem(Problem::TooLong);
        }
        xml.text_with("InvoicedQuantity", &units, &quantity);
        unit_amount(xml, "UnitPriceAmount", price);
        unit_amount(xml, "UnitPriceNetAmount", price);
        xml.text("RowPositionIdentifier", &line.number.to_string());
        if line.discount != Ratio::ZERO {
            percent(xml, "RowDiscountPercent", line.discount);
            // What lies between the row without its discount and the row, both rounded as lines are.
            let whole = InvoiceLine { discount: Ratio::ZERO, ..line.clone() }.net().unwrap_or_default();
            amount(xml, "RowDiscountAmount", Cents(whole.0.saturating_sub(net.0)));
        }
        percent(xml, "RowVatRatePercent", line.vat_rate);
        xml.text("RowVatCode", line.treatment.category());
        amount(xml, "RowVatExcludedAmount", net);
    });
}

fn epi(xml: &mut Xml, invoice: &IssuedInvoice) {
    let seller = &invoice.seller;
    let scheme = match seller.reference_form {
        ReferenceForm::National => "SPY",
        ReferenceForm::Creditor => "ISO",
    };
    // Nothing is to be paid on a credit note.
    let payable = if invoice.kind == InvoiceKind::Invoice { invoice.totals.gross } else { Cents::ZERO };
    xml.group("EpiDetails", |xml| {
        xml.group("EpiIdentificationDetails", |xml| {
            date(xml, "EpiDate", invoice.date);
            xml.text("EpiReference", &invoice.number);
        });
        xml.group("EpiPartyDetails", |xml| {
            xml.group("EpiBfiPartyDetails", |xml| {
                xml.text_with("EpiBfiIdentifier", &[("IdentificationSchemeName", "BIC")], seller.bic.as_str());
            });
            xml.group("EpiBeneficiaryPartyDetails", |xml| {
                xml.text("EpiNameAddressDetails", &at_least_two(cut(&seller.name, 35)));
                xml.text_with("EpiAccountID", &[("IdentificationSchemeName", "IBAN")], seller.iban.as_str());
            });
        });
        xml.group("EpiPaymentInstructionDetails", |xml| {
            let reference = invoice.payment_reference();
            xml.text_with("EpiRemittanceInfoIdentifier", &[("IdentificationSchemeName", scheme)], &reference);
            amount(xml, "EpiInstructedAmount", payable);
            xml.text_with("EpiCharge", &[("ChargeOption", "SLEV")], "SLEV");
            date(xml, "EpiDateOptionDate", invoice.due);
        });
    });
}

/// A name in as many elements as it takes.
fn names(xml: &mut Xml, element: &str, name: &str) {
    for part in parts(name, 70) {
        xml.text(element, &at_least_two(part));
    }
}

/// The schema has names of two characters at least.
fn at_least_two(text: String) -> String {
    if text.chars().count() == 1 { format!("{text}.") } else { text }
}

fn address(xml: &mut Xml, party: &str, address: &PostalAddress) {
    let rows: Vec<String> = address.street.lines().flat_map(|row| parts(row, 35)).collect();
    let fits = (1..=3).contains(&rows.len()) && address.town.chars().count() <= 35;
    if !fits || address.town.is_empty() || address.postal_code.is_empty() {
        xml.problem(Problem::PostalAddress);
    }
    xml.group(&format!("{party}PostalAddressDetails"), |xml| {
        for row in rows {
            xml.text(&format!("{party}StreetName"), &at_least_two(row));
        }
        xml.text(&format!("{party}TownName"), &at_least_two(address.town.clone()));
        xml.text(&format!("{party}PostCodeIdentifier"), &at_least_two(address.postal_code.clone()));
        xml.text("CountryCode", &address.country);
    });
}

fn date(xml: &mut Xml, name: &str, day: Date) {
    xml.text_with(name, &[("Format", "CCYYMMDD")], &day.strftime("%Y%m%d").to_string());
}

fn amount(xml: &mut Xml, name: &str, cents: Cents) {
    if cents.0.unsigned_abs() >= 100_000_000_000_000_000 {
        xml.problem(Problem::TooLong);
    }
    let text = cents.to_string().replace('.', ",");
    xml.text_with(name, &[("AmountCurrencyIdentifier", "EUR")], &text);
}

fn unit_amount(xml: &mut Xml, name: &str, price: Decimal) {
    let mut price = price.normalize();
    price.rescale(price.scale().max(2));
    xml.text_with(name, &[("AmountCurrencyIdentifier", "EUR")], &with_comma(price));
}

fn percent(xml: &mut Xml, name: &str, rate: Ratio) {
    xml.text(name, &with_comma(rate.percent()));
}

/// Never `-0`.
fn with_comma(number: Decimal) -> String {
    let number = if number.is_zero() { number.abs() } else { number };
    number.to_string().replace('.', ",")
}

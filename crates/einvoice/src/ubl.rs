//! Peppol BIS Billing 3.0 in UBL 2.1: an Invoice or a CreditNote, elements in the order of the schemas. Rule numbers
//! are those of EN 16931 (BR-) and of Peppol (PEPPOL-EN16931-).

use jiff::civil::Date;
use rust_decimal::Decimal;
use seloste_domain::address::PostalAddress;
use seloste_domain::billing::ElectronicAddress;
use seloste_domain::business_id::{self, BusinessId};
use seloste_domain::invoice::{InvoiceKind, InvoiceLine, IssuedInvoice, VatTotal};
use seloste_domain::money::Cents;
use seloste_domain::vat::{Ratio, Treatment};

use crate::problem::{Problem, Problems};
use crate::texts;
use crate::xml::Xml;

const CUSTOMIZATION: &str = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";
const PROFILE: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";
const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// Writes an invoice for Peppol. A credit note's amounts are positive there: its kind says that they are taken back.
///
/// # Errors
/// What Peppol asks for and the invoice does not have.
pub fn ubl(invoice: &IssuedInvoice) -> Result<Vec<u8>, Problems> {
    let is_credit = invoice.kind == InvoiceKind::CreditNote;
    let root = if is_credit { "CreditNote" } else { "Invoice" };
    let namespace = format!("urn:oasis:names:specification:ubl:schema:xsd:{root}-2");
    let namespaces = [("xmlns", namespace.as_str()), ("xmlns:cac", CAC), ("xmlns:cbc", CBC)];
    let mut xml = Xml::new();
    xml.element(root, &namespaces, |xml| {
        head(xml, invoice);
        seller(xml, invoice);
        buyer(xml, invoice);
        delivery(xml, invoice);
        payment(xml, invoice);
        sums(xml, invoice);
        for line in &invoice.lines {
            row(xml, line, is_credit);
        }
    });
    let (problems, document) = xml.finish();
    Problems::settle(problems, document)
}

fn head(xml: &mut Xml, invoice: &IssuedInvoice) {
    xml.text("cbc:CustomizationID", CUSTOMIZATION);
    xml.text("cbc:ProfileID", PROFILE);
    xml.text("cbc:ID", &invoice.number);
    date(xml, "cbc:IssueDate", invoice.date);
    match invoice.kind {
        InvoiceKind::Invoice => {
            date(xml, "cbc:DueDate", invoice.due);
            xml.text("cbc:InvoiceTypeCode", "380");
        }
        InvoiceKind::CreditNote => xml.text("cbc:CreditNoteTypeCode", "381"),
    }
    xml.text("cbc:Note", &invoice.note);
    xml.text("cbc:DocumentCurrencyCode", "EUR");
    if invoice.buyer_reference.is_empty() && invoice.order_number.is_empty() {
        xml.problem(Problem::BuyerReference);
    }
    xml.text("cbc:BuyerReference", &invoice.buyer_reference);
    if !invoice.order_number.is_empty() {
        xml.group("cac:OrderReference", |xml| xml.text("cbc:ID", &invoice.order_number));
    }
    if let Some(corrects) = &invoice.corrects {
        xml.group("cac:BillingReference", |xml| {
            xml.group("cac:InvoiceDocumentReference", |xml| {
                xml.text("cbc:ID", &corrects.number);
                date(xml, "cbc:IssueDate", corrects.date);
            });
        });
    }
}

fn seller(xml: &mut Xml, invoice: &IssuedInvoice) {
    let seller = &invoice.seller;
    xml.group("cac:AccountingSupplierParty", |xml| {
        xml.group("cac:Party", |xml| {
            endpoint(xml, seller.electronic.as_ref(), Some(&seller.business_id));
            address(xml, "cac:PostalAddress", &seller.address);
            // Without a VAT number the business id is the registration for tax (BT-32, BR-E-02, BR-Z-02).
            let (number, scheme) = if seller.vat_registered {
                (seller.business_id.vat_number(), "VAT")
            } else {
                (seller.business_id.to_string(), "TAX")
            };
            tax_scheme(xml, &number, scheme);
            legal_entity(xml, &seller.name, Some(&seller.business_id));
            if !seller.telephone.is_empty() || !seller.email.is_empty() {
                xml.group("cac:Contact", |xml| {
                    xml.text("cbc:Telephone", &seller.telephone);
                    xml.text("cbc:ElectronicMail", &seller.email);
                });
            }
        });
    });
}

fn buyer(xml: &mut Xml, invoice: &IssuedInvoice) {
    let buyer = &invoice.buyer;
    xml.group("cac:AccountingCustomerParty", |xml| {
        xml.group("cac:Party", |xml| {
            endpoint(xml, buyer.electronic.as_ref(), buyer.business_id.as_ref());
            address(xml, "cac:PostalAddress", &buyer.address);
            if !buyer.vat_number.is_empty() {
                tax_scheme(xml, &buyer.vat_number, "VAT");
            }
            legal_entity(xml, &buyer.name, buyer.business_id.as_ref());
            if !buyer.contact.is_empty() {
                xml.group("cac:Contact", |xml| xml.text("cbc:Name", &buyer.contact));
            }
        });
    });
}

/// The electronic address with its scheme of the Peppol code list; a company without one is reached by its OVT
/// identifier (0216).
fn endpoint(xml: &mut Xml, electronic: Option<&ElectronicAddress>, company: Option<&BusinessId>) {
    let found = match (electronic, company) {
        (Some(electronic), _) => scheme(&electronic.address).ok_or(Problem::AddressScheme),
        (None, Some(company)) => Ok(("0216".to_owned(), company.ovt())),
        (None, None) => Err(Problem::BuyerAddress),
    };
    match found {
        Ok((scheme, id)) => xml.text_with("cbc:EndpointID", &[("schemeID", &scheme)], &id),
        Err(problem) => xml.problem(problem),
    }
}

/// `0088:5790000436071` names its scheme; an OVT identifier and a Finnish VAT number show theirs.
fn scheme(address: &str) -> Option<(String, String)> {
    if let Some((scheme, id)) = address.split_once(':') {
        let is_scheme = scheme.len() == 4 && scheme.bytes().all(|b| b.is_ascii_digit()) && !id.is_empty();
        return is_scheme.then(|| (scheme.to_owned(), id.to_owned()));
    }
    business_id::parse(address)?;
    let scheme = if address.starts_with("0037") { "0216" } else { "0213" };
    Some((scheme.to_owned(), address.to_owned()))
}

fn address(xml: &mut Xml, name: &str, address: &PostalAddress) {
    xml.group(name, |xml| {
        let mut rows = address.street.lines();
        xml.text("cbc:StreetName", rows.next().unwrap_or_default());
        xml.text("cbc:AdditionalStreetName", rows.next().unwrap_or_default());
        xml.text("cbc:CityName", &address.town);
        xml.text("cbc:PostalZone", &address.postal_code);
        xml.text("cbc:CountrySubentity", &address.region);
        let rest = rows.collect::<Vec<_>>().join(", ");
        if !rest.is_empty() {
            xml.group("cac:AddressLine", |xml| xml.text("cbc:Line", &rest));
        }
        country(xml, &address.country);
    });
}

fn country(xml: &mut Xml, code: &str) {
    xml.group("cac:Country", |xml| xml.text("cbc:IdentificationCode", code));
}

fn tax_scheme(xml: &mut Xml, number: &str, scheme: &str) {
    xml.group("cac:PartyTaxScheme", |xml| {
        xml.text("cbc:CompanyID", number);
        xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", scheme));
    });
}

fn legal_entity(xml: &mut Xml, name: &str, company: Option<&BusinessId>) {
    xml.group("cac:PartyLegalEntity", |xml| {
        xml.text("cbc:RegistrationName", name);
        if let Some(company) = company {
            xml.text_with("cbc:CompanyID", &[("schemeID", "0212")], company.as_str());
        }
    });
}

/// The day of delivery, and the country where goods go to another one of the EU (BR-IC-11, BR-IC-12).
fn delivery(xml: &mut Xml, invoice: &IssuedInvoice) {
    let abroad = invoice.lines.iter().any(|line| line.treatment == Treatment::IntraCommunity);
    if invoice.delivered_on.is_none() && !abroad {
        return;
    }
    xml.group("cac:Delivery", |xml| {
        date(xml, "cbc:ActualDeliveryDate", invoice.delivered_on.unwrap_or(invoice.date));
        if abroad {
            xml.group("cac:DeliveryLocation", |xml| {
                xml.group("cac:Address", |xml| country(xml, &invoice.buyer.address.country));
            });
        }
    });
}

fn payment(xml: &mut Xml, invoice: &IssuedInvoice) {
    let seller = &invoice.seller;
    if invoice.kind == InvoiceKind::Invoice {
        xml.group("cac:PaymentMeans", |xml| {
            // SEPA credit transfer.
            xml.text("cbc:PaymentMeansCode", "58");
            xml.text("cbc:PaymentID", &invoice.payment_reference());
            xml.group("cac:PayeeFinancialAccount", |xml| {
                xml.text("cbc:ID", seller.iban.as_str());
                xml.group("cac:FinancialInstitutionBranch", |xml| xml.text("cbc:ID", seller.bic.as_str()));
            });
        });
    }
    xml.group("cac:PaymentTerms", |xml| xml.text("cbc:Note", &texts::terms(invoice)));
}

fn sums(xml: &mut Xml, invoice: &IssuedInvoice) {
    let (totals, is_credit) = (&invoice.totals, invoice.kind == InvoiceKind::CreditNote);
    let amount = |xml: &mut Xml, name: &str, cents: Cents| money(xml, name, turned(cents, is_credit));
    xml.group("cac:TaxTotal", |xml| {
        amount(xml, "cbc:TaxAmount", totals.vat);
        for total in &totals.rates {
            xml.group("cac:TaxSubtotal", |xml| {
                amount(xml, "cbc:TaxableAmount", total.net);
                amount(xml, "cbc:TaxAmount", total.vat);
                category(xml, total, invoice);
            });
        }
    });
    xml.group("cac:LegalMonetaryTotal", |xml| {
        amount(xml, "cbc:LineExtensionAmount", totals.net);
        amount(xml, "cbc:TaxExclusiveAmount", totals.net);
        amount(xml, "cbc:TaxInclusiveAmount", totals.gross);
        amount(xml, "cbc:PayableAmount", totals.gross);
    });
}

fn category(xml: &mut Xml, total: &VatTotal, invoice: &IssuedInvoice) {
    xml.group("cac:TaxCategory", |xml| {
        xml.text("cbc:ID", total.treatment.category());
        percent(xml, total.rate);
        xml.text("cbc:TaxExemptionReasonCode", texts::reason_code(total.treatment));
        xml.text("cbc:TaxExemptionReason", total.treatment.reason(invoice.language));
        vat_scheme(xml);
    });
}

fn row(xml: &mut Xml, line: &InvoiceLine, is_credit: bool) {
    let (element, counted) = if is_credit {
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
    } else {
        ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    };
    // A price is never negative; the quantity has the sign (BR-27, BR-28).
    let turn = is_credit != (line.unit_price.0 < 0);
    let quantity = line.quantity.to_decimal();
    xml.group(element, |xml| {
        xml.text("cbc:ID", &line.number.to_string());
        let quantity = if turn { -quantity } else { quantity };
        xml.text_with(counted, &[("unitCode", line.unit.code())], &plain(quantity));
        money(xml, "cbc:LineExtensionAmount", turned(line.net().unwrap_or_default(), is_credit));
        xml.group("cac:Item", |xml| {
            xml.text("cbc:Name", if line.description.is_empty() { &line.product } else { &line.description });
            if !line.product.is_empty() {
                xml.group("cac:SellersItemIdentification", |xml| xml.text("cbc:ID", &line.product));
            }
            xml.group("cac:ClassifiedTaxCategory", |xml| {
                xml.text("cbc:ID", line.treatment.category());
                percent(xml, line.vat_rate);
                vat_scheme(xml);
            });
        });
        price(xml, line);
    });
}

/// A discount is a part of the price, so that quantity times price is the line's sum to the cent (PEPPOL-EN16931-R120,
/// R046).
fn price(xml: &mut Xml, line: &InvoiceLine) {
    let net = line.net_price().abs();
    xml.group("cac:Price", |xml| {
        xml.text_with("cbc:PriceAmount", &[("currencyID", "EUR")], &plain(net));
        if line.discount != Ratio::ZERO {
            let gross = line.unit_price.to_decimal().abs();
            xml.group("cac:AllowanceCharge", |xml| {
                xml.text("cbc:ChargeIndicator", "false");
                xml.text_with("cbc:Amount", &[("currencyID", "EUR")], &plain(gross - net));
                xml.text_with("cbc:BaseAmount", &[("currencyID", "EUR")], &plain(gross));
            });
        }
    });
}

fn vat_scheme(xml: &mut Xml) {
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
}

fn percent(xml: &mut Xml, rate: Ratio) {
    xml.text("cbc:Percent", &plain(rate.percent()));
}

fn money(xml: &mut Xml, name: &str, cents: Cents) {
    xml.text_with(name, &[("currencyID", "EUR")], &cents.to_string());
}

fn turned(cents: Cents, is_credit: bool) -> Cents {
    if is_credit { Cents(cents.0.saturating_neg()) } else { cents }
}

/// Without zeros behind, and never `-0`.
fn plain(number: Decimal) -> String {
    let number = number.normalize();
    if number.is_zero() { "0".to_owned() } else { number.to_string() }
}

fn date(xml: &mut Xml, name: &str, day: Date) {
    xml.text(name, &day.to_string());
}

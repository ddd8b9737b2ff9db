//! An invoice as it is given, its check, and what sending it asks for besides.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::billing::{Billing, Seller, days, electronic};
use crate::business_id::{self, BusinessId};
use crate::date::{self, DateOrder};
use crate::draft::{DraftAddress, check_day};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrderId, OrganisationId, PersonId};
use crate::invoice::{Buyer, Corrected, InvoiceKind, InvoiceLine, InvoiceTotals, IssuedInvoice, Unit};
use crate::kind::{Kind, Kinds};
use crate::language::Language;
use crate::money::{Cents, DecimalMark, parse_scaled};
use crate::order::{Order, Quantity, UnitPrice};
use crate::order_draft::MAX_LINES;
use crate::reference::Reference;
use crate::vat::{Ratio, Treatment, is_in_force, standard_rate};

/// Most characters in a product code or a reference.
const MAX_CODE: usize = 40;
/// Most characters in a name or a description.
const MAX_TEXT: usize = 200;
/// Most characters in the text for the buyer.
const MAX_NOTE: usize = 1_000;

/// A line as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InvoiceLineDraft {
    /// Product code.
    pub product: String,
    /// What it is.
    pub description: String,
    /// How many.
    pub quantity: String,
    /// [`Unit::as_str`]; empty: pieces.
    pub unit: String,
    /// Price of one without tax.
    pub unit_price: String,
    /// `15 %`; empty: none.
    pub discount: String,
    /// `25,5 %`; empty: the standard rate, or nothing where the treatment has none.
    pub vat_rate: String,
    /// [`Treatment::as_str`]; empty: taxed, or taxed at nothing where the rate is nothing.
    pub treatment: String,
}

/// An invoice as a form or an order gives it: raw text, nothing checked yet.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InvoiceDraft {
    /// [`InvoiceKind::as_str`]; empty: invoice.
    pub kind: String,
    /// Short name of the company of the group.
    pub company: String,
    /// The person who is to pay, found by the caller.
    pub person: Option<PersonId>,
    /// The organisation that is to pay, found by the caller.
    pub organisation: Option<OrganisationId>,
    /// The order it is made from.
    pub order: Option<OrderId>,
    /// The name of who is to pay.
    pub buyer_name: String,
    /// Whom to reach there, or empty.
    pub buyer_contact: String,
    /// Business id, or empty.
    pub business_id: String,
    /// VAT number, or empty.
    pub vat_number: String,
    /// The address.
    pub address: DraftAddress,
    /// Address for electronic invoices, or empty.
    pub electronic_address: String,
    /// Its operator, or empty.
    pub electronic_operator: String,
    /// The buyer's own reference, or empty.
    pub buyer_reference: String,
    /// The number of the order, or empty.
    pub order_number: String,
    /// The day of delivery; empty: that of the invoice.
    pub delivered_on: String,
    /// Days to the due date; empty: the company's.
    pub payment_days: String,
    /// A language by its tag; empty: Finnish.
    pub language: String,
    /// A text for the buyer, or empty.
    pub note: String,
    /// The lines; those with all fields empty are passed over.
    pub lines: Vec<InvoiceLineDraft>,
    /// How the dates are written, where they do not begin with the year.
    pub date_order: DateOrder,
    /// How the numbers are written.
    pub decimal_mark: DecimalMark,
}

/// An invoice checked and counted, ready to be stored as a draft.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ValidInvoice {
    /// Invoice or credit note.
    pub kind: InvoiceKind,
    /// The company; whether the notice has it is for the caller to check.
    pub company: CompanyId,
    /// The person who is to pay.
    pub person: Option<PersonId>,
    /// The organisation that is to pay.
    pub organisation: Option<OrganisationId>,
    /// The order it is made from.
    pub order: Option<OrderId>,
    /// The name of who is to pay.
    pub buyer_name: String,
    /// Whom to reach there, or empty.
    pub buyer_contact: String,
    /// Business id.
    pub business_id: Option<BusinessId>,
    /// VAT number, or empty.
    pub vat_number: String,
    /// The address; none as long as the draft has none.
    pub address: Option<PostalAddress>,
    /// Where electronic invoices reach the buyer.
    pub electronic: Option<crate::billing::ElectronicAddress>,
    /// The buyer's own reference, or empty.
    pub buyer_reference: String,
    /// The number of the order, or empty.
    pub order_number: String,
    /// The day of delivery; none: that of the invoice.
    pub delivered_on: Option<Date>,
    /// Days to the due date; none: the company's.
    pub payment_days: Option<u16>,
    /// The language of its texts.
    pub language: Language,
    /// A text for the buyer, or empty.
    pub note: String,
    /// The lines, numbered from 1.
    pub lines: Vec<InvoiceLine>,
    /// The sums of `lines`.
    pub totals: InvoiceTotals,
}

impl InvoiceLineDraft {
    /// Whether nothing was written in it; what a list offers first does not count.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.product, &self.description, &self.quantity, &self.unit_price, &self.discount]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    fn check(
        &self,
        number: i64,
        at: &str,
        mark: DecimalMark,
        rate: Ratio,
        errors: &mut FieldErrors,
    ) -> Option<InvoiceLine> {
        let before = errors.0.len();
        let at = |part: &str| format!("{at}.{part}");
        let scaled = |part: &str, text: &str, places, invalid| match text.trim() {
            "" => Err(FieldError::new(at(part), code::REQUIRED)),
            text => parse_scaled(&at(part), text, mark, places, invalid),
        };
        let share = |part: &str, text: &str, empty| match text.trim() {
            "" => Ok(empty),
            text => Ratio::parse(&at(part), text, mark),
        };
        let product = errors.keep(one_line(&at("product"), &self.product, MAX_CODE)).unwrap_or_default();
        let description = errors.keep(one_line(&at("description"), &self.description, MAX_TEXT)).unwrap_or_default();
        let quantity = errors.keep(scaled("quantity", &self.quantity, 3, code::QUANTITY_INVALID));
        let unit = match self.unit.trim() {
            "" => Ok(Unit::default()),
            text => text.parse().map_err(|_| FieldError::new(at("unit"), code::CHOICE_UNKNOWN)),
        };
        let unit = errors.keep(unit);
        let unit_price = errors.keep(scaled("unit_price", &self.unit_price, 4, code::AMOUNT_INVALID));
        let discount = errors.keep(share("discount", &self.discount, Ratio::ZERO));
        let given: Option<Treatment> = match self.treatment.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| FieldError::new(at("treatment"), code::CHOICE_UNKNOWN)),
        }
        .map_err(|error| errors.push(error))
        .ok()
        .flatten();
        let untaxed = given.is_some_and(|treatment| treatment != Treatment::Taxed);
        let vat_rate = errors.keep(share("vat_rate", &self.vat_rate, if untaxed { Ratio::ZERO } else { rate }));
        let treatment = match (given, vat_rate) {
            (None | Some(Treatment::Taxed), Some(Ratio::ZERO)) => Treatment::ZeroRated,
            (Some(treatment), _) => treatment,
            (None, _) => Treatment::Taxed,
        };
        if untaxed && vat_rate.is_some_and(|rate| rate != Ratio::ZERO) {
            errors.push(FieldError::new(at("vat_rate"), code::VAT_RATE_UNTAXED));
        }
        if errors.0.len() == before && product.is_empty() && description.is_empty() {
            errors.push(FieldError::new(at("description"), code::ORDER_LINE_EMPTY));
        }
        let line = InvoiceLine {
            number,
            product,
            description,
            quantity: Quantity(quantity?),
            unit: unit?,
            unit_price: UnitPrice(unit_price?),
            discount: discount?,
            treatment,
            vat_rate: vat_rate?,
        };
        if line.net().is_err() {
            errors.push(FieldError::new(at("unit_price"), code::AMOUNT_TOO_LARGE));
        }
        (errors.0.len() == before).then_some(line)
    }
}

/// A line as a form shows it.
fn line_draft(line: &InvoiceLine, mark: DecimalMark) -> InvoiceLineDraft {
    InvoiceLineDraft {
        product: line.product.clone(),
        description: line.description.clone(),
        quantity: mark.write(line.quantity.to_decimal()),
        unit: line.unit.to_string(),
        unit_price: mark.write(line.unit_price.to_decimal()),
        discount: if line.discount == Ratio::ZERO { String::new() } else { percent(line.discount, mark) },
        vat_rate: percent(line.vat_rate, mark),
        treatment: line.treatment.to_string(),
    }
}

fn percent(share: Ratio, mark: DecimalMark) -> String {
    format!("{} %", mark.write(share.percent()))
}

impl InvoiceDraft {
    /// The lines of an order, its number, customer and day of delivery.
    #[must_use]
    pub fn of_order(order: &Order, mark: DecimalMark) -> Self {
        let line = |line: &crate::order::OrderLine| InvoiceLineDraft {
            product: line.product.clone(),
            description: line.description.clone(),
            quantity: mark.write(line.quantity.to_decimal()),
            unit_price: mark.write(line.unit_price.to_decimal()),
            discount: if line.discount == Ratio::ZERO { String::new() } else { percent(line.discount, mark) },
            vat_rate: percent(line.vat_rate, mark),
            ..InvoiceLineDraft::default()
        };
        Self {
            company: order.company.to_string(),
            person: order.person,
            organisation: order.organisation,
            order: Some(order.id),
            order_number: order.number.clone(),
            delivered_on: order.delivered_on.map(|day| day.to_string()).unwrap_or_default(),
            lines: order.lines.iter().map(line).collect(),
            decimal_mark: mark,
            ..Self::default()
        }
    }

    /// The sums of those lines that can be counted already: what a form shows while it is being filled.
    #[must_use]
    pub fn totals_so_far(&self, today: Date) -> InvoiceTotals {
        let rate = standard_rate(date::parse(&self.delivered_on, self.date_order).unwrap_or(today));
        let lines = self.lines.iter().filter(|line| !line.is_empty());
        let lines = lines.filter_map(|line| line.check(1, "", self.decimal_mark, rate, &mut FieldErrors::default()));
        InvoiceTotals::of(&lines.collect::<Vec<_>>()).unwrap_or_default()
    }

    /// Checks, normalises and counts the invoice. `kinds` are those that the notice declares.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn validate(&self, kinds: Kinds, today: Date) -> Result<ValidInvoice, FieldErrors> {
        let mut errors = FieldErrors::default();
        if !kinds.has(Kind::Orders) {
            return Err(FieldError::new("buyer_name", code::UNDECLARED).into());
        }
        let kind = match self.kind.trim() {
            "" => Ok(InvoiceKind::Invoice),
            text => text.parse().map_err(|_| FieldError::new("kind", code::CHOICE_UNKNOWN)),
        };
        let kind = errors.keep(kind).unwrap_or_default();
        let company = self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company: Option<CompanyId> = errors.keep(company);
        if self.person.is_none() && self.organisation.is_none() {
            errors.push(FieldError::new("buyer_name", code::ORDER_CUSTOMER_MISSING));
        }
        let mut line_of = |field: &str, text: &str, max| errors.keep(one_line(field, text, max)).unwrap_or_default();
        let buyer_name = line_of("buyer_name", &self.buyer_name, MAX_TEXT);
        let buyer_contact = line_of("buyer_contact", &self.buyer_contact, MAX_TEXT);
        let buyer_reference = line_of("buyer_reference", &self.buyer_reference, MAX_TEXT);
        let order_number = line_of("order_number", &self.order_number, MAX_CODE);
        let note = line_of("note", &self.note, MAX_NOTE);
        if buyer_name.is_empty() && errors.is_empty() {
            errors.push(FieldError::new("buyer_name", code::REQUIRED));
        }
        let business_id = errors.keep(self.business_id()).flatten();
        let vat_number = errors.keep(vat_number(&self.vat_number)).unwrap_or_default();
        let address = PostalAddress::check("address", &self.address, &mut errors, &mut FieldErrors::default());
        if address.is_some() && !kinds.has(Kind::PostalAddress) {
            errors.push(FieldError::new("address.street", code::UNDECLARED));
        }
        let electronic =
            errors.keep(electronic("electronic", &self.electronic_address, &self.electronic_operator)).flatten();
        let delivered_on =
            errors.keep(date::parse_field("delivered_on", &self.delivered_on, self.date_order)).flatten();
        let delivered_on = delivered_on.and_then(|day| errors.keep(check_day("delivered_on", day, today)));
        let payment_days = errors.keep(days("payment_days", &self.payment_days)).flatten();
        let language = match self.language.trim() {
            "" => Ok(Language::default()),
            text => text.parse().map_err(|_| FieldError::new("language", code::LANGUAGE_UNKNOWN)),
        };
        let language = errors.keep(language).unwrap_or_default();
        let lines = self.lines(standard_rate(delivered_on.unwrap_or(today)), &mut errors);
        let totals = InvoiceTotals::of(&lines).map_err(|_| FieldError::new("lines", code::AMOUNT_TOO_LARGE));
        let totals = errors.keep(totals).unwrap_or_default();
        let Some(company) = company.filter(|_| errors.is_empty()) else { return Err(errors) };
        Ok(ValidInvoice {
            kind,
            company,
            person: self.person,
            organisation: self.organisation,
            order: self.order,
            buyer_name,
            buyer_contact,
            business_id,
            vat_number,
            address,
            electronic,
            buyer_reference,
            order_number,
            delivered_on,
            payment_days,
            language,
            note,
            lines,
            totals,
        })
    }

    fn business_id(&self) -> Result<Option<BusinessId>, FieldError> {
        if self.business_id.trim().is_empty() {
            return Ok(None);
        }
        let found = business_id::parse(&self.business_id);
        found.map(Some).ok_or_else(|| FieldError::new("business_id", code::BUSINESS_ID_INVALID))
    }

    fn lines(&self, rate: Ratio, errors: &mut FieldErrors) -> Vec<InvoiceLine> {
        if self.lines.len() > MAX_LINES {
            errors.push(FieldError::new("lines", code::TOO_MANY).with("max", MAX_LINES));
            return Vec::new();
        }
        let given = self.lines.iter().enumerate().filter(|(_, line)| !line.is_empty());
        let mark = self.decimal_mark;
        given
            .zip(1..)
            .filter_map(|((i, line), number)| line.check(number, &format!("lines.{i}"), mark, rate, errors))
            .collect()
    }
}

/// A VAT number: a country and 2-12 letters and digits (Directive 2006/112/EC article 215). A Finnish one holds a
/// business id.
fn vat_number(text: &str) -> Result<String, FieldError> {
    let text: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    if text.is_empty() {
        return Ok(text);
    }
    let (country, rest) = text.split_at_checked(2).unwrap_or_default();
    let is_written = country.bytes().all(|b| b.is_ascii_uppercase())
        && (2..=13).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'*');
    let is_right = country != "FI" || business_id::parse(&text).is_some();
    if is_written && is_right { Ok(text) } else { Err(FieldError::new("vat_number", code::VAT_NUMBER_INVALID)) }
}

impl ValidInvoice {
    /// As a form shows it, with numbers written by `mark` (the point when it is to be guessed).
    #[must_use]
    pub fn draft(&self, mark: DecimalMark) -> InvoiceDraft {
        let mark = if mark == DecimalMark::Guess { DecimalMark::Point } else { mark };
        let electronic = self.electronic.as_ref();
        InvoiceDraft {
            kind: self.kind.to_string(),
            company: self.company.to_string(),
            person: self.person,
            organisation: self.organisation,
            order: self.order,
            buyer_name: self.buyer_name.clone(),
            buyer_contact: self.buyer_contact.clone(),
            business_id: self.business_id.clone().map(String::from).unwrap_or_default(),
            vat_number: self.vat_number.clone(),
            address: self.address.as_ref().map(DraftAddress::of).unwrap_or_default(),
            electronic_address: electronic.map(|to| to.address.clone()).unwrap_or_default(),
            electronic_operator: electronic.map(|to| to.operator.clone()).unwrap_or_default(),
            buyer_reference: self.buyer_reference.clone(),
            order_number: self.order_number.clone(),
            delivered_on: self.delivered_on.map(|day| day.to_string()).unwrap_or_default(),
            payment_days: self.payment_days.map(|days| days.to_string()).unwrap_or_default(),
            language: self.language.tag().to_owned(),
            note: self.note.clone(),
            lines: self.lines.iter().map(|line| line_draft(line, mark)).collect(),
            date_order: DateOrder::default(),
            decimal_mark: mark,
        }
    }

    /// The invoice as it is sent on `today` under a number: complete, so that nothing else is asked for it later.
    /// `left` is what a credit note can still take back of its invoice.
    ///
    /// # Errors
    /// Everything that is wrong: no line, no address, a rate that is not in force on the day of delivery, a tax that
    /// the seller may not charge, a missing VAT number, a sum of the wrong sign.
    pub fn issue(
        &self,
        seller: &Seller,
        billing: &Billing,
        at: Issue,
        left: Option<Cents>,
    ) -> Result<IssuedInvoice, FieldErrors> {
        let mut errors = self.unfit(seller, at.date);
        if let Some(left) = left
            && self.totals.gross.0.saturating_add(left.0) < 0
        {
            errors.push(FieldError::new("lines", code::CREDIT_TOO_LARGE));
        }
        let days = i32::from(self.payment_days.unwrap_or(billing.payment_days));
        let due = at.date.checked_add(days.days()).map_err(|_| FieldError::new("payment_days", code::DATE_FAR));
        match (errors.keep(due), self.address.clone()) {
            (Some(due), Some(address)) if errors.is_empty() => Ok(IssuedInvoice {
                kind: self.kind,
                number: at.number,
                reference: at.reference,
                date: at.date,
                due,
                delivered_on: self.delivered_on,
                language: self.language,
                seller: seller.clone(),
                buyer: Buyer {
                    name: self.buyer_name.clone(),
                    contact: self.buyer_contact.clone(),
                    business_id: self.business_id.clone(),
                    vat_number: self.vat_number.clone(),
                    address,
                    electronic: self.electronic.clone(),
                },
                buyer_reference: self.buyer_reference.clone(),
                order_number: self.order_number.clone(),
                corrects: at.corrects,
                note: self.note.clone(),
                lines: self.lines.clone(),
                totals: self.totals.clone(),
            }),
            _ => Err(errors),
        }
    }

    fn unfit(&self, seller: &Seller, today: Date) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if self.address.is_none() {
            errors.push(FieldError::new("address.street", code::ADDRESS_MISSING));
        }
        if self.lines.is_empty() {
            errors.push(FieldError::new("lines", code::INVOICE_WITHOUT_LINES));
        }
        let (has_vat, has_id) = (!self.vat_number.is_empty(), self.business_id.is_some());
        if self.lines.iter().any(|line| line.treatment.lacks_number(has_vat, has_id)) {
            errors.push(FieldError::new("vat_number", code::VAT_NUMBER_MISSING));
        }
        let day = self.delivered_on.unwrap_or(today);
        for (i, line) in self.lines.iter().enumerate() {
            let at = format!("lines.{i}.vat_rate");
            if line.treatment == Treatment::Taxed && !seller.vat_registered {
                errors.push(FieldError::new(at, code::SELLER_NOT_REGISTERED));
            } else if line.treatment == Treatment::Taxed && !is_in_force(line.vat_rate, day) {
                errors.push(FieldError::new(at, code::VAT_RATE_NOT_IN_FORCE));
            }
        }
        match self.kind {
            InvoiceKind::Invoice if self.totals.gross.0 < 0 => {
                errors.push(FieldError::new("lines", code::INVOICE_NEGATIVE));
            }
            InvoiceKind::CreditNote if self.totals.gross.0 > 0 => {
                errors.push(FieldError::new("lines", code::CREDIT_NOTE_POSITIVE));
            }
            _ => {}
        }
        errors
    }
}

/// What an invoice gets when it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Issue {
    /// Its number.
    pub number: String,
    /// Its reference number.
    pub reference: Reference,
    /// The day.
    pub date: Date,
    /// What a credit note takes back.
    pub corrects: Option<Corrected>,
}

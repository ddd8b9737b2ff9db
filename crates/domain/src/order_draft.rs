//! An order as it is given, and its check.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::date::{self, DateOrder};
use crate::draft::{DraftAddress, check_day};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrganisationId, PersonId};
use crate::kind::{Kind, Kinds};
use crate::money::{DecimalMark, parse_scaled};
use crate::order::{DeliveryAddress, Order, OrderLine, Quantity, Totals, UnitPrice};
use crate::order_state::OrderState;
use crate::value::Label;
use crate::vat::{Ratio, standard_rate};

/// Most lines that an order can have.
pub const MAX_LINES: usize = 10_000;
/// Most characters in an order number or a product code.
const MAX_CODE: usize = 40;
/// Most characters in a description or an addressee.
const MAX_TEXT: usize = 200;

/// An order line as a form or an import row gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LineDraft {
    /// Product code.
    pub product: String,
    /// What it is.
    pub description: String,
    /// How many.
    pub quantity: String,
    /// Price of one without tax.
    pub unit_price: String,
    /// `0.15` or `15 %`; empty: none.
    pub discount: String,
    /// `25.5`, `25,5 %` or `0.255`; empty: the standard rate on the day of the order.
    pub vat_rate: String,
}

/// An order as a form or an import gives it: raw text, nothing checked yet.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderDraft {
    /// Order number.
    pub number: String,
    /// Short name of the company of the group.
    pub company: String,
    /// Who placed it, found by the caller.
    pub person: Option<PersonId>,
    /// On whose behalf, found by the caller.
    pub organisation: Option<OrganisationId>,
    /// The day of the order.
    pub ordered_on: String,
    /// The day on which delivery was asked for, or empty.
    pub requested_on: String,
    /// The day of delivery, or empty.
    pub delivered_on: String,
    /// [`OrderState::as_str`]; empty: draft.
    pub state: String,
    /// Addressee.
    pub delivery_name: String,
    /// Delivery address.
    pub delivery: DraftAddress,
    /// The lines; those with all fields empty are passed over.
    pub lines: Vec<LineDraft>,
    /// How the dates are written, where they do not begin with the year.
    pub date_order: DateOrder,
    /// How the numbers are written.
    pub decimal_mark: DecimalMark,
}

/// An order checked and counted, ready to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidOrder {
    /// Order number.
    pub number: String,
    /// The company; whether the notice has it is for the caller to check.
    pub company: CompanyId,
    /// Who placed it.
    pub person: Option<PersonId>,
    /// On whose behalf.
    pub organisation: Option<OrganisationId>,
    /// The day of the order.
    pub ordered_on: Date,
    /// The day on which delivery was asked for.
    pub requested_on: Option<Date>,
    /// The day of delivery.
    pub delivered_on: Option<Date>,
    /// How far it has come.
    pub state: OrderState,
    /// Where to.
    pub delivery: Option<DeliveryAddress>,
    /// The lines, numbered from 1.
    pub lines: Vec<OrderLine>,
    /// The sums of `lines`.
    pub totals: Totals,
    /// What is odd but was kept.
    pub warnings: FieldErrors,
}

impl LineDraft {
    /// Whether nothing was written in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.product, &self.description, &self.quantity, &self.unit_price, &self.discount, &self.vat_rate]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    fn check(&self, number: i64, field: &str, defaults: &Defaults, errors: &mut FieldErrors) -> Option<OrderLine> {
        let before = errors.0.len();
        let at = |part: &str| format!("{field}.{part}");
        let mark = defaults.mark;
        let scaled = |part: &str, text: &str, places, invalid| {
            let field = at(part);
            if text.trim().is_empty() {
                return Err(FieldError::new(field, code::REQUIRED));
            }
            parse_scaled(&field, text, mark, places, invalid)
        };
        let share = |part: &str, text: &str, empty| {
            if text.trim().is_empty() { Ok(empty) } else { Ratio::parse(&at(part), text, mark) }
        };
        let product = errors.keep(one_line(&at("product"), &self.product, MAX_CODE)).unwrap_or_default();
        let description = errors.keep(one_line(&at("description"), &self.description, MAX_TEXT)).unwrap_or_default();
        let quantity = errors.keep(scaled("quantity", &self.quantity, 3, code::QUANTITY_INVALID));
        let unit_price = errors.keep(scaled("unit_price", &self.unit_price, 4, code::AMOUNT_INVALID));
        let discount = errors.keep(share("discount", &self.discount, Ratio::ZERO));
        let vat_rate = errors.keep(share("vat_rate", &self.vat_rate, defaults.vat_rate));
        if errors.0.len() == before && product.is_empty() && description.is_empty() {
            errors.push(FieldError::new(at("product"), code::ORDER_LINE_EMPTY));
        }
        let line = OrderLine {
            number,
            product,
            description,
            quantity: Quantity(quantity?),
            unit_price: UnitPrice(unit_price?),
            discount: discount?,
            vat_rate: vat_rate?,
        };
        if line.net().is_err() {
            errors.push(FieldError::new(at("unit_price"), code::AMOUNT_TOO_LARGE));
        }
        (errors.0.len() == before).then_some(line)
    }
}

/// What a line has when nothing is said.
struct Defaults {
    mark: DecimalMark,
    vat_rate: Ratio,
}

impl Order {
    /// The order as a form shows it to be edited, with numbers written by `mark` (the point when it is to be guessed).
    #[must_use]
    pub fn draft(&self, mark: DecimalMark) -> OrderDraft {
        let mark = if mark == DecimalMark::Guess { DecimalMark::Point } else { mark };
        let number = |decimal: Decimal| mark.write(decimal);
        let line = |line: &OrderLine| LineDraft {
            product: line.product.clone(),
            description: line.description.clone(),
            quantity: number(line.quantity.to_decimal()),
            unit_price: number(line.unit_price.to_decimal()),
            discount: format!("{} %", number(line.discount.percent())),
            vat_rate: format!("{} %", number(line.vat_rate.percent())),
        };
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let address = |delivery: &DeliveryAddress| DraftAddress::of(&delivery.address);
        OrderDraft {
            number: self.number.clone(),
            company: self.company.to_string(),
            person: self.person,
            organisation: self.organisation,
            ordered_on: day(Some(self.ordered_on)),
            requested_on: day(self.requested_on),
            delivered_on: day(self.delivered_on),
            state: self.state.to_string(),
            delivery_name: self.delivery.as_ref().map(|delivery| delivery.name.clone()).unwrap_or_default(),
            delivery: self.delivery.as_ref().map(address).unwrap_or_default(),
            lines: self.lines.iter().map(line).collect(),
            date_order: DateOrder::default(),
            decimal_mark: mark,
        }
    }
}

impl OrderDraft {
    /// The sums of those lines that can be counted already: what a form shows while it is being filled.
    #[must_use]
    pub fn totals_so_far(&self, today: Date) -> Totals {
        let day = self.day("ordered_on", &self.ordered_on, today, &mut FieldErrors::default()).unwrap_or(today);
        let defaults = Defaults { mark: self.decimal_mark, vat_rate: standard_rate(day) };
        let lines = self.lines.iter().filter(|line| !line.is_empty());
        let lines = lines.filter_map(|line| line.check(1, "", &defaults, &mut FieldErrors::default()));
        Totals::of(&lines.collect::<Vec<_>>()).unwrap_or_default()
    }

    /// Checks, normalises and counts the order. `kinds` are those that the notice declares. Dates may lie a hundred
    /// years to either side of `today`.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the fields.
    pub fn validate(&self, kinds: Kinds, today: Date) -> Result<ValidOrder, FieldErrors> {
        let (mut errors, mut warnings) = (FieldErrors::default(), FieldErrors::default());
        if !kinds.has(Kind::Orders) {
            return Err(FieldError::new("number", code::UNDECLARED).into());
        }
        let number = errors.keep(required("number", &self.number)).unwrap_or_default();
        let company = self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company: Option<CompanyId> = errors.keep(company);
        if self.person.is_none() && self.organisation.is_none() {
            errors.push(FieldError::new("person", code::ORDER_CUSTOMER_MISSING));
        }
        let ordered_on = self.day("ordered_on", &self.ordered_on, today, &mut errors);
        if ordered_on.is_none() && self.ordered_on.trim().is_empty() {
            errors.push(FieldError::new("ordered_on", code::REQUIRED));
        }
        let requested_on = self.day("requested_on", &self.requested_on, today, &mut errors);
        let delivered_on = self.day("delivered_on", &self.delivered_on, today, &mut errors);
        let state = errors.keep(self.state()).unwrap_or_default();
        let delivery = self.delivery_address(kinds, &mut errors, &mut warnings);
        let lines = self.lines(ordered_on.map_or(Ratio::ZERO, standard_rate), &mut errors);
        let totals = Totals::of(&lines).map_err(|_| FieldError::new("lines", code::AMOUNT_TOO_LARGE));
        let totals = errors.keep(totals).unwrap_or_default();
        let (Some(company), Some(ordered_on), true) = (company, ordered_on, errors.is_empty()) else {
            return Err(errors);
        };
        let (person, organisation) = (self.person, self.organisation);
        Ok(ValidOrder {
            number,
            company,
            person,
            organisation,
            ordered_on,
            requested_on,
            delivered_on,
            state,
            delivery,
            lines,
            totals,
            warnings,
        })
    }

    fn day(&self, field: &str, text: &str, today: Date, errors: &mut FieldErrors) -> Option<Date> {
        let day = errors.keep(date::parse_field(field, text, self.date_order)).flatten()?;
        errors.keep(check_day(field, day, today))
    }

    fn state(&self) -> Result<OrderState, FieldError> {
        let text = self.state.trim();
        if text.is_empty() {
            return Ok(OrderState::default());
        }
        text.parse().map_err(|_| FieldError::new("state", code::ORDER_STATE_UNKNOWN))
    }

    fn delivery_address(
        &self,
        kinds: Kinds,
        errors: &mut FieldErrors,
        warnings: &mut FieldErrors,
    ) -> Option<DeliveryAddress> {
        let name = errors.keep(one_line("delivery_name", &self.delivery_name, MAX_TEXT)).unwrap_or_default();
        let mut address = PostalAddress::check("delivery", &self.delivery, errors, warnings)?;
        if !kinds.has(Kind::PostalAddress) {
            errors.push(FieldError::new("delivery", code::UNDECLARED));
        }
        address.label = Some(Label::Delivery);
        Some(DeliveryAddress { name, address })
    }

    fn lines(&self, vat_rate: Ratio, errors: &mut FieldErrors) -> Vec<OrderLine> {
        if self.lines.len() > MAX_LINES {
            errors.push(FieldError::new("lines", code::TOO_MANY).with("max", MAX_LINES));
            return Vec::new();
        }
        let defaults = Defaults { mark: self.decimal_mark, vat_rate };
        let given = self.lines.iter().enumerate().filter(|(_, line)| !line.is_empty());
        given
            .zip(1..)
            .filter_map(|((i, line), number)| line.check(number, &format!("lines.{i}"), &defaults, errors))
            .collect()
    }
}

fn required(field: &str, text: &str) -> Result<String, FieldError> {
    let text = one_line(field, text, MAX_CODE)?;
    if text.is_empty() { Err(FieldError::new(field, code::REQUIRED)) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Cents;

    const TODAY: Date = jiff::civil::date(2026, 11, 23);

    fn kinds() -> Kinds {
        [Kind::Orders, Kind::PostalAddress].into_iter().collect()
    }

    fn line(quantity: &str, unit_price: &str) -> LineDraft {
        LineDraft {
            product: "11".into(),
            quantity: quantity.into(),
            unit_price: unit_price.into(),
            ..LineDraft::default()
        }
    }

    fn draft() -> OrderDraft {
        OrderDraft {
            number: " 10248 ".into(),
            company: "arjasmaa".into(),
            person: Some(PersonId(uuid::Uuid::from_u128(1))),
            ordered_on: "23.11.2026".into(),
            lines: vec![line("2", "9,80"), LineDraft::default(), line("1,5", "1 000")],
            ..OrderDraft::default()
        }
    }

    fn stored(order: ValidOrder) -> Order {
        Order {
            id: crate::id::OrderId(uuid::Uuid::from_u128(2)),
            number: order.number,
            company: order.company,
            person: order.person,
            organisation: order.organisation,
            ordered_on: order.ordered_on,
            requested_on: order.requested_on,
            delivered_on: order.delivered_on,
            state: order.state,
            delivery: order.delivery,
            lines: order.lines,
            totals: order.totals,
            source: "orders".parse().unwrap(),
            entered_by: String::new(),
            entered_at: jiff::Timestamp::UNIX_EPOCH,
            version: 1,
            changed_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_good_order_is_counted() {
        let mut draft = draft();
        draft.delivery_name = "Wartian Herkku".into();
        draft.delivery.street = "Torikatu 38".into();
        draft.delivery.postal_code = "90100".into();
        let order = draft.validate(kinds(), TODAY).unwrap();
        assert_eq!((order.number.as_str(), order.state), ("10248", OrderState::Draft));
        assert_eq!(order.lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(order.lines[0].vat_rate, Ratio(2_550));
        assert_eq!(order.totals.net, Cents(1_960 + 150_000));
        assert_eq!(order.delivery.unwrap().address.town, "Oulu");
        assert!(order.warnings.is_empty());
    }

    #[test]
    fn every_fault_is_named_at_its_field() {
        type Spoil = fn(&mut OrderDraft);
        let cases: [(Spoil, &str, &str); 16] = [
            (|d| d.number.clear(), "number", code::REQUIRED),
            (|d| d.number = "1".repeat(41), "number", code::TOO_LONG),
            (|d| d.company = "Ä".into(), "company", code::COMPANY_UNKNOWN),
            (|d| d.person = None, "person", code::ORDER_CUSTOMER_MISSING),
            (|d| d.ordered_on.clear(), "ordered_on", code::REQUIRED),
            (|d| d.ordered_on = "11/23/2026".into(), "ordered_on", code::DATE_INVALID),
            (|d| d.delivered_on = "2300-01-01".into(), "delivered_on", code::DATE_FAR),
            (|d| d.state = "lost".into(), "state", code::ORDER_STATE_UNKNOWN),
            (|d| d.delivery.postal_code = "1".into(), "delivery.postal_code", code::POSTAL_CODE_INVALID),
            (|d| d.lines[2].quantity = "1,2345".into(), "lines.2.quantity", code::QUANTITY_INVALID),
            (|d| d.lines[2].unit_price.clear(), "lines.2.unit_price", code::REQUIRED),
            (|d| d.lines[2].unit_price = "1.234".into(), "lines.2.unit_price", code::AMOUNT_AMBIGUOUS),
            (|d| d.lines[2].discount = "120".into(), "lines.2.discount", code::PERCENTAGE_INVALID),
            (|d| d.lines[0].product.clear(), "lines.0.product", code::ORDER_LINE_EMPTY),
            (|d| d.lines[0].unit_price = "1000000000000000".into(), "lines.0.unit_price", code::AMOUNT_TOO_LARGE),
            (|d| d.lines = vec![line("1", "1"); MAX_LINES + 1], "lines", code::TOO_MANY),
        ];
        for (spoil, field, want) in cases {
            let mut draft = draft();
            spoil(&mut draft);
            let errors = draft.validate(kinds(), TODAY).unwrap_err();
            assert_eq!(errors.0.iter().map(|e| (e.field.as_str(), e.code)).collect::<Vec<_>>(), [(field, want)]);
        }
        let mut most = draft();
        most.lines = vec![line("1", "0,01"); MAX_LINES];
        assert_eq!(most.validate(kinds(), TODAY).unwrap().totals.net, Cents(10_000));
    }

    #[test]
    fn what_the_notice_does_not_declare_is_refused() {
        assert_eq!(draft().validate(Kinds::NONE, TODAY).unwrap_err().0[0].code, code::UNDECLARED);
        let mut with_address = draft();
        with_address.delivery.town = "Oulu".into();
        let errors = with_address.validate(kinds().without(Kind::PostalAddress), TODAY).unwrap_err();
        assert_eq!((errors.0[0].field.as_str(), errors.0[0].code), ("delivery", code::UNDECLARED));
    }

    proptest! {
        #[test]
        fn any_text_is_an_order_or_is_refused(
            number in "\\PC{0,9}", day in "[0-9./-]{0,10}|\\PC{0,9}",
            cells in prop::collection::vec("[0-9,. %-]{0,22}|\\PC{0,9}", 4),
        ) {
            let mut draft = draft();
            (draft.number, draft.ordered_on) = (number, day);
            let mut line = line(&cells[0], &cells[1]);
            (line.discount, line.vat_rate) = (cells[2].clone(), cells[3].clone());
            draft.lines.push(line);
            if let Ok(order) = draft.validate(kinds(), TODAY) {
                prop_assert_eq!(Totals::of(&order.lines), Ok(order.totals.clone()));
                for mark in [DecimalMark::Comma, DecimalMark::Point] {
                    let form = stored(order.clone()).draft(mark);
                    prop_assert_eq!(form.validate(kinds(), TODAY), Ok(order.clone()));
                }
            }
        }
    }
}

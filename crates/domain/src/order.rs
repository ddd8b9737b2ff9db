//! Orders (*tilaukset*).

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::address::PostalAddress;
use crate::id::{CompanyId, OrderId, OrganisationId, PersonId, SourceId};
use crate::money::{Cents, TooLarge, divide_rounded};
pub use crate::order_draft::{LineDraft, MAX_LINES, OrderDraft, ValidOrder};
pub use crate::order_state::{OrderState, UnknownState, may_edit};
pub use crate::vat::Ratio;

/// A quantity in thousandths: 1.5 kg is 1,500.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(pub i64);

/// A price of one unit without tax, in ten-thousandths of a euro: 9.80 EUR is 98,000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitPrice(pub i64);

/// Where an order was delivered, as it was then: later changes of the customer's address do not reach it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeliveryAddress {
    /// Addressee.
    pub name: String,
    /// The address.
    pub address: PostalAddress,
}

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderLine {
    /// Its number, from 1.
    pub number: i64,
    /// Product code.
    pub product: String,
    /// What it is.
    pub description: String,
    /// How many; negative on a return.
    pub quantity: Quantity,
    /// Price of one without tax.
    pub unit_price: UnitPrice,
    /// Discount as a share of the price, 0-10,000.
    pub discount: Ratio,
    /// VAT rate, 0-10,000.
    pub vat_rate: Ratio,
}

/// The sums of one VAT rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RateTotal {
    /// The rate.
    pub rate: Ratio,
    /// Sum of the lines' nets.
    pub net: Cents,
    /// Tax of that sum, rounded once per rate.
    pub vat: Cents,
}

/// The sums of an order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Per VAT rate, the highest rate first.
    pub rates: Vec<RateTotal>,
    /// Without tax.
    pub net: Cents,
    /// Tax.
    pub vat: Cents,
    /// With tax.
    pub gross: Cents,
}

/// An order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Its number, unique in the company.
    pub number: String,
    /// The company of the group that it was placed with.
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
    /// Where to, as it was.
    pub delivery: Option<DeliveryAddress>,
    /// The lines by number.
    pub lines: Vec<OrderLine>,
    /// The sums of `lines`.
    pub totals: Totals,
    /// Where it came from, as the notice names the source.
    pub source: SourceId,
    /// Who entered it: the user's name as it was then, or the import.
    pub entered_by: String,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// Grows by one with every change; a change names the version that it was made on.
    pub version: i64,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl Quantity {
    /// As a decimal number.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 3).normalize()
    }
}

impl UnitPrice {
    /// In euros, with two decimals at least.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        if self.0 % 100 == 0 { Decimal::new(self.0 / 100, 2) } else { Decimal::new(self.0, 4).normalize() }
    }
}

impl OrderLine {
    /// Quantity times price less discount, exactly, rounded once to the cent; a half goes away from zero, so that a
    /// return cancels its sale.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn net(&self) -> Result<Cents, TooLarge> {
        line_net(self.quantity, self.unit_price, self.discount)
    }
}

/// The sum of a line without tax: see [`OrderLine::net`]. Orders and invoices have the one rule.
pub(crate) fn line_net(quantity: Quantity, unit_price: UnitPrice, discount: Ratio) -> Result<Cents, TooLarge> {
    let kept = Ratio::ONE.0.checked_sub(discount.0).ok_or(TooLarge)?;
    // Thousandths x ten-thousandths x ten-thousandths of a euro: 10^-11, and 10^-9 of a cent.
    let exact = i128::from(quantity.0)
        .checked_mul(i128::from(unit_price.0))
        .and_then(|product| product.checked_mul(i128::from(kept)))
        .ok_or(TooLarge)?;
    cents(divide_rounded(exact, 1_000_000_000))
}

/// The tax of the sum of all lines of one rate, rounded once; a half goes away from zero.
pub(crate) fn tax_of(net: Cents, rate: Ratio) -> Result<Cents, TooLarge> {
    // At most 2^63 x 2^63: within 128 bits.
    cents(divide_rounded(i128::from(net.0) * i128::from(rate.0), i128::from(Ratio::ONE.0)))
}

fn cents(amount: i128) -> Result<Cents, TooLarge> {
    i64::try_from(amount).map(Cents).map_err(|_| TooLarge)
}

impl Totals {
    /// The sums of lines. Tax is counted and rounded once per rate (Act 1501/1993 section 209 e).
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn of(lines: &[OrderLine]) -> Result<Self, TooLarge> {
        let mut nets = BTreeMap::<Ratio, Cents>::new();
        for line in lines {
            let net = nets.entry(line.vat_rate).or_default();
            *net = net.plus(line.net()?)?;
        }
        let mut totals = Self::default();
        for (rate, net) in nets.into_iter().rev() {
            let vat = tax_of(net, rate)?;
            totals.net = totals.net.plus(net)?;
            totals.vat = totals.vat.plus(vat)?;
            totals.rates.push(RateTotal { rate, net, vat });
        }
        totals.gross = totals.net.plus(totals.vat)?;
        Ok(totals)
    }
}

/// Whether the archiving rule of `months` takes an order on `today`: it is delivered, invoiced or cancelled, and that
/// many months have gone since its last date.
#[must_use]
pub fn archive_due(order: &Order, months: u16, today: Date) -> bool {
    let last = order.delivered_on.map_or(order.ordered_on, |delivered| delivered.max(order.ordered_on));
    // A day past the end of the calendar never comes.
    order.state.may_become(OrderState::Archived)
        && last.checked_add(i32::from(months).months()).is_ok_and(|due| due <= today)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::vat::Ratio;

    fn line(quantity: i64, unit_price: i64, discount: i64, vat_rate: i64) -> OrderLine {
        OrderLine {
            number: 1,
            product: "11".into(),
            description: String::new(),
            quantity: Quantity(quantity),
            unit_price: UnitPrice(unit_price),
            discount: Ratio(discount),
            vat_rate: Ratio(vat_rate),
        }
    }

    #[test]
    fn a_line_is_exact_and_rounded_once() {
        for (quantity, price, discount, want) in [
            (12_000, 140_000, 0, 16_800),
            (1_000, 100, 0, 1),
            (1_000, 50, 0, 1),
            (1_000, 49, 0, 0),
            (-1_000, 50, 0, -1),
            (15_000, 168_000, 1_500, 21_420),
            (500, 10_100, 0, 51),
            (1_000, 990_000, 10_000, 0),
        ] {
            assert_eq!(line(quantity, price, discount, 0).net(), Ok(Cents(want)), "{quantity} x {price} - {discount}");
        }
        assert_eq!(line(i64::MAX, i64::MAX, 0, 0).net(), Err(TooLarge));
        assert_eq!(line(i64::MAX, 10_000, 0, 0).net(), Ok(Cents(922_337_203_685_477_581)));
        assert_eq!(line(1, 1, i64::MIN, 0).net(), Err(TooLarge));
    }

    #[test]
    fn tax_is_rounded_once_per_rate() {
        let lines = [line(1_000, 9_900, 0, 2_550), line(1_000, 9_900, 0, 2_550), line(1_000, 10_000, 0, 1_350)];
        let totals = Totals::of(&lines).unwrap();
        assert_eq!(
            totals.rates,
            [
                RateTotal { rate: Ratio(2_550), net: Cents(198), vat: Cents(50) },
                RateTotal { rate: Ratio(1_350), net: Cents(100), vat: Cents(14) },
            ]
        );
        assert_eq!((totals.net, totals.vat, totals.gross), (Cents(298), Cents(64), Cents(362)));
        let huge = line(i64::MAX, 10_000, 0, 0);
        assert_eq!(Totals::of(&vec![huge; 11]), Err(TooLarge));
    }

    #[test]
    fn old_orders_are_archived() {
        let mut order = order();
        for (state, delivered, months, today, want) in [
            (OrderState::Invoiced, None, 12, date(2026, 1, 30), false),
            (OrderState::Invoiced, None, 12, date(2026, 1, 31), true),
            (OrderState::Cancelled, None, 1, date(2025, 2, 28), true),
            (OrderState::Delivered, Some(date(2025, 3, 1)), 12, date(2026, 2, 28), false),
            (OrderState::Confirmed, None, 12, date(2036, 1, 1), false),
            (OrderState::Archived, None, 12, date(2036, 1, 1), false),
            (OrderState::Invoiced, None, u16::MAX, date(9999, 12, 31), true),
        ] {
            (order.state, order.delivered_on) = (state, delivered);
            assert_eq!(archive_due(&order, months, today), want, "{state} {months} {today}");
        }
    }

    fn order() -> Order {
        Order {
            id: OrderId(uuid::Uuid::from_u128(1)),
            number: "1".into(),
            company: "arjasmaa".parse().unwrap(),
            person: None,
            organisation: None,
            ordered_on: date(2025, 1, 31),
            requested_on: None,
            delivered_on: None,
            state: OrderState::Draft,
            delivery: None,
            lines: Vec::new(),
            totals: Totals::default(),
            source: "orders".parse().unwrap(),
            entered_by: String::new(),
            entered_at: Timestamp::UNIX_EPOCH,
            version: 1,
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// Where the shared material stands, if it does.
    fn shared() -> Option<PathBuf> {
        let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        Some(std::env::var_os("SELOSTE_SHARED").map_or_else(beside, PathBuf::from)).filter(|path| path.is_dir())
    }

    #[test]
    fn northwind_adds_up() {
        let Some(shared) = shared() else {
            println!("skipped: northwind_adds_up needs ../shared");
            return;
        };
        let text = std::fs::read_to_string(shared.join("data/northwind/order_details.csv")).unwrap();
        let mut sum = Cents::ZERO;
        let mut count = 0;
        for row in text.lines().skip(1) {
            let cells: Vec<&str> = row.trim_end().split(',').collect();
            let draft = LineDraft {
                product: cells[1].into(),
                unit_price: cells[2].into(),
                quantity: cells[3].into(),
                discount: cells[4].into(),
                vat_rate: "0".into(),
                ..LineDraft::default()
            };
            let order = OrderDraft {
                number: cells[0].into(),
                company: "arjasmaa".into(),
                person: Some(PersonId(uuid::Uuid::from_u128(1))),
                ordered_on: "1996-07-04 00:00:00.000".into(),
                lines: vec![draft],
                ..OrderDraft::default()
            };
            let orders = [crate::kind::Kind::Orders].into_iter().collect();
            let valid = order.validate(orders, date(2026, 11, 23)).unwrap();
            sum = sum.plus(valid.totals.gross).unwrap();
            count += 1;
        }
        assert_eq!((count, sum), (2_155, Cents(126_579_329)));
    }

    proptest! {
        #[test]
        fn totals_are_the_sum_of_the_lines(
            rows in prop::collection::vec(
                (-1_000_000..1_000_000_i64, -100_000_000..100_000_000_i64, 0..=10_000_i64, prop::sample::select(vec![0, 1_000, 1_350, 2_550])),
                0..40,
            )
        ) {
            let lines: Vec<OrderLine> = rows.iter().map(|(q, p, d, v)| line(*q, *p, *d, *v)).collect();
            let totals = Totals::of(&lines).unwrap();
            let net: i64 = lines.iter().map(|line| line.net().unwrap().0).sum();
            prop_assert_eq!(totals.net.0, net);
            prop_assert_eq!(totals.rates.iter().map(|rate| rate.net.0).sum::<i64>(), net);
            prop_assert_eq!(totals.gross.0, net + totals.rates.iter().map(|rate| rate.vat.0).sum::<i64>());
            for (total, rate) in totals.rates.iter().map(|total| (total, total.rate.0)) {
                prop_assert!((total.net.0 * rate - total.vat.0 * 10_000).abs() <= 5_000);
            }
        }

        #[test]
        fn any_numbers_are_counted_or_refused(q in any::<i64>(), p in any::<i64>(), d in any::<i64>(), v in any::<i64>()) {
            let _ = Totals::of(&[line(q, p, d, v), line(p, q, d, v)]);
        }

        #[test]
        fn a_return_cancels_its_sale(q in -1_000_000..1_000_000_i64, p in 0..100_000_000_i64, d in 0..=10_000_i64) {
            let (sale, back) = (line(q, p, d, 0).net().unwrap(), line(-q, p, d, 0).net().unwrap());
            prop_assert_eq!(sale.plus(back), Ok(Cents::ZERO));
        }
    }
}

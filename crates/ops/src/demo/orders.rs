//! The demo's orders over ten years.

use jiff::ToSpan as _;
use jiff::civil::Date;
use rand::RngExt as _;
use rand::rngs::StdRng;
use seloste_domain::id::{OrganisationId, PersonId};
use seloste_domain::money::DecimalMark;
use seloste_domain::order::{LineDraft, OrderDraft};
use seloste_domain::product::ProductDraft;
use seloste_domain::vat::rates_on;

use super::fixtures::{Fixtures, Product, chance, one};

/// Days over which orders are spread.
const DAYS: i32 = 3652;

/// Someone who orders.
#[derive(Clone)]
pub(super) struct Customer {
    pub(super) person: PersonId,
    pub(super) organisation: Option<OrganisationId>,
    pub(super) companies: Vec<String>,
    pub(super) name: String,
    pub(super) address: seloste_domain::draft::DraftAddress,
}

/// The days of the orders, oldest first: more of them in later years.
pub(super) fn days(rng: &mut StdRng, count: usize, today: Date) -> Vec<Date> {
    let mut days: Vec<Date> = (0..count)
        .map(|_| {
            let (a, b) = (rng.random_range(0..DAYS), rng.random_range(0..DAYS));
            let ago = if chance(rng, 30) { a.min(b) } else { a };
            let day = today.saturating_sub(i64::from(ago).days());
            // Orders come on working days.
            match day.weekday() {
                jiff::civil::Weekday::Saturday => day.saturating_sub(1.days()),
                jiff::civil::Weekday::Sunday => day.saturating_sub(2.days()),
                _ => day,
            }
        })
        .collect();
    days.sort_unstable();
    days
}

/// A customer's order of a day.
pub(super) fn order(
    rng: &mut StdRng,
    words: &Fixtures,
    number: usize,
    customer: &Customer,
    day: Date,
    today: Date,
) -> OrderDraft {
    let age = (today - day).get_days();
    let state = state(rng, age);
    let delivered = day.saturating_add(i64::from(rng.random_range(1..9)).days()).min(today);
    let is_delivered = matches!(state, "delivered" | "invoiced");
    let mut delivery = customer.address.clone();
    delivery.label.clear();
    OrderDraft {
        number: format!("{}", 10_001 + number),
        company: one(rng, &customer.companies).clone(),
        person: Some(customer.person),
        organisation: customer.organisation,
        ordered_on: day.to_string(),
        requested_on: if chance(rng, 30) { day.saturating_add(7.days()).to_string() } else { String::new() },
        delivered_on: if is_delivered { delivered.to_string() } else { String::new() },
        state: state.into(),
        delivery_name: customer.name.clone(),
        delivery,
        lines: lines(rng, words, day),
        ..OrderDraft::default()
    }
}

/// How far an order has come so many days after it.
fn state(rng: &mut StdRng, age: i32) -> &'static str {
    match (age, rng.random_range(0..100)) {
        (_, 0..4) => "cancelled",
        (..4, 4..50) => "draft",
        (..10, _) => "confirmed",
        (..25, 4..40) => "confirmed",
        (..45, _) => "delivered",
        _ => "invoiced",
    }
}

/// Prices have risen by about two per cent a year.
fn price(product: &Product, day: Date) -> String {
    let cents = product.cents * i64::from(i32::from(day.year()) * 2 - 3952) / 100;
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The catalogue of a company.
pub(super) fn products(words: &Fixtures, company: &str, day: Date) -> Vec<ProductDraft> {
    let rates = rates_on(day);
    let product = |product: &Product| ProductDraft {
        company: company.to_owned(),
        code: product.code.into(),
        name: product.name.into(),
        unit_price: price(product, day),
        vat_rate: rates.get(product.vat).map(|rate| format!("{} %", rate.percent())).unwrap_or_default(),
        on_sale: true,
        decimal_mark: DecimalMark::Point,
    };
    words.products.iter().map(product).collect()
}

fn lines(rng: &mut StdRng, words: &Fixtures, day: Date) -> Vec<LineDraft> {
    let rates = rates_on(day);
    let count = 1 + rng.random_range(0..3_usize) + usize::from(chance(rng, 20)) * 3;
    let mut lines: Vec<LineDraft> = Vec::with_capacity(count);
    for _ in 0..count {
        let product = one(rng, &words.products);
        if lines.iter().any(|line| line.product == product.code) {
            continue;
        }
        let rate = rates.get(product.vat).or(rates.first()).copied().unwrap_or_default();
        lines.push(LineDraft {
            product: product.code.into(),
            description: product.name.into(),
            quantity: rng.random_range(1..13).to_string(),
            unit_price: price(product, day),
            discount: if chance(rng, 12) { "10 %".into() } else { String::new() },
            vat_rate: format!("{} %", rate.percent()),
        });
    }
    lines
}

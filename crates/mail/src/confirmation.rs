//! The confirmation of an order: number, days, lines as a table of plain text, sums.

use seloste_domain::format;
use seloste_domain::language::Language;
use seloste_domain::notice::Notice;
use seloste_domain::order::{Order, OrderLine, Ratio};
use unicode_width::UnicodeWidthChar as _;
use unicode_width::UnicodeWidthStr as _;

use crate::letter::{WIDTH, aligned, greeting};
pub use crate::letter::{footer, opt_out};
use crate::text::Texts;

/// The subject and the text of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
}

/// Writes the confirmation of an order to `name`, in a language, with the names of the files that go with it.
#[must_use]
pub fn write(order: &Order, name: &str, notice: &Notice, language: Language, files: &[&str]) -> Written {
    let t = Texts(language);
    let company = notice.company(&order.company).map_or(order.company.as_str(), |company| company.name.as_str());
    let mut parts = vec![
        format!("{}\n{}", greeting(name, language), t.with("confirmation-intro", &[("company", &company)])),
        head(order, t),
        lines(order, t),
        sums(order, t),
    ];
    if let Some(delivery) = &order.delivery {
        let rows = delivery.address.envelope(&[delivery.name.as_str()]);
        parts.push(format!("{}:\n  {}", t.get("order-delivery"), rows.join("\n  ")));
    }
    parts.push(t.get("confirmation-check"));
    if !files.is_empty() {
        parts.push(t.with("footer-enclosed", &[("files", &files.join(", "))]));
    }
    parts.push(footer(notice, language));
    Written {
        subject: t.with("confirmation-subject", &[("number", &order.number), ("company", &company)]),
        body: parts.join("\n\n"),
    }
}

fn head(order: &Order, t: Texts) -> String {
    let mut rows =
        vec![(t.get("order-number"), order.number.clone()), (t.get("order-day"), format::date(order.ordered_on, t.0))];
    rows.extend(order.requested_on.map(|day| (t.get("order-requested"), format::date(day, t.0))));
    aligned(&rows)
}

fn percent(ratio: Ratio, language: Language) -> String {
    format!("{}\u{a0}%", format::scaled(ratio.0, 2, 0, language))
}

/// The lines as columns. The last ones are numbers and stand to the right; what does not fit of the first goes on below.
fn lines(order: &Order, t: Texts) -> String {
    let has_discount = order.lines.iter().any(|line| line.discount.0 != 0);
    let mut head = vec![t.get("line-product"), t.get("line-quantity"), t.get("line-price")];
    if has_discount {
        head.push(t.get("line-discount"));
    }
    head.extend([t.get("line-vat"), t.get("line-net")]);
    let rows: Vec<Vec<String>> =
        std::iter::once(head).chain(order.lines.iter().map(|line| cells(line, has_discount, t.0))).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (1..columns).map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0)).collect();
    let first = WIDTH.saturating_sub(widths.iter().map(|width| width + 2).sum()).max(20);
    let mut table = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let mut product = wrapped(&row[0], first).into_iter();
        let mut line = padded(&product.next().unwrap_or_default(), first);
        for (cell, width) in row[1..].iter().zip(&widths) {
            line.push_str(&format!("  {}{cell}", " ".repeat(width.saturating_sub(cell.width()))));
        }
        table.push(line.trim_end().to_owned());
        table.extend(product);
        if place == 0 {
            table.push("-".repeat(WIDTH));
        }
    }
    table.push("-".repeat(WIDTH));
    table.join("\n")
}

fn cells(line: &OrderLine, has_discount: bool, language: Language) -> Vec<String> {
    let product = [line.description.as_str(), line.product.as_str()];
    let product = match product {
        ["", code] => code.to_owned(),
        [text, ""] => text.to_owned(),
        [text, code] => format!("{text} ({code})"),
    };
    let mut cells = vec![
        product,
        format::scaled(line.quantity.0, 3, 0, language),
        format::scaled(line.unit_price.0, 4, 2, language),
    ];
    if has_discount {
        cells.push(if line.discount.0 == 0 { String::new() } else { percent(line.discount, language) });
    }
    cells.push(percent(line.vat_rate, language));
    cells.push(line.net().map(|net| format::money(net, language)).unwrap_or_default());
    cells
}

fn sums(order: &Order, t: Texts) -> String {
    let totals = &order.totals;
    let money = |cents| format::money(cents, t.0);
    let mut rows = vec![(t.get("total-net"), money(totals.net))];
    rows.extend(totals.rates.iter().map(|rate| {
        let (percent, net) = (percent(rate.rate, t.0), money(rate.net));
        (t.with("total-vat-of", &[("rate", &percent), ("net", &net)]), money(rate.vat))
    }));
    rows.push((t.get("total-gross"), money(totals.gross)));
    let row = |(label, value): &(String, String)| {
        format!("{label}{}{value}", " ".repeat(WIDTH.saturating_sub(label.width() + value.width()).max(1)))
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// A text in rows of at most `width` columns, broken between words where it can be. A Chinese letter takes two columns.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in text.split_whitespace() {
        for (place, piece) in pieces(word, width).into_iter().enumerate() {
            let row = rows.last().map_or(0, |row| row.width());
            let joins = place == 0 && row > 0;
            if row + usize::from(joins) + piece.width() > width {
                rows.push(piece);
            } else if let Some(last) = rows.last_mut() {
                last.push_str(if joins { " " } else { "" });
                last.push_str(&piece);
            }
        }
    }
    rows
}

/// A word in pieces that fit.
fn pieces(word: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for c in word.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > width {
            pieces.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(last) = pieces.last_mut() {
            last.push(c);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seloste_domain::id::OrderId;
    use seloste_domain::order::{OrderDraft, OrderState, Totals};

    use super::*;

    const NOTICE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

    fn order() -> Order {
        let line = |number, product: &str, description: &str, quantity, price, discount| OrderLine {
            number,
            product: product.into(),
            description: description.into(),
            quantity: seloste_domain::order::Quantity(quantity),
            unit_price: seloste_domain::order::UnitPrice(price),
            discount: Ratio(discount),
            vat_rate: Ratio(if number == 3 { 1_350 } else { 2_550 }),
        };
        let lines = vec![
            line(1, "A-1", "Kumisaapas", 3_000, 199_500, 0),
            line(
                2,
                "B-2",
                "Sadetakki, jossa on irrotettava huppu ja heijastimet selässä ja hihoissa",
                1_500,
                400_000,
                1_000,
            ),
            line(3, "", "雨伞", 120_000, 98_000, 0),
        ];
        Order {
            id: OrderId(uuid::Uuid::from_u128(1)),
            number: "T-00001".into(),
            company: "arjasmaa".parse().unwrap(),
            person: None,
            organisation: None,
            ordered_on: jiff::civil::date(2026, 11, 2),
            requested_on: Some(jiff::civil::date(2026, 12, 24)),
            delivered_on: None,
            state: OrderState::Confirmed,
            delivery: None,
            totals: Totals::of(&lines).unwrap(),
            lines,
            source: "customer".parse().unwrap(),
            entered_by: "test".into(),
            entered_at: jiff::Timestamp::UNIX_EPOCH,
            version: 1,
            changed_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_confirmation_in_each_language() {
        let notice = Notice::parse(NOTICE).unwrap();
        for language in Language::ALL {
            let written = write(&order(), "Åsa Öhman", &notice, language, &["Tilausvahvistus.pdf"]);
            insta::assert_snapshot!(language.tag(), format!("{}\n\n{}", written.subject, written.body));
            for part in ["Aino Esimerkki", "tietosuoja@arjasmaa.example.com", "09 1234 5678", "Esimerkkikatu 1"] {
                assert!(written.body.contains(part), "P01: {part}");
            }
        }
        let _ = OrderDraft::default();
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide_and_no_letter_is_lost(text in "[a-zäö雨 ]{0,200}", width in 4_usize..40) {
            let rows = wrapped(&text, width);
            prop_assert!(rows.iter().all(|row| row.width() <= width), "{rows:?}");
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&rows.concat()), letters(&text));
        }
    }
}

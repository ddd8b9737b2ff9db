//! Products (*tuotteet*): what order lines are made of. Prices and rates are copied to the line, so that a change here
//! changes no order.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, ProductId};
use crate::money::{DecimalMark, parse_scaled};
use crate::order::{LineDraft, UnitPrice};
use crate::vat::{Ratio, standard_rate};

/// Most characters in a code; that of a line has as many.
const MAX_CODE: usize = 40;
/// Most characters in a name.
const MAX_NAME: usize = 200;

/// Something that is sold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The company that sells it.
    pub company: CompanyId,
    /// Its code, once a company.
    pub code: String,
    /// What it is.
    pub name: String,
    /// Price of one without tax.
    pub unit_price: UnitPrice,
    /// The rate of its tax.
    pub vat_rate: Ratio,
    /// Whether it is offered for new lines.
    pub on_sale: bool,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// A product as a form or a file gives it: raw text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductDraft {
    /// Short name of the company.
    pub company: String,
    /// Its code.
    pub code: String,
    /// What it is.
    pub name: String,
    /// Price of one without tax.
    pub unit_price: String,
    /// `25,5 %`; empty: the standard rate.
    pub vat_rate: String,
    /// Whether it is offered for new lines.
    pub on_sale: bool,
    /// How the numbers are written.
    pub decimal_mark: DecimalMark,
}

/// A product checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidProduct {
    /// The company; whether the notice has it is for the caller to check.
    pub company: CompanyId,
    /// Its code.
    pub code: String,
    /// What it is.
    pub name: String,
    /// Price of one without tax.
    pub unit_price: UnitPrice,
    /// The rate of its tax.
    pub vat_rate: Ratio,
    /// Whether it is offered for new lines.
    pub on_sale: bool,
}

impl ProductDraft {
    /// Checks the product. An empty rate is the standard rate of `today`.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self, today: Date) -> Result<ValidProduct, FieldErrors> {
        let mut errors = FieldErrors::default();
        let company = self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company: Option<CompanyId> = errors.keep(company);
        let required = |field: &str, text: &str, longest| match one_line(field, text, longest) {
            Ok(text) if text.is_empty() => Err(FieldError::new(field, code::REQUIRED)),
            other => other,
        };
        let code = errors.keep(required("code", &self.code, MAX_CODE));
        let name = errors.keep(required("name", &self.name, MAX_NAME));
        let price = match self.unit_price.trim() {
            "" => Err(FieldError::new("unit_price", code::REQUIRED)),
            text => parse_scaled("unit_price", text, self.decimal_mark, 4, code::AMOUNT_INVALID),
        };
        let price = errors.keep(price);
        let rate = match self.vat_rate.trim() {
            "" => Ok(standard_rate(today)),
            text => Ratio::parse("vat_rate", text, self.decimal_mark),
        };
        let rate = errors.keep(rate);
        match (company, code, name, price, rate) {
            (Some(company), Some(code), Some(name), Some(price), Some(vat_rate)) if errors.is_empty() => {
                Ok(ValidProduct { company, code, name, unit_price: UnitPrice(price), vat_rate, on_sale: self.on_sale })
            }
            _ => Err(errors),
        }
    }
}

impl Product {
    /// The product as a form shows it.
    #[must_use]
    pub fn draft(&self, mark: DecimalMark) -> ProductDraft {
        ProductDraft {
            company: self.company.to_string(),
            code: self.code.clone(),
            name: self.name.clone(),
            unit_price: mark.write(self.unit_price.to_decimal()),
            vat_rate: format!("{} %", mark.write(self.vat_rate.percent())),
            on_sale: self.on_sale,
            decimal_mark: mark,
        }
    }
}

/// Writes into lines what the catalogue knows and nobody has said: of a line with a code, the description, the price and
/// the rate; of any line, a quantity of one.
pub fn fill(lines: &mut [LineDraft], mark: DecimalMark, find: impl Fn(&str) -> Option<Product>) {
    for line in lines.iter_mut().filter(|line| !line.product.trim().is_empty()) {
        let Some(product) = find(line.product.trim()) else { continue };
        line.product.clone_from(&product.code);
        let known = product.draft(mark);
        for (said, known) in [
            (&mut line.description, known.name),
            (&mut line.unit_price, known.unit_price),
            (&mut line.vat_rate, known.vat_rate),
            (&mut line.quantity, "1".to_owned()),
        ] {
            if said.trim().is_empty() {
                *said = known;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);

    fn draft() -> ProductDraft {
        ProductDraft {
            company: "arjasmaa".into(),
            code: " HIL-1 ".into(),
            name: "Hilla, 5 kg".into(),
            unit_price: "1 234,5".into(),
            vat_rate: "13,5 %".into(),
            on_sale: true,
            decimal_mark: DecimalMark::Comma,
        }
    }

    #[test]
    fn a_product_is_checked_whole() {
        let valid = draft().validate(TODAY).unwrap();
        assert_eq!((valid.code.as_str(), valid.unit_price.0, valid.vat_rate.0), ("HIL-1", 12_345_000, 1_350));
        let plain = ProductDraft { vat_rate: String::new(), ..draft() }.validate(TODAY).unwrap();
        assert_eq!(plain.vat_rate, standard_rate(TODAY));
        let wrong = ProductDraft { company: "?".into(), unit_price: "x".into(), vat_rate: "400".into(), ..draft() };
        let wrong = ProductDraft { code: " ".into(), name: " ".into(), ..wrong }.validate(TODAY).unwrap_err();
        let fields: Vec<_> = wrong.0.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["company", "code", "name", "unit_price", "vat_rate"]);
    }

    #[test]
    fn a_line_is_filled_where_nothing_was_said() {
        let valid = draft().validate(TODAY).unwrap();
        let product = Product {
            id: ProductId(uuid::Uuid::nil()),
            company: valid.company,
            code: valid.code,
            name: valid.name,
            unit_price: valid.unit_price,
            vat_rate: valid.vat_rate,
            on_sale: true,
            version: 1,
            changed_at: Timestamp::UNIX_EPOCH,
        };
        let mut lines = [
            LineDraft { product: "hil-1".into(), unit_price: "1000,00".into(), ..LineDraft::default() },
            LineDraft { product: "own".into(), ..LineDraft::default() },
            LineDraft::default(),
        ];
        fill(&mut lines, DecimalMark::Comma, |code| code.eq_ignore_ascii_case("HIL-1").then(|| product.clone()));
        let [first, own, empty] = lines;
        assert_eq!((first.product.as_str(), first.quantity.as_str()), ("HIL-1", "1"));
        assert_eq!((first.unit_price.as_str(), first.vat_rate.as_str()), ("1000,00", "13,5 %"), "what was said stays");
        assert_eq!((own.quantity.as_str(), empty), ("", LineDraft::default()));
    }
}

//! The catalogue of products.

use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{CompanyId, ProductId};
use seloste_domain::money::DecimalMark;
use seloste_domain::order::LineDraft;
use seloste_domain::product::{Product, ProductDraft, ValidProduct, fill};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, Use};
use seloste_store::StoreError;
use seloste_store::log::Act;

use crate::error::{OpsError, Result};
use crate::register::Register;

/// Products of a register at most: they are offered in one list.
pub const MOST: i64 = 5_000;

/// The products of the actor's companies, by code.
///
/// # Errors
/// The actor may not.
pub fn list(register: &Register, actor: &Actor, only_on_sale: bool) -> Result<Vec<Product>> {
    let usage = register.authorize(actor, Action::ProductList)?;
    let companies = usage.scope().companies().to_vec();
    Ok(register.db().look(|tx| seloste_store::product::of(tx, &companies, only_on_sale, MOST))?)
}

/// One product.
///
/// # Errors
/// The actor may not, or there is none of their companies.
pub fn get(register: &Register, actor: &Actor, id: ProductId) -> Result<Product> {
    let usage = register.authorize(actor, Action::ProductList)?;
    let companies = usage.scope().companies().to_vec();
    Ok(register.db().look(|tx| seloste_store::product::get(tx, &companies, id))?)
}

fn checked(register: &Register, usage: &Use, draft: &ProductDraft) -> Result<ValidProduct> {
    let valid = draft.validate(register.today())?;
    if usage.scope().has(&valid.company) {
        return Ok(valid);
    }
    Err(FieldErrors::from(FieldError::new("company", code::COMPANY_UNKNOWN)).into())
}

fn stored(id: ProductId, valid: ValidProduct, version: i64, now: jiff::Timestamp) -> Product {
    let ValidProduct { company, code, name, unit_price, vat_rate, on_sale } = valid;
    Product { id, company, code, name, unit_price, vat_rate, on_sale, version, changed_at: now }
}

/// Adds a product.
///
/// # Errors
/// The actor may not, a field is wrong, or the code is taken.
pub fn create(register: &Register, actor: &Actor, draft: &ProductDraft) -> Result<ProductId> {
    let usage = register.authorize(actor, Action::ProductChange)?;
    let valid = checked(register, &usage, draft)?;
    let product = stored(ProductId(register.db().env().id()), valid, 1, usage.at());
    let id = product.id;
    let created = register.db().write(&usage, move |w| {
        seloste_store::product::insert(&mut w.plain().tx(), &product)?;
        w.log(Act::on(format!("product:{}", product.id)))
    });
    created.map_err(at_code)?;
    Ok(id)
}

/// Changes a product. Orders stay as they are.
///
/// # Errors
/// The actor may not, a field is wrong, the code is taken, or someone else changed it since `expected`.
pub fn change(register: &Register, actor: &Actor, id: ProductId, expected: i64, draft: &ProductDraft) -> Result<()> {
    let usage = register.authorize(actor, Action::ProductChange)?;
    let companies = usage.scope().companies().to_vec();
    let now = register.db().look(|tx| seloste_store::product::get(tx, &companies, id))?;
    let valid = checked(register, &usage, draft)?;
    if now.version != expected {
        return Err(StoreError::Conflict { found: now.version, expected }.into());
    }
    let product = stored(id, valid, expected + 1, usage.at());
    let changed = register.db().write(&usage, move |w| {
        seloste_store::product::update(&mut w.plain().tx(), &product)?;
        w.log(Act::on(format!("product:{}", product.id)))
    });
    changed.map_err(at_code)
}

fn at_code(error: StoreError) -> OpsError {
    match error {
        StoreError::Taken(_) => FieldErrors::from(FieldError::new("code", code::PRODUCT_CODE_TAKEN)).into(),
        other => OpsError::from_store(other),
    }
}

/// Fills lines of an order from the catalogue of its company, where nothing was said.
///
/// # Errors
/// The actor may not.
pub fn fill_lines(
    register: &Register,
    actor: &Actor,
    company: &str,
    lines: &mut [LineDraft],
    mark: DecimalMark,
) -> Result<()> {
    let Ok(company) = company.trim().parse::<CompanyId>() else { return Ok(()) };
    if lines.iter().all(|line| line.product.trim().is_empty()) {
        return Ok(());
    }
    let products = list(register, actor, true)?;
    let find = |code: &str| {
        let own = products.iter().filter(|product| product.company == company);
        own.clone()
            .find(|p| p.code == code)
            .or_else(|| own.clone().find(|p| p.code.eq_ignore_ascii_case(code)))
            .cloned()
    };
    fill(lines, mark, find);
    Ok(())
}

//! Products: no personal data, so that reading them is not logged; changes are.

use seloste_domain::id::{CompanyId, ProductId};
use seloste_domain::order::UnitPrice;
use seloste_domain::product::Product;
use seloste_domain::vat::Ratio;

use crate::error::{Result, StoreError};
use crate::party::with_scope;
use crate::sql::{Param, Row, Tx, params, places};

const COLUMNS: &str = "SELECT product_id, company_id, code, name, unit_price, vat_rate, on_sale, version, changed_at \
     FROM product WHERE register_id = ?1";

fn read(row: &Row<'_>) -> Result<Product> {
    Ok(Product {
        id: ProductId(row.id(0)?),
        company: row.parsed(1)?,
        code: row.text(2)?,
        name: row.text(3)?,
        unit_price: UnitPrice(row.int(4)?),
        vat_rate: Ratio(row.int(5)?),
        on_sale: row.flag(6)?,
        version: row.int(7)?,
        changed_at: row.time(8)?,
    })
}

/// The products of companies, by code.
///
/// # Errors
/// The database can not be read.
pub fn of(tx: &mut Tx<'_>, companies: &[CompanyId], only_on_sale: bool, limit: i64) -> Result<Vec<Product>> {
    let on_sale = if only_on_sale { "AND on_sale = 1" } else { "" };
    let list = places(3, companies.len());
    let sql = format!("{COLUMNS} {on_sale} AND company_id IN ({list}) ORDER BY code, company_id LIMIT ?2");
    tx.query(&sql, &with_scope(vec![Param::Int(limit)], companies), read)
}

/// One product of one of the companies.
///
/// # Errors
/// There is none.
pub fn get(tx: &mut Tx<'_>, companies: &[CompanyId], id: ProductId) -> Result<Product> {
    let sql = format!("{COLUMNS} AND product_id = ?2 AND company_id IN ({})", places(3, companies.len()));
    let values = with_scope(vec![Param::from(id)], companies);
    tx.query_opt(&sql, &values, read)?.ok_or(StoreError::NotFound("product"))
}

/// Adds a product.
///
/// # Errors
/// The company has another one with this code.
pub fn insert(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    refuse_taken(tx, product)?;
    tx.execute(
        "INSERT INTO product (register_id, product_id, company_id, code, name, unit_price, vat_rate, on_sale, version, \
         changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            product.id,
            &product.company,
            &product.code,
            &product.name,
            product.unit_price.0,
            product.vat_rate.0,
            product.on_sale,
            product.version,
            product.changed_at,
        ],
    )
    .map(drop)
}

/// Changes a product, when it still has the version before this one.
///
/// # Errors
/// Someone else changed it meanwhile, or the company has another one with this code.
pub fn update(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    refuse_taken(tx, product)?;
    let expected = product.version - 1;
    let rows = tx.execute(
        "UPDATE product SET company_id = ?3, code = ?4, name = ?5, unit_price = ?6, vat_rate = ?7, on_sale = ?8, \
         version = ?9, changed_at = ?10 WHERE register_id = ?1 AND product_id = ?2 AND version = ?11",
        params![
            product.id,
            &product.company,
            &product.code,
            &product.name,
            product.unit_price.0,
            product.vat_rate.0,
            product.on_sale,
            product.version,
            product.changed_at,
            expected,
        ],
    )?;
    match rows {
        1 => Ok(()),
        _ => Err(StoreError::Conflict { found: product.version, expected }),
    }
}

fn refuse_taken(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    let same = tx.query_opt(
        "SELECT product_id FROM product WHERE register_id = ?1 AND company_id = ?2 AND code = ?3 AND product_id <> ?4",
        params![&product.company, &product.code, product.id],
        |row| row.id(0),
    )?;
    if same.is_some() { Err(StoreError::Taken("code")) } else { Ok(()) }
}

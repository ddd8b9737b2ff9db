//! Orders and invoices.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::format;
use seloste_domain::id::{InvoiceId, OrderId};
use seloste_ops::portal;

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::invoice::document;
use crate::print;
use crate::session::Chosen;
use crate::text::key;

struct OrderRow {
    id: OrderId,
    number: String,
    day: String,
    company: String,
    state: String,
    gross: String,
}

struct InvoiceRow {
    id: InvoiceId,
    number: String,
    day: String,
    due: String,
    state: String,
    gross: String,
    /// Whether it can be had as PDF: one that an accounting system made can not.
    has_pdf: bool,
}

#[derive(Template)]
#[template(path = "portal/orders.html")]
struct OrdersPage {
    p: Frame,
    orders: Vec<OrderRow>,
    invoices: Vec<InvoiceRow>,
}

fn company(register: &seloste_ops::Register, id: &seloste_domain::id::CompanyId) -> seloste_ops::Result<String> {
    let notice = register.notice()?;
    Ok(notice.company(id).map_or_else(|| id.to_string(), |company| company.name.clone()))
}

pub(crate) async fn list(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "orders")?;
            let today = register.today();
            let orders = portal::orders(register, &who)?.into_iter().map(|order| {
                Ok(OrderRow {
                    id: order.id,
                    day: p.s.date(&order.ordered_on),
                    company: company(register, &order.company)?,
                    state: p.s.text(&key("state", order.state.as_str())),
                    gross: p.s.money(&order.gross),
                    number: order.number,
                })
            });
            let orders = orders.collect::<seloste_ops::Result<Vec<_>>>()?;
            let invoices = portal::invoices(register, &who)?.into_iter().map(|invoice| InvoiceRow {
                id: invoice.id,
                number: invoice.number().unwrap_or_default().to_owned(),
                day: invoice.days().map(|(day, _)| p.s.date(&day)).unwrap_or_default(),
                due: invoice.days().map(|(_, due)| p.s.date(&due)).unwrap_or_default(),
                state: p.s.text(&key("invoice-state", invoice.state(today).as_str())),
                gross: p.s.money(&invoice.balance.gross),
                has_pdf: invoice.issued().is_some(),
            });
            let invoices = invoices.collect();
            Ok(OrdersPage { orders, invoices, p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

struct Line {
    what: String,
    quantity: String,
    price: String,
    net: String,
}

#[derive(Template)]
#[template(path = "portal/order.html")]
struct OrderPage {
    p: Frame,
    number: String,
    day: String,
    company: String,
    state: String,
    lines: Vec<Line>,
    net: String,
    vat: String,
    gross: String,
    delivery: Vec<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
    Path(id): Path<OrderId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "orders")?;
            let order = portal::order(register, &who, id)?;
            let lines = order.lines.iter().map(|line| Line {
                what: [line.product.as_str(), line.description.as_str()]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" – "),
                quantity: format::scaled(line.quantity.0, 3, 0, language),
                price: format::scaled(line.unit_price.0, 4, 2, language),
                net: line.net().map(|net| p.s.money(&net)).unwrap_or_default(),
            });
            let delivery = order.delivery.as_ref().map(|to| to.address.envelope(&[to.name.as_str()]));
            Ok(OrderPage {
                lines: lines.collect(),
                day: p.s.date(&order.ordered_on),
                company: company(register, &order.company)?,
                state: p.s.text(&key("state", order.state.as_str())),
                net: p.s.money(&order.totals.net),
                vat: p.s.money(&order.totals.vat),
                gross: p.s.money(&order.totals.gross),
                delivery: delivery.unwrap_or_default(),
                number: order.number,
                p,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn invoice(
    State(app): State<App>,
    Visiting(who): Visiting,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    print::print(&app, move |register| document::of_own(&portal::invoice(register, &who, id)?)).await
}

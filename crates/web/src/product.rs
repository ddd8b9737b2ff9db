//! The catalogue of products.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::format;
use seloste_domain::id::ProductId;
use seloste_domain::product::{Product, ProductDraft};
use seloste_domain::rights::Action;
use seloste_ops::Register;
use seloste_ops::product;
use seloste_ops::session::SignedIn;

use crate::App;
use crate::change::ChangeView;
use crate::error::PageError;
use crate::form::Form;
use crate::order::mark;
use crate::party_form::Errors;
use crate::session::Signed;
use crate::shell::Shell;

/// A row of the catalogue.
struct Row {
    id: ProductId,
    code: String,
    name: String,
    company: String,
    price: String,
    vat: String,
    on_sale: bool,
}

#[derive(Template)]
#[template(path = "products.html")]
struct ProductsPage {
    s: Shell,
    rows: Vec<Row>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let products = product::list(register, &who.actor, false)?;
            let s = Shell::staff(register, &who, "nav-products")?;
            let rows = products.into_iter().map(|product| Row {
                id: product.id,
                company: s.company(&product.company),
                price: format::scaled(product.unit_price.0, 4, 2, who.language),
                vat: format!("{}\u{a0}%", format::scaled(product.vat_rate.0, 2, 0, who.language)),
                code: product.code,
                name: product.name,
                on_sale: product.on_sale,
            });
            Ok(ProductsPage { rows: rows.collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "product_form.html")]
struct FormPage {
    s: Shell,
    id: Option<ProductId>,
    version: i64,
    draft: ProductDraft,
    f: Errors,
    /// Someone else changed the product: what stands now where it differs from what was typed.
    conflict: Option<Vec<ChangeView>>,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    edited: Option<(ProductId, i64)>,
    draft: ProductDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let s = Shell::staff(register, who, "nav-products")?;
    let f = Errors::new(who.language, errors);
    let (id, version) = edited.map_or((None, 0), |(id, version)| (Some(id), version));
    Ok(FormPage { s, id, version, draft, f, conflict: None })
}

/// What stands now and what was typed, where they differ. Products have no history of values.
fn difference(s: &Shell, now: &Product, typed: &ProductDraft) -> ChangeView {
    let stands = now.draft(typed.decimal_mark);
    let on_sale = |draft: &ProductDraft| s.text(if draft.on_sale { "yes" } else { "no" });
    let lines = [
        ("line-product", stands.code.clone(), typed.code.clone()),
        ("field-name", stands.name.clone(), typed.name.clone()),
        ("line-price", stands.unit_price.clone(), typed.unit_price.clone()),
        ("line-vat", stands.vat_rate.clone(), typed.vat_rate.clone()),
        ("product-on-sale", on_sale(&stands), on_sale(typed)),
    ];
    let differ = lines.into_iter().filter(|(_, stands, typed)| stands.trim() != typed.trim());
    ChangeView {
        seq: 0,
        at: s.time(&now.changed_at),
        who: String::new(),
        action: String::new(),
        gone: Vec::new(),
        came: differ.map(|(name, stands, _)| (s.text(name), stands)).collect(),
        can_put_back: false,
    }
}

fn draft_of(form: &Form, who: &SignedIn) -> ProductDraft {
    ProductDraft {
        company: form.text("company"),
        code: form.text("code"),
        name: form.text("name"),
        unit_price: form.text("unit_price"),
        vat_rate: form.text("vat_rate"),
        on_sale: form.has("on_sale"),
        decimal_mark: mark(who.language),
    }
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::ProductChange)?;
            let draft = ProductDraft { on_sale: true, ..ProductDraft::default() };
            form_page(register, &who, None, draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = draft_of(&form, &who);
    let (actor, given) = (who.actor.clone(), draft.clone());
    match app.run(move |register| product::create(register, &actor, &draft)).await {
        Ok(_) => Ok(Redirect::to("/products").into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, None, given, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<ProductId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::ProductChange)?;
            let product = product::get(register, &who.actor, id)?;
            let draft = product.draft(mark(who.language));
            form_page(register, &who, Some((id, product.version)), draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<ProductId>,
    form: Form,
) -> Result<Response, PageError> {
    let (draft, version) = (draft_of(&form, &who), form.number("version"));
    let (actor, given) = (who.actor.clone(), draft.clone());
    let error = match app.run(move |register| product::change(register, &actor, id, version, &draft)).await {
        Ok(()) => return Ok(Redirect::to("/products").into_response()),
        Err(error) => error,
    };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let now = product::get(register, &who.actor, id)?;
            let version = if conflict { now.version } else { version };
            let typed = given.clone();
            let mut page = form_page(register, &who, Some((id, version)), given, errors)?;
            page.conflict = conflict.then(|| vec![difference(&page.s, &now, &typed)]);
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

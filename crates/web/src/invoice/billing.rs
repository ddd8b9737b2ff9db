//! What a company's invoices say of it: account, address, terms.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::billing::BillingDraft;
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::CompanyId;
use seloste_ops::invoice::{self, CompanyBilling};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, StoreError};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::order::mark;
use crate::party_form::Errors;
use crate::session::Signed;
use crate::shell::Shell;

struct Row {
    id: CompanyId,
    name: String,
    account: Option<String>,
    terms: String,
    has_business_id: bool,
}

#[derive(Template)]
#[template(path = "billings.html")]
struct ListPage {
    s: Shell,
    rows: Vec<Row>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-invoices")?;
            let row = |company: CompanyBilling| Row {
                id: company.id,
                name: company.name,
                account: company.billing.as_ref().map(|(billing, _)| billing.iban.grouped()),
                terms: company
                    .billing
                    .map(|(billing, _)| s.number(&i64::from(billing.payment_days)))
                    .unwrap_or_default(),
                has_business_id: company.has_business_id,
            };
            let rows = invoice::billings(register, &who.actor)?.into_iter().map(row).collect();
            Ok(ListPage { rows, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "billing_form.html")]
struct FormPage {
    s: Shell,
    id: CompanyId,
    name: String,
    has_business_id: bool,
    version: i64,
    draft: BillingDraft,
    f: Errors,
    conflict: bool,
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    id: &CompanyId,
    given: Option<BillingDraft>,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let s = Shell::staff(register, who, "nav-invoices")?;
    let all = invoice::billings(register, &who.actor)?;
    let company = all.into_iter().find(|company| company.id == *id).ok_or(StoreError::NotFound("company"))?;
    let known = company.billing.as_ref().map(|(billing, _)| billing.draft(mark(who.language)));
    let fresh = BillingDraft { vat_registered: true, ..BillingDraft::default() };
    Ok(FormPage {
        id: company.id,
        name: company.name,
        has_business_id: company.has_business_id,
        version: company.billing.map_or(0, |(_, version)| version),
        draft: given.or(known).unwrap_or(fresh),
        f: Errors::new(who.language, errors),
        conflict: false,
        s,
    })
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CompanyId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| form_page(register, &who, &id, None, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

fn draft_of(form: &Form) -> BillingDraft {
    let field = |name: &str| form.text(&format!("address.{name}"));
    BillingDraft {
        vat_registered: form.has("vat_registered"),
        address: DraftAddress {
            street: field("street").replace("\r\n", "\n"),
            postal_code: field("postal_code"),
            town: field("town"),
            region: field("region"),
            country: field("country"),
            ..DraftAddress::default()
        },
        email: form.text("email"),
        telephone: form.text("telephone"),
        iban: form.text("iban"),
        bic: form.text("bic"),
        electronic_address: form.text("electronic_address"),
        electronic_operator: form.text("electronic_operator"),
        reference_form: form.text("reference_form"),
        payment_days: form.text("payment_days"),
        late_interest: form.text("late_interest"),
    }
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<CompanyId>,
    form: Form,
) -> Result<Response, PageError> {
    let (draft, version) = (draft_of(&form), form.number("version"));
    let (actor, company, given) = (who.actor.clone(), id.clone(), draft.clone());
    let outcome = app.run(move |register| invoice::set_billing(register, &actor, &company, version, &draft)).await;
    let error = match outcome {
        Ok(_) => return Ok(Redirect::to("/invoices/billing").into_response()),
        Err(error) => error,
    };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let mut page = form_page(register, &who, &id, Some(given), errors)?;
            if !conflict {
                page.version = version;
            }
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

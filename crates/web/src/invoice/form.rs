//! Writing an invoice: for a customer or of an order, lines by keyboard, the sums as one types.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::format;
use seloste_domain::id::{InvoiceId, OrderId, OrganisationId, PersonId};
use seloste_domain::invoice::{InvoiceDraft, InvoiceKind, InvoiceLineDraft, Unit};
use seloste_domain::language::Language;
use seloste_domain::order::LineDraft;
use seloste_domain::rights::Action;
use seloste_domain::vat::Treatment;
use seloste_ops::invoice::{self, Content, Created, InvoiceRefused};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, product};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::order::{CustomerFound, Offer, customers, mark, offers};
use crate::party_form::{Choice, Errors};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// Empty lines at the end of the form.
const EMPTY_LINES: usize = 3;
/// Lines that a form has at most: longer invoices are made of their orders, and sent as they are.
const FORM_LINES: usize = 1_000;

#[derive(Template)]
#[template(path = "invoice_form.html")]
struct FormPage {
    s: Shell,
    id: Option<InvoiceId>,
    version: i64,
    draft: InvoiceDraft,
    is_credit_note: bool,
    f: Errors,
    /// Someone else changed the draft meanwhile.
    conflict: bool,
    /// The id that a new invoice will have, so that a form that is sent twice makes one.
    new_id: InvoiceId,
    /// The invoice that this form made already, when it was changed and sent again.
    made: Option<InvoiceId>,
    languages: Vec<Choice>,
    /// What is sold, to be chosen from.
    products: Vec<Offer>,
    /// Who may be the customer, while none is chosen.
    found: Vec<CustomerFound>,
    words: String,
    totals: TotalsView,
    t: Texts,
}

impl FormPage {
    fn units(&self, chosen: &str) -> Vec<Choice> {
        let choice = |unit: &Unit| Choice {
            value: unit.to_string(),
            text: unit.symbol(self.t.0).to_owned(),
            selected: unit.as_str() == chosen,
        };
        Unit::ALL.iter().map(choice).collect()
    }

    fn treatments(&self, chosen: &str) -> Vec<Choice> {
        let choice = |treatment: Treatment| Choice {
            value: treatment.to_string(),
            text: self.t.get(&key("treatment", treatment.as_str())),
            selected: treatment.as_str() == chosen,
        };
        Treatment::ALL.into_iter().map(choice).collect()
    }
}

/// The sums of an invoice that is being written.
struct TotalsView {
    net: String,
    vat: String,
    gross: String,
}

impl TotalsView {
    fn of(draft: &InvoiceDraft, today: jiff::civil::Date, language: Language) -> Self {
        let totals = draft.totals_so_far(today);
        let money = |cents| format::money(cents, language);
        Self { net: money(totals.net), vat: money(totals.vat), gross: money(totals.gross) }
    }
}

#[derive(Template)]
#[template(path = "order_totals.html")]
struct TotalsPart {
    t: Texts,
    totals: TotalsView,
}

/// The sums of what is in the form now.
pub(crate) async fn totals(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let mut draft = draft_of(&form, who.language);
    let part = app
        .run(move |register| {
            register.authorize(&who.actor, Action::InvoiceChange)?;
            fill(register, &who, &mut draft)?;
            let totals = TotalsView::of(&draft, register.today(), who.language);
            Ok(TotalsPart { t: Texts(who.language), totals })
        })
        .await?;
    Ok(Html(part.render()?).into_response())
}

/// Fills lines from the catalogue of the company, where nothing was said.
fn fill(register: &Register, who: &SignedIn, draft: &mut InvoiceDraft) -> seloste_ops::Result<()> {
    let mut lines: Vec<LineDraft> = draft.lines.iter().map(as_order_line).collect();
    product::fill_lines(register, &who.actor, &draft.company, &mut lines, draft.decimal_mark)?;
    for (line, filled) in draft.lines.iter_mut().zip(lines) {
        line.product = filled.product;
        line.description = filled.description;
        line.quantity = filled.quantity;
        line.unit_price = filled.unit_price;
        line.discount = filled.discount;
        // A treatment without tax has no rate, whatever the catalogue says.
        if line.treatment.is_empty() || line.treatment == Treatment::Taxed.as_str() {
            line.vat_rate = filled.vat_rate;
        }
    }
    Ok(())
}

fn as_order_line(line: &InvoiceLineDraft) -> LineDraft {
    LineDraft {
        product: line.product.clone(),
        description: line.description.clone(),
        quantity: line.quantity.clone(),
        unit_price: line.unit_price.clone(),
        discount: line.discount.clone(),
        vat_rate: line.vat_rate.clone(),
    }
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    edited: Option<(InvoiceId, i64)>,
    mut draft: InvoiceDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let s = Shell::staff(register, who, "nav-invoices")?;
    let is_credit_note = draft.kind == InvoiceKind::CreditNote.as_str();
    draft.lines.extend(std::iter::repeat_n(InvoiceLineDraft::default(), EMPTY_LINES));
    if draft.company.is_empty() {
        draft.company = s.companies.first().map(|company| company.id.to_string()).unwrap_or_default();
    }
    if let Some(known) = draft.delivered_on.parse().ok().filter(|_| who.language == Language::Fi) {
        draft.delivered_on = s.date(&known);
    }
    let (id, version) = edited.map_or((None, 0), |(id, version)| (Some(id), version));
    let language = |language: Language| Choice {
        value: language.tag().to_owned(),
        text: language.own_name().to_owned(),
        selected: draft.language == language.tag() || (draft.language.is_empty() && language == Language::default()),
    };
    Ok(FormPage {
        languages: Language::ALL.into_iter().map(language).collect(),
        products: offers(register, who, &s)?,
        totals: TotalsView::of(&draft, register.today(), who.language),
        new_id: InvoiceId(register.db().env().id()),
        made: None,
        found: Vec::new(),
        words: String::new(),
        conflict: false,
        f: Errors::new(who.language, errors),
        t: s.t,
        s,
        id,
        version,
        draft,
        is_credit_note,
    })
}

fn draft_of(form: &Form, language: Language) -> InvoiceDraft {
    const NAMES: [&str; 8] =
        ["product", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "treatment"];
    let lines = form.rows(&NAMES).into_iter().filter_map(|row| {
        let [product, description, quantity, unit, unit_price, discount, vat_rate, treatment] = row.try_into().ok()?;
        Some(InvoiceLineDraft { product, description, quantity, unit, unit_price, discount, vat_rate, treatment })
    });
    let field = |name: &str| form.text(&format!("address.{name}"));
    InvoiceDraft {
        kind: form.text("kind"),
        company: form.text("company"),
        person: form.parsed::<PersonId>("person"),
        organisation: form.parsed::<OrganisationId>("organisation"),
        order: form.parsed::<OrderId>("order"),
        buyer_name: form.text("buyer_name"),
        buyer_contact: form.text("buyer_contact"),
        business_id: form.text("business_id"),
        vat_number: form.text("vat_number"),
        address: DraftAddress {
            street: field("street").replace("\r\n", "\n"),
            postal_code: field("postal_code"),
            town: field("town"),
            region: field("region"),
            country: field("country"),
            ..DraftAddress::default()
        },
        electronic_address: form.text("electronic_address"),
        electronic_operator: form.text("electronic_operator"),
        buyer_reference: form.text("buyer_reference"),
        order_number: form.text("order_number"),
        delivered_on: form.text("delivered_on"),
        payment_days: form.text("payment_days"),
        language: form.text("language"),
        note: form.text("note"),
        lines: lines.collect(),
        decimal_mark: mark(language),
        ..InvoiceDraft::default()
    }
}

/// For whom a new invoice is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct For {
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
    /// The order that is invoiced.
    order: Option<OrderId>,
    /// Words of the customer, while none is chosen.
    words: String,
}

pub(crate) async fn new(
    State(app): State<App>,
    Signed(who): Signed,
    Query(for_whom): Query<For>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::InvoiceChange)?;
            if let Some(order) = for_whom.order {
                let draft = invoice::of_order(register, &who.actor, order, mark(who.language))?;
                return form_page(register, &who, None, draft, FieldErrors::default());
            }
            let mut organisation = for_whom.organisation;
            if let Some(id) = for_whom.person.filter(|_| organisation.is_none()) {
                let person = seloste_ops::person::show(register, &who.actor, id)?.person;
                organisation = person.representations_on(register.today()).next().map(|r| r.organisation);
            }
            let draft = invoice::of_customer(register, &who.actor, for_whom.person, organisation)?;
            let mut page = form_page(register, &who, None, draft, FieldErrors::default())?;
            page.found = customers(register, &who, &page.s, &for_whom.words, "/invoices/new")?;
            page.words = for_whom.words;
            Ok(page)
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// The id that a form had from the beginning; another one when there is none that this program could have made.
pub(super) fn new_id(register: &Register, form: &Form) -> InvoiceId {
    let given = form.parsed::<InvoiceId>("new_id").filter(|id| id.0.get_version_num() == 7);
    given.unwrap_or_else(|| InvoiceId(register.db().env().id()))
}

fn too_many(draft: &InvoiceDraft) -> Option<FieldErrors> {
    let many = draft.lines.len() > FORM_LINES + EMPTY_LINES;
    many.then(|| FieldError::new("lines", code::TOO_MANY).with("max", FORM_LINES).into())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let mut draft = draft_of(&form, who.language);
    let counts_only = form.text("then") == "count";
    let (actor, given, asker) = (who.actor.clone(), draft.clone(), who.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, Action::InvoiceChange)?;
            if let Some(errors) = too_many(&draft) {
                return Err(errors.into());
            }
            fill(register, &asker, &mut draft)?;
            let id = new_id(register, &form);
            if counts_only {
                return Ok((id, Err(draft)));
            }
            Ok((id, Ok(invoice::create_once(register, &actor, id, &draft)?)))
        })
        .await;
    let (errors, made, given) = match outcome {
        Ok((id, Ok(Created::New | Created::Before))) => {
            return Ok(Redirect::to(&format!("/invoices/{id}")).into_response());
        }
        Ok((id, Ok(Created::Differs))) => (FieldErrors::default(), Some(id), given),
        Ok((_, Err(counted))) => (FieldErrors::default(), None, counted),
        Err(error) => (error.fields()?, None, given),
    };
    let status = match (made.is_some(), counts_only) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = app
        .run(move |register| {
            let mut page = form_page(register, &who, None, given, errors)?;
            page.made = made;
            Ok(page)
        })
        .await?;
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::InvoiceChange)?;
            let stored = invoice::show(register, &who.actor, id)?;
            let draft = match &stored.content {
                Content::Draft(valid) => valid.draft(mark(who.language)),
                Content::Sent(_) => return Err(InvoiceRefused::Sent.into()),
                Content::Mirrored(_) => return Err(InvoiceRefused::Mirrored.into()),
            };
            let errors = too_many(&draft).unwrap_or_default();
            form_page(register, &who, Some((id, stored.version)), draft, errors)
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Response, PageError> {
    let (mut draft, version) = (draft_of(&form, who.language), form.number("version"));
    let counts_only = form.text("then") == "count";
    let (actor, given, asker) = (who.actor.clone(), draft.clone(), who.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, Action::InvoiceChange)?;
            // What is not there is told before what is wrong with the form.
            invoice::show(register, &actor, id)?;
            if let Some(errors) = too_many(&draft) {
                return Err(errors.into());
            }
            fill(register, &asker, &mut draft)?;
            if counts_only {
                return Ok(Some(draft));
            }
            invoice::change(register, &actor, id, version, &draft).map(|_| None)
        })
        .await;
    let (error, given) = match outcome {
        Ok(None) => return Ok(Redirect::to(&format!("/invoices/{id}")).into_response()),
        Ok(Some(counted)) => (None, counted),
        Err(error) => (Some(error), given),
    };
    let conflict = error.as_ref().is_some_and(PageError::is_conflict);
    let status = match (&error, conflict) {
        (None, _) => StatusCode::OK,
        (Some(_), true) => StatusCode::CONFLICT,
        (Some(_), false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let errors = match error {
        Some(error) if !conflict => error.fields()?,
        _ => FieldErrors::default(),
    };
    let page = app
        .run(move |register| {
            let now = invoice::show(register, &who.actor, id)?.version;
            let version = if conflict { now } else { version };
            let mut page = form_page(register, &who, Some((id, version)), given, errors)?;
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    Ok((status, Html(page.render()?)).into_response())
}

//! Orders: the list, the page, adding, correcting, moving on.

use askama::Template;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::format;
use seloste_domain::id::{OrderId, OrganisationId, PersonId, SourceId};
use seloste_domain::language::Language;
use seloste_domain::list::{Column, ListOf};
use seloste_domain::money::DecimalMark;
use seloste_domain::order::{LineDraft, OrderDraft, OrderState, may_edit};
use seloste_ops::order::{self, Created, Row};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, history, product};
use serde::Deserialize;

use crate::App;
use crate::change::{ChangeView, change_view};
use crate::error::PageError;
use crate::form::Form;
use crate::list::{self, Asked, Cell, Draft, ListPage, Told};
use crate::party_form::{Choice, Errors, Names, source_name, sources};
use crate::person::{new_id, wrong_source};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// A row of a list of orders.
pub(crate) struct OrderRow {
    pub(crate) id: OrderId,
    pub(crate) number: String,
    pub(crate) day: String,
    pub(crate) customer: String,
    pub(crate) company: String,
    pub(crate) state: String,
    pub(crate) color: &'static str,
    pub(crate) lines: String,
    pub(crate) net: String,
}

/// The rows of a list of orders.
pub(crate) fn rows(s: &Shell, rows: Vec<Row>) -> Vec<OrderRow> {
    rows.into_iter()
        .map(|row| OrderRow {
            id: row.order.id,
            number: row.order.number.clone(),
            day: s.date(&row.order.ordered_on),
            customer: customer(row.organisation, row.person),
            company: s.company(&row.order.company),
            state: s.text(&key("state", row.order.state.as_str())),
            color: color(row.order.state),
            lines: s.number(&row.order.line_count),
            net: s.money(&row.order.net),
        })
        .collect()
}

fn customer(organisation: Option<String>, person: Option<String>) -> String {
    [organisation, person].into_iter().flatten().filter(|name| !name.is_empty()).collect::<Vec<_>>().join(", ")
}

const fn color(state: OrderState) -> &'static str {
    match state {
        OrderState::Draft => "info",
        OrderState::Confirmed => "accent",
        OrderState::Delivered => "warning",
        OrderState::Invoiced => "success",
        OrderState::Cancelled => "danger",
        OrderState::Archived => "neutral",
    }
}

/// The cells of an order's row.
fn cells(s: &Shell, columns: &[Column], row: &Row) -> Vec<Cell> {
    let order = &row.order;
    let cell = |column: &Column| match column {
        Column::Number => Cell { class: "fit", ..Cell::link(order.number.clone(), format!("/orders/{}", order.id)) },
        Column::Day => Cell::fit(s.date(&order.ordered_on)),
        Column::Customer => Cell::text(customer(row.organisation.clone(), row.person.clone())),
        Column::Company => Cell::text(s.company(&order.company)),
        Column::State => {
            let text = s.text(&key("state", order.state.as_str()));
            Cell { text, class: "fit", color: Some(color(order.state)), ..Cell::default() }
        }
        Column::Lines => Cell::number(s.number(&order.line_count)),
        Column::Net => Cell::number(s.money(&order.net)),
        Column::Gross => Cell::number(s.money(&order.gross)),
        _ => Cell::default(),
    };
    columns.iter().map(cell).collect()
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    RawQuery(address): RawQuery,
) -> Result<Response, PageError> {
    let address = address.unwrap_or_default();
    app.run(move |register| list_page(register, &who, &address, &Told::default())).await?.answer()
}

/// A page of the list.
pub(crate) fn list_page(
    register: &Register,
    who: &SignedIn,
    address: &str,
    told: &Told,
) -> seloste_ops::Result<ListPage> {
    let asked = Asked::read(register, ListOf::Orders, address)?;
    let draft = Draft::begin(register, who, asked, told)?;
    let page = match draft.asked().is_right() {
        true => order::list(register, &who.actor, &draft.asked().list())?,
        false => list::nothing(),
    };
    draft.finish(register, page, None, |row| row.order.id.0, cells)
}

/// A line of an order's page.
struct Line {
    number: i64,
    product: String,
    description: String,
    quantity: String,
    unit_price: String,
    discount: String,
    vat_rate: String,
    net: String,
}

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage {
    s: Shell,
    id: OrderId,
    number: String,
    version: i64,
    state: String,
    color: &'static str,
    company: String,
    person: Option<(String, String)>,
    organisation: Option<(String, String)>,
    ordered_on: String,
    requested_on: Option<String>,
    delivered_on: Option<String>,
    delivery: Vec<String>,
    lines: Vec<Line>,
    rates: Vec<(String, String, String)>,
    net: String,
    vat: String,
    gross: String,
    from: String,
    next: Vec<(String, String)>,
    can_edit: bool,
    can_confirm: bool,
    can_invoice: bool,
    /// Whether an invoice of it stands already.
    is_invoiced: bool,
    /// The id that its invoice will have, so that a button that is pressed twice makes one.
    invoice_id: seloste_domain::id::InvoiceId,
    invoices: Vec<crate::invoice::InvoiceRow>,
    messages: Vec<crate::mail::Told>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| order_page(register, &who, id)).await?;
    Ok(Html(page.render()?).into_response())
}

fn order_page(register: &Register, who: &SignedIn, id: OrderId) -> seloste_ops::Result<OrderPage> {
    let s = Shell::staff(register, who, "nav-orders")?;
    let language = who.language;
    let shown = order::show(register, &who.actor, id)?;
    let order = shown.order;
    let names = Names::of(register)?;
    let percent = |ratio: i64| format!("{}\u{a0}%", format::scaled(ratio, 2, 0, language));
    let lines = order.lines.iter().map(|line| Line {
        number: line.number,
        product: line.product.clone(),
        description: line.description.clone(),
        quantity: format::scaled(line.quantity.0, 3, 0, language),
        unit_price: format::scaled(line.unit_price.0, 4, 2, language),
        discount: if line.discount.0 == 0 { String::new() } else { percent(line.discount.0) },
        vat_rate: percent(line.vat_rate.0),
        net: line.net().map(|net| s.money(&net)).unwrap_or_default(),
    });
    let may_move = s.may("order.change");
    let moves = order.state.next().iter().filter(|next| may_move && **next != OrderState::Archived);
    let delivery = order.delivery.as_ref().map(|d| d.address.envelope(&[d.name.as_str()])).unwrap_or_default();
    let notice = register.notice()?;
    let invoices = crate::invoice::of_order(&s, register, who, id)?;
    Ok(OrderPage {
        id,
        version: order.version,
        state: s.text(&key("state", order.state.as_str())),
        color: color(order.state),
        company: s.company(&order.company),
        person: order.person.zip(shown.person).map(|(id, name)| (name, format!("/people/{id}"))),
        organisation: order
            .organisation
            .zip(shown.organisation)
            .map(|(id, name)| (name, format!("/organisations/{id}"))),
        ordered_on: s.date(&order.ordered_on),
        requested_on: order.requested_on.map(|day| s.date(&day)),
        delivered_on: order.delivered_on.map(|day| s.date(&day)),
        delivery,
        lines: lines.collect(),
        rates: order
            .totals
            .rates
            .iter()
            .map(|rate| (percent(rate.rate.0), s.money(&rate.net), s.money(&rate.vat)))
            .collect(),
        net: s.money(&order.totals.net),
        vat: s.money(&order.totals.vat),
        gross: s.money(&order.totals.gross),
        from: format!(
            "{} · {} · {}",
            source_name(&notice, &order.source, language),
            names.name(s.t, &order.entered_by),
            s.time(&order.entered_at)
        ),
        next: moves.map(|next| (next.as_str().to_owned(), s.text(&key("move", next.as_str())))).collect(),
        can_edit: may_move && may_edit(order.state),
        can_confirm: s.may("mail.send")
            && s.has("email")
            && matches!(order.state, OrderState::Confirmed | OrderState::Delivered | OrderState::Invoiced),
        messages: crate::mail::of_order(&s, register, who, id)?,
        can_invoice: s.may("invoice.change") && seloste_ops::invoice::may_be_invoiced(order.state),
        is_invoiced: invoices.iter().any(|row| row.stands),
        invoice_id: seloste_domain::id::InvoiceId(register.db().env().id()),
        invoices,
        number: order.number,
        s,
    })
}

pub(crate) async fn set_state(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let state: OrderState = form.parsed("state").ok_or(PageError::NotFound)?;
    let version = form.number("version");
    app.run(move |register| order::set_state(register, &who.actor, id, version, state)).await?;
    Ok(Redirect::to(&format!("/orders/{id}")))
}

#[derive(Template)]
#[template(path = "order_history.html")]
struct HistoryPage {
    s: Shell,
    id: OrderId,
    number: String,
    changes: Vec<ChangeView>,
    version: i64,
    revert: String,
}

pub(crate) async fn history(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-orders")?;
            let number = order::show(register, &who.actor, id)?.order.number;
            let names = Names::of(register)?;
            let entries = history::of_order(register, &who.actor, id)?;
            let changes = entries.into_iter().map(|entry| change_view(&s, &names, entry, false)).collect();
            Ok(HistoryPage { s, id, number, changes, version: 0, revert: String::new() })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "order_form.html")]
struct FormPage {
    s: Shell,
    id: Option<OrderId>,
    version: i64,
    draft: OrderDraft,
    customer: String,
    sources: Vec<Choice>,
    f: Errors,
    /// Someone else changed the order: what they changed.
    conflict: Option<Vec<ChangeView>>,
    /// The id that a new order will have, so that a form that is sent twice makes one order.
    new_id: OrderId,
    /// The order that this form made already, when it was changed and sent again.
    made: Option<OrderId>,
    /// What is sold, to be chosen from.
    products: Vec<Offer>,
    /// Who may be the customer, while none is chosen.
    found: Vec<CustomerFound>,
    words: String,
    totals: TotalsView,
    t: crate::text::Texts,
}

/// A product that a line can have.
pub(crate) struct Offer {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) price: String,
    pub(crate) vat: String,
    pub(crate) company: String,
}

/// A customer that a new order or a new invoice can be for.
pub(crate) struct CustomerFound {
    pub(crate) href: String,
    pub(crate) name: String,
    pub(crate) more: String,
}

/// What is sold now, for those who may see it.
pub(crate) fn offers(register: &Register, who: &SignedIn, s: &Shell) -> seloste_ops::Result<Vec<Offer>> {
    let products = if s.may("product.list") { product::list(register, &who.actor, true)? } else { Vec::new() };
    let offer = |product: &seloste_domain::product::Product| {
        let known = product.draft(mark(who.language));
        Offer {
            code: known.code,
            name: known.name,
            price: known.unit_price,
            vat: known.vat_rate,
            company: known.company,
        }
    };
    Ok(products.iter().map(offer).collect())
}

/// The sums of an order that is being written.
struct TotalsView {
    net: String,
    vat: String,
    gross: String,
}

impl TotalsView {
    fn of(draft: &OrderDraft, today: jiff::civil::Date, language: Language) -> Self {
        let totals = draft.totals_so_far(today);
        let money = |cents| format::money(cents, language);
        Self { net: money(totals.net), vat: money(totals.vat), gross: money(totals.gross) }
    }
}

#[derive(Template)]
#[template(path = "order_totals.html")]
struct TotalsPart {
    t: crate::text::Texts,
    totals: TotalsView,
}

/// The sums of what is in the form now.
pub(crate) async fn totals(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let mut draft = draft_of(&form, who.language);
    let part = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::OrderCreate)?;
            product::fill_lines(register, &who.actor, &draft.company, &mut draft.lines, draft.decimal_mark)?;
            let totals = TotalsView::of(&draft, register.today(), who.language);
            Ok(TotalsPart { t: crate::text::Texts(who.language), totals })
        })
        .await?;
    Ok(Html(part.render()?).into_response())
}

/// Empty lines at the end of the form.
const EMPTY_LINES: usize = 3;

fn form_page(
    register: &Register,
    who: &SignedIn,
    edited: Option<(OrderId, i64)>,
    mut draft: OrderDraft,
    source: &str,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    let s = Shell::staff(register, who, "nav-orders")?;
    let person = match draft.person {
        Some(id) => Some(crate::person::name_of(&s, &seloste_ops::person::show(register, &who.actor, id)?.person)),
        None => None,
    };
    let organisation = match draft.organisation {
        Some(id) => Some(seloste_ops::organisation::show(register, &who.actor, id)?.organisation.name),
        None => None,
    };
    draft.lines.extend(std::iter::repeat_n(LineDraft::default(), EMPTY_LINES));
    if draft.company.is_empty() {
        draft.company = s.companies.first().map(|company| company.id.to_string()).unwrap_or_default();
    }
    for day in [&mut draft.ordered_on, &mut draft.requested_on] {
        if let Some(known) = day.parse().ok().filter(|_| who.language == Language::Fi) {
            *day = s.date(&known);
        }
    }
    let sources = sources(register, who.language, source)?;
    let (id, version) = edited.map_or((None, 0), |(id, version)| (Some(id), version));
    let customer = customer(organisation, person);
    let f = Errors::new(who.language, errors);
    Ok(FormPage {
        products: offers(register, who, &s)?,
        totals: TotalsView::of(&draft, register.today(), who.language),
        new_id: OrderId(register.db().env().id()),
        made: None,
        found: Vec::new(),
        words: String::new(),
        conflict: None,
        t: s.t,
        s,
        id,
        version,
        draft,
        customer,
        sources,
        f,
    })
}

pub(crate) const fn mark(language: Language) -> DecimalMark {
    match language {
        Language::Fi | Language::Sv => DecimalMark::Comma,
        Language::En => DecimalMark::Point,
    }
}

fn draft_of(form: &Form, language: Language) -> OrderDraft {
    let lines = form.rows(&["product", "description", "quantity", "unit_price", "discount", "vat_rate"]);
    let lines = lines.into_iter().filter_map(|row| {
        let [product, description, quantity, unit_price, discount, vat_rate] = row.try_into().ok()?;
        Some(LineDraft { product, description, quantity, unit_price, discount, vat_rate })
    });
    let field = |name: &str| form.text(&format!("delivery.{name}"));
    OrderDraft {
        number: form.text("number"),
        company: form.text("company"),
        person: form.parsed::<PersonId>("person"),
        organisation: form.parsed::<OrganisationId>("organisation"),
        ordered_on: form.text("ordered_on"),
        requested_on: form.text("requested_on"),
        delivered_on: form.text("delivered_on"),
        state: form.text("state"),
        delivery_name: form.text("delivery_name"),
        delivery: DraftAddress {
            street: field("street"),
            postal_code: field("postal_code"),
            town: field("town"),
            region: field("region"),
            country: field("country"),
            ..DraftAddress::default()
        },
        lines: lines.collect(),
        decimal_mark: mark(language),
        ..OrderDraft::default()
    }
}

/// For whom a new order is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct For {
    person: Option<PersonId>,
    organisation: Option<OrganisationId>,
    /// An order whose customer and lines are wanted again.
    repeat: Option<OrderId>,
    /// Words of the customer, while none is chosen.
    words: String,
}

/// Customers shown at a time.
const FOUND: usize = 10;

/// Customers of these words, each with the address of a new form `path` for them.
pub(crate) fn customers(
    register: &Register,
    who: &SignedIn,
    s: &Shell,
    words: &str,
    path: &str,
) -> seloste_ops::Result<Vec<CustomerFound>> {
    use seloste_ops::search::{Found, Noun, NounSet};
    if words.trim().is_empty() {
        return Ok(Vec::new());
    }
    let nouns = NounSet::only(Noun::Person).with(Noun::Organisation);
    let found = seloste_ops::search::find(register, &who.actor, words, nouns, FOUND)?;
    let today = register.today();
    let more = |parts: Vec<String>| parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ");
    Ok(found
        .found
        .iter()
        .filter_map(|found| match found {
            Found::Person(person) => {
                let row = crate::person::Row::of(s, person, today);
                Some(CustomerFound {
                    href: format!("{path}?person={}", person.id),
                    name: row.name,
                    more: more(vec![row.organisation, row.number, row.telephone, row.town]),
                })
            }
            Found::Organisation(organisation) => Some(CustomerFound {
                href: format!("{path}?organisation={}", organisation.id),
                name: organisation.name.clone(),
                more: organisation.business_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            }),
            Found::Order(..) => None,
        })
        .collect())
}

/// The customer and the lines of an earlier order, for today: prices are those of today where the product is still sold.
fn repeated(register: &Register, who: &SignedIn, id: OrderId) -> seloste_ops::Result<OrderDraft> {
    let order = order::show(register, &who.actor, id)?.order;
    let mut draft = order.draft(mark(who.language));
    let today = register.today();
    (draft.number, draft.state) = (String::new(), String::new());
    (draft.requested_on, draft.delivered_on) = (String::new(), String::new());
    draft.ordered_on = today.to_string();
    let products = product::list(register, &who.actor, true)?;
    for line in &mut draft.lines {
        if products.iter().any(|p| p.company == order.company && p.code == line.product) {
            (line.unit_price, line.vat_rate) = (String::new(), String::new());
        }
    }
    product::fill_lines(register, &who.actor, &draft.company, &mut draft.lines, draft.decimal_mark)?;
    Ok(draft)
}

pub(crate) async fn new(
    State(app): State<App>,
    Signed(who): Signed,
    Query(for_whom): Query<For>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::OrderCreate)?;
            if let Some(id) = for_whom.repeat {
                let draft = repeated(register, &who, id)?;
                return form_page(register, &who, None, draft, "", FieldErrors::default());
            }
            let mut draft = OrderDraft {
                person: for_whom.person,
                organisation: for_whom.organisation,
                ordered_on: register.today().to_string(),
                ..OrderDraft::default()
            };
            if let Some(id) = for_whom.person {
                let person = seloste_ops::person::show(register, &who.actor, id)?.person;
                let today = register.today();
                draft.organisation = person.representations_on(today).next().map(|r| r.organisation);
                draft.company = person.companies.first().map(ToString::to_string).unwrap_or_default();
                if let Some(address) = person.address(today).filter(|address| !address.is_masked()) {
                    draft.delivery = DraftAddress::of(address);
                    draft.delivery_name = person.display_name();
                }
            }
            let mut page = form_page(register, &who, None, draft, "", FieldErrors::default())?;
            page.found = customers(register, &who, &page.s, &for_whom.words, "/orders/new")?;
            page.words = for_whom.words;
            Ok(page)
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (mut draft, source) = (draft_of(&form, who.language), form.text("source"));
    match form.text("then").as_str() {
        "confirm" => draft.state = OrderState::Confirmed.to_string(),
        "draft" => draft.state = OrderState::Draft.to_string(),
        _ => {}
    }
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, seloste_domain::rights::Action::OrderCreate)?;
            let id = OrderId(new_id(register, &form));
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
            product::fill_lines(register, &actor, &draft.company, &mut draft.lines, draft.decimal_mark)?;
            if draft.state == OrderState::Confirmed.as_str() && draft.lines.iter().all(LineDraft::is_empty) {
                return Err(FieldErrors::from(FieldError::new("lines", code::REQUIRED)).into());
            }
            Ok((id, order::create_once(register, &actor, id, &draft, &source)?))
        })
        .await;
    let (errors, made) = match outcome {
        Ok((id, Created::New | Created::Before)) => {
            return Ok(Redirect::to(&format!("/orders/{id}")).into_response());
        }
        Ok((id, Created::Differs)) => (FieldErrors::default(), Some(id)),
        Err(error) => (error.fields()?, None),
    };
    let page = app
        .run(move |register| {
            let mut page = form_page(register, &who, None, given, &typed, errors)?;
            page.made = made;
            Ok(page)
        })
        .await?;
    let status = if made.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::OrderChange)?;
            let order = order::show(register, &who.actor, id)?.order;
            let draft = order.draft(mark(who.language));
            form_page(register, &who, Some((id, order.version)), draft, "", FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
    form: Form,
) -> Result<Response, PageError> {
    let (mut draft, source, version) = (draft_of(&form, who.language), form.text("source"), form.number("version"));
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, seloste_domain::rights::Action::OrderChange)?;
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
            product::fill_lines(register, &actor, &draft.company, &mut draft.lines, draft.decimal_mark)?;
            order::change(register, &actor, id, version, &draft, &source)
        })
        .await;
    let error = match outcome {
        Ok(_) => return Ok(Redirect::to(&format!("/orders/{id}")).into_response()),
        Err(error) => error,
    };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let now = order::show(register, &who.actor, id)?.order.version;
            let (opened, version) = (version, if conflict { now } else { version });
            let mut page = form_page(register, &who, Some((id, version)), given, &typed, errors)?;
            if conflict {
                let entries = history::of_order(register, &who.actor, id)?;
                page.conflict = Some(crate::change::since(&page.s, register, entries, opened, now)?);
            }
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

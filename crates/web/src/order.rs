//! Orders: the list, the page, adding, correcting, moving on.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::draft::DraftAddress;
use seloste_domain::field::FieldErrors;
use seloste_domain::format;
use seloste_domain::id::{OrderId, OrganisationId, PersonId, SourceId};
use seloste_domain::language::Language;
use seloste_domain::money::DecimalMark;
use seloste_domain::order::{LineDraft, OrderDraft, OrderState, may_edit};
use seloste_ops::order::{self, Filter, Row};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, history};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::form::{Form, encode};
use crate::party_form::{Choice, Errors, Names, source_name, sources};
use crate::person::{ChangeView, ROWS, change_view, wrong_source};
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

/// What the address of the list says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListQuery {
    state: String,
    company: String,
    from: String,
    until: String,
    after: String,
    before: String,
}

impl ListQuery {
    fn filter(&self) -> Filter {
        let position = position(&self.after, false).or_else(|| position(&self.before, true));
        Filter {
            state: self.state.parse().ok(),
            archived: self.state == "all",
            company: self.company.parse().ok(),
            from: self.from.parse().ok(),
            until: self.until.parse().ok(),
            position,
            ..Filter::default()
        }
    }

    fn link(&self, name: &str, row: Option<&Row>) -> Option<String> {
        let row = row?;
        let mut link = format!("/orders?{name}={}.{}", row.order.ordered_on, row.order.id);
        for (name, value) in
            [("state", &self.state), ("company", &self.company), ("from", &self.from), ("until", &self.until)]
        {
            if !value.is_empty() {
                link.push_str(&format!("&{name}={}", encode(value)));
            }
        }
        Some(link)
    }
}

fn position(text: &str, backwards: bool) -> Option<(jiff::civil::Date, uuid::Uuid, bool)> {
    let (day, id) = text.split_once('.')?;
    Some((day.parse().ok()?, id.parse().ok()?, backwards))
}

#[derive(Template)]
#[template(path = "orders.html")]
struct OrdersPage {
    s: Shell,
    rows: Vec<OrderRow>,
    states: Vec<Choice>,
    query: ListQuery,
    previous: Option<String>,
    next: Option<String>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-orders")?;
            let page = order::list(register, &who.actor, &query.filter(), ROWS)?;
            let choice =
                |value: &str, text: String| Choice { selected: query.state == value, value: value.into(), text };
            let mut states = vec![choice("", s.text("states-open")), choice("all", s.text("states-all"))];
            states.extend(OrderState::ALL.map(|state| choice(state.as_str(), s.text(&key("state", state.as_str())))));
            Ok(OrdersPage {
                previous: query.link("before", page.rows.first().filter(|_| page.has_previous)),
                next: query.link("after", page.rows.last().filter(|_| page.has_next)),
                rows: rows(&s, page.rows),
                states,
                query,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
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
    conflict: bool,
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
    if draft.company.is_empty() && s.companies.len() == 1 {
        draft.company = s.companies[0].id.to_string();
    }
    let sources = sources(register, who.language, source)?;
    let (id, version) = edited.map_or((None, 0), |(id, version)| (Some(id), version));
    let customer = customer(organisation, person);
    let f = Errors::new(who.language, errors);
    Ok(FormPage { s, id, version, draft, customer, sources, f, conflict: false })
}

const fn mark(language: Language) -> DecimalMark {
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
}

pub(crate) async fn new(
    State(app): State<App>,
    Signed(who): Signed,
    Query(for_whom): Query<For>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::OrderCreate)?;
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
                if let Some(address) = person.address(today).filter(|address| !address.is_masked()) {
                    draft.delivery = DraftAddress::of(address);
                    draft.delivery_name = person.display_name();
                }
            }
            form_page(register, &who, None, draft, "", FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (draft, source) = (draft_of(&form, who.language), form.text("source"));
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, seloste_domain::rights::Action::OrderCreate)?;
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
            order::create(register, &actor, &draft, &source)
        })
        .await;
    match outcome {
        Ok(id) => Ok(Redirect::to(&format!("/orders/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, None, given, &typed, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
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
    let (draft, source, version) = (draft_of(&form, who.language), form.text("source"), form.number("version"));
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, seloste_domain::rights::Action::OrderChange)?;
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
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
            let version = if conflict { now } else { version };
            let mut page = form_page(register, &who, Some((id, version)), given, &typed, errors)?;
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

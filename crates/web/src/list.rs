//! What the lists of people, organisations and orders have in common: order and filters in the address, the choice of
//! columns, saved views, the links between pages.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::ViewId;
use seloste_domain::kind::Kind;
use seloste_domain::list::{Column, ListOf, ListQuery, ListView, Sort, ViewDraft};
use seloste_domain::order::OrderState;
use seloste_domain::rights::Action;
use seloste_ops::list::{self, List, Page, Position};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register};
use uuid::Uuid;

use crate::App;
use crate::bulk::{self, Group};
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::Choice;
use crate::prohibition::MarksView;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;
use crate::{order, organisation, person};

/// Rows of a list on a page.
pub(crate) const ROWS: usize = 50;

/// The address of a list.
pub(crate) const fn path(of: ListOf) -> &'static str {
    match of {
        ListOf::People => "/people",
        ListOf::Organisations => "/organisations",
        ListOf::Orders => "/orders",
    }
}

/// The name of the navigation's item.
const fn here(of: ListOf) -> &'static str {
    match of {
        ListOf::People => "nav-people",
        ListOf::Organisations => "nav-organisations",
        ListOf::Orders => "nav-orders",
    }
}

/// What the address of a list asks for.
pub(crate) struct Asked {
    pub(crate) query: ListQuery,
    errors: FieldErrors,
    from: Option<Position>,
    /// The rows that were ticked, when only they are meant.
    pub(crate) only: Option<Vec<Uuid>>,
    /// The parts as they were given, so that what is wrong can be corrected.
    given: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn read(register: &Register, of: ListOf, address: &str) -> seloste_ops::Result<Self> {
        let parts: Vec<(String, String)> = form_urlencoded::parse(address.as_bytes()).into_owned().collect();
        let (query, mut errors) = ListQuery::read(of, &parts, &*register.notice()?);
        let tag = query.tag.as_ref();
        if tag.is_some_and(|tag| seloste_ops::tag::is_known(register, tag).is_ok_and(|known| !known)) {
            errors.push(FieldError::new("tag", code::CHOICE_UNKNOWN));
        }
        let position =
            parts.iter().find(|(name, value)| matches!(name.as_str(), "after" | "before") && !value.is_empty());
        let from = position.and_then(|(_, text)| list::position_from_text(register, of, text));
        Ok(Self { query, errors, from, only: None, given: parts })
    }

    pub(crate) fn list(&self) -> List {
        List { query: self.query.clone(), only: self.only.clone(), from: self.from.clone(), limit: ROWS }
    }

    /// The same of those rows alone that were ticked.
    pub(crate) fn of_rows(mut self, only: Option<Vec<Uuid>>) -> Self {
        self.only = only;
        self
    }

    /// The whole list, unless something is wrong with the address.
    pub(crate) fn right_list(&self) -> seloste_ops::Result<List> {
        if self.is_right() { Ok(self.list()) } else { Err(OpsError::from(self.errors.clone())) }
    }

    /// The order and the filters as they stand in an address.
    pub(crate) fn written(&self) -> String {
        encoded(&self.query.parts())
    }

    /// What the filters say.
    pub(crate) fn filters(&self, register: &Register, s: &Shell) -> seloste_ops::Result<Vec<String>> {
        Ok(chips(register, s, &self.query)?.into_iter().map(|chip| chip.text).collect())
    }

    /// Whether nothing is wrong with the address: otherwise no rows are shown.
    pub(crate) const fn is_right(&self) -> bool {
        self.errors.is_empty()
    }
}

fn encoded(parts: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish()
}

/// The address of a list with its order and filters.
pub(crate) fn address(query: &ListQuery) -> String {
    let parts = query.parts();
    let path = path(query.of);
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", encoded(&parts)) }
}

/// A row: what it is, what it is called where it is ticked, and its cells.
struct Ticked {
    id: Uuid,
    name: String,
    cells: Vec<Cell>,
    is_ticked: bool,
}

/// A link or a button.
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
}

/// A filter that is on, and the list without it.
struct Chip {
    text: String,
    without: String,
}

/// A field of the filters' form.
struct Field {
    name: &'static str,
    label: String,
    /// `select`, `checks`, or the type of an input.
    shape: &'static str,
    value: String,
    choices: Vec<Choice>,
    errors: Vec<String>,
}

/// A saved view above the list.
struct View {
    id: ViewId,
    name: String,
    href: String,
    is_current: bool,
    is_shared: bool,
    may_remove: bool,
}

/// The heading of a column.
pub(crate) struct Heading {
    text: String,
    is_number: bool,
    /// The list ordered by it, and how it is ordered by it now (`ascending`, `descending`).
    order: Option<(String, Option<&'static str>)>,
}

/// A cell.
#[derive(Default)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
    /// The colour of a tag.
    pub(crate) color: Option<&'static str>,
    pub(crate) class: &'static str,
    /// What stands against using the customer's data.
    pub(crate) marks: MarksView,
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub(crate) fn fit(text: impl Into<String>) -> Self {
        Self { text: text.into(), class: "fit", ..Self::default() }
    }

    pub(crate) fn number(text: String) -> Self {
        Self { text, class: "number", ..Self::default() }
    }

    pub(crate) fn link(text: String, href: String) -> Self {
        Self { text, href: Some(href), ..Self::default() }
    }
}

/// The filters, views and columns above a list.
struct Bar {
    path: &'static str,
    list: &'static str,
    /// What stands in the address, to come back to and to save.
    query: String,
    chips: Vec<Chip>,
    /// The order as it stands in the address, so that filtering keeps it.
    kept: Vec<(&'static str, String)>,
    fields: Vec<Field>,
    /// What is wrong with the address.
    wrong: Vec<String>,
    /// The address with what is right of it.
    right: String,
    views: Vec<View>,
    columns: Vec<Choice>,
    view_errors: Vec<String>,
    view_name: String,
}

#[derive(Template)]
#[template(path = "list.html")]
pub(crate) struct ListPage {
    s: Shell,
    title: String,
    count: Option<String>,
    actions: Vec<Link>,
    add: Option<Link>,
    bar: Option<Bar>,
    headings: Vec<Heading>,
    rows: Vec<Ticked>,
    /// What can be done to many rows at once; empty: nothing by this person.
    acts: Vec<Group>,
    /// Where what is to be done is sent.
    list: &'static str,
    query: String,
    /// Whether all that the list finds is meant, and what was wrong with what was to be done.
    all: bool,
    act_errors: Vec<String>,
    all_text: String,
    empty: String,
    corrected: bool,
    left_off: bool,
    previous: Option<String>,
    next: Option<String>,
}

/// What was wrong when a view was saved.
#[derive(Default)]
pub(crate) struct Told {
    errors: FieldErrors,
    name: String,
    /// What was wrong when something was to be done to many rows, and how it was asked for.
    act: FieldErrors,
    acted: bulk::Asked,
}

impl Told {
    /// What was wrong when something was to be done to many rows.
    pub(crate) fn of_act(act: FieldErrors, acted: bulk::Asked) -> Self {
        Self { act, acted, ..Self::default() }
    }
}

/// A list's page, before its rows are known.
pub(crate) struct Draft {
    pub(crate) s: Shell,
    pub(crate) columns: Vec<Column>,
    asked: Asked,
    bar: Bar,
    act_errors: Vec<String>,
    acted: bulk::Asked,
}

impl Draft {
    /// Reads what the list's bar needs.
    pub(crate) fn begin(register: &Register, who: &SignedIn, asked: Asked, told: &Told) -> seloste_ops::Result<Self> {
        let of = asked.query.of;
        let s = Shell::staff(register, who, here(of))?;
        let columns = of.chosen(list::columns(register, &who.actor, of)?.as_deref(), s.kinds);
        let views = list::views(register, &who.actor, of)?;
        let bar = Bar::of(register, &s, who, &asked, &columns, &views, told)?;
        let act_errors = told.act.0.iter().map(|error| s.t.field_error(error)).collect();
        Ok(Self { s, columns, asked, bar, act_errors, acted: told.acted.clone() })
    }

    pub(crate) const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// The page with its rows. `total` is the size of the whole list, when it is not filtered.
    pub(crate) fn finish<T>(
        self,
        register: &Register,
        page: Page<T>,
        total: Option<i64>,
        id: impl Fn(&T) -> Uuid,
        row: impl Fn(&Shell, &[Column], &T) -> Vec<Cell>,
    ) -> seloste_ops::Result<ListPage> {
        let query = &self.asked.query;
        let of = query.of;
        let beside = |position: &Option<Position>, name: &'static str| -> seloste_ops::Result<Option<String>> {
            let Some(position) = position else { return Ok(None) };
            let mut parts = query.parts();
            parts.push((name, list::position_to_text(register, of, position)?));
            Ok(Some(format!("{}?{}", path(of), encoded(&parts))))
        };
        let (previous, next) = (beside(&page.previous, "before")?, beside(&page.next, "after")?);
        let counted = page.count.and_then(|count| i64::try_from(count).ok());
        let count = if query.is_filtered() { counted } else { total };
        let (s, acted) = (self.s, self.acted);
        let ticked = |thing: &T| {
            let (id, cells) = (id(thing), row(&s, &self.columns, thing));
            let name = cells.first().map(|cell| cell.text.clone()).unwrap_or_default();
            Ticked { id, name, cells, is_ticked: acted.rows.contains(&id) }
        };
        let rows: Vec<Ticked> = page.rows.iter().map(ticked).collect();
        let unit = match of {
            ListOf::People => "people-count",
            ListOf::Organisations => "organisations-count",
            ListOf::Orders => "orders-count",
        };
        Ok(ListPage {
            title: s.text(here(of)),
            acts: if rows.is_empty() { Vec::new() } else { bulk::acts(&s, of, &acted.act) },
            list: of.as_str(),
            query: encoded(&query.parts()),
            all: acted.all,
            act_errors: self.act_errors,
            all_text: match count {
                Some(count) => s.t.arg("bulk-all-counted", "count", s.number(&count)),
                None => s.text("bulk-all"),
            },
            count: count.filter(|_| self.asked.errors.is_empty()).map(|count| s.t.count(unit, &count)),
            actions: actions(&s, query),
            add: addition(&s, of),
            headings: headings(&s, query, &self.columns),
            rows,
            empty: s.text(if query.is_filtered() { "list-none" } else { empty(of) }),
            corrected: false,
            left_off: page.left_off,
            previous,
            next,
            bar: Some(self.bar),
            s,
        })
    }
}

impl ListPage {
    /// What a search found, as a list without filters.
    pub(crate) fn found(s: Shell, columns: &[Column], rows: Vec<(Uuid, Vec<Cell>)>, corrected: bool) -> Self {
        let headings = columns.iter().map(|column| heading(&s, ListOf::People, *column, None)).collect();
        let row = |(id, cells)| Ticked { id, name: String::new(), cells, is_ticked: false };
        let rows = rows.into_iter().map(row).collect();
        Self {
            acts: Vec::new(),
            list: ListOf::People.as_str(),
            query: String::new(),
            all: false,
            act_errors: Vec::new(),
            all_text: String::new(),
            title: s.text("nav-people"),
            count: None,
            actions: Vec::new(),
            add: addition(&s, ListOf::People),
            bar: None,
            headings,
            rows,
            empty: s.text("search-empty"),
            corrected,
            left_off: false,
            previous: None,
            next: None,
            s,
        }
    }

    /// Whether something is wrong with the address.
    fn is_wrong(&self) -> bool {
        self.bar.as_ref().is_some_and(|bar| !bar.wrong.is_empty())
    }

    /// The answer: a wrong address is told as such.
    pub(crate) fn answer(self) -> Result<Response, PageError> {
        let view_is_wrong =
            !self.act_errors.is_empty() || self.bar.as_ref().is_some_and(|bar| !bar.view_errors.is_empty());
        let status = match (view_is_wrong, self.is_wrong()) {
            (true, _) => StatusCode::UNPROCESSABLE_ENTITY,
            (_, true) => StatusCode::BAD_REQUEST,
            _ => StatusCode::OK,
        };
        Ok((status, Html(self.render()?)).into_response())
    }
}

const fn empty(of: ListOf) -> &'static str {
    match of {
        ListOf::People => "people-empty",
        ListOf::Organisations => "organisations-empty",
        ListOf::Orders => "orders-empty",
    }
}

fn actions(s: &Shell, query: &ListQuery) -> Vec<Link> {
    let mut links = Vec::new();
    if s.may(Action::BulkRun.as_str()) {
        links.push(Link { href: "/bulk".into(), text: s.text("bulk") });
    }
    if s.may(seloste_ops::export::right(query.of).as_str()) {
        let parts = query.parts();
        let mark = if parts.is_empty() { "" } else { "?" };
        let href = format!("{}/export{mark}{}", path(query.of), encoded(&parts));
        links.push(Link { href, text: s.text("export") });
    }
    links
}

fn addition(s: &Shell, of: ListOf) -> Option<Link> {
    let (action, href, text) = match of {
        ListOf::People => (Action::PersonCreate, "/people/new", "person-new"),
        ListOf::Organisations => (Action::OrganisationCreate, "/organisations/new", "organisation-new"),
        ListOf::Orders => (Action::OrderCreate, "/orders/new", "order-new"),
    };
    s.may(action.as_str()).then(|| Link { href: href.into(), text: s.text(text) })
}

/// The text of a column.
fn column_text(s: &Shell, of: ListOf, column: Column) -> String {
    let text = match column {
        Column::Name => "kind-name",
        Column::Number if of == ListOf::Orders => "order-number",
        Column::Number => "field-number",
        Column::BusinessId => "field-business-id",
        Column::Organisation => "kind-organisation",
        Column::Email => "kind-email",
        Column::Telephone => "kind-telephone",
        Column::Street => "list-street",
        Column::PostalCode => "field-postal-code",
        Column::Town => "field-town",
        Column::Language => "kind-language",
        Column::Tags => "kind-tags",
        Column::Companies => "list-companies",
        Column::Source => "list-source",
        Column::Created => "list-created",
        Column::Changed => "changed",
        Column::Day => "order-day",
        Column::Customer => "order-customer",
        Column::Company => "field-company",
        Column::State => "order-state",
        Column::Lines => "order-lines",
        Column::Net => "order-net",
        Column::Gross => "order-gross",
    };
    s.text(text)
}

const fn sort_of(column: Column) -> Option<Sort> {
    match column {
        Column::Name => Some(Sort::Name),
        Column::Changed => Some(Sort::Changed),
        Column::Created => Some(Sort::Created),
        Column::Day => Some(Sort::Day),
        Column::Gross => Some(Sort::Total),
        _ => None,
    }
}

fn heading(s: &Shell, of: ListOf, column: Column, query: Option<&ListQuery>) -> Heading {
    let is_number = matches!(column, Column::Lines | Column::Net | Column::Gross);
    let order = query.zip(sort_of(column)).map(|(query, sort)| {
        let is_now = query.sort == sort;
        let descending = if is_now { !query.descending } else { sort.descends() };
        let now = is_now.then_some(if query.descending { "descending" } else { "ascending" });
        (address(&ListQuery { sort, descending, ..query.clone() }), now)
    });
    Heading { text: column_text(s, of, column), is_number, order }
}

fn headings(s: &Shell, query: &ListQuery, columns: &[Column]) -> Vec<Heading> {
    columns.iter().map(|column| heading(s, query.of, *column, Some(query))).collect()
}

/// The label of a part of the address.
fn label(s: &Shell, name: &str) -> String {
    let text = match name {
        "company" => "field-company",
        "source" => "list-source",
        "town" => "field-town",
        "postal_code" => "list-postal-code-begins",
        "organisation" => "kind-organisation",
        "tag" => "kind-tags",
        "business_id" => "field-business-id",
        "state" => "order-state",
        "sort" | "order" => "sort",
        "from" => "list-from",
        "until" => "list-until",
        "filter" => "list-filter",
        name => return s.text(&key("list", name)),
    };
    s.text(text)
}

fn kind_text(s: &Shell, kind: Kind) -> String {
    s.text(&key("kind", kind.as_str()))
}

impl Bar {
    fn of(
        register: &Register,
        s: &Shell,
        who: &SignedIn,
        asked: &Asked,
        columns: &[Column],
        views: &[ListView],
        told: &Told,
    ) -> seloste_ops::Result<Self> {
        let query = &asked.query;
        let of = query.of;
        let current = encoded(&query.parts());
        let shares = s.may(Action::ViewShare.as_str());
        let chosen = |column: &Column| Choice {
            value: column.as_str().into(),
            text: column_text(s, of, *column),
            selected: columns.contains(column),
        };
        let usable = |column: &&Column| of.kind_of(**column).is_none_or(|kind| s.kinds.has(kind));
        let order = query.parts().into_iter().filter(|(name, _)| matches!(*name, "sort" | "order"));
        Ok(Self {
            path: path(of),
            list: of.as_str(),
            chips: chips(register, s, query)?,
            kept: order.collect(),
            fields: fields(register, s, asked)?,
            wrong: (asked.errors.0.iter())
                .map(|error| format!("{}: {}", label(s, &error.field), s.t.field_error(error)))
                .collect(),
            right: address(query),
            views: (views.iter())
                .map(|view| View {
                    id: view.id,
                    name: view.name.clone(),
                    href: format!("{}?{}", path(of), view.query),
                    is_current: view.query == current && !current.is_empty(),
                    is_shared: view.is_shared,
                    may_remove: view.owner == who.user.id || shares,
                })
                .collect(),
            columns: of.columns().iter().skip(1).filter(usable).map(chosen).collect(),
            view_errors: told.errors.0.iter().map(|error| s.t.field_error(error)).collect(),
            view_name: told.name.clone(),
            query: current,
        })
    }
}

/// What a filter says, as a person reads it.
fn chip_text(register: &Register, s: &Shell, name: &str, value: &str) -> seloste_ops::Result<String> {
    let notice = register.notice()?;
    let shown = match name {
        "company" => value.parse().map_or_else(|_| value.to_owned(), |id| s.company(&id)),
        "source" => {
            let source = notice.sources().iter().find(|source| source.id.as_str() == value);
            source.map_or_else(|| value.to_owned(), |source| source.name.get(s.t.0).to_owned())
        }
        "has" | "lacks" => value.parse::<Kind>().map_or_else(|_| value.to_owned(), |kind| kind_text(s, kind)),
        // A name would have to be read, and logged, for every page.
        "organisation" => s.text("list-chosen"),
        "tag" => value.parse().map_or_else(|_| value.to_owned(), |tag| s.tag(&tag)),
        "business_id" => s.text(if value == "yes" { "list-yes" } else { "list-no" }),
        "state" if value == "all" => s.text("states-all"),
        "state" => s.text(&key("state", value)),
        "from" | "until" | "changed_from" | "changed_until" | "created_from" | "created_until" => {
            value.parse().map_or_else(|_| value.to_owned(), |day| s.date(&day))
        }
        "total_from" | "total_until" => {
            let sum = seloste_domain::money::Cents::parse(name, value, seloste_domain::money::DecimalMark::Point);
            sum.map_or_else(|_| value.to_owned(), |sum| s.money(&sum))
        }
        _ => value.to_owned(),
    };
    Ok(format!("{}: {shown}", label(s, name)))
}

fn chips(register: &Register, s: &Shell, query: &ListQuery) -> seloste_ops::Result<Vec<Chip>> {
    let filters = query.filters();
    let order = query.parts().into_iter().filter(|(name, _)| matches!(*name, "sort" | "order"));
    let order: Vec<(&'static str, String)> = order.collect();
    let chip = |(place, (name, value)): (usize, &(&'static str, String))| {
        let others = filters.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, part)| part.clone());
        let parts: Vec<(&'static str, String)> = order.iter().cloned().chain(others).collect();
        let without = format!("{}?{}", path(query.of), encoded(&parts));
        Ok(Chip { text: chip_text(register, s, name, value)?, without })
    };
    filters.iter().enumerate().map(chip).collect()
}

fn fields(register: &Register, s: &Shell, asked: &Asked) -> seloste_ops::Result<Vec<Field>> {
    let (query, notice) = (&asked.query, register.notice()?);
    let value = |name: &str| asked.given.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let field = |name: &'static str, shape: &'static str, choices: Vec<Choice>| Field {
        name,
        label: label(s, name),
        shape,
        value: value(name),
        choices,
        errors: asked.errors.of(name).map(|error| s.t.field_error(error)).collect(),
    };
    let choice = |name: &str, id: &str, text: String| Choice { value: id.into(), text, selected: value(name) == id };
    let any = |name: &str| choice(name, "", s.text("list-any"));
    let companies = s.companies.iter().map(|company| choice("company", company.id.as_str(), company.name.clone()));
    let mut fields = Vec::new();
    if s.companies.len() > 1 {
        fields.push(field("company", "select", std::iter::once(any("company")).chain(companies).collect()));
    }
    if query.of == ListOf::Orders {
        let mut states = vec![choice("state", "", s.text("states-open")), choice("state", "all", s.text("states-all"))];
        let state = |state: OrderState| choice("state", state.as_str(), s.text(&key("state", state.as_str())));
        states.extend(OrderState::ALL.map(state));
        fields.push(field("state", "select", states));
        fields.extend(["from", "until"].map(|name| field(name, "date", Vec::new())));
        fields.extend(["total_from", "total_until"].map(|name| field(name, "text", Vec::new())));
        return Ok(fields);
    }
    let sources = notice.sources().iter();
    let sources = sources.map(|source| choice("source", source.id.as_str(), source.name.get(s.t.0).to_owned()));
    fields.push(field("source", "select", std::iter::once(any("source")).chain(sources).collect()));
    if s.kinds.has(Kind::PostalAddress) {
        fields.extend(["town", "postal_code"].map(|name| field(name, "text", Vec::new())));
    }
    if s.kinds.has(Kind::Tags) && !s.tags.is_empty() {
        let tags = s.tags.iter().map(|tag| choice("tag", tag.id.as_str(), tag.names.get(s.t.0).to_owned()));
        fields.push(field("tag", "select", std::iter::once(any("tag")).chain(tags).collect()));
    }
    if query.of == ListOf::Organisations {
        let choices = [("yes", "list-yes"), ("no", "list-no")];
        let choices = choices.map(|(id, text)| choice("business_id", id, s.text(text)));
        fields.push(field("business_id", "select", std::iter::once(any("business_id")).chain(choices).collect()));
    }
    for (name, set) in [("has", query.has), ("lacks", query.lacks)] {
        let kinds = [Kind::Email, Kind::Telephone, Kind::PostalAddress, Kind::CustomerNumber].into_iter();
        let kinds = kinds.filter(|kind| s.kinds.has(*kind)).map(|kind| Choice {
            value: kind.to_string(),
            text: kind_text(s, kind),
            selected: set.has(kind),
        });
        fields.push(field(name, "checks", kinds.collect()));
    }
    let days = ["changed_from", "changed_until", "created_from", "created_until"];
    fields.extend(days.map(|name| field(name, "date", Vec::new())));
    Ok(fields)
}

/// The list's page once more, because something that was asked on it was wrong.
pub(crate) fn again(
    register: &Register,
    who: &SignedIn,
    of: ListOf,
    query: &str,
    told: &Told,
) -> seloste_ops::Result<ListPage> {
    match of {
        ListOf::People => person::list_page(register, who, query, told),
        ListOf::Organisations => organisation::list_page(register, who, query, told),
        ListOf::Orders => order::list_page(register, who, query, told),
    }
}

pub(crate) fn named(of: &str) -> Result<ListOf, PageError> {
    ListOf::named(of).ok_or(PageError::NotFound)
}

fn back(of: ListOf, query: &str) -> Response {
    let mark = if query.is_empty() { "" } else { "?" };
    Redirect::to(&format!("{}{mark}{query}", path(of))).into_response()
}

pub(crate) async fn save_view(
    State(app): State<App>,
    Signed(who): Signed,
    Path(of): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let of = named(&of)?;
    let given = form.text("query");
    let draft = ViewDraft { name: form.text("view_name"), is_shared: form.has("shared") };
    let (query, name) = (given.clone(), draft.name.clone());
    let saver = who.clone();
    let saved = app
        .run(move |register| {
            let asked = Asked::read(register, of, &given)?;
            if !asked.errors.is_empty() {
                return Err(OpsError::from(asked.errors));
            }
            list::save_view(register, &saver.actor, &asked.query, &draft)?;
            Ok(encoded(&asked.query.parts()))
        })
        .await;
    match saved {
        Ok(query) => Ok(back(of, &query)),
        Err(error) => {
            let told = Told { errors: error.fields()?, name, ..Told::default() };
            app.run(move |register| again(register, &who, of, &query, &told)).await?.answer()
        }
    }
}

pub(crate) async fn remove_view(
    State(app): State<App>,
    Signed(who): Signed,
    Path((of, id)): Path<(String, ViewId)>,
    form: Form,
) -> Result<Response, PageError> {
    let of = named(&of)?;
    let query = form.text("query");
    let query = app
        .run(move |register| {
            list::remove_view(register, &who.actor, of, id)?;
            Ok(encoded(&Asked::read(register, of, &query)?.query.parts()))
        })
        .await?;
    Ok(back(of, &query))
}

pub(crate) async fn set_columns(
    State(app): State<App>,
    Signed(who): Signed,
    Path(of): Path<String>,
    form: Form,
) -> Result<Response, PageError> {
    let of = named(&of)?;
    let query = form.text("query");
    let columns = (!form.has("usual")).then(|| form.all("column"));
    let query = app
        .run(move |register| {
            list::set_columns(register, &who.actor, of, columns.as_deref())?;
            Ok(encoded(&Asked::read(register, of, &query)?.query.parts()))
        })
        .await?;
    Ok(back(of, &query))
}

/// A list that shows nothing, because its address is wrong.
pub(crate) const fn nothing<T>() -> Page<T> {
    Page { rows: Vec::new(), previous: None, next: None, left_off: false, count: None }
}

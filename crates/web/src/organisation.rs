//! Organisations: the list, the card and its tabs, adding and correcting.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::civil::Date;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{CompanyId, OrganisationId, SourceId};
use seloste_domain::list::{Column, ListOf};
use seloste_domain::money::Cents;
use seloste_domain::notice::Notice;
use seloste_domain::organisation::{Organisation, OrganisationDraft};
use seloste_domain::rights::Action;
use seloste_domain::value::{StoredValue, Value};
use seloste_ops::feed::Feeding;
use seloste_ops::mail::Recipient;
use seloste_ops::organisation::Created;
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, history, organisation};

use crate::App;
use crate::change::{ChangeView, change_view};
use crate::error::PageError;
use crate::form::Form;
use crate::list::{self, Asked, Cell, Draft, ListPage, Told};
use crate::merge::{self, MergedView};
use crate::order::{OrderRow, rows as order_rows};
use crate::party_form::{
    Choice, Errors, Names, Shown, labels, shown_all, source_name, sources, with_empty, with_empty_address,
};
use crate::person::{Row as PersonRow, names, new_id, tags, wrong_source};
use crate::prohibition::MarksView;
use crate::session::Signed;
use crate::shell::Shell;
use crate::tag::Tagging;

/// The cells of an organisation's row.
fn cells(s: &Shell, notice: &Notice, columns: &[Column], organisation: &Organisation, today: Date) -> Vec<Cell> {
    let now: Vec<&StoredValue> = organisation.values_on(today).collect();
    let first = |pick: fn(&Value) -> Option<String>| now.iter().find_map(|v| pick(&v.value)).unwrap_or_default();
    let cell = |column: &Column| match column {
        Column::Name => Cell {
            marks: MarksView::of(s, organisation.marks),
            ..Cell::link(organisation.name.clone(), format!("/organisations/{}", organisation.id))
        },
        Column::BusinessId => {
            Cell::fit(organisation.business_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default())
        }
        Column::Email => {
            Cell::text(first(|value| if let Value::Email(email) = value { Some(email.address.clone()) } else { None }))
        }
        Column::Telephone => {
            Cell::fit(first(|value| if let Value::Telephone(t) = value { Some(t.display()) } else { None }))
        }
        Column::Street => {
            Cell::text(first(|value| if let Value::PostalAddress(a) = value { Some(a.street.clone()) } else { None }))
        }
        Column::PostalCode => {
            Cell::fit(first(
                |value| if let Value::PostalAddress(a) = value { Some(a.postal_code.clone()) } else { None },
            ))
        }
        Column::Town => {
            Cell::text(first(|value| if let Value::PostalAddress(a) = value { Some(a.town.clone()) } else { None }))
        }
        Column::Number => {
            Cell::fit(first(|value| if let Value::CustomerNumber(n) = value { Some(n.clone()) } else { None }))
        }
        Column::Tags => Cell::text(tags(s, now.iter().copied())),
        Column::Companies => Cell::text(names(s, &organisation.companies)),
        Column::Source => Cell::text(source_name(notice, &organisation.source, s.t.0)),
        Column::Created => Cell { class: "fit muted", ..Cell::text(s.time(&organisation.created_at)) },
        Column::Changed => Cell { class: "fit muted", ..Cell::text(s.time(&organisation.changed_at)) },
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
    let asked = Asked::read(register, ListOf::Organisations, address)?;
    let draft = Draft::begin(register, who, asked, told)?;
    let today = register.today();
    let page = match draft.asked().is_right() {
        true => organisation::list(register, &who.actor, &draft.asked().list())?,
        false => list::nothing(),
    };
    let (notice, total) = (register.notice()?, organisation::count(register, &who.actor)?);
    draft.finish(
        register,
        page,
        Some(total),
        |organisation| organisation.id.0,
        |s, columns, organisation| cells(s, &notice, columns, organisation, today),
    )
}

/// The head that all tabs of a card share.
pub(crate) struct Head {
    pub(crate) id: OrganisationId,
    pub(crate) name: String,
    pub(crate) business_id: Option<String>,
    pub(crate) companies: Vec<String>,
    pub(crate) changed: String,
    pub(crate) marks: MarksView,
    pub(crate) tab: &'static str,
    /// Whether the company register can be asked about it.
    pub(crate) asks_register: bool,
}

impl Head {
    pub(crate) fn of(s: &Shell, organisation: &Organisation, tab: &'static str) -> Self {
        Self {
            id: organisation.id,
            name: organisation.name.clone(),
            business_id: organisation.business_id.as_ref().map(|id| id.as_str().to_owned()),
            companies: organisation.companies.iter().map(|company| s.company(company)).collect(),
            changed: s.time(&organisation.changed_at),
            marks: MarksView::of(s, organisation.marks),
            tab,
            asks_register: false,
        }
    }
}

#[derive(Template)]
#[template(path = "organisation.html")]
struct OrganisationPage {
    s: Shell,
    head: Head,
    values: Vec<Shown>,
    tagging: Option<Tagging>,
    people: Vec<PersonRow>,
    orders: i64,
    orders_net: Cents,
    proposals: i64,
    claims: Vec<crate::reminder::Row>,
    owes: Option<crate::invoice::Owes>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    let (asker, gone, feeding) = (who.clone(), id.0, app.feeding());
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let card = organisation::show(register, &who.actor, id)?;
            let names = Names::of(register)?;
            let today = register.today();
            let form = s.may("organisation.change").then(|| format!("/organisations/{id}/edit"));
            let values = shown_all(&s, register, &names, &card.organisation.values, form.as_deref())?;
            let mut head = Head::of(&s, &card.organisation, "details");
            head.asks_register = card.organisation.business_id.is_some() && may_ask(register, &s, &feeding)?;
            Ok(OrganisationPage {
                head,
                people: card.people.iter().map(|person| PersonRow::of(&s, person, today)).collect(),
                tagging: Tagging::of(register, &s, ListOf::Organisations, id.0, &card.organisation.values)?,
                values,
                orders: card.orders,
                orders_net: card.orders_net,
                proposals: crate::proposal::waiting_about(&s, register, &who, id.into())?,
                claims: crate::reminder::of_customer(&s, register, &who, Recipient::Organisation(id))?,
                owes: crate::invoice::owed_by_organisation(&s, register, &who, id)?,
                s,
            })
        })
        .await;
    match page {
        Ok(page) => Ok(Html(page.render()?).into_response()),
        Err(PageError::NotFound) => merge::or_successor(&app, asker, merge::Noun::Organisation, gone).await,
        Err(error) => Err(error),
    }
}

/// Whether a company register is set and declared, and the person may ask it.
fn may_ask(register: &Register, s: &Shell, feeding: &Feeding) -> seloste_ops::Result<bool> {
    match &feeding.company_register {
        Some(set) if s.may(Action::OrganisationFetch.as_str()) => set.is_declared(register),
        _ => Ok(false),
    }
}

#[derive(Template)]
#[template(path = "organisation_orders.html")]
struct OrdersPage {
    s: Shell,
    head: Head,
    rows: Vec<OrderRow>,
    orders: i64,
}

pub(crate) async fn orders(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let card = organisation::show(register, &who.actor, id)?;
            let filter = seloste_ops::order::Filter { organisation: Some(id), archived: true, ..Default::default() };
            let rows = seloste_ops::order::newest(register, &who.actor, &filter, 200)?;
            Ok(OrdersPage {
                head: Head::of(&s, &card.organisation, "orders"),
                rows: order_rows(&s, rows),
                orders: card.orders,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "organisation_history.html")]
struct HistoryPage {
    s: Shell,
    head: Head,
    changes: Vec<ChangeView>,
    orders: i64,
    version: i64,
    revert: String,
    merged: Vec<MergedView>,
    unmerge: String,
}

pub(crate) async fn history(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let card = organisation::show(register, &who.actor, id)?;
            let names = Names::of(register)?;
            let entries = history::of_organisation(register, &who.actor, id)?;
            Ok(HistoryPage {
                version: card.organisation.version,
                revert: String::new(),
                merged: merge::merged_views(register, &who, &s, &names, id.0)?,
                unmerge: format!("/organisations/{id}/unmerge"),
                head: Head::of(&s, &card.organisation, "history"),
                changes: entries.into_iter().map(|entry| change_view(&s, &names, entry, false)).collect(),
                orders: card.orders,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "organisation_form.html")]
pub(crate) struct FormPage {
    s: Shell,
    id: Option<OrganisationId>,
    /// The id that a new organisation will have, so that a form that is sent twice adds one.
    new_id: OrganisationId,
    /// The organisation that this form added already, when it was changed and sent again.
    made: Option<String>,
    version: i64,
    draft: OrganisationDraft,
    sources: Vec<Choice>,
    f: Errors,
    conflict: Option<Vec<ChangeView>>,
    saved_companies: Vec<String>,
    /// Whether the company register can fill the form, by a business id.
    asks_register: bool,
    /// What came of asking it.
    pub(crate) told: Option<String>,
    /// Organisations that have the business id already.
    pub(crate) known: Vec<(OrganisationId, String)>,
}

impl FormPage {
    pub(crate) fn new(
        register: &Register,
        s: Shell,
        edited: Option<(OrganisationId, i64)>,
        mut draft: OrganisationDraft,
        source: &str,
        f: Errors,
    ) -> seloste_ops::Result<Self> {
        let sources = sources(register, s.t.0, source)?;
        draft.emails = with_empty(draft.emails);
        draft.telephones = with_empty(draft.telephones);
        draft.addresses = with_empty_address(draft.addresses);
        let only = draft.companies.is_empty() && s.companies.len() == 1;
        let saved_companies = if only { vec![s.companies[0].id.to_string()] } else { draft.companies.clone() };
        let (id, version) = edited.map_or((None, 0), |(id, version)| (Some(id), version));
        Ok(Self {
            s,
            id,
            new_id: OrganisationId(register.db().env().id()),
            made: None,
            version,
            draft,
            sources,
            f,
            conflict: None,
            saved_companies,
            asks_register: false,
            told: None,
            known: Vec::new(),
        })
    }

    /// The form of a new organisation, which the company register can fill if there is one.
    pub(crate) fn with_register(mut self, register: &Register, feeding: &Feeding) -> seloste_ops::Result<Self> {
        self.asks_register = may_ask(register, &self.s, feeding)?;
        Ok(self)
    }

    fn labels(&self, kind: &str, selected: &str) -> Vec<Choice> {
        kind.parse().map(|kind| labels(self.s.t, kind, selected)).unwrap_or_default()
    }

    fn in_company(&self, id: &CompanyId) -> bool {
        self.saved_companies.iter().any(|company| company == id.as_str())
    }
}

fn draft_of(form: &Form) -> OrganisationDraft {
    OrganisationDraft {
        name: form.text("name"),
        business_id: form.text("business_id"),
        customer_number: form.text("customer_number"),
        emails: form.texts("emails"),
        telephones: form.texts("telephones"),
        addresses: form.addresses("addresses"),
        companies: form.all("companies"),
    }
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let feeding = app.feeding();
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::OrganisationCreate)?;
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let page = FormPage::new(register, s, None, OrganisationDraft::default(), "", Errors::none(who.language))?;
            page.with_register(register, &feeding)
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (draft, source) = (draft_of(&form), form.text("source"));
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, Action::OrganisationCreate)?;
            let id = OrganisationId(new_id(register, &form));
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
            Ok((id, organisation::create_once(register, &actor, id, &draft, &source)?))
        })
        .await;
    match outcome {
        Ok((id, Created::New | Created::Before)) => Ok(Redirect::to(&format!("/organisations/{id}")).into_response()),
        Ok((id, Created::Differs)) => {
            let page = app
                .run(move |register| {
                    let s = Shell::staff(register, &who, "nav-organisations")?;
                    let mut page = FormPage::new(register, s, None, given, &typed, Errors::none(who.language))?;
                    page.made = Some(format!("/organisations/{id}"));
                    Ok(page)
                })
                .await?;
            Ok((StatusCode::CONFLICT, Html(page.render()?)).into_response())
        }
        Err(error) => again(&app, who, None, given, typed, error.fields()?, None).await,
    }
}

/// The form again, with what is wrong and what was typed.
async fn again(
    app: &App,
    who: SignedIn,
    edited: Option<(OrganisationId, i64)>,
    draft: OrganisationDraft,
    source: String,
    errors: FieldErrors,
    conflict: Option<Vec<ChangeView>>,
) -> Result<Response, PageError> {
    let status = if conflict.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = app
        .run(move |register| {
            if let Some((id, _)) = edited {
                // What another company has is not there, whatever is wrong with the form.
                organisation::show(register, &who.actor, id)?;
            }
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let errors = Errors::new(who.language, errors);
            let mut page = FormPage::new(register, s, edited, draft, &source, errors)?;
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, Action::OrganisationChange)?;
            let s = Shell::staff(register, &who, "nav-organisations")?;
            let organisation = organisation::show(register, &who.actor, id)?.organisation;
            let draft = organisation.draft(register.today());
            FormPage::new(register, s, Some((id, organisation.version)), draft, "", Errors::none(who.language))
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrganisationId>,
    form: Form,
) -> Result<Response, PageError> {
    let (draft, source, version) = (draft_of(&form), form.text("source"), form.number("version"));
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, Action::OrganisationChange)?;
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
            organisation::change(register, &actor, id, version, &draft, &source)
        })
        .await;
    match outcome {
        Ok(_) => Ok(Redirect::to(&format!("/organisations/{id}")).into_response()),
        Err(error) if error.is_conflict() => {
            let actor = who.actor.clone();
            let asker = who.clone();
            let (changes, version) = app
                .run(move |register| {
                    let now = organisation::show(register, &actor, id)?.organisation.version;
                    let s = Shell::staff(register, &asker, "nav-organisations")?;
                    if !s.may("person.history") {
                        return Ok((Vec::new(), now));
                    }
                    let entries = history::of_organisation(register, &actor, id)?;
                    Ok((crate::change::since(&s, register, entries, version, now)?, now))
                })
                .await?;
            again(&app, who, Some((id, version)), given, typed, FieldErrors::default(), Some(changes)).await
        }
        Err(error) => again(&app, who, Some((id, version)), given, typed, error.fields()?, None).await,
    }
}

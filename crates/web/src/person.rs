//! Customers: the list, the card and its tabs, adding and correcting.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::civil::Date;
use seloste_domain::address::PostalAddress;
use seloste_domain::draft::OrganisationRef;
use seloste_domain::id::{CompanyId, PersonId, SourceId};
use seloste_domain::kind::Kind;
use seloste_domain::list::{Column, ListOf};
use seloste_domain::notice::Notice;
use seloste_domain::person::{Person, PersonDraft};
use seloste_domain::value::{StoredValue, Value};
use seloste_ops::history;
use seloste_ops::mail::Recipient;
use seloste_ops::person::{self, Created};
use seloste_ops::search::{Found, NounSet};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, log};
use uuid::Uuid;

use crate::App;
use crate::change::{self, ChangeView, change_view};
use crate::error::PageError;
use crate::form::Form;
use crate::list::{self, Asked, Cell, Draft, ListPage, ROWS, Told};
use crate::merge::{self, MergedView};
use crate::order::{OrderRow, rows as order_rows};
use crate::party_form::{
    Choice, Errors, Names, Shown, labels, shown_all, source_name, sources, with_empty, with_empty_address,
};
use crate::prohibition::MarksView;
use crate::session::Signed;
use crate::shell::Shell;
use crate::tag::Tagging;
use crate::text::key;

/// A row of a short list of people on another page.
pub(crate) struct Row {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) organisation: String,
    pub(crate) email: String,
    pub(crate) telephone: String,
    pub(crate) town: String,
    pub(crate) number: String,
    pub(crate) changed: String,
    pub(crate) marks: MarksView,
}

impl Row {
    pub(crate) fn of(s: &Shell, person: &Person, today: jiff::civil::Date) -> Self {
        let represents = person.representations_on(today).next();
        let town = person
            .address(today)
            .map(|address| if address.is_masked() { s.text("protected") } else { address.town.clone() });
        Self {
            id: person.id,
            name: name_of(s, person),
            organisation: represents.map(|r| r.organisation_name.clone()).unwrap_or_default(),
            email: person.email(today).map(|email| email.address.clone()).unwrap_or_default(),
            telephone: person.telephone(today).map(|telephone| telephone.display()).unwrap_or_default(),
            town: town.unwrap_or_default(),
            number: person.customer_number(today).unwrap_or_default().to_owned(),
            changed: s.time(&person.changed_at),
            marks: MarksView::of(s, person.marks),
        }
    }
}

/// The cells of a person's row.
pub(crate) fn cells(s: &Shell, notice: &Notice, columns: &[Column], person: &Person, today: Date) -> Vec<Cell> {
    let address = |part: fn(&PostalAddress) -> String| match person.address(today) {
        None => String::new(),
        Some(address) if address.is_masked() => s.text("protected"),
        Some(address) => part(address),
    };
    let cell = |column: &Column| match column {
        Column::Name => Cell {
            marks: MarksView::of(s, person.marks),
            ..Cell::link(name_of(s, person), format!("/people/{}", person.id))
        },
        Column::Organisation => {
            let represents = person.representations_on(today).next();
            Cell::text(represents.map(|r| r.organisation_name.clone()).unwrap_or_default())
        }
        Column::Email => Cell::text(person.email(today).map(|email| email.address.clone()).unwrap_or_default()),
        Column::Telephone => {
            Cell::fit(person.telephone(today).map(|telephone| telephone.display()).unwrap_or_default())
        }
        Column::Street => Cell::text(address(|address| address.street.clone())),
        Column::PostalCode => Cell::fit(address(|address| address.postal_code.clone())),
        Column::Town => Cell::text(address(|address| address.town.clone())),
        Column::Number => Cell::fit(person.customer_number(today).unwrap_or_default()),
        Column::Language => {
            let language = person.language(today);
            Cell::text(language.map(|language| language.own_name().to_owned()).unwrap_or_default())
        }
        Column::Tags => Cell::text(tags(s, person.values.iter())),
        Column::Companies => Cell::text(names(s, &person.companies)),
        Column::Source => {
            let first = person.values.iter().min_by_key(|stored| stored.entered_at);
            Cell::text(first.map(|stored| source_name(notice, &stored.source, s.t.0)).unwrap_or_default())
        }
        Column::Created => Cell { class: "fit muted", ..Cell::text(s.time(&person.created_at)) },
        Column::Changed => Cell { class: "fit muted", ..Cell::text(s.time(&person.changed_at)) },
        _ => Cell::default(),
    };
    columns.iter().map(cell).collect()
}

/// The names of the tags among values.
pub(crate) fn tags<'v>(s: &Shell, values: impl Iterator<Item = &'v StoredValue>) -> String {
    let tag = |stored: &StoredValue| if let Value::Tags(tag) = &stored.value { Some(s.tag(tag)) } else { None };
    values.filter_map(tag).collect::<Vec<_>>().join(", ")
}

/// The names of companies.
pub(crate) fn names(s: &Shell, companies: &[CompanyId]) -> String {
    companies.iter().map(|company| s.company(company)).collect::<Vec<_>>().join(", ")
}

/// What a person is called: by name, else by what else is known, else by a part of the id.
pub(crate) fn name_of(s: &Shell, person: &Person) -> String {
    let name = person.display_name();
    if name.trim().is_empty() { s.t.arg("person-nameless", "id", &person.id.to_string()[..8]) } else { name }
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    RawQuery(address): RawQuery,
) -> Result<Response, PageError> {
    let address = address.unwrap_or_default();
    app.run(move |register| {
        let typed =
            form_urlencoded::parse(address.as_bytes()).find(|(name, text)| name == "q" && !text.trim().is_empty());
        match typed {
            Some((_, text)) => found(register, &who, &text),
            None => list_page(register, &who, &address, &Told::default()),
        }
    })
    .await?
    .answer()
}

/// A page of the list.
pub(crate) fn list_page(
    register: &Register,
    who: &SignedIn,
    address: &str,
    told: &Told,
) -> seloste_ops::Result<ListPage> {
    let asked = Asked::read(register, ListOf::People, address)?;
    let draft = Draft::begin(register, who, asked, told)?;
    let today = register.today();
    let page = match draft.asked().is_right() {
        true => person::list(register, &who.actor, &draft.asked().list())?,
        false => list::nothing(),
    };
    let (notice, total) = (register.notice()?, person::count(register, &who.actor)?);
    draft.finish(
        register,
        page,
        Some(total),
        |person| person.id.0,
        |s, columns, person| cells(s, &notice, columns, person, today),
    )
}

/// The people that words find.
fn found(register: &Register, who: &SignedIn, text: &str) -> seloste_ops::Result<ListPage> {
    let mut s = Shell::staff(register, who, "nav-people")?;
    let found = seloste_ops::search::find(register, &who.actor, text, NounSet::ALL, ROWS)?;
    let (columns, notice) = (ListOf::People.chosen(None, s.kinds), register.notice()?);
    let people = found.found.iter().filter_map(|found| match found {
        Found::Person(person) => Some(person.as_ref()),
        _ => None,
    });
    let today = register.today();
    let rows = people.map(|person| (person.id.0, cells(&s, &notice, &columns, person, today))).collect();
    text.clone_into(&mut s.query);
    Ok(ListPage::found(s, &columns, rows, found.corrected))
}

/// The head that all tabs of a card share.
pub(crate) struct Head {
    pub(crate) id: PersonId,
    pub(crate) name: String,
    pub(crate) number: Option<String>,
    pub(crate) organisation: Option<(String, String)>,
    pub(crate) companies: Vec<String>,
    pub(crate) changed: String,
    pub(crate) protected: bool,
    pub(crate) marks: MarksView,
    pub(crate) tab: &'static str,
}

impl Head {
    pub(crate) fn of(s: &Shell, person: &Person, today: jiff::civil::Date, tab: &'static str) -> Self {
        let represents = person.representations_on(today).next();
        Self {
            id: person.id,
            name: name_of(s, person),
            number: person.customer_number(today).map(str::to_owned),
            organisation: represents
                .map(|r| (r.organisation_name.clone(), format!("/organisations/{}", r.organisation))),
            companies: person.companies.iter().map(|company| s.company(company)).collect(),
            changed: s.time(&person.changed_at),
            protected: person.protected_address,
            marks: MarksView::of(s, person.marks),
            tab,
        }
    }
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    s: Shell,
    head: Head,
    values: Vec<Shown>,
    tagging: Option<Tagging>,
    represents: Vec<Represents>,
    orders: i64,
    orders_net: seloste_domain::money::Cents,
    proposals: i64,
    claims: Vec<crate::reminder::Row>,
    owes: Option<crate::invoice::Owes>,
    requests: Vec<crate::request::Row>,
    /// Whether links to the portal can not let the person in, since somebody else has the address, too.
    shared_address: bool,
}

/// A line of the organisations that a person represents.
struct Represents {
    name: String,
    href: String,
    title: Option<String>,
    from: Option<String>,
    until: Option<String>,
    source: String,
    by: String,
    at: String,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let (asker, gone) = (who.clone(), id.0);
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let card = person::show(register, &who.actor, id)?;
            let names = Names::of(register)?;
            let form = s.may("person.change").then(|| format!("/people/{id}/edit"));
            let values = shown_all(&s, register, &names, &card.person.values, form.as_deref())?;
            let notice = register.notice()?;
            let represents = card.person.representations.iter().map(|r| Represents {
                name: r.organisation_name.clone(),
                href: format!("/organisations/{}", r.organisation),
                title: r.title.clone(),
                from: r.valid_from.map(|day| s.date(&day)),
                until: r.valid_until.map(|day| s.date(&day)),
                source: source_name(&notice, &r.source, s.t.0),
                by: names.name(s.t, &r.entered_by),
                at: s.time(&r.entered_at),
            });
            Ok(PersonPage {
                represents: represents.collect(),
                head: Head::of(&s, &card.person, register.today(), "details"),
                values,
                tagging: Tagging::of(register, &s, ListOf::People, id.0, &card.person.values)?,
                orders: card.orders,
                orders_net: card.orders_net,
                proposals: crate::proposal::waiting_about(&s, register, &who, id.into())?,
                claims: crate::reminder::of_customer(&s, register, &who, Recipient::Person(id))?,
                owes: crate::invoice::owed_by_person(&s, register, &who, id)?,
                requests: crate::request::open_of(&s, register, &who, id)?,
                shared_address: s.portal && seloste_ops::portal::is_address_shared(register, &card.person)?,
                s,
            })
        })
        .await;
    match page {
        Ok(page) => Ok(Html(page.render()?).into_response()),
        Err(PageError::NotFound) => merge::or_successor(&app, asker, merge::Noun::Person, gone).await,
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "person_orders.html")]
struct OrdersPage {
    s: Shell,
    head: Head,
    rows: Vec<OrderRow>,
    orders: i64,
}

pub(crate) async fn orders(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let card = person::show(register, &who.actor, id)?;
            let filter = seloste_ops::order::Filter { person: Some(id), archived: true, ..Default::default() };
            let rows = seloste_ops::order::newest(register, &who.actor, &filter, 200)?;
            Ok(OrdersPage {
                head: Head::of(&s, &card.person, register.today(), "orders"),
                rows: order_rows(&s, rows),
                orders: card.orders,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "person_history.html")]
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
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let card = person::show(register, &who.actor, id)?;
            let names = Names::of(register)?;
            let may = s.may("person.revert");
            let entries = history::of_person(register, &who.actor, id)?;
            Ok(HistoryPage {
                version: card.person.version,
                revert: format!("/people/{id}/revert"),
                merged: merge::merged_views(register, &who, &s, &names, id.0)?,
                unmerge: format!("/people/{id}/unmerge"),
                head: Head::of(&s, &card.person, register.today(), "history"),
                changes: entries.into_iter().map(|entry| change_view(&s, &names, entry, may)).collect(),
                orders: card.orders,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn revert(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let (version, seq) = (form.number("version"), form.parsed("seq").ok_or(PageError::NotFound)?);
    app.run(move |register| history::revert(register, &who.actor, id, version, seq)).await?;
    Ok(Redirect::to(&format!("/people/{id}/history")))
}

/// An event of the log as a page tells it.
pub(crate) struct EventView {
    pub(crate) seq: u64,
    pub(crate) at: String,
    pub(crate) who: String,
    pub(crate) action: String,
    pub(crate) purpose: String,
    pub(crate) outcome: String,
    pub(crate) fields: String,
    pub(crate) subjects: usize,
    pub(crate) objects: String,
}

pub(crate) fn event_view(
    s: &Shell,
    register: &Register,
    names: &Names,
    event: log::Entry,
) -> seloste_ops::Result<EventView> {
    let notice = register.notice()?;
    let purpose = event.purpose.as_deref().and_then(|id| id.parse().ok()).and_then(|id| notice.purpose(&id));
    let fields = event.fields.iter().map(|field| match field.parse::<Kind>() {
        Ok(kind) => s.text(&key("kind", kind.as_str())).to_lowercase(),
        Err(_) => field.clone(),
    });
    let outcome = match event.outcome {
        seloste_domain::log::Outcome::Shown => "outcome-shown",
        seloste_domain::log::Outcome::Changed => "outcome-changed",
        seloste_domain::log::Outcome::Refused => "outcome-refused",
    };
    Ok(EventView {
        seq: event.seq,
        at: s.micros(&event.at),
        who: names.name(s.t, &event.actor),
        action: s.text(&key("action", &event.action)),
        purpose: purpose.map(|p| p.name.get(s.t.0).to_owned()).or(event.purpose).unwrap_or_default(),
        outcome: s.text(outcome),
        fields: fields.collect::<Vec<_>>().join(", "),
        subjects: event.subjects.len(),
        objects: event.objects.join(", "),
    })
}

#[derive(Template)]
#[template(path = "person_log.html")]
struct LogPage {
    s: Shell,
    head: Head,
    events: Vec<EventView>,
    orders: i64,
}

pub(crate) async fn person_log(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let card = person::show(register, &who.actor, id)?;
            let names = Names::of(register)?;
            let entries = history::log_of(register, &who.actor, id.0, 200)?;
            let events = entries.into_iter().map(|event| event_view(&s, register, &names, event));
            let events = events.collect::<seloste_ops::Result<Vec<_>>>()?;
            let head = Head::of(&s, &card.person, register.today(), "log");
            Ok(LogPage { head, events, orders: card.orders, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "person_form.html")]
struct FormPage {
    s: Shell,
    /// None: a new person.
    id: Option<PersonId>,
    /// The id that a new person will have, so that a form that is sent twice adds one.
    new_id: PersonId,
    /// The person whom this form added already, when it was changed and sent again.
    made: Option<String>,
    version: i64,
    draft: PersonDraft,
    organisation: String,
    organisation_id: String,
    sources: Vec<Choice>,
    f: Errors,
    /// Someone else changed the person: what they changed.
    conflict: Option<Vec<ChangeView>>,
    saved_companies: Vec<String>,
}

impl FormPage {
    fn labels(&self, kind: &str, selected: &str) -> Vec<Choice> {
        kind.parse().map(|kind| labels(self.s.t, kind, selected)).unwrap_or_default()
    }

    fn languages(&self) -> Vec<Choice> {
        let mut choices = vec![Choice {
            value: String::new(),
            text: self.s.text("label-none"),
            selected: self.draft.language.is_empty(),
        }];
        choices.extend(seloste_domain::language::Language::ALL.map(|language| Choice {
            value: language.tag().into(),
            text: language.own_name().into(),
            selected: self.draft.language == language.tag(),
        }));
        choices
    }

    fn in_company(&self, id: &CompanyId) -> bool {
        self.saved_companies.iter().any(|company| company == id.as_str())
    }
}

fn form_page(
    register: &Register,
    s: Shell,
    edited: Option<(PersonId, i64)>,
    mut draft: PersonDraft,
    source: &str,
    f: Errors,
) -> seloste_ops::Result<FormPage> {
    let (organisation, organisation_id) = match &draft.organisation {
        Some(OrganisationRef::Named(name)) => (name.clone(), String::new()),
        Some(OrganisationRef::Id(id)) => (String::new(), id.to_string()),
        None => (String::new(), String::new()),
    };
    let sources = sources(register, s.t.0, source)?;
    draft.emails = with_empty(draft.emails);
    draft.telephones = with_empty(draft.telephones);
    draft.addresses = with_empty_address(draft.addresses);
    let saved_companies = if draft.companies.is_empty() && s.companies.len() == 1 {
        s.companies.iter().map(|company| company.id.to_string()).collect()
    } else {
        draft.companies.clone()
    };
    Ok(FormPage {
        id: edited.map(|(id, _)| id),
        new_id: PersonId(register.db().env().id()),
        made: None,
        version: edited.map_or(0, |(_, version)| version),
        draft,
        organisation,
        organisation_id,
        sources,
        f,
        conflict: None,
        saved_companies,
        s,
    })
}

/// The draft that a form gives.
fn draft_of(form: &Form) -> PersonDraft {
    // A name that was left as it was shown stands for the organisation that it was shown for.
    let name = form.text("organisation").trim().to_owned();
    let shown = form.text("organisation_shown");
    let organisation = match form.parsed("organisation_id") {
        Some(id) if name == shown => Some(OrganisationRef::Id(id)),
        _ if name.is_empty() => None,
        _ => Some(OrganisationRef::Named(name)),
    };
    PersonDraft {
        given: form.text("given"),
        family: form.text("family"),
        customer_number: form.text("customer_number"),
        language: form.text("language"),
        emails: form.texts("emails"),
        telephones: form.texts("telephones"),
        addresses: form.addresses("addresses"),
        organisation,
        title: form.text("title"),
        companies: form.all("companies"),
        protected_address: form.has("protected_address"),
    }
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::PersonCreate)?;
            let s = Shell::staff(register, &who, "nav-people")?;
            let f = Errors::none(who.language);
            form_page(register, s, None, PersonDraft::default(), "", f)
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let draft = draft_of(&form);
    let source = form.text("source");
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, seloste_domain::rights::Action::PersonCreate)?;
            let id = PersonId(new_id(register, &form));
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
            Ok((id, person::create_once(register, &actor, id, &draft, &source)?))
        })
        .await;
    let (errors, made) = match outcome {
        Ok((id, Created::New | Created::Before)) => {
            return Ok(Redirect::to(&format!("/people/{id}")).into_response());
        }
        Ok((id, Created::Differs)) => (seloste_domain::field::FieldErrors::default(), Some(format!("/people/{id}"))),
        Err(error) => (error.fields()?, None),
    };
    let status = if made.is_some() { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let mut page = form_page(register, s, None, given, &typed, Errors::new(who.language, errors))?;
            page.made = made;
            Ok(page)
        })
        .await?;
    Ok((status, Html(page.render()?)).into_response())
}

/// The id that a form had from the beginning; another one when there is none that this program could have made.
pub(crate) fn new_id(register: &Register, form: &Form) -> Uuid {
    let given = form.parsed::<Uuid>("new_id").filter(|id| id.get_version_num() == 7);
    given.unwrap_or_else(|| register.db().env().id())
}

pub(crate) fn wrong_source() -> seloste_ops::OpsError {
    use seloste_domain::field::{FieldError, FieldErrors, code};
    FieldErrors::from(FieldError::new("source", code::REQUIRED)).into()
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            register.authorize(&who.actor, seloste_domain::rights::Action::PersonChange)?;
            let s = Shell::staff(register, &who, "nav-people")?;
            edit_page(register, &who, s, id)
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

fn edit_page(
    register: &Register,
    who: &seloste_ops::session::SignedIn,
    s: Shell,
    id: PersonId,
) -> seloste_ops::Result<FormPage> {
    let person = person::show(register, &who.actor, id)?.person;
    let today = register.today();
    let represents =
        person.representations_on(today).next().map(|r| (r.organisation.to_string(), r.organisation_name.clone()));
    let draft = person.draft(today);
    let mut page = form_page(register, s, Some((id, person.version)), draft, "", Errors::none(who.language))?;
    if let Some((organisation, name)) = represents {
        page.organisation_id = organisation;
        page.organisation = name;
    }
    Ok(page)
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft = draft_of(&form);
    let (source, version) = (form.text("source"), form.number("version"));
    let (actor, given, typed) = (who.actor.clone(), draft.clone(), source.clone());
    let outcome = app
        .run(move |register| {
            register.authorize(&actor, seloste_domain::rights::Action::PersonChange)?;
            let source = source.parse::<SourceId>().map_err(|_| wrong_source())?;
            person::change(register, &actor, id, version, &draft, &source)
        })
        .await;
    let error = match outcome {
        Ok(_) => return Ok(Redirect::to(&format!("/people/{id}")).into_response()),
        Err(error) => error,
    };
    let conflict = error.is_conflict();
    let errors = if conflict { seloste_domain::field::FieldErrors::default() } else { error.fields()? };
    let shown = form.text("organisation");
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-people")?;
            let now = edit_page(register, &who, s.clone(), id)?;
            let (opened, version) = (version, if conflict { now.version } else { version });
            let errors = Errors::new(who.language, errors);
            let mut page = form_page(register, s, Some((id, version)), given, &typed, errors)?;
            page.organisation = shown;
            page.organisation_id.clone_from(&now.organisation_id);
            if conflict && page.s.may("person.history") {
                let entries = history::of_person(register, &who.actor, id)?;
                page.conflict = Some(change::since(&page.s, register, entries, opened, now.version)?);
            } else if conflict {
                page.conflict = Some(Vec::new());
            }
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

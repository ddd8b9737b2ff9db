//! Lists: pages of them by order and filter, the columns that people choose, and saved views.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use seloste_domain::field::{FieldError, FieldErrors, code};
use seloste_domain::id::{UserId, ViewId};
use seloste_domain::list::{Days, ListOf, ListQuery, ListView, MOST_VIEWS, ViewDraft};
use seloste_domain::rights::Action;
use seloste_domain::usage::{Actor, ActorId, Use};
pub use seloste_store::list::Position;
use seloste_store::list::{Rows, Wanted};
use seloste_store::log::Act;
use seloste_store::{Reading, StoreError};

use crate::error::{OpsError, Result};
use crate::register::{Register, time_zone};

/// Which part of a list to show.
#[derive(Clone, Debug)]
pub struct List {
    /// Its order and filters.
    pub query: ListQuery,
    /// Only these rows of it: those that somebody ticked.
    pub only: Option<Vec<uuid::Uuid>>,
    /// Where the page begins.
    pub from: Option<Position>,
    /// Rows on a page.
    pub limit: usize,
}

impl List {
    /// The first rows of a whole list in its usual order.
    #[must_use]
    pub fn first(of: ListOf, limit: usize) -> Self {
        Self { query: ListQuery::whole(of), only: None, from: None, limit }
    }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// Where the page before it is.
    pub previous: Option<Position>,
    /// Where the next page is.
    pub next: Option<Position>,
    /// Whether a great many rows were looked through without filling the page: asking for the next goes on from there.
    pub left_off: bool,
    /// How many rows the whole list has, when that is known.
    pub count: Option<usize>,
}

/// What is needed to see a list.
pub(crate) const fn right(of: ListOf) -> Action {
    match of {
        ListOf::People => Action::PersonList,
        ListOf::Organisations => Action::OrganisationList,
        ListOf::Orders => Action::OrderList,
    }
}

/// Reads a page of a list; `id` gives the id of a row.
pub(crate) fn page<T>(
    register: &Register,
    usage: &Use,
    list: &List,
    read: impl FnOnce(&mut Reading<'_>, &Wanted<'_>) -> seloste_store::Result<Rows<T>>,
    id: impl Fn(&T) -> uuid::Uuid,
) -> Result<Page<T>> {
    let wanted = Wanted {
        query: &list.query,
        today: register.today(),
        changed: moments(list.query.changed),
        created: moments(list.query.created),
        only: list.only.as_deref(),
        from: list.from.as_ref(),
        // One more tells whether there is another page.
        limit: list.limit + 1,
    };
    let rows = register.db().read(usage, |r| read(r, &wanted))?;
    Ok(paged(rows, list, id))
}

/// Days as moments in Finland's time: from the beginning of the first up to the end of the last.
fn moments(days: Days) -> (Option<Timestamp>, Option<Timestamp>) {
    let begins = |day: Date| day.to_zoned(time_zone()).ok().map(|at| at.timestamp());
    (days.from.and_then(begins), days.until.and_then(|day| begins(day.saturating_add(1.day()))))
}

fn paged<T>(found: Rows<T>, list: &List, id: impl Fn(&T) -> uuid::Uuid) -> Page<T> {
    let Rows { mut rows, left_off, count } = found;
    let backwards = list.from.as_ref().is_some_and(|from| from.backwards);
    let more = rows.len() > list.limit;
    if more && backwards {
        rows.remove(0);
    } else if more {
        rows.pop();
    }
    let position = |row: Option<&(T, Vec<u8>)>, backwards| {
        row.map(|(row, key)| Position { key: key.clone(), id: id(row), backwards })
    };
    let turned = || list.from.clone().map(|from| Position { backwards: !from.backwards, ..from });
    let (first, last) = (position(rows.first(), true), position(rows.last(), false));
    let (previous, next) = match (backwards, list.from.is_some()) {
        (true, _) => (if more { first } else { left_off.clone() }, last.or_else(turned)),
        (false, true) => (first.or_else(turned), if more { last } else { left_off.clone() }),
        (false, false) => (None, if more { last } else { left_off.clone() }),
    };
    Page { rows: rows.into_iter().map(|(row, _)| row).collect(), previous, next, left_off: left_off.is_some(), count }
}

/// Where a page begins, as it may stand in an address: sealed, because what a list is ordered by may be a name.
///
/// # Errors
/// The sealing fails.
pub fn position_to_text(register: &Register, of: ListOf, position: &Position) -> Result<String> {
    use base64::Engine as _;
    let mut bytes = vec![u8::from(position.backwards)];
    bytes.extend(position.id.as_bytes());
    bytes.extend(&position.key);
    let sealed = register.db().seal_secret(object(of), &bytes)?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sealed))
}

/// The position of [`position_to_text`]. None: it was not written by this register for this list; the page is then the first.
#[must_use]
pub fn position_from_text(register: &Register, of: ListOf, text: &str) -> Option<Position> {
    use base64::Engine as _;
    let sealed = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes = register.db().open_secret(object(of), &sealed).ok()?;
    let (backwards, rest) = bytes.split_first()?;
    let (id, key) = rest.split_at_checked(16)?;
    Some(Position { key: key.to_vec(), id: uuid::Uuid::from_slice(id).ok()?, backwards: *backwards == 1 })
}

/// What a sealed position is bound to: a list, so that one of another list is not taken for it.
fn object(of: ListOf) -> uuid::Uuid {
    let number = match of {
        ListOf::People => 1,
        ListOf::Organisations => 2,
        ListOf::Orders => 3,
    };
    uuid::Uuid::from_u128(number)
}

fn user(usage: &Use) -> Result<UserId> {
    match usage.actor() {
        ActorId::User(id) => Ok(*id),
        _ => Err(StoreError::NotFound("user").into()),
    }
}

/// The saved views of a list that the actor sees: their own and the shared ones.
///
/// # Errors
/// The actor may not see the list.
pub fn views(register: &Register, actor: &Actor, of: ListOf) -> Result<Vec<ListView>> {
    let usage = register.authorize(actor, right(of))?;
    let user = user(&usage)?;
    let most = i64::try_from(MOST_VIEWS).unwrap_or(i64::MAX);
    Ok(register.db().look(|tx| seloste_store::list_view::seen(tx, of, user, most))?)
}

/// Saves the order and the filters of a list under a name; the actor's own view of that name is replaced.
///
/// # Errors
/// The actor may not see the list, or may not share views; the name is wrong, or there are too many views.
pub fn save_view(register: &Register, actor: &Actor, query: &ListQuery, draft: &ViewDraft) -> Result<ViewId> {
    let of = query.of;
    let usage = register.authorize(actor, if draft.is_shared { Action::ViewShare } else { Action::ViewChange })?;
    let name = draft.validate()?;
    let views = views(register, actor, of)?;
    let fold = seloste_domain::fold::fold;
    let owner = user(&usage)?;
    let same = views.iter().find(|view| view.owner == owner && fold(&view.name) == fold(&name));
    if same.is_none() && views.len() >= MOST_VIEWS {
        return Err(FieldErrors::from(FieldError::new("view-name", code::VIEWS_FULL).with("max", MOST_VIEWS)).into());
    }
    let id = same.map_or_else(|| ViewId(register.db().env().id()), |view| view.id);
    let parts = query.parts();
    let view = ListView {
        id,
        of,
        owner,
        name,
        query: form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish(),
        is_shared: draft.is_shared,
        changed_at: usage.at(),
    };
    let saved = register.db().write(&usage, move |w| {
        seloste_store::list_view::put(&mut w.plain().tx(), &view)?;
        w.log(Act::on(format!("view:{}", view.id)))
    });
    saved.map(|()| id).map_err(OpsError::from_store)
}

/// Removes a view: one's own; a shared one of somebody else by who may share views.
///
/// # Errors
/// The actor may not, or there is none.
pub fn remove_view(register: &Register, actor: &Actor, of: ListOf, id: ViewId) -> Result<()> {
    register.authorize(actor, right(of))?;
    let usage = register.authorize(actor, Action::ViewChange)?;
    let view = register.db().look(|tx| seloste_store::list_view::get(tx, id)).map_err(OpsError::from_store)?;
    let is_own = view.owner == user(&usage)?;
    if view.of != of || !(is_own || view.is_shared) {
        return Err(StoreError::NotFound("view").into());
    }
    let usage = if is_own { usage } else { register.authorize(actor, Action::ViewShare)? };
    let removed = register.db().write(&usage, move |w| {
        seloste_store::list_view::remove(&mut w.plain().tx(), id)?;
        w.log(Act::on(format!("view:{id}")))
    });
    removed.map_err(OpsError::from_store)
}

/// The columns that the actor chose for a list. None: the usual ones.
///
/// # Errors
/// The actor may not see the list.
pub fn columns(register: &Register, actor: &Actor, of: ListOf) -> Result<Option<String>> {
    let usage = register.authorize(actor, right(of))?;
    let user = user(&usage)?;
    Ok(register.db().look(|tx| seloste_store::list_view::columns(tx, of, user))?)
}

/// Keeps which columns the actor wants in a list, in their order; those that the list does not have are left out. None: the
/// usual ones again.
///
/// # Errors
/// The actor may not see the list.
pub fn set_columns(register: &Register, actor: &Actor, of: ListOf, columns: Option<&[String]>) -> Result<()> {
    register.authorize(actor, right(of))?;
    let usage = register.authorize(actor, Action::ViewChange)?;
    let user = user(&usage)?;
    let known = |name: &&String| of.columns().iter().any(|column| column.as_str() == name.as_str());
    let kept = columns.map(|columns| columns.iter().filter(known).cloned().collect::<Vec<_>>().join(","));
    let kept_by = move |w: &mut seloste_store::Writing<'_, '_>| {
        seloste_store::list_view::set_columns(&mut w.plain().tx(), of, user, kept.as_deref())?;
        w.log(Act::on(format!("list:{}", of.as_str())))
    };
    register.db().write(&usage, kept_by).map_err(OpsError::from_store)
}

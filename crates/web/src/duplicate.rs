//! The queue of records that may be one customer.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_ops::duplicate::{self, Record};
use seloste_ops::merge::Noun;
use uuid::Uuid;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::merge::base;
use crate::person::Row;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Pairs shown at a time.
const SHOWN: usize = 50;

/// One of a pair.
struct One {
    id: Uuid,
    href: String,
    name: String,
    more: Vec<String>,
}

/// A pair as the page shows it.
struct PairView {
    noun: &'static str,
    first: One,
    second: One,
    reasons: Vec<String>,
    compare: String,
}

#[derive(Template)]
#[template(path = "duplicates.html")]
struct DuplicatesPage {
    s: Shell,
    pairs: Vec<PairView>,
    waiting: i64,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "duplicates")?;
            let queue = duplicate::queue(register, &who.actor, SHOWN)?;
            let today = register.today();
            let pairs = queue.pairs.iter().map(|pair| {
                let (first, noun) = one(&s, &pair.first, today);
                let (second, _) = one(&s, &pair.second, today);
                let (name, base) = match noun {
                    Noun::Person => ("person", base(noun)),
                    Noun::Organisation => ("organisation", base(noun)),
                };
                PairView {
                    noun: name,
                    compare: format!("{base}/{}/merge/{}", first.id, second.id),
                    reasons: pair.reasons.iter().map(|reason| s.text(&key("reason", reason.as_str()))).collect(),
                    first,
                    second,
                }
            });
            Ok(DuplicatesPage { pairs: pairs.collect(), waiting: queue.waiting, s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

fn one(s: &Shell, record: &Record, today: jiff::civil::Date) -> (One, Noun) {
    let (id, noun, name, more) = match record {
        Record::Person(person) => {
            let row = Row::of(s, person, today);
            let more = vec![row.organisation, row.number, row.email, row.telephone, row.town];
            (person.id.0, Noun::Person, row.name, more)
        }
        Record::Organisation(organisation) => {
            let business_id = organisation.business_id.as_ref().map(ToString::to_string).unwrap_or_default();
            let town = organisation.values.iter().find_map(|stored| match &stored.value {
                seloste_domain::value::Value::PostalAddress(address) => Some(address.town.clone()),
                _ => None,
            });
            let more = vec![business_id, town.unwrap_or_default()];
            (organisation.id.0, Noun::Organisation, organisation.name.clone(), more)
        }
    };
    let more = more.into_iter().filter(|part| !part.is_empty()).collect();
    (One { id, href: format!("{}/{id}", base(noun)), name, more }, noun)
}

pub(crate) async fn find(State(app): State<App>, Signed(who): Signed) -> Result<Redirect, PageError> {
    app.run(move |register| duplicate::find(register, &who.actor)).await?;
    Ok(Redirect::to("/duplicates"))
}

pub(crate) async fn dismiss(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Redirect, PageError> {
    let noun = if form.text("noun") == "organisation" { Noun::Organisation } else { Noun::Person };
    let pair = form.parsed("first").zip(form.parsed("second"));
    app.run(move |register| {
        register.authorize(&who.actor, seloste_domain::rights::Action::DuplicateDecide)?;
        let (first, second) = pair.ok_or(seloste_ops::OpsError::Store(seloste_ops::StoreError::NotFound("pair")))?;
        duplicate::dismiss(register, &who.actor, noun, first, second)
    })
    .await?;
    Ok(Redirect::to("/duplicates"))
}

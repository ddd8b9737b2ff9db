//! The first page: who one is here, what stands against using one's data, and where everything is.

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::kind::Kind;
use seloste_ops::portal;

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::error::PageError;
use crate::session::Chosen;

#[derive(Template)]
#[template(path = "portal/overview.html")]
struct OverviewPage {
    p: Frame,
    name: String,
    /// The organisations that the person represents, each with their own role in it.
    represents: Vec<(String, Option<String>)>,
    restricted: bool,
    companies: Vec<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "home")?;
            let own = portal::show(register, &who)?;
            let notice = register.notice()?;
            let today = register.today();
            let represents = own.person.representations_on(today).filter(|_| p.s.kinds.has(Kind::Organisation));
            let companies = notice.companies().iter().filter(|company| own.person.companies.contains(&company.id));
            Ok(OverviewPage {
                name: own.person.display_name(),
                represents: represents.map(|of| (of.organisation_name.clone(), of.title.clone())).collect(),
                restricted: !own.restrictions.is_empty(),
                companies: companies.map(|company| company.name.clone()).collect(),
                p,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

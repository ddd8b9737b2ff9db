//! Who outside the group received the person's data (Art. 15(1)(c)).

use askama::Template;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use seloste_ops::portal;

use super::Frame;
use super::visitor::Visiting;
use crate::App;
use crate::disclosure::{DisclosureView, views};
use crate::error::PageError;
use crate::session::Chosen;

#[derive(Template)]
#[template(path = "portal/recipients.html")]
struct RecipientsPage {
    p: Frame,
    disclosures: Vec<DisclosureView>,
}

pub(crate) async fn list(
    State(app): State<App>,
    Chosen(language): Chosen,
    Visiting(who): Visiting,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let p = Frame::own(register, language, "recipients")?;
            let disclosures = views(register, &p.s, portal::recipients(register, &who)?)?;
            Ok(RecipientsPage { disclosures, p })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

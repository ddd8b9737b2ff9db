//! Inviting a customer to the portal, by e-mail or on a letter with a QR code, from the card.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use qrcode::{Color, EcLevel, QrCode};
use seloste_domain::field::FieldErrors;
use seloste_domain::format;
use seloste_domain::id::{InvitationId, PersonId};
use seloste_domain::invitation::DAYS;
use seloste_ops::invitation::{self, Invitation, InvitationState, Printed};
use seloste_ops::session::SignedIn;
use seloste_ops::{OpsError, Register, person, portal};
use seloste_pdf::{self as pdf, Block, Document};

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Errors, Names};
use crate::person::name_of;
use crate::print::{self, Job};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

struct Row {
    id: InvitationId,
    way: String,
    state: String,
    color: &'static str,
    at: String,
    by: String,
    until: String,
    open: bool,
}

fn row(s: &Shell, names: &Names, one: &Invitation, now: jiff::Timestamp) -> Row {
    let open = one.is_open_at(now);
    let is_over = !open && matches!(one.state, InvitationState::Waiting | InvitationState::Sent);
    let (state, color) = match one.state {
        _ if is_over => ("expired", "neutral"),
        InvitationState::Waiting | InvitationState::Sent => (one.state.as_str(), "info"),
        InvitationState::Used => ("used", "success"),
        InvitationState::Cancelled => ("cancelled", "neutral"),
        InvitationState::Failed => ("failed", "danger"),
    };
    Row {
        id: one.id,
        way: s.text(&key("invitation-way", one.way.as_str())),
        state: s.text(&key("invitation-state", state)),
        color,
        at: s.time(&one.made_at),
        by: names.name(s.t, &one.made_by),
        until: s.time(&one.expires_at),
        open,
    }
}

#[derive(Template)]
#[template(path = "invitations.html")]
struct InvitationsPage {
    s: Shell,
    id: PersonId,
    name: String,
    rows: Vec<Row>,
    days: String,
    has_email: bool,
    passkeys: i64,
    problem: Option<String>,
    f: Errors,
}

fn page(
    register: &Register,
    who: &SignedIn,
    id: PersonId,
    days: String,
    (errors, no_address): (FieldErrors, bool),
) -> seloste_ops::Result<InvitationsPage> {
    let s = Shell::staff(register, who, "nav-people")?;
    let all = invitation::of(register, &who.actor, id)?;
    let (card, names, now) = (person::show(register, &who.actor, id)?.person, Names::of(register)?, register.now());
    Ok(InvitationsPage {
        id,
        name: name_of(&s, &card),
        rows: all.iter().map(|one| row(&s, &names, one, now)).collect(),
        days,
        has_email: card.email(register.today()).is_some(),
        passkeys: i64::try_from(portal::passkey_count(register, &who.actor, id)?).unwrap_or(i64::MAX),
        problem: no_address.then(|| s.text("problem-mail-address")),
        f: Errors::new(who.language, errors),
        s,
    })
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let none = (FieldErrors::default(), false);
    let page = app.run(move |register| page(register, &who, id, DAYS.to_string(), none)).await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn make(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Response, PageError> {
    let (days, by_letter) = (form.text("days"), form.text("way") == "letter");
    let (actor, asked) = (who.actor.clone(), days.clone());
    let made = if by_letter {
        print::print(&app, move |register| {
            let printed = invitation::by_letter(register, &actor, id, &asked)?;
            letter(register, &printed)
        })
        .await
    } else {
        let made = app.run(move |register| invitation::by_email(register, &actor, id, &asked)).await;
        made.map(|_| Redirect::to(&format!("/people/{id}/invitations")).into_response())
    };
    let wrong = match made {
        Ok(response) => return Ok(response),
        Err(PageError::Ops(OpsError::Mail(_))) => (FieldErrors::default(), true),
        Err(error) => (error.fields()?, false),
    };
    let page = app.run(move |register| page(register, &who, id, days, wrong)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
}

pub(crate) async fn cancel(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let invitation: InvitationId = form.parsed("invitation").ok_or(PageError::Malformed)?;
    app.run(move |register| invitation::cancel(register, &who.actor, id, invitation)).await?;
    Ok(Redirect::to(&format!("/people/{id}/invitations")))
}

/// Removes the customer's passkeys and ends their sessions: a device was lost, or somebody else has come in.
pub(crate) async fn shut_out(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Redirect, PageError> {
    app.run(move |register| portal::shut_out(register, &who.actor, id)).await?;
    Ok(Redirect::to(&format!("/people/{id}/invitations")))
}

/// The letter: the address and the code in words, and both as a QR code. What lets its reader in stands behind the `#`.
fn letter(register: &Register, printed: &Printed) -> seloste_ops::Result<Job> {
    let (notice, spoken) = (register.notice()?, printed.language);
    let t = Texts(spoken);
    let invitation = &printed.invitation;
    let company = notice.company(&invitation.company).map(|company| company.name.clone()).unwrap_or_default();
    let term = |name: &str, value: String| pdf::Term { name: t.get(name), details: vec![value] };
    let mut body = vec![Block::Paragraph(t.get("invitation-letter-intro"))];
    body.extend(square(&format!("{}#{}", printed.address, printed.secret)).map(Block::Square));
    body.push(Block::Terms(vec![
        term("invitation-letter-address", printed.address.clone()),
        term("invitation-letter-code", printed.secret.clone()),
        term("invitation-letter-until", format::date(printed.until, spoken)),
    ]));
    body.push(Block::Paragraph(t.get("invitation-letter-warning")));
    Ok(Job {
        document: Document::Letter(pdf::Letter {
            language: print::language(spoken),
            sender: print::sender(&notice, &invitation.company),
            recipient: printed.envelope.clone(),
            designation: String::new(),
            date: format::date(register.today(), spoken),
            references: Vec::new(),
            heading: t.get("invitation-letter-heading"),
            body,
            closing: String::new(),
            company,
            signatories: Vec::new(),
            attachments: None,
        }),
        company: Some(invitation.company.clone()),
        name: "kutsu".into(),
    })
}

/// A text as a QR code (ISO/IEC 18004), in widths of light and dark; none when it does not fit in one.
fn square(text: &str) -> Option<pdf::Square> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let colors = code.to_colors();
    let rows = colors.chunks(code.width()).map(|row| {
        let mut widths = vec![0_u16];
        let mut dark = false;
        for color in row {
            if (*color == Color::Dark) != dark {
                dark = !dark;
                widths.push(0);
            }
            if let Some(last) = widths.last_mut() {
                *last += 1;
            }
        }
        widths
    });
    Some(pdf::Square { rows: rows.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_a_code_is_as_wide_as_the_code_is_high() {
        let square = square("https://portal.example.com/invitation#ABCD-EFGH-JKLM-NPQR").unwrap();
        let side = square.rows.len();
        assert!((25..=41).contains(&side));
        for row in &square.rows {
            assert_eq!(row.iter().map(|width| usize::from(*width)).sum::<usize>(), side);
        }
        // The finder pattern in the corner: seven dark modules, beginning at once.
        assert_eq!(square.rows[0][..2], [0, 7]);
    }
}

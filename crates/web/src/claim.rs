//! How a claim stands: what is owed and why, what happened to it, what may be done; disputes and what ends them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::civil::Date;
use seloste_domain::collection::{DebtEventDraft, DebtEventKind};
use seloste_domain::field::FieldErrors;
use seloste_domain::format;
use seloste_domain::id::{CollectionId, DebtEventId, InvoiceId};
use seloste_domain::language::Language;
use seloste_domain::money::Cents;
use seloste_domain::payment::Placing;
use seloste_ops::Register;
use seloste_ops::mail::Recipient;
use seloste_ops::reminder::{self, Standing};
use seloste_ops::session::SignedIn;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::party_form::{Choice, Errors, Names};
use crate::reminder::{May, Row, may, row};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Something that happened to a claim, as its page tells it.
struct Step {
    on: Date,
    at: String,
    what: String,
    more: String,
    by: String,
    href: Option<String>,
    /// An event that can be ended.
    ends: Option<(DebtEventId, i64)>,
    /// A case that can be ended.
    case: Option<(CollectionId, i64)>,
}

#[derive(Template)]
#[template(path = "claim.html")]
struct ClaimPage {
    s: Shell,
    row: Row,
    card: Option<String>,
    debtor: String,
    principal: String,
    interest: String,
    fees: String,
    total: String,
    counted: Vec<String>,
    limitation_why: String,
    hand_over: May,
    steps: Vec<Step>,
    kinds: Vec<Choice>,
    draft: DebtEventDraft,
    f: Errors,
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| claim_page(register, &who, id, DebtEventDraft::default(), FieldErrors::default()))
        .await?;
    Ok(Html(page.render()?).into_response())
}

fn claim_page(
    register: &Register,
    who: &SignedIn,
    id: InvoiceId,
    mut draft: DebtEventDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<ClaimPage> {
    let s = Shell::staff(register, who, "nav-overdue")?;
    let standing = reminder::show(register, &who.actor, id)?;
    let names = Names::of(register)?;
    let today = register.today();
    let (rates, _) = reminder::rates(register, &who.actor)?;
    let items = standing.items(&rates, Cents::ZERO, today);
    let counted = items.as_ref().map(|(_, interest)| interest.runs.clone()).unwrap_or_default();
    let counted = counted.iter().map(|run| {
        let percent = format::scaled(run.rate.0, 2, 0, who.language);
        let (from, until) = (s.date(&run.from), s.date(&run.until));
        format!("{from}–{until} · {} · {percent}\u{a0}% · {}", s.money(&run.principal), s.t.count("days", &run.days))
    });
    let money = |pick: fn(&seloste_domain::reminder::Items) -> i64| match &items {
        Ok((items, _)) => s.money(&Cents(pick(items))),
        Err(_) => s.text("reminder-no-rate"),
    };
    if draft.happened_on.is_empty() {
        draft.happened_on = if who.language == Language::En { today.to_string() } else { s.date(&today) };
    }
    let limitation = &standing.limitation;
    let limitation_why = match limitation.last {
        Some((day, what)) => format!("{} {}", s.text(&key("limitation", what.as_str())), s.date(&day)),
        None => format!("{} {}", s.text("limitation-due"), s.date(&standing.debt.due)),
    };
    let card = standing.invoice.organisation.map(Recipient::Organisation);
    let card = card.or_else(|| standing.invoice.person.map(Recipient::Person)).map(crate::message::card);
    Ok(ClaimPage {
        card,
        debtor: s.text(&key("debtor", standing.debt.debtor.as_str())),
        principal: money(|items| items.principal.0),
        interest: money(|items| items.interest.0),
        fees: money(|items| items.earlier_fees.0),
        total: money(|items| items.total().0),
        counted: counted.collect(),
        limitation_why,
        hand_over: may(&s, standing.debt.may_hand_over(today)),
        steps: steps(&s, &names, &standing),
        kinds: DebtEventKind::ALL
            .iter()
            .map(|kind| Choice {
                value: kind.as_str().into(),
                text: s.text(&key("debt-event", kind.as_str())),
                selected: kind.as_str() == draft.kind,
            })
            .collect(),
        row: row(&s, (&rates, today), &standing),
        draft,
        f: Errors::new(who.language, errors),
        s,
    })
}

fn steps(s: &Shell, names: &Names, standing: &Standing) -> Vec<Step> {
    let step = |on: Date, what: String, more: String, by: &str| Step {
        on,
        at: s.date(&on),
        what,
        more,
        by: names.name(s.t, by),
        href: None,
        ends: None,
        case: None,
    };
    let mut steps = Vec::new();
    if let Some(issued) = standing.invoice.issued() {
        let by = &standing.invoice.entered_by;
        steps.push(step(issued.date, s.text("claim-invoiced"), s.money(&issued.totals.gross), by));
    }
    for reminder in &standing.reminders {
        let what = s.text(&key("reminder-kind", reminder.kind.as_str()));
        let channel = s.text(&key("channel", reminder.channel.as_str()));
        let more = format!(
            "{channel} · {} · {}",
            s.money(&reminder.items.total()),
            s.text(&key("fee-reason", reminder.fee_reason.as_str()))
        );
        let mut told = step(reminder.sent_on, what, more, &reminder.entered_by);
        told.href = match reminder.mail {
            Some(mail) => Some(format!("/mail/{mail}")),
            None => reminder.owner.map(|_| format!("/reminders/{}/letter.pdf", reminder.id)),
        };
        steps.push(told);
    }
    for part in &standing.parts {
        let what = s.text(if part.kind == Placing::Charge { "claim-paid-charges" } else { "claim-paid" });
        let mut told = step(part.paid_on, what, s.money(&part.cents), &part.entered_by);
        told.href = Some(format!("/payments/{}", part.payment));
        steps.push(told);
    }
    for event in &standing.events {
        let what = s.text(&key("debt-event", event.kind.as_str()));
        let mut told = step(event.happened_on, what, event.reason.clone(), &event.entered_by);
        told.ends = event.stops().then_some((event.id, event.version));
        steps.push(told);
        if let Some(day) = event.ended_on {
            steps.push(step(
                day,
                s.text("debt-event-ended"),
                s.text(&key("debt-event", event.kind.as_str())),
                &event.entered_by,
            ));
        }
    }
    for case in &standing.cases {
        let mut told = step(
            case.handed_on,
            s.text("collection-state-handed-over"),
            s.money(&case.items.total()),
            &case.entered_by,
        );
        told.case = case.ended_on.is_none().then_some((case.id, case.version));
        steps.push(told);
        if let Some(day) = case.ended_on {
            let what = s.text(&key("collection-state", case.state.as_str()));
            steps.push(step(day, what, String::new(), &case.entered_by));
        }
    }
    steps.sort_by_key(|step| step.on);
    steps
}

pub(crate) async fn note(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Response, PageError> {
    let draft =
        DebtEventDraft { kind: form.text("kind"), happened_on: form.text("happened_on"), reason: form.text("reason") };
    let (actor, given) = (who.actor.clone(), draft.clone());
    match app.run(move |register| seloste_ops::collection::note(register, &actor, id, &draft)).await {
        Ok(_) => Ok(Redirect::to(&format!("/invoices/{id}/claim")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| claim_page(register, &who, id, given, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

pub(crate) async fn end_note(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<InvoiceId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let (event, version) = (form.parsed("event").unwrap_or(DebtEventId(uuid::Uuid::nil())), form.number("version"));
    app.run(move |register| seloste_ops::collection::end_note(register, &who.actor, id, event, version)).await?;
    Ok(Redirect::to(&format!("/invoices/{id}/claim")))
}

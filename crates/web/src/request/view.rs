//! The page of a request.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::id::{RequestEventId, RequestId};
use seloste_domain::language::Language;
use seloste_domain::letter::LetterDraft;
use seloste_domain::notice::Notice;
use seloste_domain::rectification::{self, Outcome, rule_on};
use seloste_domain::request::RequestState;
use seloste_ops::prohibition::ProhibitionKind;
use seloste_ops::request::{
    self, DecisionDraft, Done, IdentityCheck, IdentityDraft, Next, RefusalGround, Request, RequestKind, Shown,
};
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, erasure};

use super::{PackageView, Row, choices, package_view, row};
use crate::App;
use crate::erasure::HoldView;
use crate::error::PageError;
use crate::party_form::{Choice, Errors, Names, sources};
use crate::person::name_of;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::{Texts, key};

/// What was asked to be corrected.
struct CorrectionView {
    place: usize,
    kind: String,
    wrong: String,
    right: String,
    rule: String,
    outcome: Option<String>,
    can: bool,
}

struct EventView {
    id: RequestEventId,
    what: String,
    at: String,
    by: String,
    reasons: String,
    has_letter: bool,
}

/// What a form that was refused had said.
#[derive(Default)]
pub(super) struct Again {
    pub(super) identity: IdentityDraft,
    pub(super) decision: DecisionDraft,
    pub(super) letter: Option<LetterDraft>,
    pub(super) told: String,
    pub(super) fee: String,
    pub(super) person: String,
}

#[derive(Template)]
#[template(path = "request.html")]
struct Page {
    s: Shell,
    row: Row,
    person: Option<(String, String)>,
    gone: bool,
    said: Option<request::Said>,
    article: &'static str,
    channel: String,
    language: &'static str,
    identity: Option<String>,
    fee: Option<String>,
    ground: Option<String>,
    step: &'static str,
    next: String,
    corrections: Vec<CorrectionView>,
    events: Vec<EventView>,
    packages: Vec<PackageView>,
    evidence: Vec<Choice>,
    checks: Vec<Choice>,
    grounds: Vec<Choice>,
    prohibitions: Vec<Choice>,
    sources: Vec<Choice>,
    languages: Vec<Choice>,
    answer: LetterDraft,
    refusal: LetterDraft,
    extension: LetterDraft,
    fee_letter: LetterDraft,
    /// Something holds all of the data that is to be erased: the letter that tells so, and what it is.
    wait: Option<(LetterDraft, Vec<HoldView>)>,
    may_extend: bool,
    extendable_until: String,
    pending: bool,
    again: Again,
    f: Errors,
}

/// A letter about a request, in its language, ready to be looked at.
fn usual(notice: &Notice, request: &Request, signatory: &str, what: &str) -> LetterDraft {
    let t = Texts(request.language);
    let kind = t.get(&key("request-kind", request.kind.as_str()));
    let received = seloste_domain::format::date(request.received_on, request.language);
    let args = [("received".to_owned(), received), ("kind".to_owned(), kind.to_lowercase())];
    let mut body = t.args(&format!("request-letter-{what}-body"), &args);
    if what == "refusal" || what == "fee" {
        body.push_str("\n\n");
        body.push_str(&appeal(notice, request.language));
    }
    LetterDraft {
        company: request.company.to_string(),
        language: request.language.tag().into(),
        heading: t.args(&format!("request-letter-{what}-heading"), &args),
        body,
        closing: t.get("letter-closing-usual"),
        signatory: signatory.to_owned(),
    }
}

/// The letter that tells that an erasure waits, and what holds the data; none: nothing holds all of it, or it waits already.
fn waiting_letter(
    register: &Register,
    who: &SignedIn,
    s: &Shell,
    shown: &Shown,
) -> seloste_ops::Result<Option<(LetterDraft, Vec<HoldView>)>> {
    let request = &shown.request;
    let Some(person) = shown.person.as_ref().filter(|_| request.next() == Next::Erase && s.may("erasure.run")) else {
        return Ok(None);
    };
    let plan = erasure::plan(register, &who.actor, person.id)?;
    if !plan.is_held() {
        return Ok(None);
    }
    let (notice, t) = (register.notice()?, Texts(request.language));
    let mut letter = usual(&notice, request, &who.user.name, "wait");
    for hold in plan.holds.iter().filter(|hold| hold.ground.keeps_all()) {
        let what = t.get(&key("hold", hold.ground.as_str()));
        let until = t.get(&key("hold-until", hold.ground.as_str()));
        letter
            .body
            .push_str(&format!("\n– {} {} ({}): {until}", what, hold.name, hold.ground.article()).replace("  ", " "));
    }
    let end = [t.get("request-letter-wait-end"), appeal(&notice, request.language)].join("\n\n");
    letter.body.push_str(&format!("\n\n{end}"));
    Ok(Some((letter, plan.holds.iter().map(|hold| HoldView::of(s, hold)).collect())))
}

/// How to complain and to go to court (Art. 12(4), 77, 79).
fn appeal(notice: &Notice, language: Language) -> String {
    let authority = notice.authority();
    let reach = [&authority.address, &authority.phone, &authority.email, &authority.website];
    let reach: Vec<String> = reach.into_iter().flatten().cloned().collect();
    let args =
        [("authority".to_owned(), notice.authority_name(language).to_owned()), ("reach".to_owned(), reach.join(", "))];
    Texts(language).args("request-appeal", &args)
}

/// What shows that something was done, in words.
fn evidence_text(s: &Shell, shown: &Shown, done: Done) -> String {
    match done {
        Done::Package(id) => {
            let made = shown.packages.iter().find(|package| package.id == id);
            s.t.arg("request-done-package", "date", made.map(|made| s.time(&made.made_at)).unwrap_or_default())
        }
        Done::Correction(seq) => s.t.arg("request-done-correction", "number", seq),
        Done::Restriction(_) => s.text("request-done-restriction"),
        Done::Prohibition(_) => s.text("request-done-prohibition"),
        Done::Erasure(_) => s.text("request-done-erasure"),
    }
}

fn corrections(s: &Shell, shown: &Shown, today: jiff::civil::Date) -> Vec<CorrectionView> {
    let Some(said) = &shown.said else { return Vec::new() };
    let view = |(place, correction): (usize, &rectification::Correction)| CorrectionView {
        place,
        kind: s.text(&key("kind", correction.kind.as_str())),
        wrong: correction.wrong.clone(),
        right: correction.right.display(),
        rule: s.text(&key("correction-rule", rule_on(correction.kind, today).as_str())),
        outcome: correction.outcome.as_ref().map(|outcome| match outcome {
            Outcome::Made(_) => s.text("correction-made"),
            Outcome::Declined => s.text("correction-declined"),
        }),
        can: rectification::is_carried_out(correction.kind),
    };
    said.corrections.iter().enumerate().map(view).collect()
}

pub(super) fn page(
    register: &Register,
    who: &SignedIn,
    id: RequestId,
    again: Again,
    errors: FieldErrors,
) -> seloste_ops::Result<impl Template + use<>> {
    let s = Shell::staff(register, who, "nav-requests")?;
    let shown = request::show(register, &who.actor, id)?;
    let (today, notice, names) = (register.today(), register.notice()?, Names::of(register)?);
    let request = shown.request.clone();
    let letter = |what: &str| match (&again.letter, what) {
        (Some(letter), _) => letter.clone(),
        (None, what) => usual(&notice, &request, &who.user.name, what),
    };
    let wait = waiting_letter(register, who, &s, &shown)?;
    let wait = wait.map(|(usual, holds)| (again.letter.clone().unwrap_or(usual), holds));
    let events = shown.events.iter().map(|event| EventView {
        id: event.id,
        what: s.text(&key("request-event", event.kind.as_str())),
        at: s.time(&event.made_at),
        by: names.name(s.t, &event.made_by),
        reasons: event.noted.reasons.clone(),
        has_letter: event.noted.letter.is_some(),
    });
    let evidence = shown.evidence.iter().enumerate().map(|(place, done)| Choice {
        value: done.to_string(),
        text: evidence_text(&s, &shown, *done),
        selected: place == 0,
    });
    let fitting: Vec<RefusalGround> =
        RefusalGround::ALL.iter().copied().filter(|ground| ground.fits(request.kind)).collect();
    // What keeps somebody off what they objected to; marketing has a request of its own.
    let against = [
        ProhibitionKind::DirectMarketing,
        ProhibitionKind::Directory,
        ProhibitionKind::TargetedContent,
        ProhibitionKind::RegisterUpdate,
    ];
    let name = shown.person.as_ref().map(|person| name_of(&s, person)).unwrap_or_default();
    let languages = Language::ALL.map(|language| Choice {
        value: language.tag().into(),
        text: language.own_name().into(),
        selected: request.language == language,
    });
    Ok(Page {
        row: row(&s, &request, name.clone(), today),
        person: shown.person.as_ref().map(|person| (format!("/people/{}", person.id), name)),
        gone: request.person.is_some() && shown.person.is_none(),
        article: request.kind.article(),
        channel: s.text(&key("request-channel", request.channel.as_str())),
        language: request.language.own_name(),
        identity: request.identity.map(|check| s.text(&key("identity", check.as_str()))),
        fee: request.fee.map(|fee| s.money(&fee)),
        ground: request.ground.map(|ground| format!("{} ({})", s.text(&key("refusal", ground.as_str())), ground.law())),
        next: s.text(&key("request-next", step(&request, shown.evidence.is_empty()))),
        step: step(&request, shown.evidence.is_empty()),
        corrections: corrections(&s, &shown, today),
        events: events.collect(),
        packages: shown.packages.iter().map(|made| package_view(&s, made)).collect(),
        evidence: evidence.collect(),
        checks: choices(&s, "identity", &IdentityCheck::OF_STAFF, IdentityCheck::as_str, &again.identity.check),
        grounds: choices(&s, "refusal", &fitting, RefusalGround::as_str, &again.decision.ground),
        prohibitions: choices(&s, "prohibition", &against, ProhibitionKind::as_str, ""),
        sources: sources(register, who.language, "")?,
        languages: languages.into(),
        answer: letter("answer"),
        refusal: letter("refusal"),
        extension: letter("extension"),
        fee_letter: letter("fee"),
        wait,
        may_extend: request.may_extend(today),
        extendable_until: s.date(&request.extendable_until()),
        pending: shown.pending.is_some() && request.state != RequestState::Open,
        said: shown.said,
        again,
        f: Errors::new(who.language, errors),
        s,
    })
}

/// The step that the page begins with: once something shows that it was done, that is answering.
fn step(request: &Request, has_no_evidence: bool) -> &'static str {
    let waits = matches!(request.next(), Next::MakePackage | Next::Restrict | Next::Erase | Next::Answer)
        || (request.next() == Next::Correct && request.kind == RequestKind::Rectification);
    if waits && !has_no_evidence { Next::Answer.as_str() } else { request.next().as_str() }
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<RequestId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| page(register, &who, id, Again::default(), FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

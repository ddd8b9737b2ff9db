//! Partners: the list, the card, adding, changing, ending and what follows it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::adequacy;
use seloste_domain::country;
use seloste_domain::field::FieldErrors;
use seloste_domain::id::PartnerId;
use seloste_domain::language::Language;
use seloste_domain::notice::{Notice, Safeguard};
use seloste_domain::rights::Action;
use seloste_ops::Register;
use seloste_ops::disclosure::{self, Filter};
use seloste_ops::exchange;
use seloste_ops::partner::{
    self, ContractItem, DAILY_QUOTA, Interface, Partner, PartnerDraft, People, QuotaDraft, Returned, Role, Standing,
    SubProcessorDraft, Under,
};
use seloste_ops::session::SignedIn;

use crate::App;
use crate::disclosure::{DisclosureView, views};
use crate::error::PageError;
use crate::form::Form;
use crate::partner_document::{self, DocumentView};
use crate::party_form::{Choice, Errors, Names};
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Empty rows of sub-processors in the form.
const SPARE: usize = 2;
/// Disclosures on a card.
const NEWEST: i64 = 20;

/// A partner as the pages tell it.
pub(crate) struct Told {
    pub(crate) id: PartnerId,
    pub(crate) name: String,
    under: String,
    declared: bool,
    role: String,
    country: String,
    outside: bool,
    interface: String,
    until: Option<String>,
    state: String,
    color: &'static str,
    owes_return: bool,
    /// Whether it has read so much today that somebody should look.
    reads_much: bool,
}

impl Told {
    fn of(s: &Shell, notice: &Notice, partner: &Partner, today: jiff::civil::Date) -> Self {
        let declared = partner.under.declared(notice);
        let standing = partner.standing(today);
        let (state, color) = if declared.is_none() {
            (s.text("partner-undeclared"), "danger")
        } else if standing != Standing::Ended && !partner.has_contract() {
            (s.text("partner-no-contract"), "danger")
        } else {
            let color = match standing {
                Standing::InForce => "success",
                Standing::EndsSoon => "warning",
                Standing::NotBegun => "info",
                Standing::Ended => "neutral",
            };
            (s.text(&key("partner-standing", standing.as_str())), color)
        };
        Self {
            id: partner.id,
            name: partner.name.clone(),
            under: declared.map_or_else(|| partner.under.to_string(), |known| known.name.get(s.t.0).to_owned()),
            declared: declared.is_some(),
            role: s.text(&key("partner-role", partner.role.as_str())),
            country: country::name(&partner.country, s.t.0).to_owned(),
            outside: partner.is_outside(),
            interface: s.text(&key("partner-interface", partner.interface.as_str())),
            until: partner.contract.until.map(|day| s.date(&day)),
            state,
            color,
            owes_return: partner.owes_return(today),
            reads_much: false,
        }
    }
}

#[derive(Template)]
#[template(path = "partners.html")]
struct PartnersPage {
    s: Shell,
    rows: Vec<Told>,
}

pub(crate) async fn list(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "nav-partners")?;
            let (notice, today) = (register.notice()?, register.today());
            let partners = partner::list(register, &who.actor)?;
            let unusual = exchange::unusual(register, &who.actor)?;
            let row = |partner: &Partner| Told {
                reads_much: unusual.contains(&partner.id),
                ..Told::of(&s, &notice, partner, today)
            };
            Ok(PartnersPage { rows: partners.iter().map(row).collect(), s })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// What the card tells of the end of a contract.
struct EndView {
    on: Option<String>,
    due: Option<String>,
    chased: u32,
    confirmed: Option<String>,
}

#[derive(Template)]
#[template(path = "partner.html")]
struct PartnerPage {
    s: Shell,
    told: Told,
    version: i64,
    business_id: Option<String>,
    safeguard: Option<String>,
    safeguard_detail: String,
    necessity: String,
    contract: String,
    from: Option<String>,
    items: Vec<(String, bool)>,
    processor: bool,
    kinds: String,
    companies: String,
    people: String,
    groups: String,
    purposes: String,
    email: String,
    address: Vec<String>,
    breach_contact: String,
    sub_processors: Vec<(String, String)>,
    may_end: bool,
    end: Option<EndView>,
    returns: Vec<Choice>,
    f: Errors,
    by: String,
    disclosures: Vec<DisclosureView>,
    documents: Vec<DocumentView>,
}

/// The card, rendered, with what is wrong in one of its forms.
pub(crate) fn card_page(
    register: &Register,
    who: &SignedIn,
    id: PartnerId,
    errors: FieldErrors,
) -> seloste_ops::Result<askama::Result<String>> {
    Ok(card(register, who, id, errors)?.render())
}

fn card(register: &Register, who: &SignedIn, id: PartnerId, errors: FieldErrors) -> seloste_ops::Result<PartnerPage> {
    let partner = partner::get(register, &who.actor, id)?;
    let s = Shell::staff(register, who, "nav-partners")?;
    let (notice, today, names) = (register.notice()?, register.today(), Names::of(register)?);
    let told = Told::of(&s, &notice, &partner, today);
    let disclosures = if s.may(Action::DisclosureList.as_str()) {
        let filter = Filter { partner: Some(id), ..Filter::default() };
        views(register, &s, disclosure::list(register, &who.actor, &filter, NEWEST)?)?
    } else {
        Vec::new()
    };
    let documents = seloste_ops::partner_document::of(register, &who.actor, id)?;
    let joined = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(", ");
    let name_of_group = |id: &String| {
        notice
            .groups()
            .iter()
            .find(|group| group.id == *id)
            .map_or_else(|| id.clone(), |g| g.name.get(s.t.0).to_owned())
    };
    let name_of_purpose = |id: &seloste_domain::id::PurposeId| {
        notice.purpose(id).map_or_else(|| id.to_string(), |purpose| purpose.name.get(s.t.0).to_owned())
    };
    let name_of_company = |id: &seloste_domain::id::CompanyId| {
        notice.company(id).map_or_else(|| id.to_string(), |company| company.name.clone())
    };
    let end = (partner.standing(today) == Standing::Ended).then(|| {
        let ending = partner.ending.as_ref();
        EndView {
            on: ending.map(|ending| s.date(&ending.on)),
            due: ending.map(|ending| s.date(&ending.due)),
            chased: ending.map_or(0, |ending| ending.chased),
            confirmed: ending.and_then(|ending| ending.confirmed.as_ref()).map(|confirmed| {
                let how = s.text(&key("partner-returned", confirmed.how.as_str()));
                [s.date(&confirmed.on), how, confirmed.note.clone()].join(" · ")
            }),
        }
    });
    let kinds = joined(&mut partner.kinds.iter().map(|kind| s.text(&key("kind", kind.as_str()))));
    let returns = Returned::ALL.iter().map(|how| Choice {
        value: how.to_string(),
        text: s.text(&key("partner-returned", how.as_str())),
        selected: false,
    });
    Ok(PartnerPage {
        version: partner.version,
        business_id: partner.business_id.as_ref().map(ToString::to_string),
        safeguard: partner.protection.safeguard.map(|known| s.text(&key("safeguard", known.as_str()))),
        safeguard_detail: partner.protection.detail.clone(),
        necessity: partner.protection.necessity.clone(),
        contract: partner.contract.reference.clone(),
        from: partner.contract.from.map(|day| s.date(&day)),
        items: ContractItem::ALL
            .iter()
            .map(|item| (s.text(&key("partner-item", item.as_str())), partner.contract.items.contains(item)))
            .collect(),
        processor: partner.role == Role::Processor,
        kinds,
        companies: joined(&mut partner.companies.iter().map(name_of_company)),
        people: s.text(&key("partner-people", partner.people.as_str())),
        groups: joined(&mut partner.groups.iter().map(name_of_group)),
        purposes: joined(&mut partner.purposes.iter().map(name_of_purpose)),
        email: partner.email.clone(),
        address: partner.address.clone(),
        breach_contact: partner.breach_contact.clone(),
        sub_processors: partner
            .sub_processors
            .iter()
            .map(|sub| (sub.name.clone(), country::name(&sub.country, s.t.0).to_owned()))
            .collect(),
        may_end: partner.ending.is_none(),
        end,
        returns: returns.collect(),
        f: Errors::new(who.language, errors),
        by: names.name(s.t, &partner.changed_by),
        disclosures,
        documents: documents.iter().map(|document| partner_document::view(&s, &names, document)).collect(),
        told,
        s,
    })
}

pub(crate) async fn show(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
) -> Result<Response, PageError> {
    let page = app.run(move |register| card(register, &who, id, FieldErrors::default())).await?;
    Ok(Html(page.render()?).into_response())
}

#[derive(Template)]
#[template(path = "partner_form.html")]
struct FormPage {
    s: Shell,
    id: Option<PartnerId>,
    version: i64,
    draft: PartnerDraft,
    f: Errors,
    conflict: bool,
    under: Vec<Choice>,
    roles: Vec<Choice>,
    countries: Vec<Choice>,
    safeguards: Vec<Choice>,
    adequate: String,
    items: Vec<Choice>,
    kinds: Vec<Choice>,
    companies: Vec<Choice>,
    people: Vec<Choice>,
    groups: Vec<Choice>,
    purposes: Vec<Choice>,
    interfaces: Vec<Choice>,
    subs: Vec<(String, Vec<Choice>, usize)>,
    /// The purposes with how many people a day were agreed for each: id, name, number, the name of its field for errors.
    quotas: Vec<(String, String, String, String)>,
    default_quota: String,
}

fn choice(value: impl ToString, text: String, chosen: &[String]) -> Choice {
    let value = value.to_string();
    Choice { selected: chosen.contains(&value), value, text }
}

fn countries(language: Language, now: &str) -> Vec<Choice> {
    let now = if now.trim().is_empty() { country::HOME } else { country::code(now).unwrap_or(now) };
    let mut all: Vec<Choice> = country::codes()
        .map(|code| Choice { value: code.into(), text: country::name(code, language).into(), selected: code == now })
        .collect();
    all.sort_by_cached_key(|choice| seloste_domain::collation::sort_key(&choice.text));
    all
}

fn form_page(
    register: &Register,
    who: &SignedIn,
    edited: Option<(PartnerId, i64)>,
    mut draft: PartnerDraft,
    errors: FieldErrors,
) -> seloste_ops::Result<FormPage> {
    register.authorize(&who.actor, Action::PartnerChange)?;
    let s = Shell::staff(register, who, "nav-partners")?;
    let (notice, today, language) = (register.notice()?, register.today(), who.language);
    let one = |text: &str| vec![text.to_owned()];
    let recipients = notice.recipients().iter().map(|known| (Under::Recipient(known.id.clone()), &known.name));
    let providers = notice.providers().iter().map(|known| (Under::Provider(known.id.clone()), &known.name));
    let under = recipients.chain(providers);
    let under = under.map(|(under, name)| choice(&under, name.get(language).to_owned(), &one(&draft.under))).collect();
    let words = |prefix: &str, all: &mut dyn Iterator<Item = &'static str>, chosen: &[String]| -> Vec<Choice> {
        all.map(|word| choice(word, s.text(&key(prefix, word)), chosen)).collect()
    };
    let declared = notice.transfers().map(|transfers| transfers.safeguards.clone()).unwrap_or_default();
    let none = choice("", s.text("partner-no-safeguard"), &one(&draft.safeguard));
    let known =
        words("safeguard", &mut declared.iter().map(|known: &Safeguard| known.as_str()), &one(&draft.safeguard));
    let adequate: Vec<&str> = adequacy::decisions()
        .iter()
        .filter(|d| adequacy::decision(d.country, today).is_some())
        .map(|d| d.country)
        .collect();
    let adequate: Vec<&str> = adequate.iter().map(|code| country::name(code, language)).collect();
    let companies = notice.companies().iter().map(|c| choice(&c.id, c.name.clone(), &draft.companies)).collect();
    let groups = notice.groups().iter().map(|g| choice(&g.id, g.name.get(language).into(), &draft.groups)).collect();
    let purposes = notice.purposes().iter();
    let purposes = purposes.map(|p| choice(&p.id, p.name.get(language).into(), &draft.purposes)).collect();
    let quota =
        |purpose: &str| draft.quotas.iter().find(|quota| quota.purpose == purpose).map(|quota| quota.people.clone());
    let quotas = notice.purposes().iter().map(|purpose| {
        let (id, name) = (purpose.id.to_string(), purpose.name.get(language).to_owned());
        (id.clone(), name, quota(&id).unwrap_or_default(), format!("quotas.{id}"))
    });
    let quotas = quotas.collect();
    draft.sub_processors.retain(|sub| !sub.name.trim().is_empty());
    let spare = std::iter::repeat_with(SubProcessorDraft::default).take(SPARE);
    let subs = draft.sub_processors.iter().cloned().chain(spare).enumerate();
    Ok(FormPage {
        id: edited.map(|(id, _)| id),
        version: edited.map_or(0, |(_, version)| version),
        under,
        roles: words("partner-role", &mut Role::ALL.iter().map(|r| r.as_str()), &one(&draft.role)),
        countries: countries(language, &draft.country),
        safeguards: std::iter::once(none).chain(known).collect(),
        adequate: adequate.join(", "),
        items: words("partner-item", &mut ContractItem::ALL.iter().map(|i| i.as_str()), &draft.items),
        kinds: words("kind", &mut s.kinds.iter().map(|k| k.as_str()), &draft.kinds),
        companies,
        people: words("partner-people", &mut People::ALL.iter().map(|p| p.as_str()), &one(&draft.people)),
        groups,
        purposes,
        interfaces: words("partner-interface", &mut Interface::ALL.iter().map(|i| i.as_str()), &one(&draft.interface)),
        quotas,
        default_quota: s.number(&i64::from(DAILY_QUOTA)),
        subs: subs.map(|(place, sub)| (sub.name, countries(language, &sub.country), place)).collect(),
        f: Errors::new(language, errors),
        conflict: false,
        draft,
        s,
    })
}

fn draft_of(form: &Form) -> PartnerDraft {
    let subs = form.rows(&["sub_name", "sub_country"]).into_iter().map(|mut row| {
        let country = row.pop().unwrap_or_default();
        SubProcessorDraft { name: row.pop().unwrap_or_default(), country }
    });
    let quotas = form.rows(&["quota_purpose", "quota"]).into_iter().map(|mut row| {
        let people = row.pop().unwrap_or_default();
        QuotaDraft { purpose: row.pop().unwrap_or_default(), people }
    });
    PartnerDraft {
        quotas: quotas.collect(),
        name: form.text("name"),
        business_id: form.text("business_id"),
        under: form.text("under"),
        role: form.text("role"),
        country: form.text("country"),
        safeguard: form.text("safeguard"),
        safeguard_detail: form.text("safeguard_detail"),
        necessity: form.text("necessity"),
        contract: form.text("contract"),
        from: form.text("from"),
        until: form.text("until"),
        items: form.all("items"),
        kinds: form.all("kinds"),
        companies: form.all("companies"),
        people: form.text("people"),
        groups: form.all("groups"),
        purposes: form.all("purposes"),
        interface: form.text("interface"),
        email: form.text("email"),
        address: form.text("address").replace("\r\n", "\n"),
        breach_contact: form.text("breach_contact"),
        sub_processors: subs.collect(),
    }
}

pub(crate) async fn new(State(app): State<App>, Signed(who): Signed) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let draft = PartnerDraft { role: Role::Processor.to_string(), ..PartnerDraft::default() };
            form_page(register, &who, None, draft, FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn create(State(app): State<App>, Signed(who): Signed, form: Form) -> Result<Response, PageError> {
    let (draft, actor) = (draft_of(&form), who.actor.clone());
    let given = draft.clone();
    match app.run(move |register| partner::create(register, &actor, &draft)).await {
        Ok(id) => Ok(Redirect::to(&format!("/partners/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| form_page(register, &who, None, given, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

pub(crate) async fn edit(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let partner = partner::get(register, &who.actor, id)?;
            form_page(register, &who, Some((id, partner.version)), partner.draft(), FieldErrors::default())
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

pub(crate) async fn change(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    form: Form,
) -> Result<Response, PageError> {
    let (draft, version, actor) = (draft_of(&form), form.number("version"), who.actor.clone());
    let given = draft.clone();
    let error = match app.run(move |register| partner::change(register, &actor, id, version, &draft)).await {
        Ok(_) => return Ok(Redirect::to(&format!("/partners/{id}")).into_response()),
        Err(error) => error,
    };
    let conflict = error.is_conflict();
    let errors = if conflict { FieldErrors::default() } else { error.fields()? };
    let page = app
        .run(move |register| {
            let now = partner::get(register, &who.actor, id)?.version;
            let version = if conflict { now } else { version };
            let mut page = form_page(register, &who, Some((id, version)), given, errors)?;
            page.conflict = conflict;
            Ok(page)
        })
        .await?;
    let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(page.render()?)).into_response())
}

pub(crate) async fn end(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let version = form.number("version");
    app.run(move |register| partner::end(register, &who.actor, id, version)).await?;
    Ok(Redirect::to(&format!("/partners/{id}")))
}

pub(crate) async fn chase(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let version = form.number("version");
    app.run(move |register| partner::chase(register, &who.actor, id, version)).await?;
    Ok(Redirect::to(&format!("/partners/{id}")))
}

pub(crate) async fn confirm(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PartnerId>,
    form: Form,
) -> Result<Response, PageError> {
    let (version, how, note, actor) = (form.number("version"), form.text("how"), form.text("note"), who.actor.clone());
    match app.run(move |register| partner::confirm(register, &actor, id, version, (&how, &note))).await {
        Ok(_) => Ok(Redirect::to(&format!("/partners/{id}")).into_response()),
        Err(error) => {
            let errors = error.fields()?;
            let page = app.run(move |register| card(register, &who, id, errors)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response())
        }
    }
}

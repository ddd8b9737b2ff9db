//! Disclosures: the report by partner and by place, with counts by month and as CSV; a person's report is a tab of the
//! card.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use seloste_domain::country;
use seloste_domain::id::{PartnerId, PersonId};
use seloste_ops::disclosure::{self, Case, Disclosure, Filter, SHOWN};
use seloste_ops::register::local_date;
use seloste_ops::{Register, recall};
use serde::Deserialize;

use crate::App;
use crate::error::PageError;
use crate::party_form::{Choice, Names};
use crate::person::Head;
use crate::recall::RecallView;
use crate::session::Signed;
use crate::shell::Shell;
use crate::text::key;

/// Rows of the CSV file at most.
const MOST: i64 = 100_000;

/// A disclosure as the pages tell it.
pub(crate) struct DisclosureView {
    pub(crate) at: String,
    pub(crate) month: String,
    pub(crate) partner: String,
    pub(crate) partner_id: PartnerId,
    pub(crate) basis: String,
    pub(crate) case: String,
    pub(crate) href: Option<String>,
    pub(crate) purpose: String,
    pub(crate) fields: String,
    pub(crate) people: i64,
    pub(crate) way: String,
    pub(crate) outside: String,
    pub(crate) by: String,
}

/// The partners' names by id: whoever sees a disclosure sees to whom.
fn partner_names(register: &Register) -> seloste_ops::Result<BTreeMap<PartnerId, String>> {
    let partners = register.db().look(seloste_ops::partner::names)?;
    Ok(partners.into_iter().collect())
}

pub(crate) fn views(register: &Register, s: &Shell, rows: Vec<Disclosure>) -> seloste_ops::Result<Vec<DisclosureView>> {
    let (partners, names, notice) = (partner_names(register)?, Names::of(register)?, register.notice()?);
    let view = |row: Disclosure| {
        let purpose = row.purpose.parse().ok().and_then(|id| notice.purpose(&id).map(|p| p.name.get(s.t.0).to_owned()));
        let kinds: Vec<String> = row.fields.iter().map(|kind| s.text(&key("kind", kind.as_str()))).collect();
        let outside: Vec<&str> = row.outside.iter().map(|code| country::name(code, s.t.0)).collect();
        let safeguard = row.safeguard.map(|known| s.text(&key("safeguard", known.as_str())));
        let mut outside = outside.join(", ");
        if let Some(safeguard) = safeguard.filter(|_| !outside.is_empty()) {
            outside = format!("{outside} ({safeguard})");
        }
        let day = local_date(row.made_at);
        DisclosureView {
            at: s.time(&row.made_at),
            month: format!("{:04}-{:02}", day.year(), day.month()),
            partner: partners.get(&row.partner).cloned().unwrap_or_default(),
            partner_id: row.partner,
            basis: s.text(&key("disclosure-basis", row.basis.as_str())),
            href: match &row.case {
                Case::LegalRequest(_) => Some("/legal-requests".into()),
                Case::Recall(_) => Some("/recalls".into()),
                _ => None,
            },
            case: s.text(&key("disclosure-case", row.case.kind())),
            purpose: purpose.unwrap_or(row.purpose),
            fields: kinds.join(", "),
            people: row.people,
            way: s.text(&key("partner-interface", row.way.as_str())),
            outside,
            by: names.name(s.t, &row.made_by),
        }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// What the address of the report says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    partner: String,
    outside: String,
}

impl Asked {
    fn filter(&self) -> Filter {
        Filter { partner: self.partner.parse().ok(), outside: !self.outside.is_empty(), ..Filter::default() }
    }
}

/// A month of the report.
struct Month {
    name: String,
    times: i64,
    people: i64,
}

fn months(rows: &[DisclosureView]) -> Vec<Month> {
    let mut found: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let month = found.entry(&row.month).or_default();
        *month = (month.0 + 1, month.1 + row.people);
    }
    let month = |(name, (times, people)): (&str, (i64, i64))| Month { name: name.to_owned(), times, people };
    found.into_iter().rev().map(month).collect()
}

#[derive(Template)]
#[template(path = "disclosures.html")]
struct DisclosuresPage {
    s: Shell,
    disclosures: Vec<DisclosureView>,
    months: Vec<Month>,
    partners: Vec<Choice>,
    outside: bool,
    link: String,
}

pub(crate) async fn list(
    State(app): State<App>,
    Signed(who): Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "tab-disclosures")?;
            let all = views(register, &s, disclosure::list(register, &who.actor, &asked.filter(), MOST)?)?;
            let months = months(&all);
            let disclosures = all.into_iter().take(usize::try_from(SHOWN).unwrap_or(0)).collect();
            let everyone = Choice {
                value: String::new(),
                text: s.text("disclosures-everyone"),
                selected: asked.partner.is_empty(),
            };
            let partners = partner_names(register)?.into_iter().map(|(id, text)| {
                let value = id.to_string();
                Choice { selected: value == asked.partner, value, text }
            });
            let outside = !asked.outside.is_empty();
            let link = format!(
                "/disclosures.csv?partner={}{}",
                crate::form::encode(&asked.partner),
                if outside { "&outside=1" } else { "" }
            );
            Ok(DisclosuresPage {
                disclosures,
                months,
                partners: std::iter::once(everyone).chain(partners).collect(),
                outside,
                link,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

/// The report as CSV. It names nobody.
pub(crate) async fn csv(
    State(app): State<App>,
    Signed(who): Signed,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let text = app
        .run(move |register| {
            let s = Shell::staff(register, &who, "tab-disclosures")?;
            let rows = views(register, &s, disclosure::list(register, &who.actor, &asked.filter(), MOST)?)?;
            let header = ["when", "to", "ground", "case", "purpose", "kinds", "people", "way", "outside", "by"];
            let header = header.map(|name| cell(&s.text(&format!("disclosure-{name}"))));
            let mut text = format!("\u{feff}{}\r\n", header.join(";"));
            for row in rows {
                let people = row.people.to_string();
                let cells = [
                    &row.at,
                    &row.partner,
                    &row.basis,
                    &row.case,
                    &row.purpose,
                    &row.fields,
                    &people,
                    &row.way,
                    &row.outside,
                    &row.by,
                ];
                text.push_str(&cells.map(|text| cell(text)).join(";"));
                text.push_str("\r\n");
            }
            Ok(text)
        })
        .await?;
    let headers =
        [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"disclosures.csv\"")];
    Ok((headers, text).into_response())
}

/// A cell that no spreadsheet runs as a formula.
fn cell(text: &str) -> String {
    let safe = seloste_ops::export::guard(text);
    if safe.contains([';', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

#[derive(Template)]
#[template(path = "person_disclosures.html")]
struct PersonPage {
    s: Shell,
    head: Head,
    orders: i64,
    disclosures: Vec<DisclosureView>,
    recalls: Vec<RecallView>,
    /// Whether the recalls lead to the card and can be handled: not on the card itself.
    linked: bool,
}

/// What of a person was disclosed to whom, and what the recipients were told since.
pub(crate) async fn of_person(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    let page = app
        .run(move |register| {
            let card = seloste_ops::person::show(register, &who.actor, id)?;
            let s = Shell::staff(register, &who, "nav-people")?;
            let disclosures = views(register, &s, disclosure::of_party(register, &who.actor, id.into())?)?;
            let filter = recall::Filter { party: Some(id.into()), ..recall::Filter::default() };
            let recalls = recall::list(register, &who.actor, &filter)?;
            Ok(PersonPage {
                head: Head::of(&s, &card.person, register.today(), "disclosures"),
                orders: card.orders,
                recalls: crate::recall::views(register, &s, recalls)?,
                disclosures,
                linked: false,
                s,
            })
        })
        .await?;
    Ok(Html(page.render()?).into_response())
}

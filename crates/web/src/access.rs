//! Packages of a person's data: made, and taken as a page, on paper, or for programs.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use seloste_domain::access::{MASK, Package, Part, Record};
use seloste_domain::format;
use seloste_domain::id::{PackageId, PersonId};
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_ops::access::{self, PackageKind};
use seloste_ops::{Register, portability};
use seloste_pdf::{self as pdf, Block, Column, Document, Edge, Table, Term};
use serde_json::Value as Json;

use crate::App;
use crate::error::PageError;
use crate::form::Form;
use crate::print::{self, Job};
use crate::session::Signed;
use crate::style::Styles;
use crate::text::{Texts, key};

/// Entries of each part that paper has: as many as go on it. The page and the JSON have all.
const ON_PAPER: [usize; 4] = [400, 200, 100, 40];

/// A package as blocks, in its language. `most`: so many uses and entries of each part at most, with a word about the others.
pub(crate) fn blocks(package: &Package, most: usize) -> Vec<Block> {
    let t = Texts(package.language);
    let heading = |name: &str| Block::Heading { level: 2, text: t.get(name) };
    let mut blocks = vec![Block::Paragraph(t.get("access-intro")), heading("access-controller")];
    let controller = &package.controller;
    let id = controller.business_id.as_ref().map(|id| format!("{} ({id})", controller.name));
    let mut lines = vec![id.unwrap_or_else(|| controller.name.clone())];
    lines.extend(controller.contact.clone());
    blocks.push(Block::Lines(lines));
    if !controller.data_protection_officer.is_empty() {
        blocks.push(Block::Paragraph(t.get("access-dpo")));
        blocks.push(Block::Lines(controller.data_protection_officer.clone()));
    }
    blocks.push(heading("access-data"));
    for part in &package.parts {
        part_blocks(&mut blocks, t, package, part, most);
    }
    blocks.push(heading("access-purposes"));
    blocks.push(Block::Terms(
        package
            .purposes
            .iter()
            .map(|purpose| term(&purpose.name, [Some(purpose.basis.clone()), purpose.interest.clone()]))
            .collect(),
    ));
    blocks.push(heading("access-sources"));
    blocks.push(Block::List(package.sources.iter().map(|source| source.name.clone()).collect()));
    blocks.push(heading("access-recipients"));
    if package.recipients.is_empty() {
        blocks.push(Block::Paragraph(t.get("access-no-recipients")));
    } else {
        let rows = package.recipients.iter().map(|recipient| {
            let fields: Vec<String> = recipient.fields.iter().map(|field| kind_text(t, field)).collect();
            let outside = if recipient.outside.is_empty() {
                String::new()
            } else {
                format!(" ({})", recipient.outside.join(", "))
            };
            vec![
                format!("{}{outside}", recipient.name),
                format::time(recipient.at, t.0),
                fields.join(", "),
                format!("{} – {}", t.get(&key("disclosure-basis", &recipient.basis)), recipient.purpose),
            ]
        });
        blocks.extend(tables(
            t,
            &[("access-recipient", 3), ("access-at", 2), ("access-fields", 3), ("access-why", 3)],
            rows.collect(),
        ));
    }
    blocks.push(heading("access-retention"));
    blocks.push(Block::Terms(
        package
            .retention
            .iter()
            .map(|kept| {
                let until = kept.until.map(|day| t.arg("access-until", "date", format::date(day, t.0)));
                term(&kind_text(t, kept.kind.as_str()), [Some(kept.period.clone()), until, kept.reason.clone()])
            })
            .collect(),
    ));
    blocks.push(heading("access-automated"));
    blocks.push(Block::Paragraph(match (&package.automated_decisions.used, &package.automated_decisions.logic) {
        (true, Some(logic)) => logic.clone(),
        (true, None) => t.get("access-automated-used"),
        (false, _) => t.get("access-automated-none"),
    }));
    blocks.push(heading("access-papers"));
    blocks.push(Block::Paragraph(t.get("access-papers-none")));
    blocks.push(heading("access-uses"));
    blocks.push(Block::Paragraph(t.get("access-uses-help")));
    if package.uses.len() > most {
        blocks.push(Block::Paragraph(t.arg("access-more", "count", package.uses.len() - most)));
    }
    let purpose_name =
        |id: &str| package.purposes.iter().find(|p| p.id == id).map_or_else(|| id.to_owned(), |p| p.name.clone());
    let rows = package.uses.iter().take(most).map(|usage| {
        let fields: Vec<String> = usage.fields.iter().map(|field| kind_text(t, field)).collect();
        vec![
            format::time(usage.at, t.0),
            t.get(&key("action", &usage.action)),
            usage.purpose.as_deref().map(purpose_name).unwrap_or_default(),
            t.get(&key("access-by", usage.by.as_str())),
            fields.join(", "),
        ]
    });
    blocks.extend(tables(
        t,
        &[("access-at", 2), ("access-action", 3), ("access-purpose", 3), ("access-by", 2), ("access-fields", 3)],
        rows.collect(),
    ));
    blocks.push(heading("access-rights"));
    blocks.push(Block::List(package.rights.rights.clone()));
    blocks.push(Block::Paragraph(t.get("access-complain")));
    blocks.push(Block::Lines(package.rights.authority.clone()));
    blocks
}

fn term<const N: usize>(name: &str, details: [Option<String>; N]) -> Term {
    Term { name: name.to_owned(), details: details.into_iter().flatten().filter(|text| !text.is_empty()).collect() }
}

/// Tables of at most as many rows as paper takes in one.
fn tables(t: Texts, columns: &[(&str, u8)], rows: Vec<Vec<String>>) -> Vec<Block> {
    let columns: Vec<Column> =
        columns.iter().map(|(label, share)| Column { label: t.get(label), edge: Edge::Start, share: *share }).collect();
    rows.chunks(pdf::limit::ROWS)
        .map(|rows| Block::Table(Table { columns: columns.clone(), rows: rows.to_vec() }))
        .collect()
}

/// What a kind is called; other fields of the log as they stand.
fn kind_text(t: Texts, name: &str) -> String {
    match name.parse::<Kind>() {
        Ok(kind) => t.get(&key("kind", kind.as_str())),
        Err(_) => field_text(t, name),
    }
}

/// What a field is called; one without a text of its own as it stands in the JSON.
fn field_text(t: Texts, name: &str) -> String {
    let key = key("access-field", name);
    match t.get(&key) {
        text if text == key => name.replace('_', " "),
        text => text,
    }
}

fn part_blocks(blocks: &mut Vec<Block>, t: Texts, package: &Package, part: &Part, most: usize) {
    blocks.push(Block::Heading { level: 3, text: t.get(&key("access-part", &part.part)) });
    let names = part.purposes.iter().filter_map(|id| package.purposes.iter().find(|purpose| purpose.id == *id));
    let names: Vec<&str> = names.map(|purpose| purpose.name.as_str()).collect();
    if !names.is_empty() {
        blocks.push(Block::Paragraph(format!("{}: {}", t.get("access-purpose"), names.join(", "))));
    }
    let records = &part.records[..part.records.len().min(most)];
    if records.len() < part.records.len() {
        blocks.push(Block::Paragraph(t.arg("access-more", "count", part.records.len() - records.len())));
    }
    blocks.push(Block::Terms(records.iter().map(|record| record_term(t, package, record)).collect()));
}

/// A record: what it is called by, then each of its fields in a line.
fn record_term(t: Texts, package: &Package, record: &Record) -> Term {
    let mut lines = Vec::new();
    for (name, value) in &record.0 {
        told(t, package, &mut lines, name, &field_text(t, name), value);
    }
    let text = |name: &str| record.0.get(name).and_then(Json::as_str);
    let title = match (text("kind"), text("number"), text("source")) {
        (Some(kind), ..) if kind.parse::<Kind>().is_ok() => kind_text(t, kind),
        (_, Some(number), _) => number.to_owned(),
        _ => {
            let first = record.0.iter().find_map(|(name, value)| Some((name, value.as_str()?)));
            first.map_or_else(|| "–".to_owned(), |(name, text)| word(t, package, name, text))
        }
    };
    Term { name: title, details: lines }
}

/// Adds the lines of a field: those of what is within it too.
fn told(t: Texts, package: &Package, lines: &mut Vec<String>, name: &str, label: &str, value: &Json) {
    match value {
        Json::Null => {}
        Json::Object(object) => {
            for (inner, value) in object {
                told(t, package, lines, inner, &format!("{label} › {}", field_text(t, inner)), value);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| told(t, package, lines, name, label, item)),
        Json::String(text) => lines.push(format!("{label}: {}", word(t, package, name, text))),
        Json::Bool(flag) => lines.push(format!("{label}: {}", t.get(if *flag { "access-yes" } else { "access-no" }))),
        Json::Number(number) => {
            let cents = number.as_i64().filter(|_| name.ends_with("cents"));
            let text = cents
                .map_or_else(|| number.to_string(), |cents| format::money(seloste_domain::money::Cents(cents), t.0));
            lines.push(format!("{label}: {text}"));
        }
    }
}

/// A value in words: days, moments, sources and masks.
fn word(t: Texts, package: &Package, name: &str, text: &str) -> String {
    if text == MASK {
        return t.get("access-masked");
    }
    if name == "source" || name == "source_id" {
        return package
            .sources
            .iter()
            .find(|source| source.id == text)
            .map_or_else(|| text.to_owned(), |source| source.name.clone());
    }
    if name == "kind" || name == "field" {
        return kind_text(t, text);
    }
    if let Ok(day) =
        text.parse::<jiff::civil::Date>().map_err(drop).and_then(|day| if text.len() == 10 { Ok(day) } else { Err(()) })
    {
        return format::date(day, t.0);
    }
    if text.ends_with('Z')
        && let Ok(at) = text.parse::<jiff::Timestamp>()
    {
        return format::time(at, t.0);
    }
    text.to_owned()
}

/// A block as the page of a package shows it.
#[derive(Template)]
#[template(path = "access.html")]
struct Page<'a> {
    lang: &'static str,
    title: String,
    line: String,
    blocks: &'a [Block],
}

fn title(package: &Package) -> String {
    Texts(package.language).arg("access-title", "name", &package.person.name)
}

fn line(package: &Package) -> String {
    format!("{} · {}", package.register, format::time(package.made_at, package.language))
}

/// A package as a page that stands by itself.
///
/// # Errors
/// It can not be rendered.
pub fn html(package: &Package) -> Result<String, PageError> {
    let blocks = blocks(package, usize::MAX);
    Ok(Page { lang: package.language.tag(), title: title(package), line: line(package), blocks: &blocks }.render()?)
}

/// A package on paper: PDF/UA-1.
///
/// # Errors
/// It can not be set.
pub fn paper(
    register: &Register,
    styles: &Styles,
    package: &Package,
) -> seloste_ops::Result<Result<Vec<u8>, PageError>> {
    let language = match package.language {
        Language::Fi => pdf::Language::Fi,
        Language::Sv => pdf::Language::Sv,
        Language::En => pdf::Language::En,
    };
    let set = |most: usize| {
        let blocks = blocks(package, most);
        let document = pdf::Notice { language, title: title(package), version: line(package), blocks };
        let job = Job { document: Document::Notice(document), company: None, name: "omat-tiedot".into() };
        print::made(register, styles, job)
    };
    let [first, fewer @ ..] = ON_PAPER;
    let mut made = set(first)?;
    for most in fewer {
        // What is too long for paper is cut further; any other trouble stays.
        if !matches!(made, Err(PageError::Print(_))) {
            break;
        }
        made = set(most)?;
    }
    Ok(made.map(|pdf| pdf.bytes))
}

/// Makes a package of a person without a request.
pub(crate) async fn make(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
    form: Form,
) -> Result<Redirect, PageError> {
    let portable = form.text("kind") == PackageKind::Portability.as_str();
    app.run(move |register| match portable {
        true => portability::make(register, &who.actor, id, None),
        false => access::make(register, &who.actor, id, None, None),
    })
    .await?;
    Ok(Redirect::to(&format!("/people/{id}/requests")))
}

/// A file of a package: `package.pdf`, `package.html` and `package.json`; of what a person takes along, `package.zip` and its files.
pub(crate) async fn file(
    State(app): State<App>,
    Signed(who): Signed,
    Path((id, name)): Path<(PackageId, String)>,
) -> Result<Response, PageError> {
    let styles = app.styles();
    let (bytes, media, name) = app
        .run_as(move |register| {
            let (made, json) = access::open(register, &who.actor, id)?;
            content(register, &styles, made.kind, &json, &name)
        })
        .await?;
    let headers = [(CONTENT_TYPE, media.to_owned()), (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    Ok((headers, bytes).into_response())
}

/// The bytes of a file of a package, with its media type and its name.
///
/// # Errors
/// The package has no such file, or it can not be made.
pub fn content(
    register: &Register,
    styles: &Styles,
    kind: PackageKind,
    json: &[u8],
    name: &str,
) -> Result<(Vec<u8>, &'static str, String), PageError> {
    const JSON: &str = "application/json";
    if kind == PackageKind::Access {
        let package = access::read(json)?;
        return Ok(match name {
            "package.json" => (json.to_vec(), JSON, "omat-tiedot.json".into()),
            "package.html" => (html(&package)?.into_bytes(), "text/html; charset=utf-8", "omat-tiedot.html".into()),
            "package.pdf" => (paper(register, styles, &package)??, "application/pdf", "omat-tiedot.pdf".into()),
            _ => return Err(PageError::NotFound),
        });
    }
    if name == "package.zip" {
        return Ok((portability::zip(json)?, "application/zip", "omat-tiedot.zip".into()));
    }
    let files = portability::files(json)?;
    let ending = name.strip_prefix("package.").ok_or(PageError::NotFound)?.to_owned();
    let found = files.into_iter().find(|(file, _)| file.rsplit('.').next() == Some(ending.as_str()));
    let (_, bytes) = found.ok_or(PageError::NotFound)?;
    let media = match ending.as_str() {
        "json" => JSON,
        "vcf" => "text/vcard; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    Ok((bytes, media, format!("omat-tiedot.{ending}")))
}

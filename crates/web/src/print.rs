//! What is printed: a letter to a person, an order's confirmation, a customer's card, the notice. PDF/UA-1 and PDF/A-2a.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use seloste_domain::id::{CompanyId, OrderId, PersonId};
use seloste_domain::language::Language;
use seloste_domain::letter::{Letter, Part};
use seloste_domain::notice::Notice;
use seloste_domain::notice::render::{self, Block as NoticeBlock};
use seloste_ops::legal_request::LegalFile;
use seloste_ops::session::SignedIn;
use seloste_ops::{Register, notice, order, person};
use seloste_pdf::{self as pdf, Block, Document, Edge, Fact, Table};

use crate::App;
use crate::error::PageError;
use crate::notice::Asked;
use crate::party_form::{Names, shown};
use crate::session::{Chosen, Signed};
use crate::shell::Shell;
use crate::text::{Texts, key};
use seloste_domain::format;

/// Orders that stand on a printed card.
const ORDERS: usize = 200;

/// A document about to be printed, with whose look it has.
pub(crate) struct Job {
    pub(crate) document: Document,
    pub(crate) company: Option<CompanyId>,
    /// The file's name without its ending; no personal data.
    pub(crate) name: String,
}

pub(crate) const fn language(language: Language) -> pdf::Language {
    match language {
        Language::Fi => pdf::Language::Fi,
        Language::Sv => pdf::Language::Sv,
        Language::En => pdf::Language::En,
    }
}

/// Prints on a thread that may block. The answer tells characters that no font has: they are boxes in the document.
pub(crate) async fn print(
    app: &App,
    job: impl FnOnce(&Register) -> seloste_ops::Result<Job> + Send + 'static,
) -> Result<Response, PageError> {
    let styles = app.styles();
    let (name, made) = app
        .run(move |register| {
            let job = job(register)?;
            Ok((job.name.clone(), made(register, &styles, job)?))
        })
        .await?;
    let pdf = made?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, axum::http::HeaderValue::from_static("application/pdf"));
    if let Ok(value) = format!("inline; filename=\"{name}.pdf\"").parse() {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    if !pdf.replaced.is_empty() {
        headers.insert("seloste-replaced-characters", axum::http::HeaderValue::from(pdf.replaced.len()));
    }
    Ok((headers, pdf.bytes).into_response())
}

/// Makes a document. The outer error is the use case's, the inner one the typesetter's.
pub(crate) fn made(
    register: &Register,
    styles: &crate::style::Styles,
    job: Job,
) -> seloste_ops::Result<Result<pdf::Pdf, PageError>> {
    let mut style = styles.of(job.company.as_ref());
    if style.footer.is_empty() {
        style.footer = footer(&*register.notice()?);
    }
    let at = register.now().to_zoned(seloste_ops::register::time_zone());
    let made = pdf::render(&job.document, &style, styles.fonts(), &at);
    Ok(made.map_err(|error| {
        // A template may put into its message what it likes: only the kind of the error is told here.
        tracing::warn!(code = error.code(), "a document could not be printed");
        PageError::Print(error.code())
    }))
}

/// The controller and its contact stand on every letter (promise P01).
fn footer(notice: &Notice) -> Vec<Vec<String>> {
    let (controller, contact) = (notice.controller(), notice.contact());
    let own = [Some(controller.name.clone()), controller.business_id.as_ref().map(ToString::to_string)];
    let reach = [contact.address.clone(), contact.phone.clone(), contact.email.clone(), contact.website.clone()];
    let (place, wires) = reach.split_at(1);
    let lines = |parts: &[Option<String>]| parts.iter().flatten().cloned().collect::<Vec<_>>();
    let parts = [lines(&own), lines(place), lines(wires)];
    parts.into_iter().filter(|lines| !lines.is_empty()).collect()
}

/// The company that sends, with the address of the notice's contact to return what can not be delivered to.
pub(crate) fn sender(notice: &Notice, company: &CompanyId) -> Vec<String> {
    let name = notice.company(company).map_or_else(|| notice.controller().name.clone(), |company| company.name.clone());
    std::iter::once(name).chain(notice.contact().address.clone()).collect()
}

/// A letter.
pub(crate) fn letter(notice: &Notice, letter: &Letter, recipient: Vec<String>, today: jiff::civil::Date) -> Job {
    let body = letter.parts().into_iter().map(|part| match part {
        Part::Paragraph(text) => Block::Paragraph(text),
        Part::List(items) => Block::List(items),
    });
    let company = notice.company(&letter.company).map(|company| company.name.clone()).unwrap_or_default();
    let signatory = pdf::Signatory { name: letter.signatory.clone(), role: String::new() };
    Job {
        document: Document::Letter(pdf::Letter {
            language: language(letter.language),
            sender: sender(notice, &letter.company),
            recipient,
            designation: String::new(),
            date: format::date(today, letter.language),
            references: Vec::new(),
            heading: letter.heading.clone(),
            body: body.collect(),
            closing: letter.closing.clone(),
            company,
            signatories: Some(signatory).filter(|s| !s.name.is_empty()).into_iter().collect(),
            attachments: None,
        }),
        company: Some(letter.company.clone()),
        name: "kirje".into(),
    }
}

/// What goes to an authority because a law obliges, to be read: a part for each person. In Finnish, as authorities here read.
pub(crate) fn legal_file(notice: &Notice, file: &LegalFile) -> Job {
    let t = Texts(Language::Fi);
    let mut body = vec![Block::Terms(vec![
        pdf::Term { name: t.get("legal-law"), details: vec![file.law.clone()] },
        pdf::Term { name: t.get("legal-asked-on"), details: vec![format::date(file.asked_on, Language::Fi)] },
        pdf::Term { name: t.get("legal-case"), details: vec![file.case.clone()] },
    ])];
    for (place, given) in file.people.iter().enumerate() {
        let text = t.arg("legal-person", "number", (place + 1).to_string());
        body.push(Block::Heading { level: 2, text });
        let term = |datum: &seloste_ops::legal_request::Datum| pdf::Term {
            name: t.get(&key("kind", datum.kind.as_str())),
            details: datum.value.lines().map(str::to_owned).collect(),
        };
        body.push(Block::Terms(given.data.iter().map(term).collect()));
    }
    let company = notice.companies().first();
    Job {
        document: Document::Letter(pdf::Letter {
            language: pdf::Language::Fi,
            sender: company.map(|company| sender(notice, &company.id)).unwrap_or_default(),
            recipient: vec![file.asked_by.clone()],
            designation: String::new(),
            date: format::date(file.asked_on, Language::Fi),
            references: Vec::new(),
            heading: t.get("legal-file-heading"),
            body,
            closing: String::new(),
            company: company.map(|company| company.name.clone()).unwrap_or_default(),
            signatories: Vec::new(),
            attachments: None,
        }),
        company: company.map(|company| company.id.clone()),
        name: "luovutus".into(),
    }
}

/// A reminder or a payment demand as a letter.
pub(crate) fn reminder(written: &seloste_ops::reminder::Written, spoken: Language, company: &CompanyId) -> Job {
    let said = &written.said;
    let terms = |pairs: &[(String, String)]| {
        let term = |(name, value): &(String, String)| pdf::Term { name: name.clone(), details: vec![value.clone()] };
        Block::Terms(pairs.iter().map(term).collect())
    };
    let column = |label: &str, edge, share| pdf::Column { label: label.to_owned(), edge, share };
    let mut body = vec![
        Block::Paragraph(capitalised(&said.intro)),
        terms(&said.basis),
        Block::Table(Table {
            columns: vec![column(&said.columns.0, Edge::Start, 3), column(&said.columns.1, Edge::End, 1)],
            rows: said.items.iter().map(|(what, sum)| vec![what.clone(), sum.clone()]).collect(),
        }),
    ];
    if !said.counted.is_empty() {
        body.push(Block::Lines(said.counted.clone()));
    }
    body.push(terms(&said.pay));
    body.extend(said.notes.iter().cloned().map(Block::Paragraph));
    Job {
        document: Document::Letter(pdf::Letter {
            language: language(spoken),
            sender: vec![written.company.clone()],
            recipient: written.envelope.clone(),
            designation: String::new(),
            date: format::date(written.date, spoken),
            references: Vec::new(),
            heading: said.heading.clone(),
            body,
            closing: String::new(),
            company: written.company.clone(),
            signatories: Vec::new(),
            attachments: None,
        }),
        company: Some(company.clone()),
        name: "maksumuistutus".into(),
    }
}

/// The text of a message begins after its greeting, that of a letter with a capital.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The confirmation of an order, in the language of the customer.
pub(crate) async fn confirmation(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<OrderId>,
) -> Result<Response, PageError> {
    print(&app, move |register| confirmation_job(register, &who, id)).await
}

pub(crate) fn confirmation_job(register: &Register, who: &SignedIn, id: OrderId) -> seloste_ops::Result<Job> {
    let shown = order::show(register, &who.actor, id)?;
    let order = shown.order;
    let today = register.today();
    let mut spoken = who.language;
    let mut recipient: Vec<String> = Vec::new();
    if let Some(id) = order.person {
        let customer = person::show(register, &who.actor, id)?.person;
        spoken = customer.language(today).unwrap_or(spoken);
        let organisation = shown.organisation.clone().unwrap_or_default();
        let name = customer.display_name();
        recipient = vec![organisation, name];
        if let Some(address) = customer.address(today) {
            let rows: Vec<&str> = recipient.iter().map(String::as_str).collect();
            recipient = Some(address.envelope(&rows)).filter(|rows| !rows.is_empty()).unwrap_or(recipient);
        }
    } else {
        recipient.extend(shown.organisation.clone());
        if let Some(delivery) = &order.delivery {
            recipient = delivery.address.envelope(&[recipient.first().map_or("", String::as_str)]);
        }
    }
    recipient.retain(|row| !row.is_empty());
    let t = Texts(spoken);
    let percent = |ratio: i64| format!("{}\u{a0}%", format::scaled(ratio, 2, 0, spoken));
    let money = |cents| format::money(cents, spoken);
    let fact = |label: &str, value: String| Fact { label: t.get(label), value };
    let mut facts =
        vec![fact("order-number", order.number.clone()), fact("order-day", format::date(order.ordered_on, spoken))];
    facts.extend(order.requested_on.map(|day| fact("order-requested", format::date(day, spoken))));
    let lines = order.lines.iter().map(|line| pdf::OrderLine {
        code: line.product.clone(),
        name: match line.discount.0 {
            0 => line.description.clone(),
            discount => format!("{} (−{})", line.description, percent(discount)),
        },
        quantity: format::scaled(line.quantity.0, 3, 0, spoken),
        unit: String::new(),
        unit_price: format::scaled(line.unit_price.0, 4, 2, spoken),
        vat: percent(line.vat_rate.0),
        total: line.net().map(money).unwrap_or_default(),
    });
    let delivery = order.delivery.as_ref().map(|d| d.address.envelope(&[d.name.as_str()])).unwrap_or_default();
    let mut text = Vec::new();
    if !delivery.is_empty() {
        text.push(Block::Heading { level: 2, text: t.get("order-delivery") });
        text.push(Block::Lines(delivery));
    }
    let rates = order.totals.rates.iter();
    let rates = rates.map(|rate| vec![percent(rate.rate.0), money(rate.net), money(rate.vat)]);
    let column = |label: &str, edge| pdf::Column { label: t.get(label), edge, share: 1 };
    let notice = register.notice()?;
    Ok(Job {
        document: Document::OrderConfirmation(pdf::OrderConfirmation {
            language: language(spoken),
            title: format!("{} {}", t.get("print-confirmation"), order.number),
            seller: sender(&notice, &order.company),
            recipient,
            date: format::date(today, spoken),
            facts,
            introduction: vec![Block::Paragraph(t.get("print-thanks"))],
            columns: pdf::OrderColumns {
                code: t.get("line-product"),
                name: t.get("line-description"),
                quantity: t.get("line-quantity"),
                unit: String::new(),
                unit_price: t.get("line-price"),
                vat: t.get("line-vat"),
                total: t.get("order-net"),
            },
            lines: lines.collect(),
            totals: vec![
                fact("order-net", money(order.totals.net)),
                fact("order-vat", money(order.totals.vat)),
                fact("order-gross", money(order.totals.gross)),
            ],
            vat_heading: t.get("print-vat"),
            vat: Table {
                columns: vec![
                    column("line-vat", Edge::Start),
                    column("order-net", Edge::End),
                    column("order-vat", Edge::End),
                ],
                rows: rates.collect(),
            },
            text,
        }),
        company: Some(order.company),
        name: format!("tilaus-{}", order.number.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>()),
    })
}

/// A customer's card, as the person who prints it may see it.
pub(crate) async fn card(
    State(app): State<App>,
    Signed(who): Signed,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    print(&app, move |register| card_job(register, &who, id)).await
}

fn card_job(register: &Register, who: &SignedIn, id: PersonId) -> seloste_ops::Result<Job> {
    let s = Shell::staff(register, who, "nav-people")?;
    let customer = person::show(register, &who.actor, id)?.person;
    let names = Names::of(register)?;
    let mut facts = Vec::new();
    for stored in &customer.values {
        let value = shown(&s, register, &names, stored)?;
        let past = value.past.map(|day| format!(" ({})", s.t.arg("until", "date", day))).unwrap_or_default();
        let from = format!("{} · {} · {}", value.source, value.by, value.at);
        facts.push(pdf::CardFact { label: value.what, value: format!("{}{past}", value.value), source: from });
    }
    let represents = customer.representations.iter().map(|r| pdf::CardFact {
        label: r.title.clone().unwrap_or_else(|| s.text("represents")),
        value: r.organisation_name.clone(),
        source: names.name(s.t, &r.entered_by),
    });
    let group = |title: &str, facts: Vec<pdf::CardFact>| pdf::CardGroup { title: s.text(title), facts };
    let groups = [group("tab-details", facts), group("represents", represents.collect())];
    let orders = if s.has("orders") && s.may("order.list") {
        let filter = order::Filter { person: Some(id), archived: true, ..Default::default() };
        let rows = order::newest(register, &who.actor, &filter, ORDERS)?;
        let column = |label: &str, edge| pdf::Column { label: s.text(label), edge, share: 1 };
        let row = |row: order::Row| {
            let order = row.order;
            let state = s.text(&key("state", order.state.as_str()));
            vec![order.number, s.date(&order.ordered_on), state, s.money(&order.net)]
        };
        Some(Table {
            columns: vec![
                column("order-number", Edge::Start),
                column("order-day", Edge::Start),
                column("order-state", Edge::Start),
                column("order-net", Edge::End),
            ],
            rows: rows.into_iter().map(row).collect(),
        })
        .filter(|table| !table.rows.is_empty())
    } else {
        None
    };
    let note = format!("{} · {} · {}", s.register, s.time(&register.now()), who.user.name);
    Ok(Job {
        document: Document::Card(pdf::Card {
            language: language(who.language),
            title: crate::person::name_of(&s, &customer),
            note,
            columns: pdf::CardColumns {
                label: s.text("merge-what"),
                value: s.text("print-value"),
                source: s.text("where-from"),
            },
            groups: groups.into_iter().filter(|group| !group.facts.is_empty()).collect(),
            orders_heading: s.text("tab-orders"),
            orders,
        }),
        company: customer.companies.first().cloned(),
        name: "asiakaskortti".into(),
    })
}

/// The notice, for anybody.
pub(crate) async fn notice(
    State(app): State<App>,
    Chosen(spoken): Chosen,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    print(&app, move |register| {
        let (published, notice) = notice::published(register, asked.version)?;
        let text = render::document(&notice, spoken);
        let t = Texts(spoken);
        let blocks = text.blocks.into_iter().map(|block| match block {
            NoticeBlock::Heading { level, text, .. } => Block::Heading { level, text: unnumbered(&text) },
            NoticeBlock::Paragraph(text) => Block::Paragraph(text),
            NoticeBlock::Lines(lines) => Block::Lines(lines),
            NoticeBlock::List(items) => Block::List(items),
            NoticeBlock::Terms(terms) => {
                let term = |term: render::Term| pdf::Term { name: term.name, details: term.details };
                Block::Terms(terms.into_iter().map(term).collect())
            }
        });
        Ok(Job {
            document: Document::Notice(pdf::Notice {
                language: language(spoken),
                title: text.title,
                version: format!(
                    "{} {}, {}",
                    t.get("print-version"),
                    published.version,
                    format::date(text.date, spoken)
                ),
                blocks: blocks.collect(),
            }),
            company: None,
            name: format!("tietosuojaseloste-{}", spoken.tag()),
        })
    })
    .await
}

/// The printed notice numbers its headings itself.
fn unnumbered(heading: &str) -> String {
    let rest = heading.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if rest.starts_with(' ') { rest.trim_start().to_owned() } else { heading.to_owned() }
}

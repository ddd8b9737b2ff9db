//! Reads `notice.toml` into declarations, reporting every slip with its place.

use super::model::{
    ArchiveRule, AutomatedDecisions, Company, Contact, Controller, Cookies, Declarations, Group, KindDeclaration,
    Location, Provider, Publication, PurposeDeclaration, Recipient, Retention, Source, Text, Transfers,
};
use super::problem::{Code, Problem, Spot};
use super::section::{Section, Sink};
use super::words::{LegalBasis, PeriodUnit, Requirement, RetentionEvent};
use super::{period, rules};
use crate::business_id;
use crate::id::CompanyId;
use crate::kind::Kind;

/// The largest definition that is read, in bytes; a real one is a twentieth of it.
const LARGEST: usize = 1 << 20;

/// What could be read, and everything that is wrong with it. With an error among the problems the declarations are
/// incomplete and must not be used.
pub(super) fn read(text: &str) -> (Declarations, Vec<Problem>) {
    if text.len() > LARGEST {
        return (Declarations::default(), vec![Problem::new(Spot::default(), Code::TooLarge, &["1 MiB"])]);
    }
    let sink = Sink::new(text);
    let document = match toml_edit::Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let at = sink.spot(error.span(), Spot::default());
            let message = error.message().lines().collect::<Vec<_>>().join(" ");
            return (Declarations::default(), vec![Problem::new(at, Code::Syntax, &[&message])]);
        }
    };
    let declared = declarations(Section::root(&sink, document.as_table()));
    rules::judge(&declared, &sink);
    let mut problems = sink.into_problems();
    problems.sort_by_key(|problem| (problem.line, problem.column));
    (declared, problems)
}

fn declarations(mut root: Section<'_>) -> Declarations {
    let mut declared = Declarations::default();
    root.need("version", None);
    root.need("date", None);
    declared.version = root.integer("version", 1..1_000_000).unwrap_or_default();
    declared.date = root.date("date").unwrap_or_default();
    register(&mut root, &mut declared);
    companies(&mut root, &mut declared);
    controller(&mut root, &mut declared);
    purposes(&mut root, &mut declared);
    kinds(&mut root, &mut declared);
    groups(&mut root, &mut declared);
    sources(&mut root, &mut declared);
    disclosure(&mut root, &mut declared);
    transfers(&mut root, &mut declared);
    keeping(&mut root, &mut declared);
    publication(&mut root, &mut declared);
    cookies(&mut root, &mut declared);
    protection(&mut root, &mut declared);
    rights(&mut root, &mut declared);
    root.finish();
    declared
}

/// A section that has to be there; `article` asks for it.
fn need<'s>(
    root: &mut Section<'s>,
    declared: &mut Declarations,
    key: &'static str,
    article: Option<&'static str>,
) -> Option<Section<'s>> {
    root.need_as(key, article, &format!("[{key}]"));
    optional(root, declared, key)
}

fn optional<'s>(root: &mut Section<'s>, declared: &mut Declarations, key: &'static str) -> Option<Section<'s>> {
    let section = root.section(key)?;
    declared.spots.0.push((key, section.at));
    Some(section)
}

fn need_all<'s>(
    root: &mut Section<'s>,
    declared: &mut Declarations,
    key: &'static str,
    article: Option<&'static str>,
) -> Vec<Section<'s>> {
    root.need_as(key, article, &format!("[[{key}]]"));
    let sections = root.sections(key);
    declared.spots.0.extend(sections.first().map(|first| (key, first.at)));
    sections
}

fn needed_text(section: &mut Section<'_>, key: &'static str, article: Option<&'static str>) -> Option<Text> {
    section.need_as(key, article, &format!("{key}.fi = \"...\""));
    section.text(key)
}

fn register(root: &mut Section<'_>, declared: &mut Declarations) {
    let Some(mut section) = need(root, declared, "register", None) else { return };
    declared.register_name = needed_text(&mut section, "name", None).unwrap_or_default();
    declared.group_name = needed_text(&mut section, "group", None).unwrap_or_default();
    section.finish();
    let Some(mut texts) = optional(root, declared, "texts") else { return };
    declared.texts.purposes = texts.text("purposes");
    declared.texts.kinds = texts.text("kinds");
    declared.texts.sources = texts.text("sources");
    declared.texts.disclosure = texts.text("disclosure");
    declared.texts.retention = texts.text("retention");
    texts.finish();
}

fn companies(root: &mut Section<'_>, declared: &mut Declarations) {
    for mut section in need_all(root, declared, "companies", Some("13(1)(a)")) {
        section.need("id", None);
        section.need("name", Some("13(1)(a)"));
        let (id, name) = (section.id::<CompanyId>("id"), section.string("name"));
        let business_id = section.string("business_id").and_then(|number| {
            let id = business_id::parse(&number);
            if id.is_none() {
                section.report(section.spot("business_id"), Code::BadBusinessId, &[&number]);
            }
            id
        });
        if let (Some(id), Some(name)) = (id, name) {
            declared.companies.push(Company { id, name, business_id });
            declared.company_spots.push(section.at);
        }
        section.finish();
    }
}

fn controller(root: &mut Section<'_>, declared: &mut Declarations) {
    if let Some(mut section) = need(root, declared, "controller", Some("13(1)(a)")) {
        section.need("company", Some("13(1)(a)"));
        if let Some(id) = section.id::<CompanyId>("company") {
            let found = declared.companies.iter().find(|company| company.id == id);
            match found {
                Some(company) => declared.controller = Controller::from(company),
                None => section.report(section.spot("company"), Code::UndeclaredCompany, &[id.as_str()]),
            }
        }
        declared.texts.joint_controllers = section.text("arrangement");
        section.finish();
    }
    if let Some(mut section) = need(root, declared, "contact", Some("13(1)(a)")) {
        declared.contact = contact(&mut section);
        section.finish();
    }
    if let Some(mut section) = optional(root, declared, "data_protection_officer") {
        declared.dpo = Some(contact(&mut section));
        section.finish();
    }
}

fn contact(section: &mut Section<'_>) -> Contact {
    section.need("name", Some("13(1)(a)"));
    let name = section.string("name").unwrap_or_default();
    reachable(section, name)
}

fn reachable(section: &mut Section<'_>, name: String) -> Contact {
    let contact = Contact {
        name,
        address: section.string("address"),
        phone: section.string("phone"),
        email: section.string("email"),
        website: section.string("website"),
    };
    if contact.email.as_deref().is_some_and(|email| !looks_like_email(email)) {
        section.report(section.spot("email"), Code::BadEmail, &[]);
    }
    if !contact.is_reachable() {
        section.report(section.at, Code::Unreachable, &[section.name()]);
    }
    contact
}

fn looks_like_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    plain && text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.len() > 2 && !host.contains('@'))
}

fn purposes(root: &mut Section<'_>, declared: &mut Declarations) {
    for mut section in need_all(root, declared, "purposes", Some("13(1)(c)")) {
        section.need("id", None);
        let id = section.id("id");
        let name = needed_text(&mut section, "name", Some("13(1)(c)")).unwrap_or_default();
        let label = id.as_ref().map_or_else(String::new, ToString::to_string);
        if !section.has("basis") {
            section.report(section.at, Code::NoBasis, &[&label]);
        }
        let basis = section.word("basis");
        let has_interest = section.has("interest");
        let (text, interest) = (section.text("text"), section.text("interest"));
        match basis {
            Some(LegalBasis::LegitimateInterest) if !has_interest => {
                section.report(section.at, Code::NoInterest, &[&label]);
            }
            Some(basis) if basis != LegalBasis::LegitimateInterest && has_interest => {
                section.report(section.spot("interest"), Code::NeedlessInterest, &[&label]);
            }
            _ => {}
        }
        let activities = section.words("activities");
        if activities.is_empty() {
            section.report(section.at, Code::NoActivity, &[&label]);
        }
        if let Some(id) = id {
            let basis = basis.unwrap_or(LegalBasis::LegitimateInterest);
            declared.purposes.push(PurposeDeclaration { id, name, text, basis, interest, activities, at: section.at });
        }
        section.finish();
    }
}

fn kinds(root: &mut Section<'_>, declared: &mut Declarations) {
    for mut section in need_all(root, declared, "kinds", Some("14(1)(d)")) {
        section.need("kind", None);
        let kind: Option<Kind> = section.word("kind");
        let requirement = section.word("required").unwrap_or(Requirement::Voluntary);
        let reason = section.text("reason");
        let sources = section.ids("sources");
        let label = kind.map_or("", Kind::as_str);
        if !section.has("retention") {
            section.report(section.at, Code::NoRetention, &[label]);
        }
        let fallback = Retention { count: 0, unit: PeriodUnit::Days, from: RetentionEvent::Collected };
        let retention =
            section.string("retention").and_then(|text| period::read(&section, "retention", &text)).unwrap_or(fallback);
        if let Some(kind) = kind {
            let at = section.at;
            declared.kinds.push(KindDeclaration { kind, requirement, retention, reason, sources, at });
        }
        section.finish();
    }
}

fn groups(root: &mut Section<'_>, declared: &mut Declarations) {
    for mut section in need_all(root, declared, "groups", Some("30(1)(c)")) {
        section.need("id", None);
        let id = section.name_id("id");
        let name = needed_text(&mut section, "name", Some("30(1)(c)")).unwrap_or_default();
        let kinds = section.words("kinds");
        declared.groups.extend(id.map(|id| Group { id, name, kinds, at: section.at }));
        section.finish();
    }
}

fn sources(root: &mut Section<'_>, declared: &mut Declarations) {
    for mut section in need_all(root, declared, "sources", Some("14(2)(f)")) {
        for key in ["id", "strength"] {
            section.need(key, None);
        }
        for key in ["kind", "publicly_available"] {
            section.need(key, Some("14(2)(f)"));
        }
        let (id, kind) = (section.id("id"), section.word("kind"));
        let rank = section.integer("strength", 0..1001).and_then(|rank| u16::try_from(rank).ok());
        let publicly_available = section.boolean("publicly_available").unwrap_or_default();
        let name = needed_text(&mut section, "name", Some("14(2)(f)")).unwrap_or_default();
        if let (Some(id), Some(kind), Some(rank)) = (id, kind, rank) {
            declared.sources.push(Source { id, kind, rank, publicly_available, name, at: section.at });
        }
        section.finish();
    }
}

fn disclosure(root: &mut Section<'_>, declared: &mut Declarations) {
    if let Some(mut section) = need(root, declared, "disclosure", Some("13(1)(e)")) {
        section.need("grounds", Some("13(1)(e)"));
        declared.grounds = section.words("grounds");
        section.finish();
    }
    for mut section in root.sections("recipients") {
        section.need("id", None);
        section.need("ground", Some("13(1)(e)"));
        let (id, ground) = (section.name_id("id"), section.word("ground"));
        let name = needed_text(&mut section, "name", Some("13(1)(e)")).unwrap_or_default();
        let location = location(&mut section);
        if let (Some(id), Some(ground)) = (id, ground) {
            declared.recipients.push(Recipient { id, name, ground, location, at: section.at });
        }
        section.finish();
    }
    for mut section in root.sections("providers") {
        section.need("id", None);
        section.need("service", Some("13(1)(e)"));
        let (id, service) = (section.name_id("id"), section.word("service"));
        let name = needed_text(&mut section, "name", Some("13(1)(e)")).unwrap_or_default();
        let location = location(&mut section);
        if let (Some(id), Some(service)) = (id, service) {
            declared.providers.push(Provider { id, name, service, location, at: section.at });
        }
        section.finish();
    }
}

fn location(section: &mut Section<'_>) -> Location {
    section.need("country", Some("13(1)(f)"));
    let country = section.string("country").unwrap_or_else(|| "FI".to_owned());
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        section.report(section.spot("country"), Code::BadCountry, &[&country]);
    }
    Location { country, safeguard: section.word("safeguard"), necessity: section.text("necessity") }
}

fn transfers(root: &mut Section<'_>, declared: &mut Declarations) {
    let Some(mut section) = need(root, declared, "transfers", Some("13(1)(f)")) else { return };
    section.need("rule", Some("13(1)(f)"));
    let (rule, safeguards) = (section.word("rule"), section.words("safeguards"));
    declared.transfers = rule.map(|rule| Transfers { rule, safeguards });
    section.finish();
}

fn keeping(root: &mut Section<'_>, declared: &mut Declarations) {
    if let Some(mut section) = optional(root, declared, "archive") {
        section.need("months", None);
        section.need("after", None);
        let months = section.integer("months", 0..1201).and_then(|months| u16::try_from(months).ok());
        let after = section.word("after");
        declared.archive = months.zip(after).map(|(months, after)| ArchiveRule { months, after });
        section.finish();
    }
    if let Some(mut section) = need(root, declared, "erasure", Some("17(3)")) {
        section.need("obstacles", Some("17(3)"));
        declared.erasure_obstacles = section.words("obstacles");
        section.finish();
    }
}

fn publication(root: &mut Section<'_>, declared: &mut Declarations) {
    let Some(mut section) = optional(root, declared, "publication") else { return };
    section.need("forms", None);
    let publication = Publication { forms: section.words("forms"), opt_out: section.words("opt_out") };
    if publication.opt_out.is_empty() {
        section.report(section.at, Code::PublicationWithoutOptOut, &[]);
    }
    declared.publication = Some(publication);
    section.finish();
}

fn cookies(root: &mut Section<'_>, declared: &mut Declarations) {
    let Some(mut section) = optional(root, declared, "cookies") else { return };
    section.need("uses", None);
    let cookies = Cookies { uses: section.words("uses"), consent: section.boolean("consent").unwrap_or_default() };
    declared.cookies = Some(cookies);
    declared.texts.cookies = section.text("text");
    section.finish();
}

fn protection(root: &mut Section<'_>, declared: &mut Declarations) {
    let Some(mut section) = need(root, declared, "protection", Some("30(1)(g)")) else { return };
    declared.texts.paper = section.text("paper");
    declared.texts.electronic = needed_text(&mut section, "electronic", Some("30(1)(g)"));
    section.finish();
}

fn rights(root: &mut Section<'_>, declared: &mut Declarations) {
    if let Some(mut section) = need(root, declared, "rights", Some("13(2)(b)")) {
        declared.rights = section.words("granted");
        declared.texts.rights = section.text("text");
        declared.texts.withdrawal = section.text("withdrawal");
        section.finish();
    }
    if let Some(mut section) = need(root, declared, "complaint", Some("13(2)(d)")) {
        declared.authority_name = needed_text(&mut section, "authority", Some("13(2)(d)")).unwrap_or_default();
        declared.authority = reachable(&mut section, String::new());
        section.finish();
    }
    if let Some(mut section) = need(root, declared, "automated_decisions", Some("13(2)(f)")) {
        section.need("used", Some("13(2)(f)"));
        let used = section.boolean("used").unwrap_or_default();
        declared.automated = AutomatedDecisions { used, logic: section.text("logic") };
        section.finish();
    }
    if let Some(mut section) = need(root, declared, "breach", Some("34")) {
        declared.breach = section.words("notify");
        declared.texts.breach = section.text("text");
        section.finish();
    }
}

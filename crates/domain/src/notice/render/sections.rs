//! The sections of the notice, in their order. Every statement comes from the definition: what it does not declare is
//! not said.

use super::super::model::{Contact, Location, Text};
use super::super::standard::{Heading, Words, heading, statement, terms};
use super::super::words::{
    BreachNotice, CookieUse, DirectoryForm, ErasureObstacle, Ground, LegalBasis, OptOut, PeriodUnit, Requirement,
    Right, Service, TransferRule,
};
use super::super::{Notice, Publication};
use super::words::{date, either, in_sentence, say};
use super::{Block, Term};
use crate::language::Language;
use crate::usage::Activity;

/// All sections.
pub(super) fn blocks(notice: &Notice, language: Language) -> Vec<Block> {
    let mut page = Page { language, blocks: Vec::new() };
    controller(&mut page, notice);
    purposes(&mut page, notice);
    content(&mut page, notice);
    sources(&mut page, notice);
    disclosure(&mut page, notice);
    recipients(&mut page, notice);
    transfers(&mut page, notice);
    retention(&mut page, notice);
    protection(&mut page, notice);
    cookies(&mut page, notice);
    automated_decisions(&mut page, notice);
    rights(&mut page, notice);
    objection(&mut page, notice);
    withdrawal_and_complaint(&mut page, notice);
    breach(&mut page, notice);
    changes(&mut page, notice);
    page.blocks
}

/// The blocks written so far, and the language to go on in.
struct Page {
    language: Language,
    blocks: Vec<Block>,
}

impl Page {
    fn heading(&mut self, heading: Heading) {
        let text = heading.words.get(self.language).to_owned();
        self.blocks.push(Block::Heading { level: heading.level, id: heading.id, text });
    }

    fn paragraph(&mut self, words: Words) {
        self.blocks.push(Block::Paragraph(words.get(self.language).to_owned()));
    }

    fn filled(&mut self, words: Words, args: &[&str]) {
        self.blocks.push(Block::Paragraph(say(words, self.language, args)));
    }

    fn own(&mut self, text: Option<&Text>) {
        let paragraphs = text.map(|text| text.paragraphs(self.language)).unwrap_or_default();
        self.blocks.extend(paragraphs.into_iter().map(Block::Paragraph));
    }

    fn list(&mut self, items: Vec<String>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    fn terms(&mut self, terms: Vec<Term>) {
        if !terms.is_empty() {
            self.blocks.push(Block::Terms(terms));
        }
    }

    fn contact(&mut self, name: &str, contact: &Contact) {
        let reach: Vec<&str> = contact.phone.iter().chain(&contact.email).map(String::as_str).collect();
        let lines = [Some(name.to_owned()), contact.address.clone(), Some(reach.join(", ")), contact.website.clone()];
        let lines = lines.into_iter().flatten().filter(|line| !line.is_empty()).collect();
        self.blocks.push(Block::Lines(lines));
    }

    /// The values in vocabulary order, each as a text.
    fn named<V: Copy + PartialEq>(&self, all: &[V], chosen: &[V], words: impl Fn(V) -> Words) -> Vec<String> {
        let chosen = all.iter().filter(|value| chosen.contains(value));
        chosen.map(|value| words(*value).get(self.language).to_owned()).collect()
    }
}

fn covers(notice: &Notice, activity: Activity) -> bool {
    notice.purpose_for(activity).is_some()
}

fn controller(page: &mut Page, notice: &Notice) {
    let language = page.language;
    let with_id = |name: &str, id: Option<&str>| match id {
        Some(id) => say(statement::BUSINESS_ID, language, &[name, id]),
        None => name.to_owned(),
    };
    page.heading(heading::CONTROLLER);
    let controller = notice.controller();
    let id = controller.business_id.as_ref().map(|id| id.as_str());
    page.blocks.push(Block::Paragraph(with_id(&controller.name, id)));
    page.paragraph(statement::CONTACT);
    page.contact(&notice.contact().name, notice.contact());
    if let Some(officer) = notice.data_protection_officer() {
        page.paragraph(statement::DPO);
        page.contact(&officer.name, officer);
    }
    if notice.companies().len() > 1 {
        page.paragraph(statement::COMPANIES);
        let names = notice.companies().iter();
        page.list(names.map(|c| with_id(&c.name, c.business_id.as_ref().map(|id| id.as_str()))).collect());
    }
    page.own(notice.texts().joint_controllers.as_ref());

    page.heading(heading::NAME);
    let names = vec![notice.register_name(language).to_owned(), notice.group_name(language).to_owned()];
    page.blocks.push(Block::Lines(names));
}

fn purposes(page: &mut Page, notice: &Notice) {
    let language = page.language;
    page.heading(heading::PURPOSES);
    page.own(notice.texts().purposes.as_ref());
    if let Some(publication) = notice.publication() {
        publish(page, notice, publication);
    }
    page.heading(heading::BASES);
    let purposes = notice.purposes().iter().map(|purpose| {
        let mut details = purpose.text.as_ref().map(|text| text.paragraphs(language)).unwrap_or_default();
        details.push(say(statement::BASIS, language, &[terms::basis(purpose.basis).get(language)]));
        let interest = purpose.interest.as_ref().map(|text| text.paragraphs(language).join(" "));
        details.extend(interest.map(|interest| say(statement::INTEREST, language, &[&interest])));
        Term { name: purpose.name.get(language).to_owned(), details }
    });
    page.terms(purposes.collect());
}

fn publish(page: &mut Page, notice: &Notice, publication: &Publication) {
    let language = page.language;
    let forms = page.named(DirectoryForm::ALL, &publication.forms, terms::directory_form);
    let email = notice.contact().email.as_deref().unwrap_or_default();
    let ways = OptOut::ALL.iter().filter(|way| publication.opt_out.contains(way));
    let ways: Vec<_> = ways.map(|way| say(terms::opt_out(*way), language, &[email])).collect();
    page.filled(statement::PUBLICATION, &[&either(&forms, language), &either(&ways, language)]);
}

fn content(page: &mut Page, notice: &Notice) {
    let language = page.language;
    page.heading(heading::GROUPS);
    let groups = notice.groups().iter().map(|group| {
        let kinds = notice.kinds().iter().filter(|kind| group.kinds.contains(kind));
        let kinds: Vec<_> = kinds.map(|kind| in_sentence(terms::kind(kind).get(language))).collect();
        let name = group.name.get(language);
        if kinds.is_empty() { name.to_owned() } else { format!("{name}: {}", kinds.join(", ")) }
    });
    page.list(groups.collect());
    page.heading(heading::CONTENT);
    page.paragraph(statement::CONTENT);
    page.list(notice.kinds().iter().map(|kind| terms::kind(kind).get(language).to_owned()).collect());
    page.own(notice.texts().kinds.as_ref());
    requirement(page, notice);
}

/// Art. 13(2)(e).
fn requirement(page: &mut Page, notice: &Notice) {
    let language = page.language;
    let needed = |requirement| {
        let kinds = notice.kind_declarations().iter().filter(|kind| kind.requirement == requirement);
        let names: Vec<_> = kinds.map(|kind| in_sentence(terms::kind(kind.kind).get(language))).collect();
        names.join(", ")
    };
    let (contract, law) = (needed(Requirement::Contract), needed(Requirement::Law));
    if !contract.is_empty() {
        page.filled(statement::NEEDED_FOR_CONTRACT, &[&contract]);
    }
    if !law.is_empty() {
        page.filled(statement::NEEDED_BY_LAW, &[&law]);
    }
    let voluntary = !needed(Requirement::Voluntary).is_empty();
    match (contract.is_empty() && law.is_empty(), voluntary) {
        (true, _) => page.paragraph(statement::ALL_IS_VOLUNTARY),
        (false, true) => page.paragraph(statement::REST_IS_VOLUNTARY),
        (false, false) => {}
    }
}

fn sources(page: &mut Page, notice: &Notice) {
    let language = page.language;
    page.heading(heading::SOURCES);
    page.own(notice.texts().sources.as_ref());
    page.paragraph(statement::SOURCES);
    let sources = notice.sources().iter().map(|source| {
        let words = if source.publicly_available { statement::PUBLIC_SOURCE } else { statement::CLOSED_SOURCE };
        say(words, language, &[source.name.get(language)])
    });
    page.list(sources.collect());
}

fn disclosure(page: &mut Page, notice: &Notice) {
    let language = page.language;
    page.heading(heading::DISCLOSURE);
    let used: Vec<Service> = notice.providers().iter().map(|provider| provider.service).collect();
    let services = page.named(Service::ALL, &used, terms::service_aim);
    match services.len() {
        0 => page.paragraph(statement::OWN_USE),
        1 => page.filled(statement::OWN_USE_EXCEPT, &[&either(&services, language)]),
        _ => {
            let services = say(statement::EITHER_OR, language, &[&either(&services, language)]);
            page.filled(statement::OWN_USE_EXCEPT, &[&services]);
        }
    }
    match exceptions(page, notice.grounds()) {
        Some(exceptions) => page.filled(statement::NO_DISCLOSURE_EXCEPT, &[&exceptions]),
        None => page.paragraph(statement::NO_DISCLOSURE),
    }
    match notice.transfers().map(|transfers| transfers.rule) {
        Some(TransferRule::TechnicalNecessity) => page.paragraph(statement::TRANSFERS_BY_NECESSITY),
        Some(TransferRule::Never) | None => page.paragraph(statement::TRANSFERS_NEVER),
    }
    let obstacles = page.named(ErasureObstacle::ALL, notice.erasure_obstacles(), terms::obstacle);
    match notice.erasure_obstacles() {
        [] => page.paragraph(statement::ERASURE),
        some if some.contains(&ErasureObstacle::Law) => {
            page.filled(statement::ERASURE_UNLESS_LAW, &[&either(&obstacles, language)]);
        }
        _ => page.filled(statement::ERASURE_UNLESS, &[&either(&obstacles, language)]),
    }
    page.own(notice.texts().disclosure.as_ref());
}

/// The grounds as the exceptions of a sentence.
fn exceptions(page: &Page, grounds: &[Ground]) -> Option<String> {
    let language = page.language;
    let matters: Vec<_> = grounds.iter().copied().filter(|ground| *ground != Ground::LegalObligation).collect();
    let matters = page.named(Ground::ALL, &matters, terms::ground_of_matter);
    let by_law = grounds.contains(&Ground::LegalObligation).then(|| statement::LAW_OBLIGES.get(language).to_owned());
    let matters =
        (!matters.is_empty()).then(|| say(statement::IN_MATTERS_OF, language, &[&either(&matters, language)]));
    match (matters, by_law) {
        (Some(matters), Some(law)) => Some(say(statement::AS_WELL_AS, language, &[&matters, &law])),
        (matters, law) => matters.or(law),
    }
}

fn recipients(page: &mut Page, notice: &Notice) {
    let language = page.language;
    let term = |name: &Text, role: String, location: &Location| {
        let mut details = vec![role];
        details.extend(outside(location, language));
        Term { name: name.get(language).to_owned(), details }
    };
    let recipients = notice.recipients().iter().map(|recipient| {
        let ground = say(statement::GROUND, language, &[terms::ground(recipient.ground).get(language)]);
        term(&recipient.name, ground, &recipient.location)
    });
    let providers = notice.providers().iter().map(|provider| {
        let service = say(statement::SERVICE, language, &[terms::service(provider.service).get(language)]);
        term(&provider.name, service, &provider.location)
    });
    let all: Vec<Term> = recipients.chain(providers).collect();
    if !all.is_empty() {
        page.heading(heading::RECIPIENTS);
        page.terms(all);
    }
}

fn outside(location: &Location, language: Language) -> Vec<String> {
    if location.is_in_eea() {
        return Vec::new();
    }
    let safeguard = location.safeguard.map_or("", |safeguard| terms::safeguard(safeguard).get(language));
    let mut details = vec![say(statement::OUTSIDE_EEA, language, &[&location.country, safeguard])];
    let necessity = location.necessity.as_ref().map(|text| text.paragraphs(language).join(" "));
    details.extend(necessity.map(|necessity| say(statement::NECESSITY, language, &[&necessity])));
    details
}

/// Art. 13(1)(f).
fn transfers(page: &mut Page, notice: &Notice) {
    let Some(transfers) = notice.transfers().filter(|transfers| !transfers.safeguards.is_empty()) else { return };
    page.heading(heading::TRANSFERS);
    let safeguards: Vec<String> = transfers
        .safeguards
        .iter()
        .map(|safeguard| terms::safeguard(*safeguard).get(page.language).to_owned())
        .collect();
    page.filled(statement::SAFEGUARDS, &[&either(&safeguards, page.language)]);
    let mut locations =
        notice.recipients().iter().map(|r| &r.location).chain(notice.providers().iter().map(|p| &p.location));
    if locations.all(Location::is_in_eea) {
        page.paragraph(statement::NO_ONE_OUTSIDE_EEA);
    }
}

fn retention(page: &mut Page, notice: &Notice) {
    let language = page.language;
    page.heading(heading::RETENTION);
    page.paragraph(statement::RETENTION);
    let kinds = notice.kind_declarations().iter().map(|kind| {
        let name = terms::kind(kind.kind).get(language);
        let time = terms::retention(kind.retention, language);
        match &kind.reason {
            Some(reason) => format!("{name}: {time} ({})", reason.paragraphs(language).join(" ")),
            None => format!("{name}: {time}"),
        }
    });
    page.list(kinds.collect());
    if let Some(rule) = notice.archive_rule() {
        let time = terms::period(rule.months, PeriodUnit::Months, language);
        page.filled(statement::ARCHIVE, &[&time, terms::archive_event(rule.after).get(language)]);
    }
    page.own(notice.texts().retention.as_ref());
}

fn protection(page: &mut Page, notice: &Notice) {
    page.heading(heading::PROTECTION);
    let texts = notice.texts();
    for (heading, text) in [(heading::PAPER, &texts.paper), (heading::ELECTRONIC, &texts.electronic)] {
        if text.is_some() {
            page.heading(heading);
            page.own(text.as_ref());
        }
    }
}

fn cookies(page: &mut Page, notice: &Notice) {
    page.heading(heading::COOKIES);
    let Some(cookies) = notice.cookies().filter(|cookies| !cookies.uses.is_empty()) else {
        page.paragraph(statement::NO_COOKIES);
        return;
    };
    page.paragraph(statement::COOKIES);
    page.list(page.named(CookieUse::ALL, &cookies.uses, terms::cookie));
    if cookies.consent {
        page.paragraph(statement::COOKIE_CONSENT);
    }
    page.own(notice.texts().cookies.as_ref());
}

/// Art. 13(2)(f).
fn automated_decisions(page: &mut Page, notice: &Notice) {
    page.heading(heading::AUTOMATED);
    if notice.automated_decisions().used {
        page.paragraph(statement::AUTOMATED_DECISIONS);
        page.own(notice.automated_decisions().logic.as_ref());
    } else {
        page.paragraph(statement::NO_AUTOMATED_DECISIONS);
    }
}

fn rights(page: &mut Page, notice: &Notice) {
    page.heading(heading::RIGHTS);
    page.list(page.named(Right::ALL, notice.rights(), terms::right));
    page.paragraph(statement::HOW_TO_USE_RIGHTS);
    page.own(notice.texts().rights.as_ref());
}

/// Art. 21(4): apart from other information.
fn objection(page: &mut Page, notice: &Notice) {
    let by_interest = notice
        .purposes()
        .iter()
        .any(|purpose| matches!(purpose.basis, LegalBasis::LegitimateInterest | LegalBasis::PublicTask));
    let marketing = [Activity::Marketing, Activity::Directory].into_iter().any(|activity| covers(notice, activity));
    if by_interest || marketing {
        page.heading(heading::OBJECTION);
    }
    if by_interest {
        page.paragraph(statement::OBJECTION);
    }
    if marketing {
        page.paragraph(statement::MARKETING_OBJECTION);
    }
}

fn withdrawal_and_complaint(page: &mut Page, notice: &Notice) {
    if notice.purposes().iter().any(|purpose| purpose.basis == LegalBasis::Consent) {
        page.heading(heading::WITHDRAWAL);
        page.paragraph(statement::WITHDRAWAL);
        page.own(notice.texts().withdrawal.as_ref());
    }
    page.heading(heading::COMPLAINT);
    page.paragraph(statement::COMPLAINT);
    page.contact(notice.authority_name(page.language), notice.authority());
}

fn breach(page: &mut Page, notice: &Notice) {
    page.heading(heading::BREACH);
    page.list(page.named(BreachNotice::ALL, notice.breach_notices(), terms::breach_notice));
    page.paragraph(statement::BREACH);
    page.own(notice.texts().breach.as_ref());
}

fn changes(page: &mut Page, notice: &Notice) {
    page.heading(heading::CHANGES);
    let version = notice.version().to_string();
    let date = date(notice.date(), page.language);
    page.filled(statement::VERSION, &[&version, &date]);
}

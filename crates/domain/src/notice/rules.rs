//! What Art. 13-14 and the notice's own statements ask of the whole: what is missing between sections, and what
//! contradicts what. Slips inside one section are found where it is read (`read`).

use super::model::{Declarations, Location, PurposeDeclaration};
use super::problem::{Code, Spot};
use super::section::Sink;
use super::words::{BreachNotice, CookieUse, LegalBasis, OptOut, RetentionEvent, Right, TransferRule};
use crate::kind::Kind;
use crate::usage::Activity;

type Rule = fn(&Declarations, &Sink);

const RULES: [Rule; 13] = [
    no_id_twice,
    companies_have_an_arrangement,
    consent_can_be_withdrawn,
    activities_are_covered_once,
    references_are_declared,
    orders_and_their_rules_go_together,
    grounds_and_recipients_agree,
    transfers_have_safeguards,
    publication_can_be_forbidden,
    cookies_have_consent,
    credit_is_counted_from_its_decision,
    rights_are_complete,
    automated_decisions_are_explained,
];

/// Reports what each rule finds.
pub(super) fn judge(declared: &Declarations, sink: &Sink) {
    for rule in RULES {
        rule(declared, sink);
    }
}

fn repeated<T: PartialEq + ToString>(section: &str, items: impl IntoIterator<Item = (T, Spot)>, sink: &Sink) {
    let mut seen: Vec<T> = Vec::new();
    for (id, at) in items {
        if seen.contains(&id) {
            sink.report(at, Code::Duplicate, &[section, &id.to_string()]);
        } else {
            seen.push(id);
        }
    }
}

fn no_id_twice(declared: &Declarations, sink: &Sink) {
    let companies = declared.companies.iter().zip(&declared.company_spots);
    repeated("companies", companies.map(|(company, at)| (company.id.as_str(), *at)), sink);
    repeated("purposes", declared.purposes.iter().map(|x| (x.id.as_str(), x.at)), sink);
    repeated("kinds", declared.kinds.iter().map(|x| (x.kind, x.at)), sink);
    repeated("groups", declared.groups.iter().map(|x| (x.id.as_str(), x.at)), sink);
    repeated("sources", declared.sources.iter().map(|x| (x.id.as_str(), x.at)), sink);
    repeated("recipients", declared.recipients.iter().map(|x| (x.id.as_str(), x.at)), sink);
    repeated("providers", declared.providers.iter().map(|x| (x.id.as_str(), x.at)), sink);
}

fn companies_have_an_arrangement(declared: &Declarations, sink: &Sink) {
    if declared.companies.len() > 1 && declared.texts.joint_controllers.is_none() {
        sink.report(declared.spots.of("controller"), Code::NoArrangement, &[]);
    }
}

fn consent_can_be_withdrawn(declared: &Declarations, sink: &Sink) {
    if declared.texts.withdrawal.is_some() {
        return;
    }
    for purpose in declared.purposes.iter().filter(|purpose| purpose.basis == LegalBasis::Consent) {
        sink.report(purpose.at, Code::NoWithdrawal, &[purpose.id.as_str()]);
    }
}

fn covering(declared: &Declarations, activity: Activity) -> impl Iterator<Item = &PurposeDeclaration> {
    declared.purposes.iter().filter(move |purpose| purpose.activities.contains(&activity))
}

fn activities_are_covered_once(declared: &Declarations, sink: &Sink) {
    for activity in Activity::ALL {
        let mut purposes = covering(declared, activity);
        match (purposes.next(), purposes.next()) {
            (Some(first), Some(second)) => {
                let args = [activity.as_str(), first.id.as_str(), second.id.as_str()];
                sink.report(second.at, Code::AmbiguousActivity, &args);
            }
            // Without these two the program could neither keep the register nor publish the notice.
            (None, _) if matches!(activity, Activity::RegisterMaintenance | Activity::Accountability) => {
                sink.report(declared.spots.of("purposes"), Code::UncoveredActivity, &[activity.as_str()]);
            }
            _ => {}
        }
    }
}

fn references_are_declared(declared: &Declarations, sink: &Sink) {
    for kind in &declared.kinds {
        let undeclared = kind.sources.iter().filter(|id| !declared.sources.iter().any(|source| source.id == **id));
        for id in undeclared {
            sink.report(kind.at, Code::UndeclaredSource, &[id.as_str()]);
        }
    }
    for group in &declared.groups {
        for kind in group.kinds.iter().filter(|kind| !declared.kinds.iter().any(|found| found.kind == **kind)) {
            sink.report(group.at, Code::UndeclaredKind, &[kind.as_str(), &group.id]);
        }
    }
}

fn orders_and_their_rules_go_together(declared: &Declarations, sink: &Sink) {
    let has_orders = declared.kinds.iter().any(|kind| kind.kind == Kind::Orders);
    let archives = covering(declared, Activity::Archiving).next().is_some();
    if has_orders && archives && declared.archive.is_none() {
        sink.report(Spot::default(), Code::NoArchiveRule, &[]);
    }
    if has_orders {
        return;
    }
    if declared.archive.is_some() {
        sink.report(declared.spots.of("archive"), Code::RuleWithoutOrders, &["archive"]);
    }
    for kind in declared.kinds.iter().filter(|kind| kind.retention.from == RetentionEvent::LastOrder) {
        sink.report(kind.at, Code::RuleWithoutOrders, &[&kind.retention.to_string()]);
    }
}

fn grounds_and_recipients_agree(declared: &Declarations, sink: &Sink) {
    for recipient in declared.recipients.iter().filter(|recipient| !declared.grounds.contains(&recipient.ground)) {
        sink.report(recipient.at, Code::UndeclaredGround, &[&recipient.id, recipient.ground.as_str()]);
    }
    for ground in &declared.grounds {
        if !declared.recipients.iter().any(|recipient| recipient.ground == *ground) {
            sink.report(declared.spots.of("disclosure"), Code::NoRecipient, &[ground.as_str()]);
        }
    }
}

fn transfers_have_safeguards(declared: &Declarations, sink: &Sink) {
    let Some(transfers) = &declared.transfers else { return };
    let never = transfers.rule == TransferRule::Never;
    match (never, transfers.safeguards.is_empty()) {
        (false, true) => sink.report(declared.spots.of("transfers"), Code::NoSafeguards, &[]),
        (true, false) => sink.report(declared.spots.of("transfers"), Code::NeedlessSafeguards, &[]),
        _ => {}
    }
    let recipients = declared.recipients.iter().map(|x| (&x.id, &x.location, x.at));
    let providers = declared.providers.iter().map(|x| (&x.id, &x.location, x.at));
    let outside = |location: &Location| !location.is_in_eea();
    for (id, location, at) in recipients.chain(providers).filter(|(_, location, _)| outside(location)) {
        let args = [id.as_str(), location.country.as_str()];
        if never {
            sink.report(at, Code::TransferForbidden, &args);
            continue;
        }
        if location.safeguard.is_none_or(|safeguard| !transfers.safeguards.contains(&safeguard)) {
            sink.report(at, Code::NoSafeguard, &args);
        }
        if location.necessity.is_none() {
            sink.report(at, Code::NoNecessity, &args);
        }
    }
}

fn publication_can_be_forbidden(declared: &Declarations, sink: &Sink) {
    let purpose = covering(declared, Activity::Directory).next();
    match (&declared.publication, purpose) {
        (None, Some(purpose)) => {
            sink.report(purpose.at, Code::DirectoryWithoutPublication, &[purpose.id.as_str()]);
        }
        (Some(_), None) => sink.report(declared.spots.of("publication"), Code::PublicationWithoutPurpose, &[]),
        _ => {}
    }
    let by_email =
        declared.publication.as_ref().is_some_and(|publication| publication.opt_out.contains(&OptOut::Email));
    if by_email && declared.contact.email.is_none() {
        sink.report(declared.spots.of("publication"), Code::OptOutWithoutEmail, &[]);
    }
}

fn cookies_have_consent(declared: &Declarations, sink: &Sink) {
    let Some(cookies) = &declared.cookies else { return };
    let beyond = cookies.uses.iter().any(|cookie| *cookie != CookieUse::Necessary);
    if beyond && !cookies.consent {
        sink.report(declared.spots.of("cookies"), Code::CookiesWithoutConsent, &[]);
    }
}

/// Whoever applies for credit may never order anything: what a customer does later can not end the period.
fn credit_is_counted_from_its_decision(declared: &Declarations, sink: &Sink) {
    for kind in declared.kinds.iter().filter(|kind| kind.kind == Kind::Credit) {
        let from = kind.retention.from;
        if !matches!(from, RetentionEvent::Collected | RetentionEvent::FinancialYearEnd) {
            sink.report(kind.at, Code::CreditCountedElsewhere, &[from.as_str()]);
        }
    }
}

fn rights_are_complete(declared: &Declarations, sink: &Sink) {
    for right in Right::ALL.iter().filter(|right| !declared.rights.contains(right)) {
        sink.report(declared.spots.of("rights"), Code::MissingRight, &[right.as_str()]);
    }
    for notice in BreachNotice::ALL.iter().filter(|notice| !declared.breach.contains(notice)) {
        sink.report(declared.spots.of("breach"), Code::MissingBreachNotice, &[notice.as_str()]);
    }
}

fn automated_decisions_are_explained(declared: &Declarations, sink: &Sink) {
    let at = declared.spots.of("automated_decisions");
    match (declared.automated.used, declared.automated.logic.is_some()) {
        (true, false) => sink.report(at, Code::NoLogic, &[]),
        (false, true) => sink.report(at, Code::NeedlessLogic, &[]),
        _ => {}
    }
}

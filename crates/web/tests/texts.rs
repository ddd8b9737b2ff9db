//! Every text is there in every language with the same values, and every text that is asked for is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use seloste_domain::company_register::Part;
use seloste_domain::disclosure::{Basis, DisclosureRefused};
use seloste_domain::existing_customer::NotExisting;
use seloste_domain::invoice::InvoiceState;
use seloste_domain::kind::Kind;
use seloste_domain::mail::{MailState, Template, Trouble};
use seloste_domain::notice::Safeguard;
use seloste_domain::order::OrderState;
use seloste_domain::prohibition::{ProhibitionKind, Way};
use seloste_domain::restriction::{EXCEPTED, ExceptionGround, RestrictionGround, Told};
use seloste_domain::rights::{AccountState, Action, Role};
use seloste_domain::value::Label;
use seloste_domain::vat::Treatment;
use seloste_domain::{
    collection, consent, cookie, credit, erasure, feed, hold, import, partner, payment, recall, rectification,
    reminder, request,
};
use seloste_web::text::{FILES, key};

/// The keys of a file with the names of their values.
#[expect(clippy::panic, reason = "a file that can not be read is a failed test")]
fn keys(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut keys = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let mut names = BTreeSet::new();
        message.value.iter().for_each(|pattern| names_in(pattern, &mut names));
        assert!(keys.insert(message.id.name.to_owned(), names).is_none(), "{} stands twice", message.id.name);
    }
    keys
}

fn names_in(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let selector = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                variants.iter().for_each(|variant| names_in(&variant.value, names));
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = selector {
            names.insert(id.name.to_owned());
        }
    }
}

#[test]
fn the_languages_have_the_same_texts_and_values() {
    let [fi, sv, en] = FILES.map(|(_, text)| keys(text));
    for (language, other) in [("sv", &sv), ("en", &en)] {
        let missing: Vec<_> = fi.keys().filter(|key| !other.contains_key(*key)).collect();
        let more: Vec<_> = other.keys().filter(|key| !fi.contains_key(*key)).collect();
        assert!(missing.is_empty() && more.is_empty(), "{language}: missing {missing:?}, more {more:?}");
        for (key, names) in &fi {
            assert_eq!(names, &other[key], "{language}: values of {key}");
        }
    }
}

/// Calls with a key that is written out, and keys that stand in tables.
const CALLS: [&str; 9] = [
    "s.text(\"",
    "t.get(\"",
    ".arg(\"",
    ".count(\"",
    "(\"nav-",
    ", \"problem-",
    "&who, \"nav-",
    " page(\"",
    "Kind::Tags, \"",
];

#[test]
fn every_text_asked_for_is_there() {
    let known = keys(FILES[0].1);
    let mut asked = BTreeSet::new();
    for folder in ["src", "templates"] {
        each_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut |text| {
            for call in CALLS {
                let prefix = call.rsplit('"').next().unwrap_or_default();
                let found = text.match_indices(call).filter_map(|(at, _)| text[at + call.len()..].split('"').next());
                asked.extend(found.map(|rest| format!("{prefix}{rest}")));
            }
        });
    }
    let problems: Vec<_> = asked
        .iter()
        .filter(|key| key.starts_with("problem-") && !key.ends_with("-help"))
        .map(|key| format!("{key}-help"))
        .collect();
    assert!(problems.len() > 10 && asked.len() > 200, "only {} and {} were found", problems.len(), asked.len());
    let missing: Vec<_> = asked.into_iter().chain(problems).filter(|key| !known.contains_key(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[expect(clippy::unwrap_used, reason = "a folder of the source that is not there is a failed test")]
fn each_file(folder: &Path, each: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, each);
        } else {
            each(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn words<T: std::fmt::Display>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn every_closed_list_is_named() {
    let known = keys(FILES[0].1);
    let mut wanted: Vec<String> = seloste_domain::field::code::ALL.iter().map(|code| (*code).to_owned()).collect();
    wanted.extend(Kind::ALL.iter().map(|kind| key("kind", kind.as_str())));
    wanted.extend(Label::ALL.iter().map(|label| key("label", label.as_str())));
    wanted.extend(Role::ALL.iter().map(|role| key("role", role.as_str())));
    wanted.extend(OrderState::ALL.iter().map(|state| key("state", state.as_str())));
    wanted.extend(InvoiceState::ALL.iter().map(|state| key("invoice-state", state.as_str())));
    wanted.extend(Treatment::ALL.iter().map(|treatment| key("treatment", treatment.as_str())));
    wanted.extend(AccountState::ALL.iter().map(|state| key("account", state.as_str())));
    wanted.extend(MailState::ALL.iter().map(|state| key("mail", state.as_str())));
    wanted.extend(Template::ALL.iter().map(|template| key("mail", template.as_str())));
    wanted.extend(Trouble::ALL.iter().map(|trouble| key("trouble", trouble.as_str())));
    wanted.extend(payment::Reason::ALL.iter().map(|reason| key("payment-reason", reason.as_str())));
    wanted.extend(payment::Placing::ALL.iter().map(|placing| key("placing", placing.as_str())));
    wanted.extend(payment::MatchedBy::ALL.iter().map(|by| key("matched", by.as_str())));
    wanted.extend(payment::PaymentState::ALL.iter().map(|state| key("payment-state", state.as_str())));
    wanted.extend(seloste_payments::Problem::ALL.iter().map(|problem| problem.key().to_owned()));
    wanted.extend(collection::DebtEventKind::ALL.iter().map(|kind| key("debt-event", kind.as_str())));
    wanted.extend(collection::CollectionState::ALL.iter().map(|state| key("collection-state", state.as_str())));
    wanted.extend(reminder::ReminderKind::ALL.iter().map(|kind| key("reminder-kind", kind.as_str())));
    wanted.extend(reminder::FeeChoice::ALL.iter().map(|choice| key("fee-choice", choice.as_str())));
    wanted.extend(reminder::FeeReason::ALL.iter().map(|reason| key("fee-reason", reason.as_str())));
    wanted.extend(hold::HoldGround::ALL.iter().map(|ground| key("hold", ground.as_str())));
    for prefix in ["hold-why", "hold-until"] {
        wanted.extend(hold::HoldGround::ALL.iter().map(|ground| key(prefix, ground.as_str())));
    }
    wanted.extend(erasure::Part::ALL.iter().map(|part| key("erasure-part", part.as_str())));
    wanted.extend(feed::Place::ALL.iter().map(|place| key("feed-place", place.as_str())));
    wanted.extend(feed::RunState::ALL.iter().map(|state| key("feed-run", state.as_str())));
    wanted.extend(feed::Trouble::ALL.iter().map(|trouble| key("feed-trouble", trouble.as_str())));
    wanted.extend(credit::ApplicationState::ALL.iter().map(|state| key("credit-state", state.as_str())));
    wanted.extend(credit::Channel::ALL.iter().map(|channel| key("credit-channel", channel.as_str())));
    wanted.extend(credit::EnquiryState::ALL.iter().map(|state| key("credit-enquiry", state.as_str())));
    wanted.extend(credit::Method::ALL.iter().map(|method| key("credit-method", method.as_str())));
    wanted.extend(credit::Finding::ALL.iter().map(|finding| key("credit-finding", finding.as_str())));
    wanted.extend(credit::Proposal::ALL.iter().map(|proposal| key("credit-proposal", proposal.as_str())));
    wanted.extend(credit::Outcome::ALL.iter().map(|outcome| key("credit-outcome", outcome.as_str())));
    wanted.extend(credit::Trouble::ALL.iter().map(|trouble| key("credit-trouble", trouble.as_str())));
    wanted.extend(Part::ALL.iter().map(|part| key("company-register-part", part.as_str())));
    wanted.extend(import::code::ALL.iter().map(|code| (*code).to_owned()));
    wanted.extend(ProhibitionKind::ALL.iter().map(|kind| key("prohibition", kind.as_str())));
    wanted.extend(consent::ConsentWay::ALL.iter().map(|way| key("consent-way", way.as_str())));
    wanted.extend(consent::GivenBy::ALL.iter().map(|by| key("consent-given-by", by.as_str())));
    wanted.extend(NotExisting::ALL.iter().map(|why| key("existing", why.as_str())));
    wanted.extend(Way::ALL.iter().map(|way| key("way", way.as_str())));
    wanted.extend(RestrictionGround::ALL.iter().map(|ground| key("restriction", ground.as_str())));
    wanted.extend(ExceptionGround::ALL.iter().map(|ground| key("exception", ground.as_str())));
    wanted.extend(Told::ALL.iter().map(|told| key("told", told.as_str())));
    wanted.extend(EXCEPTED.iter().map(|activity| key("activity", activity.as_str())));
    wanted.extend(Action::ALL.iter().map(|action| key("action", action.as_str())));
    for (prefix, all) in [
        ("partner-role", words(partner::Role::ALL)),
        ("partner-interface", words(partner::Interface::ALL)),
        ("partner-people", words(partner::People::ALL)),
        ("partner-item", words(partner::ContractItem::ALL)),
        ("partner-returned", words(partner::Returned::ALL)),
        ("recall-reason", words(recall::Reason::ALL)),
        ("recall-letter", words(recall::Reason::ALL)),
        ("recall-state", words(recall::RecallState::ALL)),
        ("request-kind", words(request::RequestKind::ALL)),
        ("request-channel", words(request::Channel::ALL)),
        ("request-state", words(request::RequestState::ALL)),
        ("request-next", words(request::Next::ALL)),
        ("request-event", words(request::EventKind::ALL)),
        ("cookie-kind", words(cookie::EventKind::ALL)),
        ("identity", words(request::IdentityCheck::ALL)),
        ("refusal", words(request::RefusalGround::ALL)),
        ("correction-rule", words(rectification::Rule::ALL)),
    ] {
        wanted.extend(all.iter().map(|word| key(prefix, word)));
    }
    wanted.extend(Basis::ALL.iter().map(|basis| key("disclosure-basis", basis.as_str())));
    wanted.extend(Safeguard::ALL.iter().map(|known| key("safeguard", known.as_str())));
    for code in DisclosureRefused::CODES {
        wanted.extend([code.to_owned(), format!("{code}-help")]);
    }
    let parts = seloste_ops::access::TABLES.iter().filter_map(|table| table.part.as_ref().ok());
    for part in parts {
        wanted.push(key("access-part", part.name));
        let told = part.columns.iter().filter(|(_, by)| seloste_ops::access::is_told(*by));
        wanted.extend(told.map(|(column, _)| key("access-field", column.strip_suffix("_id").unwrap_or(column))));
    }
    let missing: Vec<_> = wanted.into_iter().filter(|key| !known.contains_key(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What a message may show, by the code's own definition: never what was given.
#[test]
fn texts_of_field_errors_show_limits_only() {
    for (key, names) in keys(FILES[0].1).iter().filter(|(key, _)| key.starts_with("error-")) {
        for name in names {
            assert!(["max", "min"].contains(&name.as_str()), "{key}: {name}");
        }
    }
}

//! Every problem that a notice can have, made once in the example and found: with its line, its article and its advice.

use std::collections::BTreeSet;

use proptest::prelude::*;
use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::notice::{self, Code, Notice, Severity, render, without_kind};

const EXAMPLE: &str = include_str!("../../../examples/arjasmaa/notice.toml");

fn changed(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "the example has no `{from}`");
    EXAMPLE.replacen(from, to, 1)
}

/// What is done to the example: the first text is replaced by the second; the problem that comes of it; and what the
/// line of the problem begins with.
type Row = (&'static str, &'static str, Code, &'static str);

const SLIPS: &[Row] = &[
    ("[controller]\n", "[controller\n", Code::Syntax, "[controller"),
    ("[register]", "[register]\nshoe_size = 1", Code::UnknownKey, "shoe_size"),
    ("after = \"invoiced\"", "aftr = \"invoiced\"", Code::MisspelledKey, "aftr"),
    ("basis = \"contract\"", "basis = \"because\"", Code::UnknownWord, "basis"),
    ("basis = \"contract\"", "basis = \"contrac\"", Code::MisspelledWord, "basis"),
    ("\"invoicing\", \"legal", "\"invoicin\", \"legal", Code::MisspelledWord, "grounds"),
    ("months = 24", "months = \"24\"", Code::WrongType, "months"),
    ("date = 2026-11-01", "date = \"2026-11-01\"", Code::WrongType, "date"),
    ("date = 2026-11-01", "date = 2026-11-01T10:00:00Z", Code::WrongType, "date"),
    ("[archive]\nmonths = 24\nafter = \"invoiced\"", "[[archive]]\nmonths = 24", Code::WrongType, "[[archive"),
    ("version = 1", "version = 0", Code::OutOfRange, "version"),
    ("strength = 90", "strength = -1", Code::OutOfRange, "strength"),
    ("id = \"palvelut\"", "id = \"Palvelut Oy\"", Code::BadIdentifier, "id"),
    ("\"2 years after representation_end\"", "\"forever\"", Code::BadPeriod, "retention"),
    ("\"2 years after representation_end\"", "\"0 years after last_order\"", Code::BadPeriod, "retention"),
    ("\"2 years after representation_end\"", "\"2 yeras after last_order\"", Code::MisspelledWord, "retention"),
    ("country = \"FI\"", "country = \"Suomi\"", Code::BadCountry, "country"),
    ("\"1234567-1\"", "\"1234567-8\"", Code::BadBusinessId, "business_id"),
    ("email = \"tietosuoja@arjasmaa.example.com\"", "email = \"tietosuoja\"", Code::BadEmail, "email"),
    ("name = \"Aino Esimerkki\"", "name = \" \"", Code::Empty, "name"),
    ("name.fi = \"Perintätoimisto\"\n", "", Code::NoFinnish, "name.sv"),
    ("name.sv = \"Inkassobyrå\"\n", "", Code::NotTranslated, "name.fi"),
];

const CONTENT: &[Row] = &[
    ("version = 1\n", "", Code::Missing, "#"),
    ("after = \"invoiced\"\n", "", Code::Missing, "[archive]"),
    ("id = \"palvelut\"", "id = \"arjasmaa\"", Code::Duplicate, "[[companies]]"),
    ("kind = \"telephone\"", "kind = \"email\"", Code::Duplicate, "[[kinds]]"),
    ("\"open_invoices\"", "\"law\"", Code::Repeated, "obstacles"),
    ("company = \"arjasmaa\"", "company = \"arjasma\"", Code::UndeclaredCompany, "company"),
    ("kind = \"email\"\n", "kind = \"email\"\nsources = [\"gossip\"]\n", Code::UndeclaredSource, "[[kinds]]"),
    ("[controller.arrangement]", "[texts.kinds]", Code::NoArrangement, "[controller]"),
    ("basis = \"contract\"\n", "", Code::NoBasis, "[[purposes]]"),
    ("basis = \"contract\"", "basis = \"legitimate_interest\"", Code::NoInterest, "[[purposes]]"),
    ("basis = \"legitimate_interest\"", "basis = \"contract\"", Code::NeedlessInterest, "interest"),
    ("activities = [\"orders\", \"invoicing\"]\n", "", Code::NoActivity, "[[purposes]]"),
    ("[\"marketing\"]", "[\"marketing\", \"orders\"]", Code::AmbiguousActivity, "[[purposes]]"),
    ("\"register_maintenance\", ", "", Code::UncoveredActivity, "[[purposes]]"),
    ("activities = [\"accountability\"]", "activities = []", Code::UncoveredActivity, "[[purposes]]"),
    ("retention = \"3 years after last_order\"\n", "", Code::NoRetention, "[[kinds]]"),
    ("kind = \"orders\"\n", "kind = \"email\"\n", Code::RuleWithoutOrders, "[archive]"),
    ("[archive]\nmonths = 24\nafter = \"invoiced\"\n", "", Code::NoArchiveRule, "#"),
    ("\"collection\", \"invoicing\"", "\"invoicing\"", Code::UndeclaredGround, "[[recipients]]"),
    ("ground = \"collection\"", "ground = \"invoicing\"", Code::NoRecipient, "[disclosure]"),
    ("rule = \"technical_necessity\"", "rule = \"never\"", Code::NeedlessSafeguards, "[transfers]"),
    ("safeguards = [\"adequacy_decision\", \"standard_clauses\"]", "", Code::NoSafeguards, "[transfers]"),
    ("country = \"FI\"", "country = \"US\"", Code::NoSafeguard, "[[recipients]]"),
    ("country = \"FI\"", "country = \"US\"\nsafeguard = \"binding_rules\"", Code::NoSafeguard, "[[recipients]]"),
    ("country = \"FI\"", "country = \"US\"\nsafeguard = \"standard_clauses\"", Code::NoNecessity, "[[recipients]]"),
    ("opt_out = [\"customer_service\", \"email\", \"contact\"]\n", "", Code::PublicationWithoutOptOut, "[publication]"),
    ("email = \"tietosuoja@arjasmaa.example.com\"\n", "", Code::OptOutWithoutEmail, "[publication]"),
    (
        "[publication]\nforms = [\"electronic\", \"printed\"]\nopt_out = [\"customer_service\", \"email\", \"contact\"]\n",
        "",
        Code::DirectoryWithoutPublication,
        "[[purposes]]",
    ),
    ("activities = [\"directory\"]", "activities = []", Code::PublicationWithoutPurpose, "[publication]"),
    ("consent = true\n", "", Code::CookiesWithoutConsent, "[cookies]"),
    ("2 years after collected", "2 years after last_order", Code::CreditCountedElsewhere, "[[kinds]]"),
    ("\"erasure\", ", "", Code::MissingRight, "[rights]"),
    ("notify = [\"authority\", ", "notify = [", Code::MissingBreachNotice, "[breach]"),
    ("used = false", "used = true", Code::NoLogic, "[automated_decisions]"),
    (
        "used = false",
        "used = false\nlogic.fi = \"a\"\nlogic.sv = \"a\"\nlogic.en = \"a\"",
        Code::NeedlessLogic,
        "[automated",
    ),
];

/// Those that need more than one change of the example.
fn composed() -> Vec<(String, Code, &'static str)> {
    let unreachable = changed("phone = \"09 1234 5678\"\nemail = \"tietosuoja@arjasmaa.example.com\"\n", "").replacen(
        "address = \"Esimerkkikatu 1, 00100 Helsinki\"\n",
        "",
        1,
    );
    let withdrawal: String =
        EXAMPLE.lines().filter(|line| !line.starts_with("withdrawal")).map(|l| format!("{l}\n")).collect();
    let never = changed("rule = \"technical_necessity\"\n", "rule = \"never\"\n").replacen(
        "country = \"FI\"",
        "country = \"GB\"",
        1,
    );
    vec![
        (unreachable, Code::Unreachable, "[contact]"),
        (withdrawal, Code::NoWithdrawal, "[[purposes]]"),
        (never, Code::TransferForbidden, "[[recipients]]"),
        (without_kind(EXAMPLE, Kind::Email), Code::UndeclaredKind, "[[groups]]"),
        (format!("# {}", "a".repeat(1 << 20)), Code::TooLarge, "#"),
    ]
}

fn cases() -> Vec<(String, Code, &'static str)> {
    let rows = SLIPS.iter().chain(CONTENT);
    rows.map(|(from, to, code, line)| (changed(from, to), *code, *line)).chain(composed()).collect()
}

#[test]
fn each_problem_is_found_at_its_line() {
    for (text, code, begins) in cases() {
        let problems = notice::check(&text);
        let found: Vec<_> = problems.iter().filter(|problem| problem.code == code).collect();
        assert!(!found.is_empty(), "{code:?} is not found: {problems:#?}");
        let lines: Vec<_> =
            found.iter().map(|problem| text.lines().nth(problem.line - 1).unwrap_or_default()).collect();
        assert!(lines.iter().any(|line| line.starts_with(begins)), "{code:?} stands at {lines:?}, not at {begins}");
        let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
        assert_eq!(Notice::parse(&text).is_err(), refused, "{code:?}");
    }
}

#[test]
fn every_code_has_a_case() {
    let tried: BTreeSet<Code> = cases().into_iter().map(|(_, code, _)| code).collect();
    let missing: Vec<_> = Code::ALL.iter().filter(|code| !tried.contains(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_message_is_filled_in_every_language() {
    for (text, code, _) in cases() {
        for problem in notice::check(&text).iter().filter(|problem| problem.code == code) {
            let messages: BTreeSet<_> = Language::ALL.iter().map(|language| problem.message(*language)).collect();
            assert_eq!(messages.len(), 3, "{code:?} is not translated");
            for message in messages {
                assert!(!message.contains("{0}") && !message.contains("{1}") && !message.contains("{2}"), "{message}");
                assert!(message.chars().all(|c| c != '\n'), "{message}");
            }
        }
    }
}

/// The rows of Art. 13 and 14: leaving the item out names the article.
#[test]
fn each_item_of_the_law_that_is_left_out_is_named_by_its_article() {
    let rows = [
        ("[controller]", "controller", "13(1)(a)"),
        ("[contact]", "contact", "13(1)(a)"),
        ("[[purposes]]", "purposes", "13(1)(c)"),
        ("[[kinds]]", "kinds", "14(1)(d)"),
        ("[[sources]]", "sources", "14(2)(f)"),
        ("[disclosure]", "disclosure", "13(1)(e)"),
        ("[transfers]", "transfers", "13(1)(f)"),
        ("[rights]", "rights", "13(2)(b)"),
        ("[complaint]", "complaint", "13(2)(d)"),
        ("[automated_decisions]", "automated_decisions", "13(2)(f)"),
        ("[breach]", "breach", "34"),
        ("[[groups]]", "groups", "30(1)(c)"),
        ("[protection", "protection", "30(1)(g)"),
        ("[erasure]", "erasure", "17(3)"),
    ];
    for (header, key, article) in rows {
        assert!(EXAMPLE.contains(header), "{header}");
        let mut document: toml_edit::DocumentMut = EXAMPLE.parse().unwrap();
        document.remove(key).unwrap();
        let problems = notice::check(&document.to_string());
        let named = problems.iter().any(|p| p.code == Code::Missing && p.args[0] == key && p.article == Some(article));
        assert!(named, "{key} is not missed by Art. {article}: {problems:#?}");
    }
}

#[test]
fn a_slip_of_the_pen_gets_a_suggestion() {
    let text = changed("publicly_available = false", "publicly_availabel = false");
    let problems = notice::check(&text);
    let slip = problems.iter().find(|problem| problem.code == Code::MisspelledKey).unwrap();
    let line = text.lines().position(|line| line.starts_with("publicly_availabel")).unwrap() + 1;
    assert_eq!((slip.line, slip.column), (line, 1));
    assert_eq!(
        slip.message(Language::Fi),
        "Avainta `sources.publicly_availabel` ei tunneta. Tarkoititko `publicly_available`?"
    );
    assert_eq!(
        slip.message(Language::Sv),
        "Nyckeln `sources.publicly_availabel` är okänd. Menade du `publicly_available`?"
    );
    assert_eq!(
        slip.message(Language::En),
        "The key `sources.publicly_availabel` is not known. Did you mean `publicly_available`?"
    );

    let text = changed("\"customer_relationship\"]", "\"custommer_relationship\"]");
    let problems = notice::check(&text);
    let slip = problems.iter().find(|problem| problem.code == Code::MisspelledWord).unwrap();
    let line = text.lines().position(|line| line.contains("custommer")).unwrap() + 1;
    let column = text.lines().nth(line - 1).unwrap().find("\"custommer").unwrap() + 1;
    assert_eq!((slip.line, slip.column), (line, column));
    assert!(slip.mend(Language::En).contains("`customer_relationship`"));
}

#[test]
fn a_problem_is_one_line_for_a_terminal() {
    let problems = notice::check(&changed("basis = \"contract\"\n", ""));
    let line = EXAMPLE.lines().position(|line| line == "id = \"orders\"").unwrap();
    assert_eq!(
        problems.first().unwrap().to_string(),
        format!(
            "{line}:1: error: The purpose `orders` has no legal basis. \
             Add `basis`, for example `basis = \"contract\"`. (Art. 13(1)(c))"
        )
    );
}

#[test]
fn one_way_to_reach_the_contact_is_enough() {
    let by_email_only =
        changed("phone = \"09 1234 5678\"\n", "").replacen("address = \"Esimerkkikatu 1, 00100 Helsinki\"\n", "", 1);
    assert!(notice::check(&by_email_only).is_empty());
}

#[test]
fn each_kind_can_be_left_out() {
    for kind in Kind::ALL {
        let text = without_kind(EXAMPLE, kind);
        let notice = Notice::parse(&text).unwrap_or_else(|problems| panic!("{kind}: {problems:#?}"));
        assert_eq!(notice.kinds(), Notice::parse(EXAMPLE).unwrap().kinds().without(kind));
        assert!(notice.kind(kind).is_none() && notice.retention(kind).is_none());
        assert_eq!(notice.source_text(), text);
        assert_eq!(notice.purposes().len(), Notice::parse(EXAMPLE).unwrap().purposes().len());
    }
    let none = Kind::ALL.into_iter().fold(EXAMPLE.to_owned(), |text, kind| without_kind(&text, kind));
    assert!(Notice::parse(&none).is_err(), "a register of nothing is refused");
    assert_eq!(without_kind("not [ toml", Kind::Name), "not [ toml");
}

#[test]
fn a_kind_in_a_list_of_inline_tables_can_be_left_out_too() {
    let text = "kinds = [{ kind = \"name\", retention = \"1 year after collected\" }, { kind = \"email\" }]\n";
    assert!(!without_kind(text, Kind::Name).contains("name") && without_kind(text, Kind::Name).contains("email"));
}

/// A definition with a random part of the example's text replaced: near enough to a notice to reach every reader.
fn damaged() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just(String::new()),
        Just("\"\"".to_owned()),
        Just("[[x]]\n".to_owned()),
        Just("= {".to_owned()),
        Just("\u{0}\u{202e}ä".to_owned()),
        "[a-z\\[\\]=\" \n{}0-9.]{0,12}",
    ];
    (0..EXAMPLE.len(), 0..200_usize, part).prop_map(|(at, length, part)| {
        let begin = (0..=at).rev().find(|at| EXAMPLE.is_char_boundary(*at)).unwrap_or_default();
        let end = (begin + length..EXAMPLE.len()).find(|at| EXAMPLE.is_char_boundary(*at)).unwrap_or(EXAMPLE.len());
        format!("{}{part}{}", &EXAMPLE[..begin], &EXAMPLE[end..])
    })
}

/// A definition of arbitrary keys and values under the known sections.
fn arbitrary_definition() -> impl Strategy<Value = String> {
    let section = prop::sample::select(vec![
        "[register]",
        "[[companies]]",
        "[[kinds]]",
        "[[purposes]]",
        "[contact]",
        "[texts]",
        "[publication]",
        "[[sources]]",
    ]);
    let key = prop::sample::select(vec!["id", "name", "kind", "retention", "fi", "activities", "strength", "x"]);
    let value = prop::sample::select(vec![
        "1",
        "-1",
        "9999999999",
        "\"name\"",
        "[]",
        "[1]",
        "[\"name\"]",
        "{}",
        "{ fi = 1 }",
        "2026-01-01",
        "true",
        "1.5",
        "\"\"",
    ]);
    prop::collection::vec((section, prop::collection::vec((key, value), 0..4)), 0..6).prop_map(|sections| {
        sections
            .into_iter()
            .map(|(section, pairs)| {
                let pairs: String = pairs.into_iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
                format!("{section}\n{pairs}")
            })
            .collect()
    })
}

/// Whatever the text, reading it ends, every problem stands inside it, and what is accepted can be shown.
fn read_safely(text: &str) {
    let problems = notice::check(text);
    let lines = text.lines().count().max(1) + 1;
    for problem in &problems {
        assert!((1..=lines).contains(&problem.line) && problem.column >= 1, "{problem:?}");
        assert!(Language::ALL.iter().all(|language| !problem.message(*language).is_empty()));
    }
    if let Ok(notice) = Notice::parse(text) {
        for language in Language::ALL {
            assert!(!render::to_html(&render::document(&notice, language)).is_empty());
        }
        assert_eq!(notice::diff(&notice, &notice), []);
    }
}

#[test]
fn hostile_texts_are_refused_in_good_time() {
    let long = "a".repeat(500_000);
    let texts = [
        "[".repeat(200_000),
        format!("a = {}", "[".repeat(200_000)),
        format!("a = {}", "{ a = ".repeat(100_000)),
        format!("{}a = 1", "a.".repeat(200_000)),
        format!("[{}a]", "a.".repeat(200_000)),
        format!("{long} = 1"),
        format!("[[kinds]]\nkind = \"{long}\""),
        "[[kinds]]\nkind = \"name\"\nretention = \"1 year after collected\"\n".repeat(10_000),
        "x = 1\n".repeat(100_000),
        (0..60_000).map(|n| format!("x{n} = 1\n")).collect(),
    ];
    for text in texts {
        let problems = notice::check(&text);
        assert!(problems.iter().any(|problem| problem.severity == Severity::Error));
        assert!(problems.iter().all(|problem| problem.message(Language::Fi).len() < 1_000));
        assert!(Notice::parse(&text).is_err());
    }
}

proptest! {
    #[test]
    fn the_declared_kinds_are_the_kinds_of_the_register(declared in prop::sample::subsequence(Kind::ALL.to_vec(), 1..=8)) {
        let left_out = Kind::ALL.into_iter().filter(|kind| !declared.contains(kind));
        let text = left_out.fold(EXAMPLE.to_owned(), |text, kind| without_kind(&text, kind));
        let notice = Notice::parse(&text).unwrap();
        prop_assert_eq!(notice.kinds().iter().collect::<Vec<_>>(), declared.clone());
        for language in Language::ALL {
            let names: Vec<_> = declared.iter().map(|kind| render::kind_name(*kind, language).to_owned()).collect();
            let blocks = render::document(&notice, language).blocks;
            prop_assert!(blocks.contains(&render::Block::List(names)));
        }
    }

    #[test]
    fn any_text_is_read_safely(text in any::<String>()) {
        read_safely(&text);
    }

    #[test]
    fn a_damaged_definition_is_read_safely(text in damaged()) {
        read_safely(&text);
    }

    #[test]
    fn an_arbitrary_definition_is_read_safely_and_refused(text in arbitrary_definition()) {
        read_safely(&text);
        prop_assert!(Notice::parse(&text).is_err());
    }
}

//! The rendered notice says every sentence of the specification's notice under its heading and in its order, and beside
//! them what Art. 13-14 ask for.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::PathBuf;

use seloste_domain::kind::Kind;
use seloste_domain::language::Language;
use seloste_domain::notice::render::{self, Block, Document};
use seloste_domain::notice::{Notice, without_kind};

const EXAMPLE: &str = include_str!("../../../examples/arjasmaa/notice.toml");
const SPECIFICATION: &str = include_str!("fixtures/notice.fi.txt");

const HEADINGS: [&str; 11] = [
    "Rekisterinpitäjä",
    "Rekisterin nimi",
    "Henkilötietojen käsittelyn tarkoitus ja peruste",
    "Rekisterin tietosisältö",
    "Säännönmukaiset tietolähteet",
    "Henkilötietojen käsittely ja luovutus",
    "Tietojen suojaus, tekniset ja organisatoriset toimenpiteet",
    "A) Manuaaliset aineistot",
    "B) Sähköiset aineistot",
    "Rekisteröidyn oikeuksien toteuttaminen",
    "Tietoturvaloukkauksista ilmoittaminen",
];

fn notice(text: &str) -> Notice {
    Notice::parse(text).unwrap_or_else(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{problems:#?}")
    })
}

fn document(language: Language) -> Document {
    render::document(&notice(EXAMPLE), language)
}

fn texts(block: &Block) -> Vec<&str> {
    match block {
        Block::Heading { text, .. } | Block::Paragraph(text) => vec![text],
        Block::Lines(items) | Block::List(items) => items.iter().map(String::as_str).collect(),
        Block::Terms(terms) => {
            terms.iter().flat_map(|t| std::iter::once(&t.name).chain(&t.details)).map(String::as_str).collect()
        }
    }
}

/// The text from one heading to the next of the same or a higher level.
fn section(document: &Document, heading: &str) -> String {
    let mut found = None;
    let mut lines = Vec::new();
    for block in &document.blocks {
        match (block, found) {
            (Block::Heading { level, text, .. }, None) if text == heading => found = Some(*level),
            (Block::Heading { level, .. }, Some(open)) if *level <= open => break,
            (_, Some(_)) => lines.extend(texts(block)),
            _ => {}
        }
    }
    assert!(found.is_some(), "no heading `{heading}`");
    lines.join("\n")
}

/// The specification with the contact's details in the places it leaves for them.
fn specification(notice: &Notice) -> String {
    let contact = notice.contact();
    let email = contact.email.as_deref().unwrap();
    SPECIFICATION
        .replace("{yhteyshenkilön nimi}", &contact.name)
        .replace("{katuosoite, postinumero ja postitoimipaikka}", contact.address.as_deref().unwrap())
        .replace("{puhelin}", contact.phone.as_deref().unwrap())
        .replace("{sähköposti}", email)
        .replace("(s-postiosoite)", &format!("({email})"))
}

/// A sentence ends at a full stop that a capital follows; `esim. postitustarroja` goes on.
fn sentences(line: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    let mut words = line.split(' ').peekable();
    while let Some(word) = words.next() {
        let sentence = sentences.last_mut().unwrap();
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(word);
        let next_is_capital = words.peek().is_some_and(|next| next.chars().next().is_some_and(char::is_uppercase));
        if word.ends_with('.') && next_is_capital {
            sentences.push(String::new());
        }
    }
    sentences
}

#[test]
fn every_sentence_of_the_specification_is_there_under_its_heading_in_order() {
    let notice = notice(EXAMPLE);
    let document = render::document(&notice, Language::Fi);
    let text = specification(&notice);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    assert_eq!(lines.next(), Some(document.title.as_str()));

    let order: Vec<_> = document.blocks.iter().flat_map(texts).filter(|text| HEADINGS.contains(text)).collect();
    assert_eq!(order, HEADINGS);

    let (mut found, mut rest) = (0, String::new());
    for line in lines {
        if HEADINGS.contains(&line) {
            rest = section(&document, line);
            continue;
        }
        for sentence in sentences(line) {
            let at =
                rest.find(&sentence).unwrap_or_else(|| panic!("not there, or not in order: {sentence}\n---\n{rest}"));
            rest = rest[at + sentence.len()..].to_owned();
            found += 1;
        }
    }
    // Counted by hand in the specification, so that a wrong split can not pass unnoticed.
    assert_eq!(found, 44);
}

#[test]
fn list_items_of_the_specification_are_items_of_lists() {
    let document = document(Language::Fi);
    let items: Vec<_> =
        document.blocks.iter().filter_map(|b| if let Block::List(i) = b { Some(i) } else { None }).flatten().collect();
    for item in [
        "Henkilön etu- ja sukunimi",
        "Edustamansa yhteisö/yritys",
        "Sähköpostiosoite",
        "Postiosoite",
        "Puhelinnumero",
        "Tiedot aikaisemmista tilauksista",
        "Oikeus saada tietonsa siirretyksi",
        "Tiedonanto tietoturvaloukkauksesta",
        "Tietosuojavaltuutetulle",
        "Rekisteröidylle",
    ] {
        assert!(items.iter().any(|found| *found == item), "{item}");
    }
}

/// The specification lies beside the checkout where the project is made; elsewhere there is only the copy.
#[test]
fn the_copy_of_the_specification_is_true() {
    let shared = std::env::var_os("SELOSTE_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")), PathBuf::from);
    let path = shared.join("spec/notice.fi.txt");
    match std::fs::read_to_string(&path) {
        Ok(original) => assert_eq!(original, SPECIFICATION),
        // Straight to the terminal: what `println!` writes is not shown for a test that passes.
        Err(_) => writeln!(std::io::stderr(), "skipped: {} is not there", path.display()).unwrap(),
    }
}

/// What Art. 13-14 ask for, by article, with a passage of the text in each language.
#[test]
fn what_the_law_asks_for_is_there_in_every_language() {
    let rows: &[(&str, &str, [&str; 3])] = &[
        (
            "13(1)(a)",
            "controller",
            ["Arjasmaa Yhtiöt Oy, Y-tunnus 1234567-1", "FO-nummer 1234567-1", "business id 1234567-1"],
        ),
        ("13(1)(c)", "legal-bases", ["Oikeusperuste: sopimus", "Rättslig grund: avtal", "Legal basis: contract"]),
        ("13(1)(c)", "legal-bases", ["c alakohta", "artikel 6.1 c", "Article 6(1)(c)"]),
        (
            "13(1)(d)",
            "legal-bases",
            ["Oikeutettu etu: Yrityksellä", "Berättigat intresse: Företaget", "Legitimate interest: The company"],
        ),
        ("13(1)(e)", "recipients", ["Perintätoimisto", "Inkassobyrå", "Debt collection agency"]),
        (
            "13(1)(e)",
            "recipients",
            ["Luovutusperuste: perintä", "Grund för utlämnandet: indrivning", "Ground of disclosure: debt collection"],
        ),
        (
            "13(1)(f)",
            "transfers",
            ["vakiosopimuslausekkeet", "standardavtalsklausuler", "standard contractual clauses"],
        ),
        (
            "13(2)(a)",
            "retention",
            [
                "6 vuotta sen kalenterivuoden lopusta",
                "6 år efter utgången",
                "6 years after the end of the calendar year",
            ],
        ),
        ("13(2)(a)", "retention", ["24 kuukautta", "24 månader", "24 months"]),
        (
            "13(2)(b)",
            "rights",
            ["Oikeus vaatia tietojen poistamista", "Rätt att kräva radering", "Right to demand erasure"],
        ),
        ("21(4)", "objection", ["milloin tahansa vastustaa", "göra invändningar", "right to object at any time"]),
        ("13(2)(c)", "withdrawal", ["Suostumuksen voi peruuttaa", "kan återkallas", "Consent can be withdrawn"]),
        (
            "13(2)(d)",
            "complaint",
            ["Tietosuojavaltuutetun toimisto", "Dataombudsmannens byrå", "Office of the Data Protection Ombudsman"],
        ),
        (
            "13(2)(e)",
            "content",
            ["Tilauksen tekeminen edellyttää", "krävs följande uppgifter", "is needed to make an order"],
        ),
        (
            "13(2)(f)",
            "automated-decisions",
            ["ei tehdä pelkästään automaattisia", "inga enbart automatiserade", "solely on automated"],
        ),
        ("14(2)(f)", "sources", ["(yleisesti saatavilla)", "(allmänt tillgänglig)", "(publicly accessible)"]),
        ("26(2)", "controller", ["yhteisrekisterinpitäjiä", "gemensamt personuppgiftsansvariga", "joint controllers"]),
        ("205 §", "cookies", ["etukäteen suostumuksen", "på förhand om samtycke", "ask for consent beforehand"]),
    ];
    for (language, column) in Language::ALL.into_iter().zip(0..) {
        let document = document(language);
        for (article, id, passages) in rows {
            let heading = document.blocks.iter().find_map(|block| match block {
                Block::Heading { id: found, text, .. } if found == id => Some(text.clone()),
                _ => None,
            });
            let text = section(&document, &heading.unwrap_or_else(|| panic!("no section {id}")));
            assert!(text.contains(passages[column]), "Art. {article} in {language}: {}\n---\n{text}", passages[column]);
        }
    }
}

#[test]
fn no_place_is_left_unfilled_and_the_structure_is_the_same_in_every_language() {
    let shape = |language| {
        let blocks = document(language).blocks;
        blocks.iter().map(|block| (std::mem::discriminant(block), texts(block).len())).collect::<Vec<_>>()
    };
    for language in Language::ALL {
        let text = render::to_text(&document(language));
        assert!(!text.contains('{') && !text.contains("  \n"), "{text}");
        assert_eq!(shape(language), shape(Language::Fi), "{language}");
    }
}

#[test]
fn a_kind_that_is_not_declared_is_not_in_the_text() {
    for kind in Kind::ALL {
        let notice = notice(&without_kind(EXAMPLE, kind));
        assert!(!notice.kinds().has(kind) && notice.kinds().iter().count() == 9, "{kind}");
        for language in Language::ALL {
            let document = render::document(&notice, language);
            let name = render::kind_name(kind, language);
            let listed = |document: &Document| document.blocks.iter().any(|block| texts(block).contains(&name));
            assert!(!listed(&document), "{kind} {language}");
            assert!(listed(&render::document(&self::notice(EXAMPLE), language)), "{kind} {language}");
        }
    }
}

/// The whole texts, so that a change of any sentence in any language is seen by a person.
#[test]
fn the_texts_are_as_they_were_reviewed() {
    for language in Language::ALL {
        insta::assert_snapshot!(format!("example_{language}"), render::to_text(&document(language)));
    }
}

#[test]
fn html_is_escaped_and_its_headings_have_ids() {
    let nasty = EXAMPLE.replace("Aino Esimerkki", "<script>alert(1)</script> & 'Aino'");
    let page = render::to_page(&render::document(&notice(&nasty), Language::Sv));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;Aino&#39;"));
    assert!(!page.contains("<script"));
    assert!(page.starts_with("<!doctype html>\n<html lang=\"sv\">"));
    assert!(page.contains("<h2 id=\"retention\">Lagringstider</h2>"));
    let ids: Vec<_> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(ids.len() > 15 && ids.iter().all(|id| ids.iter().filter(|other| *other == id).count() == 1), "{ids:?}");
    for tag in ["h1", "h2", "h3", "p", "ul", "li", "dl", "dt", "dd"] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
        assert!(opened > 0, "{tag}");
    }
}

#[test]
fn what_is_not_declared_is_not_said() {
    let without = |from: &str, to: &str| {
        assert!(EXAMPLE.contains(from), "{from}");
        render::to_text(&render::document(&notice(&EXAMPLE.replace(from, to)), Language::Fi))
    };
    let text = without("obstacles = [\"law\", \"open_invoices\", \"collection\"]", "obstacles = [\"open_invoices\"]");
    assert!(text.contains("elleivät avoimet laskut estä"), "{text}");
    let text = without("after = \"invoiced\"", "after = \"delivered\"");
    assert!(text.contains("kun toimituksesta on kulunut 24 kuukautta"), "{text}");
    let text = without(
        "rule = \"technical_necessity\"\nsafeguards = [\"adequacy_decision\", \"standard_clauses\"]",
        "rule = \"never\"",
    );
    assert!(
        text.contains("Henkilötietoja ei siirretä Euroopan unionin tai") && !text.contains("vakiosopimus"),
        "{text}"
    );
}

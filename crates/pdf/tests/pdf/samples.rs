//! Every document in every language.

use seloste_pdf::{Block, Document, Language, Letter, Style};

use crate::documents::{self, LANGUAGES};
use crate::tools::{conforms, read_out, told, unpacked, whole, words};

fn tag(language: Language) -> &'static str {
    match language {
        Language::Fi => "fi",
        Language::Sv => "sv",
        Language::En => "en",
    }
}

fn title(document: &Document) -> &str {
    match document {
        Document::Letter(letter) => &letter.heading,
        Document::Notice(notice) => &notice.title,
        Document::OrderConfirmation(order) => &order.title,
        Document::Card(card) => &card.title,
        Document::Invoice(invoice) => &invoice.body.title,
    }
}

/// Each text stands after the one before.
fn in_order(text: &str, expected: &[&str]) {
    let mut rest = text;
    for part in expected {
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let at = rest.find(&part).unwrap_or_else(|| panic!("{part:?} is not in {rest}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn all_conform_and_open_with_their_title_and_language() {
    for language in LANGUAGES {
        for document in documents::all(language) {
            for style in [documents::style(language), documents::style_with_logo(language)] {
                conforms(&whole(document.clone(), &style), tag(language), title(&document));
            }
        }
    }
}

#[test]
fn a_letter_is_read_in_its_order() {
    for language in LANGUAGES {
        let letter = documents::letter(language);
        let text = read_out(&whole(Document::Letter(letter.clone()), &documents::style(language)));
        let Letter { sender, recipient, references, signatories, attachments, .. } = &letter;
        let attachments = attachments.as_ref().unwrap();
        let recipient = recipient.iter().flat_map(|row| row.split(' '));
        let mut expected: Vec<&str> = sender.iter().map(String::as_str).chain(recipient).collect();
        expected.extend([&*letter.designation, &letter.date]);
        expected.extend(references.iter().flat_map(|fact| [&*fact.label, &fact.value]));
        expected.push(&letter.heading);
        for block in &letter.body {
            match block {
                Block::Paragraph(text) => expected.push(text),
                Block::List(items) => expected.extend(items.iter().map(String::as_str)),
                other => panic!("{other:?}"),
            }
        }
        expected.extend([&*letter.closing, &letter.company]);
        expected.extend(signatories.iter().flat_map(|one| [&*one.name, &one.role]));
        expected.push(&attachments.label);
        expected.extend(attachments.items.iter().map(String::as_str));
        in_order(&text, &expected);
    }
}

#[test]
fn sections_of_a_notice_are_numbered_and_make_the_outline() {
    let notice = documents::notice(Language::Fi);
    let bytes = whole(Document::Notice(notice), &Style::default());
    let text = read_out(&bytes);
    in_order(
        &text,
        &[
            "tietosuojaseloste",
            "Versio 3, 1.11.2026",
            "1 Rekisterinpitäjä",
            "2 Käsittelyn tarkoitus ja oikeusperuste",
            "Suoramarkkinointi",
            "Oikeutettu etu",
            "3 Tietosisältö",
            "– nimi ja yhteystiedot",
            "3.1 Säilytysajat",
            "Tieto Aika",
            "Asiakastiedot 24 kuukautta viimeisestä tilauksesta",
            "4 Oikeutesi",
        ],
    );
    let plain = unpacked(&bytes);
    assert!(plain.contains("/Type /Outlines") || plain.contains("/Outlines"), "no outline");
    for part in ["/S /H1", "/S /H2", "/S /H3", "/S /L\n", "/S /LI", "/S /Table", "/S /TH", "/S /TD"] {
        assert!(plain.contains(part), "no {part}");
    }
}

#[test]
fn an_order_of_a_thousand_lines_repeats_its_head() {
    let order = documents::order(Language::Fi, 1_000);
    let (first, last) = (order.lines[0].code.clone(), order.lines[999].code.clone());
    let bytes = whole(Document::OrderConfirmation(order), &documents::style(Language::Fi));
    let text = words(&bytes);
    in_order(&text, &[&first, &last, "Maksettava yhteensä", "Maksuehto"]);
    let about = told("pdfinfo", &[], &bytes, &[]);
    let pages: usize = about.lines().find_map(|line| line.strip_prefix("Pages:")).unwrap().trim().parse().unwrap();
    assert!(pages > 20, "{pages}");
    for page in 1..=pages {
        let number = page.to_string();
        let text = told("pdftotext", &["-f", &number, "-l", &number], &bytes, &["-"]);
        assert!(text.contains(&format!("{page} ({pages})")), "page {page} has no number");
        assert!(page == pages || text.contains("À-hinta"), "page {page} has no head");
    }
    conforms(&bytes, "fi", "Tilausvahvistus 2026-00418");
}

#[test]
fn a_card_shows_each_fact_with_its_source() {
    let bytes = whole(Document::Card(documents::card(Language::Sv)), &Style::default());
    in_order(
        &read_out(&bytes),
        &[
            "Anna-Liisa Tuomenvirta-Hämäläinen",
            "Namn",
            "Uppgift Värde Källa",
            "Efternamn Tuomenvirta-Hämäläinen Kunden själv, 12.3.2024",
            "Pitkäniityntie 118 C 54",
            "Beställningar",
            "2026-00418 21.11.2026 bekräftad 1 482,10",
        ],
    );
}

#[test]
fn the_logo_is_a_figure_with_its_text() {
    let plain =
        unpacked(&whole(Document::Card(documents::card(Language::Fi)), &documents::style_with_logo(Language::Fi)));
    assert!(plain.contains("/S /Figure") && plain.contains("/Alt"), "no figure");
}

//! Where things stand on the paper.

use seloste_pdf::{
    Block, Card, CardFact, Column, Document, Edge, Error, Fact, Language, Letter, Notice, Style, Table, Window,
};

use crate::documents;
use crate::tools::{Word, make, places, text, whole};

/// The page's text area in millimetres: letters may lean out a little.
const LEFT: f64 = 19.5;
const RIGHT: f64 = 195.5;

fn letter_to(rows: &[&str]) -> Letter {
    let recipient = rows.iter().map(|row| (*row).to_owned()).collect();
    Letter { recipient, ..documents::letter(Language::Fi) }
}

fn found<'a>(words: &'a [Word], text: &str) -> &'a Word {
    words.iter().find(|word| word.text == text).unwrap_or_else(|| panic!("{text} is not in {words:?}"))
}

fn within(word: &Word, window: Window) {
    assert_eq!(word.page, 1);
    assert!(word.left >= window.left + 4.5 && word.right <= window.left + window.width - 1.5, "{word:?}");
    assert!(word.top >= window.top && word.bottom <= window.top + window.height, "{word:?}");
}

#[test]
fn the_address_lies_within_the_window_and_nothing_else_does() {
    let wide = "W".repeat(30);
    let rows = ["ABCD", "ÅÄÖgjpq", &wide, "EFGH", "IJKL", "MNOP"];
    for window in [
        Window::default(),
        Window { left: 20.0, top: 50.0, width: 90.0, height: 35.0 },
        Window { left: 15.0, top: 40.0, width: 95.0, height: 30.0 },
    ] {
        for style in [documents::style(Language::Fi), documents::style_with_logo(Language::Fi)] {
            let style = Style { window, ..style };
            let words = places(&whole(Document::Letter(letter_to(&rows)), &style));
            for row in rows {
                within(found(&words, row), window);
            }
            for word in words.iter().filter(|word| word.page == 1 && !rows.contains(&word.text.as_str())) {
                let beside = word.left > window.left + window.width || word.right < window.left;
                let above = word.bottom <= window.top || word.top >= window.top + window.height;
                assert!(beside || above, "{word:?} can be seen in the window");
            }
        }
    }
}

#[test]
fn a_long_row_of_the_address_is_broken_and_too_many_rows_are_refused() {
    let long = "Anna-Liisa Tuomenvirta-Hämäläinen-Koskela";
    let words = places(&whole(Document::Letter(letter_to(&[long, "PL 1", "00101 HELSINKI"])), &Style::default()));
    within(found(&words, "Tuomenvirta-Hämäläinen-Koskela"), Window::default());
    let seven = ["1", "2", "3", "4", "5", "6", "7"];
    assert_eq!(
        make(Document::Letter(letter_to(&seven)), &Style::default()),
        Err(Error::TooMuch { what: "recipient rows", limit: 6 })
    );
}

#[test]
fn columns_stand_at_the_standard_indents() {
    let letter = documents::letter(Language::Fi);
    let words = places(&whole(Document::Letter(letter), &documents::style(Language::Fi)));
    for (text, left) in
        [("Rantatie", 20.0), ("Henkilötietonne", 20.0), ("Pyysitte", 66.0), ("Liitteet", 20.0), ("23.", 112.0)]
    {
        let word = found(&words, text);
        assert!((word.left - left).abs() < 0.7, "{word:?} is not at {left} mm");
    }
}

#[test]
fn the_pages_of_a_long_letter_are_numbered() {
    let body =
        (1..=60).map(|n| Block::Paragraph(format!("{n}. kappale. {}", "Sana seuraa sanaa. ".repeat(12)))).collect();
    let letter = Letter { body, ..documents::letter(Language::Fi) };
    let heading = letter.heading.clone();
    let text = text(&whole(Document::Letter(letter), &documents::style(Language::Fi)));
    let pages: Vec<_> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    for (n, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("{} ({})", n + 1, pages.len())), "{page}");
        assert!(page.contains(&heading) && page.contains("Y-tunnus"), "{page}");
    }
}

/// Texts that would do something if they were taken for markup.
const HOSTILE: [&str; 14] = [
    "#import \"@preview/x:1.0.0\": *",
    "#read(\"/etc/passwd\")",
    "$x^2$ $$",
    "*bold* _emphasis_ `raw`",
    "= heading",
    "- list + enum / term: x",
    "@reference <label>",
    "back\\slash \\u{41} \\n",
    "\"double\" 'single' ”curly”",
    "// comment /* comment */ --- -- ... ~",
    "](){}[]();",
    "{{ name }} <b>html</b> &amp;",
    "->  => <= != :=",
    "https://example.com/?a=b&c=d",
];

#[test]
fn hostile_texts_appear_as_they_are() {
    for text in HOSTILE {
        let letter = Letter {
            heading: text.to_owned(),
            designation: text.to_owned(),
            body: vec![Block::Paragraph(text.to_owned()), Block::List(vec![text.to_owned()])],
            references: vec![Fact { label: text.to_owned(), value: text.to_owned() }],
            ..documents::letter(Language::En)
        };
        let found = without_space(&crate::tools::text(&whole(Document::Letter(letter), &Style::default())));
        assert_eq!(found.matches(&without_space(text)).count(), 6, "{text} is not six times in {found}");
    }
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn words_without_a_break_stay_within_the_margins() {
    for long in [
        "W".repeat(2_000),
        "ÄÖ".repeat(300),
        "字".repeat(500),
        "0123456789".repeat(40),
        "a/b".repeat(100),
        "1\u{a0}".repeat(200),
    ] {
        let short: String = long.chars().take(200).collect();
        let mut letter = documents::letter(Language::Fi);
        letter.heading.clone_from(&long);
        letter.sender = vec![short.clone(); 5];
        letter.designation.clone_from(&short);
        letter.references = vec![Fact { label: short.clone(), value: short.clone() }];
        letter.body = vec![
            Block::Heading { level: 2, text: long.clone() },
            Block::Paragraph(long.clone()),
            Block::List(vec![long.clone()]),
        ];
        letter.signatories[0].name.clone_from(&short);
        let style = Style { footer: vec![vec![short.clone()]; 2], ..documents::style_with_logo(Language::Fi) };
        let bytes = whole(Document::Letter(letter), &style);
        stays_within(&bytes);
        let window = style.window;
        for word in places(&bytes).iter().filter(|word| word.page == 1 && word.left < 100.0) {
            let address = word.left > window.left + 4.5 && word.bottom <= window.top + window.height;
            assert!(word.bottom <= window.top || address || word.top > window.top + window.height, "{word:?}");
        }

        let mut order = documents::order(Language::Fi, 1);
        let line = &mut order.lines[0];
        for cell in [&mut line.code, &mut line.name, &mut line.quantity, &mut line.unit, &mut line.unit_price] {
            cell.clone_from(&long);
        }
        (line.vat, line.total) = (long.clone(), long.clone());
        order.totals[0].value.clone_from(&short);
        order.vat.rows[0][1].clone_from(&short);
        stays_within(&whole(Document::OrderConfirmation(order), &Style::default()));

        let fact = CardFact { label: long.clone(), value: long.clone(), source: long.clone() };
        let mut card: Card = documents::card(Language::Fi);
        card.title.clone_from(&long);
        card.groups[0].facts = vec![fact];
        stays_within(&whole(Document::Card(card), &Style::default()));
    }
}

fn stays_within(bytes: &[u8]) {
    for word in places(bytes) {
        assert!(word.left >= LEFT && word.right <= RIGHT && word.bottom <= 290.0, "{word:?}");
    }
}

#[test]
fn no_level_of_headings_is_passed_over() {
    let heading = |level| Block::Heading { level, text: format!("Taso {level}") };
    let notice = documents::notice(Language::Fi);
    for levels in [&[3, 3, 2, 3][..], &[0, 1, 9], &[3]] {
        let blocks: Vec<Block> = levels.iter().copied().map(heading).collect();
        whole(Document::Notice(Notice { blocks: blocks.clone(), ..notice.clone() }), &Style::default());
        let letter = Letter { body: blocks, ..documents::letter(Language::Fi) };
        whole(Document::Letter(letter), &Style::default());
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let letter = |change: fn(&mut Letter)| {
        let mut letter = documents::letter(Language::Fi);
        change(&mut letter);
        make(Document::Letter(letter), &Style::default()).unwrap_err()
    };
    let too_much = |what, limit| Error::TooMuch { what, limit };
    assert_eq!(
        letter(|l| l.body = vec![Block::Paragraph("a".repeat(20_001))]),
        too_much("characters in a text", 20_000)
    );
    assert_eq!(letter(|l| l.sender = vec!["a".to_owned(); 6]), too_much("sender lines", 5));
    assert_eq!(letter(|l| l.heading = " ".to_owned()), Error::Empty("heading"));
    assert_eq!(
        letter(|l| l.body = vec![Block::Paragraph("a ".repeat(10_000)); 101]),
        too_much("characters", 2_000_000)
    );
    let column = Column { label: String::new(), edge: Edge::Start, share: 1 };
    let table = Table { columns: vec![column; 20], rows: vec![vec![String::new(); 20]; 1_000] };
    let mut full = documents::letter(Language::Fi);
    full.body = vec![Block::Table(table); 5];
    assert_eq!(make(Document::Letter(full), &Style::default()), Err(too_much("characters", 2_000_000)));
    let order = documents::order(Language::Fi, 1_001);
    assert_eq!(make(Document::OrderConfirmation(order), &Style::default()), Err(too_much("lines", 1_000)));
    let mut order = documents::order(Language::Fi, 1);
    order.vat.rows[0].pop();
    assert_eq!(make(Document::OrderConfirmation(order), &Style::default()), Err(Error::UnevenTable { row: 1 }));
    let style = Style { window: Window { left: f64::NAN, ..Window::default() }, ..Style::default() };
    let measured = make(Document::Letter(documents::letter(Language::Fi)), &style).unwrap_err();
    assert!(matches!(measured, Error::Measure { what: "window left", .. }), "{measured}");
}

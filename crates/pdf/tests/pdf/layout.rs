//! Where things stand on the paper.

use seloste_pdf::{Block, Card, CardFact, Document, Error, Fact, Language, Letter, Style, Window};

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
    let joined = HOSTILE.join(" ¤ ");
    let mut letter = documents::letter(Language::En);
    letter.heading = joined.clone();
    letter.designation = "#set text(0pt)".to_owned();
    letter.body = vec![Block::Paragraph(joined.clone()), Block::List(vec![joined.clone()])];
    letter.references = vec![Fact { label: "#label".to_owned(), value: "*value*".to_owned() }];
    let bytes = whole(Document::Letter(letter), &Style::default());
    let found: String = text(&bytes).replace("&amp;", "&amp;").split_whitespace().collect();
    let expected: String = joined.split_whitespace().collect();
    assert_eq!(found.matches(&expected).count(), 3, "{found}");
    for part in ["#settext(0pt)", "#label", "*value*"] {
        assert!(found.contains(part), "{part} is not in {found}");
    }
}

#[test]
fn words_without_a_break_stay_within_the_margins() {
    for word in ["W".repeat(500), "ÄÖ".repeat(300), "字".repeat(200), "0123456789".repeat(40), "a/b".repeat(100)] {
        let mut letter = documents::letter(Language::Fi);
        letter.heading.clone_from(&word);
        letter.sender = vec![word.clone(), "B".to_owned()];
        letter.designation.clone_from(&word);
        letter.date = word[..word.len().min(60)].to_owned();
        letter.references = vec![Fact { label: word.clone(), value: word.clone() }];
        letter.body = vec![Block::Paragraph(word.clone()), Block::List(vec![word.clone()])];
        letter.signatories[0].name.clone_from(&word);
        // The word breaks at other places where two lines of the sender would not fit above the window.
        letter.sender[0].truncate(30);
        stays_within(&whole(Document::Letter(letter), &Style::default()));

        let mut order = documents::order(Language::Fi, 1);
        let line = &mut order.lines[0];
        for cell in [&mut line.code, &mut line.name, &mut line.quantity, &mut line.unit, &mut line.unit_price] {
            cell.clone_from(&word);
        }
        (line.vat, line.total) = (word.clone(), word.clone());
        order.totals[0].value.clone_from(&word);
        order.vat.rows[0][1].clone_from(&word);
        stays_within(&whole(Document::OrderConfirmation(order), &Style::default()));

        let fact = CardFact { label: word.clone(), value: word.clone(), source: word.clone() };
        let mut card: Card = documents::card(Language::Fi);
        card.title.clone_from(&word);
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
    let order = documents::order(Language::Fi, 1_001);
    assert_eq!(make(Document::OrderConfirmation(order), &Style::default()), Err(too_much("lines", 1_000)));
    let mut order = documents::order(Language::Fi, 1);
    order.vat.rows[0].pop();
    assert_eq!(make(Document::OrderConfirmation(order), &Style::default()), Err(Error::UnevenTable { row: 1 }));
    let style = Style { window: Window { left: f64::NAN, ..Window::default() }, ..Style::default() };
    let measured = make(Document::Letter(documents::letter(Language::Fi)), &style).unwrap_err();
    assert!(matches!(measured, Error::Measure { what: "window left", .. }), "{measured}");
}

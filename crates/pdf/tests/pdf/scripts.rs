//! Names from everywhere.

use seloste_pdf::{Block, Document, Language, Letter, Style};

use crate::documents;
use crate::tools::{conforms, copied, make, text, whole};

/// Names in scripts that run from left to right.
const NAMES: [(&str, &str); 21] = [
    ("Latin", "Şükran Đặng Þórðarson Łukasz Čačić"),
    ("Greek", "Ελένη Παπαδοπούλου"),
    ("Cyrillic", "Наталья Щербакова-Їжакевич"),
    ("Armenian", "Արամ Խաչատրյան"),
    ("Georgian", "ნინო ბერიძე"),
    ("Devanagari", "प्रिया शर्मा"),
    ("Bengali", "রবীন্দ্রনাথ ঠাকুর"),
    ("Gujarati", "નરસિંહ મહેતા"),
    ("Gurmukhi", "ਹਰਪ੍ਰੀਤ ਸਿੰਘ"),
    ("Tamil", "தமிழ்ச்செல்வி"),
    ("Telugu", "వెంకటేశ్వర"),
    ("Kannada", "ಕನ್ನಡ"),
    ("Malayalam", "മലയാളം"),
    ("Sinhala", "සිංහල"),
    ("Thai", "สมชาย ใจดี"),
    ("Lao", "ສົມພອນ"),
    ("Khmer", "សុខា"),
    ("Ethiopic", "አበበ ቢቂላ"),
    ("Chinese", "王小明"),
    ("Japanese", "やまだ花子"),
    ("Korean", "김민수"),
];

/// Names in scripts that run from right to left.
const FROM_THE_RIGHT: [(&str, &str); 4] =
    [("Arabic", "محمد"), ("Persian", "پروین"), ("Hebrew", "שרה כהן"), ("Syriac", "ܐܦܪܝܡ")];

fn letter_about(name: &str) -> Document {
    let mut letter = documents::letter(Language::Fi);
    letter.recipient[0] = name.chars().take(60).collect();
    letter.body = vec![Block::Paragraph(format!("Nimi on {name} ja tämä jatkuu."))];
    Document::Letter(letter)
}

/// Readers of PDF files put marks of direction around what runs from the right, and break lines where they like.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'))
        .collect()
}

#[test]
fn names_in_any_script_come_out_as_they_went_in() {
    let mut wrong = Vec::new();
    for (script, name) in NAMES.into_iter().chain(FROM_THE_RIGHT) {
        let bytes = whole(letter_about(name), &Style::default());
        let found = plain(&copied(&bytes));
        if found.matches(&plain(name)).count() != 2 {
            wrong.push(format!("{script}: {name} is not twice in {found}"));
        }
        conforms(&bytes, "fi", "Henkilötietonne asiakasrekisterissämme");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The letters come out as they are printed; krilla 0.8 writes a letter with its marks once for each of them when it
/// runs from the right, so that what is copied has them twice.
#[test]
fn marks_on_letters_from_the_right_are_set() {
    for name in ["އަހްމަދު", "مُحَمَّد", "שָׁלוֹם"] {
        let found = plain(&copied(&whole(letter_about(name), &Style::default())));
        assert!(name.chars().all(|c| found.contains(c)), "{found}");
    }
}

#[test]
fn what_no_font_has_is_shown_as_a_box_and_told() {
    for (name, shown, replaced) in [
        ("Aino 😀 Äyrämö", "Aino□Äyrämö", vec!['😀']),
        ("Aino \u{378}\u{10ffff}", "Aino□□", vec!['\u{378}', '\u{10ffff}']),
        ("Aino \u{e000}\u{0}", "Aino□□", vec!['\u{0}', '\u{e000}']),
        ("👨\u{200d}👩\u{200d}👧 Aino", "□□□Aino", vec!['👧', '👨', '👩']),
    ] {
        let pdf = make(letter_about(name), &Style::default()).unwrap();
        assert_eq!(pdf.replaced, replaced, "{name}");
        let found = plain(&text(&pdf.bytes));
        assert_eq!(found.matches(shown).count(), 2, "{shown} is not in {found}");
        conforms(&pdf.bytes, "fi", "Henkilötietonne asiakasrekisterissämme");
    }
}

#[test]
fn marks_that_no_font_joins_do_not_stop_the_document() {
    // Each character is in some font, no font has both: Thai vowels on Latin, Hebrew points on Cyrillic, joiners alone.
    for name in ["A\u{e31}\u{e49}x", "Ж\u{5b7}", "\u{200d}\u{200c}", "क\u{e49}", "\u{301}", "字\u{64b}", "ก\u{94d}a"]
    {
        let pdf = make(letter_about(name), &Style::default()).unwrap();
        conforms(&pdf.bytes, "fi", "Henkilötietonne asiakasrekisterissämme");
    }
}

#[test]
fn any_character_gives_a_document() {
    // Everything in the planes that are in use, in a few letters.
    let all: Vec<char> = (0..=0x3_0000_u32).filter_map(char::from_u32).filter(|c| !c.is_alphanumeric()).collect();
    let body = all.chunks(4_000).map(|part| Block::Paragraph(part.iter().collect())).collect();
    let letter = Letter { body, ..documents::letter(Language::Fi) };
    let pdf = make(Document::Letter(letter), &Style::default()).unwrap();
    assert!(pdf.replaced.len() > 1_000);
}

/// Letters, marks, joiners and spaces of scripts that run either way, thrown together.
fn nonsense(seed: u64) -> String {
    const RANGES: [(u32, u32); 16] = [
        (0x20, 0x7e),
        (0xa0, 0x24f),
        (0x300, 0x36f),
        (0x370, 0x52f),
        (0x590, 0x6ff),
        (0x700, 0x7ff),
        (0x900, 0xdff),
        (0xe00, 0xeff),
        (0x1000, 0x139f),
        (0x1780, 0x17ff),
        (0x2000, 0x206f),
        (0x3000, 0x30ff),
        (0x4e00, 0x4fff),
        (0xac00, 0xadff),
        (0xfb50, 0xfdff),
        (0x1_f300, 0x1_f6ff),
    ];
    // Knuth's multiplier: the same texts on every machine.
    let mut state = seed;
    let mut next = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).unwrap() % below
    };
    let mut text = String::new();
    for _ in 0..next(80) {
        let (first, last) = RANGES[next(16) as usize];
        for _ in 0..next(5) {
            text.extend(char::from_u32(first + next(last - first + 1)));
        }
        if next(3) == 0 {
            text.push(' ');
        }
    }
    text
}

#[test]
fn nonsense_gives_a_document() {
    for seed in 0..60 {
        let text = nonsense(seed);
        let pdf = make(letter_about(&text), &Style::default());
        assert!(pdf.is_ok(), "{seed}: {pdf:?}: {text:?}");
        let mut order = documents::order(Language::Fi, 1);
        order.lines[0].name.clone_from(&text);
        order.lines[0].code = text.chars().take(40).collect();
        let pdf = make(Document::OrderConfirmation(order), &Style::default());
        assert!(pdf.is_ok(), "order {seed}: {pdf:?}: {text:?}");
    }
}

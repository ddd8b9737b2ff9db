//! A company's own templates.

use std::collections::BTreeMap;

use seloste_pdf::{Document, Error, Kind, Language, Logo, LogoFormat, Problem, Style};

use crate::documents;
use crate::tools::{conforms, make, text, whole};

fn style(template: &str) -> Style {
    Style { templates: BTreeMap::from([(Kind::Letter, template.to_owned())]), ..Style::default() }
}

fn letter() -> Document {
    Document::Letter(documents::letter(Language::Sv))
}

fn problems(template: &str) -> Vec<Problem> {
    match make(letter(), &style(template)) {
        Err(Error::Template(problems)) => problems,
        other => panic!("{template}: {other:?}"),
    }
}

#[test]
fn a_template_of_ones_own_gets_the_same_data() {
    let template = "#let data = json(\"data.json\")\n#set text(font: \"Inter\")\n= #data.document.heading\n\n\
        Egen mall för #data.document.recipient.first()";
    let bytes = whole(letter(), &style(template));
    assert!(text(&bytes).contains("Egen mall för Anna-Liisa"));
    // Title and language are there though the template says nothing of them.
    conforms(&bytes, "sv", "Era personuppgifter i vårt kundregister");
}

#[test]
fn a_template_may_build_on_ours() {
    let template = "#import \"base.typ\": *\n#show: body => document-of(doc.heading, \"\", doc.heading, body)\n\
        #heading(level: 1, doc.heading)\n#blocks-of(doc.body, full)";
    conforms(&whole(letter(), &style(template)), "sv", "Era personuppgifter i vårt kundregister");
}

#[test]
fn a_faulty_template_is_told_with_its_place() {
    for (template, line, column, message) in [
        ("= Otsikko\n\n#let x = ", 3, 9, "expected expression"),
        ("Ä #foo", 1, 4, "unknown variable: foo"),
        ("#let f(x) = x.missing\n#f((:))", 1, 15, "missing"),
        ("#let data = json(\"data.json\")\n#data.document.nothing", 2, 16, "nothing"),
        ("#panic(\"no\")", 1, 2, "panicked"),
    ] {
        let problem = &problems(template)[0];
        assert_eq!((problem.file.as_str(), problem.line, problem.column), ("letter.typ", line, column), "{problem}");
        assert!(problem.message.contains(message), "{problem}");
    }
}

#[test]
fn a_template_reaches_nothing_outside() {
    for template in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../etc/passwd\")",
        "#read(\"Cargo.toml\")",
        "#include \"/etc/hostname\"",
        "#image(\"/usr/share/pixmaps/debian-logo.png\")",
        "#json(\"../data.json\")",
        "#import \"@preview/cetz:0.3.0\": *",
        "#import \"@local/x:0.1.0\"",
        "#plugin(\"x.wasm\")",
        "#std.plugin(bytes((0,)))",
    ] {
        assert!(!problems(template).is_empty());
    }
    for template in ["#bibliography(\"/etc/passwd\")", "#eval(\"read(\\\"/etc/passwd\\\")\")"] {
        assert!(make(letter(), &style(template)).is_err(), "{template}");
    }
}

#[test]
fn a_template_that_never_ends_is_refused() {
    for template in [
        "#while true { }",
        "#let f(n) = f(n + 1)\n#f(0)",
        "#let deep = x => [#box(deep(x + 1))]\n#deep(0)",
        "#show \"a\": \"aa\"\na",
        "#let c = [x]\n#for i in range(400) { c = box(c) }\n#c",
    ] {
        let refused = make(letter(), &style(template));
        assert!(matches!(refused, Err(Error::Template(_))) || template.contains("show"), "{template}: {refused:?}");
    }
}

#[test]
fn a_template_with_too_many_pages_is_refused() {
    let many = "#for i in range(600) { pagebreak() }\nx";
    assert_eq!(make(letter(), &style(many)), Err(Error::TooMuch { what: "pages", limit: 500 }));
}

#[test]
fn what_a_template_writes_itself_must_be_in_a_font() {
    let refused = make(letter(), &style("😀"));
    let Err(Error::NotConformant(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("U+1F600"), "{why}");
    assert!(matches!(make(letter(), &style("#image(\"logo.svg\")")), Err(Error::Template(_))));
}

fn with_logo(format: LogoFormat, bytes: &[u8]) -> Style {
    let logo = Logo { format, bytes: bytes.to_vec(), alternative_text: "Logo".to_owned() };
    Style { logo: Some(logo), ..Style::default() }
}

#[test]
fn a_faulty_logo_is_refused() {
    for (format, bytes) in [
        (LogoFormat::Svg, &b"<svg"[..]),
        (LogoFormat::Svg, b""),
        (LogoFormat::Png, b"GIF89a"),
        (LogoFormat::Png, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01"),
    ] {
        let refused = make(letter(), &with_logo(format, bytes)).unwrap_err();
        assert!(matches!(refused, Error::Logo(_)), "{refused:?}");
    }
    let huge = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xff\xff\0\0\xff\xff";
    assert!(matches!(make(letter(), &with_logo(LogoFormat::Png, huge)), Err(Error::TooMuch { .. })));
    let outside = br#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="/etc/passwd.png" width="9" height="9"/></svg>"#;
    assert!(make(letter(), &with_logo(LogoFormat::Svg, outside)).is_err());
}

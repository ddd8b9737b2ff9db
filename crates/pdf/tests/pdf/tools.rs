//! The programs that read PDF files for the tests. A test fails where one of them is missing.

use std::path::Path;
use std::process::Command;

use seloste_pdf::{Document, Error, Fonts, Pdf, Style, render};

/// When the documents are made.
pub(crate) fn at() -> jiff::Zoned {
    "2026-11-23T14:05:00+02:00[Europe/Helsinki]".parse().unwrap()
}

/// A document with the fonts in the program.
pub(crate) fn make(document: Document, style: &Style) -> Result<Pdf, Error> {
    render(&document, style, &Fonts::built_in(), &at())
}

/// A document in which every character was found.
pub(crate) fn whole(document: Document, style: &Style) -> Vec<u8> {
    let pdf = make(document, style).unwrap();
    assert!(pdf.replaced.is_empty(), "{:?}", pdf.replaced);
    pdf.bytes
}

/// What a program of Debian's `poppler-utils` or `qpdf` prints about a file.
pub(crate) fn told(program: &str, args: &[&str], bytes: &[u8], more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document.pdf");
    std::fs::write(&file, bytes).unwrap();
    run(program, args, &file, more)
}

fn run(program: &str, args: &[&str], file: &Path, more: &[&str]) -> String {
    let output = Command::new(program).args(args).arg(file).args(more).output();
    let output = output.unwrap_or_else(|e| panic!("{program} can not be run ({e}): install poppler-utils and qpdf"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {errors}");
    // pdfinfo writes titles of structure elements as they are in the file.
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The text in the order in which it was written; pages end with a form feed.
pub(crate) fn text(bytes: &[u8]) -> String {
    told("pdftotext", &["-raw", "-enc", "UTF-8"], bytes, &["-"])
}

/// The text as it is copied from a reader, which knows of writing from the right.
pub(crate) fn copied(bytes: &[u8]) -> String {
    told("pdftotext", &["-enc", "UTF-8"], bytes, &["-"])
}

/// The same, with every run of white space as one space.
pub(crate) fn words(bytes: &[u8]) -> String {
    copied(bytes).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text as it is read out: in the order of the structure, without what is only ornament.
pub(crate) fn read_out(bytes: &[u8]) -> String {
    let told = told("pdfinfo", &["-struct-text"], bytes, &[]);
    let quoted = told.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix('"'));
    quoted.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A word and where it is, in millimetres from the page's top left corner.
#[derive(Debug)]
pub(crate) struct Word {
    /// The page, from 1.
    pub(crate) page: usize,
    /// Its left edge.
    pub(crate) left: f64,
    /// Its top.
    pub(crate) top: f64,
    /// Its right edge.
    pub(crate) right: f64,
    /// Its bottom.
    pub(crate) bottom: f64,
    /// The word.
    pub(crate) text: String,
}

/// All words.
pub(crate) fn places(bytes: &[u8]) -> Vec<Word> {
    let mut page = 0;
    let mut words = Vec::new();
    for line in told("pdftotext", &["-bbox"], bytes, &["-"]).lines() {
        let line = line.trim();
        if line.starts_with("<page ") {
            page += 1;
        }
        let Some(line) = line.strip_prefix("<word ") else { continue };
        let (attributes, rest) = line.split_once('>').unwrap();
        let side = |name: &str| {
            let (_, from) = attributes.split_once(&format!("{name}=\"")).unwrap();
            from.split_once('"').unwrap().0.parse::<f64>().unwrap() * 25.4 / 72.0
        };
        let text = rest.trim_end_matches("</word>").to_owned();
        let (left, top, right, bottom) = (side("xMin"), side("yMin"), side("xMax"), side("yMax"));
        words.push(Word { page, left, top, right, bottom, text });
    }
    words
}

/// The file with its streams unpacked, to be searched.
pub(crate) fn unpacked(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (file, plain) = (folder.path().join("document.pdf"), folder.path().join("plain.pdf"));
    std::fs::write(&file, bytes).unwrap();
    run("qpdf", &["--qdf", "--object-streams=disable"], &file, &[plain.to_str().unwrap()]);
    String::from_utf8_lossy(&std::fs::read(&plain).unwrap()).into_owned()
}

/// All that PDF/UA-1 and PDF/A-2a ask for and that can be seen without a validator.
pub(crate) fn conforms(bytes: &[u8], language: &str, title: &str) {
    let checked = told("qpdf", &["--check"], bytes, &[]);
    assert!(checked.contains("No syntax or stream encoding errors found"), "{checked}");
    let plain = unpacked(bytes);
    for part in [
        "/StructTreeRoot",
        "/Marked true",
        "/DisplayDocTitle true",
        "/OutputIntents",
        &format!("/Lang ({language})"),
        "<pdfuaid:part>1</pdfuaid:part>",
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "2026-11-23T14:05:00+02:00",
    ] {
        assert!(plain.contains(part), "no {part}");
    }
    let about = told("pdfinfo", &[], bytes, &[]);
    assert!(about.lines().any(|line| line.starts_with("Title:") && line.ends_with(title)), "{about}");
    assert!(about.lines().any(|line| line.starts_with("Tagged:") && line.ends_with("yes")), "{about}");
}

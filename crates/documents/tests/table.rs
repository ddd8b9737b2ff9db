//! Tables as people send them: every encoding with every separator, and every bad file that we know of.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it must be")]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use seloste_documents::table::{
    ErrorFile, HeaderChoice, Limits, Options, Row, RowProblem, Separator, Table, TableError,
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn read(path: &Path, options: &Options) -> Result<(Table, Vec<Row>), TableError> {
    let mut table = Table::open(path, options)?;
    let rows = table.rows()?.collect::<Result<Vec<_>, _>>()?;
    Ok((table, rows))
}

fn error(bytes: &[u8]) -> TableError {
    let folder = Folder::new();
    match read(&folder.file("x.csv", bytes), &Options::default()) {
        Ok(_) => panic!("read"),
        Err(error) => error,
    }
}

fn rows(bytes: &[u8]) -> Vec<Row> {
    let folder = Folder::new();
    read(&folder.file("x.csv", bytes), &Options::default()).unwrap().1
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|c| if c == '€' { 0x80 } else { u8::try_from(u32::from(c)).unwrap() }).collect()
}

const RECORDS: [[&str; 4]; 4] = [
    ["Sukunimi", "Etunimi", "Lisätieto", "Hinta"],
    ["Mäkelä", "Åsa", "sanoi \"hei\", lähti;\nja palasi", "12,50 €"],
    ["O'Hara", "José Ñandú", "a\tb|c", "7,00 €"],
    ["Öhman", "Kyösti", "", "1 000,25 €"],
];

fn written(separator: Separator, ending: &str) -> String {
    let mark = match separator {
        Separator::Comma => ",",
        Separator::Semicolon => ";",
        Separator::Tab => "\t",
        Separator::Pipe => "|",
    };
    let quoted = |cell: &&str| format!("\"{}\"", cell.replace('"', "\"\""));
    let record = |cells: &[&str; 4]| cells.iter().map(quoted).collect::<Vec<_>>().join(mark);
    RECORDS.iter().map(record).collect::<Vec<_>>().join(ending) + ending
}

#[test]
fn every_encoding_and_separator_gives_the_same_rows() {
    let folder = Folder::new();
    for separator in Separator::ALL {
        for ending in ["\n", "\r\n", "\r"] {
            let text = written(separator, ending);
            let marked = format!("\u{feff}{text}");
            for (encoding, bytes) in [
                ("UTF-8", text.clone().into_bytes()),
                ("UTF-8", marked.clone().into_bytes()),
                ("UTF-16LE", utf16(&marked, u16::to_le_bytes)),
                ("UTF-16BE", utf16(&marked, u16::to_be_bytes)),
                ("UTF-16LE", utf16(&text, u16::to_le_bytes)),
                ("UTF-16BE", utf16(&text, u16::to_be_bytes)),
                ("windows-1252", windows_1252(&text)),
            ] {
                let path = folder.file("x.csv", &bytes);
                let (table, rows) = read(&path, &Options::default()).unwrap();
                assert_eq!((table.encoding(), table.separator()), (Some(encoding), Some(separator)), "{ending:?}");
                assert_eq!(table.headers(), RECORDS[0]);
                let cells: Vec<_> = rows.iter().map(|row| row.fields.clone()).collect();
                assert_eq!(cells, RECORDS[1..], "{encoding} {separator:?} {ending:?}");
                assert!(rows.iter().all(|row| row.problem.is_none() && row.padded == 0));
                assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3, 4]);
            }
        }
    }
}

#[test]
fn a_letter_on_the_last_line_decides() {
    let mut text = String::from("name;town\n");
    for i in 0..40_000 {
        text.push_str(&format!("Anna {i};Oulu\n"));
    }
    let mut legacy = text.clone().into_bytes();
    legacy.extend(windows_1252("Mäki;Jyväskylä\n"));
    let rows = rows(&legacy);
    assert_eq!(rows.last().unwrap().fields, ["Mäki", "Jyväskylä"]);
    let mut mixed = format!("{text}Åsa;Åbo\n").into_bytes();
    mixed.extend(windows_1252("Mäki;Jyväskylä\n"));
    let error = error(&mixed);
    assert!(matches!(error, TableError::MixedEncodings { utf8_line: 40_002, other_line: 40_003 }), "{error}");
}

#[test]
fn an_unclear_encoding_is_asked_for() {
    // `Mäki;Jyväskylä` in DOS code page 850: a guess would make `M„ki` of it.
    let dos = b"nimi;paikka\nM\x84ki;Jyv\x84skyl\x84\n";
    assert!(matches!(error(dos), TableError::UnclearEncoding { line: 2, .. }));
    let cyrillic =
        b"\xd4\xe0\xec\xe8\xeb\xe8\xff;\xc3\xee\xf0\xee\xe4\n\xcf\xf3\xf8\xea\xe8\xed;\xcc\xee\xf1\xea\xe2\xe0\n";
    assert!(matches!(error(cyrillic), TableError::UnclearEncoding { guess: "windows-1251", .. }));
    let folder = Folder::new();
    let options = Options { encoding: Some("windows-1251".into()), ..Options::default() };
    let (_, rows) = read(&folder.file("x.csv", cyrillic), &options).unwrap();
    assert_eq!(rows[0].fields, ["Пушкин", "Москва"]);
    let options = Options { encoding: Some("utf-8".into()), ..Options::default() };
    let told = read(&folder.file("x.csv", b"a;b\n\xe4;x\n"), &options).map(drop);
    assert!(matches!(told, Err(TableError::Encoding { encoding: "UTF-8", line: 2 })));
    let options = Options { encoding: Some("klingon".into()), ..Options::default() };
    let told = read(&folder.file("x.csv", b"a;b\n"), &options).map(drop);
    assert!(matches!(told, Err(TableError::UnknownEncoding(_))));
    let half = [utf16(&"a;b\n".repeat(20), u16::to_le_bytes), vec![0x00, 0xd8, b'x', 0]].concat();
    assert!(matches!(error(&half), TableError::Encoding { encoding: "UTF-16LE", line: 21 }));
}

#[test]
fn what_is_no_table_is_refused_by_its_first_bytes() {
    for (bytes, want) in [
        (&b"%PDF-1.7 ..."[..], "table-not-a-table"),
        (&[0xd0, 0xcf, 0x11, 0xe0, 0xa1][..], "table-not-a-table"),
        (b"PK\x03\x04garbage", "table-damaged"),
        (b"", "table-empty"),
        (b"\n\n\n", "table-empty"),
        (&[0xff, 0xfe, 0, 0, b'a', 0, 0, 0][..], "table-not-a-table"),
    ] {
        let error = error(bytes);
        assert_eq!(error.code(), want, "{error}");
    }
}

#[test]
fn a_bad_row_is_named_and_the_others_are_read() {
    let large = "x".repeat(10 << 20);
    let text =
        format!("name;town\nAnna;Oulu\nBeda;{large}\nCilla\nDora;Turku;extra\nEva;Espoo;\nF\0ia;Salo\n\nGun;Kotka\n");
    let rows = rows(text.as_bytes());
    let found: Vec<_> = rows.iter().map(|row| (row.number, row.padded, row.problem)).collect();
    assert_eq!(
        found,
        [
            (2, 0, None),
            (3, 0, Some((1, RowProblem::FieldTooLarge { limit: 1 << 20 }))),
            (4, 1, None),
            (5, 0, Some((2, RowProblem::ExtraCells { found: 3, expected: 2 }))),
            (6, 0, None),
            (7, 0, Some((0, RowProblem::Nul))),
            (9, 0, None),
        ]
    );
    assert_eq!(rows[2].fields, ["Cilla", ""]);
    assert_eq!(rows[3].fields, ["Dora", "Turku", "extra"]);
    assert_eq!(rows[1].fields[1].len(), 1 << 20);
}

#[test]
fn a_quote_that_is_never_closed_is_told() {
    let rows = rows(b"name;town\nAnna;\"Oulu\nBeda;Turku\n");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].problem, Some((1, RowProblem::UnclosedQuote)));
}

#[test]
fn too_many_columns() {
    let header = vec!["h"; 10_000].join(";");
    assert!(matches!(error(header.as_bytes()), TableError::TooLarge { what: "columns", limit: 1_000 }));
    let wide = format!("a;b\n{}\n1;2\n", vec!["1"; 10_000].join(";"));
    let rows = rows(wide.as_bytes());
    assert_eq!(rows[0].problem, Some((1_000, RowProblem::TooManyColumns { limit: 1_000 })));
    assert_eq!(rows[1].problem, None);
}

#[test]
fn limits_of_rows_and_bytes() {
    let folder = Folder::new();
    let path = folder.file("x.csv", b"a;b\n1;2\n3;4\n");
    let with = |limits| read(&path, &Options { limits, ..Options::default() }).map(|(_, rows)| rows.len());
    assert!(matches!(with(Limits { file: 5, ..Limits::default() }), Err(TableError::TooLarge { what: "bytes", .. })));
    assert!(matches!(with(Limits { rows: 1, ..Limits::default() }), Err(TableError::TooLarge { what: "rows", .. })));
    assert_eq!(with(Limits { rows: 2, ..Limits::default() }).unwrap(), 2);
}

#[test]
fn a_file_without_header_is_told() {
    let folder = Folder::new();
    let path = folder.file("x.csv", b"Anna;anna@example.com\nBeda;beda@example.com\n");
    let (table, rows) = read(&path, &Options::default()).unwrap();
    assert!(!table.has_header());
    assert_eq!((table.headers(), rows.len()), (&["column 1".to_owned(), "column 2".to_owned()][..], 2));
    let options = Options { header: HeaderChoice::Present, ..Options::default() };
    let (table, rows) = read(&path, &options).unwrap();
    assert_eq!((table.headers()[0].as_str(), rows.len()), ("Anna", 1));
}

fn workbook(folder: &Folder) -> PathBuf {
    use rust_xlsxwriter::{Format, Workbook};
    let path = folder.0.path().join("book.csv");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["Nimi", "Päivä", "Summa", "Puhelin"]).unwrap();
    sheet.write(1, 0, "Mäkelä \u{1f33e}").unwrap();
    let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 11, 23).unwrap();
    sheet.write_datetime_with_format(1, 1, &date, &Format::new().set_num_format("d.m.yyyy")).unwrap();
    sheet.write(1, 2, 0.1 + 0.2).unwrap();
    sheet.write(1, 3, 358_401_234_567.0).unwrap();
    sheet.write(3, 0, "Öhman").unwrap();
    sheet.write(3, 5, "beyond").unwrap();
    book.add_worksheet().write(0, 0, "other").unwrap();
    book.save(&path).unwrap();
    path
}

#[test]
fn a_workbook_gives_plain_text() {
    let folder = Folder::new();
    let (table, rows) = read(&workbook(&folder), &Options::default()).unwrap();
    assert_eq!((table.encoding(), table.other_sheets()), (None, &["Sheet2".to_owned()][..]));
    assert_eq!(rows[0].fields, ["Mäkelä \u{1f33e}", "2026-11-23", "0.3", "358401234567"]);
    assert_eq!((rows[1].number, rows[1].problem.map(|(column, _)| column)), (4, Some(5)));
    let options = Options { sheet: Some("Sheet9".into()), ..Options::default() };
    assert!(matches!(read(&workbook(&folder), &options), Err(TableError::NoSheet(_))));
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let folder = Folder::new();
    let limits = Limits { unpacked: 500, ..Limits::default() };
    let bomb = read(&workbook(&folder), &Options { limits, ..Options::default() });
    assert!(matches!(bomb, Err(TableError::TooLarge { what: "unpacked bytes", limit: 500 })));
}

#[test]
fn the_error_file_can_be_mended_and_read_again() {
    let folder = Folder::new();
    let path = folder.0.path().join("errors.csv");
    let header = ["row", "column", "reason", "Nimi", "Puhelin"].map(str::to_owned).to_vec();
    let mut file = ErrorFile::new(&path, header.clone());
    let fields = ["=HYPERLINK(1);\"x\"".to_owned(), "+358 40 1234567".to_owned()];
    file.write(7, "Nimi", "bad", &fields).unwrap();
    assert_eq!(file.finish().unwrap(), Some(path.clone()));
    assert!(std::fs::read(&path).unwrap().starts_with(&[0xef, 0xbb, 0xbf]));
    let (table, rows) = read(&path, &Options::default()).unwrap();
    assert_eq!(table.headers(), header);
    assert_eq!(rows[0].fields[3], "'=HYPERLINK(1);\"x\"");
    assert_eq!(seloste_documents::formula::unguard(&rows[0].fields[3]), fields[0]);
    assert_eq!(rows[0].fields[4], fields[1]);
    assert!(ErrorFile::new(&folder.0.path().join("none.csv"), header).finish().unwrap().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_make_it_fall(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let folder = Folder::new();
        let _ = read(&folder.file("x.csv", &bytes), &Options::default());
    }

    #[test]
    fn no_zip_makes_it_fall(at in 0_usize..6_000, byte in any::<u8>()) {
        let folder = Folder::new();
        let path = workbook(&folder);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= byte;
        let _ = read(&folder.file("y.xlsx", &bytes), &Options::default());
    }

    #[test]
    fn what_is_written_is_read(cells in prop::collection::vec(prop::collection::vec("[a-zäö;,\"\n ']{0,8}", 3), 1..6)) {
        let folder = Folder::new();
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |cells: &Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(";") + "\n";
        let text = format!("first;second;third\n{}", cells.iter().map(line).collect::<String>());
        let options = Options { separator: Some(Separator::Semicolon), ..Options::default() };
        let (_, rows) = read(&folder.file("x.csv", text.as_bytes()), &options).unwrap();
        let filled: Vec<_> =
            cells.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).cloned().collect();
        prop_assert_eq!(rows.into_iter().map(|row| row.fields).collect::<Vec<_>>(), filled);
    }
}

//! Tables that leave the register, as spreadsheets take them. Rows are written as they come, so that memory does not
//! grow with the table.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{Format as CellFormat, Workbook, XlsxError};

use crate::table::{self, TableError};

/// Rows that a worksheet can have, its header included.
const SHEET_ROWS: u32 = 1_048_576;

/// The kind of file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Semicolons and UTF-8 with a byte order mark, as Finnish spreadsheets expect; cells are guarded against being run as
    /// formulas.
    Csv,
    /// A workbook of one sheet, its cells text but for columns of numbers.
    Xlsx,
    /// Cards for address books (vCard 4.0, RFC 6350).
    Vcard,
}

impl Format {
    /// The format of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "vcf" => Some(Self::Vcard),
            _ => None,
        }
    }

    /// Its name, and that of its files' endings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Vcard => "vcf",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Vcard => "text/vcard; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// A table while it is written. Only its owner may read the file.
pub struct Export {
    path: PathBuf,
    kind: Kind,
    rows: u64,
    numbers: Vec<usize>,
}

enum Kind {
    Csv(BufWriter<File>),
    Xlsx(Box<Workbook>),
    Vcard { out: BufWriter<File>, columns: Vec<String> },
}

impl Export {
    /// A new file: its columns by the names that mappings of imports have, and as its header shows them.
    ///
    /// # Errors
    /// The file is there already, or can not be written.
    pub fn new(path: &Path, format: Format, columns: &[&str], header: &[String]) -> Result<Self, TableError> {
        let file = table::create(path).map_err(|e| TableError::io(path, e))?;
        let kind = match format {
            Format::Csv => {
                let mut out = BufWriter::new(file);
                out.write_all("\u{feff}".as_bytes()).map_err(|e| TableError::io(path, e))?;
                Kind::Csv(out)
            }
            Format::Xlsx => {
                let mut workbook = Box::new(Workbook::new());
                let bold = CellFormat::new().set_bold();
                let sheet = workbook.add_worksheet_with_constant_memory();
                sheet.set_row_format(0, &bold).map_err(|e| failed(path, &e))?;
                Kind::Xlsx(workbook)
            }
            Format::Vcard => {
                let columns = columns.iter().copied().map(str::to_owned).collect();
                Kind::Vcard { out: BufWriter::new(file), columns }
            }
        };
        let mut export = Self { path: path.to_owned(), kind, rows: 0, numbers: Vec::new() };
        if format != Format::Vcard {
            export.write(header)?;
        }
        Ok(export)
    }

    /// Columns whose cells are numbers, written `-1234.50`: a workbook counts with them, and CSV has the decimal comma that
    /// goes with its semicolons.
    #[must_use]
    pub fn with_numbers(mut self, columns: Vec<usize>) -> Self {
        self.numbers = columns;
        self
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The file can not be written, or holds no more.
    pub fn row(&mut self, cells: &[String]) -> Result<(), TableError> {
        self.rows += 1;
        if matches!(self.kind, Kind::Csv(_)) && !self.numbers.is_empty() {
            let comma = |(place, cell): (usize, &String)| {
                if self.numbers.contains(&place) { cell.replace('.', ",") } else { cell.clone() }
            };
            let cells: Vec<String> = cells.iter().enumerate().map(comma).collect();
            return self.write(&cells);
        }
        self.write(cells)
    }

    fn write(&mut self, cells: &[String]) -> Result<(), TableError> {
        let path = &self.path;
        match &mut self.kind {
            Kind::Csv(out) => out.write_all(table::text(cells).as_bytes()).map_err(|e| TableError::io(path, e)),
            Kind::Xlsx(workbook) => {
                let row = u32::try_from(self.rows).ok().filter(|row| *row < SHEET_ROWS);
                let row = row.ok_or(TableError::TooLarge { what: "rows", limit: u64::from(SHEET_ROWS) })?;
                let sheet = workbook.worksheet_from_index(0).map_err(|e| failed(path, &e))?;
                for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                    let is_number = row > 0 && self.numbers.contains(&usize::from(column));
                    let written = match cell.parse::<f64>().ok().filter(|_| is_number) {
                        Some(number) => sheet.write_number(row, column, number),
                        None => sheet.write_string(row, column, cell),
                    };
                    written.map_err(|e| failed(path, &e))?;
                }
                Ok(())
            }
            Kind::Vcard { out, columns } => {
                let cell = |name: &str| {
                    let place = columns.iter().position(|column| column == name);
                    place.and_then(|place| cells.get(place)).map_or("", String::as_str)
                };
                let is_organisation = !columns.iter().any(|column| column == "family");
                out.write_all(vcard(is_organisation, cell).as_bytes()).map_err(|e| TableError::io(path, e))
            }
        }
    }

    /// Writes what is waiting; how many rows there are, the header not counted.
    ///
    /// # Errors
    /// The file can not be written.
    pub fn finish(self) -> Result<u64, TableError> {
        let Self { path, kind, rows, .. } = self;
        match kind {
            Kind::Csv(mut out) | Kind::Vcard { mut out, .. } => out.flush().map_err(|e| TableError::io(&path, e))?,
            Kind::Xlsx(mut workbook) => {
                let file = File::create(&path).map_err(|e| TableError::io(&path, e))?;
                workbook.save_to_writer(BufWriter::new(file)).map_err(|e| failed(&path, &e))?;
            }
        }
        Ok(rows)
    }
}

/// One card. A property without a value is left out, save the name that every card must have.
fn vcard<'c>(is_organisation: bool, cell: impl Fn(&str) -> &'c str) -> String {
    let (given, family) = (cell("given"), cell("family"));
    let full = format!("{given} {family}");
    let named = [full.trim(), cell("organisation"), cell("email"), cell("telephone"), cell("customer_number")];
    let name = named.into_iter().find(|text| !text.is_empty()).unwrap_or("-");
    let parts = |texts: &[&str]| texts.iter().map(|text| escaped(text)).collect::<Vec<_>>().join(";");
    let address = ["", "", cell("street"), cell("town"), "", cell("postal_code"), cell("country")];
    let mut card = String::new();
    let mut property = |name: &str, value: String| {
        if !value.trim_matches(';').is_empty() {
            folded(&mut card, &format!("{name}:{value}"));
        }
    };
    property("BEGIN", "VCARD".into());
    property("VERSION", "4.0".into());
    if is_organisation {
        property("KIND", "org".into());
    }
    property("FN", escaped(name));
    property("N", parts(&[family, given, "", "", ""]));
    property("ORG", escaped(cell("organisation")));
    property("TITLE", escaped(cell("title")));
    property("EMAIL", escaped(cell("email")));
    property("TEL", escaped(cell("telephone")));
    property("ADR", parts(&address));
    property("LANG", escaped(cell("language")));
    property("END", "VCARD".into());
    card
}

/// A small table as CSV or as a workbook, made in memory: nothing of it is left on a disk.
///
/// # Errors
/// The workbook can not be made.
pub fn in_memory(format: Format, header: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, TableError> {
    let all = || std::iter::once(header).chain(rows.iter().map(Vec::as_slice));
    if format != Format::Xlsx {
        let text: String = all().map(table::text).collect();
        return Ok(format!("\u{feff}{text}").into_bytes());
    }
    let path = Path::new("table.xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0_u32..).zip(all()) {
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, cell).map_err(|e| failed(path, &e))?;
        }
    }
    workbook.save_to_buffer().map_err(|e| failed(path, &e))
}

/// A card (vCard 4.0, RFC 6350) of properties, each with its parts; one without anything in it is left out.
#[must_use]
pub fn card(properties: &[(&str, Vec<String>)]) -> String {
    let mut card = String::from("BEGIN:VCARD\r\nVERSION:4.0\r\n");
    for (name, parts) in properties.iter().filter(|(_, parts)| parts.iter().any(|part| !part.is_empty())) {
        let parts: Vec<String> = parts.iter().map(|part| escaped(part)).collect();
        folded(&mut card, &format!("{name}:{}", parts.join(";")));
    }
    card.push_str("END:VCARD\r\n");
    card
}

/// RFC 6350, 3.4.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
    text.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

/// RFC 6350, 3.2: a line of more than 75 bytes goes on in the next one, after a space.
fn folded(card: &mut String, line: &str) {
    let mut length = 0;
    for character in line.chars() {
        if length + character.len_utf8() > 75 {
            card.push_str("\r\n ");
            length = 1;
        }
        card.push(character);
        length += character.len_utf8();
    }
    card.push_str("\r\n");
}

fn failed(path: &Path, error: &XlsxError) -> TableError {
    TableError::io(path, std::io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula;
    use crate::table::{Options, Table};

    #[test]
    fn cards_are_escaped_and_folded() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("people.vcf");
        let columns = ["family", "given", "organisation", "street", "town", "postal_code", "country", "email"];
        let mut export = Export::new(&path, Format::Vcard, &columns, &[]).unwrap();
        let long = "Erittäin pitkän nimen omaava, mutta silti; aivan tavallinen \\ yhdistys ry";
        let rows = [
            ["Öhman", "Åke", long, "Torikatu 38\nB 2", "Oulu", "90100", "FI", "ake@example.com"],
            ["", "", "", "", "", "", "", "vain@example.com"],
        ];
        for row in rows {
            export.row(&row.map(str::to_owned)).unwrap();
        }
        assert_eq!(export.finish().unwrap(), 2);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().all(|line| line.len() <= 76), "{text}");
        let unfolded = text.replace("\r\n ", "");
        assert!(unfolded.starts_with("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Åke Öhman\r\nN:Öhman;Åke;;;\r\n"), "{unfolded}");
        let organisation = "ORG:Erittäin pitkän nimen omaava\\, mutta silti\\; aivan tavallinen \\\\ yhdistys ry\r\n";
        assert!(unfolded.contains(organisation), "{unfolded}");
        assert!(unfolded.contains("ADR:;;Torikatu 38\\nB 2;Oulu;;90100;FI\r\n"), "{unfolded}");
        assert!(
            unfolded.ends_with(
                "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:vain@example.com\r\nEMAIL:vain@example.com\r\nEND:VCARD\r\n"
            )
        );
    }

    #[test]
    fn numbers_are_counted_with() {
        let dir = tempfile::tempdir().unwrap();
        for (format, amount) in [(Format::Csv, "-1234,50"), (Format::Xlsx, "-1234.5")] {
            let path = dir.path().join(format!("orders.{}", format.as_str()));
            let export = Export::new(&path, format, &[], &["Numero", "Summa"].map(str::to_owned)).unwrap();
            let mut export = export.with_numbers(vec![1]);
            export.row(&["12.5", "-1234.50"].map(str::to_owned)).unwrap();
            export.finish().unwrap();
            let mut table = Table::open(&path, &Options::default()).unwrap();
            let read: Vec<Vec<String>> = table.rows().unwrap().map(|row| row.unwrap().fields).collect();
            assert_eq!(read, [["12.5", amount]], "{format:?}");
        }
    }

    #[test]
    fn what_was_written_is_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let rows = [
            ["Pirkko; \"Pike\"", "=1+1", "+358 40 1234567"],
            ["مريم", "@SUM(A1)", "monta\nriviä"],
            ["Åke 🦔", "-1", ""],
        ];
        for format in [Format::Csv, Format::Xlsx] {
            let path = dir.path().join(format!("people.{}", format.as_str()));
            let mut export = Export::new(&path, format, &[], &["Nimi", "Muu", "Puhelin"].map(str::to_owned)).unwrap();
            for row in &rows {
                export.row(&row.map(str::to_owned)).unwrap();
            }
            assert_eq!(export.finish().unwrap(), 3);
            assert!(Export::new(&path, format, &[], &[]).is_err(), "a file that is there is left as it is");
            let mut table = Table::open(&path, &Options::default()).unwrap();
            let read: Vec<Vec<String>> = table.rows().unwrap().map(|row| row.unwrap().fields).collect();
            let unguarded: Vec<Vec<&str>> =
                read.iter().map(|row| row.iter().map(|cell| formula::unguard(cell)).collect()).collect();
            assert_eq!(unguarded, rows, "{format:?}");
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(format == Format::Xlsx || !text.contains(";=1+1"), "a cell that would be run");
        }
    }
}

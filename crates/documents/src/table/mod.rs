//! Tables out of files: CSV in any common encoding and separator, and XLSX. Rows are read one by one, so that memory
//! does not grow with the file; every length has a limit.

mod csv;
mod encoding;
mod error;
mod error_file;
mod header;
mod row;
mod xlsx;

use std::path::{Path, PathBuf};

pub use error::{RowProblem, TableError};
pub use error_file::ErrorFile;
pub(crate) use error_file::{create, text};
pub use row::Row;

use csv::{CsvReader, Text};
use encoding::{Decoded, Detected};
use row::RawRow;
use xlsx::{Workbook, XlsxRows};

/// Bytes by which the separator is told.
const SAMPLE: usize = 64 * 1024;

/// What stands between two cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tabulator.
    Tab,
    /// `|`
    Pipe,
}

impl Separator {
    /// All of them; where a file does not tell two apart, the first one counts.
    pub const ALL: [Self; 4] = [Self::Tab, Self::Semicolon, Self::Pipe, Self::Comma];

    const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }

    /// Its name for people and options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
        }
    }

    /// The separator of a name or the character itself.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text || text.as_bytes() == [s.byte()])
    }
}

/// How much a file may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the file.
    pub file: u64,
    /// Bytes of a field, in UTF-8.
    pub field: usize,
    /// Columns.
    pub columns: usize,
    /// Rows.
    pub rows: u64,
    /// Bytes of a workbook's sheets when unpacked.
    pub unpacked: u64,
    /// Bytes of a workbook's other parts when unpacked: its texts are kept in memory.
    pub shared: u64,
    /// Parts of a workbook.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 8 << 30,
            field: 1 << 20,
            columns: 1_000,
            rows: 20_000_000,
            unpacked: 1 << 30,
            shared: 128 << 20,
            parts: 2_000,
        }
    }
}

/// Whether the first row names the columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum HeaderChoice {
    /// Told from its cells.
    #[default]
    Auto,
    /// It does.
    Present,
    /// It is data.
    Absent,
}

/// How to read a file, where it is not to be told from the file itself.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The encoding by a name of the WHATWG list.
    pub encoding: Option<String>,
    /// The separator.
    pub separator: Option<Separator>,
    /// The header.
    pub header: HeaderChoice,
    /// The sheet of a workbook; none: the first visible one.
    pub sheet: Option<String>,
    /// The limits.
    pub limits: Limits,
}

enum Source {
    Csv { detected: Detected, separator: Separator },
    Xlsx { workbook: Box<Workbook>, sheet: String, others: Vec<String> },
}

/// A file opened as a table.
pub struct Table {
    path: PathBuf,
    source: Source,
    headers: Vec<String>,
    repeated: Vec<String>,
    has_header: bool,
    limits: Limits,
}

impl Table {
    /// Opens a file: tells what it is, checks its encoding from beginning to end, and reads the header.
    ///
    /// # Errors
    /// It is not a table, its encoding can not be told, it is too large, or it can not be read.
    pub fn open(path: &Path, options: &Options) -> Result<Self, TableError> {
        let limits = options.limits;
        let size = std::fs::metadata(path).map_err(|e| TableError::io(path, e))?.len();
        if size > limits.file {
            return Err(TableError::TooLarge { what: "bytes", limit: limits.file });
        }
        if size == 0 {
            return Err(TableError::Empty);
        }
        let source = if is_workbook(path)? { workbook(path, options)? } else { separated(path, options)? };
        let mut table = Self {
            path: path.to_owned(),
            source,
            headers: Vec::new(),
            repeated: Vec::new(),
            has_header: false,
            limits,
        };
        let first = table.raw()?.next()?.ok_or(TableError::Empty)?;
        if let Some((_, RowProblem::TooManyColumns { limit })) = first.problem {
            return Err(TableError::TooLarge { what: "columns", limit: limit as u64 });
        }
        table.has_header = match options.header {
            HeaderChoice::Auto => header::looks_like_header(&first.fields),
            HeaderChoice::Present => true,
            HeaderChoice::Absent => false,
        };
        (table.headers, table.repeated) = header::named(&first.fields, table.has_header);
        Ok(table)
    }

    /// The names of the columns; `column 1` and so on where they have none.
    #[must_use]
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Whether the first row was taken for the header.
    #[must_use]
    pub const fn has_header(&self) -> bool {
        self.has_header
    }

    /// Names that more than one column has; the later ones were numbered.
    #[must_use]
    pub fn repeated_headers(&self) -> &[String] {
        &self.repeated
    }

    /// The encoding; none for a workbook.
    #[must_use]
    pub fn encoding(&self) -> Option<&'static str> {
        match &self.source {
            Source::Csv { detected, .. } => Some(detected.encoding.name()),
            Source::Xlsx { .. } => None,
        }
    }

    /// The separator; none for a workbook.
    #[must_use]
    pub const fn separator(&self) -> Option<Separator> {
        match &self.source {
            Source::Csv { separator, .. } => Some(*separator),
            Source::Xlsx { .. } => None,
        }
    }

    /// The sheets of a workbook that are not read.
    #[must_use]
    pub fn other_sheets(&self) -> &[String] {
        match &self.source {
            Source::Csv { .. } => &[],
            Source::Xlsx { others, .. } => others,
        }
    }

    fn raw(&mut self) -> Result<RawRows<'_>, TableError> {
        Ok(match &mut self.source {
            Source::Csv { detected, separator } => {
                let text = Text::File(Box::new(Decoded::open(&self.path, *detected)?));
                RawRows::Csv(Box::new(CsvReader::new(text, *separator, self.limits)))
            }
            Source::Xlsx { workbook, sheet, .. } => {
                RawRows::Xlsx(Box::new(XlsxRows::new(workbook, sheet, self.limits)?))
            }
        })
    }

    /// The rows from the first one, without the header and without empty rows. Each call begins anew.
    ///
    /// # Errors
    /// The file can not be read.
    pub fn rows(&mut self) -> Result<Rows<'_>, TableError> {
        let (expected, limit, has_header) = (self.headers.len(), self.limits.rows, self.has_header);
        let mut raw = self.raw()?;
        if has_header {
            raw.next()?;
        }
        Ok(Rows { raw, expected, limit, read: 0, failed: false })
    }

    /// The first `count` rows that can be used.
    ///
    /// # Errors
    /// The file can not be read.
    pub fn samples(&mut self, count: usize) -> Result<Vec<Row>, TableError> {
        let mut samples = Vec::new();
        for row in self.rows()? {
            let row = row?;
            if row.problem.is_none() {
                samples.push(row);
            }
            if samples.len() >= count {
                break;
            }
        }
        Ok(samples)
    }
}

enum RawRows<'a> {
    Csv(Box<CsvReader>),
    Xlsx(Box<XlsxRows<'a>>),
}

impl RawRows<'_> {
    fn next(&mut self) -> Result<Option<RawRow>, TableError> {
        loop {
            let row = match self {
                Self::Csv(reader) => reader.next()?,
                Self::Xlsx(rows) => rows.next()?,
            };
            match row {
                Some(row) if row.is_blank() => {}
                other => return Ok(other),
            }
        }
    }
}

/// The rows of a table. After an error there are no more.
pub struct Rows<'a> {
    raw: RawRows<'a>,
    expected: usize,
    limit: u64,
    read: u64,
    failed: bool,
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = match self.raw.next() {
            Ok(Some(_)) if self.read >= self.limit => Err(TableError::TooLarge { what: "rows", limit: self.limit }),
            Ok(row) => Ok(row?.fit(self.expected)),
            Err(error) => Err(error),
        };
        self.read += 1;
        self.failed = next.is_err();
        Some(next)
    }
}

/// What a file is by its first bytes, whatever its name says: true for a ZIP, which a workbook is.
fn is_workbook(path: &Path) -> Result<bool, TableError> {
    let mut head = [0; 16];
    let mut file = std::fs::File::open(path).map_err(|e| TableError::io(path, e))?;
    let read = encoding::read_full(&mut file, &mut head).map_err(|e| TableError::io(path, e))?;
    let head = head.get(..read).unwrap_or_default();
    let known: [(&[u8], &str); 9] = [
        (b"%PDF", "PDF"),
        (&[0xd0, 0xcf, 0x11, 0xe0], "XLS or other old office"),
        (&[0x1f, 0x8b], "GZIP"),
        (&[0x89, b'P', b'N', b'G'], "PNG"),
        (&[0xff, 0xd8, 0xff], "JPEG"),
        (b"GIF8", "GIF"),
        (b"Rar!", "RAR"),
        (&[b'7', b'z', 0xbc, 0xaf], "7-Zip"),
        (b"SQLite format 3", "SQLite"),
    ];
    match known.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, what)) => Err(TableError::NotATable(what)),
        None => Ok(head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")),
    }
}

fn workbook(path: &Path, options: &Options) -> Result<Source, TableError> {
    let (workbook, sheets) = xlsx::open(path, options.limits)?;
    let sheet = match &options.sheet {
        Some(name) => sheets.iter().find(|sheet| *sheet == name).ok_or_else(|| TableError::NoSheet(name.clone()))?,
        None => sheets.first().ok_or(TableError::Empty)?,
    };
    let others = sheets.iter().filter(|other| *other != sheet).cloned().collect();
    Ok(Source::Xlsx { workbook: Box::new(workbook), sheet: sheet.clone(), others })
}

fn separated(path: &Path, options: &Options) -> Result<Source, TableError> {
    let detected = encoding::detect(path, options.encoding.as_deref())?;
    let separator = match options.separator {
        Some(separator) => separator,
        None => {
            let mut decoded = Decoded::open(path, detected)?;
            let mut sample = Vec::new();
            decoded.fill(&mut sample)?;
            let is_whole = sample.len() < SAMPLE / 3;
            header::separator(&sample, options.limits, is_whole)
        }
    };
    Ok(Source::Csv { detected, separator })
}

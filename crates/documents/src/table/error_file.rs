//! The file of the rows that were not imported: it opens in a spreadsheet, tells why, and can be mended and imported
//! again.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::error::TableError;
use crate::formula;

/// Writes rows with what is wrong with them: UTF-8 with a byte order mark and semicolons, as Finnish spreadsheets expect.
/// It is made with its first row, and only its owner may read it: it holds what the source held.
pub struct ErrorFile {
    path: PathBuf,
    header: Vec<String>,
    file: Option<BufWriter<File>>,
}

impl ErrorFile {
    /// A file that will begin with `header`: three names for row, column and reason, then those of the source.
    #[must_use]
    pub fn new(path: &Path, header: Vec<String>) -> Self {
        Self { path: path.to_owned(), header, file: None }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// The file can not be written, or is there already.
    pub fn write(&mut self, row: u64, column: &str, reason: &str, fields: &[String]) -> Result<(), TableError> {
        let mut line = vec![row.to_string(), column.to_owned(), reason.to_owned()];
        line.extend_from_slice(fields);
        if self.file.is_none() {
            let mut file = BufWriter::new(create(&self.path).map_err(|e| TableError::io(&self.path, e))?);
            let header = format!("\u{feff}{}", text(&self.header));
            file.write_all(header.as_bytes()).map_err(|e| TableError::io(&self.path, e))?;
            self.file = Some(file);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(text(&line).as_bytes()).map_err(|e| TableError::io(&self.path, e))
    }

    /// Writes what is waiting; the path, if there was any row.
    ///
    /// # Errors
    /// The file can not be written.
    pub fn finish(self) -> Result<Option<PathBuf>, TableError> {
        let Self { path, file, .. } = self;
        let Some(file) = file else { return Ok(None) };
        let file = file.into_inner().map_err(|e| TableError::io(&path, e.into_error()))?;
        file.sync_all().map_err(|e| TableError::io(&path, e))?;
        Ok(Some(path))
    }
}

pub(crate) fn create(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(crate) fn text(fields: &[String]) -> String {
    let quoted = |field: &String| {
        let guarded = formula::guard(field);
        let needs = guarded.contains([';', '"', '\n', '\r', ',', '\t']) || guarded.trim() != guarded;
        if needs { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
    };
    let mut line = fields.iter().map(quoted).collect::<Vec<_>>().join(";");
    line.push_str("\r\n");
    line
}

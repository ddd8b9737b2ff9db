//! What a command answers, on standard output. A reader that has gone (`| head`) is not an error.

use std::io::Write as _;

use serde::Serialize;

use crate::failure::Outcome;

/// Writes text as it is.
pub(crate) fn text(text: &str) -> Outcome {
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Writes a line.
pub(crate) fn line(line: impl AsRef<str>) -> Outcome {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_ref().as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Writes a value as JSON, on a line.
pub(crate) fn json(value: &impl Serialize) -> Outcome {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Writes rows whose columns stand under each other.
pub(crate) fn table(rows: &[Vec<String>]) -> Outcome {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.chars().count()))))
            .collect();
        line(cells.join("  ").trim_end())?;
    }
    Ok(())
}

/// Writes a line to standard error: what happens, not what is answered.
pub(crate) fn note(line: impl AsRef<str>) {
    // Nothing is lost when nobody reads it.
    let _ = writeln!(std::io::stderr().lock(), "{}", line.as_ref());
}

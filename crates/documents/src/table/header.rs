//! Which row is the header, and which character separates cells.

use super::csv::{CsvReader, Text};
use super::{Limits, Separator};

/// Records of the sample that are compared.
const COMPARED: usize = 60;

/// The separator by which the records of a sample agree best on the number of cells. Quotes are respected.
pub(crate) fn separator(sample: &[u8], limits: Limits, is_whole: bool) -> Separator {
    let mut best = (Separator::Comma, 0, 0);
    for separator in Separator::ALL {
        let (agreeing, columns) = agreement(sample, separator, limits, is_whole);
        if columns > 1 && (agreeing, columns) > (best.1, best.2) {
            best = (separator, agreeing, columns);
        }
    }
    best.0
}

/// The share of records (per mille) that have as many cells as the first, and that number.
fn agreement(sample: &[u8], separator: Separator, limits: Limits, is_whole: bool) -> (usize, usize) {
    let mut reader = CsvReader::new(Text::Sample(Some(sample.to_vec())), separator, limits);
    let mut widths = Vec::new();
    while let Ok(Some(row)) = reader.next() {
        widths.push(row.width);
        if widths.len() == COMPARED {
            break;
        }
    }
    // The sample may end inside its last record.
    if !is_whole && widths.len() > 1 && widths.len() < COMPARED {
        widths.pop();
    }
    let Some(&first) = widths.first() else { return (0, 0) };
    let same = widths.iter().filter(|width| **width == first).count();
    (same * 1000 / widths.len(), first)
}

/// Whether a first row looks like names of columns: none of its cells looks like data.
pub(crate) fn looks_like_header(cells: &[String]) -> bool {
    let filled: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    !filled.is_empty() && filled.len() * 2 >= cells.len() && !filled.iter().any(|cell| looks_like_data(cell))
}

/// A number, a date, a telephone number, an e-mail address, or a text too long to be a name.
fn looks_like_data(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    (digits > 0 && letters == 0)
        || digits > 4
        || cell.chars().count() > 60
        || cell.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

/// The headers: a column without a name, or with one that was there before, gets one that tells it apart.
pub(crate) fn named(cells: &[String], has_header: bool) -> (Vec<String>, Vec<String>) {
    let (mut headers, mut repeated) = (Vec::<String>::new(), Vec::new());
    for (cell, number) in cells.iter().zip(1_usize..) {
        let name = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = if has_header && !name.is_empty() { name } else { format!("column {number}") };
        let mut unique = name.clone();
        let mut count = 2_usize;
        while headers.contains(&unique) {
            unique = format!("{name} ({count})");
            count += 1;
        }
        if unique != name {
            repeated.push(name);
        }
        headers.push(unique);
    }
    (headers, repeated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_told_by_agreement() {
        for (text, want) in [
            ("a,b,c\n1,2,3\n", Separator::Comma),
            ("a;b;c\n1,5;2,5;3\n", Separator::Semicolon),
            ("nimi;hinta\n\"Mäki; Oy\";1,5\nB;2,5\n", Separator::Semicolon),
            ("a\tb\n1,2\t3\n", Separator::Tab),
            ("a|b\n1|2;3\n", Separator::Pipe),
            ("name\nAnna\n", Separator::Comma),
            ("a;b\n\"x\n;y\";2\n", Separator::Semicolon),
        ] {
            assert_eq!(separator(text.as_bytes(), Limits::default(), true), want, "{text}");
        }
    }

    #[test]
    fn headers_are_told_from_data() {
        let cells = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        for (text, want) in [
            ("Name,Email,Phone", true),
            ("Nimi,,Puhelin 2", true),
            ("Anna,anna@example.com,x", false),
            ("Anna,0401234567,x", false),
            ("A-100,2026-11-23,x", false),
            (",,", false),
            ("a,,,,", false),
        ] {
            assert_eq!(looks_like_header(&cells(text)), want, "{text}");
        }
        let (headers, repeated) = named(&cells("a,,a"), true);
        assert_eq!((headers, repeated), (cells("a,column 2,a (2)"), cells("a")));
    }
}

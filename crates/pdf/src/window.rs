//! The address in the envelope's window.

/// Most characters in a row (the post's sorting machines read so many).
pub const ADDRESS_CHARACTERS: usize = 30;
/// Most rows in the window.
pub const ADDRESS_ROWS: usize = 6;

/// The rows with the long ones broken, at spaces where there are any, and the empty ones dropped.
pub(crate) fn rows(lines: &[String]) -> Vec<String> {
    lines.iter().flat_map(|line| broken(line)).collect()
}

fn broken(line: &str) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    let mut row = String::new();
    for word in line.split_whitespace() {
        if !row.is_empty() && length(&row) + 1 + length(word) > ADDRESS_CHARACTERS {
            rows.push(std::mem::take(&mut row));
        }
        if !row.is_empty() {
            row.push(' ');
        }
        for c in word.chars() {
            if length(&row) == ADDRESS_CHARACTERS {
                rows.push(std::mem::take(&mut row));
            }
            row.push(c);
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    rows
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_rows_are_broken() {
        for (line, expected) in [
            ("", &[][..]),
            ("  Matti   Meikäläinen ", &["Matti Meikäläinen"]),
            ("123456789012345678901234567890", &["123456789012345678901234567890"]),
            ("Anna-Liisa Tuomenvirta-Hämäläinen-Koskela", &["Anna-Liisa", "Tuomenvirta-Hämäläinen-Koskela"]),
            ("1234567890123456789012345678901 x", &["123456789012345678901234567890", "1 x"]),
        ] {
            assert_eq!(broken(line), expected, "{line}");
        }
    }
}

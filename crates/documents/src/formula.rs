//! Spreadsheets run a cell that begins like a formula (OWASP, "CSV injection"). Cells that we write are guarded
//! against it, and the guard can be taken off again.

/// What is put before a dangerous cell: spreadsheets show it as text.
const GUARD: char = '\'';

/// Whether a spreadsheet could take the text for a formula.
fn is_formula(text: &str) -> bool {
    let rest = text.trim_start_matches([' ', '\u{a0}']);
    let mut chars = rest.chars();
    match chars.next() {
        Some('=' | '@' | '\t' | '\r' | '\n' | '|' | '%' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}') => true,
        // A telephone number or an amount begins like a formula and is none: digits and their marks only.
        Some('+' | '-') => {
            let digits = chars.clone().any(|c| c.is_ascii_digit());
            !digits || chars.any(|c| !(c.is_ascii_digit() || " .,()-/".contains(c))) || is_sum(rest)
        }
        _ => false,
    }
}

/// `+1-2` is counted by a spreadsheet; `+358 40-1234567` is text to it because of the space.
fn is_sum(text: &str) -> bool {
    let body = text.get(1..).unwrap_or_default();
    !text.contains(' ') && body.contains(['-', '/', '(', ')'])
}

/// The text as it is written to a cell.
#[must_use]
pub fn guard(text: &str) -> String {
    // What begins like a guarded text is guarded too, so that `unguard` gives back exactly what was given.
    if is_formula(text) || text.strip_prefix(GUARD).is_some_and(|rest| rest.starts_with(GUARD) || is_formula(rest)) {
        format!("{GUARD}{text}")
    } else {
        text.to_owned()
    }
}

/// The text that [`guard`] was given.
#[must_use]
pub fn unguard(text: &str) -> &str {
    match text.strip_prefix(GUARD) {
        Some(rest) if rest.starts_with(GUARD) || is_formula(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_guarded_and_telephones_are_not() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+358 40 1234567", "+358 40 1234567"),
            ("+358401234567", "+358401234567"),
            ("+358 (0)40-123 4567", "+358 (0)40-123 4567"),
            ("-12,50", "-12,50"),
            ("-", "'-"),
            ("+1-2", "'+1-2"),
            ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
            ("  =A1", "'  =A1"),
            ("\t=A1", "'\t=A1"),
            ("'Auto'", "'Auto'"),
            ("'=1", "''=1"),
            ("", ""),
        ] {
            assert_eq!(guard(text), written, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_guard_comes_off(text in "['=+@ -]{0,4}[\\PC]{0,12}") {
            let written = guard(&text);
            prop_assert!(!is_formula(&written));
            prop_assert_eq!(unguard(&written), text);
        }
    }
}

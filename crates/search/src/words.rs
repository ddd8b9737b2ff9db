//! Cutting the texts of an entry into words.

use crate::fold;
use crate::types::Field;

/// Characters of one text that are read.
const TEXT: usize = 1000;
/// Calling codes that a number written with a national `0` may have: Finland, then Sweden (Åland and Swedish staff).
pub(crate) const NATIONAL_CODES: [&str; 2] = ["358", "46"];

/// Calls `emit` with each word, in its marked form, under which the text of a field is to be found.
pub(crate) fn for_each(field: Field, text: &str, mut emit: impl FnMut(&str)) {
    let text = match text.char_indices().nth(TEXT) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    };
    let marked = fold::marked(text);
    match field {
        Field::Telephone => telephone(&marked, emit),
        Field::Email => email(&marked, emit),
        _ => {
            written(field, &marked, &mut emit);
            if text.contains(['æ', 'Æ']) {
                // Kjær is also typed Kjaer.
                let spelt = fold::marked(&text.replace(['æ', 'Æ'], "ae"));
                written(field, &spelt, emit);
            }
        }
    }
}

fn emit_cut(word: &str, emit: &mut impl FnMut(&str)) {
    let word = fold::cut(word);
    if !word.is_empty() {
        emit(&word);
    }
}

/// The parts of a text, and of what is written with hyphens also the whole: mäki, kokko and mäkikokko.
fn written(field: Field, marked: &str, mut emit: impl FnMut(&str)) {
    let is_number = matches!(field, Field::CustomerNumber | Field::OrderNumber | Field::BusinessId);
    let is_joint = |c: char| c == '-' || is_number && matches!(c, '.' | '/' | '_');
    for chunk in marked.split(|c: char| !fold::is_word(c) && !is_joint(c)) {
        let mut parts = chunk.split(is_joint).filter(|part| !part.is_empty());
        let Some(first) = parts.next() else { continue };
        emit_cut(first, &mut emit);
        let mut whole = String::new();
        for part in parts {
            emit_cut(part, &mut emit);
            if whole.is_empty() {
                whole.push_str(first);
            }
            whole.push_str(part);
        }
        if !whole.is_empty() {
            emit_cut(&whole, &mut emit);
        }
        if field == Field::BusinessId {
            // The VAT number FI12345678 is the business id 1234567-8.
            let whole = if whole.is_empty() { first } else { &whole };
            let digits = whole.trim_start_matches(char::is_alphabetic);
            if digits.len() < whole.len() {
                emit_cut(digits, &mut emit);
            }
        }
    }
}

/// The words of the part before the `@`, and the domain, whole and without its first labels as long as two are left.
fn email(marked: &str, mut emit: impl FnMut(&str)) {
    let (local, domain) = marked.rsplit_once('@').unwrap_or((marked, ""));
    local.split(|c| !fold::is_word(c)).for_each(|part| emit_cut(part, &mut emit));
    let mut domain = domain.trim_matches(|c| !fold::is_word(c));
    loop {
        emit_cut(domain, &mut emit);
        match domain.split_once('.') {
            Some((_, rest)) if rest.contains('.') => domain = rest,
            _ => return,
        }
    }
}

/// The number in its international form.
fn telephone(marked: &str, mut emit: impl FnMut(&str)) {
    let digits: String = marked.chars().filter(char::is_ascii_digit).collect();
    let is_international = marked.trim_start().starts_with('+');
    let number = match digits.strip_prefix("00").or(digits.strip_prefix('0')) {
        _ if is_international => digits,
        Some(rest) if digits.starts_with("00") => rest.to_owned(),
        Some(rest) => format!("{}{rest}", NATIONAL_CODES.first().unwrap_or(&"")),
        None => digits,
    };
    if !number.is_empty() {
        emit_cut(&format!("+{number}"), &mut emit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_has_its_words() {
        for (field, text, expected) in [
            (Field::Name, "Mäki-Kokko", &["ma\u{308}ki", "kokko", "ma\u{308}kikokko"][..]),
            (Field::Name, "  Pirkko   O’Brien ", &["pirkko", "obrien"]),
            (Field::Name, "Kjær", &["kja\u{308}r", "kjaer"]),
            (Field::Name, " -- % \" ", &[]),
            (
                Field::Email,
                "Pirkko.Koskitalo@Mail.Example.fi",
                &["pirkko", "koskitalo", "mail.example.fi", "example.fi"],
            ),
            (Field::Email, "no address", &["no", "address"]),
            (Field::Telephone, "+358401234567", &["+358401234567"]),
            (Field::Telephone, "040-123 4567", &["+358401234567"]),
            (Field::Telephone, "0046 70 123", &["+4670123"]),
            (Field::Telephone, "none", &[]),
            (Field::Street, "Torikatu 38 B", &["torikatu", "38", "b"]),
            (Field::BusinessId, "1234567-8", &["1234567", "8", "12345678"]),
            (Field::BusinessId, "FI12345678", &["fi12345678", "12345678"]),
            (Field::OrderNumber, "2024/00123", &["2024", "00123", "202400123"]),
        ] {
            let mut words = Vec::new();
            for_each(field, text, |word| words.push(word.to_owned()));
            assert_eq!(words, expected, "{field:?} {text:?}");
        }
    }
}

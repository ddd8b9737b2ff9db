//! Folding: the one written form in which words are compared.
//!
//! A word has two forms. The *marked* form is lower case and decomposed (NFKD), so that `ä` is `a` followed by its
//! diaeresis; the *plain* form is the same without the marks. Words are sorted and looked up by the plain form, and a
//! mark that was typed must then stand in the marked form. So `a` finds `a`, `ä` and `å`, and `ä` finds only `ä`.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// Letters of a word that count; what follows them is neither indexed nor asked for.
const LETTERS: usize = 40;
/// Marks of one letter that count: two are the most that a living orthography (Vietnamese) needs.
const MARKS: usize = 2;

/// Whether the character is a mark on the letter before it.
pub(crate) fn is_mark(c: char) -> bool {
    c >= '\u{300}' && canonical_combining_class(c) != 0
}

/// Whether the character belongs to a word (in a marked text).
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// The marked form of a text: lower case, decomposed, apostrophes and invisible characters dropped, one hyphen.
pub(crate) fn marked(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().filter(|c| !matches!(c, '\'' | '`')).map(|c| c.to_ascii_lowercase()).collect();
    }
    let mut out = String::with_capacity(text.len() + 8);
    if is_nordic(text) {
        for c in text.chars() {
            match c {
                '\'' | '`' => {}
                'ä' | 'Ä' => out.push_str("a\u{308}"),
                'ö' | 'Ö' => out.push_str("o\u{308}"),
                'å' | 'Å' => out.push_str("a\u{30a}"),
                'é' | 'É' => out.push_str("e\u{301}"),
                _ => out.push(c.to_ascii_lowercase()),
            }
        }
        return out;
    }
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            '\'' | '`' | '´' | '‘' | '’' | '‛' | 'ʼ' | 'ʹ' | '′' | '＇' => {}
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
            'ß' => out.push_str("ss"),
            // Finnish and Swedish sort and read them as their own letters: æ is ä, ø is ö.
            'æ' => out.push_str("a\u{308}"),
            'ø' => out.push_str("o\u{308}"),
            'œ' => out.push_str("oe"),
            'ł' => out.push_str("l\u{335}"),
            'đ' | 'ð' => out.push_str("d\u{335}"),
            'ħ' => out.push_str("h\u{335}"),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            _ => out.push(c),
        }
    }
    out
}

/// Whether the text has only the letters that most texts have, which are folded quickly.
fn is_nordic(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii() || matches!(c, 'ä' | 'ö' | 'å' | 'é' | 'Ä' | 'Ö' | 'Å' | 'É'))
}

/// The plain form of a marked text.
pub(crate) fn plain(marked: &str) -> Cow<'_, str> {
    if marked.is_ascii() { Cow::Borrowed(marked) } else { marked.chars().filter(|c| !is_mark(*c)).collect() }
}

/// A marked word cut to the letters and marks that count.
pub(crate) fn cut(word: &str) -> Cow<'_, str> {
    if word.len() <= LETTERS && word.is_ascii() {
        return Cow::Borrowed(word);
    }
    let (mut letters, mut marks) = (0, 0);
    let mut out = String::with_capacity(word.len().min(LETTERS * 4));
    for c in word.chars() {
        if is_mark(c) {
            marks += 1;
            if marks > MARKS || letters == 0 {
                continue;
            }
        } else {
            (letters, marks) = (letters + 1, 0);
            if letters > LETTERS {
                break;
            }
        }
        out.push(c);
    }
    Cow::Owned(out)
}

/// Whether the typed word begins the word (both marked), when a letter typed without marks stands for any marks.
pub(crate) fn begins(typed: &str, word: &str) -> bool {
    let mut word = word.chars().peekable();
    let mut typed = typed.chars().peekable();
    while let Some(letter) = typed.next() {
        if word.next() != Some(letter) {
            return false;
        }
        let strict = typed.peek().is_some_and(|c| is_mark(*c));
        while let Some(mark) = word.next_if(|c| is_mark(*c)) {
            if strict && typed.next() != Some(mark) {
                return false;
            }
        }
        if strict && typed.peek().is_some_and(|c| is_mark(*c)) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_optional_only_for_the_one_who_types_none() {
        for (typed, word, expected) in [
            ("a", "ä", true),
            ("a", "å", true),
            ("ä", "a", false),
            ("ä", "ä", true),
            ("ä", "å", false),
            ("makinen", "Mäkinen", true),
            ("mäkinen", "Makinen", false),
            ("Mäk", "MÄKINEN", true),
            ("o", "Ø", true),
            ("ö", "Ø", true),
            ("ø", "o", false),
            ("strasse", "Straße", true),
            ("straße", "strasse", true),
            ("munoz", "Muñoz", true),
            ("muñoz", "munoz", false),
            ("garcon", "garçon", true),
            ("ma\u{308}ki", "M\u{c4}KI", true),
            ("obrien", "O’Brien", true),
            ("lodz", "Łódź", true),
            ("viet", "Việt", true),
            ("aa", "a", false),
            ("", "a", true),
            ("ﬁ", "fi", true),
        ] {
            assert_eq!(begins(&marked(typed), &marked(word)), expected, "{typed:?} in {word:?}");
        }
    }

    #[test]
    fn the_quick_way_folds_as_the_thorough_way() {
        for c in "ÅÄÖåäöÉé aZ9'`-".chars() {
            // The Cyrillic letter takes the text the thorough way.
            assert_eq!(format!("{}я", marked(&c.to_string())), marked(&format!("{c}я")), "{c}");
        }
    }

    #[test]
    fn long_words_are_cut_alike_with_and_without_marks() {
        let long = "ä".repeat(100);
        assert_eq!(plain(&cut(&marked(&long))).len(), LETTERS);
        assert_eq!(cut(&"a".repeat(100)).len(), LETTERS);
        let burdened = format!("a{}b", "\u{308}".repeat(50));
        assert_eq!(cut(&burdened), "a\u{308}\u{308}b");
    }
}

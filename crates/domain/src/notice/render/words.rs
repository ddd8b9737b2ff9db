//! Making sentences: lists joined in a language, initials, dates.

use jiff::civil::Date;

use super::super::messages::fill;
use super::super::standard::{Words, terms};
use crate::language::Language;

/// A standard text with its places filled.
pub(super) fn say(words: Words, language: Language, args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    fill(words.get(language), &args)
}

/// `a, b tai c`.
pub(super) fn either(items: &[String], language: Language) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), terms::OR.get(language)),
    }
}

/// The text with a small first letter, for the middle of a sentence.
pub(super) fn in_sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// `1.11.2026`, in English `1 November 2026`.
pub(super) fn date(date: Date, language: Language) -> String {
    match language {
        Language::Fi | Language::Sv => date.strftime("%-d.%-m.%Y").to_string(),
        Language::En => date.strftime("%-d %B %Y").to_string(),
    }
}

//! A letter to a person. Its text is sealed with the person's history: what was said, when and by whom can be read later.

use serde::{Deserialize, Serialize};

use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::CompanyId;
use crate::language::Language;

/// Most characters in a heading, a name or closing words.
const MAX_LINE: usize = 200;
/// Most characters in a letter.
const MAX_BODY: usize = 20_000;

/// A letter as a form gives it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LetterDraft {
    /// Short name of the company that writes.
    pub company: String,
    /// `fi`, `sv` or `en`.
    pub language: String,
    /// The heading.
    pub heading: String,
    /// The text: paragraphs with empty lines between them; lines that begin with `- ` make a list.
    pub body: String,
    /// The closing words.
    pub closing: String,
    /// Who signs.
    pub signatory: String,
}

/// A letter checked, as it is sealed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// The company that writes; whether the notice has it is for the caller to check.
    pub company: CompanyId,
    /// Its language.
    pub language: Language,
    /// The heading.
    pub heading: String,
    /// The text.
    pub body: String,
    /// The closing words; may be empty.
    pub closing: String,
    /// Who signs; may be empty.
    pub signatory: String,
}

/// A part of a letter's text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// A paragraph; a line feed in it begins a new line.
    Paragraph(String),
    /// A list.
    List(Vec<String>),
}

impl LetterDraft {
    /// Checks the letter.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn validate(&self) -> Result<Letter, FieldErrors> {
        let mut errors = FieldErrors::default();
        let company = self.company.trim().parse().map_err(|_| FieldError::new("company", code::COMPANY_UNKNOWN));
        let company = errors.keep(company);
        let language = self.language.parse().map_err(|_| FieldError::new("language", code::REQUIRED));
        let language = errors.keep(language);
        let heading = errors.keep(one_line("heading", &self.heading, MAX_LINE)).unwrap_or_default();
        let closing = errors.keep(one_line("closing", &self.closing, MAX_LINE)).unwrap_or_default();
        let signatory = errors.keep(one_line("signatory", &self.signatory, MAX_LINE)).unwrap_or_default();
        let body = self.body.replace("\r\n", "\n").trim().to_owned();
        for (field, text) in [("heading", &heading), ("body", &body)] {
            if text.is_empty() {
                errors.push(FieldError::new(field, code::REQUIRED));
            }
        }
        if body.chars().count() > MAX_BODY {
            errors.push(FieldError::new("body", code::TOO_LONG).with("max", MAX_BODY));
        }
        match (company, language) {
            (Some(company), Some(language)) if errors.is_empty() => {
                Ok(Letter { company, language, heading, body, closing, signatory })
            }
            _ => Err(errors),
        }
    }
}

impl Letter {
    /// The text in its parts.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let blocks = self.body.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
        let mut parts = Vec::new();
        for block in blocks {
            let mut paragraph: Vec<&str> = Vec::new();
            let mut list: Vec<String> = Vec::new();
            for line in block.lines().map(str::trim_end) {
                if let Some(item) = line.trim_start().strip_prefix("- ") {
                    list.push(item.to_owned());
                } else if list.is_empty() {
                    paragraph.push(line);
                } else if let Some(item) = list.last_mut() {
                    // A line that goes on where an item was.
                    item.push(' ');
                    item.push_str(line.trim());
                }
            }
            if !paragraph.is_empty() {
                parts.push(Part::Paragraph(paragraph.join("\n")));
            }
            if !list.is_empty() {
                parts.push(Part::List(list));
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> LetterDraft {
        LetterDraft {
            company: "arjasmaa".into(),
            language: "fi".into(),
            heading: "Tervetuloa".into(),
            body: "Hei,\r\nkiitos!\r\n\r\nLiitteet:\n- seloste\n- hinnasto,\n  jossa kaikki\n\n\nTerveisin".into(),
            ..LetterDraft::default()
        }
    }

    #[test]
    fn a_text_has_paragraphs_and_lists() {
        let letter = draft().validate().unwrap();
        let list = Part::List(vec!["seloste".into(), "hinnasto, jossa kaikki".into()]);
        let paragraph = |text: &str| Part::Paragraph(text.into());
        assert_eq!(letter.parts(), [paragraph("Hei,\nkiitos!"), paragraph("Liitteet:"), list, paragraph("Terveisin")]);
    }

    #[test]
    fn what_is_missing_is_told_at_its_field() {
        let wrong = LetterDraft { body: "a".repeat(MAX_BODY + 1), heading: " ".into(), ..LetterDraft::default() };
        let fields: Vec<_> = wrong.validate().unwrap_err().0.into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["company", "language", "heading", "body"]);
    }
}

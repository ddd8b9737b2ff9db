//! Tags (*tunnisteet*): groups of customers by a catalogue that the register keeps. A tag is chosen from the catalogue and
//! never written, so that nothing free is said of a person; whether there are tags at all is for the notice to declare.

use jiff::Timestamp;

use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::TagId;
use crate::language::Language;

/// Tags of a register at most: they are offered in one list.
pub const MOST_TAGS: usize = 200;
/// Characters of a name at most.
const LONGEST: usize = 60;
/// Characters of a tag's id at most, room for a number left.
const LONGEST_ID: usize = 36;

/// A tag of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// Its id, made of its first name; it does not change.
    pub id: TagId,
    /// What it is called.
    pub names: TagNames,
    /// Whether it is no longer given to anybody. Those who have it keep it.
    pub is_retired: bool,
    /// Grows by one with every change.
    pub version: i64,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// A tag's names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TagNames {
    /// In Finnish.
    pub fi: String,
    /// In Swedish.
    pub sv: String,
    /// In English.
    pub en: String,
}

impl TagNames {
    /// The name in a language; where there is none, the Finnish one.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        let name = match language {
            Language::Fi => &self.fi,
            Language::Sv => &self.sv,
            Language::En => &self.en,
        };
        if name.is_empty() { &self.fi } else { name }
    }

    /// The names as they are kept.
    ///
    /// # Errors
    /// There is no Finnish one, or one is too long or holds a control character.
    pub fn validate(&self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let fi = errors.keep(one_line("name_fi", &self.fi, LONGEST)).unwrap_or_default();
        let sv = errors.keep(one_line("name_sv", &self.sv, LONGEST)).unwrap_or_default();
        let en = errors.keep(one_line("name_en", &self.en, LONGEST)).unwrap_or_default();
        if errors.of("name_fi").next().is_none() && !fi.chars().any(char::is_alphanumeric) {
            errors.push(FieldError::new("name_fi", code::REQUIRED));
        }
        errors.into_result(Self { fi, sv, en })
    }

    /// The id of a new tag with these names, unlike those that there are.
    #[must_use]
    pub fn id(&self, taken: impl Fn(&TagId) -> bool) -> Option<TagId> {
        use unicode_normalization::UnicodeNormalization as _;
        use unicode_normalization::char::is_combining_mark;
        let folded: String = crate::fold::fold(&self.fi).nfd().filter(|c| !is_combining_mark(*c)).collect();
        let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut name = words.collect::<Vec<_>>().join("-");
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            name.insert_str(0, "t-");
        }
        name.truncate(LONGEST_ID);
        let name = name.trim_end_matches('-');
        let numbered = (2..=MOST_TAGS + 1).map(|number| format!("{name}-{number}"));
        let mut ids = std::iter::once(name.to_owned()).chain(numbered).filter_map(|id| id.parse().ok());
        ids.find(|id| !taken(id))
    }
}

/// What a tag that is no longer in the catalogue, or was never, is called: its id.
#[must_use]
pub fn name_of(tags: &[Tag], id: &TagId, language: Language) -> String {
    let found = tags.iter().find(|tag| tag.id == *id);
    found.map_or_else(|| id.to_string(), |tag| tag.names.get(language).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fi: &str) -> TagNames {
        TagNames { fi: fi.into(), ..TagNames::default() }
    }

    #[test]
    fn an_id_is_made_of_the_finnish_name_and_is_unlike_others() {
        for (fi, id) in [
            ("Jälleenmyyjä", "jalleenmyyja"),
            ("VIP & kanta-asiakas", "vip-kanta-asiakas"),
            ("2026 messut", "t-2026-messut"),
            ("Клиент", "t-"),
            (&"ä".repeat(60), &"a".repeat(36)),
        ] {
            let found = names(fi).id(|_| false).map(|found| found.to_string());
            assert_eq!(found.as_deref().unwrap_or_default().trim_end_matches('-'), id.trim_end_matches('-'), "{fi}");
        }
        let taken: TagId = "vip".parse().unwrap();
        assert_eq!(names("VIP").id(|id| *id == taken).unwrap().as_str(), "vip-2");
    }

    #[test]
    fn a_tag_has_a_finnish_name_of_one_short_line() {
        assert_eq!(names(" Kanta \n asiakas ").validate().unwrap(), names("Kanta asiakas"));
        for (fi, wrong) in [("", code::REQUIRED), ("–", code::REQUIRED), (&"ä".repeat(61), code::TOO_LONG)] {
            assert_eq!(names(fi).validate().unwrap_err().0[0].code, wrong, "{fi}");
        }
        let tag = TagNames { sv: "Stamkund".into(), ..names("Kanta-asiakas") };
        assert_eq!((tag.get(Language::Sv), tag.get(Language::En)), ("Stamkund", "Kanta-asiakas"));
    }
}

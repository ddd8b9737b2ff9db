//! Sorting as Finnish does it: å, ä and ö after z, v and w as CLDR says, capitals and accents only where the letters
//! are alike. A key is stored beside the name, so that any database sorts it bytewise.

use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;

use crate::name::PersonName;

/// Grows when keys of the same text change with a new CLDR: stored keys of another version are to be made again.
pub const VERSION: i64 = 1;

/// None only if the program was built without the collation data.
static FINNISH: LazyLock<Option<CollatorBorrowed<'static>>> =
    LazyLock::new(|| Collator::try_new(locale!("fi").into(), CollatorOptions::default()).ok());

/// The sort key of a text; keys compare bytewise.
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(2 * text.len() + 8);
    match &*FINNISH {
        Some(collator) => {
            let Ok(()) = collator.write_sort_key_to(text, &mut key);
        }
        None => key.extend(text.to_lowercase().into_bytes()),
    }
    key
}

/// The sort key of a person's name: family name, then given names, so that all of one family stand together.
#[must_use]
pub fn name_key(name: &PersonName) -> Vec<u8> {
    sort_key(&name.sort_name())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finnish_order() {
        let sorted = [
            "",
            "Aalto",
            "aalto Anna",
            "Aaltonen",
            "Koskitalo Anna",
            "Koskitalo Pirkko",
            "Ronkainen",
            "Rönkä",
            "Virtanen",
            "von Bär",
            "Wuori",
            "Zetterberg",
            "Åberg",
            "Äijälä",
            "Öhman",
        ];
        for pair in sorted.windows(2) {
            assert!(sort_key(pair[0]) < sort_key(pair[1]), "{pair:?}");
        }
        // Under its own letter an accent only breaks ties: é with e, ü with y.
        assert!(sort_key("Renée") > sort_key("Renee") && sort_key("Renée") < sort_key("Renef"));
        assert!(sort_key("Müller") > sort_key("Myllari") && sort_key("Müller") < sort_key("Mz"));
        let name = PersonName { given: "Pirkko".into(), family: "Koskitalo".into() };
        assert_eq!(name_key(&name), sort_key("Koskitalo Pirkko"));
    }

    /// When this fails after an update, raise [`VERSION`] and mend the bytes.
    #[test]
    fn keys_are_those_of_this_version() {
        assert_eq!(
            (VERSION, hex::encode(sort_key("Äijä Örö"))),
            (1, "5e7f033b3d5e7f03045e7f044d5e7f04010c01c6c2c606".to_owned())
        );
    }

    proptest! {
        #[test]
        fn equal_texts_have_equal_keys(text in "\\PC{0,60}") {
            use unicode_normalization::UnicodeNormalization as _;
            let (composed, decomposed): (String, String) = (text.nfc().collect(), text.nfd().collect());
            prop_assert_eq!(sort_key(&composed), sort_key(&decomposed));
        }
    }
}

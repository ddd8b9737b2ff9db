//! Countries by ISO 3166-1 alpha-2, and the names that people write for them.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::language::Language;

/// Finland: what an address without a country means.
pub const HOME: &str = "FI";

/// No country: that of a masked address (user-assigned in ISO 3166-1, "unknown region" in CLDR).
pub const NONE: &str = "ZZ";

/// Generated from CLDR; its header names source and licence.
static TABLE: &str = include_str!("../data/countries.tsv");

/// Names found in real files beside those of CLDR.
const VARIANTS: [(&str, &str); 39] = [
    ("uk", "GB"),
    ("great britain", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northern ireland", "GB"),
    ("englanti", "GB"),
    ("iso-britannia", "GB"),
    ("usa", "US"),
    ("u.s.a.", "US"),
    ("u.s.", "US"),
    ("united states of america", "US"),
    ("amerikan yhdysvallat", "US"),
    ("america", "US"),
    ("deutschland", "DE"),
    ("federal republic of germany", "DE"),
    ("österreich", "AT"),
    ("schweiz", "CH"),
    ("suisse", "CH"),
    ("espana", "ES"),
    ("españa", "ES"),
    ("italia", "IT"),
    ("brasil", "BR"),
    ("sverige", "SE"),
    ("norge", "NO"),
    ("danmark", "DK"),
    ("eesti", "EE"),
    ("the netherlands", "NL"),
    ("holland", "NL"),
    ("hollanti", "NL"),
    ("czech republic", "CZ"),
    ("tsekki", "CZ"),
    ("republic of ireland", "IE"),
    ("russian federation", "RU"),
    ("republic of korea", "KR"),
    ("turkey", "TR"),
    ("åland", "AX"),
    ("ahvenanmaa", "AX"),
    ("fin", "FI"),
];

struct Row {
    code: &'static str,
    names: [&'static str; 3],
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_default();
        Row { code: next(), names: [next(), next(), next()] }
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).map(row).collect()
});

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let names = ROWS.iter().flat_map(|row| row.names.map(|name| (name.to_lowercase(), row.code)));
    let codes = ROWS.iter().map(|row| (row.code.to_lowercase(), row.code));
    names.chain(VARIANTS.map(|(name, code)| (name.to_owned(), code))).chain(codes).collect()
});

/// The code of a country given by code or name (Finnish, Swedish, English and common variants), in any case. None: not
/// a country.
#[must_use]
pub fn code(text: &str) -> Option<&'static str> {
    BY_NAME.get(text.trim().to_lowercase().as_str()).copied()
}

/// The name of a country; the code itself when it is none.
#[must_use]
pub fn name(code: &str, language: Language) -> &str {
    let index = match language {
        Language::Fi => 0,
        Language::Sv => 1,
        Language::En => 2,
    };
    ROWS.binary_search_by_key(&code, |row| row.code)
        .ok()
        .and_then(|found| ROWS.get(found)?.names.get(index).copied())
        .unwrap_or(code)
}

/// All codes, in order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_sorted() {
        assert_eq!(ROWS.len(), 250);
        assert!(ROWS.windows(2).all(|pair| pair[0].code < pair[1].code));
        for row in ROWS.iter() {
            assert!(row.code.len() == 2 && row.names.iter().all(|name| !name.is_empty()), "{}", row.code);
        }
    }

    #[test]
    fn names_find_codes() {
        for (text, want) in [
            ("Suomi", Some("FI")),
            ("FINLAND", Some("FI")),
            ("fi", Some("FI")),
            ("Ruotsi", Some("SE")),
            ("Germany", Some("DE")),
            ("Saksa", Some("DE")),
            ("Tyskland", Some("DE")),
            ("UK", Some("GB")),
            ("USA", Some("US")),
            ("Ireland", Some("IE")),
            ("Venezuela", Some("VE")),
            ("Atlantis", None),
            ("", None),
            ("ZZ", None),
        ] {
            assert_eq!(code(text), want, "{text}");
        }
        assert_eq!(name("SE", Language::Fi), "Ruotsi");
        assert_eq!(name("GB", Language::En), "United Kingdom");
        assert_eq!(name("ZZ", Language::En), "ZZ");
    }
}

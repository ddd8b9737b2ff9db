//! Finnish postal codes and their post towns.

use std::sync::LazyLock;

/// Generated from Posti's postal code file; its header names source, date and licence.
static TABLE: &str = include_str!("../data/postal_codes.tsv");

/// A Finnish postal code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PostTown {
    /// Five digits.
    pub code: &'static str,
    /// Post town in Finnish, in capitals.
    pub fi: &'static str,
    /// Post town in Swedish, in capitals; the Finnish one where they do not differ.
    pub sv: &'static str,
}

static TOWNS: LazyLock<Vec<PostTown>> = LazyLock::new(|| {
    let town = |line: &'static str| {
        let mut columns = line.split('\t');
        let code = columns.next()?;
        let fi = columns.next()?;
        Some(PostTown { code, fi, sv: columns.next().unwrap_or(fi) })
    };
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(town).collect()
});

/// The post town of a Finnish code of five digits. New codes appear every year: one that is not found may be newer
/// than the table.
#[must_use]
pub fn find(code: &str) -> Option<&'static PostTown> {
    TOWNS.binary_search_by_key(&code, |town| town.code).ok().and_then(|found| TOWNS.get(found))
}

/// Five ASCII digits.
#[must_use]
pub fn is_finnish(code: &str) -> bool {
    code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit())
}

impl PostTown {
    /// Whether `town` is this town in Finnish or Swedish, in any case.
    #[must_use]
    pub fn is_called(&self, town: &str) -> bool {
        let town = town.to_lowercase();
        town == self.fi.to_lowercase() || town == self.sv.to_lowercase()
    }
}

/// `Helsinki` of `HELSINKI`: towns are kept as in running text, and written in capitals on an envelope.
#[must_use]
pub fn in_running_text(town: &str) -> String {
    let mut start = true;
    let mut text = String::with_capacity(town.len());
    for c in town.chars() {
        if start {
            text.push(c)
        } else {
            text.extend(c.to_lowercase())
        }
        start = !c.is_alphabetic();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_sorted() {
        assert_eq!(TOWNS.len(), 5033);
        assert!(TOWNS.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert!(TOWNS.iter().all(|town| is_finnish(town.code) && !town.fi.is_empty() && !town.sv.is_empty()));
    }

    #[test]
    fn codes_have_towns() {
        for (code, fi, sv) in [
            ("00100", "HELSINKI", "HELSINGFORS"),
            ("20100", "TURKU", "ÅBO"),
            ("22100", "MARIEHAMN", "MARIEHAMN"),
            ("99999", "KORVATUNTURI", "KORVATUNTURI"),
        ] {
            let town = find(code).unwrap();
            assert_eq!((town.fi, town.sv), (fi, sv));
        }
        for absent in ["", "00000", "0100", "001000", "OOIOO", "\u{660}\u{660}100"] {
            assert_eq!(find(absent), None, "{absent}");
        }
        assert!(find("20100").unwrap().is_called("Åbo") && find("20100").unwrap().is_called("turku"));
        assert!(!find("20100").unwrap().is_called("Oulu"));
        assert_eq!(in_running_text("ÄHTÄRI"), "Ähtäri");
        assert_eq!(in_running_text("UUSI-VALAMO AS"), "Uusi-Valamo As");
    }
}

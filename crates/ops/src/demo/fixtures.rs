//! The words that the demo's people, organisations and orders are made of, and the chance that picks them.

use rand::rngs::StdRng;
use rand::{Rng, RngExt as _};

const NAMES: &str = include_str!("../../data/names.tsv");
const STREETS: &str = include_str!("../../data/streets.tsv");
const PLACES: &str = include_str!("../../data/places.tsv");
const WORDS: &str = include_str!("../../data/words.tsv");

/// Things with weights.
pub(super) struct Weighted<T> {
    items: Vec<T>,
    /// Running sums of the weights.
    sums: Vec<u32>,
}

impl<T> Weighted<T> {
    pub(super) fn new(weighted: impl IntoIterator<Item = (T, u32)>) -> Self {
        let mut sum = 0;
        let (items, sums) = weighted
            .into_iter()
            .map(|(item, weight)| {
                sum += weight;
                (item, sum)
            })
            .unzip();
        Self { items, sums }
    }

    pub(super) fn pick(&self, rng: &mut StdRng) -> &T {
        let at = rng.random_range(0..self.sums.last().copied().unwrap_or(1));
        let place = self.sums.partition_point(|sum| *sum <= at);
        &self.items[place]
    }
}

/// One of several equally likely things.
pub(super) fn one<'a, T>(rng: &mut StdRng, of: &'a [T]) -> &'a T {
    &of[rng.random_range(0..of.len())]
}

/// Whether something that happens so many times in a hundred happens now.
pub(super) fn chance(rng: &mut StdRng, percent: u32) -> bool {
    rng.next_u32() % 100 < percent
}

/// A postal code where people live.
pub(super) struct Place {
    pub(super) code: &'static str,
    pub(super) swedish: bool,
}

/// Something that is ordered.
pub(super) struct Product {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) cents: i64,
    /// Place among the day's VAT rates: standard, reduced, ten per cent.
    pub(super) vat: usize,
}

/// All the words.
pub(super) struct Fixtures {
    pub(super) female: Weighted<&'static str>,
    pub(super) male: Weighted<&'static str>,
    pub(super) family: Weighted<&'static str>,
    pub(super) given_sv: Weighted<&'static str>,
    pub(super) family_sv: Weighted<&'static str>,
    pub(super) places: Weighted<Place>,
    pub(super) stems: Vec<&'static str>,
    pub(super) streets: Vec<&'static str>,
    pub(super) streets_sv: Vec<&'static str>,
    pub(super) branches: Vec<&'static str>,
    pub(super) branches_sv: Vec<&'static str>,
    pub(super) titles: Vec<&'static str>,
    pub(super) titles_sv: Vec<&'static str>,
    pub(super) products: Vec<Product>,
}

impl Fixtures {
    pub(super) fn read() -> Self {
        Self {
            female: names("female"),
            male: names("male"),
            family: names("family"),
            given_sv: names("given_sv"),
            family_sv: names("family_sv"),
            places: Weighted::new(
                rows(PLACES).map(|row| (Place { code: row[0], swedish: row[2] == "sv" }, row[1].parse().unwrap_or(1))),
            ),
            stems: words(STREETS, "stem"),
            streets: words(STREETS, "fi"),
            streets_sv: words(STREETS, "sv"),
            branches: words(WORDS, "branch"),
            branches_sv: words(WORDS, "branch_sv"),
            titles: words(WORDS, "title"),
            titles_sv: words(WORDS, "title_sv"),
            products: rows(WORDS)
                .filter(|row| row[0] == "product")
                .map(|row| Product {
                    code: row[1],
                    name: row[2],
                    cents: row[3].parse().unwrap_or(1000),
                    vat: row[4].parse().unwrap_or(0),
                })
                .collect(),
        }
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn words(table: &'static str, what: &str) -> Vec<&'static str> {
    rows(table).filter(|row| row[0] == what).map(|row| row[1]).collect()
}

fn names(what: &str) -> Weighted<&'static str> {
    Weighted::new(rows(NAMES).filter(|row| row[0] == what).map(|row| (row[1], row[2].parse().unwrap_or(1))))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn the_tables_are_whole() {
        let fixtures = Fixtures::read();
        assert_eq!(fixtures.female.items.len(), 199);
        assert_eq!(fixtures.family.items.len(), 400);
        assert!(fixtures.streets_sv.len() > 10 && fixtures.stems.len() > 100 && fixtures.products.len() > 20);
        for place in &fixtures.places.items {
            assert!(seloste_domain::postal_code::find(place.code).is_some(), "{}", place.code);
        }
    }

    #[test]
    fn weights_decide() {
        let mut rng = StdRng::seed_from_u64(1);
        let weighted = Weighted::new([("seldom", 1), ("never", 0), ("often", 9)]);
        let picked: Vec<_> = (0..1000).map(|_| *weighted.pick(&mut rng)).collect();
        let often = picked.iter().filter(|word| **word == "often").count();
        assert!((850..950).contains(&often), "{often}");
        assert!(!picked.contains(&"never"));
    }
}

//! Mappings that are saved by name, for files of one source that come again and again.

use jiff::Timestamp;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::mapping::{Choice, Columns, Mapping};
use super::target::Noun;
use crate::field::{FieldError, code, one_line};
use crate::fold::fold;
use crate::id::{MappingId, SourceId};
use crate::money::DecimalMark;

/// Most characters in a name.
const MAX_NAME: usize = 100;

/// A saved mapping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedMapping {
    /// Its id.
    pub id: MappingId,
    /// What people call it; once a source.
    pub name: String,
    /// What the rows are.
    pub noun: Noun,
    /// The source whose files it is for, as the notice names it.
    pub source: SourceId,
    /// The mapping as TOML, as [`Mapping::parse`] reads it.
    pub definition: String,
    /// Grows by one with every change.
    pub version: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: Timestamp,
}

/// What a form says of a saved mapping.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MappingDraft {
    /// What people call it.
    pub name: String,
    /// The mapping as TOML.
    pub definition: String,
}

impl MappingDraft {
    /// Checks the name.
    ///
    /// # Errors
    /// It is empty, too long or has control characters.
    pub fn checked_name(&self) -> Result<String, FieldError> {
        match one_line("name", &self.name, MAX_NAME)? {
            name if name.is_empty() => Err(FieldError::new("name", code::REQUIRED)),
            name => Ok(name),
        }
    }
}

impl SavedMapping {
    /// How many columns of a file it tells about; none: the file lacks one that it names, or it is for other rows.
    #[must_use]
    pub fn fit(&self, noun: Noun, headers: &[String]) -> Option<usize> {
        if noun != self.noun {
            return None;
        }
        let columns = Mapping::parse(&self.definition, noun).ok()?.columns;
        let is_there = |name: &str| headers.iter().any(|header| header == name || fold(header) == fold(name));
        (!columns.is_empty() && columns.iter().all(|(name, _)| is_there(name))).then_some(columns.len())
    }
}

/// The mappings that fit a file, those that tell about most of its columns first, of these the newest.
#[must_use]
pub fn best_first(saved: Vec<SavedMapping>, noun: Noun, headers: &[String]) -> Vec<SavedMapping> {
    let mut fitting: Vec<(usize, SavedMapping)> =
        saved.into_iter().filter_map(|mapping| Some((mapping.fit(noun, headers)?, mapping))).collect();
    fitting.sort_by(|(fit, a), (other, b)| other.cmp(fit).then(b.changed_at.cmp(&a.changed_at)).then(a.id.cmp(&b.id)));
    fitting.into_iter().map(|(_, mapping)| mapping).collect()
}

impl Mapping {
    /// The mapping as [`Mapping::parse`] reads it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut document = DocumentMut::new();
        let root = document.as_table_mut();
        root.insert("noun", value(self.noun.as_str()));
        if let Some(order) = self.date_order {
            root.insert("date_order", value(order.as_str()));
        }
        match self.decimal_mark {
            DecimalMark::Comma => drop(root.insert("decimal_mark", value("comma"))),
            DecimalMark::Point => drop(root.insert("decimal_mark", value("point"))),
            DecimalMark::Guess => {}
        }
        if !self.default_country.is_empty() {
            root.insert("default_country", value(&self.default_country));
        }
        insert_columns(root, &self.columns);
        if !self.constants.is_empty() {
            let mut constants = Table::new();
            for (target, text) in &self.constants {
                constants.insert(&target.to_string(), value(text));
            }
            root.insert("constants", Item::Table(constants));
        }
        if !self.values.is_empty() {
            let mut values = Table::new();
            values.set_implicit(true);
            for (target, words) in &self.values {
                let mut table = Table::new();
                for (from, to) in words {
                    table.insert(from, value(to));
                }
                values.insert(&target.to_string(), Item::Table(table));
            }
            root.insert("values", Item::Table(values));
        }
        if !self.lines.is_empty() {
            let mut lines = Table::new();
            insert_columns(&mut lines, &self.lines);
            root.insert("lines", Item::Table(lines));
        }
        document.to_string()
    }
}

fn insert_columns(table: &mut Table, columns: &Columns) {
    let dropped: Array =
        columns.iter().filter(|(_, choice)| *choice == Choice::Dropped).map(|(name, _)| name.as_str()).collect();
    if !dropped.is_empty() {
        table.insert("dropped", value(dropped));
    }
    let mut mapped = Table::new();
    for (name, choice) in columns {
        let Choice::Targets(targets) = choice else { continue };
        let item = match targets.as_slice() {
            [only] => value(only.to_string()),
            several => value(several.iter().map(ToString::to_string).collect::<Array>()),
        };
        mapped.insert(name, item);
    }
    if !mapped.is_empty() {
        table.insert("columns", Item::Table(mapped));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::import::Target;

    fn saved(number: u128, definition: &str) -> SavedMapping {
        SavedMapping {
            id: MappingId(uuid::Uuid::from_u128(number)),
            name: number.to_string(),
            noun: Noun::People,
            source: "customer".parse().unwrap(),
            definition: definition.into(),
            version: 1,
            changed_by: "operator:test".into(),
            changed_at: Timestamp::from_second(i64::try_from(number).unwrap()).unwrap(),
        }
    }

    #[test]
    fn the_best_match_comes_first() {
        let headers = ["Etunimi", "Sukunimi", "Sähköposti"].map(str::to_owned);
        let all = vec![
            saved(1, "[columns]\nEtunimi = \"given\""),
            saved(2, "dropped = [\"SÄHKÖPOSTI\"]\n[columns]\netunimi = \"given\"\nsukunimi = \"family\""),
            saved(3, "[columns]\nEtunimi = \"given\"\nPuhelin = \"telephone\""),
            saved(4, "[columns]\nSukunimi = \"family\""),
            saved(5, "default_country = \"FI\""),
            saved(6, "not toml"),
        ];
        let order = |noun| best_first(all.clone(), noun, &headers).iter().map(|m| m.name.clone()).collect::<Vec<_>>();
        assert_eq!(order(Noun::People), ["2", "4", "1"]);
        assert!(order(Noun::Orders).is_empty());
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        let text = "noun = \"orders\"\ndate_order = \"month_first\"\ndecimal_mark = \"point\"\ndefault_country = \"FI\"\n\
            dropped = [\"Frei'ght\", \"\\\"q\\\"\"]\n[columns]\nOrderID = [\"external_id\", \"number\"]\n\"Order.Date\" = \"ordered_on\"\n\
            Customer = \"customer.external_id\"\n[constants]\ncompany = \"arjasmaa\"\n\"line.vat_rate\" = 0\n\
            [values.state]\nToimitettu = \"delivered\"\n[lines]\ndropped = [\"x\"]\n[lines.columns]\nID = \"number\"\n";
        let mapping = Mapping::parse(text, Noun::Orders).unwrap();
        let mut again = Mapping::parse(&mapping.to_toml(), Noun::Orders).unwrap();
        let (mut one, mut other) = (mapping.columns.clone(), again.columns.clone());
        one.sort_by(|a, b| a.0.cmp(&b.0));
        other.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(one, other);
        again.columns = mapping.columns.clone();
        assert_eq!(again, mapping);
    }

    proptest! {
        #[test]
        fn any_name_of_a_column_is_kept(names in prop::collection::btree_set("\\PC{1,20}", 1..6)) {
            let target = Target::parse(Noun::People, "given").unwrap();
            let columns: Columns = names.iter().map(|n| (n.clone(), Choice::Targets(vec![target]))).collect();
            let mapping = Mapping { columns: columns.clone(), ..Mapping::new(Noun::People) };
            prop_assert_eq!(Mapping::parse(&mapping.to_toml(), Noun::People).map(|m| m.columns), Ok(columns));
        }
    }
}

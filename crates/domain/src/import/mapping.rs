//! The mapping of a file: which column is what. It is given as TOML, or made of guesses.

use serde::Serialize;
use toml_edit::{Item, TableLike};

use super::problem::{Problem, code, nearest};
use super::target::{Field, Noun, Target, Whose};
use crate::country;
use crate::date::DateOrder;
use crate::fold::fold;
use crate::kind::{Kind, Kinds};
use crate::money::DecimalMark;

/// What was said of a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Choice {
    /// It goes to these targets.
    Targets(Vec<Target>),
    /// It is dropped.
    Dropped,
}

/// What was said of the columns of one file, by their names.
pub type Columns = Vec<(String, Choice)>;

/// Which of the files of an import a column is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sheet {
    /// The file itself.
    Main,
    /// The file of order lines beside it.
    Lines,
}

/// What becomes of a column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It goes to these targets.
    Mapped {
        /// The targets.
        targets: Vec<Target>,
    },
    /// The notice does not declare its kind of data: it is left out, and named.
    Refused {
        /// The kinds that are not declared.
        kinds: Vec<Kind>,
        /// The targets that are left, when the column has several.
        targets: Vec<Target>,
    },
    /// It was dropped by choice.
    Dropped,
    /// Nobody has said: the import does not begin.
    Undecided,
}

impl Outcome {
    /// The targets that the column's cells go to.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        match self {
            Self::Mapped { targets } | Self::Refused { targets, .. } => targets,
            Self::Dropped | Self::Undecided => &[],
        }
    }
}

/// A mapping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mapping {
    /// What is imported.
    pub noun: Noun,
    /// The columns of the file.
    pub columns: Columns,
    /// The columns of the file of lines.
    pub lines: Columns,
    /// What every row has.
    pub constants: Vec<(Target, String)>,
    /// What words of the file mean, by target: `toimitettu` is `delivered`.
    pub values: Vec<(Target, Vec<(String, String)>)>,
    /// How dates are written; none: told from the dates, refused when it can not be told.
    pub date_order: Option<DateOrder>,
    /// What stands before decimals.
    pub decimal_mark: DecimalMark,
    /// The country of addresses that name none.
    pub default_country: String,
}

impl Mapping {
    /// A mapping without any column.
    #[must_use]
    pub fn new(noun: Noun) -> Self {
        Self {
            noun,
            columns: Vec::new(),
            lines: Vec::new(),
            constants: Vec::new(),
            values: Vec::new(),
            date_order: None,
            decimal_mark: DecimalMark::Guess,
            default_country: String::new(),
        }
    }

    /// Reads a mapping.
    ///
    /// # Errors
    /// Everything that is wrong, with its line and what was probably meant.
    pub fn parse(text: &str, noun: Noun) -> Result<Self, Vec<Problem>> {
        let document = toml_edit::Document::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            vec![Problem::new(code::SYNTAX, &[error.message().lines().next().unwrap_or_default()]).at(line)]
        })?;
        let mut reader = Reader { text, noun, mapping: Self::new(noun), problems: Vec::new() };
        reader.root(document.as_table());
        let Reader { mapping, mut problems, .. } = reader;
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(mapping) } else { Err(problems) }
    }

    /// What the notice and common sense have against the mapping as a whole.
    #[must_use]
    pub fn check(&self, kinds: Kinds) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(kind) = self.noun.kind().filter(|kind| !kinds.has(*kind)) {
            problems.push(Problem::new(code::NOUN_UNDECLARED, &[kind.as_str()]));
        }
        for (target, _) in &self.constants {
            if let Some(kind) = target.kind().filter(|kind| !kinds.has(*kind)) {
                problems.push(Problem::new(code::UNDECLARED, &[&target.to_string(), kind.as_str()]));
            }
        }
        for columns in [&self.columns, &self.lines] {
            problems.extend(taken_twice(columns));
        }
        let missing = self.needed().into_iter().filter(|any| !any.iter().any(|target| self.gives(*target)));
        let missing = missing.filter_map(|any| any.first().map(ToString::to_string));
        problems.extend(missing.map(|target| Problem::new(code::MISSING, &[&target])));
        problems
    }

    /// Of each group one target must be there.
    fn needed(&self) -> Vec<Vec<Target>> {
        let own = |field| Target::new(Whose::Own, field);
        match self.noun {
            Noun::People => vec![
                [Field::Family, Field::FullName, Field::Given, Field::Email, Field::Telephone, Field::CustomerNumber]
                    .map(own)
                    .to_vec(),
            ],
            Noun::Organisations => vec![vec![own(Field::Name)]],
            Noun::Orders => vec![
                vec![own(Field::Number)],
                vec![own(Field::OrderedOn)],
                vec![
                    Target::new(Whose::Customer, Field::ExternalId),
                    Target::new(Whose::Customer, Field::CustomerNumber),
                ],
            ],
            Noun::Invoices => vec![
                vec![own(Field::InvoiceNumber)],
                vec![own(Field::IssuedOn)],
                vec![own(Field::Gross), own(Field::Net)],
                vec![own(Field::Open), own(Field::State)],
                [Field::CustomerNumber, Field::ExternalId, Field::BusinessId, Field::Email]
                    .map(|field| Target::new(Whose::Customer, field))
                    .to_vec(),
            ],
        }
    }

    fn gives(&self, wanted: Target) -> bool {
        let is_it = |target: &Target| target.whose == wanted.whose && target.field == wanted.field;
        let mapped = self.columns.iter().filter_map(|(_, choice)| match choice {
            Choice::Targets(targets) => Some(targets),
            Choice::Dropped => None,
        });
        mapped.flatten().any(is_it) || self.constants.iter().any(|(target, _)| is_it(target))
    }
}

fn taken_twice(columns: &Columns) -> Vec<Problem> {
    let mut taken: Vec<(Target, &str)> = Vec::new();
    let mut problems = Vec::new();
    for (name, choice) in columns {
        let Choice::Targets(targets) = choice else { continue };
        for target in targets.iter().filter(|target| !target.field.is_many()) {
            match taken.iter().find(|(other, _)| other == target) {
                Some((_, first)) => {
                    problems.push(Problem::new(code::TWICE, &[first, name, &target.to_string()]));
                }
                None => taken.push((*target, name)),
            }
        }
    }
    problems
}

/// What becomes of each column of a file, and the columns of the mapping that the file does not have.
#[must_use]
pub fn outcomes(columns: &Columns, headers: &[String], kinds: Kinds) -> (Vec<Outcome>, Vec<Problem>) {
    let is_named = |name: &str, header: &str| name == header || fold(name) == fold(header);
    let outcome = |header: &String| {
        let exact = columns.iter().find(|(name, _)| name == header);
        match exact.or_else(|| columns.iter().find(|(name, _)| is_named(name, header))) {
            None => Outcome::Undecided,
            Some((_, Choice::Dropped)) => Outcome::Dropped,
            Some((_, Choice::Targets(targets))) => by_notice(targets, kinds),
        }
    };
    let absent = columns.iter().filter(|(name, _)| !headers.iter().any(|header| is_named(name, header)));
    let problems = absent.map(|(name, _)| {
        let near = nearest(name, headers.iter().map(String::as_str));
        Problem::new(code::NO_COLUMN, &[name]).suggest(near)
    });
    (headers.iter().map(outcome).collect(), problems.collect())
}

fn by_notice(targets: &[Target], kinds: Kinds) -> Outcome {
    let declared = |target: &Target| target.kind().is_none_or(|kind| kinds.has(kind));
    let left: Vec<Target> = targets.iter().copied().filter(declared).collect();
    if left.len() == targets.len() {
        return Outcome::Mapped { targets: left };
    }
    let refused: Kinds = targets.iter().filter(|target| !declared(target)).filter_map(|target| target.kind()).collect();
    Outcome::Refused { kinds: refused.iter().collect(), targets: left }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

struct Reader<'t> {
    text: &'t str,
    noun: Noun,
    mapping: Mapping,
    problems: Vec<Problem>,
}

const KEYS: [&str; 9] =
    ["noun", "date_order", "decimal_mark", "default_country", "dropped", "columns", "constants", "values", "lines"];

impl Reader<'_> {
    fn line(&self, table: &dyn TableLike, key: &str) -> usize {
        let span = table.get_key_value(key).and_then(|(key, item)| key.span().or_else(|| item.span()));
        span.map_or(1, |span| line_of(self.text, span.start))
    }

    fn report(&mut self, table: &dyn TableLike, key: &str, problem: Problem) {
        let line = self.line(table, key);
        self.problems.push(problem.at(line));
    }

    fn root(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            match (key, item.as_str(), item.as_table_like()) {
                ("noun" | "date_order" | "decimal_mark" | "default_country", Some(text), _) => {
                    self.setting(table, key, text);
                }
                ("dropped", _, _) => self.dropped(table, key, item, Sheet::Main),
                ("columns", _, Some(columns)) => self.columns(columns, Sheet::Main),
                ("constants", _, Some(constants)) => self.constants(constants),
                ("values", _, Some(values)) => self.values(values),
                ("lines", _, Some(lines)) if self.noun == Noun::Orders => self.lines(lines),
                _ if KEYS.contains(&key) => {
                    self.report(table, key, Problem::new(code::BAD_VALUE, &[key, item.type_name()]));
                }
                _ => self.unknown(table, key, &KEYS),
            }
        }
    }

    fn unknown(&mut self, table: &dyn TableLike, key: &str, known: &[&str]) {
        let near = nearest(key, known.iter().copied());
        self.report(table, key, Problem::new(code::UNKNOWN_KEY, &[key]).suggest(near));
    }

    fn setting(&mut self, table: &dyn TableLike, key: &str, text: &str) {
        let orders = [DateOrder::DayFirst, DateOrder::MonthFirst];
        let good = match key {
            "noun" if text != self.noun.as_str() => {
                let problem = Problem::new(code::OTHER_NOUN, &[text, self.noun.as_str()]);
                return self.report(table, key, problem);
            }
            "noun" => true,
            "date_order" => {
                self.mapping.date_order = orders.into_iter().find(|order| order.as_str() == text);
                self.mapping.date_order.is_some()
            }
            "decimal_mark" => {
                let mark = match text {
                    "comma" => Some(DecimalMark::Comma),
                    "point" => Some(DecimalMark::Point),
                    "guess" => Some(DecimalMark::Guess),
                    _ => None,
                };
                self.mapping.decimal_mark = mark.unwrap_or_default();
                mark.is_some()
            }
            _ => {
                text.clone_into(&mut self.mapping.default_country);
                country::code(text).is_some()
            }
        };
        if !good {
            self.report(table, key, Problem::new(code::BAD_VALUE, &[key, text]));
        }
    }

    fn sheet(&mut self, sheet: Sheet) -> &mut Columns {
        match sheet {
            Sheet::Main => &mut self.mapping.columns,
            Sheet::Lines => &mut self.mapping.lines,
        }
    }

    fn dropped(&mut self, table: &dyn TableLike, key: &str, item: &Item, sheet: Sheet) {
        let names = item.as_array().map(|array| array.iter().map(|v| v.as_str()).collect::<Option<Vec<_>>>());
        match names.flatten() {
            Some(names) => {
                let dropped = names.into_iter().map(|name| (name.to_owned(), Choice::Dropped)).collect::<Vec<_>>();
                self.sheet(sheet).extend(dropped);
            }
            None => self.report(table, key, Problem::new(code::BAD_VALUE, &[key, item.type_name()])),
        }
    }

    fn columns(&mut self, table: &dyn TableLike, sheet: Sheet) {
        for (key, item) in table.iter() {
            let names = match (item.as_str(), item.as_array()) {
                (Some(name), _) => Some(vec![name]),
                (_, Some(array)) => array.iter().map(|value| value.as_str()).collect(),
                _ => None,
            };
            let Some(names) = names.filter(|names| !names.is_empty()) else {
                self.report(table, key, Problem::new(code::BAD_VALUE, &[key, item.type_name()]));
                continue;
            };
            let targets = names.iter().filter_map(|name| self.target(table, key, name)).collect();
            self.sheet(sheet).push((key.to_owned(), Choice::Targets(targets)));
        }
    }

    fn target(&mut self, table: &dyn TableLike, key: &str, name: &str) -> Option<Target> {
        match Target::parse(self.noun, name) {
            Ok(target) => Some(target),
            Err(near) => {
                let problem = Problem::new(code::UNKNOWN_TARGET, &[name, self.noun.as_str()]);
                self.report(table, key, problem.suggest(near.as_deref()));
                None
            }
        }
    }

    fn constants(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            let text = item.as_str().map(str::to_owned).or_else(|| item.as_integer().map(|n| n.to_string()));
            match (self.target(table, key, key), text) {
                (Some(target), Some(text)) => self.mapping.constants.push((target, text)),
                (Some(_), None) => self.report(table, key, Problem::new(code::BAD_VALUE, &[key, item.type_name()])),
                (None, _) => {}
            }
        }
    }

    fn values(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            let Some(target) = self.target(table, key, key) else { continue };
            let words = item.as_table_like().map(|words| {
                let pair = |(from, to): (&str, &Item)| to.as_str().map(|to| (fold(from), to.to_owned()));
                words.iter().map(pair).collect::<Option<Vec<_>>>()
            });
            match words.flatten() {
                Some(words) => self.mapping.values.push((target, words)),
                None => self.report(table, key, Problem::new(code::BAD_VALUE, &[key, item.type_name()])),
            }
        }
    }

    fn lines(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            match (key, item.as_table_like()) {
                ("dropped", _) => self.dropped(table, key, item, Sheet::Lines),
                ("columns", Some(columns)) => self.columns(columns, Sheet::Lines),
                _ => self.unknown(table, key, &["dropped", "columns"]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_makes_it_fall(text in "([a-z\\[\\]]{1,9}|[= \"{}\n.,]|\\PC){0,30}") {
            for noun in Noun::ALL {
                let _ = Mapping::parse(&text, noun).map(|mapping| mapping.check(Kinds::NONE));
            }
        }
    }

    #[test]
    fn a_mapping_is_read() {
        let text = "noun = \"orders\"\ndate_order = \"month_first\"\ndecimal_mark = \"point\"\ndefault_country = \"FI\"\n\
            dropped = [\"Freight\"]\n[columns]\nOrderID = [\"external_id\", \"number\"]\n\"Order Date\" = \"ordered_on\"\n\
            Customer = \"customer.external_id\"\n[constants]\ncompany = \"arjasmaa\"\n\"line.vat_rate\" = 0\n\
            [values.state]\nToimitettu = \"delivered\"\n[lines]\ndropped = [\"x\"]\n[lines.columns]\nID = \"number\"\n";
        let mapping = Mapping::parse(text, Noun::Orders).unwrap();
        assert_eq!((mapping.columns.len(), mapping.lines.len(), mapping.constants.len()), (4, 2, 2));
        assert_eq!(mapping.constants[1].1, "0");
        assert_eq!(mapping.values[0].1, [("toimitettu".to_owned(), "delivered".to_owned())]);
        assert_eq!(mapping.check(Kind::ALL.into_iter().collect()), []);
        let headers = ["orderid", "Order Date", "Custmer", "Freight", "new"].map(str::to_owned);
        let (found, problems) = outcomes(&mapping.columns, &headers, Kind::ALL.into_iter().collect());
        assert_eq!(found[0].targets().len(), 2);
        assert_eq!((&found[3], &found[4]), (&Outcome::Dropped, &Outcome::Undecided));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].suggestion.as_deref(), Some("Custmer"));
    }

    #[test]
    fn errors_have_a_line_and_a_suggestion() {
        for (text, line, want) in [
            ("a = [", 1, "not TOML"),
            ("\ndroped = []", 2, "did you mean `dropped`"),
            ("[columns]\nA = \"famly\"", 2, "did you mean `family`"),
            ("[columns]\n\nA = 3", 3, "`A` can not be this"),
            ("date_order = \"american\"", 1, "american"),
            ("noun = \"orders\"", 1, "is for orders, not for people"),
            ("[constants]\ncompny = \"x\"", 2, "did you mean `company`"),
            ("[lines.columns]\nA = \"number\"", 1, "`lines` can not be this"),
            ("default_country = \"Atlantis\"", 1, "Atlantis"),
        ] {
            let problems = Mapping::parse(text, Noun::People).unwrap_err();
            assert_eq!(problems[0].line, Some(line), "{text}");
            assert!(problems[0].to_string().contains(want), "{} in {}", want, problems[0]);
        }
    }

    #[test]
    fn the_notice_and_the_noun_are_asked() {
        let all: Kinds = Kind::ALL.into_iter().collect();
        let text = "[columns]\nA = \"given\"\nB = \"given\"\nC = [\"telephone\", \"customer_number\"]\n[constants]\nlanguage = \"fi\"";
        let mapping = Mapping::parse(text, Noun::People).unwrap();
        assert_eq!(mapping.check(all).iter().map(|p| p.code).collect::<Vec<_>>(), [code::TWICE]);
        let few = all.without(Kind::Language).without(Kind::Telephone);
        assert_eq!(mapping.check(few).iter().map(|p| p.code).collect::<Vec<_>>(), [code::UNDECLARED, code::TWICE]);
        let (found, _) = outcomes(&mapping.columns, &["C".to_owned()], few);
        let targets = vec![Target::new(Whose::Own, Field::CustomerNumber)];
        assert_eq!(found, [Outcome::Refused { kinds: vec![Kind::Telephone], targets }]);
        let none = Mapping::new(Noun::Orders).check(all.without(Kind::Orders));
        assert_eq!(
            none.iter().map(|p| p.code).collect::<Vec<_>>(),
            [code::NOUN_UNDECLARED, code::MISSING, code::MISSING, code::MISSING]
        );
    }
}

//! A table of `notice.toml` that remembers which keys were asked for, so that every other key is an error.

use std::cell::RefCell;
use std::ops::Range;
use std::str::FromStr;

use toml_edit::{Item, TableLike, Value};

use super::model::Text;
use super::problem::{Code, Problem, Spot};
use super::words::{Vocabulary, nearest};
use crate::id::PurposeId;
use crate::language::Language;

/// Where problems gather while the text is read.
pub(super) struct Sink {
    line_starts: Vec<usize>,
    text: String,
    problems: RefCell<Vec<Problem>>,
}

impl Sink {
    pub(super) fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self {
            line_starts: std::iter::once(0).chain(starts).collect(),
            text: text.to_owned(),
            problems: RefCell::new(Vec::new()),
        }
    }

    pub(super) fn report(&self, at: Spot, code: Code, args: &[&str]) {
        self.problems.borrow_mut().push(Problem::new(at, code, args));
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// The place of a byte range, or `otherwise` where the parser knows none.
    pub(super) fn spot(&self, range: Option<Range<usize>>, otherwise: Spot) -> Spot {
        let Some(range) = range else { return otherwise };
        let line = self.line_starts.partition_point(|start| *start <= range.start);
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let before = self.text.get(start..range.start).unwrap_or_default();
        Spot { line, column: before.chars().count() + 1 }
    }
}

/// A table that is being read.
pub(super) struct Section<'s> {
    sink: &'s Sink,
    table: &'s dyn TableLike,
    name: String,
    known: Vec<&'static str>,
    /// Where it begins.
    pub(super) at: Spot,
}

impl<'s> Section<'s> {
    pub(super) fn root(sink: &'s Sink, table: &'s dyn TableLike) -> Self {
        Self { sink, table, name: String::new(), known: Vec::new(), at: Spot::default() }
    }

    pub(super) fn report(&self, at: Spot, code: Code, args: &[&str]) {
        self.sink.report(at, code, args);
    }

    /// Its name in the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Where the key stands, or the section if it is not there.
    pub(super) fn spot(&self, key: &str) -> Spot {
        let span = self.table.get_key_value(key).and_then(|(key, item)| key.span().or_else(|| item.span()));
        self.sink.spot(span, self.at)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Reports the key if it is not there; `article` asks for it.
    pub(super) fn need(&self, key: &str, article: Option<&'static str>) {
        self.need_as(key, article, &format!("{key} = ..."));
    }

    /// The same, for what is written in the form `form`.
    pub(super) fn need_as(&self, key: &str, article: Option<&'static str>, form: &str) {
        if !self.has(key) {
            let mut problem = Problem::new(self.at, Code::Missing, &[&self.path(key), form]);
            problem.article = article;
            self.sink.problems.borrow_mut().push(problem);
        }
    }

    fn item(&mut self, key: &'static str) -> Option<&'s Item> {
        self.known.push(key);
        self.table.get(key)
    }

    fn wrong_type(&self, key: &str, example: &str) {
        self.report(self.spot(key), Code::WrongType, &[&self.path(key), example]);
    }

    fn typed<T>(&mut self, key: &'static str, example: &str, read: impl Fn(&'s Item) -> Option<T>) -> Option<T> {
        let item = self.item(key)?;
        let value = read(item);
        if value.is_none() {
            self.wrong_type(key, example);
        }
        value
    }

    /// A text on one line that is the same in every language.
    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        let value = self.typed(key, "\"...\"", Item::as_str)?.trim();
        if value.is_empty() {
            self.report(self.spot(key), Code::Empty, &[&self.path(key)]);
            return None;
        }
        Some(value.to_owned())
    }

    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.typed(key, "true", Item::as_bool)
    }

    pub(super) fn integer(&mut self, key: &'static str, range: Range<u32>) -> Option<u32> {
        let value = self.typed(key, "12", Item::as_integer)?;
        let fitting = u32::try_from(value).ok().filter(|value| range.contains(value));
        if fitting.is_none() {
            let (least, most) = (range.start.to_string(), range.end.saturating_sub(1).to_string());
            self.report(self.spot(key), Code::OutOfRange, &[&self.path(key), &least, &most]);
        }
        fitting
    }

    pub(super) fn date(&mut self, key: &'static str) -> Option<jiff::civil::Date> {
        self.typed(key, "2026-01-31", |item| {
            let value = item.as_datetime().filter(|value| value.time.is_none())?;
            value.date?.to_string().parse().ok()
        })
    }

    /// A short name that other places refer to.
    pub(super) fn id<T: FromStr>(&mut self, key: &'static str) -> Option<T> {
        let text = self.string(key)?;
        let id = text.parse().ok();
        if id.is_none() {
            self.report(self.spot(key), Code::BadIdentifier, &[&text]);
        }
        id
    }

    /// A short name of a thing that has no type of id of its own.
    pub(super) fn name_id(&mut self, key: &'static str) -> Option<String> {
        self.id::<PurposeId>(key).map(String::from)
    }

    /// Several short names.
    pub(super) fn ids<T: FromStr>(&mut self, key: &'static str) -> Vec<T> {
        let words = self.list(key);
        let mut ids = Vec::new();
        for (at, word) in words {
            match word.parse() {
                Ok(id) => ids.push(id),
                Err(_) => self.report(at, Code::BadIdentifier, &[word]),
            }
        }
        ids
    }

    /// One word of a vocabulary.
    pub(super) fn word<V: Vocabulary>(&mut self, key: &'static str) -> Option<V> {
        let word = self.typed(key, "\"...\"", Item::as_str)?;
        let at = self.spot(key);
        self.lookup(key, word, at)
    }

    /// Several words of a vocabulary, each at most once.
    pub(super) fn words<V: Vocabulary>(&mut self, key: &'static str) -> Vec<V> {
        let mut values: Vec<V> = Vec::new();
        for (at, word) in self.list(key) {
            let Some(value) = self.lookup(key, word, at) else { continue };
            if values.contains(&value) {
                self.report(at, Code::Repeated, &[word]);
            } else {
                values.push(value);
            }
        }
        values
    }

    fn list(&mut self, key: &'static str) -> Vec<(Spot, &'s str)> {
        let Some(array) = self.typed(key, "[\"...\"]", Item::as_array) else { return Vec::new() };
        let fallback = self.spot(key);
        let mut words = Vec::new();
        for value in array {
            let at = self.sink.spot(value.span(), fallback);
            match value.as_str() {
                Some(word) => words.push((at, word)),
                None => self.report(at, Code::WrongType, &[&self.path(key), "[\"...\"]"]),
            }
        }
        words
    }

    /// The value of a word; one that is not known is reported, with the word that was probably meant.
    pub(super) fn lookup<V: Vocabulary>(&self, key: &str, word: &str, at: Spot) -> Option<V> {
        let found = V::all().iter().copied().find(|value| value.word() == word);
        if found.is_none() {
            match nearest(word, V::all().iter().map(|value| value.word())) {
                Some(meant) => self.report(at, Code::MisspelledWord, &[word, &self.path(key), meant]),
                None => {
                    let known: Vec<_> = V::all().iter().map(|value| value.word()).collect();
                    self.report(at, Code::UnknownWord, &[word, &self.path(key), &known.join(", ")]);
                }
            }
        }
        found
    }

    /// A text by language: `key.fi`, `key.sv`, `key.en`.
    pub(super) fn text(&mut self, key: &'static str) -> Option<Text> {
        let mut texts = self.table(key, "{ fi = \"...\", sv = \"...\", en = \"...\" }")?;
        let fi = texts.string("fi");
        let text = Text { fi: fi.clone().unwrap_or_default(), sv: texts.string("sv"), en: texts.string("en") };
        if !texts.has("fi") {
            texts.report(texts.at, Code::NoFinnish, &[&texts.name]);
        }
        for language in [Language::Sv, Language::En] {
            if !texts.has(language.tag()) {
                texts.report(texts.at, Code::NotTranslated, &[&texts.name, language.tag()]);
            }
        }
        texts.finish();
        fi.map(|_| text)
    }

    fn table(&mut self, key: &'static str, example: &str) -> Option<Section<'s>> {
        let table = self.typed(key, example, Item::as_table_like)?;
        let at = self.spot(key);
        Some(Section { sink: self.sink, table, name: self.path(key), known: Vec::new(), at })
    }

    /// A table of its own: `[key]`.
    pub(super) fn section(&mut self, key: &'static str) -> Option<Section<'s>> {
        let example = format!("[{key}]");
        self.table(key, &example)
    }

    /// Repeated tables: `[[key]]`.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Section<'s>> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let tables: Vec<(&'s dyn TableLike, Option<Range<usize>>)> = match item {
            Item::ArrayOfTables(tables) => tables.iter().map(|t| (t as &dyn TableLike, t.span())).collect(),
            Item::Value(Value::Array(array)) if array.iter().all(Value::is_inline_table) => array
                .iter()
                .filter_map(|value| value.as_inline_table().map(|t| (t as &dyn TableLike, value.span())))
                .collect(),
            _ => {
                self.wrong_type(key, &format!("[[{key}]]"));
                return Vec::new();
            }
        };
        let (sink, name, fallback) = (self.sink, self.path(key), self.spot(key));
        tables
            .into_iter()
            .map(|(table, span)| Section {
                sink,
                table,
                name: name.clone(),
                known: Vec::new(),
                at: sink.spot(span, fallback),
            })
            .collect()
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(self) {
        for (key, item) in self.table.iter().filter(|(key, _)| !self.known.contains(key)) {
            let span = self.table.get_key_value(key).and_then(|(key, _)| key.span()).or_else(|| item.span());
            let at = self.sink.spot(span, self.at);
            let free = self.known.iter().copied().filter(|known| !self.has(known));
            match nearest(key, free) {
                Some(meant) => self.report(at, Code::MisspelledKey, &[&self.path(key), meant]),
                None => self.report(at, Code::UnknownKey, &[&self.path(key), &self.known.join(", ")]),
            }
        }
    }
}

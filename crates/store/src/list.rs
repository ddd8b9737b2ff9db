//! Pages of lists by any order and filter, each quick in a register of a million.
//!
//! A page is looked for along the index of its order, in windows that grow: what most registers and filters need is in
//! the first ones. When they hold too little, a filter that has an index of its own and few rows gives all of them, which
//! are then ordered here. Otherwise larger windows follow, and in the end the page says how far it came, so that it can be
//! asked to go on.

use jiff::Timestamp;
use jiff::civil::Date;
use seloste_domain::kind::Kind;
use seloste_domain::list::{ListOf, ListQuery, Sort};
use seloste_domain::order::OrderState;
use uuid::Uuid;

use crate::db::Access;
use crate::error::Result;
use crate::party::Noun;
use crate::sql::{Param, Row, Tx};

/// Rows of the first windows.
const FIRST: [usize; 3] = [500, 2_000, 8_000];
/// Rows of the windows after them; a page looks at some 150,000 rows at most.
const LATER: [usize; 2] = [32_000, 120_000];
/// Rows that an index of a filter may give to be ordered here.
const FEW: usize = 2_000;
/// Ids in one statement.
const AT_ONCE: usize = 500;

/// Where in a list a page begins: after (or before) this row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    /// What the row is ordered by, as bytes that compare as it does.
    pub key: Vec<u8>,
    /// The row's id.
    pub id: Uuid,
    /// Whether the page is the one before that row.
    pub backwards: bool,
}

/// What a page of a list shall have.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The order and the filters.
    pub query: &'a ListQuery,
    /// The day on which values are valid.
    pub today: Date,
    /// Changed from the first moment up to, and not at, the second.
    pub changed: (Option<Timestamp>, Option<Timestamp>),
    /// Added from the first moment up to, and not at, the second.
    pub created: (Option<Timestamp>, Option<Timestamp>),
    /// Only rows of these ids.
    pub only: Option<&'a [Uuid]>,
    /// Where the page begins.
    pub from: Option<&'a Position>,
    /// Rows at most.
    pub limit: usize,
}

/// The rows of a page, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows<T> {
    /// Each row with what it is ordered by.
    pub rows: Vec<(T, Vec<u8>)>,
    /// Where the search stopped before the page was full, though the register goes on.
    pub left_off: Option<Position>,
    /// How many rows the whole list has, when that is known.
    pub count: Option<usize>,
}

impl Rows<Uuid> {
    const fn none() -> Self {
        Self { rows: Vec::new(), left_off: None, count: Some(0) }
    }

    /// The ids alone.
    #[must_use]
    pub fn ids(&self) -> Vec<Uuid> {
        self.rows.iter().map(|(id, _)| *id).collect()
    }

    /// The same page with what the ids stand for. A row that is gone by now is left out.
    pub(crate) fn map<T>(self, found: Vec<T>, id: impl Fn(&T) -> Uuid) -> Rows<T> {
        let mut found: std::collections::HashMap<Uuid, T> =
            found.into_iter().map(|thing| (id(&thing), thing)).collect();
        let rows = self.rows.into_iter().filter_map(|(id, key)| Some((found.remove(&id)?, key))).collect();
        Rows { rows, left_off: self.left_off, count: self.count }
    }
}

/// A value that outlives the statement it is bound to.
#[derive(Clone, Debug)]
enum Bound {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
}

impl Bound {
    fn param(&self) -> Param<'_> {
        match self {
            Self::Int(number) => Param::Int(*number),
            Self::Text(text) => Param::Text(text),
            Self::Bytes(bytes) => Param::Bytes(bytes),
            Self::Id(id) => Param::Id(*id),
        }
    }
}

/// Conditions of a statement, written with `@` for the next value.
#[derive(Clone, Debug, Default)]
struct Conditions {
    sql: String,
    values: Vec<Bound>,
}

impl Conditions {
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Bound>) {
        self.sql.push_str(" AND ");
        self.add(condition, values);
    }

    fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Bound>) {
        let mut parts = condition.split('@');
        self.sql.push_str(parts.next().unwrap_or_default());
        for (part, value) in parts.zip(values) {
            self.values.push(value);
            // ?1 is the register.
            self.sql.push_str(&format!("?{}{part}", self.values.len() + 1));
        }
    }

    fn params(&self) -> Vec<Param<'_>> {
        self.values.iter().map(Bound::param).collect()
    }
}

fn marks(count: usize) -> String {
    vec!["@"; count].join(", ")
}

/// What a column by which a list is ordered holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Bytes,
    Number,
    Text,
    /// The ids themselves: they begin with the time of their making (UUID version 7).
    Id,
}

impl Key {
    /// The bytes of a row's key, which compare as the database compares the column.
    fn read(self, row: &Row<'_>) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Bytes => row.bytes(1)?,
            Self::Number => (row.int(1)? ^ i64::MIN).to_be_bytes().to_vec(),
            Self::Text => row.text(1)?.into_bytes(),
            Self::Id => Vec::new(),
        })
    }

    fn bound(self, key: &[u8]) -> Option<Bound> {
        match self {
            Self::Bytes => Some(Bound::Bytes(key.to_vec())),
            Self::Number => Some(Bound::Int(key.try_into().map(i64::from_be_bytes).unwrap_or(0) ^ i64::MIN)),
            Self::Text => Some(Bound::Text(String::from_utf8_lossy(key).into_owned())),
            Self::Id => None,
        }
    }
}

/// A list as statements.
struct Source<'a> {
    wanted: &'a Wanted<'a>,
    /// The table and what it is called in the statements.
    table: &'static str,
    /// Which of the parties; orders have a table of their own.
    noun: Option<Noun>,
    id: &'static str,
    column: &'static str,
    key: Key,
    ascending: bool,
    filters: Conditions,
    /// Statements that give the ids of all rows that one filter finds, each by an index.
    narrow: Vec<(String, Vec<Bound>)>,
}

/// The ids of one page of a list. The caller loads what it shows, and by that it is logged.
///
/// # Errors
/// The database can not be read.
pub fn ids(access: &mut impl Access, of: ListOf, wanted: &Wanted<'_>) -> Result<Rows<Uuid>> {
    let Some(source) = source(access, of, wanted) else { return Ok(Rows::none()) };
    source.page(&mut access.tx().0)
}

fn source<'a>(access: &impl Access, of: ListOf, wanted: &'a Wanted<'a>) -> Option<Source<'a>> {
    let (query, usage) = (wanted.query, access.usage());
    let companies: Vec<Bound> = (usage.scope().companies().iter())
        .filter(|company| query.company.as_ref().is_none_or(|only| only == *company))
        .map(|company| Bound::Text(company.to_string()))
        .collect();
    let is_order = of == ListOf::Orders;
    if companies.is_empty() || (is_order && !usage.kinds().has(Kind::Orders)) {
        return None;
    }
    let (table, id, noun) = match of {
        ListOf::People => ("party p", "p.party_id", Some(Noun::Person)),
        ListOf::Organisations => ("party p", "p.party_id", Some(Noun::Organisation)),
        ListOf::Orders => ("orders o", "o.order_id", None),
    };
    let (column, key) = match (query.sort, is_order) {
        (Sort::Changed, true) => ("o.changed_at", Key::Number),
        (Sort::Total, true) => ("o.gross_cents", Key::Number),
        (_, true) => ("o.ordered_on", Key::Text),
        (Sort::Changed, false) => ("p.changed_at", Key::Number),
        (Sort::Created, false) => ("p.party_id", Key::Id),
        (_, false) => ("p.sort_key", Key::Bytes),
    };
    let backwards = wanted.from.is_some_and(|from| from.backwards);
    let ascending = query.descending == backwards;
    let filters = Conditions::default();
    let mut source = Source { wanted, table, noun, id, column, key, ascending, filters, narrow: Vec::new() };
    source.filters = source.of_noun();
    if is_order {
        source.orders(companies);
    } else {
        source.parties(companies, usage.sees_protected());
    }
    Some(source)
}

impl Source<'_> {
    /// The condition that chooses between people and organisations.
    fn of_noun(&self) -> Conditions {
        let mut conditions = Conditions::default();
        if let Some(noun) = self.noun {
            // Ids of both nouns stand in one index: with an index by noun, what it finds would have to be sorted.
            let condition = if self.key == Key::Id { "p.noun || '' = @" } else { "p.noun = @" };
            conditions.and(condition, [Bound::Text(noun.as_str().into())]);
        }
        conditions
    }

    fn orders(&mut self, companies: Vec<Bound>) {
        let query = self.wanted.query;
        self.filters.and(&format!("o.company_id IN ({})", marks(companies.len())), companies);
        match query.state {
            Some(state) => self.narrowed("o.state = @", vec![Bound::Text(state.as_str().into())]),
            None if !query.archived => {
                self.filters.and("o.state <> @", [Bound::Text(OrderState::Archived.as_str().into())]);
            }
            None => {}
        }
        let text = |day: Option<Date>| day.map(|day| Bound::Text(day.to_string()));
        self.range("o.ordered_on", (text(query.day.from), text(query.day.until)), "<=");
        let cents = |sum: Option<seloste_domain::money::Cents>| sum.map(|sum| Bound::Int(sum.0));
        self.range("o.gross_cents", (cents(query.total.from), cents(query.total.until)), "<=");
        self.range("o.changed_at", moments(self.wanted.changed), "<");
    }

    fn parties(&mut self, companies: Vec<Bound>, sees_protected: bool) {
        let query = self.wanted.query;
        let own = marks(companies.len());
        if query.company.is_some() {
            let sql = "SELECT party_id FROM party_company WHERE register_id = ?1 AND company_id IN";
            self.narrow.push((format!("{sql} ({own})"), companies.clone()));
        }
        self.filters.and(
            &format!(
                "EXISTS (SELECT 1 FROM party_company c WHERE c.register_id = ?1 AND c.party_id = p.party_id \
                 AND c.company_id IN ({own}))"
            ),
            companies,
        );
        if let Some(source) = &query.source {
            self.filters.and("p.source_id = @", [Bound::Text(source.to_string())]);
        }
        if let Some(town) = &query.town {
            let spellings: Vec<Bound> = spellings(town).into_iter().map(Bound::Text).collect();
            let list = marks(spellings.len());
            let sql = "SELECT DISTINCT party_id FROM party_value WHERE register_id = ?1 AND town IN";
            self.narrow.push((format!("{sql} ({list})"), spellings.clone()));
            self.address(&format!("v.town IN ({list})"), spellings, sees_protected);
        }
        if let Some(code) = &query.postal_code {
            let begins = format!("substr(v.postal_code, 1, {}) = @", code.chars().count());
            self.address(&begins, vec![Bound::Text(code.clone())], sees_protected);
        }
        for (kinds, negation) in [(query.has, ""), (query.lacks, "NOT ")] {
            for kind in kinds.iter() {
                self.value(negation, "v.kind = @", vec![Bound::Text(kind.to_string())]);
            }
        }
        if let Some(tag) = &query.tag {
            let tag = Bound::Text(tag.to_string());
            let sql = "SELECT party_id FROM party_value WHERE register_id = ?1 AND kind = 'tags' AND match_key = @";
            self.narrow.push((sql.to_owned(), vec![tag.clone()]));
            self.value("", "v.kind = 'tags' AND v.match_key = @", vec![tag]);
        }
        if let Some(id) = query.organisation {
            let today = Bound::Text(self.wanted.today.to_string());
            self.filters.and(
                "EXISTS (SELECT 1 FROM representation r WHERE r.register_id = ?1 AND r.person_id = p.party_id \
                 AND r.organisation_id = @ AND (r.valid_until IS NULL OR r.valid_until >= @))",
                [Bound::Id(id.0), today],
            );
            let sql = "SELECT person_id FROM representation WHERE register_id = ?1 AND organisation_id = @";
            self.narrow.push((sql.to_owned(), vec![Bound::Id(id.0)]));
        }
        match query.business_id {
            Some(true) => self.filters.and("p.business_id IS NOT NULL", []),
            Some(false) => self.filters.and("p.business_id IS NULL", []),
            None => {}
        }
        self.range("p.changed_at", moments(self.wanted.changed), "<");
        let first = |at: Timestamp| {
            let millis = at.as_millisecond().max(0).cast_unsigned();
            Bound::Id(Uuid::from_u128(u128::from(millis) << 80))
        };
        let (from, until) = self.wanted.created;
        self.range("p.party_id", (from.map(first), until.map(first)), "<");
    }

    /// An address that is protected is not found by its parts: a hit would tell where the person lives.
    fn address(&mut self, condition: &str, values: Vec<Bound>, sees_protected: bool) {
        self.value("", &format!("v.kind = 'postal_address' AND {condition}"), values);
        if !sees_protected {
            self.filters.and("p.protected_address = 0", []);
        }
    }

    /// A value of the party that is valid today.
    fn value(&mut self, negation: &str, condition: &str, mut values: Vec<Bound>) {
        let today = self.wanted.today.to_string();
        values.extend([Bound::Text(today.clone()), Bound::Text(today)]);
        self.filters.and(
            &format!(
                "{negation}EXISTS (SELECT 1 FROM party_value v WHERE v.register_id = ?1 AND v.party_id = p.party_id \
                 AND {condition} AND (v.valid_until IS NULL OR v.valid_until >= @) \
                 AND (v.valid_from IS NULL OR v.valid_from <= @))"
            ),
            values,
        );
    }

    fn range(&mut self, column: &str, (from, until): (Option<Bound>, Option<Bound>), to: &str) {
        let lower = from.map(|value| (format!("{column} >= @"), value));
        let upper = until.map(|value| (format!("{column} {to} @"), value));
        let (conditions, values): (Vec<String>, Vec<Bound>) = lower.into_iter().chain(upper).unzip();
        if !conditions.is_empty() {
            self.narrowed(&conditions.join(" AND "), values);
        }
    }

    /// A condition on a column that an index begins with, after the register and the noun.
    fn narrowed(&mut self, condition: &str, values: Vec<Bound>) {
        self.filters.and(condition, values.clone());
        let mut statement =
            (format!("SELECT {} FROM {} WHERE register_id = ?1 AND {condition}", self.id, self.table), values);
        if let Some(noun) = self.noun.filter(|_| !condition.starts_with("p.party_id")) {
            statement.0.push_str(" AND p.noun = @");
            statement.1.push(Bound::Text(noun.as_str().into()));
        }
        self.narrow.push(statement);
    }

    fn page(&self, tx: &mut Tx<'_>) -> Result<Rows<Uuid>> {
        if let Some(only) = self.wanted.only {
            return self.among(tx, only.to_vec());
        }
        let limit = self.wanted.limit;
        let mut rows = Vec::new();
        let mut start = self.wanted.from.map(|from| (from.id, from.key.clone()));
        for (turn, size) in FIRST.into_iter().chain(LATER).enumerate() {
            if turn == FIRST.len()
                && let Some(found) = self.narrowest(tx)?
            {
                return self.among(tx, found);
            }
            let end = self.end(tx, start.as_ref(), size)?;
            self.window(tx, start.as_ref(), end.as_ref(), limit - rows.len(), &mut rows)?;
            if rows.len() >= limit || end.is_none() {
                let whole = self.wanted.from.is_none() && rows.len() < limit;
                let count = whole.then_some(rows.len());
                return Ok(self.finished(rows, None, count));
            }
            start = end;
        }
        let backwards = self.wanted.from.is_some_and(|from| from.backwards);
        let left_off = start.map(|(id, key)| Position { key, id, backwards });
        Ok(self.finished(rows, left_off, None))
    }

    fn finished(&self, mut rows: Vec<(Uuid, Vec<u8>)>, left_off: Option<Position>, count: Option<usize>) -> Rows<Uuid> {
        if self.wanted.from.is_some_and(|from| from.backwards) {
            rows.reverse();
        }
        Rows { rows, left_off, count }
    }

    /// The last row of the window that begins after `start`; none when the list ends before.
    fn end(&self, tx: &mut Tx<'_>, start: Option<&(Uuid, Vec<u8>)>, size: usize) -> Result<Option<(Uuid, Vec<u8>)>> {
        let mut conditions = self.of_noun();
        self.beyond(&mut conditions, start, false);
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE register_id = ?1{} {} LIMIT 1 OFFSET {}",
            self.id,
            self.column,
            self.table,
            conditions.sql,
            self.ordering(),
            size - 1
        );
        tx.query_opt(&sql, &conditions.params(), |row| Ok((row.id(0)?, self.key.read(row)?)))
    }

    fn window(
        &self,
        tx: &mut Tx<'_>,
        start: Option<&(Uuid, Vec<u8>)>,
        end: Option<&(Uuid, Vec<u8>)>,
        limit: usize,
        rows: &mut Vec<(Uuid, Vec<u8>)>,
    ) -> Result<()> {
        let mut conditions = self.filters.clone();
        self.beyond(&mut conditions, start, false);
        self.beyond(&mut conditions, end, true);
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE register_id = ?1{} {} LIMIT {limit}",
            self.id,
            self.column,
            self.table,
            conditions.sql,
            self.ordering()
        );
        rows.extend(tx.query(&sql, &conditions.params(), |row| Ok((row.id(0)?, self.key.read(row)?)))?);
        Ok(())
    }

    fn ordering(&self) -> String {
        let way = if self.ascending { "ASC" } else { "DESC" };
        if self.key == Key::Id {
            return format!("ORDER BY {} {way}", self.id);
        }
        format!("ORDER BY {} {way}, {} {way}", self.column, self.id)
    }

    /// Only rows after the place; or, with `until`, up to it and itself.
    fn beyond(&self, conditions: &mut Conditions, place: Option<&(Uuid, Vec<u8>)>, until: bool) {
        let Some((id, key)) = place else { return };
        let sign = match (self.ascending, until) {
            (true, false) => ">",
            (false, false) => "<",
            (true, true) => "<=",
            (false, true) => ">=",
        };
        match self.key.bound(key) {
            None => conditions.and(&format!("{} {sign} @", self.id), [Bound::Id(*id)]),
            Some(key) => {
                conditions.and(&format!("({}, {}) {sign} (@, @)", self.column, self.id), [key, Bound::Id(*id)]);
            }
        }
    }

    /// All ids that one of the filters finds by its index, when they are few.
    fn narrowest(&self, tx: &mut Tx<'_>) -> Result<Option<Vec<Uuid>>> {
        for (sql, values) in &self.narrow {
            let mut statement = Conditions::default();
            statement.add(sql, values.clone());
            let sql = format!("{} LIMIT {}", statement.sql, FEW + 1);
            let found = tx.query(&sql, &statement.params(), |row| row.id(0))?;
            if found.len() <= FEW {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The page of the rows among these that all filters let through.
    fn among(&self, tx: &mut Tx<'_>, mut ids: Vec<Uuid>) -> Result<Rows<Uuid>> {
        ids.sort_unstable();
        ids.dedup();
        let mut rows: Vec<(Vec<u8>, Uuid)> = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let mut conditions = self.filters.clone();
            let list = format!("{} IN ({})", self.id, marks(ids.len()));
            conditions.and(&list, ids.iter().map(|id| Bound::Id(*id)));
            let sql = format!(
                "SELECT {}, {} FROM {} WHERE register_id = ?1{}",
                self.id, self.column, self.table, conditions.sql
            );
            rows.extend(tx.query(&sql, &conditions.params(), |row| Ok((self.key.read(row)?, row.id(0)?)))?);
        }
        let count = rows.len();
        rows.sort_unstable();
        if !self.ascending {
            rows.reverse();
        }
        let start = self.wanted.from.map(|from| (from.key.clone(), from.id));
        let beyond = |row: &(Vec<u8>, Uuid)| match &start {
            None => true,
            Some(start) if self.ascending => row > start,
            Some(start) => row < start,
        };
        let page = rows.into_iter().filter(beyond).take(self.wanted.limit).map(|(key, id)| (id, key)).collect();
        Ok(self.finished(page, None, Some(count)))
    }
}

fn moments((from, until): (Option<Timestamp>, Option<Timestamp>)) -> (Option<Bound>, Option<Bound>) {
    let bound = |at: Option<Timestamp>| at.map(|at| Bound::Int(at.as_microsecond()));
    (bound(from), bound(until))
}

/// How a town may be written: as given, in capitals, in small letters, with one capital.
fn spellings(town: &str) -> Vec<String> {
    let lower = town.to_lowercase();
    let mut letters = lower.chars();
    let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    let mut all = vec![town.to_owned(), town.to_uppercase(), lower];
    all.extend(capital);
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_compare_as_their_columns_and_come_back() {
        let key = |number: i64| (number ^ i64::MIN).to_be_bytes().to_vec();
        let mut keys = [5, -7, i64::MIN, 0, i64::MAX, -1].map(key);
        keys.sort();
        assert_eq!(keys, [i64::MIN, -7, -1, 0, 5, i64::MAX].map(key));
        for number in [i64::MIN, -7, 0, 42, i64::MAX] {
            assert!(matches!(Key::Number.bound(&key(number)), Some(Bound::Int(back)) if back == number));
        }
    }

    #[test]
    fn conditions_number_their_values_after_the_register() {
        let mut conditions = Conditions::default();
        conditions.and("a = @ AND r = ?1", [Bound::Int(1)]);
        conditions.and("b IN (@, @)", [Bound::Int(2), Bound::Int(3)]);
        assert_eq!(conditions.sql, " AND a = ?2 AND r = ?1 AND b IN (?3, ?4)");
        assert_eq!(conditions.params().len(), 3);
    }

    #[test]
    fn towns_are_found_in_capitals_and_without() {
        assert_eq!(spellings("TURKU"), ["TURKU", "Turku", "turku"]);
        assert!(spellings("äänekoski").contains(&"Äänekoski".to_owned()));
    }
}

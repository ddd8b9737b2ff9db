//! The order and the filters of a list, read from an address and written into one.

use jiff::civil::Date;

use super::ListOf;
use crate::date::{self, DateOrder};
use crate::field::{FieldError, FieldErrors, code, one_line};
use crate::id::{CompanyId, OrganisationId, SourceId, TagId};
use crate::kind::{Kind, Kinds};
use crate::money::{Cents, DecimalMark};
use crate::notice::Notice;
use crate::order::OrderState;

/// Parts of an address at most.
const MOST_PARTS: usize = 40;
/// Characters of a town at most.
const LONGEST_TOWN: usize = 100;
/// Characters of a postal code at most.
const LONGEST_POSTAL_CODE: usize = 10;
/// The kinds of data by whose presence people and organisations are filtered.
const PRESENCE: [Kind; 4] = [Kind::Email, Kind::Telephone, Kind::PostalAddress, Kind::CustomerNumber];

/// By what a list is ordered. Each has an index, so that every page of a million rows is quick.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sort {
    /// By name, in the Finnish order of letters.
    Name,
    /// By the time of the last change.
    Changed,
    /// By the time of adding.
    Created,
    /// By the day of the order.
    Day,
    /// By the order's sum with tax.
    Total,
}

impl Sort {
    /// The name in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Changed => "changed",
            Self::Created => "created",
            Self::Day => "day",
            Self::Total => "total",
        }
    }

    /// Whether the list is usually read from the end: what is newest or largest first.
    #[must_use]
    pub const fn descends(self) -> bool {
        !matches!(self, Self::Name)
    }
}

impl ListOf {
    /// By what the list can be ordered; the first is the usual one.
    #[must_use]
    pub const fn sorts(self) -> &'static [Sort] {
        match self {
            Self::People | Self::Organisations => &[Sort::Name, Sort::Changed, Sort::Created],
            Self::Orders => &[Sort::Day, Sort::Total, Sort::Changed],
        }
    }
}

/// Days from one to another, both of them too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Days {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
}

/// Sums from one to another, both of them too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// The least.
    pub from: Option<Cents>,
    /// The greatest.
    pub until: Option<Cents>,
}

/// The order and the filters of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListQuery {
    /// Which list.
    pub of: ListOf,
    /// By what it is ordered.
    pub sort: Sort,
    /// Whether from the end.
    pub descending: bool,
    /// Only customers, or orders, of this company of the group.
    pub company: Option<CompanyId>,
    /// Only customers that came from this source.
    pub source: Option<SourceId>,
    /// Only customers with an address in this town, as it is written, capitals apart.
    pub town: Option<String>,
    /// Only customers with an address whose postal code begins so.
    pub postal_code: Option<String>,
    /// Only customers with values of all of these kinds.
    pub has: Kinds,
    /// Only customers without a value of any of these kinds.
    pub lacks: Kinds,
    /// Only customers with this tag.
    pub tag: Option<TagId>,
    /// Only people who represent this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only organisations with a business id (true) or without (false).
    pub business_id: Option<bool>,
    /// Only what was changed on these days.
    pub changed: Days,
    /// Only customers that were added on these days.
    pub created: Days,
    /// Only orders in this state. None: in every state but archived.
    pub state: Option<OrderState>,
    /// Archived orders too.
    pub archived: bool,
    /// Only orders of these days.
    pub day: Days,
    /// Only orders whose sum with tax is between these.
    pub total: Sums,
}

/// What belongs to the page and not to the list.
const OF_THE_PAGE: [&str; 5] = ["q", "after", "before", "saved", "done"];

impl ListQuery {
    /// The whole list in its usual order.
    #[must_use]
    pub fn whole(of: ListOf) -> Self {
        let sort = of.sorts().first().copied().unwrap_or(Sort::Name);
        Self {
            of,
            sort,
            descending: sort.descends(),
            company: None,
            source: None,
            town: None,
            postal_code: None,
            has: Kinds::NONE,
            lacks: Kinds::NONE,
            tag: None,
            organisation: None,
            business_id: None,
            changed: Days::default(),
            created: Days::default(),
            state: None,
            archived: false,
            day: Days::default(),
            total: Sums::default(),
        }
    }

    /// Reads the parts of an address. What is wrong is told with its name, and the rest is kept: the page shows both, and no
    /// rows, because a list that silently leaves a filter out would be taken for its answer.
    #[must_use]
    pub fn read(of: ListOf, parts: &[(String, String)], notice: &Notice) -> (Self, FieldErrors) {
        let mut query = Self::whole(of);
        let mut errors = FieldErrors::default();
        let given =
            parts.iter().filter(|(name, value)| !value.trim().is_empty() && !OF_THE_PAGE.contains(&name.as_str()));
        let mut seen: Vec<&str> = Vec::new();
        let mut direction = None;
        for (count, (name, value)) in given.enumerate() {
            if count == MOST_PARTS {
                errors.push(FieldError::new("filter", code::TOO_MANY).with("max", MOST_PARTS));
                break;
            }
            let name = name.as_str();
            if seen.contains(&name) && !matches!(name, "has" | "lacks") {
                errors.push(FieldError::new(known(name), code::LIST_REPEATED));
                continue;
            }
            seen.push(name);
            let read = match name {
                "order" => choice(name, value, &[("asc", false), ("desc", true)]).map(|d| direction = Some(d)),
                _ => query.part(name, value.trim(), notice),
            };
            if let Err(error) = read {
                errors.push(error);
            }
        }
        query.descending = direction.unwrap_or_else(|| query.sort.descends());
        query.check(&mut errors);
        (query, errors)
    }

    fn part(&mut self, name: &str, value: &str, notice: &Notice) -> Result<(), FieldError> {
        let parties = self.of != ListOf::Orders;
        let kinds = notice.kinds();
        match name {
            "sort" => {
                let sorts: Vec<(&str, Sort)> = self.of.sorts().iter().map(|sort| (sort.as_str(), *sort)).collect();
                self.sort = choice(name, value, &sorts)?;
            }
            "company" => {
                let known = notice.companies().iter().find(|company| company.id.as_str() == value);
                let known = known.ok_or_else(|| FieldError::new(name, code::COMPANY_UNKNOWN))?;
                self.company = Some(known.id.clone());
            }
            "source" if parties => {
                let known = notice.sources().iter().find(|source| source.id.as_str() == value);
                let known = known.ok_or_else(|| FieldError::new(name, code::CHOICE_UNKNOWN))?;
                self.source = Some(known.id.clone());
            }
            "town" if parties => {
                declared(kinds, name, Kind::PostalAddress)?;
                self.town = Some(one_line(name, value, LONGEST_TOWN)?);
            }
            "postal_code" if parties => {
                declared(kinds, name, Kind::PostalAddress)?;
                self.postal_code = Some(one_line(name, value, LONGEST_POSTAL_CODE)?);
            }
            "has" if parties => self.has = self.has.with(presence(kinds, name, value)?),
            "lacks" if parties => self.lacks = self.lacks.with(presence(kinds, name, value)?),
            "tag" if parties => {
                declared(kinds, name, Kind::Tags)?;
                self.tag = Some(value.parse().map_err(|_| FieldError::new(name, code::CHOICE_UNKNOWN))?);
            }
            "organisation" if self.of == ListOf::People => {
                declared(kinds, name, Kind::Organisation)?;
                let id = value.parse().map_err(|_| FieldError::new(name, code::CHOICE_UNKNOWN))?;
                self.organisation = Some(id);
            }
            "business_id" if self.of == ListOf::Organisations => {
                self.business_id = Some(choice(name, value, &[("yes", true), ("no", false)])?);
            }
            "changed_from" => self.changed.from = day(name, value)?,
            "changed_until" => self.changed.until = day(name, value)?,
            "created_from" if parties => self.created.from = day(name, value)?,
            "created_until" if parties => self.created.until = day(name, value)?,
            "state" if !parties => match value {
                "all" => self.archived = true,
                _ => {
                    let state = value.parse().map_err(|_| FieldError::new(name, code::ORDER_STATE_UNKNOWN))?;
                    self.state = Some(state);
                }
            },
            "from" if !parties => self.day.from = day(name, value)?,
            "until" if !parties => self.day.until = day(name, value)?,
            "total_from" if !parties => self.total.from = Some(sum(name, value)?),
            "total_until" if !parties => self.total.until = Some(sum(name, value)?),
            _ => return Err(FieldError::new(known(name), code::LIST_FILTER_UNKNOWN)),
        }
        Ok(())
    }

    fn check(&self, errors: &mut FieldErrors) {
        let days = [("changed_until", self.changed), ("created_until", self.created), ("until", self.day)];
        for (name, days) in days {
            if days.from.zip(days.until).is_some_and(|(from, until)| until < from) {
                errors.push(FieldError::new(name, code::DATE_ORDER));
            }
        }
        if self.total.from.zip(self.total.until).is_some_and(|(from, until)| until < from) {
            errors.push(FieldError::new("total_until", code::LIST_SUM_ORDER));
        }
        if Kind::ALL.into_iter().any(|kind| self.has.has(kind) && self.lacks.has(kind)) {
            errors.push(FieldError::new("lacks", code::LIST_CONTRADICTION));
        }
    }

    /// The filters as parts of an address, in one order whatever the order in which they were given.
    #[must_use]
    pub fn filters(&self) -> Vec<(&'static str, String)> {
        let mut parts: Vec<(&'static str, String)> = Vec::new();
        let mut add = |name, value: Option<String>| parts.extend(value.map(|value| (name, value)));
        add("company", self.company.as_ref().map(ToString::to_string));
        add("source", self.source.as_ref().map(ToString::to_string));
        add("town", self.town.clone());
        add("postal_code", self.postal_code.clone());
        for kind in self.has.iter() {
            add("has", Some(kind.to_string()));
        }
        for kind in self.lacks.iter() {
            add("lacks", Some(kind.to_string()));
        }
        add("tag", self.tag.as_ref().map(ToString::to_string));
        add("organisation", self.organisation.map(|id| id.to_string()));
        add("business_id", self.business_id.map(|has| if has { "yes" } else { "no" }.to_owned()));
        add("state", self.state.map(|state| state.as_str().to_owned()).or_else(|| self.archived.then(|| "all".into())));
        for (from, until, days) in [
            ("from", "until", self.day),
            ("changed_from", "changed_until", self.changed),
            ("created_from", "created_until", self.created),
        ] {
            add(from, days.from.map(|day| day.to_string()));
            add(until, days.until.map(|day| day.to_string()));
        }
        add("total_from", self.total.from.map(|sum| sum.to_decimal().to_string()));
        add("total_until", self.total.until.map(|sum| sum.to_decimal().to_string()));
        parts
    }

    /// The order and the filters as parts of an address; what is usual is left out.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let mut parts = Vec::new();
        if Some(&self.sort) != self.of.sorts().first() {
            parts.push(("sort", self.sort.as_str().to_owned()));
        }
        if self.descending != self.sort.descends() {
            parts.push(("order", if self.descending { "desc" } else { "asc" }.to_owned()));
        }
        parts.extend(self.filters());
        parts
    }

    /// Whether anything is filtered.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        !self.filters().is_empty()
    }
}

/// Every name that an address can have, so that an error never repeats what somebody typed.
const NAMES: [&str; 21] = [
    "sort",
    "order",
    "company",
    "source",
    "town",
    "postal_code",
    "has",
    "lacks",
    "tag",
    "organisation",
    "business_id",
    "changed_from",
    "changed_until",
    "created_from",
    "created_until",
    "state",
    "from",
    "until",
    "total_from",
    "total_until",
    "filter",
];

fn known(name: &str) -> &'static str {
    NAMES.into_iter().find(|known| *known == name).unwrap_or("filter")
}

fn choice<T: Copy>(name: &str, value: &str, choices: &[(&str, T)]) -> Result<T, FieldError> {
    let found = choices.iter().find(|(known, _)| *known == value).map(|(_, choice)| *choice);
    found.ok_or_else(|| FieldError::new(name, code::CHOICE_UNKNOWN))
}

fn declared(kinds: Kinds, name: &str, kind: Kind) -> Result<(), FieldError> {
    if kinds.has(kind) { Ok(()) } else { Err(FieldError::new(name, code::UNDECLARED)) }
}

fn presence(kinds: Kinds, name: &str, value: &str) -> Result<Kind, FieldError> {
    let kind = PRESENCE.into_iter().find(|kind| kind.as_str() == value);
    let kind = kind.ok_or_else(|| FieldError::new(name, code::CHOICE_UNKNOWN))?;
    declared(kinds, name, kind).map(|()| kind)
}

fn day(name: &str, value: &str) -> Result<Option<Date>, FieldError> {
    date::parse_field(name, value, DateOrder::DayFirst)
}

fn sum(name: &str, value: &str) -> Result<Cents, FieldError> {
    let mark = if value.contains(',') { DecimalMark::Comma } else { DecimalMark::Point };
    Cents::parse(name, value, mark)
}

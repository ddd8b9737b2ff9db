//! The columns of lists.

use super::ListOf;
use crate::kind::{Kind, Kinds};

/// A column.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Column {
    /// The name.
    Name,
    /// The customer number, or the order's number.
    Number,
    /// The business id.
    BusinessId,
    /// The organisation that the person represents.
    Organisation,
    /// The e-mail address.
    Email,
    /// The telephone number.
    Telephone,
    /// The street address.
    Street,
    /// The postal code.
    PostalCode,
    /// The town.
    Town,
    /// The language of service.
    Language,
    /// The tags.
    Tags,
    /// The companies of the group.
    Companies,
    /// Where the customer came from.
    Source,
    /// The day on which the customer was added.
    Created,
    /// When the customer was last changed.
    Changed,
    /// The day of the order.
    Day,
    /// Who ordered.
    Customer,
    /// The company that took the order.
    Company,
    /// How far the order has come.
    State,
    /// How many lines the order has.
    Lines,
    /// The sum without tax.
    Net,
    /// The sum with tax.
    Gross,
}

use Column::{
    BusinessId, Changed, Companies, Company, Created, Customer, Day, Email, Gross, Language, Lines, Name, Net, Number,
    Organisation, PostalCode, Source, State, Street, Tags, Telephone, Town,
};

impl ListOf {
    /// The columns that the list can have, in their usual order.
    #[must_use]
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::People => &[
                Name,
                Organisation,
                Email,
                Telephone,
                Street,
                PostalCode,
                Town,
                Number,
                Language,
                Tags,
                Companies,
                Source,
                Created,
                Changed,
            ],
            Self::Organisations => &[
                Name, BusinessId, Email, Telephone, Street, PostalCode, Town, Number, Tags, Companies, Source, Created,
                Changed,
            ],
            Self::Orders => &[Number, Day, Customer, Company, State, Lines, Net, Gross],
        }
    }

    /// The columns of somebody who has not chosen.
    #[must_use]
    pub const fn usual_columns(self) -> &'static [Column] {
        match self {
            Self::People => &[Name, Organisation, Email, Telephone, Town, Number, Changed],
            Self::Organisations => &[Name, BusinessId, Email, Telephone, Town, Number, Changed],
            Self::Orders => &[Number, Day, Customer, Company, State, Lines, Net],
        }
    }

    /// The column that leads to the card: it is always there, and first.
    #[must_use]
    pub const fn first_column(self) -> Column {
        match self {
            Self::People | Self::Organisations => Name,
            Self::Orders => Number,
        }
    }

    /// The kind of data that the notice must declare for a column of the list to exist (promise P10).
    #[must_use]
    pub const fn kind_of(self, column: Column) -> Option<Kind> {
        match (column, self) {
            (_, Self::Orders) => Some(Kind::Orders),
            (Organisation, _) => Some(Kind::Organisation),
            (Email, _) => Some(Kind::Email),
            (Telephone, _) => Some(Kind::Telephone),
            (Street | PostalCode | Town, _) => Some(Kind::PostalAddress),
            (Number, _) => Some(Kind::CustomerNumber),
            (Language, _) => Some(Kind::Language),
            (Tags, _) => Some(Kind::Tags),
            _ => None,
        }
    }

    /// The columns of a choice as it is kept, in the order in which they were chosen; what the list does not have or the
    /// notice does not declare is left out.
    #[must_use]
    pub fn chosen(self, kept: Option<&str>, kinds: Kinds) -> Vec<Column> {
        let declared = |column: Column| self.kind_of(column).is_none_or(|kind| kinds.has(kind));
        let named = |name: &str| self.columns().iter().copied().find(|column| column.as_str() == name);
        let wanted: Vec<Column> = match kept {
            Some(kept) => kept.split(',').filter_map(named).collect(),
            None => self.usual_columns().to_vec(),
        };
        let mut columns = vec![self.first_column()];
        for column in wanted {
            if !columns.contains(&column) && declared(column) {
                columns.push(column);
            }
        }
        columns
    }
}

impl Column {
    /// The name in forms and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Name => "name",
            Number => "number",
            BusinessId => "business_id",
            Organisation => "organisation",
            Email => "email",
            Telephone => "telephone",
            Street => "street",
            PostalCode => "postal_code",
            Town => "town",
            Language => "language",
            Tags => "tags",
            Companies => "companies",
            Source => "source",
            Created => "created",
            Changed => "changed",
            Day => "day",
            Customer => "customer",
            Company => "company",
            State => "state",
            Lines => "lines",
            Net => "net",
            Gross => "gross",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Kinds {
        Kind::ALL.into_iter().collect()
    }

    #[test]
    fn a_choice_keeps_its_order_and_always_leads_to_the_card() {
        let chosen = |kept| ListOf::People.chosen(kept, all());
        assert_eq!(chosen(None), ListOf::People.usual_columns());
        assert_eq!(chosen(Some("town,email")), [Name, Town, Email]);
        assert_eq!(chosen(Some("town,town,shoe_size,gross,name")), [Name, Town]);
        assert_eq!(chosen(Some("")), [Name]);
        assert_eq!(ListOf::Orders.chosen(Some("gross"), all()), [Number, Gross]);
    }

    #[test]
    fn what_the_notice_does_not_declare_is_no_column() {
        let kinds = all().without(Kind::PostalAddress).without(Kind::Language);
        assert_eq!(ListOf::People.chosen(Some("town,street,language,email"), kinds), [Name, Email]);
    }

    #[test]
    fn names_are_unique_and_usual_columns_exist() {
        for list in ListOf::ALL {
            let names: std::collections::BTreeSet<_> = list.columns().iter().map(|column| column.as_str()).collect();
            assert_eq!(names.len(), list.columns().len());
            assert!(list.usual_columns().iter().all(|column| list.columns().contains(column)));
            assert_eq!(ListOf::named(list.as_str()), Some(list));
        }
    }
}

//! What a column can be: the targets of each noun, with the kind of data that each belongs to.

use std::fmt;

use serde::Serialize;

use super::problem::nearest;
use crate::kind::Kind;
use crate::value::Label;

/// What is imported.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Noun {
    /// People, who may represent organisations.
    People,
    /// Organisations, each with a contact person in the same row if there is one.
    Organisations,
    /// Orders with their lines.
    Orders,
    /// Invoices of an accounting system, with what is open of them.
    Invoices,
}

impl Noun {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::People, Self::Organisations, Self::Orders, Self::Invoices];

    /// The name in commands, mappings and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Organisations => "organisations",
            Self::Orders => "orders",
            Self::Invoices => "invoices",
        }
    }

    /// The noun of a name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|noun| noun.as_str() == text)
    }

    /// The kind without which nothing of it can be kept; none: any kind will do.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        match self {
            Self::People => None,
            Self::Organisations => Some(Kind::Organisation),
            Self::Orders | Self::Invoices => Some(Kind::Orders),
        }
    }
}

/// Whose field it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Whose {
    /// The row's own.
    Own,
    /// The contact person's, in a file of organisations.
    Contact,
    /// The customer's of an order or an invoice.
    Customer,
    /// The delivery's.
    Delivery,
    /// An order line's.
    Line,
}

impl Whose {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Own => "",
            Self::Contact => "contact.",
            Self::Customer => "customer.",
            Self::Delivery => "delivery.",
            Self::Line => "line.",
        }
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $kind:expr;)*) => {
        /// A field of a draft.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// The name in mappings, and of its text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            const fn own_kind(self) -> Option<Kind> {
                match self { $(Self::$name => $kind,)* }
            }
        }
    };
}

fields! {
    /// What the source calls it.
    ExternalId = "external_id", None;
    /// Customer number.
    CustomerNumber = "customer_number", Some(Kind::CustomerNumber);
    /// Given names.
    Given = "given", Some(Kind::Name);
    /// Family name.
    Family = "family", Some(Kind::Name);
    /// Given and family names in one, to be split.
    FullName = "full_name", Some(Kind::Name);
    /// Language of service.
    Language = "language", Some(Kind::Language);
    /// E-mail address.
    Email = "email", Some(Kind::Email);
    /// Telephone number.
    Telephone = "telephone", Some(Kind::Telephone);
    /// Street rows.
    Street = "street", Some(Kind::PostalAddress);
    /// Postal code, with or without the town.
    PostalCode = "postal_code", Some(Kind::PostalAddress);
    /// Town.
    Town = "town", Some(Kind::PostalAddress);
    /// State or province.
    Region = "region", Some(Kind::PostalAddress);
    /// Country.
    Country = "country", Some(Kind::PostalAddress);
    /// The name of the organisation that a person represents.
    Organisation = "organisation", Some(Kind::Organisation);
    /// A person's title in it.
    Title = "title", Some(Kind::Organisation);
    /// Companies of the group, by short name.
    Company = "company", None;
    /// Whether the address is protected (*turvakielto*).
    Protected = "protected_address", Some(Kind::PostalAddress);
    /// An organisation's name; a delivery's addressee.
    Name = "name", Some(Kind::Organisation);
    /// Finnish business id.
    BusinessId = "business_id", Some(Kind::Organisation);
    /// Order number; on lines in a file of their own, the order that they belong to.
    Number = "number", Some(Kind::Orders);
    /// The day of an order.
    OrderedOn = "ordered_on", Some(Kind::Orders);
    /// The day asked for.
    RequestedOn = "requested_on", Some(Kind::Orders);
    /// The day of delivery.
    DeliveredOn = "delivered_on", Some(Kind::Orders);
    /// State of an order or an invoice.
    State = "state", Some(Kind::Orders);
    /// Product code.
    Product = "product", Some(Kind::Orders);
    /// What a line is about.
    Description = "description", Some(Kind::Orders);
    /// How many.
    Quantity = "quantity", Some(Kind::Orders);
    /// Price of one without tax.
    UnitPrice = "unit_price", Some(Kind::Orders);
    /// Discount.
    Discount = "discount", Some(Kind::Orders);
    /// VAT rate.
    VatRate = "vat_rate", Some(Kind::Orders);
    /// Number of an invoice.
    InvoiceNumber = "invoice_number", Some(Kind::Orders);
    /// The day of an invoice.
    IssuedOn = "issued_on", Some(Kind::Orders);
    /// The day until which an invoice is to be paid.
    DueOn = "due_on", Some(Kind::Orders);
    /// Sum without tax.
    Net = "net", Some(Kind::Orders);
    /// Sum of the tax.
    Vat = "vat", Some(Kind::Orders);
    /// Sum with tax.
    Gross = "gross", Some(Kind::Orders);
    /// What is still to be paid.
    Open = "open", Some(Kind::Orders);
    /// Reference number.
    Reference = "reference", Some(Kind::Orders);
}

/// The fields of a postal address.
pub(super) const ADDRESS: [Field; 5] = [Field::Street, Field::PostalCode, Field::Town, Field::Region, Field::Country];

impl Field {
    /// The kind whose labels a value of this field can carry.
    const fn labelled(self) -> Option<Kind> {
        match self {
            Self::Email => Some(Kind::Email),
            Self::Telephone => Some(Kind::Telephone),
            Self::Street | Self::PostalCode | Self::Town | Self::Region | Self::Country => Some(Kind::PostalAddress),
            _ => None,
        }
    }

    /// Whether several columns may go to it.
    pub(super) const fn is_many(self) -> bool {
        matches!(self, Self::Email | Self::Telephone | Self::Street | Self::Company)
    }
}

/// What a column goes to: `email`, `telephone.fax`, `contact.street.billing`, `line.unit_price`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Target {
    /// Whose.
    pub whose: Whose,
    /// Which field.
    pub field: Field,
    /// What it is for, where its kind has labels.
    pub label: Option<Label>,
}

impl Target {
    /// A target without label.
    #[must_use]
    pub const fn new(whose: Whose, field: Field) -> Self {
        Self { whose, field, label: None }
    }

    /// All targets of a noun, labelled ones after those without.
    #[must_use]
    pub fn all(noun: Noun) -> Vec<Self> {
        use Field as F;
        let contacts =
            [F::CustomerNumber, F::Email, F::Telephone, F::Street, F::PostalCode, F::Town, F::Region, F::Country];
        let person = [F::ExternalId, F::Given, F::Family, F::FullName, F::Language, F::Title];
        let (own, other): (Vec<F>, Vec<(Whose, Vec<F>)>) = match noun {
            Noun::People => {
                ([&person[..], &contacts, &[F::Organisation, F::Company, F::Protected]].concat(), Vec::new())
            }
            Noun::Organisations => (
                [&[F::ExternalId, F::Name, F::BusinessId, F::Company][..], &contacts].concat(),
                vec![(Whose::Contact, [&person[..], &contacts].concat())],
            ),
            Noun::Orders => (
                vec![F::ExternalId, F::Number, F::Company, F::OrderedOn, F::RequestedOn, F::DeliveredOn, F::State],
                vec![
                    (Whose::Customer, vec![F::ExternalId, F::CustomerNumber]),
                    (Whose::Delivery, [&[F::Name][..], &ADDRESS].concat()),
                    (Whose::Line, vec![F::Product, F::Description, F::Quantity, F::UnitPrice, F::Discount, F::VatRate]),
                ],
            ),
            Noun::Invoices => (
                vec![
                    F::InvoiceNumber,
                    F::Company,
                    F::IssuedOn,
                    F::DueOn,
                    F::Net,
                    F::Vat,
                    F::Gross,
                    F::Open,
                    F::State,
                    F::Reference,
                ],
                vec![(Whose::Customer, vec![F::ExternalId, F::CustomerNumber, F::BusinessId, F::Email])],
            ),
        };
        let of = |(whose, fields): (Whose, Vec<F>)| fields.into_iter().map(move |field| Self::new(whose, field));
        let plain: Vec<Self> = std::iter::once((Whose::Own, own)).chain(other).flat_map(of).collect();
        let labelled = plain.iter().flat_map(|target| {
            let fits = |label: &Label| target.field.labelled().is_some_and(|kind| label.fits(kind));
            let unlabelled = matches!(target.whose, Whose::Delivery | Whose::Customer);
            let labels = if unlabelled { None } else { Some(Label::ALL) };
            let labels = labels.into_iter().flatten().filter(fits);
            labels.map(|label| Self { label: Some(label), ..*target }).collect::<Vec<_>>()
        });
        plain.iter().copied().chain(labelled).collect()
    }

    /// The target of a name.
    ///
    /// # Errors
    /// The noun has none of this name; the nearest one, if there is one.
    pub fn parse(noun: Noun, text: &str) -> Result<Self, Option<String>> {
        let all = Self::all(noun);
        if let Some(found) = all.iter().find(|target| target.to_string() == text) {
            return Ok(*found);
        }
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        Err(nearest(text, names.iter().map(String::as_str)).map(str::to_owned))
    }

    /// The kind of data that the notice must declare for it; none: it is not personal data by itself.
    #[must_use]
    pub const fn kind(self) -> Option<Kind> {
        match (self.whose, self.field) {
            (Whose::Delivery, Field::Name) => Some(Kind::Orders),
            (Whose::Customer, Field::CustomerNumber) => Some(Kind::CustomerNumber),
            (_, field) => field.own_kind(),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.whose.prefix(), self.field.as_str())?;
        self.label.iter().try_for_each(|label| write!(f, ".{label}"))
    }
}

impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for noun in Noun::ALL {
            let all = Target::all(noun);
            for target in &all {
                assert_eq!(Target::parse(noun, &target.to_string()), Ok(*target));
                assert_eq!(all.iter().filter(|other| other.to_string() == target.to_string()).count(), 1);
            }
        }
        assert_eq!(Target::parse(Noun::People, "telefone"), Err(Some("telephone".into())));
        assert_eq!(Target::parse(Noun::People, "line.product"), Err(None));
        assert_eq!(Target::parse(Noun::Organisations, "contact.telephone.fax").unwrap().label, Some(Label::Fax));
    }

    #[test]
    fn each_kind_of_the_catalogue_has_a_target() {
        // Credit applications are written down by people: an answer that came from a file would have no application.
        // Tags are given by the office from its catalogue; a file can not bring any.
        for kind in Kind::ALL.into_iter().filter(|kind| !matches!(kind, Kind::Credit | Kind::Tags)) {
            let mut all = Noun::ALL.into_iter().flat_map(Target::all);
            assert!(all.any(|target| target.kind() == Some(kind)), "{kind}");
        }
    }
}

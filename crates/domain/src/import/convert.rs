//! Rows into drafts, by the targets of their columns.

use super::mapping::{Mapping, Outcome};
use super::target::{ADDRESS, Field, Target, Whose};
use crate::date::DateOrder;
use crate::draft::{DraftAddress, DraftText, OrganisationRef};
use crate::fold::fold;
use crate::mirror::MirrorDraft;
use crate::name;
use crate::order::{LineDraft, OrderDraft};
use crate::organisation::OrganisationDraft;
use crate::person::PersonDraft;
use crate::value::Label;

/// From which column each field of a draft came, for error messages.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Places(Vec<(String, usize)>);

impl Places {
    fn note(&mut self, field: impl Into<String>, column: Option<usize>) {
        self.0.extend(column.map(|column| (field.into(), column)));
    }

    /// The column of a field of the draft, or of the part of it that is nearest.
    #[must_use]
    pub fn column(&self, field: &str) -> Option<usize> {
        let covers = |name: &str| {
            let longer =
                |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            longer(field, name) || longer(name, field)
        };
        let best = self.0.iter().filter(|(name, _)| covers(name)).max_by_key(|(name, _)| name.len());
        best.map(|(_, column)| *column)
    }
}

/// A draft with what the source calls it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Party<T> {
    /// What the source calls it.
    pub external_id: Option<String>,
    /// The draft.
    pub draft: T,
    /// Where its fields came from.
    pub places: Places,
}

/// A row of a file of people.
pub type PersonRow = Party<PersonDraft>;

/// A row of a file of organisations.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrganisationRow {
    /// The organisation.
    pub organisation: Party<OrganisationDraft>,
    /// Its contact person, if the row names one.
    pub contact: Option<PersonRow>,
}

/// How a row names the customer of an order or an invoice.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct CustomerRef {
    /// What the source calls the person and the organisation.
    pub external_id: Option<String>,
    /// The customer number.
    pub customer_number: Option<String>,
    /// The organisation's business id.
    pub business_id: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
}

/// A row of a file of invoices.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InvoiceRow {
    /// Its customer.
    pub customer: CustomerRef,
    /// The invoice.
    pub draft: MirrorDraft,
    /// Where its fields came from.
    pub places: Places,
}

/// A row of a file of orders: an order, and a line of it if there is one in the row.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrderRow {
    /// What the source calls it.
    pub external_id: Option<String>,
    /// Its customer.
    pub customer: CustomerRef,
    /// The order without lines.
    pub draft: OrderDraft,
    /// The line in the same row.
    pub line: Option<LineDraft>,
    /// Where its fields came from.
    pub places: Places,
}

/// A row of a file of order lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineRow {
    /// The number of its order.
    pub number: String,
    /// The line.
    pub line: LineDraft,
}

/// Turns the rows of one file into drafts.
#[derive(Clone, Debug)]
pub struct Converter {
    mapping: Mapping,
    columns: Vec<(usize, Target)>,
    date_order: DateOrder,
}

/// A row's texts by target.
struct Cells(Vec<(Target, String, Option<usize>)>);

impl Cells {
    fn find(&self, target: Target) -> Option<&(Target, String, Option<usize>)> {
        self.0.iter().find(|(has, text, _)| *has == target && !text.is_empty())
    }

    fn take(&self, whose: Whose, field: Field, name: &str, places: &mut Places) -> String {
        self.labelled(Target::new(whose, field), name, places)
    }

    fn labelled(&self, target: Target, name: &str, places: &mut Places) -> String {
        let Some((_, text, column)) = self.find(target) else { return String::new() };
        places.note(name, *column);
        text.clone()
    }

    fn all(&self, whose: Whose, field: Field) -> impl Iterator<Item = &(Target, String, Option<usize>)> {
        self.0.iter().filter(move |(has, text, _)| has.whose == whose && has.field == field && !text.is_empty())
    }

    fn optional(&self, whose: Whose, field: Field) -> Option<String> {
        self.find(Target::new(whose, field)).map(|(_, text, _)| text.clone())
    }

    fn has_any(&self, whose: Whose) -> bool {
        self.0.iter().any(|(has, text, column)| has.whose == whose && column.is_some() && !text.is_empty())
    }
}

impl Converter {
    /// A converter for the columns of a file, with the order of its dates.
    #[must_use]
    pub fn new(mapping: &Mapping, outcomes: &[Outcome], date_order: DateOrder) -> Self {
        let columns = outcomes.iter().enumerate();
        let columns = columns.flat_map(|(at, outcome)| outcome.targets().iter().map(move |target| (at, *target)));
        Self { mapping: mapping.clone(), columns: columns.collect(), date_order }
    }

    fn cells(&self, row: &[String]) -> Cells {
        let mapped = self.columns.iter().map(|(at, target)| {
            let text = row.get(*at).map(|cell| cell.trim()).unwrap_or_default();
            (*target, self.meaning(*target, text), Some(*at))
        });
        let constants = self.mapping.constants.iter().map(|(target, text)| (*target, text.clone(), None));
        Cells(mapped.chain(constants).collect())
    }

    fn meaning(&self, target: Target, text: &str) -> String {
        let words = self.mapping.values.iter().find(|(has, _)| *has == target).map(|(_, words)| words);
        let folded = words.map(|_| fold(text)).unwrap_or_default();
        let meant = words.and_then(|words| words.iter().find(|(from, _)| *from == folded));
        meant.map_or(text, |(_, to)| to).to_owned()
    }

    /// A row of a file of people.
    #[must_use]
    pub fn person(&self, row: &[String]) -> PersonRow {
        self.person_of(&self.cells(row), Whose::Own)
    }

    fn person_of(&self, cells: &Cells, whose: Whose) -> PersonRow {
        let mut places = Places::default();
        let mut given = cells.take(whose, Field::Given, "given", &mut places);
        let mut family = cells.take(whose, Field::Family, "family", &mut places);
        if given.is_empty() && family.is_empty() {
            let full = cells.take(whose, Field::FullName, "family", &mut places);
            let column = cells.find(Target::new(whose, Field::FullName)).and_then(|(_, _, column)| *column);
            places.note("given", column);
            let split = name::split(&full);
            (given, family) = (split.given, split.family);
        }
        let organisation = cells.take(whose, Field::Organisation, "organisation", &mut places);
        let protected = cells.take(whose, Field::Protected, "protected_address", &mut places);
        let draft = PersonDraft {
            given,
            family,
            customer_number: cells.take(whose, Field::CustomerNumber, "customer_number", &mut places),
            language: cells.take(whose, Field::Language, "language", &mut places),
            emails: texts(cells, whose, Field::Email, "emails", &mut places),
            telephones: texts(cells, whose, Field::Telephone, "telephones", &mut places),
            addresses: self.addresses(cells, whose, &mut places),
            organisation: (!organisation.is_empty()).then_some(OrganisationRef::Named(organisation)),
            title: cells.take(whose, Field::Title, "title", &mut places),
            companies: companies(cells),
            protected_address: ["1", "x", "yes", "true", "kyllä", "on", "ja", "k"].contains(&fold(&protected).as_str()),
        };
        Party { external_id: cells.optional(whose, Field::ExternalId), draft, places }
    }

    /// A row of a file of organisations.
    #[must_use]
    pub fn organisation(&self, row: &[String]) -> OrganisationRow {
        let cells = self.cells(row);
        let mut places = Places::default();
        let draft = OrganisationDraft {
            name: cells.take(Whose::Own, Field::Name, "name", &mut places),
            business_id: cells.take(Whose::Own, Field::BusinessId, "business_id", &mut places),
            customer_number: cells.take(Whose::Own, Field::CustomerNumber, "customer_number", &mut places),
            emails: texts(&cells, Whose::Own, Field::Email, "emails", &mut places),
            telephones: texts(&cells, Whose::Own, Field::Telephone, "telephones", &mut places),
            addresses: self.addresses(&cells, Whose::Own, &mut places),
            companies: companies(&cells),
        };
        let external_id = cells.optional(Whose::Own, Field::ExternalId);
        let contact = cells.has_any(Whose::Contact).then(|| {
            let contact = self.person_of(&cells, Whose::Contact);
            // A row is one thing to its source: the contact person goes by the same id unless there is another.
            Party { external_id: contact.external_id.clone().or_else(|| external_id.clone()), ..contact }
        });
        // An address or a telephone alone makes no contact person.
        let contact = contact.filter(|contact| {
            let draft = &contact.draft;
            !(draft.given.is_empty() && draft.family.is_empty() && draft.emails.is_empty())
        });
        OrganisationRow { organisation: Party { external_id, draft, places }, contact }
    }

    /// A row of a file of orders.
    #[must_use]
    pub fn order(&self, row: &[String]) -> OrderRow {
        let cells = self.cells(row);
        let mut places = Places::default();
        let mut take = |field, name: &str| cells.take(Whose::Own, field, name, &mut places);
        let delivered_on = take(Field::DeliveredOn, "delivered_on");
        let state = take(Field::State, "state");
        // An order with a day of delivery was delivered; any other was placed at least.
        let state = match (state.is_empty(), delivered_on.is_empty()) {
            (false, _) => state,
            (true, false) => "delivered".to_owned(),
            (true, true) => "confirmed".to_owned(),
        };
        let mut draft = OrderDraft {
            number: take(Field::Number, "number"),
            company: take(Field::Company, "company"),
            ordered_on: take(Field::OrderedOn, "ordered_on"),
            requested_on: take(Field::RequestedOn, "requested_on"),
            delivered_on,
            state,
            date_order: self.date_order,
            decimal_mark: self.mapping.decimal_mark,
            ..OrderDraft::default()
        };
        draft.delivery_name = cells.take(Whose::Delivery, Field::Name, "delivery_name", &mut places);
        draft.delivery = self.address(&cells, Whose::Delivery, None, "delivery", &mut places);
        let customer = customer(&cells, &mut places);
        let line = cells.has_any(Whose::Line).then(|| line(&cells, &mut places));
        OrderRow { external_id: cells.optional(Whose::Own, Field::ExternalId), customer, draft, line, places }
    }

    /// A row of a file of invoices.
    #[must_use]
    pub fn invoice(&self, row: &[String]) -> InvoiceRow {
        let cells = self.cells(row);
        let mut places = Places::default();
        let mut take = |field, name: &str| cells.take(Whose::Own, field, name, &mut places);
        let draft = MirrorDraft {
            company: take(Field::Company, "company"),
            number: take(Field::InvoiceNumber, "number"),
            issued_on: take(Field::IssuedOn, "issued_on"),
            due_on: take(Field::DueOn, "due_on"),
            net: take(Field::Net, "net"),
            vat: take(Field::Vat, "vat"),
            gross: take(Field::Gross, "gross"),
            open: take(Field::Open, "open"),
            state: take(Field::State, "state"),
            reference: take(Field::Reference, "reference"),
            date_order: self.date_order,
            decimal_mark: self.mapping.decimal_mark,
        };
        let customer = customer(&cells, &mut places);
        InvoiceRow { customer, draft, places }
    }

    /// A row of a file of order lines.
    #[must_use]
    pub fn line(&self, row: &[String]) -> LineRow {
        let cells = self.cells(row);
        let number = cells.optional(Whose::Own, Field::Number).unwrap_or_default();
        LineRow { number, line: line(&cells, &mut Places::default()) }
    }

    fn addresses(&self, cells: &Cells, whose: Whose, places: &mut Places) -> Vec<DraftAddress> {
        let labels = std::iter::once(None).chain(Label::ALL.into_iter().map(Some));
        let mut addresses = Vec::new();
        for label in labels {
            let name = format!("addresses.{}", addresses.len());
            let mut here = Places::default();
            let address = self.address(cells, whose, label, &name, &mut here);
            if address != DraftAddress::default() {
                places.0.append(&mut here.0);
                addresses.push(address);
            }
        }
        addresses
    }

    /// The address of a label. Several columns of streets are its rows.
    fn address(
        &self,
        cells: &Cells,
        whose: Whose,
        label: Option<Label>,
        name: &str,
        places: &mut Places,
    ) -> DraftAddress {
        let target = |field| Target { whose, field, label };
        if !ADDRESS.into_iter().any(|field| field != Field::Country && cells.find(target(field)).is_some()) {
            return DraftAddress::default();
        }
        let mut take = |field, part: &str| cells.labelled(target(field), &format!("{name}.{part}"), places);
        let country = take(Field::Country, "country");
        let country = if country.is_empty() { self.mapping.default_country.clone() } else { country };
        let (postal_code, town) = (take(Field::PostalCode, "postal_code"), take(Field::Town, "town"));
        let region = take(Field::Region, "region");
        take(Field::Street, "street");
        let rows = cells.all(whose, Field::Street).filter(|(has, _, _)| has.label == label);
        let street = rows.map(|(_, text, _)| text.as_str()).collect::<Vec<_>>().join("\n");
        let label = label.map(|label| label.to_string()).unwrap_or_default();
        DraftAddress { label, street, postal_code, town, region, country, ..DraftAddress::default() }
    }
}

fn texts(cells: &Cells, whose: Whose, field: Field, name: &str, places: &mut Places) -> Vec<DraftText> {
    let found = cells.all(whose, field).enumerate().map(|(i, (target, text, column))| {
        places.note(format!("{name}.{i}"), *column);
        DraftText { label: target.label.map(|label| label.to_string()).unwrap_or_default(), ..DraftText::new(text) }
    });
    found.collect()
}

fn customer(cells: &Cells, places: &mut Places) -> CustomerRef {
    let mut called = |field| Some(cells.take(Whose::Customer, field, "person", places)).filter(|id| !id.is_empty());
    CustomerRef {
        external_id: called(Field::ExternalId),
        customer_number: called(Field::CustomerNumber),
        business_id: called(Field::BusinessId),
        email: called(Field::Email),
    }
}

fn companies(cells: &Cells) -> Vec<String> {
    let texts = cells.all(Whose::Own, Field::Company).flat_map(|(_, text, _)| text.split([',', ';']));
    texts.map(|text| text.trim().to_owned()).collect()
}

fn line(cells: &Cells, places: &mut Places) -> LineDraft {
    let mut take = |field, part: &str| cells.take(Whose::Line, field, &format!("lines.{part}"), places);
    LineDraft {
        product: take(Field::Product, "product"),
        description: take(Field::Description, "description"),
        quantity: take(Field::Quantity, "quantity"),
        unit_price: take(Field::UnitPrice, "unit_price"),
        discount: take(Field::Discount, "discount"),
        vat_rate: take(Field::VatRate, "vat_rate"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mapping::outcomes;
    use super::super::target::Noun;
    use super::*;
    use crate::kind::Kind;

    fn converter(noun: Noun, mapping: &str, headers: &[&str]) -> Converter {
        let mapping = Mapping::parse(mapping, noun).unwrap();
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        let (found, problems) = outcomes(&mapping.columns, &headers, Kind::ALL.into_iter().collect());
        assert_eq!(problems, []);
        Converter::new(&mapping, &found, DateOrder::DayFirst)
    }

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn a_person_of_a_row() {
        let text = "default_country = \"SE\"\n[columns]\nid = \"external_id\"\nnimi = \"full_name\"\nkatu = \"street\"\n\"c/o\" = \"street\"\n\
            lasku = \"street.billing\"\nfax = \"telephone.fax\"\nkieli = \"language\"\nturva = \"protected_address\"\n\
            [constants]\ncompany = \"arjasmaa\"\n[values.language]\nS = \"sv\"";
        let converter = converter(Noun::People, text, &["id", "nimi", "katu", "c/o", "lasku", "fax", "kieli", "turva"]);
        let row = converter.person(&row(&[
            "7",
            " Koskitalo, Pirkko ",
            "Torikatu 38",
            "PL 1",
            "Laskutie 1",
            "123 456",
            "s",
            "x",
        ]));
        assert_eq!(row.external_id.as_deref(), Some("7"));
        let draft = row.draft;
        assert_eq!(
            (draft.given.as_str(), draft.family.as_str(), draft.language.as_str()),
            ("Pirkko", "Koskitalo", "sv")
        );
        assert_eq!((draft.addresses.len(), draft.addresses[0].street.as_str()), (2, "Torikatu 38\nPL 1"));
        assert_eq!((draft.addresses[1].label.as_str(), draft.addresses[1].country.as_str()), ("billing", "SE"));
        assert_eq!((draft.telephones[0].label.as_str(), draft.protected_address), ("fax", true));
        assert_eq!(draft.companies, ["arjasmaa"]);
        for (field, column) in [
            ("family", Some(1)),
            ("given", Some(1)),
            ("addresses.1.postal_code", None),
            ("addresses.1.street", Some(4)),
            ("telephones.0.text", Some(5)),
            ("companies", None),
        ] {
            assert_eq!(row.places.column(field), column, "{field}");
        }
    }

    #[test]
    fn an_organisation_with_its_contact() {
        let text = "[columns]\nid = \"external_id\"\nname = \"name\"\ncontact = \"contact.full_name\"\n\
            town = [\"town\", \"contact.town\"]";
        let converter = converter(Noun::Organisations, text, &["id", "name", "contact", "town"]);
        let found = converter.organisation(&row(&["WARTH", "Wartian Herkku", "Pirkko Koskitalo", "Oulu"]));
        let contact = found.contact.unwrap();
        assert_eq!((contact.external_id.as_deref(), contact.draft.family.as_str()), (Some("WARTH"), "Koskitalo"));
        assert_eq!(contact.draft.addresses[0].town, "Oulu");
        assert_eq!(converter.organisation(&row(&["X", "Y", "", "Oulu"])).contact, None);
    }

    #[test]
    fn an_order_and_its_lines() {
        let text = "[columns]\nnro = [\"number\", \"external_id\"]\nasiakas = \"customer.external_id\"\npvm = \"ordered_on\"\n\
            toimitettu = \"delivered_on\"\nkatu = \"delivery.street\"\nmaa = \"delivery.country\"\nhinta = \"line.unit_price\"\n\
            [constants]\n\"line.vat_rate\" = \"0\"";
        let converter = converter(Noun::Orders, text, &["nro", "asiakas", "pvm", "toimitettu", "katu", "maa", "hinta"]);
        let found = converter.order(&row(&["1", "WARTH", "1.2.2026", "", "", "FI", "9,80"]));
        assert_eq!((found.draft.state.as_str(), found.draft.delivery == DraftAddress::default()), ("confirmed", true));
        assert_eq!(found.line.unwrap().vat_rate, "0");
        let found = converter.order(&row(&["1", "WARTH", "1.2.2026", "2.2.2026", "Katu 1", "FI", ""]));
        assert_eq!((found.draft.state.as_str(), found.line), ("delivered", None));
    }
}

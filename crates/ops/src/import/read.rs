//! The reading side of an import: rows are converted and checked, and gathered into chunks.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use seloste_documents::table::{Row, Table, TableError};
use seloste_domain::field::{FieldError, FieldErrors, code as field_code};
use seloste_domain::id::{OrganisationId, PersonId};
use seloste_domain::import::{Converter, CustomerRef, LineRow, Noun, OrderRow, Party, Places, code};
use seloste_domain::kind::{Kind, Kinds};
use seloste_domain::mirror::ValidMirror;
use seloste_domain::order::{LineDraft, ValidOrder};
use seloste_domain::organisation::ValidOrganisation;
use seloste_domain::person::ValidPerson;
use seloste_domain::value::NewValue;

use super::ahead::Ahead;
use super::batch::Context;

/// A row that can be stored.
pub(super) struct Item {
    pub(super) row: u64,
    pub(super) fields: Vec<String>,
    pub(super) places: Places,
    pub(super) what: What,
}

/// What a row is about.
pub(super) enum What {
    Person(Subject<ValidPerson>),
    Organisation(Subject<ValidOrganisation>, Option<Subject<ValidPerson>>),
    Order(Box<OrderItem>),
    Invoice(Box<InvoiceItem>),
}

/// A party of a row.
pub(super) struct Subject<T> {
    pub(super) external_id: Option<String>,
    pub(super) valid: T,
    /// What is stored if it is nobody whom the register knows.
    pub(super) ahead: Option<Box<Ahead>>,
}

/// An order of a row, or of several.
pub(super) struct OrderItem {
    pub(super) external_id: Option<String>,
    pub(super) customer: CustomerRef,
    pub(super) valid: ValidOrder,
}

/// An invoice of a row.
pub(super) struct InvoiceItem {
    pub(super) customer: CustomerRef,
    pub(super) valid: ValidMirror,
}

/// A row that can not be stored.
pub(super) struct Bad {
    pub(super) row: u64,
    pub(super) column: Option<usize>,
    pub(super) error: FieldError,
    pub(super) fields: Vec<String>,
    /// It is of the file of lines.
    pub(super) of_lines: bool,
}

/// Rows on their way to the store.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) items: Vec<Item>,
    pub(super) bad: Vec<Bad>,
    pub(super) warnings: Vec<(&'static str, u64)>,
    /// Rows read, those in `items` and `bad` and the lines of orders.
    pub(super) rows: u64,
    /// Bytes of them, nearly.
    pub(super) bytes: u64,
}

/// Rows of a chunk: one transaction.
const CHUNK: usize = 500;
/// Lines of a file of lines that are kept in memory until their orders come.
const MOST_LINES: usize = 5_000_000;

/// Converts rows and hands them on in chunks.
pub(super) struct Reader<'a> {
    pub(super) noun: Noun,
    pub(super) converter: Converter,
    pub(super) kinds: Kinds,
    pub(super) today: Date,
    pub(super) context: &'a Context,
    pub(super) send: &'a dyn Fn(Chunk) -> bool,
    chunk: Chunk,
}

/// The lines of a file of lines by order number.
pub(super) type Lines = HashMap<String, Vec<(u64, LineDraft)>>;

/// Reads a file of lines; those that can not be read are in the chunk.
pub(super) fn lines(table: &mut Table, converter: &Converter) -> Result<(Lines, Chunk), TableError> {
    let (mut lines, mut chunk, mut count) = (Lines::new(), Chunk::default(), 0);
    for row in table.rows()? {
        let row = row?;
        if let Some(bad) = problem(&row, true) {
            chunk.rows += 1;
            chunk.bad.push(bad);
            continue;
        }
        let LineRow { number, line } = converter.line(&row.fields);
        count += 1;
        if count > MOST_LINES {
            return Err(TableError::TooLarge { what: "lines", limit: MOST_LINES as u64 });
        }
        lines.entry(number).or_default().push((row.number, line));
    }
    Ok((lines, chunk))
}

/// What the file itself has against a row.
fn problem(row: &Row, of_lines: bool) -> Option<Bad> {
    let (column, problem) = row.problem?;
    let mut error = FieldError::new("", problem.code());
    error.args = problem.args();
    // A field of ten megabytes is not repeated in the error file.
    let fields = row.fields.iter().map(|field| field.chars().take(1_000).collect()).collect();
    Some(Bad { row: row.number, column: Some(column), error, fields, of_lines })
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        noun: Noun,
        converter: Converter,
        kinds: Kinds,
        context: &'a Context,
        send: &'a dyn Fn(Chunk) -> bool,
    ) -> Self {
        Self { noun, converter, kinds, today: context.today, context, send, chunk: Chunk::default() }
    }

    fn hand_on(&mut self, at_least: usize) -> bool {
        if self.chunk.items.len() + self.chunk.bad.len() < at_least {
            return true;
        }
        (self.send)(std::mem::take(&mut self.chunk))
    }

    fn count(&mut self, row: &Row) {
        self.chunk.rows += 1;
        if row.padded > 0 && row.problem.is_none() {
            self.chunk.warnings.push((code::SHORT, row.number));
        }
        self.chunk.bytes += row.fields.iter().map(|field| field.len() as u64 + 1).sum::<u64>();
    }

    fn bad(&mut self, row: u64, fields: Vec<String>, places: &Places, error: FieldError) {
        let column = places.column(&error.field);
        self.chunk.bad.push(Bad { row, column, error, fields, of_lines: false });
    }

    /// Reads people, organisations or invoices to the end, or until nobody takes them any more.
    pub(super) fn parties(&mut self, table: &mut Table) -> Result<(), TableError> {
        for row in table.rows()? {
            let row = row?;
            self.count(&row);
            match problem(&row, false) {
                Some(bad) => self.chunk.bad.push(bad),
                None => self.party(row),
            }
            if !self.hand_on(CHUNK) {
                return Ok(());
            }
        }
        self.hand_on(0);
        Ok(())
    }

    fn party(&mut self, row: Row) {
        let (number, mut places) = (row.number, Places::default());
        let what = match self.noun {
            Noun::Organisations => {
                let found = self.converter.organisation(&row.fields);
                places.clone_from(&found.organisation.places);
                let organisation = found.organisation.draft.validate(self.kinds, self.today);
                let contact = match (organisation.is_ok(), found.contact) {
                    (true, Some(contact)) => {
                        let valid = contact.draft.validate(self.kinds, self.today);
                        if valid.is_err() {
                            places.clone_from(&contact.places);
                        }
                        Some((contact.external_id, valid)).map(|(id, valid)| valid.map(|valid| (id, valid))).transpose()
                    }
                    _ => Ok(None),
                };
                let external_id = found.organisation.external_id;
                organisation.and_then(|valid| {
                    let ahead = self.context.organisation_ahead(&valid);
                    let represents = ahead.as_ref().map(|new| (OrganisationId(new.party.id.0), valid.name.clone()));
                    let contact = contact?.map(|(external_id, valid)| {
                        let ahead = represents.and_then(|it| self.context.person_ahead(&valid, Some(&it)));
                        Subject { external_id, valid, ahead }
                    });
                    Ok(What::Organisation(Subject { external_id, valid, ahead }, contact))
                })
            }
            Noun::Invoices => {
                let found = self.converter.invoice(&row.fields);
                places = found.places;
                let valid = found.draft.validate(self.kinds, self.today);
                valid.map(|valid| What::Invoice(Box::new(InvoiceItem { customer: found.customer, valid })))
            }
            Noun::People | Noun::Orders => {
                let Party { external_id, draft, places: own } = self.converter.person(&row.fields);
                places = own;
                draft.validate(self.kinds, self.today).map(|valid| {
                    let alone = valid.organisation.is_none();
                    let ahead = if alone { self.context.person_ahead(&valid, None) } else { None };
                    What::Person(Subject { external_id, valid, ahead })
                })
            }
        };
        match what {
            Ok(what) => {
                self.warn(number, &what);
                self.chunk.items.push(Item { row: number, fields: row.fields, places, what });
            }
            Err(errors) => self.refuse(number, row.fields, &places, errors),
        }
    }

    fn refuse(&mut self, row: u64, fields: Vec<String>, places: &Places, errors: FieldErrors) {
        if let Some(first) = errors.0.into_iter().next() {
            self.bad(row, fields, places, first);
        }
    }

    fn warn(&mut self, row: u64, what: &What) {
        let warnings = match what {
            What::Person(person) => {
                let has_contact = says_more(&person.valid.values) || person.valid.organisation.is_some();
                (person.valid.warnings.0.clone(), has_contact)
            }
            What::Organisation(organisation, contact) => {
                let of_contact = contact.iter().flat_map(|contact| contact.valid.warnings.0.clone());
                let all = organisation.valid.warnings.0.iter().cloned().chain(of_contact).collect();
                (all, says_more(&organisation.valid.values) || organisation.valid.business_id.is_some())
            }
            What::Order(order) => (order.valid.warnings.0.clone(), true),
            What::Invoice(_) => (Vec::new(), true),
        };
        self.chunk.warnings.extend(warnings.0.iter().map(|error| (error.code, row)));
        if !warnings.1 {
            self.chunk.warnings.push((code::NEARLY_EMPTY, row));
        }
    }

    /// Reads orders to the end. Rows of one order follow each other; lines of the other file are taken out of `lines`.
    pub(super) fn orders(&mut self, table: &mut Table, lines: &mut Lines) -> Result<(), TableError> {
        let mut seen: HashSet<(String, String)> = HashSet::new();
        let mut open: Option<Gathered> = None;
        for row in table.rows()? {
            let row = row?;
            self.count(&row);
            if let Some(bad) = problem(&row, false) {
                self.chunk.bad.push(bad);
                continue;
            }
            let found = self.converter.order(&row.fields);
            if let Some(gathered) = open.as_mut().filter(|gathered| gathered.continues(&found)) {
                gathered.order.draft.lines.extend(found.line);
                continue;
            }
            if let Some(done) = open.take() {
                self.order(done, lines);
            }
            if seen.insert((found.draft.company.clone(), found.draft.number.clone())) {
                open = Some(Gathered::begin(row, found));
            } else {
                self.bad(row.number, row.fields, &found.places, FieldError::new("number", code::REPEATED));
            }
            if !self.hand_on(CHUNK) {
                return Ok(());
            }
        }
        if let Some(done) = open {
            self.order(done, lines);
        }
        self.hand_on(0);
        Ok(())
    }

    fn order(&mut self, gathered: Gathered, lines: &mut Lines) {
        let Gathered { row, fields, mut order } = gathered;
        let own = lines.remove(&order.draft.number).unwrap_or_default();
        self.chunk.rows += own.len() as u64;
        order.draft.lines.extend(own.into_iter().map(|(_, line)| line));
        // Who the customer is, is found out where the order is stored.
        order.draft.person = Some(PersonId(uuid::Uuid::nil()));
        if !self.kinds.has(Kind::Orders) {
            return self.bad(row, fields, &order.places, FieldError::new("number", field_code::UNDECLARED));
        }
        match order.draft.validate(self.kinds, self.today) {
            Err(errors) => self.refuse(row, fields, &order.places, errors),
            Ok(valid) => {
                let valid = ValidOrder { person: None, ..valid };
                if valid.lines.is_empty() {
                    self.chunk.warnings.push((code::NO_LINES, row));
                }
                let (external_id, customer) = (order.external_id, order.customer);
                let what = What::Order(Box::new(OrderItem { external_id, customer, valid }));
                self.warn(row, &what);
                self.chunk.items.push(Item { row, fields, places: order.places, what });
            }
        }
    }

    /// Lines that no order of the file took.
    pub(super) fn left_over(&mut self, lines: Lines) {
        let mut left: Vec<(u64, String)> = lines
            .into_iter()
            .flat_map(|(number, lines)| lines.into_iter().map(move |(row, _)| (row, number.clone())))
            .collect();
        left.sort_unstable();
        self.chunk.rows += left.len() as u64;
        for (row, number) in left {
            let error = FieldError::new("number", code::NO_ORDER);
            self.chunk.bad.push(Bad { row, column: None, error, fields: vec![number], of_lines: true });
        }
        self.hand_on(0);
    }
}

/// Whether there is more than a name, a number or a language.
fn says_more(values: &[NewValue]) -> bool {
    values.iter().any(|new| matches!(new.value.kind(), Kind::Email | Kind::Telephone | Kind::PostalAddress))
}

/// An order whose rows are being read.
struct Gathered {
    row: u64,
    fields: Vec<String>,
    order: OrderRow,
}

impl Gathered {
    fn begin(row: Row, mut order: OrderRow) -> Self {
        order.draft.lines.extend(order.line.take());
        Self { row: row.number, fields: row.fields, order }
    }

    /// Whether a row is another line of the same order.
    fn continues(&self, next: &OrderRow) -> bool {
        next.line.is_some()
            && next.draft.number == self.order.draft.number
            && next.draft.company == self.order.draft.company
    }
}

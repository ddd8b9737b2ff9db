//! The reviewed list of all tables: which part of the package each has, column by column, or why it has none. A test walks the
//! schema and fails when a table or a column is not here.

/// What becomes of a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    /// Text, a day or a name of the notice, as it stands.
    Text,
    /// A name that may be another person's.
    Name,
    /// A whole number.
    Int,
    /// A number with so many decimals.
    Decimal(u32),
    /// A moment.
    Time,
    /// Yes or no.
    Flag,
    /// JSON.
    Json,
    /// The partner of this id, by name.
    Partner,
    /// The organisation of this id, by name.
    Party,
    /// The order of this id, by number.
    Order,
    /// The invoice of this id, by number.
    Invoice,
    /// The credit application of this id, by its day.
    Application,
    /// The disclosure of this id: when, to whom, on which ground.
    Disclosure,
    /// Under whose key the row's sealed columns are.
    Owner,
    /// Sealed under the key of the row's [`As::Owner`], without one under the register's, for the object whose id is the column
    /// named.
    Sealed(&'static str),
    /// An id of the program's own, or what leads to another row.
    Key,
    /// Made of other columns, so that the row is found.
    Built,
    /// Who works here (C-579/21).
    Staff,
    /// A count or a mark by which the program goes on; it says nothing of the person.
    Inner,
}

/// A part of the package.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Which rows are the person's: a condition on `t`, in which `{}` stands for the person's ids.
    pub whose: &'static str,
    /// Every column of the table.
    pub columns: &'static [(&'static str, As)],
}

/// A table and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its part, or why it has none.
    pub part: Result<Part, &'static str>,
}

const fn part(name: &'static str, part: &'static str, whose: &'static str, columns: &'static [(&'static str, As)]) -> Table {
    Table { name, part: Ok(Part { name: part, whose, columns }) }
}

const fn not(name: &'static str, why: &'static str) -> Table {
    Table { name, part: Err(why) }
}

const NO_PERSON: &str = "nothing of it is about a person of the register";
const STAFF: &str = "accounts of those who work here";
const SETTINGS: &str = "settings";
const ORDERS: &str = "t.order_id IN (SELECT o.order_id FROM orders o WHERE o.register_id = ?1 AND o.person_id IN ({}))";
const INVOICES: &str = "t.invoice_id IN (SELECT i.invoice_id FROM invoice i WHERE i.register_id = ?1 AND i.person_id IN ({}))";

use As::{Built, Decimal, Flag, Inner, Int, Json, Key, Name, Partner, Sealed, Staff, Text, Time};

/// All tables.
pub const TABLES: &[Table] = &[
    not("register", NO_PERSON),
    not("company", NO_PERSON),
    not("notice", NO_PERSON),
    not("log_head", NO_PERSON),
    not("log_block", "its events about the person are the package's uses"),
    not("log_subject", "the index of the log: its events are the package's uses"),
    part("party", "person", "t.party_id IN ({})", &[
        ("register_id", Key), ("party_id", Key), ("noun", Inner), ("sort_key", Built), ("name", Text), ("name_key", Built),
        ("business_id", Text), ("source_id", Text), ("entered_by", Staff), ("entered_at", Time), ("protected_address", Flag),
        ("version", Inner), ("created_at", Time), ("changed_at", Time), ("changed_seq", Inner), ("prohibitions", Built),
        ("is_restricted", Built),
    ]),
    not("party_key", "the key under which the person's data is sealed"),
    part("party_company", "company", "t.party_id IN ({})", &[
        ("register_id", Key), ("party_id", Key), ("company_id", Text),
    ]),
    part("party_value", "value", "t.party_id IN ({})", &[
        ("register_id", Key), ("party_id", Key), ("value_id", Key), ("kind", Text), ("label", Text), ("text", Text),
        ("given", Text), ("postal_code", Text), ("town", Text), ("region", Text), ("country", Text), ("match_key", Built),
        ("valid_from", Text), ("valid_until", Text), ("source_id", Text), ("entered_by", Staff), ("entered_at", Time),
    ]),
    part("representation", "representation", "t.person_id IN ({})", &[
        ("register_id", Key), ("person_id", Key), ("representation_id", Key), ("organisation_id", As::Party), ("title", Text),
        ("valid_from", Text), ("valid_until", Text), ("source_id", Text), ("entered_by", Staff), ("entered_at", Time),
    ]),
    part("external_ref", "reference", "t.object_id IN ({})", &[
        ("register_id", Key), ("source_id", Text), ("noun", Inner), ("external_id", Text), ("object_id", Key),
    ]),
    part("sealed", "history", "t.owner_id IN ({})", &[
        ("register_id", Key), ("object_id", Key), ("seq", Int), ("owner_id", As::Owner), ("payload", Sealed("object_id")),
    ]),
    part("orders", "order", "t.person_id IN ({})", &[
        ("register_id", Key), ("order_id", Key), ("number", Text), ("company_id", Text), ("person_id", Key),
        ("organisation_id", As::Party), ("ordered_on", Text), ("requested_on", Text), ("delivered_on", Text), ("state", Text),
        ("delivery_name", Name), ("delivery_street", Text), ("delivery_postal_code", Text), ("delivery_town", Text),
        ("delivery_region", Text), ("delivery_country", Text), ("line_count", Built), ("net_cents", Int), ("vat_cents", Int),
        ("gross_cents", Int), ("source_id", Text), ("entered_by", Staff), ("entered_at", Time), ("version", Inner),
        ("changed_at", Time),
    ]),
    part("order_line", "order_line", ORDERS, &[
        ("register_id", Key), ("order_id", As::Order), ("line", Int), ("product", Text), ("description", Text),
        ("quantity", Decimal(3)), ("unit_price", Decimal(4)), ("discount", Decimal(4)), ("vat_rate", Decimal(4)),
        ("net_cents", Int),
    ]),
    not("import", "how files came in; the source of each value names where it came from"),
    not("import_change", "which rows an import touched, to undo it; the log's uses tell the same"),
    not("user_account", STAFF),
    not("assignment", STAFF),
    not("session", STAFF),
    not("setup_link", STAFF),
    part("merged", "merged", "t.kept_id IN ({})", &[
        ("register_id", Key), ("gone_id", Key), ("noun", Inner), ("kept_id", Key), ("gone_seq", Inner), ("kept_seq", Inner),
        ("merged_by", Staff), ("merged_at", Time),
    ]),
    part("duplicate", "duplicate", "(t.first_id IN ({}) OR t.second_id IN ({}))", &[
        ("register_id", Key), ("first_id", Key), ("second_id", Key), ("noun", Inner), ("score", Int), ("reasons", Text),
        ("state", Text), ("found_at", Time),
    ]),
    not("product", NO_PERSON),
    part("mail", "message", "t.owner_id IN ({})", &[
        ("register_id", Key), ("mail_id", Key), ("owner_id", Key), ("company_id", Text), ("order_id", As::Order),
        ("purpose_id", Text), ("template", Text), ("language", Text), ("state", Text), ("seq", Int), ("attempts", Inner),
        ("next_at", Inner), ("trouble", Text), ("reply", Text), ("queued_by", Staff), ("created_at", Time), ("sent_at", Time),
    ]),
    not("mail_file", "copies of documents made of the orders and invoices here; the message's text names them"),
    part("proposal", "proposal", "t.party_id IN ({})", &[
        ("register_id", Key), ("proposal_id", Key), ("party_id", As::Owner), ("field", Text), ("source_id", Text),
        ("import_id", Key), ("told_at", Time), ("state", Text), ("payload", Sealed("proposal_id")),
    ]),
    not("mapping", SETTINGS),
    not("feed", SETTINGS),
    not("feed_run", "runs of feeds; problems hold rows and codes, no value"),
    not("feed_seen", "hashes of files"),
    not("billing", NO_PERSON),
    not("invoice_number", NO_PERSON),
    part("invoice", "invoice", "t.person_id IN ({})", &[
        ("register_id", Key), ("invoice_id", Key), ("company_id", Text), ("person_id", Key), ("organisation_id", As::Party),
        ("order_id", As::Order), ("kind", Text), ("is_sent", Flag), ("number", Text), ("reference", Text), ("issued_on", Text),
        ("due_on", Text), ("corrects_id", Key), ("content", Json), ("gross_cents", Int), ("credited_cents", Int),
        ("paid_cents", Int), ("entered_by", Staff), ("version", Inner), ("changed_at", Time), ("mirror_source", Text),
        ("mirror_as_of", Time), ("listed_on", Built),
    ]),
    not("list_view", "saved filters of those who work here"),
    not("list_choice", STAFF),
    not("tag", "the catalogue; which tags the person has are values"),
    not("bulk", "acts of those who work here on many rows; the person's changes are in the history"),
    not("bulk_row", "which rows an act touched, to undo it, for some days; the log's uses tell the same"),
    not("partner", "the recipients; those that received something are named in the package"),
    not("disclosure", "what went to whom: the package's recipients"),
    part("disclosure_subject", "disclosure", "t.party_id IN ({})", &[
        ("register_id", Key), ("party_id", Key), ("disclosure_id", As::Disclosure), ("fields", Text),
    ]),
    not("legal_request", "what an authority asked; what was disclosed by it is among the recipients"),
    part("recall", "recall", "t.party_id IN ({})", &[
        ("register_id", Key), ("recall_id", Key), ("partner_id", Partner), ("party_id", Key), ("reason", Text),
        ("fields", Text), ("state", Text), ("made_at", Time), ("due_on", Text), ("sent_at", Time), ("sent_by", Text),
        ("chased", Int), ("chased_at", Time), ("closed_at", Time), ("closed_by", Staff), ("note", Text),
    ]),
    not("invoice_mail", "which messages an invoice went with: both are here"),
    not("company_account", NO_PERSON),
    not("payment_file", "files of the bank; the person's payments are here"),
    part("payment", "payment", "(t.owner_id IN ({}) OR t.payment_id IN (SELECT a.payment_id FROM allocation a \
        JOIN invoice i ON i.register_id = a.register_id AND i.invoice_id = a.invoice_id \
        WHERE a.register_id = ?1 AND i.person_id IN ({})))", &[
        ("register_id", Key), ("payment_id", Key), ("company_id", Text), ("account", Text), ("archive_id", Text),
        ("booked_on", Text), ("paid_on", Text), ("cents", Int), ("placed_cents", Built), ("reference", Text),
        ("told", Sealed("payment_id")), ("owner_id", As::Owner), ("payment_file_id", Key), ("reverses_id", Key),
        ("entered_by", Staff), ("version", Inner), ("changed_at", Time),
    ]),
    part("allocation", "allocation", INVOICES, &[
        ("register_id", Key), ("allocation_id", Key), ("payment_id", Key), ("invoice_id", As::Invoice), ("kind", Text),
        ("cents", Int), ("matched_by", Text), ("entered_by", Staff), ("created_at", Time),
    ]),
    not("reference_rate", NO_PERSON),
    part("reminder", "reminder", INVOICES, &[
        ("register_id", Key), ("reminder_id", Key), ("invoice_id", As::Invoice), ("company_id", Text), ("kind", Text),
        ("channel", Text), ("language", Text), ("sent_on", Text), ("pay_by", Text), ("items", Json), ("fee_cents", Int),
        ("fee_reason", Text), ("mail_id", Key), ("told", Sealed("reminder_id")), ("owner_id", As::Owner),
        ("entered_by", Staff), ("created_at", Time),
    ]),
    part("debt_event", "debt_event", INVOICES, &[
        ("register_id", Key), ("debt_event_id", Key), ("invoice_id", As::Invoice), ("company_id", Text), ("kind", Text),
        ("happened_on", Text), ("ended_on", Text), ("told", Sealed("debt_event_id")), ("owner_id", As::Owner),
        ("entered_by", Staff), ("version", Inner), ("changed_at", Time),
    ]),
    part("collection", "collection", INVOICES, &[
        ("register_id", Key), ("collection_id", Key), ("invoice_id", As::Invoice), ("company_id", Text),
        ("partner_id", Partner), ("state", Text), ("handed_on", Text), ("items", Json), ("disclosure_id", Key),
        ("ended_on", Text), ("entered_by", Staff), ("version", Inner), ("changed_at", Time),
    ]),
    not("credit_service", SETTINGS),
    part("credit_application", "credit_application", "t.person_id IN ({})", &[
        ("register_id", Key), ("application_id", Key), ("company_id", Text), ("person_id", Key),
        ("organisation_id", As::Party), ("owner_id", As::Owner), ("state", Text), ("applied_on", Text), ("channel", Text),
        ("amount_cents", Int), ("told_on", Text), ("lapses_on", Text), ("what_for", Sealed("application_id")),
        ("used_credit_data", Flag), ("outcome", Text), ("granted_cents", Int), ("reasons", Sealed("application_id")),
        ("letter", Sealed("application_id")), ("decided_by", Staff), ("decided_at", Time), ("entered_by", Staff),
        ("version", Inner), ("created_at", Time), ("changed_at", Time),
    ]),
    part("credit_enquiry", "credit_enquiry", "t.application_id IN (SELECT a.application_id FROM credit_application a \
        WHERE a.register_id = ?1 AND a.person_id IN ({}))", &[
        ("register_id", Key), ("enquiry_id", Key), ("application_id", As::Application), ("company_id", Text),
        ("service_id", Key), ("service_name", Text), ("source_register", Text), ("method", Text), ("needs", Inner),
        ("state", Text), ("asked_by", Staff), ("asked_at", Time), ("attempts", Inner), ("busy_until", Inner),
        ("trouble", Text), ("status", Text), ("request", Sealed("enquiry_id")), ("answered_at", Time),
        ("answer_until", Text), ("answer", Sealed("enquiry_id")),
    ]),
    not("credit_review", "what those who work here signed; no person is named"),
    not("user_token", STAFF),
    not("idempotency", "requests of programs, for a day; no value"),
    not("partner_token", SETTINGS),
    not("partner_source", SETTINGS),
    part("partner_holding", "partner_holding", "t.party_id IN ({})", &[
        ("register_id", Key), ("partner_id", Partner), ("party_id", Key), ("gone_seq", Inner),
    ]),
    not("webhook", SETTINGS),
    not("webhook_message", "that there is something to read; no value of a person"),
    part("prohibition", "prohibition", "t.party_id IN ({})", &[
        ("register_id", Key), ("prohibition_id", Key), ("party_id", Key), ("kind", Text), ("way", Text), ("list", Text),
        ("expires_at", Time), ("seq", Inner), ("set_by", Staff), ("set_at", Time), ("lifted_seq", Inner),
        ("lifted_by", Staff), ("lifted_at", Time), ("lifted_way", Text),
    ]),
    part("restriction", "restriction", "t.party_id IN ({})", &[
        ("register_id", Key), ("restriction_id", Key), ("party_id", Key), ("ground", Text), ("seq", Inner),
        ("set_by", Staff), ("set_at", Time), ("informed_how", Text), ("informed_mail_id", Key), ("informed_by", Staff),
        ("informed_at", Time), ("lifted_seq", Inner), ("lifted_by", Staff), ("lifted_at", Time),
    ]),
    part("restriction_exception", "exception", "t.party_id IN ({})", &[
        ("register_id", Key), ("exception_id", Key), ("party_id", Key), ("activity", Text), ("ground", Text),
        ("granted_by", Staff), ("granted_at", Time), ("until_at", Time), ("ended_by", Staff), ("ended_at", Time),
    ]),
    part("request", "request", "t.person_id IN ({})", &[
        ("register_id", Key), ("request_id", Key), ("person_id", Key), ("company_id", Text), ("kind", Text),
        ("channel", Text), ("language", Text), ("received_on", Text), ("due_on", Text), ("extended_on", Text),
        ("state", Text), ("identity_check", Text), ("fee_cents", Int), ("ground", Text), ("done", Inner),
        ("closed_on", Text), ("told", Sealed("request_id")), ("owner_id", As::Owner), ("entered_by", Staff),
        ("entered_at", Time), ("version", Inner), ("changed_at", Time),
    ]),
    part("request_event", "request_event", "t.request_id IN (SELECT r.request_id FROM request r \
        WHERE r.register_id = ?1 AND r.person_id IN ({}))", &[
        ("register_id", Key), ("request_id", Key), ("request_event_id", Key), ("kind", Text),
        ("told", Sealed("request_event_id")), ("owner_id", As::Owner), ("made_by", Staff), ("made_at", Time),
    ]),
    part("package", "package", "t.person_id IN ({})", &[
        ("register_id", Key), ("package_id", Key), ("person_id", Key), ("request_id", Key), ("kind", Text),
        ("language", Text), ("sha256", Text), ("bytes", Int), ("payload", Inner), ("owner_id", Key), ("made_by", Staff),
        ("made_at", Time),
    ]),
    // The versions of the schema belong to the database.
    not("schema_version", NO_PERSON),
];

//! How a command can fail: one line in the person's language, and an exit code that programs can go by.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use seloste_domain::field::{FieldError, FieldErrors};
use seloste_domain::notice::Problem as NoticeProblem;
use seloste_domain::usage::Refused;
use seloste_ops::consent::ConsentRefused;
use seloste_ops::import::Problem;
use seloste_ops::invoice::InvoiceRefused;
use seloste_ops::mail::MailRefused;
use seloste_ops::payment::PaymentRefused;
use seloste_ops::reminder::CollectionRefused;
use seloste_ops::{NotMergeable, OpsError, StoreError};
use seloste_web::text::Texts;

use crate::notice::problem_line;
use crate::output;
use crate::text::Text;

/// What a command ends with.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Something was checked and is not as it should be.
const FOUND: u8 = 1;
/// The command line could not be understood. Also clap's own code.
const USAGE: u8 = 2;
/// The register can not be opened: it is not there, the key is wrong, the program is too old.
const NOT_OPEN: u8 = 3;
/// Refused: no right, not found, a wrong value, a conflict.
const REFUSED: u8 = 4;
/// The database, the disk or a file does not work now.
const BROKEN: u8 = 5;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The use case failed.
    Ops(Box<OpsError>),
    /// A file could not be read or written.
    File(PathBuf, std::io::Error),
    /// Standard output or the server failed.
    Io(std::io::Error),
    /// A check found something, which has been told already.
    Found,
    /// A notice with errors.
    Notice(PathBuf, Vec<NoticeProblem>),
    /// The command line asks for what can not be, by the key of its text and one argument named `what`.
    Said(&'static str, String),
    /// The register is not one that the command is for, told in the same way.
    Unfit(&'static str, String),
}

impl From<OpsError> for Failure {
    fn from(error: OpsError) -> Self {
        Self::Ops(Box::new(error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        OpsError::from(error).into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl Failure {
    /// An error of a file.
    pub(crate) fn file(path: &Path, error: std::io::Error) -> Self {
        Self::File(path.to_owned(), error)
    }

    /// Tells it, and gives the exit code.
    pub(crate) fn report(self, text: &Text) -> ExitCode {
        if let Self::Io(error) = &self
            && error.kind() == std::io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS;
        }
        for line in self.lines(text) {
            output::note(line);
        }
        ExitCode::from(self.code())
    }

    const fn code(&self) -> u8 {
        match self {
            Self::Found | Self::Notice(..) => FOUND,
            Self::Said(..) => USAGE,
            Self::Unfit(..) => NOT_OPEN,
            Self::File(..) | Self::Io(_) => BROKEN,
            Self::Ops(error) => match &**error {
                OpsError::Notice(_) => FOUND,
                OpsError::Store(error) => code_of_store(error),
                _ => REFUSED,
            },
        }
    }

    /// The lines that tell it.
    pub(crate) fn lines(&self, text: &Text) -> Vec<String> {
        let error = |what: String| vec![format!("seloste: {what}")];
        match self {
            Self::Found => Vec::new(),
            Self::Notice(path, problems) => problems.iter().map(|p| problem_line(path, p, text.language())).collect(),
            Self::Said(key, what) | Self::Unfit(key, what) => error(text.say(key, &[("what", what)])),
            Self::File(path, why) => error(text.say("error-file", &[("path", &path.display()), ("why", why)])),
            Self::Io(why) => error(text.say("error-io", &[("why", why)])),
            Self::Ops(inner) => of_ops(inner, text).into_iter().map(|line| format!("seloste: {line}")).collect(),
        }
    }
}

const fn code_of_store(error: &StoreError) -> u8 {
    match error {
        StoreError::NoRegister
        | StoreError::Exists
        | StoreError::Newer { .. }
        | StoreError::KeyMissing(_)
        | StoreError::KeyUnusable { .. }
        | StoreError::KeyWrong
        | StoreError::RolledBack { .. } => NOT_OPEN,
        StoreError::Conflict { .. }
        | StoreError::Restricted
        | StoreError::Prohibited(_)
        | StoreError::NotFound(_)
        | StoreError::Taken(_)
        | StoreError::Refused(_) => REFUSED,
        _ => BROKEN,
    }
}

fn of_ops(error: &OpsError, text: &Text) -> Vec<String> {
    let said = match error {
        OpsError::Refused(Refused::NoRight(action)) => text.say("error-no-right", &[("action", action)]),
        OpsError::Refused(Refused::NoPurpose(activity)) => {
            text.say("error-no-purpose", &[("activity", &activity.as_str())])
        }
        OpsError::Fields(errors) => return of_fields(errors, text),
        OpsError::Notice(problems) => return problems.iter().map(|p| p.message(text.language())).collect(),
        OpsError::SignIn => text.say("error-sign-in", &[]),
        OpsError::Throttled { seconds } => text.say("error-throttled", &[("seconds", seconds)]),
        OpsError::Link => text.say("error-link", &[]),
        OpsError::NotFresh => text.say("error-not-fresh", &[]),
        OpsError::NothingToRevert => text.say("error-nothing-to-revert", &[]),
        OpsError::Merge(NotMergeable::Itself) => text.say("error-merge-itself", &[]),
        OpsError::Merge(NotMergeable::Outside) => text.say("error-merge-outside", &[]),
        OpsError::Merge(NotMergeable::Restricted) => text.say("error-merge-restricted", &[]),
        OpsError::Merge(NotMergeable::Waiting) => text.say("error-merge-waiting", &[]),
        OpsError::Consent(ConsentRefused::Forbidden(kind)) => text.say("error-prohibited", &[("kind", kind)]),
        OpsError::Consent(ConsentRefused::Reworded) => text.say("error-consent-reworded", &[]),
        OpsError::Prohibition(_) => text.say("error-prohibition-fresh", &[]),
        OpsError::Request(why) => text.say("error-request", &[("why", why)]),
        OpsError::Restriction(why) => text.say("error-restriction", &[("why", why)]),
        OpsError::Erasure(why) => text.say("error-erasure", &[("why", why)]),
        OpsError::Merge(NotMergeable::Later) => text.say("error-merge-later", &[]),
        OpsError::OrderState(state) => text.say("error-order-state", &[("state", state)]),
        OpsError::Mail(refused) => of_mail(*refused, text),
        OpsError::CompanyRegister(why) => text.say("error-company-register", &[("why", why)]),
        OpsError::Invoice(refused) => of_invoice(refused, text),
        OpsError::Payment(refused) => of_payment(refused, text),
        OpsError::Collection(refused) => of_collection(*refused, text),
        OpsError::Credit(refused) => text.say("error-credit", &[("why", refused)]),
        OpsError::Cookie(why) => text.say("error-cookie", &[("why", why)]),
        OpsError::Disclosure(refused) => {
            let (words, code) = (Texts(text.language()), refused.code());
            format!("{}. {}", words.get(code), words.get(&format!("{code}-help")))
        }
        OpsError::BeyondScope(_) => Texts(text.language()).get("problem-beyond-scope-help"),
        OpsError::LastAdministrator => text.say("error-last-administrator", &[]),
        OpsError::Table(error) => coded(error.code(), &error.args(), text),
        OpsError::Import(problems) => return problems.iter().map(|problem| of_mapping(problem, text)).collect(),
        OpsError::Store(error) => of_store(error, text),
    };
    vec![said]
}

fn of_invoice(refused: &InvoiceRefused, text: &Text) -> String {
    let key = match refused {
        InvoiceRefused::Sent => "error-invoice-sent",
        InvoiceRefused::Draft => "error-invoice-draft",
        InvoiceRefused::CreditNote => "error-invoice-credit-note",
        InvoiceRefused::NoBilling => "error-invoice-no-billing",
        InvoiceRefused::NoBusinessId => "error-invoice-no-business-id",
        InvoiceRefused::Mirrored => "error-invoice-mirrored",
        InvoiceRefused::Protected => "error-invoice-protected",
        InvoiceRefused::Form(_) => "error-invoice-form",
    };
    text.say(key, &[])
}

fn of_payment(refused: &PaymentRefused, text: &Text) -> String {
    let key = match refused {
        PaymentRefused::File(error) => {
            let what = seloste_web::payment_file_problem(Texts(text.language()), error);
            return text.say("error-payment-file", &[("what", &what)]);
        }
        PaymentRefused::NoAccount => "error-payment-no-account",
        PaymentRefused::NotPlaced(_) => "error-payment-not-placed",
        PaymentRefused::TakenBack => "error-payment-taken-back",
        PaymentRefused::InvoiceChanged => "error-payment-invoice-changed",
    };
    text.say(key, &[])
}

fn of_collection(refused: CollectionRefused, text: &Text) -> String {
    match refused {
        CollectionRefused::TooSoon(why) => text.say("error-collection-too-soon", &[("why", &why)]),
        CollectionRefused::NoRate(missing) => text.say("error-collection-no-rate", &[("day", &missing.0)]),
        CollectionRefused::NoClaim => text.say("error-collection-no-claim", &[]),
        CollectionRefused::Changed => text.say("error-collection-changed", &[]),
        CollectionRefused::HandedOver => text.say("error-collection-handed-over", &[]),
    }
}

fn of_mail(refused: MailRefused, text: &Text) -> String {
    match refused {
        MailRefused::Undeclared => text.say("error-mail-undeclared", &[]),
        MailRefused::NoAddress => text.say("error-mail-address", &[]),
        MailRefused::TooLarge => text.say("error-mail-large", &[]),
        MailRefused::NoConsent => text.say("error-mail-no-consent", &[]),
        MailRefused::Changed => text.say("error-mail-changed", &[]),
        MailRefused::State(state) => text.say("error-mail-state", &[("state", &state)]),
    }
}

fn of_fields(errors: &FieldErrors, text: &Text) -> Vec<String> {
    errors.0.iter().map(|error| format!("{}: {}", error.field, reason(error, text))).collect()
}

/// What is wrong with a field or a row, in the words of the pages where they have them.
pub(crate) fn reason(error: &FieldError, text: &Text) -> String {
    if text.has(error.code) { coded(error.code, &error.args, text) } else { Texts(text.language()).field_error(error) }
}

fn coded(code: &str, args: &[(&'static str, String)], text: &Text) -> String {
    let args: Vec<(&str, &dyn std::fmt::Display)> =
        args.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect();
    text.say(code, &args)
}

/// What is wrong with a mapping, with its line and what was probably meant.
fn of_mapping(problem: &Problem, text: &Text) -> String {
    let names = ["a", "b", "c"];
    let args: Vec<_> = names.into_iter().zip(problem.args.iter().cloned()).collect();
    let mut what = coded(problem.code, &args, text);
    if let Some(suggestion) = &problem.suggestion {
        what = text.say("import-suggestion", &[("what", &what), ("suggestion", suggestion)]);
    }
    match &problem.line {
        Some(line) => text.say("import-line", &[("line", line), ("what", &what)]),
        None => what,
    }
}

fn of_store(error: &StoreError, text: &Text) -> String {
    match error {
        StoreError::Busy => text.say("error-busy", &[]),
        StoreError::Unavailable(why) => text.say("error-unavailable", &[("why", why)]),
        StoreError::Unknown => text.say("error-unknown", &[]),
        StoreError::Disk(why) => text.say("error-disk", &[("why", why)]),
        StoreError::Conflict { found, expected } => {
            text.say("error-conflict", &[("found", found), ("expected", expected)])
        }
        StoreError::Restricted => text.say("error-restricted", &[]),
        StoreError::Prohibited(kind) => text.say("error-prohibited", &[("kind", kind)]),
        StoreError::NotFound(what) => text.say("error-not-found", &[("what", what)]),
        StoreError::Taken(what) => text.say("error-taken", &[("what", what)]),
        StoreError::Corrupt(why) => text.say("error-corrupt", &[("why", why)]),
        StoreError::Newer { found, known } => text.say("error-newer", &[("found", found), ("known", known)]),
        StoreError::NoRegister => text.say("error-no-register", &[]),
        StoreError::Exists => text.say("error-exists", &[]),
        StoreError::KeyMissing(path) => text.say("error-key-missing", &[("path", &path.display())]),
        StoreError::KeyUnusable { path, why } => {
            text.say("error-key-unusable", &[("path", &path.display()), ("why", why)])
        }
        StoreError::KeyWrong => text.say("error-key-wrong", &[]),
        StoreError::Seal => text.say("error-seal", &[]),
        StoreError::RolledBack { size, path } => {
            text.say("error-rolled-back", &[("size", size), ("path", &path.display())])
        }
        StoreError::File { path, why } => text.say("error-file", &[("path", &path.display()), ("why", why)]),
        StoreError::Sql(why) => text.say("error-sql", &[("why", why)]),
        StoreError::Refused(why) => why.to_string(),
    }
}

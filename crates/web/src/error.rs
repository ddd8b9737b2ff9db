//! Answers when something can not be done: what happened and what to do, in the person's language, without personal
//! data. What is hidden and what is not there are answered with the same bytes.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use seloste_domain::field::FieldErrors;
use seloste_domain::language::Language;
use seloste_ops::company_register::NotFetched;
use seloste_ops::cookie::CookieRefused;
use seloste_ops::credit::{CreditRefused, NotNow};
use seloste_ops::erasure::ErasureRefused;
use seloste_ops::exchange::BeyondScope;
use seloste_ops::invoice::InvoiceRefused;
use seloste_ops::mail::MailRefused;
use seloste_ops::payment::PaymentRefused;
use seloste_ops::reminder::CollectionRefused;
use seloste_ops::request::RequestRefused;
use seloste_ops::restriction::RestrictionRefused;
use seloste_ops::{NotMergeable, OpsError, StoreError};

use crate::api::ApiError;
use crate::assets;
use crate::form::encode;
use crate::text::Texts;

/// Why a page can not be shown.
#[derive(Debug)]
pub enum PageError {
    /// Nobody is signed in; the page to come back to.
    SignIn(Option<String>),
    /// There is no such page or thing, or none that this person may know of.
    NotFound,
    /// The request can not be read.
    Malformed,
    /// The page is not asked for in this way.
    Method,
    /// It took too long.
    Slow,
    /// The form or the file is too large.
    TooLarge,
    /// The host is not one of this server's names.
    Misdirected,
    /// The request does not come from a page of this program.
    Foreign,
    /// Something of the use case.
    Ops(OpsError),
    /// Why a program's request is refused, where no page could be.
    Api(ApiError),
    /// A document could not be printed; the code of the error.
    Print(&'static str),
    /// The program failed.
    Broken,
}

impl From<OpsError> for PageError {
    fn from(error: OpsError) -> Self {
        if error.is_not_found() { Self::NotFound } else { Self::Ops(error) }
    }
}

impl From<askama::Error> for PageError {
    fn from(_: askama::Error) -> Self {
        Self::Broken
    }
}

impl PageError {
    /// The field errors, when it is about fields: the form is shown again with them.
    pub(crate) fn fields(self) -> Result<FieldErrors, Self> {
        match self {
            Self::Ops(OpsError::Fields(errors)) => Ok(errors),
            other => Err(other),
        }
    }

    /// The error of an answer without a page, that something below the handlers made.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::NOT_FOUND => Some(Self::NotFound),
            StatusCode::METHOD_NOT_ALLOWED => Some(Self::Method),
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::TooLarge),
            StatusCode::REQUEST_TIMEOUT => Some(Self::Slow),
            other => other.is_client_error().then_some(Self::Malformed),
        }
    }

    /// Whether someone else changed the thing meanwhile.
    pub(crate) const fn is_conflict(&self) -> bool {
        matches!(self, Self::Ops(OpsError::Store(StoreError::Conflict { .. })))
    }

    pub(crate) const fn status_and_key(&self) -> (StatusCode, &'static str) {
        match self {
            Self::SignIn(_) => (StatusCode::UNAUTHORIZED, "problem-sign-in"),
            Self::NotFound => (StatusCode::NOT_FOUND, "problem-not-found"),
            Self::Malformed => (StatusCode::BAD_REQUEST, "problem-malformed"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "problem-method"),
            Self::Slow => (StatusCode::SERVICE_UNAVAILABLE, "problem-slow"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "problem-too-large"),
            Self::Misdirected => (StatusCode::MISDIRECTED_REQUEST, "problem-misdirected"),
            Self::Foreign => (StatusCode::FORBIDDEN, "problem-foreign"),
            Self::Api(error) => error.status_and_key(),
            Self::Print(_) => (StatusCode::UNPROCESSABLE_ENTITY, "problem-print"),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "problem-broken"),
            Self::Ops(error) => match error {
                OpsError::Throttled { .. } => (StatusCode::TOO_MANY_REQUESTS, "problem-throttled"),
                OpsError::Store(StoreError::Busy | StoreError::Unavailable(_)) => {
                    (StatusCode::SERVICE_UNAVAILABLE, "problem-busy")
                }
                OpsError::Store(StoreError::Disk(_)) => (StatusCode::INSUFFICIENT_STORAGE, "problem-disk"),
                OpsError::Store(StoreError::Unknown) => (StatusCode::SERVICE_UNAVAILABLE, "problem-unknown"),
                OpsError::Store(StoreError::Conflict { .. }) => (StatusCode::CONFLICT, "problem-conflict"),
                OpsError::Store(StoreError::Restricted) => (StatusCode::LOCKED, "problem-restricted"),
                OpsError::Store(StoreError::Prohibited(_)) => (StatusCode::CONFLICT, "problem-prohibited"),
                OpsError::Consent(_) => (StatusCode::CONFLICT, "problem-prohibited"),
                OpsError::Prohibition(_) => (StatusCode::CONFLICT, "problem-prohibition-fresh"),
                OpsError::Restriction(why) => (StatusCode::CONFLICT, of_restriction(*why)),
                OpsError::Request(why) => (StatusCode::CONFLICT, of_request(*why)),
                OpsError::Erasure(why) => (StatusCode::CONFLICT, of_erasure(why)),
                OpsError::Merge(NotMergeable::Restricted) => (StatusCode::LOCKED, "problem-merge-restricted"),
                OpsError::Store(StoreError::Taken(_)) => (StatusCode::CONFLICT, "problem-taken"),
                OpsError::Refused(_) => (StatusCode::FORBIDDEN, "problem-no-purpose"),
                OpsError::BeyondScope(BeyondScope::Quota(_)) => (StatusCode::TOO_MANY_REQUESTS, "problem-quota"),
                OpsError::BeyondScope(_) => (StatusCode::FORBIDDEN, "problem-beyond-scope"),
                OpsError::OrderState(_) => (StatusCode::CONFLICT, "problem-order-state"),
                OpsError::Mail(refused) => of_mail(*refused),
                OpsError::CompanyRegister(why) => of_company_register(why),
                OpsError::Invoice(refused) => (StatusCode::CONFLICT, of_invoice(refused)),
                OpsError::Payment(refused) => of_payment(refused),
                OpsError::Collection(refused) => (StatusCode::CONFLICT, of_collection(*refused)),
                OpsError::Credit(refused) => (StatusCode::CONFLICT, of_credit(*refused)),
                OpsError::Disclosure(refused) => (StatusCode::CONFLICT, refused.code()),
                OpsError::Cookie(why) => of_cookie(*why),
                OpsError::NothingToRevert => (StatusCode::CONFLICT, "problem-nothing-to-revert"),
                OpsError::Merge(NotMergeable::Waiting) => (StatusCode::CONFLICT, "problem-merge-waiting"),
                OpsError::Merge(NotMergeable::Itself) => (StatusCode::CONFLICT, "problem-merge-self"),
                OpsError::Merge(NotMergeable::Outside) => (StatusCode::CONFLICT, "problem-merge-outside"),
                OpsError::Merge(_) => (StatusCode::CONFLICT, "problem-merge-later"),
                OpsError::LastAdministrator => (StatusCode::CONFLICT, "problem-last-administrator"),
                OpsError::Link => (StatusCode::GONE, "problem-link"),
                OpsError::NotFresh => (StatusCode::FORBIDDEN, "problem-not-fresh"),
                OpsError::SignIn => (StatusCode::UNAUTHORIZED, "problem-wrong-password"),
                OpsError::Fields(_) | OpsError::Notice(_) | OpsError::Table(_) | OpsError::Import(_) => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "problem-fields")
                }
                OpsError::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "problem-broken"),
            },
        }
    }

    /// How many seconds to wait before trying again.
    pub(crate) fn wait(&self) -> Option<i64> {
        match self {
            Self::Ops(OpsError::Throttled { seconds } | OpsError::BeyondScope(BeyondScope::Quota(seconds))) => {
                Some(*seconds)
            }
            Self::Api(ApiError::TooMany(seconds)) => i64::try_from(*seconds).ok(),
            Self::Api(ApiError::KeyRunning) => Some(2),
            _ if self.status_and_key().0 == StatusCode::SERVICE_UNAVAILABLE => Some(2),
            _ => None,
        }
    }

    /// The answer in a language.
    pub(crate) fn page(&self, language: Language) -> Response {
        let (status, key) = self.status_and_key();
        let t = Texts(language);
        let wait = self.wait();
        let page = ErrorPage {
            t,
            status: status.as_u16(),
            title: t.get(key),
            help: t.arg(&format!("{key}-help"), "seconds", wait.unwrap_or(0)),
        };
        let html = page.render().unwrap_or_else(|_| page.title.clone());
        let mut response = (status, Html(html)).into_response();
        if let Some(wait) = wait.and_then(|seconds| HeaderValue::from_str(&seconds.to_string()).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

/// What could not be done with the company register. Not 502: a proxy could put a page of its own in the place of ours.
pub(crate) const fn of_company_register(why: &NotFetched) -> (StatusCode, &'static str) {
    match why {
        NotFetched::Old => (StatusCode::CONFLICT, "problem-company-register-old"),
        NotFetched::Forbidden => (StatusCode::CONFLICT, "problem-company-register-forbidden"),
        NotFetched::Off | NotFetched::Undeclared | NotFetched::NoBusinessId => {
            (StatusCode::CONFLICT, "problem-company-register-off")
        }
        NotFetched::Busy | NotFetched::Failed(_) | NotFetched::Unusable(_) => {
            (StatusCode::FAILED_DEPENDENCY, "problem-company-register")
        }
    }
}

pub(crate) const fn of_invoice(refused: &InvoiceRefused) -> &'static str {
    match refused {
        InvoiceRefused::Sent => "problem-invoice-sent",
        InvoiceRefused::Draft => "problem-invoice-draft",
        InvoiceRefused::CreditNote => "problem-invoice-credit-note",
        InvoiceRefused::NoBilling => "problem-invoice-no-billing",
        InvoiceRefused::NoBusinessId => "problem-invoice-no-business-id",
        InvoiceRefused::Mirrored => "problem-invoice-mirrored",
        InvoiceRefused::Protected => "problem-invoice-protected",
        InvoiceRefused::Form(_) => "problem-invoice-form",
    }
}

const fn of_erasure(why: &ErasureRefused) -> &'static str {
    match why {
        ErasureRefused::Changed(_) => "problem-erasure-changed",
        ErasureRefused::Held(_) => "problem-erasure-held",
        ErasureRefused::Outside => "problem-erasure-outside",
        ErasureRefused::NotWaiting => "problem-erasure-not-waiting",
        ErasureRefused::Clock => "problem-erasure-clock",
    }
}

const fn of_cookie(why: CookieRefused) -> (StatusCode, &'static str) {
    match why {
        CookieRefused::Origin => (StatusCode::FORBIDDEN, "problem-cookie-origin"),
        CookieRefused::NotCovered => (StatusCode::FORBIDDEN, "problem-cookie-not-covered"),
        CookieRefused::Undeclared => (StatusCode::CONFLICT, "problem-cookie-undeclared"),
        CookieRefused::NothingAllowed => (StatusCode::UNPROCESSABLE_ENTITY, "problem-cookie-nothing-allowed"),
        CookieRefused::OtherText => (StatusCode::CONFLICT, "problem-cookie-other-text"),
        CookieRefused::Signal => (StatusCode::CONFLICT, "problem-cookie-signal"),
        CookieRefused::Full => (StatusCode::CONFLICT, "problem-cookie-full"),
    }
}

const fn of_restriction(why: RestrictionRefused) -> &'static str {
    match why {
        RestrictionRefused::NotInformed => "problem-restriction-not-informed",
        RestrictionRefused::NotSent => "problem-restriction-not-sent",
        RestrictionRefused::Already => "problem-restriction-already",
    }
}

const fn of_request(why: RequestRefused) -> &'static str {
    match why {
        RequestRefused::Closed => "problem-request-closed",
        RequestRefused::Often => "problem-request-often",
        RequestRefused::NoCard => "problem-request-no-card",
        RequestRefused::HasCard => "problem-request-has-card",
        RequestRefused::NotRecognised => "problem-request-not-recognised",
        RequestRefused::NotExtendable => "problem-request-not-extendable",
        RequestRefused::NotShown => "problem-request-not-shown",
        RequestRefused::OtherCompanies => "problem-request-other-companies",
        RequestRefused::OtherKind => "problem-request-other-kind",
    }
}

const fn of_payment(refused: &PaymentRefused) -> (StatusCode, &'static str) {
    match refused {
        PaymentRefused::File(_) => (StatusCode::UNPROCESSABLE_ENTITY, "problem-payment-file"),
        PaymentRefused::NoAccount => (StatusCode::CONFLICT, "problem-payment-no-account"),
        PaymentRefused::NotPlaced(_) => (StatusCode::CONFLICT, "problem-payment-not-placed"),
        PaymentRefused::TakenBack => (StatusCode::CONFLICT, "problem-payment-taken-back"),
        PaymentRefused::InvoiceChanged => (StatusCode::CONFLICT, "problem-payment-invoice-changed"),
    }
}

const fn of_collection(refused: CollectionRefused) -> &'static str {
    match refused {
        CollectionRefused::TooSoon(_) => "problem-collection-too-soon",
        CollectionRefused::NoRate(_) => "problem-collection-no-rate",
        CollectionRefused::NoClaim => "problem-collection-no-claim",
        CollectionRefused::Changed => "problem-collection-changed",
        CollectionRefused::HandedOver => "problem-collection-handed-over",
    }
}

const fn of_credit(refused: CreditRefused) -> &'static str {
    match refused {
        CreditRefused::NotNow(why) => match why {
            NotNow::NotPending => "problem-credit-not-pending",
            NotNow::Closed => "problem-credit-closed",
            NotNow::Lapsed => "problem-credit-lapsed",
            NotNow::NotTold => "problem-credit-not-told",
            NotNow::EnquiryOpen => "problem-credit-open",
            NotNow::NoEnquiry => "problem-credit-no-enquiry",
            NotNow::Busy => "problem-credit-busy",
            NotNow::NotAPerson => "problem-credit-not-a-person",
            NotNow::Method => "problem-credit-method",
        },
        CreditRefused::Inactive => "problem-credit-inactive",
        CreditRefused::NoSubject => "problem-credit-no-subject",
        CreditRefused::NoLetter => "problem-credit-no-letter",
        CreditRefused::InUse => "problem-credit-in-use",
    }
}

const fn of_mail(refused: MailRefused) -> (StatusCode, &'static str) {
    match refused {
        MailRefused::Undeclared => (StatusCode::CONFLICT, "problem-mail-undeclared"),
        MailRefused::NoAddress => (StatusCode::CONFLICT, "problem-mail-address"),
        MailRefused::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "problem-mail-large"),
        MailRefused::NoConsent => (StatusCode::CONFLICT, "problem-mail-no-consent"),
        MailRefused::Changed => (StatusCode::CONFLICT, "problem-mail-changed"),
        MailRefused::State(_) => (StatusCode::CONFLICT, "problem-mail-state"),
    }
}

/// Carries the error to the layer that knows the language of the request.
#[derive(Clone)]
pub(crate) struct Unrendered(pub(crate) std::sync::Arc<PageError>);

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::SignIn(back) = &self {
            let to = back.as_ref().map_or_else(|| "/sign-in".into(), |back| format!("/sign-in?next={}", encode(back)));
            return Redirect::to(&to).into_response();
        }
        if let Self::Ops(error @ (OpsError::Store(_) | OpsError::Notice(_))) = &self {
            tracing::warn!(%error, "a page could not be shown");
        }
        let mut response = self.status_and_key().0.into_response();
        response.extensions_mut().insert(Unrendered(std::sync::Arc::new(self)));
        response
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    t: Texts,
    status: u16,
    title: String,
    help: String,
}

impl ErrorPage {
    #[expect(clippy::unused_self, reason = "called from the template")]
    fn asset(&self, name: &str) -> String {
        assets::url(name)
    }
}

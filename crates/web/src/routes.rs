//! Every route in one table: what it is, who may call it, and whether it uses personal data. The router is built from
//! it, and the tests sweep it, so that a route without a row does not exist.

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use seloste_domain::rights::Action;

use crate::error::PageError;
use crate::{
    App, access, account, assets, bulk, claim, collection, company_register, consent, consent_review, cookie, credit,
    credit_application, credit_report, credit_service, disclosure, duplicate, erasure, export, feed, guide, home,
    import, interface, invitation, invoice, legal_request, letter, list, log, mail, mapping, merge, message, notice,
    order, organisation, partner, partner_document, payment, payment_file, person, print, product, prohibition,
    proposal, recall, receipt, reference_rate, reminder, request, restriction, search, sign_in, tag, token, upload,
    user,
};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody who is signed in.
    SignedIn,
    /// Those whose roles allow the action.
    Right(Action),
    /// Those whose roles allow both.
    Rights(Action, Action),
}

/// A route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path with its parameters.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
}

macro_rules! routes {
    ($($method:ident $path:literal $access:expr => $handler:expr;)*) => {
        /// The table.
        pub const ROUTES: &[Route] = &[$(Route { method: stringify!($method), path: $path, access: $access }),*];

        /// The router of the table.
        pub(crate) fn router() -> Router<App> {
            Router::new()$(.route($path, routes!(@$method $handler)))*.fallback(nothing_here)
        }
    };
    (@GET $handler:expr) => { get($handler) };
    (@POST $handler:expr) => { post($handler) };
}

use Access::{Public, Right, Rights, SignedIn};

routes! {
    GET "/" SignedIn => home::show;
    GET "/healthz" Public => healthy;
    GET "/readyz" Public => ready;
    GET "/assets/{hash}/{*name}" Public => assets::get;
    GET "/sign-in" Public => sign_in::form;
    POST "/sign-in" Public => sign_in::sign_in;
    POST "/sign-out" Public => sign_in::sign_out;
    GET "/set-up" Public => sign_in::set_up_form;
    POST "/set-up" Public => sign_in::set_up;
    GET "/notice" Public => notice::public;
    GET "/notice.pdf" Public => print::notice;
    GET "/receipt" Public => receipt::form;
    POST "/receipt" Public => receipt::check;
    GET "/account" SignedIn => account::show;
    POST "/account/password" SignedIn => account::change_password;
    POST "/account/language" SignedIn => account::set_language;
    POST "/account/sign-out-everywhere" SignedIn => account::sign_out_everywhere;
    GET "/help" SignedIn => guide::index;
    GET "/help/{topic}" SignedIn => guide::topic;
    GET "/account/tokens" SignedIn => token::list;
    POST "/account/tokens" SignedIn => token::create;
    POST "/account/tokens/{id}/rotate" SignedIn => token::rotate;
    POST "/account/tokens/{id}/revoke" SignedIn => token::revoke;
    GET "/search" Right(Action::PersonSearch) => search::search;
    GET "/people" Right(Action::PersonList) => person::list;
    POST "/people" Right(Action::PersonCreate) => person::create;
    GET "/people/new" Right(Action::PersonCreate) => person::new;
    GET "/people/export" Right(Action::PersonExport) => export::people::form;
    POST "/people/export" Right(Action::PersonExport) => export::people::take;
    GET "/people/{id}" Right(Action::PersonShow) => person::show;
    POST "/people/{id}" Right(Action::PersonChange) => person::change;
    GET "/people/{id}/edit" Right(Action::PersonChange) => person::edit;
    GET "/people/{id}/letter" Right(Action::LetterWrite) => letter::to_person;
    POST "/people/{id}/letter" Right(Action::LetterWrite) => letter::write_to_person;
    GET "/organisations/{id}/letter" Right(Action::LetterWrite) => letter::to_organisation;
    POST "/organisations/{id}/letter" Right(Action::LetterWrite) => letter::write_to_organisation;
    GET "/people/{id}/message" Right(Action::MessageWrite) => message::to_person;
    POST "/people/{id}/message" Right(Action::MessageWrite) => message::queue_to_person;
    GET "/organisations/{id}/message" Right(Action::MessageWrite) => message::to_organisation;
    POST "/organisations/{id}/message" Right(Action::MessageWrite) => message::queue_to_organisation;
    GET "/people/{id}/card.pdf" Right(Action::PersonShow) => print::card;
    GET "/people/{id}/orders" Right(Action::OrderList) => person::orders;
    GET "/people/{id}/history" Right(Action::PersonHistory) => person::history;
    POST "/people/{id}/tags" Right(Action::PersonChange) => tag::of_person;
    POST "/people/{id}/revert" Right(Action::PersonRevert) => person::revert;
    GET "/people/{id}/log" Rights(Action::PersonShow, Action::LogReadSubject) => person::person_log;
    GET "/people/{id}/merge" Right(Action::PartyMerge) => merge::people::with;
    GET "/people/{id}/merge/{other}" Right(Action::PartyMerge) => merge::people::compare;
    POST "/people/{id}/merge/{other}" Right(Action::PartyMerge) => merge::people::make;
    POST "/people/{id}/unmerge" Right(Action::PartyMerge) => merge::people::undo;
    GET "/restrictions" Right(Action::RestrictionList) => restriction::list;
    GET "/people/{id}/consents" Right(Action::ConsentList) => consent::show;
    POST "/people/{id}/consents" Right(Action::ConsentGive) => consent::give;
    POST "/people/{id}/consents/withdraw" Right(Action::ConsentWithdraw) => consent::withdraw;
    POST "/people/{id}/consents/existing-customer" Right(Action::ConsentGive) => consent::sale;
    GET "/people/{id}/prohibitions" Right(Action::ProhibitionList) => prohibition::people::show;
    POST "/people/{id}/prohibitions" Right(Action::ProhibitionSet) => prohibition::people::set;
    POST "/people/{id}/prohibitions/lift" Right(Action::ProhibitionLift) => prohibition::people::lift;
    POST "/people/{id}/prohibitions/take-back" Right(Action::ProhibitionSet) => prohibition::people::take_back;
    GET "/people/{id}/invitations" Right(Action::InvitationList) => invitation::show;
    POST "/people/{id}/invitations" Right(Action::InvitationMake) => invitation::make;
    POST "/people/{id}/invitations/cancel" Right(Action::InvitationMake) => invitation::cancel;
    POST "/people/{id}/portal/shut-out" Right(Action::InvitationMake) => invitation::shut_out;
    GET "/people/{id}/restriction" Right(Action::RestrictionList) => restriction::people::show;
    POST "/people/{id}/restriction" Right(Action::RestrictionSet) => restriction::people::set;
    POST "/people/{id}/restriction/except" Right(Action::RestrictionExcept) => restriction::people::except;
    POST "/people/{id}/restriction/end-exception" Right(Action::RestrictionExcept) => restriction::people::end_exception;
    POST "/people/{id}/restriction/inform" Right(Action::RestrictionInform) => restriction::people::inform;
    POST "/people/{id}/restriction/lift" Right(Action::RestrictionLift) => restriction::people::lift;
    GET "/organisations/{id}/prohibitions" Right(Action::ProhibitionList) => prohibition::organisations::show;
    POST "/organisations/{id}/prohibitions" Right(Action::ProhibitionSet) => prohibition::organisations::set;
    POST "/organisations/{id}/prohibitions/lift" Right(Action::ProhibitionLift) => prohibition::organisations::lift;
    POST "/organisations/{id}/prohibitions/take-back" Right(Action::ProhibitionSet) => prohibition::organisations::take_back;
    GET "/organisations/{id}/restriction" Right(Action::RestrictionList) => restriction::organisations::show;
    POST "/organisations/{id}/restriction" Right(Action::RestrictionSet) => restriction::organisations::set;
    POST "/organisations/{id}/restriction/except" Right(Action::RestrictionExcept) => restriction::organisations::except;
    POST "/organisations/{id}/restriction/end-exception" Right(Action::RestrictionExcept) => restriction::organisations::end_exception;
    POST "/organisations/{id}/restriction/inform" Right(Action::RestrictionInform) => restriction::organisations::inform;
    POST "/organisations/{id}/restriction/lift" Right(Action::RestrictionLift) => restriction::organisations::lift;
    GET "/duplicates" Right(Action::DuplicateList) => duplicate::list;
    POST "/duplicates" Right(Action::DuplicateList) => duplicate::find;
    GET "/proposals" Right(Action::ProposalList) => proposal::list;
    POST "/proposals" Right(Action::ProposalDecide) => proposal::decide;
    POST "/proposals/all" Right(Action::ProposalDecide) => proposal::decide_all;
    POST "/duplicates/dismiss" Right(Action::DuplicateDecide) => duplicate::dismiss;
    POST "/lists/{list}/columns" Right(Action::ViewChange) => list::set_columns;
    POST "/lists/{list}/views" Right(Action::ViewChange) => list::save_view;
    POST "/lists/{list}/views/{view}/remove" Right(Action::ViewChange) => list::remove_view;
    POST "/lists/{list}/bulk" Right(Action::BulkRun) => bulk::plan;
    GET "/bulk" Right(Action::BulkRun) => bulk::list;
    GET "/bulk/{id}" Right(Action::BulkRun) => bulk::show;
    POST "/bulk/{id}/start" Right(Action::BulkRun) => bulk::start;
    POST "/bulk/{id}/stop" Right(Action::BulkRun) => bulk::stop;
    POST "/bulk/{id}/undo" Right(Action::BulkRun) => bulk::undo;
    GET "/tags" Right(Action::TagList) => tag::list;
    POST "/tags" Right(Action::TagChange) => tag::create;
    GET "/tags/new" Right(Action::TagChange) => tag::new;
    GET "/tags/{tag}" Right(Action::TagChange) => tag::edit;
    POST "/tags/{tag}" Right(Action::TagChange) => tag::change;
    POST "/tags/{tag}/remove" Right(Action::TagChange) => tag::remove;
    GET "/organisations" Right(Action::OrganisationList) => organisation::list;
    POST "/organisations" Right(Action::OrganisationCreate) => organisation::create;
    GET "/organisations/new" Right(Action::OrganisationCreate) => organisation::new;
    POST "/organisations/new/register" Rights(Action::OrganisationFetch, Action::OrganisationCreate) => company_register::new;
    GET "/organisations/export" Right(Action::OrganisationExport) => export::organisations::form;
    POST "/organisations/export" Right(Action::OrganisationExport) => export::organisations::take;
    GET "/organisations/{id}" Right(Action::OrganisationShow) => organisation::show;
    POST "/organisations/{id}" Right(Action::OrganisationChange) => organisation::change;
    GET "/organisations/{id}/edit" Right(Action::OrganisationChange) => organisation::edit;
    POST "/organisations/{id}/tags" Right(Action::OrganisationChange) => tag::of_organisation;
    POST "/organisations/{id}/register" Right(Action::OrganisationFetch) => company_register::fetch;
    POST "/organisations/{id}/register/accept" Rights(Action::OrganisationFetch, Action::OrganisationChange) => company_register::accept;
    GET "/organisations/{id}/orders" Right(Action::OrderList) => organisation::orders;
    GET "/organisations/{id}/history" Right(Action::PersonHistory) => organisation::history;
    GET "/organisations/{id}/merge" Right(Action::PartyMerge) => merge::organisations::with;
    GET "/organisations/{id}/merge/{other}" Right(Action::PartyMerge) => merge::organisations::compare;
    POST "/organisations/{id}/merge/{other}" Right(Action::PartyMerge) => merge::organisations::make;
    POST "/organisations/{id}/unmerge" Right(Action::PartyMerge) => merge::organisations::undo;
    GET "/orders" Right(Action::OrderList) => order::list;
    POST "/orders" Right(Action::OrderCreate) => order::create;
    GET "/orders/new" Right(Action::OrderCreate) => order::new;
    GET "/orders/export" Right(Action::OrderExport) => export::orders::form;
    POST "/orders/export" Right(Action::OrderExport) => export::orders::take;
    POST "/orders/totals" Right(Action::OrderCreate) => order::totals;
    GET "/orders/{id}" Right(Action::OrderShow) => order::show;
    POST "/orders/{id}" Right(Action::OrderChange) => order::change;
    GET "/orders/{id}/edit" Right(Action::OrderChange) => order::edit;
    POST "/orders/{id}/state" Right(Action::OrderChange) => order::set_state;
    GET "/orders/{id}/confirmation.pdf" Right(Action::OrderShow) => print::confirmation;
    GET "/orders/{id}/history" Right(Action::OrderShow) => order::history;
    GET "/orders/{id}/confirm" Right(Action::MailSend) => mail::confirm_form;
    POST "/orders/{id}/confirm" Right(Action::MailSend) => mail::confirm;
    GET "/credit" Right(Action::CreditList) => credit::list;
    POST "/credit" Right(Action::CreditApply) => credit::apply;
    GET "/credit/new" Rights(Action::CreditApply, Action::CreditEnquire) => credit::new;
    GET "/credit/report" Right(Action::CreditReview) => credit_report::show;
    POST "/credit/report" Right(Action::CreditReview) => credit_report::sign;
    GET "/credit/services" Right(Action::CreditServiceList) => credit_service::list;
    POST "/credit/services" Right(Action::CreditServiceManage) => credit_service::create;
    GET "/credit/services/new" Right(Action::CreditServiceManage) => credit_service::new;
    GET "/credit/services/{id}" Right(Action::CreditServiceManage) => credit_service::edit;
    POST "/credit/services/{id}" Right(Action::CreditServiceManage) => credit_service::change;
    POST "/credit/services/{id}/remove" Right(Action::CreditServiceManage) => credit_service::remove;
    GET "/credit/{id}" Right(Action::CreditShow) => credit_application::show;
    POST "/credit/{id}/tell" Right(Action::CreditApply) => credit_application::tell;
    POST "/credit/{id}/enquire" Right(Action::CreditEnquire) => credit_application::enquire;
    POST "/credit/{id}/retry" Right(Action::CreditEnquire) => credit_application::retry;
    POST "/credit/{id}/give-up" Right(Action::CreditEnquire) => credit_application::give_up;
    POST "/credit/{id}/answer" Right(Action::CreditEnquire) => credit_application::answer;
    GET "/credit/{id}/enquiry.json" Right(Action::CreditEnquire) => credit_application::file;
    POST "/credit/{id}/decide" Right(Action::CreditDecide) => credit_application::decide;
    POST "/credit/{id}/withdraw" Right(Action::CreditApply) => credit_application::withdraw;
    GET "/credit/{id}/letter.pdf" Right(Action::CreditShow) => credit_application::letter;
    GET "/people/{id}/credit" Right(Action::CreditList) => credit::of_person;
    GET "/organisations/{id}/credit" Right(Action::CreditList) => credit::of_organisation;
    POST "/orders/{id}/invoice" Right(Action::InvoiceChange) => invoice::show::of_order;
    GET "/people/{id}/invoices" Right(Action::InvoiceList) => invoice::of_person;
    GET "/organisations/{id}/invoices" Right(Action::InvoiceList) => invoice::of_organisation;
    GET "/invoices" Right(Action::InvoiceList) => invoice::list;
    POST "/invoices" Right(Action::InvoiceChange) => invoice::form::create;
    GET "/invoices/new" Right(Action::InvoiceChange) => invoice::form::new;
    POST "/invoices/totals" Right(Action::InvoiceChange) => invoice::form::totals;
    GET "/invoices/ledger" Right(Action::InvoiceList) => invoice::ledger::show;
    GET "/invoices/billing" Right(Action::BillingChange) => invoice::billing::list;
    GET "/invoices/billing/{company}" Right(Action::BillingChange) => invoice::billing::edit;
    POST "/invoices/billing/{company}" Right(Action::BillingChange) => invoice::billing::change;
    GET "/invoices/{id}" Right(Action::InvoiceShow) => invoice::show::show;
    POST "/invoices/{id}" Right(Action::InvoiceChange) => invoice::form::change;
    GET "/invoices/{id}/edit" Right(Action::InvoiceChange) => invoice::form::edit;
    GET "/invoices/{id}/invoice.pdf" Right(Action::InvoiceShow) => invoice::document::pdf;
    POST "/invoices/{id}/discard" Right(Action::InvoiceChange) => invoice::show::discard;
    POST "/invoices/{id}/send" Right(Action::InvoiceSend) => invoice::show::send;
    POST "/invoices/{id}/credit" Right(Action::InvoiceChange) => invoice::show::credit;
    GET "/invoices/{id}/file" Right(Action::InvoiceExport) => invoice::operator::form;
    POST "/invoices/{id}/file" Right(Action::InvoiceExport) => invoice::operator::write;
    GET "/invoices/{id}/mail" Right(Action::InvoiceSend) => invoice::post::form;
    POST "/invoices/{id}/mail" Right(Action::InvoiceSend) => invoice::post::send;
    GET "/mail" Right(Action::MailList) => mail::list;
    GET "/mail/{id}" Right(Action::MailList) => mail::show;
    POST "/mail/{id}/retry" Right(Action::MailRetry) => mail::retry;
    POST "/mail/{id}/cancel" Right(Action::MailCancel) => mail::cancel;
    GET "/payments" Right(Action::PaymentList) => payment::list;
    POST "/payments" Right(Action::PaymentEnter) => payment::enter;
    GET "/payments/new" Right(Action::PaymentEnter) => payment::new;
    GET "/payments/{id}" Right(Action::PaymentList) => payment::show;
    POST "/payments/{id}/place" Right(Action::PaymentPlace) => payment::place;
    POST "/payments/{id}/refund" Right(Action::PaymentPlace) => payment::refund;
    POST "/payments/{id}/undo" Right(Action::PaymentPlace) => payment::undo;
    POST "/payments/{id}/withdraw" Right(Action::PaymentEnter) => payment::withdraw;
    GET "/payment-files" Right(Action::PaymentList) => payment_file::list;
    POST "/payment-files" Right(Action::PaymentImport) => payment_file::receive;
    GET "/payment-files/waiting/{id}" Right(Action::PaymentImport) => payment_file::look;
    POST "/payment-files/waiting/{id}" Right(Action::PaymentImport) => payment_file::take_in;
    POST "/payment-files/waiting/{id}/remove" Right(Action::PaymentImport) => payment_file::remove;
    GET "/payment-files/{id}" Right(Action::PaymentList) => payment_file::show;
    POST "/payment-files/{id}/undo" Right(Action::PaymentUndo) => payment_file::undo;
    GET "/overdue" Right(Action::ReminderList) => reminder::overdue;
    POST "/overdue" Right(Action::ReminderSend) => reminder::send_all;
    GET "/invoices/{id}/claim" Right(Action::ReminderList) => claim::show;
    GET "/invoices/{id}/reminder" Right(Action::ReminderSend) => reminder::preview;
    POST "/invoices/{id}/reminder" Right(Action::ReminderSend) => reminder::send;
    POST "/invoices/{id}/events" Right(Action::CollectionNote) => claim::note;
    POST "/invoices/{id}/events/end" Right(Action::CollectionNote) => claim::end_note;
    GET "/reminders/{id}/letter.pdf" Right(Action::ReminderList) => reminder::letter;
    GET "/invoices/{id}/hand-over" Right(Action::CollectionHandOver) => collection::offer;
    POST "/invoices/{id}/hand-over" Right(Action::CollectionHandOver) => collection::hand_over;
    POST "/collection-cases/{id}/file" Right(Action::CollectionHandOver) => collection::file_again;
    GET "/collection-cases" Right(Action::ReminderList) => collection::list;
    POST "/collection-cases/{id}/end" Right(Action::CollectionEnd) => collection::end;
    GET "/reference-rates" Right(Action::ReminderList) => reference_rate::list;
    POST "/reference-rates" Right(Action::InterestChange) => reference_rate::set;
    GET "/products" Right(Action::ProductList) => product::list;
    POST "/products" Right(Action::ProductChange) => product::create;
    GET "/products/new" Right(Action::ProductChange) => product::new;
    GET "/products/{id}" Right(Action::ProductChange) => product::edit;
    POST "/products/{id}" Right(Action::ProductChange) => product::change;
    GET "/imports" Right(Action::ImportList) => import::list;
    POST "/imports" Right(Action::ImportRun) => upload::receive;
    GET "/imports/new" Right(Action::ImportRun) => upload::new;
    GET "/imports/files/{id}" Right(Action::ImportRun) => upload::show;
    POST "/imports/files/{id}" Right(Action::ImportRun) => upload::decide;
    POST "/imports/files/{id}/cancel" Right(Action::ImportRun) => upload::cancel;
    POST "/imports/files/{id}/remove" Right(Action::ImportRun) => upload::remove;
    GET "/imports/files/{id}/errors" Right(Action::ImportRun) => upload::errors;
    POST "/imports/files/{id}/mapping" Rights(Action::ImportRun, Action::MappingList) => upload::use_mapping;
    GET "/imports/mappings" Right(Action::MappingList) => mapping::list;
    GET "/imports/mappings/{id}" Right(Action::MappingChange) => mapping::edit;
    POST "/imports/mappings/{id}" Right(Action::MappingChange) => mapping::change;
    POST "/imports/mappings/{id}/remove" Right(Action::MappingChange) => mapping::remove;
    GET "/imports/mappings/{id}/mapping.toml" Right(Action::MappingList) => mapping::export;
    POST "/imports/{id}/undo" Right(Action::ImportUndo) => import::undo;
    GET "/feeds" Right(Action::FeedList) => feed::list;
    POST "/feeds" Right(Action::FeedManage) => feed::create;
    GET "/feeds/new" Right(Action::FeedManage) => feed::new;
    GET "/feeds/{id}" Right(Action::FeedList) => feed::show;
    POST "/feeds/{id}" Right(Action::FeedManage) => feed::change;
    GET "/feeds/{id}/edit" Right(Action::FeedManage) => feed::edit;
    POST "/feeds/{id}/pause" Right(Action::FeedManage) => feed::pause;
    POST "/feeds/{id}/resume" Right(Action::FeedManage) => feed::resume;
    POST "/feeds/{id}/run" Right(Action::FeedManage) => feed::run_now;
    POST "/feeds/{id}/remove" Right(Action::FeedManage) => feed::remove;
    GET "/feeds/{id}/runs/{run}/errors" Rights(Action::FeedList, Action::ImportRun) => feed::errors;
    GET "/partners/{id}/interface" Right(Action::PartnerChange) => interface::show;
    POST "/partners/{id}/interface/tokens" Right(Action::PartnerChange) => interface::create_token;
    POST "/partners/{id}/interface/tokens/{token}/rotate" Right(Action::PartnerChange) => interface::rotate_token;
    POST "/partners/{id}/interface/tokens/{token}/revoke" Right(Action::PartnerChange) => interface::revoke_token;
    POST "/partners/{id}/interface/source" Right(Action::PartnerChange) => interface::set_source;
    POST "/partners/{id}/interface/webhook" Right(Action::PartnerChange) => interface::set_webhook;
    POST "/partners/{id}/interface/webhook/secret" Right(Action::PartnerChange) => interface::rotate_secret;
    POST "/partners/{id}/interface/webhook/ping" Right(Action::PartnerChange) => interface::ping;
    POST "/partners/{id}/interface/webhook/remove" Right(Action::PartnerChange) => interface::remove_webhook;
    POST "/partners/{id}/interface/messages/{message}/retry" Right(Action::PartnerChange) => interface::retry;
    GET "/partners" Right(Action::PartnerList) => partner::list;
    POST "/partners" Right(Action::PartnerChange) => partner::create;
    GET "/partners/new" Right(Action::PartnerChange) => partner::new;
    GET "/partners/{id}" Right(Action::PartnerList) => partner::show;
    POST "/partners/{id}" Right(Action::PartnerChange) => partner::change;
    GET "/partners/{id}/edit" Right(Action::PartnerChange) => partner::edit;
    POST "/partners/{id}/end" Right(Action::PartnerChange) => partner::end;
    POST "/partners/{id}/chase" Right(Action::PartnerChange) => partner::chase;
    POST "/partners/{id}/confirm" Right(Action::PartnerChange) => partner::confirm;
    POST "/partners/{id}/documents" Right(Action::PartnerChange) => partner_document::add;
    GET "/partners/{id}/documents/{document}" Right(Action::PartnerChange) => partner_document::open;
    POST "/partners/{id}/documents/{document}/remove" Right(Action::PartnerChange) => partner_document::remove;
    GET "/disclosures" Right(Action::DisclosureList) => disclosure::list;
    GET "/disclosures.csv" Right(Action::DisclosureList) => disclosure::csv;
    GET "/people/{id}/disclosures" Rights(Action::PersonShow, Action::PersonDisclosures) => disclosure::of_person;
    GET "/recalls" Right(Action::RecallList) => recall::list;
    POST "/recalls/{id}/letter" Right(Action::RecallHandle) => recall::letter;
    POST "/recalls/{id}/email" Right(Action::RecallHandle) => recall::email;
    POST "/recalls/{id}/sent" Right(Action::RecallHandle) => recall::sent;
    POST "/recalls/{id}/close" Right(Action::RecallHandle) => recall::close;
    GET "/legal-requests" Right(Action::LegalDisclose) => legal_request::list;
    POST "/legal-requests" Right(Action::LegalDisclose) => legal_request::record;
    GET "/requests" Right(Action::RequestList) => request::list;
    POST "/requests" Right(Action::RequestReceive) => request::receive;
    GET "/requests/new" Right(Action::RequestReceive) => request::new;
    GET "/requests/{id}" Right(Action::RequestList) => request::show;
    POST "/requests/{id}/link" Right(Action::RequestHandle) => request::link;
    POST "/requests/{id}/recognise" Right(Action::RequestHandle) => request::recognise;
    POST "/requests/{id}/extend" Right(Action::RequestHandle) => request::extend;
    POST "/requests/{id}/fee" Right(Action::RequestHandle) => request::fee;
    POST "/requests/{id}/fee-settled" Right(Action::RequestHandle) => request::fee_settled;
    POST "/requests/{id}/refuse" Right(Action::RequestHandle) => request::refuse;
    POST "/requests/{id}/wait" Right(Action::RequestHandle) => request::wait;
    POST "/requests/{id}/withdraw" Right(Action::RequestHandle) => request::withdraw;
    POST "/requests/{id}/uphold" Right(Action::RequestHandle) => request::uphold;
    POST "/requests/{id}/correct" Right(Action::RequestCorrect) => request::correct;
    POST "/requests/{id}/package" Rights(Action::AccessMake, Action::RequestList) => request::make_package;
    POST "/requests/{id}/done" Right(Action::RequestHandle) => request::close;
    GET "/requests/{id}/letters/{event}" Right(Action::RequestHandle) => request::letter;
    GET "/people/{id}/requests" Rights(Action::PersonShow, Action::RequestList) => request::of_person;
    POST "/people/{id}/package" Right(Action::AccessMake) => access::make;
    GET "/packages/{id}/{file}" Right(Action::AccessMake) => access::file;
    GET "/users" Right(Action::UserList) => user::list;
    POST "/users" Right(Action::UserManage) => user::invite;
    GET "/users/new" Right(Action::UserManage) => user::new;
    GET "/users/{id}" Right(Action::UserList) => user::show;
    POST "/users/{id}/roles" Right(Action::UserManage) => user::assign;
    POST "/users/{id}/roles/{assignment}/end" Right(Action::UserManage) => user::end_role;
    POST "/users/{id}/disable" Right(Action::UserManage) => user::disable;
    POST "/users/{id}/enable" Right(Action::UserManage) => user::enable;
    POST "/users/{id}/link" Right(Action::UserManage) => user::new_link;
    GET "/cookies" Right(Action::CookieList) => cookie::list;
    POST "/cookies/proof" Right(Action::CookieProof) => cookie::proof;
    GET "/cookies/companies/{company}" Right(Action::CookieManage) => cookie::edit;
    POST "/cookies/companies/{company}" Right(Action::CookieManage) => cookie::change;
    GET "/notices" Right(Action::NoticeReview) => notice::list;
    POST "/notices" Right(Action::NoticePublish) => notice::publish;
    POST "/notices/review" Right(Action::NoticeReview) => notice::review;
    POST "/notices/left-over" Right(Action::KindRemove) => notice::remove_left_over;
    GET "/notices/{version}/definition" Right(Action::NoticeReview) => notice::definition;
    GET "/people/{id}/erasure" Right(Action::ErasurePlan) => erasure::plan;
    POST "/people/{id}/erasure" Right(Action::ErasureRun) => erasure::erase;
    POST "/people/{id}/erasure/wait" Right(Action::ErasureRun) => erasure::wait;
    POST "/people/{id}/erasure/stop-waiting" Right(Action::ErasureRun) => erasure::stop_waiting;
    POST "/people/{id}/erasure/hold" Right(Action::HoldSet) => erasure::set_hold;
    POST "/people/{id}/erasure/lift-hold" Right(Action::HoldSet) => erasure::lift_hold;
    GET "/erasures" Right(Action::ErasureList) => erasure::list;
    GET "/erasures/{id}" Right(Action::ErasureList) => erasure::show;
    GET "/erasures/{id}/receipts/{step}" Right(Action::ErasureList) => erasure::receipt;
    GET "/consents/review" Right(Action::ConsentReview) => consent_review::show;
    GET "/canaries" Right(Action::CanaryRun) => erasure::canaries;
    POST "/canaries" Right(Action::CanaryRun) => erasure::run_canaries;
    GET "/log" Right(Action::LogRead) => log::list;
}

async fn nothing_here() -> Response {
    PageError::NotFound.into_response()
}

async fn healthy() -> &'static str {
    "ok\n"
}

async fn ready(axum::extract::State(app): axum::extract::State<App>) -> Result<&'static str, StatusCode> {
    let read = app.run(seloste_ops::notice::versions).await;
    read.map(|_| "ok\n").map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

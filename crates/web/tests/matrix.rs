//! The rights matrix: every route x every role and state of account x own, other company's and nonexistent object. What
//! is hidden and what is not there answer with the same bytes; what shows or changes personal data leaves a log entry
//! under a purpose of the notice.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use seloste_domain::billing::BillingDraft;
use seloste_domain::feed::FeedDraft;
use seloste_domain::id::{
    AssignmentId, CreditApplicationId, CreditServiceId, FeedId, FeedRunId, InvoiceId, MailId, MappingId, OrderId,
    OrganisationId, PackageId, PaymentFileId, PaymentId, PersonId, ProductId, RecallId, ReminderId, RequestId, UserId,
};
use seloste_domain::id::{ErasureId, PartnerDocumentId, PartnerId, TokenId};
use seloste_domain::import::{MappingDraft, Noun};
use seloste_domain::invoice::{InvoiceDraft, InvoiceLineDraft};
use seloste_domain::merge::Choice;
use seloste_domain::money::DecimalMark;
use seloste_domain::payment::PaymentDraft;
use seloste_domain::product::ProductDraft;
use seloste_domain::prohibition::ProhibitionDraft;
use seloste_domain::reminder::{FeeChoice, ReminderKind};
use seloste_domain::restriction::{ExceptionDraft, RestrictionDraft};
use seloste_domain::rights::{Action, Role, allows};
use seloste_domain::tag::TagNames;
use seloste_domain::token::TokenDraft;
use seloste_domain::usage::Actor;
use seloste_ops::company_register::{Fetcher, Rules};
use seloste_ops::disclosure::{Case, Subject};
use seloste_ops::feed::Feeding;
use seloste_ops::mail::{Confirmation, Recipient, queue_order_confirmation};
use seloste_ops::partner::{self, ContractItem, PartnerDraft};
use seloste_ops::reminder::{Asked, Channel};
use seloste_ops::user::NewRole;
use seloste_ops::webhook;
use seloste_ops::{
    access, credit, disclosure, duplicate, erasure, feed, history, invitation, invoice, log, mapping, merge, order,
    organisation, partner_document, payment, payment_file, person, product, prohibition, recall, reminder, request,
    restriction, tag, user,
};
use seloste_testkit::{TestPlace, TestRegister, each_database, samples};
use seloste_web::routes::{Access, ROUTES, Route};
use seloste_web::{App, WebSettings, router};
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:8080";
/// Refused, and so nothing is shown, once the first of those who may has sent it.
const REMINDER: &str = "/invoices/{id}/reminder";
/// Refused before the law allows it.
const HAND_OVER: &str = "/invoices/{id}/hand-over";

/// Somebody who was erased.
fn erased(test: &TestRegister) -> ErasureId {
    let by = TestRegister::operator();
    let gone = person::create(test, &by, &samples::person(77), &TestRegister::source()).unwrap();
    let version = erasure::plan(test, &by, gone).unwrap().version();
    erasure::erase(test, &by, gone, &version, false).unwrap().erasure
}

/// The objects of one company.
struct Objects {
    company: String,
    person: PersonId,
    organisation: OrganisationId,
    order: OrderId,
    product: ProductId,
    invoice: InvoiceId,
    mail: MailId,
    payment: PaymentId,
    payment_file: PaymentFileId,
    /// A sent invoice that is late.
    late: InvoiceId,
    reminder: ReminderId,
    feed: FeedId,
    credit: CreditApplicationId,
    request: RequestId,
    package: PackageId,
    seq: u64,
    /// A person and an organisation that may be the same as those above.
    twins: (PersonId, OrganisationId),
}

struct World {
    test: TestRegister,
    pages: Router,
    runtime: tokio::runtime::Runtime,
    own: Objects,
    other: Objects,
    victim: (UserId, AssignmentId),
    mapping: MappingId,
    run: FeedRunId,
    service: CreditServiceId,
    partner: PartnerId,
    recall: RecallId,
    erasure: ErasureId,
    feeding: Feeding,
    _folder: tempfile::TempDir,
    cells: usize,
}

/// Which object a request names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Which {
    Own,
    Other,
    Nonexistent,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Who {
    Nobody,
    Role(Role),
    Disabled,
    Expired,
}

impl World {
    fn new(place: TestPlace) -> Self {
        let test = TestRegister::create(place);
        let folder = tempfile::tempdir().unwrap();
        let settle = std::time::Duration::from_millis(10);
        let feeding = Feeding { folders: vec![folder.path().to_owned()], settle, ..Feeding::default() };
        let own = objects(&test, &feeding, "arjasmaa", 1);
        let other = objects(&test, &feeding, "verkkokauppa", 2);
        assert!(duplicate::find(&test, &TestRegister::operator()).unwrap().waiting >= 4);
        let (_, victim) = test.sign_in(Role::Reader, None);
        let victim = (victim.user.id, victim.user.assignments[0].id);
        let mapping = new_mapping(&test, "");
        let names = TagNames { fi: "VIP".into(), ..TagNames::default() };
        tag::create(&test, &TestRegister::operator(), &names).unwrap();
        let run = read_feed(&test, &feeding, &own);
        let (partner, recall) = told_partner(&test);
        let service = new_service(&test, "");
        let erasure = erased(&test);
        let app = App::new((*test).clone(), WebSettings::of(&format!("http://{HOST}")));
        let pages = router(app.with_feeding(feeding.clone()).with_portal("http://127.0.0.1:8081"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self {
            test,
            pages,
            runtime,
            own,
            other,
            victim,
            mapping,
            run,
            service,
            partner,
            recall,
            erasure,
            feeding,
            _folder: folder,
            cells: 0,
        }
    }

    /// The path and the form of a route for an object; none when the route names no object and another than the own
    /// one is asked for.
    fn request(&self, route: &Route, which: Which) -> Option<(String, String)> {
        let named = route.path.contains('{');
        if !named && which != Which::Own {
            return None;
        }
        let objects = if which == Which::Other { &self.other } else { &self.own };
        let nobody = uuid::Uuid::from_u128(7);
        let pick = |id: uuid::Uuid| if which == Which::Nonexistent { nobody } else { id };
        let noun = route.path.split('/').nth(1).unwrap_or_default();
        if which == Which::Own && route.path == "/feeds/{id}/remove" {
            let tail = format!("-{}", self.cells);
            let id = new_feed(&self.test, &self.feeding, &objects.company, &tail);
            return Some((format!("/feeds/{id}/remove"), String::new()));
        }
        if which == Which::Own && route.path == "/imports/mappings/{id}/remove" {
            let id = new_mapping(&self.test, &self.cells.to_string());
            return Some((format!("/imports/mappings/{id}/remove"), String::new()));
        }
        if which == Which::Own && route.path == "/credit/services/{id}/remove" {
            let id = new_service(&self.test, &self.cells.to_string());
            return Some((format!("/credit/services/{id}/remove"), String::new()));
        }
        if which == Which::Own && route.path.starts_with("/payments/{id}") {
            // Undoing the file of the others takes them along.
            let draft = PaymentDraft {
                company: objects.company.clone(),
                paid_on: "2026-11-01".into(),
                amount: "1".into(),
                ..PaymentDraft::default()
            };
            let id = payment::enter(&self.test, &TestRegister::operator(), &draft).unwrap();
            return Some((route.path.replace("{id}", &id.to_string()), String::new()));
        }
        if which == Which::Own && ends_something(route) {
            return Some(self.stopped(route, objects));
        }
        if which == Which::Own && noun == "partners" {
            let (id, token, document) = new_partner(&self.test, self.cells);
            let path = route.path.replace("{id}", &id.to_string()).replace("{token}", &token.to_string());
            let path = path.replace("{document}", &document.to_string());
            return Some((path.replace("{message}", &nobody.to_string()), String::new()));
        }
        let id = match noun {
            "credit" if route.path.starts_with("/credit/services/") => match which {
                Which::Own => self.service.0,
                Which::Other => return None,
                Which::Nonexistent => nobody,
            },
            "credit" => pick(objects.credit.0),
            "requests" => pick(objects.request.0),
            "packages" => pick(objects.package.0),
            "people" => pick(objects.person.0),
            "organisations" => pick(objects.organisation.0),
            "orders" => pick(objects.order.0),
            "products" => pick(objects.product.0),
            "invoices" if is_about_a_claim(route) => pick(objects.late.0),
            "invoices" => pick(objects.invoice.0),
            "payments" => pick(objects.payment.0),
            "payment-files" => pick(objects.payment_file.0),
            "reminders" => pick(objects.reminder.0),
            "mail" => pick(objects.mail.0),
            "feeds" => pick(objects.feed.0),
            "imports" if route.path.starts_with("/imports/mappings/") && which != Which::Other => pick(self.mapping.0),
            "partners" if which != Which::Other => pick(self.partner.0),
            "recalls" if which != Which::Other => pick(self.recall.0),
            "erasures" if which != Which::Other => pick(self.erasure.0),
            "users" if which != Which::Other => pick(self.victim.0.0),
            "imports" | "notices" | "assets" if which == Which::Other => return None,
            _ if which == Which::Other => return None,
            _ => nobody,
        };
        let version = if which == Which::Nonexistent { "99" } else { "1" };
        let path = route
            .path
            .replace("{id}", &id.to_string())
            .replace("{assignment}", &self.victim.1.to_string())
            .replace("{version}", version)
            .replace("{step}", version)
            .replace("{run}", &self.run.to_string())
            .replace("{token}", &nobody.to_string())
            .replace("{message}", &nobody.to_string())
            .replace("{event}", &nobody.to_string())
            .replace("{file}", "package.json")
            .replace("{document}", &nobody.to_string())
            .replace("{topic}", if which == Which::Own { "import" } else { "nothing" })
            .replace("{hash}", "0")
            .replace("{topic}", if which == Which::Nonexistent { "ei-ole" } else { "lists" })
            .replace("{list}", if which == Which::Nonexistent { "shoes" } else { "people" })
            .replace("{tag}", if which == Which::Nonexistent { "ei-ole" } else { "vip" })
            .replace("{view}", &nobody.to_string())
            .replace("{company}", if which == Which::Nonexistent { "nobody" } else { &objects.company })
            .replace("{topic}", if which == Which::Nonexistent { "nothing" } else { "start" })
            .replace("{*name}", "seloste.css");
        let twin = if noun == "people" { objects.twins.0.0 } else { objects.twins.1.0 };
        let path = path.replace("{other}", &twin.to_string());
        let form = match route.path {
            "/people/{id}/unmerge" => format!("gone={}", merged(&self.test, objects, merge::Noun::Person)),
            "/organisations/{id}/unmerge" => format!("gone={}", merged(&self.test, objects, merge::Noun::Organisation)),
            "/duplicates/dismiss" => {
                format!("noun=person&first={}&second={}", self.own.person, self.own.twins.0)
            }
            "/people/{id}/revert" => format!("version=0&seq={}", objects.seq),
            "/orders/{id}/state" => "version=0&state=confirmed".into(),
            "/credit/{id}/enquire" => format!("service={}", self.service),
            "/users/{id}/roles" => "role=reader".into(),
            "/people/{id}/tags" | "/organisations/{id}/tags" => "do=take&tag=vip".into(),
            "/account/language" => "language=fi".into(),
            "/people/{id}/consents/withdraw" => "matter=arjasmaa:marketing:email&way=counter".into(),
            "/people/{id}/invitations" => "way=email&days=3".into(),
            "/people/{id}/invitations/cancel" => {
                let id = invitation::by_email(&self.test, &TestRegister::operator(), objects.person, "").unwrap();
                format!("invitation={id}")
            }
            _ => String::new(),
        };
        Some((path, form))
    }

    /// A customer of whom something can be ended each time: a prohibition, a restriction or an exception from it.
    fn stopped(&self, route: &Route, objects: &Objects) -> (String, String) {
        let (test, actor, source) = (&self.test, TestRegister::operator(), TestRegister::source());
        let companies = vec![objects.company.clone()];
        let customer = if route.path.starts_with("/people") {
            let draft = seloste_domain::person::PersonDraft { companies, ..samples::person(self.cells + 1_000) };
            Recipient::Person(person::create(test, &actor, &draft, &source).unwrap())
        } else {
            let number = self.cells + 1_000;
            let draft = seloste_domain::organisation::OrganisationDraft { companies, ..samples::organisation(number) };
            Recipient::Organisation(organisation::create(test, &actor, &draft, &source).unwrap())
        };
        let id = if route.path.contains("/prohibitions/") {
            let draft = ProhibitionDraft { kinds: vec!["directory".into()], way: "email".into(), ..Default::default() };
            prohibition::set(test, &actor, customer, &draft).unwrap();
            prohibition::of(test, &actor, customer).unwrap()[0].id.0
        } else {
            let draft = RestrictionDraft { ground: "accuracy_contested".into(), note: "Kiistää osoitteen".into() };
            let restriction = restriction::set(test, &actor, customer, &draft).unwrap();
            let exception = ExceptionDraft {
                activity: "orders".into(),
                ground: "legal_claims".into(),
                reason: "Saatava vanhenee".into(),
                days: "3".into(),
            };
            let exception = restriction::except(test, &actor, customer, &exception).unwrap();
            if route.path.ends_with("/lift") { restriction.0 } else { exception.0 }
        };
        (
            route.path.replace("{id}", &customer.party().0.to_string()),
            format!("id={id}&way=email&told=Viesti&note=Selvitetty"),
        )
    }

    fn call(&self, route: &Route, path: &str, form: &str, token: Option<&str>) -> (StatusCode, String, Vec<u8>) {
        let method = if route.method == "GET" { Method::GET } else { Method::POST };
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        if let Some(token) = token {
            request = request.header(header::COOKIE, format!("seloste={token}"));
        }
        let request = request.body(Body::from(form.to_owned())).unwrap();
        self.runtime.block_on(async {
            let response = self.pages.clone().oneshot(request).await.unwrap();
            let to = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
            let status = response.status();
            let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
            (status, to.unwrap_or_default(), body.to_vec())
        })
    }
}

/// Whether a route ends what stands against the use of a customer's data.
fn ends_something(route: &Route) -> bool {
    let ends = ["/prohibitions/lift", "/prohibitions/take-back", "/restriction/lift", "/restriction/end-exception"];
    ends.iter().any(|end| route.path.ends_with(end))
}

/// A partner with a token and a webhook.
fn new_partner(test: &TestRegister, number: usize) -> (PartnerId, TokenId, PartnerDocumentId) {
    let operator = TestRegister::operator();
    let draft = PartnerDraft {
        name: format!("Kumppani {number} Oy"),
        under: "provider:web_services".into(),
        role: "processor".into(),
        contract: "DIA".into(),
        from: "1.1.2026".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: vec!["name".into()],
        purposes: vec!["directories".into()],
        interface: "webhook".into(),
        ..PartnerDraft::default()
    };
    let id = partner::create(test, &operator, &draft).unwrap();
    let draft = TokenDraft { name: "Avain".into(), days: "9".into(), networks: String::new() };
    let (token, _) = webhook::create_token(test, &operator, id, &draft).unwrap();
    let rules = Rules { trusted_hosts: vec!["127.0.0.1".into()], trusted_certificates: None };
    webhook::set(test, &operator, &Fetcher::new(rules).unwrap(), id, "http://127.0.0.1:8443/").unwrap();
    let pdf = b"%PDF-1.7\nstartxref\n9\n%%EOF\n";
    let document = partner_document::add(test, &operator, id, "sopimus.pdf", pdf).unwrap();
    (id, token, document)
}

fn new_mapping(test: &TestRegister, tail: &str) -> MappingId {
    let definition = "[columns]\nNimi = \"full_name\"".to_owned();
    let draft = MappingDraft { name: format!("Nimet{tail}"), definition };
    let source = TestRegister::source();
    mapping::create(test, &TestRegister::operator(), &source, Noun::People, &draft).unwrap()
}

/// A partner that may be asked about credit applications; the same one each time.
fn credit_partner(test: &TestRegister) -> PartnerId {
    let operator = TestRegister::operator();
    let draft = samples::credit_partner();
    let found = partner::list(test, &operator).unwrap().into_iter().find(|partner| partner.name == draft.name);
    found.map_or_else(|| partner::create(test, &operator, &draft).unwrap(), |partner| partner.id)
}

fn new_service(test: &TestRegister, tail: &str) -> CreditServiceId {
    let draft = credit::ServiceDraft {
        name: format!("Palvelu{tail}"),
        partner: credit_partner(test).to_string(),
        source_register: "Luottotietorekisteri".into(),
        method: "manual".into(),
        active: true,
        ..credit::ServiceDraft::default()
    };
    credit::create_service(test, &TestRegister::operator(), &credit::Asking::default(), &draft).unwrap()
}

fn new_feed(test: &TestRegister, feeding: &Feeding, company: &str, tail: &str) -> FeedId {
    let folder = feeding.folders[0].join(company);
    std::fs::create_dir_all(&folder).unwrap();
    let draft = FeedDraft {
        name: format!("{company}{tail}"),
        place: "folder".into(),
        address: folder.to_str().unwrap().into(),
        noun: "people".into(),
        source: "customer".into(),
        company: company.into(),
        every: "60".into(),
        ..FeedDraft::default()
    };
    feed::create(test, &TestRegister::operator(), feeding, &draft).unwrap()
}

/// A partner that received the name of a person, and has to be told of its correction.
fn told_partner(test: &TestRegister) -> (PartnerId, RecallId) {
    let operator = TestRegister::operator();
    let draft = PartnerDraft {
        name: "Kumppani".into(),
        under: "provider:web_services".into(),
        role: "processor".into(),
        contract: "1".into(),
        from: "2026-01-01".into(),
        items: ContractItem::ALL.iter().map(ToString::to_string).collect(),
        kinds: vec!["name".into()],
        purposes: vec!["directories".into()],
        interface: "file".into(),
        ..PartnerDraft::default()
    };
    let partner = partner::create(test, &operator, &draft).unwrap();
    let draft = seloste_domain::person::PersonDraft { companies: vec!["arjasmaa".into()], ..samples::person(77) };
    let person = person::create(test, &operator, &draft, &TestRegister::source()).unwrap();
    let usage = test.authorize(&operator, Action::PersonShow).unwrap();
    let (notice, today) = (test.notice().unwrap(), test.today());
    let fields = std::iter::once(seloste_domain::kind::Kind::Name).collect();
    let made = test.db().write(&usage, move |w| {
        let case = Case::Service("directories".parse().unwrap());
        let permit = disclosure::permit(w, &notice, today, partner, case, fields)?;
        disclosure::record(w, &permit, &[Subject { party: person.into(), fields }])
    });
    made.unwrap();
    let renamed = seloste_domain::person::PersonDraft { family: "Muuttunut".into(), ..draft };
    person::change(test, &operator, person, 1, &renamed, &TestRegister::source()).unwrap();
    let filter = recall::Filter { open: true, ..recall::Filter::default() };
    let waiting = recall::list(test, &operator, &filter).unwrap();
    (partner, waiting[0].id)
}

/// Has a feed read a file of which a row is refused.
fn read_feed(test: &TestRegister, feeding: &Feeding, objects: &Objects) -> FeedRunId {
    let file = feeding.folders[0].join(&objects.company).join("a.csv");
    std::fs::write(file, "Asiakasnumero;Sukunimi;Sähköposti\n7001;Esimerkki;ei-osoite\n").unwrap();
    feed::run_due(test, &Actor::Program("feeds"), feeding).unwrap();
    let runs = feed::runs(test, &TestRegister::operator(), objects.feed).unwrap();
    assert!(runs[0].has_error_file);
    runs[0].id
}

fn objects(test: &TestRegister, feeding: &Feeding, company: &str, number: usize) -> Objects {
    let (actor, source) = (TestRegister::operator(), TestRegister::source());
    let draft = seloste_domain::person::PersonDraft { companies: vec![company.into()], ..samples::person(number) };
    let person = person::create(test, &actor, &draft, &source).unwrap();
    let draft = seloste_domain::organisation::OrganisationDraft {
        companies: vec![company.into()],
        ..samples::organisation(number)
    };
    let organisation = organisation::create(test, &actor, &draft, &source).unwrap();
    let draft = seloste_domain::order::OrderDraft { company: company.into(), ..samples::order(number, Some(person)) };
    let order = order::create(test, &actor, &draft, &source).unwrap();
    let mail = MailId(test.db().env().id());
    let confirmation = Confirmation { id: mail, order, seen: None, enclosures: Vec::new() };
    queue_order_confirmation(test, &actor, &confirmation).unwrap();
    let seq = history::of_person(test, &actor, person).unwrap()[0].seq;
    let (twin_person, twin_organisation) = twins(test, company, number);
    let company = company.to_owned();
    let draft = ProductDraft { company: company.clone(), unit_price: "1".into(), ..ProductDraft::default() };
    let draft = ProductDraft { code: "A1".into(), name: "Tuote".into(), ..draft };
    let product = product::create(test, &actor, &draft).unwrap();
    let feed = new_feed(test, feeding, &company, "");
    let draft = credit::ApplicationDraft {
        company: company.clone(),
        person: Some(person),
        channel: "web".into(),
        what_for: "Laskulla".into(),
        amount: "100".into(),
        told: true,
        ..credit::ApplicationDraft::default()
    };
    let credit = credit::apply(test, &actor, &draft).unwrap();
    let draft = request::RequestDraft {
        kind: "access".into(),
        channel: "email".into(),
        received_on: test.today().to_string(),
        company: company.clone(),
        language: "fi".into(),
        ..request::RequestDraft::default()
    };
    let request = request::receive(test, &actor, &draft, Some(person)).unwrap();
    let package = access::make(test, &actor, person, None, None).unwrap();
    let draft = InvoiceDraft {
        company: company.clone(),
        person: Some(person),
        buyer_name: "Maksaja".into(),
        ..InvoiceDraft::default()
    };
    let invoice = invoice::create(test, &actor, &draft).unwrap();
    let twins = (twin_person, twin_organisation);
    let (late, reminder) = claim(test, &company, person);
    let (payment, payment_file) = payments(test, &company);
    Objects {
        company,
        person,
        organisation,
        order,
        invoice,
        mail,
        payment,
        payment_file,
        late,
        reminder,
        product,
        feed,
        credit,
        request,
        package,
        seq,
        twins,
    }
}

/// An account for each company.
fn account(company: &str) -> &'static str {
    if company == "arjasmaa" { "FI7944052020036082" } else { "FI2112345600000785" }
}

/// An invoice that is late, and a letter that reminded of it.
fn claim(test: &TestRegister, company: &str, person: PersonId) -> (InvoiceId, ReminderId) {
    let operator = TestRegister::operator();
    let billing = BillingDraft {
        vat_registered: true,
        address: samples::address(1),
        iban: account(company).into(),
        bic: "NDEAFIHH".into(),
        ..BillingDraft::default()
    };
    invoice::set_billing(test, &operator, &company.parse().unwrap(), 0, &billing).unwrap();
    reminder::set_rate(test, &operator, ("2026-07-01", "2.15"), DecimalMark::Point).unwrap();
    let line = InvoiceLineDraft {
        description: "Kumisaapas".into(),
        quantity: "1".into(),
        unit_price: "100".into(),
        ..InvoiceLineDraft::default()
    };
    let draft = InvoiceDraft {
        company: company.into(),
        person: Some(person),
        buyer_name: "Maksaja".into(),
        address: samples::address(1),
        lines: vec![line],
        payment_days: "0".into(),
        ..InvoiceDraft::default()
    };
    let [late, reminded] = [0, 1].map(|_| {
        let id = invoice::create(test, &operator, &draft).unwrap();
        invoice::send(test, &operator, id, 1).unwrap();
        id
    });
    test.clock().advance(jiff::SignedDuration::from_hours(25));
    let asked = Asked {
        invoice: reminded,
        kind: ReminderKind::Reminder,
        fee: FeeChoice::Legal,
        channel: Some(Channel::Letter),
    };
    (late, reminder::send(test, &operator, asked, None, &[]).unwrap())
}

/// A payment of a file that was taken in.
fn payments(test: &TestRegister, company: &str) -> (PaymentId, PaymentFileId) {
    let operator = TestRegister::operator();
    let account = &account(company)[4..];
    let record = format!("3{account}261101261101{:16}{:0>20}{:12}1A{:010}0J ", "A1", "", "MAKSAJA", 100);
    let trailer = format!("9000001{:011}{:017}", 100, 0);
    let file = test.db().settings().data.join("viitteet.ktl");
    std::fs::write(&file, format!("{:90}\n{record}\n{trailer:90}\n", "02611231030NDDFI00001 1")).unwrap();
    let taken = payment_file::import(test, &operator, &file, false).unwrap();
    let id = taken.file.unwrap();
    let filter = payment::Filter { file: Some(id), ..payment::Filter::default() };
    (payment::list(test, &operator, &filter, 1).unwrap().rows[0].id, id)
}

fn is_about_a_claim(route: &Route) -> bool {
    ["/claim", "/reminder", "/events", "/events/end", "/hand-over"].iter().any(|tail| route.path.ends_with(tail))
}

/// The same person and the same organisation once more.
fn twins(test: &TestRegister, company: &str, number: usize) -> (PersonId, OrganisationId) {
    let (actor, source) = (TestRegister::operator(), TestRegister::source());
    let companies = vec![company.to_owned()];
    let mut person = samples::person(number);
    (person.companies, person.customer_number) = (companies.clone(), String::new());
    let mut organisation = samples::organisation(number);
    (organisation.companies, organisation.customer_number) = (companies, String::new());
    let person = person::create(test, &actor, &person, &source).unwrap();
    (person, organisation::create(test, &actor, &organisation, &source).unwrap())
}

/// A record that was just merged into one of the objects.
fn merged(test: &TestRegister, objects: &Objects, noun: merge::Noun) -> uuid::Uuid {
    let operator = TestRegister::operator();
    let (person, organisation) = twins(test, &objects.company, 9);
    let (kept, gone) = match noun {
        merge::Noun::Person => (objects.person.0, person.0),
        merge::Noun::Organisation => (objects.organisation.0, organisation.0),
    };
    let found = merge::compare(test, &operator, noun, kept, gone, &Choice::default()).unwrap();
    let (kept, choice) = ((kept, found.kept.version), Choice::default());
    let decision = merge::Decision { noun, kept, gone: (gone, found.gone.version), choice };
    merge::make(test, &operator, &decision).unwrap();
    gone
}

/// What must come of it.
fn expected(route: &Route, who: &Who) -> char {
    match (route.access, who) {
        (Access::Public, _) => 'p',
        (_, Who::Nobody | Who::Disabled) => '>',
        (Access::SignedIn, _) => '+',
        (Access::Right(action), Who::Role(role)) if allows(*role, action) => '+',
        (Access::Rights(one, other), Who::Role(role)) if allows(*role, one) && allows(*role, other) => '+',
        (Access::Right(_) | Access::Rights(..), _) => '-',
    }
}

fn check(world: &mut World, route: &Route, who: &Who, which: Which, token: Option<&str>) -> Option<char> {
    let (path, form) = world.request(route, which)?;
    let size = log_size(&world.test);
    let (status, to, body) = world.call(route, &path, &form, token);
    world.cells += 1;
    let told = format!("{} {path} as {who:?}, {which:?}: {status} {to}", route.method);
    let wanted = expected(route, who);
    match wanted {
        'p' => assert!(!to.starts_with("/sign-in") || route.path == "/sign-out", "{told}"),
        '>' => assert!(status == StatusCode::SEE_OTHER && to.starts_with("/sign-in"), "{told}"),
        '-' => hidden(world, status, &body, &told),
        _ if which == Which::Own && names_an_import(route) => hidden(world, status, &body, &told),
        _ if which == Which::Own => {
            assert!(status != StatusCode::NOT_FOUND && !status.is_server_error(), "{told}");
            assert!(!to.starts_with("/sign-in") || signs_out(route), "{told}");
            // A refusal that tells what is missing shows nobody.
            if status != StatusCode::CONFLICT {
                leaves_a_log_entry(world, route, size, &told);
            }
        }
        _ => hidden(world, status, &body, &told),
    }
    Some(wanted)
}

/// The same status and the same bytes as a page that was never there.
fn hidden(world: &World, status: StatusCode, body: &[u8], told: &str) {
    let nothing = Route { method: "GET", path: "/there-is-no-such-page", access: Access::Public };
    let (_, _, absent) = world.call(&nothing, nothing.path, "", None);
    assert_eq!(status, StatusCode::NOT_FOUND, "{told}");
    assert!(body == absent, "hidden and absent answer alike: {told}");
}

fn log_size(test: &TestRegister) -> u64 {
    test.db().look(log::head).unwrap().0
}

/// A page about people, organisations or orders that was shown to somebody is in the log, under a declared purpose.
fn leaves_a_log_entry(world: &World, route: &Route, before: u64, told: &str) {
    let personal = ["/people", "/organisations", "/orders", "/invoices", "/mail", "/search"]
        .iter()
        .any(|p| route.path.starts_with(p));
    let personal = personal || ["/credit", "/credit/{id}"].contains(&route.path);
    let forms = [
        "/people/new",
        "/people/export",
        "/organisations/new",
        "/organisations/export",
        "/orders/new",
        "/orders/export",
        "/invoices/new",
        "/search",
        REMINDER,
        HAND_OVER,
    ];
    // Sums of many, and what a company says of itself.
    let nobody = ["/invoices/ledger", "/invoices/billing", "/invoices/billing/{company}"];
    let form_only = nobody.contains(&route.path) || forms.contains(&route.path) || route.method == "POST";
    if !personal || form_only {
        return;
    }
    let newest = log::newest(&world.test, &TestRegister::operator(), None, 10).unwrap();
    let left = newest.iter().filter(|event| event.seq >= before && event.actor.starts_with("user:"));
    let left: Vec<_> = left.filter(|event| !event.subjects.is_empty() || !event.objects.is_empty()).collect();
    assert!(!left.is_empty(), "no log entry: {told}");
    let notice = world.test.notice().unwrap();
    for event in left {
        let purpose = event.purpose.as_deref().map(|id| id.parse().unwrap());
        assert!(purpose.is_some_and(|id| notice.purpose(&id).is_some()), "no declared purpose: {told}");
    }
}

/// The sweep runs no import and no act on many rows, and hands nothing over, so that what these name is not there.
fn names_an_import(route: &Route) -> bool {
    let not_there = [
        "/account/tokens/{id}/rotate",
        "/account/tokens/{id}/revoke",
        "/partners/{id}/interface/messages/{message}/retry",
        "/requests/{id}/letters/{event}",
    ];
    if not_there.contains(&route.path) {
        return true;
    }
    [
        "/imports/{id}",
        "/imports/files/{id}",
        "/bulk/{id}",
        "/lists/{list}/views/{view}",
        "/payment-files/waiting/{id}",
        "/collection-cases/{id}",
    ]
    .iter()
    .any(|path| route.path.starts_with(path))
}

fn signs_out(route: &Route) -> bool {
    ["/sign-out", "/account/sign-out-everywhere"].contains(&route.path)
}

fn matrix(place: TestPlace) -> (String, usize) {
    let mut world = World::new(place);
    let mut rows: BTreeMap<usize, String> = BTreeMap::new();
    let mut who = vec![(Who::Nobody, None)];
    for role in Role::ALL {
        who.push((Who::Role(role), Some(world.test.sign_in(role, Some("arjasmaa")))));
    }
    let disabled = world.test.sign_in(Role::Office, Some("arjasmaa"));
    user::disable(&world.test, &TestRegister::operator(), disabled.1.user.id).unwrap();
    who.push((Who::Disabled, Some(disabled)));
    let expired = world.test.sign_in(Role::PaperKeeper, Some("arjasmaa"));
    let operator = TestRegister::operator();
    for role in [Role::Office, Role::DataProtection, Role::Administrator] {
        let until = Some(world.test.now());
        user::assign(&world.test, &operator, expired.1.user.id, &NewRole { role, company: None, until }).unwrap();
    }
    user::end_role(&world.test, &operator, expired.1.user.id, expired.1.user.assignments[0].id).unwrap();
    who.push((Who::Expired, Some(expired)));
    let mut wrong = 0;
    for (who, session) in &who {
        for (place, route) in ROUTES.iter().enumerate() {
            let own;
            let mut token = session.as_ref().map(|(token, _)| token.0.as_str());
            if let (true, Who::Role(role)) = (signs_out(route), who) {
                own = world.test.sign_in(*role, Some("arjasmaa")).0;
                token = Some(own.0.as_str());
            } else if signs_out(route) && *who == Who::Expired {
                continue;
            }
            let cells = [Which::Own, Which::Other, Which::Nonexistent]
                .into_iter()
                .filter_map(|which| {
                    // All that is wrong is told at once.
                    let checked = catch_unwind(AssertUnwindSafe(|| check(&mut world, route, who, which, token)));
                    checked.unwrap_or_else(|_| {
                        wrong += 1;
                        None
                    })
                })
                .collect::<Vec<_>>();
            let row = rows.entry(place).or_insert_with(|| format!("{:<5}{:<40}", route.method, route.path));
            let cell = cells.first().copied().unwrap_or(' ');
            let _ = write!(row, "{cell}{}", if cells.len() > 1 { "-".repeat(cells.len() - 1) } else { String::new() });
            row.push(' ');
        }
    }
    assert_eq!(wrong, 0, "cells of the matrix are wrong: see above");
    let mut table = String::from("nobody, ");
    table.push_str(&Role::ALL.map(|role| role.as_str()).join(", "));
    table.push_str(", disabled, expired; + done, - hidden (404), > led to sign-in, p public\n");
    for row in rows.values() {
        table.push_str(row.trim_end());
        table.push('\n');
    }
    (table, world.cells)
}

#[test]
fn every_route_for_everybody() {
    each_database(|place| {
        let (table, cells) = matrix(place);
        insta::assert_snapshot!("matrix", format!("{table}{cells} cells"));
    });
}
